r"""The files of a WordNet in the WNDB format, in a directory or in a zip archive, read where they are asked for.

For each part of speech (noun, verb, adj, adv) there are three files of lines of fields between single spaces.
Numbers are decimal unless said otherwise.

``index.POS``, sorted by the bytes of its first field, so that a word is found by bisection::

    lemma pos n_synsets n_pointers symbol... n_senses n_tagged offset...

    lemma       in lower case, "_" for a space
    symbol      the kinds of pointers that any of its synsets has, n_pointers of them
    n_tagged    how many of its senses came in texts that were annotated with senses
    offset      of each synset in data.POS, in bytes, n_synsets of them, the most usual first

``data.POS``, a synset a line, which begins with the offset it stands at, 8 digits::

    offset file type n_words word lex_id... n_pointers pointer... | gloss

    type        n, v, a, s (a satellite, an adjective by its likeness to another) or r
    n_words     two hexadecimal digits; a word and its lex_id for each
    word        "_" for a space; an adjective may end in a syntactic marker: (a), (p) or (ip)
    n_pointers  three digits; four fields for each: symbol offset pos source/target
    symbol      ! antonym, @ hypernym, @i hypernym of an instance, ~ hyponym, ~i instance, and others
    source/target
                two hexadecimal digits each: from and to which word, from 1; 0000 from synset to synset

``POS.exc``, irregular forms: the form, then its base forms.

In the first two, lines that begin with a space are the licence. Source: the manual pages wndb(5WN) and wninput(5WN) of
WordNet 3.0.
"""

import io
import mmap
import os
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from embedkit.errors import InputError
from embedkit.text.decoding import explain_damage
from embedkit.text.files import check_path

__all__ = ["SUFFIXES", "IndexEntry", "Pointer", "Synset", "WordNetFiles"]

SUFFIXES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
OFFSET_DIGITS = 8
SYNTACTIC_MARKER = re.compile(r"\((?:a|p|ip)\)$")

# Lines of an index kept that a bisection came by, 4 MB: every search begins with the same ones.
MOST_VISITED = 2**14
RELATIONS = ("!", "@", "@i", "~", "~i")

Buffer = bytes | mmap.mmap
Line = tuple[int, int, bytes]  # start, end and first field


class IndexEntry(NamedTuple):
    """What an index file says of a lemma: how many of its senses were annotated, and where its synsets are."""

    n_tagged: int
    offsets: tuple[int, ...]


class Pointer(NamedTuple):
    """A relation to another synset; `source` and `target` are the words it holds between, from 1, or 0 for all."""

    symbol: str
    pos: str
    offset: int
    source: int
    target: int


class Synset(NamedTuple):
    """Words of one meaning, and what they point to as antonyms, hypernyms and hyponyms."""

    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]


class WordNetFiles:
    """The files of a WordNet. A directory is mapped, an archive is unpacked into memory, each file when it is needed.

    Parameters
    ----------
    path : str or path-like
        A directory that holds index.noun and its like, or holds a directory ``dict`` that does; or a zip archive.

    Raises
    ------
    InputError
        If there is no WordNet, or a file of it is missing. What is damaged is found when it is read; the message
        names the file and the byte or line.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        check_path(path)
        self.path = Path(path)
        self._buffers: dict[str, Buffer] = {}
        self._visited: dict[str, dict[int, Line]] = {}
        self._archive: zipfile.ZipFile | None = None
        if self.path.is_dir():
            inner = self.path / "dict"
            self._folder = str(inner if (inner / "index.noun").is_file() else self.path)
            with explain_damage(self._folder):
                present = {one.name for one in Path(self._folder).iterdir()}
        elif self.path.is_file():
            present = self._open_archive()
        else:
            raise InputError(f"no such file or directory: {self.path}; check the path")
        expected = [f"{kind}.{suffix}" for suffix in SUFFIXES.values() for kind in ("index", "data")]
        missing = [name for name in expected if name not in present]
        if len(missing) == len(expected):
            raise InputError(f"{self.path} holds no WordNet: expected the files index.noun, data.noun and so on in it")
        if missing:
            raise InputError(f"{self._folder} lacks {', '.join(missing)}; it is no whole WordNet: install it again")
        self._exceptions_of = {pos: f"{suffix}.exc" for pos, suffix in SUFFIXES.items() if f"{suffix}.exc" in present}

    def __reduce__(self) -> tuple[type["WordNetFiles"], tuple[Path]]:
        # What is mapped cannot travel to another process, but it can be mapped there.
        return type(self), (self.path,)

    def entry(self, lemma: str, pos: str) -> IndexEntry | None:
        """Return what the index says of a lemma, or None if it does not have it.

        Parameters
        ----------
        lemma : str
            In lower case, with "_" for spaces.
        pos : {"n", "v", "a", "r"}
        """
        name = f"index.{SUFFIXES[pos]}"
        # The lines of the licence have an empty first field.
        found = self._find_line(name, lemma.encode(errors="surrogatepass")) if lemma else None
        if found is None:
            return None
        start, line = found
        fields = line.split()
        try:
            n_synsets, n_pointers = int(fields[2]), int(fields[3])
            n_tagged = int(fields[5 + n_pointers])
            places = fields[6 + n_pointers :]
            offsets = tuple(int(place) for place in places if len(place) == OFFSET_DIGITS)
        except (ValueError, IndexError):
            raise self._damage(name, start, "is no entry of an index") from None
        if len(offsets) != n_synsets or not offsets:
            raise self._damage(name, start, f"has {len(offsets)} offsets, expected {n_synsets}")
        return IndexEntry(n_tagged, offsets)

    def synset(self, pos: str, offset: int) -> Synset:
        """Return the synset at an offset in a data file."""
        name = f"data.{SUFFIXES[pos]}"
        data = self._buffer(name)
        expected = b"%0*d" % (OFFSET_DIGITS, offset)
        if data[offset : offset + len(expected) + 1] != expected + b" ":
            raise self._damage(name, offset, f"is not the synset that should be there; the file has {len(data)} bytes")
        end = data.find(b"\n", offset)
        line = data[offset : end if end >= 0 else len(data)]
        try:
            content, bar, _ = line.partition(b" |")
            fields = content.decode().split()
            n_words = int(fields[3], 16)
            words = tuple(SYNTACTIC_MARKER.sub("", word) for word in fields[4 : 4 + 2 * n_words : 2])
            at = 4 + 2 * n_words
            n_pointers = int(fields[at])
            ends = fields[at + 4 : at + 1 + 4 * n_pointers : 4]
            if not bar or len(ends) != n_pointers:
                raise ValueError
            quads = zip(*(fields[at + 1 + place :: 4] for place in range(3)), ends, strict=False)
            pointers = tuple(_pointer(*quad) for quad in quads if quad[0] in RELATIONS)
        except (ValueError, IndexError, TypeError):
            raise self._damage(name, offset, "is a synset that is cut short or damaged") from None
        return Synset(words, pointers)

    def exceptions(self, pos: str) -> dict[str, tuple[str, ...]]:
        """Return the irregular forms of a part of speech and their base forms; none if there is no such file."""
        name = self._exceptions_of.get(pos)
        if name is None:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for number, line in enumerate(bytes(self._buffer(name)).splitlines(), start=1):
            try:
                form, *bases = line.decode().split()
            except ValueError:
                form, bases = "", []
            if not bases:
                raise InputError(
                    f"{self._place(name)}, line {number}: expected a form and its base forms; the file is damaged, "
                    "install WordNet again"
                )
            found[form] = found.get(form, ()) + tuple(bases)
        return found

    def _find_line(self, name: str, key: bytes) -> tuple[int, bytes] | None:
        """Where the line begins whose first field is `key`, and the line."""
        data = self._buffer(name)
        visited = self._visited.setdefault(name, {})
        low, high = 0, len(data)
        while low < high:
            middle = (low + high) // 2
            line = visited.get(middle)
            if line is None:
                line = self._line_around(name, data, middle)
                if len(visited) < MOST_VISITED:
                    visited[middle] = line
            start, end, first = line
            if first == key:
                return start, data[start:end]
            if first < key:
                low = end + 1
            else:
                high = start
        return None

    def _line_around(self, name: str, data: Buffer, byte: int) -> Line:
        """The line that a byte belongs to, or ends."""
        start = data.rfind(b"\n", 0, byte) + 1
        end = data.find(b"\n", byte)
        end = end if end >= 0 else len(data)
        first_end = data.find(b" ", start, end)
        if first_end < 0 and end > start:
            raise self._damage(name, start, "is no entry of an index")
        return start, end, data[start:first_end]  # empty for the licence, and so less than any word

    def _buffer(self, name: str) -> Buffer:
        """The bytes of a file."""
        if name not in self._buffers:
            with explain_damage(self._place(name)):
                self._buffers[name] = self._read(name)
        return self._buffers[name]

    def _read(self, name: str) -> Buffer:
        if self._archive is not None:
            try:
                return self._archive.read(self._folder + name)
            except zipfile.BadZipFile as error:
                raise InputError(f"cannot read {self._place(name)} ({error}); the archive is damaged") from error
        with open(Path(self._folder) / name, "rb") as file:  # noqa: PTH123
            if not file.seek(0, io.SEEK_END):
                raise InputError(f"{self._place(name)} is empty; install WordNet again")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _open_archive(self) -> set[str]:
        """Open a zip archive; return the files beside its index.noun."""
        try:
            self._archive = zipfile.ZipFile(self.path)
        except zipfile.BadZipFile as error:
            raise InputError(
                f"{self.path} is no zip archive ({error}); expected one of WordNet, or a directory"
            ) from error
        names = self._archive.namelist()
        inside = next((name for name in names if name == "index.noun" or name.endswith("/index.noun")), "")
        self._folder = inside.removesuffix("index.noun")
        return {name.removeprefix(self._folder) for name in names if name.startswith(self._folder)}

    def _place(self, name: str) -> str:
        return str(self.path / self._folder / name)

    def _damage(self, name: str, byte: int, what: str) -> InputError:
        return InputError(
            f"{self._place(name)}: what begins at byte {byte} {what}; the file is damaged or belongs to another "
            "WordNet, install it again"
        )


def _pointer(symbol: str, offset: str, pos: str, ends: str) -> Pointer:
    pos = "a" if pos == "s" else pos
    if pos not in SUFFIXES or len(ends) != 4:
        raise ValueError
    return Pointer(symbol, pos, int(offset), int(ends[:2], 16), int(ends[2:4], 16))
