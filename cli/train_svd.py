"""`embedkit train-svd`: counts of words beside words, weighed and brought down to short vectors."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.counts_input import IDLE, CountsInput, counting_options
from embedkit_cli.options import SEED, THREADS, VECTORS, WEIGHTINGS, Command, given_options, grouped
from embedkit_cli.output import count_text, duration_text, plural
from embedkit_cli.progress import Progress, Step
from embedkit_cli.report import Reporter, VectorsReport, report_options
from embedkit_cli.text_input import TextInput, text_options
from embedkit_cli.vector_outputs import VectorOutputs, vector_output_options

from embedkit.errors import OutputError

if TYPE_CHECKING:
    import numpy as np
    from embedkit_cli.outputs import NamedPaths

    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.models.svd.parameters import SVDParameters
    from embedkit.models.svd.truncated import SVDProgress

__all__ = ["train_svd"]

output = grouped("Output")
model = grouped("Model")
training = grouped("Training")


@click.command(
    "train-svd",
    cls=Command,
    examples=[
        "embedkit train-svd corpus.txt -o vectors.bin",
        "embedkit train-svd counts.npz -o vectors.bin --vector-size 300 --shift 5",
        "embedkit train-svd corpus.txt -o vectors.bin --weighting log --plot spectrum.png",
    ],
)
@vector_output_options
@output(
    "--save-singular-values",
    metavar="FILE",
    type=click.Path(),
    help="Also save the singular values, a number a line, the largest first.",
)
@output(
    "--plot",
    metavar="FILE",
    type=click.Path(),
    help="Also draw the singular values, as .png, .svg or .pdf (needs matplotlib).",
)
@report_options
@model("--vector-size", type=int, metavar="N", default=100, help="Numbers in a vector: singular values kept.")
@model(
    "--weighting",
    type=click.Choice(WEIGHTINGS),
    default="ppmi",
    help="Positive pointwise mutual information, all of it, log(1 + count), or the counts.",
)
@model("--shift", type=float, metavar="X", default=1.0, help="Subtract log X from mutual information (ppmi, pmi).")
@model(
    "--cds",
    type=float,
    metavar="X",
    default=0.75,
    help="Context distribution smoothing: contexts count to this power (ppmi, pmi).",
)
@model(
    "--eigenvalue-power",
    type=float,
    metavar="X",
    default=0.5,
    help="Scale each dimension by its singular value to this power.",
)
@model(
    "--vectors",
    type=click.Choice(VECTORS),
    default="word",
    help="What is written: vectors of the words as rows of the counts, as columns (context), or their sum.",
)
@training("--threads", **THREADS, help="Threads.")
@training("--seed", **SEED, help="Seed of the vectors that the search for singular vectors starts from.")
@counting_options()
@text_options
def train_svd(
    text: TextInput,
    counting: "CountingParameters",
    outputs: VectorOutputs,
    reporter: Reporter,
    save_singular_values: str | None,
    plot: str | None,
    threads: int,
    seed: int,
    **options: Any,
) -> None:
    """Make word vectors from counts, by PPMI and SVD.

    How often words stand beside each other is counted, weighed by mutual information, and brought down to the
    dimensions of the largest singular values.

    INPUT is a file of counts that `embedkit cooccur` made, or text: any number of files, directories (all files
    below), quoted globs, or - for standard input; .gz, .bz2 and .xz are decompressed. Text is UTF-8, a line is a
    document, and windows do not cross its end.
    """
    from embedkit.models.svd.parameters import SVDParameters

    parameters = SVDParameters(
        vector_size=options["vector_size"],
        weighting=options["weighting"],
        shift=options["shift"],
        context_smoothing=options["cds"],
        eigenvalue_power=options["eigenvalue_power"],
        vectors=options["vectors"],
    )
    # Of a file, the matrix is held whole.
    counts = CountsInput(text, counting, idle_with_file=(*IDLE, "memory"))
    job = SVDJob(counts, outputs, parameters, threads, seed, save_singular_values, plot)
    reporter.run(
        lambda progress, complete: train_and_write(job, progress, complete),
        notes=_without_effect(options["weighting"]),
    )


def _without_effect(weighting: str) -> list[str]:
    """Name the options that were given but cannot matter, so that nobody trusts them."""
    given = given_options()
    idle = () if weighting in ("ppmi", "pmi") else ("shift", "cds")
    return [f"{given[name]} has no effect with --weighting {weighting}" for name in idle if name in given]


@dataclass(frozen=True)
class SVDJob:
    """Everything a run needs to know before it starts."""

    counts: CountsInput
    outputs: VectorOutputs
    parameters: "SVDParameters"
    threads: int
    seed: int = 1
    save_singular_values: str | None = None
    plot: str | None = None


@dataclass(frozen=True, kw_only=True)
class SVDReport(VectorsReport):
    """What a run did, as `--json` prints it."""

    pairs: int
    spilled_bytes: int  # while they were counted
    singular_values: list[float]
    residual: float  # the largest of |A v - s u| / s and |A^T u - s v| / s

    @property
    def training_text(self) -> str:
        return f"residuals at most {self.residual:.1e}"


def train_and_write(job: SVDJob, progress: Progress, complete: list[str]) -> SVDReport:
    """Count, weigh, decompose and write; all that can be known to fail is found out before the text is read."""
    from embedkit.models.svd.embedding import train

    job.parameters.validate()
    source = job.counts.open()
    _check_outputs(job, source.read_files)
    with source.read(progress, threads=job.threads) as counted:
        vocabulary, pairs = counted.vocabulary, counted.counts.nnz
        job.outputs.check_words(vocabulary)
        progress.show(Step("svd", None, plural(pairs, "pair"), 0.0))
        trained = train(
            counted.counts.matrix(),
            job.parameters,
            n_threads=job.threads,
            seed=job.seed,
            on_progress=lambda step: progress.show(decomposition_step(step)),
        )
    progress.finish(
        f"decomposed into {plural(len(trained.singular_values), 'singular value')} in "
        f"{duration_text(trained.seconds)}: {trained.singular_values[0]:.4g} to {trained.singular_values[-1]:.4g}"
    )
    notes = job.outputs.write(vocabulary, trained.vectors, trained.context_vectors, complete)
    _write_spectrum(job, trained.singular_values, complete)
    return SVDReport(
        notes=notes,
        output=job.outputs.output,
        words=counted.words,
        documents=counted.documents,
        vocabulary=len(vocabulary),
        seconds={**counted.seconds, "training": trained.seconds},
        parameters={**asdict(job.parameters), **counted.parameters},
        threads=job.threads,
        seed=job.seed,
        pairs=pairs,
        spilled_bytes=counted.counts.spilled_bytes,
        singular_values=trained.singular_values.tolist(),
        residual=float(trained.residuals.max()),
    )


def _check_outputs(job: SVDJob, read: "NamedPaths") -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run."""
    if job.plot is not None:
        from embedkit.viz.figures import check_figure_output

        check_figure_output(job.plot)
    values = job.save_singular_values
    if values is not None and (values == "-" or values.lower().endswith((".npy", ".npz"))):
        raise OutputError(f"cannot write singular values to {values}: expected a text file such as values.txt")
    job.outputs.check(read, [("--save-singular-values", job.save_singular_values), ("--plot", job.plot)])


def _write_spectrum(job: SVDJob, values: "np.ndarray", complete: list[str]) -> None:
    """Write the singular values, and draw them."""
    if job.save_singular_values is not None:
        from embedkit.text.files import replace_file

        with replace_file(job.save_singular_values) as out:
            out.write("".join(f"{value:.9g}\n" for value in values).encode())
        complete.append(job.save_singular_values)
    if job.plot is not None:
        from embedkit.viz.figures import save_figure
        from embedkit.viz.spectrum import plot_singular_values

        save_figure(job.plot, lambda axes: plot_singular_values(values, ax=axes))
        complete.append(job.plot)


def decomposition_step(step: "SVDProgress") -> Step:
    """How far the decomposition is; its end comes when the residuals are small, which no clock tells."""
    return Step(
        "svd",
        step.fraction,
        f"{step.converged:,} vectors found, residual {step.residual:.1e}, {count_text(step.products)} products",
        step.seconds,
    )
