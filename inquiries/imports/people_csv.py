"""People from a CSV file: read whatever program wrote it, then each row checked by itself. Nothing is looked up."""

import re

from django import forms
from django.core.exceptions import ValidationError

from inquiries.choices import SeatRole
from inquiries.dates import parse_date
from inquiries.imports import Unreadable, csv_text
from inquiries.text import single_line

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
    "is_clerk": ("clerk", "isclerk", "scrutinyofficer"),
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
ROLES = {re.sub("[^a-z]", "", role.label.lower()): role for role in SeatRole}
ROLES |= {f"{start}{end}": ROLES[start] for start in ("chair", "vicechair") for end in ("man", "woman", "person")}
ROLES |= {f"deputychair{end}": SeatRole.VICE_CHAIR for end in ("", "man", "woman", "person")}
ROLES |= {"committeemember": SeatRole.MEMBER, "coopted": SeatRole.CO_OPTED, "cooptee": SeatRole.CO_OPTED}
ROLES |= {"substitutemember": SeatRole.SUBSTITUTE}
IN_CABINET = {"cabinetmember", "portfolioholder", "executivemember"}
NO_SEAT = {"officer", "leadofficer", "contributor", "staff"}
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


class DateCell(forms.Field):
    def __init__(self, label, help_text):
        super().__init__(label=label, help_text=help_text, required=False)

    def to_python(self, value):
        try:
            return parse_date(value) if value else None
        except ValueError as error:
            raise ValidationError(f"The date in “{self.label}” {error}") from error


def text_cell(label, help_text, most=200, field=forms.CharField, **messages):
    messages["max_length"] = f"The {label} is longer than {most} characters."
    return field(label=label, help_text=help_text, max_length=most, error_messages=messages, required=False)


class PersonRow(forms.Form):
    """One row: a person, and at most one seat or portfolio of theirs. Empty cells change nothing."""

    name = text_cell("name", "The only one that is needed.")
    email = text_cell(
        "email", "Who has none cannot sign in.", 254, forms.EmailField, invalid="“%(value)s” is not an e-mail address."
    )
    job_title = text_cell("job title", "As it is printed after the name.")
    organisation = text_cell("organisation", "Where it is not the council itself.")
    is_clerk = text_cell("clerk", "Yes or no.", 40)
    committee = text_cell("committee", "The name of a select committee on which the person sits.")
    role = text_cell(
        "role", "On that committee: chair, vice-chair, member, co-opted member or substitute. Empty: member.", 40
    )
    from_date = DateCell("from", "The first day of the seat or portfolio, as 20/05/2025 or 2025-05-20.")
    until_date = DateCell("until", "Its last day. Empty while it is held.")
    portfolio = text_cell("portfolio", "Of a Cabinet Member, in a row without committee.")
    surplus = forms.CharField(required=False)  # what is to the right of the last heading

    @property
    def messages(self):
        return [message for messages in self.errors.values() for message in messages]

    def clean_name(self):
        if not self.cleaned_data["name"]:
            raise ValidationError("There is no name.")
        return self.cleaned_data["name"]

    def clean_email(self):
        return self.cleaned_data["email"].casefold()

    def clean_is_clerk(self):
        text = self.cleaned_data["is_clerk"].casefold()
        if text and text not in YES | NO:
            raise ValidationError(f"The column clerk says “{text}”. Write yes or no, or leave it empty.")
        return text in YES if text else None

    def clean_surplus(self):
        if self.cleaned_data["surplus"]:
            raise ValidationError(
                "This line has more cells than there are headings. Put a cell with a comma in it in quotation marks."
            )

    def clean(self):
        values = super().clean()
        role = letters_of(values.get("role", ""))
        problems = [problem for problem in (role_problem(values, role), dates_problem(values)) if problem]
        if problems:
            raise ValidationError(problems)
        if role == "clerk":
            values["is_clerk"] = True
        values["role"] = ROLES.get(role, SeatRole.MEMBER) if values.get("committee") else None
        return values


def role_problem(values, role):
    text, committee, portfolio = (values.get(name, "") for name in ("role", "committee", "portfolio"))
    if committee and portfolio:
        return "One line holds one role. Give the seat on the committee and the portfolio in Cabinet a line each."
    if committee:
        known = ", ".join(label.lower() for label in SeatRole.labels)
        is_known = not role or role in ROLES
        return "" if is_known else f"“{text}” is no role on a committee. There are: {known}."
    if portfolio:
        is_known = not role or role in IN_CABINET
        return "" if is_known else f"Who holds a portfolio is a Cabinet Member, not “{text}”."
    if role == "clerk":
        return "The role is clerk, but the column clerk says no." if values.get("is_clerk") is False else ""
    if role in IN_CABINET:
        return "Say which portfolio the Cabinet Member holds."
    if role in ROLES:
        return f"Say on which committee this is the {ROLES[role].label.lower()}."
    return f"“{text}” is not a role. Put a person's job under job title." if role and role not in NO_SEAT else ""


def dates_problem(values):
    first, last = values.get("from_date"), values.get("until_date")
    if first and last and last < first:
        return "The seat would end before it begins: until comes before from."
    if (first or last) and not values.get("committee") and not values.get("portfolio"):
        return "From and until belong to a seat, but neither committee nor portfolio is given."
    return ""


HEADINGS = {name: PersonRow.base_fields[name].label for name in PersonRow.base_fields if name != "surplus"}


def read_people(data):
    """The rows of a CSV file as [{"line", "values"}], and the headings that are not read. Raises Unreadable."""
    text = decode(data)
    note = csv_text.SEPARATOR_NOTE.match(text)
    headings = next((line for line in text.splitlines() if line.strip()), "")
    separator = note[1] if note else max(",;\t", key=lambda each: sum(map(is_column, headings.split(each))))
    every_line = csv_text.read_lines(text, separator, SAVE_AS)
    singled = ((line, [single_line(cell) for cell in cells]) for line, cells in every_line)
    lines = ((line, cells) for line, cells in singled if any(cells))
    if note:
        next(lines, None)
    headings_line, headings = next(lines, (0, []))
    columns = columns_of(headings)
    rows = []
    for line, cells in lines:
        values = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell}
        if name := f"{values.pop('first_name', '')} {values.pop('last_name', '')}".strip():
            values.setdefault("name", name)
        if surplus := "".join(cells[len(columns) :]):
            values["surplus"] = surplus
        if values:
            rows.append({"line": line, "values": values})
        if len(rows) > MOST_ROWS:
            raise Unreadable(
                f"The file has more than {MOST_ROWS:,} rows. Divide it into files of at most {MOST_ROWS:,} and "
                "upload one after the other."
            )
    if not rows:
        raise Unreadable(f"There is no row below the headings in line {headings_line}.")
    return rows, [heading[:100] for heading in headings if heading and not is_column(heading)]


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
    return csv_text.decode(data, SAVE_AS)


def columns_of(headings):
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns. Keep only those that are about people.")
    columns = [COLUMN_OF.get(letters_of(heading)) for heading in headings]
    known = [column for column in columns if column]
    if twice := next((column for column in known if known.count(column) > 1), None):
        names = [f"“{heading}”" for heading, column in zip(headings, columns, strict=True) if column == twice]
        raise Unreadable(f"Two columns say the same: {' and '.join(names)}. Keep one of them.")
    if "name" not in known and not {"first_name", "last_name"} <= set(known):
        raise Unreadable(
            "There is no column with the heading “name”. The first line must name the columns: "
            f"{', '.join(HEADINGS.values())}. Only the name is needed."
        )
    return columns


def is_column(heading):
    return letters_of(heading) in COLUMN_OF


def letters_of(text):
    return re.sub(r"[^a-z]", "", text.casefold())
