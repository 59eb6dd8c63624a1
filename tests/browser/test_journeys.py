"""The story of the design, clicked through as each role, each of whom signs in with one click.

1. A clerk records an inquiry, its recommendations and Cabinet's responses in the admin.
2. The clerk commissions the interim report; lead officers are told.
3. A lead officer writes and submits; another does; the clerk writes what nobody leads.
4. The Cabinet Member reads it all, returns one update with a note, and signs off when it is mended.
   (5. Here the clerk publishes by hand.)
6. A member notes an indication; the chair records the assessment row by row and confirms it.
7. The public reads what became of each promise.
"""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.choices import SeatRole
from inquiries.models import CabinetMember, Committee, Inquiry, Membership, Person
from tests.browser.looking import let_meetings_begin, press
from tests.factories import make_meeting
from tests.sending import send_all

pytestmark = pytest.mark.django_db(transaction=True)

SINCE = date(2025, 5, 20)
REPORT = "/inquiries/bus-shelters/progress/6"


@pytest.fixture
def cast(demonstration, page):
    """A committee and its people, all of whom may be signed in as with one click."""

    def person(name, first, **fields):
        return Person.objects.create(email=f"{first}@demonstration.example", name=name, **fields)

    committee = Committee.objects.create(name="Transport Select Committee", slug="transport")
    people = {
        "clerk": person("Carys Whitlock", "carys", is_clerk=True),
        "officer": person("Siân Llŷr-Ôwain", "sian", job_title="Head of Highways"),
        "cabinet": person("Councillor Ruth Adeyemi", "ruth"),
        "chair": person("Councillor Harold Penrose", "harold"),
        "member": person("Councillor Anwen Pritchard", "anwen"),
    }
    CabinetMember.objects.create(person=people["cabinet"], portfolio="Transport", from_date=SINCE)
    for who, role in (("chair", SeatRole.CHAIR), ("member", SeatRole.MEMBER)):
        Membership.objects.create(committee=committee, person=people[who], role=role, from_date=SINCE)
    make_meeting(committee, timezone.localdate() + timedelta(days=60))
    return people


@pytest.fixture
def become(page, cast):
    """Sign out whoever is signed in, and sign in as somebody else with one click."""

    def sign_in_as(who):
        if page.get_by_role("button", name="Sign out").count():
            press(page, "Sign out")
            expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        page.goto("/accounts/login/")
        page.get_by_role("button", name=f"Sign in as {cast[who].name}").click()
        expect(page.get_by_role("heading", name="Your work", exact=True)).to_be_visible()

    return sign_in_as


def choose(page, field, name):
    """Choose in one of the admin's searching fields."""
    page.locator(f"#id_{field} + .select2-container .select2-selection").click()
    page.locator(".select2-search__field").last.fill(name.split()[-1])
    page.locator(".select2-results__option", has_text=name).click()


def said(page, words):
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text(words)


def row(page, name):
    return page.get_by_role("region", name=name, exact=True)


def mail_to(person):
    send_all(timezone.now())
    return [message.subject for message in mail.outbox if message.to == [person.email]]


def test_from_recommendation_to_outcome(page, become, cast):
    become("clerk")
    _record_the_inquiry(page, cast)
    _commission(page)
    assert mail_to(cast["officer"]) == ["Progress update needed on recommendations 1a and 1b: Bus Shelters"]
    become("officer")
    _write_and_submit(page)
    become("clerk")
    _write_on_behalf(page)
    become("cabinet")
    _return_one(page)
    become("officer")
    _mend(page)
    become("cabinet")
    _sign_off(page)
    become("clerk")
    _publish(page)
    become("member")
    _indicate(page)
    become("chair")
    _assess_and_confirm(page)
    press(page, "Sign out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    _read_as_the_public(page)


def _record_the_inquiry(page, cast):
    page.goto("/admin/inquiries/inquiry/add/")
    choose(page, "committee", "Transport Select Committee")
    page.locator("#id_title").press_sequentially("Bus Shelters")
    for number, (reference, wording) in enumerate(
        (
            ("1a", "That every village has a bus shelter."),
            ("1b", "That each shelter has a light."),
            ("2", "That timetables hang in every shelter."),
        )
    ):
        page.locator(f"#id_recommendations-{number}-reference").fill(reference)
        page.locator(f"#id_recommendations-{number}-text").fill(wording)
    page.locator("#id_responses-0-answers").fill("1a, 1b")
    page.locator("#id_responses-0-decision").select_option("accepted")
    page.locator("#id_responses-0-text").fill("Twelve shelters a year, each with a light.")
    choose(page, "responses-0-lead_officer", cast["officer"].name)
    choose(page, "responses-0-cabinet_member", cast["cabinet"].name)
    press(page, "Save and continue editing")
    page.get_by_text("was added successfully").wait_for()
    page.locator("#id_responses-0-answers").fill("2")
    page.locator("#id_responses-0-decision").select_option("accepted")
    page.locator("#id_responses-0-text").fill("They will.")
    press(page, "Save and continue editing")
    page.get_by_text("was changed successfully").wait_for()
    assert [r.references for r in Inquiry.objects.get().responses.in_order()] == ["1a and 1b", "2"]


def _commission(page):
    page.goto("/inquiries/bus-shelters/")
    page.get_by_role("link", name="Commission").first.click()
    press(page, "See the e-mails before they are sent")
    page.get_by_role("button", name="Commission").click()
    said(page, "is commissioned")


def _write_and_submit(page):
    page.get_by_role("link", name="Progress update on 1a and 1b").click()
    page.get_by_label("What has been done").fill("Five shelters stand.\n\n- Ashcombe\n- Llanfair Hollow")
    press(page, "Save as draft of the update on 1a and 1b")
    said(page, "Draft saved")
    press(page, "Submit the update on 1a and 1b")
    said(page, "has been submitted")


def _write_on_behalf(page):
    page.goto(f"{REPORT}/updates/2/")
    page.get_by_label("What has been done").fill("They hang in every shelter, with £0 spent on print.")
    press(page, "Save and submit")
    said(page, "has been submitted")


def _return_one(page):
    page.get_by_role("link", name="Bus Shelters").first.click()
    page.get_by_role("link", name="Return this update on 1a and 1b").click()
    page.get_by_label("What would you like changed?").fill("How many have a light?")
    press(page, "Return this update")
    said(page, "You have returned the update on 1a and 1b")


def _mend(page):
    page.get_by_role("link", name="Progress update on 1a and 1b").click()
    expect(page.get_by_text("How many have a light?").first).to_be_visible()
    page.get_by_label("What has been done").fill("Five shelters stand, all five with a light.")
    press(page, "Submit the update on 1a and 1b")
    said(page, "has been submitted")


def _sign_off(page):
    page.get_by_role("link", name="Bus Shelters").first.click()
    expect(page.get_by_text("Five shelters stand, all five with a light.")).to_be_visible()
    press(page, "Sign off")
    said(page, "signed off")


def _publish(page):
    page.goto(f"/clerk{REPORT}/")
    press(page, "Publish")
    press(page, "Publish")
    said(page, "is published")


def _indicate(page):
    page.get_by_role("link", name="Bus Shelters").first.click()
    row(page, "Recommendation 2").get_by_label("Implemented").check()
    press(page, "Save")
    expect(page.get_by_role("status")).to_have_text("Saved: 2.")


def _assess_and_confirm(page):
    page.get_by_role("link", name="Bus Shelters").first.click()
    for name, rating in (("Recommendations 1a and 1b", "Concerns"), ("Recommendation 2", "Implemented")):
        row(page, name).get_by_label(rating).check()
    press(page, "Save")
    expect(page.get_by_role("status")).to_have_text("Saved: 1a and 1b and 2.")
    expect(page.get_by_text("which has not begun. You can record drafts now and confirm them then.")).to_be_visible()
    let_meetings_begin()
    page.reload()
    press(page, "Go on to confirm the assessments")
    press(page, "Confirm the assessments")
    expect(page.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()


def _read_as_the_public(page):
    page.goto(f"{REPORT}/")
    expect(page.get_by_role("cell", name="Concerns")).to_be_visible()
    for kind in ("PDF", "Word", "CSV", "JSON"):
        file = page.request.get(page.get_by_role("link", name=kind).first.get_attribute("href"))
        assert file.ok, kind
        assert file.body()
    page.goto("/inquiries/bus-shelters/2/")
    expect(page.get_by_text("Implemented").first).to_be_visible()
    expect(page.get_by_text("They hang in every shelter").first).to_be_visible()
