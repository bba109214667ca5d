"""Texts as numbers: reading, cutting, choosing, and rows filled up with padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedkit.errors import InputError, ParameterError
from embedkit.neural.layers.embedding import PADDING, UNKNOWN
from embedkit.neural.texts import NumberedTexts, read_texts

flat = st.lists(st.lists(st.integers(1, 50), max_size=5), max_size=6)
split = st.lists(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4), max_size=4), max_size=5)


def joined(lists):
    return [one for part in lists for one in part]


def starts(lists):
    return np.concatenate([[0], np.cumsum([len(one) for one in lists], dtype=np.int64)])


def flat_texts(texts):
    return NumberedTexts(np.array(joined(texts), np.int64), starts(texts))


def split_texts(texts):
    sentences = joined(texts)
    return NumberedTexts(np.array(joined(sentences), np.int64), starts(sentences), starts(texts))


def listed(texts):
    """The lists that texts were made of."""
    sentences = [texts.ids[a:b].tolist() for a, b in zip(texts.start, texts.start[1:], strict=False)]
    if texts.first is None:
        return sentences
    return [sentences[a:b] for a, b in zip(texts.first, texts.first[1:], strict=False)]


@given(flat, st.data())
def test_a_batch_holds_its_texts_from_the_left(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=4)) if texts else []
    batch = flat_texts(texts).batch(rows)
    chosen = [texts[row] for row in rows]
    width = max([1, *map(len, chosen)])
    assert batch.dtype == np.int64
    assert batch.shape == (len(rows), width)
    assert batch.tolist() == [text + [PADDING] * (width - len(text)) for text in chosen]


@given(split, st.data())
def test_a_batch_of_sentences_holds_them_from_the_top(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=4)) if texts else []
    batch = split_texts(texts).batch(rows)
    chosen = [texts[row] for row in rows]
    height, width = max([1, *map(len, chosen)]), max([1, *(len(one) for text in chosen for one in text)])
    assert batch.dtype == np.int64
    assert batch.shape == (len(rows), height, width)
    for text, filled in zip(chosen, batch.tolist(), strict=True):
        filled_up = [sentence + [PADDING] * (width - len(sentence)) for sentence in text]
        assert filled == filled_up + [[PADDING] * width] * (height - len(text))


@pytest.mark.parametrize(("kind", "make"), [(flat, flat_texts), (split, split_texts)], ids=["flat", "split"])
@given(data=st.data())
def test_taking_rows_is_taking_from_the_list(kind, make, data):
    texts = data.draw(kind)
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=5)) if texts else []
    taken = make(texts).take(rows)
    assert listed(taken) == [texts[row] for row in rows]
    assert len(taken) == len(rows)
    assert len(make(texts)) == len(texts)


@given(flat, st.integers(1, 6))
def test_cutting_keeps_the_first_words(texts, most):
    cut, longer = flat_texts(texts).cut(most)
    assert listed(cut) == [text[:most] for text in texts]
    assert longer == sum(len(text) > most for text in texts)


@given(split, st.integers(1, 10))
def test_cutting_keeps_the_first_words_of_all_sentences_together(texts, most):
    cut, longer = split_texts(texts).cut(most)
    expected = []
    for text in texts:
        left, kept = most, []
        for sentence in text:
            kept.append(sentence[:left])
            left -= len(kept[-1])
        expected.append([sentence for sentence in kept if sentence])
    assert listed(cut) == expected
    assert longer == sum(len(joined(text)) > most for text in texts)


def test_nothing_is_cut_without_a_length():
    texts = flat_texts([[1, 2, 3], []])
    assert texts.cut(None) == (texts, 0)
    assert texts.cut(3) == (texts, 0)


@given(split)
def test_lengths_count_words(texts):
    assert split_texts(texts).lengths.tolist() == [len(joined(text)) for text in texts]
    assert flat_texts([joined(text) for text in texts]).lengths.tolist() == split_texts(texts).lengths.tolist()


words = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "</s>"]), max_size=5), max_size=5)


@settings(max_examples=30)
@given(words)
def test_reading_numbers_words_by_their_frequency(texts):
    read = read_texts(texts)
    assert [[read.words[number] for number in text] for text in listed(read.texts)] == texts
    every = joined(texts)
    assert {word: count for word, count in zip(read.words, read.counts, strict=True) if count} == {
        word: every.count(word) for word in set(every)
    }
    others = [count for word, count in zip(read.words, read.counts, strict=True) if word != "</s>"]
    assert others == sorted(others, reverse=True)


def test_reading_uses_the_tokenizer_and_the_case():
    assert read_texts(["It purrs, IT sleeps."]).words[0] == "it"
    assert {"It", "purrs"} < set(read_texts(["It purrs"], lowercase=False).words)
    assert read_texts(["abca"], tokenizer="char").words[:1] == ["a"]
    assert read_texts(iter(["one text", "", ["a", "list"]])).texts.lengths.tolist() == [2, 0, 2]


def test_the_number_of_threads_changes_nothing():
    texts = [f"w{n % 7} w{n % 3} w{n}" for n in range(300)]
    one, three = read_texts(texts), read_texts(texts, n_threads=3)
    assert one.words == three.words
    assert np.array_equal(one.texts.ids, three.texts.ids)


def test_sentences_are_split_and_long_ones_come_in_pieces():
    texts = ["One two three four five six seven. Eight nine.", "", ["a", "list", "is", "one", "sentence"], "Ten."]
    read = read_texts(texts, sentence_length=3)
    sentences = [[[read.words[number] for number in one] for one in text] for text in listed(read.texts)]
    assert sentences == [
        [["one", "two", "three"], ["four", "five", "six"], ["seven"], ["eight", "nine"]],
        [],
        [["a", "list", "is"], ["one", "sentence"]],
        [["ten"]],
    ]
    assert read.texts.lengths.tolist() == [9, 0, 5, 1]
    whole = read_texts(texts, sentence_length=100).texts
    assert [len(text) for text in listed(whole)] == [2, 0, 1, 1]


def test_sentences_may_come_from_what_can_be_read_once():
    read = read_texts(iter(["It purrs. It sleeps.", "It barks."]), sentence_length=5)
    assert [len(text) for text in listed(read.texts)] == [2, 1]


def test_words_that_a_vocabulary_lacks_are_unknown():
    read = read_texts(["a b a c", "c"])
    assert listed(read.numbered({"a": 7, "b": 3, "z": 9})) == [[7, 3, 7, UNKNOWN], [UNKNOWN]]
    assert listed(read_texts(["a. b c."], sentence_length=1).numbered({"a": 2})) == [[[2], [UNKNOWN], [UNKNOWN]]]


@pytest.mark.parametrize("texts", [[1, 2], 5, "one text", [["a", 1]]])
@pytest.mark.parametrize("sentence_length", [None, 5])
def test_what_is_no_text_is_refused(texts, sentence_length):
    with pytest.raises(InputError):
        read_texts(texts, sentence_length=sentence_length)


def test_a_parameter_of_another_value_is_refused():
    with pytest.raises(ParameterError):
        read_texts(["a"], encoding_errors="quietly")
    with pytest.raises(ParameterError):
        read_texts(["a"], tokenizer="unheard-of")
