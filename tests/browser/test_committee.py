"""The committee with its tablets: members before the meeting, the chair in it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import assessments
from inquiries.choices import Rating, Stage
from inquiries.models import Assessment, Indication, Meeting, ProgressReport
from tests.browser.looking import let_meetings_begin, press
from tests.browser.test_cabinet import looked_at
from tests.cast import NOW
from tests.factories import confirm_assessments, make_long_report, make_meeting, make_report
from tests.published_agendas import keep_pack

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


def test_a_member_notes_views_and_the_chair_rates_and_confirms(
    page, sign_in, axe, screenshots, report, member, chair, clerk
):
    sign_in(page, member)
    page.goto(ASSESS)
    second = row(page, "Recommendation 2")
    second.get_by_label("Concerns").check()
    second.get_by_label("Note on 2").fill("Twice a year is too little.")
    row(page, "Recommendation 10").get_by_label("Note on 10").fill("Who answers for this?")
    press(page, "Save")
    expect(page.get_by_role("status").last).to_have_text("Saved: 2 and 10.")
    looked_at(page, axe, screenshots, "committee-member")

    sign_in(page, chair)
    page.goto(ASSESS)
    expect(second.get_by_text("Members: 1 × ! Concerns")).to_be_visible()
    second.get_by_text("Members’ notes on 2").click()
    expect(second.get_by_text("Councillor Anwen Pritchard, Concerns: “Twice a year is too little.”")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-chair")
    second.get_by_label("Not delivered").check()
    second.get_by_label("Comment on 2").fill("Not at all.")
    row(page, "Recommendations 1a and 1b").get_by_label("Implemented").check()
    update = report.updates.about("2").get()
    assessments.assess(update, rating=Rating.ON_TRACK, comment="As I heard it.", seen=None, by=clerk, now=NOW)
    press(page, "Save")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(second.get_by_text("As I heard it.")).to_be_visible()
    expect(second.get_by_label("Comment on 2")).to_have_value("Not at all.")
    expect(page.get_by_role("navigation", name="Recorded: 2 of 3")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-clash")
    press(page, "Save")
    expect(page.get_by_role("status").last).to_have_text("Saved: 2.")
    expect(second).to_be_in_viewport()
    page.get_by_role("button", name="Go on to confirm the assessments").click()
    looked_at(page, axe, screenshots, "committee-confirm")
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-assessed")
    report.refresh_from_db()
    assert report.stage == Stage.ASSESSED


def test_a_member_reads_and_notes_without_a_network(context, sign_in, axe, screenshots, report, member, chair, clerk):
    page = context.new_page()  # not watched: what does not load is what this is about
    pack = keep_pack(report.meeting, [], by=clerk)
    sign_in(page, member)
    page.goto(ASSESS)
    page.get_by_text("Read offline").click()
    press(page, "Keep for offline reading")
    kept = page.locator("[data-offline-status]")
    expect(kept).to_contain_text("Kept on this device on")
    expect(kept).to_contain_text("with 2 papers.")

    context.set_offline(True)
    page.reload()
    expect(page.get_by_text("This is the copy kept on this device")).to_be_visible()
    looked_at(page, axe, screenshots, "committee-offline")
    page.get_by_text("Read offline").click()
    page.get_by_role("link", name="The agenda of the meeting").click()
    expect(page.get_by_role("heading", level=1, name="Communities Select Committee, ")).to_be_visible()
    page.goto(ASSESS)
    page.get_by_text("Read offline").click()
    with page.expect_response("**/papers/*.pdf") as answer:
        page.get_by_role("link", name=f"{pack.name} to read").click()
    assert (answer.value.status, answer.value.headers["content-type"]) == (200, "application/pdf")
    assert answer.value.from_service_worker
    page.goto(ASSESS)
    second = row(page, "Recommendation 2")
    second.get_by_label("Note on 2").fill("Noted on the train.")
    second.get_by_label("Concerns").check()
    said = page.locator("[data-autosave-status]")
    expect(said).to_contain_text("kept on this device. It will be sent when the network is back.")
    page.reload()
    expect(second.get_by_label("Note on 2")).to_have_value("Noted on the train.")
    press(page, "Save")
    expect(said).to_contain_text("It will be saved when the network is back.")
    assert not Indication.objects.exists()

    # Somebody else signs in on the same tablet: what is kept for the member is gone, their note waits for them alone.
    sign_in(page, chair)
    context.set_offline(False)
    expect(said).to_contain_text("You are signed in as another person.")
    page.goto(ASSESS)
    expect(second.get_by_label("Comment on 2")).to_have_value("")
    expect(page.locator("[data-offline-keep]")).to_have_text("Keep for offline reading")
    page.wait_for_function("async () => !(await caches.keys()).length")
    assert not Indication.objects.exists()
    assert not Assessment.objects.filter(update__report=report).exists()
    sign_in(page, member)
    page.goto(ASSESS)
    expect(said).to_have_text("Saved: 2.")
    noted = Indication.objects.get()
    assert (noted.rating, noted.note, noted.recorded_by) == (Rating.CONCERNS, "Noted on the train.", member)

    page.get_by_text("Read offline").click()
    press(page, "Keep for offline reading")
    expect(kept).to_contain_text("Kept on this device on")
    press(page, "Keep again as it is now")
    expect(page.locator("[data-offline-keep]")).to_be_enabled()
    expect(kept).to_contain_text("Kept on this device on")
    held = "caches.keys().then((names) => [names.length, Object.keys(localStorage).length])"
    assert page.evaluate(held) == [1, 1]
    press(page, "Remove from this device")
    expect(kept).to_have_text("Removed from this device.")
    assert page.evaluate(held) == [0, 0]
    press(page, "Keep for offline reading")
    expect(kept).to_contain_text("Kept on this device on")
    page.set_viewport_size({"width": 1280, "height": 900})
    press(page, "Sign out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert page.evaluate(held) == [0, 0]


def test_a_report_of_twelve_rows_is_at_most_twelve_screens_of_a_phone(
    page, sign_in, screenshots, committee, clerk, officer, cabinet_member, member
):
    """With texts as long as those of the report of 2015, and a question at each row."""
    width = (
        "Object.assign(document.createElement('canvas').getContext('2d'), {font: '100px Arial'}).measureText('m').width"
    )
    if round(page.evaluate(width)) != 83:
        pytest.skip("This system has no letters as wide as Arial's, with which pages are measured.")
    make_long_report(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    sign_in(page, member)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/inquiries/crisis-support/progress/6/assess/")
    screenshots(page, "committee-twelve-rows")
    expect(page.get_by_role("list", name="Suggested questions")).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollHeight") <= 12 * 844


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
    press(page, "Save")
    second.get_by_label("No view yet").check()
    press(page, "Save")
    expect(page.get_by_role("status").last).to_have_text("Saved: 2.")
    assert not Indication.objects.exists()
    sign_in(page, chair)
    page.goto(ASSESS)
    second.get_by_label("Concerns").check()
    press(page, "Save")
    page.get_by_role("button", name="Go on to confirm the assessments").click()
    page.get_by_role("button", name="Confirm the assessments").click()
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()
