"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

import embedkit

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(embedkit.__path__, "embedkit.")
    # Those of embedkit.neural run with its other tests, in a process of their own.
    if module.name != "embedkit.__main__" and not module.name.startswith("embedkit.neural")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_every_public_name_has_an_example():
    for name in set(embedkit.__all__) - {"__version__"}:
        assert ">>> " in getattr(embedkit, name).__doc__, name
