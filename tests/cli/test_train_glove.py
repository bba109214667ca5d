"""`embedkit train-glove`: the model's options, checkpoints and resumption."""

import json

import numpy as np
import pytest

from embedkit.models.glove import state as glove_state
from embedkit.vectors.keyed_vectors import KeyedVectors

FAST = ["--vector-size", "8", "--epochs", "4", "--threads", "1"]


@pytest.fixture
def train(invoke, corpus, tmp_path):
    """Train quickly on the small corpus, and give the bytes of the vectors; later options win."""

    def run(*options, output="v.bin", source=corpus):
        result = invoke("train-glove", source, "-o", tmp_path / output, *FAST, "--quiet", *options)
        assert result.exit_code == 0, result.output
        return (tmp_path / output).read_bytes()

    return run


@pytest.mark.parametrize(
    "option",
    [
        ["--x-max", "1000"],
        ["--alpha", "0"],
        ["--vectors", "word"],
        ["--vectors", "context"],
        ["--lr", "0.01"],
        ["--seed", "5"],
        ["--epochs", "5"],
        ["--vector-size", "9"],
    ],
    ids=" ".join,
)
def test_each_option_changes_the_vectors(train, option):
    # Every pair of the corpus counts more than the usual x-max, beyond which alpha has no say.
    plain = ["--x-max", "5000"]
    assert train(*plain) != train(*plain, *option, output="other.bin")


def test_one_seed_gives_the_same_bytes_with_any_number_of_threads(train):
    assert train("--threads", "1") == train("--threads", "2", output="other.bin")


def test_the_losses_are_reported_and_fall(invoke, corpus, tmp_path):
    result = invoke("train-glove", corpus, "-o", tmp_path / "v.bin", *FAST, "--json")
    report = json.loads(result.stdout)
    assert len(report["loss"]) == report["epochs"] == 4
    assert report["loss"][3] < report["loss"][0]
    assert report["resumed_epochs"] == 0
    assert report["pairs_per_second"] > 0
    assert [f"epoch {n}/4 done: loss {loss:.4f}" for n, loss in enumerate(report["loss"], 1)] == [
        line for line in result.stderr.splitlines() if line.startswith("epoch ")
    ]


class TestResumption:
    @pytest.fixture
    def state(self, train, tmp_path):
        """State after two epochs."""
        train("--epochs", "2", "--checkpoint", tmp_path / "state.npz")
        return tmp_path / "state.npz"

    def test_goes_on_as_if_it_had_never_stopped(self, train, state):
        assert train("--resume", state) == train(output="whole.bin")

    def test_settings_that_are_not_given_are_those_of_the_state(self, invoke, corpus, tmp_path):
        state = tmp_path / "state.npz"
        settings = ["--vector-size", "6", "--x-max", "50", "--alpha", "0.5", "--lr", "0.1", "--vectors", "word"]
        common = ["train-glove", corpus, "-o", tmp_path / "v.bin", "--json", "--quiet"]
        invoke(*common, *settings, "--seed", "7", "--epochs", "1", "--checkpoint", state)
        result = invoke(*common, "--resume", state, "--epochs", "2")
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        for name, value in {
            "vector_size": 6,
            "x_max": 50,
            "alpha": 0.5,
            "learning_rate": 0.1,
            "vectors": "word",
            "epochs": 2,
        }.items():
            assert report["parameters"][name] == value
        assert report["seed"] == 7
        assert report["resumed_epochs"] == 1
        assert len(report["loss"]) == 2

    def test_the_checkpoint_may_be_the_state_that_is_resumed(self, train, state):
        train("--resume", state, "--epochs", "3", "--checkpoint", state)
        assert glove_state.load_state(state).epoch == 3

    def test_a_seed_is_named_as_without_effect(self, invoke, corpus, tmp_path, state):
        result = invoke("train-glove", corpus, "-o", tmp_path / "v.bin", *FAST, "--resume", state, "--seed", "3")
        assert "--seed has no effect with --resume" in result.stderr

    def test_info_says_what_it_is(self, invoke, state):
        rows = dict(line.split("\t") for line in invoke("info", state).stdout.splitlines())
        assert rows["state"].startswith("of a GloVe training")
        assert rows["epoch"] == "2 of 2"
        assert rows["words"] == "20"
        assert rows["pairs"] == "100"
        assert rows["vector size"] == "8"
        assert rows["x max"] == "10"
        facts = json.loads(invoke("info", state, "--json").stdout)
        assert facts["format"] == "glove-state"
        assert facts["bytes"] == state.stat().st_size
        assert (facts["epoch"], facts["epochs"], len(facts["loss"]), facts["seed"]) == (2, 2, 2, 1)
        assert facts["parameters"]["learning_rate"] == 0.05
        assert f"{facts['loss'][1]:.4f}" == rows["loss"]

    def test_info_of_a_damaged_one_says_so(self, fails, state):
        content = bytearray(state.read_bytes())
        content[len(content) // 2] ^= 4
        state.write_bytes(content)
        assert "no state of a GloVe training, or is damaged" in fails("info", state)

    @pytest.fixture
    def resume_fails(self, fails, unread, tmp_path, state):
        """Whatever the text is: unless one is given, it fails for another reason once it is read."""
        return lambda *options, source=unread: fails(
            "train-glove", source, "-o", tmp_path / "older.bin", "--resume", state, *options
        )

    @pytest.mark.parametrize(
        ("option", "name"),
        [
            (["--vector-size", "9"], "vector_size=9"),
            (["--x-max", "3"], "x_max=3"),
            (["--alpha", "1"], "alpha=1"),
            (["--lr", "0.5"], "learning_rate=0.5"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_other_parameters_are_refused(self, resume_fails, option, name):
        message = resume_fails("--epochs", "9", *option)
        assert name in message
        assert "resume" in message

    def test_as_many_epochs_as_there_were_are_refused(self, resume_fails):
        assert "set epochs above 2" in resume_fails("--epochs", "2")

    def test_a_state_that_is_finished_names_the_remedy(self, resume_fails):
        assert "the state has 2 epochs; give --epochs above 2" in resume_fails()

    def test_another_text_is_refused(self, resume_fails, corpus):
        other = corpus.with_name("other.txt")
        other.write_text(corpus.read_text() + "cat dog cat dog\n")
        assert "another text" in resume_fails("--epochs", "9", source=other)

    def test_other_counting_is_refused(self, resume_fails, corpus):
        message = resume_fails("--epochs", "9", "--max-vocab", "10", source=corpus)
        assert "other settings of its counting" in message

    def test_an_output_that_is_the_state_is_refused(self, fails, unread, state):
        line = ["train-glove", unread, "-o", state, "--format", "glove", "--resume", state, "--epochs", "9"]
        assert f"--output {state} is also --resume {state}" in fails(*line)

    def test_what_is_no_state_is_refused(self, fails, unread, tmp_path, state):
        np.savez(tmp_path / "foreign.npz", numbers=np.arange(3))
        (tmp_path / "cut.npz").write_bytes(state.read_bytes()[:-200])
        (tmp_path / "text.npz").write_text("words")
        for name in ("foreign.npz", "cut.npz", "text.npz", "nowhere.npz"):
            command = ["train-glove", unread, "-o", tmp_path / "older.bin", "--resume", tmp_path / name]
            assert name in fails(*command)


class TestDistance:
    """GloVe is meant for harmonic counts, and a file may hold others."""

    @pytest.fixture
    def said(self, invoke, corpus, tmp_path):
        def run(distance, *options):
            counts = tmp_path / "counts.npz"
            invoke("cooccur", corpus, "-o", counts, "--distance", distance)
            result = invoke("train-glove", counts, "-o", tmp_path / "v.bin", *FAST, *options)
            assert result.exit_code == 0, result.output
            return "GloVe is meant for harmonic" in result.stderr

        return run

    @pytest.mark.parametrize(("distance", "expected"), [("flat", True), ("linear", True), ("harmonic", False)])
    def test_counts_of_another_are_noted(self, said, distance, expected):
        assert said(distance) == expected

    def test_but_not_where_it_was_asked_for(self, said):
        assert not said("flat", "--distance", "flat")


class TestErrors:
    """All are found out before the text is read."""

    @pytest.fixture
    def train_fails(self, fails, unread, tmp_path):
        return lambda *options: fails("train-glove", unread, "-o", tmp_path / "older.bin", *FAST, *options)

    @pytest.mark.parametrize(
        ("option", "name"),
        [
            (["--x-max", "0"], "x_max"),
            (["--x-max", "-1"], "x_max"),
            (["--x-max", "nan"], "x_max"),
            (["--alpha", "-0.1"], "alpha"),
            (["--alpha", "1.1"], "alpha"),
            (["--lr", "0"], "learning_rate"),
            (["--epochs", "0"], "epochs"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_impossible_values(self, train_fails, option, name):
        assert name in train_fails(*option)

    def test_a_checkpoint_that_cannot_be_written(self, train_fails, tmp_path):
        assert "nowhere" in train_fails("--checkpoint", tmp_path / "nowhere" / "state.npz")

    def test_a_checkpoint_that_is_another_output(self, train_fails, tmp_path):
        message = train_fails("--checkpoint", tmp_path / "s.bin", "--save-output-vectors", tmp_path / "s.bin")
        assert "--checkpoint" in message
        assert "--save-output-vectors" in message


def test_a_learning_rate_that_ruins_the_numbers_is_one_line(fails, corpus, tmp_path):
    message = fails("train-glove", corpus, "-o", tmp_path / "older.bin", *FAST, "--lr", "1e30")
    assert "epoch 1" in message
    assert "learning rate" in message


def test_the_state_survives_an_interruption(invoke, corpus, tmp_path, monkeypatch):
    state = tmp_path / "state.npz"
    save_state = glove_state.save_state

    def interrupt_the_third(path, reached):
        if reached.epoch == 3:
            raise KeyboardInterrupt
        save_state(path, reached)

    monkeypatch.setattr(glove_state, "save_state", interrupt_the_third)
    result = invoke("train-glove", corpus, "-o", tmp_path / "v.bin", *FAST, "--checkpoint", state)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == f"Interrupted; complete by then: {state}"
    assert not (tmp_path / "v.bin").exists()
    assert glove_state.load_state(state).epoch == 2


def test_context_vectors_are_those_that_are_saved_beside_the_words(train, tmp_path):
    contexts, words = tmp_path / "contexts.bin", tmp_path / "words.bin"
    train("--vectors", "word", output="words.bin")
    train("--save-output-vectors", contexts, output="sum.bin")
    added = KeyedVectors.load(words).vectors + KeyedVectors.load(contexts).vectors
    assert KeyedVectors.load(tmp_path / "sum.bin").vectors == pytest.approx(added, abs=1e-6)
