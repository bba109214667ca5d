"""Keys of a QWERTY keyboard, and which lie side by side."""

from math import hypot

__all__ = ["NEIGHBOURS"]

# Letters of each row, and how far its first key lies to the right of the first of all, in widths of a key.
ROWS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
# Centres of keys that touch are this far apart at most.
REACH = 1.3


def _neighbours() -> dict[str, str]:
    keys = [(letter, offset + k, row) for row, (letters, offset) in enumerate(ROWS) for k, letter in enumerate(letters)]
    return {
        letter: "".join(other for other, u, v in keys if other != letter and hypot(x - u, y - v) < REACH)
        for letter, x, y in keys
    }


NEIGHBOURS = _neighbours()
"""Of each letter from a to z the letters whose keys touch its own."""
