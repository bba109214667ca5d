"""The tables of the benchmark of text, from its JSON, in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any

Table = tuple[Sequence[str], list[list[str]]]


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows, where = results["rows"], results["machine"]
    head = f"{results['settings']['threads']} threads, {where['cpu']}, {where['cores']} cores"
    tables = [_beside(rows), _facts(rows), _cutting(rows), _vectors(rows), _gains(rows)]
    return "\n\n".join([head, *(markdown(*one) for one in tables if one[1]), *_verdicts(rows)])


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    rule = ["---"] * len(header)
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in (header, rule, *lines))


def _beside(rows: dict[str, Any]) -> Table:
    """Speed beside the peers."""
    lines = []
    if row := rows.get("words"):
        what = f"`words`, {row['megabytes']:.0f} MB of raw English to ids (white space)"
        lines.append(_line(what, row, "words", "whitespace", "MB/s"))
        names = "words, one thread", "whitespace, one thread"
        lines.append(_line("the same with one thread", row["one_thread"], *names, "MB/s"))
    if row := rows.get("zh-cutting"):
        what = f"`zh`, {row['megabytes']:.0f} MB of Chinese to ids (jieba's calls alone)"
        lines.append(_line(what, row, "embedkit", "jieba", "s"))
    if row := rows.get("zh-vectors"):
        lines.append(_line("training on Chinese, 5 epochs (gensim)", row, "embedkit", "gensim", "s"))
    for name, what in (("phrases", "gensim's score, 10"), ("phrases-npmi", "NPMI, 0.5")):
        if row := rows.get(name):
            what = f"text to a table of {row['phrases']:,} phrases, {what} (gensim)"
            lines.append(_line(what, row, "embedkit", "gensim", "s"))
    if row := rows.get("eda"):
        what = f"EDA, {row['n_aug']} texts of a sentence, one core (textaugment)"
        lines.append(_line(what, row, "embedkit", "textaugment", "sentences/s"))
    return ["", "embedkit", "peer", "ratio"], lines


def _facts(rows: dict[str, Any]) -> Table:
    """What the tokenizers find in the English text."""
    row = rows.get("words")
    lines = [
        [f"`{name}`", f"{one['words']:,}", f"{one['distinct']:,}", f"{100 * one['share_in_words']:.1f} %"]
        for name, one in (row["facts"].items() if row else ())
    ]
    return ["raw English Wikipedia", "words", "distinct", "share of the text"], lines


def _cutting(rows: dict[str, Any]) -> Table:
    """Where the time of the `zh` tokenizer goes."""
    row = rows.get("zh-cutting")
    if not row:
        return [], []
    lines = [
        ["the whole encoding", f"{row['embedkit']:.1f} s", "100 %"],
        ["of it inside rjieba", f"{row['embedkit'] * row['rjieba_share']:.1f} s", f"{100 * row['rjieba_share']:.0f} %"],
        ["rjieba's calls in a loop of Python", f"{row['rjieba']:.1f} s", ""],
        ["jieba's", f"{row['jieba']:.1f} s", ""],
    ]
    if training := rows.get("zh-vectors"):
        seconds = training["parts"]["embedkit"]["training"]
        lines.append(["training, 5 epochs", f"{seconds:.1f} s", f"{100 * seconds / row['embedkit']:.0f} %"])
    words = f"{row['words'] / 1e6:.1f} M words, {100 * row['equal_words']:.1f} % of them those of jieba"
    return [words, "seconds", "of the encoding"], lines


def _vectors(rows: dict[str, Any]) -> Table:
    """What Chinese vectors are worth."""
    row = rows.get("zh-vectors")
    if not row:
        return [], []
    names = {"embedkit": "embedkit, `zh`", "gensim": "gensim, jieba"}
    lines = []
    for side, name in names.items():
        scores = [f"{score:.1f} ({row['used'][side][key]:,})" for key, score in row["scores"][side].items()]
        lines.append([name, *scores, f"{row['vocabulary'][side]:,}"])
    return ["x 100, mean of two seeds (questions)", *row["scores"]["embedkit"], "vocabulary"], lines


def _gains(rows: dict[str, Any]) -> Table:
    """What EDA brings to classifiers."""
    row = rows.get("eda-gain")
    lines = []
    for model, one in row["models"].items() if row else ():
        for name, gains in one["gains"].items():
            repeated = name.replace("EDA", "repeated")
            accuracy = [f"{one['accuracy'][key]:.1f}" for key in ("alone", repeated, name)]
            lines.append([f"`{model}`, n_aug {name.split()[-1]}", *accuracy, *map(_interval, gains.values())])
    header = ["accuracy, %", "500 texts", "repeated", "with EDA", "gain over the texts", "gain over repeated texts"]
    return header, lines


def _interval(gain: dict[str, float]) -> str:
    return f"{gain['mean']:+.1f} ({gain['low']:+.1f} to {gain['high']:+.1f})"


def _verdicts(rows: dict[str, Any]) -> list[str]:
    """What was wanted, and whether it was met."""
    lines = [
        f"{name}: {one['what']} {one['relation']} {one['target']:,g}, is {one['value']:,.3g}: "
        f"{'ok' if one['met'] else 'MISSED'}"
        for name, row in rows.items()
        for one in row["wanted"]
    ]
    return ["\n".join(lines)] if lines else []


def _line(what: str, row: dict[str, Any], side: str, peer: str, unit: str) -> list[str]:
    spread = f"{min(row['ratios']):,.3g} to {max(row['ratios']):,.3g}"
    return [what, f"{_figure(row[side])} {unit}", f"{_figure(row[peer])} {unit}", f"{row['ratio']:,.3g}x ({spread})"]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
