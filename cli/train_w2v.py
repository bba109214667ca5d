"""`embedkit train-w2v`: word2vec on the user's own text."""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import ARCHITECTURES, LOSSES, SEED, THREADS, Command, given_options, grouped
from embedkit_cli.output import count_text
from embedkit_cli.phrase_options import phrases_report
from embedkit_cli.progress import Progress, Step, time_left
from embedkit_cli.report import Reporter, VectorsReport, report_options
from embedkit_cli.text_input import TextInput, text_options
from embedkit_cli.vector_outputs import VectorOutputs, vector_output_options

from embedkit.errors import InputError, ParameterError

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths

    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.models.word2vec.training import EpochReport, TrainingProgress
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["Word2VecJob", "train_vectors", "train_w2v"]

output = grouped("Output")
model = grouped("Model")
training = grouped("Training")


@click.command(
    "train-w2v",
    cls=Command,
    examples=[
        "embedkit train-w2v corpus.txt -o vectors.bin",
        "embedkit train-w2v 'news/*.txt.gz' -o vectors.vec --tokenizer words --lowercase",
        "zcat corpus.gz | embedkit train-w2v - -o vectors.bin --arch cbow --epochs 10",
        "embedkit train-w2v corpus.txt -o vectors.bin --phrases 2",
    ],
)
@vector_output_options
@output("--save-phrases", metavar="FILE", type=click.Path(), help="Also save the phrases that --phrases finds.")
@report_options
@model("--arch", type=click.Choice(ARCHITECTURES), default="skipgram", help="Predict the context, or from it.")
@model("--loss", type=click.Choice(LOSSES), default="ns", help="Negative sampling or hierarchical softmax.")
@model("--vector-size", type=int, metavar="N", default=100, help="Numbers in a vector.")
@model("--window", type=int, metavar="N", default=5, help="Words of context on either side.")
@model("--no-dynamic-window", is_flag=True, help="Always use the whole window, not one drawn from 1 to --window.")
@model("--cbow-sum", is_flag=True, help="CBOW: add the context vectors up instead of taking their mean.")
@model("--negative", type=int, metavar="N", default=5, help="Noise words for each example (ns).")
@model(
    "--ns-exponent", type=float, metavar="X", default=0.75, help="Noise words are drawn by count to this power (ns)."
)
@model(
    "--sample",
    type=float,
    metavar="X",
    default=1e-3,
    help="Drop words more frequent than this share at random; 0 keeps all.",
)
@training("--epochs", type=int, metavar="N", default=5, help="Passes over the text.")
@training("--lr", type=float, metavar="X", show_default="0.025; cbow 0.05", help="Learning rate at the start.")
@training("--min-lr", type=float, metavar="X", show_default="0.0001", help="Learning rate at the end.")
@training(
    "--init",
    metavar="VECTORS",
    type=click.Path(),
    help="Start from the vectors of this file, for the words it has; others start at random.",
)
@training("--threads", **THREADS, help="Threads. One thread and one seed give the same bytes again.")
@training("--seed", **SEED, help="Seed of everything that is drawn at random.")
@text_options
def train_w2v(
    text: TextInput, outputs: VectorOutputs, reporter: Reporter, threads: int, seed: int, **options: Any
) -> None:
    """Train word vectors with word2vec.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, a line is a document, and windows do not cross its end.
    """
    from embedkit.models.word2vec.parameters import Word2VecParameters

    parameters = Word2VecParameters(
        vector_size=options["vector_size"],
        window=options["window"],
        architecture=options["arch"],
        loss=options["loss"],
        negative=options["negative"],
        ns_exponent=options["ns_exponent"],
        sample=options["sample"],
        shrink_windows=not options["no_dynamic_window"],
        cbow_mean=not options["cbow_sum"],
        learning_rate=options["lr"],
        min_learning_rate=options["min_lr"],
        epochs=options["epochs"],
    )
    job = Word2VecJob(text, outputs, parameters, threads, seed, options["init"], options["save_phrases"])
    reporter.run(lambda progress, complete: train_vectors(job, progress, complete), notes=_without_effect(options))


def _without_effect(options: dict[str, Any]) -> list[str]:
    """Name the options that were given but cannot matter, so that nobody trusts them."""
    idle = []
    if options["arch"] != "cbow":
        idle += [("cbow_sum", "--arch cbow")]
    if options["loss"] != "ns":
        idle += [("negative", "--loss ns"), ("ns_exponent", "--loss ns")]
    given = given_options()
    return [f"{given[name]} has no effect without {needed}" for name, needed in idle if name in given]


@dataclass(frozen=True)
class Word2VecJob:
    """Everything a run needs to know before it starts."""

    text: TextInput
    outputs: VectorOutputs
    parameters: "Word2VecParameters"
    threads: int
    seed: int = 1
    init: str | None = None
    phrases_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Word2VecReport(VectorsReport):
    """What a run did, as `--json` prints it."""

    epochs: int
    loss: list[float | None]  # None for an epoch in which no two words shared a window
    words_per_second: float
    initialised_words: int | None
    phrases: dict[str, Any] | None  # None if none was to be joined

    @property
    def training_text(self) -> str:
        return f"{self.words_per_second:,.0f} words/s"


def train_vectors(job: Word2VecJob, progress: Progress, complete: list[str]) -> Word2VecReport:
    """Train word vectors and write them, which `train-w2v` and `demo` share.

    All that can be known to fail is found out before the text is read. Each output is added to `complete` when it is.

    Raises
    ------
    EmbedkitError
        Whatever the user can do something about.
    """
    from embedkit.models.word2vec.training import initial_vectors, train
    from embedkit.text.phrases import JoinedCorpus

    parameters = job.parameters
    parameters.validate()
    corpus = job.text.open()
    _check_outputs(job, job.text.read_files(corpus))
    start = None if job.init is None else _load_start(job)

    with job.text.encode(corpus, progress, threads=job.threads) as encoded:
        vocabulary = encoded.vocabulary
        job.outputs.check_words(vocabulary)
        initial, found = None, None
        if start is not None:
            initial, found = initial_vectors(start, vocabulary.words, parameters.vector_size)
            del start
            if not found:
                raise InputError(
                    f"no word of the text is in --init {job.init}; use the tokenizer and the case that it was made "
                    "with, or leave it out"
                )
            progress.note(f"{found:,} of {len(vocabulary):,} words start from {job.init}, the rest at random")

        if isinstance(encoded, JoinedCorpus) and job.phrases_file is not None:
            encoded.phrases.save(job.phrases_file)
            complete.append(job.phrases_file)

        def epoch_done(report: "EpochReport") -> bool:
            progress.epoch(report.epoch, parameters.epochs, report.loss)
            return False

        trained = train(
            encoded,
            parameters,
            n_threads=job.threads,
            seed=job.seed,
            initial=initial,
            on_progress=lambda step: progress.show(training_step(step)),
            on_epoch=epoch_done,
        )
    notes = job.outputs.write(vocabulary, trained.vectors, trained.output_vectors, complete)
    seconds = {"vocabulary": encoded.seconds, "training": trained.seconds}
    if isinstance(encoded, JoinedCorpus):
        seconds["phrases"] = encoded.phrase_seconds
    return Word2VecReport(
        notes=notes,
        output=job.outputs.output,
        words=encoded.n_words,
        documents=encoded.n_documents,
        vocabulary=len(vocabulary),
        seconds=seconds,
        parameters={
            **asdict(parameters),
            "learning_rate": parameters.start_rate,
            "min_learning_rate": parameters.end_rate,
            **job.text.parameters,
        },
        threads=job.threads,
        seed=job.seed,
        epochs=trained.epochs,
        loss=[loss if math.isfinite(loss) else None for loss in trained.losses],
        words_per_second=trained.words_per_second,
        initialised_words=found,
        phrases=phrases_report(encoded),
    )


def _check_outputs(job: Word2VecJob, read: "NamedPaths") -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run."""
    from embedkit_cli.outputs import unless_replaced

    if job.outputs.save_output_vectors is not None and job.parameters.loss == "hs":
        raise ParameterError(
            "--save-output-vectors was given with --loss hs, whose output vectors belong to nodes of a tree and "
            "not to words; leave it out, or train with --loss ns"
        )
    if job.phrases_file is not None and not job.text.phrases.passes:
        raise ParameterError("--save-phrases was given without --phrases, which finds them; add --phrases")
    job.outputs.check(
        [*read, ("--init", unless_replaced(job.init, job.outputs.output))], [("--save-phrases", job.phrases_file)]
    )


def _load_start(job: Word2VecJob) -> "KeyedVectors":
    """Read the vectors to start from, which must have the size that is trained."""
    from embedkit.vectors.keyed_vectors import KeyedVectors

    start = KeyedVectors.load(str(job.init))
    if start.vector_size != job.parameters.vector_size:
        raise ParameterError(
            f"--init {job.init} holds vectors of {start.vector_size} numbers, expected {job.parameters.vector_size}; "
            f"train with --vector-size {start.vector_size}"
        )
    return start


def training_step(step: "TrainingProgress") -> Step:
    """How far the training is."""
    return Step(
        f"epoch {step.epoch}/{step.epochs}",
        step.fraction,
        f"{count_text(step.words / max(step.seconds, 1e-9))} words/s, loss {step.loss:.3f}, "
        f"lr {step.learning_rate:.4f}{time_left(step.fraction, step.seconds)}",
        step.seconds,
        share=f"{step.fraction:.0%} of the training",
    )
