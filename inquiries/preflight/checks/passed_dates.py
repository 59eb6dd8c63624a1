"""Dates that will have passed when the committee reads them: "Cabinet on 9th November", for a meeting on the 10th."""

import re
from datetime import timedelta

from inquiries.dates import dates_in
from inquiries.documents.content import long_date
from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding

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


def check(subject):
    """Findings about dates in updates and papers that will have passed by the meeting."""
    for passage in subject.passages():
        if passage.kind not in ("update", "paper") or (
            passage.kind == "paper" and "minutes" in passage.place.where.lower()
        ):
            continue
        told = set()
        for written in dates_in(passage.text):
            if written.day is None and not written.within:
                continue  # “the March 2026 budget” names no day that could pass
            found = _passed(written, passage, subject.day)
            if found and found not in told:
                told.add(found)
                when = f"{found:%B %Y}" if written.day is None else long_date(found)
                yield Finding(
                    "date_passed",
                    f"{when} will have passed when the committee meets on {long_date(subject.day)}.",
                    passage.place.where,
                    passage.place.address,
                    quoted=excerpt(passage.text, written.start, written.end),
                )


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
        return day if day > written_on and (to_come or written.day is not None) else None
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
