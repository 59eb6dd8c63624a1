"""The forward plan of a committee: its meetings to come, and what is planned or expected for each."""

from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils import timezone

from inquiries.choices import Stage, TrackerState, report_kind
from inquiries.models import Meeting, ProgressReport, TrackerRow
from inquiries.rules import add_months, has_begun

MONTHS_AHEAD = 12
MOST_UNDER_WAY = 100
MOST_ENTRIES = 50  # of what is expected


@dataclass(frozen=True)
class PlanEntry:
    """A report or a response of Cabinet: planned, or expected on the day `due`.

    `stage` is that of a planned report, where the reader may know it.
    """

    title: str
    slug: str
    what: str
    months: int | None = None
    due: date | None = None
    stage: Stage | None = None
    is_public: bool = True  # whether its inquiry is
    report: ProgressReport | None = field(default=None, compare=False)

    @property
    def is_planned(self):
        return self.due is None


@dataclass
class PlannedMeeting:
    meeting: Meeting
    entries: list[PlanEntry] = field(default_factory=list)


@dataclass(frozen=True)
class ForwardPlan:
    """`elsewhere` is what has no meeting to come: due after the last one, or planned without one.

    A published report whose meeting has begun is before the committee, and no more planned. `is_full` says that of
    what is expected only what is due first was read.
    """

    meetings: list[PlannedMeeting]
    elsewhere: list[PlanEntry]
    is_full: bool = False

    @property
    def note(self):
        return "Of the reports and responses that are expected only those due first are listed." if self.is_full else ""


def forward_plan(committee, *, now, today, is_public):
    """The plan of the next twelve months; with `is_public` of what is public alone.

    Planned for a meeting is a report that is commissioned for it; that of an inquiry which is not public, how far a
    report is, and a report without a meeting are not public. Expected is what is due, as the tracker says, at the first
    meeting from that day on.
    """
    until = add_months(today, MONTHS_AHEAD)
    found = committee.meetings.filter(start__gte=now, start__lt=now + (until - today), cancelled_at__isnull=True)
    meetings = {meeting.pk: PlannedMeeting(meeting) for meeting in found.order_by("start", "pk")}
    elsewhere, planned = [], set()
    for report in reports_under_way(committee, meetings if is_public else None)[:MOST_UNDER_WAY]:
        entry = PlanEntry(
            report.inquiry.title,
            report.inquiry.slug,
            report.kind,
            report.months_on,
            stage=report.stage if report.is_published or not is_public else None,
            is_public=report.inquiry.is_public,
            report=report,
        )
        if report.meeting_id in meetings:
            planned.add((report.inquiry_id, report.months_on))
            meetings[report.meeting_id].entries.append(entry)
        elif not (report.is_published and has_begun(report.meeting, now)):
            elsewhere.append(entry)
    in_order = list(meetings.values())
    expected = expected_entries(committee, until, is_public)
    for inquiry, entry in expected:
        if (inquiry, entry.months) in planned:
            continue
        due = max(entry.due, today)
        first = next((one for one in in_order if one.meeting.day >= due), None)
        (first.entries if first else elsewhere).append(entry)
    return ForwardPlan(in_order, elsewhere, is_full=len(expected) == MOST_ENTRIES)


def planned_at(meeting, before, *, now, today):
    """What the plan that is not public has for this meeting to come: ([report], [expected PlanEntry]).

    `before` is when the meeting to come before it starts. Where it is None, so that this is the next meeting, the
    reports without one are there too.
    """
    until = add_months(today, MONTHS_AHEAD)
    if meeting.start >= now + (until - today):
        return [], []
    reports = reports_under_way(meeting.committee_id, None)
    reports = reports.filter(Q(meeting=meeting) if before else Q(meeting=meeting) | Q(meeting__isnull=True))
    after = timezone.localdate(before) if before else None
    expected = expected_entries(meeting.committee_id, min(until, meeting.day), is_public=False, after=after)
    return list(reports[:MOST_UNDER_WAY]), [entry for _, entry in expected]


def reports_under_way(committee, meetings):
    """Those of `meetings`, of inquiries that are public, or where that is None all."""
    reports = ProgressReport.objects.filter(inquiry__committee=committee, assessed_at__isnull=True)
    if meetings is not None:
        reports = reports.filter(meeting__in=meetings, inquiry__published_at__isnull=False)
    return reports.select_related("inquiry", "meeting").order_by("inquiry__title", "months_on")


def expected_entries(committee, until, is_public, after=None):
    """(inquiry, entry) of each report that is to be commissioned, and each response of Cabinet, due until that day; and
    after the other, where it is given."""
    to_come = Q(state=TrackerState.BETWEEN_REPORTS, months_due_on__lte=until)
    if not is_public:
        under_way = ProgressReport.objects.filter(inquiry=OuterRef("inquiry"), assessed_at__isnull=True)
        to_come &= ~Exists(under_way)
    awaited = Q(state=TrackerState.RESPONSE_AWAITED, due_on__lte=until)
    rows = TrackerRow.objects.filter(to_come | awaited, committee=committee, published=is_public)
    named = ("inquiry", "state", "months", "months_due_on", "due_on", "inquiry__title", "inquiry__slug")
    found = []
    # Of an inquiry one row for all that is due at once: the first of each state.
    each = rows.order_by("inquiry_id", "state", "months_due_on", "id").distinct("inquiry_id", "state").values("pk")
    due_on = Case(When(state=TrackerState.RESPONSE_AWAITED, then="due_on"), default="months_due_on")
    soonest = TrackerRow.objects.filter(pk__in=each).annotate(due=due_on).order_by("due", "id")
    if after is not None:
        soonest = soonest.filter(due__gt=after)
    soonest = soonest.values(*named, "inquiry__published_at", "inquiry_sort")[:MOST_ENTRIES]
    for row in sorted(soonest, key=itemgetter("inquiry_sort", "inquiry", "state")):
        is_awaited = row["state"] == TrackerState.RESPONSE_AWAITED
        months = None if is_awaited else row["months"]
        what = "Response of Cabinet" if is_awaited else f"{report_kind(months)} report ({months} months on)"
        due = row["due_on"] if is_awaited else row["months_due_on"]
        shown = row["inquiry__published_at"] is not None
        entry = PlanEntry(row["inquiry__title"], row["inquiry__slug"], what, months, due, is_public=shown)
        found.append((row["inquiry"], entry))
    return found
