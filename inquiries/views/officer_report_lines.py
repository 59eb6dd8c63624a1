"""Where officer reports are, one line each: for a clerk's own page, the board and the agenda."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.text import get_text_list

from inquiries.choices import NextStep, OfficerReportState, SignatureRole
from inquiries.models import OfficerReport
from inquiries.models.fields import has_key_in
from inquiries.rules import next_step_of_officer_report

MOST_REPORTS = 50


@dataclass(frozen=True)
class ReportLine:
    """As `components/task_list.html` prints it; `href` is where its next step is taken."""

    name: str
    href: str
    where: str
    step: str
    of: str
    due: date | None
    status: str
    colour: str

    @property
    def hint(self):
        return f"{self.where}. Next: {self.step[0].lower()}{self.step[1:]}. {self.of}"


def officer_reports_under_way(now, committee=None):
    """Those of meetings to come, and of earlier ones what was never signed off."""
    to_come = OfficerReport.objects.filter(item__meeting__start__gt=now).values("pk")
    unsigned = OfficerReport.objects.filter(signed_off_at__isnull=True).values("pk")
    reports = OfficerReport.objects.current().filter(has_key_in(to_come) | has_key_in(unsigned))
    return reports.filter(item__meeting__committee=committee) if committee else reports


def officer_report_lines(now, today, committee=None):
    """The late ones first, the signed ones last."""
    reports = officer_reports_under_way(now, committee).for_lines().select_related("item__meeting__committee")
    lines = [officer_report_line(report, today) for report in reports.order_by("item__meeting__start")[:MOST_REPORTS]]
    return sorted(lines, key=lambda line: (line.due is None, line.due or date.max, line.name))


def officer_report_line(report, today):
    """`report` comes `for_lines`."""
    state, page = report.state, reverse("clerk:officer_report", args=[report.pk])
    due = report.text_due_on if report.is_open else None
    if state == OfficerReportState.AWAITING_SIGN_OFF:
        due = report.sign_off_due_on
    is_late = due is not None and due < today
    step = next_step_of_officer_report(state, wants_more_time=report.request_key is not None, is_late=is_late)
    addresses = {
        NextStep.DECIDE_MORE_TIME: lambda: reverse(
            "clerk:decide_report_more_time", args=[report.pk, report.request_key]
        ),
        NextStep.SEE_SIGNERS: lambda: f"{page}#sign-offs",
        NextStep.SEE_AGENDA: lambda: reverse("clerk:agenda", args=[report.meeting.pk]),
    }
    return ReportLine(
        name=report.title,
        href=addresses.get(step, lambda: page)(),
        where=where_it_is(report, state),
        step=step.label,
        of=str(report.meeting),
        due=due,
        status="Late" if is_late else state.label,
        colour="red" if is_late else state.colour,
    )


def where_it_is(report, state):
    match state:
        case OfficerReportState.NOT_STARTED:
            return f"Commissioned: {report.author} has not begun"
        case OfficerReportState.DRAFT:
            return f"Being written by {report.author}"
        case OfficerReportState.RETURNED:
            return f"Sent back to {report.author}"
        case OfficerReportState.AWAITING_SIGN_OFF:
            signers = [f"the {in_the_sentence(role)}, {name}" for role, name in report.signers]
            return f"With {get_text_list(signers, 'and')}"
    return f"Signed off: a paper of item {report.item.number}"


def in_the_sentence(role):
    label = SignatureRole(role).label
    return label if role == SignatureRole.CABINET_MEMBER else label.lower()
