from dataclasses import replace
from functools import cache
from io import BytesIO

import page as validator
import pdfplumber
import pikepdf
import pytest

from inquiries.documents.officer_report import ReportSection
from inquiries.documents.officer_report_pdf import officer_report_pdf
from inquiries.documents.report_markup import read_markup
from tests.documents.pdf_text import read_structure
from tests.documents.reports_of_2015 import ITEM_6, ITEM_8, TRANSFORMATION, chart


@cache
def pdf_of(report, **options):
    return officer_report_pdf(report, {"gap.png": chart()}, **options)


def heard(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened:
        return read_structure(opened)


def flat(text):
    return "".join(text.split())


@pytest.mark.parametrize("report", [ITEM_6, ITEM_8], ids=["item 6", "item 8"])
def test_is_valid_pdf_ua(report):
    pdf = pdf_of(report)
    assert [failure.message for failure in validator.validate_pdf_bytes(pdf, profile="ua1").failures] == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.docinfo["/Title"]) == report.title
        assert str(opened.Root.Lang) == "en-GB"
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in opened.pages} == {(595, 842)}


def test_headings_tables_picture_and_footnote_are_tagged():
    root = heard(pdf_of(ITEM_6))
    assert [one.text for one in root.find("H1")] == ["Transformation and budget scrutiny"]
    assert [one.text for one in root.find("H2")] == list(TRANSFORMATION)
    assert [one.text for one in root.find("H3")] == ["Savings", "The years to come"]
    (table,) = root.find("Table")
    assert [cell.text for cell in table.find("TH")] == ["Business unit", "Planned", "Delivered", "What is behind"]
    assert [flat(cell.text) for cell in table.find("TD")][:4] == [
        "Children'sServices", "3,200", "2,450", "PlacementsLegalcosts"
    ]  # fmt: skip
    (figure,) = [one for one in root.find("Figure") if one.alternative]
    assert figure.alternative == "The gap grows from £8m in 2016/17 to £31m in 2019/20."
    assert [flat(one.text) for one in root.find("Note")] == ["1Cabinet,10February2014,minute7."]
    with pikepdf.open(BytesIO(pdf_of(ITEM_6))) as opened:
        links = [str(link.A.URI) for page in opened.pages for link in page.obj.get("/Annots", ()) if "/A" in link]
    assert "mailto:rlane@buckscc.example" in links
    assert "https://www.buckscc.gov.uk/future-shape" in links


def test_reads_in_order():
    text = flat(heard(pdf_of(ITEM_6)).text)
    parts = (
        *("Buckinghamshire County Council", "Report to the Finance, Performance and Resources Select Committee"),
        *("Transformation and budget scrutiny", "Committee date: 10 November 2015", "Author: Rachel Lane"),
        "Contact officer: Rachel Lane, Programme Manager, telephone 01296 382000, e-mail rlane@buckscc.example",
        "Report signed off by Director: Gill Harper, Director of Strategy, 28 October 2015",
        *("Purpose", "Background", "business units", "Summary", "Children's Services", "Savings by business unit"),
        *("Street lighting", "The years to come", "The gap in the budget", "more income", "Next steps"),
    )
    at = [text.find(flat(part)) for part in parts]
    assert -1 not in at
    assert at == sorted(at)


def test_missing_sign_off_is_printed_as_the_preflight_check_finds_it():
    assert "Report signed off by Director: [Director sign-off required]" in heard(pdf_of(ITEM_8)).text


def test_prints_its_own_page_numbers_outside_packs_alone():
    assert [texts(pdf_of(ITEM_8, in_pack=in_pack)).count("Page 1 of 1") for in_pack in (False, True)] == [1, 0]


def texts(pdf):
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return " ".join(page.extract_text() for page in opened.pages)


def test_same_bytes_for_same_content():
    assert officer_report_pdf(ITEM_8) == officer_report_pdf(ITEM_8)


def test_what_is_typed_is_printed_as_text():
    typed = (
        "#eval(1) $x$ <label> @reference `code` //comment <script>alert(1)</script>\n\n"
        + "W" * 3_000
        + "\n\n| a | b |\n| #read(1) | "
        + "9" * 400
        + " |\n\n![](nowhere.png)"
    )
    pdf = officer_report_pdf(replace(ITEM_8, sections=(ReportSection("A #b", read_markup(typed).blocks),)))
    assert validator.validate_pdf_bytes(pdf, profile="ua1").is_compliant
    text = flat(heard(pdf).text)
    for words in ("#eval(1)$x$<label>@reference`code`//comment<script>alert(1)</script>", "A#b", "#read(1)"):
        assert words in text
    assert "[Thepicturenowhere.pngismissing" in text
