"""Each derived fact has a twin that asks the database: they must agree, and show nobody what is not theirs."""

import pytest

from inquiries.actions import endings, inquiries, programme, progress
from inquiries.choices import Stage
from inquiries.models import (
    ActionPoint,
    Inquiry,
    ProgrammeEntry,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Response,
)
from tests import factories
from tests.cast import NOW


def test_inquiry_being_recorded_matches_queryset(inquiry, committee, clerk, cabinet_member):
    other = factories.make_inquiry(committee, clerk, cabinet_member=cabinet_member, title="Buses")
    assert set(Inquiry.objects.being_recorded()) == {inquiry, other}
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    factories.make_report(other, clerk)
    assert not Inquiry.objects.being_recorded().exists()
    assert not any(one.is_being_recorded for one in Inquiry.objects.all())


@pytest.mark.parametrize("stage", Stage)
def test_stage_matches_queryset(stage, inquiry, clerk):
    report = factories.make_report(inquiry, clerk, at=stage)
    assert report.stage == stage
    assert [s for s in Stage if ProgressReport.objects.at_stage(s).exists()] == [stage]
    assert ProgressReport.objects.at_stage(*Stage).get() == report
    assert ProgressReport.objects.public().exists() is report.is_public is (stage in ("published", "assessed"))


def test_open_update_matches_queryset(inquiry, clerk):
    report = factories.make_report(inquiry, clerk)
    first = report.updates.for_page().first()
    saved = progress.save_update(first, version=0, text="Done.", by=clerk, now=NOW)
    progress.submit_update(saved, version=1, by=clerk, now=NOW)
    every = list(ProgressUpdate.objects.for_page())
    assert [u.is_open for u in every] == [False, True, True]
    assert list(ProgressUpdate.objects.open().in_order()) == [u for u in every if u.is_open]
    progress.close_updates(report, by=clerk, now=NOW)
    assert not ProgressUpdate.objects.open().exists()
    assert not any(u.is_open for u in ProgressUpdate.objects.for_page())


def test_open_action_point_matches_queryset(inquiry, clerk, officer):
    report = factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    draft = factories.make_report(inquiry, clerk, months_on=12)
    made = {"owner": officer, "due_on": NOW.date(), "set_at": NOW, "set_by": clerk}
    for number, update in enumerate([*report.updates.all()[:2], draft.updates.first()]):
        done = {"done_at": NOW, "done_by": clerk, "done_note": "It is."} if number == 1 else {}
        ActionPoint.objects.create(update=update, text=f"Do {number}.", **made, **done)
    every = ActionPoint.objects.all()
    assert [action.text for action in ActionPoint.objects.open()] == ["Do 0."]
    assert list(ActionPoint.objects.open()) == [action for action in every if action.is_open]


def test_open_programme_entry_matches_queryset(committee, clerk):
    every = [programme.add_entry(committee, title=title, by=clerk, now=NOW) for title in ("Roads", "Buses", "Trains")]
    programme.finish_entry(every[0], by=clerk, now=NOW)
    programme.drop_entry(every[1], reason="No time.", by=clerk, now=NOW)
    assert list(ProgrammeEntry.objects.open()) == [one for one in ProgrammeEntry.objects.all() if one.is_open]
    assert [one.title for one in ProgrammeEntry.objects.open()] == ["Trains"]


def test_open_response_matches_queryset(inquiry, clerk):
    endings.end_recommendation(
        inquiry.recommendations.get(reference="2"),
        ending="superseded",
        reason="New law.",
        on=NOW.date(),
        by=clerk,
        now=NOW,
    )
    endings.end_recommendation(
        inquiry.recommendations.get(reference="1a"),
        ending="implemented",
        reason="Done.",
        on=NOW.date(),
        by=clerk,
        now=NOW,
    )
    every = list(Response.objects.in_order())
    assert [r.references for r in every] == ["1a and 1b", "2", "3b", "10"]
    assert list(Response.objects.open().in_order()) == [r for r in every if r.is_open]
    assert [r.references for r in every if r.is_open] == ["1a and 1b", "10"]
    assert list(Response.objects.accepted().in_order()) == [r for r in every if r.is_accepted]


def test_recommendations_in_natural_order(inquiry):
    assert [r.reference for r in Recommendation.objects.in_order()] == ["1a", "1b", "2", "3b", "4", "10"]


def who(people, sees):
    return {name for name, person in people.items() if sees(person)}


def test_visible_before_publication(inquiry, clerk, contributor, people):
    report = factories.make_report(inquiry, clerk)
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    assert who(people, lambda p: ProgressReport.objects.visible_to(p).exists()) == {
        "clerk", "officer", "other_officer", "contributor", "cabinet_member",
    }  # fmt: skip
    assert {
        name: [u.reference for u in ProgressUpdate.objects.visible_to(p).in_order()] for name, p in people.items()
    } == {
        "clerk": ["1a", "2", "10"],
        "officer": ["1a"],
        "other_officer": ["2"],
        "contributor": ["1a"],
        "cabinet_member": ["1a", "2", "10"],
        "chair": [],
        "member": [],
        "other_member": [],
        "stranger": [],
        "public": [],
    }
    assert who(people, lambda p: Inquiry.objects.visible_to(p).exists()) == {
        "clerk", "officer", "other_officer", "contributor", "cabinet_member",
    }  # fmt: skip


def test_visible_after_publication(inquiry, clerk, people):
    factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert who(people, lambda p: ProgressReport.objects.visible_to(p).exists()) == set(people)
    assert who(people, lambda p: Inquiry.objects.visible_to(p).exists()) == set(people)


def test_reopened_report_stays_public(inquiry, clerk, people):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    progress.reopen(
        report, to=Stage.COMMISSIONED, reason="A wrong figure.", updates=report.updates.all(), by=clerk, now=NOW
    )
    report.refresh_from_db()
    assert report.stage == Stage.COMMISSIONED
    assert report.is_public
    assert who(people, lambda p: ProgressReport.objects.visible_to(p).exists()) == set(people)
