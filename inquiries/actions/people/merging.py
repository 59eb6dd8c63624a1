"""Two records of one person become one: everything that names the one names the other from then on."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.held_people import held_all
from inquiries.actions.people.references import accounts_of, pointing_to_people
from inquiries.actions.people.seats import days_overlap
from inquiries.models import CabinetMember, Indication, Membership, Response, SignOff, UpdateContributor
from inquiries.permissions import Refused, check_can

# What has to be the same in two records of which only one can stay.
SAME = {
    SignOff: ("signed_at", "evidence_note"),
    Indication: ("rating", "note"),
    UpdateContributor: (),
    Membership: ("role", "from_date", "until_date"),
    CabinetMember: ("from_date", "until_date"),
}


@dataclass(frozen=True)
class Moving:
    """What a merge does: records in words, what stays as it was printed, and why it cannot be done."""

    records: list[str]
    others: list[str]
    stays: list[str]
    reasons: list[str]


def check_can_merge(person, into):
    """Raise Refused, with the reason, where the record of `person` cannot become part of that of `into`."""
    if person == into:
        raise Refused("Choose another person: these are the same record.")
    if person.merged_at is not None:
        raise Refused(f"This record has already been merged into that of {person.merged_into}.")
    if person.erased_at is not None:
        raise Refused("This record has been erased.")
    if person.email:
        raise Refused(f"{person} has an e-mail address. Only a record without one can be merged into another.")
    if not into.is_active:
        raise Refused(f"{into} is not among those present. Record first that they are back.")


def what_moves(person, into):
    """What merging `person` into `into` would do: a Moving. Nothing is changed."""
    others, stays = [], []
    for pointing in pointing_to_people():
        every = pointing.everything(person).count()
        moving = pointing.rows(person).count()
        name = pointing.model._meta
        if moving and pointing.model not in (*SAME, Response):
            others.append(f"{moving} {name.verbose_name if moving == 1 else name.verbose_name_plural}")
        if every > moving:
            count = every - moving
            stays.append(f"{count} {name.verbose_name if count == 1 else name.verbose_name_plural}")
    records = [words for _, words, _ in _named(person)]
    _, reasons = _twins(person, into)
    return Moving(records, others, stays, reasons)


@transaction.atomic
def merge_person(person, *, into, by, now):
    """Merge the record of `person`, who has no e-mail address, into that of `into`. Returns `into`.

    Whatever names the one names the other afterwards, but for history and what was published: that keeps the
    record it names, which stays, closed, and says who it is now. Of two equal records one stays. Raises Refused
    where two differ, or the one record is not to be merged; then nothing has changed.
    """
    check_can("merge_people", by, person, timezone.localdate(now))
    rows = held_all([person, into])
    person, into = rows[person.pk], rows[into.pk]
    check_can_merge(person, into)
    equal, reasons = _twins(person, into)
    if reasons:
        raise Refused(" ".join(reasons))
    named = _named(person)
    moving = what_moves(person, into)
    for record in equal:
        record.delete()
    for pointing in pointing_to_people():
        pointing.move(person, into)
    for account in accounts_of([person]):
        account.delete()
    _complete(into, person)
    history.set_fields(person, is_active=False, is_clerk=False, merged_at=now, merged_by=by, merged_into=into)
    person.save(update_fields=["is_active", "is_clerk", "merged_at", "merged_by", "merged_into"])
    _write(person, into, named, moving, by=by, now=now)
    return into


def _complete(into, person):
    """Fill what the record that stays did not say."""
    for name in ("job_title", "organisation"):
        setattr(into, name, getattr(into, name) or getattr(person, name))
    into.save(update_fields=["job_title", "organisation"])


def _write(person, into, named, moving, *, by, now):
    said = f"merged the record of {person} into that of {into}"
    note = "; ".join([*moving.records, *moving.others])
    for subject in (person, into):
        history.write("merge", subject, said, by=by, now=now, note=note)
    for subject, words, inquiry in named:
        changes = {"person": (f"{person} ({person.pk})", f"{into} ({into.pk})")}
        sentence = f"merged the record of {person} into that of {into}: {words[:1].lower()}{words[1:]}"
        history.write("merge", subject, sentence, by=by, now=now, changes=changes, inquiry=inquiry)


def _named(person):
    """What names the person by their part in it: (the record for the history, in words, its inquiry)."""
    found = []
    responses = Response.objects.in_order().select_related("inquiry").prefetch_related("recommendations")
    for part, field in (("Lead officer", "lead_officer"), ("Cabinet Member", "cabinet_member")):
        for one in responses.filter(**{field: person}):
            found.append((one, f"{part} for {one.numbers} of “{one.inquiry}”", one.inquiry))
    for one in UpdateContributor.objects.filter(person=person).select_related("update__report__inquiry"):
        report = one.update.report
        words = f"Contributor to the {report.kind.lower()} of “{report.inquiry}” on {one.update.response.references}"
        found.append((one.update, words, report.inquiry))
    for one in SignOff.objects.filter(person=person).select_related("report__inquiry"):
        done = "Signed off" if one.signed_at else "Named to sign off"
        found.append((one, f"{done}: the {one.report.kind.lower()} of “{one.report.inquiry}”", one.report.inquiry))
    for one in Membership.objects.filter(person=person).select_related("committee"):
        found.append((one, f"{one.get_role_display()} of the {one.committee}", None))
    for one in CabinetMember.objects.filter(person=person):
        found.append((one, f"Portfolio {one.portfolio}", None))
    for one in Indication.objects.filter(recorded_by=person).select_related("update__report__inquiry"):
        inquiry = one.update.report.inquiry
        found.append((one, f"Indication on {one.update.response.references} of “{inquiry}”", inquiry))
    return found


def _twins(person, into):
    """(the records of `person` that `into` has in the same way, why others stand in the way)."""
    equal, reasons = [], []
    for pointing in pointing_to_people():
        for field in pointing.fields:
            for record in pointing.rows(person).filter(**{field: person}):
                for twin in _twins_of(pointing, field, record, into):
                    if all(getattr(record, name) == getattr(twin, name) for name in _compared(record, field)):
                        equal.append(record)
                    else:
                        reasons.append(_reason(record))
    return equal, list(dict.fromkeys(reasons))


def _twins_of(pointing, field, record, into):
    """The records of `into` beside which `record` could not stand as theirs."""
    if isinstance(record, Membership | CabinetMember):
        same = "committee" if isinstance(record, Membership) else "portfolio"
        others = pointing.model.objects.filter(person=into, **{same: getattr(record, same)})
        return [other for other in others if days_overlap(record, other)]
    found = []
    for others in pointing.unique_with(field):
        same = {name: getattr(record, name) for name in others}
        found += pointing.model._default_manager.filter(**{field: into}, **same)
    return found


def _compared(record, field):
    """The names of the fields in which two records have to be the same."""
    every = [column.attname for column in record._meta.concrete_fields if not column.primary_key]
    return SAME.get(type(record), [name for name in every if name != f"{field}_id"])


def _reason(record):
    match record:
        case SignOff():
            report = record.report
            return f"Both are to sign the {report.kind.lower()} of “{report.inquiry}”: change first who signs it."
        case Indication():
            update = record.update
            return f"Both have noted an indication on {update.response.references} of “{update.report.inquiry}”."
        case Membership():
            return f"Both sit on the {record.committee} on the same days: correct or end one of the two seats first."
        case CabinetMember():
            return f"Both hold the portfolio {record.portfolio} on the same days: correct or end one of the two first."
    return f"Both have a {record._meta.verbose_name} of which there can be only one: {record}."
