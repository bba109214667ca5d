"""Huffman trees over a vocabulary, for hierarchical softmax."""

from libc.stdint cimport int32_t, int64_t

import numpy as np


def huffman_paths(int64_t[::1] counts):
    """Huffman tree over words in descending order of count, as paths from the root.

    The two-queue construction (van Leeuwen 1976): leaves from the rarest up, inner nodes in the order in
    which they are made, which is that of their counts. Linear time.

    Returns
    -------
    start : (n_words + 1,) int64
        The path of word w is entries start[w] to start[w + 1] of the other two.
    node : int32
        Inner nodes on the path, numbered from the root, 0, to n_words - 2.
    label : float32
        1 - the bit of the code at that node.
    """
    cdef int64_t n = counts.shape[0], inner = n - 1 if n > 1 else 0, made, leaf, queue, depth, w, at, child, i
    parent_array = np.zeros(max(2 * n - 1, 1), np.int64)
    bit_array = np.zeros(max(2 * n - 1, 1), np.uint8)
    weight_array = np.zeros(max(2 * n - 1, 1), np.int64)
    start_array = np.zeros(n + 1, np.int64)
    cdef int64_t[::1] parent = parent_array, weight = weight_array, start = start_array
    cdef unsigned char[::1] bit = bit_array
    with nogil:
        for w in range(n):
            weight[w] = counts[w]
        leaf = n - 1
        queue = n
        for made in range(n, n + inner):
            for i in range(2):
                if leaf >= 0 and (queue >= made or weight[leaf] <= weight[queue]):
                    child = leaf
                    leaf -= 1
                else:
                    child = queue
                    queue += 1
                weight[made] += weight[child]
                parent[child] = made
                bit[child] = i
        for w in range(n):
            at = w
            depth = 0
            while at != n + inner - 1 and inner > 0:
                at = parent[at]
                depth += 1
            start[w + 1] = start[w] + depth
    node_array = np.empty(start_array[n], np.int32)
    label_array = np.empty(start_array[n], np.float32)
    cdef int32_t[::1] node = node_array
    cdef float[::1] label = label_array
    with nogil:
        for w in range(n):
            at = w
            for i in range(start[w + 1] - 1, start[w] - 1, -1):
                label[i] = 1 - bit[at]
                at = parent[at]
                node[i] = <int32_t> (n + inner - 1 - at)
    return start_array, node_array, label_array
