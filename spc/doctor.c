// SPDX-License-Identifier: BSD-2-Clause
// `spc doctor`: what works on this node, what does not, why, and how to get it.
#include <spc/opt.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spc/container.h>
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

// A run of the command: the table that is filled, and whether all was well so far.
struct checkup {
    const struct config *config;
    struct spc_table *table;
    char **names; // what was asked for, or everything
    int name_count;
    bool is_all_ok;
};

static unsigned limit_ms(const struct config *config)
{
    uint64_t ms = config->limit_ns / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (unsigned)ms;
}

static int print_answer(struct checkup *checkup, struct row row, const struct doctor_answer *answer,
                        struct spc_err *err)
{
    bool is_ok = answer->status == DOCTOR_OK;
    checkup->is_all_ok = checkup->is_all_ok && is_ok;
    if (is_ok && checkup->config->only_problems)
        return 0;
    row.status = doctor_status_names[answer->status];
    row.detail = answer->detail;
    if (is_ok)
        row.advice = NULL;
    else if (answer->advice[0])
        row.advice = answer->advice;
    return spc_table_row(checkup->table, &row, 0, err);
}

static bool is_named(const struct checkup *checkup, const char *name)
{
    for (int i = 0; i < checkup->name_count; i++)
        if (strcmp(checkup->names[i], name) == 0)
            return true;
    return false;
}

static int check_probes(struct checkup *checkup, struct spc_err *err)
{
    int r = 0;
    for (const struct doctor_probe *p = doctor_probes; r >= 0 && p->name; p++) {
        if (checkup->name_count > 0 && !is_named(checkup, p->name))
            continue;
        struct doctor_answer answer;
        doctor_ask(p, limit_ms(checkup->config), &answer);
        struct row row = {.name = p->name, .what = p->what, .advice = p->advice};
        r = print_answer(checkup, row, &answer, err);
    }
    return r;
}

// Engines that are not here are passed over, unless somebody asked for one.
static int check_engines(struct checkup *checkup, struct spc_err *err)
{
    struct doctor_answer answers[DOCTOR_ENGINES];
    bool is_wanted = checkup->name_count == 0;
    for (int i = 0; i < DOCTOR_ENGINES; i++)
        is_wanted = is_wanted || is_named(checkup, spc_engine_name((enum spc_engine)i));
    if (!is_wanted)
        return 0;
    doctor_ask_engines(limit_ms(checkup->config), answers);
    int r = 0;
    for (int i = 0; r >= 0 && i < DOCTOR_ENGINES; i++) {
        const char *name = spc_engine_name((enum spc_engine)i);
        if (!is_named(checkup, name) &&
            (checkup->name_count > 0 || answers[i].status == DOCTOR_MISSING))
            continue;
        r = print_answer(checkup, (struct row){.name = name, .what = "containers of this engine"},
                         &answers[i], err);
    }
    return r;
}

static size_t list_names(const char **ret, size_t size)
{
    size_t count = 0;
    for (const struct doctor_probe *p = doctor_probes; p->name && count < size; p++)
        ret[count++] = p->name;
    for (int i = 0; i < DOCTOR_ENGINES && count < size; i++)
        ret[count++] = spc_engine_name((enum spc_engine)i);
    return count;
}

// Before anything is printed: a mistyped name is an error, not half a table.
static int check_names(int argc, char **argv, struct spc_err *err)
{
    const char *names[128];
    size_t count = list_names(names, SPC_ARRAY_SIZE(names));
    for (int i = 0; i < argc; i++) {
        bool is_known = false;
        for (size_t k = 0; k < count; k++)
            is_known = is_known || strcmp(names[k], argv[i]) == 0;
        if (is_known)
            continue;
        const char *near = spc_nearest(argv[i], names, count);
        spc_err_usage(err, "nothing called '%s' is looked at", argv[i]);
        return near ? spc_err_hint(err, "did you mean '%s'?", near)
                    : spc_err_hint(err, "'spc doctor' lists all names");
    }
    return 0;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    const struct config *config = arg;
    struct spc_table_options how = {
        .format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
        .is_wide = config->is_wide,
        .is_bold = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    int r = check_names(argc, argv, err);
    if (r >= 0)
        r = spc_table_begin(stdout, &kind, &how, &table, err);
    struct checkup checkup = {
        .config = config, .table = table, .names = argv, .name_count = argc, .is_all_ok = true};
    if (r >= 0)
        r = check_probes(&checkup, err);
    if (r >= 0)
        r = check_engines(&checkup, err);
    if (r >= 0)
        r = spc_table_end(table, err);
    if (r < 0)
        return r;
    return config->is_strict && !checkup.is_all_ok ? SPC_EXIT_FAIL : SPC_EXIT_OK;
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
