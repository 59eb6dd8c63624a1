"""Pages of people asked for, and what stands on them."""

from datetime import date, timedelta

import html5lib
import pytest
from django.urls import reverse

from inquiries.actions import handover, merge_people, people, progress, responses
from inquiries.actions import inquiries as inquiry_actions
from inquiries.actions import people as people_actions
from inquiries.choices import Decision, Rating
from inquiries.models import (
    CabinetMember,
    Committee,
    Entry,
    Indication,
    Membership,
    Notification,
    PackPlan,
    Person,
    ProgressReport,
    ProgressUpdate,
    Response,
)
from tests.cast import NOW, TODAY, person
from tests.factories import make_meeting, make_report
from tests.replay import replayed


def clerk_url(name, *args):
    """The address of a clerk's page, of a person or a seat where they are given."""
    return reverse(f"clerk:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def page_text(response):
    """The page as one line; it must be sound HTML."""
    page = response.content.decode()
    html5lib.HTMLParser(strict=True).parse(page)
    return " ".join(page.split())


def error_messages(response):
    """The messages of the error summary."""
    return [message for message, _ in response.context["form"].error_summary()]


def chosen(name, person):
    """A person as chosen by typing."""
    return {name: person.title_and_name, f"{name}_key": person.pk}


def day(name, on):
    """A date as three fields."""
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def imported(db):
    """Somebody whom a Word report named: without an e-mail address."""
    return person("Janice Moore", job_title="Direct Services Team Manager")


@pytest.fixture
def at_work(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client


@pytest.fixture
def leaver(inquiry, clerk, cabinet_member, officer):
    """Leads everything, signs the report, contributes where the officer leads."""
    give_work(inquiry, clerk, cabinet_member)
    return cabinet_member


@replayed
def give_work(inquiry, clerk, cabinet_member):
    for number in ("2", "10"):
        response = inquiry.responses.get(recommendations__reference=number)
        responses.correct_response(response, lead_officer=cabinet_member, by=clerk, now=NOW)
    report = make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    progress.save_update(update, version=0, text="", contributors=[cabinet_member], by=clerk, now=NOW)


@pytest.fixture
def successor(stranger):
    """Sits in Cabinet too."""
    CabinetMember.objects.create(person=stranger, portfolio="Transport", from_date=date(2025, 5, 20))
    return stranger


def test_leaver_page_lists_open_work(at_work, leaver):
    page = page_text(at_work.get(clerk_url("record_leaver", leaver)))
    assert "Warm Homes Inquiry</a>: recommendation 10" in page
    assert "Warm Homes Inquiry: recommendation 2</a>" in page
    assert "Warm Homes Inquiry: recommendations 1a and 1b</a>, led by Siân Llŷr-Ôwain" in page
    assert "Warm Homes Inquiry: interim report (6 months on)</a>" in page
    assert "Cabinet Member for Communities" in page


def test_successors_without_email_are_marked(at_work, leaver):
    person("Janice Moore", job_title="Team Manager")
    page = page_text(at_work.get(clerk_url("record_leaver", leaver)))
    assert "A person without an e-mail address is not notified" in page
    found = at_work.get(reverse("officer:search_people"), {"q": "manager"}).json()["people"]
    assert [(match["text"], match["label"]) for match in found] == [
        ("Janice Moore, Team Manager", "Janice Moore, Team Manager (no e-mail address)"),
        ("Tom Okafor, Finance Manager", "Tom Okafor, Finance Manager"),
    ]
    page = page_text(at_work.post(clerk_url("record_leaver", leaver), {"responses": "manager"}))
    assert "Janice Moore, Team Manager (no e-mail address)</label>" in page


def test_leaver_page_lists_no_more_than_the_cabinet(at_work, leaver, successor, officer):
    Person.objects.bulk_create(Person(name=f"Person {number:03}") for number in range(60))
    page = page_text(at_work.get(clerk_url("record_leaver", leaver)))
    assert page.count("</option>") == 2
    assert f'<option value="{successor.pk}">' in page
    assert "Person 0" not in page


def test_each_response_has_its_row(at_work, leaver):
    page = page_text(at_work.get(clerk_url("record_leaver", leaver)))
    for reference in ("2", "10"):
        name = f"response_{Response.objects.get(recommendations__reference=reference).pk}"
        label = f"Warm Homes Inquiry: recommendation {reference}"
        assert f'<label class="govuk-label" for="id_{name}">{label}</label>' in page
        assert f'<input type="text" name="{name}"' in page and f'name="{name}_key"' in page
    assert '<details class="govuk-details">' in page


def test_one_successor_takes_everything(at_work, leaver, successor):
    response = at_work.post(clerk_url("record_leaver", leaver), chosen("everything", successor))
    assert response.url == clerk_url("person", leaver)
    leaver.refresh_from_db()
    assert leaver.is_active is False
    assert not Response.objects.open().filter(lead_officer=leaver).exists()


def test_work_is_split_between_successors(at_work, leaver, successor, officer, other_officer):
    ten = Response.objects.get(recommendations__reference="10")
    data = {"sign_offs": successor.pk} | chosen("responses", officer) | chosen(f"response_{ten.pk}", other_officer)
    assert at_work.post(clerk_url("record_leaver", leaver), data).status_code == 302
    assert Response.objects.get(recommendations__reference="2").lead_officer == officer
    ten.refresh_from_db()
    assert ten.lead_officer == other_officer


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, ["Choose who leads these responses from now on", "Choose who signs these reports off"]),
        ({"everything": "Siân"}, ["Siân Llŷr-Ôwain does not sit in Cabinet: choose who signs these reports off"]),
        ({"everything": "Ruth Adeyemi"}, ["Nobody who can be chosen here matches “Ruth Adeyemi”"]),
        ({"responses": "Siân", "sign_offs": "officer"}, ["Choose a person from the list"]),
        (
            {"responses": "Siân", "responses_key": "9" * 30, "sign_offs": "9" * 30},
            ["Choose a person from the list"],
        ),
    ],
)
def test_leaver_requires_successors(at_work, leaver, successor, officer, data, wrong):
    data = {name: officer.pk if text == "officer" else text for name, text in data.items()}
    response = at_work.post(clerk_url("record_leaver", leaver), data)
    assert error_messages(response) == wrong
    assert Person.objects.get(pk=leaver.pk).is_active
    assert not Entry.objects.filter(verb="hand_over").exists()


def test_single_response_error_is_shown(at_work, leaver, successor, officer):
    ten = Response.objects.get(recommendations__reference="10")
    data = chosen("everything", successor) | chosen(f"response_{ten.pk}", leaver)
    response = at_work.post(clerk_url("record_leaver", leaver), data)
    assert [(error, href) for error, href in response.context["form"].error_summary()] == [
        (f"Nobody who can be chosen here matches “{leaver.title_and_name}”", f"#id_response_{ten.pk}")
    ]
    page = page_text(response)
    assert '<details class="govuk-details" open>' in page
    assert f'id="id_response_{ten.pk}" aria-describedby="id_response_{ten.pk}_error"' in page
    assert f'for="id_response_{ten.pk}"' in page


def test_planned_publication_goes_to_a_clerk(at_work, committee, clerk, officer):
    colleague = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)
    plan = PackPlan.objects.create(
        meeting=make_meeting(committee), publish_on=NOW, planned_at=NOW, planned_by=colleague
    )
    response = at_work.post(clerk_url("record_leaver", colleague), {"plans": officer.pk})
    assert error_messages(response) == ["Choose a person from the list"]
    assert at_work.post(clerk_url("record_leaver", colleague), {"plans": clerk.pk}).status_code == 302
    plan.refresh_from_db()
    assert plan.planned_by == clerk


def test_leaver_without_work(at_work, stranger):
    page = page_text(at_work.get(clerk_url("record_leaver", stranger)))
    assert "has no outstanding work to hand over" in page
    assert at_work.post(clerk_url("record_leaver", stranger)).status_code == 302


def test_clerk_cannot_record_own_leaving(at_work, clerk):
    response = at_work.get(clerk_url("record_leaver", clerk))
    assert response.status_code == 403
    assert "not of themselves" in page_text(response)
    response = at_work.post(clerk_url("record_leaver", clerk))
    assert error_messages(response) == ["Only a clerk can record that a person leaves, and not of themselves."]


def test_records_return(at_work, clerk, officer):
    assert at_work.get(clerk_url("record_return", officer)).status_code == 403
    handover.record_leaver(officer, by=clerk, now=NOW)
    assert at_work.get(clerk_url("record_leaver", officer)).status_code == 403
    assert "left on 23 November 2026" in page_text(at_work.get(clerk_url("record_return", officer)))
    assert at_work.post(clerk_url("record_return", officer)).url == clerk_url("person", officer)
    officer.refresh_from_db()
    assert officer.is_active


# Merged


@pytest.fixture
def with_part(inquiry, clerk, imported):
    """The imported person leads 2."""
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=imported, by=clerk, now=NOW)
    return imported


def test_merge_shows_preview(at_work, with_part, officer):
    page = page_text(at_work.get(f"{clerk_url('merge_person', with_part)}?into=Siân"))
    assert "sian@wealdshire.example" in page
    assert "Lead officer for recommendation 2 of “Warm Homes Inquiry”" in page
    assert "Merge the records" in page
    assert Person.objects.get(pk=with_part.pk).is_active


def test_merges_records(at_work, with_part, officer):
    response = at_work.post(clerk_url("merge_person", with_part), chosen("into", officer))
    assert response.url == clerk_url("person", officer)
    with_part.refresh_from_db()
    assert with_part.merged_into == officer


def test_merge_shows_obstacles(at_work, with_part, officer, committee):
    for who, role in ((with_part, "member"), (officer, "chair")):
        who.memberships.create(committee=committee, role=role, from_date=date(2025, 5, 20))
    response = at_work.get(f"{clerk_url('merge_person', with_part)}?into=Siân")
    assert "Both sit on the Communities Select Committee on the same days" in page_text(response)
    assert "Merge the records" not in page_text(response)
    response = at_work.post(clerk_url("merge_person", with_part), chosen("into", officer))
    assert len(error_messages(response)) == 1
    assert Person.objects.get(pk=with_part.pk).is_active


@pytest.mark.parametrize("into", ["", "x", "Janice", "Inparticular"])
def test_merge_target_must_be_current(at_work, with_part, stranger, into):
    Person.objects.filter(pk=stranger.pk).update(is_active=False)
    response = at_work.get(clerk_url("merge_person", with_part), {"into": into})
    nobody = f"Nobody who can be chosen here matches “{into}”"
    assert error_messages(response) == [nobody if into else "Choose the record that stays"]


def test_person_with_email_cannot_be_merged(at_work, officer):
    response = at_work.get(clerk_url("merge_person", officer))
    assert response.status_code == 403
    assert "Only a record without an e-mail address" in page_text(response)


def names(response):
    return [person.name for person, _ in response.context["lines"]]


def had(response):
    return {person.name: words for person, words in response.context["lines"]}


@pytest.fixture
def everybody(inquiry, clerk, officer, other_officer, contributor, cabinet_member, chair, member, imported, stranger):
    """The cast with a report under way; the stranger has been invited, the imported person has no address."""
    report = make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    people_actions.send_invitation(stranger, by=clerk, now=NOW)


def test_people_list_shows_roles(at_work, everybody, other_member):
    assert had(at_work.get(clerk_url("people"))) == {
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
def test_people_search(at_work, everybody, query, found):
    assert names(at_work.get(f"{clerk_url('people')}?{query}")) == found


def test_people_search_by_committee(at_work, everybody, other_member, committee):
    asked = f"{clerk_url('people')}?role=committee-{committee.pk}"
    assert names(at_work.get(asked)) == ["Councillor Anwen Pritchard", "Councillor Harold Penrose"]


def test_ended_seats_are_not_listed(at_work, everybody, member, committee):
    member.memberships.update(until_date=date(2026, 1, 1))
    assert names(at_work.get(f"{clerk_url('people')}?role=committee-{committee.pk}")) == ["Councillor Harold Penrose"]


def test_leavers_are_listed_separately(at_work, everybody, clerk, officer, imported, stranger):
    merge_people.merge_person(imported, into=officer, by=clerk, now=NOW)
    handover.record_leaver(stranger, by=clerk, now=NOW)
    assert "Nobody Inparticular" not in names(at_work.get(clerk_url("people")))
    left = at_work.get(f"{clerk_url('people')}?state=left")
    assert names(left) == ["Nobody Inparticular"]
    assert "Left 23 November 2026" in page_text(left)


@pytest.mark.parametrize(
    "query", ["role=king", "state=nowhere", "q=%00&role=%00", "role=committee-99999999999999999999"]
)
def test_invalid_people_search_shows_error(at_work, clerk, query):
    page = page_text(at_work.get(f"{clerk_url('people')}?{query}"))
    assert "Nobody was searched for" in page
    assert "There is a problem" in page


def test_people_list_is_paginated(at_work):
    Person.objects.bulk_create(Person(name=f"Person {number:03}") for number in range(60))
    assert "61 people" in page_text(at_work.get(clerk_url("people")))
    assert len(names(at_work.get(f"{clerk_url('people')}?page=2"))) == 11


def test_navigation_links_to_people(client, clerk, officer):
    for who, led in ((clerk, True), (officer, False)):
        client.force_login(who)
        assert (f'href="{clerk_url("people")}"' in client.get("/").content.decode()) is led


@pytest.mark.parametrize("count", [1, 3])
def test_people_list_query_count_is_constant(at_work, inquiry, clerk, committee, count, django_assert_num_queries):
    make_report(inquiry, clerk)
    for number in range(count):
        made = person(f"Person {number}", f"person{number}@wealdshire.example")
        people_actions.give_seat(made, committee=committee, role="member", from_date=NOW.date(), by=clerk, now=NOW)
        people_actions.give_seat(made, portfolio="Transport", from_date=NOW.date(), by=clerk, now=NOW)
    with django_assert_num_queries(8):
        at_work.get(clerk_url("people"))


def test_person_page_shows_details_and_work(at_work, inquiry, clerk, officer, contributor):
    report = make_report(inquiry, clerk)
    update = report.updates.about("2").get()
    progress.save_update(update, version=0, text="", contributors=[officer], by=clerk, now=NOW)
    people_actions.send_invitation(officer, by=clerk, now=NOW)
    page = page_text(at_work.get(clerk_url("person", officer)))
    assert "sian@wealdshire.example" in page
    assert "23 November 2026 at 09:30, by Carys Whitlock" in page
    assert "Warm Homes Inquiry: recommendations 1a and 1b</a>" in page
    assert "Warm Homes Inquiry: recommendation 2</a>, led by Tom Okafor" in page
    assert "Carys Whitlock invited Siân Llŷr-Ôwain to sign in" in page
    assert "Send the invitation again" in page
    for name in ("end_sessions", "reset_second_factor", "export_person"):
        assert f'href="{clerk_url(name, officer)}"' in page
    assert clerk_url("merge_person", officer) not in page


def test_person_page_hides_unavailable_actions(at_work, clerk, imported, officer):
    own = page_text(at_work.get(clerk_url("person", clerk)))
    assert clerk_url("record_leaver", clerk) not in own
    without = page_text(at_work.get(clerk_url("person", imported)))
    assert "None: cannot sign in" in without
    assert clerk_url("send_invitation", imported) not in without
    assert clerk_url("merge_person", imported) in without
    handover.record_leaver(officer, by=clerk, now=NOW)
    left = page_text(at_work.get(clerk_url("person", officer)))
    assert "Siân Llŷr-Ôwain left on 23 November 2026, recorded by Carys Whitlock." in left
    assert clerk_url("change_person", officer) not in left
    assert clerk_url("record_return", officer) in left


def test_merged_record_links_to_current_one(at_work, clerk, imported, officer):
    merge_people.merge_person(imported, into=officer, by=clerk, now=NOW)
    page = page_text(at_work.get(clerk_url("person", imported)))
    assert f'This record was merged into that of <a class="govuk-link" href="{clerk_url("person", officer)}">' in page
    kept = page_text(at_work.get(clerk_url("person", officer)))
    assert f'<a class="govuk-link" href="{clerk_url("person", imported)}">Janice Moore</a>' in kept


def test_likely_duplicates_are_shown(at_work, imported):
    kept = person("J Moore", "janice@wealdshire.example")
    address = f"{clerk_url('merge_person', imported)}?into=J%20Moore&amp;into_key={kept.pk}"
    assert f'href="{address}">merge that record into this one' in page_text(at_work.get(clerk_url("person", kept)))
    assert f'href="{address}">merge this record into that one' in page_text(at_work.get(clerk_url("person", imported)))
    assert "Merge these two records?" in page_text(at_work.get(address.replace("&amp;", "&")))


# Invited


def test_invites_with_seat_and_portfolio(at_work, clerk, committee):
    data = {"name": "Ann Blake", "email": "ann@wealdshire.example", "is_clerk": "on", "portfolio": "Transport"}
    data |= {"committee": committee.pk, "role": "chair"} | day("from_date", TODAY) | day("portfolio_from", TODAY)
    response = at_work.post(clerk_url("invite"), data)
    made = Person.objects.get(name="Ann Blake")
    assert response.url == clerk_url("person", made)
    assert (made.is_clerk, made.invited_by) == (True, clerk)
    assert (made.memberships.get().role, made.cabinet_seats.get().portfolio) == ("chair", "Transport")
    assert "Ann Blake is invited: an e-mail is on its way." in page_text(at_work.get(response.url))


def test_records_person_without_email(at_work):
    response = at_work.post(clerk_url("invite"), {"name": "Ann Blake"}, follow=True)
    assert "Ann Blake is on record." in page_text(response)
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, ["Enter the name"]),
        ({"name": "Ann", "email": "ann at home"}, ["Enter an e-mail address like name@example.org"]),
        ({"name": "Ann", "email": "SIAN@wealdshire.example"}, ["Siân Llŷr-Ôwain already has this e-mail address."]),
        ({"name": "Ann", "committee": "x"}, ["Choose the committee from the list"]),
        ({"name": "Ann", "portfolio": "Transport"}, ["Enter the first day with the portfolio"]),
    ],
)
def test_invite_shows_errors(at_work, officer, data, wrong):
    response = at_work.post(clerk_url("invite"), data)
    assert error_messages(response) == wrong
    for value in data.values():
        assert f'value="{value}"' in response.content.decode() or value == "x"
    assert not Entry.objects.exists()


def test_seat_requires_first_day(at_work, committee):
    response = at_work.post(clerk_url("invite"), {"name": "Ann", "committee": committee.pk, "role": "member"})
    assert error_messages(response) == ["Enter the first day on the committee"]


def test_likely_duplicate_is_completed(at_work, imported):
    data = {"name": "Mrs J Moore", "email": "janice@wealdshire.example"}
    response = at_work.post(clerk_url("invite"), data)
    assert error_messages(response) == [
        "There is already a record of Janice Moore, without an e-mail address. Say whether this is the same person"
    ]
    assert "Yes: complete the record of Janice Moore, Direct Services Team Manager" in page_text(response)
    assert at_work.post(clerk_url("invite"), data | {"same_as": imported.pk}).url == clerk_url("person", imported)
    imported.refresh_from_db()
    assert imported.email == "janice@wealdshire.example"


def test_likely_duplicate_can_be_another_person(at_work, imported, officer):
    data = {"name": "Janice Moore", "email": "other@wealdshire.example", "same_as": "new"}
    assert at_work.post(clerk_url("invite"), data).status_code == 302
    assert Person.objects.filter(name="Janice Moore").count() == 2
    response = at_work.post(clerk_url("invite"), {"name": "Sian Llŷr-Ôwain", "same_as": officer.pk})
    assert response.status_code == 302


def test_duplicate_with_email_is_only_shown(at_work, officer):
    data = {"name": officer.name, "email": "sian.new@wealdshire.example"}
    response = at_work.post(clerk_url("invite"), data)
    page = page_text(response)
    assert (
        f'href="{clerk_url("person", officer)}">Siân Llŷr-Ôwain, Head of Customer Access</a> (sian@wealdshire' in page
    )
    response = at_work.post(clerk_url("invite"), data | {"same_as": officer.pk})
    assert error_messages(response) == ["Say whether this is the same person"]


def test_sends_invitation_again(at_work, officer):
    page = page_text(at_work.get(clerk_url("send_invitation", officer)))
    assert "We will send an e-mail to sian@wealdshire.example" in page
    for _ in range(2):
        assert at_work.post(clerk_url("send_invitation", officer)).url == clerk_url("person", officer)
    # In the same moment: a button pressed twice.
    assert Notification.objects.filter(occasion="invitation").count() == 1


def test_invitation_requires_email(at_work, imported):
    response = at_work.get(clerk_url("send_invitation", imported))
    assert response.status_code == 403
    assert "Janice Moore has no e-mail address. Enter one first." in page_text(response)


# Changed


def test_changes_person(at_work, officer):
    page = page_text(at_work.get(clerk_url("change_person", officer)))
    assert 'value="Head of Customer Access"' in page
    data = {"name": officer.name, "email": officer.email, "job_title": "Director", "organisation": ""}
    assert at_work.post(clerk_url("change_person", officer), data).url == clerk_url("person", officer)
    officer.refresh_from_db()
    assert officer.job_title == "Director"


def test_changing_email_warns_about_other_sign_in(at_work, officer, clerk):
    reset = f'href="{clerk_url("reset_second_factor", officer)}"'
    assert reset not in page_text(at_work.get(clerk_url("change_person", officer)))
    Person.objects.filter(pk=officer.pk).update(last_login=NOW)
    assert reset in page_text(at_work.get(clerk_url("change_person", officer)))
    # Nobody resets themselves.
    assert "reset how they sign in" not in page_text(at_work.get(clerk_url("change_person", clerk)))


def test_adds_email(at_work, imported):
    assert "send the invitation afterwards" in page_text(at_work.get(clerk_url("change_person", imported)))
    data = {"name": imported.name, "email": "janice@wealdshire.example", "job_title": imported.job_title}
    response = at_work.post(clerk_url("change_person", imported), data, follow=True)
    assert clerk_url("send_invitation", imported) in page_text(response)


def test_clerk_cannot_remove_own_role(at_work, clerk):
    data = {"name": "Carys W", "email": clerk.email, "job_title": clerk.job_title}
    response = at_work.post(clerk_url("change_person", clerk), data)
    assert error_messages(response) == ["You cannot take this from yourself. Ask another clerk."]
    assert 'value="Carys W"' in response.content.decode()


# Seats


def test_gives_changes_and_ends_seat(at_work, officer, committee):
    data = {"committee": committee.pk, "role": "member"} | day("from_date", TODAY)
    assert at_work.post(clerk_url("give_seat", officer), data).url == clerk_url("person", officer)
    seat = officer.memberships.get()
    again = at_work.post(clerk_url("give_seat", officer), data)
    assert error_messages(again) == ["Siân Llŷr-Ôwain already sits on this committee since 23 November 2026."]
    assert 'value="23"' in page_text(at_work.get(clerk_url("change_seat", officer, seat)))
    at_work.post(clerk_url("change_seat", officer, seat), {"role": "chair"} | day("from_date", date(2026, 11, 1)))
    at_work.post(clerk_url("end_seat", officer, seat), day("until_date", date(2026, 12, 1)))
    seat.refresh_from_db()
    assert (seat.role, seat.from_date, seat.until_date) == ("chair", date(2026, 11, 1), date(2026, 12, 1))


def test_gives_changes_and_ends_portfolio(at_work, officer):
    data = {"portfolio": "Transport"} | day("from_date", TODAY)
    assert at_work.post(clerk_url("give_portfolio", officer), data).url == clerk_url("person", officer)
    seat = officer.cabinet_seats.get()
    at_work.post(clerk_url("change_portfolio", officer, seat), {"portfolio": "Roads"} | day("from_date", TODAY))
    response = at_work.post(clerk_url("end_portfolio", officer, seat), day("until_date", date(2026, 1, 1)))
    assert error_messages(response) == ["The last day is before the first."]
    at_work.post(clerk_url("end_portfolio", officer, seat), day("until_date", TODAY))
    seat.refresh_from_db()
    assert (seat.portfolio, seat.until_date) == ("Roads", TODAY)


def test_term_must_not_end_before_start(at_work, officer, committee):
    data = {"committee": committee.pk, "role": "member"} | day("from_date", TODAY)
    response = at_work.post(clerk_url("give_seat", officer), data | day("until_date", date(2026, 1, 1)))
    assert error_messages(response) == ["The last day is before the first"]
    assert not Membership.objects.exists()


def test_seat_of_another_person_is_not_found(at_work, officer, member, cabinet_member):
    seat, portfolio = member.memberships.get(), cabinet_member.cabinet_seats.get()
    for name, kept in (
        ("change_seat", seat),
        ("end_seat", seat),
        ("change_portfolio", portfolio),
        ("end_portfolio", portfolio),
    ):
        for ask in (at_work.get, at_work.post):
            assert ask(clerk_url(name, officer, kept)).status_code == 404
    assert CabinetMember.objects.get().until_date is None


def test_leaver_pages_are_refused(at_work, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    for name in ("give_seat", "give_portfolio", "change_person", "send_invitation"):
        response = at_work.get(clerk_url(name, officer))
        assert response.status_code == 403
        assert "is not one of the current people" in page_text(response)


@pytest.fixture
def busy(clerk, cabinet_member, officer):
    """A function: somebody who has so many of everything that one person can have."""

    def promise(inquiry, reference, **who):
        made = inquiry_actions.add_recommendation(inquiry, reference=reference, text="That.", by=clerk, now=NOW)
        values = {"recommendations": [made], "decision": Decision.ACCEPTED, "text": "Yes.", **who}
        responses.record_response(inquiry, **values, by=clerk, now=NOW)

    @replayed
    def make_busy(count):
        one = person("Ann Blake", "ann@wealdshire.example", is_clerk=True)
        for number in range(1, count + 1):
            committee = Committee.objects.create(name=f"Committee {number}", slug=f"committee-{number}")
            board = Committee.objects.create(name=f"Board {number}", slug=f"board-{number}")
            people.give_seat(one, committee=board, role="member", from_date=TODAY, by=clerk, now=NOW)
            people.give_seat(one, portfolio=f"Housing {number}", from_date=TODAY, by=clerk, now=NOW)
            merge_people.merge_person(person("A Blake"), into=one, by=clerk, now=NOW)
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

    return make_busy


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("people", 8),
        ("person", 13),
        ("record_leaver", 14),
        ("change_person", 4),
        ("give_seat", 5),
        ("export_person", 3),
        # Where nothing stands against it, it looks into sessions, lists and Word reports as well.
        ("erase_person", 11),
    ],
)
def test_person_pages_query_count_is_constant(busy, at_work, django_assert_num_queries, count, name, queries):
    one = busy(count)
    with django_assert_num_queries(queries):
        assert at_work.get(clerk_url(name, *([one] if name != "people" else []))).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_merge_preview_query_count(busy, at_work, django_assert_num_queries, count):
    one = busy(count)
    stays = person("Ann Blake", "blake@wealdshire.example")
    Person.objects.filter(pk=one.pk).update(email=None)
    for update in ProgressUpdate.objects.about("2"):
        for rating, who in ((Rating.ON_TRACK, one), (Rating.IMPLEMENTED, stays)):
            Indication.objects.create(update=update, rating=rating, recorded_at=NOW, recorded_by=who)
    # One query for each of seven kinds of record that are put in words; all others are counted in one.
    with django_assert_num_queries(16):
        response = at_work.get(clerk_url("merge_person", one), chosen("into", stays))
    moving = response.context["moving"]
    assert (len(moving.records), len(moving.reasons)) == (7 * count, count)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/history/person/{}/", 7), ("/accounts/you/", 4)],
)
def test_other_person_pages_query_count(busy, client, django_assert_num_queries, count, address, queries):
    one = busy(count)
    client.force_login(one)
    with django_assert_num_queries(queries):
        assert client.get(address.format(one.pk)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_report_history_query_count(busy, at_work, django_assert_num_queries, count):
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
        (f"/history/entries/{last.pk}/", 7),
        (f"/history/update/{update.pk}/text/", 8),
    ):
        with django_assert_num_queries(queries):
            assert at_work.get(address).status_code == 200


def test_the_director_is_chosen_by_typing(at_work, officer, stranger):
    page = reverse("clerk:change_person", args=[officer.pk])
    data = {"name": officer.name, "email": officer.email, "job_title": "", "organisation": ""}
    answer = at_work.post(page, data | {"director": "Siân"})
    assert "Choose another person as the director." in answer.content.decode()
    answer = at_work.post(page, data | {"director": "nobody inpart"})
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert officer.director == stranger
    assert "Nobody Inparticular" in at_work.get(reverse("clerk:person", args=[officer.pk])).content.decode()
