"""A list of people kept until it is confirmed, then recorded: all of it that was seen, or nothing."""

from django.db import IntegrityError, transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.people import change_person, end_portfolio, end_seat, send_invitation, set_login_address
from inquiries.actions.people_import.planning import plan_people
from inquiries.actions.records import save_record
from inquiries.models import CabinetMember, Membership, PeopleImport, Person
from inquiries.people_import.reading import ReadFile
from inquiries.permissions import Refused, check_can

RECORDED_ALREADY = "This list has been recorded already. Nothing was changed."


class ChangedSince(Exception):
    """What would happen is no longer what was seen. Carries the new `plan` and its `mark`."""

    def __init__(self, plan, mark):
        super().__init__()
        self.plan, self.mark = plan, mark


@transaction.atomic
def keep_people(read, *, file_name, checksum, by, now):
    """Keep a ReadFile until a clerk confirms it. Returns the PeopleImport. Raises Refused."""
    check_can("keep_people", by, None, timezone.localdate(now))
    return PeopleImport.objects.create(
        file_name=file_name[:255], checksum=checksum, rows=read.to_json(), uploaded_at=now, uploaded_by=by
    )


def read_of(people_import):
    """The ReadFile that was kept; without rows once it has been recorded."""
    return ReadFile.from_json(people_import.rows)


@transaction.atomic
def forget_import(people_import, *, by, now):
    """Throw a list away that has not been recorded. Doing it twice changes nothing. Raises Refused."""
    check_can("keep_people", by, people_import, timezone.localdate(now))
    kept = PeopleImport.objects.select_for_update(of=("self",)).filter(pk=people_import.pk).first()
    if kept is None:
        return
    if kept.confirmed_at is not None:
        raise Refused(RECORDED_ALREADY)
    kept.delete()


def record_people(people_import, answers=None, *, seen, leave_out=False, inviting=False, by, now):
    """Record a kept list, once, and forget its rows. Returns the Plan that was carried out.

    `answers` say who is meant (see `plan_people`); `seen` is the mark of the plan without answers that the clerk
    has looked at; with `leave_out` rows with errors are passed over; with `inviting` each new person who can sign
    in is sent an invitation. Raises ChangedSince where the plan has become another one, Refused or
    ValidationError; then nothing has happened.
    """
    try:
        return _record(people_import, answers, seen=seen, leave_out=leave_out, inviting=inviting, by=by, now=now)
    except IntegrityError as error:
        raise Refused("Somebody else has just recorded the same. Look through the rows again.") from error


@transaction.atomic
def _record(people_import, answers, *, seen, leave_out, inviting, by, now):
    check_can("keep_people", by, people_import, timezone.localdate(now))
    kept = PeopleImport.objects.select_for_update(of=("self",)).filter(pk=people_import.pk).first()
    if kept is None:
        raise Refused("This list has been thrown away. Nothing was changed.")
    if kept.confirmed_at is not None:
        raise Refused(RECORDED_ALREADY)
    read = read_of(kept)
    before = plan_people(read, by=by, locked=True)
    plan = plan_people(read, answers, by=by)
    if before.mark != seen:
        raise ChangedSince(plan, before.mark)
    _check_can_be_recorded(plan, leave_out)
    for one in plan.people:
        if one.does_something:
            _record_person(one, inviting=inviting, by=by, now=now)
    # What is recorded now is the people's own; nobody needs the list any more.
    kept.rows, kept.confirmed_at, kept.confirmed_by = [], now, by
    kept.save(update_fields=["rows", "confirmed_at", "confirmed_by"])
    count = sum(one.does_something for one in plan.people)
    sentence = f"recorded {count} {pluralize(count, 'person,people')} from the list “{kept.file_name}”"
    changes = history.first_values(kept, "file_name", "checksum")
    history.write("import_people", kept, sentence, by=by, now=now, changes=changes)
    return plan


def _check_can_be_recorded(plan, leave_out):
    if plan.undecided:
        names = ", ".join(one.first.name for one in plan.undecided[:5])
        raise Refused(f"Say first who is meant by {names}.")
    if plan.errors and not leave_out:
        raise Refused("Rows with errors stand in the way. Correct the file, or leave them out.")
    if not plan.does_something:
        raise Refused("There is nothing to record: everything is recorded like this already, or left out.")


def _record_person(one, *, inviting, by, now):
    person = one.person
    if one.is_new or "email" in one.changes:
        person = _added_or_completed(one, by=by, now=now)
    elif one.changes:
        fields = ("name", "email", "job_title", "organisation", "is_clerk")
        values = {name: one.changes[name][1] if name in one.changes else getattr(person, name) for name in fields}
        person = change_person(person, **values | {"email": person.email or ""}, by=by, now=now)
    for seat in one.seats:
        _record_seat(person, seat, by=by, now=now)
    if inviting and person.email and (one.is_new or "email" in one.changes):
        send_invitation(person, by=by, now=now)


def _added_or_completed(one, *, by, now):
    """Somebody new, or somebody who gets their e-mail address: nothing is sent unless they are invited."""
    person = one.person or Person()
    if person.pk is None:
        person.set_unusable_password()
    history.set_fields(person, **one.wanted)
    # The constraints are left to the database: to ask each beforehand doubles the time of a long list.
    person.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    save_record(person, by=by, now=now)
    set_login_address(person)
    return person


def _record_seat(person, planned, *, by, now):
    if planned.seat is not None:
        end = end_seat if isinstance(planned.seat, Membership) else end_portfolio
        end(planned.seat, until_date=planned.values["until_date"], by=by, now=now)
        return
    # What `give_seat` would ask again has been asked by the plan, which holds the rows of everybody.
    model = Membership if "committee" in planned.values else CabinetMember
    save_record(model(person=person, **planned.values), by=by, now=now)
