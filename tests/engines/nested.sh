# shellcheck shell=bash
# A runc container inside of a docker container, as in docker-in-docker or kind.
# It ends with the outer container, and is removed with docker.

# nested_run OUTER NAME [CMD...]
# docker's runc would need half of the host's privileges in the container; ours starts on the host, enters the
# PID namespace, and gets a /proc that fits.
nested_run() {
	local name=$2 dir=$E/docker/nested/$2 id pid
	id=$(docker_id "$1")
	pid=$(docker_pid "$1")
	shift 2
	_oci_bundle "$dir" "$name" "$@"
	jq --arg cgroup "/docker/$id/$name" '.linux.cgroupsPath = $cgroup' <"$dir/config.json" >"$dir/config.new"
	mv "$dir/config.new" "$dir/config.json"
	# shellcheck disable=SC2016 # expanded by the inner shell
	quiet nsenter -t "$pid" -p -- unshare -m sh -c 'mount -t proc proc /proc && exec "$@"' - \
		runc --root "$E/docker/nested/state" run --detach --bundle "$dir" "$name"
}

# runc knows the PID as the outer container sees it: the host's is that of the process in the container's
# cgroup that has this PID there.
nested_pid() {
	local dir=$E/docker/nested path inner process
	path=$(jq -r .linux.cgroupsPath "$dir/$1/config.json") || return 1
	inner=$(jq .init_process_pid "$dir/state/$1/state.json") || return 1
	for process in /proc/[0-9]*; do
		if grep -q -s ":$path\$" "$process/cgroup" && grep -q -s -P "^NSpid:\t\d+\t$inner\t1\$" "$process/status"; then
			echo "${process#/proc/}"
			return 0
		fi
	done
	return 1
}
