// SPDX-License-Identifier: BSD-2-Clause
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/opt.h>

enum { MAX_FILE = 512 << 20, MAX_WORDS = 32, MAX_RUNS = 10000 };

void systrace_recording_free(struct recording *r)
{
    for (size_t i = 0; i < r->meta_count; i++) {
        free(r->meta[i].key);
        free(r->meta[i].value);
    }
    for (size_t i = 0; i < r->run_count; i++)
        systrace_sample_free(&r->runs[i]);
    free(r->meta);
    free(r->runs);
    *r = (struct recording){0};
}

int systrace_recording_add_meta(struct recording *r, const char *key, const char *value)
{
    struct meta *bigger = reallocarray(r->meta, r->meta_count + 1, sizeof(*bigger));
    if (!bigger)
        return -ENOMEM;
    r->meta = bigger;
    struct meta meta = {strdup(key), strdup(value)};
    if (!meta.key || !meta.value) {
        free(meta.key);
        free(meta.value);
        return -ENOMEM;
    }
    r->meta[r->meta_count++] = meta;
    return 0;
}

const char *systrace_recording_meta(const struct recording *r, const char *key)
{
    for (size_t i = 0; i < r->meta_count; i++)
        if (strcmp(r->meta[i].key, key) == 0)
            return r->meta[i].value;
    return NULL;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int systrace_word_get(char *word)
{
    char *to = word;
    if (strcmp(word, "-") == 0)
        *word = '\0';
    for (const char *from = word; *from; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0 || (high | low) == 0)
            return -EINVAL;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return 0;
}

// --- lines --------------------------------------------------------------------------------------

struct parser {
    struct recording *recording;
    struct sample run; // the one that is not done yet
    bool is_in_run;
    struct call_stats *call; // the last one; borrowed from run
    bool is_ended;
    char *words[MAX_WORDS];
    size_t count; // of words, without the keyword
};

static void parser_free(struct parser *p)
{
    systrace_sample_free(&p->run);
}

static int get_numbers(char *const *words, size_t count, uint64_t *ret)
{
    for (size_t i = 0; i < count; i++)
        if (spc_parse_u64(words[i], &ret[i]) < 0)
            return -EBADMSG;
    return 0;
}

static int parse_meta(struct parser *p)
{
    if (p->is_in_run || systrace_word_get(p->words[0]) < 0 || systrace_word_get(p->words[1]) < 0)
        return -EBADMSG;
    return systrace_recording_add_meta(p->recording, p->words[0], p->words[1]);
}

static int parse_run(struct parser *p)
{
    uint64_t number;
    if (p->is_in_run || get_numbers(p->words, 1, &number) < 0 ||
        number != p->recording->run_count + 1 || number > MAX_RUNS)
        return -EBADMSG;
    p->is_in_run = true;
    return 0;
}

static int parse_time(struct parser *p)
{
    uint64_t n[2];
    bool is_cut = strcmp(p->words[2], "cut") == 0;
    if (get_numbers(p->words, 2, n) < 0 || (!is_cut && strcmp(p->words[2], "whole") != 0))
        return -EBADMSG;
    p->run.start = n[0];
    p->run.duration = n[1];
    p->run.is_cut = is_cut;
    return 0;
}

static int parse_calibration(struct parser *p)
{
    struct calibration *c = &p->run.calibration;
    double *const to[] = {&c->spin, &c->null_untraced, &c->null_traced, &c->quantum};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(to); i++) {
        char *end;
        *to[i] = strtod(p->words[i], &end);
        if (end == p->words[i] || *end || !isfinite(*to[i]) || *to[i] < 0)
            return -EBADMSG;
    }
    return 0;
}

static int parse_lost(struct parser *p)
{
    uint64_t n;
    if (get_numbers(p->words + 1, 1, &n) < 0)
        return -EBADMSG;
    for (unsigned i = 0; i < SAMPLE_LOST_MAX; i++)
        if (strcmp(p->words[0], systrace_lost_name((enum lost_kind)i)) == 0) {
            p->run.lost[i] = n;
            return 0;
        }
    return -EBADMSG;
}

static int parse_abi(const char *word)
{
    for (enum abi abi = 0; abi < SYSTRACE_ABI_MAX; abi++)
        if (strcmp(word, systrace_abi_name(abi)) == 0)
            return (int)abi;
    return -EBADMSG;
}

static int parse_call(struct parser *p)
{
    uint64_t n[12];
    int abi = parse_abi(p->words[2]);
    if (abi < 0 || systrace_word_get(p->words[0]) < 0 || systrace_word_get(p->words[1]) < 0 ||
        get_numbers(p->words + 3, SPC_ARRAY_SIZE(n), n) < 0)
        return -EBADMSG;
    // Parts are not more than the whole: later arithmetic relies on it.
    if (n[4] > n[1] || n[5] > n[4] || n[6] > n[0] || (n[0] && n[2] > n[3]))
        return -EBADMSG;
    int r = systrace_sample_append(&p->run, p->words[0], p->words[1], &p->call);
    if (r < 0)
        return r;
    struct call_stats *c = p->call;
    uint64_t *const to[] = {&c->count,    &c->total,     &c->min,      &c->max,
                            &c->off,      &c->run_queue, &c->switched, &c->errors,
                            &c->restarts, &c->denied,    &c->no_entry, &c->no_return};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(to); i++)
        *to[i] = n[i];
    c->abi = (enum abi)abi;
    return 0;
}

// The words are "BUCKET:COUNT"; there are more than MAX_WORDS, so the line is walked here.
static int parse_hist(struct hist *hist, char *line)
{
    char *rest = NULL;
    if (hist->size)
        return -EBADMSG;
    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *colon = strchr(word, ':');
        uint64_t n[2];
        if (!colon)
            return -EBADMSG;
        *colon = '\0';
        if (get_numbers((char *[]){word, colon + 1}, 2, n) < 0 || n[0] >= HIST_BUCKETS)
            return -EBADMSG;
        int r = systrace_hist_add(hist, (unsigned)n[0], n[1]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int parse_error(struct parser *p)
{
    uint64_t n[2];
    if (!p->call || get_numbers(p->words, 2, n) < 0 || n[0] > 4095)
        return -EBADMSG;
    return systrace_call_add_error(p->call, (unsigned)n[0], n[1]);
}

static int parse_flight(struct parser *p)
{
    uint64_t n[2];
    bool is_start = strcmp(p->words[0], "start") == 0;
    if ((!is_start && strcmp(p->words[0], "end") != 0) || get_numbers(p->words + 1, 2, n) < 0 ||
        n[0] > INT32_MAX)
        return -EBADMSG;
    for (size_t i = 3; i < 6; i++)
        if (systrace_word_get(p->words[i]) < 0)
            return -EBADMSG;
    struct in_flight flight = {.is_start = is_start,
                               .tid = (pid_t)n[0],
                               .ns = n[1],
                               .comm = p->words[3],
                               .group = p->words[4],
                               .name = p->words[5]};
    return systrace_sample_flight(&p->run, &flight);
}

static int parse_done(struct parser *p)
{
    struct recording *r = p->recording;
    uint64_t number;
    if (get_numbers(p->words, 1, &number) < 0 || number != r->run_count + 1)
        return -EBADMSG;
    struct sample *bigger = reallocarray(r->runs, r->run_count + 1, sizeof(*bigger));
    if (!bigger)
        return -ENOMEM;
    r->runs = bigger;
    systrace_sample_sort(&p->run);
    for (size_t i = 1; i < p->run.call_count; i++)
        if (strcmp(p->run.calls[i].group, p->run.calls[i - 1].group) == 0 &&
            strcmp(p->run.calls[i].name, p->run.calls[i - 1].name) == 0)
            return -EBADMSG;
    r->runs[r->run_count++] = p->run;
    p->run = (struct sample){0};
    p->call = NULL;
    p->is_in_run = false;
    return 0;
}

static int parse_end(struct parser *p)
{
    uint64_t number;
    if (p->is_in_run || get_numbers(p->words, 1, &number) < 0 || number != p->recording->run_count)
        return -EBADMSG;
    p->is_ended = true;
    return 0;
}

static const struct {
    const char *name;
    size_t words;
    bool is_of_run;
    int (*parse)(struct parser *p);
} lines[] = {
    {"meta", 2, false, parse_meta},  {"run", 1, false, parse_run},
    {"time", 3, true, parse_time},   {"calibration", 4, true, parse_calibration},
    {"lost", 2, true, parse_lost},   {"call", 15, true, parse_call},
    {"error", 2, true, parse_error}, {"flight", 6, true, parse_flight},
    {"done", 1, true, parse_done},   {"end", 1, false, parse_end},
};

static int parse_line(struct parser *p, char *line)
{
    bool is_wall = strncmp(line, "wall ", 5) == 0, is_cpu = strncmp(line, "cpu ", 4) == 0;
    if (p->is_ended)
        return -EBADMSG;
    if (is_wall || is_cpu) {
        if (!p->is_in_run || !p->call)
            return -EBADMSG;
        return is_wall ? parse_hist(&p->call->wall, line + 5) : parse_hist(&p->call->cpu, line + 4);
    }
    char *rest = NULL, *key = strtok_r(line, " ", &rest);
    p->count = 0;
    for (char *word; (word = strtok_r(NULL, " ", &rest)); p->words[p->count++] = word)
        if (p->count == MAX_WORDS)
            return -EBADMSG;
    for (size_t i = 0; key && i < SPC_ARRAY_SIZE(lines); i++)
        if (strcmp(key, lines[i].name) == 0)
            return p->count == lines[i].words && (p->is_in_run || !lines[i].is_of_run)
                       ? lines[i].parse(p)
                       : -EBADMSG;
    return -EBADMSG;
}

// --- whole files --------------------------------------------------------------------------------

static int parse_first(const char *line, struct spc_err *err)
{
    static const char magic[] = "systrace-recording ";
    uint64_t version;
    size_t len = strlen(magic);
    if (strncmp(line, magic, len) != 0 || spc_parse_u64(line + len, &version) < 0)
        return spc_err_say(err, -EBADMSG, "not a recording of systrace");
    if (version == RECORDING_VERSION)
        return 0;
    spc_err_say(err, -EBADMSG, "format %" PRIu64 " of recordings is not known here", version);
    return spc_err_hint(err, "it was made by another systrace: use one at least as new");
}

int systrace_recording_parse(const char *data, size_t len, struct recording *ret,
                             struct spc_err *err)
{
    systrace_auto_recording struct recording recording = {0};
    struct parser parser SPC_CLEANUP(parser_free) = {.recording = &recording};
    spc_auto_free char *copy = malloc(len + 1);
    if (!copy)
        return spc_err_set(err, -ENOMEM, "recording");
    memcpy(copy, data, len);
    copy[len] = '\0';

    // A last line without its newline was cut short: it does not count.
    size_t number = 0;
    char *end;
    for (char *line = copy; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        int r = ++number == 1 ? parse_first(line, err) : parse_line(&parser, line);
        if (r < 0 && number > 1)
            return r == -EBADMSG ? spc_err_say(err, r, "line %zu is damaged", number)
                                 : spc_err_set(err, r, "line %zu", number);
        if (r < 0)
            return r;
    }
    if (!number)
        return parse_first("", err);
    if (strlen(copy) < len && memchr(data, '\0', len))
        return spc_err_say(err, -EBADMSG, "not a recording of systrace: it holds a NUL byte");
    recording.is_cut = !parser.is_ended;
    if (!recording.run_count)
        return spc_err_say(err, -ENODATA, "the recording holds no complete run");
    *ret = recording;
    recording = (struct recording){0};
    return 0;
}

int systrace_recording_read(const char *path, struct recording *ret, struct spc_err *err)
{
    spc_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    spc_auto_free char *data = NULL;
    size_t len = 0;
    int r = fd < 0 ? -errno : spc_read_fd(fd, MAX_FILE, &data, &len);
    if (r < 0 || !data)
        return spc_err_set(err, r, "reading %s", path);
    r = systrace_recording_parse(data, len, ret, err);
    return r < 0 ? spc_err_wrap(err, "%s", path) : 0;
}

int systrace_recording_merge(const struct recording *recording, struct sample *ret,
                             struct spc_err *err)
{
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    for (size_t i = 0; i < recording->run_count; i++) {
        int r = systrace_sample_merge(&sample, &recording->runs[i]);
        if (r < 0)
            return spc_err_set(err, r, "adding the runs up");
    }
    *ret = sample;
    sample = (struct sample){0};
    return 0;
}
