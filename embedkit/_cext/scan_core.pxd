# What the C scanner offers to the extensions that are built on it.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef extern from "scan_core.h" nogil:
    enum:
        SCAN_OK, SCAN_NO_MEMORY, SCAN_TOO_MANY_WORDS, SCAN_WORD_TOO_LONG
        SCAN_WHITESPACE, SCAN_WORDS, SCAN_TOKENS, SCAN_CHARACTERS
        CLASS_ALNUM, CLASS_CASED, CLASS_IGNORABLE
        SCAN_DOCUMENT_END, SCAN_PRUNED

    ctypedef struct scan_tables:
        const uint8_t *classes
        const int32_t *lower
        int64_t n_classes
        int64_t n_lower
        int punctuation

    ctypedef struct scan_word:
        int64_t count
        uint32_t length

    ctypedef struct scan_table:
        scan_word *words
        int64_t n_words

    ctypedef struct scan_worker:
        scan_table table
        int32_t *ids
        int64_t n_ids
        int64_t n_words
        int status

    ctypedef struct scan_range:
        const uint8_t *data
        int64_t n
        int worker
        int64_t first_id
        int64_t n_ids

    int64_t scan_cut(const uint8_t *data, int64_t n, int64_t at, int mode)
    void scan_begin(scan_worker *worker, int64_t n)
    void scan_run(scan_worker *worker, scan_range *part, const uint8_t *limit, int mode, int lowercase,
                  const scan_tables *tables)
    int scan_merge(scan_table *into, const scan_table *origin, int32_t *map)
    int64_t scan_order(const scan_table *table, int64_t min_count, int32_t *order)
    int32_t scan_find(const scan_table *table, const uint8_t *word, int64_t length)
    const uint8_t *scan_bytes(const scan_word *word)
    int64_t scan_remap(int32_t *out, const int32_t *ids, int64_t n, const int32_t *map, int keep_empty, int32_t *last)
    void scan_free_table(scan_table *table)
    void scan_free_worker(scan_worker *worker)
    void scan_trim()
