"""Dates that will have passed when the committee reads them: "Cabinet on 9th November", for a meeting on the 10th."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from inquiries.documents.content import long_date
from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding

MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if n}
MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if n} | {"sept": 9}
NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
YEAR = r"(?:[\s,]+(?P<year>(?:19|20)\d\d|['’]\d\d))?"
CAPITALISED = "|".join(name.capitalize() for name in sorted(MONTHS, key=len, reverse=True))
FORMS = (
    re.compile(
        rf"\b(?P<day>\d{{1,2}})\s?(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{NAMES})\b\.?{YEAR}(?!\d)", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<name>{NAMES})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){YEAR}(?!\d)", re.IGNORECASE),
    re.compile(
        r"(?<![\d/.])(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})\s?[/.-]\s?(?P<year>20\d\d|\d\d)(?![\d/]|\.\d)"
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    # Written small, "may" is a verb and "march" a walk.
    re.compile(
        rf"\b(?:in|by|during|until|for|from|early|late|mid|end of|beginning of|start of)[\s-]+"
        rf"(?P<name>(?-i:{CAPITALISED}))\b{YEAR}(?!\d)",
        re.IGNORECASE,
    ),
)
TO_COME = re.compile(
    r"\b(?:will|shall|'ll|is due|are due|due to|to be|plans?|planned|intends?|expect(?:s|ed)?|scheduled|likely|next|"
    r"forthcoming|upcoming|proposed|proposes?|aims?|hopes?|going to|would be|should|is to|are to|ready (?:for|by))\b",
    re.IGNORECASE,
)
LOOKS_BACK = re.compile(
    r"\b(?:following|since|after|last|held|was|were|had|began|started|agreed|approved|launched|met|took|been|from)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[.!?;,:\n()](?=\s|$)")
LONG_AGO = timedelta(days=400)
# How far back a date without a year is still taken for the one of this year.
WITHOUT_YEAR = timedelta(days=92)
SHORTLY = timedelta(days=31)


@dataclass(frozen=True)
class Written:
    """A date in a text. Without a day, `day` is the last of the month; without a year, several may be meant."""

    month: int
    day: int
    year: int | None
    start: int
    end: int
    whole_month: bool

    def on(self, year):
        """The date in this year, or None where there is no such day."""
        last = calendar.monthrange(year, self.month)[1]
        if self.whole_month:
            return date(year, self.month, last)
        return date(year, self.month, self.day) if 1 <= self.day <= last else None


def check(subject):
    """Findings about dates in updates and papers that will have passed by the meeting."""
    for passage in subject.passages():
        if passage.kind not in ("update", "paper") or (
            passage.kind == "paper" and "minutes" in passage.place.where.lower()
        ):
            continue
        told = set()
        for written in dates_in(passage.text):
            found = _passed(written, passage, subject.day)
            if found and found not in told:
                told.add(found)
                when = f"{found:%B %Y}" if written.whole_month else long_date(found)
                yield Finding(
                    "date_passed",
                    f"{when} will have passed when the committee meets on {long_date(subject.day)}.",
                    passage.place.where,
                    passage.place.address,
                    quoted=excerpt(passage.text, written.start, written.end),
                )


def dates_in(text):
    """The dates in a text as Written, in their order."""
    found = []
    for form in FORMS:
        for match in form.finditer(text):
            if any(match.start() < other.end and match.end() > other.start for other in found):
                continue
            parts = match.groupdict()
            month = MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
            if not 1 <= month <= 12:
                continue
            year = re.sub(r"\D", "", parts["year"]) if parts["year"] else None
            full = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
            whole = "day" not in parts
            found.append(Written(month, int(parts.get("day") or 1), full, *match.span(), whole))
    return sorted(found, key=lambda written: written.start)


def _passed(written, passage, meeting_day):
    """The day that is meant, where it will have passed; None where it is to come, or was past when it was written."""
    # An imported update was recorded long after it was written.
    written_on = passage.written_on if passage.written_on and passage.written_on < meeting_day else None
    to_come = _is_to_come(passage.text, written)
    day = _meant(written, meeting_day, written_on, to_come)
    if day is None or not meeting_day - LONG_AGO < day < meeting_day:
        return None
    if passage.kind == "paper":
        return day if to_come and day > meeting_day - SHORTLY else None
    if written_on is not None:
        return day if day > written_on and (to_come or not written.whole_month) else None
    return day if to_come else None


def _meant(written, meeting_day, written_on, to_come):
    if written.year is not None:
        return written.on(written.year)
    years = [day for year in range(meeting_day.year - 1, meeting_day.year + 2) if (day := written.on(year))]
    if not years:
        return None
    if written_on and to_come:
        return next((day for day in years if day >= written_on), None)
    nearest = min(years, key=lambda day: abs(day - (written_on or meeting_day)))
    return nearest if written_on or meeting_day - nearest <= WITHOUT_YEAR else None


def _is_to_come(text, written):
    """Whether the clause around a date speaks of what is still to happen."""
    before = CLAUSE.split(text[max(written.start - 200, 0) : written.start])[-1]
    after = CLAUSE.split(text[written.end : written.end + 120])[0]
    marks = list(TO_COME.finditer(before))
    if marks:
        # "planned since the meeting of 3 March": what looks back comes last.
        return not LOOKS_BACK.search(before, marks[-1].end())
    return not LOOKS_BACK.search(before) and len(before.split()) <= 4 and bool(TO_COME.search(after))
