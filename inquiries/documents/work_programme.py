"""A committee's work programme: its own entries with the reports and responses of its forward plan, and as a PDF."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.utils import timezone

from inquiries.documents.content import LANGUAGE, long_date
from inquiries.documents.forward_plan import forward_plan
from inquiries.documents.safe_text import break_points, printable
from inquiries.documents.typst_runner import compile_document

COLUMNS = ("Item", "What it is for", "Lead or contact", "What it is")
WITHOUT_DATE = "Without a date"
WIDEST = (26, 26, 18, 14)  # the longest word that a column takes, in the measure of `safe_text.break_points`


@dataclass(frozen=True)
class ProgrammeLine:
    title: str
    kind: str
    purpose: str = ""
    contact: str = ""
    slug: str = ""  # of the inquiry whose report or response it is
    entry: int | None = None


@dataclass
class ProgrammePart:
    """A meeting, a month for which none is called, or what has no date."""

    heading: str
    venue: str = ""
    meeting: int | None = None
    lines: list[ProgrammeLine] = field(default_factory=list)


@dataclass(frozen=True)
class WorkProgramme:
    committee: str
    parts: tuple[ProgrammePart, ...]
    note: str = ""  # where its forward plan is cut
    language: str = LANGUAGE

    @property
    def title(self):
        return f"Work programme: {self.committee}"


def work_programme(committee, *, now, today, is_public=True):
    """The open entries and the next twelve months of the forward plan, in the order of their dates.

    An entry of a meeting that is past or cancelled is left out: the clerk decides what becomes of it.
    """
    plan = forward_plan(committee, now=now, today=today, is_public=is_public)
    parts = {}

    def part(day, heading, **fields):
        return parts.setdefault((day, heading), ProgrammePart(heading, **fields))

    for planned in plan.meetings:
        meeting = planned.meeting
        part(timezone.localtime(meeting.start), meeting_heading(meeting), venue=meeting.venue, meeting=meeting.pk)
    for entry in committee.programme_entries.open().select_related("meeting"):
        meeting = entry.meeting
        if meeting and (meeting.cancelled_at or meeting.start < now):
            continue
        if meeting:
            day, heading = timezone.localtime(meeting.start), meeting_heading(meeting)
            found = part(day, heading, venue=meeting.venue, meeting=meeting.pk)
        else:
            found = month_part(part, entry.month)
        line = ProgrammeLine(entry.title, entry.get_kind_display(), entry.purpose, entry.contact, entry=entry.pk)
        found.lines.append(line)
    for planned in plan.meetings:
        found = part(timezone.localtime(planned.meeting.start), meeting_heading(planned.meeting))
        found.lines += [ProgrammeLine(one.title, one.what, slug=one.slug) for one in planned.entries]
    for one in plan.elsewhere:
        month_part(part, max(one.due, today).replace(day=1) if one.due else None).lines.append(
            ProgrammeLine(one.title, one.what, slug=one.slug)
        )
    in_order = sorted(parts.items(), key=lambda found: found[0])
    return WorkProgramme(committee.name, tuple(found for _, found in in_order), plan.note)


def meeting_heading(meeting):
    start = timezone.localtime(meeting.start)
    return f"{long_date(start)} at {start:%H:%M}"


def month_part(part, month):
    day = timezone.make_aware(datetime.combine(month or date(9999, 1, 1), time()))
    return part(day, f"{month:%B %Y}" if month else WITHOUT_DATE)


def work_programme_pdf(content, day):
    """The paper of an agenda of the meeting on `day`, for its pack: it prints no page numbers. Raises PdfFailed."""
    safe, _ = printable(content)
    data = {
        "title": safe.title,
        "language": safe.language,
        "committee": safe.committee,
        "heading": "Work programme",
        "columns": COLUMNS,
        "parts": [
            {
                "heading": one.heading,
                "venue": break_points(one.venue, WIDEST[0]),
                "rows": [
                    [
                        break_points(text, width)
                        for text, width in zip((line.title, line.purpose, line.contact, line.kind), WIDEST, strict=True)
                    ]
                    for line in one.lines
                ],
            }
            for one in safe.parts
        ],
        "nothing": "Nothing is planned yet.",
        "note": safe.note,
        "draft": False,
        "in_pack": True,
    }
    return compile_document("work_programme.typ", data, int(datetime(*day.timetuple()[:3], tzinfo=UTC).timestamp()))
