"""Readers and writers without pause against gunicorn as it is shipped: `python -m bench.load SIZE SECONDS`.

The web server, PostgreSQL and those who ask share this machine. Each reader and writer is signed in (every second
reader is the public), keeps its connection and asks again as soon as it is answered. A writer keeps drafts of updates
of its own and saves every second one. Prints JSON: what was answered a second, and how long it took.
"""

import asyncio
import json
import os
import random
import secrets
import signal
import statistics
import subprocess
import sys
import time
from urllib.parse import urlencode

import psutil

from bench.database import ROOT, SERVER, use_database

READERS, WRITERS = 50, 20
PORT = 8765
TOKEN = "a" * 32
WARMING_UP = 4  # seconds that are not counted


def reading_list():
    """What readers ask for, in turn: (path, whether only the public does)."""
    from inquiries.models import Inquiry  # noqa: PLC0415

    # Of the archive: with a report that everybody may read.
    archived = Inquiry.objects.filter(progress_reports__months_on=6, progress_reports__assessed_at__isnull=False)
    numbers = sorted(archived.values_list("pk", flat=True))
    chance = random.Random(1)
    found = []
    for _ in range(300):
        slug = f"inquiry-{chance.choice(numbers)}"
        word = chance.choice(["school", "library", "ferry", "homes"])
        found += [
            "/",
            "/inquiries/",
            f"/inquiries/{slug}/",
            f"/inquiries/{slug}/{chance.randint(1, 10)}/",
            f"/inquiries/?q={word}",
            "/meetings/",
            f"/meetings/{chance.randint(1, 20)}/",
            "/committees/committee-1/",
            f"/inquiries/{slug}/progress/6/",
            f"/tracker/?q={word}",
        ]  # fmt: skip
    return found


def make_people(size):
    """Cookies of those who ask: (readers, [(cookie, path of an update, version)])."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from bench.council import FIRST_OFFICER, FIRST_WRITER  # noqa: PLC0415
    from inquiries.models import Person, ProgressUpdate  # noqa: PLC0415

    def cookie_of(person):
        client = Client()
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    people = Person.objects.filter(pk__gte=FIRST_OFFICER, is_active=True).order_by("pk")
    readers = ["" if number % 2 else cookie_of(person) for number, person in enumerate(people[:READERS])]
    writers = []
    mine = ProgressUpdate.objects.open().filter(response__lead_officer_id__gte=FIRST_WRITER).for_writing()
    for update in mine.filter(response__lead_officer_id__lt=FIRST_OFFICER).order_by("response__lead_officer_id", "pk"):
        person = update.response.lead_officer
        if person not in [writer for writer, *_ in writers] and len(writers) < WRITERS:
            writers.append((person, cookie_of(person), update.get_absolute_url(), update.version))
    return readers, [(cookie, path, version, person.signed_key) for person, cookie, path, version in writers]


class Connection:
    """One connection of a person, which is kept."""

    def __init__(self, cookie):
        self.cookie, self.reader, self.writer = cookie, None, None

    async def ask(self, path, data=None):
        """(status, seconds)"""
        began = time.perf_counter()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)
        body = b"" if data is None else urlencode(data).encode()
        head = [f"{'GET' if data is None else 'POST'} {path} HTTP/1.1", "Host: localhost", f"Cookie: {self.cookie}"]
        if data is not None:
            head += [f"X-CSRFToken: {TOKEN}", "Content-Type: application/x-www-form-urlencoded"]
            head += [f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join([*head, "", ""]).encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, headers = int(answer.split(None, 2)[1]), answer.lower()
        if "transfer-encoding: chunked" in headers:
            while size := int(await self.reader.readline(), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        elif "content-length: " in headers:
            await self.reader.readexactly(int(headers.partition("content-length: ")[2].split("\r\n")[0]))
        if "connection: close" in headers:
            self.writer.close()
            self.writer = None
        return status, time.perf_counter() - began


def form(version, writer_key, action):
    names = {f"contributor_{n}": "" for n in range(1, 5)}
    links = {"links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "0", "links-0-title": "", "links-0-url": ""}
    words = f"Ten homes have been insulated since April, and 31 are waiting. {secrets.token_hex(8)}"
    sent = {"version": version, "text": words, "officer_view": "on_track", "exempt_text": "", "action": action}
    hidden = {"writer": writer_key, "form_key": secrets.token_urlsafe(12), "exempt_paragraph": ""}
    return sent | names | links | hidden


async def ask_all(plan, seconds):
    """Let everybody of the plan ask until the time is over; [(kind, status, seconds)]."""
    answers, begin = [], time.perf_counter() + WARMING_UP
    end = begin + seconds

    def note(kind, status, took):
        if begin < time.perf_counter() <= end:
            answers.append((kind, status, took))

    async def repeat(connection, ask):
        while time.perf_counter() < end:
            try:
                await ask(connection)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                note("broken", 0, 0)
                connection.writer = None
                await asyncio.sleep(0.05)

    async def read(cookie, paths, start):
        place = start

        async def ask(connection):
            nonlocal place
            place += 1
            note("read", *await connection.ask(paths[place % len(paths)]))

        await repeat(Connection(cookie), ask)

    async def write(cookie, path, version, key):
        async def ask(connection):
            nonlocal version
            note("autosave", *await connection.ask(f"{path}autosave/", form(version, key, "save")))
            status, took = await connection.ask(path, form(version, key, "save"))
            note("save", status, took)
            version += status == 302

        await repeat(Connection(cookie), ask)

    readers = [read(cookie, plan["paths"], start) for cookie, start in plan["readers"]]
    await asyncio.gather(*readers, *(write(*writer) for writer in plan["writers"]))
    return answers


def measure(size, seconds):
    use_database(size)
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    readers, writers = make_people(size)
    paths = reading_list()
    connection.close()
    connection.close_pool()
    server = start_server()
    try:
        # Two processes ask, so that neither of them is what is waited for.
        plans = [
            {
                "paths": paths,
                "readers": [(cookie, n * 37) for n, cookie in enumerate(readers)][part::2],
                "writers": writers[part::2],
            }
            for part in (0, 1)
        ]
        askers = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.load", "ask", str(seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for _ in plans
        ]  # fmt: skip
        for asker, plan in zip(askers, plans, strict=True):
            asker.stdin.write(json.dumps(plan))
            asker.stdin.close()
        time.sleep(WARMING_UP)
        before = processor_seconds(server)
        time.sleep(seconds)
        spent = {name: after - before[name] for name, after in processor_seconds(server).items()}
        answers = [tuple(one) for asker in askers for one in json.loads(asker.stdout.read())]
        for asker in askers:
            asker.wait()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    return summary(answers, seconds) | {"processors": {name: used / seconds for name, used in spent.items()}}


def processor_seconds(server):
    """{what: seconds of a processor that it has used so far}"""
    names = {"web": psutil.Process(server.pid), "database": psutil.Process(SERVER.running_pid())}
    found = {}
    for name, process in names.items():
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        found[name] = sum(one.user + one.system for one in times)
    found["all"] = sum(psutil.cpu_times()[:3])
    return found


def start_server():
    environment = os.environ | {"SCRUTINY_BIND": f"127.0.0.1:{PORT}"}
    # One that another run left behind would be measured instead.
    server = subprocess.Popen([str(ROOT / ".venv/bin/gunicorn")], cwd=ROOT, env=environment, stdout=sys.stderr)
    deadline = time.monotonic() + 60
    while True:
        try:
            return server if asyncio.run(Connection("").ask("/cookies/"))[0] == 200 else None
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                raise SystemExit("gunicorn does not answer.") from None
            time.sleep(0.1)


def summary(answers, seconds):
    """{kind: how many a second, median and 95th percentile in milliseconds, how many were no answer}"""
    found = {}
    for kind in ("read", "write", "autosave", "save"):
        chosen = [one for one in answers if one[0] == kind or (kind == "write" and one[0] in ("autosave", "save"))]
        good = sorted(took for _, status, took in chosen if status in (200, 302))
        found[kind] = {
            "a second": len(good) / seconds,
            "median": statistics.median(good) * 1000 if good else None,
            "p95": good[int(len(good) * 0.95)] * 1000 if good else None,
            "failed": len(chosen) - len(good),
        }
    found["broken"] = sum(kind == "broken" for kind, *_ in answers)
    return found


def main():
    if sys.argv[1] == "ask":
        plan = json.load(sys.stdin)
        print(json.dumps(asyncio.run(ask_all(plan, float(sys.argv[2])))))
        return
    size, seconds = int(sys.argv[1]), float(sys.argv[2])
    began = time.perf_counter()
    found = measure(size, seconds)
    SERVER.release()
    print(json.dumps({"work": time.perf_counter() - began, "load": found}))


if __name__ == "__main__":
    main()
