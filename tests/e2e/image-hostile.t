#!/bin/bash
# Hostile images (lib/hostile-image): refused or harmless, and nothing outside the store changes.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")
spc=${SPC:-$here/../../build/spc}
[[ -x $spc ]] || bail "no $spc: run make"
[[ $EUID -eq 0 ]] || skip_all 'needs root'

mkdir "$T/victim" && echo secret >"$T/victim/secret" && chmod 700 "$T/victim"
"$here/../lib/hostile-image" "$T/images" "$T/victim" || bail 'cannot make the images'
root=$T/a/b/store
mkdir -p "${root%/*}"

# Everything of this test but the store, with modes, times and content.
snapshot() {
	local what=(-path "$root" -prune -o -path "$T/.*" -o -path "$T/out" -o -path "$T/snapshot*" -o -path "$T")
	find "$T" "${what[@]}" -o -printf '%p %y %m %U %G %l\n' | sort
	find "$T" "${what[@]}" -o -type f -printf '%p %n %T@\n' | sort
	find "$T" "${what[@]}" -o -type f -exec sha256sum {} + | sort
}

import() {
	local status=0
	timeout 60 "$spc" image import --root "$root" "$@" >"$T/out" 2>&1 || status=$?
	return "$status"
}

# What every import must hold, whatever comes out of it.
no_traces() {
	local name=$1 left
	snapshot >"$T/snapshot.now"
	cmp -s "$T/snapshot" "$T/snapshot.now"
	ok $? "$name: nothing outside the store changed" || diag "$(diff "$T/snapshot" "$T/snapshot.now")"
	left=$(ls "$root/images/tmp")
	is "$left" '' "$name: nothing is left half made"
}

snapshot >"$T/snapshot"
for image in "$T"/images/refuse/*; do
	name=${image##*/}
	status=0
	import "$image" || status=$?
	[[ $status -eq 1 || $status -eq 3 ]]
	ok $? "$name: refused" || diag "status $status: $(head -c 500 "$T/out")"
	[[ $(wc -l <"$T/out") -eq 1 ]] && ! grep -q $'[^[:print:]]' "$T/out"
	ok $? "$name: one line says why" || diag "$(head -c 500 "$T/out" | cat -v)"
	no_traces "$name"
done
is "$("$spc" image ls -q --root "$root")" '' 'no refused image has a name'

for image in "$T"/images/harmless/*; do
	name=${image##*/}
	cmd_ok "$name: imported" import "$image" "$name"
	no_traces "$name"
	cmd_ok "$name: verifies" "$spc" image verify --root "$root" "$name"
done

# What became of the harmless ones.
tree() {
	local diff
	diff=$("$spc" image inspect --json --root "$root" "$1" | jq -r '.layers[0]')
	echo "$root/images/layers/${diff#sha256:}/fs"
}
is "$(stat -c '%F %a' "$(tree chmod-through-symlink)/d")" 'directory 777' 'a directory replaces the link'
is "$(stat -c %F "$(tree write-through-symlink)/f")" 'regular file' 'a file replaces the link'
is "$(ls "$(tree device)")" '' 'devices are left out'
is "$(ls "$(tree device-0-0)")" '' 'a device 0:0 does not become a whiteout'
like "$(getfattr -d -m - --absolute-names "$(tree overlay-xattrs)/f" 2>&1)" 'user\.kept="yes"' 'user attributes stay'
is "$(getfattr -d -m overlay --absolute-names "$(tree overlay-xattrs)/f" 2>&1)" '' 'marks of overlayfs go'
is "$(getfattr -n trusted.overlay.opaque --only-values --absolute-names "$(tree whiteout-of-own-directory)/d")" y \
	'a whiteout of an own directory hides what is below'
is "$("$spc" image ls --json --root "$root" | jq -r 'select(.name == "control-names") | .name')" control-names 'ls shows them'

import --devices "$T/images/harmless/device" with-devices
is "$(stat -c '%t:%T' "$root"/images/layers/*.dev/fs/null)" 1:3 '--devices makes them'
import --devices "$T/images/harmless/device-0-0" with-0-0
is "$(find "$root"/images/layers/*.dev/fs -name etc)" '' '--devices makes no whiteouts'
"$spc" image rm --root "$root" whiteout-with-data
import --max-size 1000 "$T/images/harmless/whiteout-with-data" small
is $? 1 '--max-size refuses what is larger'

# A name is data, never a path.
for name in name-dotdot name-absolute name-dots; do
	cmd_ok "$name: its own name is kept" import "$T/images/harmless/$name"
done
is "$(find "$root/images" -maxdepth 1 | wc -l)" 6 'and it stays in the folder of names'
cmd_ok 'removed by such a name' "$spc" image rm --root "$root" ../../../evil
no_traces 'at the end'
done_testing
