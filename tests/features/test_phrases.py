"""The transformer `Phrases`: what it learns and joins, from any kind of documents, in pipelines and in files."""

import pickle
import random

import pytest
from gensim.models.phrases import Phrases as GensimPhrases
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer as SklearnTfidfVectorizer
from sklearn.pipeline import Pipeline

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.features import CountVectorizer, Phrases, TfidfVectorizer
from embedkit.models.word2vec.estimator import Word2Vec
from embedkit.text.corpus import Corpus


@pytest.fixture(scope="module")
def documents():
    draw = random.Random(3)
    words = [f"w{i}" for i in range(60)]
    phrases = [["new", "york"], ["new", "york", "times"], ["bank", "of", "america"]]
    return [
        [word for _ in range(draw.randrange(9)) for word in draw.choice([*phrases, draw.choices(words, k=3)])]
        for _ in range(300)
    ]


@pytest.fixture(scope="module")
def texts(documents):
    return [" ".join(document) for document in documents]


def test_it_finds_and_joins_what_gensim_does(documents):
    model = GensimPhrases(documents, min_count=5, threshold=2.0)
    phrases = Phrases(threshold=2.0, scoring="gensim").fit(documents)
    assert phrases.phrases_ == model.export_phrases()
    assert phrases.transform(documents) == [model[document] for document in documents]
    assert "bank_of" in phrases.phrases_


@pytest.mark.parametrize("passes", [1, 3])
@pytest.mark.parametrize("connector_words", [None, ["of"]])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_fit_transform_is_fit_then_transform(documents, passes, connector_words, n_jobs):
    phrases = Phrases(threshold=4.0, passes=passes, connector_words=connector_words, n_jobs=n_jobs)
    joined = phrases.fit_transform(documents)
    assert joined == clone(phrases).fit(documents).transform(documents)
    assert ("bank_of_america" in phrases.phrases_) or (passes == 1 and connector_words is None)
    assert [word for document in joined for part in document for word in part.split("_")] == [
        word for document in documents for word in document
    ]


def test_all_kinds_of_documents_give_the_same(documents, texts, tmp_path):
    kept = [text for text in texts if text]
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"{text}\n" for text in kept))
    expected = Phrases(threshold=4.0).fit_transform(kept)
    for X in ([text.split() for text in kept], str(path), path, [path], Corpus.from_paths([path])):
        assert Phrases(threshold=4.0).fit_transform(X) == expected
        assert Phrases(threshold=4.0).fit(kept).transform(X) == expected
    assert Phrases(threshold=4.0).fit(iter(kept)).transform(iter(kept)) == expected


def test_documents_without_words_stay_as_empty_lists(texts):
    phrases = Phrases(threshold=4.0).fit(texts)
    assert phrases.transform([]) == []
    assert phrases.transform(["", "  ", [], "the new york"]) == [[], [], [], ["the", "new_york"]]
    assert Phrases(threshold=4.0).fit_transform(["", *texts])[0] == []


def test_words_that_are_new_stay(texts):
    assert Phrases(threshold=4.0).fit(texts).transform(["unseen new york unseen"]) == [["unseen", "new_york", "unseen"]]


def test_tokenizer_and_case_apply_to_both_steps():
    texts = ["San Francisco!", "in san francisco, then", "far away", "by and by", "for good reasons"] * 5
    phrases = Phrases(threshold=3.0, tokenizer="words", lowercase=True).fit(texts)
    assert "san_francisco" in phrases.phrases_
    assert phrases.transform(["SAN FRANCISCO?"]) == [["san_francisco"]]


def test_it_stands_before_an_embedding_and_before_a_vectorizer(texts):
    embedding = Pipeline([("phrases", Phrases(threshold=4.0)), ("w2v", Word2Vec(vector_size=4, epochs=1))])
    assert embedding.fit_transform(texts).shape == (300, 4)
    assert "new_york" in embedding[-1].vocabulary_
    counts = Pipeline([("phrases", Phrases(threshold=4.0)), ("counts", CountVectorizer(analyzer=list))])
    assert counts.fit_transform(texts).shape[0] == 300
    assert "new_york" in counts[-1].vocabulary_


def test_texts_are_the_words_with_spaces_between(documents):
    tokens, text = Phrases(threshold=4.0), Phrases(threshold=4.0, output="text")
    joined = [" ".join(document) for document in tokens.fit_transform(documents)]
    assert text.fit_transform(documents) == text.transform(documents) == joined
    assert text.transform(["", "the new york"]) == ["", "the new_york"]
    assert text.transform([]) == []


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer, SklearnTfidfVectorizer])
def test_a_vectorizer_takes_what_comes_out(texts, vectorizer):
    for output, parameters in (
        ("text", {}),
        ("tokens", {"tokenizer": list, "lowercase": False, "token_pattern": None}),
    ):
        model = Pipeline([("phrases", Phrases(threshold=4.0, output=output)), ("tfidf", vectorizer(**parameters))])
        assert model.fit_transform(texts).shape[0] == 300
        assert "new_york" in model[-1].vocabulary_


def test_a_word_with_white_space_becomes_no_text():
    documents = [["new jersey", "x"], ["rest", "of", "it"]] * 9
    assert Phrases().fit_transform(documents)[0] == ["new jersey", "x"]
    phrases = Phrases(output="text").fit(documents[1:2])
    for give in (phrases.transform, phrases.fit_transform):
        with pytest.raises(InputError, match="'new jersey' holds white space"):
            give(documents)


def test_a_file_gives_the_transformer_back(documents, tmp_path):
    phrases = Phrases(threshold=4.0, passes=2, delimiter="~", connector_words=["of"]).fit(documents)
    phrases.save(tmp_path / "phrases.tsv")
    again = Phrases.load(tmp_path / "phrases.tsv")
    assert again.phrases_ == phrases.phrases_
    assert again.delimiter == "~"
    assert again.transform(documents) == phrases.transform(documents)
    assert Phrases.load(tmp_path / "phrases.tsv", lowercase=True).transform(["NEW YORK"]) == [["new~york"]]


def test_a_pickle_gives_the_transformer_back(documents):
    phrases = Phrases(threshold=4.0, passes=2).fit(documents)
    again = pickle.loads(pickle.dumps(phrases))
    assert again.phrases_ == phrases.phrases_
    assert again.table_ == phrases.table_
    assert again.transform(documents) == phrases.transform(documents)
    assert pickle.loads(pickle.dumps(Phrases(threshold=4.0))).get_params() == Phrases(threshold=4.0).get_params()


def test_what_cannot_work_is_refused(texts, tmp_path):
    for parameters in ({"min_count": 0}, {"threshold": float("nan")}, {"passes": 0}, {"delimiter": "a b"}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            Phrases(**parameters).fit(texts)
    for parameters in ({"connector_words": "of"}, {"lowercase": 1}, {"n_jobs": 0}, {"scoring": "pmi"}, {"output": "x"}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            Phrases(**parameters).fit(texts)
    with pytest.raises(ParameterError, match="output='x'"):
        Phrases().fit(texts).set_params(output="x").transform(texts)
    with pytest.raises(InputError, match="no words"):
        Phrases().fit(["", " "])
    with pytest.raises(InputError, match="documents"):
        Phrases().fit(texts).transform(5)
    with pytest.raises(NotFittedError):
        Phrases().transform(texts)
    with pytest.raises(NotFittedError):
        Phrases().save(tmp_path / "phrases.tsv")
    with pytest.raises(InputError, match="no such file"):
        Phrases.load(tmp_path / "absent.tsv")
    with pytest.raises(FormatError, match="white space"):
        Phrases(threshold=1.0).fit([["new jersey", "x"], ["rest", "of", "it"]] * 9).save(tmp_path / "phrases.tsv")
