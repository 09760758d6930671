// SPDX-License-Identifier: BSD-2-Clause
// Files: opening, stat and friends, directories.
#include "decode.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static void put_open_flags(struct spc_buf *text, uint64_t flags)
{
    strace_enum_put(text, &flags_open_access, flags & O_ACCMODE);
    if (flags & ~(uint64_t)O_ACCMODE) {
        spc_buf_putc(text, '|');
        strace_flags_put(text, &flags_open, flags & ~(uint64_t)O_ACCMODE);
    }
}

static void decode_open_flags(struct decode *d, const char *name, uint64_t flags)
{
    spc_auto_buf struct spc_buf text = {0};
    put_open_flags(&text, flags);
    print_symbol(d->out, name, spc_buf_str(&text));
}

void show_open_flags(struct decode *d, const char *name, uint64_t value)
{
    decode_open_flags(d, name, (uint32_t)value);
}

// The mode counts only where a file may be made; it follows the flags in every call that has it.
bool strace_has_open_mode(const struct call *call)
{
    const struct syscall *entry = call->entry;
    for (unsigned i = 0; i < entry->arg_count; i++)
        if (entry->args[i].kind == KIND_open_flags)
            return call->args[i] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
    return true;
}

void show_open_how(struct decode *d, const char *name, uint64_t value)
{
    struct open_how how;
    if (!decode_fetch(d, name, value, &how, sizeof(how)))
        return;
    print_struct(d->out, name);
    decode_open_flags(d, "flags", how.flags);
    if (how.flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) || how.mode)
        decode_octal(d, "mode", how.mode);
    decode_flags(d, "resolve", &flags_resolve, how.resolve);
    print_struct_end(d->out);
}

bool strace_has_mknod_dev(const struct call *call)
{
    for (unsigned i = 0; i < call->entry->arg_count; i++)
        if (call->entry->args[i].kind == KIND_mknod_mode)
            return S_ISCHR(call->args[i]) || S_ISBLK(call->args[i]);
    return true;
}

void show_mknod_mode(struct decode *d, const char *name, uint64_t value)
{
    decode_mode(d, name, (uint32_t)value);
}

static void decode_dev(struct decode *d, const char *name, dev_t dev)
{
    char text[64];
    snprintf(text, sizeof(text), "makedev(%#x, %#x)", major(dev), minor(dev));
    print_symbol(d->out, name, text);
}

void show_dev(struct decode *d, const char *name, uint64_t value)
{
    decode_dev(d, name, value);
}

void show_fd_pair(struct decode *d, const char *name, uint64_t value)
{
    int pair[2];
    if (!decode_fetch(d, name, value, pair, sizeof(pair)))
        return;
    print_array(d->out, name);
    decode_fd(d, NULL, pair[0]);
    decode_fd(d, NULL, pair[1]);
    print_array_end(d->out);
}

static void show_stat_times(struct decode *d, const char *name, int64_t seconds, uint64_t ns)
{
    char nsec[32];
    print_number(d->out, name, seconds);
    decode_time_comment(d, seconds, ns);
    snprintf(nsec, sizeof(nsec), "%s_nsec", name);
    print_count(d->out, nsec, ns);
}

void show_stat(struct decode *d, const char *name, uint64_t value)
{
    struct stat st;
    if (!decode_fetch(d, name, value, &st, sizeof(st)))
        return;
    bool is_device = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode), is_full = d->options->is_verbose;
    print_struct(d->out, name);
    if (is_full) {
        decode_dev(d, "st_dev", st.st_dev);
        print_count(d->out, "st_ino", st.st_ino);
    }
    decode_mode(d, "st_mode", st.st_mode);
    if (is_full) {
        print_count(d->out, "st_nlink", st.st_nlink);
        print_count(d->out, "st_uid", st.st_uid);
        print_count(d->out, "st_gid", st.st_gid);
        print_number(d->out, "st_blksize", st.st_blksize);
        print_number(d->out, "st_blocks", st.st_blocks);
    }
    if (is_device)
        decode_dev(d, "st_rdev", st.st_rdev);
    else
        print_number(d->out, "st_size", st.st_size);
    if (is_full) {
        show_stat_times(d, "st_atime", st.st_atim.tv_sec, (uint64_t)st.st_atim.tv_nsec);
        show_stat_times(d, "st_mtime", st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec);
        show_stat_times(d, "st_ctime", st.st_ctim.tv_sec, (uint64_t)st.st_ctim.tv_nsec);
    } else {
        print_more(d->out);
    }
    print_struct_end(d->out);
}

void show_statx_flags(struct decode *d, const char *name, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    uint32_t sync = value & 0x6000, rest = (uint32_t)value & ~0x6000u;
    strace_enum_put(&text, &flags_statx_sync, sync);
    if (rest) {
        spc_buf_putc(&text, '|');
        strace_flags_put(&text, &flags_at, rest);
    }
    print_symbol(d->out, name, spc_buf_str(&text));
}

static void show_statx_time(struct decode *d, const char *name, const struct statx_timestamp *ts)
{
    print_struct(d->out, name);
    print_number(d->out, "tv_sec", ts->tv_sec);
    print_count(d->out, "tv_nsec", ts->tv_nsec);
    print_struct_end(d->out);
    decode_time_comment(d, ts->tv_sec, ts->tv_nsec);
}

// What -v adds behind the size; only what the kernel says it filled.
static void show_statx_rest(struct decode *d, const struct statx *sx)
{
    print_count(d->out, "stx_blocks", sx->stx_blocks);
    decode_flags(d, "stx_attributes_mask", &flags_statx_attr, sx->stx_attributes_mask);
    if (sx->stx_mask & STATX_ATIME)
        show_statx_time(d, "stx_atime", &sx->stx_atime);
    if (sx->stx_mask & STATX_BTIME)
        show_statx_time(d, "stx_btime", &sx->stx_btime);
    if (sx->stx_mask & STATX_CTIME)
        show_statx_time(d, "stx_ctime", &sx->stx_ctime);
    if (sx->stx_mask & STATX_MTIME)
        show_statx_time(d, "stx_mtime", &sx->stx_mtime);
    print_count(d->out, "stx_rdev_major", sx->stx_rdev_major);
    print_count(d->out, "stx_rdev_minor", sx->stx_rdev_minor);
    print_count(d->out, "stx_dev_major", sx->stx_dev_major);
    print_count(d->out, "stx_dev_minor", sx->stx_dev_minor);
    if (sx->stx_mask & STATX_MNT_ID)
        print_bits(d->out, "stx_mnt_id", sx->stx_mnt_id);
}

void show_statx(struct decode *d, const char *name, uint64_t value)
{
    struct statx sx;
    bool is_full = d->options->is_verbose;
    if (!decode_fetch(d, name, value, &sx, sizeof(sx)))
        return;
    print_struct(d->out, name);
    decode_flags(d, "stx_mask", &flags_statx, sx.stx_mask);
    if (is_full)
        print_count(d->out, "stx_blksize", sx.stx_blksize);
    decode_flags(d, "stx_attributes", &flags_statx_attr, sx.stx_attributes);
    if (is_full) {
        print_count(d->out, "stx_nlink", sx.stx_nlink);
        print_count(d->out, "stx_uid", sx.stx_uid);
        print_count(d->out, "stx_gid", sx.stx_gid);
    }
    decode_mode(d, "stx_mode", sx.stx_mode);
    if (is_full)
        print_count(d->out, "stx_ino", sx.stx_ino);
    print_count(d->out, "stx_size", sx.stx_size);
    if (is_full)
        show_statx_rest(d, &sx);
    else
        print_more(d->out);
    print_struct_end(d->out);
}

void show_statfs(struct decode *d, const char *name, uint64_t value)
{
    struct statfs fs;
    if (!decode_fetch(d, name, value, &fs, sizeof(fs)))
        return;
    print_struct(d->out, name);
    decode_enum(d, "f_type", &flags_statfs_type, (uint32_t)fs.f_type);
    print_number(d->out, "f_bsize", fs.f_bsize);
    print_count(d->out, "f_blocks", fs.f_blocks);
    print_count(d->out, "f_bfree", fs.f_bfree);
    print_count(d->out, "f_bavail", fs.f_bavail);
    print_count(d->out, "f_files", fs.f_files);
    print_count(d->out, "f_ffree", fs.f_ffree);
    print_struct(d->out, "f_fsid");
    print_array(d->out, "val");
    print_bits(d->out, NULL, (uint32_t)fs.f_fsid.__val[0]);
    print_bits(d->out, NULL, (uint32_t)fs.f_fsid.__val[1]);
    print_array_end(d->out);
    print_struct_end(d->out);
    print_number(d->out, "f_namelen", fs.f_namelen);
    print_number(d->out, "f_frsize", fs.f_frsize);
    decode_flags(d, "f_flags", &flags_statfs_flags, (uint64_t)fs.f_flags);
    print_struct_end(d->out);
}

// Head of struct linux_dirent64, and of linux_dirent, whose type stands behind the name instead
// (getdents(2)).
struct entry_head {
    uint64_t ino, off;
    uint16_t reclen;
};

#define HEAD_SIZE 18 // without the padding of the struct

static void show_entry(struct decode *d, uint64_t addr, const struct entry_head *head, bool is_64)
{
    char name[256];
    unsigned char type = 0;
    bool has_ended;
    uint64_t name_at = addr + HEAD_SIZE + is_64;
    size_t space = head->reclen > HEAD_SIZE + is_64 ? head->reclen - HEAD_SIZE - is_64 : 0;
    decode_get(d, is_64 ? addr + HEAD_SIZE : addr + head->reclen - 1, &type, 1);
    if (space > sizeof(name))
        space = sizeof(name);
    ssize_t len = strace_memory_string(d->call->memory, name_at, name, space, &has_ended);
    print_struct(d->out, NULL);
    print_count(d->out, "d_ino", head->ino);
    print_count(d->out, "d_off", head->off);
    print_count(d->out, "d_reclen", head->reclen);
    if (is_64)
        decode_enum(d, "d_type", &flags_dirent_type, type);
    if (len >= 0)
        print_string(d->out, "d_name", name, (size_t)len, false);
    else
        print_address(d->out, "d_name", name_at);
    if (!is_64)
        decode_enum(d, "d_type", &flags_dirent_type, type);
    print_struct_end(d->out);
}

// Without -v only the number of entries is shown; both ways walk the record lengths.
static void show_entries(struct decode *d, const char *name, uint64_t addr, bool is_64)
{
    uint64_t len = decode_result(d);
    unsigned count = 0;
    struct entry_head head;
    bool is_full = d->options->is_verbose;
    if (is_full)
        print_array(d->out, name);
    for (uint64_t at = 0; at < len; count++, at += head.reclen) {
        if (!decode_get(d, addr + at, &head, HEAD_SIZE) || head.reclen < HEAD_SIZE)
            break;
        if (is_full)
            show_entry(d, addr + at, &head, is_64);
    }
    if (is_full) {
        print_array_end(d->out);
        return;
    }
    char text[32];
    snprintf(text, sizeof(text), "%u entries", count);
    print_address(d->out, name, addr);
    print_comment(d->out, text);
}

void show_dents(struct decode *d, const char *name, uint64_t value)
{
    show_entries(d, name, value, false);
}

void show_dents64(struct decode *d, const char *name, uint64_t value)
{
    show_entries(d, name, value, true);
}
