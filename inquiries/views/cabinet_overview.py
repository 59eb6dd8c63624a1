"""What a Cabinet Member answers for: every open recommendation, its last rating, and what has changed since."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import Stage, UpdateState
from inquiries.models import CabinetMember, Inquiry, ProgressUpdate, Response, SignOff
from inquiries.models.inquiries import first_reference_key
from inquiries.views.drafts import login_required_keeping_post

PER_PAGE = 25


@dataclass(frozen=True)
class PortfolioRow:
    response: Response
    rated: ProgressUpdate | None  # the last one that the committee has rated
    news: str  # what has changed with the last one, in words
    is_late: bool
    forecast: date | None
    page: str  # where the Cabinet Member reads it; "" where they may not


@require_safe
@login_required_keeping_post
def overview(request):
    person, today = request.user, timezone.localdate()
    seats = list(CabinetMember.objects.on(today).filter(person=person))
    responses = Response.objects.open().filter(cabinet_member=person)
    found = responses.order_by("inquiry__title", "inquiry_id", first_reference_key("pk"), "pk")
    rounds = ProgressUpdate.objects.select_related("report__meeting", "assessment").order_by("-report__months_on")
    found = found.select_related("inquiry", "lead_officer").prefetch_related(
        "recommendations", Prefetch("updates", rounds, to_attr="rounds")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    if not seats and not page.paginator.count and not SignOff.objects.filter(person=person).exists():
        raise Http404
    inquiries = {response.inquiry_id for response in page}
    visible = set(Inquiry.objects.visible_to(person).filter(pk__in=inquiries).values_list("pk", flat=True))
    signed = set(SignOff.objects.filter(person=person, report__inquiry__in=inquiries).values_list("report", flat=True))
    context = {
        "seats": seats,
        "page": page,
        "rows": [portfolio_row(response, visible, signed, today) for response in page],
        "crumbs": [],
    }
    return render(request, "cabinet/overview.html", context)


def portfolio_row(response, visible, signed, today):
    update = response.rounds[0] if response.rounds else None
    rated = next((u for u in response.rounds if u.confirmed_assessment and u.assessment.rating), None)
    for each in response.rounds:
        each.report.inquiry = response.inquiry
    may_read = update is not None and (update.report_id in signed or update.report.published_at is not None)
    news, is_late = news_of(update, response.rounds[1:], may_read, today) if update else ("No report yet", False)
    page = ""
    if response.inquiry_id in visible:
        page = reverse(
            "public:recommendation", args=[response.inquiry.slug, response.recommendations.all()[0].reference]
        )
    if update and update.report_id in signed and update.report.stage in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF):
        page = reverse("cabinet:sign_off", args=[response.inquiry.slug, update.report.months_on])
    return PortfolioRow(response, rated, news, is_late, update.forecast_date if may_read else None, page)


def news_of(update, earlier, may_read, today):
    """What has happened to the last update, as (words, whether it is late)."""
    due, months = update.due_on, f"{update.report.months_on} months on"
    if update.submitted_at is None:
        late = (today - due).days if update.is_open and due else 0
        state = update.state.label if update.state in (UpdateState.RETURNED, UpdateState.NOT_RECEIVED) else "Not in yet"
        return f"{state} ({months})" + (f", {late_phrase(late)}" if late > 0 else ""), late > 0
    day = timezone.localdate(update.submitted_at)
    late = (day - due).days if due and update.submitted_precision == "moment" else 0
    words = "Submitted"
    last = next((u for u in earlier if u.text), None)
    if may_read and last is not None:
        words = "The same words as last time" if last.text.split() == update.text.split() else "New text"
    if late > 0:
        words = f"{words}{', submitted' if words != 'Submitted' else ''} {late_phrase(late)}"
    return f"{words} ({months})", late > 0


def late_phrase(days):
    return f"{days} day{'' if days == 1 else 's'} late"
