"""The uploaded file as the importer reads it: what is no Word document never gets further than here."""

import io
from dataclasses import dataclass

from lxml import etree

from inquiries.uploads import docx
from inquiries.uploads.docx import NotWord, W, open_docx
from inquiries.word_import.draft import Unreadable

SIZE_LIMIT = 20 * 1024 * 1024
TEXT_LIMIT = 5_000_000  # characters: 1,000 rows of 5,000 each
DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STARTS = (
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"BM", "a picture"),
)
SAVE_AS = "Open it in Word, choose “Save as”, “Word document (.docx)”, and upload that file."
DAMAGED = "The file is damaged or incomplete. Open it in Word, save it again as a Word document (.docx), and try again."
TOO_LONG = "The document is too long to be a progress report. Keep only the report in it and try again."
MESSAGES = {
    docx.DAMAGED: DAMAGED,
    docx.TOO_MUCH: (
        "The file unpacks to far more than a progress report can hold, so it was not opened. Copy the report into "
        "a new Word document and try again."
    ),
    docx.PASSWORD: "The file is protected by a password. Take the password off, save it, and try again.",
    docx.OTHER_KIND: f"The file is {{kind}}, not a Word document. {SAVE_AS}",
    docx.ZIP_FILE: f"The file is a zip archive without a Word document in it. {SAVE_AS}",
    docx.DECLARATIONS: "The file holds declarations that no Word document has, so it was not opened.",
}


@dataclass
class OpenedDocument:
    """The parts of a Word document that the importer reads, parsed. `links` maps relationship ids to addresses."""

    body: etree._Element
    numbering: etree._Element | None
    styles: etree._Element | None
    page_headers: list[etree._Element]
    links: dict[str, str]
    title: str = ""
    macros: bool = False


def open_document(data, *, size_limit=SIZE_LIMIT):
    """The Word document in these bytes. Raises Unreadable, with a sentence for the person who uploaded them."""
    refuse_other_files(data, size_limit)
    try:
        with open_docx(io.BytesIO(data)) as document:
            return read_parts(document)
    except NotWord as error:
        raise Unreadable(MESSAGES[error.problem].format(kind=error.kind)) from error


def refuse_other_files(data, size_limit):
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty. Choose the Word document that holds the progress report.")
    if len(data) > size_limit:
        raise Unreadable(
            f"The file is larger than {size_limit // (1024 * 1024)} MB. Remove pictures from it, or compress them "
            "in Word, and try again."
        )
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(
                "The file is protected by a password. Open it in Word, take the password off (File, Info, Protect "
                "Document), save it, and try again."
            )
        raise Unreadable(f"The file is in an old Office format (such as .doc). {SAVE_AS}")
    if not data.startswith(b"PK"):
        raise Unreadable(f"The file is not a Word document: it looks like {describe_start(data)}. {SAVE_AS}")


def describe_start(data):
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in start:
        return "a PDF"
    for mark, name in STARTS:
        if data.startswith(mark):
            return name
    if start.startswith(b"<"):
        return "a web page" if b"html" in start else "an XML file"
    return "something else" if b"\x00" in data[:1024] else "plain text"


def read_parts(document):
    tree = document.parse(document.main)
    body = tree.find(f"{W}body")
    if tree.tag != f"{W}document" or body is None:
        raise Unreadable(f"The file holds no Word document. {SAVE_AS}")
    if sum(len(text.text or "") for text in body.iter(f"{W}t")) > TEXT_LIMIT:
        raise Unreadable(TOO_LONG)
    title = ""
    if "docProps/core.xml" in document.names:
        title = " ".join((document.parse("docProps/core.xml").findtext(DC_TITLE) or "").split())[:500]
    related = document.relationships(document.main).items()
    return OpenedDocument(
        body=body,
        numbering=next(iter(document.related_parts(document.main, "numbering")), None),
        styles=next(iter(document.related_parts(document.main, "styles")), None),
        page_headers=document.related_parts(document.main, "header", "footer")[:12],
        links={number: one.address for number, one in related if one.kind == "hyperlink" and one.is_outside},
        title=title,
        macros=any(name.lower().endswith("vbaproject.bin") for name in document.names),
    )
