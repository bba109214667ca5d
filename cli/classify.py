"""`embedkit classify`: text classifiers, from a table of labelled texts to predictions."""

import os

import click
from embedkit_cli.classify_attention import attention
from embedkit_cli.classify_compare import compare
from embedkit_cli.classify_evaluate import evaluate
from embedkit_cli.classify_predict import predict
from embedkit_cli.classify_train import train
from embedkit_cli.options import CommandGroup

__all__ = ["classify"]


@click.group(
    cls=CommandGroup,
    examples=[
        "embedkit classify train train.csv --text text --label label -o model.skops",
        "embedkit classify evaluate model.skops test.csv",
        "embedkit classify predict model.skops new.csv -o answers.csv",
        "embedkit classify compare train.csv test.csv",
    ],
)
def classify() -> None:
    """Train text classifiers, score them, and use them."""
    # Threads of OpenMP spin while they wait, which makes lightgbm and xgboost many times slower on a machine that is
    # busy. The libraries read this when they are loaded, and no command has loaded one yet.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


classify.add_command(train)
classify.add_command(predict)
classify.add_command(evaluate)
classify.add_command(compare)
classify.add_command(attention)
