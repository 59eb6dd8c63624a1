"""Reads a reply form that comes back, in the sandbox: `python -m inquiries.imports.reply_form` with the file as input.

A field is a whole cell of its table: programs move and shrink what marks it. The cell is found by one of the names of
its field (see `documents/reply_form.py`), or by the label beside it. Whatever is written elsewhere is returned, too.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass, field, replace

from inquiries.documents.reply_form import (
    CODE_LABEL,
    CODE_PROPERTY,
    FORECAST,
    LABELS,
    LINE_STYLE,
    LINKS,
    PLACEHOLDERS,
    TEXT,
    VIEW,
)
from inquiries.documents.rich_text import Paragraph, blocks, plain_runs
from inquiries.documents.safe_text import without_controls
from inquiries.imports import Unreadable
from inquiries.imports.answers import evidence_in, read_target_date, read_view
from inquiries.imports.docx_tables import EVIDENCE, UPDATE, RawRow, cell_paragraphs, cell_words, grid
from inquiries.imports.docx_text import (
    BULLET,
    NUMBER,
    ListMark,
    Numbering,
    Para,
    TextReader,
    attribute,
    joined,
    open_document,
    paragraphs_within,
    tidy,
)
from inquiries.imports.sandboxed import read_in_sandbox
from inquiries.rules import LONGEST_TEXT
from inquiries.text import fold_text
from inquiries.uploads.word import W

SIZE_LIMIT = 5 * 1024 * 1024
MOST_TABLES = 2_000
MOST_OTHERS = 200
LONGEST_OTHER = 5_000
MOST_LINKS = 50
MOST_NOTES = 20
MODULE = "inquiries.imports.reply_form"
TOO_MUCH = "The file took too long to read. Download the form again, copy your text into it, and upload that."
TRACKED = (
    "The file has tracked changes that were neither accepted nor rejected ({}). It was read as if all were accepted."
)
MACROS = "The file carries macros; they were ignored."
TOO_LONG = "Its text has {:,} characters, and can have at most {:,}. Make it shorter and upload the form again."
TOO_MANY_OTHERS = "There is more text outside the fields than is shown below."
TWICE = "A second field for the same update is in the file; the first was read."
ANCHOR = re.compile(rf"update_(?P<key>\d{{1,18}})_(?P<name>{'|'.join(LABELS)})")
TITLE = re.compile(rf"(?P<label>{'|'.join(map(re.escape, LABELS.values()))}): (?P<references>.{{1,300}})")
HEADING = re.compile(r"Recommendations? (?P<references>.{1,300})")
CODE = re.compile(re.escape(CODE_LABEL.strip()) + r"\s*(?P<code>[\w.:-]+)")
NAMES = {fold_text(label): name for name, label in LABELS.items()}
# The second is Word's own, where a person empties a field.
EMPTY = {fold_text(words) for words in (*PLACEHOLDERS.values(), "Click or tap here to enter text.", "Choose an item.")}


@dataclass
class ReplyRow:
    """What the fields of one update hold; None where a field is not in the file.

    `officer_view` is a value of OfficerView, `forecast_date` the text of an ISO date; both "" where nothing is written.
    """

    key: int | None = None
    references: str = ""  # "1a and 1b"
    text: str | None = None
    officer_view: str | None = None
    forecast_date: str | None = None
    links: list[tuple[str, str]] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Reply:
    """A form as it came back. `others` are the paragraphs outside its fields, ours among them."""

    code: str
    title: str
    rows: list[ReplyRow]
    others: list[str]
    notes: list[str]


def read_reply(data):
    """The Reply in an uploaded file. Raises Unreadable."""
    return reply_from_json(read_in_sandbox(MODULE, data, too_much=TOO_MUCH))


def reply_from_json(data):
    rows = [ReplyRow(**row) for row in data["rows"]]
    for row in rows:
        row.links = None if row.links is None else [(title, address) for title, address in row.links]
    return Reply(**data | {"rows": rows})


def read_document(data):
    document = open_document(data, size_limit=SIZE_LIMIT)
    heed_written_placeholders(document.body)
    reader = TextReader(document, Numbering(document.numbering, document.styles))
    rows, used = [], set()
    for table in [each for each in paragraphs_within(document.body) if each.tag == f"{W}tbl"][:MOST_TABLES]:
        read_table(table, reader, rows, used)
    notes = [TRACKED.format(document.tracked)] if document.tracked else []
    notes += [MACROS] if document.macros else []
    others = [text[:LONGEST_OTHER] for text in other_paragraphs(document, reader, used)]
    return Reply(code_in(document, others), document.title, rows, others, notes)


def heed_written_placeholders(body):
    """Some programs leave the mark of a placeholder on a field in which a person has written."""
    for mark in list(body.iter(f"{W}showingPlcHdr")):
        control = mark.getparent().getparent()
        styles = {attribute(style) for style in control.iter(f"{W}rStyle")}
        if "PlaceholderText" not in styles:
            mark.getparent().remove(mark)


def code_in(document, others):
    pieces = sorted(
        (int(name.removeprefix(CODE_PROPERTY)), value)
        for name, value in document.properties.items()
        if re.fullmatch(rf"{CODE_PROPERTY} \d{{1,4}}", name)
    )
    printed = [match["code"] for text in others if (match := CODE.search(text))]
    return "".join(value for _, value in pieces) or next(iter(printed), "")


def other_paragraphs(document, reader, used):
    """The texts outside the cells that were read, with those of text boxes, comments and notes."""
    found = []
    for paragraph in document.body.iter(f"{W}p"):
        above = [parent for parent in paragraph.iterancestors()]
        is_boxed = any(parent.tag == f"{W}txbxContent" for parent in above)
        if is_boxed or used.isdisjoint(above):
            found += reader.paragraphs([paragraph])
    remarks = TextReader(document, Numbering(None, None))
    for part in document.remarks:
        found += remarks.paragraphs(list(part.iter(f"{W}p")))
    return list(dict.fromkeys(para.text for para in found if para.text))


def read_table(table, reader, rows, used):
    cells, row = {}, ReplyRow()
    for line in grid(table):
        label, cell = cell_words(line[0], reader), line[-1]
        key, name, references = anchor_of(cell.element)
        if name is None and len(line) > 1:
            name = NAMES.get(fold_text(label))
        if heading := HEADING.fullmatch(label):
            references = references or heading["references"]
        row.key, row.references = row.key or key, row.references or references
        if name is not None:
            cells.setdefault(name, cell.element)
    if not cells or not (row.key or row.references):
        return
    same = [each for each in rows if (each.key, each.references) == (row.key, row.references)]
    for each in same:
        # A table that was cut in two is read like one.
        taken = [
            name
            for name, value in (
                (TEXT, each.text),
                (VIEW, each.officer_view),
                (FORECAST, each.forecast_date),
                (LINKS, each.links),
            )
            if value is not None and name in cells
        ]
        if taken:
            each.notes.append(TWICE)
        cells = {name: cell for name, cell in cells.items() if name not in taken}
        row = each
    used.update(cells.values())
    read_fields(row, cells, reader)
    if not same:
        rows.append(row)


def read_fields(row, cells, reader):
    raw = RawRow()
    if TEXT in cells:
        text = without_placeholder(joined(whole_paragraphs(cell_paragraphs(cells[TEXT], reader, raw, UPDATE))))
        if len(text) <= LONGEST_TEXT:
            row.text = text
        else:
            row.notes.append(TOO_LONG.format(len(text), LONGEST_TEXT))
    if VIEW in cells:
        chosen = without_placeholder(joined(cell_paragraphs(cells[VIEW], reader, RawRow(), UPDATE)))
        row.officer_view, doubt = read_view(chosen)
        if doubt:
            row.officer_view = None
            row.notes.append(f"“{chosen[:200]}” is no view of progress that the form offers; it was left out.")
    if FORECAST in cells:
        written = without_placeholder(joined(cell_paragraphs(cells[FORECAST], reader, RawRow(), UPDATE)))
        day, beside, _ = read_target_date(written)
        if day is not None and not beside:
            row.forecast_date = day.isoformat()
        elif not written:
            row.forecast_date = ""
        else:
            row.notes.append(f"“{written[:200]}” is not read as a date; it was left out.")
    if LINKS in cells:
        row.links = []
        for para in cell_paragraphs(cells[LINKS], reader, raw, EVIDENCE):
            for line in split_para(para):
                link = evidence_in(line)
                if link and len(row.links) < MOST_LINKS:
                    row.links.append(link)
                elif without_placeholder(line.text):
                    row.notes.append(f"“{line.text[:200]}” is no web address; it was left out of the links.")
    row.notes = [*row.notes, *(doubt.message for doubt in raw.doubts)][:MOST_NOTES]


def whole_paragraphs(paras):
    """The paragraphs with those put together again that the form has line by line."""
    found = []
    for para in paras:
        if found and found[-1].style == LINE_STYLE.lower() and para.mark is None:
            found[-1] = replace(para, text=f"{found[-1].text}\n{para.text}")
        else:
            found.append(para)
    return found


def split_para(para):
    lines = para.text.split("\n")
    return [para] if len(lines) == 1 else [Para(line) for line in lines if line]


def without_placeholder(text):
    for words in PLACEHOLDERS.values():
        text = text.removeprefix(words).strip()
    return "" if fold_text(text) in EMPTY else text


def anchor_of(cell):
    """What the names in a cell say of its field: (key of the update, field, references), None or "" where unknown."""
    for control in cell.iter(f"{W}sdt"):
        settings = control.find(f"{W}sdtPr")
        if settings is None:
            continue
        if match := ANCHOR.fullmatch(attribute(settings.find(f"{W}tag"))):
            return int(match["key"]), match["name"], ""
    for mark in cell.iter(f"{W}bookmarkStart"):
        if match := ANCHOR.fullmatch(mark.get(f"{W}name", "")):
            return int(match["key"]), match["name"], ""
    for title in cell.iter(f"{W}alias"):
        if match := TITLE.fullmatch(attribute(title)):
            return None, NAMES[fold_text(match["label"])], match["references"]
    return None, None, ""


def text_as_read(text):
    """A recorded text as it comes back from a form in which nobody wrote: the same words, blanks and marks tidied."""
    paras = []
    for block in blocks(without_controls(text)):
        if isinstance(block, Paragraph):
            paras.append(Para(tidy(plain_runs(block.runs))))
            continue
        for number, item in enumerate(block.items, start=block.start):
            mark = ListMark(NUMBER, 0, f"{number}.", plain=True) if block.ordered else ListMark(BULLET, 0)
            paras.append(Para(tidy(plain_runs(item)), mark))
    return joined(paras)


def main():
    try:
        answer = asdict(read_document(sys.stdin.buffer.read()))
    except Unreadable as error:
        answer = {"unreadable": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
