"""A form that arrives twice makes one thing, and the second answer is that of the first."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inquiries.actions import meetings
from inquiries.choices import ItemKind
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    CabinetMember,
    Committee,
    Entry,
    Inquiry,
    Meeting,
    Membership,
    PeopleImport,
    Person,
    ProgressReport,
    Recommendation,
    ReportImport,
    Response,
)
from tests.at_once import at_once
from tests.cast import NOW
from tests.factories import make_meeting, make_received
from tests.imports.samples import COLUMNS, document, table

ANN = {"name": "Ann Blake", "email": "", "job_title": "", "organisation": ""}
FIRST_DAY = {"from_date_day": "1", "from_date_month": "12", "from_date_year": "2026"}
DEADLINES = {
    f"{name}_{part}": value
    for name, day in (("update_date", "15"), ("updates_due_on", "1"), ("sign_off_due_on", "7"))
    for part, value in (("day", day), ("month", "12"), ("year", "2036"))
}
NO_ROWS = {f"{rows}-{count}_FORMS": 0 for rows in ("recommendations", "responses") for count in ("TOTAL", "INITIAL")}
# What is made: the page (with the keys of the fixtures), what is posted there, the message.
FORMS = {
    "meeting": (
        Meeting,
        "/clerk/meetings/call/",
        {"committee": "{committee}", "day_day": "1", "day_month": "12", "day_year": "2036", "time": "14:00"},
        "The meeting is called.",
    ),
    "agenda item": (
        AgendaItem,
        "/clerk/meetings/{meeting}/items/add/",
        {"title": "Roads", "kind": "nothing"},
        "Item 2 is on the agenda.",
    ),
    "paper": (
        AgendaDocument,
        "/clerk/meetings/{meeting}/items/{item}/papers/add/",
        {"paper1-title": "Figures", "paper1-file": b"%PDF-1.7"},
        "Added to item 1: “Figures” (1 page).",
    ),
    "person": (Person, "/clerk/people/invite/", ANN, "Ann Blake is on record."),
    "seat": (
        Membership,
        "/clerk/people/{stranger}/seats/give/",
        {"committee": "{committee}", "role": "member", **FIRST_DAY},
        "has a seat.",
    ),
    "portfolio": (
        CabinetMember,
        "/clerk/people/{stranger}/portfolios/give/",
        {"portfolio": "Finance", **FIRST_DAY},
        "has the portfolio.",
    ),
    "report": (
        ProgressReport,
        "/clerk/inquiries/warm-homes-inquiry/commission/",
        {"action": "commission", "months_warm-homes-inquiry": "6", **DEADLINES},
        "is commissioned. Lead officers are notified by e-mail.",
    ),
    "import": (ReportImport, "/clerk/import/", {"file": b"docx"}, ""),
    "import of people": (PeopleImport, "/clerk/people/import/", {"file": b"name\nAnn Blake\n"}, ""),
    "committee": (
        Committee,
        "/admin/inquiries/committee/add/",
        {"name": "Health", "slug": "health", "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0},
        "was added successfully",
    ),
    "inquiry": (
        Inquiry,
        "/admin/inquiries/inquiry/add/",
        {"committee": "{committee}", "title": "Roads", "slug": "roads", "completed_precision": "day", **NO_ROWS},
        "was added successfully",
    ),
    "person in the admin": (Person, "/admin/inquiries/person/add/", ANN, "was added successfully"),
    "recommendation": (
        Recommendation,
        "/admin/inquiries/recommendation/add/",
        {"inquiry": "{inquiry}", "reference": "12", "text": "That more is done."},
        "was added successfully",
    ),
    "response": (
        Response,
        "/admin/inquiries/response/add/",
        {"inquiry": "{inquiry}", "answers": "11", "decision": "accepted", "responding_body": "Cabinet"},
        "was added successfully",
    ),
}
# Forms that may arrive twice without a key, and why.
WITHOUT_KEY = {
    "503.html": "sends again what was sent, with the key that it had",
    "account": "about the person's own account, whose library looks after it",
    "clerk/agenda.html": "moves something to a number: twice is once",
    "clerk/export_person.html": "a file is sent",
    "clerk/pack.html": "a setting; and a build, which claims its pack",
    "components/draft.html": "discards what was typed",
    "components/header.html": "signs out",
    "mfa": "the library's pages",
}


@pytest.fixture
def keys(inquiry, committee, clerk, stranger, monkeypatch):
    monkeypatch.setattr("inquiries.uploads.process_upload.process_paper", lambda upload, name: make_received(name=name))
    meeting = make_meeting(committee)
    item = meetings.add_item(meeting, title="Budget", kind=ItemKind.PAPERS, by=clerk, now=NOW)
    Recommendation.objects.create(inquiry=inquiry, reference="11", text="That it goes on.")
    records = {"meeting": meeting, "item": item, "committee": committee, "stranger": stranger, "inquiry": inquiry}
    return {name: record.pk for name, record in records.items()}


@pytest.fixture
def form(request, keys):
    """(model, address, a function that makes what is posted, message)"""
    model, address, data, message = FORMS[request.param]

    def post():
        values = {name: value.format(**keys) if isinstance(value, str) else value for name, value in data.items()}
        if "file" in values or "paper1-file" in values:
            name = next(name for name in values if name.endswith("file"))
            sent = word_file() if values[name] == b"docx" else values[name]
            values[name] = SimpleUploadedFile("list.csv" if name == "file" and sent[:4] == b"name" else "a.docx", sent)
        return values | {"form_key": "k1"}

    return model, address.format(**keys), post, message


ROWS = (("1. That A is done.", "Agreed.", "It is done.", ""),)


@cache
def word_file():
    """The same bytes each time: a Word file holds the second in which it was written."""
    return document(table(COLUMNS, *ROWS))


every_form = pytest.mark.parametrize("form", FORMS, indirect=True)


def text_of(response):
    return " ".join(response.content.decode().split())


@every_form
@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_make_one_thing(form, clerk):
    model, address, data, message = form
    before, windows = model.objects.count(), [Client(), Client()]
    for window in windows:
        window.force_login(clerk)
    first, second = at_once(*(lambda window=window: window.post(address, data()) for window in windows))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert model.objects.count() == before + 1
    assert all(message in text_of(window.get(first.url)) for window in windows)


@pytest.mark.django_db
@every_form
def test_reload_after_the_page_was_read_says_what_the_first_did(form, clerk, client):
    model, address, data, message = form
    client.force_login(clerk)
    before, entries = model.objects.count(), Entry.objects.count()
    first = client.post(address, data(), follow=True)
    made = Entry.objects.count()
    again = client.post(address, data(), follow=True)
    assert (again.redirect_chain, message in text_of(again)) == (first.redirect_chain, True)
    assert text_of(again).count(message) == text_of(first).count(message)
    assert (model.objects.count(), Entry.objects.count()) == (before + 1, made)
    assert made > entries or model in (ReportImport, PeopleImport)


def add_item(client, meeting, **changes):
    data = {"title": "Roads", "kind": "nothing", "form_key": "k1", **changes}
    return client.post(f"/clerk/meetings/{meeting}/items/add/", data)


@pytest.mark.django_db
def test_message_is_kept_with_what_was_recorded(client, clerk, keys):
    """One transaction has both, and the session is not saved again after it."""
    client.force_login(clerk)
    with CaptureQueriesContext(connection) as queries:
        response = add_item(client, keys["meeting"])
    asked = [query["sql"][:24] for query in queries]
    [saved] = [number for number, sql in enumerate(asked) if sql.startswith('UPDATE "django_session"')]
    [recorded] = [number for number, sql in enumerate(asked) if sql.startswith('INSERT INTO "scrutiny_ca')]
    assert recorded < saved < len(asked) - 1
    assert asked[-1].startswith("RELEASE SAVEPOINT")
    assert "Item 2 is on the agenda." in client.get(response.url).content.decode()
    assert "Item 2 is on the agenda." not in client.get(response.url).content.decode()


@pytest.mark.django_db
def test_session_ended_while_the_form_is_processed(client, clerk, keys, monkeypatch):
    client.force_login(clerk)

    def add_and_end_sessions(*args, **kwargs):
        Session.objects.all().delete()
        return add(*args, **kwargs)

    add = meetings.add_item
    monkeypatch.setattr(meetings, "add_item", add_and_end_sessions)
    assert add_item(client, keys["meeting"]).status_code == 400
    assert AgendaItem.objects.count() == 1


@pytest.mark.django_db
def test_session_that_cannot_be_saved_with_the_form(client, clerk, keys, monkeypatch):
    def lose_connection(*args, **kwargs):
        raise OperationalError("The connection was lost.")

    client.force_login(clerk)
    with monkeypatch.context() as lost:
        lost.setattr(Session, "save", lose_connection)
        client.raise_request_exception = False
        assert add_item(client, keys["meeting"]).status_code == 503
    assert AgendaItem.objects.count() == 1
    assert add_item(client, keys["meeting"]).status_code == 302
    assert AgendaItem.objects.count() == 2


@pytest.mark.parametrize("changes", [{"title": "Rivers"}, {"form_key": "k2"}, {"form_key": ""}])
@pytest.mark.django_db
def test_what_was_changed_or_opened_anew_is_another_form(client, clerk, keys, changes):
    client.force_login(clerk)
    add_item(client, keys["meeting"])
    add_item(client, keys["meeting"], **changes)
    assert AgendaItem.objects.count() == 3


@pytest.mark.django_db
def test_key_of_another_person_is_another_form(client, clerk, keys):
    client.force_login(clerk)
    add_item(client, keys["meeting"])
    client.force_login(Person.objects.create(name="Dafydd Pryce", email="d@wealdshire.example", is_clerk=True))
    add_item(client, keys["meeting"])
    assert AgendaItem.objects.count() == 3


@pytest.mark.django_db
def test_form_that_was_refused_may_be_sent_again(client, clerk, keys):
    client.force_login(clerk)
    meeting = Meeting.objects.get(pk=keys["meeting"])
    data = {"day_day": "15", "day_month": "12", "day_year": "2026", "time": "14:00", "form_key": "k1"}
    data |= {"committee": meeting.committee_id}
    assert client.post("/clerk/meetings/call/", data).status_code == 200
    meeting.items.all().delete()
    meeting.delete()
    assert client.post("/clerk/meetings/call/", data).status_code == 302


def test_every_form_has_a_key():
    templates = Path(settings.BASE_DIR) / "templates"
    without = []
    for template in sorted(templates.rglob("*.html")):
        name, text = str(template.relative_to(templates)), template.read_text()
        text = re.sub(r'{% include "officer/(report_)?fields.html" %}', "{% form_key %}", text)
        if not any(name.startswith(known) for known in WITHOUT_KEY):
            forms = re.findall(r"<form[^>]*post.*?</form>", text, re.DOTALL)
            without += [name for form in forms if not re.search("{% form_key %}|account_logout", form)]
    assert without == []
