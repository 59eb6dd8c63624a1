"""A progress report from commissioning to publication, as its clerk meets it."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.choices import Stage
from inquiries.documents.content import long_date
from inquiries.models import ProgressReport, Response
from tests.browser.looking import at_both_widths, press
from tests.factories import make_meeting, make_report


def test_menu_is_one_line(page, sign_in, clerk):
    sign_in(page, clerk)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/")
    items = page.locator(".govuk-service-navigation__item").all()
    assert len(items) == 9
    assert len({item.bounding_box()["y"] for item in items}) == 1


def test_from_commissioning_to_publication(page, sign_in, axe, screenshots, inquiry, committee, clerk):
    meeting = make_meeting(committee, timezone.localdate() + timedelta(days=60))
    sign_in(page, clerk)
    page.goto("/clerk/inquiries/warm-homes-inquiry/commission/")
    expect(page.get_by_label(long_date(meeting.day))).to_be_checked()
    at_both_widths(page, axe)
    screenshots(page, "clerk-commission")
    page.get_by_text("Set the dates yourself").click()
    for part, typed in zip(("Day", "Month", "Year"), ("1", "1", "2025"), strict=True):
        page.get_by_role("group", name="Updates are due on").get_by_label(part).fill(typed)
    press(page, "See the e-mails before they are sent")
    expect(page.locator(".govuk-error-summary")).to_contain_text("2025 has passed.")
    at_both_widths(page, axe)
    screenshots(page, "clerk-commission-too-late")
    for part in ("Day", "Month", "Year"):
        page.get_by_role("group", name="Updates are due on").get_by_label(part).fill("")
    press(page, "See the e-mails before they are sent")
    expect(page.get_by_role("heading", name="2 e-mails")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-commission-check")
    press(page, "Change something")
    expect(page.get_by_label(long_date(meeting.day))).to_be_checked()
    press(page, "See the e-mails before they are sent")
    press(page, "Commission and send 2 e-mails")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("is commissioned")
    at_both_widths(page, axe)
    screenshots(page, "clerk-manage")

    page.get_by_role("link", name="Change dates, meeting or Cabinet Members").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-reschedule")
    press(page, "Save")
    press(page, "Close updates early")
    at_both_widths(page, axe)
    screenshots(page, "clerk-close-updates")
    press(page, "Close updates early")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The collection is closed.")

    page.get_by_role("link", name="Record on behalf").click()
    press(page, "Record the sign-off")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "clerk-record-sign-off")
    page.get_by_label("How is their agreement known?").fill("An e-mail of this morning.")
    press(page, "Record the sign-off")
    press(page, "Publish")
    at_both_widths(page, axe)
    screenshots(page, "clerk-publish")
    press(page, "Publish")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("is published")
    at_both_widths(page, axe)
    screenshots(page, "clerk-manage-published")
    assert ProgressReport.objects.get().stage == Stage.PUBLISHED

    page.get_by_role("link", name="Reopen").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-reopen")
    page.get_by_label("Signed off").check()
    page.get_by_label("Why is it reopened?").fill("A wrong figure.")
    press(page, "Reopen the report")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The report is reopened.")


def test_what_a_clerk_does_to_an_inquiry(page, sign_in, axe, screenshots, inquiry, clerk):
    recommendation, ended = (inquiry.recommendations.get(reference=n) for n in ("10", "4"))
    response = Response.objects.get(recommendations__reference="2")
    sign_in(page, clerk)
    for name, address in (
        ("publish-inquiry", f"inquiries/{inquiry.slug}/publish"),
        ("withdraw-inquiry", f"inquiries/{inquiry.slug}/withdraw"),
        ("reword-recommendation", f"recommendations/{recommendation.pk}/reword"),
        ("end-recommendation", f"recommendations/{recommendation.pk}/end"),
        ("resume-recommendation", f"recommendations/{ended.pk}/resume"),
        ("change-target-date", f"responses/{response.pk}/target-date"),
    ):
        page.goto(f"/clerk/{address}/")
        at_both_widths(page, axe)
        screenshots(page, f"clerk-{name}")
        if name != "publish-inquiry":
            page.locator("form:not([data-sign-out]) button[type=submit]").last.click()
            expect(page.locator(".govuk-error-summary")).to_be_focused()
            at_both_widths(page, axe)


def test_a_late_report_says_so(page, sign_in, axe, screenshots, inquiry, clerk):
    report = make_report(inquiry, clerk)
    report.updates_due_on = timezone.localdate() - timedelta(days=12)
    report.save()
    sign_in(page, clerk)
    page.goto("/clerk/inquiries/warm-homes-inquiry/progress/6/")
    expect(page.get_by_text("12 days late")).to_have_count(3)
    at_both_widths(page, axe)
    screenshots(page, "clerk-manage-late")
