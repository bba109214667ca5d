"""`embedkit neighbors` and `embedkit analogy`."""

import json

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors


def test_neighbors_piped_are_words_and_similarities(invoke, trained):
    result = invoke("neighbors", trained, "cat", "-k", 4)
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert {word for word, _ in rows} == {"dog", "mouse", "fur", "paw"}
    values = [float(value) for _, value in rows]
    assert values == sorted(values, reverse=True)
    assert result.stderr == ""


def test_neighbors_of_several_words_name_the_word_asked_for(invoke, trained):
    rows = [line.split("\t") for line in invoke("neighbors", trained, "cat", "tea", "-k", 2).stdout.splitlines()]
    assert [row[0] for row in rows] == ["cat", "cat", "tea", "tea"]


def test_neighbors_json_is_one_object_by_word(invoke, trained):
    answer = json.loads(invoke("neighbors", trained, "cat", "tea", "-k", 3, "--json").stdout)
    assert list(answer) == ["cat", "tea"]
    assert [set(row) for row in answer["tea"]] == [{"word", "score"}] * 3


def test_a_missing_word_is_named_with_close_spellings(invoke, trained):
    result = invoke("neighbors", trained, "cat", "coffe")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "'coffe'" in result.stderr
    assert "coffee" in result.stderr


def test_limit_reads_the_first_words_only(invoke, trained):
    assert (
        len(invoke("neighbors", trained, KeyedVectors.load(trained).index_to_key[0], "--limit", 5).stdout.splitlines())
        == 4
    )


@pytest.fixture
def royal(tmp_path):
    words = ["man", "woman", "king", "queen", "boat"]
    vectors = [[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]
    KeyedVectors(words, np.array(vectors, dtype=np.float32)).save(tmp_path / "royal.bin")
    return tmp_path / "royal.bin"


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy_is_a_to_b_as_c_to_the_answer(invoke, royal, method):
    result = invoke("analogy", royal, "man", "king", "woman", "--method", method, "-k", 1)
    word, score = result.stdout.split()
    assert word == "queen"
    assert float(score) > 0.5


def test_analogy_json_holds_question_and_answers(invoke, royal):
    answer = json.loads(invoke("analogy", royal, "man", "king", "woman", "--json").stdout)
    assert (answer["a"], answer["b"], answer["c"]) == ("man", "king", "woman")
    assert answer["answers"][0]["word"] == "queen"


def test_words_of_an_analogy_that_are_missing_are_named(invoke, royal):
    result = invoke("analogy", royal, "man", "kingg", "woman")
    assert result.exit_code == 1
    assert "'kingg'" in result.stderr
    assert "king" in result.stderr


def test_control_characters_of_a_word_do_not_reach_the_terminal(invoke, tmp_path):
    KeyedVectors(["plain", "\x1b[31mred"], np.eye(2, dtype=np.float32) + 1).save(tmp_path / "v.bin")
    output = invoke("neighbors", tmp_path / "v.bin", "plain").stdout
    assert "\x1b" not in output
    assert r"\x1b[31mred" in output
