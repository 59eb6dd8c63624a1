"""`manage.py publish_planned`, and the worker that does the same in each round."""

import os
import signal
from datetime import timedelta

import pytest
from django.core.management import call_command

from inquiries.actions import meetings, packs
from inquiries.management.commands import send_notices
from inquiries.models import AgendaPack, Notification, PackPlan
from tests.cast import NOW
from tests.factories import make_meeting
from tests.pack_building import build_quickly

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A function that sets the time."""

    def show(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    show(NOW)
    return show


@pytest.fixture
def meeting(committee, clerk, chair, monkeypatch, settings, tmp_path):
    """Its agenda is to be published tomorrow at this time."""
    settings.MEDIA_ROOT = tmp_path
    build_quickly(monkeypatch)
    meeting = make_meeting(committee)
    meetings.add_item(meeting, title="Apologies for absence", by=clerk, now=NOW)
    packs.plan_publication(meeting, 0, publish_on=NOW + DAY, by=clerk, now=NOW)
    return meeting


def test_it_publishes_what_is_due_once(meeting, clerk, chair, clock, capsys):
    call_command("publish_planned")
    assert not AgendaPack.objects.published().exists()
    clock(NOW + DAY)
    call_command("publish_planned")
    call_command("publish_planned")
    pack = AgendaPack.objects.public().get()
    assert (pack.published_at, pack.published_by) == (NOW + DAY, clerk)
    assert capsys.readouterr().out.splitlines() == [
        "0 agenda packs published.",
        "1 agenda pack published.",
        "0 agenda packs published.",
    ]
    assert [n.recipient for n in Notification.objects.filter(occasion="agenda_published")] == [chair]


def test_what_was_changed_since_is_not_published_and_the_clerks_are_told(meeting, clerk, clock, capsys):
    meetings.add_item(meeting, title="Work programme", by=clerk, now=NOW)
    clock(NOW + DAY)
    call_command("publish_planned")
    captured = capsys.readouterr()
    assert captured.out == "0 agenda packs published.\n"
    assert captured.err == "1 agenda pack could not be published as planned. The clerks are told why.\n"
    assert not AgendaPack.objects.published().exists()
    assert "Something on the agenda has just been changed" in PackPlan.objects.get().refusal
    assert [n.recipient for n in Notification.objects.filter(occasion="pack_not_published")] == [clerk]


@pytest.mark.django_db(transaction=True)
def test_the_loop_publishes_and_sends_in_one_round(meeting, clock, monkeypatch, mailoutbox, capsys):
    send_waiting = send_notices.send_waiting

    def last_round(now, stop):
        sent = send_waiting(now, stop=stop)
        os.kill(os.getpid(), signal.SIGTERM)
        return sent

    monkeypatch.setattr(send_notices, "send_waiting", last_round)
    clock(NOW + DAY)
    call_command("send_notices", "--loop")
    assert capsys.readouterr().out.splitlines() == [
        "Sending notifications until told to stop.",
        "1 agenda pack published.",
        "1 notification sent.",
        "Stopped.",
    ]
    assert [mail.subject for mail in mailoutbox] == ["Agenda published: Communities Select Committee, 15 December 2026"]
