"""A meeting called, changed, cancelled; its agenda put together item by item."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions import meetings
from inquiries.choices import ItemKind
from inquiries.deadlines import deadlines_for
from inquiries.documents.content import long_date
from inquiries.forms.clerk.meetings import (
    AddItemForm,
    CallMeetingForm,
    CancelMeetingForm,
    ChangeItemForm,
    CommitteeQuestion,
    MeetingForm,
    MoveForm,
    ReportQuestion,
)
from inquiries.models import AgendaItem, AgendaPack, Meeting
from inquiries.rules import Refused
from inquiries.views.clerk.agenda_page import agenda_page
from inquiries.views.clerk.guard import answer, clerks_only, done, typed
from inquiries.views.clerk.reports import ConfirmForm
from inquiries.views.kept_words import forget_words, kept_words


@clerks_only
def call_meeting(request):
    """A new meeting of a committee, with the usual items if wished."""
    initial = {"committee": CommitteeQuestion(request.GET).found(), "usual_items": True}
    form = CallMeetingForm(typed(request), usual_titles=meetings.USUAL_ITEMS, initial=initial)
    call = partial(meetings.call_meeting, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and done(form, call, **form.cleaned_data):
        forget_words(request)
        called = Meeting.objects.get(**{name: form.cleaned_data[name] for name in ("committee", "start")})
        messages.success(request, "The meeting is called.")
        _warn_of_the_past(request, called)
        return redirect(agenda_address(called))
    way = [("Your work", reverse("public:home")), ("Call a meeting", "")]
    return render(request, "clerk/call_meeting.html", {"form": form, "kept_words": kept_words(request), "crumbs": way})


@require_safe
@clerks_only
def agenda(request, pk):
    """The page from which a clerk works on an agenda: facts, dates, items with their papers, packs, history."""
    meeting = meeting_or_404(pk)
    shown = agenda_page(meeting, now=timezone.now(), today=timezone.localdate())
    return render(request, "clerk/agenda.html", {**shown, "crumbs": crumbs(meeting)})


@clerks_only
def change_meeting(request, pk):
    """Another day, time or venue."""
    meeting = meeting_or_404(pk)
    _refuse_cancelled(request, meeting)
    answered = answer(
        request,
        MeetingForm(typed(request), meeting=meeting),
        partial(meetings.change_meeting, meeting, by=request.user, now=timezone.now()),
        page="clerk/change_meeting.html",
        then=agenda_address(meeting),
        said="The meeting is changed.",
        context={
            "meeting": meeting,
            "reports": list(meeting.progress_reports.select_related("inquiry")),
            "published": _has_public_pack(meeting),
            "crumbs": crumbs(meeting, "Change the meeting"),
        },
    )
    if answered.status_code == 302:
        _warn_of_the_past(request, meeting_or_404(pk))
    return answered


@clerks_only
def cancel_meeting(request, pk):
    """Say that the meeting does not take place."""
    meeting = meeting_or_404(pk)
    _refuse_cancelled(request, meeting)
    return answer(
        request,
        CancelMeetingForm(typed(request)),
        partial(meetings.cancel_meeting, meeting, by=request.user, now=timezone.now()),
        page="clerk/cancel_meeting.html",
        then=agenda_address(meeting),
        said="The meeting is cancelled.",
        context={
            "meeting": meeting,
            "reports": list(meeting.progress_reports.select_related("inquiry")),
            "is_told": meetings.cancelling_is_told(meeting, timezone.now()),
            "crumbs": crumbs(meeting, "Cancel the meeting"),
        },
    )


@clerks_only
def add_item(request, pk):
    """Put an item on the agenda; on to its papers where it carries some."""
    meeting = meeting_or_404(pk)
    report = ReportQuestion(request.GET, meeting=meeting).found()
    items = list(meeting.items.standing())
    form = AddItemForm(typed(request), meeting=meeting, items=items, report=report)
    added = []

    def add(**values):
        added.append(meetings.add_item(meeting, **values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and done(form, add, **form.cleaned_data):
        forget_words(request)
        return _after_adding(request, meeting, added[0])
    context = {"meeting": meeting, "form": form, "kept_words": kept_words(request)}
    return render(request, "clerk/add_item.html", context | {"crumbs": crumbs(meeting, "Add an item")})


@clerks_only
def change_item(request, pk, item):
    """Other words for an item, or another thing to carry."""
    item = item_or_404(pk, item)
    form = ChangeItemForm(typed(request), item=item, last_issue=last_issue(item.meeting))
    return answer(
        request,
        form,
        partial(meetings.change_item, item, by=request.user, now=timezone.now()),
        page="clerk/item.html",
        then=agenda_address(item.meeting),
        said=f"Item {item.number} is changed.",
        context={"item": item, "meeting": item.meeting, "crumbs": crumbs(item.meeting, f"Item {item.number}")},
    )


@clerks_only
def move_item(request, pk, item):
    """Move an item to another number; back to the agenda, on the button that was pressed."""
    item = item_or_404(pk, item)
    form, before = MoveForm(request.POST), item.number
    move = partial(meetings.move_item, item, by=request.user, now=timezone.now())
    # Whoever comes by a link (after signing in again, say) has pressed nothing.
    if request.method == "POST" and form.is_valid() and done(form, move, **form.cleaned_data):
        item.refresh_from_db()
        messages.success(request, f"“{item.title}” is now item {item.number}.")
    last = item.meeting.items.standing().count()
    return redirect(f"{agenda_address(item.meeting)}#{button_id('item', item.pk, before, item.number, last)}")


@clerks_only
def remove_item(request, pk, item):
    """Take an item off the agenda, with its papers."""
    item = item_or_404(pk, item)
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(meetings.remove_item, item, by=request.user, now=timezone.now()),
        page="clerk/remove_item.html",
        then=agenda_address(item.meeting),
        said=f"“{item.title}” is off the agenda.",
        context={
            "item": item,
            "meeting": item.meeting,
            "papers": list(item.documents.standing().defer("words", "pages")),
            "published": _has_public_pack(item.meeting),
            "crumbs": crumbs(item.meeting, f"Take item {item.number} off the agenda"),
        },
    )


def meeting_or_404(pk):
    """The meeting with its committee."""
    return get_object_or_404(Meeting.objects.select_related("committee", "cancelled_by"), pk=pk)


def item_or_404(pk, item):
    """An item that stands on the agenda of the meeting `pk`."""
    items = AgendaItem.objects.standing().select_related("meeting__committee", "report__inquiry")
    return get_object_or_404(items, meeting=pk, pk=item)


def agenda_address(meeting):
    """Where the agenda of a meeting is worked on."""
    return reverse("clerk:agenda", args=[meeting.pk])


def last_issue(meeting):
    """The number of the last supplement into which something can be put: the one that gathers, or a later one."""
    used = [*meeting.items.standing().values_list("supplement", flat=True), *_supplements_of_papers(meeting)]
    return max([meetings.open_supplement(meeting), *used]) + 1


def button_id(kind, pk, before, after, last):
    """The id of the button on the agenda that takes the focus after a move; at an end the other one is left."""
    up = after < before
    if after == 1:
        up = False
    elif after == last:
        up = True
    return f"{kind}-{'up' if up else 'down'}-{pk}"


def crumbs(meeting, *more):
    """The way to a page about `meeting`; `more` are the words of the pages below it."""
    way = [("Your work", reverse("public:home")), (meeting.committee.name, meeting.committee.get_absolute_url())]
    return [*way, (f"Agenda, {long_date(meeting.day)}", agenda_address(meeting)), *((words, "") for words in more)]


def _after_adding(request, meeting, item):
    messages.success(request, f"Item {item.number} is on the agenda.")
    if item.kind == ItemKind.PAPERS and not item.to_follow:
        return redirect("clerk:add_paper", meeting.pk, item.pk)
    return redirect(agenda_address(meeting))


def _warn_of_the_past(request, meeting):
    if meeting.start < timezone.now():
        messages.warning(request, "This meeting is in the past. If that is a mistake, change its day.")
    elif deadlines_for(meeting).publication < timezone.localdate():
        day = long_date(deadlines_for(meeting).publication)
        messages.warning(request, f"The last day to publish its agenda, {day}, has passed.")


def _refuse_cancelled(request, meeting):
    # Whoever has sent the form finds out on the form, beside what they wrote.
    if meeting.cancelled_at is not None and request.method != "POST":
        raise Refused("This meeting has been cancelled.")


def _has_public_pack(meeting):
    return AgendaPack.objects.public().filter(meeting=meeting).exists()


def _supplements_of_papers(meeting):
    standing = meeting.items.standing().filter(documents__removed_at__isnull=True)
    return [number for number in standing.values_list("documents__supplement", flat=True) if number is not None]
