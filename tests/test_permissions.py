"""Who may do what: the whole table, role by role, with the sentence of each refusal."""

from datetime import date

import pytest

from inquiries import permissions
from inquiries.actions import progress
from inquiries.choices import Stage
from inquiries.models import ActionPoint
from inquiries.permissions import RIGHTS, Refused, can, check_can
from tests import factories
from tests.cast import NOW, TODAY


@pytest.fixture
def report_at(committee, clerk, officer, other_officer, contributor, cabinet_member):
    def at(stage):
        inquiry = factories.make_inquiry(
            committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
        )
        report = factories.make_report(inquiry, clerk)
        update = report.updates.for_page().first()
        progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
        return factories.walk(report, to=stage, by=clerk)

    return at


# right -> (stage at which it can be done, which thing it is asked of, who may)
TABLE = {
    "administer": (Stage.COMMISSIONED, "report", {"clerk"}),
    "keep_people": (Stage.COMMISSIONED, "report", {"clerk"}),
    "record_leaver": (Stage.COMMISSIONED, "report", {"clerk"}),
    "merge_people": (Stage.COMMISSIONED, "report", {"clerk"}),
    "export_person": (Stage.COMMISSIONED, "report", {"clerk"}),
    "erase_person": (Stage.COMMISSIONED, "report", {"clerk"}),
    "write_update": (Stage.COMMISSIONED, "update", {"clerk", "officer", "contributor"}),
    "name_contributors": (Stage.COMMISSIONED, "update", {"clerk", "officer"}),
    "search_people": (Stage.COMMISSIONED, "report", {"clerk", "officer", "other_officer"}),
    "close_updates": (Stage.COMMISSIONED, "report", {"clerk"}),
    "return_update": (Stage.AWAITING_SIGN_OFF, "update", {"cabinet_member"}),
    "sign_off": (Stage.AWAITING_SIGN_OFF, "sign_off", {"cabinet_member"}),
    "record_sign_off": (Stage.AWAITING_SIGN_OFF, "sign_off", {"clerk"}),
    "publish": (Stage.SIGNED_OFF, "report", {"clerk"}),
    "reopen": (Stage.SIGNED_OFF, "report", {"clerk"}),
    "indicate": (Stage.PUBLISHED, "update", {"member", "chair"}),
    "assess": (Stage.PUBLISHED, "update", {"clerk", "chair"}),
    "confirm_assessments": (Stage.PUBLISHED, "report", {"clerk", "chair"}),
    "correct_assessment": (Stage.ASSESSED, "update", {"clerk", "chair"}),
    "run_meeting": (Stage.PUBLISHED, "report", {"clerk", "chair"}),
    "see_screen": (Stage.PUBLISHED, "report", {"clerk", "chair", "member"}),
    "set_action_point": (Stage.PUBLISHED, "report", {"clerk", "chair"}),
    "finish_action_point": (Stage.PUBLISHED, "action_point", {"clerk", "officer"}),
    "read_for_committee": (Stage.PUBLISHED, "report", {"clerk", "chair", "member"}),
    "see_indications": (Stage.PUBLISHED, "report", {"clerk", "chair"}),
    "see_exempt": (Stage.PUBLISHED, "report", {"clerk", "chair", "member", "cabinet_member"}),
}
TIMELESS = {
    "administer",
    "keep_people",
    "record_leaver",
    "merge_people",
    "export_person",
    "erase_person",
    "search_people",
    "run_meeting",
    "see_screen",
    "set_action_point",
    "finish_action_point",
    "read_for_committee",
    "see_indications",
    "see_exempt",
}


# right -> (whether the report is submitted, which thing it is asked of, who may); the director is the other officer
OFFICER_REPORTS = {
    "write_officer_report": (False, "report", {"clerk", "officer", "contributor"}),
    "name_report_contributors": (False, "report", {"clerk", "officer"}),
    "return_officer_report": (True, "report", {"other_officer", "cabinet_member"}),
    "sign_officer_report": (True, "signature", {"other_officer"}),
    "record_report_signature": (True, "signature", {"clerk"}),
    "reopen_officer_report": (True, "report", {"clerk"}),
}


@pytest.fixture
def officer_report(committee, clerk, officer, other_officer, contributor, cabinet_member):
    def make(*, submitted):
        asked = {"author": officer, "director": other_officer, "cabinet_member": cabinet_member}
        report = factories.make_officer_report(factories.make_meeting(committee, date(2027, 1, 26)), clerk, **asked)
        return factories.write_officer_report(report, officer, contributors=[contributor], submit=submitted)

    return make


@pytest.mark.parametrize("right", OFFICER_REPORTS)
def test_who_may_about_officer_reports(right, people, officer_report):
    submitted, kind, allowed = OFFICER_REPORTS[right]
    report = officer_report(submitted=submitted)
    thing = report if kind == "report" else report.signatures.get(role="director")
    assert {name for name, person in people.items() if can(right, person, thing, TODAY)} == allowed
    for name in set(people) - allowed - {"public"}:
        with pytest.raises(Refused) as refusal:
            check_can(right, people[name], thing, TODAY)
        assert str(refusal.value) == RIGHTS[right].refusal


@pytest.mark.parametrize("right", OFFICER_REPORTS)
def test_refuses_at_wrong_time_about_officer_reports(right, people, officer_report):
    submitted, kind, _ = OFFICER_REPORTS[right]
    report = officer_report(submitted=not submitted)
    thing = report if kind == "report" else report.signatures.get(role="director")
    assert [name for name, person in people.items() if can(right, person, thing, TODAY)] == []


def thing_of(report, kind):
    update = report.updates.for_page().first()
    action_point = ActionPoint(update=update, owner=update.response.lead_officer)
    things = {"report": report, "update": update, "sign_off": report.sign_offs.first(), "action_point": action_point}
    return things[kind]


def test_table_is_complete():
    assert set(TABLE) | set(OFFICER_REPORTS) == set(RIGHTS)


@pytest.mark.parametrize("right", TABLE)
def test_who_may(right, people, report_at):
    stage, kind, allowed = TABLE[right]
    thing = thing_of(report_at(stage), kind)
    assert {name for name, person in people.items() if can(right, person, thing, TODAY)} == allowed
    for name in set(people) - allowed:
        with pytest.raises(Refused) as refusal:
            check_can(right, people[name], thing, TODAY)
        expected = "Sign in first." if name == "public" else RIGHTS[right].refusal
        assert str(refusal.value) == expected


@pytest.mark.parametrize("right", sorted(set(TABLE) - TIMELESS))
def test_refuses_at_wrong_time(right, people, report_at):
    stage, kind, _ = TABLE[right]
    wrong = Stage.ASSESSED if stage != Stage.ASSESSED and right != "reopen" else Stage.COMMISSIONED
    thing = thing_of(report_at(wrong), kind)
    assert [name for name, person in people.items() if can(right, person, thing, TODAY)] == []


def test_leaver_has_no_rights(people, report_at):
    thing = thing_of(report_at(Stage.COMMISSIONED), "update")
    for person in people.values():
        person.is_active = False
        assert not can("write_update", person, thing, TODAY)


def test_seat_counts_only_while_current(chair, report_at):
    report = report_at(Stage.PUBLISHED)
    seat = chair.memberships.get()
    seat.until_date = TODAY
    seat.save()
    assert can("confirm_assessments", chair, report, TODAY)
    assert not can("confirm_assessments", chair, report, TODAY.replace(day=24))
    assert not can("confirm_assessments", chair, report, seat.from_date.replace(year=2024))


def test_clerk_cannot_record_own_leaving(clerk, officer):
    assert can("record_leaver", clerk, officer, TODAY)
    with pytest.raises(Refused, match="not of themselves"):
        check_can("record_leaver", clerk, clerk, TODAY)


def test_exports_own_data_only(clerk, officer, other_officer):
    assert [can("export_person", who, officer, TODAY) for who in (clerk, officer, other_officer)] == [True, True, False]
    assert [can("erase_person", who, officer, TODAY) for who in (clerk, officer, other_officer)] == [True, False, False]
    assert not can("erase_person", clerk, clerk, TODAY)


def test_every_role_of_the_table_has_its_column():
    assert {role.name for right in RIGHTS.values() for role, _ in right.who} == set(permissions.ROLES)
