#!/bin/bash
# strace-lite from outside: programs that say what must be shown of them, attaching, letting go,
# bad input.
. "$(dirname "$0")/../lib/tap.sh"

SPC=${SPC:-$PWD/build/spc}
PROGS=${PROGS:-$(dirname "$SPC")/progs}
[[ -d $PROGS ]] || PROGS=$PWD/build/progs
ln -s "$SPC" "$T/strace-lite"
LITE=$T/strace-lite

# Children of ours that must not outlive the test, also when it is interrupted.
started=()
end_started() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
}
at_exit end_started

start() {
	"$@" &
	started+=($!)
}

# What a program expects must be in the trace, line by line. Processes run side by side, so their order
# is not asked for, and a line that was interrupted counts in one piece as well.
missing_lines() {
	awk -v trace="$2" '
	function plain(line) {
		gsub(/ +=/, " =", line)
		gsub(/0x[0-9a-f]+ \/\* [0-9]+ vars \*\//, "ENVIRONMENT", line)
		return line
	}
	BEGIN {
		while ((getline line < trace) > 0) {
			pid = line ~ /^[0-9]+ +/ ? line + 0 : 0
			sub(/^[0-9]+ +/, "", line)
			line = plain(line)
			seen[line]++
			if (sub(/ <unfinished \.\.\.>$/, "", line))
				begun[pid] = line
			else if (sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", line))
				seen[begun[pid] line]++
		}
	}
	seen[$0]-- <= 0 { print "missing: " $0; failed = 1 }
	END { exit failed }' "$1"
}

# run_prog NAME [OPTIONS...]: trace a self-describing program.
run_prog() {
	local name=$1
	shift
	local filter
	filter=$(sed -n '2s,^// trace=,,p' "$(dirname "$0")/progs/$name.c")
	# In a directory that goes away: hostile makes files of whatever its nonsense happens to name.
	(cd "$T" && exec timeout -s KILL 20 "$LITE" -f -e "trace=$filter" -o "$T/trace" "$@" "$PROGS/$name") >"$T/expected"
	status=$?
}

for variant in '' --no-syscall-info --no-vm-read; do
	for name in strings signals threads vfork exec_thread group_stop; do
		# shellcheck disable=SC2086
		run_prog "$name" $variant
		why=$(missing_lines "$T/expected" "$T/trace")
		[[ -z $why && -s $T/expected ]]
		ok $? "$name${variant:+ with $variant}: every expected line" ||
			diag "$why" "$(tail -40 "$T/trace")"
	done
done
run_prog vfork
is "$status" 3 'the exit code is the command'\''s own'
run_prog signals
is "$status" 143 'a command killed by a signal: we end by the same'

run_prog hostile
ok $((status != 0)) 'nonsense arguments of every call: no crash, no hang'
why=$(missing_lines "$T/expected" "$T/trace")
ok $? 'and what it does after that is traced as well' || diag "$why"
(cd "$T" && exec timeout -s KILL 60 "$LITE" -f -v -s 1000000 --json -o "$T/trace" "$PROGS/hostile") >/dev/null
ok $? 'the same as JSON, with everything in full'

# --- attaching ---

state_of() {
	sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status"
}

tracer_of() {
	sed -n 's/^TracerPid:\t//p' "/proc/$1/status"
}

is_traced() {
	[[ $(tracer_of "$1") != 0 ]]
}

is_untraced() {
	[[ $(tracer_of "$1") == 0 ]]
}

for signal in INT TERM HUP; do
	start sleep 30
	target=$!
	# A shell gives its background children SIGINT ignored; a process of its own has not.
	start env --default-signal=INT "$LITE" -o "$T/trace" -p $target
	tracer=$!
	wait_for 5 is_traced $target
	kill -$signal $tracer
	wait $tracer
	is $? $((128 + $(kill -l $signal))) "SIG$signal ends the tracer by that signal"
	is "$(tracer_of $target)$(state_of $target)" 0S 'and the target sleeps on, untraced'
done

start sleep 30
target=$!
start "$LITE" -o "$T/trace" -p $target
tracer=$!
wait_for 5 is_traced $target
kill -KILL $tracer
wait $tracer
wait_for 5 is_untraced $target
is "$(state_of $target)" S 'SIGKILL of the tracer: the target runs on'

kill -STOP $target
start env --default-signal=INT "$LITE" -f -o "$T/trace" -p $target
tracer=$!
wait_for 5 is_traced $target
kill -INT $tracer
wait $tracer
is "$(tracer_of $target)$(state_of $target)" 0T 'a stopped process stays stopped when let go'
kill -CONT $target
wait_for 5 test "$(state_of $target)" == S
is "$(state_of $target)" S 'and SIGCONT wakes it'

# Two processes that count their signals. The tracer is held while each gets one, so that both wait in a
# stop for the delivery of it when the tracer is told to go.
counters=()
for i in 1 2; do
	start "$PROGS/counter" "$T/count$i"
	counters+=($!)
	wait_for 5 test -s "$T/count$i"
done
start env --default-signal=INT "$LITE" -f -o "$T/trace" -p "${counters[0]},${counters[1]}"
tracer=$!
wait_for 5 is_traced "${counters[1]}"
for _ in 1 2 3; do
	kill -USR1 "${counters[@]}"
	sleep 0.2
done
kill -STOP $tracer
kill -USR1 "${counters[@]}"
sleep 0.1
kill -INT $tracer
kill -CONT $tracer
wait $tracer
wait_for 5 grep -q 4 "$T/count1"
wait_for 5 grep -q 4 "$T/count2"
is "$(cat "$T/count1" "$T/count2")" '44' 'no signal is lost, also not those under way when we let go'
[[ $(grep -c -- '--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER' "$T/trace") -ge 6 ]]
ok $? 'each is shown'
kill -KILL "${counters[@]}"

# --- bad input: one line, the right code ---

fails() {
	local code=$1 pattern=$2 what=$3
	shift 3
	"$@" >"$T/out" 2>"$T/err" </dev/null
	is "$?:$(wc -l <"$T/err")" "$code:1" "$what: code $code, one line"
	like "$(cat "$T/err")" "$pattern" "$what: says so" || diag "$(cat "$T/err")"
}

fails 3 'no such process' 'no such PID' "$LITE" -p 4194304
fails 2 "'12x' is not a process ID" 'no number' "$LITE" -p 12x
fails 2 'nothing to trace.*--help' 'nothing to do' "$LITE"
fails 1 "no such command in PATH" 'unknown command' "$LITE" nosuch-command
fails 1 'Permission denied' 'not executable' "$LITE" /etc/passwd
fails 2 'did you mean openat' 'unknown call' "$LITE" -e trace=opnat true
fails 2 'did you mean %network' 'unknown class' "$LITE" -e trace=%netwrk true
fails 2 'not a regular expression' 'bad regular expression' "$LITE" -e 'trace=/(' true
fails 2 'fault=.*not there yet' 'a qualifier to come' "$LITE" -e fault=open true
fails 2 '.-k: .*not there yet' 'an option to come' "$LITE" -k true
fails 2 '-ff: .*not there yet' 'output by process, to come' "$LITE" -ff -o "$T/trace" true
fails 2 'unknown option' 'an unknown option' "$LITE" --no-such-option true
fails 1 "open '/nosuch/file' for writing" 'output that cannot be opened' "$LITE" -o /nosuch/file true
fails 1 '/dev/full: No space left' 'a full disk' "$LITE" -o /dev/full true

start sleep 30
target=$!
start "$LITE" -o "$T/trace" -p $target
wait_for 5 is_traced $target
tracer=$!
fails 1 "already traced by process $tracer" 'a target with a tracer' "$LITE" -p $target
kill -TERM $tracer
wait $tracer

# --- options ---

"$LITE" -o "$T/trace" -e trace=none true
is "$(cat "$T/trace")" '+++ exited with 0 +++' '-e trace=none leaves the exit'
"$LITE" -qq -o "$T/trace" -e trace=none true
is "$(cat "$T/trace")" '' '-qq leaves nothing'
"$LITE" -o "$T/trace" -e 'trace=!%file,%memory,/^rt_,exit_group' cat /dev/null
is "$(grep -c 'open\|mmap\|rt_\|exit_group\|stat' "$T/trace")" "$(grep -c '^newfstatat(' "$T/trace" | grep -v '^0')0" \
	'-e trace=! leaves out what it names' || diag "$(cat "$T/trace")"
"$LITE" -o "$T/trace" -e trace=%network bash -c 'exec 3<>/dev/udp/127.0.0.1/9' 2>/dev/null
like "$(cat "$T/trace")" 'connect\(3, \{sa_family=AF_INET, sin_port=htons\(9\), sin_addr=inet_addr\("127.0.0.1"\)\}, 16\)' \
	'-e trace=%network'
"$LITE" -s 3 -e trace=write -o "$T/trace" echo hello >/dev/null
like "$(cat "$T/trace")" 'write\(1, "hel"\.\.\., 6\)' '-s'
"$LITE" -ttt -T -e trace=exit_group,write -o "$T/trace" echo >/dev/null
like "$(head -1 "$T/trace")" '^[0-9]{10}\.[0-9]{6} write\(1, "\\n", 1\) += 1 <0\.[0-9]{6}>$' '-ttt and -T'
"$LITE" -r -e trace=exit_group -o "$T/trace" true
like "$(head -1 "$T/trace")" '^ +0\.000000 exit_group\(0\) +=' '-r'
"$LITE" -a 60 -e trace=exit_group -o "$T/trace" true
is "$(head -1 "$T/trace")" "$(printf '%-60s= ?' 'exit_group(0)')" '-a'
"$LITE" -c -o "$T/trace" -S calls cat /dev/null
is "$(sed -n '3,/^---/p' "$T/trace" | awk '/^---/ { exit } { print $4 }')" \
	"$(sed -n '3,/^---/p' "$T/trace" | awk '/^---/ { exit } { print $4 }' | sort -rn)" '-c, sorted by calls'
like "$(cat "$T/trace")" '
 *[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9]+ +[0-9]+ access
' '-c: a line'
like "$(tail -1 "$T/trace")" '^100\.00 +[0-9.]+ +[0-9]+ +[0-9]+ +[0-9]+ total$' '-c: the total'
"$LITE" -w -C -o "$T/trace" -e trace=exit_group,write echo >/dev/null
like "$(tr '\n' ' ' <"$T/trace")" '^write.*exited with 0.*syscall.* 1 +write' '-C: lines and table'
"$LITE" --json -o "$T/trace" -e trace=openat,exit_group cat /etc/passwd >/dev/null
python=$(command -v python3)
if [[ -n $python ]]; then
	is "$("$python" -c '
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
call = [e for e in events if e["kind"] == "call" and e["args"].get("pathname") == "/etc/passwd"][0]
print(call["name"], call["args"]["dirfd"], call["args"]["flags"], call["result"], call["error"],
      events[-1]["kind"], events[-1]["status"], call["duration"] > 0, call["pid"] == call["tid"])
' "$T/trace")" 'openat AT_FDCWD O_RDONLY 3 None exit 0 True True' '--json: one object a call'
else
	skip 'no python3 to read JSON with'
fi
is "$(cd "$T" && umask 027 && "$LITE" -o mode.trace true && stat -c %a mode.trace)" 640 '-o makes a file as the umask says'

"$SPC" strace -o "$T/trace" -e trace=exit_group -- true
like "$(cat "$T/trace")" 'exit_group\(0\)' 'spc strace -- COMMAND'
start sleep 30
target=$!
start env --default-signal=INT "$SPC" strace -o "$T/trace" pid:$target
tracer=$!
wait_for 5 is_traced $target
ok $? 'spc strace TARGET attaches to its processes'
kill -INT $tracer
wait $tracer
is "$(tracer_of $target)" 0 'and lets them go'

# --- many at once ---

start env --default-signal=INT bash -c 'trap "exit 0" TERM; while :; do for i in {1..10}; do /bin/true & done; wait; done'
target=$!
start env --default-signal=INT "$LITE" -f -o "$T/trace" -p $target
tracer=$!
sleep 2
kill -INT $tracer
wait $tracer
is $? 130 'a storm of forks: still ends at once'
[[ $(grep -c 'exited with 0' "$T/trace") -ge 20 ]]
ok $? 'children are followed' || diag "$(tail -5 "$T/trace")"
is "$(tracer_of $target)" 0 'the parent is let go'
kill -TERM $target

done_testing
