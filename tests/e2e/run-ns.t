#!/bin/bash
# `spc run`: namespaces - the host's, new ones, those of a container; later mounts; other roots.
# shellcheck disable=SC2016 # what is in single quotes is for the shell inside
. "$(dirname "$0")/../lib/tap.sh"
need_root
SPC=${SPC:-$PWD/build/static/spc}

run() {
	"$SPC" run "$@" </dev/null
}

declare -A OPTION=([pid]=pid [net]=net [ipc]=ipc [uts]=uts [cgroup]=cgroupns [user]=userns)

# New ones: exactly the one that was asked for.
for ns in "${!OPTION[@]}"; do
	for api in new classic; do
		different=
		while read -r name id; do
			[[ $id == "$(readlink "/proc/self/ns/$name")" ]] || different+="$name "
		done < <(run --mount-api "$api" --"${OPTION[$ns]}" private tools sh -c \
			'for n in pid net ipc uts cgroup user; do echo $n $(readlink /proc/self/ns/$n); done')
		is "$different" "$ns " "$api: --${OPTION[$ns]} private"
	done
done

is "$(run --pid private tools sh -c 'echo $$; ls -d /proc/[0-9]*' | tr '\n' ' ' | sed 's: /proc/[2-5]::g')" '1 /proc/1 ' 'private PIDs: the command is 1, and alone in /proc'
cmd_status 5 'private PIDs: exit code' run --pid private tools sh -c 'exit 5'
like "$(run --net private tools ip -o addr)" '127.0.0.1/8' 'private network: lo is up'
is "$(run --net none tools ls /sys/class/net)" lo 'private network: /sys shows it'
cmd_ok 'private network: /sys/fs/cgroup is there' run --net private tools sh -c 'test -n "$(ls /sys/fs/cgroup)"'
is "$(run --hostname box tools sh -c 'hostname; cat /etc/hostname' | tr '\n' ' ')" 'box box ' '--hostname'
isnt_host=$(uname -n)
[[ $isnt_host != box ]]
ok $? '--hostname did not rename the host'
cmd_status 125 '--hostname with the host'\''s name space' run --uts host --hostname box tools true
cmd_status 125 'unknown word' run --net bridge tools true
cmd_ok 'private IPC: an empty /dev/shm' run --ipc private tools sh -c 'test -z "$(ls -A /dev/shm)"'
is "$(run --userns private tools sh -c 'id -u; cat /proc/self/uid_map' | tr -s ' \n' ' ')" '0 0 0 4294967295 ' 'private users: every ID is itself'
cmd_status 1 'private users: no power over the host' run --userns private tools sh -c 'sethostname() { hostname nobody; }; sethostname 2>/dev/null'
cmd_ok 'private users and network: power over that' run --userns private --net private tools ip link set lo down
cmd_ok 'all private' run --pid private --net private --ipc private --uts private --cgroupns private tools true

# Those of a container: any process in namespaces of its own is one.
unshare --fork --pid --net --ipc --uts --cgroup --mount-proc sh -c 'hostname joined; echo ready; exec sleep 600' >"$T/ready" 2>/dev/null &
at_exit kill -9 $!
outer=$!
wait_for 5 test -s "$T/ready"
pid=$(cat "/proc/$outer/task/$outer/children")
pid=${pid%% *}
at_exit kill -9 "$pid"
for ns in pid net ipc uts cgroup; do
	for api in new classic; do
		is "$(run --mount-api "$api" --"${OPTION[$ns]}" "container:pid:$pid" tools readlink "/proc/self/ns/$ns")" \
			"$(readlink "/proc/$pid/ns/$ns")" "$api: --${OPTION[$ns]} container:"
	done
done
is "$(run --uts "container:pid:$pid" tools hostname)" joined 'container: host name'
is "$(run --pid "container:pid:$pid" tools cat /proc/1/comm)" sleep 'container: /proc shows its processes'
is "$(run --pid "container:pid:$pid" tools sh -c 'kill -0 1 && echo yes')" yes 'container: signals reach them'
cmd_status 125 'container: not known' run --net container:no-such-container tools true
like "$(run --net container:no-such-container tools true 2>&1)" '^spc run: --net container:no-such-container: ' 'container: says which option'

# A user namespace of someone else.
unshare --user --map-root-user sh -c 'echo ready; exec sleep 600' >"$T/ready2" 2>/dev/null &
user=$!
at_exit kill -9 "$user"
wait_for 5 test -s "$T/ready2"
is "$(run --userns "container:pid:$user" tools readlink /proc/self/ns/user)" "$(readlink "/proc/$user/ns/user")" '--userns container:'

# Later mounts of the host appear, ours do not appear there.
mkdir "$T/later"
: >"$T/log"
cat >"$T/later.sh" <<'END'
mount --make-rshared /
"$SPC" run tools sh -c 'echo up; while test ! -e "/host$1/file"; do sleep 0.05; done; mount -t tmpfs mine /host/mnt; echo seen; sleep 0.3' - "$T/later" >"$T/log" &
until grep -q up "$T/log"; do sleep 0.05; done
mount -t tmpfs later "$T/later" && touch "$T/later/file"
until grep -q seen "$T/log"; do sleep 0.05; done
grep -c " mine " /proc/self/mountinfo
wait
END
export SPC T
is "$(timeout 20 unshare -m bash "$T/later.sh")" 0 'no mount of the container appears on the host'
like "$(cat "$T/log")" seen 'later mounts of the host appear in /host'

# Started in places that are not a usual root.
mkdir -p "$T/jail/bin" "$T/jail/proc" "$T/jail/dev" "$T/jail/img/bin"
cp "$SPC" "$T/jail/bin/spc"
cp "$(command -v busybox)" "$T/jail/img/bin/busybox"
ln -s busybox "$T/jail/img/bin/sh"
for api in new classic; do
	cmd_ok "chroot, $api: tools" unshare -m sh -c \
		'mount --bind /proc "$1/proc" && exec chroot "$1" /bin/spc run --mount-api "$2" tools sh -c "test -d /host/img && test -e /proc/self && exit 0"' - "$T/jail" "$api"
	cmd_ok "chroot, $api: directory" unshare -m sh -c \
		'mount --bind /proc "$1/proc" && exec chroot "$1" /bin/spc run --mount-api "$2" /img sh -c "busybox test -d /host/img && ! busybox test -e /host/proc/self/nothing"' - "$T/jail" "$api"
	is "$(unshare -m sh -c 'mount --bind /proc "$1/proc" && exec chroot "$1" /bin/spc run --mount-api "$2" tools grep -c " /host " /proc/self/mountinfo' - "$T/jail" "$api")" 1 \
		"chroot, $api: one mount at /host"
done
mkdir "$T/ram"
cmd_ok 'a tmpfs as root' unshare -m sh -c \
	'mount -t tmpfs ram "$1" && mkdir "$1/proc" "$1/old" && cp "$2" "$1/spc" && mount --bind /proc "$1/proc" && cd "$1" && pivot_root . old && exec /spc run tools true' - "$T/ram" "$SPC"

# Without privileges it says so; with fewer capabilities it takes what there is.
chmod 711 "$T"
cp "$SPC" "$T/spc" && chmod 755 "$T/spc"
out=$(cd / && setpriv --reuid 65534 --regid 65534 --clear-groups "$T/spc" run tools true 2>&1)
is "$?:$out" '125:spc run: new namespace (mnt): Operation not permitted; spc run needs CAP_SYS_ADMIN: run it as root (sudo spc run ...)' 'not root: one clear line'
cmd_ok 'few capabilities are enough' setpriv --bounding-set -all,+sys_admin,+setpcap --inh-caps -all "$SPC" run tools true
cmd_ok 'no_new_privs is no obstacle' setpriv --no-new-privs "$SPC" run tools true
done_testing
