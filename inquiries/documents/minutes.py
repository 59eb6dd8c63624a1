"""The minutes of a meeting as plain data, and the words that are proposed for them. No queries, no clock.

`views/clerk_minutes.py` shows them, `minutes_docx.py` prints them; a MinutesEdition keeps them as they were published.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.text import get_text_list

from inquiries import rules
from inquiries.choices import Ending, Rating
from inquiries.documents.content import ExemptPart, long_date
from inquiries.documents.exempt_search import without_list_marks
from inquiries.documents.rich_text import BULLET, NUMBER
from inquiries.serialization import from_plain_data
from inquiries.text import fold_text

# What becomes of a paper, as (a short name, the words of the minutes).
USUAL_PHRASES = (
    ("Noted", "RESOLVED: that the report be noted."),
    ("Agreed", "RESOLVED: that the recommendations in the report be agreed."),
    ("Deferred", "RESOLVED: that the item be deferred to a later meeting."),
    ("Withdrawn", "The item was withdrawn."),
)


@dataclass(frozen=True)
class Attendee:
    """`role` is the seat or the job title; `substitute` who came in the place of a member who sent apologies."""

    name: str
    role: str = ""
    note: str = ""
    substitute_for: str = ""
    substitute: str = ""

    def __str__(self):
        named = ", ".join(part for part in (self.name, self.role) if part)
        instead = f"substitute for {self.substitute_for}" if self.substitute_for else ""
        replaced = f"substitute: {self.substitute}" if self.substitute else ""
        brackets = "; ".join(part for part in (instead, replaced, self.note) if part)
        return f"{named} ({brackets})" if brackets else named


@dataclass(frozen=True)
class Declaration:
    name: str
    nature: str
    item: str = ""  # "6. Work programme"; empty where it is about no item in particular

    def __str__(self):
        return f"{self.name}{f', item {self.item}' if self.item else ''}: {self.nature}"


@dataclass(frozen=True)
class Minute:
    """What was decided about one item. The words of an exempt part are not in what is published."""

    item_id: int
    number: int
    title: str
    outcome: str
    minute_number: str = ""
    exempt: ExemptPart | None = None

    @property
    def heading(self):
        return f"{self.number}. {self.title}"


@dataclass(frozen=True)
class MinutesContent:
    """`started` and `ended` are as "14:05", "" where not known. `is_attendance_recorded` is false where nobody said."""

    council: str
    committee: str
    day: date
    start: str
    venue: str = ""
    started: str = ""
    ended: str = ""
    is_attendance_recorded: bool = False
    present: tuple[Attendee, ...] = ()
    apologies: tuple[Attendee, ...] = ()
    absent: tuple[Attendee, ...] = ()
    officers: tuple[Attendee, ...] = ()
    guests: tuple[Attendee, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    minutes: tuple[Minute, ...] = ()
    language: str = "en-GB"

    @property
    def title(self):
        return f"Minutes of the {self.committee}, {long_date(self.day)}"

    @property
    def time(self):
        started = self.started or self.start
        return f"{started} to {self.ended}" if self.ended else started

    @property
    def attendance(self):
        """The lists of people that have someone in them, as (heading, people)."""
        lists = (
            ("Present", self.present),
            ("Apologies for absence", self.apologies),
            ("Absent", self.absent),
            ("Officers in attendance", self.officers),
            ("Also in attendance", self.guests),
        )
        return [(heading, people) for heading, people in lists if people]

    @property
    def lists_declarations(self):
        """Whether they are listed with the attendance: not where the minute of an item says them already."""
        declared = [one.nature for one in self.declarations] or ["no declarations of interest"]
        said = [one.outcome for one in self.minutes if is_about_declarations(one.title)]
        is_said = any(all(words in outcome for words in declared) for outcome in said)
        return self.is_attendance_recorded and not is_said


def minutes_from_json(data):
    """The content of which `to_plain_data` made `data`. Raises KeyError or TypeError where `data` is not such data."""
    return from_plain_data(MinutesContent, data)


def printed_texts(content):
    """What a reader has before them, as pairs (where, text): fields that are printed one after the other are one."""
    for heading, people in content.attendance:
        yield f"the minutes, “{heading}”", "\n".join(map(str, people))
    yield "the minutes, “Declarations of interest”", "\n".join(map(str, content.declarations))
    for one in content.minutes:
        yield f"the minutes, item {one.number}", f"{one.heading}\n{without_list_marks(one.outcome)}"


# --- The resolution about a progress report -----------------------------------------------------------


@dataclass(frozen=True)
class AssessedRow:
    """One row of a report: the numbers that it answers, and what the committee recorded of it."""

    references: tuple[str, ...]
    rating: int | None = None
    comment: str = ""


@dataclass(frozen=True)
class Ended:
    """A recommendation that the committee ended at the meeting, otherwise than by considering it implemented."""

    reference: str
    ending: str
    reason: str = ""


ENDED = {
    Ending.IMPLEMENTED: "{was} closed as implemented",
    Ending.NOT_DELIVERED: "{was} closed as not delivered",
    Ending.SUPERSEDED: "{was} closed as superseded",
    Ending.NO_LONGER_FEASIBLE: "{was} closed as no longer feasible",
    Ending.TRANSFERRED: "{was} closed as transferred to another body",
    Ending.WITHDRAWN: "{was} withdrawn by the committee",
}


def resolution(rows, ended=()):
    """What the committee resolved about a report, in the words of minutes: a paragraph, a numbered list, its comments.

    `rows` are AssessedRows; those without a rating are left to be assessed.
    """
    clauses = ["that the report be noted"]
    closed = {one.reference for one in ended}
    for rating in (*Rating, None):
        references = [reference for row in rows if row.rating == rating for reference in row.references]
        if rating is None:
            references = [reference for reference in references if reference not in closed]
        if references:
            clauses.append(f"that {rating_clause(rating, references)}")
    for ending in dict.fromkeys(one.ending for one in ended):
        for reason in dict.fromkeys(one.reason for one in ended if one.ending == ending):
            references = [one.reference for one in ended if (one.ending, one.reason) == (ending, reason)]
            words = ENDED[Ending(ending)].format(was=was(references))
            because = f": {reason.strip().rstrip('.')}" if reason.strip() else ""
            clauses.append(f"that {name_references(references)} {words}{because}")
    ends = [";"] * (len(clauses) - 2) + ["; and"] * (len(clauses) > 1) + ["."]
    lines = [f"{number}. {clause}{end}" for number, (clause, end) in enumerate(zip(clauses, ends, strict=True), 1)]
    decided = f"RESOLVED: {clauses[0]}." if len(clauses) == 1 else "\n".join(("RESOLVED:", *lines))
    return "\n\n".join((decided, *comment_paragraphs(rows, said={one.reason.strip() for one in ended})))


def rating_clause(rating, references):
    named = name_references(references)
    match rating:
        case Rating.IMPLEMENTED:
            return f"{named} {was(references)} considered implemented to the satisfaction of the committee"
        case Rating.ON_TRACK:
            return f"{named} {was(references)} considered on track to be completed to the satisfaction of the committee"
        case Rating.CONCERNS:
            return f"the committee has concerns that {named} may not be fully delivered to its satisfaction"
        case Rating.NOT_DELIVERED:
            return f"{named} {was(references)} considered not to have been delivered or implemented"
    return f"the assessment of {named} was left to a later meeting"


def comment_paragraphs(rows, said):
    """Each comment once; not one that has been `said` as the reason why something ended."""
    comments = {}
    for row in rows:
        if row.comment.strip() and row.comment.strip() not in said:
            comments.setdefault(row.comment.strip(), []).extend(row.references)
    for comment, references in comments.items():
        gap = "\n" if BULLET.match(comment) or NUMBER.match(comment) else " "
        yield f"On {name_references(references)} the committee commented:{gap}{comment}"


def name_references(references):
    """ "recommendations 1a, 1b and 2", in the order of the numbers."""
    ordered = sorted(dict.fromkeys(references), key=rules.natural_key)
    return f"recommendation{'s' if len(ordered) > 1 else ''} {get_text_list(ordered, 'and')}"


def was(references):
    return "were" if len(set(references)) > 1 else "was"


# --- What is proposed as the outcome of an item -------------------------------------------------------


def propose_outcome(title, content, *, resolved="", last_meeting=None, next_meeting=""):
    """The words that follow from what is recorded, for an item with this title; "" where nothing follows.

    `content` is the MinutesContent with the attendance, `resolved` the resolution about the item's report,
    `last_meeting` the day of the meeting before, `next_meeting` when the next one is ("5 January 2027 at 14:00").
    """
    words = fold_text(title)
    if resolved:
        return resolved
    if "apologies" in words:
        return propose_apologies(content) if content.is_attendance_recorded else ""
    if is_about_declarations(title):
        return propose_declarations(content) if content.is_attendance_recorded else ""
    if re.search(r"\bminutes\b", words) and last_meeting:
        day = long_date(last_meeting)
        return f"RESOLVED: that the minutes of the meeting held on {day} be agreed as a correct record."
    if "next meeting" in words and next_meeting:
        return f"The next meeting of the committee is on {next_meeting}."
    if "work programme" in words:
        return "RESOLVED: that the work programme be noted."
    return ""


def is_about_declarations(title):
    words = fold_text(title)
    return "declaration" in words and "interest" in words


def propose_apologies(content):
    if not content.apologies:
        return "There were no apologies for absence."
    names = get_text_list([one.name for one in content.apologies], "and")
    came = [f"{one.substitute} attended as substitute for {one.name}." for one in content.apologies if one.substitute]
    return " ".join((f"Apologies for absence were received from {names}.", *came))


def propose_declarations(content):
    if not content.declarations:
        return "There were no declarations of interest."
    lines = [f"- {declaration}" for declaration in content.declarations]
    return "\n".join(("The following interests were declared:", *lines))


def minute_numbers(first, count):
    """The numbers of so many minutes, counted on from `first` ("45", "45/26"): its first run of digits goes up."""
    digits = re.search(r"\d+", first)
    if digits is None:
        return [""] * count
    width, begin = len(digits.group()), int(digits.group())
    before, behind = first[: digits.start()], first[digits.end() :]
    return [f"{before}{begin + number:0{width}d}{behind}" for number in range(count)]
