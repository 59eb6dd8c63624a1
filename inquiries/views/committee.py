"""What a committee sees: every row of a published report, and what it, or one of its members, makes of it."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import rules
from inquiries.actions import assessments
from inquiries.actions.progress import EditClash
from inquiries.actions.publication import ExemptTextFound
from inquiries.choices import TO_BE_ASSESSED, Rating, Stage
from inquiries.documents.content import Row
from inquiries.documents.progress_report import progress_report_rows
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.committee import AssessmentForm, ConfirmAssessmentsForm, IndicationForm
from inquiries.models import Assessment, Draft, Indication, ProgressReport, ProgressUpdate
from inquiries.permissions import RIGHTS, Refused, can, check_can, rights_over
from inquiries.views.drafts import delete_draft, draft_data, find_draft, login_required_keeping_post

RIGHTS_HERE = ("read_for_committee", "see_indications", "see_exempt", "indicate", "assess", "confirm_assessments")
NOT_YET = "not yet"
CONFIRMED_ALREADY = "These assessments were confirmed already. Nothing was changed."
RATED_MEANWHILE = "A rating was recorded since you opened this page. Nothing was confirmed: read the ratings again."


@require_safe
@login_required_keeping_post
def assess(request, slug, months):
    report, may = find_report(request.user, slug, months)
    return render_assess_page(request, report, may)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def assess_row(request, slug, months, reference):
    report, may, update = find_row(request.user, slug, months, reference)
    typed = typed_data(request)
    if typed is None:
        return redirect_to_row(update)
    check_belongs("assess", request.user, report)
    form = AssessmentForm(typed, update=update)
    if request.method != "POST" or not form.is_valid():
        return render_assess_page(request, report, may, answered=form)
    try:
        recorded = assessments.assess(update, **form.cleaned_data, by=request.user, now=timezone.now())
    except EditClash as clash:
        return render_assess_page(
            request, report, may, answered=form.after(clash.current), clash=clash.current, status=409
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_assess_page(request, report, may, answered=form, status=403)
    return redirect_with_message(
        request, update, f"Saved for {update.response.references}: {rating_text(recorded.rating)}."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def indicate(request, slug, months, reference):
    """Note a member's own indication of one row, or take it back; back to that row."""
    report, may, update = find_row(request.user, slug, months, reference)
    typed = typed_data(request)
    if typed is None:
        return redirect_to_row(update)
    check_belongs("indicate", request.user, report)
    if typed.get("action") == "remove":
        return take_back(request, update)
    form = IndicationForm(typed, update=update)
    if request.method != "POST" or not form.is_valid():
        return render_assess_page(request, report, may, answered=form)
    try:
        noted = assessments.indicate(update, **form.cleaned_data, by=request.user, now=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_assess_page(request, report, may, answered=form, status=403)
    return redirect_with_message(request, update, f"Your indication is saved: {rating_text(noted.rating)}.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def confirm(request, slug, months):
    report, _ = find_report(request.user, slug, months)
    check_belongs("confirm_assessments", request.user, report)
    if request.method == "POST" and report.stage == Stage.ASSESSED:
        messages.info(request, CONFIRMED_ALREADY)
        return redirect("committee:assess", slug, months)
    check_can("confirm_assessments", request.user, report, timezone.localdate())
    now = timezone.now()
    if refusal := not_begun(report, now):
        raise Refused(refusal)
    form = ConfirmAssessmentsForm(request.POST if request.method == "POST" else None, report=report, now=now)
    if not form.is_valid():
        return render_confirm_page(request, report, form)
    try:
        assessments.confirm_assessments(report, **form.cleaned_data, by=request.user, now=now)
    except EditClash:
        return render_confirm_page(request, report, form, problem=RATED_MEANWHILE, status=409)
    except ExemptTextFound as withheld:
        return render_confirm_page(request, report, form, problem=str(withheld), status=409)
    except Refused:
        report.refresh_from_db()
        if report.stage != Stage.ASSESSED:
            raise
        messages.info(request, CONFIRMED_ALREADY)
        return redirect("committee:assess", slug, months)
    except PdfFailed as failed:
        return render_confirm_page(request, report, form, problem=f"Nothing was confirmed. {failed}", status=500)
    messages.success(request, "The assessments are confirmed, and the ratings are public.")
    return redirect("committee:assess", slug, months)


# --- Finding, refusing, going back --------------------------------------------------------------------


def find_report(person, slug, months):
    """The report and what the person may do here now.

    404 where they may not know of it; Refused where this page is not for them, or not yet.
    """
    reports = ProgressReport.objects.visible_to(person).select_related("inquiry__committee", "meeting")
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    today = timezone.localdate()
    may = rights_over(person, report, today, *RIGHTS_HERE)
    if "read_for_committee" not in may:
        check_can("read_for_committee", person, report, today)
    if not (report.is_published or can("administer", person, report, today)):
        rules.check_step("indicate", report.stage)
    return report, may


def find_row(person, slug, months, reference):
    report, may = find_report(person, slug, months)
    return report, may, get_object_or_404(report.updates.about(reference).for_page())


def check_belongs(right, person, report):
    """Refused, unless this is for the person to do, if perhaps not now: then their words are shown with the reason."""
    if not report.is_published or not RIGHTS[right].belongs_to(person, report, timezone.localdate()):
        check_can(right, person, report, timezone.localdate())


def typed_data(request):
    if request.method != "POST":
        return draft_data(request)
    if request.POST.get("action") == "discard":
        delete_draft(request)
        return None
    return request.POST


def assess_url(report):
    return reverse("committee:assess", args=[report.inquiry.slug, report.months_on])


def redirect_to_row(update):
    return redirect(f"{assess_url(update.report)}#row-{update.pk}")


def redirect_with_message(request, update, sentence):
    """Back to the row, which says so: its message carries the row's name."""
    delete_draft(request)
    messages.success(request, sentence, extra_tags=f"row-{update.pk}")
    return redirect_to_row(update)


def take_back(request, update):
    for own in update.indications.filter(recorded_by=request.user):
        assessments.withdraw_indication(own, by=request.user, now=timezone.now())
    return redirect_with_message(request, update, "You have taken your indication back.")


def rating_text(rating):
    return TO_BE_ASSESSED if rating is None else Rating(rating).label


# --- The pages ----------------------------------------------------------------------------------------


@dataclass
class Place:
    update: ProgressUpdate
    row: Row
    state: str  # for the list of rows: the rating or indication in words, or "not yet"
    form: Form | None
    said: list[str]
    own: Indication | None
    indications: list[Indication]
    counts: list[tuple[Rating, int]]
    clash: Assessment | None = None
    draft: Draft | None = None

    @property
    def yours(self):
        chosen = self.form["rating"].value()
        words = rating_text(int(chosen) if chosen else None)
        return f"{words}\n\n{self.form['comment'].value()}"

    @property
    def theirs(self):
        return f"{rating_text(self.clash.rating)}\n\n{self.clash.comment}"


def render_assess_page(request, report, may, *, answered=None, clash=None, status=200):
    updates = (
        list(report.updates.for_page().with_last_time().with_indications(request.user, timezone.now()))
        if report.is_published
        else []
    )
    said = list(messages.get_messages(request))
    rows = progress_report_rows(updates, exempt="see_exempt" in may, after_meeting=report.stage == Stage.ASSESSED)
    places = [make_place(request.user, update, row, may, said) for update, row in zip(updates, rows, strict=True)]
    drafts = drafts_by_row(request.user, updates, may)
    for place in places:
        if answered is not None and place.update.pk == answered.update.pk:
            place.form, place.clash = answered, clash
            place.draft = find_draft(request)
        elif draft := drafts.get(place.update.pk):
            place.form, place.draft = type(place.form)(draft.posted, update=place.update), draft
    context = {
        "report": report,
        "places": places,
        "may": may,
        "done": sum(place.state != NOT_YET for place in places),
        "answered": answered,
        "forms": [answered] if answered else [],
        "not_begun": not_begun(report, timezone.now()),
        "general_messages": [m for m in said if not m.extra_tags],
        "crumbs": report_crumbs(report),
    }
    return render(request, "committee/assess.html", context, status=status)


def drafts_by_row(person, updates, may):
    view = "assess_row" if "assess" in may else "indicate"
    if not updates or (view == "indicate" and "indicate" not in may):
        return {}
    rows = {reverse(f"committee:{view}", args=update.address): update.pk for update in updates}
    return {rows[draft.address]: draft for draft in Draft.objects.filter(person=person, address__in=rows)}


def make_place(person, update, row, may, said):
    own = next((i for i in update.indications.all() if i.recorded_by_id == person.pk), None)
    together = list(update.indications.all()) if "assess" in may else []
    counted = Counter(i.rating for i in together)
    recorded = getattr(update, "assessment", None)
    if "assess" in may:
        state, form = recorded, AssessmentForm(update=update)
    elif "indicate" in may:
        state, form = own, IndicationForm(update=update, own=own)
    else:
        state, form = recorded, None
    return Place(
        update=update,
        row=row,
        state=rating_text(state.rating) if state else NOT_YET,
        form=form,
        said=[str(m) for m in said if m.extra_tags == f"row-{update.pk}"],
        own=own,
        indications=together,
        counts=[(rating, counted[rating]) for rating in Rating if counted[rating]],
    )


def render_confirm_page(request, report, form, *, problem="", status=200):
    updates = list(report.updates.for_page().with_last_time())
    context = {
        "report": report,
        "updates": updates,
        "left": [u for u in updates if not has_rating(u)],
        "closing": [u for u in updates if has_rating(u) and rules.ending_of(u.assessment.rating)],
        "seen": report.ratings_version(updates),
        "form": form,
        "error_list": [(problem, "")] if problem else [],
        "crumbs": [*report_crumbs(report), ("Confirm the assessments", "")],
    }
    return render(request, "committee/confirm.html", context, status=status)


def not_begun(report, now):
    """Why the assessments cannot be confirmed yet; nothing where the meeting has begun, or is still to be chosen."""
    if assessments.needs_meeting(report):
        return ""
    try:
        rules.check_was_held(report.meeting, now)
    except Refused as refused:
        return str(refused)
    return ""


def has_rating(update):
    return hasattr(update, "assessment") and update.assessment.rating is not None


def report_crumbs(report):
    return [(f"Assess: {report.inquiry.title}", assess_url(report))]
