// SPDX-License-Identifier: BSD-2-Clause
#include "targets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <spc/target.h>

void sniff_places_free(struct sniff_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        struct sniff_place *place = &places->items[i];
        spc_close(place->netns);
        spc_close(place->pidfd);
        spc_close(place->socket);
        free(place->label);
        free(place->about);
    }
    free(places->items);
    *places = (struct sniff_places){0};
}

static struct sniff_place *add_place(struct sniff_places *places)
{
    struct sniff_place *items = realloc(places->items, (places->count + 1) * sizeof(*items));
    if (!items)
        return NULL;
    places->items = items;
    items[places->count] =
        (struct sniff_place){.netns = SPC_NOFD, .pidfd = SPC_NOFD, .socket = SPC_NOFD};
    return &items[places->count++];
}

static bool is_same_file(int a, int b)
{
    struct stat sa, sb;
    return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

static bool is_known(const struct sniff_places *places, int netns)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].netns >= 0 && is_same_file(places->items[i].netns, netns))
            return true;
    return false;
}

// The network namespace of a held target.
static int open_netns(const struct spc_node *node, const struct spc_target *target,
                      struct spc_err *err)
{
    int fd, code;
    if (target->kind == SPC_TARGET_HOST) {
        code = fd = spc_node_open_host_ns(node, SPC_NS_NET);
    } else if (target->nsfd >= 0) {
        fd = fcntl(target->nsfd, F_DUPFD_CLOEXEC, 3);
        code = -errno;
    } else if (target->procfd >= 0) {
        fd = openat(target->procfd, "ns/net", O_RDONLY | O_CLOEXEC);
        code = -errno;
    } else {
        return spc_err_say(err, -ENOTSUP, "'%s' has no single network namespace", target->spec);
    }
    if (fd >= 0)
        return fd;
    spc_err_set(err, code, "network namespace of '%s'", target->label);
    if (code == -EACCES || code == -EPERM)
        spc_err_hint(err, "capturing from another namespace needs root");
    return code;
}

static char *describe(const struct spc_target *target)
{
    spc_auto_buf struct spc_buf about = {0};
    if (target->containers.count == 0)
        return NULL;
    const struct spc_container *c = &target->containers.items[0];
    spc_buf_printf(&about, "%s container %s", c->engine_name ? c->engine_name : "",
                   c->id ? c->id : "");
    if (c->image)
        spc_buf_printf(&about, ", image %s", c->image);
    return spc_buf_take(&about);
}

// It stands on every line: of a path, the last component.
static char *short_label(const struct spc_target *target)
{
    const char *slash = target->kind == SPC_TARGET_NETNS ? strrchr(target->label, '/') : NULL;
    return strdup(slash && slash[1] ? slash + 1 : target->label);
}

static int resolve_one(struct spc_node *node, const char *word, struct sniff_places *places,
                       struct spc_err *err)
{
    spc_auto_target struct spc_target target = SPC_TARGET_NONE;
    int r = spc_target_resolve(node, word, &target, err);
    if (r < 0)
        return r;
    spc_auto_close int netns = open_netns(node, &target, err);
    if (netns < 0)
        return netns;
    if (is_known(places, netns))
        return 0;
    struct sniff_place *place = add_place(places);
    if (!place)
        return spc_err_set(err, -ENOMEM, "targets");
    place->netns = SPC_TAKE_FD(netns);
    place->pidfd = SPC_TAKE_FD(target.pidfd);
    place->label = short_label(&target);
    if (!place->label)
        return spc_err_set(err, -ENOMEM, "targets");
    place->about = describe(&target);
    return 0;
}

int sniff_places_resolve(const struct spc_strv *words, struct sniff_places *ret,
                         struct spc_err *err)
{
    struct sniff_places places SPC_CLEANUP(sniff_places_free) = {0};
    if (words->count == 0 && !add_place(&places))
        return spc_err_set(err, -ENOMEM, "targets");
    if (words->count) {
        struct spc_node *node SPC_CLEANUP(spc_node_free_p) = NULL;
        int r = spc_node_open(NULL, &node, err);
        for (size_t i = 0; i < words->count && r == 0; i++)
            r = resolve_one(node, words->items[i], &places, err);
        if (r < 0)
            return r;
    }
    *ret = places;
    places = (struct sniff_places){0};
    return 0;
}

int sniff_places_open(struct sniff_places *places, enum sniff_socket kind, struct spc_err *err)
{
    for (size_t i = 0; i < places->count; i++) {
        struct sniff_place *place = &places->items[i];
        spc_auto_close int userns = SPC_NOFD;
        if (place->netns >= 0) // the owner, for a caller who has no power over the namespace itself
            userns = ioctl(place->netns, NS_GET_USERNS);
        place->socket = sniff_netns_socket(kind, place->netns, userns, err);
        if (place->socket < 0) {
            if (place->label)
                spc_err_wrap(err, "%s", place->label);
            return err ? err->code : -EIO;
        }
        spc_close(SPC_TAKE_FD(place->netns));
    }
    return 0;
}
