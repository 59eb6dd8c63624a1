"""What several deeds of a report's life share: its row held, a fact cleared, sign-offs withdrawn.

None of these asks for leave: the deeds that call them have done so.
"""

from inquiries.actions import history
from inquiries.models import ProgressReport
from inquiries.notifications import clerks, notify


class EditClash(Exception):
    """Somebody saved the same text in the meantime. `current` is the record as it stands now."""

    def __init__(self, current):
        super().__init__("Somebody else has changed this text since you opened it.")
        self.current = current


def locked(report):
    """The report as it is now, its row held until the transaction ends."""
    return ProgressReport.objects.select_for_update(of=("self",)).select_related("inquiry").get(pk=report.pk)


def clear(report, fact):
    """Take back a dated fact of the report (a name of rules.FACTS): the history has said so."""
    setattr(report, f"{fact}_at", None)
    setattr(report, f"{fact}_by", None)
    report.save(update_fields=[f"{fact}_at", f"{fact}_by"])


def collected(report, *, by, now):
    """The updates are all in, or closed: the Cabinet Members who have not signed are told."""
    changes = history.set_fields(report, collected_at=now, collected_by=by)
    report.save(update_fields=["collected_at", "collected_by"])
    said = "brought all updates together for sign-off"
    history.write("collected", report, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    waiting = [s.person for s in report.sign_offs.select_related("person") if s.signed_at is None]
    notify(waiting, "sign_off_wanted", f"{report.pk}:{now.isoformat()}", now=now, report=report)
    complete_sign_off(report, by=by, now=now)


def complete_sign_off(report, *, by, now):
    """When all who are named have signed, the report is signed off and the clerks are told; else nothing happens."""
    signed = [sign_off.signed_at is not None for sign_off in report.sign_offs.all()]
    if report.collected_at is None or not signed or not all(signed):
        return
    changes = history.set_fields(report, signed_off_at=now, signed_off_by=by)
    report.save(update_fields=["signed_off_at", "signed_off_by"])
    said = "completed the sign-off"
    history.write("signed_off", report, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    notify(clerks(), "report_signed_off", f"{report.pk}:{now.isoformat()}", now=now, report=report)


def withdraw_sign_offs(report, *, by, now, why):
    """Withdraw every sign-off given on the report; `why` completes "because ..."."""
    for sign_off in report.sign_offs.filter(signed_at__isnull=False).select_related("person"):
        withdraw(sign_off, by=by, now=now, why=why)


def withdraw(sign_off, *, by, now, why):
    """Withdraw one sign-off, and tell the Cabinet Member unless they did it themselves.

    Where they have left, nobody is there to sign again: the clerks are told to name somebody else.
    """
    changes = history.set_fields(sign_off, signed_at=None, signed_by=None, evidence_note="")
    sign_off.save()
    history.write(
        "withdraw_sign_off",
        sign_off,
        f"caused the sign-off of {sign_off.person} to be withdrawn: {why}",
        by=by,
        now=now,
        changes=changes,
        inquiry=sign_off.report.inquiry,
    )
    if by != sign_off.person:
        key = f"{sign_off.pk}:{now.isoformat()}"
        notify([sign_off.person], "sign_off_withdrawn", key, now=now, report=sign_off.report, why=why)
    if not sign_off.person.is_active:
        tell_without_signer(sign_off, now=now)


def tell_writers(update, occasion, *, now, **context):
    """Tell those who write an update that it is open again; the clerks where none of them can be reached.

    Nobody leads, say, or who wrote it has left: then the clerk has to find somebody.
    """
    people = [person for person in update.writers if person.email and person.is_active]
    notify(people or clerks(), occasion, f"{update.pk}:{now.isoformat()}", now=now, update=update, **context)


def tell_without_signer(sign_off, *, now):
    """Tell the clerks that whoever is to sign a report has left."""
    report = sign_off.report
    notify(
        clerks(), "signer_has_left", f"{sign_off.pk}:{now.isoformat()}", now=now, report=report, left=sign_off.person
    )
