// SPDX-License-Identifier: BSD-2-Clause
// Recordings: any bytes; what is accepted can be added up and written, and is read back the same.
#include "tools/systrace/recording.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    systrace_auto_recording struct recording first = {0};
    struct sample sum = {0};
    struct spc_err err = {0};
    if (systrace_recording_parse((const char *)data, size, &first, &err) < 0) {
        FUZZ_CHECK(err.text[0] && !first.run_count);
        return 0;
    }
    FUZZ_CHECK(first.run_count > 0);
    FUZZ_CHECK(systrace_recording_merge(&first, &sum, &err) == 0);
    for (size_t i = 0; i < sum.call_count; i++) {
        const struct call_stats *c = &sum.calls[i];
        (void)systrace_hist_quantile(&c->wall, 0.99, c->min, c->max);
        (void)systrace_hist_quantile(systrace_call_cpu(c), 0.5, 0, c->max);
    }
    systrace_sample_free(&sum);
    for (size_t i = 0; i < first.meta_count; i++) {
        spc_auto_buf struct spc_buf word = {0};
        systrace_word_put(&word, first.meta[i].value);
        FUZZ_CHECK(!strpbrk(spc_buf_str(&word), " \n"));
        FUZZ_CHECK(systrace_word_get(word.data) == 0);
        FUZZ_CHECK(strcmp(word.data, first.meta[i].value) == 0);
    }
    return 0;
}
