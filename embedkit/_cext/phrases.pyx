"""Adjacent words: counted in pairs, and joined.

A pair is a word and the next one in its document that is no connector word, with the connector words between them:
its second part is all that stands behind the first word. `group_pairs` brings the second parts of each first word
together, a thread a slice of the text, as an inverted index is made; `count_rows` then counts the second parts of one
first word after the other in a small hash table, which nothing else uses. So no table ever holds all pairs. What is
found does not depend on the number of threads, since the slices lie in the order of the text.

A second part is a 64-bit number: the id of a word that stands right behind, or, with connector words between, the
place of the pair in the text, under a mark and some bits of a hash. Two of these are the same if the texts there are.

`join` writes the text anew over itself, from left to right, with one id for each phrase, the longest that begins at a
word. It walks on from there while words stand inside of some phrase, and looks up what ends where one may end.
"""

from libc.math cimport log
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memmove, memset

from embedkit._cext.scan_core cimport SCAN_DOCUMENT_END, SCAN_PRUNED, scan_remap

cdef extern from * nogil:
    """
    #define PHRASE_FACTOR 0x9E3779B97F4A7C15ull /* 2^64 / golden ratio */
    #define PHRASE_APART (1ull << 63)
    """
    uint64_t PHRASE_FACTOR
    uint64_t PHRASE_APART

cdef enum:
    ROLE_RARE = -1
    ROLE_CONNECTOR = -2
    FLAG_FIRST = 1
    FLAG_LAST = 2
    FLAG_INNER = 4
    # Bits of a place in the text.
    PLACE_BITS = 40
    # Slots with which the table of a row begins.
    FEW_SLOTS = 64

RARE, CONNECTOR = ROLE_RARE, ROLE_CONNECTOR
STARTS, ENDS, JOINS = FLAG_FIRST, FLAG_LAST, FLAG_INNER
PRUNED = SCAN_PRUNED
MOST_IDS = <int64_t> 1 << PLACE_BITS


cdef struct Entry:
    uint64_t second
    int64_t count  # 0 if the slot is free


cdef struct Table:
    Entry *entries
    int64_t mask, n


cdef inline uint64_t mixed(uint64_t hash, uint64_t value) noexcept nogil:
    hash = (hash ^ value) * PHRASE_FACTOR
    return hash ^ (hash >> 32)


cdef inline uint64_t apart(const int32_t *ids, int64_t start, int64_t end) noexcept nogil:
    """The second part of the pair from `start` to `end`, which are not neighbours."""
    cdef uint64_t hash = 0
    cdef int64_t i
    for i in range(start + 1, end + 1):
        hash = mixed(hash, <uint64_t> ids[i])
    return PHRASE_APART | (hash >> 1 >> PLACE_BITS << PLACE_BITS) | <uint64_t> start


cdef inline int64_t place_of(uint64_t second) noexcept nogil:
    return <int64_t> (second & ((<uint64_t> 1 << PLACE_BITS) - 1))


cdef inline uint64_t slot_of(uint64_t second) noexcept nogil:
    return mixed(0, second >> PLACE_BITS if second & PHRASE_APART else second)


cdef inline bint same(uint64_t a, uint64_t b, const int32_t *ids, const int32_t *roles) noexcept nogil:
    """Whether two second parts consist of the same words."""
    cdef const int32_t *x
    cdef const int32_t *y
    if a == b:
        return True
    if not a & PHRASE_APART or a >> PLACE_BITS != b >> PLACE_BITS:
        return False
    x, y = ids + place_of(a) + 1, ids + place_of(b) + 1
    while x[0] == y[0]:
        if roles[x[0]] != ROLE_CONNECTOR:
            return True
        x, y = x + 1, y + 1
    return False


def group_pairs(
    const int32_t[::1] ids,
    int64_t begin,
    int64_t end,
    const int32_t[::1] roles,
    int32_t first_row,
    int32_t stop_row,
    int64_t[::1] cursor,
    uint64_t[::1] seconds=None,
):
    """Bring the second parts of the pairs that end in ``ids[begin:end]`` to the rows of their first words, or count.

    Parameters
    ----------
    ids : (n_ids,) int32, IN
        Word ids, negative behind the last word of each document.
    begin, end : int
    roles : (n_words,) int32, IN
        The row of each word; `RARE` for one whose pairs are left out; `CONNECTOR`.
    first_row, stop_row : int
        Pairs of other first words are left out.
    cursor : (stop_row - first_row,) int64, IN and OUT
        Where the next second part of each row goes; no two threads share one.
    seconds : uint64, OUT
        If it is not given, `cursor` only counts.
    """
    cdef int64_t i, start = begin - 1
    cdef int32_t row = ROLE_RARE, role
    cdef bint write = seconds is not None
    with nogil:
        while start >= 0 and ids[start] >= 0 and roles[ids[start]] == ROLE_CONNECTOR:
            start -= 1
        if start >= 0 and ids[start] >= 0:
            row = roles[ids[start]]
        for i in range(begin, end):
            if ids[i] < 0:
                row = ROLE_RARE
                continue
            role = roles[ids[i]]
            if role == ROLE_CONNECTOR:
                continue
            if role >= 0 and first_row <= row < stop_row:
                if write:
                    seconds[cursor[row - first_row]] = (
                        <uint64_t> ids[i] if i == start + 1 else apart(&ids[0], start, i)
                    )
                cursor[row - first_row] += 1
            start, row = i, role


cdef bint grow(Table *table) noexcept nogil:
    """Double the slots of a table, or give it its first ones; returns whether there is memory for it."""
    cdef int64_t i, size = 2 * (table.mask + 1)
    cdef uint64_t slot, mask = size - 1
    cdef Entry *entries = <Entry *> malloc(size * sizeof(Entry))
    if entries == NULL:
        return False
    memset(entries, 0, size * sizeof(Entry))
    for i in range(table.mask + 1):
        if table.entries[i].count:
            slot = slot_of(table.entries[i].second) & mask
            while entries[slot].count:
                slot = (slot + 1) & mask
            entries[slot] = table.entries[i]
    free(table.entries)
    table.entries = entries
    table.mask = mask
    return True


cdef bint count_row(
    const uint64_t *seconds, int64_t n, const int32_t *ids, const int32_t *roles, Table *table
) noexcept nogil:
    """Count the second parts of a row; returns whether there was memory for it."""
    cdef int64_t i
    cdef uint64_t slot
    cdef Entry *entry
    table.n = 0
    table.mask = FEW_SLOTS - 1
    memset(table.entries, 0, FEW_SLOTS * sizeof(Entry))
    for i in range(n):
        slot = slot_of(seconds[i]) & table.mask
        while True:
            entry = table.entries + slot
            if entry.count == 0:
                entry.second = seconds[i]
                entry.count = 1
                table.n += 1
                if 2 * table.n > table.mask and not grow(table):
                    return False
                break
            if same(entry.second, seconds[i], ids, roles):
                entry.count += 1
                break
            slot = (slot + 1) & table.mask
    return True


def count_rows(
    const int32_t[::1] ids,
    const int32_t[::1] roles,
    const uint64_t[::1] seconds,
    const int64_t[::1] starts,
    int64_t begin,
    int64_t end,
    int64_t least,
    bint every,
    uint64_t[::1] found,
    int64_t[::1] counts,
    int64_t[::1] n_found,
):
    """Count the pairs of rows `begin` to `end`, and write those that occur often enough.

    Parameters
    ----------
    ids, roles
        As for `group_pairs`.
    seconds : uint64, IN
        Second parts, by row.
    starts : (n_rows + 1,) int64, IN
        Where those of each row begin.
    begin, end : int
    least : int
        Pairs that occur less often are not written; at least 1.
    every : bool
        Whether the different pairs of rows are counted in which none can occur often enough.
    found : (n // least + 1,) uint64, OUT
        Second parts, those of a row from ``starts[row] // least`` on, each once.
    counts : (n // least + 1,) int64, OUT
        How often each occurs.
    n_found : (n_rows,) int64, OUT
        How many were written for each row.

    Returns
    -------
    n_pairs : int
        Different pairs, those included that are not written.

    Raises
    ------
    MemoryError
    """
    cdef Table table
    cdef int64_t row, i, n, at, n_pairs = 0
    cdef bint enough = True
    table.entries = <Entry *> malloc(FEW_SLOTS * sizeof(Entry))
    if table.entries == NULL:
        raise MemoryError()
    with nogil:
        for row in range(begin, end):
            n = starts[row + 1] - starts[row]
            n_found[row] = 0
            if n == 0 or (n < least and not every):
                continue
            enough = count_row(&seconds[starts[row]], n, &ids[0], &roles[0], &table)
            if not enough:
                break
            n_pairs += table.n
            at = starts[row] // least
            if n >= least:
                for i in range(table.mask + 1):
                    if table.entries[i].count >= least:
                        found[at + n_found[row]] = table.entries[i].second
                        counts[at + n_found[row]] = table.entries[i].count
                        n_found[row] += 1
        free(table.entries)
    if not enough:
        raise MemoryError()
    return n_pairs


def measure(
    const int32_t[::1] ids,
    const int32_t[::1] roles,
    const uint64_t[::1] found,
    int32_t[::1] last,
    int64_t[::1] lengths,
):
    """Find the last word of each pair, and of how many words it consists.

    Parameters
    ----------
    ids, roles
        As for `group_pairs`.
    found : (n,) uint64, IN
        Second parts.
    last : (n,) int32, OUT
    lengths : (n,) int64, OUT
    """
    cdef int64_t i, place
    with nogil:
        for i in range(found.shape[0]):
            if found[i] & PHRASE_APART:
                place = place_of(found[i]) + 1
                while roles[ids[place]] == ROLE_CONNECTOR:
                    place += 1
                last[i] = ids[place]
                lengths[i] = place - place_of(found[i]) + 1
            else:
                last[i] = <int32_t> found[i]
                lengths[i] = 2


def spell(
    const int32_t[::1] ids,
    const int32_t[::1] first,
    const uint64_t[::1] found,
    const int64_t[::1] offsets,
    int32_t[::1] words,
):
    """Write all words of each pair.

    Parameters
    ----------
    ids : int32, IN
    first : (n,) int32, IN
        First words.
    found : (n,) uint64, IN
        Second parts.
    offsets : (n + 1,) int64, IN
        Where the words of each pair begin.
    words : int32, OUT
    """
    cdef int64_t i, k, at
    with nogil:
        for i in range(found.shape[0]):
            at = offsets[i]
            words[at] = first[i]
            if found[i] & PHRASE_APART:
                for k in range(1, offsets[i + 1] - at):
                    words[at + k] = ids[place_of(found[i]) + k]
            else:
                words[at + 1] = <int32_t> found[i]


def npmi(
    const int64_t[::1] counts,
    const int64_t[::1] first_counts,
    const int64_t[::1] last_counts,
    int64_t n_words,
    double[::1] scores,
):
    """Normalised pointwise mutual information, ln(p(a, b) / (p(a) p(b))) / -ln p(a, b).

    Parameters
    ----------
    counts, first_counts, last_counts : (n,) int64, IN
        Of pairs, of their first words and of their last words; above 0.
    n_words : int
        Of the text, more than any count of a pair.
    scores : (n,) float64, OUT
    """
    cdef int64_t i
    cdef double total = <double> n_words, both
    with nogil:
        for i in range(counts.shape[0]):
            both = counts[i] / total
            scores[i] = log(both / ((first_counts[i] / total) * (last_counts[i] / total))) / -log(both)


def index_phrases(const int32_t[::1] words, const int64_t[::1] offsets, int32_t[::1] slots):
    """Make a hash table from the words of a phrase to its number.

    Parameters
    ----------
    words : int32, IN
    offsets : (n_phrases + 1,) int64, IN
        Where the words of each phrase begin.
    slots : int32, IN and OUT
        Zeros; as many as a power of two that is above twice `n_phrases`.
    """
    cdef uint64_t hash, mask = slots.shape[0] - 1
    cdef int64_t phrase, i
    with nogil:
        for phrase in range(offsets.shape[0] - 1):
            hash = 0
            for i in range(offsets[phrase], offsets[phrase + 1]):
                hash = mixed(hash, <uint64_t> words[i])
            while slots[hash & mask]:
                hash += 1
            slots[hash & mask] = <int32_t> (phrase + 1)


cdef inline int64_t look_up(
    const int32_t *text,
    int64_t n,
    uint64_t hash,
    const int32_t *words,
    const int64_t *offsets,
    const int32_t *slots,
    uint64_t mask,
) noexcept nogil:
    """Number of the phrase of these `n` words, -1 if they are none."""
    cdef int64_t phrase, i
    while slots[hash & mask]:
        phrase = slots[hash & mask] - 1
        if offsets[phrase + 1] - offsets[phrase] == n:
            i = 0
            while i < n and text[i] == words[offsets[phrase] + i]:
                i += 1
            if i == n:
                return phrase
        hash += 1
    return -1


def cut_text(const int32_t[::1] ids, int64_t at, const uint8_t[::1] flags):
    """The first place from `at` on that no phrase can go across."""
    cdef int64_t n = ids.shape[0]
    with nogil:
        while at < n and ids[at] >= 0 and flags[ids[at]]:
            at += 1
    return min(at, n)


def cut_document(const int32_t[::1] ids, int64_t at):
    """The first place from `at` on where a document begins, or the end."""
    cdef int64_t n = ids.shape[0]
    with nogil:
        while 0 < at < n and ids[at - 1] >= 0:
            at += 1
    return min(at, n)


def join(
    int32_t[::1] ids,
    int64_t begin,
    int64_t end,
    const uint8_t[::1] flags,
    const int32_t[::1] words,
    const int64_t[::1] offsets,
    const int32_t[::1] slots,
    const int32_t[::1] joined,
    int64_t[::1] uses,
):
    """Put one id in the place of each phrase in ``ids[begin:end]``, from left to right, the longest first.

    Parameters
    ----------
    ids : int32, IN and OUT
        Negative behind the last word of each document.
    begin, end : int
        Places that no phrase goes across, as `cut_text` gives them.
    flags : (n_words,) uint8, IN
        `STARTS` if a phrase begins with the word, `ENDS` if one ends with it, `JOINS` if it stands inside one.
    words, offsets, slots
        As for `index_phrases`.
    joined : (n_phrases,) int32, IN
        The id of each phrase.
    uses : (n_phrases,) int64, IN and OUT
        How often each is joined is added to it.

    Returns
    -------
    stop : int
        ``ids[begin:stop]`` holds what has become of it.
    """
    cdef int64_t read = begin, written = begin, longest = 0, i, n, reach, hit, phrase, length
    cdef uint64_t hash, mask = slots.shape[0] - 1
    cdef int32_t word
    cdef uint8_t flag
    with nogil:
        for i in range(offsets.shape[0] - 1):
            longest = max(longest, offsets[i + 1] - offsets[i])
        while read < end:
            word = ids[read]
            if word < 0 or not flags[word] & FLAG_FIRST:
                ids[written] = word
                written += 1
                read += 1
                continue
            hash = mixed(0, <uint64_t> word)
            phrase, length = -1, 1
            # No phrase is longer, so a text in which all words may stand inside of one is not read again and again.
            reach = min(longest, end - read)
            for n in range(2, reach + 1):
                if ids[read + n - 1] < 0:
                    break
                hash = mixed(hash, <uint64_t> ids[read + n - 1])
                flag = flags[ids[read + n - 1]]
                if flag & FLAG_LAST:
                    hit = look_up(&ids[read], n, hash, &words[0], &offsets[0], &slots[0], mask)
                    if hit >= 0:
                        phrase, length = hit, n
                if not flag & FLAG_INNER:
                    break
            if phrase >= 0:
                ids[written] = joined[phrase]
                uses[phrase] += 1
            else:
                ids[written] = word
            written += 1
            read += length
    return written


def remap(int32_t[::1] ids, int64_t begin, int64_t end, const int32_t[::1] new_ids, bint keep_empty):
    """Put new ids in the place of the old ones, and leave out those that become `PRUNED`.

    Parameters
    ----------
    ids : int32, IN and OUT
    begin, end : int
        Where documents begin.
    new_ids : (n_words,) int32, IN
        New ids.
    keep_empty : bool
        Whether documents that have no word left keep their end.

    Returns
    -------
    stop : int
        ``ids[begin:stop]`` holds what has become of ``ids[begin:end]``.
    n_documents : int
    """
    cdef int64_t i, n = 0, n_documents = 0
    cdef int32_t last = SCAN_DOCUMENT_END
    if begin < end:
        with nogil:
            n = scan_remap(&ids[begin], &ids[begin], end - begin, &new_ids[0], keep_empty, &last)
            for i in range(begin, begin + n):
                n_documents += ids[i] < 0
    return begin + n, n_documents


def move(int32_t[::1] ids, int64_t to, int64_t begin, int64_t end):
    """Copy ``ids[begin:end]`` to `to`, which may lie in it."""
    if begin < end and begin != to:
        with nogil:
            memmove(&ids[to], &ids[begin], (end - begin) * sizeof(int32_t))
