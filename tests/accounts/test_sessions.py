"""Sessions end when nothing happens, after a working day, and everywhere when somebody says so."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import F

from inquiries.actions.sessions import end_sessions
from inquiries.models import Draft, Entry, Notification, Person
from inquiries.permissions import Refused
from tests import factories
from tests.accounts.sign_in import CONFIRM, LOGIN, YOU, ask_for_code, code_in, enter_code, sign_in_by_code, who
from tests.cast import NOW

pytestmark = pytest.mark.django_db

IDLE = "You were signed out because nothing was done for 60 minutes."
LONG = "You were signed out because a session ends after a working day."


def pass_minutes(minutes):
    """Let so many minutes pass for every session, as the table knows it."""
    for row in Session.objects.all():
        row.expire_date -= timedelta(minutes=minutes)
        words = row.get_decoded()
        times = {name: words[name] - minutes * 60 for name in ("signed_in_at", "last_seen_at") if name in words}
        row.session_data = Session.objects.encode(words | times)
        row.save()
    Person.objects.update(last_login=F("last_login") - timedelta(minutes=minutes))


def saved(client):
    return Session.objects.get(pk=client.session.session_key).expire_date


# --- Idle


def test_idle_session_ends(client, officer):
    client.force_login(officer)
    pass_minutes(61)
    answer = client.get(YOU)
    assert answer.url == f"{LOGIN}?next={YOU}"
    assert IDLE in client.get(answer.url).text


def test_active_session_goes_on(client, officer):
    client.force_login(officer)
    for _ in range(5):
        pass_minutes(59)
        assert who(client) == officer


def test_idle_minutes_setting(client, officer, settings):
    settings.IDLE_MINUTES = 1
    client.force_login(officer)
    pass_minutes(2)
    assert who(client) is None
    assert "nothing was done for 1 minute." in client.get(LOGIN).text


def test_public_pages_after_idle_session(client, officer):
    client.force_login(officer)
    pass_minutes(61)
    answer = client.get("/inquiries/")
    assert (answer.status_code, answer.context["request"].user.is_authenticated) == (200, False)


def test_reason_shown_until_sign_in(client, officer, mailoutbox):
    client.force_login(officer)
    pass_minutes(61)
    client.get(YOU)
    sign_in_by_code(client, officer, mailoutbox)
    client.post("/accounts/logout/")
    assert IDLE not in client.get(LOGIN).text


def test_writes_session_once_a_minute(client, officer):
    client.force_login(officer)
    first = saved(client)
    client.get(YOU)
    assert saved(client) == first
    pass_minutes(2)
    client.get(YOU)
    assert saved(client) > first - timedelta(minutes=1)


def test_keeps_form_posted_too_late(client, report_address, officer):
    client.force_login(officer)
    pass_minutes(61)
    answer = client.post(report_address, {"text": "Ten homes.", "writer": officer.signed_key})
    assert answer.url == f"{LOGIN}?next={report_address}"
    client.force_login(officer)
    assert "You have text that was not saved" in client.get(report_address).text


def test_keeps_drafts_for_their_writer(client, report_address, officer, clerk):
    client.post(report_address, {"text": "Ten homes.", "writer": officer.signed_key})
    client.post("/clerk/import/", {"text": "Somebody else's.", "writer": clerk.signed_key})
    client.force_login(officer)
    client.get(YOU)
    draft = Draft.objects.get()
    assert (draft.person, draft.address, draft.data) == (officer, report_address, {"text": ["Ten homes."]})


@pytest.fixture
def report_address(inquiry, clerk, committee):
    """The page on which the officer writes their update."""
    factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))
    return "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"


# --- A working day


def test_session_ends_after_eight_hours(client, officer, mailoutbox):
    sign_in_by_code(client, officer, mailoutbox)
    for _ in range(9):
        client.get(YOU)
        pass_minutes(55)
    assert client.get(YOU).url == f"{LOGIN}?next={YOU}"
    assert LONG in client.get(LOGIN).text


def test_eight_hours_from_login(client, officer):
    client.force_login(officer)
    seen = []
    for _ in range(9):
        pass_minutes(55)
        seen.append(who(client))
    # Eight times 55 minutes are not yet eight hours; nine times are.
    assert seen == [officer] * 8 + [None]


# --- Everywhere


@pytest.fixture
def browsers(client, officer, mailoutbox):
    """Three browsers in which the officer is signed in by a code."""
    found = [client.__class__() for _ in range(3)]
    for browser in found:
        sign_in_by_code(browser, officer, mailoutbox)
        assert who(browser) == officer
    return found


def test_sign_out_everywhere(browsers, officer):
    answer = browsers[0].post("/accounts/you/sign-out-everywhere/")
    assert answer.url == LOGIN
    assert "You have been signed out everywhere." in browsers[0].get(LOGIN).text
    assert [who(browser) for browser in browsers] == [None, None, None]
    entry = Entry.objects.get(verb="end_sessions")
    assert (entry.by_id, entry.sentence) == (officer.pk, "ended their own sessions")


def test_clerk_ends_sessions(client, browsers, officer, clerk, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    client.force_login(clerk)
    answer = client.post(f"/clerk/people/{officer.pk}/end-sessions/")
    assert answer.status_code == 302
    assert [who(browser) for browser in browsers] == [None, None, None]
    assert who(client) == clerk
    entry = Entry.objects.get(verb="end_sessions")
    assert (entry.by_id, entry.subject_id) == (clerk.pk, officer.pk)
    assert entry.sentence == f"ended the sessions of {officer.name}"
    assert Notification.objects.get().recipient == officer
    assert f"sessions_ended person={officer.pk} by={clerk.pk}" in caplog.text


def test_ending_sessions_ends_sign_in(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    end_sessions(officer, by=officer, now=NOW)
    answer = enter_code(client, code_in(mailoutbox[0]))
    assert answer.url == LOGIN
    assert "Your sign-in was not finished in time. Start again." in client.get(LOGIN).text
    assert who(client) is None
    assert enter_code(client, code_in(mailoutbox[0])).url == "/accounts/login/code/"


def test_sign_in_after_ending_sessions(browsers, officer, mailoutbox):
    end_sessions(officer, by=officer, now=NOW)
    assert sign_in_by_code(browsers[0], officer, mailoutbox).url == "/"
    assert who(browsers[0]) == officer


def test_ending_sessions_requires_a_clerk(officer, other_officer, browsers):
    with pytest.raises(Refused, match=r"^Only a clerk can do this\.$"):
        end_sessions(officer, by=other_officer, now=NOW)
    assert who(browsers[0]) == officer


def test_deactivated_person_is_signed_out(browsers, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    assert [who(browser) for browser in browsers] == [None, None, None]


def test_passwords_are_not_accepted(client, clerk, officer):
    """Nobody has one; if the database held one, no page would take it, that of the admin neither."""
    Person.objects.filter(pk=officer.pk).update(is_clerk=True, password=make_password("a password"))
    client.force_login(clerk)
    answer = client.post("/admin/login/", {"username": officer.email, "password": "a password", "next": "/admin/"})
    assert (answer.status_code, answer.url, who(client)) == (302, "/admin/", clerk)
    for page in ("/admin/password_change/", "/admin/password_change/done/"):
        assert (client.get(page).status_code, client.post(page).status_code) == (404, 404)


def test_signing_out_ends_session(browsers, officer):
    browsers[0].post("/accounts/logout/")
    assert [who(browser) for browser in browsers] == [None, officer, officer]
    assert browsers[0].get(CONFIRM).url == "/accounts/login/code/"
