// SPDX-License-Identifier: BSD-2-Clause
// Commands and options as data.
//
// One table per command says everything about its options: parsing, --help, the option list of the
// manual page and the shell completions are all made from it. Values land in the command's own
// plain config struct, by offset.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/err.h>

enum spc_opt_type {
    SPC_OPT_SECTION,  // a heading in --help; no option
    SPC_OPT_FLAG,     // bool: set to true
    SPC_OPT_COUNT,    // unsigned: number of times given (-vv)
    SPC_OPT_U32,      // uint32_t, decimal, within min..max where max is not 0
    SPC_OPT_U64,      // uint64_t
    SPC_OPT_STR,      // const char *, borrowed from argv; the last one wins
    SPC_OPT_STRV,     // struct spc_strv, each use appends
    SPC_OPT_CHOICE,   // int: value of one of `choices`
    SPC_OPT_DURATION, // uint64_t nanoseconds: 90, 1.5s, 250ms, 2m, 1h; bare numbers are seconds
    SPC_OPT_CALL,     // call parse(); for lists and other shapes of a tool's own
    _SPC_OPT_MAX,
};

// One word of a choice, ended by a NULL name.
struct spc_choice {
    const char *name;
    int value;
    const char *help;
};

struct spc_opt {
    char letter;      // 0 when there is none
    const char *name; // long name without dashes, NULL when there is none
    enum spc_opt_type type;
    size_t offset;       // into the config struct
    const char *metavar; // NULL when the option takes no value
    const char *help;    // one or more sentences, no line breaks
    const struct spc_choice *choices;
    uint64_t min, max;
    // The value may be left out (SPC_OPT_STR and SPC_OPT_CALL: it is NULL then). It can only be
    // given as --name=VALUE; the letter, if there is one, never takes it.
    bool is_optional;
    // `field` is config + offset.
    int (*parse)(void *field, const char *value, struct spc_err *err);
};

// Bind an option to a member of a config struct: SPC_OPT_AT(struct cfg, member).
#define SPC_OPT_AT(type, member) .offset = offsetof(type, member)

struct spc_example {
    const char *line;
    const char *what;
};

struct spc_cmd {
    const char *name;                   // as typed: "spc ps", "strace-lite"
    const char *operands;               // "[TARGET]"; several forms are separated by '\n'
    const char *description;            // one paragraph
    const struct spc_opt *opts;         // ended by an all-zero row
    const struct spc_example *examples; // ended by an all-zero row, or NULL
    const char *notes;                  // further text below the options, or NULL
    // Options end at the first operand: what follows belongs to another command (run, strace).
    bool stop_at_operand;
    // Gets what is left after parsing. Returns the exit code (>= 0), or a negative errno with *err.
    int (*run)(void *config, int argc, char **argv, struct spc_err *err);
    size_t config_size;
    const void *defaults;              // a config to start from, or NULL for all zero
    void (*free_config)(void *config); // releases what parsing allocated, or NULL
    // Where the exit code belongs to another command (run): every failure of our own, wrong usage
    // included, ends with this one, except for the codes that `run` defines. 0: not so.
    enum spc_exit fail_status;
};

// Parse argv[1..] into *config. Returns the index of the first operand or a negative errno.
// --help and --version are not known here: spc_cmd_main() takes them out first.
int spc_opt_parse(const struct spc_cmd *cmd, int argc, char **argv, void *config,
                  struct spc_err *err);

// Whole life of a command: parse, --help[=man|=words], --version, run, print the error, exit code.
// Everything that spc prints about a failure is printed here.
int spc_cmd_main(const struct spc_cmd *cmd, int argc, char **argv);

// The renderings of one table.
void spc_help_text(const struct spc_cmd *cmd, struct spc_buf *out);
void spc_help_man(const struct spc_cmd *cmd, struct spc_buf *out); // mdoc(7) option list
void spc_help_words(const struct spc_cmd *cmd,
                    struct spc_buf *out); // one option a line, for completion

// "1.5s" and friends to nanoseconds. 0 or -EINVAL, -ERANGE.
int spc_parse_duration(const char *str, uint64_t *ret_ns);
// Whole decimal number, nothing before or behind it. 0 or -EINVAL, -ERANGE.
int spc_parse_u64(const char *str, uint64_t *ret);

// The nearest of `count` names to `word`, or NULL when none is near. For "did you mean".
const char *spc_nearest(const char *word, const char *const *names, size_t count);
