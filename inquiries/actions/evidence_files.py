"""Files as evidence: who writes an update adds and removes them, a clerk says which are published."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.progress import fetch_update, lock_report, represented_officer
from inquiries.actions.records import delete_files_on_rollback, keep_received, save_valid
from inquiries.models import EvidenceFile
from inquiries.permissions import Refused, can, check_can

MOST_FILES = 20  # of one update


@delete_files_on_rollback()
@transaction.atomic
def add_evidence_file(update, received, *, title, by, now):
    """Attach a file to an update; `received` is what the check of uploads returns. Returns the EvidenceFile."""
    report = lock_report(update.report)
    update = fetch_update(update)
    check_can("write_update", by, update, timezone.localdate(now))
    if update.files.current().count() >= MOST_FILES:
        raise ValidationError(f"An update can have at most {MOST_FILES} files. Remove one first.")
    added = EvidenceFile(update=update, title=title)
    keep_received(added, received, by=by, now=now)
    save_valid(added, exclude=["update"])
    history.write(
        "add_evidence_file",
        added,
        f"added the file “{title}” to the update on {update.response.references}",
        by=by,
        now=now,
        changes=history.first_values(added, "title", "original_name", "file", "checksum", "page_count"),
        on_behalf_of=represented_officer(by, update),
        inquiry=report.inquiry,
    )
    return added


@transaction.atomic
def remove_evidence_file(file, *, by, now):
    """Nobody reads it any more. Who writes the update while it is open, and clerks at any time. Raises Refused."""
    report = lock_report(file.update.report)
    file = EvidenceFile.objects.get(pk=file.pk)
    file.update = update = fetch_update(file.update)
    today = timezone.localdate(now)
    if not can("administer", by, report, today):
        check_can("write_update", by, update, today)
    if file.removed_at is not None:
        raise Refused("This file has been removed already.")
    changes = history.set_fields(file, allowed_at=None, allowed_by=None, removed_at=now, removed_by=by)
    file.save()
    history.write(
        "remove_evidence_file",
        file,
        f"removed the file “{file.title}” from the update on {update.response.references}",
        by=by,
        now=now,
        changes=changes,
        on_behalf_of=represented_officer(by, update),
        inquiry=report.inquiry,
    )
    return file


@transaction.atomic
def allow_evidence_files(report, *, allowed, by, now):
    """Say which files of a report are published with it: `allowed` and no others.

    A published report gets no more of them, but any can be withdrawn at once. Raises Refused.
    """
    check_can("administer", by, report, timezone.localdate(now))
    report = lock_report(report)
    wanted = {file.pk for file in allowed}
    for file in EvidenceFile.objects.current().filter(update__report=report):
        allows = file.pk in wanted
        if allows == (file.allowed_at is not None):
            continue
        if allows and report.published_at is not None:
            raise Refused("The report has been published without this file: reopen it before you add the file to it.")
        values = {"allowed_at": now, "allowed_by": by} if allows else {"allowed_at": None, "allowed_by": None}
        changes = history.set_fields(file, **values)
        file.save()
        sentence = f"{'allowed' if allows else 'withdrew'} the publication of the file “{file.title}”"
        history.write("allow_evidence_file", file, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    return report
