/* Questions to a language model: a trie (ngrams.pyx) with the logarithms of probabilities and back-off weights. */
#ifndef EMBEDKIT_NGRAM_QUERY_H
#define EMBEDKIT_NGRAM_QUERY_H

#include "ngram_keys.h"
#include "ngram_trie.h"

#include <stdint.h>
#include <string.h>

/* How the numbers are kept: float64, float32, or places in a table of 2^8 or 2^16 float32 for each level. The table
 * begins with the `exact` numbers of the first nodes, single words, whose numbers are spread too widely for that. */
enum { NGRAM_FLOAT64 = 0, NGRAM_FLOAT32 = 1, NGRAM_CODE8 = 2, NGRAM_CODE16 = 3 };
/* What happens to a word that does not follow a context: the context's weight and the shorter context; one factor for
 * each shorter context; or a probability of the context's own. */
enum { NGRAM_BACKOFF = 0, NGRAM_STUPID = 1, NGRAM_ADDITIVE = 2 };

typedef struct {
    const void *values;
    const float *table;
    int64_t exact;
    int kind;
} ngram_numbers;

typedef struct {
    const uint32_t *first, *words, *link;
    ngram_numbers prob, backoff;
    int64_t starts[NGRAM_MOST_ORDER + 2];
    int order, scheme;
} ngram_model;

/* The longest end of what came before that the model has, and how many words came before, order - 1 at most. */
typedef struct {
    uint32_t node;
    int32_t length;
} ngram_state;

NGRAM_INLINE int ngram_level(const ngram_model *model, uint32_t node)
{
    int level = 0;
    while (level < model->order && node >= model->starts[level + 1])
        level++;
    return level;
}

NGRAM_INLINE double ngram_number(const ngram_numbers *numbers, uint32_t node, int level)
{
    switch (numbers->kind) {
    case NGRAM_FLOAT64:
        return ((const double *)numbers->values)[node];
    case NGRAM_FLOAT32:
        return ((const float *)numbers->values)[node];
    case NGRAM_CODE8:
        if (node < numbers->exact)
            return numbers->table[node];
        return numbers->table[numbers->exact + ((int64_t)level << 8) + ((const uint8_t *)numbers->values)[node]];
    default:
        if (node < numbers->exact)
            return numbers->table[node];
        return numbers->table[numbers->exact + ((int64_t)level << 16) + ((const uint16_t *)numbers->values)[node]];
    }
}

/* The state at the begin of a sentence. */
NGRAM_INLINE ngram_state ngram_begin(const ngram_model *model)
{
    ngram_state state = {0, 0};
    if (model->order > 1) {
        state.node = NGRAM_BOS + 1;
        state.length = 1;
    }
    return state;
}

/* Logarithm of the probability of a word; <s> begins a sentence, whatever came before. IN and OUT state; OUT matched:
 * length of the n-gram that was found. */
NGRAM_INLINE double ngram_step(const ngram_model *model, ngram_state *state, uint32_t word, int *matched)
{
    uint32_t node = state->node, found;
    if (word == NGRAM_BOS) {
        *state = ngram_begin(model);
        *matched = 1;
        return 0.0;
    }
    double passed = 0.0;
    int level = ngram_level(model, node);
    const int complete = level == state->length;
    const uint32_t context = node;
    while (!(found = ngram_child(model->first, model->words, node, word))) {
        passed += ngram_number(&model->backoff, node, level);
        node = model->link[node];
        level--;
        while (node < model->starts[level])
            level--;
    }
    level++;
    double result;
    if (model->scheme == NGRAM_BACKOFF)
        result = ngram_number(&model->prob, found, level) + passed;
    else if (model->scheme == NGRAM_STUPID)
        result = ngram_number(&model->prob, found, level)
               + (state->length + 1 - level) * ngram_number(&model->backoff, 0, 0);
    else if (complete && node == context)
        result = ngram_number(&model->prob, found, level);
    else
        result = ngram_number(&model->backoff, complete ? context : 0, complete ? ngram_level(model, context) : 0);
    *matched = level;
    state->node = level == model->order ? model->link[found] : found;
    if (state->length < model->order - 1)
        state->length++;
    return result;
}

/* Words and their ids: `slots` holds id + 1 at the place of a word's hash or behind it, 0 where there is none. */
typedef struct {
    const uint8_t *bytes;
    const int64_t *offsets;
    const uint32_t *slots;
    uint64_t mask;
} ngram_words;

/* FNV-1a over 64 bits, then folded: the same on every machine, since files hold the slots. */
NGRAM_INLINE uint64_t ngram_hash(const uint8_t *word, int64_t length)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (int64_t i = 0; i < length; i++)
        hash = (hash ^ word[i]) * 0x100000001B3u;
    return hash ^ hash >> 32;
}

/* Id of a word whose search begins at slot i, and `unknown` if there is no such word. */
NGRAM_INLINE uint32_t ngram_find_word(const ngram_words *words, const uint8_t *word, int64_t length, uint64_t i,
                                      uint32_t unknown)
{
    for (; words->slots[i]; i = (i + 1) & words->mask) {
        const uint32_t id = words->slots[i] - 1;
        const int64_t begin = words->offsets[id];
        if (words->offsets[id + 1] - begin == length && memcmp(words->bytes + begin, word, (size_t)length) == 0)
            return id;
    }
    return unknown;
}

NGRAM_INLINE int ngram_is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= 9 && byte <= 13) || (byte >= 28 && byte <= 31);
}

/* The same, with the id of <unk> for an unknown word. */
NGRAM_INLINE uint32_t ngram_word_at(const ngram_words *words, const uint8_t *word, int64_t length, uint64_t i)
{
    return ngram_find_word(words, word, length, i, 0);
}

NGRAM_INLINE uint32_t ngram_word_id(const ngram_words *words, const uint8_t *word, int64_t length)
{
    return ngram_word_at(words, word, length, ngram_hash(word, length) & words->mask);
}

NGRAM_INLINE int ngram_has_word(const ngram_words *words, const uint8_t *word, int64_t length)
{
    return ngram_find_word(words, word, length, ngram_hash(word, length) & words->mask, UINT32_MAX) != UINT32_MAX;
}

/* The next word from *at on: its length, and *at where it begins; 0 if there is none. */
NGRAM_INLINE int64_t ngram_next_word(const uint8_t *text, int64_t n, int64_t *at, int tokens)
{
    int64_t begin = *at, end;
    if (tokens) {
        while (begin < n && text[begin] == 0)
            begin++;
        const uint8_t *stop = begin < n ? memchr(text + begin, 0, (size_t)(n - begin)) : 0;
        end = stop ? stop - text : n;
    } else {
        while (begin < n && ngram_is_space(text[begin]))
            begin++;
        end = begin;
        while (end < n && !ngram_is_space(text[end]))
            end++;
    }
    *at = begin;
    return end - begin;
}

#endif
