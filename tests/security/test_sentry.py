"""Errors to Sentry: a real server receives what the program of a service sends, and nothing of what people wrote."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings

from tests.test_settings import refusal_of

PROGRAM = """
import logging
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import path

def broken(request):
    words = request.POST["text"]
    raise ValueError(f"{words}, by Jane Doe")

urlpatterns = [path("broken/", broken)]
settings.ROOT_URLCONF = "__main__"
headers = {"user-agent": "Janes browser", "cookie": "a=Janes-cookie"}
client = Client(raise_request_exception=False, SERVER_NAME="localhost", headers=headers)
answer = client.post("/broken/?q=Quorvane", {"text": "the tender of Quorvane"})
print(answer.status_code, answer.headers["X-Request-ID"])
logging.getLogger("inquiries").warning("Not sent.")
logging.getLogger("inquiries").error("Written by %s here.", "jane@wealdshire.example", extra={"words": "Quorvane"})
raise RuntimeError("Jane Doe")
"""


@pytest.fixture
def sentry_server():
    received = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            received.append(body.decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments):
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, received
    server.shutdown()
    server.server_close()


def test_what_is_sent(sentry_server):
    server, received = sentry_server
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SCRUTINY_SENTRY_DSN": f"http://key@127.0.0.1:{server.server_address[1]}/1",
    }
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.startswith("500 "), done.stderr
    assert not [word for word in ("Jane", "jane", "Quorvane", "wealdshire", "browser") if word in "".join(received)]
    events = [json.loads(line) for envelope in received for line in envelope.splitlines() if '"event_id"' in line]
    broken, written, crashed = [event for event in events if "level" in event]
    (error,) = broken["exception"]["values"]
    assert (error["type"], "value" in error) == ("ValueError", False)
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert not {"vars", "context_line", "pre_context", "abs_path"} & set(error["stacktrace"]["frames"][-1])
    assert broken["logentry"] == {"message": "Internal Server Error: /broken/"}
    assert broken["tags"] == {"request": done.stdout.split()[1]}
    assert written["logentry"] == {"message": "Written by [address] here."}
    assert crashed["exception"]["values"][0]["type"] == "RuntimeError"
    for event in (broken, written, crashed):
        assert not {"request", "user", "breadcrumbs", "extra", "contexts", "modules", "server_name"} & set(event)
        assert event["release"].startswith("scrutiny@")


def test_dsn_that_is_none():
    assert refusal_of(SCRUTINY_SENTRY_DSN="sentry") == (
        "SCRUTINY_SENTRY_DSN is no DSN. Sentry shows it: https://key@host/number."
    )
