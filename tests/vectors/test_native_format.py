"""The native format: a directory that opens at once, is replaced as a whole, and takes no damage in silence."""

import json
import mmap

import numpy as np
import pytest

from embedkit.errors import FormatError, OutputError
from embedkit.vectors.formats import native
from embedkit.vectors.keyed_vectors import KeyedVectors

WORDS = ["plain", "with space", "line\nend", "back\\slash", "back\\n", "\r", "", "日本", "\ud800", "nul\0"]
VECTORS = KeyedVectors(WORDS, np.random.default_rng(0).standard_normal((len(WORDS), 4)), counts=range(10, 0, -1))


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "v.embedkit"
    VECTORS.save(path)
    return path


def test_files_are_laid_out_as_documented(saved):
    assert sorted(entry.name for entry in saved.iterdir()) == ["counts.npy", "meta.json", "vectors.npy", "words.txt"]
    assert np.array_equal(np.load(saved / "vectors.npy"), VECTORS.vectors)
    assert np.array_equal(np.load(saved / "counts.npy"), VECTORS.counts)
    assert (
        (saved / "words.txt")
        .read_bytes()
        .startswith("plain\nwith space\nline\\nend\nback\\\\slash\nback\\\\n\n\\r\n\n日本\n\\ud800\nnul\0\n".encode())
    )
    assert json.loads((saved / "meta.json").read_text()) == {
        "format": "embedkit-vectors",
        "version": 1,
        "n_words": 10,
        "vector_size": 4,
        "words_bytes": (saved / "words.txt").stat().st_size,
        "counts": True,
    }


@pytest.mark.parametrize("mmap", [False, True])
def test_words_vectors_and_counts_come_back(saved, mmap):
    loaded = KeyedVectors.load(saved, mmap=mmap)
    assert loaded == VECTORS
    assert type(loaded.vectors) is np.ndarray
    assert loaded.most_similar("日本") == VECTORS.most_similar("日本")
    assert loaded.nearest(WORDS, 3)[0].tolist() == VECTORS.nearest(WORDS, 3)[0].tolist()


def test_a_memory_map_stays_in_its_file_and_words_are_read_when_asked_for(saved, monkeypatch):
    calls = []
    decode = native._decode_words
    monkeypatch.setattr(native, "_decode_words", lambda *arguments: calls.append(1) or decode(*arguments))
    loaded = KeyedVectors.load(saved, mmap=True)
    base = loaded.vectors
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap)
    assert not loaded.vectors.flags.writeable
    assert (len(loaded), loaded.vector_size, calls) == (10, 4, [])
    assert loaded["plain"].tolist() == VECTORS["plain"].tolist()
    assert loaded.index_to_key == WORDS
    assert calls == [1]


def test_other_formats_say_that_they_cannot_be_mapped(tmp_path, caplog):
    KeyedVectors(["a"], [[1, 2]]).save(tmp_path / "v.bin")
    assert KeyedVectors.load(tmp_path / "v.bin", mmap=True)["a"].tolist() == [1, 2]
    assert "only the native format can be memory-mapped" in caplog.text


def test_what_is_open_keeps_its_own_words_when_the_directory_is_replaced(saved):
    opened = KeyedVectors.load(saved, mmap=True)
    KeyedVectors(list("abc"), np.ones((3, 2))).save(saved)
    assert opened == VECTORS
    assert list(KeyedVectors.load(saved)) == ["a", "b", "c"]
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_vectors_may_be_saved_over_their_own_file(saved):
    opened = KeyedVectors.load(saved, mmap=True)
    opened.add("new", [1, 2, 3, 4], counts=1)
    opened.save(saved)
    assert KeyedVectors.load(saved) == opened


def test_may_be_empty(tmp_path):
    empty = KeyedVectors([], np.empty((0, 3)), counts=[])
    empty.save(tmp_path / "v.embedkit")
    for mapped in (False, True):
        assert KeyedVectors.load(tmp_path / "v.embedkit", mmap=mapped) == empty


def test_an_added_copy_of_mapped_vectors_leaves_the_file_alone(saved):
    KeyedVectors.load(saved, mmap=True).add("plain", [9, 9, 9, 9], counts=1, replace=True)
    assert KeyedVectors.load(saved) == VECTORS


@pytest.mark.parametrize("name", ["v/", "v.embedkit", "v.embedkit/", "v.EMBEDKIT"])
def test_a_slash_or_the_ending_makes_a_directory(tmp_path, name):
    VECTORS.save(f"{tmp_path}/{name}")
    assert KeyedVectors.load(f"{tmp_path}/{name}") == VECTORS


def test_a_directory_with_other_things_is_never_replaced(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    VECTORS.save(folder)
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match=r"'thesis\.txt', which would be lost"):
        VECTORS.save(folder)
    other = tmp_path / "v.embedkit"
    other.mkdir()
    (other / "meta.json").write_text("{}")
    with pytest.raises(OutputError, match="would be lost"):
        VECTORS.save(other)
    assert (folder / "thesis.txt").read_text() == "years of work"
    assert (other / "meta.json").read_text() == "{}"


def test_a_file_is_not_replaced_by_a_directory(tmp_path):
    (tmp_path / "v.embedkit").write_text("a file")
    with pytest.raises(OutputError, match="a file of that name exists"):
        VECTORS.save(tmp_path / "v.embedkit")
    assert (tmp_path / "v.embedkit").read_text() == "a file"


def test_an_empty_directory_is_filled(tmp_path):
    (tmp_path / "v").mkdir()
    VECTORS.save(tmp_path / "v")
    assert KeyedVectors.load(tmp_path / "v") == VECTORS


@pytest.mark.parametrize("name", ["meta.json", "vectors.npy", "words.txt", "counts.npy"])
@pytest.mark.parametrize("mmap", [False, True])
def test_a_file_cut_short_at_any_byte_or_missing_is_an_error(saved, name, mmap):
    whole = (saved / name).read_bytes()
    for size in [*range(len(whole) - 1 if name == "meta.json" else len(whole)), None]:
        if size is None:
            (saved / name).unlink()
        else:
            (saved / name).write_bytes(whole[:size])
        with pytest.raises(FormatError, match=r"v\.embedkit"):
            KeyedVectors.load(saved, mmap=mmap)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "met 'other'"),
        ({"version": 2}, "version 2 .* newer embedkit"),
        ({"n_words": 9}, "promises float32 .9, 4."),
        ({"n_words": -1}, "n_words is -1"),
        ({"n_words": "10"}, "n_words is '10'"),
        ({"vector_size": 5}, "promises float32 .10, 5."),
        ({"vector_size": True}, "vector_size is True"),
        ({"words_bytes": 1}, "promises 1"),
        ({"words_bytes": None}, "words_bytes is None"),
    ],
)
def test_meta_that_does_not_fit_is_an_error(saved, change, message):
    meta = json.loads((saved / "meta.json").read_text())
    (saved / "meta.json").write_text(json.dumps(meta | change))
    with pytest.raises(FormatError, match=message):
        KeyedVectors.load(saved)


@pytest.mark.parametrize("content", [b"[]", b"3", b"\xff", b"[" * 100_000])
def test_meta_that_is_no_object_is_an_error(saved, content):
    (saved / "meta.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"meta\.json"):
        KeyedVectors.load(saved)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((10, 4)),
        np.zeros((4, 10), dtype=np.float32),
        np.zeros(40, dtype=np.float32),
        np.array([[None] * 4] * 10),
        np.zeros((10, 4), dtype=">f4"),
        np.asfortranarray(np.ones((10, 4), dtype=np.float32)),
    ],
)
def test_a_matrix_of_another_kind_is_an_error(saved, array):
    np.save(saved / "vectors.npy", array)
    with pytest.raises(FormatError, match=r"vectors\.npy"):
        KeyedVectors.load(saved)


@pytest.mark.parametrize("old", [b"plain", b"\\\\slash"])
@pytest.mark.parametrize("new", [b"\n", b"\xff", b"\\x"])
def test_damaged_words_are_an_error_when_they_are_asked_for(saved, old, new):
    content = (saved / "words.txt").read_bytes()
    (saved / "words.txt").write_bytes(content.replace(old, new.ljust(len(old), b"a")))
    loaded = KeyedVectors.load(saved)
    with pytest.raises(FormatError, match=r"words\.txt"):
        _ = loaded.index_to_key


def test_a_word_that_comes_twice_is_an_error(tmp_path):
    KeyedVectors(["one", "two"], np.ones((2, 2))).save(tmp_path / "v.embedkit")
    (tmp_path / "v.embedkit" / "words.txt").write_bytes(b"one\none\n")
    with pytest.raises(FormatError, match="more than once"):
        KeyedVectors.load(tmp_path / "v.embedkit")["one"]


def test_a_directory_of_another_kind_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"directory without meta\.json"):
        KeyedVectors.load(tmp_path)
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(FormatError, match='expected "format"'):
        KeyedVectors.load(tmp_path)
