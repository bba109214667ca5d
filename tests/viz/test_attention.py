"""Weights of words and sentences as a page and as a figure: what is written, how strong it is, and what is refused."""

import re
import sys
from html.parser import HTMLParser
from itertools import cycle, islice, pairwise
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import figure, font_manager
from matplotlib.colors import to_rgb

from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.viz.attention import CSS, AttentionLine, attention_html, attention_size, plot_attention
from embedkit.viz.figures import save_figure

FLAT = [AttentionLine(["a", "fine", "film"], [0.1, 0.6, 0.3])]
SENTENCES = [AttentionLine(["so", "long"], [0.2, 0.8], 0.25), AttentionLine(["good"], None, 0.75)]
VOID = {"meta"}


class Page(HTMLParser):
    """What a page says: its open elements, the words with their weights, and the text of each line."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.words, self.lines, self.blocks, self.texts = [], set(), [], [], [], {}
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append((tag, attrs))
        if tag == "p" and "lang" in attrs:
            self.lines.append("")
        if "title" in attrs:
            found = [float(attrs["title"]), float(attrs["style"].removeprefix("--w:"))]
            (self.words if tag == "span" else self.blocks).append(["", *found])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tag, attrs = self.open[-1] if self.open else ("", {})
        if any("lang" in attrs for name, attrs in self.open if name == "p"):
            self.lines[-1] += data
        elif tag in ("h1", "title", "p"):
            self.texts[tag] = self.texts.get(tag, "") + data
        if "title" in attrs:
            (self.words if tag == "span" else self.blocks)[-1][0] += data


@pytest.fixture
def axes():
    return figure.Figure().subplots()


def written(axes):
    return [patch.get_label() for patch in axes.patches]


class TestLine:
    def test_it_keeps_what_it_is_given_as_plain_values(self):
        line = AttentionLine(np.array(["a", "b"]), np.array([0.25, 0.75], dtype=np.float32), np.float64(0.5))
        assert line == AttentionLine(["a", "b"], [0.25, 0.75], 0.5)
        assert hash(line)

    @pytest.mark.parametrize(
        ("weights", "shape"),
        [
            ([0.5], r"\(1,\)"),
            ([0.5, 0.25, 0.25], r"\(3,\)"),
            ([[0.5, 0.5]], r"\(1, 2\)"),
            ([0.5, np.nan], r"\(2,\)"),
            ([0.5, np.inf], r"\(2,\)"),
            ([1.5, -0.5], r"\(2,\)"),
            (["0.5", "0.5"], r"\(2,\)"),
            ([0.5, None], r"\(2,\)"),
            ([[0.5], [0.25, 0.25]], r"\(0, 0\)"),
        ],
        ids=str,
    )
    def test_weights_that_are_none_of_the_words_are_refused(self, weights, shape):
        with pytest.raises(ParameterError, match=f"weights of shape {shape} with 2 tokens: expected a finite number"):
            AttentionLine(["a", "b"], weights)

    @pytest.mark.parametrize("weight", [-0.5, np.nan, "much"])
    def test_a_weight_of_the_line_that_is_none_is_refused(self, weight):
        with pytest.raises(ParameterError, match=r"weight=.*: expected a finite number, 0 or more"):
            AttentionLine(["a"], None, weight)

    @pytest.mark.parametrize("tokens", ["text", [1, 2], [b"a"]], ids=str)
    def test_tokens_that_are_no_words_are_refused(self, tokens):
        with pytest.raises(ParameterError, match="expected a sequence of strings"):
            AttentionLine(tokens)


@pytest.mark.parametrize("use", [attention_html, attention_size, plot_attention])
class TestRefused:
    @pytest.mark.parametrize("lines", [[], [AttentionLine([], [])], [AttentionLine([], None, 0.5)]], ids=len)
    def test_lines_without_a_word(self, use, lines):
        with pytest.raises(ParameterError, match="no word in any of them"):
            use(lines)

    def test_lines_without_a_weight(self, use):
        with pytest.raises(ParameterError, match="no weight in any of them"):
            use([AttentionLine(["a"])])

    def test_what_is_no_line(self, use):
        with pytest.raises(ParameterError, match="expected a sequence of AttentionLine"):
            use([["a", "b"]])


class TestPage:
    def test_a_word_tells_its_weight_and_is_as_strong_as_its_share_of_the_largest(self):
        page = Page(attention_html(FLAT, title="of a film", note="positive"))
        assert page.words == [["a", 0.1, 0.167], ["fine", 0.6, 1.0], ["film", 0.3, 0.5]]
        assert page.lines == ["a fine film"]
        assert page.texts == {"h1": "of a film", "title": "of a film", "p": "positive00.6, weight of a word"}

    def test_the_weights_of_sentences_have_their_own_scale(self):
        page = Page(attention_html(SENTENCES))
        assert page.lines == ["so long", "good"]
        assert page.blocks == [["0.250", 0.25, 0.333], ["0.750", 0.75, 1.0]]
        assert page.words == [["so", 0.2, 0.25], ["long", 0.8, 1.0]]
        assert "0.75, weight of a sentence" in page.texts["p"]

    def test_a_sentence_without_a_weight_stands_below_the_others(self):
        source = attention_html([AttentionLine(["a"], None, 0.5), AttentionLine(["b"])])
        assert source.count('<div class="weight"') == source.count('<div class="line"') == 2
        assert len(Page(source).blocks) == 1

    def test_weights_of_zero_leave_the_page_as_it_is(self):
        assert Page(attention_html([AttentionLine(["a", "b"], [0, 0])])).words == [["a", 0, 0], ["b", 0, 0]]

    @pytest.mark.parametrize(
        ("tokens", "text"),
        [
            (["体育", "新闻", "，", "好"], "体育新闻，好"),
            (["用", "NLP", "3", "次"], "用 NLP 3 次"),
            (["他", "说", "“", "好", "”", "。"], "他说“好”。"),
            (["he", "said", "“", "yes", "”", "."], "he said “ yes ” ."),
            (["カタ", "かな"], "カタかな"),
            (["한국어", "문장"], "한국어 문장"),
            (["👍", "👍"], "👍 👍"),
            (["", "a", ""], " a "),
        ],
    )
    def test_only_chinese_and_japanese_words_are_joined(self, tokens, text):
        assert Page(attention_html([AttentionLine(tokens, [1] * len(tokens))])).lines == [text]
        assert Page(attention_html([AttentionLine(tokens, None, 1.0)])).lines == [text]

    @given(st.lists(st.text(max_size=5), min_size=1, max_size=5), st.text(max_size=5), st.text(max_size=5))
    def test_any_text_comes_out_as_text(self, tokens, title, note):
        source = attention_html([AttentionLine(tokens, [1] * len(tokens))], title=title, note=note)
        assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202e]", source)
        page = Page(source.encode("utf-8").decode("utf-8"))
        assert page.tags == {"html", "head", "meta", "title", "style", "body", "main", "h1", "div", "p", "span"}
        for (word, *_), token in zip(page.words, tokens, strict=True):
            assert len(word) == len(token)
            assert all(shown in (given_, " ", "\ufffd") for shown, given_ in zip(word, token, strict=True))

    def test_markup_in_a_text_is_escaped(self):
        nasty = ['"><script>alert(1)</script>', "&amp;", "a\nb"]
        source = attention_html([AttentionLine(nasty, [1, 2, 3])], title="</title><b>", note="<i>")
        page = Page(source)
        assert [word for word, *_ in page.words] == ['"><script>alert(1)</script>', "&amp;", "a b"]
        assert page.tags.isdisjoint({"script", "b", "i"})
        assert page.texts["title"] == "</title><b>"

    def test_it_needs_nothing_from_elsewhere(self):
        source = attention_html(SENTENCES)
        assert source.startswith("<!DOCTYPE html>")
        assert '<meta charset="utf-8">' in source
        assert not re.search(r"https?:|src=|href=|url\(|@import|<script", source)

    @pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
    def test_words_can_be_read_on_the_strongest_ground(self, mode):
        ink = re.findall(r"--ink: (#\w+)", CSS)[mode]
        for name in ("word", "line"):
            ground = [int(part) / 255 for part in re.findall(rf"--{name}: (\d+) (\d+) (\d+)", CSS)[mode]]
            light, dark = sorted([luminance(to_rgb(ink)), luminance(ground)], reverse=True)
            assert (light + 0.05) / (dark + 0.05) > 4.5  # WCAG 2.2, 1.4.3


def luminance(color):
    """Relative luminance of sRGB, WCAG 2.2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


class TestFigure:
    def test_words_stand_in_order_on_grounds_of_their_weights(self, axes):
        assert plot_attention(FLAT, title="of a film", ax=axes) is axes
        assert written(axes) == ["a", "fine", "film"]
        (grounds,) = axes.collections
        assert grounds.get_array().tolist() == [0.1, 0.6, 0.3]
        assert (grounds.norm.vmin, grounds.norm.vmax) == (0.0, 0.6)
        assert axes.get_title(loc="left") == "of a film"
        for patch, ground in zip(axes.patches, grounds.get_paths(), strict=True):
            word, box = patch.get_path().get_extents(), ground.get_extents()
            assert box.x0 <= word.x0 < word.x1 <= box.x1
            assert box.y0 <= word.y0 < word.y1 <= box.y1

    def test_sentences_start_a_row_behind_their_weight(self, axes):
        plot_attention(SENTENCES, ax=axes)
        assert written(axes) == ["0.250", "0.750", "so", "long", "good"]
        words, sentences = axes.collections
        assert words.get_array().tolist() == [0.2, 0.8]
        assert sentences.get_array().tolist() == [0.25, 0.75]
        assert [scale.get_title() for scale in axes.child_axes] == ["weight of a word", "weight of a sentence"]
        first, second, so, _, good = (patch.get_path().get_extents() for patch in axes.patches)
        assert so.x0 > first.x1
        assert good.x0 > second.x1
        assert good.y1 < so.y0

    def test_the_scales_go_from_zero_to_the_largest_weight(self, axes):
        plot_attention(FLAT, ax=axes)
        (scale,) = axes.child_axes
        assert [label.get_text() for label in scale.get_xticklabels()] == ["0", "0.6"]
        assert scale.get_xlim() == (0.0, 0.6)

    def test_weights_of_zero_are_drawn(self, axes):
        plot_attention([AttentionLine(["a", "b"], [0, 0])], ax=axes)
        assert axes.collections[0].get_array().tolist() == [0, 0]

    @pytest.mark.parametrize("n_words", [1, 40, 1500])
    def test_a_text_of_any_length_fits_and_is_about_as_large_as_print(self, n_words):
        lines = [AttentionLine(list(islice(cycle(["word", "W" * 100, "of"]), n_words)), [1] * n_words)]
        drawn = figure.Figure(figsize=attention_size(lines), layout="constrained")
        axes = plot_attention(lines, title="a title", ax=drawn.subplots())
        drawn.draw_without_rendering()
        points = np.diff(axes.transData.transform([(0, 0), (1, 0)])[:, 0])[0] * 72 / drawn.dpi
        assert 0.93 < points < 1.07
        left, right = axes.get_xlim()
        bottom, _ = axes.get_ylim()
        for patch in axes.patches:
            box = patch.get_path().get_extents()
            assert left <= box.x0
            assert box.x1 <= right
            assert box.y0 > bottom

    def test_rows_do_not_run_into_each_other(self, axes):
        plot_attention([AttentionLine(["Åg"] * 200, [1] * 200)], ax=axes)
        tops = sorted({(path.get_extents().y0, path.get_extents().y1) for path in axes.collections[0].get_paths()})
        assert len(tops) > 5
        assert all(below[1] < above[0] for below, above in pairwise(tops))

    def test_chinese_words_touch_and_others_do_not(self, axes):
        plot_attention([AttentionLine(["体育", "新闻", "a", "b"], [1] * 4)], ax=axes)
        edges = [path.get_extents() for path in axes.collections[0].get_paths()]
        gaps = [right.x0 - left.x1 for left, right in pairwise(edges)]
        assert gaps[0] == pytest.approx(0, abs=1e-9)
        assert min(gaps[1:]) > 1

    def test_long_words_are_cut_in_the_middle_and_dollars_are_no_formula(self, axes):
        plot_attention([AttentionLine(["$x^", "a" * 20 + "b" * 20, "c\td", " "], [1] * 4)], title="$y^", ax=axes)
        axes.figure.draw_without_rendering()
        assert written(axes) == ["$x^", "a" * 20 + "bb…" + "b" * 9, "c d", " "]

    def test_a_font_that_has_the_characters_helps_out(self, axes, caplog):
        with matplotlib.rc_context({"font.family": ["cmr10"], "axes.formatter.use_mathtext": True}):
            plot_attention([AttentionLine(["да", "no"], [1, 2])], title="нет", ax=axes)
            axes.figure.draw_without_rendering()
        assert written(axes) == ["да", "no"]
        assert not caplog.text

    def test_without_such_a_font_there_are_boxes_and_a_warning(self, axes, monkeypatch, caplog, tmp_path):
        known = [SimpleNamespace(name="Gone CJK", fname=str(tmp_path / "gone.ttf"), style="normal", weight=400)]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
        plot_attention([AttentionLine(["体育", "no", "\u2060"], [1, 2, 1])], title="体", ax=axes)
        assert written(axes)[:2] == ["□□", "no"]
        assert axes.get_title(loc="left") == "□"
        assert "no font here has 体育, which" in caplog.text
        assert "Noto Sans CJK" in caplog.text

    @pytest.mark.parametrize("lines", [FLAT, SENTENCES, [AttentionLine(["好"], None, 0.5)]], ids=len)
    def test_it_is_saved_as_a_figure(self, tmp_path, lines):
        for name in "ab":
            path = tmp_path / f"{name}.svg"
            save_figure(path, lambda axes: plot_attention(lines, title="体 $", ax=axes), size=attention_size(lines))
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

    def test_without_axes_a_figure_is_made(self):
        matplotlib.use("agg")
        from matplotlib import pyplot

        try:
            assert plot_attention(FLAT) in pyplot.gcf().axes
        finally:
            pyplot.close("all")

    @pytest.mark.parametrize("use", [attention_size, plot_attention])
    def test_without_matplotlib_the_error_names_what_to_install(self, monkeypatch, use):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
            use(FLAT)

    def test_the_page_needs_no_matplotlib(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        assert "fine" in attention_html(FLAT)
