#!/bin/bash
# `spc doctor` on real kernels: its answers are those that were measured there by other means (doctor.tbl).
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=subtest.sh
. "$(dirname "$0")/subtest.sh"

vm_need_static_spc
mke2fs -q -t ext4 -E lazy_itable_init=0 "$T/disk" 4M >/dev/null || bail "cannot make a disk"
vm_each -k overlay -k erofs -k loop -- "$VM_DIR/guest/doctor.sh" "$SPC:/bin/spc" "$VM_DIR/doctor.tbl" "$T/disk"
done_testing
