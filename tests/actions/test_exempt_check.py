"""Texts that pages show as soon as they are saved, and later reports, are searched for what is exempt."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import endings, inquiries, packs, progress, publication
from inquiries.actions.exempt_check import ExemptTextFound, check_texts
from inquiries.models import ProgressReport, ReportEdition
from tests import factories
from tests.cast import NOW

SECRET = "The tender of Quorvane Limited was the lowest of the five final offers"
SENTENCE = f"They learned it in confidence: {SECRET.lower()}."


@pytest.fixture
def report(inquiry, clerk):
    """Under way, of an inquiry that is public; its first update has an exempt part."""
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    return with_exempt_part(factories.make_report(inquiry, clerk), clerk)


def with_exempt_part(report, clerk):
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text="", exempt_text=SECRET, exempt_paragraph=3, by=clerk, now=NOW)
    return report


@pytest.fixture
def recommendation(report):
    return report.inquiry.recommendations.get(reference="2")


def end(recommendation, clerk, reason=SENTENCE, **fields):
    known = {"ending": "superseded", "reason": reason, "on": date(2026, 11, 23), "by": clerk, "now": NOW}
    return endings.end_recommendation(recommendation, **known | fields)


def test_reason_of_end_is_refused_beside_its_field(recommendation, clerk):
    with pytest.raises(ValidationError) as refused:
        end(recommendation, clerk)
    assert refused.value.message_dict == {
        "reason": [
            f"Everybody would read this at once, and “{SECRET.lower()}” is exempt: it is from the exempt part of the "
            "update on 1a and 1b in “Warm Homes Inquiry: Interim report (6 months on)”. Take it out. If it may be "
            "published, say so on the page of the meeting’s pack."
        ]
    }
    recommendation.refresh_from_db()
    assert recommendation.ended_as == ""


def test_reason_of_end_may_say_what_a_clerk_has_cleared(recommendation, report, clerk, committee):
    report.meeting = factories.make_meeting(committee)
    report.save()
    packs.clear_words(report.meeting, text=SECRET, reason="It is in the newspaper.", by=clerk, now=NOW)
    assert end(recommendation, clerk).ended_reason == SENTENCE


def test_reason_of_end_says_nothing_of_exempt_papers_of_its_meeting(inquiry, clerk, committee):
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    held = factories.hold_meeting(committee)
    factories.make_agenda(held, clerk, exempt_words=SECRET)
    recommendation = inquiry.recommendations.get(reference="2")
    with pytest.raises(ValidationError, match="from the exempt paper “Tender report”"):
        end(recommendation, clerk, meeting=held)
    assert end(recommendation, clerk).ended_reason == SENTENCE


def test_recording_is_searched_when_the_inquiry_becomes_public(inquiry, clerk):
    report = with_exempt_part(factories.make_report(inquiry, clerk), clerk)
    end(inquiry.recommendations.get(reference="2"), clerk)
    with pytest.raises(ExemptTextFound, match="was found in the reason why 2 ended"):
        inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert not report.inquiry.is_public


def test_asks_first_whether_anything_is_exempt(inquiry, clerk, committee, django_assert_num_queries):
    texts = {"reason": "Costs.", "title": "Homes"}
    with django_assert_num_queries(0):
        check_texts(texts, inquiry=inquiry)
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    with django_assert_num_queries(2):
        check_texts(texts, inquiry=inquiry)
    meetings = [factories.make_meeting(committee)]
    with django_assert_num_queries(3):
        check_texts(texts, inquiry=inquiry, meetings=meetings)


# What was exempt before


@pytest.mark.usefixtures("quick_files")
def test_later_report_is_searched_for_exempt_part_of_earlier_one(report, clerk):
    factories.walk(report, to="assessed", by=clerk)
    later = factories.make_report(report.inquiry, clerk, months_on=12)
    update = later.updates.for_page().last()
    progress.save_update(update, version=0, text=SENTENCE, by=clerk, now=NOW)
    for each in later.updates.for_page():
        text = each.text or "Done."
        saved = progress.save_update(each, version=each.version, text=text, by=clerk, now=NOW)
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    for sign_off in later.sign_offs.all():
        progress.record_sign_off(sign_off, evidence_note="An e-mail.", by=clerk, now=NOW)
    with pytest.raises(ExemptTextFound, match=r"in “Warm Homes Inquiry: Interim report \(6 months on\)”"):
        publication.publish(ProgressReport.objects.get(months_on=12), by=clerk, now=NOW)
    assert not ReportEdition.objects.filter(report=later).exists()
