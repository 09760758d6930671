// SPDX-License-Identifier: BSD-2-Clause
// Which container engines are here, from files and procfs; none is asked or run.
#include "doctor_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/container.h>
#include <spc/own.h>

struct engine_facts {
    const char *dir;         // where it keeps its containers unless told otherwise
    const char *program;     // what starts containers
    const char *packages[4]; // names that distributions give it, ended by NULL
};

static const struct engine_facts engine_facts[] = {
    [SPC_ENGINE_DOCKER] = {"/var/lib/docker/containers", "dockerd", {"docker.io", "docker-ce"}},
    [SPC_ENGINE_PODMAN] = {"/var/lib/containers/storage", "podman", {"podman"}},
    [SPC_ENGINE_CONTAINERD] = {"/run/containerd/io.containerd.runtime.v2.task",
                               "containerd",
                               {"containerd", "containerd.io"}},
    [SPC_ENGINE_CRIO] = {"/run/containers/storage", "crio", {"cri-o"}},
    [SPC_ENGINE_LXC] = {"/var/lib/lxc", "lxc-start", {"lxc"}},
    [SPC_ENGINE_NSPAWN] = {"/run/systemd/machines", "systemd-nspawn", {"systemd-container"}},
    [SPC_ENGINE_RUNC] = {"/run/runc", "runc", {"runc"}},
    [SPC_ENGINE_CRUN] = {"/run/crun", "crun", {"crun"}},
    [SPC_ENGINE_OTHER] = {NULL, NULL, {NULL}},
};
static_assert(SPC_ARRAY_SIZE(engine_facts) == _SPC_ENGINE_MAX, "a row for each engine");
static_assert(_SPC_ENGINE_MAX == DOCTOR_ENGINES, "an answer for each engine");

static bool is_listed(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

// Versions of installed packages as dpkg's status file has them (deb-control(5) paragraphs).
// Nothing comparable can be read without its library where rpm is used.
static void find_versions(char versions[DOCTOR_ENGINES][64])
{
    spc_auto_file FILE *file = fopen("/var/lib/dpkg/status", "re");
    char line[1024], package[128] = "", word[128];
    bool is_installed = false;
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Package: %127s", word) == 1) {
            memcpy(package, word, sizeof(word));
            is_installed = false;
        } else if (strncmp(line, "Status: ", 8) == 0) {
            is_installed = strstr(line, " installed") != NULL;
        } else if (is_installed && sscanf(line, "Version: %63s", word) == 1) {
            for (int i = 0; i < DOCTOR_ENGINES; i++)
                if (is_listed(package, engine_facts[i].packages))
                    snprintf(versions[i], sizeof(versions[i]), "%.63s", word);
        }
    }
}

static bool has_program(const char *name)
{
    static const char *const dirs[] = {"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
                                       "/opt/bin"};
    char path[256];
    for (size_t i = 0; name && i < SPC_ARRAY_SIZE(dirs); i++) {
        snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

// The directory that the containers of an engine lie in: what is before the container's own ID or
// name in the path that it was read from.
static void find_dir(const struct spc_container *c, char *buf, size_t size)
{
    if (!c->evidence || c->evidence[0] != '/')
        return;
    char path[512], own[256];
    snprintf(path, sizeof(path), "%.*s", (int)strcspn(c->evidence, ","), c->evidence);
    const char *names[] = {c->id, c->name};
    char *cut = strrchr(path, '/');
    for (size_t i = 0; i < SPC_ARRAY_SIZE(names); i++) {
        snprintf(own, sizeof(own), "/%.250s", names[i] ? names[i] : "/");
        char *at = strstr(path, own);
        if (at && at < cut)
            cut = at;
    }
    *cut = '\0';
    if (path[0])
        snprintf(buf, size, "%s", path);
}

struct engine_seen {
    unsigned total, live;
    char dir[512];
    char version[64];
};

static void say_engine(struct doctor_answer *answer, enum spc_engine engine,
                       const struct engine_seen *seen)
{
    const struct engine_facts *facts = &engine_facts[engine];
    const char *dir = seen->dir[0] ? seen->dir : facts->dir;
    if (!seen->total && !seen->version[0] && !has_program(facts->program)) {
        doctor_say(answer, DOCTOR_MISSING, "not here");
        return;
    }
    if (!facts->dir) {
        doctor_say(answer, DOCTOR_OK, "%u container%s of no known engine", seen->total,
                   seen->total == 1 ? "" : "s");
        return;
    }
    const char *version = seen->version[0] ? seen->version : "version not known";
    bool is_closed = access(dir, R_OK | X_OK) != 0 && errno == EACCES;
    if (is_closed)
        doctor_say(answer, DOCTOR_LIMITED, "%s, %s cannot be read", version, dir);
    else
        doctor_say(answer, DOCTOR_OK, "%s, %s, %u container%s, %u of them running", version, dir,
                   seen->total, seen->total == 1 ? "" : "s", seen->live);
    if (is_closed)
        doctor_advise(answer, "run as root");
}

void doctor_find_engines(struct doctor_answer answers[DOCTOR_ENGINES])
{
    SPC_CLEANUP(spc_node_free_p) struct spc_node *node = NULL;
    spc_auto_containers struct spc_containers list = {0};
    struct spc_err err = {0};
    struct engine_seen seen[DOCTOR_ENGINES] = {0};
    char versions[DOCTOR_ENGINES][64] = {0};
    int r = spc_node_open(NULL, &node, &err);
    if (r >= 0)
        r = spc_node_scan(node, SPC_SCAN_STOPPED, &list, &err);
    find_versions(versions);
    for (size_t i = 0; r >= 0 && i < list.count; i++) {
        const struct spc_container *c = &list.items[i];
        struct engine_seen *s = &seen[c->engine];
        s->total++;
        s->live += c->state == SPC_STATE_RUNNING || c->state == SPC_STATE_PAUSED;
        if (!s->dir[0])
            find_dir(c, s->dir, sizeof(s->dir));
    }
    for (int i = 0; i < DOCTOR_ENGINES; i++) {
        memcpy(seen[i].version, versions[i], sizeof(seen[i].version));
        if (r < 0)
            doctor_say(&answers[i], DOCTOR_UNKNOWN, "%.300s", err.text);
        else
            say_engine(&answers[i], (enum spc_engine)i, &seen[i]);
    }
}
