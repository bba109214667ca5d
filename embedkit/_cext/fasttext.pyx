"""Driver of the fastText classifier: texts as rows of the input matrix, their mean, and a range of training.

Words and n-grams are hashed as fastText hashes them, so that its model files give the same predictions: FNV-1a
over UTF-8 whose bytes are taken as signed chars, and for word n-grams h * 116049371 + hash of the next word, in
64 bits with the words' 32-bit hashes extended by their sign.

A training range is some consecutive places of a shuffled order. What a line trains on depends on the seed and
the line alone (sampling.h), and its learning rate on its place, so one thread gives the same bytes however the
caller cuts the order into ranges. The work on a line is in fasttext_step.c, compiled once per instruction set.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

import numpy as np

from embedkit._cext.processor import variant

cdef extern from "sampling.h" nogil:
    ctypedef struct alias_column:
        pass
    uint64_t draw_at(uint64_t key, uint64_t position)

cdef extern from "fasttext_step.h" nogil:
    enum:
        FASTTEXT_SOFTMAX
        FASTTEXT_HS
        FASTTEXT_NS
        FASTTEXT_OVA
    ctypedef struct fasttext_model:
        const int32_t *row
        const int64_t *row_start
        const int32_t *label
        const int64_t *label_start
        const float *weight
        float *input
        float *output
        int64_t stride
        int64_t n_labels
        int loss
        int negative
        const alias_column *noise
        const int64_t *path_start
        const int32_t *path_node
        const float *path_bit
        uint64_t label_key
        uint64_t noise_key
    ctypedef struct fasttext_worker:
        float *hidden
        float *gradient
        float *error
        double loss
        double weight
    ctypedef void (*fasttext_job)(
        const fasttext_model *, fasttext_worker *, const int64_t *, int64_t, int64_t, double, double) noexcept nogil

cdef extern from * nogil:
    """
    #include "fasttext_step.h"
    static fasttext_job job_of_variant(int variant)
    {
    #ifdef HAVE_VARIANT_AVX512
        if (variant == 2) return fasttext_job_avx512;
    #endif
    #ifdef HAVE_VARIANT_AVX2
        if (variant == 1) return fasttext_job_avx2;
    #endif
        return variant == 0 ? fasttext_job_baseline : 0;
    }
    """
    fasttext_job job_of_variant(int variant)

LOSSES = {"softmax": FASTTEXT_SOFTMAX, "hs": FASTTEXT_HS, "ns": FASTTEXT_NS, "ova": FASTTEXT_OVA}

cdef enum:
    # Lines to a job: far less than a millisecond of work, far more than what handing it out costs.
    JOB = 16
    ROW_FLOATS = 16

cdef uint32_t FNV_BASIS = 2166136261u
cdef uint32_t FNV_PRIME = 16777619u
cdef uint64_t NGRAM_FACTOR = 116049371u


# ---- hashes of words and their parts ------------------------------------------------------------------------

cdef inline uint32_t hash_byte(uint32_t h, uint8_t byte) noexcept nogil:
    """FNV-1a with fastText's quirk: a byte above 127 fills the upper bits with ones."""
    return (h ^ <uint32_t> <int32_t> <int8_t> byte) * FNV_PRIME


def hash_words(words):
    """FNV-1a hashes of words, as fastText computes them.

    Parameters
    ----------
    words : sequence of bytes, IN
        UTF-8.

    Returns
    -------
    (n_words,) int32
    """
    cdef int64_t w, i, n
    cdef uint32_t h
    cdef const uint8_t *text
    cdef bytes word
    result = np.empty(len(words), np.int32)
    cdef int32_t[::1] hashes = result
    for w, word in enumerate(words):
        text = word
        n = len(word)
        h = FNV_BASIS
        for i in range(n):
            h = hash_byte(h, text[i])
        hashes[w] = <int32_t> h
    return result


cdef int64_t char_ngrams_of(
    const uint8_t *text, int64_t n, int min_n, int max_n, uint32_t buckets, int32_t *bucket
) noexcept nogil:
    """Write the buckets of the character n-grams of one word, marks of its ends included; returns how many."""
    cdef int64_t i, j, made = 0
    cdef int length
    cdef uint32_t h
    for i in range(n):
        if text[i] & 0xC0 == 0x80:
            continue
        h = FNV_BASIS
        j = i
        length = 1
        while j < n and length <= max_n:
            h = hash_byte(h, text[j])
            j += 1
            while j < n and text[j] & 0xC0 == 0x80:
                h = hash_byte(h, text[j])
                j += 1
            if length >= min_n and not (length == 1 and (i == 0 or j == n)):
                if bucket != NULL:
                    bucket[made] = <int32_t> (h % buckets)
                made += 1
            length += 1
    return made


def char_ngrams(words, int min_n, int max_n, uint32_t buckets):
    """Buckets of the character n-grams of words, with "<" before and ">" behind each.

    Parameters
    ----------
    words : sequence of bytes, IN
        UTF-8; an empty one has no n-grams.
    min_n, max_n : int
        Shortest and longest n-gram, in characters; max_n=0 gives none.
    buckets : int

    Returns
    -------
    start : (n_words + 1,) int64
    bucket : (start[n_words],) int32
    """
    cdef int64_t w, n_words = len(words)
    cdef bytes word
    marked = [b"<" + word + b">" if word else b"" for word in words]
    starts = np.zeros(n_words + 1, np.int64)
    cdef int64_t[::1] start = starts
    for w in range(n_words):
        word = marked[w]
        start[w + 1] = start[w] + char_ngrams_of(word, len(word), min_n, max_n, buckets, NULL)
    result = np.empty(starts[n_words], np.int32)
    cdef int32_t[::1] bucket = result
    for w in range(n_words):
        word = marked[w]
        if start[w + 1] > start[w]:
            char_ngrams_of(word, len(word), min_n, max_n, buckets, &bucket[start[w]])
    return starts, result


# ---- lines as rows ------------------------------------------------------------------------------------------

def line_features(
    const int32_t[::1] ids,
    const int64_t[::1] stop,
    const int32_t[::1] word_row,
    const int32_t[::1] word_hash,
    int32_t line_end,
    const int64_t[::1] part_start,
    const int32_t[::1] part_bucket,
    *,
    int word_ngrams,
    int32_t first_bucket,
    uint64_t buckets,
    int n_threads,
):
    """Features of each line, in fastText's order: its words, each with its character n-grams, then its word n-grams.

    Parameters
    ----------
    ids : (n_ids,) int32, IN
        Word ids; -1 after each line.
    stop : (n_lines,) int64, IN
        Where those -1 are.
    word_row : (n_ids_there_are,) int32, IN
        Row of each word in the input matrix; -1: it has none, -2: it is left out of n-grams as well.
    word_hash : int32, IN
        From `hash_words`.
    line_end : int
        Id of the word that fastText puts behind each line.
    part_start, part_bucket : IN
        From `char_ngrams`.
    word_ngrams : int
        Longest word n-gram.
    first_bucket : int
        Feature number of bucket 0.
    buckets : int
    n_threads : int

    Returns
    -------
    start : (n_lines + 1,) int64
    feature : (start[n_lines],) int32
        Rows of words, and first_bucket + bucket for n-grams.
    """
    cdef int64_t n_lines = stop.shape[0], line, i, j, k, begin, end, n, place, length
    cdef int32_t word
    cdef uint64_t h
    starts = np.zeros(n_lines + 1, np.int64)
    cdef int64_t[::1] start = starts
    # Words that take part, the line's end among them; n-grams are made of these.
    compact = np.empty(ids.shape[0], np.int32)
    cdef int32_t[::1] kept = compact
    lengths = np.empty(n_lines, np.int64)
    cdef int64_t[::1] kept_length = lengths
    for line in prange(n_lines, schedule="static", num_threads=n_threads, nogil=True):
        begin = stop[line - 1] + 1 if line > 0 else 0
        n = 0
        k = 0
        for i in range(begin, stop[line] + 1):
            word = ids[i] if i < stop[line] else line_end
            if word_row[word] == -2:
                continue
            kept[begin + k] = word
            k = k + 1
            n = n + (word_row[word] >= 0) + part_start[word + 1] - part_start[word]
        kept_length[line] = k
        for length in range(2, word_ngrams + 1):
            if k >= length:
                n = n + k - length + 1
        start[line + 1] = n
    np.cumsum(starts, out=starts)
    result = np.empty(starts[n_lines], np.int32)
    cdef int32_t[::1] feature = result
    for line in prange(n_lines, schedule="static", num_threads=n_threads, nogil=True):
        begin = stop[line - 1] + 1 if line > 0 else 0
        end = begin + kept_length[line]
        place = start[line]
        for i in range(begin, end):
            word = kept[i]
            if word_row[word] >= 0:
                feature[place] = word_row[word]
                place = place + 1
            for j in range(part_start[word], part_start[word + 1]):
                feature[place] = first_bucket + part_bucket[j]
                place = place + 1
        for i in range(begin, end):
            h = <uint64_t> <int64_t> word_hash[kept[i]]
            for j in range(i + 1, end if end < i + word_ngrams else i + word_ngrams):
                h = h * NGRAM_FACTOR + <uint64_t> <int64_t> word_hash[kept[j]]
                feature[place] = first_bucket + <int32_t> (h % buckets)
                place = place + 1
    return starts, result


def count_features(const int32_t[::1] feature, int64_t n):
    """How often each of the numbers 0 to n - 1 occurs: (n,) int32, at most 2**31 - 1."""
    cdef int64_t i
    result = np.zeros(n, np.int32)
    cdef int32_t[::1] count = result
    with nogil:
        for i in range(feature.shape[0]):
            count[feature[i]] += count[feature[i]] < 0x7FFFFFFF
    return result


def renumber(int32_t[::1] feature, const int32_t[::1] number, int n_threads):
    """Replace each feature by its `number`, in place."""
    cdef int64_t i
    for i in prange(feature.shape[0], schedule="static", num_threads=n_threads, nogil=True):
        feature[i] = number[feature[i]]


def mean_rows(
    const int32_t[::1] row, const int64_t[::1] row_start, const float[:, :] vectors, int n_threads
):
    """Mean of the rows of each line; -1 counts as a row of zeros, and a line without rows is zeros.

    Parameters
    ----------
    row : int32, IN
    row_start : (n_lines + 1,) int64, IN
    vectors : (n_rows, vector_size) float32, IN
        Consecutive numbers within a row.
    n_threads : int

    Returns
    -------
    (n_lines, vector_size) float32
    """
    cdef int64_t n_lines = row_start.shape[0] - 1, size = vectors.shape[1], line, i, k
    cdef int64_t stride = vectors.strides[0] // sizeof(float)
    cdef const float *first = &vectors[0, 0]
    cdef const float *from_row
    cdef float *to_row
    cdef float share
    if vectors.strides[1] != sizeof(float):
        raise ValueError("rows of consecutive numbers are needed")
    result = np.zeros((n_lines, size), np.float32)
    cdef float[:, ::1] mean = result
    for line in prange(n_lines, schedule="dynamic", chunksize=JOB, num_threads=n_threads, nogil=True):
        if row_start[line + 1] == row_start[line]:
            continue
        to_row = &mean[line, 0]
        for i in range(row_start[line], row_start[line + 1]):
            if row[i] >= 0:
                from_row = first + row[i] * stride
                for k in range(size):
                    to_row[k] += from_row[k]
        share = <float> (1.0 / (row_start[line + 1] - row_start[line]))
        for k in range(size):
            to_row[k] *= share
    return result


# ---- training -----------------------------------------------------------------------------------------------

def fill_uniform(float[:, ::1] matrix, int64_t size, uint64_t seed, int n_threads):
    """Fill the first `size` columns with uniform numbers in (-1, 1) / size; those of a row depend on seed and row."""
    cdef int64_t r, k
    cdef uint64_t key
    cdef double scale = 2.0 / size / 4294967296.0
    for r in prange(matrix.shape[0], schedule="static", num_threads=n_threads, nogil=True):
        key = draw_at(seed, r)
        for k in range(size):
            matrix[r, k] = <float> ((<double> (draw_at(key, k) >> 32) + 0.5) * scale - 1.0 / size)


def train_range(
    const int64_t[::1] order,
    int64_t begin,
    int64_t stop,
    lines,
    labels,
    const float[::1] weight,
    float[:, ::1] input_vectors,
    float[:, ::1] output_vectors,
    const uint32_t[:, ::1] noise,
    paths,
    *,
    int loss,
    int negative,
    double rate,
    double slope,
    uint64_t seed,
    int n_threads,
):
    """Train on the lines at places `begin` to `stop` of an order.

    Parameters
    ----------
    order : (n,) int64, IN
        Lines of this epoch.
    begin, stop : int
    lines : tuple of (n_lines + 1,) int64 and int32, IN
        Where the rows of each line begin, and the rows.
    labels : tuple of (n_lines + 1,) int64 and int32, IN
        The same for the labels, ascending within a line. Where there are several, all losses but OVA learn one of
        them, drawn anew in each epoch. A line without any is passed over, but by OVA.
    weight : (n_lines,) float32, IN
    input_vectors : (n_rows, stride) float32, IN and OUT
        As embedkit.models.matrices.padded_matrix makes them.
    output_vectors : (n_labels, stride) float32, IN and OUT
        Of the labels, or of the inner nodes of their tree.
    noise : (n_labels, 2) uint32 or None, IN
        From embedkit._cext.sampling.alias_table, for negative sampling.
    paths : tuple or None, IN
        start, node and bit of each label's way through the tree, for hierarchical softmax.
    loss : int
        One of `LOSSES`.
    negative : int
        Labels drawn for each line.
    rate, slope : float
        The learning rate at place p is rate - slope * p.
    seed : int
        Of this epoch.
    n_threads : int

    Returns
    -------
    loss : float
        Sum over the lines, in nats, each by its weight.
    weight : float
        Sum of the weights of the lines that were trained.
    """
    cdef fasttext_model model
    cdef const int64_t[::1] row_start, label_start, path_start
    cdef const int32_t[::1] row, label, path_node
    cdef const float[::1] path_bit
    memset(&model, 0, sizeof(model))
    row_start, row = lines
    label_start, label = labels
    model.row = &row[0]
    model.row_start = &row_start[0]
    model.label = &label[0]
    model.label_start = &label_start[0]
    model.weight = &weight[0]
    model.input = &input_vectors[0, 0]
    model.output = &output_vectors[0, 0]
    model.stride = input_vectors.shape[1]
    model.n_labels = output_vectors.shape[0]
    model.loss = loss
    model.negative = negative
    model.label_key = draw_at(seed, 0)
    model.noise_key = draw_at(seed, 1)
    if noise is not None:
        model.noise = <const alias_column *> &noise[0, 0]
    if paths is not None:
        path_start, path_node, path_bit = paths
        model.path_start = &path_start[0]
        model.path_node = &path_node[0]
        model.path_bit = &path_bit[0]

    # Every worker has its own room, a page apart at least, so that no two share a cache line.
    cdef int64_t errors = (model.n_labels + ROW_FLOATS - 1) // ROW_FLOATS * ROW_FLOATS
    cdef int64_t floats = 2 * model.stride + errors + ROW_FLOATS
    rooms = np.zeros((n_threads, floats + 1024), np.float32)
    starts = np.array([(room.ctypes.data + 63) // 64 * 64 for room in rooms], np.uintp)
    cdef uintptr_t[::1] place = starts
    states = np.zeros((n_threads, sizeof(fasttext_worker) + 4096), np.uint8)
    cdef uint8_t[:, ::1] state = states
    cdef int t
    cdef fasttext_worker *worker
    for t in range(n_threads):
        worker = <fasttext_worker *> &state[t, 0]
        worker.hidden = <float *> place[t]
        worker.gradient = worker.hidden + model.stride
        worker.error = worker.gradient + model.stride

    cdef fasttext_job run = job_of_variant(variant())
    cdef int64_t j, first, n_jobs = (stop - begin + JOB - 1) // JOB
    for j in prange(n_jobs, schedule="dynamic", chunksize=1, num_threads=n_threads, nogil=True):
        first = begin + j * JOB
        run(
            &model, <fasttext_worker *> &state[threadid(), 0], &order[0], first,
            first + JOB if first + JOB < stop else stop, rate, slope,
        )
    total, trained = 0.0, 0.0
    for t in range(n_threads):
        worker = <fasttext_worker *> &state[t, 0]
        total += worker.loss
        trained += worker.weight
    return total, trained
