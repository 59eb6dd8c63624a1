"""History as people read it: whose they may read, what an entry changed, and the versions of a text.

Who sees how a record came about may see its history, nobody else. Clerks read everything. Who writes an update reads
the history of that update; a Cabinet Member who signs a report that of the report and of its updates.
"""

import sys
from dataclasses import dataclass, field
from datetime import date, datetime

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst

from inquiries.choices import Stage
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Committee,
    Entry,
    EvidenceFile,
    Inquiry,
    Meeting,
    OfficerReport,
    OfficerReportPicture,
    OfficerReportSignature,
    Person,
    PersonalValue,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
    SignOff,
)
from inquiries.models.history import KEPT_APART
from inquiries.permissions import can
from inquiries.templatetags.scrutiny import longdate, moment

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
    "officer-report": OfficerReport,
    "person": Person,
    "committee": Committee,
}
KIND_OF_MODEL = {model._meta.model_name: word for word, model in KINDS.items()}
EXEMPT_FIELDS = ("exempt_text",)
SEATS = ("membership", "cabinetmember")


@dataclass(frozen=True)
class VisibleEntry:
    entry: Entry
    hidden: tuple[str, ...] = ()


def visible_records(kind, person, today):
    if kind not in KINDS:
        raise Http404
    records = KINDS[kind].objects.all()
    if can("administer", person, None, today):
        return records
    if kind == "update":
        return ProgressUpdate.objects.visible_to(person)
    if kind == "report":
        return ProgressReport.objects.for_sign_off(person)
    if kind == "officer-report":
        return OfficerReport.objects.visible_to(person)
    return records.none()


def visible_entry(pk, person, today):
    entry = Entry.objects.filter(pk=pk).first()
    if entry is None:
        raise Http404
    if can("administer", person, None, today):
        return VisibleEntry(entry)
    update = ProgressUpdate.objects.visible_to(person).filter(pk=entry.subject_id)
    reports = ProgressReport.objects.for_sign_off(person)
    officer_reports = OfficerReport.objects.visible_to(person)
    parts = {"pk": entry.subject_id, "report__in": officer_reports}
    allowed = {
        "officerreport": officer_reports.filter(pk=entry.subject_id),
        "officerreportsignature": OfficerReportSignature.objects.filter(**parts),
        "officerreportpicture": OfficerReportPicture.objects.filter(**parts),
        "progressupdate": update,
        "progressreport": reports.filter(pk=entry.subject_id),
        "evidencefile": EvidenceFile.objects.filter(
            pk=entry.subject_id, update__in=ProgressUpdate.objects.visible_to(person)
        ),
        "signoff": SignOff.objects.filter(pk=entry.subject_id, report__in=reports),
        "reportedition": ReportEdition.objects.filter(pk=entry.subject_id, report__in=reports),
    }.get(entry.subject_type, Entry.objects.none())
    if not allowed.exists():
        raise Http404
    reads_all = entry.subject_type != "progressupdate" or reads_exempt(person, update.for_page().get(), today)
    return VisibleEntry(entry, () if reads_all else EXEMPT_FIELDS)


def kind_of(entry):
    kind = KIND_OF_MODEL.get(entry.subject_type)
    return kind if kind and KINDS[kind].objects.filter(pk=entry.subject_id).exists() else None


def reads_exempt(person, update, today):
    return person in update.writers or can("see_exempt", person, update, today)


def entries_about(record):
    if isinstance(record, Inquiry):
        return Entry.objects.filter(inquiry_id=record.pk) | Entry.objects.about(record)
    about = Entry.objects.about(record, *parts_of(record))
    gone = entries_about_deleted_seats(record)
    return about if gone is None else about | gone.order_by("-at", "-pk")


def entries_about_deleted_seats(record):
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


def parts_of(record):
    if isinstance(record, ProgressUpdate):
        return list(record.files.all())
    if isinstance(record, ProgressReport):
        return [*record.updates.all(), *record.sign_offs.all(), *record.editions.defer("content")]
    if isinstance(record, OfficerReport):
        return [*record.signatures.all(), *record.pictures.all()]
    if isinstance(record, Recommendation):
        return [record.response] if record.response else []
    if isinstance(record, Meeting):
        papers = AgendaDocument.objects.filter(item__meeting=record).defer("page_texts", "pages")
        return [*record.items.all(), *papers, *record.packs.defer("content")]
    if isinstance(record, AgendaItem):
        return list(record.documents.defer("page_texts", "pages"))
    if isinstance(record, Person):
        return [*record.cabinet_seats.all(), *record.memberships.all()]
    return list(record.memberships.all()) if isinstance(record, Committee) else []


# What an entry changed

NOTHING = "nothing"
# Labels that speak to the person who fills the field in, as others read them.
LABELS = {("progressupdate", "officer_view"): "Lead officer's own view"}
ERASED = "something that is no longer kept"


@dataclass(frozen=True)
class Change:
    what: str
    before: str
    after: str
    name: str = field(default="", compare=False)


def changes_of_entries(entries):
    entries = list(entries)
    kept_apart = [e.pk for e in entries if any(KEPT_APART in pair for pair in e.changes.values())]
    values = PersonalValue.objects.filter(entry_id__in=kept_apart) if kept_apart else []
    erasable = {(value.entry_id, value.field): value for value in values}
    return [(entry, describe_changes(entry, erasable)) for entry in entries]


def changes_of(entry):
    return changes_of_entries([entry])[0][1]


def describe_changes(entry, erasable):
    changes = []
    for name, values in entry.changes.items():
        model_field = find_field(entry.subject_type, name)
        label = capfirst(getattr(model_field, "verbose_name", name.replace("_", " ")))
        if KEPT_APART in values:
            kept = erasable.get((entry.pk, name))
            present = (kept.before, kept.after) if kept else (ERASED, ERASED)
            values = [here if value == KEPT_APART else value for value, here in zip(values, present, strict=True)]
        before, after = (display_value(model_field, name, value) for value in values)
        # A new record's empty fields went from null to empty text: nothing that a person did.
        if before != after or ERASED in after:
            # PostgreSQL keeps the names of a JSON object in an order of its own.
            order = (getattr(model_field, "creation_counter", sys.maxsize), name)
            change = Change(LABELS.get((entry.subject_type, name)) or label, before, after, name)
            changes.append((order, change))
    return [change for _, change in sorted(changes, key=lambda pair: pair[0])]


def find_field(subject_type, name):
    try:
        return apps.get_model("inquiries", subject_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        # History outlives the models and fields that it is about.
        return None


def display_value(model_field, name, value):
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, list):
        # A link has a title and an address.
        return ", ".join(
            f"{item[0]} ({item[1]})" if isinstance(item, list) and len(item) == 2 else str(item) for item in value
        )
    if name == "stage" and value in Stage:
        return Stage(value).label
    if choices := getattr(model_field, "flatchoices", None):
        return str({str(key): label for key, label in choices}.get(str(value), value))
    if isinstance(model_field, models.BooleanField):
        return "yes" if str(value) == "True" else "no"
    if isinstance(model_field, models.DateField):
        text = str(value)
        parsed = parse_datetime(text) if len(text) > len("2026-11-23") else parse_date(text)
        if isinstance(parsed, datetime):
            return moment(parsed)
        return longdate(parsed) if isinstance(parsed, date) else text
    return str(value)


# The versions of a text, put together again from the history

# The texts of which the history keeps every version, and what each is called. The first can be put back.
TEXTS = {
    "progressupdate": {"text": "What has been done", "exempt_text": "The confidential part"},
    "recommendation": {"text": "Wording"},
    "response": {"text": "Response and actions", "reason": "Reason"},
}
RESTORABLE = {kind: next(iter(texts)) for kind, texts in TEXTS.items()}


@dataclass(frozen=True)
class Version:
    number: int
    entry: Entry
    text: str

    @property
    def label(self):
        return str(self.number)


def versions_of(kind, pk, field):
    """The versions of a text of the record (its model's name and key), oldest first: a list of Version.

    An entry that records the text once more, unchanged (a submission), makes no version of its own.
    """
    entries = Entry.objects.filter(subject_type=kind, subject_id=pk, changes__has_key=field).order_by("pk")
    found: list[Version] = []
    for entry in entries:
        text = entry.changes[field][1] or ""
        if not found or found[-1].text != text:
            found.append(Version(len(found) + 1, entry, text))
    return found


def is_restorable(entry):
    field = RESTORABLE.get(entry.subject_type)
    return bool(field and field in entry.changes and entry.changes[field][1])
