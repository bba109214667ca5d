"""The neural classifiers keep the contract of all classifiers, whatever they are saved as."""

import pickle

import numpy as np
import pytest
from contract import DATA, KEYED, NEW, Candidate, a_saved_classifier_predicts_the_same, check_by_check, scores
from small_networks import SIZES, SMALL, small

from embedkit import classify
from embedkit.neural import CLASSIFIERS, NEURAL_GRIDS, NEURAL_MODELS, load_model, neural_classifier

CLASS_OF_NAME = {
    "textcnn": "TextCNNClassifier",
    "rnn": "RNNClassifier",
    "gru": "RNNClassifier",
    "lstm": "RNNClassifier",
    "bilstm-attention": "RNNClassifier",
    "transformer": "TransformerClassifier",
    "han": "HierarchicalAttentionClassifier",
    "fasttext-net": "FastTextNet",
}


def named(name):
    parameters = {**SMALL, **SIZES[CLASS_OF_NAME[name]]}
    seed = parameters.pop("random_state")
    return neural_classifier(
        name, random_state=seed, **{f"classifier__{parameter}": value for parameter, value in parameters.items()}
    )


def dump(model, path):
    path.write_bytes(pickle.dumps(model))


def undump(path):
    return pickle.loads(path.read_bytes())


FILES = {
    "safetensors": (lambda model, path: model.save(path), lambda path: load_model(path, device="cpu")[0]),
    "pickle": (dump, undump),
    "skops": (classify.save_model, lambda path: classify.load_model(path)[0]),
}
BEGINNINGS = {
    "vectors": {"embedding": KEYED, "vector_size": None},
    "two-channels": {"embedding": KEYED, "vector_size": None, "freeze": "multichannel"},
    "static": {"embedding": KEYED, "vector_size": None, "freeze": "static", "max_vocab": 3},
}


@check_by_check
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_class_keeps_the_contract(name, check, tmp_path):
    save, load = FILES["safetensors"]
    check(Candidate(lambda: small(name), {"learning_rate": [0.001, 0.02]}, save, load, tmp_path))


@check_by_check
@pytest.mark.parametrize("name", NEURAL_MODELS)
def test_every_name_keeps_the_contract(name, check, tmp_path):
    # The pipeline's one step is what a file holds.
    save, load = FILES["skops"]
    parameter, values = next(iter(NEURAL_GRIDS[name].items()))
    check(Candidate(lambda: named(name), {parameter: values[:2]}, save, load, tmp_path))


@pytest.mark.parametrize("kind", ["pickle", "skops"])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_other_files_give_the_same_predictions(name, kind, tmp_path):
    a_saved_classifier_predicts_the_same(Candidate(lambda: small(name), {}, *FILES[kind], tmp_path))


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_classifier_that_began_with_vectors_is_stored_with_what_it_learned(beginning, kind, tmp_path):
    save, load = FILES[kind]
    # Words of the other texts keep the vectors they were given.
    model = small("TextCNNClassifier", **BEGINNINGS[beginning]).fit(DATA.texts[:9], DATA.labels[:9])
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    texts = [*DATA.texts, *NEW]
    np.testing.assert_allclose(scores(again, texts), scores(model, texts), rtol=0, atol=1e-7)


def test_names_are_those_of_the_classes():
    assert set(CLASS_OF_NAME) == set(NEURAL_MODELS)
    assert set(CLASS_OF_NAME.values()) == set(CLASSIFIERS)
    for name, kind in CLASS_OF_NAME.items():
        assert type(named(name)["classifier"]).__name__ == kind
