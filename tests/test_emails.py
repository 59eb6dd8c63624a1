"""E-mails as they arrive: taken by a real SMTP server, plain text and HTML, headers."""

import email
import re
import socket
from datetime import timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller

from inquiries.emails import html_blocks, make_email
from inquiries.models import Notification
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
    assert plain.get_content().replace("\r\n", "\n") == body
    assert "write to Carys Whitlock, carys@wealdshire.example." in body
    text = html.get_content()
    assert words_of(text) == words_of(body)
    assert re.findall(r'href="([^"]*)"', text) == [
        "https://scrutiny.example/inquiries/warm-homes-inquiry/progress/6/updates/1a/",
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
