"""Where each officer report is: on a clerk's page, on the board, on the agenda."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import more_time, officer_reports
from inquiries.models import Notification
from inquiries.notifications import queue_reminders
from inquiries.views.officer_report_lines import officer_report_lines
from tests import factories
from tests.cast import NOW, TODAY, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, date(2027, 1, 26))


@pytest.fixture
def report(meeting, clerk, officer, other_officer, cabinet_member):
    return factories.make_officer_report(
        meeting, clerk, author=officer, director=other_officer, cabinet_member=cabinet_member
    )


def line(today=TODAY):
    (found,) = officer_report_lines(NOW, today)
    return found.where, found.step, found.status, found.due


def test_where_it_is_at_each_step(report, clerk, officer, other_officer, cabinet_member):
    due, sign_off = report.text_due_on, report.sign_off_due_on
    whose = officer.name
    assert line() == (f"Commissioned: {whose} has not begun", "See what the report waits for", "Not started", due)
    late = due + timedelta(days=1)
    assert line(late) == (f"Commissioned: {whose} has not begun", "Remind now", "Late", due)
    asked = {"wanted_until": date(2027, 1, 4), "reason": "Leave.", "by": officer, "now": NOW}
    wanted = more_time.ask_for_more_time(report, **asked)
    assert line(late)[1] == "Decide about more time"
    more_time.refuse_more_time(wanted, note="No.", by=clerk, now=NOW)
    report = factories.write_officer_report(report, officer)
    assert line()[0] == f"Being written by {whose}"
    report = officer_reports.submit(report, version=report.version, by=officer, now=NOW)
    signers = f"With the director, {other_officer}, and the Cabinet Member, {cabinet_member}"
    assert line() == (signers.replace(", and", " and"), "See who is to sign", "Awaiting sign-off", sign_off)
    officer_reports.sign(report.signatures.get(role="director"), by=other_officer, now=NOW)
    assert line()[0] == f"With the Cabinet Member, {cabinet_member}"
    officer_reports.return_report(report, note="Say what it costs.", by=cabinet_member, now=NOW)
    assert line()[0] == f"Sent back to {whose}"
    report = factories.write_officer_report(report, officer, submit=True, title="Our contact centre")
    factories.sign_officer_report(report)
    assert line() == ("Signed off: a paper of item 1", "Go to the agenda", "Signed off", None)
    officer_reports.cancel(report, by=clerk, now=NOW)
    assert officer_report_lines(NOW, TODAY) == []


def test_the_clerks_pages_show_it(report, clerk, meeting, client, officer):
    client.force_login(clerk)
    for address in ("/", reverse("clerk:board"), reverse("clerk:agenda", args=[meeting.pk])):
        page = client.get(address).content.decode()
        assert f"Commissioned: {officer} has not begun" in page.replace("&#x27;", "'"), address
    client.force_login(officer)
    assert "Commissioned:" not in client.get("/").content.decode()


def test_a_clerks_own_page_lists_the_first_of_them(meeting, clerk, officer, cabinet_member, client, monkeypatch):
    monkeypatch.setattr("inquiries.views.dashboard.MOST_OF_BOARD", 1)
    for title in ("A report", "Another report"):
        factories.make_officer_report(meeting, clerk, author=officer, cabinet_member=cabinet_member, title=title)
    client.force_login(clerk)
    own, board = (client.get(address) for address in ("/", reverse("clerk:board")))
    assert [line.name for line in own.context["officer_reports"]] == ["A report"]
    assert "All officer reports, on the board (1 more)" in own.content.decode()
    assert [line.name for line in board.context["officer_reports"]] == ["A report", "Another report"]


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts_are_constant(client, meeting, clerk, officer, other_officer, count, django_assert_num_queries):
    for number in range(count):
        title = f"Report {number}"
        factories.make_officer_report(meeting, clerk, author=officer, director=other_officer, title=title)
    client.force_login(clerk)
    for address, queries in (("/", 10), (reverse("clerk:board"), 7)):
        with django_assert_num_queries(queries):
            assert len(client.get(address).context["officer_reports"]) == count


def reminded(day):
    Notification.objects.all().delete()
    queue_reminders(day, NOW)
    found = Notification.objects.filter(occasion__in=("reminder", "escalation")).order_by("pk")
    return [(one.occasion, one.recipient.name) for one in found.select_related("recipient")]


def test_reminders_and_escalation_until_it_is_signed(meeting, clerk, officer, other_officer):
    boss = person("Gill Hart", "gill@wealdshire.example")
    officer.director = boss
    officer.save()
    report = factories.make_officer_report(meeting, clerk, author=officer, director=other_officer)
    due, sign_off = report.text_due_on, report.sign_off_due_on
    week = timedelta(days=7)
    assert reminded(due - week - timedelta(days=1)) == []
    assert reminded(due - week) == [("reminder", officer.name)]
    assert reminded(due) == [("reminder", officer.name)]
    assert reminded(due + week) == [
        ("reminder", officer.name),
        ("escalation", boss.name),
        ("escalation", other_officer.name),
    ]
    report = factories.write_officer_report(report, officer, submit=True)
    assert reminded(sign_off) == [("reminder", other_officer.name)]
    factories.sign_officer_report(report)
    assert reminded(sign_off + week) == []
