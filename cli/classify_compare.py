"""`embedkit classify compare`: several classifiers on the same texts, in one table."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import (
    MODELS,
    NEEDS_VECTORS,
    USE_VECTORS,
    ModelSettings,
    library_calls,
    settings_options,
)
from embedkit_cli.classify_networks import ALL_MODELS, make_classifier
from embedkit_cli.classify_scores import unseen_note
from embedkit_cli.options import Command, grouped
from embedkit_cli.output import bytes_text, duration_text, is_terminal, print_json, print_table, printable
from embedkit_cli.progress import LogProgress, Step, reporting
from embedkit_cli.table_input import TableInput, describe_texts, table_options

from embedkit.errors import InputError, ParameterError

if TYPE_CHECKING:
    from embedkit.classify.compare import Comparison

__all__ = ["compare"]

output_option = grouped("Output")
model_option = grouped("Model")


class ModelNames(click.ParamType):
    """``all``, or names of classifiers with commas between them."""

    name = "models"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Sequence[str]:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if names == ["all"]:
            return MODELS
        for name in names:
            if name not in ALL_MODELS:
                self.fail(f"{name!r} is none of {', '.join(ALL_MODELS)}", param, ctx)
        if not names:
            self.fail(f"no name; expected all, or some of {', '.join(ALL_MODELS)}", param, ctx)
        return list(dict.fromkeys(names))


@click.command(
    cls=Command,
    examples=[
        "embedkit classify compare train.csv test.csv",
        "embedkit classify compare train.csv test.csv --models nb,nbsvm,fasttext",
        "embedkit classify compare train.csv test.csv --vectors vectors.bin --json",
    ],
)
@click.argument("train_path", metavar="TRAIN", type=click.Path(allow_dash=True))
@click.argument("test_path", metavar="TEST", type=click.Path(allow_dash=True))
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@output_option("-q", "--quiet", is_flag=True, help="Print the table only.")
@model_option(
    "--models",
    type=ModelNames(),
    metavar="NAMES",
    default="all",
    help=f"all, which leaves networks out, or some of {', '.join(ALL_MODELS)}.",
)
@settings_options
@table_options()
def compare(
    train_path: str,
    test_path: str,
    table: TableInput,
    settings: ModelSettings,
    models: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Train several classifiers and score them on the same test set.

    TRAIN and TEST are tables of the same layout. Each classifier begins from raw text; fit and predict are seconds
    from text to model and to labels, and size is that of the saved file. One that fails, or lacks a package, is a row
    with the reason. `embedding` needs --vectors, and all leaves it out without.

    Into a pipe go lines of model TAB accuracy TAB macro F1 TAB ROC-AUC TAB fit TAB predict TAB bytes TAB reason.
    """
    from embedkit.classify.compare import compare_classifiers

    if "embedding" in models and settings.vectors is None:
        if models is not MODELS:
            raise ParameterError(NEEDS_VECTORS)
        models = [name for name in models if name != "embedding"]
    if train_path == test_path == "-":
        raise InputError("TRAIN and TEST are both standard input; name a file for one of them")
    with reporting(quiet=quiet) as progress:
        if settings.vectors is not None and not set(USE_VECTORS) & set(models):
            progress.note("--vectors has no effect without embedding, fasttext or a network among --models")
        progress.show(Step("reading", None, f"{train_path} and {test_path}", 0.0))
        train, test = table.read(train_path), table.read(test_path)
        progress.finish(describe_texts("training", *train))
        progress.note(describe_texts("test", *test))
        settings.notice_chinese(train.texts, progress)
        if train.has_label_sets or test.has_label_sets:
            raise InputError(
                "documents have several labels, of which fasttext alone knows; train it with: "
                "embedkit classify train --model fasttext"
            )
        if set(train.labels).isdisjoint(test.labels):
            progress.note("no label of TEST is among those of TRAIN: every answer will be wrong")
        rows: list[Comparison] = []
        interruption: KeyboardInterrupt | None = None

        def show(name: str, number: int) -> None:
            place = f"{number} of {len(models)}"
            if isinstance(progress, LogProgress):
                progress.note(f"{name}: training, {place}")
            else:
                progress.show(Step(name, (number - 1) / len(models), place, 0.0))

        with library_calls(progress):
            try:
                for row in compare_classifiers(
                    models, train, test, make=partial(make_classifier, settings=settings), on_start=show
                ):
                    rows.append(row)
                    progress.note(_told(row))
            except KeyboardInterrupt as error:  # the rows so far may have taken long
                if not rows:
                    raise
                interruption = error
        scored = next((row.scores for row in rows if row.scores is not None), None)
        unseen = None if scored is None else unseen_note(scored)
        if unseen is not None:
            progress.note(unseen)
    if as_json:
        print_json(
            {
                "train": train_path,
                "test": test_path,
                "train_documents": len(train.texts),
                "test_documents": len(test.texts),
                "seed": settings.seed,
                "threads": settings.threads,
                "features": settings.features,
                "models": [_as_dict(row) for row in rows],
            }
        )
    else:
        _print(rows)
    if interruption is not None:
        raise interruption
    if scored is None:
        raise InputError("no classifier could be trained; the reasons are above")


def _told(row: "Comparison") -> str:
    if row.scores is None or row.fit_seconds is None:
        return f"{row.name}: {printable(row.reason or '')}"
    return f"{row.name}: accuracy {row.scores.accuracy:.4f}, trained in {duration_text(row.fit_seconds)}"


def _print(rows: "Sequence[Comparison]") -> None:
    people = is_terminal(sys.stdout)
    reasons = any(row.reason for row in rows)
    columns = ("model", "accuracy", "macro F1", "ROC-AUC", "fit", "predict", "size", *(["reason"] if reasons else []))
    table = []
    for row in rows:
        scores, size = row.scores, row.model_bytes
        times = (row.fit_seconds, row.predict_seconds)
        table.append(
            (
                row.name,
                None if scores is None else scores.accuracy,
                None if scores is None else scores.macro.f1,
                None if scores is None else scores.roc_auc,
                *(None if t is None else f"{t:.2f} s" if people else t for t in times),
                None if size is None else bytes_text(size) if people else size,
                *([row.reason or ""] if reasons else []),
            )
        )
    print_table(columns, table)


def _as_dict(row: "Comparison") -> dict[str, Any]:
    scores = row.scores
    return {
        "model": row.name,
        "accuracy": None if scores is None else scores.accuracy,
        "macro_f1": None if scores is None else scores.macro.f1,
        "roc_auc": None if scores is None else scores.roc_auc,
        "fit_seconds": row.fit_seconds,
        "predict_seconds": row.predict_seconds,
        "model_bytes": row.model_bytes,
        "reason": row.reason,
    }
