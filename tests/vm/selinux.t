#!/bin/bash
# SELinux, enforcing: transitions into the domain of super-privileged containers that must work, and some that must not.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=subtest.sh
. "$(dirname "$0")/subtest.sh"
# shellcheck source=lib.sh
. "$VM_DIR/lib.sh"

vm_need_static_spc
probe=$(vm_program selinux-probe -lselinux -lsepol -lpcre2-8) || bail 'no selinux-probe'
SPC_VM_KERNELS=${SPC_VM_KERNELS:-bookworm trixie}
vm_each -Z -k overlay -- "$VM_DIR/guest/selinux.sh" "$SPC:/bin/spc" "$probe:/bin/selinux-probe"
done_testing
