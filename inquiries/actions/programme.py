"""A committee's work programme and standing items, and the agenda that is proposed from them."""

from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.exempt_check import check_texts
from inquiries.actions.meetings import (
    add_item,
    add_paper,
    change_item,
    lock_committee,
    locked_item,
    open_supplement,
    remove_paper,
)
from inquiries.actions.records import delete_files_on_rollback, merge_values, save_valid
from inquiries.choices import ItemKind, Stage
from inquiries.documents.content import long_date
from inquiries.documents.forward_plan import planned_at
from inquiries.documents.work_programme import work_programme, work_programme_pdf
from inquiries.models import AgendaDocument, Meeting, ProgrammeEntry, ProgressReport, StandingItem
from inquiries.models.fields import checksum_of_data
from inquiries.models.programme import dates_around, filled_title, standing_items_for
from inquiries.permissions import Refused, check_can
from inquiries.rules import is_same_standing_item, place_on_agenda
from inquiries.serialization import to_plain_data
from inquiries.uploads.process_upload import process_paper

PAPER_TITLE = "Work programme"


# Entries


@delete_files_on_rollback()
@transaction.atomic
def add_entry(committee, *, by, now, when="", **values):
    """Returns the ProgrammeEntry. `when` is as `ProgrammeEntry.when`."""
    check_can("administer", by, committee, timezone.localdate(now))
    entry = ProgrammeEntry(committee=lock_committee(committee), **values, **time_of(committee, when))
    check_entry(entry, values, now)
    save_valid(entry)
    names = ("title", "purpose", "contact", "kind", "meeting", "month")
    sentence = f"added “{entry}” to the work programme"
    history.write("add_entry", entry, sentence, by=by, now=now, changes=history.first_values(entry, *names))
    renew_programme_papers(committee, by=by, now=now)
    return entry


@delete_files_on_rollback()
@transaction.atomic
def change_entry(entry, *, by, now, based_on=None, **values):
    """Change an entry or, by `when`, move it to another meeting or month. For `based_on` see `merge_values`."""
    entry = locked_entry(entry, by=by, now=now)
    check_open(entry)
    values = merge_values(entry, values, based_on)
    moved = time_of(entry.committee, values.pop("when")) if values.get("when", entry.when) != entry.when else {}
    values.pop("when", None)
    before = entry.when
    changes = history.set_fields(entry, **values, **moved)
    changes |= {"when": (before, entry.when)} if moved else {}
    check_entry(entry, values, now)
    save_valid(entry)
    if any(old != new for old, new in changes.values()):
        where = f" to {describe_time(entry)}" if moved else ""
        sentence = f"{'moved' if moved else 'changed'} “{entry}” in the work programme{where}"
        history.write("move_entry" if moved else "change_entry", entry, sentence, by=by, now=now, changes=changes)
        renew_programme_papers(entry.committee, by=by, now=now)
    return entry


def check_entry(entry, values, now):
    """Everybody reads an entry at once: it says nothing that is exempt at its meeting, or else at one to come."""
    to_come = entry.committee.meetings.filter(start__gte=now, cancelled_at__isnull=True)
    texts = {name: values[name] for name in ("title", "purpose", "contact") if name in values}
    check_texts(texts, meetings=[entry.meeting] if entry.meeting else to_come)


def finish_entry(entry, *, by, now):
    return end_entry(entry, "finish_entry", "finished", by=by, now=now)


def drop_entry(entry, *, reason, by, now):
    if not reason.strip():
        raise ValidationError({"reason": "Say why the entry is dropped."})
    return end_entry(entry, "drop_entry", "dropped", reason=reason.strip(), by=by, now=now)


@delete_files_on_rollback()
@transaction.atomic
def end_entry(entry, verb, fact, *, by, now, reason=""):
    entry = locked_entry(entry, by=by, now=now)
    check_open(entry)
    changes = history.set_fields(entry, **{f"{fact}_at": now, f"{fact}_by": by, "dropped_reason": reason})
    save_valid(entry)
    sentence = f"{fact} “{entry}” of the work programme"
    history.write(verb, entry, sentence, by=by, now=now, changes=changes, note=reason)
    renew_programme_papers(entry.committee, by=by, now=now)
    return entry


@delete_files_on_rollback()
@transaction.atomic
def resume_entry(entry, *, by, now):
    """Put what was finished or dropped back into the programme."""
    entry = locked_entry(entry, by=by, now=now)
    if entry.is_open:
        raise Refused("This entry is in the work programme already.")
    nobody = {f"{fact}_{part}": None for fact in ("finished", "dropped") for part in ("at", "by")}
    changes = history.set_fields(entry, **nobody, dropped_reason="")
    save_valid(entry)
    sentence = f"put “{entry}” back into the work programme"
    history.write("resume_entry", entry, sentence, by=by, now=now, changes=changes)
    renew_programme_papers(entry.committee, by=by, now=now)
    return entry


def locked_entry(entry, *, by, now):
    check_can("administer", by, entry, timezone.localdate(now))
    committee = lock_committee(entry.committee)
    entry = ProgrammeEntry.objects.select_related("meeting").get(pk=entry.pk)
    entry.committee = committee
    return entry


def check_open(entry):
    if not entry.is_open:
        raise Refused(f"This entry has been {'finished' if entry.finished_at else 'dropped'} already.")


def time_of(committee, when):
    """The fields that `ProgrammeEntry.when` names. Raises ValidationError."""
    kind, _, key = when.partition("meeting-")
    if key:
        meeting = committee.meetings.filter(pk=int(key)).first() if key.isdecimal() else None
        if meeting is None or meeting.cancelled_at is not None:
            raise ValidationError({"when": "Choose a meeting of this committee that takes place."})
        return {"meeting": meeting, "month": None}
    return {"meeting": None, "month": date.fromisoformat(f"{kind}-01") if kind else None}


def describe_time(entry):
    if entry.meeting:
        return f"the meeting of {long_date(entry.meeting.day)}"
    return f"{entry.month:%B %Y}" if entry.month else "no date"


# Standing items


@transaction.atomic
def save_standing_items(committee, *, start, end, by, now, based_on=None):
    """Save the titles of the standing items, in their order, one a line. For `based_on` see `merge_values`."""
    check_can("administer", by, committee, timezone.localdate(now))
    committee = lock_committee(committee)
    before = standing_texts(committee)
    changed = merge_values(committee, {"start": start, "end": end}, based_on, recorded=before)
    after = {name: "\n".join(lines_of(text)) for name, text in (before | changed).items()}
    if after == before:
        return
    titles = lines_of(after["start"]), lines_of(after["end"])
    twice = [title for title in titles[0] + titles[1] if sum(map(title.casefold().__eq__, folded(titles))) > 1]
    if twice:
        raise ValidationError(f"“{twice[0]}” is there twice.")
    old = list(committee.standing_items.all())
    committee.standing_items.all().delete()
    new = [
        save_valid(StandingItem(committee=committee, title=title, at_end=at_end, position=position))
        for at_end in (False, True)
        for position, title in enumerate(titles[at_end], start=1)
    ]
    changes = {name: (before[name], after[name]) for name in before}
    sentence = f"changed the standing items of the agendas of the {committee}"
    history.write("standing_items", committee, sentence, by=by, now=now, changes=changes, also=new, deleted=old)


def standing_texts(committee):
    """The titles of the standing items as a form has them."""
    every = list(committee.standing_items.all())
    return {
        "start": "\n".join(one.title for one in every if not one.at_end),
        "end": "\n".join(one.title for one in every if one.at_end),
    }


def lines_of(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def folded(titles):
    return [title.casefold() for some in titles for title in some]


# What is proposed for an agenda


@dataclass(frozen=True)
class Proposal:
    """An item that could be added to an agenda, or (`item`) a title of it that no longer agrees with the data."""

    key: str
    title: str
    reason: str
    rank: tuple = (1, 0)  # of `rules.place_on_agenda`
    subtitle: str = ""
    kind: str = ItemKind.NOTHING
    report: ProgressReport | None = None
    entry: ProgrammeEntry | None = None
    item: int | None = None
    to_commission: str = ""  # the slug of an inquiry whose report must be commissioned first
    was_removed: bool = False  # it has been on this agenda and was taken off

    @property
    def is_standing(self):
        return self.rank[0] != 1

    @property
    def is_urged(self):
        """Whether it counts as open: nobody has decided against it."""
        return not self.was_removed


@dataclass
class AgendaProposals:
    meeting: Meeting
    standing: list[StandingItem]
    items: list  # of the agenda, in order
    found: list[Proposal] = field(default_factory=list)
    reports: list[ProgressReport] | None = None  # for this meeting and not assessed; None where nothing is proposed

    def rank_of(self, title):
        for one in self.standing:
            if is_same_standing_item(one.title, title):
                return (2 if one.at_end else 0, one.position)
        return (1, 0)

    @property
    def urged(self):
        return [one for one in self.found if one.is_urged]


def propose_agenda(meeting, *, now, today, items=None, is_published=None):
    """The AgendaProposals of a meeting; none for one that has begun or is cancelled.

    `items` are all its items, those that were removed too, and `is_published` says whether its main agenda is, where
    the caller has them at hand.
    """
    items = list(meeting.items.select_related("report")) if items is None else items
    on_agenda = [item for item in items if item.removed_at is None]
    removed = [item for item in items if item.removed_at is not None]
    standing, before, after = standing_items_for(meeting)
    proposals = AgendaProposals(meeting, standing, on_agenda)
    if meeting.cancelled_at is not None or meeting.start <= now:
        return proposals
    is_published = bool(open_supplement(meeting)) if is_published is None else is_published
    found = [] if is_published else list(standing_proposals(proposals, dates_around(before, after)))
    is_next = before is None or before < now
    reports, expected = planned_at(meeting, None if is_next else before, now=now, today=today)
    proposals.reports = [report for report in reports if report.meeting_id]
    adrift = [report for report in reports if not report.meeting_id and report.stage == Stage.SIGNED_OFF]
    found += entry_proposals(meeting, on_agenda, is_next)
    found += report_proposals(on_agenda, [*proposals.reports, *adrift])
    found += expected_proposals(on_agenda, expected)
    proposals.found = sorted((with_removal(one, removed) for one in found), key=lambda one: one.rank)
    return proposals


def standing_proposals(proposals, dates):
    for one in proposals.standing:
        rank, title = proposals.rank_of(one.title), filled_title(one.title, dates)
        place = "at the end" if one.at_end else "at the start"
        same = next((item for item in proposals.items if is_same_standing_item(item.title, one.title)), None)
        if same is None:
            yield Proposal(f"standing-{one.position}-{int(one.at_end)}", title, f"Standing item, {place}", rank)
        elif same.title != title and same.title.startswith(one.title) and title != one.title:
            reason = f"Item {same.number} is now “{same.title}”: its date is filled in"
            yield Proposal(f"title-{same.pk}", title, reason, rank, item=same.pk)


def entry_proposals(meeting, on_agenda, is_next):
    """The open entries for this meeting, or for its month, or at the next meeting for a month that is past."""
    month = meeting.day.replace(day=1)
    wanted = Q(meeting=meeting) | Q(month=month) | (Q(month__lt=month) if is_next else Q(pk__in=[]))
    keys = {item.pk for item in on_agenda}
    for entry in meeting.committee.programme_entries.open().filter(wanted).order_by("month", "title", "pk"):
        if entry.item_id in keys:
            continue
        when = "for this meeting" if entry.meeting_id else f"wanted in {entry.month:%B %Y}"
        yield Proposal(
            f"entry-{entry.pk}",
            entry.title,
            f"Work programme, {when}: {entry.get_kind_display().lower()}",
            subtitle=entry.purpose,
            kind=ItemKind.PAPERS,
            entry=entry,
        )


def report_proposals(on_agenda, planned):
    """Progress reports that are for this meeting or, at the next one, signed off without a meeting."""
    carried = {item.report_id for item in on_agenda}
    for report in planned:
        if report.pk in carried:
            continue
        state = report.stage.label.lower()
        if report.stage == Stage.COMMISSIONED and report.updates_due_on:
            state += f" until {long_date(report.updates_due_on)}"
        reason = f"Progress report for this meeting: {state}" if report.meeting_id else f"Progress report, {state}"
        yield Proposal(
            f"report-{report.pk}",
            report.inquiry.title,
            reason,
            subtitle=report.kind,
            kind=ItemKind.REPORT,
            report=report,
        )


def expected_proposals(on_agenda, expected):
    """Reports that are due by this meeting and not commissioned, and responses of Cabinet that are due by it."""
    titles = {item.title.casefold() for item in on_agenda}
    for one in expected:
        due = f"due on {long_date(one.due)}"
        if one.months:
            reason = f"{one.what}, {due}: commission it first"
            yield Proposal(f"due-{one.slug}", one.title, reason, to_commission=one.slug)
        elif (title := f"{one.what}: {one.title}").casefold() not in titles:
            yield Proposal(f"response-{one.slug}", title, f"{one.what}, {due}", kind=ItemKind.PAPERS)


def with_removal(proposal, removed):
    for item in removed:
        same = item.report_id == proposal.report.pk if proposal.report else item.title == proposal.title
        if same and not proposal.item:
            return replace(proposal, was_removed=True, reason=f"{proposal.reason}; taken off this agenda before")
    return proposal


@transaction.atomic
def add_proposals(meeting, *, keys, by, now):
    """Put the proposals of these keys on the agenda, each in its place. Returns how many there were.

    Raises Refused where one is no longer proposed.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("committee").get(pk=meeting.pk)
    proposals = propose_agenda(meeting, now=now, today=timezone.localdate(now))
    chosen = [one for one in proposals.found if one.key in keys and not one.to_commission]
    if len(chosen) < len(set(keys)):
        raise Refused("What is proposed has just changed. Look at it again.")
    titles = [item.title for item in proposals.items]
    for one in chosen:
        if one.item:
            item = next(item for item in proposals.items if item.pk == one.item)
            change_item(item, title=one.title, by=by, now=now)
            continue
        number = place_on_agenda([proposals.rank_of(title) for title in titles], one.rank)
        fields = {"title": one.title, "subtitle": one.subtitle, "kind": one.kind, "report": one.report}
        item = add_item(meeting, number=number, **fields, by=by, now=now)
        titles.insert(number - 1, one.title)
        if one.entry:
            put_entry_on_agenda(one.entry, item, by=by, now=now)
    return len(chosen)


def put_entry_on_agenda(entry, item, *, by, now):
    changes = history.set_fields(entry, item=item, meeting=item.meeting, month=None)
    save_valid(entry)
    sentence = f"put “{entry}” of the work programme on the agenda"
    history.write("entry_on_agenda", entry, sentence, by=by, now=now, changes=changes)


# The programme as a paper of an agenda


@delete_files_on_rollback()
@transaction.atomic
def add_programme_paper(item, *, by, now):
    """Put the work programme, as it is now, into an item as a paper. Returns the AgendaDocument."""
    item = locked_item(item, by=by, now=now)
    if item.documents.on_agenda().exclude(programme_checksum="").exists():
        raise Refused("The work programme is a paper of this item already.")
    if item.kind == ItemKind.NOTHING:
        item = change_item(item, kind=ItemKind.PAPERS, by=by, now=now)
    return make_programme_paper(item, by=by, now=now)


def make_programme_paper(item, *, by, now, **fields):
    content = programme_for(item.meeting, now)
    received = process_paper(BytesIO(work_programme_pdf(content, item.meeting.day)), "work-programme.pdf")
    checksum = checksum_of_data(to_plain_data(content))
    return add_paper(item, received, title=PAPER_TITLE, programme_checksum=checksum, by=by, now=now, **fields)


def programme_for(meeting, now):
    return work_programme(meeting.committee, now=now, today=timezone.localdate(now))


def renew_programme_papers(committee, *, by, now, meeting=None):
    """Take the programme again in the papers that show it, until they are published; of one meeting alone, if given.

    Returns how many showed an older one.
    """
    papers = AgendaDocument.objects.on_agenda().filter(
        item__meeting__committee=committee,
        item__meeting__start__gt=now,
        item__meeting__cancelled_at__isnull=True,
        item__removed_at__isnull=True,
    )
    papers = papers.exclude(programme_checksum="").select_related("item__meeting__committee")
    renewed = 0
    for paper in papers.filter(item__meeting=meeting) if meeting else papers:
        of_meeting = paper.item.meeting
        checksum = checksum_of_data(to_plain_data(programme_for(of_meeting, now)))
        if checksum == paper.programme_checksum or paper.supplement < open_supplement(of_meeting):
            continue
        remove_paper(paper, by=by, now=now)
        place = {"supplement": paper.supplement, "position": paper.position}
        make_programme_paper(paper.item, by=by, now=now, **place)
        renewed += 1
    return renewed
