"""The list of people: found and filtered, each with what they have."""

from datetime import date

import pytest

from inquiries.actions import people as deeds
from inquiries.actions import progress
from inquiries.models import Person
from tests.cast import NOW, person
from tests.factories import make_report
from tests.views.clerk_people.asking import at, words


def names(answer):
    return [person.name for person, _ in answer.context["lines"]]


def had(answer):
    return {person.name: words for person, words in answer.context["lines"]}


@pytest.fixture
def everybody(inquiry, clerk, officer, other_officer, contributor, cabinet_member, chair, member, imported, stranger):
    """The cast with a report under way; the stranger has been invited, the imported person has no address."""
    report = make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    deeds.send_invitation(stranger, by=clerk, now=NOW)


def test_each_row_says_what_the_person_has(at_work, everybody, other_member):
    assert had(at_work.get(at("people"))) == {
        "Carys Whitlock": "Clerk",
        "Councillor Anwen Pritchard": "Member of the Communities Select Committee",
        "Councillor Harold Penrose": "Chair of the Communities Select Committee",
        "Councillor Jack Marlow": "Chair of the Environment Select Committee",
        "Councillor Ruth Adeyemi": "Cabinet Member for Communities; 1 report to sign off",
        "Janice Moore": "No role",
        "Nobody Inparticular": "No role",
        "Priya Nair": "Contributor to 1 open update",
        "Siân Llŷr-Ôwain": "Lead officer of 1 response",
        "Tom Okafor": "Lead officer of 1 response",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=clerk", ["Carys Whitlock"]),
        ("role=cabinet", ["Councillor Ruth Adeyemi"]),
        ("role=lead", ["Siân Llŷr-Ôwain", "Tom Okafor"]),
        ("state=no-email", ["Janice Moore"]),
        ("state=waiting", ["Nobody Inparticular"]),
        ("state=left", []),
        ("q=penrose", ["Councillor Harold Penrose"]),
        ("q=services+manager", ["Janice Moore"]),
        ("q=tom@wealdshire", ["Tom Okafor"]),
        ("q=no+such+name", []),
        ("q=finance&role=lead", ["Tom Okafor"]),
    ],
)
def test_people_are_found(at_work, everybody, query, found):
    assert names(at_work.get(f"{at('people')}?{query}")) == found


def test_members_of_one_committee(at_work, everybody, other_member, committee):
    asked = f"{at('people')}?role=committee-{committee.pk}"
    assert names(at_work.get(asked)) == ["Councillor Anwen Pritchard", "Councillor Harold Penrose"]


def test_a_seat_that_has_ended_is_none(at_work, everybody, member, committee):
    member.memberships.update(until_date=date(2026, 1, 1))
    assert names(at_work.get(f"{at('people')}?role=committee-{committee.pk}")) == ["Councillor Harold Penrose"]


def test_who_left_is_listed_apart_and_who_was_merged_nowhere(at_work, everybody, clerk, officer, imported, stranger):
    deeds.merge_person(imported, into=officer, by=clerk, now=NOW)
    deeds.record_leaver(stranger, by=clerk, now=NOW)
    assert "Nobody Inparticular" not in names(at_work.get(at("people")))
    left = at_work.get(f"{at('people')}?state=left")
    assert names(left) == ["Nobody Inparticular"]
    assert "Left 23 November 2026" in words(left)


@pytest.mark.parametrize(
    "query", ["role=king", "state=nowhere", "q=%00&role=%00", "role=committee-99999999999999999999"]
)
def test_a_question_that_makes_no_sense_is_answered_politely(at_work, clerk, query):
    page = words(at_work.get(f"{at('people')}?{query}"))
    assert "Nobody was searched for" in page
    assert "There is a problem" in page


def test_the_list_is_paged(at_work):
    Person.objects.bulk_create(Person(name=f"Person {number:03}") for number in range(60))
    assert "61 people" in words(at_work.get(at("people")))
    assert len(names(at_work.get(f"{at('people')}?page=2"))) == 11


def test_the_menu_leads_clerks_to_people(client, clerk, officer):
    for who, led in ((clerk, True), (officer, False)):
        client.force_login(who)
        assert (f'href="{at("people")}"' in client.get("/").content.decode()) is led


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_of_the_list(at_work, inquiry, clerk, committee, count, django_assert_num_queries):
    make_report(inquiry, clerk)
    for number in range(count):
        made = person(f"Person {number}", f"person{number}@wealdshire.example")
        deeds.give_seat(made, committee=committee, role="member", from_date=NOW.date(), by=clerk, now=NOW)
        deeds.give_portfolio(made, portfolio="Transport", from_date=NOW.date(), by=clerk, now=NOW)
    with django_assert_num_queries(8):
        at_work.get(at("people"))
