"""A meeting called, changed, cancelled; its agenda put together item by item."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.contrib import messages
from django.db.models import FilteredRelation
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions import meetings, packs, progress
from inquiries.actions.meetings import open_supplement
from inquiries.actions.programme import propose_agenda
from inquiries.actions.records import FieldsChanged, merge_values
from inquiries.choices import ItemKind, NextStep, PackEdition, Stage, StandingKind
from inquiries.documents.content import long_date
from inquiries.documents.pack_content import has_restricted_edition, records_of
from inquiries.forms.clerk_meetings import (
    AddItemForm,
    AddPaperForm,
    CallMeetingForm,
    CancelMeetingForm,
    ChangeItemForm,
    ChangePaperForm,
    CommitteeQueryForm,
    MeetingForm,
    MoveForm,
    ReplacePaperForm,
    ReportQueryForm,
    add_paper_forms,
)
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Entry, Meeting, PackPaper, PackPlan, ProgressReport
from inquiries.models.fields import checksum_of_data
from inquiries.models.meetings import deadlines_of, report_dates
from inquiries.models.minutes import with_minutes_state
from inquiries.models.packs import issue_name
from inquiries.notifications import members_on
from inquiries.rules import Refused, next_step_of_meeting, standing_kind
from inquiries.templatetags.scrutiny import date_of, longdate
from inquiries.views.clerk_reports import MOST_HISTORY, Deadline
from inquiries.views.dashboard import TO_DO, minutes_steps
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form
from inquiries.views.officer_report_lines import officer_report_line

DATE_NAMES = {
    "update_date": "Date of the update",
    "updates_due_on": "Updates are due",
    "sign_off_due_on": "Sign-off is due",
}


@clerk_required
def call_meeting(request):
    initial = {"committee": CommitteeQueryForm(request.GET).found(), "usual_items": True}
    form = CallMeetingForm(bound_data(request), initial=initial)
    call = partial(meetings.call_meeting, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and apply_action(form, call, **form.cleaned_data):
        delete_draft(request)
        called = Meeting.objects.get(**{name: form.cleaned_data[name] for name in ("committee", "start")})
        messages.success(request, "The meeting is called.")
        warn_about_past_dates(request, called)
        return redirect(agenda_url(called))
    way = [("Call a meeting", "")]
    return render(request, "clerk/call_meeting.html", {"form": form, "draft": find_draft(request), "crumbs": way})


@require_safe
@clerk_required
def agenda(request, pk):
    rows = Meeting.objects.filter(pk=pk).annotate(plan=FilteredRelation("pack_plans"))
    rows = list(rows.select_related("committee", "cancelled_by", "plan"))
    if not rows:
        raise Http404
    # One row for each plan; where there is none, it has no such attribute.
    meeting, plans = rows[0], [row.plan for row in rows if hasattr(row, "plan")]
    for plan in plans:
        plan.meeting = meeting
    after = []
    if meeting.start <= timezone.now() and meeting.cancelled_at is None:
        after = minutes_steps(with_minutes_state(Meeting.objects.filter(pk=pk), timezone.now()).get())
    shown = agenda_context(meeting, plans, now=timezone.now(), today=timezone.localdate(), after=after)
    return render(request, "clerk/agenda.html", {**shown, "crumbs": agenda_breadcrumbs(meeting)})


@clerk_required
def change_meeting(request, pk):
    meeting = meeting_or_404(pk)
    check_not_cancelled(request, meeting)
    form = MeetingForm(bound_data(request), meeting=meeting)
    context = {
        "meeting": meeting,
        "reports": list(meeting.progress_reports.select_related("inquiry")),
        "published": meetings.has_published_agenda(meeting),
        "crumbs": agenda_breadcrumbs(meeting, "Change the meeting"),
    }
    if request.method == "POST" and form.is_valid():
        effects = effects_of_change(meeting, **form.cleaned_data)
        if effects and request.POST.get("seen") != effects["version"]:
            return render(request, "clerk/change_meeting.html", {**context, "form": form, "effects": effects})
    success = Success(agenda_url(meeting), "The meeting is changed.")
    answered = process_form(request, form, partial(meetings.change_meeting, meeting), success, context)
    if answered.status_code == 302:
        warn_about_past_dates(request, meeting_or_404(pk))
    return answered


def effects_of_change(meeting, *, start, venue, based_on):
    """What follows from changing the meeting, to be looked at before it is saved; None where nothing does."""
    try:
        changed = merge_values(meeting, {"start": start, "venue": venue}, based_on)
    except FieldsChanged:
        # Saving says so.
        return None
    start, venue = changed.get("start", meeting.start), changed.get("venue", meeting.venue)
    day = timezone.localdate(start)
    moved = progress.moved_dates(meeting, report_dates(meeting.day), report_dates(day))
    others = meetings.officer_report_deadlines(meeting, meeting.day, day)
    is_notified = (start, venue) != (meeting.start, meeting.venue) and meetings.has_published_agenda(meeting)
    members = members_on(meeting.committee_id, day) if is_notified else []
    if not moved and not members and not others:
        return None
    lines = [(report, DATE_NAMES[name], old, new) for report, changes in moved for name, (old, new) in changes.items()]
    notified = sorted({str(person) for person in [*progress.new_deadlines(moved), *others, *members] if person.email})
    seen = [[report.pk, name, old.isoformat(), new.isoformat()] for report, name, old, new in lines]
    return {
        "lines": lines,
        "publication": deadlines_of(day).publication,
        "notified": notified,
        "version": checksum_of_data([start.isoformat(), venue, seen, notified]),
        "today": timezone.localdate(),
    }


@clerk_required
def cancel_meeting(request, pk):
    meeting = meeting_or_404(pk)
    check_not_cancelled(request, meeting)
    return process_agenda_form(
        request,
        CancelMeetingForm(bound_data(request)),
        partial(meetings.cancel_meeting, meeting),
        "The meeting is cancelled.",
        heading="Cancel the meeting",
        meeting=meeting,
        reports=list(meeting.progress_reports.select_related("inquiry")),
        is_notified=meetings.cancellation_is_notified(meeting, timezone.now()),
    )


def process_agenda_form(request, form, action, message, *, heading, meeting, **context):
    """As `process_form`, for an action about a meeting, which leads back to its agenda."""
    crumbs = agenda_breadcrumbs(meeting, heading)
    success = Success(agenda_url(meeting), message)
    return process_form(request, form, action, success, {"meeting": meeting, "crumbs": crumbs, **context})


@clerk_required
def add_item(request, pk):
    meeting = meeting_or_404(pk)
    report = ReportQueryForm(request.GET, meeting=meeting).found()
    items = list(meeting.items.on_agenda())
    form = AddItemForm(bound_data(request), meeting=meeting, items=items, report=report)
    added = []

    def add(**values):
        added.append(meetings.add_item(meeting, **values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and apply_action(form, add, **form.cleaned_data):
        delete_draft(request)
        return redirect_after_adding(request, meeting, added[0])
    context = {"meeting": meeting, "form": form, "draft": find_draft(request)}
    return render(request, "clerk/add_item.html", context | {"crumbs": agenda_breadcrumbs(meeting, "Add an item")})


@clerk_required
def change_item(request, pk, item):
    item = item_or_404(pk, item)
    return process_agenda_form(
        request,
        ChangeItemForm(bound_data(request), item=item, last_issue=next_supplement(item.meeting)),
        partial(meetings.change_item, item),
        f"Item {item.number} is changed.",
        heading=f"Item {item.number}",
        meeting=item.meeting,
        item=item,
    )


@clerk_required
def move_item(request, pk, item):
    """Move an item to another number; back to the agenda, on the button that was pressed."""
    item = item_or_404(pk, item)
    form, before = MoveForm(request.POST), item.number
    move = partial(meetings.move_item, item, by=request.user, now=timezone.now())
    # A person who comes by a link (after signing in again, say) has pressed nothing.
    if request.method == "POST" and form.is_valid() and apply_action(form, move, **form.cleaned_data):
        item.refresh_from_db()
        messages.success(request, f"“{item.title}” is now item {item.number}.")
    last = item.meeting.items.on_agenda().count()
    return redirect(f"{agenda_url(item.meeting)}#{move_button_id('item', item.pk, before, item.number, last)}")


@clerk_required
def remove_item(request, pk, item):
    item = item_or_404(pk, item)
    return process_agenda_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(meetings.remove_item, item),
        f"“{item.title}” is removed from the agenda.",
        heading=f"Remove item {item.number} from the agenda",
        meeting=item.meeting,
        item=item,
        papers=list(item.documents.on_agenda().defer("page_texts", "pages")),
        unsigned_reports=list(
            item.officer_reports.current()
            .filter(signed_off_at__isnull=True)
            .select_related("author", "item__meeting")
            .defer("sections")
        ),
        published=has_public_pack(item.meeting),
    )


def meeting_or_404(pk):
    return get_object_or_404(Meeting.objects.select_related("committee", "cancelled_by"), pk=pk)


def item_or_404(pk, item):
    items = AgendaItem.objects.on_agenda().select_related("meeting__committee", "report__inquiry")
    return get_object_or_404(items, meeting=pk, pk=item)


def agenda_url(meeting):
    return reverse("clerk:agenda", args=[meeting.pk])


def next_supplement(meeting):
    return max(meetings.open_supplement(meeting), *packs.supplements_of(meeting)) + 1


def move_button_id(kind, pk, before, after, last):
    """The id of the button on the agenda that takes the focus after a move; at an end the other one is left."""
    up = after < before
    if after == 1:
        up = False
    elif after == last:
        up = True
    return f"{kind}-{'up' if up else 'down'}-{pk}"


def agenda_breadcrumbs(meeting, *more):
    way = [(meeting.committee.name, meeting.committee.get_absolute_url())]
    return [*way, (f"Agenda, {long_date(meeting.day)}", agenda_url(meeting)), *((heading, "") for heading in more)]


def redirect_after_adding(request, meeting, item):
    messages.success(request, f"Item {item.number} is on the agenda.")
    if item.kind == ItemKind.PAPERS and not item.to_follow:
        return redirect("clerk:add_paper", meeting.pk, item.pk)
    return redirect(agenda_url(meeting))


def warn_about_past_dates(request, meeting):
    if meeting.start < timezone.now():
        messages.warning(request, "This meeting is in the past. If that is a mistake, change its day.")
    elif meeting.deadlines.publication < timezone.localdate():
        day = long_date(meeting.deadlines.publication)
        messages.warning(request, f"The last day to publish its agenda, {day}, has passed.")


def check_not_cancelled(request, meeting):
    # A person who has sent the form finds out on the form, beside what they wrote.
    if meeting.cancelled_at is not None and request.method != "POST":
        raise Refused("This meeting has been cancelled.")


def has_public_pack(meeting):
    return AgendaPack.objects.public().filter(meeting=meeting).exists()


@clerk_required
def add_paper(request, pk, item):
    item = item_or_404(pk, item)
    if item.kind != ItemKind.PAPERS and request.method != "POST":
        raise Refused("Only an item that carries papers can have a paper. Change what the item carries first.")
    forms = add_paper_forms(bound_data(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST":
        added = [form for form in forms if add_paper_from_form(request, item, form)]
        faulty = any(form.errors for form in forms)
        report_added_papers(request, item, added)
        delete_draft(request)
        if not faulty:
            return redirect(agenda_url(item.meeting))
        forms = [AddPaperForm(prefix=form.prefix) if form in added else form for form in forms]
    gathering = open_supplement(item.meeting)
    context = {
        "item": item,
        "meeting": item.meeting,
        "forms": forms,
        "supplement": issue_name(gathering) if gathering else "",
        "draft": find_draft(request),
        "crumbs": agenda_breadcrumbs(item.meeting, f"Add papers to item {item.number}"),
    }
    return render(request, "clerk/add_paper.html", context)


@clerk_required
def change_paper(request, pk, paper):
    paper = paper_or_404(pk, paper)
    form = ChangePaperForm(bound_data(request), paper=paper, last_issue=next_supplement(paper.item.meeting))
    return process_paper_form(request, paper, form, meetings.change_paper, "The paper is changed.")


@clerk_required
def replace_paper(request, pk, paper):
    paper = paper_or_404(pk, paper)
    form = ReplacePaperForm(request.POST, request.FILES) if request.method == "POST" else ReplacePaperForm()

    def replace(paper, file, **by_and_now):
        new = meetings.replace_paper(paper, file, **by_and_now)
        if new.cleaned:
            messages.info(request, describe_cleaning(new.title, new.cleaned))

    return process_paper_form(request, paper, form, replace, "The file is replaced.")


@clerk_required
def remove_paper(request, pk, paper):
    paper = paper_or_404(pk, paper)
    message = f"“{paper.title}” is removed from the agenda."
    return process_paper_form(request, paper, ConfirmForm(bound_data(request)), meetings.remove_paper, message)


def process_paper_form(request, paper, form, action, message):
    """As `process_agenda_form`, for an action about a paper."""
    headings = {"change_paper": "Change a paper", "replace_paper": "Replace a file", "remove_paper": "Remove a paper"}
    return process_agenda_form(
        request,
        form,
        partial(action, paper),
        message,
        heading=headings[request.resolver_match.url_name],
        meeting=paper.item.meeting,
        item=paper.item,
        paper=paper,
        published=public_packs_with(paper),
    )


@clerk_required
def move_paper(request, pk, paper):
    """Move a paper among those of its item; back to the agenda, on the button that was pressed."""
    paper = paper_or_404(pk, paper)
    form, before = MoveForm(request.POST), place_of_paper(paper)
    move = partial(meetings.move_paper, paper, by=request.user, now=timezone.now())
    # A person who comes by a link (after signing in again, say) has pressed nothing.
    if request.method == "POST" and form.is_valid() and apply_action(form, move, **form.cleaned_data):
        messages.success(request, f"“{paper.title}” is now paper {place_of_paper(paper)} of item {paper.item.number}.")
    last = paper.item.documents.on_agenda().count()
    button = move_button_id("paper", paper.pk, before, place_of_paper(paper), last)
    return redirect(f"{agenda_url(paper.item.meeting)}#{button}")


def add_paper_from_form(request, item, form):
    if not form.has_changed() or not form.is_valid():
        return False
    received = form.cleaned_data["file"]
    values = {name: form.cleaned_data[name] for name in ("title", "exempt_paragraph")}
    return apply_action(form, meetings.add_paper, item, received, **values, by=request.user, now=timezone.now())


def report_added_papers(request, item, added):
    received = [(form.cleaned_data["title"], form.cleaned_data["file"]) for form in added]
    if not received:
        return
    message = (
        f"Added to item {item.number}: {', '.join(f'“{title}” ({pages_phrase(paper)})' for title, paper in received)}."
    )
    messages.success(request, message)
    for title, paper in received:
        if paper.cleaned:
            messages.info(request, describe_cleaning(title, paper.cleaned))


def describe_cleaning(title, cleaned):
    return f"On receipt of “{title}”: {' '.join(cleaned)}"


def pages_phrase(received):
    count = len(received.pages)
    return "1 page" if count == 1 else f"{count} pages"


def paper_or_404(pk, paper):
    papers = AgendaDocument.objects.on_agenda().defer("page_texts").select_related("item__meeting__committee")
    return get_object_or_404(papers, item__meeting=pk, item__removed_at__isnull=True, pk=paper)


def place_of_paper(paper):
    keys = list(paper.item.documents.on_agenda().values_list("pk", flat=True))
    return keys.index(paper.pk) + 1


def public_packs_with(paper):
    published = AgendaPack.objects.public().filter(papers__document=paper).defer("content")
    return [(pack.name, reverse("clerk:withdraw_pack", args=[pack.meeting_id, pack.pk])) for pack in published]


PUBLISHED = "Published"


@dataclass(frozen=True)
class EditionStatus:
    text: str
    colour: str
    explanation: str


@dataclass(frozen=True)
class IssueLine:
    supplement: int
    public: EditionStatus
    restricted: EditionStatus | None  # where something is exempt, or was
    publish_on: datetime | None
    is_held: bool  # since a backup was restored
    refusal: str  # why a planned publication did not happen

    @property
    def name(self):
        return issue_name(self.supplement)

    @property
    def editions(self):
        """[(which editions, their EditionStatus)]: both in one line where they are equally far."""
        if self.restricted is None:
            return [("Public edition", self.public)]
        if self.restricted == self.public:
            return [("Public and restricted editions", self.public)]
        return [("Public edition", self.public), ("Restricted edition", self.restricted)]


def agenda_context(meeting, plans, *, now, today, after=()):
    """Everything the page of an agenda shows, as a dictionary. A constant number of queries."""
    records = records_of(meeting)
    papers = [paper for some in records.documents.values() for paper in some]
    for item in records.items:
        item.unsigned_reports = [
            report for report in records.officer_reports.get(item.pk, ()) if report.signed_off_at is None
        ]
        item.report_lines = [(report, officer_report_line(report, today)) for report in item.unsigned_reports]
        signed = {report.document_id: report for report in records.officer_reports.get(item.pk, ())}
        item.papers = records.documents.get(item.pk, [])
        for paper in item.papers:
            paper.report = signed.get(paper.pk)
        item.can_take_programme = standing_kind(item.title) == StandingKind.WORK_PROGRAMME and not any(
            paper.programme_checksum for paper in item.papers
        )
    items, papers = [*records.items, *records.removed_items], [*papers, *records.removed_papers]
    is_published = any(pack.is_published and not pack.supplement for pack in records.packs)
    proposals = propose_agenda(meeting, now=now, today=today, items=items, is_published=is_published)
    set_down = proposals.reports
    if set_down is None:
        set_down = ProgressReport.objects.filter(meeting=meeting).select_related("inquiry")
    carried = [item.report for item in records.items if item.report is not None]
    reports = {report.pk: report for report in (*carried, *set_down)}
    plans = {plan.supplement: plan for plan in plans}
    issues = [
        issue_line(meeting, supplement, plans.get(supplement), records)
        for supplement in packs.supplements_of(meeting, records)
    ]
    return {
        "meeting": meeting,
        "today": today,
        "is_past": meeting.start < now,
        "items": records.items,
        "proposals": proposals.urged,
        "after": after,
        "step": agenda_step(meeting, records.items, issues, proposals.urged, after, now),
        "timeline": agenda_timeline(meeting, list(reports.values()), records.packs),
        "issues": issues,
        "is_published": is_published,
        "exposed_papers": exposed_papers(records.packs, papers),
        "history": Entry.objects.about(meeting, *items, *papers, *records.packs)[:MOST_HISTORY].by_day(),
    }


def agenda_step(meeting, items, issues, proposals, after, now):
    """(the NextStep, the address of its button); `after` are the Tasks after the meeting."""
    minutes_to_do = [task.href for task in after if task.status == TO_DO]
    lacking = [item for item in items if item.kind == ItemKind.PAPERS and not item.papers and not item.to_follow]
    # Its paper comes by itself.
    lacking = [item for item in lacking if not item.unsigned_reports]
    awaited = [report for item in items for report in item.unsigned_reports if not item.to_follow]
    reports = [item.report for item in items if item.report is not None]
    unsigned = [report for report in reports if report.stage in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF)]
    published = [report for report in reports if report.stage == Stage.PUBLISHED]
    in_hand = next((one for one in issues if {status.text for _, status in one.editions} != {PUBLISHED}), None)
    step = next_step_of_meeting(
        is_cancelled=meeting.cancelled_at is not None,
        has_begun=meeting.start <= now,
        to_assess=bool(published),
        lacks_minutes=bool(minutes_to_do),
        # A standing item that is left out need not be added one day.
        is_proposed=any(not items or not one.is_standing for one in proposals),
        is_empty=not items,
        lacks_papers=bool(lacking),
        lacks_sign_off=bool(unsigned or awaited),
        is_published=in_hand is None,
    )
    addresses = {
        NextStep.CALL_MEETING: lambda: f"{reverse('clerk:call_meeting')}?committee={meeting.committee.slug}",
        NextStep.CHOOSE_PROPOSALS: lambda: reverse("clerk:agenda_proposals", args=[meeting.pk]),
        NextStep.ADD_ITEM: lambda: reverse("clerk:add_item", args=[meeting.pk]),
        NextStep.ADD_PAPER: lambda: reverse("clerk:add_paper", args=[meeting.pk, lacking[0].pk]),
        NextStep.SEE_REPORT: lambda: (
            report_url("clerk:manage", unsigned[0])
            if unsigned
            else reverse("clerk:officer_report", args=[awaited[0].pk])
        ),
        NextStep.OPEN_PACK: lambda: reverse("clerk:pack", args=[meeting.pk, in_hand.supplement]),
        NextStep.SEE_MEETING: meeting.get_absolute_url,
        NextStep.WRITE_MINUTES: lambda: minutes_to_do[0],
        NextStep.ASSESS: lambda: reverse("committee:room", args=[meeting.pk]),
    }
    return step, addresses[step]()


def report_url(name, report):
    return reverse(name, args=[report.inquiry.slug, report.months_on])


def agenda_timeline(meeting, reports, built):
    """The working and statutory dates before a meeting in the order in which they come, as [Deadline].

    Without a report the working dates are for information: nothing is late.
    """
    worked_out = meeting.deadlines
    public = [pack for pack in built if pack.edition == PackEdition.PUBLIC and not pack.supplement]
    published = [pack.published_at for pack in public if pack.published_at and not pack.withdrawn_at]
    cancelled = meeting.cancelled_at is not None
    lines = []
    for report in reports:
        name = f"{report.inquiry.title}, {report.months_on} months on"
        lines.append(Deadline(f"Updates are due: {name}", report.updates_due_on, date_of(report, "collected")))
        lines.append(Deadline(f"Sign-off is due: {name}", report.sign_off_due_on, date_of(report, "signed_off")))
    if not reports:
        lines.append(Deadline("Updates of a progress report", worked_out.updates, None, never_late=True))
        lines.append(Deadline("Sign-off of a progress report", worked_out.sign_off, None, never_late=True))
    first = longdate(min(published, default=None))
    last_day = Deadline("Last day to publish the agenda", worked_out.publication, first, never_late=cancelled)
    lines = sorted([*lines, last_day], key=lambda line: line.day or date.max)
    return [*lines, Deadline("Meeting", meeting.day, None, never_late=True)]


def exposed_papers(packs, papers):
    """Those of `papers` that are marked exempt and are in one of `packs` that everybody reads, as [PackPaper]."""
    published = [pack.pk for pack in packs if pack.is_published and pack.edition == PackEdition.PUBLIC]
    exempt = [paper.pk for paper in papers if paper.exempt_paragraph is not None]
    if not published or not exempt:
        return []
    return list(
        PackPaper.objects.filter(pack__in=published, document__in=exempt)
        .select_related("pack__meeting__committee", "document")
        .defer("pack__content", "document__page_texts", "document__pages")
    )


def issue_line(meeting, supplement, plan, records):
    # The last build of each edition, withdrawn or not; what would be built now is compared with it.
    built = {pack.edition: pack for pack in records.packs if pack.supplement == supplement}
    chosen = plan or PackPlan(meeting=meeting, supplement=supplement)
    contents = packs.current_contents(chosen, records) if built else {}
    is_exempt = PackEdition.RESTRICTED in built or has_restricted_edition(supplement, records)
    is_being_built = plan is not None and plan.is_being_built
    public, restricted = (edition_status(built.get(edition), contents, is_being_built) for edition in PackEdition)
    return IssueLine(
        supplement=supplement,
        public=public,
        restricted=restricted if is_exempt else None,
        publish_on=plan.publish_on if plan else None,
        is_held=plan is not None and plan.is_held,
        refusal=plan.refusal if plan else "",
    )


def edition_status(pack, contents, is_being_built=False):
    """How far the newest build of an edition is; `contents` are what would be built now, by edition."""
    if is_being_built:
        return EditionStatus("Being built", "blue", "A pack is being built at this moment.")
    if pack is None:
        return EditionStatus("Not built", "grey", "No pack has been built yet.")
    if pack.withdrawn_at:
        return EditionStatus("Withdrawn", "red", "The published pack was withdrawn.")
    if packs.is_out_of_date(pack, contents):
        text = "Published, but changed since" if pack.published_at else "Out of date"
        changed = "The agenda was changed since. The page of the pack says what is different."
        return EditionStatus(text, "orange", changed)
    if pack.published_at:
        return EditionStatus(PUBLISHED, "green", "The pack is published and shows the agenda as it is.")
    return EditionStatus("Built", "blue", "The pack is built and not yet published.")
