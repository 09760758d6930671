#!/bin/bash
# Nothing stays behind: mounts, cgroups, namespaces, files, BPF objects and processes are compared
# before and after every verb, after its normal end, SIGTERM and SIGKILL - at random moments, most of
# them in the first milliseconds, while a launch is still being put together.
. "$(dirname "$0")/../lib/snapshot"
SPC=${SPC:-$PWD/build/static/spc}
[[ $EUID -ne 0 ]] || snapshot_isolate "$0" "$SPC"
. "$(dirname "$0")/../lib/tap.sh"
need_root
ROUNDS=${ROUNDS:-40}
SEED=${SEED:-$RANDOM}

mkdir -p "$T/img/bin"
cp "$(command -v busybox)" "$T/img/bin/busybox"
ln -s busybox "$T/img/bin/sleep"
ln -s busybox "$T/img/bin/true"

# A verb, its command line that ends by itself, and one that lives until it is stopped.
verbs=(
	"ps|ps -a|ps -a"
	"run tools|run -e SNAPSHOT_MARK tools true|run -e SNAPSHOT_MARK tools sleep 60"
	"run tools, classic mounts|run -e SNAPSHOT_MARK --mount-api classic tools true|run -e SNAPSHOT_MARK --mount-api classic tools sleep 60"
	"run DIR|run -e SNAPSHOT_MARK $T/img true|run -e SNAPSHOT_MARK $T/img sleep 60"
	"run DIR, bound|run -e SNAPSHOT_MARK --root bind $T/img true|run -e SNAPSHOT_MARK --root bind $T/img sleep 60"
	"run, all private|run -e SNAPSHOT_MARK --pid private --net private --ipc private --uts private --cgroupns private --userns private tools true|run -e SNAPSHOT_MARK --pid private --net private --ipc private --uts private --cgroupns private --userns private tools sleep 60"
	"run with daemons|run -e SNAPSHOT_MARK tools sh -c (setsid+sleep+60&);sleep+0.2|run -e SNAPSHOT_MARK tools sh -c (setsid+sleep+60&);sleep+60"
	"strace|strace -f -o /dev/null $T/img/bin/true|strace -f -o /dev/null $T/img/bin/sleep 60"
)

# killer SIGNAL ROUNDS MAX COMMAND...: start it and send the signal after 0..MAX ms, again and again.
cat >"$T/killer" <<'END'
use Time::HiRes qw(usleep);
my ($signal, $rounds, $max, $seed, @command) = @ARGV;
srand $seed;
for (1 .. $rounds) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN, "<", "/dev/null";
        open STDOUT, ">", "/dev/null";
        exec @command or die "$command[0]: $!";
    }
    usleep rand() * $max * 1000;
    kill $signal, $pid;
    # A command that ended by itself is as good.
    waitpid $pid, 0;
}
END

# `+` stands for a blank within a word.
words() {
	local word
	words=()
	for word in $1; do words+=("${word//+/ }"); done
}

snapshot_begin
diag "SEED=$SEED"

# That a difference would be seen, for every kind of thing.
mkdir "$T/mnt"
mount -t tmpfs residue "$T/mnt"
touch /tmp/spc-residue
mkdir -p /run/netns && touch /run/netns/spc-residue
ip link add spc-residue type bridge || ip link add spc-residue type veth
env SNAPSHOT_MARK="$T" sleep 60 &
unshare --ipc sleep 60 &
cgroup=$(awk '/ - cgroup2? / { print $5; exit }' /proc/self/mountinfo)/spc-residue-test
mkdir "$cgroup"
mkdir "$T/bpf" && mount -t bpf bpf "$T/bpf"
bpftool map create "$T/bpf/residue" type array key 4 value 4 entries 1 name spc_residue
seen() {
	snapshot_new >"$T/new"
	for kind in mount file netns link process namespace cgroup bpf; do
		grep -q "^$kind " "$T/new" || return 1
	done
}
cmd_ok 'the snapshot sees every kind of thing' wait_for 5 seen
rm "$T/bpf/residue" && umount "$T/bpf"
rm -r /tmp/spc-residue /run/netns
ip link del spc-residue
rmdir "$cgroup"
umount "$T/mnt"
kill %1 %2
wait 2>/dev/null
snapshot_same 'and sees it go'

for row in "${verbs[@]}"; do
	IFS='|' read -r name ends lives <<<"$row"
	words "$ends"
	for _ in 1 2 3; do snapshot_mark "$SPC" "${words[@]}" </dev/null >/dev/null 2>&1; done
	snapshot_same "$name: normal end"
	words "$lives"
	for signal in TERM KILL; do
		snapshot_mark perl "$T/killer" "$signal" "$ROUNDS" 6 "$SEED" "$SPC" "${words[@]}" 2>/dev/null
		snapshot_same "$name: SIG$signal in the first 6 ms, $ROUNDS times"
		snapshot_mark perl "$T/killer" "$signal" 4 150 "$SEED" "$SPC" "${words[@]}" 2>/dev/null
		snapshot_same "$name: SIG$signal in the first 150 ms, 4 times"
	done
done
done_testing
