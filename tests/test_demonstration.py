"""The demonstration shows every role something to do, and loading it twice changes nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inquiries.choices import Rating, Stage
from inquiries.demonstration import story
from inquiries.models import Assessment, Entry, Inquiry, Meeting, Person, ProgressReport, ProgressUpdate, Recommendation
from tests.cast import TODAY


@pytest.fixture
def demonstration(db, settings):
    settings.DEMONSTRATION = True
    assert story.tell(TODAY)


def test_numbers_are_those_of_a_real_report(demonstration):
    inquiry = Inquiry.objects.get(slug="help-in-a-crisis-inquiry")
    assert [r.reference for r in inquiry.recommendations.in_order()] == [
        "1a", "1b", "1c", "2", "3a", "3b", "4", "5a", "5b", "6", "7", "8", "9",
    ]  # fmt: skip
    ended = dict(Recommendation.objects.exclude(ended_as="").values_list("reference", "ended_as"))
    assert ended == {"1a": "implemented", "1b": "implemented", "4": "withdrawn", "7": "superseded"}
    without = inquiry.responses.open().filter(lead_officer__isnull=True).in_order()
    assert [r.references for r in without] == ["5b", "8"]


def test_interim_report_is_judged_in_all_four_ratings(demonstration):
    report = ProgressReport.objects.get(inquiry__slug="help-in-a-crisis-inquiry", months_on=6)
    assert report.stage == Stage.ASSESSED
    assert set(Assessment.objects.filter(update__report=report).values_list("rating", flat=True)) == set(Rating)


def test_final_report_has_updates_in_every_stage(demonstration):
    report = ProgressReport.objects.get(inquiry__slug="help-in-a-crisis-inquiry", months_on=12)
    assert report.stage == Stage.COMMISSIONED
    state = {
        u.reference: "returned" if u.is_returned else "draft" if u.is_open and u.version else
        "not started" if u.is_open else "submitted"
        for u in ProgressUpdate.objects.filter(report=report).for_page()
    }  # fmt: skip
    assert state == {
        "1c": "submitted", "2": "returned", "3a": "draft", "5a": "submitted",
        "5b": "not started", "6": "submitted", "8": "not started", "9": "draft",
    }  # fmt: skip
    assert report.meeting.day > TODAY


def test_something_waits_for_every_role(demonstration):
    assert set(ProgressReport.objects.values_list("inquiry__slug", flat=True)) == {
        "help-in-a-crisis-inquiry", "safer-school-streets-inquiry", "library-opening-hours-inquiry",
    }  # fmt: skip
    assert ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF).count() == 1
    assert ProgressReport.objects.at_stage(Stage.PUBLISHED).count() == 1
    assert Entry.objects.filter(verb="submit_update").exclude(on_behalf_of="").exists()


def test_loading_it_again_changes_nothing(demonstration):
    def counts():
        return [m.objects.count() for m in (Person, Inquiry, Meeting, ProgressUpdate, Entry)]

    before, said = counts(), StringIO()
    call_command("load_demonstration", stdout=said)
    assert said.getvalue() == "The demonstration is already there.\n"
    assert counts() == before


@pytest.mark.parametrize("today", [TODAY.replace(month=m, day=d) for m, d in ((1, 2), (4, 6), (8, 31), (12, 24))])
def test_it_can_be_told_on_any_day(db, settings, today):
    settings.DEMONSTRATION = True
    assert story.tell(today)


def test_it_is_refused_outside_demonstration_mode(db):
    with pytest.raises(CommandError, match="only loaded in demonstration mode"):
        call_command("load_demonstration")
