"""Tokenizers: their names, what is no name, and what becomes of patterns, functions, dictionaries and pickles."""

import os
import pickle
import re

import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.text.tokenizers import (
    TOKENIZERS,
    Tokenizer,
    check_tokenizer,
    compose_name,
    name_of,
    resolve_tokenizer,
    with_absolute_dictionary,
)

TEXT = "Don't pay 3.14 <b>€</b>, 中国科学院 ＡＢ\u3000s'il e\u0301te\u0301!"


def comma_separated(text):
    return text.split(",")


class TestNames:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("whitespace", ["Don't", "pay", "3.14", "<b>€</b>,", "中国科学院", "ＡＢ", "s'il", "e\u0301te\u0301!"]),
            ("words", ["Don't", "pay", "3.14", "b", "b", *"中国科学院", "ＡＢ", "s'il", "e\u0301te\u0301"]),
            ("char", [*"Dontpay314bb中国科学院ＡＢsil", "e\u0301", "t", "e\u0301"]),
            ("regex:[a-z]+", ["on", "t", "pay", "b", "b", "s", "il", "e", "te"]),
            ("regex:([0-9])[.]|l", ["3"]),
            ("regex:b|il", ["b", "b", "il"]),
            ("regex:x+|lower|words", []),
            ("nfkc|regex:[A-Z]+|é", ["D", "AB", "é", "é"]),
        ],
    )
    def test_built_in_ones(self, name, words):
        assert resolve_tokenizer(name).tokenize(TEXT) == words

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("zh", "我爱北京天安门。OK, 3.14!", ["我", "爱", "北京", "天安门", "OK", "3.14"]),
            ("zh+punctuation", "我爱，。😀 !", ["我", "爱", "，", "。", "😀", "!"]),
            ("zh+search", "中国科学院。", ["中国", "科学", "学院", "科学院", "中国科学院"]),
            ("zh+search+punctuation", "计算所。", ["计算", "计算所", "。"]),
            ("zh+punctuation+search", "计算所。", ["计算", "计算所", "。"]),
            ("simplified|zh", "漢語", ["汉语"]),
            ("nfkc|simplified|zh+punctuation", "漢語！", ["汉语", "!"]),
            ("words+punctuation", "it's $3.50!?", ["it's", "$", "3.50", "!", "?"]),
            ("char+punctuation", "a 中。", ["a", "中", "。"]),
            ("nfkc|words", "ＡＢ ﬁn", ["AB", "fin"]),
            ("html|urls|words", "<p>see https://example.org/a?b=1.</p>", ["see", "URL"]),
            ("urls|emails|lower|words", "Mail A@B.org or www.example.org", ["mail", "email", "or", "url"]),
            ("lower|digits|accents|whitespace", "Été 1984!", ["ete", "0000!"]),
        ],
    )
    def test_steps_and_options(self, name, text, words):
        assert resolve_tokenizer(name).tokenize(text) == words

    def test_steps_run_in_their_order(self):
        assert resolve_tokenizer("urls|lower|whitespace")("www.a.org") == ["url"]
        assert resolve_tokenizer("lower|urls|whitespace")("www.a.org") == ["URL"]

    @pytest.mark.parametrize(
        ("name", "part", "expected"),
        [
            ("word", "no tokenizer 'word'", "'whitespace', 'words', 'char', 'zh' or 'regex:PATTERN'"),
            ("Words", "no tokenizer 'Words'", "'words'"),
            (" words", "no tokenizer ' words'", "'words'"),
            ("", "no tokenizer ''", "'whitespace', 'words'"),
            ("nfkc|", "no tokenizer ''", "'whitespace', 'words'"),
            ("lower", "'lower' is a step", "a tokenizer behind it: 'lower|words'"),
            ("words|lower", "steps stand before the tokenizer", "'nfkc|zh'"),
            ("+punctuation", "no tokenizer ''", "'whitespace', 'words'"),
            ("stem|words", "no step 'stem'", "html, urls, emails, nfc, nfkc"),
            ("nfkc|stem|words", "no step 'stem'", "html, urls"),
            ("|words", "no step ''", "html, urls"),
            ("words+search", "'words' has no option 'search'", "'words+punctuation'"),
            ("words+", "'words' has no option ''", "'words+punctuation'"),
            ("nfkc|char+x", "'char' has no option 'x'", "'char+punctuation'"),
            ("zh+all", "'zh' has no option 'all'", "'zh+search' or 'zh+punctuation'"),
            ("whitespace+punctuation", "'whitespace' has no option 'punctuation'", "expected none"),
            ("words+dict:a.txt", "a dictionary is for 'zh'", "'zh+dict:words.txt'"),
            ("zh+dict:", "the name of a file", "'zh+dict:words.txt'"),
            ("zh+dict:a\0b", "the name of a file", "'zh+dict:words.txt'"),
            ("zh+search+search", "an option stands twice", "once"),
            ("regex:", "a pattern behind", "'regex:[a-z]+'"),
            ("regex:(", "'(' is no regular expression: missing )", "at position 0"),
            ("nfkc|regex:a{99999999999}", "'a{99999999999}' is no regular expression", "too large"),
            ("regex:(a)(b)", "the pattern has 2 groups", "(?:...)"),
            (re.compile("(a)|(b)|(c)"), "the pattern has 3 groups", "(?:...)"),
            (re.compile(b"a"), "a pattern of bytes", "characters"),
            (None, "", "'whitespace', 'words', 'char', 'zh' or 'regex:PATTERN', or a function from a text to a list"),
            (3, "", "or a function from a text to a list of words"),
            (b"words", "", "or a function from a text to a list of words"),
            (["words"], "", "or a function from a text to a list of words"),
        ],
    )
    def test_a_wrong_one_is_named_and_what_is_expected(self, name, part, expected):
        for function in (check_tokenizer, resolve_tokenizer):
            with pytest.raises(ParameterError) as raised:
                function(name)
            assert str(raised.value).startswith(f"tokenizer={name!r}: ")
            assert part in str(raised.value)
            assert expected in str(raised.value)


class TestComposedNames:
    @pytest.mark.parametrize(
        ("cutter", "parts", "name"),
        [
            ("words", {}, "words"),
            ("words", {"punctuation": True}, "words+punctuation"),
            ("words+punctuation", {"punctuation": True}, "words+punctuation"),
            ("nfkc|zh", {"steps": ["html"], "punctuation": True}, "html|nfkc|zh+punctuation"),
            ("zh+search", {"dictionary": "a+b|c.txt"}, "zh+search+dict:a+b|c.txt"),
            ("zh+dict:a.txt", {"punctuation": True}, "zh+punctuation+dict:a.txt"),
            ("regex:a|b", {"steps": ["lower", "nfkc"]}, "lower|nfkc|regex:a|b"),
        ],
    )
    def test_they_are_names(self, cutter, parts, name):
        assert compose_name(cutter, **parts) == name

    @pytest.mark.parametrize(
        ("cutter", "parts"),
        [
            ("whitespace", {"punctuation": True}),
            ("words", {"dictionary": "a.txt"}),
            ("words", {"steps": ["stem"]}),
            ("wordz", {}),
            ("regex:a", {"punctuation": True}),
            ("regex:a", {"dictionary": "a.txt"}),
            ("zh+dict:a.txt", {"dictionary": "b.txt"}),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, cutter, parts):
        with pytest.raises(ParameterError):
            compose_name(cutter, **parts)


class TestPatternsAndFunctions:
    def test_a_compiled_pattern(self):
        assert resolve_tokenizer(re.compile("[A-Z]+", re.IGNORECASE))("aB c") == ["aB", "c"]
        assert resolve_tokenizer(re.compile("#([a-z]+)"))("#a b #c #") == ["a", "c"]

    def test_matches_and_groups_without_a_character_are_no_words(self):
        assert resolve_tokenizer("regex:a*").tokenize("baac") == ["aa"]
        assert resolve_tokenizer("regex:(a)|b").tokenize("ab") == ["a"]

    def test_a_function(self):
        tokenizer = resolve_tokenizer(comma_separated)
        assert tokenizer.tokenize("a b,c") == tokenizer("a b,c") == ["a b", "c"]
        assert [span[:2] for span in tokenizer.spans("a b,c")] == [(0, 3), (3, 4), (4, 5)]

    def test_a_function_whose_words_are_not_in_the_text_has_no_spans(self):
        with pytest.raises(InputError, match=r"the tokenizer, given 'Ab', returned 'ab', which does not stand there"):
            resolve_tokenizer(lambda text: [text.lower()]).spans("Ab")
        with pytest.raises(InputError, match="returned 'a'"):
            resolve_tokenizer(lambda text: ["b", "a"]).spans("ab")

    @pytest.mark.parametrize("name", [*TOKENIZERS, "regex:a"])
    def test_a_tokenizer_stands_for_itself(self, name):
        tokenizer = resolve_tokenizer(name)
        check_tokenizer(tokenizer)
        assert isinstance(tokenizer, Tokenizer)
        assert resolve_tokenizer(tokenizer) is tokenizer

    @pytest.mark.parametrize(
        "spec",
        [
            "words+punctuation",
            "nfkc|whitespace",
            "char",
            "zh+search",
            "regex:[a-z]+",
            re.compile("(b)"),
            comma_separated,
        ],
    )
    def test_a_pickled_one_cuts_as_before(self, spec):
        tokenizer = resolve_tokenizer(spec)
        again = pickle.loads(pickle.dumps(tokenizer))
        assert again.spec == tokenizer.spec
        assert again.tokenize(TEXT) == tokenizer.tokenize(TEXT)
        assert again.spans(TEXT) == tokenizer.spans(TEXT)

    def test_what_it_looks_like(self):
        assert repr(resolve_tokenizer("nfkc|zh")) == "resolve_tokenizer('nfkc|zh')"


class TestKeptNames:
    @pytest.mark.parametrize(
        ("tokenizer", "name"),
        [
            ("nfkc|zh", "nfkc|zh"),
            (resolve_tokenizer("words+punctuation"), "words+punctuation"),
            (re.compile("[a-z]+|x"), "regex:[a-z]+|x"),
            (resolve_tokenizer(re.compile("[a-z]")), "regex:[a-z]"),
            (re.compile("[a-z]+", re.IGNORECASE), None),
            (str.split, None),
        ],
    )
    def test_what_a_file_can_keep(self, tokenizer, name):
        assert name_of(tokenizer) == name
        if name is not None:
            assert resolve_tokenizer(name).tokenize("ab, Ax 中国") == resolve_tokenizer(tokenizer).tokenize(
                "ab, Ax 中国"
            )

    def test_a_dictionary_gets_its_whole_path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert with_absolute_dictionary("nfkc|zh+dict:a+b.txt") == f"nfkc|zh+dict:{tmp_path}/a+b.txt"
        assert with_absolute_dictionary("regex:+dict:a") == "regex:+dict:a"


class TestDictionary:
    def test_its_words_are_found(self, tmp_path):
        path = tmp_path / "my+words|1.txt"
        path.write_text("云计算\n", encoding="utf-8")
        assert resolve_tokenizer("zh").tokenize("云计算。") == ["云", "计算"]
        assert resolve_tokenizer(f"zh+dict:{path}").tokenize("云计算。") == ["云计算"]
        assert resolve_tokenizer(f"nfc|zh+search+punctuation+dict:{path}").tokenize("云计算。") == [
            "计算",
            "云计算",
            "。",
        ]

    def test_it_is_read_again_when_it_changed(self, tmp_path):
        path = tmp_path / "words.txt"
        path.write_text("云计算\n", encoding="utf-8")
        name = f"zh+dict:{path}"
        first = resolve_tokenizer(name)
        assert resolve_tokenizer(name) is first
        path.write_text("天使投资\n", encoding="utf-8")
        os.utime(path, (1, 1))
        assert resolve_tokenizer(name).tokenize("云计算天使投资") == ["云", "计算", "天使投资"]
        assert first.tokenize("云计算") == ["云计算"]

    def test_a_missing_one_is_named(self, tmp_path):
        path = tmp_path / "none.txt"
        check_tokenizer(f"zh+dict:{path}")
        with pytest.raises(InputError, match=r"none\.txt"):
            resolve_tokenizer(f"zh+dict:{path}")
        path.write_text("云计算\n", encoding="utf-8")
        assert resolve_tokenizer(f"zh+dict:{path}").tokenize("云计算") == ["云计算"]
