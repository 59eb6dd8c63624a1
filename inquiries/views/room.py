"""A meeting while it takes place: the page of its chair and clerk, row by row, and the screen for the room."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from csp.decorators import csp_replace
from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Subquery
from django.http import Http404, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import rules
from inquiries.actions import assessments
from inquiries.actions.progress import EditClash
from inquiries.choices import TO_BE_ASSESSED, Rating, Stage
from inquiries.differences import differences
from inquiries.documents.content import Row, from_json
from inquiries.documents.progress_report import progress_report_rows
from inquiries.documents.rich_text import split_long
from inquiries.forms.room import RoomForm
from inquiries.models import AgendaItem, Assessment, Indication, Meeting, ProgressUpdate, Recommendation, ReportEdition
from inquiries.models.fields import checksum_of_data
from inquiries.permissions import Refused, check_can
from inquiries.text import KEY_DIGITS, whole_number
from inquiries.views.drafts import delete_draft, draft_data, find_draft, login_required_keeping_post

ATTENTION = "attention"
HAS_ENDED = Exists(Recommendation.objects.filter(response=OuterRef("response")).exclude(ended_as=""))
LONG_UPDATE = 420  # characters before the rest is folded, so that a row stands in one view of a tablet


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"trusted-types": ["offline"]})  # as for the committee's page of a report
@login_required_keeping_post
def room(request, pk):
    meeting = find_meeting(request.user, pk, "run_meeting")
    if request.method == "POST" and request.POST.get("action") == "discard":
        delete_draft(request)
    elif request.method == "POST":
        return record(request, meeting)
    elif typed := draft_data(request):
        return render_room(request, meeting, typed.get("update", ""), form=RoomForm(typed))
    return render_room(request, meeting, request.GET.get("row", ""))


@require_safe
@login_required_keeping_post
def room_state(request, pk):
    """What changes while the page is open, for its script."""
    meeting = find_meeting(request.user, pk, "run_meeting")
    rows = reported_rows(meeting)
    shown = getattr(meeting, "shown_row", None)
    data = {
        "person": request.user.pk,
        "page": page_version(meeting, rows),
        "shown": shown and {"row": shown.update_id, "mine": shown.shown_by_id == request.user.pk},
        "by": shown.shown_by.name if shown else "",
        "rows": {update.pk: assessment_state(recorded_for(update)) for update in rows},
    }
    return answer_if_new(request, data)


@require_safe
@login_required_keeping_post
def screen(request, pk):
    meeting = find_meeting(request.user, pk, "see_screen")
    rows = screen_rows(meeting)
    data = screen_data(meeting, [row.update for row in rows])
    for place, row in enumerate(rows, start=1):
        row.place, row.rating = place, data["rows"][row.update.pk]
    current = next((row for row in rows if row.update.pk == data["row"]), None)
    context = {"meeting": meeting, "rows": rows, "current": current, "data": data, "ratings": Rating}
    return render(request, "room/screen.html", context)


@require_safe
@login_required_keeping_post
def screen_state(request, pk):
    meeting = find_meeting(request.user, pk, "see_screen")
    return answer_if_new(request, screen_data(meeting, reported_rows(meeting)))


# --- Finding -------------------------------------------------------------------------------------------


def find_meeting(person, pk, right):
    """Refused where the page is not for this person, or the meeting was cancelled."""
    meeting = get_object_or_404(Meeting.objects.select_related("committee", "shown_row__shown_by"), pk=pk)
    check_can(right, person, meeting, timezone.localdate())
    if meeting.cancelled_at is not None:
        raise Refused("This meeting was cancelled.")
    return meeting


def reports_of(meeting):
    """Those that have been published for the meeting, in the order of its agenda."""
    item = AgendaItem.objects.on_agenda().filter(meeting=meeting, report=OuterRef("pk")).values("number")[:1]
    reports = meeting.progress_reports.at_stage(Stage.PUBLISHED, Stage.ASSESSED).select_related("inquiry")
    return reports.annotate(item_number=Subquery(item)).order_by(F("item_number").asc(nulls_last=True), "pk")


def reported_rows(meeting):
    """The updates of these reports with what has been recorded of them, in no order."""
    rows = ProgressUpdate.objects.filter(report__in=reports_of(meeting).order_by().values("pk")).order_by("pk")
    return list(rows.annotate(has_ended=HAS_ENDED).select_related("report", "assessment__recorded_by"))


def recorded_for(update):
    return getattr(update, "assessment", None)


def answer_if_new(request, data):
    """The data, or 304 where the page has them already."""
    mark = f'"{checksum_of_data({**data, "rows": list(data["rows"].items())})}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified(headers={"ETag": mark})
    return JsonResponse(data, headers={"ETag": mark})


def page_version(meeting, updates):
    """Changes where a page has to be loaded anew: other rows, some confirmed or ended, the meeting begun."""
    rows = sorted((update.pk, update.report.assessed_at is not None, update.has_ended) for update in updates)
    return checksum_of_data([*rows, rules.has_begun(meeting, timezone.now())])[:16]


def assessment_state(recorded):
    """A committee's assessment for the script of the room page; an empty version where there is none."""
    if recorded is None:
        return {"rating": None, "comment": "", "version": "", "by": "", "at": ""}
    return {
        "rating": recorded.rating,
        "comment": recorded.comment,
        "version": recorded.recorded_at.isoformat(),
        "by": recorded.recorded_by.name,
        "at": f"{timezone.localtime(recorded.recorded_at):%H:%M}",
    }


# --- The room page -------------------------------------------------------------------------------------


@dataclass
class RoomRow:
    update: ProgressUpdate
    row: Row
    recorded: Assessment | None
    indications: list[Indication]
    reasons: tuple[str, ...]  # why one may want to take it first
    place: int = 0  # in the order of the page

    @property
    def is_locked(self):
        return self.update.report.assessed_at is not None

    @property
    def version(self):
        return self.recorded.recorded_at.isoformat() if self.recorded else ""

    @property
    def rating(self):
        return Rating(self.recorded.rating) if self.recorded and self.recorded.rating else None

    @property
    def spread(self):
        """(rating, how many members noted it), of all four."""
        counted = Counter(one.rating for one in self.indications)
        return [(rating, counted[rating]) for rating in Rating]

    @property
    def notes(self):
        return [one for one in self.indications if one.note]

    @property
    def ended(self):
        return [one for one in self.update.response.recommendations.all() if one.ended_as]

    @cached_property
    def parts_of_update(self):
        """(its beginning, the rest of a long one)"""
        return split_long(self.row.update, LONG_UPDATE)

    @property
    def shortened(self):
        return replace(self.row, update=self.parts_of_update[0])

    @property
    def rest_of_update(self):
        return self.parts_of_update[1]

    @property
    def last_time(self):
        last = self.update.last_time
        return last if last and last.report.published_at else None

    @cached_property
    def changes(self):
        """The words of last time and of now, as `differences` has them; None where there is nothing to compare."""
        last = self.last_time
        if not last or not last.text or last.closed_at or not self.row.update:
            return None
        return differences(last.text, self.row.update)

    @property
    def is_same(self):
        return self.changes is not None and not any(piece.differs for side in self.changes for piece in side)


def room_rows(meeting, person, now):
    """The rows of all reports of the meeting, as they are in the reports."""
    reports = {report.pk: report for report in reports_of(meeting)}
    latest = max(reports.values(), key=lambda report: report.months_on, default=None)
    updates = ProgressUpdate.objects.filter(report__in=reports).for_rows().with_recommendations().with_last_time(latest)
    updates = updates.annotate(has_ended=HAS_ENDED).select_related("assessment__recorded_by")
    by_report = {key: [] for key in reports}
    for update in updates.with_indications(person, now):
        update.report = reports[update.report_id]
        by_report[update.report_id].append(update)
    begun = rules.has_begun(meeting, now)
    found = []
    for together in by_report.values():
        rows = progress_report_rows(together)
        for update, row in zip(together, rows, strict=True):
            indications = update.noted if begun else []
            found.append(RoomRow(update, row, recorded_for(update), indications, reasons_of(update, indications)))
    return list(reports.values()), found


def reasons_of(update, indications):
    last = update.last_time
    rated = last.confirmed_assessment if last else None
    return rules.attention_reasons(
        officer_view=update.officer_view if update.closed_at is None else "",
        target_date=update.response.target_date,
        last_rating=rated.rating if rated else None,
        member_ratings=[one.rating for one in indications if one.rating],
        day=update.report.meeting.day,
    )


def render_room(request, meeting, chosen, *, form=None, clash=None, status=200):
    now = timezone.now()
    is_copy = "offline" in request.GET  # kept on a device: nothing that others wrote for themselves
    reports, rows = room_rows(meeting, request.user, now)
    order = ATTENTION if request.GET.get("order") == ATTENTION else ""
    if order:
        rows.sort(key=lambda row: not row.reasons)
    for place, row in enumerate(rows, start=1):
        row.place = place
    waiting = [row for row in rows if row.rating is None and not row.is_locked]
    current = next((row for row in rows if str(row.update.pk) == chosen), (waiting or rows or [None])[0])
    shown = getattr(meeting, "shown_row", None)
    context = {
        "meeting": meeting,
        "reports": reports,
        "rows": rows,
        "current": current,
        # In full the row that is shown and its neighbours; the script asks for all of them afterwards.
        "full": rows
        if is_copy or "all" in request.GET or not current
        else rows[max(current.place - 2, 0) : current.place + 1],
        "order": order,
        "has_reasons": any(row.reasons for row in rows),
        "done": sum(row.rating is not None for row in rows),
        "begun": rules.has_begun(meeting, now),
        "to_confirm": [report for report in reports if report.stage == Stage.PUBLISHED],
        "page_version": page_version(meeting, [row.update for row in rows]),
        "shown": shown,
        "is_leading": shown is None or shown.shown_by_id == request.user.pk,
        "ratings": Rating,
        "form": form,
        "clash": clash,
        "draft": None if is_copy else find_draft(request),
        "is_copy": is_copy,
        "now": now,
        "until": max(meeting.day, timezone.localdate(now)) + timedelta(days=1),
    }
    return render(request, "room/room.html", context, status=status)


def record(request, meeting):
    """What was tapped, or the row for the screen. A script is answered in JSON, a form with the next row."""
    scripted = request.headers.get("Accept", "").startswith("application/json")
    if request.POST.get("person", str(request.user.pk)) != str(request.user.pk):
        # Tapped by one person, on a device on which another one has signed in since.
        return JsonResponse({"signed_in": request.user.name}, status=403)
    key = whole_number(request.POST.get("update", ""), KEY_DIGITS)
    rows = reports_of(meeting).order_by().values("pk")
    update = ProgressUpdate.objects.filter(report__in=rows, pk=key).select_related("report__inquiry").first()
    if update is None:
        if scripted:
            return JsonResponse({"problem": "This row is no longer before this meeting."}, status=403)
        raise Http404
    try:
        if request.POST.get("action") == "show":
            assessments.show_row(meeting, update, by=request.user, now=timezone.now())
            return JsonResponse({}) if scripted else redirect(row_address(request, meeting, update.pk))
        return record_rating(request, meeting, update, scripted)
    except Refused as refused:
        if scripted:
            return JsonResponse({"problem": str(refused)}, status=403)
        raise


def record_rating(request, meeting, update, scripted):
    form = RoomForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        if scripted:
            return JsonResponse({"problem": problem}, status=400)
        return render_room(request, meeting, str(update.pk), form=form, status=400)
    try:
        recorded = assessments.assess(update, **form.cleaned_data, by=request.user, now=timezone.now())
    except EditClash as clash:
        if scripted:
            return JsonResponse({"clash": assessment_state(clash.current)}, status=409)
        return render_room(request, meeting, str(update.pk), form=form, clash=clash.current, status=409)
    if scripted:
        return JsonResponse(assessment_state(recorded))
    delete_draft(request)
    said = Rating(recorded.rating).label if recorded.rating else TO_BE_ASSESSED
    numbers = update.response.references
    messages.success(request, f"Saved for {numbers}: {said}.")
    _, rows = room_rows(meeting, request.user, timezone.now())
    following = next_row(rows, update, request.GET.get("order") == ATTENTION)
    shown = getattr(meeting, "shown_row", None)
    if shown is None or shown.shown_by_id == request.user.pk:
        assessments.show_row(meeting, following, by=request.user, now=timezone.now())
    return redirect(row_address(request, meeting, following.pk))


def next_row(rows, update, by_attention):
    """The next row that has no rating, from the beginning again after the last; this one where all have one."""
    if by_attention:
        rows.sort(key=lambda row: not row.reasons)
    place = [row.update.pk for row in rows].index(update.pk)
    waiting = (row.update for row in rows[place + 1 :] + rows[:place] if row.rating is None and not row.is_locked)
    return next(waiting, update)


def row_address(request, meeting, row):
    order = {"order": ATTENTION} if request.GET.get("order") == ATTENTION else {}
    return f"{reverse('committee:room', args=[meeting.pk])}?{urlencode({'row': row, **order})}"


# --- The screen for the room ---------------------------------------------------------------------------


@dataclass
class ScreenRow:
    """A row in the words that have been published; `rating` is what was decided in public, or None."""

    update: ProgressUpdate
    row: Row
    inquiry: str
    last_rating: int | None
    place: int = 0
    rating: int | None = None


def screen_rows(meeting):
    reports = {report.pk: report for report in reports_of(meeting)}
    updates = {key: [] for key in reports}
    rows = ProgressUpdate.objects.filter(report__in=reports).select_related("report", "assessment", "response")
    for update in rows.annotate(has_ended=HAS_ENDED).in_order().with_recommendations().with_last_time():
        updates[update.report_id].append(update)
    editions = ReportEdition.objects.filter(report__in=reports).order_by("report_id", "-number").distinct("report_id")
    words = {edition.report_id: from_json(edition.content) for edition in editions}
    found = []
    for key, report in reports.items():
        published = {frozenset(row.references): row for row in words[key].rows}
        for update in updates[key]:
            row = published.get(frozenset(one.reference for one in update.response.recommendations.all()))
            if row is not None:
                last = update.last_time
                rated = last.confirmed_assessment if last else None
                found.append(ScreenRow(update, row, report.inquiry.title, rated.rating if rated else None))
    return found


def screen_data(meeting, updates):
    """What the room may see now: the row it is at, and the ratings recorded since the meeting began."""
    now = timezone.now()
    begun = rules.has_begun(meeting, now)
    shown = getattr(meeting, "shown_row", None)
    rows, latest = {}, None
    for update in updates:
        recorded = recorded_for(update)
        is_public = update.report.assessed_at is not None or (begun and recorded and recorded.is_of_meeting(meeting))
        rows[update.pk] = recorded.rating if recorded and is_public else None
        if rows[update.pk] and (latest is None or recorded.recorded_at > latest.recorded_at):
            latest = recorded
    return {
        "page": page_version(meeting, updates),
        "row": shown.update_id if shown and shown.update_id in rows else None,
        "latest": latest.update_id if latest else None,
        "rows": rows,
    }
