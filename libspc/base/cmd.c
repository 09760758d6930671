// SPDX-License-Identifier: BSD-2-Clause
// The life of a command, and the one place that prints an error.
#include <spc/opt.h>

#include <string.h>

#include <spc/escape.h>
#include <spc/version.h>

static void print_error(const struct spc_cmd *cmd, const struct spc_err *err)
{
    // The text may hold names that a container chose.
    spc_auto_buf struct spc_buf line = {0};
    if (strncmp(err->text, cmd->name, strlen(cmd->name)) != 0)
        spc_buf_printf(&line, "%s: ", cmd->name);
    spc_escape_text(&line, err->text, strlen(err->text));
    if (err->hint[0]) {
        spc_buf_puts(&line, "; ");
        spc_escape_text(&line, err->hint, strlen(err->hint));
    }
    fprintf(stderr, "%s\n", spc_buf_str(&line));
}

// Does the word behind `word` belong to it (-o FILE, --output FILE, -ao FILE)?
static bool takes_next_word(const struct spc_cmd *cmd, const char *word)
{
    bool is_long = strncmp(word, "--", 2) == 0;
    size_t taken =
        strlen(word); // where the first letter stands whose value is the rest of the word
    for (const struct spc_opt *opt = cmd->opts; opt->help; opt++) {
        if (!opt->metavar || opt->is_optional)
            continue;
        if (is_long && opt->name && strcmp(opt->name, word + 2) == 0)
            return true;
        const char *at = is_long || !opt->letter ? NULL : strchr(word + 1, opt->letter);
        if (at && (size_t)(at - word) < taken)
            taken = (size_t)(at - word);
    }
    return word[taken] && !word[taken + 1];
}

// --help and --version count wherever they stand before the operands (as git and docker do it),
// so that they work beside options that would otherwise be wrong.
static const char *find_info_request(const struct spc_cmd *cmd, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0 || (cmd->stop_at_operand && word[0] != '-'))
            return NULL;
        if (strncmp(word, "--help", 6) == 0 && (word[6] == '\0' || word[6] == '='))
            return word + 2;
        if (strcmp(word, "--version") == 0)
            return word + 2;
        if (word[0] == '-' && word[1] && takes_next_word(cmd, word))
            i++;
    }
    return NULL;
}

static int answer_info(const struct spc_cmd *cmd, const char *what)
{
    spc_auto_buf struct spc_buf out = {0};
    if (strcmp(what, "version") == 0)
        spc_buf_printf(&out, "%s %s\n", cmd->name, SPC_VERSION);
    else if (strcmp(what, "help=man") == 0)
        spc_help_man(cmd, &out);
    else if (strcmp(what, "help=words") == 0)
        spc_help_words(cmd, &out);
    else
        spc_help_text(cmd, &out);
    if (fputs(spc_buf_str(&out), stdout) != EOF && fflush(stdout) == 0)
        return SPC_EXIT_OK;
    struct spc_err err = {0};
    spc_err_set(&err, -errno, "%s: writing the output", cmd->name);
    print_error(cmd, &err);
    return SPC_EXIT_FAIL;
}

static int exit_status(const struct spc_cmd *cmd, const struct spc_err *err)
{
    if (cmd->fail_status != SPC_EXIT_OK && err->status < SPC_EXIT_RUN_FAILED)
        return (int)cmd->fail_status;
    return err->status != SPC_EXIT_OK ? (int)err->status : SPC_EXIT_FAIL;
}

static int run_command(const struct spc_cmd *cmd, int argc, char **argv, void *config,
                       struct spc_err *err)
{
    int first = spc_opt_parse(cmd, argc, argv, config, err);
    if (first < 0)
        return first;
    return cmd->run(config, argc - first, argv + first, err);
}

int spc_cmd_main(const struct spc_cmd *cmd, int argc, char **argv)
{
    const char *info = find_info_request(cmd, argc, argv);
    if (info)
        return answer_info(cmd, info);

    struct spc_err err = {0};
    spc_auto_free void *config = calloc(1, cmd->config_size ? cmd->config_size : 1);
    if (!config) {
        spc_err_set(&err, -ENOMEM, "%s", cmd->name);
        print_error(cmd, &err);
        return exit_status(cmd, &err);
    }
    if (cmd->defaults)
        memcpy(config, cmd->defaults, cmd->config_size);

    int r = run_command(cmd, argc, argv, config, &err);
    if (cmd->free_config)
        cmd->free_config(config);
    if (r >= 0)
        return r;
    if (!err.text[0])
        spc_err_set(&err, r, "%s", cmd->name);
    print_error(cmd, &err);
    return exit_status(cmd, &err);
}
