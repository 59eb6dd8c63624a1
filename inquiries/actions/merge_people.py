"""Two records of one person become one: everything that names the one names the other from then on."""

from dataclasses import dataclass
from itertools import product

from django.db import transaction
from django.db.models import Model, Q, prefetch_related_objects
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.people import days_overlap, lock_people, login_records, movable_models
from inquiries.models import (
    CabinetMember,
    Draft,
    Indication,
    Membership,
    OfficerReportContributor,
    Response,
    SignOff,
    UpdateContributor,
)
from inquiries.models.fields import count_all
from inquiries.permissions import Refused, check_can

# What has to be the same in two records of which only one can stay.
SAME = {
    SignOff: ("signed_at", "evidence_note"),
    Indication: ("rating", "note"),
    UpdateContributor: (),
    OfficerReportContributor: (),
    Membership: ("role", "from_date", "until_date"),
    CabinetMember: ("from_date", "until_date"),
    Draft: (),
}
# Read with the records that are described.
READ_WITH = {
    SignOff: ("report__inquiry",),
    Indication: ("update__report__inquiry", "update__response"),
    UpdateContributor: ("update__report__inquiry", "update__response"),
    Membership: ("committee",),
    OfficerReportContributor: ("report",),
}


@dataclass(frozen=True)
class MergePreview:
    """What a merge does: descriptions of records, what stays as it was printed, and why it cannot be done."""

    # Records that name the person by their part in it, as (record for the history, description, inquiry).
    named: list[tuple]
    others: list[str]
    stays: list[str]
    reasons: list[str]
    # Those that are deleted, because an equal one stays.
    equal: list[Model]

    @property
    def records(self):
        return [description for _, description, _ in self.named]


def check_can_merge(person, into):
    if person == into:
        raise Refused("Choose another person: these are the same record.")
    if person.merged_at is not None:
        raise Refused(f"This record has already been merged into that of {person.merged_into}.")
    if person.erased_at is not None:
        raise Refused("This record has been erased.")
    if person.email:
        raise Refused(f"{person} has an e-mail address. Only a record without one can be merged into another.")
    if not into.is_active:
        raise Refused(f"{into} is not one of the current people. Record first that they are back.")


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
    preview = preview_merge(person, into)
    if preview.reasons:
        raise Refused(" ".join(preview.reasons))
    for record in preview.equal:
        # By query, so that the instance keeps its key: the history is still to name it.
        type(record)._default_manager.filter(pk=record.pk).delete()
    if into.director_id == person.pk:
        into.director = None
    elif into.director is None and person.director_id != into.pk:
        into.director = person.director
    into.save(update_fields=["director"])
    moved = [record for related in movable_models() for record in related.rows(person)]
    for related in movable_models():
        related.move(person, into)
    for account in login_records([person]):
        account.delete()
    for name in ("job_title", "organisation"):
        setattr(into, name, getattr(into, name) or getattr(person, name))
    into.save(update_fields=["job_title", "organisation"])
    history.set_fields(person, is_active=False, is_clerk=False, merged_at=now, merged_by=by, merged_into=into)
    person.save(update_fields=["is_active", "is_clerk", "merged_at", "merged_by", "merged_into"])
    sentence = f"merged the record of {person} into that of {into}"
    note = "; ".join([*preview.records, *preview.others])
    history.write("merge", person, sentence, by=by, now=now, note=note, also=moved, deleted=preview.equal)
    history.write("merge", into, sentence, by=by, now=now, note=note)
    for subject, description, inquiry in preview.named:
        changes = {"person": (f"{person} ({person.pk})", f"{into} ({into.pk})")}
        part = f"{description[:1].lower()}{description[1:]}"
        history.write("merge", subject, f"{sentence}: {part}", by=by, now=now, changes=changes, inquiry=inquiry)
    return into


def preview_merge(person, into):
    """What merging `person` into `into` would do: one query for all counts, one for each model that has records."""
    models = movable_models()
    every = {(related.model, "every"): related.everything(person) for related in models}
    counts = count_all(every | {(related.model, "moving"): related.rows(person) for related in models})
    others, stays = [], []
    for model in (related.model for related in models):
        moving, staying = counts[model, "moving"], counts[model, "every"] - counts[model, "moving"]
        if moving and model not in (*SAME, Response):
            others.append(count_text(moving, model))
        if staying:
            stays.append(count_text(staying, model))
    unique = [related for related in models if related.unique() and counts[related.model, "moving"]]
    rows = {one.model: list(one.rows(person, into).select_related(*READ_WITH.get(one.model, ()))) for one in unique}
    named = describe_named(person, rows, leads=counts[Response, "moving"] > 0)
    equal, reasons = compare_unique(person, into, unique, rows)
    return MergePreview(named, others, stays, reasons, equal)


def count_text(count, model):
    return f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"


def describe_named(person, rows, *, leads):
    """What names the person by their part in it, as for MergePreview.named.

    `rows` are the records of each model, of both people; `leads` is whether there are responses to be read.
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
        description = (
            f"Contributor to the {report.kind.lower()} of “{report.inquiry}” on {one.update.response.references}"
        )
        found.append((one.update, description, report.inquiry))
    for one in rows.get(OfficerReportContributor, ()):
        if one.person_id == person.pk:
            found.append((one.report, f"Contributor to the officer report “{one.report}”", None))
    for one in rows.get(SignOff, ()):
        if one.person_id == person.pk:
            done = "Signed off" if one.signed_at else "Named to sign off"
            description = f"{done}: the {one.report.kind.lower()} of “{one.report.inquiry}”"
            found.append((one, description, one.report.inquiry))
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


def compare_unique(person, into, models, rows):
    equal, reasons = [], []
    for related in models:
        for field, others in related.unique():
            of_person, of_into = (
                [record for record in rows[related.model] if getattr(record, f"{field}_id") == one.pk]
                for one in (person, into)
            )
            for record, twin in product(of_person, of_into):
                if not exclude_each_other(record, twin, others):
                    continue
                if all(getattr(record, name) == getattr(twin, name) for name in fields_to_compare(record, field)):
                    equal.append(record)
                else:
                    reasons.append(conflict_message(record))
    return equal, list(dict.fromkeys(reasons))


def exclude_each_other(record, other, names):
    """Whether two records could not both be one person's: `names` are what the table holds once for a person."""
    columns = [record._meta.get_field(name).attname for name in names]
    if any(getattr(record, column) != getattr(other, column) for column in columns):
        return False
    return days_overlap(record, other) if isinstance(record, Membership | CabinetMember) else True


def fields_to_compare(record, field):
    every = [column.attname for column in record._meta.concrete_fields if not column.primary_key]
    return SAME.get(type(record), [name for name in every if name != f"{field}_id"])


def conflict_message(record):
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
