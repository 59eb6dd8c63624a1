"""A list of people on its way in, and a person who asks to be erased, as a clerk meets them."""

import json

from playwright.sync_api import expect

from inquiries.models import Membership, Person
from tests.browser.looking import at_both_widths, press
from tests.cast import person

LIST = """Name;E-mail address;Job title;Select committee;Role;From;Payroll number
Rhys Vaughan;rhys@wealdshire.example;Councillor;Communities;vice-chair;20/05/2026;4711
Siân Llŷr-Ôwain;sian@wealdshire.example;Director of Customer Access;;;;4712
Tom Okafor;tom@wealdshire.example;Finance Manager;;;;4713
Gwen Rees;gwendolen.rees-of-the-warm-homes-partnership@wealdshire.example;;;;;4714
Ann Archer;ann at home;;;;;
Lloyd Pugh;lloyd@wealdshire.example;;Health;chair;31/02/2026;
"""


def test_import_of_people(page, sign_in, axe, screenshots, clerk, committee, officer, other_officer, tmp_path):
    gwen = person("Gwen Rees", job_title="Team Manager")
    # As Excel writes it where “CSV” is chosen.
    path = tmp_path / "New members.csv"
    path.write_bytes(LIST.replace("Llŷr-Ôwain", "Llyr-Owain").encode("cp1252"))
    sign_in(page, clerk)
    page.goto("/clerk/people/import/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-import-people")
    wrong = tmp_path / "people.xlsx"
    wrong.write_bytes(b"PK\x03\x04")
    page.get_by_label("CSV file").set_input_files(wrong)
    press(page, "Upload and look through")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)

    page.get_by_label("CSV file").set_input_files(path)
    press(page, "Upload and look through")
    expect(page.locator("h1")).to_have_text("Look through what each row does")
    expect(page.locator("#line-6")).to_contain_text("is not an e-mail address")
    expect(page.get_by_role("button", name="Record these people")).to_have_count(0)
    at_both_widths(page, axe)
    screenshots(page, "clerk-people-import-problems")

    path.write_bytes("\n".join(LIST.splitlines()[:5]).replace("Llŷr-Ôwain", "Llyr-Owain").encode("cp1252"))
    page.goto("/clerk/people/import/")
    page.get_by_label("CSV file").set_input_files(path)
    press(page, "Upload and look through")
    at_both_widths(page, axe)
    screenshots(page, "clerk-people-import")
    press(page, "Record these people")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    summary = page.locator(".govuk-error-summary")
    summary.get_by_role("link", name="Say who Gwen Rees in line 5 is").click()
    page.get_by_role("radio", name="complete them with gwendolen").check()
    press(page, "Show what that does")
    expect(page.locator("#line-5")).to_contain_text("E-mail address added")
    expect(page.get_by_role("radio", name="complete them with gwendolen")).to_be_checked()
    press(page, "Record these people")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Recorded: 1 new person and 2 people")
    at_both_widths(page, axe)
    screenshots(page, "clerk-people-imported")
    gwen.refresh_from_db()
    officer.refresh_from_db()
    assert gwen.email.startswith("gwendolen.rees")
    assert officer.job_title == "Director of Customer Access"
    assert Membership.objects.get(person__name="Rhys Vaughan").get_role_display() == "Vice-chair"
    assert not Person.objects.filter(name="Ann Archer").exists()


def test_export_and_erasure_of_a_person(page, sign_in, axe, screenshots, clerk, inquiry, officer):
    guest = person(
        "Gwen Rees", "gwen@wealdshire.example", job_title="Adviser", organisation="Warm Homes Trust", is_active=False
    )
    sign_in(page, clerk)
    page.goto(f"/clerk/people/{officer.pk}/erase/")
    expect(page.get_by_role("main")).to_contain_text("they lead responses")
    at_both_widths(page, axe)
    screenshots(page, "clerk-erase-person-not-yet")
    page.goto(f"/clerk/people/{guest.pk}/")
    page.get_by_role("link", name="Export the data we hold about them").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-export-person")
    with page.expect_download() as taken:
        press(page, "Download the file")
    with open(taken.value.path(), encoding="utf-8") as file:
        assert json.load(file)["Account"][0]["Organisation"] == "Warm Homes Trust"

    page.goto(f"/clerk/people/{guest.pk}/")
    page.get_by_role("link", name="Erase this record").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-erase-person")
    page.get_by_label("Type the person's name").fill("Gwen")
    press(page, "Erase their data for good")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    page.get_by_label("Type the person's name").fill("Gwen Rees")
    press(page, "Erase their data for good")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text(f"Erased person {guest.pk} are erased")
    at_both_widths(page, axe)
    screenshots(page, "clerk-erased-person")
    page.goto("/accounts/you/data.json")
    at_both_widths(page, axe)
    screenshots(page, "account-your-data", widths=(390,))
