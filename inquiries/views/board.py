"""The board: every round under way and to come, what it waits for and until when, worst first."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from inquiries.choices import BoardStep, Stage, TrackerState, report_kind
from inquiries.documents.content import long_date
from inquiries.forms.clerk_board import MEETING, BoardForm
from inquiries.models import ProgressReport, ProgressUpdate, SignOff, TrackerRow
from inquiries.models.meetings import deadlines_of
from inquiries.models.progress import update_due
from inquiries.rules import FACTS, add_months, stage_of
from inquiries.views.form_processing import clerk_required
from inquiries.views.officer_report_lines import officer_report_lines

PER_PAGE = 25
MOST_OF_EACH = 300  # of rounds under way, of those to come, of responses awaited
MOST_TO_COME = 50  # of each of the last two, for a clerk's own page
MONTHS_AHEAD = 12
# A report that is due so soon should be commissioned now: officers, Cabinet Members and publication need their time.
COMMISSION_WITHIN = timedelta(days=60)
THIS_WEEK = timedelta(days=7)


class Waiting(NamedTuple):
    """What waits, and until when: all that is sorted, counted and, but for names, printed.

    `report` is the key of a round that is commissioned, else None; `months` is None where nothing says which it is.
    """

    step: BoardStep
    due: date | None
    inquiry: int
    slug: str
    title: str
    committee: str
    months: int | None = None
    report: int | None = None
    meeting: date | None = None
    signers: list[str] | None = None  # who have not signed yet

    @property
    def order(self):
        return self.due or date.max, self.inquiry, self.months or 0

    @property
    def address(self):
        return [self.slug, self.months] if self.report else [self.slug]

    @property
    def kind(self):
        if self.step == BoardStep.RESPONSE:
            return "response of Cabinet"
        return f"{report_kind(self.months).lower()} report ({self.months} months on)" if self.months else "next report"

    @property
    def name(self):
        return f"{self.title}: {self.kind}"

    def is_late(self, today):
        return self.due is not None and self.due < today

    def is_due(self, today, within):
        return self.due is not None and self.due <= today + within


@dataclass(frozen=True)
class BoardLine:
    """One round as the board and the clerk's own page print it; `actions` are (words, address), the next step first."""

    waiting: Waiting
    hint: str
    actions: tuple[tuple[str, str], ...]
    status: str
    colour: str
    can_remind: bool = False  # of all that is late

    @property
    def name(self):
        return self.waiting.name

    @property
    def due(self):
        return self.waiting.due

    @property
    def href(self):
        return self.actions[0][1]


@clerk_required
def board(request):
    today, form = timezone.localdate(), BoardForm(request.GET)
    committee = form.committee_chosen
    found = find_waiting(today, committee)
    asked = form.cleaned_data if form.is_valid() else {"step": "", "order": ""}
    shown = [one for one in found if asked["step"] in ("", one.step)]
    if asked["order"] == MEETING:
        shown.sort(key=lambda one: (one.committee, one.meeting or date.max, one.order))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "committee": committee,
        "plans": [committee] if committee else list(form.committees.values()),
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
        "officer_reports": officer_report_lines(timezone.now(), today, committee),
        "today": today,
    }
    return render(request, "clerk/board.html", context)


def worst_lines(today, count):
    """The first lines for a clerk's own page, and how many more are late or due soon, in words; "" for none."""
    soon = [one for one in find_waiting(today, most=MOST_TO_COME) if one.is_due(today, COMMISSION_WITHIN)]
    is_cut = MOST_TO_COME in Counter(one.step for one in soon if one.report is None).values()
    left = f"{'at least ' if is_cut else ''}{len(soon) - count}" if len(soon) > count else ""
    return board_lines(soon[:count], today), left


# What waits


def find_waiting(today, committee=None, most=MOST_OF_EACH):
    return sorted([*reports_under_way(committee), *between_reports(today, committee, most)], key=lambda one: one.order)


def reports_under_way(committee):
    reports = ProgressReport.objects.filter(assessed_at__isnull=True)
    if committee is not None:
        reports = reports.filter(inquiry__committee=committee)
    facts = [f"{fact}_at" for fact, _ in FACTS]
    dates = ("updates_due", "sign_off_due_on", "meeting__start", "months_on")
    named = ("inquiry", "inquiry__slug", "inquiry__title", "inquiry__committee__name")
    to_sign = SignOff.objects.filter(report=OuterRef("pk"), signed_at__isnull=True).order_by("pk")
    is_waiting = Q(collected_at__isnull=False, signed_off_at__isnull=True)
    missing = ProgressUpdate.objects.filter(report=OuterRef("pk"), submitted_at__isnull=True, closed_at__isnull=True)
    # Where some have more time, the first of the missing ones.
    first_due = missing.order_by().values("report").annotate(due=Min(update_due())).values("due")
    reports = reports.annotate(
        updates_due=Case(When(collected_at__isnull=True, then=Coalesce(Subquery(first_due), F("updates_due_on")))),
        signers=Case(When(is_waiting, then=ArraySubquery(to_sign.values("person__name")))),
    )
    # Plain values: they are many, and few are printed.
    found = reports.order_by("updates_due_on", "pk").values("pk", "signers", *facts, *dates, *named)
    publication_due = cache(lambda day: deadlines_of(day).publication)
    for line in found[:MOST_OF_EACH]:
        stage = stage_of(SimpleNamespace(**line))
        meeting = line["meeting__start"] and timezone.localdate(line["meeting__start"])
        due = {
            Stage.COMMISSIONED: line["updates_due"],
            Stage.AWAITING_SIGN_OFF: line["sign_off_due_on"],
            Stage.SIGNED_OFF: meeting and stage == Stage.SIGNED_OFF and publication_due(meeting),
            Stage.PUBLISHED: meeting,
        }[stage]
        about = (line[name] for name in (*named, "months_on", "pk"))
        yield Waiting(BoardStep.of_stage(stage), due, *about, meeting, line["signers"])


def between_reports(today, committee, most):
    """Inquiries that Cabinet has to answer, and those whose next report is due: as the tracker says.

    Where a round is under way, it is that which waits.
    """
    rows = TrackerRow.objects.filter(published=False)
    if committee is not None:
        rows = rows.filter(committee=committee)
    # Not by EXISTS: PostgreSQL would look for one with each recommendation, and few inquiries have one.
    under_way = ProgressReport.objects.filter(assessed_at__isnull=True).values("inquiry")
    until = Q(months_due_on__lte=add_months(today, MONTHS_AHEAD)) | Q(months_due_on__isnull=True)
    to_come = rows.filter(until, ~Q(inquiry__in=under_way), state=TrackerState.BETWEEN_REPORTS)
    awaited = rows.filter(state=TrackerState.RESPONSE_AWAITED)
    named = ("inquiry__slug", "inquiry__title", "committee__name", "months")
    each = [
        found.order_by(due, "inquiry").distinct(due, "inquiry").values_list("state", due, "inquiry", *named)[:most]
        for found, due in ((to_come, "months_due_on"), (awaited, "due_on"))
    ]
    for state, *facts in each[0].union(each[1], all=True):
        is_awaited = state == TrackerState.RESPONSE_AWAITED
        yield Waiting(BoardStep.RESPONSE if is_awaited else BoardStep.COMMISSION, *facts)


# How it is printed


def board_lines(waiting, today):
    counts = update_counts([one.report for one in waiting if one.step == BoardStep.UPDATES])
    return [board_line(one, counts[one.report], today) for one in waiting]


def update_counts(reports):
    """{report: for each lead officer, how many are asked for, missing, returned and drafted}."""
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
    """ "3 of 8 updates are in; 2 drafted, 1 returned. Missing: Lloyd Jeffries (4), no lead officer (1)" """

    def total(what):
        return sum(line[what] for line in counts)

    sentence = f"{total('asked') - total('missing')} of {total('asked')} updates are in"
    if states := [f"{total(what)} {what}" for what in ("drafted", "returned") if total(what)]:
        sentence = f"{sentence}; {', '.join(states)}"
    whose = [f"{line['officer'] or 'no lead officer'} ({line['missing']})" for line in counts if line["missing"]]
    return f"{sentence}. Missing: {', '.join(whose)}" if whose else sentence


def board_line(waiting, counts, today):
    colour = "blue"
    manage = reverse("clerk:manage", args=waiting.address) if waiting.report else ""
    match waiting.step:
        case BoardStep.UPDATES:
            hint, status = describe_updates(counts), "Collecting updates"
            actions = [("See what is missing", manage)]
        case BoardStep.SIGN_OFF:
            hint, status = f"{get_text_list(waiting.signers, 'and')} still to sign", "Awaiting sign-off"
            actions = [("See who is to sign", f"{manage}#sign-offs")]
        case BoardStep.PUBLICATION:
            hint, status = "Signed off, to be published", "Signed off"
            actions = [("Publish", reverse("clerk:publish", args=waiting.address)), ("Manage", manage)]
        case BoardStep.ASSESSMENT:
            hint, status, colour = "Published, to be assessed by the committee", "Published", "purple"
            actions = [("Record the assessment", reverse("committee:assess", args=waiting.address)), ("Manage", manage)]
        case BoardStep.COMMISSION:
            hint, (status, colour) = "To be commissioned", ("To come", "grey") if waiting.due else ("No date", "yellow")
            if waiting.is_due(today, COMMISSION_WITHIN):
                status, colour = "To commission", "orange"
            actions = [("Commission", reverse("clerk:commission", args=waiting.address))]
        case _:
            hint, status, colour = "Cabinet has not responded yet", "Response awaited", "yellow"
            actions = [("Record the response", reverse("clerk:responses", args=waiting.address))]
            if waiting.is_late(today):
                letters = f"{reverse('public:inquiry', args=waiting.address)}#response-letters"
                actions.append(("Ask for it by letter", letters))
    if waiting.meeting:
        hint = f"{hint}. For the meeting on {long_date(waiting.meeting)}"
    if waiting.due is None:
        why, action = no_date(waiting)
        hint, actions = f"{hint}. {why}", [action, *actions]
    if waiting.is_late(today):
        status, colour = "Late", "red"
    can_remind = waiting.is_late(today) and waiting.step in (BoardStep.UPDATES, BoardStep.SIGN_OFF)
    return BoardLine(waiting, hint, tuple(actions), status, colour, can_remind)


def no_date(waiting):
    """Why nothing says until when it waits, and where the date is entered, as (words, address)."""
    match waiting.step:
        case BoardStep.COMMISSION:
            why = "No date of Cabinet’s response is recorded, so nothing says when the next report is due"
            return why, ("Enter the date of the response", reverse("clerk:correct_responses", args=waiting.address))
        case BoardStep.RESPONSE:
            why = "When Cabinet received the report is not recorded, so nothing says when it has to respond"
            return why, ("Enter when Cabinet received it", reverse("clerk:change_inquiry", args=waiting.address))
        case BoardStep.ASSESSMENT:
            return "No meeting is set", ("Manage", reverse("clerk:manage", args=waiting.address))
        case _:
            return "No date is set", ("Set its dates", reverse("clerk:reschedule", args=waiting.address))
