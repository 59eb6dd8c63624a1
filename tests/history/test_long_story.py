"""What is done by right is never taken for tampering, however far a record goes there and back."""

from datetime import timedelta
from itertools import count

import pytest

from inquiries.actions import assessments, inquiries, meetings, packs, progress, publication, records, responses
from inquiries.actions.expiry import expire
from inquiries.actions.handover import record_leaver
from inquiries.actions.merge_people import merge_person
from inquiries.actions.personal_data import erase_person, export_person
from inquiries.actions.progress import restore_text, text_version
from inquiries.choices import PackEdition, Rating, Stage
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Entry,
    Inquiry,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Response,
)
from tests.cast import NOW
from tests.factories import confirm_assessments
from tests.history.test_check_history import check

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(update):
    return ProgressUpdate.objects.for_page().get(pk=update.pk)


def first_text_of(record):
    entries = Entry.objects.about(record).filter(changes__has_key="text")
    return entries.order_by("pk").first()


def assert_sound():
    text, code = check()
    assert (text.split(":")[0], code) == ("The history is sound", 0)


def test_long_story_is_sound(everything, inquiry, clerk, officer, contributor, chair, member, cabinet_member):
    steps = count(1)

    def by(person):
        """A quarter of an hour after the action before: longer than a sitting."""
        return {"by": person, "now": NOW + timedelta(hours=2, minutes=15 * next(steps))}

    report = ProgressReport.objects.get(inquiry=inquiry)
    public = AgendaPack.objects.get(edition=PackEdition.PUBLIC)
    packs.withdraw_pack(public, reason="A wrong page.", with_restricted=True, **by(clerk))
    again = list(report.updates.all())
    progress.reopen(report, to=Stage.COMMISSIONED, reason="It was wrong.", updates=again, **by(clerk))
    update = report.updates.for_page().first()
    for text, exempt in (("  By itself\r\nand new. ", "It cost £2m."), ("By itself\nand newer.", "")):
        words = {"text": text, "exempt_text": exempt, "exempt_paragraph": 3 if exempt else None}
        update = progress.save_update(update, version=update.version, **words, **by(officer))
    restore_text(first_text_of(update), seen=text_version(fresh(update)), **by(officer))
    for other in again:
        progress.submit_update(other := fresh(other), version=other.version, **by(clerk))
    progress.return_update(fresh(update), note="More, please.", **by(cabinet_member))
    assert_sound()

    progress.close_updates(report, **by(clerk))
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", **by(clerk))
    report.refresh_from_db()
    publication.publish(report, **by(clerk))
    for judged in report.updates.filter(submitted_at__isnull=False):
        assessments.assess(fresh(judged), rating=Rating.ON_TRACK, comment="Good.", seen=None, **by(chair))
    report.refresh_from_db()
    confirm_assessments(report, **by(chair))
    assert report.editions.count() == 5
    assert_sound()

    wording = Recommendation.objects.get(inquiry=inquiry, reference="10")
    inquiries.reword_recommendation(wording, text=" That it is done. ", reason="So it was meant.", **by(clerk))
    wording.refresh_from_db()
    restore_text(first_text_of(wording), seen=text_version(wording), reason="It was not.", **by(clerk))
    response = Response.objects.filter(inquiry=inquiry).order_by("pk").first()
    responses.correct_response(response, text=" New words. \r\n More. ", reason="", **by(clerk))
    damp = Inquiry.objects.get(slug="damp")
    inquiries.publish_inquiry(damp, **by(clerk))
    inquiries.withdraw_inquiry(damp, reason="Too early.", **by(clerk))
    meetings.remove_paper(AgendaDocument.objects.filter(removed_at=None, officer_report=None).first(), **by(clerk))
    assert_sound()

    double = records.save_record(Person(name="P Nair"), **by(clerk))
    merge_person(double, into=contributor, **by(clerk))
    record_leaver(member, **by(clerk))
    export_person(officer, **by(officer))
    erase_person(member, by=clerk, now=NOW + timedelta(days=2))
    expire(now=NOW + timedelta(days=3000), keep_notifications_days=1, keep_leavers_months=1)
    assert_sound()
