"""`embedkit classify train`: score a classifier on documents held out, train it on all, and save it."""

import shlex
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import (
    MODELS,
    ModelSettings,
    library_calls,
    parse_parameters,
    set_parameters,
    settings_options,
)
from embedkit_cli.classify_scores import label_sets_as_dict, print_label_sets, print_scores, scores_as_dict
from embedkit_cli.options import Command, given_options, grouped
from embedkit_cli.output import bytes_text, duration_text, note, plural, print_json
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.table_input import TableInput, class_counts, describe_texts, header_hint, table_options

from embedkit import __version__
from embedkit.errors import InputError, MissingDependencyError, OutputError

if TYPE_CHECKING:
    from embedkit.classify.label_sets import LabelSetScores
    from embedkit.classify.validation import Validation
    from embedkit.text.tables import LabelledTexts

__all__ = ["train"]

output_option = grouped("Output")
model_option = grouped("Model")
scoring = grouped("Scoring")

FOLDS = 5  # of a search, if --cv does not say


@click.command(
    cls=Command,
    examples=[
        "embedkit classify train train.csv -o model.skops",
        "embedkit classify train reviews.tsv --text 4 --label 1 --model nbsvm --cv 5",
        "embedkit classify train news.tsv --text 1 --label 2 --features characters",
        "embedkit classify train labelled.txt --model fasttext -o model.bin",
    ],
)
@click.argument("table_path", metavar="TRAIN", type=click.Path(allow_dash=True))
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the model goes: a .skops file, or for fasttext also a .bin in fastText's format.",
)
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@output_option("-q", "--quiet", is_flag=True, help="Print the scores only.")
@model_option("--model", type=click.Choice(MODELS), metavar="NAME", default="logreg", help=f"{', '.join(MODELS)}.")
@model_option(
    "--set",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="Parameter of a step, such as classifier__C=1.0 or features__min_df=1; may be given again.",
)
@settings_options
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

    job = TrainJob(table_path, table, settings, model, parse_parameters(parameters), output, valid_size, cv, grid)
    with reporting(quiet=quiet) as progress, completed_outputs() as complete:
        for text in _without_effect(job):
            progress.note(text)
        report = run(job, progress)
        complete += [output] if output is not None else []
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
            f"trained on all {plural(self.n_documents, 'document')} in {duration_text(self.seconds['training'])}\n"
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
    if job.settings.vectors is not None and job.model not in ("embedding", "fasttext"):
        notes.append(f"--vectors has no effect with --model {job.model}")
    if job.model == "embedding" and "features" in given:
        notes.append("--features has no effect with --model embedding")
    return notes


def run(job: TrainJob, progress: Progress) -> TrainReport:
    """Score, train and save; all that can be known to fail is found out before the table is read."""
    _check_outputs(job)
    from embedkit.classify.labels import check_classes
    from embedkit.classify.pipelines import text_classifier

    remedy = f"check --set {', '.join(job.parameters)}" if job.parameters else None
    with library_calls(progress, remedy):
        model = text_classifier(job.model, **job.settings.arguments(job.model))
        set_parameters(model, job.parameters)
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
            model, found, accuracy = _search(job, model, documents, progress, seconds)
        validation = _validate(job, model, documents, progress)
        seconds["validation"] = 0.0 if validation is None else validation.seconds
        size = None
        if job.output is not None:
            progress.show(Step("training", None, plural(len(documents.texts), "document"), 0.0))
            start = time.monotonic()
            model.fit(*documents)
            seconds["training"] = time.monotonic() - start
            size = _save(job, model, documents)
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

    if job.output is None:
        return
    endings = (".skops", ".bin") if job.model == "fasttext" else (".skops",)
    if not job.output.lower().endswith(endings):
        hint = "; .bin is for --model fasttext" if job.output.lower().endswith(".bin") else ""
        raise OutputError(f"cannot write {job.output}: expected a name that ends in {' or '.join(endings)}{hint}")
    if job.output.lower().endswith(".skops") and find_spec("skops") is None:
        raise MissingDependencyError(f"{job.output} needs skops, which is not installed; pip install skops")
    check_outputs(
        [("the input", job.table_path), ("--vectors", job.settings.vectors)], files=[("--output", job.output)]
    )


def _search(
    job: TrainJob, model: Any, documents: "LabelledTexts", progress: Progress, seconds: dict[str, float]
) -> tuple[Any, dict[str, Any], float]:
    """The model with the best parameters of its grid, found without the documents that are held out."""
    import math

    from embedkit.classify.grids import param_grid
    from embedkit.classify.validation import search_parameters, split_texts

    texts, labels = documents
    grid = {name: values for name, values in param_grid(job.model).items() if name not in job.parameters}
    if job.valid_size:
        rows, _ = split_texts(labels, job.valid_size, job.settings.seed)
        texts, labels = [texts[row] for row in rows], [labels[row] for row in rows]
    folds = job.cv or FOLDS
    sets = math.prod(map(len, grid.values()))
    progress.show(Step("search", None, f"{plural(sets, 'set')} of parameters, {folds} folds", 0.0))
    start = time.monotonic()
    found, accuracy = search_parameters(model, grid, texts, labels, folds=folds, random_state=job.settings.seed)
    seconds["search"] = time.monotonic() - start
    named = ", ".join(f"{name}={value!r}" for name, value in found.items())
    progress.finish(
        f"searched {plural(sets, 'set')} of parameters in {duration_text(seconds['search'])}: {named} "
        f"(mean accuracy {accuracy:.4f})"
    )
    return model.set_params(**found), found, accuracy


def _validate(
    job: TrainJob, model: Any, documents: "LabelledTexts", progress: Progress
) -> "Validation | LabelSetScores | None":
    from embedkit.classify.label_sets import validate_label_sets
    from embedkit.classify.validation import cross_validate_texts, validate_held_out

    start, seed = time.monotonic(), job.settings.seed
    folds = None if job.grid else job.cv
    validation: Validation | LabelSetScores
    if folds is not None:

        def show(fold: int, folds: int = folds) -> None:
            progress.show(Step("scoring", (fold - 1) / folds, f"fold {fold} of {folds}", time.monotonic() - start))

        validation = cross_validate_texts(model, *documents, folds=folds, random_state=seed, on_fold=show)
    elif job.valid_size:
        progress.show(Step("scoring", None, f"{job.valid_size:.0%} held out", 0.0))
        validate = validate_label_sets if documents.has_label_sets else validate_held_out
        validation = validate(model, *documents, valid_size=job.valid_size, random_state=seed)
    else:
        return None
    progress.finish(f"scored in {duration_text(validation.seconds)}")
    return validation


def _save(job: TrainJob, model: Any, documents: "LabelledTexts") -> int:
    from pathlib import Path

    from embedkit.classify.model_file import save_model

    path = str(job.output)
    if path.lower().endswith(".bin"):
        model[-1].save(path)
    else:
        metadata = {"model": job.model, "documents": len(documents.texts), "classes": class_counts(documents.labels)}
        save_model(model, path, metadata=metadata)
    return Path(path).stat().st_size
