"""The Cabinet Member's overview: what they answer for, its last rating and what has changed since."""

from datetime import date, timedelta

import pytest

from inquiries.actions import progress, responses
from inquiries.choices import Stage
from inquiries.models import ProgressReport, Response
from inquiries.views import cabinet_overview
from tests.cast import NOW, TODAY, person
from tests.factories import make_inquiry, make_report

PAGE = "/portfolio/"


def lines(client):
    rows = client.get(PAGE).context["rows"]
    return [(row.response.references, row.rated and row.rated.assessment.rating, row.news, row.page) for row in rows]


@pytest.fixture
def report(inquiry, clerk):
    """The final report after an interim one, in which 1a was implemented, 2 on track and 10 of concern."""
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    report = make_report(inquiry, clerk, months_on=12)
    ProgressReport.objects.filter(pk=report.pk).update(updates_due_on=TODAY - timedelta(days=3))
    return report


def submit(report, reference, text, by, now=NOW, **words):
    update = report.updates.for_page().about(reference).get()
    progress.submit_update(update, version=update.version, text=text, by=by, now=now, **words)


def test_last_rating_and_what_has_changed(client, report, clerk, cabinet_member):
    client.force_login(cabinet_member)
    here = "/inquiries/warm-homes-inquiry/progress/12/sign-off/"
    submit(report, "2", "Work on 2 is going well.", clerk, forecast_date=date(2027, 3, 1))
    late = NOW - timedelta(days=4)
    submit(report, "10", "A new letter.", clerk, now=late)
    assert lines(client) == [
        ("2", 2, "The same words as last time, submitted 3 days late (12 months on)", here),
        ("10", 3, "New text (12 months on)", here),
    ]
    page = client.get(PAGE).content.decode()
    assert "Communities" in page and "Expected by 1 March 2027" in page


def test_what_is_not_in_yet_and_how_late_it_is(client, report, cabinet_member, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    client.force_login(cabinet_member)
    assert [news for _, _, news, _ in lines(client)] == ["Not in yet (12 months on), 3 days late"] * 2


def test_before_the_first_report(client, inquiry, cabinet_member):
    client.force_login(cabinet_member)
    assert lines(client) == [(number, None, "No report yet", "") for number in ("1a and 1b", "2", "10")]


def test_responses_of_others_and_ended_ones_are_left_out(client, report, clerk, cabinet_member):
    other = person("Councillor Dafydd Moss", "dafydd@wealdshire.example")
    response = Response.objects.get(recommendations__reference="10")
    responses.correct_response(response, cabinet_member=other, by=clerk, now=NOW)
    client.force_login(cabinet_member)
    assert [numbers for numbers, *_ in lines(client)] == ["2"]
    client.force_login(other)
    submit(report, "10", "Written for another to read.", clerk)
    # They sign no report of this inquiry: only that something came in.
    assert [(numbers, news) for numbers, _, news, _ in lines(client)] == [
        ("10", "Submitted 3 days late (12 months on)")
    ]


def test_others_do_not_find_the_page(client, report, officer, member, clerk, stranger):
    for who in (officer, member, clerk, stranger):
        client.force_login(who)
        assert client.get(PAGE).status_code == 404


def test_your_work_leads_to_it(client, cabinet_member):
    client.force_login(cabinet_member)
    assert f'<a class="govuk-link" href="{PAGE}">Your portfolio, Communities: every' in client.get("/").content.decode()


def test_pages_and_query_count(
    client, report, committee, clerk, officer, cabinet_member, monkeypatch, django_assert_num_queries
):
    client.force_login(cabinet_member)
    with django_assert_num_queries(9):
        assert len(lines(client)) == 2
    for title in ("Buses", "Trees"):
        inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        make_report(inquiry, clerk)
    with django_assert_num_queries(9):
        assert len(lines(client)) == 8
    monkeypatch.setattr(cabinet_overview, "PER_PAGE", 5)
    assert len(lines(client)) == 5
    assert [row.response.references for row in client.get(f"{PAGE}?page=2").context["rows"]] == ["10", "2", "10"]
