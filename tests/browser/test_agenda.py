"""An agenda put together in the browser, with the keyboard, the pointer, and without a script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import meetings
from inquiries.choices import ItemKind, Stage
from inquiries.models import AgendaDocument, AgendaPack, Meeting, PackPaper
from tests.browser.looking import at_both_widths, press
from tests.documents.papers import make_paper
from tests.factories import make_meeting, make_received, make_report


@pytest.fixture
def meeting(committee):
    return make_meeting(committee, timezone.localdate() + timedelta(days=60))


@pytest.fixture
def put(meeting, clerk):
    """A function that puts an item on the agenda."""
    return lambda title, **values: meetings.add_item(meeting, title=title, by=clerk, now=timezone.now(), **values)


def titles(page):
    return page.locator(".scrutiny-builder__words")


def test_from_calling_a_meeting_to_its_papers(page, sign_in, axe, screenshots, committee, clerk, tmp_path):
    for name, pages in (("figures.pdf", 5), ("contract.pdf", 2)):
        (tmp_path / name).write_bytes(make_paper(pages, title=name))
    (tmp_path / "notes.txt").write_text("Not a paper.")
    sign_in(page, clerk)
    page.goto("/committees/communities/")
    page.get_by_role("link", name="Call a meeting of this committee").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-call-meeting")
    press(page, "Call the meeting")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    expect(page.get_by_label("Committee")).not_to_have_value("")
    for part, value in (("Day", "15"), ("Month", "6"), ("Year", str(timezone.localdate().year + 1))):
        page.get_by_role("group", name="Day").get_by_label(part).fill(value)
    page.get_by_label("Time").fill("2pm")
    press(page, "Call the meeting")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The meeting is called.")
    expect(titles(page)).to_have_count(5)

    press(page, "Add an item")
    at_both_widths(page, axe)
    screenshots(page, "clerk-add-item")
    press(page, "Add the item")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_label("Title", exact=True).fill("Budget monitoring")
    page.get_by_label("Subtitle").fill("Attending: the Cabinet Member for Finance")
    page.get_by_label("Uploaded papers").check()
    page.get_by_label("Where on the agenda?").select_option(label="Before 4. Work programme")
    press(page, "Add the item")

    expect(page.get_by_role("heading", name="Add papers to “Budget monitoring”")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-add-paper")
    first, second = (page.get_by_role("group", name=f"Paper {number}") for number in (1, 2))
    first.get_by_label("File").set_input_files(tmp_path / "figures.pdf")
    first.get_by_label("Title").fill("Figures of the year")
    second.get_by_label("File").set_input_files(tmp_path / "notes.txt")
    second.get_by_label("Title").fill("Contract")
    second.get_by_label("Who may read it?").select_option("3")
    press(page, "Add the papers")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "clerk-add-paper-refused")
    expect(second.get_by_label("Title")).to_have_value("Contract")
    second.get_by_label("File").set_input_files(tmp_path / "contract.pdf")
    press(page, "Add the papers")
    expect(page.get_by_text("Exempt: paragraph 3")).to_be_visible()
    expect(page.get_by_text("(5 pages, A4)")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-agenda")

    page.get_by_role("link", name="Replace the file of Contract").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-replace-paper")
    page.get_by_label("File").set_input_files(tmp_path / "figures.pdf")
    press(page, "Replace the file")
    expect(page.get_by_text("(5 pages, A4)")).to_have_count(2)
    assert [paper.exempt_paragraph for paper in AgendaDocument.objects.on_agenda()] == [None, 3]


def test_moving_a_meeting_shows_what_changes_first(page, sign_in, axe, screenshots, meeting, inquiry, clerk):
    report = make_report(inquiry, clerk, meeting=meeting)
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/change/")
    later = meeting.day + timedelta(days=28)
    for part, value in (("Day", later.day), ("Month", later.month), ("Year", later.year)):
        page.get_by_role("group", name="Day").get_by_label(part).fill(str(value))
    press(page, "Save")
    expect(page.get_by_role("heading", name="Check what changes with the meeting")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(5)
    at_both_widths(page, axe)
    screenshots(page, "clerk-change-meeting")
    press(page, "Save these changes")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The meeting is changed.")
    report.refresh_from_db()
    assert report.update_date == later


def test_items_are_moved_with_the_keyboard_and_the_focus_stays(page, sign_in, meeting, clerk, put):
    items = [put(title) for title in ("Apologies", "Minutes", "Budget")]
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/")
    up = page.locator(f"#item-up-{items[2].pk}")
    expect(up).to_have_accessible_name("Up one place: item 3, Budget")
    up.focus()
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Apologies", "Budget", "Minutes"])
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Budget", "Apologies", "Minutes"])
    expect(page.locator(f"#item-down-{items[2].pk}")).to_be_focused()


def test_items_are_moved_without_a_script(browser, browser_context_args, sign_in, meeting, clerk, put):
    items = [put(title) for title in ("Apologies", "Minutes")]
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, clerk)
        page.goto(f"/clerk/meetings/{meeting.pk}/")
        page.get_by_role("button", name="Down one place: item 1, Apologies").click()
        expect(titles(page)).to_have_text(["Minutes", "Apologies"])
        expect(page.locator(f"#item-up-{items[0].pk}")).to_be_focused()
        expect(page.locator(".scrutiny-builder__grip")).to_have_count(0)


@pytest.mark.parametrize(
    ("dragged", "onto", "expected"),
    [
        ("Budget", "Apologies", ["Budget", "Apologies", "Minutes"]),
        ("Apologies", "Budget", ["Minutes", "Budget", "Apologies"]),
    ],
)
def test_items_are_dragged(page, sign_in, screenshots, meeting, clerk, put, dragged, onto, expected):
    for title in ("Apologies", "Minutes", "Budget"):
        put(title)
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/")
    grip = page.locator(".scrutiny-builder__item", has_text=dragged).locator(".scrutiny-builder__grip")
    expect(grip).to_be_visible()
    grip.scroll_into_view_if_needed()
    start = grip.bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    end = page.locator(".scrutiny-builder__item", has_text=onto).bounding_box()
    below = expected.index(dragged) > 0
    page.mouse.move(start["x"] + 8, end["y"] + (end["height"] - 5 if below else 5), steps=5)
    expect(page.locator(f".scrutiny-builder__item--{'after' if below else 'before'}")).to_have_count(1)
    screenshots(page, f"clerk-agenda-dragging-{dragged.lower()}", widths=(1280,))
    page.mouse.up()
    expect(titles(page)).to_have_text(expected)
    assert [item.title for item in meeting.items.on_agenda()] == expected


def test_a_drag_that_is_given_up_moves_nothing(page, sign_in, meeting, clerk, put):
    for title in ("Apologies", "Minutes"):
        put(title)
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/")
    grip = page.locator(".scrutiny-builder__grip").last
    expect(grip).to_be_visible()
    grip.scroll_into_view_if_needed()
    start = grip.bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 200, steps=3)
    expect(page.locator(".scrutiny-builder__item--before")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".scrutiny-builder__item--before")).to_have_count(0)
    page.mouse.up()
    assert [item.title for item in meeting.items.on_agenda()] == ["Apologies", "Minutes"]


def test_an_agenda_with_everything_on_it(page, sign_in, axe, screenshots, meeting, inquiry, clerk, put):
    done = {"by": clerk, "now": timezone.now()}
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    make_report(inquiry, clerk, months_on=12, meeting=meeting)
    put("Apologies for absence")
    item = put("Budget monitoring", subtitle="Attending: the Cabinet Member for Finance", kind=ItemKind.PAPERS)
    paper = meetings.add_paper(item, make_received(5), title="Figures of the year", exempt_paragraph=3, **done)
    meetings.add_paper(item, make_received(1, tagged=False), title="Contract with the bus company", **done)
    put("Warm homes", subtitle="Six months on", kind=ItemKind.REPORT, report=report)
    put("Road works", kind=ItemKind.PAPERS, to_follow=True)
    put("Urgent business", kind=ItemKind.PAPERS, supplement=1)
    pack = AgendaPack(meeting=meeting, edition="public", content={}, built_at=done["now"], built_by=clerk)
    pack.published_at, pack.published_by = done["now"], clerk
    pack.save()
    PackPaper.objects.create(pack=pack, document=paper, first_page=3)
    sign_in(page, clerk)
    for name, address in (
        ("agenda-full", ""),
        ("change-meeting", "change/"),
        ("cancel-meeting", "cancel/"),
        ("change-item", f"items/{item.pk}/"),
        ("remove-item", f"items/{item.pk}/remove/"),
        ("change-paper", f"papers/{paper.pk}/"),
        ("remove-paper", f"papers/{paper.pk}/remove/"),
    ):
        page.goto(f"/clerk/meetings/{meeting.pk}/{address}")
        at_both_widths(page, axe)
        screenshots(page, f"clerk-{name}")
    page.goto(f"/clerk/meetings/{meeting.pk}/cancel/")
    press(page, "Cancel the meeting")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_label("Why is it cancelled?").fill("Too few members can come.")
    press(page, "Cancel the meeting")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The meeting is cancelled.")
    at_both_widths(page, axe)
    screenshots(page, "clerk-agenda-cancelled")
    assert Meeting.objects.get().cancelled_by == clerk


def test_your_work_leads_to_the_agendas(page, sign_in, axe, screenshots, meeting, clerk):
    sign_in(page, clerk)
    page.goto("/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-your-work")
    page.locator("[aria-labelledby=agendas] .govuk-task-list__link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Agenda for")


def test_on_paper_the_agenda_offers_nothing_to_click(page, sign_in, meeting, clerk, put):
    put("Budget")
    sign_in(page, clerk)
    page.emulate_media(media="print")
    page.goto(f"/clerk/meetings/{meeting.pk}/")
    expect(titles(page)).to_have_text(["Budget"])
    expect(page.get_by_role("button")).to_have_count(0)
    for name in ("Cancel the meeting", "Public page of the meeting", "Change", "Remove"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
