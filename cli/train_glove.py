"""`embedkit train-glove`: GloVe on counts of words beside words."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.counts_input import CountsInput, counting_options
from embedkit_cli.options import SEED, THREADS, VECTORS, Command, given_options, grouped
from embedkit_cli.output import count_text, plural
from embedkit_cli.progress import Progress, Step, time_left
from embedkit_cli.report import Reporter, VectorsReport, report_options
from embedkit_cli.text_input import TextInput, text_options
from embedkit_cli.vector_outputs import VectorOutputs, vector_output_options

from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.models.glove.parameters import GloVeParameters
    from embedkit.models.glove.state import GloVeState
    from embedkit.models.glove.training import EpochReport, GloVeProgress

__all__ = ["train_glove"]

model = grouped("Model")
training = grouped("Training")
NAMES = {"lr": "learning_rate"}  # options that are called otherwise than the parameter


@click.command(
    "train-glove",
    cls=Command,
    examples=[
        "embedkit train-glove corpus.txt -o vectors.bin",
        "embedkit train-glove counts.npz -o vectors.bin --vector-size 300 --x-max 100",
        "embedkit train-glove corpus.txt -o vectors.bin --checkpoint state.npz",
        "embedkit train-glove corpus.txt -o vectors.bin --resume state.npz --epochs 50",
    ],
)
@vector_output_options
@report_options
@model("--vector-size", type=int, metavar="N", default=100, help="Numbers in a vector.")
@model("--x-max", type=float, metavar="X", default=10.0, help="A pair that counts as much or more has full weight.")
@model(
    "--alpha", type=float, metavar="X", default=0.75, help="Below, the weight is (count / x-max) to this power, 0 to 1."
)
@model(
    "--vectors",
    type=click.Choice(VECTORS),
    default="sum",
    help="What is written: word vectors plus context vectors, or either.",
)
@training("--epochs", type=int, metavar="N", default=25, help="Passes over the counts, resumed ones included.")
@training("--lr", type=float, metavar="X", default=0.05, help="Learning rate of AdaGrad.")
@training("--checkpoint", metavar="FILE", type=click.Path(), help="Save the state of the training after every epoch.")
@training(
    "--resume",
    metavar="FILE",
    type=click.Path(),
    help="Go on from a state that --checkpoint saved, with its settings and on the same text. "
    "The file stays as it is unless --checkpoint names it, too.",
)
@training("--threads", **THREADS, help="Threads. One seed gives the same bytes whatever their number.")
@training("--seed", **SEED, help="Seed of everything that is drawn at random.")
@counting_options(window=10, distance="harmonic")
@text_options
def train_glove(
    text: TextInput,
    counting: "CountingParameters",
    outputs: VectorOutputs,
    reporter: Reporter,
    checkpoint: str | None,
    resume: str | None,
    threads: int,
    seed: int,
    **options: Any,
) -> None:
    """Train word vectors with GloVe.

    How often words stand beside each other is counted, and vectors are fitted whose products are the logarithms of
    the counts.

    INPUT is a file of counts that `embedkit cooccur` made, or text: any number of files, directories (all files
    below), quoted globs, or - for standard input; .gz, .bz2 and .xz are decompressed. Text is UTF-8, a line is a
    document, and windows do not cross its end.
    """
    from embedkit.models.glove.parameters import GloVeParameters

    parameters = GloVeParameters(
        vector_size=options["vector_size"],
        x_max=options["x_max"],
        alpha=options["alpha"],
        learning_rate=options["lr"],
        epochs=options["epochs"],
        vectors=options["vectors"],
    )
    job = GloVeJob(CountsInput(text, counting), outputs, parameters, threads, seed, checkpoint, resume)
    given = given_options()
    idle = [f"{given['seed']} has no effect with --resume"] if resume is not None and "seed" in given else []
    reporter.run(lambda progress, complete: train_and_write(job, progress, complete), notes=idle)


@dataclass(frozen=True)
class GloVeJob:
    """Everything a run needs to know before it starts."""

    counts: CountsInput
    outputs: VectorOutputs
    parameters: "GloVeParameters"
    threads: int
    seed: int = 1
    checkpoint: str | None = None
    resume: str | None = None


@dataclass(frozen=True, kw_only=True)
class GloVeReport(VectorsReport):
    """What a run did, as `--json` prints it."""

    pairs: int
    spilled_bytes: int  # while they were counted
    epochs: int
    resumed_epochs: int
    loss: list[float]
    pairs_per_second: float

    @property
    def training_text(self) -> str:
        return f"{self.pairs_per_second:,.0f} pairs/s"


def train_and_write(job: GloVeJob, progress: Progress, complete: list[str]) -> GloVeReport:
    """Count, train and write; all that can be known to fail is found out before the text is read."""
    from embedkit_cli.outputs import unless_replaced

    from embedkit.models.glove.state import load_state, save_state
    from embedkit.models.glove.training import train

    job.parameters.validate()
    state = None if job.resume is None else load_state(job.resume)
    parameters = job.parameters
    if state is not None:
        parameters = _parameters_of_both(parameters, state)
        state.check_parameters(parameters)
    source = job.counts.open()
    read = [*source.read_files, ("--resume", unless_replaced(job.resume, job.checkpoint))]
    job.outputs.check(read, [("--checkpoint", job.checkpoint)])

    def epoch_done(report: "EpochReport") -> bool:
        progress.epoch(report.epoch, parameters.epochs, report.loss)
        if job.checkpoint is not None:
            save_state(job.checkpoint, report.state())
            if job.checkpoint not in complete:
                complete.append(job.checkpoint)
        return False

    epochs_before = 0 if state is None else state.epoch
    with source.read(progress, threads=job.threads) as counted:
        vocabulary, pairs = counted.vocabulary, counted.counts.nnz
        job.outputs.check_words(vocabulary)
        _note_distance(counted.parameters["distance"], progress)
        progress.show(Step("shuffling", None, plural(pairs, "pair"), 0.0))
        trained = train(
            counted.counts,
            vocabulary,
            parameters,
            n_threads=job.threads,
            seed=job.seed,
            memory=job.counts.text.memory,
            resume=state,
            on_progress=lambda step: progress.show(training_step(step, epochs_before)),
            on_epoch=epoch_done,
        )
    contexts = None if job.outputs.save_output_vectors is None else trained.model.vectors("context")
    return GloVeReport(
        notes=job.outputs.write(vocabulary, trained.vectors, contexts, complete),
        output=job.outputs.output,
        words=counted.words,
        documents=counted.documents,
        vocabulary=len(vocabulary),
        seconds={**counted.seconds, "training": trained.seconds},
        parameters={**asdict(parameters), **counted.parameters},
        threads=job.threads,
        seed=job.seed if state is None else state.seed,
        pairs=pairs,
        spilled_bytes=counted.counts.spilled_bytes,
        epochs=trained.epochs,
        resumed_epochs=epochs_before,
        loss=trained.losses,
        pairs_per_second=trained.pairs_per_second,
    )


def _parameters_of_both(parameters: "GloVeParameters", state: "GloVeState") -> "GloVeParameters":
    """The parameters of a state to resume, but for those that were given."""
    given = {NAMES.get(name, name) for name in given_options()}
    if "epochs" not in given and state.parameters.epochs <= state.epoch:
        raise ParameterError(
            f"the state has {plural(state.epoch, 'epoch')}; give --epochs above {state.epoch}: it is the number in all"
        )
    return replace(state.parameters, **{name: value for name, value in asdict(parameters).items() if name in given})


def _note_distance(distance: str | None, progress: Progress) -> None:
    """Say that a file holds other counts than GloVe is usually trained on, unless that was asked for."""
    if distance not in (None, "harmonic") and "distance" not in given_options():
        progress.note(f"the pairs were counted with --distance {distance}; GloVe is meant for harmonic")


def training_step(step: "GloVeProgress", epochs_before: int) -> Step:
    """How far the training is; `epochs_before` were trained before a resumption."""
    resumed = epochs_before / step.epochs
    left = time_left((step.fraction - resumed) / (1 - resumed), step.seconds)
    rate = count_text(step.pairs / max(step.seconds, 1e-9))
    return Step(
        f"epoch {step.epoch}/{step.epochs}",
        step.fraction,
        f"{rate} pairs/s, loss {step.loss:.4f}{left}",
        step.seconds,
        share=f"{step.fraction:.0%} of the training",
    )
