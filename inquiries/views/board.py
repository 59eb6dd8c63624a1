"""The board: every round under way and to come, what it waits for and until when, worst first."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from inquiries.choices import BoardStep, Stage, TrackerState, report_kind
from inquiries.documents.content import long_date
from inquiries.forms.clerk_board import MEETING, BoardForm
from inquiries.models import Inquiry, Meeting, ProgressReport, ProgressUpdate, SignOff, TrackerRow
from inquiries.rules import add_months
from inquiries.views.form_processing import clerk_required

PER_PAGE = 50
MOST_OF_EACH = 300  # of rounds under way, of those to come, of responses awaited
MONTHS_AHEAD = 12
# A report that is due so soon should be commissioned now: officers, Cabinet Members and publication need their time.
COMMISSION_WITHIN = timedelta(days=60)
THIS_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """What waits, and until when; `report` is None for a round that is not commissioned. Enough to sort and count."""

    step: BoardStep
    due: date | None
    inquiry: int
    committee: int
    report: int | None = None
    meeting: datetime | None = None
    months: int | None = None

    @property
    def order(self):
        return self.due or date.max, self.inquiry, self.months or 0

    def is_late(self, today):
        return self.due is not None and self.due < today

    def is_due(self, today, within):
        return self.due is not None and self.due <= today + within


@dataclass(frozen=True)
class BoardLine:
    """One round as the board and the clerk's own page print it; `actions` are (words, address), the next step first."""

    waiting: Waiting
    inquiry: Inquiry
    kind: str
    meeting: Meeting | None
    hint: str
    actions: tuple[tuple[str, str], ...]
    status: str
    colour: str

    @property
    def due(self):
        return self.waiting.due

    @property
    def href(self):
        return self.actions[0][1]

    @property
    def name(self):
        return f"{self.inquiry}: {self.kind}"


@clerk_required
def board(request):
    today, form = timezone.localdate(), BoardForm(request.GET)
    committee = form.committee_chosen
    found = find_waiting(today, committee)
    asked = form.cleaned_data if form.is_valid() else {"step": "", "order": ""}
    shown = [one for one in found if asked["step"] in ("", one.step)]
    if asked["order"] == MEETING:
        names = {each.pk: each.name for each in form.committees.values()}
        far = timezone.make_aware(datetime(9999, 1, 1))
        shown.sort(key=lambda one: (names.get(one.committee, ""), one.meeting or far, one.order))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "committee": committee,
        "page": page,
        "lines": board_lines(page.object_list, today),
        "can_commission": any(one.step == BoardStep.COMMISSION for one in page.object_list),
        "by_meeting": asked["order"] == MEETING,
        "late": sum(one.is_late(today) for one in found),
        "this_week": sum(one.is_due(today, THIS_WEEK) and not one.is_late(today) for one in found),
        "steps": [(step, counted) for step in BoardStep if (counted := Counter(one.step for one in found)[step])],
        "total": len(found),
        "is_cut": any(counted >= MOST_OF_EACH for counted in Counter(one.report is None for one in found).values()),
        "most": MOST_OF_EACH,
        "today": today,
    }
    return render(request, "clerk/board.html", context)


def worst_lines(today, count):
    """The lines for a clerk's own page: what is late or due soon."""
    soon = [one for one in find_waiting(today) if one.is_due(today, COMMISSION_WITHIN)]
    return board_lines(soon[:count], today), len(soon)


# What waits


def find_waiting(today, committee=None):
    of_committee = {} if committee is None else {"committee": committee}
    found = [*reports_under_way(committee), *reports_to_come(today, of_committee), *responses_awaited(of_committee)]
    return sorted(found, key=lambda one: one.order)


def reports_under_way(committee):
    reports = ProgressReport.objects.filter(assessed_at__isnull=True)
    if committee is not None:
        reports = reports.filter(inquiry__committee=committee)
    for report in reports.select_related("inquiry", "meeting").order_by("updates_due_on", "pk")[:MOST_OF_EACH]:
        yield Waiting(
            step=BoardStep.of_stage(report.stage),
            due=next_deadline(report),
            inquiry=report.inquiry_id,
            committee=report.inquiry.committee_id,
            report=report.pk,
            meeting=report.meeting and report.meeting.start,
            months=report.months_on,
        )


def next_deadline(report):
    match report.stage:
        case Stage.COMMISSIONED:
            return report.updates_due_on
        case Stage.AWAITING_SIGN_OFF:
            return report.sign_off_due_on
        case Stage.SIGNED_OFF:
            return report.meeting and report.meeting.deadlines.publication
        case _:
            return report.meeting and report.meeting.day


def reports_to_come(today, of_committee):
    """Of inquiries with an accepted recommendation still open, and no round under way; as the tracker says."""
    under_way = ProgressReport.objects.filter(inquiry=OuterRef("inquiry"), assessed_at__isnull=True)
    until = add_months(today, MONTHS_AHEAD)
    rows = (
        TrackerRow.objects.filter(~Exists(under_way), published=False, state=TrackerState.BETWEEN_REPORTS)
        .filter(Q(months_due_on__lte=until) | Q(months_due_on__isnull=True), **of_committee)
        .order_by("months_due_on", "inquiry", "months")
        .distinct("months_due_on", "inquiry")
        .values_list("months_due_on", "inquiry", "committee", "months")
    )
    for due, inquiry, committee, months in rows[:MOST_OF_EACH]:
        yield Waiting(BoardStep.COMMISSION, due, inquiry, committee, months=months)


def responses_awaited(of_committee):
    rows = (
        TrackerRow.objects.filter(published=False, state=TrackerState.RESPONSE_AWAITED, **of_committee)
        .order_by("due_on", "inquiry")
        .distinct("due_on", "inquiry")
        .values_list("due_on", "inquiry", "committee")
    )
    for due, inquiry, committee in rows[:MOST_OF_EACH]:
        yield Waiting(BoardStep.RESPONSE, due, inquiry, committee)


# How it is printed


def board_lines(waiting, today):
    reports = {
        report.pk: report
        for report in ProgressReport.objects.filter(pk__in=[one.report for one in waiting if one.report])
        .select_related("inquiry__committee", "meeting")
        .prefetch_related(Prefetch("sign_offs", SignOff.objects.select_related("person")))
    }
    alone = [one.inquiry for one in waiting if not one.report]
    inquiries = {each.pk: each for each in Inquiry.objects.filter(pk__in=alone).select_related("committee")}
    collecting = [report.pk for report in reports.values() if report.stage == Stage.COMMISSIONED]
    counts = update_counts(collecting)
    return [
        report_line(one, reports[one.report], counts.get(one.report, ()), today)
        if one.report
        else inquiry_line(one, inquiries[one.inquiry], today)
        for one in waiting
    ]


def update_counts(reports):
    """{report: for each lead officer, what is in, drafted, returned and missing of theirs}; "" where nobody leads."""
    missing = Q(submitted_at__isnull=True, closed_at__isnull=True)
    counted = (
        ProgressUpdate.objects.filter(report__in=reports)
        .order_by()
        .values("report", officer=F("response__lead_officer__name"))
        .annotate(
            asked=Count("pk"),
            missing=Count("pk", filter=missing),
            returned=Count("pk", filter=missing & Q(returned_at__isnull=False)),
            drafted=Count("pk", filter=missing & Q(returned_at__isnull=True, saved_at__isnull=False)),
        )
        .order_by("-missing", "officer")
    )
    found = defaultdict(list)
    for line in counted:
        found[line["report"]].append(line)
    return found


def describe_updates(counts):
    """ "3 of 8 updates are in; 2 drafted, 1 returned. Missing: Lloyd Jeffries (4), nobody leads (1)" """

    def total(what):
        return sum(line[what] for line in counts)

    states = [f"{total(what)} {what}" for what in ("drafted", "returned") if total(what)]
    sentence = f"{total('asked') - total('missing')} of {total('asked')} updates are in"
    whose = [f"{line['officer'] or 'no lead officer'} ({line['missing']})" for line in counts if line["missing"]]
    return "; ".join([sentence, *([", ".join(states)] if states else [])]) + (
        f". Missing: {', '.join(whose)}" if whose else ""
    )


def report_line(waiting, report, counts, today):
    address = [report.inquiry.slug, report.months_on]
    manage = reverse("clerk:manage", args=address)
    actions, colour = (("See what is missing", manage),), "blue"
    match waiting.step:
        case BoardStep.UPDATES:
            hint, status = describe_updates(counts), "Collecting updates"
        case BoardStep.SIGN_OFF:
            names = [str(sign_off.person) for sign_off in report.sign_offs.all() if sign_off.signed_at is None]
            hint, status = f"{get_text_list(names, 'and')} still to sign", "Awaiting sign-off"
            actions = (("See who is to sign", f"{manage}#sign-offs"),)
        case BoardStep.PUBLICATION:
            hint, status = "Signed off, to be published", "Signed off"
            actions = (("Publish", reverse("clerk:publish", args=address)), ("Manage", manage))
        case _:
            hint, status, colour = "Published, to be assessed by the committee", "Published", "purple"
            actions = (("Record the assessment", reverse("committee:assess", args=address)), ("Manage", manage))
    if waiting.due is None and report.published_at is None:
        actions = (("Set its dates", reverse("clerk:reschedule", args=address)), *actions)
        hint = f"{hint}. No date is set"
    return make_line(waiting, report.inquiry, report.kind, report.meeting, hint, actions, status, colour, today)


def inquiry_line(waiting, inquiry, today):
    if waiting.step == BoardStep.RESPONSE:
        hint, kind = "", "response of Cabinet"
        actions = (("Record the response", reverse("clerk:responses", args=[inquiry.slug])),)
        if waiting.due is None:
            hint = "When Cabinet received the report is not recorded, so nothing says when it has to respond"
            actions = (
                ("Enter when Cabinet received it", reverse("clerk:change_inquiry", args=[inquiry.slug])),
                *actions,
            )
        return make_line(waiting, inquiry, kind, None, hint, actions, "Response awaited", "yellow", today)
    commission = ("Commission", reverse("clerk:commission", args=[inquiry.slug]))
    if waiting.due is None:
        hint = "No date of Cabinet’s response is recorded, so nothing says when the next report is due"
        actions = (("Enter the date of the response", reverse("clerk:responses", args=[inquiry.slug])), commission)
        return make_line(waiting, inquiry, "next report", None, hint, actions, "No date", "yellow", today)
    kind = f"{report_kind(waiting.months)} report ({waiting.months} months on)"
    is_soon = waiting.is_due(today, COMMISSION_WITHIN)
    status, colour = ("To commission", "orange") if is_soon else ("To come", "grey")
    return make_line(waiting, inquiry, kind, None, "", (commission,), status, colour, today)


def make_line(waiting, inquiry, kind, meeting, hint, actions, status, colour, today):
    if waiting.is_late(today):
        status, colour = f"Late: {status[0].lower()}{status[1:]}", "red"
    kind = f"{kind[0].lower()}{kind[1:]}"
    if meeting:
        hint = f"{hint}. For the meeting on {long_date(meeting.day)}"
    return BoardLine(waiting, inquiry, kind, meeting, hint, actions, status, colour)
