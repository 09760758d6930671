#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the captures that the text of sniff is tested on.

usage: generate.py DIRECTORY
The same bytes every time. The expected text beside them is tcpdump's own where tcpdump knows the
protocol (tests/golden/sniff.t compares again wherever tcpdump is installed).
"""
import os
import socket
import struct
import sys

MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
A, B = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"


def a4(text):
    return socket.inet_pton(socket.AF_INET, text)


def a6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(src, dst, proto, data):
    if ":" in src:
        return a6(src) + a6(dst) + struct.pack("!II", len(data), proto)
    return a4(src) + a4(dst) + struct.pack("!HH", proto, len(data))


def ip4(payload, proto, src=A, dst=B, ident=1, frag=0x4000, ttl=64, tos=0, options=b"", length=None, bad=0):
    words = 5 + len(options) // 4
    total = words * 4 + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH", 0x40 | words, tos, total, ident, frag, ttl, proto, 0) + a4(src) + a4(dst) + options
    value = checksum(head) ^ bad
    return head[:10] + struct.pack("!H", value) + head[12:] + payload


def ip6(payload, proto, src=A6, dst=B6, flow=0, tclass=0, hlim=64, length=None):
    size = len(payload) if length is None else length
    return struct.pack("!IHBB", 6 << 28 | tclass << 20 | flow, size, proto, hlim) + a6(src) + a6(dst) + payload


def udp(sport, dport, payload, src=A, dst=B, length=None, bad=0, none=False):
    size = 8 + len(payload) if length is None else length
    head = struct.pack("!HHHH", sport, dport, size, 0)
    value = 0 if none else (checksum(pseudo(src, dst, 17, head + payload) + head + payload) or 0xFFFF) ^ bad
    return head[:6] + struct.pack("!H", value) + payload


def tcp(sport, dport, seq, ack, flags, payload=b"", options=b"", win=512, urg=0, src=A, dst=B, bad=0, words=None):
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4 if words is None else words
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, words << 4, flags, win, 0, urg) + options
    value = checksum(pseudo(src, dst, 6, head + payload) + head + payload) ^ bad
    return head[:16] + struct.pack("!H", value) + head[18:] + payload


def icmp(kind, code, rest, bad=0):
    data = struct.pack("!BBH", kind, code, 0) + rest
    return data[:2] + struct.pack("!H", checksum(data) ^ bad) + data[4:]


def icmp6(kind, code, rest, src=A6, dst=B6, bad=0):
    data = struct.pack("!BBH", kind, code, 0) + rest
    return data[:2] + struct.pack("!H", checksum(pseudo(src, dst, 58, data) + data) ^ bad) + data[4:]


def ether(payload, kind, src=MAC_A, dst=MAC_B, tags=()):
    out = dst + src
    for tpid, tci in tags:
        out += struct.pack("!HH", tpid, tci)
    return out + struct.pack("!H", kind) + payload


def e4(packet, **kw):
    return ether(packet, 0x0800, **kw)


def e6(packet, **kw):
    return ether(packet, 0x86DD, **kw)


def name(text):
    out = b""
    for label in text.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode("latin-1")
    return out + b"\0"


def question(text, kind=1, klass=1):
    return name(text) + struct.pack("!HH", kind, klass)


def record(owner, kind, data, ttl=300, klass=1):
    return owner + struct.pack("!HHIH", kind, klass, ttl, len(data)) + data


def dns(ident, flags, questions=(), answers=(), authority=(), additional=(), counts=None):
    counts = counts or (len(questions), len(answers), len(authority), len(additional))
    return struct.pack("!HHHHHH", ident, flags, *counts) + b"".join([*questions, *answers, *authority, *additional])


def tcp4():
    mss, sack_ok, nop = b"\2\4\5\xb4", b"\4\2", b"\1"
    stamp = b"\x08\x0a" + struct.pack("!II", 1000, 2000)
    request = b"GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n"
    reply = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    yield e4(ip4(tcp(40000, 80, 1000, 0, 2, options=mss + sack_ok + stamp + nop + b"\3\3\7"), 6))
    yield e4(ip4(tcp(80, 40000, 5000, 1001, 0x12, options=mss + nop + nop + sack_ok, src=B, dst=A), 6, B, A))
    yield e4(ip4(tcp(40000, 80, 1001, 5001, 0x10, options=nop + nop + stamp), 6))
    yield e4(ip4(tcp(40000, 80, 1001, 5001, 0x18, request), 6))
    yield e4(ip4(tcp(80, 40000, 5001, 1001 + len(request), 0x18, reply, src=B, dst=A), 6, B, A))
    sack = nop + nop + b"\5\x12" + struct.pack("!IIII", 5101, 5201, 5301, 5401)
    yield e4(ip4(tcp(40000, 80, 1001, 5001, 0x10, options=sack), 6))
    yield e4(ip4(tcp(40000, 80, 1001, 5001, 0x11), 6))
    yield e4(ip4(tcp(80, 40000, 6001, 1002, 0x14, src=B, dst=A), 6, B, A))
    yield e4(ip4(tcp(40001, 9999, 1, 2, 0xF8, b"urgent", urg=6), 6))
    yield e4(ip4(tcp(40001, 9999, 7, 2, 0x00), 6))
    yield e4(ip4(tcp(40001, 9999, 7, 2, 0x10, b"x", bad=0x1111), 6))
    yield e4(ip4(tcp(40001, 9999, 7, 2, 0x10, words=4), 6))
    yield e4(ip4(tcp(40001, 9999, 7, 2, 0x10, words=15), 6))
    yield e4(ip4(tcp(40001, 9999, 7, 2, 0x10, options=b"\2\x40\0\0"), 6))
    yield e4(ip4(tcp(40001, 9999, 8, 2, 0x10, options=b"\x63\4\xab\xcd"), 6))
    yield e4(ip4(tcp(40002, 53, 1, 1, 0x18, struct.pack("!H", 29) + dns(7, 0x0100, [question("example.org")])), 6))
    yield e4(ip4(tcp(40000, 80, 2000, 0, 2), 6, tos=0x03, ttl=1, ident=65535))
    yield e4(ip4(tcp(40003, 443, 4294967290, 1, 0x18, b"\x16\x03\x01\0\0\0\0\0\0\0"), 6))
    yield e4(ip4(tcp(40003, 443, 4, 1, 0x10, b"0123456789"), 6))


def ip4_cases():
    inner = ip4(udp(1024, 9, b"hello"), 17)
    yield e4(ip4(udp(1024, 9, b"hello"), 17))
    yield e4(ip4(udp(1024, 9, b"hello", none=True), 17))
    yield e4(ip4(udp(1024, 9, b"hello", bad=0x0101), 17))
    yield e4(ip4(udp(1024, 9, b"hello", length=100), 17))
    yield e4(ip4(udp(1024, 9, b"hello", length=4), 17))
    yield e4(ip4(udp(1024, 9, b""), 17, bad=0x0100))
    yield e4(ip4(b"\0" * 16, 17, frag=0x20B9, ident=77))
    yield e4(ip4(udp(1024, 9, b"0" * 24, length=1480), 17, frag=0x2000, ident=77))
    yield e4(ip4(udp(1024, 9, b"hello"), 17, options=b"\x94\4\0\0"))
    yield e4(ip4(udp(1024, 9, b"hello"), 17, length=500))
    yield e4(ip4(udp(1024, 9, b"hello"), 17, length=10))
    yield e4(ip4(icmp(8, 0, struct.pack("!HH", 0x1234, 1) + b"abcdefgh"), 1))
    yield e4(ip4(icmp(0, 0, struct.pack("!HH", 0x1234, 1) + b"abcdefgh"), 1, B, A))
    yield e4(ip4(icmp(8, 0, struct.pack("!HH", 0x1234, 2) + b"abcdefgh", bad=0x1000), 1))
    for code in range(0, 16):
        yield e4(ip4(icmp(3, code, struct.pack("!HH", 0, 1400 if code == 4 else 0) + inner), 1, B, A))
    yield e4(ip4(icmp(5, 1, a4("192.0.2.254") + inner), 1, B, A))
    yield e4(ip4(icmp(11, 0, b"\0\0\0\0" + inner), 1, B, A))
    yield e4(ip4(icmp(11, 1, b"\0\0\0\0" + inner), 1, B, A))
    yield e4(ip4(icmp(12, 0, b"\5\0\0\0" + inner), 1, B, A))
    yield e4(ip4(icmp(200, 0, b"\0\0\0\0"), 1))
    yield e4(ip4(b"payload of nobody", 253))
    yield e4(ip4(ip4(udp(1024, 9, b"in a tunnel"), 17, "198.51.100.1", "198.51.100.2"), 4))
    yield e4(ip4(ip6(udp(1024, 9, b"six in four", A6, B6), 17), 41))


def ip6_cases():
    hop = lambda nh: bytes([nh, 0]) + b"\5\2\0\0\1\0"
    dest = lambda nh: bytes([nh, 0]) + b"\1\4\0\0\0\0"
    frag = lambda nh, off: struct.pack("!BBHI", nh, 0, off, 0xABCD)
    small = udp(1024, 9, b"hello", A6, B6)
    yield e6(ip6(small, 17))
    yield e6(ip6(small, 17, flow=0x12345, tclass=0xC0, hlim=1))
    yield e6(ip6(udp(1024, 9, b"hello", A6, B6, bad=1), 17))
    yield e6(ip6(tcp(40000, 22, 100, 0, 2, src=A6, dst=B6, options=b"\2\4\5\xa0"), 6))
    yield e6(ip6(tcp(22, 40000, 500, 101, 0x12, src=B6, dst=A6), 6, B6, A6))
    yield e6(ip6(tcp(40000, 22, 101, 501, 0x18, b"SSH-2.0-x\r\n", src=A6, dst=B6), 6))
    yield e6(ip6(hop(17) + small, 0))
    yield e6(ip6(hop(60) + dest(17) + small, 0))
    yield e6(ip6(dest(17) + small, 60))
    yield e6(ip6(frag(17, 1) + udp(1024, 9, b"0" * 16, A6, B6, length=1000), 44))
    yield e6(ip6(frag(17, 1440) + b"1" * 16, 44))
    yield e6(ip6(b"", 59))
    yield e6(ip6(b"payload of nobody", 253))
    yield e6(ip6(small, 17, length=400))
    echo = struct.pack("!HH", 99, 7) + b"abcdefgh"
    yield e6(ip6(icmp6(128, 0, echo), 58))
    yield e6(ip6(icmp6(129, 0, echo, B6, A6), 58, B6, A6))
    yield e6(ip6(icmp6(128, 0, echo, bad=2), 58))
    group = "ff02::1:ff00:2"
    yield e6(ip6(icmp6(135, 0, b"\0" * 4 + a6(B6), A6, group), 58, A6, group, hlim=255))
    yield e6(ip6(icmp6(136, 0, b"\x60\0\0\0" + a6(B6), B6, A6), 58, B6, A6, hlim=255))
    inner = ip6(small, 17)
    for code in (0, 1, 3, 4):
        yield e6(ip6(icmp6(1, code, b"\0" * 4 + inner, B6, A6), 58, B6, A6))
    yield e6(ip6(icmp6(2, 0, struct.pack("!I", 1280) + inner, B6, A6), 58, B6, A6))
    yield e6(ip6(icmp6(3, 0, b"\0" * 4 + inner, B6, A6), 58, B6, A6))
    report = struct.pack("!HH", 0, 1) + struct.pack("!BBH", 4, 0, 0) + a6("ff02::fb")
    yield e6(ip6(hop(58) + icmp6(143, 0, report, "fe80::1", "ff02::16"), 0, "fe80::1", "ff02::16", hlim=1))
    yield e6(ip6(icmp6(133, 0, b"\0" * 4, "fe80::1", "ff02::2"), 58, "fe80::1", "ff02::2", hlim=255))
    yield e6(ip6(icmp6(250, 0, b"\0" * 4), 58))


def dns_cases():
    query = lambda message: e4(ip4(udp(40000, 53, message), 17))
    reply = lambda message: e4(ip4(udp(53, 40000, message, B, A), 17, B, A))
    here = b"\xc0\x0c"
    q = question("example.org")
    yield query(dns(1, 0x0100, [q]))
    yield reply(dns(1, 0x8180, [q], [record(here, 1, a4("192.0.2.80"))]))
    yield query(dns(2, 0x0100, [question("example.org", 28)], (), (), [record(b"\0", 41, b"", 0x8000, 1232)]))
    yield reply(dns(2, 0x8180, [question("example.org", 28)], [record(here, 28, a6("2001:db8::80"), 86400)]))
    yield reply(dns(3, 0x8183, [question("nowhere.example.org")], (), [record(here, 6, name("ns.example.org") + name("root.example.org") + struct.pack("!IIIII", 1, 2, 3, 4, 5), 90061)]))
    yield reply(dns(4, 0x8580, [question("www.example.org")], [record(here, 5, name("example.org")), record(name("example.org"), 1, a4("192.0.2.80")), record(name("example.org"), 1, a4("192.0.2.81"))]))
    yield reply(dns(5, 0x8180, [question("example.org", 15)], [record(here, 15, struct.pack("!H", 10) + b"\4mail" + here)]))
    yield reply(dns(6, 0x8180, [question("example.org", 16)], [record(here, 16, b"\x0bv=spf1 -all\5hello")]))
    yield reply(dns(7, 0x8180, [question("_sip._udp.example.org", 33)], [record(here, 33, struct.pack("!HHH", 1, 2, 5060) + name("sip.example.org"))]))
    yield reply(dns(8, 0x8182, [q]))
    yield reply(dns(9, 0x8185, [q]))
    yield reply(dns(10, 0x8380, [q], [], [], []))
    yield query(dns(11, 0x0100, [question("80.2.0.192.in-addr.arpa", 12)]))
    yield reply(dns(11, 0x8180, [question("80.2.0.192.in-addr.arpa", 12)], [record(here, 12, name("example.org"))]))
    yield query(dns(12, 0x0100, [question("version.bind", 16, 3)]))
    yield query(dns(13, 0x2800, [question("example.org", 6)]))
    yield query(dns(14, 0x0100, [question(".", 2)]))
    yield query(dns(15, 0x0120, [question("example.org", 255)]))
    yield reply(dns(17, 0x8180, [q], [], [record(here, 2, name("ns.example.org"))], [record(name("ns.example.org"), 1, a4("192.0.2.53"), 7200)]))
    yield e4(ip4(udp(5353, 5353, dns(0, 0, [question("box.local")]), A, "224.0.0.251"), 17, A, "224.0.0.251", ttl=255))
    yield e4(ip4(udp(5353, 5353, dns(0, 0x8400, [], [record(name("box.local"), 1, a4(A), 120, 0x8001)]), A, "224.0.0.251"), 17, A, "224.0.0.251", ttl=255))


def dns_hostile():
    """Lines of sniff alone: here it differs from tcpdump on purpose."""
    query = lambda message: e4(ip4(udp(40000, 53, message), 17))
    yield query(dns(1, 0x0100, [b"\xc0\x0c\0\1\0\1"]))
    yield query(dns(2, 0x0100, [b"\x03abc\xc0\x0c\0\1\0\1"]))
    yield query(dns(3, 0x0100, [question("\x1b]0;owned\x07.example")]))
    yield query(dns(4, 0x0100, [b"\x3fshort\0\0\1\0\1"]))
    yield query(dns(5, 0x0100, [], counts=(65535, 0, 0, 0)))
    yield query(dns(6, 0x8180, [question("a")], counts=(1, 65535, 0, 0)))
    yield query(dns(7, 0x8180, [question("a")], [record(b"\xc0\x0c", 16, b"\xff\x1b[2J")]))
    yield query(b"\0\1\1")
    yield query(dns(16, 0x0100, [question("example.org", 65)]))


def link_cases():
    arp = lambda op, tha: struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + MAC_A + a4(A) + tha + a4(B)
    packet = ip4(udp(1024, 9, b"hello"), 17)
    yield ether(arp(1, b"\0" * 6), 0x0806, dst=b"\xff" * 6)
    yield ether(arp(1, b"\0" * 6) + b"\0" * 18, 0x0806, dst=b"\xff" * 6)
    yield ether(arp(1, MAC_B), 0x0806)
    yield ether(arp(2, MAC_B), 0x0806)
    yield e4(packet, tags=[(0x8100, 10)])
    yield e4(packet, tags=[(0x8100, 0x6000 | 4094)])
    yield e4(packet, tags=[(0x88A8, 100), (0x8100, 10)])
    yield ether(b"something else entirely", 0x88B5)
    yield e4(packet + b"trailing bytes of the frame")
    yield ether(ip6(udp(1024, 9, b"hello", A6, B6), 17), 0x0800)


def cut_cases():
    """One packet of each kind, cut at every length: a list of (frame, captured)."""
    option = b"\2\4\5\xb4\4\2\x08\x0a" + struct.pack("!II", 1, 2)
    frames = [
        e4(ip4(tcp(40000, 80, 1000, 0, 2, options=option), 6)),
        e4(ip4(udp(40000, 53, dns(1, 0x0100, [question("example.org")])), 17)),
        e4(ip4(icmp(3, 3, b"\0" * 4 + ip4(udp(1, 2, b""), 17)), 1)),
        e6(ip6(b"\x11\0\5\2\0\0\1\0" + udp(1024, 9, b"hello", A6, B6), 0)),
        e6(ip6(icmp6(135, 0, b"\0" * 4 + a6(B6)), 58)),
        ether(struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + MAC_A + a4(A) + b"\0" * 6 + a4(B), 0x0806),
    ]
    for frame in frames:
        for length in range(1, len(frame)):
            yield frame, length


def write(path, frames, linktype=1, magic=0xA1B2C3D4, order="<", snaplen=262144):
    with open(path, "wb") as out:
        out.write(struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, snaplen, linktype))
        for i, frame in enumerate(frames):
            frame, length = frame if isinstance(frame, tuple) else (frame, len(frame))
            fraction = 123456 + i if magic == 0xA1B2C3D4 else 123456789 + i
            out.write(struct.pack(order + "IIII", 1700000000 + i * 3700, fraction, length, len(frame)))
            out.write(frame[:length])


def option(code, data, order="<"):
    return struct.pack(order + "HH", code, len(data)) + data + b"\0" * (-len(data) % 4)


def block(kind, body, order="<"):
    total = 12 + len(body)
    return struct.pack(order + "II", kind, total) + body + struct.pack(order + "I", total)


def write_pcapng(path, order):
    packet = ip4(udp(1024, 9, b"hello"), 17)
    end = struct.pack(order + "HH", 0, 0)
    ticks = 1700000000 * 10**9 + 123456789
    with open(path, "wb") as out:
        out.write(block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order))
        out.write(block(1, struct.pack(order + "HHI", 1, 0, 0) + option(2, b"web:eth0", order) + option(9, b"\x09", order) + end, order))
        out.write(block(1, struct.pack(order + "HHI", 101, 0, 0) + option(2, b"db:tun0", order) + end, order))
        out.write(block(0x0BAD, b"\0" * 8, order))
        for flags in (1 | 4, 2, 1 | 8, 1 | 12, 0):
            data = e4(packet)
            data += b"\0" * (-len(data) % 4)
            opts = option(2, struct.pack(order + "I", flags), order) + option(4, struct.pack(order + "Q", flags // 4), order) + end
            out.write(block(6, struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(e4(packet)), len(e4(packet))) + data + opts, order))
        us = ticks // 1000
        data = packet + b"\0" * (-len(packet) % 4)
        out.write(block(6, struct.pack(order + "IIIII", 1, us >> 32, us & 0xFFFFFFFF, len(packet), len(packet)) + data, order))


def main():
    os.chdir(sys.argv[1])
    write("tcp4.pcap", tcp4())
    write("ip4.pcap", ip4_cases())
    write("ip6.pcap", ip6_cases())
    write("dns.pcap", dns_cases())
    write("dns-hostile.pcap", dns_hostile())
    write("link.pcap", link_cases())
    write("cut.pcap", cut_cases())
    packet = ip4(udp(1024, 9, b"hello"), 17)
    packet6 = ip6(udp(1024, 9, b"hello", A6, B6), 17)
    write("raw.pcap", [packet, packet6], 101)
    write("null.pcap", [struct.pack("<I", 2) + packet, struct.pack("<I", 30) + packet6], 0)
    write("loop.pcap", [struct.pack(">I", 2) + packet], 108)
    sll = lambda kind: struct.pack("!HHH8sH", kind, 1, 6, MAC_A + b"\0\0", 0x0800) + packet
    write("sll.pcap", [sll(0), sll(1), sll(3), sll(4)], 113)
    write("nano-be.pcap", [e4(packet)], magic=0xA1B23C4D, order=">")
    write_pcapng("le.pcapng", "<")
    write_pcapng("be.pcapng", ">")


main()
