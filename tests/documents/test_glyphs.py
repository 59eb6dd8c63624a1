import pytest

from inquiries.documents.safe_text import FAMILIES, FONTS, can_draw, coverage


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
