"""One person's page, and the pages that change what stands on it."""

from datetime import date

import pytest

from inquiries.actions import people as deeds
from inquiries.actions import progress
from inquiries.models import CabinetMember, Entry, Membership, Notice, Person
from tests.cast import NOW, TODAY, person
from tests.factories import make_report
from tests.views.clerk_people.asking import at, day, errors, words


def test_the_page_says_who_somebody_is_and_what_waits(at_work, inquiry, clerk, officer, contributor):
    report = make_report(inquiry, clerk)
    update = report.updates.about("2").get()
    progress.save_update(update, version=0, text="", contributors=[officer], by=clerk, now=NOW)
    deeds.send_invitation(officer, by=clerk, now=NOW)
    page = words(at_work.get(at("person", officer)))
    assert "sian@wealdshire.example" in page
    assert "23 November 2026 at 09:30, by Carys Whitlock" in page
    assert "Warm Homes Inquiry: recommendations 1a and 1b</a>" in page
    assert "Warm Homes Inquiry: recommendation 2</a>, led by Tom Okafor" in page
    assert "Carys Whitlock invited Siân Llŷr-Ôwain to sign in" in page
    assert "Send the invitation again" in page
    for name in ("end_sessions", "reset_second_factor", "export_person"):
        assert f'href="{at(name, officer)}"' in page
    assert at("merge_person", officer) not in page


def test_nobody_is_led_to_what_cannot_be_done(at_work, clerk, imported, officer):
    own = words(at_work.get(at("person", clerk)))
    assert at("record_leaver", clerk) not in own
    without = words(at_work.get(at("person", imported)))
    assert "None: cannot sign in" in without
    assert at("send_invitation", imported) not in without
    assert at("merge_person", imported) in without
    deeds.record_leaver(officer, by=clerk, now=NOW)
    left = words(at_work.get(at("person", officer)))
    assert "Siân Llŷr-Ôwain left on 23 November 2026, recorded by Carys Whitlock." in left
    assert at("change_person", officer) not in left
    assert at("record_return", officer) in left


def test_a_merged_record_says_who_it_is_now(at_work, clerk, imported, officer):
    deeds.merge_person(imported, into=officer, by=clerk, now=NOW)
    page = words(at_work.get(at("person", imported)))
    assert f'This record was merged into that of <a class="govuk-link" href="{at("person", officer)}">' in page
    kept = words(at_work.get(at("person", officer)))
    assert f'<a class="govuk-link" href="{at("person", imported)}">Janice Moore</a>' in kept


def test_likely_doubles_are_pointed_out(at_work, imported):
    kept = person("J Moore", "janice@wealdshire.example")
    address = f"{at('merge_person', imported)}?into={kept.pk}"
    assert f'href="{address}">merge that record into this one' in words(at_work.get(at("person", kept)))
    assert f'href="{address}">merge this record into that one' in words(at_work.get(at("person", imported)))


# Invited


def test_somebody_is_invited_with_everything_at_once(at_work, clerk, committee):
    typed = {"name": "Ann Blake", "email": "ann@wealdshire.example", "is_clerk": "on", "portfolio": "Transport"}
    typed |= {"committee": committee.pk, "role": "chair"} | day("from_date", TODAY) | day("portfolio_from", TODAY)
    answer = at_work.post(at("invite"), typed)
    made = Person.objects.get(name="Ann Blake")
    assert answer.url == at("person", made)
    assert (made.is_clerk, made.invited_by) == (True, clerk)
    assert (made.memberships.get().role, made.cabinet_seats.get().portfolio) == ("chair", "Transport")
    assert "Ann Blake is invited: a letter is on its way." in words(at_work.get(answer.url))


def test_somebody_without_an_address_is_on_record(at_work):
    answer = at_work.post(at("invite"), {"name": "Ann Blake"}, follow=True)
    assert "Ann Blake is on record." in words(answer)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, ["Enter the name"]),
        ({"name": "Ann", "email": "ann at home"}, ["Enter an e-mail address like name@example.org"]),
        ({"name": "Ann", "email": "SIAN@wealdshire.example"}, ["Siân Llŷr-Ôwain already has this e-mail address."]),
        ({"name": "Ann", "committee": "x"}, ["Choose the committee from the list"]),
        ({"name": "Ann", "portfolio": "Transport"}, ["Enter the first day with the portfolio"]),
    ],
)
def test_what_is_wrong_stands_beside_its_field(at_work, officer, typed, wrong):
    answer = at_work.post(at("invite"), typed)
    assert errors(answer) == wrong
    for value in typed.values():
        assert f'value="{value}"' in answer.content.decode() or value == "x"
    assert not Entry.objects.exists()


def test_a_seat_needs_its_first_day(at_work, committee):
    answer = at_work.post(at("invite"), {"name": "Ann", "committee": committee.pk, "role": "member"})
    assert errors(answer) == ["Enter the first day on the committee"]


def test_a_likely_double_is_asked_about_and_completed(at_work, imported):
    typed = {"name": "Mrs J Moore", "email": "janice@wealdshire.example"}
    answer = at_work.post(at("invite"), typed)
    assert errors(answer) == [
        "There is already a record of Janice Moore, without an e-mail address. Say whether this is the same person"
    ]
    assert "Yes: complete the record of Janice Moore, Direct Services Team Manager" in words(answer)
    assert at_work.post(at("invite"), typed | {"same_as": imported.pk}).url == at("person", imported)
    imported.refresh_from_db()
    assert imported.email == "janice@wealdshire.example"


def test_a_likely_double_who_is_somebody_else(at_work, imported, officer):
    typed = {"name": "Janice Moore", "email": "other@wealdshire.example", "same_as": "new"}
    assert at_work.post(at("invite"), typed).status_code == 302
    assert Person.objects.filter(name="Janice Moore").count() == 2
    answer = at_work.post(at("invite"), {"name": "Sian Llŷr-Ôwain", "same_as": officer.pk})
    assert answer.status_code == 302


def test_a_double_with_an_address_is_shown_and_cannot_be_completed(at_work, officer):
    typed = {"name": officer.name, "email": "sian.new@wealdshire.example"}
    answer = at_work.post(at("invite"), typed)
    page = words(answer)
    assert f'href="{at("person", officer)}">Siân Llŷr-Ôwain, Head of Customer Access</a> (sian@wealdshire' in page
    answer = at_work.post(at("invite"), typed | {"same_as": officer.pk})
    assert errors(answer) == ["Say whether this is the same person"]


def test_an_invitation_goes_out_again(at_work, officer):
    page = words(at_work.get(at("send_invitation", officer)))
    assert "A letter goes to sian@wealdshire.example" in page
    for _ in range(2):
        assert at_work.post(at("send_invitation", officer)).url == at("person", officer)
    # In the same moment: a button pressed twice.
    assert Notice.objects.filter(occasion="invitation").count() == 1


def test_who_has_no_address_gets_no_invitation(at_work, imported):
    answer = at_work.get(at("send_invitation", imported))
    assert answer.status_code == 403
    assert "Janice Moore has no e-mail address. Enter one first." in words(answer)


# Changed


def test_a_record_is_changed(at_work, officer):
    page = words(at_work.get(at("change_person", officer)))
    assert 'value="Head of Customer Access"' in page
    typed = {"name": officer.name, "email": officer.email, "job_title": "Director", "organisation": ""}
    assert at_work.post(at("change_person", officer), typed).url == at("person", officer)
    officer.refresh_from_db()
    assert officer.job_title == "Director"


def test_a_wrong_address_leads_on_to_what_else_was_connected(at_work, officer, clerk):
    reset = f'href="{at("reset_second_factor", officer)}"'
    assert reset not in words(at_work.get(at("change_person", officer)))
    Person.objects.filter(pk=officer.pk).update(last_login=NOW)
    assert reset in words(at_work.get(at("change_person", officer)))
    # Nobody resets themselves.
    assert "reset how they sign in" not in words(at_work.get(at("change_person", clerk)))


def test_who_has_no_address_gets_one(at_work, imported):
    assert "send the invitation afterwards" in words(at_work.get(at("change_person", imported)))
    typed = {"name": imported.name, "email": "janice@wealdshire.example", "job_title": imported.job_title}
    answer = at_work.post(at("change_person", imported), typed, follow=True)
    assert at("send_invitation", imported) in words(answer)


def test_clerks_do_not_take_it_from_themselves(at_work, clerk):
    typed = {"name": "Carys W", "email": clerk.email, "job_title": clerk.job_title}
    answer = at_work.post(at("change_person", clerk), typed)
    assert errors(answer) == ["You cannot take this from yourself. Ask another clerk."]
    assert 'value="Carys W"' in answer.content.decode()


# Seats


def test_a_seat_is_given_changed_and_ended(at_work, officer, committee):
    typed = {"committee": committee.pk, "role": "member"} | day("from_date", TODAY)
    assert at_work.post(at("give_seat", officer), typed).url == at("person", officer)
    seat = officer.memberships.get()
    again = at_work.post(at("give_seat", officer), typed)
    assert errors(again) == ["Siân Llŷr-Ôwain already sits on this committee since 23 November 2026."]
    assert 'value="23"' in words(at_work.get(at("change_seat", officer, seat)))
    at_work.post(at("change_seat", officer, seat), {"role": "chair"} | day("from_date", date(2026, 11, 1)))
    at_work.post(at("end_seat", officer, seat), day("until_date", date(2026, 12, 1)))
    seat.refresh_from_db()
    assert (seat.role, seat.from_date, seat.until_date) == ("chair", date(2026, 11, 1), date(2026, 12, 1))


def test_a_portfolio_is_given_changed_and_ended(at_work, officer):
    typed = {"portfolio": "Transport"} | day("from_date", TODAY)
    assert at_work.post(at("give_portfolio", officer), typed).url == at("person", officer)
    seat = officer.cabinet_seats.get()
    at_work.post(at("change_portfolio", officer, seat), {"portfolio": "Roads"} | day("from_date", TODAY))
    answer = at_work.post(at("end_portfolio", officer, seat), day("until_date", date(2026, 1, 1)))
    assert errors(answer) == ["The last day is before the first."]
    at_work.post(at("end_portfolio", officer, seat), day("until_date", TODAY))
    seat.refresh_from_db()
    assert (seat.portfolio, seat.until_date) == ("Roads", TODAY)


def test_a_term_that_ends_before_it_begins(at_work, officer, committee):
    typed = {"committee": committee.pk, "role": "member"} | day("from_date", TODAY)
    answer = at_work.post(at("give_seat", officer), typed | day("until_date", date(2026, 1, 1)))
    assert errors(answer) == ["The last day is before the first"]
    assert not Membership.objects.exists()


def test_a_seat_is_addressed_through_its_person_only(at_work, officer, member, cabinet_member):
    seat, portfolio = member.memberships.get(), cabinet_member.cabinet_seats.get()
    for name, kept in (
        ("change_seat", seat),
        ("end_seat", seat),
        ("change_portfolio", portfolio),
        ("end_portfolio", portfolio),
    ):
        for ask in (at_work.get, at_work.post):
            assert ask(at(name, officer, kept)).status_code == 404
    assert CabinetMember.objects.get().until_date is None


def test_who_has_left_gets_nothing_new(at_work, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    for name in ("give_seat", "give_portfolio", "change_person", "send_invitation"):
        answer = at_work.get(at(name, officer))
        assert answer.status_code == 403
        assert "is not among those present" in words(answer)
