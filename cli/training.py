"""The road from text to a file of word vectors, which `train-w2v` and `demo` share."""

import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from embedkit_cli.machine import peak_rss_mb
from embedkit_cli.progress import Progress

from embedkit import __version__
from embedkit.errors import InputError, ParameterError

if TYPE_CHECKING:
    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.models.word2vec.training import EpochReport, TrainedWord2Vec
    from embedkit.text.encoding import EncodedCorpus
    from embedkit.text.vocabulary import Vocabulary
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["TrainingJob", "TrainingReport", "train_vectors"]


@dataclass(frozen=True)
class TrainingJob:
    """Everything a run needs to know before it starts."""

    inputs: Sequence[str]
    output: str
    parameters: "Word2VecParameters"
    threads: int
    seed: int = 1
    format: str | None = None
    tokenizer: str = "whitespace"
    lowercase: bool = False
    min_count: int = 5
    max_vocab: int | None = None
    memory: int = 4 * 2**30
    encoding_errors: str = "strict"
    save_vocab: str | None = None
    read_vocab: str | None = None
    init: str | None = None
    save_output_vectors: str | None = None


@dataclass(frozen=True)
class TrainingReport:
    """What a run did, as `--json` prints it."""

    words: int
    documents: int
    vocabulary: int
    epochs: int
    loss: list[float | None]  # None for an epoch in which no two words shared a window
    words_per_second: float
    seconds: dict[str, float]
    peak_rss_mb: float | None
    parameters: dict[str, Any]
    threads: int
    seed: int
    output: str
    initialised_words: int | None = None
    notes: list[str] = field(default_factory=list)
    embedkit: str = __version__


def train_vectors(job: TrainingJob, progress: Progress) -> TrainingReport:
    """Train word vectors and write them; all that can be known to fail is found out before the text is read.

    Raises
    ------
    EmbedkitError
        Whatever the user can do something about.
    KeyboardInterrupt
        Its message names the outputs that were complete by then.
    """
    from embedkit_cli.outputs import completed_outputs

    with completed_outputs() as complete:
        return _train_and_write(job, progress, complete)


def _train_and_write(job: TrainingJob, progress: Progress, complete: list[str]) -> TrainingReport:
    """Do what `train_vectors` says, and add each output to `complete` when it is."""
    from embedkit.models.word2vec.training import initial_vectors, train
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus
    from embedkit.text.vocabulary import Vocabulary

    job.parameters.validate()
    corpus = Corpus.from_paths(job.inputs, encoding_errors=job.encoding_errors)
    _check_outputs(job, corpus.files)
    vocabulary = None if job.read_vocab is None else Vocabulary.load(job.read_vocab)
    start = None if job.init is None else _load_start(job)

    with encode_corpus(
        corpus,
        tokenizer=job.tokenizer,
        lowercase=job.lowercase,
        min_count=job.min_count,
        max_vocab=job.max_vocab,
        vocabulary=vocabulary,
        n_threads=job.threads,
        memory=job.memory,
        on_progress=progress.reading,
    ) as encoded:
        progress.read(encoded)
        _check_words(job, encoded.vocabulary)
        initial, found = None, None
        if start is not None:
            initial, found = initial_vectors(start, encoded.vocabulary.words, job.parameters.vector_size)
            del start
            if not found:
                raise InputError(
                    f"no word of the text is in --init {job.init}; use the tokenizer and the case that it was made "
                    "with, or leave it out"
                )
            progress.note(f"{found:,} of {len(encoded.vocabulary):,} words start from {job.init}, the rest at random")

        def epoch_done(report: "EpochReport") -> bool:
            progress.epoch(report.epoch, job.parameters.epochs, report.loss)
            return False

        trained = train(
            encoded,
            job.parameters,
            n_threads=job.threads,
            seed=job.seed,
            initial=initial,
            on_progress=progress.training,
            on_epoch=epoch_done,
        )
    notes = _write(job, trained, encoded.vocabulary, complete)
    return _report(job, encoded, trained, found, notes)


def _check_outputs(job: TrainingJob, inputs: Sequence[str]) -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run."""
    from embedkit_cli.outputs import check_distinct, check_file_output, check_vectors_output

    check_vectors_output(job.output, job.format)
    if job.save_output_vectors is not None:
        if job.parameters.loss == "hs":
            raise ParameterError(
                "--save-output-vectors was given with --loss hs, whose output vectors belong to nodes of a tree and "
                "not to words; leave it out, or train with --loss ns"
            )
        check_vectors_output(job.save_output_vectors, job.format)
    if job.save_vocab is not None:
        check_file_output(job.save_vocab)
    # To train on into the file that --init names is fine: it is read before and replaced as a whole.
    goes_on = job.init is not None and os.path.realpath(job.init) == os.path.realpath(job.output)
    read = [*(("the input", path) for path in inputs), ("--read-vocab", job.read_vocab)]
    read += [("--init", None if goes_on else job.init)]
    written = [
        ("--output", job.output),
        ("--save-vocab", job.save_vocab),
        ("--save-output-vectors", job.save_output_vectors),
    ]
    check_distinct(*([(what, path) for what, path in some if path is not None] for some in (written, read)))


def _check_words(job: TrainingJob, vocabulary: "Vocabulary") -> None:
    """Find out before the training whether the formats of the outputs can hold the words."""
    from embedkit.vectors.formats import native
    from embedkit.vectors.formats.registry import choose_format
    from embedkit.vectors.formats.stored import check_words_fit

    for path in (job.output, job.save_output_vectors):
        if path is not None and (name := choose_format(path, job.format)) != native.NAME:
            check_words_fit(vocabulary.words, name)


def _load_start(job: TrainingJob) -> "KeyedVectors":
    """Read the vectors to start from, which must have the size that is trained."""
    from embedkit.vectors.keyed_vectors import KeyedVectors

    start = KeyedVectors.load(str(job.init))
    if start.vector_size != job.parameters.vector_size:
        raise ParameterError(
            f"--init {job.init} holds vectors of {start.vector_size} numbers, expected {job.parameters.vector_size}; "
            f"train with --vector-size {start.vector_size}"
        )
    return start


def _write(job: TrainingJob, trained: "TrainedWord2Vec", vocabulary: "Vocabulary", complete: list[str]) -> list[str]:
    """Write every output and add it to `complete`; return what the formats could not hold."""
    from embedkit_cli.outputs import save_vectors

    from embedkit.vectors.keyed_vectors import KeyedVectors

    learned = KeyedVectors(vocabulary.words, trained.vectors, vocabulary.counts)
    notes = save_vectors(learned, job.output, job.format)
    complete.append(job.output)
    if job.save_output_vectors is not None:
        contexts = KeyedVectors(vocabulary.words, trained.output_vectors, vocabulary.counts)
        notes += save_vectors(contexts, job.save_output_vectors, job.format)
        complete.append(job.save_output_vectors)
    if job.save_vocab is not None:
        vocabulary.save(job.save_vocab)
        complete.append(job.save_vocab)
    return notes


def _report(
    job: TrainingJob, encoded: "EncodedCorpus", trained: "TrainedWord2Vec", found: int | None, notes: list[str]
) -> TrainingReport:
    return TrainingReport(
        words=encoded.n_words,
        documents=encoded.n_documents,
        vocabulary=len(encoded.vocabulary),
        epochs=trained.epochs,
        loss=[loss if math.isfinite(loss) else None for loss in trained.losses],
        words_per_second=trained.words_per_second,
        seconds={"vocabulary": encoded.seconds, "training": trained.seconds},
        peak_rss_mb=peak_rss_mb(),
        parameters={
            **asdict(job.parameters),
            "learning_rate": job.parameters.start_rate,
            "min_learning_rate": job.parameters.end_rate,
            "min_count": job.min_count,
            "max_vocab": job.max_vocab,
            "tokenizer": job.tokenizer,
            "lowercase": job.lowercase,
        },
        threads=job.threads,
        seed=job.seed,
        output=job.output,
        initialised_words=found,
        notes=notes,
    )
