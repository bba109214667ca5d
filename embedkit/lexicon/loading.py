"""Any lexicon by one name: WordNet, a file of words, word vectors."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from embedkit.errors import InputError, ParameterError
from embedkit.lexicon.cilin import CILIN_LINE, CilinLexicon
from embedkit.lexicon.protocol import Lexicon
from embedkit.lexicon.reading import check_encoding
from embedkit.lexicon.vectors import VectorLexicon
from embedkit.lexicon.wn_package import WnLexicon
from embedkit.lexicon.word_lists import WordLists
from embedkit.lexicon.wordnet import WordNet
from embedkit.text.decoding import explain_damage
from embedkit.text.files import OPENERS, check_path, open_input
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["load_lexicon"]

WORDNET = "wordnet"
WN = "wn:"
VECTOR_ENDINGS = (".bin", ".vec", ".embedkit")
OPENING_BYTES = 2**14
# How files of vectors begin: with two numbers (word2vec), or with a word and its numbers (GloVe).
VECTOR_LINE = re.compile(r"\d+ \d+\s*|\S+( [-+]?\d*\.?\d+(e[-+]?\d+)?){3,}\s*", re.IGNORECASE)

Source = str | os.PathLike[str] | Lexicon | KeyedVectors | Mapping[str, object]


def load_lexicon(source: Source, *, encoding: str = "utf-8") -> Lexicon:
    r"""Open the lexicon that a name, a path or an object stands for.

    Parameters
    ----------
    source : str, path-like, Lexicon, KeyedVectors or mapping
        "wordnet"
            The WordNet that is installed; see `WordNet`.
        "wordnet:PATH"
            One in the directory or zip archive PATH.
        "wn:NAME"
            One of the package `wn`, such as "wn:omw-cmn:1.4"; see `WnLexicon`.
        a path
            A file of words ending in .json, or in .tsv, .tab or .csv; a file in the form of Cilin; vectors (.bin,
            .vec, .embedkit, or text that begins as such); a directory or .zip of WordNet. All but the last may be
            compressed. Where the ending does not tell, the first line does.
        an object
            KeyedVectors become a `VectorLexicon`, a mapping `WordLists`; a Lexicon is returned as it is.
    encoding : str, default "utf-8"
        Of a file of words.

    Returns
    -------
    Lexicon

    Raises
    ------
    InputError
        If there is no such lexicon, or it cannot be read; the message tells what to do.
    MissingDependencyError
        If a package is needed that is not installed.
    ParameterError
        If `source` or `encoding` is none of these.

    Examples
    --------
    >>> load_lexicon({"good": ["fine"]}).synonyms("good")
    ['fine']
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "words.txt"
    ...     _ = path.write_text("Ga01A01= 高兴 快乐\n", encoding="gb18030")
    ...     load_lexicon(path, encoding="gb18030").synonyms("高兴")
    ['快乐']
    """
    if isinstance(source, Lexicon):
        return source
    if isinstance(source, KeyedVectors):
        return VectorLexicon(source)
    if isinstance(source, Mapping):
        return WordLists(source)
    if not isinstance(source, str | os.PathLike):
        raise ParameterError(
            f"lexicon={source!r}: expected 'wordnet', 'wordnet:PATH', 'wn:NAME', a path, KeyedVectors or a Lexicon"
        )
    check_encoding(encoding)
    name = os.fspath(source)
    check_path(name)
    if isinstance(source, str) and source == WORDNET:
        return WordNet()
    if isinstance(source, str) and source.startswith(f"{WORDNET}:"):
        return WordNet(source.partition(":")[2])
    if isinstance(source, str) and source.startswith(WN):
        return WnLexicon(source.removeprefix(WN))
    return _open_path(Path(name), encoding)


def _open_path(path: Path, encoding: str) -> Lexicon:
    """The lexicon in a file or directory."""
    if path.is_dir():
        if any((path / below / "index.noun").is_file() for below in ("", "dict")):
            return WordNet(path)
        return VectorLexicon(KeyedVectors.load(path, mmap=True))
    ending = (path.with_suffix("") if path.suffix.lower() in OPENERS else path).suffix.lower()
    by_ending: dict[str, Callable[[], Lexicon]] = {
        ".zip": lambda: WordNet(path),
        ".json": lambda: WordLists.read_json(path, encoding=encoding),
        **dict.fromkeys((".tsv", ".tab", ".csv"), lambda: WordLists.read_tsv(path, encoding=encoding)),
        **dict.fromkeys(VECTOR_ENDINGS, lambda: VectorLexicon(KeyedVectors.load(path))),
    }
    return by_ending[ending]() if ending in by_ending else _open_by_content(path, encoding)


def _open_by_content(path: Path, encoding: str) -> Lexicon:
    """The lexicon in a file whose ending does not tell what it is."""
    with open_input(path) as file, explain_damage(str(path)):
        opening = file.read(OPENING_BYTES)
    # A file in another encoding is looked at all the same: who reads all of it tells what is wrong.
    lines = opening.decode(encoding, errors="replace").removeprefix("\ufeff").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if CILIN_LINE.match(first):
        return CilinLexicon(path, encoding=encoding)
    if first.lstrip().startswith("{"):
        return WordLists.read_json(path, encoding=encoding)
    if VECTOR_LINE.match(first):
        return VectorLexicon(KeyedVectors.load(path))
    if "\t" in first or "," in first or not first:
        return WordLists.read_tsv(path, encoding=encoding)
    raise InputError(
        f"cannot tell what lexicon {path} is: neither its ending nor its first line does; expected words with tabs "
        "between (.tsv), JSON (.json), Cilin ('Aa01A01= 人 士') or vectors"
    )
