"""The first clerk of a new installation, made by whoever runs it."""

from django.db import transaction

from inquiries.actions import history
from inquiries.actions.people.addresses import keep_address
from inquiries.models import Person


@transaction.atomic
def make_clerk(*, email, name, now):
    """A clerk with this e-mail address: a new person, or the one who has it, made a clerk.

    Returns (person, whether anything changed). Raises ValidationError. Only for whoever runs the installation:
    nobody is asked for leave, because there may be no clerk yet to give it.
    """
    person = Person.objects.filter(email__iexact=email).first()
    if person is not None and person.is_clerk and person.is_active:
        return person, False
    is_new = person is None
    if is_new:
        person = Person(name=" ".join(name.split()), email=Person.objects.normalize_email(email))
        person.set_unusable_password()
    changes = history.set_fields(person, is_clerk=True, is_active=True, left_at=None, left_by=None)
    person.full_clean(exclude=["password"])
    person.save()
    keep_address(person)
    sentence = f"became a clerk when this installation was {'set up' if is_new else 'looked after'}"
    history.write("make_clerk", person, sentence, by=person, now=now, changes=changes)
    return person, True
