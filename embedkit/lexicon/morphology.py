"""Base forms of English words, as WordNet finds them: a list of exceptions, then endings taken off."""

from collections.abc import Iterator, Mapping

__all__ = ["base_forms"]

# The detachment rules of WordNet, an ending and what takes its place; morphy(7WN).
ENDINGS = {
    "n": (
        ("s", ""),
        ("ses", "s"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "v": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "a": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "r": (),
}
SHORTEST_NOUN = 3  # letters; shorter ones have no ending to lose


def base_forms(word: str, pos: str, exceptions: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Give what `word` may be a form of. Most of these are no words: look them up.

    Parameters
    ----------
    word : str
        In lower case, with "_" between the words of a collocation.
    pos : {"n", "v", "a", "r"}
    exceptions : mapping of str to tuple of str
        Irregular forms of this part of speech and their base forms; they take the place of the rules.

    Yields
    ------
    str
        The word as it is comes first. Of a collocation also the first and the last word is brought to a base form.

    References
    ----------
    The manual page morphy(7WN) of WordNet 3.0, "Rules of Detachment" and "Exception Lists".

    Examples
    --------
    >>> list(base_forms("boxes", "n", {}))
    ['boxes', 'boxe', 'box']
    >>> list(base_forms("mice", "n", {"mice": ("mouse",)}))
    ['mice', 'mouse']
    >>> list(base_forms("looked_up", "v", {}))
    ['looked_up', 'looke_up', 'look_up']
    """
    yield word
    yield from _without_ending(word, pos, exceptions)
    first, joint, rest = word.partition("_")
    if joint:
        for form in _without_ending(first, pos, exceptions):
            yield f"{form}_{rest}"
        before, _, last = word.rpartition("_")
        # The rules have been at the end of the whole already, but not the exceptions.
        for form in exceptions.get(last, ()):
            yield f"{before}_{form}"


def _without_ending(word: str, pos: str, exceptions: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Base forms of a word but itself."""
    if word in exceptions:
        yield from exceptions[word]
        return
    suffix = ""
    if pos == "n":
        if word.endswith("ss") or len(word) < SHORTEST_NOUN:
            return
        if word.endswith("ful"):  # a boxful, two boxesful
            word, suffix = word.removesuffix("ful"), "ful"
    for ending, replacement in ENDINGS[pos]:
        if word.endswith(ending) and len(word) > len(ending):
            yield word.removesuffix(ending) + replacement + suffix
