"""/metrics: who may read it, what it says, and how several processes add up."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from inquiries.models import Notification
from inquiries.views import metrics
from scrutiny import metrics_files
from setup.stack import ROOT
from tests.test_settings import refusal_of

TOKEN = "a-token-of-twenty-characters"


def samples(text):
    """{(name, labels as sorted pairs): value}"""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def metrics_token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"authorization": f"Bearer {TOKEN}"}


def test_closed_by_default(client, db):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_closed_without_the_token(client, db, metrics_token, header):
    answer = client.get("/metrics", headers={"authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "scrutiny_" not in answer.text


def test_token_is_long():
    assert "SCRUTINY_METRICS_TOKEN must have 20 characters or more." in refusal_of(SCRUTINY_METRICS_TOKEN="short")


@pytest.mark.django_db(transaction=True)
def test_what_it_says(officer, metrics_token):
    moment = timezone.now() - timedelta(hours=1)
    Notification.objects.create(
        recipient=officer, occasion="t", key="t", subject="S", body="B", queued_on=moment, failures=1, last_failure="x"
    )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [moment])
    metrics.work_check.until = 0
    client = Client()
    for path in ("/inquiries/", "/inquiries/", "/inquiries/?q=Jane+Doe", "/no-such-page/jane@wealdshire.example/"):
        client.get(path)
    before = samples(client.get("/metrics", headers=metrics_token, HTTP_HOST="10.1.2.3").text)
    client.get("/inquiries/")
    text = client.get("/metrics", headers=metrics_token).text
    found = samples(text)
    asked = ("scrutiny_requests_total", ("status", "200"), ("view", "public:inquiries"))
    assert found[asked] - before[asked] == 1
    assert found["scrutiny_requests_total", ("status", "404"), ("view", "none")] >= 1
    assert found["scrutiny_request_seconds_count", ("view", "public:inquiries")] >= 4
    assert found["scrutiny_database_up",] == 1
    assert (found["scrutiny_emails_waiting",], found["scrutiny_emails_failing",]) == (1, 1)
    for name in ("scrutiny_worker_silence_seconds", "scrutiny_emails_delay_seconds"):
        assert 3600 <= found[name,] < 3700
    assert not [word for word in ("Jane", "jane", "wealdshire", "no-such-page") if word in text]


def test_labels_are_bounded(client, db, metrics_token):
    metrics.work_check.until = 0
    for number in range(20):
        client.get(f"/no-such-page/{number}/")
        client.get(f"/inquiries/{number}/")
    found = samples(client.get("/metrics", headers=metrics_token).text)
    views = {dict(labels).get("view", "") for _, *labels in found}
    assert "public:inquiry" in views
    assert not [view for view in views if any(character.isdigit() for character in view)]


COUNT = """
from prometheus_client import Counter, Gauge, Histogram
Counter("counted", "", ["view"]).labels("a").inc({})
Histogram("took", "", buckets=(1,)).observe(0.5)
Gauge("live", "", multiprocess_mode="livesum").set(1)
"""
READ = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def run(program, folder):
    environment = {**os.environ, metrics_files.VARIABLE: str(folder)}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        return process.pid, process.communicate()[0]


def test_counts_of_processes_that_have_ended(tmp_path, monkeypatch):
    # As gunicorn.conf.py does for each process that ends.
    monkeypatch.setenv(metrics_files.VARIABLE, str(tmp_path))
    for number in (1, 2, 3):
        pid, _ = run(COUNT.format(number), tmp_path)
        metrics_files.add_ended(pid)
    run(COUNT.format(10), tmp_path)
    found = samples(run(READ, tmp_path)[1])
    assert found["counted_total", ("view", "a")] == 16
    assert (found["took_count",], found["took_sum",], found["took_bucket", ("le", "1.0")]) == (4, 2.0, 4)
    assert found["live",] == 1
    assert len(list(tmp_path.glob("*.db"))) == 5


def test_folder_of_a_server_that_was_killed(tmp_path, monkeypatch):
    monkeypatch.setenv(metrics_files.VARIABLE, "")
    ended, _ = run("", tmp_path)
    (tmp_path / f"{metrics_files.PREFIX}{ended}").mkdir()
    (tmp_path / f"{metrics_files.PREFIX}{os.getppid()}").mkdir()
    metrics_files.prepare(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{metrics_files.PREFIX}{number}" for number in (os.getpid(), os.getppid())
    )
    metrics_files.remove()
    assert [path.name for path in tmp_path.iterdir()] == [f"{metrics_files.PREFIX}{os.getppid()}"]
