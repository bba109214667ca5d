/* Texts to the terms of a bag-of-words matrix: words or characters, their n-grams, and how often each occurs. */
#ifndef EMBEDKIT_TERMS_CORE_H
#define EMBEDKIT_TERMS_CORE_H

#include "scan_core.h"

enum { TERMS_WORD = 0, TERMS_CHAR = 1, TERMS_CHAR_WB = 2 };
enum { TERMS_OK = 0, TERMS_NO_MEMORY = SCAN_NO_MEMORY, TERMS_TOO_MANY = SCAN_TOO_MANY_WORDS,
       TERMS_TOO_LONG = SCAN_WORD_TOO_LONG };
enum { CLASS_CJK = 16 };

/* A reference to a term: the id of a word, or the number of a node with the highest bit set. */
#define TERMS_NODE 0x80000000u
#define TERMS_NONE 0xFFFFFFFFu

/* A string as Python holds it: n characters of `kind` bytes each. */
typedef struct {
    const void *data;
    int64_t n;
    int kind, ascii;
} term_text;

typedef struct {
    int analyzer, min_n, max_n;
    int lowercase;
    int shortest;          /* least characters of a word */
    int split_cjk;         /* characters of CLASS_CJK are words of their own */
    scan_tables tables;
    const scan_table *stop_words; /* or NULL */
    int64_t n_features;    /* above 0: columns are hashes */
    int alternate_sign;    /* hashing: half of the terms count negatively */
} term_analysis;

/* Open addressing from the key of an n-gram to its number; keys[number] is the way back. */
typedef struct {
    uint64_t key;
    uint64_t number; /* plus 1; 0 if the slot is free */
} term_slot;

typedef struct {
    term_slot *slots;
    uint64_t *keys;
    int64_t n_nodes, capacity, n_slots;
} term_nodes;

/* A vocabulary that does not change: its words and n-grams, and the column of each, or -1. */
typedef struct {
    scan_worker words;
    term_nodes nodes;
    int32_t *word_column, *node_column;
    int64_t n_columns;
} term_vocabulary;

/* What a thread keeps from text to text. */
typedef struct {
    scan_worker words;
    term_nodes nodes;
    uint8_t *text;           /* words of these texts, each ended by NUL, and another NUL behind each text */
    uint8_t *encoded, *lowered;
    uint32_t *codes, *places, *refs; /* of the characters or words of one text */
    uint32_t *room;          /* characters from here to the end of the word, for TERMS_CHAR_WB */
    uint64_t *grams;
    int32_t *lookup;         /* by id of this thread: id in the vocabulary, or what LOOKUP_ says */
    uint32_t *counts[2];     /* in this text, by word id or column, and by node */
    uint32_t *touched;       /* terms with a count */
    uint32_t *row_terms;     /* terms of all rows, one row after another */
    int32_t *row_counts;
    int64_t text_room, encoded_room, lowered_room, codes_room, places_room, refs_room, room_room, grams_room;
    int64_t lookup_room, counts_room[2], touched_room, rows_room, row_counts_room;
    int64_t n_lookup, n_touched, n_entries;
    int status;
} term_worker;

/* Append a row for each text. vocabulary is NULL while terms are collected. OUT lengths[n]: entries of each row;
 * worker->status. */
void terms_add(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary,
               const term_text *texts, int64_t n, int64_t *lengths);

/* Find the node of an n-gram in a table, or make it. IN units[n]: ids of words, or code points. The reference,
 * TERMS_NONE if memory ran out. */
uint32_t terms_intern(term_nodes *nodes, int analyzer, const uint32_t *units, int n);

/* Add the terms of `from` to `into`. OUT map[n_words + n_nodes of from]: reference in `into` of each. */
int terms_merge(term_worker *into, const term_worker *from, int analyzer, uint32_t *map);

/* Words ids or code points of a term, -1 behind the last. OUT units[most]. */
void terms_unfold(const term_nodes *nodes, int analyzer, uint32_t ref, int most, int32_t *units);

/* The words in code point order. OUT order[n_words]; TERMS_OK or TERMS_NO_MEMORY. */
int terms_order_words(const scan_table *words, int64_t *order);

/* Put pairs of column (high half) and count (low half) in the order of columns. IN/OUT pairs[n]; scratch[n]. */
void terms_sort_pairs(uint64_t *pairs, uint64_t *scratch, int64_t n, int bits);

void terms_free_nodes(term_nodes *nodes);
void terms_free_worker(term_worker *worker);
/* Free what only terms_add() and terms_merge() need; terms and rows stay. */
void terms_free_lookup(term_worker *worker);
void terms_free_rows(term_worker *worker);
void terms_free_vocabulary(term_vocabulary *vocabulary);

#endif
