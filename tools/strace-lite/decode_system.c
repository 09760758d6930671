// SPDX-License-Identifier: BSD-2-Clause
// The rest: memory, System V IPC, facts about the system.
#include "decode.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

void show_mmap_flags(struct decode *d, const char *name, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    uint32_t flags = (uint32_t)value, rest = flags & ~(uint32_t)MAP_TYPE;
    strace_enum_put(&text, &flags_mmap_type, flags & MAP_TYPE);
    // The size of a huge page lies in the upper bits (mmap(2), MAP_HUGETLB).
    uint32_t huge = rest & MAP_HUGETLB ? rest >> 26 & 0x3f : 0;
    rest &= ~(huge << 26);
    if (rest) {
        spc_buf_putc(&text, '|');
        strace_flags_put(&text, &flags_mmap_flags, rest);
    }
    if (huge)
        spc_buf_printf(&text, "|%u<<MAP_HUGE_SHIFT", huge);
    print_symbol(d->out, name, spc_buf_str(&text));
}

bool strace_has_mremap_addr(const struct call *call)
{
    return call->args[3] & (MREMAP_FIXED | 4 /* MREMAP_DONTUNMAP */);
}

void show_mincore(struct decode *d, const char *name, uint64_t value)
{
    uint64_t pages = (decode_arg(d, 1) + 4095) / 4096;
    unsigned char vec[32];
    size_t shown = pages < sizeof(vec) ? pages : sizeof(vec);
    if (!decode_fetch(d, name, value, vec, shown))
        return;
    print_array(d->out, name);
    for (size_t i = 0; i < shown; i++)
        print_number(d->out, NULL, vec[i] & 1);
    if (pages > shown)
        print_more(d->out);
    print_array_end(d->out);
}

void show_hex_out(struct decode *d, const char *name, uint64_t value)
{
    uint64_t len = decode_result(d);
    uint32_t limit = d->options->string_limit;
    unsigned char data[256];
    size_t shown = len < limit ? len : limit;
    if (shown > sizeof(data))
        shown = sizeof(data);
    if (!decode_fetch(d, name, value, data, shown))
        return;
    spc_auto_buf struct spc_buf text = {0};
    if (!d->options->is_json)
        spc_buf_putc(&text, '"');
    for (size_t i = 0; i < shown; i++)
        spc_buf_printf(&text, d->options->is_json ? "%02x" : "\\x%02x", data[i]);
    if (!d->options->is_json)
        spc_buf_puts(&text, len > shown ? "\"..." : "\"");
    print_symbol(d->out, name, spc_buf_str(&text));
}

static void show_member(struct decode *d, const char *name, const char *text, size_t size)
{
    print_string(d->out, name, text, strnlen(text, size), false);
}

void show_utsname(struct decode *d, const char *name, uint64_t value)
{
    struct utsname uts;
    if (!decode_fetch(d, name, value, &uts, sizeof(uts)))
        return;
    print_struct(d->out, name);
    show_member(d, "sysname", uts.sysname, sizeof(uts.sysname));
    show_member(d, "nodename", uts.nodename, sizeof(uts.nodename));
    if (d->options->is_verbose) {
        show_member(d, "release", uts.release, sizeof(uts.release));
        show_member(d, "version", uts.version, sizeof(uts.version));
        show_member(d, "machine", uts.machine, sizeof(uts.machine));
        show_member(d, "domainname", uts.domainname, sizeof(uts.domainname));
    } else {
        print_more(d->out);
    }
    print_struct_end(d->out);
}

void show_sysinfo(struct decode *d, const char *name, uint64_t value)
{
    struct sysinfo info;
    if (!decode_fetch(d, name, value, &info, sizeof(info)))
        return;
    print_struct(d->out, name);
    print_number(d->out, "uptime", info.uptime);
    print_array(d->out, "loads");
    for (int i = 0; i < 3; i++)
        print_count(d->out, NULL, info.loads[i]);
    print_array_end(d->out);
    print_count(d->out, "totalram", info.totalram);
    print_count(d->out, "freeram", info.freeram);
    print_count(d->out, "sharedram", info.sharedram);
    print_count(d->out, "bufferram", info.bufferram);
    print_count(d->out, "totalswap", info.totalswap);
    print_count(d->out, "freeswap", info.freeswap);
    print_count(d->out, "procs", info.procs);
    print_count(d->out, "totalhigh", info.totalhigh);
    print_count(d->out, "freehigh", info.freehigh);
    print_count(d->out, "mem_unit", info.mem_unit);
    print_struct_end(d->out);
}

void show_key(struct decode *d, const char *name, uint64_t value)
{
    if ((uint32_t)value == IPC_PRIVATE)
        print_symbol(d->out, name, "IPC_PRIVATE");
    else
        print_bits(d->out, name, (uint32_t)value);
}

void show_ipc_get(struct decode *d, const char *name, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    uint32_t flags = (uint32_t)value & ~0777u;
    if (flags) {
        strace_flags_put(&text, &flags_ipc_get, flags);
        spc_buf_putc(&text, '|');
    }
    spc_buf_printf(&text, "%#03o", (unsigned)value & 0777);
    print_symbol(d->out, name, spc_buf_str(&text));
}

void show_sembuf(struct decode *d, const char *name, uint64_t value)
{
    struct sembuf op;
    uint32_t count = (uint32_t)decode_arg(d, 2);
    if (!value || !count || !decode_get(d, value, &op, sizeof(op))) {
        print_address(d->out, name, value);
        return;
    }
    print_array(d->out, name);
    for (uint32_t i = 0; i < count; i++) {
        if (i >= d->options->string_limit ||
            !decode_get(d, value + i * sizeof(op), &op, sizeof(op))) {
            print_more(d->out);
            break;
        }
        print_struct(d->out, NULL);
        print_count(d->out, "sem_num", op.sem_num);
        print_number(d->out, "sem_op", op.sem_op);
        decode_flags(d, "sem_flg", &flags_sem_op, (uint16_t)op.sem_flg);
        print_struct_end(d->out);
    }
    print_array_end(d->out);
}

// What the kernel resumes after a signal; which call that is was seen before, or never.
void show_restart(struct decode *d, const char *name, uint64_t value)
{
    char text[80];
    (void)value;
    snprintf(text, sizeof(text), "<... resuming interrupted %s ...>",
             d->call->previous ? d->call->previous : "system call");
    print_symbol(d->out, name, text);
}
