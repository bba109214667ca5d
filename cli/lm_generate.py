"""`embedkit lm generate` and `embedkit lm next`: sentences from a model, and the words that come next."""

from typing import Any

import click
from embedkit_cli.lm_options import LanguageModelFile, model_argument, speaking_of_options
from embedkit_cli.options import SEED, Command, given_options, json_option, quiet_option
from embedkit_cli.output import note, plural, print_json, print_table, printable
from embedkit_cli.progress import reporting

from embedkit.errors import ParameterError

__all__ = ["generate", "next_words"]


@click.command(
    cls=Command,
    examples=[
        "embedkit lm generate model.lm -n 5",
        "embedkit lm generate model.lm --prompt 'the cat' --seed 7 --temperature 0.8",
        "embedkit lm generate model.lm --prompt 'the cat' --beam 10 -n 3",
    ],
)
@model_argument
@click.option("--prompt", metavar="TEXT", default="", show_default=False, help="How the sentences begin.")
@click.option("-n", "n", type=click.IntRange(min=1), metavar="N", default=1, help="How many sentences.")
@click.option(
    "--max-words", type=click.IntRange(min=1), metavar="N", default=50, help="Words behind the prompt at most."
)
@click.option(
    "--temperature",
    type=float,
    metavar="X",
    default=1.0,
    help="Below 1, what is probable becomes more so; above 1, less.",
)
@click.option(
    "--beam",
    type=click.IntRange(min=1),
    metavar="N",
    help="Search for the most probable sentences with N candidates, instead of drawing.",
)
@click.option("--seed", **SEED, help="Seed of what is drawn: one seed gives the same sentences again.")
@json_option
@quiet_option
def generate(
    model: LanguageModelFile,
    prompt: str,
    n: int,
    max_words: int,
    temperature: float,
    beam: int | None,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make sentences, by drawing words or by search.

    MODEL is a native file or an ARPA file. Sentences are drawn word by word or, with --beam, searched for, the most
    probable first. A line is a sentence, with the prompt.
    """
    if beam is not None and n > beam:
        raise ParameterError(f"-n {n}: --beam {beam} finds no more than {plural(beam, 'sentence')}; raise it")
    given = given_options()
    with reporting(quiet=quiet) as progress:
        lm = model.load(progress)
        for name in ("temperature", "seed") if beam is not None else ():
            if name in given:
                progress.note(f"{given[name]} has no effect with --beam")
        known, unknown = _prompt_words(lm, prompt)
        if unknown:
            progress.note(f"the model does not know {', '.join(map(printable, dict.fromkeys(unknown)))}")
        with speaking_of_options():
            sentences = lm.generate(
                known, n=n, max_words=max_words, temperature=temperature, beam=beam, random_state=seed
            )
    if as_json:
        print_json({"model": model.path, "prompt": prompt, "sentences": [[*known, *one] for one in sentences]})
        return
    for sentence in sentences:
        click.echo(printable(" ".join([*known, *sentence])))
    if beam is not None and len(sentences) < n and not quiet:
        note(f"found {len(sentences)} of {n} sentences; raise --beam for more")


@click.command(
    "next",
    cls=Command,
    examples=[
        "embedkit lm next model.lm 'the cat sat on'",
        "embedkit lm next model.lm the cat sat on -k 3 --json",
        "embedkit lm next model.lm --bos",
    ],
)
@model_argument
@click.argument("context", metavar="[CONTEXT]...", nargs=-1)
@click.option("-k", "--top", "k", type=click.IntRange(min=1), metavar="N", default=10, help="How many words to show.")
@click.option("--bos", is_flag=True, help="CONTEXT begins a sentence; without CONTEXT, how sentences begin.")
@json_option
@quiet_option
def next_words(
    model: LanguageModelFile, context: tuple[str, ...], k: int, bos: bool, as_json: bool, quiet: bool
) -> None:
    """Show the most probable words behind others.

    MODEL is a native file or an ARPA file, CONTEXT some words, of which only the last ones matter, one less than the
    order of the model. </s> stands for the end of the sentence.

    Into a pipe go lines of word TAB probability.
    """
    text = " ".join(context)
    with reporting(quiet=quiet) as progress:
        lm = model.load(progress)
        known, unknown = _prompt_words(lm, text)
        if unknown:
            progress.note(f"the model does not know {', '.join(map(printable, dict.fromkeys(unknown)))}")
        answer = lm.next_words(known, k=k, bos=bos)
        proper = lm.scheme != "stupid-backoff"
        if not proper:
            progress.note("stupid back-off gives scores, which do not sum to 1")
    if as_json:
        words = [{"word": word, "probability": probability} for word, probability in answer]
        print_json({"model": model.path, "context": list(known), "bos": bos, "proper": proper, "words": words})
        return
    title = f"Behind {'<s> ' if bos else ''}{printable(text)}".rstrip()
    rows = [(word, f"{probability:.6f}") for word, probability in answer]
    print_table(("word", "probability" if proper else "score"), rows, title=title if text or bos else "Words")


def _prompt_words(lm: Any, text: str) -> tuple[list[str], list[str]]:
    """Words of a prompt as the model cuts it, and those that it does not know."""
    from embedkit_cli.lm_score import cutting

    words = cutting(lm)([text])[0]
    return words, [word for word in words if word not in lm]
