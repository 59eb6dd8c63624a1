"""Recommendations ended by the committee's decision, and opened again; the report of that meeting follows."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions.exempt_check import check_texts
from inquiries.actions.inquiries import check_given, record_end, record_resumption
from inquiries.actions.progress import lock_report
from inquiries.actions.publication import keep_edition, public_content
from inquiries.actions.records import delete_files_on_rollback
from inquiries.choices import FactPrecision
from inquiries.models import ProgressReport
from inquiries.permissions import check_can
from inquiries.serialization import to_plain_data


@delete_files_on_rollback()
@transaction.atomic
def end_recommendation(recommendation, *, ending, reason, on, precision=FactPrecision.DAY, meeting=None, by, now):
    """Record how a recommendation ended, `on` which day, and at which `meeting`.

    Where the ratings of that meeting are confirmed, its report is published anew and says it. Raises Refused,
    ValidationError, or documents.pdf.PdfFailed; then nothing has happened.
    """
    check_can("administer", by, recommendation, timezone.localdate(now))
    report = lock_confirmed_report(recommendation, meeting)
    dated = {"on": on, "precision": precision, "meeting": meeting}
    ended = check_and_end(recommendation, ending, reason, **dated, by=by, now=now)
    publish_ends(report, by=by, now=now)
    return ended


@delete_files_on_rollback()
@transaction.atomic
def end_recommendations(report, endings, *, by, now):
    """End recommendations at the meeting of their report, each (recommendation, ending, reason): all of them or none.

    As `end_recommendation`; a ValidationError about a reason has the name of the form's field (`reason_12`).
    """
    check_can("administer", by, report, timezone.localdate(now))
    report = lock_report(report)
    rules.check_can_end_at_meeting(report.stage, report.meeting, now)
    decided = {"meeting": report.meeting, "on": report.meeting.day, "by": by, "now": now}
    errors = {}
    for recommendation, ending, reason in endings:
        try:
            check_and_end(recommendation, ending, reason, **decided)
        except ValidationError as error:
            row = report.updates.filter(response=recommendation.response_id).values_list("pk", flat=True).first()
            errors |= {f"{field}_{row}": messages for field, messages in error.message_dict.items()}
    if errors:
        raise ValidationError(errors)
    publish_ends(report, by=by, now=now)


def check_and_end(recommendation, ending, reason, *, on, meeting, by, now, precision=FactPrecision.DAY):
    check_texts({"reason": reason}, inquiry=recommendation.inquiry, meetings=[meeting] if meeting else ())
    if on > timezone.localdate(now):
        raise ValidationError({"on": "The day of the decision cannot be in the future."})
    if meeting is not None:
        rules.check_was_held(meeting, now)
        if on != meeting.day:
            raise ValidationError({"on": f"This meeting was on {meeting.day.day} {meeting.day:%B %Y}."})
    dated = {"on": on, "precision": precision, "meeting": meeting}
    return record_end(recommendation, ending=ending, reason=reason, **dated, by=by, now=now)


@delete_files_on_rollback()
@transaction.atomic
def resume_recommendation(recommendation, *, reason, by, now):
    """Undo an end that was a mistake; a report that says it is published anew.

    Raises Refused without a reason, or when the recommendation has not ended; or documents.pdf.PdfFailed.
    """
    check_can("administer", by, recommendation, timezone.localdate(now))
    check_given(reason, "Say why the recommendation is open again.")
    report = lock_confirmed_report(recommendation, recommendation.ended_meeting)
    resumed = record_resumption(recommendation, reason=reason, by=by, now=now)
    publish_ends(report, by=by, now=now)
    return resumed


def lock_confirmed_report(recommendation, meeting):
    """The report with this recommendation in its table that was assessed at the meeting, locked; None for none."""
    if meeting is None:
        return None
    confirmed = ProgressReport.objects.filter(meeting=meeting, assessed_at__isnull=False)
    report = confirmed.filter(updates__response__recommendations=recommendation).first()
    return lock_report(report) if report else None


def publish_ends(report, *, by, now):
    """A new edition of a report whose ratings are confirmed, where the last one says other ends of its meeting."""
    if report is None or report.assessed_at is None:
        return
    said = report.editions.order_by("-number").values_list("content__closed", flat=True).first()
    content = public_content(report)
    if to_plain_data(content)["closed"] != (said or []):
        keep_edition(report, by=by, now=now, content=content)
