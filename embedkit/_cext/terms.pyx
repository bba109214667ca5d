"""Terms of texts, counted for a bag-of-words matrix (C core: terms_core.c).

A `TermCounter` belongs to one thread. It appends a row for each text to rows of its own: of terms that it numbers as
they come, of the columns of a `Vocabulary`, or of hashed columns. `merge` brings the terms of several counters
together; `fill` writes rows into the arrays of a CSR matrix once the column of each term is known.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from embedkit._cext.scan_core cimport (
    SCAN_TOKENS,
    scan_begin,
    scan_bytes,
    scan_free_worker,
    scan_range,
    scan_run,
    scan_table,
    scan_tables,
    scan_word,
    scan_worker,
)

import re

import numpy as np

cdef extern from "terms_core.h" nogil:
    enum:
        TERMS_WORD, TERMS_CHAR, TERMS_CHAR_WB
        TERMS_OK, TERMS_NO_MEMORY, TERMS_TOO_MANY, TERMS_TOO_LONG
        CLASS_CJK

    const uint32_t TERMS_NODE, TERMS_NONE

    ctypedef struct term_text:
        const void *data
        int64_t n
        int kind
        int ascii

    ctypedef struct term_analysis:
        int analyzer
        int min_n
        int max_n
        int lowercase
        int shortest
        int split_cjk
        scan_tables tables
        const scan_table *stop_words
        int64_t n_features
        int alternate_sign

    ctypedef struct term_nodes:
        int64_t n_nodes

    ctypedef struct term_vocabulary:
        scan_worker words
        term_nodes nodes
        int32_t *word_column
        int32_t *node_column
        int64_t n_columns

    ctypedef struct term_worker:
        scan_worker words
        term_nodes nodes
        uint32_t *row_terms
        int32_t *row_counts
        int64_t n_entries
        int status

    void terms_add(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary,
                   const term_text *texts, int64_t n, int64_t *lengths)
    uint32_t terms_intern(term_nodes *nodes, int analyzer, const uint32_t *units, int n)
    int terms_merge(term_worker *into, const term_worker *origin, int analyzer, uint32_t *map)
    void terms_unfold(const term_nodes *nodes, int analyzer, uint32_t ref, int most, int32_t *units)
    int terms_order_words(const scan_table *words, int64_t *order)
    void terms_sort_pairs(uint64_t *pairs, uint64_t *scratch, int64_t n, int bits)
    void terms_free_nodes(term_nodes *nodes)
    void terms_free_worker(term_worker *worker)
    void terms_free_lookup(term_worker *worker)
    void terms_free_rows(term_worker *worker)
    void terms_free_vocabulary(term_vocabulary *vocabulary)

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    bint PyUnicode_IS_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    object PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t n)

WORD, CHAR, CHAR_WB = TERMS_WORD, TERMS_CHAR, TERMS_CHAR_WB
CJK = CLASS_CJK
MOST_UNITS = 60  # of an n-gram
# In terms that no analyzer makes of words: NUL, and spaces that have no word at one side.
UNUSUAL = re.compile("\0|^ | $|  ", re.MULTILINE)

ctypedef fused index:
    int32_t
    int64_t

ctypedef fused value:
    float
    double
    int32_t
    int64_t


cdef int _check(int status) except -1:
    if status == TERMS_NO_MEMORY:
        raise MemoryError("no memory left for the terms of the texts")
    if status == TERMS_TOO_MANY:
        raise OverflowError("the texts have more than 2^31 - 2 distinct terms")
    if status == TERMS_TOO_LONG:
        raise OverflowError("a text or a word is longer than 2^32 - 1 bytes")
    return 0


cdef bytes _encoded(str text):
    return text.encode("utf-8", "surrogatepass")


cdef int _scan_words(scan_worker *worker, bytes words) except -1:
    """Give ids to words that end with NUL, behind each list another NUL."""
    cdef scan_range part
    cdef scan_tables none
    part.data = <const uint8_t *>PyBytes_AS_STRING(words)
    part.n = PyBytes_GET_SIZE(words)
    none.n_classes = none.n_lower = 0
    scan_begin(worker, part.n + 1)
    scan_run(worker, &part, part.data + part.n, SCAN_TOKENS, 0, &none)
    return _check(worker.status)


cdef class Analysis:
    """What counts as a term.

    Parameters
    ----------
    analyzer : int
        `WORD`, `CHAR` or `CHAR_WB`.
    min_n, max_n : int
        Units of the shortest and of the longest n-gram, at most `MOST_UNITS`.
    lowercase : bool
    shortest : int
        Least characters of a word.
    split_cjk : bool
        Whether characters with the bit `CJK` are words of their own.
    classes : ndarray of uint8
        Bits of the scanner, and `CJK`, by code point.
    lower : ndarray of int32
        Lower case minus code point, by code point.
    stop_words : list of str
        Words to leave out.
    """

    cdef term_analysis settings
    cdef scan_worker stop_words
    cdef const uint8_t[::1] classes
    cdef const int32_t[::1] lower

    def __init__(self, int analyzer, int min_n, int max_n, bint lowercase, int shortest, bint split_cjk,
                 const uint8_t[::1] classes not None, const int32_t[::1] lower not None, list stop_words not None):
        if not 1 <= min_n <= max_n <= MOST_UNITS:
            raise ValueError(f"n-grams of {min_n} to {max_n} units: expected a range within 1 to {MOST_UNITS}")
        self.classes = classes
        self.lower = lower
        self.settings.analyzer = analyzer
        self.settings.min_n = min_n
        self.settings.max_n = max_n
        self.settings.lowercase = lowercase
        self.settings.shortest = shortest
        self.settings.split_cjk = split_cjk
        self.settings.tables.classes = &classes[0]
        self.settings.tables.n_classes = classes.shape[0]
        self.settings.tables.lower = &lower[0]
        self.settings.tables.n_lower = lower.shape[0]
        if stop_words:
            # A word that holds NUL is none of the analyzer's, so none that it could leave out.
            _scan_words(&self.stop_words, b"".join([_encoded(word) + b"\0" for word in stop_words if "\0" not in word]))
            self.settings.stop_words = &self.stop_words.table

    def __dealloc__(self):
        scan_free_worker(&self.stop_words)


cdef class Vocabulary:
    """Terms that have a column each.

    Parameters
    ----------
    analysis : Analysis
    terms : list of str
    columns : ndarray of int32, (n_terms,)
    n_columns : int
        Above all columns.
    """

    cdef term_vocabulary known

    def __init__(self, Analysis analysis not None, list terms not None, const int32_t[::1] columns not None,
                 int64_t n_columns):
        self.known.n_columns = n_columns
        if analysis.settings.analyzer == TERMS_WORD:
            self._add_words(analysis, terms, columns)
        else:
            self._add_characters(analysis, terms, columns)

    def __dealloc__(self):
        terms_free_vocabulary(&self.known)

    cdef _add_words(self, Analysis analysis, list terms, const int32_t[::1] columns):
        cdef int min_n = analysis.settings.min_n, max_n = analysis.settings.max_n
        cdef int64_t i, n, at = 0
        cdef uint32_t ref = 0
        # Terms that no text can have, with an empty word or with NUL, keep their column and stay empty.
        joined = "\n".join(terms)
        if joined.count("\n") != len(terms) - 1 or not joined or UNUSUAL.search(joined):
            usual = [i for i, term in enumerate(terms) if not UNUSUAL.search(term) and "\n" not in term and term]
            columns = np.asarray(columns)[usual]
            joined = "\n".join([terms[i] for i in usual])
        words = _encoded(joined).replace(b" ", b"\0").replace(b"\n", b"\0\0") + b"\0\0" if joined else b""
        _scan_words(&self.known.words, words)
        cdef const int32_t *ids = self.known.words.ids
        refs = np.full(columns.shape[0], TERMS_NONE, np.uint32)
        cdef uint32_t[::1] out = refs
        with nogil:
            for i in range(columns.shape[0]):
                n = 0
                while ids[at + n] >= 0:
                    n += 1
                if min_n <= n <= max_n:
                    ref = <uint32_t>ids[at] if n == 1 else terms_intern(
                        &self.known.nodes, TERMS_WORD, <const uint32_t *>ids + at, <int>n)
                    if ref == TERMS_NONE:
                        break
                    out[i] = ref
                at += n + 1
        if ref == TERMS_NONE:
            _check(TERMS_NO_MEMORY)
        self._number(refs, columns)

    cdef _add_characters(self, Analysis analysis, list terms, const int32_t[::1] columns):
        cdef int min_n = analysis.settings.min_n, max_n = analysis.settings.max_n
        cdef bint whole_words = analysis.settings.analyzer == TERMS_CHAR_WB
        cdef uint32_t[60] units
        cdef uint32_t ref
        cdef int64_t i
        cdef Py_ssize_t k, n
        cdef str term
        refs = np.full(columns.shape[0], TERMS_NONE, np.uint32)
        cdef uint32_t[::1] out = refs
        for i in range(columns.shape[0]):
            term = terms[i]
            n = len(term)
            if 0 < n <= max_n and (n >= min_n or whole_words):
                for k in range(n):
                    units[k] = <uint32_t>term[k]
                ref = terms_intern(&self.known.nodes, analysis.settings.analyzer, units, <int>n)
                if ref == TERMS_NONE:
                    _check(TERMS_NO_MEMORY)
                out[i] = ref
        self._number(refs, columns)

    cdef _number(self, const uint32_t[::1] refs, const int32_t[::1] columns):
        cdef int64_t i, n_words = self.known.words.table.n_words, n_nodes = self.known.nodes.n_nodes
        self.known.word_column = <int32_t *>malloc(max(n_words, 1) * sizeof(int32_t))
        self.known.node_column = <int32_t *>malloc(max(n_nodes, 1) * sizeof(int32_t))
        if self.known.word_column == NULL or self.known.node_column == NULL:
            _check(TERMS_NO_MEMORY)
        for i in range(n_words):
            self.known.word_column[i] = -1
        for i in range(n_nodes):
            self.known.node_column[i] = -1
        for i in range(refs.shape[0]):
            if refs[i] == TERMS_NONE:
                continue
            if refs[i] & TERMS_NODE:
                self.known.node_column[refs[i] & ~TERMS_NODE] = columns[i]
            else:
                self.known.word_column[refs[i]] = columns[i]


cdef class TermCounter:
    """Rows of term counts, for one thread.

    Parameters
    ----------
    analysis : Analysis
    vocabulary : Vocabulary, optional
        Count these terms; without it, terms are collected.
    n_features : int
        Above 0: hash terms into so many columns.
    alternate_sign : bool
        Of hashing.
    """

    cdef term_worker worker
    cdef Analysis analysis
    cdef Vocabulary vocabulary
    cdef term_analysis settings

    def __init__(self, Analysis analysis not None, Vocabulary vocabulary=None, *, int64_t n_features=0,
                 bint alternate_sign=True):
        self.analysis = analysis
        self.vocabulary = vocabulary
        self.settings = analysis.settings
        self.settings.n_features = n_features
        self.settings.alternate_sign = alternate_sign

    def __dealloc__(self):
        terms_free_worker(&self.worker)

    @property
    def n_words(self):
        """Distinct words met, those included that are no terms."""
        return self.worker.words.table.n_words

    @property
    def n_terms(self):
        """Terms by number: the words (ids), then longer n-grams and n-grams of characters."""
        return self.worker.words.table.n_words + self.worker.nodes.n_nodes

    @property
    def n_entries(self):
        """Entries of all rows so far."""
        return self.worker.n_entries

    def add(self, list texts not None):
        """Append a row for each text.

        Parameters
        ----------
        texts : list of str

        Returns
        -------
        first : int
            Where the first row begins among the entries of this counter.
        lengths : ndarray of int64, (n_texts,)
            Entries of each row.
        """
        cdef int64_t i, n = len(texts), first = self.worker.n_entries
        lengths = np.zeros(n, np.int64)
        cdef int64_t[::1] out = lengths
        cdef const term_vocabulary *known = NULL if self.vocabulary is None else &self.vocabulary.known
        if n == 0:
            return first, lengths
        cdef term_text *views = <term_text *>malloc(n * sizeof(term_text))
        if views == NULL:
            _check(TERMS_NO_MEMORY)
        try:
            for i in range(n):
                text = texts[i]
                if not isinstance(text, str):
                    raise TypeError(f"text {i} is of type {type(text).__name__}, expected str")
                views[i].data = PyUnicode_DATA(text)
                views[i].n = PyUnicode_GET_LENGTH(text)
                views[i].kind = PyUnicode_KIND(text)
                views[i].ascii = PyUnicode_IS_ASCII(text)
            with nogil:
                terms_add(&self.worker, &self.settings, known, views, n, &out[0])
        finally:
            free(views)
        _check(self.worker.status)
        return first, lengths

    def tally(self):
        """Count rows and occurrences of each term.

        Returns
        -------
        ndarray of int64, (n_terms, 2)
            Rows with the term, and its occurrences.
        """
        cdef int64_t i, at, n_words = self.worker.words.table.n_words
        cdef int64_t n = n_words + self.worker.nodes.n_nodes
        cdef uint32_t ref
        # Side by side, since both are needed at once and lie far apart from entry to entry.
        frequencies = np.zeros((n, 2), np.int64)
        cdef int64_t[:, ::1] sums = frequencies
        with nogil:
            for i in range(self.worker.n_entries):
                ref = self.worker.row_terms[i]
                at = n_words + (ref & ~TERMS_NODE) if ref & TERMS_NODE else ref
                sums[at, 0] += 1
                sums[at, 1] += self.worker.row_counts[i]
        return frequencies

    def merge(self, TermCounter other not None):
        """Take over the terms of another counter, whose rows stay where they are.

        Returns
        -------
        words, nodes : ndarray of uint32
            By word id and by node of `other`: the id and the node here.
        """
        cdef int64_t n_words = other.worker.words.table.n_words, n_nodes = other.worker.nodes.n_nodes
        mapped = np.empty(n_words + n_nodes + 1, np.uint32)
        cdef uint32_t[::1] out = mapped
        cdef int status
        with nogil:
            status = terms_merge(&self.worker, &other.worker, self.settings.analyzer, &out[0])
        _check(status)
        return mapped[:n_words], mapped[n_words : n_words + n_nodes] & np.uint32(~TERMS_NODE & 0xFFFFFFFF)

    def unfold(self, const int64_t[::1] numbers not None):
        """Units of terms.

        Returns
        -------
        ndarray of int32, (n, max_n)
            Ids of words, or code points; -1 behind the last.
        """
        cdef int64_t i, n = numbers.shape[0]
        cdef int most = self.settings.max_n
        units = np.empty((n, most), np.int32)
        cdef int32_t[:, ::1] out = units
        with nogil:
            for i in range(n):
                terms_unfold(&self.worker.nodes, self.settings.analyzer, self._ref(numbers[i]), most, &out[i, 0])
        return units

    cdef inline uint32_t _ref(self, int64_t number) noexcept nogil:
        cdef int64_t n_words = self.worker.words.table.n_words
        return <uint32_t>number if number < n_words else <uint32_t>(number - n_words) | TERMS_NODE

    def order_words(self):
        """Ids of the words in code point order: ndarray of int64, (n_words,)."""
        cdef int64_t n = self.worker.words.table.n_words
        cdef int status
        order = np.empty(n + 1, np.int64)
        cdef int64_t[::1] out = order
        with nogil:
            status = terms_order_words(&self.worker.words.table, &out[0])
        _check(status)
        return order[:n]

    def terms(self, const int64_t[::1] numbers not None):
        """Terms as strings, words joined by a space: list of str."""
        cdef int64_t i, length, room = 0
        cdef int k, n, most = self.settings.max_n
        cdef bint is_words = self.settings.analyzer == TERMS_WORD
        cdef int32_t[60] units
        cdef const scan_word *word
        cdef char *joined = NULL
        cdef list terms = []
        try:
            for i in range(numbers.shape[0]):
                terms_unfold(&self.worker.nodes, self.settings.analyzer, self._ref(numbers[i]), most, units)
                n = 0
                while n < most and units[n] >= 0:
                    n += 1
                if not is_words:
                    terms.append(PyUnicode_FromKindAndData(4, units, n))
                    continue
                length = n - 1
                for k in range(n):
                    length += self.worker.words.table.words[units[k]].length
                if length > room:
                    free(joined)
                    room = 2 * length
                    joined = <char *>malloc(room)
                    if joined == NULL:
                        _check(TERMS_NO_MEMORY)
                length = 0
                for k in range(n):
                    if k:
                        joined[length] = 32
                        length += 1
                    word = self.worker.words.table.words + units[k]
                    memcpy(joined + length, scan_bytes(word), word.length)
                    length += word.length
                terms.append(PyUnicode_DecodeUTF8(joined, length, "surrogatepass"))
        finally:
            free(joined)
        return terms

    def close_lookup(self):
        """Forget what only `add` and `merge` need."""
        terms_free_lookup(&self.worker)

    def close_terms(self):
        """Forget the terms and keep the rows, once they have been merged elsewhere."""
        scan_free_worker(&self.worker.words)
        terms_free_nodes(&self.worker.nodes)

    def close_rows(self):
        """Forget the rows."""
        terms_free_rows(&self.worker)

    def to_columns(self, int64_t first, int64_t[::1] lengths not None, const int32_t[::1] words not None,
                   const int32_t[::1] nodes not None):
        """Put columns in the place of terms, and leave out entries without one.

        Parameters
        ----------
        first, lengths
            As `add` returned them; `lengths` becomes what is left of each row.
        words, nodes : ndarray of int32
            By word id and by node: column, or -1.
        """
        cdef int64_t row, i, at = first, out = first, start
        cdef int32_t column
        cdef uint32_t ref
        cdef uint32_t *terms = self.worker.row_terms
        cdef int32_t *counts = self.worker.row_counts
        with nogil:
            for row in range(lengths.shape[0]):
                start = out
                for i in range(at, at + lengths[row]):
                    ref = terms[i]
                    column = nodes[ref & ~TERMS_NODE] if ref & TERMS_NODE else words[ref]
                    terms[out] = <uint32_t>column
                    counts[out] = counts[i]
                    out += column >= 0
                at += lengths[row]
                lengths[row] = out - start

    def fill(self, int64_t first, const int64_t[::1] lengths not None, const int64_t[::1] starts not None,
             index[::1] indices not None, value[::1] data not None, int bits):
        """Write rows of columns into a CSR matrix, each in the order of its columns.

        Parameters
        ----------
        first, lengths
            As `add` or `to_columns` left them.
        starts : ndarray of int64, (n_texts,)
            Where each row begins.
        indices, data : ndarray
            Of the matrix; written.
        bits : int
            That the largest column takes.
        """
        cdef int64_t row, i, n, at = first, most = 0
        cdef uint64_t *pairs
        for row in range(lengths.shape[0]):
            most = max(most, lengths[row])
        pairs = <uint64_t *>malloc((2 * most + 1) * sizeof(uint64_t))
        if pairs == NULL:
            _check(TERMS_NO_MEMORY)
        with nogil:
            for row in range(lengths.shape[0]):
                n = lengths[row]
                for i in range(n):
                    pairs[i] = <uint64_t>self.worker.row_terms[at + i] << 32 | <uint32_t>self.worker.row_counts[at + i]
                at += n
                if not self.settings.n_features:
                    terms_sort_pairs(pairs, pairs + most, n, bits)
                for i in range(n):
                    indices[starts[row] + i] = <index>(pairs[i] >> 32)
                    data[starts[row] + i] = <value><int32_t><uint32_t>pairs[i]
        free(pairs)
