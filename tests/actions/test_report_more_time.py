"""More time for an officer report."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import more_time, officer_reports
from inquiries.models import Entry, MoreTimeRequest, Notification
from inquiries.notifications import open_tasks
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

WANTED = date(2027, 1, 4)
pytestmark = pytest.mark.django_db


@pytest.fixture
def report(committee, clerk, officer, other_officer):
    meeting = factories.make_meeting(committee, date(2027, 1, 26))
    return factories.make_officer_report(meeting, clerk, author=officer, director=other_officer)


def ask(report, by, until=WANTED):
    return more_time.ask_for_more_time(report, wanted_until=until, reason="The figures come late.", by=by, now=NOW)


def test_asked_for_and_granted(report, officer, clerk):
    request = ask(report, officer)
    assert list(MoreTimeRequest.objects.waiting()) == [request]
    assert officer_reports.fetch(report).text_due_on == date(2026, 12, 23)
    request = more_time.grant_more_time(request, granted_until=WANTED, note="By noon.", by=clerk, now=NOW)
    report = officer_reports.fetch(report)
    assert (report.text_due_on, report.version) == (WANTED, 0)
    assert [(task.key, task.due) for task in open_tasks(WANTED)] == [(f"officer_report:{report.pk}", WANTED)]
    entries = Entry.objects.filter(verb__endswith="more_time").order_by("pk")
    assert [(entry.sentence, entry.note, entry.changes) for entry in entries] == [
        (
            "asked for more time for the officer report “Contact centre”",
            "The figures come late.",
            {"wanted_until": [None, "2027-01-04"]},
        ),
        (
            "granted more time for the officer report “Contact centre”, until 4 January 2027",
            "By noon.",
            {"text_due": [None, "2027-01-04"]},
        ),
    ]
    asked, granted = Notification.objects.filter(occasion__startswith="more_time").order_by("pk")
    assert (asked.recipient, asked.subject) == (clerk, "More time asked for: the report “Contact centre”")
    assert "The figures come late." in asked.body and request.get_absolute_url() in asked.body
    assert (granted.recipient, granted.reply_to) == (officer, clerk)
    assert "for the report “Contact centre”. Please submit it by Monday 4 January 2027.\n\nBy noon." in granted.body


def test_refused_its_date_stays(report, officer, clerk):
    request = ask(report, officer)
    with pytest.raises(ValidationError, match="a clerk has not decided yet"):
        ask(report, officer)
    more_time.refuse_more_time(request, note="The meeting is near.", by=clerk, now=NOW)
    assert officer_reports.fetch(report).text_due_on == date(2026, 12, 23)
    assert "could not grant more time" in Notification.objects.get(occasion="more_time_decided").body


def test_a_date_after_sign_off_does_not_work(report, officer):
    with pytest.raises(ValidationError) as refused:
        ask(report, officer, until=date(2027, 1, 12))
    assert refused.value.message_dict == {
        "wanted_until": [
            "12 January 2027 does not work. Choose a date from 24 December 2026 to 11 January 2027.",
        ]
    }


def test_who_asks_and_decides(report, officer, other_officer, contributor, clerk):
    with pytest.raises(Refused, match="Only its author, the contributors they name, or a clerk"):
        ask(report, other_officer)
    report = factories.write_officer_report(report, officer, contributors=[contributor])
    request = ask(report, contributor)
    with pytest.raises(Refused, match="Only a clerk"):
        more_time.grant_more_time(request, granted_until=WANTED, by=officer, now=NOW)
    officer_reports.submit(report, version=report.version, by=officer, now=NOW)
    assert not MoreTimeRequest.objects.waiting()
    with pytest.raises(Refused, match="has been submitted"):
        more_time.grant_more_time(request, granted_until=WANTED, by=clerk, now=NOW)


def test_the_mails_of_an_exempt_report_say_nothing_of_it(report, officer, clerk):
    officer_reports.change(report, title="Quorvane tender", exempt_paragraph=3, by=clerk, now=NOW)
    request = more_time.ask_for_more_time(report, wanted_until=WANTED, reason="Quorvane is late.", by=officer, now=NOW)
    more_time.refuse_more_time(request, note="Quorvane is not.", by=clerk, now=NOW)
    mails = Notification.objects.filter(occasion__startswith="more_time").order_by("pk")
    assert ["Quorvane" in mail.subject + mail.body for mail in mails] == [False, False]
    assert mails[0].subject == "More time asked for: an exempt report"
