"""`embedkit classify train`: score a classifier on documents held out, train it on all, and save it."""

import shlex
import time
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import (
    USE_VECTORS,
    ModelSettings,
    library_calls,
    parse_parameters,
    set_parameters,
    settings_options,
)
from embedkit_cli.classify_networks import (
    ALL_MODELS,
    NetworkSettings,
    draw_curve,
    is_network,
    make_classifier,
    network_options,
    training_shown,
    validate_watched,
)
from embedkit_cli.classify_scores import label_sets_as_dict, print_label_sets, print_scores, scores_as_dict
from embedkit_cli.classify_search import search
from embedkit_cli.options import Command, given_options, grouped
from embedkit_cli.output import bytes_text, duration_text, note, plural, print_json
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.table_input import TableInput, class_counts, describe_texts, header_hint, table_options

from embedkit import __version__
from embedkit.errors import InputError, MissingDependencyError, OutputError, ParameterError

if TYPE_CHECKING:
    from embedkit.classify.label_sets import LabelSetScores
    from embedkit.classify.validation import Validation
    from embedkit.text.tables import LabelledTexts

__all__ = ["train"]

output_option = grouped("Output")
model_option = grouped("Model")
scoring = grouped("Scoring")


@click.command(
    cls=Command,
    examples=[
        "embedkit classify train train.csv -o model.skops",
        "embedkit classify train reviews.tsv --text 4 --label 1 --model nbsvm --cv 5",
        "embedkit classify train news.tsv --text 1 --label 2 --features characters",
        "embedkit classify train labelled.txt --model fasttext -o model.bin",
        "embedkit classify train train.csv --model textcnn -o model.safetensors",
    ],
)
@click.argument("table_path", metavar="TRAIN", type=click.Path(allow_dash=True))
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the model goes: a .skops file; for fasttext also a .bin in fastText's format, for networks also a "
    ".safetensors file.",
)
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@output_option("-q", "--quiet", is_flag=True, help="Print the scores only.")
@model_option(
    "--model", type=click.Choice(ALL_MODELS), metavar="NAME", default="logreg", help=f"{', '.join(ALL_MODELS)}."
)
@model_option(
    "--set",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="Parameter of a step, such as classifier__C=1.0 or features__min_df=1; may be given again.",
)
@settings_options
@network_options
@scoring(
    "--valid-size",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    metavar="SHARE",
    default=0.1,
    help="Score on this share of the documents, held out from each class; 0 scores nothing.",
)
@scoring(
    "--cv",
    type=click.IntRange(min=2),
    metavar="FOLDS",
    help="Score by cross-validation instead; with --grid, the folds of the search.  [default with --grid: 5]",
)
@scoring("--grid", is_flag=True, help="Search the model's grid of parameters, without the documents held out.")
@table_options()
def train(
    table_path: str,
    table: TableInput,
    settings: ModelSettings,
    networks: NetworkSettings,
    model: str,
    parameters: tuple[str, ...],
    output: str | None,
    as_json: bool,
    quiet: bool,
    valid_size: float,
    cv: int | None,
    grid: bool,
) -> None:
    """Train a text classifier and say how good it is.

    TRAIN is a table of texts and labels: CSV, TSV, JSON Lines, fastText's __label__ lines, or lines of a label, a
    space and the text (--format label-text); .gz, .bz2 and .xz are decompressed, and - is standard input.

    First the model is trained on a part of the documents and scored on the rest; then it is trained on all of them,
    and saved. Into a pipe go lines of measure TAB value, then of class TAB precision TAB recall TAB F1 TAB support.
    """
    from embedkit_cli.outputs import completed_outputs

    given = parse_parameters(parameters)
    job = TrainJob(table_path, table, settings, networks, model, given, output, valid_size, cv, grid)
    with reporting(quiet=quiet) as progress, completed_outputs() as complete:
        for text in _without_effect(job):
            progress.note(text)
        report = run(job, progress)
        complete += [path for path in (output, networks.plot) if path is not None and Path(path).exists()]
    if as_json:
        print_json(report.as_dict())
    elif report.validation is not None:
        _print_validation(report.validation, report.title)
    if output is not None and not quiet and not as_json:
        note(report.summary())


@dataclass(frozen=True)
class TrainJob:
    """Everything a run needs to know before it starts."""

    table_path: str
    table: TableInput
    settings: ModelSettings
    networks: NetworkSettings
    model: str
    parameters: dict[str, Any]
    output: str | None
    valid_size: float
    cv: int | None
    grid: bool


@dataclass(frozen=True)
class TrainReport:
    """What a run did."""

    job: TrainJob
    n_documents: int
    classes: dict[str, int]
    validation: "Validation | LabelSetScores | None"
    parameters: dict[str, Any]  # those given and found
    search_accuracy: float | None
    seconds: dict[str, float]
    model_bytes: int | None

    @property
    def trained_on(self) -> str:
        """How many documents the saved model has learned from."""
        all_of_them = plural(self.n_documents, "document")
        early = is_network(self.job.model) and self.job.networks.patience is not None
        return f"{all_of_them}, but for a tenth that told when to stop," if early else f"all {all_of_them}"

    @property
    def title(self) -> str:
        """What the scores are of."""
        validation = self.validation
        if validation is None:
            return self.job.model
        folds = len(getattr(validation, "fold_accuracies", ()))
        how = f"{folds}-fold cross-validation on" if folds else f"trained on {validation.n_train:,}, scored on"
        return f"{self.job.model}, {how} {plural(validation.n_test, 'document')}"

    def as_dict(self) -> dict[str, Any]:
        """The figures for JSON."""
        validation = self.validation
        return {
            "embedkit": __version__,
            "model": self.job.model,
            "train": self.job.table_path,
            "output": self.job.output,
            "documents": self.n_documents,
            "classes": self.classes,
            "validation": None if validation is None else _validation_as_dict(validation),
            "parameters": {name: _plain(value) for name, value in self.parameters.items()},
            "search_accuracy": self.search_accuracy,
            "seconds": self.seconds,
            "model_bytes": self.model_bytes,
            "seed": self.job.settings.seed,
            "threads": self.job.settings.threads,
        }

    def summary(self) -> str:
        """What was saved, and what to do with it."""
        path = shlex.quote(str(self.job.output))
        return (
            f"trained on {self.trained_on} in {duration_text(self.seconds['training'])}\n"
            f"wrote {self.job.output} ({bytes_text(self.model_bytes or 0)})\n"
            "Next:\n"
            f"  embedkit classify evaluate {path} TEST\n"
            f"  embedkit classify predict {path} INPUT"
        )


def _validation_as_dict(validation: "Validation | LabelSetScores") -> dict[str, Any]:
    from embedkit.classify.label_sets import LabelSetScores

    about = {"train_documents": validation.n_train, "documents": validation.n_test}
    if isinstance(validation, LabelSetScores):
        return {"method": "hold-out", **about, **label_sets_as_dict(validation)}
    folds = validation.fold_accuracies
    return {
        "method": "cross-validation" if folds else "hold-out",
        **about,
        "fold_accuracies": folds,
        **scores_as_dict(validation.scores),
    }


def _print_validation(validation: "Validation | LabelSetScores", title: str) -> None:
    from embedkit.classify.label_sets import LabelSetScores

    if isinstance(validation, LabelSetScores):
        print_label_sets(validation, title)
    else:
        print_scores(validation.scores, title)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | type(None)) else str(value)


def _without_effect(job: TrainJob) -> list[str]:
    """Name the options that were given but cannot matter, so that nobody trusts them."""
    given = given_options()
    notes = []
    if job.cv is not None and not job.grid and "valid_size" in given:
        notes.append("--valid-size has no effect with --cv")
    if job.settings.vectors is not None and job.model not in USE_VECTORS:
        notes.append(f"--vectors has no effect with --model {job.model}")
    if job.model == "embedding" and "features" in given:
        notes.append("--features has no effect with --model embedding")
    return notes + job.networks.without_effect(job.model)


def run(job: TrainJob, progress: Progress) -> TrainReport:
    """Score, train and save; all that can be known to fail is found out before the table is read."""
    _check_outputs(job)
    from embedkit.classify.labels import check_classes

    remedy = f"check --set {', '.join(job.parameters)}" if job.parameters else None
    with library_calls(progress, remedy):
        model = make_classifier(job.model, job.settings, job.networks)
        set_parameters(model, job.parameters)
        if is_network(job.model):
            model[-1].check_parameters()
    progress.show(Step("reading", None, job.table_path, 0.0))
    documents = job.table.read(job.table_path)
    progress.finish(describe_texts("read", *documents))
    job.settings.notice_chinese(documents.texts, progress)
    if documents.has_label_sets:
        model = _for_label_sets(job, model, progress)
    else:
        check_classes(sorted(set(documents.labels)))
    seconds: dict[str, float] = {}
    found: dict[str, Any] = {}
    accuracy = None
    with library_calls(progress, remedy), header_hint(job.table, documents.labels):
        if job.grid:
            start = time.monotonic()
            model, found, accuracy = search(job, model, documents, progress)
            seconds["search"] = time.monotonic() - start
        validation, history = _validate(job, model, documents, progress)
        seconds["validation"] = 0.0 if validation is None else validation.seconds
        size = None
        if job.output is not None:
            progress.show(Step("training", None, plural(len(documents.texts), "document"), 0.0))
            start = time.monotonic()
            with training_shown(model, "training", progress) if is_network(job.model) else nullcontext():
                model.fit(*documents)
            seconds["training"] = time.monotonic() - start
            history = history or getattr(model[-1], "history_", None)
            size = _save(job, model, documents)
        if job.networks.plot is not None and history is not None:
            draw_curve(job.networks.plot, history, job.model)
            progress.note(f"drew {job.networks.plot}")
    return TrainReport(
        job,
        len(documents.texts),
        class_counts(documents.labels),
        validation,
        {**job.parameters, **found},
        accuracy,
        seconds,
        size,
    )


def _for_label_sets(job: TrainJob, model: Any, progress: Progress) -> Any:
    """The classifier as it suits documents with several labels."""
    if job.model != "fasttext":
        raise InputError(
            f"documents have several labels, and {job.model} predicts one; take --model fasttext, or leave one label "
            "to each"
        )
    if job.grid or job.cv is not None:
        option = "--grid" if job.grid else "--cv"
        raise InputError(f"{option} is for one label a document, and documents have several; leave it out")
    if "classifier__loss" not in job.parameters:
        progress.note("documents have several labels: a classifier for each (--set classifier__loss=ova)")
        model.set_params(classifier__loss="ova")
    return model


def _check_outputs(job: TrainJob) -> None:
    """Find out before the work whether the model can be written and overwrites nothing of the run."""
    from embedkit_cli.outputs import check_outputs

    plot = job.networks.plot if is_network(job.model) else None
    if plot is not None:
        from embedkit.viz.figures import check_figure_output

        check_figure_output(plot)
        if job.output is None and (not job.valid_size or (job.cv is not None and not job.grid)):
            raise ParameterError("--plot draws a training, and there is none: give --output, or a --valid-size")
    check_outputs(
        [("the input", job.table_path), ("--vectors", job.settings.vectors)],
        files=[("--output", job.output), ("--plot", plot)],
    )
    if job.output is None:
        return
    endings = (".skops", ".bin") if job.model == "fasttext" else (".skops",)
    endings = (".safetensors", ".skops") if is_network(job.model) else endings
    if not job.output.lower().endswith(endings):
        hint = "; .bin is for --model fasttext" if job.output.lower().endswith(".bin") else ""
        raise OutputError(f"cannot write {job.output}: expected a name that ends in {' or '.join(endings)}{hint}")
    package = Path(job.output).suffix.lower().removeprefix(".")
    if package in ("skops", "safetensors") and find_spec(package) is None:
        raise MissingDependencyError(f"{job.output} needs {package}, which is not installed; pip install {package}")


def _validate(
    job: TrainJob, model: Any, documents: "LabelledTexts", progress: Progress
) -> "tuple[Validation | LabelSetScores | None, list[dict[str, float]] | None]":
    """Scores on documents that were not learned from; of a network that was watched on them, also its history."""
    from embedkit.classify.label_sets import validate_label_sets
    from embedkit.classify.validation import cross_validate_texts, validate_held_out

    start, seed = time.monotonic(), job.settings.seed
    folds = None if job.grid else job.cv
    validation: Validation | LabelSetScores
    if folds is not None:

        def show(fold: int, folds: int = folds) -> None:
            progress.show(Step("scoring", (fold - 1) / folds, f"fold {fold} of {folds}", time.monotonic() - start))

        validation = cross_validate_texts(model, *documents, folds=folds, random_state=seed, on_fold=show)
    elif job.valid_size and is_network(job.model):
        return validate_watched(model, documents, job.valid_size, seed, progress)
    elif job.valid_size:
        progress.show(Step("scoring", None, f"{job.valid_size:.0%} held out", 0.0))
        validate = validate_label_sets if documents.has_label_sets else validate_held_out
        validation = validate(model, *documents, valid_size=job.valid_size, random_state=seed)
    else:
        return None, None
    progress.finish(f"scored in {duration_text(validation.seconds)}")
    return validation, None


def _save(job: TrainJob, model: Any, documents: "LabelledTexts") -> int:
    path = str(job.output)
    metadata = {"model": job.model, "documents": len(documents.texts), "classes": class_counts(documents.labels)}
    if path.lower().endswith(".bin"):
        model[-1].save(path)
    elif path.lower().endswith(".safetensors"):
        from embedkit.neural import save_model as save_network

        save_network(model[-1], path, metadata=metadata)
    else:
        from embedkit.classify.model_file import save_model

        save_model(model, path, metadata=metadata)
    return Path(path).stat().st_size
