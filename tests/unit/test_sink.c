// SPDX-License-Identifier: BSD-2-Clause
// Sinks: what they write for events made by hand, and what they do when they cannot write.
#include <spc/sink.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"
#include "tools/strace-lite/sinks.h"

// Everything that was written to an output on a pipe.
struct stage {
    struct spc_output *output;
    struct spc_sink *sink;
    int readfd, writefd;
    char text[4096];
};

static void open_stage(struct stage *stage)
{
    int fds[2];
    struct spc_err err = {0};
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    stage->readfd = fds[0];
    stage->writefd = fds[1];
    assert_int_equal(spc_output_open(NULL, fds[1], &stage->output, &err), 0);
}

static const char *close_stage(struct stage *stage)
{
    struct spc_err err = {0};
    struct spc_stats stats = {0};
    if (stage->sink->ops->end)
        assert_int_equal(stage->sink->ops->end(stage->sink, &stats, &err), 0);
    spc_sink_free(stage->sink);
    spc_output_free(stage->output);
    close(stage->writefd);
    ssize_t n = read(stage->readfd, stage->text, sizeof(stage->text) - 1);
    assert_true(n >= 0);
    stage->text[n] = '\0';
    close(stage->readfd);
    return stage->text;
}

static void give(struct stage *stage, const void *event)
{
    struct spc_err err = {0};
    const struct spc_event *head = event;
    if (stage->sink->ops->accepts & SPC_EVENT_BIT(head->kind))
        assert_int_equal(stage->sink->ops->event(stage->sink, head, &err), 0);
}

#define BASE(kind_, tid_) .base = {.kind = SPC_EVENT_##kind_, .tid = (tid_), .pid = 10}

static struct spc_event_call enter(pid_t tid, const char *name, const char *args)
{
    return (struct spc_event_call){BASE(CALL_ENTER, tid), .name = name, .args = args,
                                   .args_len = strlen(args), .args_entered = strlen(args)};
}

static struct spc_event_call leave(pid_t tid, const char *name, const char *args, size_t entered)
{
    return (struct spc_event_call){
        BASE(CALL_EXIT, tid),    .name = name,         .args = args, .args_len = strlen(args),
        .args_entered = entered, .has_returned = true, .result = 5,  .result_text = "5",
        .duration_ns = 1234567};
}

static void lines_are_interrupted_and_resumed(void **state)
{
    struct stage stage;
    struct lines_options options = {.column = 40, .tool = "tool", .is_quiet = true};
    struct spc_err err = {0};
    (void)state;
    open_stage(&stage);
    assert_int_equal(strace_lines_open(stage.output, &options, &stage.sink, &err), 0);

    struct spc_event_call event = enter(10, "getpid", "");
    give(&stage, &event);
    event = leave(10, "getpid", "", 0);
    give(&stage, &event);
    event = enter(10, "read", "3, ");
    give(&stage, &event);
    event = enter(11, "close", "4");
    give(&stage, &event);
    event = leave(11, "close", "4", 1);
    give(&stage, &event);
    event = leave(10, "read", "3, \"hello\", 100", 3);
    give(&stage, &event);
    event = enter(11, "exit_group", "0");
    give(&stage, &event);
    event = (struct spc_event_call){BASE(CALL_END, 11), .name = "exit_group", .is_complete = true};
    give(&stage, &event);
    give(&stage, &(struct spc_event_exit){BASE(EXIT, 11), .status = 3});
    give(&stage, &(struct spc_event_exit){BASE(EXIT, 10), .signal = 11, .signal_name = "SIGSEGV",
                                          .has_core = true});
    assert_string_equal(close_stage(&stage),
                        "getpid()                                = 5\n"
                        "read(3,  <unfinished ...>\n"
                        "[pid    11] close(4)                    = 5\n"
                        "[pid    10] <... read resumed>\"hello\", 100) = 5\n"
                        "[pid    11] exit_group(0)               = ?\n"
                        "[pid    11] +++ exited with 3 +++\n"
                        "[pid    10] +++ killed by SIGSEGV (core dumped) +++\n");
}

static void lines_tell_of_loss(void **state)
{
    struct stage stage;
    struct lines_options options = {.column = 20, .tool = "tool", .has_duration = true};
    struct spc_err err = {0};
    (void)state;
    open_stage(&stage);
    assert_int_equal(strace_lines_open(stage.output, &options, &stage.sink, &err), 0);
    struct spc_event_call event = enter(10, "read", "3, ");
    give(&stage, &event);
    assert_int_equal(stage.sink->ops->lost(stage.sink, 7, &err), 0);
    event = leave(10, "read", "3, \"\", 0", 3);
    give(&stage, &event);
    assert_string_equal(close_stage(&stage), "read(3,  <unfinished ...>\n"
                                             "--- lost 7 events ---\n"
                                             "<... read resumed>\"\", 0) = 5 <0.001234>\n");
}

static void every_kind_is_a_json_object(void **state)
{
    struct stage stage;
    struct spc_err err = {0};
    union {
        struct spc_event event;
        struct spc_event_call call;
        struct spc_event_signal signal;
        struct spc_event_exit exit;
        struct spc_event_exec exec;
    } any;
    (void)state;
    open_stage(&stage);
    assert_int_equal(spc_sink_json_open(stage.output, &stage.sink, &err), 0);
    unsigned count = 0;
    for (int kind = 0; kind < _SPC_EVENT_MAX; kind++) {
        memset(&any, 0, sizeof(any));
        any.event = (struct spc_event){.kind = (enum spc_event_kind)kind, .tid = 5, .comm = "a\nb"};
        assert_non_null(spc_event_record((enum spc_event_kind)kind)->fields);
        count += kind != SPC_EVENT_CALL_ENTER;
        give(&stage, &any);
    }
    assert_int_equal(stage.sink->ops->lost(stage.sink, 3, &err), 0);
    char *rest = NULL, *text = (char *)close_stage(&stage);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct json_object *object = json_tokener_parse(line);
        assert_true(json_object_is_type(object, json_type_object));
        assert_non_null(json_object_object_get(object, "kind"));
        json_object_put(object);
        count--;
    }
    assert_int_equal(count, (unsigned)-1); // one more: the loss
}

static void a_summary_counts(void **state)
{
    struct stage stage;
    struct spc_err err = {0};
    (void)state;
    open_stage(&stage);
    assert_int_equal(strace_summary_open(stage.output, SORT_CALLS, true, &stage.sink, &err), 0);
    struct spc_event_call call = leave(1, "read", "", 0);
    call.number = 0;
    call.duration_ns = 1000000;
    give(&stage, &call);
    give(&stage, &call);
    call = leave(1, "close", "", 0);
    call.number = 3;
    call.is_failed = true;
    call.duration_ns = 2000000;
    give(&stage, &call);
    assert_string_equal(close_stage(&stage),
                        "% time     seconds  usecs/call     calls    errors syscall\n"
                        "------ ----------- ----------- --------- --------- ----------------\n"
                        " 50.00    0.002000        1000         2           read\n"
                        " 50.00    0.002000        2000         1         1 close\n"
                        "------ ----------- ----------- --------- --------- ----------------\n"
                        "100.00    0.004000        1333         3         1 total\n");
}

static void a_write_error_is_told_once_and_kept(void **state)
{
    struct spc_output *output;
    struct spc_err err = {0};
    (void)state;
    assert_int_equal(spc_output_open("/dev/full", -1, &output, &err), 0);
    spc_buf_puts(&output->pending, "text");
    assert_int_equal(spc_output_commit(output, &err), 0); // not yet
    assert_int_equal(spc_output_flush(output, &err), -ENOSPC);
    assert_non_null(strstr(err.text, "/dev/full"));
    spc_buf_puts(&output->pending, "more");
    assert_int_equal(spc_output_commit(output, &err), -ENOSPC);
    assert_int_equal(output->pending.len, 0);
    spc_output_free(output);
    assert_int_equal(spc_output_open("/nosuch/file", -1, &output, &err), -ENOENT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_are_interrupted_and_resumed),   cmocka_unit_test(lines_tell_of_loss),
    cmocka_unit_test(every_kind_is_a_json_object),         cmocka_unit_test(a_summary_counts),
    cmocka_unit_test(a_write_error_is_told_once_and_kept),
};

UNIT_MAIN(tests)
