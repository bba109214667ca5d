"""Similarity scores: the same correlations as gensim and scipy give."""

import json
import math
import warnings

import gensim.models
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import InputError, ParameterError
from embedkit.evaluate import evaluate_similarity
from embedkit.evaluate.similarity import _correlation, _ranks, read_pairs
from embedkit.vectors.keyed_vectors import KeyedVectors

PETS = KeyedVectors(["cat", "Dog", "car"], np.array([[1, 0], [0.9, 0.1], [0, 1]], dtype=np.float32))
ENGLISH = ["MEN-TR-3k", "MTurk-771", "RW-STANFORD", "SIMLEX-999", "WS-353-ALL", "WS-353-REL", "WS-353-SIM"]


def random_vectors(words, seed=1):
    rng = np.random.default_rng(seed)
    return KeyedVectors(words, rng.normal(size=(len(words), 20)).astype(np.float32))


@pytest.mark.realdata
@pytest.mark.parametrize("name", ENGLISH)
def test_the_english_sets_score_as_in_gensim(data_dir, name):
    path = data_dir / "eval" / "en" / f"EN-{name}.txt"
    words = list(dict.fromkeys(word.lower() for a, b, _ in read_pairs(path) for word in (a, b)))
    words = words[: len(words) * 3 // 4] + [word.upper() for word in words[:50]]
    vectors = random_vectors(words)
    twin = gensim.models.KeyedVectors(20)
    twin.add_vectors(words, np.array(vectors.vectors))
    pearson, spearman, oov = twin.evaluate_word_pairs(str(path))
    scores = evaluate_similarity(vectors, path)
    assert scores.spearman == pytest.approx(spearman[0], abs=1e-5)
    assert scores.pearson == pytest.approx(pearson[0], abs=1e-5)
    assert 1 - scores.coverage == pytest.approx(oov / 100)
    assert 0.3 < scores.coverage < 1


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "n_pairs", "first", "last"),
    [
        ("wordsim-240", 240, ("李白", "诗", 9.2), None),
        ("wordsim-297", 297, ("足球", "足球", 4.98), None),
    ],
)
def test_the_chinese_sets_parse_with_stray_spaces_stripped(data_dir, name, n_pairs, first, last):
    pairs = read_pairs(data_dir / "eval" / "zh" / f"{name}.txt")
    assert len(pairs) == n_pairs
    assert pairs[0] == first
    assert all(word == word.strip() for a, b, _ in pairs for word in (a, b))


@pytest.mark.parametrize(
    "content",
    [
        b"cat\tdog\t9.5\ndog\tcar\t1.5\ncat\tcar\t1\n",
        b"cat,dog,9.5\ndog,car,1.5\ncat,car,1\n",
        b"cat dog 9.5\ndog  car 1.5\n cat car\t1\n".replace(b"\t", b" "),
        b"\xef\xbb\xbf CAT \t dog\t9.5 \r\n\r\ndog\tcar \t1.5\r\n# a comment\r\nCat\tCAR\t1",
        b"Word 1,Word 2,Human (mean)\ncat,dog, 9.5\ndog , car,1.5\ncat,car,1\n",
        b"# tab separated\nword1\tword2\tscore\ncat\tdog\t9.5\ndog\tcar\t1.5\ncat\tcar\t1\n",
    ],
)
def test_tabs_commas_spaces_headers_and_comments_read_alike(tmp_path, content):
    path = tmp_path / "pets.txt"
    path.write_bytes(content)
    scores = evaluate_similarity(PETS, path)
    assert (scores.name, scores.n_pairs, scores.n_used, scores.coverage) == ("pets", 3, 3, 1.0)
    assert scores.spearman == pytest.approx(1.0)


def test_a_field_of_several_words_is_one_word_where_tabs_or_commas_separate(tmp_path):
    path = tmp_path / "places.tsv"
    path.write_text("new york\tlos angeles\t5\n1,000\t1,001\t9\n")
    assert read_pairs(path) == [("new york", "los angeles", 5.0), ("1,000", "1,001", 9.0)]


def test_pairs_with_an_unknown_word_are_left_out_and_listed(tmp_path):
    path = tmp_path / "pets.txt"
    path.write_text("cat dog 9\ncat Yak 3\ncar cat 1\nDOG car 2\n")
    scores = evaluate_similarity(PETS, path)
    assert scores.oov_pairs == (("cat", "Yak"),)
    assert (scores.n_pairs, scores.n_used, scores.coverage) == (4, 3, 0.75)
    assert evaluate_similarity(PETS, path, case_insensitive=False).n_used == 1
    assert evaluate_similarity(PETS, path, restrict_vocab=2).n_used == 1


def test_the_most_frequent_spelling_is_used(tmp_path):
    vectors = KeyedVectors(["Polish", "polish", "wax", "kraków"], np.array([[1, 0], [0, 1], [0.1, 1], [1, 0.1]], "f4"))
    path = tmp_path / "pairs.txt"
    path.write_text("polish wax 2\npolish KRAKÓW 8\n")
    assert evaluate_similarity(vectors, path).spearman == pytest.approx(1.0)
    assert evaluate_similarity(vectors, path, case_insensitive=False).n_used == 1


@pytest.mark.parametrize(
    "content",
    [b"cat yak 3\n", b"cat yak 3\ncat dog 4\n", b"cat dog 4\ndog car 4\ncat car 4\n", b"cat dog 4\ndog cat 5\n"],
)
def test_a_correlation_that_does_not_exist_is_nan_without_a_warning_and_null_in_json(tmp_path, content):
    path = tmp_path / "pairs.txt"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = evaluate_similarity(PETS, path)
    assert math.isnan(scores.spearman)
    assert math.isnan(scores.pearson)
    record = json.loads(json.dumps(scores.as_dict(), allow_nan=False))
    assert record["spearman"] is None
    assert record["pearson"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no pair"),
        (b"# nothing\n", "holds no pair"),
        (b"word1 word2 score\n", "holds no pair"),
        (b"cat\tdog\n", "line 1: expected two words and a number"),
        (b"cat dog 3\nword1 word2 score\n", "line 2: expected two words and a number.*'word1 word2 score'"),
        (b"cat dog 3,5x\n", "line 1"),
        (b"cat dog nan\ncat dog inf\n", "line 2"),
        (b"cat dog yak 3\n", "line 1"),
        (b"cat\t\t3\n", "line 1"),
        (b"cat dog 3\ncat \xe9 4\n", "line 2: not UTF-8 .byte 0xe9 at offset 4"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_what_was_expected(tmp_path, content, message):
    path = tmp_path / "pairs.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        evaluate_similarity(PETS, path)


def test_a_missing_file_is_named_and_a_bad_parameter_refused(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*missing\.txt"):
        evaluate_similarity(PETS, tmp_path / "missing.txt")
    (tmp_path / "pairs.txt").write_text("cat dog 1\n")
    with pytest.raises(ParameterError, match="restrict_vocab=-1"):
        evaluate_similarity(PETS, tmp_path / "pairs.txt", restrict_vocab=-1)


def test_a_row_of_zeros_has_the_cosine_zero(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("a b 1\na c 2\nb c 3\n")
    vectors = KeyedVectors(["a", "b", "c"], np.array([[0, 0], [1, 0], [1, 1]], dtype=np.float32))
    cosines = [0, 0, math.sqrt(0.5)]
    assert evaluate_similarity(vectors, path).pearson == pytest.approx(np.corrcoef(cosines, [1, 2, 3])[0, 1])


@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2))
def test_correlations_are_scipys_ties_included(pairs):
    x, y = np.array(pairs, dtype=float).T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert math.isnan(_correlation(x, y))
        return
    assert _correlation(_ranks(x), _ranks(y)) == pytest.approx(scipy.stats.spearmanr(x, y).statistic, abs=1e-12)
    assert _correlation(x, y) == pytest.approx(scipy.stats.pearsonr(x, y).statistic, abs=1e-12)


def test_rows_that_are_not_finite_have_the_cosine_zero_and_tiny_ones_their_own(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("a b 1\na c 2\nb c 3\nc d 4\n")
    vectors = np.array([[math.inf, 0], [1e-25, 0], [1e-25, 1e-25], [math.nan, 1]], dtype=np.float32)
    scores = evaluate_similarity(KeyedVectors(["a", "b", "c", "d"], vectors, allow_nonfinite=True), path)
    expected = np.corrcoef([0, 0, math.sqrt(0.5), 0], [1, 2, 3, 4])[0, 1]
    assert scores.pearson == pytest.approx(expected)
