"""Whose history somebody may read: who sees how a record came about may see its history, nobody else.

Clerks read everything. Who writes an update reads the history of that update; a Cabinet Member who signs a report
that of the report and of its updates.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.http import Http404

from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Committee,
    Entry,
    Inquiry,
    Meeting,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
    SignOff,
)
from inquiries.permissions import can

# The kinds of record that have a page of history, by the word in its address.
KINDS = {
    "inquiry": Inquiry,
    "recommendation": Recommendation,
    "response": Response,
    "report": ProgressReport,
    "update": ProgressUpdate,
    "meeting": Meeting,
    "item": AgendaItem,
    "paper": AgendaDocument,
    "pack": AgendaPack,
    "person": Person,
    "committee": Committee,
}
WORD = {model._meta.model_name: word for word, model in KINDS.items()}
EXEMPT_FIELDS = ("exempt_text",)
SEATS = ("membership", "cabinetmember")


@dataclass(frozen=True)
class Told:
    """An entry as one person may read it: `hidden` are the fields whose words are not for them."""

    entry: Entry
    hidden: tuple[str, ...] = ()


def readable(kind, person, today):
    """The records of a kind (a key of KINDS) whose history `person` may read, as a queryset. Raises Http404."""
    if kind not in KINDS:
        raise Http404
    records = KINDS[kind].objects.all()
    if can("administer", person, None, today):
        return records
    if kind == "update":
        return ProgressUpdate.objects.visible_to(person)
    if kind == "report":
        return ProgressReport.objects.for_sign_off(person)
    return records.none()


def readable_entry(pk, person, today):
    """The entry with this key as `person` may read it, as Told. Raises Http404."""
    entry = Entry.objects.filter(pk=pk).first()
    if entry is None:
        raise Http404
    if can("administer", person, None, today):
        return Told(entry)
    update = ProgressUpdate.objects.visible_to(person).filter(pk=entry.subject_id)
    reports = ProgressReport.objects.for_sign_off(person)
    allowed = {
        "progressupdate": update,
        "progressreport": reports.filter(pk=entry.subject_id),
        "signoff": SignOff.objects.filter(pk=entry.subject_id, report__in=reports),
        "reportedition": ReportEdition.objects.filter(pk=entry.subject_id, report__in=reports),
    }.get(entry.subject_type, Entry.objects.none())
    if not allowed.exists():
        raise Http404
    reads_all = entry.subject_type != "progressupdate" or reads_exempt(person, update.for_page().get(), today)
    return Told(entry, () if reads_all else EXEMPT_FIELDS)


def kind_of(entry):
    """The kind (a key of KINDS) of the record that an entry is about; None where it has no page or is gone."""
    kind = WORD.get(entry.subject_type)
    return kind if kind and KINDS[kind].objects.filter(pk=entry.subject_id).exists() else None


def reads_exempt(person, update, today):
    """Whether `person` may read the exempt part of an update: it is theirs to write, or they read what is exempt."""
    return person in update.writers or can("see_exempt", person, update, today)


def entries_about(record):
    """The entries that stand on the page of a record's history, newest first."""
    if isinstance(record, Inquiry):
        return Entry.objects.filter(inquiry_id=record.pk) | Entry.objects.about(record)
    about = Entry.objects.about(record, *_parts_of(record))
    gone = _gone_seats(record)
    return about if gone is None else about | gone.order_by("-at", "-pk")


def _gone_seats(record):
    """The entries about seats that were deleted, found by their label: nothing else leads from there to here.

    None where the record is neither a person nor a committee.
    """
    if isinstance(record, Person):
        labels = Q(subject_label__startswith=f"{record}, ") | Q(subject_label__startswith=f"{record} (")
    elif isinstance(record, Committee):
        labels = Q(subject_label__endswith=f" of {record}")
    else:
        return None
    seats = Entry.objects.filter(labels, subject_type__in=SEATS)
    deleted = Entry.objects.filter(
        verb="deleted", subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")
    )
    return seats.filter(Exists(deleted))


def _parts_of(record):
    if isinstance(record, ProgressReport):
        return [*record.updates.all(), *record.sign_offs.all(), *record.editions.defer("content")]
    if isinstance(record, Recommendation):
        return [record.response] if record.response else []
    if isinstance(record, Meeting):
        papers = AgendaDocument.objects.filter(item__meeting=record).defer("words", "pages")
        return [*record.items.all(), *papers, *record.packs.defer("content")]
    if isinstance(record, AgendaItem):
        return list(record.documents.defer("words", "pages"))
    if isinstance(record, Person):
        return [*record.cabinet_seats.all(), *record.memberships.all()]
    return list(record.memberships.all()) if isinstance(record, Committee) else []
