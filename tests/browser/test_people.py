"""People as a clerk keeps them, in a browser: invited, seated, gone, two records of one."""

from datetime import date

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import responses
from inquiries.models import CabinetMember, Membership, Notification, Person, Response
from tests.browser.looking import at_both_widths, press
from tests.cast import NOW, person
from tests.factories import make_report


def done(page):
    return page.locator(".govuk-notification-banner--success")


def test_somebody_is_invited_and_seated(page, sign_in, axe, screenshots, clerk, committee):
    person("Janice Moore", job_title="Direct Services Team Manager")
    sign_in(page, clerk)
    page.goto("/")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="People").click()
    page.get_by_role("button", name="Invite a person").click()
    press(page, "Invite")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Mrs Janice Moore")
    page.get_by_label("E-mail address").fill("janice@wealdshire.example")
    page.get_by_label("Committee", exact=True).select_option("Communities Select Committee")
    page.get_by_label("As", exact=True).select_option("Co-opted member")
    press(page, "Invite")
    expect(page.locator(".govuk-error-summary")).to_contain_text("There is already a record of Janice Moore")
    at_both_widths(page, axe)
    screenshots(page, "people-invite")
    page.get_by_label("Yes: complete the record of Janice Moore").check()
    press(page, "Invite")
    expect(done(page)).to_contain_text("Mrs Janice Moore is invited")
    invited = Person.objects.get(email="janice@wealdshire.example")
    assert (invited.job_title, invited.memberships.get().role) == ("Direct Services Team Manager", "co_opted")

    page.get_by_role("link", name="Give a portfolio in Cabinet").click()
    page.get_by_label("Portfolio").fill("Transport")
    at_both_widths(page, axe)
    screenshots(page, "people-give-portfolio")
    press(page, "Give the portfolio")
    page.get_by_role("link", name="End the seat").click()
    press(page, "Record the last day")
    expect(done(page)).to_contain_text("The last day is recorded.")
    at_both_widths(page, axe)
    screenshots(page, "people-person")
    assert Membership.objects.get().until_date == timezone.localdate()


def test_somebody_leaves_and_hands_over(
    page, sign_in, axe, screenshots, inquiry, clerk, officer, other_officer, cabinet_member
):
    make_report(inquiry, clerk)
    successor = person("Councillor Idris Vaughan", "idris@wealdshire.example")
    for response in inquiry.responses.all():
        responses.correct_response(response, lead_officer=cabinet_member, by=clerk, now=NOW)
    CabinetMember.objects.create(person=successor, portfolio="Transport", from_date=date(2025, 5, 20))
    sign_in(page, clerk)
    page.goto("/clerk/people/")
    at_both_widths(page, axe)
    screenshots(page, "people-list")
    page.get_by_role("link", name="Councillor Ruth Adeyemi").click()
    at_both_widths(page, axe)
    screenshots(page, "people-person-with-work")
    page.get_by_role("link", name="Record that they leave").click()
    press(page, "Record the leaver")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "people-leaver")
    page.get_by_role("combobox", name="Who takes everything over?").press_sequentially("okafor")
    page.get_by_role("option", name="Tom Okafor, Finance Manager").click()
    press(page, "Record the leaver")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Tom Okafor does not sit in Cabinet")
    page.get_by_label("Who signs these reports off?").select_option("Councillor Idris Vaughan")
    press(page, "Record the leaver")
    expect(done(page)).to_contain_text("is recorded as a leaver")
    at_both_widths(page, axe)
    screenshots(page, "people-left")
    assert set(Response.objects.open().values_list("lead_officer__name", flat=True)) == {"Tom Okafor"}
    assert Notification.objects.filter(occasion="handed_over").count() == 2


def test_two_records_become_one(page, sign_in, axe, screenshots, inquiry, clerk, officer):
    imported = person("S Llŷr-Ôwain")
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=imported, by=clerk, now=NOW)
    sign_in(page, clerk)
    page.goto(f"/clerk/people/{imported.pk}/")
    page.get_by_role("link", name="Merge with another record of the same person").click()
    at_both_widths(page, axe)
    screenshots(page, "people-merge")
    page.get_by_label("Who is it really?").fill("head of customer")
    press(page, "Show what moves")
    expect(page.get_by_text("Lead officer for recommendation 2")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "people-merge-preview")
    press(page, "Merge the records")
    expect(done(page)).to_contain_text("The record of S Llŷr-Ôwain is merged.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Siân Llŷr-Ôwain")
    page.get_by_role("link", name="S Llŷr-Ôwain", exact=True).click()
    expect(page.get_by_text("This record was merged into that of")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "people-merged")
