"""word2vec's binary format: bytes as they lie, and what is said about files that are not so."""

import struct
import warnings

import numpy as np
import pytest

from embedkit.errors import FormatError
from embedkit.vectors.keyed_vectors import KeyedVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gensim.models import KeyedVectors as GensimVectors

RECORDS = [b"one " + struct.pack("<2f", 1, 2), "été ".encode() + struct.pack("<2f", 3, 4)]


def load(tmp_path, content: bytes, **settings) -> KeyedVectors:
    path = tmp_path / "v.bin"
    path.write_bytes(content)
    return KeyedVectors.load(path, **settings)


def test_bytes_are_laid_out_as_documented(tmp_path):
    KeyedVectors(["one", "été"], [[1, 2], [3, 4]]).save(tmp_path / "v.bin")
    assert (tmp_path / "v.bin").read_bytes() == b"2 2\n" + b"".join(record + b"\n" for record in RECORDS)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_line_end_behind_a_record_is_optional(tmp_path, end):
    loaded = load(tmp_path, b"2 2\n" + end.join([*RECORDS, b""]))
    assert loaded == KeyedVectors(["one", "été"], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 2\n" + b"".join(RECORDS) + b"more", "goes on after its 2 words, with 'more'"),
        (b"1 2\n" + b"".join(RECORDS), "goes on after its 1 words"),
        (b"2 2\n" + b"".join(RECORDS) + b"\n\n", "goes on after its 2 words"),
        (b"3 2\n" + b"".join(RECORDS) + b"x" * 9, "ends at byte 39 inside word 3 of 3 .*limit=2"),
        (b"1 2\n" + b"x" * 30, "ends at byte 34 inside word 1 of 1"),
        (b"9 2\n" + b"".join(RECORDS), "promises 9 x 2 numbers, at least 90 bytes, but the file holds 26"),
        (b"1 2\na\0b " + bytes(8), r"word 1 at byte 4: a NUL byte in 'a\\x00b'"),
        (b"1 2\na\nb " + bytes(8), r"word 1 at byte 4: a line end in 'a\\nb'"),
        (b"2 2\n" + RECORDS[0] + b" " + bytes(9), "word 2 is empty"),
    ],
)
def test_damage_is_named_with_its_place(tmp_path, content, message):
    with pytest.raises(FormatError, match=message):
        load(tmp_path, content, format="word2vec-binary")


def test_gensim_reads_ours_to_the_bit(tmp_path):
    vectors = KeyedVectors(["a", "ü", "日本"], np.random.default_rng(0).standard_normal((3, 50)))
    vectors.save(tmp_path / "v.bin")
    theirs = GensimVectors.load_word2vec_format(tmp_path / "v.bin", binary=True)
    assert theirs.index_to_key == vectors.index_to_key
    assert theirs.vectors.tobytes() == vectors.vectors.tobytes()


def test_ours_reads_gensims_to_the_bit(tmp_path):
    theirs = GensimVectors(50)
    theirs.add_vectors(["a", "ü", "日本"], np.random.default_rng(0).standard_normal((3, 50)).astype(np.float32))
    theirs.save_word2vec_format(tmp_path / "v.bin", binary=True)
    loaded = KeyedVectors.load(tmp_path / "v.bin")
    assert theirs.index_to_key == loaded.index_to_key
    assert theirs.vectors.tobytes() == loaded.vectors.tobytes()
