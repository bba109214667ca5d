"""Files of neural classifiers: what comes back, what cannot be stored, and files that must not be loaded."""

import json
import pickle
import re
import struct
import sys

import numpy as np
import pytest
import torch
from contract import DATA, KEYED, NEW, scores
from small_networks import small

import embedkit
from embedkit import classify
from embedkit.errors import FormatError, InputError, MissingDependencyError, OutputError, ParameterError
from embedkit.neural import CLASSIFIERS, FastTextNet, RNNClassifier, TextCNNClassifier, load_model, save_model
from embedkit.neural.model_file import FORMAT_VERSION
from embedkit.neural.storage import read_tensors, write_tensors


@pytest.fixture(scope="module")
def model():
    return small().fit(DATA.texts, DATA.labels)


@pytest.fixture
def saved(model, tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(model, path, metadata={"texts": 24})
    return path


def rewrite(path, change):
    """Change what the file holds: a function of its header and its tensors."""
    tensors, header = read_tensors(path)
    change(header, tensors)
    write_tensors(path, tensors, header)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_everything_comes_back(name, tmp_path):
    parameters = {"class_weight": {"cat": 2.0, "dog": 1.0}, "max_vocab": 7, "mixup": 0.1, "tokenizer": "nfkc|words"}
    model = small(name, **parameters).fit(DATA.texts, DATA.labels, X_val=DATA.texts, y_val=DATA.labels)
    metadata = {"name": name, "accuracy": 0.5, "options": ["ä", {"b": None}]}
    save_model(model, tmp_path / "model", metadata=metadata)
    again, known = load_model(tmp_path / "model", device="cpu")
    assert known == metadata
    assert type(again) is type(model)
    assert again.get_params() == model.get_params()
    assert again.vocabulary_ == model.vocabulary_
    assert again.history_ == model.history_
    assert again.n_iter_ == model.n_iter_
    assert again.n_parameters_ == model.n_parameters_
    for key, tensor in model.network_.state_dict().items():
        np.testing.assert_array_equal(again.network_.state_dict()[key], tensor)
    assert not again.network_.training


def test_the_header_is_json(saved, model):
    data = saved.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["embedkit"])
    assert header["format_version"] == FORMAT_VERSION
    assert header["embedkit"] == embedkit.__version__
    assert header["class"] == "TextCNNClassifier"
    assert header["classes"] == ["cat", "dog", "fish"]
    assert header["vocabulary"] == list(model.vocabulary_)
    assert header["parameters"]["windows"] == [2, 3]
    assert header["metadata"] == {"texts": 24}
    # Nothing of the machine it was trained on.
    assert not {"embedding", "checkpoints", "initial_weights", "device", "callbacks"} & set(header["parameters"])


def test_odd_words_and_labels_come_back(tmp_path):
    texts = ["é́ 🙂 \u200b日本", "</s> <unk> x", 'quote" \\ y'] * 4
    labels = ["été 🙂", "\u0301", 'q"'] * 4
    model = small(tokenizer="whitespace").fit(texts, labels)
    model.save(tmp_path / "model")
    again = TextCNNClassifier.load(tmp_path / "model")
    assert again.vocabulary_ == model.vocabulary_
    assert again.classes_.tolist() == sorted(set(labels))
    np.testing.assert_array_equal(scores(again, texts), scores(model, texts))


@pytest.mark.parametrize("labels", [[3, -1], [True, False], [2.0, 5.0], ["a", "bcd"], [2**40, 0]])
def test_labels_keep_their_type(labels, tmp_path):
    model = small("FastTextNet").fit(DATA.texts, [labels[label == "cat"] for label in DATA.labels])
    model.save(tmp_path / "model")
    again = FastTextNet.load(tmp_path / "model")
    assert again.classes_.dtype == model.classes_.dtype == np.asarray(labels).dtype
    assert again.classes_.tolist() == sorted(labels)
    assert again.predict(NEW).dtype == model.classes_.dtype


@pytest.mark.parametrize("weight", [{3: 2.0, 7: 1.0}, {np.int64(3): np.float32(2)}, "balanced", None])
def test_weights_of_classes_come_back(weight, tmp_path):
    model = small(class_weight=weight).fit(DATA.texts, [3 + 4 * (label == "cat") for label in DATA.labels])
    model.save(tmp_path / "model")
    assert TextCNNClassifier.load(tmp_path / "model").class_weight == weight


@pytest.mark.parametrize("freeze", ["non-static", "static", "multichannel"])
def test_the_vectors_it_began_with_are_in_the_weights(freeze, tmp_path):
    model = small(embedding=KEYED, vector_size=None, freeze=freeze, max_vocab=3).fit(DATA.texts, DATA.labels)
    model.save(tmp_path / "model")
    again, _ = load_model(tmp_path / "model")
    assert again.embedding is None
    assert again.vector_size == 4
    assert again.freeze == freeze
    assert len(again.network_.words.kept) == len(KEYED.index_to_key) - 3
    np.testing.assert_array_equal(scores(again, NEW), scores(model, NEW))


def test_a_loaded_classifier_can_be_saved_trained_and_asked(saved, model, tmp_path):
    again = TextCNNClassifier.load(saved, device="cpu")
    save_model(again, tmp_path / "copy", metadata={"texts": 24})
    assert (tmp_path / "copy").read_bytes() == saved.read_bytes()
    np.testing.assert_array_equal(scores(again.fit(DATA.texts, DATA.labels), NEW), scores(model, NEW))
    rnn = small("RNNClassifier").fit(DATA.texts, DATA.labels)
    rnn.save(tmp_path / "rnn")
    expected, found = (one.attention(NEW) for one in (rnn, RNNClassifier.load(tmp_path / "rnn")))
    for one, other in zip(expected, found, strict=True):
        assert one.units == other.units
        np.testing.assert_array_equal(one.weights, other.weights)


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_compressed(model, ending, tmp_path):
    path = tmp_path / f"model.safetensors.{ending}"
    save_model(model, path)
    np.testing.assert_array_equal(scores(load_model(path)[0], NEW), scores(model, NEW))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(FormatError, match=rf"model\.safetensors\.{ending}"):
        load_model(path)


def test_what_is_no_number_of_python_is_stored(tmp_path):
    model = small(
        n_filters=np.int64(4), dropout=np.float32(0.25), windows=[np.int32(2)], random_state=np.random.RandomState(1)
    )
    model.fit(DATA.texts, DATA.labels).save(tmp_path / "model")
    again, _ = load_model(tmp_path / "model")
    assert (again.n_filters, again.dropout, tuple(again.windows), again.random_state) == (4, 0.25, (2,), None)


def test_what_cannot_be_stored(model, tmp_path):
    with pytest.raises(InputError, match="this TextCNNClassifier is not fitted: call fit before saving it"):
        small().save(tmp_path / "model")
    with pytest.raises(InputError, match=r"cannot be stored .*metadata must be strings, numbers"):
        save_model(model, tmp_path / "model", metadata={"when": object()})
    for tokenizer in (str.split, re.compile(r"\w+")):
        other = small(tokenizer=tokenizer).fit(DATA.texts, DATA.labels)
        with pytest.raises(
            InputError, match=r"its tokenizer is a \w+; name it instead, for a pattern as 'regex:PATTERN'"
        ):
            other.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
    small(tokenizer=r"regex:\w+").fit(DATA.texts, DATA.labels).save(tmp_path / "model")
    with pytest.raises(OutputError, match="does not exist"):
        model.save(tmp_path / "nowhere" / "model")


def test_a_file_is_complete_or_not_there(saved, model, monkeypatch):
    before = saved.read_bytes()
    with pytest.raises(InputError, match="cannot be stored"):
        save_model(model, saved, metadata={"set": {1}})
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_load_of_a_class_takes_that_class(saved):
    with pytest.raises(
        FormatError, match=r"model\.safetensors holds a TextCNNClassifier, not a RNNClassifier; load it with load_model"
    ):
        RNNClassifier.load(saved)
    assert isinstance(TextCNNClassifier.load(saved), TextCNNClassifier)


def test_a_device_that_is_not_there(saved, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(
        ParameterError, match=r"model\.safetensors: device='cuda:3': there is none here; expected one of"
    ):
        load_model(saved, device="cuda:3")


def test_a_newer_format_is_refused(saved):
    rewrite(saved, lambda header, _: header.update(format_version=FORMAT_VERSION + 1, embedkit="9.9", parameters=None))
    with pytest.raises(
        FormatError,
        match=r"model\.safetensors: has the format version 2, written by embedkit 9\.9; .*up to 1: install a newer one",
    ):
        load_model(saved)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("class", "RNNClassifier", "header is not what save_model writes|another architecture"),
        ("class", "FastTextNet", "header is not what save_model writes|another architecture"),
        ("class", "load_model", "holds a 'load_model', expected one of FastTextNet, "),
        ("class", ["x"], "expected one of|header is not what"),
        ("format_version", "1", "header is not what save_model writes"),
        ("format_version", None, "header is not what save_model writes"),
        ("parameters", [], "header is not what save_model writes"),
        ("parameters", {"no_such_thing": 1}, "header is not what save_model writes"),
        ("classes", ["cat", "dog"], "another architecture"),
        ("classes", 3, "another architecture"),
        ("classes_dtype", "nonsense", "header is not what save_model writes"),
        ("vocabulary", ["it"], r"another architecture \(\d+ word vectors for 1 words\)"),
        ("vocabulary", [["it"]], "header is not what save_model writes|another architecture"),
        ("vocabulary", None, "header is not what save_model writes"),
        ("history", 3, "header is not what save_model writes"),
    ],
)
def test_a_header_that_was_changed_is_refused(saved, key, value, message):
    rewrite(saved, lambda header, _: header.update({key: value}))
    with pytest.raises(FormatError, match=rf"model\.safetensors: .*({message})"):
        load_model(saved)


@pytest.mark.parametrize(
    "key", ["format_version", "class", "parameters", "classes", "vocabulary", "history", "metadata"]
)
def test_a_header_that_lacks_something_is_refused(saved, key):
    rewrite(saved, lambda header, _: header.pop(key))
    with pytest.raises(FormatError, match=r"model\.safetensors: its header is not what save_model writes"):
        load_model(saved)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("n_filters", 5),
        ("n_filters", -1),
        ("n_filters", "4"),
        ("windows", [2, 4]),
        ("windows", 3),
        ("pooling", "k-max"),
        ("freeze", "static"),
        ("freeze", "multichannel"),
    ],
)
def test_parameters_that_do_not_fit_the_weights_are_refused(saved, parameter, value):
    rewrite(saved, lambda header, _: header["parameters"].update({parameter: value}))
    if (parameter, value) == ("freeze", "static"):
        load_model(saved)  # the weights are the same
        return
    with pytest.raises(FormatError, match=r"model\.safetensors: .*(another architecture|not what save_model writes)"):
        load_model(saved)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("words.weight", lambda tensor: tensor[:-1]),
        ("words.weight", lambda tensor: tensor[:, :-1]),
        ("words.weight", lambda tensor: tensor[0]),
        ("output.weight", lambda tensor: tensor.T),
        ("output.bias", lambda tensor: tensor[:2]),
    ],
)
def test_weights_of_another_shape_are_refused(saved, name, change):
    rewrite(saved, lambda _, tensors: tensors.update({name: np.ascontiguousarray(change(tensors[name]))}))
    with pytest.raises(FormatError, match=r"model\.safetensors: .*another architecture .*; the file is damaged"):
        load_model(saved)


@pytest.mark.parametrize("name", ["words.weight", "output.bias", "convolution.filters.0.weight"])
def test_weights_that_lack_or_are_too_many_are_refused(saved, name):
    rewrite(saved, lambda _, tensors: tensors.update(foreign=tensors[name]))
    with pytest.raises(FormatError, match=r"another architecture .*foreign"):
        load_model(saved)
    rewrite(saved, lambda _, tensors: [tensors.pop("foreign"), tensors.pop(name)])
    with pytest.raises(FormatError, match="another architecture"):
        load_model(saved)


def test_damaged_files(saved, tmp_path):
    content = saved.read_bytes()
    path = tmp_path / "cut.safetensors"
    for keep in (0, 1, 8, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:keep])
        with pytest.raises(FormatError, match=r"cut\.safetensors is no sound safetensors file"):
            load_model(path)
    for other in (b"no model at all", content + b"more", b"\xff" * 8 + content[8:], b"PK" + content[2:]):
        path.write_bytes(other)
        with pytest.raises(FormatError, match=r"cut\.safetensors is no sound safetensors file .*copy it again"):
            load_model(path)
    with pytest.raises(InputError, match="no such file"):
        load_model(tmp_path / "nothing")
    with pytest.raises(InputError, match="is a directory"):
        load_model(tmp_path)


def test_tensors_without_a_header_are_a_checkpoint(model, tmp_path):
    small(checkpoints=tmp_path).fit(DATA.texts, DATA.labels)
    with pytest.raises(FormatError, match=r"holds tensors but no model: .*go to the parameter initial_weights"):
        load_model(tmp_path / "weights.safetensors")


def test_a_header_that_is_no_json_is_refused(saved):
    from safetensors.numpy import save

    tensors, _ = read_tensors(saved)
    for text in ("{", "[1]", "3", '"x"', "null"):
        saved.write_bytes(save(tensors, {"embedkit": text}))
        with pytest.raises(FormatError, match=r"model\.safetensors"):
            load_model(saved)


def test_a_file_runs_no_code(saved, tmp_path):
    saved.write_bytes(pickle.dumps(small()))
    with pytest.raises(FormatError, match="no sound safetensors file"):
        load_model(saved)


def test_other_kinds_of_model_files_are_told_apart(saved, model, tmp_path):
    classify.save_model(model, tmp_path / "model.skops")
    with pytest.raises(FormatError, match="no sound safetensors file"):
        load_model(tmp_path / "model.skops")
    with pytest.raises(FormatError, match="is no model file"):
        classify.load_model(saved)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_class_is_trusted_by_the_other_kind(name):
    kind = type(small(name))
    assert f"{kind.__module__}.{name}" in classify.model_file.TRUSTED


def test_a_pickle_leaves_the_training_out(model):
    state = model.__getstate__()
    assert "net_" not in state
    assert "network_" not in state
    assert hasattr(model, "net_")
    again = pickle.loads(pickle.dumps(model))
    assert not hasattr(again, "net_")
    assert again.vocabulary_ == model.vocabulary_
    unfitted = pickle.loads(pickle.dumps(small()))
    assert unfitted.get_params() == small().get_params()


def test_without_safetensors(saved, model, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: load_model(saved), lambda: save_model(model, tmp_path / "new")):
        with pytest.raises(
            MissingDependencyError, match="safetensors, which is not installed; pip install safetensors"
        ):
            call()
    assert not (tmp_path / "new").exists()
