"""An officer report goes out as Word, is edited as Word and LibreOffice do, and comes back."""

import os
import shutil
import struct
import subprocess
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inquiries.documents.officer_report import (
    TEMPLATE_SECTIONS,
    ContactOfficer,
    NestedItem,
    NestedList,
    PictureBlock,
    ReportSection,
    SubHeading,
    TableBlock,
)
from inquiries.documents.officer_report_docx import officer_report_docx
from inquiries.documents.report_markup import normal_runs, read_markup, write_markup
from inquiries.documents.rich_text import Paragraph, Run
from inquiries.imports import Unreadable
from inquiries.imports.officer_report import WP, contact_in, read_document, read_officer_report
from inquiries.imports.reply_form import MACROS, TRACKED
from inquiries.uploads.word import W
from tests.documents.reports_of_2015 import ITEM_6, ITEM_8, chart
from tests.imports.samples import rewritten

PICTURES = {"gap.png": chart()}
WORDS = (Run("One."),)


def pixels(data):
    with Image.open(BytesIO(data)) as picture:
        return picture.size, picture.convert("RGB").tobytes()


@pytest.mark.parametrize("report", [ITEM_6, ITEM_8], ids=["item 6", "item 8"])
def test_comes_back_as_it_was(report):
    found = read_document(officer_report_docx(report, PICTURES))
    assert found.sections == report.sections
    assert (found.title, found.authors, found.contact) == (report.title, report.authors, report.contact)
    assert found.notes == ()
    again = replace(report, sections=found.sections, authors=found.authors, contact=found.contact)
    assert officer_report_docx(again, PICTURES) == officer_report_docx(report, PICTURES)


def test_is_read_in_the_sandbox():
    found = read_officer_report(officer_report_docx(ITEM_6, PICTURES))
    assert found.sections == ITEM_6.sections
    assert {name: pixels(data) for name, data in found.pictures.items()} == {"gap.png": pixels(PICTURES["gap.png"])}


def test_markup_keeps_what_word_held():
    for section in read_document(officer_report_docx(ITEM_6, PICTURES)).sections:
        read = read_markup(write_markup(section.blocks), pictures=PICTURES)
        assert (read.blocks, read.faults) == (section.blocks, ())


@pytest.fixture
def template():
    return replace(ITEM_6, sections=tuple(ReportSection(one.heading) for one in TEMPLATE_SECTIONS))


def test_template_has_guidance_and_comes_back_empty(template):
    data = officer_report_docx(template)
    words = [paragraph.text for paragraph in Document(BytesIO(data)).paragraphs]
    for section in TEMPLATE_SECTIONS:
        assert words[words.index(section.heading) + 1] == section.guidance
    found = read_document(data)
    assert found.sections == template.sections
    assert found.notes == ()


def edited(change, report=ITEM_8):
    """The Word file of a report as somebody changed it."""
    document = Document(BytesIO(officer_report_docx(report, PICTURES)))
    change(document)
    data = BytesIO()
    document.save(data)
    return data.getvalue()


def of_paragraph(document, text):
    return next(paragraph for paragraph in document.paragraphs if paragraph.text == text)


def test_headings_in_another_order_case_and_style():
    def change(document):
        of_paragraph(document, "Purpose").runs[0].text = "1. PURPOSE OF REPORT:"
        background = of_paragraph(document, "Background")
        background.style, background.runs[0].text, background.runs[0].bold = "Normal", "background", True
        of_paragraph(document, "Next steps").runs[0].text = "Consultation"
        of_paragraph(document, "1. PURPOSE OF REPORT:")._p.addprevious(of_paragraph(document, "Summary")._p)

    found = read_document(edited(change))
    headings = [section.heading for section in found.sections]
    assert headings == ["Summary", "Purpose", "Background", "Key issues", "Resource implications", "Consultation"]
    assert "The heading “Next steps” of the template is not in the file." in found.notes


def test_text_without_headings_is_not_lost():
    document = Document()
    document.add_paragraph("We did it.")
    data = BytesIO()
    document.save(data)
    found = read_document(data.getvalue())
    assert found.sections == (ReportSection("Report", (Paragraph((Run("We did it."),)),)),)
    assert found.notes[0] == "No heading of the template was found; all the text is in a section “Report”."


def test_tracked_changes_are_read_as_accepted():
    data = officer_report_docx(ITEM_8)
    old = b"The programme is reviewed at each meeting."
    changed = (
        b"The programme is </w:t></w:r><w:del w:id='1' w:author='x'><w:r><w:delText>never</w:delText></w:r></w:del>"
        b"<w:ins w:id='2' w:author='x'><w:r><w:t>often</w:t></w:r></w:ins><w:r><w:t xml:space='preserve'> reviewed."
    )
    with_changes = replaced(data, old, changed)
    found = read_document(with_changes)
    assert found.sections[1].blocks == (Paragraph((Run("The programme is often reviewed."),)),)
    assert TRACKED.format("inserted: “often”, deleted: “never”") in found.notes


def test_comments_and_hidden_words_go_no_further():
    """What colleagues wrote beside the text, Welsh letters in it, and the headings of Word's own styles."""
    document = Document(BytesIO(officer_report_docx(ITEM_8)))
    heading = next(one for one in document.paragraphs if one.text == "Background")
    heading.insert_paragraph_before("Llŷr’s figures, ŵyth a thŷ").style = document.styles["Heading 3"]
    words = heading.insert_paragraph_before("Trafodwyd yn Llŷn: â, ê, î, ô, û, ŵ, ŷ.")
    document.add_comment(words.runs, text="Quorvane must not hear of this.", author="Lloyd", initials="L")
    target = BytesIO()
    document.save(target)
    assert b"Quorvane" in zipfile.ZipFile(target).read("word/comments.xml")
    found = read_document(target.getvalue())
    assert "Comments in the Word document went no further." in found.notes
    blocks = found.sections[0].blocks
    assert SubHeading((Run("Llŷr’s figures, ŵyth a thŷ"),)) in blocks
    assert Paragraph((Run("Trafodwyd yn Llŷn: â, ê, î, ô, û, ŵ, ŷ."),)) in blocks
    assert "Quorvane" not in repr(found)
    # Written again as the author gets it, and as it is printed.
    assert "Quorvane" not in repr([write_markup(section.blocks) for section in found.sections])


def replaced(data, old, new):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = archive.read("word/document.xml")
    assert old in body
    return rewritten(data, {"word/document.xml": body.replace(old, new)})


def test_merged_cells_and_pictures_in_tables_are_said():
    def change(document):
        table = document.tables[0]
        table.cell(1, 1).merge(table.cell(1, 2))
        table.cell(2, 2).paragraphs[0].add_run().add_picture(BytesIO(PICTURES["gap.png"]))

    found = read_document(edited(change))
    blocks = next(section.blocks for section in found.sections if section.heading == "Key issues")
    assert [type(block) for block in blocks] == [TableBlock, PictureBlock]
    assert {len(row) for row in blocks[0].rows} == {3}
    assert "Cells of a table that were merged are now apart; the words are in the first of them." in found.notes
    assert "The picture picture-1.png was in a table, and was put below it." in found.notes
    assert "The picture picture-1.png has no alternative text: say in words what it shows." in found.notes


def bomb_png(width, height):
    """A PNG that says it is as large as that."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (bomb_png(60_000, 60_000), "it has too many pixels. Make it smaller and upload the file again."),
        (bomb_png(10, 10), "it is of a kind that cannot be read. In Word, cut it and paste it as a picture (PNG)."),
        (b"<svg/>", "it is of a kind that cannot be read. In Word, cut it and paste it as a picture (PNG)."),
    ],
    ids=["huge", "broken", "SVG"],
)
def test_unfit_pictures_are_left_out_and_said(picture, why):
    data = rewritten(officer_report_docx(ITEM_6, PICTURES), {"word/media/image1.png": picture})
    found = read_document(data)
    assert found.pictures == {}
    assert f"A picture (“{ITEM_6.sections[3].blocks[3].alternative}”) was left out: {why}" in found.notes


def drawn(inner, **spaces):
    names = "".join(f' xmlns:{name}="{address}"' for name, address in spaces.items())
    return f'<w:p xmlns:w="{W[1:-1]}"{names}>{inner}</w:p>'


BOX = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
CHART = '<wp:inline><wp:docPr id="9" name="Chart 1" descr="Costs"/></wp:inline>'
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://example.org/x" </w:instrText>'
    '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>the page</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> after</w:t></w:r>'
)


@pytest.mark.parametrize(
    ("xml", "runs", "note"),
    [
        (
            drawn(f"<w:r><w:t>See:</w:t></w:r><w:r><w:pict>{BOX}</w:pict></w:r>"),
            (Run("See:\nIn a box."),),
            "Text in a box was put below the paragraph at which it is: “In a box.”.",
        ),
        (
            drawn(f"<w:r><w:drawing>{CHART}</w:drawing></w:r>", wp=WP[1:-1]),
            None,
            "A chart or drawing (“Costs”) was left out: in Word, copy it and paste it as a picture.",
        ),
        (
            drawn("<w:r><w:t>Seen.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r>"),
            (Run("Seen."),),
            "Hidden text was left out.",
        ),
        (drawn(FIELD), (Run("the page", "https://example.org/x"), Run(" after")), None),
    ],
    ids=["text box", "chart", "hidden", "link in a field"],
)
def test_what_word_may_hold(xml, runs, note):
    data = edited(lambda document: of_paragraph(document, "Purpose")._p.addnext(parse_xml(xml)))
    found = read_document(data)
    words = {Paragraph(runs)} if runs else set()
    assert words == set(found.sections[0].blocks) - set(ITEM_8.sections[0].blocks)
    assert list(found.notes) == ([note] if note else [])


def test_lists_of_word_styles_and_letters():
    def change(document):
        purpose = of_paragraph(document, "Background")
        for style, text in (
            ("List Bullet", "One"),
            ("List Bullet 2", "inside"),
            ("List Number", "a"),
            ("List Number", "b"),
        ):
            purpose.insert_paragraph_before(text, style)

    plain = edited(change)
    bullets, numbers = read_document(plain).sections[0].blocks[1:]
    inner = NestedList(False, 1, (NestedItem((Run("inside"),)),))
    letters = (NestedItem((Run("a"),)), NestedItem((Run("b"),)))
    assert bullets == NestedList(False, 1, (NestedItem((Run("One"),), inner),))
    assert numbers == NestedList(True, 1, letters)
    with zipfile.ZipFile(BytesIO(plain)) as archive:
        numbering = archive.read("word/numbering.xml")
    found = read_document(
        rewritten(plain, {"word/numbering.xml": numbering.replace(b'w:val="decimal"', b'w:val="lowerLetter"')})
    )
    assert found.sections[0].blocks[-1] == numbers
    assert found.notes == ("Items that had letters or Roman numbers have the numbers 1, 2, 3 now.",)


def test_word_file_is_accessible():
    document = Document(BytesIO(officer_report_docx(ITEM_6, PICTURES)))
    assert (document.core_properties.title, document.core_properties.language) == (ITEM_6.title, "en-GB")
    names = [paragraph.style.name for paragraph in document.paragraphs if paragraph.style.name.startswith("Heading")]
    assert names[:3] == ["Heading 1", "Heading 2", "Heading 2"]
    (table,) = document.tables
    assert table.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None
    assert table._tbl.tblPr.find(f"{W}tblCaption").get(f"{W}val") == "Savings by business unit, £000"
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == "The gap grows from £8m in 2016/17 to £31m in 2019/20."


def test_macros_are_ignored_and_said():
    data = rewritten(officer_report_docx(ITEM_8), {"word/vbaProject.bin": b"x"})
    assert MACROS in read_document(data).notes


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "it looks like a PDF"),
        (b"PK\x03\x04" + b"\x00" * 50, "damaged or incomplete"),
        (
            rewritten(
                officer_report_docx(ITEM_8),
                {
                    "word/document.xml": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document>&e;</w:document>'
                },
            ),
            "declarations that no Word document has",
        ),
        (rewritten(officer_report_docx(ITEM_8), {"word/media/x.bin": b"\x00" * 60_000_000}), "unpacks to far more"),
    ],
    ids=["empty", "PDF", "damaged", "XXE", "bomb"],
)
def test_hostile_files_are_refused(data, why):
    with pytest.raises(Unreadable, match=why):
        read_officer_report(data)


@pytest.mark.parametrize(
    "words",
    [
        "Sam Reed, Head of Programmes, telephone 01296 382000, e-mail sam@example.org",
        "Sam Reed, Head of Programmes (Tel: 01296 382000; Email: sam@example.org)",
        "Sam Reed, Head of Programmes 01296 382000 sam@example.org",
    ],
)
def test_contact_in_usual_spellings(words):
    assert contact_in(words) == ContactOfficer("Sam Reed", "Head of Programmes", "01296 382000", "sam@example.org")


TEXT = st.text(st.sampled_from("ab *[]()|#-.é£“\n"), min_size=1, max_size=9)
RUN = st.one_of(
    st.builds(Run, TEXT, st.just(""), st.booleans(), st.booleans()),
    st.builds(Run, TEXT, st.sampled_from(["https://example.org/?q=1", "mailto:a@example.org"])),
    st.builds(
        Run, st.just(""), footnote=TEXT.map(lambda text: normal_runs([Run(" ".join(text.split()))])).filter(bool)
    ),
)
LINES = st.lists(RUN, min_size=1, max_size=3).map(normal_runs).filter(lambda runs: any(r.text for r in runs))
CELL = st.one_of(st.just(()), LINES)
ITEM = st.builds(NestedItem, LINES)
INNER = st.builds(NestedList, st.booleans(), st.just(1), st.lists(ITEM, min_size=1, max_size=2).map(tuple))
BLOCK = st.one_of(
    st.builds(Paragraph, LINES),
    st.builds(
        NestedList,
        st.just(True),
        st.integers(1, 99),
        st.lists(st.builds(NestedItem, LINES, st.one_of(st.none(), INNER)), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(
        lambda head, row: TableBlock((head, (Run("b"),)), ((row, (Run("c"),)),), "Caption"),
        st.just((Run("a"),)),
        CELL,
    ),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(BLOCK, max_size=3))
def test_round_trip(blocks):
    # Between two lists, which in Word may be one.
    parted = tuple(part for block in blocks for part in (block, SubHeading(WORDS)))
    report = replace(ITEM_8, sections=(ReportSection("Purpose", parted),))
    assert read_document(officer_report_docx(report)).sections == report.sections


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed.")
@pytest.mark.parametrize("steps", [["docx:MS Word 2007 XML"], ["odt", "docx:MS Word 2007 XML"]], ids=["docx", "odt"])
def test_report_saved_by_libreoffice_comes_back_as_it_was(tmp_path, steps):
    file = tmp_path / "report.docx"
    file.write_bytes(officer_report_docx(ITEM_6, PICTURES))
    for number, step in enumerate(steps):
        folder = tmp_path / str(number)
        command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", step, "--outdir", str(folder), str(file)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=120)
        (file,) = folder.iterdir()
    found = read_document(file.read_bytes())
    assert (found.title, found.authors, found.contact) == (ITEM_6.title, ITEM_6.authors, ITEM_6.contact)
    assert without_names(found.sections) == without_names(ITEM_6.sections)
    assert [pixels(data) for data in found.pictures.values()] == [pixels(PICTURES["gap.png"])]


def without_names(sections):
    return [
        [replace(block, name="") if isinstance(block, PictureBlock) else block for block in section.blocks]
        for section in sections
    ]
