"""`embedkit convert`: word vectors from one format to another."""

from typing import TYPE_CHECKING

import click
from embedkit_cli.options import ENCODING_ERRORS, Command, format_of
from embedkit_cli.output import note, plural

if TYPE_CHECKING:
    from embedkit.vectors.formats.stored import EncodingErrors

__all__ = ["convert"]


@click.command(
    cls=Command,
    examples=[
        "embedkit convert vectors.bin vectors.vec.gz",
        "embedkit convert glove.6B.100d.txt vectors --from glove --to native",
        "embedkit convert GoogleNews.bin small.bin --limit 100000",
    ],
)
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@click.option("--from", "source_format", **format_of("IN, when its ending and content do not tell"))
@click.option("--to", "target_format", **format_of("OUT, when its ending does not tell"))
@click.option(
    "--encoding-errors",
    type=click.Choice(ENCODING_ERRORS),
    default="strict",
    help="What to do with words that are not UTF-8.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take only the first N words.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def convert(
    source: str,
    target: str,
    source_format: str | None,
    target_format: str | None,
    encoding_errors: "EncodingErrors",
    limit: int | None,
    quiet: bool,
) -> None:
    """Write the word vectors of IN to OUT in another format.

    Formats are word2vec-binary (.bin), word2vec-text (.txt, .vec), glove (text without a header) and native (a
    directory that loads at once whatever its size). What the format of OUT cannot hold is said.
    """
    from embedkit_cli.outputs import check_vectors_output

    from embedkit.vectors.keyed_vectors import KeyedVectors

    check_vectors_output(target, target_format)
    vectors = KeyedVectors.load(source, format=source_format, encoding_errors=encoding_errors, limit=limit)
    notes = vectors.save(target, format=target_format)
    if not quiet:
        for text in notes:
            note(text)
        note(f"wrote {plural(len(vectors), 'vector')} of size {vectors.vector_size} to {target}")
