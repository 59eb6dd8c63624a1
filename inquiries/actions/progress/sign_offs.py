"""Who signs a report off, and that they have."""

from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.people import lock_people
from inquiries.actions.progress.steps import EditClash, complete_sign_off, locked
from inquiries.choices import Stage
from inquiries.models import SignOff
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can


@transaction.atomic
def name_cabinet_members(report, *, people, by, now):
    """Set who is to sign a report off. Whoever has signed stays named; when only they are left, it is signed off.

    Raises Refused.
    """
    check_can("administer", by, report, timezone.localdate(now))
    rows = lock_people(people)
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
            SignOff.objects.filter(pk=sign_off.pk).delete()
    named = {sign_off.person_id for sign_off in before}
    added = [person for pk, person in wanted.items() if pk not in named]
    if gone := next((person for person in added if not rows[person.pk].is_active), None):
        raise Refused(f"{gone} has left and cannot sign.")
    new = [SignOff.objects.create(report=report, person=person) for person in added]
    history.write(
        "name_cabinet_members",
        report,
        "named who is to sign the report off",
        by=by,
        now=now,
        changes={"cabinet_members": ([str(s.person) for s in before], [str(p) for p in wanted.values()])},
        inquiry=report.inquiry,
        also=new,
        deleted=[sign_off for sign_off in before if sign_off.person_id not in wanted],
    )
    if report.stage == Stage.AWAITING_SIGN_OFF:
        notify(added, "sign_off_wanted", f"{report.pk}:{now.isoformat()}", now=now, report=report)
        # Whoever had still to sign may be the one who is no longer named.
        complete_sign_off(report, by=by, now=now)
    return report


@transaction.atomic
def sign_off(sign_off, *, by, now, seen=None):
    """The Cabinet Member signs. When all who are named have signed, the report is signed off.

    `seen` is the report's `updates_version()` when the person read it (None: not asked). Raises EditClash when
    the words have changed since, or Refused.
    """
    report = locked(sign_off.report)
    sign_off = SignOff.objects.select_related("report__inquiry", "person").get(pk=sign_off.pk)
    check_can("sign_off", by, sign_off, timezone.localdate(now))
    if seen is not None and seen != report.updates_version():
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


def _sign(sign_off, report, *, evidence_note, by, now):
    changes = history.set_fields(sign_off, signed_at=now, signed_by=by, evidence_note=evidence_note)
    sign_off.save()
    history.write(
        "sign_off",
        sign_off,
        "signed the report off" if by == sign_off.person else f"recorded the sign-off of {sign_off.person}",
        by=by,
        now=now,
        changes=changes,
        note=evidence_note,
        on_behalf_of=sign_off.person,
        inquiry=report.inquiry,
    )
    complete_sign_off(report, by=by, now=now)
    return sign_off
