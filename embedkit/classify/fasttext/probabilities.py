"""From the mean of a line's vectors to the probabilities of its labels."""

import numpy as np
from scipy.special import expit, softmax

from embedkit.classify.fasttext.tree import LabelTree

__all__ = ["probabilities"]


def probabilities(hidden: np.ndarray, output: np.ndarray, loss: str, tree: LabelTree | None) -> np.ndarray:
    """Probability of each label.

    Parameters
    ----------
    hidden : ndarray of float32, (n_lines, vector_size)
    output : ndarray of float32, (n_labels, vector_size)
        Vectors of labels, or of the inner nodes of a tree over them.
    loss : {"softmax", "hs", "ns", "ova"}
    tree : LabelTree or None
        For "hs".

    Returns
    -------
    ndarray of float64, (n_lines, n_labels)
        Rows sum to 1 for softmax and hierarchical softmax; for the others each label stands by itself.
    """
    x = hidden.astype(np.float64) @ output.T.astype(np.float64)
    if loss == "softmax":
        return softmax(x, axis=1)
    if tree is not None:
        return tree.probabilities(expit(x[:, :-1]))
    return expit(x)
