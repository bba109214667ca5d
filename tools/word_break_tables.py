"""Generate the tables of the word breaker from the Unicode Character Database.

    python tools/word_break_tables.py FOLDER > embedkit/_cext/word_break_data.h
    python tools/word_break_tables.py --tests FOLDER > tests/_cext/word_break_test.txt

FOLDER is the database: auxiliary/WordBreakProperty.txt, extracted/DerivedGeneralCategory.txt, emoji/emoji-data.txt and
PropList.txt in it (Debian's package unicode-data has them under /usr/share/unicode).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

N_CODES = 0x110000
SHIFT = 7  # a block is 128 code points: the smallest tables of all powers of two, 24 KB
CLASSES = (
    "Other", "CR", "LF", "Newline", "Extend", "ZWJ", "Format", "Regional_Indicator", "Katakana", "Hebrew_Letter",
    "ALetter", "Single_Quote", "Double_Quote", "MidNumLet", "MidLetter", "MidNum", "Numeric", "ExtendNumLet",
    "WSegSpace",
)  # fmt: skip
PICTOGRAPH, WORD, SPACE = 32, 64, 128


def rows(path: Path) -> Iterator[tuple[range, str]]:
    """Yield the code points and the value of each line of a property file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
        if match:
            yield range(int(match[1], 16), int(match[2] or match[1], 16) + 1), match[3]


def properties(folder: Path) -> bytearray:
    """Return class and flags of each code point."""
    flags = bytearray(N_CODES)
    for codes, name in rows(folder / "auxiliary/WordBreakProperty.txt"):
        for code in codes:
            flags[code] |= CLASSES.index(name)
    for codes, category in rows(folder / "extracted/DerivedGeneralCategory.txt"):
        for code in codes if category[0] in "LN" else ():
            flags[code] |= WORD
    for codes, name in rows(folder / "emoji/emoji-data.txt"):
        for code in codes:
            flags[code] |= {"Extended_Pictographic": PICTOGRAPH, "Emoji_Presentation": WORD}.get(name, 0)
    for codes, name in rows(folder / "PropList.txt"):
        for code in codes if name == "White_Space" else ():
            flags[code] |= SPACE
    for code in range(0x1C, 0x20):
        flags[code] |= SPACE  # as str.isspace() has it
    attached = {CLASSES.index(name) for name in ("Extend", "ZWJ", "Format")}
    letters = {CLASSES.index(name) for name in ("ALetter", "Hebrew_Letter", "Katakana", "Numeric")}
    for code in range(N_CODES):
        if flags[code] & 31 in letters:
            flags[code] |= WORD
        elif flags[code] & 31 in attached:
            flags[code] &= ~WORD  # they make no word of what they are attached to
    return flags


def print_table(name: str, values: list[int], kind: str = "uint8_t") -> None:
    """Print an array of C."""
    print(f"\nstatic const {kind} {name}[{len(values)}] = {{")
    for at in range(0, len(values), 64):
        print("    " + ",".join(map(str, values[at : at + 64])) + ",")
    print("};")


def print_header(folder: Path) -> None:
    """Print both stages of the table."""
    flags = properties(folder)
    version = (folder / "auxiliary/WordBreakProperty.txt").read_text(encoding="utf-8").split("-")[1].split(".txt")[0]
    blocks: dict[bytes, int] = {}
    index = []
    for at in range(0, N_CODES, 1 << SHIFT):
        block = bytes(flags[at : at + (1 << SHIFT)])
        index.append(blocks.setdefault(block, len(blocks)))
    print(f"/* Made by tools/word_break_tables.py from the Unicode Character Database {version}; do not edit.")
    print(" * The data: copyright 1991-2022 Unicode, Inc., https://www.unicode.org/license.txt */")
    print("#ifndef EMBEDKIT_WORD_BREAK_DATA_H\n#define EMBEDKIT_WORD_BREAK_DATA_H\n\n#include <stdint.h>\n")
    print(f"#define WB_SHIFT {SHIFT}\n\n/* Word_Break. */\nenum {{")
    for at in range(0, len(CLASSES), 6):
        print("    " + ", ".join(f"WB_{name.upper()}" for name in CLASSES[at : at + 6]) + ",")
    print("};\n\n/* Extended_Pictographic; letters, numbers and emoji, which make a segment a word; white space. */")
    print(f"enum {{ WB_CLASS = 31, WB_PICTOGRAPH = {PICTOGRAPH}, WB_WORD = {WORD}, WB_SPACE = {SPACE} }};")
    print_table("WB_INDEX", index)
    print_table("WB_BLOCKS", [value for block in blocks for value in block])
    print("\n#endif")


def print_tests(folder: Path) -> None:
    """Print the cases of the official test file without its comments."""
    print("# WordBreakTest.txt of the Unicode Character Database without its comments: code points, with a / at each")
    print("# boundary. Copyright 2022 Unicode, Inc., https://www.unicode.org/license.txt")
    for line in (folder / "auxiliary/WordBreakTest.txt").read_text(encoding="utf-8").splitlines():
        case = line.partition("#")[0].strip()
        if case:
            print(case.replace(" × ", " ").replace("÷", "/"))


if __name__ == "__main__":
    *option, place = sys.argv[1:]
    (print_tests if option == ["--tests"] else print_header)(Path(place))
