"""The tables of the benchmark of language models, from its JSON."""

from typing import Any

from harness import table


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows, where = results["rows"], results["machine"]
    head = (
        f"{results['corpus']['words']:,} words; {results['settings']['threads']} threads, {where['cpu']}, "
        f"{where['cores']} cores"
    )
    tables = [_beside(rows), _training(rows), _sizes(rows)]
    return "\n\n".join([head, *(table(*lines) for lines in tables if lines[1])])


def _beside(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Speed."""
    lines = [
        _line(f"{name}, seconds, beside lmplz", rows[name], "embedkit", "kenlm", _verdict(rows[name]))
        for name in ("train-3", "train-5")
        if name in rows
    ]
    for name in ("score-file", "score-file-5"):
        if row := rows.get(name):
            lines.append(_line(f"{name}, tokens/s, beside query", row, "embedkit", "kenlm", _verdict(row)))
            lines.append(_line("  with one thread", row["one_thread"], "one thread", "kenlm"))
    if row := rows.get("score-python"):
        lines.append(_line("score-python, words/s, beside kenlm", row, "embedkit", "kenlm", _verdict(row)))
        lines.append(_line("  of the model itself", row["model_itself"], "embedkit-model", "kenlm"))
    if row := rows.get("open"):
        lines.append(_line("open, seconds, beside kenlm", row, "embedkit", "kenlm"))
        lines.append(_line("  beside kenlm, lazily", row["beside_lazy"], "embedkit-model", "kenlm-lazy"))
    if row := rows.get("nltk"):
        lines.append(_line("nltk, words/s", row, "embedkit", "nltk", _verdict(row)))
        seconds = row["fit_seconds"]
        figures = [f"{seconds[side]:.3g}" for side in ("embedkit", "nltk")]
        ratio = f"{seconds['nltk'] / seconds['embedkit']:.3g}x"
        lines.append([f"  fitting {row['fitted_words']:,} words, seconds", *figures, ratio, "", ""])
    return ["", "embedkit", "peer", "ratio", "by round", "wanted"], lines


def _training(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What training takes, and that the models are the same."""
    lines = []
    for name in ("train-3", "train-5"):
        if row := rows.get(name):
            parts, peaks = row["parts"], row["peak_rss_mb"]
            lines.append(
                [
                    name,
                    *(f"{parts[part]:.1f}" for part in ("reading", "counting", "estimating", "writing")),
                    f"{peaks['embedkit']:,.0f}",
                    f"{peaks['kenlm']:,.0f}",
                    f"{sum(row['ngrams']):,}",
                    f"{max(row['largest_differences']):.1g}",
                ]
            )
    parts = ["reading s", "counting s", "estimating s", "writing s"]
    return ["training", *parts, "peak MB", "lmplz", "n-grams", "differ by"], lines


def _sizes(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Files."""
    row = rows.get("sizes")
    if not row:
        return [], []
    lines = []
    for name, size in row["sizes"].items():
        perplexity = row["perplexities"].get(name)
        lines.append([name, f"{size / 1e6:,.1f}", "" if perplexity is None else f"{perplexity:.3f}"])
    return [f"model of order {row['order']}", "MB", "perplexity"], lines


def _line(name: str, row: dict[str, Any], side: str, peer: str, verdict: str = "") -> list[str]:
    spread = f"{min(row['ratios']):,.3g} to {max(row['ratios']):,.3g}"
    return [name, _figure(row[side]), _figure(row[peer]), f"{row['ratio']:,.3g}x", spread, verdict]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _verdict(row: dict[str, Any]) -> str:
    """What was wanted, and whether it was met."""
    return ", ".join(
        f"{one['what']} {one['relation']} {one['target']:,g} {'ok' if one['met'] else 'MISSED'}"
        for one in row["wanted"]
    )
