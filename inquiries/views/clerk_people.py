"""People: the list, one person, and the pages that change what is recorded about them."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.accounts.login_state import needs_second_factor
from inquiries.accounts.views import personal_data_file
from inquiries.actions import handover, merge_people, personal_data, sessions
from inquiries.actions import people as people_actions
from inquiries.actions.people import open_work, other_records_of, seats_and_portfolios, summarize_responsibilities
from inquiries.forms.clerk_people import (
    ChangeSeatForm,
    EndForm,
    EraseForm,
    GiveSeatForm,
    InviteForm,
    LeaverForm,
    MergeForm,
    PeopleSearch,
    PersonForm,
    PortfolioForm,
)
from inquiries.models import Entry, Person
from inquiries.permissions import Refused, check_can, rights_over
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form


def person_or_404(pk):
    return get_object_or_404(Person.objects.select_related("merged_into", "invited_by", "left_by", "director"), pk=pk)


def present_person(request, pk):
    person = person_or_404(pk)
    if request.method != "POST" and not person.is_active:
        raise Refused(f"{person} is not one of the current people.")
    return person


def person_url(person):
    return reverse("clerk:person", args=[person.pk])


def people_breadcrumbs(person=None, heading=""):
    way = [("People", reverse("clerk:people"))]
    if person is not None:
        way.append((person.name, person_url(person)))
    return [*way, (heading, "")] if heading else way


def person_context(person, heading, **context):
    return {"person": person, "crumbs": people_breadcrumbs(person, heading), **context}


# By the name of a page with a form about a person: its breadcrumb, and the message when it is done.
FORM_PAGES = {
    "send_invitation": ("Send an invitation", "The invitation is on its way."),
    "change_person": ("Change this record", "The record is changed."),
    "record_leaver": ("Record that they leave", "{} is recorded as a leaver."),
    "record_return": ("Record that they are back", "{} is back."),
    "give_seat": ("Give a seat", "{} has a seat."),
    "give_portfolio": ("Give a portfolio", "{} has the portfolio."),
    "change_seat": ("Change a seat", "The seat is changed."),
    "change_portfolio": ("Change a portfolio", "The portfolio is changed."),
    "end_seat": ("End a seat", "The last day is recorded."),
    "end_portfolio": ("End a portfolio", "The last day is recorded."),
    "end_sessions": ("", "They have been signed out everywhere."),
    "reset_second_factor": ("", "How they sign in has been reset."),
    "allow_second_factor": ("", "They can set up a second step within an hour."),
}


def process_person_form(request, person, form, action, **context):
    """As `process_form`, for an action about a person or (`partial`) their seat, which leads back to their page."""
    heading, message = FORM_PAGES[request.resolver_match.url_name]
    return process_form(
        request,
        form,
        action,
        Success(person_url(person), message.format(person)),
        person_context(person, heading, **context),
    )


PER_PAGE = 50
MOST_HISTORY = 50


@require_safe
@clerk_required
def people(request):
    today = timezone.localdate()
    form = PeopleSearch(request.GET)
    page = Paginator(form.found(today), PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    had = summarize_responsibilities(found, today)
    lines = [(person, had[person.pk]) for person in found]
    context = {"form": form, "page": page, "lines": lines, "crumbs": []}
    return render(request, "clerk/people.html", context)


@require_safe
@clerk_required
def person(request, pk):
    person, today = person_or_404(pk), timezone.localdate()
    seats, portfolios = seats_and_portfolios(person)
    merged, doubles = other_records_of(person)
    context = {
        "person": person,
        "today": today,
        "may": rights_over(request.user, person, today, "keep_people", "record_leaver", "merge_people"),
        "seats": seats,
        "portfolios": portfolios,
        "work": open_work(person),
        "may_be_allowed": settings.OIDC_SERVER and needs_second_factor(person) and person.pk != request.user.pk,
        "merged": merged,
        "doubles": doubles,
        "history": Entry.objects.about(person, *merged, *seats, *portfolios)[:MOST_HISTORY].by_day(),
        "crumbs": people_breadcrumbs(),
    }
    return render(request, "clerk/person.html", context)


@clerk_required
def invite(request):
    form = InviteForm(bound_data(request), today=timezone.localdate())
    made = []

    def action(**values):
        made.append(people_actions.invite(**values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and apply_action(form, action, **form.cleaned_data):
        delete_draft(request)
        invited = f"{made[0]} is invited: an e-mail is on its way." if made[0].email else f"{made[0]} is on record."
        messages.success(request, invited)
        return redirect("clerk:person", made[0].pk)
    context = {"form": form, "draft": find_draft(request), "crumbs": people_breadcrumbs(heading="Invite a person")}
    return render(request, "clerk/invite.html", context)


@clerk_required
def send_invitation(request, pk):
    person = present_person(request, pk)
    if request.method != "POST" and not person.email:
        raise Refused(f"{person} has no e-mail address. Enter one first.")
    form = ConfirmForm(bound_data(request))
    return process_person_form(request, person, form, partial(people_actions.send_invitation, person))


@clerk_required
def change_person(request, pk):
    person = present_person(request, pk)
    form = PersonForm(bound_data(request), person=person)
    return process_person_form(request, person, form, partial(people_actions.change_person, person))


@clerk_required
def record_leaver(request, pk):
    person, today = present_person(request, pk), timezone.localdate()
    # Who has sent the form finds out on it.
    if request.method != "POST":
        check_can("record_leaver", request.user, person, today)
    work = open_work(person)
    every_seat = [seat for seats in seats_and_portfolios(person) for seat in seats]
    seats = [seat for seat in every_seat if seat.until_date is None or seat.until_date > today]
    form = LeaverForm(bound_data(request), person=person, work=work, today=today)
    action = partial(handover.record_leaver, person)
    return process_person_form(request, person, form, action, today=today, work=work, seats=seats)


@clerk_required
def record_return(request, pk):
    person = person_or_404(pk)
    if request.method != "POST" and (person.is_active or person.merged_at or person.erased_at):
        raise Refused("Only a person who has left can come back.")
    form = ConfirmForm(bound_data(request))
    return process_person_form(request, person, form, partial(handover.record_return, person))


@clerk_required
def merge_person(request, pk):
    person = person_or_404(pk)
    if request.method != "POST" and (person.merged_at or person.erased_at or person.email):
        raise Refused("Only a record without an e-mail address can be merged into another.")
    form = MergeForm(bound_data(request) or (request.GET if "into" in request.GET else None), person=person)
    into = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
    sides = [one for one in (person, into) if one]
    summaries = summarize_responsibilities(sides, timezone.localdate())
    return process_form(
        request,
        form,
        partial(merge_people.merge_person, person),
        Success(person_url(into or person), f"The record of {person} is merged."),
        person_context(
            person,
            "Merge with another record",
            into=into,
            sides=[(one, summaries[one.pk]) for one in sides],
            moving=merge_people.preview_merge(person, into) if into else None,
            doubles=[] if into else people_actions.likely_duplicates(person.name, apart_from=person),
        ),
    )


@clerk_required
def give_seat(request, pk):
    return process_new_seat(request, pk, GiveSeatForm)


@clerk_required
def give_portfolio(request, pk):
    return process_new_seat(request, pk, PortfolioForm)


def process_new_seat(request, pk, form_class):
    person, form = present_person(request, pk), form_class(bound_data(request), today=timezone.localdate())
    return process_person_form(request, person, form, partial(people_actions.give_seat, person))


@clerk_required
def change_seat(request, pk, seat):
    seat = seat_or_404(pk, "memberships", seat)
    return process_seat(request, seat, ChangeSeatForm(bound_data(request), seat=seat), people_actions.change_seat)


@clerk_required
def change_portfolio(request, pk, seat):
    seat = seat_or_404(pk, "cabinet_seats", seat)
    return process_seat(request, seat, PortfolioForm(bound_data(request), seat=seat), people_actions.change_seat)


@clerk_required
def end_seat(request, pk, seat):
    return process_end(request, seat_or_404(pk, "memberships", seat))


@clerk_required
def end_portfolio(request, pk, seat):
    return process_end(request, seat_or_404(pk, "cabinet_seats", seat))


def process_end(request, seat):
    form = EndForm(bound_data(request), seat=seat, today=timezone.localdate())
    return process_seat(request, seat, form, people_actions.end_seat)


def process_seat(request, seat, form, action):
    return process_person_form(request, seat.person, form, partial(action, seat), seat=seat)


def seat_or_404(pk, seats, seat):
    return get_object_or_404(getattr(person_or_404(pk), seats).select_related(), pk=seat)


@clerk_required
def end_sessions(request, pk):
    person = person_or_404(pk)
    return process_person_form(
        request, person, ConfirmForm(bound_data(request)), partial(sessions.end_sessions, person)
    )


@clerk_required
def reset_second_factor(request, pk):
    person = person_or_404(pk)
    return process_person_form(
        request, person, ConfirmForm(bound_data(request)), partial(sessions.reset_second_factor, person)
    )


@clerk_required
def allow_second_factor(request, pk):
    person = person_or_404(pk)
    return process_person_form(
        request, person, ConfirmForm(bound_data(request)), partial(sessions.allow_second_factor, person)
    )


@clerk_required
def export_person(request, pk):
    person = get_object_or_404(Person, pk=pk)
    if request.method == "POST":
        return personal_data_file(personal_data.export_person(person, by=request.user, now=timezone.now()))
    return render(request, "clerk/export_person.html", person_context(person, "Export their data"))


@clerk_required
def erase_person(request, pk):
    person = get_object_or_404(Person.objects.select_related("merged_into", "erased_by"), pk=pk)
    now = timezone.now()
    preview = personal_data.erasure_preview(person, now, search_editions=False)
    form = EraseForm(bound_data(request), person=person)
    erase = partial(personal_data.erase_person, person, by=request.user, now=now)
    if request.method == "POST" and form.is_valid() and apply_action(form, erase):
        delete_draft(request)
        name = person.name
        person.refresh_from_db()
        kept = f" {personal_data.NAME_KEPT}" if person.name == name else ""
        messages.success(request, f"The personal data of {person} are erased.{kept}")
        return redirect("clerk:person", person.pk)
    context = person_context(person, "Erase their data", preview=preview, form=form, draft=find_draft(request))
    return render(request, "clerk/erase_person.html", context)
