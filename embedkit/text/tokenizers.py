"""Cutting text into words: one string names the way, in every estimator and every command.

A name is ``[step|...]cutter[+option...]``: steps of normalisation (`embedkit.text.normalization.STEPS`), then what
cuts.

* ``whitespace``: `str.split`.
* ``words``: words of any script, by Unicode Standard Annex #29, section 4.1; ``don't``, ``3.14`` and ``U.S`` are one
  word, Chinese characters and hiragana are words of their own.
* ``char``: characters, each with the marks that follow it.
* ``zh``: Chinese words, by the dictionary and the hidden Markov model of jieba (extra ``zh``).
* ``regex:PATTERN``: what a regular expression finds, or its one group; all that follows the colon belongs to it.

``words``, ``char`` and ``zh`` leave out punctuation and symbols, but for emoji; ``+punctuation`` keeps them.
``zh+search`` gives the words inside long words as well, and ``zh+dict:FILE`` (the last option, since all that follows
is the name) knows the words of a file. So ``nfkc|simplified|zh+punctuation`` is a tokenizer.
"""

import functools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from embedkit.errors import ParameterError
from embedkit.text.cutters import (
    ChineseCutter,
    Cutter,
    FunctionCutter,
    PatternCutter,
    SegmentCutter,
    SpaceCutter,
    Span,
)
from embedkit.text.normalization import STEPS, Normalizer

__all__ = [
    "TOKENIZERS",
    "Span",
    "Tokenizer",
    "TokenizerLike",
    "check_tokenizer",
    "compose_name",
    "name_of",
    "resolve_tokenizer",
    "with_absolute_dictionary",
]

TOKENIZERS = ("whitespace", "words", "char", "zh")
"""Names that need no argument; ``regex:PATTERN`` is another."""

TokenizerLike = str | re.Pattern[str] | Callable[[str], list[str]]
"""What stands for a tokenizer: a name, a compiled pattern, a function from a text to its words, a `Tokenizer`."""

PATTERN = "regex:"
DICTIONARY = "+dict:"
OPTIONS = {"whitespace": (), "words": ("punctuation",), "char": ("punctuation",), "zh": ("search", "punctuation")}
FORMS = "'whitespace', 'words', 'char', 'zh' or 'regex:PATTERN'"


class Tokenizer:
    """A way to cut a text into words; made by `resolve_tokenizer`.

    Attributes
    ----------
    spec : str, re.Pattern or callable
        What it was made of.
    steps : Normalizer or None
        What a text goes through first.
    cutter : Cutter

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> tokenizer = resolve_tokenizer("words")
    >>> tokenizer.tokenize("I didn't like it, at all!")
    ['I', "didn't", 'like', 'it', 'at', 'all']
    >>> [text[0] for text in tokenizer.spans("at all!")]
    [0, 2, 3, 6]
    >>> resolve_tokenizer("lower|digits|words+punctuation").tokenize("It's 1984!")
    ["it's", '0000', '!']
    """

    def __init__(self, spec: TokenizerLike, steps: Normalizer | None, cutter: Cutter) -> None:
        self.spec = spec
        self.steps = steps
        self.cutter = cutter

    def tokenize(self, text: str) -> list[str]:
        """Words of a text, without white space, and without punctuation unless the tokenizer keeps it.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of str
            What a function of the user's returned is given back as it is.
        """
        return self.cutter.tokens(text if self.steps is None else self.steps(text))

    __call__ = tokenize

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover every character of a text, in order.

        Parameters
        ----------
        text : str
            Where there are steps of normalisation, the pieces are those of the text that the steps make of it.

        Returns
        -------
        list of Span

        Raises
        ------
        InputError
            If a function of the user's returned a word that does not stand in the text.
        """
        return self.cutter.spans(text if self.steps is None else self.steps(text))

    def __repr__(self) -> str:
        return f"resolve_tokenizer({self.spec!r})"


@dataclass(frozen=True)
class _Parts:
    """A name taken apart."""

    steps: tuple[str, ...]
    cutter: str
    options: tuple[str, ...] = ()
    pattern: str | None = None
    dictionary: str | None = None


def check_tokenizer(tokenizer: Any) -> None:
    """Raise `ParameterError` unless `tokenizer` is a tokenizer's name, a pattern, or a callable.

    Whether a package or a file that it needs is there is found out by `resolve_tokenizer`.

    Examples
    --------
    >>> check_tokenizer("char+dict:names")
    Traceback (most recent call last):
    ...
    embedkit.errors.ParameterError: tokenizer='char+dict:names': a dictionary is for 'zh', as in 'zh+dict:words.txt'
    """
    if isinstance(tokenizer, str):
        parts = _parse(tokenizer)
        if parts.pattern is not None:
            _compile(parts.pattern, tokenizer)
    elif isinstance(tokenizer, re.Pattern):
        _check_groups(tokenizer, tokenizer)
    elif not callable(tokenizer):
        raise ParameterError(f"tokenizer={tokenizer!r}: expected {FORMS}, or a function from a text to a list of words")


def resolve_tokenizer(tokenizer: TokenizerLike) -> Tokenizer:
    """Return the tokenizer that something stands for.

    Parameters
    ----------
    tokenizer : str, re.Pattern, callable or Tokenizer
        See the top of this module for the names.

    Returns
    -------
    Tokenizer

    Raises
    ------
    ParameterError
        If there is no tokenizer of that name.
    MissingDependencyError
        If it needs a package that is not installed.
    InputError
        If a dictionary cannot be read.

    Examples
    --------
    >>> resolve_tokenizer("regex:[a-z]+").tokenize("a-b 3")
    ['a', 'b']
    >>> resolve_tokenizer(str.split).tokenize("a-b 3")
    ['a-b', '3']
    """
    if isinstance(tokenizer, Tokenizer):
        return tokenizer
    check_tokenizer(tokenizer)
    if isinstance(tokenizer, str):
        dictionary = _parse(tokenizer).dictionary
        return _named(tokenizer, _stamp(dictionary))
    if isinstance(tokenizer, re.Pattern):
        return Tokenizer(tokenizer, None, PatternCutter(tokenizer))
    return Tokenizer(tokenizer, None, FunctionCutter(cast(Callable[[str], Any], tokenizer)))


def name_of(tokenizer: TokenizerLike) -> str | None:
    """Return the name under which a file can keep a tokenizer; None if it has none, as a function.

    Examples
    --------
    >>> name_of(re.compile("[a-z]+")), name_of(resolve_tokenizer("words"))
    ('regex:[a-z]+', 'words')
    """
    if isinstance(tokenizer, Tokenizer):
        return name_of(tokenizer.spec)
    if isinstance(tokenizer, re.Pattern):
        plain = tokenizer.flags == re.compile(tokenizer.pattern).flags
        return PATTERN + tokenizer.pattern if plain else None
    return tokenizer if isinstance(tokenizer, str) else None


def compose_name(
    cutter: str, *, steps: Sequence[str] = (), punctuation: bool = False, dictionary: str | None = None
) -> str:
    """Write a name from its parts.

    Examples
    --------
    >>> compose_name("zh", steps=["nfkc"], punctuation=True, dictionary="names.txt")
    'nfkc|zh+punctuation+dict:names.txt'

    Raises
    ------
    ParameterError
        If there is no tokenizer of that name.
    """
    parts = _parse(cutter)
    if parts.pattern is not None and (punctuation or dictionary is not None):
        raise ParameterError(f"tokenizer={cutter!r}: a pattern has neither a dictionary nor punctuation to keep")
    if parts.dictionary is not None and dictionary is not None:
        raise ParameterError(f"tokenizer={cutter!r}: it has a dictionary; give one of the two, with the words of both")
    options = (*parts.options, *(["punctuation"] if punctuation and "punctuation" not in parts.options else []))
    if parts.pattern is None:
        cutter = "+".join([parts.cutter, *options])
        known = parts.dictionary if dictionary is None else dictionary
        cutter += "" if known is None else DICTIONARY + known
    else:
        cutter = PATTERN + parts.pattern
    name = "|".join([*steps, *parts.steps, cutter])
    check_tokenizer(name)
    return name


def _stamp(path: str | None) -> int | None:
    """When a file was changed, so that a dictionary is read again then."""
    try:
        return None if path is None else os.stat(path).st_mtime_ns  # noqa: PTH116
    except (OSError, ValueError):
        return None  # reading it will say what is wrong


def with_absolute_dictionary(name: str) -> str:
    """Return the same name with the whole path of a dictionary: a model keeps it, and is used in other directories.

    Examples
    --------
    >>> with_absolute_dictionary("nfkc|zh")
    'nfkc|zh'
    """
    dictionary = _parse(name).dictionary
    return name if dictionary is None else name.removesuffix(dictionary) + os.path.abspath(dictionary)  # noqa: PTH100


# Each call of an estimator resolves its tokenizer, and a dictionary takes a while to read.
@functools.lru_cache(maxsize=16)
def _named(name: str, stamp: int | None) -> Tokenizer:
    parts = _parse(name)
    cutter: Cutter
    if parts.pattern is not None:
        cutter = PatternCutter(_compile(parts.pattern, name))
    elif parts.cutter == "whitespace":
        cutter = SpaceCutter()
    elif parts.cutter == "zh":
        cutter = ChineseCutter(
            search="search" in parts.options,
            dictionary=parts.dictionary,
            punctuation="punctuation" in parts.options,
        )
    else:
        cutter = SegmentCutter(parts.cutter == "char", "punctuation" in parts.options)
    return Tokenizer(name, Normalizer(*parts.steps) if parts.steps else None, cutter)


def _parse(name: str) -> _Parts:
    """Take a name apart; ParameterError if it is none."""
    steps: list[str] = []
    rest = name
    while not rest.startswith(PATTERN):
        step, bar, after = rest.partition("|")
        if not bar or step.partition("+")[0] in TOKENIZERS:
            break
        if step not in STEPS:
            raise ParameterError(
                f"tokenizer={name!r}: there is no step {step!r} before a tokenizer; expected {', '.join(STEPS)}"
            )
        steps.append(step)
        rest = after
    if rest.startswith(PATTERN):
        return _Parts(tuple(steps), "regex", pattern=rest.removeprefix(PATTERN))
    body, found, dictionary = rest.partition(DICTIONARY)
    cutter, *options = body.split("+")
    if cutter not in TOKENIZERS:
        if rest in STEPS:
            raise ParameterError(
                f"tokenizer={name!r}: {rest!r} is a step, expected a tokenizer behind it: '{rest}|words'"
            )
        if "|" in cutter:
            raise ParameterError(f"tokenizer={name!r}: steps stand before the tokenizer, as in 'nfkc|zh'")
        raise ParameterError(
            f"tokenizer={name!r}: there is no tokenizer {cutter!r}; expected {FORMS}, after steps or not"
        )
    for option in options:
        if option not in OPTIONS[cutter]:
            known = " or ".join(f"'{cutter}+{one}'" for one in OPTIONS[cutter]) or "none"
            raise ParameterError(f"tokenizer={name!r}: {cutter!r} has no option {option!r}; expected {known}")
    if found and cutter != "zh":
        raise ParameterError(f"tokenizer={name!r}: a dictionary is for 'zh', as in 'zh+dict:words.txt'")
    if found and (not dictionary or "\0" in dictionary):
        raise ParameterError(f"tokenizer={name!r}: expected the name of a file, as in 'zh+dict:words.txt'")
    if len(set(options)) < len(options):
        raise ParameterError(f"tokenizer={name!r}: an option stands twice; expected each once")
    return _Parts(tuple(steps), cutter, tuple(options), dictionary=dictionary if found else None)


def _compile(pattern: str, name: str) -> re.Pattern[str]:
    if not pattern:
        raise ParameterError(f"tokenizer={name!r}: expected a pattern behind 'regex:', as in 'regex:[a-z]+'")
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ParameterError(f"tokenizer={name!r}: {pattern!r} is no regular expression: {error}") from None
    _check_groups(compiled, name)
    return compiled


def _check_groups(pattern: re.Pattern[str], name: object) -> None:
    if not isinstance(pattern.pattern, str):
        raise ParameterError(f"tokenizer={name!r}: a pattern of bytes; expected one of characters")
    if pattern.groups > 1:
        raise ParameterError(
            f"tokenizer={name!r}: the pattern has {pattern.groups} groups, and only one can be the word: "
            "write the others as (?:...)"
        )
