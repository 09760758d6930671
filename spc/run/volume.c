// SPDX-License-Identifier: BSD-2-Clause
// -v SRC:DST[:OPTION,...]
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <spc/own.h>

void spc_run_volume_free(struct run_volume *volume)
{
    free(volume->source);
    free(volume->target);
    *volume = (struct run_volume){0};
}

static int parse_option(struct run_volume *volume, const char *word, struct spc_err *err)
{
    static const struct {
        const char *name;
        size_t flag;
        bool value;
    } words[] = {
        {"ro", offsetof(struct run_volume, is_read_only), true},
        {"rw", offsetof(struct run_volume, is_read_only), false},
        {"nosuid", offsetof(struct run_volume, is_nosuid), true},
        {"nodev", offsetof(struct run_volume, is_nodev), true},
        {"noexec", offsetof(struct run_volume, is_noexec), true},
        {"bind", offsetof(struct run_volume, is_recursive), false},
        {"rbind", offsetof(struct run_volume, is_recursive), true},
        {"rslave", offsetof(struct run_volume, is_slave), true},
        {"rprivate", offsetof(struct run_volume, is_slave), false},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(words); i++)
        if (strcmp(words[i].name, word) == 0) {
            *(bool *)((char *)volume + words[i].flag) = words[i].value;
            return 0;
        }
    spc_err_usage(err, "unknown option '%s'", word);
    return spc_err_hint(err, "ro, rw, nosuid, nodev, noexec, bind, rbind, rslave, rprivate");
}

static int parse_options(struct run_volume *volume, char *list, struct spc_err *err)
{
    char *rest = list, *word;
    while ((word = strsep(&rest, ","))) {
        int r = parse_option(volume, word, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int split(const char *word, struct run_volume *volume, struct spc_err *err)
{
    spc_auto_free char *copy = strdup(word);
    if (!copy)
        return spc_err_set(err, -ENOMEM, "volume");
    char *rest = copy;
    const char *source = strsep(&rest, ":");
    const char *target = strsep(&rest, ":");
    if (!target || !*source || target[0] != '/')
        return spc_err_usage(err, "not SRC:DST[:OPTIONS] with an absolute DST");
    if (!strchr(source, '/') && strcmp(source, ".") != 0 && strcmp(source, "..") != 0) {
        spc_err_usage(err, "SRC is a path; spc keeps no named volumes");
        return spc_err_hint(err, "say ./%s", source);
    }
    volume->source = realpath(source, NULL);
    if (!volume->source)
        return spc_err_set(err, -errno, "%s", source);
    volume->target = strdup(target);
    if (!volume->target)
        return spc_err_set(err, -ENOMEM, "volume");
    return rest ? parse_options(volume, rest, err) : 0;
}

int spc_run_volume_parse(const char *word, struct run_volume *ret, struct spc_err *err)
{
    struct run_volume volume SPC_CLEANUP(spc_run_volume_free) = {
        .is_recursive = true, // and private, as docker and podman have it
    };
    int r = split(word, &volume, err);
    if (r < 0)
        return spc_err_wrap(err, "--volume %s", word);
    *ret = volume;
    volume = (struct run_volume){0};
    return 0;
}
