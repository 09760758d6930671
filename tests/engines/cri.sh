# shellcheck shell=bash
# Kubernetes pods without Kubernetes: the CRI plugin of a private containerd, asked by cri.py as a kubelet would.
# Container NAME is the container "nginx" of the pod NAME in the Kubernetes namespace "shop".

CRI_NAMESPACE=shop
CRI_CONTAINER=nginx

cri_needs() {
	containerd_needs
	echo /usr/bin/python3
}

# Debian's python3-grpcio is for Debian's python3, whatever else is first in PATH.
_cri() {
	/usr/bin/python3 "$ENGINES_DIR/cri.py" "$E/cri/sock" "$@"
}

cri_start() {
	image_archive "$E/image/spc-pause.tar" spc-pause /bin/sleep infinity
	_containerd_daemon cri || return 1
	mkdir -p "$E/cri/pods"
	quiet _ctr cri images import "$IMAGE_TAR" && quiet _ctr cri images import "$E/image/spc-pause.tar" &&
		wait_for 10 _cri ready
}

# The pod keeps "SANDBOX CONTAINER" in a file: CRI knows no names, only ids.
cri_run() {
	local name=$1 ids
	shift
	ids=$(_cri run "$CRI_NAMESPACE" "$name" "$CRI_CONTAINER" "docker.io/library/$IMAGE:latest" "$E/cri/logs" "$@" 9>&-) || return 1
	echo "$ids" >"$E/cri/pods/$name"
}

_cri_container() {
	cut -d' ' -f2 "$E/cri/pods/$1"
}

cri_sandbox_id() {
	cut -d' ' -f1 "$E/cri/pods/$1"
}

cri_sandbox_pid() {
	_cri sandbox-info "$(cri_sandbox_id "$1")" | jq .pid
}

cri_pid() {
	_cri info "$(_cri_container "$1")" | jq .pid
}

cri_id() {
	_cri_container "$1"
}

cri_image() {
	_cri info "$(_cri_container "$1")" | jq -r .config.image.image
}

cri_stop_container() {
	quiet _cri stop "$(_cri_container "$1")"
}

cri_rm() {
	quiet _cri rm "$(cri_sandbox_id "$1")" && rm -f "$E/cri/pods/$1"
}

cri_stop() {
	local pod
	for pod in "$E"/cri/pods/*; do
		[[ ! -e $pod ]] || cri_rm "${pod##*/}"
	done
	_containerd_end cri
}
