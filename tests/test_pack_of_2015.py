"""The pack of 10 November 2015, built again: the ranges of its front sheet, and what a reader of the file finds."""

from datetime import datetime
from io import BytesIO
from itertools import pairwise

import page as validator
import pdfplumber
import pikepdf
import pytest

from inquiries.actions import packs
from inquiries.actions.imports import import_progress_report
from inquiries.actions.meetings import add_item, add_paper, call_meeting
from inquiries.choices import ItemKind, PackEdition, Tagging
from inquiries.documents.officer_report_pdf import officer_report_pdf
from inquiries.imports.reader import read_progress_report
from inquiries.models import Committee, Person
from inquiries.uploads.process_upload import process_paper
from tests.cast import NOW
from tests.documents.pack_agenda import put_paper
from tests.documents.pdf_text import read_structure
from tests.documents.reports_of_2015 import ITEM_6, ITEM_8, chart
from tests.factories import LONDON

COMMITTEE = "Finance, Performance and Resources Select Committee"
TITLES = (
    "Apologies for absence / changes in membership",
    "Declarations of interest",
    "Minutes",
    "Public questions",
    "Chairman's report",
    "Transformation and budget scrutiny",
    "Crisis support inquiry - progress report one year on",
    "Committee work programme",
)
PAPERS = {6: (12, "Future shape of the council"), 7: (5, "Crisis support inquiry"), 8: (8, "Work programme")}


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "storage"
    settings.COUNCIL_NAME = "Buckinghamshire County Council"


@pytest.fixture
def call(db, clerk):
    """A function that calls the meeting, item 7 with its paper or with the report it is given."""

    def called(report=None, officer_reports=None):
        committee, _ = Committee.objects.get_or_create(name=COMMITTEE, slug="finance")
        start = datetime(2015, 11, 10, 10, tzinfo=LONDON)
        meeting = call_meeting(
            committee=committee, start=start, venue="Mezzanine Room 2, County Hall, Aylesbury", by=clerk, now=NOW
        )
        for number, title in enumerate(TITLES, start=1):
            if number == 7 and report:
                item = {"kind": ItemKind.REPORT, "report": report, "subtitle": "Report on Crisis Support Inquiry"}
            else:
                item = {"kind": ItemKind.PAPERS if number in PAPERS else ItemKind.NOTHING}
            made = add_item(meeting, title=title, by=clerk, now=NOW, **item)
            if officer_reports and number in officer_reports:
                one = officer_reports[number]
                pdf = officer_report_pdf(one, {"gap.png": chart()}, in_pack=True)
                paper = process_paper(BytesIO(pdf), "report.pdf")
                assert (paper.tagging, paper.title, paper.cleaned) == (Tagging.VALID, one.title, ())
                add_paper(made, paper, title=one.title, by=clerk, now=NOW)
            elif item["kind"] == ItemKind.PAPERS:
                pages, name = PAPERS[number]
                put_paper(made, pages, name, by=clerk)
        return meeting

    return called


def built(meeting, clerk):
    """The public pack as it is kept, and its bytes."""
    pack = packs.build_packs(meeting, 0, by=clerk, now=NOW)[PackEdition.PUBLIC]
    with pack.file.open("rb") as kept:
        return pack, kept.read()


@pytest.fixture
def pack(call, clerk):
    return built(call(), clerk)


def ranges(pack):
    return {entry.item.number: entry.range for entry in pack.entries.select_related("item")}


def texts(pdf):
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return [" ".join(page.extract_text().split()) for page in opened.pages]


def on_front_sheet(pdf):
    """The rows of the table on the front sheet, as they are heard: {number: (subject, pages)}."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        table = read_structure(opened).find("Table")[0]
        rows = [[" ".join(cell.text.split()) for cell in row.find("TD")] for row in table.find("TR")[1:]]
    return {int(number): (subject, pages) for number, subject, pages in rows}


def test_front_sheet_has_page_ranges(pack):
    record, pdf = pack
    assert ranges(record) == {6: "3 - 14", 7: "15 - 20", 8: "21 - 28"}
    lines = on_front_sheet(pdf)
    assert {number: pages for number, (_, pages) in lines.items() if pages} == ranges(record)
    assert [subject for subject, _ in lines.values()] == [title.upper() for title in TITLES]
    front = texts(pdf)[0]
    for words in ("Buckinghamshire County Council", COMMITTEE, "Tuesday 10 November 2015", "10.00 am", "Mezzanine"):
        assert words in front


def test_pages_have_numbers_and_stamps(pack):
    printed = texts(pack[1])
    assert len(printed) == 28
    for number, text in enumerate(printed, start=1):
        blank = number in (2, 20)
        assert text.endswith(f"Page {number}") is (number > 2 and not blank), number
        assert (text == "") is blank, number
    stamped = {n: item for n, text in enumerate(printed, 1) for item in (6, 7, 8) if f"Agenda Item {item}" in text}
    assert stamped == {3: 6, 15: 7, 21: 8}


def test_links_lead_to_printed_pages(pack):
    with pikepdf.open(BytesIO(pack[1])) as opened:
        assert [page.label for page in opened.pages][2:] == [str(number) for number in range(3, 29)]
        place = {page.obj.objgen: number for number, page in enumerate(opened.pages, start=1)}
        with opened.open_outline() as outline:
            marks = {item.title: place[item.destination[0].objgen] for item in outline.root}
        links = [place[link.A.D[0].objgen] for link in opened.pages[0].obj.Annots]
        assert str(opened.docinfo["/Title"]) == f"Agenda pack: {COMMITTEE}, 10 November 2015"
        assert str(opened.Root.Lang) == "en-GB"
    headings = {f"{number}. {TITLES[number - 1].upper()}": first for number, first in ((6, 3), (7, 15), (8, 21))}
    assert {title: marks[title] for title in headings} == headings
    assert links == [3, 15, 21]


def test_keeps_tags_of_papers(pack):
    record, pdf = pack
    assert record.is_accessible
    assert [failure.message for failure in validator.validate_pdf_bytes(pdf, profile="ua1").failures] == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        root = read_structure(opened)
    assert [heading.text for heading in root.find("H1")] == ["Agenda", *(name for _, name in PAPERS.values())]
    assert len(root.find("Table")) == 4


def test_items_start_on_right_hand(pack):
    entries = list(pack[0].entries.order_by("first_page"))
    assert all(entry.first_page % 2 == 1 for entry in entries)
    assert all(one.last_page + 1 == other.first_page for one, other in pairwise(entries))


@pytest.fixture
def imported(case, clerk, db):
    file = case("crisis-support-inquiry") / "progress-report.docx"
    draft = read_progress_report(file.read_bytes(), filename=file.name)
    draft.months_on = 6
    committee, _ = Committee.objects.get_or_create(name=COMMITTEE, slug="finance")
    return import_progress_report(
        draft, committee=committee, title="Crisis Support Inquiry", file_name=file.name, by=clerk, now=NOW
    )


def test_real_report_as_item(call, imported, clerk):
    record, pdf = built(call(imported), clerk)
    first, last = (
        record.entries.values_list(name, flat=True).get(item__number=7) for name in ("first_page", "last_page")
    )
    assert ranges(record)[6] == "3 - 14"
    assert first == 15
    # The real one filled five pages and a blank one; where ours is as long, item 8 starts where it did.
    assert ranges(record)[8] == f"{last + 1} - {last + 8}"
    assert {number: pages for number, (_, pages) in on_front_sheet(pdf).items() if pages} == ranges(record)
    assert [failure.message for failure in validator.validate_pdf_bytes(pdf, profile="ua1").failures] == []
    printed = texts(pdf)
    assert "Agenda Item 7" in printed[14]
    assert "Scrutiny Inquiry Progress Update on Recommendations" in printed[14]
    assert printed[14].endswith("Page 15")
    assert "Page 1 of" not in " ".join(printed)
    with pikepdf.open(BytesIO(pdf)) as opened:
        heard = "".join(read_structure(opened).text.split())
    for update in imported.updates.all():
        assert "".join(update.text.split()) in heard
    assert Person.objects.filter(name="Martin Phillips").exists()


def test_officer_reports_from_the_template_are_bound_with_the_real_report(call, imported, clerk):
    record, pdf = built(call(imported, {6: ITEM_6, 8: ITEM_8}), clerk)
    assert record.is_accessible
    assert [failure.message for failure in validator.validate_pdf_bytes(pdf, profile="ua1").failures] == []
    entries = {entry.item.number: entry for entry in record.entries.select_related("item")}
    assert [(number, entry.first_page % 2) for number, entry in entries.items()] == [(6, 1), (7, 1), (8, 1)]
    printed = texts(pdf)
    for number, entry in entries.items():
        assert f"Agenda Item {number}" in printed[entry.first_page - 1]
        assert printed[entry.first_page - 1].endswith(f"Page {entry.first_page}")
    with pikepdf.open(BytesIO(pdf)) as opened:
        root = read_structure(opened)
    assert "The gap grows from £8m" in " ".join(one.alternative for one in root.find("Figure"))
    assert len(root.find("Note")) == 2
    heard = "".join(root.text.split())
    parts = "Savings by business unit", "Scrutiny Inquiry Progress Update", "Meetings to come", "over three days"
    at = [heard.find("".join(words.split())) for words in parts]
    assert -1 not in at
    assert at == sorted(at)
