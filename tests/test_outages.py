"""Faults made to happen in the whole service on this machine: what people see, and that nothing is lost.

See docs/reliability.md. The tests share one stack, which each leaves whole.
"""

import http.client
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pikepdf
import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from scrutiny import connection_limit
from setup.stack import ROOT, FormReader, Stack, form_with
from tests.accounts.sign_in import ask_for_code, enter_code

STYLESHEET = "/static/css/council.css"
OFFICER = "sian@demonstration.example"
CLERK = "carys@demonstration.example"
GRITTING = "/clerk/inquiries/winter-gritting-inquiry/progress/6/"
RECORDED = """
    SELECT (SELECT count(*) FROM inquiries_agendadocument), (SELECT count(*) FROM inquiries_agendapack),
        (SELECT count(*) FROM inquiries_reportedition), (SELECT count(*) FROM inquiries_entry)
"""
OPEN_UPDATE = """
    SELECT concat('/inquiries/', inquiry.slug, '/progress/', months_on, '/updates/', reference, '/')
    FROM inquiries_progressupdate found
    JOIN inquiries_progressreport report ON report.id = found.report_id
    JOIN inquiries_inquiry inquiry ON inquiry.id = report.inquiry_id
    JOIN inquiries_response response ON response.id = found.response_id
    JOIN inquiries_person lead ON lead.id = response.lead_officer_id
    JOIN inquiries_recommendation recommendation ON recommendation.response_id = response.id
    WHERE lead.email = %s AND found.submitted_at IS NULL AND report.published_at IS NULL
    ORDER BY recommendation.id LIMIT 1
"""


@pytest.fixture(scope="module")
def shared_stack(prepared_demonstration, tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("stack"), prepared=prepared_demonstration) as started:
        started.start("web")
        yield started


@pytest.fixture
def stack(shared_stack):
    # Each process finds out by itself that the fault of the test before is over.
    shared_stack.wait_for(lambda: all(page.status == 200 for page in many(lambda: shared_stack.client().get("/"))))
    return shared_stack


def many(ask, count=12):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: ask(), range(count)))


FAULTS = {
    "stopped": (Stack.stop_database, Stack.start_database),
    "killed": (Stack.kill_database, Stack.start_database),
    "hanging": (Stack.freeze_database, Stack.thaw_database),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_database_that_does_not_answer(stack, fault):
    break_it, mend_it = FAULTS[fault]
    officer = stack.sign_in(OFFICER)
    ((address,),) = stack.query(OPEN_UPDATE, OFFICER)
    form = form_with(officer.get(address).text, "text")
    form |= {"text": f"Kept <while> the database is {fault}.\r\n\r\nEvery & line.", "action": "save"}
    break_it(stack)
    try:
        refused = officer.post(address, form)
        # More requests than the processes have threads.
        pages = many(lambda: stack.client(timeout=15).get("/"), 80)
        styles = many(lambda: stack.client(timeout=15).get(STYLESHEET))
        again = stack.client(timeout=15).get("/inquiries/")
    finally:
        mend_it(stack)
    assert {page.status for page in [refused, *pages, again]} == {503}
    assert {style.status for style in styles} == {200}
    assert refused.headers["Retry-After"] == "10"
    assert "The service cannot reach its database" in again.text
    stack.wait_for(lambda: stack.client().get("/").status == 200, seconds=5)
    ((action, kept),) = FormReader(refused.text).forms
    assert (action, kept) == (address, form)
    # The other process may be about to find out.
    stack.wait_for(lambda: officer.post(action, kept).status == 302)
    assert stack.query("SELECT text FROM inquiries_progressupdate WHERE text LIKE %s", f"%{fault}%") == [
        (form["text"].replace("\r\n", "\n"),)
    ]


@pytest.mark.django_db
def test_session_that_cannot_be_saved(client, officer, monkeypatch):
    def lose_connection(*args, **kwargs):
        raise OperationalError("The connection was lost.")

    ask_for_code(client, officer.email)
    monkeypatch.setattr(Session, "save", lose_connection)
    client.raise_request_exception = False
    answer = enter_code(client, "XKCD-XKCD")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    # A request that makes no sense is answered as ever.
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


def test_all_connections_in_use(stack):
    with psycopg.connect(stack.database.url("demonstration")) as locking:
        locking.execute("LOCK TABLE inquiries_inquiry")
        with ThreadPoolExecutor(80) as pool:
            waiting = [pool.submit(stack.client().get, "/inquiries/") for _ in range(80)]
            stack.wait_for(lambda: sum(one.done() for one in waiting) >= 60)
            assert stack.client(timeout=15).get(STYLESHEET).status == 200
            locking.rollback()
            found = [one.result().status for one in waiting]
    # As many as a process has connections were only waiting for the lock. One process may have accepted them all.
    assert found.count(200) >= 4
    assert found.count(200) + found.count(503) == 80
    # On a busy machine a new connection may have taken so long that a process believes in an outage.
    stack.wait_for(lambda: stack.client().get("/inquiries/").status == 200, seconds=5)


def kill_while_it_waits_for(stack, table, person, address, form):
    """Kill the web server while it writes into this table what the person has sent."""
    with psycopg.connect(stack.database.url("demonstration")) as locking, ThreadPoolExecutor(1) as pool:
        locking.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        broken_off = pool.submit(person.post, address, form)
        stack.wait_for(lambda: stack.query("SELECT 1 FROM pg_locks WHERE NOT granted"))
        stack.kill("web")
        assert isinstance(broken_off.exception(), OSError | http.client.HTTPException)


def test_killed_while_it_saves(stack):
    officer = stack.sign_in(OFFICER)
    ((address,),) = stack.query(OPEN_UPDATE, OFFICER)
    form = form_with(officer.get(address).text, "text") | {"text": "Saved by one of two.", "action": "save"}
    kill_while_it_waits_for(stack, "inquiries_progressupdate", officer, address, form)
    stack.start("web")
    assert officer.post(address, form).status == 302
    saved = "SELECT count(*) FROM inquiries_entry WHERE changes->'text'->>1 = 'Saved by one of two.'"
    assert stack.query(saved) == [(1,)]


def test_killed_after_it_has_added(stack):
    """The item is recorded, and that its form has been processed waits: neither is kept."""
    clerk = stack.sign_in(CLERK)
    ((meeting,),) = stack.query("SELECT id FROM inquiries_meeting ORDER BY start DESC LIMIT 1")
    address, added = f"/clerk/meetings/{meeting}/items/add/", "SELECT count(*) FROM inquiries_agendaitem"
    form = form_with(clerk.get(address).text, "title") | {"title": "Roads", "kind": "nothing"}
    ((before,),) = stack.query(added)
    kill_while_it_waits_for(stack, "scrutiny_cache", clerk, address, form)
    stack.wait_for(lambda: not stack.query("SELECT 1 FROM pg_locks WHERE NOT granted"))
    assert stack.query(added) == [(before,)]
    stack.start("web")
    assert [clerk.post(address, form).status for _ in range(2)] == [302, 302]
    assert stack.query(added) == [(before + 1,)]


def test_mail_server_that_hangs(stack):
    stack.mail.hangs.set()
    try:
        visitor = stack.client(timeout=15)
        form = form_with(visitor.get("/accounts/login/").text, "email") | {"email": OFFICER}
        before = stack.mail.connections
        answer = visitor.post("/accounts/login/", form)
        page = visitor.get(answer.headers["Location"]).text
        stack.wait_for(lambda: stack.mail.connections > before)
        assert stack.mail.received == []
    finally:
        stack.mail.hangs.clear()
    assert "a code is on its way" in page and "has been sent" not in page
    stack.wait_for(lambda: [mail["To"] for mail in stack.mail.received] == [OFFICER])


def pdf():
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.pages[0].contents_add(document.make_stream(secrets.token_bytes(100_000).hex().encode()))
        document.save(made, compress_streams=False)
    return made.getvalue()


def test_full_disk(stack):
    clerk = stack.sign_in(CLERK)
    ((meeting, item),) = stack.query(
        "SELECT meeting_id, id FROM inquiries_agendaitem WHERE title = 'Minutes' ORDER BY meeting_id LIMIT 1"
    )
    page = f"/clerk/meetings/{meeting}/"
    upload, build, publish = f"{page}items/{item}/papers/add/", f"{page}packs/0/build/", f"{GRITTING}publish/"
    paper = form_with(clerk.get(upload).text, "paper1-title") | {"paper1-title": "A paper"}
    publishing = FormReader(clerk.get(publish).text).forms[-1][1]
    token = {"csrfmiddlewaretoken": paper["csrfmiddlewaretoken"]}

    def do_all():
        return [
            clerk.post_file(upload, paper, "paper1-file", "paper.pdf", pdf()),
            clerk.post(publish, publishing),
            clerk.post(build, token),
        ]

    files, recorded = stack.stored_files(), stack.query(RECORDED)
    with stack.full_disk():
        refused = do_all()
    assert [answer.status for answer in refused] == [503, 503, 503]
    assert all("The service has no room left for files, so nothing was stored." in answer.text for answer in refused)
    assert "Files must be chosen again" in refused[0].text
    assert (stack.stored_files(), stack.query(RECORDED)) == (files, recorded)
    assert list(stack.temporary.glob("scrutiny-[pu]*")) == []
    assert ("OSError (ENOSPC)" if stack.has_disk else "OSError (EFBIG)") in stack.log("web")
    assert [answer.status for answer in do_all()] == [302, 302, 302]
    # A paper, the report as PDF and Word, and a pack.
    assert len(stack.stored_files()) == len(files) + 4


def test_killed_while_it_builds_a_pack(stack):
    clerk = stack.sign_in(CLERK)
    ((meeting,),) = stack.query("SELECT max(meeting_id) FROM inquiries_agendapack WHERE edition = 'restricted'")
    address = f"/clerk/meetings/{meeting}/packs/1/"
    build = form_with(clerk.get(address).text, "csrfmiddlewaretoken")
    with psycopg.connect(stack.database.url("demonstration")) as locking, ThreadPoolExecutor(1) as pool:
        # A small pack could be built before it is looked for.
        locking.execute("LOCK TABLE inquiries_agendapack IN EXCLUSIVE MODE")
        broken_off = pool.submit(clerk.post, f"{address}build/", build)
        stack.wait_for(lambda: stack.query("SELECT 1 FROM inquiries_packplan WHERE claimed_by <> ''"))
        stack.kill("web")
        assert isinstance(broken_off.exception(), OSError | http.client.HTTPException)
    left = stack.query("SELECT count(*) FROM inquiries_agendapack WHERE supplement = 1"), stack.stored_files()
    stack.start("web")
    assert "The service was stopped meanwhile. Build the pack again." in clerk.get(address).text
    assert clerk.post(f"{address}build/", build).status == 302
    assert stack.query("SELECT claimed_by, failure FROM inquiries_packplan WHERE supplement = 1") == [("", "")]
    built = stack.query("SELECT file FROM inquiries_agendapack WHERE supplement = 1")
    assert left[0] == [(0,)]
    assert set(stack.stored_files()) - set(left[1]) == {stack.files / name for (name,) in built}


def test_more_connections_than_the_server_allows(stack):
    command = [Path(sys.executable).with_name("gunicorn")]
    environment = stack.environment | {"SCRUTINY_WORKERS": "30", "SCRUTINY_BIND": "127.0.0.1:0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "it may need 134 connections to PostgreSQL, which allows 97" in done.stderr
    assert "SCRUTINY_WORKERS (30) times SCRUTINY_DATABASE_CONNECTIONS (4)" in done.stderr


def test_web_servers_share_the_connections(settings):
    assert connection_limit.refusal(4, allowed=30) == ""
    settings.WEB_SERVERS = 2
    assert "it may need 46 connections to PostgreSQL, which allows 45" in connection_limit.refusal(4, allowed=45)
    assert connection_limit.refusal(4, allowed=46) == ""
