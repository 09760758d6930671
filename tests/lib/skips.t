#!/bin/bash
# The last test of every run: were all skips of the tests before it expected, and was nothing marked TODO?
# A skipped test proves nothing, so one that nobody has agreed to is a failure.
# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

expected=${SPC_EXPECTED_SKIPS:-$(dirname "$0")/expected-skips}
[[ -d ${SPC_TAP_DIR-} ]] || bail 'SPC_TAP_DIR is not set: start this through tests/run'

is_expected() {
	local test=$1 reason=$2 file regex
	while IFS=$'\t' read -r file regex; do
		[[ $file == \#* || -z $regex || $file != "$test" ]] || [[ ! $reason =~ ^($regex)$ ]] || return 0
	done <"$expected"
	return 1
}

shopt -s nullglob dotglob nocasematch
unexpected=() todo=()
for record in "$SPC_TAP_DIR"/*; do
	test=${record##*/}
	test=${test//%//}
	[[ $test != lib/skips.t ]] || continue
	while IFS= read -r line; do
		if [[ $line =~ ^\ *(1\.\.0|(not\ )?ok)[^#]*#\ *SKIP[^\ ]*\ *(.*)$ ]]; then
			is_expected "$test" "${BASH_REMATCH[3]}" || unexpected+=("$test: ${BASH_REMATCH[3]}")
		elif [[ $line =~ ^\ *(not\ )?ok[^#]*#\ *TODO ]]; then
			todo+=("$test: $line")
		fi
	done <"$record"
done

ok "${#unexpected[@]}" 'every skip is on the list of expected skips'
[[ ${#unexpected[@]} -eq 0 ]] || diag "$(printf '%s\n' "${unexpected[@]}" | sort | uniq -c)"
ok "${#todo[@]}" 'no test is marked TODO'
[[ ${#todo[@]} -eq 0 ]] || diag "$(printf '%s\n' "${todo[@]}")"
done_testing
