"""The rows of people, held while something is done to them: two clerks at once go one after the other."""

from inquiries.models import Person


def held(person):
    """The person as they stand, their row held until the transaction ends."""
    return held_all([person])[person.pk]


def held_all(people, *, and_clerks=False):
    """These people (None among them is passed over) by key, as they stand, held; `and_clerks` all clerks too.

    In the order of keys, so that two deeds never wait for each other. Rows that only point to a person are not
    kept waiting.
    """
    wanted = {person.pk for person in people if person is not None}
    if and_clerks:
        wanted |= set(Person.objects.clerks().values_list("pk", flat=True))
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    return {person.pk: person for person in rows}
