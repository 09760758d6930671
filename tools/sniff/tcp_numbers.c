// SPDX-License-Identifier: BSD-2-Clause
#include "tcp_numbers.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u
#define WAYS    4u

struct tcp_key {
    uint8_t address[2][16]; // the end with the lower port, else the lower address, first
    uint16_t port[2];
};

struct entry {
    struct tcp_key key;
    uint32_t first[2]; // of the lower and the higher end
    uint64_t used;     // 0: empty
};

struct tcp_numbers {
    uint64_t clock;
    struct entry entries[BUCKETS][WAYS];
};

struct tcp_numbers *tcp_numbers_new(void)
{
    return calloc(1, sizeof(struct tcp_numbers));
}

void tcp_numbers_free(struct tcp_numbers *numbers)
{
    free(numbers);
}

// FNV-1a: the keys come from outside, but a bucket holds WAYS entries whatever they are.
static uint32_t hash(const struct tcp_key *key)
{
    const uint8_t *p = (const uint8_t *)key;
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < sizeof(*key); i++)
        h = (h ^ p[i]) * 16777619u;
    return h ^ h >> 16;
}

// Both directions of a connection have the same key. Returns true when the source is the second.
static bool make_key(struct tcp_key *key, const struct tcp_packet *p)
{
    int order = p->sport != p->dport ? (p->sport > p->dport ? 1 : -1)
                                     : memcmp(p->src, p->dst, p->address_len);
    bool is_reverse = order > 0;
    memset(key, 0, sizeof(*key));
    memcpy(key->address[is_reverse], p->src, p->address_len);
    memcpy(key->address[!is_reverse], p->dst, p->address_len);
    key->port[is_reverse] = p->sport;
    key->port[!is_reverse] = p->dport;
    return is_reverse;
}

static struct entry *find(struct tcp_numbers *numbers, const struct tcp_key *key, bool *ret_is_new)
{
    struct entry *bucket = numbers->entries[hash(key) % BUCKETS];
    struct entry *oldest = bucket;
    *ret_is_new = false;
    for (size_t i = 0; i < WAYS; i++) {
        if (bucket[i].used && memcmp(&bucket[i].key, key, sizeof(*key)) == 0)
            return &bucket[i];
        if (bucket[i].used < oldest->used)
            oldest = &bucket[i];
    }
    oldest->key = *key;
    *ret_is_new = true;
    return oldest;
}

struct tcp_offsets tcp_numbers_relate(struct tcp_numbers *numbers, const struct tcp_packet *packet)
{
    struct tcp_key key;
    bool is_new, second = make_key(&key, packet);
    struct entry *entry = find(numbers, &key, &is_new);
    entry->used = ++numbers->clock;
    bool is_first = is_new || packet->is_syn;
    if (is_first) {
        entry->first[second] = packet->seq;
        entry->first[!second] = packet->ack - 1;
    }
    return (struct tcp_offsets){
        .seq = is_first ? 0 : entry->first[second],
        .ack = is_first ? 0 : entry->first[!second],
        .sack = entry->first[!second],
    };
}
