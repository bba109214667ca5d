"""Sentences of English and Chinese text, by one set of rules that needs not be told the language.

Chinese marks end a sentence wherever they stand. A full stop, ``!`` or ``?`` of ASCII ends one if white space follows
and the next word is not in lower case; a full stop, moreover, if the word before it is no abbreviation, or is one that
may end a sentence and the next word is one that often begins one.
"""

import re

__all__ = ["sentence_spans", "split_sentences"]

# Han and kana.
CHINESE = re.compile("[\u3005\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
CHINESE_ENDS = frozenset("。！？｡")
# Marks with which no sentence begins.
GOES_ON = frozenset("，、；：,;:")
OPENING = r"\"'“‘«「『(\[{（【《〈〔¿¡–—-"
# Marks, each with what closes behind it, as often as they follow each other; or a blank line.
BOUNDARIES = re.compile(
    r"(?:[.!?…。！？｡]++[\"'”’»」』)\]}）】》〉〕]*+)++|(?:\r\n?+|\n)[^\S\r\n\u2029]*+[\r\n\u2029]|\u2029"
)
NEXT_WORD = re.compile(rf"\s++(?:[–—-]\s++)?+[{OPENING}]*+(\w{{0,12}}+)(\.?)")
NO_SPACE = re.compile(r"\S")
LIST_NUMBER = re.compile(r"\d{1,3}|[a-z]|[ivx]{1,4}|[一二三四五六七八九十]{1,3}")
# As many characters as an abbreviation may have are looked at.
LONGEST = 20
ACRONYM = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})++")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Behind these the sentence goes on.
NEVER_LAST = _words(
    "Mr Mrs Ms Mx Messrs Mmes Dr Drs Prof Gen Col Maj Capt Cmdr Cdr Lt Sgt Cpl Pvt Adm Rev Revd Hon Gov Sen Rep Pres "
    "Supt Insp Amb Fr Msgr Mlle Mme e.g E.g i.e I.e eg ie cf Cf viz vs Vs v Fig Figs Eq Eqs Vol Vols Ch Sec Pt Op Ref "
    "Refs"
)
# Behind these it goes on if a number follows.
BEFORE_NUMBERS = _words(
    "No Nos no nos Nr nr p pp Pp vol vols ch chap fig figs eq eqs sec art Art par para pt ca approx Jan Feb Mar Apr "
    "Jun Jul Aug Sep Sept Oct Nov Dec"
)
# Behind these, and behind initials and acronyms, it ends if the next word is one of STARTERS.
SOMETIMES_LAST = _words(
    "Inc Co Cos Corp Ltd Plc LLC Bros Jr Sr Esq St Sts Ste Ave Blvd Rd Hwy Mt Mts Ft Dept Univ Assn Bldg Ed Eds ed eds "
    "Est est al Ph Mass Calif Conn Penn Fla Ill Tex Wash Mich Minn Wis Ariz Colo Tenn Okla Mon Tue Tues Wed Thu Thur "
    "Thurs Fri Sat Sun dept max min"
)
STARTERS = _words(
    "The A An This That These Those He She It We They You I His Her Its Our Their Your My There Here Then Now In On At "
    "By For From With Without After Before During Since Until Under Over Between Among As If When While Where Although "
    "Though Because But And Or So Yet However Therefore Thus Moreover Furthermore Meanwhile Nevertheless Still Also "
    "Even Only Just Not No Yes What Who Why How Which Some Many Most Each Every All Both Few Such Another Other Others "
    "Today Yesterday Tomorrow Once Later Soon Let Perhaps Maybe"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end.

    Parameters
    ----------
    text : str
        English, Chinese, or both. A single line end counts as a space; a blank line ends a sentence.

    Returns
    -------
    list of (int, int)
        First and behind the last character of each sentence, in order. Between them there is nothing but white space.

    Notes
    -----
    ``。！？`` end a sentence, ``；`` does not: it joins clauses. ``……`` ends one behind a Chinese character. Closing
    quotes and brackets belong to the sentence that they follow, so that a quoted sentence is one of its own, even if
    ``他说`` comes next.

    Examples
    --------
    >>> from embedkit.text.sentences import sentence_spans
    >>> sentence_spans("Dr. No left. He won!")
    [(0, 12), (13, 20)]
    """
    spans: list[tuple[int, int]] = []
    start = _no_space(text, 0)
    for found in BOUNDARIES.finditer(text):
        if found.end() > start and (end := _end(text, start, found)) > start:
            spans.append((start, end))
            start = _no_space(text, end)
    if start < len(text):
        spans.append((start, len(text.rstrip())))
    return spans


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, each as it stands there.

    Parameters
    ----------
    text : str
        As for `sentence_spans`, which says what ends a sentence.

    Examples
    --------
    >>> from embedkit.text.sentences import split_sentences
    >>> split_sentences("J. K. Rowling paid $3.14, e.g. in the U.S. She left... 真的吗？“真的。”OK.")
    ['J. K. Rowling paid $3.14, e.g. in the U.S.', 'She left...', '真的吗？', '“真的。”', 'OK.']
    """
    return [text[start:end] for start, end in sentence_spans(text)]


def _no_space(text: str, position: int) -> int:
    """Where the white space at a position ends."""
    found = NO_SPACE.search(text, position)
    return found.start() if found else len(text)


def _end(text: str, start: int, found: re.Match[str]) -> int:
    """Where the sentence ends that begins at `start`, if it does at this boundary; else -1."""
    marks = found[0]
    if text[found.end() : found.end() + 1] in GOES_ON:
        return -1
    if marks[0].isspace():
        return start + len(text[start : found.start()].rstrip())
    if _ends_at_once(text, start, found):
        return _closed(text, start, found)
    following = NEXT_WORD.match(text, found.end())
    if following is None or following[1][:1].islower():
        return -1
    if marks.rstrip(")]}）】》〉〕") == "." and not _ends_behind(text, start, found.start(), following):
        return -1
    return found.end()


def _ends_at_once(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the marks end a sentence whatever follows: Chinese ones, and those of ASCII within Chinese text."""
    marks, first, end = found[0], found.start(), found.end()
    if not CHINESE_ENDS.isdisjoint(marks):
        return True
    if marks[0] == "." and first - start <= 3 and LIST_NUMBER.fullmatch(text, start, first):
        return False
    behind = first > 0 and CHINESE.match(text, first - 1) is not None
    before = CHINESE.match(text, end) is not None
    if marks[0] == ".":
        return behind and before
    if marks[0] == "…":
        return behind and marks.startswith("……")
    after = text[end : end + 1]
    # What has a small letter or a digit behind the mark is an address rather than an end.
    return before or (behind and not (after.islower() or after.isdigit() or after.isspace()))


def _closed(text: str, start: int, found: re.Match[str]) -> int:
    """The end of the marks, without a straight quote among them that opens the next sentence."""
    quote = text.find('"', found.start(), found.end())
    if quote >= 0 and text.count('"', start, quote) % 2:
        quote = text.find('"', quote + 1, found.end())
    return found.end() if quote < 0 else quote


def _ends_behind(text: str, start: int, stop: int, following: re.Match[str]) -> bool:
    """Whether a full stop at `stop` ends the sentence, by the words before and behind it."""
    if stop - start <= 4 and LIST_NUMBER.fullmatch(text, start, stop):
        return False
    words = text[max(start, stop - LONGEST) : stop].split()
    word = words[-1].lstrip("\"'“‘«「『([{（【《〈〔-–—") if words else ""
    if word in NEVER_LAST:
        return False
    if word in BEFORE_NUMBERS:
        return not following[1][:1].isdigit()
    if word in SOMETIMES_LAST or (len(word) == 1 and word.isupper()) or ACRONYM.fullmatch(word):
        return following[1] in STARTERS and not following[2]
    return True
