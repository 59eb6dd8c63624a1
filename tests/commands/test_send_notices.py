"""`manage.py send_notices`, once and in a loop, alone and beside others of its kind."""

import os
import signal
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from inquiries.management.commands import send_notices
from inquiries.models import Notification
from scrutiny.logging import LineFormatter
from tests import factories
from tests.cast import NOW
from tests.commands import sender


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The command runs on the morning of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def report(committee, clerk, officer, other_officer, cabinet_member):
    """Its updates are due on 16 November; two notifications wait, which ask for them."""
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    return factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))


def notifications(recipient, count):
    for number in range(count):
        Notification.objects.create(
            recipient=recipient,
            occasion="test",
            key=f"test:{number}",
            subject=f"Notification {number:03}",
            body="Body\n",
            queued_on=NOW,
        )


def test_it_stores_the_reminders_of_the_day_and_sends_what_waits(report, mailoutbox, capsys):
    call_command("send_notices")
    # 23 November: a week after the deadline, in the first week of being late.
    assert sorted((mail.to[0], mail.subject.partition(" on ")[0]) for mail in mailoutbox) == [
        ("sian@wealdshire.example", "Late: progress update"),
        ("sian@wealdshire.example", "Progress update wanted"),
        ("tom@wealdshire.example", "Late: progress update"),
        ("tom@wealdshire.example", "Progress update wanted"),
    ]
    assert capsys.readouterr().out == "4 notifications sent.\n"


def test_the_same_day_twice_sends_once(report, mailoutbox, capsys):
    call_command("send_notices")
    call_command("send_notices")
    assert len(mailoutbox) == 4
    assert capsys.readouterr().out == "4 notifications sent.\n0 notifications sent.\n"


def test_on_a_day_reminds_as_of_that_day(report, mailoutbox):
    call_command("send_notices", "--on", "2026-11-15")
    assert sorted(mail.subject for mail in mailoutbox if mail.subject.startswith("Reminder")) == [
        "Reminder: progress update on recommendation 2, due 16 November",
        "Reminder: progress update on recommendations 1a and 1b, due 16 November",
    ]


def test_dry_run_says_who_would_get_what_and_does_nothing(report, mailoutbox, capsys):
    before = list(Notification.objects.values())
    call_command("send_notices", "--dry-run", "--on", "2026-11-09")
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "4 notifications would be sent.",
        "Siân Llŷr-Ôwain <sian@wealdshire.example>: "
        "Progress update wanted on recommendations 1a and 1b: Warm Homes Inquiry",
        "Siân Llŷr-Ôwain <sian@wealdshire.example>: "
        "Reminder: progress update on recommendations 1a and 1b, due 16 November",
        "Tom Okafor <tom@wealdshire.example>: Progress update wanted on recommendation 2: Warm Homes Inquiry",
        "Tom Okafor <tom@wealdshire.example>: Reminder: progress update on recommendation 2, due 16 November",
    ]
    assert mailoutbox == []
    assert list(Notification.objects.values()) == before


def test_failures_are_said_in_a_plain_sentence(officer, settings, capsys):
    settings.EMAIL_BACKEND = "tests.test_notifications.Broken"
    notifications(officer, 2)
    Notification.objects.filter(subject="Notification 001").update(failures=12)
    call_command("send_notices")
    captured = capsys.readouterr()
    assert captured.out == "0 notifications sent.\n"
    assert captured.err == (
        "1 notification could not be sent and will be tried again. Does the mail server answer?\n"
        "1 notification failed too often and will not be tried again.\n"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--loop", "--dry-run"], "--loop sends what is due now"),
        (["--loop", "--on", "2026-11-16"], "--loop sends what is due now"),
        (["--on", "16/11/2026"], "write a day such as 2026-11-16"),
        (["--on", "2026-11-31"], "write a day such as 2026-11-16"),
        (["--seconds", "0"], "write a whole number of seconds"),
        (["--seconds", "soon"], "write a whole number of seconds"),
    ],
)
def test_options_that_make_no_sense_are_refused(db, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("send_notices", *options)


# --- The loop ----------------------------------------------------------------------------------------


# The loop gives its connection back between two rounds, so it cannot run inside a test's transaction.
in_the_open = pytest.mark.django_db(transaction=True)


def stop_this_process():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def rounds(monkeypatch):
    """A function that says what each round of the loop does, in place of sending; the last one asks to stop."""

    def set_rounds(*deeds):
        waiting, done = list(deeds), []

        def one_round(now, stop):
            deed = waiting.pop(0)
            done.append(now)
            if not waiting:
                stop_this_process()
            if isinstance(deed, Exception):
                raise deed
            return deed

        monkeypatch.setattr(send_notices, "send_waiting", one_round)
        # Between two rounds nobody waits; that it waits is shown by the process that is stopped.
        monkeypatch.setattr(send_notices.select, "select", no_waiting(send_notices.select.select))
        return done

    return set_rounds


def no_waiting(select):
    return lambda reading, writing, failing, within: select(reading, writing, failing, 0)


@in_the_open
def test_the_loop_survives_a_database_that_does_not_answer(rounds, capsys):
    done = rounds((1, 0), OperationalError("server closed the connection"), (2, 0), (0, 0))
    call_command("send_notices", "--loop", "--seconds", "5")
    captured = capsys.readouterr()
    assert len(done) == 4
    assert captured.out.splitlines() == [
        "Sending notifications until told to stop.",
        "1 notification sent.",
        "2 notifications sent.",
        "Stopped.",
    ]
    assert captured.err == (
        "The database does not answer as it should (OperationalError). Trying again in 5 seconds.\n"
    )


@in_the_open
def test_a_worker_that_breaks_says_where_and_not_what_was_written(rounds, caplog, capfd):
    rounds((1, 0), RuntimeError("We have written to every household."))
    with pytest.raises(SystemExit) as ended:
        call_command("send_notices", "--loop")
    assert ended.value.code == 1
    lines = [LineFormatter().format(record) for record in caplog.records]
    assert [line.splitlines()[1].strip() for line in lines] == ["RuntimeError"]
    assert "household" not in "".join(lines) + capfd.readouterr().err


@in_the_open
def test_the_loop_gives_the_signals_back(rounds):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    rounds((0, 0))
    call_command("send_notices", "--loop")
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@in_the_open
def test_the_loop_stops_between_two_mails(officer, mailoutbox, monkeypatch):
    notifications(officer, 3)
    claim = send_notices.send_waiting.__globals__["_claim"]

    def stopped_while_sending(pk, now):
        stop_this_process()
        return claim(pk, now)

    monkeypatch.setattr("inquiries.notifications._claim", stopped_while_sending)
    call_command("send_notices", "--loop")
    assert [mail.subject for mail in mailoutbox] == ["Notification 000"]


@pytest.mark.parametrize(
    ("hours", "reminders"),
    [([6, 6], 0), ([6, 7, 8], 1), ([9, 10], 1), ([9, 9 + 24, 10 + 24], 2)],
    ids=["at night", "from seven", "once a day", "each day"],
)
@in_the_open
def test_the_loop_reminds_once_a_day_and_not_at_night(rounds, monkeypatch, hours, reminders):
    midnight = NOW - timedelta(hours=9, minutes=30)
    clock = iter([midnight + timedelta(hours=hour) for hour in hours])
    monkeypatch.setattr("django.utils.timezone.now", lambda: next(clock))
    days = []
    monkeypatch.setattr(send_notices, "queue_reminders", lambda today, now: days.append(today))
    rounds(*[(0, 0)] * len(hours))
    call_command("send_notices", "--loop")
    assert days == [date(2026, 11, 23), date(2026, 11, 24)][:reminders]


@in_the_open
def test_reminders_that_the_database_would_not_take_are_tried_again(rounds, monkeypatch, capsys):
    days, answers = [], [OperationalError("gone"), None]

    def queue(today, now):
        days.append(today)
        if error := answers.pop(0):
            raise error

    monkeypatch.setattr(send_notices, "queue_reminders", queue)
    done = rounds((0, 0))
    call_command("send_notices", "--loop")
    assert (len(days), len(done)) == (2, 1)


# --- Processes of their own --------------------------------------------------------------------------


@in_the_open
def test_several_processes_at_once_send_each_notice_once(officer, tmp_path):
    notifications(officer, 60)
    senders = [sender.start(tmp_path / str(number)) for number in range(3)]
    outputs = [process.communicate(timeout=120) for process in senders]
    assert [(process.returncode, error) for process, (_, error) in zip(senders, outputs, strict=True)] == [(0, "")] * 3
    assert sender.subjects(tmp_path) == [f"Notification {number:03}" for number in range(60)]
    assert sum(int(words.split()[0]) for words, _ in outputs) == 60
    assert Notification.objects.filter(sent_on=None).count() == 0


@in_the_open
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_in_a_loop_stops_cleanly(officer, tmp_path, number):
    notifications(officer, 1)
    process = sender.start(tmp_path, "--loop", "--seconds", "3600")
    try:
        assert process.stdout.readline() == "Sending notifications until told to stop.\n"
        assert process.stdout.readline() == "1 notification sent.\n"
        # It now waits for an hour.
        process.send_signal(number)
        words, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, words, error) == (0, "Stopped.\n", "")
    assert sender.subjects(tmp_path) == ["Notification 000"]
