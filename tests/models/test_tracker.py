"""The rows that the database works out for the tracker are those that Python works out of the records."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from inquiries import rules
from inquiries.actions import inquiries, progress, responses
from inquiries.actions.handover import record_leaver
from inquiries.actions.merge_people import merge_person
from inquiries.choices import Ending, OfficerView, Stage, TrackerState, UpdateState
from inquiries.models import (
    Committee,
    CouncilSettings,
    Inquiry,
    Person,
    Recommendation,
    Response,
    TrackerRow,
)
from inquiries.tracker_database import refresh_tracker
from inquiries.views.public import published_rows
from tests import factories
from tests.at_once import at_once
from tests.cast import NOW, TODAY, person

VIEWS = {view.label: view.value for view in OfficerView}


def worked_out():
    """What every row has to say, in Python: {(recommendation, published): {field: value}}."""
    found = {}
    for recommendation in Recommendation.objects.select_related("inquiry", "response"):
        found[recommendation.pk, False] = facts(recommendation, *working(recommendation))
        if recommendation.inquiry.is_public:
            found[recommendation.pk, True] = facts(recommendation, *public(recommendation))
    return found


def is_promised(recommendation):
    response = recommendation.response
    return bool(response and response.is_accepted and not recommendation.ended_as)


def working(recommendation):
    """(update of the round under way, its months, state, day of its next step), the last months, the view."""
    response, rounds = recommendation.response, recommendation.inquiry.progress_reports
    updates = list(response.updates.select_related("report").order_by("-report__months_on")) if response else []
    view = next((u.officer_view for u in updates if u.officer_view and u.closed_at is None), "")
    last = max((report.months_on for report in rounds.all()), default=0)
    under_way = [u for u in updates if rules.stage_of(u.report) != Stage.ASSESSED]
    if not (under_way and is_promised(recommendation)):
        return (None, None, None, None), last, view
    update = under_way[0]
    report, stage = update.report, rules.stage_of(update.report)
    state = update.state if stage == Stage.COMMISSIONED else stage
    due = {"submitted": report.sign_off_due_on, "not_received": report.sign_off_due_on}.get(state, update.due_on)
    if stage != Stage.COMMISSIONED:
        due = report.sign_off_due_on if stage == Stage.AWAITING_SIGN_OFF else report.update_date
    return (update.pk, report.months_on, state, due), last, view


def public(recommendation):
    said = published_rows(recommendation.inquiry)
    mine = said.get(recommendation.reference_key, [])
    view = next((VIEWS[one.row.officer_view] for one in reversed(mine) if one.row.officer_view), "")
    last = max((one.report.months_on for rows in said.values() for one in rows), default=0)
    if mine and not mine[-1].assessed and is_promised(recommendation):
        return (None, mine[-1].report.months_on, "published", mine[-1].day), last, view
    return (None, None, None, None), last, view


def facts(recommendation, under_way, last, view):
    inquiry, response = recommendation.inquiry, recommendation.response
    update, months, state, step_due = under_way
    if recommendation.ended_as:
        state = recommendation.ended_as
    elif response is None:
        state = "response_awaited"
    elif not response.is_accepted:
        state = "not_reported_on"
    due, is_under_way = step_due, months is not None
    responded = min((r.responded_on for r in inquiry.responses.all() if r.responded_on), default=None)
    if is_promised(recommendation) and months is None:
        state = "between_reports"
        if responded:
            months = rules.next_report_months(last, CouncilSettings.current().report_months)
            due = rules.add_months(responded, months)
    target = response.target_date if response else None
    days = [day for day in (target, due) if day] if is_promised(recommendation) else []
    if state == "response_awaited" and inquiry.response_due:
        days = [inquiry.response_due]
    rated = [r for r in published_rows(inquiry).get(recommendation.reference_key, ()) if r.assessed and r.row.rating]
    lead, member = (response.lead_officer, response.cabinet_member) if response else (None, None)
    return {
        "inquiry_id": inquiry.pk,
        "committee_id": inquiry.committee_id,
        "lead_officer_id": lead and lead.pk,
        "cabinet_member_id": member and member.pk,
        "update_id": update,
        "decision": response.decision if response else "",
        "state": str(state),
        "rating": rated[-1].row.rating if rated else None,
        "rated_on": rated[-1].day if rated else None,
        "rated_precision": rated[-1].content.update_precision if rated else "",
        "officer_view": view,
        "original_target_date": response.original_target_date if response else None,
        "target_date": target,
        "is_under_way": is_under_way,
        "months": months,
        "months_due_on": due,
        "due_on": min(days, default=None),
        "reference_key": recommendation.reference_key,
        "inquiry_sort": inquiry.title.lower(),
        "committee_sort": inquiry.committee.name.lower(),
        "lead_officer_sort": lead and folded(lead.name),
        "cabinet_member_sort": member and folded(member.name),
    }


def folded(name):
    return name.lower().translate(str.maketrans("âŷôé", "ayoe"))


def stored():
    names = [f.attname for f in TrackerRow._meta.concrete_fields if f.attname not in ("id", "recommendation_id")]
    return {
        (row.recommendation_id, row.published): {n: getattr(row, n) for n in names if n != "published"}
        for row in TrackerRow.objects.all()
    }


def assert_rows_are_true():
    assert stored() == worked_out()
    before = list(TrackerRow.objects.order_by("pk").values())
    refresh_tracker(connection)
    assert list(TrackerRow.objects.order_by("pk").values()) == before


def states(published):
    rows = TrackerRow.objects.filter(published=published).order_by("reference_key")
    return {row.recommendation.reference: row.state for row in rows}


def test_rows_follow_the_whole_story(inquiry, clerk, officer, other_officer, committee):
    """Each step by the real actions; after each the rows are those that Python works out."""
    by = {"by": clerk, "now": NOW}
    added = inquiries.add_recommendation(inquiry, reference="11", text="That one waits.", **by)
    Inquiry.objects.filter(pk=inquiry.pk).update(received_on=date(2026, 12, 31))
    Response.objects.filter(inquiry=inquiry).update(responded_on=date(2026, 8, 31))
    assert_rows_are_true()
    assert states(False) == {
        "1a": "between_reports", "1b": "between_reports", "2": "between_reports", "3b": "not_reported_on",
        "4": "withdrawn", "10": "between_reports", "11": "response_awaited",
    }  # fmt: skip
    row = TrackerRow.objects.get(recommendation__reference="2")
    assert (row.months, row.months_due_on, row.due_on) == (6, date(2027, 2, 28), date(2027, 2, 28))
    assert TrackerRow.objects.get(recommendation=added).due_on == date(2027, 2, 28)
    response = Response.objects.get(recommendations__reference="2")
    responses.change_target_date(response, target_date=date(2026, 11, 1), reason="", **by)
    responses.change_target_date(response, target_date=date(2026, 11, 20), reason="Staff left.", **by)
    row.refresh_from_db()
    assert (row.original_target_date, row.target_date, row.days_late(TODAY)) == (
        date(2026, 11, 1), date(2026, 11, 20), 3,
    )  # fmt: skip
    assert row.what_is_due == "Target date"
    assert_rows_are_true()

    report = factories.make_report(inquiry, clerk)
    assert_rows_are_true()
    first, second, *_ = report.updates.for_page()
    for granted, due in ((date(2027, 6, 4), date(2027, 6, 4)), (date(2027, 7, 1), date(2027, 6, 8))):
        report.updates.filter(pk=first.pk).update(extended_until=granted)
        assert_rows_are_true()
        assert TrackerRow.objects.get(recommendation__reference="1a").months_due_on == due
    report.updates.filter(pk=first.pk).update(return_due_on=date(2027, 6, 15))
    assert_rows_are_true()
    assert TrackerRow.objects.get(recommendation__reference="1a").months_due_on == date(2027, 6, 15)
    saved = progress.save_update(first, version=0, text="Half.", officer_view="on_track", by=officer, now=NOW)
    assert_rows_are_true()
    progress.submit_update(saved, version=1, by=officer, now=NOW)
    progress.save_update(second, version=0, text="Some.", officer_view="some_concerns", by=other_officer, now=NOW)
    assert_rows_are_true()
    assert states(False) | {"3b": "", "4": "", "11": ""} == {
        "1a": "submitted", "1b": "submitted", "2": "draft", "10": "not_started", "3b": "", "4": "", "11": "",
    }  # fmt: skip
    progress.close_updates(report, by=clerk, now=NOW)
    assert_rows_are_true()
    assert TrackerRow.objects.get(recommendation__reference="2", published=False).officer_view == ""
    assert not TrackerRow.objects.filter(published=True).exists()
    report.refresh_from_db()
    for step in factories._sign_all, factories.publication.publish:
        step(report, by=clerk, now=NOW)
        assert_rows_are_true()
        report.refresh_from_db()
    assert states(True)["1a"] == states(False)["1a"] == "published"
    factories._assess_all(report, by=clerk, now=NOW)
    assert_rows_are_true()
    assert states(True)["1a"] == states(False)["1a"] == "implemented"
    row = TrackerRow.objects.get(recommendation__reference="2", published=True)
    assert (row.state, row.rating, row.months, row.months_due_on) == ("between_reports", 2, 12, date(2027, 8, 31))

    report.refresh_from_db()
    later = NOW + timedelta(hours=3)
    again = report.updates.filter(response=response)
    progress.reopen(report, to=Stage.COMMISSIONED, reason="A wrong figure.", updates=again, by=clerk, now=later)
    assert_rows_are_true()
    # What was published is public still.
    assert states(False)["2"] == "draft"
    assert TrackerRow.objects.get(recommendation__reference="2", published=True).rating == 2


def test_rows_follow_people_and_committees(inquiry, clerk, officer, other_officer, cabinet_member, committee):
    by = {"by": clerk, "now": NOW}
    twin = person("Tom Okafor")
    responses.correct_response(inquiry.responses.order_by("pk").last(), lead_officer=twin, **by)
    merge_person(twin, into=other_officer, **by)
    assert_rows_are_true()
    assert TrackerRow.objects.filter(lead_officer_id=other_officer.pk).count() == 2
    record_leaver(officer, responses=other_officer, **by)
    assert_rows_are_true()
    assert not TrackerRow.objects.filter(lead_officer_id=officer.pk).exists()
    Person.objects.filter(pk=other_officer.pk).update(name="Tâm Okafor")
    Committee.objects.filter(pk=committee.pk).update(name="Homes Select Committee")
    Inquiry.objects.filter(pk=inquiry.pk).update(title="Cold Homes", published_at=NOW, published_by=clerk)
    assert_rows_are_true()
    CouncilSettings.objects.create(report_months=[4])
    Response.objects.filter(inquiry=inquiry).update(responded_on=date(2026, 1, 31))
    assert_rows_are_true()
    assert TrackerRow.objects.filter(months=4, months_due_on=date(2026, 5, 31)).count() == 8


def test_rows_go_with_what_is_deleted_and_move_with_an_answer(inquiry, clerk):
    response = Response.objects.get(recommendations__reference="2")
    recommendation = Recommendation.objects.get(reference="1b")
    responses.regroup_response(
        Response.objects.get(recommendations=recommendation),
        recommendations=[Recommendation.objects.get(reference="1a")],
        by=clerk,
        now=NOW,
    )
    assert_rows_are_true()
    assert states(False)["1b"] == "response_awaited"
    Recommendation.objects.filter(response=response).update(response=None)
    response.delete()
    recommendation.delete()
    assert_rows_are_true()
    assert states(False) == {
        "1a": "between_reports", "2": "response_awaited", "3b": "not_reported_on", "4": "withdrawn",
        "10": "between_reports",
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("months", [[6, 12], [12, 6, 6], [3], [6, 12, 24]])
def test_next_report_months_has_its_twin(months):
    with connection.cursor() as cursor:
        cursor.execute("SELECT last, inquiries_next_report_months(last, %s) FROM generate_series(0, 60) last", [months])
        assert dict(cursor.fetchall()) == {last: rules.next_report_months(last, months) for last in range(61)}


@pytest.mark.parametrize(
    ("received", "notice", "health"),
    [
        (date(2026, 12, 31), None, False),
        (date(2026, 10, 1), date(2026, 10, 15), False),
        (date(2026, 1, 1), None, True),
        (date(2027, 12, 29), None, False),
        (None, date(2026, 1, 1), False),
    ],
)
def test_response_due_has_its_twin(received, notice, health, committee, clerk):
    inquiry = Inquiry.objects.create(
        committee=committee, title="Damp", slug="damp", received_on=received, notice_on=notice, is_health=health
    )
    inquiries.add_recommendation(inquiry, reference="1", text="That it is dry.", by=clerk, now=NOW)
    assert TrackerRow.objects.get().due_on == inquiry.response_due


def test_states_are_those_of_updates_reports_and_endings():
    assert {*UpdateState.values, *Ending.values, "awaiting_sign_off", "signed_off", "published"} == {
        state.value for state in TrackerState
    } - {"response_awaited", "not_reported_on", "between_reports"}


@pytest.mark.django_db(transaction=True)
def test_rows_are_true_after_changes_at_once(committee, clerk, officer, other_officer, cabinet_member):
    """Two people change the same inquiries in opposite order: neither fails, and no row is of an earlier state."""
    made = [
        factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        for title in ("First", "Second")
    ]

    def change(order, reference, day):
        with transaction.atomic():
            for inquiry in order:
                response = inquiry.responses.get(recommendations__reference=reference)
                responses.change_target_date(response, target_date=day, reason="Staff left.", by=clerk, now=NOW)

    for number in range(1, 9):
        day = date(2027, 1, number)
        done = at_once(
            partial(change, made, "2", day), partial(change, made[::-1], "10", day), partial(change, made, "1a", day)
        )
        assert done == [None] * 3
    assert stored() == worked_out()


def test_names_that_are_longer_without_accents(inquiry, clerk, officer, committee):
    inquiries.change_inquiry(inquiry, title="½" * 300, by=clerk, now=NOW)
    Committee.objects.filter(pk=committee.pk).update(name="…" * 200)
    Person.objects.filter(pk=officer.pk).update(name="ß" * 200)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    row = TrackerRow.objects.get(recommendation__reference="1a")
    assert (row.inquiry_sort[:8], row.committee_sort, row.lead_officer_sort) == (" 1/2 1/2", "." * 200, "s" * 200)
