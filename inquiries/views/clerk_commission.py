"""Commissioning the progress report of one inquiry, or of several for one meeting: asked, checked, sent."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Min
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries import rules
from inquiries.actions.commission import CommissionChanged, commission_reports, preview_commission
from inquiries.actions.progress import why_nothing_to_report
from inquiries.choices import report_kind
from inquiries.documents.content import long_date
from inquiries.forms.clerk_commission import CommissionForm
from inquiries.models import CouncilSettings, Inquiry, ProgressReport, Response
from inquiries.models.meetings import report_dates
from inquiries.views.clerk_reports import current_cabinet_members, manage_url
from inquiries.views.drafts import NOT_KEPT, delete_draft, find_draft
from inquiries.views.form_processing import apply_action, bound_data, clerk_required

MOST_INQUIRIES = 20
# What the buttons of the check page ask for.
SEND, CHANGE = "commission", "change"


@dataclass(frozen=True)
class AskedInquiry:
    """One inquiry of the page: its open responses, who signs by them, and of how many months its next report is."""

    inquiry: Inquiry
    responses: tuple[Response, ...]
    used: frozenset[int]
    months: int
    responded_on: date | None

    @property
    def pk(self):
        return self.inquiry.pk

    @property
    def due(self):
        return rules.add_months(self.responded_on, self.months) if self.responded_on else None

    @property
    def named(self):
        signers = (response.cabinet_member for response in self.responses)
        return list(dict.fromkeys(person for person in signers if person and person.is_active))

    @property
    def unnamed(self):
        """The responses without a lead officer who is still there."""
        return [r for r in self.responses if r.lead_officer is None or not r.lead_officer.is_active]

    @property
    def unreachable(self):
        officers = (response.lead_officer for response in self.responses)
        return list(
            dict.fromkeys(officer for officer in officers if officer and officer.is_active and not officer.email)
        )

    @property
    def why_months(self):
        if self.due is None:
            return "No date of Cabinet’s response is recorded, so nothing says when the report is due."
        return (
            f"Cabinet responded on {long_date(self.responded_on)}: the {report_kind(self.months).lower()} report, "
            f"{self.months} months on, is due on {long_date(self.due)}."
        )


@clerk_required
def commission(request, slug):
    """One inquiry."""
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    return commission_page(request, [inquiry])


@clerk_required
def commission_meeting(request):
    """Several inquiries, named in the address as ?inquiry=warm-homes&inquiry=bus-shelters&meeting=5."""
    slugs = list(dict.fromkeys(request.GET.getlist("inquiry")))
    found = (
        Inquiry.objects.filter(slug__in=slugs[: MOST_INQUIRIES + 1]).select_related("committee").order_by("title", "pk")
    )
    return commission_page(request, list(found))


def commission_page(request, inquiries):
    asked = ask_inquiries(inquiries)
    possible = [one for one in asked if one.responses]
    context = {
        "inquiries": inquiries,
        "left_out": [(one.inquiry, why_nothing_to_report(one.inquiry)) for one in asked if not one.responses],
        "crumbs": [(one.title, one.get_absolute_url()) for one in inquiries[:1]],
    }
    if len(inquiries) != 1:
        context["crumbs"] = [("Board", reverse("clerk:board"))]
    committees = {one.inquiry.committee_id: one.inquiry.committee for one in possible}
    if len(committees) != 1 or len(possible) > MOST_INQUIRIES:
        context |= {"too_many": len(possible) > MOST_INQUIRIES, "most": MOST_INQUIRIES}
        context["committees"] = [(each, committee_address(each, possible)) for each in committees.values()]
        return render(request, "clerk/commission_impossible.html", context)
    named = {person.pk for person in possible[0].named} if len(possible) == 1 else ()
    form = CommissionForm(
        posted_or_draft(request, possible),
        inquiries=possible,
        committee=possible[0].inquiry.committee,
        people=current_cabinet_members().exclude(pk__in=named),
        meeting=request.GET.get("meeting"),
        now=timezone.now(),
    )
    changed = ""
    if is_sent(request, form):
        done = []
        try:
            if apply_action(form, commission_rounds, request, form, done):
                delete_draft(request)
                return redirect(where_to_go(done, possible))
        except CommissionChanged as error:
            changed = str(error)
    elif request.method == "POST" and request.POST.get("action") == CHANGE:
        form.errors.clear()
    if request.method == "POST" and form.is_valid() and (changed or request.POST.get("action") not in (SEND, CHANGE)):
        preview = []
        if apply_action(form, preview_rounds, request, form, preview):
            context |= check_context(request, form, possible, *preview) | {"changed": changed}
            return render(request, "clerk/commission_check.html", context)
    context |= {
        "form": form,
        "draft": find_draft(request),
        "rounds": [(one, form.fields_of(one)) for one in possible],
    }
    return render(request, "clerk/commission.html", context)


def ask_inquiries(inquiries):
    open_ones = Response.objects.filter(inquiry__in=inquiries).open().in_order()
    responses = defaultdict(list)
    for response in open_ones.select_related("lead_officer", "cabinet_member").prefetch_related("recommendations"):
        responses[response.inquiry_id].append(response)
    reports = ProgressReport.objects.filter(inquiry__in=inquiries).order_by()
    used = defaultdict(set)
    for inquiry, months in reports.values_list("inquiry", "months_on"):
        used[inquiry].add(months)
    answered = Response.objects.filter(inquiry__in=inquiries).order_by().values("inquiry")
    responded = dict(answered.annotate(first=Min("responded_on")).values_list("inquiry", "first"))
    report_months = CouncilSettings.current().report_months
    return [
        AskedInquiry(
            inquiry,
            tuple(responses[inquiry.pk]),
            frozenset(used[inquiry.pk]),
            rules.next_report_months(max(used[inquiry.pk], default=0), report_months),
            responded.get(inquiry.pk),
        )
        for inquiry in inquiries
    ]


def committee_address(committee, asked):
    """The page for those of the inquiries that are this committee's."""
    slugs = [one.inquiry.slug for one in asked if one.inquiry.committee_id == committee.pk][:MOST_INQUIRIES]
    return f"{reverse('clerk:commission_meeting')}?{urlencode({'inquiry': slugs}, doseq=True)}"


def posted_or_draft(request, asked):
    """What was typed. At this address other inquiries may have been asked for: what was typed about those is no use."""
    data = bound_data(request)
    if data is not None and request.method != "POST" and not all(f"months_{one.inquiry.slug}" in data for one in asked):
        return None
    return data


def is_sent(request, form):
    return request.method == "POST" and request.POST.get("action") == SEND and form.is_valid()


def commission_rounds(request, form, done):
    seen = request.POST.get("seen")
    done += commission_reports(form.rounds(), **form.dates(), seen=seen, by=request.user, now=timezone.now())
    what = f"The {done[0].kind.lower()} is" if len(done) == 1 else f"{len(done)} reports are"
    messages.success(request, f"{what} commissioned. Lead officers are notified by e-mail.")


def preview_rounds(request, form, preview):
    preview += preview_commission(form.rounds(), **form.dates(), by=request.user, now=timezone.now())


def where_to_go(reports, asked):
    if len(reports) == 1:
        return manage_url(reports[0])
    return f"{reverse('clerk:board')}?committee={asked[0].inquiry.committee.slug}"


def check_context(request, form, asked, emails, mark):
    meeting, dates = form.cleaned_data["meeting"], form.dates()
    worked_out = report_dates(meeting.day) if meeting else {}
    dates = {name: day or worked_out.get(name) for name, day in dates.items() if name != "meeting"}
    notified = {email.recipient_id for email in emails}
    rounds = []
    for one, round in zip(asked, form.rounds(), strict=True):
        officers = {response.pk: officer for response, officer in round.lead_officers.items()}
        rows = [(response, officers.get(response.pk, response.lead_officer)) for response in one.responses]
        signers = list(dict.fromkeys((*one.named, *round.cabinet_members)))
        kind = f"{report_kind(round.months_on)} report ({round.months_on} months on)"
        rounds.append({"inquiry": one.inquiry, "kind": kind, "rows": rows, "signers": signers})
    return {
        "form": form,
        "today": timezone.localdate(),
        "meeting": meeting,
        "dates": dates,
        "publication": meeting.deadlines.publication if meeting else None,
        "rounds": rounds,
        "notified": notified,
        "emails": emails,
        "mark": mark,
        "carried": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in (*NOT_KEPT, "seen")
            for value in values
        ],
    }
