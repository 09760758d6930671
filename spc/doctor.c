// SPDX-License-Identifier: BSD-2-Clause
// `spc doctor`: what works on this node, what does not, why, and how to get it.
#include <spc/opt.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spc/table.h>

#include "doctor/doctor_priv.h"
#include "verbs.h"

struct config {
    bool is_json, is_strict, is_wide, only_problems;
    uint64_t limit_ns;
};

static const struct config defaults = {.limit_ns = (uint64_t)DOCTOR_LIMIT_MS * 1000000};

static const struct spc_opt options[] = {
    {'p', "problems", SPC_OPT_FLAG, SPC_OPT_AT(struct config, only_problems),
     .help = "Only what is not ok."},
    {'w', "wide", SPC_OPT_FLAG, SPC_OPT_AT(struct config, is_wide),
     .help = "Also say what each thing is good for."},
    {0, "json", SPC_OPT_FLAG, SPC_OPT_AT(struct config, is_json),
     .help = "One JSON object a line."},
    {0, "strict", SPC_OPT_FLAG, SPC_OPT_AT(struct config, is_strict),
     .help = "Exit with status 1 unless everything that was asked for is ok."},
    {0, "timeout", SPC_OPT_DURATION, SPC_OPT_AT(struct config, limit_ns), "TIME",
     "How long one probe may take before its answer is \"unknown\" (3s)."},
    {0},
};

static const struct spc_example examples[] = {
    {"spc doctor", "everything"},
    {"spc doctor -p", "only what is in the way"},
    {"spc doctor --strict raw-tracepoint ringbuf", "in a script: can this node be traced?"},
    {0},
};

// One line of output.
struct row {
    const char *name, *status, *detail, *advice, *what;
};

#define FIELD(member, heading, ...)                                                                \
    {                                                                                              \
        .name = #member, .title = heading, .type = SPC_TYPE_STR,                                   \
        .offset = offsetof(struct row, member), __VA_ARGS__                                        \
    }

static const struct spc_field fields[] = {
    FIELD(name, "NAME", .help = "stable name of the probe"),
    FIELD(status, "STATUS", .help = "ok, limited, missing or unknown"),
    FIELD(what, "FOR", .flags = SPC_FIELD_WIDE, .help = "what it is good for"),
    FIELD(detail, "DETAIL", .help = "what was seen"),
    FIELD(advice, "ADVICE", .help = "what to do about it, where the status is not ok"),
    {0},
};

static const struct spc_record_kind kind = {"probe", fields, sizeof(struct row)};

// Ask, print. Returns whether all was well, or a negative errno.
static int check_one(const struct config *config, const struct doctor_probe *probe,
                     struct spc_table *table, struct spc_err *err)
{
    struct doctor_answer answer;
    uint64_t limit_ms = config->limit_ns / 1000000;
    doctor_ask(probe, limit_ms > INT32_MAX ? INT32_MAX : (unsigned)limit_ms, &answer);
    bool is_ok = answer.status == DOCTOR_OK;
    if (is_ok && config->only_problems)
        return true;
    struct row row = {
        .name = probe->name,
        .status = doctor_status_names[answer.status],
        .detail = answer.detail,
        .advice = is_ok              ? NULL
                  : answer.advice[0] ? answer.advice
                                     : probe->advice,
        .what = probe->what,
    };
    int r = spc_table_row(table, &row, 0, err);
    return r < 0 ? r : is_ok;
}

// Before anything is printed: a mistyped name is an error, not half a table.
static int check_names(int argc, char **argv, struct spc_err *err)
{
    const char *names[128];
    size_t count = 0;
    for (const struct doctor_probe *p = doctor_probes; p->name; p++)
        if (count < SPC_ARRAY_SIZE(names))
            names[count++] = p->name;
    for (int i = 0; i < argc; i++) {
        if (doctor_probe_find(argv[i]))
            continue;
        const char *near = spc_nearest(argv[i], names, count);
        spc_err_usage(err, "doctor: nothing called '%s' is looked at", argv[i]);
        return near ? spc_err_hint(err, "did you mean '%s'?", near)
                    : spc_err_hint(err, "'spc doctor' lists all names");
    }
    return 0;
}

static bool is_named(const char *name, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 0;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    const struct config *config = arg;
    int r = check_names(argc, argv, err);
    if (r < 0)
        return r;
    struct spc_table_options how = {
        .format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
        .is_wide = config->is_wide,
        .is_bold = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    r = spc_table_begin(stdout, &kind, &how, &table, err);
    bool is_all_ok = true;
    for (const struct doctor_probe *p = doctor_probes; r >= 0 && p->name; p++) {
        if (!is_named(p->name, argc, argv))
            continue;
        r = check_one(config, p, table, err);
        is_all_ok = is_all_ok && r > 0;
    }
    if (r >= 0)
        r = spc_table_end(table, err);
    if (r < 0)
        return r;
    return config->is_strict && !is_all_ok ? SPC_EXIT_FAIL : SPC_EXIT_OK;
}

int doctor_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc doctor",
        .operands = "[NAME...]",
        .description = "Say what works on this node, what does not, why, and how to get it. Each "
                       "thing is tried, never derived from a version; nothing is changed and "
                       "nothing left behind.",
        .opts = options,
        .examples = examples,
        .run = run,
        .config_size = sizeof(struct config),
        .defaults = &defaults,
    };
    return spc_cmd_main(&cmd, argc, argv);
}
