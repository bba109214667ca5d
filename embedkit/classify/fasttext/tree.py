"""The Huffman tree over labels for hierarchical softmax, built as fastText builds it, since its files hold none."""

from dataclasses import dataclass

import numpy as np

__all__ = ["LabelTree"]


@dataclass(frozen=True)
class LabelTree:
    """A binary tree whose leaves are labels.

    Inner nodes are numbered as rows of the output matrix, in the order in which they are made: the root is the last.

    Attributes
    ----------
    start : ndarray of int64, (n_labels + 1,)
        Where the way of each label begins in the other two, from the leaf up.
    node : ndarray of int32
        Inner nodes on the way.
    bit : ndarray of float32
        1 where the way goes on to the right child.
    children : ndarray of int64, (n_labels - 1, 2)
        Left and right child of each inner node: a label, or n_labels + an inner node.
    levels : list of ndarray of int64
        Inner nodes by their distance from the root.
    """

    start: np.ndarray
    node: np.ndarray
    bit: np.ndarray
    children: np.ndarray
    levels: list[np.ndarray]

    @classmethod
    def over(cls, counts: np.ndarray) -> "LabelTree":
        """Build the tree over labels by their counts, of which ties keep their order.

        Leaves wait in one queue, inner nodes in the order they are made in another (van Leeuwen 1976); of equal
        weights the inner node is taken first.
        """
        n = len(counts)
        order = np.argsort(-counts, kind="stable").tolist()
        weight = [*counts.tolist(), *[0] * (n - 1)]
        parent, side = [-1] * (2 * n - 1), [0] * (2 * n - 1)
        leaf, inner = n - 1, n
        for made in range(n, 2 * n - 1):
            for bit in (0, 1):
                if leaf >= 0 and (inner >= made or weight[order[leaf]] < weight[inner]):
                    child = order[leaf]
                    leaf -= 1
                else:
                    child = inner
                    inner += 1
                weight[made] += weight[child]
                parent[child], side[child] = made, bit
        start, node, path_bit = [0], [], []
        for label in range(n):
            at = label
            while parent[at] >= 0:
                node.append(parent[at] - n)
                path_bit.append(side[at])
                at = parent[at]
            start.append(len(node))
        children = np.zeros((n - 1, 2), np.int64)
        children[np.array(parent[:-1], np.int64) - n, side[:-1]] = np.arange(2 * n - 2)
        levels = []
        level = np.arange(n - 2, n - 1) if n > 1 else np.empty(0, np.int64)  # one label has no inner node
        while len(level):
            levels.append(level)
            below = children[level].ravel() - n
            level = below[below >= 0]
        return cls(
            np.array(start, np.int64), np.array(node, np.int32), np.array(path_bit, np.float32), children, levels
        )

    def probabilities(self, right: np.ndarray) -> np.ndarray:
        """Probability of each label.

        Parameters
        ----------
        right : ndarray of float64, (n_lines, n_labels - 1)
            Probability of going right at each inner node.

        Returns
        -------
        ndarray of float64, (n_lines, n_labels)
        """
        n = right.shape[1] + 1
        reached = np.ones((2 * n - 1, len(right)))
        for level in self.levels:
            left_child, right_child = self.children[level].T
            reached[left_child] = reached[n + level] * (1 - right[:, level].T)
            reached[right_child] = reached[n + level] * right[:, level].T
        return np.ascontiguousarray(reached[:n].T)
