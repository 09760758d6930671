#!/bin/bash
# Layout of the C source (.clang-format), of every file.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
cd "$here/../.." || bail 'no tree'
mapfile -t files < <("$here/files" code)
[[ ${#files[@]} -gt 20 ]]
ok $? 'there are C files to look at'
clang-format --dry-run -Werror "${files[@]}" 2>"$T/out"
ok $? "the layout is clang-format's ('make format' makes it so)" || diag "$(grep error: "$T/out" | cut -d: -f1,2 | sort | uniq | head -n 40)"
done_testing
