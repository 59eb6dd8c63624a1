"""Asking for a progress report, and moving its dates."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import progress
from inquiries.documents.progress_report import for_content
from inquiries.forms.clerk.reports import CommissionForm, RescheduleForm
from inquiries.models import CabinetMember, Inquiry, Person
from inquiries.permissions import Refused
from inquiries.views.clerk.guard import clerks_only, done, typed
from inquiries.views.clerk.reports import crumbs
from inquiries.views.kept_words import forget_words, kept_words


@clerks_only
def commission(request, slug):
    """Which report, for which meeting, by when; and what it will ask for."""
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    open_ones = inquiry.responses.open().in_order().select_related("lead_officer", "cabinet_member")
    responses = list(open_ones.prefetch_related("recommendations"))
    named = list(dict.fromkeys(r.cabinet_member for r in responses if r.cabinet_member and r.cabinet_member.is_active))
    make = partial(
        CommissionForm,
        committee=inquiry.committee,
        now=timezone.now(),
        used=list(inquiry.progress_reports.values_list("months_on", flat=True)),
        people=_cabinet().exclude(pk__in=[person.pk for person in named]),
    )
    form = _filled(request, make)
    if _is_to_be_done(request, form) and done(form, _commission, request, inquiry, form):
        forget_words(request)
        return redirect("clerk:manage", slug, form.cleaned_data["months_on"])
    context = {
        "inquiry": inquiry,
        "responses": responses,
        "named": named,
        "leaderless": [r for r in responses if r.lead_officer is None],
        "unreachable": [r for r in responses if r.lead_officer and not _can_be_told(r.lead_officer)],
        "form": form,
        "kept_words": kept_words(request),
        "crumbs": [("Your work", reverse("public:home")), (inquiry.title, inquiry.get_absolute_url())],
    }
    return render(request, "clerk/commission.html", context)


@clerks_only
def reschedule(request, slug, months):
    """Other dates, another meeting, other Cabinet Members."""
    report = get_object_or_404(for_content(), inquiry__slug=slug, months_on=months)
    if report.published_at is not None and request.method != "POST":
        raise Refused("The report has been published: reopen it before you change its dates.")
    signing = [sign_off.person_id for sign_off in report.sign_offs.all()]
    people = Person.objects.filter(Q(pk__in=signing) | Q(pk__in=_cabinet().values("pk"))).by_name()
    make = partial(RescheduleForm, committee=report.inquiry.committee, now=timezone.now(), report=report, people=people)
    form = _filled(request, make)
    if _is_to_be_done(request, form) and done(form, _reschedule, report, form, by=request.user, now=timezone.now()):
        forget_words(request)
        messages.success(request, "The dates are changed.")
        return redirect("clerk:manage", slug, months)
    context = {"report": report, "form": form, "kept_words": kept_words(request), "crumbs": crumbs(report, "Dates")}
    return render(request, "clerk/reschedule.html", context)


def _cabinet():
    seats = CabinetMember.objects.on(timezone.localdate()).values("person")
    return Person.objects.present().filter(pk__in=seats).by_name()


def _can_be_told(person):
    return bool(person.email and person.is_active)


def _filled(request, make):
    """The form; after “Work out the dates” with these filled in."""
    form = make(typed(request))
    if request.method == "POST" and request.POST.get("action") == "work_out":
        data = form.worked_out()
        if data is not None:
            form = make(data)
            # Nothing has been sent yet: what is still missing is no mistake.
            form.full_clean()
            form.errors.clear()
    return form


def _is_to_be_done(request, form):
    return request.method == "POST" and request.POST.get("action") != "work_out" and form.is_valid()


def _commission(request, inquiry, form):
    report = progress.commission(inquiry, **form.values(), by=request.user, now=timezone.now())
    messages.success(request, f"The {report.kind.lower()} is commissioned. Lead officers are told by e-mail.")


@transaction.atomic
def _reschedule(report, form, *, by, now):
    people = form.cleaned_data.get("cabinet_members")
    if people is not None and {p.pk for p in people} != {s.person_id for s in report.sign_offs.all()}:
        progress.name_cabinet_members(report, people=list(people), by=by, now=now)
    progress.reschedule(report, **form.values(), by=by, now=now)
