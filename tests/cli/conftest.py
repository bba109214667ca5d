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


@pytest.fixture
def loaded_after() -> Callable[..., set[str]]:
    """Top-level modules a process holds after running a command, and a few below."""
    program = (
        "import sys\n"
        "from embedkit_cli.main import main\n"
        "try:\n    main(sys.argv[1:], prog_name='embedkit')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *sys.modules)"
    )

    def run(*arguments: str) -> set[str]:
        line = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return set(done.stdout.rpartition("LOADED")[2].split())

    return run


@pytest.fixture
def fails(invoke, tmp_path):
    """Run a command that must fail cleanly; give its message."""
    older = tmp_path / "older.bin"
    older.write_bytes(b"an older file")

    def run(*arguments: object) -> str:
        before = sorted(tmp_path.rglob("*"))
        result = invoke(*arguments)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        assert isinstance(result.exception, SystemExit), result.exception
        message = result.stderr.splitlines()[-1]
        assert message.startswith("Error: ")
        assert older.read_bytes() == b"an older file"
        assert sorted(tmp_path.rglob("*")) == before
        return message

    return run


@pytest.fixture
def unread(tmp_path):
    """Text that fails for a reason of its own as soon as it is read."""
    path = tmp_path / "unread.txt"
    path.write_bytes(b"\xff")
    return path


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
