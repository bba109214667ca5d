"""What the vectorizers can do that scikit-learn's cannot, and the worked examples of the field."""

import copy
import itertools
import math
import pickle

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.terms import terms_of
from scipy.sparse import csr_matrix

from embedkit.errors import InputError, ParameterError
from embedkit.features import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from embedkit.features.analyzer import analysis_of

MOVIES = ["John likes to watch movies. Mary likes too", "John also likes to watch football games."]
CORPUS = ["the cat sat on the mat", "the dog sat", "a cat and a dog and a cat", "birds"]


def test_bag_of_words():
    vocabulary = ["John", "likes", "to", "watch", "movies", "also", "football", "games", "Mary", "too"]
    vectorizer = CountVectorizer(vocabulary=vocabulary, lowercase=False)
    assert vectorizer.transform(MOVIES).toarray().tolist() == [
        [1, 2, 1, 1, 1, 0, 0, 0, 1, 1],
        [1, 1, 1, 1, 0, 1, 1, 1, 0, 0],
    ]


def test_bag_of_bigrams_none_across_a_sentence_end():
    def bigrams(text):
        sentences = [sentence.split() for sentence in text.split(".")]
        return [f"{first} {second}" for words in sentences for first, second in itertools.pairwise(words)]

    vocabulary = ["John likes", "likes to", "to watch", "watch movies", "Mary likes", "likes too", "John also"]
    vocabulary += ["also likes", "watch football", "football games"]
    vectorizer = CountVectorizer(vocabulary=vocabulary, analyzer=bigrams)
    assert vectorizer.transform(MOVIES).toarray().tolist() == [
        [1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 0, 1, 1, 1, 1],
    ]


def test_term_document_counts():
    texts = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]
    vectorizer = CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False)
    counts = vectorizer.fit_transform(texts)
    rows = dict(zip(vectorizer.get_feature_names_out(), counts.T.toarray().tolist(), strict=True))
    assert rows == {
        "I": [1, 1, 1],
        "like": [1, 1, 0],
        "enjoy": [0, 0, 1],
        "deep": [1, 0, 0],
        "learning": [1, 0, 0],
        "NLP": [0, 1, 0],
        "flying": [0, 0, 1],
        ".": [1, 1, 1],
    }


def test_one_hot_is_binary():
    assert CountVectorizer(binary=True).fit_transform(["to be or to be"]).toarray().tolist() == [[1, 1, 1]]


def naive_weights(counts, weighting, *, k1=1.2, b=0.75, smooth=True, use_idf=True):
    """Weights term by term, from the formulas."""
    n_documents, ones = len(counts), 1 if smooth else 0
    mean = sum(map(sum, counts)) / n_documents
    weights = []
    for row in counts:
        weights.append([])
        for column, count in enumerate(row):
            df = sum(other[column] > 0 for other in counts)
            if count == 0:
                weights[-1].append(0.0)
                continue
            if weighting == "textbook":
                tf, idf = count / sum(row), math.log(n_documents / (df + ones))
            else:
                tf = count * (k1 + 1) / (count + k1 * (1 - b + b * sum(row) / mean))
                idf = math.log(ones + (n_documents - df + 0.5) / (df + 0.5))
            weights[-1].append(tf * idf if use_idf else tf)
    return np.array(weights)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("weighting", ["textbook", "bm25"])
@pytest.mark.parametrize("options", [{}, {"smooth_idf": False}, {"use_idf": False}, {"k1": 2.0, "b": 0.3}, {"b": 0}])
def test_other_weightings_are_their_formulas(weighting, dtype, options):
    counts = CountVectorizer().fit_transform(CORPUS).toarray().tolist()
    naive = {{"smooth_idf": "smooth"}.get(key, key): value for key, value in options.items()}
    expected = naive_weights(counts, weighting, **naive)
    vectorizer = TfidfVectorizer(weighting=weighting, norm=None, dtype=dtype, **options)
    found = vectorizer.fit_transform(CORPUS)
    assert found.dtype == dtype
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-12 if dtype == np.float64 else 1e-5)
    assert (vectorizer.transform(CORPUS) != found).nnz == 0
    transformer = TfidfTransformer(weighting=weighting, norm=None, **options)
    np.testing.assert_allclose(transformer.fit_transform(csr_matrix(counts)).toarray(), expected, rtol=1e-12)
    np.testing.assert_allclose(transformer.fit_transform(csr_matrix(counts).tocsc()).toarray(), expected, rtol=1e-12)


def test_the_textbook_weight_of_a_term_in_every_document_is_negative():
    weights = TfidfVectorizer(weighting="textbook", norm=None).fit_transform(["aa bb", "aa cc cc"])
    assert weights[0, 0] == pytest.approx(math.log(2 / 3) / 2)
    assert weights[1, 2] == 0


def test_rows_of_other_weightings_are_scaled_if_asked():
    for norm, order in (("l1", 1), ("l2", 2)):
        rows = TfidfVectorizer(weighting="bm25", norm=norm).fit_transform(CORPUS).toarray()
        np.testing.assert_allclose(np.linalg.norm(rows, order, axis=1), 1)


def test_documents_without_known_terms_are_rows_of_zeros_in_every_weighting():
    for weighting in ("sklearn", "textbook", "bm25"):
        vectorizer = TfidfVectorizer(weighting=weighting).fit(CORPUS)
        assert vectorizer.transform(["", "unheard"]).nnz == 0
    empty = TfidfVectorizer(weighting="bm25", vocabulary=["aa"], norm=None).fit(["", ""])
    assert np.isfinite(empty.transform(["aa"]).toarray()).all()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_a_pattern_cjk_characters_are_words_and_single_letters_too(n_jobs):
    texts = ["我爱NLP和I", "カタかな ㄅㄆ, 한국어 x"]
    vectorizer = CountVectorizer(token_pattern=None, ngram_range=(1, 2), n_jobs=n_jobs).fit(texts)
    words = ["我", "爱", "nlp", "和", "i", "カ", "タ", "か", "な", "ㄅ", "ㄆ", "한국어", "x"]
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(words) if (a, b) != ("i", "カ")]
    assert vectorizer.get_feature_names_out().tolist() == sorted(words + pairs)
    assert vectorizer.build_tokenizer()(texts[0]) == ["我", "爱", "NLP", "和", "I"]
    assert vectorizer.build_analyzer()("我 爱") == ["我", "爱", "我 爱"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.one_of(st.characters(), st.sampled_from("a_我か。ー々〇ｶ́"))), min_size=1))
def test_without_a_pattern_any_unicode_is_cut_alike_by_the_kernel_python_and_the_twin(texts):
    vectorizer = CountVectorizer(token_pattern=None)
    expected = [terms_of(text, analysis_of(vectorizer)) for text in texts]
    assert [vectorizer.build_analyzer()(text) for text in texts] == expected
    terms = sorted({term for row in expected for term in row})
    if not terms:
        with pytest.raises(InputError):
            vectorizer.fit(texts)
        return
    counts = vectorizer.fit_transform(texts)
    assert vectorizer.get_feature_names_out().tolist() == terms
    assert counts.toarray().tolist() == [[row.count(term) for term in terms] for row in expected]


PARAMETERS = [
    {},
    {"min_df": 2},
    {"max_df": 0.5},
    {"max_features": 3},
    {"analyzer": "char", "ngram_range": (1, 2), "max_features": 20},
    {"analyzer": str.split, "min_df": 2},
    {"vocabulary": ["dog", "cat", "unheard"]},
    {"binary": True, "ngram_range": (1, 2)},
]


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("cuts", [(2,), (1, 2, 3), (0, 0, 4)])
@pytest.mark.parametrize("weighting", ["sklearn", "textbook", "bm25", None])
def test_a_stream_is_learned_as_a_whole(parameters, cuts, weighting):
    def make():
        return (
            CountVectorizer(**parameters) if weighting is None else TfidfVectorizer(weighting=weighting, **parameters)
        )

    whole, stream = make().fit(CORPUS), make()
    for start, end in zip((0, *cuts), (*cuts, None), strict=True):
        assert stream.partial_fit(CORPUS[start:end]) is stream
    assert stream.vocabulary_ == whole.vocabulary_
    assert stream.fixed_vocabulary_ == whole.fixed_vocabulary_
    assert abs(stream.transform(CORPUS) - whole.transform(CORPUS)).max() <= 1e-12
    if weighting is not None:
        np.testing.assert_allclose(stream.idf_, whole.idf_, rtol=1e-12)


def through_skops(estimator):
    data = skops.io.dumps(estimator)
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


@pytest.mark.parametrize("store", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy, through_skops])
def test_a_stream_can_be_stored_in_between(store):
    stream = store(TfidfVectorizer(min_df=2).partial_fit(CORPUS[:2]))
    whole = TfidfVectorizer(min_df=2).fit(CORPUS)
    stream.transform(CORPUS)
    stream.partial_fit(CORPUS[2:])
    assert stream.vocabulary_ == whole.vocabulary_
    assert abs(stream.transform(CORPUS) - whole.transform(CORPUS)).max() <= 1e-12


def test_a_stream_may_begin_without_a_term():
    stream = CountVectorizer(min_df=2).partial_fit(["aa"])
    with pytest.raises(InputError, match="no term so far"):
        stream.transform(["aa"])
    assert stream.partial_fit(["aa bb"]).get_feature_names_out().tolist() == ["aa"]


def test_fit_begins_anew_and_a_stream_does_not_follow_it():
    vectorizer = CountVectorizer().partial_fit(["aa bb"])
    assert vectorizer.fit(["cc"]).get_feature_names_out().tolist() == ["cc"]
    for fitted in (vectorizer, TfidfVectorizer().fit(CORPUS), TfidfVectorizer(vocabulary=["cat"]).fit(CORPUS)):
        with pytest.raises(ParameterError, match="partial_fit after fit"):
            fitted.partial_fit(["dd"])


def test_a_stream_with_a_given_vocabulary_may_be_transformed_first():
    vectorizer = CountVectorizer(vocabulary=["cat", "dog"])
    first = vectorizer.transform(CORPUS)
    assert (vectorizer.partial_fit(CORPUS).transform(CORPUS) != first).nnz == 0


def test_hashing_has_nothing_to_learn_from_a_stream():
    vectorizer = HashingVectorizer(n_features=9)
    assert vectorizer.partial_fit(iter(CORPUS)) is vectorizer
    assert (vectorizer.transform(CORPUS) != HashingVectorizer(n_features=9).fit_transform(CORPUS)).nnz == 0


def test_top_terms_are_the_heaviest_in_order():
    vectorizer = CountVectorizer(analyzer="char").fit(["abcd"])
    counts = vectorizer.transform(["bbcaad", "", "dddc"])
    expected = [[("a", 2), ("b", 2), ("c", 1)], [], [("d", 3), ("c", 1)]]
    assert vectorizer.top_terms(counts, k=3) == expected
    assert vectorizer.top_terms(counts.toarray(), k=3) == expected
    assert vectorizer.top_terms(counts.tocsc(), k=3) == expected
    assert [len(row) for row in vectorizer.top_terms(counts)] == [4, 0, 2]
    with pytest.raises(ParameterError, match="k=0"):
        vectorizer.top_terms(counts, k=0)


def test_top_terms_of_signed_weights_begin_with_the_largest():
    vectorizer = CountVectorizer(vocabulary=["aa", "bb", "cc"])
    assert vectorizer.top_terms(csr_matrix([[-1.0, 0.0, 2.0]])) == [[("cc", 2.0), ("aa", -1.0)]]


def test_threads_do_not_change_the_result():
    random = np.random.default_rng(1)
    texts = [" ".join(f"w{i}" for i in random.integers(0, 900, 300)) for _ in range(600)]
    for make in (CountVectorizer, TfidfVectorizer, HashingVectorizer):
        expected = make(ngram_range=(1, 2)).fit_transform(texts)
        for n_jobs in (2, 3, -1):
            found = make(ngram_range=(1, 2), n_jobs=n_jobs).fit_transform(texts)
            np.testing.assert_array_equal(found.indptr, expected.indptr)
            np.testing.assert_array_equal(found.indices, expected.indices)
            np.testing.assert_array_equal(found.data, expected.data)
