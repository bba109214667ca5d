"""The four operations of EDA: replace, insert, swap and delete words.

Each takes a `Draft`, random numbers, and a share of the words; it returns a new text, or None where there is nothing to
change. n words in a text of l change: n = max(1, floor(alpha l)), as in the program of the paper's authors. The kernel
draws and changes words; what capital letters need is added here.

References
----------
Wei and Zou (2019), EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification Tasks,
section 2.
"""

from collections.abc import Callable

from embedkit._cext import augment
from embedkit._cext.augment import Stream
from embedkit.augment.casing import capitalized, in_case_of, is_capital
from embedkit.augment.drafts import Draft

__all__ = ["delete_words", "insert_synonyms", "pick", "replace_synonyms", "swap_words"]

Draw = Callable[[], float]


def pick(items: list[int], n: int, draw: Draw) -> list[int]:
    """Draw `n` of the items, or all if there are no more, without replacement.

    Examples
    --------
    >>> sorted(pick([3, 5, 7], 5, lambda: 0.0))
    [3, 5, 7]
    """
    left = len(items)
    pool = items.copy()
    taken = []
    for _ in range(min(n, left)):
        k = int(draw() * left)
        left -= 1
        taken.append(pool[k])
        pool[k] = pool[left]
    return taken


def replace_synonyms(draft: Draft, numbers: Stream, alpha: float) -> str | None:
    """Put synonyms in the place of n words.

    Examples
    --------
    >>> draft = Draft(["", "a", " ", "good", " ", "film", ""], [None, ("fine",), ()])
    >>> replace_synonyms(draft, Stream(0), alpha=0.1)
    'a fine film'
    """
    if not draft.replaceable:
        return None
    return "".join(augment.replace(draft.pieces, draft.replaceable, draft.synonyms, alpha, numbers))


def insert_synonyms(draft: Draft, numbers: Stream, alpha: float) -> str | None:
    """Put a synonym of some word somewhere, n times; before all others only where that takes no capital away.

    Examples
    --------
    >>> draft = Draft(["", "a", " ", "good", " ", "film", ""], [None, ("fine",), ()])
    >>> insert_synonyms(draft, Stream(0), alpha=0.1)
    'a fine good film'
    """
    if not draft.replaceable:
        return None
    first = not draft.starts
    return "".join(augment.insert(draft.pieces, draft.replaceable, draft.facts, alpha, first, draft.shouted, numbers))


def swap_words(draft: Draft, numbers: Stream, alpha: float) -> str | None:
    """Swap two words, n times.

    Examples
    --------
    >>> draft = Draft(["", "good", ", ", "long", " ", "film", ""], [(), (), None])
    >>> swap_words(draft, Stream(0), alpha=0.1)
    'long, good film'
    """
    if len(draft.movable) < 2:
        return None
    new = augment.swap(draft.pieces, draft.movable, alpha, numbers)
    if draft.starts:
        for place in draft.movable:
            word = new[place]
            if word != draft.pieces[place]:
                new[place] = word.upper() if place in draft.shouted else in_case_of(word, draft.pieces[place])
    return "".join(new)


def delete_words(draft: Draft, numbers: Stream, p: float) -> str | None:
    """Delete each word with the probability `p`, but one at least, and never all.

    Examples
    --------
    >>> draft = Draft(["", "good", ", ", "long", " ", "film", ""], [None, (), None])
    >>> delete_words(draft, Stream(0), p=0.1)
    'good, film'
    """
    if draft.n_words < 2 or not draft.movable:
        return None
    new = augment.delete(draft.pieces, draft.movable, p, numbers)
    if draft.starts:
        _move_capitals(draft, new)
    return "".join(new)


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
