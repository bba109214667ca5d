"""`embedkit classify evaluate`: scores of a trained classifier on a test set."""

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import library_calls, load_classifier, trust_option
from embedkit_cli.classify_scores import label_sets_as_dict, print_label_sets, print_scores, scores_as_dict, unseen_note
from embedkit_cli.options import Command, grouped
from embedkit_cli.output import plural, print_json, printable
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.table_input import TableInput, class_counts, describe_texts, table_options

from embedkit.errors import InputError

if TYPE_CHECKING:
    from embedkit.classify.label_sets import LabelSetScores
    from embedkit.classify.scores import Scores
    from embedkit.text.tables import LabelledTexts

__all__ = ["evaluate"]

MOST_SHOWN = 8  # labels, in a message

output_option = grouped("Output")


@click.command(
    cls=Command,
    examples=[
        "embedkit classify evaluate model.skops test.csv",
        "embedkit classify evaluate model.skops test.csv --plot confusion.png --json",
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

    from embedkit.classify.label_sets import LabelSetScores

    if plot is not None:
        from embedkit.viz.figures import check_figure_output

        check_figure_output(plot)
    check_outputs([("MODEL", model), ("the input", table_path)], files=[("--plot", plot)])
    with reporting(quiet=quiet) as progress:
        classifier, _ = load_classifier(model, trust=trust)
        progress.show(Step("reading", None, table_path, 0.0))
        texts, labels = documents = table.read(table_path)
        progress.finish(describe_texts("read", texts, labels))
        progress.show(Step("predicting", None, plural(len(texts), "document"), 0.0))
        with library_calls(progress):
            result = _score(classifier, documents)
        title = f"{model} on {plural(len(texts), 'document')}"
        about = {"model": model, "test": table_path, "documents": len(texts)}
        if isinstance(result, LabelSetScores):
            if plot is not None:
                raise InputError("--plot: documents with several labels have no confusion matrix; leave it out")
            figures, show = label_sets_as_dict(result), partial(print_label_sets, result, title)
        else:
            _tell_unseen(result, progress)
            if plot is not None:
                _draw(plot, result)
                progress.finish(f"drew {plot}")
            figures, show = scores_as_dict(result), partial(print_scores, result, title)
    if as_json:
        print_json({**about, **figures})
    else:
        show()


def _score(classifier: Any, documents: "LabelledTexts") -> "Scores | LabelSetScores":
    """Scores of single labels, or of sets where the model or the documents have them."""
    from embedkit.classify.label_sets import predicts_label_sets, score_label_sets
    from embedkit.classify.prediction import class_scores
    from embedkit.classify.scores import classification_scores

    texts, labels = documents
    # A model trained in Python may have numbers for labels; what a table holds is text.
    class_of = {str(label): label for label in classifier.classes_}
    _check_some_known(class_counts(labels), class_of)
    if documents.has_label_sets or predicts_label_sets(classifier):
        sets = [one if isinstance(one, list) else [one] for one in labels]
        return score_label_sets(classifier, texts, [[class_of.get(label, label) for label in one] for one in sets])
    predicted = [str(label) for label in classifier.predict(texts)]
    return classification_scores(labels, predicted, class_scores(classifier, texts), list(class_of))


def _check_some_known(found: Iterable[str], known: Iterable[str]) -> None:
    """Raise InputError if the model can only be wrong, which is a wrong column or the wrong model."""
    if set(known).isdisjoint(found):
        have, want = (", ".join(printable(label) for label in islice(labels, MOST_SHOWN)) for labels in (found, known))
        raise InputError(
            f"no label of TEST ({have}) is among the classes of the model ({want}); check --label, --header and MODEL"
        )


def _tell_unseen(scores: "Scores", progress: Progress) -> None:
    unseen = unseen_note(scores)
    if unseen is not None:
        progress.note(unseen)


def _draw(path: str, scores: "Scores") -> None:
    from embedkit.viz.confusion import confusion_size, plot_confusion
    from embedkit.viz.figures import save_figure

    save_figure(
        path,
        lambda axes: plot_confusion(scores.confusion, scores.labels, title=f"accuracy {scores.accuracy:.4f}", ax=axes),
        size=confusion_size(len(scores.labels)),
    )
