"""Chinese words: rjieba behind one door, dictionaries of the user's own, and a look whether text has no spaces.

rjieba cuts Chinese as jieba does: a dictionary gives the likeliest path of words, and a hidden Markov model joins what
the dictionary does not know. It is in Rust, and holds the interpreter's lock: threads do not make it faster.
"""

import functools
import itertools
import logging
import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

from embedkit._cext import segment
from embedkit.errors import InputError, MissingDependencyError
from embedkit.text.decoding import UTF8_BOM, explain_damage, refuse_foreign, replace_surrogates
from embedkit.text.files import open_input

__all__ = ["ChineseWords", "DictionaryEntry", "looks_unsegmented_chinese", "read_dictionary"]

logger = logging.getLogger(__name__)

# The words of jieba's own dictionary sum up to 6e7; frequencies are added, and the sum has to fit in 64 bits.
MOST_FREQUENCY = 2**31 - 1
NOT_TEXT = re.compile("[\ufffd\ud800-\udfff]")

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
# White space, and punctuation that stands between Chinese words: the runs between are of one script, or nearly.
FULL_WIDTH = r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
BETWEEN = rf"\s\xa0-\xbf\u2000-\u2018\u201a-\u206f\u3000-\u3004\u3008-\u3020\u30fb{FULL_WIDTH}"
RUN = re.compile(f"[^{HAN}{BETWEEN}]+")
# Also contractions, which rjieba would cut at their apostrophe.
OTHER_SCRIPT = re.compile(f"[^\x00-\x7f’\ud800-\udfff\ufffd{HAN}{BETWEEN}]|[A-Za-z]['’][A-Za-z]")
NEITHER_HAN_NOR_SPACE = re.compile(rf"[^\s{HAN}]++")
NOT_CHINESE = re.compile(f"[{KANA}{HANGUL}]++")
LETTER_RUNS = re.compile(r"[^\W\d_]++")
# Han characters between two spaces: words have less than two in the mean, clauses ten and more.
LEAST_CHARACTERS = 3
# A share of the letters that Chinese with many English names still has, and more kana than a quotation brings.
LEAST_HAN, MOST_FOREIGN = 0.4, 0.1


class DictionaryEntry(NamedTuple):
    """A line of a dictionary.

    Attributes
    ----------
    word : str
    frequency : int or None
        Occurrences, on the scale of jieba's own dictionary, whose frequencies sum up to 6e7; None if the line has none.
    tag : str or None
        Part of speech, by jieba's letters (``n`` is a noun); None if the line has none.

    Examples
    --------
    >>> from embedkit.text.chinese import DictionaryEntry
    >>> DictionaryEntry("云计算", tag="n")
    DictionaryEntry(word='云计算', frequency=None, tag='n')
    """

    word: str
    frequency: int | None = None
    tag: str | None = None


class ChineseWords:
    """Cut Chinese text into words; other text inside it at its spaces and punctuation.

    Parameters
    ----------
    dictionary : path, optional
        Words that are added to rjieba's own: see `read_dictionary`. A word without a frequency gets the one that makes
        it whole when it stands alone; where a likelier word overlaps it, it is cut all the same, unless the
        dictionary gives it a higher frequency. Frequency 0 takes a word out.

    Raises
    ------
    InputError
        If the dictionary cannot be used.
    MissingDependencyError
        If rjieba is not installed.

    Notes
    -----
    rjieba makes words of Chinese characters, ASCII letters, digits and ``+#&._%-``. A word of the dictionary with
    others in it, such as the dot in 卡尔·马克思, is never found; a warning is logged that counts them.

    Pickled with the entries of the dictionary, so that the file is not needed again.

    Examples
    --------
    >>> from embedkit.text.chinese import ChineseWords
    >>> words = ChineseWords()
    >>> words.pieces("我爱北京天安门。")
    ['我', '爱', '北京', '天安门', '。']
    >>> words.search("中国科学院")
    ['中国', '科学', '学院', '科学院', '中国科学院']
    """

    def __init__(self, dictionary: str | os.PathLike[str] | None = None) -> None:
        self.dictionary = dictionary
        self._entries = [] if dictionary is None else read_dictionary(dictionary)
        self._connect()

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text, in order; joined they are the text, its spaces and punctuation included.

        Words of other scripts are those of Unicode Standard Annex #29, since rjieba would cut them letter by letter.

        Parameters
        ----------
        text : str
            Any, lone surrogates and NUL included: each is a piece of its own.

        Returns
        -------
        list of str
        """
        return self._with_other_scripts(text, self._chinese_pieces)

    def search(self, text: str) -> list[str]:
        """Return the pieces, each long word after the shorter words of the dictionary in it, as search engines want.

        Parameters
        ----------
        text : str
            Any, as for `pieces`.

        Returns
        -------
        list of str
        """
        return self._with_other_scripts(text, self._search_pieces)

    def _with_other_scripts(self, text: str, cut: Callable[[str], list[str]]) -> list[str]:
        if OTHER_SCRIPT.search(text) is None:
            return cut(text)
        pieces: list[str] = []
        at = 0
        for run in RUN.finditer(text):
            if OTHER_SCRIPT.search(run[0]) is None:
                continue
            pieces += cut(text[at : run.start()]) if run.start() > at else []
            pieces += segment.pieces(run[0])[0]
            at = run.end()
        return pieces + (cut(text[at:]) if at < len(text) else [])

    def _chinese_pieces(self, text: str) -> list[str]:
        try:
            return self._cut(text)
        except UnicodeEncodeError:
            ends = list(itertools.accumulate(map(len, self._cut(replace_surrogates(text, "replace"))), initial=0))
            return [text[start:end] for start, end in itertools.pairwise(ends)]

    def _search_pieces(self, text: str) -> list[str]:
        try:
            return self._cut_for_search(text)
        except UnicodeEncodeError:
            found = iter(NOT_TEXT.findall(text))
            pieces = self._cut_for_search(replace_surrogates(text, "replace"))
            return [next(found) if piece == "\ufffd" else piece for piece in pieces]

    def _connect(self) -> None:
        """Take rjieba's own words, or a copy of them with those of the dictionary."""
        jieba = _jieba() if not self._entries else _with_entries(self._entries, self.dictionary)
        self._cut = jieba.cut
        self._cut_for_search = jieba.cut_for_search

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_cut", "_cut_for_search")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._connect()


def read_dictionary(path: str | os.PathLike[str]) -> list[DictionaryEntry]:
    r"""Read a dictionary in jieba's format.

    A line holds a word, then, if it likes, its frequency and its part of speech, between spaces or tabs: ``云计算``,
    ``云计算 5``, ``云计算 n`` or ``云计算 5 n``. Empty lines count for nothing.

    Parameters
    ----------
    path : str or path-like
        In UTF-8; decompressed if it ends in .gz, .bz2 or .xz.

    Returns
    -------
    list of DictionaryEntry
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is not UTF-8, has no word, or has a line in another form; names the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from embedkit.text.chinese import ChineseWords, read_dictionary
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "words.txt"
    >>> _ = path.write_text("天使投资 20 n\n", encoding="utf-8")
    >>> read_dictionary(path)
    [DictionaryEntry(word='天使投资', frequency=20, tag='n')]
    >>> ChineseWords(path).pieces("他做天使投资")
    ['他', '做', '天使投资']
    >>> folder.cleanup()
    """
    name = os.fspath(path)
    with explain_damage(name), open_input(path) as file:
        data = file.read()
    refuse_foreign(data[:4], name)
    entries = list(_entries(data.removeprefix(UTF8_BOM), name))
    if not entries:
        raise InputError(f"{name} has no word; expected a word on each line, with its frequency if you like")
    return entries


def looks_unsegmented_chinese(text: str) -> bool:
    """Tell whether a sample of text is Chinese without spaces between its words.

    At least 40 % of its letters have to be Han characters, with hardly any kana or Hangul beside them, and between two
    spaces or line ends that have any there have to be three or more in the mean.

    Parameters
    ----------
    text : str
        Some 64 KB are plenty.

    Returns
    -------
    bool

    Examples
    --------
    >>> from embedkit.text.chinese import looks_unsegmented_chinese
    >>> looks_unsegmented_chinese("我爱吃苹果。"), looks_unsegmented_chinese("我 爱 吃 苹果 。")
    (True, False)
    """
    clauses = NEITHER_HAN_NOR_SPACE.sub("", text).split()
    han = sum(map(len, clauses))
    if han < LEAST_CHARACTERS * max(len(clauses), 1):
        return False
    foreign = sum(map(len, NOT_CHINESE.findall(text)))
    letters = sum(map(len, LETTER_RUNS.findall(text)))
    return han >= LEAST_HAN * letters and foreign <= MOST_FOREIGN * han


def _entries(data: bytes, name: str) -> Iterator[DictionaryEntry]:
    """The entries of a dictionary's lines."""
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            fields = line.decode().split()
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}, line {number}: byte 0x{line[error.start]:02x} is not valid UTF-8; "
                f"if it is GB18030, convert it: iconv -f GB18030 -t UTF-8 {name} > utf8.txt"
            ) from None
        if fields:
            yield _entry(fields, f"{name}, line {number}")


def _entry(fields: list[str], where: str) -> DictionaryEntry:
    """The entry of a line's fields."""
    word, *rest = fields
    if "\0" in word or len(rest) > 2:
        raise InputError(f"{where}: expected a word, its frequency and its part of speech, met {' '.join(fields)!r}")
    if not rest or (len(rest) == 1 and rest[0].isascii() and rest[0].isalpha()):
        return DictionaryEntry(word, None, *rest)
    if not (rest[0].isascii() and rest[0].isdigit() and len(rest[0]) <= 10 and int(rest[0]) <= MOST_FREQUENCY):
        raise InputError(
            f"{where}: the frequency of {word!r} is {rest[0]!r}, expected a whole number from 0 to {MOST_FREQUENCY}"
        )
    return DictionaryEntry(word, int(rest[0]), *rest[1:])


def _rjieba() -> Any:
    """The package rjieba."""
    try:
        return import_module("rjieba")
    except ImportError as error:
        raise MissingDependencyError(
            "cutting Chinese words needs rjieba, which is not installed: pip install rjieba"
        ) from error


@functools.cache
def _jieba() -> Any:
    """The words of rjieba, shared by all that have no dictionary, since they take a tenth of a second to load."""
    return _rjieba().Jieba()


def _with_entries(entries: list[DictionaryEntry], dictionary: object) -> Any:
    """The words of rjieba and those of a dictionary."""
    jieba = _rjieba().Jieba()
    for entry in entries:
        jieba.add_word(entry.word, entry.frequency, entry.tag)
    wanted = [entry.word for entry in entries if entry.frequency != 0]
    if lost := [word for word in wanted if jieba.cut(word) != [word]]:
        logger.warning(
            "%d of %d words in %s are cut even when they stand alone (%s for one): their frequency is too low, "
            "or they hold characters that make no words",
            len(lost),
            len(wanted),
            dictionary,
            lost[0],
        )
    return jieba
