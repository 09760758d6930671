# shellcheck shell=bash
# systemd-nspawn, in two editions: nspawn (not registered) and machined (registered with a systemd-machined that
# is started here, on a private bus, where the machine itself runs none).  Neither needs systemd as PID 1.

nspawn_needs() {
	echo systemd-nspawn
}

machined_needs() {
	echo systemd-nspawn dbus-daemon busctl /lib/systemd/systemd-machined
}

# nspawn keeps the unit that it is started in, and finds it by the name of its cgroup.
_nspawn_cgroups() {
	awk '/ - cgroup2 / || / - cgroup .*name=systemd/ { print $5 }' /proc/self/mountinfo
}

# _nspawn_run ENGINE NAME OPTION... -- [CMD...]
_nspawn_run() {
	local engine=$1 name=$2 dir=$E/$1/$2 options=() root
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	[[ $# -gt 0 ]] || set -- /bin/service.sh
	mkdir -p "$dir"
	cp -a "$IMAGE_ROOTFS" "$dir/rootfs"
	while read -r root; do
		mkdir -p "$root/machine.slice/spc-$name.service"
	done < <(_nspawn_cgroups)
	# shellcheck disable=SC2016 # expanded by the inner shell
	spawn "$dir/log" bash -c '
		name=$1 roots=$2
		shift 2
		for root in $roots; do echo $$ >"$root/machine.slice/spc-$name.service/cgroup.procs"; done
		exec "$@"' - "$name" "$(_nspawn_cgroups)" \
		systemd-nspawn --quiet --keep-unit "${options[@]}" --private-network --console=pipe \
		--machine="$name" --directory="$dir/rootfs" "$@"
	wait_for 10 _nspawn_runs "$engine" "$name" || {
		diag "$(tail -n 5 "$dir/log")"
		return 1
	}
}

# The leader is the only child that nspawn keeps, and PID 1 of its own PID namespace, and has executed its command.
_nspawn_leader() {
	local pid
	pid=$(<"$E/$1/$2/log.pid") || return 1
	read -r pid _ <"/proc/$pid/task/$pid/children" || [[ -n $pid ]] || return 1
	[[ $(sed -n 's/^NSpid:.*\t//p' "/proc/$pid/status") == 1 ]] && echo "$pid"
}

_nspawn_runs() {
	local pid
	pid=$(_nspawn_leader "$1" "$2") && [[ $(readlink "/proc/$pid/exe") == */busybox ]]
}

# Without a leader nspawn is just about to end, or to be ended.
_nspawn_end() {
	local dir=$E/$1/$2 pid
	pid=$(_nspawn_leader "$1" "$2" 2>/dev/null) && kill -KILL "$pid"
	wait_for 5 is_gone "$(<"$dir/log.pid")" || stop_pid 2 "$(<"$dir/log.pid")"
}

_nspawn_rm() {
	_nspawn_end "$1" "$2"
	rm -rf --one-file-system "${E:?}/$1/$2"
}

_nspawn_stop() {
	local dir
	for dir in "$E/$1"/*/; do
		[[ ! -e $dir/log.pid ]] || _nspawn_rm "$1" "$(basename "$dir")"
	done
	kill_below "$E/$1"
	unmount_below "$E/$1"
	tidy_cgroups '/machine.slice'
	tidy_dirs /run/systemd /var/lib/machines
	rm -rf "${E:?}/$1"
}

nspawn_start() {
	mkdir -p "$E/nspawn"
}

nspawn_run() {
	local name=$1
	shift
	_nspawn_run nspawn "$name" --register=no -- "$@"
}

nspawn_pid() {
	_nspawn_leader nspawn "$1"
}

nspawn_id() {
	echo "$1"
}

nspawn_image() {
	:
}

# nspawn has no stopped containers.
nspawn_stop_container() {
	_nspawn_end nspawn "$1"
}

nspawn_rm() {
	_nspawn_rm nspawn "$1"
}

nspawn_stop() {
	_nspawn_stop nspawn
}

_machined_bus_config() {
	cat <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		<type>system</type>
		<listen>unix:path=$E/machined/bus</listen>
		<auth>EXTERNAL</auth>
		<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
		</busconfig>
	END
}

_machined_bus() {
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$E/machined/bus "$@"
}

_machined_call() {
	_machined_bus busctl --json=short call org.freedesktop.machine1 /org/freedesktop/machine1 \
		org.freedesktop.machine1.Manager "$@"
}

machined_start() {
	mkdir -p "$E/machined"
	_machined_bus_config >"$E/machined/bus.conf"
	spawn "$E/machined/bus.log" dbus-daemon --config-file="$E/machined/bus.conf" --nofork
	wait_for 5 test -S "$E/machined/bus" || return 1
	_machined_bus spawn "$E/machined/log" /lib/systemd/systemd-machined
	wait_for 5 _machined_call ListMachines || {
		diag "$(tail -n 5 "$E"/machined/*log)"
		return 1
	}
}

machined_run() {
	local name=$1
	shift
	_machined_bus _nspawn_run machined "$name" --register=yes -- "$@"
}

machined_pid() {
	local path
	path=$(_machined_call GetMachine s "$1" | jq -r '.data[0]') || return 1
	_machined_bus busctl --json=short get-property org.freedesktop.machine1 "$path" \
		org.freedesktop.machine1.Machine Leader | jq .data
}

machined_id() {
	echo "$1"
}

machined_image() {
	:
}

machined_stop_container() {
	_nspawn_end machined "$1"
}

machined_rm() {
	_nspawn_rm machined "$1"
}

machined_stop() {
	local dir
	for dir in "$E"/machined/*/; do
		[[ ! -e $dir/log.pid ]] || _nspawn_rm machined "$(basename "$dir")"
	done
	spawn_end 5 "$E/machined/log" "$E/machined/bus.log"
	tidy_sockets /run/systemd/userdb
	_nspawn_stop machined
}
