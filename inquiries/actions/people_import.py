"""A list of people: tried out and undone to say what it would do, then recorded, all of it or nothing."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.text import capfirst

from inquiries.actions import history
from inquiries.actions.people import (
    add_person,
    change_person,
    end_seat,
    give_seat,
    invite,
    lock_people,
)
from inquiries.choices import SeatRole
from inquiries.documents.content import long_date
from inquiries.imports.people_csv import PersonRow
from inquiries.models import CabinetMember, Committee, Membership, PeopleImport, Person
from inquiries.models.fields import checksum_of_data
from inquiries.permissions import Refused, check_can
from inquiries.text import fold_name, name_words

ADD = "add"  # the choice “another person of the same name”; another choice is the key of a person
ERROR, QUESTION, NEW, CHANGED, UNCHANGED = "error", "question", "new", "changed", "unchanged"
FIELDS = ("name", "email", "job_title", "organisation", "is_clerk")


class PreviewChanged(Refused):
    """The list would do something else by now than the clerk has seen. The new preview is kept."""


@transaction.atomic
def keep_people(rows, unknown_columns=(), *, file_name, checksum, by, now):
    check_can("keep_people", by, None, timezone.localdate(now))
    lend_addresses(rows)
    kept = PeopleImport.objects.create(
        file_name=file_name[:255],
        checksum=checksum,
        rows={"rows": rows, "unknown_columns": list(unknown_columns)},
        uploaded_at=now,
        uploaded_by=by,
    )
    return preview_people(kept, {}, by=by, now=now)


def lend_addresses(rows):
    """A line without address belongs to the one person of that name who has an address in another line."""
    addresses = {}
    for values in (row["values"] for row in rows):
        if email := values.get("email"):
            addresses.setdefault(fold_name(values.get("name", "")), {})[email.casefold()] = email
    for values in (row["values"] for row in rows):
        known = addresses.get(fold_name(values.get("name", "")), {})
        if "email" not in values and len(known) == 1:
            values["email"] = next(iter(known.values()))


@transaction.atomic
def preview_people(people_import, choices, *, by, now):
    kept = lock_import(people_import, by, now)
    # Tried out, and undone.
    with transaction.atomic():
        kept.rows["rows"] = apply_rows(kept.rows["rows"], choices, by=by, now=now)
        transaction.set_rollback(True)
    kept.save(update_fields=["rows"])
    return kept


@transaction.atomic
def forget_import(people_import, *, by, now):
    check_can("keep_people", by, people_import, timezone.localdate(now))
    if PeopleImport.objects.filter(pk=people_import.pk).exists():
        lock_import(people_import, by, now).delete()


def record_people(people_import, choices, *, seen, inviting=False, by, now):
    """Record a kept list, once, and forget its rows. Returns them with what each did.

    `seen` is the mark of the preview that the clerk has looked at; with `inviting` each new person who can sign in
    is sent an invitation. Raises Refused, and then nothing has changed but the preview, which shows what would
    happen now.
    """
    with transaction.atomic():
        kept = lock_import(people_import, by, now)
        before = kept.rows["rows"]
        # An inner block: a refusal undoes what the rows did, but keeps the new preview.
        with transaction.atomic():
            rows = apply_rows(before, choices, inviting=inviting, by=by, now=now)
            refusal = reason_against(rows, before, seen=seen, mark=mark_of(kept))
            transaction.set_rollback(refusal is not None)
        if refusal is None:
            finish_import(kept, rows, by, now)
        else:
            kept.rows["rows"] = rows
            kept.save(update_fields=["rows"])
    people_import.rows = kept.rows
    if refusal is not None:
        raise refusal
    return rows


def mark_of(people_import):
    return checksum_of_data(people_import.rows)[:16]


def lock_import(people_import, by, now):
    check_can("keep_people", by, people_import, timezone.localdate(now))
    kept = PeopleImport.objects.select_for_update(of=("self",)).filter(pk=people_import.pk).first()
    if kept is None:
        raise Refused("This list has been thrown away. Nothing was changed.")
    if kept.confirmed_at is not None:
        raise Refused("This list has been recorded already. Nothing was changed.")
    return kept


def reason_against(rows, before, *, seen, mark):
    of_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in (ERROR, QUESTION, NEW, CHANGED)}
    if of_kind[QUESTION]:
        names = ", ".join(row["values"]["name"] for row in of_kind[QUESTION][:5])
        return Refused(f"Say first who is meant by {names}.")
    # A row about which the clerk decides does something else once they have.
    changed = any(
        new != old for new, old in zip(rows, before, strict=True) if old["kind"] != QUESTION and not old["options"]
    )
    if seen != mark or changed:
        return PreviewChanged(
            "What is recorded has changed since you opened this page, so the rows below may do something else now. "
            "Look through them again, then record them."
        )
    if of_kind[ERROR]:
        return Refused("Some rows have errors. Correct the file and upload it again.")
    if not (of_kind[NEW] or of_kind[CHANGED]):
        return Refused("There is nothing to record: everything is recorded like this already.")
    return None


def finish_import(kept, rows, by, now):
    # What is recorded now is the people's own; nobody needs the list any more.
    kept.rows, kept.confirmed_at, kept.confirmed_by = [], now, by
    kept.save(update_fields=["rows", "confirmed_at", "confirmed_by"])
    count = len(people_of_kind(rows, NEW, CHANGED))
    sentence = f"recorded {count} {pluralize(count, 'person,people')} from the list “{kept.file_name}”"
    changes = history.first_values(kept, "file_name", "checksum")
    history.write("import_people", kept, sentence, by=by, now=now, changes=changes)


def people_of_kind(rows, *kinds):
    values = [row["values"] for row in rows if row["kind"] in kinds]
    return {(each.get("email") or each["name"]).casefold() for each in values}


def apply_rows(rows, choices, *, inviting=False, by, now):
    """Do what each row says. Returns the rows with `kind`, `messages` and, where it is asked who is meant, `options`.

    A row that cannot be recorded has the kind ERROR, and has changed nothing.
    """
    writer = RowWriter(rows, choices, inviting=inviting, by=by, now=now)
    done = []
    for row in rows:
        form = PersonRow(row["values"])
        outcome = {"kind": ERROR, "messages": form.messages, "options": [], "choice": ""}
        if form.is_valid():
            try:
                # A row that is refused half way leaves nothing behind, and the next ones are still looked at.
                with transaction.atomic():
                    outcome |= writer.write(row["line"], form.cleaned_data)
            except (ValidationError, Refused) as error:
                outcome["messages"] = getattr(error, "messages", [str(error)])
        done.append({"line": row["line"], "values": row["values"]} | outcome)
    return done


class RowWriter:
    def __init__(self, rows, choices, *, inviting, by, now):
        self.choices, self.by, self.now = choices, by, now
        self.add = invite if inviting else add_person
        self.given = {}  # key of a person -> {field: (value, line)}
        self.asked = {}  # e-mail address -> the line that asks whose it is
        emails = {row["values"].get("email", "").lower() for row in rows}
        names = {row["values"].get("name", "").lower() for row in rows}
        known = Person.objects.annotate(low_email=Lower("email"), low_name=Lower("name"))
        # In one order for all, so that two lists never wait for each other.
        lock_people([*known.filter(low_email__in=emails), *known.filter(low_name__in=names), by], and_clerks=True)
        self.without_address = list(Person.objects.present().filter(email=None))
        committees = Committee.objects.all()
        self.committees = {each.name.casefold(): each for each in committees} | {each.slug: each for each in committees}

    def write(self, line, values):
        person, options = self.find(values)
        choice = self.choices.get(line, "") if options else ""
        if options and choice not in dict(options):
            self.asked.setdefault(values["email"], line)
            return {"kind": QUESTION, "options": options}
        if values["email"] in self.asked:
            return {"kind": QUESTION, "messages": [f"Depends on line {self.asked[values['email']]}."]}
        outcome = {"kind": NEW, "options": options, "choice": choice}
        if options and choice != ADD:
            person = Person.objects.get(pk=choice)
        wanted = {field: values[field] for field in FIELDS if values[field] not in ("", None)}
        if person is None:
            person = self.add(**wanted, by=self.by, now=self.now)
            clerk = ", a clerk" if person.is_clerk else ""
            messages = [f"New person{clerk}{'' if person.email else ', without e-mail address: they cannot sign in'}."]
        else:
            self.check_agreement(person, line, wanted)
            changes = {field: value for field, value in wanted.items() if not is_same(field, person, value)}
            messages = [describe_change(field, getattr(person, field), value) for field, value in changes.items()]
            if changes:
                person = self.save_changes(person, changes)
            outcome["kind"] = CHANGED
        self.given.setdefault(person.pk, {}).update({field: (value, line) for field, value in wanted.items()})
        messages += self.write_seat(person, values)
        if not messages:
            outcome["kind"], messages = UNCHANGED, ["Recorded like this already."]
        return outcome | {"messages": messages}

    def find(self, values):
        name, email = values["name"], values["email"]
        recorded = Person.objects.filter(merged_at=None, erased_at=None)
        person = recorded.filter(email__iexact=email).first() if email else None
        if person is not None:
            if not person.is_active:
                when = f" on {long_date(timezone.localdate(person.left_at))}" if person.left_at else ""
                raise ValidationError(f"{person} has left{when}. Bring them back on their page first.")
            return person, []
        namesakes = list(recorded.named(name).filter(is_active=True).order_by("pk"))
        if not email:
            if len(namesakes) > 1:
                raise ValidationError(
                    f"Several people called {name} are recorded. Say with the e-mail address which is meant."
                )
            return (namesakes[0] if namesakes else None), []
        if not namesakes:
            words = sorted(name_words(name))
            namesakes = [one for one in self.without_address if sorted(name_words(one.name)) == words]
        options = [
            [str(one.pk), f"{describe_person(one)}, who has no e-mail address yet: complete them with {email}"]
            for one in namesakes
            if not one.email
        ]
        return None, [*options, [ADD, f"Another person called {name}: record a new person"]] if namesakes else []

    def check_agreement(self, person, line, wanted):
        for field, value in wanted.items():
            earlier, there = self.given.get(person.pk, {}).get(field, (value, line))
            if earlier != value:
                label = "whether they are a clerk" if field == "is_clerk" else f"the {label_of(field)}"
                raise ValidationError(f"Line {there} is about the same person, and does not agree on {label}.")

    def save_changes(self, person, changes):
        # A first address makes an account: that is an invitation, not a correction.
        if "email" in changes:
            return self.add(**{"name": person.name} | changes, completes=person, by=self.by, now=self.now)
        values = {field: getattr(person, field) for field in FIELDS} | changes
        return change_person(person, **values, by=self.by, now=self.now)

    def write_seat(self, person, values):
        """Add the seat or portfolio of a row, or end it; returns what was done, as sentences."""
        first, last, role = values["from_date"], values["until_date"], values["role"]
        seats: QuerySet
        if name := values["committee"]:
            where = {"committee": self.committee_called(name), "role": role}
            seats = Membership.objects.filter(person=person, **where)
        elif name := values["portfolio"]:
            where = {"portfolio": name}
            seats = CabinetMember.objects.filter(person=person, portfolio__iexact=name)
        else:
            return []
        for seat in seats:
            if seat.from_date == first or (first is None and seat.until_date in (None, last)):
                if last in (None, seat.until_date):
                    return []
                if seat.until_date is not None:
                    raise ValidationError(
                        f"The seat {describe_seat(seat)} is recorded as ended on {long_date(seat.until_date)}, not on "
                        f"{long_date(last)}. Correct that on the person's page."
                    )
                end_seat(seat, until_date=last, by=self.by, now=self.now)
                return [f"Seat ended: {describe_seat(seat)} until {long_date(last)}."]
        if first is None:
            raise ValidationError("Say in the column from since when the seat is held: 20/05/2025, say.")
        seat = give_seat(person, **where, from_date=first, until_date=last, by=self.by, now=self.now)
        until = f" until {long_date(last)}" if last else ""
        return [f"Seat added: {describe_seat(seat)} from {long_date(first)}{until}."]

    def committee_called(self, name):
        committee = self.committees.get(name.casefold())
        if committee is None:
            there = ", ".join(sorted({each.name for each in self.committees.values()})) or "none yet"
            raise ValidationError(f"No committee is called “{name}”. There is: {there}.")
        return committee


def label_of(field):
    return str(Person._meta.get_field(field).verbose_name)


def is_same(field, person, value):
    recorded = getattr(person, field)
    return (recorded or "").lower() == value.lower() if field == "email" else recorded == value


def describe_person(person):
    return ", ".join(part for part in (person.title_and_name, person.organisation) if part)


def describe_change(field, old, new):
    if field == "is_clerk":
        return "Becomes a clerk." if new else "Is no longer a clerk."
    label = capfirst(label_of(field))
    return f"{label}: from “{old}” to “{new}”." if old else f"{label} added: “{new}”."


def describe_seat(seat):
    if isinstance(seat, CabinetMember):
        return f"Cabinet Member ({seat.portfolio})"
    return f"{SeatRole(seat.role).label.lower()} of the {seat.committee}"
