"""`embedkit convert` and `embedkit info`."""

import json
import os
import threading

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors


@pytest.fixture
def native(tmp_path):
    path = tmp_path / "native.embedkit"
    vectors = np.array([[3, 4], [0, 0], [0.1, 0]], dtype=np.float32)
    KeyedVectors(["the", "naïve", "日本"], vectors, [30, 20, 10]).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v.bin", None),
        ("v.bin.gz", None),
        ("v.txt", None),
        ("v.vec.xz", None),
        ("v.embedkit", None),
        ("v.glove.txt", "glove"),
        ("odd-name", "word2vec-binary"),
    ],
)
def test_every_format_holds_the_same_vectors(invoke, native, tmp_path, name, kind):
    options = [] if kind is None else ["--to", kind]
    assert invoke("convert", native, tmp_path / name, *options).exit_code == 0
    back = invoke("convert", tmp_path / name, tmp_path / "back.embedkit")
    assert back.exit_code == 0, back.output
    first, last = KeyedVectors.load(native), KeyedVectors.load(tmp_path / "back.embedkit")
    assert first.index_to_key == last.index_to_key
    np.testing.assert_array_equal(first.vectors, last.vectors)


def test_lost_counts_are_said_unless_quiet(invoke, native, tmp_path):
    assert invoke("convert", native, tmp_path / "v.bin").stderr.count("holds no counts of words") == 1
    assert invoke("convert", native, tmp_path / "v.bin", "--quiet").output == ""


def test_kept_counts_need_no_word(invoke, native, tmp_path):
    assert "holds no counts of words" not in invoke("convert", native, tmp_path / "v.embedkit").stderr


def test_limit_takes_the_first_words(invoke, native, tmp_path):
    invoke("convert", native, tmp_path / "v.bin", "--limit", 2)
    assert list(KeyedVectors.load(tmp_path / "v.bin")) == ["the", "naïve"]


def test_the_output_is_checked_before_the_input_is_read(invoke, tmp_path):
    result = invoke("convert", tmp_path / "nowhere.bin", tmp_path / "v.xyz")
    assert result.exit_code == 1
    assert "v.xyz" in result.stderr


def test_a_word_with_a_space_is_named_and_the_older_file_stays(invoke, tmp_path):
    KeyedVectors(["new york"], np.ones((1, 2), dtype=np.float32)).save(tmp_path / "v.embedkit")
    (tmp_path / "v.bin").write_bytes(b"an older file")
    result = invoke("convert", tmp_path / "v.embedkit", tmp_path / "v.bin")
    assert result.exit_code == 1
    assert "'new york'" in result.stderr
    assert (tmp_path / "v.bin").read_bytes() == b"an older file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.bin", "v.embedkit"]


def test_broken_words_are_refused_or_repaired(invoke, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 1\ncaf\xe9 1\ntea 2\n")
    result = invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin")
    assert result.exit_code == 1
    assert "UTF-8" in result.stderr
    assert invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin", "--encoding-errors", "ignore").exit_code == 0
    assert list(KeyedVectors.load(tmp_path / "v.bin")) == ["caf", "tea"]


def test_info_tells_size_format_counts_and_lengths(invoke, native):
    facts = json.loads(invoke("info", native, "--json").stdout)
    assert facts["format"] == "native"
    assert facts["words"] == 3
    assert facts["vector_size"] == 2
    assert facts["bytes"] > 24
    assert facts["counts"] is True
    assert facts["total_count"] == 60
    assert facts["first_words"] == ["the", "naïve", "日本"]
    assert facts["norms"] == pytest.approx({"min": 0, "mean": 1.7, "max": 5, "zeros": 1, "nonfinite": 0})


@pytest.mark.parametrize(
    ("name", "kind"), [("v.bin", "word2vec-binary"), ("v.txt", "word2vec-text"), ("g.txt", "glove")]
)
def test_info_recognises_the_format_by_content(invoke, native, tmp_path, name, kind):
    invoke("convert", native, tmp_path / name, "--to", kind)
    facts = json.loads(invoke("info", tmp_path / name, "--json").stdout)
    assert facts["format"] == kind
    assert facts["bytes"] == (tmp_path / name).stat().st_size
    assert facts["counts"] is False
    assert facts["total_count"] is None


def test_info_for_people_is_a_line_a_fact(invoke, native):
    rows = dict(line.split("\t") for line in invoke("info", native).stdout.splitlines())
    assert rows["words"] == "3"
    assert rows["format"] == "native"
    assert rows["counts"] == "yes, 60 words in all"
    assert rows["first words"] == "the  naïve  日本"


def test_info_of_no_vectors_has_no_lengths(invoke, tmp_path):
    KeyedVectors([], np.empty((0, 3), dtype=np.float32)).save(tmp_path / "none.embedkit")
    result = invoke("info", tmp_path / "none.embedkit", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["words"] == 0
    assert facts["norms"] == {"min": None, "mean": None, "max": None, "zeros": 0, "nonfinite": 0}
    assert "lengths\t- to -, mean -" in invoke("info", tmp_path / "none.embedkit").stdout


def test_info_counts_vectors_without_a_finite_length_apart(invoke, tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("4 2\nworld inf 1\nodd nan 1\nhuge 3e38 3e38\nplain 3 4\n")
    facts = json.loads(invoke("info", path, "--allow-nonfinite", "--json").stdout)
    assert facts["norms"] == {"min": 5, "mean": 5, "max": 5, "zeros": 0, "nonfinite": 3}
    assert "not finite\t3" in invoke("info", path, "--allow-nonfinite").stdout


def test_tiny_vectors_are_not_zero_vectors(invoke, tmp_path):
    KeyedVectors(["a", "b"], np.full((2, 3), 1e-25, dtype=np.float32)).save(tmp_path / "v.bin")
    facts = json.loads(invoke("info", tmp_path / "v.bin", "--json").stdout)
    assert facts["norms"]["zeros"] == 0
    assert facts["norms"]["max"] == pytest.approx(3**0.5 * 1e-25)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_info_reads_a_pipe_once(command, invoke, native, tmp_path):
    invoke("convert", native, tmp_path / "v.bin", "--quiet")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes((tmp_path / "v.bin").read_bytes()))
    writer.start()
    done = command("info", tmp_path / "pipe", "--json")
    writer.join()
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["words"], facts["format"], facts["bytes"]) == (3, None, None)


def test_vectors_that_are_not_finite_are_taken_on_demand(invoke, tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("3 2\nking 1 1\nqueen 1 1.1\nodd nan 1\n")
    for command in (["convert", path, tmp_path / "v.bin"], ["neighbors", path, "king"], ["info", path]):
        assert invoke(*command).exit_code == 1
        result = invoke(*command, "--allow-nonfinite")
        assert result.exit_code == 0, result.output
    vectors = KeyedVectors.load(tmp_path / "v.bin", allow_nonfinite=True)
    assert np.isnan(vectors["odd"][0])


def test_quiet_keeps_back_warnings(invoke, tmp_path):
    (tmp_path / "v.txt").write_text("2 1\ntea 1\ntea 2\n")
    assert "more than once" in invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin").stderr
    assert invoke("convert", tmp_path / "v.txt", tmp_path / "v.bin", "--quiet").stderr == ""


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "json"])
def test_words_that_standard_output_cannot_encode_are_escaped(command, tmp_path, options):
    words = ["naïve", "日本", "🙂"]
    KeyedVectors(words, np.eye(3, dtype=np.float32)).save(tmp_path / "v.bin")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = command("info", tmp_path / "v.bin", *options, env=environment, encoding="latin-1")
    assert done.returncode == 0, done.stderr
    if options:
        assert json.loads(done.stdout)["first_words"] == words
    else:
        assert "first words\tnaïve  \\u65e5\\u672c  \\U0001f642" in done.stdout


def test_half_a_surrogate_pair_is_escaped(command, tmp_path):
    KeyedVectors(["\ud800"], np.ones((1, 2), dtype=np.float32)).save(tmp_path / "v.embedkit")
    done = command("info", tmp_path / "v.embedkit", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["first_words"] == ["\ud800"]


def test_an_interrupted_conversion_says_that_nothing_was_written(invoke, native, tmp_path, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(KeyedVectors, "save", interrupt)
    assert invoke("convert", native, tmp_path / "v.bin").stderr == "Interrupted; nothing was written\n"
    monkeypatch.setattr(KeyedVectors, "load", interrupt)
    assert invoke("info", native).stderr == "Interrupted\n"
