"""What a language model is asked: scores, states, next words, generated text, perplexity."""

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embedkit.checks import check_integer, check_number
from embedkit.errors import InputError, ParameterError
from embedkit.lm.trie import BOS, EOS, SYMBOLS, UNK

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel
    from embedkit.lm.perplexity import PerplexityReport
    from embedkit.text.corpus import Corpus
    from embedkit.text.tokenizers import TokenizerLike

__all__ = ["NgramQueries", "State", "Text", "WordScore", "cut_texts"]

logger = logging.getLogger(__name__)

Text = str | Sequence[str]
"""A string, cut into words as the training text was, or the words themselves; empty ones are left out."""


class State(NamedTuple):
    """What a model remembers of the words so far.

    Attributes
    ----------
    node : int
        Of the trie: the longest end of the words that it holds.
    length : int
        How many words of context there are, at most the order less one.
    """

    node: int
    length: int


class WordScore(NamedTuple):
    """What `full_scores` says of a word.

    Attributes
    ----------
    log_prob : float
        To base 10.
    ngram_length : int
        Of the longest n-gram of the model that ends in the word.
    oov : bool
        Whether the word is not in the vocabulary.
    """

    log_prob: float
    ngram_length: int
    oov: bool


class NgramQueries(ABC):
    """Questions to a language model; the classes that can be asked derive from it.

    A text is a string, which is cut as the training text was (at white space, if the model does not say), or a sequence
    of words. Logarithms are to base 10.
    """

    @abstractmethod
    def _model(self) -> "NgramModel":
        """The model to ask."""

    @property
    def n_ngrams(self) -> list[int]:
        """Number of n-grams of order 1, 2, ..."""
        return self._model().trie.n_ngrams

    @property
    def words(self) -> list[str]:
        """All words by id, <unk>, <s> and </s> first."""
        return self._model().word_table.words

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._id(word) != UNK

    def score(self, text: Text, *, bos: bool = True, eos: bool = True) -> float:
        """Logarithm of the probability of a text.

        Parameters
        ----------
        text : str or sequence of str
        bos, eos : bool
            Whether the text begins and ends a sentence: <s> before it, and </s> behind it counted in.

        Returns
        -------
        float
            To base 10; minus infinity if a word is impossible.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat", "the dog sat"])
        >>> round(model.score("the cat sat"), 3), round(model.score(["the", "cow", "sat"]), 3)
        (-0.972, -2.418)
        """
        model = self._model()
        if type(text) is str and text.isascii() and not model.cuts_otherwise:
            return model.query.score(text, False, bos, eos)
        return model.query.score(*self._encoded(text), bos, eos)

    def scores(
        self, texts: Iterable[Text], *, bos: bool = True, eos: bool = True, n_jobs: int | None = None
    ) -> np.ndarray:
        """`score` of each text.

        Parameters
        ----------
        texts : iterable of str or of sequences of str
        bos, eos : bool
        n_jobs : int, optional
            Threads; None is 1 and -1 all processors.

        Returns
        -------
        ndarray of float64, (n_texts,)
        """
        from embedkit.threads import threads_of_jobs

        if isinstance(texts, str):
            raise InputError(f"{texts[:60]!r} is a single text; score takes one, scores a list of them")
        texts = list(texts)
        model = self._model()
        if model.cuts_otherwise:
            places = [i for i, text in enumerate(texts) if isinstance(text, str)]
            cut = cut_texts([str(texts[i]) for i in places], *model.text_settings)
            for i, words in zip(places, cut, strict=True):
                texts[i] = words
        encoded = [self._encoded(text) for text in texts]
        totals = np.empty(len(encoded))
        tokens = np.fromiter((one for _, one in encoded), np.uint8, len(encoded))
        model.query.score_texts([text for text, _ in encoded], tokens, bos, eos, totals, threads_of_jobs(n_jobs))
        return totals

    def full_scores(self, text: Text, *, bos: bool = True, eos: bool = True) -> list[WordScore]:
        """Score of each word, and of </s> if `eos`, in the order of the text.

        Returns
        -------
        list of WordScore
            Logarithm of the probability, length of the n-gram that matched, whether the word is unknown.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat", "the dog sat"])
        >>> [(round(word.log_prob, 2), word.ngram_length, word.oov) for word in model.full_scores("the cow")]
        [(-0.13, 2, False), (-1.49, 1, True), (-0.66, 1, False)]
        """
        ids = np.array([*self._ids(text), *([EOS] if eos else [])], np.int32)
        log_probs, lengths = np.empty(len(ids)), np.empty(len(ids), np.uint8)
        start = self.begin_state() if bos else self.null_state()
        self._model().query.score_words(ids, *start, log_probs, lengths)
        return [
            WordScore(log_prob, length, word == UNK)
            for log_prob, length, word in zip(log_probs.tolist(), lengths.tolist(), ids.tolist(), strict=True)
        ]

    def begin_state(self) -> State:
        """The state at the begin of a sentence, behind <s>."""
        return State(*self._model().query.begin())

    def null_state(self) -> State:
        """The state that knows nothing of what came before."""
        return State(0, 0)

    def advance(self, state: State, word: str) -> tuple[float, State]:
        """Let a word follow a state: the logarithm of its probability, and the state behind it.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=3).fit(["the cat sat on the mat"] * 3)
        >>> total, state = 0.0, model.begin_state()
        >>> for word in ["the", "cat", "</s>"]:
        ...     log_prob, state = model.advance(state, word)
        ...     total += log_prob
        >>> abs(total - model.score("the cat")) < 1e-9
        True
        """
        log_prob, _, node, length = self._model().query.step(*_state(state), self._id(word))
        return log_prob, State(node, length)

    def state(self, context: Text, *, bos: bool = False) -> State:
        """The state behind some words."""
        ids = np.array(self._ids(context), np.int32)
        start = self.begin_state() if bos else self.null_state()
        nothing = np.empty(len(ids)), np.empty(len(ids), np.uint8)
        return State(*self._model().query.score_words(ids, *start, *nothing))

    def prob(self, word: str, context: Text = (), *, bos: bool = False) -> float:
        """Probability of a word behind a context.

        Parameters
        ----------
        word : str
        context : str or sequence of str
            Only its last words matter, one less than the order.
        bos : bool
            Whether the context begins a sentence.

        Returns
        -------
        float
            For stupid back-off a score: those of all words do not sum to 1.

        Raises
        ------
        InputError
            For maximum likelihood, if the context does not occur in the training text: the estimate is 0 / 0.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=2, smoothing="maximum-likelihood").fit(["a b", "a c", "a c"])
        >>> round(model.prob("c", ["a"]), 4)
        0.6667
        """
        if word == SYMBOLS[BOS]:
            return 0.0  # it is given, never predicted
        log_prob, _ = self.advance(self.state(context, bos=bos), word)
        if math.isnan(log_prob):
            shown = context if isinstance(context, str) else " ".join(context)
            raise InputError(
                f"the context {shown!r} is not in the training text: its maximum likelihood estimate is 0 / 0, not "
                "defined; choose a smoothing method that backs off"
            )
        return float(10.0**log_prob)

    def distribution(self, state: State) -> np.ndarray:
        """Probabilities of all words behind a state: ndarray of float64, (n_words,), by id; that of <s> is 0.

        Raises
        ------
        InputError
            For maximum likelihood, if the context does not occur in the training text.
        """
        model = self._model()
        trie = model.trie
        state = _state(state)
        if not 0 <= state.node < trie.starts[trie.order]:
            raise ValueError(f"{state}: no state of this model")
        chain = [state.node]
        while chain[-1]:
            chain.append(int(trie.link[chain[-1]]))
        levels = [int(np.searchsorted(trie.starts, node, side="right")) - 1 for node in chain]
        if model.scheme == "additive":
            complete = levels[0] == state.length
            floor = float(model.log_backoff[state.node if complete else 0])
            if math.isnan(floor) and (state.node or state.length):
                raise InputError(
                    "the context is not in the training text: its maximum likelihood estimate is 0 / 0, not defined; "
                    "choose a smoothing method that backs off"
                )
            result = np.full(trie.n_words, 10.0**floor)
            chain, levels = (chain[:1], levels[:1]) if complete else ([], [])
        else:
            begin, end = trie.level(1)
            result = 10.0 ** model.probs(begin, end, 1).astype(np.float64)
        for node, level in zip(chain[::-1], levels[::-1], strict=True):
            if model.scheme == "backoff" and node:
                result *= 10.0 ** float(model.backoffs(node, node + 1, level)[0])
            elif model.scheme == "stupid-backoff" and node:
                result *= 10.0 ** (float(model.log_backoff[0]) * (level - levels[chain.index(node) + 1]))
            begin, end = int(trie.first[node]), int(trie.first[node + 1])
            result[trie.words[begin:end]] = 10.0 ** model.probs(begin, end, level + 1).astype(np.float64)
        if model.scheme == "stupid-backoff":
            # Each shorter context costs the factor, whether the longer one occurs or not.
            missing = state.length - levels[0]
            result *= 10.0 ** (float(model.log_backoff[0]) * missing)
        result[BOS] = 0.0
        return result

    def next_words(self, context: Text = (), *, k: int = 10, bos: bool = False) -> list[tuple[str, float]]:
        """The most probable words behind a context, with their probabilities; </s> may be among them.

        Parameters
        ----------
        context : str or sequence of str
        k : int
            How many at most; <unk>, and words with the probability 0, are never among them.
        bos : bool
            Whether the context begins a sentence.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat", "the dog sat"])
        >>> [word for word, _ in model.next_words(["sat"], k=2)]
        ['</s>', 'sat']
        """
        check_integer("k", k, 1)
        probabilities = self.distribution(self.state(context, bos=bos))
        probabilities[UNK] = 0.0
        k = min(k, int(np.count_nonzero(probabilities)))
        best = np.argpartition(-probabilities, k - 1)[:k] if k else np.empty(0, np.int64)
        best = best[np.lexsort((best, -probabilities[best]))]
        words = self._model().word_table
        return [(words[i], float(probabilities[i])) for i in best.tolist()]

    def generate(
        self,
        prompt: Text = (),
        *,
        n: int = 1,
        max_words: int = 50,
        temperature: float = 1.0,
        beam: int | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> list[list[str]]:
        """Sentences that begin with a prompt.

        Parameters
        ----------
        prompt : str or sequence of str
            Begins a sentence.
        n : int
            How many sentences.
        max_words : int
            Words of a sentence at most, the prompt not counted.
        temperature : float
            Probabilities are raised to its inverse before drawing: below 1, frequent words become more frequent.
        beam : int, optional
            Search for the most probable sentences instead of drawing, with so many candidates at a time.
        random_state : int or Generator, optional

        Returns
        -------
        list of list of str
            Words behind the prompt, without </s>; never <unk>. The most probable first, if they are searched for.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=3).fit(["the cat sat on the mat", "the dog sat on the rug"] * 5)
        >>> model.generate("the cat", beam=4)
        [['sat', 'on', 'the', 'mat']]
        """
        from embedkit.lm.generation import draw_sentences, search_sentences

        check_integer("n", n, 1)
        check_integer("max_words", max_words, 1)
        start = self.state(prompt, bos=True)
        if beam is not None:
            check_integer("beam", beam, 1)
            if n > beam:
                raise ParameterError(f"n={n}: a beam of {beam} finds no more than {beam} sentences; raise beam")
            return search_sentences(self, start, n, max_words, beam)
        temperature = check_number("temperature", temperature, 0.0, strict=True)
        return draw_sentences(self, start, n, max_words, temperature, np.random.default_rng(random_state))

    def evaluate(self, texts: "Corpus | str | Iterable[Text]", *, n_jobs: int | None = None) -> "PerplexityReport":
        """Perplexity of texts, with and without unknown words, and the counts behind it.

        Parameters
        ----------
        texts : str, path, Corpus or iterable of texts
            A string or path names a file, a directory or a glob, in which a line is a sentence.
        n_jobs : int, optional
            Threads; None is 1 and -1 all processors.

        Returns
        -------
        PerplexityReport

        Raises
        ------
        InputError
            If the texts are missing, empty or wrongly encoded.
        """
        from embedkit.lm.perplexity import perplexity_report
        from embedkit.text.corpus import Corpus
        from embedkit.threads import threads_of_jobs

        model = self._model()
        tokenizer, lowercase = model.text_settings
        return perplexity_report(
            model,
            Corpus.from_any(texts, encoding_errors=getattr(self, "encoding_errors", "strict")),
            tokenizer=tokenizer,
            lowercase=lowercase,
            n_threads=threads_of_jobs(n_jobs),
        )

    def perplexity(self, texts: "Corpus | str | Iterable[Text]", *, n_jobs: int | None = None) -> float:
        """Perplexity of texts, unknown words counted in; `evaluate` tells more.

        Examples
        --------
        >>> from embedkit.lm import NgramLanguageModel
        >>> model = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["the cat sat", "the dog sat"])
        >>> round(model.perplexity(["the cat sat", "the dog sat"]), 3)
        1.75
        """
        return self.evaluate(texts, n_jobs=n_jobs).perplexity

    def _encoded(self, text: Text) -> tuple[bytes, bool]:
        """A text for the kernel, and whether words stand between NUL rather than white space."""
        if not isinstance(text, str):
            try:
                text = list(text)
                words = "\0".join(text)
            except TypeError:
                raise InputError(f"{text!r:.60} is no text: expected a string or a list of words") from None
            if words.count("\0") >= max(1, len(text)):
                words = "\0".join(word.replace("\0", "\N{REPLACEMENT CHARACTER}") for word in text)
            if " " in words:
                self._warn_of_spaces(text)
            return words.encode(errors="replace"), True
        model = self._model()
        if model.cuts_otherwise:
            return "\0".join(cut_texts([text], *model.text_settings)[0]).encode(errors="replace"), True
        return (text if text.isascii() else " ".join(text.split())).encode(errors="replace"), False

    def _warn_of_spaces(self, words: Sequence[str]) -> None:
        """Say once that an unknown word of a list holds a space: it may be a text among several."""
        model = self._model()
        if model.warned_of_spaces:
            return
        texts = [word for word in words if " " in word and self._id(word) == UNK]
        if texts:
            model.warned_of_spaces = True
            logger.warning(
                "%r is one word of a list, though it holds a space, and is unknown: give several texts to scores, and "
                "one as a string or as a list of its words",
                texts[0][:60],
            )

    def _ids(self, text: Text) -> list[int]:
        ids: list[int] = self._model().query.word_ids(*self._encoded(text))
        return ids

    def _id(self, word: str) -> int:
        if not isinstance(word, str):
            raise InputError(f"{word!r:.60} is no word: expected a string")
        return int(self._model().query.word_id(word.encode(errors="replace")))


def _state(state: State) -> State:
    """A state, given as such or as a tuple."""
    try:
        return State(*state)
    except TypeError:
        raise InputError(f"{state!r:.60} is no state: expected what begin_state, state or advance give") from None


def cut_texts(texts: Sequence[str], tokenizer: "TokenizerLike", lowercase: bool) -> list[list[str]]:
    """Words of texts, as a training text is cut.

    Examples
    --------
    >>> cut_texts(["The cat, sat!", "..."], "words", True)
    [['the', 'cat', 'sat'], []]
    """
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import DOCUMENT_END, encode_corpus

    # One document more, since a corpus without a word would be an error.
    corpus = Corpus.from_documents([*texts, ["word"]], encoding_errors="replace")
    with encode_corpus(corpus, tokenizer=tokenizer, lowercase=lowercase, min_count=0, keep_empty=True) as encoded:
        words: list[list[str]] = [[]]
        for i in encoded.ids.tolist():
            if i == DOCUMENT_END:
                words.append([])
            else:
                words[-1].append(encoded.vocabulary.words[i])
    return words[: len(texts)]
