// SPDX-License-Identifier: BSD-2-Clause
// The field tables of events: the names below are the keys of --json and stay stable.
#include <spc/event.h>

#include <assert.h>
#include <stddef.h>

#define AT(type, member) offsetof(struct type, member)

#define TASK(type)                                                                                 \
    {"pid", "PID", SPC_TYPE_PID, AT(type, base.pid), SPC_FIELD_RIGHT, "process"},                  \
        {"tid", "TID", SPC_TYPE_PID, AT(type, base.tid), SPC_FIELD_RIGHT, "thread"},               \
    {                                                                                              \
        "comm", "COMMAND", SPC_TYPE_STR, AT(type, base.comm), 0, "name of the task (comm)"         \
    }

#define TIME(type, member)                                                                         \
    {                                                                                              \
        "time", "TIME", SPC_TYPE_TIME, AT(type, member), 0, "when it happened, UTC"                \
    }

static const struct spc_field call_fields[] = {
    TIME(spc_event_call, entered_ns),
    TASK(spc_event_call),
    {"name", "CALL", SPC_TYPE_STR, AT(spc_event_call, name), 0, "system call"},
    {"nr", "NR", SPC_TYPE_U64, AT(spc_event_call, number), SPC_FIELD_RIGHT, "number of the call"},
    {"args", "ARGS", SPC_TYPE_JSON, AT(spc_event_call, args), SPC_FIELD_JSON,
     "decoded arguments by name"},
    {"returned", "RETURNED", SPC_TYPE_BOOL, AT(spc_event_call, has_returned), 0,
     "false when the task ended inside of the call"},
    {"result", "RESULT", SPC_TYPE_I64, AT(spc_event_call, result), SPC_FIELD_RIGHT,
     "as the kernel returned it: a negative errno on failure"},
    {"error", "ERROR", SPC_TYPE_STR, AT(spc_event_call, error_name), 0, "errno name"},
    {"note", "NOTE", SPC_TYPE_STR, AT(spc_event_call, note), 0, "what the result means"},
    {"duration", "TIME", SPC_TYPE_DURATION, AT(spc_event_call, duration_ns), 0,
     "seconds between entry and return"},
    {0},
};

static const struct spc_field signal_fields[] = {
    TIME(spc_event_signal, base.time_ns),
    TASK(spc_event_signal),
    {"signo", "NR", SPC_TYPE_INT, AT(spc_event_signal, number), SPC_FIELD_RIGHT, "signal number"},
    {"name", "SIGNAL", SPC_TYPE_STR, AT(spc_event_signal, name), 0, "signal"},
    {"info", "INFO", SPC_TYPE_JSON, AT(spc_event_signal, info), SPC_FIELD_JSON, "siginfo_t"},
    {0},
};

static const struct spc_field exit_fields[] = {
    TIME(spc_event_exit, base.time_ns),
    TASK(spc_event_exit),
    {"status", "STATUS", SPC_TYPE_INT, AT(spc_event_exit, status), SPC_FIELD_RIGHT, "exit code"},
    {"signal", "SIGNAL", SPC_TYPE_STR, AT(spc_event_exit, signal_name), 0,
     "the signal that killed the task"},
    {"core", "CORE", SPC_TYPE_BOOL, AT(spc_event_exit, has_core), 0, "a core was written"},
    {0},
};

static const struct spc_field exec_fields[] = {
    TIME(spc_event_exec, base.time_ns),
    TASK(spc_event_exec),
    {"by", "BY", SPC_TYPE_PID, AT(spc_event_exec, by), SPC_FIELD_RIGHT,
     "the thread whose execve replaced this one"},
    {0},
};

// `base` of a plain event is the event itself.
struct plain_event {
    struct spc_event base;
};

static const struct spc_field plain_fields[] = {
    TIME(plain_event, base.time_ns), TASK(plain_event), {0}};

static const struct spc_record_kind records[] = {
    [SPC_EVENT_CALL_ENTER] = {"enter", call_fields, sizeof(struct spc_event_call)},
    [SPC_EVENT_CALL_EXIT] = {"call", call_fields, sizeof(struct spc_event_call)},
    [SPC_EVENT_CALL_END] = {"call", call_fields, sizeof(struct spc_event_call)},
    [SPC_EVENT_SIGNAL] = {"signal", signal_fields, sizeof(struct spc_event_signal)},
    [SPC_EVENT_STOP] = {"stop", signal_fields, sizeof(struct spc_event_signal)},
    [SPC_EVENT_EXIT] = {"exit", exit_fields, sizeof(struct spc_event_exit)},
    [SPC_EVENT_EXEC] = {"exec", exec_fields, sizeof(struct spc_event_exec)},
    [SPC_EVENT_ATTACH] = {"attach", plain_fields, sizeof(struct spc_event)},
    [SPC_EVENT_DETACH] = {"detach", plain_fields, sizeof(struct spc_event)},
};
static_assert(sizeof(records) / sizeof(records[0]) == _SPC_EVENT_MAX, "a record for every kind");

const struct spc_record_kind *spc_event_record(enum spc_event_kind kind)
{
    return &records[kind];
}
