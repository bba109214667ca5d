"""Noise in words: characters swapped, deleted, inserted and substituted, and slips on a keyboard."""

from collections.abc import Callable, Sequence
from functools import partial
from string import ascii_lowercase

import numpy as np

from embedkit._cext.augment import Stream
from embedkit.augment.base import Augmenter, check_share
from embedkit.augment.drafts import Draft, DraftMaker, Operation, Reader
from embedkit.augment.keyboard import NEIGHBOURS
from embedkit.augment.operations import pick
from embedkit.augment.protection import Protected, StopWords, WordFacts, protected_words, stop_word_set
from embedkit.errors import ParameterError
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer, resolve_tokenizer

__all__ = ["CharacterNoise", "KeyboardTypos"]

Draw = Callable[[], float]


class _Noise(Augmenter):
    """What spoils words one by one."""

    alpha: float
    tokenizer: TokenizerLike
    stop_words: StopWords
    protected: Protected

    def _check_parameters(self) -> None:
        check_share("alpha", self.alpha, strict=True)
        check_tokenizer(self.tokenizer)

    def _make_maker(self) -> DraftMaker:
        facts = WordFacts(stop_word_set(self.stop_words), protected_words(self.protected))
        return DraftMaker(Reader(resolve_tokenizer(self.tokenizer), facts), self._operations())

    def _operations(self) -> list[Operation]:
        raise NotImplementedError


class CharacterNoise(_Noise):
    """Single characters of some words swapped, deleted, inserted or substituted.

    n = max(1, floor(alpha l)) of l words change by one character each. A letter of a to z gives way to another of
    these; a character of another script to one of the same text. What is substituted, swapped or inserted is a capital
    where the character was that stood there.

    What `EDA` leaves alone stays here as well: stop words, protected words, numbers and names.

    Parameters
    ----------
    alpha : float, default=0.1
        Share of the words; above 0, up to 1.
    operations : sequence of {"swap", "delete", "insert", "substitute"}, default=all four
        "swap" changes two characters that stand side by side, "delete" leaves one at least.
    n_aug : int, default=4
        New texts of each text, at most.
    tokenizer : str, pattern or callable, default="words"
        What is a word: what `embedkit.text.tokenizers.resolve_tokenizer` takes.
    stop_words : str, path, iterable of str or None, default="english"
        Words that are left alone: "english", "chinese", a file, or words.
    protected : iterable of str or re.Pattern, optional
        More words that are left alone, in any case; of a pattern those that match as a whole.
    balance : bool, default=False
        `fit_resample` adds to each class what it needs to be as large as the largest, whatever `n_aug`.
    random_state : int, RandomState instance or None, default=0
        With the same number a text at the same position becomes the same texts, on any number of processes.
    n_jobs : int, optional
        Processes; -1 for all processors.

    Attributes
    ----------
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        After `fit_resample`: the row of X that each text is, or was made of.

    Examples
    --------
    >>> CharacterNoise(n_aug=3).augment("A superior comedy!")
    ['A superior comedy!', 'A superior comeyd!', 'A sperior comedy!', 'A superior cdmedy!']
    """

    def __init__(
        self,
        *,
        alpha: float = 0.1,
        operations: Sequence[str] = ("swap", "delete", "insert", "substitute"),
        n_aug: int = 4,
        tokenizer: TokenizerLike = "words",
        stop_words: StopWords = "english",
        protected: Protected = None,
        balance: bool = False,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.operations = operations
        self.n_aug = n_aug
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.protected = protected
        self.balance = balance
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        super()._check_parameters()
        known = ", ".join(map(repr, EDITS))
        names = self.operations
        if isinstance(names, str) or not isinstance(names, Sequence) or not names or not set(names) <= set(EDITS):
            raise ParameterError(f"operations={names!r}: expected a list of one or more of {known}")

    def _operations(self) -> list[Operation]:
        return [(partial(_edit_words, edit=EDITS[name]), float(self.alpha)) for name in self.operations]


class KeyboardTypos(_Noise):
    """Letters of some words struck on the key beside the right one, on a QWERTY keyboard.

    n = max(1, floor(alpha l)) of l words change by one letter each. A capital letter stays one. Words without a letter
    from a to z do not change, so that a Chinese text is left as it is.

    What `EDA` leaves alone stays here as well: stop words, protected words, numbers and names.

    Parameters
    ----------
    alpha : float, default=0.1
        Share of the words; above 0, up to 1.
    n_aug : int, default=4
        New texts of each text, at most.
    tokenizer : str, pattern or callable, default="words"
        What is a word: what `embedkit.text.tokenizers.resolve_tokenizer` takes.
    stop_words : str, path, iterable of str or None, default="english"
        Words that are left alone: "english", "chinese", a file, or words.
    protected : iterable of str or re.Pattern, optional
        More words that are left alone, in any case; of a pattern those that match as a whole.
    balance : bool, default=False
        `fit_resample` adds to each class what it needs to be as large as the largest, whatever `n_aug`.
    random_state : int, RandomState instance or None, default=0
        With the same number a text at the same position becomes the same texts, on any number of processes.
    n_jobs : int, optional
        Processes; -1 for all processors.

    Attributes
    ----------
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        After `fit_resample`: the row of X that each text is, or was made of.

    Examples
    --------
    >>> KeyboardTypos(n_aug=2).augment("A superior comedy!")
    ['A superior comedy!', 'A superior comedg!', 'A superior ckmedy!']
    """

    def __init__(
        self,
        *,
        alpha: float = 0.1,
        n_aug: int = 4,
        tokenizer: TokenizerLike = "words",
        stop_words: StopWords = "english",
        protected: Protected = None,
        balance: bool = False,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.n_aug = n_aug
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.protected = protected
        self.balance = balance
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _operations(self) -> list[Operation]:
        return [(partial(_edit_words, edit=_strike_beside), float(self.alpha))]


Edit = Callable[[str, Sequence[str], Draw], str | None]
"""From a word, the words of its text, and what draws numbers from [0, 1), to another word, or None."""


def _edit_words(draft: Draft, numbers: Stream, alpha: float, *, edit: Edit) -> str | None:
    """Change some words, each once. Where one cannot be changed another is."""
    draw = numbers.random
    new = draft.pieces.copy()
    wanted = left = int(alpha * draft.n_words) or 1
    words = draft.pieces[1::2]
    for place in pick(draft.movable, len(draft.movable), draw) if draft.movable else ():
        word = edit(new[place], words, draw)
        if word is not None:
            new[place] = word
            left -= 1
            if not left:
                break
    return "".join(new) if left < wanted else None


def _swap(word: str, words: Sequence[str], draw: Draw) -> str | None:
    if len(word) < 2:
        return None
    k = int(draw() * (len(word) - 1))
    return word[:k] + _like(word[k + 1], word[k]) + _like(word[k], word[k + 1]) + word[k + 2 :]


def _delete(word: str, words: Sequence[str], draw: Draw) -> str | None:
    if len(word) < 2:
        return None
    k = int(draw() * len(word))
    rest = word[:k] + word[k + 1 :]
    return _like(rest[0], word[0]) + rest[1:]


def _insert(word: str, words: Sequence[str], draw: Draw) -> str | None:
    k = 1 + int(draw() * len(word))
    return word[:k] + _like(_another(word[k - 1], words, draw), word[-1]) + word[k:]


def _substitute(word: str, words: Sequence[str], draw: Draw) -> str | None:
    k = int(draw() * len(word))
    return word[:k] + _like(_another(word[k], words, draw), word[k]) + word[k + 1 :]


TRIES = 8  # words that are asked for a character
EDITS: dict[str, Edit] = {"swap": _swap, "delete": _delete, "insert": _insert, "substitute": _substitute}


def _strike_beside(word: str, words: Sequence[str], draw: Draw) -> str | None:
    """The word with the first letter from a drawn place on, or else before it, that has a key struck beside it."""
    lower = word.lower()
    if len(lower) != len(word) or not NEIGHBOURS.keys() & set(lower):
        return None
    k = int(draw() * len(word))
    while lower[k] not in NEIGHBOURS:
        k = (k + 1) % len(word)
    beside = NEIGHBOURS[lower[k]]
    return word[:k] + _like(beside[int(draw() * len(beside))], word[k]) + word[k + 1 :]


def _another(character: str, words: Sequence[str], draw: Draw) -> str:
    """A letter from a to z for one of these, and a letter of the text, beyond ASCII, for others."""
    if character.lower() in ascii_lowercase:
        return ascii_lowercase[int(draw() * len(ascii_lowercase))]
    for _ in range(TRIES):
        word = words[int(draw() * len(words))]
        found = word[int(draw() * len(word))]
        if found.isalpha() and not found.isascii():
            return found
    return character


def _like(character: str, place: str) -> str:
    """A character in the case of another; as it is where its capital is more than one."""
    changed = character.upper() if place.isupper() else character.lower() if place.islower() else character
    return changed if len(changed) == 1 else character
