"""Bad input of `embedkit classify`: one line that says what is wrong, and nothing left behind."""

import copy
import csv
import json
import shlex
import subprocess
import sys
import zipfile

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from embedkit.classify import save_model, text_classifier

TEXTS = ["the cat purrs", "a cat sleeps", "the dog barks", "a dog runs"] * 5
LABELS = ["cat", "cat", "dog", "dog"] * 5
ROWS = tuple(zip(TEXTS, LABELS, strict=True))


@pytest.fixture
def table(tmp_path):
    def write(rows=ROWS, header=("text", "label"), name="train.csv"):
        path = tmp_path / name
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.skops"
    save_model(text_classifier("nb").fit(TEXTS, LABELS), path, metadata={})
    return path


class TestTables:
    def test_one_class_only(self, fails, table):
        assert "one class only, 'cat'" in fails("classify", "train", table([("x y", "cat")] * 9))
        assert "one class only" in fails("classify", "train", table([("x y", "cat")] * 9), "--cv", 3)
        path = table([("x y", "cat")] * 9)
        assert "one class only" in fails("classify", "compare", path, path)
        for name in ("ridge", "random-forest"):  # scikit-learn takes it
            assert "one class only" in fails("classify", "train", path, "--valid-size", 0, "--model", name)

    def test_an_unknown_column_lists_those_there_are(self, fails, table):
        message = fails("classify", "train", table(header=("review", "stars")))
        assert "no column 'text', it has 'review', 'stars'" in message

    def test_a_ragged_row_has_its_line(self, fails, table):
        assert "line 3: 3 fields, expected 2" in fails("classify", "train", table([("x", "a"), ("y", "b", "c")]))

    def test_a_missing_label_has_its_line(self, fails, table):
        assert "line 3: the label is NaN" in fails("classify", "train", table([("x", "a"), ("y", "NaN")]))
        assert "line 2: the label is empty" in fails("classify", "train", table([("x", ""), ("y", "b")]))

    def test_missing_and_empty_files(self, fails, tmp_path, model):
        assert "nowhere.csv" in fails("classify", "train", tmp_path / "nowhere.csv")
        (tmp_path / "empty.csv").touch()
        for command in (("train",), ("evaluate", model), ("predict", model)):
            assert "empty.csv is empty" in fails("classify", *command, tmp_path / "empty.csv")

    def test_another_encoding(self, fails, tmp_path):
        path = tmp_path / "latin.txt"
        path.write_bytes("0 caf\xe9\n".encode("latin-1"))
        message = fails("classify", "train", path, "--format", "label-text")
        assert "line 1: not utf-8" in message
        assert "--encoding" in message
        assert "latin-1" in message
        assert "klingon" in fails("classify", "train", path, "--encoding", "klingon")

    def test_a_class_with_too_few_documents(self, fails, table):
        path = table([*ROWS, ("it neighs", "horse")])
        assert "class 'horse' has one document" in fails("classify", "train", path)
        assert "class 'horse' has 1 document, fewer than 3 folds" in fails("classify", "train", path, "--cv", 3)

    def test_a_header_that_was_read_as_a_document(self, fails, table):
        message = fails("classify", "train", table(), "--text", 1, "--label", 2)
        assert "class 'label' has one document" in message
        assert message.endswith("; if the first row names the columns, add --header")
        assert "--header" in fails("classify", "train", table(), "--text", 1, "--label", 2, "--cv", 2)
        for options in (["--no-header"], ["--header"]):
            path = table([*ROWS, ("it neighs", "horse")], header=("it moos", "cow"))
            message = fails("classify", "train", path, "--text", 1, "--label", 2, *options)
            assert "has one document" in message
            assert "names the columns" not in message

    def test_options_have_their_names(self, fails, tmp_path):
        path = tmp_path / "train"
        for content, option, format_options in (
            ("cat\n", "--format", []),
            ('text\tlabel\n"it\tpurrs"\tcat\n', "--quoted", ["--format", "tsv"]),
            ('text,label\n"it" purrs,cat\n', "--unquoted", ["--format", "csv"]),
        ):
            path.write_text(content)
            assert option in fails("classify", "train", path, *format_options)
        path.write_text("text,label\n", encoding="utf-16-le")
        assert "--encoding" in fails("classify", "train", path, "--format", "csv")

    def test_no_label_that_the_model_knows(self, fails, table, model):
        path = table([("it purrs", "animal"), ("it drives", "car")])
        message = fails("classify", "evaluate", model, path)
        assert "no label of TEST (animal, car) is among the classes of the model (cat, dog)" in message
        assert "--label" in message

    def test_one_standard_input_for_two_tables(self, fails):
        assert "standard input" in fails("classify", "compare", "-", "-")

    def test_a_column_to_keep_that_is_not_there(self, fails, table, model):
        message = fails("classify", "predict", model, table(), "--keep", "id")
        assert "--keep id" in message
        assert "'text', 'label'" in message


class TestTraining:
    def test_an_empty_vocabulary_is_scikit_learns_message(self, fails, table):
        rows = [(f"word{number}", label) for number, label in enumerate(LABELS)]
        message = fails("classify", "train", table(rows))
        assert "no terms remain" in message
        assert "min_df" in message

    def test_documents_without_a_word(self, fails, table):
        assert "empty vocabulary" in fails("classify", "train", table([("", "a"), ("!", "b")] * 9))

    def test_a_parameter_that_no_step_has(self, fails, table):
        message = fails("classify", "train", table(), "--set", "classifier__nonsense=1")
        assert "no parameter 'classifier__nonsense'; expected one of classifier__C, " in message
        message = fails("classify", "train", table(), "--set", "nonsense=1")
        assert "classifier__C" in message
        assert "features__min_df" in message
        message = fails("classify", "train", table(), "--set", "C=1.0")
        assert message.endswith("no parameter 'C'; parameters of a step are written classifier__C")
        message = fails("classify", "train", table(), "--model", "nbsvm", "--set", "classifier__C=1.0")
        assert message.endswith(
            "no parameter 'classifier__C'; parameters of a step are written classifier__estimator__C"
        )
        assert "NAME=VALUE" in fails("classify", "train", table(), "--set", "classifier__C")

    def test_a_parameter_that_cannot_work(self, fails, table):
        message = fails("classify", "train", table(), "--set", "classifier__C=-1")
        assert "'C' parameter" in message
        assert message.endswith("; check --set classifier__C")

    @pytest.mark.parametrize(
        ("model", "parameter"),
        [
            ("nb", "classifier=1"),
            ("nb", "classifier__estimator=foo"),
            ("fasttext", "classifier__callbacks=3"),
            ("lightgbm", "classifier__num_leaves=-3"),
        ],
    )
    def test_a_parameter_of_the_wrong_type_is_no_traceback(self, fails, table, model, parameter):
        message = fails("classify", "train", table(), "--model", model, "--set", parameter)
        assert message.endswith(f"; check --set {parameter.partition('=')[0]}")

    def test_embedding_without_vectors(self, fails, table):
        message = fails("classify", "train", table(), "--model", "embedding")
        assert message == "Error: embedding needs word vectors: give a file of them with --vectors"

    def test_a_package_that_is_not_installed(self, fails, table, monkeypatch):
        monkeypatch.setitem(sys.modules, "xgboost", None)
        assert "pip install xgboost" in fails("classify", "train", table(), "--model", "xgboost")

    @pytest.mark.parametrize("options", [["--model", "gpt"], ["--cv", 1], ["--valid-size", 1], ["--seed", -1]], ids=str)
    def test_what_cannot_be_parsed_is_a_usage_error(self, invoke, table, options):
        result = invoke("classify", "train", table(), *options)
        assert result.exit_code == 2
        assert options[0] in result.stderr


class TestOutputs:
    """All of these are found out before the table is read."""

    @pytest.mark.parametrize("name", ["model.pkl", "model", "model.bin"])
    def test_an_ending_that_is_not_for_models(self, fails, unread, tmp_path, name):
        message = fails("classify", "train", unread, "-o", tmp_path / name)
        assert "ends in .skops" in message
        assert message.endswith("; .bin is for --model fasttext") == name.endswith(".bin")

    def test_a_folder_that_does_not_exist(self, fails, unread, tmp_path, model):
        assert "nowhere" in fails("classify", "train", unread, "-o", tmp_path / "nowhere" / "m.skops")
        assert "nowhere" in fails("classify", "predict", model, unread, "-o", tmp_path / "nowhere" / "a.csv")
        assert "nowhere" in fails("classify", "evaluate", model, unread, "--plot", tmp_path / "nowhere" / "a.png")

    def test_skops_is_not_installed(self, fails, unread, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "skops", None)
        assert "pip install skops" in fails("classify", "train", unread, "-o", tmp_path / "m.skops")

    def test_standard_output_is_closed(self, unread, model):
        line = [sys.executable, "-m", "embedkit", "classify", "predict", str(model), str(unread)]
        done = subprocess.run(
            ["sh", "-c", f"exec {shlex.join(line)} >&-"], stderr=subprocess.PIPE, text=True, timeout=60
        )
        assert done.returncode == 1
        assert done.stderr.startswith("Error: standard output is closed")
        assert "--output" in done.stderr

    def test_outputs_that_are_inputs(self, fails, table, model):
        path = table()
        assert "the input" in fails("classify", "predict", model, path, "-o", path)
        assert "the input" in fails("classify", "train", table(name="train.skops"), "-o", table(name="train.skops"))

    def test_endings_of_answers_and_figures(self, fails, unread, model, tmp_path):
        assert ".jsonl" in fails("classify", "predict", model, unread, "-o", tmp_path / "answers.xlsx")
        assert ".svg" in fails("classify", "evaluate", model, unread, "--plot", tmp_path / "plot.jpg")


class TestModels:
    @pytest.fixture(params=["predict", "evaluate"])
    def reading_fails(self, request, fails, table):
        return lambda path, *options: fails("classify", request.param, path, table(), *options)

    def test_a_model_is_no_file_of_vectors_nor_the_reverse(self, fails, reading_fails, model, tmp_path):
        assert "embedkit classify predict" in fails("info", model)
        (tmp_path / "vectors.bin").write_bytes(b"1 2\ncat " + bytes(8) + b"\n")
        message = reading_fails(tmp_path / "vectors.bin")
        assert "expected a file that embedkit classify train wrote; it looks like word vectors" in message
        (tmp_path / "notes.txt").write_text("10 cats\n")
        assert reading_fails(tmp_path / "notes.txt").endswith("embedkit classify train wrote")

    def test_missing(self, reading_fails, tmp_path):
        assert "nowhere.skops" in reading_fails(tmp_path / "nowhere.skops")

    @pytest.mark.parametrize("data", [b"", b"PK", b"text,label\n", b"PK\x03\x04" + bytes(99), bytes(99)])
    def test_what_is_no_model(self, reading_fails, tmp_path, data):
        path = tmp_path / "bad.skops"
        path.write_bytes(data)
        assert "bad.skops" in reading_fails(path)

    def test_damaged(self, reading_fails, model):
        whole = model.read_bytes()
        for damaged in (whole[: len(whole) // 2], whole[:200] + b"\xff" * 50 + whole[250:]):
            model.write_bytes(damaged)
            assert "model.skops" in reading_fails(model)

    def test_a_damaged_model_of_fasttext(self, reading_fails, tmp_path):
        path = tmp_path / "bad.bin"
        path.write_bytes((793712314).to_bytes(4, "little") + bytes(range(200)))
        assert "bad.bin" in reading_fails(path)

    def test_what_predicts_no_labels(self, reading_fails, tmp_path):
        path = tmp_path / "scaler.skops"
        save_model(StandardScaler().fit([[1.0], [2.0]]), path)
        assert "scaler.skops holds StandardScaler, which predicts no labels" in reading_fails(path)

    def test_what_takes_numbers_does_not_print_the_texts(self, reading_fails, tmp_path):
        path = tmp_path / "numbers.skops"
        save_model(LogisticRegression().fit([[1.0], [2.0]], [0, 1]), path)
        message = reading_fails(path)
        assert "numbers.skops holds LogisticRegression, which cannot predict a text" in message
        assert "purrs" not in message
        assert "a text'" not in message

    def test_newer_than_this_version(self, reading_fails, model, tmp_path):
        path = tmp_path / "newer.skops"
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "embedkit.json":
                    data = json.dumps({**json.loads(data), "format_version": 99}).encode()
                new.writestr(name, data)
        message = reading_fails(path)
        assert "99" in message
        assert "newer" in message

    def test_types_that_are_not_trusted_need_trust(self, reading_fails, invoke, table, tmp_path):
        path = tmp_path / "foreign.skops"
        pipeline = make_pipeline(FunctionTransformer(copy.copy), text_classifier("nb")).fit(TEXTS, LABELS)
        save_model(pipeline, path, metadata={})
        message = reading_fails(path)
        assert "copy.copy" in message
        assert "--trust" in message
        for command in ("predict", "evaluate"):
            assert invoke("classify", command, path, table(), "--trust").exit_code == 0

    def test_another_version_is_a_warning(self, invoke, table, model, tmp_path):
        path = tmp_path / "older.skops"
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "embedkit.json":
                    header = json.loads(data)
                    header["versions"]["scikit-learn"] = "0.1"
                    data = json.dumps(header).encode()
                new.writestr(name, data)
        result = invoke("classify", "predict", path, table())
        assert result.exit_code == 0
        assert "Warning: " in result.stderr
        assert "scikit-learn 0.1" in result.stderr
        assert invoke("classify", "predict", path, table(), "-q").stderr == ""
