#!/bin/bash
# `spc ps` beside what every real engine says about its containers.
. "$(dirname "$0")/../engines/engine.sh"

need_root
engines_begin shared

TESTS_OF_ENGINE=7

# What spc ps calls the engine, and the container NAME of it.
spc_engine() {
	case $1 in
	podman-crun) echo podman ;;
	cri) echo containerd ;;
	machined) echo nspawn ;;
	*) echo "$1" ;;
	esac
}

spc_name() {
	case $1 in
	cri) echo "pod/shop/$2/nginx" ;;
	*) echo "$2" ;;
	esac
}

# entry ENGINE NAME FIELD [OPTION...]: one field of one container, empty when it is not listed.
entry() {
	local engine=$1 name=$2 field=$3
	shift 3
	"$SPC" ps --json "$@" | jq -r --arg engine "$(spc_engine "$engine")" --arg name "$(spc_name "$engine" "$name")" \
		"select(.kind == \"container\" and .engine == \$engine and .name == \$name) | .$field // \"\""
}

# Containers of raw runc and crun are started under a --root that nothing names but a process of theirs.
name_the_root() {
	case $1 in
	runc) spawn "$E/runc/exec.log" runc --root "$E/runc/state" exec "$2" /bin/sleep 1000 ;;
	crun) spawn "$E/crun/exec.log" crun --root "$E/crun/state" exec "$2" /bin/sleep 1000 ;;
	*) return ;;
	esac
	wait_for 5 test -n "$(entry "$1" "$2" pid)"
}

short_image() {
	sed 's|.*/||; s|:latest$||' <<<"$1"
}

test_engine() {
	local engine=$1 name=one-$1 pid
	# The second one keeps a process that tells where the engine has its state.
	if ! { "${engine}_start" && "${engine}_run" "$name" && "${engine}_run" "keep-$engine"; }; then
		bail "$engine does not run"
	fi
	name_the_root "$engine" "$name"
	pid=$("${engine}_pid" "$name")
	is "$(entry "$engine" "$name" pid)" "$pid" "$engine: the init process"
	is "$(entry "$engine" "$name" id)" "$("${engine}_id" "$name")" "$engine: the ID"
	# ctr's image is in a database of containerd alone.
	[[ $engine == containerd ]] || is "$(short_image "$(entry "$engine" "$name" image)")" \
		"$(short_image "$("${engine}_image" "$name")")" "$engine: the image"
	[[ $engine != containerd ]] || is "$(entry "$engine" "$name" image)" '' "$engine: no image that it could know"
	is "$("$SPC" ps -p --json "$(spc_engine "$engine"):$("${engine}_id" "$name")" |
		jq -r --argjson pid "$pid" 'select(.kind == "process" and .pid == $pid).inner_pid')" 1 "$engine: -p: PID 1 inside"
	is "$(entry "$engine" "$name" 'age_seconds < 60')" true "$engine: the age"
	test_pause "$engine" "$name"
	test_stopped "$engine" "$name"
	"${engine}_stop"
}

test_pause() {
	local engine=$1 name=$2 states
	if [[ $(type -t "${engine}_pause") != function ]]; then
		is "$(entry "$engine" "$name" state)" running "$engine: running"
		return
	fi
	"${engine}_pause" "$name"
	states=$(entry "$engine" "$name" state)
	"${engine}_unpause" "$name"
	is "$states $(entry "$engine" "$name" state)" 'paused running' "$engine: paused and running"
}

# nspawn forgets containers that end; the pod of a stopped container is not in containerd's bundles.
test_stopped() {
	local engine=$1 name=$2 expected='/stopped'
	[[ $engine != nspawn && $engine != machined && $engine != cri ]] || expected=/
	[[ $engine != runc && $engine != crun ]] || spawn_end 2 "$E/$engine/exec.log"
	"${engine}_stop_container" "$name"
	# The directories of raw runc and crun are named by nobody now.
	[[ $engine != runc && $engine != crun ]] || expected=/
	is "$(entry "$engine" "$name" state)/$(entry "$engine" "$name" state -a)" "$expected" "$engine: stopped"
}

for engine in $(engine_names); do
	reason=$(engine_missing "$engine")
	if [[ -n $reason ]]; then
		skip "$reason" "$TESTS_OF_ENGINE"
	else
		test_engine "$engine"
	fi
done

# --- what does not depend on the engine ---

runc_start
runc_run bare
pid=$(runc_pid bare)
is "$("$SPC" ps --json | jq -r --argjson pid "$pid" 'select(.pid == $pid) | "\(.engine) \(.name)"')" 'other bare' \
	'a container that no engine explains goes by its namespaces and its cgroup'
is "$("$SPC" ps --json "pid:$pid" | jq -r .pid)" "$pid" 'pid:N: its container'
is "$("$SPC" ps --json other:bare | jq -r .pid)" "$pid" 'other:NAME'
is "$("$SPC" ps -q | wc -l)" "$("$SPC" ps --json | wc -l)" '-q: an ID a line'
is "$("$SPC" ps | wc -l)" "$(($("$SPC" ps --json | wc -l) + 1))" 'a line for each container below the heading'
is "$("$SPC" ps --sysroot / --json | jq -c 'del(.age_seconds)')" "$("$SPC" ps --json | jq -c 'del(.age_seconds)')" '--sysroot /'

list=$("$SPC" ps -ef /bin/service.sh)
like "$list" 'UID +PID +PPID +C +STIME +TTY +TIME +CONTAINER +CMD' '-ef: the heading'
like "$list" "root +$pid .* bare +/bin/sh /bin/service.sh" '-ef PATTERN: by command line, with the container'
like "$("$SPC" ps -ef bare)" "root +$pid .* bare " '-ef PATTERN: by container'
is "$("$SPC" ps -ef | awk '$2 == 1 { print $1, $3, $8 }')" 'root 0 -' '-ef: PID 1 is of the host'
cmd_status 2 '-e without -f is a usage error' "$SPC" ps -e
cmd_status 2 'two operands are a usage error' "$SPC" ps a b

is "$(script -qec "$SPC ps" /dev/null </dev/null | head -n 1 | cut -c 1-4)" $'\e[1m' 'the heading is bold on a terminal'
is "$(NO_COLOR=1 script -qec "$SPC ps" /dev/null </dev/null | head -n 1 | cut -c 1-4)" NAME 'but not under NO_COLOR'
is "$("$SPC" ps | head -n 1 | cut -c 1-4)" NAME 'nor in a pipe'

done_testing
