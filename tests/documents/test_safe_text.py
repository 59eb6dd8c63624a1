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


def test_plain_english_and_welsh_stay_as_they_are():
    text = "Siân Llŷr-Ôwain’s “late bus” – £48,500 – ŵ ẁ ✓ ★ ✗"
    printer = Printer()
    assert printer.clean(text) == text
    assert printer.warnings() == []


def test_control_and_direction_characters_go_and_line_breaks_stay():
    assert without_controls("a\x00b\x07c\ufeffd\u202ee\u200bf\r\ng\rh\u2028i\tj\ufffek") == "abcdef\ng\nh\ni jk"


def test_accents_typed_apart_are_joined_to_their_letters():
    assert without_controls("Sia\u0302n") == "Siân"


def test_a_character_without_a_glyph_is_replaced_and_reported():
    printer = Printer()
    assert printer.clean("漢 and 漢 and \U000f0000") == f"{REPLACEMENT} and {REPLACEMENT} and {REPLACEMENT}"
    assert printer.warnings() == [
        "No font of ours can draw U+6F22 (cjk unified ideograph-6f22): replaced 2 times by \ufffd.",
        "No font of ours can draw U+F0000 (a character without a name): replaced once by \ufffd.",
    ]


def test_thousands_of_accents_on_one_letter_are_cut_and_reported():
    printer = Printer()
    assert printer.clean("q" + "\u0301" * 50_000) == "q" + "\u0301" * 4
    assert printer.warnings() == ["49996 accents were left out that could not be drawn with their letter."]


def test_an_accent_that_no_font_can_put_on_its_letter_is_left_out_and_reported():
    printer = Printer()
    assert printer.clean("🧏\u064d and q") == "🧏 and q"
    assert printer.warnings() == ["1 accents were left out that could not be drawn with their letter."]


def test_joiners_open_no_way_round_the_limit():
    assert len(Printer().clean("q" + "\u200d\u0301" * 20_000)) == 5


def test_an_emoji_with_its_modifiers_stays_one_sign():
    assert clusters("👨‍👩‍👧👍🏽e\u0301") == ["👨‍👩‍👧", "👍🏽", "e\u0301"]
    assert clusters("") == []
    assert Printer().clean("👨‍👩‍👧 👍🏽 ❤️") == "👨‍👩‍👧 👍🏽 ❤️"


def test_a_text_beyond_all_measure_is_shortened_and_reported():
    printer = Printer()
    assert printer.clean("a" * (MAX_LENGTH + 1)) == "a" * MAX_LENGTH + " [shortened]"
    assert printer.warnings() == ["Shortened after 60,000 characters: 1 of the texts."]


def test_every_text_of_a_report_is_cleaned():
    content, warnings = printable(report([row(update="a\x00漢")], inquiry="漢\x07"))
    assert content.rows[0].update == f"a{REPLACEMENT}"
    assert content.inquiry == REPLACEMENT
    assert warnings == ["No font of ours can draw U+6F22 (cjk unified ideograph-6f22): replaced 2 times by \ufffd."]


@given(st.text())
def test_what_is_cleaned_can_be_drawn_and_cleaning_again_changes_nothing(text):
    clean = Printer().clean(text)
    assert all(sign == "\n" or can_draw(sign) for sign in clusters(clean))
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in clean.replace("\n", ""))
    assert Printer().clean(clean) == clean


def test_only_long_words_get_break_points():
    assert break_points("ordinary words of a report", 28) == ["ordinary words of a report"]
    assert break_points("see xxxxxxxxxxxxxxxxxxxx now", 16) == ["see ", "xxxxxx", "xxxxxx", "xxxxxx", "xx now"]


def test_an_address_breaks_at_its_joints():
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
def test_break_points_neither_add_nor_lose_anything(text, longest):
    assert "".join(break_points(text, longest)) == text


def test_every_font_is_there_with_its_licence_and_in_the_readme():
    readme = (FONTS / "README.md").read_text()
    assert [name for name, _ in FAMILIES] == [name for name, _ in FAMILIES if name in readme]
    assert sorted(path.name for path in FONTS.glob("LICENSE-*")) == [
        "LICENSE-DejaVuSans.txt",
        "LICENSE-NotoEmoji.txt",
        "LICENSE-SourceSans3.txt",
    ]
    assert sorted(path.stem for path in FONTS.glob("*.ttf")) == sorted(name for _, files in FAMILIES for name in files)


@pytest.mark.parametrize("character", "aZ9£€’“”–•âŷŵÔ✓★✗!жλםا😀👍\ufffd")
def test_what_people_type_can_be_drawn(character):
    assert can_draw(character)


@pytest.mark.parametrize("character", ["漢", "\ue000", "\uf42b", "\U0010ffff"])
def test_what_no_font_has_cannot(character):
    assert not can_draw(character)


def test_the_text_font_draws_the_letters_of_english_and_welsh():
    assert set(map(ord, "abcdefghijklmnopqrstuvwxyzâêîôûŵŷáéíóúẃýäëïöüẅÿàèìòùẁỳ")) <= coverage()[0]
