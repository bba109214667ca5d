"""Parameter types, option groups and the options that several commands share."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from embedkit_cli.machine import available_cores

from embedkit.errors import InputError

if TYPE_CHECKING:
    from embedkit.vectors.formats.stored import EncodingErrors
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = [
    "ARCHITECTURES",
    "DIRECTIONS",
    "DISTANCES",
    "ENCODING_ERRORS",
    "FORMATS",
    "LANGUAGE_MODELS",
    "LOSSES",
    "METHODS",
    "SEED",
    "SMOOTHINGS",
    "THREADS",
    "TOKENIZERS",
    "VECTORS",
    "WEIGHTINGS",
    "Command",
    "CommandGroup",
    "MemorySize",
    "VectorsFile",
    "encoding_errors_option",
    "format_of",
    "given_options",
    "grouped",
    "json_option",
    "limit_option",
    "method_option",
    "nonfinite_option",
    "quiet_option",
    "save_vocab_option",
    "vectors_argument",
]

SEED: dict[str, Any] = {"type": click.IntRange(min=0), "metavar": "N", "default": 1}
THREADS: dict[str, Any] = {
    "type": click.IntRange(1, 1024),
    "metavar": "N",
    "default": available_cores,
    "show_default": "all available cores",
}

# Written out here, since their homes import numpy; a test holds them equal.
FORMATS = ("word2vec-binary", "word2vec-text", "glove", "native")
TOKENIZERS = ("whitespace", "words", "char", "zh")
ENCODING_ERRORS = ("strict", "replace", "ignore")
ARCHITECTURES = ("skipgram", "cbow")
LOSSES = ("ns", "hs")
DISTANCES = ("flat", "harmonic", "linear")
DIRECTIONS = ("left", "right", "both")
WEIGHTINGS = ("ppmi", "pmi", "log", "count")
VECTORS = ("sum", "word", "context")
METHODS = ("add", "mul")
LANGUAGE_MODELS = (".lm", ".arpa", ".arpa.gz")  # what their files end in
SMOOTHINGS = (
    "modified-kneser-ney",
    "kneser-ney",
    "absolute-discounting",
    "witten-bell",
    "jelinek-mercer",
    "katz",
    "lidstone",
    "laplace",
    "maximum-likelihood",
    "stupid-backoff",
)

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}

LARGEST_SIZE = 2**63

AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])


class MemorySize(click.ParamType):
    """A number of bytes: ``500MB``, ``4GB``, ``4GiB``, ``1.5G`` or plain ``4000000000``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([kmgt]?i?)b?\s*", value.lower())
        if match is None or match[2] not in UNITS:
            self.fail(f"{value!r} is not a size; write it like 500MB, 4GB, 4GiB or 4000000000 (bytes)", param, ctx)
        size = float(match[1]) * UNITS[match[2]]
        if size < 1:
            self.fail(f"{value!r} is no room at all; give at least 1MB", param, ctx)
        if size >= LARGEST_SIZE:
            self.fail(f"{value!r} is more than any machine has; write it like 500MB or 4GB", param, ctx)
        return int(size)


class WithExamples(click.Command):
    """Command whose help ends with examples."""

    def __init__(self, *arguments: Any, examples: Sequence[str], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"  {example}\n")


class Command(WithExamples):
    """Command whose help shows its options under the headings that `grouped` gave them."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "group", "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


class CommandGroup(WithExamples, click.Group):
    """Group of commands whose help ends with examples."""


class GroupedOption(click.Option):
    """Option that belongs under a heading of the help."""

    def __init__(self, *declarations: Any, group: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.group = group


def grouped(group: str) -> Callable[..., Callable[[AnyCallable], AnyCallable]]:
    """Make a decorator like `click.option` whose options stand under the heading `group`."""

    def option(*declarations: str, **settings: Any) -> Callable[[AnyCallable], AnyCallable]:
        return click.option(*declarations, cls=GroupedOption, group=group, **settings)

    return option


def format_of(what: str) -> dict[str, Any]:
    """Settings of an option that names a format."""
    return {
        "type": click.Choice(FORMATS),
        "metavar": "FORMAT",
        "help": f"Format of {what}: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
    }


encoding_errors_option = click.option(
    "--encoding-errors",
    type=click.Choice(ENCODING_ERRORS),
    default="strict",
    help="What to do with words that are not UTF-8.",
)
limit_option = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read only the first N words.")
nonfinite_option = click.option(
    "--allow-nonfinite", is_flag=True, help="Take vectors that hold NaN or infinity; they count as zero."
)
method_option = click.option(
    "--method",
    type=click.Choice(METHODS),
    default="add",
    help="3CosAdd (cosine with b - a + c) or 3CosMul (product of cosines).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
save_vocab_option = grouped("Output")(
    "--save-vocab", metavar="FILE", type=click.Path(), help="Also save the vocabulary: a word and its count a line."
)


def given_options() -> dict[str, str]:
    """Options that stand on the command line: from the name of the parameter to how it is spelt there."""
    ctx = click.get_current_context()
    return {
        parameter.name: max(parameter.opts, key=len)
        for parameter in ctx.command.params
        if isinstance(parameter, click.Option)
        and parameter.name is not None
        and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    }


@dataclass(frozen=True)
class VectorsFile:
    """The argument VECTORS and how to read it."""

    path: str
    format: str | None
    encoding_errors: "EncodingErrors"
    limit: int | None
    allow_nonfinite: bool

    def load(self) -> "KeyedVectors":
        """Read the vectors; a directory in the native format is mapped, not read."""
        from zipfile import is_zipfile

        from embedkit.vectors.keyed_vectors import KeyedVectors

        if self.path.lower().endswith(".npz") and is_zipfile(self.path):
            raise InputError(
                f"{self.path} is a file of counts or of other arrays, expected word vectors; make them of counts with: "
                f"embedkit train-svd {shlex.quote(self.path)} -o vectors.bin"
            )
        if self.path.lower().endswith(".skops") and Path(self.path).is_file():
            raise InputError(
                f"{self.path} is a text classifier, expected word vectors; `embedkit classify predict` and `embedkit "
                "classify evaluate` take it"
            )
        if self.path.lower().endswith(LANGUAGE_MODELS) and Path(self.path).is_file():
            raise InputError(
                f"{self.path} is a language model, expected word vectors; `embedkit lm --help` lists its uses"
            )
        return KeyedVectors.load(
            self.path,
            format=self.format,
            mmap=Path(self.path).is_dir(),
            encoding_errors=self.encoding_errors,
            limit=self.limit,
            allow_nonfinite=self.allow_nonfinite,
        )


def vectors_argument(function: Callable[..., None]) -> Callable[..., None]:
    """Add the argument VECTORS, with its options, which arrives as one `VectorsFile` named ``vectors``."""

    @click.argument("vectors", type=click.Path())
    @click.option("--format", "vectors_format", **format_of("VECTORS, when its ending and content do not tell"))
    @encoding_errors_option
    @limit_option
    @nonfinite_option
    @wraps(function)
    def command(
        vectors: str,
        vectors_format: str | None,
        encoding_errors: "EncodingErrors",
        limit: int | None,
        allow_nonfinite: bool,
        **options: Any,
    ) -> None:
        function(VectorsFile(vectors, vectors_format, encoding_errors, limit, allow_nonfinite), **options)

    return command
