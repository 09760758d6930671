#!/bin/bash
# TARGET: from what the user types to a container or a process; and every way in which it is none.
. "$(dirname "$0")/../engines/engine.sh"

need_root
for engine in docker lxc; do
	reason=$(engine_missing "$engine")
	[[ -z $reason ]] || skip_all "$reason"
done
engines_begin shared
engines_start docker lxc || bail 'docker or lxc does not start'
if ! { docker_run web && docker_run solo && docker_run gone && docker_stop_container gone && lxc_run web; }; then
	bail 'a container does not run'
fi
pid=$(docker_pid web)
id=$(docker_id web)

# resolves TARGET PID WHAT
resolves() {
	is "$("$SPC" ps --json "$1" 2>&1 | jq -r .pid 2>&1)" "$2" "$3"
}

# fails TARGET TEXT WHAT: exit status 3, and one line that says TEXT.
fails() {
	local status=0 out
	out=$("$SPC" ps "$1" 2>&1) || status=$?
	is "$status: $out" "3: spc ps: $2" "$3"
}

resolves solo "$(docker_pid solo)" 'a name'
resolves "$id" "$pid" 'a whole ID'
resolves "${id:0:12}" "$pid" 'the beginning of an ID'
resolves docker:web "$pid" 'ENGINE:NAME'
resolves "docker://$id" "$pid" 'ENGINE://ID'
resolves "docker:${id:0:8}" "$pid" 'ENGINE:beginning of an ID'
resolves lxc:web "$(lxc_pid web)" 'the same name of another engine'
resolves "pid:$pid" "$pid" 'pid:N of an init'
resolves "pid:$(docker_pid solo)" "$(docker_pid solo)" 'pid:N of another one'

fails web "'web' is ambiguous: docker:web, lxc:web; name one of them" 'ambiguous: the candidates are listed'
fails sollo "no container 'sollo' on this node; did you mean 'solo'? 'spc ps -a' lists all" 'unknown: the nearest is named'
fails docker:zzzzzzzz "no docker container 'zzzzzzzz' on this node; 'spc ps -a' lists all" 'unknown, and nothing is near'
fails gone "'gone' is stopped (docker $(docker_id gone | cut -c 1-12)): it has no process; start it first" 'stopped'
fails docker:gone "'docker:gone' is stopped (docker $(docker_id gone | cut -c 1-12)): it has no process; start it first" \
	'stopped: by engine'
fails dokcer:web "'dokcer:web': there is no engine 'dokcer'; did you mean 'docker:web'?" 'no such engine'
fails pid:x "'pid:x' is no TARGET: a process is pid:NUMBER; a name, an ID, ENGINE:NAME, pod/NAMESPACE/POD[/CONTAINER], pid:N, cgroup:/PATH, unit:NAME, netns:/PATH or host" \
	'bad grammar'
fails pid:99999999 'there is no process 99999999' 'no such process'
fails pid:1 "'pid:1' is in no container; -p shows its processes" 'a process of the host'
fails cgroup:/no/such "there is no cgroup '/no/such'" 'no such cgroup'
fails unit:no-such "unit 'no-such.service' has no process" 'no such unit'
fails netns:/etc/passwd '/etc/passwd is no network namespace' 'no namespace'
fails netns:nope 'open network namespace /run/netns/nope: No such file or directory' 'no such namespace'
fails pod/shop/web "no pod or container 'pod/shop/web' on this node; 'spc ps -a' lists all" 'no such pod'

# --- places ---

pids() {
	"$SPC" ps -p --json "$1" | jq -r 'select(.kind == "process").pid'
}
is "$(pids "cgroup:/docker/$id" | grep -c "^$pid\$")" 1 'cgroup:/PATH: its processes'
freezer=$(awk '/ - cgroup .*freezer/ { print $5; exit } / \/sys\/fs\/cgroup .* - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
is "$(pids "cgroup:$freezer/docker/$id" | grep -c "^$pid\$")" 1 'cgroup: a path as it is in /sys/fs/cgroup'
is "$(pids unit:lxc.payload.web | grep -c "^$(lxc_pid web)\$")" 1 'unit:NAME: its processes'
is "$(pids host | grep -c '^1$')" 1 'host: its processes'
fails "netns:/proc/$pid/ns/net" "'netns:/proc/$pid/ns/net' is in no container" 'netns: a namespace that is there'

# --- a daemon that hangs, and one that died ---

dockerd=$(<"$E/docker/pid")
kill -STOP "$dockerd"
resolves docker:web "$pid" 'dockerd hangs: ENGINE:NAME'
resolves solo "$(sed -n 's/^Pid:\t//p' "/proc/$("$SPC" ps --json docker:solo | jq .pid)/status")" 'dockerd hangs: a name'
kill -CONT "$dockerd"

# --- containers that come and go while we look: one of two answers, nothing else ---

count=0 odd=''
docker_run brief /bin/sleep 0.6
for ((i = 0; i < 60; i++)); do
	out=$("$SPC" ps docker:brief 2>&1)
	case $? in
	0) count=$((count + 1)) ;;
	3) [[ $out == *'is stopped'* || $out == *'ended while it was being looked at'* ]] || odd+=$out ;;
	*) odd+=$out ;;
	esac
	sleep 0.01
done
is "$odd" '' 'a container that ends meanwhile is there, or stopped'

# --- nested ---

if [[ $(type -t nested_run) == function ]]; then
	nested_run solo inner
	inner=$(nested_pid inner)
	is "$("$SPC" ps -p --json docker:solo | jq -r 'select(.kind == "process").pid' | grep -c "^$inner\$")" 1 \
		'a container in a container: its processes belong to the outer one'
	resolves "pid:$inner" "$(docker_pid solo)" 'pid:N of a nested process: the container that is known'
fi

done_testing
