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

void show_statx(struct decode *d, const char *name, uint64_t value)
{
    struct statx sx;
    if (!decode_fetch(d, name, value, &sx, sizeof(sx)))
        return;
    print_struct(d->out, name);
    decode_flags(d, "stx_mask", &flags_statx, sx.stx_mask);
    decode_flags(d, "stx_attributes", &flags_statx_attr, sx.stx_attributes);
    decode_mode(d, "stx_mode", sx.stx_mode);
    print_count(d->out, "stx_size", sx.stx_size);
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

// Without -v only the number of entries is shown; it is found by walking the record lengths.
static void show_entries(struct decode *d, const char *name, uint64_t addr, size_t reclen_at)
{
    uint64_t len = decode_result(d);
    unsigned count = 0;
    for (uint64_t at = 0; at < len; count++) {
        uint16_t reclen;
        if (!decode_get(d, addr + at + reclen_at, &reclen, sizeof(reclen)) || !reclen)
            break;
        at += reclen;
    }
    char text[32];
    snprintf(text, sizeof(text), "%u entries", count);
    print_address(d->out, name, addr);
    print_comment(d->out, text);
}

void show_dents(struct decode *d, const char *name, uint64_t value)
{
    show_entries(d, name, value, 16); // struct linux_dirent: ino, off, reclen (getdents(2))
}

void show_dents64(struct decode *d, const char *name, uint64_t value)
{
    show_entries(d, name, value, 16); // struct linux_dirent64: the same place
}
