#!/bin/bash
# The house rules, on the whole tree.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
cd "$here/../.." || bail 'no tree'
for rule in "$here"/rules/*; do
	status=0
	"$rule" >"$T/out" 2>&1 || status=$?
	ok "$status" "rule ${rule##*/}" || diag "$(<"$T/out")"
done
done_testing
