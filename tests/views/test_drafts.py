"""Text sent after the session has ended is a draft after signing in: here, for its writer, and nowhere else."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse, QueryDict
from django.urls import path

from inquiries.actions.expiry import forget_unsaved_texts
from inquiries.models import Draft
from inquiries.views.drafts import (
    LONGEST_DRAFT,
    MOST_POSTS,
    UNSAVED_POSTS,
    delete_draft,
    draft_data,
    login_required_keeping_post,
    save_draft,
)
from scrutiny.urls import handler403, handler404, urlpatterns  # noqa: F401
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@login_required_keeping_post
def a_page(request):
    if request.method == "POST":
        delete_draft(request)
        return HttpResponse("saved")
    return HttpResponse((draft_data(request) or QueryDict()).urlencode())


urlpatterns = [path("a-page/", a_page), path("another-page/", a_page), *urlpatterns]


def code_in(mail):
    return re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mail.body, re.MULTILINE).group(1)


def test_anonymous_reader_is_sent_to_sign_in_and_back(client):
    response = client.get("/a-page/?number=3")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/%3Fnumber%3D3")


def test_post_is_a_draft_after_signing_in_with_a_code(client, officer, mailoutbox):
    sent = {"text": "Ten homes.\r\nŵ & <b>", "writer": officer.signed_key}
    response = client.post("/a-page/", sent | {"csrfmiddlewaretoken": "secret", "action": "submit"})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/")
    client.post("/accounts/login/?next=/a-page/", {"email": officer.email, "next": "/a-page/"})
    response = client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[0]), "next": "/a-page/"})
    assert (response.status_code, response.url) == (302, "/a-page/")
    assert QueryDict(client.get("/a-page/").content).dict() == {"text": sent["text"]}
    assert UNSAVED_POSTS not in client.session or client.session[UNSAVED_POSTS] == {}


def test_draft_is_shown_at_its_own_address_only(client, officer):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.signed_key})
    client.force_login(officer)
    assert client.get("/another-page/").content == b""
    assert client.get("/a-page/").content == b"text=Ten+homes."


def test_draft_is_shown_to_its_writer_only(client, officer, contributor):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.signed_key})
    client.force_login(contributor)
    assert client.get("/a-page/").content == b""
    assert not Draft.objects.exists()


FORGED = ("", "{pk}", "{pk}:abc", "{pk}:1tqW2c:abc", "9{signed_key}", "{signed_key}x", "\0", "{pk}:{pk}:{pk}:{pk}")


@pytest.mark.parametrize("writer", [None, *FORGED])
def test_post_without_its_writer_is_not_kept(client, officer, writer):
    """A stranger neither fills the database nor has anything shown to the person who signs in next."""
    named = {} if writer is None else {"writer": writer.format(pk=officer.pk, signed_key=officer.signed_key)}
    response = client.post("/a-page/", {"text": "Ten homes.", **named})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/")
    assert not Session.objects.exists()
    client.force_login(officer)
    assert client.get("/a-page/").content == b""


def test_old_form_is_not_kept(client, officer, monkeypatch):
    week_ago = time.time() - 7 * 24 * 60 * 60 - 1
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: week_ago)
        signed = officer.signed_key
    client.post("/a-page/", {"text": "Ten homes.", "writer": signed})
    assert not Session.objects.exists()


def test_long_form_of_a_stranger_is_not_shown(client):
    text = "w" * (LONGEST_DRAFT + 1)
    assert client.post("/a-page/", {"text": text, "writer": "7"}).status_code == 302


def test_saving_deletes_the_draft(client, officer):
    sent = {"text": "Ten homes.", "writer": officer.signed_key}
    client.post("/a-page/", sent)
    client.force_login(officer)
    assert client.get("/a-page/").content != b""
    client.post("/a-page/", sent)
    assert client.get("/a-page/").content == b""


def test_draft_outlives_signing_out(client, officer):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.signed_key})
    client.force_login(officer)
    client.get("/a-page/")
    client.logout()
    client.force_login(officer)
    assert client.get("/a-page/").content == b"text=Ten+homes."


def test_too_much_text_is_shown_for_copying_instead(client, officer):
    text = "w" * (LONGEST_DRAFT + 1)
    response = client.post("/a-page/", {"text": text, "writer": officer.signed_key})
    assert response.status_code == 403
    assert text in response.content.decode()
    assert UNSAVED_POSTS not in client.session


def test_session_keeps_the_latest_posts_only(client, officer):
    for number in range(MOST_POSTS + 1):
        client.post(
            f"/inquiries/an-inquiry/progress/{number}/updates/1/", {"text": "Ten homes.", "writer": officer.signed_key}
        )
    kept = list(client.session[UNSAVED_POSTS])
    assert kept == [f"/inquiries/an-inquiry/progress/{n}/updates/1/" for n in range(1, MOST_POSTS + 1)]


def test_old_drafts_are_deleted(officer):
    for address, days in (("/old/", 31), ("/new/", 29)):
        save_draft(officer, address, QueryDict("text=x"), now=NOW - timedelta(days=days))
    assert forget_unsaved_texts(NOW - timedelta(days=30)) == 1
    assert Draft.objects.get().address == "/new/"
