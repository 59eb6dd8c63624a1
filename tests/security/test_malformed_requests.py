"""Requests that no page of ours sends: methods in disguise, too much, the wrong kind, fields that are not asked."""

import ast

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import uploadedfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from inquiries.models import AgendaDocument, CabinetMember, Inquiry, Membership, Person, ProgressUpdate
from scrutiny.middleware import UPLOAD_PAGES
from tests import factories
from tests.accounts.sign_in import ask_for_code
from tests.test_access import HANDLER, TABLE, address, patterns

UPDATE = "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
GOOD = {"text": "We have begun.", "version": "0", "links-TOTAL_FORMS": "0"}


@pytest.fixture
def report(inquiry, clerk):
    return factories.make_report(inquiry, clerk)


def words():
    return list(ProgressUpdate.objects.order_by("pk").values_list("text", flat=True))


# Methods in disguise


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_header_keeps_method(header, report, officer, signed_in):
    browser = signed_in(officer)
    assert browser.post("/inquiries/", headers={header: "GET"}).status_code == 405
    browser.get(UPDATE, GOOD, headers={header: "POST"})
    assert words() == ["", "", ""]


def test_field_keeps_method(report, officer, signed_in):
    browser = signed_in(officer)
    assert browser.post("/inquiries/", {"_method": "GET"}).status_code == 405
    browser.get(UPDATE, {**GOOD, "_method": "POST"})
    assert words() == ["", "", ""]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "TRACK", "GETX"])
def test_refuses_other_methods(method, report, officer, signed_in):
    browser = signed_in(officer)
    for url in ("/", UPDATE, f"{UPDATE}autosave/", "/accounts/login/", "/healthz", "/favicon.ico"):
        answer = browser.generic(method, url, "text=Mine")
        assert (answer.status_code, answer["Allow"], answer.content) == (405, "GET, HEAD, POST", b""), url
    assert words() == ["", "", ""]


# The wrong kind, and too much


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml"])
def test_autosave_takes_forms_only(kind, report, officer, signed_in):
    answer = signed_in(officer).post(
        f"{UPDATE}autosave/", '{"text": "Mine.", "version": "0", "links-TOTAL_FORMS": "0"}', content_type=kind
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/json"
    assert words() == ["", "", ""]


def test_refuses_truncated_form(report, officer, signed_in):
    answer = signed_in(officer).post(UPDATE, b"--x\r\nContent-Dispo", content_type="multipart/form-data; boundary=x")
    assert answer.status_code < 500
    assert words() == ["", "", ""]


@pytest.mark.parametrize("url", [UPDATE, f"{UPDATE}autosave/", "/accounts/login/"])
def test_refuses_large_body(url, report, officer, signed_in, settings):
    browser = signed_in(officer if url.startswith(UPDATE) else None)
    answer = browser.post(url, {**GOOD, "text": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    assert answer.status_code == 400
    assert words() == ["", "", ""]


def test_refuses_many_fields(report, officer, signed_in, settings):
    fields = "&".join(["a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    answer = signed_in(officer).post(UPDATE, fields, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["q=" + "x" * 100_000, "&".join(f"q={n}" for n in range(2000)), "q[]=1&q[a]=2"])
def test_answers_odd_queries(query, db, signed_in):
    for page in ("/inquiries/", "/meetings/", "/"):
        assert signed_in(None).get(f"{page}?{query}").status_code < 500


@pytest.mark.parametrize(
    "cookie", [r'"abcdefgh\000"', r'"\303\050abcdefgh"', "x" * 5000, "\xed\xa0\x80abcdefgh", "'; --abcdefgh"]
)
def test_answers_odd_cookies(cookie, db, client, settings):
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        for path in ("/", "/accounts/login/"):
            assert client.get(path, HTTP_COOKIE=f"{name}={cookie}").status_code == 200


# Files where none are taken


@pytest.fixture
def temporary_files(tmp_path, settings, monkeypatch):
    """A function that lists the files that were written for a moment."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    written = []
    make = uploadedfile.TemporaryUploadedFile.__init__
    monkeypatch.setattr(
        uploadedfile.TemporaryUploadedFile,
        "__init__",
        lambda file, *more: (written.append(more[0]), make(file, *more))[1],
    )
    return written


def a_file():
    return ContentFile(b"x", name="a.pdf")


def test_files_are_taken_at_upload_pages_only(world, people, signed_in, temporary_files):
    facts = world("published")
    for name, parts in patterns():
        if name in TABLE and name not in UPLOAD_PAGES:
            browser = signed_in(None)
            browser.handler = HANDLER
            browser.post(address(name, parts, facts), {"text": "Mine.", "file": a_file()})
    for path, role in (("/accounts/login/", "public"), (UPDATE, "officer"), ("/clerk/meetings/call/", "clerk")):
        answer = signed_in(people[role]).post(path, {"email": "a@b.example", "file": a_file()})
        assert answer.status_code == 400, role
    assert signed_in(None).post("/no-such-page/", {"file": a_file()}).status_code == 404
    assert temporary_files == []


@pytest.mark.parametrize("name", ["import_upload", "import_people", "import_tracker"])
def test_files_are_taken_from_people_signed_in(name, clerk, signed_in, temporary_files):
    typed = {"note": "What I typed.", "file": a_file()}
    answer = signed_in(None).post(reverse(f"clerk:{name}"), typed)
    assert (answer.status_code, "What I typed." in answer.text, temporary_files) == (403, True, [])
    # After the end of a session the rest of the form is kept, the file is not.
    typed["file"].seek(0)
    assert signed_in(None).post(reverse(f"clerk:{name}"), typed | {"writer": clerk.signed_key}).status_code == 302
    assert temporary_files == []
    typed["file"].seek(0)
    assert signed_in(clerk).post(reverse(f"clerk:{name}"), typed).status_code == 200
    assert temporary_files == ["a.pdf"]


def test_every_view_that_reads_files_is_an_upload_page():
    views = [path.read_text() for path in (settings.BASE_DIR / "inquiries" / "views").glob("*.py")]
    found = {
        node.name
        for text in views
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "request.FILES" in ast.unparse(node)
    }
    # No views: they recognise a form that arrives twice, and give it back in an outage, after the page has said
    # whether files may come.
    found -= {"digest_of_form", "fields_to_send_again"}
    assert found == {name.partition(":")[2] for name in UPLOAD_PAGES if not name.startswith("admin:")}


# Words with a meaning in SQL


@pytest.mark.parametrize("typed", ["' OR 1=1 --", "'; DROP TABLE inquiries_inquiry; --", '"', "\\", "%", "_", "%%%"])
def test_sql_stays_text(typed, inquiry, clerk, signed_in):
    factories.make_report(inquiry, clerk)
    Inquiry.objects.filter(pk=inquiry.pk).update(title="Warm homes")
    for person in (None, clerk):
        answer = signed_in(person).get("/inquiries/", {"q": typed, "committee": typed, "page": typed, "year": typed})
        assert answer.status_code == 200
    found = signed_in(clerk).get("/inquiries/", {"q": typed})
    assert "Warm homes" not in found.text.partition("<main")[2]
    assert "inquiries_inquiry" in connection.introspection.table_names()


# Fields that a form does not ask for


def test_forms_give_no_rights(world, people, signed_in):
    """Mass assignment: every address is sent what would give its sender rights, if it were taken."""
    facts = world("published")
    greedy = {
        **dict.fromkeys(("is_clerk", "is_staff", "is_superuser", "is_active"), "on"),
        "email": "evil@wealdshire.example",
        "role": "chair",
        "portfolio": "Everything",
        "committee": "1",
        "from_date": "2020-01-01",
        "lead_officer": str(people["stranger"].pk),
        "person": str(people["stranger"].pk),
        "pk": str(people["clerk"].pk),
        "id": str(people["clerk"].pk),
    }

    def rights():
        fields = ("pk", "email", "is_clerk", "is_active", "name")
        return [
            list(Person.objects.order_by("pk").values_list(*fields)),
            list(Membership.objects.order_by("pk").values_list("person", "committee", "role", "until_date")),
            list(CabinetMember.objects.order_by("pk").values_list("person", "portfolio", "until_date")),
            list(ProgressUpdate.objects.order_by("pk").values_list("response__lead_officer", flat=True)),
        ]

    before = rights()
    for role in ("public", "stranger", "officer", "cabinet_member", "chair"):
        for name, parts in patterns():
            if name in TABLE:
                browser = signed_in(people[role])
                browser.handler = HANDLER
                browser.post(address(name, parts, facts), greedy)
        assert rights() == before, role


# The name of the host


def test_emails_link_own_host(officer, signed_in, settings):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    browser = signed_in(None)
    assert browser.post("/accounts/login/", {"email": officer.email}, HTTP_HOST="evil.example").status_code == 400
    assert mail.outbox == []
    for header in ("X-Forwarded-Host", "X-Host", "Forwarded"):
        ask_for_code(browser, officer.email, headers={header: "host=evil.example"})
    assert mail.outbox
    assert not [message for message in mail.outbox if "evil" in message.body]


def test_pages_ignore_host_header(db, signed_in):
    page = signed_in(None).get("/", headers={"x-forwarded-host": "evil.example"})
    assert page.status_code == 200
    assert "evil" not in page.text


# Paths


@pytest.mark.parametrize(
    "name", ["../outside.pdf", "/etc/passwd", "papers/../../outside.pdf", "..\\outside.pdf", "a\x00b.pdf"]
)
def test_refuses_path_traversal(name, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    try:
        kept = default_storage.save(name, ContentFile(b"x"))
    except (SuspiciousFileOperation, ValueError):
        kept = None
    assert [
        path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(tmp_path / "files")
    ] == []
    assert kept is None or ".." not in kept.split("/")


def test_renames_uploaded_papers(committee, clerk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    meeting = factories.make_agenda(factories.make_meeting(committee), clerk)
    paper = AgendaDocument.objects.get(item__meeting=meeting)
    before = paper.file.name
    paper.original_name = "../../etc/passwd"
    paper.save()
    assert (paper.file.name, "passwd" in before, ".." in before) == (before, False, False)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../scrutiny/settings.py",
        "/static/%2e%2e/scrutiny/settings.py",
        "/static/..%2fscrutiny/settings.py",
        "/.env",
        "/.git/config",
        "/manage.py",
        "/var/files/",
        "/media/",
        "/static/",
    ],
)
def test_serves_no_source_files(path, db, signed_in):
    assert signed_in(None).get(path).status_code == 404
