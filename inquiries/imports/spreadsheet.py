"""An uploaded spreadsheet, Excel or CSV, as plain sheets."""

from inquiries.imports import Unreadable, csv_text
from inquiries.imports.sandboxed import read_in_sandbox
from inquiries.imports.sheets import Sheet, clean_text, make_sheet

SIZE_LIMIT = 10 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "Open it in Excel, choose “Save as”, “Excel Workbook (.xlsx)” or “CSV UTF-8”, and upload that file."
OTHER_FILES = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"<", "a web page or an XML file"),
)
TOO_MUCH = "The file took too long to read. Copy the cells of the table into a new workbook and try again."
SEPARATORS = ",;\t|"
ONE_COLUMN = "\x1f"  # separates nothing
LINES_LOOKED_AT = 50


def read_workbook(file):
    """The sheets of an .xlsx or CSV file (a binary file or upload) as [Sheet]. Raises Unreadable, in words for people.

    See `sheets.Sheet` for what its cells are.
    """
    data = file.read(SIZE_LIMIT + 1)
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty.")
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            f"The file is larger than {SIZE_LIMIT // 1024 // 1024} MB. Keep only the table in it, without pictures."
        )
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(
                "The workbook is protected by a password. Open it in Excel, take the password off (File, Info, "
                "Protect Workbook), save it, and try again."
            )
        raise Unreadable(f"The file is in an old Office format (such as .xls). {SAVE_AS}")
    for start, kind in OTHER_FILES:
        if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start):
            raise Unreadable(f"The file is {kind}, not a spreadsheet. {SAVE_AS}")
    sheets = read_excel(data) if data.startswith(b"PK") else [read_csv(data)]
    if not any(sheet.rows or sheet.problem for sheet in sheets):
        raise Unreadable("There is nothing in the file but empty cells.")
    return sheets


def read_excel(data):
    return [Sheet.from_json(sheet) for sheet in read_in_sandbox("inquiries.imports.workbook", data, too_much=TOO_MUCH)]


def read_csv(data):
    text = csv_text.decode(data, SAVE_AS)
    note = csv_text.SEPARATOR_NOTE.match(text)
    if note:
        text = text[note.end() :].lstrip("\r\n")
    lines = csv_text.read_lines(text, note[1] if note else find_separator(text), SAVE_AS)
    cells = {
        (row, column): clean_text(cell)
        for row, (_, line) in enumerate(lines, start=1)
        for column, cell in enumerate(line, start=1)
        if cell
    }
    return make_sheet("CSV", cells)


def find_separator(text):
    """What separates most cells, in as many lines alike: commas within sentences come and go."""

    def score(separator):
        widths = []
        try:
            for _, cells in csv_text.read_lines(text, separator, ""):
                if len(cells) > 1 or widths:
                    widths.append(len(cells))
                if len(widths) == LINES_LOOKED_AT:
                    break
        except Unreadable:
            return (0, 0)
        widest = max(widths, default=1)
        share = widths.count(widest) / len(widths) if widest > 1 else 0
        return (share, widest) if share >= 0.5 else (0, 0)

    best = max(SEPARATORS, key=score)
    return best if score(best)[0] else ONE_COLUMN
