"""Publishing the packs of one issue, now or at a set time, and with them the progress reports in them."""

import logging

from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.meetings import locked_meeting
from inquiries.actions.packs.building import Busy, build_packs, claimed, is_whole
from inquiries.actions.packs.issues import (
    check_exists,
    current_contents,
    findings_for,
    is_out_of_date,
    latest_packs,
    plan_of,
    saved_plan,
    supplements_of,
)
from inquiries.actions.publication import publish
from inquiries.actions.stored_files import delete_files_on_rollback
from inquiries.actions.withholding import Withheld, check_pack
from inquiries.choices import PackEdition, Stage
from inquiries.deadlines import deadlines_for
from inquiries.documents.pdf import PdfFailed
from inquiries.models import AgendaPack, Meeting, Membership, PackPlan, ProgressReport
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import clerks, notify
from inquiries.permissions import Refused, can, check_can

logger = logging.getLogger(__name__)

NO_REASON = (
    "This is after the last day to publish. Give the reason why it cannot wait: the law asks for it "
    "(Local Government Act 1972, section 100B(4))."
)
BROKEN = "Something went wrong. Publish it by hand; if that fails too, tell whoever looks after this system."
IN_MAIL = "Withheld words stand in what everybody would read. The page below says which, and where."


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
        except Busy:
            # Whoever is at it either publishes it, or leaves it for the next round.
            continue
        except (Refused, PdfFailed) as error:
            refused += _give_up(plan, error, now)
        except DatabaseTrouble:
            raise
        except Exception:
            # One that breaks must not keep the others, and the mails, from going out.
            logger.exception("The planned publication %s broke off.", plan.pk)
            refused += _give_up(plan, PdfFailed(BROKEN), now)
        else:
            published += done
    return published, refused


@transaction.atomic
def withdraw_pack(pack, *, reason, by, now, with_restricted=False):
    """Take a published pack withdrawn from the public, with a reason that stays in its place. The file is kept.

    `with_restricted` takes back what `restricted_beside` the pack too. Raises Refused where it is not published.
    """
    locked_meeting(pack.meeting, by=by, now=now)
    pack = AgendaPack.objects.select_related("meeting__committee").get(pk=pack.pk)
    if not pack.is_published:
        raise Refused("This pack is not published.")
    if not reason.strip():
        raise Refused("Say why the pack is withdrawn.")
    for taken_back in [pack, *(restricted_beside(pack) if with_restricted else [])]:
        changes = history.set_fields(taken_back, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip())
        # Only these: the database refuses to touch anything else of a published pack.
        taken_back.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        said = f"took back {taken_back.name}"
        history.write("withdraw_pack", taken_back, said, by=by, now=now, changes=changes, note=reason)
    return pack


def restricted_beside(pack):
    """The restricted editions of the same issue that are published, up to the next public edition, as a list.

    They hold everything that the public edition `pack` holds. None beside a restricted edition.
    """
    if pack.edition != PackEdition.PUBLIC:
        return []
    issue = AgendaPack.objects.filter(meeting=pack.meeting_id, supplement=pack.supplement)
    later = issue.filter(edition=PackEdition.PUBLIC, published_at__gt=pack.published_at)
    beside = issue.published().filter(edition=PackEdition.RESTRICTED, published_at__gte=pack.published_at)
    if following := later.order_by("published_at").first():
        beside = beside.filter(published_at__lt=following.published_at)
    return list(beside.order_by("number"))


def _prepare(meeting, supplement, *, on, by, now, urgency_reason):
    """Record the reason for urgency, ask the pre-flight, build. Returns the packs by edition."""
    _check_takes_place(meeting)
    check_exists(meeting, supplement)
    late = is_late(meeting, timezone.localdate(on))
    plan = saved_plan(meeting, supplement)
    reason = (urgency_reason.strip() or plan.urgency_reason) if late else ""
    if late and not reason:
        raise Refused(NO_REASON)
    if reason != plan.urgency_reason:
        _record_reason(meeting, supplement, reason, by=by, now=now)
    _check_order(meeting, supplement)
    _check_nothing_stops(findings_for(meeting, supplement, now=now, on=on))
    # Whoever publishes hears of a file that was altered, although building anew would mend it.
    waiting = {e: pack for e, pack in latest_packs(meeting, supplement).items() if pack.published_at is None}
    _check_files(waiting)
    return build_packs(meeting, supplement, by=by, now=now)


@transaction.atomic
def _record_reason(meeting, supplement, reason, *, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = saved_plan(meeting, supplement)
    changes = history.set_fields(plan, urgency_reason=reason)
    plan.save(update_fields=["urgency_reason"])
    said = f"gave the reason for urgency of the {plan.name.lower()}" if reason else "took out the reason for urgency"
    history.write("urgency_reason", meeting, said, by=by, now=now, changes=changes)


def _check_takes_place(meeting):
    if Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=False).exists():
        raise Refused("This meeting has been cancelled, so its agenda is not published.")


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
    _check_files(packs)
    others = [current_contents(meeting, other) for other in supplements_of(meeting) if other != supplement]
    try:
        check_pack(meeting, contents, packs[PackEdition.PUBLIC], others)
    except FileNotFoundError:
        # Deleted in this moment by somebody who built anew, or lost.
        raise Refused("The file of the pack, or of a paper in it, is missing. Build the pack again.") from None


def _check_files(packs):
    if not all(is_whole(pack) for pack in packs.values()):
        raise Refused("The file of the pack is missing, or is not the one that was built. Build the pack again.")


def _check_current(packs, contents):
    if set(packs) != set(contents) or any(is_out_of_date(pack, contents) for pack in packs.values()):
        raise Refused("Something on the agenda has just been changed. Build the pack again and look at it.")


@delete_files_on_rollback()
@transaction.atomic
def _publish(meeting, supplement, checked, *, by, now):
    """Publish the packs that were `checked`, {edition: AgendaPack}. Raises Refused where they are not the ones now."""
    meeting = locked_meeting(meeting, by=by, now=now)
    _check_takes_place(meeting)
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
    # Once more, now that nobody can change the reports: one may have been reopened a moment ago.
    _check_current(packs, current_contents(meeting, supplement))
    for pack in waiting:
        changes = history.first_values(pack, "file", "checksum")
        changes["content_checksum"] = ("", checksum_of_data(pack.content))
        changes |= history.set_fields(pack, published_at=now, published_by=by)
        pack.save(update_fields=["published_at", "published_by"])
        history.write("publish_pack", pack, f"published {pack.name}", by=by, now=now, changes=changes)
    PackPlan.objects.filter(meeting=meeting, supplement=supplement).update(
        publish_on=None, planned_at=None, planned_by=None, refusal=""
    )
    public = packs[PackEdition.PUBLIC]
    seats = Membership.objects.on(timezone.localdate(now)).filter(committee=meeting.committee_id)
    members = [seat.person for seat in seats.select_related("person")]
    notify(members, "agenda_published", str(public.pk), now=now, meeting=meeting, pack=public)
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
    if not can("administer", plan.planned_by, plan.meeting, timezone.localdate(now)):
        raise Refused(f"{plan.planned_by}, who planned it, is no longer a clerk here. Publish it yourself.")
    if plan.meeting.start <= now:
        raise Refused("The meeting began before the agenda could be published.")
    _check_order(plan.meeting, plan.supplement)
    _check_nothing_stops(findings_for(plan.meeting, plan.supplement, now=now, contents=contents, plan=plan))
    _check(plan.meeting, plan.supplement, packs)
    _publish(plan.meeting, plan.supplement, packs, by=plan.planned_by, now=now)
    return 1


@transaction.atomic
def _give_up(plan, error, now):
    """Leave the reason in the plan and tell the clerks; returns 1, or 0 where somebody has planned otherwise."""
    stopped = PackPlan.objects.filter(pk=plan.pk, publish_on=plan.publish_on).update(
        publish_on=None, refusal=str(error)
    )
    if stopped:
        # A mail goes through many hands: the withheld words themselves stand on the clerk's page only.
        reason = IN_MAIL if isinstance(error, Withheld) else str(error)
        logger.warning("The planned publication %s did not happen.", plan.pk)
        said, changes = (
            f"gave up the planned publication of the {plan.name.lower()}",
            {"publish_on": (plan.publish_on, None)},
        )
        history.write("give_up_publication", plan.meeting, said, by=None, now=now, changes=changes, note=reason)
        key = f"{plan.pk}:{plan.publish_on.isoformat()}"
        notify(clerks(), "pack_not_published", key, now=now, meeting=plan.meeting, plan=plan, reason=reason)
    return stopped
