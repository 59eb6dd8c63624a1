"""The number of queries of each page about a person, at one row of everything and at three."""

from datetime import timedelta

import pytest

from inquiries.actions import inquiries as inquiry_actions
from inquiries.actions import people, progress, responses
from inquiries.choices import Decision, Rating
from inquiries.models import Committee, Entry, Indication, PackPlan, Person, ProgressReport, ProgressUpdate
from tests.cast import NOW, TODAY, person
from tests.factories import make_meeting, make_report
from tests.views.clerk_people.asking import at


@pytest.fixture
def busy(clerk, cabinet_member, officer):
    """A function: somebody who has so many of everything that one person can have."""

    def promise(inquiry, reference, **who):
        made = inquiry_actions.add_recommendation(inquiry, reference=reference, text="That.", by=clerk, now=NOW)
        values = {"recommendations": [made], "decision": Decision.ACCEPTED, "text": "Yes.", **who}
        responses.record_response(inquiry, **values, by=clerk, now=NOW)

    def busy(count):
        one = person("Ann Blake", "ann@wealdshire.example", is_clerk=True)
        for number in range(1, count + 1):
            committee = Committee.objects.create(name=f"Committee {number}", slug=f"committee-{number}")
            people.give_seat(one, committee=committee, role="member", from_date=TODAY, by=clerk, now=NOW)
            people.give_portfolio(one, portfolio=f"Housing {number}", from_date=TODAY, by=clerk, now=NOW)
            people.merge_person(person("A Blake"), into=one, by=clerk, now=NOW)
            person("Blake, Ann")
            inquiry = committee.inquiries.create(title=f"Inquiry {number}", slug=f"inquiry-{number}")
            promise(inquiry, "1", lead_officer=one, cabinet_member=one)
            promise(inquiry, "2", lead_officer=officer, cabinet_member=cabinet_member)
            report = make_report(inquiry, clerk)
            update = report.updates.about("2").get()
            progress.save_update(update, version=0, text="", contributors=[one], by=clerk, now=NOW)
            PackPlan.objects.create(
                meeting=make_meeting(committee), publish_on=NOW + timedelta(days=9), planned_at=NOW, planned_by=one
            )
        return one

    return busy


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("people", 8),
        ("person", 12),
        ("record_leaver", 11),
        ("change_person", 3),
        ("give_seat", 4),
        ("export_person", 3),
        # It reads what is open as well, and looks into sessions, lists and Word reports.
        ("erase_person", 15),
    ],
)
def test_queries_do_not_grow_with_what_somebody_has(busy, at_work, django_assert_num_queries, count, name, queries):
    one = busy(count)
    with django_assert_num_queries(queries):
        assert at_work.get(at(name, *([one] if name != "people" else []))).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_preview_of_a_merge(busy, at_work, django_assert_num_queries, count):
    one = busy(count)
    stays = person("Ann Blake", "blake@wealdshire.example")
    Person.objects.filter(pk=one.pk).update(email=None)
    for update in ProgressUpdate.objects.about("2"):
        for rating, who in ((Rating.ON_TRACK, one), (Rating.IMPLEMENTED, stays)):
            Indication.objects.create(update=update, rating=rating, recorded_at=NOW, recorded_by=who)
    # One query for each of seven kinds of record that are put in words; all others are counted in one.
    with django_assert_num_queries(15):
        answer = at_work.get(f"{at('merge_person', one)}?into={stays.pk}")
    moving = answer.context["moving"]
    assert (len(moving.records), len(moving.reasons)) == (7 * count, count)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/history/person/{}/", 7), ("/accounts/you/", 4)],
)
def test_queries_of_the_pages_beside(busy, client, django_assert_num_queries, count, address, queries):
    one = busy(count)
    client.force_login(one)
    with django_assert_num_queries(queries):
        assert client.get(address.format(one.pk)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_histories_of_a_report(busy, at_work, django_assert_num_queries, count):
    busy(count)
    report = ProgressReport.objects.first()
    update = report.updates.about("2").get()
    for number in range(1, count + 1):
        progress.save_update(update, version=number, text=f"News {number}.", by=update.response.lead_officer, now=NOW)
        update.refresh_from_db()
    last = Entry.objects.about(update).first()
    for address, queries in (
        (f"/history/report/{report.pk}/", 9),
        (f"/history/update/{update.pk}/", 10),
        (f"/history/entries/{last.pk}/", 8),
        (f"/history/update/{update.pk}/text/", 11),
    ):
        with django_assert_num_queries(queries):
            assert at_work.get(address).status_code == 200
