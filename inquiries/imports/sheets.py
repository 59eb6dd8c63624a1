"""A sheet of a spreadsheet as plain cells, whatever file it comes from."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from inquiries.text import is_invisible

MOST_ROWS = 5_000
MOST_COLUMNS = 200
MOST_SHEETS = 60
# How Excel writes characters that XML has not: a carriage return is "_x000D_".
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Cell = str | int | Decimal | date | None


@dataclass(frozen=True)
class CellDoubt:
    """A cell that could not be read, by its number of row and column, from 1; its value is None."""

    row: int
    column: int
    message: str


@dataclass
class Sheet:
    """One sheet. `rows[0]` is its first row; every row has as many cells as the widest.

    A cell is a text, an int or Decimal (`str` gives it as it is shown: "1.10"), a date, or None where it is empty. A
    month ("Mar-26") is the text "March 2026". Merged cells give their value to each row that they cover, in their first
    column. `hidden_rows`, `hidden_columns` and `merged` (first row, first column, last row, last column) count from 1.
    A sheet that is too large has a `problem`, a sentence, and no rows.
    """

    name: str
    hidden: bool
    rows: list[list[Cell]]
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    doubts: list[CellDoubt] = field(default_factory=list)
    problem: str = ""

    def to_json(self):
        doubts = [[doubt.row, doubt.column, doubt.message] for doubt in self.doubts]
        return vars(self) | {"rows": [[to_plain(cell) for cell in row] for row in self.rows], "doubts": doubts}

    @classmethod
    def from_json(cls, data):
        return cls(
            **data
            | {
                "rows": [[from_plain(cell) for cell in row] for row in data["rows"]],
                "merged": [tuple(area) for area in data["merged"]],
                "doubts": [CellDoubt(*doubt) for doubt in data["doubts"]],
            }
        )


def to_plain(cell):
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    return {"number": str(cell)} if isinstance(cell, Decimal) else cell


def from_plain(cell):
    if not isinstance(cell, dict):
        return cell
    return date.fromisoformat(cell["date"]) if "date" in cell else Decimal(cell["number"])


def make_sheet(name, cells, *, hidden=False, doubts=(), **more):
    """The Sheet of {(row, column): value}, both from 1, without the empty rows and columns at its end."""
    filled = [*(place for place, value in cells.items() if value is not None), *((d.row, d.column) for d in doubts)]
    height, width = max((row for row, _ in filled), default=0), max((column for _, column in filled), default=0)
    if height > MOST_ROWS or width > MOST_COLUMNS:
        problem = (
            f"The sheet “{name}” has {height:,} rows and {width:,} columns, and can have {MOST_ROWS:,} and "
            f"{MOST_COLUMNS:,} at most. Delete what is below and beside the table, or divide it."
        )
        return Sheet(name, hidden, [], problem=problem)
    rows = [[cells.get((row, column)) for column in range(1, width + 1)] for row in range(1, height + 1)]
    return Sheet(name, hidden, rows, doubts=list(doubts), **more)


def clean_text(text):
    """A cell's text: composed, lines ended by a newline, without what is not seen; None where nothing is left."""
    if "_x" in text:
        text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.translate({9: " ", 11: "\n", 12: "\n", 0x2028: "\n", 0x2029: "\n", 0xA0: " "})
    if not (text.isascii() and text.isprintable()):
        text = "".join(letter for letter in text if letter == "\n" or not is_invisible(letter))
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) or None
