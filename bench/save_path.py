"""Saving, and the pages with lists, in a council of so many recommendations: `python -m bench.save_path SIZE`.

Prints {"work": seconds, "saving": {...}, "pages": {...}} as JSON: for each request its median and fastest
milliseconds, its queries (without BEGIN and COMMIT) and its kB. The requests go through the application's own WSGI
handler with all its middleware, in turn.
"""

import contextlib
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from scrutiny import local_postgres

ROUNDS = 30
TOKEN = "a" * 32  # of the form's protection; cookie and header only have to be the same
UPDATE = "/inquiries/inquiry-1/progress/6/updates/1/"
TEXT = "Ten homes have been insulated since April, and 31 are waiting for a date. "


class Browser:
    """Somebody who is signed in (with the key None: the public), in front of the application."""

    def __init__(self, handler, key):
        from django.conf import settings  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415

        from inquiries.models import Person  # noqa: PLC0415

        self.handler, self.key, self.cookies = handler, key, ""
        if key is None:
            return
        client = Client()
        client.force_login(Person.objects.get(pk=key), "django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def request(self, path, data=None):
        """(status, bytes of the body, seconds) of a GET, or of a POST where there are data."""
        from django.test import RequestFactory  # noqa: PLC0415

        factory = RequestFactory(SERVER_NAME="localhost", HTTP_COOKIE=self.cookies, HTTP_X_CSRFTOKEN=TOKEN)
        environ = (factory.get(path) if data is None else factory.post(path, data)).environ
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
        status = []
        began = time.perf_counter()
        response = self.handler(environ, lambda line, headers: status.append(int(line.split()[0])))
        body = b"".join(response)
        response.close()
        return status[0], body, time.perf_counter() - began


def saving_requests(handler):
    """{name: (browser, path, function that makes the data, expected status)}."""
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    from bench import council  # noqa: PLC0415
    from inquiries.models import Person, ProgressUpdate  # noqa: PLC0415

    officer = Browser(handler, council.OFFICER)
    session = Session.objects.get()

    def form(action):
        update = ProgressUpdate.objects.get(pk=1)
        if update.submitted_at:
            ProgressUpdate.objects.filter(pk=1).update(submitted_at=None, submitted_by=None)
        version = ProgressUpdate.objects.values_list("version", flat=True).get(pk=1)
        names = {f"contributor_{n}": "" for n in range(1, 5)}
        links = {"links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "0", "links-0-title": "", "links-0-url": ""}
        text = TEXT + secrets.token_hex(8)
        sent = {"version": version, "text": text, "officer_view": "on_track", "exempt_text": "", "action": action}
        # Nobody has looked at the messages of the rounds before.
        Session.objects.filter(pk=session.pk).update(session_data=session.session_data)
        hidden = {"writer": Person(pk=officer.key).signed_key, "form_key": secrets.token_urlsafe(12)}
        return sent | names | links | hidden | {"exempt_paragraph": ""}

    return {
        "bare": (officer, "/bare/", lambda: form("bare"), 200),
        "autosave": (officer, f"{UPDATE}autosave/", lambda: form("save"), 200),
        "save": (officer, UPDATE, lambda: form("save"), 302),
        "submit": (officer, UPDATE, lambda: form("submit"), 302),
    }


def page_requests(handler):
    from bench import council  # noqa: PLC0415

    clerk, officer = Browser(handler, council.CLERK), Browser(handler, council.OFFICER)
    leaver = f"/clerk/people/{council.LEAVER}/"
    found = {
        "home of a clerk": (clerk, "/"),
        "home of an officer": (officer, "/"),
        "home of a Cabinet Member": (Browser(handler, council.CABINET_MEMBER), "/"),
        "home of a member": (Browser(handler, council.MEMBER), "/"),
        "update form": (officer, UPDATE),
        "leaver form, 100 responses": (clerk, f"{leaver}leave/"),
        "page of that person": (clerk, leaver),
        "list of people": (clerk, "/clerk/people/"),
        "board": (clerk, "/board/"),
        "board of a committee": (clerk, "/board/?committee=committee-1"),
        "tracker of a clerk": (clerk, "/tracker/"),
        "tracker: red or overdue": (clerk, "/tracker/?attention=red_or_late"),
        "tracker: two words, by portfolio": (clerk, "/tracker/?q=answer+4242&group=portfolio"),
        "tracker: an officer's, by rating": (officer, "/tracker/?sort=rating&reverse=on"),
        "tracker of the public": (Browser(handler, None), "/tracker/"),
    }
    return {name: (browser, path, lambda: None, 200) for name, (browser, path) in found.items()}


def measure(requests):
    """{name: {"ms", "queries", "kB"}}; each round takes the requests in turn."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    times, found = {name: [] for name in requests}, {}
    for number in range(ROUNDS + 2):
        for name, (browser, path, data, expected) in requests.items():
            sent = data()
            with CaptureQueriesContext(connection) as queries:
                queries.connection.force_debug_cursor = number == 1
                status, body, seconds = browser.request(path, sent)
            if status != expected:
                raise SystemExit(f"{name}: {path} answers with {status}.\n{body.decode()[:2000]}")
            if number == 1:
                count = sum(query["sql"] not in ("BEGIN", "COMMIT") for query in queries)
                found[name] = {"queries": count, "kB": len(body) / 1000}
            elif number > 1:
                times[name].append(seconds)
    return {
        name: {"ms": statistics.median(times[name]) * 1000, "fastest": min(times[name]) * 1000, **found[name]}
        for name in requests
    }


def main():
    size = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="scrutiny-bench-") as folder, contextlib.ExitStack() as at_the_end:
        database = local_postgres.Server(Path(folder, "postgresql"), database="bench")
        database.use()
        at_the_end.callback(database.release)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
            "DATABASE_URL": database.url("bench"),
            "SCRUTINY_SECRET_KEY": secrets.token_urlsafe(50),
            "SCRUTINY_SECOND_FACTOR": "nobody",
            "SCRUTINY_FILES": str(Path(folder, "files")),
        }
        # Settings are read from the environment, which is set by now.
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        from bench.council import make_council  # noqa: PLC0415

        at_the_end.callback(lambda: connections["default"].close_pool())
        settings.ROOT_URLCONF = "bench.bare_request"
        for command in ("migrate", "createcachetable"):
            call_command(command, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        make_council(size)
        handler = get_wsgi_application()
        began = time.perf_counter()
        found = {"saving": measure(saving_requests(handler)), "pages": measure(page_requests(handler))}
        print(json.dumps({"work": time.perf_counter() - began} | found))


if __name__ == "__main__":
    main()
