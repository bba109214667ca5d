"""`embedkit lm`: n-gram language models, from text to a model and to its answers."""

import click
from embedkit_cli.lm_convert import convert
from embedkit_cli.lm_generate import generate, next_words
from embedkit_cli.lm_mix import mix
from embedkit_cli.lm_perplexity import perplexity
from embedkit_cli.lm_score import score
from embedkit_cli.lm_train import train
from embedkit_cli.options import CommandGroup

__all__ = ["lm"]


@click.group(
    cls=CommandGroup,
    examples=[
        "embedkit lm train corpus.txt -o model.lm",
        "embedkit lm perplexity model.lm test.txt",
        "embedkit lm next model.lm 'the cat sat on'",
        "embedkit lm mix news.arpa mail.arpa --tune dev.txt -o mixed.arpa",
    ],
)
def lm() -> None:
    """Train n-gram language models, score text by them, and more."""


for command in (train, perplexity, score, generate, next_words, convert, mix):
    lm.add_command(command)
