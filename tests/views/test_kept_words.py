"""Words sent after the session has ended come back after signing in: here, to their writer, and nowhere else."""

import re

import pytest
from django.http import HttpResponse, QueryDict
from django.urls import path

from inquiries.views import kept_words as module
from inquiries.views.kept_words import forget_words, kept_words, sign_in_first
from scrutiny.urls import handler403, handler404, urlpatterns  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@sign_in_first
def a_page(request):
    if request.method == "POST":
        forget_words(request)
        return HttpResponse("saved")
    return HttpResponse((kept_words(request) or QueryDict()).urlencode())


urlpatterns = [path("a-page/", a_page), path("another-page/", a_page), *urlpatterns]


def code_in(mail):
    return re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mail.body, re.MULTILINE).group(1)


def test_an_anonymous_reader_is_sent_to_sign_in_and_back(client):
    response = client.get("/a-page/?number=3")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/%3Fnumber%3D3")


def test_words_come_back_after_signing_in_with_a_code(client, officer, mailoutbox):
    sent = {"text": "Ten homes.\r\nŵ & <b>", "writer": str(officer.pk)}
    response = client.post("/a-page/", sent | {"csrfmiddlewaretoken": "secret"})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/")
    client.post("/accounts/login/?next=/a-page/", {"email": officer.email, "next": "/a-page/"})
    response = client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[0]), "next": "/a-page/"})
    assert (response.status_code, response.url) == (302, "/a-page/")
    assert QueryDict(client.get("/a-page/").content).dict() == sent


def test_words_come_back_at_their_own_address_only(client, officer):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.pk})
    client.force_login(officer)
    assert client.get("/another-page/").content == b""
    assert client.get("/a-page/").content == f"text=Ten+homes.&writer={officer.pk}".encode()


def test_words_come_back_to_their_writer_only(client, officer, contributor):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.pk})
    client.force_login(contributor)
    assert client.get("/a-page/").content == b""


@pytest.mark.parametrize("writer", [{}, {"writer": ""}])
def test_words_of_nobody_come_back_to_nobody(client, officer, writer):
    response = client.post("/a-page/", {"text": "Ten homes.", **writer})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/a-page/")
    assert module.SESSION_KEY not in client.session
    client.force_login(officer)
    assert client.get("/a-page/").content == b""


def test_words_are_forgotten_once_saved(client, officer):
    sent = {"text": "Ten homes.", "writer": officer.pk}
    client.post("/a-page/", sent)
    client.force_login(officer)
    assert client.get("/a-page/").content != b""
    client.post("/a-page/", sent)
    assert client.get("/a-page/").content == b""


def test_words_are_forgotten_on_signing_out(client, officer):
    client.post("/a-page/", {"text": "Ten homes.", "writer": officer.pk})
    client.force_login(officer)
    assert client.get("/a-page/").content != b""
    client.logout()
    client.force_login(officer)
    assert client.get("/a-page/").content == b""


def test_too_many_words_are_shown_for_copying_instead(client):
    words = "w" * (module.LONGEST + 1)
    response = client.post("/a-page/", {"text": words, "writer": 7})
    assert response.status_code == 403
    assert words in response.content.decode()
    assert module.SESSION_KEY not in client.session


def test_a_session_keeps_the_latest_pages_only(client):
    for number in range(module.MOST_PAGES + 1):
        client.post(f"/inquiries/an-inquiry/progress/{number}/updates/1/", {"text": "Ten homes.", "writer": 7})
    kept = list(client.session[module.SESSION_KEY])
    assert kept == [f"/inquiries/an-inquiry/progress/{n}/updates/1/" for n in range(1, module.MOST_PAGES + 1)]
