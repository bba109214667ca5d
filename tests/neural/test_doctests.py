"""Every example in a docstring of embedkit.neural runs."""

import doctest
import importlib
import pkgutil

import pytest

from embedkit import neural

FOUND = pkgutil.walk_packages(neural.__path__, f"{neural.__name__}.")
MODULES = [neural.__name__, *sorted(module.name for module in FOUND)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_every_classifier_has_an_example():
    for name in neural.CLASSIFIERS:
        assert ">>> " in getattr(neural, name).__doc__, name
