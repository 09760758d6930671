// SPDX-License-Identifier: BSD-2-Clause
// Any call with any arguments over any memory: decoders end, and what they print is printable text
// and valid JSON.
#include "tools/strace-lite/call.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

// Head of the input; the rest is the target's memory, at BASE.
struct head {
    uint16_t number;
    uint8_t limit, flags;
    int64_t result;
    uint64_t args[SYSCALL_MAX_ARGS];
};

#define BASE 0x10000

struct block {
    const uint8_t *data;
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

static void check_json(const char *text)
{
    struct json_object *object = json_tokener_parse(text);
    FUZZ_CHECK(json_object_is_type(object, json_type_object));
    json_object_put(object);
}

static void decode(const struct head *head, const struct memory *memory, bool is_json)
{
    const struct syscall *entry = strace_syscall_get(ABI_X86_64, head->number % 512);
    struct decode_options options = {
        .string_limit = head->limit, .is_verbose = head->flags & 1, .is_json = is_json};
    struct call call = {.entry = entry, .memory = memory, .stack_pointer = head->args[0]};
    if (!entry)
        return;
    memcpy(call.args, head->args, sizeof(call.args));
    call.event.base.kind = SPC_EVENT_CALL_ENTER;
    strace_decode_call(&call, &options);
    call.event.base.kind = head->flags & 2 ? SPC_EVENT_CALL_END : SPC_EVENT_CALL_EXIT;
    call.event.result = head->result;
    call.event.is_failed = head->result < 0 && head->result >= -4095;
    call.event.error = call.event.is_failed ? (int)-head->result : 0;
    strace_decode_call(&call, &options);
    FUZZ_CHECK(call.event.args_len < 64 * 1024 * 1024);
    if (is_json)
        check_json(call.event.args);
    for (size_t i = 0; !is_json && i < call.event.args_len; i++)
        FUZZ_CHECK(call.event.args[i] >= 0x20 && call.event.args[i] < 0x7f);
    strace_call_free(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head head;
    if (size < sizeof(head))
        return 0;
    memcpy(&head, data, sizeof(head));
    struct block block = {data + sizeof(head), size - sizeof(head)};
    struct memory memory = {.read = read_block, .context = &block};
    decode(&head, &memory, false);
    decode(&head, &memory, true);

    unsigned char si[128] = {0};
    spc_auto_buf struct spc_buf text = {0};
    struct decode_options options = {.string_limit = 32, .is_json = true};
    memcpy(si, block.data, block.len < sizeof(si) ? block.len : sizeof(si));
    check_json(strace_decode_signal(si, &text, &options));
    return 0;
}
