// SPDX-License-Identifier: BSD-2-Clause
// Command lines: the input's lines are the words.
#include <spc/opt.h>

#include <string.h>

#include "tests/fuzz/fuzz.h"

struct cfg {
    bool flag;
    unsigned count;
    uint32_t port;
    uint64_t size, duration;
    const char *str;
    struct spc_strv strv;
    int choice;
};

static const struct spc_choice colors[] = {{"auto", 1, NULL}, {"never", 2, NULL}, {0}};

static const struct spc_opt opts[] = {
    {'f', "flag", SPC_OPT_FLAG, SPC_OPT_AT(struct cfg, flag), .help = "x"},
    {'v', "verbose", SPC_OPT_COUNT, SPC_OPT_AT(struct cfg, count), .help = "x"},
    {'p', "port", SPC_OPT_U32, SPC_OPT_AT(struct cfg, port), "N", "x", .min = 1, .max = 65535},
    {'s', "size", SPC_OPT_U64, SPC_OPT_AT(struct cfg, size), "N", "x"},
    {'d', "duration", SPC_OPT_DURATION, SPC_OPT_AT(struct cfg, duration), "TIME", "x"},
    {'o', "output", SPC_OPT_STR, SPC_OPT_AT(struct cfg, str), "FILE", "x", .is_optional = true},
    {'e', "env", SPC_OPT_STRV, SPC_OPT_AT(struct cfg, strv), "VAR", "x"},
    {'c', "color", SPC_OPT_CHOICE, SPC_OPT_AT(struct cfg, choice), "WHEN", "x", colors,
     .is_optional = true},
    {0},
};

#define MAX_WORDS 32

static void parse(const struct spc_cmd *cmd, const uint8_t *data, size_t size)
{
    spc_auto_buf struct spc_buf text = {0};
    spc_buf_add(&text, data, size);
    char name[] = "tool", *argv[MAX_WORDS + 2] = {name}, *save = NULL;
    int argc = 1;
    for (char *w = strtok_r(text.data, "\n", &save); w && argc <= MAX_WORDS;
         w = strtok_r(NULL, "\n", &save))
        argv[argc++] = w;

    struct cfg cfg = {0};
    struct spc_err err = {0};
    int first = spc_opt_parse(cmd, argc, argv, &cfg, &err);
    spc_strv_free(&cfg.strv);
    if (first < 0) {
        FUZZ_CHECK(err.text[0] && err.status == SPC_EXIT_USAGE);
        return;
    }
    FUZZ_CHECK(first >= 1 && first <= argc);
    FUZZ_CHECK(err.code == 0);
    FUZZ_CHECK(cfg.port <= 65535);
    FUZZ_CHECK(cfg.choice >= 0 && cfg.choice <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct spc_cmd cmd = {.name = "tool", .opts = opts};
    const struct spc_cmd wrapper = {.name = "tool", .opts = opts, .stop_at_operand = true};
    parse(&cmd, data, size);
    parse(&wrapper, data, size);
    return 0;
}
