"""An officer report in the browser: commissioned by the clerk, written by its author, signed by its director."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import officer_reports
from inquiries.models import Draft, OfficerReport
from tests import factories
from tests.browser.looking import at_both_widths, press
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)
SUMMARY = "Calls are answered **sooner**[^1].\n\n[^1]: In 2026."


def test_commissioned_written_and_signed(
    page, sign_in, axe, screenshots, committee, clerk, officer, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    director = person("Richard Ambrose", "richard@wealdshire.example", job_title="Director of Assurance")
    meeting = factories.make_meeting(committee, timezone.localdate() + timedelta(days=70))
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/officer-reports/commission/")
    page.get_by_label("Title of the report").fill("Contact centre")
    page.get_by_label("Author").fill("Siân")
    page.get_by_label("Director who signs it off").fill("Ambrose")
    at_both_widths(page, axe)
    screenshots(page, "officer-report-commission")
    press(page, "Commission the report")
    expect(page.get_by_text("“Contact centre” is commissioned.")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "officer-report-manage")
    report = OfficerReport.objects.get()
    page.goto(f"/clerk/meetings/{meeting.pk}/")
    at_both_widths(page, axe)
    screenshots(page, "officer-report-agenda")
    page.context.clear_cookies()
    sign_in(page, officer)
    page.goto("/")
    page.get_by_role("link", name="Contact centre").click()
    texts = [text for _, text in factories.REPORT_SECTIONS]
    texts[2] = SUMMARY
    for number, text in enumerate(texts, start=1):
        page.locator(f"#id_text_{number}").fill(text)
    expect(page.get_by_role("status").filter(has_text="Kept at")).to_be_visible()
    assert Draft.objects.get().data["text_3"] == [SUMMARY.replace("\n", "\r\n")]
    page.get_by_text("Headings, lists, tables, pictures and footnotes").click()
    at_both_widths(page, axe)
    screenshots(page, "officer-report-write")
    page.get_by_role("button", name="Save, then add pictures").click()
    at_both_widths(page, axe)
    page.get_by_role("link", name="Back to the report").click()
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_role("heading", name="Footnotes")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "officer-report-preview")
    page.get_by_role("link", name="Go on writing").click()
    press(page, "Submit for sign-off")
    expect(page.get_by_text("The report has been submitted.")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, director)
    page.goto("/")
    page.get_by_role("link", name="Sign off: Contact centre").click()
    at_both_widths(page, axe)
    screenshots(page, "officer-report-sign")
    press(page, "Sign off")
    expect(page.get_by_text("You have signed off “Contact centre”.")).to_be_visible()
    assert officer_reports.fetch(report).document.tagging == "valid"
