"""A progress report as PDF: tagged, valid PDF/UA-1 and PDF/A-2a in one file, the same bytes for the same content."""

import logging
from datetime import UTC, datetime

from inquiries.choices import RATING_COLOURS
from inquiries.documents.content import (
    ACCOUNT_COLUMNS,
    ACCOUNT_HEADING,
    CLOSED_HEADING,
    COLUMNS,
    GUIDANCE_HEADING,
    NO_ROWS,
    RatingBlock,
    account_cells,
    closed_blocks,
    labelled_line,
    row_cells,
    stays_whole,
)
from inquiries.documents.rich_text import ListBlock, Paragraph
from inquiries.documents.safe_text import break_points, printable
from inquiries.documents.typst_runner import compile_document

logger = logging.getLogger(__name__)

LEAD_OFFICER = "Lead officer"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
# The longest word that a column takes, in the measure of `safe_text.break_points`.
WIDE, NARROW = 28, 16
WIDTHS = (WIDE, WIDE, WIDE, NARROW)


def progress_report_pdf(content):
    return render(content)[0]


def render(content, *, in_pack=False):
    """The PDF of a `ReportContent` and the warnings about characters that had to be replaced. Raises PdfFailed.

    In an agenda pack it prints no page numbers of its own and leaves room for the pack's numbers and stamp.
    """
    safe, warnings = printable(content)
    for warning in warnings:
        logger.warning("%s", warning)
    moment = datetime(*content.update_date.timetuple()[:3], tzinfo=UTC) if content.update_date else UNDATED
    data = template_data(safe) | {"in_pack": in_pack}
    return compile_document("progress_report.typ", data, int(moment.timestamp())), warnings


def template_data(content):
    return {
        "title": content.title,
        "language": content.language,
        "draft": content.draft,
        "committee": content.committee,
        "inquiry": content.inquiry,
        "heading": content.heading,
        "kind": content.kind,
        "header": [[label, break_points(text, WIDE)] for label, text in content.header],
        "columns": COLUMNS,
        "no_rows": NO_ROWS,
        "rows": [row_data(row) for row in content.rows],
        "guidance_heading": GUIDANCE_HEADING,
        "guidance": [
            [{"symbol": symbol, "text": text, "colours": RATING_COLOURS[colour]} for symbol, text, colour in line]
            for line in content.guidance
        ],
        "closed_heading": CLOSED_HEADING,
        "closed": [cell_data(closed_blocks(entry), WIDE) for entry in content.closed],
        "account_heading": ACCOUNT_HEADING,
        "account_columns": ACCOUNT_COLUMNS,
        "account": [[cell_data(cell, WIDE) for cell in account_cells(entry)] for entry in content.account],
    }


def printed_cells(row):
    """As `row_cells`, with the lead officer as on the page; Word files, which are read back, have the header's line."""
    recommendations, response, update, assessment = row_cells(row)
    if row.lead_officer:
        response = (*response, labelled_line(LEAD_OFFICER, row.lead_officer))
    return recommendations, response, update, assessment


def row_data(row):
    cells = printed_cells(row)
    return {
        "numbers": shorten_references(row.references),
        "short": stays_whole(cells),
        "cells": [cell_data(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)],
    }


def shorten_references(references):
    """What the top of a page says of a row that goes on: "1a, 1b", and of a long row "1a to 1m"."""
    return ", ".join(references) if len(references) < 4 else f"{references[0]} to {references[-1]}"


def cell_data(blocks, longest):
    return [block_data(block, longest) for block in blocks]


def block_data(block, longest):
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "runs": run_data(block.runs, longest)}
    if isinstance(block, ListBlock):
        items = [run_data(item, longest) for item in block.items]
        return {"is": "list", "ordered": block.ordered, "start": block.start, "items": items}
    if isinstance(block, RatingBlock):
        return {"is": "rating", "symbol": block.symbol, "text": block.text, "colours": RATING_COLOURS[block.colour]}
    return {"is": "exempt", "heading": block.heading, "blocks": cell_data(block.blocks, longest)}


def run_data(parts, longest):
    return [
        {"footnote": run_data(run.footnote, longest)}
        if run.footnote
        else {
            "pieces": break_points(run.text, longest),
            "href": run.printed_address,
            "bold": run.bold,
            "italic": run.italic,
        }
        for run in parts
    ]
