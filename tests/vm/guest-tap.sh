# shellcheck shell=sh
# TAP for busybox sh in a guest: the functions of tests/lib/tap.sh that make sense there.
# A test starts with `. ./guest-tap.sh` and ends with `done_testing`.

TAP_COUNT=0
TAP_FAILED=0

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $TAP_COUNT - $2"
		return 0
	fi
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $TAP_COUNT - $2"
	return 1
}

is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		diag "     got: '$1'"
		diag "expected: '$2'"
		return 1
	fi
}

like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		ok 0 "$3"
	else
		ok 1 "$3"
		diag "      got: '$1'"
		diag "no match: /$2/"
		return 1
	fi
}

# cmd_status N WHAT CMD...
cmd_status() {
	expected=$1 what=$2
	shift 2
	status=0
	"$@" >/tmp/.cmd 2>&1 </dev/null || status=$?
	if [ "$status" -eq "$expected" ]; then
		ok 0 "$what"
	else
		ok 1 "$what"
		diag "command: $*"
		diag " status: $status, expected $expected"
		diag "$(head -c 2000 /tmp/.cmd)"
		return 1
	fi
}

cmd_ok() {
	cmd_status 0 "$@"
}

skip() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT # SKIP $1"
}

done_testing() {
	echo "1..$TAP_COUNT"
	[ "$TAP_FAILED" -eq 0 ] || exit 1
	exit 0
}
