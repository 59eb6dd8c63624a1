"""Nothing that the actions make is without its entry: every kind of record, and every file with its checksum."""

from datetime import timedelta

from django.apps import apps
from django.db.models import FileField

from inquiries.actions import history, records
from inquiries.actions.imports import import_progress_report
from inquiries.check_history import NOT_IN_HISTORY
from inquiries.models import (
    Entry,
    Person,
    PersonalValue,
    ProgressReport,
)
from inquiries.models.fields import checksum_of
from tests.cast import NOW
from tests.history.conftest import a_draft

LATER = NOW + timedelta(hours=1)


def kinds():
    return {model.__name__: model for model in apps.get_app_config("inquiries").get_models()}


def test_every_model_is_recorded(everything):
    recorded = {name.partition("/")[0] for entry in Entry.objects.all() for name in entry.states}
    missing = {name for name, model in kinds().items() if model._meta.model_name not in recorded}
    assert missing == set(NOT_IN_HISTORY) - {"ReportImport"}


def test_entry_holds_states(everything, inquiry, chair):
    """Long texts and parts as checksums, an address only as being there."""
    report = ProgressReport.objects.get(inquiry=inquiry)
    states = Entry.objects.get(verb="commission", subject_id=report.pk).states
    assert {name.partition("/")[0] for name in states} == {"progressreport", "progressupdate", "signoff"}
    assert len(states) == 1 + 3 + 1
    assert states[f"progressreport/{report.pk}"]["commissioned_at"] == "2026-11-10T09:30:00+00:00"
    assert states[f"progressreport/{report.pk}"]["signed_off_at"] is None
    state = Entry.objects.filter(states__has_key=f"person/{chair.pk}").first().states[f"person/{chair.pk}"]
    assert (state["name"], state["email"]) == (chair.name, "kept apart")
    assert not {"password", "last_login"} & set(state)
    published = Entry.objects.get(verb="keep_edition", subject_id=report.editions.first().pk).states
    assert next(iter(published.values()))["content"].startswith("sha256:")


def test_commission_names_updates_and_signers(everything, inquiry):
    report = ProgressReport.objects.get(inquiry=inquiry)
    changes = Entry.objects.get(verb="commission").changes
    assert changes["updates"] == [[], ["1a and 1b", "2", "10"]]
    assert changes["cabinet_members"] == [[], ["Councillor Ruth Adeyemi"]]
    assert report.updates.count() == 3


def test_records_checksums_of_files(everything):
    said = str(list(Entry.objects.values_list("changes", flat=True)))
    files = [
        getattr(record, field.name)
        for name, model in kinds().items()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField) and name not in NOT_IN_HISTORY
        for record in model.objects.all()
        if getattr(record, field.name)
    ]
    # An inquiry report, a paper, the one it replaced, an exempt one, two packs, three editions of two files
    # each, two evidence files, the signed minutes, an officer report and its picture.
    assert len(files) == 17
    for file in files:
        assert file.name in said
        assert checksum_of(file) in said, file.name


def test_records_imported_texts(everything):
    update = Entry.objects.get(verb="import_update")
    assert update.changes["text"] == ["", "It is being done."]
    assert update.changes["contributors"] == [[], ["Ben Ali"]]
    assert Entry.objects.get(verb="import_assessment").changes == {"rating": [None, 2]}
    assert Entry.objects.filter(sentence="recorded the sign-off of Councillor Ida Fox from report.docx").exists()
    assert Entry.objects.get(verb="keep_import").changes["checksum"] == ["", "c" * 64]


def test_records_import_without_upload(committee, clerk):
    import_progress_report(a_draft(), committee=committee, title="Mould", file_name="a.docx", by=clerk, now=NOW)
    assert Entry.objects.get(verb="import_update").changes["text"] == ["", "It is being done."]


# What may have to be erased


def test_keeps_addresses_apart(clerk):
    person = records.save_record(Person(name="Ivy Marsh", email="ivy@wealdshire.example"), by=clerk, now=NOW)
    person.email = "ivy.marsh@wealdshire.example"
    records.save_record(person, by=clerk, now=LATER)
    entries = list(Entry.objects.about(person).order_by("pk"))
    assert [entry.changes["email"] for entry in entries] == [[None, "kept apart"], ["kept apart", "kept apart"]]
    assert [(v.entry_id, v.before, v.after) for v in PersonalValue.objects.order_by("pk")] == [
        (entries[0].pk, "", "ivy@wealdshire.example"),
        (entries[1].pk, "ivy@wealdshire.example", "ivy.marsh@wealdshire.example"),
    ]


def test_entries_hold_no_address(everything):
    for entry in Entry.objects.all():
        assert "@" not in f"{entry.changes} {entry.sentence} {entry.subject_label} {entry.by_name} {entry.note}"


def test_application_itself_as_author(committee):
    entry = history.write("give_up", committee, "gave up", by=None, now=NOW)
    assert (entry.by_id, str(entry)) == (None, "Scrutiny gave up")
