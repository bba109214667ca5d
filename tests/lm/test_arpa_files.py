"""ARPA files: what is written reads back, what others write loads, and damage is named."""

import gzip
import logging

import pytest

from embedkit.errors import FormatError, InputError
from embedkit.lm import NgramLanguageModel
from embedkit.lm.arpa_reader import load_arpa
from embedkit.lm.arpa_writer import save_counts
from embedkit.lm.counting import count_ngrams
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

SENTENCES = ["the cat sat on the mat", "the dog sat on the rug", "a cat ate", "我 爱 吃 苹果"] * 3
ARPA = r"""\data\
ngram 1=5
ngram 2=3
ngram 3=2

\1-grams:
-1.5	<unk>	0
0	<s>	-0.25
-0.5	</s>
-0.75	a	-0.5
-1	b	-0.125

\2-grams:
-0.25	<s> a	-0.0625
-0.5	a b	-0.5
-0.375	b </s>

\3-grams:
-0.125	<s> a b
-0.0625	a b </s>

\end\
"""


@pytest.fixture
def load(tmp_path):
    """Read a text as an ARPA file."""

    def read(text: str | bytes, name: str = "model.arpa"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_arpa(path)

    return read


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz", "model.arpa.bz2", "model.arpa.xz"])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_a_written_model_reads_back(tmp_path, name, order):
    model = NgramLanguageModel(order=order, smoothing="witten-bell").fit(SENTENCES)
    model.save(tmp_path / name)
    again = NgramLanguageModel.load(tmp_path / name)
    assert again.n_ngrams == model.n_ngrams
    for text in [*SENTENCES, "the unknown cat", ""]:
        assert again.score(text) == pytest.approx(model.score(text), abs=1e-5)


def test_the_same_model_gives_the_same_bytes_whatever_the_threads(tmp_path):
    for n_jobs in (1, 3):
        model = NgramLanguageModel(order=3, n_jobs=n_jobs).fit(SENTENCES)
        model.save(tmp_path / f"{n_jobs}.arpa")
    assert (tmp_path / "1.arpa").read_bytes() == (tmp_path / "3.arpa").read_bytes()


def test_lines_are_those_of_the_format(tmp_path):
    path = tmp_path / "model.arpa"
    NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b"]).save(path)
    lines = path.read_text().split("\n")
    assert lines[:5] == ["\\data\\", "ngram 1=5", "ngram 2=3", "", "\\1-grams:"]
    assert lines[6].startswith("0\t<s>\t-")
    assert lines[-3:] == ["", "\\end\\", ""]
    assert all(line.count("\t") == 1 for line in lines[lines.index("\\2-grams:") + 1 : -3])


def test_probabilities_are_those_of_the_file(load):
    model = load(ARPA)
    scores = model.full_scores("a b")
    assert [score.log_prob for score in scores] == [-0.25, -0.125, -0.0625]
    assert [score.ngram_length for score in scores] == [2, 3, 3]
    # </s> behind "<s> a": both back-off weights, then the word.
    assert model.score("a") == pytest.approx(-0.25 + (-0.0625 - 0.5 - 0.5))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\t", " "),
        lambda text: text.replace("\n\n", "\n \n\n"),
        lambda text: "a remark\nof the program\n\n" + text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(
            "-0.25\t<s> a\t-0.0625\n-0.5\ta b\t-0.5\n", "-0.5\ta b\t-0.5\n-0.25\t<s> a\t-0.0625\n"
        ),
        lambda text: text.replace("<unk>", "<UNK>"),
        lambda text: text.replace("-0.5\ta b", "-5e-1\ta b"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\tb\t-0.125", "\tb\t-1.25E-1"),
    ],
    ids=["windows", "spaces", "blank", "remarks", "no-end", "order", "UNK", "exponent", "bom", "E"],
)
def test_other_spellings_of_the_same_model_load(load, change):
    model, other = load(ARPA), load(change(ARPA))
    for text in ("a b", "b a", "a a b c", ""):
        assert other.score(text) == model.score(text)


def test_a_missing_shorter_end_has_the_probability_of_backing_off(load):
    text = ARPA.replace("ngram 2=3", "ngram 2=2").replace("-0.375\tb </s>\n", "")
    model = load(text)
    # "a b </s>" is there; "b </s>" is not: its weight is passed on the way from "x b" to "</s>".
    assert model.score("a b") == load(ARPA).score("a b")
    assert model.score("b") == pytest.approx(-0.25 - 1 - 0.125 - 0.5)
    assert model.n_ngrams == [5, 3, 2]
    assert model.full_scores("b")[1].ngram_length == 2


def test_a_model_without_unk_gives_unknown_words_minus_100(load):
    model = load(ARPA.replace("ngram 1=5", "ngram 1=4").replace("-1.5\t<unk>\t0\n", ""))
    assert model.full_scores("zebra", eos=False)[0] == (-100 - 0.25, 1, True)


def test_missing_marks_of_sentences_are_warned_of(load, caplog):
    text = "\\data\\\nngram 1=2\n\n\\1-grams:\n-0.3\ta\n-0.3\tb\n\n\\end\\\n"
    with caplog.at_level(logging.WARNING):
        model = load(text)
    assert "has no <s>" in caplog.text
    assert "has no </s>" in caplog.text
    assert model.score("a b", eos=False) == pytest.approx(-0.6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("\\data\\", "data"), r"no header \\data\\"),
        (lambda text: "", r"no header"),
        (lambda text: "word 0.1 0.2\n" * 3, r"no header"),
        (lambda text: text.replace("ngram 2=3", "ngram 2=4"), r"line 16: 3 2-grams, but the header says 4"),
        (lambda text: text.replace("ngram 2=3", "ngram 2=2"), r"expected '\\3-grams:'"),
        (lambda text: text.replace("ngram 3=2", "ngram 3=1"), r"expected \\end\\"),
        (lambda text: text.replace("ngram 1=5", "ngram 1=6"), r"5 1-grams, but the header says 6"),
        (lambda text: text.replace("ngram 1=5", "ngram 1=4"), r"expected '\\2-grams:'"),
        (lambda text: text.replace("ngram 2=3", "ngram 2=99999999999"), r"3 2-grams, but the header says 99999999999"),
        (lambda text: text.replace("ngram 2=3", "ngram 4=3"), r"expected 'ngram 2='"),
        (lambda text: text.replace("ngram 2=3", "ngram two"), r"expected 'ngram 2='"),
        (lambda text: text.replace("-0.5\ta b", "0.5\ta b"), r"line 15: .*above 0"),
        (lambda text: text.replace("-0.75\ta", "0.75\ta"), r"line 10: .*above 0"),
        (lambda text: text.replace("-0.5\ta b", "x\ta b"), r"line 15: .*expected to see a number"),
        (lambda text: text.replace("-0.5\ta b", "nan\ta b"), r"line 15: .*number"),
        (lambda text: text.replace("-0.75\ta", "nan\ta"), r"line 10: .*number"),
        (lambda text: text.replace("-0.5\ta b\t-0.5", "-0.5\ta"), r"line 15: .*2 words"),
        (lambda text: text.replace("-0.5\ta b\t-0.5", "-0.5\ta b\t-0.5\t7"), r"line 15: .*2 words"),
        (lambda text: text.replace("-0.5\ta b", "-0.5\ta zebra"), r"line 15: .*not among the 1-grams"),
        (lambda text: text.replace("<s> a b", "b a b"), r"line 19: .*context.*not among the 2-grams"),
        (lambda text: text.replace("-0.75\ta", "-0.75\ta word"), r"line 10: .*expected a logarithm, a word"),
        (lambda text: text.replace("-1\tb", "-1\ta"), r"'a' comes twice"),
        (lambda text: text.replace("-0.375\tb </s>", "-0.375\ta b"), r"line 16: this 2-gram was on line 15 too"),
        (lambda text: text[: text.index("\\3")], r"ends before its 3-grams"),
        (lambda text: text[: text.index("-0.0625\ta b")], r"1 3-grams, but the header says 2.*truncated"),
        (lambda text: text.replace("\\end\\", ""), r"expected \\end\\"),
        (lambda text: text.replace("\ta\t", "\t\xe4\t").encode("latin-1"), r"line 10: not UTF-8"),
        (lambda text: "\\data\\\n\n\\end\\\n", r"names no n-grams"),
        (lambda text: text.replace("ngram 3=2", "".join(f"ngram {n}=1\n" for n in range(3, 18))), r"order 17"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line(load, change, message):
    with pytest.raises(FormatError, match=message):
        load(change(ARPA))


def test_a_truncated_gzip_file_is_an_error(load):
    packed = gzip.compress((ARPA * 1).encode())
    assert load(packed, "model.arpa.gz").n_ngrams == [5, 3, 2]
    with pytest.raises(FormatError, match="truncated or damaged"):
        load(packed[: len(packed) // 2], "model.arpa.gz")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_arpa(tmp_path / "missing.arpa")


def test_an_order_without_ngrams_is_no_order(load):
    model = load(ARPA.replace("ngram 3=2", "ngram 3=0").replace("-0.125\t<s> a b\n-0.0625\ta b </s>\n", ""))
    assert model.n_ngrams == [5, 3]


@pytest.mark.parametrize("word", ["New York", "", "a\tb", "a\u3000b"])
def test_a_word_with_a_space_is_refused_and_nothing_written(tmp_path, word):
    words = ["a", word or "\x85", "b"]
    model = NgramLanguageModel(order=2, smoothing="witten-bell").fit([words])
    with pytest.raises(FormatError, match="cannot write the word"):
        model.save(tmp_path / "model.arpa")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("smoothing", ["lidstone", "laplace", "maximum-likelihood", "stupid-backoff"])
def test_what_does_not_back_off_by_weights_is_refused(tmp_path, smoothing):
    model = NgramLanguageModel(order=2, smoothing=smoothing).fit(SENTENCES)
    with pytest.raises(FormatError, match=f"{smoothing} does not back off.*native"):
        model.save(tmp_path / "model.arpa.gz")
    assert list(tmp_path.iterdir()) == []


def test_very_long_words_are_written_whole(tmp_path):
    word = "x" * 300_000
    model = NgramLanguageModel(order=2, smoothing="witten-bell").fit([f"{word} {word}"])
    model.save(tmp_path / "model.arpa")
    assert NgramLanguageModel.load(tmp_path / "model.arpa").score(word) == pytest.approx(model.score(word), abs=1e-6)


def test_more_lines_than_are_parsed_at_a_time_load(tmp_path, monkeypatch):
    model = NgramLanguageModel(order=3, smoothing="witten-bell").fit(SENTENCES)
    model.save(tmp_path / "model.arpa")
    whole = load_arpa(tmp_path / "model.arpa")
    monkeypatch.setattr("embedkit.lm.arpa_reader.BLOCK", 7)
    monkeypatch.setattr("embedkit.lm.arpa_reader.MOST_LINES", 2)
    parts = load_arpa(tmp_path / "model.arpa")
    assert (parts.log_prob == whole.log_prob).all()
    assert (parts.trie.link == whole.trie.link).all()


def test_counts_are_written_as_lines(tmp_path):
    with encode_corpus(Corpus.from_documents(["a rose is a rose", "a rose"]), min_count=1) as encoded:
        counts = count_ngrams(encoded, 2)
    save_counts(counts, tmp_path / "counts.txt")
    lines = (tmp_path / "counts.txt").read_text().splitlines()
    assert lines[:3] == ["<s>\t2", "</s>\t2", "a\t3"]
    assert "a rose\t3" in lines
    assert len(lines) == 5 + 5
