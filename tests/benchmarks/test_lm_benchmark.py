"""The benchmark of language models: runs as documented where KenLM is missing, and notices sides that differ."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedkit.text.planted import write_planted_corpus

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def lm(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import lm

    return lm


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import lm_worker

    return lm_worker


@pytest.fixture
def corpus(tmp_path):
    write_planted_corpus(tmp_path / "corpus.txt", n_words=20_000)
    return tmp_path / "corpus.txt"


def run(*arguments):
    command = [sys.executable, str(BENCHMARKS / "lm.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def arpa(path, *ngrams):
    """An ARPA file of words, each with its logarithm and back-off weight."""
    lines = [f"{log_prob}\t{word}\t{backoff}" for word, log_prob, backoff in ngrams]
    path.write_text("\n".join(["\\data\\", f"ngram 1={len(ngrams)}", "", "\\1-grams:", *lines, "", "\\end\\", ""]))
    return str(path)


@pytest.mark.slow
def test_the_row_of_nltk_finds_the_same_probabilities(tmp_path, corpus):
    output = tmp_path / "results.json"
    done = run("--corpus", corpus, "--rounds", 1, "--output", output, "--rows", "nltk")
    assert done.returncode == 0, done.stderr
    row = json.loads(output.read_text())["rows"]["nltk"]
    assert row["largest_difference"] < 1e-9
    assert row["scored_words"]["nltk"] == 60
    assert row["ratio"] > 1
    assert "nltk, words/s" in done.stdout
    assert str(tmp_path) not in output.read_text()


def test_what_is_missing_is_said_at_once(tmp_path, corpus):
    assert "unknown rows: train-9" in run("--corpus", corpus, "--rows", "train-9").stderr
    assert "no such file" in run("--corpus", tmp_path / "missing.txt").stderr


def test_a_row_beside_kenlm_asks_for_its_programs(lm, tmp_path, corpus):
    bench = lm.Bench(corpus, lm.argparse.Namespace(threads=1, rounds=1, kenlm=None), tmp_path)
    with pytest.raises(SystemExit, match="pass --kenlm FOLDER"):
        bench.kenlm("lmplz", "-o", "3")


def test_an_empty_line_is_refused_because_the_sides_treat_it_differently(lm, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("a b\nc\n")
    assert lm.count_words(text) == 3
    text.write_text("a b\n \nc\n")
    with pytest.raises(SystemExit, match="line 2: found an empty line"):
        lm.count_words(text)


def test_the_last_fifth_of_the_words_is_held_out(lm, tmp_path, corpus):
    bench = lm.Bench(corpus, lm.argparse.Namespace(threads=1, rounds=1, kenlm=None), tmp_path)
    first, last = bench.texts()
    assert first.read_bytes() + last.read_bytes() == corpus.read_bytes()
    assert lm.count_words(last) == pytest.approx(0.2 * bench.n_words, rel=0.02)


def test_what_query_prints_is_read_or_said_to_have_changed(lm):
    printed = "Perplexity including OOVs:\t12.5\nPerplexity excluding OOVs:\t10.25\nOOVs:\t3\nTokens:\t400\n"
    assert lm.summary(printed) == {"perplexity": 12.5, "perplexity_without_oov": 10.25, "oov": 3, "tokens": 400}
    with pytest.raises(SystemExit, match="output has changed"):
        lm.summary("Usage: query")


@pytest.mark.parametrize("key", ["perplexity", "perplexity_without_oov", "tokens", "oov"])
def test_reports_that_differ_stop_the_row(lm, key):
    same = {"perplexity": 12.5, "perplexity_without_oov": 10.25, "oov": 3, "tokens": 400}
    lm.check_same("x", same, dict(same), 1e-5)
    with pytest.raises(SystemExit, match="do not find the same"):
        lm.check_same("x", same, {**same, key: same[key] * 2}, 1e-5)


def test_two_arpa_files_are_compared_by_ngram_whatever_their_order(worker, tmp_path):
    ours = arpa(tmp_path / "ours.arpa", ("b", -0.5, -0.25), ("a", -1.5, 0))
    theirs = arpa(tmp_path / "theirs.arpa", ("a", -1.25, 0), ("b", -0.5, -0.5))
    same = worker.same_arpa({"embedkit": ours, "kenlm": theirs})
    assert same["headers"] == [[2], [2]]
    assert (same["sampled"], same["found"]) == (2, 2)
    assert same["differences"] == [0.25, 0.25]
    other = arpa(tmp_path / "other.arpa", ("a", -1.25, 0), ("c", -0.5, -0.5))
    assert worker.same_arpa({"embedkit": ours, "kenlm": other})["found"] == 1
