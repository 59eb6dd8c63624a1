"""The tracker: who sees what of which recommendation, what is found, in what order, and the files of exactly that."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest

from inquiries.actions import assessments, progress, responses
from inquiries.choices import Rating, Stage
from inquiries.documents.tracker_table import TRACKER_COLUMNS
from inquiries.forms import tracker as tracker_form
from inquiries.models import CabinetMember, Inquiry, Response
from inquiries.views import tracker as tracker_view
from tests import factories
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def _on_the_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def ask(client, _on_the_day):
    """A function that asks for the tracker's page, or a file of it, as a person."""

    def asked(person, query="", format=None):
        client.logout()
        if person.is_authenticated:
            client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        return client.get(f"/tracker.{format}?{query}" if format else f"/tracker/?{query}")

    return asked


def numbers(response):
    return [line["number"] for _, lines in response.context["groups"] for line in lines]


def under_way(inquiry, clerk, officer):
    """A round in which the officer has saved a draft; the inquiry is not public."""
    responses.change_target_date(
        Response.objects.get(recommendations__reference="2"),
        target_date=date(2026, 11, 20),
        reason="",
        by=clerk,
        now=NOW,
    )
    report = factories.make_report(inquiry, clerk)
    first = report.updates.for_page().first()
    progress.save_update(first, version=0, text="Secret words.", officer_view="off_track", by=officer, now=NOW)
    return report


# Who sees what


def test_before_publication_each_sees_their_own(inquiry, clerk, officer, contributor, people, ask):
    report = under_way(inquiry, clerk, officer)
    update = report.updates.for_page().last()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    assert {name: numbers(ask(person, "sort=number")) for name, person in people.items()} == {
        "clerk": ["1a", "1b", "2", "3b", "4", "10"],
        "officer": ["1a", "1b"],
        "other_officer": ["2"],
        "contributor": ["10"],
        # Cabinet did not accept 3b; its answer is of this portfolio too.
        "cabinet_member": ["1a", "1b", "2", "3b", "10"],
        "chair": [],
        "member": [],
        "other_member": [],
        "stranger": [],
        "public": [],
    }


SECRETS = ("Off track", "off track", "off_track", "Update drafted", "2027", "Secret words")


@pytest.mark.parametrize("format", [None, "csv", "xlsx"])
def test_what_is_under_way_is_shown_to_those_whose_work_it_is(inquiry, clerk, officer, people, ask, format):
    """The inquiry is public; its first report is being written, with a view and deadlines that are nobody else's."""
    under_way(inquiry, clerk, officer)
    Inquiry.objects.filter(pk=inquiry.pk).update(published_at=NOW, published_by=clerk)
    for name, person in people.items():
        shown = words_of(ask(person, "sort=number", format), format)
        found = [secret for secret in SECRETS if secret in shown]
        assert "One telephone number" in shown or "one telephone number" in shown, name
        assert bool(found) is (name in ("clerk", "officer", "cabinet_member", "other_officer")), (name, found)
        if name == "other_officer":
            # Theirs is the round of 2 alone: of 1a they see what everybody sees.
            assert found == ["2027"]
        assert "Secret words" not in shown, name


def words_of(response, format):
    if format == "csv":
        return b"".join(response.streaming_content).decode()
    if format == "xlsx":
        sheet = openpyxl.load_workbook(BytesIO(response.content))["Tracker"]
        return " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    return response.content.decode().split("<tbody", 1)[-1].split("</table>")[0]


def test_portfolio_without_signing_shows_no_draft(inquiry, clerk, officer, stranger, ask):
    """Given the portfolio while a round is under way that another Cabinet Member signs."""
    under_way(inquiry, clerk, officer)
    inquiry.responses.update(cabinet_member=stranger)
    assert numbers(ask(stranger)) == ["3b"]


def test_rating_is_shown_once_it_is_published(inquiry, clerk, chair, people, ask):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    update = report.updates.for_page().get(response__recommendations__reference="2")
    assessments.assess(update, rating=Rating.NOT_DELIVERED, comment="", seen=None, by=chair, now=NOW)
    assert [ask(person, "rating=4").context["counts"].total for person in people.values()] == [0] * len(people)
    factories.confirm_assessments(report, by=chair, now=NOW)
    assert [numbers(ask(person, "rating=4")) for person in people.values()] == [["2"]] * len(people)


def test_states_of_work_cannot_be_asked_for_by_the_public(inquiry, clerk, officer, people, ask):
    under_way(inquiry, clerk, officer)
    Inquiry.objects.filter(pk=inquiry.pk).update(published_at=NOW, published_by=clerk)
    answer = ask(people["public"], "state=draft")
    assert answer.context["form"].errors == {"state": ["Choose one from the list."]}
    assert "Update drafted" not in answer.content.decode()
    assert numbers(ask(people["stranger"], "state=draft")) == []
    assert numbers(ask(officer, "state=draft")) == ["1a", "1b"]


# What is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["2", "1a", "1b", "10", "3b", "4"]),
        ("q=tax+bill", ["1b"]),
        ("q=number+heating", ["1a"]),
        ("committee=communities&sort=number", ["1a", "1b", "2", "3b", "4", "10"]),
        ("committee=environment", []),
        ("officer=llyr+sian&sort=number", ["1a", "1b"]),
        ("officer=okafor", ["2"]),
        ("unled=on&decision=accepted", ["10"]),
        ("decision=in_part", ["2"]),
        ("decision=any_accepted&sort=number", ["1a", "1b", "2", "10"]),
        ("decision=none", ["4"]),
        ("rating=none&state=open&sort=number", ["1a", "1b", "2", "3b", "10"]),
        ("state=ended", ["4"]),
        ("state=draft", ["1a", "1b"]),
        ("state=not_started&officer=tom", ["2"]),
        ("attention=late", ["2"]),
        ("attention=red_or_late", ["2"]),
        ("due_from_day=1&due_from_month=6&due_from_year=2027&sort=number", ["1a", "1b", "10"]),
        ("due_until_day=31&due_until_month=12&due_until_year=2026", ["2"]),
        ("sort=number&reverse=on", ["10", "4", "3b", "2", "1b", "1a"]),
        ("sort=decision&decision=any_accepted", ["1a", "1b", "10", "2"]),
        ("group=officer", ["1a", "1b", "2", "10", "3b", "4"]),
        ("sort=nonsense", []),
        ("due_from_day=40&due_from_month=6&due_from_year=2027", []),
        ("q=a%00b&member=9999999999999999999999", []),
    ],
)
def test_filters_combine_in_the_address(query, found, inquiry, clerk, officer, ask):
    under_way(inquiry, clerk, officer)
    assert numbers(ask(clerk, query)) == found


def test_portfolio_is_that_of_the_cabinet_member(inquiry, clerk, cabinet_member, ask):
    answer = ask(clerk, f"member={cabinet_member.pk}&group=portfolio&sort=number")
    assert [heading for heading, _ in answer.context["groups"]] == ["Communities (Councillor Ruth Adeyemi)"]
    assert numbers(answer) == ["1a", "1b", "2", "3b", "10"]
    assert numbers(ask(clerk, "member=none")) == ["4"]
    CabinetMember.objects.create(person=cabinet_member, portfolio="Homes", from_date=TODAY)
    assert tracker_form.portfolios() == {cabinet_member.pk: ("Communities; Homes", "Councillor Ruth Adeyemi")}


def test_own_recommendations_alone(inquiry, clerk, officer, ask):
    Inquiry.objects.filter(pk=inquiry.pk).update(published_at=NOW, published_by=clerk)
    assert len(numbers(ask(officer))) == 6
    assert numbers(ask(officer, "mine=on&sort=number")) == ["1a", "1b"]
    factories.make_report(inquiry, clerk)
    counts = ask(officer).context["counts"]
    assert counts.total == 6
    assert {state: number for state, number in counts.states.items() if number} == {
        "not_started": 2, "between_reports": 2, "not_reported_on": 1, "withdrawn": 1,
    }  # fmt: skip
    assert "mine" not in ask(clerk).context["form"].fields


def test_counts_are_of_what_is_found(inquiry, clerk, officer, ask):
    under_way(inquiry, clerk, officer)
    counts = ask(clerk).context["counts"]
    assert (counts.total, counts.late, counts.ratings) == (6, 1, {None: 6})
    assert counts.states == {"draft": 2, "not_started": 2, "not_reported_on": 1, "withdrawn": 1}
    page = ask(clerk, "state=open").content.decode()
    assert "5 recommendations" in page
    assert "?state=not_reported_on" in page
    assert "3 days late" in page


def test_wrong_filters_are_said_beside_them_and_kept(inquiry, clerk, ask):
    page = ask(clerk, "due_until_day=31&due_until_month=13&due_until_year=2026&q=heat").content.decode()
    assert "The month must be a number from 1 to 12" in page
    assert 'value="heat"' in page
    assert "Nothing was searched for" in page
    answer = ask(clerk, "due_until_month=13&due_until_day=1&due_until_year=2026", "csv")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/tracker/")


def test_headings_sort_and_pages_go_on(inquiry, clerk, ask, monkeypatch):
    monkeypatch.setattr(tracker_view, "PER_PAGE", 4)
    page = ask(clerk, "sort=number")
    assert numbers(page) == ["1a", "1b", "2", "3b"]
    assert numbers(ask(clerk, "sort=number&page=2")) == ["4", "10"]
    assert 'href="?sort=number&amp;reverse=on"' in page.content.decode()
    assert 'aria-sort="ascending"' in page.content.decode()
    assert 'href="?sort=rating"' in ask(clerk, "sort=number&reverse=on&page=2").content.decode()


def test_queries_do_not_grow(
    inquiry, committee, clerk, officer, cabinet_member, ask, client, django_assert_num_queries
):
    ask(officer)
    with django_assert_num_queries(10):
        assert len(numbers(client.get("/tracker/?group=portfolio"))) == 2
    for title in ("Second", "Third"):
        other = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        factories.make_report(other, clerk)
    with django_assert_num_queries(10):
        assert len(numbers(client.get("/tracker/?group=portfolio"))) == 6


# The same as files


def test_excel_has_every_row_cell_by_cell(inquiry, clerk, officer, ask, monkeypatch):
    monkeypatch.setattr(tracker_view, "AT_A_TIME", 2)
    under_way(inquiry, clerk, officer)
    answer = ask(clerk, "state=open&sort=number", "xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="tracker-2026-11-23.xlsx"'
    assert answer["Cache-Control"] == "private, no-store"
    book = openpyxl.load_workbook(BytesIO(answer.content))
    head, *rows = [[cell.value for cell in row] for row in book["Tracker"].iter_rows()]
    assert head == [column.heading for column in TRACKER_COLUMNS]
    assert [row[2] for row in rows] == ["1a", "1b", "2", "3b", "10"]
    assert rows[2] == [
        "Warm Homes Inquiry", "Communities Select Committee", "2",
        "That officers meet the county's advice agencies every quarter.", "Accepted in part",
        "Twice a year.\n\nReason: Costs.", "Tom Okafor", "Communities", "Councillor Ruth Adeyemi",
        datetime(2026, 11, 20), datetime(2026, 11, 20), None, None, None, 6, datetime(2027, 6, 1),
        "Update not started", 3, "Target date", "http://testserver/inquiries/warm-homes-inquiry/2/",
    ]  # fmt: skip
    about = [[cell.value for cell in row] for row in book["About"].iter_rows(min_row=2)]
    assert about == [["Made on", "23 November 2026"], ["Recommendations", 5], ["State", "Open"]]


def test_csv_says_the_same_as_excel(inquiry, clerk, officer, ask):
    under_way(inquiry, clerk, officer)
    inquiry.recommendations.filter(reference="10").update(text="=1+1")
    data = b"".join(ask(clerk, "sort=number", "csv").streaming_content)
    head, *lines = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""))
    book = openpyxl.load_workbook(BytesIO(ask(clerk, "sort=number", "xlsx").content))
    _, *rows = [[cell.value for cell in row] for row in book["Tracker"].iter_rows()]
    assert head == [column.heading for column in TRACKER_COLUMNS]
    plain = [
        ["" if c is None else c.date().isoformat() if isinstance(c, datetime) else str(c) for c in row] for row in rows
    ]
    plain[-1][3] = "'=1+1"
    assert lines == plain
    assert rows[-1][3] == "=1+1"


def test_excel_refuses_more_than_it_takes(inquiry, clerk, ask, monkeypatch):
    monkeypatch.setattr(tracker_view, "MOST_IN_EXCEL", 5)
    answer = ask(clerk, format="xlsx")
    assert answer.status_code == 403
    assert "An Excel file holds at most 5 recommendations here." in answer.content.decode()
    assert "at most 5: filter more" in ask(clerk).content.decode()
    assert ask(clerk, "state=open", "xlsx").status_code == 200
