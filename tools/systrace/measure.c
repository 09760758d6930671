// SPDX-License-Identifier: BSD-2-Clause
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>

#include "wait.h"

const struct spc_choice systrace_probe_choices[] = {
    {"auto", SYSTRACE_PROBE_AUTO, "the best"},
    {"btf", SYSTRACE_PROBE_BTF, "everything"},
    {"slot", SYSTRACE_PROBE_SLOT, "no kernel types: no run-queue time, no 32-bit calls apart"},
    {"hash", SYSTRACE_PROBE_HASH, "no time blocked either"},
    {"empty", SYSTRACE_PROBE_EMPTY, "measure nothing: the least that probes can cost"},
    {0},
};

static void describe(struct measure *m)
{
    struct spc_buf text = {0};
    spc_strv_foreach (&m->scope.labels, label)
        spc_buf_printf(&text, "%s%s", text.len ? ", " : "", *label);
    snprintf(m->what, sizeof(m->what), "System calls of %s",
             text.len ? spc_buf_str(&text) : "the host");
    spc_buf_free(&text);
}

int systrace_measure_prepare(struct measure *m, const struct measure_options *options,
                             char *const *targets, size_t count, struct spc_err *err)
{
    m->options = *options;
    int r = systrace_scope_resolve(targets, count, (enum group_by)options->by, &m->scope, err);
    return r < 0 ? r : systrace_names_open(&m->names, err);
}

int systrace_measure_load(struct measure *m, struct spc_err *err)
{
    describe(m);
    struct probe_options probe = {.scope = &m->scope,
                                  .filter = &m->options.filter,
                                  .kind = m->options.kind,
                                  .memory = m->options.memory};
    return systrace_probe_open(&probe, &m->probe, err);
}

int systrace_measure_open(struct measure *m, const struct measure_options *options,
                          char *const *targets, size_t count, struct spc_err *err)
{
    int r = systrace_measure_prepare(m, options, targets, count, err);
    return r < 0 ? r : systrace_measure_load(m, err);
}

int systrace_measure_begin(struct measure *m, struct spc_err *err)
{
    int r = systrace_probe_attach(m->probe, err);
    m->begin = systrace_now();
    m->begin_real = systrace_now_real();
    return r;
}

int systrace_measure_end(struct measure *m, struct sample *ret, struct spc_err *err)
{
    uint64_t end = systrace_now();
    int r = systrace_probe_detach(m->probe, err);
    r = r < 0 ? r : systrace_probe_read(m->probe, m->names, ret, err);
    if (r < 0)
        return r;
    ret->start = m->begin_real;
    ret->duration = end - m->begin;
    return 0;
}

void systrace_measure_close(struct measure *m)
{
    systrace_probe_free_p(&m->probe);
    systrace_names_free_p(&m->names);
    systrace_scope_free(&m->scope);
    m->probe = NULL;
    m->names = NULL;
}

bool systrace_measure_report_lost(const struct sample *sample)
{
    for (unsigned i = 0; i < SAMPLE_LOST_MAX; i++)
        if (sample->lost[i])
            fprintf(stderr, "systrace: lost: %" PRIu64 " %s\n", sample->lost[i],
                    systrace_lost_text((enum lost_kind)i));
    return systrace_sample_lost(sample) != 0;
}
