"""`embedkit evaluate`: scores for word vectors on analogies and on human judgements of similarity."""

import math
import sys
from typing import TYPE_CHECKING

import click
from embedkit_cli.options import Command, CommandGroup, VectorsFile, json_option, method_option, vectors_argument
from embedkit_cli.output import is_terminal, print_json, print_table

if TYPE_CHECKING:
    from embedkit.evaluate.analogies import AnalogyScores, SectionScore

__all__ = ["evaluate", "print_analogy_scores"]


@click.group(
    cls=CommandGroup,
    examples=[
        "embedkit evaluate analogies vectors.bin questions-words.txt",
        "embedkit evaluate similarity vectors.bin EN-WS-353-ALL.txt EN-MEN-TR-3k.txt",
    ],
)
def evaluate() -> None:
    """Score word vectors on known tests."""


@evaluate.command(
    cls=Command,
    examples=[
        "embedkit evaluate analogies vectors.bin questions-words.txt",
        "embedkit evaluate analogies vectors.bin questions-words.txt --method mul --json",
    ],
)
@vectors_argument
@click.argument("questions", type=click.Path())
@click.option(
    "--restrict-vocab",
    type=click.IntRange(min=0),
    default=30_000,
    metavar="N",
    help="Only the N most frequent words count, in questions and as answers; 0 for all.",
)
@method_option
@json_option
def analogies(
    vectors: VectorsFile,
    questions: str,
    restrict_vocab: int,
    method: str,
    as_json: bool,
) -> None:
    """Answer the questions of a file like questions-words.txt.

    QUESTIONS holds lines of four words under ": section" headers. Case is folded. A question with a word beyond
    --restrict-vocab is skipped, as word2vec's compute-accuracy and gensim do it. Sections named gram... are
    syntactic, the others semantic.

    Into a pipe go lines of section TAB accuracy TAB correct TAB answered TAB skipped.
    """
    from embedkit.evaluate.analogies import evaluate_analogies

    table = vectors.load()
    scores = evaluate_analogies(table, questions, restrict_vocab=restrict_vocab or None, method=method)
    if as_json:
        print_json({"vectors": vectors.path, "questions": questions, **scores.as_dict()})
    else:
        print_analogy_scores(scores)


def print_analogy_scores(scores: "AnalogyScores", *, drawn: bool | None = None) -> None:
    """Print a row a section, then semantic, syntactic and total."""
    sums = (scores.semantic, scores.syntactic, scores.total)
    print_table(
        ("section", "accuracy", "correct", "answered", "skipped"),
        [*map(_score_row, scores.sections), None, *map(_score_row, sums)],
        drawn=drawn,
    )
    if not scores.total.total and is_terminal(sys.stderr):
        click.echo("No question could be answered; is it the language and the case of the vectors?", err=True)


def _score_row(score: "SectionScore") -> tuple[str, float | None, int, int, int]:
    return score.name, score.accuracy if score.total else None, score.correct, score.total, score.skipped


@evaluate.command(
    cls=Command,
    examples=[
        "embedkit evaluate similarity vectors.bin EN-WS-353-ALL.txt",
        "embedkit evaluate similarity vectors.bin EN-*.txt --json",
    ],
)
@vectors_argument
@click.argument("pairs", metavar="PAIRS...", nargs=-1, required=True, type=click.Path())
@json_option
def similarity(
    vectors: VectorsFile,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Correlate cosines with the scores that people gave to pairs of words.

    PAIRS are files of lines "word, word, score", separated by tabs, commas or spaces. Case is folded to what the
    vocabulary has. Pairs with an unknown word are left out; coverage says how many were used.

    Into a pipe go lines of name TAB Spearman TAB Pearson TAB used TAB pairs TAB coverage.
    """
    from embedkit.evaluate.similarity import evaluate_similarity

    table = vectors.load()
    scores = [evaluate_similarity(table, path) for path in pairs]
    if as_json:
        print_json({"vectors": vectors.path, "sets": [score.as_dict() for score in scores]})
        return
    print_table(
        ("set", "Spearman", "Pearson", "used", "pairs", "coverage"),
        [(s.name, _or_none(s.spearman), _or_none(s.pearson), s.n_used, s.n_pairs, s.coverage) for s in scores],
    )


def _or_none(correlation: float) -> float | None:
    return None if math.isnan(correlation) else correlation
