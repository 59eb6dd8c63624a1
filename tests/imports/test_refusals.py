"""What is no progress report is refused in words that say what to do, and quickly."""

import io
import random
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inquiries.imports import Unreadable
from inquiries.imports.draft import DraftReport
from inquiries.imports.reader import read_progress_report
from inquiries.uploads.word import W
from tests.imports.samples import COLUMNS, HEADER, document, paragraph, rewritten, table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = document(table(COLUMNS, ("1: Keep the bus.", "Yes.", "It runs.", ""), ("2: Count.", "Yes.", "Counted.", "")))


def refusal(data, **more):
    with pytest.raises(Unreadable) as caught:
        read_progress_report(data, **more)
    return str(caught.value)


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_document(xml):
    return rewritten(GOOD, {"word/document.xml": xml})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\x00" * 5000, "The file is empty."),
        (b"%PDF-1.7 ...", "it looks like a PDF"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "it looks like a web page"),
        (b"Dear all, here is the report.", "it looks like plain text"),
        (b"\x89PNG\r\n\x1a\n", "it looks like a picture"),
        (b"{\\rtf1 hello}", "it looks like a rich text file"),
        (OLE + b"\x00" * 600 + "WordDocument".encode("utf-16-le"), "old Office format (such as .doc)"),
        (OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (GOOD[:-200], "damaged or incomplete"),
        (GOOD[:100], "damaged or incomplete"),
        (zipped(**{"readme.txt": "hello"}), "a zip archive without a Word document in it"),
        (zipped(**{"xl/workbook.xml": "<workbook/>"}), "an Excel workbook"),
        (zipped(**{"content.xml": "<office/>", "mimetype": "application/odt"}), "an OpenDocument file"),
        (with_document(b"<w:document"), "damaged or incomplete"),
        (with_document(b"<hello/>"), "The file holds no Word document."),
        (document("Only a letter."), "No table in this document looks like a progress report"),
        (document(table(("Name", "Telephone"), ("Siân", "01234"))), "No table in this document looks like"),
    ],
)
def test_refuses_other_files(data, words):
    assert words in refusal(data)


def test_refuses_large_files():
    assert refusal(GOOD, size_limit=1000).startswith("The file is larger than 0 MB.")
    assert "20 MB" in refusal(b"PK" + b"x" * (20 * 1024 * 1024))


def test_refuses_a_zip_bomb():
    bomb = rewritten(GOOD, {"word/media/big.bin": b"\x00" * (30 * 1024 * 1024)})
    assert len(bomb) < 200_000
    assert "unpacks to far more" in refusal(bomb)


def test_refuses_lying_zip_bomb():
    long = rewritten(GOOD, {"word/document.xml": b"<a>" + b" " * 3_000_000 + b"</a>"})
    at = long.rindex(b"PK\x01\x02")
    lying = long[: at + 24] + struct.pack("<I", 10) + long[at + 28 :]
    assert "damaged or incomplete" in refusal(lying)


def test_refuses_too_many_parts():
    assert "unpacks to far more" in refusal(rewritten(GOOD, {f"x/{n}": b"" for n in range(5_001)}))


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_refuses_entities(code):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml = archive.read("word/document.xml").decode()
    body = xml[xml.index("<w:document") :].replace("Keep the bus.", "&secret;")
    attack = (
        f'<?xml version="1.0" encoding="{code}"?><!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>{body}'
    )
    assert "declarations that no Word document has" in refusal(with_document(attack.encode(code)))


def test_refuses_a_long_table():
    rows = [(f"{n}: Keep.", "Yes.", "Kept.", "") for n in range(2_001)]
    assert "more than 2000 rows" in refusal(document(table(COLUMNS, *rows)))


def test_finds_main_part():
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml, root = archive.read("word/document.xml"), archive.read("_rels/.rels")
        own = archive.read("word/_rels/document.xml.rels")
    moved = rewritten(
        GOOD,
        {
            "word/document.xml": None,
            "word/document2.xml": xml,
            "word/_rels/document2.xml.rels": own,
            "_rels/.rels": root.replace(b"word/document.xml", b"/word/document2.xml"),
        },
    )
    assert [row.references for row in read_progress_report(moved).rows] == [["1"], ["2"]]


def test_reads_a_document_with_macros():
    draft = read_progress_report(rewritten(GOOD, {"word/vbaProject.bin": b"macro"}), filename="report.docm")
    assert "The document carries macros; they were ignored." in [doubt.message for doubt in draft.doubts]
    assert len(draft.rows) == 2


def test_reads_a_strict_document():
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml = archive.read("word/document.xml")
    strict = xml.replace(W[1:-1].encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert strict != xml
    assert len(read_progress_report(with_document(strict)).rows) == 2


def test_refuses_deep_nesting():
    deep = paragraph("x")
    for _ in range(120):
        deep = table(f"<w:tr><w:tc>{deep}<w:p/></w:tc></w:tr>")
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml = archive.read("word/document.xml").decode()
    nested = xml.replace("<w:sectPr", f"{deep}<w:sectPr", 1)
    assert "damaged or incomplete" in refusal(with_document(nested.encode()))


def never_anything_but_unreadable(data):
    try:
        assert isinstance(read_progress_report(data), DraftReport)
    except Unreadable as error:
        assert str(error).endswith((".", "titles."))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, len(GOOD)), st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=12))
def test_survives_damaged_files(length, flips):
    data = bytearray(GOOD)
    for at, value in flips:
        data[at] = value
    never_anything_but_unreadable(bytes(data[:length]))
    never_anything_but_unreadable(bytes(data))


def test_survives_damaged_parts():
    chance = random.Random(7)
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    for _ in range(150):
        name = chance.choice(["word/document.xml", "word/numbering.xml", "_rels/.rels", "word/_rels/document.xml.rels"])
        data = bytearray(parts[name])
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'<>/"= 0123456789aw:&;-')
        never_anything_but_unreadable(rewritten(GOOD, {name: bytes(data)}))


def test_reads_a_good_file():
    draft = read_progress_report(GOOD)
    assert draft.heading == HEADER[0]
    assert [row.update for row in draft.rows] == ["It runs.", "Counted."]
    assert DraftReport.from_json(draft.to_json()) == draft
