"""Several people at one agenda in the same moment, on connections of their own; and what goes wrong meanwhile."""

import hashlib
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from inquiries.actions import meetings, packs, progress
from inquiries.actions.packs import claimed
from inquiries.choices import ItemKind, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import AgendaPack, Entry, Notification, PackPlan, ReportEdition
from inquiries.models.packs import NAME, is_open
from inquiries.permissions import Refused
from tests import factories
from tests.at_once import at_once
from tests.cast import NOW, person
from tests.pack_building import build_quickly

LATER = NOW + timedelta(hours=1)
AFTER = NOW + timedelta(hours=2)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def builds(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    return build_quickly(monkeypatch)


@pytest.fixture
def colleague():
    return person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)


@pytest.fixture
def meeting(committee, clerk, chair, member):
    """A meeting on 15 December with a paper as item 2 and an exempt one as item 3."""
    return factories.make_agenda(factories.make_meeting(committee), clerk, exempt_words="The tender of Quorvane.")


@pytest.fixture
def with_report(meeting, clerk, inquiry):
    """The same with a signed-off report as item 4."""
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    meetings.add_item(meeting, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    return meeting


def stored(folder):
    """The names of the files of packs in the storage."""
    return sorted(f"agenda-packs/{path.name}" for path in (folder / "agenda-packs").iterdir())


def kept():
    return sorted(AgendaPack.objects.values_list("file", flat=True))


def told(occasion):
    return sorted(notification.recipient.name for notification in Notification.objects.filter(occasion=occasion))


def test_two_clerks_build(meeting, clerk, colleague, tmp_path):
    results = at_once(*(lambda by=by: packs.build_packs(meeting, 0, by=by, now=NOW) for by in (clerk, colleague)))
    for result in results:
        assert isinstance(result, Refused) or set(result) == {"public", "restricted"}, result
    assert any(isinstance(result, dict) for result in results)
    assert AgendaPack.objects.count() == 2
    assert PackPlan.objects.get().claimed_by == ""
    assert stored(tmp_path) == kept()


def test_paper_replaced_during_build(meeting, clerk, colleague, monkeypatch, tmp_path, builds):
    paper, replaced, paper_files = meeting.items.get(number=2).documents.get(), [], packs.paper_files

    def copy_and_replace(contents, folder):
        files = paper_files(contents, folder)
        if not replaced:
            replaced.append(meetings.replace_paper(paper, factories.make_received(2), by=colleague, now=NOW))
        return files

    monkeypatch.setattr(packs, "paper_files", copy_and_replace)
    built = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    assert packs.is_out_of_date(built, packs.current_contents(packs.plan_of(meeting, 0)))
    public = packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    assert [line.document for line in public.papers.all()] == replaced
    assert len(builds) == 2 and stored(tmp_path) == kept()


def test_two_clerks_publish(with_report, clerk, colleague, chair, member):
    packs.build_packs(with_report, 0, by=clerk, now=NOW)
    results = at_once(
        *(lambda by=by: packs.publish_packs(with_report, 0, by=by, now=LATER) for by in (clerk, colleague))
    )
    assert sorted(isinstance(result, Refused) for result in results) == [False, True], results
    assert AgendaPack.objects.published().count() == 2
    assert ReportEdition.objects.count() == 1
    assert told("agenda_published") == sorted([chair.name, member.name])
    assert Entry.objects.filter(verb="publish_pack").count() == 2


def test_two_workers_publish_plan(with_report, clerk, chair, member):
    packs.plan_publication(with_report, 0, publish_on=LATER, by=clerk, now=NOW)
    results = at_once(*[lambda: packs.publish_planned(LATER)] * 3)
    assert sorted(results) == [(0, 0), (0, 0), (1, 0)]
    assert AgendaPack.objects.published().count() == 2
    assert told("agenda_published") == sorted([chair.name, member.name])
    assert told("pack_not_published") == []


def test_plan_cancelled_when_due(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    published, taken_back = at_once(
        lambda: packs.publish_planned(LATER), lambda: packs.unplan_publication(meeting, 0, by=clerk, now=LATER)
    )
    if isinstance(taken_back, Refused):
        assert published == (1, 0) and AgendaPack.objects.public().exists()
    else:
        # Who takes it back is obeyed, or comes too late; nobody is told that it failed.
        assert published[1] == 0, published
        assert published[0] == AgendaPack.objects.public().count()
    assert told("pack_not_published") == []
    assert PackPlan.objects.get().publish_on is None


def test_two_clerks_order_items(meeting, clerk, colleague):
    for number in range(4, 9):
        meetings.add_item(meeting, title=f"Item {number}", by=clerk, now=NOW)
    items = list(meeting.items.order_by("number"))
    for step in range(3):
        results = at_once(
            lambda step=step: meetings.move_item(items[0], to=8 - step, by=clerk, now=NOW),
            lambda: meetings.move_item(items[7], to=1, by=colleague, now=NOW),
            lambda step=step: meetings.remove_item(items[4 + step], by=colleague, now=NOW) if step < 2 else None,
            lambda: meetings.add_item(meeting, title="One more", number=2, by=clerk, now=NOW),
        )
        assert not [result for result in results if isinstance(result, Exception)]
        numbers = list(meeting.items.on_agenda().order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_report_reopened_after_check(with_report, clerk, monkeypatch):
    """Between the last look and the publication: nothing comes out, neither the pack nor another report."""
    packs.build_packs(with_report, 0, by=clerk, now=NOW)
    report = with_report.items.get(number=4).report
    look = packs.check_nothing_stops

    def look_and_reopen(*arguments):
        look(*arguments)
        updates = list(report.updates.all())
        progress.reopen(report, to=Stage.COMMISSIONED, reason="A figure.", by=clerk, now=LATER, updates=updates)

    monkeypatch.setattr(packs, "check_nothing_stops", look_and_reopen)
    with pytest.raises(Refused, match="just been changed"):
        packs.publish_packs(with_report, 0, by=clerk, now=LATER)
    assert not AgendaPack.objects.published().exists()
    assert not ReportEdition.objects.exists()


def test_report_reopened_during_publication(with_report, clerk, monkeypatch, tmp_path):
    packs.build_packs(with_report, 0, by=clerk, now=NOW)
    report = with_report.items.get(number=4).report
    publish_reports = packs.publish_reports_in

    def reopen_first(*arguments, **values):
        updates = list(report.updates.all())
        progress.reopen(report, to=Stage.COMMISSIONED, reason="A figure.", by=clerk, now=LATER, updates=updates)
        publish_reports(*arguments, **values)

    monkeypatch.setattr(packs, "publish_reports_in", reopen_first)
    with pytest.raises(Refused, match="just been changed"):
        packs.publish_packs(with_report, 0, by=clerk, now=LATER)
    assert not AgendaPack.objects.published().exists()


def test_failure_leaves_no_file(with_report, clerk, monkeypatch, tmp_path):
    packs.build_packs(with_report, 0, by=clerk, now=NOW)
    before = sorted(tmp_path.rglob("*.*"))

    def break_off(*arguments, **values):
        raise PdfFailed("The disk is full.")

    monkeypatch.setattr(packs, "notify", break_off)
    with pytest.raises(PdfFailed, match="disk is full"):
        packs.publish_packs(with_report, 0, by=clerk, now=LATER)
    assert sorted(tmp_path.rglob("*.*")) == before
    assert not AgendaPack.objects.published().exists() and not ReportEdition.objects.exists()
    assert PackPlan.objects.get().failure == "The disk is full."


def test_claim_ends_with_its_connection(meeting, clerk, colleague):
    packs.save_plan(meeting, 0, duplex=True, by=clerk, now=NOW)
    start = {"started_by": clerk, "started_at": NOW, "step": "Binding the papers"}
    with psycopg.connect(**connection.get_connection_params()) as other:
        (name,) = other.execute(f"SELECT {NAME} FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()
        PackPlan.objects.update(claimed_by=name, **start)
        with pytest.raises(Refused, match="Carys Whitlock is building"):
            packs.build_packs(meeting, 0, by=colleague, now=LATER)
    # The server takes a moment to end what served the connection.
    while is_open(name):
        pass
    assert PackPlan.objects.get().last_failure == "The service was stopped meanwhile. Build the pack again."
    assert packs.build_packs(meeting, 0, by=colleague, now=LATER)["public"]
    assert PackPlan.objects.get().last_failure == ""


def test_moved_meeting_outdates_pack(meeting, clerk):
    pack = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    start = meeting.start + timedelta(days=7)
    meetings.change_meeting(meeting, start=start, venue=meeting.venue, by=clerk, now=LATER)
    meeting.refresh_from_db()
    assert packs.is_out_of_date(pack, packs.current_contents(packs.plan_of(meeting, 0)))
    second = packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    assert second.number == 2 and "22 December 2026" in str(second)


def test_earlier_meeting_needs_reason(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    meetings.change_meeting(meeting, start=NOW + timedelta(days=2), venue="", by=clerk, now=NOW)
    assert packs.publish_planned(LATER) == (0, 1)
    assert not AgendaPack.objects.published().exists()


def test_cancelled_meeting_publishes_nothing(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=NOW)
    assert packs.publish_planned(LATER) in [(0, 1), (0, 0)]
    for deed in (
        lambda: packs.publish_packs(meeting, 0, by=clerk, now=AFTER),
        lambda: packs.plan_publication(meeting, 0, publish_on=AFTER + timedelta(hours=1), by=clerk, now=AFTER),
    ):
        with pytest.raises(Refused, match="has been cancelled"):
            deed()
    assert not AgendaPack.objects.published().exists()


# What was planned, and what can have happened by then


def test_departed_clerk_publishes_nothing(meeting, clerk, colleague):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    clerk.is_clerk = clerk.is_active = False
    clerk.save()
    assert packs.publish_planned(LATER) == (0, 1)
    assert not AgendaPack.objects.published().exists()
    assert "Carys Whitlock, who planned it, is no longer a clerk" in packs.plan_of(meeting, 0).refusal
    assert told("pack_not_published") == [colleague.name]


def test_started_meeting_publishes_nothing(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    # The worker was down for three weeks.
    assert packs.publish_planned(meeting.start + timedelta(minutes=1)) == (0, 1)
    assert "began before" in packs.plan_of(meeting, 0).refusal


def test_rebuilds_lost_pack(meeting, clerk, tmp_path):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    pack = meeting.packs.get(edition="public")
    pack.file.storage.delete(pack.file.name)
    assert packs.publish_planned(LATER) == (0, 1)
    assert "missing" in packs.plan_of(meeting, 0).refusal
    with pytest.raises(Refused, match="missing"):
        packs.publish_packs(meeting, 0, by=clerk, now=AFTER)
    packs.build_packs(meeting, 0, by=clerk, now=AFTER)
    assert packs.publish_packs(meeting, 0, by=clerk, now=AFTER).is_published
    assert stored(tmp_path) == kept()


def test_lost_file_of_paper(meeting, clerk):
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    paper = meeting.items.get(number=2).documents.get()
    paper.file.storage.delete(paper.file.name)
    with pytest.raises(Refused, match="missing"):
        packs.publish_packs(meeting, 0, by=clerk, now=LATER)


def test_refuses_file_without_pdf(meeting, clerk):
    pack = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    with pack.file.storage.open(pack.file.name, "wb") as file:
        file.write(b"%PDF-1.7 and nothing more")
    pack.checksum = hashlib.sha256(b"%PDF-1.7 and nothing more").hexdigest()
    pack.save()
    with pytest.raises(Refused, match="cannot be read"):
        packs.publish_packs(meeting, 0, by=clerk, now=LATER)


def test_plan_waits_for_build(meeting, clerk, colleague):
    plan = packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    with claimed(plan, by=colleague, now=LATER):
        assert packs.publish_planned(LATER) == (0, 0)
    assert packs.publish_planned(LATER + timedelta(minutes=1)) == (1, 0)
    assert told("pack_not_published") == []


def test_failing_plan_delays_no_other(meeting, clerk, committee, monkeypatch, caplog):
    second = factories.make_agenda(factories.make_meeting(committee, day=(NOW + timedelta(days=30)).date()), clerk)
    for each in (meeting, second):
        packs.plan_publication(each, 0, publish_on=LATER, by=clerk, now=NOW)
    look = packs.search_pack

    def break_at_first(plan, *arguments):
        if plan.meeting == meeting:
            raise ValueError("Nobody thought of this.")
        return look(plan, *arguments)

    monkeypatch.setattr(packs, "search_pack", break_at_first)
    assert packs.publish_planned(LATER) == (1, 1)
    assert AgendaPack.objects.public().get().meeting == second
    assert "Something went wrong" in packs.plan_of(meeting, 0).refusal
    assert "Nobody thought of this." in caplog.text
    assert packs.plan_of(meeting, 0).claimed_by == ""


def test_refuses_empty_supplement(meeting, clerk):
    for number in (1, 7, 40_000, 10**12):
        for deed in (packs.build_packs, packs.publish_packs):
            with pytest.raises(Refused, match="no such supplement"):
                deed(meeting, number, by=clerk, now=NOW)
    assert not PackPlan.objects.exclude(supplement=0).exists()
