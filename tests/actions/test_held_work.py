"""After a restore nothing old is sent or published until a clerk says so, and what is new goes out."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from inquiries import jobs, notifications
from inquiries.actions import orphan_files, packs
from inquiries.actions.held_work import close_restorations, drop_held, hold_waiting_work, release_held
from inquiries.actions.people import choose_news_emails
from inquiries.models import AgendaPack, Entry, Notification, PackPlan, ReportImport, Restoration
from inquiries.notifications import notify, queue_digests, queue_reminders
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW
from tests.sending import send_all

LATER = NOW + timedelta(hours=1)
TOMORROW = NOW + timedelta(days=1)
ALL = {"notifications": Notification.objects.all(), "plans": PackPlan.objects.all()}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def report(inquiry, committee, clerk):
    """A report whose officers have still to be told of it."""
    return factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))


def hold(**values):
    return hold_waiting_work(backup_made_on=NOW - timedelta(days=1), people_to_erase=[], now=NOW, **values)


def subjects(mailoutbox):
    return [mail.subject for mail in mailoutbox]


def test_sends_nothing_old_until_it_is_released(report, clerk, mailoutbox):
    waiting = Notification.objects.waiting().count()
    assert waiting
    hold()
    assert send_all(LATER) == (0, 0)
    assert mailoutbox == []
    one = Notification.objects.held().order_by("pk").first()
    chosen = {"notifications": Notification.objects.filter(pk=one.pk), "plans": PackPlan.objects.none()}
    assert release_held(**chosen, by=clerk, now=LATER) == (1, 0)
    send_all(LATER)
    assert subjects(mailoutbox) == [one.subject]
    assert Notification.objects.held().count() == waiting - 1
    entry = Entry.objects.get(verb="release_held")
    assert str(entry) == f"{clerk} let go out 1 e-mail that waited since the restore"


def test_sends_what_is_new(report, clerk, officer, mailoutbox):
    hold()
    notify([officer], "sessions_ended", "new", now=LATER, by=clerk)
    send_all(LATER)
    assert [mail.to for mail in mailoutbox] == [[officer.email]]


def test_never_sends_what_was_dropped(report, clerk, officer, mailoutbox):
    held = list(Notification.objects.waiting())
    hold()
    assert drop_held(**ALL, by=clerk, now=LATER) == (len(held), 0)
    send_all(LATER)
    # The same again is known, and not stored a second time.
    one = held[0]
    notify([one.recipient], one.occasion, one.key.split(":", 1)[1].rsplit(":", 1)[0], now=LATER, report=report)
    send_all(LATER)
    assert mailoutbox == []
    assert not Notification.objects.held().exists()
    assert release_held(**ALL, by=clerk, now=LATER) == (0, 0)
    assert [entry.sentence for entry in Entry.objects.filter(verb="drop_held")] == [
        f"dropped {len(held)} e-mails that waited since the restore"
    ]


def test_holds_what_is_sent_once_a_day(report, clerk, member, mailoutbox):
    choose_news_emails(member, "daily", now=NOW)
    member.refresh_from_db()
    Notification.objects.all().delete()
    notify([member], "assessments_confirmed", f"{report.pk}:1", now=NOW, report=report)
    hold()
    notify([member], "assessments_confirmed", f"{report.pk}:2", now=LATER, report=report)
    assert queue_digests(TOMORROW) == 1
    send_all(TOMORROW)
    assert [mail.body.count("- The committee's assessment") for mail in mailoutbox] == [1]
    assert release_held(**ALL, by=clerk, now=TOMORROW) == (1, 0)
    assert queue_digests(TOMORROW + timedelta(days=1)) == 1


def test_holds_a_digest_with_what_is_in_it(report, clerk, member, mailoutbox):
    choose_news_emails(member, "daily", now=NOW)
    member.refresh_from_db()
    Notification.objects.all().delete()
    notify([member], "assessments_confirmed", f"{report.pk}:1", now=NOW, report=report)
    queue_digests(NOW)
    hold()
    assert Notification.objects.held().count() == 1
    release_held(**ALL, by=clerk, now=LATER)
    send_all(LATER)
    assert len(mailoutbox) == 1
    assert not Notification.objects.filter(sent_on=None).exists()


def test_reminds_nobody_until_a_clerk_says_so(report, clerk):
    day = report.updates_due_on
    later = NOW + (day - timezone.localdate(NOW))
    Notification.objects.all().delete()
    hold()
    assert queue_reminders(day, later) == 0
    close_restorations(by=clerk, now=later)
    # One e-mail to each, however much has become due.
    assert queue_reminders(day, later) > 0
    mails = list(Notification.objects.filter(occasion="reminder").values_list("recipient", flat=True))
    assert sorted(mails) == sorted(set(mails))
    assert Entry.objects.get(verb="close_restoration").by_id == clerk.pk


def test_reminders_wait_for_the_decisions(report, clerk):
    hold()
    with pytest.raises(Refused, match="Decide first"):
        close_restorations(by=clerk, now=LATER)
    drop_held(**ALL, by=clerk, now=LATER)
    close_restorations(by=clerk, now=LATER)
    assert not Restoration.objects.open().exists()


@pytest.fixture
def planned(committee, clerk, chair, member):
    meeting = factories.make_agenda(factories.make_meeting(committee), clerk)
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    return meeting


def test_publishes_nothing_old_until_it_is_released(planned, clerk):
    hold()
    assert packs.publish_planned(TOMORROW) == (0, 0)
    assert not AgendaPack.objects.published().exists()
    assert release_held(**ALL, by=clerk, now=TOMORROW)[1] == 1
    assert packs.publish_planned(TOMORROW) == (1, 0)
    assert AgendaPack.objects.published().exists()
    assert not PackPlan.objects.filter(is_held=True).exists()


def test_takes_a_dropped_publication_back(planned, clerk):
    hold()
    assert drop_held(**ALL, by=clerk, now=TOMORROW)[1] == 1
    assert packs.publish_planned(TOMORROW) == (0, 0)
    assert PackPlan.objects.get().publish_on is None
    assert Entry.objects.filter(verb="unplan_publication", by_id=clerk.pk).exists()
    assert Entry.objects.get(verb="drop_held").note.startswith("Agenda, ")


def test_a_new_plan_is_not_held(planned, clerk):
    hold()
    packs.plan_publication(planned, 0, publish_on=TOMORROW, by=clerk, now=LATER)
    assert packs.publish_planned(TOMORROW) == (1, 0)


def test_an_import_that_was_begun_is_confirmed_again(clerk):
    kept = ReportImport.objects.create(
        file_name="a.docx", draft={}, uploaded_at=NOW, uploaded_by=clerk, started_at=NOW, started_by=clerk
    )
    hold()
    kept.refresh_from_db()
    assert (kept.started_at, kept.started_by) == (None, None)
    assert kept.failure.startswith("A backup was restored before this was recorded.")


def test_deletes_no_files_until_a_clerk_says_so(clerk, monkeypatch):
    """What was uploaded after the backup is named by no record."""
    name = default_storage.save("evidence-files/later.pdf", ContentFile(b"later"))
    monkeypatch.setattr(orphan_files, "find_orphans", lambda *, now: [(default_storage, name)])
    hold()
    assert orphan_files.delete_orphans(now=LATER) == []
    assert default_storage.exists(name)
    close_restorations(by=clerk, now=LATER)
    assert len(orphan_files.delete_orphans(now=LATER)) == 1
    assert not default_storage.exists(name)


def test_only_clerks_decide(report, officer):
    hold()
    for action in (release_held, drop_held):
        with pytest.raises(Refused):
            action(**ALL, by=officer, now=LATER)


def test_the_restore_is_in_the_history(report):
    hold()
    entry = Entry.objects.get(verb="restore_backup")
    assert str(entry) == "Scrutiny restored the records from the backup of 22 November 2026, 09:30"


def test_every_job_is_held_or_worked_out_anew():
    """Jobs are not in a backup: a new one needs an answer to what becomes of it."""
    periodic = {task.task.name for task in jobs.app.periodic_registry.periodic_tasks.values()}
    ours = {name for name in jobs.app.tasks if not name.startswith(("builtin:", "procrastinate."))}
    assert ours - periodic == {notifications.SEND, "confirm_import", "record_tracker"}
