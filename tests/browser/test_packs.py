"""An agenda pack from building to taking it back, as its clerk meets it."""

from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import packs
from inquiries.choices import Stage
from inquiries.documents.exempt_search import ExemptFound
from inquiries.models import AgendaPack, PackPlan
from inquiries.models.packs import this_connection
from inquiries.preflight.checks import Finding
from inquiries.preflight.subject import Place
from tests.browser.looking import at_both_widths, press
from tests.cast import person
from tests.factories import make_agenda, make_meeting, make_report
from tests.pack_building import build_quickly

LONGEST_BUILD = 60  # seconds that a held build waits for the test


@pytest.fixture
def agenda(committee, clerk, member, inquiry, monkeypatch, settings, tmp_path):
    """The agenda of a meeting in two months: a paper, a signed-off report, something exempt."""
    settings.MEDIA_ROOT = tmp_path
    build_quickly(monkeypatch)
    monkeypatch.setattr(
        packs,
        "findings_for",
        lambda *args, **kwargs: [
            Finding(
                "run_together",
                "These words run together.",
                Place("Item 2, page 3", "/clerk/"),
                "help for themthis year",
            ),
            Finding("lead_officer", "Nobody leads this recommendation.", Place("Item 3, recommendation 10", "/clerk/")),
        ],
    )
    # The sample papers all hold the same words.
    monkeypatch.setattr(packs, "search", lambda *texts, **about: [])
    meeting = make_meeting(committee, timezone.localdate() + timedelta(days=60))
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    return make_agenda(meeting, clerk, report=report, exempt_words="Quartz Heating Ltd offers 418,250 pounds")


@pytest.fixture
def held_build(monkeypatch, agenda):
    """Building stops half way until the test goes on."""
    go_on, build = Event(), packs.build

    def held(contents, papers, folder, say):
        say("Binding the papers", 3, 12)
        go_on.wait(LONGEST_BUILD)
        return build(contents, papers, folder, say)

    monkeypatch.setattr(packs, "build", held)
    yield go_on
    go_on.set()


def said(page):
    return page.locator(".govuk-notification-banner--success")


def test_from_building_to_taking_back(page, sign_in, axe, screenshots, agenda, clerk):
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
    at_both_widths(page, axe)
    screenshots(page, "pack-not-built")
    press(page, "Build the pack")
    expect(said(page)).to_contain_text("The pack is built: public and restricted editions.")
    at_both_widths(page, axe)
    screenshots(page, "pack-built")
    page.get_by_label("For printing on both sides").uncheck()
    press(page, "Save how it is printed")
    expect(page.get_by_text("Out of date", exact=True)).to_have_count(2)
    at_both_widths(page, axe)
    screenshots(page, "pack-out-of-date")

    page.get_by_role("link", name="Check before publishing").click()
    expect(page.get_by_role("heading", name="Worth a look (2)")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "pack-check")
    page.get_by_role("button", name="Go on to publishing").click()
    at_both_widths(page, axe)
    screenshots(page, "pack-publish")
    press(page, "Publish")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    page.get_by_label("At a set time").check()
    day = timezone.localdate() + timedelta(days=3)
    for part in ("Day", "Month", "Year"):
        page.get_by_role("group", name="Day, for a set time").get_by_label(part).fill(str(getattr(day, part.lower())))
    page.get_by_label("Time, for a set time").fill("half past nine")
    press(page, "Publish")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter a time like 14:00 or 2pm")
    at_both_widths(page, axe)
    screenshots(page, "pack-publish-mistake")
    page.get_by_label("Time, for a set time").fill("9:30")
    press(page, "Publish")
    expect(said(page)).to_contain_text("It will be published on")
    at_both_widths(page, axe)
    screenshots(page, "pack-planned")
    page.get_by_role("link", name="Do not publish it then").click()
    at_both_widths(page, axe)
    screenshots(page, "pack-unplan")
    press(page, "Do not publish it then")
    expect(said(page)).to_contain_text("Nothing is published by itself.")

    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_label("Now", exact=True).check()
    press(page, "Publish")
    expect(said(page)).to_contain_text("Agenda pack is published")
    at_both_widths(page, axe)
    screenshots(page, "pack-published")
    page.get_by_role("link", name="Withdraw").first.click()
    at_both_widths(page, axe)
    screenshots(page, "pack-withdraw")
    press(page, "Withdraw")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    page.get_by_label("Why is it withdrawn?").fill("The wrong paper stood in it.")
    press(page, "Withdraw")
    # The public edition and, as offered, the restricted one.
    expect(page.get_by_text("The wrong paper stood in it.")).to_have_count(2)
    at_both_widths(page, axe)
    assert not AgendaPack.objects.published().exists()


def test_the_progress_of_a_build_is_shown(page, sign_in, axe, screenshots, agenda, clerk, held_build):
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
    press(page, "Build the pack")
    bar = page.get_by_role("progressbar", name="Building the pack")
    expect(bar).to_have_attribute("max", "12")
    expect(bar).to_have_js_property("value", 3)
    expect(page.get_by_text("Binding the papers")).to_be_visible()
    expect(page.get_by_text("(3 of 12)")).to_be_visible()
    expect(page.get_by_text("Carys Whitlock started it.")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "pack-progress")
    held_build.set()
    expect(said(page)).to_contain_text("The pack is built")
    expect(bar).to_be_hidden()


def test_somebody_elses_build_is_shown_until_it_is_done(page, sign_in, axe, screenshots, agenda, clerk):
    now = timezone.now()
    plan = PackPlan.objects.create(
        meeting=agenda,
        claimed_by=this_connection(),
        started_at=now,
        started_by=person("Owain Pugh"),
        step="Binding the papers",
        done=3,
        total=12,
    )
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
    expect(page.get_by_text("Owain Pugh started it")).to_be_visible()
    PackPlan.objects.filter(pk=plan.pk).update(done=7)
    expect(page.get_by_text("(7 of 12)")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "pack-somebody-builds")
    press(page, "Build the pack")
    expect(page.get_by_role("alert")).to_contain_text("Owain Pugh is building this pack at this moment.")
    PackPlan.objects.filter(pk=plan.pk).update(claimed_by="", failure="A paper cannot be read.")
    expect(page.get_by_text("When it was last tried: A paper cannot be read.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()


def test_without_javascript_the_build_answers_when_it_is_done(browser, browser_context_args, sign_in, agenda, clerk):
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, clerk)
        page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
        press(page, "Build the pack")
        expect(said(page)).to_contain_text("The pack is built: public and restricted editions.")


def test_withheld_words_are_shown_and_cleared(page, sign_in, axe, screenshots, agenda, clerk, monkeypatch):
    source = "the exempt paper “Tender report” (item 4), page 2"
    passage = "the depot at Millbrook closes before the summer"
    found = [ExemptFound(passage, "page 3", source, ("page 3",))]
    look = ["£2.35m", "Grace Bishop", "12.5 per cent", *(f"{100 + number} homes" for number in range(9))]
    found += [ExemptFound(text, "page 5", source, ("page 5", "a bookmark"), stops=False) for text in look]
    monkeypatch.setattr(packs, "search", lambda *texts, **about: found)
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/publish/")
    page.get_by_label("Now", exact=True).check()
    press(page, "Publish")
    expect(page.get_by_role("heading", name="Exempt text was found")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "pack-withheld")
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
    expect(page.get_by_role("heading", name="Look at these (12)")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "pack-exempt-found")
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/publish/")
    page.get_by_role("link", name="This text may be published").click()
    press(page, "It may be published")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "pack-clear-words")
    page.get_by_label("Why may it be published?").fill("The firm says so on its own site.")
    press(page, "It may be published")
    expect(said(page)).to_contain_text("This text may be published.")


def test_on_paper_there_is_nothing_to_click(page, sign_in, agenda, clerk):
    packs.build_packs(agenda, 0, by=clerk, now=timezone.now())
    sign_in(page, clerk)
    page.emulate_media(media="print")
    page.goto(f"/clerk/meetings/{agenda.pk}/packs/0/")
    expect(page.get_by_role("cell", name="E1 - E2")).to_be_visible()
    for hidden in (page.get_by_role("button"), page.get_by_role("navigation"), page.get_by_role("checkbox")):
        expect(hidden).to_have_count(0)
    expect(page.get_by_role("link", name="Print")).to_have_count(0)
