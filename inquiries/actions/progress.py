"""The life of a progress report, step by step as `rules.STEPS` has it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import resume
from inquiries.choices import Stage
from inquiries.models import ProgressReport, ProgressUpdate, SignOff, UpdateContributor
from inquiries.notifications import clerks, tell
from inquiries.permissions import Refused, check_can


class EditClash(Exception):
    """Somebody saved the same text in the meantime. `current` is the record as it stands now."""

    def __init__(self, current):
        super().__init__("Somebody else has changed this text since you opened it.")
        self.current = current


def counting():
    """How this council counts clear days, from the settings."""
    return rules.ClearDays(settings.COUNT_SATURDAY, settings.EXCLUDE_CHRISTMAS_EVE)


def deadlines_for(meeting):
    """The deadlines of a report that goes to `meeting`, from the settings."""
    return rules.deadlines(
        meeting.day,
        counting(),
        sign_off_days=settings.SIGN_OFF_DAYS_BEFORE_PUBLICATION,
        update_days=settings.UPDATES_DAYS_BEFORE_SIGN_OFF,
    )


@transaction.atomic
def commission(
    inquiry,
    *,
    months_on,
    by,
    now,
    meeting=None,
    update_date=None,
    updates_due_on=None,
    sign_off_due_on=None,
    cabinet_members=(),
):
    """Ask for an update on every open promise of `inquiry`; lead officers are told what, and by when.

    Deadlines that are not given are worked out backwards from the meeting. Cabinet Members are those named by
    the responses, and `cabinet_members`. Contributors of the last report are carried over.
    Raises Refused when nothing is open or nobody could sign; ValidationError for a report that exists already.
    """
    check_can("administer", by, inquiry, timezone.localdate(now))
    responses = list(inquiry.responses.open().in_order().select_related("lead_officer", "cabinet_member"))
    if not responses:
        raise Refused("There is nothing to report on: no accepted recommendation is still open.")
    signing = {p.pk: p for p in (*cabinet_members, *(r.cabinet_member for r in responses)) if p}
    if not signing:
        raise Refused("Name the Cabinet Member who is to sign this report off.")
    if meeting is not None:
        worked_out = deadlines_for(meeting)
        updates_due_on = updates_due_on or worked_out.updates
        sign_off_due_on = sign_off_due_on or worked_out.sign_off
        update_date = update_date or meeting.day
    report = ProgressReport(
        inquiry=inquiry,
        months_on=months_on,
        meeting=meeting,
        update_date=update_date,
        updates_due_on=updates_due_on,
        sign_off_due_on=sign_off_due_on,
        commissioned_at=now,
        commissioned_by=by,
    )
    _check_deadlines(report)
    report.full_clean()
    report.save()
    for person in signing.values():
        SignOff.objects.create(report=report, person=person)
    for response in responses:
        update = ProgressUpdate.objects.create(report=report, response=response)
        _carry_over_contributors(update)
    history.write(
        "commission",
        report,
        f"commissioned the {report.kind.lower()}",
        by=by,
        now=now,
        changes={"updates_due_on": (None, updates_due_on), "sign_off_due_on": (None, sign_off_due_on)},
        inquiry=inquiry,
    )
    for update in report.updates.for_page():
        people = [p for p in (update.response.lead_officer, *update.contributor_names) if p]
        tell(people, "update_wanted", update.pk, now=now, update=update, due=updates_due_on)
    return report


@transaction.atomic
def reschedule(report, *, meeting, update_date, updates_due_on, sign_off_due_on, by, now):
    """Change the meeting or the dates of a report that is not yet published. Raises Refused or ValidationError."""
    check_can("administer", by, report, timezone.localdate(now))
    report = locked(report)
    if report.published_at is not None:
        raise Refused("The report has been published: reopen it before you change its dates.")
    changes = history.set_fields(
        report,
        meeting=meeting,
        update_date=update_date,
        updates_due_on=updates_due_on,
        sign_off_due_on=sign_off_due_on,
    )
    _check_deadlines(report)
    report.full_clean()
    report.save()
    history.write(
        "reschedule", report, "changed the dates of the report", by=by, now=now, changes=changes, inquiry=report.inquiry
    )
    return report


@transaction.atomic
def name_cabinet_members(report, *, people, by, now):
    """Set who is to sign a report off. Whoever has signed stays named. Raises Refused."""
    check_can("administer", by, report, timezone.localdate(now))
    report = locked(report)
    if report.signed_off_at is not None:
        raise Refused("The report has been signed off: reopen it before you change who signs.")
    if not people:
        raise Refused("Name the Cabinet Member who is to sign this report off.")
    before = list(report.sign_offs.select_related("person"))
    wanted = {person.pk: person for person in people}
    for sign_off in before:
        if sign_off.person_id not in wanted:
            if sign_off.signed_at is not None:
                raise Refused(f"{sign_off.person} has already signed and stays named.")
            sign_off.delete()
    named = {sign_off.person_id for sign_off in before}
    added = [person for pk, person in wanted.items() if pk not in named]
    for person in added:
        SignOff.objects.create(report=report, person=person)
    history.write(
        "name_cabinet_members",
        report,
        "named who is to sign the report off",
        by=by,
        now=now,
        changes={"cabinet_members": ([str(s.person) for s in before], [str(p) for p in wanted.values()])},
        inquiry=report.inquiry,
    )
    if report.stage == Stage.AWAITING_SIGN_OFF:
        tell(added, "sign_off_wanted", f"{report.pk}:{now.isoformat()}", now=now, report=report)
    return report


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
):
    """Save the words of an update as a draft; the version on which the edit was based must be the current one.

    `contributors` (people) and `evidence` ((title, address) pairs) stay as they are where None.
    Raises EditClash, Refused or ValidationError. Returns the update.
    """
    locked(update.report)
    update = _fresh(update)
    today = timezone.localdate(now)
    check_can("write_update", by, update, today)
    if version != update.version:
        raise EditClash(update)
    changes = history.set_fields(
        update,
        text=text.replace("\r\n", "\n").strip(),
        exempt_text=exempt_text.replace("\r\n", "\n").strip(),
        exempt_paragraph=exempt_paragraph,
        officer_view=officer_view,
    )
    words_change = any(changes[field][0] != changes[field][1] for field in ("text", "exempt_text", "exempt_paragraph"))
    if contributors is not None:
        before = update.contributor_names
        if list(contributors) != before:
            check_can("name_contributors", by, update, today)
            name_contributors(update, contributors)
            changes["contributors"] = ([str(p) for p in before], [str(p) for p in contributors])
    if evidence is not None:
        before = [[e.title, e.url] for e in update.evidence.all()]
        if [list(pair) for pair in evidence] != before:
            replace_evidence(update, evidence)
            changes["evidence"] = (before, [list(pair) for pair in evidence])
    if all(before == after for before, after in changes.values()) and update.saved_at:
        return update
    update.version += 1
    update.saved_at, update.saved_by = now, by
    update.full_clean(exclude=["report", "response"])
    update.save()
    history.write(
        "save_update",
        update,
        f"changed the progress update on {update.response.references}",
        by=by,
        now=now,
        changes=changes,
        on_behalf_of=_on_behalf_of(by, update),
        inquiry=update.report.inquiry,
    )
    if words_change:
        _withdraw_sign_offs(
            update.report, by=by, now=now, why=f"the update on {update.response.references} has changed"
        )
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
    update.submitted_at, update.submitted_by = now, by
    update.save(update_fields=["submitted_at", "submitted_by"])
    history.write(
        "submit_update",
        update,
        f"submitted the progress update on {update.response.references}",
        by=by,
        now=now,
        on_behalf_of=_on_behalf_of(by, update),
        inquiry=report.inquiry,
    )
    if not report.updates.open().exists():
        _collected(report, by=by, now=now)
    return update


@transaction.atomic
def close_collection(report, *, by, now):
    """Go on without the updates that have not come; they are printed as not received. Raises Refused."""
    report = locked(report)
    check_can("close_collection", by, report, timezone.localdate(now))
    missing = list(report.updates.open().for_page())
    for update in missing:
        update.closed_at, update.closed_by = now, by
        update.save(update_fields=["closed_at", "closed_by"])
    history.write(
        "close_collection",
        report,
        "closed the collection of updates",
        by=by,
        now=now,
        note="Not received: " + ", ".join(u.response.references for u in missing) if missing else "",
        inquiry=report.inquiry,
    )
    _collected(report, by=by, now=now)
    return report


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
        _clear(report, "collected")
    history.write(
        "return_update",
        update,
        f"returned the progress update on {update.response.references}",
        by=by,
        now=now,
        note=note.strip(),
        inquiry=report.inquiry,
    )
    for sign_off in report.sign_offs.filter(person=by, signed_at__isnull=False):
        _withdraw(sign_off, by=by, now=now, why="the Cabinet Member returned an update")
    people = [p for p in (update.response.lead_officer, *update.contributor_names) if p]
    tell(people, "update_returned", f"{update.pk}:{now.isoformat()}", now=now, update=update)
    return update


@transaction.atomic
def sign_off(sign_off, *, by, now, seen=None):
    """The Cabinet Member signs. When all who are named have signed, the report is signed off.

    `seen` is the report's `words_mark()` when the person read it (None: not asked). Raises EditClash when
    the words have changed since, or Refused.
    """
    report = locked(sign_off.report)
    sign_off = SignOff.objects.select_related("report__inquiry", "person").get(pk=sign_off.pk)
    check_can("sign_off", by, sign_off, timezone.localdate(now))
    if seen is not None and seen != report.words_mark():
        raise EditClash(report)
    return _sign(sign_off, report, evidence_note="", by=by, now=now)


@transaction.atomic
def record_sign_off(sign_off, *, evidence_note, by, now):
    """A clerk records a Cabinet Member's sign-off, with a note of how it is known. Raises Refused without one."""
    report = locked(sign_off.report)
    sign_off = SignOff.objects.select_related("report__inquiry", "person").get(pk=sign_off.pk)
    check_can("record_sign_off", by, sign_off, timezone.localdate(now))
    if not evidence_note.strip():
        raise Refused("Note how the Cabinet Member's agreement is known: an e-mail of 3 November, say.")
    return _sign(sign_off, report, evidence_note=evidence_note.strip(), by=by, now=now)


@transaction.atomic
def reopen(report, *, to, reason, by, now, updates=()):
    """Take a report back to an earlier stage, with the reason on record.

    Back among the lead officers (`Stage.COMMISSIONED`), the `updates` named are open again; at least one.
    Sign-offs are withdrawn where the texts can change. Ends that the confirmed assessments brought are undone.
    Raises Refused.
    """
    report = locked(report)
    today = timezone.localdate(now)
    check_can("reopen", by, report, today)
    to = Stage(to)
    rules.check_can_go_back(report.stage, to)
    if not reason.strip():
        raise Refused("Say why the report is reopened.")
    if to == Stage.COMMISSIONED and not updates:
        raise Refused("Choose at least one update that is to be written again.")
    was = report.stage
    confirmed_at = report.assessed_at
    for fact, stage in reversed(rules.FACTS):
        if rules.STAGES.index(stage) > rules.STAGES.index(to):
            _clear(report, fact)
    if confirmed_at is not None:
        _undo_ends(report, confirmed_at, reason, by=by, now=now)
    if to in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF):
        _withdraw_sign_offs(report, by=by, now=now, why="the report was reopened")
    if to == Stage.COMMISSIONED:
        for update in report.updates.filter(pk__in=[u.pk for u in updates]):
            update.submitted_at = update.submitted_by = update.closed_at = update.closed_by = None
            update.save()
            people = [p for p in (update.response.lead_officer, *update.contributor_names) if p]
            tell(people, "update_reopened", f"{update.pk}:{now.isoformat()}", now=now, update=update, reason=reason)
    history.write(
        "reopen",
        report,
        f"reopened the {report.kind.lower()}: {to.label.lower()}",
        by=by,
        now=now,
        changes={"stage": (was.value, to.value)},
        note=reason.strip(),
        inquiry=report.inquiry,
    )
    return report


def locked(report):
    """The report as it stands, its row held until the transaction ends."""
    return ProgressReport.objects.select_for_update(of=("self",)).select_related("inquiry").get(pk=report.pk)


def _fresh(update):
    return ProgressUpdate.objects.for_page().get(pk=update.pk)


def _check_deadlines(report):
    if report.updates_due_on and report.sign_off_due_on and report.updates_due_on > report.sign_off_due_on:
        raise ValidationError({"sign_off_due_on": "Sign-off cannot be due before the updates are."})
    if report.meeting and report.meeting.committee_id != report.inquiry.committee_id:
        raise ValidationError({"meeting": "This meeting is of another committee."})


def _on_behalf_of(by, update):
    lead_officer = update.response.lead_officer
    theirs = by.pk == update.response.lead_officer_id or by in update.contributor_names
    return None if theirs else lead_officer


def name_contributors(update, contributors):
    """Replace the named contributors; for deeds that have asked for leave already."""
    update.named.all().delete()
    for position, person in enumerate(contributors, start=1):
        UpdateContributor.objects.create(update=update, person=person, position=position)


def _carry_over_contributors(update):
    earlier = (
        ProgressUpdate.objects.filter(response=update.response, report__months_on__lt=update.report.months_on)
        .order_by("-report__months_on")
        .first()
    )
    if earlier is not None:
        name_contributors(update, [p for p in earlier.contributor_names if p.is_active])


def replace_evidence(update, evidence):
    """Replace the evidence by (title, address) pairs; for deeds that have asked for leave. Raises ValidationError."""
    update.evidence.all().delete()
    for position, (title, url) in enumerate(evidence, start=1):
        link = update.evidence.model(update=update, title=title, url=url, position=position)
        link.full_clean(exclude=["update"])
        link.save()


def _collected(report, *, by, now):
    report.collected_at, report.collected_by = now, by
    report.save(update_fields=["collected_at", "collected_by"])
    history.write(
        "collected", report, "brought all updates together for sign-off", by=by, now=now, inquiry=report.inquiry
    )
    waiting = [s.person for s in report.sign_offs.select_related("person") if s.signed_at is None]
    tell(waiting, "sign_off_wanted", f"{report.pk}:{now.isoformat()}", now=now, report=report)


def _sign(sign_off, report, *, evidence_note, by, now):
    sign_off.signed_at, sign_off.signed_by, sign_off.evidence_note = now, by, evidence_note
    sign_off.save()
    history.write(
        "sign_off",
        sign_off,
        "signed the report off" if by == sign_off.person else f"recorded the sign-off of {sign_off.person}",
        by=by,
        now=now,
        note=evidence_note,
        on_behalf_of=sign_off.person,
        inquiry=report.inquiry,
    )
    if not report.sign_offs.filter(signed_at__isnull=True).exists():
        report.signed_off_at, report.signed_off_by = now, by
        report.save(update_fields=["signed_off_at", "signed_off_by"])
        history.write("signed_off", report, "completed the sign-off", by=by, now=now, inquiry=report.inquiry)
        tell(clerks(), "report_signed_off", f"{report.pk}:{now.isoformat()}", now=now, report=report)
    return sign_off


def _withdraw_sign_offs(report, *, by, now, why):
    for sign_off in report.sign_offs.filter(signed_at__isnull=False).select_related("person"):
        _withdraw(sign_off, by=by, now=now, why=why)


def _withdraw(sign_off, *, by, now, why):
    signed_at = sign_off.signed_at
    sign_off.signed_at = sign_off.signed_by = None
    sign_off.evidence_note = ""
    sign_off.save()
    history.write(
        "withdraw_sign_off",
        sign_off,
        f"caused the sign-off of {sign_off.person} to be withdrawn: {why}",
        by=by,
        now=now,
        changes={"signed_at": (signed_at, None)},
        inquiry=sign_off.report.inquiry,
    )
    if by != sign_off.person:
        key = f"{sign_off.pk}:{now.isoformat()}"
        tell([sign_off.person], "sign_off_withdrawn", key, now=now, report=sign_off.report, why=why)


def _clear(report, fact):
    setattr(report, f"{fact}_at", None)
    setattr(report, f"{fact}_by", None)
    report.save(update_fields=[f"{fact}_at", f"{fact}_by"])


def _undo_ends(report, confirmed_at, reason, *, by, now):
    for update in report.updates.for_page():
        for recommendation in update.response.recommendations.all():
            if recommendation.ended_at == confirmed_at:
                resume(recommendation, reason=reason, by=by, now=now)
