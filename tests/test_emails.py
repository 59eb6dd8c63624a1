"""E-mails as they arrive: taken by a real SMTP server, plain text and HTML, headers."""

import email
import re
import socket
from datetime import timedelta
from email import policy
from smtplib import SMTPException

import pytest
from aiosmtpd.controller import Controller

from inquiries import notifications
from inquiries.actions import assessments
from inquiries.choices import Rating, Stage
from inquiries.emails import html_blocks, make_email
from inquiries.models import Notification, Person
from tests import factories
from tests.cast import NOW
from tests.sending import send_all

LATER = NOW + timedelta(hours=1)


class Postbox:
    """The handler of an SMTP server: keeps what it takes; `answers` has what it says to an address instead."""

    def __init__(self):
        self.messages = []
        self.answers = {}

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def postbox(settings):
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.SITE_ADDRESS = "https://scrutiny.example"
    yield box
    controller.stop()


def test_a_commission_arrives_as_text_and_html_with_the_clerk_to_answer(inquiry, clerk, officer, postbox):
    factories.make_report(inquiry, clerk)
    assert send_all(LATER) == (2, 0)
    message = next(m for m in postbox.messages if m["To"] == "sian@wealdshire.example")
    assert message["Subject"] == "Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry"
    assert message["Reply-To"] == "Carys Whitlock <carys@wealdshire.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@scrutiny\.example>", message["Message-ID"])
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    body = Notification.objects.get(recipient=officer).body
    arrived = plain.get_content().replace("\r\n", "\n")
    assert re.sub(r"\?mail=\S+", "", arrived) == body
    [marked] = re.findall(r"^https:.*", arrived, re.MULTILINE)
    assert re.fullmatch(r"https://scrutiny\.example/inquiries/\S+\?mail=\d+%3A[\w-]+", marked)
    assert "write to Carys Whitlock, carys@wealdshire.example." in body
    text = html.get_content()
    assert words_of(text) == words_of(body)
    assert re.findall(r'href="([^"]*)"', text) == [
        marked,
        "mailto:carys@wealdshire.example",
    ]
    # Nothing is fetched from anywhere: no picture says that it was opened.
    assert not re.search(r"<img|src=|url\(", text)


def words_of(text):
    """Without markup and what stands above the letter."""
    text = re.sub(r"<[^>]*>", " ", text.partition("</head>")[2].partition("Dear")[2] or text.partition("Dear")[2])
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(text.split()))


def test_answers_go_to_nobody_who_is_no_clerk_or_has_left(inquiry, clerk, officer, postbox):
    factories.make_report(inquiry, clerk)
    type(clerk).objects.create(name="Another Clerk", email="other@wealdshire.example", is_clerk=True)
    clerk.is_active = False
    clerk.save()
    send_all(LATER)
    message = next(m for m in postbox.messages if m["To"] == "sian@wealdshire.example")
    assert message["Reply-To"] is None
    assert "carys" not in message.as_string()


def test_what_people_typed_is_text_and_only_our_addresses_are_links(settings):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    body = (
        "Dear <b>Ann</b>,\n\nNote:\n- <script>alert(1)</script>\n- second\nline\n\n"
        "https://evil.example/\nhttps://scrutiny.example.evil.example/\njavascript:alert(1)\n\n"
        'https://scrutiny.example/"><x>\n\nhttps://scrutiny.example/account/\n'
    )
    blocks = html_blocks(body)
    assert blocks[0] == {"lines": "Dear &lt;b&gt;Ann&lt;/b&gt;,"}
    assert blocks[1] == {"lines": "Note:"}
    assert blocks[2] == {"entries": ["&lt;script&gt;alert(1)&lt;/script&gt;", "second<br>line"]}
    assert blocks[3] == {
        "lines": "https://evil.example/<br>https://scrutiny.example.evil.example/<br>javascript:alert(1)"
    }
    assert 'href="https://scrutiny.example/&quot;&gt;&lt;x&gt;"' in blocks[4]["lines"]
    assert blocks[5]["lines"].startswith('<a href="https://scrutiny.example/account/"')


def test_a_name_breaks_no_header(clerk, settings):
    clerk.name = 'Ann "Nan" Öst, (x) <a@b.example>'
    message = make_email("Subject", "Dear Ann,\n", "ann@wealdshire.example", reply_to=clerk).message()
    parsed = email.message_from_bytes(message.as_bytes(), policy=policy.default)
    assert [(a.display_name, a.addr_spec) for a in parsed["Reply-To"].addresses] == [
        ('Ann "Nan" Öst, (x) <a@b.example>', "carys@wealdshire.example")
    ]


def refusal(postbox, officer, answer):
    """What becomes of a notification where the server answers this to the officer's address."""
    postbox.answers[officer.email] = answer
    stored = Notification.objects.get(recipient=officer)
    error = None
    try:
        notifications.send(stored.pk, now=LATER)
    except SMTPException as raised:
        error = raised
    stored.refresh_from_db()
    officer.refresh_from_db()
    return stored, error


@pytest.mark.parametrize("answer", ["550 5.1.1 <sian@wealdshire.example> unknown", "553 no such user"])
def test_an_address_that_is_refused_is_not_tried_again_and_clerks_are_told(inquiry, clerk, officer, postbox, answer):
    factories.make_report(inquiry, clerk)
    stored, error = refusal(postbox, officer, answer)
    assert error is None
    assert (stored.refused_on, stored.sent_on, stored.is_given_up) == (LATER, None, True)
    assert stored.last_failure in ("SMTPRecipientsRefused 550 5.1.1", "SMTPRecipientsRefused 553")
    assert officer.has_refused_address
    assert list(Person.objects.with_refused_address()) == [officer]
    told = Notification.objects.get(occasion="address_refused")
    assert (told.recipient, told.subject) == (clerk, "E-mail address refused: Siân Llŷr-Ôwain")
    # The next one is refused, too: the clerks know.
    notifications.notify([officer], "sessions_ended", "once more", now=LATER, by=clerk)
    send_all(LATER)
    assert Notification.objects.filter(occasion="address_refused").count() == 1
    # Another address is none that was refused.
    officer.email = "s.llyr@wealdshire.example"
    officer.save()
    assert not officer.has_refused_address
    assert not Person.objects.with_refused_address().exists()


@pytest.mark.parametrize(
    "answer",
    [
        "450 4.2.0 greylisted, try again",
        "452 4.2.2 mailbox full",
        # It refuses us, not the address.
        "550 5.7.1 relaying denied",
        "554 no service",
    ],
)
def test_what_is_refused_for_now_is_tried_again(inquiry, clerk, officer, postbox, answer):
    factories.make_report(inquiry, clerk)
    stored, error = refusal(postbox, officer, answer)
    assert error is not None
    assert (stored.refused_on, stored.failures) == (None, 1)
    assert stored.last_failure.startswith(f"SMTPRecipientsRefused {answer[:3]}")
    assert officer.email not in stored.last_failure
    assert not officer.has_refused_address
    postbox.answers.clear()
    notifications.send(stored.pk, now=LATER)
    stored.refresh_from_db()
    assert stored.sent_on == LATER


def test_an_address_that_is_taken_again_is_no_longer_refused(inquiry, clerk, officer, postbox):
    Person.objects.filter(pk=officer.pk).update(refused_address=officer.email)
    factories.make_report(inquiry, clerk)
    send_all(LATER)
    officer.refresh_from_db()
    assert (officer.refused_address, officer.has_refused_address) == ("", False)


def link_of(recipient, mailoutbox):
    body = next(mail.body for mail in mailoutbox if mail.to == [recipient.email])
    return re.search(r"^http://[^/]+(/\S*\?mail=\S+)$", body, re.MULTILINE)[1]


def test_a_link_is_noted_once_its_recipient_has_followed_it(inquiry, clerk, officer, client, mailoutbox, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    factories.make_report(inquiry, clerk)
    send_all(LATER)
    link = link_of(officer, mailoutbox)
    stored = Notification.objects.get(recipient=officer)
    # A program that looks at links, and somebody to whom the e-mail was passed on.
    answer = client.get(link)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/") and "mail%3D" in answer["Location"]
    client.head(link)
    client.force_login(clerk)
    assert client.get(link)["Location"] == link.partition("?")[0]
    stored.refresh_from_db()
    assert stored.opened_on is None
    client.force_login(officer)
    answer = client.get(link)
    assert (answer.status_code, answer["Location"]) == (302, link.partition("?")[0])
    stored.refresh_from_db()
    assert stored.opened_on == LATER
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER + timedelta(hours=1))
    client.get(link)
    stored.refresh_from_db()
    assert stored.opened_on == LATER


@pytest.mark.parametrize("mark", ["", "1", "1:forged", "x%00y", "9" * 40])
def test_a_mark_that_is_none_of_ours_counts_for_nothing(inquiry, clerk, officer, client, mark):
    factories.make_report(inquiry, clerk)
    client.force_login(officer)
    answer = client.get(f"/inquiries/?q=homes&mail={mark}")
    assert (answer.status_code, answer["Location"]) == (302, "/inquiries/?q=homes")
    assert not Notification.objects.exclude(opened_on=None).exists()


def test_the_link_to_your_work_leads_to_signing_in(client, db):
    answer = client.get("/?mail=1:forged")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/%3Fmail%3D1%3Aforged")


def test_the_ratings_arrive_as_text_and_html_with_nothing_that_was_typed_as_a_link(
    inquiry, clerk, committee, officer, postbox
):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    update = report.updates.for_page().first()
    comment = "See <b>us</b>\n\nhttps://scrutiny.example/accounts/\n- at once"
    assessments.assess(update, rating=Rating.NOT_DELIVERED, comment=comment, seen=None, by=clerk, now=LATER)
    Notification.objects.all().delete()
    factories.confirm_assessments(report, by=clerk, now=LATER)
    send_all(LATER)
    (message,) = [message for message in postbox.messages if message["To"] == officer.email]
    text, html = (message.get_body([kind]).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    said = "The committee's comment: See <b>us</b> https://scrutiny.example/accounts/ - at once\n"
    assert "\n- Recommendations 1a and 1b: Not delivered. Committee consider the recommendation" in text
    assert said in text
    assert html.count("<li") == 1
    assert "See &lt;b&gt;us&lt;/b&gt; https://scrutiny.example/accounts/ - at once" in html
    links = [address.partition("?")[0] for address in re.findall(r'href="([^"]+)"', html)]
    assert "https://scrutiny.example/accounts/" not in links
    assert f"https://scrutiny.example{report.get_absolute_url()}" in links
