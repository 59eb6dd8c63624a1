"""Opens Word documents (.docx) safely, with limits and without XML that fetches anything; checks papers in Word."""

import posixpath
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass

from lxml import etree

from inquiries.uploads.paper import Rejected

MOST_PARTS = 5_000
MOST_UNPACKED = 500_000_000
LARGEST_XML = 40 * 1024 * 1024
# In one part. A thousand pages have some 30,000 paragraphs; a file made to keep us busy has a million.
MOST_TAGS = 3_000_000
MOST_PARAGRAPHS = 100_000
# Pictures do not shrink, and XML shrinks to a twentieth: more than this is a zip bomb.
MOST_TIMES_PACKED = 300
RATIO_COUNTS_FROM = 20 * 1024 * 1024

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
COUNTED = [f"{W}{name}" for name in ("p", "br", "cr", "tab", "tr", "tc")]
# "Strict" documents say the same things under other names.
STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
)
DOCUMENT = "word/document.xml"
OTHER_KINDS = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
)
# What `NotWord` says was wrong. OTHER_KIND comes with the kind of file, in words.
DAMAGED, TOO_MUCH, PASSWORD, OTHER_KIND, ZIP_FILE, DECLARATIONS = (
    *("damaged", "too much", "password", "other kind", "zip file", "declarations"),
)
# Everything that zipfile and the decompressors raise on bytes that only look like a zip file.
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, IndexError),
    *(NotImplementedError, RuntimeError, OverflowError, MemoryError),
)


class NotWord(Exception):
    """The file is no Word document that can be opened: `problem` is one of the constants above.

    The caller has the sentence for the person who uploaded it: what they can do about it differs.
    """

    def __init__(self, problem, kind=""):
        super().__init__(problem)
        self.problem, self.kind = problem, kind


@dataclass(frozen=True)
class Relationship:
    """One part's reference to another (`target`, a name in the archive) or, where `is_outside`, to an address."""

    kind: str
    target: str
    address: str
    is_outside: bool


class Docx:
    def __init__(self, archive):
        self.archive = archive
        entries = archive.infolist()
        self.names = {entry.filename for entry in entries}
        unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries) or 1
        is_bomb = unpacked > RATIO_COUNTS_FROM and unpacked / packed > MOST_TIMES_PACKED
        if len(entries) > MOST_PARTS or unpacked > MOST_UNPACKED or is_bomb:
            raise NotWord(TOO_MUCH)
        if "EncryptedPackage" in self.names or any(entry.flag_bits & 1 for entry in entries):
            raise NotWord(PASSWORD)
        self.main = self._find_main_part()

    def _find_main_part(self):
        related = self.relationships("").values()
        mains = [one.target for one in related if one.kind == "officeDocument" and self.holds(one)]
        for name in [*mains[:1], *([DOCUMENT] if DOCUMENT in self.names else [])]:
            if not any(name.startswith(start) for start, _ in OTHER_KINDS):
                return name
        for start, kind in OTHER_KINDS:
            if any(name.startswith(start) for name in self.names):
                raise NotWord(OTHER_KIND, kind)
        raise NotWord(ZIP_FILE)

    def holds(self, relationship):
        return relationship.target in self.names and not relationship.is_outside

    def relationships(self, part):
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        found = {}
        for link in self.parse(path) if path in self.names else ():
            address = link.get("Target", "")
            target = posixpath.normpath(posixpath.join("/", folder, address)).lstrip("/")
            kind = link.get("Type", "").rsplit("/", 1)[-1]
            found[link.get("Id", "")] = Relationship(kind, target, address, link.get("TargetMode") == "External")
        return found

    def related_parts(self, part, *kinds):
        related = self.relationships(part).values()
        return [self.parse(one.target) for one in related if one.kind in kinds and self.holds(one)]

    def read(self, name, most=-1):
        try:
            with self.archive.open(name) as part:
                return part.read(most)
        except ZIP_ERRORS as error:
            raise NotWord(DAMAGED) from error

    def parse(self, name):
        data = self.read(name, LARGEST_XML + 1)
        if len(data) > LARGEST_XML or data.count(b"<") > MOST_TAGS:
            raise NotWord(TOO_MUCH)
        for strict, usual in STRICT:
            data = data.replace(strict, usual)
        root = parse_xml(data)
        if sum(1 for _ in root.iter(*COUNTED)) > MOST_PARAGRAPHS:
            raise NotWord(TOO_MUCH)
        return root


@contextmanager
def open_docx(file):
    """The Docx in a file (a path, or what can be read). Raises NotWord."""
    try:
        archive = zipfile.ZipFile(file)
    except ZIP_ERRORS as error:
        raise NotWord(DAMAGED) from error
    with archive:
        yield Docx(archive)


def parse_xml(data):
    # Word never writes a document type; one is there only to pull in entities or files from elsewhere.
    if any("<!DOCTYPE".encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
        raise NotWord(DECLARATIONS)
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
        raise NotWord(DAMAGED) from error
    if root.getroottree().docinfo.doctype:
        raise NotWord(DECLARATIONS)
    return root


def whole_number(text, otherwise=0):
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else otherwise


# A paper in Word, before it is converted: what in it should not be printed, and what it fetches from elsewhere.

SAVE_AS_PDF = "Save it as PDF and upload that."
REJECTIONS = {
    DAMAGED: f"This Word document is damaged and cannot be opened. {SAVE_AS_PDF}",
    TOO_MUCH: f"This Word document unpacks to more than can be printed. {SAVE_AS_PDF}",
    PASSWORD: "This Word document asks for a password. Save it without one and upload it again.",
    OTHER_KIND: f"This is {{kind}}. {SAVE_AS_PDF}",
    ZIP_FILE: "This is a zip file. Upload the papers in it one by one, as PDF.",
    DECLARATIONS: f"This Word document holds declarations that no Word document has. {SAVE_AS_PDF}",
}
UNDECIDED = (
    "This Word document has tracked changes that are neither accepted nor rejected: they would be printed. "
    "Decide on them in Word (Review, Accept or Reject), save it and upload it again."
)
PICTURES_ELSEWHERE = (
    "{} in this Word document, but linked from elsewhere: the PDF would lack what is not in the file. "
    "In Word, choose File, Info, Edit Links to Files, Break Link; save it and upload it again."
)

PARSED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
HYPERLINK = "/hyperlink"
CHANGES = {f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo")}


def prepare_word(source, target):
    with open_word(source) as document:
        messages = check_text(document)
        copy_without_external_references(document, target)
    return messages


def check_word(source):
    with open_word(source):
        pass


@contextmanager
def open_word(source):
    try:
        with open_docx(source) as document:
            yield document
    except NotWord as error:
        raise Rejected(REJECTIONS[error.problem].format(kind=error.kind)) from None


def check_text(document):
    """Sentences about what is not printed. Raises Rejected for what would be printed, or lack, by mistake."""
    linked, comments = 0, 0
    for name in document.archive.namelist():
        if name == document.main or PARSED.fullmatch(name):
            root = document.parse(name)
            # A change without words in it marks the end of a paragraph or the format of a row.
            if any(change.tag in CHANGES and len(change) for change in root.iter(*CHANGES)):
                raise Rejected(UNDECIDED)
            external = {number for number, one in document.relationships(name).items() if one.is_outside}
            linked += sum(1 for element in root.iter() if is_external_content(element, external))
        elif name == "word/comments.xml":
            comments = sum(1 for _ in document.parse(name).iter(f"{W}comment"))
    if linked:
        raise Rejected(PICTURES_ELSEWHERE.format("A picture is" if linked == 1 else f"{linked} pictures are"))
    if not comments:
        return []
    return [f"{'A comment' if comments == 1 else f'{comments} comments'} in the Word document went no further."]


def is_external_content(element, external):
    name = etree.QName(element).localname if isinstance(element.tag, str) else ""
    if name == "blip":
        link, copy = element.get(f"{R}link"), element.get(f"{R}embed")
    elif name == "imagedata":
        link, copy = element.get(f"{R}href"), element.get(f"{R}id")
    else:
        return name == "subDoc"
    return copy in external if copy else bool(link)


def copy_without_external_references(document, target):
    """Write every part again; external references lead nowhere, except links that a reader may follow."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in document.archive.infolist():
            data = document.read(entry)
            if entry.filename.endswith(".rels"):
                root = parse_xml(data)
                for relation in root:
                    is_link = (relation.get("Type") or "").endswith(HYPERLINK)
                    if relation.get("TargetMode") == "External" and not is_link:
                        relation.set("Target", "about:blank")
                data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            copy.writestr(entry.filename, data)
