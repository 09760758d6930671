// SPDX-License-Identifier: BSD-2-Clause
// A record with one field of every type, for the tests of what prints records.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <spc/buf.h>
#include <spc/field.h>

struct record {
    const char *name;
    struct spc_strv tags;
    bool is_good;
    int64_t balance;
    uint64_t bytes;
    pid_t pid;
    uint64_t when;
    uint64_t age;
    const char *secret, *wide;
};

#define RECORD_FIELD(member) .name = #member, .offset = offsetof(struct record, member)

static const struct spc_field record_fields[] = {
    {RECORD_FIELD(name), .title = "NAME", .type = SPC_TYPE_STR},
    {RECORD_FIELD(tags), .title = "TAGS", .type = SPC_TYPE_STRV},
    {RECORD_FIELD(is_good), .title = "GOOD", .type = SPC_TYPE_BOOL},
    {RECORD_FIELD(balance), .title = "BALANCE", .type = SPC_TYPE_I64, .flags = SPC_FIELD_RIGHT},
    {RECORD_FIELD(bytes), .title = "BYTES", .type = SPC_TYPE_U64, .flags = SPC_FIELD_RIGHT},
    {RECORD_FIELD(pid), .title = "PID", .type = SPC_TYPE_PID, .flags = SPC_FIELD_RIGHT},
    {RECORD_FIELD(when), .title = "WHEN", .type = SPC_TYPE_TIME},
    {RECORD_FIELD(age), .title = "AGE", .type = SPC_TYPE_DURATION},
    {RECORD_FIELD(secret), .title = "SECRET", .type = SPC_TYPE_STR, .flags = SPC_FIELD_JSON},
    {RECORD_FIELD(wide), .title = "WIDE", .type = SPC_TYPE_STR, .flags = SPC_FIELD_WIDE},
    {0},
};

static const struct spc_record_kind record_kind = {"record", record_fields, sizeof(struct record)};
