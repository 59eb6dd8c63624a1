"""The restricted part of an archive: what is kept for the record and is not public, people and roles, history."""

import json
from itertools import chain

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from inquiries import models as records
from inquiries.archive.public_part import CHUNK, pack_file_words
from inquiries.documents.archive_content import Link
from inquiries.documents.data_formats import csv_lines
from inquiries.documents.pack_content import exempt_description
from inquiries.history_database import ENTRIES, SEALS, entry_as_text
from inquiries.history_display import describe_changes
from inquiries.models.history import PERSONAL

# Tables of which the archive has no rows, and why.
NOT_ARCHIVED = {
    "Entry": "in words and with its seals in the folder history",
    "Seal": "as Entry",
    "PersonalValue": "e-mail addresses, which serve this system alone",
    "Draft": "no record until its writer saves it",
    "Notification": "messages of this system, deleted after a year",
    "Indication": "one member's own view, never published",
    "PackPlan": "work in hand; what was built and published is in AgendaPack",
    "TrackerRow": "worked out from the other records",
    "ReportImport": "work in hand",
    "TrackerImport": "work in hand",
    "PeopleImport": "work in hand",
    "ColumnMatching": "a help for the next import",
    "CouncilSettings": "settings of this system",
    "MailWording": "settings of this system",
    "Restoration": "which backup this system was restored from",
    "FormerCouncil": "its archive is here as it was, in the folder former-councils",
    "FormerFile": "as FormerCouncil",
}
# Columns that are no record of scrutiny: ways to reach people and to sign in.
LEFT_OUT = {
    "Person": {"email", "password", "last_login", "refused_address", "news_emails"},
    # Of a file that is made from the one that is here.
    "AgendaPack": {"screen_end", "screen_pages", "screen_checksum"},
}
ROWS = {records.AgendaPack: {"published_at__isnull": False}}
TYPES = {"BooleanField": "boolean", "DateTimeField": "date-time", "DateField": "date"}
ENTRIES_ON_A_PAGE = 200
# What stands for an e-mail address in the history in words.
NO_ADDRESS = ("an earlier address, which is not in the archive", "an address, which is not in the archive")


def write_restricted_part(folder, today):
    """All but the front page. Returns the links to the pages of the history."""
    write_files(folder, today)
    for model in archived_models():
        write_rows(folder, model)
    folder.write("people.csv", csv_lines(("Number", "Name", "Job title", "Organisation", "Roles"), people_rows()))
    return write_history(folder)


def write_files(folder, today):
    public = AnonymousUser()
    everyone = records.AgendaPack.objects.public().values("pk")
    packs = records.AgendaPack.objects.filter(published_at__isnull=False).exclude(pk__in=everyone).defer("content")
    for pack in packs.select_related("meeting__committee").order_by("pk").iterator(CHUNK):
        committee, day = pack.meeting.committee.name, pack.meeting.day
        note = " withdrawn" if pack.withdrawn_at else ""
        name = f"{committee} {pack_file_words(pack)}{note}"
        about = {"kind": "Agenda pack", "committee": committee, "title": f"{pack.name}{note}", "edition": pack.number}
        folder.add_kept(pack.file, pack.checksum, name, ".pdf", day=day, **about)
    readable = records.AgendaDocument.objects.visible_to(public, today).values("pk")
    papers = records.AgendaDocument.objects.on_agenda().exclude(pk__in=readable).defer("page_texts", "pages")
    for paper in papers.select_related("item__meeting__committee").order_by("pk").iterator(CHUNK):
        meeting = paper.item.meeting
        exempt = f" (exempt: {exempt_description(paper.exempt_paragraph)})" if paper.exempt_paragraph else ""
        name = f"{meeting.committee.name} item {paper.item.number} {paper.title}{' exempt' if exempt else ''}"
        about = {"kind": "Paper", "committee": meeting.committee.name, "title": f"{paper.title}{exempt}"}
        folder.add_kept(paper.file, paper.checksum, name, ".pdf", day=meeting.day, **about)
    listed = records.EvidenceFile.objects.public().values("pk")
    evidence = records.EvidenceFile.objects.current().exclude(pk__in=listed)
    for kept in evidence.select_related("update__report__inquiry__committee").order_by("pk").iterator(CHUNK):
        report = kept.update.report
        write_inquiry_file(folder, report.inquiry, kept.file, kept.checksum, "Evidence", kept.title, report.update_date)
    for inquiry in records.Inquiry.objects.filter(published_at=None).exclude(report_file="").iterator(CHUNK):
        kept = (inquiry.report_file, inquiry.report_file_checksum)
        write_inquiry_file(folder, inquiry, *kept, "Inquiry report", "Inquiry report", inquiry.completed_on)


def write_inquiry_file(folder, inquiry, file, checksum, kind, title, day):
    about = {"kind": kind, "committee": inquiry.committee.name, "inquiry": inquiry.title, "title": title}
    folder.add_kept(file, checksum, f"{inquiry.title} {kind.lower()} {title}", ".pdf", day=day, **about)


# Rows of the tables, a line of JSON each


def archived_models():
    named = vars(records).values()
    every = [model for model in named if isinstance(model, type) and issubclass(model, models.Model)]
    return sorted((m for m in every if m.__name__ not in NOT_ARCHIVED), key=lambda model: model.__name__)


def columns_of(model):
    left_out = LEFT_OUT.get(model.__name__, ())
    # Files are found in index.csv by the checksum beside them.
    return [f for f in model._meta.concrete_fields if f.name not in left_out and not isinstance(f, models.FileField)]


def write_rows(folder, model):
    names = [field.attname for field in columns_of(model)]
    rows = model._base_manager.filter(**ROWS.get(model, {})).order_by("pk").values(*names).iterator(CHUNK)
    lines = (f"{json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)}\n".encode() for row in rows)
    folder.write(f"data/{model.__name__}.jsonl", lines)
    folder.write_data(f"data/schemas/{model.__name__}.schema.json", schema_of_rows(model))


def schema_of_rows(model):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row of {model.__name__}",
        "description": " ".join((model.__doc__ or "").split()),
        "type": "object",
        "properties": {field.attname: schema_of_column(field) for field in columns_of(model)},
        "required": [field.attname for field in columns_of(model)],
        "additionalProperties": False,
    }


def schema_of_column(field):
    about = {"description": description} if (description := describe_column(field)) else {}
    if isinstance(field, models.JSONField | ArrayField):
        return about
    while field.is_relation:
        field = field.target_field
    name = field.get_internal_type()
    if name in ("DateField", "DateTimeField"):
        kind, about = "string", {**about, "format": TYPES[name]}
    elif name == "BooleanField":
        kind = "boolean"
    else:
        kind = "integer" if isinstance(field, models.IntegerField) else "string"
    return {"type": [kind, "null"], **about}


def describe_column(field):
    if field.is_relation:
        return f"The id of a row of {field.related_model.__name__}."
    values = "; ".join(f"{value}: {label}" for value, label in field.flatchoices if value not in ("", None))
    return ". ".join(part for part in (str(field.help_text).rstrip("."), values) if part)


def people_rows():
    people = records.Person.objects.order_by("pk").prefetch_related("memberships__committee", "cabinet_seats")
    for person in people.iterator(CHUNK):
        roles = ["Clerk"] if person.is_clerk else []
        roles += [f"{s.get_role_display()} of {s.committee}, {period(s)}" for s in person.memberships.all()]
        roles += [f"Cabinet Member, {seat.portfolio}, {period(seat)}" for seat in person.cabinet_seats.all()]
        yield person.pk, person.name, person.job_title, person.organisation, "; ".join(roles)


def period(seat):
    return f"{seat.from_date} to {seat.until_date or 'today'}"


# The history, in the order in which it was sealed


def sealed_entries():
    """(position, digest, the sealed text, Entry)."""
    text = entry_as_text("e")
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT s.position, s.digest, {text}, e.id FROM {SEALS} s "  # noqa: S608
            f"JOIN {ENTRIES} e ON e.id = s.entry_id ORDER BY s.position"
        )
        while rows := cursor.fetchmany(ENTRIES_ON_A_PAGE):
            entries = records.Entry.objects.in_bulk([row[3] for row in rows])
            yield [(position, digest, text, entries[key]) for position, digest, text, key in rows]


def write_history(folder):
    pages = []
    for lines in sealed_entries():
        first, last = lines[0][0], lines[-1][0]
        page = f"history/entries-{first:07}-to-{last:07}.html"
        shown = [(position, digest, entry, changes_in_words(entry)) for position, digest, _, entry in lines]
        title = f"History, entries {first} to {last}"
        folder.write_page(page, "archive/page.html", body="archive/history.html", title=title, first=first, lines=shown)
        pages.append(Link(title, page))
    rows = chain.from_iterable(map(history_rows, sealed_entries()))
    headings = ("Position", "When", "Who", "On behalf of", "What", "About", "Changes", "Note", "Digest")
    folder.write("history/history.csv", csv_lines(headings, rows))
    sealed = (
        f"{json.dumps({'position': position, 'digest': digest, 'sealed': text})}\n".encode()
        for position, digest, text, _ in chain.from_iterable(sealed_entries())
    )
    folder.write("history/sealed.jsonl", sealed)
    return tuple(pages)


def changes_in_words(entry):
    address = records.PersonalValue(before=NO_ADDRESS[0], after=NO_ADDRESS[1])
    names = PERSONAL.get(entry.subject_type, ())
    return describe_changes(entry, {(entry.pk, name): address for name in names})


def history_rows(lines):
    for position, digest, _, entry in lines:
        changes = "\n".join(f"{c.what}: from {c.before} to {c.after}" for c in changes_in_words(entry))
        yield (
            position,
            timezone.localtime(entry.at).isoformat(timespec="seconds"),
            entry.by_name,
            entry.on_behalf_of,
            entry.sentence,
            entry.subject_label,
            changes,
            entry.note,
            digest,
        )
