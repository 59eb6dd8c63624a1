"""The public pages in a browser: they can be used by everybody, at the width of a desk and of a hand."""

from datetime import date

import pytest
from playwright.sync_api import expect

from inquiries.actions import assessments, progress, publication
from inquiries.actions import inquiries as inquiry_actions
from inquiries.choices import Rating, Stage
from tests.cast import NOW
from tests.conftest import WIDTHS
from tests.factories import confirm_assessments, make_inquiry, make_meeting, make_report
from tests.replay import replayed

LONG = (
    "Officers met the county's advice agencies on 4 May and on 2 September.\n\n"
    "- Citizens' advice: £12,400 for a second adviser.\n- The energy charity: see "
    "https://example.org/warm-homes/a-very-long-address-that-has-to-be-broken-somewhere-on-a-narrow-screen.\n\n"
    "Next steps will be agreed with Siân Llŷr-Ôwain."
)


@pytest.fixture
def county(
    transactional_db, committee, clerk, officer, other_officer, contributor, cabinet_member, chair, member, request
):
    """An inquiry with a report that was judged, and a second one under way with drafts."""
    return make_county(
        committee, clerk, contributor, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )


@replayed
def make_county(committee, clerk, contributor, **people):
    inquiry = make_inquiry(committee, clerk, **people)
    inquiry.summary = "How the county helps people who cannot heat their homes."
    inquiry.received_on = date(2026, 5, 12)
    inquiry.save()
    meeting = make_meeting(committee)
    first = make_report(inquiry, clerk, meeting=meeting)
    for update in first.updates.for_page():
        saved = progress.save_update(
            update,
            version=0,
            text=LONG,
            officer_view="on_track",
            contributors=[contributor],
            evidence=[("The agencies' minutes", "https://example.org/minutes")],
            by=clerk,
            now=NOW,
        )
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    progress.record_sign_off(first.sign_offs.get(), evidence_note="A letter.", by=clerk, now=NOW)
    publication.publish(first, by=clerk, now=NOW)
    for update, rating in zip(first.updates.for_page(), Rating, strict=False):
        assessments.assess(update, rating=rating, comment="Thank you.", seen=None, by=clerk, now=NOW)
    confirm_assessments(first, by=clerk, now=NOW)
    second = make_report(inquiry, clerk, months_on=12, meeting=meeting)
    update = next(u for u in second.updates.for_page() if u.reference == "2")
    progress.save_update(update, version=0, text="A second meeting is planned.", by=people["other_officer"], now=NOW)
    return inquiry


PAGES = {
    "home": "/",
    "inquiries": "/inquiries/",
    "inquiry": "/inquiries/warm-homes-inquiry/",
    "recommendation": "/inquiries/warm-homes-inquiry/2/",
    "committees": "/committees/",
    "committee": "/committees/communities/",
    "report": "/inquiries/warm-homes-inquiry/progress/6/",
    "edition": "/inquiries/warm-homes-inquiry/progress/6/editions/1/",
    **{name: f"/{name}/" for name in ("accessibility", "privacy", "cookies", "contact", "help")},
}


def look(page, name, axe, screenshots):
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} at {width} px"
    screenshots(page, f"public-{name}")


def test_public_pages_are_accessible(page, county, axe, screenshots):
    for name, address in PAGES.items():
        assert page.goto(address).status == 200
        look(page, name, axe, screenshots)


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        (
            "clerk",
            {"your-work": "/", "inquiry": PAGES["inquiry"], "draft": "/inquiries/warm-homes-inquiry/progress/12/"},
        ),
        ("other_officer", {"your-work": "/", "own-rows": "/inquiries/warm-homes-inquiry/progress/12/"}),
    ],
)
def test_pages_of_those_who_work_on_it_are_accessible(page, county, sign_in, axe, screenshots, request, who, pages):
    sign_in(page, request.getfixturevalue(who))
    for name, address in pages.items():
        assert page.goto(address).status == 200
        look(page, f"{who}-{name}", axe, screenshots)


def test_from_the_search_to_the_outcome_of_a_promise(page, county):
    page.goto("/")
    page.get_by_label("Search inquiries").fill("advice agencies")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Warm Homes Inquiry").click()
    page.get_by_role("link", name="Recommendation 1a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 1a")
    expect(page.get_by_text("Ended: implemented")).to_be_visible()
    page.get_by_role("link", name="Interim report (6 months on)").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    assert download.value.suggested_filename == "warm-homes-inquiry-6-months-edition-2.docx"


def test_a_search_that_cannot_be_understood_leads_to_its_field(page, county, axe, screenshots):
    page.goto("/inquiries/?committee=nowhere&q=advice")
    summary = page.locator(".govuk-error-summary")
    assert summary.evaluate("e => e === document.activeElement || e.contains(document.activeElement)")
    assert page.get_by_label("Search inquiries").input_value() == "advice"
    look(page, "inquiries-problem", axe, screenshots)
    summary.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "id_committee"


def test_the_report_prints_without_what_is_clicked(page, county, sign_in, clerk, screenshots):
    sign_in(page, clerk)
    page.goto("/inquiries/warm-homes-inquiry/progress/12/")
    page.emulate_media(media="print")
    expect(page.locator(".scrutiny-editions")).not_to_be_visible()
    expect(page.locator(".scrutiny-actions")).not_to_be_visible()
    expect(page.get_by_role("navigation", name="Menu")).not_to_be_visible()
    expect(page.get_by_text("A second meeting is planned.")).to_be_visible()
    screenshots(page, "public-print", widths=(1280,))


def test_pages_work_without_script(browser, county, base_url):
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    page.goto("/inquiries/?q=homes")
    page.get_by_label("Accepted recommendations").select_option("open")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Warm Homes Inquiry")).to_be_visible()
    context.close()


def test_withdrawn_inquiry_is_gone(page, committee, clerk, transactional_db):
    inquiry = committee.inquiries.create(title="A Mistake", slug="a-mistake")
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert page.goto("/inquiries/a-mistake/").status == 200
    inquiry_actions.withdraw_inquiry(inquiry, reason="Typed twice.", by=clerk, now=NOW)
    assert page.goto("/inquiries/a-mistake/").status == 404
    assert page.get_by_role("heading", level=1).inner_text() == "Page not found"


def test_stages_of_the_second_report_are_not_public(page, county):
    page.goto("/inquiries/warm-homes-inquiry/")
    assert page.get_by_text(Stage.COMMISSIONED.label).count() == 0
