"""Signing in by a code from the mail: it works once and for a while, and nothing tells who has an account."""

import re
import threading
from functools import partial
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import ClassVar

import html5lib
import pytest
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.core.mail.backends import locmem
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inquiries.accounts import adapters
from inquiries.models import Notification, Person
from tests.accounts.sign_in import CONFIRM, LOGIN, YOU, ask_for_code, code_in, enter_code, sign_in_by_code, who
from tests.cast import NOW

pytestmark = pytest.mark.django_db

STRANGE = "nobody-here@wealdshire.example"


def test_code_signs_in(client, officer, mailoutbox):
    answer = sign_in_by_code(client, officer, mailoutbox)
    assert (answer.status_code, answer.url) == (302, "/")
    assert [sent.to for sent in mailoutbox] == [[officer.email]]
    assert who(client) == officer


def test_ignores_case_of_the_address(client, officer, mailoutbox):
    Person.objects.filter(pk=officer.pk).update(email="Sian.Llyr@Wealdshire.example")
    ask_for_code(client, "SIAN.LLYR@wealdshire.EXAMPLE")
    assert [sent.to for sent in mailoutbox] == [["Sian.Llyr@Wealdshire.example"]]
    enter_code(client, code_in(mailoutbox[0]))
    assert who(client) == officer


def test_tells_lookalike_letters_apart(client, officer, mailoutbox):
    # For PostgreSQL the capital of a dotless i is an I.
    ask_for_code(client, officer.email.replace("sian", "sıan"))
    assert mailoutbox == []


def test_code_works_once(client, officer, mailoutbox):
    sign_in_by_code(client, officer, mailoutbox)
    client.post("/accounts/logout/")
    ask_for_code(client, officer.email)
    assert enter_code(client, code_in(mailoutbox[0])).status_code == 200
    assert who(client) is None


def test_code_requires_same_browser(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    other = client.__class__()
    assert enter_code(other, code_in(mailoutbox[0])).url == "/accounts/login/code/"
    assert who(other) is None


def test_code_expires(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 15 * 60 + 1
    session.save()
    assert enter_code(client, code_in(mailoutbox[0])).url == "/accounts/login/code/"
    assert who(client) is None


def test_third_wrong_code(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    for _ in range(2):
        page = enter_code(client, "BBBB-BBBB")
        assert page.status_code == 200
        assert "This code is not right. Check it, or ask for another." in page.text
    page = enter_code(client, "BBBB-BBBB")
    assert page.status_code == 200
    said = "This code can no longer be used. Ask for another."
    assert f'<a href="#another-code">{said}</a>' in page.text
    assert f"Error:</span> {said}" in page.text
    assert [words in page.text for words in ("Wait 15 minutes", "This code is not right")] == [False, False]
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert enter_code(client, code_in(mailoutbox[0])).url == "/accounts/login/code/"
    assert who(client) is None


def test_new_code_at_once(client, officer, mailoutbox):
    ask_for_code(client, officer.email, next="/meetings/")
    for _ in range(3):
        page = enter_code(client, "BBBB-BBBB", next="/meetings/")
    form = re.search(r'<form method="post" action="/accounts/login/code/".*?</form>', page.text, re.DOTALL)[0]
    sent = dict(re.findall(r'<input type="hidden" name="(email|next)" value="([^"]+)">', form))
    assert sent == {"email": officer.email, "next": "/meetings/"}
    assert client.post("/accounts/login/code/", sent).url == f"{CONFIRM}?next=%2Fmeetings%2F"
    assert enter_code(client, code_in(mailoutbox[1]), next="/meetings/").url == "/meetings/"
    assert who(client) == officer


# --- Nothing tells whether there is an account


def seen(client, address):
    """All that somebody sees who asks for a code and enters a wrong one: status, headers, page, what is kept."""
    answers = [client.get(LOGIN), ask_for_code(client, address), client.get(CONFIRM)]
    answers += [enter_code(client, "BBBB-BBBB") for _ in range(3)]
    answers += [client.get(LOGIN), client.get(CONFIRM)]
    return [
        (
            answer.status_code,
            sorted(
                (name, secretless(value, address))
                for name, value in answer.headers.items()
                if name not in ("Expires", "X-Request-ID")
            ),
            secretless(answer.text, address),
            sorted((name, cookie["max-age"], cookie["path"]) for name, cookie in answer.cookies.items()),
        )
        for answer in answers
    ]


def secretless(text, address):
    """Without what differs from request to request: the token of the form, the address itself, lengths of both."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text.replace(address, "ADDRESS"))
    return re.sub(r"^\d+$", "LENGTH", text)


def questions(deed):
    """How often `deed` asks the database."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    return len(asked)


def test_unknown_address_same_queries(client, officer):
    """A page can be asked for ten thousand times: one question more to the database would show in the mean."""
    seen = {}
    for address in (officer.email, STRANGE):
        browser = client.__class__()
        browser.get(LOGIN)
        deeds = [
            partial(ask_for_code, browser, address),
            partial(browser.get, CONFIRM),
            partial(browser.get, LOGIN),
            partial(enter_code, browser, "BBBB-BBBB"),
        ]
        seen[address] = [questions(deed) for deed in deeds]
    assert seen[officer.email] == seen[STRANGE]


def closed(officer, how):
    """Somebody who may not sign in any more, for each reason there is."""
    fields = {
        "inactive": {"is_active": False},
        "left": {"is_active": False, "left_at": NOW, "left_by": officer},
    }
    Person.objects.filter(pk=officer.pk).update(**fields[how])


@pytest.mark.parametrize("how", ["active", "inactive", "left"])
def test_unknown_address_same_pages(officer, mailoutbox, how, client):
    address = officer.email
    if how != "active":
        closed(officer, how)
    known = seen(client.__class__(), address)
    assert len(mailoutbox) == (how == "active")
    assert known == seen(client.__class__(), STRANGE)


def test_sends_no_code_without_an_address(client, officer, clerk, mailoutbox):
    Person.objects.filter(pk=officer.pk).update(
        email=None, is_active=False, merged_at=NOW, merged_by=clerk, merged_into=clerk
    )
    for address in ("sian@wealdshire.example", "None", "", " "):
        ask_for_code(client.__class__(), address)
    assert mailoutbox == []


def test_deactivated_meanwhile(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    assert enter_code(client, code_in(mailoutbox[0])).url == "/accounts/inactive/"
    assert who(client) is None


class SlowBackend(locmem.EmailBackend):
    """A mail server that does not answer before it is let."""

    let = threading.Event()
    sent = threading.Event()

    def send_messages(self, messages):
        assert self.let.wait(timeout=30)
        count = super().send_messages(messages)
        self.sent.set()
        return count


def test_page_without_mail_server(client, officer, settings):
    settings.SEND_CODES_IN_BACKGROUND = True
    settings.EMAIL_BACKEND = f"{__name__}.SlowBackend"
    mail.outbox = []
    try:
        # Were the mail sent first, this would never come back.
        assert ask_for_code(client, officer.email).url == CONFIRM
        assert mail.outbox == []
    finally:
        SlowBackend.let.set()
    assert SlowBackend.sent.wait(timeout=30)
    assert enter_code(client, code_in(mail.outbox[0])).status_code == 302
    assert who(client) == officer


def test_sends_email_after_the_response(officer, settings, monkeypatch, rf):
    """Not a moment before: a thread that begins to work beside the page could be told by the page's time."""
    settings.SEND_CODES_IN_BACKGROUND = True
    handed = []
    monkeypatch.setattr(adapters.senders, "submit", lambda run, deed, email: handed.append(email.address))
    server = BaseHandler()
    server.load_middleware()
    request = rf.post(LOGIN, {"email": officer.email})
    request._dont_enforce_csrf_checks = True
    answer = server.get_response(request)
    assert (answer.url, handed) == (CONFIRM, [])
    # As every server does that has sent it.
    answer.close()
    assert handed == [officer.email]


class BrokenBackend(locmem.EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected(f"will not have {messages[0].to}")


def test_logs_mail_failure(client, officer, settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    assert ask_for_code(client, officer.email).url == CONFIRM
    written = [record for record in caplog.records if record.name == adapters.logger.name]
    assert [record.getMessage() for record in written] == ["A sign-in code could not be sent: SMTPServerDisconnected"]
    assert officer.email not in caplog.text


class RefusingBackend(locmem.EmailBackend):
    """Fails with the errors in `failures`, in turn."""

    failures: ClassVar[list] = []

    def send_messages(self, messages):
        if self.failures:
            raise self.failures.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def pauses(settings, monkeypatch):
    """The pauses before each try of a code, which are not waited for."""
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    found = []

    def send_at_once(pause, email, tried):
        found.append(pause)
        adapters.deliver(email, tried)

    monkeypatch.setattr(adapters, "send_later", send_at_once)
    return found


def deliver_code(person):
    context = {"code": "XKCD-1234"}
    adapters.deliver(adapters.CodeEmail("account/email/login_code", person.email, context), tried=0)


def test_code_is_sent_again(officer, pauses, monkeypatch, mailoutbox):
    monkeypatch.setattr(
        RefusingBackend, "failures", [ConnectionRefusedError(), SMTPServerDisconnected(), TimeoutError()]
    )
    deliver_code(officer)
    assert pauses == [10, 20, 40]
    assert ["XKCD-1234" in one.body for one in mailoutbox] == [True]
    assert not Notification.objects.exists()


@pytest.mark.usefixtures("work_is_held_and_codes_failed")
def test_clerk_sees_code_that_was_given_up(client, clerk, officer, pauses, monkeypatch):
    monkeypatch.setattr(RefusingBackend, "failures", [SMTPDataError(451, b"4.7.1 Later, Jane")] * 7)
    deliver_code(officer)
    # While the code is good: fifteen minutes.
    assert (len(pauses), sum(pauses) < 15 * 60) == (6, True)
    kept = Notification.objects.get()
    assert (kept.recipient, kept.body, kept.last_failure) == (officer, "", "SMTPDataError 451 4.7.1")
    client.force_login(clerk, "django.contrib.auth.backends.ModelBackend")
    page = client.get("/").content.decode()
    assert f"No sign-in code reached {officer}" in page and "SMTPDataError 451 4.7.1" in page
    Person.objects.filter(pk=officer.pk).update(last_login=timezone.now())
    assert "No sign-in code reached" not in client.get("/").content.decode()


def test_refused_address_gets_no_second_code(clerk, officer, pauses, monkeypatch):
    refusal = SMTPRecipientsRefused({officer.email: (550, b"5.1.1 No such person")})
    monkeypatch.setattr(RefusingBackend, "failures", [refusal])
    deliver_code(officer)
    officer.refresh_from_db()
    assert (pauses, officer.has_refused_address) == ([], True)
    told = Notification.objects.get(occasion="address_refused")
    assert (told.recipient, told.failures) == (clerk, 0)


def test_signing_in_renews_the_session(client, officer, mailoutbox, settings):
    """Fixation: whoever planted the number of a session has nothing from it."""
    client.get(LOGIN)
    ask_for_code(client, officer.email)
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    enter_code(client, code_in(mailoutbox[0]))
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    thief = client.__class__()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert who(thief) is None
    assert who(client) == officer


def test_logs_events_by_number(client, officer, mailoutbox, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    ask_for_code(client, officer.email)
    enter_code(client, "BBBB-BBBB")
    enter_code(client, code_in(mailoutbox[0]))
    lines = [record.getMessage() for record in caplog.records if record.name == "scrutiny.security"]
    assert lines == [f"code_wrong person={officer.pk}", f"signed_in person={officer.pk} by=code"]


def test_account_page_requires_login(client):
    assert client.get(YOU).url == f"{LOGIN}?next={YOU}"
