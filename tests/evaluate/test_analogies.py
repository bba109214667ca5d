"""Analogy scores: the same figures as gensim and word2vec's compute-accuracy give."""

import json
import math

import gensim.models
import numpy as np
import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.evaluate import analogies, evaluate_analogies
from embedkit.vectors.keyed_vectors import KeyedVectors


def gensim_twin(vectors):
    twin = gensim.models.KeyedVectors(vectors.vector_size)
    twin.add_vectors(list(vectors.index_to_key), np.array(vectors.vectors))
    return twin


def planted(words, seed, size=12, noise=0.6):
    """Vectors with something of a regularity in them, so that some questions come out right and some wrong."""
    rng = np.random.default_rng(seed)
    families = rng.normal(size=(len(words), size))
    roles = rng.normal(size=(4, size))
    vectors = [families[i // 4] + roles[i % 4] + noise * rng.normal(size=size) for i in range(len(words))]
    scale = rng.uniform(0.2, 5, size=(len(words), 1))
    return KeyedVectors(words, (np.array(vectors) * scale).astype(np.float32))


def questions_file(path, words, seed, n=150):
    rng = np.random.default_rng(seed)
    lines = []
    for section in ("capitals", "family", "gram1-plural"):
        lines.append(f": {section}")
        for _ in range(n):
            i, j = 4 * rng.integers(0, len(words) // 4, size=2)
            k, m = rng.choice(4, size=2, replace=False)
            lines.append(" ".join(words[p] for p in (i + k, i + m, j + k, j + m)))
        lines.append("here there nowhere unknown")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def oracle(vectors, path, restrict_vocab, *, case_insensitive=True):
    _, sections = gensim_twin(vectors).evaluate_word_analogies(
        str(path), restrict_vocab=restrict_vocab, case_insensitive=case_insensitive
    )
    return [(s["section"], len(s["correct"]), len(s["correct"]) + len(s["incorrect"])) for s in sections[:-1]]


def ours(scores):
    return [(s.name, s.correct, s.total) for s in scores.sections]


@pytest.mark.parametrize("restrict_vocab", [17, 60, 100, 5000])
@pytest.mark.parametrize("seed", [1, 2])
def test_scores_by_section_are_those_of_gensim(tmp_path, restrict_vocab, seed):
    words = [f"w{i}" for i in range(120)]
    vectors = planted(words, seed)
    path = questions_file(tmp_path / "questions.txt", words, seed)
    scores = evaluate_analogies(vectors, path, restrict_vocab=restrict_vocab)
    assert ours(scores) == oracle(vectors, path, restrict_vocab)
    if restrict_vocab >= 60:
        assert 0 < scores.total.correct < scores.total.total


@pytest.mark.parametrize("case_insensitive", [True, False])
def test_spellings_that_differ_in_case_count_as_in_gensim(tmp_path, case_insensitive):
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in range(120)]
    for i in rng.choice(120, size=50, replace=False):
        words[i] = words[i].upper()
    # The second half spells the first half's words anew, with vectors near theirs.
    everything = words + [word.swapcase() for word in words]
    first = planted(words, 3).vectors
    vectors = KeyedVectors(
        everything, np.vstack([first, first + 0.2 * rng.normal(size=first.shape).astype(np.float32)])
    )
    path = questions_file(tmp_path / "questions.txt", [w.lower() for w in words], 3)
    for restrict_vocab in (60, 150, 240):
        scores = evaluate_analogies(vectors, path, restrict_vocab=restrict_vocab, case_insensitive=case_insensitive)
        assert ours(scores) == oracle(vectors, path, restrict_vocab, case_insensitive=case_insensitive)
        assert scores.total.total > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_3cosmul_gives_the_answers_of_gensims_most_similar_cosmul(tmp_path, seed):
    words = [f"w{i}" for i in range(120)]
    vectors = planted(words, seed)
    path = questions_file(tmp_path / "questions.txt", words, seed)
    # gensim's most_similar_cosmul knows no restrict_vocab, so the oracle gets only the words that count.
    for n_words in (60, 120):
        twin = gensim_twin(KeyedVectors(words[:n_words], vectors.vectors[:n_words]))
        expected = []
        for name, entries in analogies.read_questions(path):
            known = [q for q in entries if all(word in twin for word in q)]
            hits = [twin.most_similar_cosmul([b, c], [a], topn=1)[0][0] == d for a, b, c, d in known]
            expected.append((name, sum(hits), len(known)))
        assert ours(evaluate_analogies(vectors, path, method="mul", restrict_vocab=n_words)) == expected


def test_small_batches_give_the_same_scores(tmp_path, monkeypatch):
    words = [f"w{i}" for i in range(120)]
    vectors = planted(words, 4)
    path = questions_file(tmp_path / "questions.txt", words, 4)
    whole = [evaluate_analogies(vectors, path, method=method) for method in ("add", "mul")]
    monkeypatch.setattr(analogies, "BATCH_SCORES", 7 * 120)
    assert [evaluate_analogies(vectors, path, method=method) for method in ("add", "mul")] == whole


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("restrict_vocab", [300, 900])
def test_the_google_questions_score_as_in_gensim(data_dir, restrict_vocab):
    path = data_dir / "eval" / "en" / "questions-words.txt"
    seen = dict.fromkeys(w.lower() for _, entries in analogies.read_questions(path) for q in entries for w in q)
    words = list(seen)
    rng = np.random.default_rng(5)
    vectors = KeyedVectors(words, rng.normal(size=(len(words), 10)).astype(np.float32))
    scores = evaluate_analogies(vectors, path, restrict_vocab=restrict_vocab)
    assert ours(scores) == oracle(vectors, path, restrict_vocab)
    assert sum(s.total + s.skipped for s in scores.sections) == 19_544
    assert len(scores.sections) == 14


@pytest.mark.realdata
def test_the_chinese_questions_with_crlf_are_read(data_dir):
    sections = dict(analogies.read_questions(data_dir / "eval" / "zh" / "CA8-semantic.txt"))
    assert list(sections) == ["geography", "nature", "history", "people"]
    assert sections["geography"][0] == ("广东", "粤剧", "浙江", "越剧")
    assert sum(map(len, sections.values())) == 7636


SQUARE = KeyedVectors(
    ["man", "woman", "king", "queen", "Boy"],
    np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 0]], dtype=np.float32),
)


def test_sections_can_be_given_as_a_mapping_or_as_pairs():
    entries = [("man", "woman", "king", "queen"), ["Man", "WOMAN", "king", "emperor"]]
    for sections in ({"family": entries}, [("family", entries)], ((name, iter(entries)) for name in ["family"])):
        (section,) = evaluate_analogies(SQUARE, sections).sections
        assert (section.name, section.correct, section.total, section.skipped) == ("family", 1, 1, 1)


def test_semantic_and_syntactic_split_by_the_name_gram():
    question, wrong = ("man", "woman", "king", "queen"), ("man", "woman", "king", "Boy")
    scores = evaluate_analogies(SQUARE, {"family": [question] * 3, "gram1-x": [wrong] * 2, "gram2-y": [question]})
    assert (scores.semantic.correct, scores.semantic.total) == (3, 3)
    assert (scores.syntactic.correct, scores.syntactic.total) == (1, 3)
    assert scores.total.accuracy == pytest.approx(4 / 6)


def test_an_input_word_is_never_an_answer_even_when_no_other_word_is_left():
    vectors = KeyedVectors(["man", "woman", "king"], SQUARE.vectors[:3])
    scores = evaluate_analogies(vectors, {"family": [("man", "woman", "king", "man"), ("man", "king", "king", "king")]})
    assert (scores.total.correct, scores.total.total) == (0, 2)


def test_questions_without_a_known_word_give_nan_and_json_null():
    scores = evaluate_analogies(SQUARE, {"family": [("a", "b", "c", "d")]})
    assert math.isnan(scores.total.accuracy)
    record = json.loads(json.dumps(scores.as_dict(), allow_nan=False))
    assert record["total"] == {"name": "total", "accuracy": None, "correct": 0, "total": 0, "skipped": 1}
    assert record["sections"][0]["skipped"] == 1
    assert record["restrict_vocab"] == 30_000


def test_restrict_vocab_none_counts_all_words():
    question = {"family": [("man", "woman", "king", "queen")]}
    assert evaluate_analogies(SQUARE, question, restrict_vocab=3).total.skipped == 1
    assert evaluate_analogies(SQUARE, question, restrict_vocab=None).total.correct == 1


def test_a_byte_order_mark_crlf_and_blank_lines_are_no_matter(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_bytes(b"\xef\xbb\xbf: family\r\n\r\n man  woman\tking queen \r\n:empty\r\n")
    scores = evaluate_analogies(SQUARE, path)
    assert ours(scores) == [("family", 1, 1), ("empty", 0, 0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no question"),
        (b": family\n", "holds no question"),
        (b"man woman king queen\n", "line 1: expected a section header"),
        (b": family\nman woman king queen\nman woman king\n", "line 3: expected the four words .* 3 .'man woman king'"),
        (b": family\nman woman \xff queen\n", "line 2: not UTF-8"),
        (": family\n".encode("utf-16"), "line 1: not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_what_was_expected(tmp_path, content, message):
    path = tmp_path / "questions.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        evaluate_analogies(SQUARE, path)


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*missing\.txt"):
        evaluate_analogies(SQUARE, tmp_path / "missing.txt")
    (tmp_path / "cut.txt.gz").write_bytes(b"\x1f\x8b\x08\x00\x00")
    with pytest.raises(InputError, match=r"cannot read .*cut\.txt\.gz"):
        evaluate_analogies(SQUARE, tmp_path / "cut.txt.gz")


@pytest.mark.parametrize(
    "sections", [{}, {"family": []}, {"family": ["man woman king queen"]}, {"family": [("a", "b")]}]
)
def test_bad_sections_are_refused(sections):
    with pytest.raises(InputError, match="question"):
        evaluate_analogies(SQUARE, sections)


def test_bad_parameters_are_refused():
    question = {"family": [("man", "woman", "king", "queen")]}
    with pytest.raises(ParameterError, match="method='plus': expected one of 'add', 'mul'"):
        evaluate_analogies(SQUARE, question, method="plus")
    with pytest.raises(ParameterError, match="method"):
        evaluate_analogies(SQUARE, question, method=["add"])
    for value in (0, -1, 3.0, "3", True):
        with pytest.raises(ParameterError, match=f"restrict_vocab={value!r}: expected a whole number, 1 or more"):
            evaluate_analogies(SQUARE, question, restrict_vocab=value)


@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("value", [math.inf, math.nan, 3e38])
def test_a_row_without_a_direction_does_not_change_other_answers(method, value):
    words = [*SQUARE.index_to_key, "odd"]
    vectors = np.vstack([SQUARE.vectors, np.full((1, 3), value, dtype=np.float32)])
    if value == 3e38:  # finite, but its length is not
        vectors[-1] = [value, -value, -value]
    table = KeyedVectors(words, vectors, allow_nonfinite=True)
    scores = evaluate_analogies(table, {"family": [("man", "woman", "king", "queen")]}, method=method)
    assert (scores.total.correct, scores.total.total) == (1, 1)
