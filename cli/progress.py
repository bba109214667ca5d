"""How a training run reports on standard error: bars on a terminal, log lines elsewhere, nothing when quiet."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from embedkit_cli.output import (
    bytes_text,
    count_text,
    duration_text,
    is_terminal,
    note,
    plural,
    warnings_silenced,
)

if TYPE_CHECKING:
    from embedkit.models.word2vec.training import TrainingProgress
    from embedkit.text.encoding import EncodedCorpus, EncodingProgress

__all__ = ["LogProgress", "Progress", "TerminalProgress", "reporting"]


class Progress:
    """Reporter that says nothing; the others say the same things in their own way."""

    def reading(self, step: "EncodingProgress") -> None:
        """Report from the middle of the vocabulary pass."""

    def read(self, encoded: "EncodedCorpus") -> None:
        """Report the end of the vocabulary pass."""

    def training(self, step: "TrainingProgress") -> None:
        """Report from the middle of an epoch."""

    def epoch(self, epoch: int, epochs: int, loss: float) -> None:
        """Report the end of an epoch."""

    def note(self, text: str) -> None:
        """Say something that is worth knowing at any time."""


class LogProgress(Progress):
    """Lines for a log: one a stage and epoch, and one now and then in between, more rarely the longer it takes."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def reading(self, step: "EncodingProgress") -> None:
        if self._due(step.seconds):
            self.note(f"reading: {_share(step)}, {_reading_rate(step)}")

    def read(self, encoded: "EncodedCorpus") -> None:
        self.note(_corpus_text(encoded))

    def training(self, step: "TrainingProgress") -> None:
        if self._due(step.seconds):
            self.note(f"epoch {step.epoch}/{step.epochs}: {step.fraction:.0%} of the training, {_training_rate(step)}")

    def epoch(self, epoch: int, epochs: int, loss: float) -> None:
        self._last = time.monotonic()
        self.note(f"epoch {epoch}/{epochs} done: loss {loss:.4f}")

    def note(self, text: str) -> None:
        note(text)

    def _due(self, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._last < max(5.0, seconds / 20):
            return False
        self._last = now
        return True


class TerminalProgress(Progress):
    """Two bars, one after the other: the vocabulary pass and the training."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._bar: Any = None
        self._stage = ""

    def reading(self, step: "EncodingProgress") -> None:
        self._show("reading", step.bytes_done, step.bytes_total, _reading_rate(step))

    def read(self, encoded: "EncodedCorpus") -> None:
        self.clear()
        self.note(_corpus_text(encoded))

    def training(self, step: "TrainingProgress") -> None:
        self._show(f"epoch {step.epoch}/{step.epochs}", step.fraction, 1.0, _training_rate(step))

    def epoch(self, epoch: int, epochs: int, loss: float) -> None:
        if epoch == epochs:
            self.clear()
        self.note(f"epoch {epoch}/{epochs} done: loss {loss:.4f}")

    def note(self, text: str) -> None:
        self._display.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show(self, stage: str, done: float, total: float | None, detail: str) -> None:
        if self._bar is None:
            self._bar = self._display.add_task(stage, total=total, detail=detail)
        self._display.update(self._bar, description=stage, completed=done, total=total, detail=detail, refresh=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._display.remove_task(self._bar)
            self._display.refresh()
            self._bar = None


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Progress]:
    """Give the reporter that suits standard error; a quiet one silences warnings, too."""
    if quiet:
        with warnings_silenced():
            yield Progress()
    elif not is_terminal(sys.stderr) or os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        yield LogProgress()
    else:
        from rich import progress
        from rich.console import Console

        columns = (
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=None),
            progress.TaskProgressColumn(),
            progress.TextColumn("{task.fields[detail]}", markup=False),
        )
        with progress.Progress(*columns, console=Console(stderr=True), expand=True, auto_refresh=False) as display:
            terminal = TerminalProgress(display)
            try:
                yield terminal
            finally:
                terminal.clear()


def _share(step: "EncodingProgress") -> str:
    """How far the reading is; the whole is unknown for standard input."""
    done = bytes_text(step.bytes_done)
    return f"{step.bytes_done / step.bytes_total:.0%} ({done})" if step.bytes_total else done


def _reading_rate(step: "EncodingProgress") -> str:
    rate = step.bytes_done / max(step.seconds, 1e-9)
    return f"{rate / 1e6:.0f} MB/s, {count_text(step.words)} words, {count_text(step.vocabulary)} different"


def _training_rate(step: "TrainingProgress") -> str:
    left = step.seconds * (1 - step.fraction) / step.fraction if step.fraction > 0 else None
    return (
        f"{count_text(step.words / max(step.seconds, 1e-9))} words/s, loss {step.loss:.3f}, "
        f"lr {step.learning_rate:.4f}" + (f", {duration_text(left)} left" if left is not None else "")
    )


def _corpus_text(encoded: "EncodedCorpus") -> str:
    rate = f", {encoded.n_bytes / encoded.seconds / 1e6:.0f} MB/s" if encoded.n_bytes >= 1e6 else ""
    return (
        f"read {plural(encoded.n_words, 'word')} in {plural(encoded.n_documents, 'document')} "
        f"({bytes_text(encoded.n_bytes)} in {duration_text(encoded.seconds)}{rate})\n"
        f"vocabulary of {plural(len(encoded.vocabulary), 'word')}"
    )
