"""A council's own tracker on its way in, as a clerk meets it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions.tracker_import import run_recording
from inquiries.models import ProgressUpdate, Recommendation, TrackerImport
from tests.browser.looking import at_both_widths, press
from tests.imports import made_tracker


@pytest.mark.usefixtures("committee", "cabinet_member", "other_officer")
def test_import_of_a_tracker(page, sign_in, axe, screenshots, clerk, tmp_path):
    path = tmp_path / "Scrutiny tracker 2022 to 2026.xlsx"
    path.write_bytes(made_tracker.workbook(60))
    sign_in(page, clerk)
    page.goto("/clerk/import/tracker/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-tracker")
    page.get_by_label("Excel workbook or CSV file").set_input_files(path)
    press(page, "Upload and look through")
    expect(page.locator("h1")).to_have_text("What does each column hold?")
    at_both_widths(page, axe)
    screenshots(page, "clerk-tracker-columns")
    page.get_by_role("link", name="Choose another sheet or row").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-tracker-sheet")
    press(page, "Save and continue")
    page.get_by_label("What “Where is it now?” holds").select_option("Status")
    press(page, "Save and continue")

    expect(page.locator("h1")).to_have_text("What do the values mean?")
    press(page, "Save and continue")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "clerk-tracker-values")
    for value, meaning in {
        "“Rejected”": "Not accepted",
        "“Overtaken by events”": "It ended: superseded",
        "“Fully done”": "Implemented",
        "“Green”": "On track",
        "“Amber”": "Concerns",
        "“Red”": "Not delivered",
        "“Alex Moss”": "Add Alex Moss as a new person",
        "“Jo Hartley, Head of Roads”": "Add Jo Hartley, Head of Roads as a new person",
        "“Priya Nair (Team Manager)”": "Add Priya Nair, Team Manager as a new person",
        "“Sam Field”": "Add Sam Field as a new person",
        "“Environment Select Committee”": "Add the committee “Environment Select Committee”",
        "“Children's Select Committee”": "Add the committee “Children's Select Committee”",
        "“Transport”": "Leave it out",
        "“Children”": "Another person, named beside this",
    }.items():
        box = page.get_by_label(value, exact=True)
        if box.count():
            box.select_option(meaning)
    for other in page.get_by_label("Another person for “Children”").all():
        other.fill("Ruth")
    page.get_by_label("Complete and signed off, but not made public").check()
    press(page, "Save and continue")

    expect(page.locator("h1")).to_have_text("Look through what will be recorded")
    at_both_widths(page, axe)
    screenshots(page, "clerk-tracker-import")
    press(page, "Record this tracker")
    expect(page.locator("h1")).to_contain_text("Importing")
    at_both_widths(page, axe)
    run_recording(TrackerImport.objects.get().pk, now=timezone.now())
    page.reload()
    expect(page.locator("h1")).to_have_text("This tracker has been recorded")
    at_both_widths(page, axe)
    screenshots(page, "clerk-tracker-imported")
    assert Recommendation.objects.count() == 60
    assert ProgressUpdate.objects.exists()
