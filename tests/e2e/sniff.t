#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# sniff on network namespaces that this test makes: two of them joined by a veth pair.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[[ $EUID -eq 0 ]] || skip_all 'not root'
SPC=${SPC:-$(dirname "$0")/../../build/spc}
a=spcsa$$ b=spcsb$$

for ns in "$a" "$b"; do
	ip netns add "$ns" || bail 'no network namespaces'
	at_exit ip netns del "$ns"
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
	ip -n "$ns" link set lo up
done
ip -n "$a" link add eth0 type veth peer name eth0 netns "$b"
ip -n "$a" addr add 192.0.2.1/24 dev eth0
ip -n "$b" addr add 192.0.2.2/24 dev eth0
ip -n "$a" link set eth0 up
ip -n "$b" link set eth0 up

# send NS ADDRESS PORT [COUNT] [SIZE]: UDP datagrams
send() {
	ip netns exec "$1" python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[3])):
    try:
        s.sendto(b"x" * int(sys.argv[4]), (sys.argv[1], int(sys.argv[2])))
    except ConnectionRefusedError:
        pass
' "$2" "$3" "${4:-1}" "${5:-5}"
}

is_listening() {
	grep -q '^listening' "$T/err"
}

# start ARGS...: sniff in the background until stop; output in $T/out, $T/err
start() {
	: >"$T/err"
	"$SPC" sniff "$@" >"$T/out" 2>"$T/err" &
	sniff=$!
	wait_for 10 is_listening || diag "$(<"$T/err")"
}

stop() {
	kill -INT "$sniff" 2>/dev/null
	status=0
	wait "$sniff" || status=$?
}

# --- lines ---
start -n "netns:/run/netns/$b"
send "$a" 192.0.2.2 9 2
stop
is "$status" 0 'an interrupted capture ends well'
like "$(<"$T/out")" "$b:eth0 In  IP 192\.0\.2\.1\.[0-9]+ > 192\.0\.2\.2\.9: UDP, length 5" 'a datagram that came in'
like "$(<"$T/out")" "$b:eth0 Out IP 192\.0\.2\.2 > 192\.0\.2\.1: ICMP 192\.0\.2\.2 udp port 9 unreachable, length 41" 'what went out'
like "$(<"$T/out")" 'ARP, Reply 192\.0\.2\.' 'ARP'
like "$(<"$T/err")" '[1-9][0-9]* packets captured.*[1-9][0-9]* packets received by filter.0 packets dropped by kernel' 'totals'

start -n "netns:/run/netns/$b" udp
send "$b" 127.0.0.1 9
stop
is "$(grep -c 'UDP, length 5' "$T/out")" 1 'a loopback frame is shown once'

start -n -Q out "netns:/run/netns/$b" udp or icmp
send "$a" 192.0.2.2 9
stop
is "$(grep -c UDP "$T/out"),$(grep -c ICMP "$T/out")" 0,1 '-Q out shows what goes out'

start -n -i eth0 "netns:/run/netns/$b" udp
send "$b" 127.0.0.1 9
send "$a" 192.0.2.2 9
stop
like "$(<"$T/out")" '^[0-9:.]+ IP 192\.0\.2\.1\.[0-9]+ > 192\.0\.2\.2\.9: UDP, length 5$' '-i shows one interface, and no name'

# The seed's own line, inside of a namespace.
: >"$T/err"
ip netns exec "$b" "$SPC" sniff -Xs 1514 -i any -n host 192.0.2.1 >"$T/out" 2>"$T/err" &
sniff=$!
wait_for 10 is_listening
send "$a" 192.0.2.2 9
stop
like "$(<"$T/out")" 'eth0  In  IP 192\.0\.2\.1\.[0-9]+ > 192\.0\.2\.2\.9: UDP, length 5.	0x0000:  4500 0021' 'the line -Xs 1514 -i any -n host IP'

# --- VLAN tags, which the kernel takes out of the frame and keeps beside it ---
start -ne -i eth0 "netns:/run/netns/$b" vlan 7 and udp
ip netns exec "$a" python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
packet = bytes.fromhex("4500001d0001000040114ccdc6336401c6336402" "03e80009" "0009" "0000" "78")
for tag in ("81000007", "81000008", ""):
    s.send(b"\xff" * 6 + b"\2\0\0\0\0\1" + bytes.fromhex(tag + "0800") + packet)
'
stop
like "$(<"$T/out")" 'ethertype 802\.1Q \(0x8100\), length 47: vlan 7, p 0, ethertype IPv4 \(0x0800\), 198\.51\.100\.1\.1000 >' 'a VLAN tag is restored and filtered on'
is "$(wc -l <"$T/out")" 1 'and nothing else passes'

# --- several targets, one file ---
start -w "$T/two.pcapng" "netns:/run/netns/$a,netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 20
send "$b" 192.0.2.1 9 20
stop
is "$status" 0 'two namespaces in one file'
"$SPC" sniff -n -r "$T/two.pcapng" >"$T/two"
is "$(grep -c "$a:eth0 Out" "$T/two"),$(grep -c "$a:eth0 In" "$T/two"),$(grep -c "$b:eth0 Out" "$T/two"),$(grep -c "$b:eth0 In" "$T/two")" \
	20,20,20,20 'every frame is there, from both ends'
"$SPC" sniff -tt -n -r "$T/two.pcapng" | awk '{print $1}' >"$T/times"
cmd_ok 'in order of time' sort -c "$T/times"
start -n "netns:/run/netns/$b,netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9
stop
is "$(wc -l <"$T/out")" 1 'one namespace named twice is captured once'

# --- other people's readers ---
for reader in 'capinfos' 'tshark -n -r' 'tcpdump -n -r'; do
	if command -v "${reader%% *}" >/dev/null; then
		# shellcheck disable=SC2086
		cmd_ok "${reader%% *} reads the pcapng file" $reader "$T/two.pcapng"
	else
		skip "no ${reader%% *}"
	fi
done
if command -v tshark >/dev/null; then
	is "$(tshark -r "$T/two.pcapng" -T fields -e frame.interface_name 2>/dev/null | sort -u | tr '\n' ' ')" "$a:eth0 $b:eth0 " 'tshark sees the names of the interfaces'
	like "$(capinfos "$T/two.pcapng")" 'Number of resolved IPv4 addresses in file: 2' 'capinfos counts the names of addresses'
fi

# --- pcap, rotation ---
start -w "$T/one.pcap" -i eth0 "netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 3
stop
is "$("$SPC" sniff -r "$T/one.pcap" --count)" '3 packets' 'pcap by its name'
is "$(od -An -tx4 -N4 "$T/one.pcap" | tr -d ' ')" a1b23c4d 'with nanoseconds'
mkdir "$T/rot"
start -w "$T/rot/f.pcap" -C 1 -W 3 -i eth0 "netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 5000 1000
stop
is "$(cd "$T/rot" && echo *)" 'f.pcap0 f.pcap1 f.pcap2' '-C -W keeps a ring of files, without privileges'
start -w "$T/rot/t-%s.pcapng" -G 1 -W 2 -i eth0 "netns:/run/netns/$b" udp
for _ in 1 2 3 4 5 6; do
	send "$a" 192.0.2.2 9
	sleep 0.5
done
status=0
wait "$sniff" || status=$?
is "$status" 0 '-G -W ends by itself'
files=("$T"/rot/t-*.pcapng)
is "${#files[@]}" 2 'with two files'
for file in "$T"/rot/*; do
	cmd_ok "${file##*/} is whole" "$SPC" sniff -r "$file" --count
done

# --- limits ---
start -n -c 3 "netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 10
status=0
wait "$sniff" || status=$?
is "$status,$(wc -l <"$T/out")" 0,3 '-c 3'
cmd_ok '--duration ends' timeout 5 "$SPC" sniff --duration 300ms "netns:/run/netns/$b"
start -w "$T/head.pcapng" --headers-only "netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 1 500
stop
is "$("$SPC" sniff -r "$T/head.pcapng" --json | jq -c '[.length,.captured]')" '[542,42]' '--headers-only keeps no payload'

# --- loss is counted and said ---
start -n -B 128 -l "netns:/run/netns/$b" udp
kill -STOP "$sniff"
send "$a" 192.0.2.2 9 3000 1000
kill -CONT "$sniff"
sleep 0.2
send "$a" 192.0.2.2 9 5
stop
is "$status" 4 'exit status 4 when packets were lost'
like "$(<"$T/out")" "-- [0-9]+ packets of $b(:eth0)? lost here" 'with a line where it happened'
like "$(<"$T/err")" '[1-9][0-9]* packets dropped by kernel' 'and the total'

# --- a target that goes away ---
ip netns exec "$b" unshare -n sleep 1000 &
victim=$!
end_victim() {
	kill "$victim" 2>/dev/null
}
at_exit end_victim
wait_for 5 test -e "/proc/$victim/ns/net"
sleep 0.2
inode=$(stat -Lc %i "/proc/$victim/ns/net")
start -n "pid:$victim"
kill "$victim"
wait "$victim" 2>/dev/null
status=0
timeout 10 tail --pid="$sniff" -f /dev/null
wait "$sniff" || status=$?
is "$status" 0 'the capture ends with its target'
like "$(<"$T/err")" 'is gone' 'and says so'
gone() {
	! lsns -t net -n -o NS 2>/dev/null | grep -qw "$inode"
}
cmd_ok 'its network namespace is not kept alive' wait_for 5 gone

# --- no power is left while it runs ---
start -n "netns:/run/netns/$b"
is "$(awk '/^CapEff/{print $2}' "/proc/$sniff/status")" 0000000000000000 'no capabilities'
is "$(awk '/^Seccomp:/{print $2}' "/proc/$sniff/status")" 2 'a system call filter'
is "$(awk '/^NoNewPrivs/{print $2}' "/proc/$sniff/status")" 1 'no new privileges'
stop

# --- each mistake is one clear line ---
# fails STATUS PATTERN WHAT ARGS...
fails() {
	local expected=$1 pattern=$2 what=$3 got=0
	shift 3
	timeout 10 "$SPC" sniff "$@" >"$T/out" 2>"$T/err" || got=$?
	is "$got" "$expected" "$what: status $expected"
	like "$(grep -v '^listening\|packets\|verbose output' "$T/err")" "$pattern" "$what: says it"
	is "$(grep -vc '^listening\|packets\|verbose output' "$T/err")" 1 "$what: in one line"
}
fails 2 "filter 'tcp prot 80'" 'a bad filter' "netns:/run/netns/$b" tcp prot 80
fails 1 "interface 'nosuch': no such interface" 'no such interface' -i nosuch "netns:/run/netns/$b"
fails 3 'nosuch' 'an unknown target' nosuch-container-at-all
fails 1 'No such file' 'an unwritable file' -w /nonexistent/x.pcapng "netns:/run/netns/$b"
fails 2 'need -w' 'rotation without a file' -C 1 "netns:/run/netns/$b"
head -c -6 "$T/two.pcapng" >"$T/cut.pcapng" # no block is that short
fails 1 'middle of a record' 'a truncated file' -r "$T/cut.pcapng"
is "$(($(wc -l <"$T/out") > 0))" 1 'its good packets are shown'
echo 'not a capture' >"$T/junk"
fails 1 'neither a pcap nor a pcapng' 'a file of something else' -r "$T/junk"

start -w /dev/full "netns:/run/netns/$b" udp
send "$a" 192.0.2.2 9 2000 1000
timeout 10 tail --pid="$sniff" -f /dev/null
status=0
wait "$sniff" || status=$?
is "$status" 1 'a full disk'
like "$(<"$T/err")" "/dev/full.*No space left" 'a full disk: says it'

like "$("$SPC" sniff -D "netns:/run/netns/$b")" "\\.$b:lo \\[Up, Running, Loopback\\]" '-D lists interfaces'
like "$("$SPC" sniff -d tcp port 80)" '\(000\) ldh' '-d prints the compiled filter'
done_testing
