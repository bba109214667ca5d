"""Naive twin of the kernel of augmentation: the operations of EDA in plain Python, drawing the same numbers."""

import math

JOINERS = set("-‐‑'’/&@_+.:=·")
OPENING = set("([{<\"'“‘«‹„¿¡（【《「『")
BLANKS = set(" \t\u3000\xa0")
GAMMA, MASK = 0x9E3779B97F4A7C15, 2**64 - 1
TRIES = 4


class Stream:
    """SplitMix64 (Steele, Lea and Flood 2014), entered at a hashed state."""

    def __init__(self, seed, position=0):
        key = 0
        words = [seed & MASK]
        while seed := seed >> 64:
            words.append(seed & MASK)
        for word in words:
            self.state = (key + word * GAMMA) & MASK
            key = self.next()
        self.state = (key + position * GAMMA) & MASK
        self.state = self.next()

    def next(self):
        """64 random bits."""
        self.state = z = (self.state + GAMMA) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def random(self):
        """From [0, 1)."""
        return (self.next() >> 11) / 2**53

    def below(self, n):
        """From 0 to n - 1."""
        return ((self.next() >> 32) * n) >> 32

    def take(self, items):
        """One of the items, which is replaced by the last."""
        k = self.below(len(items))
        items[k], items[-1] = items[-1], items[k]
        return items.pop()

    def choice(self, items):
        """One of the items."""
        return items[self.below(len(items))]


def alternate(text, spans):
    """Gaps and words in turn, of the spans of words."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], text[start:end]]
        at = end
    return [*pieces, text[at:]]


def bound(pieces, place):
    """Whether a word is bound to the next."""
    return pieces[place + 1] in JOINERS and place < len(pieces) - 2


def glue_after(pieces, place):
    """What belongs between a word and one that is put after it."""
    before, word, after = pieces[place - 1 : place + 2]
    if after and after[0].isspace():
        return " "
    if after == "" and place < len(pieces) - 2:
        return ""
    if before and before[-1].isspace():
        return " "
    return "" if unspaced(word[-1:]) else " "


def unspaced(character):
    """Whether it stands beside others of its kind without a space."""
    blocks = [("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff")]
    return any(least <= character <= most for least, most in blocks)


def touching(pieces):
    """Places before which two words or numbers would be read as one."""
    found, text = [], ""
    for place in range(1, len(pieces), 2):
        text += pieces[place - 1]
        ends = (text[-1:], pieces[place][:1])
        if all(one.isalnum() and not unspaced(one) for one in ends):
            found.append(place)
        text += pieces[place]
    return found


def kept_apart(new, pieces):
    """A space between those that touch, unless some did before, or no word follows another at once."""
    if "" in pieces[2:-1:2] and not any(pieces[place - 1] == "" for place in touching(pieces) if place > 1):
        for place in touching(new):
            new[place - 1] += " "
    return new


def gap_without_word(before, after, first, last):
    """What is left of two gaps."""
    if before == after:
        return before
    if first and before == "":
        return after.lstrip()
    if after[:1] in BLANKS and (before[-1:].isspace() or before[-1:] in OPENING):
        return before + after[1:]
    if before[-1:] in BLANKS and (after or last):
        return before[:-1] + after
    return before + after


def count(pieces, alpha):
    """How many words change."""
    return max(1, math.floor(alpha * (len(pieces) // 2)))


def replace(pieces, replaceable, synonyms, alpha, numbers):
    """n words give way to synonyms."""
    new, left = list(pieces), list(replaceable)
    for _ in range(min(count(pieces, alpha), len(left))):
        place = numbers.take(left)
        new[place] = numbers.choice(synonyms[place // 2])
    return kept_apart(new, pieces)


def insert(pieces, replaceable, synonyms, alpha, first, shouted, numbers):
    """n synonyms are put somewhere."""
    new = list(pieces)
    after = [*range(1, len(pieces), 2), *([-1] if first else [])]
    for _ in range(count(pieces, alpha)):
        tries = 0
        place = numbers.choice(after)
        while place > 0 and bound(pieces, place):
            tries += 1
            place = numbers.choice(after) if tries < TRIES else len(pieces) - 2
        word = numbers.choice(synonyms[numbers.choice(replaceable) // 2])
        if place < 0:
            new[1] = word + glue_after(pieces, 1) + new[1]
        else:
            new[place] += glue_after(pieces, place) + (word.upper() if place in shouted else word)
    return new


def swap(pieces, movable, alpha, numbers):
    """Two words change places, n times."""
    new = list(pieces)
    for _ in range(count(pieces, alpha)):
        one = numbers.choice(movable)
        two = numbers.choice([place for place in movable if place != one])
        new[one], new[two] = new[two], new[one]
    return kept_apart(new, pieces)


def delete(pieces, movable, p, numbers):
    """Each word goes with a probability; one at least, and never all."""
    gone, k = [], 0
    while p < 1:
        k += math.floor(math.log(1 - numbers.random()) / math.log1p(-p))
        if k >= len(movable):
            break
        gone.append(movable[k])
        k += 1
    if p == 1:
        gone = list(movable)
    gone = gone or [numbers.choice(movable)]
    if len(gone) == len(pieces) // 2:
        gone.remove(numbers.choice(gone))
    new = list(pieces)
    for place in gone:
        first = not any(new[1:place:2])
        new[place + 1] = gap_without_word(new[place - 1], new[place + 1], first, place == len(pieces) - 2)
        new[place - 1] = new[place] = ""
    return kept_apart(new, pieces)
