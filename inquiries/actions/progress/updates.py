"""Progress updates: written, submitted, returned."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.people import lock_people
from inquiries.actions.progress.steps import (
    EditClash,
    clear,
    collected,
    locked,
    tell_writers,
    withdraw,
    withdraw_sign_offs,
)
from inquiries.actions.records import save_valid
from inquiries.models import Assessment, Entry, Indication, ProgressUpdate, UpdateContributor
from inquiries.permissions import Refused, check_can

# Words saved by themselves within this time of a person's last entry are one change, not hundreds.
ONE_SITTING = timedelta(minutes=10)


@transaction.atomic
def save_update(
    update,
    *,
    version,
    by,
    now,
    text,
    officer_view="",
    exempt_text="",
    exempt_paragraph=None,
    contributors=None,
    evidence=None,
    by_itself=False,
    note="",
):
    """Save the words of an update as a draft; the version on which the edit was based must be the current one.

    `contributors` (people) and `evidence` ((title, address) pairs) stay as they are where None. Saved `by_itself`
    while somebody types, it makes a history entry of its own only where the last one is not theirs and recent; what
    is not in the history yet waits in `recorded`. `note` says why, in the history.
    Raises EditClash, Refused or ValidationError. Returns the update.
    """
    # Autosave sends them with every word: who is named already is not held each time.
    named = update.named.order_by("position", "pk").values_list("person", flat=True)
    is_renaming = contributors is not None and [person.pk for person in contributors] != list(named)
    present = {pk for pk, person in lock_people(contributors if is_renaming else ()).items() if person.is_active}
    locked(update.report)
    update = _fresh(update)
    today = timezone.localdate(now)
    check_can("write_update", by, update, today)
    if version != update.version:
        raise EditClash(update)
    saved_before = _Sitting(update)
    changes = history.set_fields(
        update,
        text=text.replace("\r\n", "\n").strip(),
        exempt_text=exempt_text.replace("\r\n", "\n").strip(),
        exempt_paragraph=exempt_paragraph,
        officer_view=officer_view,
    )
    if contributors is not None:
        before = update.contributor_names
        if list(contributors) != before:
            check_can("name_contributors", by, update, today)
            if gone := next((p for p in contributors if p not in before and p.pk not in present), None):
                raise Refused(f"{gone} has left and can be named no more.")
            name_contributors(update, contributors)
            changes["contributors"] = ([str(p) for p in before], [str(p) for p in contributors])
    if evidence is not None:
        before = [[e.title, e.url] for e in update.evidence.all()]
        if [list(pair) for pair in evidence] != before:
            replace_evidence(update, evidence)
            changes["evidence"] = (before, [list(pair) for pair in evidence])
    if all(before == after for before, after in changes.values()) and update.saved_at:
        return update
    going_on = by_itself and _is_going_on(update, by, now)
    known = saved_before.goes_on_in(changes) if going_on else saved_before.ends_in(changes, by=by)
    update.recorded = known if going_on else {}
    update.version += 1
    update.saved_at, update.saved_by = now, by
    save_valid(update, exclude=["report", "response"])
    if not going_on:
        _write_saving(update, by=by, now=now, changes=known, note=note)
    if any(before != after for before, after in changes.values()):
        # Not the text alone: names, links and the officer's own view are printed too.
        withdraw_sign_offs(update.report, by=by, now=now, why=f"the update on {update.response.references} has changed")
    if any(changes[field][0] != changes[field][1] for field in ("text", "exempt_text")):
        _take_out_judgements(update, by=by, now=now)
    return _fresh(update)


@transaction.atomic
def submit_update(update, *, by, now, version):
    """Say that an update is finished. The last one in brings the report to its Cabinet Members.

    `version` is that of the text the person has seen. Raises EditClash or Refused.
    """
    report = locked(update.report)
    update = _fresh(update)
    check_can("write_update", by, update, timezone.localdate(now))
    if version != update.version:
        raise EditClash(update)
    rules.check_complete_for_submission(update.text, update.exempt_text)
    texts = {"text": (update.text, update.text), "exempt_text": (update.exempt_text, update.exempt_text)}
    changes = _Sitting(update).ends_in(texts, by=by)
    update.submitted_at, update.submitted_by, update.recorded = now, by, {}
    update.save(update_fields=["submitted_at", "submitted_by", "recorded"])
    history.write(
        "submit_update",
        update,
        f"submitted the progress update on {update.response.references}",
        by=by,
        now=now,
        changes=changes,
        # The words as submitted, whether or not they have changed since they were last recorded.
        always=("text", "exempt_text") if update.exempt_text else ("text",),
        on_behalf_of=_on_behalf_of(by, update),
        inquiry=report.inquiry,
    )
    if not report.updates.open().exists():
        collected(report, by=by, now=now)
    return update


@transaction.atomic
def return_update(update, *, note, by, now):
    """Send one update back to be written again; that update only is open again. Raises Refused without a note."""
    report = locked(update.report)
    update = _fresh(update)
    check_can("return_update", by, update, timezone.localdate(now))
    if not note.strip():
        raise Refused("Say what you would like changed.")
    update.submitted_at = update.submitted_by = update.closed_at = update.closed_by = None
    update.returned_at, update.returned_by, update.return_note = now, by, note.strip()
    update.save()
    if report.collected_at is not None:
        clear(report, "collected")
    history.write(
        "return_update",
        update,
        f"returned the progress update on {update.response.references}",
        by=by,
        now=now,
        note=note.strip(),
        inquiry=report.inquiry,
        also=[report],
    )
    for sign_off in report.sign_offs.filter(person=by, signed_at__isnull=False):
        withdraw(sign_off, by=by, now=now, why="the Cabinet Member returned an update")
    tell_writers(update, "update_returned", now=now)
    return update


def _take_out_judgements(update, *, by, now):
    """What was judged before a report was reopened does not hold for other words: only the history keeps it."""
    for judgement in (*Assessment.objects.filter(update=update), *Indication.objects.filter(update=update)):
        history.write(
            "take_out_judgement",
            judgement,
            f"made an {judgement._meta.verbose_name} of the earlier words of {update.response.references} void",
            by=by,
            now=now,
            changes={"rating": (judgement.rating, None)},
            note=getattr(judgement, "comment", "") or getattr(judgement, "note", ""),
            inquiry=update.report.inquiry,
            deleted=[judgement],
        )
        judgement.delete()


class _Sitting:
    """The words of an update as they stand, part of them perhaps saved by themselves and not in the history yet.

    `recorded` of an update holds what the history last said of such a field: so an entry can begin where the one
    before it ended, and no words are ever missing between them.
    """

    def __init__(self, update):
        self.update = update
        self.known = update.recorded
        self.saved_at, self.saved_by = update.saved_at, update.saved_by
        # As they are before anything is set.
        self.now = {field: _held(update, field) for field in self.known}

    def goes_on_in(self, changes):
        """What the history last said of the fields that `changes` and the sitting touch: {field: value}."""
        changed = {field: history.as_kept(before) for field, (before, after) in changes.items() if before != after}
        return changed | self.known

    def ends_in(self, changes, *, by):
        """The changes for an entry of `by`; what somebody else has saved by themselves is recorded as theirs first."""
        if self.known and self.saved_by.pk != by.pk:
            self.record()
        elif self.known:
            unsaid = {field: (value, self.now[field]) for field, value in self.known.items()}
            return unsaid | {field: (self.known.get(field, old), new) for field, (old, new) in changes.items()}
        return changes

    def record(self):
        """Write the entry about what is not in the history yet, as of the moment it was saved."""
        changes = {field: (value, self.now[field]) for field, value in self.known.items()}
        _write_saving(self.update, by=self.saved_by, now=self.saved_at, changes=changes)


def record_sitting(update):
    """Bring what was saved by itself into the history; the caller saves `recorded`, which is empty now."""
    if update.recorded:
        _Sitting(update).record()
        update.recorded = {}


@transaction.atomic
def _record_one(pk, now):
    locked(ProgressUpdate.objects.select_related("report").get(pk=pk).report)
    update = _fresh(ProgressUpdate(pk=pk))
    if not update.recorded or now - update.saved_at < ONE_SITTING:
        return 0
    record_sitting(update)
    update.save(update_fields=["recorded"])
    return 1


def record_sittings(now):
    """Bring into the history what was saved by itself and then left alone; returns of how many updates."""
    left = ProgressUpdate.objects.exclude(recorded={}).filter(saved_at__lte=now - ONE_SITTING)
    return sum(_record_one(pk, now) for pk in list(left.order_by("pk").values_list("pk", flat=True)))


def _held(update, field):
    if field == "contributors":
        return [str(person) for person in update.contributor_names]
    if field == "evidence":
        return [[link.title, link.url] for link in update.evidence.all()]
    return getattr(update, field)


def _write_saving(update, *, by, now, changes, note=""):
    if any(before != after for before, after in changes.values()):
        history.write(
            "save_update",
            update,
            f"changed the progress update on {update.response.references}",
            by=by,
            now=now,
            changes=changes,
            note=note,
            on_behalf_of=_on_behalf_of(by, update),
            inquiry=update.report.inquiry,
        )


def _is_going_on(update, by, now):
    """Whether the last entry about this update is this person's own, a moment ago."""
    last = Entry.objects.about(update).first()
    return last is not None and (last.verb, last.by_id) == ("save_update", by.pk) and now - last.at < ONE_SITTING


def name_contributors(update, contributors):
    """Replace the named contributors; for deeds that have asked for leave already."""
    update.named.all().delete()
    for position, person in enumerate(contributors, start=1):
        UpdateContributor.objects.create(update=update, person=person, position=position)


def replace_evidence(update, evidence):
    """Replace the evidence by (title, address) pairs; for deeds that have asked for leave. Raises ValidationError."""
    update.evidence.all().delete()
    for position, (title, url) in enumerate(evidence, start=1):
        link = update.evidence.model(update=update, title=title, url=url, position=position)
        save_valid(link, exclude=["update"])


def carry_over_contributors(update, *, by, now):
    """Name whom the last report named; for deeds that have asked for leave."""
    earlier = (
        ProgressUpdate.objects.filter(response=update.response, report__months_on__lt=update.report.months_on)
        .order_by("-report__months_on")
        .first()
    )
    people = [person for person in earlier.contributor_names if person.is_active] if earlier else []
    if people:
        name_contributors(update, people)
        history.write(
            "carry_over_contributors",
            update,
            f"named the contributors of the last report for {update.response.references}",
            by=by,
            now=now,
            changes={"contributors": ([], [str(person) for person in people])},
            inquiry=update.report.inquiry,
        )


def _on_behalf_of(by, update):
    lead_officer = update.response.lead_officer
    theirs = by.pk == update.response.lead_officer_id or by in update.contributor_names
    return None if theirs else lead_officer


def _fresh(update):
    return ProgressUpdate.objects.for_page().get(pk=update.pk)
