"""The number of queries of each page, at one row and at three."""

import pytest

from inquiries.actions import assessments, progress, publication, responses
from inquiries.actions import inquiries as inquiry_actions
from inquiries.choices import Decision, Rating, Stage
from tests.cast import NOW
from tests.factories import confirm_assessments, make_report
from tests.views.public.steps import REPORT, write


@pytest.fixture
def rows(committee, clerk, officer, cabinet_member, contributor):
    """A function: an inquiry with so many promises, each with its update, contributor and evidence."""

    def rows(count, at, slug="warm-homes-inquiry"):
        inquiry = committee.inquiries.create(title="Warm Homes Inquiry", slug=slug)
        for number in range(1, count + 1):
            made = inquiry_actions.add_recommendation(inquiry, reference=f"{number}", text="That.", by=clerk, now=NOW)
            responses.record_response(
                inquiry,
                recommendations=[made],
                decision=Decision.ACCEPTED,
                text="Yes.",
                lead_officer=officer,
                cabinet_member=cabinet_member,
                by=clerk,
                now=NOW,
            )
        report = make_report(inquiry, clerk)
        for number in range(1, count + 1):
            write(
                report,
                f"{number}",
                "News.",
                by=officer,
                contributors=[contributor],
                evidence=[("A page", "https://example.org/")],
            )
        if at != Stage.COMMISSIONED:
            progress.close_updates(report, by=clerk, now=NOW)
            progress.record_sign_off(report.sign_offs.get(), evidence_note="A letter.", by=clerk, now=NOW)
            publication.publish(report, by=clerk, now=NOW)
            for update in report.updates.for_page():
                assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=None, by=clerk, now=NOW)
            confirm_assessments(report, by=clerk, now=NOW)
        return report

    return rows


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "person", "at", "queries"),
    [
        ("/inquiries/warm-homes-inquiry/", "nobody", Stage.ASSESSED, 5),
        ("/inquiries/warm-homes-inquiry/", "clerk", Stage.ASSESSED, 7),
        ("/inquiries/warm-homes-inquiry/1/", "nobody", Stage.ASSESSED, 5),
        (REPORT, "nobody", Stage.ASSESSED, 3),
        (REPORT, "clerk", Stage.COMMISSIONED, 8),
        (REPORT, "cabinet_member", Stage.COMMISSIONED, 11),
        (REPORT, "officer", Stage.COMMISSIONED, 10),
        (REPORT, "member", Stage.ASSESSED, 7),
        (f"{REPORT}editions/1/", "nobody", Stage.ASSESSED, 3),
        ("/", "officer", Stage.COMMISSIONED, 7),
    ],
)
def test_queries_do_not_grow_with_the_rows(
    rows, client, request, django_assert_num_queries, count, address, person, at, queries
):
    rows(count, at)
    if person != "nobody":
        client.force_login(request.getfixturevalue(person))
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "person", "queries"),
    [
        ("/", "nobody", 3),
        ("/", "clerk", 8),
        ("/inquiries/", "nobody", 6),
        ("/inquiries/?q=warm&accepted=open", "clerk", 9),
        ("/committees/", "nobody", 2),
        ("/committees/communities/", "nobody", 5),
    ],
)
def test_queries_do_not_grow_with_the_inquiries(
    rows, client, request, django_assert_num_queries, count, address, person, queries
):
    for number in range(count):
        rows(
            1, Stage.ASSESSED if address != "/" or person == "nobody" else Stage.COMMISSIONED, slug=f"inquiry-{number}"
        )
    if person != "nobody":
        client.force_login(request.getfixturevalue(person))
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200
