"""What the tests of the command share: a small corpus, trained vectors, and two ways to run a command."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from embedkit_cli.main import main

COMMAND = [sys.executable, "-m", "embedkit"]
# Each row is a world of its own: its words meet each other and no others.
WORLDS = (
    "cat dog mouse fur paw",
    "red green blue colour paint",
    "tea coffee cup milk sugar",
    "rain snow wind cloud storm",
)


@pytest.fixture(scope="session")
def text() -> str:
    draw = random.Random(7)
    return "".join(" ".join(draw.choices(draw.choice(WORLDS).split(), k=12)) + "\n" for _ in range(1500))


@pytest.fixture
def corpus(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text(text)
    return path


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run a command in this process."""

    def run(*arguments: object, **settings: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **settings)

    return run


@pytest.fixture
def command() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a command in a process of its own."""

    def run(*arguments: object, **settings: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, **settings)

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, text: str) -> Path:
    """Vectors of the small corpus."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "corpus.txt").write_text(text)
    options = ["--vector-size", "16", "--epochs", "15", "--threads", "1", "--sample", "0", "--quiet"]
    result = CliRunner().invoke(
        main, ["train-w2v", str(folder / "corpus.txt"), "-o", str(folder / "vectors.bin"), *options]
    )
    assert result.exit_code == 0, result.output
    return folder / "vectors.bin"
