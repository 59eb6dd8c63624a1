"""Who answers for the rows of a report learns how the committee rated them, what closes and what comes next."""

from collections import defaultdict

from django.utils.text import get_text_list

from inquiries.choices import TO_BE_ASSESSED, Rating, TrackerState, report_kind
from inquiries.documents.content import from_json, long_date
from inquiries.models import Recommendation, TrackerRow
from inquiries.notifications import Message, queue_messages
from inquiries.text import single_line


def notify_of_ratings(report, edition, updates, *, by, now):
    """One e-mail to each lead officer, contributor and Cabinet Member who signed, about the rows that are theirs.

    `edition` is the one just kept, whose rows are those of `updates`. Where the ratings were public before, only those
    who have a row that changed are notified.
    """
    rows = from_json(edition.content).rows
    before = ratings_before(report, edition)
    signed = [sign_off.person for sign_off in report.sign_offs.select_related("person") if sign_off.signed_at]
    by_person = defaultdict(list)
    for update, row in zip(updates, rows, strict=True):
        line = {
            "numbers": update.response.numbers,
            "rating": rating_text(row.rating),
            "comment": single_line(row.comment),
            "actions": [action.wanted for action in row.actions],
            "changed": "",
            "correction": f"{row.corrections[-1].label}: {single_line(row.corrections[-1].reason)}"
            if row.corrections
            else "",
        }
        if before is not None and (earlier := before.get(row.references)) != (row.rating, row.comment):
            rating = earlier[0] if earlier else None
            line["changed"] = "comment" if rating == row.rating else rating_text(rating)
        for person in people_of(update, signed):
            by_person[person].append((update, line))
    to_come = next_report(report.inquiry)
    messages = []
    for person, theirs in by_person.items():
        lines = [line for _, line in theirs]
        if before is not None and not any(line["changed"] for line in lines):
            continue
        context = {"report": report, "rows": lines, "is_changed": before is not None, "next_report": to_come}
        context |= what_becomes_of([update for update, _ in theirs])
        messages.append(Message(person, "assessments_confirmed", f"{report.pk}:{edition.number}", context, by))
    queue_messages(messages, now=now)


def people_of(update, signed):
    """The writers of an update, and who of those that signed has it in their portfolio: its own, or else all."""
    own = [person for person in signed if person.pk == update.response.cabinet_member_id]
    return dict.fromkeys([*update.writers, *(own or signed)])


def ratings_before(report, edition):
    """{numbers of a row: (rating, comment)} as they were last published; None where they had not been."""
    earlier = report.editions.filter(after_meeting=True, number__lt=edition.number).order_by("number").last()
    if earlier is None:
        return None
    return {row.references: (row.rating, row.comment) for row in from_json(earlier.content).rows}


def rating_text(rating):
    return TO_BE_ASSESSED if rating is None else f"{Rating(rating).label}. {Rating(rating).guidance.rstrip('.')}"


def what_becomes_of(updates):
    """The numbers of their rows that are closed, and of those that come back, in words."""
    responses = [update.response_id for update in updates]
    found = Recommendation.objects.filter(response__in=responses).in_order()
    closed = [one.reference for one in found if one.ended_as]
    still_open = [one.reference for one in found if not one.ended_as]
    return {"closed": numbers_in_words(closed), "still_open": numbers_in_words(still_open)}


def numbers_in_words(references):
    return (
        f"recommendation{'s' if len(references) > 1 else ''} {get_text_list(references, 'and')}" if references else ""
    )


def next_report(inquiry):
    """ "final report (12 months on), due on 8 January 2028"; empty where a round is under way, or none is to come."""
    rows = TrackerRow.objects.filter(inquiry=inquiry, published=False, state=TrackerState.BETWEEN_REPORTS)
    row = rows.exclude(months=None).first()
    if row is None:
        return ""
    due = f", due on {long_date(row.months_due_on)}" if row.months_due_on else ""
    return f"{report_kind(row.months).lower()} report ({row.months} months on){due}"
