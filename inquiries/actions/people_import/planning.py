"""What a list of people would do to what is recorded now: row by row, in words, before anything happens."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

from django.template.defaultfilters import pluralize
from django.utils.text import get_text_list

from inquiries.actions.people import name_parts
from inquiries.actions.people_import.seats import PlannedSeat, plan_seat
from inquiries.documents.content import long_date
from inquiries.models import Committee, Person
from inquiries.people_import.checking import CheckedRow, check_rows, people_of

ADD = "add"  # the answer “somebody else of the same name”; another one is the key of a person
ERROR, QUESTION, NEW, CHANGED, UNCHANGED, REPEATED = "error", "question", "new", "changed", "unchanged", "repeated"
# What a kind is called, and the colour of its tag.
WORDS = {
    ERROR: ("Error", "red"),
    QUESTION: ("To decide", "yellow"),
    NEW: ("New", "green"),
    CHANGED: ("Changed", "blue"),
    UNCHANGED: ("Unchanged", "grey"),
    REPEATED: ("Repeated", "grey"),
}
FIELDS = {
    "name": "name",
    "email": "e-mail address",
    "job_title": "job title",
    "organisation": "organisation",
    "is_clerk": "clerk",
}


@dataclass
class PlannedRow:
    """One row and what happens to it: `sentences` are what is done, `problems` what stands in the way."""

    checked: CheckedRow
    sentences: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    kind: str = UNCHANGED

    @property
    def line(self):
        return self.checked.line

    @property
    def word(self):
        """What happens to it, in a word."""
        return WORDS[self.kind][0]

    @property
    def colour(self):
        return WORDS[self.kind][1]

    @property
    def anchor(self):
        """The id of the row on the page."""
        return f"line-{self.line}"


@dataclass
class PlannedPerson:
    """One person of the file, with all their rows. `person` is who is recorded already, as they are now."""

    rows: list[PlannedRow]
    person: Person | None = None
    is_new: bool = False
    changes: dict[str, tuple] = field(default_factory=dict)
    seats: list[PlannedSeat] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)  # (answer, words): to be chosen from
    answer: str = ""

    @property
    def first(self):
        return self.rows[0].checked

    @property
    def question(self):
        """The name of the field in which the clerk answers."""
        return f"person-{self.first.line}"

    @property
    def is_undecided(self):
        return bool(self.options) and not self.answer

    @property
    def does_something(self):
        return self.is_new or bool(self.changes) or bool(self.seats)

    @property
    def wanted(self):
        """What the file says of the person, with its empty cells left out: they change nothing."""
        good = [row.checked for row in self.rows if not row.problems]
        found = {}
        for name in ("name", "email", "job_title", "organisation"):
            if value := next((value for row in good if (value := getattr(row, name))), ""):
                found[name] = value
        clerk = next((row.clerk for row in good if row.clerk is not None), None)
        return found if clerk is None else found | {"is_clerk": clerk}


@dataclass
class Plan:
    """Everything that a file would do, by person and (`rows`) in the order of its lines."""

    people: list[PlannedPerson]
    unknown_columns: list[str]

    @cached_property
    def rows(self):
        return sorted((row for person in self.people for row in person.rows), key=lambda row: row.line)

    def of_kind(self, kind):
        """The rows of one kind."""
        return [row for row in self.rows if row.kind == kind]

    @property
    def errors(self):
        return self.of_kind(ERROR)

    def summary(self):
        """How many rows do what, as (kind, words), those that need the clerk first."""
        ends = {
            ERROR: "with errors",
            QUESTION: "to decide: who is meant?",
            NEW: "about a new person",
            CHANGED: "that change{} something",
            UNCHANGED: "recorded like this already",
            REPEATED: "that repeat{} another one",
        }
        counts = {kind: len(self.of_kind(kind)) for kind in ends}
        return [
            (kind, f"{n} row{pluralize(n)} {ends[kind].format('s' if n == 1 else '')}")
            for kind, n in counts.items()
            if n
        ]

    @property
    def questions(self):
        """The people about whom the clerk says who they are."""
        return [person for person in self.people if person.options]

    @property
    def undecided(self):
        """Those about whom it has not been said yet."""
        return [person for person in self.people if person.is_undecided]

    @property
    def new_people(self):
        return [person for person in self.people if person.is_new]

    @property
    def does_something(self):
        return any(person.does_something for person in self.people)

    @cached_property
    def mark(self):
        """Another one as soon as anything would happen that did not before: who confirms says what they have seen."""
        seen = [
            (row.line, row.kind, row.sentences, row.problems, person.options, person.answer)
            for person in self.people
            for row in person.rows
        ]
        return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:16]


def plan_people(read, answers=None, *, by, locked=False):
    """What recording the ReadFile would do now, as a Plan. `answers` is {question: answer} of who is meant.

    `by` is the clerk who would do it. With `locked`, in a transaction, nobody else changes the people meanwhile.
    """
    groups = people_of(check_rows(read))
    known = _Known(locked)
    planned = [_planned(rows, known, answers or {}, by) for rows in groups]
    _refuse_twice(planned)
    known.fetch_seats(one.person for one in planned)
    for one in planned:
        _plan_seats(one, known)
        _sum_up(one)
    return Plan(planned, read.unknown_columns)


class _Known:
    """What is recorded already, asked of the database once for the whole file."""

    def __init__(self, locked):
        people = Person.objects.filter(merged_at__isnull=True, erased_at__isnull=True).order_by("pk")
        self.people = {}
        self.by_email, self.by_name, self.without_address = {}, {}, {}
        for person in people.select_for_update(of=("self",), no_key=True) if locked else people:
            self.people[str(person.pk)] = person
            self.by_name.setdefault(person.name.casefold(), []).append(person)
            if person.email:
                self.by_email[person.email.lower()] = person
            elif person.is_active:
                self.without_address.setdefault(tuple(sorted(name_parts(person.name))), []).append(person)
        self.committees = {}
        for committee in Committee.objects.all():
            self.committees[committee.slug] = self.committees[committee.name.casefold()] = committee
        self.memberships, self.cabinet_seats = {}, {}

    def namesakes(self, name):
        """The present people of this name, as it is written."""
        return [person for person in self.by_name.get(name.casefold(), []) if person.is_active]

    def namesakes_in_other_words(self, name):
        """Those without an address whose name has the same words: “Moore, Janice”, “Councillor Janice Moore”."""
        return self.without_address.get(tuple(sorted(name_parts(name))), [])

    def fetch_seats(self, people):
        keys = {person.pk for person in people if person is not None}
        for name in ("memberships", "cabinet_seats"):
            model = getattr(Person, name).rel.related_model
            seats = model.objects.filter(person__in=keys).order_by("from_date", "pk")
            for seat in seats.select_related("committee") if name == "memberships" else seats:
                getattr(self, name).setdefault(seat.person_id, []).append(seat)


def _planned(checked, known, answers, by):
    rows = [PlannedRow(row, problems=list(row.problems)) for row in checked]
    one = PlannedPerson(rows)
    good = [row for row in rows if not row.problems]
    if not good:
        return one
    name, email = one.first.name, one.first.email
    one.person = known.by_email.get(email) if email else None
    if one.person is None:
        namesakes = known.namesakes(name)
        if email and (namesakes or (namesakes := known.namesakes_in_other_words(name))):
            _ask(one, namesakes, answers)
            one.person = known.people.get(one.answer)
        elif len(namesakes) > 1:
            _refuse(one, f"Several people called {name} are recorded. Say with the e-mail address which is meant.")
        elif namesakes:
            one.person = namesakes[0]
    if one.person is not None:
        _plan_changes(one, by)
    elif not one.is_undecided and any(not row.problems for row in rows):
        one.is_new = True
    return one


def _ask(one, namesakes, answers):
    """Somebody of this name is recorded, without this address: only the clerk knows whether it is they."""
    name, email = one.first.name, one.first.email
    one.options = [
        (str(person.pk), f"{_described(person)}, who has no e-mail address yet: complete them with {email}")
        for person in namesakes
        if not person.email
    ]
    one.options.append((ADD, f"Somebody else called {name}: record a new person"))
    given = answers.get(one.question, "")
    one.answer = given if given in {value for value, _ in one.options} else ""


def _refuse_twice(planned):
    """Rows that the file gives to several people, and that are about one who is recorded: each would undo the other."""
    found = {}
    for one in planned:
        if one.person is not None:
            found.setdefault(one.person.pk, []).append(one)
    for together in (several for several in found.values() if len(several) > 1):
        lines = get_text_list([str(one.first.line) for one in together], "and")
        otherwise = ", or say that somebody else is meant" if any(one.options for one in together) else ""
        for one in together:
            _refuse(one, f"Lines {lines} are about {one.person}: give them one name and e-mail address{otherwise}.")


def _described(person):
    return ", ".join(part for part in (person.name, person.job_title, person.organisation) if part)


def _plan_changes(one, by):
    person = one.person
    if not person.is_active:
        when = f" on {long_date(person.left_at.date())}" if person.left_at else ""
        _refuse(one, f"{person.name} has left{when}. Bring them back on their page first.")
        return
    one.changes = {name: (getattr(person, name), value) for name, value in one.wanted.items()}
    one.changes = {name: (old, new) for name, (old, new) in one.changes.items() if not _same(name, old, new)}
    if one.changes.get("is_clerk") == (True, False) and person.pk == by.pk:
        one.changes = {}
        _refuse(one, "You cannot take the clerk's rights from yourself.")


def _same(name, old, new):
    return (old or "").lower() == new.lower() if name == "email" else old == new


def _refuse(one, sentence):
    for row in one.rows:
        row.problems.append(sentence)


def _plan_seats(one, known):
    key = one.person.pk if one.person else None
    memberships, cabinet_seats = list(known.memberships.get(key, [])), list(known.cabinet_seats.get(key, []))
    for row in one.rows:
        if row.problems or row.checked.same_as:
            continue
        if row.checked.committee:
            committee = known.committees.get(row.checked.committee.casefold())
            if committee is None:
                there = ", ".join(sorted({committee.name for committee in known.committees.values()})) or "none yet"
                row.problems.append(f"No committee is called “{row.checked.committee[:100]}”. There is: {there}.")
                continue
            plan_seat(one, row, memberships, committee=committee, role=row.checked.role)
        elif row.checked.portfolio:
            plan_seat(one, row, cabinet_seats, portfolio=row.checked.portfolio)


def _sum_up(one):
    good = [row for row in one.rows if not row.problems and not row.checked.same_as]
    if not good:
        # All rows of this person are left out, so that nothing happens to them.
        one.is_new, one.changes, one.seats = False, {}, []
        one.options = one.options if one.answer else []
    seated = {seat.row.line for seat in one.seats}
    for row in one.rows:
        if row.problems:
            row.kind = ERROR
        elif row.checked.same_as:
            row.kind, row.sentences = REPEATED, [f"The same as line {row.checked.same_as}: left out."]
        elif one.is_undecided:
            row.kind = QUESTION
        elif row is good[0] and one.is_new:
            row.kind, row.sentences = NEW, [_new_words(one), *row.sentences]
        elif row is good[0] and one.changes:
            changed = [_change_words(name, *values) for name, values in one.changes.items()]
            row.kind, row.sentences = CHANGED, [*changed, *row.sentences]
        elif row.line in seated:
            row.kind = CHANGED
        else:
            row.kind, row.sentences = UNCHANGED, row.sentences or ["Recorded like this already."]


def _new_words(one):
    wanted = one.wanted
    said = "New person"
    if wanted.get("is_clerk"):
        said += ", a clerk"
    return f"{said}." if wanted.get("email") else f"{said}, without e-mail address: they cannot sign in."


def _change_words(name, old, new):
    if name == "is_clerk":
        return "Becomes a clerk." if new else "Is no longer a clerk."
    words = FIELDS[name].capitalize()
    return f"{words}: from “{old}” to “{new}”." if old else f"{words} added: “{new}”."
