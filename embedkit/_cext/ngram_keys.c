/* Counting n-grams by sorting.
 *
 * Only the longest n-grams are sorted, one that begins at each token; shorter ones are their prefixes. The order of
 * the rows is that of a trie, so that one walk over them, comparing each row with the one before, numbers the nodes
 * of all levels. The sort is a radix sort from the last digit to the first, whose passes read in order and write to
 * some hundred places; it moves rows of 8, 16, 24 or 32 bytes, each width with a loop of its own.
 */
#include "ngram_keys.h"

#include <stdlib.h>
#include <string.h>

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static __inline
#endif

/* Calls `call` with a width that the compiler knows, for the usual ones. */
#define FOR_WIDTH(width, call)   \
    switch (width) {             \
    case 1: call(1); break;      \
    case 2: call(2); break;      \
    case 3: call(3); break;      \
    case 4: call(4); break;      \
    default: call(width); break; \
    }

int64_t ngram_stream(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, uint32_t *stream, int *open)
{
    int64_t out = 0;
    int inside = *open;
    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0) {
            if (inside)
                stream[out++] = NGRAM_EOS + 1;
            inside = 0;
            continue;
        }
        const int32_t id = map[ids[i] < n_map ? ids[i] : n_map - 1];
        if (id < 0)
            continue;
        if (!inside)
            stream[out++] = NGRAM_BOS + 1;
        inside = 1;
        stream[out++] = (uint32_t)id + 1;
    }
    *open = inside;
    return out;
}

INLINE int shift_of(const ngram_layout *layout, int place)
{
    return layout->bits * (layout->per - 1 - place % layout->per);
}

INLINE uint32_t token_of(const ngram_layout *layout, const uint64_t *key, int place)
{
    const uint64_t mask = ((uint64_t)1 << layout->bits) - 1;
    return (uint32_t)(key[place / layout->per] >> shift_of(layout, place) & mask);
}

void ngram_pack(const ngram_layout *layout, const uint32_t *stream, int64_t n, int64_t begin, int64_t end,
                uint64_t *keys)
{
    const int per = layout->per, width = layout->width, bits = layout->bits, top = bits * (per - 1);
    for (int64_t i = begin; i < end; i++, keys += width) {
        const int64_t stop = i + layout->order < n ? i + layout->order : n;
        int word = 0, shift = top;
        uint64_t packed = 0;
        for (int64_t j = i; j < stop; j++) {
            packed |= (uint64_t)stream[j] << shift;
            if (shift == 0) {
                keys[word++] = packed;
                packed = 0;
                shift = top;
            } else {
                shift -= bits;
            }
            if (stream[j] == NGRAM_EOS + 1)
                break;
        }
        while (word < width) {
            keys[word++] = packed;
            packed = 0;
        }
    }
}

INLINE void digit_counts(const uint64_t *keys, int64_t n, int width, int word, int shift, uint64_t mask,
                         int64_t *counts)
{
    for (int64_t i = 0; i < n; i++)
        counts[keys[i * width + word] >> shift & mask]++;
}

void ngram_digit_counts(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                        int64_t *counts)
{
    const uint64_t mask = ((uint64_t)1 << digit_bits) - 1;
#define CALL(w) digit_counts(keys, n, w, word, shift, mask, counts)
    FOR_WIDTH(width, CALL)
#undef CALL
}

INLINE void digit_scatter(const uint64_t *keys, int64_t n, int width, int word, int shift, uint64_t mask,
                          int64_t *places, uint64_t *out)
{
    for (int64_t i = 0; i < n; i++) {
        const uint64_t *from = keys + i * width;
        uint64_t *to = out + width * places[from[word] >> shift & mask]++;
        for (int k = 0; k < width; k++)
            to[k] = from[k];
    }
}

void ngram_digit_scatter(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                         int64_t *places, uint64_t *out)
{
    const uint64_t mask = ((uint64_t)1 << digit_bits) - 1;
#define CALL(w) digit_scatter(keys, n, w, word, shift, mask, places, out)
    FOR_WIDTH(width, CALL)
#undef CALL
}

INLINE int same_row(const uint64_t *a, const uint64_t *b, int width)
{
    uint64_t difference = 0;
    for (int k = 0; k < width; k++)
        difference |= a[k] ^ b[k];
    return difference == 0;
}

int64_t ngram_unique(const ngram_layout *layout, uint64_t *keys, const uint64_t *counts, int64_t n, uint64_t *totals)
{
    const int width = layout->width;
    int64_t out = -1;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t count = counts ? counts[i] : 1;
        if (out >= 0 && same_row(keys + i * width, keys + out * width, width)) {
            totals[out] += count;
            continue;
        }
        out++;
        memmove(keys + out * width, keys + i * width, (size_t)width * sizeof *keys);
        totals[out] = count;
    }
    return out + 1;
}

INLINE int less_row(const uint64_t *a, const uint64_t *b, int width)
{
    for (int k = 0; k < width; k++)
        if (a[k] != b[k])
            return a[k] < b[k];
    return 0;
}

int64_t ngram_merge(const ngram_layout *layout, int n_runs, const uint64_t *const *keys, const uint64_t *const *counts,
                    const int64_t *sizes, uint64_t *out_keys, uint64_t *out_counts)
{
    const int width = layout->width;
    int64_t *at = calloc((size_t)n_runs + 1, sizeof *at);
    int *heap = malloc(((size_t)n_runs + 1) * sizeof *heap); /* runs, the one with the least row on top */
    int n_heap = 0;
    int64_t out = -1;
    if (!at || !heap) {
        free(at);
        free(heap);
        return -1;
    }
#define ROW(run) (keys[run] + at[run] * width)
    for (int run = 0; run < n_runs; run++) {
        if (!sizes[run])
            continue;
        int i = n_heap++;
        while (i && less_row(ROW(run), ROW(heap[(i - 1) / 2]), width)) {
            heap[i] = heap[(i - 1) / 2];
            i = (i - 1) / 2;
        }
        heap[i] = run;
    }
    while (n_heap) {
        const int run = heap[0];
        if (out >= 0 && same_row(ROW(run), out_keys + out * width, width)) {
            out_counts[out] += counts[run][at[run]];
        } else {
            out++;
            memcpy(out_keys + out * width, ROW(run), (size_t)width * sizeof **keys);
            out_counts[out] = counts[run][at[run]];
        }
        int sink = run;
        if (++at[run] == sizes[run])
            sink = heap[--n_heap];
        int i = 0;
        while (2 * i + 1 < n_heap) {
            int child = 2 * i + 1;
            if (child + 1 < n_heap && less_row(ROW(heap[child + 1]), ROW(heap[child]), width))
                child++;
            if (!less_row(ROW(heap[child]), ROW(sink), width))
                break;
            heap[i] = heap[child];
            i = child;
        }
        if (n_heap)
            heap[i] = sink;
    }
#undef ROW
    free(at);
    free(heap);
    return out + 1;
}

int64_t ngram_lower_bound(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end,
                          uint64_t token)
{
    while (begin < end) {
        const int64_t middle = begin + (end - begin) / 2;
        if (token_of(layout, keys + middle * layout->width, 0) < token)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

INLINE int length_of(const ngram_layout *layout, const uint64_t *key)
{
    int length = layout->order;
    while (length && !token_of(layout, key, length - 1))
        length--;
    return length;
}

/* How many tokens two different rows begin with alike; the order if they are the same. */
INLINE int common_of(const ngram_layout *layout, const uint64_t *a, const uint64_t *b)
{
    int common = 0;
    for (int k = 0; k < layout->width; k++, common += layout->per) {
        if (a[k] == b[k])
            continue;
        const uint64_t difference = a[k] ^ b[k];
        while (!(difference >> shift_of(layout, common)))
            common++;
        return common;
    }
    return layout->order;
}

void ngram_count_nodes(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end, int64_t *n_nodes)
{
    const int width = layout->width;
    for (int64_t i = begin; i < end; i++) {
        const uint64_t *key = keys + i * width;
        const int common = i == begin ? 0 : common_of(layout, key - width, key);
        const int length = length_of(layout, key);
        for (int level = common + 1; level <= length; level++)
            n_nodes[level]++;
    }
}

void ngram_fill_nodes(const ngram_layout *layout, const uint64_t *keys, const uint64_t *counts, int64_t begin,
                      int64_t end, uint32_t *cursor, uint32_t *words, uint32_t *first, uint64_t *totals)
{
    const int width = layout->width, order = layout->order;
    uint32_t current[NGRAM_MOST_ORDER + 1] = {0};
    for (int64_t i = begin; i < end; i++) {
        const uint64_t *key = keys + i * width;
        const int common = i == begin ? 0 : common_of(layout, key - width, key);
        const int length = length_of(layout, key);
        const uint64_t count = counts ? counts[i] : 1;
        for (int level = common + 1; level <= length; level++) {
            const uint32_t token = token_of(layout, key, level - 1);
            const uint32_t node = level == 1 ? token : cursor[level]++;
            current[level] = node;
            words[node] = token - 1;
            if (level < order)
                first[node] = cursor[level + 1];
            totals[node] = 0;
        }
        for (int level = 1; level <= length; level++)
            totals[current[level]] += count;
    }
}
