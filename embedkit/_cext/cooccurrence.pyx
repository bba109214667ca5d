"""Co-occurrence counts, a row at a time.

The positions of the id stream are first grouped by word (`group_by_word`), which makes an inverted index.
A row of the matrix is then counted on its own: `count_rows` walks the places where its word stands, adds the
weight of each neighbour to a dense accumulator, and empties that into the row. No hashing, no sorting of
pairs, nothing shared between threads: each has a workspace, and takes rows that no other takes. This is
Gustavson's product of sparse matrices (1978) for the matrices (word x position) and (position x neighbour),
of which the second is never written down. `merge_rows` adds the rows of several runs by the same accumulator.

Weights are whole numbers, so sums are exact and no order of additions can change them. The accumulator
has 32 or 64 bits, as the array that takes the sums has; the caller knows what a row can reach.

What a row touched is listed without a branch: which columns are new is as good as random. Bits in a
bitmap, and bits in a bitmap of its words, then give the columns back in ascending order without a sort.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from * nogil:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define PREFETCH(place) __builtin_prefetch(place)
    #define LOWEST_BIT(bits) __builtin_ctzll(bits)
    #else
    #define PREFETCH(place) ((void) (place))
    static __inline int LOWEST_BIT(unsigned long long bits)
    {
        int at = 0;
        while (!(bits & 1)) { bits >>= 1; at++; }
        return at;
    }
    #endif
    """
    void PREFETCH(const void *place)
    int LOWEST_BIT(uint64_t bits)

ctypedef fused total_t:
    uint32_t
    uint64_t

ctypedef fused count_t:
    int64_t
    float
    double

cdef enum:
    # Neighbours between the prefetch of a window and its use: without it, counting takes twice the time.
    AHEAD = 240
    # Ids in a cache line; and how many on either side of an occurrence are prefetched, the rest coming in sequence.
    LINE = 16
    NEAR = 64
    # Columns to a word of the bitmap.
    BITS = 64


cdef struct Workspace:
    # All zero between two rows, but for `touched`.
    void *total
    int32_t *touched
    uint64_t *bits
    uint64_t *summary


cdef int64_t lay_out(uint64_t *place, int64_t n_words, Workspace *work) noexcept nogil:
    """Place the parts of a workspace; returns how many 8-byte words they take."""
    cdef int64_t n_bits = (n_words + BITS - 1) // BITS
    cdef int64_t n_summary = (n_bits + BITS - 1) // BITS
    # One more: the place that a neighbour is written to before it is known whether it is new.
    cdef int64_t n_touched = n_words // 2 + 1
    work.total = place
    work.touched = <int32_t *> (place + n_words)
    work.bits = place + n_words + n_touched
    work.summary = work.bits + n_bits
    return n_words + n_touched + n_bits + n_summary


def workspace_size(int64_t n_words):
    """How many uint64 of zeros a workspace for `n_words` columns takes."""
    cdef Workspace work
    return lay_out(NULL, n_words, &work)


def tally(const int32_t[::1] ids, int64_t[::1] counts):
    """Add the occurrences of each id to `counts`, (n_words,) int64; returns the number of negative ids.

    Raises
    ------
    ValueError
        If an id is beyond the words.
    """
    cdef int64_t i, n_words = counts.shape[0], n_ends = 0
    cdef int32_t word
    cdef bint beyond = False
    with nogil:
        for i in range(ids.shape[0]):
            word = ids[i]
            if word < 0:
                n_ends += 1
            elif word < n_words:
                counts[word] += 1
            else:
                beyond = True
    if beyond:
        raise ValueError("an id is beyond the words")
    return n_ends


def group_by_word(
    const int32_t[::1] ids,
    int64_t begin,
    int64_t end,
    int64_t[::1] cursor,
    int32_t[::1] groups,
    int64_t document=-1,
):
    """Write positions `begin` to `end` of `ids`, or their documents, to the groups of their words, in order.

    Parameters
    ----------
    ids : (n_ids,) int32, IN
        Word ids, negative at the end of each document.
    begin, end : int
    cursor : (n_words,) int64, IN and OUT
        Where the next entry of each word goes; threads that share `groups` have one each.
    groups : int32, OUT
    document : int
        Number of the document at `begin`, to write documents; negative to write positions.
    """
    cdef int64_t i
    cdef int32_t word
    cdef bint by_document = document >= 0
    with nogil:
        for i in range(begin, end):
            word = ids[i]
            if word >= 0:
                groups[cursor[word]] = <int32_t> (document if by_document else i)
                cursor[word] += 1
            else:
                document += 1


cdef inline void prefetch_window(const int32_t *centre, int64_t near) noexcept nogil:
    """Ask for the ids around an occurrence that is counted soon; beyond the ends of the stream, this does nothing."""
    cdef int64_t d = 0
    while d < near:
        PREFETCH(centre - d)
        PREFETCH(centre + d)
        d += LINE
    PREFETCH(centre - near)
    PREFETCH(centre + near)


cdef inline int64_t add(
    total_t *total, int32_t *touched, int64_t n, int32_t column, uint64_t weight
) noexcept nogil:
    """Add to a column; returns how many columns are touched by then."""
    cdef total_t before = total[column]
    touched[n] = column
    total[column] = before + <total_t> weight
    return n + (before == 0)


cdef int64_t empty(Workspace *work, int64_t n, int32_t *indices, total_t *sums) noexcept nogil:
    """Move a row from its workspace to where it is kept, columns ascending, zeros left out."""
    cdef total_t *total = <total_t *> work.total
    cdef uint64_t outer, inner
    cdef int64_t i, word, s = 0, n_out = 0
    cdef int32_t column
    for i in range(n):
        column = work.touched[i]
        word = column >> 6
        work.bits[word] |= <uint64_t> 1 << (column & 63)
        work.summary[word >> 6] |= <uint64_t> 1 << (word & 63)
    while n_out < n:
        outer = work.summary[s]
        work.summary[s] = 0
        while outer:
            word = s * BITS + LOWEST_BIT(outer)
            outer &= outer - 1
            inner = work.bits[word]
            work.bits[word] = 0
            while inner:
                column = <int32_t> (word * BITS + LOWEST_BIT(inner))
                inner &= inner - 1
                indices[n_out] = column
                sums[n_out] = total[column]
                total[column] = 0
                n_out += 1
        s += 1
    return n_out


def count_rows(
    const int32_t[::1] ids,
    const int32_t[::1] positions,
    const int64_t[::1] starts,
    int64_t first_row,
    int64_t stop_row,
    const uint64_t[::1] weights,
    bint left,
    bint right,
    uint64_t[::1] workspace,
    int64_t[::1] indptr,
    int32_t[::1] indices,
    total_t[::1] sums,
):
    """Count rows `first_row` to `stop_row`.

    Parameters
    ----------
    ids : (n_ids,) int32, IN
        Word ids, negative at the end of each document.
    positions : int32, IN
        Positions in `ids` of the occurrences to count, by word; neighbours are found wherever they stand.
    starts : (n_words + 1,) int64, IN
        Where the positions of each word begin.
    first_row, stop_row : int
    weights : (window,) uint64, IN
        Of a neighbour at distance 1, 2, ...; above 0.
    left, right : bool
        On which sides.
    workspace : uint64, IN and OUT
        Of `workspace_size`, all zero but for its scratch part; no two threads share one.
    indptr : (stop_row - first_row + 1,) int64, OUT
    indices : int32, OUT
        Columns, ascending within a row; at least as many as the rows can have.
    sums : uint32 or uint64, OUT
        Of weights. No sum may outgrow its type.

    Returns
    -------
    nnz : int
        How many indices and sums were written.
    """
    cdef Workspace work
    cdef int64_t window = weights.shape[0], n_ids = ids.shape[0], n_words = starts.shape[0] - 1
    cdef int64_t row, i, d, reach, n, n_out = 0, n_positions = starts[n_words], place
    cdef int64_t near = window if window < NEAR else NEAR, ahead = 1 + AHEAD // (window * (left + right))
    cdef int32_t column
    cdef const int32_t *centre
    cdef const uint64_t *weight = &weights[0]
    cdef total_t *total
    cdef int32_t *touched
    lay_out(&workspace[0], n_words, &work)
    total = <total_t *> work.total
    touched = work.touched
    with nogil:
        indptr[0] = 0
        for row in range(first_row, stop_row):
            n = 0
            for i in range(starts[row], starts[row + 1]):
                prefetch_window(&ids[positions[i + ahead if i + ahead < n_positions else i]], near)
                place = positions[i]
                centre = &ids[place]
                if left:
                    reach = window if window < place else place
                    for d in range(reach):
                        column = centre[-1 - d]
                        if column < 0:
                            break
                        n = add(total, touched, n, column, weight[d])
                if right:
                    reach = n_ids - 1 - place
                    reach = window if window < reach else reach
                    for d in range(reach):
                        column = centre[1 + d]
                        if column < 0:
                            break
                        n = add(total, touched, n, column, weight[d])
            if n:
                n_out += empty(&work, n, &indices[n_out], &sums[n_out])
            indptr[row - first_row + 1] = n_out
    return n_out


def merge_rows(
    int64_t n_words,
    const int64_t[:, ::1] parts,
    const int32_t[::1] part_indices,
    const total_t[::1] part_sums,
    uint64_t[::1] workspace,
    int64_t[::1] indptr,
    int32_t[::1] indices,
    total_t[::1] sums,
):
    """Add up the same rows of several runs.

    Parameters
    ----------
    n_words : int
        Columns.
    parts : (n_parts, n_rows + 1) int64, IN
        Where the rows of each part begin in `part_indices` and `part_sums`.
    part_indices : int32, IN
    part_sums : uint32 or uint64, IN
        Above 0; of the type of `sums`.
    workspace, indptr, indices, sums
        As for `count_rows`.

    Returns
    -------
    nnz : int
    """
    cdef Workspace work
    cdef int64_t n_parts = parts.shape[0], n_rows = parts.shape[1] - 1
    cdef int64_t row, part, i, n, n_out = 0
    cdef total_t *total
    lay_out(&workspace[0], n_words, &work)
    total = <total_t *> work.total
    with nogil:
        indptr[0] = 0
        for row in range(n_rows):
            n = 0
            for part in range(n_parts):
                for i in range(parts[part, row], parts[part, row + 1]):
                    n = add(total, work.touched, n, part_indices[i], part_sums[i])
            if n:
                n_out += empty(&work, n, &indices[n_out], &sums[n_out])
            indptr[row + 1] = n_out
    return n_out


def count_runs(const int32_t[::1] groups, const int64_t[::1] starts, int64_t[::1] indptr):
    """Find how many different entries each group has, the entries of a group being in ascending order.

    Parameters
    ----------
    groups : int32, IN
        From `group_by_word`.
    starts : (n_words + 1,) int64, IN
        Where each group begins.
    indptr : (n_words + 1,) int64, OUT
    """
    cdef int64_t word, i, n = 0
    with nogil:
        indptr[0] = 0
        for word in range(starts.shape[0] - 1):
            for i in range(starts[word], starts[word + 1]):
                n += i == starts[word] or groups[i] != groups[i - 1]
            indptr[word + 1] = n


def write_runs(
    const int32_t[::1] groups, const int64_t[::1] starts, int32_t[::1] indices, count_t[::1] counts
):
    """Write the different entries of each group, and how often each comes.

    Parameters
    ----------
    groups, starts
        As for `count_runs`.
    indices : (nnz,) int32, OUT
    counts : (nnz,) int64, float32 or float64, OUT
    """
    cdef int64_t word, i, n = -1
    with nogil:
        for word in range(starts.shape[0] - 1):
            for i in range(starts[word], starts[word + 1]):
                if i == starts[word] or groups[i] != groups[i - 1]:
                    n += 1
                    indices[n] = groups[i]
                    counts[n] = 0
                counts[n] += 1
