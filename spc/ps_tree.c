// SPDX-License-Identifier: BSD-2-Clause
// `spc ps -p`: containers with their processes below them.
#include "ps_priv.h"

#include <stdio.h>

#include <spc/field.h>

// A line of text is one or the other; a blank keeps a cell empty, where "-" would say "not known".
struct line {
    const char *name, *engine, *id, *state, *user, *command, *label;
    pid_t pid, inner_pid;
    uint64_t age_ns;
};

#define AT(member) offsetof(struct line, member)

static const struct spc_field line_fields[] = {
    {"name", "NAME", SPC_TYPE_STR, AT(name), 0, "container, or program"},
    {"engine", "ENGINE", SPC_TYPE_STR, AT(engine), 0, "what runs it"},
    {"id", "ID", SPC_TYPE_STR, AT(id), 0, "ID"},
    {"pid", "PID", SPC_TYPE_PID, AT(pid), SPC_FIELD_RIGHT, "as the host sees it"},
    {"inner_pid", "INSIDE", SPC_TYPE_PID, AT(inner_pid), SPC_FIELD_RIGHT,
     "as the container sees it"},
    {"user", "USER", SPC_TYPE_STR, AT(user), 0, "user, by the host's names"},
    {"age", "AGE", SPC_TYPE_DURATION, AT(age_ns), SPC_FIELD_RIGHT, "since it started"},
    {"state", "STATE", SPC_TYPE_STR, AT(state), 0, "of the container"},
    {"label", "LABEL", SPC_TYPE_STR, AT(label), SPC_FIELD_WIDE, "of the security module"},
    {"command", "COMMAND", SPC_TYPE_STR, AT(command), 0, "command line"},
    {0},
};

static const struct spc_record_kind line_kind = {"line", line_fields, sizeof(struct line)};

static int container_line(struct spc_table *table, const struct spc_container *c,
                          struct spc_err *err)
{
    struct line line = {
        .name = c->shown_name,
        .engine = c->engine_name,
        .id = c->short_id,
        .state = c->state_name,
        .user = " ",
        .command = c->image ? c->image : " ",
        .label = c->label,
        .pid = c->pid,
        .age_ns = c->age_ns,
    };
    return spc_table_row(table, &line, 0, err);
}

static int process_line(struct spc_table *table, const struct spc_process *p, unsigned indent,
                        struct spc_err *err)
{
    struct line line = {
        .name = p->comm,
        .engine = " ",
        .id = " ",
        .state = " ",
        .user = p->user,
        .command = p->cmdline,
        .label = p->label,
        .pid = p->pid,
        .inner_pid = p->inner_pid,
        .age_ns = p->age_ns,
    };
    return spc_table_row(table, &line, indent, err);
}

// Processes are sorted by container, so each list is walked once.
static int print_text(struct spc_table *table, const struct spc_containers *containers,
                      const struct spc_processes *processes, struct spc_err *err)
{
    int r = 0;
    size_t next = 0;
    for (size_t i = 0; i < containers->count && r == 0; i++) {
        const struct spc_container *c = &containers->items[i];
        r = container_line(table, c, err);
        for (; r == 0 && next < processes->count && processes->items[next].container == c; next++)
            r = process_line(table, &processes->items[next], 1, err);
    }
    for (; r == 0 && next < processes->count; next++)
        r = process_line(table, &processes->items[next], 0, err);
    return r;
}

// Records of both kinds, each in its own stable form.
static int print_records(struct spc_table *of_containers, const struct spc_containers *containers,
                         const struct spc_processes *processes, const struct spc_table_options *how,
                         struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    int r = spc_table_begin(stdout, &spc_process_kind, how, &table, err);
    for (size_t i = 0; r == 0 && i < containers->count; i++)
        r = spc_table_row(of_containers, &containers->items[i], 0, err);
    for (size_t i = 0; r == 0 && i < processes->count; i++)
        r = spc_table_row(table, &processes->items[i], 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

int ps_print_processes(const struct ps_config *cfg, const struct spc_containers *containers,
                       const struct spc_processes *processes, struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = ps_table_options(cfg);
    bool is_text = how.format == SPC_FORMAT_TEXT;
    int r = spc_table_begin(stdout, is_text ? &line_kind : &spc_container_kind, &how, &table, err);
    if (r == 0)
        r = is_text ? print_text(table, containers, processes, err)
                    : print_records(table, containers, processes, &how, err);
    return r < 0 ? r : spc_table_end(table, err);
}
