"""Scores of classifiers, as tables and as JSON."""

import math
from typing import TYPE_CHECKING, Any

from embedkit_cli.output import plural, print_table, printable

if TYPE_CHECKING:
    from embedkit.classify.label_sets import LabelSetScores
    from embedkit.classify.scores import Scores

__all__ = ["label_sets_as_dict", "print_label_sets", "print_scores", "scores_as_dict", "unseen_note"]


def print_scores(scores: "Scores", title: str) -> None:
    """Print measures over all documents, then a row a class, with macro and weighted means."""
    print_table(
        ("", ""),
        [("accuracy", scores.accuracy), ("macro F1", scores.macro.f1), ("ROC-AUC", scores.roc_auc)],
        title=title,
    )
    classes = zip(scores.labels, scores.precision, scores.recall, scores.f1, scores.support, strict=True)
    means = (("macro mean", scores.macro), ("weighted mean", scores.weighted))
    total = int(scores.support.sum())
    print_table(
        ("class", "precision", "recall", "F1", "support"),
        [
            *((str(label), float(p), float(r), float(f1), int(support)) for label, p, r, f1, support in classes),
            None,
            *((name, mean.precision, mean.recall, mean.f1, total) for name, mean in means),
        ],
    )


def scores_as_dict(scores: "Scores") -> dict[str, Any]:
    """The figures for JSON."""
    classes = zip(scores.labels, scores.precision, scores.recall, scores.f1, scores.support, strict=True)
    return {
        "accuracy": scores.accuracy,
        "roc_auc": scores.roc_auc,
        "macro": {"precision": scores.macro.precision, "recall": scores.macro.recall, "f1": scores.macro.f1},
        "weighted": {
            "precision": scores.weighted.precision,
            "recall": scores.weighted.recall,
            "f1": scores.weighted.f1,
        },
        "classes": [
            {"label": label, "precision": float(p), "recall": float(r), "f1": float(f1), "support": int(support)}
            for label, p, r, f1, support in classes
        ],
        "confusion": scores.confusion.tolist(),
        "unseen": scores.unseen,
    }


def print_label_sets(scores: "LabelSetScores", title: str) -> None:
    """Print a row for each number of labels that was looked at."""
    print_table(("labels", "precision", "recall"), scores.at, title=title)


def label_sets_as_dict(scores: "LabelSetScores") -> dict[str, Any]:
    """The figures for JSON; a precision of nothing is None."""
    at = [
        {"k": k, "precision": None if math.isnan(precision) else precision, "recall": recall}
        for k, precision, recall in scores.at
    ]
    return {"at": at}


def unseen_note(scores: "Scores") -> str | None:
    """Name the labels that the model cannot know, if there are any."""
    if not scores.unseen:
        return None
    count = sum(int(n) for label, n in zip(scores.labels, scores.support, strict=True) if label in set(scores.unseen))
    names = ", ".join(printable(str(label)) for label in scores.unseen[:8])
    rest = f" and {len(scores.unseen) - 8} more" if len(scores.unseen) > 8 else ""
    return f"not among the classes of the model: {names}{rest}; {plural(count, 'document')} counted as wrong"
