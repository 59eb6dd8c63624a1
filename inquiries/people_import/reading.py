"""A CSV file to rows: whatever program wrote it, and whatever somebody else put into it."""

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field

SIZE_LIMIT = 2 * 1024 * 1024
MOST_ROWS = 1_000  # recorded with their history in one transaction, for which other writers wait: some five seconds
MOST_COLUMNS = 100

# The columns by the names that staff and member lists give them, written without case, blanks and hyphens.
COLUMNS = {
    "name": ("name", "fullname", "person", "displayname"),
    "first_name": ("firstname", "forename", "forenames", "givenname"),
    "last_name": ("lastname", "surname", "familyname"),
    "email": ("email", "emailaddress", "mail", "mailaddress", "emails"),
    "job_title": ("jobtitle", "job", "post", "position", "jobrole"),
    "organisation": ("organisation", "organization", "employer", "body", "company"),
    "clerk": ("clerk", "isclerk", "scrutinyofficer"),
    "committee": ("committee", "selectcommittee"),
    "role": ("role", "seat", "committeerole", "roleoncommittee"),
    "from": ("from", "fromdate", "since", "start", "startdate", "starts", "termfrom"),
    "until": ("until", "untildate", "to", "todate", "end", "enddate", "ends", "termuntil"),
    "portfolio": ("portfolio", "cabinetportfolio"),
}
# As they stand in the template, and in every sentence about a column.
WORDS = {
    "name": "name",
    "email": "email",
    "job_title": "job title",
    "organisation": "organisation",
    "clerk": "clerk",
    "committee": "committee",
    "role": "role",
    "from": "from",
    "until": "until",
    "portfolio": "portfolio",
}
BY_HEADING = {written: column for column, names in COLUMNS.items() for written in names}
SAVE_AS = "Open it in Excel, choose “Save as”, “CSV UTF-8 (Comma delimited)”, and upload that file."
OTHER_FILES = (
    (b"PK", "an Excel workbook or another zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
# Marks that change how the text around them reads; a name needs the two joiners (U+200C, U+200D), and no other.
JOINERS = "\u200c\u200d"


class Unreadable(Exception):
    """The file cannot be read. Its words are a sentence for the person who uploaded it."""


@dataclass(frozen=True)
class ReadRow:
    """One row below the headings: `line` is where it begins in the file, `values` are {column: text}."""

    line: int
    values: dict[str, str]
    surplus: bool = False  # there are more cells than columns


@dataclass(frozen=True)
class ReadFile:
    """All rows, and the headings that say nothing to us, as they are written."""

    rows: list[ReadRow] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    def to_json(self):
        """As data that `from_json` takes back."""
        return {"rows": [[r.line, r.values, r.surplus] for r in self.rows], "unknown_columns": self.unknown_columns}

    @classmethod
    def from_json(cls, data):
        """The ReadFile that `to_json` was asked of; an empty one where its rows have been forgotten."""
        return cls([ReadRow(*row) for row in data["rows"]], data["unknown_columns"]) if data else cls()


def read_people(data):
    """The ReadFile in these bytes. Raises Unreadable, with a sentence for the person who uploaded them."""
    _refuse_other_files(data)
    text = _text(data)
    first, _, rest = text.partition("\n")
    skipped = 0
    separator = ""
    if found := re.fullmatch(r"\s*sep=(.)\s*", first):
        # Excel's own note of what stands between the cells.
        separator, text, skipped = found[1], rest, 1
    elif not text.strip():
        raise Unreadable("The file is empty.")
    rows = _rows(text, separator or _separator(text), skipped)
    headings_line, headings = next(rows, (0, []))
    columns, unknown = _columns(headings)
    read = []
    for line, cells in rows:
        values, surplus = _values(columns, cells)
        if not surplus and not any(values.values()):
            continue
        if len(read) == MOST_ROWS:
            raise Unreadable(
                f"The file has more than {MOST_ROWS:,} rows. Divide it into files of at most {MOST_ROWS:,} and "
                "upload one after the other."
            )
        read.append(ReadRow(line, values, surplus))
    if not read:
        raise Unreadable(f"There is no row below the headings in line {headings_line}.")
    return ReadFile(read, unknown)


def _refuse_other_files(data):
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty.")
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            f"The file is larger than {SIZE_LIMIT // 1024 // 1024} MB. Keep only the list of people in it."
        )
    for start, kind in OTHER_FILES:
        if data.startswith(start):
            raise Unreadable(f"The file is {kind}, not a CSV file. {SAVE_AS}")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Unreadable(f"The file is a web page or an XML file, not a CSV file. {SAVE_AS}")


def _text(data):
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding)
    if len(data) > 3 and b"\x00" in data[:4]:
        # Without a mark: in the Latin letters that headings are made of, every second byte is NUL.
        return _decoded(data, "utf-16-le" if data[1] == 0 else "utf-16-be")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel writes where “CSV” is chosen and not “CSV UTF-8”.
        return _decoded(data, "cp1252")
    return _without_nul(text)


def _decoded(data, encoding):
    try:
        return _without_nul(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise Unreadable(f"The letters of the file cannot be read. {SAVE_AS}") from error


def _without_nul(text):
    if "\x00" in text:
        raise Unreadable(f"The file holds characters that no list has (NUL), so it was not read. {SAVE_AS}")
    return text


def _separator(text):
    """Comma, semicolon or tab: the one by which the headings make the most sense."""

    def understood(separator):
        try:
            headings = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0
        return sum(_plain(heading) in BY_HEADING for heading in headings)

    return max(",;\t", key=understood)


def _rows(text, separator, skipped):
    """(line, cells) of each row; raises Unreadable where the quotation marks do not match."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"The row that begins in line {line} cannot be read: a quotation mark is opened there and not closed, "
                f"or the cell is far too long. {SAVE_AS}"
            ) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(headings):
    """The column of each cell (None for one that says nothing to us), and the headings of those."""
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns. Keep only those that are about people.")
    columns = [BY_HEADING.get(_plain(heading)) for heading in headings]
    known = [column for column in columns if column]
    if twice := next((column for column in known if known.count(column) > 1), None):
        names = [f"“{_cleaned(heading)}”" for heading, column in zip(headings, columns, strict=True) if column == twice]
        raise Unreadable(f"Two columns say the same: {' and '.join(names)}. Keep one of them.")
    if "name" not in known and not {"first_name", "last_name"} <= set(known):
        raise Unreadable(
            "There is no column with the heading “name”. The first line must name the columns: "
            f"{', '.join(WORDS.values())}. Only the name is needed."
        )
    unknown = [
        _cleaned(heading)[:100]
        for heading, column in zip(headings, columns, strict=True)
        if column is None and _cleaned(heading)
    ]
    return columns, unknown


def _values(columns, cells):
    values = {column: _cleaned(cell) for column, cell in zip(columns, cells, strict=False) if column and _cleaned(cell)}
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if "name" not in values and (first or last):
        values["name"] = f"{first} {last}".strip()
    return values, any(cell.strip() for cell in cells[len(columns) :])


def _plain(heading):
    return re.sub(r"[^a-z]", "", _cleaned(heading).casefold())


def _cleaned(cell):
    """One line of text, composed (NFC), without what is not seen. What looks like a formula is text like any other."""
    kept = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in unicodedata.normalize("NFC", cell)
        if letter in JOINERS or unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())
