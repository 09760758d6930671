// SPDX-License-Identifier: BSD-2-Clause
// Decoders on memory that a test wrote: text and JSON of the same calls.
#include "tools/strace-lite/call.h"
#include "tools/strace-lite/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/unit.h"

// Target memory: one block at BASE. Reads beyond its end are cut short, as the kernel does it.
#define BASE 0x10000

struct block {
    const char *data;
    size_t len;
};

static ssize_t read_block(const struct memory *memory, uint64_t addr, void *buf, size_t len)
{
    const struct block *block = memory->context;
    if (addr < BASE || addr - BASE >= block->len)
        return -EFAULT;
    size_t left = block->len - (addr - BASE);
    memcpy(buf, block->data + (addr - BASE), len < left ? len : left);
    return (ssize_t)(len < left ? len : left);
}

static const struct syscall *find_call(const char *name)
{
    for (size_t i = 0; i < strace_syscall_tables[0].count; i++) {
        const struct syscall *row = &strace_syscall_tables[0].rows[i];
        if (row->name && strcmp(row->name, name) == 0)
            return row;
    }
    fail_msg("no call %s", name);
    return NULL;
}

struct sample {
    const char *name;
    uint64_t args[6];
    int64_t result;
    const void *memory;
    size_t len;
    const char *entered, *text, *json;
};

static void run_sample(const struct sample *s, bool is_json, struct spc_buf *out, size_t *entered)
{
    struct block block = {s->memory, s->len};
    struct memory memory = {.read = read_block, .context = &block};
    struct decode_options options = {.string_limit = 32, .is_json = is_json};
    struct call call = {.entry = find_call(s->name), .memory = &memory};
    memcpy(call.args, s->args, sizeof(call.args));

    call.event.base.kind = SPC_EVENT_CALL_ENTER;
    strace_decode_call(&call, &options);
    call.event.base.kind = SPC_EVENT_CALL_EXIT;
    call.event.has_returned = true;
    call.event.result = s->result;
    call.event.is_failed = s->result < 0 && s->result >= -4095;
    call.event.error = call.event.is_failed ? (int)-s->result : 0;
    strace_decode_call(&call, &options);
    spc_buf_puts(out, call.event.args);
    if (!is_json) {
        spc_buf_printf(out, " = %s", call.event.result_text);
        if (call.event.error_name)
            spc_buf_printf(out, " %s", call.event.error_name);
        if (call.event.note)
            spc_buf_printf(out, " (%s)", call.event.note);
    }
    *entered = call.event.args_entered;
    strace_call_free(&call);
}

#define TEXT(string) .memory = (string), .len = sizeof(string)
#define LONG_TEXT    "0123456789012345678901234567890123456789"

static const struct sample samples[] = {
    {"openat",
     {(uint64_t)-100, BASE, O_WRONLY | O_CREAT, 0600},
     3,
     TEXT("/tmp/\"x\n"),
     "AT_FDCWD, \"/tmp/\\\"x\\n\", O_WRONLY|O_CREAT, 0600",
     "AT_FDCWD, \"/tmp/\\\"x\\n\", O_WRONLY|O_CREAT, 0600 = 3",
     "{\"dirfd\":\"AT_FDCWD\",\"pathname\":\"/tmp/\\\"x\\u000a\",\"flags\":\"O_WRONLY|O_CREAT\","
     "\"mode\":\"0600\"}"},
    {"openat",
     {3, BASE, O_RDONLY, 0600},
     -ENOENT,
     TEXT("x"),
     "3, \"x\", O_RDONLY",
     "3, \"x\", O_RDONLY = -1 ENOENT (No such file or directory)",
     "{\"dirfd\":3,\"pathname\":\"x\",\"flags\":\"O_RDONLY\"}"},
    {"read",
     {0, BASE, 100},
     5,
     TEXT("hello"),
     "0, ",
     "0, \"hello\", 100 = 5",
     "{\"fd\":0,\"buf\":\"hello\",\"count\":100}"},
    {"read",
     {0, BASE, 100},
     -EINTR,
     TEXT("hello"),
     "0, ",
     "0, 0x10000, 100 = -1 EINTR (Interrupted system call)",
     "{\"fd\":0,\"buf\":\"0x10000\",\"count\":100}"},
    {"read",
     {0, 0x500, 100},
     5,
     TEXT("hello"),
     "0, ",
     "0, 0x500, 100 = 5",
     "{\"fd\":0,\"buf\":\"0x500\",\"count\":100}"},
    {"write",
     {1, BASE, 40},
     40,
     TEXT(LONG_TEXT),
     "1, \"01234567890123456789012345678901\"..., 40",
     "1, \"01234567890123456789012345678901\"..., 40 = 40",
     "{\"fd\":1,\"buf\":\"01234567890123456789012345678901\",\"count\":40}"},
    {"write",
     {1, 0, 40},
     -EFAULT,
     TEXT(""),
     "1, NULL, 40",
     "1, NULL, 40 = -1 EFAULT (Bad address)",
     "{\"fd\":1,\"buf\":null,\"count\":40}"},
    {"mmap",
     {0, 4096, 3, 0x22, (uint64_t)-1, 0},
     0x7f0000001000,
     TEXT(""),
     "NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0",
     "NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 = 0x7f0000001000",
     "{\"addr\":null,\"length\":4096,\"prot\":\"PROT_READ|PROT_WRITE\",\"flags\":\"MAP_PRIVATE|MAP_"
     "ANONYMOUS\",\"fd\":-1,\"offset\":\"0x0\"}"},
    {"pipe2",
     {BASE, 02000000},
     0,
     TEXT("\3\0\0\0\4\0\0"),
     "",
     "[3, 4], O_CLOEXEC = 0",
     "{\"pipefd\":[3,4],\"flags\":\"O_CLOEXEC\"}"},
    {"exit_group", {7}, 0, TEXT(""), "7", "7 = ?", "{\"status\":7}"},
    {"pause", {0}, -514, TEXT(""), "", " = ? ERESTARTNOHAND (To be restarted if no handler)", "{}"},
    {"umask", {022}, 0, TEXT(""), "022", "022 = 000", "{\"mask\":\"022\"}"},
    {"kill",
     {1, 34},
     0,
     TEXT(""),
     "1, SIGRT_2",
     "1, SIGRT_2 = 0",
     "{\"pid\":1,\"sig\":\"SIGRT_2\"}"},
    {"fcntl",
     {3, 3},
     02002,
     TEXT(""),
     "3, F_GETFL",
     "3, F_GETFL = 0x402 (flags O_RDWR|O_APPEND)",
     "{\"fd\":3,\"op\":\"F_GETFL\"}"},
    {"wait4",
     {(uint64_t)-1, BASE, 0, 0},
     12,
     TEXT("\0\3\0\0"),
     "-1, ",
     "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL = 12",
     "{\"pid\":-1,\"wstatus\":[\"{WIFEXITED(s) && WEXITSTATUS(s) == 3}\"],\"options\":\"0\","
     "\"rusage\":null}"},
    {"rt_sigprocmask",
     {0, BASE, 0, 8},
     0,
     TEXT("\2\0\0\0\0\0\0"),
     "SIG_BLOCK, [INT], ",
     "SIG_BLOCK, [INT], NULL, 8 = 0",
     "{\"how\":\"SIG_BLOCK\",\"set\":\"[INT]\",\"oldset\":null,\"sigsetsize\":8}"},
    {"connect",
     {3, BASE, 16},
     0,
     TEXT("\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0"),
     "3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16",
     "3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16 = 0",
     "{\"sockfd\":3,\"addr\":{\"sa_family\":\"AF_INET\",\"sin_port\":\"htons(80)\",\"sin_addr\":"
     "\"inet_addr(\\\"127.0.0.1\\\")\"},\"addrlen\":16}"},
    {"poll",
     {BASE, 1, 10},
     1,
     TEXT("\1\0\0\0\1\0\1"),
     "[{fd=1, events=POLLIN}], 1, 10",
     "[{fd=1, events=POLLIN}], 1, 10 = 1 ([{fd=1, revents=POLLIN}])",
     "{\"fds\":[{\"fd\":1,\"events\":\"POLLIN\"}],\"nfds\":1,\"timeout\":10}"},
    {"lseek",
     {3, (uint64_t)-5, 9},
     -EINVAL,
     TEXT(""),
     "3, -5, 0x9 /* SEEK_??? */",
     "3, -5, 0x9 /* SEEK_??? */ = -1 EINVAL (Invalid argument)",
     "{\"fd\":3,\"offset\":-5,\"whence\":\"0x9\"}"},
};

static void calls_are_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        const struct sample *s = &samples[i];
        spc_auto_buf struct spc_buf text = {0}, json = {0};
        size_t entered;
        run_sample(s, false, &text, &entered);
        assert_string_equal(spc_buf_str(&text), s->text);
        assert_int_equal(entered, strlen(s->entered));
        assert_memory_equal(spc_buf_str(&text), s->entered, entered);
        run_sample(s, true, &json, &entered);
        assert_string_equal(spc_buf_str(&json), s->json);
    }
}

// Every call of the table over memory that holds pointers into itself: nothing crashes, text is
// printable, JSON is JSON, and no member of an object is there twice.
static void every_call_survives_nonsense(void **state)
{
    static const int64_t results[] = {0, 1, -EFAULT, 0x7fffffffffffffff, -516};
    uint64_t page[64];
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(page); i++)
        page[i] = BASE + i * 8;
    for (size_t nr = 0; nr < strace_syscall_tables[0].count; nr++)
        for (size_t i = 0; i < SPC_ARRAY_SIZE(results); i++) {
            const struct syscall *row = &strace_syscall_tables[0].rows[nr];
            if (!row->name)
                continue;
            struct sample s = {row->name,
                               {BASE, BASE + 8, BASE, BASE + 501, 3, BASE + 16},
                               results[i],
                               page,
                               sizeof(page)};
            spc_auto_buf struct spc_buf text = {0}, json = {0};
            size_t entered;
            run_sample(&s, false, &text, &entered);
            for (size_t c = 0; c < text.len; c++)
                assert_in_range((unsigned char)text.data[c], 0x20, 0x7e);
            run_sample(&s, true, &json, &entered);
            struct json_object *object = json_tokener_parse(spc_buf_str(&json));
            if (!json_object_is_type(object, json_type_object))
                fail_msg("%s: %s", row->name, spc_buf_str(&json));
            json_object_put(object);
        }
}

static void signals_are_decoded(void **state)
{
    siginfo_t si = {.si_signo = SIGSEGV, .si_code = 1};
    spc_auto_buf struct spc_buf text = {0};
    struct decode_options options = {.string_limit = 32};
    (void)state;
    si.si_addr = (void *)0x10;
    assert_string_equal(strace_decode_signal(&si, &text, &options),
                        "{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10}");
    options.is_json = true;
    assert_string_equal(
        strace_decode_signal(&si, &text, &options),
        "{\"si_signo\":\"SIGSEGV\",\"si_code\":\"SEGV_MAPERR\",\"si_addr\":\"0x10\"}");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(calls_are_decoded),
    cmocka_unit_test(every_call_survives_nonsense),
    cmocka_unit_test(signals_are_decoded),
};

UNIT_MAIN(tests)
