"""Dates as people write them: "10th Nov 2015", "Tuesday 10 November", "10/11/15", "by April". The day comes first."""

import calendar
import re
from bisect import bisect
from dataclasses import dataclass
from datetime import date

from inquiries.choices import DatePrecision, FactPrecision

# As people type them, whatever the machine's language.
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH_PATTERN = "|".join([*MONTHS, "sept", *(name[:3] for name in MONTHS)])
CAPITALISED = "|".join(name.capitalize() for name in MONTH_PATTERN.split("|"))
WEEKDAY = rf"(?:\b(?P<weekday>{'|'.join(DAYS)})[a-z]{{0,6}}\.?,?\s+(?:the\s+)?)?"
# Two digits are a year after an apostrophe or a hyphen, or where the date ends the line: not in "9 November 15 people".
YEAR = r"[\s.,-]*(?P<year>(?<!\d)(?:19|20)\d\d|['’]\d\d|(?<=-)\d\d|(?<=\s)\d\d(?=\s*(?:$|[,;:()\n]|\.(?:\s|$))))(?!\d)"
FORMS = (
    re.compile(
        rf"{WEEKDAY}\b(?P<day>\d{{1,2}})\s?(?:st|nd|rd|th)?[\s.,-]+(?:of\s+)?(?P<name>{MONTH_PATTERN})\b(?:{YEAR})?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{WEEKDAY}\b(?P<name>{MONTH_PATTERN})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:{YEAR})?", re.IGNORECASE
    ),
    re.compile(
        rf"{WEEKDAY}(?<![\d/.])\b(?P<day>\d{{1,2}})\s?[/.-]\s?(?P<month>\d{{1,2}})\s?[/.-]\s?(?P<year>\d{{4}}|\d\d)"
        r"(?![\d/]|\.\d)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
    # Without a year, only after such a word and with a capital: "may" is a verb and "march" a walk.
    re.compile(
        r"\b(?P<within>in|by|during|until|for|from|early|late|mid|end of|beginning of|start of)[\s-]+"
        rf"(?P<name>(?-i:{CAPITALISED}))\b(?:{YEAR})?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<name>{MONTH_PATTERN})\b{YEAR}", re.IGNORECASE),
)
# Most texts hold no date: to find that out, in small letters, costs far less than to look for each form.
HINT = re.compile(rf"(?:{MONTH_PATTERN})\b|\d\s?[/.-]\s?\d")
NOT_RECORDED = "(date not recorded)"
MIDNIGHT = re.compile(r"[ T]00:00(:00)?(\.0+)?$")  # what spreadsheets write after a date
FIRST_YEAR, LAST_YEAR = 1950, 2100


@dataclass(frozen=True)
class WrittenDate:
    """A date at text[start:end]. A whole month has no `day`; without a `year`, several dates may be meant."""

    day: int | None
    month: int
    year: int | None
    start: int
    end: int
    weekday: int | None = None
    within: bool = False  # "by April", "end of April": the text speaks of the month as a time

    def on(self, year, *, last_day=True):
        """The date in this year, or None where there is no such day. A month is its last day, or else its first."""
        days = calendar.monthrange(year, self.month)[1] if 1 <= self.month <= 12 and year else 0
        day = self.day if self.day is not None else days if last_day else 1
        return date(year, self.month, day) if 1 <= day <= days else None


def dates_in(text):
    """The dates in a text as WrittenDate, in their order."""
    if not HINT.search(text.casefold()):
        return []
    found, places = [], []  # where one is, in order
    for form in FORMS:
        for match in form.finditer(text):
            at = bisect(places, match.span())
            if (at and places[at - 1][1] > match.start()) or (at < len(places) and places[at][0] < match.end()):
                continue
            places.insert(at, match.span())
            parts = match.groupdict()
            digits = re.sub(r"\D", "", parts["year"] or "")
            found.append(
                WrittenDate(
                    day=int(parts["day"]) if parts.get("day") else None,
                    month=month_number(parts["name"]) if parts.get("name") else int(parts["month"]),
                    year=int(digits) + (2000 if len(digits) == 2 else 0) if digits else None,
                    start=match.start(),
                    end=match.end(),
                    weekday=DAYS.index(parts["weekday"].lower()) if parts.get("weekday") else None,
                    within=bool(parts.get("within")),
                )
            )
    return sorted((one for one in found if 1 <= one.month <= 12), key=lambda one: one.start)


def month_number(text):
    """1 to 12 for a month's name or the beginning of one, of three letters or more; None for anything else."""
    name = text.lower().rstrip(".")
    return next((n for n, month in enumerate(MONTHS, 1) if len(name) > 2 and month.startswith(name)), None)


def date_text(day, precision):
    """ "10 March 2026", "March 2026" where only the month is known, or that the date is not recorded."""
    if precision == FactPrecision.UNKNOWN:
        return NOT_RECORDED
    return f"{day:%B %Y}" if precision == FactPrecision.MONTH else f"{day.day} {day:%B %Y}"


def parse_date(text):
    """The date that is all of this text. Raises ValueError with the second half of a sentence about it."""
    plain, quoted = MIDNIGHT.sub("", text.strip()), f"is “{text[:40]}”"
    written = next(iter(dates_in(plain)), None) if re.search(r"\d{4}", plain) else None
    if written is None or written.year is None or written.day is None or plain != plain[written.start : written.end]:
        swapped = re.fullmatch(r"\d{1,2}[/.-](1[3-9]|[2-9]\d)[/.-]\d{4}", plain)
        if swapped:
            raise ValueError(f"{quoted}: there is no such day. The day comes first, then the month.")
        raise ValueError(f"{quoted}. Write it as 20/05/2025 or 2025-05-20.")
    if not FIRST_YEAR <= written.year <= LAST_YEAR:
        raise ValueError(f"{quoted}: the year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    if (found := written.on(written.year)) is None:
        raise ValueError(f"{quoted}: there is no such day.")
    return found


@dataclass(frozen=True)
class FoundDate:
    """A date in a line of a document. `rest` is the text without it; `doubt` a sentence, or empty."""

    day: date
    precision: DatePrecision
    rest: str
    doubt: str = ""


def find_date(text):
    """The first date with a year in the text as a FoundDate, or None. A month without a day is its first day."""
    for written in dates_in(text):
        day = written.on(written.year, last_day=False) if written.year else None
        if day is None:
            continue
        doubt = ""
        if written.weekday not in (None, day.weekday()):
            named = calendar.day_name[written.weekday]
            doubt = f"{day.day} {day:%B %Y} was a {day:%A}, but the document says {named}."
        precision = DatePrecision.DAY if written.day else DatePrecision.MONTH
        return FoundDate(day, precision, f"{text[: written.start]} {text[written.end :]}", doubt)
    return None
