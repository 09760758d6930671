// SPDX-License-Identifier: BSD-2-Clause
#include "names.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/opt.h>

#define FILE_MAX (1024u * 1024)

enum { SERVICE_TCP, SERVICE_UDP };

static bool is_name(const char *word)
{
    for (const char *p = word; *p; p++)
        if (*p <= ' ' || *p >= 0x7f)
            return false;
    return *word;
}

// "name port/protocol [alias...]". Not getservent(3): that loads code in a static executable.
static void read_line(struct sniff_names *names, char *line)
{
    char *rest, *hash = strchr(line, '#');
    if (hash)
        *hash = '\0';
    const char *name = strtok_r(line, " \t\r", &rest);
    char *port = name ? strtok_r(NULL, " \t\r", &rest) : NULL;
    char *slash = port ? strchr(port, '/') : NULL;
    if (!slash)
        return;
    *slash = '\0';
    uint64_t number;
    if (spc_parse_u64(port, &number) < 0 || number > UINT16_MAX || !is_name(name))
        return;
    bool is_udp = strcmp(slash + 1, "udp") == 0;
    if (!is_udp && strcmp(slash + 1, "tcp") != 0)
        return;
    char **slot = &names->services[is_udp ? SERVICE_UDP : SERVICE_TCP][number];
    if (!*slot) // the first name is the official one
        *slot = strdup(name);
}

int sniff_names_new(const char *services_path, struct sniff_names **ret, struct spc_err *err)
{
    struct sniff_names *names SPC_CLEANUP(sniff_names_free_p) = calloc(1, sizeof(*names));
    if (!names)
        return spc_err_set(err, -ENOMEM, "names");
    spc_auto_close int fd = open(services_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    spc_auto_free char *text = NULL;
    if (fd >= 0 && spc_read_fd(fd, FILE_MAX, &text, NULL) == 0) {
        char *rest;
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            read_line(names, line);
    }
    *ret = SPC_TAKE_PTR(names);
    return 0;
}

void sniff_names_free(struct sniff_names *names)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(names->services); i++)
        for (size_t port = 0; port < SPC_ARRAY_SIZE(names->services[i]); port++)
            free(names->services[i][port]);
    free(names);
}

const char *sniff_names_service(const struct sniff_names *names, uint8_t ip_protocol, uint16_t port)
{
    if (ip_protocol == IPPROTO_TCP)
        return names->services[SERVICE_TCP][port];
    if (ip_protocol == IPPROTO_UDP)
        return names->services[SERVICE_UDP][port];
    return NULL;
}
