"""GloVe one pair at a time, in float64: the naive twin of embedkit/_cext/glove.pyx."""

import math

import numpy as np


def weight(x, x_max, alpha):
    return min(1.0, (x / x_max) ** alpha)


def cost(pairs, words, contexts, word_biases, context_biases, x_max, alpha):
    """Half the sum of f(x) (w.c + b + b' - log x)^2, whose gradient the steps follow."""
    total = 0.0
    for i, j, x in pairs:
        error = words[i] @ contexts[j] + word_biases[i] + context_biases[j] - math.log(x)
        total += weight(x, x_max, alpha) * error**2 / 2
    return total


class Model:
    """Vectors, biases and AdaGrad sums as float64."""

    def __init__(self, words, contexts, word_biases, context_biases):
        self.values = [np.array(one, np.float64) for one in (words, contexts, word_biases, context_biases)]
        self.sums = [np.ones_like(one) for one in self.values]

    def train(self, pairs, x_max, alpha, learning_rate):
        """Train on (i, j, x) in order; returns the sum of f(x) e^2."""
        words, contexts, word_biases, context_biases = self.values
        loss = 0.0
        for i, j, x in pairs:
            error = words[i] @ contexts[j] + word_biases[i] + context_biases[j] - math.log(x)
            slope = weight(x, x_max, alpha) * error
            loss += slope * error
            steps = [
                (0, i, learning_rate * slope * contexts[j]),
                (1, j, learning_rate * slope * words[i]),
                (2, i, slope),
                (3, j, slope),
            ]
            for which, row, step in steps:
                self.values[which][row] -= step / np.sqrt(self.sums[which][row])
                self.sums[which][row] += step**2
        return loss


def tiles(matrix, n_blocks):
    """{(a, b): sorted list of (row in block, column in block, x)} of a dense matrix."""
    found = {}
    for i, j in zip(*np.nonzero(matrix), strict=True):
        tile = found.setdefault((i % n_blocks, j % n_blocks), [])
        tile.append((i // n_blocks, j // n_blocks, matrix[i, j]))
    return {place: sorted(pairs) for place, pairs in found.items()}
