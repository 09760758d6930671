# shellcheck shell=bash
# runc and crun, without an engine above them, with a private --root.

runc_needs() {
	echo runc jq
}

crun_needs() {
	echo crun runc jq unshare nsenter
}

runc_start() {
	mkdir -p "$E/runc/state"
}

crun_start() {
	mkdir -p "$E/crun/state"
	hide_v2 crun
}

_runc() {
	runc --root "$E/runc/state" "$@"
}

_crun() {
	without_v2 crun crun --root "$E/crun/state" "$@"
}

# _oci_bundle DIR NAME [CMD...]: what "runc spec" proposes, without a terminal and without limits
# (raising these needs CAP_SYS_RESOURCE).
_oci_bundle() {
	local dir=$1 name=$2
	shift 2
	[[ $# -gt 0 ]] || set -- /bin/service.sh
	mkdir -p "$dir"
	cp -a "$IMAGE_ROOTFS" "$dir/rootfs"
	runc spec --bundle "$dir"
	jq --arg cgroup "/spc-test-oci/$name" --arg name "$name" '
		.process.terminal = false | del(.process.rlimits) | .process.args = $ARGS.positional |
		.root.readonly = false | .hostname = $name | .linux.cgroupsPath = $cgroup |
		.annotations = {"spc.test": "yes"}' --args -- "$@" <"$dir/config.json" >"$dir/config.new"
	mv "$dir/config.new" "$dir/config.json"
}

_oci_run() {
	local engine=$1 name=$2 dir=$E/$1/$2
	shift 2
	_oci_bundle "$dir" "$name" "$@"
	quiet "_$engine" run --detach --bundle "$dir" "$name"
}

_oci_is_stopped() {
	[[ $("_$1" state "$2" | jq -r .status) == stopped ]]
}

_oci_stop_container() {
	quiet "_$1" kill "$2" KILL && wait_for 5 _oci_is_stopped "$1" "$2"
}

_oci_rm() {
	quiet "_$1" delete --force "$2" && rm -rf --one-file-system "${E:?}/$1/$2"
}

_oci_stop() {
	local dir
	for dir in "$E/$1/state"/*/; do
		[[ ! -e $dir ]] || _oci_rm "$1" "$(basename "$dir")"
	done
	spawn_end 0 "$E/$1/hide-v2"
	kill_below "$E/$1"
	unmount_below "$E/$1"
	tidy_cgroups '/spc-test-oci'
	rm -rf "${E:?}/$1"
}

runc_run() {
	_oci_run runc "$@"
}

crun_run() {
	_oci_run crun "$@"
}

runc_pid() {
	_runc state "$1" | jq .pid
}

crun_pid() {
	_crun state "$1" | jq .pid
}

runc_id() {
	echo "$1"
}

crun_id() {
	echo "$1"
}

# They know bundles, not images.
runc_image() {
	:
}

crun_image() {
	:
}

runc_pause() {
	quiet _runc pause "$1"
}

crun_pause() {
	quiet _crun pause "$1"
}

runc_unpause() {
	quiet _runc resume "$1"
}

crun_unpause() {
	quiet _crun resume "$1"
}

runc_stop_container() {
	_oci_stop_container runc "$1"
}

crun_stop_container() {
	_oci_stop_container crun "$1"
}

runc_rm() {
	_oci_rm runc "$1"
}

crun_rm() {
	_oci_rm crun "$1"
}

runc_stop() {
	_oci_stop runc
}

crun_stop() {
	_oci_stop crun
}
