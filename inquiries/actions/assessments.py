"""What the committee makes of a report: members' indications, the assessment row by row, its confirmation."""

from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import record_end
from inquiries.actions.progress import EditClash, lock_report
from inquiries.actions.publication import keep_edition
from inquiries.actions.rating_emails import notify_of_ratings
from inquiries.actions.records import delete_files_on_rollback, save_valid
from inquiries.choices import FactPrecision, Rating
from inquiries.models import Assessment, Indication, ProgressUpdate
from inquiries.models.fields import KnownMoment
from inquiries.permissions import Refused, check_can


@transaction.atomic
def indicate(update, *, rating, note, by, now):
    """Note a member's own view of an update before the meeting, in place of an earlier one; `rating` may be None.

    The history says that there is one, but not what it says. Raises Refused.
    """
    lock_report(update.report)
    update = ProgressUpdate.objects.select_related("report__inquiry__committee").get(pk=update.pk)
    check_can("indicate", by, update, timezone.localdate(now))
    before = Indication.objects.filter(update=update, recorded_by=by).first()
    indication = before or Indication(update=update, recorded_by=by)
    values = {"rating": None if rating is None else Rating(rating).value, "note": note.strip()}
    changes = history.set_fields(indication, **values)
    if before and all(old == new for old, new in changes.values()):
        return indication
    indication.recorded_at = now
    save_valid(indication)
    history.write(
        "indicate",
        indication,
        f"noted an indication on {update.response.references}",
        by=by,
        now=now,
        inquiry=update.report.inquiry,
    )
    return indication


@transaction.atomic
def withdraw_indication(indication, *, by, now):
    """Take back one's own indication. Doing it twice changes nothing. Raises Refused."""
    lock_report(indication.update.report)
    # As it is now: the assessments may have been confirmed since the page was opened.
    indication = (
        Indication.objects.select_related("update__report__inquiry__committee").filter(pk=indication.pk).first()
    )
    if indication is None:
        return
    check_can("indicate", by, indication, timezone.localdate(now))
    if indication.recorded_by_id != by.pk:
        raise Refused("You can only remove your own indication.")
    history.write(
        "withdraw_indication",
        indication,
        f"withdrew an indication on {indication.update.response.references}",
        by=by,
        now=now,
        inquiry=indication.update.report.inquiry,
        deleted=[indication],
    )
    indication.delete()


@transaction.atomic
def assess(update, *, rating, comment, seen, by, now):
    """Record the committee's judgement of one row; `rating` None leaves it to be assessed.

    `seen` is the `recorded_at` of the assessment on which the person based this one (None for none).
    Raises EditClash when another person recorded another one in the meantime, or Refused. The same one once more
    changes nothing.
    """
    report = lock_report(update.report)
    update = ProgressUpdate.objects.for_page().get(pk=update.pk)
    check_can("assess", by, update, timezone.localdate(now))
    before = Assessment.objects.filter(update=update).first()
    values = {"rating": None if rating is None else Rating(rating).value, "comment": comment.strip()}
    if before and all(getattr(before, name) == value for name, value in values.items()):
        return before
    # Nobody is in the way of themselves: their own first save may have come while they went on writing.
    if (before.recorded_at if before else None) != seen and not (before and before.recorded_by_id == by.pk):
        raise EditClash(before)
    assessment = before or Assessment(update=update)
    changes = history.set_fields(assessment, **values)
    assessment.recorded_at, assessment.recorded_by = now, by
    save_valid(assessment)
    history.write(
        "assess",
        assessment,
        f"recorded the assessment of {update.response.references}: {assessment}",
        by=by,
        now=now,
        changes=changes,
        inquiry=report.inquiry,
    )
    return assessment


@delete_files_on_rollback()
@transaction.atomic
def confirm_assessments(report, *, by, now, meeting=None, seen=None):
    """Confirm the committee's assessments: they become public, and rows judged implemented are closed.

    The meeting of the report must have begun; where it has none, or a cancelled one, `meeting` says which it was.
    A row without a rating stays to be assessed. `seen` is the report's `ratings_version()` when the person read
    them (None: not asked). Returns the ReportEdition with the ratings. Raises EditClash when a rating was
    recorded since, Refused (Withheld, where a comment says what is exempt), or documents.pdf.PdfFailed when the
    report cannot be printed; then nothing has happened.
    """
    report = lock_report(report)
    check_can("confirm_assessments", by, report, timezone.localdate(now))
    if seen is not None and seen != report.ratings_version():
        raise EditClash(report)
    changes = {}
    if needs_meeting(report) and meeting is not None:
        if meeting.committee_id != report.inquiry.committee_id:
            raise Refused("This meeting is of another committee.")
        changes = history.set_fields(report, meeting=meeting)
    rules.check_was_held(report.meeting, now)
    return record_confirmation(report, on=report.meeting.day, changes=changes, by=by, now=now)


def needs_meeting(report):
    return report.meeting is None or report.meeting.cancelled_at is not None


def record_confirmation(report, *, on, changes, by, now, known=None, announce=True):
    """The confirmation itself, for actions that have checked the permission; the committee decided `on` that day.

    `known`, a KnownMoment, says how exactly that is known, where it was before an import. With `announce` those who
    answer for the rows are notified.
    """
    given = known or KnownMoment(now)
    assessed = {"assessed_at": given.at, "assessed_precision": given.precision, "assessed_by": by}
    changes |= history.set_fields(report, **assessed)
    report.save(update_fields=["meeting", *assessed])
    edition = keep_edition(report, by=by, now=now, on=known)
    updates = list(report.updates.for_page())
    for update in updates:
        assessment = getattr(update, "assessment", None)
        ending = rules.ending_of(assessment.rating) if assessment else None
        if ending:
            for recommendation in update.response.recommendations.all():
                if not recommendation.ended_as:
                    record_end(
                        recommendation,
                        ending=ending,
                        reason=Rating(assessment.rating).guidance,
                        on=on,
                        precision=known.precision if known else FactPrecision.DAY,
                        meeting=report.meeting,
                        by=by,
                        now=now,
                    )
    said = "confirmed the committee's assessments"
    changes["edition"] = (None, edition.number)
    history.write("confirm_assessments", report, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    if announce:
        notify_of_ratings(report, edition, updates, by=by, now=now)
    return edition
