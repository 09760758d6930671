# shellcheck shell=bash
# TAP for bash tests.  A test sources this file, calls the functions below, and ends with done_testing.
#
#   ok STATUS WHAT             pass when STATUS is 0:  [[ $a -lt $b ]]; ok $? 'a is less'
#   is GOT EXPECTED WHAT       equal strings
#   like GOT REGEX WHAT        GOT matches the extended regular expression
#   cmd_ok WHAT CMD...         CMD ends with status 0 (its output is shown when not)
#   cmd_status N WHAT CMD...   CMD ends with status N
#   skip REASON [COUNT]        COUNT tests that cannot run here
#   skip_all REASON            the whole file cannot run here
#   bail REASON                nothing after this makes sense, in any file
#   diag TEXT...               a comment beside the result
#   at_exit CMD...             run at the end, also when interrupted; last one first
#   wait_for SECONDS CMD...    poll until CMD succeeds
#
# $T is a directory of this test alone; it goes away at the end.
# There is no function for TODO: what does not work is either fixed or not tested.

[[ -z ${TAP_COUNT-} ]] || return 0
set -u

TAP_COUNT=0
TAP_FAILED=0
TAP_PLANNED=
TAP_EXIT=()

diag() {
	local line
	while IFS= read -r line; do
		printf '# %s\n' "$line" >&2
	done <<<"$*"
}

at_exit() {
	local quoted
	printf -v quoted '%q ' "$@"
	TAP_EXIT+=("$quoted")
}

# A second signal must not cut the clean-up short.
tap_finish() {
	local status=$? i
	trap '' HUP INT TERM
	trap - EXIT
	for ((i = ${#TAP_EXIT[@]} - 1; i >= 0; i--)); do
		eval "${TAP_EXIT[i]}" >&2
	done
	cd / && rm -rf --one-file-system -- "$T"
	exit "$status"
}

tap_result() {
	local status=$1 what=$2
	TAP_COUNT=$((TAP_COUNT + 1))
	if [[ $status -eq 0 ]]; then
		printf 'ok %d - %s\n' "$TAP_COUNT" "$what"
		return 0
	fi
	TAP_FAILED=$((TAP_FAILED + 1))
	printf 'not ok %d - %s\n' "$TAP_COUNT" "$what"
	diag "failed: $what (${BASH_SOURCE[2]##*/} line ${BASH_LINENO[1]})"
	return 1
}

ok() {
	tap_result "$1" "$2"
}

is() {
	local same=0
	[[ $1 == "$2" ]] || same=1
	tap_result "$same" "$3" || {
		diag "     got: '$1'"
		diag "expected: '$2'"
		return 1
	}
}

like() {
	local matches=0
	[[ $1 =~ $2 ]] || matches=1
	tap_result "$matches" "$3" || {
		diag "      got: '$1'"
		diag "no match: /$2/"
		return 1
	}
}

cmd_status() {
	local expected=$1 what=$2 output status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	tap_result "$((status != expected))" "$what" || {
		diag " command: $*"
		diag "  status: $status, expected $expected"
		diag "  output: $output"
		return 1
	}
}

# Without a subshell, so that CMD may be a function that changes variables.
cmd_ok() {
	local what=$1 status=0
	shift
	"$@" >"$T/.cmd_ok" 2>&1 || status=$?
	tap_result "$status" "$what" || {
		diag " command: $*"
		diag "  status: $status"
		diag "  output: $(tail -n 20 "$T/.cmd_ok")"
		return 1
	}
}

skip() {
	local reason=$1 count=${2:-1}
	while [[ $count -gt 0 ]]; do
		TAP_COUNT=$((TAP_COUNT + 1))
		count=$((count - 1))
		printf 'ok %d # SKIP %s\n' "$TAP_COUNT" "$reason"
	done
}

skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

need_root() {
	[[ $EUID -eq 0 ]] || skip_all 'needs root'
}

bail() {
	printf 'Bail out!  %s\n' "$1"
	exit 255
}

plan() {
	TAP_PLANNED=$1
	printf '1..%d\n' "$1"
}

done_testing() {
	if [[ -z $TAP_PLANNED ]]; then
		printf '1..%d\n' "$TAP_COUNT"
	elif [[ $TAP_PLANNED -ne $TAP_COUNT ]]; then
		diag "planned $TAP_PLANNED tests but ran $TAP_COUNT"
		exit 1
	fi
	[[ $TAP_FAILED -eq 0 ]] || exit 1
	exit 0
}

wait_for() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[[ ${EPOCHREALTIME/[.,]/} -lt $end ]] || return 1
		sleep 0.05
	done
}

T=$(mktemp -d "${TMPDIR:-/tmp}/spc.XXXXXX") || bail 'cannot make a temporary directory'
trap tap_finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
