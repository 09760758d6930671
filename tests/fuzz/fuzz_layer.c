// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a layer, packed or not: the tree writer stays below its directory, whatever it is
// told, and what it made can be packed again and removed.
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <spc/fd.h>

#include "spc/image/layer.h"
#include "spc/image/pack.h"
#include "tests/fuzz/fuzz.h"

static int drop(void *arg, const void *data, size_t len)
{
    (void)arg, (void)data, (void)len;
    return 0;
}

static int unpack(int fd, int dir, unsigned flags)
{
    struct spc_image_limits limits = {
        .bytes = 1 << 20, .entries = 200, .ratio = 100, .ratio_from = 1 << 16};
    spc_auto_unpack struct spc_unpack *stream = NULL;
    spc_auto_tree struct spc_tree *tree = NULL;
    struct spc_tree_stats stats;
    struct spc_err err = {0};
    int r = spc_unpack_open(fd, &limits, &stream, &err);
    if (r == 0)
        r = spc_tree_open(dir, flags, &tree, &err);
    if (r == 0)
        r = spc_layer_unpack(stream, tree, &limits, &err);
    FUZZ_CHECK(r >= 0 || (err.code == r && err.text[0]));
    return r < 0 ? r : spc_tree_finish(tree, &stats, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char dir[] = "/tmp/spc-fuzz.XXXXXX";
    FUZZ_CHECK(mkdtemp(dir));
    spc_auto_close int parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int fd = memfd_create("layer", MFD_CLOEXEC);
    FUZZ_CHECK(parent >= 0 && fd >= 0 && spc_write_all(fd, data, size) == 0);
    lseek(fd, 0, SEEK_SET);

    FUZZ_CHECK(mkdirat(parent, "inside", 0755) == 0);
    spc_auto_close int inside = openat(parent, "inside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unsigned flags = size > 0 && data[size - 1] & 1 ? SPC_TREE_WHITEOUTS : 0;
    if (unpack(fd, inside, flags) == 0) {
        const struct spc_pack_sink sink = {drop, NULL};
        FUZZ_CHECK(spc_pack_tree(inside, true, &sink, NULL) == 0);
    }
    // Whatever happened, it happened inside.
    FUZZ_CHECK(spc_remove_tree(parent, "inside") == 0);
    FUZZ_CHECK(rmdir(dir) == 0);
    return 0;
}
