"""What everybody sees: inquiries, promises, committees, published reports. Those who work on a report see more."""

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Prefetch, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import SeatRole, Stage
from inquiries.forms.public import InquiryQuestion, InquirySearch
from inquiries.models import (
    Committee,
    Inquiry,
    Meeting,
    Membership,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
)
from inquiries.permissions import can
from inquiries.views.agenda_reading import latest_agendas, with_agendas
from inquiries.views.in_hand import your_work
from inquiries.views.promises import last_answer, promise_counts, promise_of, promises_of, story_of
from inquiries.views.reading import content_for, edition_reading, report_or_404

PER_PAGE = 20
SHORT_LIST = 5
LONG_LIST = 10
SEATS = tuple(SeatRole.values)  # the chair comes first
FORMATS = (("PDF", "pdf"), ("Word", "docx"), ("CSV (for a spreadsheet)", "csv"), ("JSON (for a program)", "json"))


@require_safe
def home(request):
    """Signed out: what is new, what comes, the search. Signed in: your work, what waits for you first."""
    today = timezone.localdate()
    to_come = Meeting.objects.filter(start__gte=timezone.now()).select_related("committee").order_by("start")
    meetings = with_agendas(to_come)
    context = {"today": today, "form": InquiryQuestion(), "meetings": meetings[:SHORT_LIST]}
    if request.user.is_authenticated:
        return render(request, "public/your_work.html", context | your_work(request.user, today))
    published = ProgressReport.objects.at_stage(Stage.PUBLISHED, Stage.ASSESSED)
    context["reports"] = published.select_related("inquiry__committee").order_by("-published_at")[:SHORT_LIST]
    context["agendas"] = latest_agendas()[:SHORT_LIST]
    return render(request, "public/home.html", context)


@require_safe
def inquiries(request):
    """Search and filter over the inquiries that this person may see."""
    visible = Inquiry.objects.visible_to(request.user).select_related("committee")
    form = InquirySearch(request.GET, inquiries=visible)
    found = form.found().order_by(F("completed_on").desc(nulls_last=True), "title", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts = promise_counts(page.object_list)
    lines = [(inquiry, counts.get(inquiry.pk)) for inquiry in page.object_list]
    return render(request, "public/inquiries.html", {"form": form, "page": page, "lines": lines})


@require_safe
def inquiry(request, slug):
    """An inquiry: its facts, every recommendation with what became of it, its progress reports."""
    inquiry = _inquiry(request.user, slug)
    editions = Prefetch("editions", ReportEdition.objects.defer("content"))
    reports = inquiry.progress_reports.visible_to(request.user).order_by("months_on").prefetch_related(editions)
    promises = promises_of(inquiry)
    context = {
        "inquiry": inquiry,
        "promises": promises,
        "answered_on": last_answer(promises),
        "reports": reports,
        "may_administer": can("administer", request.user, inquiry, timezone.localdate()),
        "may_withdraw": inquiry.is_public and not any(report.is_public for report in reports),
    }
    return render(request, "public/inquiry.html", context)


@require_safe
def recommendation(request, slug, reference):
    """One promise from recommendation to outcome."""
    inquiry = _inquiry(request.user, slug)
    try:
        promise = promise_of(inquiry, reference)
    except Recommendation.DoesNotExist:
        raise Http404 from None
    context = {"inquiry": inquiry, "promise": promise, "story": story_of(promise)}
    return render(request, "public/recommendation.html", context)


@require_safe
def committees(request):
    """The select committees."""
    chairs = Membership.objects.on(timezone.localdate()).chairing().filter(committee=OuterRef("pk"))
    every = Committee.objects.annotate(chair=Subquery(chairs.values("person__name")[:1]))
    return render(request, "public/committees.html", {"committees": every})


@require_safe
def committee(request, slug):
    """A committee: who sits on it now, its inquiries and its meetings."""
    committee = get_object_or_404(Committee, slug=slug)
    seats = committee.memberships.on(timezone.localdate()).select_related("person")
    visible = committee.inquiries.visible_to(request.user)
    now, meetings = timezone.now(), with_agendas(committee.meetings.all())
    context = {
        "committee": committee,
        "seats": sorted(seats, key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold())),
        "inquiries": visible.order_by(F("completed_on").desc(nulls_last=True), "title", "pk")[:LONG_LIST],
        "to_come": meetings.filter(start__gte=now).order_by("start")[:LONG_LIST],
        "past": meetings.filter(start__lt=now).order_by("-start")[:LONG_LIST],
    }
    return render(request, "public/committee.html", context)


@require_safe
def report(request, slug, months):
    """A progress report as the template prints it: the published words, or what this person may read before."""
    today = timezone.localdate()
    report = report_or_404(request.user, slug, months)
    reading = content_for(report, request.user, today)
    context = {
        "report": report,
        "reading": reading,
        "files": _files(reverse("public:report", args=[slug, months])),
        "others": [edition for edition in _editions(report) if edition != reading.edition],
        "actions": _actions(report, request.user, today),
    }
    return render(request, "public/report.html", context)


@require_safe
def edition(request, slug, months, number):
    """One edition as it was published."""
    report = report_or_404(request.user, slug, months)
    edition = get_object_or_404(report.editions, number=number)
    context = {
        "report": report,
        "reading": edition_reading(edition),
        "files": _files(reverse("public:edition", args=[slug, months, number])),
        "others": [other for other in _editions(report) if other != edition],
    }
    return render(request, "public/edition.html", context)


def _inquiry(person, slug):
    visible = Inquiry.objects.visible_to(person).select_related("committee")
    return get_object_or_404(visible, slug=slug)


def _files(page):
    """The forms in which a document can be had, beside its page: what `components/editions.html` asks for."""
    return [(label, f"{page.rstrip('/')}.{extension}") for label, extension in FORMATS]


def _editions(report):
    return report.editions.defer("content").order_by("-number")


def _actions(report, person, today):
    """What this person may do to the report now, as (words, address)."""
    if not person.is_authenticated:
        return []
    address = [report.inquiry.slug, report.months_on]
    actions = []
    if any(can("sign_off", person, sign_off, today) for sign_off in report.sign_offs.all()):
        actions.append(("Sign off or return updates", reverse("cabinet:sign_off", args=address)))
    for number in _open_numbers(report, person):
        actions.append((f"Write the update on {number}", reverse("officer:update", args=[*address, number])))
    if report.is_published and can("assess", person, report, today):
        actions.append(("Record the committee's assessment", reverse("committee:assess", args=address)))
    elif report.is_published and can("indicate", person, report, today):
        actions.append(("Note your indications", reverse("committee:assess", args=address)))
    if can("administer", person, report, today):
        actions.append(("Manage this report", reverse("clerk:manage", args=address)))
    return actions


def _open_numbers(report, person):
    """The numbers under which the updates are addressed that this person has still to write."""
    if report.stage != Stage.COMMISSIONED:
        return []
    first = Recommendation.objects.filter(response=OuterRef("response")).order_by("reference_key").values("reference")
    theirs = ProgressUpdate.objects.written_by(person).open().filter(report=report).in_order()
    return theirs.annotate(number=Subquery(first[:1])).values_list("number", flat=True)
