"""A Word report on its way in, as a clerk meets it."""

import pytest
from playwright.sync_api import expect

from inquiries.actions.imports import run_import
from inquiries.choices import Stage
from inquiries.models import ProgressReport, ReportImport
from tests.browser.looking import at_both_widths
from tests.cast import NOW
from tests.imports.samples import COLUMNS, HEADER, document, table

HEADING = tuple(
    "Interim/Final Progress Report (delete as appropriate)" if "Interim" in line else line for line in HEADER
)
AGREED = (
    "Agreed. The council will publish one telephone number for help with heating, and print it on every council tax "
    "bill from April."
)
ROWS = (
    (
        "1a: That the council publishes one telephone number.\n\n1b. That it stands on every council tax bill.",
        AGREED,
        "The number has been published.\n\nIt rings in the contact centre. (Gwen Rees, Team Manager)",
        "",
    ),
    ("2. That officers meet the advice agencies.", "Agreed in part: twice a year.", "They met in May.", "maybe later"),
    ("5a. That the fund is reviewed.", "Not accepted", "The review is under way and will end in spring.", ""),
    ("8. That the council writes to landlords.", "", "", "★"),
    ("9. That the council writes to landlords.", AGREED, "The review is under way and will end in spring.", ""),
)


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "Getting home, progress report.docx"
    path.write_bytes(document(table(COLUMNS, *ROWS), header=HEADING))
    return path


def press(page, name):
    page.get_by_role("button", name=name).click()


def test_import_of_a_report(page, sign_in, axe, screenshots, clerk, committee, paper, tmp_path):
    sign_in(page, clerk)
    page.goto("/clerk/import/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-upload")
    wrong = tmp_path / "words.docx"
    wrong.write_text("just words")
    page.get_by_label("Word document").set_input_files(wrong)
    press(page, "Upload and look through")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-refused")

    page.get_by_label("Word document").set_input_files(paper)
    press(page, "Upload and look through")
    expect(page.locator("h1")).to_have_text("Look through what was understood")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-preview")

    press(page, "Import this report")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-problems")
    page.locator(".govuk-error-summary").get_by_role("link", name="Give the months").click()
    expect(page.get_by_label("How many months on is this report?")).to_be_focused()
    page.get_by_label("How many months on is this report?").fill("12")
    page.get_by_label("Committee", exact=True).select_option(label="Communities Select Committee")
    press(page, "Import this report")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    screenshots(page, "clerk-import-to-decide")
    page.locator(".govuk-error-summary").get_by_role(
        "link", name="Recommendation 5a: The column's title says accepted"
    ).click()
    third = page.locator("#row-3")
    expect(third.get_by_label("Cabinet's decision")).to_be_focused()
    third.get_by_label("Cabinet's decision").select_option("not_accepted")
    third.get_by_label("Progress update").fill("")
    third.get_by_label("Reason").fill("It would cost too much.")
    for row in page.locator(".scrutiny-import-row").all():
        decision = row.get_by_label("Cabinet's decision")
        if decision.count() and decision.input_value() == "":
            decision.select_option("accepted")
    page.locator("#row-2").get_by_label("The committee's assessment").select_option(label="! Concerns")
    press(page, "Save and check again")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Your corrections are saved")
    expect(page.locator("#to-settle")).to_have_count(0)
    press(page, "Import this report")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Imported: the final report")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-done")
    report = ProgressReport.objects.get()
    assert (report.months_on, report.stage, report.updates.count()) == (12, Stage.SIGNED_OFF, 4)

    page.goto(f"/clerk/import/{ReportImport.objects.get().pk}/")
    expect(page.locator("h1")).to_have_text("This document has been imported already")
    at_both_widths(page, axe)


def test_import_without_javascript(browser, browser_context_args, sign_in, clerk, committee, paper):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, clerk)
    page.goto("/clerk/import/")
    page.get_by_label("Word document").set_input_files(paper)
    press(page, "Upload and look through")
    page.get_by_label("How many months on is this report?").fill("12")
    press(page, "Save and check again")
    expect(page.get_by_label("How many months on is this report?")).to_have_value("12")
    context.close()


STATUS = ("Accepted Recommendations", "Response", "Progress", "Status")
FIRST = ("1. That trees be planted.", "Agreed. Ten trees.", "Two were planted.", "Begun")


def test_import_of_a_second_report(page, sign_in, axe, screenshots, clerk, committee, tmp_path, monkeypatch):
    sign_in(page, clerk)
    second = (
        "1. That two hundred trees be planted.",
        "Agreed. Two hundred trees.",
        "All were planted.",
        "On track, late",
    )
    for number, rows in enumerate(([FIRST], [second, ("2. That ponds be dug.", "Agreed.", "One was dug.", "")])):
        path = tmp_path / f"report-{number}.docx"
        path.write_bytes(document(table(STATUS, *rows), header=HEADER))
        page.goto("/clerk/import/")
        page.get_by_label("Word document").set_input_files(path)
        press(page, "Upload and look through")
        page.get_by_label("Committee", exact=True).select_option(label="Communities Select Committee")
        page.get_by_label("How many months on is this report?").fill("12" if number else "6")
        page.get_by_role("group", name="The column “Status” holds").get_by_label("The officer's own status").check()
        monkeypatch.setattr("inquiries.views.clerk_imports.ROWS_AT_ONCE", 0 if number else 40)
        press(page, "Import this report")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.locator("ins").first).to_contain_text("two hundred")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-differences")
    page.locator(".govuk-error-summary").get_by_role("link", name="The wording of 1").click()
    expect(page.get_by_role("group", name="The wording of 1").get_by_label("Keep what is recorded")).to_be_focused()
    page.get_by_role("group", name="The wording of 1").get_by_label("Take what the document says").check()
    page.get_by_role("group", name="The response of 1").get_by_label("Keep what is recorded").check()
    press(page, "Import this report")
    expect(page.locator("[data-import-count]")).to_have_text("0 of 2 rows are recorded.")
    at_both_widths(page, axe)
    screenshots(page, "clerk-importing")
    run_import(ReportImport.objects.get(confirmed_at=None).pk, now=NOW)
    expect(page.locator("h1")).to_have_text("This document has been imported already")
    report = ProgressReport.objects.get(months_on=12)
    assert [u.text for u in report.updates.for_page()] == [
        "All were planted.\n\nStatus: On track, late",
        "One was dug.",
    ]
