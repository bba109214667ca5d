"""Linear mixtures of language models: the weights by EM, and one model that stands for the mixture."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from embedkit.errors import InputError, ParameterError
from embedkit.lm.model import NgramModel
from embedkit.lm.pruning import backoff_weights
from embedkit.lm.queries import NgramQueries, Text
from embedkit.lm.trie import BOS, EOS, LOG_ZERO, UNK
from embedkit.lm.union import log_probs_on, own_words, union_trie, unknown_share
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import check_threads

__all__ = ["Mixture", "mix_models", "mixture_weights"]

logger = logging.getLogger(__name__)

ROUNDS = 500
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Mixture:
    """Weights that EM found, and what the text says of them.

    Attributes
    ----------
    weights : list of float
        Of each model; they sum to 1.
    perplexity : float
        Of the text by the mixture.
    perplexities : list of float
        By each model alone, over the words that all of the models know together.
    rounds : int
    """

    weights: list[float]
    perplexity: float
    perplexities: list[float]
    rounds: int


def mixture_weights(
    models: Sequence[NgramQueries],
    corpus: "Corpus | str | Iterable[Text]",
    *,
    tokenizer: TokenizerLike = "whitespace",
    lowercase: bool = False,
    n_threads: int = 1,
) -> Mixture:
    """Weights under which a mixture predicts a text best, by EM (Jelinek and Mercer 1980).

    A word that a model does not know, but another does, has a share of the probability that the model gives to <unk>:
    the same for each such word, and for <unk> itself.

    Parameters
    ----------
    models : sequence of NgramModel or NgramLanguageModel
    corpus : str, path, Corpus or iterable of texts
        A line is a sentence.
    tokenizer : str or callable
    lowercase : bool
    n_threads : int

    Returns
    -------
    Mixture

    Raises
    ------
    InputError
        If the text cannot be read or has no words.
    ParameterError
        If there are less than two models, or one is no model that backs off by weights.

    Examples
    --------
    >>> from embedkit.lm import NgramLanguageModel
    >>> news = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the market fell", "the market rose"])
    >>> talk = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat"])
    >>> found = mixture_weights([news.model_, talk.model_], Corpus.from_documents(["the market sat"]))
    >>> round(sum(found.weights), 6), found.perplexity <= min(found.perplexities)
    (1.0, True)
    """
    n_threads = check_threads(n_threads)
    corpus = Corpus.from_any(corpus)
    asked = _checked(models)
    words, ids = _union(asked)
    with encode_corpus(
        corpus,
        tokenizer=tokenizer,
        lowercase=lowercase,
        min_count=0,
        vocabulary=Vocabulary.from_ordered(words, np.zeros(len(words), np.int64)),
        keep_unknown=True,
        n_threads=n_threads,
    ) as encoded:
        text = encoded.ids.copy()
    text[text == len(words)] = UNK
    probabilities = np.stack(
        [_of_text(model, there, text, len(words)) for model, there in zip(asked, ids, strict=True)]
    )
    weights = np.full(len(models), 1.0 / len(models))
    for rounds in range(1, ROUNDS + 1):  # noqa: B007
        shares = weights[:, None] * probabilities
        total = shares.sum(axis=0)
        if not total.all():
            raise InputError(f"all models give a word of {corpus} the probability 0; choose a smoothing that does not")
        before, weights = weights, (shares / total).mean(axis=1)
        if np.abs(weights - before).max() < TOLERANCE:
            break
    return Mixture(
        [float(one) for one in weights],
        _perplexity(weights @ probabilities),
        [_perplexity(one) for one in probabilities],
        rounds,
    )


def mix_models(
    models: Sequence[NgramQueries],
    weights: Sequence[float],
    *,
    n_threads: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> NgramModel:
    """One back-off model for a linear mixture.

    It has the n-grams of all models; the probability of each is the mixture's, and the back-off weights are such that
    the probabilities behind each context sum to 1 (Stolcke 2002, SRILM, section 3.2.3, static interpolation). Where an
    n-gram is in none of them, it backs off, which is close to the mixture and not the same.

    Parameters
    ----------
    models : sequence of NgramModel or NgramLanguageModel
    weights : sequence of float
        From 0, with the sum 1.
    n_threads : int
    on_progress : callable, optional
        Called with the share of the orders that is done.

    Returns
    -------
    NgramModel

    Raises
    ------
    ParameterError
        If there are less than two models, one does not back off by weights, or the weights do not fit.

    Examples
    --------
    >>> from embedkit.lm import NgramLanguageModel
    >>> news = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the market fell", "the market rose"])
    >>> talk = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat"])
    >>> mixed = mix_models([news.model_, talk.model_], [0.5, 0.5])
    >>> round(mixed.prob("market", ["the"]), 3), round(mixed.prob("cat", ["the"]), 3)
    (0.376, 0.31)
    """
    n_threads = check_threads(n_threads)
    asked = _checked(models)
    try:
        shares = np.asarray(weights, float)
    except (TypeError, ValueError):
        shares = np.empty(0)
    if shares.shape != (len(asked),) or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise ParameterError(f"weights={weights!r}: expected {len(asked)} numbers from 0, with the sum 1")
    shares = shares / shares.sum()
    words, ids = _union(asked)
    trie = union_trie([model.trie for model in asked], ids, len(words), n_threads)
    mixed = np.zeros(trie.n_nodes)
    for place, (model, there, share) in enumerate(zip(asked, ids, shares.tolist(), strict=True)):
        if share:
            mixed += share * 10.0 ** log_probs_on(trie, model, there)
        if on_progress is not None:
            on_progress((place + 1) / (len(asked) + 1))
    with np.errstate(divide="ignore"):
        log_prob = np.maximum(np.log10(mixed), LOG_ZERO)
    log_prob[0] = log_prob[1 + BOS] = 0.0
    backoff = backoff_weights(trie, log_prob)
    facts = {"smoothing": "mixture", "weights": shares.tolist(), "order": trie.order}
    for name in ("tokenizer", "lowercase"):
        values = [model.facts.get(name) for model in asked]
        if values[0] is not None and values.count(values[0]) == len(values):
            facts[name] = values[0]
    return NgramModel(words, trie, log_prob, backoff, facts=facts)


def _perplexity(probabilities: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return float(10 ** -np.log10(probabilities).mean())


def _checked(models: Sequence[NgramQueries]) -> list[NgramModel]:
    """The models to ask, if they can be mixed."""
    if len(models) < 2:
        raise ParameterError(f"{len(models)} models: expected two or more to mix")
    asked = []
    for model in models:
        if not isinstance(model, NgramQueries):
            raise ParameterError(f"{model!r} is no language model; load_model gives that of a file")
        asked.append(model._model())
        if asked[-1].scheme != "backoff":
            raise ParameterError(
                f"a model of {asked[-1].facts.get('smoothing', asked[-1].scheme)} cannot be mixed: expected models "
                "that back off by weights"
            )
    return asked


def _union(models: Sequence[NgramModel]) -> tuple[list[str], list[np.ndarray]]:
    """Words of all models, and the id of each model's words among them."""
    index: dict[str, int] = {}
    ids = [np.array([index.setdefault(word, len(index)) for word in model.words], np.int64) for model in models]
    return list(index), ids


def _of_text(model: NgramModel, ids: np.ndarray, text: np.ndarray, n_words: int) -> np.ndarray:
    """Probability of each word of a text, and of </s> at the end of each sentence, by a model alone."""
    known, foreign = own_words(ids, n_words)
    ends = text < 0
    own = np.where(ends, EOS, known[text])
    begins = np.flatnonzero(np.concatenate([[True], ends[:-1]]))
    stream = np.insert(own, begins, BOS).astype(np.int32)
    log_probs = np.empty(len(stream))
    model.query.score_words(stream, 0, 0, log_probs, np.empty(len(stream), np.uint8))
    log_probs = np.delete(log_probs, begins + np.arange(len(begins)))
    return np.asarray(10.0 ** (log_probs + np.where(foreign[text] & ~ends, unknown_share(model, n_words), 0.0)))
