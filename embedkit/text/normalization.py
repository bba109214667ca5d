"""Normalisation: small steps from a text to a text, by name, and normalisers composed of them.

No step adds a line end, a NUL or a lone surrogate that was not there, none raises for any `str`, and each takes time
in proportion to the length of the text, whatever it holds: the patterns never go back over what they have read.
"""

import functools
import html as entities
import re
import unicodedata
from collections.abc import Callable, Iterable
from importlib import import_module

from embedkit.errors import MissingDependencyError, ParameterError

__all__ = ["STEPS", "Normalizer", "normalizer"]

# A shorter run of marks is sorted in no time. Long ones show in every eighth character, which is quicker to look at.
LONG_RUN = 64
SAMPLED = 8
# Marks are no word characters, but for the half-width voicing marks that NFKC turns into marks.
MARK_RUNS = re.compile(rf"[\W\uff9e\uff9f]{{{LONG_RUN},}}+")
SAMPLED_RUN = re.compile(rf"[\W\uff9e\uff9f]{{{LONG_RUN // SAMPLED}}}")
# Diacritics that are not of one script (Unicode, Blocks.txt: Combining Diacritical Marks, Extended, Supplement, Half
# Marks). The voicing marks of kana, the vowels of Hebrew and Arabic, and the signs of Indic scripts are not among them.
DIACRITICS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f"
LATIN_GREEK = "A-Za-z\xaa\xba\xc0-\u02af\u0370-\u03ff\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f"
# What is rare comes first, and is looked for quickly.
ACCENTS = re.compile(f"[{DIACRITICS}](?<=[{LATIN_GREEK}].)[{DIACRITICS}]*+")
CYRILLIC_ACCENTS = re.compile(f"[\u0400-\u052f][{DIACRITICS}]++")
ASCII_DIGITS = dict.fromkeys(range(0x30, 0x3A), "0")
DECIMALS = re.compile(r"\d++")

# What an address is made of (RFC 3986), and letters of other alphabets, but not of scripts written without spaces,
# where the address is followed by text at once. Brackets count only in pairs.
LETTERS = r"0-9A-Za-z\xc0-\u024f\u0370-\u052f"
ADDRESS = rf"[!#-'*-;=?-@\[\]_~{LETTERS}]"
URLS = re.compile(
    r"(?:(?:[Hh][Tt]|[Ff])[Tt][Pp][Ss]?://|(?<![A-Za-z0-9.@_-])(?:www|WWW|Www)\.)"
    rf"(?=[{LETTERS}\[])(?:{ADDRESS}++|\({ADDRESS}*+\))++"
)
WWW = ("www.", "WWW.", "Www.")
AFTER_URL = ".,;:!?'*_]"  # at its end they belong to the sentence
# The longest local part, label and number of labels that mail has (RFC 5321, 4.5.3.1) keep the reading short.
LOCAL = "[A-Za-z0-9._%+-]"
DOMAIN = r"(?:[A-Za-z0-9-]{1,63}+\.){1,10}[A-Za-z]{2,24}(?!-?[A-Za-z0-9])"
EMAILS = re.compile(rf"(?<!{LOCAL}){LOCAL}{{1,64}}+@{DOMAIN}")

# A name is followed by white space or the end, which addresses in angle brackets are not.
TAGS = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9:_-]*+(?=[\s>]|/>)|[!?])[^<>]*+>")
ENTITIES = re.compile(r"&(?:#0*+[1-9][0-9]{0,6}|#[Xx]0*+[1-9A-Fa-f][0-9A-Fa-f]{0,5}|[A-Za-z][A-Za-z0-9]{1,31});")
LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    **dict(zip(range(0xFFE0, 0xFFE7), "¢£¬¯¦¥₩", strict=True)),
}
FULL_WIDTH_CLASS = re.compile("[\u3000\uff01-\uff5e\uffe0-\uffe6]")
SURROGATES = re.compile("([\ud800-\udfff]++)")


def html(text: str) -> str:
    """Put a space in the place of each tag and comment, then decode the entities, as ``&lt;`` and ``&#60;``.

    A ``<`` opens a tag if a name, ``!`` or ``?`` follows and a ``>`` comes before the next ``<``. What stands between
    tags stays, scripts included. An entity ends in ``;``; one that stands for a line end becomes a space.
    """
    if "<" in text:
        text = TAGS.sub(" ", _without_comments(text))
    return ENTITIES.sub(_character, text) if "&" in text else text


def urls(text: str) -> str:
    """Put ``URL`` in the place of addresses that begin with http://, https://, ftp:// or www., spaces around it."""
    return URLS.sub(_url, text) if "://" in text or any(name in text for name in WWW) else text


def emails(text: str) -> str:
    """Put ``EMAIL`` in the place of e-mail addresses, spaces around it."""
    return EMAILS.sub(lambda found: _apart("EMAIL", found, found.end()), text) if "@" in text else text


def nfc(text: str) -> str:
    """Compose letters and marks (Unicode Standard Annex 15, form C)."""
    return _unicode_form("NFC", "NFD", text)


def nfkc(text: str) -> str:
    """Compose letters and marks, and replace variants, as ``ﬁ`` and ``１``, by what they stand for (form KC)."""
    return _unicode_form("NFKC", "NFKD", text)


def halfwidth(text: str) -> str:
    """Turn full-width letters, digits, punctuation and the ideographic space into those of ASCII.

    ``，`` becomes ``,``; what has no such twin stays, as ``。`` and half-width katakana.
    """
    return text.translate(FULL_WIDTH) if FULL_WIDTH_CLASS.search(text) else text


def simplified(text: str) -> str:
    """Turn traditional Chinese characters into simplified ones, by OpenCC's phrases (its t2s; extra ``zh``)."""
    return _converted("t2s", text)


def traditional(text: str) -> str:
    """Turn simplified Chinese characters into traditional ones, by OpenCC's phrases (its s2t; extra ``zh``)."""
    return _converted("s2t", text)


def lower(text: str) -> str:
    """Lower-case, as `str.lower`."""
    return text.lower()


def casefold(text: str) -> str:
    """Fold case, as `str.casefold`: ``ß`` becomes ``ss``."""
    return text.casefold()


def accents(text: str) -> str:
    """Take the diacritics off Latin and Greek letters, and the stress off Cyrillic ones; the result is in form C.

    Cyrillic ``й`` and ``ё`` are letters of their own and stay, as do Hangul, kana with voicing marks, and every script
    that writes vowels as marks. Letters that Unicode does not take apart stay too: ``ø``, ``ł``, ``đ``.
    """
    if text.isascii():
        return text
    text = _unicode_form("NFD", "NFD", text)
    return nfc(CYRILLIC_ACCENTS.sub(_letter, ACCENTS.sub("", text)))


def digits(text: str) -> str:
    """Put ``0`` in the place of each decimal digit of any script: ``1984`` and ``١٩٨٤`` become ``0000``."""
    if text.isascii():
        return text.translate(ASCII_DIGITS)
    return DECIMALS.sub(lambda found: "0" * (found.end() - found.start()), text)


def spaces(text: str) -> str:
    """Make each run of white space, line ends included, one space, and none at either end."""
    return " ".join(text.split())


FUNCTIONS: dict[str, Callable[[str], str]] = {
    step.__name__: step
    for step in (
        *(html, urls, emails),
        *(nfc, nfkc, halfwidth, simplified, traditional),
        *(lower, casefold, accents, digits, spaces),
    )
}
CHINESE_STEPS = {"simplified": "t2s", "traditional": "s2t"}

STEPS = tuple(FUNCTIONS)
"""Names of the steps, in an order in which they go well together.

``"html"`` takes tags off and decodes entities, ``"urls"`` and ``"emails"`` put a word in the place of addresses,
``"nfc"`` and ``"nfkc"`` are Unicode's normal forms, ``"halfwidth"`` makes full-width characters ASCII, ``"simplified"``
and ``"traditional"`` convert Chinese characters (extra ``zh``), ``"lower"`` and ``"casefold"`` take case away,
``"accents"`` takes diacritics off, ``"digits"`` makes every digit 0, ``"spaces"`` leaves single spaces."""


class Normalizer:
    """Steps of normalisation, one after the other: a function from a text to a text that can be pickled.

    Parameters
    ----------
    *steps : str
        Names from `STEPS`, in the order in which they are to be taken. None at all leave the text as it is.

    Raises
    ------
    ParameterError
        If a name is unknown.
    MissingDependencyError
        If a step needs OpenCC, which is not installed.

    Examples
    --------
    >>> from embedkit.text.normalization import Normalizer
    >>> clean = Normalizer("html", "nfkc") | Normalizer("lower", "accents", "spaces")
    >>> clean("<b>Ｃａｆé</b> &amp; Crème")
    'cafe & creme'
    >>> clean.steps
    ('html', 'nfkc', 'lower', 'accents', 'spaces')
    """

    def __init__(self, *steps: str) -> None:
        for step in steps:
            if not isinstance(step, str) or step not in FUNCTIONS:
                raise ParameterError(f"a step of normalisation is {step!r}: expected one of {', '.join(STEPS)}")
        for config in {CHINESE_STEPS[step] for step in steps if step in CHINESE_STEPS}:
            _converter(config)  # what is missing is said before the work begins
        self.steps = steps

    def __call__(self, text: str) -> str:
        """Return the text after all steps."""
        for step in self.steps:
            text = FUNCTIONS[step](text)
        return text

    def __or__(self, other: "Normalizer") -> "Normalizer":
        if not isinstance(other, Normalizer):
            return NotImplemented
        return Normalizer(*self.steps, *other.steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Normalizer) and self.steps == other.steps

    def __hash__(self) -> int:
        return hash(self.steps)

    def __repr__(self) -> str:
        return f"Normalizer({', '.join(map(repr, self.steps))})"


def normalizer(names: str | Iterable[str]) -> Normalizer:
    """Return the normaliser of these steps.

    Parameters
    ----------
    names : str or iterable of str
        Names from `STEPS`; in one string they are separated by ``|``.

    Returns
    -------
    Normalizer

    Raises
    ------
    ParameterError
        If `names` is neither a string nor an iterable, or a name is unknown.
    MissingDependencyError
        If a step needs OpenCC, which is not installed.

    Examples
    --------
    >>> from embedkit.text.normalization import normalizer
    >>> normalizer("urls|digits")("See https://example.com/a?b=1, page 12.")
    'See URL , page 00.'
    """
    if not isinstance(names, Iterable):
        raise ParameterError(f"names={names!r}: expected names of steps, such as 'nfkc|lower' or ['nfkc', 'lower']")
    return Normalizer(*(names.split("|") if isinstance(names, str) else names))


def _without_comments(text: str) -> str:
    """The text with a space for each comment, up to the first one that is never closed."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [text[position:start], " "]
        position = end + 3
    return "".join([*parts, text[position:]])


def _character(found: re.Match[str]) -> str:
    character = entities.unescape(found[0])
    return " " if character in LINE_ENDS else character


def _url(found: re.Match[str]) -> str:
    rest = found[0][len(found[0].rstrip(AFTER_URL)) :]
    return _apart("URL", found, found.end() - len(rest)) + rest


def _apart(mark: str, found: re.Match[str], end: int) -> str:
    """The mark for what was found, with a space on each side where the text has none."""
    text, start = found.string, found.start()
    before = " " if start and not text[start - 1].isspace() else ""
    after = " " if end < len(text) and not text[end].isspace() else ""
    return before + mark + after


def _letter(found: re.Match[str]) -> str:
    """The Cyrillic letter that the marks make with the one before them, or else that one."""
    return unicodedata.normalize("NFC", found[0])[0]


def _unicode_form(form: str, taken_apart: str, text: str) -> str:
    """The normal form, in linear time: `unicodedata` sorts marks by insertion, for hours if there are millions."""
    if text.isascii() or unicodedata.is_normalized(form, text):  # type: ignore[arg-type]
        return text
    if SAMPLED_RUN.search(text[::SAMPLED]):
        text = MARK_RUNS.sub(lambda found: _in_order(found[0], taken_apart), text)
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def _in_order(run: str, form: str) -> str:
    """The same run taken apart, its marks in canonical order (The Unicode Standard, 3.11)."""
    if run.isascii():
        return run
    marks: list[str] = []
    ordered: list[str] = []
    for character in run:
        for part in unicodedata.normalize(form, character):  # type: ignore[arg-type]
            if unicodedata.combining(part):
                marks.append(part)
            else:
                ordered += sorted(marks, key=unicodedata.combining)
                ordered.append(part)
                marks.clear()
    return "".join([*ordered, *sorted(marks, key=unicodedata.combining)])


def _converted(config: str, text: str) -> str:
    """Convert all but the lone surrogates, which OpenCC does not take."""
    convert = _converter(config)
    if text.isascii():
        return text
    try:
        return convert(text)
    except UnicodeEncodeError:
        parts = SURROGATES.split(text)
        parts[::2] = map(convert, parts[::2])
        return "".join(parts)


@functools.cache
def _converter(config: str) -> Callable[[str], str]:
    """OpenCC's conversion of this name."""
    try:
        opencc = import_module("opencc")
    except ImportError as error:
        step = {config: step for step, config in CHINESE_STEPS.items()}[config]
        raise MissingDependencyError(
            f"the step {step!r} needs OpenCC, which is not installed: pip install opencc"
        ) from error
    convert: Callable[[str], str] = opencc.OpenCC(config).convert
    return convert
