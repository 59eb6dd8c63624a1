"""An inquiry recorded step by step: details, recommendations, Cabinet's response, check answers; and undone."""

from collections import Counter, defaultdict
from functools import partial

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST, require_safe

from inquiries import rules
from inquiries.actions import inquiries
from inquiries.actions import responses as response_actions
from inquiries.actions.people import add_person
from inquiries.actions.records import mark_of
from inquiries.documents.content import long_date
from inquiries.forms.clerk_record import (
    FIRST_ROWS,
    MOST_ROWS,
    CorrectRecommendationForm,
    CorrectResponseForm,
    CorrectResponsesForm,
    InquiryForm,
    RecommendationRows,
    RecommendationSourceForm,
    ResponseRows,
    ResponseSourceForm,
    count_filled,
    found_recommendations_as_posted,
    found_responses_as_posted,
    row_numbers,
    rows_as_posted,
)
from inquiries.models import CabinetMember, CouncilSettings, Draft, Inquiry, Response
from inquiries.permissions import Refused, can
from inquiries.views.clerk_inquiries import recommendation_or_404, recommendation_url
from inquiries.views.clerk_people import person_url
from inquiries.views.dashboard import Task
from inquiries.views.drafts import (
    WRITER,
    DraftTooLong,
    delete_draft,
    draft_data,
    find_draft,
    is_writer,
    save_draft,
)
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form

TOO_LONG = "It is too long to be looked through at once. Record it in two parts"


@clerk_required
def add_inquiry(request):
    form = InquiryForm(bound_data(request), files=request.FILES or None, initial={"completed_body": "Cabinet"})
    made = []

    def action(**values):
        made.append(inquiries.add_inquiry(**values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and apply_action(form, action, **form.cleaned_data):
        delete_draft(request)
        messages.success(request, "The inquiry is recorded. You can leave this page at any time and go on later.")
        return redirect("clerk:record_inquiry", made[0].slug)
    crumbs = [("Inquiries", reverse("public:inquiries")), ("Record an inquiry", "")]
    return render(request, "clerk/add_inquiry.html", {"form": form, "draft": find_draft(request), "crumbs": crumbs})


@require_safe
@clerk_required
def record_inquiry(request, slug):
    """The task list."""
    inquiry = inquiry_or_404(slug)
    context = {
        "inquiry": inquiry,
        "tasks": recording_tasks(inquiry, request.user),
        "today": timezone.localdate(),
        "is_being_recorded": inquiry.is_being_recorded,
        "crumbs": record_breadcrumbs(inquiry),
    }
    return render(request, "clerk/record_inquiry.html", context)


@clerk_required
def change_inquiry(request, slug):
    inquiry = inquiry_or_404(slug)
    return process_form(
        request,
        InquiryForm(bound_data(request), files=request.FILES or None, inquiry=inquiry),
        partial(inquiries.change_inquiry, inquiry),
        Success(record_url(inquiry), "The details are saved."),
        {"inquiry": inquiry, "crumbs": record_breadcrumbs(inquiry, "Details")},
    )


@clerk_required
def delete_inquiry(request, slug):
    inquiry = inquiry_or_404(slug)
    if request.method != "POST":
        inquiries.check_is_being_recorded(inquiry)
    addresses = [record_url(inquiry, name) for name in RECORDING_PAGES]

    def action(**by):
        with transaction.atomic():
            inquiries.delete_inquiry(inquiry, **by)
            # Another inquiry may be recorded at these addresses.
            Draft.objects.filter(address__in=addresses).delete()

    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        action,
        Success(reverse("public:inquiries"), f"The inquiry “{inquiry}” is deleted."),
        {
            "inquiry": inquiry,
            "recommendations": inquiry.recommendations.count(),
            "responses": inquiry.responses.count(),
            "crumbs": record_breadcrumbs(inquiry, "Delete"),
        },
    )


# Recommendations


@clerk_required
def recommendations(request, slug):
    """Those that are recorded, and a text or file of more."""
    inquiry = inquiry_or_404(slug)
    recorded = list(inquiry.recommendations.in_order())
    form = RecommendationSourceForm(bound_data(request), files=request.FILES or None)
    if request.method == "POST" and form.is_valid():
        make_rows = partial(found_recommendations_as_posted, form.found, recorded)
        if keep_rows(request, form, make_rows, record_url(inquiry, "add_recommendations")):
            return redirect("clerk:add_recommendations", inquiry.slug)
    context = {
        "inquiry": inquiry,
        "form": form,
        "recommendations": recorded,
        "waiting": rows_waiting(request.user, inquiry)["add_recommendations"],
        "is_being_recorded": inquiry.is_being_recorded,
        "draft": find_draft(request),
        "crumbs": record_breadcrumbs(inquiry, "Recommendations"),
    }
    return render(request, "clerk/recommendations.html", context)


@clerk_required
def add_recommendations(request, slug):
    """The rows of what was read, or empty ones to be typed."""
    inquiry = inquiry_or_404(slug)
    recorded = list(inquiry.recommendations.in_order())
    first = [{"reference": ""}] * FIRST_ROWS
    make_rows = partial(RecommendationRows, recorded=recorded)

    def record(rows):
        inquiries.add_recommendations(inquiry, rows.values(), by=request.user, now=timezone.now())
        return f"Recorded: {counted(len(rows.filled_rows), 'recommendation')}."

    return process_rows(request, inquiry, make_rows, record, first=first, more=first, heading="Recommendations")


@clerk_required
def correct_recommendation(request, pk):
    recommendation = recommendation_or_404(pk)
    inquiry = recommendation.inquiry
    if request.method != "POST":
        inquiries.check_is_being_recorded(inquiry)
    recorded = {name: getattr(recommendation, name) for name in ("reference", "text")}
    return process_form(
        request,
        CorrectRecommendationForm(bound_data(request), recorded=recorded),
        partial(inquiries.correct_recommendation, recommendation),
        Success(record_url(inquiry, "check_inquiry"), "The recommendation is corrected."),
        {
            "recommendation": recommendation,
            "crumbs": record_breadcrumbs(inquiry, f"Correct {recommendation.reference}"),
        },
    )


@clerk_required
def delete_recommendation(request, pk):
    recommendation = recommendation_or_404(pk)
    inquiry = recommendation.inquiry
    if request.method != "POST":
        inquiries.check_is_being_recorded(inquiry)
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(inquiries.delete_recommendation, recommendation),
        Success(record_url(inquiry, "recommendations"), f"Recommendation {recommendation.reference} is deleted."),
        {"recommendation": recommendation, "crumbs": record_breadcrumbs(inquiry, "Delete a recommendation")},
    )


# Responses


@clerk_required
def responses(request, slug):
    """Those that are recorded, and a text or file of more."""
    inquiry = inquiry_or_404(slug)
    known = list(inquiry.recommendations.in_order())
    form = ResponseSourceForm(bound_data(request), files=request.FILES or None, recommendations=known)
    if request.method == "POST" and form.is_valid():
        make_rows = partial(found_responses_as_posted, form.found, known)
        if keep_rows(request, form, make_rows, record_url(inquiry, "add_responses")):
            return redirect("clerk:add_responses", inquiry.slug)
    context = {
        "inquiry": inquiry,
        "form": form,
        "recommendations": known,
        "responses": list(responses_of(inquiry)),
        "unanswered": [one.reference for one in known if is_unanswered(one)],
        "waiting": rows_waiting(request.user, inquiry)["add_responses"],
        "draft": find_draft(request),
        "crumbs": record_breadcrumbs(inquiry, "Cabinet’s response"),
    }
    return render(request, "clerk/responses.html", context)


@clerk_required
def add_responses(request, slug):
    inquiry = inquiry_or_404(slug)
    known = list(inquiry.recommendations.in_order())
    shared = ("responded_on", "cabinet_member", "responding_body")
    last = inquiry.responses.exclude(responded_on=None).order_by("-responded_on", "-pk").values(*shared).first()
    make_rows = partial(ResponseRows, recommendations=known, seats=present_seats(), recorded=last or {})
    first = [{"answers": one.reference} for one in known if is_unanswered(one)]

    def record(rows):
        given, new_people = rows.values()
        response_actions.record_responses(inquiry, given, new_people=new_people, by=request.user, now=timezone.now())
        names = ", ".join(details["name"] for details in new_people.values())
        return f"Recorded: {counted(len(given), 'response')}." + (f" New people: {names}." if names else "")

    more = [{"answers": ""}]
    return process_rows(
        request, inquiry, make_rows, record, first=first or more, more=more, heading="Cabinet’s response"
    )


@clerk_required
def correct_response(request, pk):
    response = response_or_404(pk)
    inquiry, known = response.inquiry, list(response.inquiry.recommendations.in_order())
    may_set_date = inquiry.is_being_recorded and not response.target_date_changes.exists()
    form = CorrectResponseForm(bound_data(request), response=response, recommendations=known, may_set_date=may_set_date)
    back = back_url(inquiry, next((one for one in known if one.response_id == pk), None))
    return process_form(
        request,
        form,
        partial(correct_all_of_response, response),
        Success(back, "The response is corrected."),
        {"response": response, "back": back, "crumbs": record_breadcrumbs(inquiry, "Correct the response")},
    )


@clerk_required
def correct_responses(request, slug):
    """The day and the Cabinet Member of all responses at once."""
    inquiry = inquiry_or_404(slug)
    given = list(responses_of(inquiry))
    return process_form(
        request,
        CorrectResponsesForm(bound_data(request), responses=given, seats=present_seats()),
        partial(response_actions.correct_responses, inquiry, seen=request.POST.get("seen", "")),
        Success(record_url(inquiry, "check_inquiry"), "The responses are changed."),
        {
            "inquiry": inquiry,
            "groups": responses_by_day_and_member(given),
            "mark": response_actions.mark_of_responses(given),
            "crumbs": record_breadcrumbs(inquiry, "All responses"),
        },
    )


def present_seats():
    return list(CabinetMember.objects.on(timezone.localdate()).select_related("person").order_by("portfolio", "pk"))


def responses_by_day_and_member(given):
    """(day, Cabinet Member, references) of the responses that have both in common, in the order of their numbers."""
    groups = defaultdict(list)
    for one in given:
        groups[one.responded_on, one.cabinet_member].append(one.references)
    return [(day, member, ", ".join(references)) for (day, member), references in groups.items()]


@transaction.atomic
def correct_all_of_response(response, *, recommendations, new_lead_officer, based_on, by, now, **values):
    given = {"based_on": based_on, "by": by, "now": now}
    if new_lead_officer:
        values["lead_officer"] = add_person(**new_lead_officer, by=by, now=now)
    if mark_of(response_actions.numbers_of(recommendations)) != (based_on or {}).get("recommendations"):
        response_actions.regroup_response(response, recommendations=recommendations, **given)
    if "target_date" in values:
        response_actions.set_first_target_date(response, target_date=values.pop("target_date"), **given)
    response_actions.correct_response(response, **values, **given)


@clerk_required
def remove_response(request, pk):
    response = response_or_404(pk)
    inquiry = response.inquiry
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(response_actions.remove_response, response),
        Success(record_url(inquiry, "responses"), f"The response to {response.references} is removed."),
        {"response": response, "crumbs": record_breadcrumbs(inquiry, "Remove a response")},
    )


# A last look


@require_safe
@clerk_required
def check_inquiry(request, slug):
    inquiry = inquiry_or_404(slug)
    known = list(inquiry.recommendations.in_order())
    given = list(responses_of(inquiry))
    by_key = {one.pk: one for one in given}
    report_months = CouncilSettings.current().report_months
    reports = list(inquiry.progress_reports.values_list("months_on", flat=True))
    context = {
        "inquiry": inquiry,
        "details": details_of(inquiry),
        "lines": [(one, by_key.get(one.response_id)) for one in known],
        "responses": given,
        "groups": responses_by_day_and_member(given),
        "doubts": list(recording_doubts(inquiry, known, given)),
        "next_report": next_report(given, reports, report_months),
        "is_being_recorded": not inquiry.is_public and not reports,
        "crumbs": record_breadcrumbs(inquiry, "Check answers"),
    }
    return render(request, "clerk/check_inquiry.html", context)


def details_of(inquiry):
    """(label, words) of what the page "Details" asks."""
    dated = {name: long_date(day) if (day := getattr(inquiry, name)) else "" for name in ("received_on", "notice_on")}
    return [
        ("Title", inquiry.title),
        ("Committee", inquiry.committee.name),
        ("Report completed", inquiry.completion),
        ("Received by Cabinet", dated["received_on"]),
        *([("Notice given", dated["notice_on"])] if inquiry.notice_on else []),
        ("Response due", long_date(due) if (due := inquiry.response_due) else ""),
        ("Summary", inquiry.summary),
        ("The committee’s report", "PDF" if inquiry.report_file else ""),
    ]


def next_report(given, reports, report_months):
    """After how many months the next progress report is due, and on which day; None while nothing is accepted."""
    days = [one.responded_on for one in given if one.responded_on and one.is_accepted]
    if not days:
        return None
    months = rules.next_report_months(max(reports, default=0), report_months)
    return months, rules.add_months(max(days), months)


NO_MEMBER = "No Cabinet Member is named who signs off the updates:"
NO_DAY = "When Cabinet responded is not recorded:"
FOR_ALL = (NO_MEMBER, NO_DAY)


def recording_doubts(inquiry, known, given):
    """(sentence, links to where it is mended) of what a careful clerk would ask before publishing."""
    enter = [("Enter it", record_url(inquiry, "change_inquiry"))]
    for_all = ("for all at once", record_url(inquiry, "correct_responses"))
    if inquiry.received_on is None:
        yield "When Cabinet received the report is not recorded, so no date for its response is known.", enter
    if inquiry.completed_on is None:
        yield "When the inquiry report was completed is not recorded.", enter
    if missing := rules.missing_numbers([one.reference for one in known]):
        add = [("Add what is missing", record_url(inquiry, "recommendations"))]
        yield f"There is no recommendation {get_text_list(missing, 'or')}.", add
    if unanswered := [one.reference for one in known if is_unanswered(one)]:
        add = [("Add the response", record_url(inquiry, "responses"))]
        yield f"No response to {get_text_list(unanswered, 'and')} is recorded.", add
    accepted = [one for one in given if one.is_accepted]
    unreachable = [one for one in accepted if one.lead_officer and not one.lead_officer.email]
    found = [
        ("No lead officer is named, so nobody can be asked for an update:", without("lead_officer", accepted)),
        (NO_MEMBER, without("cabinet_member", accepted)),
        (NO_DAY, without("responded_on", given)),
        ("The response has no text:", [one for one in given if not one.answer.strip()]),
        ("The target date is before the response:", [one for one in accepted if is_due_before_response(one)]),
    ]
    for sentence, about in found:
        if about:
            links = [(one.references, reverse("clerk:correct_response", args=[one.pk])) for one in about]
            yield sentence, [*links, for_all] if sentence in FOR_ALL and len(links) > 1 else links
    if unreachable:
        people = {one.lead_officer.pk: one.lead_officer for one in unreachable}.values()
        yield "No e-mail address is recorded of the lead officer", [(str(one), person_url(one)) for one in people]


def without(name, given):
    return [one for one in given if getattr(one, name) is None]


def is_due_before_response(response):
    dates = response.target_date, response.responded_on
    return all(dates) and dates[0] < dates[1]


# What these pages share

RECORDING_PAGES = ("change_inquiry", "recommendations", "add_recommendations", "responses", "add_responses")


def inquiry_or_404(slug):
    return get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)


def response_or_404(pk):
    found = Response.objects.select_related("inquiry__committee", "lead_officer", "cabinet_member")
    return get_object_or_404(found.prefetch_related("recommendations"), pk=pk)


def responses_of(inquiry):
    found = inquiry.responses.in_order().select_related("lead_officer", "cabinet_member")
    return found.prefetch_related("recommendations")


def is_unanswered(recommendation):
    return recommendation.response_id is None and not recommendation.ended_as


def record_url(inquiry, name="record_inquiry"):
    return reverse(f"clerk:{name}", args=[inquiry.slug])


def back_url(inquiry, recommendation):
    """Where a correction leads back to: the last look, or what the public sees."""
    if inquiry.is_being_recorded:
        return record_url(inquiry, "check_inquiry")
    return recommendation_url(inquiry, recommendation)


def record_breadcrumbs(inquiry, heading=""):
    way = [(inquiry.title, inquiry.get_absolute_url())]
    return [*way, ("Record", record_url(inquiry)), (heading, "")] if heading else [*way, ("Record", "")]


def counted(count, name):
    return f"{count} {name}{pluralize(count)}"


def rows_waiting(person, inquiry):
    """How many rows the person has read or typed and not recorded: {name of the page: count}."""
    addresses = {record_url(inquiry, name): name for name in ("add_recommendations", "add_responses")}
    drafts = Draft.objects.filter(person=person, address__in=addresses)
    return Counter({addresses[draft.address]: count_filled(draft.posted) for draft in drafts})


def save_rows(request, address, posted):
    """Make rows the draft of their page. Raises DraftTooLong for more than the page shows, too."""
    if len(row_numbers(posted)) > MOST_ROWS:
        raise DraftTooLong
    save_draft(request.user, address, posted, now=timezone.now())


def keep_rows(request, form, make_rows, address):
    """Keep what was read as a draft of the page with the rows, after those that wait there already."""
    earlier = Draft.objects.filter(person=request.user, address=address).first()
    try:
        save_rows(request, address, make_rows(earlier.posted if earlier else None))
    except DraftTooLong:
        form.add_error(None, TOO_LONG)
        return False
    delete_draft(request)
    return True


def process_rows(request, inquiry, make_rows, record, *, first, more, heading):
    """The page with rows: shown from the draft (at first `first`), extended by `more`, kept for later, or recorded."""
    data = request.POST if request.method == "POST" else draft_data(request) or rows_as_posted(first)
    action, problems = request.POST.get("action"), []
    if action in ("more", "later"):
        try:
            posted = rows_as_posted(more, after=data) if action == "more" else data
            save_rows(request, request.path, posted)
        except DraftTooLong:
            problems = [(TOO_LONG, "")]
        else:
            return redirect(
                f"{request.path}#row-{max(row_numbers(data), default=-1) + 2}"
                if action == "more"
                else record_url(inquiry)
            )
    rows = make_rows(data, is_sent=action == "record")
    if action == "record" and rows.is_valid():
        if len(row_numbers(data)) > MOST_ROWS:
            problems = [(TOO_LONG, "")]
        elif not rows.filled_rows:
            problems = [("There is nothing to record yet: fill in at least one", "#row-1")]
        else:
            try:
                message = record(rows)
            except (Refused, ValidationError) as error:
                problems = [(sentence, "") for sentence in getattr(error, "messages", [str(error)])]
            else:
                delete_draft(request)
                messages.success(request, message)
                return redirect(record_url(inquiry))
    context = {
        "inquiry": inquiry,
        "rows": rows,
        "autosave_url": f"{request.path}autosave/",
        "draft": find_draft(request),
        "error_list": [*problems, *rows.problems()],
        "crumbs": record_breadcrumbs(inquiry, heading),
    }
    return render(request, f"clerk/{request.resolver_match.url_name}.html", context)


@require_POST
def autosave_rows(request, slug, page):
    """Keep a draft of the rows while they are typed; answers in JSON (see static/js/autosave.js)."""
    address = reverse(f"clerk:{page}", args=[slug])
    if not request.user.is_authenticated:
        return JsonResponse({"sign_in": redirect_to_login(address).url}, status=401)
    if not can("administer", request.user, None, timezone.localdate()):
        raise Http404
    inquiry_or_404(slug)
    if WRITER in request.POST and not is_writer(request):
        return JsonResponse({"message": "You are signed in as another person."}, status=403)
    if not row_numbers(request.POST):
        return JsonResponse({"message": "The text could not be read."}, status=400)
    try:
        save_rows(request, address, request.POST)
    except DraftTooLong:
        return JsonResponse({"errors": {"text": [TOO_LONG]}}, status=400)
    return JsonResponse({"saved_at": f"{timezone.localtime():%H:%M}"})


def recording_tasks(inquiry, person):
    counts = inquiry.recommendations.aggregate(
        recorded=Count("pk"), answered=Count("pk", filter=Q(response__isnull=False) | ~Q(ended_as=""))
    )
    recorded, answered, waiting = counts["recorded"], counts["answered"], rows_waiting(person, inquiry)
    not_recorded = {name: f"{count} read or typed, not recorded yet" for name, count in waiting.items()}
    is_dated = inquiry.received_on is not None
    return [
        Task(
            "Details",
            record_url(inquiry, "change_inquiry"),
            "" if is_dated else "When Cabinet received the report is still to be entered",
            None,
            *(COMPLETED if is_dated else IN_PROGRESS),
        ),
        Task(
            "Recommendations",
            record_url(inquiry, "recommendations"),
            not_recorded.get("add_recommendations") or (f"{recorded} recorded" if recorded else ""),
            None,
            *(IN_PROGRESS if "add_recommendations" in waiting else COMPLETED if recorded else NOT_STARTED),
        ),
        Task(
            "Cabinet’s response",
            record_url(inquiry, "responses") if recorded else "",
            not_recorded.get("add_responses", ""),
            inquiry.response_due if answered < recorded else None,
            *response_status(recorded, answered, "add_responses" in waiting),
        ),
        Task(
            "Check answers",
            record_url(inquiry, "check_inquiry") if recorded else "",
            "",
            None,
            *((("Public", "green") if inquiry.is_public else TO_PUBLISH) if recorded else CANNOT_START),
        ),
    ]


COMPLETED, IN_PROGRESS, NOT_STARTED = ("Completed", ""), ("In progress", "light-blue"), ("Not yet started", "blue")
CANNOT_START, TO_PUBLISH = ("Cannot start yet", ""), ("Not public", "yellow")


def response_status(recorded, answered, is_waiting):
    if not recorded:
        return CANNOT_START
    if answered == recorded:
        return COMPLETED
    if answered:
        return f"{answered} of {recorded}", "light-blue"
    return IN_PROGRESS if is_waiting else NOT_STARTED
