# shellcheck shell=bash
# For tests on the host: boot guests and take their TAP over as results of this test.
# Source ../lib/tap.sh first.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SPC=${SPC:-$(dirname "$(dirname "$VM_DIR")")/build/static/spc}

# The executable under test must run in a guest that has no library.
vm_need_static_spc() {
	[[ -x $SPC ]] || bail "no executable $SPC: run make static"
	if ldd "$SPC" >/dev/null 2>&1; then
		bail "$SPC is not static: run make static, and set SPC to it"
	fi
}

# Guests named in SPC_VM_KERNELS, else all of tests/vm/kernels.
vm_kernels() {
	if [[ -n ${SPC_VM_KERNELS-} ]]; then
		# shellcheck disable=SC2086 # a list of words
		printf '%s\n' ${SPC_VM_KERNELS//,/ }
	else
		grep -v '^#' "$VM_DIR/kernels" | cut -f1
	fi
}

vm_boot() {
	local name=$1 status=0
	shift
	"$VM_DIR/boot" "$@" >"$T/$name.tap" 2>"$T/$name.err" || status=$?
	echo "$status" >"$T/$name.status"
}

# vm_start NAME BOOT-ARGUMENT...: boot in the background; no more guests at once than processors.
vm_start() {
	while [[ $(jobs -pr | wc -l) -ge $(nproc) ]]; do
		wait -n
	done
	vm_boot "$@" &
}

# A guest outlives a test that is interrupted unless somebody ends it.
vm_stop_all() {
	local job
	for job in $(jobs -pr); do
		pkill -TERM -P "$job" 2>/dev/null
		wait "$job" 2>/dev/null
	done
}
at_exit vm_stop_all

# vm_collect NAME: results of a guest that has ended.
vm_collect() {
	local name=$1 line planned='' seen=0 failed=0 status
	status=$(cat "$T/$name.status" 2>/dev/null || echo 125)
	if [[ $status -eq 77 ]]; then
		skip "$name: $(tail -n 1 "$T/$name.err")"
		return
	fi
	while IFS= read -r line; do
		case $line in
		'ok '*'# SKIP '*)
			seen=$((seen + 1))
			skip "$name: ${line#*# SKIP }"
			;;
		'ok '*)
			seen=$((seen + 1))
			ok 0 "$name: ${line#*- }"
			;;
		'not ok '*)
			seen=$((seen + 1)) failed=$((failed + 1))
			ok 1 "$name: ${line#*- }"
			;;
		1..*) planned=${line#1..} ;;
		'#'*) diag "$name: ${line#\# }" ;;
		esac
	done <"$T/$name.tap"
	[[ $planned == "$seen" && $status -eq $((failed > 0)) ]]
	ok $? "$name: the guest ran $seen tests to its end" || {
		diag "status $status, $seen results, plan '$planned'"
		diag "$(cat "$T/$name.err")"
	}
}

# vm_each BOOT-OPTIONS... -- SCRIPT [FILE...]: the same script in a guest of every kernel.
vm_each() {
	local options=() kernel
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	for kernel in $(vm_kernels); do
		vm_start "$kernel" "${options[@]}" "$kernel" "$@"
	done
	wait
	for kernel in $(vm_kernels); do
		vm_collect "$kernel"
	done
}
