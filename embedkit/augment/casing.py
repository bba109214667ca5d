"""Upper and lower case of words that take the place of others."""

__all__ = ["capitalized", "in_case_of", "is_capital", "is_shouted"]


def is_shouted(word: str) -> bool:
    """Whether a word of two letters or more has capitals only.

    Examples
    --------
    >>> is_shouted("GOOD"), is_shouted("Good"), is_shouted("A")
    (True, False, False)
    """
    return len(word) > 1 and word.isupper()


def is_capital(word: str) -> bool:
    """Whether a word begins with a capital letter, more letters follow, and none of those is a capital.

    A capital that stands alone or before an apostrophe ("I'm") is none that came with the place.

    Examples
    --------
    >>> [is_capital(word) for word in ("Good", "good", "GOOD", "McDonald", "I", "I'm")]
    [True, False, False, False, False, False]
    """
    rest = word[1:]
    return word[:1].isupper() and rest[:1].isalpha() and rest == rest.lower()


def capitalized(word: str) -> str:
    """A word with a capital first letter; the others stay.

    Examples
    --------
    >>> capitalized("well made")
    'Well made'
    """
    return word[:1].upper() + word[1:]


def in_case_of(word: str, place: str) -> str:
    """A word that moved, with the capital, or none, of the word that stood there.

    Examples
    --------
    >>> in_case_of("fine", "Good"), in_case_of("Fine", "good")
    ('Fine', 'fine')
    """
    return capitalized(word.lower()) if is_capital(place) else word.lower()
