"""What is waiting for somebody who signs in; and what a clerk has in hand."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from inquiries.choices import Stage
from inquiries.deadlines import deadlines_for
from inquiries.documents.content import long_date
from inquiries.models import AgendaPack, Inquiry, Meeting, ProgressReport, Recommendation
from inquiries.permissions import can
from inquiries.views.cabinet import sign_offs_waiting
from inquiries.views.committee import reports_to_read
from inquiries.views.officer import updates_waiting

MOST = 50  # on one page
UNDER_WAY = (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF, Stage.PUBLISHED)


@dataclass(frozen=True)
class ReportInHand:
    """A report under way, with what `components/task_list.html` asks for; `due` is None where no date is set."""

    report: ProgressReport
    next: str
    due: date | None
    late: bool

    @property
    def name(self):
        return f"{self.report.inquiry.title}: {self.report.kind.lower()}"

    @property
    def href(self):
        return reverse("clerk:manage", args=[self.report.inquiry.slug, self.report.months_on])

    @property
    def hint(self):
        return self.next

    @property
    def status(self):
        return "Late" if self.late else self.report.stage.label

    @property
    def colour(self):
        return "red" if self.late else "blue"


def reports_in_hand(today):
    """The reports that are not yet assessed, the nearest deadline first, as a list of ReportInHand."""
    waiting = Q(updates__submitted_at__isnull=True, updates__closed_at__isnull=True)
    reports = (
        ProgressReport.objects.at_stage(*UNDER_WAY)
        .select_related("inquiry", "meeting")
        .annotate(asked=Count("updates"), missing=Count("updates", filter=waiting))
        .order_by(F("updates_due_on").asc(nulls_last=True), "pk")[:MOST]
    )
    found = [_in_hand(report, today) for report in reports]
    return sorted(found, key=lambda one: (one.due or date.max, one.report.pk))


def _in_hand(report, today):
    words, due = _next_step(report)
    return ReportInHand(report, words, due, late=due is not None and due < today)


def _next_step(report):
    meeting = report.meeting
    match report.stage:
        case Stage.COMMISSIONED:
            return f"{report.asked - report.missing} of {report.asked} updates are in", report.updates_due_on
        case Stage.AWAITING_SIGN_OFF:
            return "The Cabinet Member has still to sign", report.sign_off_due_on
        case Stage.SIGNED_OFF:
            return "Signed off, to be published", deadlines_for(meeting).publication if meeting else None
        case _:
            return "Published, to be assessed by the committee", meeting.day if meeting else None


def responses_due(today):
    """Inquiries whose report Cabinet has received and not fully answered, as tasks, the oldest first."""
    unanswered = Recommendation.objects.open().filter(inquiry=OuterRef("pk"), response__isnull=True)
    inquiries = (
        Inquiry.objects.filter(Exists(unanswered), received_on__isnull=False)
        .select_related("committee")
        .order_by("received_on", "pk")[:MOST]
    )
    return [
        {
            "name": inquiry.title,
            "href": inquiry.get_absolute_url(),
            "hint": inquiry.committee.name,
            "due": inquiry.response_due,
            "status": "Late" if inquiry.response_due < today else "Response awaited",
            "colour": "red" if inquiry.response_due < today else "blue",
        }
        for inquiry in inquiries
    ]


def agendas_in_hand(today):
    """Upcoming meetings as tasks: each with the last day to publish its agenda, until that is published."""
    published = AgendaPack.objects.public().filter(meeting=OuterRef("pk"), supplement=0)
    meetings = (
        Meeting.objects.filter(start__date__gte=today, cancelled_at__isnull=True)
        .select_related("committee")
        .annotate(has_agenda=Exists(published))
        .order_by("start", "pk")[:MOST]
    )
    return [_agenda_in_hand(meeting, today) for meeting in meetings]


def _agenda_in_hand(meeting, today):
    due = None if meeting.has_agenda else deadlines_for(meeting).publication
    late = due is not None and due < today
    return {
        "name": f"{meeting.committee.name}, {long_date(meeting.day)}",
        "href": reverse("clerk:agenda", args=[meeting.pk]),
        "hint": "" if meeting.has_agenda else "Last day to publish the agenda",
        "due": due,
        "status": "Agenda published" if meeting.has_agenda else "Late" if late else "To publish",
        "colour": "green" if meeting.has_agenda else "red" if late else "blue",
    }


def your_work(person, today):
    """Everything that waits for `person`, as the parts of the page "Your work" ask for it."""
    work = {
        "updates": updates_waiting(person, today),
        "sign_offs": sign_offs_waiting(person, today),
        "reports": reports_to_read(person, today),
    }
    if can("administer", person, None, today):
        work |= {"in_hand": reports_in_hand(today), "responses_due": responses_due(today)}
        work |= {"agendas": agendas_in_hand(today)}
    return work | {"nothing": not any(work.values())}
