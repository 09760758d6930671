#!/bin/bash
# `spc ps` on recorded trees: engines and hosts that cannot run here (tests/recorded/README.md).
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

recorded=$(realpath "$(dirname "$0")/../recorded")

for tree in "$recorded"/*/; do
	name=$(basename "$tree")
	"$SPC" ps -a --json --sysroot "$tree" >"$T/$name" 2>"$T/$name.err"
	is "$(<"$T/$name")" "$(<"$tree/expected.json")" "$name: the containers"
	is "$(<"$T/$name.err")" '' "$name: nothing else is said"
done

ps() {
	"$SPC" ps "$@" 2>&1
}

field() {
	jq -r "$@"
}

is "$(ps --json --sysroot "$recorded/crio" pod/shop/web/nginx | field .pid)" 2011 'a pod container by its name'
is "$(ps -q --sysroot "$recorded/crio" pod/shop/web | wc -l)" 2 'a whole pod'
is "$(ps -q --sysroot "$recorded/docker-29" docker:web)" "$(ps --json --sysroot "$recorded/docker-29" web | field .short_id)" \
	'a name and an ID'
is "$(ps -a --json --sysroot "$recorded/rootless" | field 'select(.image == "lie").name')" '' \
	"an unprivileged user's daemon explains nothing of root's"
is "$(ps -Z --sysroot "$recorded/crio" | head -n 1 | tr -s ' ')" 'NAME ENGINE ID IMAGE PID AGE STATE SHARED LABEL' \
	'-Z adds the label'
like "$(ps -p --sysroot "$recorded/crio" pod/shop/web/nginx)" '2012 +7 +root .* nginx: worker' '-p: the PID outside and inside'
is "$(ps -p --json --sysroot "$recorded/crio" pod/shop/web/nginx | field -s '[.[] | .kind] | join(",")')" \
	'container,process,process' '-p --json: a record for each'

status=0
out=$(ps --sysroot "$recorded/docker-29" old) || status=$?
is "$status" 3 'a stopped container is an error'
is "$out" "spc ps: 'old' is stopped (docker 013d723d494e): it has no process; start it first" 'which says so'

done_testing
