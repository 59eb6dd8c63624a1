"""The committee with its tablets: members before the meeting, the chair in it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import assessments
from inquiries.choices import Rating, Stage
from inquiries.models import Indication, Meeting, ProgressReport
from tests.browser.looking import let_meetings_begin
from tests.browser.test_cabinet import looked_at
from tests.cast import NOW
from tests.factories import confirm_assessments, make_meeting, make_report

pytestmark = pytest.mark.django_db(transaction=True)

ASSESS = "/inquiries/warm-homes-inquiry/progress/12/assess/"


@pytest.fixture
def report(inquiry, committee, clerk, chair):
    """The final report, published; the interim one has been judged. One row has gone long ago."""
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    first = inquiry.progress_reports.get(months_on=6)
    for update, rating in zip(first.updates.for_page(), [Rating.ON_TRACK, Rating.CONCERNS], strict=False):
        assessments.assess(
            update, rating=rating, comment="The committee expected more by now.", seen=None, by=chair, now=NOW
        )
    confirm_assessments(first, by=chair, now=NOW)
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED, months_on=12, meeting=make_meeting(committee))
    let_meetings_begin()
    return report


def row(page, name):
    return page.get_by_role("region", name=name, exact=True)


def test_a_member_notes_an_indication_and_the_chair_rates_and_confirms(
    page, sign_in, axe, screenshots, report, member, chair
):
    sign_in(page, member)
    page.goto(ASSESS)
    second = row(page, "Recommendation 2")
    second.get_by_label("Concerns").check()
    second.get_by_label("Your note").fill("Twice a year is too little.")
    second.get_by_role("button", name="Save your view of 2").click()
    expect(second.get_by_role("status")).to_have_text("✓ Your indication is saved: Concerns.")
    row(page, "Recommendation 10").get_by_role("button", name="Save your view of 10").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked_at(page, axe, screenshots, "committee-member")

    sign_in(page, chair)
    page.goto(ASSESS)
    looked_at(page, axe, screenshots, "committee-chair")
    expect(second.get_by_text("Councillor Anwen Pritchard: Concerns. “Twice a year is too little.”")).to_be_visible()
    for name, rating in (
        ("Recommendations 1a and 1b", "Implemented"),
        ("Recommendation 2", "Concerns"),
        ("Recommendation 10", "Not assessed yet"),
        ("Recommendation 2", "Not delivered"),
    ):
        row(page, name).get_by_label(rating).check()
        row(page, name).get_by_label("Comment").fill(f"{rating}, the committee finds.")
        row(page, name).get_by_role("button", name="Save the assessment").click()
        expect(row(page, name).get_by_role("status")).to_contain_text("Saved for")
        expect(row(page, name).get_by_role("status")).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="Recorded: 3 of 3")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-chair-rated")
    page.get_by_role("button", name="Go on to confirm the assessments").click()
    looked_at(page, axe, screenshots, "committee-confirm")
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-assessed")
    report.refresh_from_db()
    assert report.stage == Stage.ASSESSED


def test_somebody_else_was_faster_and_both_texts_are_shown(page, sign_in, axe, screenshots, report, chair, clerk):
    sign_in(page, chair)
    page.goto(ASSESS)
    second = row(page, "Recommendation 2")
    second.get_by_label("Not delivered").check()
    second.get_by_label("Comment").fill("Not at all.")
    update = report.updates.about("2").get()
    assessments.assess(update, rating=Rating.ON_TRACK, comment="As I heard it.", seen=None, by=clerk, now=NOW)
    second.get_by_role("button", name="Save the assessment").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(second.get_by_text("As I heard it.")).to_be_visible()
    expect(second.get_by_label("Comment")).to_have_value("Not at all.")
    looked_at(page, axe, screenshots, "committee-clash")
    second.get_by_role("button", name="Save the assessment").click()
    expect(second.get_by_role("status")).to_contain_text("Saved for 2: Not delivered.")


def test_before_the_meeting_and_without_one(page, sign_in, axe, screenshots, report, committee, chair):
    to_come = Meeting.objects.create(committee=committee, start=timezone.now() + timedelta(days=30))
    ProgressReport.objects.filter(pk=report.pk).update(meeting=to_come)
    sign_in(page, chair)
    page.goto(ASSESS)
    expect(page.get_by_text("You can record drafts now and confirm them then.")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-not-begun")
    ProgressReport.objects.filter(pk=report.pk).update(meeting=None)
    page.reload()
    page.get_by_role("button", name="Go on to confirm the assessments").click()
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked_at(page, axe, screenshots, "committee-which-meeting")
    page.get_by_label("At which meeting").select_option(index=1)
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()


def test_members_and_chair_manage_without_javascript(new_context, sign_in, report, member, chair):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, member)
    page.goto(ASSESS)
    second = row(page, "Recommendation 2")
    second.get_by_label("Concerns").check()
    second.get_by_role("button", name="Save your view of 2").click()
    second.get_by_role("button", name="Remove your view of 2").click()
    expect(second.get_by_role("status")).to_have_text("✓ You have taken your indication back.")
    assert not Indication.objects.exists()
    sign_in(page, chair)
    page.goto(ASSESS)
    second.get_by_label("Concerns").check()
    second.get_by_role("button", name="Save the assessment").click()
    page.get_by_role("button", name="Go on to confirm the assessments").click()
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()
