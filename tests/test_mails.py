"""The mails as their recipients read them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.urls import resolve

from inquiries import notifications
from inquiries.actions import (
    action_points,
    assessments,
    bulk_changes,
    handover,
    meetings,
    more_time,
    officer_reports,
    packs,
    people,
    progress,
    publication,
    responses,
    sessions,
)
from inquiries.choices import NEWS, Rating, Stage
from inquiries.models import Meeting, Membership, Notification, ProgressReport
from inquiries.notifications import queue_reminders
from tests import factories, replay
from tests.cast import NOW, person
from tests.pack_building import build_quickly

LETTERS = Path(__file__).parent / "data" / "mail"
LATER = NOW + timedelta(hours=1)
# At the meeting.
DECIDED = datetime(2026, 12, 15, 14, 30, tzinfo=UTC)
DUE = date(2026, 11, 16)
# Before the days on which people are reminded: who has had an e-mail about it since is not reminded.
EARLIER = NOW - timedelta(days=14)


def templates():
    """The occasions that have a mail."""
    return sorted(path.stem for path in (settings.BASE_DIR / "templates" / "mail").glob("*.txt"))


@pytest.fixture(autouse=True)
def quick_files(monkeypatch):
    """What the files of an edition hold is the business of test_publication."""
    with replay.state.patched("files of mails are quick"):
        monkeypatch.setattr(officer_reports, "make_paper", lambda *signed: factories.make_received())
        monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", lambda content: b"%PDF-")
        monkeypatch.setattr("inquiries.actions.publication.progress_report_docx", lambda content: b"PK")


@pytest.fixture
def report(inquiry, clerk, committee):
    """Its updates are due on 16 November."""
    return factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))


@pytest.fixture
def agenda(committee, clerk, monkeypatch):
    """A meeting with an agenda, whose packs are built quickly."""
    build_quickly(monkeypatch)
    # A number that stands in the letters: it must not depend on the tests before.
    Meeting.objects.filter(pk=factories.make_meeting(committee, date(2027, 1, 12)).pk).update(id=7001)
    meeting = Meeting.objects.get(pk=7001)
    meetings.add_item(meeting, title="Apologies for absence", by=clerk, now=NOW)
    return meeting


@pytest.fixture
def every_mail(committee, clerk, officer, other_officer, cabinet_member, member, stranger, settings, agenda):
    """One round that has caused every mail there is."""
    settings.SITE_ADDRESS = "https://scrutiny.example"
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    report = factories.make_report(
        inquiry, clerk, meeting=factories.make_meeting(committee), cabinet_members=[stranger]
    )
    update = report.updates.for_page().first()
    asked = {
        "wanted_until": date(2026, 11, 24),
        "reason": "The figures come on the 24th.",
        "by": officer,
        "now": EARLIER,
    }
    wanted = more_time.ask_for_more_time(update, **asked)
    more_time.refuse_more_time(wanted, note="The report is signed on the 24th.", by=clerk, now=EARLIER)
    queue_reminders(DUE, NOW)
    notifications.record_refused_address(other_officer, now=NOW)
    queue_reminders(DUE + timedelta(days=1), NOW)
    queue_reminders(DUE + timedelta(days=7), NOW)
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    # Who has all that is new in one e-mail a day.
    reader = person("Councillor Kit Marlow", "kit@wealdshire.example", news_emails="daily")
    Membership.objects.create(committee=committee, person=reader, from_date=date(2025, 5, 20))
    update = report.updates.for_page().first()
    progress.return_update(update, note="Please give the figure.", by=stranger, now=LATER)
    saved = progress.save_update(update, version=1, text="It was 4,200 calls.", by=officer, now=LATER)
    progress.submit_update(saved, version=2, by=officer, now=LATER)
    for sign_off in report.sign_offs.all():
        progress.sign_off(sign_off, by=sign_off.person, now=LATER + timedelta(minutes=1))
    progress.reopen(
        report,
        to=Stage.COMMISSIONED,
        reason="A figure was wrong.",
        updates=[update],
        by=clerk,
        now=LATER + timedelta(minutes=2),
    )
    update = report.updates.for_page().get(pk=update.pk)
    progress.submit_update(update, version=2, by=clerk, now=LATER + timedelta(minutes=3))
    report.refresh_from_db()
    for sign_off in report.sign_offs.all():
        progress.sign_off(sign_off, by=sign_off.person, now=LATER + timedelta(minutes=4))
    report.refresh_from_db()
    publication.publish(report, by=clerk, now=LATER + timedelta(minutes=5))
    update = report.updates.for_page().first()
    assessments.assess(update, rating=Rating.CONCERNS, comment="", seen=None, by=clerk, now=LATER)
    asked = {"text": "Publish the number on every bill.", "owner": officer, "due_on": date(2027, 2, 1)}
    action = action_points.set_action_point(update, **asked, by=clerk, now=DECIDED)
    factories.confirm_assessments(report, by=clerk, now=DECIDED)
    action_points.finish_action_point(action, note="It is on every bill.", by=officer, now=DECIDED)
    packs.plan_publication(agenda, 0, publish_on=LATER, by=clerk, now=NOW)
    meetings.add_item(agenda, title="Work programme", by=clerk, now=NOW)
    packs.publish_planned(LATER)
    packs.publish_packs(agenda, 0, by=clerk, now=LATER)
    meetings.change_meeting(agenda, start=agenda.start + timedelta(hours=1), venue="Oculus", by=clerk, now=LATER)
    meetings.cancel_meeting(agenda, reason="Too few members can come.", by=clerk, now=LATER)
    _come_change_and_go(inquiry, clerk, officer, other_officer)
    _change_how_to_sign_in(officer, clerk)
    _take_back_what_a_leaver_signed(report, stranger, clerk)
    _write_an_officer_report(factories.make_meeting(committee, date(2027, 1, 26)), clerk, officer, cabinet_member)
    notifications.queue_digests(LATER)
    return {occasion: mails_of(occasion) for occasion in templates()}


def _come_change_and_go(inquiry, clerk, officer, other_officer):
    """Somebody is invited and gets another e-mail address; somebody else leads a response and leaves."""
    janice = people.invite(name="Janice Moore", email="janice@wealdshire.example", by=clerk, now=NOW)
    same = {"name": janice.name, "job_title": "", "organisation": "", "is_clerk": False}
    people.change_person(janice, **same, email="j.moore@wealdshire.example", by=clerk, now=NOW)
    response = inquiry.responses.get(recommendations__reference="10")
    leaver = people.invite(name="Phil Dart", by=clerk, now=NOW)
    responses.correct_response(response, lead_officer=leaver, by=clerk, now=NOW)
    report = factories.make_report(inquiry, clerk, months_on=12, meeting=factories.make_meeting(inquiry.committee, DUE))
    handover.record_leaver(leaver, responses=other_officer, by=clerk, now=LATER)
    dates = {"updates_due_on": date(2026, 12, 1), "sign_off_due_on": date(2026, 12, 8)}
    meeting = factories.make_meeting(inquiry.committee, date(2026, 12, 16))
    progress.reschedule(report, meeting=meeting, update_date=report.update_date, **dates, by=clerk, now=LATER)
    taken = inquiry.recommendations.filter(reference__in=["2", "10"])
    bulk_changes.change_responses(taken, lead_officer=officer, by=clerk, now=LATER)


def _change_how_to_sign_in(officer, clerk):
    """The officer comes with the council's account, adds a passkey, removes an app; then the device is lost."""
    sessions.record_connection(officer, "your council account", now=NOW)
    sessions.record_factor_added(officer, "webauthn", now=NOW)
    sessions.record_factor_removed(officer, "totp", now=NOW)
    sessions.end_sessions(officer, by=clerk, now=LATER)
    sessions.reset_second_factor(officer, by=clerk, now=LATER)
    sessions.allow_second_factor(officer, by=clerk, now=LATER)


def _take_back_what_a_leaver_signed(report, stranger, clerk):
    """Somebody has signed and left; then the report is reopened."""
    handover.record_leaver(stranger, by=clerk, now=LATER + timedelta(minutes=7))
    report.refresh_from_db()
    progress.reopen(
        report,
        to=Stage.AWAITING_SIGN_OFF,
        reason="A figure was wrong.",
        by=clerk,
        now=LATER + timedelta(minutes=8),
    )


def _write_an_officer_report(meeting, clerk, author, cabinet_member):
    """It is returned once, reopened once it is signed, and signed again."""
    asked = {"author": author, "cabinet_member": cabinet_member}
    report = factories.make_officer_report(meeting, clerk, **asked)
    report = factories.write_officer_report(report, author, submit=True, now=LATER)
    officer_reports.return_report(report, note="Please say what it costs.", by=cabinet_member, now=LATER)
    report = factories.write_officer_report(report, author, submit=True, now=LATER + timedelta(minutes=1))
    signature = report.signatures.get()
    officer_reports.sign(signature, by=cabinet_member, now=LATER + timedelta(minutes=2))
    officer_reports.reopen(report, reason="A figure was wrong.", by=clerk, now=LATER + timedelta(minutes=3))
    later = factories.make_meeting(meeting.committee, date(2027, 2, 23))
    note = "The figures come in January."
    officer_reports.move(report, meeting=later, note=note, by=clerk, now=LATER + timedelta(minutes=4))


def mails_of(occasion):
    return list(Notification.objects.filter(occasion=occasion).order_by("pk"))


def test_every_mail_is_sent_in_the_course_of_a_report_and_its_links_lead_somewhere(every_mail):
    assert [occasion for occasion, mails in every_mail.items() if not mails] == []
    for mails in every_mail.values():
        for mail in mails:
            links = re.findall(r"^\S+://\S+$", mail.body, re.MULTILINE)
            if mail.occasion in NEWS or mail.occasion == "digest":
                assert links.pop() == "https://scrutiny.example/accounts/you/e-mails/"
            assert len(links) == 1 or mail.occasion == "digest", mail.body
            assert links[0].startswith("https://scrutiny.example/")
            assert "?" not in links[0]
            assert resolve(unquote(urlsplit(links[0]).path)).url_name


def test_every_mail_is_a_short_plain_letter(every_mail):
    for mails in every_mail.values():
        for mail in mails:
            assert mail.body.startswith(f"Dear {mail.recipient.name},\n\n"), mail.body
            assert not re.search(r"\{\{|\{%|&\w+;|<|None|\n\n\n| $| ,|\(\)", mail.body, re.MULTILINE), mail.body
            assert mail.body == mail.body.strip() + "\n"
            assert len(re.sub(r"^- .*", "", mail.body, flags=re.MULTILINE).split()) < 90, mail.body
            assert len(mail.subject) <= 100, mail.subject


def test_every_mail_word_for_word(every_mail):
    """The letters in tests/data/mail: read them, as their recipients would, whenever one changes."""
    letters = {occasion: (LETTERS / f"{occasion}.txt").read_text(encoding="utf-8") for occasion in templates()}
    sent = {}
    for occasion, letter in letters.items():
        name = re.search(r"^Dear (.*),$", letter, re.MULTILINE)[1]
        mail = next(mail for mail in every_mail[occasion] if mail.recipient.name == name)
        text = f"{mail.subject}\n{mail.body}"
        sent[occasion] = re.sub(r"/(people|actions|officer-reports|more-time)/\d+/", r"/\1/7/", text)
    assert sent == letters


def test_a_mail_about_one_number_says_so_in_the_singular(report, other_officer):
    assert Notification.objects.get(recipient=other_officer).subject == (
        "Progress update needed on recommendation 2: Warm Homes Inquiry"
    )


def test_an_update_without_a_deadline_is_wanted_without_a_day(inquiry, clerk, stranger):
    factories.make_report(inquiry, clerk)
    # As that of an imported report.
    ProgressReport.objects.update(updates_due_on=None)
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=stranger, by=clerk, now=LATER)
    body = Notification.objects.get(recipient=stranger).body
    assert "its inquiry “Warm Homes Inquiry”. Please write and submit your progress update here:\n" in body


def test_a_link_is_whole_where_the_address_of_the_site_ends_in_a_slash(inquiry, clerk, officer, settings):
    settings.SITE_ADDRESS = "https://scrutiny.example/"
    factories.make_report(inquiry, clerk)
    body = Notification.objects.get(recipient=officer).body
    assert "\nhttps://scrutiny.example/inquiries/warm-homes-inquiry/progress/6/updates/\n" in body


def test_a_report_published_again_is_announced_as_such(report, clerk, member):
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    progress.reopen(report, to=Stage.SIGNED_OFF, reason="A page was missing.", by=clerk, now=LATER)
    publication.publish(report, by=clerk, now=LATER)
    first, second = mails_of("report_published")
    assert first.subject == "Published: Warm Homes Inquiry, interim report (6 months on)"
    assert second.subject == "Published again: Warm Homes Inquiry, interim report (6 months on)"
    assert "has been published again, replacing the earlier edition, for the meeting on Tuesday" in second.body


def test_publication_is_told_to_those_who_sit_that_day(report, clerk, member, chair, other_member, stranger):
    Membership.objects.create(
        committee=report.inquiry.committee, person=stranger, from_date=date(2024, 1, 1), until_date=date(2026, 1, 1)
    )
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    names = sorted(mail.recipient.name for mail in mails_of("report_published"))
    assert names == ["Councillor Anwen Pritchard", "Councillor Harold Penrose"]


def test_an_agenda_published_again_or_added_to_is_announced_as_such(agenda, clerk, member):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    meetings.change_item(agenda.items.get(), title="Apologies", by=clerk, now=NOW)
    packs.publish_packs(agenda, 0, by=clerk, now=LATER)
    item = meetings.add_item(agenda, title="A late item", by=clerk, now=LATER)
    assert item.supplement == 1
    packs.publish_packs(agenda, 1, by=clerk, now=LATER)
    again, supplement = mails_of("agenda_published")[1:]
    assert again.subject == "Agenda published again: Communities Select Committee, 12 January 2027"
    assert "has been published again, replacing the earlier edition. You can" in again.body
    assert supplement.subject == "Supplement 1 published: Communities Select Committee, 12 January 2027"
    assert "Supplement 1 to the agenda for the meeting of the" in supplement.body
