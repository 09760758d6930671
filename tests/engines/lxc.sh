# shellcheck shell=bash
# LXC with a private lxcpath.  There is no daemon; every container has a monitor process.

lxc_needs() {
	echo lxc-start lxc-stop lxc-info
}

lxc_start() {
	mkdir -p "$E/lxc"
}

# lxc.init.cmd is split at blanks: the command goes through a file.
_lxc_config() {
	local name=$1
	cat <<-END
		lxc.uts.name = $name
		lxc.rootfs.path = dir:$E/lxc/$name/rootfs
		lxc.net.0.type = empty
		lxc.apparmor.profile = unconfined
		lxc.mount.auto = proc:mixed sys:mixed
		lxc.init.cmd = /bin/init.sh
	END
}

lxc_run() {
	local name=$1 dir=$E/lxc/$1
	shift
	[[ $# -gt 0 ]] || set -- /bin/service.sh
	mkdir -p "$dir"
	cp -a "$IMAGE_ROOTFS" "$dir/rootfs"
	{
		echo '#!/bin/sh'
		echo "exec $(printf '%q ' "$@")"
	} >"$dir/rootfs/bin/init.sh"
	chmod 755 "$dir/rootfs/bin/init.sh"
	_lxc_config "$name" >"$dir/config"
	quiet lxc-start -P "$E/lxc" -n "$name" -o "$dir/log"
}

lxc_pid() {
	lxc-info -P "$E/lxc" -n "$1" -p -H
}

lxc_id() {
	echo "$1"
}

# LXC knows no images.
lxc_image() {
	:
}

lxc_pause() {
	quiet lxc-freeze -P "$E/lxc" -n "$1"
}

lxc_unpause() {
	quiet lxc-unfreeze -P "$E/lxc" -n "$1"
}

lxc_stop_container() {
	quiet lxc-stop -P "$E/lxc" -n "$1" -k
}

lxc_rm() {
	lxc-stop -P "$E/lxc" -n "$1" -k >/dev/null 2>&1
	rm -rf --one-file-system "$E/lxc/$1"
}

lxc_stop() {
	local dir
	for dir in "$E"/lxc/*/; do
		[[ ! -e $dir ]] || lxc_rm "$(basename "$dir")"
	done
	kill_below "$E/lxc"
	unmount_below "$E/lxc"
	tidy_cgroups '/lxc\.'
	rm -rf "/run/lxc/lock/${E#/}"
	tidy_dirs /run/lxc /var/lib/lxc /var/cache/lxc
	rm -rf "$E/lxc"
}
