"""Tables of phrases: what cannot be one is refused, and what is saved is loaded."""

import numpy as np
import pytest

from embedkit.errors import FormatError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.phrases import Phrase, PhraseSettings, PhraseTable, apply_phrases, join_phrases


def encode(documents):
    return encode_corpus(Corpus.from_documents(documents), min_count=1)


class TestValidation:
    @pytest.mark.parametrize(
        ("phrase", "message"),
        [
            (Phrase((), 1.0, 1), r"phrase 2 of pass 1 has parts=\(\)"),
            (Phrase(("york",), 1.0, 1), "two words or more"),
            (Phrase(("new", ""), 1.0, 1), "none of them empty"),
            (Phrase(("new", 5), 1.0, 1), "tuple of two words"),
            (Phrase("ab", 1.0, 1), "parts='ab'"),
            (Phrase(("new", "york"), float("nan"), 1), "score=nan"),
            (Phrase(("new", "york"), 1.0, -1), "count=-1"),
            (Phrase(("new", "york"), 1.0, 1.5), "count=1.5"),
        ],
    )
    def test_a_table_with_a_phrase_that_cannot_be_one_is_neither_applied_nor_saved(self, tmp_path, phrase, message):
        table = PhraseTable([[Phrase(("san", "francisco"), 1.0, 1), phrase]])
        encoded = encode(["new york"])
        with pytest.raises(ParameterError, match=message):
            apply_phrases(encoded, table)
        assert len(encoded.ids) == 3
        with pytest.raises(ParameterError, match=message):
            table.save(tmp_path / "phrases.tsv")
        assert list(tmp_path.iterdir()) == []

    def test_a_table_with_a_delimiter_or_passes_that_cannot_work_is_refused(self, tmp_path):
        for table in (PhraseTable(delimiter=" "), PhraseTable([[]] * 101)):
            with pytest.raises(ParameterError, match=r"delimiter=' '|101 passes"):
                apply_phrases(encode(["new york"]), table)
            with pytest.raises(ParameterError, match=r"delimiter=' '|101 passes"):
                table.save(tmp_path / "phrases.tsv")


class TestFile:
    @pytest.mark.parametrize("ending", ["tsv", "tsv.gz"])
    def test_what_is_saved_is_loaded(self, tmp_path, ending):
        documents = ["the house of the rising sun in new york times square"] * 9 + [
            "sun of may",
            "a new day",
            "the end",
        ]
        settings = PhraseSettings(2, 1.0, passes=3, connector_words={"of", "the"})
        table = join_phrases(encode(documents), settings, min_count=1).phrases
        path = tmp_path / f"phrases.{ending}"
        table.save(path)
        assert PhraseTable.load(path) == table
        assert len(table.passes) > 1

    @pytest.mark.parametrize("delimiter", ["_", "__", "::", "é", "a"])
    def test_the_delimiter_comes_back(self, tmp_path, delimiter):
        table = PhraseTable([[Phrase(("bank", "of", "america"), 1.5, 3), Phrase(("a", "a"), 1 / 3, 2)]], delimiter)
        table.save(tmp_path / "phrases.tsv")
        assert PhraseTable.load(tmp_path / "phrases.tsv") == table

    def test_it_is_readable(self, tmp_path):
        PhraseTable([[Phrase(("new", "york"), 120.5, 40)]]).save(tmp_path / "phrases.tsv")
        lines = (tmp_path / "phrases.tsv").read_text().splitlines()
        assert lines == ["phrase\tscore\tcount\tparts\tpass", "new_york\t120.5\t40\tnew york\t1"]

    def test_no_phrase_makes_a_file_of_a_header(self, tmp_path):
        PhraseTable().save(tmp_path / "phrases.tsv")
        assert PhraseTable.load(tmp_path / "phrases.tsv") == PhraseTable()

    def test_numbers_of_numpy_are_written_as_numbers(self, tmp_path):
        PhraseTable([[Phrase(("new", "york"), np.float32(1.5), np.int32(3))]]).save(tmp_path / "phrases.tsv")
        assert PhraseTable.load(tmp_path / "phrases.tsv").passes == [[Phrase(("new", "york"), 1.5, 3)]]

    @pytest.mark.parametrize("word", ["a b", "a\tb", "nul\0", "line\n", "lone\ud800"])
    def test_a_word_that_the_format_cannot_hold_is_refused(self, tmp_path, word):
        with pytest.raises(FormatError, match="white space"):
            PhraseTable([[Phrase(("x", word), 1.0, 1)]]).save(tmp_path / "phrases.tsv")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("new_york\t1.0\t3", "line 2: found 'new_york 1.0 3'"),
            ("new_york\tx\t3\tnew york\t1", "line 2: found"),
            ("new_york\t1.0\t3\tnew jersey\t1", "not made of the words"),
            ("new\t1.0\t3\tnew\t1", "not made of the words"),
            ("newyork\t1.0\t3\tnew york\t1", "not made of the words"),
            ("new_york\t1.0\t3\tnew york\t0", "the pass is 0"),
            ("new_york\t1.0\t3\tnew york\t1000000000", "the pass is 1000000000"),
            ("new_york\tnan\t3\tnew york\t1", "line 2: found"),
            ("new_york\tinf\t3\tnew york\t1", "line 2: found"),
            ("new_york\t1e999\t3\tnew york\t1", "line 2: score=inf: expected a finite number"),
            ("new_york\t1_0\t3\tnew york\t1", "line 2: found"),
            ("new_york\t\uff11\t3\tnew york\t1", "line 2: found"),
            ("new_york\t1.0\t-3\tnew york\t1", "line 2: found"),
            ("new_york\t1.0\t1_0\tnew york\t1", "line 2: found"),
            ("new_york\t1.0\t\uff13\tnew york\t1", "line 2: found"),
            ("new_york\t1.0\t9999999999999999999\tnew york\t1", "line 2: count=9999999999999999999"),
            ("new_york\t1.0\t3\tnew york\t0_1", "line 2: found"),
            ("new york\t1.0\t3\tnew york\t1", "line 2: delimiter=' '"),
            ("new_\t1.0\t3\tnew \t1", "not made of the words"),
            ("a_b\u2003c\t1.0\t3\ta b\u2003c\t1", "not made of the words"),
            ("nul\0_b\t1.0\t3\tnul\0 b\t1", "line 2: a NUL byte"),
            ("a_b\t1.0\t3\ta b\t1\na-b\t1.0\t3\ta b\t1", "line 3: 'a-b' is not made"),
        ],
    )
    def test_a_damaged_line_is_named(self, tmp_path, line, message):
        path = tmp_path / "phrases.tsv"
        path.write_text(f"phrase\tscore\tcount\tparts\tpass\n{line}\n", encoding="utf-8")
        with pytest.raises(FormatError, match=message):
            PhraseTable.load(path)

    def test_another_file_is_no_file_of_phrases(self, tmp_path):
        path = tmp_path / "vocab.txt"
        path.write_text("the 10\n")
        with pytest.raises(FormatError, match="line 1: found 'the 10', expected the columns"):
            PhraseTable.load(path)
        path.write_bytes(b"\xff\xfe\n")
        with pytest.raises(FormatError, match="not UTF-8"):
            PhraseTable.load(path)
