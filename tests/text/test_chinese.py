"""Chinese words: pieces that cover the text, dictionaries, and text that has no spaces."""

import gzip
import itertools
import logging
import pickle
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import InputError, MissingDependencyError
from embedkit.text import chinese
from embedkit.text.chinese import ChineseWords, DictionaryEntry, looks_unsegmented_chinese, read_dictionary

ANY_TEXT = st.text(
    st.sampled_from("我爱北京天安门的计算所，。 \r\n\0\ufffd\ud800aZ9+-.é\u0301\u3000😀")
    | st.characters(exclude_categories=())
)


@pytest.fixture
def dictionary(tmp_path):
    """Write the lines of a dictionary."""

    def write(content, name="words.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


class TestPieces:
    def test_they_are_words(self):
        assert ChineseWords().pieces("小明硕士毕业于中国科学院计算所。") == [
            *("小明", "硕士", "毕业", "于", "中国科学院", "计算所", "。")
        ]

    def test_other_text_is_cut_at_spaces_and_punctuation(self):
        text = "用C++写 k-means, 2023-01-05\r\n3.14\n"
        assert ChineseWords().pieces(text) == [
            *("用", "C++", "写", " ", "k-means", ",", " ", "2023-01-05", "\r\n", "3.14", "\n")
        ]

    @given(ANY_TEXT)
    def test_joined_they_are_the_text(self, text):
        pieces = ChineseWords().pieces(text)
        assert "".join(pieces) == text
        assert "" not in pieces

    def test_words_of_other_scripts_are_not_cut_letter_by_letter(self):
        assert ChineseWords().pieces("我爱Привет，мир和café AK-47。👍🏽 e\u0301te\u0301 カタカナ 한국어 हिन्दी") == [
            *("我", "爱", "Привет", "，", "мир", "和", "café", " ", "AK-47", "。", "👍🏽", " ", "e\u0301te\u0301", " "),
            *("カタカナ", " ", "한국어", " ", "हिन्दी"),
        ]
        assert ChineseWords().search("中国科学院Москва") == ["中国", "科学", "学院", "科学院", "中国科学院", "Москва"]

    def test_contractions_stay_whole(self):
        assert ChineseWords().pieces("她didn't来，他don’t去‘那里’") == [
            *("她", "didn't", "来", "，", "他", "don’t", "去", "‘", "那里", "’")
        ]

    def test_a_lone_surrogate_is_a_piece(self):
        assert ChineseWords().pieces("北京\ud800\ufffd大学\udfff") == ["北京", "\ud800", "\ufffd", "大学", "\udfff"]

    @pytest.mark.parametrize("unit", ["我", "a", "天安门", "-", "\ud800"])
    def test_a_long_text_takes_no_time(self, unit):
        text = unit * (200_000 // len(unit))
        assert "".join(ChineseWords().pieces(text)) == text


class TestSearch:
    def test_long_words_follow_the_words_in_them(self):
        words = ["中国", "科学", "学院", "科学院", "中国科学院", "。"]
        assert ChineseWords().search("中国科学院。") == words
        assert ChineseWords().pieces("中国科学院。") == ["中国科学院", "。"]

    @given(ANY_TEXT)
    def test_every_word_is_in_the_text(self, text):
        words = ChineseWords().search(text)
        assert all(word in text for word in words)
        assert set("".join(words)) == set(text)

    def test_lone_surrogates_come_back_in_their_order(self):
        words = ChineseWords().search("计算所\udfff\ufffd计算所\ud800")
        assert words == ["计算", "计算所", "\udfff", "\ufffd", "计算", "计算所", "\ud800"]


class TestDictionary:
    def test_its_words_come_out_whole(self, dictionary):
        text = "研究云计算和天使投资"
        assert ChineseWords().pieces(text) == ["研究", "云", "计算", "和", "天使", "投资"]
        path = dictionary("\ufeff云计算\r\n\n天使投资 20 n\n")
        assert ChineseWords(path).pieces(text) == ["研究", "云计算", "和", "天使投资"]
        assert ChineseWords(path).search("云计算") == ["计算", "云计算"]
        assert ChineseWords().pieces("云计算") == ["云", "计算"]

    def test_a_frequency_decides_between_words_that_overlap(self, dictionary):
        assert "爱北京天" not in ChineseWords(dictionary("爱北京天")).pieces("我爱北京天安门")
        assert "爱北京天" in ChineseWords(dictionary("爱北京天 1000000")).pieces("我爱北京天安门")

    def test_frequency_zero_takes_a_word_out(self, dictionary, caplog):
        assert ChineseWords().pieces("北京大学") == ["北京大学"]
        assert ChineseWords(dictionary("北京大学 0")).pieces("北京大学") == ["北京", "大学"]
        assert not caplog.records

    @pytest.mark.parametrize(
        ("line", "entry"),
        [
            ("云计算", ("云计算", None, None)),
            (" 云计算\t5 \r", ("云计算", 5, None)),
            ("云计算 n", ("云计算", None, "n")),
            ("云计算\u30005 n", ("云计算", 5, "n")),
            ("5", ("5", None, None)),
        ],
    )
    def test_forms_of_a_line(self, dictionary, line, entry):
        assert read_dictionary(dictionary(f"\n{line}\n")) == [DictionaryEntry(*entry)]

    def test_it_may_be_compressed(self, dictionary):
        path = dictionary(gzip.compress("云计算 5".encode()), "words.txt.gz")
        assert read_dictionary(path) == [("云计算", 5, None)]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "has no word"),
            ("\ufeff \n\n", "has no word"),
            (
                "苹果\n云计算".encode("gb18030"),
                r"line 1: byte 0xb9 is not valid UTF-8.*iconv -f GB18030 -t UTF-8 .*words",
            ),
            ("云计算".encode("utf-16"), "is UTF-16, expected UTF-8"),
            (gzip.compress(b"a"), "compressed by gzip"),
            ("一\n云计算 五\n", "line 2: the frequency of '云计算' is '五', expected a whole number from 0 to"),
            ("云计算 -5 n", "line 1: the frequency of '云计算' is '-5'"),
            ("云计算 2.5", "is '2.5'"),
            ("云计算 ５", "is '５'"),
            ("云计算 2147483648", "is '2147483648'"),
            ("云计算 " + "9" * 5000, "is '9999"),
            ("云计算 5 n x", "line 1: expected a word, its frequency and its part of speech, met '云计算 5 n x'"),
            ("云\0计算 5", "line 1: expected a word"),
        ],
    )
    def test_what_is_no_dictionary(self, dictionary, content, message):
        with pytest.raises(InputError, match=message):
            ChineseWords(dictionary(content))

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(InputError, match="no such file"):
            ChineseWords(tmp_path / "none.txt")

    def test_words_that_cannot_be_whole_are_counted(self, dictionary, caplog):
        with caplog.at_level(logging.WARNING, "embedkit"):
            ChineseWords(dictionary("卡尔·马克思 5 nr\n云计算\n"))
        assert [record.message[:12] for record in caplog.records] == ["1 of 2 words"]
        assert "卡尔·马克思" in caplog.text

    def test_it_is_pickled_with_its_words(self, dictionary):
        path = dictionary("云计算\n")
        data = pickle.dumps(ChineseWords(path))
        path.unlink()
        again = pickle.loads(data)
        assert again.pieces("云计算") == ["云计算"]
        assert again.search("云计算") == ["计算", "云计算"]


def test_without_rjieba_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)
    chinese._jieba.cache_clear()
    with pytest.raises(MissingDependencyError, match=r"needs rjieba.*pip install rjieba"):
        ChineseWords()
    chinese._jieba.cache_clear()


class TestLooksUnsegmented:
    @pytest.mark.parametrize(
        "text",
        [
            "我爱吃苹果",
            "你好，世界。",
            "漢語是世界上使用人數最多的語言。",
            "《妄想女友》是2015年5月23日開始\n每週六23:40 - 24:05播放。\n",
            "他用Python写了一个web爬虫，然后发布在GitHub上。",
            "𠀀𠀁𠀂𠀃",
            "日语里“の”是助词，这个句子还是中文的句子，" * 2,
        ],
    )
    def test_chinese_without_spaces(self, text):
        assert looks_unsegmented_chinese(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " \n",
            "12345 。，！",
            "我 爱 吃 苹果",
            "我 爱 吃 苹果 ， 你 呢 ？\n中华人民共和国 成立 了 。",
            "苹果\n北京\n天安门\n",
            "吾輩は猫である。名前はまだ無い。",
            "東京タワーへ行きました",
            "The poet Li Bai (李白) was born in 701; his friend was Du Fu (杜甫詩聖也).",
            "한국어는 한국의 공용어이다 大韓民國",
            "大韓民國은 民主共和國이다",
            "\ud800\0",
        ],
    )
    def test_anything_else(self, text):
        assert not looks_unsegmented_chinese(text)

    @given(ANY_TEXT)
    def test_any_text_has_an_answer(self, text):
        assert looks_unsegmented_chinese(text) in (True, False)

    @pytest.mark.realdata
    @pytest.mark.parametrize("lines", [1, 10, 1000])
    def test_wikipedia_and_the_same_cut_into_words(self, data_dir, lines):
        with gzip.open(data_dir / "zh" / "wiki-zh.txt.gz", "rt", encoding="utf-8") as file:
            text = "".join(itertools.islice(file, lines))
        assert looks_unsegmented_chinese(text)
        assert not looks_unsegmented_chinese(" ".join(ChineseWords().pieces(text)))
