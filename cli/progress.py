"""How a run reports on standard error: a bar on a terminal, log lines elsewhere, nothing when quiet."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from embedkit_cli.output import duration_text, is_terminal, note, warnings_silenced

__all__ = ["LogProgress", "Progress", "Step", "TerminalProgress", "reporting", "time_left"]


@dataclass(frozen=True)
class Step:
    """How far a stage of a run is.

    Attributes
    ----------
    stage : str
        Its name.
    fraction : float or None
        How much of it is done; None where that cannot be known.
    detail : str
        Rates and figures.
    seconds : float
        Since it began.
    share : str, optional
        How far in words, for a log: a percentage if None.
    """

    stage: str
    fraction: float | None
    detail: str
    seconds: float
    share: str | None = None

    def __str__(self) -> str:
        share = f"{self.fraction:.0%}" if self.share is None and self.fraction is not None else self.share
        return f"{self.stage}: {self.detail if share is None else f'{share}, {self.detail}'}"


class Progress:
    """Reporter that says nothing; the others say the same things in their own way."""

    def show(self, step: Step) -> None:
        """Report from the middle of a stage."""

    def note(self, text: str) -> None:
        """Say something that is worth knowing at any time."""

    def finish(self, text: str) -> None:
        """Report the end of a stage."""
        self.note(text)

    def epoch(self, epoch: int, epochs: int, loss: float) -> None:
        """Report the end of an epoch, which ends the training if it is the last."""
        (self.finish if epoch == epochs else self.note)(f"epoch {epoch}/{epochs} done: loss {loss:.4f}")


class LogProgress(Progress):
    """Lines for a log: one a stage and epoch, and one now and then in between, more rarely the longer it takes."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def show(self, step: Step) -> None:
        if time.monotonic() - self._last >= max(5.0, step.seconds / 20):
            self.note(str(step))

    def note(self, text: str) -> None:
        self._last = time.monotonic()
        note(text)


class TerminalProgress(Progress):
    """One bar at a time, for the stage that runs."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._bar: Any = None

    def show(self, step: Step) -> None:
        total = None if step.fraction is None else 1.0
        if self._bar is None:
            self._bar = self._display.add_task(step.stage, total=total, detail=step.detail)
        self._display.update(
            self._bar,
            description=step.stage,
            completed=step.fraction or 0.0,
            total=total,
            detail=step.detail,
            refresh=True,
        )

    def note(self, text: str) -> None:
        self._display.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def finish(self, text: str) -> None:
        self.clear()
        self.note(text)

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


def time_left(fraction: float, seconds: float) -> str:
    """Estimate how long a stage will go on, to stand behind its figures; nothing if it has just begun."""
    return f", {duration_text(seconds * (1 - fraction) / fraction)} left" if fraction > 0 else ""
