#!/bin/bash
# The line that this project is about: `spc run tools strace -p PID` on a process of a real container, for
# every engine; and the same by the container's name. The container goes on as if nothing had been.
. "$(dirname "$0")/../engines/engine.sh"

need_root
: "${SPC:=$(realpath "$(dirname "$0")/../../build/static/spc")}"

# trace FILE SECONDS CMD...: end it as somebody does who presses Ctrl-C.
trace() {
	local file=$1 seconds=$2
	shift 2
	timeout -s INT -k 10 "$seconds" "$@" >"$file" 2>&1
}

# What the service does every 0.2 seconds.
sees_service() {
	grep -q 'openat(AT_FDCWD, "/etc/service.conf", O_RDONLY.*) = [0-9]' "$1" &&
		grep -q 'openat(AT_FDCWD, "/tmp/service.log", O_WRONLY|O_CREAT|O_APPEND' "$1"
}

check_engine() {
	local engine=$1 name=web-$1 pid before tracer
	"${engine}_run" "$name" || {
		ok 1 "$engine: a container starts"
		return
	}
	pid=$("${engine}_pid" "$name")
	trace "$T/$engine.run" 1.2 "$SPC" run tools strace -p "$pid"
	before=$?
	is "$before" 124 "$engine: spc run tools strace -p PID traces until it is interrupted"
	sees_service "$T/$engine.run"
	ok $? "$engine: the trace has the service's own calls" || diag "$(head -n 20 "$T/$engine.run")"
	trace "$T/$engine.name" 1.2 "$SPC" strace "$(target_of "$engine" "$name")"
	sees_service "$T/$engine.name"
	ok $? "$engine: spc strace TARGET sees them, too" || diag "$(head -n 20 "$T/$engine.name")"
	tracer=$(sed -n 's/^TracerPid:\t//p' "/proc/$pid/status")
	is "$tracer" 0 "$engine: the container is let go"
	is "$("${engine}_pid" "$name")" "$pid" "$engine: and goes on"
}

# How a user names the container. runc's and crun's private state directory is known to nobody once
# they have ended, and machined's container is nspawn's: by its process.
target_of() {
	case $1 in
	docker | podman | containerd | lxc | nspawn) echo "$1:$2" ;;
	podman-crun) echo "podman:$2" ;;
	cri) echo "pod/shop/$2/nginx" ;;
	*) echo "pid:$("${1}_pid" "$2")" ;;
	esac
}

engines_begin shared
for engine in $(engine_names); do
	reason=$(engine_missing "$engine")
	if [[ -n $reason ]]; then
		skip "$engine: $reason"
		continue
	fi
	"${engine}_start"
	ok $? "$engine starts" || continue
	check_engine "$engine"
	"${engine}_stop"
done
done_testing
