"""The pages of meetings in a browser: on a desk, on a tablet, in a hand, and on paper."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from inquiries.actions import assessments
from inquiries.choices import Rating
from tests import replay
from tests.cast import NOW
from tests.factories import confirm_assessments, make_meeting
from tests.published_agendas import add_item, add_paper, county_agenda, keep_pack, line, of, withdraw

WIDTHS = {1280: 900, 820: 1180, 390: 844}


@pytest.fixture(autouse=True)
def quick_files(monkeypatch):
    """What the files of an edition hold, and what they must not, is the business of other tests."""
    with replay.state.patched("files are quick and not searched"):
        monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", lambda content: b"%PDF-")
        monkeypatch.setattr("inquiries.actions.publication.progress_report_docx", lambda content: b"PK")
        monkeypatch.setattr("inquiries.actions.publication.search_report", lambda *report: [])


@pytest.fixture
def agenda(transactional_db, inquiry, clerk, chair, member):
    """A meeting with everything that its page can show: editions, a supplement, one withdrawn, ratings."""
    agenda = county_agenda(inquiry, clerk)
    meeting, programme = agenda["meeting"], agenda["items"]["programme"]
    withdrawn = keep_pack(meeting, agenda["lines"], by=clerk, number=2, published_at=NOW + timedelta(minutes=5))
    withdraw(withdrawn, by=clerk)
    ferries = add_item(meeting, 6, "FERRIES AND A VERY LONG TITLE THAT HAS TO BE BROKEN ON A NARROW SCREEN")
    keep_pack(
        meeting,
        [*agenda["lines"], line(ferries)],
        by=clerk,
        number=3,
        published_at=NOW + timedelta(minutes=40),
        accessible=False,
        urgency_reason="The ferry ran aground on Sunday.",
    )
    paper = add_paper(programme, "Work programme 2027", by=clerk, pages=3, supplement=1)
    late = [line(programme, papers=[paper], to_follow=False)]
    keep_pack(meeting, late, by=clerk, supplement=1, first_page=13, published_at=NOW + timedelta(hours=2))
    report = agenda["report"]
    for update, rating in zip(report.updates.for_page(), Rating, strict=False):
        assessments.assess(update, rating=rating, comment="", seen=None, by=clerk, now=NOW)
    confirm_assessments(report, by=clerk, now=NOW + timedelta(hours=3))
    return agenda


def look(page, name, axe, screenshots):
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} at {width} px"
    screenshots(page, f"meetings-{name}", widths=tuple(WIDTHS))
    page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})


def test_the_public_find_a_meeting_and_read_its_agenda(page, agenda, axe, screenshots):
    page.goto("/")
    look(page, "home", axe, screenshots)
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Meetings").click()
    expect(page).to_have_title("Meetings - Scrutiny")
    look(page, "list", axe, screenshots)
    page.get_by_label("Committee").select_option("Communities Select Committee")
    page.get_by_role("button", name="Show meetings").click()
    page.get_by_role("link", name="15 December 2026").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Communities Select Committee, 15 December 2026")
    expect(page.get_by_role("heading", name="LIBRARIES")).to_be_visible()
    expect(page.get_by_text("Restricted")).to_have_count(0)
    look(page, "agenda", axe, screenshots)
    page.get_by_role("link", name="After the meeting, with the committee's ratings").click()
    expect(page.get_by_text("This is version 2")).to_be_visible()


def test_a_member_reads_what_is_restricted_apart(page, agenda, member, sign_in, axe, screenshots):
    sign_in(page, member)
    page.goto(of(agenda["meeting"]))
    restricted = page.get_by_role("region", name="Restricted: not for publication")
    expect(restricted.get_by_role("link", name="Zwergtitle")).to_be_visible()
    look(page, "restricted", axe, screenshots)


def test_before_publication_the_page_says_by_when(page, transactional_db, committee, clerk, sign_in, axe, screenshots):
    sign_in(page, clerk)
    page.goto(of(make_meeting(committee, date(2036, 12, 15))))
    expect(page.get_by_text("The agenda will be published by")).to_be_visible()
    expect(page.get_by_role("link", name="Prepare the agenda of this meeting")).to_be_visible()
    look(page, "before", axe, screenshots)


def test_a_question_that_makes_no_sense_is_explained(page, transactional_db, committee, axe, screenshots):
    page.goto("/meetings/?committee=nowhere")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    look(page, "wrong-question", axe, screenshots)


def test_on_paper_there_is_nothing_to_click(page, agenda, member, sign_in, screenshots):
    sign_in(page, member)
    page.goto(of(agenda["meeting"]))
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Menu")).to_be_hidden()
    expect(page.get_by_text("for your calendar")).to_be_hidden()
    expect(page.get_by_text("as data (JSON)").first).to_be_hidden()
    expect(page.get_by_role("heading", name="LIBRARIES")).to_be_visible()
    page.set_viewport_size({"width": 794, "height": 1123})
    screenshots(page, "meetings-print", widths=(794,))
