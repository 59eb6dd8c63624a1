"""The whole service under work while its parts are killed at random: `make soak`, an hour by default.

    python -m bench.soak [--minutes 60] [--seed NUMBER]

Clients take inquiries through their life by forms, as browsers do: save, submit, send back, submit again, sign off,
publish; one builds packs. Meanwhile web processes, worker and PostgreSQL are killed (-9), stopped or suspended, all
connections are used up, and the mail server refuses or hangs. Each client sends a form again until it is confirmed. At
the end every confirmed action must be recorded exactly once, the history sound, each file of a record there and no
other, and each notification received at least once, under one Message-ID. Exits with 1 where that is not so.
"""

import argparse
import http.client
import json
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psycopg

from setup.stack import ROOT, FormReader, Stack, form_with

CLERK, OFFICER, MEMBER = (f"{name}@demonstration.example" for name in ("carys", "sian", "ruth"))
CLIENTS = 4
INQUIRIES_A_MINUTE = 20
ONE_ACTION = 180  # seconds until an action must be confirmed
LAST_JOBS = 300
BROKEN = (OSError, http.client.HTTPException)


class Soak:
    def __init__(self, stack, minutes, seed):
        self.stack, self.random, self.end = stack, random.Random(seed), time.monotonic() + minutes * 60
        self.lock, self.over = threading.Lock(), threading.Event()
        self.confirmed, self.faults, self.answers = [], Counter(), Counter()
        self.recoveries, self.problems = [], []
        self.waiting = [slug for (slug,) in stack.query("SELECT slug FROM inquiries_inquiry WHERE slug LIKE 'soak-%'")]

    # Clients

    def run_client(self):
        people = {email: self.stack.sign_in(email) for email in (CLERK, OFFICER, MEMBER)}
        while time.monotonic() < self.end:
            with self.lock:
                if not self.waiting:
                    return
                slug = self.waiting.pop()
            try:
                self.take_through(slug, people)
            except Exception as error:
                self.problems.append(f"{slug}: {type(error).__name__} {error}")

    def take_through(self, slug, people):
        report = f"/inquiries/{slug}/progress/6/"
        for number in ("1", "2"):
            update = f"{report}updates/{number}/"
            self.write(people[OFFICER], update, "save", "save_update")
            self.write(people[OFFICER], update, "submit", "submit_update")
        note = self.do(people[MEMBER], f"{report}updates/2/return/", "note", {"note": token()}, shown="note")
        self.confirm("return_update", note)
        self.write(people[OFFICER], f"{report}updates/2/", "submit", "submit_update")
        self.do(people[MEMBER], f"{report}sign-off/", "seen", {}, is_done=lambda: self.facts(slug)[0])
        self.confirm("sign_off", slug)
        self.do(people[CLERK], f"/clerk{report}publish/", None, {}, is_done=lambda: self.facts(slug)[1])
        self.confirm("publish", slug)

    def write(self, client, address, action, verb):
        text = self.do(client, address, "text", {"text": token(), "action": action, "officer_view": "on_track"})
        self.confirm(verb, text)

    def do(self, client, address, field, values, *, shown="text", is_done=None):
        """Fill in the form of a page and send it until it is confirmed. Returns what was written."""
        written = values.get(shown, "")
        form = None
        # People think between two forms.
        time.sleep(random.uniform(0.1, 1))
        deadline = time.monotonic() + ONE_ACTION
        while time.monotonic() < deadline:
            try:
                if form is None:
                    page = client.get(address)
                    if page.status != 200:
                        self.pause(page.status)
                        continue
                    form = form_with(page.text, field) if field else FormReader(page.text).forms[-1][1]
                    form |= values
                answer = client.post(address, form)
            except BROKEN as error:
                # Nobody knows whether it arrived: the browser is asked to send the same form again.
                self.pause(type(error).__name__)
                continue
            self.answers[answer.status] += 1
            if answer.status == 302 and "/accounts/login/" not in answer.headers["Location"]:
                return written
            if answer.status == 503:
                self.pause(503)
            # Otherwise the first one had arrived, and the page says so; or it is to be filled in again.
            elif self.was_recorded(written, is_done):
                return written
            else:
                form = None
                self.pause(answer.status)
        raise AssertionError(f"{address} was not confirmed within {ONE_ACTION} seconds")

    def pause(self, why):
        self.answers[f"again after {why}"] += 1
        time.sleep(0.5)

    def was_recorded(self, written, is_done):
        while True:
            try:
                return is_done() if is_done else bool(self.entries(written))
            except psycopg.OperationalError:
                time.sleep(0.5)

    def confirm(self, verb, what):
        with self.lock:
            self.confirmed.append((verb, what))

    def entries(self, word):
        return self.stack.query(
            "SELECT id FROM inquiries_entry WHERE changes::text LIKE %s OR note = %s", f"%{word}%", word
        )

    def facts(self, slug):
        return self.stack.query(
            "SELECT bool_and(signed_at IS NOT NULL), bool_and(report.published_at IS NOT NULL) FROM inquiries_signoff "
            "JOIN inquiries_progressreport report ON report.id = report_id "
            "JOIN inquiries_inquiry inquiry ON inquiry.id = inquiry_id WHERE slug = %s",
            slug,
        )[0]

    def build_packs(self):
        """One clerk changes the title of an item and builds the pack again, over and over."""
        clerk = self.stack.sign_in(CLERK)
        ((meeting,),) = self.stack.query("SELECT min(meeting_id) FROM inquiries_agendaitem WHERE title = 'Minutes'")
        ((item,),) = self.stack.query(
            "SELECT id FROM inquiries_agendaitem WHERE meeting_id = %s AND title = 'Work programme'", meeting
        )
        page = f"/clerk/meetings/{meeting}/"
        while time.monotonic() < self.end:
            try:
                changed = self.do(clerk, f"{page}items/{item}/", "title", {"title": token()}, shown="title")
                self.confirm("change_item", changed)
                pack = clerk.get(f"{page}packs/0/")
                if pack.status == 200:
                    pack = clerk.post(f"{page}packs/0/build/", form_with(pack.text, "csrfmiddlewaretoken"))
                self.answers[f"pack {pack.status}"] += 1
            except BROKEN as error:
                self.answers[f"pack broken off: {type(error).__name__}"] += 1
            except Exception as error:
                self.problems.append(f"pack: {type(error).__name__} {error}")
            time.sleep(1)

    # Faults

    def break_things(self):
        faults = [
            *(self.kill_web_process, self.kill_web_process, self.kill_web, self.kill_worker, self.kill_worker),
            *(self.kill_database, self.stop_database, self.freeze_database),
            *(self.use_up_connections, self.refuse_mail, self.hang_mail),
        ]
        while time.monotonic() < self.end - 20:
            time.sleep(self.random.uniform(3, 10))
            fault = self.random.choice(faults)
            self.faults[fault.__name__] += 1
            try:
                fault()
            except Exception as error:
                self.problems.append(f"{fault.__name__}: {type(error).__name__} {error}")
            self.keep_worker_running()

    def keep_worker_running(self):
        """As systemd and compose do: it ends with the connections to the database."""
        if self.stack.processes["worker"].poll() is not None:
            self.stack.start("worker")

    def kill_web_process(self):
        if processes := self.stack.web_processes():
            self.random.choice(processes).kill()

    def kill_web(self):
        self.stack.kill("web")
        self.stack.start("web")

    def kill_worker(self):
        self.stack.kill("worker")
        self.stack.start("worker")

    def kill_database(self):
        self.away(self.stack.kill_database, self.stack.start_database)

    def stop_database(self):
        self.away(self.stack.stop_database, self.stack.start_database)

    def freeze_database(self):
        self.away(self.stack.freeze_database, self.stack.thaw_database)

    def away(self, leave, come_back):
        leave()
        time.sleep(self.random.uniform(1, 6))
        come_back()
        self.recoveries.append(self.stack.wait_for(lambda: self.stack.client(5).get("/").status == 200))

    def use_up_connections(self):
        with psycopg.connect(self.stack.database.url("demonstration")) as locking:
            locking.execute("LOCK TABLE inquiries_inquiry")
            time.sleep(self.random.uniform(2, 6))
            locking.rollback()

    def refuse_mail(self):
        self.stack.mail.refusal = "451 4.3.0 Not now"
        time.sleep(self.random.uniform(2, 8))
        self.stack.mail.refusal = ""

    def hang_mail(self):
        self.stack.mail.hangs.set()
        time.sleep(self.random.uniform(2, 25))
        self.stack.mail.hangs.clear()

    # The end

    def run(self):
        threads = [threading.Thread(target=self.run_client) for _ in range(CLIENTS)]
        threads += [threading.Thread(target=self.build_packs), threading.Thread(target=self.break_things)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def check(self):
        """The sentences of what is not as it should be."""
        yield from self.problems
        self.keep_worker_running()
        unsent = "SELECT count(*) FROM inquiries_notification WHERE sent_on IS NULL AND goes_out_on <= current_date"
        deadline = time.monotonic() + LAST_JOBS
        while self.stack.query(unsent) != [(0,)] and time.monotonic() < deadline:
            # What waits for its next try, after pauses of ten minutes and more, is tried now.
            self.stack.query(
                "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND task_name = "
                "'send_notification' AND scheduled_at < now() + interval '6 hours' RETURNING id"
            )
            time.sleep(2)
        recorded = self.times_recorded()
        for (verb, what), count in Counter(self.confirmed).items():
            found = recorded[verb if verb in ("sign_off", "publish") else "", what]
            if count != 1 or found != 1:
                yield f"{verb} {what} was confirmed {count} times and is recorded {found} times."
        yield from self.check_mail()
        said = self.stack.run("check_history", "--one-role")
        print(said.strip())
        yield from self.check_files()

    def times_recorded(self):
        """How often each was recorded: {("sign_off" or "publish", slug), or ("", the text that was sent)}."""
        entries = self.stack.query(
            "SELECT verb, slug, count(*) FROM inquiries_entry JOIN inquiries_inquiry i ON i.id = inquiry_id "
            "WHERE verb IN ('sign_off', 'publish') GROUP BY verb, slug"
        )
        found = Counter({(verb, slug): count for verb, slug, count in entries})
        editions = self.stack.query(
            "SELECT slug, count(*) FROM inquiries_reportedition JOIN inquiries_progressreport r ON r.id = report_id "
            "JOIN inquiries_inquiry inquiry ON inquiry.id = inquiry_id GROUP BY slug"
        )
        for slug, count in editions:
            found["publish", slug] = max(found["publish", slug], count)
        # Each entry counts once for a text that it notes or writes; a later one has it as what was there before.
        texts = self.stack.query(
            "SELECT text, count(*) FROM (SELECT id, note AS text FROM inquiries_entry UNION "
            "SELECT id, value->>1 FROM inquiries_entry, jsonb_each(changes) "
            "WHERE value->>1 IS DISTINCT FROM value->>0) written GROUP BY text"
        )
        return found + Counter({("", text): count for text, count in texts if text})

    def check_mail(self):
        known, attempted = json.loads(self.ask("--message-ids"))
        received = Counter(str(mail["Message-ID"]) for mail in self.stack.mail.received)
        lost = [key for key, number in known.items() if number not in received]
        if lost:
            yield f"{len(lost)} notifications were never received: {lost[:5]}"
        if strange := set(received) - {*known.values(), *attempted}:
            yield f"{len(strange)} e-mails have a Message-ID of no notification."
        doubled = sum(received[number] - 1 for number in known.values() if number in received)
        ((postponed,),) = self.stack.query("SELECT count(*) FROM inquiries_notification WHERE sent_on IS NULL")
        print(f"notifications sent: {len(known)}, received twice: {doubled}, for tomorrow: {postponed}")

    def check_files(self):
        """Processes that were killed may leave files; after a day they are deleted, and nothing else is."""
        before = set(self.stack.stored_files())
        orphans = {self.stack.files / name for name in json.loads(self.ask("--delete-orphans"))}
        print(f"files: {len(before)}, left by processes that were killed, and deleted: {len(orphans)}")
        left, named = set(self.stack.stored_files()), {self.stack.files / n for n in json.loads(self.ask("--files"))}
        if before - orphans != left or left != named:
            yield f"Files without a record: {len(left - named)}; records without a file: {len(named - left)}."

    def ask(self, question):
        """What `python -m bench.soak <question>` says in the settings of the service."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.soak", question],
            cwd=ROOT,
            env=self.stack.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def token():
    return f"Soak {secrets.token_hex(12)}"


# In the settings of the service


def prepare(count):
    """So many inquiries with two recommendations each, and a report on each that waits for its updates."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from inquiries.actions import inquiries, progress, records, responses  # noqa: PLC0415
    from inquiries.models import Committee, Inquiry, Person  # noqa: PLC0415

    clerk, officer, member = (Person.objects.get(email=email) for email in (CLERK, OFFICER, MEMBER))
    committee, now = Committee.objects.get(), timezone.now()
    day, action = timezone.localdate() - timedelta(days=200), {"by": clerk, "now": now}
    for number in range(count):
        with transaction.atomic():
            inquiry = Inquiry(
                committee=committee,
                title=f"Soak {number}",
                slug=f"soak-{number}",
                completed_on=day,
                completed_body="Cabinet",
                received_on=day,
            )
            records.save_record(inquiry, **action)
            for reference in ("1", "2"):
                made = inquiries.add_recommendation(inquiry, reference=reference, text=f"That {number}.", **action)
                responses.record_response(
                    inquiry,
                    recommendations=[made],
                    decision="accepted",
                    text="Yes.",
                    responded_on=day,
                    lead_officer=officer,
                    cabinet_member=member,
                    **action,
                )
            inquiries.publish_inquiry(inquiry, **action)
            due = timezone.localdate() + timedelta(days=14)
            progress.commission(
                inquiry, months_on=6, updates_due_on=due, sign_off_due_on=due + timedelta(days=14), **action
            )


def message_ids():
    from django.db.models import F  # noqa: PLC0415

    from inquiries.emails import message_id  # noqa: PLC0415
    from inquiries.models import Notification  # noqa: PLC0415

    # Those of the demonstration were never sent; those of a day go out within another.
    sent = Notification.objects.filter(sent_on__isnull=False, digest=None).exclude(sent_on=F("queued_on"))
    attempted = Notification.objects.filter(sent_on=None, attempted_on__isnull=False)
    return (
        {key: message_id(key) for key in sent.values_list("key", flat=True)},
        [message_id(key) for key in attempted.values_list("key", flat=True)],
    )


def delete_orphans():
    from django.utils import timezone  # noqa: PLC0415

    from inquiries.actions import orphan_files  # noqa: PLC0415

    return [name for _, name in orphan_files.delete_orphans(now=timezone.now() + timedelta(days=2))]


def named_files():
    from inquiries.actions.orphan_files import stored_folders  # noqa: PLC0415

    fields = [field for _, _, some in stored_folders() for field in some]
    return [
        name
        for field in fields
        for name in field.model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
    ]


def answer(question, count):
    import django  # noqa: PLC0415

    django.setup()
    if question == "prepare":
        prepare(count)
    else:
        found = {"message_ids": message_ids, "delete_orphans": delete_orphans, "files": named_files}[question]()
        print(json.dumps(found))


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--prepare", type=int, help=argparse.SUPPRESS)
    for question in ("--message-ids", "--delete-orphans", "--files"):
        parser.add_argument(question, action="store_true", help=argparse.SUPPRESS)
    options = vars(parser.parse_args())
    for question in ("prepare", "message_ids", "delete_orphans", "files"):
        if options[question]:
            answer(question, options[question])
            return
    minutes, seed = options["minutes"], options["seed"]
    with tempfile.TemporaryDirectory(prefix="scrutiny-soak-") as folder, Stack(folder) as stack:
        print(f"soak of {minutes:g} minutes, seed {seed}", flush=True)
        count = max(20, int(minutes * INQUIRIES_A_MINUTE))
        subprocess.run(
            [sys.executable, "-m", "bench.soak", "--prepare", str(count)], cwd=ROOT, env=stack.environment, check=True
        )
        stack.start("web")
        stack.start("worker")
        soak = Soak(stack, minutes, seed)
        soak.run()
        found = list(soak.check())
        print("confirmed:", dict(Counter(verb for verb, _ in soak.confirmed)))
        print("faults:", dict(soak.faults))
        print("answers to forms:", dict(soak.answers))
        if soak.recoveries:
            print(f"first good page after an outage: at most {max(soak.recoveries):.1f} s of {len(soak.recoveries)}")
        print(*found, f"{len(found)} findings", sep="\n")
        for name in ("web", "worker"):
            Path(tempfile.gettempdir(), f"scrutiny-soak-{name}.log").write_text(stack.log(name))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
