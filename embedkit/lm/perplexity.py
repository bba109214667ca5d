"""How well a model predicts a text."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from embedkit.lm.trie import BOS, EOS, UNK
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import EncodingProgress, encode_corpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import check_threads

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel

__all__ = ["PerplexityReport", "perplexity_report"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PerplexityReport:
    """Perplexity, and what is needed to compare two of them.

    Two figures compare only if `n_tokens` is the same, and if `n_oov` is too, since a model that knows fewer words has
    less to predict; or if all words are known.

    Attributes
    ----------
    perplexity : float
        10 to the power of the mean of the negative logarithms over all tokens, unknown words included.
    perplexity_without_oov : float
        Over the tokens that are known.
    log_prob : float
        Sum of the logarithms to base 10.
    log_prob_without_oov : float
    n_tokens : int
        Words and ends of sentences.
    n_sentences : int
    n_oov : int
        Words that the model does not know.
    vocabulary : int
        Words that it knows: without <unk>, <s> and </s>.
    seconds : float
    proper : bool
        Whether these are probabilities; False for stupid back-off, whose scores give no perplexity to compare.
    """

    perplexity: float
    perplexity_without_oov: float
    log_prob: float
    log_prob_without_oov: float
    n_tokens: int
    n_sentences: int
    n_oov: int
    vocabulary: int
    seconds: float
    proper: bool = True


def perplexity_report(
    model: "NgramModel",
    corpus: Corpus,
    *,
    tokenizer: TokenizerLike = "whitespace",
    lowercase: bool = False,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_progress: Callable[[EncodingProgress], None] | None = None,
) -> PerplexityReport:
    """Score a text, a line a sentence; lines without a word are passed over.

    Parameters
    ----------
    model : NgramModel
    corpus : Corpus
    tokenizer : str or callable
    lowercase : bool
    n_threads : int
        The result does not depend on it.
    memory : int
        Bytes of word ids above which they go to a temporary file.
    on_progress : callable, optional
        As for `encode_corpus`.

    Returns
    -------
    PerplexityReport

    Raises
    ------
    InputError
        If the text cannot be read or has no words.
    """
    n_threads = check_threads(n_threads)
    started = time.perf_counter()
    words = model.words
    with encode_corpus(
        corpus,
        tokenizer=tokenizer,
        lowercase=lowercase,
        min_count=0,
        vocabulary=Vocabulary.from_ordered(words, np.zeros(len(words), np.int64)),
        keep_unknown=True,
        n_threads=n_threads,
        memory=memory,
        on_progress=on_progress,
    ) as encoded:
        ids = encoded.ids
        ids[ids == len(words)] = UNK
        ends = np.flatnonzero(ids < 0)
        n_oov = int(np.count_nonzero(ids == UNK))
        if ((ids == BOS) | (ids == EOS)).any():
            logger.warning(
                "%s has <s> or </s> as words: each line begins and ends a sentence as it is, so that they count twice; "
                "take them out",
                corpus,
            )
        totals, known = np.empty(len(ends)), np.empty(len(ends))
        model.query.score_sentences(ids, ends, totals, known, n_threads)
    n_tokens = len(ids)  # as many ends of sentences as </s>
    if n_oov == n_tokens - len(ends):
        logger.warning("the model knows no word of %s; was it trained with the same tokenizer and case?", corpus)
    log_prob, log_prob_known = float(totals.sum()), float(known.sum())
    return PerplexityReport(
        perplexity=_perplexity(log_prob, n_tokens),
        perplexity_without_oov=_perplexity(log_prob_known, n_tokens - n_oov),
        log_prob=log_prob,
        log_prob_without_oov=log_prob_known,
        n_tokens=n_tokens,
        n_sentences=len(ends),
        n_oov=n_oov,
        vocabulary=len(words) - 3,
        seconds=time.perf_counter() - started,
        proper=model.scheme != "stupid-backoff",
    )


def _perplexity(log_prob: float, n_tokens: int) -> float:
    with np.errstate(over="ignore"):
        return float(np.float64(10.0) ** (-log_prob / n_tokens))
