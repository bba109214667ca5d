"""What every benchmark shares: a job in a process of its own, the machine in words, results that merge, tables.

Leaf module, standard library only: the parent process stays small and warm caches stay cold for both sides.
"""

import contextlib
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def run_job(script: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Run a worker script on one job, in a fresh process; the last line that it prints is the result, as JSON."""
    command = [sys.executable, str(script), json.dumps(job)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{script.name} failed with exit code {done.returncode} on {job}")
    return json.loads(done.stdout.splitlines()[-1])


def peak_rss_mb() -> float:
    """Most memory that this process held at a time, in MB (10^6 bytes)."""
    with contextlib.suppress(OSError):
        # On Linux getrusage also counts what the parent held when it started this process.
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def machine() -> dict[str, Any]:
    """The machine in words that say nothing about whose it is."""
    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        cpu = names[0] if names else cpu
    with contextlib.suppress(OSError):
        flags = re.search(r"^flags\s*:(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        widest = [name for name in ("avx512f", "avx2") if flags and name in flags[1].split()]
        cpu += f", {widest[0]}" if widest else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": cpu, "cores": cores, "system": f"{platform.system()} {platform.machine()}"}


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of installed packages."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}


def stamp() -> dict[str, str]:
    """When, and of which commit, a figure was measured; "+" marks uncommitted changes of the code."""
    return {"date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"), "commit": _commit()}


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "embedkit", "cli", "setup.py")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def load_results(path: Path, same: dict[str, Any]) -> dict[str, Any]:
    """Earlier results to merge new rows into; results of another machine or setting are refused, not overwritten."""
    if not path.exists():
        return {**same, "rows": {}}
    results = json.loads(path.read_text(encoding="utf-8"))
    for key, value in same.items():
        if results.get(key) != value:
            raise SystemExit(
                f"{path} holds results with another {key}:\n  there: {results.get(key)}\n  here:  {value}\n"
                "Remove it, or name another file with --output."
            )
    return results


def save_results(path: Path, results: dict[str, Any]) -> None:
    """Write results, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


def median(values: Iterable[float]) -> float:
    """Median, rounded."""
    return rounded(statistics.median(values))


def rounded(value: float) -> float:
    """Four digits: more would be noise."""
    return float(f"{value:.4g}")


def in_turns(rounds: int, sides: Sequence[tuple[str, Callable[[], float]]], unit: str) -> dict[str, list[float]]:
    """Measure sides alternately, the first one changing from round to round."""
    figures: dict[str, list[float]] = {name: [] for name, _ in sides}
    for number in range(rounds):
        for name, measure in sides[:: 1 if number % 2 == 0 else -1]:
            figures[name].append(measure())
            say(f"  round {number + 1}: {name} {figures[name][-1]:,.4g} {unit}")
    return figures


def compared(
    figures: dict[str, list[float]],
    unit: str,
    sides: tuple[str, str] = ("embedkit", "gensim"),
    *,
    higher: bool,
    wanted_ratio: float | None,
) -> dict[str, Any]:
    """Medians of both sides, and how many times better the first one is."""
    better, worse = sides if higher else sides[::-1]
    ratios = [a / b for a, b in zip(figures[better], figures[worse], strict=True)]
    medians = {side: median(figures[side]) for side in sides}
    return {
        "unit": unit,
        **medians,
        "ratio": median(ratios),
        "ratio_of_medians": rounded(medians[better] / medians[worse]),
        "ratios": [rounded(ratio) for ratio in ratios],
        "rounds": len(ratios),
        "wanted": [] if wanted_ratio is None else [wanted("ratio", median(ratios), ">=", wanted_ratio)],
    }


def wanted(what: str, value: float, relation: str, target: float) -> dict[str, Any]:
    """A figure, what it should be, and whether it is."""
    met = value >= target if relation == ">=" else value <= target
    return {"what": what, "value": value, "relation": relation, "target": target, "met": met}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Text in columns: the first to the left, the others to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    shown = [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        ).rstrip()
        for line in lines
    ]
    return "\n".join([shown[0], "-" * max(map(len, shown)), *shown[1:]])


def the_corpus(given: str | None, data: Path) -> Path:
    """The corpus that was named, or the normalised Wikipedia, made once into build/."""
    if given is not None:
        if not Path(given).is_file():
            raise SystemExit(f"no such file: {given}")
        return Path(given)
    corpus = ROOT / "build" / "benchmarks" / "wiki-en-normalised.txt"
    if corpus.exists():
        return corpus
    raw, normalise = data / "en" / "wiki-en.txt.gz", data.parent / "tools" / "normalize_wiki.py"
    if not (raw.exists() and normalise.exists()):
        raise SystemExit(
            f"no corpus: {raw} and {normalise} are not both there.\n"
            "Pass --corpus FILE (plain text, a document a line), or set EMBEDKIT_DATA to the folder of the data sets."
        )
    say(f"normalising {raw.name} into build/ (a minute)")
    corpus.parent.mkdir(parents=True, exist_ok=True)
    partial = corpus.with_suffix(".partial")
    with partial.open("wb") as out:
        subprocess.run([sys.executable, str(normalise), str(raw)], stdout=out, check=True)
    partial.replace(corpus)
    return corpus


def say(text: str) -> None:
    """Progress, apart from the results."""
    print(text, file=sys.stderr, flush=True)
