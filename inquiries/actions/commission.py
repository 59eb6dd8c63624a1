"""Progress reports of several inquiries commissioned for one meeting, and the e-mails of it beforehand."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from inquiries.actions.inquiries import lock_inquiry
from inquiries.actions.people import lock_people
from inquiries.actions.progress import ask_for_updates, create_report
from inquiries.actions.responses import correct_response
from inquiries.models import Inquiry, Notification, Person, Response
from inquiries.permissions import Refused


@dataclass(frozen=True)
class Round:
    """What is asked for of one inquiry. `lead_officers` are named before: {response: person}."""

    inquiry: Inquiry
    months_on: int
    cabinet_members: tuple[Person, ...] = ()
    lead_officers: dict[Response, Person] = field(default_factory=dict)


@transaction.atomic
def commission_reports(rounds, *, by, now, **dates):
    """Commission the report of each of `rounds`, all or none; a person is sent one e-mail about all their rows.

    `dates` are the meeting and the deadlines, as `create_report` takes them. Raises Refused or ValidationError.
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
    return reports


def lock_rounds(rounds):
    """Lock inquiries, then people, each in the order of their keys, as every action does that locks one of them."""
    for each in sorted(rounds, key=lambda each: each.inquiry.pk):
        lock_inquiry(each.inquiry)
    responses = Response.objects.filter(inquiry__in=[each.inquiry for each in rounds])
    lock_people(
        [
            *(person for each in rounds for person in (*each.cabinet_members, *each.lead_officers.values())),
            *Person.objects.filter(
                Q(pk__in=responses.values("cabinet_member"))
                | Q(pk__in=responses.values("lead_officer"))
                | Q(contributed_updates__response__in=responses)
            ),
        ]
    )


def preview_commission(rounds, *, by, now, **dates):
    """The e-mails that `commission_reports` would send, as notifications; raises what it would raise.

    It is done, and undone: what a person would be sent is written by nothing but the action itself.
    """
    with transaction.atomic():
        reports = commission_reports(rounds, **dates, by=by, now=now)
        stored = Notification.objects.filter(occasion="update_wanted", queued_on=now)
        about_these = stored.filter(key__startswith=f"update_wanted:report {reports[0].pk}:")
        emails = list(about_these.select_related("recipient").order_by("recipient__name", "pk"))
        transaction.set_rollback(True)
    return emails
