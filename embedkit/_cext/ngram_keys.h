/* N-grams of word ids, packed into rows of 64-bit words, and the trie that sorted rows become. */
#ifndef EMBEDKIT_NGRAM_KEYS_H
#define EMBEDKIT_NGRAM_KEYS_H

#include <stdint.h>

#define NGRAM_BOS 1      /* ids of <s> and </s>; <unk> is 0, and the words follow */
#define NGRAM_EOS 2
#define NGRAM_MOST_ORDER 16

/* A token is an id + 1, so that 0 means none. `per` tokens of `bits` each stand right-aligned in a 64-bit word, the
 * first of them highest; `width` words make a row. Rows compare like the n-grams, a shorter one before its
 * continuations. */
typedef struct {
    int order, bits, per, width;
} ngram_layout;

/* Ids to tokens of sentences, <s> and </s> added. IN ids[n], negative at the end of a document; map[n_map]: the new id
 * of each, negative for a word that is left out, the last one being that of all larger ids. OUT stream: room for the ids that stay and one for each document more; how
 * many were written. `open` tells whether a sentence has begun, IN and OUT. */
int64_t ngram_stream(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, uint32_t *stream, int *open);

/* Rows of the n-grams that begin at stream[begin .. end): each ends at </s>. OUT keys[(end - begin) * width]. */
void ngram_pack(const ngram_layout *layout, const uint32_t *stream, int64_t n, int64_t begin, int64_t end,
                uint64_t *keys);

/* One digit of a radix sort: bits shift .. shift + digit_bits of 64-bit word `word` of each row. */
void ngram_digit_counts(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                        int64_t *counts);
void ngram_digit_scatter(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                         int64_t *places, uint64_t *out);

/* Write each different row of sorted keys once, in place, and how often it comes (once, without `counts`); returns
 * how many there are. `totals` may be `counts`. */
int64_t ngram_unique(const ngram_layout *layout, uint64_t *keys, const uint64_t *counts, int64_t n, uint64_t *totals);

/* Merge sorted runs of different rows, adding up counts. IN keys[run], counts[run], sizes[run]; OUT the merged rows,
 * room for all; returns how many, or -1 for lack of memory. */
int64_t ngram_merge(const ngram_layout *layout, int n_runs, const uint64_t *const *keys, const uint64_t *const *counts,
                    const int64_t *sizes, uint64_t *out_keys, uint64_t *out_counts);

/* First row from `begin` on whose first token is `token` or more. */
int64_t ngram_lower_bound(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end,
                          uint64_t token);

/* How many nodes of each level sorted rows make. OUT n_nodes[order + 1]. Row `begin` begins a new first token. */
void ngram_count_nodes(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end, int64_t *n_nodes);

/* Write these nodes. IN counts[row] or NULL for 1 each; cursor[level]: id of the next node, which moves.
 * OUT words, first, totals by node. Level 1 has node token for each token. */
void ngram_fill_nodes(const ngram_layout *layout, const uint64_t *keys, const uint64_t *counts, int64_t begin,
                      int64_t end, uint32_t *cursor, uint32_t *words, uint32_t *first, uint64_t *totals);

#endif
