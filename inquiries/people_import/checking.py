"""Each row of a list of people checked by itself and against the others of its file; nothing is looked up here."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from inquiries.choices import SeatRole
from inquiries.dates import parse_date
from inquiries.people_import.reading import WORDS

LONGEST = {"name": 200, "email": 254, "job_title": 200, "organisation": 200, "portfolio": 200}
ROLES = {
    "chair": SeatRole.CHAIR,
    "chairman": SeatRole.CHAIR,
    "chairwoman": SeatRole.CHAIR,
    "chairperson": SeatRole.CHAIR,
    "vicechair": SeatRole.VICE_CHAIR,
    "vicechairman": SeatRole.VICE_CHAIR,
    "vicechairwoman": SeatRole.VICE_CHAIR,
    "vicechairperson": SeatRole.VICE_CHAIR,
    "deputychair": SeatRole.VICE_CHAIR,
    "deputychairman": SeatRole.VICE_CHAIR,
    "deputychairwoman": SeatRole.VICE_CHAIR,
    "deputychairperson": SeatRole.VICE_CHAIR,
    "member": SeatRole.MEMBER,
    "committeemember": SeatRole.MEMBER,
    "coopted": SeatRole.CO_OPTED,
    "cooptedmember": SeatRole.CO_OPTED,
    "cooptee": SeatRole.CO_OPTED,
    "substitute": SeatRole.SUBSTITUTE,
    "substitutemember": SeatRole.SUBSTITUTE,
}
IN_CABINET = {"cabinetmember", "portfolioholder", "executivemember"}
NO_SEAT = {"officer", "leadofficer", "contributor", "staff"}
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


@dataclass
class CheckedRow:
    """One row understood. `problems` are sentences: with one of them the row cannot be recorded as it stands."""

    line: int
    name: str = ""
    email: str = ""
    job_title: str = ""
    organisation: str = ""
    clerk: bool | None = None  # None: the file does not say
    committee: str = ""
    role: SeatRole | None = None
    portfolio: str = ""
    from_date: date | None = None
    until_date: date | None = None
    problems: list[str] = field(default_factory=list)
    same_as: int | None = None  # the line of which this one is a repetition

    @property
    def values(self):
        """What must be the same for two rows to be one."""
        return (
            *self.about_person,
            self.committee.casefold(),
            self.role,
            self.portfolio,
            self.from_date,
            self.until_date,
        )

    @property
    def about_person(self):
        return self.name.casefold(), self.email, self.job_title, self.organisation, self.clerk


def check_rows(read):
    """The rows of a ReadFile as a list of CheckedRow, in their order."""
    rows = [_checked(row) for row in read.rows]
    _find_repetitions(rows)
    _lend_addresses(rows)
    _find_contradictions(rows)
    return rows


def people_of(rows):
    """The rows by person, as lists in their order: by e-mail address, else by name."""
    found: dict[tuple, list[CheckedRow]] = {}
    for row in rows:
        found.setdefault(("email", row.email) if row.email else ("name", row.name.casefold()), []).append(row)
    return list(found.values())


def _checked(read):
    values = read.values
    row = CheckedRow(
        read.line,
        name=values.get("name", ""),
        email=values.get("email", "").casefold(),
        job_title=values.get("job_title", ""),
        organisation=values.get("organisation", ""),
        committee=values.get("committee", ""),
        portfolio=values.get("portfolio", ""),
    )
    if read.surplus:
        row.problems.append(
            "This line has more cells than there are headings. Put a cell with a comma in it in quotation marks."
        )
    if not row.name:
        row.problems.append("There is no name.")
    for column, most in LONGEST.items():
        if len(getattr(row, column)) > most:
            row.problems.append(f"The {WORDS[column]} is longer than {most} characters.")
    if row.email:
        _check_email(row)
    row.clerk = _yes_or_no(row, values.get("clerk", ""))
    for column in ("from", "until"):
        try:
            if text := values.get(column, ""):
                setattr(row, f"{column}_date", parse_date(text))
        except ValueError as error:
            row.problems.append(f"The date in “{column}” {error}")
    _check_role(row, values.get("role", ""))
    _check_term(row)
    return row


def _check_email(row):
    try:
        EmailValidator()(row.email)
    except ValidationError:
        row.problems.append(f"“{row.email[:100]}” is not an e-mail address.")


def _yes_or_no(row, text):
    plain = text.casefold()
    if plain and plain not in YES | NO:
        row.problems.append(f"The column clerk says “{text[:40]}”. Write yes or no, or leave it empty.")
    return True if plain in YES else False if plain in NO else None


def _check_role(row, text):
    plain = re.sub(r"[^a-z]", "", text.casefold())
    if row.committee and row.portfolio:
        row.problems.append(
            "One line holds one role. Give the seat on the committee and the portfolio in Cabinet a line each."
        )
    elif plain == "clerk" and not row.committee and not row.portfolio:
        if row.clerk is False:
            row.problems.append("The role is clerk, but the column clerk says no.")
        row.clerk = True
    elif row.committee:
        row.role = ROLES.get(plain, SeatRole.MEMBER if not plain else None)
        if row.role is None:
            known = ", ".join(label.lower() for label in SeatRole.labels)
            row.problems.append(f"“{text[:40]}” is no role on a committee. There are: {known}.")
    elif plain and row.portfolio and plain not in IN_CABINET:
        row.problems.append(f"Who holds a portfolio is a Cabinet Member, not “{text[:40]}”.")
    elif plain in IN_CABINET and not row.portfolio:
        row.problems.append("Say which portfolio the Cabinet Member holds.")
    elif plain in ROLES:
        row.problems.append(f"Say on which committee this is the {ROLES[plain].label.lower()}.")
    elif plain and not row.portfolio and plain not in NO_SEAT:
        row.problems.append(f"“{text[:40]}” is no role that is known. Put what somebody's job is under job title.")


def _check_term(row):
    if row.from_date and row.until_date and row.until_date < row.from_date:
        row.problems.append("The seat would end before it begins: until comes before from.")
    if (row.from_date or row.until_date) and not row.committee and not row.portfolio:
        row.problems.append("From and until belong to a seat, but neither committee nor portfolio is given.")


def _find_repetitions(rows):
    seen: dict[tuple, int] = {}
    for row in rows:
        if not row.problems:
            first = seen.setdefault(row.values, row.line)
            row.same_as = first if first != row.line else None


def _lend_addresses(rows):
    """A line without address belongs to the person of that name who has one in another line of the file."""
    addresses: dict[str, set[str]] = {}
    for row in rows:
        if row.email and row.name:
            addresses.setdefault(row.name.casefold(), set()).add(row.email)
    for row in rows:
        known = addresses.get(row.name.casefold(), set())
        if row.email or not known:
            continue
        if len(known) > 1:
            row.problems.append(
                f"Two people called {row.name} stand in this file. Say with the e-mail address which of them is meant."
            )
        else:
            row.email = next(iter(known))


def _find_contradictions(rows):
    """Lines about one person that do not agree about them."""
    for together in people_of(row for row in rows if row.name):
        about = together[0].email or together[0].name
        for attribute, words in (("name", "names"), ("job_title", "job titles"), ("organisation", "organisations")):
            # Names by their case too: one of the two spellings would have to win.
            said = {getattr(row, attribute): row.line for row in reversed(together) if getattr(row, attribute)}
            if len(said) < 2:
                continue
            quoted = " and ".join(f"“{value[:60]}” (line {line})" for value, line in list(reversed(said.items()))[:4])
            for row in together:
                if getattr(row, attribute):
                    row.problems.append(f"The lines about {about} give different {words}: {quoted}.")
        if {row.clerk for row in together} >= {True, False}:
            for row in together:
                row.problems.append(f"The lines about {about} do not agree whether they are a clerk.")
