"""Sentences: hand-cut examples in English, Chinese and both, and spans that cover any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.text.sentences import sentence_spans, split_sentences

# Each example stands with a bar where a sentence ends and the next begins; the white space around a bar is the text's.
ENGLISH = [
    "It rains.| It pours!| Does it?| Yes.",
    "Mr. Smith met Mrs. Jones and Dr. Who.| They talked.",
    "J. K. Rowling and P. D. James wrote it.| J.R.R. Tolkien did not.",
    "Plan B. The end.".replace(". The", ".| The"),
    "He lives in the U.S.| He likes it.",
    "The U.S. Army left.| The U.N. stayed.",
    "Some fruit, e.g. apples, i.e. Malus, etc. are sweet.",
    "Apples, pears, etc.| Bananas too.",
    "Pi is 3.14.| It is not 3.15 or .5 or 1.000.000.",
    "See No. 5 on p. 12, Fig. 3 and Vol. II.| No.| He did not.",
    "At 9 a.m. he rose; at 10 p.m. he slept.| At noon he ate.",
    "She has a Ph.D. in physics.| He got his Ph.D.| Then he left.",
    "Apple Inc. sells phones.| He works at Apple Inc.| They pay well.",
    "Smith et al. (2010) say so.| Roe v. Wade, cf. Brown vs. Board.",
    "On Jan. 5 it froze.| It thawed in Jan.| Rain came.",
    "St. Petersburg is far.| I live on Main St.| It is loud.",
    "Wait... what?| Well...| Never mind.| And then… Then nothing.".replace("… Then", "…| Then"),
    'He said "Stop."| Then he left.| "Why?" she asked.| "Go!"| He went.',
    "“Yes.”| ‘No.’| (He left.)| [So did she.]| Really?!| Yes!!!",
    "He left (see below).| It closed (in the U.S.) The end.".replace(") The", ")| The"),
    "Yahoo! is old.| Use example.com or a.b.c, not .NET.| Version 2.0.1 is out.",
    "One line\nand the next.| One\r\nmore",
    "A title\n|\nA text. another\n| \t\nLast\r\n|\r\nof all\r|\rnow\u2029|then",
    "1. First point.| 2. Second point.",
    "a. One thing.| No. 2 is another.",
    "It was 1999.| 2000 came.| \u00c9t\u00e9 came.| ¿Qué?| Nada.",
    "I. J. Case said: so am I.| The rest is silence.",
    "No end",
    "J. A. Smith won.| Men (of the U.S.) Army left.",
    "It sold well – in 2010.| – 'Tis so. – 'tis so.| “Go.” – he said.",
    "Is 'a. b' the U.S.A.'s?| The U.S.A.| And so on.",
    "He shouted: “Fire!”| Everyone ran.",
    "Prof. A. B. Cee, Jr. Lived here.",
    "Jr.| He",
]
CHINESE = [
    "今天下雨。|明天呢？|不知道！",
    "他说：“走吧。”|她说：“好！”|他们走了。",
    "我爱你；你爱我吗？！|当然。",
    "他想……|然后走了。|等一等…再说。|没有了……",
    "（他走了。）|《书。》|【完！】|「好。」|『是？』",
    "圆周率是3.14，不是3.15。|约1.5亿人。",
    "真的吗?|真的!|我走了.他来了.".replace("了.他", "了.|他"),
    "第一行\n第二行。|\n第三行\n|\n第四行",
    "1.苹果。|2.香蕉。|一.概述。|二、正文。",
    '他说"好。"|我说"不。"|"为什么？"|他问。',
    '他走了。|"我也走。"|她说。',
    "走吧!|“好的?”|他说",
    "句子。|\u3000\u3000下一句。｡|最后",
    "他来了。”。|你呢",
    "。|一",
    "“什么？！”……|他不信。",
]
MIXED = [
    "他用Python。|Then he left.| 然后他走了。|OK.",
    "He uses Python. 然后他走了。|Dr. 王来了。".replace("n. 然", "n.| 然"),
    "我喜欢U.S.A.的电影。|访问www.example.com吧。",
    "这是v1.0.版。|见http://a.cn/页?id=3&b。|Mr. Li说：“Hello!”|他笑了。",
    "太好了!OK吧?|“是的”".replace("!OK", "!|OK"),
    "ノーベル賞を受賞した。|すごい！|本当?|はい。",
]


@pytest.mark.parametrize("marked", ENGLISH + CHINESE + MIXED)
def test_hand_cut_examples(marked):
    assert split_sentences(marked.replace("|", "")) == [sentence.strip() for sentence in marked.split("|")]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\r\n \u3000\x1c\u2029"])
def test_without_a_character_there_is_no_sentence(text):
    assert sentence_spans(text) == split_sentences(text) == []


def test_spans_are_places_in_the_text():
    text = "  It is.\n\n Is\nit? "
    assert sentence_spans(text) == [(2, 8), (11, 17)]
    assert split_sentences(text) == ["It is.", "Is\nit?"]


CHARACTERS = "aBI1. \n\r!?…。！？\"'”）)“(我一\u3000\u2029\0\ud800U.S.Mr.e.g."


@given(st.text(st.sampled_from(CHARACTERS) | st.characters(exclude_categories=())))
def test_nothing_but_white_space_is_left_out(text):
    spans = sentence_spans(text)
    ends = [0, *(place for span in spans for place in span), len(text)]
    assert ends == sorted(ends)
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        assert not text[start:end].strip()


@given(st.lists(st.sampled_from(["It rains.", "今天下雨。", "Mr. Li left!", "好吗？”", "No. 5 won."]), min_size=1))
def test_sentences_cut_again_stay_whole(sentences):
    found = split_sentences(" ".join(sentences))
    assert found == sentences
    assert [split_sentences(sentence) for sentence in found] == [[sentence] for sentence in found]


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "我", ".", "。", "…", ". ", "a. ", "Mr. ", "U.", "No. (", "1. "),
        *('！"', '我!"', "。“", ".\"'", " ", "\n", "\r", "\n a", "\u2029", "我.", "一.", 'e.g. "', "?)"),
    ],
)
def test_a_long_text_takes_no_time(unit):
    # Whatever is quadratic would take minutes here.
    text = "x" + unit * (300_000 // len(unit))
    assert sum(end - start for start, end in sentence_spans(text)) >= len("".join(text.split()))


@pytest.mark.parametrize("text", ["我问：“为什么？”，他没有回答。", "“走！”，她说。", '"Is it?", she asked.'])
def test_no_sentence_begins_with_a_comma(text):
    assert split_sentences(text) == [text]
