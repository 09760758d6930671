// SPDX-License-Identifier: BSD-2-Clause
// Any bytes: nothing that a terminal acts on comes out, and JSON is JSON.
#include <spc/escape.h>

#include <json-c/json.h>
#include <string.h>

#include <spc/json_writer.h>

#include "tests/fuzz/fuzz.h"

static void check_printable(const struct spc_buf *buf)
{
    const char *text = spc_buf_str(buf);
    for (size_t i = 0; i < buf->len; i++) {
        unsigned char c = (unsigned char)text[i];
        FUZZ_CHECK(c >= 0x20 && c != 0x7f);
        FUZZ_CHECK(c != 0xc2 || (unsigned char)text[i + 1] >= 0xa0);
    }
}

static void check_json(const uint8_t *data, size_t size)
{
    spc_auto_buf struct spc_buf out = {0};
    struct spc_json json = {.buf = &out};
    spc_json_object(&json, NULL);
    spc_json_strn(&json, "key", (const char *)data, size);
    spc_json_object_end(&json);
    check_printable(&out);

    struct json_tokener *tokener = json_tokener_new();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *parsed = json_tokener_parse_ex(tokener, out.data, (int)out.len);
    FUZZ_CHECK(json_tokener_get_error(tokener) == json_tokener_success);
    FUZZ_CHECK(json_object_object_length(parsed) == 1);
    json_object_put(parsed);
    json_tokener_free(tokener);
}

// What C's own rules make of the escaped text is the input again.
static void check_c(const uint8_t *data, size_t size)
{
    spc_auto_buf struct spc_buf out = {0};
    spc_escape_c(&out, (const char *)data, size);
    const char *p = spc_buf_str(&out);
    for (size_t i = 0; i < size; i++) {
        int c = (unsigned char)*p++;
        FUZZ_CHECK(c >= 0x20 && c < 0x7f && c != '"');
        if (c == '\\' && *p >= '0' && *p <= '7') {
            c = 0;
            for (int digits = 0; digits < 3 && *p >= '0' && *p <= '7'; digits++)
                c = c * 8 + (*p++ - '0');
        } else if (c == '\\') {
            const char *letter = strchr("ntrfv\\\"", *p);
            FUZZ_CHECK(letter && *p);
            c = *p == 'n'   ? '\n'
                : *p == 't' ? '\t'
                : *p == 'r' ? '\r'
                : *p == 'f' ? '\f'
                : *p == 'v' ? '\v'
                            : *p;
            p++;
        }
        FUZZ_CHECK(c == data[i]);
    }
    FUZZ_CHECK(*p == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    spc_auto_buf struct spc_buf text = {0};
    spc_escape_text(&text, (const char *)data, size);
    FUZZ_CHECK(text.len >= size);
    check_printable(&text);
    check_json(data, size);
    check_c(data, size);
    return 0;
}
