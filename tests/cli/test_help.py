"""The help, the version, and how little either loads."""

import os
import re
import subprocess
import sys

import click
import pytest
from embedkit_cli import main as cli_main
from embedkit_cli import options
from embedkit_cli.main import COMMANDS, main

import embedkit

PATHS = [[name] for name in COMMANDS] + [["evaluate", "analogies"], ["evaluate", "similarity"]]
PATHS += [["classify", name] for name in ("train", "predict", "evaluate", "compare", "attention")]
PATHS += [["lm", name] for name in ("train", "perplexity", "score", "generate", "next", "convert", "mix")]
PATHS += [["lexicon", name] for name in ("synonyms", "antonyms", "hypernyms", "hyponyms")]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_a_description_and_an_example(invoke, path):
    result = invoke(*path, "--help")
    assert result.exit_code == 0
    assert len(result.output.split("\n\n")[1].strip()) > 20
    assert re.search(rf"^Examples:\n  embedkit {' '.join(path)}", result.output, re.MULTILINE)
    assert max(map(len, result.output.splitlines())) <= 84


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_option_has_a_help_text(path):
    command = main
    for name in path:
        command = command.get_command(click.Context(command), name)
    assert not [p.name for p in command.params if isinstance(p, click.Option) and not p.help]


def test_help_names_every_command_with_its_purpose(invoke):
    output = invoke("--help").output
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w.+", output, re.MULTILINE)
    # A purpose that does not fit its line would be cut.
    assert "..." not in output.replace("[ARGS]...", "")


def test_every_section_of_the_help_holds_known_commands():
    assert sorted(COMMANDS) == sorted(name for section in cli_main.SECTIONS.values() for name in section)


def test_version_is_the_packages(invoke):
    assert embedkit.__version__ in invoke("--version").output


def test_help_loads_click_at_most(loaded_after):
    heavy = {"numpy", "scipy", "sklearn", "rich", "torch", "matplotlib", "embedkit.text", "embedkit.vectors"}
    assert not heavy & loaded_after("--help")
    assert "click" in loaded_after("--help")


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_of_a_command_loads_no_numpy(loaded_after, path):
    assert not {"numpy", "rich"} & loaded_after(*path, "--help")


def test_training_loads_no_scikit_learn_and_no_scipy(corpus, tmp_path, loaded_after):
    loaded = loaded_after("train-w2v", str(corpus), "-o", str(tmp_path / "v.bin"), "--epochs", "1", "--quiet")
    assert "numpy" in loaded
    assert not {"sklearn", "scipy", "torch", "rich"} & loaded


def test_unknown_command_is_a_usage_error(invoke):
    result = invoke("trian")
    assert result.exit_code == 2
    assert "No such command 'trian'" in result.output


def test_choices_are_those_of_the_package():
    from embedkit.evaluate.analogies import METHODS
    from embedkit.lm.parameters import SMOOTHINGS
    from embedkit.models.cooccurrence.parameters import DIRECTIONS, DISTANCES
    from embedkit.models.glove.parameters import VECTORS
    from embedkit.models.svd.weighting import WEIGHTINGS
    from embedkit.models.word2vec.parameters import ARCHITECTURES, LOSSES
    from embedkit.text.decoding import ENCODING_ERRORS
    from embedkit.text.tokenizers import TOKENIZERS
    from embedkit.vectors.formats.registry import FORMATS

    assert set(options.TOKENIZERS) == set(TOKENIZERS)
    assert set(options.FORMATS) == set(FORMATS)
    assert set(options.ENCODING_ERRORS) == set(ENCODING_ERRORS)
    assert set(options.ARCHITECTURES) == set(ARCHITECTURES)
    assert set(options.LOSSES) == set(LOSSES)
    assert set(options.METHODS) == set(METHODS)
    assert set(options.DISTANCES) == set(DISTANCES)
    assert set(options.DIRECTIONS) == set(DIRECTIONS)
    assert set(options.WEIGHTINGS) == set(WEIGHTINGS)
    assert set(options.VECTORS) == set(VECTORS)
    assert options.SMOOTHINGS == SMOOTHINGS


def test_the_module_runs_as_the_command():
    done = subprocess.run([sys.executable, "-m", "embedkit", "--help"], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0
    assert "train-w2v" in done.stdout
