"""Entry point of the `embedkit` command: its commands, and what becomes of errors and signals."""

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click
from embedkit_cli.options import CommandGroup

from embedkit import __version__
from embedkit.errors import EmbedkitError

__all__ = ["main"]

# Commands are imported when they are used. Sections are those of `embedkit --help`.
SECTIONS = {
    "Train": {
        "train-w2v": "embedkit_cli.train_w2v:train_w2v",
        "train-glove": "embedkit_cli.train_glove:train_glove",
        "train-svd": "embedkit_cli.train_svd:train_svd",
        "cooccur": "embedkit_cli.cooccur:cooccur",
        "demo": "embedkit_cli.demo:demo",
    },
    "Text": {
        "tokenize": "embedkit_cli.tokenize:tokenize",
        "vocab": "embedkit_cli.vocab:vocab",
        "lexicon": "embedkit_cli.lexicon:lexicon",
        "augment": "embedkit_cli.augment:augment",
    },
    "Classify": {
        "classify": "embedkit_cli.classify:classify",
    },
    "Language models": {
        "lm": "embedkit_cli.lm:lm",
    },
    "Ask": {
        "neighbors": "embedkit_cli.neighbors:neighbors",
        "analogy": "embedkit_cli.neighbors:analogy",
        "evaluate": "embedkit_cli.evaluate:evaluate",
    },
    "Vector files": {
        "info": "embedkit_cli.info:info",
        "convert": "embedkit_cli.convert:convert",
    },
}
# What to do when memory runs out, where that is not to read fewer vectors.
LESS_MEMORY = {
    "train-w2v": "lower --vector-size or --max-vocab",
    "train-glove": "lower --vector-size or --max-vocab, or raise --min-count",
    "train-svd": "lower --vector-size, --window or --max-vocab, or raise --min-count",
    "cooccur": "lower --memory, --window or --max-vocab",
    "tokenize": "a line is held whole: split lines of many MB",
    "vocab": "lower --memory, or count fewer words: --lowercase, or another --tokenizer",
    "augment": "a row is held whole, and all of them for --method mix: split rows of many MB, or take fewer",
    "classify": "take fewer documents, or raise min_df: --set features__min_df=5",
    "lm": "lower --memory, --order or --max-vocab",
    "demo": "it needs some hundred MB; end other programs",
}
COMMANDS = {name: place for section in SECTIONS.values() for name, place in section.items()}


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal other than Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Commands(CommandGroup):
    """Group that imports a command when it is named, and reports every error as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for title, section in SECTIONS.items():
            rows = []
            for name in section:
                command = self.get_command(ctx, name)
                if command is not None:
                    rows.append((name.ljust(width), command.get_short_help_str(limit=formatter.width - width - 4)))
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            escape_what_cannot_be_encoded()
            with signals_as_interrupts(), warnings_as_lines():
                result = super().invoke(ctx)
                if sys.stdout is not None:
                    sys.stdout.flush()  # while a failure can still be told
                return result
        except EmbedkitError as error:
            raise click.ClickException(str(error)) from error
        except MemoryError as error:
            reason = f" ({error})" if str(error) else ""
            remedy = LESS_MEMORY.get(ctx.invoked_subcommand or "", "read fewer words with --limit")
            raise click.ClickException(f"not enough memory{reason}; {remedy}") from error
        except KeyboardInterrupt as error:
            click.echo("; ".join(["Interrupted", *map(str, error.args)]), err=True)
            ctx.exit(128 + (error.number if isinstance(error, Terminated) else signal.SIGINT))
        except BrokenPipeError:
            raise  # click leaves quietly: the reader has seen enough
        except OSError as error:
            drop_pending_output()
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


def drop_pending_output() -> None:
    """Send what standard output still holds nowhere, or Python would fail on it once more when it ends."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        try:
            sys.stdout.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def escape_what_cannot_be_encoded() -> None:
    """Let standard output and error write words as escapes that their encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Let a request to end take the road of Ctrl-C, which cleans up; signals that a parent ignores stay ignored."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated(number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names] if threading.current_thread() is threading.main_thread() else []
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Print what the package logs as a warning on standard error."""
    import logging

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            click.echo(f"{record.levelname.capitalize()}: {record.getMessage()}", err=True)

    logger = logging.getLogger("embedkit")
    lines = Lines(logging.WARNING)
    logger.addHandler(lines)
    try:
        yield
    finally:
        logger.removeHandler(lines)


@click.group(
    cls=Commands,
    examples=[
        "embedkit demo",
        "embedkit train-w2v corpus.txt -o vectors.bin",
        "embedkit neighbors vectors.bin king queen",
    ],
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, prog_name="embedkit")
def main() -> None:
    """Train word vectors, classifiers and language models on your own text, and ask them questions."""
