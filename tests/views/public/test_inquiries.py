"""Search and filters over the inquiries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inquiries.actions import assessments, endings
from inquiries.actions import inquiries as inquiry_actions
from inquiries.choices import Stage
from tests.cast import NOW
from tests.factories import confirm_assessments, make_inquiry, make_report


@pytest.fixture
def three(committee, clerk, officer, cabinet_member):
    found = {}
    for title, year in (("Warm Homes", 2026), ("Rural Buses", 2024), ("Quiet Libraries", 2024)):
        inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        inquiry.completed_on = date(year, 5, 1)
        inquiry.summary = f"About {title.split()[1].lower()} in the county."
        inquiry.save()
        inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
        found[title] = inquiry
    return found


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("q=buses", {"Rural Buses"}),
        ("q=COUNTY+libraries", {"Quiet Libraries"}),
        ("q=thermal+camera", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("q=buses+libraries", set()),
        ("q=county%27s", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("q=county%E2%80%99s+warm%E2%80%91homes", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("q=%25", set()),
        ("q=_", set()),
        ("q=zz%00quiet", set()),
        ("q=%00buses", {"Rural Buses"}),
        ("year=2024", {"Rural Buses", "Quiet Libraries"}),
        ("year=2024&q=quiet", {"Quiet Libraries"}),
        ("committee=communities", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("accepted=open", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("accepted=implemented", set()),
        ("page=999", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
        ("page=x%00", {"Warm Homes", "Rural Buses", "Quiet Libraries"}),
    ],
)
def test_inquiries_found(three, read, asked, titles):
    words = read(f"/inquiries/?{asked}")
    assert {title for title in three if f">{title}</a>" in words} == titles


@pytest.mark.parametrize(
    ("asked", "problem", "field"),
    [
        ("committee=%00", "Choose a committee from the list.", "id_committee"),
        ("committee=nowhere", "Choose a committee from the list.", "id_committee"),
        ("year=99999999999999999999", "Choose a year from the list.", "id_year"),
        ("accepted=all", "Choose the state of the accepted recommendations from the list.", "id_accepted"),
        ("q=" + "x" * 201, "Search for at most 200 characters.", "id_q"),
        ("q=one+two+three+four+five+six+seven+eight+nine", "Search for at most 8 words.", "id_q"),
    ],
)
def test_inquiries_asked_for_badly(three, read, asked, problem, field):
    words = read(f"/inquiries/?{asked}")
    assert f'<a href="#{field}">{problem}</a>' in words
    assert f'id="{field}_error"' in words
    assert ">Rural Buses</a>" not in words


def test_inquiries_search_for_each_word_once(three, client):
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/inquiries/", {"q": "r " * 40 + "RURAL rural Buses bus " + "b " * 20})
    assert ">Rural Buses</a>" in page.text
    searches = {query["sql"].count("LIKE") for query in asked if "ORDER BY" in query["sql"] and "LIKE" in query["sql"]}
    # In titles, summaries and recommendations, and in the titles of former councils.
    assert searches == {2 * 3, 2}


def test_inquiries_search_keeps_and_escapes_what_was_typed(three, read):
    words = read("/inquiries/?q=%22%3E%3Cscript%3E&year=2024")
    assert 'value="&quot;&gt;&lt;script&gt;"' in words
    assert '<option value="2024" selected>' in words


def test_filter_all_implemented(three, clerk, read):
    for recommendation in three["Rural Buses"].recommendations.filter(response__decision__in=("accepted", "in_part")):
        endings.end_recommendation(
            recommendation, ending="implemented", reason="Done.", on=date(2026, 11, 2), by=clerk, now=NOW
        )
    words = read("/inquiries/?accepted=implemented")
    assert ">Rural Buses</a>" in words
    assert "4 accepted: 4 implemented</p>" in words
    assert ">Warm Homes</a>" not in words
    assert ">Rural Buses</a>" not in read("/inquiries/?accepted=open")


def test_inquiries_that_are_not_public_are_not_found(inquiry, clerk, officer, stranger, read):
    address = "/inquiries/?q=homes"
    assert "Warm Homes" not in read(address)
    assert "Warm Homes" not in read(address, stranger)
    assert "Warm Homes" in read(address, clerk)
    assert "Warm Homes" in read(address, officer)


def test_inquiries_come_twenty_to_a_page(committee, clerk, read):
    for number in range(21):
        inquiry = committee.inquiries.create(title=f"Inquiry {number:02}", slug=f"inquiry-{number}")
        inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert "Inquiry 20</a>" not in read("/inquiries/?q=inquiry")
    words = read("/inquiries/?q=inquiry&page=2")
    assert "Inquiry 20</a>" in words
    assert 'href="?q=inquiry&amp;page=1"' in words


def test_figures_of_what_was_accepted(three, clerk, read):
    """Not yet assessed is no failure; superseded is nobody's; in principle is said."""
    inquiry = three["Rural Buses"]
    assert "4 accepted: 0 implemented, 4 not yet assessed</p>" in read("/inquiries/?q=buses")
    inquiry.responses.filter(decision="in_part").update(decision="in_principle")
    assert "4 accepted (1 of them in principle): 0 implemented, 4 not yet assessed</p>" in read("/inquiries/?q=buses")
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert "0 implemented, 4 not yet assessed</p>" in read("/inquiries/?q=buses")
    for update, rating in zip(report.updates.for_page(), (2, 4, 1), strict=True):
        assessments.assess(update, rating=rating, comment="", seen=None, by=clerk, now=NOW)
    assert "0 implemented, 4 not yet assessed</p>" in read("/inquiries/?q=buses")
    confirm_assessments(report, by=clerk, now=NOW)
    figures = "4 accepted (1 of them in principle): 1 implemented, 3 assessed and still open</p>"
    assert figures in read("/inquiries/?q=buses")
    for reference, ending in (("1a", "superseded"), ("1b", "not_delivered")):
        endings.end_recommendation(
            inquiry.recommendations.get(reference=reference),
            ending=ending,
            reason="Another number came.",
            on=date(2026, 11, 2),
            by=clerk,
            now=NOW,
        )
    figures = "1 implemented, 1 assessed and still open, 1 closed as not delivered. Not counted: 1 superseded.</p>"
    assert f"3 accepted (1 of them in principle): {figures}" in read("/inquiries/?q=buses")


def test_filter_all_implemented_leaves_out_what_is_superseded(three, clerk, read):
    inquiry = three["Rural Buses"]
    accepted = inquiry.recommendations.filter(response__decision__in=("accepted", "in_part")).order_by("reference_key")
    for recommendation in accepted:
        ending = "superseded" if recommendation.reference == "2" else "implemented"
        endings.end_recommendation(
            recommendation, ending=ending, reason="Done.", on=date(2026, 11, 2), by=clerk, now=NOW
        )
    assert ">Rural Buses</a>" in read("/inquiries/?accepted=implemented")
