"""`embedkit lm score`: the probability of each sentence of a text, or of each word."""

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.lm_options import LanguageModelFile, model_argument, text_encoding_option
from embedkit_cli.options import Command, quiet_option
from embedkit_cli.output import is_terminal, printable
from embedkit_cli.progress import reporting

from embedkit.errors import OutputError

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel

__all__ = ["cutting", "score"]

CHUNK = 2**20
"""Bytes that are read at a time; of a pipe, what is there."""

Answer = Callable[[str, Sequence[str]], str]


@click.command(
    cls=Command,
    examples=[
        "embedkit lm score model.lm sentences.txt",
        "embedkit lm score model.lm sentences.txt --tokens",
        "embedkit lm score model.lm lines.txt | sort -g | cut -f 3",
        "tail -f sentences.txt | embedkit lm score model.lm -",
    ],
)
@model_argument
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@text_encoding_option
@click.option("--tokens", is_flag=True, help="A line for each word and </s>, and an empty one behind the sentence.")
@click.option("--no-bos", is_flag=True, help="Do not let a line begin a sentence: no <s> before it.")
@click.option("--no-eos", is_flag=True, help="Do not let a line end a sentence: no </s> behind it.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each sentence.")
@quiet_option
def score(
    model: LanguageModelFile,
    texts: tuple[str, ...],
    encoding_errors: str,
    tokens: bool,
    no_bos: bool,
    no_eos: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Score sentences, line by line.

    MODEL is a native file or an ARPA file, TEXT any number of files, directories, quoted globs, or - for standard
    input. It is read as it comes, so that it may be larger than memory.

    A line answers each line: the log10 of its probability TAB the number of words that the model does not know TAB
    the line. An empty one counts as the empty sentence, which is </s> alone. With --tokens, a line answers each word:
    the word TAB log10 of its probability TAB length of the n-gram found TAB 1 if the model does not know it, else 0.
    """
    from embedkit.text.file_blocks import expand_paths

    if sys.stdout is None:
        raise OutputError("standard output is closed, and there would be no scores; open it")
    files = expand_paths(texts)
    with reporting(quiet=quiet) as progress:
        opened = model.load(progress)
    answer = _answering(opened, bos=not no_bos, eos=not no_eos, tokens=tokens, as_json=as_json)
    cut = cutting(opened)
    for file in files:
        for lines in _line_groups(file, encoding_errors):
            click.echo("".join(map(answer, lines, cut(lines))), nl=False)
            sys.stdout.flush()


def _answering(lm: "NgramModel", *, bos: bool, eos: bool, tokens: bool, as_json: bool) -> Answer:
    """How a line, and its words, are answered."""
    from embedkit.lm.trie import UNK

    shown = printable if is_terminal(sys.stdout) else str
    count_ids = lm.query.word_ids
    ends = ["</s>"] if eos else []

    def sentence(line: str, words: Sequence[str]) -> str:
        total = lm.score(words, bos=bos, eos=eos)
        return f"{total:.6f}\t{count_ids(_joined(words), True).count(UNK)}\t{shown(line)}\n"

    def by_word(line: str, words: Sequence[str]) -> str:
        rows = zip([*words, *ends], lm.full_scores(words, bos=bos, eos=eos), strict=True)
        return "".join(f"{shown(word)}\t{one[0]:.6f}\t{one[1]}\t{one[2]:d}\n" for word, one in rows) + "\n"

    def as_object(line: str, words: Sequence[str]) -> str:
        scores = lm.full_scores(words, bos=bos, eos=eos)
        value: dict[str, Any] = {
            "log_prob": _finite(math.fsum(one.log_prob for one in scores)),
            "n_tokens": len(scores),
            "n_oov": sum(one.oov for one in scores),
            "sentence": line,
        }
        if tokens:
            value["tokens"] = [
                {"word": word, **one._asdict(), "log_prob": _finite(one.log_prob)}
                for word, one in zip([*words, *ends], scores, strict=True)
            ]
        return json.dumps(value, ensure_ascii=ascii_only) + "\n"

    ascii_only = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
    return as_object if as_json else by_word if tokens else sentence


def _joined(words: Sequence[str]) -> bytes:
    return "\0".join(words).encode()


def _finite(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def cutting(lm: "NgramModel") -> Callable[[Sequence[str]], list[list[str]]]:
    """How lines become words, many at a time."""
    from embedkit.lm.queries import cut_texts

    if not lm.cuts_otherwise:
        return lambda lines: [line.split() for line in lines]
    return lambda lines: cut_texts(lines, *lm.text_settings)


def _line_groups(file: str, encoding_errors: str) -> Iterator[list[str]]:
    """The lines of a file, as many at a time as are there."""
    from embedkit.text.decoding import UTF8_BOM, explain_damage, refuse_foreign, valid_utf8
    from embedkit.text.file_blocks import STDIN, input_name, standard_input
    from embedkit.text.files import open_input

    name = input_name(file)
    stream: Any = standard_input() if file == STDIN else open_input(file)
    try:
        held: list[bytes] = []
        offset = 0
        data = b"more"
        while data:
            with explain_damage(name):
                data = stream.read1(CHUNK)
            end = data.rfind(b"\n") + 1
            if data and not end:
                held.append(data)  # a line may be longer than what is read at a time
                continue
            text = b"".join([*held, data[:end]])
            held = [data[end:]]
            if offset == 0:
                refuse_foreign(text[:4], name)
                text = text.removeprefix(UTF8_BOM)
            if text:
                lines = bytes(valid_utf8(memoryview(text), encoding_errors, name, offset)).decode()
                yield [line.removesuffix("\r") for line in lines.removesuffix("\n").split("\n")]
                offset += len(text)
    finally:
        if file != STDIN:
            stream.close()
