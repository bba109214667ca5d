"""Words that a misspelt one may have meant, looked for only if somebody reads the message."""

import difflib
from collections.abc import Mapping, Sequence
from itertools import islice

SEARCHED = 300_000  # words from the front of the vocabulary, where the frequent ones stand
COMPARED = 3_000
SUGGESTED = 3


def close_spellings(word: str, key_to_index: Mapping[str, int], index_to_key: Sequence[str]) -> list[str]:
    """Return up to three words of the vocabulary that are spelt like `word`.

    First the same word in another case or with "_" for its spaces, then what difflib finds close among the words of
    similar length that start with the same letter, or, failing that, that share its end.

    Parameters
    ----------
    word : str
    key_to_index : mapping of str to int
    index_to_key : sequence of str
        In order of descending frequency, as vocabularies are: only the first 300,000 are searched.

    Returns
    -------
    list of str

    Examples
    --------
    >>> words = ["king", "queen", "Paris", "kingdom"]
    >>> close_spellings("quene", {word: index for index, word in enumerate(words)}, words)
    ['queen']
    >>> close_spellings("PARIS", {word: index for index, word in enumerate(words)}, words)
    ['Paris']
    """
    joined = "_".join(word.split())
    variants = (word.strip(), word.lower(), word.capitalize(), word.title(), word.upper(), word.casefold())
    found = [w for w in dict.fromkeys((*variants, joined, joined.lower())) if w in key_to_index]
    if len(found) < SUGGESTED and 0 < len(word) <= 50:
        slack = 1 if len(word) < 6 else 2
        low, high = len(word) - slack, len(word) + slack
        starts = tuple({word[0].lower(), word[0].upper()})
        end = word[-2:].lower()
        similar = [w for w in islice(index_to_key, SEARCHED) if low <= len(w) <= high and w.startswith(starts)]
        if len(similar) < COMPARED:
            similar += [w for w in islice(index_to_key, SEARCHED) if low <= len(w) <= high and w.endswith(end)]
        close = difflib.get_close_matches(word, dict.fromkeys(similar[:COMPARED]), n=SUGGESTED, cutoff=0.7)
        found += [w for w in close if w not in found]
    return found[:SUGGESTED]


class MissingWord:
    """Message about a missing word. Looking for close spellings takes milliseconds, so it waits for a reader.

    Parameters
    ----------
    word : object
    key_to_index : mapping of str to int
    index_to_key : sequence of str
    """

    def __init__(self, word: object, key_to_index: Mapping[str, int], index_to_key: Sequence[str]) -> None:
        self._arguments = word, key_to_index, index_to_key

    def __str__(self) -> str:
        word, key_to_index, index_to_key = self._arguments
        if not isinstance(word, str):
            return f"{word!r} is no word: expected a str, met {type(word).__name__}"
        text = repr(word if len(word) <= 100 else word[:100] + "...")
        close = close_spellings(word, key_to_index, index_to_key)
        hint = f"; close spellings: {', '.join(map(repr, close))}" if close else ""
        return f"the word {text} is not among the {len(index_to_key)} words{hint}"

    __repr__ = __str__

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # A pickled error takes the message along, not the vocabulary.
        return str, (str(self),)
