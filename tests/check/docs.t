#!/bin/bash
# Man pages: free of mandoc's warnings, complete, and true about exit codes.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

cd "$(dirname "$0")/../.." || bail 'no tree'
: "${SPC:=$PWD/build/asan/bin/spc}"
for page in docs/man/*.in; do
	page=build/man/$(basename "$page" .in)
	cmd_ok "mandoc has nothing to say about $page" mandoc -Tlint -W warning "$page"
	! grep -n '@[A-Z]' "$page" >&2
	ok $? "$page has no marker left"
done

# Every option of a verb is in its page.
for pair in run:spc-run ps:spc-ps doctor:spc-doctor strace:strace-lite sniff:sniff systrace:systrace; do
	missing=0
	text=$(mandoc -Tutf8 "build/man/${pair#*:}.1" | sed 's,.\x08,,g')
	count=0
	while IFS=$'\t' read -r word _; do
		count=$((count + 1))
		grep -qF -- "$word" <<<"$text" || { missing=$((missing + 1)) && diag "${pair#*:}.1 lacks $word"; }
	done < <("$SPC" "${pair%:*}" --help=words)
	[[ $count -gt 0 && $missing -eq 0 ]]
	ok $? "${pair#*:}.1 has all $count options of spc ${pair%:*}"
done

# The one enum of exit codes, and the two places that explain it.
codes=$(sed -n '/^enum spc_exit/,/^}/s/.*= \([0-9]*\),.*/\1/p' libspc/include/spc/err.h)
[[ $(wc -w <<<"$codes") -ge 9 ]]
ok $? 'err.h has the exit codes'
for code in $codes; do
	grep -qE "^\| \`?$code\b" README.md
	ok $? "README.md explains exit code $code"
	grep -qE "(^\.It|[ ,]) ?$code\b" build/man/spc.1
	ok $? "spc.1 explains exit code $code"
done

# Every verb is in spc(1).
while read -r verb _; do
	grep -q "^\.It Cm $verb\b" build/man/spc.1
	ok $? "spc.1 has the verb $verb"
done < <("$SPC" help | awk '/^Verbs:/ { on = 1; next } on && !NF { exit } on')
done_testing
