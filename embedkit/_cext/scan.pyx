"""Words of text to ids, counted on the way, by several threads (C core: scan_core.c).

A block of bytes is cut at ASCII white space into a few ranges a thread, which threads take as they become free.
Each thread has a table of its own and writes provisional ids; in the end the tables are merged, the words put
in order, and the ids rewritten in place. So the result depends neither on the number of threads, nor on who
took which range, nor on how the text was cut into blocks.

Call `scan` and `take` for each block, then `merge`, `select` or `assign`, and `finish`.
"""

from array import array

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from embedkit._cext.scan_core cimport (
    CLASS_ALNUM,
    CLASS_CASED,
    CLASS_IGNORABLE,
    SCAN_CHARACTERS,
    SCAN_DOCUMENT_END,
    SCAN_NO_MEMORY,
    SCAN_PRUNED,
    SCAN_TOKENS,
    SCAN_TOO_MANY_WORDS,
    SCAN_WHITESPACE,
    SCAN_WORD_TOO_LONG,
    SCAN_WORDS,
    scan_begin,
    scan_bytes,
    scan_cut,
    scan_find,
    scan_free_worker,
    scan_merge,
    scan_order,
    scan_range,
    scan_remap,
    scan_run,
    scan_table,
    scan_tables,
    scan_trim,
    scan_word,
    scan_worker,
)

import numpy as np


cdef extern from "utf8.h" nogil:
    int64_t utf8_first_invalid(const uint8_t *data, int64_t n)
    bint ascii_space(uint8_t byte)

WHITESPACE, WORDS, TOKENS, CHARACTERS = SCAN_WHITESPACE, SCAN_WORDS, SCAN_TOKENS, SCAN_CHARACTERS
ALNUM, CASED, IGNORABLE = CLASS_ALNUM, CLASS_CASED, CLASS_IGNORABLE
DOCUMENT_END = SCAN_DOCUMENT_END
MAX_THREADS = 16

cdef enum:
    MOST_THREADS = 16
    MOST_RANGES = 4 * MOST_THREADS


cdef int _check(int status) except -1:
    if status == SCAN_NO_MEMORY:
        raise MemoryError("no memory left for the words of the corpus; each thread counts in a table of its own")
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
        `WHITESPACE`, `WORDS`, `CHARACTERS`, or `TOKENS`.
    lowercase : bool
    classes : ndarray of uint8
        `CASED` and `IGNORABLE` bits by code point; may be shorter than all of Unicode.
    lower : ndarray of int32
        Lower case minus code point, by code point; the same holds.
    small_block : int
        Bytes below which a block is left to one thread: waking the others would cost more than the work.
    punctuation : bool
        Keep punctuation and symbols beside words, or beside characters.
    """

    cdef scan_worker *workers
    cdef scan_tables tables
    cdef int n_threads, mode
    cdef int64_t small_block
    cdef bint lowercase
    cdef const uint8_t[::1] classes
    cdef const int32_t[::1] lower
    cdef scan_range[MOST_RANGES] ranges  # of the last block
    cdef int n_ranges
    cdef int64_t n_ids  # that they have
    cdef object segments  # number of ids and thread of each range so far
    cdef list merged  # for each thread but the first: its ids -> those of the first
    cdef object final  # merged ids -> final ids

    def __cinit__(self, int n_threads, int mode, bint lowercase, const uint8_t[::1] classes not None,
                  const int32_t[::1] lower not None, int64_t small_block=1 << 14, bint punctuation=False):
        if not 1 <= n_threads <= MOST_THREADS:
            raise ValueError(f"n_threads={n_threads}: expected 1 to {MOST_THREADS}")
        self.workers = <scan_worker *>calloc(n_threads, sizeof(scan_worker))
        if self.workers == NULL:
            raise MemoryError()
        self.n_threads, self.mode, self.lowercase = n_threads, mode, lowercase
        self.small_block = small_block
        self.classes, self.lower = classes, lower
        self.tables.n_classes, self.tables.n_lower = classes.shape[0], lower.shape[0]
        self.tables.punctuation = punctuation
        self.tables.classes = &classes[0] if classes.shape[0] else NULL
        self.tables.lower = &lower[0] if lower.shape[0] else NULL
        self.segments = array("q")
        self.merged = []

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

    def scan(self, const uint8_t[::1] data not None, bint tokens=False):
        """Encode a block that ends with a separator.

        Parameters
        ----------
        data : bytes-like
            Valid UTF-8.
        tokens : bool
            The block holds tokens, whatever the mode of the scanner.

        Returns
        -------
        int
            Number of the block's provisional ids, which `take` hands out.
        """
        cdef int64_t n = data.shape[0], begin = 0, end, small_block = self.small_block
        cdef int r, t, n_threads = self.n_threads, n_ranges = 4 * n_threads, lowercase = self.lowercase
        cdef int mode = SCAN_TOKENS if tokens else self.mode
        cdef const uint8_t *start
        cdef const scan_tables *tables = &self.tables
        cdef scan_worker *workers = self.workers
        cdef scan_range *ranges = self.ranges
        if n == 0 or not (data[n - 1] == 0 if mode == SCAN_TOKENS else ascii_space(data[n - 1])):
            raise ValueError("a block ends with a separator")
        start = &data[0]
        for r in range(n_ranges):
            end = max(begin, scan_cut(start, n, n // n_ranges * (r + 1), mode)) if r < n_ranges - 1 else n
            ranges[r].data = start + begin
            ranges[r].n = end - begin
            begin = end
        for t in range(n_threads):
            scan_begin(&workers[t], n)
        for r in prange(n_ranges, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1,
                        use_threads_if=n > small_block):
            ranges[r].worker = threadid()
            scan_run(&workers[ranges[r].worker], &ranges[r], start + n, mode, lowercase, tables)
        for t in range(n_threads):
            _check(workers[t].status)
        self.n_ranges = n_ranges
        self.n_ids = sum([ranges[r].n_ids for r in range(n_ranges)])
        return self.n_ids

    def take(self, int32_t[::1] out not None):
        """Copy the provisional ids of the last block to `out`, in the order of the text."""
        cdef int r
        cdef int64_t at = 0
        cdef scan_range *part
        if out.shape[0] != self.n_ids:
            raise ValueError(f"room for {out.shape[0]} ids, expected room for {self.n_ids}")
        for r in range(self.n_ranges):
            part = &self.ranges[r]
            if part.n_ids:
                memcpy(&out[at], self.workers[part.worker].ids + part.first_id, part.n_ids * sizeof(int32_t))
                self.segments.append(part.n_ids)
                self.segments.append(part.worker)
            at += part.n_ids
        self.n_ranges = 0
        self.n_ids = 0

    def merge(self):
        """Bring the words of all threads together; once, after the last block.

        Returns
        -------
        word : str
            The most frequent one, "" if there is none.
        count : int
        """
        cdef scan_table *table = &self.workers[0].table
        cdef scan_table *other
        cdef int32_t[::1] ids
        cdef int64_t i, best = 0
        cdef int t, status
        for t in range(1, self.n_threads):
            other = &self.workers[t].table
            self.merged.append(np.zeros(other.n_words + 1, np.int32))
            ids = self.merged[t - 1]
            with nogil:
                status = scan_merge(table, other, &ids[0])
            _check(status)
        self.final = np.full(table.n_words + 1, SCAN_PRUNED, np.int32)
        if table.n_words == 0:
            return "", 0
        for i in range(table.n_words):
            if table.words[i].count > table.words[best].count:
                best = i
        return _decode(&table.words[best]), table.words[best].count

    def select(self, int64_t min_count, max_vocab=None):
        """Give final ids to words by count, then by code points; after `merge`.

        Parameters
        ----------
        min_count : int
            Leave out words that occur less often.
        max_vocab : int, optional
            Keep so many words at most.

        Returns
        -------
        words : list of str
        counts : ndarray of int64
        """
        cdef scan_table *table = &self.workers[0].table
        cdef int32_t[::1] order = np.empty(table.n_words + 1, np.int32)
        cdef int32_t[::1] final = self.final
        cdef int64_t i, n
        with nogil:
            n = scan_order(table, min_count, &order[0])
        if n < 0:
            _check(SCAN_NO_MEMORY)
        n = n if max_vocab is None else min(n, max_vocab)
        counts_array = np.empty(n, np.int64)
        cdef int64_t[::1] counts = counts_array
        words = []
        for i in range(n):
            words.append(_decode(&table.words[order[i]]))
            counts[i] = table.words[order[i]].count
            final[order[i]] = <int32_t>i
        return words, counts_array

    def assign(self, words):
        """Give final ids 0, 1, ... to these words instead; returns how many of them occur."""
        cdef scan_table *table = &self.workers[0].table
        cdef int32_t[::1] final = self.final
        cdef int32_t found
        cdef int64_t i, n_found = 0
        cdef bytes encoded
        for i, word in enumerate(words):
            encoded = word.encode()
            found = scan_find(table, <const uint8_t *>PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))
            if found >= 0:
                final[found] = <int32_t>i
                n_found += 1
        return n_found

    def finish(self, int32_t[::1] ids not None, bint keep_empty=False, int32_t unknown=SCAN_PRUNED):
        """Rewrite provisional ids as final ones, in place, and free the tables; after `select` or `assign`.

        Parameters
        ----------
        ids : ndarray of int32
            All that `take` gave, one after another.
        keep_empty : bool
            Whether documents that have no word left keep their `DOCUMENT_END`.
        unknown : int
            Id of the words without a final one, which are left out if it is not given.

        Returns
        -------
        n_ids : int
            Length of the part of `ids` that now holds the final ids.
        n_documents : int
        """
        cdef const int64_t[::1] segments = self.segments
        cdef int32_t[::1] view
        cdef const int32_t *maps[MOST_THREADS]
        cdef int64_t i, n, read = 0, written = 0, n_documents = 0
        cdef int32_t last = SCAN_DOCUMENT_END
        n = sum(self.segments[::2])
        if n != ids.shape[0]:
            raise ValueError(f"{ids.shape[0]} ids, expected the {n} that take() gave")
        self.close()
        self.final[self.final == SCAN_PRUNED] = unknown
        # The ids of the first thread are those of the merged table.
        final = [self.final, *(self.final[merged] for merged in self.merged)]
        for i in range(self.n_threads):
            view = final[i]
            maps[i] = &view[0]
        with nogil:
            for i in range(0, segments.shape[0], 2):
                n = segments[i]
                written += scan_remap(&ids[written], &ids[read], n, maps[segments[i + 1]], keep_empty, &last)
                read += n
            for i in range(written):
                n_documents += ids[i] == SCAN_DOCUMENT_END
        return written, n_documents


cdef _decode(const scan_word *word):
    return PyUnicode_DecodeUTF8(<const char *>scan_bytes(word), word.length, NULL)
