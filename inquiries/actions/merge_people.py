"""Two records of one person become one: everything that names the one names the other from then on."""

from dataclasses import dataclass
from itertools import product

from django.db import transaction
from django.db.models import Model, Q, prefetch_related_objects
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.counting import count_all
from inquiries.actions.people import days_overlap, lock_people, login_records, movable_models
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
# What is read with records that are put in words; with others, whatever they always point to.
READ_WITH = {
    SignOff: ("report__inquiry",),
    Indication: ("update__report__inquiry", "update__response"),
    UpdateContributor: ("update__report__inquiry", "update__response"),
    Membership: ("committee",),
}


@dataclass(frozen=True)
class Moving:
    """What a merge does: records in words, what stays as it was printed, and why it cannot be done."""

    records: list[str]
    others: list[str]
    stays: list[str]
    reasons: list[str]


@dataclass(frozen=True)
class _Found:
    """A Moving; what names the person, as `_named` gives it; the records of which an equal one stays."""

    moving: Moving
    named: list[tuple]
    equal: list[Model]


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


def preview_merge(person, into):
    """What merging `person` into `into` would do: a Moving. Nothing is changed."""
    return _look(person, into).moving


@transaction.atomic
def merge_person(person, *, into, by, now):
    """Merge the record of `person`, who has no e-mail address, into that of `into`. Returns `into`.

    Whatever names the one names the other afterwards, but for history and what was published: that keeps the
    record it names, which stays, closed, and says who it is now. Of two equal records one stays. Raises Refused
    where two differ, or the one record is not to be merged; then nothing has changed.
    """
    check_can("merge_people", by, person, timezone.localdate(now))
    rows = lock_people([person, into])
    person, into = rows[person.pk], rows[into.pk]
    check_can_merge(person, into)
    found = _look(person, into)
    if found.moving.reasons:
        raise Refused(" ".join(found.moving.reasons))
    for record in found.equal:
        # The record in hand keeps its key: the history is still to name it.
        type(record)._default_manager.filter(pk=record.pk).delete()
    moved = [record for related in movable_models() for record in related.rows(person)]
    for related in movable_models():
        related.move(person, into)
    for account in login_records([person]):
        account.delete()
    _complete(into, person)
    history.set_fields(person, is_active=False, is_clerk=False, merged_at=now, merged_by=by, merged_into=into)
    person.save(update_fields=["is_active", "is_clerk", "merged_at", "merged_by", "merged_into"])
    said = f"merged the record of {person} into that of {into}"
    note = "; ".join([*found.moving.records, *found.moving.others])
    history.write("merge", person, said, by=by, now=now, note=note, also=moved, deleted=found.equal)
    history.write("merge", into, said, by=by, now=now, note=note)
    for subject, words, inquiry in found.named:
        changes = {"person": (f"{person} ({person.pk})", f"{into} ({into.pk})")}
        sentence = f"{said}: {words[:1].lower()}{words[1:]}"
        history.write("merge", subject, sentence, by=by, now=now, changes=changes, inquiry=inquiry)
    return into


def _complete(into, person):
    """Fill what the record that stays did not say."""
    for name in ("job_title", "organisation"):
        setattr(into, name, getattr(into, name) or getattr(person, name))
    into.save(update_fields=["job_title", "organisation"])


def _look(person, into):
    """What a merge finds, as _Found: all counts in one query, and of both people at once each model that has rows."""
    pointings = movable_models()
    every = {(pointing.model, "every"): pointing.everything(person) for pointing in pointings}
    counts = count_all(every | {(pointing.model, "moving"): pointing.rows(person) for pointing in pointings})
    others, stays = [], []
    for model in (pointing.model for pointing in pointings):
        moving, staying = counts[model, "moving"], counts[model, "every"] - counts[model, "moving"]
        if moving and model not in (*SAME, Response):
            others.append(_counted(moving, model))
        if staying:
            stays.append(_counted(staying, model))
    unique = [pointing for pointing in pointings if pointing.unique() and counts[pointing.model, "moving"]]
    rows = {one.model: list(one.rows(person, into).select_related(*READ_WITH.get(one.model, ()))) for one in unique}
    named = _named(person, rows, leads=counts[Response, "moving"] > 0)
    equal, reasons = _twins(person, into, unique, rows)
    return _Found(Moving([words for _, words, _ in named], others, stays, reasons), named, equal)


def _counted(count, model):
    return f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"


def _named(person, rows, *, leads):
    """What names the person by their part in it: (the record for the history, in words, its inquiry).

    `rows` are the records of each model, of others too; `leads` is whether there are responses to be read.
    """
    found = []
    theirs = Response.objects.in_order().filter(Q(lead_officer=person) | Q(cabinet_member=person))
    responses = list(theirs.select_related("inquiry")) if leads else []
    contributions = [one for one in rows.get(UpdateContributor, ()) if one.person_id == person.pk]
    indications = [one for one in rows.get(Indication, ()) if one.recorded_by_id == person.pk]
    answered = [one.update.response for one in (*contributions, *indications)]
    prefetch_related_objects([*responses, *answered], "recommendations")
    for part, field in (("Lead officer", "lead_officer_id"), ("Cabinet Member", "cabinet_member_id")):
        for one in responses:
            if getattr(one, field) == person.pk:
                found.append((one, f"{part} for {one.numbers} of “{one.inquiry}”", one.inquiry))
    for one in contributions:
        report = one.update.report
        words = f"Contributor to the {report.kind.lower()} of “{report.inquiry}” on {one.update.response.references}"
        found.append((one.update, words, report.inquiry))
    for one in rows.get(SignOff, ()):
        if one.person_id == person.pk:
            done = "Signed off" if one.signed_at else "Named to sign off"
            words = f"{done}: the {one.report.kind.lower()} of “{one.report.inquiry}”"
            found.append((one, words, one.report.inquiry))
    for one in rows.get(Membership, ()):
        if one.person_id == person.pk:
            found.append((one, f"{one.get_role_display()} of the {one.committee}", None))
    for one in rows.get(CabinetMember, ()):
        if one.person_id == person.pk:
            found.append((one, f"Portfolio {one.portfolio}", None))
    for one in indications:
        inquiry = one.update.report.inquiry
        found.append((one, f"Indication on {one.update.response.references} of “{inquiry}”", inquiry))
    return found


def _twins(person, into, pointings, rows):
    """(the records of `person` that `into` has in the same way, why others stand in the way)."""
    equal, reasons = [], []
    for pointing in pointings:
        for field, others in pointing.unique():
            of_person, of_into = (
                [record for record in rows[pointing.model] if getattr(record, f"{field}_id") == one.pk]
                for one in (person, into)
            )
            for record, twin in product(of_person, of_into):
                if not _is_twin(record, twin, others):
                    continue
                if all(getattr(record, name) == getattr(twin, name) for name in _compared(record, field)):
                    equal.append(record)
                else:
                    reasons.append(_reason(record))
    return equal, list(dict.fromkeys(reasons))


def _is_twin(record, other, names):
    """Whether two records could not both be one person's: `names` are what the table holds once for a person."""
    columns = [record._meta.get_field(name).attname for name in names]
    if any(getattr(record, column) != getattr(other, column) for column in columns):
        return False
    return days_overlap(record, other) if isinstance(record, Membership | CabinetMember) else True


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
