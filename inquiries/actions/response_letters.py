"""The letters that ask for Cabinet's response, and the sentence on the public page where none has come."""

from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import lock_inquiry
from inquiries.actions.records import save_valid
from inquiries.choices import LetterStep
from inquiries.documents.content import long_date
from inquiries.models import ResponseLetter
from inquiries.permissions import Refused, check_can


@transaction.atomic
def record_letter(inquiry, *, step, addressed_to, salutation, body, sent_on, by, now):
    """Record a letter as sent, in its own words. Raises Refused or ValidationError."""
    today = timezone.localdate(now)
    check_can("administer", by, inquiry, today)
    lock_inquiry(inquiry)
    check_is_awaited(inquiry)
    step = LetterStep(step)
    rules.check_letter(step, inquiry.response_due, steps_sent(inquiry), min(sent_on, today))
    if sent_on > today:
        raise Refused("The day on which the letter was sent cannot be in the future.")
    letter = ResponseLetter(
        inquiry=inquiry,
        step=step,
        addressed_to=addressed_to.strip(),
        salutation=salutation.strip(),
        body=body.strip(),
        sent_on=sent_on,
        sent_at=now,
        sent_by=by,
    )
    save_valid(letter)
    said = f"sent the {step.label.lower()} about the response to {letter.addressed_to}"
    changes = history.first_values(letter, "addressed_to", "body", "sent_on")
    history.write("send_response_letter", letter, said, by=by, now=now, changes=changes, inquiry=inquiry)
    return letter


@transaction.atomic
def publish_no_response(inquiry, *, by, now):
    """Say on the public page that a response was asked for, was due, and has not come. Raises Refused."""
    today = timezone.localdate(now)
    check_can("administer", by, inquiry, today)
    lock_inquiry(inquiry)
    check_is_awaited(inquiry)
    if inquiry.no_response_at is not None:
        raise Refused("The public page says so already.")
    if not inquiry.is_public:
        raise Refused("The inquiry is not public. Publish it first.")
    if LetterStep.FINAL not in steps_sent(inquiry):
        raise Refused("The final letter comes first.")
    changes = history.set_fields(inquiry, no_response_at=now, no_response_by=by)
    inquiry.save(update_fields=["no_response_at", "no_response_by"])
    said = f"published that no response has come, which was due on {long_date(inquiry.response_due)}"
    history.write("publish_no_response", inquiry, said, by=by, now=now, changes=changes, inquiry=inquiry)


@transaction.atomic
def withdraw_no_response(inquiry, *, by, now):
    """Take the sentence off the public page. Raises Refused."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    if inquiry.no_response_at is None:
        raise Refused("The public page does not say that no response has come.")
    changes = history.set_fields(inquiry, no_response_at=None, no_response_by=None)
    inquiry.save(update_fields=["no_response_at", "no_response_by"])
    said = "took back that no response has come"
    history.write("withdraw_no_response", inquiry, said, by=by, now=now, changes=changes, inquiry=inquiry)


def steps_sent(inquiry):
    return {letter.step: letter.sent_on for letter in inquiry.response_letters.all()}


def awaiting_response(inquiry):
    return inquiry.recommendations.open().filter(response__isnull=True)


def check_is_awaited(inquiry):
    if inquiry.response_due is None:
        raise Refused("Record first when Cabinet received the report: from then on the time for its response runs.")
    if not awaiting_response(inquiry).exists():
        raise Refused("Every recommendation has its response.")
