"""Huffman trees: codes that no other begins with, of the least total length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import word2vec as reference

from embedkit._cext import huffman

counts_of_words = st.lists(st.integers(1, 10**6), min_size=2, max_size=60).map(lambda c: np.array(sorted(c)[::-1]))


@given(counts_of_words)
def test_codes_are_prefix_free_and_as_short_as_can_be(counts):
    start, _, label = huffman.huffman_paths(counts)
    codes = ["".join(str(int(bit)) for bit in label[start[w] : start[w + 1]]) for w in range(len(counts))]
    assert sum(len(code) * count for code, count in zip(codes, counts.tolist(), strict=True)) == reference.huffman_cost(
        counts
    )
    assert not any(a != b and b.startswith(a) for a in codes for b in codes)
    assert len(set(codes)) == len(codes)


@given(counts_of_words)
def test_words_with_the_same_beginning_of_a_code_share_its_nodes(counts):
    start, node, label = huffman.huffman_paths(counts)
    node_of_prefix = {}
    for w in range(len(counts)):
        prefix = ""
        for at in range(start[w], start[w + 1]):
            assert node_of_prefix.setdefault(prefix, node[at]) == node[at]
            prefix += str(int(label[at]))
    assert sorted(node_of_prefix.values()) == list(range(len(counts) - 1))
    assert node_of_prefix[""] == 0


def test_paths_of_a_worked_example():
    start, node, label = huffman.huffman_paths(np.array([8, 4, 2, 1], np.int64))
    assert np.diff(start).tolist() == [1, 2, 3, 3]
    assert node[start[3] :].tolist() == [0, 1, 2]
    assert label[start[3] - 1] != label[-1]


@pytest.mark.parametrize("n_words", [0, 1])
def test_a_tree_needs_two_words(n_words):
    start, node, label = huffman.huffman_paths(np.ones(n_words, np.int64))
    assert start.tolist() == [0] * (n_words + 1)
    assert len(node) == len(label) == 0
