"""What importing loads: as little as can be."""

import subprocess
import sys

import pytest

import embedkit

HEAVY = ["numpy", "scipy", "sklearn", "torch", "matplotlib", "rich", "click", "pandas", "lightgbm", "xgboost", "gensim"]
HEAVY += ["rjieba", "opencc", "wn", "nltk", "skorch", "safetensors"]


def loaded_by(code):
    """Which of HEAVY a fresh interpreter has loaded after `code`."""
    script = f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_embedkit_loads_nothing_heavy():
    assert loaded_by("import embedkit") == []


@pytest.mark.parametrize("name", ["KeyedVectors", "Corpus", "Vocabulary"])
def test_texts_and_vectors_need_numpy_alone(name):
    assert loaded_by(f"from embedkit import {name}") == ["numpy"]


def test_training_below_the_estimator_needs_no_scikit_learn():
    assert loaded_by("import embedkit.models.word2vec.training") == ["numpy"]


def test_public_names_are_listed_and_found():
    assert set(embedkit.__all__) <= set(dir(embedkit))
    for name in embedkit.__all__:
        assert getattr(embedkit, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Word3Vec'"):
        _ = embedkit.Word3Vec
