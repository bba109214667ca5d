"""The commands that train networks, and show what they look at."""

import csv
import json
import random

import pytest
from click.testing import CliRunner
from embedkit_cli import classify_models, classify_networks
from embedkit_cli.main import main

from embedkit import KeyedVectors
from embedkit.classify import load_model as load_pipeline
from embedkit.neural import NEURAL_MODELS, load_model
from embedkit.neural.layers.embedding import FREEZE

WORLDS = {"pets": "cat dog mouse fur paw tail", "drinks": "tea coffee cup milk sugar spoon"}
QUICK = ("--epochs", "3", "--lr", "0.02", "--threads", "1")


def documents(n_documents, seed):
    draw = random.Random(seed)
    for number in range(n_documents):
        label = list(WORLDS)[number % 2]
        words = draw.choices(WORLDS[label].split(), k=5) + draw.choices(["the", "a", "some"], k=4)
        draw.shuffle(words)
        yield f"{' '.join(words[:5])}. {' '.join(words[5:]).capitalize()}.", label


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for name, (n_documents, seed) in {"train": (120, 1), "test": (40, 2)}.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *documents(n_documents, seed)])
    words = " ".join(WORLDS.values()).split()
    sides = [[1.0, 0.3] if word in WORLDS["pets"] else [-1.0, 0.2] for word in words]
    KeyedVectors(words, sides).save(folder / "vectors.bin")
    return folder


def run(*arguments):
    return CliRunner().invoke(main, ["classify", *map(str, arguments)])


def ran(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def failed(*arguments):
    """The message of a run that must fail, without a traceback."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.stderr


@pytest.fixture(scope="module")
def models(folder):
    """A file of one model of each kind of attention, and one without."""
    paths = {}
    for name in ("bilstm-attention", "han", "textcnn"):
        paths[name] = folder / f"{name}.safetensors"
        ran("train", folder / "train.csv", "--model", name, *QUICK, "--valid-size", "0", "-q", "-o", paths[name])
    return paths


def test_choices_are_those_of_the_package():
    assert classify_models.NEURAL_MODELS == NEURAL_MODELS
    assert classify_networks.FREEZE == FREEZE


@pytest.mark.parametrize("name", NEURAL_MODELS)
def test_each_network_is_trained_saved_and_scored(folder, tmp_path, name):
    path = tmp_path / "model.safetensors"
    epochs = ("--epochs", "6") if name in ("rnn", "gru", "lstm") else ()
    result = ran("train", folder / "train.csv", "--model", name, *QUICK, *epochs, "-o", path, "--json")
    report = json.loads(result.stdout)
    assert report["model"] == name
    assert report["validation"]["method"] == "hold-out"
    assert report["model_bytes"] == path.stat().st_size
    assert "epoch 3/" in result.stderr
    assert "held-out loss" in result.stderr
    scores = json.loads(ran("evaluate", path, folder / "test.csv", "--json").stdout)
    assert scores["accuracy"] > 0.85
    answers = ran("predict", path, folder / "test.csv", "--proba").stdout.splitlines()
    assert len(answers) == 40
    assert {line.split("\t")[0] for line in answers} <= set(WORLDS)
    _, metadata = load_model(path)
    assert metadata["model"] == name
    assert metadata["documents"] == 120


def test_a_skops_file_does_as_well(folder, tmp_path):
    path = tmp_path / "model.skops"
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK, "--valid-size", "0", "-o", path)
    model, _ = load_pipeline(path)
    assert model[-1].callbacks is None
    assert json.loads(ran("evaluate", path, folder / "test.csv", "--json").stdout)["accuracy"] > 0.85


def test_options_reach_the_classifier(folder, tmp_path):
    path = tmp_path / "model.safetensors"
    options = ("--freeze", "multichannel", "--batch-size", "16", "--patience", "2", "--checkpoints", tmp_path / "kept")
    options += ("--features", "words", "--tokenizer", "whitespace", "--balance", "--set", "classifier__n_filters=7")
    options += ("--embedding", folder / "vectors.bin", "--valid-size", "0", "--device", "cpu", "--seed", "9")
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK, *options, "-o", path)
    model, _ = load_model(path)
    expected = {"freeze": "multichannel", "batch_size": 16, "patience": 2, "tokenizer": "whitespace", "n_filters": 7}
    expected |= {"class_weight": "balanced", "epochs": 3, "learning_rate": 0.02, "random_state": 9, "vector_size": 2}
    parameters = model.get_params()
    assert {name: parameters[name] for name in expected} == expected
    assert (tmp_path / "kept" / "weights.safetensors").exists()


def test_a_curve_has_the_documents_held_out(folder, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("embedkit.viz.training_curve.plot_training_curve", lambda history, **_: drawn.append(history))
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK, "--plot", tmp_path / "curve.png")
    assert [row["epoch"] for row in drawn[0]] == [1, 2, 3]
    assert all("valid_loss" in row for row in drawn[0])
    assert (tmp_path / "curve.png").stat().st_size > 1000
    options = ("--valid-size", "0", "--plot", tmp_path / "all.png", "-o", tmp_path / "model.safetensors")
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK, *options)
    assert not any("valid_loss" in row for row in drawn[1])


def test_documents_that_decide_when_to_stop_are_not_those_of_the_scores(folder, monkeypatch):
    from embedkit.neural import TextCNNClassifier

    fit, watched = TextCNNClassifier.fit, []
    monkeypatch.setattr(
        TextCNNClassifier, "fit", lambda self, X, y, **rest: watched.append(set(rest)) or fit(self, X, y, **rest)
    )
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK)
    ran("train", folder / "train.csv", "--model", "textcnn", *QUICK, "--patience", "2")
    assert watched == [{"X_val", "y_val"}, set()]


def test_networks_are_compared_beside_the_others(folder):
    options = ("--models", "nb,textcnn", "--threads", "1", "--json")
    rows = json.loads(ran("compare", folder / "train.csv", folder / "test.csv", *options).stdout)["models"]
    assert [row["model"] for row in rows] == ["nb", "textcnn"]
    for row in rows:
        assert row["reason"] is None
        assert row["accuracy"] > 0.7
        assert row["model_bytes"] > 1000


def test_options_of_networks_are_named_where_they_have_no_effect(folder):
    result = ran("train", folder / "train.csv", "--model", "nb", "--epochs", "3", "--lr", "0.1")
    assert "--epochs has no effect with --model nb" in result.stderr
    assert "--lr has no effect with --model nb" in result.stderr


class TestAttention:
    def test_words_and_weights(self, models):
        lines = ran("attention", models["bilstm-attention"], "The cat, a dog").stdout.splitlines()
        assert [line.split("\t")[0] for line in lines] == ["The", "cat", "a", "dog"]
        assert sum(float(line.split("\t")[1]) for line in lines) == pytest.approx(1.0, abs=0.001)

    def test_sentences(self, models):
        found = json.loads(ran("attention", models["han"], "A cat. Some tea.", "--json").stdout)
        assert found["units"] == [["A", "cat"], ["Some", "tea"]]
        assert sum(found["weights"]) == pytest.approx(1.0)
        assert found["predicted"] in WORLDS

    def test_standard_input(self, models):
        result = CliRunner().invoke(
            main, ["classify", "attention", str(models["han"]), "-"], input="A cat. Some tea.\n"
        )
        assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["A cat", "Some tea"]
        broken = CliRunner().invoke(main, ["classify", "attention", str(models["han"]), "-"], input=b"a \xff")
        assert broken.exit_code == 1
        assert "byte 2 is not UTF-8" in broken.stderr

    @pytest.mark.parametrize("ending", ["html", "png"])
    def test_a_heat_map(self, models, tmp_path, ending):
        path = tmp_path / f"map.{ending}"
        for name in ("bilstm-attention", "han"):
            assert f"drew {path}" in ran("attention", models[name], "A cat & a dog. Tea.", "-o", path).stderr
            assert path.stat().st_size > 500

    def test_what_has_none_is_an_error(self, folder, models, tmp_path):
        assert "holds a network without attention; expected a model trained with" in failed(
            "attention", models["textcnn"], "a cat"
        )
        ran("train", folder / "train.csv", "--model", "nb", "-q", "-o", tmp_path / "nb.skops")
        message = failed("attention", tmp_path / "nb.skops", "a cat")
        assert "has no attention; expected a model trained with --model bilstm-attention" in message
        assert "holds no word" in failed("attention", models["han"], "...")
        assert "expected a name that ends in .html" in failed("attention", models["han"], "a", "-o", tmp_path / "a.txt")


class TestErrors:
    def test_before_the_table_is_read(self, folder, tmp_path):
        def failing(*options):
            message = failed("train", folder / "train.csv", "--model", "textcnn", *options)
            assert "read:" not in message
            return message

        assert "ends in .safetensors or .skops" in failing("-o", tmp_path / "model.bin")
        assert "give a file of them with --embedding" in failing("--freeze", "static")
        assert "'cuda:7': there is none here; expected one of 'auto', 'cpu'" in failing("--device", "cuda:7")
        assert "no parameter 'classifier__filters'" in failing("--set", "classifier__filters=3")
        assert "dropout=1.5: expected a share" in failing("--set", "classifier__dropout=1.5")
        assert "its ending names no format of figures" in failing("--plot", tmp_path / "curve.doc")
        assert "there is none: give --output" in failing("--plot", tmp_path / "curve.png", "--valid-size", "0")
        vectors = ("--embedding", folder / "vectors.bin", "--set", "classifier__vector_size=5")
        assert "vector_size=5, but the embedding has 2 dimensions" in failing(*vectors)
        assert "none.bin" in failing("--embedding", tmp_path / "none.bin")

    def test_a_loss_that_is_no_number(self, folder):
        message = failed("train", folder / "train.csv", "--model", "textcnn", "--lr", "1e30", "--threads", "1")
        assert "in epoch 1, batch" in message
        assert "learning_rate" in message

    def test_a_damaged_model(self, folder, models, tmp_path):
        cut = tmp_path / "cut.safetensors"
        cut.write_bytes(models["textcnn"].read_bytes()[:-100])
        assert "no sound safetensors file" in failed("evaluate", cut, folder / "test.csv")

    def test_several_labels_are_for_fasttext(self, tmp_path):
        (tmp_path / "a.txt").write_text("__label__a __label__b x y\n__label__a z\n")
        assert "textcnn predicts one" in failed("train", tmp_path / "a.txt", "--model", "textcnn")
