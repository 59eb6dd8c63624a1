"""The text and the lines of a CSV file, whatever program wrote it."""

import csv
import io
import re

from inquiries.imports import Unreadable

# Excel's own note of what separates the cells.
SEPARATOR_NOTE = re.compile(r"\s*sep=(.)\s*?$", re.MULTILINE)


def decode(data, advice):
    """The text of a CSV file. Raises Unreadable with `advice` on what to save instead."""
    # Excel writes UTF-8 with a mark for “CSV UTF-8”, Windows letters for “CSV”, UTF-16 for “Unicode text”.
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise Unreadable(f"The file holds characters that no list has (NUL), so it was not read. {advice}")
        return text
    raise Unreadable(f"The characters of the file cannot be read. {advice}")


def read_lines(text, separator, advice):
    """Each row as (the line in which it begins, its cells)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"The row that begins in line {line} cannot be read: a quotation mark is opened there and not closed, "
                f"or the cell is far too long. {advice}"
            ) from error
        yield line, cells
