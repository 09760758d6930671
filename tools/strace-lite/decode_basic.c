// SPDX-License-Identifier: BSD-2-Clause
// Numbers, constants, strings and buffers.
#include "decode.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

// As much as one string may take of our memory, whatever -s says.
#define STRING_MAX (1024 * 1024)

bool decode_fetch(struct decode *d, const char *name, uint64_t addr, void *buf, size_t len)
{
    if (addr && decode_get(d, addr, buf, len))
        return true;
    print_address(d->out, name, addr);
    return false;
}

void decode_flags(struct decode *d, const char *name, const struct flag_set *set, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    strace_flags_put(&text, set, value);
    print_symbol(d->out, name, spc_buf_str(&text));
}

void decode_enum(struct decode *d, const char *name, const struct flag_set *set, uint64_t value)
{
    const char *known = strace_flag_name(set, value);
    if (known) {
        print_symbol(d->out, name, known);
        return;
    }
    print_bits(d->out, name, value);
    if (set->unknown)
        print_comment(d->out, set->unknown);
}

void decode_octal(struct decode *d, const char *name, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), value > 07 ? "%#03" PRIo64 : "%03" PRIo64, value);
    print_symbol(d->out, name, text);
}

void decode_mode(struct decode *d, const char *name, uint32_t mode)
{
    char text[64];
    const char *type = strace_flag_name(&flags_file_type, mode & S_IFMT);
    snprintf(text, sizeof(text), "%s%s%s%s%s%#03o", type ? type : "", type ? "|" : "",
             mode & S_ISUID ? "S_ISUID|" : "", mode & S_ISGID ? "S_ISGID|" : "",
             mode & S_ISVTX ? "S_ISVTX|" : "", mode & ~(type ? S_IFMT | 07000u : 07000u));
    print_symbol(d->out, name, text);
}

void decode_fd(struct decode *d, const char *name, int fd)
{
    print_number(d->out, name, fd);
}

void decode_text(struct decode *d, const char *name, const char *data, size_t len, uint32_t limit)
{
    bool is_cut = limit && len > limit;
    print_string(d->out, name, data, is_cut ? limit : len, is_cut);
}

void decode_bytes(struct decode *d, const char *name, uint64_t addr, uint64_t len)
{
    uint32_t limit = d->options->string_limit;
    size_t want = len < limit ? len : limit;
    char small[256];
    spc_auto_free char *large = want > sizeof(small) ? malloc(want) : NULL;
    char *data = large ? large : small;
    if (want > sizeof(small) && !large)
        want = sizeof(small);
    if (!addr || (want && !decode_get(d, addr, data, want))) {
        print_address(d->out, name, addr);
        return;
    }
    print_string(d->out, name, data, want, len > want);
}

void decode_string(struct decode *d, const char *name, uint64_t addr, uint32_t limit)
{
    // One byte more than is shown tells a string that just fits from a longer one.
    size_t size = limit ? (size_t)limit + 1 : PATH_MAX;
    char small[PATH_MAX];
    if (size > STRING_MAX)
        size = STRING_MAX;
    spc_auto_free char *large = size > sizeof(small) ? malloc(size) : NULL;
    char *data = large ? large : small;
    if (size > sizeof(small) && !large)
        size = sizeof(small);

    bool has_ended;
    ssize_t n = addr ? strace_memory_string(d->call->memory, addr, data, size, &has_ended) : -1;
    if (n < 0) {
        print_address(d->out, name, addr);
        return;
    }
    bool is_cut = !has_ended;
    if (limit && (size_t)n > limit)
        n = limit;
    else if (!limit && is_cut)
        n--;
    print_string(d->out, name, data, (size_t)n, is_cut);
}

void show_int(struct decode *d, const char *name, uint64_t value)
{
    print_number(d->out, name, (int)value);
}

void show_uint(struct decode *d, const char *name, uint64_t value)
{
    print_count(d->out, name, (unsigned)value);
}

void show_long(struct decode *d, const char *name, uint64_t value)
{
    print_number(d->out, name, (int64_t)value);
}

void show_size(struct decode *d, const char *name, uint64_t value)
{
    print_count(d->out, name, value);
}

void show_hex(struct decode *d, const char *name, uint64_t value)
{
    print_bits(d->out, name, value);
}

void show_addr(struct decode *d, const char *name, uint64_t value)
{
    print_address(d->out, name, value);
}

void show_octal(struct decode *d, const char *name, uint64_t value)
{
    decode_octal(d, name, (uint32_t)value);
}

void show_fd(struct decode *d, const char *name, uint64_t value)
{
    decode_fd(d, name, (int)value);
}

void show_dirfd(struct decode *d, const char *name, uint64_t value)
{
    if ((int)value == AT_FDCWD)
        print_symbol(d->out, name, "AT_FDCWD");
    else
        decode_fd(d, name, (int)value);
}

void show_uid(struct decode *d, const char *name, uint64_t value)
{
    if ((uint32_t)value == UINT32_MAX)
        print_number(d->out, name, -1);
    else
        print_count(d->out, name, (uint32_t)value);
}

static void show_boxed(struct decode *d, const char *name, int64_t value)
{
    print_array(d->out, name);
    print_number(d->out, NULL, value);
    print_array_end(d->out);
}

void show_uid_out(struct decode *d, const char *name, uint64_t value)
{
    uint32_t id;
    if (decode_fetch(d, name, value, &id, sizeof(id)))
        show_boxed(d, name, id);
}

void show_uint_out(struct decode *d, const char *name, uint64_t value)
{
    show_uid_out(d, name, value);
}

void show_ulong_out(struct decode *d, const char *name, uint64_t value)
{
    uint64_t number;
    if (decode_fetch(d, name, value, &number, sizeof(number)))
        show_boxed(d, name, (int64_t)number);
}

void show_addr_out(struct decode *d, const char *name, uint64_t value)
{
    uint64_t addr;
    if (!decode_fetch(d, name, value, &addr, sizeof(addr)))
        return;
    print_array(d->out, name);
    print_address(d->out, NULL, addr);
    print_array_end(d->out);
}

void show_int_array1(struct decode *d, const char *name, uint64_t value)
{
    int number;
    if (decode_fetch(d, name, value, &number, sizeof(number)))
        show_boxed(d, name, number);
}

void show_loff(struct decode *d, const char *name, uint64_t value)
{
    int64_t offset;
    if (decode_fetch(d, name, value, &offset, sizeof(offset)))
        show_boxed(d, name, offset);
}

static void show_groups(struct decode *d, const char *name, uint64_t addr, uint64_t count)
{
    uint32_t ids[32];
    size_t shown = count < SPC_ARRAY_SIZE(ids) ? count : SPC_ARRAY_SIZE(ids);
    if (!addr || count > INT_MAX || !decode_get(d, addr, ids, shown * sizeof(ids[0]))) {
        print_address(d->out, name, addr);
        return;
    }
    print_array(d->out, name);
    for (size_t i = 0; i < shown; i++)
        print_count(d->out, NULL, ids[i]);
    if (count > shown)
        print_more(d->out);
    print_array_end(d->out);
}

void show_groups_in(struct decode *d, const char *name, uint64_t value)
{
    show_groups(d, name, value, decode_arg(d, 0));
}

void show_groups_out(struct decode *d, const char *name, uint64_t value)
{
    // With a size of 0 the kernel only says how many there are.
    show_groups(d, name, value, decode_arg(d, 0) ? decode_result(d) : 0);
}

void show_flags(struct decode *d, const char *name, uint64_t value)
{
    decode_flags(d, name, d->kind->set, (uint32_t)value);
}

void show_enum(struct decode *d, const char *name, uint64_t value)
{
    decode_enum(d, name, d->kind->set, (uint32_t)value);
}

void show_path(struct decode *d, const char *name, uint64_t value)
{
    decode_string(d, name, value, 0);
}

void show_str(struct decode *d, const char *name, uint64_t value)
{
    decode_string(d, name, value, d->options->string_limit);
}

// The length is the next argument in every call that has one.
void show_buf_in(struct decode *d, const char *name, uint64_t value)
{
    decode_bytes(d, name, value, decode_arg(d, d->index + 1));
}

void show_buf_out(struct decode *d, const char *name, uint64_t value)
{
    decode_bytes(d, name, value, decode_result(d));
}

void show_link_out(struct decode *d, const char *name, uint64_t value)
{
    decode_bytes(d, name, value, decode_result(d));
}

void show_path_out(struct decode *d, const char *name, uint64_t value)
{
    decode_string(d, name, value, 0);
}

void show_xattr_out(struct decode *d, const char *name, uint64_t value)
{
    // A size of 0 asks for the length only.
    if (decode_arg(d, d->index + 1))
        decode_bytes(d, name, value, decode_result(d));
    else
        print_address(d->out, name, value);
}
