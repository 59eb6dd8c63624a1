"""People invited, completed and changed."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from inquiries.actions import handover, people
from inquiries.choices import SeatRole
from inquiries.models import CabinetMember, Entry, Membership, Notification, Person
from inquiries.permissions import Refused
from tests.cast import NOW, TODAY, person

LATER = NOW + timedelta(hours=1)


def sentences():
    return [entry.sentence for entry in Entry.objects.order_by("pk")]


def addresses(person):
    return list(EmailAddress.objects.filter(user=person).values_list("email", "verified", "primary"))


def change(person, by, **values):
    fields = ("name", "email", "job_title", "organisation", "is_clerk")
    same = {name: getattr(person, name) or "" for name in fields[:4]} | {"is_clerk": person.is_clerk}
    return people.change_person(person, **same | values, by=by, now=LATER)


# Invited


def test_invite(clerk):
    made = people.invite(
        name=" Ann  Blake ", email="Ann.Blake@Wealdshire.example", job_title="Planner", by=clerk, now=NOW
    )
    made.refresh_from_db()
    assert (made.name, made.email, made.job_title) == ("Ann Blake", "Ann.Blake@wealdshire.example", "Planner")
    assert (made.invited_at, made.invited_by, made.has_usable_password()) == (NOW, clerk, False)
    assert addresses(made) == [("ann.blake@wealdshire.example", True, True)]
    assert sentences() == ["added the person “Ann Blake”", "invited Ann Blake to sign in"]
    assert Notification.objects.get().recipient == made


def test_invite_without_address(clerk):
    made = people.invite(name="Ann Blake", organisation="Advice Wealdshire", by=clerk, now=NOW)
    assert (made.email, made.invited_at) == (None, None)
    assert addresses(made) == []
    assert not Notification.objects.exists()
    assert sentences() == ["added the person “Ann Blake”"]


def test_invite_with_seat_and_portfolio(clerk, committee):
    seat = {"committee": committee, "role": SeatRole.CO_OPTED, "from_date": TODAY, "until_date": date(2027, 5, 1)}
    portfolio = {"portfolio": "Transport", "from_date": TODAY}
    made = people.invite(name="Ann Blake", email="ann@wealdshire.example", seats=[seat, portfolio], by=clerk, now=NOW)
    seat = Membership.objects.get()
    assert (seat.person, seat.role, seat.from_date, seat.until_date) == (made, "co_opted", TODAY, date(2027, 5, 1))
    assert CabinetMember.objects.get().person == made


def test_rejects_taken_address(clerk, officer):
    with pytest.raises(ValidationError) as refusal:
        people.invite(name="Ann Blake", email="SIAN@wealdshire.example", by=clerk, now=NOW)
    assert refusal.value.message_dict == {"email": ["Siân Llŷr-Ôwain already has this e-mail address."]}
    assert not Entry.objects.exists()


def test_failed_seat_undoes_invitation(clerk, committee):
    seat = {"committee": committee, "role": SeatRole.MEMBER, "from_date": TODAY, "until_date": date(2020, 1, 1)}
    with pytest.raises(ValidationError):
        people.invite(name="Ann Blake", email="ann@wealdshire.example", seats=[seat], by=clerk, now=NOW)
    assert not Person.objects.filter(name="Ann Blake").exists()
    assert not Entry.objects.exists()
    assert not EmailAddress.objects.exists()


def test_invite_requires_a_clerk(officer):
    with pytest.raises(Refused, match="Only a clerk can keep the records of people"):
        people.invite(name="Ann Blake", email="ann@wealdshire.example", by=officer, now=NOW)


def test_completes_record_without_address(clerk, imported):
    made = people.invite(name="Janice Moore", email="janice@wealdshire.example", completes=imported, by=clerk, now=NOW)
    assert made == imported
    assert (made.email, made.job_title) == ("janice@wealdshire.example", "Direct Services Team Manager")
    assert addresses(made) == [("janice@wealdshire.example", True, True)]
    assert sentences() == ["changed the person “Janice Moore”", "invited Janice Moore to sign in"]


def test_completes_record_once(clerk, colleague, imported):
    people.invite(name="Janice Moore", email="janice@wealdshire.example", completes=imported, by=clerk, now=NOW)
    with pytest.raises(Refused, match="has been completed or closed in the meantime"):
        people.invite(name="Janice Moore", email="jm@wealdshire.example", completes=imported, by=colleague, now=NOW)


def test_send_invitation_again(clerk, colleague, officer):
    people.send_invitation(officer, by=clerk, now=NOW)
    officer.refresh_from_db()
    assert (officer.invited_at, officer.invited_by) == (NOW, clerk)
    people.send_invitation(officer, by=colleague, now=LATER)
    officer.refresh_from_db()
    assert (officer.invited_at, officer.invited_by) == (LATER, colleague)
    assert Notification.objects.filter(occasion="invitation").count() == 2
    assert sentences() == ["invited Siân Llŷr-Ôwain to sign in", "invited Siân Llŷr-Ôwain again"]


def test_send_invitation_requires_sign_in(clerk, imported, officer):
    with pytest.raises(Refused, match="Janice Moore has no e-mail address"):
        people.send_invitation(imported, by=clerk, now=NOW)
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="is not one of the current people"):
        people.send_invitation(officer, by=clerk, now=NOW)
    assert not Notification.objects.exists()


# Changed


def test_change_person(clerk, officer):
    change(officer, clerk, name="Siân Llŷr", job_title="Director")
    entry = Entry.objects.get()
    assert entry.sentence == "changed the person “Siân Llŷr”"
    assert entry.changes == {
        "name": ["Siân Llŷr-Ôwain", "Siân Llŷr"],
        "job_title": ["Head of Customer Access", "Director"],
    }


def test_printed_fields_are_one_line(clerk, officer, client):
    change(officer, clerk, job_title="Head of\r\nCustomer  Access", organisation="West\nPartners")
    client.force_login(clerk)
    typed = {"name": "Eve\r\nDear all", "job_title": "A\nB", "organisation": ""}
    client.post(reverse("admin:inquiries_person_change", args=[officer.pk]), typed)
    person_now = Person.objects.get(pk=officer.pk)
    assert (person_now.name, person_now.job_title) == ("Eve Dear all", "A B")
    said = Entry.objects.filter(verb="changed").order_by("pk").values_list("changes", flat=True)
    assert said[0] == {"organisation": ["", "West Partners"]}


def test_unchanged_person_leaves_no_history(clerk, officer):
    change(officer, clerk)
    assert not Entry.objects.exists()


def test_new_address_ends_sessions(clerk, officer, client, mailoutbox, django_capture_on_commit_callbacks):
    client.force_login(officer)
    EmailAddress.objects.create(user=officer, email=officer.email, verified=True, primary=True)
    with django_capture_on_commit_callbacks(execute=True):
        change(officer, clerk, email="sian.new@wealdshire.example")
    assert addresses(officer) == [("sian.new@wealdshire.example", True, True)]
    assert "_auth_user_id" not in client.get("/").wsgi_request.session
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["sian@wealdshire.example"], "Your e-mail address for Scrutiny has been changed")
    ]
    told = Notification.objects.get(occasion="address_changed")
    assert told.recipient.email == "sian.new@wealdshire.example"


def test_case_change_keeps_sessions(clerk, officer, client):
    client.force_login(officer)
    change(officer, clerk, email="Sian@wealdshire.example")
    assert "_auth_user_id" in client.get("/").wsgi_request.session
    assert not Notification.objects.exists()


def test_mail_failure_keeps_change(clerk, officer, settings, caplog, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        change(officer, clerk, email="sian.new@wealdshire.example")
    officer.refresh_from_db()
    assert officer.email == "sian.new@wealdshire.example"
    assert caplog.messages == ["A letter to a former address could not be sent: ConnectionRefusedError (ECONNREFUSED)."]


def test_removed_address(clerk, officer):
    EmailAddress.objects.create(user=officer, email=officer.email, verified=True, primary=True)
    change(officer, clerk, email="")
    officer.refresh_from_db()
    assert officer.email is None
    assert addresses(officer) == []


def test_clerks_cannot_demote_themselves(clerk, colleague, officer):
    change(officer, clerk, is_clerk=True)
    change(colleague, clerk, is_clerk=False)
    with pytest.raises(ValidationError) as refusal:
        change(clerk, clerk, is_clerk=False)
    assert refusal.value.message_dict == {"is_clerk": ["You cannot take this from yourself. Ask another clerk."]}
    assert set(Person.objects.clerks()) == {clerk, officer}


def test_former_clerk_cannot_demote_others(clerk, colleague):
    Person.objects.filter(pk=clerk.pk).update(is_clerk=False)
    with pytest.raises(Refused, match="You are no longer a clerk"):
        change(colleague, clerk, is_clerk=False)


def test_clerk_keeps_an_address(clerk, colleague):
    with pytest.raises(ValidationError) as refusal:
        change(clerk, clerk, email="")
    assert refusal.value.message_dict == {
        "email": ["You sign in with your e-mail address: enter the new one, or ask another clerk to take it away."]
    }
    change(colleague, clerk, email="")
    # Nor from each other, one after the other.
    with pytest.raises(Refused, match="You are no longer a clerk who can sign in"):
        change(clerk, colleague, email="")
    with pytest.raises(Refused, match="You are no longer a clerk who can sign in"):
        handover.record_leaver(clerk, by=colleague, now=NOW)
    clerk.refresh_from_db()
    assert clerk.email == "carys@wealdshire.example"


def test_first_address_is_not_notified(clerk, imported):
    change(imported, clerk, email="janice@wealdshire.example")
    assert addresses(imported) == [("janice@wealdshire.example", True, True)]
    assert not Notification.objects.exists()


def test_taken_address_of_a_leaver(clerk, officer):
    handover.record_leaver(officer, by=clerk, now=NOW)
    with pytest.raises(ValidationError) as refusal:
        people.invite(name="S Owain", email="sian@wealdshire.example", by=clerk, now=NOW)
    assert refusal.value.message_dict == {
        "email": [
            "Siân Llŷr-Ôwain, who has left, already has this e-mail address. Record on their page that they are back."
        ]
    }


def test_cannot_change_closed_record(clerk, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="the record is closed"):
        change(officer, clerk, name="Somebody Else")


# Doubles


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("janice moore", True),
        ("Mrs Janice Moore", True),
        ("Moore, Janice", True),
        ("J Moore", True),
        ("J. Moore", True),
        ("John Moore", False),
        ("K Moore", False),
        ("Janice", False),
        ("Councillor", False),
        ("", False),
    ],
)
def test_likely_duplicates(imported, name, found):
    assert people.likely_duplicates(name) == ([imported] if found else [])


@pytest.mark.parametrize(
    "name",
    [
        "Cllr Zoë O'Hara-Lee",
        "councillor zoë o’hara-lee",
        "ZOE\u0308 O\u02bcHARA\u2011LEE",
        "O’Hara-Lee,\u00a0Zoë",
        "Z O'Hara-Lee",
    ],
)
@pytest.mark.parametrize("recorded", ["Zoë O'Hara-Lee", "Mrs Zoë O’Hara\u2010Lee"])
def test_likely_duplicates_however_typed(db, name, recorded):
    one = person(recorded)
    assert people.likely_duplicates(name) == [one]


def test_leavers_are_no_duplicates(imported):
    Person.objects.filter(pk=imported.pk).update(is_active=False)
    assert people.likely_duplicates("Janice Moore") == []
    assert people.likely_duplicates("Janice Moore", apart_from=imported) == []
