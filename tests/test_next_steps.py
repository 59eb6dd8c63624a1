"""The one green button of a clerk's page of a report, a meeting and a pack is the next right step."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs, programme
from inquiries.choices import ItemKind, Stage
from inquiries.models import Meeting, MoreTimeRequest, ProgressReport
from inquiries.rules import next_step_of_meeting, next_step_of_pack, next_step_of_report
from tests import factories
from tests.cast import NOW, TODAY

PRIMARY = re.compile(r'class="govuk-button(?: govuk-!-[\w-]+)*"')


@pytest.mark.parametrize(
    ("stage", "facts", "step"),
    [
        (Stage.COMMISSIONED, {}, "report"),
        (Stage.COMMISSIONED, {"is_late": True}, "remind"),
        (Stage.COMMISSIONED, {"is_late": True, "wants_more_time": True}, "decide_more_time"),
        (Stage.AWAITING_SIGN_OFF, {}, "sign_off"),
        (Stage.AWAITING_SIGN_OFF, {"is_signed_by": False}, "reschedule"),
        (Stage.SIGNED_OFF, {}, "publish"),
        (Stage.SIGNED_OFF, {"has_meeting": True}, "agenda"),
        (Stage.PUBLISHED, {"has_meeting": True}, "assess"),
        (Stage.ASSESSED, {}, "commission"),
    ],
)
def test_next_step_of_a_report(stage, facts, step):
    assert next_step_of_report(stage, **facts) == step


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"is_cancelled": True, "is_proposed": True}, "call_meeting"),
        ({"has_begun": True, "to_assess": True}, "assess"),
        ({"has_begun": True, "lacks_minutes": True}, "minutes"),
        ({"has_begun": True}, "meeting"),
        ({"is_published": True}, "meeting"),
        ({"is_proposed": True, "is_empty": True}, "agenda_proposals"),
        ({"is_empty": True}, "add_item"),
        ({"lacks_papers": True, "lacks_sign_off": True}, "add_paper"),
        ({"lacks_sign_off": True}, "manage"),
        ({}, "pack"),
    ],
)
def test_next_step_of_a_meeting(facts, step):
    assert next_step_of_meeting(**facts) == step


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({}, "build_pack"),
        ({"is_being_built": True, "is_built": True}, "wait_for_pack"),
        ({"is_built": True}, "check_pack"),
        ({"is_built": True, "is_published": True}, "agenda"),
    ],
)
def test_next_step_of_a_pack(facts, step):
    assert next_step_of_pack(**facts) == step


@pytest.fixture
def green(client, clerk, monkeypatch, tmp_path, settings):
    """A function that returns the words and the page of the one green button of a page."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    client.force_login(clerk)

    def find(name, *args):
        page = client.get(reverse(name, args=args)).content.decode()
        body = page.split("<main", 1)[1]
        [button] = PRIMARY.findall(body)
        tag = body[body.rindex("<", 0, body.index(button)) :]
        return re.sub(r"<[^>]*>", "", tag[tag.index(">") + 1 : tag.index("</")]).strip()

    return find


def test_green_button_of_a_report(green, clerk, inquiry, officer, committee):
    report = factories.make_report(inquiry, clerk)
    where = ("clerk:manage", inquiry.slug, 6)
    assert green(*where) == "Read the report as it is now"
    ProgressReport.objects.update(updates_due_on=TODAY - timedelta(days=3))
    assert green(*where) == "Remind everybody who is late"
    asked = {"wanted_until": date(2026, 11, 30), "reason": "Leave.", "asked_at": NOW, "asked_by": officer}
    MoreTimeRequest.objects.create(update=report.updates.first(), **asked)
    assert green(*where) == "Decide about more time"
    factories.walk(report, to=Stage.SIGNED_OFF, by=clerk)
    assert green(*where) == "Publish"
    ProgressReport.objects.update(meeting=factories.make_meeting(committee))
    assert green(*where) == "Go to the agenda"


def test_green_button_of_a_meeting_and_its_pack(green, clerk, chair, committee):
    by = {"by": clerk, "now": NOW}
    meeting = factories.make_meeting(committee)
    where = ("clerk:agenda", meeting.pk)
    assert green(*where) == "Choose from the proposals"
    found = programme.propose_agenda(meeting, now=NOW, today=TODAY).found
    programme.add_proposals(meeting, keys=[one.key for one in found[1:]], **by)
    item = meetings.add_item(meeting, title="Buses", kind=ItemKind.PAPERS, **by)
    assert green(*where) == "Add the missing papers"
    meetings.add_paper(item, factories.make_received(), title="Buses", **by)
    assert green(*where) == "Go on to the pack"
    pack = ("clerk:pack", meeting.pk, 0)
    assert green(*pack) == "Build the pack"
    packs.build_packs(meeting, 0, **by)
    assert (green(*where), green(*pack)) == ("Go on to the pack", "Check and publish")
    assert green("clerk:check_pack", meeting.pk, 0) == "Go on to publishing"
    packs.publish_packs(meeting, 0, **by)
    assert (green(*where), green(*pack)) == ("Public page of the meeting", "Back to the agenda")
    Meeting.objects.update(start=NOW - timedelta(hours=1))
    assert green(*where) == "Go on with the minutes"
    Meeting.objects.update(cancelled_at=NOW, cancelled_by=clerk)
    assert green(*where) == "Call another meeting"
