"""The standard teaching examples of n-gram models."""

import math

import pytest

from embedkit.lm import NgramLanguageModel
from embedkit.lm.counting import count_ngrams
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

FRUIT = ["我 爱 吃 苹果", "我 爱 吃 香蕉", "我 喜欢 苹果", "他 爱 吃 苹果"]


def test_maximum_likelihood_of_the_fruit_example():
    # The example does not pad sentences. Padding changes nothing here: no sentence ends in 我 or 爱 吃, and the
    # contexts have no <s>.
    lm = NgramLanguageModel(order=3, smoothing="maximum-likelihood").fit(FRUIT)
    assert lm.prob("爱", "我") == pytest.approx(2 / 3)
    assert lm.prob("喜欢", "我") == pytest.approx(1 / 3)
    assert lm.prob("苹果", "爱 吃") == pytest.approx(2 / 3)
    assert lm.prob("榴莲", "爱 吃") == 0
    assert sum(lm.prob(word, "我") for word in ("爱", "喜欢")) == pytest.approx(1)


def test_counts_of_the_fruit_example():
    counts = count_ngrams(encode_corpus(Corpus.from_documents(FRUIT), min_count=1), 3)
    assert counts.frequency("我") == 3
    assert counts.frequency("我", "爱") == 2
    assert counts.frequency("我", "喜欢") == 1
    assert counts.frequency("爱", "吃") == 3
    assert counts.frequency("爱", "吃", "苹果") == 2
    assert counts.frequency("爱", "吃", "榴莲") == 0
    # Without padding a context is counted where a word follows it: not 苹果, which three sentences end in.
    followed = sum(number for (first, second), number in counts.items(2) if first == "苹果" and second != "</s>")
    assert (counts.frequency("苹果"), followed) == (3, 0)


def test_negative_log_likelihood_of_the_three_probabilities():
    # 35 of 50 sentences begin with a, 21 of 35 a's go on with b, 20 of 25 b's end a sentence: 0.7, 0.6, 0.8.
    numbers = {"a b": 17, "a b c": 4, "a c": 14, "c b": 3, "c b c": 1, "c": 11}
    sentences = [sentence for sentence, number in numbers.items() for _ in range(number)]
    lm = NgramLanguageModel(order=2, smoothing="maximum-likelihood").fit(sentences)
    words = lm.full_scores("a b")
    assert [10**word.log_prob for word in words] == pytest.approx([0.7, 0.6, 0.8])
    assert [round(-math.log(10) * word.log_prob, 4) for word in words] == [0.3567, 0.5108, 0.2231]
    assert round(-math.log(10) * lm.score("a b"), 4) == 1.0906
    assert lm.perplexity(["a b"]) == pytest.approx(math.exp(1.09064 / 3), rel=1e-5)


def test_a_sentence_is_the_product_of_its_words():
    # Jurafsky and Martin's corpus: P(I|<s>) = 2/3, P(am|I) = 2/3, P(Sam|am) = 1/2, P(</s>|Sam) = 1/2.
    lm = NgramLanguageModel(order=2, smoothing="maximum-likelihood").fit(
        ["I am Sam", "Sam I am", "I do not like green eggs and ham"]
    )
    assert lm.prob("I", bos=True) == pytest.approx(2 / 3)
    assert lm.prob("am", ["I"]) == pytest.approx(2 / 3)
    assert lm.prob("Sam", ["am"]) == pytest.approx(1 / 2)
    assert lm.prob("</s>", ["Sam"]) == pytest.approx(1 / 2)
    assert lm.score("I am Sam") == pytest.approx(math.log10(2 / 3 * 2 / 3 * 1 / 2 * 1 / 2))
    assert lm.score("I am green") == -math.inf
