"""What all augmenters share: one text, many texts, and training data."""

import operator
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state

from embedkit.augment.resampling import balanced_rows, check_rows, checked_text, extended, text_list
from embedkit.augment.workers import Job, Maker, Stream, make_texts
from embedkit.checks import check_flag, check_integer, check_number
from embedkit.errors import InputError, ParameterError
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["Augmenter", "check_share"]

# Parameters of other types may change in place, unseen.
FIXED = (str, int, float, type(None), os.PathLike, re.Pattern, tuple, frozenset, np.generic, KeyedVectors)

_made: "WeakKeyDictionary[Augmenter, tuple[tuple[Any, ...], Maker]]" = WeakKeyDictionary()


class Augmenter(BaseEstimator):
    """Makes new texts of texts. A subclass stores its parameters, and gives `_check_parameters` and `_make_maker`.

    It has no `fit`, since a pipeline would have a transformer change the texts that are predicted as well: see
    `AugmentingClassifier` and `AugmentingSampler`.

    What is learned of words is kept from call to call while the parameters stay; a list or a dict among them, which
    may change unseen, is read at each call.
    """

    n_aug: int
    balance: bool
    random_state: int | np.random.RandomState | None
    n_jobs: int | None

    def augment(self, text: str) -> list[str]:
        """Return a text, and new ones after it.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of str
            The text itself, then up to `n_aug` others, all different and none blank. The same as the first text of
            `transform` gives.

        Raises
        ------
        ParameterError
            If a parameter cannot work.
        InputError
            If `text` is no string, or a lexicon or a list of words cannot be read.
        """
        wanted = self._checked()
        return self._augment(checked_text(text), wanted, ())

    def transform(self, texts: Iterable[str], labels: Sequence[Any] | None = None) -> list[str]:
        """Return each text, and its new ones after it, in order.

        Parameters
        ----------
        texts : iterable of str
        labels : sequence, (n_texts,), optional
            Only `MixDocuments` needs them.

        Returns
        -------
        list of str

        Raises
        ------
        ParameterError
            If a parameter cannot work.
        InputError
            If an item is no string, or a lexicon or a list of words cannot be read.
        """
        return [text for _, group in self.iter_augment(texts, labels) for text in group]

    def iter_augment(
        self, texts: Iterable[str], labels: Sequence[Any] | None = None
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield each text with its new ones, without holding many texts at a time.

        Parameters
        ----------
        texts : iterable of str
        labels : sequence, (n_texts,), optional
            Only `MixDocuments` needs them; it reads all texts first.

        Yields
        ------
        index : int
            From 0.
        group : list of str
            The text, then the new ones.

        Raises
        ------
        ParameterError
            If a parameter cannot work.
        InputError
            If an item is no string, or a lexicon or a list of words cannot be read.
        """
        wanted = self._checked()
        if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
            raise InputError(f"texts={texts!r:.60}: expected several texts; give one as [text]")
        read = (checked_text(text, number, "texts") for number, text in enumerate(texts, 1))
        return self._groups(read, labels, wanted)

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Add new texts to training data: the protocol of imbalanced-learn's samplers.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)
        y : list, ndarray or Series, (n_texts,)
            Labels. A new text has that of the text it was made of.

        Returns
        -------
        X_new, y_new : list, ndarray or Series, (n_texts + n_new,)
            All of X as it is, then the new texts, in the order of those that they were made of. Of the kind of X and y;
            a Series is numbered anew. `sample_indices_`, an ndarray of int, says which text each was made of.

        Raises
        ------
        ParameterError
            If a parameter cannot work.
        InputError
            If X or y is not of this kind, or a lexicon or a list of words cannot be read.
        """
        wanted = self._checked()
        texts = text_list(X)
        check_rows(len(texts), y)
        labels = list(y)
        seed = self._seed()
        if check_flag("balance", self.balance):
            try:
                groups = balanced_rows(labels, lambda *asked: self._asked(texts, labels, seed, *asked), seed)
            except TypeError as error:
                raise InputError(f"balance=True needs labels of one dimension: {error}") from None
        else:
            rows = range(len(texts))
            groups = list(enumerate(self._asked(texts, labels, seed, rows, [wanted] * len(texts))))
        sources = [row for row, made in groups for _ in made]
        self.sample_indices_ = np.array([*range(len(texts)), *sources], np.intp)
        return extended(X, sources, [new for _, made in groups for new in made]), extended(y, sources)

    def _check_parameters(self) -> None:
        """Raise ParameterError for a parameter that cannot work."""
        raise NotImplementedError

    def _make_maker(self) -> Maker:
        """Read what is needed, such as a lexicon."""
        raise NotImplementedError

    def _jobs(
        self, texts: Iterable[str], labels: Sequence[Any] | None, wanted: Callable[[int], int], seed: int
    ) -> Iterator[Job]:
        """What to do for each text of which at a position new ones are wanted."""
        for position, text in enumerate(texts):
            n = wanted(position)
            if n:
                yield position, text, n, ()

    def _checked(self) -> int:
        self._check_parameters()
        return check_integer("n_aug", self.n_aug, 1)

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer) and self.random_state >= 0:
            return int(self.random_state)
        try:
            return int(check_random_state(self.random_state).randint(2**31 - 1))
        except ValueError:
            raise ParameterError(
                f"random_state={self.random_state!r}: expected a whole number, 0 or more, a RandomState, or None"
            ) from None

    def _augment(self, text: str, wanted: int, others: tuple[str, ...]) -> list[str]:
        return [text, *_maker_of(self).new_texts(text, wanted, Stream(self._seed()), others)]

    def _groups(
        self, texts: Iterator[str], labels: Sequence[Any] | None, wanted: int
    ) -> Iterator[tuple[int, list[str]]]:
        seed = self._seed()
        n_jobs = threads_of_jobs(self.n_jobs)
        _maker_of(self)
        passed: deque[str] = deque()

        def noted() -> Iterator[Job]:
            for job in self._jobs(texts, labels, lambda _: wanted, seed):
                passed.append(job[1])
                yield job

        made = make_texts(self, noted(), seed, _maker_of, n_jobs)
        return ((index, [passed.popleft(), *new]) for index, new in enumerate(made))

    def _asked(
        self, texts: list[str], labels: list[Any], seed: int, rows: Sequence[int], wanted: Sequence[int]
    ) -> Iterator[list[str]]:
        """New texts of some rows of training data, `wanted` of each."""
        numbers = dict(zip(rows, wanted, strict=True))
        jobs = self._jobs(texts, labels, lambda position: numbers.get(position, 0), seed)
        return make_texts(self, jobs, seed, _maker_of, threads_of_jobs(self.n_jobs))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags


def check_share(name: str, value: Any, *, strict: bool = False) -> float:
    """Return a share from 0, or above it if `strict`, to 1; anything else is a ParameterError.

    Examples
    --------
    >>> check_share("alpha", 1.5)
    Traceback (most recent call last):
    ...
    embedkit.errors.ParameterError: alpha=1.5: expected a number from 0 to 1
    """
    expected = "above 0 and up to 1" if strict else "from 0 to 1"
    try:
        share = check_number(name, value, 0.0, strict=strict)
    except ParameterError:
        share = 2.0
    if share > 1:
        raise ParameterError(f"{name}={value!r}: expected a number {expected}")
    return share


def _maker_of(augmenter: Augmenter) -> Maker:
    """The maker of an augmenter: that of the last call, with all that it learned of words, if nothing has changed."""
    parameters = vars(augmenter)
    values = tuple(parameters[name] for name in _names_of(augmenter))
    kept = _made.get(augmenter)
    if kept is not None and all(map(operator.is_, kept[0], values)):
        return kept[1]
    maker = augmenter._make_maker()
    if all(isinstance(value, FIXED) or callable(value) or hasattr(value, "synonyms") for value in values):
        _made[augmenter] = values, maker
    return maker


_names: dict[type, tuple[str, ...]] = {}


def _names_of(augmenter: Augmenter) -> tuple[str, ...]:
    """Names of the parameters that a maker depends on."""
    kind = type(augmenter)
    if kind not in _names:
        # To ask takes as long as to change a text.
        others = {"n_aug", "balance", "random_state", "n_jobs"}
        _names[kind] = tuple(name for name in augmenter.get_params(deep=False) if name not in others)
    return _names[kind]
