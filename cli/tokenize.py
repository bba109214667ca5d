"""`embedkit tokenize`: the words of a text, a document a line."""

import sys
import time
from typing import TYPE_CHECKING, BinaryIO

import click
from embedkit_cli.options import ENCODING_ERRORS, Command, grouped
from embedkit_cli.output import bytes_text, count_text, duration_text, is_terminal, plural, printable
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.text_input import TextInput
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit.errors import OutputError

if TYPE_CHECKING:
    from embedkit.text.corpus import Corpus

__all__ = ["tokenize"]

REFRESH = 0.2
"""Seconds between two states of the progress bar."""

reading = grouped("Text")
output_option = grouped("Output")


@click.command(
    cls=Command,
    examples=[
        "embedkit tokenize corpus.txt -o words.txt",
        "embedkit tokenize wiki.txt.gz -o words.txt.gz --lowercase --stop-words english",
        "embedkit tokenize zh.txt -o words.txt --tokenizer 'nfkc|simplified|zh' --sentences",
        "zcat corpus.gz | embedkit tokenize - --keep-punctuation | head",
    ],
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the words go; compressed if it ends in .gz, .bz2 or .xz.  [default: standard output]",
)
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@tokenizer_options(reading, default="words")
@reading("--lowercase", is_flag=True, help="Fold all words to lower case.")
@reading("--sentences", is_flag=True, help="A sentence a line, cut before the words are; none of them is empty.")
@reading(
    "--stop-words",
    metavar="SOURCE",
    help="Leave out these words, in whatever case: english, chinese, or a file of them, one a line.",
)
@reading(
    "--encoding-errors",
    type=click.Choice(ENCODING_ERRORS),
    default="strict",
    help="What to do with bytes that are not UTF-8; strict stops and says where.",
)
def tokenize(
    inputs: tuple[str, ...],
    output: str | None,
    quiet: bool,
    tokenizer: str,
    lowercase: bool,
    sentences: bool,
    stop_words: str | None,
    encoding_errors: str,
) -> None:
    """Cut text into words, and write them with a space between.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, and a line is a document. It is read as it comes, so that it may be
    larger than memory.

    A line answers each line, an empty one a line without words, unless --sentences is given. White space inside a
    word, as a regular expression may find, becomes an underscore.
    """
    from embedkit_cli.outputs import check_outputs, completed_outputs

    from embedkit.text.files import replace_file

    text = TextInput(inputs, tokenizer=tokenizer, lowercase=lowercase, encoding_errors=encoding_errors)
    output = None if output == "-" else output
    if output is None and sys.stdout is None:
        raise OutputError("standard output is closed, and there would be no words; name a file with --output")
    corpus = text.open()
    check_outputs([("the input", path) for path in corpus.files], files=[("--output", output)])
    writer = WordWriter(text, corpus, sentences=sentences, stop_words=_stop_words(stop_words))
    with reporting(quiet=quiet) as progress:
        if output is None:
            writer.write(sys.stdout.buffer, Progress(), shown=is_terminal(sys.stdout))
            return
        with completed_outputs(), replace_file(output) as out:
            writer.write(out, progress, shown=False)
        progress.finish(writer.summary(output))


def _stop_words(source: str | None) -> frozenset[str]:
    if source is None:
        return frozenset()
    from embedkit.text.stop_words import load_stop_words

    return frozenset(word.lower() for word in load_stop_words(source))


class WordWriter:
    """Writes the words of a corpus, and counts what it writes."""

    def __init__(self, text: TextInput, corpus: "Corpus", *, sentences: bool, stop_words: frozenset[str]) -> None:
        self.text = text
        self.corpus = corpus
        self.sentences = sentences
        self.stop_words = stop_words
        self.spaced = False  # whether a word may hold white space
        self.n_lines = self.n_words = 0
        self.seconds = 0.0

    def write(self, out: BinaryIO, progress: Progress, *, shown: bool) -> None:
        """Write all lines; for a terminal if they are `shown`."""
        from embedkit._cext.scan import TOKENS
        from embedkit.text.tokenized_blocks import token_lists
        from embedkit.text.tokenizers import resolve_tokenizer

        started = time.monotonic()
        shown_at = started
        tokenizer = resolve_tokenizer(self.text.tokenizer)
        self.spaced = tokenizer.cutter.mode == TOKENS
        lines: list[str] = []

        def block_done(n_bytes: int) -> None:
            nonlocal shown_at
            out.write("".join(lines).encode())
            out.flush()
            self.n_lines += len(lines)
            lines.clear()
            now = time.monotonic()
            self.seconds = now - started
            if now - shown_at >= REFRESH:  # drawing a bar takes longer than a block
                shown_at = now
                progress.show(self._step(n_bytes))

        documents = token_lists(
            self.corpus,
            tokenizer,
            self.text.lowercase,
            sentences=self.sentences,
            on_progress=block_done,
        )
        for words in documents:
            line = self._line(words)
            if line or not self.sentences:
                lines.append(f"{printable(line) if shown else line}\n")

    def _line(self, words: list[str]) -> str:
        if self.stop_words:
            words = [word for word in words if word.lower() not in self.stop_words]
        line = " ".join(words)
        if self.spaced and len(line.split()) != len(words):
            words = list(filter(None, ("_".join(word.split()) for word in words)))
            line = " ".join(words)
        self.n_words += len(words)
        return line

    def _step(self, n_bytes: int) -> Step:
        total = self.corpus.bytes_total
        fraction = n_bytes / total if total else None
        rate = self.n_words / max(self.seconds, 1e-9)
        return Step(
            "tokenizing",
            fraction,
            f"{count_text(self.n_words)} words, {count_text(rate)}/s",
            self.seconds,
            share=bytes_text(n_bytes) if fraction is None else f"{fraction:.0%} ({bytes_text(n_bytes)})",
        )

    def summary(self, output: str) -> str:
        """What was written."""
        rate = f", {count_text(self.n_words / self.seconds)} words/s" if self.n_words >= 1e5 else ""
        return (
            f"wrote {plural(self.n_words, 'word')} in {plural(self.n_lines, 'line')} to {output} "
            f"({duration_text(self.seconds)}{rate})"
        )
