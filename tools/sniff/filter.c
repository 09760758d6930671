// SPDX-License-Identifier: BSD-2-Clause
#include "filter.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <string.h>

static_assert(sizeof(struct sniff_insn) == sizeof(struct bpf_insn), "same layout");
static_assert(offsetof(struct sniff_insn, k) == offsetof(struct bpf_insn, k), "same layout");

// Where classic BPF on Linux finds what is not in the frame (linux/filter.h; that header cannot be
// included beside libpcap's).
#define AD_OFF       0xfffff000u // SKF_AD_OFF
#define AD_PKTTYPE   4u
#define AD_HATYPE    28u

#define PKT_OUTGOING 4u // PACKET_OUTGOING of packet(7)

void sniff_prog_free(struct sniff_prog *prog)
{
    free(prog->insns);
    *prog = (struct sniff_prog){0};
}

// DLT_ and LINKTYPE_ numbers differ for bare IP only.
static int dlt_of(int linktype)
{
    return linktype == SNIFF_LINK_RAW ? DLT_RAW : linktype;
}

int sniff_filter_compile(const char *expression, int linktype, uint32_t snaplen,
                         struct sniff_prog *ret, struct spc_err *err)
{
    pcap_t *handle = pcap_open_dead(dlt_of(linktype), (int)snaplen);
    if (!handle)
        return spc_err_set(err, -ENOMEM, "filter");

    struct bpf_program compiled;
    if (pcap_compile(handle, &compiled, expression, 1, PCAP_NETMASK_UNKNOWN) < 0) {
        spc_err_usage(err, "filter '%s': %s", expression, pcap_geterr(handle));
        spc_err_hint(err, "see pcap-filter(7)");
        pcap_close(handle);
        return -EINVAL;
    }
    pcap_close(handle);

    struct sniff_insn *insns = calloc(compiled.bf_len, sizeof(*insns));
    if (insns)
        memcpy(insns, compiled.bf_insns, compiled.bf_len * sizeof(*insns));
    size_t count = compiled.bf_len;
    pcap_freecode(&compiled);
    if (!insns)
        return spc_err_set(err, -ENOMEM, "filter");
    *ret = (struct sniff_prog){.insns = insns, .count = count};
    return 0;
}

static struct sniff_insn load_aux(uint32_t what)
{
    return (struct sniff_insn){.code = BPF_LD | BPF_W | BPF_ABS, .k = AD_OFF + what};
}

// Go on with the next instruction when equal, else skip `otherwise` ones (or the reverse).
static struct sniff_insn jump_equal(uint32_t value, uint8_t then, uint8_t otherwise)
{
    return (struct sniff_insn){
        .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = then, .jf = otherwise, .k = value};
}

static struct sniff_insn give(uint32_t value)
{
    return (struct sniff_insn){.code = BPF_RET | BPF_K, .k = value};
}

#define PRELUDE_MAX 16

// Returns the number of instructions. The last of them falls into the Ethernet program or jumps
// over it, with a 32-bit jump, because that program may be longer than the 8 bits of a branch.
static size_t make_prelude(enum sniff_way way, size_t ethernet_count,
                           struct sniff_insn out[static PRELUDE_MAX])
{
    size_t n = 0;
    if (way != SNIFF_WAY_BOTH) {
        bool in = way == SNIFF_WAY_IN;
        out[n++] = load_aux(AD_PKTTYPE);
        out[n++] = jump_equal(PKT_OUTGOING, in ? 0 : 1, in ? 1 : 0);
        out[n++] = give(0);
    }
    // Loopback: the outgoing and the incoming copy are the same frame. Keep the incoming one, as
    // libpcap does; with -Q out it is the outgoing one that is left.
    out[n++] = load_aux(AD_HATYPE);
    if (way != SNIFF_WAY_OUT) {
        out[n++] = jump_equal(ARPHRD_LOOPBACK, 0, 3);
        out[n++] = load_aux(AD_PKTTYPE);
        out[n++] = jump_equal(PKT_OUTGOING, 0, 3);
        out[n++] = give(0);
        out[n++] = jump_equal(ARPHRD_ETHER, 1, 0);
    } else {
        out[n++] = jump_equal(ARPHRD_LOOPBACK, 2, 0);
        out[n++] = jump_equal(ARPHRD_ETHER, 1, 0);
    }
    out[n++] = (struct sniff_insn){.code = BPF_JMP | BPF_JA, .k = (uint32_t)ethernet_count};
    return n;
}

int sniff_filter_compile_any(const char *expression, uint32_t snaplen, enum sniff_way way,
                             struct sniff_prog *ret, struct spc_err *err)
{
    sniff_auto_prog struct sniff_prog ethernet = {0}, raw = {0};
    int r = sniff_filter_compile(expression, SNIFF_LINK_ETHERNET, snaplen, &ethernet, err);
    if (r < 0)
        return r;
    // What only Ethernet has ("ether host ...") does not compile for bare IP: such frames cannot
    // match.
    r = sniff_filter_compile(expression, SNIFF_LINK_RAW, snaplen, &raw, NULL);
    if (r < 0) {
        raw.insns = calloc(1, sizeof(*raw.insns));
        if (!raw.insns)
            return spc_err_set(err, -ENOMEM, "filter");
        raw.insns[raw.count++] = give(0);
    }

    struct sniff_insn prelude[PRELUDE_MAX];
    size_t n = make_prelude(way, ethernet.count, prelude);
    size_t total = n + ethernet.count + raw.count;
    if (total > 4096) // BPF_MAXINSNS of the kernel
        return spc_err_usage(err, "filter '%s': %zu instructions, the kernel takes 4096",
                             expression, total);
    struct sniff_insn *insns = calloc(total, sizeof(*insns));
    if (!insns)
        return spc_err_set(err, -ENOMEM, "filter");
    memcpy(insns, prelude, n * sizeof(*insns));
    memcpy(insns + n, ethernet.insns, ethernet.count * sizeof(*insns));
    memcpy(insns + n + ethernet.count, raw.insns, raw.count * sizeof(*insns));
    *ret = (struct sniff_prog){.insns = insns, .count = total};
    return 0;
}

bool sniff_filter_needs_tags(const char *expression)
{
    static const char word[] = "vlan";
    for (const char *p = expression; (p = strstr(p, word)); p++) {
        bool starts = p == expression || (!isalnum((unsigned char)p[-1]) && p[-1] != '_');
        unsigned char after = (unsigned char)p[sizeof(word) - 1];
        if (starts && !isalnum(after) && after != '_')
            return true;
    }
    return false;
}

bool sniff_filter_match(const struct sniff_prog *prog, const uint8_t *data, uint32_t caplen,
                        uint32_t len)
{
    return bpf_filter((const struct bpf_insn *)prog->insns, data, len, caplen) != 0;
}

void sniff_filter_dump(const struct sniff_prog *prog, unsigned level, struct spc_buf *out)
{
    if (level > 2)
        spc_buf_printf(out, "%zu\n", prog->count);
    for (size_t i = 0; i < prog->count; i++) {
        const struct sniff_insn *in = &prog->insns[i];
        if (level > 2)
            spc_buf_printf(out, "%u %u %u %u\n", in->code, in->jt, in->jf, in->k);
        else if (level == 2)
            spc_buf_printf(out, "{ 0x%x, %u, %u, 0x%08x },\n", in->code, in->jt, in->jf, in->k);
        else
            spc_buf_printf(out, "%s\n", bpf_image((const struct bpf_insn *)in, (int)i));
    }
}
