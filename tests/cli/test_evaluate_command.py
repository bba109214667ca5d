"""`embedkit evaluate analogies` and `embedkit evaluate similarity`."""

import json
import lzma

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors

QUESTIONS = """: family
man woman king queen
king queen man woman
man woman prince princess
: gram1-plural
boat boats king kings
"""


@pytest.fixture
def royal(tmp_path):
    words = ["man", "woman", "king", "queen", "boat"]
    vectors = [[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]
    KeyedVectors(words, np.array(vectors, dtype=np.float32)).save(tmp_path / "royal.bin")
    (tmp_path / "questions.txt").write_text(QUESTIONS)
    return tmp_path / "royal.bin"


def test_analogies_have_a_row_a_section_then_the_sums(invoke, royal, tmp_path):
    result = invoke("evaluate", "analogies", royal, tmp_path / "questions.txt")
    assert result.exit_code == 0, result.output
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["family", "1.0000", "2", "2", "1"],
        ["gram1-plural", "-", "0", "0", "1"],
        ["semantic", "1.0000", "2", "2", "1"],
        ["syntactic", "-", "0", "0", "1"],
        ["total", "1.0000", "2", "2", "2"],
    ]


def test_analogies_json_is_one_object(invoke, royal, tmp_path):
    scores = json.loads(invoke("evaluate", "analogies", royal, tmp_path / "questions.txt", "--json").stdout)
    assert scores["total"] == {"name": "total", "accuracy": 1.0, "correct": 2, "total": 2, "skipped": 2}
    assert scores["syntactic"]["accuracy"] is None
    assert scores["method"] == "add"
    assert scores["restrict_vocab"] == 30_000


def test_analogies_pass_on_method_and_vocabulary(invoke, royal, tmp_path):
    options = ["--method", "mul", "--restrict-vocab", 3, "--json"]
    scores = json.loads(invoke("evaluate", "analogies", royal, tmp_path / "questions.txt", *options).stdout)
    assert scores["method"] == "mul"
    assert scores["restrict_vocab"] == 3
    assert scores["total"]["skipped"] == 4


def test_restrict_vocab_of_zero_takes_all_words(invoke, royal, tmp_path):
    options = ["--restrict-vocab", 0, "--json"]
    scores = json.loads(invoke("evaluate", "analogies", royal, tmp_path / "questions.txt", *options).stdout)
    assert scores["restrict_vocab"] is None


def test_similarity_has_a_row_a_file_with_coverage(invoke, royal, tmp_path):
    (tmp_path / "near.txt").write_text("king,queen,9\r\nman , king, 8\r\nman,boat,1\r\nman,yak,1\r\n")
    (tmp_path / "none.txt").write_text("yak\temu\t3\n")
    result = invoke("evaluate", "similarity", royal, tmp_path / "near.txt", tmp_path / "none.txt")
    assert result.exit_code == 0, result.output
    first, second = (line.split("\t") for line in result.stdout.splitlines())
    assert (first[0], first[3:]) == ("near", ["3", "4", "0.7500"])
    assert -1 <= float(first[1]) <= 1
    assert second == ["none", "-", "-", "0", "1", "0.0000"]


def test_similarity_json_is_one_object(invoke, royal, tmp_path):
    (tmp_path / "near.txt").write_text("king queen 9\nman king 8\nman boat 1\nman yak 1\n")
    scores = json.loads(invoke("evaluate", "similarity", royal, tmp_path / "near.txt", "--json").stdout)
    (only,) = scores["sets"]
    assert only["name"] == "near"
    assert only["n_used"] == 3
    assert only["coverage"] == 0.75


@pytest.mark.parametrize("kind", ["analogies", "similarity"])
def test_a_missing_or_foreign_question_file_is_an_error(invoke, royal, tmp_path, kind):
    result = invoke("evaluate", kind, royal, tmp_path / "nowhere.txt")
    assert result.exit_code == 1
    assert "nowhere.txt" in result.stderr
    (tmp_path / "poem.txt").write_text("a line of quite another kind\nand one more\n")
    result = invoke("evaluate", kind, royal, tmp_path / "poem.txt")
    assert result.exit_code == 1
    assert "poem.txt, line " in result.stderr


def test_a_negative_restrict_vocab_is_a_usage_error(invoke, royal, tmp_path):
    result = invoke("evaluate", "analogies", royal, tmp_path / "questions.txt", "--restrict-vocab", -3)
    assert result.exit_code == 2
    assert "--restrict-vocab" in result.stderr


@pytest.mark.parametrize("kind", ["analogies", "similarity"])
def test_a_damaged_compressed_question_file_is_an_error(invoke, royal, tmp_path, kind):
    path = tmp_path / "questions.txt.xz"
    path.write_bytes(lzma.compress(QUESTIONS.encode() * 100)[:-60] + bytes(60))
    result = invoke("evaluate", kind, royal, path)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "questions.txt.xz" in result.stderr
