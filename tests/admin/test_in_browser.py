"""A clerk at work in the admin, in the browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inquiries.models import Inquiry
from tests.documents.papers import make_paper

WIDTHS = (1280, 390)
# What the pages of the other kinds of records are made of is all in these.
LISTS = ("inquiry", "recommendation", "entry")
FORMS = ("inquiry", "recommendation", "response", "committee", "entry")


@pytest.fixture
def at_work(page, sign_in, clerk, transactional_db):
    """The page of a browser in which the clerk is signed in."""
    sign_in(page, clerk)
    return page


def choose(page, field, typed, name):
    """Choose a person as one does: open the field, type, take the one that is found."""
    page.locator(f"#id_{field} + .select2-container .select2-selection").click()
    page.locator(".select2-search__field").last.fill(typed)
    page.locator(".select2-results__option", has_text=name).click()


def look(page, axe, screenshots, name):
    """Check the page at both widths and keep its pictures."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        axe(page)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    screenshots(page, name)


def test_clerk_records_inquiry(at_work, committee, officer, axe, screenshots, tmp_path):
    page = at_work
    report = tmp_path / "report.pdf"
    report.write_bytes(make_paper(1))
    page.goto("/admin/inquiries/inquiry/add/")
    look(page, axe, screenshots, "admin-inquiry-add")
    choose(page, "committee", "Comm", "Communities Select Committee")
    page.locator("#id_title").press_sequentially("Warm Homes")
    assert page.locator("#id_slug").input_value() == "warm-homes"
    page.locator("#id_report_file").set_input_files(report)
    page.locator("#id_recommendations-0-reference").fill("1a")
    page.locator("#id_recommendations-0-text").fill("That there is one telephone number.")
    page.locator("#id_recommendations-1-reference").fill("1b")
    page.locator("#id_recommendations-1-text").fill("That the number stands on every bill.")
    page.locator("#id_responses-0-answers").fill("1a, 1c")
    page.locator("#id_responses-0-decision").select_option("accepted")
    page.locator("#id_responses-0-text").fill("One number will be used.")
    choose(page, "responses-0-lead_officer", "Siân", "Siân Llŷr-Ôwain")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("This inquiry has no recommendation 1c. Its numbers: 1a, 1b.")).to_be_visible()
    look(page, axe, screenshots, "admin-inquiry-error")
    page.locator("#id_responses-0-answers").fill("1a, 1b")
    page.locator("#id_report_file").set_input_files(report)
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_text("was added successfully").wait_for()
    look(page, axe, screenshots, "admin-inquiry-change")
    inquiry = Inquiry.objects.get()
    response = inquiry.responses.get()
    assert (response.references, response.lead_officer) == ("1a and 1b", officer)
    assert inquiry.report_file
    page.locator(".historylink").click()
    expect(page.get_by_text("Carys Whitlock recorded the response to 1a, 1b: accepted")).to_be_visible()
    look(page, axe, screenshots, "admin-inquiry-history")


def test_button_adds_row(at_work, committee):
    page = at_work
    page.goto("/admin/inquiries/inquiry/add/")
    page.get_by_text("Add another Recommendation").click()
    expect(page.locator("#id_recommendations-3-reference")).to_be_visible()


def test_lists_are_accessible(at_work, records, axe, screenshots):
    page = at_work
    page.goto("/admin/")
    look(page, axe, screenshots, "admin-index")
    for name in LISTS:
        page.goto(reverse(f"admin:inquiries_{name}_changelist"))
        look(page, axe, screenshots, f"admin-{name}-list")


def test_forms_are_accessible(at_work, records, axe, screenshots):
    page = at_work
    for name in FORMS:
        page.goto(reverse(f"admin:inquiries_{name}_change", args=[records[name].pk]))
        look(page, axe, screenshots, f"admin-{name}")
    for name in ("person", "committee"):
        page.goto(reverse(f"admin:inquiries_{name}_add"))
        look(page, axe, screenshots, f"admin-{name}-add")


def test_refused_deletion_says_why(at_work, records, axe, screenshots):
    page = at_work
    page.goto(reverse("admin:inquiries_inquiry_delete", args=[records["inquiry"].pk]))
    expect(page.get_by_text("cannot be deleted, because other records depend on it")).to_be_visible()
    look(page, axe, screenshots, "admin-delete-refused")
