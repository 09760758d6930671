#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# sniff on containers of real engines, by the name that the engine knows.
. "$(dirname "$0")/../engines/engine.sh"

need_root
engines_begin shared
SPC=${SPC:-$(dirname "$0")/../../build/spc}

# poke PID: datagrams within the network namespace of PID, whose loopback not every engine switches on
poke() {
	nsenter -t "$1" -n ip link set lo up
	nsenter -t "$1" -n python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3):
    try:
        s.sendto(b"hello", ("127.0.0.1", 9))
    except OSError:
        pass'
}

is_listening() {
	grep -q '^listening' "$T/err"
}

# capture PID... -- ARGS...: sniff while each PID's namespace has traffic; its status in $status
capture() {
	local pids=() pid
	while [[ $1 != -- ]]; do
		pids+=("$1")
		shift
	done
	shift
	: >"$T/err"
	"$SPC" sniff --duration 5 "$@" >"$T/out" 2>"$T/err" &
	local sniff=$!
	wait_for 10 is_listening || diag "$(<"$T/err")"
	for pid in "${pids[@]}"; do
		poke "$pid"
	done
	sleep 0.2
	kill -INT "$sniff" 2>/dev/null
	status=0
	wait "$sniff" || status=$?
}

for engine in docker podman containerd lxc nspawn; do
	reason=$(engine_missing "$engine")
	[[ -z $reason ]] || {
		skip "$reason" 5
		continue
	}
	"${engine}_start" || bail "$engine does not start"
	"${engine}_run" web
	"${engine}_run" db
	web=$("${engine}_pid" web) db=$("${engine}_pid" db)
	capture "$web" -- -n web udp port 9
	is "$status" 0 "$engine: captures by name"
	like "$(<"$T/out")" 'web:lo In  IP 127\.0\.0\.1\.[0-9]+ > 127\.0\.0\.1\.9: UDP, length 5' "$engine: a frame of the container"
	capture "$web" "$db" -- -w "$T/both.pcapng" web,db udp port 9
	is "$("$SPC" sniff -r "$T/both.pcapng" --json | jq -r .interface | sort -u | tr '\n' ' ')" 'db:lo web:lo ' "$engine: two containers in one file"
	: >"$T/err"
	"$SPC" sniff -n db >"$T/out" 2>"$T/err" &
	sniff=$!
	wait_for 10 is_listening
	"${engine}_rm" db
	status=0
	wait_for 10 grep -q 'is gone' "$T/err" || kill "$sniff"
	wait "$sniff" || status=$?
	is "$status" 0 "$engine: the capture ends with its container"
	like "$(<"$T/err")" 'sniff: db is gone' "$engine: and says so"
	"${engine}_rm" web
	"${engine}_stop"
done
done_testing
