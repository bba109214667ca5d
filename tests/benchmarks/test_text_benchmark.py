"""The benchmark of text: runs on small data where it needs no peer, and notices sides that differ."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedkit.text.planted import write_planted_corpus

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def text(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import text

    return text


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import text_worker

    return text_worker


@pytest.fixture
def data(tmp_path):
    """Data sets in the places of the real ones."""
    folder = tmp_path / "data"
    (folder / "en").mkdir(parents=True)
    with gzip.open(folder / "en" / "wiki-en.txt.gz", "wt", encoding="utf-8") as out:
        out.write("It's 3.14, isn't it?\nYes; it is.\n" * 300)
    return folder


def run(*arguments):
    command = [sys.executable, str(BENCHMARKS / "text.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def options(text, folder, **changes):
    settings = {"data": folder, "threads": 1, "rounds": 1, "peers": None, "wordnet": None, "corpus": None}
    return text.argparse.Namespace(**{**settings, **changes})


@pytest.mark.slow
def test_the_rows_of_words_and_phrases_run_on_small_data(tmp_path, data):
    write_planted_corpus(tmp_path / "corpus.txt", n_words=20_000)
    output = tmp_path / "results.json"
    arguments = ["--data", data, "--corpus", tmp_path / "corpus.txt", "--rounds", 1, "--output", output]
    done = run(*arguments, "--rows", "words,phrases")
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.read_text())["rows"]
    assert rows["words"]["facts"]["words"]["words"] == 300 * 7
    assert rows["words"]["facts"]["whitespace"]["distinct"] == 7
    assert rows["phrases"]["largest_difference"] < 1e-9
    assert "| `words`, " in done.stdout
    assert str(tmp_path) not in output.read_text()


def test_what_is_missing_is_said_at_once(tmp_path):
    assert "unknown rows: verse" in run("--rows", "verse").stderr
    assert "no such folder" in run("--data", tmp_path / "missing").stderr


def test_a_row_beside_a_peer_asks_for_its_python(text, tmp_path):
    with pytest.raises(SystemExit, match="pass --peers PYTHON"):
        text.Bench(options(text, tmp_path), tmp_path).peer("jieba")


def test_ours_has_to_make_as_many_new_texts(text, tmp_path, monkeypatch):
    bench = text.Bench(options(text, tmp_path), tmp_path)
    monkeypatch.setattr(bench, "job", lambda name, **_: {"new_texts": 3.0, "texts_per_second": 9.0})
    monkeypatch.setattr(bench, "peer", lambda name, **_: {"new_texts": 4.0, "texts_per_second": 1.0})
    with pytest.raises(SystemExit, match="fewer new texts"):
        bench.eda()


def test_encodings_that_differ_between_threads_stop_the_row(text, data, tmp_path, monkeypatch):
    bench = text.Bench(options(text, data, threads=2), tmp_path)
    answer = {"same": True, "words": 7, "vocabulary": 3, "share_in_words": 0.5, "bytes": 30, "seconds": 1.0}
    monkeypatch.setattr(bench, "job", lambda name, threads=0, **_: answer | {"digest": str(threads)})
    with pytest.raises(SystemExit, match="'words' with 1 threads read something else"):
        bench.words()


@pytest.mark.parametrize(
    "changed",
    [{"other": 3.0}, {"new_york": 2.0, "other": 3.0}, {"new_york": 2.5}],
)
def test_tables_of_phrases_that_differ_are_noticed(worker, tmp_path, changed):
    def write(name, phrases):
        lines = [f"{phrase}\t{score}\tmore\n" for phrase, score in phrases.items()]
        (tmp_path / name).write_text("".join(["phrase\tscore\n", *lines]))
        return str(tmp_path / name)

    ours = write("ours.tsv", {"new_york": 2.0})
    assert worker.same_phrases({"embedkit": ours, "gensim": ours}) == {
        "same": True,
        "both": 1,
        "largest_difference": 0.0,
    }
    found = worker.same_phrases({"embedkit": ours, "gensim": write("theirs.tsv", changed)})
    assert not found["same"] or found["largest_difference"] == pytest.approx(0.2)


def test_words_are_compared_by_their_places(worker, tmp_path):
    corpus, pieces, output = (tmp_path / name for name in ("corpus", "pieces", "output"))
    corpus.write_text("我爱北京。\n", encoding="utf-8")
    pieces.write_text(json.dumps(["我", "爱北", "京", "。"]) + "\n")
    same = worker.same_pieces({"corpus": str(corpus), "pieces": str(pieces), "output": str(output)})
    assert same == {"both": 1, "jieba": 3}
    assert output.read_text(encoding="utf-8") == "我 爱北 京\n"
    pieces.write_text(json.dumps(["我"]) + "\n")
    with pytest.raises(SystemExit, match="not the line"):
        worker.same_pieces({"corpus": str(corpus), "pieces": str(pieces), "output": str(output)})


def test_the_interval_of_a_gain_is_that_of_the_paired_differences(worker):
    # Differences 1, 2, 3: mean 2, standard error 1 / sqrt(3), t of 2 degrees of freedom 4.3027.
    gain = worker._gain([60.0, 70.0, 80.0], [61.0, 72.0, 83.0])
    assert gain["mean"] == pytest.approx(2)
    assert gain["high"] - 2 == pytest.approx(4.3027 / 3**0.5, rel=1e-4)
    assert 2 - gain["low"] == pytest.approx(4.3027 / 3**0.5, rel=1e-4)
