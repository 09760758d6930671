#!/bin/bash
# `spc run`: exit codes, the mount plan in both dialects, images, environment, user, volumes.
# shellcheck disable=SC2016 # what is in single quotes is for the shell inside
. "$(dirname "$0")/../lib/tap.sh"
need_root
SPC=${SPC:-$PWD/build/static/spc}

# A root file system directory with busybox in it.
make_image() {
	mkdir -p "$1/bin" "$1/etc"
	cp "$(command -v busybox)" "$1/bin/busybox"
	local name
	for name in sh ls cat true id env mount touch readlink stat; do
		ln -s busybox "$1/bin/$name"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1234:1235:App:/srv/app:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nweb:x:77:app,other\nmail:x:78:other\n' >"$1/etc/group"
}
img=$T/img
make_image "$img"

run() {
	"$SPC" run "$@" </dev/null
}

# exit codes
cmd_status 0 'exit code 0' run tools true
cmd_status 7 'the command'\''s own exit code' run tools sh -c 'exit 7'
cmd_status 2 'exit code 2 of the command' run tools sh -c 'exit 2'
cmd_status 143 'ended by SIGTERM' run tools sh -c 'kill -TERM $$'
cmd_status 137 'ended by SIGKILL' run tools sh -c 'kill -KILL $$'
cmd_status 127 'command not found' run tools no-such-program
cmd_status 127 'command not found by path' run tools /no/such/program
cmd_status 126 'not executable' run tools /etc/hosts
cmd_status 126 'a directory is not executable' run tools /etc
cmd_status 125 'unknown option' run --no-such-option tools true
cmd_status 125 'no image given' run
cmd_status 125 'unknown image' run no-such-image true
cmd_status 125 'missing directory' run ./no/such/dir true
printf '#!/no/such/interpreter\n' >"$img/bin/orphan"
chmod +x "$img/bin/orphan"
cmd_status 127 'missing interpreter' run "$img" orphan
like "$(run "$img" orphan 2>&1)" 'loader or interpreter' 'missing interpreter: says so'
like "$(run tools no-such-program 2>&1)" '^spc run: no-such-program: not found.*chroot /host' 'not found: hint'
is "$(run tools no-such-program 2>&1 | wc -l)" 1 'an error is one line'
cmd_ok 'a word without a slash is no directory' test "$(cd "$T" && run img true 2>&1; echo $?)" = \
	"spc run: image img: not known here; for the directory of that name say ./img
125"

# the mount plan
host_id=$(stat -c '%d:%i' /etc/passwd)
for api in new classic; do
	for image in tools "$img"; do
		what="$api, ${image##*/}"
		r() { run --mount-api "$api" "$image" "$@"; }
		is "$(r stat -c %d:%i /host/etc/passwd)" "$host_id" "$what: the host is at /host"
		is "$(r cat "/proc/$$/comm")" "$(cat /proc/$$/comm)" "$what: the host's processes"
		is "$(r stat -c %t:%T /dev/null)" "$(stat -c %t:%T /dev/null)" "$what: the host's devices"
		is "$(r stat -c %d:%i /run)" "$(stat -c %d:%i /run)" "$what: the host's /run"
		is "$(r stat -c %d:%i /sys/kernel)" "$(stat -c %d:%i /sys/kernel)" "$what: the host's /sys"
		is "$(r stat -c %d:%i /var/log)" "$(stat -c %d:%i /var/log)" "$what: the host's /var/log"
		is "$(r cat /etc/resolv.conf)" "$(cat /etc/resolv.conf)" "$what: resolv.conf"
		is "$(r cat /etc/hosts)" "$(cat /etc/hosts)" "$what: hosts"
		for ns in pid net ipc uts cgroup user; do
			is "$(r readlink /proc/self/ns/$ns)" "$(readlink /proc/self/ns/$ns)" "$what: the host's $ns namespace"
		done
		cmd_ok "$what: the image can be written to" r sh -c 'echo x >/x && mkdir -p /usr/local/bin && echo y >/usr/local/bin/y && cat /x /usr/local/bin/y'
		cmd_status 1 "$what: not with --read-only" run --mount-api "$api" --read-only "$image" touch /x
		[[ $(run --mount-api "$api" --read-only "$image" touch /x 2>&1) == *'ead-only'* ]]
		ok $? "$what: --read-only says so"
		is "$(cd /usr/share && r sh -c pwd)" /host/usr/share "$what: the caller's directory below /host"
		is "$(run --mount-api "$api" -w /new/dir "$image" sh -c pwd)" /new/dir "$what: -w makes the directory"
		# Nothing of ours on top of /host, which umount(8) would have to find.
		is "$(r sh -c 'grep -c " /host " /proc/self/mountinfo')" 1 "$what: one mount at /host"
	done
done
is "$(cd "$img" && find . -newer "$img/bin/orphan" | sort | tr '\n' ' ')" '' 'nothing was written to the image directory'

for image in tools "$img"; do
	is "$(run --mount-api classic "$image" sh -c 'ls /')" "$(run --mount-api new "$image" sh -c 'ls /')" \
		"${image##*/}: both dialects show the same"
done

# the image is bound where there is no overlay
cmd_ok 'bound image: runs' run --root bind "$img" ls /host/etc/passwd
cmd_status 1 'bound image: is read-only' run --root bind "$img" touch /bin/x
cmd_ok 'bound image, classic' run --root bind --mount-api classic "$img" cat /proc/self/comm
# overlayfs refuses itself as a lower directory beyond two levels; the message says what happens.
mkdir -p "$T"/ov/{u1,w1,m1,u2,w2,m2}
mount -t tmpfs ov "$T/ov" && mkdir -p "$T"/ov/{u1,w1,m1,u2,w2,m2}
at_exit umount -R "$T/ov"
if mount -t overlay ov -o "lowerdir=$img,upperdir=$T/ov/u1,workdir=$T/ov/w1" "$T/ov/m1" &&
	mount -t overlay ov -o "lowerdir=$T/ov/m1,upperdir=$T/ov/u2,workdir=$T/ov/w2" "$T/ov/m2"; then
	cmd_ok 'image on one overlay' run "$T/ov/m1" true
	out=$(run "$T/ov/m2" sh -c 'cat /proc/self/comm' 2>&1)
	like "$out" 'overlay.*read-only' 'image on two overlays: falls back and says so'
	like "$out" $'\n''cat$' 'image on two overlays: runs'
	cmd_status 125 'image on two overlays: --root overlay fails' run --root overlay "$T/ov/m2" true
else
	bail 'cannot mount overlayfs'
fi

# hostile images
evil=$T/evil
make_image "$evil"
mkdir "$T/victim"
rm -r "${evil:?}/etc"
for name in proc sys dev run etc host var tmp; do
	ln -s "$T/victim" "$evil/$name"
done
for api in new classic; do
	cmd_ok "$api: links at mount points lead nowhere" run --mount-api "$api" "$evil" sh -c \
		'test -d /host/proc && test -e /proc/self/comm && test ! -L /etc && test ! -L /dev && test -c /dev/null'
	cmd_ok "$api: bound image with such links" run --root bind --mount-api "$api" "$evil" sh -c 'test -e /proc/self/comm'
done
is "$(ls -A "$T/victim")" '' 'nothing was written through them'
mkdir -p "$T/evil2/rootfs"
ln -s / "$T/evil2/link"
printf '{"process": {"args": ["true"], "cwd": "/../../..", "env": ["A", "=b", "C=\\u001b[31m"]}}' >"$T/evil2/config.json"
rmdir "$T/evil2/rootfs" && ln -s /.. "$T/evil2/rootfs"
cmd_status 127 'rootfs that is a link stays in the image' run "$T/evil2"

# bundles and layouts
bundle=$T/bundle
mkdir "$bundle"
make_image "$bundle/rootfs"
mkdir -p "$bundle/rootfs/srv/app"
cat >"$bundle/config.json" <<'END'
{"process": {"args": ["/bin/sh", "-c", "echo $FOO; pwd; id -u"], "env": ["FOO=bundle", "PATH=/bin"],
 "cwd": "/srv/app", "user": {"uid": 1234, "gid": 1235}}}
END
mkdir "$T/gone"
is "$(cd "$T/gone" && rmdir "$T/gone" && run "$bundle" | tr '\n' ' ')" 'bundle /srv/app 1234 ' 'bundle: command, environment, directory and user'
is "$(run "$bundle" sh -c 'echo hi')" hi 'bundle: another command'
is "$(run -e FOO=mine -u 0 "$bundle" | sed -n 1p)" mine 'bundle: -e is stronger than the image'

layout=$T/layout
mkdir -p "$layout/blobs/sha256"
make_image "$layout/rootfs"
blob() { # content on stdin, prints the digest
	cat >"$T/blob"
	local sum
	sum=$(sha256sum <"$T/blob" | cut -d' ' -f1)
	mv "$T/blob" "$layout/blobs/sha256/$sum"
	echo "sha256:$sum"
}
config=$(blob <<<'{"config": {"Env": ["FOO=layout"], "Entrypoint": ["/bin/sh", "-c"], "Cmd": ["echo $FOO"], "WorkingDir": "/bin"}}')
manifest=$(blob <<<"{\"config\": {\"digest\": \"$config\"}, \"layers\": []}")
echo '{"imageLayoutVersion": "1.0.0"}' >"$layout/oci-layout"
echo "{\"manifests\": [{\"digest\": \"$manifest\"}]}" >"$layout/index.json"
is "$(run "$layout")" layout 'OCI layout: entrypoint, command and environment'
is "$(run "$layout" 'echo $((6*7))')" 42 'OCI layout: words replace the command, not the entrypoint'
is "$(run --entrypoint /bin/id "$layout" -u)" 0 'OCI layout: --entrypoint'
echo '{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}' >"$layout/index.json"
cmd_status 125 'OCI layout: a digest is never a path' run "$layout" true
like "$(run "$layout" true 2>&1)" 'not a digest' 'OCI layout: says so'
mv "$layout/rootfs" "$layout/elsewhere"
like "$(run "$layout" true 2>&1)" 'layers are still packed; unpack it' 'OCI layout that is packed: hint'

# the built-in image
# Its names are one mount where the kernel has it, else links: with mount(2), and in a user namespace.
for how in '--mount-api new' '--mount-api classic' '--userns private'; do
	# shellcheck disable=SC2086
	named() { run $how tools sh -c "$1"; }
	is "$(named 'cd /bin && for a in spc strace strace-lite sniff systrace; do test $a -ef /lib/spc && echo $a; done' | tr '\n' ' ')" \
		'spc strace strace-lite sniff systrace ' "tools, $how: names of spc"
	is "$(named 'cd /usr/bin && for a in $(busybox --list); do test $a -ef /lib/busybox || echo $a; done')" '' \
		"tools, $how: every busybox applet has its name"
	is "$(named 'ls /bin | wc -l')" "$((5 + $(busybox --list | wc -l)))" "tools, $how: and there are no other names"
	cmd_ok "tools, $how: absolute paths" named '/bin/sh -c /usr/bin/true && /usr/bin/env /sbin/ip link >/dev/null'
done
is "$(run tools sh -c "awk '\$5 == \"/bin\"' /proc/self/mountinfo | grep -c erofs")" "$(grep -c erofs /proc/filesystems)" \
	'tools: the names come out of the executable (kernel 6.16)'
cmd_ok 'tools: spc runs inside' run tools spc --version
cmd_status 1 'tools: the executable cannot be overwritten' run tools sh -c 'echo x >/lib/spc'
is "$(run tools cat /etc/passwd | head -1)" "$(head -1 /etc/passwd)" 'tools: the host'\''s users have names'
dynamic=${SPC%/static/spc}/spc
if [[ -x $dynamic ]] && ldd "$dynamic" >/dev/null 2>&1; then
	out=$("$dynamic" run tools true 2>&1)
	is "$?:$out" '125:spc run: image tools: this spc needs shared libraries, which are not in the image; use the static executable that '\''make static'\'' builds' 'tools: a dynamic executable says what to do'
	cmd_ok 'directory: a dynamic executable is good enough' "$dynamic" run "$img" true
fi
cp "$SPC" "$T/spc-copy"
exec 8<"$T/spc-copy"
cmd_ok 'tools: run from a deleted file' bash -c 'exec -a spc "$1" run tools sh -c "rm -f /host$2; spc run tools spc --version"' - "$T/spc-copy" "$T/spc-copy"
exec 8<&-
cmd_ok 'tools inside of tools' run tools spc run tools test -e /host/host/etc/passwd

# environment
e() { env -i PATH="$PATH" "$@"; }
is "$(e "$SPC" run tools env | sort | tr '\n' ' ')" \
	'HOME=/root HOST=/host IMAGE=tools NAME=tools PATH=/bin:/usr/local/bin:/usr/local/sbin container=spc ' 'environment'
is "$(e TERM=xterm LANG=C.UTF-8 TZ=UTC https_proxy=p SECRET=x "$SPC" run tools env | grep -E '^(TERM|LANG|TZ|https_proxy|SECRET)' | sort | tr '\n' ' ')" \
	'LANG=C.UTF-8 TERM=xterm TZ=UTC https_proxy=p ' 'environment: terminal, language and proxies are passed on'
is "$(e FOO=caller "$SPC" run -e FOO -e BAR=x -e NOT_SET tools env | grep -E '^(FOO|BAR|NOT)' | sort | tr '\n' ' ')" 'BAR=x FOO=caller ' '-e NAME and NAME=VALUE'
is "$(e FOO=caller "$SPC" run --env-host tools env | grep ^FOO)" FOO=caller '--env-host'
printf '# comment\nA=1\n\nFOO\nB=two words\n' >"$T/envfile"
is "$(e FOO=f "$SPC" run --env-file "$T/envfile" -e B=3 tools env | grep -E '^(A|B|FOO)=' | sort | tr '\n' ' ')" 'A=1 B=3 FOO=f ' '--env-file, weaker than -e'
is "$(run --name box "$img" sh -c 'echo $NAME $IMAGE')" "box $img" '--name'
is "$(run "$img" sh -c 'echo $NAME')" img 'the name comes from the image'

# user
is "$(run -u app "$img" sh -c 'id -u; id -g; id -G; echo $HOME' | tr '\n' ' ')" '1234 1235 1235 77 /srv/app ' '-u NAME'
is "$(run -u 1234:mail "$img" sh -c 'id -u; id -g; id -G' | tr '\n' ' ')" '1234 78 78 ' '-u NUMBER:GROUP'
is "$(run -u 4000 "$img" sh -c 'id -u; id -g; echo $HOME' | tr '\n' ' ')" '4000 0 / ' '-u unknown number'
is "$(run -u app "$img" cat /proc/self/status | awk '/^Cap(Eff|Prm|Amb)/{print $2}' | sort -u)" 0000000000000000 '-u: without capabilities'
cmd_status 125 '-u unknown name' run -u nobody-here "$img" true
for bad in 4294967295 -1 99999999999 ''; do
	cmd_status 125 "-u '$bad'" run -u "$bad" "$img" true
done

# volumes
mkdir "$T/vol"
echo data >"$T/vol/file"
ln -s /bin "$img/link"
for api in new classic; do
	v() { run --mount-api "$api" "$@"; }
	is "$(v -v "$T/vol:/deep/er/place" "$img" cat /deep/er/place/file)" data "$api: -v makes its place"
	is "$(v -v "$T/vol/file:/new/file" tools cat /new/file)" data "$api: -v of a file"
	is "$(v -v "$T/vol/file:/link/new" "$img" cat /bin/new)" data "$api: -v through a link of the image"
	cmd_status 1 "$api: -v :ro" v -v "$T/vol:/v:ro" "$img" touch /v/x
	cmd_status 1 "$api: -v of a file :ro" v -v "$T/vol/file:/v:ro" "$img" sh -c 'echo >/v'
	cmd_ok "$api: -v is writable" v -v "$T/vol:/v" "$img" touch "/v/$api"
	cmd_ok "$api: -v over /run/..." v -v "$T/vol:/run/lock" "$img" cat /run/lock/file
done
is "$(ls "$T/vol")" 'classic
file
new' 'volumes: what was written is there'
cmd_status 125 '-v to a place that the host would have to make' run -v "$T/vol:/run/spc-test-dir" tools true
[[ ! -e /run/spc-test-dir ]]
ok $? 'and it was not made'
cmd_status 125 '-v without a source' run -v "$T/none:/x" tools true
cmd_status 125 '-v NAME:DST' run -v name:/x tools true
cmd_status 125 '-v with an unknown option' run -v "$T/vol:/x:wild" tools true
is "$(cd "$T" && run -v ./vol:/v tools cat /v/file)" data '-v with a relative source'

# display
touch "$T/marker"
out=$(run --display -v "$T:/m" -e A='b c' tools sh -c 'rm /m/marker')
[[ -e $T/marker ]]
ok $? '--display runs nothing'
like "$out" 'pid +host: every process' '--display: in plain words'
like "$out" "docker run --rm --privileged .*--pid=host.* -v /:/host:rslave .*-e 'A=b c' tools sh -c 'rm /m/marker'" '--display: the docker line'
like "$(run --display --net none --pid container:web tools)" '--net=none.*--pid=container:web' '--display: namespaces'
done_testing
