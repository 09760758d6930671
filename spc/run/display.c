// SPDX-License-Identifier: BSD-2-Clause
// --display: what would be granted, for people and as the docker command that grants the same.
// Printed from the very plan that would be carried out.
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <spc/escape.h>
#include <spc/own.h>

static void put_escaped(struct spc_buf *out, const char *text)
{
    spc_escape_text(out, text, strlen(text));
}

// A word of a command line, quoted where a shell would take it apart.
static void put_word(struct spc_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+=:,./-";
    spc_buf_putc(out, ' ');
    if (*word && strspn(word, plain) == strlen(word)) {
        spc_buf_puts(out, word);
        return;
    }
    spc_buf_putc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            spc_buf_puts(out, "'\\''");
        else
            spc_escape_text(out, word, 1);
    }
    spc_buf_putc(out, '\'');
}

static void put_option(struct spc_buf *out, const char *option, const char *value)
{
    put_word(out, option);
    put_word(out, value);
}

static void say_image(const struct run_plan *plan, struct spc_buf *out)
{
    const struct run_config *config = plan->config;
    spc_buf_puts(out, "image       ");
    put_escaped(out, plan->image.name);
    if (plan->image.kind == RUN_IMAGE_BUILTIN)
        spc_buf_puts(out, " (built in: busybox and spc)");
    spc_buf_puts(out, config->is_read_only ? ", read-only\n"
                                           : "; what is written to it is lost at the end\n");
    spc_buf_puts(out, "command    ");
    spc_strv_foreach (&plan->argv, word)
        put_word(out, *word);
    spc_buf_puts(out, "\nuser        ");
    put_escaped(out, plan->user ? plan->user : "the caller");
    spc_buf_puts(out, plan->user ? "; loses the caller's capabilities unless it is root\n"
                                 : ", with every capability that the caller has\n");
}

static void say_namespaces(const struct run_plan *plan, struct spc_buf *out)
{
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        const struct run_ns *ns = &plan->ns[kind];
        if (!spc_run_ns_rules[kind].granted)
            continue;
        spc_buf_printf(out, "%-11s ", spc_ns_table[kind].name);
        switch (ns->mode) {
        case RUN_NS_HOST:
            spc_buf_printf(out, "host: %s\n", spc_run_ns_rules[kind].granted);
            break;
        case RUN_NS_PRIVATE:
            spc_buf_printf(out, "private: %s of its own\n", spc_ns_table[kind].what);
            break;
        case RUN_NS_JOIN:
            spc_buf_printf(out, "that of container ");
            put_escaped(out, ns->spec);
            spc_buf_putc(out, '\n');
            break;
        }
    }
}

static void say_mounts(const struct run_plan *plan, struct spc_buf *out)
{
    spc_buf_puts(out, "/host       the whole host file system, writable\n"
                      "/dev        every device of the host\n"
                      "/sys /run /var/log  the host's, writable\n");
    for (size_t i = 0; i < plan->volume_count; i++) {
        const struct run_volume *v = &plan->volumes[i];
        put_escaped(out, v->target);
        spc_buf_puts(out, "  ");
        put_escaped(out, v->source);
        spc_buf_puts(out, v->is_read_only ? " of the host, read-only\n" : " of the host\n");
    }
    spc_buf_puts(out, "It can become root on the host in every way: run only what you trust.\n\n");
}

static void put_docker_volumes(const struct run_plan *plan, struct spc_buf *out)
{
    static const char *const fixed[] = {
        "/:/host:rslave",
        "/run:/run",
        "/var/log:/var/log",
        "/etc/localtime:/etc/localtime:ro",
        "/etc/machine-id:/etc/machine-id:ro",
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(fixed); i++)
        put_option(out, "-v", fixed[i]);
    spc_strv_foreach (&plan->config->volumes, word)
        put_option(out, "-v", *word);
}

static void put_docker_namespaces(const struct run_plan *plan, struct spc_buf *out)
{
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        const struct run_ns *ns = &plan->ns[kind];
        const char *option = spc_run_ns_rules[kind].option;
        if (!option || (kind == SPC_NS_UTS && plan->hostname))
            continue;
        // What docker calls private is its default for PID and UTS, which has no name there.
        if (ns->mode == RUN_NS_PRIVATE && (kind == SPC_NS_PID || kind == SPC_NS_UTS))
            continue;
        if (ns->mode == RUN_NS_PRIVATE && kind == SPC_NS_USER)
            continue; // the daemon's userns-remap decides
        spc_auto_buf struct spc_buf word = {0};
        spc_buf_printf(&word, "--%s=%s%s", option,
                       ns->mode == RUN_NS_HOST      ? "host"
                       : ns->mode == RUN_NS_PRIVATE ? kind == SPC_NS_NET ? "none" : "private"
                                                    : "container:",
                       ns->mode == RUN_NS_JOIN ? ns->spec : "");
        put_word(out, spc_buf_str(&word));
    }
}

static void put_docker_line(const struct run_plan *plan, struct spc_buf *out)
{
    const struct run_config *config = plan->config;
    spc_buf_puts(out, "docker run --rm --privileged");
    if (isatty(STDIN_FILENO))
        spc_buf_puts(out, " -it");
    else
        spc_buf_puts(out, " -i");
    put_option(out, "--name", plan->name);
    put_docker_namespaces(plan, out);
    if (plan->hostname)
        put_option(out, "--hostname", plan->hostname);
    put_docker_volumes(plan, out);
    static const char *const fixed[] = {"HOST=/host", "NAME=", "IMAGE="};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(fixed); i++) {
        spc_auto_buf struct spc_buf word = {0};
        spc_buf_printf(&word, "%s%s", fixed[i],
                       i == 1   ? plan->name
                       : i == 2 ? plan->image.name
                                : "");
        put_option(out, "-e", spc_buf_str(&word));
    }
    spc_strv_foreach (&config->env_files, file)
        put_option(out, "--env-file", *file);
    spc_strv_foreach (&config->env, word)
        put_option(out, "-e", *word);
    if (config->is_read_only)
        spc_buf_puts(out, " --read-only");
    if (config->workdir)
        put_option(out, "-w", config->workdir);
    if (config->user)
        put_option(out, "-u", config->user);
    if (config->entrypoint)
        put_option(out, "--entrypoint", config->entrypoint);
    put_word(out, plan->image.name);
    // docker adds the image's own entrypoint by itself; a directory has no such thing there.
    for (size_t i = config->entrypoint && *config->entrypoint ? 1 : 0; i < plan->argv.count; i++)
        put_word(out, plan->argv.items[i]);
    spc_buf_putc(out, '\n');
}

int spc_run_display(const struct run_plan *plan, struct spc_err *err)
{
    spc_auto_buf struct spc_buf out = {0};
    say_image(plan, &out);
    say_namespaces(plan, &out);
    say_mounts(plan, &out);
    put_docker_line(plan, &out);
    int r = spc_buf_check(&out);
    if (r < 0)
        return spc_err_set(err, r, "--display");
    if (fputs(out.data, stdout) == EOF || fflush(stdout) != 0)
        return spc_err_set(err, -errno, "--display: write");
    return SPC_EXIT_OK;
}
