import json
import logging
from dataclasses import replace
from datetime import date
from io import BytesIO

import page as validator
import pdfplumber
import pikepdf
import pytest

from inquiries.choices import ExemptParagraph
from inquiries.documents import typst_runner
from inquiries.documents.content import COLUMNS, NO_ROWS, Contributor, ExemptPart, NumberedText, ReportContent, Row
from inquiries.documents.pdf import progress_report_pdf, render
from inquiries.documents.typst_runner import PdfFailed, compile_document, without_doubtful_ends
from tests.documents.pdf_check import check
from tests.documents.pdf_text import read_structure
from tests.documents.samples import full_report, hostile_report, long_report, report, row

REPORTS = {
    "full": full_report,
    "long rows": long_report,
    "hostile": hostile_report,
    "one row": report,
    "no rows": lambda: report(()),
    "draft": lambda: report(draft=True),
    "Arabic and Hebrew": lambda: report([row(response="مرحبا بكم في المجلس 2026", update="שלום Siân")]),
}


@pytest.fixture(scope="module", params=REPORTS)
def made(request):
    content = REPORTS[request.param]()
    return content, progress_report_pdf(content)


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_every_report_is_valid(made, profile):
    found = validator.validate_pdf_bytes(made[1], profile=profile)
    assert [(failure.rule_id, failure.message) for failure in found.failures] == []
    assert found.is_compliant


def test_reports_have_all_content(made):
    content, pdf = made
    assert check(pdf, content) == []


def test_same_content_gives_same_bytes():
    assert progress_report_pdf(full_report()) == progress_report_pdf(full_report())
    assert progress_report_pdf(report(update_date=None)) == progress_report_pdf(report(update_date=None))


def _pages(pdf):
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return [page.extract_text() for page in opened.pages]


def _said(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened:
        return read_structure(opened)


def test_page_is_landscape_a4():
    pdf = progress_report_pdf(full_report())
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert {tuple(round(float(side)) for side in page.mediabox) for page in opened.pages} == {(0, 0, 842, 595)}
    assert [text.splitlines()[-1] for text in _pages(pdf)] == ["Page 1 of 2", "Page 2 of 2"]


@pytest.fixture(scope="module")
def long():
    """The file of a report with long rows, and what is printed on each of its pages."""
    pdf = progress_report_pdf(long_report())
    return pdf, _pages(pdf)


def test_leaves_room_for_stamps():
    pdf, _ = render(replace(long_report(), draft=True), in_pack=True)
    with pdfplumber.open(BytesIO(pdf)) as opened:
        words = [page.extract_words() for page in opened.pages]
        width, height = float(opened.pages[0].width), float(opened.pages[0].height)
    assert max(word["bottom"] for page in words for word in page) < height - 45
    assert min(word["top"] for word in words[0] if word["x1"] > width / 2) > 50
    assert all("Draft: not yet published" in " ".join(word["text"] for word in page) for page in words)
    found = validator.validate_pdf_bytes(pdf, profile="ua1")
    assert [failure.message for failure in found.failures] == []


def test_long_row_repeats_its_number(long):
    pdf, pages = long
    assert "continued" not in pages[0]
    assert "1 continued" in pages[1]
    assert "3 continued" in "".join(pages)
    assert "4a, 4b continued" in "".join(pages)
    assert "2 continued" not in "".join(pages)
    assert "5 continued" not in "".join(pages)
    assert "continued" not in _said(pdf).text


def test_shortens_many_references():
    many = tuple(NumberedText(f"1{letter}", "That more be done. " * 20) for letter in "abcdefgh")
    assert "1a to 1h continued" in _pages(progress_report_pdf(report([row(recommendations=many)])))[1]


def test_titles_repeat_on_pages(long):
    pdf, pages = long
    table_pages = [text for text in pages if "buses" in text or "parish" in text]
    assert len(table_pages) > 5
    assert all("Accepted Recommendations Original Response and Actions Progress Update" in text for text in table_pages)
    assert _said(pdf).text.count(COLUMNS[0]) == 1


def test_prints_markup_as_typed():
    nasty = '#eval("1") *bold* $x$ = heading'
    cells = _said(progress_report_pdf(report([row(response=nasty)]))).find("TD")
    assert cells[1].text == nasty


def test_breaks_long_word():
    cells = _said(progress_report_pdf(report([row(update="x" * 10_000)]))).find("TD")
    assert cells[2].text == "x" * 10_000


def test_text_stays_in_column():
    words = "W" * 400 + " " + "supercalifragilisticexpialidocious" * 3
    pdf = progress_report_pdf(report([row(response=words, comment=words)]))
    with pdfplumber.open(BytesIO(pdf)) as opened:
        first = opened.pages[0]
        edges = sorted({round(line["x0"]) for line in first.lines + first.rects if line["height"] > 5})
        assert max(char["x1"] for char in first.chars) < max(edges)


def test_reports_missing_glyphs(caplog):
    with caplog.at_level(logging.WARNING):
        pdf, warnings = render(report([row(update="漢")]))
    assert warnings == ["No font of ours can draw U+6F22 (cjk unified ideograph-6f22): replaced once by \ufffd."]
    assert warnings[0] in caplog.text
    assert _said(pdf).find("TD")[2].text == "\ufffd"


def test_stream_ending_in_carriage_return():
    doubtful = b"<</Length 3>>\nstream\nab\r\nendstream <</Length 3>>\nstream\nabc\nendstream"
    assert without_doubtful_ends(doubtful) == (
        b"<</Length 3>>\nstream\nab\r\rendstream <</Length 3>>\nstream\nabc\nendstream"
    )


def test_draft_on_every_page():
    assert all(
        "Draft: not yet published" in text for text in _pages(progress_report_pdf(replace(full_report(), draft=True)))
    )
    assert all("Draft" not in text for text in _pages(progress_report_pdf(full_report())))


def test_exempt_text_is_marked():
    exempt = ExemptPart(1, ExemptParagraph(1).label, "Mr Moss is ill.\n\n- since May")
    content = report([row(exempt=exempt)])
    pdf = progress_report_pdf(content)
    assert check(pdf, content) == []
    assert "Not for publication: Schedule 12A paragraph 1, information relating to any individual." in (
        " ".join(_said(pdf).find("TD")[2].text.split())
    )


def test_rows_name_their_lead_officer():
    words = " ".join(_pages(progress_report_pdf(report([row(lead_officer="Lloyd Jeffries"), row("2")]))))
    assert words.count("Lead officer: Lloyd Jeffries") == 1
    assert words.count("Lead officer:") == 1


def test_report_without_rows():
    said = _said(progress_report_pdf(report(())))
    assert said.find("Table") == []
    assert NO_ROWS in said.text


def test_links_lead_to_addresses():
    with pikepdf.open(BytesIO(progress_report_pdf(full_report()))) as opened:
        addresses = {str(link.A.URI) for page in opened.pages for link in page.obj.get("/Annots", [])}
    assert addresses == {
        "https://www.example.org/late-bus",
        "https://www.example.org/late-bus/timetable?term=spring",
        "https://www.example.org/count.pdf",
    }


def test_worker_out_of_time(monkeypatch):
    monkeypatch.setattr(typst_runner, "SECONDS", 0.001)
    with pytest.raises(PdfFailed, match="took too long"):
        progress_report_pdf(report())


def test_worker_out_of_memory(monkeypatch):
    monkeypatch.setattr(typst_runner, "MEMORY", 60_000_000)
    with pytest.raises(PdfFailed, match="could not be made"):
        progress_report_pdf(long_report())


def test_missing_template_fails_plainly(caplog):
    with pytest.raises(PdfFailed, match="The reason is in the log"):
        compile_document("no_such_template.typ", {}, 0)
    assert "no_such_template" in caplog.text


def case_content(folder):
    """The real report of 2015 as content, from what was read of it by hand."""
    expected = json.loads((folder / "expected.json").read_text())
    rows = tuple(
        Row(
            recommendations=tuple(NumberedText(r["reference"], r["text"]) for r in one["recommendations"]),
            decision=one["decision"],
            response=one["response"],
            update=one["update"],
            lead_officer=one["lead_officer"] or "",
            contributors=(Contributor(**one["contributor"]),) if one["contributor"] else (),
        )
        for one in expected["rows"]
    )
    return ReportContent(
        committee=expected["committee"],
        inquiry=expected["inquiry"],
        months_on=6,
        completion=f"{expected['completion']['month']} ({expected['completion']['body']})",
        update_date=date.fromisoformat(expected["update_date"]),
        lead_officers=(("Lloyd Jeffries", ("1", "2", "3", "9")), ("Phil Dart", ("5a",)), ("Richard Ambrose", ("6",))),
        cabinet_members=(expected["cabinet_member"],),
        rows=rows,
    )


def test_real_report_is_valid(cases):
    folder = cases / "crisis-support-inquiry"
    content = case_content(folder)
    pdf = progress_report_pdf(content)
    assert check(pdf, content) == []
    assert [validator.is_pdf_compliant_bytes(pdf, profile=profile) for profile in ("ua1", "2a")] == [True, True]
    said = "".join(_said(pdf).text.split())
    expected = json.loads((folder / "expected.json").read_text())
    for one in expected["rows"]:
        for text in [one["response"], one["update"], *(r["text"] for r in one["recommendations"])]:
            assert "".join(text.split()) in said
    for words in [expected["heading"], expected["lead_officers_line"], *expected["columns"], *expected["rag_guidance"]]:
        assert "".join(words.split()) in said
