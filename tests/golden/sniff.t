#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Lines of sniff on committed captures: the same as ever, and the same as tcpdump's where it is
# installed. UPDATE=1 rewrites what is expected; look at the difference before committing it.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

here=$(realpath "$(dirname "$0")")/sniff
SPC=${SPC:-$here/../../../build/spc}
export TZ=UTC

# CAPTURE OPTIONS: each pair is one expected file.
pairs=()
for capture in "$here"/*.pcap "$here"/*.pcapng; do
	for options in -n -nvv -ne; do
		pairs+=("${capture##*/} $options")
	done
done
for options in -nX -nXX -nx -nxx -nA -nq -nS -ntt -nttt -ntttt -nttttt -nt -n#; do
	pairs+=("tcp4.pcap $options" "link.pcap $options")
done
pairs+=('dns.pcap -nvvv' 'tcp4.pcap -n --headers-only' 'tcp4.pcap -ns40' 'dns.pcap --json' 'le.pcapng --json' 'link.pcap --json')

[[ -z ${UPDATE-} ]] || rm -f "$here"/expected/*
for pair in "${pairs[@]}"; do
	read -r capture options <<<"$pair"
	expected=$here/expected/$capture${options// /}
	# shellcheck disable=SC2086
	"$SPC" sniff $options -r "$here/$capture" >"$T/out" 2>&1
	[[ -z ${UPDATE-} ]] || cp "$T/out" "$expected"
	cmd_ok "$capture with $options is what it was" diff -u "$expected" "$T/out"
done

# Known differences, each on purpose:
#   dns-hostile: names are escaped, pointers followed no further than a sane name goes, HTTPS known
#   ip6 type 250: tcpdump dumps the message in hex below the line
#   tcp4 -q: tcpdump shows a negative length as a huge one
#   -s 40: tcpdump does not shorten what it reads
#   pcapng: interface names and directions, which tcpdump does not show
if command -v tcpdump >/dev/null; then
	for pair in "${pairs[@]}"; do
		read -r capture options <<<"$pair"
		case $pair in
		*pcapng* | *--* | *-ns40 | dns-hostile* | 'tcp4.pcap -nq') continue ;;
		esac
		tcpdump "$options" -r "$here/$capture" 2>/dev/null | sed '/^\t0x0000:  fa00 aa47 0000 0000$/d' >"$T/theirs"
		"$SPC" sniff "$options" -r "$here/$capture" >"$T/ours"
		cmd_ok "$capture with $options is what tcpdump prints" diff -u "$T/theirs" "$T/ours"
	done
else
	skip 'no tcpdump'
fi

mkdir "$T/captures"
python3 "$here/generate.py" "$T/captures"
for capture in "$here"/*.pcap "$here"/*.pcapng; do
	cmd_ok "${capture##*/} is what generate.py writes" cmp "$capture" "$T/captures/${capture##*/}"
done
done_testing
