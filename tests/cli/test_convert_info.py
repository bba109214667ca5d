"""`embedkit convert` and `embedkit info`."""

import json

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors


@pytest.fixture
def native(tmp_path):
    path = tmp_path / "native.embedkit"
    vectors = np.array([[3, 4], [0, 0], [0.1, 0]], dtype=np.float32)
    KeyedVectors(["the", "naïve", "日本"], vectors, [30, 20, 10]).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v.bin", None),
        ("v.bin.gz", None),
        ("v.txt", None),
        ("v.vec.xz", None),
        ("v.embedkit", None),
        ("v.glove.txt", "glove"),
        ("odd-name", "word2vec-binary"),
    ],
)
def test_every_format_holds_the_same_vectors(invoke, native, tmp_path, name, kind):
    options = [] if kind is None else ["--to", kind]
    assert invoke("convert", native, tmp_path / name, *options).exit_code == 0
    back = invoke("convert", tmp_path / name, tmp_path / "back.embedkit")
    assert back.exit_code == 0, back.output
    first, last = KeyedVectors.load(native), KeyedVectors.load(tmp_path / "back.embedkit")
    assert first.index_to_key == last.index_to_key
    np.testing.assert_array_equal(first.vectors, last.vectors)


def test_lost_counts_are_said_unless_quiet(invoke, native, tmp_path):
    assert "holds no counts" in invoke("convert", native, tmp_path / "v.bin").stderr
    assert invoke("convert", native, tmp_path / "v.bin", "--quiet").output == ""


def test_kept_counts_need_no_word(invoke, native, tmp_path):
    assert "holds no counts" not in invoke("convert", native, tmp_path / "v.embedkit").stderr


def test_limit_takes_the_first_words(invoke, native, tmp_path):
    invoke("convert", native, tmp_path / "v.bin", "--limit", 2)
    assert list(KeyedVectors.load(tmp_path / "v.bin")) == ["the", "naïve"]


def test_the_output_is_checked_before_the_input_is_read(invoke, tmp_path):
    result = invoke("convert", tmp_path / "nowhere.bin", tmp_path / "v.xyz")
    assert result.exit_code == 1
    assert "v.xyz" in result.stderr


def test_a_word_with_a_space_is_named_and_the_older_file_stays(invoke, tmp_path):
    KeyedVectors(["new york"], np.ones((1, 2), dtype=np.float32)).save(tmp_path / "v.embedkit")
    (tmp_path / "v.bin").write_bytes(b"an older file")
    result = invoke("convert", tmp_path / "v.embedkit", tmp_path / "v.bin")
    assert result.exit_code == 1
    assert "'new york'" in result.stderr
    assert (tmp_path / "v.bin").read_bytes() == b"an older file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.bin", "v.embedkit"]


def test_broken_words_are_refused_or_repaired(invoke, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 1\ncaf\xe9 1\ntea 2\n")
    result = invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin")
    assert result.exit_code == 1
    assert "UTF-8" in result.stderr
    assert invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin", "--encoding-errors", "ignore").exit_code == 0
    assert list(KeyedVectors.load(tmp_path / "v.bin")) == ["caf", "tea"]


def test_info_tells_size_format_counts_and_lengths(invoke, native):
    facts = json.loads(invoke("info", native, "--json").stdout)
    assert facts["format"] == "native"
    assert facts["words"] == 3
    assert facts["vector_size"] == 2
    assert facts["bytes"] > 24
    assert facts["counts"] is True
    assert facts["total_count"] == 60
    assert facts["first_words"] == ["the", "naïve", "日本"]
    assert facts["norms"] == pytest.approx({"min": 0, "mean": 1.7, "max": 5, "zeros": 1})


@pytest.mark.parametrize(
    ("name", "kind"), [("v.bin", "word2vec-binary"), ("v.txt", "word2vec-text"), ("g.txt", "glove")]
)
def test_info_recognises_the_format_by_content(invoke, native, tmp_path, name, kind):
    invoke("convert", native, tmp_path / name, "--to", kind)
    facts = json.loads(invoke("info", tmp_path / name, "--json").stdout)
    assert facts["format"] == kind
    assert facts["bytes"] == (tmp_path / name).stat().st_size
    assert facts["counts"] is False
    assert facts["total_count"] is None


def test_info_for_people_is_a_line_a_fact(invoke, native):
    rows = dict(line.split("\t") for line in invoke("info", native).stdout.splitlines())
    assert rows["words"] == "3"
    assert rows["format"] == "native"
    assert rows["counts"] == "yes, 60 words in all"
    assert rows["first words"] == "the  naïve  日本"
