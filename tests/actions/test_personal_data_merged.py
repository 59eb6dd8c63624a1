"""Records merged into a person's are theirs: an export tells of them, an erasure takes them along."""

from datetime import timedelta

import pytest

from inquiries.actions.merge_people import merge_person
from inquiries.actions.people import change_person
from inquiries.actions.personal_data import erase_person, export_person
from inquiries.models import Entry, PersonalValue, SignOff
from tests.cast import NOW, person
from tests.factories import make_report

LATER = NOW + timedelta(days=1)


@pytest.fixture
def records(inquiry, clerk):
    """Gwen Rees, into whose record two others came one after the other; the first had been named to sign a report."""
    first, second = person("Miss G Rees", job_title="Adviser"), person("Gwen R", "old@wealdshire.example")
    guest = person("Gwen Rees", "gwen@wealdshire.example")
    make_report(inquiry, clerk, cabinet_members=[first])
    same = {"name": second.name, "job_title": "", "organisation": "The Bus Company", "is_clerk": False}
    change_person(second, **same, email="", by=clerk, now=NOW)
    merge_person(first, into=second, by=clerk, now=NOW)
    second.refresh_from_db()
    merge_person(second, into=guest, by=clerk, now=NOW)
    for one in (first, second, guest):
        one.refresh_from_db()
    return guest, first, second


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_export_includes_merged_records(records, clerk, asked):
    guest, first, second = records
    data = export_person(records[asked], by=clerk, now=LATER)
    assert "keeps about Gwen Rees, on" in data["What this is"]
    assert [(one["Number"], one["Name"]) for one in data["Account"]] == [
        (guest.pk, "Gwen Rees"),
        (first.pk, "Miss G Rees"),
        (second.pk, "Gwen R"),
    ]
    assert [(one["Before"], one["After"]) for one in data["Personal values"]] == [("old@wealdshire.example", "")]
    assert [one["Record"] for one in data["Sign-offs"]] == ["Warm Homes Inquiry: Interim report (6 months on)"]
    told = str(data["History: what others did"])
    assert "merged the record of Miss G Rees into that of Gwen R" in told
    assert "merged the record of Gwen R into that of Gwen Rees" in told


def test_erasure_includes_merged_records(records, clerk):
    guest = records[0]
    SignOff.objects.filter(person=guest).delete()
    erase_person(guest, by=clerk, now=LATER)
    for one in records:
        one.refresh_from_db()
        assert (one.name, one.job_title, one.organisation, one.email, one.erased_at, one.erased_by) == (
            f"Erased person {one.pk}",
            "",
            "",
            None,
            LATER,
            clerk,
        )
    assert not PersonalValue.objects.filter(person__in=records).exists()
    assert Entry.objects.about(guest).first().sentence == f"erased the personal data of Erased person {guest.pk}"
