"""The meeting played: the chair on a tablet, the clerk at a desk, the screen for the room; the network is cut."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import assessments
from inquiries.choices import Rating, Stage
from inquiries.models import Assessment, ShownRow
from tests.browser.looking import let_meetings_begin, press
from tests.cast import NOW
from tests.factories import confirm_assessments, make_long_report, make_meeting, make_report

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TABLET, LYING_TABLET = {"width": 820, "height": 1180}, {"width": 1024, "height": 768}
PROJECTOR = {"width": 1920, "height": 1080}


@pytest.fixture
def meeting(inquiry, committee, clerk, chair, member):
    """It has begun; the final report is before it, 2 and 10 are left. The interim one was judged."""
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    first = inquiry.progress_reports.get(months_on=6)
    for update, rating in zip(first.updates.for_page(), [Rating.ON_TRACK, Rating.CONCERNS], strict=False):
        assessments.assess(
            update, rating=rating, comment="The committee expected more by now.", seen=None, by=chair, now=NOW
        )
    confirm_assessments(first, by=chair, now=NOW)
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED, months_on=12, meeting=make_meeting(committee))
    report.updates.about("2").update(text="Work on 2 is going slowly: we met twice.", officer_view="on_track")
    update = report.updates.about("2").get()
    assessments.indicate(update, rating=Rating.CONCERNS, note="Twice is too little.", by=member, now=NOW)
    let_meetings_begin()
    report.refresh_from_db()
    return report.meeting


@pytest.fixture
def open_window(new_context, sign_in):
    """A function that opens a page in a window of its own."""

    def open_page(person, address, size):
        page = new_context().new_page()
        page.set_viewport_size(size)
        sign_in(page, person)
        page.goto(address)
        return page

    return open_page


def rated(numbers):
    recorded = Assessment.objects.filter(update__report__months_on=12)
    return recorded.filter(update__response__recommendations__reference=numbers).first()


def row_link(page, numbers):
    return page.locator("[data-room-link]").filter(has=page.get_by_text(numbers, exact=True))


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


def look(page, axe, screenshots, name, sizes=(DESK, LYING_TABLET, TABLET, PHONE)):
    before = page.viewport_size
    for size in sizes:
        page.set_viewport_size(size)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshots(page, name, widths=(size["width"],))
    page.set_viewport_size(before)


def test_the_meeting_with_the_network_cut_and_restored(
    open_window, sign_in, axe, screenshots, meeting, chair, clerk, member
):
    room, screen_url = f"/meetings/{meeting.pk}/room/", f"/meetings/{meeting.pk}/screen/"
    tablet, desk = open_window(chair, room, TABLET), open_window(clerk, room, DESK)
    screen = open_window(member, screen_url, DESK)
    expect(heading(tablet, "Recommendations 1a and 1b")).to_be_visible()
    expect(screen.get_by_text("3 rows to assess")).to_be_visible()

    # One tap rates, saves and moves on; the other window and the screen follow.
    press(tablet, "On track")
    expect(heading(tablet, "Recommendation 2")).to_be_visible()
    expect(row_link(desk, "1a and 1b")).to_contain_text("On track")
    expect(heading(screen, "Recommendation 2")).to_be_visible()
    expect(screen.locator("[data-screen-chip]").first).to_contain_text("On track")
    tablet.get_by_text("Their notes (1)").click()
    expect(tablet.get_by_text("Twice is too little.")).to_be_visible()
    assert "Twice is too little." not in screen.content()
    look(tablet, axe, screenshots, "room")
    look(screen, axe, screenshots, "screen")

    # The network is cut: what is tapped is kept, also when the page is closed and opened again.
    expect(tablet.locator("[data-room-device]")).to_be_visible()
    tablet.context.set_offline(True)
    tablet.get_by_label("Comment").fill("Two meetings are not four.")
    tablet.locator("h1").click()
    tablet.keyboard.press("3")
    expect(heading(tablet, "Recommendation 10")).to_be_visible()
    expect(tablet.get_by_text("No connection. Kept on this device, not yet sent: 2.")).to_be_visible()
    expect(tablet.locator("[data-room-progress]")).to_have_text("2 of 3")
    look(tablet, axe, screenshots, "room-offline")
    press(tablet, "Implemented")
    assert rated("2") is None
    context = tablet.context
    tablet.close()
    tablet = context.new_page()
    tablet.set_viewport_size(TABLET)
    tablet.goto(f"{room}?row=1")
    expect(tablet.get_by_text("This is the page of Councillor Harold Penrose as it was kept")).to_be_visible()
    expect(tablet.get_by_text("Kept on this device, not yet sent: 2, 10.")).to_be_visible()
    expect(tablet.locator("[data-room-progress]")).to_have_text("3 of 3")
    assert "Twice is too little." not in tablet.content()
    look(tablet, axe, screenshots, "room-copy")
    context.set_offline(False)
    expect(row_link(desk, "10")).to_contain_text("Implemented")
    expect(row_link(desk, "2")).to_contain_text("Concerns")
    expect(tablet.locator("[data-room-kept]")).to_have_text("Everything is saved.")
    expect(tablet.locator(".scrutiny-room__copy")).to_be_hidden()
    recorded = rated("2")
    assert (recorded.rating, recorded.comment) == (Rating.CONCERNS, "Two meetings are not four.")
    expect(tablet.locator("[data-room-progress]")).to_have_text("3 of 3")

    # Both rate the same row while one is away: neither is overwritten silently.
    row_link(tablet, "2").click()
    row_link(desk, "2").click()
    expect(desk.get_by_label("Comment")).to_have_value("Two meetings are not four.")
    context.set_offline(True)
    press(tablet, "Not delivered")
    press(desk, "On track")
    expect(desk.locator("[data-room-kept]")).to_have_text("Everything is saved.")
    context.set_offline(False)
    clash = tablet.get_by_role("heading", name="Two assessments of 2")
    expect(clash).to_be_visible()
    expect(tablet.get_by_text("Saved by Carys Whitlock")).to_be_visible()
    assert rated("2").rating == Rating.ON_TRACK
    look(tablet, axe, screenshots, "room-clash")
    press(tablet, "Replace it with yours: Not delivered")
    expect(clash).to_have_count(0)
    expect(row_link(desk, "2")).to_contain_text("Not delivered")
    assert rated("2").rating == Rating.NOT_DELIVERED

    # The clerk takes over the screen.
    press(desk, "Show on the screen")
    expect(heading(screen, "Recommendation 2")).to_be_visible()
    expect(tablet.get_by_text("The screen follows Carys Whitlock")).to_be_visible()
    assert ShownRow.objects.get().shown_by == clerk

    # The session ends, and another person signs in: nothing is sent in their name. Meanwhile the report is confirmed.
    context.set_offline(True)
    row_link(tablet, "10").click()
    press(tablet, "Concerns")
    row_link(tablet, "2").click()
    tablet.get_by_label("Comment").fill("Typed and not saved.")
    sign_in(tablet, clerk)
    context.set_offline(False)
    expect(tablet.get_by_text("Another person has signed in in this browser")).to_be_visible()
    context.clear_cookies()
    expect(tablet.get_by_role("link", name="Sign in again: what is kept is sent then")).to_be_visible()
    assert rated("10").rating == Rating.IMPLEMENTED
    context.set_offline(True)
    sign_in(tablet, chair)

    # Confirming locks; a correction says why.
    desk.get_by_role("button", name="Go on to confirm the assessments").click()
    press(desk, "Confirm the assessments")
    expect(desk.get_by_text("The assessments are confirmed, and the ratings are public.")).to_be_visible()
    context.set_offline(False)
    expect(tablet.get_by_role("heading", name="The assessment of 10 was not saved")).to_be_visible()
    expect(tablet.get_by_text("Yours, not saved: Concerns")).to_be_visible()
    expect(tablet.get_by_text("“Typed and not saved.”")).to_be_visible()
    look(tablet, axe, screenshots, "room-problems")
    tablet.get_by_role("button", name="Discard yours").first.click()
    tablet.get_by_role("button", name="Discard yours").click()
    expect(tablet.get_by_role("link", name="Correct the assessment of 2")).to_be_visible()
    expect(screen.locator("[data-screen-row]:visible").get_by_text("confirmed", exact=True)).to_be_visible()
    look(tablet, axe, screenshots, "room-confirmed")
    tablet.get_by_role("link", name="Correct the assessment of 2").click()
    tablet.get_by_label("Concerns").check()
    tablet.get_by_label("Why is it corrected?").fill("The minute says otherwise.")
    look(tablet, axe, screenshots, "correct")
    press(tablet, "Correct and publish")
    day = timezone.localdate()
    expect(tablet.get_by_text(f"Corrected on {day.day} {day:%B %Y}:")).to_be_visible()
    look(tablet, axe, screenshots, "corrected")

    # Signing out leaves nothing behind.
    held = "caches.keys().then((names) => names.length + Object.keys(localStorage).length)"
    assert tablet.evaluate(held) > 0
    tablet.set_viewport_size(DESK)
    press(tablet, "Sign out")
    expect(tablet.get_by_role("link", name="Sign in")).to_be_visible()
    assert tablet.evaluate(held) == 0


def test_a_double_click_rates_one_row(open_window, meeting, chair):
    page = open_window(chair, f"/meetings/{meeting.pk}/room/", DESK)
    page.get_by_role("button", name="On track", exact=True).dblclick()
    expect(heading(page, "Recommendation 2")).to_be_visible()
    expect(page.locator("[data-room-kept]")).to_have_text("Everything is saved.")
    expect(row_link(page, "1a and 1b")).to_contain_text("On track")
    expect(row_link(page, "2")).to_contain_text("not yet")
    press(page, "Concerns")
    expect(row_link(page, "2")).to_contain_text("Concerns")
    # What is still being saved would be in the way of emptying the tables.
    expect(page.locator("[data-room-kept]")).to_have_text("Everything is saved.")


def test_twelve_rows_in_one_tap_each_with_the_network_cut_in_the_middle(
    open_window, screenshots, committee, clerk, officer, cabinet_member, chair, member
):
    report = make_long_report(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    for update in report.updates.all():
        assessments.indicate(update, rating=Rating.CONCERNS, note="My own note.", by=member, now=NOW)
    let_meetings_begin()
    room = f"/meetings/{report.meeting_id}/room/"
    tablet, desk = open_window(chair, room, TABLET), open_window(clerk, room, DESK)
    screen = open_window(member, f"/meetings/{report.meeting_id}/screen/", PROJECTOR)
    screen.evaluate("window.isTheSamePage = true")
    taps = 0
    for number in range(1, 13):
        if number == 7:
            tablet.set_viewport_size(LYING_TABLET)
            # The row, and what one does about it, stand in one view of the tablet.
            bottoms = "[...document.querySelectorAll('[data-room-row]:not([hidden]), .scrutiny-room__ratings')]"
            bottom = tablet.evaluate(f"Math.max(...{bottoms}.map((one) => one.getBoundingClientRect().bottom))")
            assert bottom <= LYING_TABLET["height"]
        tablet.context.set_offline(5 <= number < 9)
        expect(heading(tablet, f"Recommendation {number}")).to_be_in_viewport()
        if number == 6:
            tablet.get_by_label("Comment").fill("A comment costs one tap more.")
            taps += 1
        for rating in Rating:
            expect(tablet.get_by_role("button", name=rating.label)).to_be_in_viewport(ratio=1)
        tablet.get_by_role("button", name=Rating(1 + number % 4).label).click()
        taps += 1
        if number == 8:
            expect(tablet.get_by_text("No connection. Kept on this device, not yet sent: 5, 6, 7, 8.")).to_be_visible()
            expect(heading(screen, "Recommendation 5")).to_be_visible()
        elif number in {1, 4, 9}:
            expect(heading(screen, f"Recommendation {number + 1}")).to_be_visible()
    assert taps <= 2 * 12
    expect(tablet.locator("[data-room-progress]")).to_have_text("12 of 12")
    expect(desk.locator("[data-room-progress]")).to_have_text("12 of 12")
    expect(screen.locator("[data-screen-chip]").last).to_contain_text("Implemented")
    assert screen.evaluate("window.isTheSamePage")
    screen.wait_for_function("document.documentElement.scrollHeight <= innerHeight")
    for secret in ("My own note", "A comment costs", member.name):
        assert secret not in screen.content()
    recorded = Assessment.objects.order_by("update__response__recommendations__reference_key")
    assert [one.rating for one in recorded] == [1 + number % 4 for number in range(1, 13)]
    assert {one.recorded_by for one in recorded} == {chair}
    assert recorded[5].comment == "A comment costs one tap more."


def test_the_meeting_without_javascript(new_context, sign_in, meeting, chair):
    page = new_context(java_script_enabled=False).new_page()
    page.set_viewport_size(PHONE)
    sign_in(page, chair)
    page.goto(f"/meetings/{meeting.pk}/room/")
    for name in ("Recommendations 1a and 1b", "Recommendation 2", "Recommendation 10"):
        expect(heading(page, name)).to_be_visible()
        press(page, "On track")
    expect(page.get_by_text("Saved for 10: On track.")).to_be_visible()
    expect(page.locator("[data-room-progress]")).to_have_text("3 of 3")
    assert Assessment.objects.filter(rating=Rating.ON_TRACK, recorded_at__gte=meeting.start).count() == 3
    assert meeting.start > timezone.now() - timedelta(hours=1)
