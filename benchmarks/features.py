"""Vectorisers beside scikit-learn's: the same matrix, how fast, and in how much memory.

    python benchmarks/features.py                   all rows
    python benchmarks/features.py --rows hashing    some rows

Both sides run in turns, each in a process of its own; the texts are in memory when the clock starts. A row stops if
the two matrices differ. The reviews are the Large Movie Review Dataset (Maas et al. 2011), which is not part of the
project.
"""

import argparse
import math
import os
from pathlib import Path
from typing import Any

from harness import (
    ROOT,
    compared,
    in_turns,
    load_results,
    machine,
    median,
    run_job,
    save_results,
    stamp,
    table,
    versions,
    wanted,
)

SIDES = ("embedkit", "scikit-learn")
ROWS: dict[str, tuple[str, dict[str, Any], float]] = {
    "tfidf": ("TfidfVectorizer", {}, 8.0),
    "tfidf-bigrams": ("TfidfVectorizer", {"ngram_range": [1, 2], "min_df": 2}, 8.0),
    "tfidf-characters": ("TfidfVectorizer", {"analyzer": "char_wb", "ngram_range": [3, 5], "min_df": 2}, 10.0),
    "hashing-bigrams": ("HashingVectorizer", {"ngram_range": [1, 2]}, 8.0),
}


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Seconds and peak memory of one vectoriser on both sides."""
    kind, settings, target = ROWS[name]
    job = {"class": kind, "settings": settings, "threads": options.threads, "reviews": str(options.reviews)}
    done: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}

    def side(side: str) -> float:
        done[side].append(run_job(ROOT / "benchmarks" / "features_worker.py", job | {"side": side}))
        return float(done[side][-1]["seconds"])

    sides = [(one, lambda one=one: side(one)) for one in SIDES]
    figures = in_turns(options.rounds, sides, "s")
    ours, theirs = (done[one][0] for one in SIDES)
    if ours["same"] != theirs["same"] or not math.isclose(ours["sum"], theirs["sum"], rel_tol=1e-12):
        raise SystemExit(f"{name}: the sides do not compute the same:\n  {ours}\n  {theirs}")
    row = compared(figures, "seconds", SIDES, higher=False, wanted_ratio=target)
    peaks = {one: median(run["peak_rss_mb"] for run in done[one]) for one in SIDES}
    row["megabytes_per_second"] = {one: median(run["megabytes"] / run["seconds"] for run in done[one]) for one in SIDES}
    row["peak_rss_mb"] = peaks
    row["wanted"].append(wanted("peak memory", peaks["embedkit"] / peaks["scikit-learn"], "<=", 1.0))
    return row | {"class": kind, "settings": settings, "matrix": ours["same"]}


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    lines = []
    for name, row in results["rows"].items():
        speeds, peaks = row["megabytes_per_second"], row["peak_rss_mb"]
        verdict = ["ok" if one["met"] else "MISSED" for one in row["wanted"]]
        lines.append(
            [
                name,
                *(f"{speeds[side]:.3g}" for side in SIDES),
                f"{row['ratio']:.1f}x",
                f"{min(row['ratios']):.1f} to {max(row['ratios']):.1f}",
                f">= {row['wanted'][0]['target']:g} {verdict[0]}",
                *(f"{peaks[side]:,.0f}" for side in SIDES),
                f"<= {verdict[1]}",
            ]
        )
    header = ["MB/s", *SIDES, "ratio", "by round", "wanted", "peak MB", "scikit-learn", "wanted"]
    where = results["machine"]
    return f"{results['settings']['threads']} threads, {where['cpu']}, {where['cores']} cores\n\n{table(header, lines)}"


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=Path, default=data / "classify" / "imdb.train.tsv.gz")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "features.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else list(ROWS)
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if not options.reviews.is_file():
        parser.error(f"no such file: {options.reviews}; name the training reviews with --reviews")
    same = {"machine": machine(), "settings": {"threads": options.threads, "file": options.reviews.name}}
    results = load_results(options.output, same)
    for name in names:
        print(name, flush=True)
        results["rows"][name] = (
            measure(name, options) | stamp() | {"versions": versions("numpy", "scipy", "scikit-learn")}
        )
        save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
