"""Reports on standard error: bars on a terminal, lines elsewhere, nothing when quiet."""

import contextlib
import logging
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest
from embedkit_cli import progress as progress_module
from embedkit_cli.counts_input import counting_step
from embedkit_cli.progress import LogProgress, Step, reporting
from embedkit_cli.text_input import reading_step
from embedkit_cli.train_glove import training_step as glove_step
from embedkit_cli.train_svd import decomposition_step
from embedkit_cli.train_w2v import training_step

from embedkit.models.cooccurrence.counting import CountingProgress
from embedkit.models.glove.training import GloVeProgress
from embedkit.models.svd.truncated import SVDProgress


@dataclass
class Reading:
    bytes_done: int = 50_000_000
    bytes_total: int | None = 100_000_000
    words: int = 9_000_000
    vocabulary: int = 12_345
    seconds: float = 0.5


@dataclass
class Training:
    epoch: int = 2
    epochs: int = 5
    fraction: float = 0.25
    words: int = 3_000_000
    loss: float = 2.34567
    learning_rate: float = 0.01875
    seconds: float = 10.0


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [1000.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def test_lines_say_how_far_and_how_fast(clock, capsys):
    log = LogProgress()
    clock[0] += 6
    log.show(reading_step(Reading()))
    clock[0] += 6
    log.show(reading_step(Reading(bytes_total=None)))
    clock[0] += 6
    log.show(training_step(Training()))
    assert capsys.readouterr().err.splitlines() == [
        "reading: 50% (50.0 MB), 100 MB/s, 9.00M words, 12.3k different",
        "reading: 50.0 MB, 100 MB/s, 9.00M words, 12.3k different",
        "epoch 2/5: 25% of the training, 300k words/s, loss 2.346, lr 0.0187, 30 s left",
    ]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            counting_step(CountingProgress("counting", 0.25, 12_345_678, 0, 2.0)),
            "counting: 25%, 12.3M pairs, 6.0 s left",
        ),
        (
            counting_step(CountingProgress("merging", 0.5, 12_345_678, 3_400_000_000, 9.0)),
            "merging: 50%, 12.3M pairs, 3.4 GB in temporary files",
        ),
        (
            decomposition_step(SVDProgress(0.4, 57, 0.0321, 9_600, 9.0)),
            "svd: 40%, 57 vectors found, residual 3.2e-02, 9.60k products",
        ),
        (
            glove_step(GloVeProgress(3, 4, 0.5, 2_000_000, 0.123456, 10.0), epochs_before=0),
            "epoch 3/4: 50% of the training, 200k pairs/s, loss 0.1235, 10 s left",
        ),
        (
            glove_step(GloVeProgress(3, 4, 0.75, 2_000_000, 0.123456, 10.0), epochs_before=2),
            "epoch 3/4: 75% of the training, 200k pairs/s, loss 0.1235, 10 s left",
        ),
    ],
    ids=["counting", "merging", "svd", "glove", "glove resumed"],
)
def test_each_stage_says_how_far_it_is(step, line):
    assert str(step) == line


def test_lines_come_at_most_every_few_seconds_and_ever_more_rarely(clock, capsys):
    log = LogProgress()
    for second in range(3600):
        clock[0] += 1
        log.show(training_step(Training(seconds=float(second))))
    lines = capsys.readouterr().err.splitlines()
    assert 50 < len(lines) < 150


def test_the_start_has_no_time_left(clock, capsys):
    log = LogProgress()
    clock[0] += 6
    log.show(training_step(Training(fraction=0.0, words=0, seconds=0.0)))
    assert "left" not in capsys.readouterr().err


def test_a_line_that_was_said_puts_the_next_one_off(clock, capsys):
    log = LogProgress()
    clock[0] += 6
    log.finish("the stage before")
    log.show(Step("counting", 0.5, "fast", 6.0))
    assert capsys.readouterr().err == "the stage before\n"


def test_a_stage_of_unknown_length_has_no_percentage():
    assert str(Step("svd", None, "100 products", 1.0)) == "svd: 100 products"
    assert str(Step("counting", 0.25, "9 pairs", 1.0)) == "counting: 25%, 9 pairs"


def test_each_epoch_gets_its_line(capsys):
    LogProgress().epoch(3, 5, 1.23456)
    assert capsys.readouterr().err == "epoch 3/5 done: loss 1.2346\n"


def test_quiet_says_nothing_and_silences_warnings(capsys):
    with reporting(quiet=True) as progress:
        progress.note("a word")
        progress.show(Step("reading", 0.5, "fast", 100.0))
        progress.finish("read it")
        progress.epoch(1, 1, 0.5)
        assert not logging.getLogger("embedkit.text").isEnabledFor(logging.WARNING)
    assert logging.getLogger("embedkit.text").isEnabledFor(logging.WARNING)
    assert capsys.readouterr() == ("", "")


@contextlib.contextmanager
def terminal(columns: int):
    """Two ends of a terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        yield ours, theirs
    finally:
        os.close(ours)


def shown_on_a_terminal(command: list[str], columns: int = 80) -> str:
    """What a command draws on a terminal: standard output and error."""
    with terminal(columns) as (ours, theirs):
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        shown = b""
        while True:
            with contextlib.suppress(OSError):  # Linux says EIO when the other end is closed, others say nothing
                more = os.read(ours, 65536)
                shown += more
                if more:
                    continue
            break
        assert process.wait() == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_bars_with_rate_loss_and_learning_rate(corpus, columns):
    command = [sys.executable, "-m", "embedkit", "train-w2v", str(corpus), "-o", str(corpus.with_name("v.bin"))]
    shown = shown_on_a_terminal([*command, "--epochs", "40", "--vector-size", "50", "--threads", "1"], columns)
    assert "read 18,000 words" in shown
    assert "words/s, loss " in shown
    assert "lr 0.0" in shown
    assert "epoch 40/40" in shown


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("train-glove", ["--epochs", "300"], ["reading", "counting", "pairs/s, loss ", "epoch 300/300"]),
        ("train-svd", [], ["reading", "counting", "svd", "decomposed into 8 singular values"]),
    ],
)
def test_a_terminal_shows_a_bar_for_each_stage(corpus, name, options, expected):
    command = [sys.executable, "-m", "embedkit", name, str(corpus), "-o", str(corpus.with_name("v.bin"))]
    shown = shown_on_a_terminal([*command, "--vector-size", "8", "--threads", "1", *options], columns=100)
    assert [text for text in expected if text not in shown] == []


def test_a_terminal_shows_tables(trained):
    shown = shown_on_a_terminal([sys.executable, "-m", "embedkit", "neighbors", str(trained), "cat", "tea"])
    assert "Nearest to cat" in shown
    assert "Nearest to tea" in shown
    assert "similarity" in shown
    assert "\t" not in shown
