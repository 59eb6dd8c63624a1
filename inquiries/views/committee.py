"""What a committee sees: every row of a published report, and what it, or one of its members, makes of it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import rules
from inquiries.actions import assessments
from inquiries.actions.exempt_check import ExemptTextFound
from inquiries.actions.progress import EditClash
from inquiries.choices import TO_BE_ASSESSED, Rating, Stage
from inquiries.documents.content import Row, long_date
from inquiries.documents.progress_report import progress_report_rows
from inquiries.documents.rich_text import split_long
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.committee import (
    ConfirmAssessmentsForm,
    RowForm,
    is_changed,
    recorded_answers,
    row_answers,
)
from inquiries.models import (
    ActionPoint,
    AgendaPack,
    Assessment,
    Draft,
    Indication,
    ProgressReport,
    ProgressUpdate,
)
from inquiries.permissions import RIGHTS, Refused, can, check_can, rights_over
from inquiries.preflight.questions import RowToRead, questions_about
from inquiries.preflight.subject import Place, RowSubject
from inquiries.views.drafts import (
    WRITER,
    DraftTooLong,
    delete_draft,
    find_draft,
    is_writer,
    login_required_keeping_post,
    save_draft,
)
from inquiries.views.meetings import render_meeting

RIGHTS_HERE = (
    *("read_for_committee", "see_indications", "see_exempt", "indicate"),
    *("assess", "confirm_assessments", "set_action_point"),
)
# Characters of a text before the rest is folded: of recommendations together, of an update.
LONG_RECOMMENDATION, LONG_UPDATE = 170, 230
ROWS_OF_A_PAGE = 25
DAYS_KEPT_OFFLINE = 7  # after the meeting
COMMITTEE_WORDS = {
    "view_label": "The committee’s assessment",
    "text_label": "Comment",
    "not_yet": "Not assessed yet",
}
MEMBER_WORDS = {"view_label": "Your view", "text_label": "Note", "not_yet": "No view yet"}
CONFIRMED_ALREADY = "These assessments were confirmed already. Nothing was changed."
RATED_MEANWHILE = "A rating was recorded since you opened this page. Nothing was confirmed: read the ratings again."


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"trusted-types": ["offline"]})  # the policy with which static/js/offline.js registers its worker
@login_required_keeping_post
def assess(request, slug, months, own=False):
    """The rows of a report, with the committee's assessment for its chair and the clerks, and own notes for members.

    `own`: with own notes for the chair, too.
    """
    report, may = find_report(request.user, slug, months)
    if request.method == "POST":
        return save_page(request, report, may, own)
    if own:
        check_belongs("indicate", request.user, report, may)
    return render_assess_page(request, report, may, own)


def save_page(request, report, may, own):
    if request.POST.get("action") == "discard":
        delete_draft(request)
        return redirect(request.path)
    right, now = right_to_answer(request.user, report, own), timezone.now()
    check_belongs(right, request.user, report, may)
    saved, left = save_answers(report, right, with_other_pages(request, request.path), by=request.user, now=now)
    if left:
        return render_assess_page(request, report, may, own, saved=saved, left=left)
    delete_draft(request)
    if not saved:
        messages.info(request, "Nothing was changed.")
        return redirect(request.path)
    messages.success(request, f"Saved: {get_text_list([u.response.references for u in saved], 'and')}.")
    return redirect(f"{request.path}#row-{saved[-1].pk}")


@require_safe
@login_required_keeping_post
def offline_paper(request, slug, months, pk):
    """A published pack of the report's meeting, at an address below the page for which it is kept on a device."""
    report, _ = find_report(request.user, slug, months)
    for pack in packs_of(report):
        if pack.pk == pk:
            return redirect(pack)
    raise Http404


@require_safe
@login_required_keeping_post
def offline_agenda(request, slug, months):
    """The meeting's page as the public reads it, at an address below the page with which it is kept on a device."""
    report, _ = find_report(request.user, slug, months)
    if report.meeting is None:
        raise Http404
    return render_meeting(request, report.meeting, AnonymousUser(), ())


def with_other_pages(request, address):
    """What was sent, with what was typed on other pages of the same rows and not saved."""
    draft = Draft.objects.filter(person=request.user, address=address).first()
    if draft is None:
        return request.POST
    posted = draft.posted.copy()
    for name, values in request.POST.lists():
        posted.setlist(name, values)
    return posted


@require_POST
def autosave(request, slug, months, own=False):
    """Keep a draft of the page as it is being written; answers in JSON (see static/js/autosave.js)."""
    page = reverse(f"committee:{'indicate' if own else 'assess'}", args=[slug, months])
    if not request.user.is_authenticated:
        return JsonResponse({"sign_in": redirect_to_login(page).url}, status=401)
    report, may = find_report(request.user, slug, months)
    sent_for = request.POST.get("person", str(request.user.pk))  # kept on a device, perhaps by another person
    if (WRITER in request.POST and not is_writer(request)) or sent_for != str(request.user.pk):
        return JsonResponse({"message": "You are signed in as another person."}, status=403)
    now, right = timezone.now(), right_to_answer(request.user, report, own)
    try:
        check_belongs(right, request.user, report, may)
        # Even where nothing can be saved any more: then the page shows the text for copying.
        save_draft(request.user, page, with_other_pages(request, page), now=now)
        check_can(right, request.user, report, timezone.localdate(now))
        if request.POST.get("action") == "save":
            return save_from_device(request, report, right, page, now)
    except DraftTooLong:
        return JsonResponse({"errors": {"text": ["This is too long to be kept."]}}, status=400)
    except Refused as refused:
        return JsonResponse({"message": str(refused)}, status=403)
    return JsonResponse({"saved_at": f"{timezone.localtime(now):%H:%M}"})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def confirm(request, slug, months):
    report, may = find_report(request.user, slug, months)
    check_belongs("confirm_assessments", request.user, report, may)
    if request.method == "POST" and report.stage == Stage.ASSESSED:
        messages.info(request, CONFIRMED_ALREADY)
        return redirect("committee:assess", slug, months)
    if "confirm_assessments" not in may:
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


def save_from_device(request, report, right, page, now):
    """Save what was kept on a device while there was no network; the draft holds it."""
    saved, left = save_answers(report, right, with_other_pages(request, page), by=request.user, now=now)
    if saved:
        messages.success(request, f"Saved: {get_text_list([u.response.references for u in saved], 'and')}.")
    if not left:
        delete_draft(request, at=page)
    return JsonResponse({"saved_at": f"{timezone.localtime(now):%H:%M}", "left": len(left)})


# --- Finding, refusing --------------------------------------------------------------------------------


def find_report(person, slug, months):
    """The report and what the person may do here now.

    404 where they may not know of it; Refused where this page is not for them, or not yet.
    """
    reports = ProgressReport.objects.visible_to(person).select_related("inquiry__committee", "meeting__committee")
    packs = AgendaPack.objects.public().filter(meeting=OuterRef("meeting")).order_by("supplement", "number")
    kept = JSONObject(pk="pk", supplement="supplement", number="number", edition="edition", meeting_id="meeting")
    reports = reports.annotate(pack_rows=ArraySubquery(packs.values(row=kept)))
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    today = timezone.localdate()
    may = rights_over(person, report, today, *RIGHTS_HERE)
    if "read_for_committee" not in may:
        check_can("read_for_committee", person, report, today)
    if not (report.is_published or can("administer", person, report, today)):
        rules.check_step("indicate", report.stage)
    return report, may


def packs_of(report):
    return [AgendaPack(**row) for row in report.pack_rows]


def right_to_answer(person, report, own):
    """The right that the person uses here, now or at another time: "assess" or "indicate"."""
    is_theirs = not own and RIGHTS["assess"].belongs_to(person, report, timezone.localdate())
    return "assess" if is_theirs else "indicate"


def check_belongs(right, person, report, may):
    """Refused, unless this is for the person to do, if perhaps not now: then their words are shown with the reason."""
    if right in may:
        return
    if not report.is_published or not RIGHTS[right].belongs_to(person, report, timezone.localdate()):
        check_can(right, person, report, timezone.localdate())


def assess_url(report):
    return reverse("committee:assess", args=[report.inquiry.slug, report.months_on])


# --- Saving the rows that were changed ----------------------------------------------------------------


@dataclass
class NotSaved:
    """What was typed about a row, (rating, text, seen), with the reasons why it is not saved, if it was sent."""

    answers: tuple[str, str, str]
    reasons: list[str] = field(default_factory=list)
    status: int = 200
    clash: Assessment | Indication | None = None


def save_answers(report, right, posted, *, by, now):
    """Save the rows that were changed and can be saved. Returns their updates, and {key of another one: NotSaved}."""
    updates = report.updates.in_order().select_related("response").with_recommendations()
    valid, left = [], {}
    for update in updates:
        answers = row_answers(posted, update.pk)
        if answers is None or not is_changed(answers):
            continue
        form = RowForm(posted, prefix=update.pk)
        if form.is_valid():
            values = form.cleaned_data
            valid.append((update, values["rating"], values["text"], values["seen"]))
        else:
            left[update.pk] = NotSaved(answers, [text for texts in form.errors.values() for text in texts])
    if not valid:
        return [], left
    record_rows = assessments.assess_rows if right == "assess" else assessments.indicate_rows
    try:
        found = record_rows(report, valid, by=by, now=now)
    except Refused as refused:
        left |= {update.pk: NotSaved(row_answers(posted, update.pk), [str(refused)], 403) for update, *_ in valid}
        return [], left
    for update, *_ in valid:
        if isinstance(clash := found[update.pk], EditClash):
            reason = clash_message(update, clash.current, by)
            seen = recorded_answers(clash.current, text_of(clash.current))[2]
            answers = row_answers(posted, update.pk)
            left[update.pk] = NotSaved((*answers[:2], seen), [reason], 409, clash.current)
    return [update for update, *_ in valid if update.pk not in left], left


def clash_message(update, current, by):
    numbers = update.response.references
    if current.recorded_by_id == by.pk:
        return (
            f"You have recorded something else on {numbers} since you opened this page, perhaps on another device. "
            "Save again to replace it."
        )
    return (
        f"{current.recorded_by} has recorded an assessment of {numbers} while you were writing. Compare the two, then "
        "save the one to keep."
    )


def text_of(recorded):
    return getattr(recorded, "comment" if isinstance(recorded, Assessment) else "note", "")


def rating_text(rating):
    return TO_BE_ASSESSED if rating in (None, "") else Rating(int(rating)).label


# --- The pages ----------------------------------------------------------------------------------------


class State(NamedTuple):
    sign: str
    words: str


class Folded(NamedTuple):
    """A text of which the rest is folded."""

    beginning: str
    rest: str


@dataclass
class ListedRow:
    """One row of the page. `answers` are what its inputs hold: (rating, text, seen)."""

    key: str  # of the update
    numbers: str  # "1a and 1b"
    update: ProgressUpdate
    row: Row
    questions: list[str]
    recorded: Assessment | Indication | None
    answers: tuple[str, str, str]
    left: NotSaved | None
    indications: list[Indication]
    page: int
    href: str = ""

    @property
    def rating_name(self):
        return f"rating-{self.key}"

    @property
    def rating(self):
        return self.answers[0]

    @property
    def text(self):
        return self.answers[1]

    @property
    def seen(self):
        return self.answers[2]

    @property
    def state(self):
        """For the list of rows."""
        if self.left:
            return State("•", "not saved")
        if self.recorded is None:
            return State("", "not yet")
        rating = self.recorded.rating
        return State(Rating(rating).symbol, Rating(rating).label) if rating else State("✎", "a text without a rating")

    @property
    def recommendations(self):
        """(number, whether it was given by us, beginning, rest) of each; the number of one alone is in the heading."""
        several = len(self.row.recommendations) > 1
        return [
            (
                one.reference if several or one.given else "",
                one.given,
                *split_long(one.text, LONG_RECOMMENDATION // len(self.row.recommendations)),
            )
            for one in self.row.recommendations
        ]

    @property
    def update_text(self):
        return Folded(*split_long(self.row.update, LONG_UPDATE))

    @property
    def facts(self):
        row, found = self.row, []
        if row.contributor_line:
            found.append(row.contributor_line)
        if row.officer_view:
            found.append(f"Officer’s own view: {row.officer_view}.")
        if row.forecast_date:
            found.append(f"Expected by {long_date(row.forecast_date)}.")
        return " ".join(found)

    @property
    def last(self):
        """What the committee made of the report before."""
        return self.update.last_time.confirmed_assessment if self.update.last_time else None

    @property
    def spread(self):
        """How many members gave which rating: "2 × ★ On track; 1 × ! Concerns"."""
        counted = Counter(one.rating for one in self.indications)
        counts = [f"{counted[one]} × {one.symbol} {one.label}" for one in Rating if counted[one]]
        return "; ".join(counts) or "no ratings"

    @property
    def notes(self):
        return [one for one in self.indications if one.note]

    @property
    def typed_label(self):
        return rating_text(self.rating if self.rating in map(str, Rating) else "")

    @property
    def yours(self):
        return f"{self.typed_label}\n\n{self.text}"

    @property
    def theirs(self):
        return f"{rating_text(self.left.clash.rating)}\n\n{text_of(self.left.clash)}"


def render_assess_page(request, report, may, own=False, *, saved=(), left=None):
    now, person = timezone.now(), request.user
    is_copy = "offline" in request.GET
    if is_copy:
        # Kept on a device: nothing exempt, nothing that others noted.
        may -= {"see_exempt", "see_indications"}
    right = "assess" if "assess" in may and not own else "indicate" if "indicate" in may else ""
    listed, draft = [], None
    if report.is_published:
        updates = list(report.updates.for_rows().with_last_time(report).with_indications(person, now))
        if left is None:
            draft = find_draft(request)
            left = unsaved_rows(draft.posted, updates, right, person) if draft else {}
        listed = list_rows(report, updates, right, may, left, person, now)
    problems = [(reason, f"#text-{row.key}") for row in listed if row.left for reason in row.left.reasons]
    wanted = next((row.page for row in listed if row.left and row.left.reasons), request.GET.get("page"))
    page = Paginator(listed, ROWS_OF_A_PAGE).get_page(wanted)
    for row in listed:
        row.href = f"{'' if row.page == page.number else f'?page={row.page}'}#row-{row.key}"
    context = {
        "report": report,
        "listed": listed,
        "page": page,
        "may": may,
        "right": right,
        "own": own,
        **(COMMITTEE_WORDS if right == "assess" else MEMBER_WORDS),
        "done": sum(row.recorded is not None for row in listed),
        "count": len(listed),
        "draft": draft if left else None,
        "saved": get_text_list([update.response.references for update in saved], "and"),
        "error_list": problems,
        "begun": rules.has_begun(report.meeting, now),
        "not_begun": not_begun(report, now),
        "crumbs": [*report_crumbs(report, right), ("Your own notes", "")] if own else report_crumbs(report, right),
        "autosave_url": f"{request.path}autosave/",
        "offline": offline_context(report, page, request, now) if right else None,
        "is_copy": is_copy,
        "now": now,
    }
    status = max((row.left.status for row in listed if row.left), default=200)
    return render(request, "committee/assess.html", context, status=status)


def offline_context(report, page, request, now):
    """What can be kept on a device, and until when."""
    today, scope = timezone.localdate(now), assess_url(report)
    last_day = max(today, report.meeting.day) if report.meeting else today
    numbers = page.paginator.page_range
    return {
        "page": scope,
        "until": last_day + timedelta(days=DAYS_KEPT_OFFLINE),
        "pages": [f"{request.path}?{f'page={number}&' if number > 1 else ''}offline=yes" for number in numbers],
        "papers": [
            *([(f"{scope}agenda/", "The agenda of the meeting")] if report.meeting else []),
            *((f"{scope}papers/{pack.pk}.pdf", pack.name) for pack in packs_of(report)),
        ],
    }


def list_rows(report, updates, right, may, left, person, now):
    rows = progress_report_rows(
        updates,
        exempt="see_exempt" in may,
        after_meeting=report.stage == Stage.ASSESSED,
        recommendations=report.inquiry.recommendations.all(),
    )
    questions = [[]] * len(rows)
    if report.stage == Stage.PUBLISHED:
        day = report.meeting.day if report.meeting else timezone.localdate(now)
        questions = questions_about([row_to_read(*pair) for pair in zip(updates, rows, strict=True)], day)
    shows_members = right == "assess" and "see_indications" in may and rules.has_begun(report.meeting, now)
    listed = []
    for place, (update, row, asked) in enumerate(zip(updates, rows, questions, strict=True)):
        recorded = recorded_by_right(update, right, person)
        not_saved = left.get(update.pk)
        listed.append(
            ListedRow(
                key=str(update.pk),
                numbers=row.numbers,
                update=update,
                row=row,
                questions=asked,
                recorded=recorded,
                answers=not_saved.answers if not_saved else recorded_answers(recorded, text_of(recorded)),
                left=not_saved,
                indications=update.noted if shows_members else [],
                page=1 + place // ROWS_OF_A_PAGE,
            )
        )
    return listed


def recorded_by_right(update, right, person):
    """What the form of this row is about: the committee's assessment, or the person's own indication."""
    if right == "indicate":
        return next((one for one in update.noted if one.recorded_by_id == person.pk), None)
    return getattr(update, "assessment", None)


def unsaved_rows(posted, updates, right, person):
    """What a draft holds that was not saved: {key of an update: NotSaved}."""
    found = {}
    for update in updates:
        answers = row_answers(posted, update.pk)
        recorded = recorded_by_right(update, right, person)
        if answers and is_changed(answers) and answers[:2] != recorded_answers(recorded, text_of(recorded))[:2]:
            found[update.pk] = NotSaved(answers)
    return found


def row_to_read(update, row):
    last, written = update.last_time, update.submitted_at or update.saved_at
    last_assessment = last.confirmed_assessment if last else None
    subject = RowSubject(
        row=row,
        place=Place("", ""),
        written_on=timezone.localdate(written) if written else None,
        last_time=last.text if last else "",
        response_address="",
        recommendation_addresses=(),
    )
    rating = last_assessment.rating if last_assessment else None
    return RowToRead(subject, rating, update.response.original_target_date)


def render_confirm_page(request, report, form, *, problem="", status=200):
    updates = report.updates.in_order().select_related("response", "assessment")
    updates = list(updates.with_recommendations().with_last_time())
    concerns = sum(has_rating(u) and rules.is_concern(u.assessment.rating) for u in updates)
    context = {
        "report": report,
        "updates": updates,
        "left": [u for u in updates if not has_rating(u)],
        "closing": [u for u in updates if has_rating(u) and rules.ending_of(u.assessment.rating)],
        "seen": report.ratings_version(updates),
        "concerns": concerns,
        "actions": ActionPoint.objects.filter(update__report=report).count() if concerns else 0,
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


def report_crumbs(report, right="assess"):
    return [(f"{'Assess' if right == 'assess' else 'Read'}: {report.inquiry.title}", assess_url(report))]
