// SPDX-License-Identifier: BSD-2-Clause
// The environment of the command, from the weakest source to the strongest.
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

#define MAX_ENV_FILE (1u << 20)

// What the caller's terminal and network ask for, wherever a program runs.
static const char *const passed_on[] = {
    "TERM",       "COLORTERM",   "NO_COLOR",    "LANG",      "LC_ALL",    "LC_CTYPE",
    "TZ",         "http_proxy",  "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY",   "ALL_PROXY", "NO_PROXY",
};

// "NAME=VALUE": replaces what is there.
static int env_put(struct spc_strv *env, const char *assignment)
{
    size_t name = strcspn(assignment, "=") + 1;
    spc_strv_foreach (env, item) {
        if (strncmp(*item, assignment, name) != 0)
            continue;
        char *copy = strdup(assignment);
        if (!copy)
            return -ENOMEM;
        free(*item);
        *item = copy;
        return 0;
    }
    return spc_strv_add(env, assignment);
}

static int env_set(struct spc_strv *env, const char *name, const char *value)
{
    spc_auto_buf struct spc_buf word = {0};
    spc_buf_printf(&word, "%s=%s", name, value);
    int r = spc_buf_check(&word);
    return r < 0 ? r : env_put(env, word.data);
}

static bool env_has(const struct spc_strv *env, const char *name)
{
    size_t len = strlen(name);
    spc_strv_foreach (env, item)
        if (strncmp(*item, name, len) == 0 && (*item)[len] == '=')
            return true;
    return false;
}

// As -e takes it: NAME=VALUE, or NAME alone for the caller's value, if there is one.
static int env_word(struct spc_strv *env, const char *word, struct spc_err *err)
{
    if (word[0] == '\0' || word[0] == '=')
        return spc_err_usage(err, "'%s': not NAME or NAME=VALUE", word);
    const char *value = strchr(word, '=') ? NULL : getenv(word);
    int r = strchr(word, '=') ? env_put(env, word) : value ? env_set(env, word, value) : 0;
    return r < 0 ? spc_err_set(err, r, "environment") : 0;
}

// Lines as for -e; empty ones and those that start with '#' do not count.
static int env_file(struct spc_strv *env, const char *path, struct spc_err *err)
{
    spc_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return spc_err_set(err, -errno, "--env-file %s", path);
    spc_auto_free char *text = NULL;
    int r = spc_read_fd(fd, MAX_ENV_FILE, &text, NULL);
    if (r < 0)
        return spc_err_set(err, r, "--env-file %s", path);
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        line += strspn(line, " \t");
        if (!*line || *line == '#')
            continue;
        r = env_word(env, line, err);
        if (r < 0)
            return spc_err_wrap(err, "--env-file %s", path);
    }
    return 0;
}

static int add_host(const struct run_config *config, struct spc_strv *env)
{
    int r = 0;
    for (char **item = environ; config->has_host_env && item && *item && r == 0; item++)
        if (strchr(*item, '='))
            r = env_put(env, *item);
    return r;
}

static int add_passed_on(struct spc_strv *env)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(passed_on); i++) {
        const char *value = getenv(passed_on[i]);
        int r = value ? env_set(env, passed_on[i], value) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

// HOST, NAME and IMAGE are what the RHEL and Fedora tools images (and `sos report`) ask for;
// container= is the convention of systemd's container interface.
static int add_fixed(const struct run_plan *plan, struct spc_strv *env)
{
    int r = env_set(env, "HOST", "/host");
    if (r == 0)
        r = env_set(env, "NAME", plan->name);
    if (r == 0)
        r = env_set(env, "IMAGE", plan->image.name);
    return r == 0 ? env_set(env, "container", "spc") : r;
}

int spc_run_env_make(struct run_plan *plan, struct spc_err *err)
{
    struct spc_strv *env = &plan->env;
    int r = add_host(plan->config, env);
    spc_strv_foreach (&plan->image.env, item)
        if (r == 0 && strchr(*item, '='))
            r = env_put(env, *item);
    if (r == 0 && !env_has(env, "PATH"))
        r = env_set(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    if (r == 0)
        r = add_passed_on(env);
    if (r == 0)
        r = add_fixed(plan, env);
    if (r < 0)
        return spc_err_set(err, r, "environment");

    spc_strv_foreach (&plan->config->env_files, path)
        if ((r = env_file(env, *path, err)) < 0)
            return r;
    spc_strv_foreach (&plan->config->env, word)
        if ((r = env_word(env, *word, err)) < 0)
            return spc_err_wrap(err, "--env");
    return 0;
}
