"""What the commands of `embedkit lm` share: options of several numbers, the argument MODEL, errors in their words."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.machine import available_cores
from embedkit_cli.options import ENCODING_ERRORS, Command, grouped
from embedkit_cli.progress import Progress, Step
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit.errors import FormatError, ParameterError

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel

__all__ = [
    "LanguageModelFile",
    "Numbers",
    "NumbersCommand",
    "load_language_model",
    "model_argument",
    "ngrams_text",
    "reading",
    "speaking_of_options",
    "text_encoding_option",
]

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

reading = grouped("Text")

text_encoding_option = reading(
    "--encoding-errors",
    type=click.Choice(ENCODING_ERRORS),
    default="strict",
    help="What to do with bytes that are not UTF-8; strict stops and says where.",
)


class Numbers(click.ParamType):
    """Several numbers: ``0,0,1``, ``"0 0 1"`` or, in a `NumbersCommand`, ``0 0 1``."""

    name = "numbers"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[float]:
        if not isinstance(value, str):
            return list(value)
        try:
            return [self.kind(part) for part in re.split(r"[\s,]+", value.strip())]
        except ValueError:
            example, what = ("0 0 1", "whole numbers") if self.kind is int else ("0.3 0.7", "numbers")
            self.fail(f"{value!r}: expected {what}, such as {example}", param, ctx)


class NumbersCommand(Command):
    """Command whose options of type `Numbers` take all the numbers that follow: ``--prune 0 0 1``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = [name for parameter in self.params if isinstance(parameter.type, Numbers) for name in parameter.opts]
        return super().parse_args(ctx, _joined(args, names))


def _joined(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """Arguments in which the numbers behind each of these options are one."""
    joined: list[str] = []
    taking = False
    for place, argument in enumerate(arguments):
        if argument == "--":
            return [*joined, *arguments[place:]]
        if taking and NUMBER.fullmatch(argument):
            # The first number stands by itself behind the name, or in one with it: --prune=0.
            if joined[-1] in names:
                joined.append(argument)
            else:
                joined[-1] += f" {argument}"
            continue
        name, equals, value = argument.partition("=")
        taking = name in names and (not equals or NUMBER.fullmatch(value) is not None)
        joined.append(argument)
    return joined


@dataclass(frozen=True)
class LanguageModelFile:
    """The argument MODEL, and how text for it is cut into words."""

    path: str
    tokenizer: str | None = None
    lowercase: bool | None = None

    def load(self, progress: Progress, *, threads: int | None = None) -> "NgramModel":
        """Open the model; the tokenizer and the case that are given take the place of its own."""
        model = load_language_model(self.path, progress, threads=threads)
        given = {"tokenizer": self.tokenizer, "lowercase": self.lowercase}
        model.facts = {**model.facts, **{name: value for name, value in given.items() if value is not None}}
        return model


def load_language_model(path: str, progress: Progress, *, threads: int | None = None) -> "NgramModel":
    """Open a model: a native file is mapped, an ARPA file read, which is reported on."""
    from embedkit.lm.files import load_model

    started = time.monotonic()

    def show(fraction: float) -> None:
        progress.show(Step("loading", fraction, path, time.monotonic() - started))

    try:
        return load_model(path, n_threads=threads or available_cores(), on_progress=show)
    except FormatError as error:
        if Path(path).is_file() and _is_foreign(path):
            raise FormatError(
                f"{path} is no language model: neither a native file (.lm) nor ARPA, which has a header \\data\\"
            ) from error
        raise


def _is_foreign(path: str) -> bool:
    """Whether a file that could not be read has nothing of a language model where it begins."""
    from embedkit.errors import EmbedkitError
    from embedkit.lm.native import MAGIC
    from embedkit.text.decoding import explain_damage
    from embedkit.text.files import open_input

    try:
        with open_input(path) as file, explain_damage(path):
            start = file.read(2**16)
    except EmbedkitError:
        return False
    return not start.startswith(MAGIC) and b"\\data\\" not in start


def model_argument(function: Callable[..., None]) -> Callable[..., None]:
    """Add the argument MODEL and the options about the text it is given, as one `LanguageModelFile` named ``model``."""

    @click.argument("path", metavar="MODEL", type=click.Path())
    @tokenizer_options(reading, default=None, show_default="as the model was trained")
    @reading(
        "--lowercase/--no-lowercase",
        default=None,
        show_default="as the model was trained",
        help="Whether all words are folded to lower case.",
    )
    @wraps(function)
    def command(path: str, tokenizer: str | None, lowercase: bool | None, **options: Any) -> None:
        function(model=LanguageModelFile(path, tokenizer, lowercase), **options)

    return command


def ngrams_text(sizes: Sequence[int]) -> str:
    """How many n-grams there are of each order: ``13,779 + 96,257 n-grams``."""
    return f"{' + '.join(f'{size:,}' for size in sizes)} n-grams"


@contextmanager
def speaking_of_options() -> Iterator[None]:
    """Let errors about parameters name the options of the command that runs."""
    parameters = click.get_current_context().command.params
    try:
        yield
    except ParameterError as error:
        raise ParameterError(_in_options(str(error), parameters)) from error


def _in_options(message: str, parameters: Sequence[click.Parameter]) -> str:
    """A message that begins with ``name=value:``, as the command line would say it."""
    options = {one.name: one for one in parameters if isinstance(one, click.Option) and one.name is not None}
    found = re.match(r"(\w+)=(.*?): (.*)", message, re.DOTALL)
    if found is None or found[1] not in options:
        return message
    name, value, rest = found.groups()
    option = options[name]
    spelt = max(option.opts, key=len)
    if option.is_flag:
        begin = spelt if value == "True" else max(option.secondary_opts or option.opts, key=len)
    else:
        begin = f"{spelt} {re.sub(r'''[][(),']''', '', value)}"
    rest = re.sub(r"\w+ \((--[\w-]+)\)", r"\1", rest)
    for other in options:
        # Other names are words of the language, too.
        if "_" in other or other == "prune":
            rest = re.sub(rf"(?<![\w-]){other}(?![\w-])", max(options[other].opts, key=len), rest)
    return f"{begin}: {rest}"
