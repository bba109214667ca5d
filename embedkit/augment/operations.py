"""The four operations of EDA: replace, insert, swap and delete words.

Each takes a `Draft`, a function that draws numbers from [0, 1), and a share of the words; it returns a new text, or
None where there is nothing to change. n words in a text of l change: n = max(1, floor(alpha l)), as in the program of
the paper's authors.

References
----------
Wei and Zou (2019), EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification Tasks,
section 2.
"""

from collections.abc import Callable
from math import log, log1p

from embedkit.augment.casing import capitalized, in_case_of, is_capital
from embedkit.augment.drafts import Draft
from embedkit.augment.pieces import bound, gap_without_word, glue_after

__all__ = ["count_of", "delete_words", "insert_synonyms", "insertion_place", "pick", "replace_synonyms", "swap_words"]

Draw = Callable[[], float]

# Places to look at for one that a word can be put after.
TRIES = 4


def count_of(draft: Draft, alpha: float) -> int:
    """How many words change."""
    return int(alpha * draft.n_words) or 1


def pick(items: list[int], n: int, draw: Draw) -> list[int]:
    """Draw `n` of the items, or all if there are no more, without replacement.

    Examples
    --------
    >>> sorted(pick([3, 5, 7], 5, lambda: 0.0))
    [3, 5, 7]
    """
    left = len(items)
    if n == 1:
        return [items[int(draw() * left)]]
    pool = items.copy()
    taken = []
    for _ in range(min(n, left)):
        k = int(draw() * left)
        left -= 1
        taken.append(pool[k])
        pool[k] = pool[left]
    return taken


def replace_synonyms(draft: Draft, draw: Draw, alpha: float) -> str | None:
    """Put synonyms in the place of n words.

    Examples
    --------
    >>> draft = Draft(["", "a", " ", "good", " ", "film", ""], [None, ("fine",), ()])
    >>> replace_synonyms(draft, lambda: 0.0, alpha=0.1)
    'a fine film'
    """
    places = draft.replaceable
    if not places:
        return None
    new = draft.pieces.copy()
    for place in pick(places, count_of(draft, alpha), draw):
        synonyms = draft.synonyms[place // 2]
        new[place] = synonyms[int(draw() * len(synonyms))]  # type: ignore[index, arg-type]
    return "".join(new)


def insert_synonyms(draft: Draft, draw: Draw, alpha: float) -> str | None:
    """Put a synonym of some word somewhere, n times.

    Examples
    --------
    >>> draft = Draft(["", "a", " ", "good", " ", "film", ""], [None, ("fine",), ()])
    >>> insert_synonyms(draft, iter([0.7, 0.0, 0.0]).__next__, alpha=0.1)
    'a good film fine'
    """
    sources = draft.replaceable
    if not sources:
        return None
    pieces = draft.pieces
    new = pieces.copy()
    for _ in range(count_of(draft, alpha)):
        place = insertion_place(draft, draw)
        synonyms = draft.facts[sources[int(draw() * len(sources))] // 2]
        word = synonyms[int(draw() * len(synonyms))]  # type: ignore[index, arg-type]
        if place < 0:
            new[1] = word + glue_after(pieces, 1) + new[1]
            continue
        if place in draft.shouted:
            word = word.upper()
        new[place] += glue_after(pieces, place) + word
    return "".join(new)


def insertion_place(draft: Draft, draw: Draw) -> int:
    """Draw the word that another is put after; -1 is the place before all, which a text with capitals has not."""
    n = draft.n_words
    for _ in range(TRIES):
        place = 2 * int(draw() * (n if draft.starts else n + 1)) + 1
        if place > 2 * n:
            return -1
        if not bound(draft.pieces, place):
            return place
    return 2 * n - 1  # no word follows the last


def swap_words(draft: Draft, draw: Draw, alpha: float) -> str | None:
    """Swap two words, n times.

    Examples
    --------
    >>> draft = Draft(["", "good", ", ", "long", " ", "film", ""], [(), (), None])
    >>> swap_words(draft, lambda: 0.0, alpha=0.1)
    'long, good film'
    """
    places = draft.movable
    n = len(places)
    if n < 2:
        return None
    new = draft.pieces.copy()
    for _ in range(count_of(draft, alpha)):
        k = int(draw() * n)
        other = int(draw() * (n - 1))
        one, two = places[k], places[other + (other >= k)]
        new[one], new[two] = new[two], new[one]
    if draft.starts:
        for place in places:
            word = new[place]
            if word != draft.pieces[place]:
                new[place] = word.upper() if place in draft.shouted else in_case_of(word, draft.pieces[place])
    return "".join(new)


def delete_words(draft: Draft, draw: Draw, p: float) -> str | None:
    """Delete each word with the probability `p`, but one at least, and never all.

    Examples
    --------
    >>> draft = Draft(["", "good", ", ", "long", " ", "film", ""], [(), (), None])
    >>> delete_words(draft, lambda: 0.5, p=0.1)
    'good, film'
    """
    places = draft.movable
    pieces = draft.pieces
    if draft.n_words < 2 or not places:
        return None
    gone = [places[k] for k in _passed(len(places), p, draw)] or [places[int(draw() * len(places))]]
    if len(gone) == draft.n_words:
        del gone[int(draw() * len(gone))]
    new = pieces.copy()
    first, last = 1, len(new) - 2
    for place in gone:
        # A word that a hyphen binds to another stays with it.
        if bound(pieces, place) or (place > 1 and bound(pieces, place - 2)):
            continue
        before, after = new[place - 1], new[place + 1]
        if place == first:
            first += 2
        new[place] = new[place - 1] = ""
        new[place + 1] = gap_without_word(before, after, first=place == first - 2, last=place == last)
    if draft.starts:
        _move_capitals(draft, new)
    return "".join(new)


def _passed(n: int, p: float, draw: Draw) -> list[int]:
    """Those of n items that are drawn with the probability p each; in ascending order."""
    if p >= 1.0:
        return list(range(n))
    # Geometric distances between them need a number for each that is drawn, not for each item.
    logarithm = log1p(-p)
    found: list[int] = []
    k = -1.0
    while True:
        k += 1 + log(1.0 - draw()) / logarithm // 1
        if not k < n:
            return found
        found.append(int(k))


def _move_capitals(draft: Draft, new: list[str]) -> None:
    """Give the capital of a deleted word to the one that now begins the sentence."""
    for start in draft.starts:
        if new[start] or not is_capital(draft.pieces[start]):
            continue
        place = start + 2
        while place < len(new) and not new[place] and place not in draft.starts:
            place += 2
        if place < len(new) and place not in draft.starts and new[place].islower():
            new[place] = capitalized(new[place])
