"""Titles that disagree with the dates: "one year on", seven months after the inquiry."""

import re

from inquiries.choices import report_kind
from inquiries.documents.content import long_date
from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding

COUNTED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
NUMBERS = {word: number for number, word in enumerate(COUNTED.split(" "), start=1)} | {
    "a": 1,
    "twenty-four": 24,
    "thirty-six": 36,
}
CLAIM = re.compile(
    rf"\b(?P<number>\d{{1,2}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})[\s-]+(?P<unit>month|year)s?"
    r"[\s-]+(?:on|later|after|progress|update|review|report)\b",
    re.IGNORECASE,
)
KIND = re.compile(r"\b(interim|final)\b(?!\s*/)(?<!/)", re.IGNORECASE)
LONG_AGO = 31  # days between the date of an update and the meeting that reads it


def check(subject):
    """Findings about claims of time, in titles, subtitles and the report's own name, and about the update's date."""
    for item, report in subject.reports():
        passed = months_between(report, subject.day)
        texts = (item.item.title, item.item.subtitle)
        claimed = [claim for text in texts for claim in _claims(text)]
        for months, words, quoted in claimed:
            yield from _claim(item, report, subject, passed, months, words, quoted)
        yield from _kind(item, report, texts)
        if passed is not None and passed > report.content.months_on:
            yield Finding(
                "months_on",
                f"The report is called {report.content.months_on} months on, but the meeting is {_months(passed)} "
                f"after the inquiry report was completed ({report.content.completion}).",
                item.place.where,
                report.dates_address,
                quoted=report.content.kind,
            )
        yield from _date_of_update(item, report, subject)


def months_between(report, day):
    """Whole months from the completion of the inquiry report to `day`; None where that is not known."""
    start = report.completed_on
    if start is None:
        return None
    months = (day.year - start.year) * 12 + day.month - start.month
    return months - (report.completed_to_the_day and day.day < start.day)


def _claims(text):
    for match in CLAIM.finditer(text):
        number = match["number"].lower()
        count = int(number) if number.isdigit() else NUMBERS[number]
        months = count * 12 if match["unit"].lower() == "year" else count
        yield months, match.group(), excerpt(text, *match.span())


def _claim(item, report, subject, passed, months, words, quoted):
    # A round is named by its month count; the meeting is seldom on the very day.
    if months != report.content.months_on:
        since = f", {_months(passed)} after {report.content.completion}" if passed is not None else ""
        yield Finding(
            "title_disagrees",
            f"The title says “{words}”, but this is the report {report.content.months_on} months on; the meeting is on "
            f"{long_date(subject.day)}{since}.",
            item.place.where,
            item.place.address,
            quoted=quoted,
        )


def _kind(item, report, texts):
    kind = report_kind(report.content.months_on)
    for text in texts:
        for match in KIND.finditer(text):
            if match.group().lower() != kind.lower():
                yield Finding(
                    "title_disagrees",
                    f"The title says “{match.group()}”, but the report {report.content.months_on} months on is the "
                    f"{kind.lower()} one.",
                    item.place.where,
                    item.place.address,
                    quoted=excerpt(text, *match.span()),
                )


def _date_of_update(item, report, subject):
    dated = report.content.update_date
    if dated is None:
        words = "The report has no date of update."
    elif dated > subject.day:
        words = f"The update is dated {long_date(dated)}, after the meeting on {long_date(subject.day)}."
    elif (subject.day - dated).days > LONG_AGO:
        words = f"The update is dated {long_date(dated)}, {(subject.day - dated).days} days before the meeting."
    else:
        return
    yield Finding("date_of_update", words, item.place.where, report.dates_address)


def _months(count):
    return f"{count} month" if count == 1 else f"{count} months"
