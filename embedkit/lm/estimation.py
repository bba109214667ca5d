"""From counts to a language model."""

import logging
from dataclasses import asdict

import numpy as np

from embedkit._cext import ngram_trie
from embedkit.errors import ParameterError
from embedkit.lm.counting import NgramCounts
from embedkit.lm.model import NgramModel
from embedkit.lm.parameters import ADDITIVE, LanguageModelParameters
from embedkit.lm.pruning import prune_by_entropy, take_out
from embedkit.lm.smoothing.discounts import KATZ_CUTOFF, absolute, katz, modified, with_fallback
from embedkit.lm.smoothing.rule import Rule, relative, weighted, witten_bell
from embedkit.lm.trie import BOS
from embedkit.lm.walk import begins, context_totals, links_of
from embedkit.threads import check_threads

__all__ = ["estimate"]

logger = logging.getLogger(__name__)

DISCOUNTS = {
    "modified-kneser-ney": modified,
    "kneser-ney": absolute,
    "absolute-discounting": absolute,
    "katz": katz,
}


def estimate(
    counts: NgramCounts,
    parameters: LanguageModelParameters,
    *,
    vocabulary_size: int | None = None,
    n_threads: int = 1,
) -> NgramModel:
    """Estimate a language model.

    Parameters
    ----------
    counts : NgramCounts
        Used up: its arrays become those of the model.
    parameters : LanguageModelParameters
        The order is that of the counts.
    vocabulary_size : int, optional
        Words that share the uniform distribution; by default all but <s>.
    n_threads : int
        The result does not depend on it.

    Returns
    -------
    NgramModel

    Raises
    ------
    InputError
        If discounts cannot be estimated and no fallback is allowed.
    ParameterError
        If a parameter cannot work, or Jelinek-Mercer smoothing has no weights; `estimate_weights` finds some.

    Examples
    --------
    >>> from embedkit.lm.counting import count_ngrams
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> encoded = encode_corpus(Corpus.from_documents(["a rose is a rose", "a rose"]), min_count=1)
    >>> model = estimate(count_ngrams(encoded, 2), LanguageModelParameters(order=2, smoothing="maximum-likelihood"))
    >>> round(model.prob("is", ["rose"]), 4)
    0.3333
    """
    parameters = parameters.plain()
    n_threads = check_threads(n_threads)
    counts.check_unused()
    trie = counts.trie
    links_of(trie, n_threads, counts.store.empty(trie.n_nodes, np.uint32))
    size = trie.n_words - 1 if vocabulary_size is None else vocabulary_size
    facts = {
        **asdict(parameters),
        "order": counts.order,
        "interpolated": parameters.interpolates,
        "n_tokens": counts.n_tokens,
        "n_sentences": counts.n_sentences,
    }
    if parameters.smoothing in ADDITIVE:
        return _additive(counts, parameters, size, facts)
    if parameters.smoothing == "stupid-backoff":
        levels = [relative()] * counts.order
        model = _backed_off(counts, levels, None, size, False, False, facts, n_threads, scheme="stupid-backoff")
        model.log_backoff[:] = np.log10(parameters.alpha)
        return model
    keep = _kept(counts, parameters.thresholds(counts.order))
    if parameters.smoothing in ("modified-kneser-ney", "kneser-ney"):
        _count_contexts(counts, n_threads)
    levels = _rules(counts, parameters)
    facts["discounts"] = [rule.discounts[1:].tolist() for rule in levels]
    if parameters.smoothing == "jelinek-mercer":
        facts["weights"] = [rule.weight for rule in levels]
    model = _backed_off(
        counts,
        levels,
        keep,
        size,
        parameters.interpolates,
        parameters.interpolate_unigrams,
        facts,
        n_threads,
    )
    if keep is not None:
        take_out(model, keep)
    if parameters.entropy_threshold is not None:
        prune_by_entropy(model, parameters.entropy_threshold)
    return model


def _kept(counts: NgramCounts, thresholds: list[int]) -> np.ndarray | None:
    """Which nodes occur more often than the threshold of their order; None if all do."""
    if not any(thresholds):
        return None
    trie = counts.trie
    keep = np.ones(trie.n_nodes, np.uint8)
    for n in range(2, counts.order + 1):
        begin, end = trie.level(n)
        keep[begin:end] = counts.totals[begin:end] > thresholds[n - 1]
    return keep


def _count_contexts(counts: NgramCounts, n_threads: int) -> None:
    """Replace counts below the highest order by the number of different words before the n-gram.

    An n-gram that begins with <s> has no word before it, and keeps its count (Kneser and Ney 1995; Chen and Goodman
    1999, section 2.7).
    """
    trie = counts.trie
    for n, (begin, end) in zip(range(1, counts.order), begins(trie), strict=False):
        counts.totals[trie.starts[n] : begin] = 0
        counts.totals[end : trie.starts[n + 1]] = 0
        ngram_trie.count_links(trie.link, *trie.level(n + 1), counts.totals, n_threads)


def _rules(counts: NgramCounts, parameters: LanguageModelParameters) -> list[Rule]:
    """The rule of each order."""
    name = parameters.smoothing
    if name == "witten-bell":
        return [witten_bell()] * counts.order
    if name == "jelinek-mercer":
        if parameters.weights is None:
            raise ParameterError(
                "weights=None: jelinek-mercer needs a weight for each order; estimate_weights finds some"
            )
        return [weighted(weight) for weight in list(parameters.weights)[: counts.order]]
    if parameters.discount is not None:
        given = parameters.discount
        values = [given] if isinstance(given, int | float) else list(given)
        return [Rule(np.array([0.0, *values]))] * counts.order
    levels = []
    for n in range(1, counts.order + 1):
        tallies = np.zeros(KATZ_CUTOFF + 2, np.int64)
        begin, end = counts.trie.level(n)
        ngram_trie.tally(counts.totals, begin, end, tallies)
        if n == 1 and counts.totals[1 + BOS] < len(tallies):
            tallies[counts.totals[1 + BOS]] -= 1
        levels.append(with_fallback(name, DISCOUNTS[name], n, tallies, allowed=parameters.discount_fallback))
    return levels


def _backed_off(
    counts: NgramCounts,
    levels: list[Rule],
    keep: np.ndarray | None,
    size: int,
    interpolated: bool,
    interpolate_unigrams: bool,
    facts: dict[str, object],
    n_threads: int,
    scheme: str = "backoff",
) -> NgramModel:
    """Probabilities and back-off weights of all n-grams, order by order."""
    trie, totals = counts.trie, counts.take_totals()
    values = totals.view(np.float64)  # a count makes room for its probability
    backoff = counts.store.empty(int(trie.starts[trie.order]), np.float64)
    backoff[0] = 1.0
    values[1 : trie.starts[2]] = _unigrams(totals[1 : trie.starts[2]], levels[0], size, interpolate_unigrams)
    for n in range(2, trie.order + 1):
        rule = levels[n - 1]
        ngram_trie.estimate_children(
            trie.first,
            trie.link,
            keep,
            values,
            backoff,
            *trie.level(n - 1),
            rule.discounts,
            rule.kind,
            rule.weight,
            interpolated,
            n_threads,
        )
    values[0] = 1.0
    ngram_trie.to_log10(values, 0, len(values), n_threads)
    ngram_trie.to_log10(backoff, 0, len(backoff), n_threads)
    return NgramModel(counts.words, trie, values, backoff, scheme=scheme, facts=facts)


def _unigrams(counts: np.ndarray, rule: Rule, size: int, interpolated: bool) -> np.ndarray:
    """Probabilities of the words. That of <s> is 1, as KenLM has it: it is given, not predicted."""
    counts = counts.copy()
    counts[BOS] = 0
    shares, mass = rule.root(counts)
    if interpolated:
        shares += mass / size
    else:
        absent = counts == 0
        absent[BOS] = False
        if absent.any():
            shares[absent] = mass / np.count_nonzero(absent)
        else:
            # All words occur: no other is there to leave the mass to. Where all was discounted away, they are equal.
            words = ~absent
            words[BOS] = False
            shares = shares / shares.sum() if shares.sum() > 0 else words / np.count_nonzero(words)
    shares[BOS] = 1.0
    return shares


def _additive(
    counts: NgramCounts, parameters: LanguageModelParameters, size: int, facts: dict[str, object]
) -> NgramModel:
    """Add a constant to each count, or nothing: no order looks at a shorter one.

    ``p(w|h) = (c(hw) + gamma) / (c(h) + gamma V)``, with V words besides <s>: Lidstone's law, Laplace's with gamma 1,
    and the maximum likelihood estimate with gamma 0 (Manning and Schütze 1999, sections 6.2.1 and 6.2.2). The model
    holds, in the place of back-off weights, the probability of words that do not follow a context.
    """
    trie = counts.trie
    gamma = {"laplace": 1.0, "maximum-likelihood": 0.0}.get(parameters.smoothing, parameters.gamma)
    facts["gamma"] = gamma
    contexts = context_totals(counts).astype(np.float64)
    totals = counts.take_totals()
    values = totals.view(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        floors = np.log10(gamma / (contexts + gamma * size))
        # Every word follows the empty context: its place is for contexts that the text does not have.
        floors[0] = -np.log10(size) if gamma else np.nan
        for n in range(trie.order, 0, -1):
            begin, end = trie.level(n)
            parents = trie.parents(n)
            values[begin:end] = np.log10((totals[begin:end] + gamma) / (contexts[parents] + gamma * size))
    values[0] = values[1 + BOS] = 0.0
    return NgramModel(counts.words, trie, values, floors, scheme="additive", facts=facts)
