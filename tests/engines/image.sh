# shellcheck shell=bash
# A container image made from the busybox of this machine: no registry, no network, a few milliseconds.

IMAGE=spc-test

# Something to look at: opens and reads a file, writes one, connects, sleeps.
# It ends on SIGTERM, which PID 1 of a container would ignore otherwise.
image_service() {
	cat <<-'END'
		#!/bin/sh
		trap 'exit 0' TERM
		n=0
		while :; do
			n=$((n + 1))
			read -r word </etc/service.conf
			[ $((n % 100)) -ne 0 ] || : >/tmp/service.log
			echo "$n $word" >>/tmp/service.log
			nc 127.0.0.1 9 </dev/null 2>/dev/null
			sleep 0.2
		done
	END
}

# image_rootfs DIR: make the root file system.
image_rootfs() {
	local dir=$1
	mkdir -p "$dir"/{bin,dev,etc,proc,root,run,sys,tmp,usr,var}
	chmod 1777 "$dir/tmp"
	cp "$(type -P busybox)" "$dir/bin/busybox"
	chroot "$dir" /bin/busybox --install -s /bin
	ln -s bin "$dir/sbin"
	ln -s ../bin "$dir/usr/bin"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$dir/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$dir/etc/group"
	printf 'ID=spc-test\nNAME="spc test image"\nVERSION_ID=1\n' >"$dir/etc/os-release"
	echo hello >"$dir/etc/service.conf"
	image_service >"$dir/bin/service.sh"
	chmod 755 "$dir/bin/service.sh"
}

# image_archive FILE NAME CMD...: the layer as an image NAME:latest, in the format of docker save,
# which every engine can read.
image_archive() {
	local file=$1 name=$2 dir=$E/image cmd config
	shift 2
	cmd=$(jq -cn '$ARGS.positional' --args -- "$@")
	jq -cn --argjson cmd "$cmd" --arg layer "sha256:$IMAGE_LAYER" --arg arch "$IMAGE_ARCH" '{
		architecture: $arch, os: "linux", created: "2020-01-01T00:00:00Z",
		config: {Cmd: $cmd, Env: ["PATH=/bin"], Labels: {"spc.test": "yes"}},
		rootfs: {type: "layers", diff_ids: [$layer]}}' >"$dir/config"
	config=$(sha256sum "$dir/config" | cut -d' ' -f1).json
	mv "$dir/config" "$dir/$config"
	jq -cn --arg config "$config" --arg tag "$name:latest" --arg layer layer.tar \
		'[{Config: $config, RepoTags: [$tag], Layers: [$layer]}]' >"$dir/manifest.json"
	tar -C "$dir" -cf "$file" manifest.json "$config" layer.tar
}

# Sets IMAGE_ROOTFS (a directory) and IMAGE_TAR (an archive of image spc-test).
image_build() {
	IMAGE_ROOTFS=$E/image/rootfs
	IMAGE_TAR=$E/image/spc-test.tar
	case $(uname -m) in
	x86_64) IMAGE_ARCH=amd64 ;;
	aarch64) IMAGE_ARCH=arm64 ;;
	*) IMAGE_ARCH=$(uname -m) ;;
	esac
	image_rootfs "$IMAGE_ROOTFS"
	tar -C "$IMAGE_ROOTFS" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1577836800 \
		-cf "$E/image/layer.tar" .
	IMAGE_LAYER=$(sha256sum "$E/image/layer.tar" | cut -d' ' -f1)
	image_archive "$IMAGE_TAR" "$IMAGE" /bin/service.sh
}
