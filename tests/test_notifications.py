"""Which message to whom, and that it goes out once."""

import re
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from inquiries import notifications
from inquiries.actions import history, progress
from inquiries.choices import Stage
from inquiries.models import Notification, ProgressReport
from inquiries.notifications import notify, queue_reminders
from tests import factories
from tests.cast import NOW
from tests.sending import send_all

pytestmark = pytest.mark.usefixtures("quick_files")

LATER = NOW + timedelta(hours=1)
DUE = date(2026, 11, 16)


@pytest.fixture
def report(inquiry, clerk, committee):
    """Its updates are due on 16 November."""
    return factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))


@pytest.fixture
def update(report):
    return report.updates.for_page().first()


def told(occasion):
    return sorted(Notification.objects.filter(occasion=occasion).values_list("recipient__name", flat=True))


def notification(recipient, number=1, **fields):
    values = {"subject": f"Subject {number}", "body": "Body\n", "queued_on": NOW + timedelta(seconds=number)}
    values["goes_out_on"] = NOW.date()
    return Notification.objects.create(recipient=recipient, occasion="test", key=f"test:{number}", **values | fields)


# --- tell --------------------------------------------------------------------------------------------


def test_tell_stores_one_notice_for_each_person_however_often(report, update, officer):
    Notification.objects.all().delete()
    for _ in range(2):
        notify([officer, officer], "update_wanted", "a key", now=NOW, updates=[update])
    assert told("update_wanted") == ["Siân Llŷr-Ôwain"]


def test_tell_passes_over_whoever_has_no_address_or_has_left(report, update, officer, contributor, stranger):
    officer.email = None
    officer.save()
    contributor.is_active = False
    contributor.save()
    Notification.objects.all().delete()
    notify([officer, contributor, stranger], "update_wanted", "a key", now=NOW, updates=[update])
    assert told("update_wanted") == ["Nobody Inparticular"]


def test_tell_keeps_a_line_break_in_a_title_out_of_the_headers(report, officer, mailoutbox):
    inquiry = report.inquiry
    inquiry.title = "Warm Homes\r\nBcc: everybody@wealdshire.example\n\nInquiry"
    inquiry.save()
    update = report.updates.for_page().first()
    Notification.objects.all().delete()
    notify([officer], "update_wanted", "a key", now=NOW, updates=[update])
    stored = Notification.objects.get()
    assert stored.subject == (
        "Progress update needed on recommendations 1a and 1b: Warm Homes Bcc: everybody@wealdshire.example Inquiry"
    )
    assert stored.body.startswith("Dear Siân Llŷr-Ôwain,\n\nThe Communities Select Committee has asked")
    assert send_all(LATER) == (1, 0)
    message = mailoutbox[0].message()
    assert (message["To"], message["Bcc"]) == ("sian@wealdshire.example", None)
    assert mailoutbox[0].recipients() == ["sian@wealdshire.example"]


def test_tell_takes_a_title_for_words_and_not_for_markup(report, officer):
    inquiry = report.inquiry
    inquiry.title = "<b>Warm</b> & {{ person.email }} {% now 'Y' %}"
    inquiry.save()
    update = report.updates.for_page().first()
    Notification.objects.all().delete()
    notify([officer], "update_wanted", "a key", now=NOW, updates=[update])
    stored = Notification.objects.get()
    assert "its inquiry “<b>Warm</b> & {{ person.email }} {% now 'Y' %}”." in stored.body


def test_tell_shortens_a_subject_that_is_too_long_and_keeps_the_number(report, officer):
    inquiry = report.inquiry
    inquiry.title = "Warm " * 60
    inquiry.save()
    update = report.updates.for_page().first()
    Notification.objects.all().delete()
    notify([officer], "update_wanted", "a key", now=NOW, updates=[update])
    subject = Notification.objects.get().subject
    assert len(subject) == 200
    assert subject.startswith("Progress update needed on recommendations 1a and 1b: Warm Warm")
    assert subject.endswith("…")


def test_a_notice_rolls_back_with_the_deed_that_caused_it(inquiry, clerk, monkeypatch):
    stored = []

    def fails(*args, **kwargs):
        stored.append(Notification.objects.count())
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(notifications, "defer_jobs", fails)
    with pytest.raises(RuntimeError):
        progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=NOW)
    assert stored == [2]
    assert (Notification.objects.count(), ProgressReport.objects.count()) == (0, 0)


def test_no_notice_without_its_history(report, update, cabinet_member, clerk, monkeypatch):
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    before = Notification.objects.count()

    def fails(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(history, "write", fails)
    with pytest.raises(RuntimeError):
        progress.return_update(update, note="Give the figure.", by=cabinet_member, now=LATER)
    assert Notification.objects.count() == before


# --- queue_reminders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "occasion"),
    [
        (8, None),
        (7, "reminder"),
        # Nothing ran on the day, or it was asked for since.
        (6, "reminder"),
        (2, "reminder"),
        (1, "reminder"),
        (0, "reminder"),
        (-1, "reminder"),
        (-40, "reminder"),
    ],
)
def test_reminders_go_out_seven_days_and_one_day_before_on_the_day_and_when_late(report, days, occasion):
    count = queue_reminders(DUE - timedelta(days=days), NOW)
    reminders = Notification.objects.exclude(occasion__in=["update_wanted", "escalation"])
    assert sorted(reminders.values_list("occasion", "recipient__name")) == (
        [(occasion, "Siân Llŷr-Ôwain"), (occasion, "Tom Okafor")] if occasion else []
    )
    # Recommendation 10 has no lead officer: nobody to notify.
    # Of the late ones of forty days ago the Cabinet Member is told, too.
    assert count == (3 if days == -40 else 2 if occasion else 0)


def test_reminders_of_a_late_update_come_once_a_week(report, update, officer):
    days = []
    for number in range(1, 23):
        before = Notification.objects.filter(occasion="reminder", recipient=officer).count()
        queue_reminders(DUE + timedelta(days=number), NOW)
        if Notification.objects.filter(occasion="reminder", recipient=officer).count() > before:
            days.append(number)
    assert days == [1, 8, 15, 22]


def test_a_reminder_of_the_week_is_made_up_for_when_nothing_ran_on_its_day(report, officer):
    queue_reminders(DUE + timedelta(days=1), NOW)
    queue_reminders(DUE + timedelta(days=10), NOW)
    queue_reminders(DUE + timedelta(days=11), NOW)
    assert Notification.objects.filter(occasion="reminder", recipient=officer).count() == 2


def test_the_same_day_twice_reminds_once(report):
    for _ in range(3):
        queue_reminders(DUE, LATER)
    assert told("reminder") == ["Siân Llŷr-Ôwain", "Tom Okafor"]


def test_contributors_are_reminded_too_and_nobody_of_a_submitted_update(report, update, officer, contributor):
    saved = progress.save_update(update, version=0, text="Words.", contributors=[contributor], by=officer, now=NOW)
    queue_reminders(DUE - timedelta(days=7), NOW)
    assert told("reminder") == ["Priya Nair", "Siân Llŷr-Ôwain", "Tom Okafor"]
    progress.submit_update(saved, version=1, by=officer, now=NOW)
    queue_reminders(DUE, NOW)
    assert Notification.objects.filter(occasion="reminder", recipient=contributor).count() == 1


def test_reminders_pass_over_whoever_has_left(report, officer):
    officer.is_active = False
    officer.save()
    queue_reminders(DUE, NOW)
    assert told("reminder") == ["Tom Okafor"]


def test_no_reminder_without_a_deadline_or_once_collection_is_closed(inquiry, report, clerk):
    progress.close_updates(report, by=clerk, now=NOW)
    factories.make_report(inquiry, clerk, months_on=12)
    assert queue_reminders(DUE, LATER) == 0


def test_a_new_deadline_has_reminders_of_its_own(report, clerk, officer):
    queue_reminders(DUE + timedelta(days=1), NOW)
    progress.reschedule(
        report,
        meeting=report.meeting,
        update_date=report.update_date,
        updates_due_on=DUE + timedelta(days=2),
        sign_off_due_on=report.sign_off_due_on,
        by=clerk,
        now=NOW - timedelta(days=14),
    )
    queue_reminders(DUE + timedelta(days=3), NOW)
    assert Notification.objects.filter(occasion="reminder", recipient=officer).count() == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_reminders_ask_the_same_number_of_questions_about_the_updates(report, rows, django_assert_num_queries):
    kept = [u.pk for u in report.updates.for_page()][:rows]
    report.updates.exclude(pk__in=kept).delete()
    # Nobody to tell: what remains is the reading of the updates.
    report.inquiry.responses.update(lead_officer=None)
    with django_assert_num_queries(13):
        assert queue_reminders(DUE, NOW) == 0


def test_one_reminder_of_everything_that_a_person_has_to_do(report, committee, clerk, officer):
    other = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=officer, title="Bus services")
    factories.make_report(other, clerk, meeting=report.meeting)
    queue_reminders(DUE, NOW)
    reminder = Notification.objects.get(occasion="reminder", recipient=officer)
    assert reminder.subject == "Reminder: progress update on recommendations 1a and 1b and 1 more"
    for title in ("Warm Homes Inquiry", "Bus services"):
        line = f"- progress update on recommendations 1a and 1b, inquiry “{title}”: is due on Monday 16 November 2026\n"
        assert line in reminder.body
    # Only what is new: the other one has had its reminder of the day.
    third = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=officer, title="Libraries")
    factories.make_report(third, clerk, meeting=report.meeting)
    queue_reminders(DUE, LATER)
    latest = Notification.objects.filter(occasion="reminder", recipient=officer).latest("pk")
    assert latest.body.count("- progress update") == 1 and "“Libraries”" in latest.body


def test_a_commission_less_than_seven_days_before_the_deadline_still_reminds(inquiry, clerk, officer):
    dates = {"updates_due_on": date(2026, 11, 27), "sign_off_due_on": date(2026, 12, 4)}
    progress.commission(inquiry, months_on=6, **dates, by=clerk, now=NOW)
    reminded = []
    for day in range(24, 29):
        before = Notification.objects.filter(occasion="reminder", recipient=officer).count()
        queue_reminders(date(2026, 11, day), NOW)
        if Notification.objects.filter(occasion="reminder", recipient=officer).count() > before:
            reminded.append(day)
    # They have just been asked: that was the reminder of seven days before.
    assert reminded == [26, 27, 28]


def test_a_sign_off_is_reminded_of_as_an_update_is(report, clerk, cabinet_member):
    sign_off_due = date(2026, 11, 30)
    assert queue_reminders(sign_off_due - timedelta(days=30), NOW) == 0
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    # Asked on the day of the first reminder.
    assert queue_reminders(sign_off_due - timedelta(days=7), NOW) == 0
    assert queue_reminders(sign_off_due - timedelta(days=1), NOW) == 1
    reminder = Notification.objects.get(occasion="reminder")
    assert (reminder.recipient, reminder.subject) == (
        cabinet_member,
        "Reminder: sign-off of the interim report (6 months on), due 30 November",
    )
    queue_reminders(sign_off_due + timedelta(days=1), NOW)
    late = Notification.objects.filter(occasion="reminder").latest("pk")
    assert late.subject.startswith("Late: sign-off") and "was due on Monday 30 November 2026" in late.body
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=NOW)
    assert queue_reminders(sign_off_due + timedelta(days=8), NOW) == 0


def test_clerks_are_reminded_of_a_response_that_cabinet_owes(inquiry, clerk):
    inquiry.received_on = date(2026, 9, 24)
    inquiry.save()
    # All recommendations but the withdrawn one have a response.
    assert queue_reminders(date(2026, 11, 23), NOW) == 0
    inquiry.recommendations.filter(reference="10").update(response=None)
    assert queue_reminders(date(2026, 11, 15), NOW) == 0
    assert queue_reminders(date(2026, 11, 16), NOW) == 1
    reminder = Notification.objects.get(occasion="reminder")
    assert reminder.recipient == clerk
    assert "- the response of Cabinet, inquiry “Warm Homes Inquiry”: is due on Monday 23 November 2026" in reminder.body


def test_a_letter_states_the_date_as_it_is_when_it_is_sent(report, clerk, officer, mailoutbox):
    ProgressReport.objects.update(updates_due_on=date(2026, 12, 2))
    send_all(LATER)
    letter = next(mail for mail in mailoutbox if mail.to == [officer.email])
    assert "by Wednesday 2 December 2026" in letter.body and "16 November" not in letter.body
    assert Notification.objects.get(recipient=officer).body == re.sub(r"\?mail=\S+", "", letter.body)


def test_a_reminder_that_no_longer_holds_is_not_sent(report, officer, other_officer, clerk, mailoutbox):
    Notification.objects.all().delete()
    queue_reminders(DUE, NOW)
    update = report.updates.for_page().get(response__lead_officer=officer)
    progress.submit_update(update, version=0, text="Done.", by=officer, now=NOW)
    send_all(LATER)
    assert [mail.to for mail in mailoutbox] == [[other_officer.email]]
    # Sent a week later than it was stored.
    assert "was due on Monday 16 November 2026" in mailoutbox[0].body
    assert told("reminder") == ["Tom Okafor"]


def test_several_updates_reopened_are_one_letter_to_a_person(committee, clerk, officer, cabinet_member):
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=officer, cabinet_member=cabinet_member
    )
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    everything = list(report.updates.for_page())
    progress.reopen(report, to=Stage.COMMISSIONED, reason="Typos.", updates=everything, by=clerk, now=LATER)
    letter = Notification.objects.get(occasion="update_reopened", recipient=officer)
    assert letter.subject == "Reopened: progress updates on recommendations 1a and 1b and 1 more"
    # Recommendation 10 has no lead officer: the clerk has to find a person.
    assert Notification.objects.get(occasion="update_reopened", recipient=clerk).subject == (
        "Reopened: progress update on recommendation 10"
    )


def test_a_commission_writes_one_letter_to_a_person(committee, clerk, officer, cabinet_member):
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=officer, cabinet_member=cabinet_member
    )
    factories.make_report(inquiry, clerk)
    letter = Notification.objects.get()
    assert letter.subject == "Progress updates needed on recommendations 1a and 1b and 1 more: Warm Homes Inquiry"
    assert "about recommendations 1a, 1b and 2 of its inquiry" in letter.body


# --- send --------------------------------------------------------------------------------------------


class Broken(EmailBackend):
    """A mail server as it is on a bad day."""

    error = ConnectionRefusedError("nobody there")

    def send_messages(self, messages):
        raise self.error


def test_sends_each_once(officer, clerk, mailoutbox):
    notification(clerk, 1)
    notification(officer, 2)
    assert send_all(LATER) == (2, 0)
    for stored in Notification.objects.all():
        notifications.send(stored.pk, now=LATER)
    assert [(mail.subject, mail.to, mail.body) for mail in mailoutbox] == [
        ("Subject 1", ["carys@wealdshire.example"], "Body\n"),
        ("Subject 2", ["sian@wealdshire.example"], "Body\n"),
    ]
    assert mailoutbox[0].extra_headers["Auto-Submitted"] == "auto-generated"
    assert set(Notification.objects.values_list("sent_on", "failures")) == {(LATER, 0)}


def test_the_message_id_belongs_to_the_notification(officer, mailoutbox):
    notification(officer, 1)
    notification(officer, 2)
    send_all(LATER)
    # As after a worker that was killed between sending and noting it.
    Notification.objects.update(sent_on=None)
    send_all(LATER)
    first, second, *again = [mail.message()["Message-ID"] for mail in mailoutbox]
    assert again == [first, second]
    assert first != second
    assert re.fullmatch(r"<[0-9a-f]{32}@127\.0\.0\.1>", first)


def test_keeps_what_may_have_been_sent(officer, clerk, mailoutbox, monkeypatch):
    """A worker killed after the mail server took an e-mail leaves a row that says so, though it is not sent again."""
    notification(officer, 1)
    notification(officer, 2)
    stored = Notification.objects.get(subject="Subject 1")

    def killed(*arguments, **named):
        # What is noted before the mail server is asked has been committed.
        assert Notification.objects.get(pk=stored.pk).attempted_on == LATER
        raise SystemExit

    monkeypatch.setattr(notifications, "email_of", killed)
    with pytest.raises(SystemExit):
        notifications.send(stored.pk, now=LATER)
    Notification.objects.all().withdraw()
    assert list(Notification.objects.values_list("subject", "sent_on", "attempted_on")) == [("Subject 1", None, LATER)]
    stored.refresh_from_db()
    assert (stored.is_given_up, stored.may_have_been_sent) == (True, True)
    assert send_all(LATER) == (0, 0)


def test_passes_over_people_who_have_left_since(officer, clerk, mailoutbox):
    notification(officer, 1)
    notification(clerk, 2)
    officer.is_active = False
    officer.save()
    clerk.email = None
    clerk.save()
    assert send_all(LATER) == (0, 0)
    assert mailoutbox == []


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        SMTPServerDisconnected("gone"),
        SMTPRecipientsRefused({"sian@wealdshire.example": (450, b"4.2.1 later")}),
    ],
)
def test_a_failure_is_counted_and_raised(officer, error, settings, mailoutbox):
    settings.EMAIL_BACKEND = "tests.test_notifications.Broken"
    Broken.error = error
    stored = notification(officer)
    with pytest.raises(type(error)):
        notifications.send(stored.pk, now=LATER)
    stored.refresh_from_db()
    codes = " 450 4.2.1" if isinstance(error, SMTPRecipientsRefused) else ""
    assert (stored.failures, stored.last_failure, stored.sent_on) == (1, f"{type(error).__name__}{codes}", None)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    notifications.send(stored.pk, now=LATER)
    assert [mail.subject for mail in mailoutbox] == ["Subject 1"]


def test_an_address_that_is_none_is_a_failure(officer):
    type(officer).objects.filter(pk=officer.pk).update(email="two\nlines@wealdshire.example")
    stored = notification(officer)
    with pytest.raises(ValueError, match="newlines"):
        notifications.send(stored.pk, now=LATER)
    stored.refresh_from_db()
    assert stored.failures == 1


# --- the job -----------------------------------------------------------------------------------------


def waiting_jobs():
    return list(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", "args"))


def test_a_job_is_deferred_for_each_new_notification(report, update, officer, contributor):
    ProcrastinateJob.objects.all().delete()
    for people in ([officer], [officer, contributor]):
        notify(people, "update_wanted", "a key", now=NOW, updates=[update])
    stored = Notification.objects.filter(key__contains="a key").order_by("pk")
    assert waiting_jobs() == [("send_notification", {"notification": one.pk}) for one in stored]


def test_notifying_many_asks_as_many_queries_as_notifying_one(officer, contributor, clerk):
    for key, people in (("one", [officer]), ("three", [officer, contributor, clerk])):
        with CaptureQueriesContext(connection) as queries:
            notify(people, "sessions_ended", key, now=NOW, by=clerk)
        assert len(queries) == 4


def test_the_job_rolls_back_with_the_action(officer, clerk):
    with pytest.raises(RuntimeError), transaction.atomic():
        notify([officer], "sessions_ended", "a key", now=NOW, by=clerk)
        raise RuntimeError
    assert waiting_jobs() == []
