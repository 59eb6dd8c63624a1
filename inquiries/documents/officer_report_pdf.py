"""An officer report as PDF: tagged, valid PDF/UA-1 and PDF/A-2a in one file, the same bytes for the same content."""

import logging
import re
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image

from inquiries.documents.officer_report import NestedList, SubHeading, TableBlock, head_lines
from inquiries.documents.pdf import UNDATED, run_data
from inquiries.documents.rich_text import Paragraph, Run, plain_runs
from inquiries.documents.safe_text import break_points, printable
from inquiries.documents.typst_runner import compile_document

logger = logging.getLogger(__name__)

LINE = 78  # the longest word that a line takes, in the measure of `safe_text.break_points`
NARROWEST, WIDEST = 8, 48  # of the columns of a table, in characters
SHORT = 400  # characters of a row that is kept on one page
PAGE_WIDTH = 166 / 25.4 * 96  # in points of a screen, as wide as which a picture is printed at most
HIGHEST = 1.1  # of a picture, as many times its width
NUMBER = re.compile(r"[-–+(]?\s?[£$€]?[\d,. ]+[%mk]?\)?|[-–]?")


def officer_report_pdf(report, pictures=None, *, in_pack=False):
    """The PDF of an OfficerReport. Raises PdfFailed.

    `pictures` are bytes, PNG or JPEG, by name; one that is not there is named in the text. In an agenda pack it prints
    no page numbers of its own and leaves room for the pack's numbers and stamp.
    """
    safe, warnings = printable(report)
    for warning in warnings:
        logger.warning("%s", warning)
    files = {
        name: (f"picture-{number}.{file_ending(data)}", data)
        for number, (name, data) in enumerate(sorted((pictures or {}).items()), start=1)
    }
    data = {
        "title": safe.title,
        "heading": break_points(safe.title, LINE // 2),
        "language": safe.language,
        "draft": safe.draft,
        "in_pack": in_pack,
        "council": break_points(safe.council, LINE // 2),
        "addressed_to": break_points(safe.addressed_to, LINE // 2),
        "head": [{"label": label, "runs": run_data(runs, LINE)} for label, runs in head_lines(safe)],
        "sections": [
            {
                "heading": break_points(section.heading, LINE // 2),
                "blocks": [block_data(block, files) for block in section.blocks],
            }
            for section in safe.sections
            if section.blocks
        ],
    }
    day = report.meeting_date
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else UNDATED
    return compile_document("officer_report.typ", data, int(moment.timestamp()), pictures=dict(files.values()))


def file_ending(data):
    return "png" if data.startswith(b"\x89PNG") else "jpg"


def block_data(block, files):
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "runs": run_data(block.runs, LINE)}
    if isinstance(block, SubHeading):
        return {"is": "heading", "runs": run_data(block.heading, LINE)}
    if isinstance(block, NestedList):
        return list_data(block)
    if isinstance(block, TableBlock):
        return table_data(block)
    return picture_data(block, files)


def list_data(block):
    items = [
        {"runs": run_data(item.runs, LINE - 12), "inner": list_data(item.inner) if item.inner else None}
        for item in block.items
    ]
    return {"is": "list", "ordered": block.ordered, "start": block.start, "items": items}


def table_data(block):
    texts = column_texts(block)
    widths = column_widths(block)
    longest = [max(NARROWEST, int(LINE * 0.9 * width / sum(widths))) for width in widths]
    return {
        "is": "table",
        "caption": break_points(block.caption, LINE),
        "widths": widths,
        "numeric": [any(column[1:]) and all(NUMBER.fullmatch(text.strip()) for text in column[1:]) for column in texts],
        "short": all(sum(len(plain_runs(cell)) for cell in row) < SHORT for row in block.rows),
        "header": [run_data(cell, width) for cell, width in zip(block.header, longest, strict=True)],
        "rows": [[run_data(cell, width) for cell, width in zip(row, longest, strict=True)] for row in block.rows],
    }


def column_texts(block):
    return [[plain_runs(cell) for cell in column] for column in zip(block.header, *block.rows, strict=True)]


def column_widths(block):
    """The share of the page that each column gets."""
    return [max(NARROWEST, min(max(map(len, column)), WIDEST)) for column in column_texts(block)]


def picture_data(block, files):
    caption, alternative = break_points(block.caption, LINE), block.alternative or block.caption or block.name
    if block.name not in files:
        missing = Run(f"[The picture {block.name} is missing: {alternative}]")
        return {"is": "paragraph", "runs": run_data((missing,), LINE)}
    file, data = files[block.name]
    with Image.open(BytesIO(data)) as picture:
        width, height = picture.size
    share = min(1, width / PAGE_WIDTH, HIGHEST * width / height)
    return {"is": "picture", "caption": caption, "file": file, "alternative": alternative, "width": share}
