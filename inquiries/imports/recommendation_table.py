"""The recommendations in a table of Word or Excel, its columns found by their titles or by what they hold."""

import re

from inquiries.imports.docx_tables import GUIDANCE, HEADER_WITHIN, RECOMMENDATION, REFERENCE, RawRow, role_of
from inquiries.imports.draft import DraftReport
from inquiries.imports.reader import numbers_in_column, read_rows
from inquiries.imports.tables import cell_text

WORDING = re.compile(
    r"(?:the )?(?:full )?(?:wording|text|description)(?: of (?:the )?recommendations?)?", re.IGNORECASE
)
SHORTEST = 12  # letters that wordings have on average


def read_table(table):
    """A DraftReport with the table's rows, and the lines that are left out; None where it is another table."""
    columns = find_columns(table)
    if columns is None:
        return None
    first, number, wording = columns
    raws, left_out = [], []
    for row in table.rows[first:]:
        cells = {REFERENCE: cell_at(row, number), RECOMMENDATION: cell_at(row, wording)}
        filled = [cell_text(cell) for cell in row if cell]
        if cells[RECOMMENDATION] and (cells[REFERENCE] or number is None or len(filled) > 1):
            raws.append(RawRow({role: paras for role, paras in cells.items() if paras}))
        elif filled:
            left_out.append(" ".join(filled))
    draft = DraftReport()
    draft.rows = read_rows(draft, raws)
    return draft, left_out


def cell_at(row, column):
    return row[column] if column is not None and column < len(row) else []


def find_columns(table):
    """(first row below the titles, column of numbers or None, column of wordings), or None."""
    if any(GUIDANCE.search(cell_text(cell)) for row in table.rows[:HEADER_WITHIN] for cell in row):
        return None
    for at, row in enumerate(table.rows[:HEADER_WITHIN]):
        roles = {}
        for column, cell in enumerate(row):
            title = cell_text(cell)
            role = RECOMMENDATION if WORDING.fullmatch(title) else role_of(title)
            roles.setdefault(role, column)
        number, wording = roles.get(REFERENCE), roles.get(RECOMMENDATION)
        if wording is not None and number is None and is_number_column(table.rows[at + 1 :], wording):
            number, wording = wording, None
        if wording is None and number is not None:
            wording = longest_column(table.rows[at + 1 :], number)
        if wording is not None and at + 1 < len(table.rows):
            return at + 1, number, wording
    width = max((len(row) for row in table.rows), default=0)
    numbers = [column for column in range(width) if is_number_column(table.rows, column)]
    wording = longest_column(table.rows, numbers[0]) if numbers else None
    return (0, numbers[0], wording) if wording is not None else None


def is_number_column(rows, column):
    """Whether the cells of a column hold numbers of recommendations and nothing else."""
    cells = [row[column] for row in rows if column < len(row) and row[column]]
    alike = [cell for cell in cells if any(c.isdigit() for c in cell_text(cell)) and is_number(cell)]
    return bool(cells) and len(alike) > 0.8 * len(cells)


def is_number(paras):
    return len(cell_text(paras)) < 25 and bool(numbers_in_column(RawRow({REFERENCE: paras})))


def longest_column(rows, number):
    lengths = {}
    for row in rows:
        for column, cell in enumerate(row):
            if column != number and cell:
                lengths.setdefault(column, []).append(len(cell_text(cell)))
    means = {column: sum(found) / len(found) for column, found in lengths.items()}
    best = max(means, key=means.get, default=None)
    return best if best is not None and means[best] >= SHORTEST else None
