"""The forward plan of a committee: what is planned and expected for its meetings, for everybody and for clerks."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from inquiries.choices import Stage
from inquiries.documents.forward_plan import forward_plan, planned_at
from inquiries.models import Inquiry, Recommendation, Response
from tests.cast import NOW
from tests.factories import make_inquiry, make_meeting, make_report


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch, settings):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def made(committee, clerk, officer, cabinet_member):
    """A function that makes an inquiry, by its title, answered on a day; public unless said otherwise."""

    def make(title, responded_on=None, *, is_public=True):
        inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        Response.objects.filter(inquiry=inquiry).update(responded_on=responded_on)
        if is_public:
            Inquiry.objects.filter(pk=inquiry.pk).update(published_at=NOW, published_by=clerk)
        return inquiry

    return make


@pytest.fixture
def story(made, clerk, committee):
    december, march = make_meeting(committee), make_meeting(committee, date(2027, 3, 2))
    make_report(made("Collecting"), clerk, meeting=december)
    make_report(made("Hidden", is_public=False), clerk, meeting=december)
    make_report(made("Published"), clerk, meeting=march, at=Stage.PUBLISHED)
    make_report(made("Without a meeting"), clerk)
    made("Winter", date(2026, 8, 1))
    made("Late", date(2026, 4, 1))
    made("Autumn", date(2027, 5, 1))
    made("Summer", date(2026, 11, 1))
    unanswered = made("Unanswered")
    Recommendation.objects.filter(inquiry=unanswered).update(response=None)
    Response.objects.filter(inquiry=unanswered).delete()
    Inquiry.objects.filter(pk=unanswered.pk).update(received_on=date(2026, 12, 1))


def plan_of(client, who=None):
    if who:
        client.force_login(who)
    plan = client.get(reverse("public:forward_plan", args=["communities"])).context["plan"]
    found = {str(one.meeting.day): one.entries for one in plan.meetings} | {"": plan.elsewhere}
    return {
        day: [(entry.title, entry.what, str(entry.due or entry.stage or "")) for entry in entries]
        for day, entries in found.items()
    }


INTERIM = "Interim report (6 months on)"


def test_report_before_the_committee_is_no_more_planned(client, made, clerk, committee):
    past = make_meeting(committee, date(2026, 11, 17))
    make_report(made("Published"), clerk, meeting=past, at=Stage.PUBLISHED)
    make_report(made("Not signed in time"), clerk, meeting=past)
    assert plan_of(client, clerk) == {"": [("Not signed in time", INTERIM, "commissioned")]}


def test_everybody_sees_what_is_planned_and_expected(client, story):
    assert plan_of(client) == {
        "2026-12-15": [("Collecting", INTERIM, ""), ("Late", INTERIM, "2026-10-01")],
        "2027-03-02": [
            ("Published", INTERIM, "published"),
            ("Unanswered", "Response of Cabinet", "2027-01-31"),
            ("Winter", INTERIM, "2027-02-01"),
        ],
        "": [("Autumn", INTERIM, "2027-11-01"), ("Summer", INTERIM, "2027-05-01")],
    }


def test_clerks_also_see_what_is_not_public(client, story, clerk):
    plan = plan_of(client, clerk)
    assert plan["2026-12-15"] == [
        ("Collecting", INTERIM, "commissioned"),
        ("Hidden", INTERIM, "commissioned"),
        ("Late", INTERIM, "2026-10-01"),
    ]
    assert ("Without a meeting", INTERIM, "commissioned") in plan[""]


def test_the_plan_of_one_meeting_is_that_of_all(story, committee):
    now, today = timezone.now(), timezone.localdate()
    plan, before = forward_plan(committee, now=now, today=today, is_public=False), None
    for planned in plan.meetings:
        reports, expected = planned_at(planned.meeting, before, now=now, today=today)
        here = [report for report in reports if report.meeting_id]
        assert here == [one.report for one in planned.entries if one.is_planned]
        assert expected == [one for one in planned.entries if not one.is_planned]
        others = [one.report for one in plan.elsewhere if one.is_planned] if before is None else []
        assert [report for report in reports if not report.meeting_id] == others
        before = planned.meeting.start
    assert len(plan.meetings) == 2


def test_lists_what_is_due_first_where_there_is_too_much(client, story, clerk, monkeypatch):
    client.force_login(clerk)
    names = ("public:forward_plan", "public:forward_plan_calendar", "public:work_programme", "clerk:programme")
    addresses = [reverse(name, args=["communities"]) for name in names]

    def pages_that_say_so():
        # Long lines of a calendar are folded.
        pages = {address: client.get(address).content.decode().replace("\r\n ", "") for address in addresses}
        return [address for address, page in pages.items() if "only those due first are listed" in page]

    assert pages_that_say_so() == []
    monkeypatch.setattr("inquiries.documents.forward_plan.MOST_ENTRIES", 2)
    assert pages_that_say_so() == addresses
    client.logout()
    expected = [title for entries in plan_of(client).values() for title, _, due in entries if due.startswith("20")]
    assert expected == ["Late", "Unanswered"]


def test_calendar_holds_public_facts_alone(client, story, clerk):
    client.force_login(clerk)
    response = client.get(reverse("public:forward_plan_calendar", args=["communities"]))
    assert response["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == [
        "Communities Select Committee",
        "Communities Select Committee",
        "Expected: interim report (6 months on) of Autumn",
        "Expected: interim report (6 months on) of Summer",
    ]
    assert events[0]["DESCRIPTION"].startswith(
        "- Collecting: interim report (6 months on)\n- Late: interim report (6 months on)\n\nThe last day to publish"
    )
    assert len({event["UID"] for event in events}) == 4
    assert events[3]["DTSTART"].dt == date(2027, 5, 1)
    assert b"Hidden" not in response.content and b"Without a meeting" not in response.content


def test_the_committee_and_the_inquiry_lead_to_it(client, story):
    assert (
        reverse("public:forward_plan", args=["communities"]) in client.get("/committees/communities/").content.decode()
    )
    page = " ".join(client.get("/inquiries/winter/").content.decode().split())
    assert '<dd class="govuk-summary-list__value">6 months on, due 1 February 2027</dd>' in page


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(client, made, clerk, committee, django_assert_num_queries, count):
    for number in range(count):
        make_report(made(f"Planned {number}"), clerk, meeting=make_meeting(committee, date(2027, 1, 12 + number)))
        made(f"Expected {number}", date(2026, 8, 1))
    client.force_login(clerk)
    with django_assert_num_queries(6):
        client.get(reverse("public:forward_plan", args=["communities"]))
