/* What is worked out over a trie of n-grams (ngrams.pyx says how it is laid out). */
#ifndef EMBEDKIT_NGRAM_TRIE_H
#define EMBEDKIT_NGRAM_TRIE_H

#include <stdint.h>
#include <string.h>

#ifdef __GNUC__
#define NGRAM_PREFETCH(place) __builtin_prefetch(place)
#define NGRAM_INLINE static inline __attribute__((always_inline))
#else
#define NGRAM_PREFETCH(place) ((void)(place))
#define NGRAM_INLINE static __inline
#endif

/* First place in words[begin .. end), which ascend, with `word` or more: steps that double, then halving. */
NGRAM_INLINE uint32_t ngram_gallop(const uint32_t *words, uint32_t begin, uint32_t end, uint32_t word)
{
    uint32_t step = 1;
    if (begin >= end || words[begin] >= word)
        return begin;
    while (step < end - begin && words[begin + step] < word) {
        begin += step;
        step *= 2;
    }
    /* words[begin] < word; it stands within `step`. */
    uint32_t stop = step < end - begin ? begin + step : end;
    begin++;
    while (begin < stop) {
        const uint32_t middle = begin + (stop - begin) / 2;
        if (words[middle] < word)
            begin = middle + 1;
        else
            stop = middle;
    }
    return begin;
}

/* The child of a node for a word, or 0. Words ascend from 0, so that word w is among the first w + 1 children. */
NGRAM_INLINE uint32_t ngram_child(const uint32_t *first, const uint32_t *words, uint32_t node, uint32_t word)
{
    if (node == 0)
        return word + 1;
    uint32_t begin = first[node], n = first[node + 1] - begin;
    if (n == 0)
        return 0;
    if (n > word)
        n = word + 1;
    const uint32_t *base = words + begin;
    while (n > 1) {
        const uint32_t half = n / 2;
        base += base[half - 1] < word ? half : 0;
        n -= half;
    }
    return *base == word ? (uint32_t)(base - words) : 0;
}

/* Links of the children of nodes begin .. end: the same n-gram without its first word or, where that is missing, the
 * longest shorter end of it. The links of the nodes themselves are known. */
static void ngram_link_children(const uint32_t *first, const uint32_t *words, uint32_t *link, int64_t begin,
                                int64_t end)
{
    enum { FAR = 16, NEAR = 8 };
    for (int64_t h = begin; h < end; h++) {
        if (h + FAR < end)
            NGRAM_PREFETCH(first + link[h + FAR]);
        if (h + NEAR < end)
            NGRAM_PREFETCH(words + first[link[h + NEAR]]);
        const uint32_t suffix = link[h];
        const uint32_t stop = first[suffix + 1];
        uint32_t place = first[suffix];
        for (uint32_t c = first[h]; c < first[h + 1]; c++) {
            const uint32_t word = words[c];
            if (suffix == 0) {
                link[c] = word + 1;
                continue;
            }
            place = ngram_gallop(words, place, stop, word);
            if (place < stop && words[place] == word) {
                link[c] = place++;
                continue;
            }
            uint32_t shorter = suffix, found = 0;
            while (!found) {
                shorter = link[shorter];
                found = ngram_child(first, words, shorter, word);
            }
            link[c] = found;
        }
    }
}

static void ngram_add_one(uint64_t *count)
{
#ifdef __GNUC__
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
#elif defined(_OPENMP)
#pragma omp atomic
    ++*count;
#else
    ++*count;
#endif
}

/* Counts lie in the array that takes the probabilities: 8 bytes, read as what they are. */
NGRAM_INLINE uint64_t ngram_count(const double *values, int64_t node)
{
    uint64_t count;
    memcpy(&count, values + node, sizeof count);
    return count;
}

enum { NGRAM_WEIGHT = 0, NGRAM_WITTEN_BELL = 1, NGRAM_RELATIVE = 2 };

/* Probabilities of the children of nodes begin .. end, and the back-off weights of these nodes.
 *
 * A child with count c gets weight * (c - discount[c]) / total, the last discount serving all larger counts, where
 * total is the sum over the children; for Witten-Bell the weight is total / (total + number of children). What is
 * left, and what children that are not kept would have, is the mass of the shorter context. Where nothing is left,
 * since no count was discounted, the total is raised by one for the words that did not occur, or they would be
 * impossible; with NGRAM_RELATIVE they are. Interpolated, each child
 * gets its share of that mass as well (Chen and Goodman 1999, section 2); otherwise only words that are no child do
 * (Katz 1987). IN link, and the probabilities of the level above. IN and OUT values: counts, then probabilities. */
static void ngram_estimate_children(const uint32_t *first, const uint32_t *link, const uint8_t *keep, double *values,
                                    double *backoff, int64_t begin, int64_t end, const double *discount,
                                    int64_t n_discounts, int rule, double weight, int interpolated)
{
    for (int64_t h = begin; h < end; h++) {
        const int64_t start = first[h], stop = first[h + 1];
        uint64_t total = 0;
        double taken = 0.0, cut = 0.0, seen = 0.0, lower = 0.0, given = 0.0;
        backoff[h] = 1.0;
        if (start == stop)
            continue;
        for (int64_t c = start; c < stop; c++) {
            total += ngram_count(values, c);
            NGRAM_PREFETCH(values + link[c]);
        }
        if (total == 0)
            continue;
        const double scale = rule == NGRAM_WITTEN_BELL ? (double)total / ((double)total + (double)(stop - start))
                                                       : weight;
        for (int64_t c = start; c < stop; c++) {
            const uint64_t count = ngram_count(values, c);
            const double off = discount[count < (uint64_t)n_discounts ? (int64_t)count : n_discounts - 1];
            const double share = scale * ((double)count - off) / (double)total;
            taken += off;
            if (keep && !keep[c]) {
                cut += share;
                values[c] = 0.0;
                continue;
            }
            seen += share;
            lower += values[link[c]];
            values[c] = share;
        }
        double mass = (1.0 - scale) + scale * taken / (double)total + cut;
        if (mass <= 0.0 && rule == NGRAM_WEIGHT) {
            mass = 1.0 / ((double)total + 1.0);
            for (int64_t c = start; c < stop; c++)
                values[c] *= 1.0 - mass;
            seen *= 1.0 - mass;
        }
        if (interpolated) {
            for (int64_t c = start; c < stop; c++)
                values[c] += mass * values[link[c]];
            backoff[h] = mass;
            continue;
        }
        /* Where the children take all words, there is no other to leave the mass to. */
        given = 1.0 - lower;
        if (given > 1e-12) {
            backoff[h] = mass / given;
        } else {
            for (int64_t c = start; c < stop; c++)
                values[c] = seen > 0 ? values[c] / seen : values[link[c]];
        }
        if (keep)
            for (int64_t c = start; c < stop; c++)
                if (!keep[c])
                    values[c] = backoff[h] * values[link[c]];
    }
}

#endif
