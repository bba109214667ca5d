"""A default that is written in several places is the same in all of them."""

import inspect
from dataclasses import MISSING, fields

import pytest
from embedkit_cli.main import main
from embedkit_cli.text_input import TextInput
from embedkit_cli.train_glove import GloVeJob
from embedkit_cli.train_svd import SVDJob
from embedkit_cli.train_w2v import Word2VecJob
from embedkit_cli.vector_outputs import VectorOutputs

from embedkit.models.cooccurrence.estimator import CooccurrenceMatrix
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.models.glove.estimator import GloVe
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.svd.estimator import SVDEmbedding
from embedkit.models.svd.parameters import SVDParameters
from embedkit.models.word2vec.estimator import Word2Vec
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.text.encoding import encode_corpus

# Options that are called otherwise than the parameter, or say its opposite.
NAMES = {
    "arch": "architecture",
    "lr": "learning_rate",
    "min_lr": "min_learning_rate",
    "cds": "context_smoothing",
}
OPPOSITES = {"no_dynamic_window": "shrink_windows", "cbow_sum": "cbow_mean"}


def of_function(function):
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def of_dataclass(kind):
    return {field.name: field.default for field in fields(kind) if field.default is not MISSING}


def of_command(name):
    given = main.get_command(None, name).make_context(name, ["corpus.txt", "-o", "output.npz"]).params
    defaults = {NAMES.get(option, option): value for option, value in given.items()}
    return defaults | {name: not given[option] for option, name in OPPOSITES.items() if option in given}


def assert_agree(some, others, n_shared):
    shared = some.keys() & others.keys()
    assert len(shared) == n_shared, sorted(shared)
    assert {name: some[name] for name in shared} == {name: others[name] for name in shared}


def test_train_w2v_has_the_defaults_of_its_parameters_and_its_job():
    assert_agree(of_command("train-w2v"), of_dataclass(Word2VecParameters), 12)
    assert_agree(of_command("train-w2v"), of_dataclass(Word2VecJob), 2)


def test_train_svd_has_the_defaults_of_its_parameters_and_its_job():
    assert_agree(of_command("train-svd"), of_dataclass(SVDParameters), 6)
    assert_agree(of_command("train-svd"), of_dataclass(SVDJob), 3)


def test_train_glove_has_the_defaults_of_its_parameters_and_its_job():
    assert_agree(of_command("train-glove"), of_dataclass(GloVeParameters), 6)
    assert_agree(of_command("train-glove"), of_dataclass(GloVeJob), 3)


@pytest.mark.parametrize("name", ["cooccur", "train-svd"])
def test_pairs_are_counted_with_the_defaults_of_the_parameters(name):
    assert_agree(of_command(name), of_dataclass(CountingParameters), 3)


@pytest.mark.parametrize("name", ["train-w2v", "train-svd", "train-glove", "cooccur"])
def test_commands_have_the_defaults_of_the_text_and_the_outputs(name):
    assert_agree(of_command(name), of_dataclass(TextInput), 7)
    assert_agree(of_command(name), of_dataclass(VectorOutputs), 1 if name == "cooccur" else 3)


@pytest.mark.parametrize(
    ("estimator", "parameters", "n_shared"),
    [
        (Word2Vec, Word2VecParameters, 12),
        (SVDEmbedding, SVDParameters, 7),
        (SVDEmbedding, CountingParameters, 3),
        (GloVe, GloVeParameters, 6),
        (CooccurrenceMatrix, CountingParameters, 3),
    ],
)
def test_estimators_have_the_defaults_of_their_parameters(estimator, parameters, n_shared):
    assert_agree(of_function(estimator), of_dataclass(parameters), n_shared)


def test_train_glove_counts_as_the_estimator_does():
    counting = {name: of_command("train-glove")[name] for name in ("window", "distance", "directional")}
    assert_agree(counting, of_function(GloVe), 3)


def test_texts_are_encoded_with_the_same_defaults_everywhere():
    assert_agree(of_dataclass(TextInput), of_function(encode_corpus), 5)
    for estimator in (Word2Vec, SVDEmbedding, GloVe):
        assert_agree(of_function(estimator), of_function(encode_corpus), 5)
