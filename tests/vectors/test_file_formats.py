"""What holds for every format of one file or directory: round trips, damage, limits, odd words."""

import contextlib
import gzip
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embedkit.errors import EmbedkitError, FormatError, InputError, OutputError, ParameterError
from embedkit.vectors.formats.registry import FORMATS
from embedkit.vectors.keyed_vectors import KeyedVectors

FILES = {"word2vec-binary": "v.bin", "word2vec-text": "v.txt", "glove": "v.txt"}
TINY = KeyedVectors(["ab", "é国", "-"], np.array([[1.5, -0.25], [0.1, 1e-8], [-0.0, 3e38]], dtype=np.float32))
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
any_word = st.text(st.characters(codec=None), max_size=8)
plain_word = st.text(st.characters(codec="utf-8", exclude_characters=" \t\n\v\f\r\0"), min_size=1, max_size=8)


@st.composite
def keyed_vectors(draw, words):
    keys = draw(st.lists(words, min_size=1, max_size=6, unique=True))
    shape = (len(keys), draw(st.integers(2, 5)))
    return KeyedVectors(keys, draw(hnp.arrays(np.float32, shape, elements=finite)))


def same_to_the_bit(left: KeyedVectors, right: KeyedVectors) -> bool:
    return left.index_to_key == right.index_to_key and left.vectors.tobytes() == right.vectors.tobytes()


@pytest.mark.parametrize("format_name", FILES)
@SAME_FOLDER
@given(vectors=keyed_vectors(plain_word))
def test_words_and_floats_come_back_to_the_bit(tmp_path, format_name, vectors):
    path = tmp_path / FILES[format_name]
    vectors.save(path, format=format_name)
    assert same_to_the_bit(KeyedVectors.load(path, format=format_name), vectors)


@SAME_FOLDER
@given(vectors=keyed_vectors(any_word), mmap=st.booleans())
def test_the_native_format_holds_any_word(tmp_path, vectors, mmap):
    path = tmp_path / "v.embedkit"
    assert vectors.save(path) == []
    assert same_to_the_bit(KeyedVectors.load(path, mmap=mmap), vectors)


@pytest.mark.parametrize("ending", [".bin", ".txt", ".vec"])
@pytest.mark.parametrize("compression", ["", ".gz", ".bz2", ".xz"])
def test_files_may_be_compressed(tmp_path, ending, compression):
    path = tmp_path / f"v{ending}{compression}"
    TINY.save(path)
    assert same_to_the_bit(KeyedVectors.load(path), TINY)
    assert same_to_the_bit(KeyedVectors.load(str(path), limit=2), KeyedVectors(TINY.index_to_key[:2], TINY.vectors[:2]))


def rows_of(vectors: KeyedVectors) -> list[tuple[str, list[float]]]:
    return [(word, vector.tolist()) for word, vector in vectors.items()]


@pytest.mark.parametrize("format_name", FILES)
def test_cut_short_at_any_byte_it_never_loads_wrong_in_silence(tmp_path, format_name, caplog):
    path = tmp_path / FILES[format_name]
    TINY.save(path, format=format_name)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        caplog.clear()
        try:
            loaded = KeyedVectors.load(path)
        except FormatError:
            continue
        if format_name == "word2vec-binary":
            assert size == len(whole) - 1, "only the line end of the last record may be missing"
        elif whole[size - 1 : size] != b"\n":
            assert "does not end in a line end" in caplog.text
        else:
            assert format_name == "glove", "without a header, whole lines are a whole file"
            assert rows_of(loaded) == rows_of(TINY)[: len(loaded)]


@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
def test_compressed_files_cut_short_or_damaged_say_so(tmp_path, format_name, ending):
    path = tmp_path / f"v.txt{ending}"
    TINY.save(path, format=format_name)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(FormatError):
            KeyedVectors.load(path, format=format_name)
    path.write_bytes(b"not compressed at all")
    with pytest.raises(FormatError, match=r"cannot read .*truncated or damaged"):
        KeyedVectors.load(path)


@pytest.mark.parametrize("format_name", FILES)
@SAME_FOLDER
@given(data=st.data())
def test_damage_is_an_error_of_ours_or_another_valid_file(tmp_path, format_name, data):
    path = tmp_path / FILES[format_name]
    TINY.save(path, format=format_name)
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    for chosen in (None, format_name):
        try:
            loaded = KeyedVectors.load(
                path, format=chosen, encoding_errors=data.draw(st.sampled_from(["strict", "replace"]))
            )
        except EmbedkitError:
            continue
        assert len(loaded.index_to_key) == len(loaded) == len(loaded.key_to_index)


@pytest.mark.parametrize("format_name", [None, *FILES])
@SAME_FOLDER
@given(content=st.one_of(st.binary(max_size=80), st.text("0123 .-e\n\tab\0", max_size=80).map(str.encode)))
def test_no_content_whatever_breaks_the_readers(tmp_path, format_name, content):
    path = tmp_path / "anything"
    path.write_bytes(content)
    with contextlib.suppress(EmbedkitError):
        KeyedVectors.load(path, format=format_name, encoding_errors="replace")


@pytest.mark.parametrize("format_name", FORMATS)
def test_limit_takes_the_first_words(tmp_path, format_name):
    path = tmp_path / "v"
    KeyedVectors(TINY.index_to_key, TINY.vectors, [3, 2, 1]).save(path, format=format_name)
    for limit in (1, 2, 3, 4, np.int64(1000)):
        loaded = KeyedVectors.load(path, limit=limit)
        assert rows_of(loaded) == rows_of(TINY)[:limit]
    if format_name == "native":
        assert KeyedVectors.load(path, limit=2).counts.tolist() == [3, 2]
    for limit in (0, -1, 2.0, True, "3"):
        with pytest.raises(ParameterError, match="limit="):
            KeyedVectors.load(path, limit=limit)


@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text"])
def test_limit_reads_what_is_whole_of_a_file_cut_short(tmp_path, format_name):
    path = tmp_path / FILES[format_name]
    TINY.save(path, format=format_name)
    path.write_bytes(path.read_bytes()[:-4])
    assert rows_of(KeyedVectors.load(path, limit=2)) == rows_of(TINY)[:2]


@pytest.mark.parametrize("format_name", FILES)
def test_the_first_of_equal_words_wins_and_the_log_says_how_many(tmp_path, format_name, caplog):
    path = tmp_path / FILES[format_name]
    KeyedVectors(list("abcdefg"), np.arange(14).reshape(7, 2)).save(path, format=format_name)
    renamed = {b"c ": b"a ", b"f ": b"a ", b"g ": b"b "}
    content = path.read_bytes()
    for word, other in renamed.items():
        assert content.count(word) == 1
        content = content.replace(word, other)
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="embedkit"):
        loaded = KeyedVectors.load(path)
    assert rows_of(loaded) == [("a", [0, 1]), ("b", [2, 3]), ("d", [6, 7]), ("e", [8, 9])]
    assert "3 of 7 words come more than once ('a' is the first)" in caplog.text


@pytest.mark.parametrize("format_name", FILES)
def test_words_that_are_not_utf8(tmp_path, format_name, caplog):
    path = tmp_path / FILES[format_name]
    KeyedVectors(["fine", "caf_", "caf~", "caf"], np.arange(8).reshape(4, 2)).save(path, format=format_name)
    path.write_bytes(path.read_bytes().replace(b"_", b"\xe9").replace(b"~", b"\xff"))
    offset = path.read_bytes().index(b"\xe9")
    with pytest.raises(FormatError, match=rf"(line|word) \d: 'caf.*not UTF-8 .byte 0xe9 at byte {offset} of.*replace"):
        KeyedVectors.load(path)
    assert list(KeyedVectors.load(path, encoding_errors="replace")) == ["fine", "caf�", "caf"]
    assert "1 of 4 words come more than once" in caplog.text
    ignoring = KeyedVectors.load(path, encoding_errors="ignore")
    assert rows_of(ignoring) == [("fine", [0, 1]), ("caf", [2, 3])]
    with pytest.raises(ParameterError, match="'surrogateescape'"):
        KeyedVectors.load(path, encoding_errors="surrogateescape")


@pytest.mark.parametrize("format_name", FILES)
@pytest.mark.parametrize("word", ["New York", "a\nb", "a\tb", "a\0b", "", "a\rb", "\v", "\f", "\ud800"])
def test_words_that_do_not_fit_name_the_native_format(tmp_path, format_name, word):
    path = tmp_path / FILES[format_name]
    vectors = KeyedVectors(["a", word], np.ones((2, 2)))
    with pytest.raises(FormatError, match="does not fit") as caught:
        vectors.save(path, format=format_name)
    assert repr(word) in str(caught.value)
    assert ".embedkit" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    vectors.save(tmp_path / "v.embedkit")
    assert list(KeyedVectors.load(tmp_path / "v.embedkit")) == ["a", word]


@pytest.mark.parametrize("format_name", FORMATS)
def test_words_of_any_length_and_script_fit(tmp_path, format_name):
    words = [
        "x" * 100_000,
        "日本語",
        "naïve",
        "a\u00a0b",
        "\u2028",
        "\x85",
        "\ufeff",
        "12",
        "-1.5",
        "nan",
        "#",
        '"',
        "\x1f",
    ]
    vectors = KeyedVectors(words, np.random.default_rng(0).standard_normal((len(words), 3)))
    for order in (slice(None), slice(None, None, -1)):
        turned = KeyedVectors(words[order], vectors.vectors[order])
        path = tmp_path / "v"
        turned.save(path, format=format_name)
        assert same_to_the_bit(KeyedVectors.load(path), turned)


@pytest.mark.parametrize("format_name", FILES)
def test_words_may_lie_anywhere_in_the_blocks(tmp_path, format_name, monkeypatch):
    monkeypatch.setattr("embedkit.vectors.formats.source.HEAD_BYTES", 16)
    vectors = KeyedVectors([f"w{i}" * (i % 5 + 1) for i in range(200)], np.random.default_rng(0).random((200, 3)))
    path = tmp_path / FILES[format_name]
    vectors.save(path, format=format_name)
    from embedkit.vectors.formats.source import Source

    read = Source.read
    for block in (1, 2, 7, 64):
        monkeypatch.setattr(Source, "read", lambda self, size=0, block=block: read(self, block))
        assert same_to_the_bit(KeyedVectors.load(path, format=format_name), vectors)


@pytest.mark.parametrize("format_name", FILES)
def test_vectors_that_are_not_finite_are_an_error_unless_allowed(tmp_path, format_name):
    path = tmp_path / FILES[format_name]
    odd = KeyedVectors(list("abc"), [[1, 2], [np.nan, np.inf], [-np.inf, 1]], allow_nonfinite=True)
    odd.save(path, format=format_name)
    with pytest.raises(FormatError, match=r"'b' \(word 2\).*NaN.*allow_nonfinite=True"):
        KeyedVectors.load(path)
    assert KeyedVectors.load(path, allow_nonfinite=True) == odd


@pytest.mark.parametrize("format_name", FILES)
def test_what_the_format_cannot_hold_is_returned_and_logged(tmp_path, format_name, caplog):
    path = tmp_path / FILES[format_name]
    counted = KeyedVectors(["a"], [[1, 2]], counts=[9])
    (note,) = counted.save(path, format=format_name)
    assert "holds no counts of words" in note
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("WARNING", note)]
    caplog.clear()
    assert KeyedVectors(["a"], [[1, 2]]).save(path, format=format_name) == []
    assert not caplog.records


@pytest.mark.parametrize("format_name", FILES)
def test_files_without_words_are_not_written(tmp_path, format_name):
    with pytest.raises(FormatError, match="at least one word"):
        KeyedVectors([], np.empty((0, 3))).save(tmp_path / "v.bin", format=format_name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_name", FILES)
def test_an_older_file_stays_until_the_new_one_is_complete(tmp_path, format_name):
    path = tmp_path / FILES[format_name]
    path.write_bytes(b"older")
    with pytest.raises(FormatError):
        KeyedVectors(["a", "b c"], np.ones((2, 2))).save(path, format=format_name)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("format_name", FILES)
def test_a_full_disk_is_an_output_error(format_name):
    with pytest.raises(OutputError, match="/dev/full: No space left"):
        TINY.save("/dev/full", format=format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_missing_folder_is_an_output_error(tmp_path, format_name):
    with pytest.raises(OutputError, match="does not exist"):
        TINY.save(tmp_path / "missing" / "v.bin", format=format_name)


@pytest.mark.parametrize("format_name", [None, "glove", "word2vec-binary", "word2vec-text"])
def test_a_missing_or_empty_file(tmp_path, format_name):
    with pytest.raises(InputError, match="no such file"):
        KeyedVectors.load(tmp_path / "missing.bin", format=format_name)
    (tmp_path / "empty.txt").touch()
    with pytest.raises(FormatError, match="is empty"):
        KeyedVectors.load(tmp_path / "empty.txt", format=format_name)
    with gzip.open(tmp_path / "empty.txt.gz", "wb"):
        pass
    with pytest.raises(FormatError, match="is empty"):
        KeyedVectors.load(tmp_path / "empty.txt.gz", format=format_name)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"0 5\n", "0 words of 5 numbers"),
        (b"-3 5\n", "-3 words"),
        (b"3 0\n", "3 words of 0 numbers"),
        (b"3 -5\n", "of -5 numbers"),
        (b"9999999999999999999999 5\n", "beyond reason"),
        (b"5 " + b"9" * 5000 + b"\n", "beyond reason"),
    ],
)
def test_headers_that_cannot_be(tmp_path, ending, header, message):
    path = tmp_path / f"v.bin{ending}"
    content = header + b"a \0\0\0\0\n"
    path.write_bytes(gzip.compress(content) if ending else content)
    for format_name in (None, "word2vec-binary", "word2vec-text"):
        with pytest.raises(FormatError, match=message):
            KeyedVectors.load(path, format=format_name)


@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text"])
def test_a_header_that_promises_too_much_is_found_out_before_memory_is_taken(tmp_path, format_name, monkeypatch):
    path = tmp_path / "v.bin"
    path.write_bytes(b"1000000000 1000000\na 1 2 3\n")
    monkeypatch.setattr("embedkit.vectors.formats.growing.np.empty", lambda *_: pytest.fail("memory was taken"))
    with pytest.raises(FormatError, match=r"promises 1000000000 x 1000000 .* the file holds 8 after it"):
        KeyedVectors.load(path, format=format_name)


@pytest.mark.parametrize("format_name", ["word2vec-binary", "word2vec-text"])
def test_a_compressed_file_takes_memory_only_as_its_content_comes(tmp_path, format_name):
    path = tmp_path / "v.bin.gz"
    path.write_bytes(gzip.compress(b"1000000000 1000000\na 1 2 3\n"))
    with pytest.raises(FormatError):
        KeyedVectors.load(path, format=format_name)
