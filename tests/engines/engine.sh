# shellcheck shell=bash
# Real container engines for tests: started with private state, stopped without leaving a trace.
# README.md describes the interface.  Source this first (it sources lib/tap.sh), then call engines_begin.

# Daemons detach themselves by forking twice.  As a subreaper we inherit them, so that every process of a
# test is a descendant of the test, and can be found and ended by its PID at the end - nobody else's can.
if [[ ${SPC_SUBREAPER-} != "$$" ]]; then
	# shellcheck disable=SC2016 # this is Perl
	SPC_SUBREAPER=$$ exec perl -MConfig -e '
		my $prctl = $Config{archname} =~ /^x86_64/ ? 157 : 167;
		syscall($prctl, 36, 1, 0, 0, 0) == 0 or die "PR_SET_CHILD_SUBREAPER: $!\n";
		exec @ARGV or die "$ARGV[0]: $!\n"' "$BASH" "$0" "$@"
fi
unset SPC_SUBREAPER
export LC_ALL=C

ENGINES_DIR=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=../lib/tap.sh
. "$ENGINES_DIR/../lib/tap.sh"
. "$ENGINES_DIR/image.sh"
. "$ENGINES_DIR/residue.sh"
. "$ENGINES_DIR/docker.sh"
. "$ENGINES_DIR/podman.sh"
. "$ENGINES_DIR/containerd.sh"
. "$ENGINES_DIR/cri.sh"
. "$ENGINES_DIR/lxc.sh"
. "$ENGINES_DIR/nspawn.sh"
. "$ENGINES_DIR/oci.sh"
. "$ENGINES_DIR/nested.sh"

# Engines, in the order that tests run them.
engine_names() {
	echo docker podman podman-crun containerd cri lxc nspawn machined runc crun
}

# Where engines keep everything.  A tmpfs: overlayfs works on it wherever the test runs (also when /tmp is an
# overlay itself), and a daemon that syncs its database does not wait for a disk.
E=$T/e

# engines_begin shared|exclusive: call once, before any engine.
# The lock is on the directory /run itself, so that no file stays.  Engines share /run and the cgroup tree:
# a test that compares these before and after must not run beside another test that starts engines.
engines_begin() {
	exec 9</run
	# A test that we start ourselves is covered by our lock.
	[[ -n ${SPC_ENGINES_LOCKED-} ]] || flock --nonblock "--$1" 9 || {
		diag 'waiting for another test that runs engines'
		flock "--$1" 9
	}
	export SPC_ENGINES_LOCKED=1
	mkdir "$E"
	mount -t tmpfs -o mode=755 spc-test "$E" || bail "cannot mount a tmpfs at $E"
	mkdir "$E/tmp"
	at_exit engines_end
	residue_begin
	image_build
}

# The end of a test, also of an interrupted one: whatever is still there goes.
engines_end() {
	local engine
	[[ ${#ENGINE_STARTERS[@]} -eq 0 ]] || stop_pid 0 "${ENGINE_STARTERS[@]}"
	for engine in $(engine_names); do
		engine_is_started "$engine" && "${engine}_stop"
	done
	kill_tree
	unmount_below "$E"
	umount "$E"
}

engine_is_started() {
	[[ -e $E/$1 ]]
}

# engines_start ENGINE...: several at a time.  Whoever interrupts us must stop the starting first.
ENGINE_STARTERS=()

engines_start() {
	local engine pid failed=0
	for engine in "$@"; do
		"${engine}_start" &
		ENGINE_STARTERS+=("$!")
	done
	for pid in "${ENGINE_STARTERS[@]}"; do
		wait "$pid" || failed=1
	done
	ENGINE_STARTERS=()
	return "$failed"
}

# engine_missing ENGINE: why it cannot run here, or nothing.
engine_missing() {
	local tool
	[[ $EUID -eq 0 ]] || {
		echo 'needs root'
		return
	}
	for tool in $("${1}_needs"); do
		[[ -n $(type -P "$tool") ]] || {
			echo "no $tool here"
			return
		}
	done
	if ! grep -q ' - cgroup2\? ' /proc/self/mountinfo; then
		echo 'no cgroups are mounted here'
	elif ! awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; then
		# The kernel refuses pivot_root, which all engines use.
		echo 'this is a chroot that is not a mount point: bind-mount its directory onto itself first'
	elif [[ $1 == machined && -d /run/systemd/system ]]; then
		echo 'the machined of this machine has its state where ours would'
	fi
}

# spawn LOG CMD...: start a daemon; its PID goes to LOG.pid.  It gets none of our descriptors (prove waits until
# the last writer of a test's output is gone) and a TMPDIR that goes away with the test.
spawn() {
	local log=$1
	shift
	TMPDIR=$E/tmp setsid "$@" </dev/null >"$log" 2>&1 9>&- &
	echo "$!" >"$log.pid"
}

# spawn_end SECONDS LOG...: end what spawn started.
spawn_end() {
	local seconds=$1 log
	shift
	for log in "$@"; do
		[[ ! -e $log.pid ]] || stop_pid "$seconds" "$(<"$log.pid")"
	done
}

# quiet CMD...: for engine commands that are only worth reading when they fail, and that may leave a
# container behind which must not hold our descriptors.
quiet() {
	local log status=0
	log=$(mktemp "$E/tmp/quiet.XXXXXX")
	TMPDIR=$E/tmp "$@" </dev/null >"$log" 2>&1 9>&- || status=$?
	[[ $status -eq 0 ]] || diag "$1: status $status: $(tail -n 5 "$log")"
	rm -f "$log"
	return "$status"
}

is_gone() {
	local pid state
	for pid in "$@"; do
		[[ ! -e /proc/$pid ]] && continue
		state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
		[[ -z $state || $state == Z ]] || return 1
	done
}

# stop_pid SECONDS PID...: ask, wait, insist.
stop_pid() {
	local seconds=$1
	shift
	kill -TERM "$@" 2>/dev/null
	wait_for "$seconds" is_gone "$@" || {
		kill -KILL "$@" 2>/dev/null
		wait_for 5 is_gone "$@"
	}
}

# All living descendants of this test: "PID NAME".  Not the subshell that this runs in, nor its own children:
# to be called as $(descendants), for a pipeline would be counted too.
descendants() {
	ps -e -o pid=,ppid=,stat=,comm= >"$T/.ps"
	awk -v root=$$ -v self="$BASHPID" '
		{ parent[$1] = $2; state[$1] = $3; name[$1] = $4 }
		END {
			for (p = self; p in parent; p = parent[p])
				ours[p] = 1
			for (pid in parent) {
				if (state[pid] ~ /^Z/ || pid in ours || parent[pid] == self)
					continue
				for (p = parent[pid]; p in parent && p != root; p = parent[p])
					;
				if (p == root)
					print pid, name[pid]
			}
		}' "$T/.ps"
}

# kill_below DIR: what is left of an engine, known by DIR in its arguments (shims, monitors) or by its cwd.
kill_below() {
	local pid pids=()
	while read -r pid _; do
		if [[ $(readlink "/proc/${pid:-0}/cwd") == "$1"/* ]] || grep -q -F "$1/" "/proc/$pid/cmdline" 2>/dev/null; then
			pids+=("$pid")
		fi
	done <<<"$(descendants)"
	[[ ${#pids[@]} -eq 0 ]] || stop_pid 0 "${pids[@]}"
}

# A killed process may just have started another one: look again.
kill_tree() {
	local pids i
	for ((i = 0; i < 100; i++)); do
		pids=$(descendants)
		[[ -n $pids ]] || return 0
		# shellcheck disable=SC2046 # a list
		kill -KILL $(cut -d' ' -f1 <<<"$pids") 2>/dev/null
		sleep 0.02
	done
	diag "cannot end: $pids"
}

# Mounts below DIR, the newest first.
unmount_below() {
	local point
	while read -r point; do
		umount -l "$point"
	done < <(awk -v dir="$1/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac)
}

# crun refuses to run where both versions of cgroups are mounted: hide_v2 ENGINE makes a mount namespace
# without version 2, held by a process, and without_v2 ENGINE CMD... runs a command there.
# Where there is only one version there is nothing to hide.
hide_v2() {
	local log=$E/$1/hide-v2
	grep -q ' /sys/fs/cgroup/unified .* - cgroup2 ' /proc/self/mountinfo || return 0
	spawn "$log" unshare -m --propagation private \
		sh -c 'umount /sys/fs/cgroup/unified && echo ready && exec sleep infinity'
	wait_for 5 grep -q ready "$log"
}

without_v2() {
	local pid=$E/$1/hide-v2.pid
	shift
	if [[ -e $pid ]]; then
		nsenter -t "$(<"$pid")" -m -r -w -- "$@"
	else
		"$@"
	fi
}
