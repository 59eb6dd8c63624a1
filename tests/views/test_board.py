"""The clerk's board: every round under way and to come, worst first."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import progress
from inquiries.choices import BoardStep, Stage
from inquiries.models import Committee, Inquiry, ProgressReport, Recommendation, Response
from tests.cast import NOW, TODAY
from tests.factories import make_inquiry, make_meeting, make_report, walk


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def board(client, clerk):
    """A function from the query of the address to the page's context."""

    def open_board(**query):
        client.force_login(clerk)
        return client.get(reverse("clerk:board"), query).context

    return open_board


@pytest.fixture
def made(committee, clerk, officer, other_officer, cabinet_member):
    """A function that makes an inquiry, by its title, answered on a day."""

    def make(title, responded_on=None, committee=committee):
        inquiry = make_inquiry(
            committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member, title=title
        )
        Response.objects.filter(inquiry=inquiry).update(responded_on=responded_on)
        return inquiry

    return make


def lines(context):
    return [(line.name, line.due, line.status) for line in context["lines"]]


def hints(context):
    return {line.name: line.hint for line in context["lines"]}


def test_rounds_of_every_step_are_listed_worst_first(board, made, clerk, committee):
    meeting = make_meeting(committee)
    make_report(made("Updates"), clerk, meeting=meeting)
    make_report(made("Sign-off"), clerk, meeting=meeting, at=Stage.AWAITING_SIGN_OFF)
    make_report(made("Publication"), clerk, meeting=meeting, at=Stage.SIGNED_OFF)
    make_report(made("Assessment"), clerk, meeting=meeting, at=Stage.PUBLISHED)
    made("Soon", date(2026, 7, 1))
    made("Later", date(2026, 11, 1))
    made("Beyond twelve months", date(2027, 6, 1))
    made("Undated")
    unanswered = made("Unanswered")
    Recommendation.objects.filter(inquiry=unanswered).update(response=None)
    Response.objects.filter(inquiry=unanswered).delete()
    Inquiry.objects.filter(pk=unanswered.pk).update(received_on=date(2026, 10, 1))
    context = board()
    assert lines(context) == [
        ("Updates: interim report (6 months on)", date(2026, 11, 16), "Late"),
        ("Sign-off: interim report (6 months on)", date(2026, 11, 30), "Awaiting sign-off"),
        ("Unanswered: response of Cabinet", date(2026, 11, 30), "Response awaited"),
        ("Publication: interim report (6 months on)", date(2026, 12, 7), "Signed off"),
        ("Assessment: interim report (6 months on)", date(2026, 12, 15), "Published"),
        ("Soon: interim report (6 months on)", date(2027, 1, 1), "To commission"),
        ("Later: interim report (6 months on)", date(2027, 5, 1), "To come"),
        ("Undated: next report", None, "No date"),
    ]
    assert (context["late"], context["this_week"], context["total"]) == (1, 2, 8)
    assert dict(context["steps"])[BoardStep.COMMISSION] == 3
    assert [line.href for line in context["lines"]][-3:-1] == [
        "/clerk/inquiries/soon/commission/",
        "/clerk/inquiries/later/commission/",
    ]


def test_whose_updates_are_missing_and_who_is_to_sign(board, made, clerk, officer, committee):
    report = make_report(made("Updates"), clerk)
    first, second = report.updates.about("1a").get(), report.updates.about("2").get()
    progress.save_update(first, version=0, text="Half.", by=officer, now=NOW)
    saved = progress.save_update(second, version=0, text="All.", by=clerk, now=NOW)
    progress.submit_update(saved, version=1, by=clerk, now=NOW)
    make_report(made("Signing"), clerk, at=Stage.AWAITING_SIGN_OFF)
    found = hints(board())
    assert found["Updates: interim report (6 months on)"] == (
        "1 of 3 updates are in; 1 drafted. Missing: Siân Llŷr-Ôwain (1), no lead officer (1)"
    )
    assert found["Signing: interim report (6 months on)"] == "Councillor Ruth Adeyemi still to sign"


def test_an_assessed_inquiry_comes_back_until_all_is_implemented(board, made, clerk, committee):
    inquiry = made("Homes", date(2026, 5, 1))
    report = make_report(inquiry, clerk, at=Stage.ASSESSED)
    assert lines(board()) == [("Homes: final report (12 months on)", date(2027, 5, 1), "To come")]
    Recommendation.objects.filter(ended_as="").update(
        ended_as="implemented", ended_reason="Done.", ended_on=TODAY, ended_at=NOW, ended_by=clerk
    )
    assert lines(board()) == []
    assert ProgressReport.objects.get() == report


def test_by_committee_by_step_and_by_meeting(board, made, clerk, committee, other_member):
    elsewhere = other_member.memberships.get().committee
    late = make_report(made("Late"), clerk, meeting=make_meeting(committee))
    make_report(made("Crossings", committee=elsewhere), clerk, meeting=make_meeting(elsewhere, date(2027, 3, 2)))
    walk(late, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    made("Soon", date(2026, 7, 1))
    assert [line.waiting.title for line in board(committee="environment")["lines"]] == ["Crossings"]
    assert [line.waiting.title for line in board(step="sign_off")["lines"]] == ["Late"]
    assert [line.waiting.title for line in board(order="meeting")["lines"]] == ["Late", "Soon", "Crossings"]
    assert board(committee="none")["form"].errors == {"committee": ["Choose a committee from the list."]}


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(client, made, clerk, committee, django_assert_num_queries, count):
    for number in range(count):
        make_report(made(f"Updates {number}"), clerk, meeting=make_meeting(committee, date(2027, 1, 5 + number)))
        make_report(
            made(f"Signed {number}"),
            clerk,
            meeting=make_meeting(committee, date(2027, 2, 2 + number)),
            at=Stage.SIGNED_OFF,
        )
        made(f"Soon {number}", date(2026, 7, 1))
    client.force_login(clerk)
    with django_assert_num_queries(8):
        assert len(client.get(reverse("clerk:board")).context["lines"]) == 3 * count


@pytest.mark.parametrize("count", [1, 3])
def test_your_work_shows_what_is_due_soon_and_leads_to_the_board(
    client, made, clerk, committee, monkeypatch, django_assert_num_queries, count
):
    monkeypatch.setattr("inquiries.views.dashboard.MOST_OF_BOARD", 2)
    meeting = make_meeting(committee)
    for number in range(count):
        make_report(made(f"Updates {number}"), clerk, meeting=meeting)
        made(f"Soon {number}", date(2026, 7, 1))
        made(f"Later {number}", date(2026, 11, 1))
        made(f"Undated {number}")
    client.force_login(clerk)
    with django_assert_num_queries(10):
        page = client.get("/")
    assert [line.status for line in page.context["board"]] == (
        ["Late", "To commission"] if count == 1 else ["Late"] * 2
    )
    assert page.context["left_on_board"] == ("" if count == 1 else "4")
    monkeypatch.setattr("inquiries.views.board.MOST_TO_COME", 3)
    assert client.get("/").context["left_on_board"] == ("" if count == 1 else "at least 4")
    assert "Updates 0: interim report (6 months on)" in page.content.decode()
    assert "/board/" in page.content.decode()


def test_the_forward_plan_of_every_committee_is_linked(board, committee):
    other = Committee.objects.create(name="Housing Panel", slug="housing")
    assert list(board()["plans"]) == [committee, other]
    assert board(committee="housing")["plans"] == [other]
