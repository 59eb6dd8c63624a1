"""The log: useful to whoever mends things, and without a word of what people wrote or are called."""

import ast
import errno
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
from contextvars import copy_context
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import path
from procrastinate.contrib.django.models import ProcrastinateJob

from inquiries.accounts.adapters import send_code_email
from inquiries.models import Person
from inquiries.notifications import notify
from scrutiny import settings as application_settings
from scrutiny import urls as application_urls
from scrutiny.error_codes import describe_fault
from scrutiny.logging import (
    JsonFormatter,
    LineFormatter,
    describe_exception,
    job_id,
    redact_message,
    redact_traceback,
    request_id,
)
from tests import factories
from tests.cast import NOW, person
from tests.test_jobs import run_worker
from tests.test_notifications import Broken as BrokenMail

ROOT = settings.BASE_DIR


@pytest.fixture
def log():
    """A function that gives all that was written since it was last asked, as the terminal would show it."""
    written = io.StringIO()
    terminal = logging.StreamHandler(written)
    terminal.setFormatter(LineFormatter())
    root, security = logging.getLogger(), logging.getLogger("scrutiny.security")
    before = root.level, security.level
    root.addHandler(terminal)
    root.setLevel(logging.INFO)
    security.setLevel(logging.INFO)

    def read(*, with_ids=False):
        text = written.getvalue()
        # Each request has another.
        text = text if with_ids else re.sub(r" request=[0-9a-f]{16}:", ":", text)
        written.seek(0)
        written.truncate()
        return text

    yield read
    root.removeHandler(terminal)
    root.setLevel(before[0])
    security.setLevel(before[1])


def breaks_with_words(request):
    raise RuntimeError("Jane Doe of jane@wealdshire.example wrote: the tender of Quorvane")


def breaks_in_the_database(request):
    Person.objects.create(email="jane@wealdshire.example", name="Jane Doe")


def breaks_behind_another(request):
    try:
        breaks_with_words(request)
    except RuntimeError as error:
        raise LookupError("the words of Jane Doe") from error


class Broken:
    """The application's addresses, and some that break."""

    urlpatterns = [
        *application_urls.urlpatterns,
        path("words/", breaks_with_words),
        path("database/", breaks_in_the_database),
        path("behind/", breaks_behind_another),
    ]
    handler404 = application_urls.handler404
    handler500 = application_urls.handler500


broken = override_settings(ROOT_URLCONF=Broken)


@broken
def test_logs_type_and_place_of_exception(db, log):
    Client(raise_request_exception=False).get("/words/?q=Quorvane")
    text = log()
    assert "ERROR django.request: Internal Server Error: /words/\n    RuntimeError\n" in text
    assert f"{__file__}:" in text
    assert "in breaks_with_words" in text
    assert not [word for word in ("Jane", "jane@", "Quorvane", "q=") if word in text]


@broken
def test_logs_cause_of_exception(db, log):
    Client(raise_request_exception=False).get("/behind/")
    text = log()
    assert "    LookupError\n" in text
    assert "    caused by RuntimeError\n" in text
    assert "Jane" not in text


@broken
def test_database_error_quotes_no_value(db, log):
    person("Jane Doe", "jane@wealdshire.example")
    with transaction.atomic():
        Client(raise_request_exception=False).post("/database/")
        transaction.set_rollback(True)
    text = log()
    assert "django.db.utils.IntegrityError" in text
    assert "23505 inquiries_person_email" in text
    assert not [word for word in ("Jane", "jane@", "wealdshire") if word in text]


def test_formatter_removes_quoted_values(db):
    """What the formatter is there for: PostgreSQL repeats the value, and Django hands it on."""
    person("Jane Doe", "jane@wealdshire.example")
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        person("Jane Doe", "jane@wealdshire.example")
    record = logging.LogRecord("inquiries", logging.ERROR, "", 0, "Broken.", (), (raised.type, raised.value, None))
    assert "jane" not in LineFormatter().format(record)


def test_not_found_is_logged_without_query(db, log):
    Client().get("/no-such-page/?q=Jane+Doe&email=jane@wealdshire.example")
    assert log().endswith("WARNING django.request: Not Found: /no-such-page/\n")


def test_removes_email_address_from_path(db, log):
    Client().get("/no-such-page/jane@wealdshire.example/")
    assert log().endswith("WARNING django.request: Not Found: [address]\n")


def test_does_not_repeat_wrong_host(db, log):
    Client().get("/", HTTP_HOST="jane-doe.example\r\nforged line")
    text = log()
    assert "ERROR django.security.DisallowedHost: Invalid HTTP_HOST header: '...'." in text
    assert not [word for word in ("jane", "forged") if word in text]


def test_csrf_failure_is_logged_without_contents(clerk, log):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk)
    browser.post(
        "/clerk/meetings/call/?q=Quorvane",
        {"venue": "Jane Doe's house"},
        secure=True,
        headers={"referer": "https://elsewhere.example/?q=Quorvane"},
    )
    text = log()
    assert "WARNING django.security.csrf: Forbidden (Referer checking failed - https://elsewhere.example/?..." in text
    assert f"WARNING scrutiny.security: refused person={clerk.pk} at=clerk:call_meeting method=POST\n" in text
    assert not [word for word in ("Jane", "Quorvane") if word in text]


def test_refusals_are_logged_by_number(inquiry, clerk, officer, signed_in, log):
    factories.make_report(inquiry, clerk)
    log()
    assert signed_in(None).post("/inquiries/warm-homes-inquiry/progress/6/updates/1a/autosave/").status_code == 401
    assert signed_in(officer).get("/inquiries/warm-homes-inquiry/progress/6/confirm/").status_code == 403
    assert signed_in(None).get("/", HTTP_HOST="evil.example").status_code == 400
    assert [line.partition("scrutiny.security: ")[2] for line in log().splitlines() if "scrutiny.security" in line] == [
        "not_signed_in person=nobody at=officer:autosave method=POST",
        f"refused person={officer.pk} at=committee:confirm method=GET",
        "not_understood person=nobody at=unknown method=GET",
    ]


@pytest.mark.django_db
def test_mail_failure_names_no_one(log, monkeypatch, settings, rf):
    def refuse(self):
        raise SMTPRecipientsRefused({"jane@wealdshire.example": (550, b"No Jane Doe here")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    settings.SEND_CODES_IN_BACKGROUND = False
    send_code_email(rf.post("/"), "account/email/login_code", "jane@wealdshire.example", code="XKCD-1234")
    text = log()
    assert "SMTPRecipientsRefused" in text
    assert not [word for word in ("Jane", "jane@", "XKCD") if word in text]


@pytest.mark.parametrize(
    ("message", "ours", "shown"),
    [
        ("Not Found: /a/?q=x&y=z", False, "Not Found: /a/?..."),
        ("to <jane.o'neil+a@b.example>, again", True, "to <jane.o'[address]>, again"),
        ("two\r\nlines\x1b[31m, \u2028 more, \u202eback", True, r"two\r\nlines\x1b[31m, \u2028 more, \u202eback"),
        ("Invalid HTTP_HOST header: 'a\\'b.example'.", False, "Invalid HTTP_HOST header: '...'."),
        ('Key (email)="x y" exists', False, "Key (email)='...' exists"),
        ("the council's provider's answer", False, "the council's provider's answer"),
        ("said 'so'", True, "said 'so'"),
        ("x" * 2000, True, "x" * 1000 + " ..."),
    ],
)
def test_redact_message(message, ours, shown):
    assert redact_message(message, ours=ours) == shown


def test_warnings_of_python_are_logged():
    asked = "from scrutiny import wsgi; import warnings; warnings.warn('about jane@wealdshire.example')"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": settings.DATABASE_URL, "PYTHONWARNINGS": "always"}
    command = [sys.executable, "-c", asked]
    written = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stderr
    assert re.search(r"Z WARNING py\.warnings: <string>:1: UserWarning: about \[address\]\\n.*\n$", written)


def test_time_is_utc():
    record = logging.LogRecord("inquiries", logging.WARNING, "", 0, "Two of %s.", (3,), None)
    record.created, record.msecs = 1795426200.25, 250.0
    assert LineFormatter().format(record) == "2026-11-23T09:30:00.250Z WARNING inquiries: Two of 3."


def test_redact_traceback():
    printed = (
        'Traceback (most recent call last):\n  File "/app/worker.py", line 12, in main\n    open("Jane Doe.pdf")\n'
        "pikepdf._core.PdfError: Jane Doe.pdf: unable to find trailer\n"
    )
    assert redact_traceback(printed) == "/app/worker.py:12 pikepdf._core.PdfError"
    assert redact_traceback("Jane Doe") == "8 characters"


def test_formatter_is_used_everywhere():
    found = subprocess.run(
        [sys.executable, "-c", "import runpy; c = runpy.run_path('gunicorn.conf.py'); print(c['logconfig_dict'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for configuration in (application_settings.LOGGING, ast.literal_eval(found)):
        assert configuration["formatters"] == {"ours": {"()": "scrutiny.logging.LineFormatter"}}
        assert {handler["formatter"] for handler in configuration["handlers"].values()} == {"ours"}
    assert application_settings.LOGGING["loggers"]["scrutiny.security"] == {"level": "INFO"}


def lines_of_gunicorn(*paths, **variables):
    """What a running gunicorn writes, on either stream, while it is asked for each of `paths`."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": settings.DATABASE_URL, "SCRUTINY_SECRET_KEY": "its own"}
    # Whether there are collected static files is not asked here.
    environment["PYTHONWARNINGS"] = "ignore"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Open already: who connects waits until it answers.
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--workers", "1", "--bind", f"fd://{listening.fileno()}"],
            cwd=ROOT,
            env={**environment, **variables},
            pass_fds=[listening.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            for path in paths:
                with socket.create_connection(listening.getsockname(), timeout=60) as asking:
                    asking.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                    while asking.recv(65536):
                        pass
        finally:
            server.terminate()
            written = server.communicate(timeout=60)[0]
    return written.splitlines()


FORGED = "/x%0A2026-11-23T09:30:00.000Z%20WARNING%20scrutiny.security:%20signed_in%1B%5B2K?q=Jane"


def test_gunicorn_forges_no_lines():
    # The page itself needs collected static files, which may be missing here.
    lines = [line for line in lines_of_gunicorn("/favicon.ico", FORGED, SCRUTINY_ACCESS_LOG="true") if line[0] != " "]
    own = r"/x\n2026-11-23T09:30:00.000Z WARNING scrutiny.security: signed_in\x1b[2K"
    start = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert len(lines) == 3
    made = r"request=[0-9a-f]{16}"
    assert re.fullmatch(rf"{start} INFO gunicorn\.access {made}: GET /favicon\.ico 200 \d+ 0\.\d+", lines[0])
    assert re.fullmatch(rf"{start} [A-Z]+ django\.request {made}: .*: {re.escape(own)}", lines[1])
    assert re.fullmatch(rf"{start} INFO gunicorn\.access {made}: GET {re.escape(own)} \d+ \d+ \d+\.\d+", lines[2])


def test_gunicorn_logs_requests_only_when_asked():
    assert lines_of_gunicorn("/favicon.ico", "/favicon.ico") == []


def test_every_line_of_a_request_has_its_id(clerk, signed_in, log):
    answers = [signed_in(clerk).get(path) for path in ("/no-such-page/", "/no-such-page/")]
    first, second = (answer.headers["X-Request-ID"] for answer in answers)
    assert first != second
    assert re.findall(r"WARNING django.request request=(\w+): Not Found", log(with_ids=True)) == [first, second]
    assert f"quote <strong>{second}</strong>" in answers[1].text


@broken
def test_error_page_shows_the_id_that_is_logged(db, log):
    answer = Client(raise_request_exception=False).get("/words/")
    made = answer.headers["X-Request-ID"]
    assert f"quote <strong>{made}</strong>" in answer.text
    assert f"ERROR django.request request={made}: Internal Server Error" in log(with_ids=True)


GIVEN = "0123456789abcdef0123456789ABCDEF"


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, GIVEN, True),
        (0, GIVEN, False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "abcdefgh\r\n2026-11-23T09:30:00.000Z WARNING scrutiny.security: signed_in", False),
        (1, "<script>alert(1)</script>", False),
        (1, "jane@wealdshire.example", False),
    ],
)
def test_id_is_taken_from_a_proxy_only(db, log, settings, proxies, given, is_taken):
    settings.PROXIES = proxies
    answer = Client().get("/no-such-page/", headers={"x-request-id": given})
    made = answer.headers["X-Request-ID"]
    assert (made == given) == is_taken
    assert is_taken or re.fullmatch(r"[0-9a-f]{16}", made)
    lines = log(with_ids=True).splitlines()
    assert [line.split(": ")[0].split(" ", 1)[1] for line in lines] == [f"WARNING django.request request={made}"]


def test_nothing_is_left_of_the_id_after_the_request(db):
    Client().get("/healthz").close()
    assert request_id.get() == ""


def test_line_of_json():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "/files/Jane Doe.pdf")
        except OSError as error:
            raise RuntimeError("the words of Jane Doe") from error
    except RuntimeError as error:
        facts = (type(error), error, error.__traceback__)
    record = logging.LogRecord("inquiries", logging.ERROR, "", 0, 'It\nfailed at jane@x.example, "so".', (), facts)
    record.created, record.msecs = 1795426200.123, 123.0
    context = copy_context()
    context.run(request_id.set, GIVEN)
    context.run(job_id.set, 7)
    line = context.run(JsonFormatter().format, record)
    assert "\n" not in line
    found = json.loads(line)
    exception = found.pop("exception")
    assert found == {
        "time": "2026-11-23T09:30:00.123Z",
        "level": "ERROR",
        "logger": "inquiries",
        "message": 'It\\nfailed at [address], "so".',
        "request": GIVEN,
        "job": 7,
    }
    assert [exception[0], exception[2]] == ["RuntimeError", "caused by OSError (ENOSPC)"]
    assert "Jane" not in line


@pytest.mark.parametrize(
    ("error", "described"),
    [
        (SMTPRecipientsRefused({"jane@x.example": (550, b"5.1.1 no jane@x.example")}), "(550 5.1.1)"),
        (SMTPDataError(451, b"4.3.2 Jane Doe"), "(451 4.3.2)"),
        (SMTPServerDisconnected("Jane Doe"), ""),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "(ECONNREFUSED)"),
    ],
)
def test_codes_of_the_mail_server_and_the_system(error, described):
    assert describe_fault(error) == f"{type(error).__name__} {described}".strip()
    assert describe_exception(error)[0].endswith(described or "SMTPServerDisconnected")


@pytest.mark.django_db(transaction=True)
def test_lines_of_a_job_have_its_id(officer, clerk, settings, monkeypatch, log):
    settings.EMAIL_BACKEND = "tests.test_notifications.Broken"
    monkeypatch.setattr(BrokenMail, "error", SMTPDataError(451, b"4.3.2 later, Jane"))
    notify([officer], "sessions_ended", "a key", now=NOW, by=clerk)
    run_worker()
    number = ProcrastinateJob.objects.get().pk
    lines = log(with_ids=True).splitlines()
    (own,) = [line for line in lines if "inquiries.jobs" in line]
    assert f"WARNING inquiries.jobs job={number}: Notification " in own
    assert own.endswith("could not be sent: SMTPDataError (451 4.3.2).")
    assert [line for line in lines if f" job={number}: Starting job " in line]
    assert [line for line in lines if f" job={number}: Job send_notification" in line]


def logging_calls():
    """Every call of a logger or of log_security_event in the application's code: (file and line, its arguments)."""
    for folder in ("inquiries", "scrutiny"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                function = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if function.startswith("logger.") or function == "log_security_event":
                    keywords = [keyword.value for keyword in node.keywords if keyword.arg != "level"]
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", [*node.args, *keywords]


# What a line may hold beside its own words: numbers, kinds, names of ours.
MAY_BE_LOGGED = (
    *("plan.pk", "report.pk", "person.pk", "by.pk", "len(findings)", "len(stored)", "len(temporary)"),
    *("event", "person", "view", "method", "methods", "reason", "self.kind", "program", "template", "code", "kinds"),
    # The name of the module that a worker runs.
    "module",
    *("done.returncode", "result.returncode", "worker.returncode", "fault", "warning"),
    # The second is the provider's word of the standard, such as invalid_client, beside a kind.
    *("type(error).__name__", "describe_error(request, exception)"),
    # Kinds, with the codes of the system and of the database.
    "describe_fault(error)",
    # The key of one.
    "notification",
    *("deed", "action"),
)
# log_security_event writes their numbers.
PEOPLE = (
    *("user", "request.user", "self.request.user", "getattr(self.request, 'user', None)"),
    *("self._process.user",),
)


def test_log_arguments_are_harmless():
    found = list(logging_calls())
    assert len(found) > 10
    for where, arguments in found:
        for argument in arguments:
            code = ast.unparse(argument)
            is_allowed = isinstance(argument, ast.Constant) or code in MAY_BE_LOGGED or code in PEOPLE
            assert is_allowed or code.startswith("redact_traceback("), f"{where}: {code}"
