// SPDX-License-Identifier: BSD-2-Clause
// The renderings of an option table: --help, the manual page's option list, completion words.
#include <spc/opt.h>

#include <string.h>

#define WIDTH  80
#define INDENT 4
#define COLUMN 28 // where the help text of an option starts

// Words of `text` filled between `indent` and WIDTH; the first line is already at `column`.
static void put_filled(struct spc_buf *out, const char *text, size_t column, size_t indent)
{
    size_t at = column;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (at > indent && at + 1 + len > WIDTH) {
            spc_buf_putc(out, '\n');
            spc_buf_pad(out, ' ', indent);
            at = indent;
        } else if (at > indent) {
            spc_buf_putc(out, ' ');
            at++;
        }
        spc_buf_add(out, text, len);
        at += len;
        text += len;
        text += strspn(text, " ");
    }
    spc_buf_putc(out, '\n');
}

static void put_label(struct spc_buf *out, const struct spc_opt *opt)
{
    if (opt->letter)
        spc_buf_printf(out, "-%c%s", opt->letter, opt->name ? ", " : "");
    else
        spc_buf_pad(out, ' ', 4);
    if (opt->name)
        spc_buf_printf(out, "--%s", opt->name);
    if (opt->metavar)
        spc_buf_printf(out, opt->is_optional ? "[=%s]" : " %s", opt->metavar);
}

static void put_choices(struct spc_buf *help, const struct spc_opt *opt)
{
    if (!opt->choices)
        return;
    spc_buf_puts(help, opt->help[0] ? " One of " : "One of ");
    for (const struct spc_choice *c = opt->choices; c->name; c++)
        spc_buf_printf(help, "%s%s%s%s%s", c == opt->choices ? "" : ", ", c->name,
                       c->help ? " (" : "", c->help ? c->help : "", c->help ? ")" : "");
    spc_buf_putc(help, '.');
}

static void put_option(struct spc_buf *out, const struct spc_opt *opt)
{
    if (opt->type == SPC_OPT_SECTION) {
        spc_buf_printf(out, "\n%s:\n", opt->help);
        return;
    }

    spc_auto_buf struct spc_buf label = {0}, help = {0};
    put_label(&label, opt);
    spc_buf_puts(&help, opt->help);
    put_choices(&help, opt);

    spc_buf_pad(out, ' ', 2);
    spc_buf_puts(out, spc_buf_str(&label));
    if (label.len + 4 > COLUMN) {
        spc_buf_putc(out, '\n');
        spc_buf_pad(out, ' ', COLUMN);
    } else {
        spc_buf_pad(out, ' ', COLUMN - 2 - label.len);
    }
    put_filled(out, spc_buf_str(&help), COLUMN, COLUMN);
}

static void put_usage(const struct spc_cmd *cmd, struct spc_buf *out)
{
    const char *form = cmd->operands ? cmd->operands : "";
    for (bool first = true;; first = false) {
        size_t len = strcspn(form, "\n");
        spc_buf_printf(out, "%s %s [OPTIONS] %.*s\n", first ? "Usage:" : "      ", cmd->name,
                       (int)len, form);
        if (!form[len])
            return;
        form += len + 1;
    }
}

// Lines that fit stay as they are, for they may be laid out; longer ones are filled.
static void put_notes(struct spc_buf *out, const char *notes)
{
    spc_buf_putc(out, '\n');
    while (*notes) {
        size_t len = strcspn(notes, "\n");
        spc_auto_buf struct spc_buf line = {0};
        spc_buf_add(&line, notes, len);
        if (len > WIDTH)
            put_filled(out, spc_buf_str(&line), 0, 0);
        else
            spc_buf_printf(out, "%s\n", spc_buf_str(&line));
        notes += len + (notes[len] == '\n');
    }
}

void spc_help_text(const struct spc_cmd *cmd, struct spc_buf *out)
{
    put_usage(cmd, out);
    spc_buf_putc(out, '\n');
    put_filled(out, cmd->description, 0, 0);

    if (cmd->opts[0].type != SPC_OPT_SECTION)
        spc_buf_puts(out, "\nOptions:\n");
    for (const struct spc_opt *opt = cmd->opts; opt->help; opt++)
        if (!opt->is_hidden)
            put_option(out, opt);

    if (cmd->notes)
        put_notes(out, cmd->notes);
    if (cmd->examples) {
        spc_buf_puts(out, "\nExamples:\n");
        for (const struct spc_example *e = cmd->examples; e->line; e++)
            spc_buf_printf(out, "  %s\n%*s%s\n", e->line, INDENT + 2, "", e->what);
    }
}

// mdoc(7) reads a leading dot or quote as a request, and '\' as an escape, and wants each sentence
// to begin a line.
static void put_mdoc(struct spc_buf *out, const char *text)
{
    bool is_line_start = true;
    for (const char *p = text; *p; p++) {
        if (is_line_start && (*p == '.' || *p == '\''))
            spc_buf_puts(out, "\\&");
        is_line_start = *p == '\n' || (*p == ' ' && p > text && p[-1] == '.');
        if (is_line_start) {
            spc_buf_putc(out, '\n');
            continue;
        }
        if (*p == '\\')
            spc_buf_puts(out, "\\e");
        else if (*p == '-')
            spc_buf_puts(out, "\\-");
        else
            spc_buf_putc(out, *p);
    }
}

static void put_mdoc_option(struct spc_buf *out, const struct spc_opt *opt)
{
    spc_buf_puts(out, ".It ");
    if (opt->letter)
        spc_buf_printf(out, "Fl %c%s", opt->letter, opt->name ? " , " : "");
    if (opt->name)
        spc_buf_printf(out, "Fl \\-%s", opt->name);
    if (opt->metavar)
        spc_buf_printf(out, opt->is_optional ? " Op Ar %s" : " Ar %s", opt->metavar);
    spc_buf_putc(out, '\n');
    spc_auto_buf struct spc_buf help = {0};
    spc_buf_puts(&help, opt->help);
    put_choices(&help, opt);
    put_mdoc(out, spc_buf_str(&help));
    spc_buf_putc(out, '\n');
}

void spc_help_man(const struct spc_cmd *cmd, struct spc_buf *out)
{
    if (!cmd->opts->help)
        return;
    for (const struct spc_opt *opt = cmd->opts; opt->help; opt++) {
        if (opt->is_hidden)
            continue;
        if (opt->type == SPC_OPT_SECTION) {
            if (opt != cmd->opts)
                spc_buf_puts(out, ".El\n");
            spc_buf_puts(out, ".Ss ");
            put_mdoc(out, opt->help);
            spc_buf_puts(out, "\n.Bl -tag -width Ds\n");
            continue;
        }
        if (opt == cmd->opts)
            spc_buf_puts(out, ".Bl -tag -width Ds\n");
        put_mdoc_option(out, opt);
    }
    spc_buf_puts(out, ".El\n");
}

// One option a line: spelling, TAB, what its value is (empty, metavar, or choices joined by '|').
void spc_help_words(const struct spc_cmd *cmd, struct spc_buf *out)
{
    for (const struct spc_opt *opt = cmd->opts; opt->help; opt++) {
        if (opt->type == SPC_OPT_SECTION || opt->is_hidden)
            continue;
        spc_auto_buf struct spc_buf value = {0};
        for (const struct spc_choice *c = opt->choices; c && c->name; c++)
            spc_buf_printf(&value, "%s%s", c == opt->choices ? "" : "|", c->name);
        if (!opt->choices && opt->metavar)
            spc_buf_puts(&value, opt->metavar);
        if (opt->letter)
            spc_buf_printf(out, "-%c\t%s\n", opt->letter, spc_buf_str(&value));
        if (opt->name)
            spc_buf_printf(out, "--%s\t%s\n", opt->name, spc_buf_str(&value));
    }
}
