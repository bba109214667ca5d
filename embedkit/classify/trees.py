"""Decision trees from a file, checked before they are walked."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.tree import BaseDecisionTree

from embedkit.errors import FormatError

__all__ = ["check_trees"]

LEAF = -1


def check_trees(model: Any) -> None:
    """Raise FormatError unless every decision tree of a model stays within its nodes and its features.

    scikit-learn follows the numbers of the nodes without looking at them: a file with wrong ones would make it read
    memory that is not its own, or go round for ever.

    Parameters
    ----------
    model : estimator, or list or tuple of them

    Raises
    ------
    FormatError

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> check_trees(DecisionTreeClassifier().fit([[0], [1]], ["cat", "dog"]))
    """
    for tree, n_features in _trees(model, None, set()):
        nodes = tree.__getstate__()["nodes"]
        left, right, feature = (nodes[field] for field in ("left_child", "right_child", "feature"))
        inner = np.flatnonzero((left != LEAF) | (right != LEAF))
        # A child always comes behind its parent, so that every way ends.
        sound = all(((child[inner] > inner) & (child[inner] < len(nodes))).all() for child in (left, right))
        if not sound or not ((feature[inner] >= 0) & (feature[inner] < min(tree.n_features, n_features))).all():
            raise FormatError("a decision tree with numbers of nodes or features that cannot be: the file is damaged")


def _trees(value: Any, n_features: int | None, seen: set[int]) -> Iterator[tuple[Any, int]]:
    """The trees inside an estimator, each with the number of features that it will be given."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        for item in np.ravel(value) if isinstance(value, np.ndarray) else value:
            yield from _trees(item, n_features, seen)
    elif hasattr(value, "get_params"):
        # The outermost estimator checks the shape of what it is given, and hands it on unchecked.
        own = vars(value).get("n_features_in_")
        known = [number for number in (n_features, own) if number is not None]
        limit = min(known) if known else None
        if isinstance(value, BaseDecisionTree) and hasattr(value, "tree_"):
            yield value.tree_, limit if limit is not None else 0
        for attribute in vars(value).values():
            yield from _trees(attribute, limit, seen)
