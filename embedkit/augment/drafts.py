"""A text made ready to be changed: its pieces, and which of its words may change."""

import re
from collections.abc import Callable, Iterable
from itertools import accumulate

from embedkit._cext.augment import Stream, facts_of, places
from embedkit.augment.casing import capitalized, is_capital, is_shouted
from embedkit.augment.pieces import cutter_of
from embedkit.augment.protection import WordFacts
from embedkit.text.sentences import sentence_spans
from embedkit.text.tokenizers import Tokenizer

__all__ = ["Draft", "DraftMaker", "Operation", "Reader"]

Facts = list[tuple[str, ...] | None]
NOT = re.compile("n['’]t", re.IGNORECASE)
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
        self.movable, self.replaceable = places(pieces, facts)
        self.starts = self.shouted = NOWHERE
        if capitals is not None:
            self.starts, self.shouted = frozenset(capitals.starts), frozenset(capitals.shouted)
            self.synonyms = facts.copy()
            for place, change in capitals.change.items():
                found = facts[place // 2]
                self.synonyms[place // 2] = found and tuple(map(change, found))


Operation = tuple[Callable[[Draft, Stream, float], str | None], float]
"""What makes a new text by random numbers, or None where it cannot change anything; and its share of the words."""


class Capitals:
    """Where sentences begin, and what capital letters mean there; sets the facts of names to None.

    A capital letter marks a name, but at the begin of a sentence, unless the next word has one too (Robert De Niro),
    and where all of it is in capitals.

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
        words = iter(zip(range(1, len(pieces), 2), list(accumulate(map(len, pieces)))[::2], strict=False))
        place, at = next(words)
        for _, end in sentence_spans(text):
            sentence = []
            while at < end:
                sentence.append(place)
                place, at = next(words, (0, len(text)))
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
            if place == first and is_capital(word) and not self._begins_name(pieces, sentence):
                self.change[first] = capitalized
            else:
                facts[place // 2] = None

    def _begins_name(self, pieces: list[str], sentence: list[int]) -> bool:
        """Whether the first word of a sentence stands before another with a capital letter, a space between."""
        first = sentence[0]
        return len(sentence) > 1 and pieces[first + 1] == " " and is_capital(pieces[first + 2])


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
        facts = facts_of(pieces, self.facts)
        if self.facts.stop_words and NOT.search(text):
            # Of a text in tokens: without its wo or ca, n't says nothing.
            for number in range(1, len(facts)):
                if NOT.fullmatch(pieces[2 * number + 1]):
                    facts[number - 1] = None
        return Draft(pieces, facts, None if text == text.lower() else Capitals(text, pieces, facts))


class DraftMaker:
    """Makes new texts of one, by operations.

    Parameters
    ----------
    reader : Reader
    operations : list of (callable, float)
        Each takes a `Draft`, random numbers and its share, and returns a text, or None if it cannot change this text.
    look_up : callable, optional
        Takes many words, before texts with these words are changed.

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> reader = Reader(resolve_tokenizer("words"), WordFacts(frozenset(), frozenset()))
    >>> maker = DraftMaker(reader, [(lambda draft, numbers, share: f"{draft.n_words} words", 0.1)])
    >>> maker.new_texts("a good film", 4, Stream(0))
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

    def new_texts(self, text: str, wanted: int, numbers: Stream, others: tuple[str, ...] = ()) -> list[str]:
        """Return up to `wanted` texts, all different, neither blank nor the text itself.

        Each operation stands in a plan ``wanted // n_operations + 1`` times, and what is done is drawn from the plan.
        """
        draft = self.read(text)
        if draft is None or wanted < 1:
            return []
        same = {text} if self.read.normalize is None else {text, "".join(draft.pieces)}
        found: dict[str, None] = {}
        possible = self.operations
        for _ in range(self.ROUNDS):
            plan = possible * (wanted // len(self.operations) + 1)
            while plan:
                operation = change, share = numbers.take(plan)
                new = change(draft, numbers, share)
                if new is None:
                    possible = [other for other in possible if other is not operation]
                    plan = [other for other in plan if other is not operation]
                elif new not in same and new and not new.isspace():
                    found[new] = None
                    if len(found) >= wanted:
                        return list(found)
        return list(found)
