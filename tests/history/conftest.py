"""One of everything, made by the actions."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile

from inquiries.actions import (
    assessments,
    evidence_files,
    held_work,
    history,
    inquiries,
    meetings,
    minutes,
    more_time,
    packs,
    programme,
    progress,
    records,
    response_letters,
    responses,
)
from inquiries.actions.imports import confirm_import, correct_import, keep_import
from inquiries.check_history import NOT_IN_HISTORY
from inquiries.choices import Rating, SeatRole, Stage
from inquiries.documents.recorded_minutes import recorded_minutes
from inquiries.imports.draft import DraftContributor, DraftRecommendation, DraftReport, DraftRow
from inquiries.models import (
    ActionPoint,
    CabinetMember,
    Committee,
    CouncilSettings,
    Entry,
    Holiday,
    Inquiry,
    MailWording,
    Membership,
    Person,
    Response,
    ShownRow,
)
from tests import factories
from tests.cast import NOW, TODAY
from tests.documents.papers import make_paper
from tests.replay import replayed

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def everything(inquiry, committee, clerk, officer, contributor, cabinet_member, chair, member, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    make_everything(inquiry, committee, clerk, officer, contributor, chair, member)


@replayed
def make_everything(inquiry, committee, clerk, officer, contributor, chair, member):
    by = {"by": clerk, "now": NOW}
    someone = records.save_record(Person(name="Ivy Marsh", email="ivy@wealdshire.example"), **by)
    meetings.save_holiday(Holiday(day=date(2026, 9, 19), name="National mourning"), **by)
    records.save_record(CouncilSettings(report_months=[6, 12]), **by)
    records.save_record(MailWording(occasion="reminder", subject="Reminder", opening="Please:"), **by)
    homes = records.save_record(Committee(name="Homes Select Committee", slug="homes"), **by)
    records.save_record(Membership(committee=homes, person=someone, role=SeatRole.MEMBER, from_date=TODAY), **by)
    records.save_record(CabinetMember(person=someone, portfolio="Homes", from_date=TODAY), **by)
    report_file = ContentFile(make_paper(1), "report.pdf")
    damp = Inquiry(committee=homes, title="Damp", slug="damp", report_file=report_file, received_on=TODAY)
    records.save_record(damp, **by)
    inquiries.add_recommendation(damp, reference="1", text="That walls are dry.", **by)
    letter = {"addressed_to": "The Leader", "salutation": "Dear Leader", "body": "Please respond.", "sent_on": TODAY}
    response_letters.record_letter(damp, step="reminder", **letter, **by)
    response = Response.objects.order_by("pk").first()
    for day, reason in ((TODAY, ""), (TODAY + timedelta(days=90), "The supplier is late.")):
        responses.change_target_date(response, target_date=day, reason=reason, **by)
    meeting = meetings.call_meeting(committee=committee, start=NOW + timedelta(days=30), venue="Room 2", **by)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    update = report.updates.for_page().first()
    links = [("Page", "https://wealdshire.example/")]
    progress.save_update(
        update, version=0, text="One.", contributors=[contributor], evidence=links, by=officer, now=NOW
    )
    update = report.updates.for_page().first()
    asked = more_time.ask_for_more_time(update, wanted_until=date(2026, 11, 26), reason="Leave.", by=officer, now=NOW)
    more_time.refuse_more_time(asked, note="No.", **by)
    for title in ("The list", "The old list"):
        file = evidence_files.add_evidence_file(update, factories.make_received(), title=title, by=officer, now=NOW)
    evidence_files.remove_evidence_file(file, by=officer, now=NOW)
    evidence_files.allow_evidence_files(report, allowed=update.files.current(), by=clerk, now=NOW)
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    later = meetings.call_meeting(committee=committee, start=NOW + timedelta(days=60), venue="Room 2", **by)
    asked = factories.make_officer_report(later, clerk, author=officer, director=someone)
    factories.add_report_picture(asked, officer)
    wanted = more_time.ask_for_more_time(asked, wanted_until=asked.last_day, reason="Leave.", by=officer, now=NOW)
    more_time.grant_more_time(wanted, granted_until=asked.last_day, **by)
    factories.sign_officer_report(
        factories.write_officer_report(asked, officer, contributors=[contributor], submit=True)
    )
    assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=member, now=LATER)
    assessments.assess(update, rating=Rating.CONCERNS, comment="", seen=None, by=chair, now=LATER)
    ActionPoint.objects.create(update=update, text="Do it.", owner=officer, due_on=TODAY, set_at=LATER, set_by=chair)
    factories.confirm_assessments(report, by=chair, now=LATER)
    ShownRow.objects.create(meeting=meeting, update=update, shown_at=LATER, shown_by=clerk)
    corrected = {"rating": Rating.CONCERNS, "comment": "Not all of it.", "reason": "Misheard."}
    assessments.correct_assessment(update, **corrected, seen=LATER, by=clerk, now=max(LATER, meeting.start))
    factories.make_agenda(meeting, clerk, report=report, exempt_words="The tender of Quorvane Limited.")
    paper = meeting.items.get(number=2).documents.get()
    meetings.replace_paper(paper, factories.make_received(2), **by)
    programme.save_standing_items(committee, start="Apologies", end="Work programme", **by)
    entry = programme.add_entry(committee, title="Buses", when="2027-03", **by)
    programme.drop_entry(entry, reason="Another committee does it.", **by)
    packs.save_plan(meeting, 0, duplex=False, **by)
    packs.clear_words(meeting, text="Quorvane", reason="It is named on the web.", **by)
    found = packs.findings_for(packs.plan_of(meeting, 0), now=NOW)
    packs.tick_findings(meeting, [one for one in found if not one.stops][:1], reason="It is right.", **by)
    packs.publish_packs(meeting, 0, **by)
    after = meeting.start + timedelta(hours=2)
    seats = {f"presence_{one.pk}": "present" for one in (chair, member)}
    declared = {"declarer_1": chair, "nature_1": "A governor."}
    lists = {"officers": [clerk], "guests": [], "other_officers": "", "other_guests": "Ben Ali"}
    minutes.record_attendance(meeting, started=None, ended=None, **seats, **declared, **lists, by=clerk, now=after)
    outcomes = {f"outcome_{item.pk}": "Noted." for item in meeting.items.on_agenda()}
    minutes.record_outcomes(meeting, **outcomes, by=clerk, now=after)
    seen = minutes.minutes_version(recorded_minutes(meeting))
    minutes.publish_minutes(meeting, seen=seen, by=clerk, now=after)
    minutes.add_signed_minutes(meeting, factories.make_received(), signed_meeting=None, by=clerk, now=after)
    held_work.hold_waiting_work(backup_made_on=NOW, people_to_erase=[], now=LATER)
    _import(clerk, homes)
    factories.make_former_council()
    record_all(clerk)


def record_all(by):
    """Give every record that the fixtures made without an action its entry."""
    for model in apps.get_app_config("inquiries").get_models():
        if model.__name__ not in NOT_IN_HISTORY:
            for record in model.objects.all():
                address = {"email": (None, record.email)} if model is Person and record.email else {}
                if not Entry.objects.filter(states__has_key=f"{model._meta.model_name}/{record.pk}").exists():
                    history.write("added", record, "added it", by=by, now=NOW, changes=address)


def a_draft():
    row = DraftRow(
        recommendations=[DraftRecommendation("1", "That it is done.")],
        decision="accepted",
        response="It will be.",
        update="It is being done.",
        rating=2,
        contributors=[DraftContributor("Ben Ali", "Officer")],
    )
    return DraftReport(months_on=6, rows=[row], cabinet_members=["Councillor Ida Fox"], signed_off=True)


def _import(clerk, committee):
    kept = keep_import(a_draft(), file_name="report.docx", checksum="c" * 64, by=clerk, now=NOW)
    correct_import(kept, a_draft(), by=clerk, now=NOW)
    confirm_import(
        kept, a_draft(), committee=committee, title="Mould", stage=Stage.SIGNED_OFF, published=False, by=clerk, now=NOW
    )
