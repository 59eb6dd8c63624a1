"""Reminding now, by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inquiries.actions import progress
from inquiries.actions.reminders import remind
from inquiries.choices import Stage
from inquiries.models import Entry, Notification
from inquiries.notifications import queue_reminders
from inquiries.permissions import Refused
from tests import factories

# Updates are due on 1 June, sign-off on 8 June.
LATE = datetime(2027, 6, 3, 10, tzinfo=UTC)


@pytest.fixture
def report(inquiry, clerk):
    return factories.make_report(inquiry, clerk)


def key_of(report, person):
    return f"update:{report.updates.get(response__lead_officer=person).pk}"


def test_everybody_who_is_late_is_reminded_once_a_day(report, clerk, officer, other_officer, contributor):
    update = report.updates.for_page().get(response__lead_officer=officer)
    progress.save_update(update, version=0, text="A.", contributors=[contributor], by=officer, now=LATE)
    other_officer.email = None
    other_officer.save()
    reminded = remind(report, by=clerk, now=LATE)
    assert str(reminded) == (
        "E-mails on their way: Siân Llŷr-Ôwain, Priya Nair. Cannot be reached by e-mail: Tom Okafor."
    )
    mails = Notification.objects.filter(occasion="reminder")
    assert {mail.recipient for mail in mails} == {officer, contributor}
    assert {mail.reply_to for mail in mails} == {clerk}
    assert mails[0].subject == "Late: progress update on recommendations 1a and 1b, due 1 June"
    again = remind(report, by=clerk, now=LATE + timedelta(hours=1))
    assert str(again) == (
        "Nobody was reminded. Had an e-mail about it today: Siân Llŷr-Ôwain, Priya Nair. "
        "Cannot be reached by e-mail: Tom Okafor."
    )
    entry = Entry.objects.get(verb="remind")
    assert (entry.by_name, entry.note) == ("Carys Whitlock", str(reminded))
    # The worker's own of the same day is not sent, either.
    queue_reminders(LATE.date(), LATE + timedelta(hours=2))
    assert Notification.objects.filter(occasion="reminder").count() == 2


def test_one_row_is_reminded_of_before_it_is_late(report, clerk, officer, other_officer):
    early = datetime(2027, 5, 3, 10, tzinfo=UTC)
    with pytest.raises(Refused, match="nothing is late"):
        remind(report, by=clerk, now=early)
    assert remind(report, task=key_of(report, other_officer), by=clerk, now=early).sent == ["Tom Okafor"]
    mail = Notification.objects.get(occasion="reminder")
    assert (mail.recipient, mail.subject) == (
        other_officer,
        "Reminder: progress update on recommendation 2, due 1 June",
    )


def test_a_late_sign_off_is_reminded_of(report, clerk, cabinet_member):
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    assert remind(report, by=clerk, now=datetime(2027, 6, 10, 10, tzinfo=UTC)).sent == ["Councillor Ruth Adeyemi"]


def test_what_is_done_or_of_another_report_is_refused(report, inquiry, clerk, officer, committee, cabinet_member):
    other = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Buses")
    elsewhere = key_of(factories.make_report(other, clerk), officer)
    key = key_of(report, officer)
    update = report.updates.for_page().get(response__lead_officer=officer)
    progress.submit_update(update, version=0, text="Done.", by=officer, now=LATE)
    for task in (elsewhere, key, "update:x", "response:1", ""):
        with pytest.raises(Refused, match="nothing to remind of"):
            remind(report, task=task, by=clerk, now=LATE)
    assert not Notification.objects.filter(occasion="reminder").exists()


def test_only_clerks_remind(report, officer, cabinet_member):
    for person in (officer, cabinet_member):
        with pytest.raises(Refused):
            remind(report, by=person, now=LATE)


def test_a_row_that_nobody_leads_says_so(report, clerk):
    key = f"update:{report.updates.get(response__lead_officer=None).pk}"
    assert str(remind(report, task=key, by=clerk, now=LATE)) == (
        "Nobody was reminded. Cannot be reached by e-mail: nobody leads it."
    )


def test_two_reports_are_two_reminders(report, clerk, officer, committee, cabinet_member):
    other = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Buses")
    elsewhere = factories.make_report(other, clerk)
    assert remind(report, by=clerk, now=LATE).sent
    assert remind(elsewhere, by=clerk, now=LATE).sent
    days = Notification.objects.filter(occasion="reminder", recipient=officer).values_list("goes_out_on", flat=True)
    assert list(days) == [date(2027, 6, 3)] * 2


def test_who_has_a_new_address_is_reminded_once_more(report, clerk, officer):
    key = key_of(report, officer)
    remind(report, task=key, by=clerk, now=LATE)
    assert remind(report, task=key, by=clerk, now=LATE + timedelta(minutes=1)).had_one_today == ["Siân Llŷr-Ôwain"]
    Notification.objects.filter(occasion="reminder").update(refused_on=LATE)
    assert remind(report, task=key, by=clerk, now=LATE + timedelta(minutes=2)).sent == ["Siân Llŷr-Ôwain"]
    assert Notification.objects.filter(occasion="reminder").count() == 2
    # The worker does not write to a refused address every day.
    Notification.objects.filter(occasion="reminder").update(refused_on=LATE)
    queue_reminders(LATE.date() + timedelta(days=1), LATE + timedelta(days=1))
    assert Notification.objects.filter(occasion="reminder", recipient=officer).count() == 2
