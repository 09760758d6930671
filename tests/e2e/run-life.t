#!/bin/bash
# `spc run`: signals, job control, terminals, what is inherited, and that nothing outlives a run.
# shellcheck disable=SC2016 # what is in single quotes is for the shell inside
. "$(dirname "$0")/../lib/tap.sh"
need_root
SPC=${SPC:-$PWD/build/static/spc}

# start SCRIPT [ARG...]: run it in the background; $launcher is the launcher's PID.
start() {
	: >"$T/out" # now, not only when the background process gets to it
	# A background command of a shell ignores SIGINT and SIGQUIT, if nobody objects.
	env --default-signal "$SPC" run tools sh -c "$@" </dev/null >"$T/out" 2>"$T/err" &
	launcher=$!
	at_exit stop_launcher "$launcher"
}

stop_launcher() {
	if [[ $(cat "/proc/$1/comm" 2>/dev/null) == spc ]]; then kill -KILL "$1"; fi
}

# wait_status: the exit status of the launcher.
wait_status() {
	status=0
	wait "$launcher" 2>/dev/null || status=$?
}

started() {
	wait_for 10 grep -q "${1:-up}" "$T/out"
}

gone() {
	! [[ -e /proc/$1 ]] || [[ $(awk '{print $3}' "/proc/$1/stat" 2>/dev/null) == [ZX] ]]
}

guardian_of() {
	tr -d ' ' <"/proc/$1/task/$1/children"
}

# Signals sent to the launcher arrive at the command, once.
for signal in TERM HUP INT QUIT USR1 USR2 WINCH ALRM CONT TSTP; do
	start 'n=0; trap "n=\$((n+1))" "$1"; echo up; for i in 1 2 3 4 5 6; do sleep 0.1; done; echo n=$n; exit 9' - "$signal"
	started
	sleep 0.1
	kill -"$signal" "$launcher"
	wait_status
	is "$status:$(tail -1 "$T/out")" 9:n=1 "SIG$signal arrives once"
done
start 'echo up; exec sleep 60'
started
kill -TERM "$launcher"
wait_status
is "$status" 143 'SIGTERM ends the command, and the exit code tells'
# In the very first moments too.
for delay in 0 0.001 0.002 0.004; do
	start 'exec sleep 60'
	until [[ /proc/$launcher/exe -ef $SPC ]]; do :; done
	sleep "$delay"
	kill -TERM "$launcher"
	wait_status
	is "$status" 143 "SIGTERM after $delay s"
done

# What the command inherits.
is "$("$SPC" run tools sh -c 'ls /proc/self/fd' 9</etc/hosts 7</ | tr '\n' ' ')" '0 1 2 3 ' 'no descriptor leaks into the command (3 is that of ls)'
inherited() { grep -E '^Sig(Blk|Ign|Cgt)|^Shd|^NoNewPrivs|^Cap|^Seccomp:' /proc/self/status; }
is "$("$SPC" run tools cat /proc/self/status | grep -E '^(Sig(Blk|Ign)|NoNewPrivs|Cap|Seccomp:)')" \
	"$(grep -E '^(Sig(Blk|Ign)|NoNewPrivs|Cap|Seccomp:)' <(cat /proc/self/status))" 'signal mask, ignored signals, capabilities as the caller has them'
unset -f inherited
is "$( (trap '' HUP CHLD; "$SPC" run tools cat /proc/self/status) | grep SigIgn)" \
	"$( (trap '' HUP CHLD; cat /proc/self/status) | grep SigIgn)" 'ignored signals stay ignored'
cmd_status 3 'the exit code, though SIGCHLD is ignored' bash -c 'trap "" CHLD; exec "$1" run tools sh -c "exit 3"' - "$SPC"
is "$(umask 027; "$SPC" run tools sh -c umask)" 0027 'the umask'
is "$(echo data | "$SPC" run tools cat)" data 'standard input'
is "$("$SPC" run tools sh -c 'echo out; echo err >&2' 2>/dev/null)" out 'standard output and error apart'
cmd_status 141 'a reader that goes away' bash -o pipefail -c '"$1" run tools yes | head -1' - "$SPC"
SECONDS=0
"$SPC" run tools sh -c 'exec >&-; sleep 4' 2>/dev/null | cat &
wait_for 3 gone $!
[[ $SECONDS -lt 3 ]]
ok $? 'whoever reads the output sees its end when the command closes it'

# Job control without a terminal: set -m gives the job its own process group.
cat >"$T/jobs.sh" <<'END'
set -m
"$SPC" run tools sh -c 'kill -STOP $$; echo resumed; exit 4' >"$1/job.out" &
pid=$!
for i in {1..100}; do
	state=$(awk '{print $3}' /proc/$pid/stat)
	[[ $state == T ]] && break
	sleep 0.02
done
echo "state $state"
jobs -l | grep -o 'Stopped'
kill -CONT "$pid"
for i in {1..100}; do
	wait "$pid"
	status=$?
	[[ $status == 147 ]] || break # that it was stopped, once more
	sleep 0.02
done
echo "status $status"
END
export SPC
is "$(timeout 20 bash "$T/jobs.sh" "$T" 2>/dev/null | tr '\n' ' ')" 'state T Stopped status 4 ' 'a stopped command stops the launcher, SIGCONT to it resumes both'
is "$(cat "$T/job.out")" resumed 'the command went on'

# A terminal.
cmd_status 125 '-t without a terminal' "$SPC" run -t tools true </dev/null
like "$("$SPC" run -it tools true 2>&1 </dev/null)" 'the input device is not a TTY' '-t without a terminal: says so'
cat >"$T/drive.py" <<'END'
# Drive a program on a terminal of its own: send what is asked for when a text has appeared.
import fcntl, os, pty, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["PS1"] = "$ "
    os.execvp(sys.argv[1], sys.argv[1:sys.argv.index("--")])
steps = sys.argv[sys.argv.index("--") + 1:]
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
seen, end = b"", time.time() + 15
def wait_for(text):
    global seen
    while text not in seen and time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            seen += data
    if text not in seen:
        print("no %r in %r" % (text, seen)); os.kill(pid, 9); sys.exit(1)
    seen = seen[seen.index(text) + len(text):]
while steps:
    wait_for(steps.pop(0).encode())
    if steps:
        word = steps.pop(0)
        if word == "PAUSE":
            time.sleep(0.5)
        elif word.startswith("SIZE"):
            rows, cols = map(int, word[4:].split("x"))
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        else:
            os.write(fd, word.encode().decode("unicode_escape").encode("latin1"))
while True:
    try:
        if not os.read(fd, 4096): break
    except OSError:
        break
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) % 256)
END
tty() { timeout 30 python3 "$T/drive.py" "$@"; }
cmd_status 6 'terminal: an interactive shell' tty "$SPC" run -it tools sh -i -- '# ' 'tty; echo $((40+2))\n' 42 'exit 6\n' ''
cmd_status 0 'terminal: its name is valid inside' tty "$SPC" run tools sh -c 'test -c "$(tty)" && echo good' -- good
cmd_status 0 'terminal: its size' tty "$SPC" run tools sh -c 'sleep 0.3; stty size' -- '33 77'
cmd_status 0 'terminal: SIGWINCH arrives' tty "$SPC" run tools sh -c 'trap "stty size; exit 0" WINCH; echo up; while :; do sleep 0.1; done' -- up SIZE10x20 '10 20'
cmd_status 130 'terminal: Ctrl-C ends the command' tty "$SPC" run tools sh -c 'echo up; exec sleep 30' -- up PAUSE '' '\x03' ''
cmd_status 5 'terminal: a command that handles Ctrl-C gets it once' tty "$SPC" run tools sh -c 'n=0; trap "n=\$((n+1))" INT; echo up; sleep 0.5; sleep 0.5; echo n=$n; exit 5' -- up '\x03' n=1 '' ''
cmd_status 131 'terminal: Ctrl-\ too' tty "$SPC" run tools sh -c 'ulimit -c 0; echo up; exec sleep 30' -- up PAUSE '' '\x1c' ''
# In a shell with job control: Ctrl-Z, jobs, fg.
echo 'echo up; sleep 1; echo done' >"$T/slow.sh"
cmd_status 0 'terminal: Ctrl-Z stops, fg resumes' tty bash --norc --noprofile -i -- '$ ' \
	"$SPC run tools sh /host$T/slow.sh\\n" up '\x1a' Stopped 'jobs\n' Stopped 'fg\n' 'done' 'exit 0\n' ''
# A command that catches SIGTSTP itself, as editors do, is not stopped behind its back.
cat >"$T/catch.sh" <<'END'
trap 'echo caught' TSTP
echo up
i=0
while test $i -lt 30; do read -t 0.1 word; i=$((i+1)); done
echo done
END
cmd_status 0 'terminal: Ctrl-Z belongs to the command' tty bash --norc --noprofile -i -- '$ ' \
	"$SPC run tools sh /host$T/catch.sh\\n" up PAUSE '' '\x1a' caught '' 'done' 'exit 0\n' ''
cmd_status 130 'terminal: job control inside' tty "$SPC" run tools sh -i -- '# ' 'sleep 30\n' 'sleep 30' PAUSE '' '\x1a' \
	'# ' 'fg\n' 'sleep 30' PAUSE '' '\x03' '# ' 'exit\n' ''

# Nothing outlives a run. `tree` starts a child, a daemonised grandchild in a session of its own, and a
# grandchild that ignores every signal that can be ignored.
tree='sleep 301 & echo child $!; (setsid sleep 302 </dev/null >/dev/null 2>&1 & echo daemon $!)
      (trap "" HUP INT TERM QUIT; exec setsid sleep 303) </dev/null >/dev/null 2>&1 & echo stubborn $!
      echo me $$'
pids() { awk '/^(child|daemon|stubborn|me) /{print $2}' "$T/out"; }
all_gone() {
	local pid
	for pid in $(pids); do gone "$pid" || return 1; done
}

start "$tree; exit 3"
wait_status
is "$status" 3 'a command that leaves others behind: its own exit code'
is "$(pids | wc -l)" 4 '(there were four)'
all_gone
ok $? 'and none of them is left when the launcher is gone'

start "$tree; echo up; exec sleep 300"
started
kill -KILL "$launcher"
wait_status
cmd_ok 'SIGKILL of the launcher: everything ends' wait_for 5 all_gone

start "$tree; echo up; exec sleep 300"
started
guardian=$(guardian_of "$launcher")
is "$(cat "/proc/$guardian/comm")" spc-guardian '(the guardian is found)'
is "$(find "/proc/$guardian/fd" -type l | wc -l)" 0 'the guardian holds nothing open'
kill -KILL "$guardian"
wait_status
is "$status:$(cat "$T/err")" '125:spc run: the guardian process was killed; the command with it' 'SIGKILL of the guardian: an error'
all_gone
ok $? 'and everything ends'

# SIGKILL of a whole job, as an impatient user or a job scheduler does it.
cat >"$T/group.sh" <<'END'
set -m
"$SPC" run tools sh -c "$2; echo up; exec sleep 300" >"$1/out" &
until grep -q up "$1/out"; do sleep 0.02; done
kill -KILL -- "-$!"
END
: >"$T/out"
timeout 20 bash "$T/group.sh" "$T" "$tree" 2>/dev/null
cmd_ok 'SIGKILL of the process group: everything ends' wait_for 5 all_gone

start "$tree; echo up; exec sleep 300"
started
kill -TERM "$launcher"
wait_status
is "$status" 143 'SIGTERM of the launcher'
all_gone
ok $? 'and everything ends'

start "$tree; echo up; kill -KILL \$\$"
wait_status
is "$status" 137 'SIGKILL of the command'
all_gone
ok $? 'and everything ends'
done_testing
