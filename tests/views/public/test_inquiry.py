"""An inquiry, its promises one by one, and the committees."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inquiries.actions import assessments, endings, progress, publication, responses
from inquiries.actions import inquiries as inquiry_actions
from inquiries.choices import Rating, Stage
from inquiries.models import Inquiry, Meeting
from tests.cast import NOW
from tests.factories import confirm_assessments, make_meeting, make_report
from tests.views.public.steps import write


def test_inquiry_tells_each_recommendation_and_what_became_of_it(inquiry, clerk, read):
    inquiry.received_on = date(2026, 5, 12)
    inquiry.save()
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    words = read("/inquiries/warm-homes-inquiry/")
    order = [words.index(f">Recommendation {number}</a>") for number in ("1a", "1b", "2", "3b", "4", "10")]
    assert order == sorted(order)
    assert "May 2026 (Cabinet)" in words
    assert "11 July 2026" in words
    assert "Siân Llŷr-Ôwain, Head of Customer Access" in words
    assert "Same response as 1b." in words
    assert "A camera would stand idle for most of the year." in words
    assert "Withdrawn by the committee" in words
    assert "The committee took it back at its meeting." in words
    assert "/clerk/" not in words


def test_inquiry_marks_a_late_response(inquiry, clerk, read):
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    Inquiry.objects.update(received_on=date(2026, 5, 12))
    assert "late</strong>" not in read("/inquiries/warm-homes-inquiry/")
    inquiry.responses.update(responded_on=date(2026, 7, 13))
    assert '13 July 2026 <strong class="govuk-tag govuk-tag--red">2 days late' in read("/inquiries/warm-homes-inquiry/")
    assert "Overdue" not in read("/inquiries/warm-homes-inquiry/")
    inquiry.recommendations.filter(reference="10").update(response=None)
    page = read("/inquiries/warm-homes-inquiry/")
    assert '11 July 2026 <strong class="govuk-tag govuk-tag--red">Overdue' in page


def test_inquiry_says_of_which_responses_the_day_is_recorded(inquiry, clerk, read):
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    inquiry.responses.update(responded_on=None)
    assert "The day is not recorded" in read("/inquiries/warm-homes-inquiry/")
    inquiry.responses.exclude(recommendations__reference="10").update(responded_on=date(2026, 7, 1))
    words = read("/inquiries/warm-homes-inquiry/")
    assert "1 July 2026. The day of the response to 10 is not recorded" in words
    assert "responses/correct/" not in words
    assert "responses/correct/" in read("/inquiries/warm-homes-inquiry/", clerk)
    inquiry.recommendations.filter(reference="10").update(response=None)
    assert "Response received in part" in read("/inquiries/warm-homes-inquiry/")
    Inquiry.objects.update(completed_on=None)
    assert "Report completed" not in read("/inquiries/warm-homes-inquiry/")


def test_recommendation_marks_a_target_date_that_has_passed(inquiry, clerk, read):
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    recommendation = inquiry.recommendations.get(reference="10")
    where = recommendation.get_absolute_url()
    passed = "Date has passed</strong>"
    today = (NOW + timedelta(hours=1)).date()
    for day, expected in ((today, False), (today - timedelta(days=1), True)):
        inquiry.responses.update(target_date=day, original_target_date=day)
        assert (passed in read(where)) is expected
    endings.end_recommendation(recommendation, ending="implemented", reason="Done.", on=today, by=clerk, now=NOW)
    assert passed not in read(where)


def test_report_marks_target_dates_that_had_passed_by_its_day(inquiry, clerk, read):
    inquiry.responses.update(target_date=date(2026, 10, 1), original_target_date=date(2026, 10, 1))
    for day, count in ((date(2026, 9, 30), 0), (date(2026, 10, 2), 3)):
        report = make_report(inquiry, clerk, months_on=day.day)
        type(report).objects.filter(pk=report.pk).update(update_date=day)
        assert read(report.get_absolute_url(), clerk).count("Date has passed") == count


def test_inquiry_shows_the_course_of_the_ratings(inquiry, clerk, read):
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    second = make_report(inquiry, clerk, at=Stage.PUBLISHED, months_on=12)
    first_row = second.updates.for_page().first()
    assessments.assess(first_row, rating=Rating.NOT_DELIVERED, comment="", seen=None, by=clerk, now=NOW)
    card = read("/inquiries/warm-homes-inquiry/").split(">Recommendation 2</a>")[1].split("</article>")[0]
    assert "6 months:" in card
    assert "On track" in card
    assert "12 months:" not in card
    assert "Not delivered" not in card
    confirm_assessments(second, by=clerk, now=NOW)
    card = read("/inquiries/warm-homes-inquiry/").split(">Recommendation 2</a>")[1].split("</article>")[0]
    assert card.index("On track") < card.index("12 months:") < card.index("Not delivered")


def test_inquiry_offers_the_clerk_what_a_clerk_does(inquiry, clerk, officer, read):
    make_report(inquiry, clerk)
    words = read("/inquiries/warm-homes-inquiry/", clerk)
    assert 'href="/clerk/inquiries/warm-homes-inquiry/commission/"' in words
    assert 'href="/clerk/inquiries/warm-homes-inquiry/publish/"' in words
    assert 'href="/clerk/inquiries/warm-homes-inquiry/progress/6/"' in words
    assert "/clerk/" not in read("/inquiries/warm-homes-inquiry/", officer)
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert 'href="/clerk/inquiries/warm-homes-inquiry/withdraw/"' in read("/inquiries/warm-homes-inquiry/", clerk)


def test_commissioning_is_offered_once_something_is_accepted(inquiry, clerk, read):
    inquiry.responses.update(decision="not_accepted", reason="Costs.")
    assert "/commission/" not in read("/inquiries/warm-homes-inquiry/", clerk)


def test_inquiry_that_is_not_public_is_not_there(inquiry, clerk, stranger, member, officer, read):
    for nobody in (None, stranger, member):
        read("/inquiries/warm-homes-inquiry/", nobody, status=404)
        read("/inquiries/warm-homes-inquiry/1a/", nobody, status=404)
    assert "Not public." in read("/inquiries/warm-homes-inquiry/", officer)


def test_inquiry_says_that_a_report_is_being_revised(inquiry, clerk, read):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    progress.reopen(report, to=Stage.AWAITING_SIGN_OFF, reason="A figure was wrong.", by=clerk, now=NOW)
    words = read("/inquiries/warm-homes-inquiry/")
    assert "Being revised" in words
    assert "Awaiting sign-off" not in words
    assert "A figure was wrong" not in words


def test_recommendation_tells_its_story_in_order(inquiry, clerk, read):
    response = inquiry.recommendations.get(reference="2").response
    responses.correct_response(response, responded_on=date(2026, 6, 10), by=clerk, now=NOW)
    responses.change_target_date(response, target_date=date(2026, 9, 30), reason="", by=clerk, now=NOW)
    moved = datetime(2026, 8, 4, 9, tzinfo=UTC)
    responses.change_target_date(
        response, target_date=date(2027, 1, 31), reason="The agency moved house.", by=clerk, now=moved
    )
    report = make_report(inquiry, clerk, meeting=make_meeting(inquiry.committee))
    for number in ("1a", "2", "10"):
        update = write(report, number, f"News of {number}.", by=clerk)
        progress.submit_update(update, version=update.version, by=clerk, now=NOW)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="A letter.", by=clerk, now=NOW)
    publication.publish(report, by=clerk, now=NOW)
    row = next(u for u in report.updates.for_page() if u.reference == "2")
    assessments.assess(row, rating=Rating.IMPLEMENTED, comment="Well done.", seen=None, by=clerk, now=NOW)
    confirm_assessments(report, by=clerk, now=NOW)
    words = read("/inquiries/warm-homes-inquiry/2/")
    story = (
        "31 January 2027 (at first 30 September 2026)",
        "Response of Cabinet: accepted in part",
        "10 June 2026",
        "Target date moved to 31 January 2027",
        "It was 30 September 2026.",
        "The agency moved house.",
        "Interim report (6 months on)",
        "News of 2.",
        "Well done.",
        "Ended: implemented",
        "Recommendation implemented to the satisfaction of the committee.",
        "15 December 2026",
    )
    places = [words.rindex(part) for part in story]
    assert places == sorted(places)
    assert "News of 10." not in words


def test_recommendation_without_an_answer(inquiry, clerk, read):
    inquiry_actions.add_recommendation(inquiry, reference="8.3 (b)", text="That nobody knows.", by=clerk, now=NOW)
    words = read("/inquiries/warm-homes-inquiry/8.3%20(b)/", clerk)
    assert "No response recorded yet" in words


def test_recommendation_is_found_whatever_the_case(inquiry, clerk, read):
    assert "Recommendation 1a" in read("/inquiries/warm-homes-inquiry/1A/", clerk)


@pytest.mark.parametrize("reference", ["99", "%00", "1a%00'", "progress", "..."])
def test_recommendation_that_does_not_exist(inquiry, clerk, read, reference):
    status = 200 if reference == "1a%00'" else 404
    read(f"/inquiries/warm-homes-inquiry/{reference}/", clerk, status=status)


def test_committees_name_their_chairs(chair, other_member, read):
    words = read("/committees/")
    assert "Communities Select Committee" in words
    assert "Chair: Councillor Harold Penrose" in words


def test_committee_shows_members_inquiries_and_meetings(inquiry, committee, chair, member, clerk, read):
    committee.memberships.filter(person=member).update(role="co_opted")
    left = committee.memberships.create(person=clerk, from_date=date(2024, 1, 1), until_date=date(2026, 11, 22))
    make_meeting(committee)
    Meeting.objects.create(committee=committee, start=datetime(2026, 3, 2, 14, tzinfo=UTC))
    words = read("/committees/communities/")
    assert words.index("Councillor Harold Penrose (chair)") < words.index(
        "Councillor Anwen Pritchard (co-opted member)"
    )
    assert left.person.name not in words
    assert words.index("15 December 2026 at 14:00") < words.index("2 March 2026 at 14:00")
    assert "Warm Homes" not in words
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert "Warm Homes Inquiry" in read("/committees/communities/")


def test_committee_that_does_not_exist(db, read):
    read("/committees/nowhere/", status=404)
