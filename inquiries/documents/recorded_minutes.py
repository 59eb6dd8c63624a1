"""From the records of a meeting to its minutes as plain data, and what is proposed for each item."""

from collections import defaultdict

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from inquiries.choices import Ending, ExemptParagraph, Presence, PresentAs, Rating, SeatRole
from inquiries.documents.content import ExemptPart, long_date
from inquiries.documents.minutes import (
    AssessedRow,
    Attendee,
    Declaration,
    Ended,
    Minute,
    MinutesContent,
    minute_numbers,
    propose_outcome,
    resolution,
)
from inquiries.models import CabinetMember, Meeting, Minutes, ProgressUpdate, Recommendation

SEATS = tuple(SeatRole.values)


def items_of(meeting):
    """What is on the agenda, each item with its report and its outcome."""
    return list(meeting.items.on_agenda().select_related("report__inquiry", "outcome").order_by("number"))


def recorded_minutes(meeting, *, items=None, exempt=False):
    """The MinutesContent of what is recorded now; with `exempt` also the words that are not for publication.

    `items` are those `items_of` the meeting, from a caller who has them already.
    """
    recorded = getattr(meeting, "minutes", None) or Minutes()
    items = items_of(meeting) if items is None else items
    numbers = minute_numbers(recorded.first_number, len(items))
    return MinutesContent(
        council=settings.COUNCIL_NAME,
        committee=meeting.committee.name,
        day=meeting.day,
        start=f"{timezone.localtime(meeting.start):%H:%M}",
        venue=meeting.venue,
        started=f"{recorded.started:%H:%M}" if recorded.started else "",
        ended=f"{recorded.ended:%H:%M}" if recorded.ended else "",
        is_attendance_recorded=recorded.attendance_at is not None,
        minutes=tuple(minute_of(item, number, exempt) for item, number in zip(items, numbers, strict=True)),
        declarations=tuple(
            Declaration(one.person.name, one.nature, str(one.item) if one.item else "")
            for one in meeting.declarations.select_related("person", "item")
        ),
        **attendees(meeting),
    )


def minute_of(item, number, exempt):
    outcome = getattr(item, "outcome", None)
    if outcome is None:
        return Minute(item.pk, item.number, item.title, "", number)
    part = None
    if outcome.exempt_text:
        description = ExemptParagraph(outcome.exempt_paragraph).label.partition(" ")[2]
        part = ExemptPart(outcome.exempt_paragraph, description, outcome.exempt_text if exempt else "")
    return Minute(item.pk, item.number, item.title, outcome.text, number, part)


def attendees(meeting):
    of_person = {"person": OuterRef("person")}
    seat = meeting.committee.memberships.on(meeting.day).filter(**of_person).order_by("pk").values("role")
    portfolio = CabinetMember.objects.on(meeting.day).filter(**of_person).order_by("pk").values("portfolio")
    rows = meeting.attendance.select_related("person", "substitute_for")
    rows = list(rows.annotate(seat=Subquery(seat[:1]), portfolio=Subquery(portfolio[:1])))
    came = {row.substitute_for_id: str(row) for row in rows if row.substitute_for_id}
    # The chair comes first; who has lost the seat since, last.
    rows.sort(key=lambda row: SEATS.index(row.seat) if row.seat else len(SEATS))

    def of(present_as, presence=Presence.PRESENT):
        return tuple(
            attendee_of(row, came) for row in rows if row.present_as == present_as and row.presence == presence
        )

    return {
        "present": of(PresentAs.MEMBER) + of(PresentAs.SUBSTITUTE),
        "apologies": of(PresentAs.MEMBER, Presence.APOLOGIES),
        "absent": of(PresentAs.MEMBER, Presence.ABSENT),
        "officers": of(PresentAs.OFFICER),
        "guests": of(PresentAs.GUEST),
    }


def attendee_of(row, came):
    role = ""
    if row.present_as == PresentAs.MEMBER:
        role = SeatRole(row.seat).label if row.seat and row.seat != SeatRole.MEMBER else ""
    elif row.present_as == PresentAs.GUEST and row.portfolio:
        role = f"Cabinet Member for {row.portfolio}"
    elif row.person_id and row.present_as in (PresentAs.OFFICER, PresentAs.GUEST):
        role = row.person.job_title
    return Attendee(
        name=row.person.name if row.person_id else row.name,
        role=role,
        note=row.note,
        substitute_for=row.substitute_for.name if row.substitute_for_id else "",
        substitute=came.get(row.person_id, "") if row.person_id and row.presence != Presence.PRESENT else "",
    )


def proposed_outcomes(meeting, items, content):
    """The words that follow from what is recorded, by item: {key: text}, "" where nothing follows."""
    resolved = resolutions(meeting, items)
    others = Meeting.objects.filter(committee=meeting.committee_id, cancelled_at__isnull=True)
    before = others.filter(start__lt=meeting.start).order_by("-start").values("pk")[:1]
    after = others.filter(start__gt=meeting.start).order_by("start").values("pk")[:1]
    around = {one.start < meeting.start: one for one in others.filter(Q(pk=Subquery(before)) | Q(pk=Subquery(after)))}
    last, following = around.get(True), around.get(False)
    if following:
        start = timezone.localtime(following.start)
        place = f" in {following.venue}" if following.venue else ""
    facts = {
        "last_meeting": last.day if last else None,
        "next_meeting": f"{long_date(start)} at {start:%H:%M}{place}" if following else "",
    }
    return {
        item.pk: propose_outcome(item.title, content, resolved=resolved.get(item.pk, ""), **facts) for item in items
    }


def resolutions(meeting, items):
    """The resolution about each report that this meeting assesses, by item, from the ratings recorded by now."""
    reports = {item.report_id: item.pk for item in items if item.report_id and item.report.meeting_id == meeting.pk}
    if not reports:
        return {}
    rows, ended = {}, defaultdict(list)
    updates = ProgressUpdate.objects.filter(report__in=reports).select_related("assessment").in_order()
    for update in updates.prefetch_related("response__recommendations"):
        assessment = getattr(update, "assessment", None)
        references = tuple(one.reference for one in update.response.recommendations.all())
        row = AssessedRow(references, assessment.rating, assessment.comment) if assessment else AssessedRow(references)
        rows.setdefault(update.report_id, []).append(row)
    for one in ended_at(meeting):
        ended[one.inquiry_id].append(Ended(one.reference, one.ended_as, one.ended_reason))
    inquiries = {item.report_id: item.report.inquiry_id for item in items if item.report_id}
    return {
        item: resolution(rows.get(report, ()), ended.get(inquiries[report], ())) for report, item in reports.items()
    }


def ended_at(meeting):
    """The recommendations that the committee ended at a meeting otherwise than by rating them implemented."""
    by_rating = Q(ended_as=Ending.IMPLEMENTED) & Q(response__updates__assessment__rating=Rating.IMPLEMENTED)
    endings = Recommendation.objects.filter(ended_meeting=meeting).exclude(by_rating)
    return endings.order_by("inquiry", "reference_key")


def ended_since_outcomes(meeting, items):
    """Those of `ended_at` that were ended after the outcome of the item was recorded, which does not say why."""
    outcomes = {item.report.inquiry_id: item.outcome for item in items if item.report_id and hasattr(item, "outcome")}

    def is_unsaid(one):
        outcome = outcomes[one.inquiry_id]
        return outcome.recorded_at < one.ended_at and one.ended_reason.strip().rstrip(".") not in outcome.text

    return [one for one in ended_at(meeting).filter(inquiry__in=list(outcomes)) if is_unsaid(one)]
