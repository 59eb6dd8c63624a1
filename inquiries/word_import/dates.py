"""Dates as British papers write them: "10th Nov 2015", "Tuesday 10 November 2015", "10/11/15", "April 2015"."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from inquiries.choices import DatePrecision

MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if n}
MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if n} | {"sept": 9}
DAYS = {name.lower()[:3]: n for n, name in enumerate(calendar.day_name)}
NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY = r"(?:\b(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+(?:the\s+)?)?"
FORMS = (
    re.compile(
        rf"{WEEKDAY}\b(?P<day>\d{{1,2}})\s?(?:st|nd|rd|th)?[\s.,-]+(?:of\s+)?(?P<name>{NAMES})\b[\s.,-]*"
        r"(?P<year>\d{4}|’?'?\d{2})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{WEEKDAY}\b(?P<name>{NAMES})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE
    ),
    re.compile(
        rf"{WEEKDAY}\b(?P<day>\d{{1,2}})\s?[/.-]\s?(?P<month>\d{{1,2}})\s?[/.-]\s?(?P<year>\d{{4}}|\d{{2}})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b(?P<name>{NAMES})\b[\s.,-]*(?P<year>\d{{4}})\b", re.IGNORECASE),
)


@dataclass(frozen=True)
class FoundDate:
    """A date in a text. `left` is the text without it; `doubt` a sentence, or empty."""

    day: date
    precision: str
    left: str
    doubt: str = ""


def find_date(text):
    """The first date in the text as a FoundDate, or None. A month without a day is its first day."""
    matches = [(form.search(text), form) for form in FORMS]
    for match, _ in sorted(((m, f) for m, f in matches if m), key=lambda pair: (pair[0].start(), -pair[0].end())):
        found = _as_date(match.groupdict())
        if found is None:
            continue
        left = f"{text[: match.start()]} {text[match.end() :]}"
        precision = DatePrecision.DAY if match.groupdict().get("day") else DatePrecision.MONTH
        return FoundDate(found, str(precision.value), left, _wrong_weekday(match.groupdict(), found))
    return None


def _as_date(parts):
    year = int(re.sub(r"\D", "", parts["year"]))
    month = MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    try:
        return date(year + 2000 if year < 100 else year, month, int(parts.get("day") or 1))
    except ValueError:
        return None


def _wrong_weekday(parts, found):
    named = parts.get("weekday")
    if not named or DAYS[named.lower()] == found.weekday():
        return ""
    return (
        f"{found.day} {found:%B %Y} was a {found:%A}, but the document says {calendar.day_name[DAYS[named.lower()]]}."
    )
