"""Plain records: saved and deleted with their history, or not at all."""

from datetime import date, timedelta

import pytest
from django.db.models import ProtectedError

from inquiries.actions import history
from inquiries.actions.records import delete_record, save_record
from inquiries.models import Committee, Entry, Inquiry, Meeting, Membership, Person
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)


def test_records_added_values(clerk):
    committee = save_record(Committee(name="Health Select Committee", slug="health"), by=clerk, now=NOW)
    entry = Entry.objects.get()
    assert str(entry) == "Carys Whitlock added the committee “Health Select Committee”"
    assert (entry.verb, entry.subject_type, entry.subject_id) == ("added", "committee", committee.pk)
    assert entry.changes == {"name": [None, "Health Select Committee"], "slug": [None, "health"]}


def test_records_changed_values(committee, clerk):
    committee.name = "Homes Select Committee"
    save_record(committee, by=clerk, now=LATER)
    assert Committee.objects.get().name == "Homes Select Committee"
    entry = Entry.objects.get()
    assert (entry.verb, entry.at) == ("changed", LATER)
    assert entry.changes == {"name": ["Communities Select Committee", "Homes Select Committee"]}


def test_unchanged_record_without_history(committee, clerk):
    save_record(committee, by=clerk, now=NOW)
    assert not Entry.objects.exists()


def test_history_holds_no_secrets(clerk, stranger):
    stranger.set_password("a secret")
    stranger.job_title = "Archivist"
    save_record(stranger, by=clerk, now=NOW)
    assert Entry.objects.get().changes == {"job_title": ["", "Archivist"]}
    assert Person.objects.get(pk=stranger.pk).check_password("a secret")


def test_records_under_inquiry(committee, clerk):
    inquiry = save_record(Inquiry(committee=committee, title="Buses", slug="buses"), by=clerk, now=NOW)
    assert Entry.objects.get().inquiry_id == inquiry.pk


def test_records_deleted_values(committee, clerk):
    meeting = factories.make_meeting(committee)
    delete_record(meeting, by=clerk, now=NOW)
    assert not Meeting.objects.exists()
    entry = Entry.objects.get()
    assert str(entry) == "Carys Whitlock deleted the meeting “Communities Select Committee, 15 December 2026”"
    assert entry.changes["venue"] == ["Mezzanine Room 2", None]


def test_cannot_delete_needed_record(committee, member, clerk):
    for record in (committee, member):
        with pytest.raises(ProtectedError):
            delete_record(record, by=clerk, now=NOW)
    assert (Committee.objects.count(), Membership.objects.count(), Entry.objects.count()) == (1, 1, 0)


def test_saving_requires_clerk(committee, officer, chair):
    meeting = factories.make_meeting(committee)
    for person in (officer, chair):
        meeting.venue = "Somewhere else"
        with pytest.raises(Refused, match="Only a clerk"):
            save_record(meeting, by=person, now=NOW)
        with pytest.raises(Refused, match="Only a clerk"):
            delete_record(meeting, by=person, now=NOW)
    assert Meeting.objects.get().venue == "Mezzanine Room 2"
    assert not Entry.objects.exists()


def test_fails_without_history(committee, clerk, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(history, "write", fails)
    seat = Membership(committee=committee, person=clerk, from_date=date(2026, 1, 1))
    with pytest.raises(RuntimeError):
        save_record(seat, by=clerk, now=NOW)
    with pytest.raises(RuntimeError):
        delete_record(committee, by=clerk, now=NOW)
    assert (Membership.objects.count(), Committee.objects.count()) == (0, 1)
