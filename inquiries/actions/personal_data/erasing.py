"""A person erased: whatever is about them and is not the public record, or evidence."""

from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.people import lock_people, login_records
from inquiries.actions.personal_data.traces import (
    drafts_naming,
    lists_naming,
    public_places,
    records_of,
    sessions_of,
)
from inquiries.actions.personal_data.weighing import check_can_be_erased
from inquiries.models import Indication, Notification, PersonalValue
from inquiries.permissions import check_can


@transaction.atomic
def erase_person(person, *, by, now):
    """Erase what is kept about a person, and about the records merged into theirs; `weigh` says what that is.

    Nobody can sign in as them afterwards. What has been published stays as it is, byte for byte. Returns the
    Person. Raises Refused while they are a clerk, hold a seat or have something to do; then nothing has changed.
    """
    check_can("erase_person", by, person, timezone.localdate(now))
    person = lock_people([person, by])[person.pk]
    check_can_be_erased(person, timezone.localdate(now))
    people = list(lock_people(records_of(person)).values())
    keeps_name = bool(public_places(people))
    # Before the names and addresses go by which they are found.
    gone = [
        _count("row", _forget_rows(people), "of unfinished lists"),
        _count("finished import", _forget_drafts(people), "emptied"),
        _count("session", _forget_sessions(people), ""),
    ]
    keys = [one.pk for one in people]
    accounts = sum(rows.delete()[0] for rows in login_records(people))
    notifications = Notification.objects.filter(recipient__in=keys).delete()[0]
    indications = list(Indication.objects.filter(recorded_by__in=keys))
    Indication.objects.filter(recorded_by__in=keys).delete()
    for one in people:
        _empty(one, keeps_name, by=by, now=now)
    values = PersonalValue.objects.filter(person__in=keys).delete()[0]
    gone += [
        _count("record", accounts, "of ways to sign in"),
        _count("notification", notifications, ""),
        _count("indication", len(indications), ""),
        _count("earlier value", values, "of the e-mail address"),
        "the name was kept, because the public record names it" if keeps_name else "the name was replaced",
    ]
    person = next(one for one in people if one.pk == person.pk)
    sentence = f"erased the personal data of {person}"
    note = "; ".join(part for part in gone if part)
    history.write("erase_person", person, sentence, by=by, now=now, note=note, also=people, deleted=indications)
    return person


def _empty(person, keeps_name, *, by, now):
    """The record itself. Its old values are not written into the history."""
    person.email = person.last_login = None
    person.organisation = ""
    person.is_active = False
    if not keeps_name:
        person.name, person.job_title = f"Erased person {person.pk}", ""
    person.set_unusable_password()
    person.erased_at, person.erased_by = now, by
    person.save()


def _forget_rows(people):
    count = 0
    for kept, rows in lists_naming(people):
        left = [row for row in kept.rows["rows"] if row not in rows]
        kept.rows = kept.rows | {"rows": left}
        kept.save(update_fields=["rows"])
        count += len(rows)
    return count


def _forget_drafts(people):
    """Empty what was read from Word files once it has become records. An unfinished import is somebody's work."""
    finished = [kept for kept in drafts_naming(people) if kept.confirmed_at is not None]
    for kept in finished:
        kept.draft = {}
        kept.save(update_fields=["draft"])
    return len(finished)


def _forget_sessions(people):
    found = sessions_of(people)
    for session in found:
        session.delete()
    return len(found)


def _count(what, count, words):
    return f"{count} {what}{pluralize(count)} {words}".strip() if count else ""
