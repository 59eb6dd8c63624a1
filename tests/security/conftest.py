"""What the tests of attacks share: the worlds of the access matrix, and the cast signed in."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from inquiries import notifications
from inquiries.actions import assessments, packs, progress, publication, responses
from inquiries.actions.imports import keep_import
from inquiries.actions.people_import import keep_people
from inquiries.choices import Rating
from inquiries.documents.recorded_minutes import recorded_minutes
from inquiries.imports.draft import (
    Doubt,
    DraftContributor,
    DraftEnd,
    DraftRecommendation,
    DraftReport,
    DraftRow,
)
from inquiries.imports.people_csv import HEADINGS
from inquiries.imports.sheets import make_sheet
from inquiries.models import (
    AgendaItem,
    AssessmentCorrection,
    Attendance,
    DeclarationOfInterest,
    Draft,
    Entry,
    Holiday,
    ItemOutcome,
    MailWording,
    Meeting,
    Minutes,
    MinutesEdition,
    PersonalValue,
    ProgressReport,
    StandingItem,
    TickedFinding,
    TrackerImport,
)
from inquiries.serialization import to_plain_data
from tests.cast import NOW, TODAY
from tests.replay import replayed
from tests.security.hostile_text import SCRIPT_ADDRESS, fill, hostile_text
from tests.security.hostile_text import hostile as hostile_in
from tests.test_access import walk, world

__all__ = ["walk", "world"]

LATER = NOW + timedelta(hours=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def signed_in():
    """A function that gives a browser in which a person is signed in; `how` is passed to it."""

    def browser_of(person, **how):
        browser = Client(**how)
        if person is not None and person.is_authenticated:
            browser.force_login(person, backend=BACKEND)
        return browser

    return browser_of


class StayingClient(Client):
    """A browser in which somebody is signed in again whenever a page has signed them out: it walks over all pages."""

    person = None

    def stay(self, person):
        self.person = person if person is not None and person.is_authenticated else None
        self._sign_in()
        return self

    def request(self, **request):
        answer = super().request(**request)
        if self.person is not None and SESSION_KEY not in self.session:
            self._sign_in()
        return answer

    def _sign_in(self):
        if self.person is not None:
            # Signing out everywhere changes what sessions hang on.
            self.person.refresh_from_db()
            self.force_login(self.person, backend=BACKEND)


@pytest.fixture
def staying_signed_in():
    """A function that gives a browser in which a person stays signed in, whatever pages they open."""
    return lambda person: StayingClient().stay(person)


@pytest.fixture
def hostile(world, clerk, chair, member, officer, contributor, committee):
    """A function that builds a world with hostile text in every text field, and then publishes it.

    Returns what addresses are made of (as `world` does) and the fields that held hostile text.
    """

    @replayed
    def build_hostile_world():
        facts = world("collecting")
        report = ProgressReport.objects.get()
        meeting = Meeting.objects.get(pk=facts["meeting"])
        update = report.updates.for_page().first()
        text = hostile_text()
        Holiday.objects.create(day=date(2026, 9, 19), name="National mourning")
        MailWording.objects.create(occasion="update_wanted", subject="Please: {what}", opening="Please:")
        _more_records(report, update, meeting, clerk=clerk, officer=officer, contributor=contributor)
        _record_meeting(Meeting.objects.get(pk=facts["held_meeting"]), clerk=clerk, officer=officer)
        filled = fill()
        _correct_minutes(Meeting.objects.get(pk=facts["held_meeting"]), clerk)
        # Nothing that was looked up before holds the old words.
        report, meeting = ProgressReport.objects.get(), Meeting.objects.get(pk=meeting.pk)
        update = report.updates.get(pk=update.pk)
        _submit_all(report, clerk)
        for sign_off in report.sign_offs.all():
            progress.record_sign_off(sign_off, evidence_note=text, by=clerk, now=NOW)
        report.refresh_from_db()
        publication.publish(report, by=clerk, now=NOW)
        assessments.indicate(update, rating=Rating.ON_TRACK, note=text, by=member, now=NOW)
        assessments.assess(update, rating=Rating.ON_TRACK, comment=text, seen=None, by=chair, now=NOW)
        AssessmentCorrection.objects.create(
            assessment=update.assessment, comment_before="C", reason="R", corrected_at=NOW, corrected_by=clerk
        )
        packs.build_packs(meeting, 0, by=clerk, now=LATER)
        packs.publish_packs(meeting, 0, by=clerk, now=LATER)
        filled |= fill()
        return facts | {"filled": filled}

    return build_hostile_world


def _more_records(report, update, meeting, *, clerk, officer, contributor):
    """What the world of the access matrix lacks."""
    by = {"by": clerk, "now": NOW}
    text = hostile_text()
    progress.save_update(
        update,
        version=update.version,
        text="A draft.",
        exempt_text=text,
        exempt_paragraph=3,
        evidence=[("Page", "https://wealdshire.example/")],
        contributors=[contributor],
        by=officer,
        now=NOW,
    )
    response = update.response
    for day, reason in ((TODAY, ""), (TODAY + timedelta(days=90), text)):
        responses.change_target_date(response, target_date=day, reason=reason, **by)
    packs.clear_words(meeting, text="Quorvane", reason="It is named on the web.", **by)
    packs.save_plan(meeting, 0, duplex=False, **by)
    keep_import(_draft(text), file_name="report.docx", checksum="1", **by)
    row = {"line": 2, "values": dict.fromkeys(HEADINGS, text), "surplus": True}
    keep_people([row], [text], file_name="people.csv", checksum="2", **by)
    sheet = make_sheet(text, {(1, 1): text, (1, 2): f"2 {text}", (2, 1): text, (2, 2): text})
    kept = TrackerImport.objects.get()
    kept.sheets = [sheet.to_json()]
    kept.choices["meanings"]["committee"][""] = str(report.inquiry.committee_id)
    kept.save()
    for address in (reverse("clerk:invite"), update.get_absolute_url()):
        data = {"name": [text], "text": [text]}
        Draft.objects.create(person=clerk, address=address, data=data, based_on_version=0, updated_at=NOW)
    words = ("by_name", "on_behalf_of", "sentence", "subject_label", "note")
    entry = Entry.objects.create(
        at=NOW,
        by_id=clerk.pk,
        verb="changed",
        subject_type="progressupdate",
        subject_id=update.pk,
        changes={"text": [text, text]},
        **{name: hostile_in(Entry._meta.get_field(name)) for name in words},
    )
    PersonalValue.objects.create(person=officer, entry_id=entry.pk, field="email", before="a", after="b")
    notifications.notify([clerk], "report_published", "hostile", now=NOW, report=report, edition=None)
    LogEntry.objects.create(user=clerk, action_flag=2, object_repr="x", change_message=text, object_id="1")


def _record_meeting(held, *, clerk, officer):
    """Who was there and what was decided, to be made hostile."""
    item = AgendaItem.objects.create(meeting=held, number=1, title="Buses")
    recorded = {"recorded_at": NOW, "recorded_by": clerk}
    ItemOutcome.objects.create(item=item, text="Agreed.", exempt_text="A.", exempt_paragraph=3, **recorded)
    Minutes.objects.create(meeting=held, first_number="1", attendance_at=NOW, attendance_by=clerk)
    Attendance.objects.create(meeting=held, person=clerk, present_as="officer", note="N")
    Attendance.objects.create(meeting=held, name="A guest", present_as="guest", note="N")
    DeclarationOfInterest.objects.create(meeting=held, person=officer, item=item, nature="N")
    StandingItem.objects.create(committee=held.committee, title="Apologies", position=1)
    TickedFinding.objects.create(meeting=held, key="1", message="M", reason="R", ticked_at=NOW, ticked_by=clerk)


def _correct_minutes(held, clerk):
    """The database lets nobody change an edition: a second one is published of what is hostile now."""
    content = to_plain_data(recorded_minutes(held))
    reason = hostile_in(MinutesEdition._meta.get_field("reason"))
    published = {"published_at": NOW, "published_by": clerk}
    MinutesEdition.objects.create(meeting=held, number=2, content=content, reason=reason, **published)


def _draft(text):
    """A Word report as it was read, hostile wherever it holds words."""
    row = DraftRow(
        recommendations=[DraftRecommendation("1", text)],
        decision="accepted",
        response=text,
        reason=text,
        update=text,
        contributors=[DraftContributor(text, text)],
        lead_officer=text,
        rating=2,
        comment=text,
        evidence=[(text, SCRIPT_ADDRESS)],
    )
    end = DraftEnd([DraftRecommendation("2", text)], text, text)
    return DraftReport(
        heading=text,
        committee=text,
        inquiry=text,
        months_on=6,
        completed_body=text,
        lead_officers=[(text, ["1"])],
        cabinet_members=[text],
        rows=[row],
        ends=[end],
        doubts=[Doubt(text, 0, "update"), Doubt(text)],
    )


def _submit_all(report, clerk):
    """Every update with hostile text, and sent."""
    for update in report.updates.for_page():
        saved = progress.save_update(update, version=update.version, text=hostile_text(update.pk), by=clerk, now=NOW)
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
