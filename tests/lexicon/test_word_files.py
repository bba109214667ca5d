"""Lexicons in files of words: TSV, JSON and Cilin, in any encoding, and the messages about those that are none."""

import gzip
import json
import logging
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import InputError, ParameterError
from embedkit.lexicon import CilinLexicon, WordLists

CILIN = "Aa01A01= 人 士 人物 人士\nAa01A02# 人 人类\n\nAa01A03@ 人参\nBo29B16= 人物 角色 人\n"


@pytest.fixture
def written(tmp_path):
    def write(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


class TestTsv:
    @pytest.mark.parametrize(
        "line",
        ["good\tfine\tgreat", "good\tfine, great", "good,fine,great", "good，fine、great", "Good\t fine \t\tgreat\r"],
    )
    def test_fields_have_tabs_or_commas_between(self, written, line):
        assert WordLists.read_tsv(written("w.tsv", f"\n{line}\n\n")).synonyms("good") == ["fine", "great"]

    def test_a_comma_belongs_to_a_field_where_there_are_several_tabs(self, written):
        lexicon = WordLists.read_tsv(written("w.tsv", "but\thowever, then\tyet\n"))
        assert lexicon.synonyms("but") == ["however, then", "yet"]

    def test_a_word_that_comes_again_gets_more(self, written):
        lexicon = WordLists.read_tsv(written("w.tsv", "good\tfine\nbad\tpoor\nGOOD\tgreat\tfine\tgood\n"))
        assert lexicon.synonyms("good") == ["fine", "great"]
        assert len(lexicon) == 2

    def test_words_are_found_without_heed_of_case_and_underscores(self, written):
        lexicon = WordLists.read_tsv(written("w.tsv", "New_York\tBig_Apple\n"))
        assert lexicon.synonyms("new york") == lexicon.synonyms("NEW_YORK") == ["Big Apple"]
        assert "new york" in lexicon
        assert "york" not in lexicon
        assert 5 not in lexicon

    def test_a_list_is_not_turned_around(self, written):
        lexicon = WordLists.read_tsv(written("w.tsv", "good\tfine\n"))
        assert lexicon.synonyms("fine") == []
        assert "fine" not in lexicon

    @pytest.mark.parametrize("line", ["alone", "alone\t", "\tfine", ",fine", "alone, "])
    def test_a_line_without_a_word_or_without_synonyms_is_named(self, written, line):
        with pytest.raises(InputError, match=r"w.tsv, line 2: .* is no word with synonyms"):
            WordLists.read_tsv(written("w.tsv", f"good\tfine\n{line}\n"))


class TestJson:
    def test_lists_are_synonyms_and_objects_have_relations(self, written):
        entries = {"good": ["fine"], "dog": {"hypernyms": ["canine"], "hyponyms": ["puppy"], "antonyms": ["cat"]}}
        lexicon = WordLists.read_json(written("w.json", json.dumps(entries)))
        assert lexicon.synonyms("good") == ["fine"]
        assert lexicon.hypernyms("dog") == ["canine"]
        assert lexicon.hyponyms("dog") == ["puppy"]
        assert lexicon.antonyms("dog") == ["cat"]
        assert lexicon.synonyms("dog") == lexicon.antonyms("good") == []

    def test_hypernyms_go_on_to_the_top_and_not_around(self):
        chain = {"a": {"hypernyms": ["b", "c"]}, "c": {"hypernyms": ["d"]}, "d": {"hypernyms": ["A"]}}
        lexicon = WordLists(chain)
        assert lexicon.hypernyms("a") == ["b", "c", "d"]
        assert lexicon.hypernym_paths("d") == [["A", "b", "c"]]
        assert lexicon.hypernym_paths("x") == []

    def test_a_cycle_further_up_ends(self):
        chain = {word: {"hypernyms": [above]} for word, above in ("ab", "bc", "cd", "dc")}
        assert WordLists(chain).hypernyms("a") == ["b", "c", "d"]

    def test_a_name_that_comes_again_adds_to_the_first(self, written):
        lexicon = WordLists.read_json(written("w.json", '{"good": ["fine"], "good": ["great"]}'))
        assert lexicon.synonyms("good") == ["fine", "great"]

    def test_a_lone_surrogate_is_replaced(self, written):
        lexicon = WordLists.read_json(written("w.json", r'{"good": ["fi\ud800ne"]}'))
        assert lexicon.synonyms("good") == ["fi\ufffdne"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"good": ["fine"],\n}', "w.json, line 2: no JSON"),
            ('["good"]', "w.json: expected one JSON object"),
            ('{"good": "fine"}', "the synonyms of 'good' are 'fine', expected a list"),
            ('{"good": [1]}', "the synonyms of 'good' are"),
            ('{"good": {"antonyms": "bad"}}', "the antonyms of 'good' are 'bad', expected a list"),
            ('{"good": {"opposites": ["bad"]}}', "'good' has 'opposites', expected 'synonyms'"),
            ('{" ": ["bad"]}', "the word ' ' is none"),
            ('{"good": ' + "[" * 100_000, "w.json"),
        ],
        ids=range(8),
    )
    def test_what_is_none_is_named(self, written, text, message):
        with pytest.raises(InputError) as caught:
            WordLists.read_json(written("w.json", text))
        assert message in str(caught.value)


class TestDictionaries:
    def test_sets_have_one_order(self):
        words = {f"w{number:02}" for number in range(30)}
        assert WordLists({"good": {"synonyms": words}}).synonyms("good") == sorted(words)

    def test_values_that_are_none(self):
        with pytest.raises(InputError, match="the synonyms of 'good' are 'fine'"):
            WordLists({"good": "fine"})
        with pytest.raises(InputError, match="the word 5 is none"):
            WordLists({5: ["five"]})

    @given(entries=st.dictionaries(st.text(min_size=1).filter(lambda w: w.strip(" _").split()), st.lists(st.text())))
    def test_answers_never_hold_the_word_nor_anything_twice(self, entries):
        lexicon = WordLists(entries)
        for word in entries:
            answer = [" ".join(one.split()).casefold() for one in lexicon.synonyms(word)]
            assert len(set(answer)) == len(answer)
            assert " ".join(word.replace("_", " ").split()).casefold() not in answer
            assert "" not in answer


class TestCilin:
    def test_synonyms_are_of_all_classes_of_a_word(self, written):
        lexicon = CilinLexicon(written("c.txt", CILIN))
        assert lexicon.synonyms("人") == ["士", "人物", "人士", "角色"]
        assert lexicon.synonyms("角色") == ["人物", "人"]
        assert lexicon.synonyms("人参") == []
        assert "人参" in lexicon
        assert "狗" not in lexicon
        assert lexicon.synonyms("狗") == []
        assert len(lexicon) == 7

    def test_related_words_come_when_they_are_asked_for(self, written):
        path = written("c.txt", CILIN)
        assert CilinLexicon(path).related("人") == ["人类"]
        assert CilinLexicon(path).synonyms("人类") == []
        lexicon = CilinLexicon(path, related=True)
        assert lexicon.synonyms("人") == ["士", "人物", "人士", "角色", "人类"]
        assert lexicon.synonyms("人类") == ["人"]

    def test_there_is_nothing_above_or_below(self, written):
        lexicon = CilinLexicon(written("c.txt", CILIN))
        assert lexicon.hypernyms("人") == lexicon.hypernym_paths("人") == []
        assert lexicon.hyponyms("人") == lexicon.antonyms("人") == []

    @pytest.mark.parametrize("line", ["Aa01A01 人", "Aa01= 人", "人 士", "Aa01A01=", "Aa01A01= "])
    def test_a_line_that_is_none_is_named(self, written, line):
        with pytest.raises(InputError, match=r"c.txt, line 2: .* is no class of words"):
            CilinLexicon(written("c.txt", f"Aa01A01=人 士\n{line}\n"))

    def test_related_must_be_true_or_false(self, written):
        with pytest.raises(ParameterError, match="related='yes'"):
            CilinLexicon(written("c.txt", CILIN), related="yes")


@pytest.mark.parametrize("make", [lambda path: CilinLexicon(path), lambda path: WordLists({"人": ["士"]})])
def test_parts_of_speech_and_senses_are_refused_where_there_are_none(written, make):
    lexicon = make(written("c.txt", CILIN))
    for ask in (lexicon.synonyms, lexicon.antonyms, lexicon.hyponyms, lexicon.hypernyms, lexicon.hypernym_paths):
        with pytest.raises(ParameterError, match=r"pos='n': .*knows no parts of speech"):
            ask("人", pos="n")
    for ask in (lexicon.hypernyms, lexicon.hypernym_paths):
        with pytest.raises(ParameterError, match=r"sense=1: .*knows no senses"):
            ask("人", sense=1)


def test_words_that_are_no_strings_are_refused(written):
    for lexicon in (CilinLexicon(written("c.txt", CILIN)), WordLists({"a": ["b"]})):
        with pytest.raises(ParameterError, match="5 is no word"):
            lexicon.synonyms(5)


def test_lexicons_of_files_can_be_pickled(written):
    for lexicon in (CilinLexicon(written("c.txt", CILIN)), WordLists({"人": ["士"]})):
        assert pickle.loads(pickle.dumps(lexicon)).synonyms("人") == lexicon.synonyms("人")


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "gbk", "big5", "utf-16"])
    def test_a_file_is_read_in_the_encoding_that_is_named(self, written, encoding):
        path = written("w.tsv", "人\t士\t人物\n", encoding)
        assert WordLists.read_tsv(path, encoding=encoding).synonyms("人") == ["士", "人物"]

    def test_a_byte_order_mark_is_no_part_of_the_first_word(self, written):
        assert WordLists.read_tsv(written("w.tsv", "\ufeff人\t士\n")).synonyms("人") == ["士"]
        assert CilinLexicon(written("c.txt", "\ufeff" + CILIN)).synonyms("士")[0] == "人"
        assert WordLists.read_json(written("w.json", '\ufeff{"人": ["士"]}')).synonyms("人") == ["士"]

    @pytest.mark.parametrize(
        ("read", "text"),
        [
            (CilinLexicon, CILIN),
            (WordLists.read_tsv, "good\tfine\n人\t士\n"),
            (WordLists.read_json, '{"good": ["fine"],\n"人": ["士"]}'),
        ],
        ids=["cilin", "tsv", "json"],
    )
    def test_gb18030_read_as_utf8_names_what_to_set(self, written, read, text):
        with pytest.raises(InputError, match=r"w.x, line [12]: not utf-8 .*valid gb18030.*--encoding.*'gb18030'"):
            read(written("w.x", text, "gb18030"))

    def test_the_place_of_the_first_wrong_byte_is_named(self, written):
        with pytest.raises(InputError, match=r"line 2: not utf-8 \(0xc8 at byte 10\)"):
            WordLists.read_tsv(written("w.tsv", "good\tfine\n人\t士\n", "gb18030"))

    def test_utf8_read_as_another_encoding_names_utf8(self, written):
        with pytest.raises(InputError, match=r"not ascii .*valid utf-8"):
            WordLists.read_tsv(written("w.tsv", "人\t士\n"), encoding="ascii")

    def test_utf8_that_could_be_gb18030_is_warned_of(self, written, caplog):
        path = written("w.tsv", "高兴\t快乐\n")
        with caplog.at_level(logging.WARNING, "embedkit"):
            WordLists.read_tsv(path, encoding="gb18030")
        assert "is valid UTF-8, but is read as gb18030" in caplog.text
        caplog.clear()
        with caplog.at_level(logging.WARNING, "embedkit"):
            WordLists.read_tsv(path, encoding="UTF8")
            WordLists.read_tsv(written("b.tsv", "高兴\t快乐\n", "gb18030"), encoding="gb18030")
            WordLists.read_tsv(written("a.tsv", "good\tfine\n"), encoding="latin-1")
        assert caplog.text == ""

    def test_what_is_likely_nothing_else_names_examples(self, written):
        with pytest.raises(InputError, match=r"set encoding .* such as 'latin-1'"):
            WordLists.read_tsv(written("w.tsv", "café au lait\tcoffee\n", "latin-1"))

    def test_utf16_is_named(self, written):
        with pytest.raises(InputError, match="looks like UTF-16"):
            WordLists.read_tsv(written("w.tsv", "good\tfine\n人\t士\n", "utf-16"))

    def test_text_that_ends_within_a_character(self, written):
        data = "人\t士\n高".encode("gb18030")[:-1]
        with pytest.raises(InputError, match="line 2: not gb18030"):
            WordLists.read_tsv(written("w.tsv", data), encoding="gb18030")

    @pytest.mark.parametrize("encoding", ["klingon", "", "hex", 5, "a\0b"])
    def test_an_encoding_that_there_is_not(self, written, encoding):
        with pytest.raises(ParameterError, match=r"encoding=.*: no encoding of that name"):
            WordLists.read_tsv(written("w.tsv", "good\tfine\n"), encoding=encoding)


class TestFiles:
    def test_compressed_ones_are_read(self, tmp_path):
        (tmp_path / "c.txt.gz").write_bytes(gzip.compress(CILIN.encode()))
        assert CilinLexicon(tmp_path / "c.txt.gz").synonyms("人参") == []
        (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(CILIN.encode())[:-10])
        with pytest.raises(InputError, match=r"cannot read .*cut.txt.gz"):
            CilinLexicon(tmp_path / "cut.txt.gz")

    @pytest.mark.parametrize("data", [b"", b" \n\n"])
    def test_empty_ones_are_named(self, written, data):
        for read in (CilinLexicon, WordLists.read_tsv, WordLists.read_json):
            with pytest.raises(InputError, match=r"w.x is empty"):
                read(written("w.x", data))

    def test_missing_ones_are_named(self, tmp_path):
        with pytest.raises(InputError, match=r"no such file: .*nowhere.tsv"):
            WordLists.read_tsv(tmp_path / "nowhere.tsv")
