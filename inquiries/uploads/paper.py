"""What an uploaded file is by its content, and what is known of a paper once it has been checked and cleaned."""

import codecs
import os
from dataclasses import dataclass

PDF, ZIP = "pdf", "zip"
# Readers of PDF forgive this much before the header.
HEADER_WITHIN = 1024
HEADER = b"%PDF-"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

PROGRAM = "This file is a program, not a paper. It has not been taken."
PICTURE = "This is a picture, not a document. Put it into a document, save that as PDF and upload it."
WEB_PAGE = "This is a web page, not a PDF. Open it in a browser, print it to PDF and upload that."
SIGNATURES = (
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"#!", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xff\xd8\xff", PICTURE),
    (b"\x89PNG", PICTURE),
    (b"GIF8", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
    (b"BM", PICTURE),
    (b"RIFF", PICTURE),
    (b"{\\rtf", "This is a rich-text file (RTF). Open it in Word, save it as PDF and upload that."),
    (b"7z\xbc\xaf", "This is an archive of files. Upload the papers in it one by one, as PDF."),
    (b"Rar!", "This is an archive of files. Upload the papers in it one by one, as PDF."),
)
WEB_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<script", b"<svg")


class Rejected(Exception):
    """The file cannot be taken; the message says why, and what to do, in words for the person who sent it."""


@dataclass(frozen=True)
class PageFacts:
    """One page as it is displayed, in points: its size after rotation, and how far from each edge the first ink is."""

    width: float
    height: float
    rotation: int  # 0, 90, 180 or 270
    top: float
    bottom: float
    content: str = ""  # what `page_content.describe_content` says of it; "" where nobody has looked yet


@dataclass(frozen=True)
class ReceivedPaper:
    pdf: bytes
    checksum: str  # SHA-256 of `pdf`
    original_name: str
    pages: tuple[PageFacts, ...]
    page_texts: tuple[str, ...]  # the text of each page
    tagging: str  # a value of choices.Tagging
    title: str  # as the file itself has it, or ""
    language: str
    cleaned: tuple[str, ...]  # what was taken out or changed, in sentences


def identify_file_type(path):
    """PDF or ZIP, by the first bytes of the file. Raises Rejected for everything else, saying what it is."""
    with open(path, "rb") as file:
        head = file.read(HEADER_WITHIN + len(HEADER))
    if not head:
        raise Rejected("The file is empty. Save it again and upload it.")
    if head.startswith(HEADER):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return ZIP
    if head.startswith(OLE):
        raise Rejected(old_office_message(path))
    for signature, message in SIGNATURES:
        if head.startswith(signature):
            raise Rejected(message)
    if HEADER in head:
        return PDF
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(WEB_PAGE_STARTS):
        raise Rejected(WEB_PAGE)
    if is_text(head):
        raise Rejected("This is a plain text file, not a PDF. Open it in Word, save it as PDF and upload that.")
    raise Rejected("This file is not a PDF. Save the paper as PDF and upload it again.")


def old_office_message(path):
    with open(path, "rb") as file:
        data = file.read(os.path.getsize(path))
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "This Office file asks for a password. Save it without one, or as PDF, and upload it again."
    if "WordDocument".encode("utf-16-le") in data:
        return "This is a Word file of the old kind (.doc). Save it as PDF, or as .docx, and upload it again."
    return "This is an Office file of an old kind. Save it as PDF and upload it again."


def is_text(head):
    if b"\0" in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
