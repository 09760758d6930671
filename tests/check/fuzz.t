#!/bin/bash
# Every fuzz target over its committed corpus, and a moment beyond ('make fuzz' looks longer).
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
cd "$here/../.." || bail 'no tree'
export TMPDIR=$T
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	corpus=tests/fuzz/corpus/${name#fuzz_}
	mapfile -t inputs < <(find "$corpus" -type f 2>/dev/null)
	[[ ${#inputs[@]} -gt 0 ]]
	ok $? "$name has a corpus" || continue
	cmd_ok "$name on the ${#inputs[@]} inputs of its corpus" "build/fuzz/$name" -artifact_prefix="$T/" "${inputs[@]}"
	mkdir "$T/found"
	cmd_ok "$name for two seconds" "build/fuzz/$name" -artifact_prefix="$T/" -max_total_time=2 -timeout=10 \
		-max_len=4096 -seed=1 "$T/found" "$corpus"
	rm -r "$T/found"
done
done_testing
