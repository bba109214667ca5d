"""A default that is written in several places is the same in all of them."""

import inspect
from dataclasses import MISSING, fields

import pytest
from embedkit_cli.main import main
from embedkit_cli.text_input import TextInput
from embedkit_cli.train_w2v import Word2VecJob
from embedkit_cli.vector_outputs import VectorOutputs

from embedkit.models.word2vec.estimator import Word2Vec
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.text.encoding import encode_corpus

# Options that are called otherwise than the parameter, or say its opposite.
NAMES = {"arch": "architecture", "lr": "learning_rate", "min_lr": "min_learning_rate"}
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
    given = main.get_command(None, name).make_context(name, ["corpus.txt", "-o", "output.bin"]).params
    defaults = {NAMES.get(option, option): value for option, value in given.items()}
    return defaults | {name: not given[option] for option, name in OPPOSITES.items() if option in given}


def assert_agree(some, others, n_shared):
    shared = some.keys() & others.keys()
    assert len(shared) == n_shared, sorted(shared)
    assert {name: some[name] for name in shared} == {name: others[name] for name in shared}


def test_train_w2v_has_the_defaults_of_its_parameters_and_its_job():
    assert_agree(of_command("train-w2v"), of_dataclass(Word2VecParameters), 12)
    assert_agree(of_command("train-w2v"), of_dataclass(Word2VecJob), 2)


@pytest.mark.parametrize("name", ["train-w2v"])
def test_commands_have_the_defaults_of_the_text_and_the_outputs(name):
    assert_agree(of_command(name), of_dataclass(TextInput), 7)
    assert_agree(of_command(name), of_dataclass(VectorOutputs), 3)


def test_word2vec_has_the_defaults_of_its_parameters():
    assert_agree(of_function(Word2Vec), of_dataclass(Word2VecParameters), 12)


def test_texts_are_encoded_with_the_same_defaults_everywhere():
    assert_agree(of_dataclass(TextInput), of_function(encode_corpus), 5)
    assert_agree(of_function(Word2Vec), of_function(encode_corpus), 5)
