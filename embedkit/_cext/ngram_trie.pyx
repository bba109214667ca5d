"""What is worked out over a trie of n-grams: links, counts of contexts, probabilities, and the removal of nodes.

`ngrams.pyx` says how a trie is laid out. The link of a node is the n-gram without its first word, or the longest
shorter end of it that there is; a language model backs off along the links. Each function works on a range of nodes
whose children no other range has, so that threads share nothing but the counters of `count_links`, which are atomic:
results do not depend on the number of threads.
"""

from cython.parallel cimport prange
from libc.math cimport log10
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "ngram_trie.h" nogil:
    enum:
        NGRAM_WEIGHT
        NGRAM_WITTEN_BELL
        NGRAM_RELATIVE

    void ngram_link_children(const uint32_t *first, const uint32_t *words, uint32_t *link, int64_t begin, int64_t end)
    void ngram_add_one(uint64_t *count)
    void ngram_estimate_children(const uint32_t *first, const uint32_t *link, const uint8_t *keep, double *values,
                                 double *backoff, int64_t begin, int64_t end, const double *discount,
                                 int64_t n_discounts, int rule, double weight, int interpolated)

WEIGHT, WITTEN_BELL, RELATIVE = NGRAM_WEIGHT, NGRAM_WITTEN_BELL, NGRAM_RELATIVE

cdef enum:
    # Nodes to a job: some milliseconds of work.
    STEP = 1 << 15


cdef int check_children(const uint32_t[::1] first, int64_t begin, int64_t end) except -1:
    if not 0 <= begin <= end < first.shape[0]:
        raise ValueError(f"nodes {begin} to {end} have no children in a table of {first.shape[0]}")
    return 0


def link_children(const uint32_t[::1] first, const uint32_t[::1] words, uint32_t[::1] link, int64_t begin,
                  int64_t end, int n_threads):
    """Find the links of the children of nodes `begin` to `end`, whose own links are known.

    Parameters
    ----------
    first, words : uint32, IN
    link : uint32, IN and OUT
    """
    cdef int64_t part
    check_children(first, begin, end)
    for part in prange((end - begin + STEP - 1) // STEP, nogil=True, num_threads=n_threads, schedule="dynamic",
                       chunksize=1):
        ngram_link_children(&first[0], &words[0], &link[0], begin + part * STEP, min(end, begin + (part + 1) * STEP))


def count_links(const uint32_t[::1] link, int64_t begin, int64_t end, uint64_t[::1] counts, int n_threads):
    """Add one to the count of the link of each node from `begin` to `end`.

    Parameters
    ----------
    link : uint32, IN
    counts : uint64, IN and OUT
    """
    cdef int64_t node
    for node in prange(begin, end, nogil=True, num_threads=n_threads, schedule="static"):
        ngram_add_one(&counts[link[node]])


def tally(const uint64_t[::1] counts, int64_t begin, int64_t end, int64_t[::1] tallies):
    """Add to tallies[c] how many nodes from `begin` to `end` have the count c; larger counts are passed over."""
    cdef int64_t node, n = tallies.shape[0]
    with nogil:
        for node in range(begin, end):
            if counts[node] < <uint64_t>n:
                tallies[counts[node]] += 1


def estimate_children(const uint32_t[::1] first, const uint32_t[::1] link, keep, double[::1] values,
                      double[::1] backoff, int64_t begin, int64_t end, const double[::1] discount, int rule,
                      double weight, bint interpolated, int n_threads):
    """Turn counts of the children of nodes `begin` to `end` into probabilities; the level above has them already.

    Parameters
    ----------
    first, link : uint32, IN
    keep : uint8 or None, IN
        0 for nodes whose mass goes to shorter contexts.
    values : float64, IN and OUT
        By node. IN: the bits of a uint64 count for the children, a probability for shorter n-grams. OUT: the
        probability of each child.
    backoff : float64, OUT
        Weight of the shorter context, by node.
    discount : (n,) float64, IN
        Taken off a count of 0, 1, ...; the last one off all larger ones.
    rule : int
        `WEIGHT`: discounted relative frequencies are multiplied by `weight`, and something is always left;
        `WITTEN_BELL`: by total / (total + number of children); `RELATIVE`: they are taken as they are.
    weight : float
    interpolated : bool
        Whether a child gets its share of the mass of the shorter context, too.
    """
    cdef int64_t part
    cdef const uint8_t[::1] flags
    cdef const uint8_t *keep_place = NULL
    check_children(first, begin, end)
    if keep is not None:
        flags = keep
        keep_place = &flags[0]
    for part in prange((end - begin + STEP - 1) // STEP, nogil=True, num_threads=n_threads, schedule="dynamic",
                       chunksize=1):
        ngram_estimate_children(&first[0], &link[0], keep_place, &values[0], &backoff[0], begin + part * STEP,
                                min(end, begin + (part + 1) * STEP), &discount[0], discount.shape[0], rule, weight,
                                interpolated)


def to_log10(double[::1] values, int64_t begin, int64_t end, int n_threads):
    """Replace values from `begin` to `end` by their logarithms to base 10."""
    cdef int64_t i
    for i in prange(begin, end, nogil=True, num_threads=n_threads, schedule="static"):
        values[i] = log10(values[i])


def compress(uint32_t[::1] first, uint32_t[::1] words, uint32_t[::1] link, const uint8_t[::1] keep,
             const int64_t[::1] starts, uint32_t[::1] new_ids):
    """Take nodes out of a trie, in place; links pass over them. The parent of a kept node is kept, and all words are.

    Parameters
    ----------
    first, words, link : uint32, IN and OUT
    keep : uint8, IN
        By node.
    starts : (order + 2,) int64, IN
        First node of each level, the root being level 0.
    new_ids : uint32, OUT
        By old node: the number of kept ones before it.

    Returns
    -------
    n_nodes : int
    """
    cdef int64_t node, n = keep.shape[0], order = starts.shape[0] - 2, n_inner = starts[order], out = 0
    cdef int64_t inner = 0
    with nogil:
        for node in range(n):
            new_ids[node] = <uint32_t>out
            out += keep[node]
        # Links lead to smaller nodes, whose own have been mended by then.
        for node in range(n):
            if not keep[link[node]]:
                link[node] = link[link[node]]
        for node in range(n):
            if keep[node]:
                link[new_ids[node]] = new_ids[link[node]]
                words[new_ids[node]] = words[node]
        for node in range(n_inner):
            if keep[node]:
                first[inner] = new_ids[first[node]] if first[node] < n else <uint32_t>out
                inner += 1
        first[inner] = <uint32_t>out
    return out
