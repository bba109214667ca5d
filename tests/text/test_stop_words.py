"""Stop words: the lists that have a name, and files."""

import gzip
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from embedkit.errors import InputError, ParameterError
from embedkit.text import stop_words
from embedkit.text.stop_words import STOP_WORD_LISTS, load_stop_words


class TestNamedLists:
    def test_english_is_that_of_scikit_learn(self):
        assert load_stop_words("english") == ENGLISH_STOP_WORDS

    def test_chinese_has_function_words_and_no_others(self):
        words = load_stop_words("chinese")
        assert set("的了是在和不也就都而及与着我你他她这那吗呢吧") <= words
        assert {"我们", "因为", "所以", "但是", "如果", "什么", "为什么", "没有", "已经", "自己"} <= words
        assert not words & {"中国", "人", "好", "喜欢", "工作", "时间", "学习", "快", "水", "电影", "", " "}

    def test_chinese_is_in_both_kinds_of_characters(self):
        words = load_stop_words("chinese")
        pairs = [("们", "們"), ("为", "爲"), ("为", "為"), ("里", "裏"), ("里", "裡"), ("着", "著"), ("么", "麼")]
        for simplified, traditional in pairs:
            found = [word for word in words if simplified in word and word in stop_words.CHINESE.split()]
            assert found
            assert all(any(traditional in other and len(other) == len(word) for other in words) for word in found)
        assert {"我們", "因爲", "因為", "這裡", "這裏", "沿著", "甚麼", "妳", "後來", "只是"} <= words

    def test_traditional_forms_are_those_of_opencc(self):
        import opencc

        words = load_stop_words("chinese")
        for config in ("s2t", "s2tw"):
            convert = opencc.OpenCC(config).convert
            # 才 is written so or 纔; the words of the list are converted one at a time, without what is around them.
            missing = {convert(word) for word in stop_words.CHINESE.split() if "才" not in word} - words
            assert not missing

    def test_every_word_stands_there_once(self):
        words = stop_words.CHINESE.split()
        assert len(words) == len(set(words))
        assert len(stop_words.ENGLISH.split()) == len(load_stop_words("english"))

    def test_names(self):
        assert STOP_WORD_LISTS == ("english", "chinese")
        assert all(load_stop_words(name) is load_stop_words(name) for name in STOP_WORD_LISTS)


class BytesPath:
    def __fspath__(self):
        return b"stop.txt"


class TestFiles:
    @pytest.fixture
    def stop_file(self, tmp_path):
        """Write a file of stop words."""

        def write(content, name="stop.txt"):
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return path

        return write

    def test_a_word_on_each_line(self, stop_file):
        content = "\ufeffthe\r\n\n# a comment of words\n  of \t# with one\nC#\n #x\n的\u3000\nThe"
        assert load_stop_words(stop_file(content)) == {"the", "of", "C#", "的", "The"}
        assert load_stop_words(str(stop_file(content))) == load_stop_words(stop_file(content))

    def test_compressed_or_in_another_encoding(self, stop_file):
        assert load_stop_words(stop_file(gzip.compress("的".encode()), "stop.txt.gz")) == {"的"}
        assert load_stop_words(stop_file("的\n了".encode("gb18030")), encoding="gb18030") == {"的", "了"}
        assert load_stop_words(stop_file("的\n了".encode("utf-16")), encoding="utf-16") == {"的", "了"}

    def test_a_path_is_never_the_name_of_a_list(self, stop_file, monkeypatch):
        path = stop_file("mine", "english")
        monkeypatch.chdir(path.parent)
        assert load_stop_words(Path("english")) == load_stop_words("./english") == {"mine"}
        assert "the" in load_stop_words("english")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "has no word; expected a word on each line"),
            ("# only\n \n", "has no word"),
            ("a\nof the\n", "line 2: expected one word, met 'of the'"),
            ("a\0b", r"line 1: expected one word, met 'a\\x00b'"),
            (
                "a\n的".encode("gb18030"),
                r"line 2: not utf-8 \(0xb5\); if it is GB18030, convert it: iconv -f GB18030 -t UTF-8 .*stop\.txt > "
                r"utf8\.txt \(in Python, encoding='gb18030' reads it as it is\)$",
            ),
            ("的".encode("utf-16"), "is UTF-16, expected UTF-8"),
            (gzip.compress(b"a"), "compressed by gzip"),
        ],
    )
    def test_what_is_no_list(self, stop_file, content, message):
        with pytest.raises(InputError, match=message):
            load_stop_words(stop_file(content))

    def test_a_damaged_file_is_named(self, stop_file):
        with pytest.raises(InputError, match=r"cannot read .*stop\.txt\.gz"):
            load_stop_words(stop_file(gzip.compress(b"a\n" * 99)[:-9], "stop.txt.gz"))

    def test_a_name_that_is_no_file_is_told_the_lists(self, tmp_path):
        with pytest.raises(InputError, match=r"no such file: German.*a list by its name: 'english' or 'chinese'"):
            load_stop_words("German")
        with pytest.raises(InputError, match=r"is a directory, expected a file$"):
            load_stop_words(tmp_path)
        with pytest.raises(InputError, match=r"the path is empty.*unset[?]$"):
            load_stop_words("")

    @pytest.mark.parametrize(("encoding", "content"), [("gb18030", b"a\n\xff"), ("punycode", b"a-!!")])
    def test_another_encoding_than_the_one_that_was_named(self, stop_file, encoding, content):
        with pytest.raises(InputError, match=f"not {encoding} .*; set encoding to what it is, such as 'utf-8'"):
            load_stop_words(stop_file(content), encoding=encoding)

    @pytest.mark.parametrize("source", [5, None, ["the"], b"english", True, BytesPath()])
    def test_what_is_neither_a_name_nor_a_path(self, source):
        with pytest.raises(ParameterError, match=r"^source=.*: expected 'english' or 'chinese', or the path of a file"):
            load_stop_words(source)

    @pytest.mark.parametrize("source", ["a\0b", "\ud800"])
    def test_a_string_that_can_be_no_path(self, source):
        with pytest.raises(InputError, match=r"^'.*' cannot be the name of a file; .*'english' or 'chinese'$"):
            load_stop_words(source)

    @pytest.mark.parametrize("encoding", ["klingon", "hex", "a\0", None, 5, b"utf-8"])
    def test_an_unknown_encoding(self, stop_file, encoding):
        with pytest.raises(ParameterError, match=r"encoding=.*no encoding of that name"):
            load_stop_words(stop_file("a"), encoding=encoding)
