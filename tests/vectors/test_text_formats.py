"""word2vec's and GloVe's text formats: bytes as they lie, patience with variants, and places of errors."""

import warnings

import numpy as np
import pytest

from embedkit.errors import FormatError
from embedkit.vectors.keyed_vectors import KeyedVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gensim.models import KeyedVectors as GensimVectors

ROWS = b"one 1 2\n\xc3\xa9t\xc3\xa9 3 0.1\n"
PAIR = KeyedVectors(["one", "été"], np.array([[1, 2], [3, 0.1]], dtype=np.float32))


def load(tmp_path, content: bytes, **settings) -> KeyedVectors:
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    return KeyedVectors.load(path, **settings)


@pytest.mark.parametrize(("format_name", "header"), [("word2vec-text", b"2 2\n"), ("glove", b"")])
def test_bytes_are_laid_out_as_documented(tmp_path, format_name, header):
    PAIR.save(tmp_path / "v.txt", format=format_name)
    assert (tmp_path / "v.txt").read_bytes() == header + ROWS


@pytest.mark.parametrize("header", [b"2 2\n", b""])
@pytest.mark.parametrize(
    "variant",
    [
        lambda content: content,
        lambda content: content.replace(b"\n", b" \n"),
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b" ", b"\t"),
        lambda content: content.replace(b" ", b"  "),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content + b"\n\r\n \n",
        lambda content: content.replace(b"3", b"+3e0"),
    ],
)
def test_variants_of_other_tools_are_read(tmp_path, header, variant):
    assert load(tmp_path, variant(header + ROWS)) == PAIR


@pytest.mark.parametrize("header", [b"2 2\n", b""])
def test_a_missing_last_line_end_is_warned_about(tmp_path, header, caplog):
    assert load(tmp_path, (header + ROWS)[:-1]) == PAIR
    assert "does not end in a line end" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 2\none 1 2\n", "promises 2 x 2|ends after 1 of the 2 words"),
        (b"3 2\none 11111 2222\ntwo 3 4\n", "ends after 2 of the 3 words .*limit=2"),
        (b"1 2\none 1 2\ntwo 3 4\n", "goes on at line 3 after the 1 words"),
        (b"2 2\none 1 2\ntwo 3\n", "line 3: 1 fields after the word 'two', expected 2 numbers"),
        (b"2 2\none 1 2\ntwo 3 4 5\n", "line 3: 3 fields after the word 'two', expected 2 numbers"),
        (b"2 2\none 1 2\ntwo o 3 4\n", "line 3: 3 fields after the word 'two'.*white space"),
        (b"2 2\none 1 2\ntwo 3 x4\n", "line 3: field 2 after the word 'two' is 'x4', expected a number"),
        (b"2 2\none 1 2\ntwo 3 4_0\n", "'4_0', expected a number"),
        (b"2 2\none 1 2\ntwo 3 0x4\n", "'0x4', expected a number"),
        (b"2 2\none 1 2\ntwo 3-1  4\n", "'3-1', expected a number"),
        (b"2 2\none 1\t2 3\ntwo  4\n", "line 2: 3 fields"),
        (b"2 2\none  1\ntwo 2\t3 4\n", "line 2: 1 fields"),
        (b"1 3\ntwo 3-1  4\n", "line 2: 2 fields after the word 'two'"),
        (b"2 2\none 1 2\ntwo 3,5 4\n", "'3,5', expected a number"),
        (b"2 2\none 1 2\n 3 4\n", "line 3 starts with white space"),
        (b"2 2\none 1 2\n\ntwo 3 4\n", "line 3 is empty"),
        (b"2 2\none 1 2\nt\0wo 3 4\n", r"line 3 at byte 12: a NUL byte in 't\\x00wo'"),
        (b"2 2\none 1 2\ntwo 3 44444\0\n", "line 3: field 2"),
        (b"2 2\none 1 2\ntwo 3 1e99\n", "'two'.*beyond float32"),
        (b"2 3\none\tis 1 2 3\ntwo 3 4 5\n", "line 2: 4 fields"),
        (b"two words\n", "expected word vectors"),
        (b"one 1 2\ntwo 3\n", "line 2: 1 fields after the word 'two', expected 2 numbers"),
        (b"one 1 2\ntwo 3 4 5\n", "line 2: 3 fields after the word 'two', expected 2 numbers"),
        (b"one 1 2\ntwo 3 4 5three 5 6\n", "line 2: 5 fields"),
        (b"one 1 2\ntwo 3 x\n", "line 2: field 2 after the word 'two' is 'x'"),
        (b"one 1 2\ntwo\n", "line 2: 0 fields after the word 'two'"),
        (b"one 1 2\n\ntwo 3 4\n", "line 2 is empty"),
        (b"\none 1 2\n", "expected word vectors"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, content, message):
    with pytest.raises(FormatError, match=message):
        load(tmp_path, content)


def test_lines_are_counted_through_all_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("embedkit.vectors.formats.source.BLOCK_BYTES", 100)
    rows = b"".join(b"w%d 0.5 0.25\n" % index for index in range(20_000))
    with pytest.raises(FormatError, match="line 20001: field 1 after the word 'last'"):
        load(tmp_path, rows + b"last x 3\n")
    with pytest.raises(FormatError, match=rf"line 20002: .*not UTF-8 .byte 0xff at byte {len(rows) + 10} of the file"):
        load(tmp_path, b"20001 2\n" + rows + b"ok\xff 1 3\n")


def test_glove_words_may_hold_spaces(tmp_path):
    loaded = load(tmp_path, b"the 1 2 3\n. . . 4 5 6\nat  name@domain.com 7 8 9\nend 1 1 1\n")
    assert loaded.index_to_key == ["the", ". . .", "at  name@domain.com", "end"]
    assert loaded.vectors.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 1, 1]]


def test_glove_words_may_be_numbers(tmp_path):
    loaded = load(tmp_path, b"2010 1 2 3\n0.5 4 5 6\n-7e3 7 8 9\n")
    assert loaded.index_to_key == ["2010", "0.5", "-7e3"]


def test_a_line_of_50_mb_is_read(tmp_path):
    loaded = load(tmp_path, b"2 2\n" + b"w" * 50_000_000 + b" 1 2\nend 3 4\n")
    assert [len(word) for word in loaded] == [50_000_000, 3]


@pytest.mark.parametrize("format_name", ["word2vec-text", "glove"])
def test_gensim_reads_ours_to_the_bit(tmp_path, format_name):
    vectors = KeyedVectors(["a", "ü", "日本"], np.random.default_rng(0).standard_normal((3, 50)))
    vectors.save(tmp_path / "v.txt", format=format_name)
    theirs = GensimVectors.load_word2vec_format(tmp_path / "v.txt", no_header=format_name == "glove")
    assert theirs.index_to_key == vectors.index_to_key
    assert theirs.vectors.tobytes() == vectors.vectors.tobytes()


@pytest.mark.parametrize("write_header", [True, False])
def test_ours_reads_gensims_to_the_bit(tmp_path, write_header):
    theirs = GensimVectors(50)
    theirs.add_vectors(["a", "ü", "日本"], np.random.default_rng(0).standard_normal((3, 50)).astype(np.float32))
    theirs.save_word2vec_format(tmp_path / "v.txt", write_header=write_header)
    loaded = KeyedVectors.load(tmp_path / "v.txt")
    assert theirs.index_to_key == loaded.index_to_key
    assert theirs.vectors.tobytes() == loaded.vectors.tobytes()
