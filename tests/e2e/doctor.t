#!/bin/bash
# `spc doctor`: its output, its exit status, what confined callers are told, and that it leaves nothing behind.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_root
SPC=${SPC:-$(dirname "$0")/../../build/static/spc}

status_of() {
	local name=$1
	shift
	"$@" "$SPC" doctor --json "$name" | jq -r .status
}

# --- output and exit status
cmd_ok 'ends with 0, whatever the node lacks' "$SPC" doctor
"$SPC" doctor --json >"$T/json"
ok $? '--json ends with 0'
is "$(jq -r 'select(.kind != "probe" or (.status | IN("ok", "limited", "missing", "unknown") | not)
	or (.name | length) == 0 or (.detail | length) == 0) | .name' "$T/json")" '' '--json: every line is a probe with a status and a detail'
is "$(jq -r 'select(.status != "ok" and .advice == null) | .name' "$T/json")" '' '--json: whatever is not ok comes with advice'
is "$("$SPC" doctor | awk 'NR > 1 { print $1, $2 }')" "$(jq -r '.name + " " + .status' "$T/json")" 'text says the same as --json'
is "$("$SPC" doctor -p --json | jq -r 'select(.status == "ok")')" '' '-p shows only what is not ok'
is "$("$SPC" doctor --json kernel | jq -r .detail)" "$(uname -srm)" 'the kernel is the one of uname'
is "$("$SPC" doctor --json btf kernel | jq -r .name)" $'kernel\nbtf' 'names choose what is looked at'
cmd_status 0 '--strict: 0 when all is ok' "$SPC" doctor --strict kernel no-new-privs
cmd_status 1 '--strict: 1 when something is not' setpriv --no-new-privs "$SPC" doctor --strict kernel no-new-privs
cmd_status 2 'an unknown name is a usage error' "$SPC" doctor kernel nosuch
like "$("$SPC" doctor --json raw-tracepont 2>&1)" "did you mean 'raw-tracepoint'" 'a mistyped name is guessed'
is "$("$SPC" doctor raw-tracepont 2>/dev/null)" '' 'and nothing else is printed'
cmd_status 1 'a full disk is an error' env SPC="$SPC" sh -c "\$SPC doctor kernel >/dev/full"

# --- answers, against the same thing done by other programs
agrees() {
	local name=$1 expected=missing
	shift
	"$@" >/dev/null 2>&1 && expected=ok
	is "$(jq -r "select(.name == \"$name\") | .status" "$T/json")" "$expected" "$name agrees with: $1"
}
agrees ptrace strace -o /dev/null true
agrees overlayfs unshare -m sh -c 'mount -t tmpfs none /mnt && cd /mnt && mkdir l u w m && mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m'
agrees user-namespaces setpriv --reuid 65534 --clear-groups unshare -U true
agrees ringbuf unshare -m sh -c 'mount -t bpf none /mnt && bpftool map create /mnt/m type ringbuf key 0 value 0 entries 4096 name spc_test'
agrees kprobe test -e /sys/bus/event_source/devices/kprobe/type
agrees btf bpftool btf dump file /sys/kernel/btf/vmlinux format raw

# --- confined callers
is "$(status_of no-new-privs setpriv --no-new-privs)" limited 'no_new_privs is seen'
is "$(status_of pid-namespace unshare -p -f)" limited 'a PID namespace of its own is seen'
is "$(status_of memlock prlimit --memlock=65536:65536 setpriv --inh-caps=-all --bounding-set=-sys_resource)" limited 'a low memlock limit is seen'
setpriv --reuid 65534 --regid 65534 --clear-groups "$SPC" doctor --json >"$T/nobody"
ok $? 'nobody: ends with 0'
for name in capabilities bpf raw-tracepoint packet-socket mount-api; do
	is "$(jq -r "select(.name == \"$name\") | .status" "$T/nobody")" missing "nobody: $name is missing"
done
is "$(jq -r 'select((.status == "missing") and (.detail | test("not permitted")) and (.advice | test("run as root") | not)) | .name' "$T/nobody")" \
	'' 'nobody: whatever is not permitted, root is the advice'
is "$(jq -r 'select(.name == "ptrace-any") | .status' "$T/nobody")" limited 'nobody: only own processes'

# --- a place where nothing is
mkdir "$T/empty"
cp "$SPC" "$T/empty/spc"
chroot "$T/empty" /spc doctor --json >"$T/empty.json" 2>"$T/empty.err"
ok $? 'in an empty root directory: ends with 0'
is "$(cat "$T/empty.err")" '' 'in an empty root directory: no complaint'
is "$(jq -r 'select(.detail | test("the probe (died|ended)|no answer")) | .name + ": " + .detail' "$T/empty.json")" \
	'' 'in an empty root directory: every probe answers'
is "$(jq -r .name "$T/empty.json" | head -n 36)" "$(jq -r .name "$T/json" | head -n 36)" 'in an empty root directory: the same probes'

# --- nothing is left behind
# Only its own: others may be at work on this machine. tests/vm/doctor.t compares everything.
traces() {
	grep -E 'spc-doctor|lowerdir=lower,|securityfs| - erofs ' /proc/self/mountinfo
	cat /proc/modules /proc/sys/kernel/perf_event_paranoid 2>/dev/null
	find / /tmp /var/tmp /sys/fs/bpf -maxdepth 1 -name '*doctor*' 2>/dev/null
}
# The kernel frees them a little after their last user is gone.
no_bpf() {
	[[ -z $(bpftool prog show name spc_doctor 2>/dev/null)$(bpftool map show name spc_doctor 2>/dev/null) ]]
}
traces >"$T/before"
"$SPC" doctor >/dev/null
traces >"$T/after"
is "$(diff "$T/before" "$T/after")" '' 'nothing is left behind'
cmd_ok 'no BPF object is left' wait_for 20 no_bpf

# Killed at any moment, a session of its own tells what it left.
left=
for delay in 0.005 0.01 0.02 0.03 0.05 0.07 0.1; do
	setsid "$SPC" doctor >/dev/null &
	pid=$!
	sleep "$delay"
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	wait_for 5 eval "! pgrep -s $pid" || left+=" $delay: $(pgrep -a -s "$pid")"
done
is "$left" '' 'killed at any moment: no process is left'
traces >"$T/after"
is "$(diff "$T/before" "$T/after")" '' 'killed at any moment: nothing is left behind'
cmd_ok 'killed at any moment: no BPF object is left' wait_for 20 no_bpf

done_testing
