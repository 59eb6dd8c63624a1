"""The front sheet: what it says, how it leads to the pages, and that it can be heard."""

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import page as validator
import pdfplumber
import pikepdf
import pytest

from inquiries.choices import ExemptParagraph, PackEdition, Tagging
from inquiries.documents.front_sheet import (
    ACCESS,
    NO_ITEMS,
    UNTAGGED,
    Place,
    front_sheet,
    front_sheet_pdf,
    time_in_words,
)
from inquiries.documents.pack_content import Item, ReportPaper, exempt_description
from inquiries.documents.pack_merge import PAGE_LINK
from tests.documents.pack_agenda import MARKER, content, paper
from tests.documents.pdf_text import read_structure
from tests.documents.samples import report

APOLOGIES = Item(1, 1, "Apologies for absence")
TRANSPORT = Item(6, 6, "Transport", "Report of the Head of Travel", papers=(paper(1, 12, "The evening buses"),))
CONTRACT = Item(7, 7, "Contract", exempt_paragraphs=(3,))
PLACES = {(6, False): Place("3", "14"), (6, False, 1): Place("3", "14")}


def line(item, places=PLACES, **changes):
    (made,) = front_sheet(content(item, **changes), places)["items"]
    return made


def printed(pdf):
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return " ".join(" ".join(page.extract_text() for page in opened.pages).split())


# What it says


def test_names_the_meeting():
    sheet = front_sheet(content(start="2015-11-10T10:00:00+00:00"), {})
    assert (sheet["council"], sheet["name"], sheet["committee"]) == (
        "Wealdshire County Council",
        "Agenda",
        "Communities Select Committee",
    )
    assert sheet["facts"] == (
        ("Date", "Tuesday 10 November 2015"),
        ("Time", "10.00 am"),
        ("Venue", "Mezzanine Room 2, County Hall"),
        ("Members", "Councillor Harold Penrose (Chair); Councillor Anwen Pritchard"),
    )
    assert (sheet["marking"], sheet["markings"], sheet["carries_on"], sheet["urgency"]) == ("", (), "", "")


def test_names_the_contact_and_where_to_read_more():
    sheet = front_sheet(
        content(
            contact="Democratic Services, 01234 567890",
            councillor_information="www.wealdshire.example/councillors",
            publish_by=date(2026, 12, 7),
        ),
        {},
    )
    assert sheet["facts"][-2:] == (
        ("Contact", "Democratic Services, 01234 567890"),
        ("To be published by", "7 December 2026"),
    )
    visit = "Visit www.wealdshire.example/councillors for councillor information and e-mail alerts."
    assert sheet["notices"] == (ACCESS, visit)
    assert front_sheet(content(), {})["notices"] == (ACCESS,)


def test_leaves_out_unknown_facts():
    facts = front_sheet(content(venue="", members=()), {})["facts"]
    assert [label for label, _ in facts] == ["Date", "Time"]


@pytest.mark.parametrize(
    ("hour", "minute", "words"), [(0, 5, "12.05 am"), (9, 30, "9.30 am"), (12, 0, "12.00 pm"), (14, 0, "2.00 pm")]
)
def test_times_in_words(hour, minute, words):
    assert time_in_words(datetime(2026, 12, 15, hour, minute)) == words


def test_item_has_title_and_pages():
    made = line(TRANSPORT)
    assert (made["number"], made["title"], made["subtitle"]) == ("6", "TRANSPORT", "Report of the Head of Travel")
    assert [(one["text"], one["link"]) for one in made["pages"]] == [("3 - 14", f"{PAGE_LINK}3")]
    assert made["papers"] == ()
    assert line(APOLOGIES)["pages"] == ()


def test_single_page_is_no_range():
    assert Place("9", "9").range == "9"


def test_papers_have_first_pages():
    item = replace(TRANSPORT, papers=(paper(1, 12, "The evening buses"), paper(2, 2, "Appendix: figures")))
    places = PLACES | {(6, False): Place("3", "16"), (6, False, 2): Place("15", "16")}
    made = line(item, places)
    assert [(one["title"], one["page"]["text"], one["page"]["link"]) for one in made["papers"]] == [
        ("The evening buses", "page 3", f"{PAGE_LINK}3"),
        ("Appendix: figures", "page 15", f"{PAGE_LINK}15"),
    ]
    assert [one["text"] for one in made["pages"]] == ["3 - 16"]


def test_names_report_beside_papers():
    item = replace(TRANSPORT, report=ReportPaper(1, "buses", 6, report()))
    made = line(item, PLACES | {(6, False, None): Place("3", "4")})
    assert [(one["title"], one["page"]["text"]) for one in made["papers"]] == [
        ("Interim Progress Report (6 months on)", "page 3"),
        ("The evening buses", "page 3"),
    ]


def test_marks_papers_to_follow():
    assert line(replace(APOLOGIES, to_follow=True))["follows"] == "To follow"
    assert line(replace(TRANSPORT, to_follow=True))["follows"] == "More to follow"


def test_marks_untagged_papers():
    made = line(replace(TRANSPORT, papers=(paper(1, 12, "A scan", tagging=Tagging.UNTAGGED),)))
    assert [(one["title"], one["page"], one["mark"]) for one in made["papers"]] == [("A scan", None, UNTAGGED)]
    faulty = line(replace(TRANSPORT, papers=(paper(1, 12, "A scan", tagging=Tagging.FAULTY),)))
    assert faulty["papers"] == ()


@pytest.mark.parametrize("paragraph", ExemptParagraph)
def test_exempt_item_has_resolution(paragraph):
    state, resolution = line(replace(CONTRACT, exempt_paragraphs=(paragraph.value,)))["notes"]
    assert state == "This item is not open to the public."
    assert resolution.startswith("To resolve that, under section 100A(4) of the Local Government Act 1972, the press")
    assert f"paragraph {paragraph.value} (" in resolution
    assert exempt_description(paragraph)[1:] in resolution
    assert "Schedule 12A" in resolution
    assert "while this item is considered" in resolution


def test_marks_partly_exempt_item():
    state, resolution = line(replace(TRANSPORT, exempt_paragraphs=(1, 3)))["notes"]
    assert state == "Part of this item is not open to the public."
    assert "while the exempt part of this item is considered" in resolution
    assert "paragraph 1 (information relating to any individual); and paragraph 3 (" in resolution


def test_marks_restricted_edition():
    item = replace(CONTRACT, exempt_papers=(paper(9, 4, MARKER), paper(10, 1, "Bids")))
    places = {(7, True): Place("E1", "E6"), (7, True, 9): Place("E1", "E4"), (7, True, 10): Place("E5", "E6")}
    sheet = front_sheet(content(item, edition=PackEdition.RESTRICTED), places)
    assert sheet["marking"] == "NOT FOR PUBLICATION"
    assert sheet["markings"][1:] == (
        "paragraph 3 of Part 1 of Schedule 12A to the Local Government Act 1972: information relating to the "
        "financial or business affairs of any particular person (including the authority holding that information)",
    )
    (made,) = sheet["items"]
    assert made["notes"][0] == "NOT FOR PUBLICATION. This item is exempt."
    assert [(one["text"], one["link"]) for one in made["pages"]] == [("E1 - E6", f"{PAGE_LINK}E1")]
    assert [(one["title"], one["page"]["text"]) for one in made["papers"]] == [(MARKER, "page E1"), ("Bids", "page E5")]


def test_supplement_mentions_page_numbers():
    sheet = front_sheet(content(supplement=2), {})
    assert (sheet["name"], sheet["carries_on"]) == ("Supplement 2", "The pages carry on from the agenda.")


def test_gives_reason_for_urgency():
    sheet = front_sheet(content(urgency_reason=" The grant ends on 31 December. "), {})
    assert sheet["urgency"].endswith("section 100B(4)). Reason: The grant ends on 31 December.")


# As a file


def full():
    items = (
        APOLOGIES,
        replace(
            TRANSPORT,
            papers=(paper(1, 12, "The evening buses"), paper(2, 2, "A scan", tagging=Tagging.UNTAGGED)),
            exempt_paragraphs=(1,),
        ),
        CONTRACT,
        Item(8, 8, "Budget", to_follow=True),
    )
    places = PLACES | {(6, False, 2): Place("15", "16")}
    return content(*items, urgency_reason="The grant ends."), places


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_front_sheets_are_valid(profile):
    public, places = full()
    restricted = replace(public, edition=PackEdition.RESTRICTED.value, supplement=1)
    for words in (public, restricted, content(), replace(content(), items=())):
        pdf, warnings = front_sheet_pdf(words, places)
        found = validator.validate_pdf_bytes(pdf, profile=profile)
        assert [failure.message for failure in found.failures] == []
        assert warnings == []


def test_is_tagged_as_table():
    words, places = full()
    with pikepdf.open(BytesIO(front_sheet_pdf(words, places)[0])) as opened:
        root = read_structure(opened)
        assert str(opened.Root.Lang) == "en-GB"
        assert str(opened.docinfo["/Title"]) == words.title
    (table,) = root.find("Table")
    assert [cell.text for cell in table.find("TH")] == ["Item", "Subject", "Page"]
    rows = [[" ".join(cell.text.split()) for cell in row.find("TD")] for row in table.find("TR")[1:]]
    assert [row[0] for row in rows] == ["1", "6", "7", "8"]
    assert rows[1][2] == "3 - 14"
    assert rows[3] == ["8", "BUDGET", "To follow"]
    assert [(h.kind, h.text) for h in root.find("H1", "H2")] == [
        ("H1", "Agenda"),
        ("H2", "Communities Select Committee"),
    ]


def test_links_lead_to_pages():
    words, places = full()
    with pikepdf.open(BytesIO(front_sheet_pdf(words, places)[0])) as opened:
        found = [str(one.A.URI) for page in opened.pages for one in page.obj.get("/Annots", [])]
    assert sorted(found) == [f"{PAGE_LINK}15", f"{PAGE_LINK}3", f"{PAGE_LINK}3"]


def test_has_no_page_number():
    words, places = full()
    pdf, _ = front_sheet_pdf(words, places)
    assert front_sheet_pdf(words, places)[0] == pdf
    with pdfplumber.open(BytesIO(pdf)) as opened:
        lowest = max(word["bottom"] for page in opened.pages for word in page.extract_words())
        assert lowest < float(opened.pages[0].height) - 45


def test_empty_agenda_says_so():
    assert NO_ITEMS in printed(front_sheet_pdf(replace(content(), items=()), {})[0])


def test_prints_text_as_typed():
    nasty = '#eval("1") *bold* $x$ = HEADING'
    pdf, _ = front_sheet_pdf(content(Item(1, 1, nasty, "M" * 280), venue="W" * 200), {})
    assert nasty.upper() in printed(pdf)
    with pdfplumber.open(BytesIO(pdf)) as opened:
        page = opened.pages[0]
        assert max(char["x1"] for char in page.chars) < float(page.width) - 55


def test_reports_missing_glyph():
    _, warnings = front_sheet_pdf(content(venue="漢"), {})
    assert len(warnings) == 1
    assert "U+6F22" in warnings[0]
