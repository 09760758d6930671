#!/bin/bash
# `spc image` on images of other tools: everything they write comes in, and what goes out is accepted by them.
# shellcheck source=../engines/engine.sh
. "$(dirname "$0")/../engines/engine.sh"

here=$(realpath "$(dirname "$0")")
spc=${SPC:-$here/../../build/spc}
[[ -x $spc ]] || bail "no $spc: run make"
[[ $EUID -eq 0 ]] || skip_all 'needs root'
engines_begin shared
root=$E/store
image() {
	local verb=$1
	shift
	"$spc" image "$verb" --root "$root" "$@"
}

# A manifest of all files: owner, mode, size, target, content.
tree_of() {
	(cd "$1" && find . ! -type d -printf '%P %y %m %U %G %l\n' -o -printf '%P %y %m %U %G\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}
layer_dir() {
	local diff
	diff=$(image inspect --json "$1" | jq -r '.layers[0]')
	echo "$root/images/layers/${diff#sha256:}/fs"
}
tree_of "$IMAGE_ROOTFS" >"$T/expected"
same_tree() {
	tree_of "$(layer_dir "$1")" >"$T/got" && cmp -s "$T/expected" "$T/got"
	ok $? "$1: every file as it was" || diag "$(diff "$T/expected" "$T/got" | head -n 10)"
}

# --- what comes in ------------------------------------------------------------------------------
is "$(image ls)" 'NAME  ID  FORM  LAYERS  SIZE  AGE' 'no store yet: an empty list'
[[ ! -e $root ]]
ok $? 'and none is made by looking'

# Layouts that umoci, skopeo and buildah wrote.
quiet umoci init --layout "$E/umoci" && quiet umoci new --image "$E/umoci:one" &&
	quiet umoci raw add-layer --image "$E/umoci:one" "$E/image/layer.tar"
ok $? 'umoci makes a layout'
quiet skopeo copy "docker-archive:$IMAGE_TAR" "oci:$E/skopeo:one"
ok $? 'skopeo makes a layout'
quiet skopeo copy --dest-compress-format zstd "docker-archive:$IMAGE_TAR" "oci:$E/skopeo-zstd:one"
ok $? 'skopeo makes a layout with zstd'
quiet skopeo copy "docker-archive:$IMAGE_TAR" "oci-archive:$E/skopeo.tar:one"
ok $? 'skopeo makes an archive'
bud=(buildah --root "$E/buildah" --runroot "$E/buildah-run" --storage-driver vfs)
container=$("${bud[@]}" from scratch) && "${bud[@]}" add -q "$container" "$E/image/layer.tar" / >/dev/null &&
	"${bud[@]}" config --cmd '["/bin/sh", "-c", ""]' --env 'PATH=/bin' --label 'run=x' --workingdir /tmp "$container" &&
	quiet "${bud[@]}" commit "$container" "oci:$E/buildah-layout:one"
ok $? 'buildah makes a layout'
"${bud[@]}" rm -a >/dev/null 2>&1

for source in umoci skopeo skopeo-zstd skopeo.tar buildah-layout; do
	cmd_ok "$source: imported" image import "$E/$source" "$source"
	same_tree "$source"
	cmd_ok "$source: verifies" image verify "$source"
done
is "$(image inspect --json buildah-layout | jq -c .cmd)" '["/bin/sh","-c",""]' 'an empty argument is kept'
is "$(image inspect --json buildah-layout | jq -c '[.labels[] | select(startswith("run="))]')" '["run=x"]' 'labels'
is "$(image inspect --json skopeo | jq -r .os_id)" 'spc-test 1' 'inspect reads os-release'

cmd_ok 'a docker-archive' image import "$IMAGE_TAR"
is "$(image ls --json | jq -r 'select(.name == "spc-test:latest").layers')" 1 'has the name that docker gave it'
same_tree spc-test
cmd_ok 'a root file system directory' image import "$IMAGE_ROOTFS" directory
same_tree directory
cmd_ok 'a root file system archive' image import "$E/image/layer.tar" archive
same_tree archive
gzip -k "$E/image/layer.tar"
cmd_ok 'a packed one' image import "$E/image/layer.tar.gz" archive-gz
is "$(layer_dir archive)" "$(layer_dir archive-gz)" 'which shares its tree with the other'

if [[ -n $(engine_missing docker) ]]; then
	skip "$(engine_missing docker)" 5
else
	docker_start
	ok $? 'dockerd runs'
	_docker save -o "$E/saved.tar" spc-test
	cmd_ok 'docker save: imported' image import "$E/saved.tar" saved
	same_tree saved
	mkdir "$E/bin"
	printf '#!/bin/sh\nDOCKER_CONFIG=%s exec %s -H unix://%s "$@"\n' "$E/docker" "$(type -P docker)" \
		"$E/docker/docker.sock" >"$E/bin/docker"
	chmod 755 "$E/bin/docker"
	PATH=$E/bin:$PATH cmd_ok 'docker:NAME' image import docker:spc-test by-docker
	same_tree by-docker
fi
PATH=/nowhere cmd_status 1 'docker:NAME without docker' "$spc" image import --root "$root" docker:x
like "$(PATH=/nowhere "$spc" image import --root "$root" docker:x 2>&1)" 'docker is not installed here' 'says so'
like "$(PATH=/nowhere "$spc" image import --root "$root" docker://x/y 2>&1)" 'install skopeo' 'registries need a program'

# --- what is shown ------------------------------------------------------------------------------
is "$(image history --json umoci | jq -s 'length')" 1 'history has a line for the step of umoci'
like "$(image history umoci)" 'umoci raw add-layer' 'and says what it was'
cmd_status 3 'an image that is not there' image history nothing
cmd_status 2 'a verb that is not there' "$spc" image nothing

# --- what goes out ------------------------------------------------------------------------------
cmd_ok 'export to a directory' image export skopeo "$E/out"
cmd_ok 'export to an archive' image export skopeo "$E/out.tar"
cmd_ok 'skopeo accepts the directory' skopeo copy -q "oci:$E/out:skopeo" "oci:$E/check1:x"
cmd_ok 'skopeo accepts the archive' skopeo copy -q "oci-archive:$E/out.tar:skopeo" "oci:$E/check2:x"
is "$(skopeo inspect --format '{{.Digest}}' "oci:$E/check1:x")" \
	"$(image ls --json | jq -r 'select(.name == "skopeo").digest')" 'under the same digest'
cmd_ok 'spc accepts the archive' image import "$E/out.tar" again
same_tree again
if [[ -n $(engine_missing docker) ]]; then
	skip "$(engine_missing docker)" 2
else
	for name in skopeo directory; do
		image export "$name" "$E/$name-out.tar"
		cmd_ok "docker loads $name" _docker load -i "$E/$name-out.tar"
	done
	docker_stop
fi
pod=(podman --root "$E/podman-root" --runroot "$E/podman-run" --storage-driver vfs)
for name in skopeo skopeo-zstd directory; do
	[[ -e $E/$name-out.tar ]] || image export "$name" - >"$E/$name-out.tar"
	cmd_ok "podman loads $name" "${pod[@]}" load -q -i "$E/$name-out.tar"
done
"${pod[@]}" rmi -af >/dev/null 2>&1
unmount_below "$E/podman-root"

if [[ -z $(type -P mkfs.erofs) ]]; then
	skip 'no mkfs.erofs here' 4
else
	cmd_ok 'build makes one EROFS file' image build skopeo "$E/out.erofs"
	cmd_ok 'which is sound' fsck.erofs "$E/out.erofs"
	cmd_ok 'and comes in again' image import "$E/out.erofs" erofs
	is "$(image ls --json | jq -r 'select(.name == "erofs").form')" erofs 'as one file'
fi
like "$(PATH=/nowhere "$spc" image build --root "$root" skopeo "$E/no.erofs" 2>&1)" 'mkfs.erofs is not installed' \
	'without mkfs.erofs it says so'

# --- the store ----------------------------------------------------------------------------------
echo changed >>"$(layer_dir umoci)/etc/passwd"
cmd_status 1 'verify finds a changed file' image verify umoci
for name in $(image ls --json | jq -r .name); do
	cmd_ok "rm $name" image rm "$name"
done
is "$(find "$root/images" -mindepth 2)" '' 'the store is empty at the end'

# Two at once, of the same image and of another one.
pids=()
for name in a b c d; do
	image import "$IMAGE_TAR" "$name" >/dev/null & pids+=($!)
	image import "$E/umoci" "u$name" >/dev/null & pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
	wait "$pid" || failed=$((failed + 1))
done
is "$failed" 0 'eight imports at once succeed'
is "$(image ls -q | wc -l)" 8 'and all have their names'
cmd_ok 'all of them are sound' image verify a b c d ua ub uc ud
is "$(find "$root/images/layers" -mindepth 1 -maxdepth 1 | wc -l)" 1 'with one copy of the layer they share'

# Killed at any moment, an import leaves no image; what it left goes with the next one.
image rm a b c d ua ub uc ud
tar -C / -cf "$E/big.tar" usr/include usr/share/doc 2>/dev/null
for delay in 0.01 0.03 0.06 0.1 0.15 0.2; do
	"$spc" image import --root "$root" "$E/big.tar" killed >/dev/null 2>&1 &
	pid=$!
	sleep "$delay"
	kill -KILL "$pid" && wait "$pid" 2>/dev/null
	[[ -z $(image ls -q) ]] || diag "after $delay s it was done"
	image rm killed >/dev/null 2>&1
done
[[ -n $(ls "$root/images/tmp" "$root/images/layers" "$root/images/blobs" 2>/dev/null) ]]
cmd_ok 'an import after killed ones' image import "$IMAGE_TAR" after
is "$(ls "$root/images/tmp")" '' 'sweeps what they left'
is "$(find "$root/images/layers" -mindepth 1 -maxdepth 1 | wc -l)" 1 'and keeps its own'
cmd_ok 'which is sound' image verify after

# A tree from another boot is compared with its blob before it is used, and made again where it differs.
info=$(dirname "$(layer_dir after)")/info
rm "$(layer_dir after)/etc/passwd"
sed -i 's/"boot":"[^"]*"/"boot":"another"/' "$info"
image inspect after >/dev/null
same_tree after
done_testing
