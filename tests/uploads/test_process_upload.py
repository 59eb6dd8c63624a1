"""Files that cannot be taken, each with the sentence that the clerk reads."""

from io import BytesIO

import pytest
from pikepdf import Array, Dictionary, Encryption, Name

from inquiries.uploads import process_upload, sanitize
from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import check_pdf, checking, process_paper, run_worker
from tests.uploads import files

PAPER = files.plain(3, compress_streams=True)


def bit_rot(pdf):
    """The PDF with some bytes in the middle of its packed words changed."""
    place = pdf.index(b"stream\n") + 30
    return pdf[:place] + bytes(byte ^ 0x55 for byte in pdf[place : place + 8]) + pdf[place + 8 :]


def unreadable_boxes():
    def change(pdf):
        pdf.pages[0].obj.MediaBox = Array([0, 0, 0, 0])

    return files.plain(change=change)


def xfa_without_fields():
    return files.with_root(AcroForm=lambda pdf: Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=Array()))


def mesh(kind, size):
    """A page filled with a mesh of colours: triangles without end, each over all of it."""

    def change(pdf):
        corner = bytes([0, 0, 0, 255, 0, 0]) + bytes([0, 255, 255, 0, 0, 255])
        shading = pdf.make_stream(corner * (size // len(corner)))
        bits = dict.fromkeys(("/BitsPerCoordinate", "/BitsPerComponent", "/BitsPerFlag"), 8)
        for name, value in {"/ShadingType": kind, **bits}.items():
            shading.stream_dict[name] = value
        shading.stream_dict.ColorSpace = Name.DeviceRGB
        shading.stream_dict.Decode = Array([0, 595, 0, 842, *[0, 1] * 3])
        pdf.pages[0].obj.Resources.Shading = Dictionary(S1=shading)
        pdf.pages[0].obj.Contents = pdf.make_stream(b"/S1 sh")

    return files.plain(change=change, compress_streams=True)


REFUSED = {
    "mesh of triangles": (lambda: mesh(4, 210_000), "This PDF is too large or too complicated to check."),
    "mesh of patches": (lambda: mesh(7, 21_000), "This PDF is too large or too complicated to check."),
    "empty": (lambda: b"", "The file is empty."),
    "text": (lambda: b"The budget was agreed.\n" * 9, "This is a plain text file"),
    "web page named .pdf": (lambda: b"<!DOCTYPE html><html><p>Budget</p></html>", "This is a web page"),
    "JPEG": (lambda: b"\xff\xd8\xff\xe0" + bytes(500), "This is a picture"),
    "PNG": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "This is a picture"),
    "Windows program": (lambda: b"MZ\x90\x00" + bytes(500), "This file is a program"),
    "Linux program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(500), "This file is a program"),
    "program that is a PDF further down": (lambda: b"MZ" + bytes(90) + PAPER, "This file is a program"),
    "shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", "This file is a program"),
    "noise": (lambda: bytes(range(128, 256)) * 20, "This file is not a PDF"),
    "rich text": (lambda: b"{\\rtf1 Budget}", "This is a rich-text file"),
    "zip": (lambda: files.zipped(readme_dot_txt="Budget"), "This is a zip file"),
    "cut zip": (lambda: files.zipped(readme_dot_txt="Budget")[:40], "This Word document is damaged"),
    "Excel": (lambda: files.zipped(xl__workbook_dot_xml="<x/>"), "This is an Excel workbook"),
    "PowerPoint": (lambda: files.zipped(ppt__presentation_dot_xml="<x/>"), "This is a PowerPoint presentation"),
    "OpenDocument": (lambda: files.zipped(content_dot_xml="<x/>"), "This is an OpenDocument file"),
    "old Word": (lambda: files.old_office("WordDocument"), "This is a Word file of the old kind (.doc)"),
    "locked Word": (
        lambda: files.old_office("EncryptionInfo", "EncryptedPackage"),
        "This Office file asks for a password",
    ),
    "old Outlook": (lambda: files.old_office("__properties"), "This is an Office file of an old kind"),
    "Word without a converter": (files.word, process_upload.ASK_FOR_PDF),
    "PDF with a password": (
        lambda: files.plain(encryption=Encryption(owner="owner", user="user")),
        "This PDF asks for a password",
    ),
    "PDF header and nothing else": (lambda: b"%PDF-1.7\n", "This PDF is damaged"),
    "corrupt": (lambda: PAPER[:20] + bytes(len(PAPER) - 20), "This PDF is damaged"),
    "cut off half way": (lambda: files.plain(40)[:9000], sanitize.INCOMPLETE),
    "cut off among its pages": (lambda: files.plain(40)[:3000], sanitize.INCOMPLETE),
    "cut off near its start": (lambda: files.plain(40)[:300], sanitize.DAMAGED),
    "page tree that loops": (files.page_tree_loop, sanitize.DAMAGED),
    "nested 100,000 deep": (lambda: files.deeply_nested(100_000), sanitize.DAMAGED),
    "bit rot": (lambda: bit_rot(PAPER), "Parts of this PDF are damaged"),
    "no pages": (files.without_pages, "This PDF has no pages."),
    "10,000 pages": (lambda: files.by_hand(*many_pages(10_000)), "This PDF has 10,000 pages; at most 1,000 are taken"),
    "bomb in the words": (files.bomb, sanitize.BOMB),
    "bomb packed twice": (lambda: files.bomb(stages=2), sanitize.BOMB),
    "bomb in a picture": (lambda: files.bomb(picture=True), sanitize.BOMB),
    "packed a hundred times": (lambda: files.bomb(stages=100, size=1_000_000), sanitize.STRANGE),
    "redaction not applied": (lambda: files.annotated("Redact"), sanitize.REDACTION.format(1)),
    "form only Adobe can show": (xfa_without_fields, sanitize.XFA),
    "page without size": (unreadable_boxes, "Page 1 has no size."),
    "page like a ribbon": (lambda: files.plain(size=(150, 4)), "Page 1 is 53 by 1 mm large"),
}


def many_pages(count):
    kids = " ".join(f"{number} 0 R" for number in range(3, count + 3))
    yield "<< /Type /Catalog /Pages 2 0 R >>"
    yield f"<< /Type /Pages /Count {count} /Kids [{kids}] >>"
    yield from ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * count


@pytest.mark.parametrize("name", REFUSED)
def test_rejects_file_with_reason(name):
    make, message = REFUSED[name]
    with pytest.raises(Rejected) as refusal:
        process_paper(BytesIO(make()), f"{name}.pdf")
    assert str(refusal.value).startswith(message)


def test_ignores_false_page_count():
    pages = list(many_pages(1_200))
    pages[1] = pages[1].replace("/Count 1200", "/Count 1")
    with pytest.raises(Rejected, match="1,200 pages"):
        process_paper(BytesIO(files.by_hand(*pages)), "long.pdf")


def test_stops_at_size_limit(settings):
    settings.LARGEST_UPLOAD_MB = 1

    class Endless:
        given = 0

        def seek(self, place):
            self.given = place

        def read(self, size):
            self.given += size
            return b"%PDF-".ljust(size)

    upload = Endless()
    with pytest.raises(Rejected, match="The file is larger than 1 MB"):
        process_paper(upload, "large.pdf")
    assert upload.given < 4_000_000


def test_rejects_after_worker_crash(tmp_path):
    """A worker that ends without an answer (here: it finds no file) is a file that is not taken."""
    with pytest.raises(Rejected, match="too large or too complicated"):
        run_worker("clean", tmp_path / "nowhere.pdf", tmp_path / "kept.pdf", tmp_path)


def test_check_leaves_file_unchanged():
    upload = BytesIO(PAPER)
    check_pdf(upload)
    assert upload.read() == PAPER
    with pytest.raises(Rejected, match="This file is not a PDF"):
        check_pdf(BytesIO(files.word()))
    with pytest.raises(Rejected, match="Parts of this PDF are damaged"):
        check_pdf(BytesIO(bit_rot(PAPER)))


def test_small_mesh_is_taken():
    assert len(process_paper(BytesIO(mesh(4, 1_000)), "chart.pdf").pages) == 1


def test_two_checks_at_once(monkeypatch, tmp_path):
    """Of all processes on the machine: a third waits, and is sent back where that takes too long."""
    monkeypatch.setattr(process_upload, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(process_upload, "WAIT_SECONDS", 0)
    with checking():
        with checking():
            for check in (lambda: process_paper(BytesIO(PAPER), "paper.pdf"), lambda: check_pdf(BytesIO(PAPER))):
                with pytest.raises(Rejected, match="Other papers are being checked just now"):
                    check()
        assert len(process_paper(BytesIO(PAPER), "paper.pdf").pages) == 3
    assert len(process_paper(BytesIO(PAPER), "paper.pdf").pages) == 3
