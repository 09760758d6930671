# shellcheck shell=sh
# In a guest with nothing but busybox: does the static executable run at all, and do its verbs?
# shellcheck source=../guest-tap.sh
. ./guest-tap.sh

like "$(spc --version 2>&1)" '^spc [0-9]' 'spc --version'
cmd_ok 'spc help' spc help

# A container of no engine: a process in namespaces of its own.
unshare -m -p -f -n -u -i sleep 1000 &
sleep 1
inner=$(pidof sleep)
cmd_ok 'spc ps' spc ps
like "$(spc ps 2>&1)" "other .*$inner" 'spc ps finds a process in namespaces of its own'

cmd_ok 'spc run tools true' spc run tools true
cmd_status 3 'spc run tools: status of the command' spc run tools sh -c 'exit 3'
cmd_status 143 'spc run tools: signal of the command' spc run tools sh -c 'kill -TERM $$'
cmd_status 127 'spc run tools: no such command' spc run tools nosuchcommand
is "$(spc run tools cat /host/etc/passwd 2>&1)" "$(cat /etc/passwd)" 'spc run tools: the host is at /host'
is "$(spc run tools readlink /proc/self/ns/pid 2>&1)" "$(readlink /proc/self/ns/pid)" 'spc run tools: PID namespace of the host'
like "$(spc run tools strace -e trace=kill sh -c 'kill -0 $$' 2>&1)" 'kill\(.*= 0' 'spc run tools strace COMMAND'

before=$(cat /proc/self/mountinfo)
spc run tools true
is "$(cat /proc/self/mountinfo)" "$before" 'spc run tools: no mount is left'
kill "$inner"

done_testing
