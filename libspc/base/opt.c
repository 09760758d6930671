// SPDX-License-Identifier: BSD-2-Clause
// Parsing of option tables. getopt_long(3) splits the words, the table says what they mean.
#include <spc/opt.h>

#include <errno.h>
#include <getopt.h>
#include <string.h>

// getopt_long() values of long options: beyond every letter, so that a row is found by index.
#define LONG_BASE 256

static size_t count_opts(const struct spc_cmd *cmd)
{
    size_t n = 0;
    while (cmd->opts[n].help)
        n++;
    return n;
}

static bool takes_value(const struct spc_opt *opt)
{
    return opt->metavar != NULL;
}

// What getopt_long(3) wants to be told, derived from the table.
struct getopt_tables {
    struct spc_buf letters;
    struct option *longs;
};

static void getopt_tables_free(struct getopt_tables *t)
{
    spc_buf_free(&t->letters);
    free(t->longs);
}

static int getopt_tables_make(const struct spc_cmd *cmd, struct getopt_tables *t)
{
    size_t count = count_opts(cmd), n = 0;
    t->longs = calloc(count + 1, sizeof(*t->longs));
    if (!t->longs)
        return -ENOMEM;

    // '+' stops at the first operand; ':' makes a missing value tell itself from an unknown option.
    spc_buf_puts(&t->letters, cmd->stop_at_operand ? "+:" : ":");
    for (size_t i = 0; i < count; i++) {
        const struct spc_opt *opt = &cmd->opts[i];
        if (opt->letter) {
            spc_buf_putc(&t->letters, opt->letter);
            if (takes_value(opt) && !opt->is_optional)
                spc_buf_putc(&t->letters, ':');
        }
        if (opt->name)
            t->longs[n++] = (struct option){
                .name = opt->name,
                .has_arg = !takes_value(opt)  ? no_argument
                           : opt->is_optional ? optional_argument
                                              : required_argument,
                .val = LONG_BASE + (int)i,
            };
    }
    return spc_buf_check(&t->letters);
}

static const struct spc_opt *find_opt(const struct spc_cmd *cmd, int val)
{
    if (val >= LONG_BASE)
        return &cmd->opts[val - LONG_BASE];
    for (const struct spc_opt *opt = cmd->opts; opt->help; opt++)
        if (opt->letter && opt->letter == val)
            return opt;
    return NULL;
}

// "-p" or "--pid", as the user knows it.
static const char *opt_label(const struct spc_opt *opt, char buf[static 64])
{
    if (opt->name)
        snprintf(buf, 64, "--%s", opt->name);
    else
        snprintf(buf, 64, "-%c", opt->letter);
    return buf;
}

static int store_choice(const struct spc_opt *opt, int *field, const char *value,
                        struct spc_err *err)
{
    spc_auto_buf struct spc_buf names = {0};
    for (const struct spc_choice *c = opt->choices; c->name; c++) {
        if (strcmp(c->name, value) == 0) {
            *field = c->value;
            return 0;
        }
        spc_buf_printf(&names, "%s%s", names.len ? ", " : "", c->name);
    }
    char label[64];
    return spc_err_usage(err, "%s '%s': not one of %s", opt_label(opt, label), value,
                         spc_buf_str(&names));
}

static int store_number(const struct spc_opt *opt, void *field, const char *value,
                        struct spc_err *err)
{
    char label[64];
    uint64_t number, limit = opt->type == SPC_OPT_U32 ? UINT32_MAX : UINT64_MAX;
    int r = opt->type == SPC_OPT_DURATION ? spc_parse_duration(value, &number)
                                          : spc_parse_u64(value, &number);
    if (r < 0)
        return spc_err_usage(err, "%s '%s': not a %s", opt_label(opt, label), value,
                             opt->type == SPC_OPT_DURATION ? "duration such as 10s, 250ms or 1.5m"
                                                           : "whole number");
    if (opt->max)
        limit = opt->max;
    if (number < opt->min || number > limit)
        return spc_err_usage(err, "%s '%s': not within %llu..%llu", opt_label(opt, label), value,
                             (unsigned long long)opt->min, (unsigned long long)limit);
    if (opt->type == SPC_OPT_U32)
        *(uint32_t *)field = (uint32_t)number;
    else
        *(uint64_t *)field = number;
    return 0;
}

// Whatever the table says of is_optional: these can tell that there is none.
static bool can_lack_value(enum spc_opt_type type)
{
    return type == SPC_OPT_FLAG || type == SPC_OPT_COUNT || type == SPC_OPT_STR ||
           type == SPC_OPT_CALL;
}

static int store(const struct spc_opt *opt, void *config, const char *value, struct spc_err *err)
{
    void *field = (char *)config + opt->offset;
    char label[64];
    int r;

    if (!value && !can_lack_value(opt->type))
        return spc_err_usage(err, "%s needs a value", opt_label(opt, label));

    switch (opt->type) {
    case SPC_OPT_FLAG:
        *(bool *)field = true;
        return 0;
    case SPC_OPT_COUNT:
        ++*(unsigned *)field;
        return 0;
    case SPC_OPT_STR:
        *(const char **)field = value;
        return 0;
    case SPC_OPT_STRV:
        r = spc_strv_add(field, value);
        return r < 0 ? spc_err_set(err, r, "%s", opt_label(opt, label)) : 0;
    case SPC_OPT_CHOICE:
        return store_choice(opt, field, value, err);
    case SPC_OPT_U32:
    case SPC_OPT_U64:
    case SPC_OPT_DURATION:
        return store_number(opt, field, value, err);
    case SPC_OPT_CALL:
        r = opt->parse(field, value, err);
        return r < 0 ? spc_err_wrap(err, "%s", opt_label(opt, label)) : 0;
    case SPC_OPT_SECTION:
    case _SPC_OPT_MAX:
        break;
    }
    return -EINVAL;
}

static int unknown_option(const struct spc_cmd *cmd, const char *word, struct spc_err *err)
{
    spc_err_usage(err, "%s: unknown option '%s'", cmd->name, word);
    if (strncmp(word, "--", 2) == 0) {
        const char *names[128];
        size_t n = 0;
        for (const struct spc_opt *opt = cmd->opts; opt->help && n < SPC_ARRAY_SIZE(names); opt++)
            if (opt->name)
                names[n++] = opt->name;
        char bare[64];
        snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *near = spc_nearest(bare, names, n);
        if (near)
            spc_err_hint(err, "did you mean --%s?", near);
    }
    spc_err_hint(err, "see '%s --help'", cmd->name);
    return -EINVAL;
}

static int bad_option(const struct spc_cmd *cmd, int c, char **argv, struct spc_err *err)
{
    // For a long option optind is already past it; for a bundle of letters it may not be.
    char word[64];
    const struct spc_opt *opt = find_opt(cmd, optopt);
    if (c == ':' && opt)
        return spc_err_usage(err, "%s: option %s needs a value (%s)", cmd->name,
                             opt_label(opt, word), opt->metavar);
    if (optopt >= LONG_BASE)
        return spc_err_usage(err, "%s: option '%s' takes no value", cmd->name, argv[optind - 1]);
    if (optopt)
        snprintf(word, sizeof(word), "-%c", optopt);
    else
        snprintf(word, sizeof(word), "%s", argv[optind - 1]);
    return unknown_option(cmd, word, err);
}

int spc_opt_parse(const struct spc_cmd *cmd, int argc, char **argv, void *config,
                  struct spc_err *err)
{
    struct getopt_tables tables SPC_CLEANUP(getopt_tables_free) = {0};
    int c, r = getopt_tables_make(cmd, &tables);
    if (r < 0)
        return spc_err_set(err, r, "%s: options", cmd->name);

    // getopt's state is global; 0 makes glibc start over, which a multi-call program needs.
    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, tables.letters.data, tables.longs, NULL)) != -1) {
        const struct spc_opt *opt = c == '?' || c == ':' ? NULL : find_opt(cmd, c);
        if (!opt)
            return bad_option(cmd, c, argv, err);
        r = store(opt, config, optarg, err);
        if (r < 0)
            return spc_err_wrap(err, "%s", cmd->name);
    }
    return optind;
}
