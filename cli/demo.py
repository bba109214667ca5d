"""`embedkit demo`: the whole road on a corpus of planted facts."""

import shlex
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.evaluate import print_analogy_scores
from embedkit_cli.options import THREADS, Command
from embedkit_cli.output import duration_text, print_table
from embedkit_cli.progress import reporting
from embedkit_cli.text_input import TextInput
from embedkit_cli.train_w2v import Word2VecJob, train_vectors
from embedkit_cli.vector_outputs import VectorOutputs

from embedkit.errors import OutputError, TrainingError

if TYPE_CHECKING:
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["demo"]

WORDS = 1_000_000
SETTINGS: dict[str, Any] = {"vector_size": 50, "epochs": 5}
# A sound build reaches 0.99, vectors that learned nothing 0.
FILES = ("corpus.txt", "questions.txt", "vectors.bin")
FLOOR = 0.8
SHOWN_NEIGHBORS = ("paris", "queen", "walked")
SHOWN_ANALOGIES = (("man", "king", "woman"), ("france", "paris", "italy"), ("walk", "walked", "swim"))


@click.command(
    cls=Command,
    examples=[
        "embedkit demo",
        "embedkit demo --output planted",
    ],
)
@click.option("-o", "--output", metavar="DIR", type=click.Path(), help="Keep corpus, questions and vectors here.")
@click.option(
    "--threads",
    **THREADS,
    help="Threads.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show the results only.")
def demo(output: str | None, threads: int, quiet: bool) -> None:
    """Train on a corpus of planted facts, and ask what was learned.

    The corpus is made up: a million words from a small grammar of capitals, genders, plurals, tenses and comparisons.
    It is trained exactly as `embedkit train-w2v` does it, in less than a minute. The command fails if the vectors
    answer less than 80 % of the questions about the planted facts.
    """
    from embedkit_cli.outputs import completed_outputs

    from embedkit.evaluate.analogies import evaluate_analogies
    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.text.planted import planted_questions, write_planted_corpus, write_planted_questions
    from embedkit.vectors.keyed_vectors import KeyedVectors

    start = time.monotonic()
    with completed_outputs() as complete, _folder(output) as folder, reporting(quiet=quiet) as progress:
        corpus, questions, vectors = (str(folder / name) for name in FILES)
        progress.note(f"writing {WORDS:,} words about planted facts")
        write_planted_corpus(corpus, n_words=WORDS)
        write_planted_questions(questions)
        complete += [corpus, questions] if output is not None else []
        options = [part for name, value in SETTINGS.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        progress.note("$ " + shlex.join(["embedkit", "train-w2v", "corpus.txt", "-o", "vectors.bin", *options]))
        job = Word2VecJob(TextInput([corpus]), VectorOutputs(vectors), Word2VecParameters(**SETTINGS), threads)
        train_vectors(job, progress, complete if output is not None else [])
        learned = KeyedVectors.load(vectors)
    scores = evaluate_analogies(learned, planted_questions())

    _show_answers(learned)
    print_analogy_scores(scores, drawn=True)
    click.echo(f"The whole took {duration_text(time.monotonic() - start)}. {_next_steps(output)}")
    if not scores.total.accuracy >= FLOOR:  # NaN if no question could be asked
        raise TrainingError(
            f"only {scores.total.accuracy:.1%} of the questions about planted facts were answered, expected at least "
            f"{FLOOR:.0%}; this build of embedkit does not learn: run its tests"
        )


@contextmanager
def _folder(output: str | None) -> Iterator[Path]:
    """The folder to work in: one that stays, or one that goes away."""
    if output is None:
        with tempfile.TemporaryDirectory(prefix="embedkit-demo-") as name:
            yield Path(name)
        return
    for name in FILES:
        if Path(output, name).exists():
            raise OutputError(f"{Path(output, name)} exists and would be lost; name another folder")
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {output}: {error.strerror}; choose another") from error
    yield Path(output)


def _show_answers(learned: "KeyedVectors") -> None:
    rows = [(word, *_words(learned.most_similar(positive=[word], topn=4))) for word in SHOWN_NEIGHBORS]
    print_table(("word", "its nearest", "", "", ""), rows, title="Nearest neighbors", drawn=True)
    rows = []
    for a, b, c in SHOWN_ANALOGIES:
        rows.append(
            (f"{a} is to {b} as {c} is to", *_words(learned.most_similar(positive=[b, c], negative=[a], topn=2)))
        )
    print_table(("analogy", "answer", "second"), rows, title="Analogies", drawn=True)


def _words(answer: list[tuple[str, float]]) -> list[str]:
    return [f"{word} {score:.2f}" for word, score in answer]


def _next_steps(output: str | None) -> str:
    lines = ["Next, on your own text:", "  embedkit train-w2v your-text.txt -o vectors.bin"]
    if output is not None:
        vectors, questions = (str(Path(output) / name) for name in ("vectors.bin", "questions.txt"))
        lines += [
            "or on what the demo made:",
            f"  {shlex.join(['embedkit', 'neighbors', vectors, 'london'])}",
            f"  {shlex.join(['embedkit', 'evaluate', 'analogies', vectors, questions])}",
        ]
    return "\n".join(lines)
