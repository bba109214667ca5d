r"""Chinese synonyms in the form of the extended Cilin (Tongyici Cilin): a code, then the words of one class.

A line, with spaces between its fields::

    Aa01A01= 人 士 人物 人士

The code is the way through five levels of classes: a letter, a letter, two digits, a letter, two digits. The mark
behind it says what the words are to each other: ``=`` synonyms, ``#`` related words of one class, ``@`` a word that
stands alone.
"""

import os
import re
from collections.abc import Iterator

from embedkit.checks import check_flag
from embedkit.errors import InputError
from embedkit.lexicon.protocol import Lexicon, check_word, distinct_words, key_of, refuse_senses
from embedkit.lexicon.reading import read_text

__all__ = ["CILIN_LINE", "CilinLexicon"]

CILIN_LINE = re.compile(r"\s*(?P<code>[A-Z][a-z]\d\d[A-Z]\d\d)(?P<mark>[=#@])(?P<words>.*)")


class CilinLexicon(Lexicon):
    r"""Synonyms, and on request related words, of a file in the form of the extended Cilin.

    Parameters
    ----------
    path : str or path-like
        ``.gz``, ``.bz2`` and ``.xz`` are decompressed.
    encoding : str, default "utf-8"
        Many such files are in "gb18030".
    related : bool, default False
        Count related words (``#``) as synonyms, behind the others.

    Raises
    ------
    InputError
        If the file cannot be read, is not in the encoding, or a line is none of such a file; the message has the line.

    Notes
    -----
    A word of several classes has the synonyms of all of them, in the order of the file. Classes have codes and no
    names, so that there are no hypernyms; antonyms, parts of speech and senses are not in such files.

    References
    ----------
    Mei, Zhu, Gao and Yin (1983), Tongyici Cilin; extended by the Harbin Institute of Technology.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "cilin.txt"
    ...     _ = path.write_text("Ga01A01= 高兴 快乐\nGa01A02# 快乐 开心\nGa01A03@ 狂喜\n", encoding="utf-8")
    ...     lexicon = CilinLexicon(path)
    >>> lexicon.synonyms("快乐"), lexicon.related("快乐"), lexicon.synonyms("狂喜")
    (['高兴'], ['开心'], [])
    """

    def __init__(self, path: str | os.PathLike[str], *, encoding: str = "utf-8", related: bool = False) -> None:
        self.name = os.fspath(path)
        self._with_related = check_flag("related", related)
        # Of each word the classes it is in, by mark.
        self._classes: dict[str, dict[str, list[list[str]]]] = {}
        for mark, words in _classes(read_text(path, encoding), self.name):
            for key in dict.fromkeys(map(key_of, words)):
                self._classes.setdefault(key, {}).setdefault(mark, []).append(words)

    def __repr__(self) -> str:
        return f"<CilinLexicon: {self.name}>"

    def __len__(self) -> int:
        """How many words there are."""
        return len(self._classes)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and key_of(word) in self._classes

    def synonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        return self._members(word, "=#" if self._with_related else "=")

    def related(self, word: str) -> list[str]:
        """Return the words that share a class of related words (``#``) with `word`, which are no synonyms of it.

        Parameters
        ----------
        word : str

        Returns
        -------
        list of str
            In the order of the file.
        """
        return self._members(word, "#")

    def antonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        return super().antonyms(word)

    def hypernym_paths(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[list[str]]:
        refuse_senses(self, pos, sense)
        return super().hypernym_paths(word)

    def hyponyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        return super().hyponyms(word)

    def _members(self, word: str, marks: str) -> list[str]:
        """Words that share a class of one of the marks with `word`."""
        classes = self._classes.get(key_of(check_word(word)), {})
        return list(distinct_words((one for mark in marks for words in classes.get(mark, ()) for one in words), [word]))


def _classes(text: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Mark and words of each line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isspace() or not line:
            continue
        match = CILIN_LINE.fullmatch(line)
        words = match["words"].split() if match else []
        if match is None or not words:
            raise InputError(
                f"{name}, line {number}: {line.strip()[:60]!r} is no class of words; expected a code with =, # or @ "
                "behind it and words, such as 'Aa01A01= 人 士'"
            )
        yield match["mark"], words
