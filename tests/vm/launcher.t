#!/bin/bash
# The static executable on real kernels, from the oldest that is supported to the newest there is.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=subtest.sh
. "$(dirname "$0")/subtest.sh"

vm_need_static_spc
vm_each -k overlay -k erofs -- "$VM_DIR/guest/launcher.sh" "$SPC:/bin/spc"
done_testing
