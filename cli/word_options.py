"""Options of the commands that show the words of a text, and the stop words that they leave out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import ENCODING_ERRORS
from embedkit_cli.tokenizer_options import tokenizer_options

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths

__all__ = ["stop_words_file", "stop_words_of", "word_options"]


def word_options(
    option: Callable[..., Any], *, tokenizer: str, without: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add INPUT..., --tokenizer and those with it, --lowercase, --stop-words and --encoding-errors.

    Parameters
    ----------
    option : callable
        A decorator like `click.option`, such as `grouped` makes.
    tokenizer : str
        Default of --tokenizer.
    without : str
        What --stop-words does to the words, as its help begins: ``"Leave out"``.
    """
    decorators = (
        click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(allow_dash=True)),
        tokenizer_options(option, default=tokenizer),
        option("--lowercase", is_flag=True, help="Fold all words to lower case."),
        option(
            "--stop-words",
            metavar="SOURCE",
            help=f"{without} these words, in whatever case: english, chinese, or a file of them, one a line.",
        ),
        option(
            "--encoding-errors",
            type=click.Choice(ENCODING_ERRORS),
            default="strict",
            help="What to do with bytes that are not UTF-8; strict stops and says where.",
        ),
    )

    def add(function: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return add


def stop_words_of(source: str | None) -> frozenset[str]:
    """The words of --stop-words in lower case; none if it is not given."""
    if source is None:
        return frozenset()
    from embedkit.text.stop_words import load_stop_words

    return frozenset(word.lower() for word in load_stop_words(source))


def stop_words_file(source: str | None) -> "NamedPaths":
    """Name the file of --stop-words, if it is one, so that no output overwrites it."""
    if source is None:
        return []
    from embedkit.text.stop_words import STOP_WORD_LISTS

    return [("--stop-words", source)] if source not in STOP_WORD_LISTS and Path(source).exists() else []
