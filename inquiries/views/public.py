"""Public pages: home, inquiries, committees, published reports; more of them for people who work on a report."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import (
    ACCEPTED_DECISIONS,
    NOT_COUNTED_ENDINGS,
    Decision,
    Ending,
    FactPrecision,
    LetterStep,
    Stage,
    TrackerState,
)
from inquiries.documents.content import ReportContent, Row, from_json
from inquiries.documents.forward_plan import forward_plan as planned_for
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.documents.work_programme import work_programme as programme_of
from inquiries.forms.public import InquiryQuestion, InquirySearch
from inquiries.models import (
    Committee,
    FormerCouncil,
    FormerFile,
    Inquiry,
    Meeting,
    Membership,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
)
from inquiries.permissions import can, rights_over
from inquiries.rules import natural_key, next_letter
from inquiries.views.clerk_reports import may_end_recommendations
from inquiries.views.dashboard import your_work
from inquiries.views.meetings import latest_agendas, seats_in_order, with_agendas

PER_PAGE = 20
SHORT_LIST = 5
LONG_LIST = 10
# What lists of inquiries show, and their order.
IN_LISTS = (
    *("title", "slug", "completed_on", "completed_precision", "completed_body", "published_at"),
    "committee__name",
)
LATEST_FIRST = (F("completed_on").desc(nulls_last=True), "title", "pk")
FORMATS = (("PDF", "pdf"), ("Word", "docx"), ("CSV (for a spreadsheet)", "csv"), ("JSON (for a program)", "json"))


@require_safe
def home(request):
    today = timezone.localdate()
    to_come = Meeting.objects.filter(start__gte=timezone.now()).select_related("committee").order_by("start")
    meetings = with_agendas(to_come)
    context = {"today": today, "form": InquiryQuestion(), "meetings": meetings[:SHORT_LIST]}
    if request.user.is_authenticated:
        return render(request, "public/your_work.html", context | your_work(request.user, today))
    published = ProgressReport.objects.at_stage(Stage.PUBLISHED, Stage.ASSESSED).order_by("-published_at")
    shown = *(f"{fact}_{part}" for fact in ("published", "assessed") for part in ("at", "precision")), "months_on"
    related = "inquiry__title", "inquiry__slug", "inquiry__committee__name", "meeting__start"
    context["reports"] = published.select_related("inquiry__committee", "meeting").only(*shown, *related)[:SHORT_LIST]
    agendas = latest_agendas().only("supplement", "published_at", "meeting__start", "meeting__committee__name")
    context["agendas"] = agendas[:SHORT_LIST]
    return render(request, "public/home.html", context)


@require_safe
def inquiries(request):
    visible = Inquiry.objects.visible_to(request.user).select_related("committee").only(*IN_LISTS)
    form = InquirySearch(request.GET, inquiries=visible)
    found = form.found().order_by(*LATEST_FIRST)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    # Where words are searched for, finding what has them takes longest: once for counting and for the page.
    rows = (
        found.order_by().aggregate(keys=ArrayAgg("pk", order_by=LATEST_FIRST, default=[]))["keys"] if words else found
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = page.object_list
    if words:
        by_key = visible.in_bulk(shown)
        shown = [by_key[key] for key in shown if key in by_key]
    figures = accepted_figures(shown)
    lines = [(inquiry, figures.get(inquiry.pk, "No recommendation accepted yet")) for inquiry in shown]
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "former_councils": FormerCouncil.objects.all(),
        "former_inquiries": FormerFile.objects.inquiries_titled(words)[:LONG_LIST] if words else (),
    }
    return render(request, "public/inquiries.html", context)


@require_safe
def inquiry(request, slug):
    inquiry = get_visible_inquiry(request.user, slug)
    reports = inquiry.progress_reports.visible_to(request.user).order_by("months_on")
    # Whoever sees the inquiry sees every report that has an edition.
    reports = reports.prefetch_related(Prefetch("editions", latest_editions()))
    published = rows_of_editions(edition for report in reports for edition in report.editions.all())
    timelines = build_timelines(inquiry.recommendations.select_related("response__lead_officer"), published)
    due, response_date = inquiry.response_due, last_response_date(timelines)
    is_awaited = any(t.recommendation.response is None and not t.recommendation.ended_as for t in timelines)
    may_administer, today = can("administer", request.user, inquiry, timezone.localdate()), timezone.localdate()
    letters = list(inquiry.response_letters.select_related("sent_by")) if may_administer and due else []
    context = {
        "inquiry": inquiry,
        "timelines": timelines,
        "response_date": response_date,
        "is_answered": any(t.recommendation.response for t in timelines),
        "undated": [t.recommendation.reference for t in timelines if is_undated(t.recommendation.response)],
        "is_awaited": is_awaited,
        "may_commission": any(t.recommendation.response and t.recommendation.response.is_accepted for t in timelines),
        "days_late": max((response_date - due).days, 0) if response_date and due else 0,
        "is_response_overdue": is_awaited and due is not None and due < today,
        "shows_no_response": is_awaited and due is not None and inquiry.no_response_at is not None,
        "ladder": letter_ladder(inquiry, letters, is_awaited, today) if letters or (is_awaited and due) else None,
        "today": today,
        "reports": reports,
        "may_administer": may_administer,
        "next_report": next_report(inquiry, reports, may_administer),
        "may_withdraw": inquiry.is_public and not any(report.is_public for report in reports),
    }
    return render(request, "public/inquiry.html", context)


def is_undated(response):
    return response is not None and response.responded_on is None


def letter_ladder(inquiry, letters, is_awaited, today):
    """What the page shows to clerks: each letter with what was sent, and the next step with its day."""
    sent = {letter.step: letter for letter in letters}
    due, days = inquiry.response_due, {letter.step: letter.sent_on for letter in letters}
    following, day = next_letter(due, days, today) if due and is_awaited else (None, None)
    return {
        "lines": [(step, sent.get(step)) for step in LetterStep],
        "next": following,
        "day": day,
        "is_awaited": is_awaited,
        "is_last_step": is_awaited and due is not None and following is None and inquiry.no_response_at is None,
    }


def next_report(inquiry, reports, may_administer):
    """Of how many months the next report is, and when it is due; None where none is, or a clerk sees one under way."""
    if may_administer and any(report.stage != Stage.ASSESSED for report in reports):
        return None
    rows = inquiry.tracker_rows.filter(published=not may_administer, state=TrackerState.BETWEEN_REPORTS)
    return rows.order_by("months_due_on").values("months", "months_due_on").first()


@require_safe
def recommendation(request, slug, reference):
    inquiry = get_visible_inquiry(request.user, slug)
    try:
        timeline = recommendation_timeline(inquiry, reference)
    except Recommendation.DoesNotExist:
        raise Http404 from None
    context = {"inquiry": inquiry, "timeline": timeline, "events": timeline_events(timeline)}
    return render(request, "public/recommendation.html", context)


@require_safe
def committees(request):
    chairs = Membership.objects.on(timezone.localdate()).chairing().filter(committee=OuterRef("pk"))
    every = Committee.objects.annotate(chair=Subquery(chairs.values("person__name")[:1]))
    context = {"committees": every, "former_councils": FormerCouncil.objects.all()}
    return render(request, "public/committees.html", context)


@require_safe
def committee(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    visible = committee.inquiries.visible_to(request.user)
    now, meetings = timezone.now(), with_agendas(committee.meetings.all())
    context = {
        "committee": committee,
        "seats": seats_in_order(committee, timezone.localdate()),
        "inquiries": visible.only(*IN_LISTS).order_by(*LATEST_FIRST)[:LONG_LIST],
        "to_come": meetings.filter(start__gte=now).order_by("start")[:LONG_LIST],
        "past": meetings.filter(start__lt=now).order_by("-start")[:LONG_LIST],
    }
    return render(request, "public/committee.html", context)


@require_safe
def forward_plan(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    now, today = timezone.now(), timezone.localdate()
    is_clerk = can("administer", request.user, committee, today)
    plan = planned_for(committee, now=now, today=today, is_public=not is_clerk)
    crumbs = [("Committees", reverse("public:committees")), (committee.name, committee.get_absolute_url())]
    context = {"committee": committee, "plan": plan, "today": today, "crumbs": crumbs}
    return render(request, "public/forward_plan.html", context)


@require_safe
def work_programme(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    now, today = timezone.now(), timezone.localdate()
    context = {
        "committee": committee,
        "programme": programme_of(committee, now=now, today=today),
        "today": today,
        "crumbs": [("Committees", reverse("public:committees")), (committee.name, committee.get_absolute_url())],
    }
    return render(request, "public/work_programme.html", context)


@require_safe
def report(request, slug, months):
    today = timezone.localdate()
    report = report_or_404(request.user, slug, months)
    visible = visible_report(report, request.user, today)
    context = {
        "report": report,
        "visible": visible,
        "files": report_formats(reverse("public:report", args=[slug, months])),
        "others": [edition for edition in editions_of(report) if edition != visible.edition],
        "actions": report_actions(report, request.user, today),
    }
    return render(request, "public/report.html", context)


@require_safe
def edition(request, slug, months, number):
    report = report_or_404(request.user, slug, months)
    edition = get_object_or_404(report.editions, number=number)
    context = {
        "report": report,
        "visible": report_of_edition(edition),
        "files": report_formats(reverse("public:edition", args=[slug, months, number])),
        "others": [other for other in editions_of(report) if other != edition],
    }
    return render(request, "public/edition.html", context)


def get_visible_inquiry(person, slug):
    inquiries = Inquiry.objects.filter(slug=slug).select_related("committee")
    # What is public is found without looking for what the person works on.
    if found := inquiries.public().first() or inquiries.visible_to(person).first():
        return found
    raise Http404


def report_formats(page):
    return [(label, f"{page.rstrip('/')}.{extension}") for label, extension in FORMATS]


def editions_of(report):
    return report.editions.defer("content").order_by("-number")


def report_actions(report, person, today):
    """What this person may do to the report now, as (text, address)."""
    if not person.is_authenticated:
        return []
    address = [report.inquiry.slug, report.months_on]
    actions = []
    if any(can("sign_off", person, sign_off, today) for sign_off in report.sign_offs.all()):
        actions.append(("Sign off or return updates", reverse("cabinet:sign_off", args=address)))
    for number in open_update_references(report, person):
        actions.append((f"Write the update on {number}", reverse("officer:update", args=[*address, number])))
    after_publication = ("assess", "indicate", "correct_assessment", "set_action_point") if report.is_published else ()
    may = rights_over(person, report, today, "administer", *after_publication)
    if "assess" in may:
        actions.append(("Record the committee's assessment", reverse("committee:assess", args=address)))
    elif "indicate" in may:
        actions.append(("Note your indications", reverse("committee:assess", args=address)))
    if report.stage == Stage.ASSESSED and "correct_assessment" in may:
        actions.append(("Correct an assessment", reverse("committee:corrections", args=address)))
    if "set_action_point" in may:
        actions.append(("Actions where the committee has concerns", reverse("committee:action_points", args=address)))
    if "administer" in may:
        if may_end_recommendations(report):
            actions.append(("End recommendations", reverse("clerk:end_recommendations", args=address)))
        actions.append(("Manage this report", reverse("clerk:manage", args=address)))
    return actions


def open_update_references(report, person):
    """The numbers under which the updates are addressed that this person has still to write."""
    if report.stage != Stage.COMMISSIONED:
        return []
    first = Recommendation.objects.filter(response=OuterRef("response")).order_by("reference_key").values("reference")
    theirs = ProgressUpdate.objects.written_by(person).open().filter(report=report).in_order()
    return theirs.annotate(number=Subquery(first[:1])).values_list("number", flat=True)


# What one person sees of a report


@dataclass(frozen=True)
class VisibleReport:
    """What one person sees of a report, and why.

    `edition` is the published edition it is from, None for working text; `is_complete` is False where only the rows
    that are the person's own are shown; `is_revised` says that the edition is being worked on again.
    """

    content: ReportContent
    edition: ReportEdition | None = None
    is_complete: bool = True
    is_revised: bool = False


@dataclass(frozen=True)
class PublishedRow:
    """What one published edition says about a recommendation."""

    edition: ReportEdition
    content: ReportContent
    row: Row

    @property
    def report(self):
        return self.edition.report

    @property
    def day(self):
        return self.content.update_date or timezone.localdate(self.edition.published_at)

    @property
    def assessed(self):
        return self.edition.after_meeting


def report_or_404(person, slug, months):
    """The report that `person` may read at least a part of, with what its content needs; else Http404."""
    reports = for_content().filter(inquiry__slug=slug, months_on=months)
    if not person.is_authenticated:
        # They read an edition, never the working text, which says who signs.
        return get_object_or_404(reports.public().prefetch_related(None))
    # What is public is found without looking for what the person works on.
    found = None if person.is_clerk else reports.public().first()
    return found or get_object_or_404(reports.filter(pk__in=ProgressReport.objects.visible_to(person).values("pk")))


def visible_report(report, person, today):
    """What `person`, who may see `report`, reads of it today.

    While it is published everybody reads the latest edition. Before, and while it is reopened, clerks
    and the Cabinet Members who sign it read all of the working text, lead officers and contributors the rows
    that are theirs; the exempt words only those who may. Everybody else still reads the latest edition.
    """
    if not report.is_published and person.is_authenticated:
        if can("administer", person, report, today) or any(
            sign_off.person_id == person.pk for sign_off in report.sign_offs.all()
        ):
            exempt = can("see_exempt", person, report, today)
            return VisibleReport(progress_report_content(report, exempt=exempt))
        theirs = ProgressUpdate.objects.written_by(person)
        content = progress_report_content(report, updates=theirs)
        if content.rows:
            return VisibleReport(content, is_complete=False)
    edition = latest_editions().get(report=report)
    return VisibleReport(from_json(edition.content), edition, is_revised=is_being_revised(report, edition))


def report_of_edition(edition):
    return VisibleReport(from_json(edition.content), edition)


def latest_editions():
    latest = ReportEdition.objects.filter(report=OuterRef("report")).order_by("-number").values("number")[:1]
    return ReportEdition.objects.filter(number=Subquery(latest))


def published_rows(inquiry):
    """What the public reads about each recommendation of `inquiry`, in the order of the reports.

    Returns {natural key of the number: [PublishedRow]}.
    """
    editions = latest_editions().filter(report__inquiry=inquiry).select_related("report").order_by("report__months_on")
    for edition in editions:
        edition.report.inquiry = inquiry
    return rows_of_editions(editions)


def rows_of_editions(editions):
    """As `published_rows`, of the latest editions of an inquiry in the order of their reports."""
    found = {}
    for edition in editions:
        content = from_json(edition.content)
        for row in content.rows:
            for reference in row.references:
                found.setdefault(natural_key(reference), []).append(PublishedRow(edition, content, row))
    return found


def is_being_revised(report, edition):
    # Reopened after the meeting, it is still published, but its ratings are being revised.
    return not report.is_published or (edition.after_meeting and report.stage != Stage.ASSESSED)


# Each recommendation and what became of it, from the records and the published editions only


@dataclass(frozen=True)
class RecommendationTimeline:
    recommendation: Recommendation
    published: tuple[PublishedRow, ...]
    answered_with: tuple[str, ...]  # the numbers of the other recommendations that the same response answers

    @property
    def assessed_rows(self):
        return tuple(row for row in self.published if row.assessed)


@dataclass(frozen=True)
class TimelineEvent:
    """`kind` is responded, moved, reported or ended; `about` the record."""

    day: date | None
    kind: str
    about: object
    precision: str = "day"


def inquiry_timelines(inquiry):
    return build_timelines(with_response(inquiry.recommendations), published_rows(inquiry))


def build_timelines(recommendations, published):
    """Of all recommendations of an inquiry, in order; `published` as `published_rows` has it."""
    answered = defaultdict(list)
    for recommendation in recommendations:
        if recommendation.response_id:
            answered[recommendation.response_id].append(recommendation.reference)
    return [
        RecommendationTimeline(
            recommendation,
            tuple(published.get(recommendation.reference_key, ())),
            tuple(one for one in answered[recommendation.response_id] if one != recommendation.reference),
        )
        for recommendation in recommendations
    ]


def recommendation_timeline(inquiry, reference):
    """Raises Recommendation.DoesNotExist."""
    # By its key: that takes "1A" for "1a", and nothing of a hostile address reaches the database.
    key = natural_key(reference)
    recommendation = with_response(inquiry.recommendations).get(reference_key=key)
    others = inquiry.recommendations.exclude(pk=recommendation.pk).values_list("reference", flat=True)
    response = recommendation.response_id
    return RecommendationTimeline(
        recommendation,
        tuple(published_rows(inquiry).get(key, ())),
        tuple(others.filter(response=response)) if response else (),
    )


def last_response_date(timelines):
    responses = (timeline.recommendation.response for timeline in timelines)
    return max((response.responded_on for response in responses if response and response.responded_on), default=None)


def timeline_events(timeline):
    """Events oldest first; those without a day come first."""
    recommendation, response = timeline.recommendation, timeline.recommendation.response
    events = []
    if response is not None:
        events.append(TimelineEvent(response.responded_on, "responded", response))
        for change in response.target_date_changes.all():
            events.append(TimelineEvent(timezone.localdate(change.changed_at), "moved", change))
    events += [TimelineEvent(row.day, "reported", row, row.content.update_precision) for row in timeline.published]
    if recommendation.ended_as:
        ended = recommendation.ended_on if recommendation.ended_precision != FactPrecision.UNKNOWN else None
        events.append(TimelineEvent(ended, "ended", recommendation, recommendation.ended_precision))
    return sorted(events, key=lambda event: event.day or date.min)


def with_response(recommendations):
    related = recommendations.select_related("response__lead_officer", "ended_meeting__committee")
    return related.prefetch_related("response__target_date_changes")


def accepted_figures(inquiries):
    """{key of the inquiry: what became of its accepted recommendations, in words}; none where none was accepted.

    "Assessed" is what the committee has rated in a published report.
    """
    accepted = Recommendation.objects.filter(
        inquiry__in=[inquiry.pk for inquiry in inquiries], response__decision__in=ACCEPTED_DECISIONS
    )
    rated = ProgressUpdate.objects.filter(response=OuterRef("response"), assessment__isnull=False)
    counted = (
        accepted.order_by()
        .annotate(is_assessed=Exists(rated.filter(report__editions__after_meeting=True)))
        .values("inquiry", "ended_as", "is_assessed", "response__decision")
        .annotate(count=Count("pk"))
    )
    lines = defaultdict(list)
    for line in counted:
        lines[line["inquiry"]].append(line)
    return {inquiry: describe_accepted(found) for inquiry, found in lines.items()}


def describe_accepted(lines):
    """ "3 accepted (1 of them in principle): 0 implemented, 3 not yet assessed. Not counted: 1 superseded." """

    def total(found):
        return sum(line["count"] for line in found)

    counted = [line for line in lines if line["ended_as"] not in NOT_COUNTED_ENDINGS]
    in_principle = total(line for line in counted if line["response__decision"] == Decision.IN_PRINCIPLE)
    is_open = [line for line in counted if not line["ended_as"]]
    parts = [
        (total(line for line in counted if line["ended_as"] == Ending.IMPLEMENTED), "implemented"),
        (total(line for line in is_open if line["is_assessed"]), "assessed and still open"),
        (total(line for line in is_open if not line["is_assessed"]), "not yet assessed"),
        *(
            (total(line for line in counted if line["ended_as"] == ending), ending.label.lower())
            for ending in (Ending.NOT_DELIVERED, Ending.NO_LONGER_FEASIBLE)
        ),
    ]
    shown = ", ".join(f"{count} {label}" for count, label in parts if count or label == "implemented")
    principle = f" ({in_principle} of them in principle)" if in_principle else ""
    left_out = ", ".join(
        f"{count} {ending.label.lower()}"
        for ending in NOT_COUNTED_ENDINGS
        if (count := total(line for line in lines if line["ended_as"] == ending))
    )
    sentence = f"{total(counted)} accepted{principle}" + (f": {shown}" if counted else "")
    return f"{sentence}. Not counted: {left_out}." if left_out else sentence
