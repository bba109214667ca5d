"""Words of text to ids, counted on the way, by several threads (C core: scan_core.c).

A block of bytes is cut into one range a thread, at ASCII white space. Each thread has a table of its own
and writes provisional ids; `finish` merges the tables, orders the words, and rewrites the ids in place.
So the result does not depend on the number of threads or on how the text was cut into blocks.
"""

from array import array

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memmove

import numpy as np


cdef extern from "utf8.h" nogil:
    int64_t utf8_first_invalid(const uint8_t *data, int64_t n)
    bint ascii_space(uint8_t byte)


cdef extern from "scan_core.h" nogil:
    enum:
        SCAN_OK, SCAN_NO_MEMORY, SCAN_TOO_MANY_WORDS, SCAN_WORD_TOO_LONG
        SCAN_WHITESPACE, SCAN_WORDS, SCAN_TOKENS
        CLASS_ALNUM, CLASS_MARK, CLASS_CASED, CLASS_IGNORABLE
        SCAN_DOCUMENT_END, SCAN_PRUNED

    ctypedef struct scan_tables:
        const uint8_t *classes
        const int32_t *lower
        int64_t n_classes
        int64_t n_lower

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

    int64_t scan_cut(const uint8_t *data, int64_t n, int64_t at, int mode)
    void scan_run(scan_worker *worker, const uint8_t *data, int64_t n, const uint8_t *limit, int mode, int lowercase,
                  const scan_tables *tables)
    int scan_merge(scan_table *into, const scan_table *origin, int32_t *map)
    int64_t scan_order(const scan_table *table, int64_t min_count, int32_t *order)
    int32_t scan_find(const scan_table *table, const uint8_t *word, int64_t length)
    const uint8_t *scan_bytes(const scan_word *word)
    int64_t scan_remap(int32_t *out, const int32_t *ids, int64_t n, const int32_t *map, int keep_empty, int32_t *last)
    void scan_free_table(scan_table *table)
    void scan_free_worker(scan_worker *worker)
    void scan_trim()


WHITESPACE, WORDS, TOKENS = SCAN_WHITESPACE, SCAN_WORDS, SCAN_TOKENS
ALNUM, MARK, CASED, IGNORABLE = CLASS_ALNUM, CLASS_MARK, CLASS_CASED, CLASS_IGNORABLE
DOCUMENT_END = SCAN_DOCUMENT_END
MAX_THREADS = 16

cdef enum:
    MOST_THREADS = 16
    SMALL_BLOCK = 1 << 14  # bytes below which waking the threads costs more than the work


cdef int _check(int status) except -1:
    if status == SCAN_NO_MEMORY:
        raise MemoryError("no memory left for the words of the corpus")
    if status == SCAN_TOO_MANY_WORDS:
        raise OverflowError("the corpus has more than 2^31 - 2 distinct words")
    if status == SCAN_WORD_TOO_LONG:
        raise OverflowError("the corpus has a word of more than 2^32 - 1 bytes")
    return 0


def first_invalid(const uint8_t[::1] data not None):
    """Offset of the first byte that is NUL or that begins no valid UTF-8 sequence, or -1."""
    cdef int64_t offset, n = data.shape[0]
    if n == 0:
        return -1
    with nogil:
        offset = utf8_first_invalid(&data[0], n)
    return offset


def after_last_space(const uint8_t[::1] data not None):
    """Offset behind the last ASCII white space, or 0."""
    cdef int64_t n = data.shape[0]
    while n > 0 and not ascii_space(data[n - 1]):
        n -= 1
    return n


cdef class Scanner:
    """Counts and encodes blocks of text.

    Parameters
    ----------
    n_threads : int
        From 1 to `MAX_THREADS`; each has a table of words.
    mode : int
        `WHITESPACE`, `WORDS`, or `TOKENS`.
    lowercase : bool
    classes : ndarray of uint8
        `ALNUM`, `MARK`, `CASED` and `IGNORABLE` bits by code point; may be shorter than all of Unicode.
    lower : ndarray of int32
        Lower case minus code point, by code point; the same holds.
    """

    cdef scan_worker *workers
    cdef scan_tables tables
    cdef int n_threads
    cdef int mode
    cdef bint lowercase
    cdef const uint8_t[::1] classes
    cdef const int32_t[::1] lower
    cdef object segments

    def __cinit__(self, int n_threads, int mode, bint lowercase, const uint8_t[::1] classes not None,
                  const int32_t[::1] lower not None):
        if not 1 <= n_threads <= MOST_THREADS:
            raise ValueError(f"n_threads={n_threads}: expected 1 to {MOST_THREADS}")
        self.workers = <scan_worker *>calloc(n_threads, sizeof(scan_worker))
        if self.workers == NULL:
            raise MemoryError()
        self.n_threads, self.mode, self.lowercase = n_threads, mode, lowercase
        self.classes, self.lower = classes, lower
        self.tables.n_classes, self.tables.n_lower = classes.shape[0], lower.shape[0]
        self.tables.classes = &classes[0] if classes.shape[0] else NULL
        self.tables.lower = &lower[0] if lower.shape[0] else NULL
        self.segments = array("q")

    def __dealloc__(self):
        self.close()
        free(self.workers)

    def close(self):
        """Free all tables; the scanner cannot be used afterwards."""
        cdef int t
        if self.workers != NULL:
            for t in range(self.n_threads):
                scan_free_worker(&self.workers[t])
            scan_trim()

    @property
    def n_words(self):
        """Words seen so far, all occurrences."""
        cdef int t
        cdef int64_t total = 0
        for t in range(self.n_threads):
            total += self.workers[t].n_words
        return total

    @property
    def n_distinct(self):
        """Distinct words seen so far by the thread that saw most."""
        cdef int t
        cdef int64_t most = 0
        for t in range(self.n_threads):
            most = max(most, self.workers[t].table.n_words)
        return most

    def scan(self, const uint8_t[::1] data not None, int mode=-1):
        """Encode a block that ends with a separator; returns the number of provisional ids, which `take` hands out.

        `mode` replaces the scanner's own for this block.
        """
        cdef int64_t n = data.shape[0], n_ids = 0
        cdef int64_t[MOST_THREADS + 1] cuts
        cdef int t, n_threads = self.n_threads, lowercase = self.lowercase
        cdef const uint8_t *start
        cdef const scan_tables *tables = &self.tables
        cdef scan_worker *workers = self.workers
        if mode < 0:
            mode = self.mode
        if n == 0:
            return 0
        if not (data[n - 1] == 0 if mode == SCAN_TOKENS else ascii_space(data[n - 1])):
            raise ValueError("a block ends with a separator")
        start = &data[0]
        cuts[0] = 0
        for t in range(1, n_threads):
            cuts[t] = max(cuts[t - 1], scan_cut(start, n, n // n_threads * t, mode))
        cuts[n_threads] = n
        for t in prange(n_threads, nogil=True, num_threads=n_threads, schedule="static", chunksize=1,
                        use_threads_if=n > SMALL_BLOCK):
            scan_run(&workers[t], start + cuts[t], cuts[t + 1] - cuts[t], start + n, mode, lowercase, tables)
        for t in range(n_threads):
            _check(workers[t].status)
            n_ids += workers[t].n_ids
        return n_ids

    def take(self, int32_t[::1] out not None):
        """Copy the provisional ids of the last block to `out`, in the order of the text."""
        cdef int t
        cdef int64_t at = 0
        for t in range(self.n_threads):
            if at + self.workers[t].n_ids > out.shape[0]:
                raise ValueError("no room for the ids of the block")
            if self.workers[t].n_ids:
                memcpy(&out[at], self.workers[t].ids, self.workers[t].n_ids * sizeof(int32_t))
            at += self.workers[t].n_ids
            self.segments.append(self.workers[t].n_ids)

    def finish(self, int32_t[::1] ids not None, int64_t min_count, int64_t max_vocab, bint keep_empty, words=None):
        """Order the words, free the tables, and rewrite the ids in place.

        Parameters
        ----------
        ids : ndarray of int32
            All provisional ids that `take` gave, one after another.
        min_count, max_vocab : int
            Words with at least `min_count` occurrences are kept, at most `max_vocab` of them.
        keep_empty : bool
            Whether documents without a word left keep their `DOCUMENT_END`.
        words : list of str, optional
            Keep these words, in this order, instead of choosing; `min_count` and `max_vocab` mean nothing then.

        Returns
        -------
        n_ids : int
            Length of the rewritten part of `ids`.
        words : list of str
        counts : ndarray of int64
            Of these words in the corpus.
        most : (str, int)
            The most frequent word of the corpus, before any choice, and its count; ("", 0) if there is none.
        """
        cdef int t
        cdef int64_t i, total = 0, n_kept
        cdef scan_table *table = &self.workers[0].table
        for t in range(self.n_threads):
            total += self.workers[t].table.n_words
        # One map a thread, end to end: the first that of the merged table too, so it has room for all words.
        merged = [np.empty(0, np.int32)]
        for t in range(1, self.n_threads):
            merged.append(self._merge(t))
        order_array = np.empty(max(table.n_words, 1), np.int32)
        final_array = np.full(max(table.n_words, 1), SCAN_PRUNED, np.int32)
        cdef int32_t[::1] order = order_array, final = final_array
        most = self._most_frequent()
        if words is None:
            with nogil:
                n_kept = scan_order(table, min_count, &order[0])
            if n_kept < 0:
                raise MemoryError("no memory left to order the words of the corpus")
            n_kept = min(n_kept, max_vocab)
            words = [_decode(&table.words[order[i]]) for i in range(n_kept)]
        else:
            n_kept = len(words)
            order = order_array = _look_up(table, words)
        counts_array = np.zeros(n_kept, np.int64)
        cdef int64_t[::1] counts = counts_array
        for i in range(n_kept):
            if order[i] >= 0:
                counts[i] = table.words[order[i]].count
                final[order[i]] = <int32_t>i
        del order, order_array
        self.close()
        merged[0] = final_array
        maps = [final_array, *(final_array[part] for part in merged[1:])]
        return self._remap(ids, maps, keep_empty), words, counts_array, most

    cdef _merge(self, int t):
        """Ids of thread t's words in the table of thread 0, which takes them in."""
        cdef scan_table *table = &self.workers[t].table
        part_array = np.empty(max(table.n_words, 1), np.int32)
        cdef int32_t[::1] part = part_array
        cdef int status
        with nogil:
            status = scan_merge(&self.workers[0].table, table, &part[0])
        _check(status)
        return part_array[:table.n_words]

    cdef _most_frequent(self):
        """The most frequent word of the merged table, and its count."""
        cdef scan_table *table = &self.workers[0].table
        cdef int64_t i, best = 0
        if table.n_words == 0:
            return "", 0
        for i in range(table.n_words):
            if table.words[i].count > table.words[best].count:
                best = i
        return _decode(&table.words[best]), table.words[best].count

    cdef _remap(self, int32_t[::1] ids, maps, bint keep_empty):
        """Rewrite the ids, each thread the segments of its part of the array, then close the gaps."""
        cdef int64_t[::1] lengths = self.segments if len(self.segments) else array("q", [0])
        cdef int64_t n_segments = len(self.segments), n = ids.shape[0], at = 0, i, first
        cdef int t = 0, n_threads = self.n_threads
        cdef const int32_t *map_of[MOST_THREADS]
        cdef int64_t[MOST_THREADS + 1] first_segment, first_id, written
        cdef int32_t[::1] view
        for t in range(n_threads):
            view = maps[t]
            map_of[t] = &view[0] if view.shape[0] else NULL
        t = 0
        for i in range(n_segments):
            while t < n_threads and at >= n // n_threads * t:
                first_segment[t] = i
                first_id[t] = at
                t += 1
            at += lengths[i]
        for t in range(t, n_threads + 1):
            first_segment[t] = n_segments
            first_id[t] = at
        first_segment[n_threads] = n_segments
        first_id[n_threads] = at
        if at != n:
            raise ValueError(f"{n} ids, expected the {at} that take() gave")
        if n == 0:
            return 0
        for t in prange(n_threads, nogil=True, num_threads=n_threads, schedule="static", chunksize=1):
            written[t] = _remap_part(&ids[0] + first_id[t], &lengths[0], first_segment[t], first_segment[t + 1],
                                     map_of, n_threads, keep_empty)
        at = 0
        for t in range(n_threads):
            first = first_id[t]
            # A part begins as if a word went before it; where none did, its leading document end is of an empty one.
            if not keep_empty and written[t] and ids[first] == SCAN_DOCUMENT_END:
                if at == 0 or ids[at - 1] == SCAN_DOCUMENT_END:
                    first += 1
                    written[t] -= 1
            if written[t]:
                memmove(&ids[at], &ids[first], written[t] * sizeof(int32_t))
            at += written[t]
        return at


cdef int64_t _remap_part(int32_t *ids, const int64_t *lengths, int64_t begin, int64_t end, const int32_t **map_of,
                         int n_maps, bint keep_empty) noexcept nogil:
    """Rewrite segments `begin` to `end`, which start at `ids`; segment i holds ids of thread i % n_maps."""
    cdef int64_t i, written = 0, read = 0
    cdef int32_t last = 0
    for i in range(begin, end):
        written += scan_remap(ids + written, ids + read, lengths[i], map_of[i % n_maps], keep_empty, &last)
        read += lengths[i]
    return written


cdef _decode(const scan_word *word):
    return PyUnicode_DecodeUTF8(<const char *>scan_bytes(word), word.length, NULL)


cdef _look_up(const scan_table *table, list words):
    """Id in `table` of each word, -1 where it has none."""
    cdef int64_t i
    cdef bytes encoded
    order_array = np.empty(len(words), np.int32)
    cdef int32_t[::1] order = order_array
    for i in range(order.shape[0]):
        encoded = words[i].encode()
        order[i] = scan_find(table, <const uint8_t *>PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))
    return order_array
