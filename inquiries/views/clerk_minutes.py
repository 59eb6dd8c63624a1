"""After a meeting: attendance, outcomes, what is published of them, the draft and the signed minutes."""

from functools import partial

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries import rules
from inquiries.actions import minutes
from inquiries.choices import Presence, SeatRole, Stage
from inquiries.documents.minutes import USUAL_PHRASES
from inquiries.documents.minutes_docx import minutes_docx, resolutions_docx
from inquiries.documents.recorded_minutes import (
    SEATS,
    ended_since_outcomes,
    items_of,
    proposed_outcomes,
    recorded_minutes,
    resolutions,
)
from inquiries.forms.clerk_minutes import (
    AttendanceForm,
    OutcomesForm,
    PublishMinutesForm,
    SignedMinutesForm,
    WithdrawMinutesForm,
)
from inquiries.models import Meeting, MinutesEdition, Person, ProgressUpdate, SignedMinutes
from inquiries.models.minutes import with_minutes_state
from inquiries.rules import Refused
from inquiries.views.clerk_meetings import agenda_breadcrumbs, meeting_or_404
from inquiries.views.clerk_reports import may_end_recommendations
from inquiries.views.dashboard import minutes_steps
from inquiries.views.downloads import file_response
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import Success, apply_action, bound_data, clerk_required, process_form

MINUTES = "After the meeting"


@require_safe
@clerk_required
def minutes_page(request, pk):
    meeting = held_meeting_or_404(pk)
    items = items_of(meeting)
    content = recorded_minutes(meeting, items=items, exempt=True)
    editions = list(meeting.minutes_editions.select_related("published_by", "withdrawn_by"))
    published = minutes.minutes_from_json(editions[-1].content) if is_current(editions) else None
    public = recorded_minutes(meeting, items=items) if any(one.exempt for one in content.minutes) else content
    context = {
        "meeting": meeting,
        "content": content,
        "steps": minutes_steps(meeting),
        "is_changed": published is not None and published != public,
        "is_published": published is not None,
        "editions": editions,
        "signed": list(meeting.signed_minutes.select_related("signed_meeting", "uploaded_by", "withdrawn_by")),
        "has_reports": any(item.report_id for item in items),
        "ended_since": ended_since_outcomes(meeting, items),
        "to_end": [item.report for item in items if may_end_recommendations_of(item, meeting)],
        "crumbs": agenda_breadcrumbs(meeting, MINUTES),
    }
    return render(request, "clerk/minutes.html", context)


def may_end_recommendations_of(item, meeting):
    if item.report is None or item.report.meeting_id != meeting.pk:
        return False
    item.report.meeting = meeting
    return may_end_recommendations(item.report)


def waits_for_ratings(item, meeting):
    report = item.report
    return report is not None and report.meeting_id == meeting.pk and report.stage == Stage.PUBLISHED


def is_current(editions):
    return bool(editions) and editions[-1].withdrawn_at is None


def held_meeting_or_404(pk):
    """The meeting, with how far its minutes are (see `with_minutes_state`)."""
    now = timezone.now()
    meetings = with_minutes_state(Meeting.objects.select_related("committee", "cancelled_by", "minutes"), now)
    meeting = get_object_or_404(meetings, pk=pk)
    rules.check_was_held(meeting, now)
    return meeting


def minutes_crumbs(meeting, heading):
    *way, _ = agenda_breadcrumbs(meeting, "")
    return [*way, (MINUTES, reverse("clerk:minutes", args=[meeting.pk])), (heading, "")]


# --- Attendance ---


@clerk_required
def attendance(request, pk):
    meeting = held_meeting_or_404(pk)
    seats = list(meeting.committee.memberships.on(meeting.day).select_related("person"))
    seats.sort(key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold()))
    recorded = minutes.attendance_values(meeting)
    keys = {int(name.removeprefix("presence_")) for name in recorded if name.startswith("presence_")}
    members = [seat.person for seat in seats if seat.role != SeatRole.SUBSTITUTE]
    # Who was recorded as a member and whose seat was corrected since.
    others = keys.difference(one.pk for one in members)
    members += Person.objects.filter(pk__in=others).by_name() if others else []
    officers, guests = people_of_reports(meeting)
    first = {f"presence_{one.pk}": Presence.PRESENT for one in members} | {"officers": [request.user]}
    form = AttendanceForm(
        bound_data(request),
        members=members,
        items=items_of(meeting),
        officers=list(dict.fromkeys([*recorded["officers"], *officers])),
        guests=list(dict.fromkeys([*recorded["guests"], *guests])),
        recorded=recorded,
        initial=recorded if meeting.has_attendance else recorded | first,
    )
    context = {
        "meeting": meeting,
        "substitutes": [seat.person for seat in seats if seat.role == SeatRole.SUBSTITUTE],
        "crumbs": minutes_crumbs(meeting, "Attendance"),
    }
    action = partial(minutes.record_attendance, meeting)
    success = Success(reverse("clerk:minutes", args=[meeting.pk]), "Attendance is recorded.")
    return process_form(request, form, action, success, context)


def people_of_reports(meeting):
    """The officers and the Cabinet Members of the reports on this agenda, and the clerks among the officers."""
    reports = list(meeting.items.on_agenda().filter(report__isnull=False).values_list("report", flat=True))
    updates = ProgressUpdate.objects.filter(report__in=reports)
    of_reports = Q(pk__in=updates.values("response__lead_officer")) | Q(pk__in=updates.values("contributors"))
    officers = Person.objects.present().filter(Q(is_clerk=True) | of_reports).by_name()
    guests = Person.objects.filter(sign_offs__report__in=reports).distinct().by_name()
    return list(officers), list(guests)


# --- Outcomes ---


@clerk_required
def outcomes(request, pk):
    meeting = held_meeting_or_404(pk)
    items = items_of(meeting)
    recorded = minutes.outcome_values(meeting, items)
    content = recorded_minutes(meeting, items=items)
    proposed = proposed_outcomes(meeting, items, content)
    data = bound_data(request)
    if request.method == "POST":
        data = with_words_taken_over(data, items, proposed)
    form = OutcomesForm(data, items=items, recorded=recorded)
    use = request.POST.get("use", "") if request.method == "POST" else ""
    record = partial(minutes.record_outcomes, meeting, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and apply_action(form, record, **form.cleaned_data):
        delete_draft(request)
        if use:
            return redirect(f"{request.path}#{anchor_of(use, items)}")
        messages.success(request, "The outcomes are recorded.")
        return redirect("clerk:minutes", meeting.pk)
    lines = [
        outcome_line(form, item, proposed[item.pk])
        | {"may_end": may_end_recommendations_of(item, meeting), "is_unconfirmed": waits_for_ratings(item, meeting)}
        for item in items
    ]
    context = {
        "meeting": meeting,
        "form": form,
        "draft": find_draft(request),
        "lines": lines,
        "to_take_over": sum(1 for line in lines if line["proposed"] and not line["text"]),
        "phrases": USUAL_PHRASES,
        "has_reports": any(item.report_id for item in items),
        "crumbs": minutes_crumbs(meeting, "Outcomes"),
    }
    return render(request, "clerk/outcomes.html", context)


def outcome_line(form, item, proposed):
    text = (form[f"outcome_{item.pk}"].value() or "").replace("\r\n", "\n").strip()
    return {
        "item": item,
        "outcome": form[f"outcome_{item.pk}"],
        "exempt": form[f"exempt_{item.pk}"],
        "paragraph": form[f"paragraph_{item.pk}"],
        "has_exempt": bool(form[f"exempt_{item.pk}"].value()),
        "text": text,
        "proposed": "" if proposed == text else proposed,
    }


def with_words_taken_over(data, items, proposed):
    """What was posted, with the words of the button that was pressed in their place: proposed ones for every item
    without an outcome ("all"), for one item ("12:proposed"), or a usual phrase ("12:Noted")."""
    key, _, words = data.get("use", "").partition(":")
    phrases, data = dict(USUAL_PHRASES), data.copy()
    for item in items:
        name = f"outcome_{item.pk}"
        if key == "all" and proposed[item.pk] and not data.get(name, "").strip():
            data[name] = proposed[item.pk]
        elif key == str(item.pk):
            data[name] = proposed[item.pk] if words == "proposed" else phrases.get(words, data.get(name, ""))
    return data


def anchor_of(use, items):
    key = use.partition(":")[0]
    return f"item-{key}" if key in {str(item.pk) for item in items} else "items"


# --- Published, signed, withdrawn ---


@clerk_required
def publish_minutes(request, pk):
    meeting = held_meeting_or_404(pk)
    content = recorded_minutes(meeting)
    editions = list(meeting.minutes_editions.all())
    form = PublishMinutesForm(bound_data(request), is_correction=bool(editions), seen=minutes.minutes_version(content))
    context = {
        "meeting": meeting,
        "content": content,
        "obstacles": minutes.publication_obstacles(meeting, content),
        "is_as_published": is_current(editions) and minutes.minutes_from_json(editions[-1].content) == content,
        "is_correction": bool(editions),
        "crumbs": minutes_crumbs(meeting, "Publish what was decided"),
    }
    success = Success(reverse("clerk:minutes", args=[meeting.pk]), "What was decided is published.")
    return process_form(request, form, partial(minutes.publish_minutes, meeting), success, context)


@clerk_required
def add_signed_minutes(request, pk):
    meeting = held_meeting_or_404(pk)
    if meeting.has_signed and request.method != "POST":
        raise Refused("The signed minutes of this meeting are here already. Withdraw them first.")
    later = Meeting.objects.filter(committee=meeting.committee_id, cancelled_at__isnull=True)
    later = later.filter(start__gt=meeting.start, start__lte=timezone.now()).select_related("committee")
    files = request.FILES if request.method == "POST" else None
    form = SignedMinutesForm(bound_data(request), files, later_meetings=list(later.order_by("start")[:20]))
    success = Success(reverse("clerk:minutes", args=[meeting.pk]), "The signed minutes are published.")

    def add(*, file, signed_meeting, **by_and_now):
        signed = minutes.add_signed_minutes(meeting, file, signed_meeting=signed_meeting, **by_and_now)
        if file.cleaned:
            messages.info(request, f"On receipt: {' '.join(file.cleaned)}")
        return signed

    context = {"meeting": meeting, "crumbs": minutes_crumbs(meeting, "Signed minutes")}
    return process_form(request, form, add, success, context)


@clerk_required
def withdraw_edition(request, pk, number):
    return withdraw(request, get_object_or_404(MinutesEdition.objects.public(), meeting=pk, number=number))


@clerk_required
def withdraw_signed(request, pk, signed):
    return withdraw(request, get_object_or_404(SignedMinutes.objects.public(), meeting=pk, pk=signed))


def withdraw(request, published):
    meeting = meeting_or_404(published.meeting_id)
    form = WithdrawMinutesForm(bound_data(request))
    success = Success(reverse("clerk:minutes", args=[meeting.pk]), "It is withdrawn.")
    context = {"meeting": meeting, "published": published, "crumbs": minutes_crumbs(meeting, "Withdraw")}
    return process_form(request, form, partial(minutes.withdraw_minutes, published), success, context)


# --- Files ---


@require_safe
@clerk_required
def draft_minutes(request, pk):
    """The draft minutes as they are recorded now, with what is not for publication."""
    meeting = held_meeting_or_404(pk)
    data = minutes_docx(recorded_minutes(meeting, exempt=True))
    name = f"{meeting.committee.slug}-{meeting.day.isoformat()}-draft-minutes.docx"
    return file_response(HttpResponse(data), name, "docx", private=True)


@require_safe
@clerk_required
def resolutions_file(request, pk):
    meeting = held_meeting_or_404(pk)
    items = items_of(meeting)
    resolved = resolutions(meeting, items)
    words = [(str(item), resolved[item.pk]) for item in items if item.pk in resolved]
    data = resolutions_docx(recorded_minutes(meeting, items=items), words)
    name = f"{meeting.committee.slug}-{meeting.day.isoformat()}-resolutions.docx"
    return file_response(HttpResponse(data), name, "docx", private=True)
