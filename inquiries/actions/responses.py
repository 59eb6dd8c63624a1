"""Cabinet's responses: recorded, corrected, removed, handed over, their target dates moved."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.exempt_check import check_texts
from inquiries.actions.inquiries import check_is_being_recorded
from inquiries.actions.people import add_person, check_sits_apart, lock_people
from inquiries.actions.records import merge_values, recorded_values, save_valid
from inquiries.models import ProgressUpdate, Recommendation, Response, TargetDateChange
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can

TEXTS = ("text", "reason", "responding_body")  # which the page of its inquiry shows


@transaction.atomic
def record_response(
    inquiry,
    *,
    recommendations,
    decision,
    text="",
    reason="",
    responding_body="Cabinet",
    responded_on=None,
    lead_officer=None,
    cabinet_member=None,
    target_date=None,
    by,
    now,
):
    """Record one answer to one or more recommendations of `inquiry`. Raises ValidationError or Refused."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    recommendations = list(recommendations)
    check_current_people(lead_officer=lead_officer, cabinet_member=cabinet_member)
    check_sits_apart([lead_officer, cabinet_member], inquiry.committee_id, timezone.localdate(now))
    _check_answerable(inquiry, recommendations)
    response = Response(
        inquiry=inquiry,
        decision=decision,
        text=text.strip(),
        reason=reason.strip(),
        responding_body=responding_body,
        responded_on=responded_on,
        lead_officer=lead_officer,
        cabinet_member=cabinet_member,
        original_target_date=target_date,
        target_date=target_date,
    )
    check_texts({name: getattr(response, name) for name in TEXTS}, inquiry=inquiry)
    save_valid(response)
    for recommendation in recommendations:
        recommendation.response = response
        recommendation.save(update_fields=["response"])
    numbers = ", ".join(r.reference for r in recommendations)
    history.write(
        "record_response",
        response,
        f"recorded the response to {numbers}: {response.get_decision_display().lower()}",
        by=by,
        now=now,
        changes={"recommendations": ("", response.references)}
        | history.first_values(response, *CORRECTABLE, "target_date"),
        always=("text",),
        inquiry=inquiry,
        also=recommendations,
    )
    return response


@transaction.atomic
def record_responses(inquiry, responses, *, new_people=None, by, now):
    """Record several, each a dictionary of what `record_response` takes: all of them or none.

    `new_people` are {key: what `add_person` takes} of lead officers who are not recorded yet; a response names one by
    the key. Raises Refused or ValidationError, which says at which number.
    """
    added = {key: add_person(**details, by=by, now=now) for key, details in (new_people or {}).items()}
    recorded = []
    for values in responses:
        officer = values.get("lead_officer")
        values = values | {"lead_officer": added.get(officer, officer)}
        try:
            recorded.append(record_response(inquiry, **values, by=by, now=now))
        except (ValidationError, Refused) as error:
            sentences = error.messages if isinstance(error, ValidationError) else [str(error)]
            numbers = numbers_of(values["recommendations"])
            raise ValidationError([f"{numbers}: {sentence}" for sentence in sentences]) from error
    return recorded


@transaction.atomic
def remove_response(response, *, by, now):
    """Remove a response that was recorded by mistake. Raises Refused once progress on it has been asked for."""
    check_can("administer", by, response, timezone.localdate(now))
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.updates.exists():
        raise Refused("Progress has already been asked for on this response, so it stays on record.")
    if response.target_date_changes.exists():
        raise Refused("Its target date was changed for a reason that is on record, so it stays on record.")
    answered = list(response.recommendations.order_by("reference_key"))
    numbers = numbers_of(answered)
    Recommendation.objects.filter(response=response).update(response=None)
    history.write(
        "remove_response",
        response,
        f"removed the response to {numbers}",
        by=by,
        now=now,
        changes={field: (value, None) for field, value in recorded_values(response).items()}
        | {"recommendations": (numbers, "")},
        inquiry=response.inquiry,
        also=answered,
        deleted=[response],
    )
    response.delete()


@transaction.atomic
def set_first_target_date(response, *, target_date, by, now, based_on=None):
    """Correct the first target date while the inquiry is being recorded: no change of it that needs a reason."""
    check_can("administer", by, response, timezone.localdate(now))
    response = Response.objects.select_for_update().get(pk=response.pk)
    check_is_being_recorded(response.inquiry)
    if "target_date" not in merge_values(response, {"target_date": target_date}, based_on):
        return response
    if response.target_date_changes.exists():
        raise Refused("The target date has been changed since, for a reason that is on record.")
    changes = history.set_fields(response, target_date=target_date, original_target_date=target_date)
    response.save(update_fields=["target_date", "original_target_date"])
    if changes["target_date"][0] != target_date:
        history.write(
            "set_first_target_date",
            response,
            f"corrected the target date of the response to {response.references}",
            by=by,
            now=now,
            changes=changes,
            inquiry=response.inquiry,
        )
    return response


CORRECTABLE = ("decision", "text", "reason", "responding_body", "responded_on", "lead_officer", "cabinet_member")


@transaction.atomic
def correct_response(response, *, by, now, note="", based_on=None, despite_progress=False, announce=True, **values):
    """Change fields of CORRECTABLE. The decision is fixed once progress has been reported on it.

    `note` says why, in the history. `despite_progress` lets a decision be changed to another that accepts. With
    `announce` a new lead officer is notified of the updates that wait.
    For `based_on` see `merge_values`.
    Raises ValidationError, Refused, or TypeError for another field.
    """
    check_can("administer", by, response, timezone.localdate(now))
    if unknown := set(values) - set(CORRECTABLE):
        raise TypeError(f"correct_response cannot change {sorted(unknown)}")
    people = lock_people(values.get(field) for field in ("lead_officer", "cabinet_member"))
    response = Response.objects.select_for_update().get(pk=response.pk)
    values = merge_values(response, values, based_on)
    decision = values.get("decision", response.decision)
    is_free = decision == response.decision or (
        despite_progress and response.is_accepted and rules.is_accepted(decision)
    )
    if not is_free and response.updates.exists():
        raise Refused("The decision cannot be changed: progress has already been asked for on this response.")
    changes = history.set_fields(response, **values)
    given = {field: new for field, (old, new) in changes.items() if old != new}
    named = {field: given.get(field) for field in ("lead_officer", "cabinet_member")}
    check_are_current(people, **named)
    check_sits_apart(named.values(), response.inquiry.committee_id, timezone.localdate(now))
    check_texts({name: given[name] for name in TEXTS if name in given}, inquiry=response.inquiry)
    save_valid(response)
    if any(before != after for before, after in changes.values()):
        history.write(
            "correct_response",
            response,
            f"changed the response to {response.references}",
            by=by,
            now=now,
            changes=changes,
            note=note,
            inquiry=response.inquiry,
        )
    has_new_lead = changes.get("lead_officer", (response.lead_officer,))[0] != response.lead_officer
    if announce and response.lead_officer and has_new_lead:
        for update in ProgressUpdate.objects.open().filter(response=response).for_page():
            # With the moment: a person who has led it before, and leads it again, is notified again.
            key = f"{update.pk}:{now.isoformat()}"
            notify([response.lead_officer], "update_wanted", key, now=now, reply_to=by, updates=[update])
    return response


@transaction.atomic
def correct_responses(inquiry, *, only_missing, seen=None, by, now, **values):
    """Change fields of CORRECTABLE of all responses to an inquiry, or only where they are missing.

    None changes nothing. `seen` is the mark_of_responses that the clerk was shown. Raises Refused or ValidationError,
    then nothing is changed.
    """
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_people(values.get(field) for field in ("lead_officer", "cabinet_member"))
    responses = list(inquiry.responses.select_for_update().order_by("pk"))
    if seen is not None and seen != mark_of_responses(responses):
        raise Refused("A response has been changed since you opened this page. Look at what is recorded now.")
    for response in responses:
        given = {
            name: value
            for name, value in values.items()
            if value is not None and not (only_missing and getattr(response, name) is not None)
        }
        if given:
            correct_response(response, by=by, now=now, **given)


def mark_of_responses(responses):
    fields = [field.attname for field in Response._meta.concrete_fields]
    known = sorted(responses, key=lambda one: one.pk)
    return checksum_of_data([[str(getattr(one, field)) for field in fields] for one in known])


@transaction.atomic
def regroup_response(response, *, recommendations, by, now, based_on=None):
    """Change which recommendations a response answers. They are fixed once progress has been asked for.

    Raises ValidationError for none, one of another inquiry or one that another response answers; or Refused.
    """
    check_can("administer", by, response, timezone.localdate(now))
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.updates.exists():
        raise Refused("The recommendations cannot be changed: progress has already been asked for on this response.")
    recommendations = sorted(recommendations, key=lambda one: one.reference_key)
    numbers, recorded = numbers_of(recommendations), numbers_of(response.recommendations.order_by("reference_key"))
    merge_values(response, {"recommendations": numbers}, based_on, recorded={"recommendations": recorded})
    _check_answerable(response.inquiry, recommendations, by_response=response)
    before, no_longer = response.references, list(response.recommendations.all())
    response.recommendations.update(response=None)
    for recommendation in recommendations:
        recommendation.response = response
        recommendation.save(update_fields=["response"])
    response.refresh_from_db()
    if response.references != before:
        history.write(
            "regroup_response",
            response,
            f"changed which recommendations a response covers: {response.references}",
            by=by,
            now=now,
            changes={"recommendations": (before, response.references)},
            inquiry=response.inquiry,
            also=[*no_longer, *recommendations],
        )
    return response


def numbers_of(recommendations):
    return ", ".join(one.reference for one in recommendations)


@transaction.atomic
def change_target_date(response, *, target_date, reason, by, now, based_on=None):
    """Move the target date; the original is kept, and every change with its reason. Raises Refused.

    The first date that is set needs no reason: it becomes the original.
    """
    check_can("administer", by, response, timezone.localdate(now))
    response = Response.objects.select_for_update().get(pk=response.pk)
    merge_values(response, {"target_date": target_date}, based_on)
    if target_date == response.target_date:
        raise Refused("The target date is the same as before.")
    if response.original_target_date is not None and not reason.strip():
        raise Refused("Say why the target date changes.")
    check_texts({"reason": reason}, inquiry=response.inquiry)
    changes = {}
    if response.original_target_date is None:
        changes = history.set_fields(response, original_target_date=target_date)
    else:
        TargetDateChange.objects.create(
            response=response,
            old_date=response.target_date,
            new_date=target_date,
            reason=reason.strip(),
            changed_at=now,
            changed_by=by,
        )
    changes |= history.set_fields(response, target_date=target_date)
    response.save(update_fields=["target_date", "original_target_date"])
    history.write(
        "change_target_date",
        response,
        f"changed the target date of the response to {response.references}",
        by=by,
        now=now,
        changes=changes,
        note=reason.strip(),
        inquiry=response.inquiry,
    )
    return response


def check_current_people(**people):
    """Raise ValidationError, by field, for a person who has left: they can be given nothing more to do."""
    check_are_current(lock_people(people.values()), **people)


def check_are_current(rows, **people):
    """The same, of people whose rows are held already."""
    if gone := {
        field: f"{person} has left." for field, person in people.items() if person and not rows[person.pk].is_active
    }:
        raise ValidationError(gone)


def _check_answerable(inquiry, recommendations, by_response=None):
    if not recommendations:
        raise ValidationError("A response covers at least one recommendation.")
    # As they are now, and locked: two answers at the same moment must not both be taken.
    held = Recommendation.objects.select_for_update().in_order()
    for recommendation in held.filter(pk__in=[r.pk for r in recommendations]):
        if recommendation.inquiry_id != inquiry.pk:
            raise ValidationError(f"{recommendation} belongs to another inquiry.")
        if recommendation.response_id and recommendation.response_id != getattr(by_response, "pk", None):
            raise ValidationError(f"{recommendation} already has a response.")
