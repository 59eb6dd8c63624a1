"""What the committee makes of a report: members' indications, the assessment row by row, its confirmation."""

from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.action_points import notify_owners
from inquiries.actions.inquiries import check_given, record_end, record_resumption
from inquiries.actions.progress import EditClash, lock_report
from inquiries.actions.publication import keep_edition
from inquiries.actions.rating_emails import notify_of_ratings
from inquiries.actions.records import delete_files_on_rollback, save_all_valid, save_valid
from inquiries.choices import FactPrecision, Rating
from inquiries.models import ActionPoint, Assessment, AssessmentCorrection, Indication, ProgressUpdate, ShownRow
from inquiries.models.fields import KnownMoment
from inquiries.permissions import Refused, check_can


def indicate(update, *, rating, note, by, now):
    """Note a member's own view of one update, whatever they noted before; see `indicate_rows`."""
    seen = Indication.objects.filter(update=update, recorded_by=by).values_list("recorded_at", flat=True).first()
    return indicate_rows(update.report, [(update, rating, note, seen)], by=by, now=now)[update.pk]


@transaction.atomic
def indicate_rows(report, views, *, by, now):
    """Note a member's own views: `views` are (update, rating or None, note, `seen` as in `assess_rows`).

    Each takes the place of an earlier one; with neither rating nor note that one is taken back. The history says that
    there is a view, but not what it says. Returns {key of the update: Indication or None}, or in its place the
    EditClash where the member has noted something else since, on another device. Raises Refused.
    """
    report = lock_report(report)
    check_can("indicate", by, report, timezone.localdate(now))
    own = {one.update_id: one for one in Indication.objects.filter(update__report=report, recorded_by=by)}
    noted, withdrawn, actions, inquiry = [], [], [], report.inquiry
    for update, rating, note, seen in views:
        before = own.get(update.pk)
        values = {"rating": None if rating is None else Rating(rating).value, "note": note.strip()}
        is_same = before and all(getattr(before, name) == value for name, value in values.items())
        if is_same:
            continue
        if before and before.recorded_at != seen:
            own[update.pk] = EditClash(before)
            continue
        if not any(values.values()):
            if before:
                withdrawn.append(before.pk)
                said = f"withdrew an indication on {update.response.references}"
                gone = history.Action("withdraw_indication", before, said, inquiry=inquiry, deleted=[before])
                actions.append(gone)
                del own[update.pk]
            continue
        indication = own[update.pk] = before or Indication(update=update, recorded_by=by)
        indication.rating, indication.note, indication.recorded_at = values["rating"], values["note"], now
        noted.append(indication)
        said = f"noted an indication on {update.response.references}"
        actions.append(history.Action("indicate", indication, said, inquiry=inquiry))
    if noted:
        save_all_valid(noted, ["rating", "note", "recorded_at"])
    if actions:
        history.write_all(actions, by=by, now=now)
    if withdrawn:
        Indication.objects.filter(pk__in=withdrawn).delete()
    return {update.pk: own.get(update.pk) for update, *_ in views}


def assess(update, *, rating, comment, seen, by, now):
    """Record the committee's judgement of one row; see `assess_rows`. Raises EditClash or Refused."""
    recorded = assess_rows(update.report, [(update, rating, comment, seen)], by=by, now=now)[update.pk]
    if isinstance(recorded, EditClash):
        raise recorded
    return recorded


@transaction.atomic
def assess_rows(report, judgements, *, by, now):
    """Record the committee's judgement of rows: `judgements` are (update, rating, comment, seen).

    A `rating` of None leaves the row to be assessed. `seen` is the `recorded_at` of the assessment on which the person
    based this one (None for none). The same one once more changes nothing, but a draft from before the meeting is
    recorded anew in it. Returns {key of the update: Assessment}, or in its place the EditClash where another one was
    recorded in the meantime, by another person or on another device. Raises Refused.
    """
    report = lock_report(report)
    check_can("assess", by, report, timezone.localdate(now))
    recorded = Assessment.objects.filter(update__in=[update.pk for update, *_ in judgements])
    found = {one.update_id: one for one in recorded.select_related("recorded_by")}
    begun, saved, actions = rules.has_begun(report.meeting, now), [], []
    for update, rating, comment, seen in judgements:
        before = found.get(update.pk)
        values = {"rating": None if rating is None else Rating(rating).value, "comment": comment.strip()}
        is_same = before and all(getattr(before, name) == value for name, value in values.items())
        if is_same and (before.is_of_meeting(report.meeting) or not begun):
            continue
        if not is_same and (before.recorded_at if before else None) != seen:
            found[update.pk] = EditClash(before)
            continue
        assessment = found[update.pk] = before or Assessment(update=update)
        changes = history.set_fields(assessment, **values)
        assessment.recorded_at, assessment.recorded_by = now, by
        saved.append(assessment)
        said = f"recorded the assessment of {update.response.references}: {assessment}"
        actions.append(history.Action("assess", assessment, said, changes=changes, inquiry=report.inquiry))
    if saved:
        save_all_valid(saved, ["rating", "comment", "recorded_at", "recorded_by"])
        history.write_all(actions, by=by, now=now)
    return found


@transaction.atomic
def show_row(meeting, update, *, by, now):
    """Show this row on the screen of the meeting, which follows this person from then on. Raises Refused."""
    check_can("run_meeting", by, meeting, timezone.localdate(now))
    if update.report.meeting_id != meeting.pk or not update.report.is_published:
        raise Refused("This row is not of a report that has been published for this meeting.")
    shown = {"update": update, "shown_at": now, "shown_by": by}
    ShownRow.objects.update_or_create(meeting=meeting, defaults=shown)


@delete_files_on_rollback()
@transaction.atomic
def correct_assessment(update, *, rating, comment, reason, seen, by, now):
    """Correct a confirmed assessment; the reason is published with it, in a new edition. Returns the ReportEdition.

    `seen` is as in `assess`. Recommendations that it ended go on, or end now. Raises EditClash, Refused or
    documents.pdf.PdfFailed; then nothing has happened.
    """
    report = lock_report(update.report)
    update = ProgressUpdate.objects.for_page().get(pk=update.pk)
    check_can("correct_assessment", by, update, timezone.localdate(now))
    check_given(reason, "Say why the assessment is corrected.")
    before = Assessment.objects.filter(update=update).first()
    if (before.recorded_at if before else None) != seen:
        raise EditClash(before)
    assessment = before or Assessment(update=update)
    changes = history.set_fields(assessment, rating=rating and Rating(rating).value, comment=comment.strip())
    if all(old == new for old, new in changes.values()):
        raise Refused("This is what has been recorded already: nothing to correct.")
    assessment.recorded_at, assessment.recorded_by = now, by
    save_valid(assessment)
    correction = AssessmentCorrection(
        assessment=assessment,
        rating_before=changes["rating"][0],
        comment_before=changes["comment"][0],
        reason=reason.strip(),
        corrected_at=now,
        corrected_by=by,
    )
    save_valid(correction)
    history.write(
        "correct_assessment",
        assessment,
        f"corrected the assessment of {update.response.references}: {assessment}",
        by=by,
        now=now,
        changes=changes,
        note=correction.reason,
        inquiry=report.inquiry,
        also=[correction],
    )
    end_or_resume(report, update, *changes["rating"], reason=correction.reason, by=by, now=now)
    edition = keep_edition(report, by=by, now=now)
    notify_of_ratings(report, edition, list(report.updates.for_page()), by=by, now=now)
    return edition


def end_or_resume(report, update, before, after, *, reason, by, now):
    """Recommendations that the earlier rating ended go on; those go on no longer that the new one ends."""
    ended_before, ended_now = rules.ending_of(before), rules.ending_of(after)
    for recommendation in update.response.recommendations.all() if ended_before != ended_now else ():
        if ended_now and not recommendation.ended_as:
            said, on = Rating(after).guidance, report.assessed_on
            record_end(recommendation, ending=ended_now, reason=said, on=on, meeting=report.meeting, by=by, now=now)
        elif recommendation.ended_as == ended_before and recommendation.ended_on == report.assessed_on:
            record_resumption(recommendation, reason=reason, by=by, now=now)


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
        notify_owners(ActionPoint.objects.open().filter(update__report=report).for_page(), by=by, now=now)
    return edition
