// SPDX-License-Identifier: BSD-2-Clause
// Opening below a root directory on a hostile tree, by the kernel and by the fallback: equal
// results, and never anything from outside. Reading with limits.
#include <spc/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/own.h>

#include "tests/unit/unit.h"

struct tree {
    char top[64];
    int topfd;  // holds "secret" and "root"
    int rootfd; // the root directory of all look-ups
};

static void put_file(int dirfd, const char *path, const char *text)
{
    spc_auto_close int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(spc_write_all(fd, text, strlen(text)), 0);
}

static void put_links(int root)
{
    static const struct {
        const char *path, *target;
    } links[] = {
        {"to-file", "dir/file"},
        {"to-dir", "dir"},
        {"absolute", "/dir/file"},
        {"absolute-root", "/"},
        {"out", "../secret"},
        {"out-far", "../../../../../../secret"},
        {"out-absolute", "/../../secret"},
        {"dir/up", "../top-file"},
        {"dir/sub/up", "../../../../secret"},
        {"dangling", "nowhere"},
        {"self", "self"},
        {"loop-a", "loop-b"},
        {"loop-b", "loop-a"},
        {"slashes", "//dir//./file"},
        {"slash-behind", "dir/"},
        {"file-slash", "dir/file/"},
        {"through-file", "dir/file/../file"},
        {"dot", "."},
        {"dot-dot", ".."},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(links); i++)
        assert_int_equal(symlinkat(links[i].target, root, links[i].path), 0);
    // chain-N needs N links to reach the file: 40 are followed, 41 are not (path_resolution(7)).
    for (int i = 1; i <= 42; i++) {
        char path[16], target[16];
        snprintf(path, sizeof(path), "chain-%d", i);
        snprintf(target, sizeof(target), "chain-%d", i - 1);
        assert_int_equal(symlinkat(i == 1 ? "top-file" : target, root, path), 0);
    }
}

static int tree_make(void **state)
{
    struct tree *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    snprintf(t->top, sizeof(t->top), "/tmp/spc-test-fd.XXXXXX");
    assert_non_null(mkdtemp(t->top));
    t->topfd = open(t->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(t->topfd, "root", 0755), 0);
    t->rootfd = openat(t->topfd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(t->rootfd, "dir", 0755), 0);
    assert_int_equal(mkdirat(t->rootfd, "dir/sub", 0755), 0);
    put_file(t->topfd, "secret", "SECRET");
    put_file(t->rootfd, "top-file", "top");
    put_file(t->rootfd, "dir/file", "file");
    put_links(t->rootfd);
    assert_int_equal(mkfifoat(t->rootfd, "fifo", 0600), 0);
    *state = t;
    return 0;
}

static void remove_tree(int dirfd)
{
    spc_auto_dir DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        spc_auto_close int sub =
            openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0)
            remove_tree(sub);
        unlinkat(dirfd, e->d_name, sub >= 0 ? AT_REMOVEDIR : 0);
    }
}

static int tree_free(void **state)
{
    struct tree *t = *state;
    remove_tree(t->topfd);
    close(t->rootfd);
    close(t->topfd);
    int r = rmdir(t->top);
    free(t);
    return r;
}

// What an open gave, as one line: the error, or the inode and the status flags of the descriptor.
static void describe(int opened, struct spc_buf *out)
{
    spc_auto_close int fd = opened;
    if (fd < 0) {
        spc_buf_printf(out, "%s", strerrorname_np(-fd));
        return;
    }
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    spc_buf_printf(out, "dev %lx ino %lu flags %o cloexec %d", st.st_dev, st.st_ino,
                   (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
}

static void assert_same(int rootfd, const char *path, int flags)
{
    spc_auto_buf struct spc_buf kernel = {0}, walk = {0};
    spc_buf_printf(&kernel, "%.60s %o: ", path, (unsigned)flags);
    spc_buf_printf(&walk, "%.60s %o: ", path, (unsigned)flags);
    describe(spc_open_in_root(rootfd, path, flags), &kernel);
    describe(spc_open_in_root_walk(rootfd, path, flags), &walk);
    assert_string_equal(kernel.data, walk.data);
}

// Each of these is looked up both ways.
static const char *const paths[] = {
    "",
    "/",
    "//",
    ".",
    "..",
    "../..",
    "../secret",
    "/../secret",
    "dir",
    "dir/",
    "dir//",
    "dir/.",
    "dir/..",
    "dir/../..",
    "dir/../../secret",
    "dir/file",
    "/dir/file",
    "//dir///file",
    "./dir/./file",
    "dir/../dir/file",
    "dir/file/",
    "dir/file/.",
    "dir/file/..",
    "dir/file/x",
    "nowhere",
    "nowhere/",
    "nowhere/..",
    "nowhere/../dir/file",
    "to-file",
    "to-file/",
    "to-dir",
    "to-dir/",
    "to-dir/file",
    "to-dir/../top-file",
    "absolute",
    "absolute-root",
    "absolute-root/dir/file",
    "absolute-root/../secret",
    "out",
    "out-far",
    "out-absolute",
    "dir/up",
    "dir/sub/up",
    "dangling",
    "dangling/..",
    "self",
    "self/x",
    "loop-a",
    "slashes",
    "slash-behind",
    "slash-behind/file",
    "file-slash",
    "through-file",
    "dot",
    "dot/dot/dot/top-file",
    "dot-dot",
    "dot-dot/secret",
    "dot-dot/dot-dot/dot-dot/top-file",
    "chain-39",
    "chain-40",
    "chain-41",
    "chain-42",
    "dot/chain-39",
    "dot/chain-40",
    "chain-20/x",
};

static void kernel_and_walk_agree(void **state)
{
    struct tree *t = *state;
    static const int flags[] = {O_RDONLY | O_NONBLOCK, O_RDONLY | O_DIRECTORY, O_PATH,
                                O_PATH | O_DIRECTORY, O_RDWR | O_NONBLOCK};
    for (size_t f = 0; f < SPC_ARRAY_SIZE(flags); f++) {
        for (size_t i = 0; i < SPC_ARRAY_SIZE(paths); i++)
            assert_same(t->rootfd, paths[i], flags[f]);
        // O_RDWR waits for nobody.
        if (f != 1)
            assert_same(t->rootfd, "fifo", flags[f]);
    }
}

static void known_answers(void **state)
{
    struct tree *t = *state;
    static const struct {
        const char *path, *text; // NULL: an error
        int error;
    } known[] = {
        {"absolute", "file", 0},
        {"out", NULL, -ENOENT},
        {"out-far", NULL, -ENOENT},
        {"out-absolute", NULL, -ENOENT},
        {"dir/sub/up", NULL, -ENOENT},
        {"../secret", NULL, -ENOENT},
        {"dir/up", "top", 0},
        {"chain-40", "top", 0},
        {"chain-41", NULL, -ELOOP},
        {"loop-a", NULL, -ELOOP},
        {"dir/file/", NULL, -ENOTDIR},
        {"dir/file/..", NULL, -ENOTDIR},
        {"file-slash", NULL, -ENOTDIR},
        {"through-file", NULL, -ENOTDIR},
        {"", NULL, -ENOENT},
        {"dot-dot/dot-dot/top-file", "top", 0},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(known); i++) {
        int (*const open_in_root[])(int, const char *, int) = {spc_open_in_root,
                                                               spc_open_in_root_walk};
        for (size_t k = 0; k < SPC_ARRAY_SIZE(open_in_root); k++) {
            spc_auto_close int fd = open_in_root[k](t->rootfd, known[i].path, O_RDONLY);
            if (!known[i].text) {
                assert_int_equal(fd, known[i].error);
                continue;
            }
            spc_auto_free char *text = NULL;
            assert_int_equal(spc_read_fd(fd, 100, &text, NULL), 0);
            assert_string_equal(text, known[i].text);
        }
    }
}

// A component of 255 and 256 bytes, a path of 4095 and 4096.
static void long_names_agree(void **state)
{
    struct tree *t = *state;
    static const size_t lengths[] = {254, 255, 256, 300, 4094, 4095, 4096, 5000};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(lengths); i++) {
        spc_auto_buf struct spc_buf name = {0}, path = {0}, slashes = {0};
        spc_buf_pad(&name, 'n', lengths[i]);
        assert_same(t->rootfd, name.data, O_PATH);
        while (path.len + 2 <= lengths[i])
            spc_buf_puts(&path, "./");
        spc_buf_pad(&path, '.', lengths[i] - path.len);
        assert_same(t->rootfd, path.data, O_PATH);
        spc_buf_pad(&slashes, '/', lengths[i]);
        assert_same(t->rootfd, slashes.data, O_PATH);
    }
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = '\0';
    put_file(t->rootfd, longest, "x");
    assert_same(t->rootfd, longest, O_RDONLY);
}

// The walk holds each directory that it is in, and has room for 64.
static void walk_has_a_depth(void **state)
{
    struct tree *t = *state;
    spc_auto_buf struct spc_buf path = {0};
    spc_buf_puts(&path, "d");
    for (size_t depth = 1;; depth++) {
        assert_int_equal(mkdirat(t->rootfd, path.data, 0755), 0);
        if (depth == 65)
            break;
        assert_same(t->rootfd, path.data, O_PATH);
        spc_buf_puts(&path, "/d");
    }
    spc_auto_close int fd = spc_open_in_root(t->rootfd, path.data, O_PATH);
    assert_true(fd >= 0);
    assert_int_equal(spc_open_in_root_walk(t->rootfd, path.data, O_PATH), -ENAMETOOLONG);
}

static unsigned count_fds(void)
{
    spc_auto_dir DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;
    while (readdir(dir))
        n++;
    return n;
}

static void walk_leaks_no_descriptor(void **state)
{
    struct tree *t = *state;
    unsigned before = count_fds();
    for (size_t i = 0; i < SPC_ARRAY_SIZE(paths); i++)
        spc_close(spc_open_in_root_walk(t->rootfd, paths[i], O_PATH));
    assert_int_equal(count_fds(), before);
}

// Links that the kernel makes up lead anywhere: /proc/self/root would be the way out.
static void magic_links_are_refused(void **state)
{
    (void)state;
    static const char *const magic[] = {"proc/self/root", "proc/self/root/etc/passwd",
                                        "proc/self/cwd",  "proc/self/exe",
                                        "proc/self/fd/0", "proc/thread-self/ns/net"};
    spc_auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, 0);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(magic); i++) {
        assert_int_equal(spc_open_in_root(root, magic[i], O_PATH), -ELOOP);
        assert_int_equal(spc_open_in_root_walk(root, magic[i], O_PATH), -ELOOP);
    }
    // Those that are ordinary text stay.
    assert_same(root, "proc/self/status", O_RDONLY);
    assert_same(root, "proc/mounts", O_RDONLY);
    assert_same(root, "proc/net/dev", O_RDONLY);
    assert_same(root, "proc/thread-self/stat", O_RDONLY);
}

static void unsupported_flags_are_refused(void **state)
{
    struct tree *t = *state;
    assert_int_equal(spc_open_in_root_walk(t->rootfd, "new", O_CREAT | O_WRONLY), -EINVAL);
    assert_int_equal(spc_open_in_root_walk(t->rootfd, "to-file", O_NOFOLLOW), -EINVAL);
}

static void read_has_a_limit(void **state)
{
    struct tree *t = *state;
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(spc_read_in_root(t->rootfd, "dir/file", 3, &text, &len), -EFBIG);
    assert_null(text);
    assert_int_equal(spc_read_in_root(t->rootfd, "dir/file", 4, &text, &len), 0);
    assert_string_equal(text, "file");
    assert_int_equal(len, 4);
    free(text);

    put_file(t->rootfd, "empty", "");
    assert_int_equal(spc_read_in_root(t->rootfd, "empty", 0, &text, NULL), 0);
    assert_string_equal(text, "");
    free(text);
}

// procfs and sysfs say size 0 or 4096, whatever is in the file.
static void read_does_not_believe_the_size(void **state)
{
    (void)state;
    spc_auto_close int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_free char *maps = NULL;
    size_t len = 0;
    assert_int_equal(spc_read_in_root(proc, "self/smaps", 1 << 20, &maps, &len), 0);
    assert_true(len > 8192);
    assert_int_equal(strlen(maps), len);
    char *none = NULL;
    assert_int_equal(spc_read_in_root(proc, "self/smaps", len / 2, &none, NULL), -EFBIG);
    assert_null(none);

    spc_auto_free char *version = NULL, *again = NULL;
    assert_int_equal(spc_read_in_root(proc, "version", 4096, &version, &len), 0);
    assert_int_equal(spc_read_in_root(proc, "version", len - 1, &none, NULL), -EFBIG);
    assert_int_equal(spc_read_in_root(proc, "version", len, &again, NULL), 0);
    assert_string_equal(version, again);
}

// 16 GiB that take no room: refused before a byte is read or allocated.
static void read_refuses_a_huge_file_at_once(void **state)
{
    struct tree *t = *state;
    put_file(t->rootfd, "huge", "");
    spc_auto_close int fd = openat(t->rootfd, "huge", O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, INT64_C(16) << 30), 0);
    char *text = NULL;
    assert_int_equal(spc_read_fd(fd, 1 << 20, &text, NULL), -EFBIG);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

static void read_takes_regular_files_only(void **state)
{
    struct tree *t = *state;
    char *text = NULL;
    assert_int_equal(spc_read_in_root(t->rootfd, "fifo", 100, &text, NULL), -EINVAL);
    assert_int_equal(spc_read_in_root(t->rootfd, "dir", 100, &text, NULL), -EISDIR);
    assert_int_equal(spc_read_in_root(t->rootfd, "nowhere", 100, &text, NULL), -ENOENT);

    spc_auto_close int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(spc_read_in_root(dev, "zero", 100, &text, NULL), -EINVAL);

    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/root/socket", t->top);
    spc_auto_close int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(sock, (void *)&addr, sizeof(addr)), 0);
    assert_int_equal(spc_read_in_root(t->rootfd, "socket", 100, &text, NULL), -ENXIO);
    assert_null(text);
}

static void read_small_fits_or_fails(void **state)
{
    struct tree *t = *state;
    char buf[8];
    assert_int_equal(spc_read_small(t->rootfd, "dir/file", buf, sizeof(buf)), 4);
    assert_string_equal(buf, "file");
    assert_int_equal(spc_read_small(t->rootfd, "dir/file", buf, 5), 4);
    assert_int_equal(spc_read_small(t->rootfd, "dir/file", buf, 4), -E2BIG);
    assert_int_equal(spc_read_small(t->rootfd, "dir/file", buf, 0), -E2BIG);
    assert_int_equal(spc_read_small(t->rootfd, "nowhere", buf, sizeof(buf)), -ENOENT);
    assert_int_equal(spc_read_small(t->rootfd, "to-file", buf, sizeof(buf)), -ELOOP);
    assert_int_equal(spc_read_small(t->rootfd, "dir", buf, sizeof(buf)), -EISDIR);
}

static void write_all_says_why_not(void **state)
{
    (void)state;
    spc_auto_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(spc_write_all(full, "x", 1), -ENOSPC);
    assert_int_equal(spc_write_all(full, "", 0), 0);
    assert_int_equal(spc_write_all(SPC_NOFD, "x", 1), -EBADF);
}

#define TREE_TEST(func) cmocka_unit_test_setup_teardown(func, tree_make, tree_free)

static const struct CMUnitTest tests[] = {
    TREE_TEST(kernel_and_walk_agree),
    TREE_TEST(known_answers),
    TREE_TEST(long_names_agree),
    TREE_TEST(walk_has_a_depth),
    TREE_TEST(walk_leaks_no_descriptor),
    cmocka_unit_test(magic_links_are_refused),
    TREE_TEST(unsupported_flags_are_refused),
    TREE_TEST(read_has_a_limit),
    cmocka_unit_test(read_does_not_believe_the_size),
    TREE_TEST(read_refuses_a_huge_file_at_once),
    TREE_TEST(read_takes_regular_files_only),
    TREE_TEST(read_small_fits_or_fails),
    cmocka_unit_test(write_all_says_why_not),
};

UNIT_MAIN(tests)
