"""Counting n-grams: the same counts as a dictionary, whatever the memory and the threads."""

import gzip
import itertools
import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.lm import runs
from embedkit.lm.counting import count_ngrams
from embedkit.lm.estimation import estimate
from embedkit.lm.parameters import SMOOTHINGS, LanguageModelParameters
from embedkit.lm.training import TextSettings, load_word_list, train_language_model
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.vocabulary import Vocabulary

THREADS = [1, 2, 3, 4]


def make_sentences(n=200, seed=0, n_words=40):
    """Sentences of 1 to 12 words of a skewed vocabulary."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 13, n)
    return [[f"w{i % n_words}" for i in random.zipf(1.3, length)] for length in lengths]


def count(sentences, order, *, settings=None, **encoding):
    corpus = Corpus.from_documents(sentences)
    with encode_corpus(corpus, **{"min_count": 1, "keep_unknown": True} | encoding) as encoded:
        return count_ngrams(encoded, order, **(settings or {}))


def as_dict(counts):
    """All n-grams that occur, and how often."""
    return dict(itertools.chain.from_iterable(counts.items(n) for n in range(1, counts.order + 1)))


def expected(sentences, order, words=None):
    return dict(reference.count(reference.padded(sentences, words), order))


def arrays(counts):
    trie = counts.trie
    return [counts.totals.copy(), trie.starts, trie.first, trie.words]


def assert_same_arrays(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@pytest.mark.parametrize("order", [1, 2, 3, 5, 9, 14])
@pytest.mark.parametrize("n_threads", THREADS)
def test_counts_are_those_of_a_dictionary(order, n_threads):
    sentences = make_sentences()
    counts = count(sentences, order, settings={"n_threads": n_threads})
    assert as_dict(counts) == expected(sentences, order)
    assert counts.n_sentences == 200
    assert counts.n_tokens == sum(map(len, sentences)) + 200
    assert counts.trie.n_ngrams[1:] == [
        sum(len(gram) == n for gram in expected(sentences, order)) for n in range(2, order + 1)
    ]


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6), min_size=1, max_size=8), st.integers(1, 9))
def test_any_sentences_are_counted_as_by_a_dictionary(sentences, order):
    if not any(sentences):
        return
    counts = count(sentences, order)
    assert as_dict(counts) == expected(sentences, counts.order)
    assert counts.order == min(order, 2 + max(map(len, sentences)))


def test_a_single_n_gram_is_found_with_its_frequency():
    counts = count([["a", "b", "a", "b"], ["b"]], 3)
    assert counts.frequency("a", "b") == 2
    assert counts.frequency("<s>", "a", "b") == 1
    assert counts.frequency("b") == 3
    assert counts.frequency("b", "</s>") == 2
    assert counts.frequency("</s>") == 2
    assert counts.frequency("<unk>") == 0
    assert counts.frequency("b", "b") == 0
    assert counts.frequency("new", "a") == 0
    assert counts.frequency("a", "b", "a", "b") == 0


def test_ids_are_the_words_of_the_n_grams_in_order():
    counts = count([["b", "a"], ["a", "a"]], 2)
    rows = [tuple(counts.words[i] for i in row) for row in counts.ids(2).tolist()]
    assert rows == [gram for gram, _ in counts.items(2)]
    assert rows == [("<s>", "a"), ("<s>", "b"), ("a", "</s>"), ("a", "a"), ("b", "a")]


@pytest.mark.parametrize("least_rows", [1, 7, 64, 500, 100_000])  # rows to a run
@pytest.mark.parametrize("order", [1, 2, 3, 9])
def test_without_memory_the_counts_are_the_same(monkeypatch, order, least_rows):
    sentences = make_sentences(200 if least_rows > 10 else 10)
    wanted = count(sentences, order)
    assert wanted.store.spilled_bytes == 0
    monkeypatch.setattr(runs, "LEAST_ROWS", least_rows)
    for n_threads in (1, 3):
        found = count(sentences, order, settings={"memory": 0, "n_threads": n_threads})
        assert found.store.spilled_bytes > 0
        assert_same_arrays(arrays(found), arrays(wanted))
        assert found.words == wanted.words


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("prune", [None, (0, 0, 1)])
def test_the_model_depends_neither_on_memory_nor_on_threads(monkeypatch, smoothing, prune):
    if prune and smoothing in ("lidstone", "laplace", "maximum-likelihood", "stupid-backoff"):
        return
    sentences = make_sentences(400)
    parameters = LanguageModelParameters(order=4, smoothing=smoothing, prune=prune)

    def train(**settings):
        trained = train_language_model(Corpus.from_documents(sentences), parameters, **settings)
        model = trained.model
        numbers = [model.log_prob, model.log_backoff]
        trie = model.trie
        return trained.spilled_bytes, [*map(np.array, numbers), trie.starts, trie.first, trie.words, trie.link]

    spilled, wanted = train()
    assert spilled == 0
    monkeypatch.setattr(runs, "LEAST_ROWS", 500)
    for settings_ in [{"n_threads": 3}, {"memory": 0}, {"memory": 0, "n_threads": 2}]:
        spilled, found = train(**settings_)
        assert (spilled > 0) == ("memory" in settings_)
        for one, other in zip(found, wanted, strict=True):
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_words_that_are_rare_or_beyond_the_vocabulary_count_as_unknown():
    sentences = make_sentences()
    frequency = reference.count(reference.padded(sentences), 1)
    often = {word for (word,), number in frequency.items() if number >= 20}
    rare = count(sentences, 3, min_count=20)
    assert 3 < len(often) < 40
    assert as_dict(rare) == expected(sentences, 3, often)
    assert set(rare.words) == often | {"<unk>"}
    few = count(sentences, 3, max_vocab=4)
    assert len(few.words) == 3 + 4
    assert as_dict(few) == expected(sentences, 3, few.words)
    closed = count(sentences, 3, min_count=0, vocabulary=Vocabulary(["w1", "w3", "never"], [0, 0, 0]))
    assert closed.words[:3] == ["<unk>", "<s>", "</s>"]
    assert sorted(closed.words[3:]) == ["never", "w1", "w3"]
    assert as_dict(closed) == expected(sentences, 3, {"w1", "w3"})
    assert closed.frequency("never") == 0


def test_the_word_unk_in_the_text_is_the_unknown_word():
    sentences = [["a", "<unk>", "a"], ["<unk>"], ["rare", "a"]]
    counts = count(sentences, 2)
    assert counts.words.count("<unk>") == 1
    assert counts.words[0] == "<unk>"
    assert as_dict(counts) == expected(sentences, 2)
    mapped = count(sentences, 2, max_vocab=2)
    assert mapped.frequency("<unk>") == 3
    assert as_dict(mapped) == expected(sentences, 2, {"a"})


def test_symbols_in_the_text_can_be_skipped():
    sentences = [["a", "<s>", "b"], ["</s>", "a", "<unk>", "b", "</s>"], ["<s>", "<unk>"]]
    counts = count(sentences, 3, settings={"skip_symbols": True})
    assert as_dict(counts) == expected([["a", "b"], ["a", "b"]], 3)
    assert counts.n_sentences == 2


# In each of these the vocabulary has no <s>, </s> or <unk> of its own.
OTHERS = pytest.mark.parametrize(
    "text", [{"vocabulary": Vocabulary(["a", "b"], [0, 0])}, {"max_vocab": 2}, {"min_count": 3}]
)


@OTHERS
def test_symbols_are_skipped_whatever_the_vocabulary(text):
    sentences = [["a", "b"], ["a", "<s>", "b"], ["</s>", "a", "<unk>", "b"]]
    parameters = LanguageModelParameters(order=2, smoothing="maximum-likelihood")
    model = train_language_model(
        Corpus.from_documents(sentences), parameters, TextSettings(skip_symbols=True, **text)
    ).model
    assert model.prob("b", ["a"]) == 1
    assert model.prob("a", bos=True) == 1


@OTHERS
@pytest.mark.parametrize("symbol", ["<s>", "</s>"])
def test_the_begin_or_end_of_a_sentence_in_the_text_is_an_error_whatever_the_vocabulary(text, symbol):
    sentences = [["a", "b"], ["a", symbol, "b"], ["a", "b"]]
    with pytest.raises(InputError, match=rf"the word '{symbol}'"):
        train_language_model(Corpus.from_documents(sentences), LanguageModelParameters(order=2), TextSettings(**text))


@pytest.mark.parametrize("symbol", ["<s>", "</s>"])
def test_the_begin_or_end_of_a_sentence_in_the_text_is_an_error(symbol):
    with pytest.raises(InputError, match=rf"the word '{symbol}'.*--skip-symbols, skip_symbols=True"):
        count([["a", symbol, "b"]], 2)


def test_a_text_of_symbols_alone_is_an_error_when_they_are_skipped():
    with pytest.raises(InputError, match="no words are left to count"):
        count([["<s>", "<unk>"], ["</s>"]], 2, settings={"skip_symbols": True})


@pytest.mark.parametrize("documents", [[], [[]], [[], []], [""], [" \n "]])
def test_an_empty_corpus_is_an_error(documents):
    with pytest.raises(InputError, match="no words"):
        train_language_model(Corpus.from_documents(documents), LanguageModelParameters())


@pytest.mark.parametrize("order", [0, 17, 2.5, "3"])
def test_an_order_beyond_the_limits_is_an_error(order):
    with pytest.raises(ParameterError, match=r"order=.*from 1 to 16"):
        count([["a"]], order)


def test_sentences_of_very_different_lengths_are_counted_whole():
    random = np.random.default_rng(3)
    long = [f"w{i}" for i in random.zipf(1.2, 100_000) % 50]
    sentences = [["w1"], long, [], ["w2", "w3"], ["w1"] * 300]
    counts = count(sentences, 5, settings={"n_threads": 2})
    assert as_dict(counts) == expected(sentences, 5)
    assert counts.n_sentences == 4


def test_an_order_beyond_every_sentence_is_lowered_with_a_warning(caplog):
    sentences = [["a", "b"], ["a"]]
    with caplog.at_level(logging.WARNING):
        counts = count(sentences, 7)
    assert counts.order == 4
    assert as_dict(counts) == expected(sentences, 4)
    assert "no sentence has 7 tokens, <s> and </s> included: the order is 4 instead" in caplog.text
    caplog.clear()
    model = train_language_model(
        Corpus.from_documents(sentences), LanguageModelParameters(order=7, smoothing="witten-bell")
    ).model
    assert model.order == model.facts["order"] == 4
    assert "the order is 4 instead" in caplog.text
    caplog.clear()
    assert count(sentences, 4).order == 4
    assert not caplog.records


@pytest.mark.parametrize(
    ("smoothing", "used"),
    [("modified-kneser-ney", "0.5, 1, 1.5"), ("kneser-ney", "0.5"), ("absolute-discounting", "0.5"), ("katz", "0.5")],
)
def test_discounts_that_cannot_be_estimated_fall_back_with_a_warning_or_are_an_error(caplog, smoothing, used):
    sentences = [["a", "b", "c"]]
    estimate(count(sentences, 2), LanguageModelParameters(order=2, smoothing=smoothing))
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    for order, message in enumerate(messages, 1):
        assert message.startswith(f"{smoothing}: the discounts of order {order} cannot be estimated (")
        assert "4 n-grams of count 1, 0 n-grams of count 2" in message
        assert message.endswith(f"; using {used}")
    assert len(messages) == 2
    strict = LanguageModelParameters(order=2, smoothing=smoothing, discount_fallback=False)
    with pytest.raises(InputError, match=f"{smoothing}: the discounts of order 1 cannot be estimated.*--no-discount"):
        estimate(count(sentences, 2), strict)


def test_only_the_orders_that_lack_counts_fall_back(caplog):
    # Words and pairs come once and twice, no three words twice: 4 words once and 3 twice, 8 pairs and 1.
    counts = count([["p", "x", "y", "q"], ["r", "x", "y", "s"]], 3)
    model = estimate(counts, LanguageModelParameters(order=3, smoothing="absolute-discounting"))
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(messages) == 1
    assert "order 3 cannot be estimated (8 n-grams of count 1, 0 n-grams of count 2" in messages[0]
    assert [one for (one,) in model.facts["discounts"]] == pytest.approx([4 / (4 + 2 * 3), 8 / (8 + 2 * 1), 0.5])


def test_katz_lowers_the_cutoff_where_large_counts_are_missing(caplog):
    # Of words that come once, twice and three times there are 20, 6 and 2; none comes four times.
    numbers = [1] * 20 + [2] * 6 + [3] * 2
    sentences = [[f"w{i}"] for i, number in enumerate(numbers) for _ in range(number)]
    model = estimate(count(sentences, 1), LanguageModelParameters(order=1, smoothing="katz"))
    assert "katz: order 1 has 20 n-grams of count 1" in caplog.text
    assert "only counts up to 2 are discounted" in caplog.text
    common = 3 * 2 / 20
    ratios = [(2 * 6 / 20 - common) / (1 - common), (3 * 2 / 6 / 2 - common) / (1 - common)]
    wanted = [1 - ratios[0], 2 * (1 - ratios[1]), 0]
    assert model.facts["discounts"][0] == pytest.approx(wanted)


def test_progress_is_reported_up_to_the_building_of_the_trie(monkeypatch):
    monkeypatch.setattr(runs, "LEAST_ROWS", 50)
    seen = []
    count(make_sentences(100), 3, settings={"memory": 0, "on_progress": seen.append})
    assert {progress.stage for progress in seen} == {"sorting", "building"}
    fractions = [progress.fraction for progress in seen if progress.stage == "sorting"]
    assert fractions == sorted(fractions)
    assert len(fractions) > 5
    assert 0 <= fractions[-1] < 1


def test_word_lists_are_words_or_words_with_counts(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\ufeffb 3\n\n  a\né\t1\n", encoding="utf-8")
    vocabulary = load_word_list(path)
    assert dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == {"b": 3, "é": 1, "a": 0}
    wrong = [
        (b"a b\n", "line 1"),
        (b"a\nb 1 2\n", "line 2"),
        (b"\n", "no words"),
        (b"a\na 2\n", "line 2: 'a' was on line 1 too"),
        (b"a 99999999999999999999999999\n", "whole number"),
        ("a \u00b2\n".encode(), "whole number"),
        (b"a\0b\n", "NUL"),
        (b"a\n\xff\n", r"line 2: not UTF-8"),
    ]
    for data, message in wrong:
        path.write_bytes(data)
        with pytest.raises((FormatError, InputError), match=message):
            load_word_list(path)
    (tmp_path / "words.gz").write_bytes(gzip.compress(b"a\nb\n" * 9)[:-9])
    with pytest.raises((FormatError, InputError), match=r"words\.gz.*truncated or damaged"):
        load_word_list(tmp_path / "words.gz")


def test_min_count_of_the_text_settings_maps_rare_words():
    sentences = [["a", "b"], ["a", "c"], ["a"]]
    trained = train_language_model(
        Corpus.from_documents(sentences), LanguageModelParameters(order=2, smoothing="witten-bell"),
        TextSettings(min_count=2),
    )  # fmt: skip
    assert trained.model.words == ["<unk>", "<s>", "</s>", "a"]
    assert (trained.n_words, trained.n_sentences, trained.n_unknown) == (5, 3, 2)


def test_counts_that_were_used_up_say_so():
    counts = count([["a", "b"]], 2)
    estimate(counts, LanguageModelParameters(order=2, smoothing="witten-bell"))
    for ask in (
        lambda: counts.frequency("a"),
        lambda: list(counts.items(1)),
        lambda: estimate(counts, LanguageModelParameters(order=2)),
    ):
        with pytest.raises(ParameterError, match="used up"):
            ask()
    assert repr(counts).startswith("<NgramCounts of order 2")
