"""People invited, and their records kept: names, addresses, whether they are clerks."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.held_people import held, held_all
from inquiries.actions.people.addresses import keep_address
from inquiries.actions.people.seats import give_portfolio, give_seat
from inquiries.actions.records import save_record
from inquiries.actions.sessions import sign_out
from inquiries.models import Person
from inquiries.notifications import email_former_address, notify
from inquiries.permissions import Refused, check_can

TAKEN = "Another person already has this e-mail address."
NOT_FROM_YOURSELF = "You cannot take this from yourself. Ask another clerk."
NEEDED = "You sign in with your e-mail address: enter the new one, or ask another clerk to take it away."


@transaction.atomic
def invite(
    *,
    name,
    email="",
    job_title="",
    organisation="",
    is_clerk=False,
    seat=None,
    portfolio=None,
    completes=None,
    by,
    now,
):
    """Record a person and invite them by e-mail; without an address they are recorded and never sign in.

    `seat` is what `give_seat` takes and `portfolio` what `give_portfolio` takes, as dictionaries. `completes` is
    a person who is on record without an e-mail address and becomes complete. Returns the Person. Raises
    ValidationError or Refused, and then nothing has changed.
    """
    check_can("keep_people", by, completes, timezone.localdate(now))
    person = Person() if completes is None else held(completes)
    if person.pk is None:
        person.set_unusable_password()
    elif person.email or not person.is_active:
        raise Refused(f"The record of {person} has been completed or closed meanwhile.")
    person.name, person.email = " ".join(name.split()), _address(email)
    # What is known already is not emptied by a field left empty.
    person.job_title = job_title.strip() or person.job_title
    person.organisation = organisation.strip() or person.organisation
    person.is_clerk = person.is_clerk or is_clerk
    _save(person, by=by, now=now)
    if seat:
        give_seat(person, **seat, by=by, now=now)
    if portfolio:
        give_portfolio(person, **portfolio, by=by, now=now)
    if person.email:
        send_invitation(person, by=by, now=now)
        person.refresh_from_db()
    return person


@transaction.atomic
def send_invitation(person, *, by, now):
    """Invite a person by e-mail, for the first time or again. Raises Refused where they cannot sign in."""
    check_can("keep_people", by, person, timezone.localdate(now))
    person = held(person)
    if not person.is_active:
        raise Refused(f"{person} is not among those present. Record first that they are back.")
    if not person.email:
        raise Refused(f"{person} has no e-mail address. Enter one first.")
    keep_address(person)
    sentence = f"invited {person} {'again' if person.invited_at else 'to sign in'}"
    person.invited_at, person.invited_by = now, by
    person.save(update_fields=["invited_at", "invited_by"])
    history.write("invite", person, sentence, by=by, now=now)
    notify([person], "invitation", f"{person.pk}:{now.isoformat()}", now=now, by=by)
    return person


@transaction.atomic
def change_person(person, *, name, email, job_title, organisation, is_clerk, by, now):
    """Correct a person's record. With another e-mail address they sign in anew; the old and the new one are told.

    Raises ValidationError, for the field where there is one, or Refused.
    """
    check_can("keep_people", by, person, timezone.localdate(now))
    rows = held_all([person, by], and_clerks=True)
    person = rows[person.pk]
    if not person.is_active:
        raise Refused(f"{person} is not among those present: the record is closed.")
    old, new = person.email, _address(email)
    if person.is_clerk and not is_clerk:
        _check_may_be_taken("is_clerk", NOT_FROM_YOURSELF, person, rows[by.pk])
    elif person.is_clerk and old and not new:
        # A clerk without an address cannot sign in: the last one would lock everybody out.
        _check_may_be_taken("email", NEEDED, person, rows[by.pk])
    history.set_fields(
        person,
        name=" ".join(name.split()),
        email=new,
        job_title=job_title.strip(),
        organisation=organisation.strip(),
        is_clerk=is_clerk,
    )
    _save(person, by=by, now=now)
    # A first address changes nothing for anybody: whoever has it is invited.
    if old and old.lower() != (new or "").lower():
        sign_out(person)
        email_former_address(old, "address_changed", person=person)
        notify([person], "address_changed", f"{person.pk}:{now.isoformat()}", now=now)
    return person


def _check_may_be_taken(field, refusal, person, by):
    """Raise where a clerk would be none afterwards, or could not sign in, and nobody might be left who can."""
    if person == by:
        raise ValidationError({field: refusal})
    # As it stands now that the rows of all clerks are held: two must not take it from each other.
    if not (by.is_clerk and by.is_active and by.email):
        raise Refused("You are no longer a clerk who can sign in.")


def _address(email):
    return Person.objects.normalize_email((email or "").strip()) or None


def _taken_by(other):
    if other.is_active:
        return f"{other} already has this e-mail address."
    return f"{other}, who has left, already has this e-mail address. Record on their page that they are back."


def _save(person, *, by, now):
    others = Person.objects.exclude(pk=person.pk)
    if person.email and (other := others.filter(email__iexact=person.email).first()):
        raise ValidationError({"email": _taken_by(other)})
    person.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            save_record(person, by=by, now=now)
    except IntegrityError:
        # Somebody else has just given it to another person.
        raise ValidationError({"email": TAKEN}) from None
    keep_address(person)
