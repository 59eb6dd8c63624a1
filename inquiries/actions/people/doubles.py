"""Who may be the same person: two records with one name, as imported papers and clerks write it."""

import re

from django.db.models import Q

from inquiries.models import Person

# What stands before a name and is none. "The Hon" is not known in committee papers.
FORMS_OF_ADDRESS = frozenset({"cllr", "councillor", "dr", "miss", "mr", "mrs", "ms", "prof", "professor", "rev", "sir"})


def likely_doubles(name, *, apart_from=None):
    """The present people who may be the one called `name`, by name; `apart_from` is the person asked about, if any."""
    return _alike(name, Person.objects.present().by_name(), apart_from)


def other_records_of(person):
    """(the records merged into that of `person`, their likely doubles where they are present), each by name."""
    people = list(Person.objects.filter(Q(merged_into=person) | Q(is_active=True)).by_name())
    merged = [other for other in people if other.merged_into_id == person.pk]
    present = [other for other in people if other.is_active]
    return merged, _alike(person.name, present, person) if person.is_active else []


def _alike(name, people, apart_from):
    """Those of `people` whose name may be another form of `name`, but for `apart_from`.

    The same words in any order, whatever the form of address and the case; or the same surname with an initial
    ("J Moore", "Janice Moore").
    """
    words = words_of(name)
    if not words:
        return []
    return [person for person in people if person != apart_from and are_alike(words, words_of(person.name))]


def words_of(name):
    """The words of a name in order, without forms of address, in small letters."""
    words = [word for word in re.split(r"[\s.,]+", name.casefold()) if word]
    return [word for word in words if word not in FORMS_OF_ADDRESS] or words


def are_alike(one, other):
    """Whether two names, as `words_of` gives them, may be one person's."""
    if sorted(one) == sorted(other):
        return True
    if len(one) < 2 or len(other) < 2 or one[-1] != other[-1]:
        return False
    first, second = one[0], other[0]
    return 1 in (len(first), len(second)) and first[0] == second[0]
