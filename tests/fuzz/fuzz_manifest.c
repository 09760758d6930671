// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as index, manifest, config and digest: only what was checked comes out.
#include <string.h>

#include "spc/image/manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_digest(const struct spc_digest *digest)
{
    FUZZ_CHECK(strspn(digest->hex, "0123456789abcdef") == SPC_SHA256_HEX);
    FUZZ_CHECK(digest->hex[SPC_SHA256_HEX] == '\0');
}

static void try_manifest(const char *data, size_t size)
{
    spc_auto_manifest struct spc_manifest manifest = {0};
    struct spc_err err = {0};
    if (spc_manifest_parse(data, size, &manifest, &err) < 0) {
        FUZZ_CHECK(err.code < 0 && err.text[0]);
        return;
    }
    check_digest(&manifest.config.digest);
    for (size_t i = 0; i < manifest.layer_count; i++)
        check_digest(&manifest.layers[i].digest);
    // What we write of it says the same.
    spc_auto_buf struct spc_buf text = {0};
    spc_manifest_write(&manifest, &text);
    spc_auto_manifest struct spc_manifest again = {0};
    FUZZ_CHECK(spc_manifest_parse(spc_buf_str(&text), text.len, &again, NULL) == 0);
    FUZZ_CHECK(again.layer_count == manifest.layer_count);
}

static void try_config(const char *data, size_t size)
{
    spc_auto_config struct spc_image_config config = {0};
    struct spc_err err = {0};
    if (spc_image_config_parse(data, size, &config, &err) < 0)
        return;
    for (size_t i = 0; i < config.layer_count; i++)
        check_digest(&config.diff_ids[i]);
    FUZZ_CHECK(config.label_keys.count == config.label_values.count);
}

static void try_index(const char *data, size_t size)
{
    static const char *const refs[] = {NULL, "evil", ""};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(refs); i++) {
        struct spc_index_item found SPC_CLEANUP(spc_index_item_free) = {0};
        if (spc_index_pick(data, size, refs[i], &found, NULL) == 0)
            check_digest(&found.descriptor.digest);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    try_manifest(text, size);
    try_config(text, size);
    try_index(text, size);
    // Not strndup(3): under strict_string_checks it must not see bytes without an end.
    spc_auto_free char *string = calloc(1, size + 1);
    if (!string)
        return 0;
    memcpy(string, data, size);
    struct spc_digest digest;
    spc_image_time(string);
    if (spc_digest_parse(string, "fuzz", &digest, NULL) == 0)
        check_digest(&digest);
    return 0;
}
