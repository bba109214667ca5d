"""Words of a text changed at random: the four operations of EDA, and the numbers that they draw.

A text is a list of 2n + 1 strings, for n words: words have odd places, the gaps before, between and after them even
ones. An operation takes this list and the places of the words that it may touch, and returns a new list, to be joined.
What words mean (synonyms, stop words, capital letters) is known outside.

Strings are objects, so that all of this holds the GIL. What is gained is the interpreter's work between one access to a
list and the next, which is most of what a text of twenty words costs. For the same reason there is `Stream`: to seed
Python's generator takes as long as to change a text.
"""

from libc.math cimport floor, log, log1p
from libc.stdint cimport uint64_t


cdef extern from "sampling.h" nogil:
    uint64_t splitmix64(uint64_t *state)
    uint64_t draw_at(uint64_t key, uint64_t position)

# Places to look at for one that a word can be put after.
cdef enum:
    TRIES = 4


cdef class Stream:
    """Random numbers that belong to a seed and a position.

    Parameters
    ----------
    seed : int
        0 or more, of any size.
    position : int
        0 or more, below 2**64.
    """

    cdef uint64_t key, state

    def __cinit__(self, seed, uint64_t position=0):
        if seed < 0:
            raise ValueError(f"seed={seed}: expected 0 or more")
        self.key = 0
        while True:
            self.key = draw_at(self.key, seed & 0xFFFFFFFFFFFFFFFF)
            seed >>= 64
            if not seed:
                break
        self.enter(position)

    def enter(self, uint64_t position):
        """Go to the first number of a position."""
        # Hashed: of states a step apart, one would draw what the other drew before.
        self.state = draw_at(self.key, position)

    def random(self):
        """Return a number from [0, 1)."""
        return self.fraction()

    cdef inline double fraction(self) noexcept:
        return <double>(splitmix64(&self.state) >> 11) * (1.0 / 9007199254740992.0)

    def take(self, list items):
        """Take an item out of a list, which loses its order, and return it; there is at least one."""
        cdef Py_ssize_t k = self.below(len(items))
        item = items[k]
        items[k] = items[len(items) - 1]
        items.pop()
        return item

    cdef inline Py_ssize_t below(self, Py_ssize_t n) noexcept:
        """A whole number from 0 to n - 1; n is below 2**32."""
        return <Py_ssize_t>(((splitmix64(&self.state) >> 32) * <uint64_t>n) >> 32)


cdef inline bint _joins(Py_UCS4 c) noexcept:
    """Whether this mark makes one of two words where it stands between them without a space."""
    return c in u"-‐‑'’/&@_+.:=·"


cdef inline bint _opens(Py_UCS4 c) noexcept:
    return c in u"([{<\"'“‘«‹„¿¡（【《「『"


cdef inline bint _is_blank(Py_UCS4 c) noexcept:
    return c in u" \t\u3000\xa0"


cdef inline bint _is_unspaced(Py_UCS4 c) noexcept:
    """Whether it is one of the Han characters, kana and bopomofo, which stand side by side without a space."""
    return 0x2E80 <= c <= 0x9FFF or 0xF900 <= c <= 0xFAFF or 0x20000 <= c <= 0x3FFFF


cdef inline Py_ssize_t _count(list pieces, double alpha) noexcept:
    """How many words change."""
    return max(1, <Py_ssize_t>(alpha * (len(pieces) >> 1)))


cdef inline Py_UCS4 _first(str text):
    """The first character, or NUL, which is none of those that are asked for here."""
    return text[0] if text else 0


cdef inline Py_UCS4 _last(str text):
    return text[len(text) - 1] if text else 0


def facts_of(list pieces, known):
    """What is known of each word.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
    known : dict

    Returns
    -------
    list, (n,)
    """
    cdef list found = []
    cdef Py_ssize_t place
    for place in range(1, len(pieces), 2):
        found.append(known[pieces[place]])
    return found


def places(list pieces, list facts):
    """Places of the words that may change, and of those that have synonyms.

    Words that a hyphen or the like binds to a neighbour are not among them: half of ill-advised is no word.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
    facts : list of (tuple of str or None), (n,)
        Of each word its synonyms; None where it is left alone.

    Returns
    -------
    movable, replaceable : list of int
    """
    cdef list movable = [], replaceable = []
    cdef Py_ssize_t k, place
    cdef bint after = False  # a word that is bound to this one
    for k in range(len(facts)):
        place = 2 * k + 1
        found = facts[k]
        before, after = after, bound(pieces, place)
        if found is not None and not before and not after:
            movable.append(place)
            if found:
                replaceable.append(place)
    return movable, replaceable


cpdef bint bound(list pieces, Py_ssize_t place) except -1:
    """Whether a hyphen or the like binds the word at `place` to the next."""
    cdef str gap = pieces[place + 1]
    return len(gap) == 1 and _joins(gap[0]) and place + 2 < len(pieces)


cpdef str glue_after(list pieces, Py_ssize_t place):
    """What belongs between the word at `place` and another that is put after it: a space, or nothing in Chinese."""
    cdef str before = pieces[place - 1], after = pieces[place + 1], word = pieces[place]
    if _first(after).isspace():
        return " "
    if not after and place + 2 < len(pieces):
        return ""  # the next word follows at once
    if _last(before).isspace():
        return " "
    return "" if _is_unspaced(_last(word)) else " "


cpdef str gap_without_word(str before, str after, bint first, bint last):
    """What is left of the gaps on both sides of a word that is taken away.

    One of the two spaces goes with the word, and one of two equal marks.

    Parameters
    ----------
    before, after : str
    first, last : bool
        Whether no word is left before it, or none after it.
    """
    if before == after:
        return after
    if first and not before:
        return after.lstrip()
    if _is_blank(_first(after)) and (_last(before).isspace() or _opens(_last(before))):
        return before + after[1:]
    if _is_blank(_last(before)) and (after or last):
        return before[:len(before) - 1] + after
    return before + after


cdef inline bint _meet(Py_UCS4 before, Py_UCS4 after):
    """Whether two characters would be read as one word or number."""
    return before.isalnum() and after.isalnum() and not _is_unspaced(before) and not _is_unspaced(after)


cdef _keep_apart(list new, list pieces):
    """Put a space between words or numbers that only Chinese words kept apart: iPhone and 3.

    Not where the text itself has such words side by side, as when it is cut into characters.
    """
    cdef Py_ssize_t place
    cdef bint unspaced = False
    cdef Py_UCS4 last = 0
    cdef str gap, word
    for place in range(3, len(pieces), 2):
        if not pieces[place - 1]:
            unspaced = True
            if _meet(_last(pieces[place - 2]), _first(pieces[place])):
                return
    if not unspaced:
        return
    for place in range(1, len(new), 2):
        gap, word = new[place - 1], new[place]
        if gap:
            last = _last(gap)
        if word:
            if _meet(last, _first(word)):
                new[place - 1] = gap + " "
            last = _last(word)


def replace(list pieces, list replaceable, list synonyms, double alpha, Stream numbers):
    """Put synonyms in the place of n words, or of all that have some.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
    replaceable : list of int
        Places of words that have synonyms.
    synonyms : list of (tuple of str or None), (n,)
    alpha : float
        Share of the words: n = max(1, floor(alpha l)) of l.
    numbers : Stream

    Returns
    -------
    list of str, (2n + 1,)
    """
    cdef list new = pieces[:], left = replaceable[:]
    cdef Py_ssize_t n = _count(pieces, alpha), n_left = len(left), k, place
    cdef tuple found
    while n > 0 and n_left > 0:
        k = numbers.below(n_left)
        place = left[k]
        n -= 1
        n_left -= 1
        left[k] = left[n_left]
        found = synonyms[place >> 1]
        new[place] = found[numbers.below(len(found))]
    _keep_apart(new, pieces)
    return new


def insert(list pieces, list replaceable, list synonyms, double alpha, bint first, shouted, Stream numbers):
    """Put a synonym of some word somewhere, n times.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
    replaceable : list of int
        Places of words that have synonyms; at least one.
    synonyms : list of (tuple of str or None), (n,)
    alpha : float
        Share of the words: n = max(1, floor(alpha l)) of l.
    first : bool
        Whether a word may be put before all others.
    shouted : set of int
        Places after which a word is in capitals.
    numbers : Stream

    Returns
    -------
    list of str, (2n + 1,)
    """
    cdef list new = pieces[:], behind = []
    cdef Py_ssize_t n = _count(pieces, alpha), last = len(pieces) - 2, place
    cdef tuple found
    while n > 0:
        n -= 1
        place = _insertion_place(pieces, first, numbers)
        found = synonyms[<Py_ssize_t>replaceable[numbers.below(len(replaceable))] >> 1]
        word = found[numbers.below(len(found))]
        if place < 0:
            new[1] = word + glue_after(pieces, 1) + new[1]
            continue
        if shouted and place in shouted:
            word = word.upper()
        if place == last:
            # Of words that are bound to each other, all come here: one string for each would take quadratic time.
            behind += (glue_after(pieces, place), word)
        else:
            new[place] = new[place] + glue_after(pieces, place) + word
    if behind:
        new[last] = new[last] + "".join(behind)
    return new


cdef Py_ssize_t _insertion_place(list pieces, bint first, Stream numbers) except -2:
    """The word that another is put after; -1 is the place before all."""
    cdef Py_ssize_t n = len(pieces) >> 1, place
    for _ in range(TRIES):
        place = 2 * numbers.below(n + first) + 1
        if place > 2 * n:
            return -1
        if not bound(pieces, place):
            return place
    return 2 * n - 1  # no word follows the last


def swap(list pieces, list movable, double alpha, Stream numbers):
    """Swap two words, n times.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
    movable : list of int
        Places of words that may change; at least two.
    alpha : float
        Share of the words: n = max(1, floor(alpha l)) of l.
    numbers : Stream

    Returns
    -------
    list of str, (2n + 1,)
    """
    cdef list new = pieces[:]
    cdef Py_ssize_t n = _count(pieces, alpha), one, two, k, other
    while n > 0:
        n -= 1
        k = numbers.below(len(movable))
        other = numbers.below(len(movable) - 1)
        one, two = movable[k], movable[other + (other >= k)]
        new[one], new[two] = new[two], new[one]
    _keep_apart(new, pieces)
    return new


def delete(list pieces, list movable, double p, Stream numbers):
    """Delete each word with the probability `p`, but one at least, and never all.

    A deleted word leaves an empty string, and the gap behind it holds what is left of both gaps.

    Parameters
    ----------
    pieces : list of str, (2n + 1,)
        Of two words or more.
    movable : list of int
        Places of words that may change; at least one.
    p : float
    numbers : Stream

    Returns
    -------
    list of str, (2n + 1,)
    """
    cdef list new = pieces[:], gone = _drawn(movable, p, numbers)
    cdef Py_ssize_t first = 1, last = len(new) - 2, place
    if not gone:
        gone = [movable[numbers.below(len(movable))]]
    if len(gone) == len(pieces) >> 1:
        del gone[numbers.below(len(gone))]
    for place in gone:
        new[place + 1] = gap_without_word(new[place - 1], new[place + 1], place == first, place == last)
        new[place] = new[place - 1] = ""
        if place == first:
            first += 2
    _keep_apart(new, pieces)
    return new


cdef list _drawn(list items, double p, Stream numbers):
    """Those of the items that are drawn with the probability p each; in order."""
    cdef list found = []
    cdef double k = -1.0, logarithm
    if p >= 1.0:
        return items[:]
    # Geometric distances between them need a number for each that is drawn, not for each item.
    logarithm = log1p(-p)
    while True:
        k += 1.0 + floor(log(1.0 - numbers.fraction()) / logarithm)
        if not k < len(items):
            return found
        found.append(items[<Py_ssize_t>k])
