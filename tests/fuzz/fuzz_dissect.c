// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a frame of any link type: no dissector reads outside of them, and nothing that a
// terminal acts on comes out. The first byte chooses the link type, the second the options.
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tools/sniff/dissect.h"
#include "tools/sniff/headers.h"

static const int linktypes[] = {SNIFF_LINK_ETHERNET, SNIFF_LINK_RAW,  SNIFF_LINK_NULL,
                                SNIFF_LINK_LOOP,     SNIFF_LINK_SLL,  SNIFF_LINK_SLL2,
                                SNIFF_LINK_IPV4,     SNIFF_LINK_IPV6, 9999};

static void check_printable(const struct spc_buf *buf)
{
    const char *text = spc_buf_str(buf);
    for (size_t i = 0; i < buf->len; i++) {
        unsigned char c = (unsigned char)text[i];
        FUZZ_CHECK((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t');
    }
}

static void dissect_once(const struct dissect_options *options, struct sniff_packet *packet)
{
    spc_auto_buf struct spc_buf out = {0};
    struct sniff_info info SPC_CLEANUP(sniff_info_free) = {0};
    struct tcp_numbers *numbers = tcp_numbers_new();
    struct dissect d = {.out = &out, .info = &info, .opt = options, .numbers = numbers};
    FUZZ_CHECK(numbers);
    dissect_packet(&d, packet);
    dissect_packet(&d, packet); // the second one of its connection
    FUZZ_CHECK(d.link_len <= packet->caplen);
    FUZZ_CHECK(info.kind < _SNIFF_KIND_MAX);
    check_printable(&out);
    tcp_numbers_free(numbers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    // A copy of exactly this size, so that the sanitizer sees each byte beyond it.
    size_t len = size - 2;
    uint8_t *copy = malloc(len);
    FUZZ_CHECK(copy);
    memcpy(copy, data + 2, len);
    struct sniff_iface iface = {.linktype = linktypes[data[0] % SPC_ARRAY_SIZE(linktypes)]};
    struct sniff_packet packet = {
        .data = copy,
        .caplen = (uint32_t)len,
        .len = (uint32_t)len + (data[1] & 0x80 ? 100 : 0),
        .iface = &iface,
        .is_csum_pending = data[1] & 0x40,
    };
    struct dissect_options options = {
        .verbose = data[1] & 3,
        .has_link = data[1] & 4,
        .is_quiet = data[1] & 8,
        .has_raw_seq = data[1] & 16,
        .is_unchecked = data[1] & 32,
    };
    dissect_once(&options, &packet);
    sniff_headers_cut(&packet);
    FUZZ_CHECK(packet.caplen <= len);
    free(copy);
    return 0;
}
