"""What a committee sees: every row of a published report, and what it, or one of its members, makes of it."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import rules
from inquiries.actions import assessments
from inquiries.actions.exempt_check import ExemptTextFound
from inquiries.actions.progress import EditClash
from inquiries.choices import TO_BE_ASSESSED, Rating, SeatRole, Stage
from inquiries.documents.content import Row, long_date
from inquiries.documents.progress_report import progress_report_rows
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.committee import AssessmentForm, IndicationForm
from inquiries.models import Assessment, Indication, Membership, ProgressReport, ProgressUpdate
from inquiries.permissions import RIGHTS, Refused, can, check_can, rights_over
from inquiries.views.kept_words import forget_words, kept_words, sign_in_first

RIGHTS_HERE = ("see_indications", "see_exempt", "indicate", "assess", "confirm_assessments")
NOT_YET = "not yet"
CONFIRMED_ALREADY = "These assessments were confirmed already. Nothing was changed."
RATED_MEANWHILE = "A rating was recorded since you opened this page. Nothing was confirmed: read the ratings again."


@require_safe
@sign_in_first
def assess(request, slug, months):
    """Every row of the report with the four ratings and a comment, or a member's own indication."""
    report, may = _report(request.user, slug, months)
    return _page(request, report, may)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def assess_row(request, slug, months, reference):
    """Record the committee's judgement of one row; back to that row."""
    report, may, update = _row(request.user, slug, months, reference)
    typed = _typed(request)
    if typed is None:
        return _to_row(update)
    _check_is_for("assess", request.user, report)
    form = AssessmentForm(typed, update=update)
    if request.method != "POST" or not form.is_valid():
        return _page(request, report, may, answered=form)
    try:
        recorded = assessments.assess(update, **form.cleaned_data, by=request.user, now=timezone.now())
    except EditClash as clash:
        return _page(request, report, may, answered=form.after(clash.current), clash=clash.current, status=409)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, report, may, answered=form, status=403)
    return _saved(request, update, f"Saved for {update.response.references}: {_rating_in_words(recorded.rating)}.")


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def indicate(request, slug, months, reference):
    """Note a member's own indication of one row, or take it back; back to that row."""
    report, may, update = _row(request.user, slug, months, reference)
    typed = _typed(request)
    if typed is None:
        return _to_row(update)
    _check_is_for("indicate", request.user, report)
    if typed.get("action") == "take back":
        return _take_back(request, update)
    form = IndicationForm(typed, update=update)
    if request.method != "POST" or not form.is_valid():
        return _page(request, report, may, answered=form)
    try:
        noted = assessments.indicate(update, **form.cleaned_data, by=request.user, now=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, report, may, answered=form, status=403)
    return _saved(request, update, f"Your indication is saved: {_rating_in_words(noted.rating)}.")


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def confirm(request, slug, months):
    """All ratings together, and the button that makes them public."""
    report, _ = _report(request.user, slug, months)
    _check_is_for("confirm_assessments", request.user, report)
    if request.method == "POST" and report.stage == Stage.ASSESSED:
        messages.info(request, CONFIRMED_ALREADY)
        return redirect("committee:assess", slug, months)
    check_can("confirm_assessments", request.user, report, timezone.localdate())
    if request.method != "POST":
        return _confirm_page(request, report)
    try:
        assessments.confirm_assessments(report, by=request.user, now=timezone.now(), seen=request.POST.get("seen", ""))
    except EditClash:
        return _confirm_page(request, report, problem=RATED_MEANWHILE, status=409)
    except ExemptTextFound as withheld:
        return _confirm_page(request, report, problem=str(withheld), status=409)
    except Refused:
        report.refresh_from_db()
        if report.stage != Stage.ASSESSED:
            raise
        messages.info(request, CONFIRMED_ALREADY)
        return redirect("committee:assess", slug, months)
    except PdfFailed as failed:
        return _confirm_page(request, report, problem=f"Nothing was confirmed. {failed}", status=500)
    messages.success(request, "The assessments are confirmed, and the ratings are public.")
    return redirect("committee:assess", slug, months)


def reports_to_read(person, today):
    """The published reports that wait for this member's committee: tasks for `components/task_list.html`."""
    seats = dict(Membership.objects.on(today).filter(person=person).values_list("committee", "role"))
    reports = (
        ProgressReport.objects.at_stage(Stage.PUBLISHED)
        .filter(inquiry__committee__in=seats)
        .select_related("inquiry", "meeting")
        .annotate(
            row_count=Count("updates", distinct=True),
            rated=Count("updates__assessment", distinct=True),
            noted=Count("updates__indications", filter=Q(updates__indications__recorded_by=person), distinct=True),
        )
        .order_by("meeting__start", "pk")
    )
    return [_task(report, chairs=seats[report.inquiry.committee_id] == SeatRole.CHAIR) for report in reports]


def _task(report, *, chairs):
    done = report.rated if chairs else report.noted
    return {
        "name": f"{'Assess' if chairs else 'Read'}: {report.inquiry.title}",
        "href": _address(report),
        "hint": f"{report.kind}{f', for the meeting on {long_date(report.meeting.day)}' if report.meeting else ''}",
        "due": None,
        "status": f"{done} of {report.row_count} {'rated' if chairs else 'noted'}",
        "colour": "green" if done == report.row_count else "blue",
    }


# --- Finding, refusing, going back --------------------------------------------------------------------


def _report(person, slug, months):
    """The report and what the person may do here now.

    404 where they may not know of it; Refused where this page is not for them, or not yet.
    """
    reports = ProgressReport.objects.visible_to(person).select_related("inquiry__committee", "meeting")
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    today = timezone.localdate()
    may = rights_over(person, report, today, *RIGHTS_HERE)
    if "see_indications" not in may:
        check_can("see_indications", person, report, today)
    if not (report.is_published or can("administer", person, report, today)):
        rules.check_step("indicate", report.stage)
    return report, may


def _row(person, slug, months, reference):
    report, may = _report(person, slug, months)
    return report, may, get_object_or_404(report.updates.about(reference).for_page())


def _check_is_for(right, person, report):
    """Refused, unless this is for the person to do, if perhaps not now: then their words are shown with the reason."""
    if not report.is_published or not RIGHTS[right].belongs_to(person, report, timezone.localdate()):
        check_can(right, person, report, timezone.localdate())


def _typed(request):
    """What was sent, now or before signing in again; None where the person only follows an address."""
    if request.method != "POST":
        return kept_words(request)
    if request.POST.get("action") == "discard":
        forget_words(request)
        return None
    return request.POST


def _address(report):
    return reverse("committee:assess", args=[report.inquiry.slug, report.months_on])


def _to_row(update):
    return redirect(f"{_address(update.report)}#row-{update.pk}")


def _saved(request, update, sentence):
    """Back to the row, which says so: its message carries the row's name."""
    forget_words(request)
    messages.success(request, sentence, extra_tags=f"row-{update.pk}")
    return _to_row(update)


def _take_back(request, update):
    for own in update.indications.filter(recorded_by=request.user):
        assessments.withdraw_indication(own, by=request.user, now=timezone.now())
    return _saved(request, update, "You have taken your indication back.")


def _rating_in_words(rating):
    return TO_BE_ASSESSED if rating is None else Rating(rating).label


# --- The pages ----------------------------------------------------------------------------------------


@dataclass
class Place:
    """One row as it stands on the page, with what this person sees and does beside it."""

    update: ProgressUpdate
    row: Row
    state: str  # for the list of rows: the rating or indication in words, or "not yet"
    form: Form | None
    said: list[str]
    own: Indication | None
    indications: list[Indication]
    counts: list[tuple[Rating, int]]
    clash: Assessment | None = None

    @property
    def yours(self):
        """After a clash, what this person entered, as one text."""
        chosen = self.form["rating"].value()
        words = _rating_in_words(int(chosen) if chosen else None)
        return f"{words}\n\n{self.form['comment'].value()}"

    @property
    def theirs(self):
        """After a clash, what the other person recorded, as one text."""
        return f"{_rating_in_words(self.clash.rating)}\n\n{self.clash.comment}"


def _page(request, report, may, *, answered=None, clash=None, status=200):
    updates = list(report.updates.for_page().with_last_time().with_indications()) if report.is_published else []
    said = list(messages.get_messages(request))
    rows = progress_report_rows(updates, exempt="see_exempt" in may, after_meeting=report.stage == Stage.ASSESSED)
    places = [_place(request.user, update, row, may, said) for update, row in zip(updates, rows, strict=True)]
    for place in places:
        if answered is not None and place.update.pk == answered.update.pk:
            place.form, place.clash = answered, clash
    context = {
        "report": report,
        "places": places,
        "may": may,
        "done": sum(place.state != NOT_YET for place in places),
        "answered": answered,
        "kept_words": kept_words(request),
        "forms": [answered] if answered else [],
        "general_messages": [m for m in said if not m.extra_tags],
        "crumbs": _crumbs(report),
    }
    return render(request, "committee/assess.html", context, status=status)


def _place(person, update, row, may, said):
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
        state=_rating_in_words(state.rating) if state else NOT_YET,
        form=form,
        said=[str(m) for m in said if m.extra_tags == f"row-{update.pk}"],
        own=own,
        indications=together,
        counts=[(rating, counted[rating]) for rating in Rating if counted[rating]],
    )


def _confirm_page(request, report, *, problem="", status=200):
    updates = list(report.updates.for_page().with_last_time())
    context = {
        "report": report,
        "updates": updates,
        "left": [u for u in updates if not _has_rating(u)],
        "closing": [u for u in updates if _has_rating(u) and rules.ending_of(u.assessment.rating)],
        "seen": report.ratings_version(updates),
        "error_list": [(problem, "")] if problem else [],
        "crumbs": [*_crumbs(report), ("Confirm the assessments", "")],
    }
    return render(request, "committee/confirm.html", context, status=status)


def _has_rating(update):
    return hasattr(update, "assessment") and update.assessment.rating is not None


def _crumbs(report):
    return [("Your work", reverse("public:home")), (f"Assess: {report.inquiry.title}", _address(report))]
