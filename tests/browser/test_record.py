"""An inquiry of twelve recommendations and Cabinet's response to them, recorded as a clerk does it."""

from datetime import date

import pytest
from playwright.sync_api import expect

from inquiries.models import Inquiry, Person, Response
from tests.browser.looking import at_both_widths, press
from tests.imports.samples import document, table

NUMBERS = ("1a", "1b", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")
THINGS = (
    *("publishes one telephone number for help with heating", "prints the number on every council tax bill"),
    *("meets the county’s advice agencies every quarter", "buys a thermal camera for each library"),
    *("writes to every landlord in the county", "reviews the warm-homes fund each year"),
    *("trains its housing officers in energy advice", "maps homes that are cold", "asks tenants each winter"),
    *("reports its spending on insulation", "sets a target for its own homes", "shares its survey with the districts"),
)
PASTED = "Recommendations\n\n" + "\n\n".join(
    f"{number}. That the council {thing}." for number, thing in zip(NUMBERS, THINGS, strict=True)
)
TITLES = ("Recommendation", "Cabinet’s decision", "Response and actions", "Reason", "Lead officer", "Target date")
REFUSED = ("3", "5")


@pytest.fixture
def response_paper(tmp_path):
    rows = []
    for number, thing in zip(NUMBERS, THINGS, strict=True):
        officer = "Siân Llŷr-Ôwain" if number in ("1a", "1b") else "Rhys Vaughan"
        told = ("Not accepted", "", "It costs too much.", "", "")
        if number not in REFUSED:
            told = ("Accepted", f"Work on {number} begins in spring.", "", officer, "30 April 2027")
        rows.append((f"{number}. That the council {thing}.", *told))
    path = tmp_path / "Response of Cabinet.docx"
    path.write_bytes(document(table(TITLES, *rows), header=("Response of Cabinet to the Warm Homes Inquiry",)))
    return path


def fill_day(page, name, day):
    group = page.get_by_role("group", name=name)
    for part in ("day", "month", "year"):
        group.get_by_label(part.capitalize()).fill(str(getattr(day, part)))


def test_record_an_inquiry_in_ten_pages(
    page, sign_in, axe, screenshots, clerk, officer, cabinet_member, committee, response_paper
):
    sign_in(page, clerk)
    seen = []
    page.on("response", lambda one: one.request.is_navigation_request() and one.status == 200 and seen.append(one.url))
    page.goto("/")
    at_both_widths(page, axe)
    screenshots(page, "record-your-work")
    page.get_by_role("button", name="Record an inquiry").click()
    page.get_by_label("Title of the inquiry").fill("Warm Homes")
    page.get_by_label("Committee", exact=True).select_option(label="Communities Select Committee")
    group = page.get_by_role("group", name="When was the inquiry report completed?")
    group.get_by_label("Month").fill("October")
    group.get_by_label("Year").fill("2026")
    fill_day(page, "When did Cabinet receive the report?", date(2026, 10, 5))
    at_both_widths(page, axe)
    screenshots(page, "record-details")
    press(page, "Save and continue")

    at_both_widths(page, axe)
    screenshots(page, "record-task-list")
    page.get_by_role("link", name="Recommendations", exact=True).click()
    page.get_by_label("Paste the text here").fill(PASTED)
    at_both_widths(page, axe)
    screenshots(page, "record-recommendations")
    press(page, "Look through")
    expect(page.get_by_label("Number", exact=True)).to_have_count(12)
    at_both_widths(page, axe)
    screenshots(page, "record-recommendation-rows")
    press(page, "Record these recommendations")

    page.get_by_role("link", name="Cabinet’s response", exact=True).click()
    page.get_by_label("Or choose a file").set_input_files(response_paper)
    at_both_widths(page, axe)
    screenshots(page, "record-responses")
    press(page, "Look through")
    expect(page.get_by_label("Record Rhys Vaughan as a new person")).to_be_checked()
    page.get_by_label("Job title").fill("Energy Manager")
    page.get_by_label("E-mail address").fill("rhys@wealdshire.example")
    page.get_by_label("Cabinet Member who signs off the updates").select_option(index=1)
    fill_day(page, "When did Cabinet respond?", date(2026, 11, 17))
    at_both_widths(page, axe)
    screenshots(page, "record-response-rows")
    press(page, "Record these responses")

    at_both_widths(page, axe)
    screenshots(page, "record-task-list-done")
    page.get_by_role("link", name="Check answers").click()
    expect(page.get_by_text("17 May 2027")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "record-check")
    assert len(seen) <= 10, seen

    inquiry = Inquiry.objects.get()
    assert [one.reference for one in inquiry.recommendations.all()] == list(NUMBERS)
    given = {one.references: one for one in Response.objects.all()}
    assert given.keys() == set(NUMBERS)
    assert {number for number, one in given.items() if not one.is_accepted} == set(REFUSED)
    rhys = Person.objects.get(email="rhys@wealdshire.example")
    assert (given["1b"].lead_officer, given["11"].lead_officer) == (officer, rhys)
    assert {one.cabinet_member for one in given.values()} == {cabinet_member}
    assert given["8"].target_date == date(2027, 4, 30)


def test_mistakes_and_what_is_undone(page, sign_in, axe, screenshots, inquiry, clerk):
    response = inquiry.recommendations.get(reference="2").response
    sign_in(page, clerk)
    page.goto(f"/clerk/inquiries/{inquiry.slug}/recommendations/add/")
    page.get_by_label("Number", exact=True).first.fill("2")
    page.get_by_label("Wording").nth(1).fill("That it is done.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Kept at")
    press(page, "Record these recommendations")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "record-recommendation-mistakes")
    for name, where in (
        ("recommendations-recorded", f"inquiries/{inquiry.slug}/recommendations"),
        ("responses-recorded", f"inquiries/{inquiry.slug}/responses"),
        ("check-open", f"inquiries/{inquiry.slug}/check"),
        ("correct-recommendation", f"recommendations/{inquiry.recommendations.first().pk}/correct"),
        ("delete-recommendation", f"recommendations/{inquiry.recommendations.first().pk}/delete"),
        ("correct-response", f"responses/{response.pk}/correct"),
        ("remove-response", f"responses/{response.pk}/remove"),
        ("delete-inquiry", f"inquiries/{inquiry.slug}/delete"),
    ):
        page.goto(f"/clerk/{where}/")
        at_both_widths(page, axe)
        screenshots(page, f"record-{name}")
    press(page, "Delete this inquiry")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("is deleted")
