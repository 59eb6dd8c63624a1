"""The uploaded file, opened with suspicion: what is no Word document never gets further than here."""

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from inquiries.word_import.draft import Unreadable

SIZE_LIMIT = 20 * 1024 * 1024
UNPACKED_LIMIT = 200 * 1024 * 1024
PART_LIMIT = 40 * 1024 * 1024
TEXT_LIMIT = 5_000_000  # characters: 1,000 rows of 5,000 each
ENTRY_LIMIT = 5_000
RATIO_LIMIT = 300
RATIO_COUNTS_FROM = 20 * 1024 * 1024

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# "Strict" documents say the same things under other names.
STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
)
STARTS = (
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"BM", "a picture"),
)
OTHER_ZIPS = (
    ("xl/workbook.xml", "an Excel workbook"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
)
SAVE_AS = "Open it in Word, choose “Save as”, “Word document (.docx)”, and upload that file."
DAMAGED = "The file is damaged or incomplete. Open it in Word, save it again as a Word document (.docx), and try again."
TOO_LONG = "The document is too long to be a progress report. Keep only the report in it and try again."
# Everything that zipfile and the decompressors raise on bytes that only look like a zip file.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    MemoryError,
)


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
    _refuse_what_is_no_docx(data, size_limit)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _open(archive)
    except ZIP_ERRORS as error:
        raise Unreadable(DAMAGED) from error


def _refuse_what_is_no_docx(data, size_limit):
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
        raise Unreadable(f"The file is not a Word document: it looks like {_likeness(data)}. {SAVE_AS}")


def _likeness(data):
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in start:
        return "a PDF"
    for mark, name in STARTS:
        if data.startswith(mark):
            return name
    if start.startswith(b"<"):
        return "a web page" if b"html" in start else "an XML file"
    return "something else" if b"\x00" in data[:1024] else "plain text"


def _open(archive):
    names = _check_sizes(archive)
    if "EncryptedPackage" in names or any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable("The file is protected by a password. Take the password off, save it, and try again.")
    main = _main_part(archive, names)
    tree = _parse(archive, main)
    body = tree.find(f"{W}body")
    if tree.tag != f"{W}document" or body is None:
        raise Unreadable(f"The file holds no Word document. {SAVE_AS}")
    if sum(len(text.text or "") for text in body.iter(f"{W}t")) > TEXT_LIMIT:
        raise Unreadable(TOO_LONG)
    related = _relationships(archive, names, main)
    return OpenedDocument(
        body=body,
        numbering=_part(archive, names, related, "numbering"),
        styles=_part(archive, names, related, "styles"),
        page_headers=[
            _parse(archive, target)
            for kind, target, _, outside in related.values()
            if kind in ("header", "footer") and target in names and not outside
        ][:12],
        links={
            number: address
            for number, (kind, _, address, outside) in related.items()
            if kind == "hyperlink" and outside
        },
        title=_title(archive, names),
        macros=any(name.lower().endswith("vbaproject.bin") for name in names),
    )


def _check_sizes(archive):
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if (
        len(entries) > ENTRY_LIMIT
        or unpacked > UNPACKED_LIMIT
        or (unpacked > RATIO_COUNTS_FROM and unpacked / packed > RATIO_LIMIT)
    ):
        raise Unreadable(
            "The file unpacks to far more than a progress report can hold, so it was not opened. Copy the report into "
            "a new Word document and try again."
        )
    return {entry.filename for entry in entries}


def _main_part(archive, names):
    for kind, target, _, outside in _relationships(archive, names, "").values():
        if kind == "officeDocument" and target in names and not outside:
            for foreign, name in OTHER_ZIPS:
                if target == foreign:
                    raise Unreadable(f"The file is {name}, not a Word document. {SAVE_AS}")
            return target
    if "word/document.xml" in names:
        return "word/document.xml"
    for part, name in OTHER_ZIPS:
        if part in names:
            raise Unreadable(f"The file is {name}, not a Word document. {SAVE_AS}")
    raise Unreadable(f"The file is a zip archive without a Word document in it. {SAVE_AS}")


def _relationships(archive, names, part):
    """Relationship id to (kind, target inside the archive, target as written, whether it lies outside)."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in names:
        return {}
    found = {}
    for link in _parse(archive, path):
        written = link.get("Target", "")
        target = posixpath.normpath(posixpath.join("/", folder, written)).lstrip("/")
        kind = link.get("Type", "").rsplit("/", 1)[-1]
        found[link.get("Id", "")] = kind, target, written, link.get("TargetMode") == "External"
    return found


def _part(archive, names, related, wanted):
    for kind, target, _, outside in related.values():
        if kind == wanted and target in names and not outside:
            return _parse(archive, target)
    return None


def _title(archive, names):
    if "docProps/core.xml" not in names:
        return ""
    title = _parse(archive, "docProps/core.xml").findtext(DC_TITLE)
    return " ".join((title or "").split())[:500]


def _parse(archive, name):
    with archive.open(name) as part:
        data = part.read(PART_LIMIT + 1)
        if len(data) > PART_LIMIT:
            raise Unreadable(TOO_LONG)
    # Word never writes a document type; one is there only to pull in entities or files from elsewhere.
    if any("<!DOCTYPE".encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
        raise Unreadable("The file holds declarations that no Word document has, so it was not opened.")
    for strict, usual in STRICT:
        data = data.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED) from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable("The file holds declarations that no Word document has, so it was not opened.")
    return root


def whole_number(text, otherwise=0):
    """A small whole number from an attribute that may hold anything, or be missing."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else otherwise
