#!/bin/bash
# The same commands under the packaged strace and under strace-lite: which share of the lines is the
# same when addresses, PIDs and times are taken out? The lines that differ are listed.
. "$(dirname "$0")/../lib/tap.sh"

FLOOR=98 # per cent of all lines that have to be the same

SPC=${SPC:-$PWD/build/spc}
# Named in the list below.
export PROGS=$PWD/build/progs
mkdir "$T/bin"
ln -s "$SPC" "$T/bin/strace-lite"
PATH=$T/bin:$PATH
command -v strace >/dev/null || skip_all 'no strace here to compare with'
cd "$T" || bail 'no directory of our own'
# A directory for each of the two, so that both find the same.
declare -A in=([strace]=in-1 [strace-lite]=in-2) # of the same length
for tool in strace strace-lite; do
	mkdir -p "${in[$tool]}/dir" "${in[$tool]}/scratch"
	printf 'one\ntwo\nthree\n' >"${in[$tool]}/dir/text"
	printf 'no program\n' >"${in[$tool]}/dir/noexec"
	chmod +x "${in[$tool]}/dir/noexec"
done

# Processes run side by side differently each time: what one was interrupted in is put together again.
joined() {
	awk '{
		pid = $0 ~ /^[0-9]+ +/ ? $0 + 0 : 0
		rest = $0
		sub(/^[0-9]+ +/, "", rest)
		if (sub(/ <unfinished \.\.\.>$/, "", rest)) { begun[pid] = rest; next }
		if (sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", rest)) rest = begun[pid] rest
		gsub(/ +=/, " =", rest)
		print rest
	}' "$1"
}

# What differs between two runs of the same thing, by its place.
normal() {
	joined "$1" | sed -E \
		-e 's/0x[0-9a-f]{5,}/ADDR/g' \
		-e 's/( = |pid=|\(|=\[)[0-9]{3,}/\1NUM/g' \
		-e 's/^((wait4|kill|tgkill|waitid|prlimit64|getsid|getpgid|setpgid)\([^0-9]*)[0-9]+(, [0-9]{3,})?/\1NUM/' \
		-e 's/(tv_n?u?sec|d_ino|d_off|stx_ino|stx_size|stx_nlink|ru_m..flt|ru_n[a-z]*|st_[amc]time(_nsec)?|it_value|free[a-z]*|f_bfree|f_bavail|f_ffree|uptime|procs|shared[a-z]*|buffer[a-z]*|si_[us]time|st_ino|st_size|st_blocks)=[0-9]+( \/\* [^*]* \*\/)?/\1=NUM/g' \
		-e 's,/\* 20[^*]*\*/,/* DATE */,g; s/in-[12]/IN/g' \
		-e 's/loads=\[[^]]*\]/loads=[]/' \
		-e 's/getrandom\("[^"]*"/getrandom("RANDOM"/' \
		-e 's/^times\((.*)= .*/times(\1= NUM/; s/^time\(\[.*/time(NUM/' \
		-e 's/^((sem|shm)[a-z]+\()[0-9]+/\1ID/; s/^((sem|shm)get\(.*= )[0-9]+/\1ID/' \
		-e 's/child_tidptr=[^)]*/child_tidptr=ADDR/' \
		-e 's/(read|write)\(([0-9]+), "[^"]*[0-9]{3,}[^"]*"(\.\.\.)?, [0-9]+\) += [0-9]+/\1(\2, NUMBERS)/'
}

# Processes of one run come in any order: compared are sorted lines. Prints "SAME ALL".
compare() {
	LC_ALL=C sort <(normal "$1") >"$T/sorted.theirs"
	LC_ALL=C sort <(normal "$2") >"$T/sorted.ours"
	LC_ALL=C comm -12 "$T/sorted.theirs" "$T/sorted.ours" | wc -l
	wc -l <"$T/sorted.theirs"
	{
		LC_ALL=C comm -23 "$T/sorted.theirs" "$T/sorted.ours" | sed 's/^/strace:      /'
		LC_ALL=C comm -13 "$T/sorted.theirs" "$T/sorted.ours" | sed 's/^/strace-lite: /'
	} >>"$T/differing"
}

same=0 all=0 runs=0
# pair OPTIONS... -- COMMAND...
pair() {
	local options=() counts code=() tool
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	for tool in strace strace-lite; do
		(cd "${in[$tool]}" && exec timeout 30 "$tool" "${options[@]}" -o "$T/$tool.out" "$@") \
			>/dev/null 2>&1 </dev/null
		code+=($?)
	done
	mapfile -t counts < <(compare "$T/strace.out" "$T/strace-lite.out")
	same=$((same + counts[0])) all=$((all + counts[1])) runs=$((runs + 1))
	[[ ${code[0]} == "${code[1]}" ]] || {
		diag "exit codes differ: ${code[*]}: ${options[*]} $*"
		codes_differ=1
	}
}
codes_differ=0

while read -r line; do
	[[ -n $line && $line != '#'* ]] || continue
	eval "pair $line"
done <<-'LIST'
	-- true
	-- false
	-- ls
	-- ls -l dir
	-- ls -la /
	-f -- ls /nosuch
	-- cat dir/text
	-- cat dir/text /nosuch
	-- cp dir/text scratch/copy
	-- mv scratch/copy scratch/moved
	-- rm -f scratch/moved
	-- mkdir -p scratch/a/b/c
	-- rmdir scratch/a/b/c
	-- ln -sf target scratch/link
	-- readlink scratch/link
	-- touch -d @1 scratch/old
	-- chmod 4711 scratch/old
	-- stat scratch/old
	-- find dir scratch -type f
	-- grep -c t dir/text
	-- sort dir/text
	-- wc dir/text
	-- head -c 3 dir/text
	-- tail -n 1 dir/text
	-- dd if=/dev/zero of=/dev/null bs=100 count=5
	-- df .
	-- du -s dir
	-- id
	-- uname -a
	-- date
	-- sleep 0.01
	-- env -i true
	-- nice true
	-- mktemp -d -p scratch
	-- tar cf scratch/x.tar dir
	-- gzip -kf scratch/x.tar
	-- sed s/o/0/ dir/text
	-- awk '{print $1}' dir/text
	-- expr 1 + 2
	-- test -f dir/text
	-- tee scratch/tee
	-- truncate -s 100 scratch/t
	-- sync -f dir/text
	-- flock scratch/lock true
	-- timeout 5 true
	-- setsid true
	-- dir/noexec
	-f -- sh -c 'echo a | cat | wc -c'
	-f -- sh -c 'true & wait'
	-f -- bash -c 'for i in 1 2 3; do /bin/true; done'
	-f -- bash -c 'trap : USR1; kill -USR1 $$; exit 5'
	-f -- bash -c 'kill -KILL $$'
	-f -- bash -c 'exec 3<>/dev/udp/127.0.0.1/9; echo hi >&3'
	-f -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'
	-- bash -c 'ulimit -n; umask; pwd'
	-- mount --version
	-- perl -e 'print time'
	-- perl -e 'socket(S,1,1,0); connect(S,pack("Sa*",1,"/nosuch")); select(undef,undef,undef,.01)'
	-s 5 -- cat dir/text
	-s 1000 -- cat /etc/passwd
	-v -- true
	-v -s 3 -- ls -l dir
	-e trace=%file -- ls
	-e trace=%desc -- ls
	-e trace=%process -f -- sh -c 'ls | cat'
	-e trace=%network -- perl -e 'socket(S,2,2,17); send(S,"x",0,pack("Sna4x8",2,9,"\177\0\0\1"))'
	-e trace=%signal -f -- bash -c 'trap : USR1; kill -USR1 $$'
	-e trace=%memory -- ls
	-e trace=%creds -- id
	-e trace=%clock -- date
	-e trace=%stat,%lstat,%fstat -- ls -l dir
	-e 'trace=!mmap,mprotect' -- ls
	-e trace=/^open -- ls
	-e trace=none -- ls
	-q -- true
	-a 20 -- true
	-f -e trace=openat,read,close -- "$PROGS/threads"
	-- "$PROGS/calls"
	-f -- "$PROGS/calls"
	-v -s 100 -- "$PROGS/calls"
	-- "$PROGS/strings"
	-- "$PROGS/signals"
	-f -- "$PROGS/vfork"
	-f -- "$PROGS/exec_thread"
	-f -- "$PROGS/group_stop"
LIST

[[ $runs -ge 40 ]]
ok $? "$runs commands compared"
is "$codes_differ" 0 'every command ends with the same exit code'
share=$((same * 10000 / all))
printf -v percent '%d.%02d' $((share / 100)) $((share % 100))
[[ $share -ge $((FLOOR * 100)) ]]
ok $? "$percent % of $all lines are identical (at least $FLOOR %)"
diag "$percent % of $all lines of $runs commands identical; calls that differ, by how often:"
diag "$(sed -n 's/^strace-lite: \(<\.\.\. \)\{0,1\}\([a-z_0-9]*\).*/\2/p' "$T/differing" | sort | uniq -c | sort -rn | head -20)"
[[ -z ${VERBOSE-} ]] || diag "$(cat "$T/differing")"

done_testing
