"""An officer replies in Word."""

from django.urls import reverse
from playwright.sync_api import expect

from inquiries.actions import progress
from tests.browser.looking import at_both_widths, press
from tests.cast import NOW
from tests.factories import make_report
from tests.views.officer.steps import fresh
from tests.views.officer.test_reply import written


def test_officer_replies_in_word(page, sign_in, axe, screenshots, inquiry, clerk, officer, other_officer, tmp_path):
    report = make_report(inquiry, clerk)
    for number in ("2", "10"):
        update = fresh(report, number)
        update.response.lead_officer = officer
        update.response.save()
    words = "We wrote to every household.\n\n- 240 homes have been insulated\n- 31 are waiting for a date"
    for number in ("1a", "2"):
        progress.save_update(fresh(report, number), version=0, text=words, officer_view="on_track", by=officer, now=NOW)
    sign_in(page, officer)
    page.goto(reverse("officer:updates", args=["warm-homes-inquiry", 6]))
    page.get_by_role("link", name="reply in Word").click()
    at_both_widths(page, axe)
    screenshots(page, "reply-upload")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your form (Word)").click()
    data = (download.value.path()).read_bytes()
    data = written(data, "It was reviewed in the spring.\n\nThe next review is in March.")
    data = written(data, "260 homes have been insulated", "250 homes", old="240 homes have been insulated")
    data = written(data, **{"Twice a year.": "We would like to meet more often."})
    progress.save_update(fresh(report, "2"), version=1, text="We met twice.", by=clerk, now=NOW)
    file = tmp_path / "reply.docx"
    file.write_bytes(data)
    press(page, "Upload and look through")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose the file of the form")
    page.get_by_label("The form, as a Word document").set_input_files(file)
    press(page, "Upload and look through")
    expect(page.locator("ins").first).to_contain_text("260")
    expect(page.locator("body")).to_contain_text("We would like to meet more often.")
    at_both_widths(page, axe)
    screenshots(page, "reply-check")
    press(page, "Save what is accepted as drafts")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_label("Keep what is recorded").check()
    press(page, "Save what is accepted as drafts")
    expect(page.locator("body")).to_contain_text("The updates on 1a and 1b and 10 have been saved as a draft.")
    assert fresh(report, "2").text == "We met twice."
    assert fresh(report, "10").text == "It was reviewed in the spring.\n\nThe next review is in March."
    assert fresh(report).text.endswith("- 260 homes have been insulated\n- 31 are waiting for a date")
