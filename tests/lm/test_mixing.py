"""Mixtures: the weights are those of EM, and the model that stands for one is a mixture where it can be."""

import random

import numpy as np
import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.lm import NgramLanguageModel, mix_models
from embedkit.lm.arpa_reader import load_arpa
from embedkit.lm.mixing import mixture_weights
from embedkit.lm.model import NgramModel
from embedkit.text.corpus import Corpus


def sentences(words: str, n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(words, weights=range(1, len(words) + 1), k=draw.randint(1, 8))) for _ in range(n)]


@pytest.fixture(scope="module")
def models() -> list[NgramModel]:
    return [
        NgramLanguageModel(order=3, smoothing="witten-bell").fit(sentences("abcdefg", 50, 1)).model_,
        NgramLanguageModel(order=2).fit(sentences("defghij", 80, 2)).model_,
        NgramLanguageModel(order=4, smoothing="katz").fit(sentences("abxyz", 60, 3)).model_,
    ]


def contexts(n: int = 80) -> list[tuple[list[str], bool]]:
    draw = random.Random(4)
    return [(draw.choices("abcdefghijxyzq", k=draw.randint(0, 4)), draw.random() < 0.5) for _ in range(n)]


def test_probabilities_sum_to_1(models):
    mixed = mix_models(models, [0.5, 0.3, 0.2])
    for words, bos in contexts():
        assert mixed.distribution(mixed.state(words, bos=bos)).sum() == pytest.approx(1.0, abs=1e-9)


def test_ngrams_have_the_probability_of_the_mixture(models):
    pair, weights = models[:2], [0.25, 0.75]
    mixed = mix_models(pair, weights)
    vocabulary = set(mixed.words)
    for text in ["d e f", "a b", "i j", "g"]:
        words = text.split()
        want = 0.0
        for model, weight in zip(pair, weights, strict=True):
            share = 1.0
            if words[-1] not in model:
                # All words that only the other model knows share the probability of <unk> with it.
                share = 1.0 / (len(vocabulary) - len(model.words) + 1)
            want += weight * share * model.prob(words[-1], words[:-1])
        # Exact where the n-gram, and all that it backs off to, is in the union.
        if mixed.trie.find([mixed.words.index(word) for word in words]) > 0:
            assert mixed.prob(words[-1], words[:-1]) == pytest.approx(want, rel=1e-9)


def test_a_model_mixed_with_itself_is_the_same(models):
    mixed = mix_models([models[0], models[0]], [0.5, 0.5])
    for words, bos in contexts():
        np.testing.assert_allclose(
            mixed.distribution(mixed.state(words, bos=bos)),
            models[0].distribution(models[0].state(words, bos=bos)),
            rtol=1e-9,
        )


def test_weights_of_0_and_1_give_one_model_over_the_words_of_both(models):
    mixed = mix_models(models[:2], [1.0, 0.0])
    assert mixed.prob("b", ["a"]) == pytest.approx(models[0].prob("b", ["a"]), rel=1e-9)
    assert mixed.prob("j", ["a"]) > 0


def test_em_finds_the_weights_that_a_search_finds(models):
    text = sentences("abcdefghijq", 60, 5)
    mixture = mixture_weights(models[:2], Corpus.from_documents(text))

    def perplexity(weight: float) -> float:
        size = len({*models[0].words, *models[1].words})
        logs = []
        for line in text:
            context: list[str] = []
            for word in [*line.split(), "</s>"]:
                p = 0.0
                for model, share in zip(models, (weight, 1 - weight), strict=False):
                    unknown = word not in model and word != "</s>"
                    p += (share * model.prob(word, context, bos=True)
                          / (size - len(model.words) + 1 if unknown else 1))  # fmt: skip
                logs.append(np.log10(p))
                context.append(word)
        return float(10 ** -np.mean(logs))

    assert sum(mixture.weights) == pytest.approx(1.0)
    assert mixture.perplexity == pytest.approx(perplexity(mixture.weights[0]), rel=1e-6)
    for other in (mixture.weights[0] - 0.02, mixture.weights[0] + 0.02):
        assert mixture.perplexity < perplexity(other)
    assert mixture.perplexities == pytest.approx([perplexity(1.0), perplexity(0.0)], rel=1e-6)


def test_the_result_does_not_depend_on_the_threads(models):
    one, three = (mix_models(models, [0.5, 0.3, 0.2], n_threads=n) for n in (1, 3))
    assert (one.log_prob == three.log_prob).all()
    assert (one.log_backoff == three.log_backoff).all()


def test_a_mixture_can_be_written_and_read(models, tmp_path):
    mixed = mix_models(models, [0.5, 0.3, 0.2])
    from embedkit.lm.files import save_model

    save_model(mixed, tmp_path / "mixed.arpa")
    again = load_arpa(tmp_path / "mixed.arpa")
    assert again.score("a b c") == pytest.approx(mixed.score("a b c"), abs=1e-5)


@pytest.mark.parametrize(
    "weights", [[0.5], [0.5, 0.6], [-0.5, 1.5], [0.2, 0.3, 0.5], [float("nan"), 1.0], None, 0.5, ["a", "b"]]
)
def test_weights_that_do_not_fit_are_refused(models, weights):
    with pytest.raises(ParameterError, match="with the sum 1"):
        mix_models(models[:2], weights)


def test_one_model_is_no_mixture(models):
    with pytest.raises(ParameterError, match="expected two or more"):
        mix_models(models[:1], [1.0])


def test_models_without_weights_are_refused(models):
    stupid = NgramLanguageModel(smoothing="stupid-backoff").fit(["a b"]).model_
    with pytest.raises(ParameterError, match="stupid-backoff cannot be mixed"):
        mix_models([models[0], stupid], [0.5, 0.5])


def test_a_text_without_words_is_an_error(models):
    with pytest.raises(InputError, match="no words"):
        mixture_weights(models[:2], Corpus.from_documents([""]))


def test_models_from_files_with_missing_shorter_ends_mix(models, tmp_path):
    path = tmp_path / "a.arpa"
    path.write_text(
        r"""\data\
ngram 1=5
ngram 2=2
ngram 3=1

\1-grams:
-1	<unk>
0	<s>	-0.2
-0.69897	</s>
-0.5228787	a	-0.3
-0.39794	b	-0.1

\2-grams:
-0.2	<s> a	-0.1
-0.4	a b	-0.2

\3-grams:
-0.1	a b </s>

\end\
"""
    )
    mixed = mix_models([load_arpa(path), models[0]], [0.5, 0.5])
    for words, bos in contexts():
        total = mixed.distribution(mixed.state(words, bos=bos)).sum()
        assert total == pytest.approx(1.0, abs=1e-6)


def test_estimators_and_lists_of_texts_are_taken_as_well(models):
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b", "b c"])
    assert mix_models([lm, models[0]], [0.5, 0.5]).prob("b", ["a"]) > 0
    assert mixture_weights([lm, models[0]], ["a b", "c d"]).weights
    with pytest.raises(ParameterError, match="is no language model"):
        mix_models(["news.arpa", "mail.arpa"], [0.5, 0.5])
