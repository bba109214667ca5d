"""FastTextClassifier: what it learns, what it gives back, and what it refuses."""

import pickle

import numpy as np
import pytest
import skops.io
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from embedkit import KeyedVectors
from embedkit.classify.fasttext.estimator import FastTextClassifier
from embedkit.errors import InputError, ParameterError, TrainingError

TOPICS = {"sea": "ship wave sail tide", "rail": "train track wagon signal", "sky": "plane wing cloud pilot"}
LOSSES = ["softmax", "hs", "ns", "ova"]


def planted(n=300, seed=0, noise=6):
    """Texts of common words with two words of their label, sorted by label."""
    random = np.random.default_rng(seed)
    common = [f"word{i}" for i in range(40)]
    labels = sorted(random.choice(list(TOPICS), n))
    texts = [
        " ".join(random.permutation([*random.choice(common, noise), *random.choice(TOPICS[label].split(), 2)]))
        for label in labels
    ]
    return texts, labels


def small(**settings):
    return FastTextClassifier(**{"buckets": 5000, "random_state": 1, "epochs": 10} | settings)


@pytest.mark.parametrize("loss", LOSSES)
def test_planted_labels_are_found_though_texts_come_sorted_by_label(loss):
    X, y = planted()
    model = small(loss=loss).fit(X, y)
    assert model.score(*planted(seed=1)) > 0.97
    assert model.classes_.tolist() == ["rail", "sea", "sky"]
    assert len(model.losses_) == 10
    assert model.losses_[-1] < 0.5 * model.losses_[0]


def test_sorted_texts_train_as_well_as_shuffled_ones():
    X, y = planted(noise=30)
    order = np.random.default_rng(3).permutation(len(X))
    shuffled = small().fit([X[i] for i in order], [y[i] for i in order])
    test = planted(seed=1, noise=30)
    assert small().fit(X, y).score(*test) > shuffled.score(*test) - 0.03


def test_order_of_words_is_learnt_from_their_ngrams_alone():
    X, y = ["not good but bad", "not bad but good"] * 50, [0, 1] * 50
    assert small(word_ngrams=2).fit(X, y).score(X, y) == 1.0
    assert small(word_ngrams=1).fit(X, y).score(X, y) == 0.5


def test_characters_of_unknown_words_count_if_asked_for():
    X, y = ["running jumping", "walked jumped"] * 50, ["now", "past"] * 50
    model = small(min_n=2, max_n=4).fit(X, y)
    assert model.predict(["singing", "cooked"]).tolist() == ["now", "past"]


@pytest.mark.parametrize("loss", LOSSES)
def test_probabilities_sum_to_one_and_agree_with_predictions(loss):
    model = small(loss=loss).fit(*planted())
    X, _ = planted(50, seed=1)
    p = model.predict_proba(X)
    assert p.shape == (50, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (model.predict(X) == model.classes_[p.argmax(axis=1)]).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_one_thread_and_one_seed_give_the_same_bytes(loss):
    X, y = planted()
    models = [small(loss=loss, random_state=seed).fit(X, y) for seed in (5, 5, 6)]
    vectors = [model.input_vectors_.tobytes() for model in models]
    assert vectors[0] == vectors[1] != vectors[2]


def test_threads_learn_as_well():
    assert small(n_jobs=2).fit(*planted()).score(*planted(seed=1)) > 0.97


def test_texts_and_lists_of_their_words_are_the_same():
    X, y = planted()
    model = small().fit(X, y)
    other = small().fit([text.split() for text in X], y)
    assert model.input_vectors_.tobytes() == other.input_vectors_.tobytes()
    assert (model.predict_proba(X) == model.predict_proba([text.split() for text in X])).all()


@pytest.mark.parametrize("labels", [[3, 7], [True, False], [1.0, 2.0], ["a", "b"], [np.int8(1), np.int8(5)]])
def test_labels_of_any_type_come_back_as_they_were(labels):
    X, y = ["up", "down"] * 30, labels * 30
    predicted = small().fit(X, y).predict(["up", "down"])
    assert predicted.tolist() == labels
    assert predicted.dtype == np.asarray(y).dtype


def test_top_labels_come_most_likely_first_down_to_a_threshold():
    model = small().fit(*planted())
    labels, p = model.predict_top(["ship wave", "plane cloud"], k=2)
    assert [found[0] for found in labels] == ["sea", "sky"]
    assert all(len(found) == 2 and found[0] != found[1] for found in labels)
    assert all(values[0] >= values[1] for values in p)
    assert [len(found) for found in model.predict_top(["ship wave"], k=3, threshold=0.6)[0]] == [1]
    assert len(model.predict_top(["ship wave"], k=99)[0][0]) == 3


def test_precision_and_recall_at_k_are_those_of_the_definition():
    model = small().fit(*planted())
    X = ["ship wave", "plane cloud", "train track"]
    assert model.precision_recall_at_k(X, ["sea", "sky", "sea"], 1) == pytest.approx((2 / 3, 2 / 3))
    assert model.precision_recall_at_k(X, ["sea", "sky", "rail"], 3) == pytest.approx((1 / 3, 1))
    assert model.precision_recall_at_k(X, [["sea", "new"], [], ["rail"]], 1) == pytest.approx((1, 2 / 3))


def two_labels(n=300):
    """Texts that show words of each label they have."""
    random = np.random.default_rng(0)
    lists = [sorted(random.choice(list(TOPICS), random.integers(0, 4), replace=False).tolist()) for _ in range(n)]
    texts = [" ".join(["word", *(random.choice(TOPICS[label].split()) for label in labels)]) for labels in lists]
    return texts, lists


def test_several_labels_a_text_come_back_as_lists_or_as_a_matrix():
    X, lists = two_labels()
    matrix = np.array([[label in labels for label in sorted(TOPICS)] for labels in lists], int)
    settings = {"loss": "ova", "epochs": 60, "word_ngrams": 1, "learning_rate": 1.0}
    model = small(**settings).fit(X, lists)
    assert model.score(X, lists) > 0.95
    assert model.predict(["word ship track", "word"]) == [["rail", "sea"], []]
    assert model.precision_recall_at_k(X, lists, 3, 0.5) > (0.95, 0.95)
    for y in (matrix, matrix.tolist(), csr_array(matrix)):
        by_matrix = small(**settings).fit(X, y)
        assert by_matrix.predict(["word ship track"]).tolist() == [[1, 1, 0]]
        assert by_matrix.input_vectors_.tobytes() == model.input_vectors_.tobytes()
    assert by_matrix.score(X, matrix) == model.score(X, lists)


def test_probabilities_of_several_labels_stand_each_by_itself():
    X, lists = two_labels()
    p = small(loss="ova", epochs=60, learning_rate=1.0).fit(X, lists).predict_proba(["word", "ship track cloud"])
    assert p[0].sum() < 0.5
    assert p[1].sum() > 2


def test_weights_of_texts_and_classes_move_the_probabilities():
    X, y = ["same"] * 40, ["a"] * 30 + ["b"] * 10
    assert small().fit(X, y).predict_proba(["same"])[0, 0] == pytest.approx(0.75, abs=0.08)
    for model in (
        small(class_weight="balanced").fit(X, y),
        small(class_weight={"a": 1, "b": 3}, learning_rate=0.2).fit(X, y),
        small(learning_rate=0.2).fit(X, y, sample_weight=[1] * 30 + [3] * 10),
    ):
        assert model.predict_proba(["same"])[0, 0] == pytest.approx(0.5, abs=0.1)
    only = small().fit(["up", "down", "up"] * 20, ["a", "b", "b"] * 20, sample_weight=[1, 1, 0] * 20)
    assert only.predict(["up"]).tolist() == ["a"]


def test_texts_without_words_and_with_unknown_words_are_predicted():
    model = small().fit([*planted()[0], "", "   "], [*planted()[1], "sea", "sea"])
    p = model.predict_proba(["", "unheard of", "...", []])
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p[0], p[2])
    np.testing.assert_allclose(p[0], p[3])
    assert model.predict([]).shape == (0,)
    assert model.predict_proba([]).shape == (0, 3)


def test_rare_words_have_no_vector_but_are_part_of_ngrams():
    X, y = ["often rare1", "often rare2"] * 3, [0, 1] * 3
    model = small(min_count=4).fit(X, y)
    assert list(model.vocabulary_) == ["</s>", "often"]
    assert len(model.bucket_ids_) == 4
    assert len(model.input_vectors_) == 6


def test_vectors_to_begin_with_are_used_and_know_words_that_were_not_in_the_texts():
    random = np.random.default_rng(0)
    direction = random.normal(size=8)
    words = {"up": 1, "high": 1, "down": -1, "low": -1, "between": 0}
    vectors = np.array([sign * direction + 0.1 * random.normal(size=8) for sign in words.values()], np.float32)
    known = KeyedVectors(list(words), vectors)
    model = small(keyed_vectors=known, vector_size=8, word_ngrams=1).fit(["up", "down"] * 20, [1, 0] * 20)
    assert model.predict(["high", "low"]).tolist() == [1, 0]
    np.testing.assert_array_equal(model.input_vectors_[model.vocabulary_["between"]], vectors[-1])


def test_case_tokenizer_and_functions_are_obeyed():
    y = [0, 1] * 20
    model = small(lowercase=False).fit(["Up", "up"] * 20, y)
    assert model.predict(["Up", "up"]).tolist() == [0, 1]
    assert small().fit(["Up", "up"] * 20, y).predict_proba(["UP"])[0] == pytest.approx([0.5, 0.5], abs=0.2)
    cut = small(tokenizer=lambda text: text.split("-"), word_ngrams=1).fit(["a-b", "c-d"] * 20, y)
    assert set(cut.vocabulary_) == {"</s>", "a", "b", "c", "d"}


def test_the_estimator_goes_where_scikit_learn_does():
    X, y = planted(120)
    assert cross_val_score(small(), X, y, cv=3).mean() > 0.9
    search = GridSearchCV(make_pipeline(FunctionTransformer(), small()), {"fasttextclassifier__epochs": [1, 10]}, cv=2)
    assert search.fit(X, y).best_params_ == {"fasttextclassifier__epochs": 10}
    model = small(loss="hs", min_n=1, max_n=2)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        small().predict(X)


def test_a_pickled_model_predicts_the_same():
    X, y = planted()
    model = small().fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    assert again.vocabulary_ == model.vocabulary_


def test_words_with_lone_surrogates_survive():
    model = small().fit(*planted())
    model.vocabulary_["\ud800"] = model.vocabulary_.pop("word1")
    assert "\ud800" in pickle.loads(pickle.dumps(model)).vocabulary_


def test_a_model_in_a_skops_file_predicts_the_same():
    X, y = planted()
    model = small().fit(X, y)
    data = skops.io.dumps(model)
    again = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    assert skops.io.get_untrusted_types(data=data) == ["embedkit.classify.fasttext.estimator.FastTextClassifier"]
    assert (again.predict_proba(X) == model.predict_proba(X)).all()


def test_a_callback_sees_each_epoch_and_can_stop():
    seen = []
    model = small(callbacks=lambda report: seen.append(report) or report.epoch == 3).fit(*planted())
    assert [report.epoch for report in seen] == [1, 2, 3]
    assert [report.loss for report in seen] == model.losses_
    assert model.n_iter_ == 3


@pytest.mark.parametrize("loss", LOSSES)
def test_a_rate_that_diverges_is_an_error_that_names_it(loss):
    with pytest.raises(TrainingError, match=r"learning_rate=1e\+30 is too high; use a lower one"):
        small(loss=loss, learning_rate=1e30).fit(*planted())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "hinge"}, "loss='hinge': expected one of 'softmax', 'hs', 'ns', 'ova'"),
        ({"vector_size": 0}, "vector_size=0: expected a whole number from 1"),
        ({"learning_rate": 0}, "learning_rate=0: expected a finite number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate=nan"),
        ({"min_n": 3}, "min_n=3 is above max_n=0"),
        ({"buckets": 0}, "buckets=0: expected a whole number from 1"),
        ({"word_ngrams": 0}, "word_ngrams=0"),
        ({"tokenizer": "spacy"}, "tokenizer='spacy': there is no tokenizer 'spacy'; expected 'whitespace', 'words'"),
        ({"lowercase": "yes"}, "lowercase='yes': expected True or False"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"keyed_vectors": "file.vec"}, "keyed_vectors is str, expected KeyedVectors"),
        ({"keyed_vectors": KeyedVectors(["a"], [[1.0, 2.0]])}, "have 2 dimensions, but vector_size=16; use vector_si"),
        ({"class_weight": "even"}, "class_weight='even'"),
        ({"class_weight": {0: 0, 1: 0}}, "gives the texts weights from 0 to 0: expected finite numbers of 0 or more"),
        ({"class_weight": {0: -1, 1: 1}}, "gives the texts weights from -1 to 1"),
        ({"class_weight": {0: float("nan")}}, "gives the texts weights from nan"),
        ({"class_weight": {0: float("inf")}}, "gives the texts weights from 1 to inf"),
        ({"class_weight": {0: 1e39}}, "gives the texts weights from 1 to 1e\\+39"),
        ({"class_weight": {0: 1e-60, 1: 0}}, "and not 0 for every text"),
        ({"class_weight": {0: None}}, "class_weight={0: None}"),
    ],
)
def test_a_parameter_that_cannot_work_is_named(settings, message):
    with pytest.raises(ParameterError, match=message.replace("(", r"\(")):
        small(**settings).fit(["a", "b"], [0, 1])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (["a", "b"], ["x", "x"], "one class only, 'x'"),
        (["a", "b"], [["x"], ["x"]], "one class only, 'x'"),
        (["a", "b"], ["x", float("nan")], "missing"),
        (["a", "b"], [1.0, float("nan")], "missing"),
        (["a", "b"], ["x", None], "missing"),
        (["a", "b"], [["x"], [None]], "missing"),
        (["a", "b"], [0.5, 1.5], "continuous"),
        (["a", "b"], ["x", 1], "two kinds"),
        (["a", "b"], [["x"], "y"], r"y\[1\] is 'y', but others are lists"),
        (["a", "b"], np.array([[1, 2], [0, 1]]), "other values than 0 and 1"),
        (["a", "b"], np.array([[1], [0]]), "a matrix of 1 column"),
        (["a", "b"], None, "y is NoneType"),
        (["a", "b"], ["x", "y", "x"], "2 texts and 3 labels"),
        ("a single text", ["x", "y"], "pass a single text in a list"),
        (["a", 7], ["x", "y"], r"documents\[1\]"),
        (["a", None], ["x", "y"], "drop missing values first"),
        (["a", "\ud800"], ["x", "y"], "surrogate"),
    ],
)
def test_texts_and_labels_that_cannot_be_used_are_refused(X, y, message):
    with pytest.raises(InputError, match=message):
        small().fit(X, y)


@pytest.mark.parametrize("weights", [[1], [1, -1], [1, float("nan")], [0, 0], [1, 1e39], [1e-60, 0]])
def test_sample_weights_that_cannot_be_used_are_refused(weights):
    with pytest.raises(InputError, match="sample_weight"):
        small().fit(["a", "b"], [0, 1], sample_weight=weights)


@pytest.mark.realdata
def test_imdb_sorted_by_label_is_classified_well(data_dir):
    import gzip

    def load(part):
        with gzip.open(data_dir / "classify" / f"imdb.{part}.tsv.gz", "rt", encoding="utf-8", newline="\n") as file:
            rows = [line.rstrip("\n").split("\t", 3) for line in file]
        return [row[3] for row in rows], [row[0] for row in rows]

    model = FastTextClassifier(random_state=0, n_jobs=-1).fit(*load("train"))
    assert model.score(*load("test")) >= 0.895
