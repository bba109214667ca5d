/* The table of n-grams: from the key of an n-gram to the number of its node, and what the keys are.
 *
 * A key of words is the term of all but the last word and the id of the last. N-grams of one to three characters are
 * keys themselves, 21 bits a character; longer ones chain as those of words do.
 */
#ifndef EMBEDKIT_TERMS_NODES_H
#define EMBEDKIT_TERMS_NODES_H

#include "terms_core.h"

#include <stdlib.h>
#include <string.h>

#ifdef __GNUC__
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

enum { AHEAD = 12, UNIT_BITS = 21, DIRECT = 3, FIRST_SLOTS = 1 << 12 };

#define UNIT_MASK (((uint64_t)1 << UNIT_BITS) - 1)
#define CHAINED ((uint64_t)1 << 63)
#define MOST_NODES ((int64_t)TERMS_NODE - 1)

/* Make *buffer, a pointer, hold `needed` items, growing by half; what it held stays. */
static inline int grow(void *buffer, int64_t *room, int64_t needed, size_t item)
{
    void *old;
    if (needed <= *room)
        return TERMS_OK;
    memcpy(&old, buffer, sizeof old);
    int64_t larger = *room + *room / 2;
    larger = larger < needed ? needed : larger;
    larger = larger < 256 ? 256 : larger;
    void *fresh = realloc(old, (size_t)larger * item);
    if (!fresh)
        return TERMS_NO_MEMORY;
    memcpy(buffer, &fresh, sizeof fresh);
    *room = larger;
    return TERMS_OK;
}

static inline uint64_t place_of(uint64_t key)
{
    key *= 0x9E3779B97F4A7C15u; /* the fractional part of the golden ratio */
    return key ^ key >> 32;
}

static inline int reserve_nodes(term_nodes *nodes, int64_t more)
{
    const int64_t needed = nodes->n_nodes + more;
    if (needed > MOST_NODES)
        return TERMS_TOO_MANY;
    if (grow(&nodes->keys, &nodes->capacity, needed, sizeof *nodes->keys))
        return TERMS_NO_MEMORY;
    int64_t n_slots = nodes->n_slots ? nodes->n_slots : FIRST_SLOTS;
    while (n_slots / 4 * 3 < needed)
        n_slots *= 2;
    if (n_slots == nodes->n_slots)
        return TERMS_OK;
    term_slot *slots = calloc((size_t)n_slots, sizeof *slots);
    if (!slots)
        return TERMS_NO_MEMORY;
    const uint64_t mask = (uint64_t)n_slots - 1;
    for (int64_t number = 0; number < nodes->n_nodes; number++) {
        if (number + AHEAD < nodes->n_nodes)
            PREFETCH(slots + (place_of(nodes->keys[number + AHEAD]) & mask));
        uint64_t i = place_of(nodes->keys[number]) & mask;
        while (slots[i].number)
            i = (i + 1) & mask;
        slots[i] = (term_slot){nodes->keys[number], (uint64_t)number + 1};
    }
    free(nodes->slots);
    nodes->slots = slots;
    nodes->n_slots = n_slots;
    return TERMS_OK;
}

/* The node of a key, made if it is new. reserve_nodes() came before. */
static inline uint32_t intern(term_nodes *nodes, uint64_t key)
{
    const uint64_t mask = (uint64_t)nodes->n_slots - 1;
    uint64_t i = place_of(key) & mask;
    for (; nodes->slots[i].number; i = (i + 1) & mask)
        if (nodes->slots[i].key == key)
            return (uint32_t)(nodes->slots[i].number - 1) | TERMS_NODE;
    nodes->keys[nodes->n_nodes] = key;
    nodes->slots[i] = (term_slot){key, (uint64_t)++nodes->n_nodes};
    return (uint32_t)(nodes->n_nodes - 1) | TERMS_NODE;
}

static inline uint32_t find(const term_nodes *nodes, uint64_t key)
{
    if (!nodes->n_slots)
        return TERMS_NONE;
    const uint64_t mask = (uint64_t)nodes->n_slots - 1;
    for (uint64_t i = place_of(key) & mask; nodes->slots[i].number; i = (i + 1) & mask)
        if (nodes->slots[i].key == key)
            return (uint32_t)(nodes->slots[i].number - 1) | TERMS_NODE;
    return TERMS_NONE;
}

/* Key of the n-gram of words that begins with the term `ref`. */
static inline uint64_t word_key(uint32_t ref, uint32_t word)
{
    return (uint64_t)ref << 32 | word;
}

/* Key of n characters, up to DIRECT; a character counts from 1, so that the key tells how many there are. */
static inline uint64_t direct_key(const uint32_t *codes, int n)
{
    uint64_t key = 0;
    for (int k = 0; k < n; k++)
        key = key << UNIT_BITS | (codes[k] + 1);
    return key;
}

/* Key of more characters: those before the last are the node `ref`. */
static inline uint64_t chained_key(uint32_t ref, uint32_t code)
{
    return CHAINED | (uint64_t)(ref & ~TERMS_NODE) << UNIT_BITS | (code + 1);
}

#endif
