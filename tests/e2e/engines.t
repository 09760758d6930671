#!/bin/bash
# The engines that other tests compare spc with: they start, run containers, say the truth about them,
# and leave nothing on the machine.
. "$(dirname "$0")/../engines/engine.sh"

TESTS_OF_ENGINE=15

# timed WHAT CMD...: run it, and keep the time it took for the comment at the end.
timed() {
	local what=$1 start=${EPOCHREALTIME/[.,]/} status
	shift
	"$@"
	status=$?
	times+=" $what $(((${EPOCHREALTIME/[.,]/} - start) / 1000)) ms,"
	return "$status"
}

# PID is alive, and the first process of a PID namespace that is not ours.
is_init() {
	[[ $1 =~ ^[1-9][0-9]*$ && $(readlink "/proc/$1/ns/pid") != $(readlink /proc/self/ns/pid) ]] &&
		[[ $(sed -n 's/^NSpid:.*\t//p' "/proc/$1/status") == 1 ]]
}

arguments_of() {
	tr '\0' ' ' <"/proc/$1/cmdline"
}

# Images have a name where the engine has images.
image_pattern() {
	case $1 in
	docker | podman | podman-crun | containerd | cri) echo '(^|/)spc-test(:latest)?$' ;;
	*) echo '^$' ;;
	esac
}

test_pause() {
	local engine=$1
	if [[ $(type -t "${engine}_pause") != function ]]; then
		ok 0 "$engine: has no notion of a paused container"
		return
	fi
	"${engine}_pause" one && is_init "$2" && "${engine}_unpause" one
	ok $? "$engine: pauses a container and goes on"
}

test_engine() {
	local engine=$1 times='' one two
	timed start "${engine}_start"
	ok $? "$engine: starts" || {
		"${engine}_stop"
		return
	}
	timed 'first container' "${engine}_run" one
	ok $? "$engine: runs the service"
	timed 'second container' "${engine}_run" two /bin/sleep 1000
	ok $? "$engine: runs a command"
	one=$("${engine}_pid" one)
	two=$("${engine}_pid" two)
	cmd_ok "$engine: the first PID is the init of a container" is_init "$one"
	cmd_ok "$engine: the second PID is the init of a container" is_init "$two"
	is "$(arguments_of "$one")" '/bin/sh /bin/service.sh ' "$engine: the first runs the service"
	is "$(arguments_of "$two")" '/bin/sleep 1000 ' "$engine: the second runs the command"
	like "$("${engine}_id" one)" '^[0-9a-z]+$' "$engine: there is an id"
	like "$("${engine}_image" one)" "$(image_pattern "$engine")" "$engine: the image is ours"
	test_pause "$engine" "$one"
	cmd_ok "$engine: stops a container" "${engine}_stop_container" one
	cmd_ok "$engine: the process of the stopped container is gone" wait_for 3 is_gone "$one"
	cmd_ok "$engine: removes a running container" "${engine}_rm" two
	cmd_ok "$engine: the process of the removed container is gone" wait_for 3 is_gone "$two"
	timed stop "${engine}_stop"
	wait_for 3 residue_none
	is "$(residue_new)" '' "$engine: nothing is left, though a stopped container was there"
	echo "# $engine:${times%,}"
}

# hold starts everything at once and waits for input that never comes.
hold_start() {
	[[ -p $T/never ]] || mkfifo "$T/never"
	"$ENGINES_DIR/hold" "${able[@]}" <>"$T/never" >"$T/hold" 2>&1 9>&- &
}

# hold_interrupt SIGNAL PID WHEN
hold_interrupt() {
	kill -"$1" "$2"
	wait "$2"
	is $? $((128 + $(kill -l "$1"))) "all engines at once: ended by SIG$1 $3"
	wait_for 3 residue_none
	is "$(residue_new)" '' "all engines at once: nothing is left after SIG$1 $3"
}

test_interrupts() {
	hold_start
	wait_for 60 grep -q '^ready' "$T/hold"
	ok $? 'all engines at once: running' || diag "$(<"$T/hold")"
	hold_interrupt TERM $! 'when running'
	hold_start
	sleep 0.6
	hold_interrupt HUP $! 'when starting'
}

# A container in a container: its PID namespace and its cgroup are below those of a docker container.
test_nested() {
	local outer inner
	docker_start
	docker_run outer
	cmd_ok 'nested: runs' nested_run outer inner
	outer=$(docker_pid outer)
	inner=$(nested_pid inner)
	is "$(sed -n 's/^NSpid:\t//p' "/proc/$inner/status" | wc -w)" 3 'nested: the PID namespace is two levels down'
	like "$(<"/proc/$inner/cgroup")" ":/docker/$(docker_id outer)/inner" 'nested: so is the cgroup'
	is "$(arguments_of "$inner")" '/bin/sh /bin/service.sh ' 'nested: runs the service'
	docker_rm outer
	wait_for 3 is_gone "$outer" "$inner"
	ok $? 'nested: ends with the outer container'
	docker_stop
	wait_for 3 residue_none
	is "$(residue_new)" '' 'nested: nothing is left'
}

need_root
engines_begin exclusive
able=()
for engine in $(engine_names); do
	reason=$(engine_missing "$engine")
	if [[ -n $reason ]]; then
		skip "$engine: $reason" "$TESTS_OF_ENGINE"
	else
		able+=("$engine")
		test_engine "$engine"
	fi
done
if [[ -n $(engine_missing docker) ]]; then
	skip "nested: $(engine_missing docker)" 6
else
	test_nested
fi
test_interrupts
done_testing
