# shellcheck shell=bash
# docker: a private dockerd, which starts a containerd of its own.

docker_needs() {
	echo dockerd docker containerd runc ip
}

_docker() {
	DOCKER_CONFIG=$E/docker docker -H "unix://$E/docker/docker.sock" "$@"
}

DOCKER_BRIDGE=spcbr$$

# Its own bridge: containers get an interface and an address.  Without iptables no packet leaves the machine,
# and no rule is left on it.  The addresses are those reserved for documentation.
_docker_bridge() {
	local n=1
	while ip -o -4 addr | grep -q " 192\.0\.2\.$n/"; do
		n=$((n + 16))
	done
	ip link add "$1" type bridge && ip addr add "192.0.2.$n/28" dev "$1" && ip link set "$1" up
}

docker_start() {
	mkdir -p "$E/docker"
	_docker_bridge "$DOCKER_BRIDGE" || return 1
	echo "{\"deprecated-key-path\": \"$E/docker/key.json\"}" >"$E/docker/daemon.json"
	spawn "$E/docker/log" dockerd --config-file "$E/docker/daemon.json" -H "unix://$E/docker/docker.sock" \
		--data-root "$E/docker/root" --exec-root "$E/docker/exec" --pidfile "$E/docker/pid" \
		--iptables=false --ip6tables=false --ip-forward=false --userland-proxy=false --bridge "$DOCKER_BRIDGE" \
		--exec-opt native.cgroupdriver=cgroupfs --registry-mirror http://127.0.0.1:9
	if ! wait_for 30 _docker version || ! quiet _docker load -i "$IMAGE_TAR"; then
		diag "$(tail -n 5 "$E/docker/log")"
		return 1
	fi
}

docker_run() {
	local name=$1
	shift
	quiet _docker run -d --name "$name" "$IMAGE" "$@"
}

docker_pid() {
	_docker inspect -f '{{.State.Pid}}' "$1"
}

docker_id() {
	_docker inspect -f '{{.Id}}' "$1"
}

docker_image() {
	_docker inspect -f '{{.Config.Image}}' "$1"
}

docker_pause() {
	quiet _docker pause "$1"
}

docker_unpause() {
	quiet _docker unpause "$1"
}

docker_stop_container() {
	quiet _docker stop -t 2 "$1"
}

docker_rm() {
	quiet _docker rm -f "$1"
}

docker_stop() {
	local ids
	ids=$(_docker ps -aq 2>/dev/null)
	# shellcheck disable=SC2086 # a list
	[[ -z $ids ]] || quiet _docker rm -f $ids
	spawn_end 15 "$E/docker/log"
	kill_below "$E/docker"
	unmount_below "$E/docker"
	ip link del "$DOCKER_BRIDGE" 2>/dev/null
	tidy_cgroups '/docker'
	tidy_sockets /run/containerd
	tidy_dirs /run/docker /opt/containerd
	rm -rf "$E/docker"
}
