"""Taking n-grams out of a model: those with few occurrences, and those whose loss changes little."""

import logging

import numpy as np

from embedkit._cext import ngram_trie
from embedkit.errors import ParameterError
from embedkit.lm.model import NO_TABLE, NgramModel
from embedkit.lm.trie import BOS, EOS, LOG_ZERO, Trie
from embedkit.lm.walk import lower_order

__all__ = ["backoff_weights", "prune_by_entropy", "take_out"]

logger = logging.getLogger(__name__)

LEAST_MASS = 1e-12


def take_out(model: NgramModel, keep: np.ndarray) -> None:
    """Take nodes out of a model, in place.

    Parameters
    ----------
    model : NgramModel
        Its numbers are floats.
    keep : ndarray of uint8, (n_nodes,)
        All words are kept, and the parent of each kept node.
    """
    trie = model.trie
    keep = keep.astype(np.uint8)
    if not trie.words.flags.writeable:  # mapped to a file
        trie = Trie(trie.starts, trie.first.copy(), trie.words.copy(), trie.link.copy())
    ngram_trie.compress(trie.first, trie.words, trie.link, keep, trie.starts, np.empty(trie.n_nodes, np.uint32))
    sizes = [int(keep[begin:end].sum()) for begin, end in map(trie.level, range(trie.order + 1))]
    while sizes[-1] == 0:
        sizes.pop()
    if len(sizes) - 1 < trie.order:
        logger.warning("pruning leaves no n-grams of order %d: the order is %d", trie.order, len(sizes) - 1)
    kept = np.flatnonzero(keep)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    order = len(sizes) - 1
    inner = int(starts[order])
    model.log_prob = model.log_prob[kept]
    model.log_backoff = model.log_backoff[kept[:inner]]
    # Copies, so that the longer arrays can be let go of.
    model.trie = Trie(
        starts, trie.first[: inner + 1].copy(), trie.words[: len(kept)].copy(), trie.link[: len(kept)].copy()
    )
    model.changed()


def prune_by_entropy(model: NgramModel, threshold: float) -> None:
    """Take out the n-grams without which the perplexity grows by less than a share of `threshold`, in place.

    The longest n-grams are looked at first; one that is the beginning of a kept one is kept. What an n-gram changes is
    its context's probability times the relative entropy between the two distributions behind the context, with and
    without it (Stolcke 1998, Entropy-based pruning of backoff language models, section 3). The back-off weights of the
    contexts are computed anew.

    Parameters
    ----------
    model : NgramModel
        One that backs off by weights; it has float64 numbers afterwards.
    threshold : float
        Above 0; 1e-8 takes little out, 1e-6 most of a large model.

    Raises
    ------
    ParameterError
        If the model does not back off by weights.
    """
    if model.scheme != "backoff":
        raise ParameterError(
            f"a model of {model.facts.get('smoothing', model.scheme)} cannot be pruned: it gives no weight to shorter "
            "contexts"
        )
    trie = model.trie
    prob, backoff = model.numbers(np.float64)
    keep = np.ones(trie.n_nodes, np.uint8)
    joint = _context_probabilities(trie, prob)
    for n in range(trie.order, 1, -1):
        begin, end = trie.level(n)
        if begin == end:
            continue
        parents = trie.parents(n)
        own, lower = prob[begin:end], lower_order(trie, prob, backoff.__getitem__, n, parents)
        first = int(trie.starts[n - 1])
        seen = np.bincount(parents - first, 10.0**own, int(trie.starts[n]) - first)
        seen_lower = np.bincount(parents - first, 10.0**lower, int(trie.starts[n]) - first)
        top, bottom = 1.0 - seen[parents - first], 1.0 - seen_lower[parents - first]
        before = backoff[parents]
        with np.errstate(divide="ignore", invalid="ignore"):
            after = np.log10((top + 10.0**own) / (bottom + 10.0**lower))
            change = -(10.0 ** joint[parents]) * (
                10.0**own * (lower + after - own) + np.where(top > LEAST_MASS, top * (after - before), 0.0)
            )
        small = np.expm1(change * np.log(10.0)) < threshold
        if n < trie.order:
            starts, stops = trie.first[begin:end].astype(np.int64), trie.first[begin + 1 : end + 1].astype(np.int64)
            sums = np.concatenate([[0], np.cumsum(keep[trie.starts[n + 1] : trie.starts[n + 2]], dtype=np.int64)])
            children = sums[stops - trie.starts[n + 1]] - sums[starts - trie.starts[n + 1]]
            small &= children == 0
        keep[begin:end] = ~small
    model.log_prob, model.log_backoff = prob, backoff
    model.prob_table = model.backoff_table = NO_TABLE
    take_out(model, keep)
    model.log_backoff = backoff_weights(model.trie, model.log_prob)
    model.changed()


def backoff_weights(trie: Trie, log_prob: np.ndarray) -> np.ndarray:
    """Logarithms of the weights with which the probabilities behind each context sum to 1.

    They are ``(1 - sum p(w|h)) / (1 - sum p(w|h'))`` over the words that follow h in the model; level by level, since
    p(w|h') may itself be backed off where an n-gram is missing.

    Parameters
    ----------
    trie : Trie
    log_prob : ndarray of float64, (n_nodes,)
        Scaled in place behind a context that all words follow, where no mass is left to a weight.

    Returns
    -------
    ndarray of float64, (starts[order],)
        0 for contexts that no word follows.
    """
    result = np.zeros(int(trie.starts[trie.order]))
    for n in range(2, trie.order + 1):
        begin, end = trie.level(n)
        first, stop = trie.level(n - 1)
        parents = trie.parents(n)
        lower = lower_order(trie, log_prob, result.__getitem__, n, parents)
        size = stop - first
        seen = np.bincount(parents - first, 10.0 ** log_prob[begin:end], size)
        seen_lower = np.bincount(parents - first, 10.0**lower, size)
        followed = np.bincount(parents - first, minlength=size) > 0
        mass, room = np.maximum(1.0 - seen, 0.0), 1.0 - seen_lower
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.maximum(np.log10(mass / room), LOG_ZERO)
        full = followed & (room <= LEAST_MASS)
        weights[full] = 0.0
        level = result[first:stop]
        level[followed] = weights[followed]
        if full.any():
            log_prob[begin:end] -= np.where(full, np.log10(np.where(full, seen, 1.0)), 0.0)[parents - first]
    return result


def _context_probabilities(trie: Trie, log_prob: np.ndarray) -> np.ndarray:
    """Logarithm of the probability of each n-gram below the highest order; <s> counts as often as </s>."""
    joint = np.zeros(int(trie.starts[trie.order]))
    for n in range(1, trie.order):
        begin, end = trie.level(n)
        joint[begin:end] = joint[trie.parents(n)] + log_prob[begin:end]
        if n == 1:
            joint[1 + BOS] = log_prob[1 + EOS]
    return joint
