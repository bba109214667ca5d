"""Formats are told by content when reading and by ending when writing; other files are named and refused."""

import bz2
import gzip
import io
import os
import pickle
import struct
import threading
import zipfile

import numpy as np
import pytest

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.vectors.formats.registry import FORMATS, choose_format, recognise
from embedkit.vectors.keyed_vectors import KeyedVectors

VECTORS = KeyedVectors(["a", "b"], np.random.default_rng(0).standard_normal((2, 8)))
FASTTEXT_OLD = struct.pack("<12id3iq", 10, 5, 5, 5, 5, 1, 2, 2, 1000, 3, 6, 10_000, 1e-4, 9, 9, 0, 100)


class Planted:
    """An object whose unpickling would show."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("v.bin", "word2vec-binary"),
        ("v.txt", "word2vec-text"),
        ("v.vec", "word2vec-text"),
        ("v.VEC", "word2vec-text"),
        ("v.100d.txt", "word2vec-text"),
        ("v.bin.gz", "word2vec-binary"),
        ("v.vec.bz2", "word2vec-text"),
        ("v.txt.xz", "word2vec-text"),
        ("v.embedkit", "native"),
        ("folder/", "native"),
    ],
)
def test_the_ending_chooses_the_format(path, expected):
    assert choose_format(path) == expected
    assert choose_format(path, "glove") == "glove"


@pytest.mark.parametrize("path", ["v", "v.csv", "v.gz", "v.embedkit.gz", "v.100d", ".bin", "v.bin.zip"])
def test_an_unknown_ending_is_an_error_that_names_the_known_ones(tmp_path, path):
    with pytest.raises(ParameterError, match=r"\.bin, \.txt or \.vec .* \.embedkit.*word2vec-binary.*glove"):
        VECTORS.save(tmp_path / path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_an_error_that_names_the_known_ones(tmp_path):
    for call in (lambda: VECTORS.save(tmp_path / "v.bin", format="w2v"), lambda: KeyedVectors.load("v", format="w2v")):
        with pytest.raises(
            ParameterError, match="'w2v': expected one of 'word2vec-binary', 'word2vec-text', 'glove', 'native'"
        ):
            call()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"format": ["glove"]}, r"format=\['glove'\]: expected one of 'word2vec-binary'"),
        ({"encoding_errors": np.array(["strict", "replace"])}, "encoding_errors=.*: expected one of 'strict'"),
        ({"limit": True}, "limit=True: expected a whole number, 1 or more"),
    ],
)
def test_parameters_of_a_wrong_type_are_refused_by_name(tmp_path, parameters, message):
    VECTORS.save(tmp_path / "v.bin")
    with pytest.raises(ParameterError, match=message):
        KeyedVectors.load(tmp_path / "v.bin", **parameters)


def test_an_empty_path_is_not_the_current_directory(tmp_path, monkeypatch):
    VECTORS.save(tmp_path / "v", format="native")
    monkeypatch.chdir(tmp_path / "v")
    for call in (KeyedVectors.load, recognise, lambda path: KeyedVectors.load(path, format="native")):
        with pytest.raises(InputError, match="the path is empty; is a shell variable unset"):
            call("")
    for format_name in (None, "native", "glove"):
        with pytest.raises(ParameterError, match="the path is empty"):
            VECTORS.save("", format=format_name)
    assert KeyedVectors.load(tmp_path / "v") == VECTORS


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v", "v.bin.gz"])
@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text", "glove"])
def test_the_content_tells_the_format_whatever_the_name(tmp_path, format_name, name):
    VECTORS.save(tmp_path / name, format=format_name)
    assert recognise(tmp_path / name) == format_name
    assert KeyedVectors.load(tmp_path / name) == VECTORS
    assert KeyedVectors.load(str(tmp_path / name)) == VECTORS


def test_a_native_directory_is_recognised(tmp_path):
    VECTORS.save(tmp_path / "v", format="native")
    assert recognise(tmp_path / "v") == "native"
    with pytest.raises(ParameterError, match="is a directory"):
        KeyedVectors.load(tmp_path / "v", format="glove")


def test_a_file_is_not_read_as_the_native_directory(tmp_path):
    (tmp_path / "v").write_text("1 1\na 1\n")
    with pytest.raises(FormatError, match=r"v is a file, and the native format is a directory; leave the format out"):
        KeyedVectors.load(tmp_path / "v", format="native")


@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text"])
def test_a_format_that_is_named_must_be_so(tmp_path, format_name):
    VECTORS.save(tmp_path / "v.txt", format="glove")
    with pytest.raises(FormatError, match=r'has no header \(format="glove"\)'):
        KeyedVectors.load(tmp_path / "v.txt", format=format_name)


@pytest.mark.parametrize("size", [1, 100, 65_531, 65_535, 65_536, 70_000])
def test_a_long_first_word_does_not_hide_the_format(tmp_path, size):
    long = KeyedVectors(["x" * size, "b"], VECTORS.vectors)
    for format_name in ("word2vec-binary", "word2vec-text", "glove"):
        long.save(tmp_path / "v", format=format_name)
        assert recognise(tmp_path / "v") == format_name
        assert KeyedVectors.load(tmp_path / "v") == long


def test_a_pipe_can_be_read(tmp_path):
    VECTORS.save(tmp_path / "v.bin")
    os.mkfifo(tmp_path / "pipe")
    feeder = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes((tmp_path / "v.bin").read_bytes()))
    feeder.start()
    assert KeyedVectors.load(tmp_path / "pipe") == VECTORS
    feeder.join()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("glove.txt", "a 1 2\n")
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 2)))
    return buffer.getvalue()


@pytest.mark.parametrize("format_name", [None, "word2vec-binary", "word2vec-text", "glove"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (struct.pack("<i", 793712314) + FASTTEXT_OLD, "is a fastText model; load the .vec file"),
        (FASTTEXT_OLD, "is a fastText model of an old version"),
        *[(pickle.dumps(Planted(), protocol), "is a Python pickle; embedkit never unpickles") for protocol in range(6)],
        (pickle.dumps({"gensim.models": Planted()}, 2), "is a Python pickle made by gensim"),
        (pickle.dumps({"vectors": [1]}, 0), "is a Python pickle"),
        (pickle.dumps({"vectors": [1]}, 1), "is a Python pickle"),
        (array(), "NumPy array without words"),
        (archive(), "zip archive"),
        (gzip.compress(b"1 1\na 1\n"), "compressed by gzip; give it a name that ends in .gz"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        *[(bz2.compress(b"1 1\na 1\n", level), "compressed by bzip2; give it a name") for level in (1, 5, 9)],
        ("1 1\na 1\n".encode("utf-16"), "UTF-16"),
        *[("1 1\na 1\n".encode(f"utf-{kind}"), "is UTF-16 or UTF-32") for kind in ("16-le", "16-be", "32-le", "32-be")],
        ("日 0.25 -1.5\n".encode("utf-16-le"), "is UTF-16 or UTF-32"),
        (struct.pack("<Q", 30) + b'{"__metadata__": {}}', "safetensors"),
    ],
)
def test_other_kinds_of_files_are_named_and_refused(tmp_path, monkeypatch, content, message, format_name):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "v.bin"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        KeyedVectors.load(path, format=format_name)
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("word", ["BZh", "Rar", "FiFu", "cat", "(abc", "PK", "c", "[", "{", "#"])
def test_words_at_the_start_are_not_taken_for_other_files(tmp_path, word):
    path = tmp_path / "v.txt"
    path.write_text(f"{word} 1 2\nb 3 4\n")
    assert list(KeyedVectors.load(path)) == [word, "b"]


@pytest.mark.parametrize(
    "content", [b"cat\ndog\nemu\n", b"cat\ndog\nquail\n", b"# A title\n\nprose\n", b" \n", b"{}", b"a,1,2\nb,3,4\n"]
)
def test_what_is_not_vectors_at_all_is_shown(tmp_path, content):
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"starts with .* expected word vectors"):
        KeyedVectors.load(path)


def test_missing_files_are_missing_whatever_the_call(tmp_path):
    for call in (recognise, KeyedVectors.load, lambda path: KeyedVectors.load(path, format="native")):
        with pytest.raises(InputError, match="no such file"):
            call(tmp_path / "missing")


def test_every_format_is_named_once():
    assert FORMATS == ("word2vec-binary", "word2vec-text", "glove", "native")
