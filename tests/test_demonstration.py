"""The demonstration shows every role something to do, and loading it twice changes nothing."""

from datetime import datetime, time

import pypdfium2
import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from inquiries.actions import assessments, packs
from inquiries.actions.merge_people import preview_merge
from inquiries.actions.people import likely_duplicates
from inquiries.choices import ItemKind, PackEdition, Rating, Stage, Tagging
from inquiries.demonstration.load import load
from inquiries.documents.minutes import minutes_from_json
from inquiries.models import (
    ActionPoint,
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Assessment,
    AssessmentCorrection,
    Entry,
    Indication,
    Inquiry,
    Meeting,
    OfficerReport,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
)
from tests.cast import TODAY

# Christmas, Easter and the turn of the year among them: it has to hold on any day.
DAYS = [TODAY, *(TODAY.replace(month=month, day=day) for month, day in ((1, 2), (4, 6), (12, 24)))]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def loaded(request, django_db_setup, django_db_blocker):
    """The day on which the demonstration has been loaded, once for all tests of that day."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMONSTRATION=True):
            assert load(request.param)
        yield request.param
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(loaded, db, settings):
    """The demonstration, on the day that is returned."""
    settings.DEMONSTRATION = True
    return loaded


@pytest.fixture
def soon(demonstration):
    """The meeting that is still to come, whose agenda has been published."""
    return Meeting.objects.get(packs__edition=PackEdition.PUBLIC, start__gt=at_eight(demonstration))


@pytest.fixture
def later(soon):
    """The meeting whose agenda is still being put together."""
    return Meeting.objects.get(start__gt=soon.start)


def at_eight(day):
    return timezone.make_aware(datetime.combine(day, time(8)))


def test_numbers_recommendations(demonstration):
    inquiry = Inquiry.objects.get(slug="help-in-a-crisis-inquiry")
    assert [r.reference for r in inquiry.recommendations.in_order()] == [
        "1a", "1b", "1c", "2", "3a", "3b", "4", "5a", "5b", "6", "7", "8", "9",
    ]  # fmt: skip
    ended = dict(Recommendation.objects.exclude(ended_as="").values_list("reference", "ended_as"))
    assert ended == {"1a": "implemented", "1b": "implemented", "4": "withdrawn", "7": "superseded"}
    without = inquiry.responses.open().filter(lead_officer__isnull=True).in_order()
    assert [r.references for r in without] == ["5b", "8"]


def test_has_duplicate_person(demonstration):
    imported = Person.objects.get(email=None)
    contributor = Person.objects.get(name="Priya Nair")
    assert likely_duplicates(imported.name, apart_from=imported) == [contributor]
    moving = preview_merge(imported, contributor)
    assert moving.records == [
        "Contributor to the interim report (6 months on) of “Help in a Crisis Inquiry” on 6",
        "Contributor to the final report (12 months on) of “Help in a Crisis Inquiry” on 6",
    ]
    assert moving.reasons == []


def test_meeting_can_be_played_at_once(demonstration):
    report = ProgressReport.objects.get(inquiry__slug="youth-clubs-inquiry")
    meeting, now = report.meeting, at_eight(demonstration)
    assert meeting.day < demonstration
    assert not packs.is_late(meeting, report.published_at.date())
    assert report.stage == Stage.PUBLISHED
    chair = Person.objects.get(name="Councillor Harold Penrose")
    rows = {update.reference: update for update in report.updates.for_page()}
    seen = Indication.objects.visible_to(chair, now).filter(update__report=report)
    assert seen.count() == 11
    assert sorted(seen.filter(update=rows["3"]).values_list("rating", flat=True)) == [3, 4, 4]
    first = rows["1"]
    assessments.show_row(meeting, first, by=chair, now=now)
    assessments.assess(first, rating=Rating.ON_TRACK, comment="", seen=None, by=chair, now=now)
    assessments.confirm_assessments(report, by=chair, now=now)


def test_next_meeting_has_indications(soon):
    noted = Indication.objects.filter(update__report__meeting=soon)
    assert noted.values("update").distinct().count() == 3
    assert noted.count() == 8


def test_meeting_has_actions_minutes_and_correction(demonstration):
    past = ProgressReport.objects.get(inquiry__slug="help-in-a-crisis-inquiry", months_on=6)
    actions = {action.update.reference: action for action in ActionPoint.objects.filter(update__report=past).for_page()}
    assert actions["5a"].done_note.startswith("412 people")
    assert actions["8"].done_at is None
    assert actions["8"].due_on > demonstration
    correction = AssessmentCorrection.objects.get()
    assert (correction.rating_before, correction.assessment.rating) == (Rating.CONCERNS, Rating.ON_TRACK)
    assert past.editions.count() == 3
    content = minutes_from_json(past.meeting.minutes_editions.get().content)
    assert len(content.present) == 4
    assert "credit union" in str(content.declarations[0])
    assert [item.title for item in content.minutes] == [
        "Apologies for absence", "Declarations of interest", "Help in a Crisis Inquiry", "Work programme",
    ]  # fmt: skip


def test_officer_reports_are_in_every_state(soon, later):
    reports = {report.state: report for report in OfficerReport.objects.for_page()}
    assert {state: report.title for state, report in reports.items()} == {
        "draft": "How residents reach the council",
        "awaiting_sign_off": "Energy use in the council's buildings",
        "signed_off": "Community transport in the Hart Valley",
    }
    signed = reports["signed_off"]
    assert (signed.meeting, signed.document.tagging) == (soon, Tagging.VALID)
    assert reports["draft"].meeting == reports["awaiting_sign_off"].meeting == later
    contact = "Siân Llŷr-Ôwain, 01632 960 121, sian@demonstration.example"
    assert contact in text_of(soon.packs.get(edition=PackEdition.PUBLIC)).replace("\r\n", " ")


def test_interim_report_has_all_ratings(demonstration):
    report = ProgressReport.objects.get(inquiry__slug="help-in-a-crisis-inquiry", months_on=6)
    assert report.stage == Stage.ASSESSED
    assert set(Assessment.objects.filter(update__report=report).values_list("rating", flat=True)) == set(Rating)


def test_final_report_has_every_state(demonstration):
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
    assert report.meeting.day > demonstration


def test_every_role_has_work(demonstration):
    assert set(ProgressReport.objects.values_list("inquiry__slug", flat=True)) == {
        "help-in-a-crisis-inquiry", "safer-school-streets-inquiry", "library-opening-hours-inquiry",
        "winter-gritting-inquiry", "youth-clubs-inquiry",
    }  # fmt: skip
    assert ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF).count() == 1
    assert ProgressReport.objects.at_stage(Stage.SIGNED_OFF).count() == 1
    assert ProgressReport.objects.at_stage(Stage.PUBLISHED).count() == 2
    assert Entry.objects.filter(verb="submit_update").exclude(on_behalf_of="").exists()


def test_publishes_agenda_in_time(demonstration, soon):
    public, restricted = (soon.packs.get(edition=edition) for edition in PackEdition)
    assert public.is_published
    assert restricted.is_published
    assert not packs.is_late(soon, public.published_at.date())
    assert soon.day > demonstration
    entries = [(entry.item.title, entry.range) for entry in public.entries.select_related("item")]
    assert entries == [
        ("Minutes", "3 - 4"),
        ("Library Opening Hours: six months on", "5 - 6"),
        ("Community transport in the Hart Valley", "7 - 10"),
        ("Work programme", "11 - 12"),
        ("Lending with the credit unions", "13 - 14"),
    ]
    also = restricted.entries.get(exempt=True)
    assert (also.item.title, also.range) == ("Lending with the credit unions", "E1 - E2")
    assert "Vale Mutual" not in text_of(public)
    assert "Vale Mutual" in text_of(restricted)


def test_publishes_report_with_agenda(soon):
    report = ProgressReport.objects.get(inquiry__slug="library-opening-hours-inquiry")
    assert report.published_at == soon.packs.get(edition=PackEdition.PUBLIC).published_at
    late = soon.items.get(to_follow=True)
    assert (late.report.inquiry.slug, late.supplement) == ("safer-school-streets-inquiry", 1)
    assert packs.supplements_of(soon) == [0, 1]


def test_papers_are_tagged_but_for_one(demonstration):
    untagged = AgendaDocument.objects.exclude(tagging=Tagging.VALID)
    assert [(paper.title, paper.tagging) for paper in untagged] == [
        ("Appendix: what passengers said", Tagging.UNTAGGED)
    ]
    assert AgendaDocument.objects.count() == 7


def test_has_agenda_in_preparation(later):
    assert not later.packs.exists()
    items = later.items.on_agenda()
    assert [item.title for item in items.filter(to_follow=True)] == ["Minutes"]
    stages = {item.report.inquiry.slug: item.report.stage for item in items.filter(kind=ItemKind.REPORT)}
    assert stages == {
        "winter-gritting-inquiry": Stage.SIGNED_OFF,
        "help-in-a-crisis-inquiry": Stage.COMMISSIONED,
    }


def text_of(pack):
    """The text of a pack's file."""
    with pack.file.open("rb") as file, pypdfium2.PdfDocument(file.read()) as opened:
        return " ".join(page.get_textpage().get_text_range() for page in opened)


def test_loading_again_changes_nothing(demonstration):
    kinds = (Person, Inquiry, Meeting, ProgressUpdate, AgendaItem, AgendaDocument, AgendaPack, Entry)

    def counts():
        return [kind.objects.count() for kind in kinds]

    before = counts()
    assert not load(demonstration)
    assert counts() == before
