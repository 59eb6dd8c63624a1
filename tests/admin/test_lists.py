"""The lists of the admin: in the order people count in, with as many queries for three rows as for one."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from inquiries.actions.inquiries import add_recommendation
from inquiries.models import Inquiry, Membership, Person, Recommendation
from tests.cast import NOW
from tests.factories import make_inquiry, make_report


def shown(answer, column):
    """What the list has in one column, row by row."""
    return [getattr(answer.context["cl"].model_admin, column)(row) for row in answer.context["cl"].result_list]


@pytest.fixture
def signed_in(client, clerk):
    client.force_login(clerk)
    return client


def page_of(model_name):
    return reverse(f"admin:inquiries_{model_name}_changelist")


def test_recommendations_in_natural_order(signed_in, clerk, committee):
    inquiry = Inquiry.objects.create(committee=committee, title="Fares", slug="fares")
    for reference in ("10", "8.17", "2", "1b", "8.3", "1a"):
        add_recommendation(inquiry, reference=reference, text="That it is done.", by=clerk, now=NOW)
    page = signed_in.get(page_of("recommendation"))
    assert shown(page, "number") == ["1a", "1b", "2", "8.3", "8.17", "10"]
    assert shown(signed_in.get(page_of("recommendation") + "?o=-0"), "number") == ["10", "8.17", "8.3", "2", "1b", "1a"]


def test_responses_in_natural_order(signed_in, clerk, inquiry):
    make_report(inquiry, clerk)
    assert shown(signed_in.get(page_of("response")), "answers") == ["1a and 1b", "2", "3b", "10"]


@pytest.mark.parametrize(("rows", "titles"), [(1, ["A"]), (3, ["A", "B", "C"])])
def test_list_of_inquiries_asks_little(
    signed_in, clerk, committee, officer, cabinet_member, rows, titles, django_assert_num_queries
):
    for title in titles:
        make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
    with django_assert_num_queries(7):
        page = signed_in.get(page_of("inquiry"))
    assert page.context["cl"].result_count == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_recommendations_asks_little(signed_in, inquiry, rows, django_assert_num_queries):
    keep = inquiry.recommendations.in_order().values_list("pk", flat=True)[:rows]
    Recommendation.objects.exclude(pk__in=list(keep)).delete()
    with django_assert_num_queries(5):
        page = signed_in.get(page_of("recommendation"))
    assert page.context["cl"].result_count == rows


@pytest.mark.parametrize("numbers", [["1"], ["1", "2", "3"]])
def test_page_of_an_inquiry_asks_little(signed_in, clerk, committee, officer, numbers, django_assert_num_queries):
    inquiry = Inquiry.objects.create(committee=committee, title="Fares", slug="fares")
    for number in numbers:
        add_recommendation(inquiry, reference=number, text="That it is done.", by=clerk, now=NOW)
    # Django keeps what it has asked about kinds of records; whether another test asked first must not matter.
    ContentType.objects.clear_cache()
    with django_assert_num_queries(6):
        signed_in.get(reverse("admin:inquiries_inquiry_change", args=[inquiry.pk]))


def test_long_lists_are_counted_up_to_a_limit(signed_in, inquiry, monkeypatch):
    monkeypatch.setattr("inquiries.admin.MOST_COUNTED", 3)
    page = signed_in.get(page_of("recommendation"))
    assert page.context["cl"].result_count == 3
    assert "more than 3 recommendations" in " ".join(page.content.decode().split())


def test_short_lists_are_counted(signed_in, inquiry):
    page = signed_in.get(page_of("recommendation") + "?q=library")
    assert page.context["cl"].result_count == 1
    assert "more than" not in page.content.decode()


@pytest.mark.parametrize(
    ("model", "question", "found"),
    [
        ("recommendation", "warm library", 1),  # a word of the inquiry's title, and one of its own
        ("recommendation", '"thermal camera"', 1),
        ("recommendation", '"camera thermal"', 0),
        ("response", "1b", 1),  # the number of a recommendation that it answers
        ("response", "homes twice", 1),
        ("inquiry", "homes", 1),
        ("inquiry", "homes zebra", 0),
        ("entry", "recommendation 3b", 1),
        ("entry", "zebra", 0),
    ],
)
def test_search_finds_what_holds_every_word(signed_in, inquiry, model, question, found):
    page = signed_in.get(page_of(model), {"q": question})
    assert page.context["cl"].result_count == found


def test_history_by_year_and_by_kind(signed_in, inquiry):
    choices = signed_in.get(page_of("entry")).content.decode()
    assert f">{NOW.year}</a>" in choices
    assert "?verb=record_response" in choices
    assert signed_in.get(page_of("entry"), {"verb": "record_response"}).context["cl"].result_count == 4
    year = {"at__gte": f"{NOW.year}-01-01 00:00:00+00:00", "at__lt": f"{NOW.year + 1}-01-01 00:00:00+00:00"}
    everything = signed_in.get(page_of("entry")).context["cl"].result_count
    assert signed_in.get(page_of("entry"), year).context["cl"].result_count == everything
    year["at__gte"] = f"{NOW.year + 1}-01-01 00:00:00+00:00"
    assert signed_in.get(page_of("entry"), year).context["cl"].result_count == 0


@pytest.mark.parametrize("seats", [1, 3])
def test_page_of_a_committee_asks_little(signed_in, committee, seats, django_assert_num_queries):
    for number in range(seats):
        Membership.objects.create(
            person=Person.objects.create(name=f"Cllr {number}"), committee=committee, from_date=NOW.date()
        )
    address = reverse("admin:inquiries_committee_change", args=[committee.pk])
    signed_in.get(address)
    with django_assert_num_queries(4):
        page = signed_in.get(address)
    assert page.content.decode().count(" selected>Cllr ") == seats
