"""Several responses changed at once, as a clerk chooses them on the tracker: lead officer, portfolio, target date."""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries.actions.people import lock_people
from inquiries.actions.responses import change_target_date, correct_response
from inquiries.models import ProgressUpdate, Recommendation, Response
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can

LABELS = {"lead_officer": "Lead officer", "cabinet_member": "Cabinet Member", "target_date": "Target date"}


@dataclass(frozen=True)
class BulkLine:
    """What becomes of one response, or of a recommendation without one: `changes` are (label, before, after)."""

    inquiry: object
    numbers: str
    changes: tuple = ()
    refusal: str = ""  # why it cannot be changed
    also: str = ""  # the numbers that it answers too, and that were not chosen


@transaction.atomic
def change_responses(recommendations, *, reason="", seen=None, by, now, **values):
    """Change the responses to these recommendations; `values` are those of LABELS that are to be changed.

    What cannot be changed stays as it is, and its BulkLine says why; the rest is changed. A new lead officer is
    notified once, of all the updates that wait for them. `seen` is the mark of the lines that the clerk was shown:
    Refused, and nothing changed, where they would be others now. Returns the lines, in order of inquiry and number.
    """
    check_can("administer", by, None, timezone.localdate(now))
    lock_people([values.get("lead_officer"), values.get("cabinet_member")])
    chosen = {recommendation.pk for recommendation in recommendations}
    found = Recommendation.objects.filter(pk__in=chosen).select_related("inquiry")
    # All are locked before the first is changed, so that two clerks cannot wait for each other.
    locked = Response.objects.select_for_update(of=("self",)).filter(recommendations__in=chosen).order_by("pk")
    responses = {response.pk: response for response in locked.select_related("lead_officer", "cabinet_member")}
    answered = defaultdict(list)
    for recommendation in Recommendation.objects.filter(response__in=responses).order_by("reference_key"):
        answered[recommendation.response_id].append(recommendation)
    lines, changed, done = [], [], set()
    for recommendation in found.order_by("inquiry__title", "inquiry", "reference_key"):
        response = responses.get(recommendation.response_id)
        if response is None:
            refusal = "It has no response yet."
            lines.append(BulkLine(recommendation.inquiry, recommendation.reference, refusal=refusal))
        elif response.pk not in done:
            done.add(response.pk)
            together = answered[response.pk]
            line = change_one(recommendation.inquiry, response, together, chosen, values, reason, by=by, now=now)
            lines.append(line)
            changed += [response.pk] if line.changes else []
    if seen is not None and seen != mark_of_lines(lines):
        raise Refused("Someone else has changed something since this was shown. Look through it again.")
    if lead_officer := values.get("lead_officer"):
        notify_new_lead(lead_officer, changed, by=by, now=now)
    return lines


def change_one(inquiry, response, together, chosen, values, reason, *, by, now):
    numbers = ", ".join(one.reference for one in together if one.pk in chosen)
    also = ", ".join(one.reference for one in together if one.pk not in chosen)
    if not response.is_accepted:
        return BulkLine(inquiry, numbers, refusal="Cabinet has not accepted it.", also=also)
    if all(one.ended_as for one in together):
        return BulkLine(inquiry, numbers, refusal="It has ended.", also=also)
    wanted = {name: value for name, value in values.items() if getattr(response, name) != value}
    changes = tuple((LABELS[name], getattr(response, name), value) for name, value in wanted.items())
    people = {name: value for name, value in wanted.items() if name != "target_date"}
    try:
        with transaction.atomic():
            if people:
                correct_response(response, note=reason, announce=False, by=by, now=now, **people)
            if "target_date" in wanted:
                change_target_date(response, target_date=wanted["target_date"], reason=reason, by=by, now=now)
    except ValidationError as error:
        return BulkLine(inquiry, numbers, refusal=" ".join(error.messages), also=also)
    except Refused as error:
        return BulkLine(inquiry, numbers, refusal=str(error), also=also)
    return BulkLine(inquiry, numbers, changes, also=also)


def mark_of_lines(lines):
    """Changes with anything that the lines say."""
    said = [[line.inquiry.pk, line.numbers, line.refusal, line.also, str(line.changes)] for line in lines]
    return checksum_of_data(said)


def notify_new_lead(lead_officer, responses, *, by, now):
    updates = list(ProgressUpdate.objects.open().filter(response__in=responses).for_page())
    if updates:
        updates.sort(key=lambda update: (update.report.inquiry.title, update.report.pk))
        key = f"{lead_officer.pk}:{now.isoformat()}"
        notify([lead_officer], "leads_several", key, now=now, reply_to=by, updates=updates)


def preview_changes(recommendations, *, by, now, **values):
    """The lines that `change_responses` would return; nothing is changed."""
    with transaction.atomic():
        lines = change_responses(recommendations, by=by, now=now, **values)
        transaction.set_rollback(True)
    return lines
