"""Tokenizers by name in the vectorizers, stop words, and Chinese that nothing cuts."""

import logging
import re
import warnings

import pytest
from sklearn.base import clone

from embedkit.classify import text_classifier
from embedkit.classify.fasttext.estimator import FastTextClassifier
from embedkit.errors import ParameterError
from embedkit.features import CountVectorizer, HashingVectorizer, TfidfVectorizer
from embedkit.text.stop_words import load_stop_words

CHINESE = ["他在中国科学院工作，我爱北京天安门", "今天天气很好我们去公园散步"]


@pytest.mark.parametrize(
    ("tokenizer", "terms"),
    [
        ("words", ["3.14", "don't", "i", "know", "u.s"]),
        ("regex:[a-z]+", ["don", "i", "know", "s", "t", "u"]),
        (re.compile("[a-z]+"), ["don", "i", "know", "s", "t", "u"]),
        ("digits|words", ["0.00", "don't", "i", "know", "u.s"]),
        (str.split, ["3.14", "don't", "i", "know", "u.s."]),
    ],
)
def test_a_name_or_a_pattern_stands_for_a_function(tokenizer, terms):
    token_pattern = None if callable(tokenizer) else CountVectorizer().token_pattern
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vectorizer = clone(CountVectorizer(tokenizer=tokenizer, token_pattern=token_pattern))
        assert vectorizer.fit(["I don't know U.S. 3.14"]).get_feature_names_out().tolist() == terms


def test_chinese_words_and_chinese_stop_words():
    vectorizer = TfidfVectorizer(tokenizer="zh", stop_words="chinese").fit(CHINESE)
    terms = set(vectorizer.get_feature_names_out())
    assert {"中国科学院", "工作", "北京", "天安门"} <= terms
    assert not terms & {"他", "在", "我", "我们"}


def test_stop_words_of_a_file(tmp_path):
    (tmp_path / "mine.txt").write_text("the\nof\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="of which list"):
        CountVectorizer(stop_words=load_stop_words(tmp_path / "mine.txt")).fit(["a b"])
    words = list(load_stop_words(tmp_path / "mine.txt"))
    assert CountVectorizer(stop_words=words).fit(["the end of it"]).get_feature_names_out().tolist() == ["end", "it"]


@pytest.mark.parametrize("tokenizer", ["word", "nfkc", "regex:(", 3])
def test_a_wrong_name_is_refused(tokenizer):
    with pytest.raises(ParameterError, match="tokenizer="):
        CountVectorizer(tokenizer=tokenizer).fit(["a b"])


@pytest.mark.parametrize("vectorizer", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
def test_chinese_that_nothing_cuts_is_noticed(caplog, vectorizer):
    with caplog.at_level(logging.WARNING, "embedkit"):
        vectorizer().fit(CHINESE)
    assert "set tokenizer='zh', or token_pattern=None" in caplog.text
    caplog.clear()
    for settings in ({"tokenizer": "zh"}, {"token_pattern": None}, {"analyzer": "char"}):
        vectorizer(**settings).fit(CHINESE)
    vectorizer().fit(["plain English", "我 爱 吃 苹果"])
    assert not caplog.records


def test_fasttext_has_one_name_more():
    texts, labels = ["a b", "c d"] * 3, ["x", "y"] * 3
    for name in ("fasttext", "words"):
        model = text_classifier("fasttext", tokenizer=name, classifier__epochs=1).fit(texts, labels)
        assert model.named_steps["classifier"].tokenizer == name
    with pytest.raises(ParameterError, match="or 'fasttext'"):
        FastTextClassifier(tokenizer="fastText").fit(texts, labels)
    with pytest.raises(ParameterError, match="no tokenizer 'fasttext'"):
        text_classifier("nb", tokenizer="fasttext")
    with pytest.raises(ParameterError, match="give one of the two"):
        text_classifier("nb", tokenizer="zh", features="characters")
