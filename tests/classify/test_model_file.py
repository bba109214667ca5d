"""Model files: the same predictions after loading, and files that must not be loaded."""

import io
import itertools
import json
import logging
import re
import sys
import zipfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

import embedkit.features
from embedkit import KeyedVectors
from embedkit.classify import MODELS, load_model, save_model, text_classifier
from embedkit.classify.model_file import FORMAT_VERSION, HEADER, TRUSTED
from embedkit.errors import FormatError, InputError, MissingDependencyError, OutputError
from embedkit.text.tokenizers import resolve_tokenizer

TEXTS = ["it purrs a lot", "the cat purrs", "it barks a lot", "the dog barks", "fish swim", "fish swim fast"] * 5
LABELS = ["cat", "cat", "dog", "dog", "fish", "fish"] * 5
KEYED = KeyedVectors(["purrs", "barks", "swim", "fish"], np.eye(4))
QUICK = {
    "random-forest": {"classifier__n_estimators": 5},
    "adaboost": {"classifier__estimator__n_estimators": 5},
    "lightgbm": {"classifier__n_estimators": 5, "classifier__min_child_samples": 2},
    "xgboost": {"classifier__estimator__n_estimators": 5},
}


class Foreign(ClassifierMixin, BaseEstimator):
    """A classifier that embedkit knows nothing of."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.skops"
    save_model(text_classifier("nb").fit(TEXTS, LABELS), path, metadata={"texts": 30})
    return path


def with_header(path, **changes):
    """The same file with another header."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members[HEADER] = json.dumps({**json.loads(members[HEADER]), **changes}).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("labels", [LABELS, [len(label) * 3 + ord(label[0]) for label in LABELS]], ids=["str", "int"])
def test_every_classifier_predicts_the_same_after_loading(name, labels, tmp_path, caplog):
    keyed = {"keyed_vectors": KEYED} if name in ("embedding", "fasttext") else {}
    model = text_classifier(name, class_weight="balanced", **keyed, **QUICK.get(name, {})).fit(TEXTS, labels)
    metadata = {"name": name, "accuracy": 0.5, "options": ["a", {"b": None}]}
    save_model(model, tmp_path / "model.skops", metadata=metadata)
    again, known = load_model(tmp_path / "model.skops")
    assert known == metadata
    assert again.predict(TEXTS).tolist() == model.predict(TEXTS).tolist()
    assert again.classes_.tolist() == model.classes_.tolist()
    for method in ("predict_proba", "decision_function"):
        assert hasattr(again, method) == hasattr(model, method)
        if hasattr(model, method):
            np.testing.assert_array_equal(getattr(again, method)(TEXTS), getattr(model, method)(TEXTS))
    assert str(again.get_params(deep=False)["steps"]) == str(model.get_params(deep=False)["steps"])
    assert not caplog.records
    with zipfile.ZipFile(tmp_path / "model.skops") as members:
        versions = json.loads(members.read(HEADER))["versions"]
    boosters = {"lightgbm", "xgboost"} & {name}
    assert set(versions) == {"embedkit", "python", "numpy", "scikit-learn", "skops", *boosters}


def test_characters_and_vectors_from_a_file(tmp_path):
    KEYED.save(tmp_path / "vectors.bin")
    for model in (
        text_classifier("fasttext", features="characters"),
        text_classifier("svm", features="characters"),
        text_classifier("embedding", keyed_vectors=tmp_path / "vectors.bin"),
    ):
        model.fit(TEXTS, LABELS)
        save_model(model, tmp_path / "model.skops")
        again, metadata = load_model(tmp_path / "model.skops")
        assert again.predict(TEXTS).tolist() == model.predict(TEXTS).tolist()
        assert metadata == {}


@pytest.mark.parametrize("pooling", ["min-mean-max", "tfidf", "sif"])
def test_every_pooling_is_stored(pooling, tmp_path):
    model = text_classifier("embedding", keyed_vectors=KEYED, features__pooling=pooling).fit(TEXTS, LABELS)
    save_model(model, tmp_path / "model.skops")
    again, _ = load_model(tmp_path / "model.skops")
    np.testing.assert_array_equal(again[0].transform(TEXTS), model[0].transform(TEXTS))


def test_odd_terms_are_kept(tmp_path):
    texts = ["é́ 🙂 \0 \ud800", "日本語 x"] * 3
    model = text_classifier("svm", features="characters").fit(texts, [0, 1] * 3)
    save_model(model, tmp_path / "model.skops")
    again, _ = load_model(tmp_path / "model.skops")
    assert again[0].vocabulary_ == model[0].vocabulary_


def test_compressed_once_more(tmp_path):
    save_model(text_classifier("nb").fit(TEXTS, LABELS), tmp_path / "model.skops.gz")
    assert load_model(tmp_path / "model.skops.gz")[0].predict(["purrs"]) == ["cat"]


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_damaged_compression(ending, tmp_path):
    path = tmp_path / f"model.skops.{ending}"
    save_model(text_classifier("nb").fit(TEXTS, LABELS), path)
    content = path.read_bytes()
    broken = bytearray(content)
    broken[len(content) // 2 : len(content) // 2 + 8] = b"\xff" * 8
    for damaged in (content[: len(content) // 2], broken):
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match=rf"cannot read .*model\.skops\.{ending}: .*damaged"):
            load_model(path)


def test_every_vectorizer_is_trusted():
    for name in embedkit.features.__all__:
        kind = getattr(embedkit.features, name)
        assert f"{kind.__module__}.{name}" in TRUSTED


def test_foreign_types_are_loaded_only_on_trust(tmp_path):
    path = tmp_path / "foreign.skops"
    save_model(Pipeline([("classifier", Foreign().fit([[1]], ["a"]))]), path)
    with pytest.raises(FormatError, match=r"types that are not trusted: .*Foreign; .*--trust \(trust=True\)"):
        load_model(path)
    model, _ = load_model(path, trust=True)
    assert model[0].classes_.tolist() == ["a"]


def test_what_is_defined_in_the_program_itself_is_not_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(Foreign, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "Foreign", Foreign, raising=False)
    with pytest.raises(InputError, match=r"it holds __main__\.Foreign, which no other program finds"):
        save_model(Foreign().fit([[1]], ["a"]), tmp_path / "foreign.skops")
    assert not list(tmp_path.iterdir())


def test_a_type_that_is_gone_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / "foreign.skops"
    save_model(Foreign().fit([[1]], ["a"]), path)
    monkeypatch.delitem(globals(), "Foreign")
    with pytest.raises(FormatError, match=r"foreign\.skops: needs .*Foreign, which cannot be imported here"):
        load_model(path, trust=True)


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "exec"), ("sklearn.datasets", "load_files"), ("embedkit.cli", "main")],
)
def test_functions_are_not_called_on_the_word_of_a_file(saved, module, name):
    """A file that names a function where its classifier should be."""
    with zipfile.ZipFile(saved) as old:
        members = {member: old.read(member) for member in old.namelist()}
    schema = json.loads(members["schema.json"])
    argument = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": '"x"'}
    schema |= {
        "__class__": name,
        "__module__": module,
        "__loader__": "ConstructorFromReduceNode",
        "content": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [argument]},
    }
    members["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(saved, "w") as new:
        for member, content in members.items():
            new.writestr(member, content)
    with pytest.raises(FormatError, match=re.escape(f"not trusted: {module}.{name}")):
        load_model(saved)


def test_other_versions_are_said_once(saved, caplog):
    then = {"embedkit": "0.0.1", "scikit-learn": "1.0", "python": "2.7.1", "skops": "0.1", "numpy": "1.0"}
    with_header(saved, versions=then)
    with caplog.at_level(logging.WARNING):
        load_model(saved)
    (record,) = caplog.records
    for package, version in then.items():
        assert f"{package} {version} (here " in record.getMessage()


def test_the_last_number_of_pythons_version_does_not_count(saved, caplog):
    major, minor = sys.version_info[:2]
    with_header(saved, versions={"python": f"{major}.{minor}.99"})
    load_model(saved)
    assert not caplog.records


def test_a_newer_format_is_refused_before_anything_else(saved):
    with_header(saved, format_version=FORMAT_VERSION + 1, versions={"embedkit": "9.9"})
    with pytest.raises(
        FormatError, match=r"format version 2, written by embedkit 9\.9; .*reads up to 1: install a newer"
    ):
        load_model(saved)


@pytest.mark.parametrize("header", [{"format_version": "1"}, {"metadata": []}, {"versions": None}])
def test_a_header_that_is_none_is_damage(saved, header):
    with_header(saved, **header)
    with pytest.raises(FormatError, match="the file is damaged"):
        load_model(saved)


def test_damaged_files(saved, tmp_path):
    content = saved.read_bytes()
    for keep in (0, 1, 10, len(content) // 2, len(content) - 1):
        (tmp_path / "cut.skops").write_bytes(content[:keep])
        with pytest.raises(FormatError, match=r"cut\.skops"):
            load_model(tmp_path / "cut.skops")
    (tmp_path / "text.skops").write_text("no model")
    with pytest.raises(FormatError, match=r"is no model file .*expected a model that save_model wrote"):
        load_model(tmp_path / "text.skops")
    text_classifier("fasttext", classifier__buckets=10).fit(TEXTS, LABELS)[0].save(tmp_path / "fast.bin.gz")
    with pytest.raises(FormatError, match=r"fast\.bin\.gz is a model file of fastText; FastTextClassifier\.load reads"):
        load_model(tmp_path / "fast.bin.gz")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "b")
    with pytest.raises(FormatError, match=r"zip archive without embedkit\.json"):
        load_model(tmp_path / "other.zip")


def test_a_flipped_byte_is_found(saved, tmp_path):
    content = saved.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as members:
        starts = [member.header_offset + 30 + len(member.filename) for member in members.infolist()]
    for start in starts:
        broken = bytearray(content)
        broken[start + 1] ^= 0x55
        (tmp_path / "flipped.skops").write_bytes(broken)
        with pytest.raises(FormatError, match="damaged"):
            load_model(tmp_path / "flipped.skops")


def test_damage_is_found_with_trust_too(saved, tmp_path):
    with zipfile.ZipFile(saved) as old:
        members = {name: old.read(name) for name in old.namelist()}
    for schema in (b"{", b"{}", b"[1]"):
        with zipfile.ZipFile(tmp_path / "damaged.skops", "w") as new:
            for name, content in (members | {"schema.json": schema}).items():
                new.writestr(name, content)
        with pytest.raises(FormatError, match=r"damaged\.skops cannot be read .*the file is damaged"):
            load_model(tmp_path / "damaged.skops", trust=True)


@pytest.mark.parametrize(
    ("attribute", "change", "message"),
    [
        ("input_vectors_", lambda vectors: vectors[:2].copy(), r"whose input_vectors_ has the shape \(2, 16\)"),
        ("output_vectors_", lambda vectors: vectors[:1].copy(), r"output_vectors_ has the shape \(1, 16\)"),
        ("output_vectors_", lambda vectors: vectors[:, :3].copy(), r"output_vectors_ has the shape \(3, 3\)"),
        ("class_counts_", lambda counts: counts[:1], r"class_counts_ has the shape \(1,\), expected \(3,\)"),
        ("bucket_ids_", lambda ids: ids[:-1], "input_vectors_ has the shape"),
        ("bucket_ids_", lambda ids: ids + 2_000_000, "buckets that are not from 0 to 1999999"),
        ("bucket_ids_", lambda ids: ids - 2_000_000, "buckets that are not from 0 to"),
        ("vocabulary_", lambda words: [*[*words][:-1], "</s>"], "a word twice"),
    ],
)
def test_a_fasttext_model_whose_arrays_do_not_fit_is_refused(attribute, change, message, tmp_path):
    model = text_classifier("fasttext").fit(TEXTS, LABELS)
    setattr(model[0], attribute, change(getattr(model[0], attribute)))
    save_model(model, tmp_path / "fast.skops")
    with pytest.raises(FormatError, match=rf"fast\.skops: a fastText model .*{message}.*it is damaged"):
        load_model(tmp_path / "fast.skops")


def test_a_file_does_not_say_which_row_a_word_has(tmp_path):
    model = text_classifier("fasttext").fit(TEXTS, LABELS)
    state = model[0].__getstate__() | {"_row_of_feature": np.full(10**7, 10**6, np.int32)}
    model[0].__setstate__(state)
    assert model[0]._row_of_feature is None


@pytest.mark.parametrize(
    ("field", "number"),
    [*itertools.product(["left_child", "right_child"], [10_000, -7, -1, 0]), ("feature", 10_000), ("feature", -2)],
)
def test_a_tree_that_leaves_its_nodes_is_refused(field, number, tmp_path):
    tree = DecisionTreeClassifier().fit([[0, 5], [1, 4], [2, 3]], ["a", "b", "c"])
    state = tree.tree_.__getstate__()
    state["nodes"][field][0] = number
    tree.tree_.__setstate__(state)
    save_model(tree, tmp_path / "tree.skops")
    with pytest.raises(FormatError, match=r"tree\.skops: a decision tree with numbers"):
        load_model(tmp_path / "tree.skops")


def test_a_tree_wider_than_what_its_forest_is_given_is_refused(tmp_path):
    forest = text_classifier("random-forest", classifier__n_estimators=2).fit(TEXTS, LABELS)
    forest["classifier"].n_features_in_ = 1
    save_model(forest, tmp_path / "forest.skops")
    with pytest.raises(FormatError, match="a decision tree with numbers"):
        load_model(tmp_path / "forest.skops")


def test_what_cannot_be_stored(tmp_path):
    model = text_classifier("nb").fit(TEXTS, LABELS)
    with pytest.raises(InputError, match="metadata cannot be stored"):
        save_model(model, tmp_path / "model.skops", metadata={"when": object()})
    model.set_params(features__preprocessor=open(__file__))  # noqa: SIM115
    with pytest.raises(InputError, match="this Pipeline cannot be stored"):
        save_model(model, tmp_path / "model.skops")
    model["features"].preprocessor.close()

    def words(text):
        return text.split()

    for function in (lambda text: text.split(), words):
        model.set_params(features__preprocessor=None, features__tokenizer=function)
        with pytest.raises(InputError, match=rf"cannot be stored: it holds .*{function.__name__}, which no other"):
            save_model(model, tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())
    with pytest.raises(OutputError, match="does not exist"):
        save_model(text_classifier("nb"), tmp_path / "nowhere" / "model.skops")


def test_a_missing_file_and_missing_packages(saved, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no such file"):
        load_model(tmp_path / "nothing.skops")
    model = text_classifier("lightgbm", **QUICK["lightgbm"]).fit(TEXTS, LABELS)
    save_model(model, tmp_path / "light.skops")
    monkeypatch.setitem(sys.modules, "lightgbm.sklearn", None)
    with pytest.raises(MissingDependencyError, match="needs the package lightgbm"):
        load_model(tmp_path / "light.skops")
    monkeypatch.setitem(sys.modules, "skops.io", None)
    for call in (lambda: load_model(saved), lambda: save_model(model, tmp_path / "new.skops")):
        with pytest.raises(MissingDependencyError, match="skops, which is not installed; pip install skops"):
            call()


@pytest.mark.parametrize("tokenizer", ["zh+punctuation", "words", "nfkc|char"])
def test_a_tokenizer_is_saved_by_name_or_as_an_object(tmp_path, tokenizer):
    texts, labels = ["我爱吃苹果。", "天气很好。"] * 3, ["a", "b"] * 3
    for one in (tokenizer, resolve_tokenizer(tokenizer)):
        model = text_classifier("nb", tokenizer=one).fit(texts, labels)
        save_model(model, tmp_path / "m.skops")
        again, _ = load_model(tmp_path / "m.skops")
        assert again.predict_proba(["天气，苹果"]).tolist() == model.predict_proba(["天气，苹果"]).tolist()


def test_a_compiled_pattern_is_refused_with_the_name_to_take(tmp_path):
    model = text_classifier("nb", tokenizer=re.compile(".")).fit(["ab", "cd"] * 2, ["a", "b"] * 2)
    with pytest.raises(InputError, match="compiled pattern; name the tokenizer instead, as 'regex:PATTERN'"):
        save_model(model, tmp_path / "m.skops")
