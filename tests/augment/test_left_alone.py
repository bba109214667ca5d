"""What no operation touches: pieces of words, names that begin a sentence, and places before a mark."""

import re

import pytest

from embedkit.augment import AEDA, EDA

SYNONYMS = {
    word: ["changed"] for word in ("n't", "s", "advised", "ill", "film", "robert", "good", "plays", "was", "well")
}


def new_texts(text, n=40, **settings):
    return EDA(lexicon=SYNONYMS, n_aug=n, **settings).augment(text)[1:]


@pytest.mark.parametrize("clitic", ["n't", "'s", "n’t", "'ll", "'re", "'ve"])
def test_what_is_cut_off_words_in_tokens_stays(clitic):
    found = new_texts(f"the good film it {clitic} plays well today")
    assert found
    assert all(f" {clitic} " in f" {text} " for text in found)


def test_without_stop_words_they_go_as_others_do():
    assert any("n't" not in text for text in new_texts("good film it was n't", alpha_sr=0, stop_words=None))


@pytest.mark.parametrize("negation", ["didn't", "didn’t", "wo n't", "hardly", "not"])
def test_negations_stay(negation):
    found = new_texts(f"the good film {negation} plays well today", alpha_ri=0)
    assert found
    assert all(f" {negation} " in text for text in found)


@pytest.mark.parametrize("negation", ["没有", "并没有", "从未", "無法", "不喜欢"])
def test_chinese_negations_stay(negation):
    settings = {"tokenizer": re.compile(f"{negation}|[一-龥]{{1,2}}"), "lexicon": {}, "stop_words": "chinese"}
    found = EDA(n_aug=30, alpha_rs=0.5, **settings).augment(f"电影{negation}意思朋友")[1:]
    assert found
    assert all(negation in text for text in found)


def test_numbers_and_latin_words_are_not_run_together():
    settings = {"tokenizer": "regex:[0-9]+|[a-zA-Z]+|[一-龥]", "lexicon": {}, "stop_words": ["x"]}
    for text in ("推55平起1居", "用户开iPhone手app下载"):
        found = EDA(n_aug=60, alpha_rs=0.5, p_rd=0.4, **settings).augment(text)[1:]
        assert found
        runs = {run for one in [text] for run in re.findall("[0-9a-zA-Z]+", one)}
        assert {run for one in found for run in re.findall("[0-9a-zA-Z]+", one)} <= runs


def test_characters_of_words_stay_side_by_side():
    found = EDA(tokenizer="char", lexicon={}, stop_words=["x"], n_aug=20).augment("good films")[1:]
    assert found
    assert all(text.count(" ") <= 1 for text in found)


def test_half_of_a_word_with_a_hyphen_is_no_word():
    found = new_texts("an ill-advised film that plays well, a good one", stop_words=None)
    assert found
    assert all("ill-advised" in text for text in found)


def test_the_first_name_of_a_sentence_stays_with_the_second():
    found = new_texts("Robert De Niro plays well. Good film!", alpha_ri=0)
    assert found
    assert all(text.startswith("Robert De Niro ") for text in found)
    assert any("Good" not in text for text in found)


@pytest.mark.parametrize("text", ["the pace, is slow and the acting. it is.", "节奏，很慢。演技！很好。"])
def test_aeda_puts_no_mark_before_another(text):
    tokenizer = "zh" if text[0] > "z" else "words"
    found = AEDA(n_aug=30, tokenizer=tokenizer).augment(text)[1:]
    assert found
    assert not [one for one in found if re.search(r"[.;?:!,。；？：！，]\s*[.;?:!,。；？：！，]", one)]
