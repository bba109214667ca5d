"""`embedkit classify evaluate`: scores of a trained classifier on a test set."""

from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import library_messages, load_classifier, trust_option
from embedkit_cli.classify_scores import print_scores, scores_as_dict, unseen_note
from embedkit_cli.options import Command, grouped
from embedkit_cli.output import plural, print_json
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.table_input import TableInput, describe_texts, table_options

if TYPE_CHECKING:
    from embedkit.classify.scores import Scores

__all__ = ["evaluate"]

output_option = grouped("Output")


@click.command(
    cls=Command,
    examples=[
        "embedkit classify evaluate model.skops test.csv",
        "embedkit classify evaluate model.skops test.tsv --text 4 --label 1 --plot confusion.png",
    ],
)
@click.argument("model", metavar="MODEL", type=click.Path())
@click.argument("table_path", metavar="TEST", type=click.Path(allow_dash=True))
@output_option(
    "--plot",
    metavar="FILE",
    type=click.Path(),
    help="Also draw the confusion matrix, as .png, .svg or .pdf (needs matplotlib).",
)
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@output_option("-q", "--quiet", is_flag=True, help="Print the scores only.")
@trust_option
@table_options()
def evaluate(
    model: str, table_path: str, table: TableInput, plot: str | None, as_json: bool, quiet: bool, trust: bool
) -> None:
    """Score a trained classifier on labelled texts.

    MODEL is a file of `embedkit classify train`, or one of fastText's supervised models; TEST is a table as for
    training. Labels that the model has never seen are named, and count as wrong.

    Into a pipe go lines of measure TAB value, then of class TAB precision TAB recall TAB F1 TAB support.
    """
    from embedkit_cli.outputs import check_outputs

    if plot is not None:
        from embedkit.viz.figures import check_figure_output

        check_figure_output(plot)
    check_outputs([("MODEL", model), ("the input", table_path)], files=[("--plot", plot)])
    with reporting(quiet=quiet) as progress:
        classifier, _ = load_classifier(model, trust=trust)
        texts, labels = table.read(table_path)
        progress.note(describe_texts("read", texts, labels))
        progress.show(Step("predicting", None, plural(len(texts), "document"), 0.0))
        scores = _score(classifier, texts, labels, progress)
        unseen = unseen_note(scores)
        if unseen is not None:
            progress.note(unseen)
        if plot is not None:
            _draw(plot, scores)
            progress.finish(f"drew {plot}")
    if as_json:
        print_json({"model": model, "test": table_path, "documents": len(texts), **scores_as_dict(scores)})
    else:
        print_scores(scores, f"{model} on {plural(len(texts), 'document')}")


def _score(classifier: Any, texts: list[str], labels: Any, progress: Progress) -> "Scores":
    from embedkit.classify.validation import score_model

    with library_messages(progress):
        return score_model(classifier, texts, labels)


def _draw(path: str, scores: "Scores") -> None:
    from embedkit.viz.confusion import confusion_size, plot_confusion
    from embedkit.viz.figures import save_figure

    save_figure(
        path,
        lambda axes: plot_confusion(scores.confusion, scores.labels, title=f"accuracy {scores.accuracy:.4f}", ax=axes),
        size=confusion_size(len(scores.labels)),
    )
