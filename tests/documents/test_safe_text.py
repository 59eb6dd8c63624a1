import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.documents.safe_text import (
    FAMILIES,
    FONTS,
    MAX_LENGTH,
    REPLACEMENT,
    Printer,
    break_points,
    can_draw,
    clusters,
    coverage,
    printable,
    without_controls,
)
from tests.documents.samples import report, row


def test_leaves_english_and_welsh():
    text = "Siân Llŷr-Ôwain’s “late bus” – £48,500 – ŵ ẁ ✓ ★ ✗"
    printer = Printer()
    assert printer.clean(text) == text
    assert printer.warnings() == []


def test_removes_control_characters():
    assert without_controls("a\x00b\x07c\ufeffd\u202ee\u200bf\r\ng\rh\u2028i\tj\ufffek") == "abcdef\ng\nh\ni jk"


def test_joins_accents():
    assert without_controls("Sia\u0302n") == "Siân"


def test_replaces_missing_glyph():
    printer = Printer()
    assert printer.clean("漢 and 漢 and \U000f0000") == f"{REPLACEMENT} and {REPLACEMENT} and {REPLACEMENT}"
    assert printer.warnings() == [
        "No font of ours can draw U+6F22 (cjk unified ideograph-6f22): replaced 2 times by \ufffd.",
        "No font of ours can draw U+F0000 (a character without a name): replaced once by \ufffd.",
    ]


def test_cuts_stacked_accents():
    printer = Printer()
    assert printer.clean("q" + "\u0301" * 50_000) == "q" + "\u0301" * 4
    assert printer.warnings() == ["49996 accents were left out that could not be drawn with their letter."]


def test_leaves_out_undrawable_accent():
    printer = Printer()
    assert printer.clean("🧏\u064d and q") == "🧏 and q"
    assert printer.warnings() == ["1 accents were left out that could not be drawn with their letter."]


def test_joiners_do_not_bypass_limit():
    assert len(Printer().clean("q" + "\u200d\u0301" * 20_000)) == 5


def test_emoji_stays_one_cluster():
    assert clusters("👨‍👩‍👧👍🏽e\u0301") == ["👨‍👩‍👧", "👍🏽", "e\u0301"]
    assert clusters("") == []
    assert Printer().clean("👨‍👩‍👧 👍🏽 ❤️") == "👨‍👩‍👧 👍🏽 ❤️"


def test_shortens_huge_text():
    printer = Printer()
    assert printer.clean("a" * (MAX_LENGTH + 1)) == "a" * MAX_LENGTH + " [shortened]"
    assert printer.warnings() == ["Shortened after 60,000 characters: 1 of the texts."]


def test_cleans_every_text():
    content, warnings = printable(report([row(update="a\x00漢")], inquiry="漢\x07"))
    assert content.rows[0].update == f"a{REPLACEMENT}"
    assert content.inquiry == REPLACEMENT
    assert warnings == ["No font of ours can draw U+6F22 (cjk unified ideograph-6f22): replaced 2 times by \ufffd."]


@given(st.text())
def test_cleaning_is_idempotent(text):
    clean = Printer().clean(text)
    assert all(sign == "\n" or can_draw(sign) for sign in clusters(clean))
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in clean.replace("\n", ""))
    assert Printer().clean(clean) == clean


def test_only_long_words_break():
    assert break_points("ordinary words of a report", 28) == ["ordinary words of a report"]
    assert break_points("see xxxxxxxxxxxxxxxxxxxx now", 16) == ["see ", "xxxxxx", "xxxxxx", "xxxxxx", "xx now"]


def test_address_breaks_at_joints():
    assert break_points("see https://www.example.org/late-bus/", 20) == [
        "see ",
        "https://",
        "www.",
        "example.",
        "org/",
        "late-",
        "bus/",
    ]


@given(st.text(), st.integers(min_value=8, max_value=40))
def test_break_points_keep_text(text, longest):
    assert "".join(break_points(text, longest)) == text


def test_fonts_have_licences():
    readme = (FONTS / "README.md").read_text()
    assert [name for name, _ in FAMILIES] == [name for name, _ in FAMILIES if name in readme]
    assert sorted(path.name for path in FONTS.glob("LICENSE-*")) == [
        "LICENSE-DejaVuSans.txt",
        "LICENSE-NotoEmoji.txt",
        "LICENSE-SourceSans3.txt",
    ]
    assert sorted(path.stem for path in FONTS.glob("*.ttf")) == sorted(name for _, files in FAMILIES for name in files)


@pytest.mark.parametrize("character", "aZ9£€’“”–•âŷŵÔ✓★✗!жλםا😀👍\ufffd")
def test_draws_common_characters(character):
    assert can_draw(character)


@pytest.mark.parametrize("character", ["漢", "\ue000", "\uf42b", "\U0010ffff"])
def test_does_not_draw_rare_characters(character):
    assert not can_draw(character)


def test_text_font_draws_welsh():
    assert set(map(ord, "abcdefghijklmnopqrstuvwxyzâêîôûŵŷáéíóúẃýäëïöüẅÿàèìòùẁỳ")) <= coverage()[0]
