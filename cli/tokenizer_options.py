"""How text falls into words: the option --tokenizer and those that go with it, the same in every command."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from embedkit_cli.options import TOKENIZERS

from embedkit.errors import ParameterError

__all__ = ["TokenizerName", "tokenizer_options"]


class TokenizerName(click.ParamType):
    """A tokenizer's name, as `embedkit.text.tokenizers` writes it."""

    name = "tokenizer"

    def __init__(self, also: tuple[str, ...] = ()) -> None:
        self.also = also  # names that the command knows besides

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in (*TOKENIZERS, *self.also):
            from embedkit.text.tokenizers import check_tokenizer, with_absolute_dictionary

            try:
                check_tokenizer(value)
            except ParameterError as error:
                self.fail(str(error).removeprefix(f"tokenizer={value!r}: "), param, ctx)
            return with_absolute_dictionary(value)
        return str(value)


def tokenizer_options(
    option: Callable[..., Any],
    *,
    default: str | None = "whitespace",
    show_default: str | bool = True,
    also: tuple[str, ...] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add --tokenizer, --dict and --keep-punctuation, which arrive as one name, `tokenizer`; None if none is given.

    Parameters
    ----------
    option : callable
        A decorator like `click.option`, such as `grouped` makes.
    default, show_default
        Of --tokenizer.
    also : tuple of str
        Names that it may have besides those of `embedkit.text.tokenizers`.
    """
    known = ", ".join([*TOKENIZERS, *also, "or regex:PATTERN"])

    def add(function: Callable[..., None]) -> Callable[..., None]:
        @option(
            "--tokenizer",
            type=TokenizerName(also),
            metavar="NAME",
            default=default,
            show_default=show_default,
            help=f"How a line falls into words: {known}; after steps such as nfkc, lower, urls, simplified: 'nfkc|zh'.",
        )
        @option("--dict", "dictionary", metavar="FILE", type=click.Path(), help="Words that zh is to know as well.")
        @option("--keep-punctuation", is_flag=True, help="Let words, char and zh keep punctuation and symbols.")
        @wraps(function)
        def command(tokenizer: str | None, dictionary: str | None, keep_punctuation: bool, **options: Any) -> None:
            function(tokenizer=_composed(tokenizer, dictionary, keep_punctuation), **options)

        return command

    return add


def _composed(tokenizer: str | None, dictionary: str | None, keep_punctuation: bool) -> str | None:
    if dictionary is None and not keep_punctuation:
        return tokenizer
    given = "--dict" if dictionary is not None else "--keep-punctuation"
    if tokenizer is None:
        raise ParameterError(f"{given} was given without --tokenizer; name the tokenizer, such as --tokenizer zh")
    from embedkit.text.tokenizers import compose_name, with_absolute_dictionary

    try:
        return with_absolute_dictionary(compose_name(tokenizer, punctuation=keep_punctuation, dictionary=dictionary))
    except ParameterError as error:
        raise ParameterError(f"--tokenizer {tokenizer} does not go with {given}: {error}") from None
