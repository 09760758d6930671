// SPDX-License-Identifier: BSD-2-Clause
// Paths below a root with links of all kinds: the kernel's look-up and our own give the same object
// or the same error, and never the file beside the root.
#include <spc/fd.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/own.h>

#include "tests/fuzz/fuzz.h"

static char top[256]; // in TMPDIR, which whoever runs this takes away also after a crash

static void remove_tree(void)
{
    static const char *const paths[] = {"root/d/e/f", "root/d/e/u", "root/d/e", "root/d/up",
                                        "root/d",     "root/f",     "root/a",   "root/b",
                                        "root/c",     "root/l",     "root/o",   "root"};
    char path[320];
    for (size_t i = 0; i < SPC_ARRAY_SIZE(paths); i++) {
        snprintf(path, sizeof(path), "%s/%s", top, paths[i]);
        remove(path);
    }
    rmdir(top);
}

static void make_link(int root, const char *path, const char *target)
{
    FUZZ_CHECK(symlinkat(target, root, path) == 0);
}

static int make_tree(void)
{
    const char *dir = getenv("TMPDIR");
    snprintf(top, sizeof(top), "%s/spc-fuzz-root.XXXXXX", dir ? dir : "/tmp");
    FUZZ_CHECK(mkdtemp(top));
    atexit(remove_tree);
    spc_auto_close int topfd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    FUZZ_CHECK(mkdirat(topfd, "root", 0755) == 0);
    int root = openat(topfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    FUZZ_CHECK(mkdirat(root, "d", 0755) == 0 && mkdirat(root, "d/e", 0755) == 0);
    spc_close(openat(root, "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    spc_close(openat(root, "d/e/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    make_link(root, "a", "/d/e");
    make_link(root, "b", "d/../f");
    make_link(root, "c", "../../d/");
    make_link(root, "l", "l");
    make_link(root, "o", "..");
    make_link(root, "d/up", "../d/e/u");
    make_link(root, "d/e/u", "/a/f");
    return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int root = SPC_NOFD;
    if (root < 0)
        root = make_tree();
    if (size < 1 || size > 400)
        return 0;

    // Bytes become the letters of the tree, so that most paths lead somewhere.
    static const char letters[] = "//..defabclou";
    char path[401];
    for (size_t i = 1; i < size; i++)
        path[i - 1] = letters[data[i] % (sizeof(letters) - 1)];
    path[size - 1] = '\0';
    int flags = data[0] & 1 ? O_PATH : O_RDONLY;
    flags |= data[0] & 2 ? O_DIRECTORY : 0;

    spc_auto_close int kernel = spc_open_in_root(root, path, flags);
    spc_auto_close int walk = spc_open_in_root_walk(root, path, flags);
    if (kernel < 0 || walk < 0) {
        FUZZ_CHECK(kernel == walk);
        return 0;
    }
    struct stat a, b;
    FUZZ_CHECK(fstat(kernel, &a) == 0 && fstat(walk, &b) == 0);
    FUZZ_CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    return 0;
}
