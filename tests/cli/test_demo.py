"""`embedkit demo`: the planted facts are learned, through the road of train-w2v."""

import pytest
from embedkit_cli import demo as demo_module


@pytest.fixture
def small(monkeypatch):
    """A corpus of a fifth of the size, for time's sake, and the more passes."""
    monkeypatch.setattr(demo_module, "WORDS", 200_000)
    monkeypatch.setattr(demo_module, "SETTINGS", {**demo_module.SETTINGS, "epochs": 15})


def test_the_demo_learns_the_planted_facts(invoke, small, tmp_path):
    result = invoke("demo", "--output", tmp_path / "kept")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["corpus.txt", "questions.txt", "vectors.bin"]
    total = next(line for line in result.stdout.splitlines() if line.startswith("total ")).split()
    assert float(total[1]) >= demo_module.FLOOR
    assert "embedkit train-w2v" in result.stdout
    assert str(tmp_path / "kept" / "vectors.bin") in result.stdout


def test_without_output_nothing_stays(invoke, small, tmp_path, monkeypatch):
    monkeypatch.setattr(demo_module.tempfile, "tempdir", str(tmp_path))
    assert invoke("demo", "--quiet").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_facts_that_were_not_learned_fail_the_demo(invoke, small, monkeypatch):
    monkeypatch.setattr(demo_module, "SETTINGS", {"vector_size": 5, "epochs": 1, "learning_rate": 1e-6})
    result = invoke("demo", "--quiet")
    assert result.exit_code == 1
    assert "Error: only" in result.stderr


def test_a_folder_that_cannot_be_made_is_one_line(invoke, tmp_path):
    (tmp_path / "file").write_text("")
    result = invoke("demo", "--output", tmp_path / "file" / "kept")
    assert result.exit_code == 1
    assert "cannot make the folder" in result.stderr


def test_an_interrupted_demo_names_what_it_leaves(invoke, small, tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt("nothing was written")

    monkeypatch.setattr(demo_module, "train_vectors", interrupt)
    folder = tmp_path / "kept"
    result = invoke("demo", "--quiet", "--output", folder)
    assert result.exit_code == 130
    assert result.stderr == f"Interrupted; complete by then: {folder / 'corpus.txt'}, {folder / 'questions.txt'}\n"
    assert invoke("demo", "--quiet").stderr == "Interrupted; nothing was written\n"


def test_files_that_are_there_are_not_overwritten(invoke, tmp_path):
    (tmp_path / "corpus.txt").write_text("precious")
    result = invoke("demo", "--output", tmp_path)
    assert result.exit_code == 1
    assert "corpus.txt exists and would be lost; name another folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]
    assert (tmp_path / "corpus.txt").read_text() == "precious"
