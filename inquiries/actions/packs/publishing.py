"""Publishing the packs of one issue, now or at a set time, and with them the progress reports in them."""

import hashlib
import logging

from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.meetings import locked_meeting
from inquiries.actions.packs.building import build_packs, claimed
from inquiries.actions.packs.issues import (
    current_contents,
    findings_for,
    is_out_of_date,
    latest_packs,
    plan_of,
    saved_plan,
    supplements_of,
)
from inquiries.actions.publication import publish
from inquiries.actions.withholding import check_pack
from inquiries.choices import PackEdition, Stage
from inquiries.deadlines import deadlines_for
from inquiries.documents.pdf import PdfFailed
from inquiries.models import AgendaPack, Membership, PackPlan, ProgressReport
from inquiries.notifications import clerks, tell
from inquiries.permissions import Refused, check_can

logger = logging.getLogger(__name__)

NO_REASON = (
    "This is after the last day to publish. Give the reason why it cannot wait: the law asks for it "
    "(Local Government Act 1972, section 100B(4))."
)


def is_late(meeting, day):
    """Whether publishing on `day` is after the last day that leaves five clear days before the meeting."""
    return day > deadlines_for(meeting).publication


def publish_packs(meeting, supplement, *, by, now, urgency_reason=""):
    """Publish an issue of the agenda with the progress reports in it; packs that are out of date are built first.

    Returns the public AgendaPack. The committee's members are told. Raises Refused (Withheld, where words of
    exempt material were found in the public pack) or PdfFailed: then nothing has been published.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    packs = _prepare(meeting, supplement, on=now, by=by, now=now, urgency_reason=urgency_reason)
    with claimed(saved_plan(meeting, supplement), by=by, now=now):
        _check(meeting, supplement, packs)
        return _publish(meeting, supplement, packs, by=by, now=now)


def plan_publication(meeting, supplement, *, publish_on, by, now, urgency_reason=""):
    """Have an issue published at the moment `publish_on`, as it is then if nothing has changed by then.

    Builds the packs and looks at everything that `publish_packs` looks at. Returns the PackPlan.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    if publish_on <= now:
        raise Refused("Choose a time that is still to come, or publish now.")
    packs = _prepare(meeting, supplement, on=publish_on, by=by, now=now, urgency_reason=urgency_reason)
    _check(meeting, supplement, packs)
    with transaction.atomic():
        meeting = locked_meeting(meeting, by=by, now=now)
        plan = saved_plan(meeting, supplement)
        changes = history.set_fields(plan, publish_on=publish_on)
        plan.planned_at, plan.planned_by, plan.refusal = now, by, ""
        plan.planned_packs = {edition: pack.fingerprint for edition, pack in packs.items()}
        plan.save(update_fields=["publish_on", "planned_at", "planned_by", "planned_packs", "refusal"])
        said = f"planned the publication of the {plan.name.lower()}"
        history.write("plan_publication", meeting, said, by=by, now=now, changes=changes)
    return plan


@transaction.atomic
def unplan_publication(meeting, supplement, *, by, now):
    """Take a planned publication back. Raises Refused where none is planned."""
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = plan_of(meeting, supplement)
    if plan.publish_on is None:
        raise Refused("No publication is planned.")
    changes = history.set_fields(plan, publish_on=None, planned_at=None, planned_by=None)
    plan.save(update_fields=["publish_on", "planned_at", "planned_by"])
    said = f"took back the planned publication of the {plan.name.lower()}"
    history.write("unplan_publication", meeting, said, by=by, now=now, changes=changes)
    return plan


def publish_planned(now):
    """Publish what was planned for now or earlier; returns (published, refused), how many of each.

    Only what the clerk looked at: where anything has changed since, nothing is published and the clerks are told.
    Several of these may run at the same time.
    """
    published = refused = 0
    due = PackPlan.objects.filter(publish_on__lte=now).select_related("meeting__committee", "planned_by")
    for plan in due.order_by("publish_on"):
        try:
            with claimed(plan, by=plan.planned_by, now=now):
                done = _publish_as_planned(plan.pk, now)
        except (Refused, PdfFailed) as error:
            if plan_is_claimed(plan, now):
                continue
            _give_up(plan, str(error), now)
            refused += 1
        else:
            published += done
    return published, refused


@transaction.atomic
def withdraw_pack(pack, *, reason, by, now):
    """Take a published pack out of public sight, with a reason that stays in its place. The file is kept.

    Raises Refused where it is not published.
    """
    locked_meeting(pack.meeting, by=by, now=now)
    pack = AgendaPack.objects.select_related("meeting__committee").get(pk=pack.pk)
    if not pack.is_published:
        raise Refused("This pack is not published.")
    if not reason.strip():
        raise Refused("Say why the pack is taken back.")
    pack.withdrawn_at, pack.withdrawn_by, pack.withdrawn_reason = now, by, reason.strip()
    # Only these: the database refuses to touch anything else of a published pack.
    pack.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    history.write("withdraw_pack", pack, f"took back {pack.name}", by=by, now=now, note=reason)
    return pack


def plan_is_claimed(plan, now):
    """Whether somebody else is at it at this moment."""
    return PackPlan.objects.filter(pk=plan.pk, claimed_until__gt=now).exists()


def _prepare(meeting, supplement, *, on, by, now, urgency_reason):
    """Record the reason for urgency, ask the pre-flight, build. Returns the packs by edition."""
    late = is_late(meeting, timezone.localdate(on))
    plan = saved_plan(meeting, supplement)
    reason = (urgency_reason.strip() or plan.urgency_reason) if late else ""
    if late and not reason:
        raise Refused(NO_REASON)
    if reason != plan.urgency_reason:
        _record_reason(meeting, supplement, reason, by=by, now=now)
    _check_order(meeting, supplement)
    _check_nothing_stops(findings_for(meeting, supplement, now=now, on=on))
    return build_packs(meeting, supplement, by=by, now=now)


@transaction.atomic
def _record_reason(meeting, supplement, reason, *, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = saved_plan(meeting, supplement)
    changes = history.set_fields(plan, urgency_reason=reason)
    plan.save(update_fields=["urgency_reason"])
    said = f"gave the reason for urgency of the {plan.name.lower()}" if reason else "took out the reason for urgency"
    history.write("urgency_reason", meeting, said, by=by, now=now, changes=changes)


def _check_order(meeting, supplement):
    for earlier in supplements_of(meeting):
        if (
            earlier < supplement
            and not AgendaPack.objects.public().filter(meeting=meeting, supplement=earlier).exists()
        ):
            raise Refused("What comes before this supplement is not published yet, so its page numbers may change.")


def _check_nothing_stops(findings):
    if stopping := [finding for finding in findings if finding.stops]:
        raise Refused(" ".join(f"{finding.where}: {finding.words}" for finding in stopping))


def _check(meeting, supplement, packs):
    """Raise Refused unless the packs are whole, show what stands on the agenda now, and give nothing away.

    Before the transaction, because a large pack takes its time to read.
    """
    contents = current_contents(meeting, supplement)
    _check_current(packs, contents)
    for pack in packs.values():
        with pack.file.open("rb") as kept:
            if hashlib.file_digest(kept, "sha256").hexdigest() != pack.checksum:
                raise Refused("The file of the pack is not the one that was built. Build the pack again.")
    check_pack(meeting, contents, packs[PackEdition.PUBLIC])


def _check_current(packs, contents):
    if set(packs) != set(contents) or any(is_out_of_date(pack, contents) for pack in packs.values()):
        raise Refused("Something on the agenda has just been changed. Build the pack again and look at it.")


@transaction.atomic
def _publish(meeting, supplement, checked, *, by, now):
    """Publish the packs that were `checked`, {edition: AgendaPack}. Raises Refused where they are not the ones now."""
    meeting = locked_meeting(meeting, by=by, now=now)
    contents = current_contents(meeting, supplement)
    latest = latest_packs(meeting, supplement)
    packs = {edition: pack for edition, pack in latest.items() if edition in contents}
    _check_current(packs, contents)
    if {pack.checksum for pack in packs.values()} != {pack.checksum for pack in checked.values()}:
        raise Refused("The pack has just been built anew. Look at it, then publish it.")
    waiting = [pack for pack in packs.values() if pack.published_at is None]
    if not waiting:
        raise Refused("This is published already, and nothing has changed since.")
    _publish_reports(meeting, contents[PackEdition.PUBLIC], by=by, now=now)
    for pack in waiting:
        pack.published_at, pack.published_by = now, by
        pack.save(update_fields=["published_at", "published_by"])
        history.write("publish_pack", pack, f"published {pack.name}", by=by, now=now)
    PackPlan.objects.filter(meeting=meeting, supplement=supplement).update(
        publish_on=None, planned_at=None, planned_by=None, refusal=""
    )
    public = packs[PackEdition.PUBLIC]
    seats = Membership.objects.on(timezone.localdate(now)).filter(committee=meeting.committee_id)
    members = [seat.person for seat in seats.select_related("person")]
    tell(members, "agenda_published", str(public.pk), now=now, meeting=meeting, pack=public)
    return public


def _publish_reports(meeting, content, *, by, now):
    numbers = [item.report.pk for item in content.items if item.report]
    for report in ProgressReport.objects.filter(pk__in=numbers).at_stage(Stage.SIGNED_OFF).order_by("pk"):
        # The members hear of the agenda, and with it of the report.
        publish(report, by=by, now=now, update_date=meeting.day, announce=False)


def _publish_as_planned(pk, now):
    """Publish one plan; returns how many were published: 0 where somebody has done it, or taken it back, meanwhile."""
    plan = PackPlan.objects.select_related("meeting__committee", "planned_by").get(pk=pk)
    if plan.publish_on is None or plan.publish_on > now:
        return 0
    contents = current_contents(plan.meeting, plan.supplement, plan)
    latest = latest_packs(plan.meeting, plan.supplement)
    packs = {edition: pack for edition, pack in latest.items() if edition in contents}
    if {edition: pack.fingerprint for edition, pack in packs.items()} != plan.planned_packs:
        raise Refused("The pack was built anew after its publication was planned.")
    _check_nothing_stops(findings_for(plan.meeting, plan.supplement, now=now, contents=contents, plan=plan))
    _check(plan.meeting, plan.supplement, packs)
    _publish(plan.meeting, plan.supplement, packs, by=plan.planned_by, now=now)
    return 1


@transaction.atomic
def _give_up(plan, reason, now):
    stopped = PackPlan.objects.filter(pk=plan.pk, publish_on=plan.publish_on).update(publish_on=None, refusal=reason)
    if stopped:
        logger.warning("The planned publication of %s did not happen.", plan)
        key = f"{plan.pk}:{plan.publish_on.isoformat()}"
        tell(clerks(), "pack_not_published", key, now=now, meeting=plan.meeting, plan=plan, reason=reason)
