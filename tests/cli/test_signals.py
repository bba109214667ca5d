"""What only a process shows: interruption, broken pipes, full disks."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedkit.models.glove.state import load_state

COMMAND = [sys.executable, "-m", "embedkit"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@contextlib.contextmanager
def training(folder: Path, *options: str, name: str = "train-w2v") -> Iterator["subprocess.Popen[str]"]:
    """A training that would take hours, in the middle of its first epochs."""
    endless = ["--epochs", "1000000", "--vector-size", "16", "--threads", "2"]
    process = subprocess.Popen(
        [*COMMAND, name, "corpus.txt", "-o", "vectors.bin", *endless, *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("read 18,000 words")
        assert process.stderr.readline().startswith("vocabulary of 20 words")
        if name == "train-glove":
            assert process.stderr.readline().startswith("counted 100 pairs")
        assert process.stderr.readline().startswith("epoch 1/")
        yield process
    finally:
        process.kill()
        process.communicate()


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_training_within_a_second_and_leaves_nothing(corpus, name):
    older = corpus.with_name("vectors.bin")
    older.write_bytes(b"an older file")
    number = getattr(signal, name)
    with training(corpus.parent, "--memory", "1kB", "--save-vocab", "vocab.txt") as process:
        start = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        took = time.monotonic() - start
    assert process.returncode == 128 + number
    assert err.splitlines()[-1] == "Interrupted; nothing was written"
    assert "Traceback" not in err
    assert out == ""
    # The only test of a duration: that a command ends within a second is what users were promised.
    assert took < 1
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["corpus.txt", "vectors.bin"]
    assert older.read_bytes() == b"an older file"


@posix
def test_a_signal_between_epochs_of_glove_leaves_a_state_to_resume(corpus):
    with training(corpus.parent, "--checkpoint", "state.npz", name="train-glove") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("epoch 2/")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGINT
    assert err.splitlines()[-1] == "Interrupted; complete by then: state.npz"
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["corpus.txt", "state.npz"]
    assert load_state(corpus.with_name("state.npz")).epoch >= 1


@posix
def test_a_signal_that_the_parent_ignores_stays_ignored(corpus):
    with contextlib.ExitStack() as stack:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        stack.callback(signal.signal, signal.SIGHUP, before)
        process = stack.enter_context(training(corpus.parent))
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert process.stderr.readline().startswith("epoch ")
        assert process.poll() is None


@posix
def test_a_reader_that_leaves_early_is_no_error(trained):
    words = " ".join(["cat", "dog", "tea", "rain"] * 5)
    line = f"{sys.executable} -m embedkit neighbors {trained} {words} -k 19 | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)  # noqa: S602
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_under_standard_output_is_one_line(trained, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "info", trained], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["Error: No space left on device"]


@posix
def test_closed_standard_streams_are_no_error(corpus, trained):
    for line in (
        f"neighbors {trained} cat >&-",
        f"train-w2v {corpus} -o {corpus.with_name('v.bin')} --epochs 1 >&- 2>&-",
    ):
        done = subprocess.run(f"{sys.executable} -m embedkit {line}", shell=True, timeout=60)  # noqa: S602
        assert done.returncode == 0


@posix
@pytest.mark.parametrize("output", ["vectors.bin", "vectors.vec", "vectors"])
def test_a_disk_that_fills_up_leaves_the_older_file(corpus, output):
    """The limit on the size of a file fails a write in the middle, as a full disk does."""
    kind = ["--format", "native"] if output == "vectors" else []
    small = ["--epochs", "1", "--threads", "1", "--quiet"]
    command = [*COMMAND, "train-w2v", "corpus.txt", "-o", output, *kind, *small]
    folder = corpus.parent
    assert subprocess.run([*command, "--vector-size", "8"], cwd=folder, timeout=60).returncode == 0
    older = snapshot(folder)

    def limit() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [*command, "--vector-size", "2000"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limit,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: cannot write ")
    assert len(done.stderr.splitlines()) == 1
    assert snapshot(folder) == older


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
