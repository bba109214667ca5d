"""From a corpus to a language model: reading, counting, estimating."""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from embedkit.checks import check_flag, check_integer
from embedkit.errors import InputError
from embedkit.lm.counting import CountingProgress, NgramCounts, count_ngrams
from embedkit.lm.estimation import estimate
from embedkit.lm.model import NgramModel
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.smoothing.jelinek_mercer import estimate_weights
from embedkit.lm.trie import SYMBOLS, UNK
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import EncodedCorpus, EncodingProgress, encode_corpus
from embedkit.text.tokenizers import TokenizerLike, name_of
from embedkit.text.vocabulary import Vocabulary

__all__ = ["HELD_OUT_EVERY", "TextSettings", "TrainedLanguageModel", "load_word_list", "train_language_model"]

HELD_OUT_EVERY = 20
"""Of so many sentences one estimates the weights of Jelinek-Mercer smoothing, where no held-out text is given."""


@dataclass(frozen=True)
class TextSettings:
    """Which words of a text a model knows, and how they are cut.

    Attributes
    ----------
    tokenizer : str or callable
    lowercase : bool
    min_count : int
        Words that occur less often count as <unk>.
    max_vocab : int, optional
        At most so many words, the most frequent; the others count as <unk>.
    vocabulary : Vocabulary, optional
        A closed vocabulary: the words, whether they occur or not; all others count as <unk>.
    skip_symbols : bool
        Leave out <unk>, <s> and </s> where they are words of the text.
    """

    tokenizer: TokenizerLike = "whitespace"
    lowercase: bool = False
    min_count: int = 1
    max_vocab: int | None = None
    vocabulary: Vocabulary | None = None
    skip_symbols: bool = False


@dataclass(eq=False)
class TrainedLanguageModel:
    """A model and how it came about."""

    model: NgramModel
    n_words: int
    n_sentences: int
    n_unknown: int
    spilled_bytes: int
    seconds: dict[str, float] = field(default_factory=dict)


def train_language_model(
    corpus: Corpus,
    parameters: LanguageModelParameters,
    text: TextSettings | None = None,
    *,
    held_out: Corpus | None = None,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_reading: Callable[[EncodingProgress], None] | None = None,
    on_read: Callable[[EncodedCorpus], None] | None = None,
    on_counting: Callable[[CountingProgress], None] | None = None,
    on_counts: Callable[[NgramCounts], None] | None = None,
) -> TrainedLanguageModel:
    """Train a language model; the result depends neither on the threads nor on the memory.

    Parameters
    ----------
    corpus : Corpus
        A document is a sentence; one without a word is passed over.
    parameters : LanguageModelParameters
    text : TextSettings, optional
    held_out : Corpus, optional
        Estimates the weights of Jelinek-Mercer smoothing; by default, one in 20 sentences of the corpus does, against
        the counts of the others, before all are counted.
    n_threads : int
    memory : int
        Bytes that ids, n-grams and model may take before temporary files hold them.
    on_reading, on_counting : callable, optional
        Called with how far reading and counting are.
    on_read, on_counts : callable, optional
        Called with the ids, and with the counts, before they are used up.

    Returns
    -------
    TrainedLanguageModel

    Raises
    ------
    InputError
        If the corpus cannot be read, has no words, or too few to estimate discounts without a fallback.
    OutputError
        If there is no room for temporary files.
    ParameterError
        If a parameter cannot work.
    """
    text = text or TextSettings()
    parameters = given = parameters.plain()
    check_flag("skip_symbols", text.skip_symbols)
    check_integer("memory", memory, 0)
    settings: dict[str, Any] = {"n_threads": n_threads, "memory": memory}
    with _encode(corpus, text, on_progress=on_reading, memory=memory // 4, n_threads=n_threads) as encoded:
        if on_read is not None:
            on_read(encoded)
        read = encoded.seconds
        started = time.perf_counter()
        if parameters.smoothing == "jelinek-mercer" and parameters.weights is None:
            parameters = _weighted(encoded, corpus, parameters, text, held_out, settings)
        counts = _count(encoded, parameters.order, text, on_progress=on_counting, **settings)
        n_words = encoded.n_words
    if on_counts is not None:
        on_counts(counts)
    counted = time.perf_counter()
    n_sentences, n_unknown = counts.n_sentences, int(counts.totals[1 + UNK])
    model = estimate(counts, parameters, n_threads=n_threads)
    # Weights that were estimated are no parameter: the next text has others.
    tokenizer = name_of(text.tokenizer) or text.tokenizer
    model.facts |= {"tokenizer": tokenizer, "lowercase": text.lowercase, "parameters": asdict(given)}
    seconds = {"reading": read, "counting": counted - started, "estimating": time.perf_counter() - counted}
    return TrainedLanguageModel(model, n_words, n_sentences, n_unknown, counts.store.spilled_bytes, seconds)


def load_word_list(path: str | os.PathLike[str]) -> Vocabulary:
    """Read a closed vocabulary: lines of a word, or of a word and its count; white space and empty lines do not matter.

    Raises
    ------
    FormatError
        If a line is something else, or a word comes twice.
    InputError
        If the file is missing or holds no word.
    """
    vocabulary = Vocabulary.load(path, bare=True)
    if not len(vocabulary):
        raise InputError(f"{path} has no words; expected one a line")
    return vocabulary


def _encode(corpus: Corpus, text: TextSettings, **settings: Any) -> EncodedCorpus:
    """All words of a corpus as ids, or those of a closed vocabulary; <unk>, <s> and </s> in either case."""
    known = text.vocabulary
    if known is not None:
        symbols = [symbol for symbol in SYMBOLS if symbol not in known]
        known = Vocabulary.from_ordered(
            [*known.words, *symbols], np.concatenate([known.counts, np.zeros(len(symbols), np.int64)])
        )
    return encode_corpus(
        corpus,
        tokenizer=text.tokenizer,
        lowercase=check_flag("lowercase", text.lowercase),
        min_count=0,
        vocabulary=known,
        keep_unknown=True,
        **settings,
    )


def _count(encoded: EncodedCorpus, order: int, text: TextSettings, **settings: Any) -> NgramCounts:
    """N-grams over the words that a model is to know."""
    closed = text.vocabulary is not None
    return count_ngrams(
        encoded,
        order,
        min_count=0 if closed else text.min_count,
        max_vocab=None if closed else text.max_vocab,
        skip_symbols=text.skip_symbols,
        **settings,
    )


def _weighted(
    encoded: EncodedCorpus,
    corpus: Corpus,
    parameters: LanguageModelParameters,
    text: TextSettings,
    held_out: Corpus | None,
    settings: dict[str, Any],
) -> LanguageModelParameters:
    """The parameters with weights from held-out text."""

    def count(part: EncodedCorpus, ids: np.ndarray, n_documents: int, order: int) -> NgramCounts:
        # The order of a part is no news; that of all of the text will be told.
        longest = int(np.diff(np.flatnonzero(ids < 0), prepend=-1).max()) + 1
        part = replace(part, ids=ids, n_documents=n_documents, _store=None)
        return _count(part, min(order, longest), text, **settings)

    if held_out is not None:
        with _encode(held_out, replace(text, vocabulary=encoded.vocabulary), **settings) as other:
            training = count(encoded, encoded.ids, encoded.n_documents, parameters.order)
            testing = count(other, other.ids, other.n_documents, training.order)
    else:
        ends = np.flatnonzero(encoded.ids < 0)
        if len(ends) < 2:
            raise InputError(
                f"{corpus} has one sentence, too few to hold one out for the weights of jelinek-mercer; give held-out "
                "text (--held-out FILE, held_out=), or the weights themselves"
            )
        every = min(HELD_OUT_EVERY, len(ends))
        lengths = np.diff(ends, prepend=-1)
        chosen = np.repeat(np.arange(len(ends)) % every == every - 1, lengths)
        n_chosen = len(ends) // every
        training = count(encoded, encoded.ids[~chosen], len(ends) - n_chosen, parameters.order)
        testing = count(encoded, encoded.ids[chosen], n_chosen, training.order)
    weights = estimate_weights(training, testing)
    return replace(parameters, weights=[*weights, *[0.0] * (parameters.order - len(weights))])
