"""Fonts: which of those installed have the characters of a text, of whatever script, and how wide texts are."""

__all__ = ["BOX", "boxed", "fonts_for", "narrow_width"]

BOX = "\u25a1"

# Parts of the names of fonts that hold the scripts of East Asia, which are looked at first.
EAST_ASIAN = ("CJK", "Han Sans", "Hei", "YaHei", "PingFang", "Hiragino", "Noto Sans SC", "Gothic", "Ming", "Fallback")


def fonts_for(text: str) -> tuple[list[str], set[str]]:
    """Return families for a text: those that are set, and others where these lack characters.

    Parameters
    ----------
    text : str

    Returns
    -------
    families : list of str
        For `fontfamily` of matplotlib, which takes each character from the first one that has it. One that has all
        that is missing is preferred to several.
    missing : set of str
        Characters that no font here has.

    Examples
    --------
    >>> from embedkit.viz.fonts import fonts_for
    >>> fonts_for("plain words")
    (['sans-serif'], set())
    """
    from matplotlib import font_manager, rcParams
    from matplotlib.font_manager import FontProperties

    families = list(rcParams["font.family"])
    needed = {ord(c) for c in text if not c.isspace()}
    needed -= _characters(font_manager.findfont(FontProperties(family=families)))
    if not needed:
        return families, set()
    # The font of last resort has a box for every character.
    regular = [
        font
        for font in font_manager.fontManager.ttflist
        if font.style == "normal" and font.weight == 400 and "Last Resort" not in font.name
    ]
    found = {}
    for font in sorted(regular, key=lambda font: not any(part in font.name for part in EAST_ASIAN)):
        found[font.name] = needed & _characters(font.fname)
        if found[font.name] == needed:
            return [*families, font.name], set()
    while needed and found:
        name = max(found, key=lambda name: len(needed & found[name]))
        if not needed & found[name]:
            break
        families.append(name)
        needed -= found.pop(name)
    return families, set(map(chr, needed))


def boxed(text: str) -> tuple[str, list[str], set[str]]:
    """Return a text with boxes for what no font has, the families for it, and the characters that became boxes.

    Examples
    --------
    >>> from embedkit.viz.fonts import boxed
    >>> boxed("plain words")
    ('plain words', ['sans-serif'], set())
    """
    families, missing = fonts_for(text)
    if not missing:
        return text, families, missing
    # What cannot be seen, such as a joiner, needs no box; the font of the box comes with matplotlib.
    boxes = str.maketrans({c: BOX if c.isprintable() else "" for c in missing})
    return text.translate(boxes), [*families, "DejaVu Sans"], {c for c in missing if c.isprintable()}


def narrow_width(text: str) -> int:
    """Room that a text takes, in narrow characters: those of East Asia take two.

    Examples
    --------
    >>> from embedkit.viz.fonts import narrow_width
    >>> narrow_width("word"), narrow_width("体育")
    (4, 4)
    """
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _characters(path: str) -> set[int]:
    """Code points that a font has."""
    from matplotlib.font_manager import get_font

    try:
        return set(get_font(path).get_charmap())
    except (OSError, RuntimeError):  # a font that is listed and gone, or damaged
        return set()
