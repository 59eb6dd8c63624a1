"""Word documents: converted by the program that the settings name, and what is looked at before."""

import sys
import zipfile
from io import BytesIO

import pytest

from inquiries.choices import Tagging
from inquiries.imports import Unreadable
from inquiries.imports.docx_text import open_document
from inquiries.uploads import process_upload, word
from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import process_paper
from tests.uploads import files

# Takes LibreOffice's words and makes a PDF of what it was asked and given.
CONVERTER = """#!{python}
import os, sys, socket, zipfile
sys.path.insert(0, {project!r})
from tests.uploads import files
words = sys.argv[1:]
folder, source = words[words.index("--outdir") + 1], words[-1]
os.makedirs(folder)
assert "PDFUACompliance" in words[words.index("--convert-to") + 1]
assert words[0].startswith("-env:UserInstallation=file://") and os.environ["HOME"] in words[0]
assert "SCRUTINY_SECRET_KEY" not in os.environ
with zipfile.ZipFile(source) as document:
    relations = document.read("word/_rels/document.xml.rels").decode()
    assert document.testzip() is None
assert "images.example.org" not in relations
open(folder + "/document.pdf", "wb").write(files.plain(2, words="Converted"))
"""
FAILS = "#!/bin/sh\nexit 1\n"
MAKES_NOTHING = "#!/bin/sh\nexit 0\n"
TAKES_FOR_EVER = f"#!{sys.executable}\nwhile True: pass\n"


@pytest.fixture
def converter(tmp_path, settings):
    def become(words):
        program = tmp_path / "converter"
        program.write_text(words.format(python=sys.executable, project=str(settings.BASE_DIR)))
        program.chmod(0o755)
        settings.WORD_CONVERTER = str(program)

    become(CONVERTER)
    return become


def into_body(words):
    return {"word/document.xml": lambda xml: xml.replace(b"<w:sectPr", words.encode() + b"<w:sectPr", 1)}


def more_relations(words):
    return {
        "word/_rels/document.xml.rels": lambda xml: xml.replace(
            b"</Relationships>", words.encode() + b"</Relationships>"
        )
    }


PICTURE = (
    '<w:p><w:r><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" {}/></w:r></w:p>'
)
OLD_PICTURE = (
    '<w:p><w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId90"/></w:pict></w:r></w:p>'
)
ELSEWHERE = (
    '<Relationship Id="rId90" TargetMode="External" Target="http://images.example.org/1.png" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
)
INSERTED = '<w:p><w:{0} w:id="1" w:author="Jane"><w:r><w:t>new</w:t></w:r></w:{0}></w:p>'


def test_converts_word_to_pdf(converter):
    received = process_paper(BytesIO(files.word()), "Budget.docx")
    assert received.pdf.startswith(b"%PDF-")
    assert [words.splitlines()[0] for words in received.page_texts] == ["Converted, page 1", "Converted, page 2"]
    assert received.original_name == "Budget.docx"
    assert received.tagging == Tagging.UNTAGGED
    assert received.cleaned == ("The Word document was converted to PDF: check its pages.",)


def test_recognises_word_named_pdf(converter):
    assert len(process_paper(BytesIO(files.word()), "Budget.pdf").pages) == 2


def test_reports_comments(converter):
    comments = (
        b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment/></w:comments>'
    )
    file = BytesIO(files.word())
    with zipfile.ZipFile(file, "a") as document:
        document.writestr("word/comments.xml", comments)
    assert process_paper(file, "Budget.docx").cleaned[0] == "A comment in the Word document went no further."


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (into_body(INSERTED.format("ins")), word.UNDECIDED),
        (into_body(INSERTED.format("del")), word.UNDECIDED),
        (
            into_body(PICTURE.format('r:link="rId90"')) | more_relations(ELSEWHERE),
            "A picture is in this Word document, but linked",
        ),
        (into_body(OLD_PICTURE) | more_relations(ELSEWHERE), "A picture is in this Word document, but linked"),
        ({"word/document.xml": lambda xml: xml[:200]}, word.REJECTIONS[word.DAMAGED]),
    ],
    ids=["inserted", "deleted", "picture elsewhere", "old picture elsewhere", "cut"],
)
def test_rejects_unfinished_document(converter, extra, message):
    with pytest.raises(Rejected) as refusal:
        process_paper(BytesIO(files.word(extra=extra)), "Budget.docx")
    assert str(refusal.value).startswith(message)


def test_removes_external_addresses(converter):
    extra = into_body(PICTURE.format('r:embed="rId1" r:link="rId90"')) | more_relations(ELSEWHERE)
    assert len(process_paper(BytesIO(files.word(extra=extra)), "Budget.docx").pages) == 2


@pytest.mark.parametrize("program", [FAILS, MAKES_NOTHING])
def test_converter_fails(converter, program):
    converter(program)
    with pytest.raises(Rejected, match="could not be converted to PDF"):
        process_paper(BytesIO(files.word()), "Budget.docx")


def test_converter_times_out(converter, monkeypatch):
    monkeypatch.setattr(process_upload, "WORD_SECONDS", 1)
    converter(TAKES_FOR_EVER)
    with pytest.raises(Rejected, match="took too long"):
        process_paper(BytesIO(files.word()), "Budget.docx")


@pytest.mark.parametrize(
    ("element", "count"),
    [
        ("<w:p/>", 1_500_000),
        ("<w:r><w:br/></w:r>", 200_000),
        ("<w:tbl><w:tr><w:tc/></w:tr></w:tbl>", 100_000),
        ("<w:x/>", 3_100_000),
    ],
)
def test_rejects_text_without_end(element, count, tmp_path):
    """In a paper and in a report that is imported, before anything is made of it."""
    text = f'<w:document xmlns:w="{word.W[1:-1]}"><w:body>{element * count}</w:body></w:document>'
    source = tmp_path / "endless.docx"
    source.write_bytes(files.word(extra={"word/document.xml": lambda data: text.encode()}))
    with pytest.raises(Rejected, match="unpacks to more than can be printed"):
        word.prepare_word(source, tmp_path / "copy.docx")
    with pytest.raises(Unreadable, match="far more than such a document can hold"):
        open_document(source.read_bytes())


def test_rejects_zip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(word, "MOST_UNPACKED", 20_000)
    source = tmp_path / "bomb.docx"
    source.write_bytes(files.zipped(word__document_dot_xml=bytes(30_000)))
    with pytest.raises(Rejected, match="unpacks to more than can be printed"):
        word.prepare_word(source, tmp_path / "copy.docx")
