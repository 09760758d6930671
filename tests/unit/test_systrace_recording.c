// SPDX-License-Identifier: BSD-2-Clause
#include "tools/systrace/recording.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

// Two runs with everything a recording can hold, and names that need escaping.
static void make_sample(struct sample *s, unsigned seed)
{
    struct call_stats *c;
    *s = (struct sample){.start = 1000 + seed, .duration = 2000000000, .is_cut = seed == 2};
    s->calibration = (struct calibration){27000.5, 165.25, 375, 10};
    s->lost[SAMPLE_LOST_CHUNK] = seed;
    assert_int_equal(systrace_sample_append(s, "a b[7]%\n", "openat", &c), 0);
    *c = (struct call_stats){.group = c->group,
                             .name = c->name,
                             .abi = SYSTRACE_ABI_COMPAT,
                             .count = 10,
                             .total = 5000,
                             .min = 100,
                             .max = 900,
                             .off = 400,
                             .run_queue = 100,
                             .switched = 2,
                             .errors = 3,
                             .restarts = 1,
                             .denied = 4,
                             .no_entry = 5,
                             .no_return = 6};
    assert_int_equal(systrace_hist_add(&c->wall, 10, 8 + seed), 0);
    assert_int_equal(systrace_hist_add(&c->wall, 30, 2), 0);
    assert_int_equal(systrace_hist_add(&c->cpu, 9, 10), 0);
    assert_int_equal(systrace_call_add_error(c, ENOENT, 3), 0);
    assert_int_equal(systrace_sample_append(s, "", "close", &c), 0);
    c->count = c->total = c->min = c->max = 1;
    char comm[] = "-", group[] = "", name[] = "read";
    struct in_flight f = {.tid = 12, .comm = comm, .group = group, .name = name, .ns = 77};
    assert_int_equal(systrace_sample_flight(s, &f), 0);
    systrace_sample_sort(s);
}

static char *write_recording(size_t *len)
{
    struct spc_err err = {0};
    systrace_auto_recording struct recording head = {0};
    assert_int_equal(systrace_recording_add_meta(&head, "kernel.release", "6.1 \xc3\xa9"), 0);
    assert_int_equal(systrace_recording_add_meta(&head, "empty", ""), 0);
    FILE *disk = tmpfile();
    assert_int_equal(systrace_recording_write_head(disk, &head, &err), 0);
    for (unsigned i = 1; i <= 2; i++) {
        struct sample s;
        make_sample(&s, i);
        assert_int_equal(systrace_recording_write_run(disk, i, &s, &err), 0);
        systrace_sample_free(&s);
    }
    assert_int_equal(systrace_recording_write_end(disk, 2, &err), 0);
    *len = (size_t)ftell(disk);
    char *data = calloc(1, *len + 1);
    rewind(disk);
    assert_int_equal(fread(data, 1, *len, disk), *len);
    fclose(disk);
    return data;
}

static void test_round_trip(void **state)
{
    (void)state;
    size_t len;
    spc_auto_free char *data = write_recording(&len);
    systrace_auto_recording struct recording r = {0};
    struct spc_err err = {0};
    assert_int_equal(systrace_recording_parse(data, len, &r, &err), 0);
    assert_false(r.is_cut);
    assert_int_equal(r.run_count, 2);
    assert_string_equal(systrace_recording_meta(&r, "kernel.release"), "6.1 \xc3\xa9");
    assert_string_equal(systrace_recording_meta(&r, "empty"), "");
    assert_null(systrace_recording_meta(&r, "nothing"));
    const struct sample *s = &r.runs[1];
    assert_int_equal(s->start, 1002);
    assert_true(s->is_cut && !r.runs[0].is_cut);
    assert_int_equal(s->lost[SAMPLE_LOST_CHUNK], 2);
    assert_true(s->calibration.null_untraced == 165.25);
    const struct call_stats *c = systrace_sample_find(s, "a b[7]%\n", "openat");
    assert_non_null(c);
    assert_int_equal(c->abi, SYSTRACE_ABI_COMPAT);
    assert_int_equal(c->off, 400);
    assert_int_equal(c->no_return, 6);
    assert_int_equal(systrace_hist_get(&c->wall, 10), 10);
    assert_int_equal(systrace_hist_get(&c->cpu, 9), 10);
    assert_int_equal(c->error_list[0].error, ENOENT);
    assert_int_equal(s->flight_count, 1);
    assert_string_equal(s->flights[0].comm, "-");
    assert_int_equal(s->flights[0].ns, 77);
}

static void test_merge(void **state)
{
    (void)state;
    size_t len;
    spc_auto_free char *data = write_recording(&len);
    systrace_auto_recording struct recording r = {0};
    struct spc_err err = {0};
    struct sample sum = {0};
    assert_int_equal(systrace_recording_parse(data, len, &r, &err), 0);
    assert_int_equal(systrace_recording_merge(&r, &sum, &err), 0);
    const struct call_stats *c = systrace_sample_find(&sum, "a b[7]%\n", "openat");
    assert_int_equal(sum.call_count, 2);
    assert_int_equal(c->count, 20);
    assert_int_equal(c->min, 100);
    assert_int_equal(systrace_hist_get(&c->wall, 10), 9 + 10);
    assert_int_equal(systrace_hist_get(&c->cpu, 9), 20);
    assert_int_equal(c->error_list[0].count, 6);
    assert_int_equal(sum.duration, UINT64_C(4000000000));
    systrace_sample_free(&sum);
}

// Times on CPU of a run without switches are in `wall`; merging must not lose them.
static void test_merge_of_switched_and_not(void **state)
{
    (void)state;
    struct call_stats a = {.count = 5, .min = UINT64_MAX}, b = {.count = 3, .switched = 1};
    assert_int_equal(systrace_hist_add(&a.wall, 20, 5), 0);
    assert_int_equal(systrace_hist_add(&b.wall, 40, 3), 0);
    assert_int_equal(systrace_hist_add(&b.cpu, 21, 3), 0);
    assert_int_equal(systrace_call_merge(&a, &b), 0);
    assert_int_equal(systrace_hist_total(systrace_call_cpu(&a)), 8);
    assert_int_equal(systrace_hist_get(systrace_call_cpu(&a), 20), 5);
    assert_int_equal(systrace_hist_get(systrace_call_cpu(&a), 21), 3);
    systrace_call_free(&a);
    systrace_call_free(&b);
}

// However a file is cut short: the runs that were complete are there, or a clear refusal.
static void test_cut_anywhere(void **state)
{
    (void)state;
    size_t len;
    spc_auto_free char *data = write_recording(&len);
    const char *first_done = strstr(data, "done 1\n"), *second_done = strstr(data, "done 2\n");
    for (size_t cut = 0; cut < len; cut++) {
        systrace_auto_recording struct recording r = {0};
        struct spc_err err = {0};
        int status = systrace_recording_parse(data, cut, &r, &err);
        size_t runs = (data + cut >= first_done + 7) + (data + cut >= second_done + 7);
        assert_int_equal(status == 0, runs > 0);
        assert_int_equal(r.run_count, runs);
        assert_true(r.is_cut || status < 0);
        assert_true(status == 0 || err.text[0]);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *data, *error;
    } bad[] = {
        {"", "not a recording"},
        {"root:x:0:0\n", "not a recording"},
        {"systrace-recording 2\n", "format 2 of recordings is not known"},
        {"systrace-recording x\n", "not a recording"},
        {"systrace-recording 1\nend 0\n", "no complete run"},
        {"systrace-recording 1\nrun 2\n", "line 2 is damaged"},
        {"systrace-recording 1\ncall - a native 1 1 1 1 0 0 0 0 0 0 0 0\n", "line 2 is damaged"},
        {"systrace-recording 1\nrun 1\ncall - a native 1 1 1 1 2 0 0 0 0 0 0 0\n",
         "line 3 is damaged"}, // more off the CPU than in all
        {"systrace-recording 1\nrun 1\nwall 1:1\n", "line 3 is damaged"},
        {"systrace-recording 1\nrun 1\ncall - a native 1 1 1 1 0 0 0 0 0 0 0 0\nwall 256:1\n",
         "line 4 is damaged"},
        {"systrace-recording 1\nrun 1\ncall - a%0 native 1 1 1 1 0 0 0 0 0 0 0 0\n",
         "line 3 is damaged"},
        {"systrace-recording 1\nrun 1\ncall - a native 1 1 1 1 0 0 0 0 0 0 0 0\n"
         "call - a native 1 1 1 1 0 0 0 0 0 0 0 0\ndone 1\n",
         "line 5 is damaged"}, // the same call twice
        {"systrace-recording 1\nrun 1\ncalibration nan 1 1 1\n", "line 3 is damaged"},
        {"systrace-recording 1\nrun 1\ndone 1\nend 1\nmeta a b\n", "line 5 is damaged"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        systrace_auto_recording struct recording r = {0};
        struct spc_err err = {0};
        assert_true(systrace_recording_parse(bad[i].data, strlen(bad[i].data), &r, &err) < 0);
        assert_non_null(strstr(err.text, bad[i].error));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_merge),
    cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_merge_of_switched_and_not),
    cmocka_unit_test(test_refusals),
};
UNIT_MAIN(tests)
