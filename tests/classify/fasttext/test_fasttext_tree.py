"""The tree over labels: Huffman's, and a distribution over its leaves."""

import heapq

import numpy as np
import pytest

from embedkit.classify.fasttext.tree import LabelTree

COUNTS = [[1, 1], [5, 3, 2, 1], [1, 1, 1, 1, 1], [9, 1, 0, 4, 4, 7, 2], list(range(50)), [2**i for i in range(20)]]


def cost_of_huffman(counts):
    """Sum over the labels of count times length of code, by a heap."""
    heap, cost = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        cost += both
        heapq.heappush(heap, both)
    return cost


@pytest.mark.parametrize("counts", COUNTS)
def test_codes_are_as_short_as_they_can_be(counts):
    tree = LabelTree.over(np.array(counts))
    assert (np.diff(tree.start) * counts).sum() == cost_of_huffman(counts)


@pytest.mark.parametrize("counts", COUNTS)
def test_probabilities_are_the_products_along_the_way_of_each_label_and_sum_to_one(counts):
    tree, n = LabelTree.over(np.array(counts)), len(counts)
    right = np.random.default_rng(0).random((3, n - 1))
    p = tree.probabilities(right)
    for label in range(n):
        way = slice(tree.start[label], tree.start[label + 1])
        at_node = right[:, tree.node[way]]
        expected = np.where(tree.bit[way] == 1, at_node, 1 - at_node).prod(axis=1)
        np.testing.assert_allclose(p[:, label], expected, rtol=1e-12)
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_a_tree_of_one_label_has_no_inner_node():
    tree = LabelTree.over(np.array([3]))
    assert tree.probabilities(np.empty((2, 0))).tolist() == [[1.0], [1.0]]
