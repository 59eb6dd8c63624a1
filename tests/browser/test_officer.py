"""The page on which an update is written, as the people who write meet it."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from inquiries.actions import progress, responses
from inquiries.choices import Stage
from inquiries.models import Draft, Person, Response
from tests.browser.looking import at_both_widths
from tests.cast import NOW, TODAY
from tests.conftest import watch
from tests.factories import make_report

PAGE = "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
LONG_TEXT = (
    "We have written to every household that asked for help since April, and rang those who did not answer.\n\n"
    "- 240 homes have been insulated\n- 31 are waiting for a date\n\n"
    "What is left to do is on https://wealdshire.example/warm-homes/what-is-left-to-do-before-the-winter."
)


@pytest.fixture
def report(inquiry, clerk):
    return make_report(inquiry, clerk)


def fresh(report):
    return report.updates.for_page().get(response=Response.objects.get(recommendations__reference="1a"))


def text_of(report):
    return fresh(report).text


def sees(page, words):
    expect(page.locator("body")).to_contain_text(words)


@pytest.fixture
def second_page(browser, browser_context_args):
    """A page in another person's browser."""
    context, troubles = browser.new_context(**browser_context_args), []
    other = context.new_page()
    watch(other, troubles)
    yield other
    context.close()
    assert troubles == []


def test_page_is_accessible_and_looks_right(page, sign_in, axe, screenshots, inquiry, clerk, officer, cabinet_member):
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    response = Response.objects.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=officer, by=clerk, now=NOW)
    for day, reason in ((TODAY, ""), (TODAY.replace(year=2027), "The supplier is late.")):
        responses.change_target_date(response, target_date=day, reason=reason, by=clerk, now=NOW)
    report = make_report(inquiry, clerk, months_on=12)
    report.updates_due_on = TODAY.replace(month=1)
    report.save()
    for update in report.updates.for_page():
        words = {"text": LONG_TEXT, "officer_view": "on_track"}
        update = progress.save_update(update, version=0, by=clerk, now=NOW, **words)
        progress.submit_update(update, version=1, by=clerk, now=NOW)
    update = report.updates.for_page().get(response=response)
    progress.return_update(update, note="Say how many homes\n\n- in the towns\n- elsewhere", by=cabinet_member, now=NOW)
    sign_in(page, officer)
    page.goto(PAGE.replace("/6/updates/1a/", "/12/updates/2/"))
    at_both_widths(page, axe)
    for summary in page.locator("summary").all():
        summary.click()
    at_both_widths(page, axe)
    screenshots(page, "officer-update")


def test_submitted_page_is_accessible(page, sign_in, axe, screenshots, report, officer, contributor):
    words = {"text": LONG_TEXT, "officer_view": "complete", "contributors": [contributor]}
    links = [("The page about warm homes", "https://wealdshire.example/warm-homes")]
    progress.save_update(fresh(report), version=0, by=officer, now=NOW, evidence=links, **words)
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_role("button", name="Save and submit").click()
    sees(page, "The progress update on 1a and 1b has been submitted.")
    sees(page, "What happens next")
    at_both_widths(page, axe)
    screenshots(page, "officer-submitted")


def test_errors_take_the_focus_and_lose_nothing(page, sign_in, axe, screenshots, report, officer):
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("Some concerns").check()
    page.get_by_text("Part of this update is confidential").click()
    page.get_by_label("The confidential part").fill("The contractor's price.")
    page.get_by_text("Evidence", exact=True).first.click()
    page.get_by_label("Web address").first.fill("not an address")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Some concerns")).to_be_checked()
    expect(page.get_by_label("The confidential part")).to_have_value("The contractor's price.")
    at_both_widths(page, axe)
    screenshots(page, "officer-errors")
    page.get_by_role("link", name="Choose the paragraph").click()
    expect(page.get_by_label("Why it is exempt")).to_be_focused()


def test_three_updates_are_written_on_one_page(page, sign_in, axe, screenshots, inquiry, report, clerk, officer):
    for reference in ("2", "10"):
        response = inquiry.recommendations.get(reference=reference).response
        responses.correct_response(response, lead_officer=officer, by=clerk, now=NOW)
        responses.change_target_date(response, target_date=TODAY.replace(month=9), reason="", by=clerk, now=NOW)
    sign_in(page, officer)
    page.goto("/")
    page.get_by_role("link", name="3 progress updates: Warm Homes Inquiry").click()
    at_both_widths(page, axe)
    screenshots(page, "officer-updates")
    page.get_by_label("What has been done about 2").fill("Half of it.")
    expect(page.get_by_text("Kept at")).to_be_visible()
    for reference in ("1a and 1b", "2", "10"):
        page.get_by_label(f"What has been done about {reference}").fill(f"All about {reference}.")
        page.get_by_role("button", name=f"Submit the update on {reference}", exact=True).click()
        sees(page, f"The progress update on {reference} has been submitted.")
    sees(page, "All your updates are in")
    at_both_widths(page, axe)
    assert {u.text for u in report.updates.all()} == {"All about 1a and 1b.", "All about 2.", "All about 10."}
    assert not Draft.objects.exists()


def test_typing_is_kept_as_a_draft(page, sign_in, report, officer):
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("What has been done").fill("Ten homes.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Kept at")
    assert text_of(report) == ""
    other_tab = page.context.new_page()
    other_tab.goto(PAGE)
    sees(other_tab, "You have text that was not saved")
    expect(other_tab.get_by_label("What has been done")).to_have_value("Ten homes.")
    page.get_by_label("What has been done").fill("Eleven homes.")
    page.get_by_role("button", name="Save as draft").click()
    sees(page, "Draft saved.")
    assert text_of(report) == "Eleven homes."
    other_tab.get_by_label("What has been done").fill("Twelve homes.")
    expect(other_tab.locator("[data-autosave-status]")).to_contain_text("Save to see both texts.")
    other_tab.get_by_role("button", name="Save as draft").click()
    sees(other_tab, "Two people changed this update")
    assert text_of(report) == "Eleven homes."


def test_contributor_is_chosen_by_typing(page, sign_in, axe, screenshots, report, officer, contributor):
    sign_in(page, officer)
    page.goto(PAGE)
    page.locator("summary", has_text="Who else writes this update").click()
    box = page.get_by_role("combobox", name="Contributor 1")
    box.press_sequentially("pri")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text([contributor.title_and_name])
    box.press("ArrowDown")
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_have_count(1)
    at_both_widths(page, axe)
    screenshots(page, "officer-contributor")
    box.press("Enter")
    expect(box).to_have_value(contributor.title_and_name)
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.get_by_role("button", name="Save as draft").click()
    sees(page, "Draft saved.")
    assert [str(person) for person in fresh(report).contributor_names] == [str(contributor)]


def test_two_people_at_once_choose_or_merge(page, second_page, sign_in, axe, screenshots, report, officer, contributor):
    progress.save_update(
        fresh(report), version=0, by=officer, now=NOW, text="Ten homes are warm.", contributors=[contributor]
    )
    for browser_page, person in ((page, officer), (second_page, contributor)):
        sign_in(browser_page, person)
        browser_page.goto(PAGE)
    second_page.get_by_label("What has been done").fill("Twelve homes are warm.")
    second_page.get_by_role("button", name="Save as draft").click()
    sees(second_page, "Draft saved.")
    page.get_by_label("What has been done").fill("Eleven homes are warm.")
    page.get_by_label("Complete").check()
    page.get_by_role("button", name="Save and submit").click()
    sees(page, "Two people changed this update")
    expect(page.locator("del")).to_contain_text("Twelve")
    expect(page.locator("ins")).to_contain_text("Eleven")
    expect(page.get_by_label("Complete")).to_be_checked()
    at_both_widths(page, axe)
    screenshots(page, "officer-clash")
    page.get_by_label("What has been done").fill("Twelve homes, not eleven, are warm.")
    page.get_by_label("Web address").first.press("Enter")
    sees(page, "Draft saved.")
    saved = fresh(report)
    assert (saved.text, saved.officer_view, saved.submitted_at) == (
        "Twelve homes, not eleven, are warm.",
        "complete",
        None,
    )


@pytest.mark.parametrize("javascript", [True, False])
def test_text_survives_an_expired_session(
    browser, browser_context_args, sign_in, axe, screenshots, report, officer, mailoutbox, javascript
):
    context = browser.new_context(**browser_context_args, java_script_enabled=javascript)
    page = context.new_page()
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("What has been done").fill("Ten homes & a “flat”.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save as draft").click()
    page.wait_for_url(re.compile(r"/accounts/login/\?next="))
    page.get_by_label("mail").fill(officer.email)
    page.get_by_role("button", name="code").click()
    page.wait_for_url("**/accounts/login/code/confirm/**")
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mailoutbox[0].body, re.MULTILINE).group(1)
    page.get_by_label("code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{PAGE}")
    sees(page, "You have text that was not saved")
    expect(page.get_by_label("What has been done")).to_have_value("Ten homes & a “flat”.")
    assert text_of(report) == ""
    if javascript:
        at_both_widths(page, axe)
        screenshots(page, "officer-kept-words")
    page.get_by_role("button", name="Save as draft").click()
    sees(page, "Draft saved.")
    assert text_of(report) == "Ten homes & a “flat”."
    context.close()


def test_without_javascript_one_saves_and_submits(browser, browser_context_args, sign_in, report, officer):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("What has been done").fill("Ten homes.")
    page.get_by_role("button", name="Save as draft").click()
    sees(page, "Draft saved. The update on 1a and 1b has not been submitted yet.")
    page.locator("summary", has_text="Evidence").click()
    page.get_by_role("button", name="Add another link").click()
    sees(page, "There is room for more links below.")
    page.get_by_role("button", name="Save and submit").click()
    sees(page, "The progress update on 1a and 1b has been submitted.")
    assert fresh(report).submitted_by == Person.objects.get(pk=officer.pk)
    context.close()


def test_a_double_click_on_submit_does_not_break(browser, browser_context_args, sign_in, report, officer):
    # Without script nothing but the server stands between the two clicks.
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("What has been done").fill("Ten homes.")
    page.get_by_role("button", name="Save and submit").dblclick()
    sees(page, "This update has been submitted and can no longer be changed.")
    sees(page, "Submitted by Siân Llŷr-Ôwain on")
    context.close()


def test_typed_markup_is_shown_as_text(page, sign_in, report, officer):
    sign_in(page, officer)
    page.goto(PAGE)
    page.get_by_label("What has been done").fill("<script>document.title = 'taken over'</script>")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.locator(".govuk-summary-list").last).to_contain_text("<script>document.title = 'taken over'</script>")
    expect(page).to_have_title("Progress update on 1a and 1b - Scrutiny")


def test_button_waits_for_the_draft_under_way(page, sign_in, report, officer):
    sign_in(page, officer)
    page.goto(PAGE)
    held = []
    page.route("**/autosave/", lambda route: held.append(route))
    with page.expect_request("**/autosave/", timeout=20_000):
        page.get_by_label("What has been done").fill("Ten homes.")
    page.get_by_label("What has been done").fill("Eleven homes.")
    page.get_by_role("button", name="Save as draft").click()
    held[0].continue_()
    sees(page, "Draft saved. The update on 1a and 1b has not been submitted yet.")
    assert (text_of(report), fresh(report).version) == ("Eleven homes.", 1)
    assert not Draft.objects.exists()
