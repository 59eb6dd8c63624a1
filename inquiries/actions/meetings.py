"""A meeting and its agenda: called, changed, cancelled; items and their papers added, put in order, removed."""

from collections import defaultdict
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.exempt_check import check_texts
from inquiries.actions.progress import move_dates, moved_dates, new_date
from inquiries.actions.records import (
    delete_files_on_rollback,
    delete_record,
    keep_received,
    merge_values,
    save_record,
    save_valid,
)
from inquiries.choices import ItemKind
from inquiries.documents.content import long_date
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Committee,
    ItemOutcome,
    Meeting,
    OfficerReport,
    Recommendation,
)
from inquiries.models.meetings import deadlines_of, forget_holidays, report_dates
from inquiries.models.programme import dates_around, filled_title, standing_items_for
from inquiries.notifications import members_on, notify
from inquiries.permissions import Refused, check_can
from inquiries.uploads.process_upload import tagging_check

# Numbers are unique among the items of a meeting: while they change places they have numbers from here on.
ASIDE = 10_000

# What a file says of itself may be longer than what is kept of it.
LONGEST_LANGUAGE = AgendaDocument._meta.get_field("language").max_length


@transaction.atomic
def call_meeting(*, committee, start, venue, by, now, usual_items=False):
    """Call a meeting of `committee` at `start` (an aware datetime), with its standing items if wished.

    Returns the Meeting. Raises Refused, or ValidationError where the committee already meets at this time.
    """
    check_can("administer", by, committee, timezone.localdate(now))
    meeting = Meeting(committee=lock_committee(committee), start=start, venue=venue)
    check_time_is_free(meeting)
    save_record(meeting, by=by, now=now)
    if usual_items:
        items, *around = standing_items_for(meeting)
        dates = dates_around(*around)
        for item in items:
            add_item(meeting, title=filled_title(item.title, dates), by=by, now=now)
    return meeting


@transaction.atomic
def change_meeting(meeting, *, start, venue, by, now, based_on=None):
    """Move a meeting to another time or place. Raises Refused or ValidationError as `call_meeting`.

    The dates of its reports that were worked out from its day follow (`progress.moved_dates`). Its members are
    notified where its agenda has been published. A meeting that has been cancelled stays as it was: another one is
    called instead; and one at which something was decided does not move. For `based_on` see `merge_values`.
    """
    meeting = locked_meeting(meeting, by=by, now=now)
    if meeting.cancelled_at is not None:
        raise Refused("This meeting has been cancelled. Call another one instead.")
    lock_committee(meeting.committee)
    before = Meeting.objects.get(pk=meeting.pk)
    changed = merge_values(meeting, {"start": start, "venue": venue}, based_on)
    start, venue = changed.get("start", before.start), changed.get("venue", before.venue)
    if start != before.start:
        check_nothing_was_decided(meeting)
    check_texts({"venue": changed.get("venue", "")}, meetings=[meeting])
    meeting.start, meeting.venue = start, venue
    check_time_is_free(meeting)
    save_record(meeting, by=by, now=now)
    if meeting.day != before.day:
        why = f"The meeting of the {before} has been moved to {long_date(meeting.day)}."
        moved = moved_dates(meeting, report_dates(before.day), report_dates(meeting.day))
        others = officer_report_deadlines(meeting, before.day, meeting.day)
        move_dates(moved, why=why, by=by, now=now, others=others)
    if (start, venue) != (before.start, before.venue) and has_published_agenda(meeting):
        members = members_on(meeting.committee_id, meeting.day)
        notify(
            members,
            "meeting_changed",
            f"{meeting.pk}:{now.isoformat()}",
            now=now,
            reply_to=by,
            meeting=meeting,
            before=before,
        )
    return meeting


def officer_report_deadlines(meeting, old_day, new_day):
    """Who has an officer report to write, or to sign, by another day if the meeting moves; as `new_deadlines`."""
    old, new = deadlines_of(old_day), deadlines_of(new_day)
    concerned = defaultdict(list)
    reports = OfficerReport.objects.filter(item__meeting=meeting).current().filter(signed_off_at__isnull=True)
    for report in reports.for_page() if old != new else ():
        if report.submitted_at is None and report.text_due is None:
            thing = f"{report.title_in_mail}: {new_date(old.updates, new.updates)}"
            for person in report.writers:
                concerned[person].append(((f"officer_report:{report.pk}",), thing))
        for signature in report.signatures.all() if report.sign_off_due is None else ():
            if signature.signed_at is None:
                thing = f"sign-off of {report.title_in_mail}: {new_date(old.sign_off, new.sign_off)}"
                concerned[signature.person].append(((f"report_signature:{signature.pk}",), thing))
    return concerned


def check_nothing_was_decided(meeting):
    assessed = meeting.progress_reports.filter(assessed_at__isnull=False).select_related("inquiry").first()
    if assessed is not None:
        raise Refused(f"The assessments of “{assessed.inquiry}” are of this meeting. Reopen the report first.")
    if meeting.attendance.exists() or ItemOutcome.objects.filter(item__meeting=meeting).exists():
        raise Refused("Who attended this meeting, or what it decided, has been recorded, so it took place.")
    ended = Recommendation.objects.filter(ended_meeting=meeting).select_related("inquiry").first()
    if ended is not None:
        raise Refused(f"Recommendation {ended.reference} of “{ended.inquiry}” was ended at this meeting.")


def has_published_agenda(meeting):
    return meeting.packs.filter(published_at__isnull=False, withdrawn_at__isnull=True).exists()


@transaction.atomic
def cancel_meeting(meeting, *, reason, by, now):
    """Say that a meeting does not take place, and why; it stays listed. Raises Refused, or ValidationError.

    The committee's members, and those who write and sign officer reports for it, are notified where
    `cancellation_is_notified`.
    """
    meeting = locked_meeting(meeting, by=by, now=now)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the meeting is cancelled."})
    if meeting.cancelled_at is not None:
        raise Refused("This meeting has already been cancelled.")
    check_nothing_was_decided(meeting)
    check_texts({"reason": reason}, meetings=[meeting])
    reports = OfficerReport.objects.filter(item__meeting=meeting).current().for_page()
    report_people = [
        person
        for report in reports
        for person in (*report.writers, *(signature.person for signature in report.signatures.all()))
    ]
    changes = history.set_fields(meeting, cancelled_at=now, cancelled_by=by, cancelled_reason=reason)
    meeting.save()
    history.write("cancel", meeting, f"cancelled the meeting “{meeting}”", by=by, now=now, changes=changes, note=reason)
    if cancellation_is_notified(meeting, now):
        people = dict.fromkeys([*members_on(meeting.committee_id, meeting.day), *report_people])
        notify(people, "meeting_cancelled", str(meeting.pk), now=now, reply_to=by, meeting=meeting)
    return meeting


def cancellation_is_notified(meeting, now):
    """Whether the members hear that a meeting is cancelled: it is still to come, or its agenda was published."""
    return meeting.start > now or meeting.packs.filter(published_at__isnull=False).exists()


@contextmanager
def dates_worked_out_again(*, why, by, now):
    """What is done to the holidays within changes the dates that were worked out from meetings still to come."""
    coming = Meeting.objects.filter(start__gt=now, progress_reports__published_at__isnull=True).distinct()
    before = [(meeting, report_dates(meeting.day)) for meeting in coming.filter(cancelled_at__isnull=True)]
    yield
    forget_holidays()
    moved = [found for meeting, dates in before for found in moved_dates(meeting, dates, report_dates(meeting.day))]
    move_dates(moved, why=why, by=by, now=now)


@transaction.atomic
def save_holiday(holiday, *, by, now, based_on=None):
    """Add or change a day that counts towards no deadline. Raises Refused or ValidationError."""
    with dates_worked_out_again(why=f"There is a new holiday: {holiday}.", by=by, now=now):
        return save_record(holiday, by=by, now=now, based_on=based_on)


@transaction.atomic
def delete_holiday(holiday, *, by, now):
    with dates_worked_out_again(why=f"This is no holiday any more: {holiday}.", by=by, now=now):
        delete_record(holiday, by=by, now=now)


@transaction.atomic
def add_item(meeting, *, by, now, number=None, **fields):
    """Put an item on the agenda, at `number` (those behind it move on) or at the end. Returns the AgendaItem.

    `fields` are those of `change_item`. Once the main agenda is published, a new item belongs to the next
    supplement, unless `supplement` names another.
    Raises Refused, or ValidationError where the report is for another committee, or already on this agenda.
    """
    meeting = locked_meeting(meeting, by=by, now=now)
    if fields.get("supplement") is None:
        fields["supplement"] = open_supplement(meeting)
    item = AgendaItem(meeting=meeting, **fields)
    check_report(meeting.items, meeting, item.kind, item.report)
    last = meeting.items.on_agenda().aggregate(last=Max("number"))["last"] or 0
    item.number = min(max(number or last + 1, 1), last + 1)
    shift_items(meeting.items.on_agenda().filter(number__gte=item.number), 1)
    save_valid(item)
    sentence = f"put item “{item}” on the agenda"
    changes = history.first_values(item, "number", "title", "subtitle", "kind", "report", "to_follow", "supplement")
    moved, inquiry = meeting.items.on_agenda().exclude(pk=item.pk), inquiry_of_item(item)
    history.write("add_item", item, sentence, by=by, now=now, changes=changes, inquiry=inquiry, also=moved)
    return item


@transaction.atomic
def change_item(item, *, by, now, based_on=None, **values):
    item = locked_item(item, by=by, now=now)
    values = merge_values(item, values, based_on)
    others = item.meeting.items.exclude(pk=item.pk)
    check_report(others, item.meeting, values.get("kind", item.kind), values.get("report", item.report))
    if values.get("kind", item.kind) != ItemKind.PAPERS and item.documents.on_agenda().exists():
        raise ValidationError({"kind": "This item has papers. Remove them first."})
    changes = history.set_fields(item, **values)
    save_valid(item)
    if any(before != after for before, after in changes.values()):
        sentence = f"changed item “{item}” of the agenda"
        history.write("change_item", item, sentence, by=by, now=now, changes=changes, inquiry=inquiry_of_item(item))
    return item


@transaction.atomic
def move_item(item, *, to, by, now):
    item = locked_item(item, by=by, now=now)
    others = list(item.meeting.items.on_agenda().exclude(pk=item.pk).order_by("number"))
    to = min(max(to, 1), len(others) + 1)
    if to == item.number:
        return item
    before = item.number
    others.insert(to - 1, item)
    renumber_items(others)
    item.refresh_from_db()
    sentence = f"moved item “{item.title}” from {before} to {item.number}"
    history.write("move_item", item, sentence, by=by, now=now, changes={"number": (before, item.number)}, also=others)
    return item


@transaction.atomic
def remove_item(item, *, by, now):
    """Take an item off the agenda, with its papers; those behind it move up. Raises Refused.

    It is kept, because a published pack may show it.
    """
    item = locked_item(item, by=by, now=now)
    for paper in item.documents.on_agenda():
        changes = history.set_fields(paper, removed_at=now, removed_by=by)
        paper.save(update_fields=["removed_at", "removed_by"])
        sentence = f"took off the paper “{paper.title}” with item {item.number}"
        history.write("remove_paper", paper, sentence, by=by, now=now, changes=changes)
    changes = history.set_fields(item, removed_at=now, removed_by=by)
    item.save()
    remaining, inquiry = list(item.meeting.items.on_agenda().order_by("number")), inquiry_of_item(item)
    renumber_items(remaining)
    sentence = f"took item “{item}” off the agenda"
    history.write("remove_item", item, sentence, by=by, now=now, changes=changes, inquiry=inquiry, also=remaining)
    return item


def open_supplement(meeting):
    """The number of the supplement that gathers what is added now: 0 until the main agenda is published."""
    published = AgendaPack.objects.public().filter(meeting=meeting).aggregate(last=Max("supplement"))["last"]
    return 0 if published is None else published + 1


def locked_meeting(meeting, *, by, now):
    check_can("administer", by, meeting, timezone.localdate(now))
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def locked_item(item, *, by, now):
    meeting = locked_meeting(item.meeting, by=by, now=now)
    item = AgendaItem.objects.get(pk=item.pk)
    item.meeting = meeting
    if item.removed_at is not None:
        raise Refused("This item has been removed from the agenda.")
    return item


def lock_committee(committee):
    """The committee, locked: its meetings are called one after the other, so that two never take the same time."""
    return Committee.objects.select_for_update().get(pk=committee.pk)


def check_time_is_free(meeting):
    # The constraint says this too, but not beside the hour.
    others = Meeting.objects.exclude(pk=meeting.pk).filter(committee=meeting.committee, cancelled_at__isnull=True)
    if others.filter(start=meeting.start).exists():
        start = timezone.localtime(meeting.start)
        raise ValidationError(f"This committee already meets at {start:%H:%M} on {start.day} {start:%B %Y}.")


def check_report(others, meeting, kind, report):
    if kind == ItemKind.REPORT and report is None:
        raise ValidationError({"report": "Choose the progress report that this item carries."})
    if report is None:
        return
    if kind != ItemKind.REPORT:
        raise ValidationError({"report": "Only an item that carries a progress report names one."})
    if report.inquiry.committee_id != meeting.committee_id:
        raise ValidationError({"report": "This report is for another committee."})
    twin = others.on_agenda().filter(report=report).first()
    if twin is not None:
        raise ValidationError({"report": f"Item {twin.number} of this agenda carries this report already."})


def shift_items(items, by):
    for item in items.order_by("-number"):
        AgendaItem.objects.filter(pk=item.pk).update(number=item.number + by)


def renumber_items(items):
    for number, item in enumerate(items, start=1):
        AgendaItem.objects.filter(pk=item.pk).update(number=ASIDE + number)
    for number, item in enumerate(items, start=1):
        AgendaItem.objects.filter(pk=item.pk).update(number=number)


def inquiry_of_item(item):
    return item.report.inquiry if item.report_id else None


@delete_files_on_rollback()
@transaction.atomic
def add_paper(item, received, *, by, now, **fields):
    """Add an uploaded paper to an item. Returns the AgendaDocument.

    `received` is what the check of uploads returns; `fields` are title, exempt_paragraph, contact, supplement and
    position.
    Once the main agenda is published it goes into the next supplement, unless `supplement` names another.
    Raises Refused, or ValidationError where the item carries no papers.
    """
    return store_paper(locked_item(item, by=by, now=now), received, by=by, now=now, **fields)


def store_paper(item, received, *, by, now, **fields):
    """As `add_paper`, for an action that has checked the permission and locked the meeting."""
    if item.kind != ItemKind.PAPERS:
        raise ValidationError("Only an item that carries papers can have a paper.")
    if fields.get("supplement") is None:
        fields["supplement"] = open_supplement(item.meeting)
    if fields.get("position") is None:
        fields["position"] = (item.documents.on_agenda().aggregate(last=Max("position"))["last"] or 0) + 1
    paper = AgendaDocument(
        item=item,
        pages=[vars(page) for page in received.pages],
        page_texts=list(received.page_texts),
        tagging=received.tagging,
        tagging_check=tagging_check(received.checksum),
        language=received.language[:LONGEST_LANGUAGE],
        cleaned=list(received.cleaned),
        **fields,
    )
    keep_received(paper, received, by=by, now=now)
    save_valid(paper)
    fields = ("title", "original_name", "file", "checksum", "page_count", "exempt_paragraph", "position", "supplement")
    write_paper_entry("add_paper", paper, "added", by=by, now=now, changes=history.first_values(paper, *fields))
    return paper


@transaction.atomic
def change_paper(paper, *, by, now, based_on=None, **values):
    paper = locked_paper(paper, by=by, now=now)
    values = merge_values(paper, values, based_on)
    if values.get("exempt_paragraph", paper.exempt_paragraph) != paper.exempt_paragraph:
        check_is_no_signed_report(paper)
    changes = history.set_fields(paper, **values)
    save_valid(paper, exclude=["file"])
    if any(before != after for before, after in changes.values()):
        write_paper_entry("change_paper", paper, "changed", by=by, now=now, changes=changes)
    return paper


@delete_files_on_rollback()
@transaction.atomic
def replace_paper(paper, received, *, by, now):
    """Put another file in the place of a paper, which is kept for the packs that carry it. Returns the new paper."""
    old = locked_paper(paper, by=by, now=now)
    check_is_no_signed_report(old)
    remove_paper(old, by=by, now=now)
    return add_paper(
        old.item,
        received,
        title=old.title,
        exempt_paragraph=old.exempt_paragraph,
        contact=old.contact,
        supplement=old.supplement,
        position=old.position,
        by=by,
        now=now,
    )


@transaction.atomic
def move_paper(paper, *, to, by, now):
    paper = locked_paper(paper, by=by, now=now)
    others = list(paper.item.documents.on_agenda().exclude(pk=paper.pk))
    before = paper.position
    others.insert(max(to - 1, 0), paper)
    for position, each in enumerate(others, start=1):
        AgendaDocument.objects.filter(pk=each.pk).update(position=position)
    paper.refresh_from_db()
    if paper.position != before:
        changes = {"position": (before, paper.position)}
        write_paper_entry("move_paper", paper, "moved", by=by, now=now, changes=changes, also=others)
    return paper


@transaction.atomic
def remove_paper(paper, *, by, now):
    paper = locked_paper(paper, by=by, now=now)
    check_is_no_signed_report(paper)
    record_removal(paper, by=by, now=now)
    return paper


def check_is_no_signed_report(paper):
    """What was signed is what is published: raise Refused for the paper of an officer report under way."""
    report = OfficerReport.objects.current().filter(document=paper).first()
    if report is not None:
        raise Refused(
            f"This paper is the officer report “{report}” as it was signed. Reopen the report to change it, or move or "
            "cancel it to take it off the agenda."
        )


def record_removal(paper, *, by, now):
    changes = history.set_fields(paper, removed_at=now, removed_by=by)
    paper.save()
    write_paper_entry("remove_paper", paper, "took off", by=by, now=now, changes=changes)


def locked_paper(paper, *, by, now):
    item = locked_item(paper.item, by=by, now=now)
    paper = AgendaDocument.objects.get(pk=paper.pk)
    paper.item = item
    if paper.removed_at is not None:
        raise Refused("This paper has been removed from the agenda.")
    return paper


def write_paper_entry(verb, paper, did, **entry):
    history.write(verb, paper, f"{did} the paper “{paper.title}” of item {paper.item.number}", **entry)
