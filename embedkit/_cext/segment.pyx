"""Words and characters of one text, by the rules of Unicode Standard Annex #29 (C core: word_break.h).

The scanner cuts whole corpora with the same rules; this is for single strings, and for those who need to know where
the words are.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsEncodedString, PyUnicode_Check, PyUnicode_DecodeUTF8, PyUnicode_GET_LENGTH
from libc.stdint cimport int64_t, uint8_t, uint32_t

import numpy as np


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except? NULL

cdef extern from "word_break.h" nogil:
    enum:
        WB_KIND_SPACE, WB_KIND_PUNCTUATION, WB_KIND_WORD
        WB_PICTOGRAPH, WB_WORD

    ctypedef struct wb_rules:
        int characters
        int tailored
        int punctuation

    ctypedef struct wb_segment:
        uint8_t kind

    uint8_t wb_flags(uint32_t code)
    int64_t wb_begin(const uint8_t *p, int64_t i, const wb_rules *rules, wb_segment *s)
    int64_t wb_end(const uint8_t *p, int64_t n, int64_t i, const wb_rules *rules, wb_segment *s)

SPACE, PUNCTUATION, WORD = WB_KIND_SPACE, WB_KIND_PUNCTUATION, WB_KIND_WORD


cdef const uint8_t *_utf8(object text, Py_ssize_t *size, list held) except NULL:
    """The UTF-8 of a string, lone surrogates as three bytes; `held` keeps it alive.

    No method of `text` is called: a subclass of str may have its own, and would make the sizes differ.
    """
    cdef bytes encoded
    if not PyUnicode_Check(text):
        raise TypeError(f"expected a string, not {type(text).__name__}")
    try:
        return <const uint8_t *>PyUnicode_AsUTF8AndSize(text, size)
    except UnicodeEncodeError:
        encoded = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass")
        held.append(encoded)
        size[0] = PyBytes_GET_SIZE(encoded)
        return <const uint8_t *>PyBytes_AS_STRING(encoded)


def flags(uint32_t code):
    """Word_Break class (the lowest 5 bits) and flags of a code point, as the tables hold them."""
    return wb_flags(code) if code < 0x110000 else 0


def tokens(text, bint characters=False, bint punctuation=False):
    """Words of a text, or its characters with the marks that follow them.

    Parameters
    ----------
    text : str
    characters : bool
    punctuation : bool
        Keep punctuation and symbols as well; white space is always left out.

    Returns
    -------
    list of str
    """
    cdef Py_ssize_t n = 0
    cdef list held = [], found = []
    cdef const uint8_t *p = _utf8(text, &n, held)
    cdef wb_rules rules = wb_rules(characters, 1, punctuation)
    cdef wb_segment segment
    cdef int64_t i = 0, start
    cdef uint8_t least = WB_KIND_PUNCTUATION if punctuation else WB_KIND_WORD
    cdef const char *errors = NULL
    if held:
        errors = "surrogatepass"
    while i < n:
        start = i
        i = wb_end(p, n, wb_begin(p, i, &rules, &segment), &rules, &segment)
        if segment.kind >= least:
            found.append(PyUnicode_DecodeUTF8(<const char *>p + start, i - start, errors))
    return found


def spans(text, bint characters=False, bint tailored=True):
    """Where the segments of a text end, and what they are; they cover all of it.

    Parameters
    ----------
    text : str
    characters : bool
    tailored : bool
        Take U+202F for a space; without it, boundaries are those of the standard.

    Returns
    -------
    ends : ndarray of int64, (n,)
        Positions in `text`.
    kinds : ndarray of uint8, (n,)
        `SPACE`, `PUNCTUATION` or `WORD`.
    """
    cdef Py_ssize_t n = 0
    cdef list held = []
    cdef const uint8_t *p = _utf8(text, &n, held)
    cdef wb_rules rules = wb_rules(characters, tailored, 1)
    cdef wb_segment segment
    cdef int64_t i = 0, k, at = 0, n_segments = 0
    ends = np.empty(PyUnicode_GET_LENGTH(text), np.int64)
    kinds = np.empty(PyUnicode_GET_LENGTH(text), np.uint8)
    cdef int64_t[::1] end_of = ends
    cdef uint8_t[::1] kind_of = kinds
    while i < n:
        k = i
        i = wb_end(p, n, wb_begin(p, i, &rules, &segment), &rules, &segment)
        while k < i:
            at += (p[k] & 0xC0) != 0x80
            k += 1
        end_of[n_segments] = at
        kind_of[n_segments] = segment.kind
        n_segments += 1
    return ends[:n_segments].copy(), kinds[:n_segments].copy()


def pieces(text, bint characters=False):
    """All segments of a text, which join to it, and what they are; `spans` for those who want the strings.

    Parameters
    ----------
    text : str
    characters : bool

    Returns
    -------
    found : list of str
    kinds : bytes
        `SPACE`, `PUNCTUATION` or `WORD` for each.
    """
    cdef Py_ssize_t n = 0
    cdef list held = [], found = []
    cdef const uint8_t *p = _utf8(text, &n, held)
    cdef wb_rules rules = wb_rules(characters, 1, 1)
    cdef wb_segment segment
    cdef int64_t i = 0, start
    cdef const char *errors = NULL
    cdef bytearray kinds = bytearray()
    if held:
        errors = "surrogatepass"
    while i < n:
        start = i
        i = wb_end(p, n, wb_begin(p, i, &rules, &segment), &rules, &segment)
        found.append(PyUnicode_DecodeUTF8(<const char *>p + start, i - start, errors))
        kinds.append(segment.kind)
    return found, bytes(kinds)


def alternate(text, bint characters=False):
    """Words of a text, and what stands between them, in turn; together they are the text.

    Parameters
    ----------
    text : str
    characters : bool

    Returns
    -------
    list of str, (2n + 1,)
        For n words: these have odd places, the gaps before, between and after them even ones.
    """
    cdef Py_ssize_t n = 0
    cdef list held = [], found = []
    cdef const uint8_t *p = _utf8(text, &n, held)
    cdef wb_rules rules = wb_rules(characters, 1, 0)
    cdef wb_segment segment
    cdef int64_t i = 0, start, end = 0
    cdef const char *errors = NULL
    if held:
        errors = "surrogatepass"
    while i < n:
        start = i
        i = wb_end(p, n, wb_begin(p, i, &rules, &segment), &rules, &segment)
        if segment.kind == WB_KIND_WORD:
            found.append(PyUnicode_DecodeUTF8(<const char *>p + end, start - end, errors))
            found.append(PyUnicode_DecodeUTF8(<const char *>p + start, i - start, errors))
            end = i
    found.append(PyUnicode_DecodeUTF8(<const char *>p + end, n - end, errors))
    return found


cdef bint _is_word(str piece):
    """Whether a letter, a number or an emoji is in it."""
    cdef Py_UCS4 code
    cdef uint8_t found, before = 0
    for code in piece:
        found = wb_flags(code)
        # Variation selector 16 and the skin tones make an emoji of a pictograph.
        if found & WB_WORD or (before & WB_PICTOGRAPH and (code == 0xFE0F or 0x1F3FB <= code <= 0x1F3FF)):
            return True
        before = found
    return False


def words_of(list cut not None):
    """Those of the pieces that another tokenizer has cut which are words.

    Parameters
    ----------
    cut : list of str

    Returns
    -------
    list of str
        Pieces with a letter, a number or an emoji.
    """
    cdef list found = []
    for piece in cut:
        if _is_word(piece):
            found.append(piece)
    return found
