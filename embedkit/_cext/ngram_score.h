/* Probabilities of running text, a block of words at a time.
 *
 * The n-gram of length k that ends in word i is a child of the one of length k - 1 that ends in word i - 1. So a block
 * is worked level by level: all searches of a level are independent of each other, and their memory is asked for
 * ahead of time; going word by word, each search would wait for the one before. A word's probability is that of the
 * longest n-gram found, times the back-off weights of the contexts that are at least as long as it: what ngram_step
 * gives, to the last bit but for the order of additions.
 */
#ifndef EMBEDKIT_NGRAM_SCORE_H
#define EMBEDKIT_NGRAM_SCORE_H

#include "ngram_query.h"

enum { NGRAM_BLOCK = 256 };

/* What goes on from block to block: the n-grams of each length that end in the last word, 0 where there is none, and
 * how many words of context there are. */
typedef struct {
    uint32_t nodes[NGRAM_MOST_ORDER];
    int length;
} ngram_context;

/* The context behind a state. */
static void ngram_enter(const ngram_model *model, ngram_state state, ngram_context *context)
{
    memset(context, 0, sizeof *context);
    context->length = state.length;
    for (uint32_t node = state.node; node; node = model->link[node])
        context->nodes[ngram_level(model, node)] = node;
}

/* The state that a context stands for. */
static ngram_state ngram_leave(const ngram_model *model, const ngram_context *context)
{
    ngram_state state = {0, context->length};
    for (int level = 1; level < model->order; level++)
        if (context->nodes[level])
            state.node = context->nodes[level];
    return state;
}

/* Logarithms of the probabilities of up to NGRAM_BLOCK words. The word <s> begins a sentence: what came before it is
 * forgotten, and its own logarithm is 0. IN and OUT context; OUT log_probs[n], matched[n]. */
static void ngram_score_block(const ngram_model *model, const uint32_t *words, int n, ngram_context *context,
                              double *log_probs, uint8_t *matched)
{
    /* nodes[level][i + 1] ends in word i; place 0 is the context. */
    uint32_t nodes[NGRAM_MOST_ORDER + 1][NGRAM_BLOCK + 1];
    uint32_t begins[NGRAM_BLOCK], sizes[NGRAM_BLOCK];
    const int order = model->order;
    for (int level = 1; level < order; level++)
        nodes[level][0] = context->nodes[level];
    for (int i = 0; i < n; i++) {
        nodes[1][i + 1] = words[i] + 1;
        matched[i] = 1;
        NGRAM_PREFETCH(model->first + words[i] + 1);
    }
    for (int level = 2; level <= order; level++) {
        const uint32_t *parents = nodes[level - 1];
        uint32_t *found = nodes[level];
        for (int i = 0; i < n; i++) {
            const uint32_t parent = parents[i];
            sizes[i] = 0;
            found[i + 1] = 0;
            if (!parent || words[i] == NGRAM_BOS)
                continue;
            begins[i] = model->first[parent];
            sizes[i] = model->first[parent + 1] - begins[i];
            if (sizes[i] > words[i])
                sizes[i] = words[i] + 1;
            NGRAM_PREFETCH(model->words + begins[i] + sizes[i] / 2);
        }
        for (int i = 0; i < n; i++) {
            uint32_t size = sizes[i];
            if (!size)
                continue;
            const uint32_t *base = model->words + begins[i], word = words[i];
            while (size > 1) {
                const uint32_t half = size / 2;
                base += base[half - 1] < word ? half : 0;
                size -= half;
            }
            if (*base != word)
                continue;
            found[i + 1] = (uint32_t)(base - model->words);
            matched[i] = (uint8_t)level;
            if (level < order)
                NGRAM_PREFETCH(model->first + found[i + 1]);
        }
    }
    /* Both kinds of numbers are asked for before any is used. */
    static const int BYTES[] = {8, 4, 1, 2};
    const int prob_bytes = BYTES[model->prob.kind], backoff_bytes = BYTES[model->backoff.kind];
    for (int i = 0; i < n; i++) {
        NGRAM_PREFETCH((const char *)model->prob.values + (int64_t)nodes[matched[i]][i + 1] * prob_bytes);
        if (matched[i] < order && nodes[matched[i]][i])
            NGRAM_PREFETCH((const char *)model->backoff.values + (int64_t)nodes[matched[i]][i] * backoff_bytes);
    }
    int length = context->length;
    for (int i = 0; i < n; i++) {
        const int level = matched[i];
        const uint32_t node = nodes[level][i + 1];
        if (words[i] == NGRAM_BOS) {
            log_probs[i] = 0.0;
            length = order > 1;
            continue;
        }
        double result = ngram_number(&model->prob, node, level);
        if (model->scheme == NGRAM_BACKOFF) {
            double passed = 0.0;
            for (int k = order - 1; k >= level; k--)
                if (nodes[k][i])
                    passed += ngram_number(&model->backoff, nodes[k][i], k);
            result += passed;
        } else if (model->scheme == NGRAM_STUPID) {
            result += (length + 1 - level) * ngram_number(&model->backoff, 0, 0);
        } else if (level != length + 1) {
            const uint32_t above = length ? nodes[length][i] : 0;
            result = ngram_number(&model->backoff, above, above ? length : 0);
        }
        log_probs[i] = result;
        if (length < order - 1)
            length++;
    }
    context->length = length;
    for (int level = 1; level < order; level++)
        context->nodes[level] = n ? nodes[level][n] : context->nodes[level];
}

/* Ids of the next words of a text, at most NGRAM_BLOCK; how many there were. IN and OUT at. */
static int ngram_read_block(const ngram_words *table, const uint8_t *text, int64_t n, int64_t *at, int tokens,
                            uint32_t *ids)
{
    int64_t starts[NGRAM_BLOCK], lengths[NGRAM_BLOCK];
    uint64_t slots[NGRAM_BLOCK];
    int count = 0;
    while (count < NGRAM_BLOCK) {
        const int64_t length = ngram_next_word(text, n, at, tokens);
        if (!length)
            break;
        starts[count] = *at;
        lengths[count] = length;
        slots[count] = ngram_hash(text + *at, length) & table->mask;
        NGRAM_PREFETCH(table->slots + slots[count]);
        *at += length;
        count++;
    }
    for (int i = 0; i < count; i++) {
        ids[i] = table->slots[slots[i]];
        NGRAM_PREFETCH(table->offsets + ids[i]);
    }
    for (int i = 0; i < count; i++)
        if (ids[i])
            NGRAM_PREFETCH(table->bytes + table->offsets[ids[i] - 1]);
    for (int i = 0; i < count; i++)
        ids[i] = ngram_word_at(table, text + starts[i], lengths[i], slots[i]);
    return count;
}

#endif
