#!/bin/bash
# Each house rule fails on its sample: it says every line of `expected`, and nothing of `unexpected`.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
for rule in "$here"/rules/*; do
	name=${rule##*/}
	sample=$here/samples/$name
	[[ -s $sample/expected ]] || { ok 1 "$name has a sample that says what to expect" && continue; }
	cp -a "$sample" "$T/$name"
	cd "$T/$name" || bail "cannot enter $T/$name"
	[[ ! -e setup ]] || ./setup >"$T/out" 2>&1 || bail "$name: setup failed: $(<"$T/out")"
	"$rule" >"$T/out" 2>&1
	is $? 1 "$name fails on its sample" || diag "$(<"$T/out")"
	while IFS= read -r line; do
		grep -qF -- "$line" "$T/out"
		ok $? "$name finds: $line" || diag "$(<"$T/out")"
	done <expected
	[[ -e unexpected ]] || continue
	while IFS= read -r line; do
		! grep -F -- "$line" "$T/out" >&2
		ok $? "$name does not complain about: $line"
	done <unexpected
done
done_testing
