"""`embedkit tokenize`: the words of a text, a document a line."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import click
from embedkit_cli.options import Command, given_options, grouped
from embedkit_cli.output import bytes_text, count_text, duration_text, is_terminal, plural, printable
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.text_input import TextInput
from embedkit_cli.word_options import stop_words_file, stop_words_of, word_options

from embedkit.errors import OutputError

if TYPE_CHECKING:
    from embedkit.text.corpus import Corpus
    from embedkit.text.cutters import Cutter, Span

__all__ = ["tokenize"]

REFRESH = 0.2
"""Seconds between two states of the progress bar."""
SAMPLE = 2**14
"""Characters to look at for the language of the text."""

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
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the words go; compressed if it ends in .gz, .bz2 or .xz.  [default: standard output]",
)
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@word_options(reading, tokenizer="words", without="Leave out")
@reading("--sentences", is_flag=True, help="A sentence a line, cut before the words are; none of them is empty.")
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
    read = [*(("the input", path) for path in corpus.files), *stop_words_file(stop_words)]
    check_outputs(read, files=[("--output", output)])
    writer = WordWriter(text, corpus, sentences=sentences, stop_words=stop_words_of(stop_words))
    with reporting(quiet=quiet) as progress:
        if "tokenizer" not in given_options():
            writer.notice = progress.note
        if output is None:
            writer.write(sys.stdout.buffer, Progress(), shown=is_terminal(sys.stdout))
            return
        with completed_outputs(), replace_file(output) as out:
            writer.write(out, progress, shown=False)
        progress.finish(writer.summary(output))


class ListeningCutter:
    """Cuts as another cutter does, and keeps the first texts that it cuts."""

    def __init__(self, cutter: "Cutter") -> None:
        self.cutter = cutter
        self.mode = cutter.mode
        self.punctuation = cutter.punctuation
        self.heard: list[str] = []
        self.left = SAMPLE

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""
        if self.left > 0:
            self.heard.append(text[: self.left])
            self.left -= len(text) + 1
        return self.cutter.tokens(text)

    def spans(self, text: str) -> list["Span"]:
        """Pieces that cover a text."""
        return self.cutter.spans(text)


class WordWriter:
    """Writes the words of a corpus, and counts what it writes.

    Attributes
    ----------
    notice : callable or None
        What says that the text is Chinese, if the tokenizer was not chosen for it.
    """

    def __init__(self, text: TextInput, corpus: "Corpus", *, sentences: bool, stop_words: frozenset[str]) -> None:
        self.text = text
        self.corpus = corpus
        self.sentences = sentences
        self.stop_words = stop_words
        self.notice: Callable[[str], None] | None = None
        self.spaced = False  # whether a word may hold white space
        self.n_lines = self.n_words = 0
        self.seconds = 0.0

    def write(self, out: BinaryIO, progress: Progress, *, shown: bool) -> None:
        """Write all lines; for a terminal if they are `shown`."""
        from embedkit._cext.scan import TOKENS
        from embedkit.text.tokenized_blocks import token_lists
        from embedkit.text.tokenizers import Tokenizer, resolve_tokenizer

        started = time.monotonic()
        shown_at = started
        tokenizer = resolve_tokenizer(self.text.tokenizer)
        self.spaced = tokenizer.cutter.mode == TOKENS
        listening = None if self.notice is None else ListeningCutter(tokenizer.cutter)
        if listening is not None:
            tokenizer = Tokenizer(tokenizer.spec, tokenizer.steps, listening)
        lines: list[str] = []

        def block_done(n_bytes: int) -> None:
            nonlocal shown_at
            if listening is not None:
                self._notice_chinese(listening)
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

    def _notice_chinese(self, listening: ListeningCutter) -> None:
        """Look at what was heard in the first block with text, and say so if it is Chinese."""
        from embedkit.text.chinese import looks_unsegmented_chinese

        if self.notice is None or not any(map(str.strip, listening.heard)):
            return
        if looks_unsegmented_chinese("\n".join(listening.heard)):
            self.notice("the text looks Chinese, of which 'words' makes single characters: add --tokenizer zh")
        self.notice = None
        listening.left = 0

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
