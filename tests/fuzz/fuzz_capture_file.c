// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a capture file: every packet that comes out lies inside of them.
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tools/sniff/reader.h"

#define PACKETS_MAX 100000

static void read_all(const char *path)
{
    struct sniff_reader *reader SPC_CLEANUP(sniff_reader_free_p) = NULL;
    struct spc_err err = {0};
    if (sniff_reader_open(path, &reader, &err) < 0) {
        FUZZ_CHECK(err.text[0]);
        return;
    }
    struct sniff_packet packet;
    volatile uint8_t sum = 0;
    int r = 0;
    for (int i = 0; i < PACKETS_MAX && (r = sniff_reader_next(reader, &packet, &err)) > 0; i++) {
        FUZZ_CHECK(packet.iface && packet.len >= packet.caplen);
        for (uint32_t at = 0; at < packet.caplen; at++)
            sum = (uint8_t)(sum + packet.data[at]);
    }
    FUZZ_CHECK(r >= 0 || err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_all(path);
    close(fd);
    return 0;
}
