"""A Word document before it is converted: what in it should not be printed, and what it fetches from elsewhere."""

import re
import zipfile
import zlib

from lxml import etree

from inquiries.uploads.received import Rejected

MOST_MEMBERS = 5000
LARGEST_WHOLE = 500_000_000
LARGEST_XML = 100_000_000
DOCUMENT = "word/document.xml"
OTHERS = (
    ("xl/", "This is an Excel workbook. Save it as PDF and upload that."),
    ("ppt/", "This is a PowerPoint presentation. Save it as PDF and upload that."),
    ("content.xml", "This is an OpenDocument file. Save it as PDF and upload that."),
)
ZIP_FILE = "This is a zip file. Upload the papers in it one by one, as PDF."
DAMAGED = "This Word document is damaged and cannot be opened. Save it as PDF and upload that."
TOO_MUCH = "This Word document unpacks to more than can be printed. Save it as PDF and upload that."
UNDECIDED = (
    "This Word document has tracked changes that are neither accepted nor rejected: they would be printed. "
    "Decide on them in Word (Review, Accept or Reject), save it and upload it again."
)
PICTURES_ELSEWHERE = (
    "{} in this Word document, but linked from elsewhere: the PDF would lack what is not in the file. "
    "In Word, choose File, Info, Edit Links to Files, Break Link; save it and upload it again."
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PARSED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
UNREADABLE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, etree.XMLSyntaxError)
HYPERLINK = "/hyperlink"
CHANGES = {f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo")}


def prepare_word(source, target):
    """Copy the Word document at `source` to `target` with nothing in it that is fetched from elsewhere.

    Returns sentences for the clerk. Raises Rejected.
    """
    try:
        with zipfile.ZipFile(source) as document:
            _check_kind(document)
            said = _check_text(document)
            _copy(document, target)
    except UNREADABLE:
        raise Rejected(DAMAGED) from None
    return said


def check_word(source):
    """Raise Rejected unless the file at `source` is a Word document that opens without a password."""
    try:
        with zipfile.ZipFile(source) as document:
            _check_kind(document)
    except UNREADABLE:
        raise Rejected(DAMAGED) from None


def _check_kind(document):
    members = document.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_WHOLE:
        raise Rejected(TOO_MUCH)
    names = [member.filename for member in members]
    if DOCUMENT in names:
        if any(member.flag_bits & 1 for member in members):
            raise Rejected("This Word document asks for a password. Save it without one and upload it again.")
        return
    for start, message in OTHERS:
        if any(name.startswith(start) for name in names):
            raise Rejected(message)
    raise Rejected(ZIP_FILE)


def _check_text(document):
    linked, comments = 0, 0
    for name in document.namelist():
        if PARSED.fullmatch(name):
            root = _parsed(document, name)
            # A change without words in it marks the end of a paragraph or the format of a row.
            if any(change.tag in CHANGES and len(change) for change in root.iter(*CHANGES)):
                raise Rejected(UNDECIDED)
            outward = _outward(document, name)
            linked += sum(1 for each in root.iter() if _is_elsewhere(each, outward))
        elif name == "word/comments.xml":
            comments = sum(1 for _ in _parsed(document, name).iter(f"{W}comment"))
    if linked:
        raise Rejected(PICTURES_ELSEWHERE.format("A picture is" if linked == 1 else f"{linked} pictures are"))
    if not comments:
        return []
    return [f"{'A comment' if comments == 1 else f'{comments} comments'} in the Word document went no further."]


def _outward(document, part):
    """The names under which a part refers to what is not in the file."""
    relations = f"word/_rels/{part.removeprefix('word/')}.rels"
    if relations not in document.namelist():
        return set()
    return {each.get("Id") for each in _parsed(document, relations) if each.get("TargetMode") == "External"}


def _is_elsewhere(element, outward):
    """Whether an element shows a picture or a text of which the file holds no copy."""
    name = etree.QName(element).localname if isinstance(element.tag, str) else ""
    if name == "blip":
        return _holds_no_copy(element.get(f"{R}link"), element.get(f"{R}embed"), outward)
    if name == "imagedata":
        return _holds_no_copy(element.get(f"{R}href"), element.get(f"{R}id"), outward)
    return name == "subDoc"


def _holds_no_copy(link, held, outward):
    return held in outward if held else bool(link)


def _copy(document, target):
    """Write every part again; references outward lead nowhere, except links that a reader may follow."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in document.infolist():
            data = document.read(member)
            if member.filename.endswith(".rels"):
                data = _kept_at_home(data)
            copy.writestr(member.filename, data)


def _kept_at_home(relations):
    root = etree.fromstring(relations, _parser())
    for relation in list(root):
        outward = relation.get("TargetMode") == "External"
        if outward and not (relation.get("Type") or "").endswith(HYPERLINK):
            relation.set("Target", "about:blank")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _parsed(document, name):
    if document.getinfo(name).file_size > LARGEST_XML:
        raise Rejected(TOO_MUCH)
    return etree.fromstring(document.read(name), _parser())


def _parser():
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
