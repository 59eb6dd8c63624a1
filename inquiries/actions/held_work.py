"""What waited in a backup that was restored: e-mails and planned publications, held until a person decides."""

from django.db import transaction
from django.db.models import Q
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.packs import unplan_publication
from inquiries.models import Notification, PackPlan, ReportImport, Restoration, TrackerImport
from inquiries.models.notifications import MOST_FAILURES
from inquiries.notifications import SEND, defer_jobs
from inquiries.permissions import Refused, check_can

DROPPED = "Dropped after a backup was restored."
NOT_RECORDED = (
    "A backup was restored before this was recorded. Look whether it is recorded; if it is not, confirm it again."
)


@transaction.atomic
def hold_waiting_work(*, backup_made_on, people_to_erase, now):
    """Hold whatever the restored records would have sent or published. Returns the Restoration."""
    restoration = Restoration.objects.create(
        restored_on=now, backup_made_on=backup_made_on, people_to_erase=people_to_erase
    )
    Notification.objects.filter(sent_on=None, failures__lt=MOST_FAILURES).update(is_held=True)
    PackPlan.objects.filter(publish_on__isnull=False).update(is_held=True)
    for model in (ReportImport, TrackerImport):
        begun = model.objects.filter(started_at__isnull=False, confirmed_at=None)
        begun.update(started_at=None, started_by=None, failure=NOT_RECORDED)
    made = f"{timezone.localtime(backup_made_on):%-d %B %Y, %H:%M}"
    sentence = f"restored the records from the backup of {made}"
    history.write("restore_backup", restoration, sentence, by=None, now=now)
    return restoration


def held_plans():
    return (
        PackPlan.objects.filter(is_held=True).select_related("meeting__committee", "planned_by").order_by("publish_on")
    )


def held_notifications():
    return Notification.objects.held().select_related("recipient").order_by("goes_out_on", "pk")


@transaction.atomic
def release_held(*, notifications, plans, by, now):
    """Let these e-mails go out, and these agenda packs be published at their time. Returns how many of each."""
    check_can("administer", by, None, timezone.localdate(now))
    chosen = notifications.held().order_by("pk").select_for_update(of=("self",), no_key=True)
    for_digest = dict(chosen.values_list("pk", "for_digest"))
    Notification.objects.filter(Q(pk__in=for_digest) | Q(digest__in=for_digest)).update(is_held=False)
    # What a person wants once a day is taken by the next digest.
    if jobs := [{"notification": pk} for pk, waits in for_digest.items() if not waits]:
        defer_jobs(SEND, jobs)
    released = lock_plans(plans)
    PackPlan.objects.filter(pk__in=[plan.pk for plan in released]).update(is_held=False)
    write_decision("release_held", "let go out", len(for_digest), released, by=by, now=now)
    return len(for_digest), len(released)


@transaction.atomic
def drop_held(*, notifications, plans, by, now):
    """Never send these e-mails, and take these planned publications back. Returns how many of each."""
    check_can("administer", by, None, timezone.localdate(now))
    keys = list(
        notifications.held().order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    )
    # The rows stay with their keys, and stay held, so that the same is never stored and sent after all.
    dropped = Notification.objects.filter(Q(pk__in=keys) | Q(digest__in=keys))
    dropped.update(failures=MOST_FAILURES, last_failure=DROPPED)
    taken_back = lock_plans(plans)
    for plan in taken_back:
        unplan_publication(plan.meeting, plan.supplement, by=by, now=now)
    write_decision("drop_held", "dropped", len(keys), taken_back, by=by, now=now)
    return len(keys), len(taken_back)


def lock_plans(plans):
    held = plans.filter(is_held=True).select_related("meeting__committee").order_by("pk")
    return list(held.select_for_update(of=("self",), no_key=True))


def write_decision(verb, what, messages, plans, *, by, now):
    parts = [f"{messages:,} e-mail{pluralize(messages)}"] if messages else []
    parts += [f"{len(plans)} planned publication{pluralize(len(plans))}"] if plans else []
    if parts:
        sentence = f"{what} {' and '.join(parts)} that waited since the restore"
        note = "; ".join(f"{plan.name}, {plan.meeting}" for plan in plans)
        history.write(verb, Restoration.objects.first(), sentence, by=by, now=now, note=note)


@transaction.atomic
def close_restorations(*, by, now):
    """Remind people again. Raises Refused while something is still held."""
    check_can("administer", by, None, timezone.localdate(now))
    if held_plans().exists() or Notification.objects.held().exists():
        raise Refused("Decide first about the e-mails and planned publications that wait.")
    for restoration in Restoration.objects.open().select_for_update(no_key=True):
        changes = history.set_fields(restoration, closed_at=now, closed_by=by)
        restoration.save(update_fields=list(changes))
        sentence = "started reminders again after the restore"
        history.write("close_restoration", restoration, sentence, by=by, now=now, changes=changes)
