// SPDX-License-Identifier: BSD-2-Clause
// systemd-nspawn: its own arguments (also with --register=no), what systemd-machined wrote to
// /run/systemd/machines, and the cgroups machine-NAME.scope and systemd-nspawn@NAME.service.
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/proc.h>

#include "scan_priv.h"

#define RECORD_MAX 16384

static const char *const daemons[] = {"systemd-nspawn", NULL};

static const char *short_value(const struct spc_strv *argv, char letter)
{
    for (size_t i = 1; argv->items && i < argv->count; i++) {
        const char *word = argv->items[i];
        if (!word || word[0] != '-') // the command begins, or the value of an option before
            continue;
        if (word[1] == letter)
            return word[2] ? word + 2 : i + 1 < argv->count ? argv->items[i + 1] : NULL;
    }
    return NULL;
}

// --machine, else the last component of --directory, --image, --template as nspawn does it.
static const char *machine_name(const struct spc_daemon *daemon)
{
    static const struct {
        const char *name;
        char letter;
    } options[] = {{"--machine", 'M'}, {"--directory", 'D'}, {"--image", 'i'}};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(options); i++) {
        const char *value = spc_argv_value(&daemon->argv, options[i].name);
        if (!value)
            value = short_value(&daemon->argv, options[i].letter);
        if (!value)
            continue;
        const char *slash = strrchr(value, '/');
        return slash && slash[1] ? slash + 1 : value;
    }
    return NULL;
}

static int claim_leader(struct spc_scan *scan, const char *name, ssize_t owner, pid_t leader,
                        const char *evidence)
{
    ssize_t index = spc_scan_claim(scan, SPC_ENGINE_NSPAWN, name, owner, leader, 0);
    if (index == -EEXIST) { // known by the name of its cgroup
        const struct spc_row *row = spc_scan_row(scan, leader);
        index = row->group >= 0 && scan->groups[row->group].c.engine == SPC_ENGINE_NSPAWN
                    ? row->group
                    : -EEXIST;
    }
    if (index < 0)
        return index == -ENOMEM ? -ENOMEM : 0;
    struct spc_group *group = &scan->groups[index];
    int r = group->c.name ? 0 : spc_set_str(&group->c.name, name);
    return r < 0 ? r : spc_group_evidence(group, NULL, "%s", evidence);
}

static int claim_daemons(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->daemon_count; i++) {
        const struct spc_daemon *daemon = &scan->daemons[i];
        const struct spc_row *row = &scan->rows[daemon->row];
        const struct spc_row *leader =
            strcmp(row->comm, daemons[0]) == 0 ? spc_scan_child(scan, row->pid) : NULL;
        const char *name = leader ? machine_name(daemon) : NULL;
        if (!name)
            continue;
        char evidence[64];
        snprintf(evidence, sizeof(evidence), "arguments of systemd-nspawn %d", row->pid);
        // In a recorded tree `leader` is a PID of the host; in a live one too.
        int r = row->group == SPC_NOBODY
                    ? claim_leader(scan, name, row->group, leader->pid, evidence)
                    : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

// "KEY=value" of a line of the record.
static bool record_value(const char *text, const char *key, char *ret, size_t size)
{
    size_t key_len = strlen(key);
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        if (len > key_len && strncmp(line, key, key_len) == 0 && line[key_len] == '=') {
            snprintf(ret, size, "%.*s", (int)(len - key_len - 1), line + key_len + 1);
            return true;
        }
        line += len + (line[len] == '\n');
    }
    return false;
}

static int claim_record(struct spc_scan *scan, const struct spc_source *source, const char *file,
                        void *arg)
{
    (void)arg;
    spc_auto_free char *text = NULL, *evidence = NULL;
    char name[256], leader[32], service[64], class[32];
    if (strncmp(file, "unit:", 5) == 0 ||
        spc_read_in_root(source->dirfd, file, RECORD_MAX, &text, NULL) < 0 ||
        !record_value(text, "NAME", name, sizeof(name)) ||
        !record_value(text, "LEADER", leader, sizeof(leader)) ||
        !record_value(text, "CLASS", class, sizeof(class)) || strcmp(class, "container") != 0)
        return 0;
    // libvirt registers its LXC containers too, and they have their own record: nspawn's only.
    if (record_value(text, "SERVICE", service, sizeof(service)) && !strstr(service, "nspawn"))
        return 0;
    int r = spc_set_fmt(&evidence, "%s/%s", source->path, file);
    if (r < 0)
        return r;
    return claim_leader(scan, name, source->group, spc_proc_parse_pid(leader), evidence);
}

static int claim(struct spc_scan *scan)
{
    int r = claim_daemons(scan);
    spc_scan_foreach_source(scan, source, SPC_SOURCE_MACHINES) if (r == 0) r =
        spc_source_each(scan, source, ".", claim_record, NULL);
    return r;
}

// The escaping of unit names (systemd.unit(5)): \xHH.
static void unescape_unit(const char *escaped, char *ret)
{
    unsigned byte;
    while (*escaped) {
        if (sscanf(escaped, "\\x%2x", &byte) == 1 && byte) {
            *ret++ = (char)byte;
            escaped += 4;
        } else {
            *ret++ = *escaped++;
        }
    }
    *ret = '\0';
}

static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    (void)scan;
    if (group->c.name)
        return 0;
    char *name = malloc(strlen(group->c.id) + 1);
    if (!name)
        return -ENOMEM;
    unescape_unit(group->c.id, name);
    group->c.name = name;
    return spc_set_str(&group->c.id, name);
}

const struct spc_runtime spc_runtime_nspawn = {
    .name = "nspawn",
    .daemons = daemons,
    .claim = claim,
    .read = read_group,
};
