"""A text made ready to be changed: its pieces, and which of its words may change."""

import random
from collections.abc import Callable, Iterable
from itertools import accumulate

from embedkit.augment.casing import capitalized, is_capital, is_shouted
from embedkit.augment.pieces import cutter_of
from embedkit.augment.protection import WordFacts
from embedkit.text.sentences import sentence_spans
from embedkit.text.tokenizers import Tokenizer

__all__ = ["Draft", "DraftMaker", "Operation", "Reader"]

Facts = list[tuple[str, ...] | None]
NOWHERE: frozenset[int] = frozenset()


class Draft:
    """What operations work on. They change a copy of `pieces` and join it.

    Attributes
    ----------
    pieces : list of str
        2n + 1 of them, for n words: words have odd places, gaps even ones.
    n_words : int
    movable : list of int
        Places of the words that may change.
    replaceable : list of int
        Those that have synonyms.
    facts : list
        Of each word, what `WordFacts` says: the word at `place` has number ``place // 2``.
    synonyms : list
        The same, in the case of the place.
    starts : frozenset of int
        Places of the first words of sentences; none where the text is in lower case.
    shouted : frozenset of int
        Places of the words of sentences in capitals.

    Examples
    --------
    >>> draft = Draft(["", "a", " ", "good", " ", "film", "."], [None, ("fine",), ()])
    >>> draft.n_words, draft.movable, draft.replaceable
    (3, [3, 5], [3])
    """

    __slots__ = ("facts", "movable", "n_words", "pieces", "replaceable", "shouted", "starts", "synonyms")

    def __init__(self, pieces: list[str], facts: Facts, capitals: "Capitals | None" = None) -> None:
        self.pieces = pieces
        self.n_words = len(facts)
        self.facts = self.synonyms = facts
        self.movable = [2 * k + 1 for k, found in enumerate(facts) if found is not None]
        self.replaceable = [2 * k + 1 for k, found in enumerate(facts) if found]
        self.starts = self.shouted = NOWHERE
        if capitals is not None:
            self.starts, self.shouted = frozenset(capitals.starts), frozenset(capitals.shouted)
            self.synonyms = facts.copy()
            for place, change in capitals.change.items():
                found = facts[place // 2]
                self.synonyms[place // 2] = found and tuple(map(change, found))


Operation = Callable[[Draft, Callable[[], float]], str | None]
"""Makes a new text with numbers drawn from [0, 1), or None where it cannot change anything."""


class Capitals:
    """Where sentences begin, and what capital letters mean there; sets the facts of names to None.

    A capital letter marks a name, but at the begin of a sentence, and where all of it is in capitals.

    Attributes
    ----------
    starts, shouted : set of int
        As in `Draft`.
    change : dict of int to callable
        For some places, what gives a word the case of the place.
    """

    def __init__(self, text: str, pieces: list[str], facts: Facts) -> None:
        self.starts: set[int] = set()
        self.shouted: set[int] = set()
        self.change: dict[int, Callable[[str], str]] = {}
        places = iter(zip(range(1, len(pieces), 2), list(accumulate(map(len, pieces)))[::2], strict=False))
        place, at = next(places)
        for _, end in sentence_spans(text):
            sentence = []
            while at < end:
                sentence.append(place)
                place, at = next(places, (0, len(text)))
            if sentence:
                self._read(pieces, facts, sentence)

    def _read(self, pieces: list[str], facts: Facts, sentence: list[int]) -> None:
        """One sentence, given by the places of its words."""
        first = sentence[0]
        words = [pieces[place] for place in sentence]
        self.starts.add(first)
        if any(map(is_shouted, words)) and all(word == word.upper() for word in words):
            self.shouted.update(sentence)
            self.change.update(dict.fromkeys(sentence, str.upper))
            return
        for place, word in zip(sentence, words, strict=True):
            if word == word.lower():
                continue
            if place == first and is_capital(word):
                self.change[first] = capitalized
            else:
                facts[place // 2] = None


class Reader:
    """From a text to its draft.

    Parameters
    ----------
    tokenizer : Tokenizer
        A text goes through its steps of normalisation first.
    facts : WordFacts

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> facts = WordFacts(frozenset({"it"}), frozenset(), {"good": ["fine"]}.get)
    >>> draft = Reader(resolve_tokenizer("words"), facts)("Good, it is!")
    >>> draft.pieces, draft.movable, draft.synonyms
    (['', 'Good', ', ', 'it', ' ', 'is', '!'], [1, 5], [('Fine',), None, ()])
    """

    def __init__(self, tokenizer: Tokenizer, facts: WordFacts) -> None:
        self.normalize = tokenizer.steps
        self.cut = cutter_of(tokenizer)
        self.facts = facts

    def new_words(self, text: str) -> Iterable[str]:
        """Return the words of a text of which nothing is known yet, in lower case."""
        words = self.cut(text if self.normalize is None else self.normalize(text))[1::2]
        return (word.lower() for word in words if word not in self.facts)

    def __call__(self, text: str) -> Draft | None:
        """Return the draft of a text; None if it has no word."""
        if self.normalize is not None:
            text = self.normalize(text)
        pieces = self.cut(text)
        if len(pieces) == 1:
            return None
        facts = [*map(self.facts.__getitem__, pieces[1::2])]
        return Draft(pieces, facts, None if text == text.lower() else Capitals(text, pieces, facts))


class DraftMaker:
    """Makes new texts of one, by operations.

    Parameters
    ----------
    reader : Reader
    operations : list of callable
        Each takes a `Draft` and the function that draws numbers from [0, 1), and returns a text, or None if it
        cannot change this text.
    look_up : callable, optional
        Takes many words, before texts with these words are changed.

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> reader = Reader(resolve_tokenizer("words"), WordFacts(frozenset(), frozenset()))
    >>> maker = DraftMaker(reader, [lambda draft, draw: f"{draft.n_words} words"])
    >>> maker.new_texts("a good film", 4, random.Random(0))
    ['3 words']
    """

    # A short text yields the same again and again.
    ROUNDS = 3

    def __init__(
        self, reader: Reader, operations: list[Operation], look_up: Callable[[set[str]], None] | None = None
    ) -> None:
        self.read = reader
        self.operations = operations
        self.look_up = look_up

    def prepare(self, texts: Iterable[str]) -> None:
        """Look up the words of many texts, where that is faster at once."""
        if self.look_up is not None:
            self.look_up({word for text in texts for word in self.read.new_words(text)})

    def new_texts(self, text: str, wanted: int, rng: random.Random, others: tuple[str, ...] = ()) -> list[str]:
        """Return up to `wanted` texts, all different, neither blank nor the text itself.

        Each operation stands in a plan ``wanted // n_operations + 1`` times, and what is done is drawn from the plan.
        """
        draft = self.read(text)
        if draft is None or wanted < 1:
            return []
        draw = rng.random
        seen = {text, "".join(draft.pieces)}
        found: list[str] = []
        possible = self.operations
        for _ in range(self.ROUNDS):
            plan = possible * (wanted // len(self.operations) + 1)
            left = len(plan)
            while left:
                k = int(draw() * left)
                left -= 1
                operation = plan[k]
                plan[k] = plan[left]
                new = operation(draft, draw)
                if new is None:
                    possible = [other for other in possible if other is not operation]
                    plan = [other for other in plan[:left] if other is not operation]
                    left = len(plan)
                elif new not in seen and new and not new.isspace():
                    seen.add(new)
                    found.append(new)
                    if len(found) >= wanted:
                        return found
        return found
