"""Sentences of word ids to a trie of counted n-grams (C core: ngram_keys.c).

`stream_tokens` puts <s> and </s> around the sentences. `pack` makes a row of 64-bit words of the n-gram that begins
at each token, `sort` puts the rows in order, and `count_nodes` and `fill_nodes` turn them into the trie; `unique` and
`merge` are for text that is sorted in parts. The result does not depend on the number of threads.

A trie is flat. Node 0 is the empty n-gram, nodes 1 to n_words are the words by their ids, and the nodes of each level
follow, ordered by their n-grams; so the children of node u, its n-grams lengthened by a word, are nodes first[u] to
first[u + 1], in the order of their words.
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

import numpy as np

cdef extern from "ngram_keys.h" nogil:
    enum:
        NGRAM_BOS
        NGRAM_EOS
        NGRAM_MOST_ORDER

    ctypedef struct ngram_layout:
        int order
        int bits
        int per
        int width

    int64_t ngram_stream(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, uint32_t *stream, int *open)
    void ngram_pack(const ngram_layout *layout, const uint32_t *stream, int64_t n, int64_t begin, int64_t end,
                    uint64_t *keys)
    void ngram_digit_counts(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                            int64_t *counts)
    void ngram_digit_scatter(const uint64_t *keys, int64_t n, int width, int word, int shift, int digit_bits,
                             int64_t *places, uint64_t *out)
    int64_t ngram_unique(const ngram_layout *layout, uint64_t *keys, const uint64_t *counts, int64_t n,
                         uint64_t *totals)
    int64_t ngram_merge(const ngram_layout *layout, int n_runs, const uint64_t **keys, const uint64_t **counts,
                        const int64_t *sizes, uint64_t *out_keys, uint64_t *out_counts)
    int64_t ngram_lower_bound(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end,
                              uint64_t token)
    void ngram_count_nodes(const ngram_layout *layout, const uint64_t *keys, int64_t begin, int64_t end,
                           int64_t *n_nodes)
    void ngram_fill_nodes(const ngram_layout *layout, const uint64_t *keys, const uint64_t *counts, int64_t begin,
                          int64_t end, uint32_t *cursor, uint32_t *words, uint32_t *first, uint64_t *totals)

UNK, BOS, EOS = 0, NGRAM_BOS, NGRAM_EOS
MOST_ORDER = NGRAM_MOST_ORDER

cdef enum:
    # Of a radix sort: 2048 places written to are few enough for the caches.
    MOST_DIGIT_BITS = 11
    WORD_BITS = 64


cdef ngram_layout make_layout(int order, int64_t n_words) except *:
    cdef ngram_layout layout
    if not 1 <= order <= NGRAM_MOST_ORDER:
        raise ValueError(f"order={order}: expected 1 to {NGRAM_MOST_ORDER}")
    layout.order = order
    layout.bits = max(1, int(n_words).bit_length())
    if layout.bits > 32:
        raise ValueError(f"{n_words} words: expected less than 2^32")
    layout.per = min(order, WORD_BITS // layout.bits)
    layout.width = (order + layout.per - 1) // layout.per
    return layout


def row_width(int order, int64_t n_words):
    """How many 64-bit words a row takes."""
    return make_layout(order, n_words).width


def stream_tokens(const int32_t[::1] ids, const int32_t[::1] map, uint32_t[::1] stream, bint open):
    """Write tokens, which are ids plus 1, with <s> and </s> around each sentence that has a word.

    Parameters
    ----------
    ids : int32, IN
        Negative behind the last word of each document.
    map : int32, IN
        New id of each id, the last one being that of all larger ids; a word whose new one is negative is left out.
    stream : uint32, OUT
        Room for a token for each id and one more for each document.
    open : bool
        Whether a sentence that began before goes on.

    Returns
    -------
    n_tokens : int
    open : bool
    """
    cdef int inside = open
    cdef int64_t n = 0
    if ids.shape[0]:
        with nogil:
            n = ngram_stream(&ids[0], ids.shape[0], &map[0], map.shape[0], &stream[0], &inside)
    return n, bool(inside)


def pack(const uint32_t[::1] stream, int64_t begin, int64_t end, int order, int64_t n_words, uint64_t[:, ::1] keys,
         int n_threads):
    """Make rows of the n-grams that begin at stream[begin:end].

    Parameters
    ----------
    stream : uint32, IN
    begin, end : int
    order : int
    n_words : int
        Ids are below it.
    keys : (end - begin, row_width) uint64, OUT
    n_threads : int
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int64_t part, step = 1 << 16, n = stream.shape[0]
    if keys.shape[0] != end - begin or keys.shape[1] != layout.width:
        raise ValueError("keys have another shape than the n-grams")
    for part in prange((end - begin + step - 1) // step, nogil=True, num_threads=n_threads, schedule="dynamic"):
        ngram_pack(&layout, &stream[0], n, begin + part * step, min(end, begin + (part + 1) * step),
                   &keys[part * step, 0])


def sort(uint64_t[:, ::1] keys, uint64_t[:, ::1] spare, int order, int64_t n_words, int n_threads):
    """Sort rows; returns whether they are in `spare` then, and not in `keys`.

    Parameters
    ----------
    keys : (n, row_width) uint64, IN and OUT
    spare : (n, row_width) uint64, OUT
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int64_t n = keys.shape[0], place, count
    cdef int word, first_bit, n_digits, digit, shift, digit_bits, t, in_word
    cdef int64_t bucket
    cdef bint swapped = False
    cdef int64_t[:, ::1] counts
    cdef uint64_t *source
    cdef uint64_t *target
    if keys.shape[1] != layout.width or spare.shape[0] != n or spare.shape[1] != layout.width:
        raise ValueError("keys have another shape than the n-grams")
    if n < 2:
        return False
    source, target = &keys[0, 0], &spare[0, 0]
    for word in range(layout.width - 1, -1, -1):
        in_word = min(layout.per, order - word * layout.per)
        first_bit = layout.bits * (layout.per - in_word)
        n_digits = (layout.bits * in_word + MOST_DIGIT_BITS - 1) // MOST_DIGIT_BITS
        digit_bits = (layout.bits * in_word + n_digits - 1) // n_digits
        for digit in range(n_digits):
            shift = first_bit + digit * digit_bits
            counts = np.zeros((n_threads, 1 << digit_bits), np.int64)
            for t in prange(n_threads, nogil=True, num_threads=n_threads, schedule="static"):
                ngram_digit_counts(source + layout.width * (n * t // n_threads),
                                   n * (t + 1) // n_threads - n * t // n_threads,
                                   layout.width, word, shift, digit_bits, &counts[t, 0])
            place = 0
            for bucket in range(1 << digit_bits):
                for t in range(n_threads):
                    count = counts[t, bucket]
                    counts[t, bucket] = place
                    place += count
            for t in prange(n_threads, nogil=True, num_threads=n_threads, schedule="static"):
                ngram_digit_scatter(source + layout.width * (n * t // n_threads),
                                    n * (t + 1) // n_threads - n * t // n_threads,
                                    layout.width, word, shift, digit_bits, &counts[t, 0], target)
            source, target = target, source
            swapped = not swapped
    return swapped


def unique(uint64_t[:, ::1] keys, uint64_t[::1] totals, int order, int64_t n_words):
    """Keep each different row of sorted ones once, in place; returns how many there are.

    Parameters
    ----------
    keys : (n, row_width) uint64, IN and OUT
    totals : (n,) uint64, OUT
        How often each comes.
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int64_t n
    if keys.shape[0] == 0:
        return 0
    with nogil:
        n = ngram_unique(&layout, &keys[0, 0], NULL, keys.shape[0], &totals[0])
    return n


def merge(list keys, list counts, uint64_t[:, ::1] out_keys, uint64_t[::1] out_counts, int order, int64_t n_words):
    """Merge sorted runs, adding up the counts of rows that several have; returns how many rows that makes.

    Parameters
    ----------
    keys : list of (n, row_width) uint64
    counts : list of (n,) uint64
    out_keys : (room, row_width) uint64, OUT
    out_counts : (room,) uint64, OUT
        Room for all rows.
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int n_runs = len(keys), run
    cdef int64_t n, total = 0
    cdef const uint64_t[:, ::1] rows
    cdef const uint64_t[::1] totals
    cdef const uint64_t **key_places = <const uint64_t **>malloc((n_runs + 1) * sizeof(uint64_t *))
    cdef const uint64_t **count_places = <const uint64_t **>malloc((n_runs + 1) * sizeof(uint64_t *))
    cdef int64_t *sizes = <int64_t *>malloc((n_runs + 1) * sizeof(int64_t))
    try:
        if key_places == NULL or count_places == NULL or sizes == NULL:
            raise MemoryError()
        for run in range(n_runs):
            rows, totals = keys[run], counts[run]
            if rows.shape[1] != layout.width or totals.shape[0] != rows.shape[0]:
                raise ValueError("a run has another shape than the n-grams")
            sizes[run] = rows.shape[0]
            key_places[run] = &rows[0, 0] if rows.shape[0] else NULL
            count_places[run] = &totals[0] if rows.shape[0] else NULL
            total += rows.shape[0]
        if out_keys.shape[0] < total or out_counts.shape[0] < total or out_keys.shape[1] != layout.width:
            raise ValueError("too little room for the merged rows")
        if total == 0:
            return 0
        with nogil:
            n = ngram_merge(&layout, n_runs, key_places, count_places, sizes, &out_keys[0, 0], &out_counts[0])
        if n < 0:
            raise MemoryError()
        return n
    finally:
        free(key_places)
        free(count_places)
        free(sizes)


def first_token(const uint64_t[:, ::1] keys, int64_t row, int order, int64_t n_words):
    """The first token of a row."""
    cdef ngram_layout layout = make_layout(order, n_words)
    return keys[row, 0] >> layout.bits * (layout.per - 1)


def first_row(const uint64_t[:, ::1] keys, int64_t begin, int64_t end, uint64_t token, int order, int64_t n_words):
    """Where the rows whose first token is `token` or more begin, among sorted rows begin to end."""
    cdef ngram_layout layout = make_layout(order, n_words)
    if begin == end:
        return begin
    return ngram_lower_bound(&layout, &keys[0, 0], begin, end, token)


def count_nodes(const uint64_t[:, ::1] keys, const int64_t[:, ::1] parts, int order, int64_t n_words, int n_threads):
    """How many nodes of each level the parts of sorted rows make: (n_parts, order + 1) int64.

    Parameters
    ----------
    keys : (n, row_width) uint64, IN
    parts : (n_parts, 2) int64, IN
        First row and the one behind the last; each begins with a first token that no earlier part has.
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int64_t part, n_parts = parts.shape[0]
    result = np.zeros((n_parts, order + 1), np.int64)
    cdef int64_t[:, ::1] n_nodes = result
    if keys.shape[0]:
        for part in prange(n_parts, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
            ngram_count_nodes(&layout, &keys[0, 0], parts[part, 0], parts[part, 1], &n_nodes[part, 0])
    return result


def fill_nodes(const uint64_t[:, ::1] keys, counts, const int64_t[:, ::1] parts, uint32_t[:, ::1] cursors,
               int order, int64_t n_words, uint32_t[::1] words, uint32_t[::1] first, uint64_t[::1] totals,
               int n_threads):
    """Write the nodes of all levels, but level 1 only where a word occurs.

    Parameters
    ----------
    keys, parts
        As for `count_nodes`.
    counts : (n,) uint64 or None, IN
        Of the rows; None for 1 each.
    cursors : (n_parts, order + 1) uint32, IN and OUT
        The first node of each part on each level.
    words, first, totals : OUT
        By node; `first` ends with the last but one level.
    """
    cdef ngram_layout layout = make_layout(order, n_words)
    cdef int64_t part
    cdef const uint64_t[::1] given
    cdef const uint64_t *count_place = NULL
    if keys.shape[0] == 0:
        return
    if counts is not None:
        given = counts
        count_place = &given[0]
    for part in prange(parts.shape[0], nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        ngram_fill_nodes(&layout, &keys[0, 0], count_place, parts[part, 0], parts[part, 1], &cursors[part, 0],
                         &words[0], &first[0], &totals[0])
