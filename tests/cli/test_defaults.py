"""A default that is written in several places is the same in all of them."""

import inspect
from dataclasses import MISSING, fields

from embedkit_cli.train_w2v import train_w2v
from embedkit_cli.training import TrainingJob

from embedkit.models.word2vec.estimator import Word2Vec
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.text.encoding import encode_corpus

# Options that are called otherwise than the parameter, or say its opposite.
NAMES = {"arch": "architecture", "lr": "learning_rate", "min_lr": "min_learning_rate", "output_format": "format"}
OPPOSITES = {"no_dynamic_window": "shrink_windows", "cbow_sum": "cbow_mean"}


def of_function(function):
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def of_dataclass(kind):
    return {field.name: field.default for field in fields(kind) if field.default is not MISSING}


def of_command():
    given = train_w2v.make_context("train-w2v", ["corpus.txt", "-o", "vectors.bin"]).params
    defaults = {NAMES.get(option, option): value for option, value in given.items()}
    return defaults | {name: not given[option] for option, name in OPPOSITES.items()}


def assert_agree(some, others, n_shared):
    shared = some.keys() & others.keys()
    assert len(shared) == n_shared, sorted(shared)
    assert {name: some[name] for name in shared} == {name: others[name] for name in shared}


def test_the_command_has_the_defaults_of_the_parameters():
    assert_agree(of_command(), of_dataclass(Word2VecParameters), 12)


def test_the_command_has_the_defaults_of_a_training_job():
    assert_agree(of_command(), of_dataclass(TrainingJob), 12)


def test_the_estimator_has_the_defaults_of_the_parameters():
    assert_agree(of_function(Word2Vec), of_dataclass(Word2VecParameters), 12)


def test_a_training_job_and_the_estimator_have_the_defaults_of_the_encoding():
    assert_agree(of_dataclass(TrainingJob), of_function(encode_corpus), 5)
    assert_agree(of_function(Word2Vec), of_function(encode_corpus), 5)
