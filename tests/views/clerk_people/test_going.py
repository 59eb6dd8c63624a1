"""The pages on which somebody leaves, comes back, or two records become one."""

from datetime import date

import pytest

from inquiries.actions import people as deeds
from inquiries.actions import progress, responses
from inquiries.models import CabinetMember, Entry, PackPlan, Person, Response
from tests.cast import NOW, person
from tests.factories import make_meeting, make_report
from tests.views.clerk_people.asking import at, errors, words


@pytest.fixture
def leaver(inquiry, clerk, cabinet_member, officer):
    """Leads everything, signs the report, contributes where the officer leads."""
    for number in ("2", "10"):
        response = inquiry.responses.get(recommendations__reference=number)
        responses.correct_response(response, lead_officer=cabinet_member, by=clerk, now=NOW)
    report = make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    progress.save_update(update, version=0, text="", contributors=[cabinet_member], by=clerk, now=NOW)
    return cabinet_member


@pytest.fixture
def successor(member):
    """Sits in Cabinet too."""
    CabinetMember.objects.create(person=member, portfolio="Transport", from_date=date(2025, 5, 20))
    return member


def test_the_page_lists_everything_that_is_theirs(at_work, leaver):
    page = words(at_work.get(at("record_leaver", leaver)))
    assert "Warm Homes Inquiry</a>: recommendation 10" in page
    assert "Warm Homes Inquiry: recommendation 2</a>" in page
    assert "Warm Homes Inquiry: recommendations 1a and 1b</a>, led by Siân Llŷr-Ôwain" in page
    assert "Warm Homes Inquiry: interim report (6 months on)</a>" in page
    assert "Cabinet Member for Communities" in page


def test_who_cannot_be_told_is_marked_among_those_who_may_take_over(at_work, leaver):
    person("Janice Moore", job_title="Team Manager")
    page = words(at_work.get(at("record_leaver", leaver)))
    assert page.count("Janice Moore, Team Manager (no e-mail address)</option>") == 5
    assert "Tom Okafor, Finance Manager</option>" in page
    assert "Somebody without an e-mail address is not told" in page


def test_one_takes_everything_over(at_work, leaver, successor):
    answer = at_work.post(at("record_leaver", leaver), {"everything": successor.pk})
    assert answer.url == at("person", leaver)
    leaver.refresh_from_db()
    assert leaver.is_active is False
    assert not Response.objects.open().filter(lead_officer=leaver).exists()


def test_each_kind_and_single_responses_go_to_different_people(at_work, leaver, successor, officer, other_officer):
    ten = Response.objects.get(recommendations__reference="10")
    typed = {"responses": officer.pk, "sign_offs": successor.pk, f"response_{ten.pk}": other_officer.pk}
    assert at_work.post(at("record_leaver", leaver), typed).status_code == 302
    assert Response.objects.get(recommendations__reference="2").lead_officer == officer
    ten.refresh_from_db()
    assert ten.lead_officer == other_officer


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, ["Choose who leads these responses from now on", "Choose who signs these reports off"]),
        ({"everything": "officer"}, ["Siân Llŷr-Ôwain does not sit in Cabinet: choose who signs these reports off"]),
        ({"everything": "leaver"}, ["Choose a person from the list"]),
        ({"responses": "x", "sign_offs": "member"}, ["Choose a person from the list"]),
        ({"responses": "officer", "sign_offs": "officer"}, ["Choose a person from the list"]),
        ({"responses": "9" * 30, "sign_offs": "member"}, ["Choose a person from the list"]),
    ],
)
def test_nothing_is_left_without_an_owner(at_work, leaver, successor, officer, typed, wrong):
    keys = {"officer": officer.pk, "leaver": leaver.pk, "member": successor.pk}
    answer = at_work.post(at("record_leaver", leaver), {name: keys.get(who, who) for name, who in typed.items()})
    assert errors(answer) == wrong
    assert Person.objects.get(pk=leaver.pk).is_active
    assert not Entry.objects.filter(verb="hand_over").exists()


def test_a_wrong_choice_for_a_single_response_is_shown_where_it_was_made(at_work, leaver, successor, officer):
    ten = Response.objects.get(recommendations__reference="10")
    typed = {"everything": successor.pk, f"response_{ten.pk}": leaver.pk}
    answer = at_work.post(at("record_leaver", leaver), typed)
    assert errors(answer) == ["Choose a person from the list"]
    assert '<details class="govuk-details" open>' in words(answer)


def test_a_clerk_who_planned_a_publication_is_followed_by_a_clerk(at_work, committee, clerk, officer):
    colleague = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)
    plan = PackPlan.objects.create(
        meeting=make_meeting(committee), publish_on=NOW, planned_at=NOW, planned_by=colleague
    )
    answer = at_work.post(at("record_leaver", colleague), {"plans": officer.pk})
    assert errors(answer) == ["Choose a person from the list"]
    assert at_work.post(at("record_leaver", colleague), {"plans": clerk.pk}).status_code == 302
    plan.refresh_from_db()
    assert plan.planned_by == clerk


def test_who_has_nothing_just_leaves(at_work, stranger):
    page = words(at_work.get(at("record_leaver", stranger)))
    assert "nobody has to take anything over" in page
    assert at_work.post(at("record_leaver", stranger)).status_code == 302


def test_clerks_do_not_record_themselves(at_work, clerk):
    answer = at_work.get(at("record_leaver", clerk))
    assert answer.status_code == 403
    assert "nobody can record it of themselves" in words(answer)
    answer = at_work.post(at("record_leaver", clerk))
    assert errors(answer) == ["Only a clerk can record that somebody leaves, and nobody can record it of themselves."]


def test_somebody_comes_back(at_work, clerk, officer):
    assert at_work.get(at("record_return", officer)).status_code == 403
    deeds.record_leaver(officer, by=clerk, now=NOW)
    assert at_work.get(at("record_leaver", officer)).status_code == 403
    assert "left on 23 November 2026" in words(at_work.get(at("record_return", officer)))
    assert at_work.post(at("record_return", officer)).url == at("person", officer)
    officer.refresh_from_db()
    assert officer.is_active


# Merged


@pytest.fixture
def with_part(inquiry, clerk, imported):
    """The imported person leads 2."""
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=imported, by=clerk, now=NOW)
    return imported


def test_both_records_and_what_moves_are_shown_before_anything_happens(at_work, with_part, officer):
    page = words(at_work.get(f"{at('merge_person', with_part)}?into={officer.pk}"))
    assert "sian@wealdshire.example" in page
    assert "Lead officer for recommendation 2 of “Warm Homes Inquiry”" in page
    assert "Merge the records" in page
    assert Person.objects.get(pk=with_part.pk).is_active


def test_the_records_are_merged(at_work, with_part, officer):
    answer = at_work.post(at("merge_person", with_part), {"into": officer.pk})
    assert answer.url == at("person", officer)
    with_part.refresh_from_db()
    assert with_part.merged_into == officer


def test_what_stands_in_the_way_is_said_before_the_button(at_work, with_part, officer, committee):
    for who, role in ((with_part, "member"), (officer, "chair")):
        who.memberships.create(committee=committee, role=role, from_date=date(2025, 5, 20))
    answer = at_work.get(f"{at('merge_person', with_part)}?into={officer.pk}")
    assert "Both sit on the Communities Select Committee on the same days" in words(answer)
    assert "Merge the records" not in words(answer)
    answer = at_work.post(at("merge_person", with_part), {"into": officer.pk})
    assert len(errors(answer)) == 1
    assert Person.objects.get(pk=with_part.pk).is_active


@pytest.mark.parametrize("into", ["", "x", "9" * 30, "self", "gone"])
def test_into_whom_is_chosen_among_those_present(at_work, with_part, stranger, into):
    Person.objects.filter(pk=stranger.pk).update(is_active=False)
    key = {"self": with_part.pk, "gone": stranger.pk}.get(into, into)
    answer = at_work.get(at("merge_person", with_part), {"into": key})
    assert errors(answer) == ["Choose the record that stays" if into == "" else "Choose a person from the list"]


def test_who_signs_in_is_merged_into_nobody(at_work, officer):
    answer = at_work.get(at("merge_person", officer))
    assert answer.status_code == 403
    assert "Only a record without an e-mail address" in words(answer)
