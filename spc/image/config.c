// SPDX-License-Identifier: BSD-2-Clause
// The config of an image: what runs, how it was made, what its layers unpack to.
#include <errno.h>
#include <string.h>
#include <time.h>

#include <spc/json.h>

#include "manifest.h"

void spc_image_config_free(struct spc_image_config *config)
{
    char *const strings[] = {config->architecture, config->os,   config->variant,
                             config->workdir,      config->user, config->stop_signal};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(strings); i++)
        free(strings[i]);
    spc_strv_free(&config->env);
    spc_strv_free(&config->cmd);
    spc_strv_free(&config->entrypoint);
    spc_strv_free(&config->label_keys);
    spc_strv_free(&config->label_values);
    free(config->diff_ids);
    for (size_t i = 0; i < config->history_count; i++) {
        free(config->history[i].created_by);
        free(config->history[i].comment);
    }
    free(config->history);
    *config = (struct spc_image_config){0};
}

uint64_t spc_image_time(const char *text)
{
    struct tm tm = {0};
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    if (!rest)
        return 0;
    uint64_t fraction = 0, unit = 100000000;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (uint64_t)(*rest - '0') * unit;
    long offset = 0;
    int hours, minutes;
    if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d", &hours, &minutes) == 2)
        offset = (hours * 60L + minutes) * (*rest == '+' ? 60 : -60);
    time_t seconds = timegm(&tm) - offset;
    // Go writes year 1 where no time is known.
    return seconds > 0 ? (uint64_t)seconds * 1000000000 + fraction : 0;
}

static int copy_str(const struct spc_jdoc *doc, const char *key, char **ret)
{
    const char *value = spc_jdoc_get_str(doc, key);
    *ret = value ? strdup(value) : NULL;
    return value && !*ret ? -ENOMEM : 0;
}

static int copy_strv(const struct spc_jdoc *list, struct spc_strv *ret)
{
    for (size_t i = 0; i < spc_jdoc_len(list); i++) {
        const char *item = spc_jdoc_text(spc_jdoc_at(list, i));
        if (!item)
            return -EBADMSG;
        int r = spc_strv_add(ret, item);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_label(const char *key, const struct spc_jdoc *value, void *arg)
{
    struct spc_image_config *config = arg;
    const char *text = spc_jdoc_text(value);
    if (!text)
        return -EBADMSG;
    int r = spc_strv_add(&config->label_keys, key);
    return r < 0 ? r : spc_strv_add(&config->label_values, text);
}

static int get_process(const struct spc_jdoc *doc, struct spc_image_config *config)
{
    int r = copy_strv(spc_jdoc_get(doc, "Env"), &config->env);
    if (r == 0)
        r = copy_strv(spc_jdoc_get(doc, "Cmd"), &config->cmd);
    if (r == 0)
        r = copy_strv(spc_jdoc_get(doc, "Entrypoint"), &config->entrypoint);
    if (r == 0)
        r = copy_str(doc, "WorkingDir", &config->workdir);
    if (r == 0)
        r = copy_str(doc, "User", &config->user);
    if (r == 0)
        r = copy_str(doc, "StopSignal", &config->stop_signal);
    return r < 0 ? r : spc_jdoc_members(spc_jdoc_get(doc, "Labels"), add_label, config);
}

static int get_diff_ids(const struct spc_jdoc *list, struct spc_image_config *config,
                        struct spc_err *err)
{
    size_t count = spc_jdoc_len(list);
    if (count > SPC_LAYERS_MAX)
        return spc_err_say(err, -EFBIG, "config has %zu layers: refused", count);
    config->diff_ids = calloc(count ? count : 1, sizeof(config->diff_ids[0]));
    if (!config->diff_ids)
        return spc_err_set(err, -ENOMEM, "config");
    for (; config->layer_count < count; config->layer_count++) {
        int r = spc_digest_parse(spc_jdoc_text(spc_jdoc_at(list, config->layer_count)), "diff_id",
                                 &config->diff_ids[config->layer_count], err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int get_history(const struct spc_jdoc *list, struct spc_image_config *config)
{
    size_t count = spc_jdoc_len(list);
    if (count > 10 * SPC_LAYERS_MAX)
        return -EFBIG;
    config->history = calloc(count ? count : 1, sizeof(config->history[0]));
    if (!config->history)
        return -ENOMEM;
    for (; config->history_count < count; config->history_count++) {
        const struct spc_jdoc *item = spc_jdoc_at(list, config->history_count);
        struct spc_history_item *to = &config->history[config->history_count];
        to->created_ns = spc_image_time(spc_jdoc_get_str(item, "created"));
        to->is_empty = spc_jdoc_get_bool(item, "empty_layer");
        if (copy_str(item, "created_by", &to->created_by) < 0)
            return -ENOMEM;
        if (copy_str(item, "comment", &to->comment) < 0) {
            free(to->created_by);
            return -ENOMEM;
        }
    }
    return 0;
}

static int get_config(const struct spc_jdoc *doc, struct spc_image_config *config,
                      struct spc_err *err)
{
    config->created_ns = spc_image_time(spc_jdoc_get_str(doc, "created"));
    int r = copy_str(doc, "architecture", &config->architecture);
    if (r == 0)
        r = copy_str(doc, "os", &config->os);
    if (r == 0)
        r = copy_str(doc, "variant", &config->variant);
    if (r == 0)
        r = get_process(spc_jdoc_get(doc, "config"), config);
    if (r == 0)
        r = get_history(spc_jdoc_get(doc, "history"), config);
    if (r < 0)
        return spc_err_set(err, r, "image config");
    return get_diff_ids(spc_jdoc_get(spc_jdoc_get(doc, "rootfs"), "diff_ids"), config, err);
}

int spc_image_config_parse(const char *data, size_t len, struct spc_image_config *ret,
                           struct spc_err *err)
{
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = len > SPC_MANIFEST_MAX ? -EFBIG : spc_jdoc_parse(data, len, &doc);
    if (r < 0)
        return spc_err_set(err, r, "image config");
    spc_auto_config struct spc_image_config config = {0};
    r = get_config(doc, &config, err);
    if (r < 0)
        return r;
    *ret = config;
    config = (struct spc_image_config){0};
    return 0;
}
