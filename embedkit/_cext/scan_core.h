/* Words of a byte range to provisional ids, counted in a table of the worker's own. */
#ifndef EMBEDKIT_SCAN_CORE_H
#define EMBEDKIT_SCAN_CORE_H

#include <stdint.h>

enum { SCAN_OK = 0, SCAN_NO_MEMORY = 1, SCAN_TOO_MANY_WORDS = 2, SCAN_WORD_TOO_LONG = 3 };
enum { SCAN_WHITESPACE = 0, SCAN_WORDS = 1, SCAN_TOKENS = 2, SCAN_CHARACTERS = 3 };
enum { CLASS_ALNUM = 1, CLASS_CASED = 4, CLASS_IGNORABLE = 8 };

#define SCAN_DOCUMENT_END (-1)
#define SCAN_PRUNED (-2)
#define SCAN_INLINE 16 /* bytes of a word that its record holds itself */

/* What str.isalnum() and str.lower() say of each code point, and how words are found. */
typedef struct {
    const uint8_t *classes; /* CLASS_ bits */
    const int32_t *lower;   /* lower case minus the code point */
    int64_t n_classes, n_lower;
    int punctuation; /* stays, of words and of characters */
} scan_tables;

typedef struct {
    uint64_t head, tail; /* the bytes, padded with 0; of a longer word: the first 8 and the address of all */
    int64_t count;
    uint32_t length, hash;
} scan_word;

typedef struct scan_arena scan_arena;

/* Open addressing over records: a slot is the hash (high half) and the id + 1 (low half), 0 if free. */
typedef struct {
    uint64_t *slots;
    scan_word *words;
    scan_arena *arena; /* the bytes of words longer than SCAN_INLINE */
    int64_t n_words, words_capacity, n_slots;
} scan_table;

/* What a thread keeps from range to range. */
typedef struct {
    scan_table table;
    int32_t *ids; /* of the ranges of this block that it took, one after another */
    uint8_t *separated, *lowered;
    int64_t n_ids, ids_capacity, separated_capacity, lowered_capacity;
    int64_t n_words; /* of all blocks */
    int status;
} scan_worker;

/* A part of a block, and where its ids are. */
typedef struct {
    const uint8_t *data;
    int64_t n;
    int worker;
    int64_t first_id, n_ids;
} scan_range;

/* Where n bytes may be cut near `at`: after the white space (or NUL) at or after it. */
int64_t scan_cut(const uint8_t *data, int64_t n, int64_t at, int mode);

/* Get ready for a block of n bytes; worker->status says how it went. */
void scan_begin(scan_worker *worker, int64_t n);

/* Append the ids of a range to worker->ids. `limit` is where readable memory ends. OUT part->first_id, part->n_ids,
 * worker->status. Does nothing if an earlier range failed. */
void scan_run(scan_worker *worker, scan_range *part, const uint8_t *limit, int mode, int lowercase,
              const scan_tables *tables);

/* Add copies of the words of `from` to `into`. OUT map[from->n_words]: id in `into` of each. */
int scan_merge(scan_table *into, const scan_table *from, int32_t *map);

/* The words with count >= min_count, most frequent first, then in code point order. OUT order[n_words of table];
 * how many there are, or -1 for lack of memory. */
int64_t scan_order(const scan_table *table, int64_t min_count, int32_t *order);

/* Id of a word, or -1. */
int32_t scan_find(const scan_table *table, const uint8_t *bytes, int64_t length);

/* The bytes of a word. */
const uint8_t *scan_bytes(const scan_word *word);

/* Replace ids by map[id], dropping SCAN_PRUNED and, unless keep_empty, each document end that follows another.
 * In place if out == ids. IN/OUT last: the id written before; the number of ids written. */
int64_t scan_remap(int32_t *out, const int32_t *ids, int64_t n, const int32_t *map, int keep_empty, int32_t *last);

void scan_free_table(scan_table *table);
void scan_free_worker(scan_worker *worker);

/* Hand freed memory back to the system, where there is a way to ask. */
void scan_trim(void);

#endif
