// SPDX-License-Identifier: BSD-2-Clause
// From a call to its rendered arguments and result.
#include "decode.h"

#include <inttypes.h>
#include <string.h>

void strace_call_free(struct call *call)
{
    spc_buf_free(&call->rendered);
    spc_buf_free(&call->note);
}

// Lengths that the kernel overwrites are noted while they are what the program asked for.
static void save_length(struct decode *d)
{
    struct call *call = d->call;
    for (unsigned i = 0; i < call->entry->arg_count; i++)
        if (call->entry->args[i].kind == KIND_socklen_out) {
            uint32_t len;
            call->has_saved = call->args[i] && decode_get(d, call->args[i], &len, sizeof(len));
            call->saved = call->has_saved ? len : 0;
        }
}

static bool is_there(const struct call *call, unsigned index)
{
    const struct kind *kind = &strace_kinds[call->entry->args[index].kind];
    return !kind->is_there || kind->is_there(call);
}

static void show_arg(struct decode *d, unsigned index)
{
    const struct syscall_arg *arg = &d->call->entry->args[index];
    const struct kind *kind = &strace_kinds[arg->kind];
    uint64_t value = decode_arg(d, index);
    d->index = index;
    d->kind = kind;
    if (kind->when == WHEN_EXIT && (!d->is_exit || d->call->event.is_failed))
        print_address(d->out, arg->name, value);
    else
        kind->show(d, arg->name, value);
}

// Arguments from where the last phase stopped up to the first one that has to wait for the exit.
static void show_args(struct decode *d)
{
    struct call *call = d->call;
    const struct syscall *entry = call->entry;
    for (; call->next_arg < entry->arg_count; call->next_arg++) {
        unsigned i = call->next_arg;
        if (!d->is_exit && strace_kinds[entry->args[i].kind].when != WHEN_ENTRY)
            return;
        if (!is_there(call, i))
            continue;
        show_arg(d, i);
        if (i + 1 < entry->arg_count && is_there(call, i + 1))
            d->out->ops->separate(d->out);
    }
}

// Errno values that only tracers see: the kernel restarts the call or turns them into EINTR
// (include/linux/errno.h).
static const struct {
    int number;
    const char *name, *text;
} restarts[] = {
    {512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"},
    {513, "ERESTARTNOINTR", "To be restarted"},
    {514, "ERESTARTNOHAND", "To be restarted if no handler"},
    {516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"},
};

static void show_failure(struct call *call)
{
    struct spc_event_call *e = &call->event;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(restarts); i++)
        if (restarts[i].number == e->error) {
            e->error_name = restarts[i].name;
            e->result_text = "?";
            spc_buf_puts(&call->note, restarts[i].text);
            return;
        }
    e->error_name = strace_flag_name(&flags_errno, (uint64_t)e->error);
    e->result_text = "-1";
    if (e->error_name) {
        spc_buf_puts(&call->note, strerrordesc_np(e->error));
    } else {
        snprintf(call->result_text, sizeof(call->result_text), "%" PRId64, e->result);
        e->result_text = call->result_text;
    }
}

static void show_result(struct decode *d)
{
    struct call *call = d->call;
    struct spc_event_call *e = &call->event;
    char *text = call->result_text;
    e->result_text = text;
    if (e->is_failed) {
        show_failure(call);
        return;
    }
    switch (call->result_is_hex ? RETURN_hex : (enum return_kind)call->entry->return_kind) {
    case RETURN_hex:
        snprintf(text, sizeof(call->result_text), "%#" PRIx64, (uint64_t)e->result);
        break;
    case RETURN_octal:
        snprintf(text, sizeof(call->result_text), e->result > 07 ? "%#03" PRIo64 : "%03" PRIo64,
                 (uint64_t)e->result);
        break;
    case RETURN_none:
        e->result_text = "?";
        break;
    case RETURN_personality:
        snprintf(text, sizeof(call->result_text), e->result ? "%#" PRIx64 : "0",
                 (uint64_t)e->result);
        strace_enum_put(&call->note, &flags_personality, (uint64_t)e->result & 0xff);
        break;
    case RETURN_sched_policy:
        spc_buf_puts(&call->note, strace_flag_name(&flags_sched_policy, (uint64_t)e->result) ?: "");
        /* fallthrough */
    case RETURN_number:
    case RETURN_fd:
        snprintf(text, sizeof(call->result_text), "%" PRId64, e->result);
        break;
    }
}

void strace_decode_call(struct call *call, const struct decode_options *options)
{
    struct spc_event_call *e = &call->event;
    struct decode d = {.out = &call->printer, .call = call, .options = options};
    d.is_exit = e->base.kind != SPC_EVENT_CALL_ENTER;

    if (!d.is_exit) {
        spc_buf_reset(&call->rendered);
        spc_buf_reset(&call->note);
        call->next_arg = 0;
        call->is_complete = call->has_saved = call->result_is_hex = false;
        if (options->is_json)
            strace_printer_json(&call->printer, &call->rendered);
        else
            strace_printer_text(&call->printer, &call->rendered);
        d.out->ops->open(d.out);
        save_length(&d);
    }
    // Where the call never returned there is nothing more to be read.
    if (e->base.kind != SPC_EVENT_CALL_END) {
        if (call->entry->special)
            call->entry->special(&d);
        else
            show_args(&d);
    }
    if (d.is_exit)
        d.out->ops->close(d.out);
    if (e->base.kind == SPC_EVENT_CALL_EXIT)
        show_result(&d);
    e->args = spc_buf_str(&call->rendered);
    e->args_len = call->rendered.len;
    if (!d.is_exit)
        e->args_entered = e->args_len;
    e->is_complete =
        call->entry->special ? call->is_complete : call->next_arg >= call->entry->arg_count;
    e->note = call->note.len ? call->note.data : NULL;
}

const char *strace_decode_signal(const void *siginfo, struct spc_buf *text,
                                 const struct decode_options *options)
{
    struct printer printer;
    struct decode d = {.out = &printer, .options = options, .is_exit = true};
    spc_buf_reset(text);
    if (options->is_json)
        strace_printer_json(&printer, text);
    else
        strace_printer_text(&printer, text);
    decode_siginfo(&d, NULL, siginfo);
    return spc_buf_str(text);
}
