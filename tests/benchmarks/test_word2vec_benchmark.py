"""The word2vec benchmark: runs as documented, compares like with like, and merges what is measured again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedkit.text.planted import write_planted_corpus, write_planted_questions

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def harness(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import harness

    return harness


@pytest.fixture
def word2vec(harness):
    import word2vec

    return word2vec


def run(*arguments):
    command = [sys.executable, str(BENCHMARKS / "word2vec.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def corpus(tmp_path):
    write_planted_corpus(tmp_path / "corpus.txt", n_words=20_000)
    return tmp_path / "corpus.txt"


@pytest.fixture
def evaluation(tmp_path):
    """Evaluation sets of the planted words, under the names of the real ones."""
    folder = tmp_path / "eval"
    folder.mkdir()
    write_planted_questions(folder / "questions-words.txt")
    for name in ("WS-353-ALL", "MEN-TR-3k", "RW-STANFORD"):
        (folder / f"EN-{name}.txt").write_text("king queen 8\nman woman 9\nparis walked 1\n")
    return folder


@pytest.mark.slow
def test_every_row_is_measured_as_it_says(tmp_path, corpus, evaluation):
    output = tmp_path / "results.json"
    common = ("--corpus", corpus, "--eval", evaluation, "--rounds", 2, "--seconds", 0.1, "--output", output)
    first = run(*common, "--rows", "skipgram-ns,vocabulary,whole,memory,threads,startup")
    assert first.returncode == 0, first.stderr
    second = run(*common, "--rows", "quality-cbow-ns")
    assert second.returncode == 0, second.stderr
    results = json.loads(output.read_text())
    rows = results["rows"]
    assert list(rows) == ["skipgram-ns", "vocabulary", "whole", "memory", "threads", "startup", "quality-cbow-ns"]
    assert results["corpus"]["words"] >= 20_000
    assert str(tmp_path) not in output.read_text()
    for name in ("skipgram-ns", "vocabulary", "whole", "threads"):
        assert rows[name]["rounds"] == len(rows[name]["ratios"]) == 2
    for name in ("memory", "startup", "quality-cbow-ns"):
        assert "rounds" not in rows[name]
    assert rows["skipgram-ns"]["epochs"]["embedkit"] > rows["skipgram-ns"]["epochs"]["gensim"] == 1
    assert rows["whole"]["gensim"] > rows["vocabulary"]["gensim"]
    assert rows["whole"]["wanted"] == []
    assert rows["memory"]["embedkit"] > 10
    assert rows["threads"]["one"] > 0
    assert rows["threads"]["many"] > 0
    assert rows["startup"]["help"] > rows["startup"]["python"] > 0
    quality = rows["quality-cbow-ns"]
    assert set(quality["difference"]) == {"Google", "WS-353", "MEN", "RW"}
    assert [len(quality["runs"][side]) for side in ("embedkit", "gensim")] == [2, 2]
    for label in ("skipgram-ns, words/s", "whole, seconds", "memory, MB", "all threads", "embedkit --help", "cbow-ns,"):
        assert label in second.stdout
    other = run(*common, "--threads", 1, "--rows", "startup")
    assert other.returncode != 0
    assert "results with another settings" in other.stderr


def test_a_ratio_is_the_median_of_the_rounds_and_above_one_is_better(harness):
    figures = {"embedkit": [1.0, 2.0, 9.0], "gensim": [2.0, 6.0, 9.0]}
    faster = harness.compared(figures, "seconds", higher=False, wanted_ratio=2.5)
    assert (faster["ratio"], faster["ratio_of_medians"], faster["ratios"]) == (2.0, 3.0, [2.0, 3.0, 1.0])
    assert faster["wanted"][0]["met"] is False
    slower = harness.compared(figures, "words/s", higher=True, wanted_ratio=0.5)
    assert (slower["ratio"], slower["ratio_of_medians"]) == (0.5, 0.3333)
    assert slower["wanted"][0]["met"] is True


def test_epochs_are_so_many_that_a_measurement_takes_long_enough(word2vec, monkeypatch):
    bench = word2vec.Bench(Path("corpus.txt"), Path("eval"), threads=2, rounds=1, seconds=10.0)
    for taken, epochs in ((3.0, 4), (10.0, 1), (60.0, 1), (0.01, 1000)):
        monkeypatch.setattr(bench, "job", lambda side, model, taken=taken: {"training_seconds": taken})
        assert bench.enough_epochs("cbow-ns") == epochs


def test_one_thread_cannot_be_compared_with_one(tmp_path):
    done = run("--corpus", __file__, "--threads", 1, "--rows", "threads", "--output", tmp_path / "results.json")
    assert done.returncode == 2
    assert "pass 2 or more" in done.stderr


def test_an_unknown_row_or_a_missing_corpus_is_said_at_once(tmp_path):
    assert "unknown rows: skipgram" in run("--corpus", __file__, "--rows", "skipgram").stderr
    assert "no such file" in run("--corpus", tmp_path / "missing.txt").stderr


def test_results_of_another_machine_are_refused(harness, tmp_path):
    path = tmp_path / "results.json"
    harness.save_results(path, {"machine": {"cpu": "one"}, "rows": {"a": {}}})
    assert harness.load_results(path, {"machine": {"cpu": "one"}})["rows"] == {"a": {}}
    with pytest.raises(SystemExit, match="results with another machine"):
        harness.load_results(path, {"machine": {"cpu": "two"}})
    assert harness.load_results(tmp_path / "new.json", {"machine": {}}) == {"machine": {}, "rows": {}}


def test_a_failing_side_stops_the_benchmark(harness, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text("raise SystemExit(3)")
    with pytest.raises(SystemExit, match=r"worker\.py failed with exit code 3"):
        harness.run_job(worker, {"system": "embedkit"})


def test_tables_align(harness):
    assert harness.table(["", "a"], [["x", "10"], ["long", "1"]]).splitlines() == [
        "       a",
        "--------",
        "x     10",
        "long   1",
    ]
