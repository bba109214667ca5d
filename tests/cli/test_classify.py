"""`embedkit classify`: from labelled texts to a model, its scores, its answers, and a table of several."""

import csv
import gzip
import json
import os
import random
import sys

import pytest
from embedkit_cli import classify_models, table_input

from embedkit.classify import FastTextClassifier, load_model, save_model, text_classifier
from embedkit.classify.validation import split_texts
from embedkit.text.tables import read_table

WORLDS = {
    "pets": "cat dog mouse fur paw tail",
    "colours": "red green blue paint brush canvas",
    "drinks": "tea coffee cup milk sugar spoon",
}


def documents(n_documents, seed, worlds=tuple(WORLDS)):
    """Texts of a class are words of its own, and some that all share."""
    draw = random.Random(seed)
    for _ in range(n_documents):
        label = draw.choice(worlds)
        words = draw.choices(WORLDS[label].split(), k=6) + draw.choices(["the", "a", "some", "of"], k=6)
        draw.shuffle(words)
        yield " ".join(words), label


def write_csv(path, rows, header=("text", "label")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_csv(folder / "train.csv", documents(120, 1))
    write_csv(folder / "test.csv", documents(40, 2))
    return folder


@pytest.fixture(scope="session")
def model(tables):
    """A trained model file."""
    from click.testing import CliRunner
    from embedkit_cli.main import main

    path = tables / "model.skops"
    arguments = ["classify", "train", tables / "train.csv", "--model", "nb", "-o", path, "-q", "--threads", "1"]
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return path


def ran(result):
    assert result.exit_code == 0, result.output
    return result


def test_choices_are_those_of_the_package():
    from embedkit.classify.pipelines import FEATURES, MODELS
    from embedkit.text.table_rows import TABLE_FORMATS

    assert classify_models.MODELS == MODELS
    assert classify_models.FEATURES == FEATURES
    assert table_input.TABLE_FORMATS == TABLE_FORMATS


@pytest.mark.parametrize(("given", "expected"), [(None, "passive"), ("active", "active")])
def test_threads_of_openmp_do_not_spin_unless_the_user_wants_it(invoke, monkeypatch, given, expected):
    monkeypatch.setenv("OMP_WAIT_POLICY", given or "")
    if given is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    ran(invoke("classify", "train", "--help"))
    assert os.environ["OMP_WAIT_POLICY"] == expected


class TestTrain:
    def test_scores_of_documents_held_out_and_a_model_of_all(self, invoke, tables, tmp_path):
        path = tmp_path / "m.skops"
        result = ran(invoke("classify", "train", tables / "train.csv", "--model", "logreg", "-o", path))
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        assert [row[0] for row in rows[:3]] == ["accuracy", "macro F1", "ROC-AUC"]
        assert float(rows[0][1]) > 0.9
        assert [row[0] for row in rows[3:]] == ["colours", "drinks", "pets", "macro mean", "weighted mean"]
        assert sum(int(row[4]) for row in rows[3:6]) == 12 == int(rows[6][4])
        assert "120 documents of 3 classes" in result.stderr
        assert f"embedkit classify evaluate {path} TEST" in result.stderr
        loaded, metadata = load_model(path)
        assert loaded.predict(["cat dog"]).tolist() == ["pets"]
        assert metadata["model"] == "logreg"
        assert metadata["documents"] == 120
        assert sum(metadata["classes"].values()) == 120

    def test_cross_validation_scores_every_document(self, invoke, tables):
        result = ran(invoke("classify", "train", tables / "train.csv", "--model", "nb", "--cv", 4, "--json"))
        report = json.loads(result.stdout)
        assert report["validation"]["method"] == "cross-validation"
        assert report["validation"]["documents"] == 120 == report["documents"]
        assert report["validation"]["train_documents"] == 90
        assert len(report["validation"]["fold_accuracies"]) == 4
        assert sum(one["support"] for one in report["validation"]["classes"]) == 120
        assert report["output"] is None

    def test_a_search_finds_parameters_and_trains_with_them(self, invoke, tables, tmp_path):
        options = ["--model", "nb", "--grid", "--cv", 2, "--set", "features__ngram_range=(1,1)", "--json"]
        path = tmp_path / "m.skops"
        report = json.loads(ran(invoke("classify", "train", tables / "train.csv", "-o", path, *options)).stdout)
        assert 0.9 < report["search_accuracy"] <= 1
        assert report["validation"]["method"] == "hold-out"
        alpha = report["parameters"]["classifier__estimator__alpha"]
        fitted = load_model(path)[0]
        assert fitted[-1].estimator_.alpha == alpha
        assert fitted[0].ngram_range == (1, 1)

    def test_a_search_does_not_see_the_documents_held_out(self, invoke, tables, monkeypatch):
        seen = {}

        def record(model, grid, texts, labels, *, folds, random_state):
            seen.update(zip(texts, labels, strict=True), folds=folds)
            return {}, 1.0

        monkeypatch.setattr("embedkit.classify.validation.search_parameters", record)
        options = ["--model", "nb", "--grid", "--valid-size", 0.25, "--seed", 3]
        ran(invoke("classify", "train", tables / "train.csv", *options))
        texts, labels = read_table(tables / "train.csv")
        train, _ = split_texts(labels, 0.25, 3)
        assert seen == {texts[row]: labels[row] for row in train} | {"folds": 5}

    def test_without_validation_nothing_is_scored(self, invoke, tables, tmp_path):
        options = ["--model", "nb", "--valid-size", 0, "-o", tmp_path / "m.skops"]
        result = ran(invoke("classify", "train", tables / "train.csv", *options))
        assert result.stdout == ""
        assert (tmp_path / "m.skops").exists()

    def test_parameters_of_steps_are_set(self, invoke, tables, tmp_path):
        path = tmp_path / "m.skops"
        options = ["--set", "classifier__C=0.25", "--set", "features__analyzer=char", "--balance", "--valid-size", "0"]
        ran(invoke("classify", "train", tables / "train.csv", "-o", path, *options))
        fitted, _ = load_model(path)
        assert fitted[-1].C == 0.25
        assert fitted[-1].class_weight == "balanced"
        assert fitted[0].analyzer == "char"

    def test_characters_are_features_of_chinese(self, invoke, tmp_path):
        rows = [("猫狗鼠" * 2, "宠物"), ("红绿蓝" * 2, "颜色")] * 10
        path = tmp_path / "m.skops"
        options = ["--model", "svm", "--features", "characters", "-o", path]
        result = ran(invoke("classify", "train", write_csv(tmp_path / "a.csv", rows), *options))
        assert "宠物\t1.0000" in result.stdout
        assert load_model(path)[0].predict(["狗狗"]).tolist() == ["宠物"]

    def test_the_same_seed_gives_the_same_scores(self, invoke, tables):
        options = ["--model", "svm", "--seed", 7, "-q"]
        first, second = (invoke("classify", "train", tables / "train.csv", *options).stdout for _ in "ab")
        assert first == second != ""

    def test_a_fasttext_model_in_fasttexts_own_format(self, invoke, tables, tmp_path):
        path = tmp_path / "m.bin"
        options = ["--model", "fasttext", "--set", "classifier__buckets=1000", "--set", "classifier__epochs=20"]
        ran(invoke("classify", "train", tables / "train.csv", "-o", path, "--threads", 1, *options))
        assert FastTextClassifier.load(path).predict(["cat dog"]).tolist() == ["pets"]
        result = ran(invoke("classify", "evaluate", path, tables / "test.csv"))
        assert float(result.stdout.split("\t")[1].split("\n")[0]) > 0.9
        packed = tmp_path / "m.bin.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        for written in (path, packed):
            assert "pets" in ran(invoke("classify", "predict", written, "-", "--lines", input="dog cat\n")).stdout

    def test_word_vectors_become_features(self, invoke, tables, tmp_path):
        corpus, vectors = tmp_path / "corpus.txt", tmp_path / "v.bin"
        corpus.write_text("".join(text + "\n" for text, _ in documents(400, 3)))
        ran(invoke("train-w2v", corpus, "-o", vectors, "--vector-size", 8, "--epochs", 20, "--threads", 1, "-q"))
        path = tmp_path / "m.skops"
        options = ["--model", "embedding", "--vectors", vectors, "-o", path]
        result = ran(invoke("classify", "train", tables / "train.csv", *options))
        assert float(result.stdout.split("\t")[1].split("\n")[0]) > 0.6
        ran(invoke("classify", "evaluate", path, tables / "test.csv"))
        options = ["--model", "fasttext", "--vectors", vectors, "--set", "classifier__buckets=1000"]
        ran(invoke("classify", "train", tables / "train.csv", *options))

    def test_options_without_effect_are_named(self, invoke, tables):
        options = ["--model", "nb", "--cv", 2, "--valid-size", 0.2, "--vectors", "v.bin"]
        said = ran(invoke("classify", "train", tables / "train.csv", *options)).stderr
        assert "--valid-size has no effect with --cv" in said
        assert "--vectors has no effect with --model nb" in said


class TestSeveralLabels:
    @pytest.fixture
    def path(self, tmp_path):
        draw = random.Random(5)
        lines = []
        for _ in range(150):
            chosen = draw.sample(sorted(WORLDS), draw.choice((1, 2)))
            words = [word for label in chosen for word in draw.choices(WORLDS[label].split(), k=5)]
            lines.append(" ".join([*(f"__label__{label}" for label in chosen), *words]) + "\n")
        path = tmp_path / "several.txt"
        path.write_text("".join(lines))
        return path

    def test_fasttext_learns_several_labels(self, invoke, path, tmp_path):
        model = tmp_path / "m.skops"
        options = ["--model", "fasttext", "--set", "classifier__epochs=40", "--set", "classifier__buckets=1000"]
        result = ran(invoke("classify", "train", path, "-o", model, *options, "--threads", 1))
        assert "loss=ova" in result.stderr
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        assert [row[0] for row in rows] == ["1", "2", "3"]
        assert float(rows[0][1]) > 0.9
        assert float(rows[2][2]) == 1.0
        report = json.loads(ran(invoke("classify", "evaluate", model, path, "--json")).stdout)
        assert [one["k"] for one in report["at"]] == [1, 2, 3]
        options = ["--lines", "-k", 3, "--threshold", 0.5]
        answer = ran(invoke("classify", "predict", model, "-", *options, input="cat dog red blue paw green\n")).stdout
        assert set(answer.rstrip("\n").split("\t")) == {"pets", "colours", ""}

    def test_other_classifiers_and_cross_validation_refuse_them(self, invoke, fails, path, model, tmp_path):
        assert "fasttext" in fails("classify", "train", path, "--model", "svm")
        assert "--cv" in fails("classify", "train", path, "--model", "fasttext", "--cv", 3)
        assert "--grid" in fails("classify", "train", path, "--model", "fasttext", "--grid")
        assert "several labels" in fails("classify", "evaluate", model, path)
        assert "several labels" in fails("classify", "compare", path, path, "--models", "nb")


class TestPredict:
    TEXTS = "cat dog\nred paint\n\ntea cup\n"

    def test_a_label_for_each_line(self, invoke, model):
        answers = ran(invoke("classify", "predict", model, "-", "--lines", input=self.TEXTS)).stdout.splitlines()
        assert len(answers) == 4
        assert [answers[row] for row in (0, 1, 3)] == ["pets", "colours", "drinks"]

    @pytest.mark.parametrize("batch", [1, 2, 1000])
    def test_batches_answer_alike(self, invoke, model, tables, batch):
        whole = ran(invoke("classify", "predict", model, tables / "test.csv", "--proba")).stdout
        assert (
            ran(invoke("classify", "predict", model, tables / "test.csv", "--proba", "--batch", batch)).stdout == whole
        )
        assert len(whole.splitlines()) == 40

    def test_probabilities_of_the_likeliest(self, invoke, model):
        options = ["--lines", "--proba", "-k", 9]
        fields = (
            ran(invoke("classify", "predict", model, "-", *options, input="cat dog\n")).stdout.rstrip("\n").split("\t")
        )
        assert len(fields) == 6  # no columns for more classes than there are
        assert fields[0] == "pets"
        assert set(fields[::2]) == set(WORLDS)
        numbers = list(map(float, fields[1:6:2]))
        assert numbers == sorted(numbers, reverse=True)
        assert sum(numbers) == pytest.approx(1, abs=1e-5)

    def test_a_table_with_columns_kept(self, invoke, model, tmp_path):
        table = write_csv(tmp_path / "in.csv", [(7, "cat, dog"), (8, "tea cup")], ("id", "text"))
        for name in ("out.csv", "out.tsv", "out.jsonl"):
            ran(invoke("classify", "predict", model, table, "--keep", "id", "--keep", "text", "-o", tmp_path / name))
        with (tmp_path / "out.csv").open(newline="") as file:
            assert list(csv.reader(file)) == [
                ["id", "text", "predicted"],
                ["7", "cat, dog", "pets"],
                ["8", "tea cup", "drinks"],
            ]
        assert (tmp_path / "out.tsv").read_text().splitlines()[1] == "7\tcat, dog\tpets"
        lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        assert lines[0] == {"id": "7", "text": "cat, dog", "predicted": "pets"}

    def test_json_lines_on_standard_output(self, invoke, model):
        answer = ran(invoke("classify", "predict", model, "-", "--lines", "--json", "--proba", input="cat\n")).stdout
        assert json.loads(answer)["predicted"] == "pets"

    def test_a_threshold_leaves_fields_empty(self, invoke, model):
        options = ["--lines", "--threshold", 0.9, "-k", 2]
        assert (
            ran(invoke("classify", "predict", model, "-", *options, input="cat dog fur\nof\n")).stdout == "pets\t\n\t\n"
        )

    def test_a_margin_ranks_but_has_no_probabilities(self, invoke, fails, tables, tmp_path):
        path = tmp_path / "svm.skops"
        ran(invoke("classify", "train", tables / "train.csv", "--model", "svm", "-o", path, "-q"))
        answer = ran(invoke("classify", "predict", path, "-", "--lines", "-k", 3, input="cat dog\n")).stdout
        assert answer.split("\t")[0] == "pets"
        assert "--proba" in fails("classify", "predict", path, tables / "test.csv", "--proba")
        assert "--threshold" in fails("classify", "predict", path, tables / "test.csv", "--threshold", 0.5)

    def test_a_bad_row_leaves_no_half_of_an_output(self, fails, model, tmp_path):
        table = tmp_path / "in.csv"
        table.write_text("text,x\n" + "cat,1\n" * 30 + "dog\n")
        message = fails("classify", "predict", model, table, "-o", tmp_path / "out.csv", "--batch", 5)
        assert "line 32" in message


class TestEvaluate:
    def test_scores_and_a_figure(self, invoke, model, tables, tmp_path):
        plot = tmp_path / "confusion.png"
        report = json.loads(
            ran(invoke("classify", "evaluate", model, tables / "test.csv", "--plot", plot, "--json")).stdout
        )
        assert report["accuracy"] > 0.9
        assert report["roc_auc"] > 0.9
        assert report["unseen"] == []
        assert sum(map(sum, report["confusion"])) == report["documents"] == 40
        assert plot.read_bytes().startswith(b"\x89PNG")

    def test_labels_unseen_in_training_are_named_and_wrong(self, invoke, model, tmp_path):
        table = write_csv(tmp_path / "a.csv", [("cat dog", "pets"), ("cat paw", "animals"), ("tea", "meals")])
        result = ran(invoke("classify", "evaluate", model, table))
        assert "not among the classes of the model: animals, meals; 2 documents counted as wrong" in result.stderr
        assert "accuracy\t0.3333" in result.stdout

    @pytest.mark.parametrize(("first", "second"), [(1, 10), (False, True)])
    def test_labels_of_a_model_may_be_other_than_text(self, invoke, tmp_path, first, second):
        path = tmp_path / "numbers.skops"
        save_model(text_classifier("nb").fit(["cat paw", "red paint"] * 5, [first, second] * 5), path)
        rows = [("cat", first), ("paint", second), ("paw", first), ("red", "other")]
        result = ran(invoke("classify", "evaluate", path, write_csv(tmp_path / "a.csv", rows), "--json"))
        assert "not among the classes of the model: other; 1 document" in result.stderr
        report = json.loads(result.stdout)
        assert report["accuracy"] == 0.75
        assert [one["label"] for one in report["classes"]] == [str(first), str(second), "other"]
        assert [one["support"] for one in report["classes"]] == [2, 1, 1]

    def test_label_sets_of_a_model_may_be_other_than_text(self, invoke, tmp_path):
        path = tmp_path / "numbers.skops"
        parameters = {"classifier__loss": "ova", "classifier__buckets": 1000, "classifier__epochs": 30}
        texts, labels = ["cat paw", "red paint", "cat red"] * 20, [[1], [2], [1, 2]] * 20
        save_model(text_classifier("fasttext", **parameters).fit(texts, labels), path)
        table = tmp_path / "sets.txt"
        table.write_text("__label__1 cat paw\n__label__1 __label__2 cat red\n")
        report = json.loads(ran(invoke("classify", "evaluate", path, table, "--json")).stdout)
        assert report["at"][1]["recall"] == 1.0

    def test_documents_without_text_are_counted_and_answered(self, invoke, model, tmp_path):
        table = write_csv(tmp_path / "a.csv", [("cat dog", "pets"), ("", "pets"), ("!", "pets")])
        result = ran(invoke("classify", "evaluate", model, table))
        assert "1 document without any text" in result.stderr


class TestCompare:
    def test_a_row_for_each(self, invoke, tables):
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", "--models", "nb,svm"))
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        assert [(row[0], len(row)) for row in rows] == [("nb", 7), ("svm", 7)]
        assert all(float(row[1]) > 0.9 and int(row[6]) > 1000 for row in rows)

    def test_a_log_has_each_before_it_is_trained(self, invoke, tables):
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", "--models", "nb,svm"))
        said = [line for line in result.stderr.splitlines() if line.startswith(("nb:", "svm:"))]
        assert [line.split()[:2] for line in said] == [
            ["nb:", "training,"],
            ["nb:", "accuracy"],
            ["svm:", "training,"],
            ["svm:", "accuracy"],
        ]
        assert said[2] == "svm: training, 2 of 2"

    @pytest.mark.parametrize("as_json", [False, True])
    def test_an_interruption_keeps_the_rows_so_far(self, invoke, tables, monkeypatch, as_json):
        from embedkit.classify import pipelines

        def interrupted(name, **settings):
            if name == "svm":
                raise KeyboardInterrupt
            return text_classifier(name, **settings)

        monkeypatch.setattr(pipelines, "text_classifier", interrupted)
        options = ["--models", "nb,svm", *(["--json"] if as_json else [])]
        result = invoke("classify", "compare", tables / "train.csv", tables / "test.csv", *options)
        assert result.exit_code == 130
        assert result.stderr.endswith("Interrupted\n")
        if as_json:
            assert [row["model"] for row in json.loads(result.stdout)["models"]] == ["nb"]
        else:
            assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["nb"]
        result = invoke(
            "classify", "compare", tables / "train.csv", tables / "test.csv", *options, "--models", "svm,nb"
        )
        assert (result.exit_code, result.stdout) == (130, "")

    def test_labels_of_another_kind_are_a_note(self, invoke, tables, tmp_path):
        table = write_csv(tmp_path / "a.csv", [("cat dog", "animals"), ("tea", "meals")])
        result = ran(invoke("classify", "compare", tables / "train.csv", table, "--models", "nb"))
        assert "no label of TEST is among those of TRAIN" in result.stderr
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", "--models", "nb"))
        assert "no label of TEST" not in result.stderr

    def test_one_that_fails_is_a_row_with_the_reason(self, invoke, tables, monkeypatch):
        monkeypatch.setitem(sys.modules, "lightgbm", None)
        options = ["--models", "lightgbm,nb", "--json"]
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", *options))
        first, second = json.loads(result.stdout)["models"]
        assert first["accuracy"] is None
        assert "pip install" in first["reason"]
        assert second["accuracy"] > 0.9
        assert second["reason"] is None

    def test_without_skops_only_the_size_is_missing(self, invoke, tables, monkeypatch):
        monkeypatch.setitem(sys.modules, "skops", None)
        monkeypatch.setitem(sys.modules, "skops.io", None)
        options = ["--models", "nb", "--json"]
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", *options))
        (row,) = json.loads(result.stdout)["models"]
        assert row["accuracy"] > 0.9
        assert row["model_bytes"] is row["reason"] is None

    def test_vectors_without_effect_are_named(self, invoke, tables):
        options = ["--models", "nb", "--vectors", "nowhere.bin"]
        result = ran(invoke("classify", "compare", tables / "train.csv", tables / "test.csv", *options))
        assert "--vectors has no effect without embedding, fasttext or a network" in result.stderr

    def test_all_leaves_out_what_needs_vectors(self, invoke, fails, tables, monkeypatch):
        asked = []
        monkeypatch.setattr(
            "embedkit.classify.compare.compare_classifiers", lambda names, *_, **__: asked.extend(names) or []
        )
        result = invoke("classify", "compare", tables / "train.csv", tables / "test.csv")
        assert asked == [name for name in classify_models.MODELS if name != "embedding"]
        assert result.exit_code == 1
        message = fails("classify", "compare", tables / "train.csv", tables / "test.csv", "--models", "embedding,nb")
        assert "embedding needs word vectors: give a file of them with --vectors" in message

    @pytest.mark.parametrize("names", ["nb,foo", ",", ""])
    def test_unknown_names_are_a_usage_error(self, invoke, tables, names):
        result = invoke("classify", "compare", tables / "train.csv", tables / "test.csv", "--models", names)
        assert result.exit_code == 2
        assert "random-forest" in result.stderr
