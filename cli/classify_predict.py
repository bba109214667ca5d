"""`embedkit classify predict`: labels for new texts, as many as there are."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from embedkit_cli.classify_models import library_calls, load_classifier, trust_option
from embedkit_cli.options import Command, grouped
from embedkit_cli.output import count_text, is_terminal, plural, printable
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.table_input import TableInput, table_options

from embedkit.errors import InputError, OutputError, ParameterError

if TYPE_CHECKING:
    from embedkit.text.tables import Document

__all__ = ["predict"]

output_option = grouped("Output")
reading = grouped("Input")


@click.command(
    cls=Command,
    examples=[
        "embedkit classify predict model.skops new.csv -o answers.csv",
        "embedkit classify predict model.skops new.csv --keep id --proba -o answers.jsonl",
        "embedkit classify predict model.skops comments.txt --lines | sort | uniq -c",
        "tail -f comments.txt | embedkit classify predict model.skops - --lines --batch 1",
    ],
)
@click.argument("model", metavar="MODEL", type=click.Path())
@click.argument("table_path", metavar="INPUT", type=click.Path(allow_dash=True))
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the answers go: .csv, .tsv or .jsonl, with a header.  [default: lines on standard output]",
)
@output_option("-k", "--top", type=click.IntRange(min=1), metavar="N", default=1, help="The N likeliest labels.")
@output_option("--proba", is_flag=True, help="Also the probability of each label.")
@output_option(
    "--threshold", type=click.FloatRange(0.0, 1.0), metavar="P", help="Only labels of at least this probability."
)
@output_option("--keep", metavar="COLUMN", multiple=True, help="Copy this column of INPUT; may be given again.")
@output_option("--json", "as_json", is_flag=True, help="Print JSON Lines instead of fields between tabs.")
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@trust_option
@reading("--lines", is_flag=True, help="INPUT is plain text, a document a line; short for --format lines.")
@reading("--batch", type=click.IntRange(min=1), metavar="N", default=1000, help="Documents predicted at a time.")
@table_options(label=False)
def predict(
    model: str,
    table_path: str,
    table: TableInput,
    output: str | None,
    top: int,
    proba: bool,
    threshold: float | None,
    keep: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    trust: bool,
    lines: bool,
    batch: int,
) -> None:
    """Predict the labels of texts.

    MODEL is a file of `embedkit classify train`, or one of fastText's supervised models (.bin, .ftz). INPUT is a
    table with a column of texts, or plain text with --lines; - is standard input. It is read as it comes, so that it
    may be larger than memory.

    On standard output a line answers each document: the label, and with --proba TAB its probability; -k adds the next
    ones behind. Columns that are kept come first.
    """
    from embedkit_cli.outputs import check_outputs, completed_outputs

    from embedkit.text.table_writer import output_format

    form = output_format(output) if output is not None else "jsonl" if as_json else "tsv"
    check_outputs([("the input", table_path), ("MODEL", model)], files=[("--output", output)])
    if output is None and sys.stdout is None:
        raise OutputError("standard output is closed, and there would be no answers; name a file with --output")
    if lines:
        table = replace(table, table_format="lines")
    with reporting(quiet=quiet) as progress, completed_outputs():
        classifier, _ = load_classifier(model, trust=trust)
        # No columns for more labels than there are.
        answering = Answering(classifier, min(top, len(classifier.classes_)), proba, threshold, keep)
        documents = table.stream(table_path)
        with _destination(output) as out:
            count = answering.answer_all(documents, batch, Answers(out, form, header=output is not None), progress)
        if output is not None:
            progress.finish(f"wrote {plural(count, 'prediction')} to {output}")


@dataclass(frozen=True)
class Answers:
    """Where answers go."""

    out: BinaryIO
    format: str
    header: bool


@dataclass(frozen=True)
class Answering:
    """How documents are answered."""

    classifier: Any
    top: int
    proba: bool
    threshold: float | None
    keep: tuple[str, ...]

    def __post_init__(self) -> None:
        from embedkit.classify.prediction import has_probabilities

        if (self.proba or self.threshold is not None) and not has_probabilities(self.classifier):
            option = "--proba" if self.proba else "--threshold"
            raise ParameterError(
                f"{option}: this model gives no probabilities; train logreg, nb, lightgbm or fasttext for them"
            )

    def answer_all(self, documents: "Iterator[Document]", batch: int, answers: Answers, progress: Progress) -> int:
        """Answer every document, some at a time; return how many there were."""
        from embedkit.classify.prediction import top_labels
        from embedkit.text.table_writer import TableWriter

        # A bad first row is an error before anything is written.
        rows = list(islice(documents, batch))
        shown = is_terminal(sys.stdout) and not answers.header
        writer = TableWriter(answers.out, answers.format, [*self.keep, *self._columns()], header=answers.header)
        count = 0
        while rows:
            with library_calls(progress):
                labels, probabilities = top_labels(self.classifier, [row.text for row in rows], self.top)
            for place, row in enumerate(rows):
                numbers = None if probabilities is None else probabilities[place].tolist()
                values = [*(_kept(row, column) for column in self.keep), *self._values(labels[place].tolist(), numbers)]
                writer.write([printable(value) if shown and isinstance(value, str) else value for value in values])
            answers.out.flush()
            count += len(rows)
            if answers.header:
                progress.show(Step("predicting", None, f"{count_text(count)} documents", 0.0))
            rows = list(islice(documents, batch))
        return count

    def _columns(self) -> list[str]:
        names = []
        for place in range(1, self.top + 1):
            suffix = "" if place == 1 else f"_{place}"
            names += [f"predicted{suffix}", *([f"probability{suffix}"] if self.proba else [])]
        return names

    def _values(self, labels: list[Any], probabilities: list[float] | None) -> list[Any]:
        """What is written of an answer: nothing in the place of labels that are not likely enough."""
        values: list[Any] = []
        for place in range(self.top):
            likely = probabilities is None or place >= len(labels) or probabilities[place] >= (self.threshold or 0.0)
            known = place < len(labels) and likely
            values.append(labels[place] if known else None)
            if self.proba and probabilities is not None:
                values.append(round(probabilities[place], 6) if known else None)
        return values


def _kept(document: "Document", column: str) -> Any:
    if column not in document.row:
        raise InputError(f"--keep {column}: line {document.line} has {', '.join(map(repr, document.row))}")
    return document.row[column]


@contextmanager
def _destination(output: str | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears when it is complete."""
    if output is None:
        yield sys.stdout.buffer
        return
    from embedkit.text.files import replace_file

    with replace_file(output) as out:
        yield out
