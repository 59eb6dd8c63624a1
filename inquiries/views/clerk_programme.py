"""A committee's work programme as clerks keep it, its standing items, and what is proposed for an agenda."""

from functools import partial

from django.contrib import messages
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from inquiries.actions import programme as actions
from inquiries.documents.typst_runner import PdfFailed
from inquiries.documents.work_programme import work_programme
from inquiries.forms.clerk_programme import DropEntryForm, EntryForm, ProposalsForm, StandingItemsForm
from inquiries.models import AgendaDocument, Committee, Entry, ProgrammeEntry
from inquiries.permissions import Refused
from inquiries.rules import USUAL_END, USUAL_START
from inquiries.views.clerk_meetings import agenda_breadcrumbs, agenda_url, item_or_404, meeting_or_404
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form

MOST_ENDED = 50
MOST_HISTORY = 50


@clerk_required
def programme(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    now, today = timezone.now(), timezone.localdate()
    shown = work_programme(committee, now=now, today=today, is_public=False)
    planned = {line.entry for part in shown.parts for line in part.lines}
    own = committee.programme_entries
    latest = own.ended().order_by(Coalesce("finished_at", "dropped_at").desc()).values("pk")[:MOST_ENDED]
    found = own.filter(Q(pk__in=own.open().values("pk")) | Q(pk__in=latest)).select_related("meeting", "item__meeting")
    entries = {entry.pk: entry for entry in found}
    ended = sorted((e for e in entries.values() if not e.is_open), key=ended_at, reverse=True)
    context = {
        "committee": committee,
        "parts": [(part, [(line, entries.get(line.entry)) for line in part.lines]) for part in shown.parts],
        "note": shown.note,
        "to_decide": [entry for entry in entries.values() if entry.is_open and entry.pk not in planned],
        "ended": ended,
        "papers": list(papers_with_programme(committee, now)),
        "standing": list(committee.standing_items.all()),
        "usual": USUAL_START + USUAL_END,
        "history": Entry.objects.about(committee, *entries.values())[:MOST_HISTORY].by_day(),
        "crumbs": programme_breadcrumbs(committee),
    }
    return render(request, "clerk/programme.html", context)


def ended_at(entry):
    return entry.finished_at or entry.dropped_at


def papers_with_programme(committee, now):
    papers = AgendaDocument.objects.on_agenda().filter(item__meeting__committee=committee, item__meeting__start__gt=now)
    papers = papers.exclude(programme_checksum="").filter(item__removed_at__isnull=True)
    return papers.select_related("item__meeting").defer("page_texts", "pages").order_by("item__meeting__start")


def programme_url(committee):
    return reverse("clerk:programme", args=[committee.slug])


def programme_breadcrumbs(committee, *more):
    way = [(committee.name, committee.get_absolute_url()), ("Work programme", programme_url(committee) if more else "")]
    return [*way, *((heading, "") for heading in more)]


def meetings_to_choose(committee, entry=None):
    to_come = list(committee.meetings.filter(start__gte=timezone.now(), cancelled_at__isnull=True).order_by("start"))
    recorded = entry.meeting if entry else None
    return to_come if recorded is None or recorded in to_come else [recorded, *to_come]


@clerk_required
def add_entry(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    form = EntryForm(bound_data(request), meetings=meetings_to_choose(committee), today=timezone.localdate())
    success = Success(programme_url(committee), "It is in the work programme.")
    context = {"committee": committee, "crumbs": programme_breadcrumbs(committee, "Add an entry")}
    return process_form(request, form, partial(actions.add_entry, committee), success, context)


@clerk_required
def change_entry(request, pk):
    entry = entry_or_404(pk)
    check_is_open(request, entry)
    meetings = meetings_to_choose(entry.committee, entry)
    form = EntryForm(bound_data(request), meetings=meetings, today=timezone.localdate(), entry=entry)
    return process_entry_form(request, entry, form, actions.change_entry, "The entry is changed.", "Change an entry")


@clerk_required
def finish_entry(request, pk):
    entry = entry_or_404(pk)
    check_is_open(request, entry)
    form = ConfirmForm(bound_data(request))
    return process_entry_form(request, entry, form, actions.finish_entry, f"“{entry}” is finished.", "Finish")


@clerk_required
def drop_entry(request, pk):
    entry = entry_or_404(pk)
    check_is_open(request, entry)
    form = DropEntryForm(bound_data(request))
    return process_entry_form(request, entry, form, actions.drop_entry, f"“{entry}” is dropped.", "Drop")


@clerk_required
def resume_entry(request, pk):
    """By one button: put what was finished or dropped back into the programme."""
    entry = entry_or_404(pk)
    if request.method == "POST":
        try:
            actions.resume_entry(entry, by=request.user, now=timezone.now())
            messages.success(request, f"“{entry}” is in the work programme again.")
        except Refused as refused:
            messages.warning(request, str(refused))
    return redirect(programme_url(entry.committee))


def entry_or_404(pk):
    return get_object_or_404(ProgrammeEntry.objects.select_related("committee", "meeting"), pk=pk)


def check_is_open(request, entry):
    # A person who has sent the form finds out on the form.
    if request.method != "POST":
        actions.check_open(entry)


def process_entry_form(request, entry, form, action, message, heading):
    success = Success(programme_url(entry.committee), message)
    crumbs = programme_breadcrumbs(entry.committee, heading)
    context = {"entry": entry, "committee": entry.committee, "crumbs": crumbs}
    return process_form(request, form, partial(action, entry), success, context)


@clerk_required
def standing_items(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    recorded = actions.standing_texts(committee)
    usual = {"start": "\n".join(USUAL_START), "end": "\n".join(USUAL_END)}
    is_new = not any(recorded.values())
    form = StandingItemsForm(bound_data(request), recorded=recorded)
    if is_new:
        form.initial |= usual
    success = Success(programme_url(committee), "The standing items are saved.")
    crumbs = programme_breadcrumbs(committee, "Standing items")
    context = {"committee": committee, "is_new": is_new, "crumbs": crumbs}
    return process_form(request, form, partial(actions.save_standing_items, committee), success, context)


@clerk_required
def agenda_proposals(request, pk):
    """What is proposed for an agenda, ticked; the chosen ones are added with one press."""
    meeting = meeting_or_404(pk)
    proposals = actions.propose_agenda(meeting, now=timezone.now(), today=timezone.localdate())
    form = ProposalsForm(bound_data(request), found=proposals.found)
    if request.method == "POST" and form.is_valid():
        keys, added = form.cleaned_data["proposals"], []

        def add(**by_and_now):
            added.append(actions.add_proposals(meeting, keys=keys, **by_and_now))

        if apply_action(form, add, by=request.user, now=timezone.now()):
            delete_draft(request)
            messages.success(request, describe_added(proposals, keys))
            return redirect(agenda_url(meeting))
    context = {
        "meeting": meeting,
        "proposals": proposals,
        "to_commission": [one for one in proposals.found if one.to_commission],
        "form": form,
        "draft": find_draft(request),
        "crumbs": agenda_breadcrumbs(meeting, "Proposals"),
    }
    return render(request, "clerk/agenda_proposals.html", context)


def describe_added(proposals, keys):
    titles = [f"“{one.title}”" for one in proposals.found if one.key in keys]
    return f"On the agenda: {get_text_list(titles, 'and')}."


@clerk_required
def add_programme_paper(request, pk, item):
    """By one button: the work programme as a paper of the item."""
    item = item_or_404(pk, item)
    if request.method == "POST":
        try:
            paper = actions.add_programme_paper(item, by=request.user, now=timezone.now())
            pages = f"{paper.page_count} page{'s' if paper.page_count > 1 else ''}"
            messages.success(request, f"The work programme is a paper of item {item.number} ({pages}).")
        except (Refused, PdfFailed) as refused:
            messages.warning(request, str(refused))
    return redirect(f"{agenda_url(item.meeting)}#item-{item.pk}")
