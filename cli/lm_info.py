"""What `embedkit info` says of a language model."""

from pathlib import Path
from typing import Any

from embedkit_cli.lm_options import load_language_model, ngrams_text
from embedkit_cli.output import bytes_text
from embedkit_cli.progress import Progress

__all__ = ["describe_language_model", "is_language_model", "rows_of_language_model"]

# Settings that are not said of every model.
SETTINGS = ("discount", "gamma", "alpha", "weights", "prune", "entropy_threshold")
METHODS = {"gamma": ("lidstone",), "alpha": ("stupid-backoff",)}


def is_language_model(path: str) -> bool:
    """Whether a file is a language model, by its name or by its first bytes."""
    from embedkit.lm.files import is_arpa_name
    from embedkit.lm.native import is_native

    # A pipe gives its bytes only once.
    return path.lower().endswith(".lm") or is_arpa_name(path) or (Path(path).is_file() and is_native(path))


def describe_language_model(path: str) -> dict[str, Any]:
    """Gather the facts about a language model."""
    from embedkit.lm.native import is_native

    model = load_language_model(path, Progress())
    facts = model.facts
    bits = {"uint8": 8, "uint16": 16}.get(str(model.log_prob.dtype))
    smoothing = facts.get("smoothing")
    settings = {
        name: facts[name]
        for name in SETTINGS
        if facts.get(name) is not None and smoothing in METHODS.get(name, (smoothing,))
    }
    return {
        "path": path,
        "format": "lm-native" if is_native(path) else "arpa",
        "bytes": Path(path).stat().st_size,
        "order": model.order,
        "n_ngrams": model.n_ngrams,
        "vocabulary": model.trie.n_words - 3,
        "first_words": model.words[3:13],
        "smoothing": smoothing,
        "interpolated": facts.get("interpolated"),
        "proper": model.scheme != "stupid-backoff",
        "discounts": facts.get("discounts"),
        "quantized_bits": bits,
        "sentences": facts.get("n_sentences"),
        "tokens": facts.get("n_tokens"),
        "tokenizer": facts.get("tokenizer"),
        "lowercase": facts.get("lowercase"),
        "parameters": settings,
    }


def rows_of_language_model(facts: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The same for people."""
    discounts = facts["discounts"]
    form = "native" if facts["format"] == "lm-native" else "ARPA"
    bits = f", {facts['quantized_bits']} bits a number" if facts["quantized_bits"] else ""
    text = None
    if facts["tokens"] is not None and facts["sentences"] is not None:
        text = f"{facts['tokens'] - facts['sentences']:,} words in {facts['sentences']:,} sentences"
    folded = ", in lower case" if facts["lowercase"] else ""
    how = {True: ", interpolated", False: ", not interpolated", None: ""}[facts["interpolated"]]
    smoothing = (
        facts["smoothing"]
        and f"{facts['smoothing']}{how}{'' if facts['proper'] else '; scores, which do not sum to 1'}"
    )
    return [
        ("language model", f"order {facts['order']}"),
        ("n-grams", ngrams_text(facts["n_ngrams"]).removesuffix(" n-grams")),
        ("vocabulary", f"{facts['vocabulary']:,} words"),
        ("format", f"{form}{bits}"),
        ("size", bytes_text(facts["bytes"])),
        ("smoothing", smoothing),
        *((name.replace("_", " "), _setting(value)) for name, value in facts["parameters"].items()),
        *([("discounts", "; ".join(map(_setting, discounts)))] if discounts and all(discounts) else []),
        ("text", text),
        ("words are cut", facts["tokenizer"] and f"by {facts['tokenizer']}{folded}"),
        ("first words", "  ".join(facts["first_words"])),
    ]


def _setting(value: Any) -> str:
    return " ".join(f"{one:.4g}" for one in value) if isinstance(value, list) else f"{value:g}"
