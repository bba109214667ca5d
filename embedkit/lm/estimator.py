"""N-gram language models as a scikit-learn estimator."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from embedkit.errors import ParameterError
from embedkit.lm.files import load_model, save_model
from embedkit.lm.model import NgramModel
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.queries import NgramQueries, Text
from embedkit.lm.training import TextSettings, load_word_list, train_language_model
from embedkit.text.corpus import Corpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import threads_of_jobs

__all__ = ["NgramLanguageModel"]


class NgramLanguageModel(NgramQueries, BaseEstimator):
    """N-gram language model: counts, smoothing, and questions to it.

    Parameters
    ----------
    order : int, default=3
        Length of the longest n-grams, 1 to 16.
    smoothing : str, default="modified-kneser-ney"
        ``"modified-kneser-ney"``, ``"kneser-ney"``, ``"absolute-discounting"``, ``"witten-bell"``,
        ``"jelinek-mercer"``, ``"katz"``, ``"lidstone"``, ``"laplace"``, ``"maximum-likelihood"`` or
        ``"stupid-backoff"``; the notes have their formulas.
    interpolated : bool, optional
        Whether n-grams that occur take a share of the probability of shorter ones, too; the methods from
        ``"modified-kneser-ney"`` to ``"witten-bell"`` allow both, and are interpolated by default.
    interpolate_unigrams : bool, default=True
        Whether words take a share of the uniform distribution; otherwise, only <unk> and words that do not occur get
        what is left.
    discount : float or sequence of float, optional
        Instead of estimated discounts; three for ``"modified-kneser-ney"``.
    discount_fallback : bool, default=True
        Where the counts of counts give no discount, use fixed ones and warn; otherwise, that is an error.
    gamma : float, default=1.0
        For ``"lidstone"``.
    alpha : float, default=0.4
        For ``"stupid-backoff"``.
    weights : sequence of float, optional
        For ``"jelinek-mercer"``, of orders 1, 2, ...; None estimates them.
    held_out : str, path, Corpus or iterable of documents, optional
        Text that estimates them; None takes one in 20 sentences.
    prune : sequence of int, optional
        N-grams of order 1, 2, ... that occur at most so often are left out: ``[0, 0, 1]`` leaves out trigrams that
        occur once. The last number serves longer n-grams.
    entropy_threshold : float, optional
        N-grams without which the perplexity grows by less than this share are left out (Stolcke 1998).
    vocabulary : Vocabulary, path or sequence of str, optional
        A closed vocabulary: other words count as <unk>. A path names a file of a word a line.
    min_count : int, default=1
        Words that occur less often count as <unk>.
    max_vocab : int, optional
        At most so many words, the most frequent.
    skip_symbols : bool, default=False
        Leave out <unk>, <s> and </s> in the text. Otherwise <unk> counts as an unknown word, and the others are an
        error.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function from a text to a list of words. Lists of words are taken as they are.
    lowercase : bool, default=False
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. The model does not depend on them.
    memory : int, default=4 GiB
        Bytes that counting and estimation may hold; more goes to temporary files.

    Attributes
    ----------
    model_ : NgramModel
        What has been learned.

    Raises
    ------
    ParameterError
        If a parameter cannot work: the value, what was expected, and what to do.
    InputError
        If the documents are missing, empty or wrongly encoded.

    Notes
    -----
    With h a context, h' the same without its first word, c(hw) the occurrences of an n-gram, c(h) their sum over all
    words behind h, and V words besides <s>:

    - ``"modified-kneser-ney"``: ``p(w|h) = (a(hw) - D(a(hw))) / a(h) + g(h) p(w|h')``. a counts occurrences in the
      highest order and behind <s>, elsewhere the different words before the n-gram; D has a value each for the counts
      1, 2, and 3 or more; g(h) is what the discounts leave. KenLM's numbers (Chen and Goodman 1999, section 3;
      Heafield et al. 2013).
    - ``"kneser-ney"``: the same with one D (Kneser and Ney 1995).
    - ``"absolute-discounting"``: the same with one D, and c for a (Ney, Essen and Kneser 1994).
    - ``"witten-bell"``: ``p(w|h) = (c(hw) + T(h) p(w|h')) / (c(h) + T(h))``, T(h) being the different words behind h
      (Witten and Bell 1991, method C).
    - ``"jelinek-mercer"``: ``p(w|h) = l c(hw) / c(h) + (1 - l) p(w|h')``, with a weight l for each order from EM on
      held-out text (Jelinek and Mercer 1980).
    - ``"katz"``: ``p(w|h) = d c(hw) / c(h)`` for what occurs, d being Good-Turing's discount ratio for counts up to 5
      and 1 beyond, and ``b(h) p(w|h')`` for what does not (Katz 1987).
    - ``"lidstone"``: ``p(w|h) = (c(hw) + gamma) / (c(h) + gamma V)``; ``"laplace"`` is that with 1,
      ``"maximum-likelihood"`` with 0, so that what did not occur is impossible, and behind a context that did not
      occur nothing is defined.
    - ``"stupid-backoff"``: ``S(w|h) = c(hw) / c(h)`` for what occurs, and ``alpha S(w|h')`` for what does not: scores,
      which do not sum to 1 (Brants et al. 2007, section 4).

    The first four can be backed off as well: the term with p(w|h') is left out for what occurs, and others have
    ``b(h) p(w|h')``, with b(h) such that all sum to 1. Order 1 goes on to the uniform distribution over V words.

    References
    ----------
    Brants, Popat, Xu, Och and Dean (2007), Large language models in machine translation.
    Chen and Goodman (1999), An empirical study of smoothing techniques for language modeling.
    Heafield, Pouzyrevsky, Clark and Koehn (2013), Scalable modified Kneser-Ney language model estimation.

    Examples
    --------
    >>> from embedkit.lm import NgramLanguageModel
    >>> lm = NgramLanguageModel(order=3, smoothing="witten-bell").fit(["the cat sat on the mat", "the cat ate"])
    >>> lm.next_words(["the", "cat"], k=2)[0][0]
    'ate'
    >>> lm.perplexity(["the cat sat"]) < lm.perplexity(["sat cat the"])
    True
    """

    def __init__(
        self,
        *,
        order: int = 3,
        smoothing: str = "modified-kneser-ney",
        interpolated: bool | None = None,
        interpolate_unigrams: bool = True,
        discount: float | Sequence[float] | None = None,
        discount_fallback: bool = True,
        gamma: float = 1.0,
        alpha: float = 0.4,
        weights: Sequence[float] | None = None,
        held_out: Any = None,
        prune: Sequence[int] | None = None,
        entropy_threshold: float | None = None,
        vocabulary: Any = None,
        min_count: int = 1,
        max_vocab: int | None = None,
        skip_symbols: bool = False,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        n_jobs: int | None = None,
        memory: int = 4 * 2**30,
    ) -> None:
        self.order = order
        self.smoothing = smoothing
        self.interpolated = interpolated
        self.interpolate_unigrams = interpolate_unigrams
        self.discount = discount
        self.discount_fallback = discount_fallback
        self.gamma = gamma
        self.alpha = alpha
        self.weights = weights
        self.held_out = held_out
        self.prune = prune
        self.entropy_threshold = entropy_threshold
        self.vocabulary = vocabulary
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.skip_symbols = skip_symbols
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.n_jobs = n_jobs
        self.memory = memory

    def fit(self, X: Corpus | str | os.PathLike[str] | Iterable[Text], y: Any = None) -> Self:
        """Learn a model from sentences.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            A string or path names a file, a directory or a glob, in which a line is a sentence. Any other iterable
            yields sentences, each a string or a list of words; it is read once.
        y : ignored

        Returns
        -------
        self
        """
        parameters = LanguageModelParameters(
            **{name: getattr(self, name) for name in LanguageModelParameters.__dataclass_fields__}
        )
        parameters.validate()
        trained = train_language_model(
            Corpus.from_any(X, encoding_errors=self.encoding_errors),
            parameters,
            TextSettings(
                tokenizer=self.tokenizer,
                lowercase=self.lowercase,
                min_count=self.min_count,
                max_vocab=self.max_vocab,
                vocabulary=_closed(self.vocabulary),
                skip_symbols=self.skip_symbols,
            ),
            held_out=None
            if self.held_out is None
            else Corpus.from_any(self.held_out, encoding_errors=self.encoding_errors),
            n_threads=threads_of_jobs(self.n_jobs),
            memory=self.memory,
        )
        self.model_ = trained.model
        return self

    def save(self, path: str | os.PathLike[str], *, quantize: int | None = None) -> None:
        """Write the model: a native file, or ARPA if `path` ends in ``.arpa``, ``.arpa.gz``, ``.arpa.bz2`` or so.

        Parameters
        ----------
        path : str or path-like
        quantize : {None, 8, 16}
            Bits of each logarithm in a native file; None for float32.

        Raises
        ------
        FormatError
            If the model cannot be written as ARPA.
        OutputError
            If the file cannot be written.
        """
        save_model(self._model(), path, quantize=quantize, n_threads=threads_of_jobs(self.n_jobs))

    @classmethod
    def load(cls, path: str | os.PathLike[str], **parameters: Any) -> Self:
        """Open a native file, which is mapped, or read an ARPA file.

        Parameters
        ----------
        path : str or path-like
        **parameters
            Of the estimator, instead of those that the file was made with. `tokenizer` and `lowercase` change how
            texts for the model become words: an ARPA file does not hold them.

        Raises
        ------
        FormatError
            If the file is damaged or no language model.
        InputError
            If it is missing.
        """
        model = load_model(path)
        given = model.facts.get("parameters", {})
        text = {name: model.facts[name] for name in ("tokenizer", "lowercase") if name in model.facts}
        loaded = cls(**({"order": model.order} | given | text | parameters))
        if {"tokenizer", "lowercase"} & parameters.keys():
            model.facts |= {"tokenizer": loaded.tokenizer, "lowercase": loaded.lowercase}
            model.changed()
        loaded.model_ = model
        return loaded

    def _model(self) -> NgramModel:
        try:
            return self.model_
        except AttributeError:
            check_is_fitted(self)
            raise


def _closed(vocabulary: Any) -> Vocabulary | None:
    """A closed vocabulary from whatever stands for one."""
    if vocabulary is None or isinstance(vocabulary, Vocabulary):
        return vocabulary
    if isinstance(vocabulary, str | os.PathLike):
        return load_word_list(vocabulary)
    words = list(dict.fromkeys(vocabulary)) if isinstance(vocabulary, Iterable) else []
    if not words or not all(isinstance(word, str) for word in words):
        raise ParameterError(
            f"vocabulary={vocabulary!r}: expected words, a Vocabulary, or the path of a file with a word a line"
        )
    return Vocabulary(words, [0] * len(words))
