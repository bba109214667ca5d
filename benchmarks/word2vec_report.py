"""The tables of the word2vec benchmark, from its JSON."""

from typing import Any

from harness import table


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows = results["rows"]
    where = results["machine"]
    head = (
        f"{results['corpus']['words']:,} words, {results['corpus']['vocabulary']:,} of them distinct; "
        f"{results['settings']['threads']} threads, {where['cpu']}, {where['cores']} cores"
    )
    tables = [_beside_gensim(rows), _alone(rows), _scores(rows)]
    return "\n\n".join([head, *(table(*lines) for lines in tables if lines[1])])


def _beside_gensim(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Speed and memory."""
    lines = []
    for name in ("skipgram-ns", "cbow-ns", "skipgram-hs", "vocabulary", "whole", "memory"):
        if row := rows.get(name):
            spread = f"{min(row['ratios']):.2f} to {max(row['ratios']):.2f}" if "ratios" in row else ""
            of_medians = f"{row['ratio_of_medians']:.2f}x" if "ratio_of_medians" in row else ""
            figures = [_figure(row["embedkit"]), _figure(row["gensim"]), f"{row['ratio']:.2f}x", of_medians, spread]
            lines.append([f"{name}, {row['unit']}", *figures, _verdict(row)])
    return ["", "embedkit", "gensim", "ratio", "of medians", "by round", "wanted"], lines


def _alone(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Threads and start-up."""
    lines = []
    if row := rows.get("threads"):
        lines.append(["one thread, words/s", _figure(row["one"]), ""])
        lines.append(["all threads, words/s", _figure(row["many"]), f"{row['ratio']:.2f}x {_verdict(row)}"])
    if row := rows.get("startup"):
        importing, helping = (_verdict({"wanted": [one]}) for one in row["wanted"])
        lines.append(["python -c pass, s", f"{row['python']:.3f}", ""])
        lines.append(["import embedkit, s, with the start of Python", f"{row['import']:.3f}", importing])
        lines.append(["embedkit --help, s, with the start of Python", f"{row['help']:.3f}", helping])
    return ["embedkit alone", "", "wanted"], lines


def _scores(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What the vectors are worth."""
    lines: list[list[str]] = []
    header = ["scores x 100"]
    for name, row in rows.items():
        if name.startswith("quality-"):
            header = [f"scores x 100, {row['epochs']} epochs", *row["gensim"], "mean", "wanted"]
            label = name.removeprefix("quality-")
            lines += [
                [f"{label}, {side}", *map("{:.1f}".format, row[side].values()), "", ""]
                for side in ("embedkit", "gensim")
            ]
            differences = [*row["difference"].values(), row["mean_difference"]]
            lines.append(["difference", *map("{:+.2f}".format, differences), _verdict(row)])
    return header, lines


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _verdict(row: dict[str, Any]) -> str:
    """What was wanted, and whether it was met."""
    return ", ".join(f"{one['relation']} {one['target']:g} {'ok' if one['met'] else 'MISSED'}" for one in row["wanted"])
