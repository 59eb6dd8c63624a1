"""People of officer reports: merged, exported, erased; the files of pictures that were removed."""

import json
from datetime import date, timedelta

import pytest

from inquiries.actions import expiry, merge_people, officer_reports
from inquiries.actions.handover import record_leaver
from inquiries.actions.personal_data import erase_person, export_person
from inquiries.models import Entry, OfficerReportPicture
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, person

LATER = NOW + timedelta(hours=2)
pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(db):
    return person("Janice M Moore", "janice@wealdshire.example")


@pytest.fixture
def meeting(committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, date(2027, 1, 26))


@pytest.fixture
def report(meeting, clerk, officer, other_officer):
    return factories.make_officer_report(meeting, clerk, author=officer, director=other_officer)


def merge(who, into, by):
    return merge_people.merge_person(who, into=into, by=by, now=LATER)


def test_two_contributors_who_are_one_person(report, officer, clerk, imported, kept, contributor):
    factories.write_officer_report(report, officer, contributors=[imported, contributor, kept])
    preview = merge_people.preview_merge(imported, kept)
    assert preview.reasons == []
    merge(imported, kept, clerk)
    named = officer_reports.fetch(report).contributor_names
    assert sorted(str(one) for one in named) == sorted([str(kept), str(contributor)])
    # It can still be written and submitted.
    report = factories.write_officer_report(officer_reports.fetch(report), kept, submit=True)
    assert report.submitted_by == kept


def test_an_author_who_is_also_a_contributor(report, meeting, clerk, imported, kept, other_officer):
    report = factories.make_officer_report(meeting, clerk, author=imported, director=other_officer, title="Buses")
    factories.write_officer_report(report, clerk, contributors=[kept])
    merge(imported, kept, clerk)
    report = officer_reports.fetch(report)
    assert report.author == kept
    assert set(report.writers) == {kept}


def test_what_was_signed_stays_signed(meeting, clerk, officer, imported, kept, other_officer):
    report = factories.make_officer_report(meeting, clerk, author=officer, director=imported)
    factories.write_officer_report(report, officer, submit=True)
    signature = report.signatures.get()
    officer_reports.record_sign_off(signature, evidence_note="An e-mail.", by=clerk, now=NOW)
    merge(imported, kept, clerk)
    report = officer_reports.fetch(report)
    assert report.signed_off_at == NOW
    assert report.signatures.get().person == kept


def test_export_and_erasure(report, officer, contributor, clerk, other_officer):
    report = factories.write_officer_report(report, officer, contributors=[contributor])
    report = factories.write_officer_report(report, contributor, title="Our contact centre", submit=True)
    factories.sign_officer_report(report)
    exported = json.dumps(export_person(contributor, by=clerk, now=NOW), default=str, ensure_ascii=False)
    assert "Our contact centre" in exported
    assert "Calls are answered sooner." in exported
    signer = json.dumps(export_person(other_officer, by=clerk, now=NOW), default=str, ensure_ascii=False)
    assert "Our contact centre" in signer and "Calls are answered sooner." not in signer
    record_leaver(contributor, by=clerk, now=LATER)
    erase_person(contributor, by=clerk, now=LATER)
    contributor.refresh_from_db()
    assert contributor.erased_at == LATER and contributor.email is None
    # What was signed and published stays as it was.
    assert officer_reports.fetch(report).signed_off_at is not None


def test_who_still_writes_a_report_is_not_erased(report, officer, contributor, clerk):
    factories.write_officer_report(report, officer, contributors=[contributor])
    with pytest.raises(Refused, match="contributors to open officer reports"):
        erase_person(contributor, by=clerk, now=NOW)


def test_the_file_of_a_removed_picture_is_deleted_after_its_time(report, officer, django_capture_on_commit_callbacks):
    removed, used = (factories.add_report_picture(report, officer, words=words) for words in ("Calls", "Visits"))
    officer_reports.remove_picture(removed, by=officer, now=NOW)
    name, storage = removed.file.name, removed.file.storage
    for before, count in ((NOW, 0), (NOW + timedelta(seconds=1), 1), (NOW + timedelta(seconds=1), 0)):
        with django_capture_on_commit_callbacks(execute=True):
            assert expiry.delete_removed_pictures(before, now=LATER) == count
    assert not storage.exists(name) or name == used.file.name
    assert OfficerReportPicture.objects.get(pk=removed.pk).file.name == ""
    assert storage.exists(OfficerReportPicture.objects.get(pk=used.pk).file.name)
    assert Entry.objects.get(verb="delete_report_picture").by_name == "Scrutiny"
