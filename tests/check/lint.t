#!/bin/bash
# Linters: shellcheck on every shell script, cppcheck on the C source. clang-tidy is slow and therefore run by
# make, on what has changed.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
cd "$here/../.." || bail 'no tree'

mapfile -t scripts < <("$here/files" shell)
[[ ${#scripts[@]} -gt 10 ]]
ok $? 'there are shell scripts to look at'
shellcheck "${scripts[@]}" >"$T/out" 2>&1
ok $? "shellcheck on ${#scripts[@]} scripts" || diag "$(head -n 100 "$T/out")"

mapfile -t sources < <("$here/files" c | grep -v -e '^tests/' -e '^probes/')
# memleak, resourceLeak: cppcheck 2.10 does not know cleanup attributes. comparePointers: symbols of the linker
# are its typical find.
nice cppcheck --quiet --std=c11 -D_GNU_SOURCE -D__x86_64__ -D__linux__ --enable=warning,performance,portability \
	'-Dbpf_object__for_each_program(p,o)=while((p=bpf_object__next_program(o,p)))' --inline-suppr --suppress=memleak --suppress=resourceLeak --suppress=comparePointers --error-exitcode=1 -j "$(nproc)" \
	-Ilibspc/include -Iprobes -Ibuild/gen "${sources[@]}" >"$T/out" 2>&1
ok $? "cppcheck on ${#sources[@]} sources" || diag "$(head -n 100 "$T/out")"

done_testing
