"""KeyedVectors as a mapping, and the questions asked of it, on vectors small enough to reckon by hand."""

import copy
import pickle

import numpy as np
import pytest

from embedkit.errors import EmbedkitError, MissingWordError, ParameterError
from embedkit.vectors.keyed_vectors import KeyedVectors

WORDS = ["east", "north", "west", "south", "northeast", "nowhere"]
MATRIX = np.array([[2, 0], [0, 1], [-1, 0], [0, -3], [1, 1], [0, 0]], dtype=np.float32)


@pytest.fixture
def compass() -> KeyedVectors:
    return KeyedVectors(WORDS, MATRIX, counts=[60, 50, 40, 30, 20, 10])


def test_is_a_mapping_from_word_to_vector(compass):
    assert list(compass) == WORDS
    assert len(compass) == 6
    assert "north" in compass
    assert "up" not in compass
    assert 3 not in compass
    assert compass.get("up") is None
    assert dict(compass.items())["south"].tolist() == [0, -3]
    assert compass.vector_size == 2
    assert compass.index_to_key == WORDS
    assert compass.key_to_index["west"] == 2
    assert compass.counts.dtype == np.int64
    assert repr(compass) == "<KeyedVectors: 6 words, 2 dimensions>"


@pytest.mark.parametrize("words", [["south", "east"], ("south", "east"), np.array(["south", "east"])])
def test_several_words_give_a_matrix(compass, words):
    assert compass[words].tolist() == [[0, -3], [2, 0]]


def test_no_words_give_an_empty_matrix(compass):
    assert compass[[]].shape == (0, 2)


@pytest.mark.parametrize(
    "vectors",
    [MATRIX.tolist(), MATRIX.astype(np.float64), MATRIX.astype(np.int8), np.asfortranarray(MATRIX), MATRIX[::1]],
)
def test_every_kind_of_matrix_becomes_float32_in_c_order(vectors):
    taken = KeyedVectors(WORDS, vectors)
    assert taken.vectors.dtype == np.float32
    assert taken.vectors.flags.c_contiguous
    assert np.array_equal(taken.vectors, MATRIX)


@pytest.mark.parametrize("words", [tuple(WORDS), np.array(WORDS), iter(WORDS), dict.fromkeys(WORDS)])
def test_every_kind_of_words_becomes_a_list_of_str(words):
    taken = KeyedVectors(words, MATRIX)
    assert taken.index_to_key == WORDS
    assert all(type(word) is str for word in taken)


def test_a_float32_matrix_is_not_copied():
    matrix = MATRIX.copy()
    assert np.shares_memory(KeyedVectors(WORDS, matrix).vectors, matrix)
    assert matrix.flags.writeable


def test_vectors_that_are_handed_out_cannot_be_changed(compass):
    with pytest.raises(ValueError, match="read-only"):
        compass["north"][0] = 5
    with pytest.raises(ValueError, match="read-only"):
        compass.vectors[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        compass.counts[0] = 5


@pytest.mark.parametrize(
    ("words", "vectors", "counts", "message"),
    [
        (["a", "b", "a"], np.zeros((3, 2)), None, "'a' comes more than once"),
        (["a", "b"], np.zeros((3, 2)), None, r"shape \(3, 2\).* 2 words"),
        (["a", "b"], np.zeros(2), None, r"shape \(2,\)"),
        (["a", "b"], np.zeros((2, 0)), None, r"shape \(2, 0\)"),
        (["a", "b"], np.zeros((2, 2), dtype=complex), None, "complex"),
        (["a", "b"], [["x"], ["y"]], None, "real numbers"),
        (["a", "b"], [[1, 2], [1]], None, "^vectors: expected real numbers in lines of equal length"),
        (["a", "b"], np.zeros((2, 2)), [[1], [1, 2]], "^counts: expected"),
        (5, np.zeros((2, 2)), None, "words=5"),
        ("ab", np.zeros((2, 2)), None, "single str"),
        (["a", 5], np.zeros((2, 2)), None, "word 1 is 5"),
        (["a", b"b"], np.zeros((2, 2)), None, "word 1 is b'b'"),
        (["a", "b"], [[1, 2], [np.nan, 1]], None, "'b'.*NaN"),
        (["a", "b"], [[np.inf, 2], [3, 1]], None, "'a'.*infinity"),
        (["a", "b"], [[1e39, 2], [3, 1]], None, "'a'.*beyond float32"),
        (["a", "b"], np.zeros((2, 2)), [1], r"counts.*2 words"),
        (["a", "b"], np.zeros((2, 2)), [1.5, 2], "whole number"),
        (["a", "b"], np.zeros((2, 2)), [1, -2], "-2"),
    ],
)
def test_what_cannot_be_is_refused(words, vectors, counts, message):
    with pytest.raises(ParameterError, match=message):
        KeyedVectors(words, vectors, counts)


def test_may_be_empty_and_grow():
    grown = KeyedVectors([], np.empty((0, 2)), counts=[])
    assert grown.most_similar([np.array([1.0, 0.0])]) == []
    grown.add(["a", "b"], [[1, 0], [0, 1]], counts=[2, 1])
    assert grown == KeyedVectors(["a", "b"], [[1, 0], [0, 1]], [2, 1])


def test_equality_looks_at_words_vectors_and_counts(compass):
    assert compass == KeyedVectors(WORDS, MATRIX, compass.counts)
    assert compass != KeyedVectors(WORDS, MATRIX)
    assert compass != KeyedVectors(WORDS[::-1], MATRIX, compass.counts)
    assert compass != KeyedVectors(WORDS, MATRIX * 2, compass.counts)
    assert compass != dict(compass)


@pytest.mark.parametrize("again", [lambda kv: pickle.loads(pickle.dumps(kv)), copy.copy, copy.deepcopy])
def test_pickles_and_copies(compass, again):
    compass.most_similar("north")
    other = again(compass)
    assert other == compass
    assert not other.vectors.flags.writeable
    assert other.most_similar("north") == compass.most_similar("north")


def test_similarity_is_the_cosine(compass):
    assert compass.similarity("east", "west") == -1
    assert compass.similarity("east", "north") == 0
    assert compass.similarity("east", "northeast") == pytest.approx(0.5**0.5)
    assert compass.similarity("east", "nowhere") == 0


def test_the_worked_example_of_dot_product_and_cosine():
    vectors = KeyedVectors(["a", "b"], [[3, 1, 2], [3, 0, 2]])
    assert float(vectors["a"] @ vectors["b"]) == 13
    assert vectors.similarity("a", "b") == pytest.approx(0.9636, abs=5e-5)


def test_rounding_leads_no_cosine_out_of_minus_one_to_one():
    words = [f"w{i}" for i in range(200)]
    rows = np.random.default_rng(1).standard_normal((100, 7))
    vectors = KeyedVectors(words, np.concatenate([rows, -rows]))
    assert max(vectors.similarity(word, word) for word in words) == 1
    assert min(vectors.n_similarity([a], [b]) for a, b in zip(words[:100], words[100:], strict=True)) == -1
    assert max(vectors.similarities(word).max() for word in words) == 1
    assert min(vectors.distances(word, words).min() for word in words) == 0
    assert np.abs(vectors.nearest(rows, 200)[1]).max() == 1


def test_similarities_and_distances_of_a_word_or_vector(compass):
    assert compass.similarities("east").tolist() == pytest.approx([1, 0, -1, 0, 0.5**0.5, 0])
    assert compass.similarities([5, 0], ["west", "nowhere"]).tolist() == [-1, 0]
    assert compass.distances("east", ["west", "east"]).tolist() == [2, 0]


def test_most_similar_leaves_the_given_words_out_and_takes_the_best_first(compass):
    assert [word for word, _ in compass.most_similar("east")] == ["northeast", "north", "south", "nowhere", "west"]
    assert compass.most_similar(["east", "north"], topn=1) == [("northeast", pytest.approx(1))]


def test_most_similar_averages_unit_vectors(compass):
    # The vectors themselves would point further east than north.
    assert compass.most_similar(["east", "north"], topn=1)[0][1] == pytest.approx(1)


@pytest.mark.parametrize(
    "positive",
    ["east", ["east"], ("east", 1.0), [("east", 0.5)], np.array([1, 0]), [np.array([7.0, 0.0])], [[7, 0]], ("east",)],
)
def test_most_similar_takes_words_vectors_and_weights(compass, positive):
    best = compass.most_similar(positive, topn=2)
    assert [word for word, _ in best] in (["northeast", "north"], ["east", "northeast"])


def test_weights_turn_the_query(compass):
    assert compass.most_similar([("east", -1.0)], topn=1) == [("west", 1)]
    assert compass.most_similar(negative=[("west", 1.0)])[-1] == ("east", -1)
    assert compass.most_similar([("east", 2.0), "north"], topn=1) == [("northeast", pytest.approx(3 / 10**0.5))]


def test_negative_words_push_away(compass):
    assert compass.most_similar(negative=["west"], topn=1)[0][0] == "east"
    assert compass.most_similar(negative="west", topn=1)[0][0] == "east"
    assert compass.most_similar(positive=None, negative=["west"], topn=1)[0][0] == "east"


def test_3cosmul_is_the_product_of_shifted_cosines(compass):
    similarities = {word: (compass.similarities(word) + 1) / 2 for word in ("east", "north", "west")}
    expected = similarities["east"] * similarities["north"] / (similarities["west"] + 1e-6)
    found = compass.most_similar(["east", "north"], ["west"], method="mul")
    assert {word for word, _ in found} == {"south", "northeast", "nowhere"}
    for word, score in found:
        assert score == pytest.approx(float(expected[compass.key_to_index[word]]), rel=1e-5)


def test_topn_beyond_the_vocabulary_gives_all_there_is(compass):
    assert len(compass.most_similar("east", topn=1000)) == 5
    assert len(compass.similar_by_vector([1, 0], topn=1000)) == 6
    assert compass.most_similar("east", topn=0) == []


def test_restrict_vocab_looks_at_the_first_words_only(compass):
    assert {word for word, _ in compass.most_similar("northeast", restrict_vocab=2)} == {"east", "north"}
    assert {word for word, _ in compass.most_similar("east", restrict_vocab=2)} == {"north"}
    assert len(compass.most_similar("east", restrict_vocab=100)) == 5
    assert compass.nearest(["northeast"], 10, restrict_vocab=2)[0].tolist() == [[0, 1]]
    assert compass.nearest(["northeast", "east"], 10, restrict_vocab=2)[0].tolist() == [[0], [1]]
    assert compass.nearest([[1.0, 0.2]], 10, restrict_vocab=2)[0].tolist() == [[0, 1]]


def test_zero_vectors_never_give_nan(compass):
    for method in ("add", "mul"):
        assert np.isfinite([score for _, score in compass.most_similar("nowhere", method=method)]).all()
        assert np.isfinite([score for _, score in compass.most_similar("east", "nowhere", method=method)]).all()
    assert compass.n_similarity(["nowhere"], ["east"]) == 0
    assert np.isfinite(compass.nearest(["nowhere", "east"])[1]).all()
    assert compass.rank("nowhere", "east") == 1


def test_vectors_beyond_the_common_never_give_nan():
    numbers = [[1e-45, 1e-45], [3e38, 3e38], [np.nan, 1], [np.inf, -np.inf], [1, 1]]
    vectors = KeyedVectors(list("abcde"), numbers, allow_nonfinite=True)
    similarities = vectors.similarities([1.0, 1.0])
    assert np.isfinite(similarities).all()
    assert similarities[4] == pytest.approx(1)
    assert similarities[[2, 3]].tolist() == [0, 0]
    assert np.isfinite(vectors.nearest(list("abcde"))[1]).all()
    assert vectors.similarity("a", "e") == pytest.approx(1)
    assert vectors.similarity("b", "e") == pytest.approx(1)
    assert vectors.similarity("c", "d") == 0
    assert np.isfinite(vectors.normalized().vectors).all()


def test_rank_counts_the_closer_words(compass):
    assert compass.rank("east", "northeast") == 1
    assert compass.rank("east", "north") == 2
    assert compass.rank("east", "west") == 5
    assert compass.rank("east", "east") == 1


def test_doesnt_match_finds_the_odd_one(compass):
    assert compass.doesnt_match(["north", "south", "northeast", "east"]) == "south"
    assert compass.doesnt_match(("east",)) == "east"


def test_mean_vector_weighs_and_normalises_as_asked(compass):
    assert compass.mean_vector(["east", "north"]).tolist() == [0.5, 0.5]
    assert compass.mean_vector(["east", "north"], pre_normalize=False).tolist() == [1, 0.5]
    assert compass.mean_vector(["east", "north"], [3, -1]).tolist() == [0.75, -0.25]
    assert compass.mean_vector(["east", "east"], post_normalize=True).tolist() == [1, 0]
    assert compass.mean_vector(["east", "up"], [1, 5], ignore_missing=True).tolist() == [1, 0]
    assert compass.mean_vector(["east", [0, 4]]).tolist() == [0.5, 2]
    assert compass.mean_vector("east").tolist() == [1, 0]
    assert compass.mean_vector(["east"], [0]).tolist() == [0, 0]


def test_nearest_takes_words_and_vectors(compass):
    indices, similarities = compass.nearest(["east", "south"], k=2)
    assert indices.tolist() == [[4, 1], [0, 2]]
    assert similarities[0].tolist() == pytest.approx([0.5**0.5, 0], abs=1e-6)
    by_vector, _ = compass.nearest(compass[["east", "south"]], k=1)
    assert by_vector.tolist() == [[0], [3]]
    assert compass.nearest("east", k=1)[0].tolist() == [[4]]
    assert compass.nearest(np.array(["east"]), k=1)[0].tolist() == [[4]]
    assert compass.nearest([[3, 3]], k=1)[0].tolist() == [[4]]
    assert compass.nearest(["east"], k=100)[0].shape == (1, 5)
    assert compass.nearest([[3, 3]], k=100)[0].shape == (1, 6)
    assert compass.nearest(["east"], k=0)[0].shape == (1, 0)
    assert compass.nearest([], k=3)[0].shape == (0, 3)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda kv: kv.most_similar(), "at least one word"),
        (lambda kv: kv.most_similar("east", topn=-1), "topn=-1"),
        (lambda kv: kv.most_similar("east", topn=2.5), r"topn=2\.5"),
        (lambda kv: kv.most_similar("east", restrict_vocab=0), "restrict_vocab=0"),
        (lambda kv: kv.most_similar("east", method="sum"), "'sum'"),
        (lambda kv: kv.most_similar([("east", 2.0)], method="mul"), "no weights"),
        (lambda kv: kv.most_similar([("east", float("nan"))]), "finite"),
        (lambda kv: kv.most_similar([np.ones(3)]), r"shape \(3,\).*2 numbers"),
        (lambda kv: kv.similar_by_vector([1, np.nan]), "NaN"),
        (lambda kv: kv.similar_by_vector([1, 1e300]), "beyond float32"),
        (lambda kv: kv.nearest(np.ones((2, 3))), r"shape \(2, 3\)"),
        (lambda kv: kv.nearest(["east"], k=-1), "k=-1"),
        (lambda kv: kv.mean_vector([]), "at least one"),
        (lambda kv: kv.mean_vector(["up"], ignore_missing=True), "at least one"),
        (lambda kv: kv.mean_vector(["east"], [1, 2]), "weights"),
        (lambda kv: kv.doesnt_match([]), "at least one"),
        (lambda kv: kv.most_similar(None, None), "at least one word"),
        (lambda kv: kv.most_similar(5), "met 5"),
        (lambda kv: kv.most_similar("east", method=["add"]), r"method=\['add'\]: expected one of 'add', 'mul'"),
        (lambda kv: kv.mean_vector(["east"], ["much"]), "weights"),
        (lambda kv: kv.nearest([np.ones(2), "east"]), "^queries: expected"),
        (lambda kv: kv.similar_by_vector([[1, 2], [1]]), "^query: expected"),
        (lambda kv: kv.doesnt_match("east"), "a single str"),
        (lambda kv: kv.n_similarity("east", ["north"]), "a single str"),
        (lambda kv: kv.n_similarity(["north"], "east"), "a single str"),
        (lambda kv: kv.similarities("north", "east"), "a single str"),
    ],
)
def test_questions_without_an_answer_say_why(compass, ask, message):
    with pytest.raises(ParameterError, match=message):
        ask(compass)


@pytest.mark.parametrize(
    "ask",
    [
        lambda kv: kv["norht"],
        lambda kv: kv[["east", "norht"]],
        lambda kv: kv.similarity("norht", "east"),
        lambda kv: kv.most_similar(["east", "norht"]),
        lambda kv: kv.most_similar(["east", "norht"], method="mul"),
        lambda kv: kv.rank("east", "norht"),
        lambda kv: kv.nearest(["norht"]),
        lambda kv: kv.doesnt_match(["east", "norht"]),
        lambda kv: kv.n_similarity(["east"], ["norht"]),
        lambda kv: kv.mean_vector(["norht"]),
        lambda kv: kv.similarities("east", ["norht"]),
    ],
)
def test_a_missing_word_is_named_with_close_spellings(compass, ask):
    with pytest.raises(MissingWordError, match="'norht' is not among the 6 words; close spellings: 'north'") as caught:
        ask(compass)
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, EmbedkitError)


def test_a_key_that_is_no_word_is_a_missing_word(compass):
    with pytest.raises(MissingWordError, match="3 is no word"):
        compass[3]


def test_add_puts_new_words_behind(compass):
    compass.similarities("east")
    compass.add(["up", "down"], [[0, 8], [0, -8]], counts=[5, 4])
    assert compass.index_to_key == [*WORDS, "up", "down"]
    assert compass.counts.tolist() == [60, 50, 40, 30, 20, 10, 5, 4]
    assert compass.most_similar("up", topn=1)[0] == ("north", 1)
    compass.add("left", [-4, 0], counts=3)
    assert compass["left"].tolist() == [-4, 0]


def test_add_replaces_only_when_told(compass):
    with pytest.raises(ParameterError, match="'east' is there already"):
        compass.add(["up", "east"], [[1, 1], [1, 1]], counts=[1, 1])
    assert "up" not in compass
    compass.add(["up", "east"], [[0, 1], [0, 9]], counts=[1, 2], replace=True)
    assert compass["east"].tolist() == [0, 9]
    assert compass.counts.tolist() == [2, 50, 40, 30, 20, 10, 1]
    assert compass.similarity("east", "north") == 1
    assert compass.similarities("up")[0] == 1


@pytest.mark.parametrize(
    ("words", "vectors", "counts", "message"),
    [
        (["up"], [[1, 2, 3]], [1], "3 numbers, expected 2"),
        (["up"], [[1, 2]], None, "no counts"),
        (["up", "up"], [[1, 2], [1, 2]], [1, 1], "more than once"),
        (["up"], [[1, np.nan]], [1], "NaN"),
        ("up", [[1, 2], [3, 4]], None, "1 words"),
        ("up", [[1, 2], [3]], None, "equal length"),
    ],
)
def test_add_refuses_what_does_not_fit(compass, words, vectors, counts, message):
    before = copy.deepcopy(compass)
    with pytest.raises(ParameterError, match=message):
        compass.add(words, vectors, counts=counts)
    assert compass == before


def test_add_takes_nonfinite_vectors_when_told_as_its_message_says(compass):
    with pytest.raises(ParameterError, match="allow_nonfinite=True"):
        compass.add("up", [np.nan, 1], counts=1)
    compass.add("up", [np.nan, 1], counts=1, allow_nonfinite=True)
    assert compass.similarity("up", "north") == 0


def test_add_leaves_the_callers_matrix_alone():
    matrix = MATRIX.copy()
    KeyedVectors(WORDS, matrix).add(["east"], [[9, 9]], replace=True)
    assert np.array_equal(matrix, MATRIX)


def test_counts_do_not_come_to_words_without(compass):
    with pytest.raises(ParameterError, match="the others have none"):
        KeyedVectors(WORDS, MATRIX).add("up", [0, 1], counts=3)


def test_normalized_vectors_have_unit_length(compass):
    unit = compass.normalized()
    assert unit.norms.tolist() == pytest.approx([1, 1, 1, 1, 1, 0])
    assert unit.index_to_key == WORDS
    assert unit.similarities("east").tolist() == pytest.approx(compass.similarities("east").tolist())
    assert compass["east"].tolist() == [2, 0]
