"""KenLM's scores, models and perplexities, from its own test files and from real text."""

import os
import subprocess
import sys

import numpy as np
import pytest

from embedkit.lm.arpa_reader import load_arpa
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.perplexity import perplexity_report
from embedkit.lm.training import train_language_model
from embedkit.lm.walk import node_map
from embedkit.text.corpus import Corpus

pytestmark = pytest.mark.realdata

# order, n-grams of that order, its discounts, perplexity with unknown words and without
WIKITEXT = [
    (2, 96_257, "0.738224 1.17695 1.58097", "399.6638", "288.3144"),
    (3, 167_173, "0.864737 1.29886 1.53850", "379.2510", "272.6275"),
    (4, 195_650, "0.933669 1.48389 1.60332", "376.0884", "270.4533"),
    (5, 202_766, "0.967053 1.59780 1.82057", "375.0524", "269.7429"),
]
WIKIPEDIA = [
    (2, 782_909, "814.9252", "591.7937"),
    (3, 1_473_063, "699.1966", "504.9882"),
    (4, 1_747_180, "674.6949", "487.0495"),
    (5, 1_806_924, "671.5035", "484.7799"),
]


@pytest.fixture(scope="module")
def wikitext(data_dir, tmp_path_factory):
    """Training and test text, without empty lines; <unk> is a word there."""
    folder = tmp_path_factory.mktemp("wikitext")
    for part in ("valid", "test"):
        lines = (data_dir / "lm" / f"wikitext2.{part}.txt").read_text(encoding="utf-8").split("\n")
        text = "".join(line.replace("<unk>", "UNKX") + "\n" for line in lines if line.strip())
        (folder / f"{part}.txt").write_text(text, encoding="utf-8")
    return folder


def train(path, order):
    corpus = Corpus.from_paths([path])
    return train_language_model(corpus, LanguageModelParameters(order=order), n_threads=2).model


def check_perplexity(model, path, n_tokens, n_oov, with_oov, without_oov):
    report = perplexity_report(model, Corpus.from_paths([path]), n_threads=2)
    assert (report.n_tokens, report.n_oov) == (n_tokens, n_oov)
    assert report.perplexity == pytest.approx(float(with_oov), rel=1e-6)
    assert report.perplexity_without_oov == pytest.approx(float(without_oov), rel=1e-6)


def assert_shows_as(number, printed):
    """Whether a number, rounded to as many digits, is the printed one."""
    assert f"{number:.{len(printed.partition('.')[2])}f}" == printed


def scored(model, data_dir):
    """Rows of the file of expected scores with what the model says: its words, found and expected."""
    with (data_dir / "lm" / "expected_scores.tsv").open(encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) == 41
    for _, start, history, word, length, log_prob in rows:
        words = history.split()
        state = model.state(words, bos=start == "bos")
        found = model.advance(state, word)[0]
        full = model.full_scores([*words, word], bos=start == "bos", eos=False)[-1]
        assert full.log_prob == pytest.approx(found, abs=1e-12)
        assert full.oov == (word not in model)
        yield [*words, word], full, (float(log_prob), int(length))


def test_all_scores_that_kenlm_must_give(data_dir):
    model = load_arpa(data_dir / "lm" / "test.arpa")
    for _, found, (log_prob, _) in scored(model, data_dir):
        assert found.log_prob == pytest.approx(log_prob, abs=0.001)


def test_all_lengths_of_n_grams_that_kenlm_must_give(data_dir):
    model = load_arpa(data_dir / "lm" / "test.arpa")
    wrong = [
        (" ".join(words), found.ngram_length, length)
        for words, found, (_, length) in scored(model, data_dir)
        if found.ngram_length != length
    ]
    assert not wrong


def test_scores_of_known_words_where_the_file_has_no_unknown_word(data_dir):
    model = load_arpa(data_dir / "lm" / "test_nounk.arpa")
    known = [row for row in scored(model, data_dir) if all(word in model for word in row[0])]
    assert len(known) == 29
    for _, found, (log_prob, _) in known:
        assert found.log_prob == pytest.approx(log_prob, abs=0.001)
    # KenLM's logarithm for a word that is not there.
    assert model.full_scores("not_found", bos=False, eos=False) == [(-100.0, 1, True)]


@pytest.mark.parametrize("name", ["toy0.arpa", "toy1.arpa"])
def test_toy_models_load_with_all_of_their_n_grams(data_dir, name):
    text = (data_dir / "lm" / name).read_text(encoding="utf-8")
    model = load_arpa(data_dir / "lm" / name)
    sizes = [int(line.split("=")[1]) for line in text.splitlines() if line.startswith("ngram ")]
    assert model.n_ngrams == sizes


def test_every_n_gram_of_lmplz_has_its_probability_and_weight(data_dir, wikitext):
    theirs = load_arpa(data_dir / "lm" / "wikitext2.valid.3gram.lmplz.arpa.gz", n_threads=2)
    ours = train(wikitext / "valid.txt", 3)
    assert ours.n_ngrams == theirs.n_ngrams == [13_779, 96_257, 167_173]
    assert sorted(ours.words) == sorted(theirs.words)
    ids = {word: i for i, word in enumerate(theirs.words)}
    place = node_map(ours.trie, theirs.trie, np.array([ids[word] for word in ours.words]))
    assert (place >= 0).all()
    np.testing.assert_allclose(ours.log_prob[1:], theirs.log_prob[place[1:]], rtol=0, atol=2e-6)
    inner = place[1 : len(ours.log_backoff)]
    np.testing.assert_allclose(ours.log_backoff[1:], theirs.log_backoff[inner], rtol=0, atol=2e-6)


@pytest.mark.parametrize(("order", "n_ngrams", "discounts", "with_oov", "without_oov"), WIKITEXT)
def test_perplexities_of_wikitext_are_kenlms(wikitext, order, n_ngrams, discounts, with_oov, without_oov):
    model = train(wikitext / "valid.txt", order)
    assert model.n_ngrams[0] == 13_779
    # Models of lower orders are the beginnings of this one.
    assert model.n_ngrams[1:] == [size for n, size, *_ in WIKITEXT if n <= order]
    assert model.n_ngrams[-1] == n_ngrams
    for n, printed in [(1, "0.520525 1.07850 1.65471"), (order, discounts)]:
        for number, text in zip(model.facts["discounts"][n - 1], printed.split(), strict=True):
            assert_shows_as(number, text)
    check_perplexity(model, wikitext / "test.txt", 244_102, 11_896, with_oov, without_oov)


@pytest.mark.slow
def test_perplexities_of_wikipedia_are_kenlms(data_dir, tmp_path):
    normalize = data_dir.parent / "tools" / "normalize_wiki.py"
    if not normalize.is_file():
        message = f"no {normalize.name} beside the data"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    parts = {"train": ["--words", "2000000"], "test": ["--skip", "2000000", "--words", "200000"]}
    # Side by side: most of the time goes into reading.
    running = []
    for name, settings in parts.items():
        with (tmp_path / name).open("wb") as out:
            command = [sys.executable, normalize, data_dir / "en" / "wiki-en.txt.gz", *settings]
            running.append(subprocess.Popen(command, stdout=out))
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    for order, n_ngrams, with_oov, without_oov in WIKIPEDIA:
        model = train(tmp_path / "train", order)
        assert (model.n_ngrams[0], model.n_ngrams[-1]) == (88_393, n_ngrams)
        check_perplexity(model, tmp_path / "test", 203_840, 7_861, with_oov, without_oov)
