"""A Word document before it is converted: what in it should not be printed, and what it fetches from elsewhere."""

import re
import zipfile
from contextlib import contextmanager

from lxml import etree

from inquiries.uploads import docx
from inquiries.uploads.docx import NotWord, R, W, open_docx, parse_xml
from inquiries.uploads.received import Rejected

SAVE_AS_PDF = "Save it as PDF and upload that."
DAMAGED = f"This Word document is damaged and cannot be opened. {SAVE_AS_PDF}"
MESSAGES = {
    docx.DAMAGED: DAMAGED,
    docx.TOO_MUCH: f"This Word document unpacks to more than can be printed. {SAVE_AS_PDF}",
    docx.PASSWORD: "This Word document asks for a password. Save it without one and upload it again.",
    docx.OTHER_KIND: f"This is {{kind}}. {SAVE_AS_PDF}",
    docx.ZIP_FILE: "This is a zip file. Upload the papers in it one by one, as PDF.",
    docx.DECLARATIONS: f"This Word document holds declarations that no Word document has. {SAVE_AS_PDF}",
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
    """Copy the Word document at `source` to `target` with nothing in it that is fetched from elsewhere.

    Returns sentences for the clerk. Raises Rejected.
    """
    with opened(source) as document:
        remarks = check_text(document)
        copy_without_references_outward(document, target)
    return remarks


def check_word(source):
    """Raise Rejected unless the file at `source` is a Word document that opens without a password."""
    with opened(source):
        pass


@contextmanager
def opened(source):
    try:
        with open_docx(source) as document:
            yield document
    except NotWord as error:
        raise Rejected(MESSAGES[error.problem].format(kind=error.kind)) from None


def check_text(document):
    """Sentences about what is not printed. Raises Rejected for what would be printed, or lack, by mistake."""
    linked, comments = 0, 0
    for name in document.archive.namelist():
        if name == document.main or PARSED.fullmatch(name):
            root = document.parse(name)
            # A change without words in it marks the end of a paragraph or the format of a row.
            if any(change.tag in CHANGES and len(change) for change in root.iter(*CHANGES)):
                raise Rejected(UNDECIDED)
            outward = {number for number, one in document.relationships(name).items() if one.is_outside}
            linked += sum(1 for element in root.iter() if is_elsewhere(element, outward))
        elif name == "word/comments.xml":
            comments = sum(1 for _ in document.parse(name).iter(f"{W}comment"))
    if linked:
        raise Rejected(PICTURES_ELSEWHERE.format("A picture is" if linked == 1 else f"{linked} pictures are"))
    if not comments:
        return []
    return [f"{'A comment' if comments == 1 else f'{comments} comments'} in the Word document went no further."]


def is_elsewhere(element, outward):
    """Whether an element shows a picture or a text of which the file holds no copy."""
    name = etree.QName(element).localname if isinstance(element.tag, str) else ""
    if name == "blip":
        link, copy = element.get(f"{R}link"), element.get(f"{R}embed")
    elif name == "imagedata":
        link, copy = element.get(f"{R}href"), element.get(f"{R}id")
    else:
        return name == "subDoc"
    return copy in outward if copy else bool(link)


def copy_without_references_outward(document, target):
    """Write every part again; references outward lead nowhere, except links that a reader may follow."""
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
