"""Normalisation: what each step does, what none of them may do, and normalisers composed of steps."""

import pickle
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.text import normalization
from embedkit.text.normalization import FUNCTIONS, STEPS, Normalizer, normalizer

LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("<>&;#/!-@.:w\u0301\u0323\u3099\ud800\0\n"))


@pytest.fixture(params=STEPS)
def step(request):
    """Each step."""
    return FUNCTIONS[request.param]


class TestSteps:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("<p class='x'>a<br />b</p>", " a b "),
            ("x<!-- a <b> c -->y<!-- -->z <!-- open", "x y z <!-- open"),
            ("<!DOCTYPE html><?xml?><o:p/>", "   "),
            ("1 < 2 > 0, I <3 U, a<-b->c", "1 < 2 > 0, I <3 U, a<-b->c"),
            ("<joe@example.org> <http://example.org/>", "<joe@example.org> <http://example.org/>"),
            ("<a <b>", "<a  "),
            ("&lt;i&gt; &amp;amp; &#39;&#x27;&#0039;", "<i> &amp; '''"),
            ("&nbsp;&eacute;&NotEqualTilde;", "\xa0é\u2242\u0338"),
            ("AT&T R&D &bogus; &copy &; &#; &#x;", "AT&T R&D &bogus; &copy &; &#; &#x;"),
            ("a&#10;b&#xD;c&NewLine;d&#8232;e", "a b c d e"),
            ("&#0; &#00;", "&#0; &#00;"),
            ("&#xD800; &#1114112; &#99999999;", "\ufffd \ufffd &#99999999;"),
        ],
    )
    def test_html(self, text, expected):
        assert normalization.html(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("see http://example.org/a?b=c#d now", "see URL now"),
            ("(HTTPS://example.org/a_(b)).", "( URL )."),
            ("见https://example.org/b，然后", "见 URL ，然后"),
            ("http://example.org/页", "URL 页"),
            ("http://example.org/Été!", "URL !"),
            ("www.example.org. Www.example.org", "URL . URL"),
            ("ftp://a.b,http://[::1]/", "URL"),
            ("xwww.example.org http:// http://... www.", "xwww.example.org http:// http://... www."),
            ("<http://example.org/>", "< URL >"),
        ],
    )
    def test_urls(self, text, expected):
        assert normalization.urls(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("write to j.doe+x@mail.example.co.uk.", "write to EMAIL ."),
            ("邮箱a@b.cn谢谢", "邮箱 EMAIL 谢谢"),
            ("mailto:a@b.org--now", "mailto: EMAIL --now"),
            ("2@3.50 a@b a@b.c @a.org a@.org a@b.o-rg", "2@3.50 a@b a@b.c @a.org a@.org a@b.o-rg"),
            ("a@b.org-1 a@b.org2", "a@b.org-1 a@b.org2"),
        ],
    )
    def test_emails(self, text, expected):
        assert normalization.emails(text) == expected

    def test_unicode_forms(self):
        assert normalization.nfc("e\u0301 ﬁ 한") == "é ﬁ 한"
        assert normalization.nfkc("e\u0301 ﬁ １ ｶﾞ ℃") == "é fi 1 ガ °C"

    def test_halfwidth_leaves_what_ascii_does_not_have(self):
        assert normalization.halfwidth("ＡＢ１，！～￥\u3000。、「」ｶﾞ你") == "AB1,!~¥ 。、「」ｶﾞ你"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Crème Ångström Việt ǖ \u1e9b\u0323", "Creme Angstrom Viet u ſ"),
            ("e\u0301\u0323\u0327x", "ex"),
            ("Ελλάδα ΐ", "Ελλαδα ι"),
            ("ё й Ї ў ѓ за\u0301мок й\u0301", "ё й Ї ў ѓ замок й"),
            ("ø ł đ ≠ ∉ 1\u0301", "ø ł đ ≠ ∉ 1\u0301"),
            ("がギ か\u3099 ｶﾞ", "がギ が ｶﾞ"),
            ("한국어", "한국어"),
            ("हिन्दी क़ שָׁלוֹם مُحَمَّد ไทย้", unicodedata.normalize("NFC", "हिन्दी क़ שָׁלוֹם مُحَمَّد ไทย้")),
            ("\u0301a", "\u0301a"),
        ],
    )
    def test_accents_are_what_is_no_part_of_a_letter(self, text, expected):
        assert normalization.accents(text) == expected

    def test_digits_are_those_of_any_script(self):
        assert normalization.digits("1984, x2") == "0000, x0"
        assert normalization.digits("١٩٨٤ ４２ ½ 五") == "0000 00 ½ 五"

    def test_case_and_spaces(self):
        assert normalization.lower("ΑΣ ẞ") == "ας ß"
        assert normalization.casefold("Straße") == "strasse"
        assert normalization.spaces(" a \t\n\u3000b\xa0") == "a b"

    def test_chinese_characters_by_their_phrases(self):
        assert normalization.simplified("漢語\ud800頭髮\0發展") == "汉语\ud800头发\0发展"
        assert normalization.traditional("头发发展") == "頭髮發展"


class TestAnyText:
    @given(ANY_TEXT)
    def test_a_text_comes_of_it(self, text):
        for name in STEPS:
            after = FUNCTIONS[name](text)
            assert isinstance(after, str)
            for character in re.findall(f"[\0{LINE_ENDS}\ud800-\udfff]", after):
                assert character in text

    def test_nothing_but_a_line_end_becomes_one(self, step):
        everything = "".join(map(chr, range(sys.maxunicode + 1)))
        text = re.sub(f"[\0{LINE_ENDS}\ud800-\udfff]", "", everything)
        assert not re.search(f"[\0{LINE_ENDS}\ud800-\udfff]", step(text))

    @given(ANY_TEXT)
    def test_forms_are_those_of_unicodedata(self, text):
        assert normalization.nfc(text) == unicodedata.normalize("NFC", text)
        assert normalization.nfkc(text) == unicodedata.normalize("NFKC", text)

    @given(st.text(st.sampled_from("aA\u0301\u0323\u0345\u3099\u0f73\u0344\xa8ﾞ \u034f"), min_size=60, max_size=400))
    def test_long_runs_of_marks_too(self, text):
        assert normalization.nfc(text) == unicodedata.normalize("NFC", text)
        assert normalization.nfkc(text) == unicodedata.normalize("NFKC", text)

    def test_long_runs_of_marks_are_seen_wherever_they_begin(self, monkeypatch):
        seen = []
        monkeypatch.setattr(normalization, "_in_order", lambda run, form: seen.append(run) or run)
        run = "\u0301\u0323" * 36
        for place in range(16):
            normalization.nfc("a" * place + run + "b" * 9)
        assert seen == [run] * 16

    @given(st.text(st.sampled_from("a\u0301\u0323\u0345\u3099\u0f73\u0344 ﾞé")))
    def test_runs_are_put_in_canonical_order(self, run):
        for form in ("NFD", "NFKD"):
            assert normalization._in_order(run, form) == unicodedata.normalize(form, run)

    def test_no_other_word_character_begins_with_a_mark(self):
        # What MARK_RUNS relies on.
        found = {
            character
            for character in map(chr, range(sys.maxunicode + 1))
            if re.match(r"\w", character) and unicodedata.combining(unicodedata.normalize("NFKD", character)[0])
        }
        assert found == {"\uff9e", "\uff9f"}

    @pytest.mark.parametrize(
        "unit",
        [
            *("a", "汉", "0", " ", "Σ", "\ud800", "\0"),
            *("<", "<a", "<!--", "<a b='", "&", "&#0", "&a"),
            *("@", "a@", "a@b.", "a@b-", "www.", "http://", "http://(", "http://a(", "http://a.", "("),
            *("\u0301\u0323", "\u0301\uff9e", "\u0f73", "и\u0301\u0323", "\u1100\u1161"),
        ],
    )
    def test_a_long_text_takes_no_time(self, unit, step):
        # Whatever is quadratic would take minutes here.
        step("x" + unit * (300_000 // len(unit)))


class TestNormalizer:
    def test_steps_are_taken_in_the_order_given(self):
        assert Normalizer("digits", "nfkc")("①2") == "10"
        assert Normalizer("nfkc", "digits")("①2") == "00"
        assert Normalizer()("ＡＢ") == "ＡＢ"

    def test_names_in_one_string_or_in_a_list(self):
        assert normalizer("nfkc|lower") == normalizer(["nfkc", "lower"]) == Normalizer("nfkc", "lower")

    def test_two_make_one(self):
        both = Normalizer("nfkc") | Normalizer("lower", "spaces")
        assert both.steps == ("nfkc", "lower", "spaces")
        assert both != Normalizer("nfkc", "spaces", "lower")
        assert hash(both) == hash(Normalizer("nfkc", "lower", "spaces"))
        assert repr(both) == "Normalizer('nfkc', 'lower', 'spaces')"
        with pytest.raises(TypeError):
            both | str.lower

    def test_it_can_be_pickled(self):
        clean = pickle.loads(pickle.dumps(Normalizer("nfkc", "lower")))
        assert clean == Normalizer("nfkc", "lower")
        assert clean("ＡＢ") == "ab"

    @pytest.mark.parametrize("name", ["NFKC", "", None, 3, ["nfc"], "nfc|lower"])
    def test_an_unknown_step_is_refused(self, name):
        with pytest.raises(ParameterError, match=r"is .*: expected one of html, urls, .*digits, spaces"):
            Normalizer("nfc", name)

    @pytest.mark.parametrize("names", [None, 3, True])
    def test_what_is_neither_one_name_nor_several_is_refused(self, names):
        with pytest.raises(ParameterError, match=f"names={names}: expected names of steps, such as 'nfkc|lower'"):
            normalizer(names)

    def test_a_missing_package_is_said_before_the_work_begins(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "opencc", None)
        normalization._converter.cache_clear()
        with pytest.raises(MissingDependencyError, match=r"'traditional' needs OpenCC.*pip install opencc"):
            Normalizer("nfkc", "traditional")
        normalization._converter.cache_clear()
