"""Questions to an n-gram language model (C core: ngram_query.h).

A model is an automaton. Its state is the node of the longest end of what came before that the trie has; a word leads
to the child of the node, or of the first node along the links that has such a child, and each link costs the back-off
weight of the node it leaves. So a state is one number, and a word costs a search among children or two.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

import numpy as np

cdef extern from "ngram_query.h" nogil:
    enum:
        NGRAM_FLOAT64
        NGRAM_FLOAT32
        NGRAM_CODE8
        NGRAM_CODE16
        NGRAM_BACKOFF
        NGRAM_STUPID
        NGRAM_ADDITIVE
        NGRAM_BOS
        NGRAM_EOS
        NGRAM_MOST_ORDER

    ctypedef struct ngram_model:
        const uint32_t *first
        const uint32_t *words
        const uint32_t *link
        ngram_numbers prob
        ngram_numbers backoff
        int64_t *starts
        int order
        int scheme

    ctypedef struct ngram_state:
        uint32_t node
        int32_t length

    double ngram_step(const ngram_model *model, ngram_state *state, uint32_t word, int *matched)
    ngram_state ngram_begin(const ngram_model *model)
    uint64_t ngram_hash(const uint8_t *word, int64_t length)
    uint32_t ngram_word_id(const ngram_words *words, const uint8_t *word, int64_t length)
    bint ngram_has_word(const ngram_words *words, const uint8_t *word, int64_t length)

cdef extern from "ngram_score.h" nogil:
    enum:
        NGRAM_BLOCK

    ctypedef struct ngram_context:
        pass

    void ngram_enter(const ngram_model *model, ngram_state state, ngram_context *context)
    ngram_state ngram_leave(const ngram_model *model, const ngram_context *context)
    void ngram_score_block(const ngram_model *model, const uint32_t *words, int n, ngram_context *context,
                           double *log_probs, uint8_t *matched)
    int ngram_read_block(const ngram_words *table, const uint8_t *text, int64_t n, int64_t *at, int tokens,
                         uint32_t *ids)

SCHEMES = {"backoff": NGRAM_BACKOFF, "stupid-backoff": NGRAM_STUPID, "additive": NGRAM_ADDITIVE}

cdef enum:
    # Sentences to a job.
    STEP = 256


def word_slots(const uint8_t[::1] data, const int64_t[::1] offsets, uint32_t[::1] slots):
    """Fill the hash table of words; returns the id of a word that comes a second time, or -1.

    Parameters
    ----------
    data : uint8, IN
        The words, one after another.
    offsets : (n_words + 1,) int64, IN
        Where each begins.
    slots : uint32, OUT
        A power of two of zeros, more than the words.
    """
    cdef int64_t i, n = offsets.shape[0] - 1, length
    cdef uint64_t mask = slots.shape[0] - 1, slot
    cdef ngram_words words
    cdef const uint8_t *start = &data[0] if data.shape[0] else NULL
    if slots.shape[0] <= n or slots.shape[0] & (slots.shape[0] - 1):
        raise ValueError("slots: expected a power of two, more than the words")
    words.bytes, words.offsets, words.slots, words.mask = start, &offsets[0], &slots[0], mask
    with nogil:
        for i in range(n):
            length = offsets[i + 1] - offsets[i]
            if ngram_has_word(&words, start + offsets[i], length):
                break
            slot = ngram_hash(start + offsets[i], length) & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = <uint32_t>(i + 1)
        else:
            i = -1
    return i


cdef int set_numbers(ngram_numbers *numbers, array, const float[::1] table, int64_t exact) except -1:
    """Point to an array of any kind that numbers are kept in."""
    cdef const double[::1] doubles
    cdef const float[::1] floats
    cdef const uint8_t[::1] bytes_
    cdef const uint16_t[::1] shorts
    numbers.table = &table[0] if table.shape[0] else NULL
    numbers.exact = exact
    numbers.values = NULL
    if array.dtype == np.float64:
        doubles = array
        numbers.kind = NGRAM_FLOAT64
        numbers.values = &doubles[0] if doubles.shape[0] else NULL
    elif array.dtype == np.float32:
        floats = array
        numbers.kind = NGRAM_FLOAT32
        numbers.values = &floats[0] if floats.shape[0] else NULL
    elif array.dtype == np.uint8:
        bytes_ = array
        numbers.kind = NGRAM_CODE8
        numbers.values = &bytes_[0] if bytes_.shape[0] else NULL
    elif array.dtype == np.uint16:
        shorts = array
        numbers.kind = NGRAM_CODE16
        numbers.values = &shorts[0] if shorts.shape[0] else NULL
    else:
        raise TypeError(f"numbers of type {array.dtype}")
    return 0


cdef class Query:
    """A model that answers; it holds on to the arrays.

    Parameters
    ----------
    starts : (order + 2,) int64
    first, words, link : uint32
        The trie.
    log_prob, log_backoff : float64, float32, uint8 or uint16
        By node; whole numbers are places in the tables.
    prob_table, backoff_table : float32
        The numbers of the empty n-gram and of single words, then for each level from 0, 2^8 or 2^16 numbers; empty
        for floats.
    scheme : str
        A key of `SCHEMES`.
    data, offsets, slots
        The words, as for `word_slots`.
    """

    cdef ngram_model model
    cdef ngram_words words
    cdef object arrays
    cdef readonly int64_t n_words

    def __init__(self, const int64_t[::1] starts, const uint32_t[::1] first, const uint32_t[::1] words,
                 const uint32_t[::1] link, log_prob, log_backoff, const float[::1] prob_table,
                 const float[::1] backoff_table, scheme, const uint8_t[::1] data, const int64_t[::1] offsets,
                 const uint32_t[::1] slots):
        cdef int level
        cdef int64_t order = starts.shape[0] - 2, n_nodes = starts[starts.shape[0] - 1]
        if not 1 <= order <= NGRAM_MOST_ORDER:
            raise ValueError(f"a model of order {order}")
        if words.shape[0] != n_nodes or link.shape[0] != n_nodes or len(log_prob) != n_nodes:
            raise ValueError("arrays of a node each differ in length")
        if first.shape[0] != starts[order] + 1 or len(log_backoff) != starts[order]:
            raise ValueError("arrays of a context each differ in length")
        self.arrays = (starts, first, words, link, log_prob, log_backoff, prob_table, backoff_table, data, offsets,
                       slots)
        self.model.first, self.model.words, self.model.link = &first[0], &words[0], &link[0]
        set_numbers(&self.model.prob, log_prob, prob_table, starts[2])
        set_numbers(&self.model.backoff, log_backoff, backoff_table, min(starts[2], starts[order]))
        for level in range(order + 2):
            self.model.starts[level] = starts[level]
        self.model.order, self.model.scheme = order, SCHEMES[scheme]
        self.words.bytes = &data[0] if data.shape[0] else NULL
        self.words.offsets, self.words.slots = &offsets[0], &slots[0]
        self.words.mask = slots.shape[0] - 1
        self.n_words = offsets.shape[0] - 1

    def word_id(self, bytes word):
        """Id of a word in UTF-8, 0 if it is unknown."""
        return ngram_word_id(&self.words, <const uint8_t *>PyBytes_AS_STRING(word), PyBytes_GET_SIZE(word))

    def word_ids(self, bytes text, bint tokens):
        """Ids of the words of a text, cut at NUL if they are `tokens`, else at ASCII white space: list of int."""
        cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(text)
        cdef int64_t length = PyBytes_GET_SIZE(text), at = 0
        cdef uint32_t[NGRAM_BLOCK] block
        cdef int n = NGRAM_BLOCK, i
        ids = []
        while n == NGRAM_BLOCK:
            n = ngram_read_block(&self.words, data, length, &at, tokens, block)
            for i in range(n):
                ids.append(block[i])
        return ids

    def score(self, text, bint tokens, bint bos, bint eos):
        """Sum of the logarithms of the probabilities of the words of a text, bytes in UTF-8 or a string."""
        cdef Py_ssize_t length
        cdef const uint8_t *data = text_bytes(text, &length)
        cdef double total
        with nogil:
            total = score_text(&self.model, &self.words, data, length, tokens, bos, eos)
        return total

    def score_texts(self, list texts, const uint8_t[::1] tokens, bint bos, bint eos, double[::1] totals,
                    int n_threads):
        """`score` of each text.

        Parameters
        ----------
        texts : list of bytes or str
        tokens : (n_texts,) uint8, IN
            Whether the text is cut at NUL.
        bos, eos : bool
        totals : (n_texts,) float64, OUT
        n_threads : int
        """
        cdef Py_ssize_t i, n = len(texts)
        cdef const uint8_t **places
        cdef Py_ssize_t *lengths
        if tokens.shape[0] != n or totals.shape[0] != n:
            raise ValueError("as many flags and results as texts are needed")
        if n == 0:
            return
        places = <const uint8_t **>malloc(n * sizeof(uint8_t *))
        lengths = <Py_ssize_t *>malloc(n * sizeof(Py_ssize_t))
        try:
            if places == NULL or lengths == NULL:
                raise MemoryError()
            for i in range(n):
                places[i] = text_bytes(texts[i], &lengths[i])
            for i in prange(n, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=16):
                totals[i] = score_text(&self.model, &self.words, places[i], lengths[i], tokens[i], bos, eos)
        finally:
            free(places)
            free(lengths)

    def begin(self):
        """Node and length of the state at the begin of a sentence."""
        cdef ngram_state state = ngram_begin(&self.model)
        return state.node, state.length

    def step(self, uint32_t node, int32_t length, uint32_t word):
        """Let a word follow a state.

        Returns
        -------
        log_prob : float
        matched : int
            Length of the n-gram that was found.
        node, length : int
            The state behind the word.
        """
        cdef ngram_state state
        cdef int matched
        cdef double log_prob
        if node >= self.model.starts[self.model.order] or word >= self.n_words:
            raise ValueError("no such state, or no such word")
        state.node, state.length = node, length
        log_prob = ngram_step(&self.model, &state, word, &matched)
        return log_prob, matched, state.node, state.length

    def score_sentences(self, const int32_t[::1] ids, const int64_t[::1] ends, double[::1] totals,
                        double[::1] known_totals, int n_threads):
        """Logarithms of the probabilities of sentences, from <s> to </s>.

        Parameters
        ----------
        ids : int32, IN
            Word ids, with any number behind each sentence, which is passed over.
        ends : (n_sentences,) int64, IN
            Where these stand.
        totals : (n_sentences,) float64, OUT
        known_totals : (n_sentences,) float64, OUT
            Without the words that are <unk>.
        n_threads : int
        """
        cdef int64_t part, n = ends.shape[0]
        if n == 0:
            return
        for part in prange((n + STEP - 1) // STEP, nogil=True, num_threads=n_threads, schedule="dynamic",
                           chunksize=4):
            score_range(&self.model, &ids[0], &ends[0], part * STEP, min(n, (part + 1) * STEP), &totals[0],
                        &known_totals[0])

    def score_words(self, const int32_t[::1] ids, uint32_t node, int32_t length, double[::1] log_probs,
                    uint8_t[::1] matched):
        """Logarithms of the probabilities of words that follow a state, and lengths of the n-grams found.

        Parameters
        ----------
        ids : (n,) int32, IN
        node, length : int
            The state.
        log_probs : (n,) float64, OUT
        matched : (n,) uint8, OUT

        Returns
        -------
        node, length : int
            The state behind the last word.
        """
        cdef ngram_state state
        cdef ngram_context context
        cdef int64_t i = 0, n = ids.shape[0]
        if log_probs.shape[0] != n or matched.shape[0] != n:
            raise ValueError("results of another length than the words")
        if node >= self.model.starts[self.model.order]:
            raise ValueError("no such state")
        state.node, state.length = node, length
        with nogil:
            ngram_enter(&self.model, state, &context)
            while i < n:
                ngram_score_block(&self.model, <const uint32_t *>&ids[i], <int>min(NGRAM_BLOCK, n - i), &context,
                                  &log_probs[i], &matched[i])
                i += NGRAM_BLOCK
            state = ngram_leave(&self.model, &context)
        return state.node, state.length


cdef const uint8_t *text_bytes(text, Py_ssize_t *length) except NULL:
    """The UTF-8 of a string, or bytes; they last as long as the object."""
    if isinstance(text, str):
        return <const uint8_t *>PyUnicode_AsUTF8AndSize(text, length)
    length[0] = PyBytes_GET_SIZE(<bytes?>text)
    return <const uint8_t *>PyBytes_AS_STRING(text)


cdef double score_text(const ngram_model *model, const ngram_words *words, const uint8_t *data, int64_t length,
                       bint tokens, bint bos, bint eos) noexcept nogil:
    cdef double total = 0.0
    cdef int64_t at = 0
    cdef uint32_t[NGRAM_BLOCK + 1] ids
    cdef double[NGRAM_BLOCK] log_probs
    cdef uint8_t[NGRAM_BLOCK] matched
    cdef ngram_state state
    cdef ngram_context context
    cdef int n = NGRAM_BLOCK, i, last
    state.node, state.length = 0, 0
    if bos:
        state = ngram_begin(model)
    ngram_enter(model, state, &context)
    while n == NGRAM_BLOCK:
        n = ngram_read_block(words, data, length, &at, tokens, ids)
        last = n
        if eos and n < NGRAM_BLOCK:
            ids[n] = NGRAM_EOS
            last = n + 1
        ngram_score_block(model, ids, last, &context, log_probs, matched)
        for i in range(last):
            total = total + log_probs[i]
    return total


cdef void score_range(const ngram_model *model, const int32_t *ids, const int64_t *ends, int64_t begin, int64_t end,
                      double *totals, double *known_totals) noexcept nogil:
    """Score sentences, in blocks that may hold several short ones or part of a long one."""
    cdef int64_t sentence = begin, scored = begin, i = ends[begin - 1] + 1 if begin else 0
    cdef uint32_t[NGRAM_BLOCK] words
    cdef int64_t[NGRAM_BLOCK] owners
    cdef double[NGRAM_BLOCK] log_probs
    cdef uint8_t[NGRAM_BLOCK] matched
    cdef ngram_state start
    cdef ngram_context context
    cdef bint begun = False
    cdef int n, k
    start.node, start.length = 0, 0
    ngram_enter(model, start, &context)
    for scored in range(begin, end):
        totals[scored] = known_totals[scored] = 0.0
    while sentence < end:
        n = 0
        while n < NGRAM_BLOCK and sentence < end:
            owners[n] = sentence
            if not begun:
                words[n] = NGRAM_BOS
                begun = True
            elif i < ends[sentence]:
                words[n] = <uint32_t>ids[i]
                i += 1
            else:
                words[n] = NGRAM_EOS
                begun = False
                sentence += 1
                i += 1
            n += 1
        ngram_score_block(model, words, n, &context, log_probs, matched)
        for k in range(n):
            totals[owners[k]] += log_probs[k]
            if words[k]:
                known_totals[owners[k]] += log_probs[k]
