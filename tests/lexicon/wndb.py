"""A small WordNet in the WNDB format, laid out from a table of synsets."""

from pathlib import Path
from typing import NamedTuple

SUFFIXES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
INVERSE = {"@": "~", "@i": "~i", "!": "!"}
LICENCE = "  1 These synsets were made up for tests.  \n  2 They may be used for anything.  \n"


class Row(NamedTuple):
    """A synset: its name in the table, its type, its words, and (symbol, name, source word, target word) a pointer."""

    name: str
    kind: str
    words: str
    pointers: tuple[tuple[str, str, int, int], ...] = ()


def above(*names: str, symbol: str = "@") -> tuple[tuple[str, str, int, int], ...]:
    return tuple((symbol, name, 0, 0) for name in names)


# The senses of a word come in the order of this table.
ROWS = [
    Row("entity", "n", "entity"),
    Row("animal", "n", "animal beast", above("entity")),
    Row("canine", "n", "canine canid", above("animal")),
    Row("pet", "n", "domestic_animal house_pet", above("animal")),
    Row("dog", "n", "dog domestic_dog", above("canine", "pet")),
    Row("puppy", "n", "puppy", above("dog")),
    Row("cad", "n", "cad dog", above("animal")),
    Row("rodent", "n", "rodent gnawer", above("animal")),
    Row("mouse", "n", "mouse", above("rodent")),
    Row("pointer", "n", "mouse computer_mouse", above("entity")),
    Row("city", "n", "city metropolis", above("entity")),
    Row("rome", "n", "Rome Eternal_City", above("city", symbol="@i")),
    Row("nlp", "n", "natural_language_processing NLP", above("entity")),
    Row("good_n", "n", "good goodness", (*above("entity"), ("!", "evil", 1, 1), ("!", "evil", 2, 2))),
    Row("evil", "n", "evil evilness", above("entity")),
    Row("race", "n", "race run", above("entity")),
    Row("box", "n", "box", above("entity")),
    Row("boxful", "n", "boxful box", above("entity")),
    Row("bos", "n", "Bos genus_Bos", above("animal")),
    Row("boss", "n", "boss foreman", above("animal")),
    Row("icecream", "n", "ice_cream", above("entity")),
    Row("travel", "v", "travel go"),
    Row("run", "v", "run hurry", above("travel")),
    Row("flow", "v", "flow run", above("travel")),
    Row("consult", "v", "look_up consult"),
    Row("good", "a", "good", (("!", "bad", 1, 1),)),
    Row("bad", "a", "bad"),
    Row("fine", "s", "fine(p) good(ip) all_right(a)", (("&", "good", 0, 0),)),
    Row("better", "a", "better superior"),
    Row("happy", "a", "happy glad", (("!", "unhappy", 1, 1),)),
    Row("unhappy", "a", "unhappy sad"),
    Row("well", "r", "well good"),
    Row("better_r", "r", "better"),
]
# Senses that came in annotated texts.
TAGGED = {("good", "a"): 14, ("good", "n"): 3, ("run", "v"): 9, ("run", "n"): 2, ("well", "r"): 8}
EXCEPTIONS = {
    "n": "mice mouse\n",
    "v": "ran run\nrunning run\n",
    "a": "better good well\n",
    "r": "better well\n",
}


def write_wordnet(folder: Path, rows: list[Row] = ROWS) -> Path:
    """Write the files of a WordNet into a directory, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    pointers = {row.name: [(symbol, target, a, b) for symbol, target, a, b in row.pointers] for row in rows}
    for row in rows:
        for symbol, target, source, word in row.pointers:
            if symbol in INVERSE:
                pointers[target].append((INVERSE[symbol], row.name, word, source))
    kinds = {row.name: row.kind for row in rows}
    offsets = {row.name: 0 for row in rows}
    for pos in SUFFIXES:
        # Offsets have a fixed width: the first layout, with zeros for them, has them all in their places.
        at = len(LICENCE)
        for row in rows:
            if _file(row.kind) == pos:
                offsets[row.name] = at
                at += len(_line(row, pointers[row.name], kinds, offsets).encode())
    for pos, suffix in SUFFIXES.items():
        mine = [row for row in rows if _file(row.kind) == pos]
        lines = [_line(row, pointers[row.name], kinds, offsets) for row in mine]
        (folder / f"data.{suffix}").write_text(LICENCE + "".join(lines), encoding="utf-8", newline="\n")
        senses: dict[str, list[Row]] = {}
        for row in mine:
            for word in row.words.split():
                senses.setdefault(word.partition("(")[0].lower(), []).append(row)
        entries = [_entry(lemma, pos, senses[lemma], pointers, offsets) for lemma in sorted(senses, key=str.encode)]
        (folder / f"index.{suffix}").write_text(LICENCE + "".join(entries), encoding="utf-8", newline="\n")
        (folder / f"{suffix}.exc").write_text(EXCEPTIONS[pos], newline="\n")
    return folder


def _file(kind: str) -> str:
    return "a" if kind == "s" else kind


def _line(row: Row, pointers: list, kinds: dict[str, str], offsets: dict[str, int]) -> str:
    words = row.words.split()
    fields = [f"{offsets[row.name]:08d}", "03", row.kind, f"{len(words):02x}"]
    fields += [part for word in words for part in (word, "0")]
    fields.append(f"{len(pointers):03d}")
    for symbol, target, source, word in pointers:
        fields += [symbol, f"{offsets[target]:08d}", _file(kinds[target]), f"{source:02x}{word:02x}"]
    frames = " 01 + 02 00" if row.kind == "v" else ""
    return f'{" ".join(fields)}{frames} | what {row.name} is; "an example | of it"  \n'


def _entry(lemma: str, pos: str, rows: list[Row], pointers: dict, offsets: dict[str, int]) -> str:
    symbols = sorted({pointer[0] for row in rows for pointer in pointers[row.name]})
    counts = [str(len(rows)), str(len(symbols)), *symbols, str(len(rows)), str(TAGGED.get((lemma, pos), 0))]
    return " ".join([lemma, pos, *counts, *(f"{offsets[row.name]:08d}" for row in rows)]) + "  \n"
