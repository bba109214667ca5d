"""Which fonts a text is given, where those that are installed have different characters."""

from types import SimpleNamespace

import pytest
from matplotlib import font_manager, rcParams

from embedkit.viz import fonts


@pytest.fixture
def installed(monkeypatch):
    """Return a function that sets the characters of each font by its name; the default font has a to z."""

    def install(**characters):
        known = [SimpleNamespace(name=name, fname=name, style="normal", weight=400) for name in characters]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
        default = "abcdefghijklmnopqrstuvwxyz"
        monkeypatch.setattr(fonts, "_characters", lambda path: set(map(ord, characters.get(path, default))))

    return install


def test_a_font_with_all_that_is_missing_is_preferred_to_several(installed):
    installed(first="体", second="体育", third="育")
    assert fonts.fonts_for("a 体育") == ([*rcParams["font.family"], "second"], set())


def test_a_font_of_east_asia_is_preferred_to_others(installed):
    installed(first="体育", NotoCJK="体育新")
    assert fonts.fonts_for("体育") == ([*rcParams["font.family"], "NotoCJK"], set())


def test_several_fonts_help_out_where_none_has_all(installed):
    installed(first="体", second="育新闻", third="体Ж")
    assert fonts.fonts_for("体育新闻Ж") == ([*rcParams["font.family"], "second", "third"], set())


def test_what_no_font_has_is_named_and_boxed(installed):
    installed(first="体")
    assert fonts.fonts_for("a体育") == ([*rcParams["font.family"], "first"], {"育"})
    assert fonts.boxed("a体育\u2060") == ("a体□", [*rcParams["font.family"], "first", "DejaVu Sans"], {"育"})
