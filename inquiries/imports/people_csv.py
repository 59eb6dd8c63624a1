"""People from a CSV file: read whatever program wrote it, then each row checked by itself. Nothing is looked up."""

import csv
import io
import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError

from inquiries.choices import SeatRole
from inquiries.dates import parse_date
from inquiries.imports import Unreadable

SIZE_LIMIT = 2 * 1024 * 1024
MOST_ROWS = 250  # recorded by the same actions as one by one, in one transaction: some five seconds
MOST_COLUMNS = 100
# The columns by the names that staff and member lists give them, without case, blanks and hyphens.
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
    "from_date": ("from", "fromdate", "since", "start", "startdate", "starts", "termfrom"),
    "until_date": ("until", "untildate", "to", "todate", "end", "enddate", "ends", "termuntil"),
    "portfolio": ("portfolio", "cabinetportfolio"),
}
COLUMN_OF = {heading: column for column, headings in COLUMNS.items() for heading in headings}
SAVE_AS = "Open it in Excel, choose “Save as”, “CSV UTF-8 (Comma delimited)”, and upload that file."
OTHER_FILES = (
    (b"PK", "an Excel workbook or another zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<", "a web page or an XML file"),
)
ROLES = {re.sub("[^a-z]", "", label.lower()): SeatRole(value) for value, label in SeatRole.choices}
ROLES |= {f"{start}{end}": ROLES[start] for start in ("chair", "vicechair") for end in ("man", "woman", "person")}
ROLES |= {f"deputychair{end}": SeatRole.VICE_CHAIR for end in ("", "man", "woman", "person")}
ROLES |= {"committeemember": SeatRole.MEMBER, "coopted": SeatRole.CO_OPTED, "cooptee": SeatRole.CO_OPTED}
ROLES |= {"substitutemember": SeatRole.SUBSTITUTE}
IN_CABINET = {"cabinetmember", "portfolioholder", "executivemember"}
NO_SEAT = {"officer", "leadofficer", "contributor", "staff"}
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


def text_field(label, most, **options):
    too_long = f"The {label} is longer than {most} characters."
    return forms.CharField(
        label=label, max_length=most, error_messages={"max_length": too_long} | options, required=False
    )


class DateCell(forms.Field):
    def to_python(self, value):
        try:
            return parse_date(value) if value else None
        except ValueError as error:
            raise ValidationError(f"The date in “{self.label}” {error}") from error


class PersonRow(forms.Form):
    """One row: a person, and at most one seat or portfolio of theirs. Empty cells change nothing."""

    name = text_field("name", 200)
    email = forms.EmailField(
        required=False,
        label="email",
        max_length=254,
        error_messages={
            "invalid": "“%(value)s” is not an e-mail address.",
            "max_length": "The email is longer than 254 characters.",
        },
    )
    job_title = text_field("job title", 200)
    organisation = text_field("organisation", 200)
    clerk = text_field("clerk", 40)
    committee = text_field("committee", 200)
    role = text_field("role", 40)
    from_date = DateCell(label="from", required=False)
    until_date = DateCell(label="until", required=False)
    portfolio = text_field("portfolio", 200)

    def __init__(self, values, *, surplus=False):
        super().__init__(values)
        self.surplus = surplus

    @property
    def messages(self):
        return [message for messages in self.errors.values() for message in messages]

    def clean_name(self):
        if not self.cleaned_data["name"]:
            raise ValidationError("There is no name.")
        return self.cleaned_data["name"]

    def clean_email(self):
        return self.cleaned_data["email"].casefold()

    def clean_clerk(self):
        text = self.cleaned_data["clerk"].casefold()
        if text and text not in YES | NO:
            raise ValidationError(f"The column clerk says “{text}”. Write yes or no, or leave it empty.")
        return text in YES if text else None

    def clean(self):
        values = super().clean()
        text, committee, portfolio = (values.get(name, "") for name in ("role", "committee", "portfolio"))
        role = re.sub("[^a-z]", "", text.casefold())
        values["role"] = None
        if self.surplus:
            self.add_error(
                None,
                "This line has more cells than there are headings. Put a cell with a comma in it in quotation marks.",
            )
        if committee and portfolio:
            self.add_error(
                None,
                "One line holds one role. Give the seat on the committee and the portfolio in Cabinet a line each.",
            )
        elif role == "clerk" and not committee and not portfolio:
            if values.get("clerk") is False:
                self.add_error("clerk", "The role is clerk, but the column clerk says no.")
            values["clerk"] = True
        elif committee:
            values["role"] = ROLES.get(role, None if role else SeatRole.MEMBER)
            if values["role"] is None:
                known = ", ".join(label.lower() for label in SeatRole.labels)
                self.add_error("role", f"“{text}” is no role on a committee. There are: {known}.")
        elif role and portfolio and role not in IN_CABINET:
            self.add_error("role", f"Who holds a portfolio is a Cabinet Member, not “{text}”.")
        elif role in IN_CABINET and not portfolio:
            self.add_error("portfolio", "Say which portfolio the Cabinet Member holds.")
        elif role in ROLES:
            self.add_error("committee", f"Say on which committee this is the {ROLES[role].label.lower()}.")
        elif role and not portfolio and role not in NO_SEAT:
            self.add_error("role", f"“{text}” is not a role. Put a person's job under job title.")
        first, last = values.get("from_date"), values.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", "The seat would end before it begins: until comes before from.")
        if (first or last) and not committee and not portfolio:
            self.add_error(
                "from_date", "From and until belong to a seat, but neither committee nor portfolio is given."
            )
        return values


HEADINGS = {name: field.label for name, field in PersonRow.base_fields.items()}


def read_people(data):
    text = decode(data)
    first, _, rest = text.partition("\n")
    skipped = 0
    if note := re.fullmatch(r"\s*sep=(.)\s*", first):
        # Excel's own note of what stands between the cells.
        separator, text, skipped = note[1], rest, 1
    else:
        headings = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(",;\t", key=lambda each: sum(plain(one) in COLUMN_OF for one in headings.split(each)))
    lines = lines_of(text, separator, skipped)
    headings_line, headings = next(lines, (0, []))
    columns, unknown = columns_of(headings)
    rows = []
    for line, cells in lines:
        values = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell}
        name = f"{values.pop('first_name', '')} {values.pop('last_name', '')}".strip()
        if name:
            values.setdefault("name", name)
        surplus = any(cells[len(columns) :])
        if values or surplus:
            rows.append({"line": line, "values": values, "surplus": surplus})
        if len(rows) > MOST_ROWS:
            raise Unreadable(
                f"The file has more than {MOST_ROWS:,} rows. Divide it into files of at most {MOST_ROWS:,} and "
                "upload one after the other."
            )
    if not rows:
        raise Unreadable(f"There is no row below the headings in line {headings_line}.")
    lend_addresses(rows)
    return rows, unknown


def decode(data):
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty.")
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            f"The file is larger than {SIZE_LIMIT // 1024 // 1024} MB. Keep only the list of people in it."
        )
    for start, kind in OTHER_FILES:
        if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start):
            raise Unreadable(f"The file is {kind}, not a CSV file. {SAVE_AS}")
    # Excel writes UTF-8 with a mark for “CSV UTF-8”, Windows letters for “CSV”, UTF-16 for “Unicode text”.
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise Unreadable(f"The file holds characters that no list has (NUL), so it was not read. {SAVE_AS}")
        return text
    raise Unreadable(f"The characters of the file cannot be read. {SAVE_AS}")


def lines_of(text, separator, skipped):
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = [cleaned(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"The row that begins in line {line} cannot be read: a quotation mark is opened there and not closed, "
                f"or the cell is far too long. {SAVE_AS}"
            ) from error
        if any(cells):
            yield line, cells


def columns_of(headings):
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns. Keep only those that are about people.")
    columns = [COLUMN_OF.get(plain(heading)) for heading in headings]
    known = [column for column in columns if column]
    if twice := next((column for column in known if known.count(column) > 1), None):
        names = [f"“{heading}”" for heading, column in zip(headings, columns, strict=True) if column == twice]
        raise Unreadable(f"Two columns say the same: {' and '.join(names)}. Keep one of them.")
    if "name" not in known and not {"first_name", "last_name"} <= set(known):
        raise Unreadable(
            "There is no column with the heading “name”. The first line must name the columns: "
            f"{', '.join(HEADINGS.values())}. Only the name is needed."
        )
    unknown = [heading[:100] for heading, column in zip(headings, columns, strict=True) if heading and not column]
    return columns, unknown


def lend_addresses(rows):
    """A line without address belongs to the one person of that name who has an address in another line."""
    addresses = {}
    for row in rows:
        if email := row["values"].get("email"):
            addresses.setdefault(row["values"].get("name", "").casefold(), {})[email.casefold()] = email
    for row in rows:
        known = addresses.get(row["values"].get("name", "").casefold(), {})
        if "email" not in row["values"] and len(known) == 1:
            row["values"]["email"] = next(iter(known.values()))


def plain(heading):
    return re.sub(r"[^a-z]", "", heading.casefold())


def cleaned(cell):
    """One line of text, composed (NFC), without what is not seen. What looks like a formula is text like any other."""
    kept = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in unicodedata.normalize("NFC", cell)
        # A name may need the two joiners, and no other mark that changes how the text around it reads.
        if letter in "\u200c\u200d" or unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())
