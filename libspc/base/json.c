// SPDX-License-Identifier: BSD-2-Clause
// struct spc_jdoc is json-c's object under a name of our own: nobody else needs json-c's headers.
#include <spc/json.h>

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/opt.h>

SPC_DEFINE_CLEANUP(struct json_tokener *, json_tokener_free)
#define auto_tokener SPC_CLEANUP(json_tokener_free_p)

static struct json_object *object(const struct spc_jdoc *doc)
{
    return (struct json_object *)doc;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blank(const char *data, size_t len, size_t i)
{
    while (i < len && is_blank(data[i]))
        i++;
    return i;
}

// One value at the start of data; *ret_used is what it took.
static int parse_one(struct json_tokener *tok, const char *data, size_t len,
                     struct json_object **ret, size_t *ret_used)
{
    if (len > INT_MAX)
        return -EFBIG;
    json_tokener_reset(tok);
    struct json_object *obj = json_tokener_parse_ex(tok, data, (int)len);
    if (!obj || json_tokener_get_error(tok) != json_tokener_success) {
        json_object_put(obj);
        return -EBADMSG;
    }
    *ret_used = json_tokener_get_parse_end(tok);
    *ret = obj;
    return 0;
}

int spc_jdoc_parse(const char *data, size_t len, struct spc_jdoc **ret)
{
    auto_tokener struct json_tokener *tok = json_tokener_new_ex(SPC_JSON_DEPTH);
    if (!tok)
        return -ENOMEM;
    struct json_object *obj;
    size_t used;
    int r = parse_one(tok, data, len, &obj, &used);
    if (r < 0)
        return r;
    if (skip_blank(data, len, used) != len) {
        json_object_put(obj);
        return -EBADMSG;
    }
    *ret = (struct spc_jdoc *)obj;
    return 0;
}

int spc_jdoc_read(int rootfd, const char *path, size_t max, struct spc_jdoc **ret)
{
    spc_auto_free char *data = NULL;
    size_t len;
    int r = spc_read_in_root(rootfd, path, max, &data, &len);
    return r < 0 ? r : spc_jdoc_parse(data, len, ret);
}

void spc_jdoc_free(struct spc_jdoc *doc)
{
    json_object_put(object(doc));
}

int spc_jdoc_each(const char *data, size_t len, int (*each)(const struct spc_jdoc *item, void *arg),
                  void *arg)
{
    auto_tokener struct json_tokener *tok = json_tokener_new_ex(SPC_JSON_DEPTH);
    if (!tok)
        return -ENOMEM;
    size_t i = skip_blank(data, len, 0);
    if (i == len || data[i] != '[')
        return -EBADMSG;
    i = skip_blank(data, len, i + 1);
    if (i < len && data[i] == ']')
        return 0;

    for (;;) {
        struct json_object *obj;
        size_t used;
        int r = parse_one(tok, data + i, len - i, &obj, &used);
        if (r < 0)
            return r;
        r = each((const struct spc_jdoc *)obj, arg);
        json_object_put(obj);
        if (r != 0)
            return r;
        i = skip_blank(data, len, i + used);
        if (i < len && data[i] == ']')
            return 0;
        if (i >= len || data[i] != ',')
            return -EBADMSG;
        i = skip_blank(data, len, i + 1);
    }
}

const struct spc_jdoc *spc_jdoc_get(const struct spc_jdoc *doc, const char *key)
{
    struct json_object *member = NULL;
    if (!json_object_is_type(object(doc), json_type_object) ||
        !json_object_object_get_ex(object(doc), key, &member))
        return NULL;
    return (const struct spc_jdoc *)member;
}

const struct spc_jdoc *spc_jdoc_at(const struct spc_jdoc *doc, size_t index)
{
    if (!json_object_is_type(object(doc), json_type_array))
        return NULL;
    return (const struct spc_jdoc *)json_object_array_get_idx(object(doc), index);
}

size_t spc_jdoc_len(const struct spc_jdoc *doc)
{
    return json_object_is_type(object(doc), json_type_array) ? json_object_array_length(object(doc))
                                                             : 0;
}

int spc_jdoc_members(const struct spc_jdoc *doc,
                     int (*each)(const char *key, const struct spc_jdoc *value, void *arg),
                     void *arg)
{
    if (!json_object_is_type(object(doc), json_type_object))
        return 0;
    struct json_object_iterator it = json_object_iter_begin(object(doc));
    struct json_object_iterator end = json_object_iter_end(object(doc));
    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        int r = each(json_object_iter_peek_name(&it),
                     (const struct spc_jdoc *)json_object_iter_peek_value(&it), arg);
        if (r != 0)
            return r;
    }
    return 0;
}

const char *spc_jdoc_text(const struct spc_jdoc *doc)
{
    if (!json_object_is_type(object(doc), json_type_string))
        return NULL;
    const char *str = json_object_get_string(object(doc));
    return str && strlen(str) == (size_t)json_object_get_string_len(object(doc)) ? str : NULL;
}

const char *spc_jdoc_str(const struct spc_jdoc *doc)
{
    if (!json_object_is_type(object(doc), json_type_string))
        return NULL;
    const char *str = json_object_get_string(object(doc));
    size_t len = (size_t)json_object_get_string_len(object(doc));
    return str && *str && strlen(str) == len ? str : NULL;
}

const char *spc_jdoc_get_str(const struct spc_jdoc *doc, const char *key)
{
    return spc_jdoc_str(spc_jdoc_get(doc, key));
}

uint64_t spc_jdoc_get_u64(const struct spc_jdoc *doc, const char *key)
{
    const struct spc_jdoc *member = spc_jdoc_get(doc, key);
    uint64_t value = 0;
    if (json_object_is_type(object(member), json_type_int)) {
        int64_t number = json_object_get_int64(object(member));
        return number > 0 ? (uint64_t)number : 0;
    }
    const char *digits = spc_jdoc_str(member);
    return digits && spc_parse_u64(digits, &value) == 0 ? value : 0;
}

bool spc_jdoc_get_bool(const struct spc_jdoc *doc, const char *key)
{
    const struct spc_jdoc *member = spc_jdoc_get(doc, key);
    return json_object_is_type(object(member), json_type_boolean) &&
           json_object_get_boolean(object(member));
}
