"""What the tests of lexicons share: a small WordNet of their own."""

from pathlib import Path

import pytest
from lexicon.wndb import write_wordnet

from embedkit.lexicon import WordNet


@pytest.fixture(scope="session")
def wordnet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wordnet(tmp_path_factory.mktemp("wordnet") / "dict")


@pytest.fixture
def wordnet(wordnet_folder: Path) -> WordNet:
    return WordNet(wordnet_folder)
