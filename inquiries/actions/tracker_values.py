"""What the values of a tracker can mean here: the committees and people who are recorded, and what was meant before."""

import re
from collections import defaultdict

from django.db.models import Q

from inquiries.actions.tracker_plan import new_person
from inquiries.imports.tracker_columns import LEAVE, propose_meaning
from inquiries.models import CabinetMember, Committee, Person
from inquiries.text import fold_name, fold_text

MOST_SIMILAR = 5
MOST_FOUND = 500
PEOPLE = ("officer", "member")


class KnownValues:
    """For the values of tracker_columns.count_values, in four queries however many there are.

    `meanings` are those remembered for these headings, `signer` the key of who was chosen before.
    """

    def __init__(self, values, *, meanings, signer, today):
        self.meanings = meanings
        everybody = list(Committee.objects.all())
        self.committees = [(str(one.pk), one.name) for one in everybody]
        self.committee_keys = {fold_text(one.name): str(one.pk) for one in everybody}
        self.names = {(kind, key): new_person(text).name for kind in PEOPLE for key, text, _ in values[kind]}
        self.find_people()
        seats = list(CabinetMember.objects.on(today).select_related("person")) if values["member"] else []
        self.holders = {fold_text(seat.portfolio): seat.person for seat in seats}
        self.cabinet = {seat.person: f"{seat.person} ({seat.portfolio})" for seat in seats}
        self.signer = Person.objects.filter(pk=signer).first() if signer else None

    def find_people(self):
        self.exact, self.similar, self.left = defaultdict(list), defaultdict(list), set()
        names = {name for name in self.names.values() if fold_name(name)}
        if not names:
            return
        last_names = sorted({re.escape(fold_name(name).split()[-1]) for name in names})
        found = Person.objects.filter(
            Q(pk__in=Person.objects.named(*names).values("pk"))
            | Q(is_active=True, name__iregex=rf"\m(?:{'|'.join(last_names)})\M")
        ).filter(merged_into__isnull=True)
        for person in found.by_name()[:MOST_FOUND]:
            if person.is_active:
                self.exact[fold_name(person.name)].append(person)
                self.similar[fold_name(person.name).split()[-1]].append(person)
            else:
                self.left.add(fold_name(person.name))

    def matches(self, kind, key):
        holder = self.holders.get(key) if kind == "member" else None
        return [holder] if holder else self.exact[fold_name(self.names[kind, key])]

    def is_certain(self, kind, key):
        """Whether exactly one recorded person is meant."""
        return len(self.matches(kind, key)) == 1

    def has_left(self, kind, key):
        return (kind, key) in self.names and fold_name(self.names[kind, key]) in self.left

    def people(self, kind, key):
        """The recorded people who may be meant, as (key, label)."""
        words = fold_name(self.names[kind, key]).split()
        similar = self.similar[words[-1]][:MOST_SIMILAR] if words else []
        found = {str(one.pk): one.title_and_name for one in [*self.matches(kind, key), *similar]}
        if kind == "member":
            found |= {str(one.pk): label for one, label in self.cabinet.items()}
        return list(found.items())

    def proposal(self, kind, key, text):
        """What the value meant the last time, or plainly means; "" where that is not known."""
        if known := self.meanings.get(kind, {}).get(key):
            return known
        if kind == "committee":
            return self.committee_keys.get(key, "")
        if kind in PEOPLE:
            if self.is_certain(kind, key):
                return str(self.matches(kind, key)[0].pk)
            return LEAVE if propose_meaning(kind, text) == LEAVE else ""
        return propose_meaning(kind, text)
