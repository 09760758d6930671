// SPDX-License-Identifier: BSD-2-Clause
// Parsing of every option type, its errors, and the renderings of the same table.
#include <spc/opt.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <spc/own.h>

#include "tests/unit/unit.h"

struct cfg {
    bool flag;
    unsigned count;
    uint32_t u32, port;
    uint64_t u64, duration;
    const char *str, *maybe;
    struct spc_strv strv;
    int choice;
    char called[32];
};

static int parse_called(void *field, const char *value, struct spc_err *err)
{
    if (value && strcmp(value, "bad") == 0)
        return spc_err_usage(err, "'bad' is bad");
    snprintf(field, sizeof(((struct cfg *)0)->called), "<%s>", value ? value : "none");
    return 0;
}

static const struct spc_choice colors[] = {
    {"auto", 1, "on a terminal"}, {"always", 2, NULL}, {"never", 3, NULL}, {0}};

static const struct spc_opt opts[] = {
    {'f', "flag", SPC_OPT_FLAG, SPC_OPT_AT(struct cfg, flag), .help = "A flag."},
    {'v', NULL, SPC_OPT_COUNT, SPC_OPT_AT(struct cfg, count), .help = "More."},
    {.type = SPC_OPT_SECTION, .help = "Numbers"},
    {'n', "number", SPC_OPT_U32, SPC_OPT_AT(struct cfg, u32), "N", "A number."},
    {.name = "port",
     .type = SPC_OPT_U32,
     SPC_OPT_AT(struct cfg, port),
     .metavar = "PORT",
     .help = "A port.",
     .min = 1,
     .max = 65535},
    {.name = "big",
     .type = SPC_OPT_U64,
     SPC_OPT_AT(struct cfg, u64),
     .metavar = "N",
     .help = "A large number."},
    {'d', "duration", SPC_OPT_DURATION, SPC_OPT_AT(struct cfg, duration), "TIME", "How long."},
    {.type = SPC_OPT_SECTION, .help = "Words"},
    {'o', "output", SPC_OPT_STR, SPC_OPT_AT(struct cfg, str), "FILE", "Where to."},
    {.name = "maybe",
     .type = SPC_OPT_STR,
     SPC_OPT_AT(struct cfg, maybe),
     .metavar = "WHAT",
     .help = "Perhaps.",
     .is_optional = true},
    {'e', "env", SPC_OPT_STRV, SPC_OPT_AT(struct cfg, strv), "NAME=VALUE",
     "A variable. This text is long enough that it has to be filled over two lines."},
    {.name = "color",
     .type = SPC_OPT_CHOICE,
     SPC_OPT_AT(struct cfg, choice),
     .metavar = "WHEN",
     .help = "",
     .choices = colors},
    {'C', "call", SPC_OPT_CALL, SPC_OPT_AT(struct cfg, called), "SET", ".Own \\ parser.",
     .is_optional = true, .parse = parse_called},
    {.name = "optional-number",
     .type = SPC_OPT_U32,
     SPC_OPT_AT(struct cfg, u32),
     .metavar = "N",
     .help = "A table that cannot work.",
     .is_optional = true},
    {0},
};

static int run_first(void *config, int argc, char **argv, struct spc_err *err)
{
    (void)config, (void)argc;
    if (argc && strcmp(argv[0], "fail") == 0)
        return spc_err_set(err, -EIO, "a\nb");
    if (argc && strcmp(argv[0], "silent") == 0)
        return -EPERM;
    if (argc && strcmp(argv[0], "target") == 0) {
        spc_err_say(err, -ESRCH, "no such target");
        spc_err_hint(err, "see 'spc ps'");
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    return argc ? 7 : 0;
}

static const struct spc_cmd cmd = {
    .name = "tool",
    .operands = "[A]\n-p PID",
    .description = "A tool.",
    .opts = opts,
    .run = run_first,
    .config_size = sizeof(struct cfg),
    .notes = "Notes.\n",
    .examples = (const struct spc_example[]){{"tool x", "does x"}, {0}},
};

static const struct spc_cmd wrapper = {
    .name = "wrap",
    .operands = "CMD",
    .description = "Runs another.",
    .opts = opts,
    .stop_at_operand = true,
    .run = run_first,
    .config_size = sizeof(struct cfg),
};

static const struct spc_cmd bare = {
    .name = "bare", .description = "No options.", .opts = (const struct spc_opt[]){{0}}};

#define MAX_WORDS 12

// Parse a command line of words separated by blanks.
static int parse_as(const struct spc_cmd *command, const char *line, struct cfg *cfg,
                    struct spc_err *err)
{
    static char words[512]; // what cfg borrows from lives until the next line
    snprintf(words, sizeof(words), "%s", line);
    char *argv[MAX_WORDS + 2] = {words}, *save = NULL;
    int argc = 0;
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    memset(cfg, 0, sizeof(*cfg));
    spc_err_clear(err);
    return spc_opt_parse(command, argc, argv, cfg, err);
}

static int parse(const char *line, struct cfg *cfg, struct spc_err *err)
{
    return parse_as(&cmd, line, cfg, err);
}

static void every_type_is_stored(void **state)
{
    (void)state;
    struct cfg cfg;
    struct spc_err err = {0};
    int first =
        parse("tool -fvv -n5 --port=80 --big 18446744073709551615 -d 1.5s -o out x", &cfg, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(first, 10);
    assert_true(cfg.flag);
    assert_int_equal(cfg.count, 2);
    assert_int_equal(cfg.u32, 5);
    assert_int_equal(cfg.port, 80);
    assert_true(cfg.u64 == UINT64_MAX);
    assert_int_equal(cfg.duration, 1500000000);
    assert_string_equal(cfg.str, "out");
    assert_null(cfg.maybe);

    assert_int_equal(
        parse("tool -e A=1 --env B=2 -e= --color never --call=x --maybe=y", &cfg, &err), 10);
    assert_int_equal(cfg.strv.count, 3);
    assert_string_equal(cfg.strv.items[0], "A=1");
    assert_string_equal(cfg.strv.items[1], "B=2");
    assert_string_equal(cfg.strv.items[2], "=");
    spc_strv_free(&cfg.strv);
    assert_int_equal(cfg.choice, 3);
    assert_string_equal(cfg.called, "<x>");
    assert_string_equal(cfg.maybe, "y");
}

static void optional_values(void **state)
{
    (void)state;
    struct cfg cfg;
    struct spc_err err = {0};
    assert_int_equal(parse("tool --call --maybe word", &cfg, &err), 3);
    assert_string_equal(cfg.called, "<none>");
    assert_null(cfg.maybe);
    assert_int_equal(parse("tool -C word", &cfg, &err), 2);
    assert_string_equal(cfg.called, "<none>");
    assert_int_equal(parse("tool --optional-number=3", &cfg, &err), 2);
    assert_int_equal(cfg.u32, 3);
    // Not a crash.
    assert_int_equal(parse("tool --optional-number", &cfg, &err), -EINVAL);
    assert_string_equal(err.text, "tool: --optional-number needs a value");
}

static void operands_and_options_mix_unless_told(void **state)
{
    (void)state;
    struct cfg cfg;
    struct spc_err err = {0};
    assert_int_equal(parse("tool a -f b", &cfg, &err), 2);
    assert_true(cfg.flag);
    assert_int_equal(parse("tool a -- -f", &cfg, &err), 2);
    assert_false(cfg.flag);
    assert_int_equal(parse_as(&wrapper, "wrap -v ls -f --bogus", &cfg, &err), 2);
    assert_int_equal(cfg.count, 1);
    assert_false(cfg.flag);
    assert_int_equal(parse_as(&bare, "bare x", &cfg, &err), 1);
    assert_int_equal(parse_as(&bare, "bare -x", &cfg, &err), -EINVAL);
    assert_string_equal(err.hint, "see 'bare --help'");
}

static void errors_say_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text, *hint;
    } wrong[] = {
        {"tool -z", "tool: unknown option '-z'", "see 'tool --help'"},
        {"tool -fz", "tool: unknown option '-z'", "see 'tool --help'"},
        {"tool --nonsense", "tool: unknown option '--nonsense'", "see 'tool --help'"},
        {"tool a --outptu=x", "tool: unknown option '--outptu=x'", "did you mean --output?"},
        {"tool --numbre 5", "tool: unknown option '--numbre'", "did you mean --number?"},
        {"tool -o", "tool: option --output needs a value (FILE)", ""},
        {"tool x --output", "tool: option --output needs a value (FILE)", ""},
        {"tool -fn", "tool: option --number needs a value (N)", ""},
        {"tool --flag=yes", "tool: option '--flag=yes' takes no value", ""},
        {"tool -n x", "tool: --number 'x': not a whole number", ""},
        {"tool -n -5", "tool: --number '-5': not a whole number", ""},
        {"tool -n 4294967296", "tool: --number '4294967296': not within 0..4294967295", ""},
        {"tool -n 99999999999999999999",
         "tool: --number '99999999999999999999': not a whole number", ""},
        {"tool --port 0", "tool: --port '0': not within 1..65535", ""},
        {"tool --port 65536", "tool: --port '65536': not within 1..65535", ""},
        {"tool -d soon", "tool: --duration 'soon': not a duration such as 10s, 250ms or 1.5m", ""},
        {"tool --color=blue", "tool: --color 'blue': not one of auto, always, never", ""},
        {"tool --call=bad", "tool: --call: 'bad' is bad", ""},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wrong); i++) {
        struct cfg cfg;
        struct spc_err err = {0};
        assert_int_equal(parse(wrong[i].line, &cfg, &err), -EINVAL);
        assert_string_equal(err.text, wrong[i].text);
        assert_string_equal(err.hint, wrong[i].hint);
        assert_int_equal(err.status, SPC_EXIT_USAGE);
    }
}

static void a_long_wrong_option_is_cut(void **state)
{
    (void)state;
    struct cfg cfg;
    struct spc_err err = {0};
    char line[400] = "tool --";
    memset(line + 7, 'x', 380);
    assert_int_equal(parse(line, &cfg, &err), -EINVAL);
    assert_string_equal(err.hint, "see 'tool --help'");
}

static void help_text_fits_80_columns(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf out = {0};
    spc_help_text(&cmd, &out);
    const char *text = spc_buf_str(&out);
    assert_non_null(strstr(text, "Usage: tool [OPTIONS] [A]\n       tool [OPTIONS] -p PID\n"));
    assert_non_null(strstr(text, "\nNumbers:\n"));
    assert_non_null(strstr(text, "  -n, --number N            A number.\n"));
    assert_non_null(strstr(text, "      --maybe[=WHAT]        Perhaps.\n"));
    assert_non_null(strstr(text, "One of auto (on a terminal), always, never."));
    assert_non_null(strstr(text, "\nNotes.\n\nExamples:\n  tool x\n      does x\n"));
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        assert_true(len <= 80);
        line += len + (line[len] != '\0');
    }
}

static void help_words_name_every_spelling(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf out = {0};
    spc_help_words(&cmd, &out);
    assert_string_equal(spc_buf_str(&out),
                        "-f\t\n--flag\t\n-v\t\n-n\tN\n--number\tN\n--port\tPORT\n--big\tN\n"
                        "-d\tTIME\n--duration\tTIME\n-o\tFILE\n--output\tFILE\n--maybe\tWHAT\n"
                        "-e\tNAME=VALUE\n--env\tNAME=VALUE\n--color\tauto|always|never\n"
                        "-C\tSET\n--call\tSET\n--optional-number\tN\n");
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        n++;
    return n;
}

static void help_man_is_balanced_and_escaped(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf out = {0}, none = {0};
    spc_help_man(&cmd, &out);
    const char *text = spc_buf_str(&out);
    assert_int_equal(count_of(text, ".Bl "), 3);
    assert_int_equal(count_of(text, ".El\n"), 3);
    assert_non_null(strstr(text, ".It Fl n , Fl \\-number Ar N\nA number.\n"));
    assert_non_null(strstr(text, ".It Fl \\-maybe Op Ar WHAT\n"));
    assert_non_null(strstr(text, "\n\\&.Own \\e parser.\n"));
    spc_help_man(&bare, &none);
    assert_string_equal(spc_buf_str(&none), "");
}

// Run spc_cmd_main() with its output in files; returns the exit code.
static int run_main(const struct spc_cmd *command, const char *line, char out[static 2048],
                    char errors[static 2048])
{
    char words[256];
    snprintf(words, sizeof(words), "%s", line);
    char *argv[MAX_WORDS + 2] = {0}, *save = NULL;
    int argc = 0;
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;

    spc_auto_file FILE *out_file = fmemopen(out, 2048, "w"),
                       *err_file = fmemopen(errors, 2048, "w");
    FILE *saved_out = stdout, *saved_err = stderr;
    stdout = out_file;
    stderr = err_file;
    int status = spc_cmd_main(command, argc, argv);
    fflush(err_file);
    stdout = saved_out;
    stderr = saved_err;
    return status;
}

static void main_prints_one_line_and_an_exit_code(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int status;
        const char *errors;
    } runs[] = {
        {"tool", 0, ""},
        {"tool x", 7, ""},
        {"tool fail", 1, "tool: a\\nb: Input/output error\n"},
        {"tool silent", 1, "tool: Operation not permitted\n"},
        {"tool target", 3, "tool: no such target; see 'spc ps'\n"},
        {"tool -z", 2, "tool: unknown option '-z'; see 'tool --help'\n"},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(runs); i++) {
        char out[2048] = "", errors[2048] = "";
        assert_int_equal(run_main(&cmd, runs[i].line, out, errors), runs[i].status);
        assert_string_equal(errors, runs[i].errors);
        assert_string_equal(out, "");
    }
}

// --help and --version work beside wrong options, but are not taken from a value or an operand.
static void info_requests_are_found(void **state)
{
    (void)state;
    static const struct {
        const struct spc_cmd *command;
        const char *line, *begin;
        int status;
    } runs[] = {
        {&cmd, "tool --version", "tool 0.1\n", 0},
        {&cmd, "tool --bogus x --help", "Usage: tool", 0},
        {&cmd, "tool --help=words", "-f\t\n", 0},
        {&cmd, "tool --help=man", ".Bl", 0},
        {&cmd, "tool -- --help", "", 7},
        {&cmd, "tool -o --help", "", 0},
        {&cmd, "tool --output --help x", "", 7},
        {&cmd, "tool -fo --help", "", 0},
        {&cmd, "tool -ofn --help", "Usage: tool", 0},
        {&wrapper, "wrap -e A=1 --env B=2 --help", "Usage: wrap", 0},
        {&wrapper, "wrap ls --help", "", 7},
        {&wrapper, "wrap -o f ls --help", "", 7},
        {&wrapper, "wrap --maybe ls --help", "", 7},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(runs); i++) {
        char out[2048] = "", errors[2048] = "";
        assert_int_equal(run_main(runs[i].command, runs[i].line, out, errors), runs[i].status);
        assert_memory_equal(out, runs[i].begin, strlen(runs[i].begin));
        assert_int_equal(out[0] != '\0', runs[i].begin[0] != '\0');
    }
}

static void help_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    char version[] = "--version", name[] = "tool", *argv[] = {name, version, NULL};
    char errors[256] = "";
    spc_auto_file FILE *full = fopen("/dev/full", "we");
    spc_auto_file FILE *err_file = fmemopen(errors, sizeof(errors), "w");
    FILE *saved_out = stdout, *saved_err = stderr;
    stdout = full;
    stderr = err_file;
    int status = spc_cmd_main(&cmd, 2, argv);
    fflush(err_file);
    stdout = saved_out;
    stderr = saved_err;
    assert_int_equal(status, SPC_EXIT_FAIL);
    assert_string_equal(errors, "tool: writing the output: No space left on device\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_type_is_stored),
    cmocka_unit_test(optional_values),
    cmocka_unit_test(operands_and_options_mix_unless_told),
    cmocka_unit_test(errors_say_what_to_do),
    cmocka_unit_test(a_long_wrong_option_is_cut),
    cmocka_unit_test(help_text_fits_80_columns),
    cmocka_unit_test(help_words_name_every_spelling),
    cmocka_unit_test(help_man_is_balanced_and_escaped),
    cmocka_unit_test(main_prints_one_line_and_an_exit_code),
    cmocka_unit_test(info_requests_are_found),
    cmocka_unit_test(help_that_cannot_be_written_is_an_error),
};

UNIT_MAIN(tests)
