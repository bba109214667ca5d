"""The word2vec benchmark: runs as documented, compares like with like, and merges what is measured again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedkit.text.planted import write_planted_corpus

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def harness(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import harness

    return harness


def run(*arguments):
    command = [sys.executable, str(BENCHMARKS / "word2vec.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_rows_are_measured_on_both_sides_and_merged(tmp_path):
    write_planted_corpus(tmp_path / "corpus.txt", n_words=20_000)
    output = tmp_path / "results.json"
    common = ("--corpus", tmp_path / "corpus.txt", "--rounds", 1, "--threads", 1, "--output", output)
    first = run(*common, "--rows", "vocabulary")
    assert first.returncode == 0, first.stderr
    second = run(*common, "--rows", "cbow-ns")
    assert second.returncode == 0, second.stderr
    results = json.loads(output.read_text())
    assert list(results["rows"]) == ["vocabulary", "cbow-ns"]
    assert results["corpus"]["words"] >= 20_000
    assert results["rows"]["cbow-ns"]["embedkit"] > 0
    assert results["rows"]["cbow-ns"]["ratio"] > 0
    assert str(tmp_path) not in output.read_text()
    assert "vocabulary, seconds" in second.stdout
    other = run("--corpus", tmp_path / "corpus.txt", "--threads", 2, "--output", output, "--rows", "startup")
    assert other.returncode != 0
    assert "results with another settings" in other.stderr


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
