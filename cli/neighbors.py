"""`embedkit neighbors` and `embedkit analogy`: questions to a file of word vectors."""

import sys
from typing import Literal

import click
from embedkit_cli.options import Command, VectorsFile, json_option, method_option, vectors_argument
from embedkit_cli.output import is_terminal, print_json, print_table, printable

__all__ = ["analogy", "neighbors"]

top = click.option("-k", "--top", type=click.IntRange(min=1), metavar="N", default=10, help="How many words to show.")


@click.command(
    cls=Command,
    examples=[
        "embedkit neighbors vectors.bin king",
        "embedkit neighbors vectors.bin king queen -k 5",
    ],
)
@vectors_argument
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@top
@json_option
def neighbors(
    vectors: VectorsFile,
    words: tuple[str, ...],
    top: int,
    as_json: bool,
) -> None:
    """Show the words whose vectors point the same way.

    Into a pipe go lines of word TAB cosine similarity; with several words, the word asked for comes first.
    """
    table = vectors.load()
    answers = {word: table.most_similar(positive=[word], topn=top) for word in words}
    if as_json:
        print_json({word: _as_json(answer) for word, answer in answers.items()})
        return
    for word, answer in answers.items():
        if is_terminal(sys.stdout) or len(words) == 1:
            print_table(("word", "similarity"), answer, title=f"Nearest to {printable(word)}")
        else:
            print_table(("asked", "word", "similarity"), [(word, *row) for row in answer])


@click.command(
    cls=Command,
    examples=[
        "embedkit analogy vectors.bin man king woman",
        "embedkit analogy vectors.bin france paris italy -k 3",
    ],
)
@vectors_argument
@click.argument("a")
@click.argument("b")
@click.argument("c")
@top
@method_option
@json_option
def analogy(
    vectors: VectorsFile,
    a: str,
    b: str,
    c: str,
    top: int,
    method: Literal["add", "mul"],
    as_json: bool,
) -> None:
    """Complete an analogy: A is to B as C is to what?"""
    table = vectors.load()
    answer = table.most_similar(positive=[b, c], negative=[a], topn=top, method=method)
    if as_json:
        print_json({"a": a, "b": b, "c": c, "method": method, "answers": _as_json(answer)})
    else:
        print_table(("word", "score"), answer, title=printable(f"{a} is to {b} as {c} is to"))


def _as_json(answer: list[tuple[str, float]]) -> list[dict[str, str | float]]:
    return [{"word": word, "score": score} for word, score in answer]
