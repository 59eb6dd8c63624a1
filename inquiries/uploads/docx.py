"""A Word document opened with suspicion: its size, its parts, and XML that can fetch nothing."""

import posixpath
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass

from lxml import etree

MOST_PARTS = 5_000
MOST_UNPACKED = 500_000_000
LARGEST_XML = 40 * 1024 * 1024
# Pictures do not shrink, and XML shrinks to a twentieth: more than this is a zip bomb.
MOST_TIMES_PACKED = 300
RATIO_COUNTS_FROM = 20 * 1024 * 1024

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
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

    Whoever opens the file has the sentence for the person who uploaded it: what they can do about it differs.
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
    """The parts of a Word document. Its methods raise NotWord."""

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
        """Whether what a part refers to is in the file."""
        return relationship.target in self.names and not relationship.is_outside

    def relationships(self, part):
        """{id: Relationship} of a part; of the whole file for ""."""
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
        """The parts of these kinds that a part refers to, parsed."""
        related = self.relationships(part).values()
        return [self.parse(one.target) for one in related if one.kind in kinds and self.holds(one)]

    def read(self, name, most=-1):
        """The bytes of a part, at most so many."""
        try:
            with self.archive.open(name) as part:
                return part.read(most)
        except ZIP_ERRORS as error:
            raise NotWord(DAMAGED) from error

    def parse(self, name):
        """The root element of a part."""
        data = self.read(name, LARGEST_XML + 1)
        if len(data) > LARGEST_XML:
            raise NotWord(TOO_MUCH)
        for strict, usual in STRICT:
            data = data.replace(strict, usual)
        return parse_xml(data)


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
    """The root element of a part's bytes. Raises NotWord."""
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
    """A small whole number from an attribute that may hold anything, or be missing."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else otherwise
