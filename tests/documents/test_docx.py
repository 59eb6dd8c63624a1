import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from inquiries.choices import ExemptParagraph
from inquiries.documents.content import ACCOUNT_COLUMNS, COLUMNS, ExemptPart, account_cells, plain_text, row_cells
from inquiries.documents.docx import progress_report_docx
from tests.documents.samples import full_report, hostile_report, long_report, report, row
from tests.documents.test_pdf import case_content


@pytest.fixture(scope="module")
def content():
    return full_report()


@pytest.fixture(scope="module")
def opened(content):
    return docx.Document(BytesIO(progress_report_docx(content)))


def _words(paragraph):
    """The words of a paragraph with those of its links, and a mark where it is an item of a list."""
    text = "".join(
        "\n" if node.tag == qn("w:br") else node.text or "" for node in paragraph.iter(qn("w:t"), qn("w:br"))
    )
    return ("* " if paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None else "") + text


def _cell_words(cell):
    return "\n".join(_words(paragraph) for paragraph in cell._tc.findall(qn("w:p")))


def _as_list(text):
    """The plain text of a cell with every mark of a list in the form that `_words` gives it."""
    return re.sub(r"^(?:•|\d+\.) ", "* ", text, flags=re.MULTILINE)


def test_follows_template_order(opened):
    assert [(p.style.name, p.text) for p in opened.paragraphs] == [
        ("Small", "Committee: Young People's Select Committee"),
        ("Small", "Inquiry: Getting Home from School"),
        ("Heading 1", "Scrutiny Inquiry Progress Update on Recommendations"),
        ("Heading 2", "Final Progress Report (12 months on)"),
        ("Labelled", "Select Committee Inquiry Report Completion Date: April 2026 (Cabinet)"),
        ("Labelled", "Date of this update: 10 November 2026"),
        ("Labelled", "Lead Officers responsible for this response: Siân Llŷr-Ôwain (1, 2); Tom Fairweather (5a)"),
        ("Labelled", "Cabinet Member that has signed-off this update: Cllr Margaret O'Hara; Cllr Idris Wood"),
        ("Heading 2", "RAG Status Guidance (For the Select Committee's Assessment)"),
        ("Heading 2", "Recommendations closed at this meeting"),
        ("Normal", "2: Superseded, decided at the meeting on 10 November 2026"),
        ("Normal", "The county has none left:"),
        ("Normal", "two were sold;"),
        ("Normal", "one burnt out."),
        ("Heading 2", "Recommendations not in the table above"),
        ("Small", ""),
    ]
    assert [[run.bold for run in p.runs] for p in opened.paragraphs[4:8]] == [[True, None]] * 4


def test_table_has_row_per_response(opened, content):
    table = opened.tables[0]
    assert [cell.text for cell in table.rows[0].cells] == list(COLUMNS)
    found = [[_cell_words(cell) for cell in line.cells] for line in table.rows[1:]]
    assert found == [[_as_list(plain_text(cell)) for cell in row_cells(one)] for one in content.rows]


def test_number_is_bold(opened):
    first = opened.tables[0].rows[1].cells
    assert [(run.text, run.bold) for run in first[0].paragraphs[0].runs] == [
        ("1a: ", True),
        ("That the county's “late bus” runs until 7.15pm on school days.", None),
    ]
    assert first[2].paragraphs[4].runs[-1].text == " (Siân Llŷr-Ôwain, Head of Travel; Ed Moss)"
    assert opened.tables[0].rows[5].cells[0].paragraphs[0].runs[0].text == "8 (number given): "


def test_header_row_repeats(opened):
    for table in (opened.tables[0], opened.tables[2]):
        marked = [line.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for line in table._tbl.tr_lst]
        assert marked == [True] + [False] * (len(marked) - 1)
        assert table._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1"


def test_tables_are_described(opened):
    for table in opened.tables:
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        assert list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge"))) == []


def test_guidance_is_two_by_two(opened):
    assert [[cell.text for cell in line.cells] for line in opened.tables[1].rows] == [
        [
            "✓",
            "Recommendation implemented to the satisfaction of the committee.",
            "!",
            "Committee have concerns the recommendation may not be fully delivered to its satisfaction",
        ],
        [
            "★",
            "Recommendation on track to be completed to the satisfaction of the committee.",
            "✗",
            "Committee consider the recommendation to have not been delivered/implemented",
        ],
    ]


def test_account_names_every_number(opened, content):
    table = opened.tables[2]
    assert [cell.text for cell in table.rows[0].cells] == list(ACCOUNT_COLUMNS)
    assert [[cell.text for cell in line.cells] for line in table.rows[1:]] == [
        [plain_text(cell) for cell in account_cells(entry)] for entry in content.account
    ]


def test_report_without_account():
    opened = docx.Document(BytesIO(progress_report_docx(report())))
    assert len(opened.tables) == 2
    assert "Recommendations not in the table above" not in [p.text for p in opened.paragraphs]


def test_lists_are_word_lists():
    opened = docx.Document(BytesIO(progress_report_docx(report([row(update="1. a\n2. b\n\nThen\n\n5. c\n- d")]))))
    paragraphs = opened.tables[0].rows[1].cells[2].paragraphs
    numbers = [p._p.pPr.numPr.numId.val if p._p.pPr is not None else None for p in paragraphs]
    assert [p.text for p in paragraphs] == ["a", "b", "Then", "c", "d"]
    assert numbers[0] == numbers[1] != numbers[3] != numbers[4]
    starts = {
        int(num.get(qn("w:numId"))): start.get(qn("w:val"))
        for num in opened.part.numbering_part.element.findall(qn("w:num"))
        for start in num.iter(qn("w:startOverride"))
    }
    assert [starts.get(number) for number in numbers] == ["1", "1", None, "5", None]


def test_links_are_real_links(opened):
    found = {
        link.text: link.address
        for cell in opened.tables[0].rows[1].cells
        for p in cell.paragraphs
        for link in p.hyperlinks
    }
    assert found == {
        "www.example.org/late-bus": "https://www.example.org/late-bus",
        "https://www.example.org/late-bus/timetable?term=spring": (
            "https://www.example.org/late-bus/timetable?term=spring"
        ),
        "https://www.example.org/count.pdf": "https://www.example.org/count.pdf",
    }


def test_language_and_page_numbers(opened, content):
    section = opened.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert opened.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:val")) == "en-GB"
    properties = opened.core_properties
    assert (properties.title, properties.language) == (content.title, "en-GB")
    assert properties.created == properties.modified == datetime(2026, 11, 10, tzinfo=UTC)
    fields = [field.get(qn("w:instr")) for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == [" PAGE ", " NUMPAGES "]


def test_draft_says_so_in_header(content):
    opened = docx.Document(BytesIO(progress_report_docx(replace(content, draft=True))))
    assert opened.sections[0].header.paragraphs[0].text.endswith("Draft: not yet published")


def test_same_content_gives_same_bytes():
    assert progress_report_docx(full_report()) == progress_report_docx(full_report())


def test_only_long_rows_break():
    lines = docx.Document(BytesIO(progress_report_docx(long_report()))).tables[0]._tbl.tr_lst[1:]
    assert [line.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for line in lines] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_exempt_text_is_framed():
    public = ExemptPart(1, ExemptParagraph(1).label)
    cell = docx.Document(BytesIO(progress_report_docx(report([row(exempt=public)])))).tables[0].rows[1].cells[2]
    assert cell.paragraphs[1].text == (
        "Part of this update is exempt from publication: "
        "Schedule 12A paragraph 1, information relating to any individual."
    )
    restricted = replace(public, text="Mr Moss is ill.\n\n- since May")
    cell = docx.Document(BytesIO(progress_report_docx(report([row(exempt=restricted)])))).tables[0].rows[1].cells[2]
    assert [p.text for p in cell.paragraphs[1:]] == [
        "Not for publication: Schedule 12A paragraph 1, information relating to any individual.",
        "Mr Moss is ill.",
        "since May",
    ]
    assert all(p._p.pPr.find(qn("w:pBdr")) is not None for p in cell.paragraphs[1:])


def test_odd_characters_stay_text():
    content = hostile_report()
    opened = docx.Document(BytesIO(progress_report_docx(content)))
    assert opened.tables[0].rows[1].cells[1].text == content.rows[0].response
    assert opened.tables[0].rows[5].cells[1].text == "abc[31mdevil\nnew"


def test_real_report_is_complete(cases):
    content = case_content(cases / "crisis-support-inquiry")
    opened = docx.Document(BytesIO(progress_report_docx(content)))
    found = [[_cell_words(cell) for cell in line.cells] for line in opened.tables[0].rows[1:]]
    assert found == [[_as_list(plain_text(cell)) for cell in row_cells(one)] for one in content.rows]
