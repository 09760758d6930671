# shellcheck shell=bash
# podman with private storage, in two editions: podman (runc) and podman-crun.  There is no daemon.

podman_needs() {
	echo podman conmon runc
}

podman-crun_needs() {
	echo podman conmon crun unshare nsenter
}

# A cache of where blobs were seen; root's has a fixed place.
PODMAN_CACHE=/var/lib/containers/cache/blob-info-cache-v1.boltdb

# Everything that podman keeps outside of --root and --runroot otherwise: locks in /dev/shm, /run/libpod, volumes.
_podman_config() {
	local dir=$1 runtime=$2
	cat <<-END
		[containers]
		default_ulimits = []
		netns = "none"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "none"
		image_copy_tmp_dir = "$E/tmp"
		infra_image = ""
		lock_type = "file"
		runtime = "$runtime"
		static_dir = "$dir/static"
		tmp_dir = "$dir/tmp"
		volume_path = "$dir/volumes"
		[network]
		network_backend = "cni"
		network_config_dir = "$dir/networks"
	END
}

_podman_start() {
	local dir=$E/$1
	mkdir -p "$dir"/{static,tmp,networks,home}
	_podman_config "$dir" "$2" >"$dir/containers.conf"
	printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$dir/root" "$dir/run" >"$dir/storage.conf"
	quiet "_$1" load -i "$IMAGE_TAR"
}

_podman() {
	_podman_in podman "$@"
}

_podman-crun() {
	_podman_in podman-crun "$@"
}

_podman_in() {
	local engine=$1 dir=$E/$1
	shift
	CONTAINERS_CONF="$dir/containers.conf" CONTAINERS_STORAGE_CONF="$dir/storage.conf" HOME="$dir/home" \
		XDG_DATA_HOME="$dir/home" without_v2 "$engine" \
		podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" --log-level error "$@"
}

podman_start() {
	_podman_start podman runc
}

podman-crun_start() {
	mkdir -p "$E/podman-crun"
	hide_v2 podman-crun && _podman_start podman-crun crun
}

podman_run() {
	local name=$1
	shift
	quiet _podman run -d --pull never --name "$name" "$IMAGE" "$@"
}

podman-crun_run() {
	local name=$1
	shift
	quiet _podman-crun run -d --pull never --name "$name" "$IMAGE" "$@"
}

podman_pid() {
	_podman inspect -f '{{.State.Pid}}' "$1"
}

podman-crun_pid() {
	_podman-crun inspect -f '{{.State.Pid}}' "$1"
}

podman_id() {
	_podman inspect -f '{{.Id}}' "$1"
}

podman-crun_id() {
	_podman-crun inspect -f '{{.Id}}' "$1"
}

podman_image() {
	_podman inspect -f '{{.ImageName}}' "$1"
}

podman-crun_image() {
	_podman-crun inspect -f '{{.ImageName}}' "$1"
}

podman_pause() {
	quiet _podman pause "$1"
}

podman-crun_pause() {
	quiet _podman-crun pause "$1"
}

podman_unpause() {
	quiet _podman unpause "$1"
}

podman-crun_unpause() {
	quiet _podman-crun unpause "$1"
}

podman_stop_container() {
	quiet _podman stop -t 2 "$1"
}

podman-crun_stop_container() {
	quiet _podman-crun stop -t 2 "$1"
}

podman_rm() {
	quiet _podman rm -f -t 0 "$1"
}

podman-crun_rm() {
	quiet _podman-crun rm -f -t 0 "$1"
}

_podman_stop() {
	quiet "_$1" rm -f -a -t 0
	spawn_end 0 "$E/$1/hide-v2"
	kill_below "$E/$1"
	unmount_below "$E/$1"
	tidy_cgroups '/libpod_parent'
	grep -q "^file $PODMAN_CACHE\$" "$T/.residue" || rm -f "$PODMAN_CACHE"
	tidy_dirs /run/libpod /run/containers /run/netns /run/crun /run/runc /var/lib/containers /var/lib/cni
	rm -rf "${E:?}/$1"
}

podman_stop() {
	_podman_stop podman
}

podman-crun_stop() {
	_podman_stop podman-crun
}
