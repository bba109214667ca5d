"""Bad input: each error names what was met, what was expected, and what to do."""

import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from contract import DATA, KEYED, WORDS
from safetensors.numpy import load_file, save_file
from sklearn.exceptions import NotFittedError
from small_networks import small

from embedkit import KeyedVectors
from embedkit.errors import FormatError, InputError, OutputError, ParameterError, TrainingError
from embedkit.neural import CLASSIFIERS, neural_classifier
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.training.objective import Objective

WRONG = [
    ("freeze", "frozen", "expected one of 'non-static', 'static', 'multichannel'"),
    ("optimizer", "adam2", "expected one of 'adam', 'adamw', 'adadelta', 'sgd'"),
    ("schedule", None, "expected one of 'constant', 'linear', 'cosine', 'inverse-sqrt'"),
    ("monitor", "loss", "expected one of 'valid_loss', 'valid_acc'"),
    ("encoding_errors", "guess", "expected one of 'strict', 'replace', 'ignore'"),
    ("tokenizer", "syllables", "there is no tokenizer 'syllables'; expected"),
    *[(name, 1, "expected True or False") for name in ("unseen_vectors", "lowercase", "bucketing")],
    *[(name, "yes", "expected True or False") for name in ("mixed_precision", "compile")],
    *[
        (name, value, "expected a whole number, 1 or more")
        for name in ("min_count", "batch_size", "epochs", "vector_size", "max_vocab", "max_length", "patience")
        for value in (0, 1.5)
    ],
    *[(name, None, "expected a whole number, 1 or more") for name in ("min_count", "batch_size", "epochs")],
    *[
        (name, value, "expected a finite number, 0 or more")
        for name in ("weight_decay", "mixup", "r_drop", "adversarial")
        for value in (-0.1, np.inf)
    ],
    *[
        (name, value, "expected a finite number above 0")
        for name in ("learning_rate", "clip_norm", "max_norm")
        for value in (0.0, np.nan)
    ],
    ("learning_rate", None, "expected a finite number above 0"),
    *[
        (name, 1.0, "expected a share, from 0 to below 1")
        for name in ("dropout", "embedding_dropout", "word_dropout", "label_smoothing", "warmup", "validation_fraction")
    ],
    ("dropout", -0.1, "expected a share, from 0 to below 1"),
    ("class_weight", "even", "expected 'balanced', or a weight for each of these labels"),
    ("class_weight", {"cow": 1.0}, "cat', 'dog', 'fish'.*not in class_weight; expected 'balanced', or a weight"),
    ("class_weight", {"cat": -1.0}, "expected finite numbers of 0 or more, and not only 0"),
    ("class_weight", {"cat": np.nan}, "expected finite numbers of 0 or more, and not only 0"),
    (
        "class_weight",
        dict.fromkeys(["cat", "dog", "fish"], 0.0),
        "expected finite numbers of 0 or more, and not only 0",
    ),
    ("n_jobs", 0, "expected a number of threads, None for one, or -1 for all processors"),
    ("callbacks", 3, "expected a list of skorch callbacks"),
    ("checkpoints", 3, "expected a path"),
    ("initial_weights", 3, "expected a path"),
    ("device", "abacus", "expected one of 'auto', 'cpu'"),
    ("device", None, "expected one of 'auto', 'cpu'"),
]
OWN_WRONG = [
    ("FastTextNet", "word_ngrams", 0, "expected a whole number, 1 or more"),
    ("FastTextNet", "buckets", 0, "expected a whole number, 1 or more"),
    ("HierarchicalAttentionClassifier", "windows", (), r"expected widths in words, such as \(3, 4, 5\)"),
    ("HierarchicalAttentionClassifier", "cell", "LSTM", "expected one of 'rnn', 'gru', 'lstm'"),
    ("HierarchicalAttentionClassifier", "attention_score", "sum", "expected one of 'additive', 'general', 'dot'"),
    *[
        ("HierarchicalAttentionClassifier", name, 0, "expected a whole number, 1 or more")
        for name in ("n_filters", "hidden_size", "sentence_length")
    ],
    ("RNNClassifier", "cell", "gru2", "expected one of 'rnn', 'gru', 'lstm'"),
    ("RNNClassifier", "hidden_size", 0, "expected a whole number, 1 or more"),
    ("RNNClassifier", "n_layers", 0, "expected a whole number, 1 or more"),
    ("RNNClassifier", "bidirectional", "both", "expected True or False"),
    ("RNNClassifier", "pooling", "cls", "expected one of 'attention', 'last', 'max', 'mean'"),
    ("RNNClassifier", "attention_score", "sum", "expected one of 'additive', 'general', 'dot'"),
    ("TextCNNClassifier", "windows", "345", "expected widths in words"),
    ("TextCNNClassifier", "windows", 3, "expected widths in words"),
    ("TextCNNClassifier", "windows", (3, 0), "expected a whole number, 1 or more"),
    ("TextCNNClassifier", "n_filters", 0, "expected a whole number, 1 or more"),
    ("TextCNNClassifier", "pooling", "last", "expected one of 'max', 'k-max', 'mean'"),
    ("TextCNNClassifier", "k", 0, "expected a whole number, 1 or more"),
    ("TextCNNClassifier", "wide", 1, "expected True or False"),
    *[
        ("TransformerClassifier", name, 0, "expected a whole number, 1 or more")
        for name in ("hidden_size", "n_layers", "n_heads", "feedforward_size")
    ],
    ("TransformerClassifier", "n_heads", 3, ""),
    ("TransformerClassifier", "positions", "relative", "expected one of 'sinusoidal', 'learned'"),
    ("TransformerClassifier", "norm", "none", "expected one of 'pre', 'post'"),
    ("TransformerClassifier", "pooling", "max", "expected one of 'mean', 'cls'"),
    ("TransformerClassifier", "layer_dropout", 1.0, "expected a share, from 0 to below 1"),
    ("TransformerClassifier", "max_length", None, "positions are as many as the longest text has words; give a number"),
]


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


@pytest.mark.parametrize(("parameter", "value", "expected"), WRONG)
def test_parameters_that_cannot_work(parameter, value, expected):
    model = small(**{parameter: value})  # nothing is checked before fit
    with pytest.raises(ParameterError, match=rf"{parameter}={re.escape(repr(value))}.*{expected}"):
        model.fit(DATA.texts, DATA.labels)
    with pytest.raises(NotFittedError):
        model.predict(DATA.texts)


@pytest.mark.parametrize(("name", "parameter", "value", "expected"), OWN_WRONG)
def test_parameters_of_a_class_that_cannot_work(name, parameter, value, expected):
    value_met = "0" if value == (3, 0) else repr(value)
    expected = expected or "expected a multiple of"
    pattern = rf"{parameter}={re.escape(value_met)}.*{expected}|hidden_size=8: {expected} n_heads=3"
    with pytest.raises(ParameterError, match=pattern):
        small(name, **{parameter: value}).fit(DATA.texts, DATA.labels)


def test_freezing_needs_vectors():
    for freeze in ("static", "multichannel"):
        with pytest.raises(ParameterError, match=f"freeze='{freeze}' without an embedding: .*give KeyedVectors, or"):
            small(freeze=freeze).fit(DATA.texts, DATA.labels)


def test_vectors_that_cannot_be_begun_with(tmp_path):
    with pytest.raises(ParameterError, match=r"vector_size=300, but the embedding has 4 dimensions; leave vector_size"):
        small(embedding=KEYED, vector_size=300).fit(DATA.texts, DATA.labels)
    with pytest.raises(ParameterError, match="embedding is dict, expected KeyedVectors, or the path of a file"):
        small(embedding={"it": [1.0]}, vector_size=None).fit(DATA.texts, DATA.labels)
    with pytest.raises(InputError, match=r"no such file: .*nothing\.bin; check the path"):
        small(embedding=tmp_path / "nothing.bin").fit(DATA.texts, DATA.labels)
    holes = KeyedVectors(WORDS, np.full((len(WORDS), 4), np.nan), allow_nonfinite=True)
    with pytest.raises(ParameterError, match="embedding holds numbers that are not finite; leave those words out"):
        small(embedding=holes, vector_size=None).fit(DATA.texts, DATA.labels)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_one_class_is_none_to_tell_apart(name):
    with pytest.raises(InputError, match=r"got one class only, 'cat'; expected 2 classes or more: add documents"):
        small(name).fit(DATA.texts, ["cat"] * len(DATA.texts))


def test_labels_that_cannot_be_used():
    with pytest.raises(InputError, match="24 texts and 3 labels in y: expected one label for each text"):
        small().fit(DATA.texts, DATA.labels[:3])
    with pytest.raises(InputError, match=r"the label of document 2 is missing \(None\): give every document a label"):
        small().fit(DATA.texts, ["cat", None, *DATA.labels[2:]])
    with pytest.raises(InputError, match="of two kinds, text and number: give all as text"):
        small().fit(DATA.texts, [1, *DATA.labels[1:]])
    with pytest.raises(InputError, match="there are no labels; give one for each document"):
        small().fit([], [])


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("texts", [["", "  ", ""], [".", "?", "!"], [[], [], []]])
def test_texts_without_a_word(name, texts):
    with pytest.raises(InputError, match="the 3 texts hold no word; expected some: check tokenizer='words'"):
        small(name).fit(texts, ["cat", "dog", "cat"])


def test_all_words_may_be_rare():
    # Each text is of unknown words only, and still one of so many.
    model = small(min_count=1000).fit(DATA.texts, DATA.labels)
    assert model.vocabulary_ == {}
    assert model.predict_proba(["it purrs"]).shape == (1, 3)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_what_is_no_list_of_texts(name):
    model = small(name).fit(DATA.texts, DATA.labels)
    for texts, message in [
        ("it purrs", r"an object of type str, expected a list of texts or token lists; pass a single text in a list"),
        (3, r"an object of type int \(3\), expected a list of texts"),
        (np.zeros((2, 3)), r"an array of shape \(2, 3\), expected one dimension; pass one column of it"),
    ]:
        calls = [lambda texts=texts: model.predict(texts), lambda texts=texts: small(name).fit(texts, ["cat", "dog"])]
        for call in calls:
            with pytest.raises(InputError, match=message):
                call()
    for texts in ([1, 2], ["it purrs", None], [["it", 3], ["we"]]):
        for call in (lambda texts=texts: model.predict(texts), lambda texts=texts: small(name).fit(texts, ["a", "b"])):
            with pytest.raises(InputError, match=r"documents\[\d\].*, expected a (list of )?string"):
                call()


def test_texts_to_watch_that_cannot_be_used():
    with pytest.raises(InputError, match="X_val and y_val belong together; give both or neither"):
        small().fit(DATA.texts, DATA.labels, X_val=DATA.texts)
    with pytest.raises(InputError, match="X_val and y_val belong together"):
        small().fit(DATA.texts, DATA.labels, y_val=DATA.labels)
    with pytest.raises(InputError, match="24 texts in X_val and 2 labels in y_val; expected as many"):
        small().fit(DATA.texts, DATA.labels, X_val=DATA.texts, y_val=DATA.labels[:2])
    with pytest.raises(InputError, match="y_val has the label 'cow', which y lacks; leave such texts out"):
        small().fit(DATA.texts, DATA.labels, X_val=["it moos"], y_val=["cow"])
    with pytest.raises(InputError, match="a single text in a list"):
        small().fit(DATA.texts, DATA.labels, X_val="it", y_val=["cat", "cat"])
    with pytest.raises(ParameterError, match="patience=3 without texts to watch; give X_val and y_val to fit, or"):
        small(patience=3, validation_fraction=0.0).fit(DATA.texts, DATA.labels)
    with pytest.raises(
        InputError, match="class 'dog' has one document, which cannot be in training and validation both"
    ):
        small(patience=3).fit([*DATA.texts[::3], "it barks"], [*DATA.labels[::3], "dog"])


def test_a_device_that_is_not_there():
    for device in ("cuda", "cuda:0", "cuda:7", "mps:3", "meta"):
        with pytest.raises(
            ParameterError, match=rf"device='{device}': there is none here; expected one of 'auto', 'cpu'"
        ):
            small(device=device).fit(DATA.texts, DATA.labels)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_out_of_memory_says_what_to_try(error, monkeypatch):
    fitted = small(batch_size=7).fit(DATA.texts, DATA.labels)

    def full(*args):
        raise error

    monkeypatch.setattr(TextCNN, "forward", full)
    expected = (
        "batch_size=7: out of memory on cpu with texts of up to 6 words; try batch_size=3, max_length=3, or "
        "mixed_precision=True on a GPU"
    )
    for call in (lambda: small(batch_size=7).fit(DATA.texts, DATA.labels), lambda: fitted.predict(DATA.texts)):
        with pytest.raises(ParameterError, match=re.escape(expected)) as found:
            call()
        assert found.value.__cause__ is error


def test_other_errors_of_torch_are_not_taken_for_want_of_memory(monkeypatch):
    def broken(*args):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(TextCNN, "forward", broken)
    with pytest.raises(RuntimeError, match="shapes differ"):
        small().fit(DATA.texts, DATA.labels)


@pytest.mark.parametrize("loss", ["nan", "inf"])
@pytest.mark.parametrize(("epoch", "batch"), [(1, 1), (1, 3), (2, 2)])
def test_a_loss_that_is_no_number_stops_training(loss, epoch, batch, monkeypatch):
    backward, calls = Objective.backward, []

    def spoiled(self, *args):
        found, logits = backward(self, *args)
        calls.append(1)
        wrong = len(calls) == (epoch - 1) * 3 + batch
        return (found * float(loss) if wrong else found), logits

    monkeypatch.setattr(Objective, "backward", spoiled)
    with pytest.raises(
        TrainingError, match=f"the loss is {loss} in epoch {epoch}, batch {batch}: .*try a smaller learning_rate"
    ):
        small(batch_size=8, epochs=3).fit(DATA.texts, DATA.labels)
    assert len(calls) == (epoch - 1) * 3 + batch


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_steps_far_too_long_stop_training(name):
    model = small(
        name, learning_rate=1e36, optimizer="sgd", clip_norm=None, batch_size=4, schedule="constant", warmup=0.0
    )
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) in epoch \d, batch \d"):
        model.fit(DATA.texts, DATA.labels)


def test_a_training_that_failed_leaves_no_model():
    model = small().fit(DATA.texts, DATA.labels)
    with pytest.raises(TrainingError):
        model.set_params(learning_rate=1e36, optimizer="sgd", clip_norm=None).fit(["a b", "c d"] * 9, [0, 1] * 9)
    for call in (model.predict, model.predict_proba, model.attention):
        with pytest.raises(NotFittedError):
            call(DATA.texts)
    with pytest.raises(InputError, match="is not fitted"):
        model.save("anywhere")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_weights_of_another_architecture(name, tmp_path):
    small(name, checkpoints=tmp_path).fit(DATA.texts, DATA.labels)
    path = tmp_path / "weights.safetensors"
    with pytest.raises(
        FormatError,
        match=r"weights\.safetensors holds weights of another architecture: words\.weight has the shape \(12, 8\), "
        r"expected the shape \(12, 9\); use the parameters and texts",
    ):
        small(name, vector_size=9, initial_weights=path).fit(DATA.texts, DATA.labels)
    with pytest.raises(FormatError, match=r"words\.weight has the shape \(12, 8\), expected the shape \(4, 8\)"):
        small(name, initial_weights=path).fit(["new words"] * 2, [0, 1])
    weights = load_file(path)
    save_file({**weights, "more": weights["output.bias"]}, path)
    with pytest.raises(FormatError, match="holds weights of another architecture: this network has no more; use the"):
        small(name, initial_weights=path).fit(DATA.texts, DATA.labels)
    save_file({key: value for key, value in weights.items() if key != "output.bias"}, path)
    with pytest.raises(FormatError, match=r"output\.bias has nothing, expected the shape \(3,\)"):
        small(name, initial_weights=path).fit(DATA.texts, DATA.labels)


def test_weights_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        small(initial_weights=tmp_path / "nothing").fit(DATA.texts, DATA.labels)
    (tmp_path / "text").write_text("no weights")
    with pytest.raises(FormatError, match="text is no sound safetensors file"):
        small(initial_weights=tmp_path / "text").fit(DATA.texts, DATA.labels)
    with pytest.raises(InputError, match="the path is empty"):
        small(initial_weights="").fit(DATA.texts, DATA.labels)


def test_a_folder_of_checkpoints_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            OutputError, match=r"cannot make the folder .*file.* for checkpoints \(.*\); give another path"
        ):
            small(checkpoints=path).fit(DATA.texts, DATA.labels)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_that_is_not_fitted(name):
    for call in (small(name).predict, small(name).predict_proba, small(name).attention):
        with pytest.raises(NotFittedError, match=f"This {name} instance is not fitted yet"):
            call(DATA.texts)


def test_names_and_features_that_do_not_exist():
    with pytest.raises(ParameterError, match=r"name='cnn': expected one of 'textcnn', 'rnn', 'gru', "):
        neural_classifier("cnn")
    with pytest.raises(ParameterError, match="features='letters': expected one of 'words', 'characters'"):
        neural_classifier("textcnn", features="letters")
    with pytest.raises(ParameterError, match="tokenizer='zh' with features='characters': words are not cut; give one"):
        neural_classifier("textcnn", features="characters", tokenizer="zh")
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        neural_classifier("textcnn", classifier__depth=3)


def test_what_a_name_is_given_reaches_the_classifier():
    model = neural_classifier(
        "gru", features="characters", keyed_vectors=KEYED, class_weight="balanced", n_jobs=2, random_state=7
    )["classifier"]
    given = (model.tokenizer, model.embedding, model.class_weight, model.n_jobs, model.random_state)
    assert given == ("char", KEYED, "balanced", 2, 7)
    assert (model.cell, model.bidirectional, model.pooling) == ("gru", False, "last")
    assert neural_classifier("textcnn", tokenizer="zh")["classifier"].tokenizer == "zh"


@pytest.mark.parametrize("missing", ["torch", "skorch"])
def test_without_torch_the_room_says_what_to_install(missing):
    script = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import embedkit.neural
assert "TextCNNClassifier" in dir(embedkit.neural)
from embedkit.classify import text_classifier
text_classifier("nb").fit(["it purrs", "it barks"] * 2, ["cat", "dog"] * 2)
from embedkit.errors import MissingDependencyError
for name in ("TextCNNClassifier", "neural_classifier", "NEURAL_MODELS"):
    try:
        getattr(embedkit.neural, name)
    except MissingDependencyError as error:
        print(error)
try:
    from embedkit.neural import RNNClassifier
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    expected = f"embedkit.neural needs {missing}, which is not installed; pip install torch skorch safetensors"
    assert done.stdout.splitlines() == [expected] * 4


def test_public_names_are_listed_and_found():
    from embedkit import neural

    assert set(neural.__all__) == set(dir(neural))
    for name in neural.__all__:
        assert getattr(neural, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'PerceptronClassifier'"):
        _ = neural.PerceptronClassifier
