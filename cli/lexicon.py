"""`embedkit lexicon`: synonyms, antonyms, hypernyms and hyponyms of words."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import Command, CommandGroup, json_option
from embedkit_cli.output import is_terminal, note, print_json, print_table, printable

from embedkit.errors import MissingWordError

if TYPE_CHECKING:
    from embedkit.lexicon import Lexicon

__all__ = ["lexicon"]

# Written out here, since their home is imported when a command runs; a test holds them equal.
PARTS_OF_SPEECH = ("n", "v", "a", "r")

words_argument = click.argument("words", metavar="WORD...", nargs=-1, required=True)
lexicon_option = click.option(
    "--lexicon",
    "source",
    metavar="SOURCE",
    default="wordnet",
    help="wordnet, wordnet:PATH, wn:NAME, or a file: TSV, JSON, Cilin or word vectors.",
)
encoding_option = click.option(
    "--encoding", metavar="NAME", default="utf-8", help="Of a file of words, such as gb18030 or latin-1."
)
pos_option = click.option(
    "--pos", type=click.Choice(PARTS_OF_SPEECH), help="Only as a noun, verb, adjective or adverb (r)."
)


@click.group(
    cls=CommandGroup,
    examples=[
        "embedkit lexicon synonyms good happy",
        "embedkit lexicon hypernyms dog",
        "embedkit lexicon synonyms 高兴 --lexicon cilin.txt --encoding gb18030",
    ],
)
def lexicon() -> None:
    """Look up synonyms, antonyms, hypernyms and hyponyms."""


def lookup_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add what every command of the group takes."""
    for option in (json_option, pos_option, encoding_option, lexicon_option, words_argument):
        function = option(function)
    return function


@lexicon.command(
    cls=Command,
    examples=[
        "embedkit lexicon synonyms good happy",
        "embedkit lexicon synonyms run --pos n",
        "embedkit lexicon synonyms 高兴 --lexicon wn:omw-cmn:1.4",
    ],
)
@lookup_options
def synonyms(words: tuple[str, ...], source: str, encoding: str, pos: str | None, as_json: bool) -> None:
    """Show words of the same meaning.

    Those of the most usual sense come first. Into a pipe goes a word a line; with several words, the word asked for
    comes first, and a tab.
    """
    table = _open(source, encoding, words)
    _print_words("synonyms", {word: table.synonyms(word, pos=pos) for word in words}, as_json)


@lexicon.command(
    cls=Command,
    examples=["embedkit lexicon antonyms good happy", "embedkit lexicon antonyms good --pos n --json"],
)
@lookup_options
def antonyms(words: tuple[str, ...], source: str, encoding: str, pos: str | None, as_json: bool) -> None:
    """Show words of the opposite meaning."""
    table = _open(source, encoding, words)
    _print_words("antonyms", {word: table.antonyms(word, pos=pos) for word in words}, as_json)


@lexicon.command(
    cls=Command,
    examples=["embedkit lexicon hyponyms dog", "embedkit lexicon hyponyms walk --pos v"],
)
@lookup_options
def hyponyms(words: tuple[str, ...], source: str, encoding: str, pos: str | None, as_json: bool) -> None:
    """Show words one step more special."""
    table = _open(source, encoding, words)
    _print_words("hyponyms", {word: table.hyponyms(word, pos=pos) for word in words}, as_json)


@lexicon.command(
    cls=Command,
    examples=[
        "embedkit lexicon hypernyms dog",
        "embedkit lexicon hypernyms bank --sense 2",
        "embedkit lexicon hypernyms mouse --all --json",
    ],
)
@lookup_options
@click.option("--sense", type=click.IntRange(min=1), metavar="N", help="Of this sense.  [default: the first with any]")
@click.option("--all", "every", is_flag=True, help="Show every way to the top, of all senses unless --sense is given.")
def hypernyms(
    words: tuple[str, ...],
    source: str,
    encoding: str,
    pos: str | None,
    as_json: bool,
    sense: int | None,
    every: bool,
) -> None:
    """Show the way to ever more general words.

    A line is a way, from the word asked for to the top.
    """
    table = _open(source, encoding, words)
    if every:
        paths = {word: table.hypernym_paths(word, pos=pos, sense=sense) for word in words}
    else:
        chains = {word: table.hypernyms(word, pos=pos, sense=sense) for word in words}
        paths = {word: [chain] if chain else [] for word, chain in chains.items()}
    if as_json:
        print_json(paths)
        return
    for word, ways in paths.items():
        _note_if_none("hypernyms", word, ways)
        for way in ways:
            click.echo(" -> ".join(map(printable, [word, *way])))


def _open(source: str, encoding: str, words: Sequence[str]) -> "Lexicon":
    """The lexicon, in which all the words are known to have an entry."""
    from embedkit.lexicon import load_lexicon

    table = load_lexicon(source, encoding=encoding)
    missing = [word for word in dict.fromkeys(words) if word not in table]
    if missing:
        raise MissingWordError(
            f"no entry for {', '.join(map(repr, missing))} in {table!r}; check the spelling, or name another --lexicon"
        )
    return table


def _print_words(relation: str, answers: Mapping[str, Sequence[str]], as_json: bool) -> None:
    """Print the related words of each word."""
    if as_json:
        print_json(answers)
        return
    for word, others in answers.items():
        _note_if_none(relation, word, others)
        if not others:
            continue
        if is_terminal(sys.stdout) or len(answers) == 1:
            title = f"{relation.capitalize()} of {printable(word)}"
            print_table(("word",), [(other,) for other in others], title=title)
        else:
            print_table(("asked", "word"), [(word, other) for other in others])


def _note_if_none(relation: str, word: str, found: Sequence[Any]) -> None:
    if not found:
        note(f"No {relation} of {printable(word)} are known.")
