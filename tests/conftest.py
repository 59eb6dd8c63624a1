"""What every test may ask for: a fixed day, the cases, a browser. The people are in `tests/cast.py`."""

import contextlib
import dataclasses
import gc
import math
import os
import re
import threading
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.signals import request_started
from django.db import connection, transaction
from django.dispatch import receiver
from django.test import TransactionTestCase
from django.urls import clear_url_caches, set_urlconf
from playwright.sync_api import expect

from inquiries import health
from inquiries.uploads import process_upload
from setup import browser as chromium
from tests import demonstration_urls, replay
from tests.database import PREFIX, run_database

pytest_plugins = ["tests.cast", "tests.prepared_demonstration", "tests.scene"]

# On a busy machine a page may take longer than the five seconds of the default.
expect.set_options(timeout=20_000)

TESTS = Path(__file__).parent
SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"
WIDTHS = {1280: 900, 390: 844}
CASES = os.environ.get("SCRUTINY_CASES", "")


@pytest.fixture
def today():
    """The day on which every test takes place: a Monday."""
    return date(2026, 11, 23)


# The cases: real papers, which are not part of this repository


@pytest.fixture
def cases():
    """The folder of cases. Tests that ask for it only run where SCRUTINY_CASES names it."""
    folder = Path(CASES)
    if not folder.is_dir():
        pytest.fail(f"SCRUTINY_CASES is {CASES!r}, which is not a folder.")
    return folder


@pytest.fixture
def case(cases):
    """A function from the name of a case to its folder; fails the test where it is missing."""

    def folder_of(name):
        folder = cases / name
        if not folder.is_dir():
            pytest.fail(f"The case {name} is missing from {cases}.")
        return folder

    return folder_of


# Files, below tests/ and without .py, that take longest for their tests: `make quick` leaves them out.
SLOW = frozenset(
    [
        "accounts/test_codes",
        "accounts/test_limits",
        "accounts/test_oidc",
        "accounts/test_second_factor",
        "actions/people/test_merge_people",
        "actions/test_assessments",
        "actions/test_packs",
        "actions/test_packs_at_once",
        "actions/test_personal_data",
        "actions/test_tracker_import",
        "admin/test_changes",
        "admin/test_doors",
        "admin/test_numbers",
        "archive/test_everything",
        "archive/test_export",
        "archive/test_import",
        "archive/test_pages",
        "commands/test_build_pack",
        "commands/test_prepare_database",
        "documents/test_pack_build",
        "documents/test_pack_stamps",
        "documents/test_pdf",
        "documents/test_progress_report",
        "history/test_check_history",
        "history/test_completeness",
        "history/test_concurrency",
        "history/test_roles",
        "imports/test_refusals",
        "imports/test_reply_form",
        "models/test_tracker",
        "preflight/test_page_numbers",
        "security/test_access_by_method",
        "security/test_csrf",
        "security/test_guessed_ids",
        "security/test_headers",
        "security/test_hostile_text_in_files",
        "security/test_hostile_text_on_pages",
        "security/test_local_only",
        "security/test_malformed_requests",
        "security/test_redirects",
        "test_access",
        "test_backups",
        "test_bucket_storage",
        "test_demonstration",
        "test_deployment_files",
        "test_health",
        "test_hostile",
        "test_hostile_packs",
        "test_local_postgres",
        "test_mails",
        "test_outages",
        "test_pack_leaks",
        "test_pack_of_2015",
        "test_pack_refusals",
        "test_permissions",
        "test_settings",
        "test_year_of_an_inquiry",
        "uploads/test_form_fields",
        "uploads/test_process_upload",
        "uploads/test_word",
        "views/officer/test_reply",
        "views/public/test_agenda_files",
        "views/public/test_meeting",
        "views/public/test_queries",
        "views/public/test_reports",
        "views/test_changes",
        "views/test_clerk_imports",
        "views/test_clerk_meetings",
        "views/test_clerk_packs",
        "views/test_clerk_people",
        "views/test_clerk_record",
        "views/test_clerk_reports",
        "views/test_clerk_tracker_import",
        "views/test_committee",
        "views/test_data",
    ]
)


# Files that would keep one process busy at the end, when the other has nothing left to do.
LONGEST = [
    "test_access",
    "test_outages",
    "test_backups",
    "test_health",
    "test_deployment_files",
    "history/test_roles",
    "test_pack_leaks",
    "test_bucket_storage",
    "commands/test_prepare_database",
    "test_hostile_packs",
]


def pytest_collection_modifyitems(config, items):
    """Mark slow and browser tests as such, and leave out (aloud) those that need cases where there are none."""
    left_out = []
    for item in items:
        if item.path.relative_to(TESTS).with_suffix("").as_posix() in SLOW:
            item.add_marker(pytest.mark.slow)
        if "new_context" in item.fixturenames:
            item.add_marker(pytest.mark.browser)
        if "page" in getattr(item, "callspec", NOT_PARAMETRIZED).params:
            # It would start a browser, under which Django opens another connection and leaves it open at the end.
            raise pytest.UsageError(f"{item.nodeid}: call the argument something else; page is the browser's.")
        if not CASES and "cases" in item.fixturenames:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = len(left_out)
    items[:] = with_longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def with_longest_first(items, processes):
    """In the order in which each process begins with some of the LONGEST tests; xdist gives each an equal part."""
    ordered, others = [], [item for item in items if longest(item) is None]
    for number in range(processes):
        own = [item for item in items if longest(item) is not None and longest(item) % processes == number]
        own.sort(key=longest)
        room = (len(items) - len(ordered)) // (processes - number) - len(own)
        ordered += [*own, *others[:room]]
        del others[:room]
    return ordered


def longest(item):
    """The number of the test's file among the LONGEST; those that share the walk over all addresses are the first."""
    if "walk" in item.fixturenames:
        return 0
    name = item.path.relative_to(TESTS).with_suffix("").as_posix()
    return LONGEST.index(name) if name in LONGEST else None


def pytest_collection_finish():
    """What is loaded by now stays: looking through it again and again for what is no longer used takes time."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)


def pytest_make_parametrize_id(val, argname):
    """Bytes are named by their argument: a file made at import may hold the time, and differ between processes."""
    return argname if isinstance(val, bytes) else None


LEFT_OUT = pytest.StashKey[int]()
NOT_PARAMETRIZED = SimpleNamespace(params={})


def pytest_terminal_summary(terminalreporter, config):
    """Say what was not run."""
    count = config.stash.get(LEFT_OUT, 0)
    if count:
        terminalreporter.write_line(
            f"Not run: {count} tests of real papers. Set SCRUTINY_CASES to the folder of cases to run them."
        )


# The database


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, _allow_waiting_on_the_database):
    """In place of pytest-django's, which migrates for each run."""
    with contextlib.ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(run_database())
        watch_connection()
        yield
        with django_db_blocker.unblock():
            stack.close()


def read_tracker_as_committed(execute, statement, params, many, context):
    """A wrapper of every statement: the rows of the tracker are worked out on commit, and most tests never commit."""
    if (
        isinstance(statement, str)
        and "inquiries_trackerrow" in statement
        and statement.startswith(("SELECT", "(SELECT"))
    ):
        replay.work_out_tracker()
    return execute(statement, params, many, context)


SERVED = {"live_server", "page", "base_url", "context"}


def watch_connection():
    if connection.settings_dict["NAME"].startswith(PREFIX):
        connection.execute_wrappers[:] = [replay.state.watch, read_tracker_as_committed]


def pytest_runtest_setup(item):
    # Again for each test: under a browser Django uses another connection.
    watch_connection()
    replay.state.start(
        enabled=not item.get_closest_marker("builds_anew"), commits=has_server(item) or has_connections(item)
    )


def pytest_runtest_call(item):
    """What it writes on connections of its own is not watched: after its fixtures, nothing is written back."""
    if has_connections(item) and not has_server(item):
        replay.state.forget()


def has_server(item):
    return bool(SERVED & set(item.fixturenames))


def has_connections(item):
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(marker and marker.kwargs.get("transaction"))


@receiver(request_started)
def forget_what_was_built(**kwargs):
    """A request to the server of a browser test writes on a connection that is not watched."""
    if threading.current_thread() is not threading.main_thread():
        replay.state.forget()


@pytest.fixture
def monkeypatch(monkeypatch):
    """Pytest's own; what is patched may change what a fixture would build."""
    set_attribute = monkeypatch.setattr

    def setattr_and_forget(target, *args, **kwargs):
        if target not in replay.PATCHES_THAT_DO_NOT_MATTER:
            replay.state.forget()
        set_attribute(target, *args, **kwargs)

    monkeypatch.setattr = setattr_and_forget
    return monkeypatch


def empty_tables(self):
    """In place of Django's, which empties every table, the types of content too, and makes these anew.

    The database refuses to delete history: its triggers do not run meanwhile. Few rows are deleted sooner than tables
    are truncated.
    """
    names = [name for name in replay.tables() if name not in ("django_content_type", "auth_permission")]
    filled = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in ("django_session", *names))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(filled)
        if found := [name for (name,) in cursor.fetchall()]:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name in found:
                cursor.execute(f"DELETE FROM {name}")


TransactionTestCase._fixture_teardown = empty_tables


@pytest.fixture(scope="session", autouse=True)
def papers_wait_for_their_turn():
    """The turns are the machine's: where several runs of the tests share it, a minute may not be enough."""
    process_upload.WAIT_SECONDS = 600


@pytest.fixture(scope="session", autouse=True)
def worker_seems_to_run():
    """No page asks for the worker, of which there is none; tests of that ask for `fresh_work`."""
    health.recent_work.work = health.Work(now=datetime.max, worker_seen=datetime.max)
    health.recent_work.until = math.inf


@pytest.fixture
def quick_files(monkeypatch):
    """What the files of an edition hold is the business of test_publication."""
    with replay.state.patched("files are quick"):
        monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", lambda content: b"%PDF-")
        monkeypatch.setattr("inquiries.actions.publication.progress_report_docx", lambda content: b"PK")


@pytest.fixture
def work_is_held_and_codes_failed(monkeypatch):
    """As `find_work` would say after a restore, and when a sign-in code has not been delivered."""
    work = dataclasses.replace(health.recent_work.work, has_held_work=True, has_undelivered_codes=True)
    monkeypatch.setattr(health.recent_work, "work", work)


# The browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Which Chromium, and how."""
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.MISSING)
    return {**browser_type_launch_args, "executable_path": path, "args": chromium.sandbox_arguments()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """As somebody in the county would have it set."""
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "viewport": {"width": 1280, "height": WIDTHS[1280]},
    }


@pytest.fixture(scope="session")
def _allow_waiting_on_the_database():
    # Playwright runs its event loop in this thread; Django would take our queries for queries from inside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="session")
def base_url(_allow_waiting_on_the_database, live_server):
    """The address of the application; `page.goto("/inquiries/")` starts from it."""
    return live_server.url


@pytest.fixture
def page(context):
    """A page that fails the test when its script fails, its console shows an error, or something does not load.

    The answer to the page's own address is the test's business (it may be about a 403); what the page
    then loads is not, and has to be there.
    """
    watched, troubles = context.new_page(), []
    watch(watched, troubles)
    yield watched
    assert troubles == []


def watch(page, troubles):
    """Add to the list `troubles` whatever goes wrong on `page`. For tests that open a second page."""

    def on_console(message):
        own_address = (message.location or {}).get("url") == page.url and "Failed to load resource" in message.text
        if message.type == "error" and not own_address:
            troubles.append(f"console: {message.text}")

    def on_failure(request):
        # Leaving a page, or a download instead of one, ends what was being loaded.
        if request.failure != "net::ERR_ABORTED":
            troubles.append(f"{request.method} {request.url}: {request.failure}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("requestfailed", on_failure)


@pytest.fixture
def sign_in(base_url):
    """A function that signs a person in on a page without going through the sign-in page."""

    def signed_in(page, person):
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": base_url}]
        )

    return signed_in


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# GOV.UK Frontend writes aria-expanded on the radio that reveals a field, on purpose; axe counts it as a
# violation. This one rule on this one kind of element is let through, nothing else.
REVEALING_RADIO = re.compile(r'<input[^>]*type="radio"[^>]*>')


@pytest.fixture
def axe():
    """A function that asserts that axe finds nothing against WCAG 2.2 AA on a page."""

    def check(page):
        # A click returns when the next page has begun; before it is parsed there is nothing to check.
        page.wait_for_load_state()
        # Without preloading: axe would copy sheets that import others into the page, which our policy blocks aloud.
        options = {"runOnly": {"type": "tag", "values": WCAG}, "preload": False, "resultTypes": ["violations"]}
        if page.evaluate("!window.axe"):
            page.evaluate(Axe().axe_script)
        # What is well is not sent here.
        violations = page.evaluate("options => axe.run(options).then(results => results.violations)", options)
        found = [
            f"{violation['id']}: {node['html']} ({violation['help']})"
            for violation in violations
            for node in violation["nodes"]
            if not (
                violation["id"] == "aria-allowed-attr"
                and REVEALING_RADIO.fullmatch(node["html"])
                and "aria-expanded" in node["html"]
            )
        ]
        assert found == [], f"{page.url} at {page.viewport_size['width']} px"

    return check


@pytest.fixture
def screenshots():
    """A function that keeps pictures of a page, one for each width, in var/screenshots/<name>-<width>.png.

    Only where SCRUTINY_SCREENSHOTS is set: nothing depends on them, and each takes a third of a second.
    """

    def take(page, name, *, widths=tuple(WIDTHS)):
        if not os.environ.get("SCRUTINY_SCREENSHOTS"):
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width in widths:
            page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 900)})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size(before)

    return take


# Demonstration mode


@pytest.fixture
def demonstration(settings):
    """Demonstration mode, with the address it adds."""
    settings.DEMONSTRATION = True
    settings.LOCAL_ONLY_REASON = "in demonstration mode anybody can sign in as anybody"
    settings.ROOT_URLCONF = demonstration_urls.__name__
    clear_url_caches()
    set_urlconf(None)
    yield
    clear_url_caches()
