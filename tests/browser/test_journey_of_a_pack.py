"""The clerk's whole story of an agenda pack in Chromium, with the real upload, check, builder and search.

A meeting is called and its agenda put together, papers are uploaded (one of them exempt), a signed-off report is put
on, the pack is checked, built, read and published; the public, a member of the committee and one of another committee
look at it; a paper is corrected, and edition 2 says what has changed.
"""

import hashlib
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
import typst
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.choices import Stage
from inquiries.documents.typst_runner import FONTS, STANDARDS
from inquiries.models import AgendaPack, Meeting, Notification, ProgressReport
from tests.browser.looking import press
from tests.documents.papers import make_paper
from tests.factories import make_report

BUILD = 120_000  # milliseconds: as long as a real build may take on a busy machine
SECRET = "Quartz Heating tenders 418,250 pounds"
SEALED = f"""
#set document(title: "Offers for the boilers")
#set text(font: "Source Sans 3", lang: "en", region: "GB")
= Offers for the boilers
#par[{SECRET} for nine boilers; Feldspar Plumbing wants 502,900. Officers recommend neither.]
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def uploads(tmp_path, settings):
    """The files that the clerk has at hand, by name."""
    settings.MEDIA_ROOT = tmp_path / "kept"
    sealed = typst.compile(
        SEALED.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=STANDARDS, timestamp=0
    )
    papers = {
        "buses": make_paper(5, title="Evening buses"),
        "buses-mended": make_paper(5, title="Evening buses, mended"),
        "boilers": sealed,
    }
    paths = {}
    for name, pdf in papers.items():
        paths[name] = tmp_path / f"{name}.pdf"
        paths[name].write_bytes(pdf)
    return paths


@pytest.fixture
def look(page, axe, screenshots):
    """A function that looks at a page as it is, with axe and on pictures, wide and narrow."""

    def looked(name):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshots(page, f"journey-{name}")

    return looked


def follow(page, name):
    page.get_by_role("link", name=name, exact=True).click()


def said(page, words):
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text(words, timeout=BUILD)


def titles(page):
    return page.locator(".scrutiny-builder__words")


def test_a_pack_from_the_first_item_to_its_second_edition(
    page, sign_in, look, committee, clerk, member, other_member, inquiry, uploads
):
    sign_in(page, clerk)
    _call_the_meeting(page, look)
    meeting = Meeting.objects.get()
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    agenda = f"/clerk/meetings/{meeting.pk}/"
    _add_an_item_with_a_paper(page, look, "Evening buses", uploads["buses"], "What the timetable costs")
    _add_an_item_with_a_paper(page, look, "School heating", uploads["boilers"], "Boiler offers", exempt="3")
    page.goto(agenda)
    _put_the_report_on(page, look)
    _reorder_by_keyboard(page)
    look("agenda")
    _check_and_build(page, look)
    _publish(page, look)
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED
    assert Notification.objects.get(occasion="agenda_published").recipient == member

    public, restricted = (AgendaPack.objects.get(edition=edition) for edition in ("public", "restricted"))
    page.context.clear_cookies()
    _read_as_the_public(page, look, meeting, public, restricted)
    sign_in(page, other_member)
    assert page.request.get(restricted.get_absolute_url()).status == 404
    page.goto(meeting.get_absolute_url())
    expect(page.get_by_role("heading", name="Evening buses")).to_be_visible()
    expect(page.get_by_text("Boiler offers")).to_have_count(0)
    sign_in(page, member)
    page.goto(meeting.get_absolute_url())
    expect(page.get_by_text("Boiler offers").first).to_be_visible()
    look("member")
    _check_file(page, restricted)

    sign_in(page, clerk)
    page.goto(agenda)
    _correct_and_publish_again(page, look, uploads["buses-mended"])
    page.context.clear_cookies()
    page.goto(meeting.get_absolute_url())
    look("public-edition-2")
    expect(page.get_by_text("edition 2").first).to_be_visible()
    assert [pack.number for pack in AgendaPack.objects.public().order_by("number")] == [1, 2]
    assert ProgressReport.objects.get().stage == Stage.PUBLISHED


def _call_the_meeting(page, look):
    page.goto("/committees/communities/")
    follow(page, "Call a meeting of this committee")
    day = timezone.localdate() + timedelta(days=60)
    for part in ("Day", "Month", "Year"):
        page.get_by_role("group", name="Day").get_by_label(part).fill(str(getattr(day, part.lower())))
    page.get_by_label("Time").fill("2pm")
    page.get_by_label("Venue").fill("Mezzanine Room 2")
    look("call-meeting")
    press(page, "Call the meeting")
    said(page, "The meeting is called.")
    expect(titles(page)).to_have_count(5)


def _add_an_item_with_a_paper(page, look, title, file, paper, exempt=""):
    press(page, "Add an item")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Uploaded papers").check()
    look("add-item")
    press(page, "Add the item")
    first = page.get_by_role("group", name="Paper 1")
    first.get_by_label("File").set_input_files(file)
    first.get_by_label("Title").fill(paper)
    if exempt:
        first.get_by_label("Who may read it?").select_option(exempt)
    look("add-paper")
    press(page, "Add the papers")
    said(page, f"“{paper}”")


def _put_the_report_on(page, look):
    page.get_by_role("link", name="Look at what is proposed").click()
    look("proposals")
    page.get_by_label("Warm Homes Inquiry").check()
    press(page, "Add to the agenda")
    said(page, "On the agenda: “Warm Homes Inquiry”.")


def _reorder_by_keyboard(page):
    up = page.get_by_role("button", name="Up one place: item 6, Evening buses")
    up.focus()
    page.keyboard.press("Enter")
    said(page, "“Evening buses” is now item 5.")
    moved = page.get_by_role("button", name="Up one place: item 5, Evening buses")
    expect(moved).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "“Evening buses” is now item 4.")
    expect(titles(page).nth(3)).to_have_text("Evening buses")


def _check_and_build(page, look):
    page.locator("#packs + ul").get_by_role("link", name="Agenda", exact=True).click()
    look("not-built")
    follow(page, "Check before publishing")
    look("check")
    expect(page.get_by_role("heading", name="What stops publication")).to_have_count(0)
    follow(page, "Go back")
    press(page, "Build the pack")
    expect(page.get_by_role("heading", name="Building the pack")).to_be_visible()
    said(page, "The pack is built: public and restricted editions.")
    look("built")
    _check_file(page, AgendaPack.objects.get(edition="public"))


def _check_file(page, pack):
    """Whoever is signed in gets the file as it was built, page for page."""
    answer = page.request.get(pack.get_absolute_url())
    assert (answer.status, hashlib.sha256(answer.body()).hexdigest()) == (200, pack.checksum)
    with pikepdf.open(BytesIO(answer.body())) as pdf:
        assert len(pdf.pages) >= pack.last_page


def _publish(page, look):
    follow(page, "Publish")
    look("publish")
    page.get_by_label("Now", exact=True).check()
    press(page, "Publish")
    said(page, "Agenda pack is published")
    look("published")
    expect(page.get_by_text("Everything is published, and nothing has changed since.")).to_be_visible()


def _read_as_the_public(page, look, meeting, public, restricted):
    page.goto(meeting.get_absolute_url())
    look("public")
    expect(page.get_by_role("heading", name="Evening buses")).to_be_visible()
    assert not any(words in page.content() for words in ("Boiler offers", "boilers.pdf", "418,250"))
    _check_file(page, public)
    assert page.request.get(restricted.get_absolute_url(), max_redirects=0).status in (302, 404)


def _correct_and_publish_again(page, look, file):
    page.get_by_role("link", name="Replace the file of What the timetable costs").click()
    page.get_by_label("File").set_input_files(file)
    look("replace")
    press(page, "Replace the file")
    said(page, "The file is replaced.")
    look("agenda-changed")
    page.locator("#packs + ul").get_by_role("link", name="Agenda", exact=True).click()
    expect(page.get_by_text("Published, but changed since").first).to_be_visible()
    look("out-of-date")
    follow(page, "Publish again")
    look("publish-again")
    page.get_by_label("Now", exact=True).check()
    press(page, "Publish")
    said(page, "Agenda pack is published")
