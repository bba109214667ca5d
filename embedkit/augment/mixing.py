"""Documents of one class mixed with each other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from embedkit.augment.base import Augmenter
from embedkit.augment.operations import pick
from embedkit.augment.pieces import cutter_of
from embedkit.augment.resampling import checked_text, text_list
from embedkit.augment.workers import Job, Maker, Stream
from embedkit.checks import check_choice
from embedkit.errors import InputError
from embedkit.text.sentences import sentence_spans
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer, resolve_tokenizer

__all__ = ["MixDocuments"]

WAYS = ("halves", "sentences")
# Partners drawn for each text that is wanted: some yield what is there already.
SPARE = 2


class MixDocuments(Augmenter):
    """New texts of two documents of one class.

    With "halves", the first half of one is followed by the second half of the other. With "sentences", half of the
    sentences of each are drawn, and keep their order. If one of the two has one sentence only, halves are cut between
    words.

    A document whose class has no other gives nothing new, nor does a document of one word.

    Parameters
    ----------
    how : {"halves", "sentences"}, default="halves"
    n_aug : int, default=4
        New texts of each document, at most.
    tokenizer : str, pattern or callable, default="words"
        What is a word, where sentences are cut: what `embedkit.text.tokenizers.resolve_tokenizer` takes; "zh" for
        Chinese.
    balance : bool, default=False
        `fit_resample` adds to each class what it needs to be as large as the largest, whatever `n_aug`.
    random_state : int, RandomState instance or None, default=0
        With the same number the same documents become the same texts, on any number of processes.
    n_jobs : int, optional
        Processes; -1 for all processors.

    Attributes
    ----------
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        After `fit_resample`: the row of X that each text is, or whose document it begins with.

    Examples
    --------
    >>> films = ["It moves. I liked it!", "Great fun. See it."]
    >>> MixDocuments(n_aug=1).transform(films, labels=["good", "good"])
    ['It moves. I liked it!', 'It moves. See it.', 'Great fun. See it.', 'Great fun. I liked it!']
    """

    def __init__(
        self,
        *,
        how: str = "halves",
        n_aug: int = 4,
        tokenizer: TokenizerLike = "words",
        balance: bool = False,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.how = how
        self.n_aug = n_aug
        self.tokenizer = tokenizer
        self.balance = balance
        self.random_state = random_state
        self.n_jobs = n_jobs

    def augment(self, text: str, others: Iterable[str] = ()) -> list[str]:
        """Return a text, and mixtures of it with others after it.

        Parameters
        ----------
        text : str
        others : iterable of str
            Texts of the same class.

        Returns
        -------
        list of str

        Examples
        --------
        >>> MixDocuments().augment("It moves. I liked it!", ["Great fun. See it."])
        ['It moves. I liked it!', 'It moves. See it.']
        """
        texts = [checked_text(text), *text_list(others, "others")]
        wanted = self._checked()
        jobs = self._jobs(texts, [0] * len(texts), lambda position: 0 if position else wanted, self._seed())
        return self._augment(text, wanted, next(jobs)[3])

    def _check_parameters(self) -> None:
        check_choice("how", self.how, WAYS)
        check_tokenizer(self.tokenizer)

    def _make_maker(self) -> Maker:
        return _Mixer(cutter_of(resolve_tokenizer(self.tokenizer)), self.how == "sentences")

    def _jobs(
        self, texts: Iterable[str], labels: Sequence[Any] | None, wanted: Callable[[int], int], seed: int
    ) -> Iterator[Job]:
        """Each text with partners from its class."""
        texts = list(texts)
        if labels is None or len(labels) != len(texts):
            raise InputError(
                f"{'no' if labels is None else len(labels)} labels for {len(texts)} texts: only documents of one class "
                "are mixed; give a label for each"
            )
        places: dict[Any, list[int]] = {}
        for position, label in enumerate(labels):
            places.setdefault(label, []).append(position)
        for position, (text, label) in enumerate(zip(texts, labels, strict=True)):
            n = wanted(position)
            if n:
                # Not the numbers with which the mixer begins.
                draw = Stream(seed, ~position & (2**63 - 1)).random
                yield position, text, n, _drawn(texts, places[label], position, SPARE * n, draw)


def _drawn(texts: Sequence[str], places: Sequence[int], own: int, n: int, draw: Callable[[], float]) -> tuple[str, ...]:
    """Up to n texts from these places, without the own one and without replacement."""
    if len(places) <= 4 * n:
        pool = [place for place in places if place != own]
        for k in range(min(n, len(pool))):
            other = k + int(draw() * (len(pool) - k))
            pool[k], pool[other] = pool[other], pool[k]
        return tuple(texts[place] for place in pool[:n])
    chosen: dict[int, None] = {}
    while len(chosen) < n:
        place = places[int(draw() * len(places))]
        if place != own:
            chosen[place] = None
    return tuple(texts[place] for place in chosen)


class _Mixer:
    """Makes texts of two."""

    def __init__(self, cut: Callable[[str], list[str]], by_sentences: bool) -> None:
        self.cut = cut
        self.by_sentences = by_sentences

    def prepare(self, texts: Iterable[str]) -> None:
        """Nothing is looked up."""

    def new_texts(self, text: str, wanted: int, numbers: Stream, others: tuple[str, ...]) -> list[str]:
        """Return up to `wanted` texts, all different, neither blank nor one of the two."""
        found: dict[str, None] = {}
        own_sentences = _sentences(text)
        own_words: list[str] | None = None
        for other in others:
            if len(found) >= wanted:
                break
            sentences = _sentences(other)
            if len(own_sentences) > 1 and len(sentences) > 1:
                choose = _some if self.by_sentences else _first_half, _some if self.by_sentences else _second_half
                new = "".join(choose[0](own_sentences, numbers.random) + choose[1](sentences, numbers.random)).strip()
            else:
                own_words = self._words(text) if own_words is None else own_words
                halves = _first_half(own_words), _second_half(self._words(other))
                new = "".join(halves[0] + halves[1]) if all(halves) else ""
            if new and not new.isspace() and new not in (text, other):
                found[new] = None
        return list(found)

    def _words(self, text: str) -> list[str]:
        """Words, each with the gap behind it; the first also with what is before."""
        pieces = self.cut(text)
        words = [word + gap for word, gap in zip(pieces[1::2], pieces[2::2], strict=True)]
        if words:
            words[0] = pieces[0] + words[0]
        return words


def _sentences(text: str) -> list[str]:
    """Sentences, each with the white space behind it; the last with that of the first."""
    spans = sentence_spans(text)
    if len(spans) < 2:
        return []
    starts = [start for start, _ in spans]
    (_, end), (start, _) = spans[:2]
    return [text[one:next_one] for one, next_one in pairwise(starts)] + [text[slice(*spans[-1])] + text[end:start]]


def _first_half(parts: list[str], draw: Callable[[], float] | None = None) -> list[str]:
    return parts[: (len(parts) + 1) // 2] if len(parts) > 1 else []


def _second_half(parts: list[str], draw: Callable[[], float] | None = None) -> list[str]:
    return parts[(len(parts) + 1) // 2 :]


def _some(parts: list[str], draw: Callable[[], float]) -> list[str]:
    """Half of the parts, in order."""
    return [parts[k] for k in sorted(pick(list(range(len(parts))), (len(parts) + 1) // 2, draw))]
