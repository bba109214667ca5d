"""The tables of the benchmark of counts, from its JSON."""

from typing import Any

from harness import table


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows, where = results["rows"], results["machine"]
    head = (
        f"{results['corpus']['words']:,} words; {results['settings']['threads']} threads, {where['cpu']}, "
        f"{where['cores']} cores"
    )
    tables = [_beside(rows), _scores(rows), _memory(rows)]
    return "\n\n".join([head, *(table(*lines) for lines in tables if lines[1])])


def _beside(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Speed."""
    lines = []
    for name, peer in (("cooccur", "stanford"), ("glove-epoch", "stanford"), ("svd", "svds")):
        if row := rows.get(name):
            spread = f"{min(row['ratios']):.2f} to {max(row['ratios']):.2f}"
            figures = [f"{row['embedkit']:.3g}", f"{row[peer]:.3g}", f"{row['ratio']:.2f}x", spread]
            lines.append([f"{name}, seconds, beside {peer}", *figures, _verdict(row)])
    if row := rows.get("svd"):
        other = row["randomized_svd"]
        lines.append(
            [
                f"svd beside randomized_svd, {other['n_iter']} iterations",
                f"{row['embedkit']:.3g}",
                f"{other['seconds']:.3g}",
                f"{other['seconds'] / row['embedkit']:.2f}x",
                "",
                ", ".join(f"{side} to {residual:.1g}" for side, residual in row["residuals"].items()),
            ]
        )
    return ["", "embedkit", "peer", "ratio", "by round", "wanted"], lines


def _scores(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What the vectors are worth."""
    lines: list[list[str]] = []
    header = ["scores x 100", "Google", "WS-353", "MEN", "RW", "wanted"]
    if row := rows.get("glove-quality"):
        lines += [[f"GloVe, {side}", *_figures(row[side]), ""] for side in ("embedkit", "stanford")]
        lines.append(["difference", *(f"{value:+.1f}" for value in row["difference"].values()), _verdict(row)])
    if row := rows.get("svd-quality"):
        for number, (name, scores) in enumerate(row["scores"].items()):
            label = name if name.startswith("skip-gram") else f"SVD, d {row['k']}, {name}"
            lines.append([label, *_figures(scores), _verdict(row) if number == 2 else ""])
    return header, lines


def _memory(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Peaks."""
    row = rows.get("memory")
    if not row:
        return [], []
    verdicts = [_verdict({"wanted": [one]}) for one in row["wanted"]]
    verdicts += [""] * (len(row["peaks"]) - len(verdicts))
    lines = [
        [name, f"{peak:,.0f}", verdict] for (name, peak), verdict in zip(row["peaks"].items(), verdicts, strict=True)
    ]
    return ["peak memory, MB", "", "wanted"], lines


def _figures(scores: dict[str, float]) -> list[str]:
    return [f"{value:.1f}" for value in scores.values()]


def _verdict(row: dict[str, Any]) -> str:
    """What was wanted, and whether it was met."""
    return ", ".join(f"{one['relation']} {one['target']:g} {'ok' if one['met'] else 'MISSED'}" for one in row["wanted"])
