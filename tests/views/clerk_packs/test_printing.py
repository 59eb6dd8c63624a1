"""The front sheet alone, and items by themselves."""

from io import BytesIO

import pikepdf
import pytest

from inquiries.actions import packs
from tests.cast import NOW
from tests.factories import make_agenda
from tests.views.clerk_packs.asking import at, build, words


def widths(answer):
    """Which pages of the quick pack these are: page n is 100 + n wide."""
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        return [round(float(page.mediabox[2]) - 100) for page in pdf.pages]


def test_front_sheet_and_items_are_printed_by_themselves(client, agenda, clerk):
    build(agenda, clerk)
    bus, contract = agenda.items.get(title="Bus services"), agenda.items.get(title="A contract")
    answer = client.get(at("front_sheet", agenda))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert answer["Content-Disposition"] == 'inline; filename="front-sheet-agenda.pdf"'
    assert widths(answer) == [0, 1]
    assert widths(client.get(f"{at('front_sheet', agenda)}?edition=restricted")) == [0, 1]
    answer = client.get(at("reprint_item", agenda, bus.pk))
    assert answer["Content-Disposition"] == 'inline; filename="item-2.pdf"'
    assert widths(answer) == [2, 3]
    # Part 2 comes after the four pages of Part 1.
    assert widths(client.get(f"{at('reprint_item', agenda, contract.pk)}?edition=restricted")) == [4, 5]


def test_a_supplement_is_printed_with_its_own_numbers(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    assert client.post(at("build_pack", agenda, supplement=1)).status_code == 302
    page = client.get(at("pack", agenda, supplement=1))
    assert [(line.public, line.exempt) for line in page.context["pages"]] == [("7 - 8", ""), ("", "E3 - E4")]
    bus, contract = (line.item for line in page.context["pages"])
    assert widths(client.get(at("front_sheet", agenda, supplement=1))) == [0, 1]
    assert widths(client.get(at("reprint_item", agenda, bus.pk, supplement=1))) == [2, 3]
    restricted = f"{at('reprint_item', agenda, contract.pk, supplement=1)}?edition=restricted"
    assert widths(client.get(restricted)) == [4, 5]


def test_there_is_nothing_to_print_before_the_pack_is_built(client, agenda, clerk):
    item = agenda.items.get(title="Bus services")
    for where in (at("front_sheet", agenda), at("reprint_item", agenda, item.pk)):
        answer = client.get(where)
        assert answer.status_code == 404
        assert "has not been built yet" in words(answer)
    build(agenda, clerk)
    for where in (at("reprint_item", agenda, item.pk) + "?edition=restricted", at("reprint_item", agenda, 10**17)):
        answer = client.get(where)
        assert answer.status_code == 404
        assert "This item has no pages in the pack that was built last." in words(answer)


@pytest.mark.parametrize("query", ["edition=secret", "edition=public%00"])
def test_there_is_no_other_edition(client, agenda, clerk, query):
    build(agenda, clerk)
    assert client.get(f"{at('front_sheet', agenda)}?{query}").status_code == 404


def test_a_missing_file_is_said(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    pack.file.storage.delete(pack.file.name)
    answer = client.get(at("front_sheet", agenda))
    assert answer.status_code == 503
    assert "The file of the pack is not where it was kept." in words(answer)
