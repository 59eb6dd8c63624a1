"""Progress reports of several inquiries commissioned for one meeting, and the e-mails of it beforehand."""

from dataclasses import dataclass, field

from django.db import transaction

from inquiries.actions.inquiries import lock_inquiry
from inquiries.actions.people import lock_people
from inquiries.actions.progress import ask_for_updates, create_report
from inquiries.actions.responses import correct_response
from inquiries.models import Inquiry, Notification, Person, ProgressUpdate, Response, SignOff, UpdateContributor
from inquiries.models.fields import checksum_of_data, has_key_in
from inquiries.permissions import Refused


class CommissionChanged(Exception):
    """What would be asked for, of whom or until when is no longer what the clerk was shown."""


@dataclass(frozen=True)
class Round:
    """What is asked for of one inquiry. `lead_officers` are named before: {response: person}."""

    inquiry: Inquiry
    months_on: int
    cabinet_members: tuple[Person, ...] = ()
    lead_officers: dict[Response, Person] = field(default_factory=dict)


@transaction.atomic
def commission_reports(rounds, *, seen=None, by, now, **dates):
    """Commission the report of each of `rounds`, all or none; a person is sent one e-mail about all their rows.

    `dates` are the meeting and the deadlines, as `create_report` takes them; `seen` is the mark that came with the
    preview, if the clerk was shown one. Raises CommissionChanged, Refused or ValidationError.
    """
    lock_rounds(rounds)
    reports = []
    for each in rounds:
        for response, officer in each.lead_officers.items():
            correct_response(response, lead_officer=officer, by=by, now=now)
        try:
            reports.append(
                create_report(
                    each.inquiry,
                    months_on=each.months_on,
                    cabinet_members=each.cabinet_members,
                    **dates,
                    by=by,
                    now=now,
                )
            )
        except Refused as refusal:
            raise Refused(f"{each.inquiry}: {refusal}" if len(rounds) > 1 else str(refusal)) from None
    ask_for_updates(reports, by=by, now=now)
    if seen is not None and seen != mark_of_commission(reports, emails_of(reports, now)):
        raise CommissionChanged("Something has changed since this was shown: look through it again, then send it.")
    return reports


def emails_of(reports, now):
    stored = Notification.objects.filter(occasion="update_wanted", queued_on=now)
    about_these = stored.filter(key__startswith=f"update_wanted:report {reports[0].pk}:")
    return list(about_these.select_related("recipient").order_by("recipient__name", "pk"))


def mark_of_commission(reports, emails):
    """The same as long as rows, officers, signers, dates and e-mails are the same; the reports need not be."""
    rows = ProgressUpdate.objects.filter(report__in=reports).order_by("response")
    signers = SignOff.objects.filter(report__in=reports).order_by("report__inquiry", "person")
    dates = ("inquiry_id", "months_on", "meeting_id", "update_date", "updates_due_on", "sign_off_due_on")
    said = [
        [str(getattr(report, name)) for name in dates]
        + ([report.meeting.start.isoformat(), report.meeting.venue] if report.meeting else [])
        for report in sorted(reports, key=lambda report: report.inquiry_id)
    ]
    said += map(list, rows.values_list("response", "response__lead_officer"))
    said += map(list, signers.values_list("report__inquiry", "person"))
    said += [[email.recipient_id, email.recipient.email, email.subject, email.body] for email in emails]
    return checksum_of_data(said)


def lock_rounds(rounds):
    """Lock inquiries, then people, each in the order of their keys, as every action does that locks one of them."""
    for each in sorted(rounds, key=lambda each: each.inquiry.pk):
        lock_inquiry(each.inquiry)
    responses = Response.objects.filter(inquiry__in=[each.inquiry for each in rounds])
    contributors = UpdateContributor.objects.filter(update__response__in=responses)
    lock_people(
        [
            *(person for each in rounds for person in (*each.cabinet_members, *each.lead_officers.values())),
            *Person.objects.filter(
                has_key_in(responses.values("cabinet_member"))
                | has_key_in(responses.values("lead_officer"))
                | has_key_in(contributors.values("person"))
            ),
        ]
    )


def preview_commission(rounds, *, by, now, **dates):
    """The e-mails that `commission_reports` would send, as notifications, and its mark; raises what it would raise.

    It is done, and undone: what a person would be sent is written by nothing but the action itself.
    """
    with transaction.atomic():
        reports = commission_reports(rounds, **dates, by=by, now=now)
        emails = emails_of(reports, now)
        mark = mark_of_commission(reports, emails)
        transaction.set_rollback(True)
    return emails, mark
