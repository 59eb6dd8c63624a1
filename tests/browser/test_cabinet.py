"""The Cabinet Member, from the list of updates to the signature."""

import pytest
from playwright.sync_api import expect

from inquiries.actions import assessments, progress
from inquiries.choices import OfficerView, Rating, Stage
from tests.cast import NOW
from tests.conftest import WIDTHS
from tests.factories import confirm_assessments, make_meeting, make_report

pytestmark = pytest.mark.django_db(transaction=True)

LONG = """The number has been agreed with Siân Llŷr-Ôwain's team and costs £4,200 a year.

- It stands on every bill since 1 October.
- 312 residents rang it in the first month.

More is at https://www.wealdshire.example/warm-homes/telephone-number"""


@pytest.fixture
def report(inquiry, committee, clerk, officer, chair):
    """The final report, waiting for sign-off; the interim one has been judged in three ratings."""
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    first = inquiry.progress_reports.get(months_on=6)
    for update, rating in zip(first.updates.for_page(), [Rating.ON_TRACK, Rating.CONCERNS], strict=False):
        assessments.assess(
            update, rating=rating, comment="The committee expected more by now.", seen=None, by=chair, now=NOW
        )
    confirm_assessments(first, by=chair, now=NOW)
    report = make_report(inquiry, clerk, months_on=12, meeting=make_meeting(committee))
    for update in report.updates.for_page():
        saved = progress.save_update(
            update,
            version=0,
            text=LONG if update.reference == "1a" else f"Work on {update.reference} has begun.",
            officer_view=OfficerView.ON_TRACK,
            evidence=[("The figures", "https://www.wealdshire.example/figures")],
            by=clerk,
            now=NOW,
        )
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    report.refresh_from_db()
    return report


def looked_at(page, axe, screenshots, name):
    screenshots(page, name)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_cabinet_member_returns_one_update_and_signs_off(
    page, sign_in, axe, screenshots, report, cabinet_member, other_officer
):
    sign_in(page, cabinet_member)
    page.goto("/inquiries/warm-homes-inquiry/progress/12/sign-off/")
    expect(page.get_by_role("heading", name="Sign off the final report (12 months on)")).to_be_visible()
    looked_at(page, axe, screenshots, "cabinet-sign-off")
    page.get_by_role("link", name="Return this update on 2").click()
    page.get_by_role("button", name="Return this update").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked_at(page, axe, screenshots, "cabinet-return-update")
    page.get_by_label("What would you like changed?").fill("Which agencies did you meet?")
    page.get_by_role("button", name="Return this update").click()
    expect(page.get_by_text("You have returned the update on 2. Tom Okafor will be notified.")).to_be_visible()
    expect(page.get_by_text("The updates are still being collected: 2 of 3 are in.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign off")).to_have_count(0)
    looked_at(page, axe, screenshots, "cabinet-collecting")

    update = report.updates.about("2").get()
    saved = progress.save_update(update, version=update.version, text="We met all eleven.", by=other_officer, now=NOW)
    progress.submit_update(saved, version=saved.version, by=other_officer, now=NOW)
    page.reload()
    expect(page.get_by_text("We met all eleven.")).to_be_visible()
    page.get_by_role("button", name="Sign off", exact=True).click()
    expect(page.get_by_text("You have signed off the final report")).to_be_visible()
    looked_at(page, axe, screenshots, "cabinet-signed")
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF


def test_several_updates_are_returned_at_once(page, sign_in, axe, screenshots, report, cabinet_member):
    sign_in(page, cabinet_member)
    page.goto("/")
    page.get_by_role("link", name="Your portfolio").click()
    looked_at(page, axe, screenshots, "cabinet-portfolio")
    page.get_by_role("link", name="2: That officers meet").click()
    for reference in ("1a and 1b", "2"):
        page.get_by_label(f"Return with others: {reference}").check()
    page.get_by_role("button", name="Return the ticked updates").click()
    looked_at(page, axe, screenshots, "cabinet-return-updates")
    page.get_by_label("A note for all of them").fill("By when?")
    page.get_by_role("button", name="Return these updates").click()
    expect(page.get_by_text("You have returned the updates on 1a and 1b and 2.")).to_be_visible()
    assert [update.return_note for update in report.updates.open()] == ["By when?", "By when?"]


def test_signing_off_works_without_javascript(new_context, sign_in, report, cabinet_member):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cabinet_member)
    page.goto("/inquiries/warm-homes-inquiry/progress/12/updates/2/return/")
    page.get_by_role("button", name="Return this update").click()
    expect(page.get_by_role("link", name="Say what you would like changed")).to_be_visible()
    page.goto("/inquiries/warm-homes-inquiry/progress/12/sign-off/")
    page.get_by_role("button", name="Sign off", exact=True).click()
    expect(page.get_by_text("You have signed off the final report")).to_be_visible()
