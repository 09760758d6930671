#!/bin/bash
# `make install` into a directory of its own: what is there, that it works, that uninstall takes it all away.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

cd "$(dirname "$0")/../.." || bail 'no tree'
: "${SPC:=$PWD/build/asan/bin/spc}"
unset MAKEFLAGS MAKELEVEL
cmd_ok 'make install' make -s install DESTDIR="$T/root" PREFIX=/usr
cd "$T/root/usr" || done_testing # which says that one failed
is "$(bin/spc --version)" "$("$SPC" --version)" 'the executable runs'
like "$(LC_ALL=C ldd bin/spc 2>&1)" 'not a dynamic executable|statically linked' 'and needs no library'
for name in spc spc-run spc-ps strace-lite; do
	[[ -s share/man/man1/$name.1 ]]
	ok $? "man page $name.1"
done
[[ -s share/doc/spc/LICENSE ]]
ok $? 'the licence'
is "$(readlink bin/strace-lite)" spc 'strace-lite is a link to spc'
like "$(bin/strace-lite --version)" '^strace-lite ' 'and answers by its own name'
[[ ! -L bin/sniff || $(bin/sniff --version) == sniff\ * ]]
ok $? 'a tool that is not built in has no link'
[[ $(readlink share/bash-completion/completions/strace-lite) == spc && -s share/bash-completion/completions/spc ]]
ok $? 'completion for both names'

cd "$OLDPWD" || bail 'no tree'
cmd_ok 'installing once more changes nothing' make -s install DESTDIR="$T/root" PREFIX=/usr
: >"$T/root/usr/bin/sniff"
cmd_ok 'make uninstall' make -s uninstall DESTDIR="$T/root" PREFIX=/usr
is "$(cd "$T/root" && find . ! -type d)" ./usr/bin/sniff 'leaves only what is not ours'
done_testing
