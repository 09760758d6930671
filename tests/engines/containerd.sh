# shellcheck shell=bash
# containerd with ctr, in the containerd namespace spc-test; and the daemon for cri.sh.

containerd_needs() {
	echo containerd containerd-shim-runc-v2 ctr runc
}

# Every path that containerd would take from /etc, /opt, /run or /var.  The two CRI settings: this machine may
# not lower oom_score_adj, and the pause image must be a local one.
_containerd_config() {
	local dir=$1
	cat <<-END
		version = 2
		root = "$dir/root"
		state = "$dir/state"
		temp = "$E/tmp"
		[grpc]
		address = "$dir/sock"
		[plugins."io.containerd.internal.v1.opt"]
		path = "$dir/opt"
		[plugins."io.containerd.grpc.v1.cri"]
		disable_tcp_service = true
		restrict_oom_score_adj = true
		sandbox_image = "docker.io/library/spc-pause:latest"
		[plugins."io.containerd.grpc.v1.cri".cni]
		bin_dir = "$dir/cni/bin"
		conf_dir = "$dir/cni/net.d"
	END
}

_containerd_daemon() {
	local dir=$E/$1
	mkdir -p "$dir/cni/net.d"
	_containerd_config "$dir" >"$dir/config.toml"
	spawn "$dir/log" containerd --config "$dir/config.toml"
	wait_for 30 _ctr "$1" version || {
		diag "$(tail -n 5 "$dir/log")"
		return 1
	}
}

_ctr() {
	local engine=$1 namespace=spc-test
	shift
	[[ $engine != cri ]] || namespace=k8s.io
	ctr --address "$E/$engine/sock" --connect-timeout 2s --namespace "$namespace" "$@"
}

containerd_start() {
	_containerd_daemon containerd && quiet _ctr containerd images import "$IMAGE_TAR"
}

containerd_run() {
	local name=$1
	shift
	quiet _ctr containerd run -d --null-io "docker.io/library/$IMAGE:latest" "$name" "$@"
}

containerd_pid() {
	_ctr containerd tasks ls | awk -v name="$1" '$1 == name { print $2 }'
}

containerd_id() {
	echo "$1"
}

containerd_image() {
	_ctr containerd containers info "$1" | jq -r .Image
}

containerd_pause() {
	quiet _ctr containerd tasks pause "$1"
}

containerd_unpause() {
	quiet _ctr containerd tasks resume "$1"
}

_containerd_stopped() {
	_ctr containerd tasks ls | grep -q "^$1 .*STOPPED"
}

containerd_stop_container() {
	quiet _ctr containerd tasks kill -s SIGKILL "$1" && wait_for 5 _containerd_stopped "$1"
}

containerd_rm() {
	_ctr containerd tasks rm -f "$1" >/dev/null 2>&1
	quiet _ctr containerd containers rm "$1"
}

# The shims outlive their containerd, by design.
_containerd_end() {
	spawn_end 10 "$E/$1/log"
	kill_below "$E/$1"
	unmount_below "$E/$1"
	tidy_cgroups '/(spc-test|kubepods)'
	tidy_sockets /run/containerd
	tidy_dirs /opt/containerd
	rm -rf "${E:?}/$1"
}

containerd_stop() {
	local name
	for name in $(_ctr containerd containers ls -q 2>/dev/null); do
		containerd_rm "$name"
	done
	_containerd_end containerd
}
