"""`embedkit cooccur`: how often words stand beside words, or in documents, as a file."""

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from embedkit_cli.counts_input import count_pairs, counting_options
from embedkit_cli.options import THREADS, Command, given_options, grouped, save_vocab_option
from embedkit_cli.output import plural
from embedkit_cli.progress import Progress, Step
from embedkit_cli.report import Reporter, RunReport, report_options
from embedkit_cli.text_input import TextInput, text_options

from embedkit.errors import OutputError

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths
    from scipy.sparse import csr_array

    from embedkit.models.cooccurrence.counts import Counts
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.text.encoding import EncodedCorpus

__all__ = ["cooccur"]

output = grouped("Output")
counting_group = grouped("Counting")


@click.command(
    cls=Command,
    examples=[
        "embedkit cooccur corpus.txt -o counts.npz",
        "embedkit cooccur 'news/*.gz' -o counts.npz --window 10 --distance harmonic",
        "embedkit cooccur corpus.txt -o terms.npz --by document --min-count 2",
    ],
)
@output("-o", "--output", required=True, type=click.Path(), help="Where the counts go; ends in .npz.")
@save_vocab_option
@report_options
@counting_group(
    "--by",
    type=click.Choice(("window", "document")),
    default="window",
    help="Count words beside words, or words in documents.",
)
@counting_options()
@counting_group("--threads", **THREADS, help="Threads. The counts do not depend on them.")
@text_options
def cooccur(
    text: TextInput,
    counting: "CountingParameters",
    reporter: Reporter,
    output: str,
    save_vocab: str | None,
    by: str,
    threads: int,
) -> None:
    """Count which words stand beside which.

    The file opens with scipy.sparse.load_npz: a row a word, and a column a word or, with --by document, a document.
    The words come along, the most frequent first. Counts of words beside words are what `embedkit train-svd` and
    `embedkit train-glove` take in place of the text; `embedkit info` says what a file holds.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, a line is a document, and windows do not cross its end.
    Documents without a word left are not counted, but keep their column with --by document.
    """
    job = CountingJob(text, counting, by, output, save_vocab, threads)
    reporter.run(lambda progress, complete: count_and_write(job, progress, complete), notes=_without_effect(by))


def _without_effect(by: str) -> list[str]:
    """Name the options that were given but cannot matter."""
    given = given_options()
    if by == "window":
        return []
    idle = [name for name in ("window", "distance", "directional") if name in given]
    notes = [f"{given[name]} has no effect with --by document" for name in idle]
    if "memory" in given:
        notes.append("--memory bounds only the word ids with --by document: the counts are held whole")
    return notes


@dataclass(frozen=True)
class CountingJob:
    """Everything a run needs to know before it starts."""

    text: TextInput
    counting: "CountingParameters"
    by: str
    output: str
    save_vocab: str | None
    threads: int


@dataclass(frozen=True, kw_only=True)
class CountingReport(RunReport):
    """What a run did, as `--json` prints it."""

    nonzero: int
    spilled_bytes: int

    def summary(self) -> str:
        path = shlex.quote(self.output)
        by_window = self.parameters["by"] == "window"
        what = "pair" if by_window else "count"
        of = "" if by_window else f" in {plural(self.documents or 0, 'document')}"
        # GloVe is meant for harmonic counts; SVD takes any.
        fitting = ["train-glove", "train-svd"] if self.parameters.get("distance") == "harmonic" else ["train-svd"]
        steps = [f"embedkit {name} {path} -o vectors.bin" for name in fitting] if by_window else []
        return "\n".join(
            [
                f"wrote {plural(self.nonzero, what)} of {plural(self.vocabulary, 'word')}{of} to {self.output}"
                f"{self.memory_text}",
                "Next:",
                *(f"  {step}" for step in [*steps, f"embedkit info {path}"]),
            ]
        )


def count_and_write(job: CountingJob, progress: Progress, complete: list[str]) -> CountingReport:
    """Count a text and write the counts; all that can be known to fail is found out before the text is read."""
    from embedkit.models.cooccurrence.counting import memory_for_ids
    from embedkit.models.cooccurrence.matrix_file import save_counts

    by_window = job.by == "window"
    if by_window:
        job.counting.validate()
    corpus = job.text.open()
    _check_outputs(job, job.text.read_files(corpus))
    memory = memory_for_ids(job.text.memory)
    with job.text.encode(corpus, progress, threads=job.threads, keep_empty=not by_window, memory=memory) as encoded:
        start = time.perf_counter()
        with _counts(job, encoded, progress) as counts:
            counting_seconds = time.perf_counter() - start
            parameters = {"by": job.by, **(asdict(job.counting) if by_window else {}), **job.text.parameters}
            facts = {**parameters, "words": encoded.n_words, "documents": encoded.n_documents}
            progress.show(Step("writing", None, job.output, 0.0))
            save_counts(job.output, counts, encoded.vocabulary, facts)
            complete.append(job.output)
    if job.save_vocab is not None:
        encoded.vocabulary.save(job.save_vocab)
        complete.append(job.save_vocab)
    return CountingReport(
        output=job.output,
        words=encoded.n_words,
        documents=encoded.n_documents,
        vocabulary=len(encoded.vocabulary),
        seconds={"vocabulary": encoded.seconds, "counting": counting_seconds},
        parameters=parameters,
        threads=job.threads,
        nonzero=counts.nnz,
        spilled_bytes=getattr(counts, "spilled_bytes", 0),
    )


@contextmanager
def _counts(job: CountingJob, encoded: "EncodedCorpus", progress: Progress) -> "Iterator[Counts | csr_array]":
    """Count pairs of words, or words in documents."""
    if job.by == "document":
        from embedkit.models.cooccurrence.documents import term_document_matrix

        yield term_document_matrix(encoded, n_threads=job.threads)
        return
    with count_pairs(encoded, job.counting, progress, threads=job.threads, memory=job.text.memory) as counts:
        yield counts


def _check_outputs(job: CountingJob, read: "NamedPaths") -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run."""
    from embedkit_cli.outputs import check_outputs

    from embedkit.text.files import OPENERS, check_path

    check_path(job.output, OutputError)
    if not job.output.lower().endswith(".npz"):
        path = Path(job.output)
        plain = str(path.with_suffix("") if path.suffix.lower() in OPENERS else path)
        raise OutputError(
            f"cannot write counts to {job.output}: expected a name that ends in .npz, which is not compressed any "
            f"further; call it {plain if plain.lower().endswith('.npz') else f'{plain}.npz'}"
        )
    check_outputs(read, files=[("--output", job.output), ("--save-vocab", job.save_vocab)])
