"""The counts that a model begins with: of a text, or from a file that `embedkit cooccur` made."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import DIRECTIONS, DISTANCES, given_options, grouped
from embedkit_cli.output import bytes_text, count_text, duration_text, plural
from embedkit_cli.phrase_options import PHRASE_OPTIONS
from embedkit_cli.progress import Progress, Step, time_left
from embedkit_cli.text_input import TextInput

from embedkit.errors import InputError, ParameterError

if TYPE_CHECKING:
    from embedkit.models.cooccurrence.counting import CountingProgress
    from embedkit.models.cooccurrence.counts import Counts
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.text.encoding import EncodedCorpus
    from embedkit.text.vocabulary import Vocabulary

__all__ = [
    "IDLE",
    "Counted",
    "CountsFile",
    "CountsInput",
    "CountsOfText",
    "count_pairs",
    "counting_options",
    "counting_step",
]

counting = grouped("Counting")
# What a counts file tells of its making, which options cannot change any more; others have no say at all.
SETTLED = ("window", "distance", "directional", "tokenizer", "lowercase", "min_count", "max_vocab")
IDLE = ("read_vocab", "encoding_errors", *PHRASE_OPTIONS)


@dataclass(frozen=True)
class Counted:
    """Counts, and what is known of the text that they were made of."""

    counts: "Counts"
    vocabulary: "Vocabulary"
    words: int | None
    documents: int | None
    seconds: dict[str, float]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class CountsInput:
    """A text and how it is counted, or a counts file."""

    text: TextInput
    counting: "CountingParameters"
    idle_with_file: tuple[str, ...] = IDLE

    def open(self) -> "CountsOfText | CountsFile":
        """Find the files of the input."""
        files = [path for path in self.text.inputs if path.lower().endswith(".npz")]
        if not files:
            return CountsOfText(self.text, self.counting)
        if len(self.text.inputs) > 1:
            raise InputError(f"{files[0]} is a counts file, expected no other INPUT beside it; give it alone")
        wanted = {**asdict(self.text), **asdict(self.counting)}
        return CountsFile(files[0], {name: wanted[name] for name in SETTLED}, self.idle_with_file)


class CountsOfText:
    """Counts that are made in this run."""

    def __init__(self, text: TextInput, parameters: "CountingParameters") -> None:
        parameters.validate()
        self.text = text
        self.parameters = parameters
        self.corpus = text.open()
        self.read_files = text.read_files(self.corpus)

    @contextmanager
    def read(self, progress: Progress, *, threads: int) -> Iterator[Counted]:
        """Read and count the text; the counts are let go afterwards."""
        from embedkit.models.cooccurrence.counting import memory_for_ids

        memory = self.text.memory
        with self.text.encode(self.corpus, progress, threads=threads, memory=memory_for_ids(memory)) as encoded:
            words, documents, vocabulary = encoded.n_words, encoded.n_documents, encoded.vocabulary
            counts = count_pairs(encoded, self.parameters, progress, threads=threads, memory=memory)
        with counts:
            yield Counted(
                counts,
                vocabulary,
                words,
                documents,
                seconds={"vocabulary": encoded.seconds, "counting": counts.seconds},
                parameters={**asdict(self.parameters), **self.text.parameters},
            )


class CountsFile:
    """Counts that `embedkit cooccur` made."""

    def __init__(self, path: str, wanted: dict[str, Any], idle: tuple[str, ...]) -> None:
        self.path = path
        self.wanted = wanted
        self.idle = idle
        self.given = given_options()
        self.read_files = [("the input", path)]

    @contextmanager
    def read(self, progress: Progress, *, threads: int) -> Iterator[Counted]:
        """Read the file, which must hold counts of pairs, made as the options say that were given."""
        from embedkit.models.cooccurrence.matrix_counts import MatrixCounts
        from embedkit.models.cooccurrence.matrix_file import load_counts

        start = time.perf_counter()
        found = load_counts(self.path)
        facts = found.parameters
        if facts.get("by") == "document":
            raise InputError(
                f"{self.path} counts words in documents, expected words beside words; "
                "make it without --by document, or give the text"
            )
        try:
            counts = MatrixCounts(found.matrix)
        except InputError as error:
            raise InputError(f"{self.path}: {error}") from error
        self._check_given(facts)
        for name in self.idle:
            if name in self.given:
                progress.note(f"{self.given[name]} has no effect on a counts file")
        progress.finish(
            f"read {plural(counts.nnz, 'pair')} of {plural(len(found.vocabulary), 'word')} from {self.path}"
        )
        yield Counted(
            counts,
            found.vocabulary,
            facts.get("words"),
            facts.get("documents"),
            seconds={"reading": time.perf_counter() - start},
            parameters={name: facts.get(name) for name in SETTLED},
        )

    def _check_given(self, facts: dict[str, Any]) -> None:
        """Raise if an option wants the counts to be others than they are."""
        for name in SETTLED:
            if name not in self.given:
                continue
            option, wanted, found = self.given[name], self.wanted[name], facts.get(name)
            if wanted == found:
                continue
            if name not in facts:
                made = "does not tell whether it was counted with that"
            elif found:
                made = f"was counted with {_as_given(option, found)}"
            else:
                made = f"was counted without {option}"
            raise ParameterError(
                f"{_as_given(option, wanted)} was given, but {self.path} {made}; leave it out, or count the text again"
            )


def _as_given(option: str, value: Any) -> str:
    """An option as it stands on a command line."""
    return option if value is True else f"{option} {value}"


def count_pairs(
    encoded: "EncodedCorpus", parameters: "CountingParameters", progress: Progress, *, threads: int, memory: int
) -> "Counts":
    """Count which words stand beside which, and report on it."""
    from embedkit.models.cooccurrence.counting import count_cooccurrences

    counts = count_cooccurrences(
        encoded,
        parameters,
        n_threads=threads,
        memory=memory,
        on_progress=lambda step: progress.show(counting_step(step)),
    )
    spilled = f", {bytes_text(counts.spilled_bytes)} through temporary files" if counts.spilled_bytes else ""
    progress.finish(f"counted {plural(counts.nnz, 'pair')} in {duration_text(counts.seconds)}{spilled}")
    return counts


def counting_step(step: "CountingProgress") -> Step:
    """How far the counting is."""
    spilled = f", {bytes_text(step.spilled)} in temporary files" if step.spilled else ""
    # The seconds are those of both stages.
    left = time_left(step.fraction, step.seconds) if step.stage == "counting" else ""
    return Step(step.stage, step.fraction, f"{count_text(step.pairs)} pairs{spilled}{left}", step.seconds)


def counting_options(window: int = 5, distance: str = "flat") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a decorator that adds the options of counting, which arrive as `CountingParameters` named ``counting``."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @counting("--window", type=int, metavar="N", default=window, help="Words of context on either side.")
        @counting(
            "--distance",
            type=click.Choice(DISTANCES),
            default=distance,
            help="What a neighbour at distance d counts: 1, 1/d, or (N - d + 1)/N, where N is the window.",
        )
        @counting(
            "--directional",
            type=click.Choice(DIRECTIONS),
            default="both",
            help="Where a context word stands beside the word.",
        )
        @wraps(function)
        def command(window: int, distance: str, directional: str, **options: Any) -> None:
            from embedkit.models.cooccurrence.parameters import CountingParameters

            function(counting=CountingParameters(window, distance, directional), **options)

        return command

    return decorate
