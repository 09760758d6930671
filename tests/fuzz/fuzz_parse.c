// SPDX-License-Identifier: BSD-2-Clause
// Numbers, durations and the search for near names, on any text.
#include <spc/opt.h>

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    spc_auto_buf struct spc_buf word = {0}, again = {0};
    spc_buf_add(&word, data, size);
    const char *text = spc_buf_str(&word);

    uint64_t number = 42, ns = 42;
    if (spc_parse_u64(text, &number) == 0) {
        spc_buf_printf(&again, "%llu", (unsigned long long)number);
        const char *digits = text + strspn(text, "0");
        FUZZ_CHECK(strcmp(again.data, *digits ? digits : "0") == 0);
        // A bare number is a duration of so many seconds.
        if (spc_parse_duration(text, &ns) == 0)
            FUZZ_CHECK(ns == number * UINT64_C(1000000000));
    } else {
        FUZZ_CHECK(number == 42);
        if (spc_parse_duration(text, &ns) < 0)
            FUZZ_CHECK(ns == 42);
    }

    // The input split at the first newline: a word, and a name it may be near to.
    char *name = word.data ? strchr(word.data, '\n') : NULL;
    if (!name)
        return 0;
    *name++ = '\0';
    const char *const names[] = {"run", name, "strace"};
    const char *near = spc_nearest(text, names, 3);
    FUZZ_CHECK(!near || near == names[0] || near == name || near == names[2]);
    return 0;
}
