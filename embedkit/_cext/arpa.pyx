"""N-grams of a trie as lines of text, and back (C core: arpa_text.h)."""

from cython.parallel cimport prange
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr

import numpy as np

from embedkit._cext.ngram_query cimport ngram_numbers, ngram_words, set_numbers

cdef extern from "arpa_text.h" nogil:
    enum:
        ARPA_OK
        ARPA_FIELDS
        ARPA_NUMBER
        ARPA_POSITIVE
        ARPA_WORD
        ARPA_CONTEXT

    ctypedef struct arpa_trie:
        const uint32_t *first
        const uint32_t *words
        const int64_t *starts
        const uint8_t *bytes
        const int64_t *offsets
        int order

    int64_t arpa_format(const arpa_trie *trie, const ngram_numbers *prob, const ngram_numbers *backoff,
                        const uint64_t *totals, int level, int64_t begin, int64_t end, char *out, int64_t room,
                        int64_t *n_bytes)
    int64_t arpa_parse(const uint8_t *text, const int64_t *line_starts, int64_t begin, int64_t end, int level,
                       const uint32_t *first, const uint32_t *trie_words, const ngram_words *table, uint32_t *parents,
                       uint32_t *words, double *probs, double *backoffs, int *status)

FIELDS, NUMBER, POSITIVE, WORD, CONTEXT = ARPA_FIELDS, ARPA_NUMBER, ARPA_POSITIVE, ARPA_WORD, ARPA_CONTEXT

cdef enum:
    # Lines to a job.
    STEP = 1 << 13
    BACKSLASH = 92
    LINE_END = 10
    CARRIAGE_RETURN = 13
    SPACE = 32
    TAB = 9


cdef arpa_trie make_trie(const int64_t[::1] starts, const uint32_t[::1] first, const uint32_t[::1] words,
                         const uint8_t[::1] data, const int64_t[::1] offsets):
    cdef arpa_trie trie
    trie.starts, trie.first, trie.words = &starts[0], &first[0], &words[0]
    trie.bytes = &data[0] if data.shape[0] else NULL
    trie.offsets, trie.order = &offsets[0], starts.shape[0] - 2
    return trie


def format_ngrams(const int64_t[::1] starts, const uint32_t[::1] first, const uint32_t[::1] words, log_prob,
                  log_backoff, const float[::1] prob_table, const float[::1] backoff_table,
                  const uint8_t[::1] data, const int64_t[::1] offsets, int level, int64_t begin, int64_t end,
                  uint8_t[::1] out):
    """Write ARPA lines of the nodes `begin` to `end` of a level, as many as there is room for.

    Parameters
    ----------
    starts, first, words, log_prob, log_backoff, prob_table, backoff_table, data, offsets
        As for `ngram_query.Query`.
    level : int
    begin, end : int
    out : uint8, OUT

    Returns
    -------
    node : int
        The node behind the last one written.
    n_bytes : int
    """
    cdef arpa_trie trie = make_trie(starts, first, words, data, offsets)
    cdef ngram_numbers prob, backoff
    cdef int64_t n_bytes = 0, node
    set_numbers(&prob, log_prob, prob_table, starts[2])
    set_numbers(&backoff, log_backoff, backoff_table, min(starts[2], starts[starts.shape[0] - 2]))
    with nogil:
        node = arpa_format(&trie, &prob, &backoff, NULL, level, begin, end, <char *>&out[0], out.shape[0], &n_bytes)
    if node < 0:
        raise MemoryError()
    return node, n_bytes


def format_counts(const int64_t[::1] starts, const uint32_t[::1] first, const uint32_t[::1] words,
                  const uint64_t[::1] totals, const uint8_t[::1] data, const int64_t[::1] offsets, int level,
                  int64_t begin, int64_t end, uint8_t[::1] out):
    """The same for lines of an n-gram, a tab and its count; n-grams that do not occur are left out."""
    cdef arpa_trie trie = make_trie(starts, first, words, data, offsets)
    cdef int64_t n_bytes = 0, node
    with nogil:
        node = arpa_format(&trie, NULL, NULL, &totals[0], level, begin, end, <char *>&out[0], out.shape[0], &n_bytes)
    if node < 0:
        raise MemoryError()
    return node, n_bytes


def line_starts(const uint8_t[::1] text, int64_t most, int64_t[::1] starts):
    """Find lines, up to one that is blank or begins with a backslash.

    Parameters
    ----------
    text : uint8, IN
    most : int
        Lines at most.
    starts : (most + 1,) int64, OUT
        Where each begins, and where the last one ends.

    Returns
    -------
    n_lines : int
        Complete ones.
    """
    cdef int64_t n = text.shape[0], at = 0, found = 0, i
    cdef const uint8_t *end
    starts[0] = 0
    if n == 0:
        return 0
    with nogil:
        while found < most and at < n:
            i = at
            while i < n and (text[i] == SPACE or text[i] == TAB or text[i] == CARRIAGE_RETURN):
                i += 1
            if i < n and (text[i] == LINE_END or text[i] == BACKSLASH):
                break
            end = <const uint8_t *>memchr(&text[at], LINE_END, n - at)
            if end == NULL:
                break
            at = end - &text[0] + 1
            found += 1
            starts[found] = at
    return found


def parse_ngrams(const uint8_t[::1] text, const int64_t[::1] starts, int level, const uint32_t[::1] first,
                 const uint32_t[::1] words, const uint8_t[::1] data, const int64_t[::1] offsets,
                 const uint32_t[::1] slots, uint32_t[::1] parents, uint32_t[::1] last_words, double[::1] probs,
                 double[::1] backoffs, int n_threads):
    """Read lines of n-grams.

    Parameters
    ----------
    text : uint8, IN
    starts : (n_lines + 1,) int64, IN
    level : int
        Words of each n-gram.
    first, words : uint32, IN
        The trie of the levels above.
    data, offsets, slots
        The words, as for `ngram_query.Query`.
    parents, last_words : (n_lines,) uint32, OUT
    probs, backoffs : (n_lines,) float64, OUT

    Returns
    -------
    line : int
        The first one that is wrong, or -1.
    status : int
        What is wrong.
    """
    cdef int64_t n = starts.shape[0] - 1, part, n_parts = (n + STEP - 1) // STEP
    cdef ngram_words table
    cdef int64_t[::1] lines
    cdef int[::1] statuses
    if n <= 0:
        return -1, 0
    lines, statuses = np.full(n_parts, -1, np.int64), np.zeros(n_parts, np.intc)
    table.bytes, table.offsets, table.slots, table.mask = &data[0], &offsets[0], &slots[0], slots.shape[0] - 1
    for part in prange(n_parts, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        lines[part] = arpa_parse(&text[0], &starts[0], part * STEP, min(n, (part + 1) * STEP), level, &first[0],
                                 &words[0], &table, &parents[0], &last_words[0], &probs[0], &backoffs[0],
                                 &statuses[part])
    for part in range(n_parts):
        if lines[part] >= 0:
            return lines[part], statuses[part]
    return -1, 0
