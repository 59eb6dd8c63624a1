"""/metrics: what Prometheus asks for. Nothing about people is in it; labels are names of pages and kinds of answers."""

import time

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as as_text
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from inquiries.health import PATIENCE, SharedCheck, find_work
from scrutiny import metrics_files
from scrutiny.middleware import view_name_of

REQUESTS = Counter("scrutiny_requests", "Requests answered.", ["view", "status"])
SECONDS = Histogram(
    "scrutiny_request_seconds",
    "Until the answer was made.",
    ["view"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
POOL = {
    "pool_size": Gauge("scrutiny_pool_connections", "Connections to the database.", multiprocess_mode="livesum"),
    "pool_available": Gauge("scrutiny_pool_available", "Of these, not in use.", multiprocess_mode="livesum"),
    "requests_waiting": Gauge("scrutiny_pool_waiting", "Requests that wait for one.", multiprocess_mode="livesum"),
}
# (name, help, field of Work); of a moment, its age in seconds.
OF_WORK = (
    ("worker_silence_seconds", "Since a worker last reported.", "worker_seen"),
    ("jobs_due", "Jobs that could be done now.", "jobs_due"),
    ("jobs_delay_seconds", "Since the oldest of them was due.", "oldest_job_due"),
    ("jobs_failed", "Jobs that failed for good within 30 days.", "jobs_failed"),
    ("emails_waiting", "E-mails that are still to be sent.", "emails_waiting"),
    ("emails_failing", "Of these, not taken by the mail server.", "emails_failing"),
    ("emails_delay_seconds", "Since the oldest of these was queued.", "oldest_failing_email"),
    ("emails_given_up", "E-mails that were tried twelve times.", "emails_given_up"),
    ("publication_delay_seconds", "Since an agenda pack was to be published.", "publication_due"),
    ("packs_being_built", "Agenda packs that are being built.", "packs_being_built"),
    ("pack_builds_failed", "Agenda packs whose last build failed.", "builds_failed"),
    ("packs_built", "Agenda packs built so far.", "packs_built"),
)


def find_work_apart():
    try:
        return find_work()
    finally:
        connection.close()


work_check = SharedCheck(find_work_apart, None)


class WorkCollector:
    """What the worker has to do: one query, bounded in time. Every web process of every machine says the same."""

    def collect(self):
        try:
            work = work_check.start().result(PATIENCE)
        except Exception:
            work = None
        yield GaugeMetricFamily("scrutiny_database_up", "Whether the database answers.", value=int(work is not None))
        for name, description, field in OF_WORK if work else ():
            value = getattr(work, field)
            if name.endswith("_seconds"):
                value = (work.now - value).total_seconds() if value else 0
                # That no worker was ever seen is no silence of no seconds.
                value = float("inf") if field == "worker_seen" and not work.worker_seen else max(0, value)
            yield GaugeMetricFamily(f"scrutiny_{name}", description, value=value)


class MetricsMiddleware:
    """Counts every request, and answers /metrics to anyone who has the token, under any host name and without HTTPS."""

    def __init__(self, get_response):
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/metrics":
            return metrics(request)
        began = time.monotonic()
        response = self.get_response(request)
        view = view_name_of(request) or "none"
        REQUESTS.labels(view, response.status_code).inc()
        SECONDS.labels(view).observe(time.monotonic() - began)
        if pool := getattr(connection, "pool", None):
            found = pool.get_stats()
            for name, gauge in POOL.items():
                gauge.set(found.get(name, 0))
        return response


def metrics(request):
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not constant_time_compare(token, settings.METRICS_TOKEN):
        answer = HttpResponse("Send SCRUTINY_METRICS_TOKEN as a bearer token.\n", content_type="text/plain", status=401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry()
    registry.register(WorkCollector())
    text = as_text(registry)
    if metrics_files.is_prepared():
        with metrics_files.locked():
            together = CollectorRegistry()
            MultiProcessCollector(together)
            text += as_text(together)
    else:
        # One process: runserver.
        text += as_text(REGISTRY)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
