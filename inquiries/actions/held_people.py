"""The rows of people, held while something is done to them or given to them to do: one deed goes after the other.

Who is recorded as a leaver in the moment in which somebody else gives them work must not end up with it. So every
deed that gives somebody work (a response, an update, a report to sign, a seat) holds their row and looks whether they
are still there, as the deed that records leavers does.

Two deeds never wait for each other, because rows are held in one order: committee or inquiry, then people by key,
then responses and reports. What stands before the people is held so that new rows may point to it meanwhile.
"""

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
