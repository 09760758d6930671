#!/bin/bash
# State files, names and processes that were made to mislead: the container stays in the list, without
# what cannot be believed; nothing hangs, crashes, or leaves the tree.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

tree=$T/tree
id=$(printf 'ab%.0s' {1..32})

# process PID PPID START CGROUP [COMM [ARG...]]
process() {
	local pid=$1 ppid=$2 start=$3 cgroup=$4 comm=${5-app} dir=$tree/proc/$1
	shift $(($# < 5 ? $# : 5))
	mkdir -p "$dir"
	echo "$pid ($comm) S $ppid 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 $start 0 0" >"$dir/stat"
	echo "0::$cgroup" >"$dir/cgroup"
	printf 'Uid:\t0\t0\t0\t0\nNSpid:\t%d\n' "$pid" >"$dir/status"
	printf '%s\0' "$comm" "$@" >"$dir/cmdline"
}

# A node with one docker container, whose configuration the caller damages.
fresh() {
	rm -rf "$tree"
	process 1 0 1 /init.scope init
	process 100 1 5000 "/docker/$id"
	echo '1000.00 1.00' >"$tree/proc/uptime"
	config=$tree/var/lib/docker/containers/$id/config.v2.json
	mkdir -p "${config%/*}"
	echo "{\"ID\":\"$id\",\"Name\":\"/web\",\"State\":{\"Pid\":100},\"Config\":{\"Image\":\"app:1\"}}" >"$config"
}

# 5 seconds are plenty, also with sanitizers; a hang ends with status 124.
ps() {
	timeout 5 "$SPC" ps --sysroot "$tree" "$@" 2>&1
}

# What ps says about the container: name and PID.
shown() {
	ps --json | jq -r 'select(.kind == "container") | "\(.name) \(.pid)"'
}

nameless="${id:0:12} 100"

fresh
is "$(shown)" 'web 100' 'the tree is fine before it is damaged'

truncate -s 1G "$config"
is "$(shown)" "$nameless" 'a file of 1 GB'

fresh
head -c 2000000 /dev/zero | tr '\0' '[' >"$config"
is "$(shown)" "$nameless" 'JSON that is nested two million levels deep'

fresh
truncate -s 60 "$config"
is "$(shown)" "$nameless" 'JSON that is cut off'

fresh
: >"$config"
is "$(shown)" "$nameless" 'an empty file'

fresh
rm "$config"
mkfifo "$config"
is "$(shown)" "$nameless" 'a FIFO in place of the file'

fresh
rm "$config"
mkdir "$config"
is "$(shown)" "$nameless" 'a directory in place of the file'

fresh
mv "$config" "$T/outside.json"
ln -s "$T/outside.json" "$config"
is "$(shown)" "$nameless" 'a link out of the tree'

fresh
mv "$tree/var/lib/docker" "$T/outside"
ln -s "$T/outside" "$tree/var/lib/docker"
is "$(shown)" "$nameless" 'a directory that is a link out of the tree'
rm -rf "$T/outside"

fresh
rm -r "$tree/proc/100"
ln -s /proc/self "$tree/proc/100"
is "$(shown)" '' 'a process that is a link out of the tree'

fresh
sed -i "s/$id/${id/ab/cd}/" "$config"
is "$(shown)" "$nameless" 'the file of another container'

fresh
sed -i 's/"Pid":100/"Pid":99999999999999999999/' "$config"
is "$(shown)" 'web 100' 'a PID out of range'

fresh
sed -i 's/"Pid":100/"Pid":1/' "$config"
is "$(shown)" 'web 100' 'a PID of a process that is not in the container'

fresh
sed -i 's/"Pid":100/"Pid":"100"/; s/"Name":"[^"]*"/"Name":["x"]/; s/"Image":"[^"]*"/"Image":{}/' "$config"
is "$(shown)" "$nameless" 'values of other types'

fresh
sed -i 's|"/web"|"/we\\u0000b"|' "$config"
is "$(shown)" "$nameless" 'a NUL in a name'

fresh
sed -i 's|"/web"|"/a\\nb\\u001b[31mc\\u009b2J"|' "$config"
is "$(ps | sed -n '2s/ .*//p')" 'a\nb\x1b[31mc\xc2\x9b2J' 'newlines and escapes in a name: text' ||
	diag "$(ps)"
is "$(ps | wc -l)" 2 'the table keeps its lines'
is "$(ps --json | jq -r .name | head -n 1)" 'a' 'JSON keeps the name as it is'

# A raw runc container whose process ended, and whose PID another process has now.
fresh
mkdir -p "$tree/run/runc/old"
process 200 1 7000 /somewhere
echo '{"id":"old","init_process_pid":200,"init_process_start":6999}' >"$tree/run/runc/old/state.json"
is "$(shown)" 'web 100' 'PID reuse: another start time'
is "$(ps -a --json | jq -r 'select(.name == "old").state')" 'stopped' 'which means that the container is stopped'
echo '{"id":"old","init_process_pid":200,"init_process_start":7000}' >"$tree/run/runc/old/state.json"
is "$(shown | tail -n 1)" 'old 200' 'the right start time'

# crun writes the same facts in other words.
fresh
mkdir -p "$tree/run/crun/c"
process 200 1 7000 /crun-c
echo '{"pid":200,"process-start-time":6999,"bundle":"/b"}' >"$tree/run/crun/c/status"
is "$(shown)" 'web 100' 'PID reuse: crun'
echo '{"pid":200,"process-start-time":7000,"bundle":"/b"}' >"$tree/run/crun/c/status"
is "$(shown | tail -n 1)" 'c 200' 'the right start time: crun'

# A container that makes cgroups named like another container, and runs a false dockerd.
fresh
evil=$(printf 'ee%.0s' {1..32})
process 300 1 8000 "/docker/$evil"
process 301 300 8001 "/docker/$evil/docker/$id"
process 302 300 8002 "/docker/$evil" dockerd --data-root /evil
mkdir -p "$tree/evil/containers/$id"
sed 's/web/lie/; s/app:1/lie/' "$config" >"$tree/evil/containers/$id/config.v2.json"
is "$(ps --json | jq -r 'select(.pid == 100).name')" 'web' 'a false daemon in a container explains nothing outside of it'
is "$(ps --json "$id" | jq -r .pid)" 100 'a cgroup with a stolen ID does not make it ambiguous'
is "$(ps --json | jq -r 'select(.pid == 301).parent_id')" "$evil" 'and is shown as what it is'

# IDs and names that are paths.
fresh
mkdir -p "$tree/run/runc/x" "$tree/proc/400"
process 400 1 1 '/lxc.payload...'
process 401 1 1 '/lxc.payload.a b'
is "$(shown | sort | tr '\n' ';')" '.. 400;a b 401;web 100;' 'names that are no file names'

# Arguments of a daemon that lead nowhere.
fresh
process 500 1 1 /x dockerd --data-root
process 501 1 1 /x dockerd --data-root=
process 502 1 1 /x containerd --config /dev/zero
process 503 1 1 /x conmon -b / -c "$id"
process 504 1 1 /x conmon -b relative -c / -p /proc/1/cgroup -n x
process 505 1 1 /x containerd-shim
process 506 1 1 /x systemd-nspawn -M
process 507 1 1 /x lxc-start
printf '[lxc monitor] ' >"$tree/proc/507/cmdline"
is "$(shown)" 'web 100' 'arguments that lead nowhere'

# Thousands of containers that have nothing but a cgroup.
fresh
for ((i = 1000; i < 1500; i++)); do
	process "$i" 1 "$i" "/docker/$(printf '%064x' "$i")"
done
is "$(ps -q | wc -l)" 501 'containers without any state'

done_testing
