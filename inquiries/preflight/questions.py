"""What a member may want to ask about each row of a progress report: few sentences, worked out by rules."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.text import get_text_list

from inquiries.choices import OfficerView, Rating
from inquiries.documents.content import long_date
from inquiries.preflight.checks import (
    excerpt,
    is_done,
    passed_dates,
    passes_target_date,
    repeated_paragraphs,
    repeats_last_time,
)
from inquiries.preflight.subject import Passage, RowSubject

MOST_QUESTIONS = 3  # of a row: those that come first
GOOD_VIEWS = {OfficerView.COMPLETE.label, OfficerView.ON_TRACK.label}
GOOD_RATINGS = {Rating.IMPLEMENTED, Rating.ON_TRACK}


@dataclass(frozen=True)
class RowToRead:
    """A row of a report with what the committee knows of it beside. `last_rating` is that of the report before."""

    subject: RowSubject
    last_rating: int | None = None
    first_target_date: date | None = None


def questions_about(rows, meeting_day):
    """The questions of each of these RowToRead, most useful first, for a meeting on that day."""
    others = defaultdict(dict)
    for together, _ in repeated_paragraphs([row.subject for row in rows]):
        for one in together:
            others[one.label] |= {other.label: None for other in together if other is not one}
    return [list(questions_of(row, meeting_day, list(others[row.subject.label])))[:MOST_QUESTIONS] for row in rows]


def questions_of(row, meeting_day, same_in):
    subject, content = row.subject, row.subject.row
    if content.is_missing:
        yield "No update was received. Why not, and when will there be one?"
    passage = Passage(content.update, subject.place, "update", subject.written_on)
    for _, written in passed_dates(passage, meeting_day):
        quoted = excerpt(content.update, written.start, written.end)
        yield f"“{quoted}”: that is past when the committee meets. What came of it?"
        break
    if repeats_last_time(subject):
        yield "The update is word for word that of the last report. What has been done since?"
    elif same_in:
        numbers = get_text_list(same_in, "and")
        says = "updates on {} say" if len(same_in) > 1 else "update on {} says"
        yield f"The {says.format(numbers)} the same, word for word. What has been done about this one?"
    is_rated = content.officer_view and row.last_rating is not None
    if is_rated and (content.officer_view in GOOD_VIEWS) != (row.last_rating in GOOD_RATINGS):
        last = Rating(row.last_rating).label
        yield f"The officer says “{content.officer_view}”; last time the committee said “{last}”. What has changed?"
    yield from questions_of_dates(row, meeting_day)
    if not content.lead_officer:
        yield "No lead officer is recorded. Who answers for this?"


def questions_of_dates(row, meeting_day):
    content, first = row.subject.row, row.first_target_date
    target, forecast = content.target_date, content.forecast_date
    moved = bool(first and target and first < target)
    if passes_target_date(content, meeting_day):
        since = f" moved from {long_date(first)}," if moved else ""
        yield f"The target date, {long_date(target)},{since} is past when the committee meets. When will it be done?"
    elif is_done(content):
        return
    elif forecast and forecast < meeting_day:
        yield f"It was expected to be done by {long_date(forecast)}. Is it?"
    elif forecast and target and forecast > target:
        yield f"It is expected by {long_date(forecast)}, after its target date, {long_date(target)}. What delays it?"
    elif moved:
        yield f"The target date was moved from {long_date(first)} to {long_date(target)}. Why, and will it be met?"
