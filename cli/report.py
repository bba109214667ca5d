"""What a run says when it is done: JSON for programs, notes and a summary for people."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import wraps
from typing import Any

from embedkit_cli.machine import peak_rss_mb
from embedkit_cli.options import grouped
from embedkit_cli.output import duration_text, note, plural, print_json
from embedkit_cli.progress import Progress, reporting

from embedkit import __version__

__all__ = ["Reporter", "RunReport", "VectorsReport", "report_options"]

output = grouped("Output")


@dataclass(frozen=True, kw_only=True)
class RunReport(ABC):
    """What a run did, as ``--json`` prints it; a subclass adds what its command has to tell."""

    output: str
    words: int | None  # None where a counts file does not say
    documents: int | None
    vocabulary: int
    seconds: dict[str, float]
    parameters: dict[str, Any]
    threads: int
    notes: list[str] = field(default_factory=list)
    peak_rss_mb: float | None = field(default_factory=peak_rss_mb)
    embedkit: str = __version__

    @abstractmethod
    def summary(self) -> str:
        """What was made, how long it took, and what to do with it."""

    @property
    def memory_text(self) -> str:
        """The most memory that was held, to stand behind other figures."""
        return "" if self.peak_rss_mb is None else f", at most {self.peak_rss_mb:,.0f} MB of memory"


@dataclass(frozen=True, kw_only=True)
class VectorsReport(RunReport):
    """What a run did that made word vectors."""

    seed: int

    def summary(self) -> str:
        path = shlex.quote(self.output)
        return (
            f"wrote {plural(self.vocabulary, 'vector')} of size {self.parameters['vector_size']} to {self.output}\n"
            f"trained in {duration_text(self.seconds['training'])}, {self.training_text}{self.memory_text}\n"
            f"Next:\n"
            f"  embedkit neighbors {path} WORD\n"
            f"  embedkit info {path}"
        )

    @property
    @abstractmethod
    def training_text(self) -> str:
        """How fast or how good the training was."""


@dataclass(frozen=True)
class Reporter:
    """How much a command says."""

    as_json: bool
    quiet: bool

    def run(self, work: Callable[[Progress, list[str]], RunReport], notes: Iterable[str] = ()) -> None:
        """Say the notes, do the work and report on it.

        `work` is given a reporter and a list, to which it adds every output that is complete: an interruption names
        them.
        """
        from embedkit_cli.outputs import completed_outputs

        with reporting(quiet=self.quiet) as progress, completed_outputs() as complete:
            for text in notes:
                progress.note(text)
            report = work(progress, complete)
            for text in report.notes:
                progress.note(text)
        if self.as_json:
            print_json(asdict(report))
        elif not self.quiet:
            note(report.summary())


def report_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add --json and --quiet, which arrive as one `Reporter` named ``reporter``."""

    @output("--json", "as_json", is_flag=True, help="Print one JSON object about the run on standard output.")
    @output("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
    @wraps(function)
    def command(as_json: bool, quiet: bool, **options: Any) -> None:
        function(reporter=Reporter(as_json, quiet), **options)

    return command
