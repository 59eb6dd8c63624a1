"""Other people taken out of what is handed to one."""

import re

from inquiries.models import Entry, Person

ANOTHER = "[another person]"


class Own(str):
    """Words that the person wrote, or that are about nobody else: kept as they are."""

    __slots__ = ()


def without_others(people):
    """A function that takes the names and e-mail addresses of everybody but `people` out of data.

    Those too that the history alone still knows, of people who were erased or have another name now. Names of
    one word are left: they are words of the language as often as not.
    """
    keys = {person.pk for person in people}
    own = {person.name.casefold() for person in people} | {p.email.casefold() for p in people if p.email}
    others = Person.objects.exclude(pk__in=keys).values_list("name", "email")
    earlier = Entry.objects.filter(subject_type="person").exclude(subject_id__in=keys).values_list("subject_label")
    deeds = Entry.objects.filter(by_id__isnull=False).exclude(by_id__in=keys).values_list("by_name")
    found = (*others, *earlier.order_by().distinct(), *deeds.order_by().distinct())
    words = {word for row in found for word in row if word and (" " in word or "@" in word)}
    words = sorted((word for word in words if word.casefold() not in own), key=lambda word: (-len(word), word))
    if not words:
        return _plain
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.IGNORECASE)

    def clean(data):
        if isinstance(data, Own):
            return str(data)
        if isinstance(data, str):
            return pattern.sub(ANOTHER, data)
        if isinstance(data, dict):
            return {key: clean(value) for key, value in data.items()}
        if isinstance(data, list):
            return [clean(item) for item in data]
        return data

    return clean


def _plain(data):
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    return str(data) if isinstance(data, str) else data
