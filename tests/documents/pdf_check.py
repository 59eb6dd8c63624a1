"""Does the PDF say, to somebody who hears it, exactly what the report says? Asked before a file is kept.

Format validators pass a file whose header cells became data cells or whose rows stand backwards. This check
compares the tags with the content. What it leaves to a person: whether it sounds well in a screen reader.
"""

import unicodedata
from io import BytesIO

import pikepdf

from inquiries.documents.content import (
    ACCOUNT_COLUMNS,
    ACCOUNT_HEADING,
    CLOSED_HEADING,
    COLUMNS,
    GUIDANCE_HEADING,
    NO_ROWS,
    ExemptBlock,
    account_cells,
    closed_blocks,
    plain_text,
)
from inquiries.documents.pdf import printed_cells
from inquiries.documents.rich_text import ListBlock, Paragraph
from inquiries.documents.safe_text import printable
from tests.documents.pdf_text import read_structure

JOINTS = "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"
HEADINGS = ("H1", "H2", "H3", "H4", "H5", "H6")


def check(pdf, content):
    """What is wrong with the PDF (bytes) as a printing of the `ReportContent`: sentences; none where all is well."""
    safe, _ = printable(content)
    try:
        with pikepdf.open(BytesIO(pdf)) as opened:
            return _check(opened, safe)
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        return [f"The file cannot be read as a PDF: {error}."]


def _check(pdf, content):
    findings = _labels(pdf, content)
    root = read_structure(pdf)
    if root is None:
        return [*findings, "The file has no tags."]
    tables = root.find("Table")
    findings += _headings(root, content)
    rows = [(", ".join(row.references), printed_cells(row)) for row in content.rows]
    entries = [(", ".join(r.reference for r in e.recommendations), account_cells(e)) for e in content.account]
    wanted = [("main table", COLUMNS, rows)] if rows else []
    wanted += [("account", ACCOUNT_COLUMNS, entries)] if entries else []
    if len(tables) != len(wanted):
        findings.append(f"The file has {len(tables)} tables where {len(wanted)} should be.")
    for table, (name, columns, lines) in zip(tables, wanted, strict=False):
        findings += _table(name, table, columns, lines)
    findings += _reading_order(root, content, rows, entries)
    findings += _parent_tree(pdf, root)
    return findings + _links(pdf, root, rows + entries)


def _labels(pdf, content):
    findings = []
    with pdf.open_metadata() as metadata:
        title = metadata.get("dc:title", "")
    if _squeezed(title) != _squeezed(content.title):
        findings.append(f"The title is “{title}”, not “{content.title}”.")
    if str(pdf.Root.get("/Lang", "")) != content.language:
        findings.append(f"The language is “{pdf.Root.get('/Lang', '')}”, not “{content.language}”.")
    if not pdf.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        findings.append("The window would show the file's name, not its title.")
    return findings


def _headings(root, content):
    wanted = [("H1", content.heading), ("H2", content.kind), ("H2", GUIDANCE_HEADING)]
    if content.closed:
        wanted.append(("H2", CLOSED_HEADING))
    if content.account:
        wanted.append(("H2", ACCOUNT_HEADING))
    found = [(element.kind, element.text) for element in root.find(*HEADINGS)]
    if [(kind, _squeezed(text)) for kind, text in found] == [(kind, _squeezed(text)) for kind, text in wanted]:
        return []
    return [f"The headings are {found}, not {wanted}."]


def _table(name, table, columns, rows):
    findings = []
    heads = [row for head in table.find("THead") for row in head.find("TR")]
    lines = [row for row in table.find("TR") if row not in heads]
    if len(heads) != 1:
        findings.append(f"The {name} has {len(heads)} header rows, not one.")
    for head in heads:
        if [cell.kind for cell in head.content] != ["TH"] * len(columns):
            findings.append(f"The header row of the {name} is not made of {len(columns)} header cells.")
        if [_squeezed(cell.text) for cell in head.content] != [_squeezed(title) for title in columns]:
            findings.append(f"The column titles of the {name} are {[cell.text for cell in head.content]}.")
    if len(lines) != len(rows):
        findings.append(f"The {name} has {len(lines)} rows where {len(rows)} should be.")
    for line, (numbers, cells) in zip(lines, rows, strict=False):
        if [cell.kind for cell in line.content] != ["TD"] * len(columns):
            findings.append(f"Row {numbers} of the {name} is not made of {len(columns)} data cells.")
            continue
        for cell, blocks, title in zip(line.content, cells, columns, strict=True):
            if not _same(cell.text, plain_text(blocks)):
                findings.append(f"Row {numbers} of the {name}, column “{title}”, says “{_start(cell.text)}”.")
    return findings


def _reading_order(root, content, rows, entries):
    wanted = [content.committee, content.inquiry, content.heading, content.kind]
    wanted += [f"{label}: {words}" for label, words in content.header]
    wanted += [*COLUMNS, *(plain_text(cell) for _, cells in rows for cell in cells)] if rows else [NO_ROWS]
    wanted.append(GUIDANCE_HEADING)
    wanted += [f"{symbol} {words}" for line in content.guidance for symbol, words, _ in line]
    if content.closed:
        wanted += [CLOSED_HEADING, *(plain_text(closed_blocks(entry)) for entry in content.closed)]
    if entries:
        wanted += [ACCOUNT_HEADING, *ACCOUNT_COLUMNS, *(plain_text(cell) for _, cells in entries for cell in cells)]
    if _same(root.text, "\n".join(wanted)):
        return []
    return ["Read aloud from beginning to end, the file does not say what the report says, in its order."]


def _parent_tree(pdf, root):
    """A reader that starts from the page finds its element through the parent tree: both ways must agree."""
    owners = {mark: element.object_id for element in [root, *_all(root)] for mark in element.marks}
    tree = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
    wrong = 0
    for index, page in enumerate(pdf.pages):
        key = page.obj.get("/StructParents")
        listed = tree[int(key)] if key is not None and int(key) in tree else []
        wrong += sum(owners.get((index, number)) != parent.objgen for number, parent in enumerate(listed))
        wrong += sum(1 for page_index, number in owners if page_index == index and number >= len(listed))
    return [f"{wrong} pieces of the pages name another element than the one that holds them."] if wrong else []


def _links(pdf, root, rows):
    findings = []
    tagged = {annotation.objgen for link in root.find("Link") for annotation in link.annotations}
    for link in root.find("Link"):
        if not link.annotations:
            findings.append(f"The link “{_start(link.text)}” leads nowhere.")
    found = set()
    for annotation in (one for page in pdf.pages for one in page.obj.get("/Annots", []) if one.Subtype == "/Link"):
        address = str(annotation.get("/A", {}).get("/URI", ""))
        found.add(address)
        if annotation.objgen not in tagged:
            findings.append(f"The link to {address} is not in the tags.")
        if not str(annotation.get("/Contents", "")):
            findings.append(f"The link to {address} has no description.")
    wanted = {href for _, cells in rows for cell in cells for href in _addresses(cell)}
    findings += [f"The address {href} is not a link." for href in sorted(wanted - found)]
    return findings + [f"The link to {href} is not in the report." for href in sorted(found - wanted)]


def _addresses(blocks):
    for block in blocks:
        if isinstance(block, ExemptBlock):
            yield from _addresses(block.blocks)
        elif isinstance(block, Paragraph | ListBlock):
            for runs in [block.runs] if isinstance(block, Paragraph) else block.items:
                yield from (run.printed_address for run in runs if run.printed_address)


def _all(element):
    for part in element.content:
        if not isinstance(part, str):
            yield part
            yield from _all(part)


def _same(found, wanted):
    found, wanted = _squeezed(found), _squeezed(wanted)
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in wanted):
        # A page holds right-to-left letters in the order in which they are seen, and a letter that carries
        # a mark may come twice: only which letters there are can be compared.
        return set(found) == set(wanted)
    return found == wanted


def _squeezed(text):
    """The text without what needs no ink: spaces (a line may break there) and the joints inside of an emoji."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not c.isspace() and c not in JOINTS)


def _start(text):
    return text if len(text) < 80 else f"{text[:80]} ..."
