"""FastTextClassifier as a scikit-learn estimator."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from embedkit._cext import fasttext as kernel
from embedkit.checks import check_integer, check_number
from embedkit.classify.fasttext.lines import LINE_END, Lines, bucket_rows, compact_buckets, features, read_lines
from embedkit.classify.fasttext.model_file import StoredFastText, read_model, write_model
from embedkit.classify.fasttext.parameters import FastTextParameters
from embedkit.classify.fasttext.probabilities import probabilities
from embedkit.classify.fasttext.targets import label_sets, read_targets
from embedkit.classify.fasttext.training import EpochReport, train
from embedkit.classify.fasttext.tree import LabelTree
from embedkit.classify.fasttext.weights import text_weights
from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.features.packing import pack_terms, unpack_terms
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["FastTextClassifier"]

# Probabilities that are computed at a time: 8 MB.
BLOCK_NUMBERS = 2**20
# Fewer lines are not worth waking a thread for.
LINES_A_THREAD = 64
# From where on a label of several counts as predicted.
LIKELY = 0.5


class FastTextClassifier(ClassifierMixin, BaseEstimator):
    """Linear classifier over the mean of word and n-gram vectors, which it learns: fastText's.

    Texts are lines of words, each line ended by the word ``</s>``. Word n-grams and, if asked for, the character
    n-grams of words are hashed into buckets. `fit` takes the texts in another random order in each epoch, so they
    may come sorted by label.

    Parameters
    ----------
    vector_size : int, default=16
        Dimensions of the vectors of words, n-grams and labels. (fastText: dim, 100. With few classes more
        dimensions cost time and memory, and gain nothing.)
    epochs : int, default=5
        Passes over the texts.
    learning_rate : float, default=0.5
        At the start; it falls linearly to 0. (fastText: lr, 0.1.)
    word_ngrams : int, default=2
        Longest n-gram of words. (fastText: wordNgrams, 1.)
    min_count : int, default=1
        Words that occur less often have no vector; n-grams of words hold them all the same.
    buckets : int, default=2_000_000
        Numbers that n-grams are hashed to. Memory is only taken for those that occur.
    loss : {"softmax", "hs", "ns", "ova"}, default="softmax"
        Softmax; hierarchical softmax over a Huffman tree, for thousands of classes; negative sampling; or one
        binary classifier for each class, for texts with several labels. The other losses learn from one of several
        labels, drawn in each epoch.
    negative : int, default=5
        Labels drawn for each text; for loss="ns".
    min_n, max_n : int, default=0
        Shortest and longest character n-gram of words; 0 for none.
    keyed_vectors : KeyedVectors, optional
        Vectors to begin with. Their words join the vocabulary, and must have `vector_size` dimensions.
    tokenizer : str, re.Pattern or callable, default="words"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`); "fasttext", which
        cuts at ASCII white space alone, as fastText does; a pattern; or a function that takes a text, its line ends
        turned into spaces, and returns a list of words. Token lists are taken as they are.
    lowercase : bool, default=True
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at lone surrogates and NUL.
    class_weight : dict or "balanced", optional
        Weights of classes, as scikit-learn's, not negative; a weight multiplies the learning rate of a text.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. One thread with one `random_state` gives the same bytes each
        time; more threads see the same texts, but interleave their updates.
    random_state : int, RandomState instance or None, default=None
        Seed of everything random.
    callbacks : callable, optional
        Called after each epoch with an `EpochReport` (epoch, loss). A true result stops the training.

    Attributes
    ----------
    classes_ : ndarray, (n_classes,)
        Labels, ascending; the columns of probabilities.
    class_counts_ : ndarray of int64, (n_classes,)
        Texts of each.
    vocabulary_ : dict
        From word to row of `input_vectors_`.
    word_counts_ : ndarray of int64, (n_words,)
    input_vectors_ : ndarray of float32, (n_words + n_buckets, vector_size)
        Of words, then of the buckets that occur.
    bucket_ids_ : ndarray of int32, (n_buckets,)
        Which bucket each row behind the words is.
    output_vectors_ : ndarray of float32, (n_classes, vector_size)
        Of labels; for loss="hs", of the inner nodes of the tree and one row more.
    losses_ : list of float
        Mean loss of each epoch over the texts, by their weights, in nats.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work: the value, what was expected, and what to do.
    InputError
        From `fit`, if texts or labels cannot be used: numbers that differ, a missing label, one class only.
    TrainingError
        From `fit`, if the learning rate is so high that the numbers overflow.

    References
    ----------
    Joulin, Grave, Bojanowski and Mikolov (2016), Bag of tricks for efficient text classification.
    Bojanowski, Grave, Joulin and Mikolov (2017), Enriching word vectors with subword information, section 3.2.

    Examples
    --------
    >>> from embedkit.classify import FastTextClassifier
    >>> texts = ["a warm and funny film", "dull, slow and far too long"] * 20
    >>> model = FastTextClassifier(random_state=1).fit(texts, ["good", "bad"] * 20)
    >>> model.predict(["warm and funny", "too slow"]).tolist()
    ['good', 'bad']
    >>> model.predict_proba(["warm and funny"]).shape
    (1, 2)
    """

    _row_of_feature: np.ndarray | None = None

    def __init__(
        self,
        *,
        vector_size: int = 16,
        epochs: int = 5,
        learning_rate: float = 0.5,
        word_ngrams: int = 2,
        min_count: int = 1,
        buckets: int = 2_000_000,
        loss: str = "softmax",
        negative: int = 5,
        min_n: int = 0,
        max_n: int = 0,
        keyed_vectors: KeyedVectors | None = None,
        tokenizer: TokenizerLike = "words",
        lowercase: bool = True,
        encoding_errors: str = "strict",
        class_weight: dict[Any, float] | str | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        callbacks: Callable[[EpochReport], bool | None] | None = None,
    ) -> None:
        self.vector_size = vector_size
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.word_ngrams = word_ngrams
        self.min_count = min_count
        self.buckets = buckets
        self.loss = loss
        self.negative = negative
        self.min_n = min_n
        self.max_n = max_n
        self.keyed_vectors = keyed_vectors
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.callbacks = callbacks

    def fit(self, X: Iterable[str | Sequence[str]], y: Any, sample_weight: Any = None) -> Self:
        """Learn from texts and their labels.

        Parameters
        ----------
        X : iterable of str or of lists of words
        y : array-like, (n_texts,); sequence of collections of labels; or matrix of zeros and ones
            One label for each text; or several, or none. Of texts without one only loss="ova" learns. Lists of equal
            length of zeros and ones alone are the rows of such a matrix.
        sample_weight : array-like of float, (n_texts,), optional
            Not negative; a weight multiplies the learning rate of a text.

        Returns
        -------
        self
        """
        parameters = self._parameters()
        n_threads = threads_of_jobs(self.n_jobs)
        _check_vectors(self.keyed_vectors, parameters.vector_size)
        targets = read_targets(y)
        lines = self._read(X, n_threads)
        if len(lines) != len(targets):
            raise InputError(f"{len(lines)} texts and {len(targets)} labels in y: expected one label for each text")
        weights = text_weights(targets, sample_weight, self.class_weight)
        self._set_words(lines, parameters)
        start, feature = features(lines, self.vocabulary_, parameters, n_threads)
        n_words = len(self.vocabulary_)
        self.bucket_ids_ = compact_buckets(feature, n_words, parameters.buckets, n_threads)
        trained = train(
            (start, feature),
            (targets.start, targets.label),
            weights,
            targets.counts,
            n_words + len(self.bucket_ids_),
            parameters,
            n_threads=n_threads,
            seed=int(check_random_state(self.random_state).randint(2**31)),
            initial=self._initial(),
            on_epoch=self.callbacks,
        )
        self._row_of_feature = None
        self.classes_ = targets.classes
        self.class_counts_ = targets.counts
        self.label_form_ = targets.form
        self.pruned_ = False
        self.n_tokens_ = len(lines.ids)
        self.input_vectors_ = trained.input_vectors
        self.output_vectors_ = trained.output_vectors
        self.losses_ = trained.losses
        self.n_iter_ = len(trained.losses)
        return self

    def predict(self, X: Iterable[str | Sequence[str]]) -> Any:
        """Predict the labels of texts.

        Parameters
        ----------
        X : iterable of str or of lists of words

        Returns
        -------
        ndarray, (n_texts,)
            The most likely label of each text; or, in the form of the `y` of `fit`, all labels whose probability is
            one half or more: a matrix of zeros and ones, or a list of lists.
        """
        check_is_fitted(self)
        if self.label_form_ == "single":
            best = [block.argmax(axis=1) for block in self._blocks(X)]
            return self.classes_[np.concatenate([np.empty(0, np.intp), *best])]
        likely = np.concatenate([np.empty((0, len(self.classes_)), bool), *(p >= LIKELY for p in self._blocks(X))])
        if self.label_form_ == "indicator":
            return likely.astype(np.int64)
        return [self.classes_[row].tolist() for row in likely]

    def predict_proba(self, X: Iterable[str | Sequence[str]]) -> np.ndarray:
        """Probability of each label.

        Parameters
        ----------
        X : iterable of str or of lists of words

        Returns
        -------
        ndarray of float64, (n_texts, n_classes)
            Columns as in `classes_`. Rows sum to 1, but for loss="ova" fitted with several labels: each is then the
            probability of having this label or not. (With one label, and for loss="ns", such probabilities are
            divided by their sum, as `OneVsRestClassifier` does.)
        """
        check_is_fitted(self)
        result = np.concatenate([np.empty((0, len(self.classes_))), *self._blocks(X)])
        if self.loss in ("ns", "ova") and (self.label_form_ == "single" or self.loss == "ns"):
            result /= result.sum(axis=1, keepdims=True)
        return result

    def predict_top(
        self, X: Iterable[str | Sequence[str]], k: int = 1, threshold: float = 0.0
    ) -> tuple[list[list[Any]], list[np.ndarray]]:
        """Find the most likely labels of texts.

        Parameters
        ----------
        X : iterable of str or of lists of words
        k : int, default=1
            At most so many labels.
        threshold : float, default=0.0
            Only labels of at least this probability.

        Returns
        -------
        labels : list of list
            Of each text, the most likely first.
        probabilities : list of ndarray of float64
            As fastText gives them: for loss="ns" and "ova" that of each label by itself. fastText looks those up in
            a table of the sigmoid function, and is up to 0.008 off.
        """
        check_is_fitted(self)
        k = check_integer("k", k, 1)
        threshold = check_number("threshold", threshold)
        labels, found = [], []
        for block in self._blocks(X):
            order = np.argsort(-block, axis=1, kind="stable")[:, :k]
            for top, row in zip(order, np.take_along_axis(block, order, axis=1), strict=True):
                kept = row >= threshold
                labels.append(self.classes_[top[kept]].tolist())
                found.append(row[kept])
        return labels, found

    def precision_recall_at_k(
        self, X: Iterable[str | Sequence[str]], y: Any, k: int = 1, threshold: float = 0.0
    ) -> tuple[float, float]:
        """Find how many of the `k` most likely labels are right, and how many of the right ones are among them.

        Parameters
        ----------
        X : iterable of str or of lists of words
        y : as for `fit`
            Labels that `fit` has not seen count as not found. Texts without a label are left out.
        k, threshold
            As for `predict_top`.

        Returns
        -------
        precision, recall : float
            Over all texts together; precision is NaN if nothing is predicted.
        """
        labels, _ = self.predict_top(X, k, threshold)
        truth = self._label_sets(y)
        if len(labels) != len(truth):
            raise InputError(f"{len(labels)} texts and {len(truth)} labels in y: expected one label for each text")
        pairs = [(found, right) for found, right in zip(labels, truth, strict=True) if right]
        if not pairs:
            raise InputError("y has no label; expected some to compare with")
        hits = sum(len(right.intersection(found)) for found, right in pairs)
        predicted = sum(len(found) for found, _ in pairs)
        return hits / predicted if predicted else float("nan"), hits / sum(len(right) for _, right in pairs)

    def score(self, X: Iterable[str | Sequence[str]], y: Any, sample_weight: Any = None) -> float:
        """Accuracy: the share of texts whose label, or set of labels, is predicted.

        Parameters
        ----------
        X : iterable of str or of lists of words
        y : as for `fit`
        sample_weight : array-like of float, (n_texts,), optional

        Returns
        -------
        float
        """
        check_is_fitted(self)
        if self.label_form_ != "lists":
            return float(super().score(X, y, sample_weight))
        right = [set(found) == labels for found, labels in zip(self.predict(X), self._label_sets(y), strict=True)]
        return float(np.average(right, weights=sample_weight))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model file that fastText reads (``.bin``).

        It holds all buckets, those that never occurred as rows of zeros: 4 bytes times `buckets` times
        `vector_size`. It does not hold `tokenizer` and `lowercase`: give fastText words with a space between them.
        Labels are written as ``__label__`` and their text.

        Parameters
        ----------
        path : str or path-like

        Raises
        ------
        FormatError
            If a word or label cannot be written.
        OutputError
            If the file cannot be written.
        """
        check_is_fitted(self)
        write_model(
            path,
            StoredFastText(
                self._parameters(),
                list(self.vocabulary_),
                self.word_counts_,
                [str(label) for label in self.classes_.tolist()],
                self.class_counts_,
                self.n_tokens_,
                self.input_vectors_,
                self.output_vectors_,
                self.bucket_ids_,
                self.pruned_,
            ),
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], **settings: Any) -> Self:
        """Read a supervised model of fastText, ``.bin`` or quantised ``.ftz``.

        Parameters
        ----------
        path : str or path-like
        **settings
            Parameters that the file does not hold. By default ``tokenizer="fasttext"`` and ``lowercase=False``.

        Returns
        -------
        FastTextClassifier
            Its classes are strings without ``__label__``, in the file's order: the most frequent first.

        Raises
        ------
        InputError
            If the file cannot be opened.
        FormatError
            If it is damaged, of another kind, or of a version that is not read.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from embedkit.classify import FastTextClassifier
        >>> model = FastTextClassifier(buckets=100, random_state=1).fit(["warm", "cold"] * 20, ["up", "down"] * 20)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.bin"
        >>> model.save(path)
        >>> FastTextClassifier.load(path).predict(["warm"]).tolist()
        ['up']
        """
        stored = read_model(path)
        own = {name: getattr(stored.parameters, name) for name in FastTextParameters.__dataclass_fields__}
        model = cls(**{**own, "tokenizer": "fasttext", "lowercase": False, **settings})
        model.classes_ = np.array(stored.labels)
        model.class_counts_ = stored.label_counts
        model.label_form_ = "single"
        model.pruned_ = stored.pruned
        model.n_tokens_ = stored.n_tokens
        model.vocabulary_ = {word: row for row, word in enumerate(stored.words)}
        model.word_counts_ = stored.word_counts
        model.bucket_ids_ = stored.bucket_ids
        model.input_vectors_ = stored.input_vectors
        model.output_vectors_ = stored.output_vectors
        model.losses_ = []
        model.n_iter_ = stored.parameters.epochs
        return model

    def _parameters(self) -> FastTextParameters:
        parameters = FastTextParameters(
            **{name: getattr(self, name) for name in FastTextParameters.__dataclass_fields__}
        )
        parameters.validate()
        return parameters

    def _read(self, X: Iterable[str | Sequence[str]], n_threads: int) -> Lines:
        return read_lines(
            X,
            tokenizer=self.tokenizer,
            lowercase=self.lowercase,
            encoding_errors=self.encoding_errors,
            n_threads=n_threads,
        )

    def _set_words(self, lines: Lines, parameters: FastTextParameters) -> None:
        """Choose the words that have a vector: the end of a line, frequent ones, those with vectors to begin with."""
        known = self.keyed_vectors
        counts = {LINE_END: int(lines.counts[lines.line_end])}
        for word, count in zip(lines.words, lines.counts.tolist(), strict=True):
            if count >= parameters.min_count or (known is not None and word in known):
                counts.setdefault(word, count)
        for word in known.index_to_key if known is not None else ():
            counts.setdefault(word, 0)
        self.vocabulary_ = {word: row for row, word in enumerate(counts)}
        self.word_counts_ = np.fromiter(counts.values(), np.int64, len(counts))

    def _initial(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Rows of the words with vectors to begin with, and those."""
        if self.keyed_vectors is None:
            return None
        rows = np.array([self.vocabulary_[word] for word in self.keyed_vectors.index_to_key], np.int64)
        return rows, self.keyed_vectors.vectors

    def _blocks(self, X: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Probabilities of each label, some texts at a time, as the loss gives them."""
        n_threads = threads_of_jobs(self.n_jobs)
        lines = self._read(X, n_threads)
        n_threads = min(n_threads, 1 + len(lines) // LINES_A_THREAD)
        start, rows = features(lines, self.vocabulary_, self._parameters(), n_threads)
        kernel.renumber(rows, self._rows(), n_threads)
        if self.pruned_:
            kept = np.concatenate([[0], np.cumsum(rows >= 0)])
            start, rows = kept[start], rows[rows >= 0]
        hidden = kernel.mean_rows(rows, start, self.input_vectors_, n_threads)
        tree = LabelTree.over(self.class_counts_) if self.loss == "hs" else None
        step = max(1, BLOCK_NUMBERS // len(self.classes_))
        for first in range(0, len(hidden), step):
            yield probabilities(hidden[first : first + step], self.output_vectors_, self.loss, tree)

    def _rows(self) -> np.ndarray:
        """Row of each word and bucket; kept, since making it takes longer than predicting one text."""
        if self._row_of_feature is None:
            self._row_of_feature = bucket_rows(self.bucket_ids_, len(self.vocabulary_), self.buckets)
        return self._row_of_feature

    def _label_sets(self, y: Any) -> list[set[Any]]:
        """The labels of each text, of whichever form `y` is."""
        if self.label_form_ == "indicator":
            return [
                set(np.flatnonzero(row).tolist()) for row in np.asarray(y.toarray() if hasattr(y, "toarray") else y)
            ]
        if self.label_form_ == "lists" or any(isinstance(labels, list | tuple | set | frozenset) for labels in y):
            return label_sets(y)
        return [{label} for label in np.asarray(y).tolist()]

    def __getstate__(self) -> dict[str, Any]:
        # A dict of a million words is slow to store, and slower still with skops.
        state = dict(super().__getstate__())
        state.pop("_row_of_feature", None)
        if "vocabulary_" in state:
            state["vocabulary_"] = pack_terms(list(state["vocabulary_"]))
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        state.pop("_row_of_feature", None)
        if "vocabulary_" in state:
            words = unpack_terms(state["vocabulary_"])
            state["vocabulary_"] = {word: row for row, word in enumerate(words)}
            _check_stored(state, words)
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.classifier_tags.multi_label = True
        tags.non_deterministic = True
        return tags


def _check_stored(state: dict[str, Any], words: list[str]) -> None:
    """Raise FormatError unless the arrays of a stored model fit, since the kernel follows their numbers unchecked."""
    ids, size = state["bucket_ids_"], np.shape(state["input_vectors_"])[1:]
    n_words, n_classes = len(words), len(state["classes_"])
    if len(set(words)) < n_words:
        raise FormatError("a fastText model that has a word twice: it is damaged")
    expected = {
        "word_counts_": (n_words,),
        "class_counts_": (n_classes,),
        "bucket_ids_": (len(ids),),
        "input_vectors_": (n_words + len(ids), *size),
        "output_vectors_": (n_classes, *size),
    }
    for name, shape in expected.items():
        if np.shape(state[name]) != shape:
            raise FormatError(
                f"a fastText model whose {name} has the shape {np.shape(state[name])}, expected {shape}: it is damaged"
            )
    if len(ids) and not 0 <= ids.min() <= ids.max() < state["buckets"]:
        raise FormatError(f"a fastText model with buckets that are not from 0 to {state['buckets'] - 1}: it is damaged")


def _check_vectors(given: Any, vector_size: int) -> None:
    """Raise ParameterError unless vectors to begin with can be used."""
    if given is None:
        return
    if not isinstance(given, KeyedVectors):
        raise ParameterError(
            f"keyed_vectors is {type(given).__name__}, expected KeyedVectors; KeyedVectors.load reads a file"
        )
    if given.vector_size != vector_size:
        raise ParameterError(
            f"keyed_vectors have {given.vector_size} dimensions, but vector_size={vector_size}; "
            f"use vector_size={given.vector_size}"
        )
    if not np.isfinite(given.vectors).all():
        raise ParameterError("keyed_vectors hold numbers that are not finite; leave those words out")
