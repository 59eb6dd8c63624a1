"""Nothing that the deeds make is without its entry: every kind of record, and every file with its checksum."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db.models import FileField

from inquiries.actions import assessments, history, meetings, packs, papers, progress, records, responses
from inquiries.actions.imports import confirm_import, correct_import, import_progress_report, keep_import
from inquiries.choices import Rating, SeatRole, Stage
from inquiries.models import (
    CabinetMember,
    Committee,
    Entry,
    Inquiry,
    Membership,
    Person,
    PersonalValue,
    ProgressReport,
    Response,
)
from inquiries.models.files import checksum_of
from inquiries.word_import.draft import DraftContributor, DraftRecommendation, DraftReport, DraftRow
from tests import factories
from tests.cast import NOW, TODAY
from tests.documents.pack.papers import make_paper

LATER = NOW + timedelta(hours=1)

# A kind of record without entries of its own, and where its changes are said instead.
SAID_ELSEWHERE = {
    "UpdateContributor": "the update's entries name the contributors",
    "Evidence": "the update's entries hold the links",
    "PackEntry": "derived: which pages an item stands on follows from the pack, whose file and checksum are recorded",
    "PackPaper": "derived, as PackEntry",
    "PackPlan": "the meeting's entries say what was planned, chosen and given as a reason; the rest is work in hand",
    "Clearance": "the meeting's entry holds the words and the reason",
    "TargetDateChange": "the response's entry holds both dates and the reason; the row itself is append-only",
    "Entry": "it is the history",
    "Seal": "the database makes it with each entry",
    "Notice": "a message that goes out, kept as it was sent; the deed that causes it has its entry",
    "PersonalValue": "it is a part of an entry, kept where it can be erased",
    "PeopleImport": "tests/people_import: it holds the rows of a file until they become people, each with its entry",
}


@pytest.fixture
def everything(inquiry, committee, clerk, officer, contributor, cabinet_member, chair, member, tmp_path, settings):
    """One of everything, made by the deeds."""
    settings.MEDIA_ROOT = tmp_path
    by = {"by": clerk, "now": NOW}
    someone = records.save_record(Person(name="Ivy Marsh", email="ivy@wealdshire.example"), **by)
    homes = records.save_record(Committee(name="Homes Select Committee", slug="homes"), **by)
    records.save_record(Membership(committee=homes, person=someone, role=SeatRole.MEMBER, from_date=TODAY), **by)
    records.save_record(CabinetMember(person=someone, portfolio="Homes", from_date=TODAY), **by)
    report_file = ContentFile(make_paper(1), "report.pdf")
    records.save_record(Inquiry(committee=homes, title="Damp", slug="damp", report_file=report_file), **by)
    response = Response.objects.order_by("pk").first()
    for day, reason in ((TODAY, ""), (TODAY + timedelta(days=90), "The supplier is late.")):
        responses.change_target_date(response, target_date=day, reason=reason, **by)
    meeting = meetings.call_meeting(committee=committee, start=NOW + timedelta(days=30), venue="Room 2", **by)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    update = report.updates.for_page().first()
    links = [("Page", "https://wealdshire.example/")]
    progress.save_update(
        update, version=0, text="One.", contributors=[contributor], evidence=links, by=officer, now=NOW
    )
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=member, now=LATER)
    assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=None, by=chair, now=LATER)
    assessments.confirm_assessments(report, by=chair, now=LATER)
    factories.make_agenda(meeting, clerk, report=report, exempt_words="The tender of Quorvane Limited.")
    paper = meeting.items.get(number=2).documents.get()
    papers.replace_paper(paper, factories.make_received(2), **by)
    packs.save_plan(meeting, 0, duplex=False, **by)
    packs.clear_words(meeting, text="Quorvane", reason="It is named on the web.", **by)
    packs.publish_packs(meeting, 0, **by)
    _import(clerk, homes)


def _draft():
    row = DraftRow(
        recommendations=[DraftRecommendation("1", "That it is done.")],
        decision="accepted",
        response="It will be.",
        update="It is being done.",
        rating=2,
        contributors=[DraftContributor("Ben Ali", "Officer")],
    )
    return DraftReport(months_on=6, rows=[row], cabinet_members=["Councillor Ida Fox"])


def _import(clerk, committee):
    kept = keep_import(_draft(), file_name="report.docx", checksum="c" * 64, by=clerk, now=NOW)
    correct_import(kept, _draft(), by=clerk, now=NOW)
    confirm_import(
        kept, _draft(), committee=committee, title="Mould", stage=Stage.SIGNED_OFF, published=False, by=clerk, now=NOW
    )


def kinds():
    return {model.__name__: model for model in apps.get_app_config("inquiries").get_models()}


def test_every_kind_of_record_that_the_deeds_make_leaves_entries(everything):
    silent = {
        name
        for name, model in kinds().items()
        if not Entry.objects.filter(subject_type=model._meta.model_name).exists()
    }
    assert silent == set(SAID_ELSEWHERE)


def test_every_record_is_one_that_an_entry_speaks_of(everything):
    """Those that the scene makes directly, and rows that a report's own entry names, apart."""
    apart = {"Person", "Committee", "Membership", "CabinetMember", "Inquiry", "SignOff", "ProgressUpdate"}
    for name, model in kinds().items():
        if name in SAID_ELSEWHERE or name in apart:
            continue
        spoken_of = Entry.objects.filter(subject_type=model._meta.model_name).values("subject_id")
        assert not model.objects.exclude(pk__in=spoken_of).exists(), name


def test_the_entry_of_a_commission_names_the_updates_and_who_signs(everything, inquiry):
    report = ProgressReport.objects.get(inquiry=inquiry)
    changes = Entry.objects.get(verb="commission").changes
    assert changes["updates"] == [[], ["1a and 1b", "2", "10"]]
    assert changes["cabinet_members"] == [[], ["Councillor Ruth Adeyemi"]]
    assert report.updates.count() == 3


def test_every_stored_file_is_in_the_history_with_its_checksum(everything):
    said = str(list(Entry.objects.values_list("changes", flat=True)))
    files = [
        getattr(record, field.name)
        for model in kinds().values()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField)
        for record in model.objects.all()
        if getattr(record, field.name)
    ]
    # An inquiry report, a paper, the one it replaced, an exempt one, two packs, two editions of two files each.
    assert len(files) == 10
    for file in files:
        assert file.name in said
        assert checksum_of(file) in said, file.name


def test_an_imported_text_and_its_sign_off_are_in_the_history(everything):
    update = Entry.objects.get(verb="import_update")
    assert update.changes["text"] == ["", "It is being done."]
    assert update.changes["contributors"] == [[], ["Ben Ali"]]
    assert Entry.objects.get(verb="import_assessment").changes == {"rating": [None, 2]}
    assert Entry.objects.filter(sentence="recorded the sign-off of Councillor Ida Fox from report.docx").exists()
    assert Entry.objects.get(verb="keep_import").changes["checksum"] == ["", "c" * 64]


def test_an_import_that_is_not_kept_first_leaves_its_entries_too(committee, clerk):
    import_progress_report(_draft(), committee=committee, title="Mould", file_name="a.docx", by=clerk, now=NOW)
    assert Entry.objects.get(verb="import_update").changes["text"] == ["", "It is being done."]


# What may have to be erased


def test_an_address_is_kept_beside_the_history_not_in_it(clerk):
    person = records.save_record(Person(name="Ivy Marsh", email="ivy@wealdshire.example"), by=clerk, now=NOW)
    person.email = "ivy.marsh@wealdshire.example"
    records.save_record(person, by=clerk, now=LATER)
    entries = list(Entry.objects.about(person).order_by("pk"))
    assert [entry.changes["email"] for entry in entries] == [[None, "kept apart"], ["kept apart", "kept apart"]]
    assert [(v.entry_id, v.before, v.after) for v in PersonalValue.objects.order_by("pk")] == [
        (entries[0].pk, "", "ivy@wealdshire.example"),
        (entries[1].pk, "ivy@wealdshire.example", "ivy.marsh@wealdshire.example"),
    ]


def test_no_entry_holds_an_address(everything):
    for entry in Entry.objects.all():
        assert "@" not in f"{entry.changes} {entry.sentence} {entry.subject_label} {entry.by_name} {entry.note}"


def test_what_nobody_did_is_the_application_s(committee):
    entry = history.write("give_up", committee, "gave up", by=None, now=NOW)
    assert (entry.by_id, str(entry)) == (None, "Scrutiny gave up")
