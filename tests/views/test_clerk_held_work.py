"""The page "After the restore"."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inquiries.actions import packs
from inquiries.actions.held_work import hold_waiting_work
from inquiries.models import Notification, PackPlan, Restoration
from tests import factories
from tests.cast import NOW, person

LATER = NOW + timedelta(hours=1)
PAGE = reverse("clerk:held_work")
HOME = reverse("public:home")


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture
def at_work(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def report(inquiry, clerk):
    return factories.make_report(inquiry, clerk)


def hold(people_to_erase=()):
    hold_waiting_work(backup_made_on=NOW, people_to_erase=list(people_to_erase), now=NOW)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_without_a_restore(at_work):
    assert "No backup has been restored here." in text_of(at_work.get(PAGE))
    assert "Decide what goes out" not in text_of(at_work.get(HOME))


@pytest.mark.usefixtures("work_is_held_and_codes_failed")
def test_lists_what_waits(at_work, committee, clerk, chair, report):
    meeting = factories.make_agenda(factories.make_meeting(committee), clerk)
    packs.plan_publication(meeting, 0, publish_on=NOW + timedelta(days=1), by=clerk, now=NOW)
    hold()
    page = text_of(at_work.get(PAGE))
    first = Notification.objects.held().first()
    assert first.subject.replace("'", "&#x27;") in page
    assert str(first.recipient) in page
    assert "24 November 2026" in page
    assert "This time is past" not in page
    assert "Start reminders again" not in page
    assert "Decide what goes out" in text_of(at_work.get(HOME))
    for name in ("clerk:pack", "clerk:publish_pack"):
        assert "a backup was restored" in text_of(at_work.get(reverse(name, args=[meeting.pk, 0])))
    assert "a backup was restored" in text_of(at_work.get(reverse("clerk:agenda", args=[meeting.pk])))
    held = text_of(at_work.get(reverse("clerk:manage", args=[report.inquiry.slug, report.months_on])))
    assert "since a backup was restored" in held


def test_lets_one_go_out_and_drops_the_others(at_work, report):
    hold()
    one, _ = Notification.objects.held().order_by("pk")
    response = at_work.post(PAGE, {"action": "release", "notifications": [one.pk]}, follow=True)
    assert "1 e-mail and 0 planned publications will go out." in text_of(response)
    response = at_work.post(PAGE, {"action": "drop", "all_notifications": "on"}, follow=True)
    assert "1 e-mail and 0 planned publications have been dropped." in text_of(response)
    assert not Notification.objects.held().exists()
    page = text_of(response)
    assert "let go out 1 e-mail that waited since the restore" in page
    response = at_work.post(PAGE, {"action": "close"}, follow=True)
    assert "People are reminded again" in text_of(response)
    assert Restoration.objects.get().closed_at == LATER
    assert "Decide what goes out" not in text_of(at_work.get(HOME))


def test_asks_for_a_choice(at_work, report):
    hold()
    assert "Choose at least one e-mail or publication" in text_of(at_work.post(PAGE, {"action": "drop"}))


def test_says_what_has_been_decided_already(at_work, report):
    hold()
    one = Notification.objects.held().first()
    Notification.objects.filter(pk=one.pk).update(is_held=False)
    page = text_of(at_work.post(PAGE, {"action": "release", "notifications": [one.pk]}))
    assert "Some of these have been decided already" in page


def test_names_whom_to_erase_again(at_work, report):
    gone = person("Ivy Marsh", "ivy@wealdshire.example")
    hold([gone.pk, 999_999])
    page = text_of(at_work.get(PAGE))
    assert f'<a class="govuk-link" href="{reverse("clerk:erase_person", args=[gone.pk])}">Erase Ivy Marsh</a>' in page


def test_queries_do_not_grow(at_work, report):
    hold()
    counts = []
    for number in range(3):
        Notification.objects.create(
            recipient=person(f"Person {number}", f"p{number}@wealdshire.example"),
            occasion="reminder",
            key=str(number),
            subject="Reminder",
            body="",
            queued_on=NOW,
            is_held=True,
        )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            at_work.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 12
    assert not PackPlan.objects.exists()
