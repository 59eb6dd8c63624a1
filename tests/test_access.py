"""Every address, every method, every role: who gets what.

Two worlds: in the first the report is being collected and nothing is public; in the second it has been published
(1a and 1b are led by the officer, with a contributor; 2 by the other officer). A new address without its line
in the table fails. 302 is the way to the sign-in page for the public, and back to a page for everybody else.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from http.cookies import SimpleCookie
from unittest import mock

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from inquiries.actions import progress
from inquiries.actions.evidence_files import add_evidence_file
from inquiries.actions.imports import keep_import
from inquiries.actions.minutes import add_signed_minutes
from inquiries.actions.packs import build_packs, publish_packs
from inquiries.actions.people_import import keep_people
from inquiries.actions.programme import add_entry
from inquiries.actions.tracker_import import give_meanings, keep_tracker, match_columns, proposed_matching
from inquiries.choices import LetterStep, Stage
from inquiries.documents.recorded_minutes import recorded_minutes
from inquiries.imports.draft import DraftReport
from inquiries.imports.people_csv import read_people
from inquiries.imports.sheets import make_sheet
from inquiries.models import (
    ActionPoint,
    CabinetMember,
    Entry,
    Meeting,
    Membership,
    MinutesEdition,
    MoreTimeRequest,
    Person,
    ProgressReport,
    ResponseLetter,
)
from inquiries.serialization import to_plain_data
from scrutiny import urls
from tests import factories
from tests.access_table import EXEMPT, OF_A_MEETING, ROLES
from tests.access_table import TABLE as OF_THE_MAIN_JOB
from tests.access_tables import (
    action_points,
    former_councils,
    history,
    minutes,
    officer_reports,
    people,
    personal_data,
    programme,
    recording,
    replies,
    room,
    signing_in,
    tracker_import,
    updates,
)
from tests.access_tables import settings as council_settings
from tests.cast import NOW
from tests.replay import replayed

AREAS = (
    former_councils,
    signing_in,
    people,
    personal_data,
    recording,
    council_settings,
    history,
    updates,
    tracker_import,
    replies,
    room,
    programme,
    minutes,
    officer_reports,
    action_points,
)
TABLE = OF_THE_MAIN_JOB | {name: lines for area in AREAS for name, lines in area.TABLE.items()}

SLUG, MONTHS = "warm-homes-inquiry", 6
REPORT = {"slug": SLUG, "months": MONTHS}


@pytest.fixture
def world(committee, clerk, officer, other_officer, contributor, cabinet_member, tmp_path, settings):
    """A function that builds one of the two worlds, once, and returns what its addresses are made of."""
    settings.MEDIA_ROOT = tmp_path

    cast = (committee, clerk, officer, other_officer, contributor, cabinet_member)
    return cache(lambda name: build_world(name, *cast))


@replayed
def build_world(name, committee, clerk, officer, other_officer, contributor, cabinet_member):
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text="A draft.", contributors=[contributor], by=officer, now=NOW)
    file = add_evidence_file(update, factories.make_received(), title="The list", by=officer, now=NOW)
    if name == "published":
        factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    factories.make_agenda(meeting, clerk, exempt_words="The tender of Quorvane Limited.")
    packs = build_packs(meeting, 0, by=clerk, now=NOW)
    if name == "published":
        publish_packs(meeting, 0, by=clerk, now=NOW)
    kept = keep_import(DraftReport(), file_name="report.docx", checksum="0", by=clerk, now=NOW)
    return {
        "slug": SLUG,
        "months": MONTHS,
        "reference": "1a",
        "number": 1,
        "format": "csv",
        "import": kept.pk,
        "people_import": keep_people_list(clerk).pk,
        "tracker_import": keep_matched_tracker(clerk).pk,
        "sign_off": report.sign_offs.get().pk,
        "recommendation": inquiry.recommendations.get(reference="1a").pk,
        "response": update.response.pk,
        "committee": committee.slug,
        "meeting": meeting.pk,
        "supplement": 0,
        "item": meeting.items.get(number=2).pk,
        "paper": meeting.items.get(number=2).documents.get().pk,
        "exempt_paper": meeting.items.get(number=3).documents.get().pk,
        "pack": packs["public"].pk,
        "restricted_pack": packs["restricted"].pk,
        "pack_format": "pdf",
        "person": officer.pk,
        "former_council": factories.make_former_council().slug,
        "former_page": "files/paper.pdf",
        **make_imported_person(committee),
        **make_minutes(committee, clerk),
        "programme_entry": add_entry(committee, title="Buses", by=clerk, now=NOW).pk,
        "entry": Entry.objects.about(update).first().pk,
        "update": update.pk,
        "action_point": set_action_point(update, officer, clerk).pk,
        "more_time": ask_for_more_time(update, officer).pk,
        "step": send_letter(inquiry, clerk).step,
        "letter_format": "docx",
        "table_format": "csv",
        "file": file.pk,
        "record_kind": "update",
        "text_field": "text",
        "provider": "council",
        "occasion": "reminder",
        "passkey": 1,
        **make_officer_report(committee, clerk, officer, contributor, other_officer, cabinet_member, name),
    }


def make_officer_report(committee, clerk, officer, contributor, other_officer, cabinet_member, name):
    """Of another meeting: the pack of this one would not be published with it."""
    meeting = factories.make_meeting(committee, day=date(2027, 1, 26))
    report = factories.make_officer_report(
        meeting, clerk, author=officer, director=other_officer, cabinet_member=cabinet_member
    )
    picture = factories.add_report_picture(report, officer)
    report = factories.write_officer_report(report, officer, contributors=[contributor], submit=name == "published")
    signature = report.signatures.first()
    asked = {"wanted_until": date(2026, 12, 30), "reason": "Leave.", "asked_at": NOW, "asked_by": officer}
    return {
        "officer_report": report.pk,
        "picture": picture.pk,
        "signature": signature.pk,
        "report_more_time": MoreTimeRequest.objects.create(officer_report=report, **asked).pk,
    }


def make_imported_person(committee):
    """Somebody without an e-mail address, with a seat and a portfolio that have ended."""
    person = Person.objects.create(name="Janice Moore")
    term = {"from_date": date(2019, 5, 1), "until_date": date(2020, 5, 1)}
    return {
        "imported": person.pk,
        "seat": Membership.objects.create(person=person, committee=committee, **term).pk,
        "portfolio": CabinetMember.objects.create(person=person, portfolio="Transport", **term).pk,
    }


def make_minutes(committee, clerk):
    """A meeting that was held, with what was published of it and its signed minutes, and another one."""
    held, other = (
        Meeting.objects.create(committee=committee, start=datetime(2020, month, 3, 14, tzinfo=UTC)) for month in (3, 6)
    )
    content = to_plain_data(recorded_minutes(held))
    MinutesEdition.objects.create(meeting=held, number=1, content=content, published_at=NOW, published_by=clerk)
    signed = add_signed_minutes(held, factories.make_received(), signed_meeting=None, by=clerk, now=NOW)
    return {
        "held_meeting": held.pk,
        "other_held_meeting": other.pk,
        "signed": signed.pk,
        "minutes_format": "docx",
    }


def set_action_point(update, owner, clerk):
    set_by = {"set_at": NOW, "set_by": clerk}
    return ActionPoint.objects.create(update=update, text="Do it.", owner=owner, due_on=date(2027, 2, 1), **set_by)


def ask_for_more_time(update, officer):
    asked = {"wanted_until": date(2026, 11, 30), "reason": "Leave.", "asked_at": NOW, "asked_by": officer}
    return MoreTimeRequest.objects.create(update=update, **asked)


def send_letter(inquiry, clerk):
    words = {"addressed_to": "The Leader", "salutation": "Dear Leader", "body": "Please respond."}
    sent = {"sent_on": NOW.date(), "sent_at": NOW, "sent_by": clerk}
    return ResponseLetter.objects.create(inquiry=inquiry, step=LetterStep.FIRST, **words, **sent)


def keep_people_list(clerk):
    rows, _ = read_people(b"name\nRhys Vaughan\n")
    return keep_people(rows, file_name="people.csv", checksum="0", by=clerk, now=NOW)


def keep_matched_tracker(clerk):
    by = {"by": clerk, "now": NOW}
    sheet = make_sheet("CSV", {(1, 1): "Inquiry", (1, 2): "Recommendation", (2, 1): "Roads", (2, 2): "Mend them."})
    kept = keep_tracker([sheet], file_name="tracker.csv", checksum="0", **by)
    kept = match_columns(kept, proposed_matching(kept)[0], **by)
    return give_meanings(kept, {"committee": {"": "leave"}}, rounds=Stage.SIGNED_OFF, **by)


# What stands for `pk` and `slug` where they are not those of the inquiry.
OWN = {
    "clerk:import_preview": {"pk": "import"},
    "clerk:record_sign_off": {"pk": "sign_off"},
    "clerk:letter": {"format": "letter_format"},
    "public:tracker_file": {"format": "table_format"},
    "clerk:decide_more_time": {"pk": "more_time"},
    "clerk:reword_recommendation": {"pk": "recommendation"},
    "clerk:end_recommendation": {"pk": "recommendation"},
    "clerk:resume_recommendation": {"pk": "recommendation"},
    "clerk:change_target_date": {"pk": "response"},
    "public:committee": {"slug": "committee"},
    "public:calendar": {"slug": "committee"},
    "public:forward_plan": {"slug": "committee"},
    "public:forward_plan_calendar": {"slug": "committee"},
    **{name: {"pk": "meeting"} for name in OF_A_MEETING},
    "public:pack": {"pk": "meeting", "format": "pack_format"},
    "committee:offline_paper": {"pk": "restricted_pack"},
    **{name: parts for area in AREAS for name, parts in area.OWN.items()},
}


def patterns(resolver=None, namespace=""):
    """Every named address below the root as (name, the names of its parts), the admin's apart."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", list(entry.pattern.converters or entry.pattern.regex.groupindex)


def address(name, parts, facts):
    own = OWN.get(name, {})
    return made_address(name, tuple((part, facts[own.get(part, part)]) for part in parts))


@cache
def made_address(name, parts):
    return reverse(name, kwargs=dict(parts))


def signed_in_cookies(person):
    """Cookies of a session made once for each test: what a request does to it is undone."""
    if not hasattr(person, "test_session_key"):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        person.test_session_key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return SimpleCookie({settings.SESSION_COOKIE_NAME: person.test_session_key})


# Loads the middleware once, not for each browser.
HANDLER = ClientHandler(enforce_csrf_checks=False)


def refuse(status):
    return lambda request, exception: HttpResponse(status=status)


def ask(person, method, url, *more, **how):
    """The response to one request, whose effects are undone. The pages that say 403 or 404 are left empty."""
    client = Client()
    client.handler = HANDLER
    if person.is_authenticated:
        client.cookies = signed_in_cookies(person)
    with (
        mock.patch.multiple(urls, handler403=refuse(403), handler404=refuse(404)),
        transaction.atomic(),
    ):
        response = getattr(client, method)(url, *more, **how)
        transaction.set_rollback(True)
    # A file that nobody reads stays open.
    for _ in response.streaming_content if response.streaming else ():
        pass
    return response


def answer(person, method, url):
    return ask(person, method, url).status_code


@dataclass
class Answer:
    url: str
    status_code: int
    headers: dict


walked = {}  # (state, method): what `walk` returned


@pytest.fixture
def walk(world, people):
    """A function from a world and a method to {(role, name of the address): Answer}; asked once in each process."""

    def walk_over(state, method):
        if (state, method) not in walked:
            facts = world(state)
            assert ProgressReport.objects.get().is_public is (state == "published")
            found = {}
            for name, parts in patterns():
                url = address(name, parts, facts)
                for role in ROLES:
                    response = ask(people[role], method, url)
                    found[role, name] = Answer(url, response.status_code, response.headers)
            walked[state, method] = found
        return walked[state, method]

    return walk_over


def test_every_address_has_its_line():
    assert {name for name, _ in patterns()} == set(TABLE)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("state", ["collecting", "published"])
def test_who_gets_what(state, method, walk):
    answers = walk(state, method)
    got = {name: " ".join(str(answers[role, name].status_code) for role in ROLES) for name, _ in patterns()}
    assert got == {name: lines[f"{state} {method}"] for name, lines in TABLE.items()}


@pytest.mark.parametrize(
    ("method", "expected"),
    [("get", "302 403 403 403 403 403 403 200 403 200"), ("post", "302 403 403 403 403 403 403 302 403 302")],
)
def test_who_confirms_once_the_meeting_has_begun(method, expected, world, people):
    facts = world("published")
    Meeting.objects.filter(pk=facts["meeting"]).update(start=timezone.now() - timedelta(hours=1))
    url = address("committee:confirm", ["slug", "months"], facts)
    assert " ".join(str(answer(people[role], method, url)) for role in ROLES) == expected


@pytest.mark.parametrize("state", ["collecting", "published"])
def test_who_reads_what_is_exempt(state, world, people):
    facts = world(state)
    meeting = facts["meeting"]
    addresses = {
        "restricted pack": reverse("public:pack", args=[meeting, facts["restricted_pack"], "pdf"]),
        "restricted pack as data": reverse("public:pack", args=[meeting, facts["restricted_pack"], "json"]),
        "exempt paper": reverse("public:paper", args=[meeting, facts["exempt_paper"]]),
    }
    got = {name: " ".join(str(answer(people[role], "get", url)) for role in ROLES) for name, url in addresses.items()}
    assert got == dict.fromkeys(addresses, EXEMPT[state])


@pytest.mark.django_db
def test_nothing_of_another_meeting_is_found_under_this_one(world, people, committee):
    """Guessing: what hangs on a meeting is addressed through that meeting, and through no other."""
    facts = world("published") | {"meeting": factories.make_meeting(committee, day=date(2027, 1, 19)).pk}
    for name, parts in patterns():
        if name in OF_A_MEETING and set(parts) & {"item", "paper", "pack"}:
            url = address(name, parts, facts)
            assert {answer(people["clerk"], method, url) for method in ("get", "post")} <= {404, 405}, url


def admin_patterns():
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace == "admin":
            for name, parts in patterns(entry):
                yield name.rpartition(":")[2], parts


@pytest.mark.django_db
def test_the_admin_is_for_clerks_only(people, world):
    facts = world("published")
    asked = 0
    for name, parts in admin_patterns():
        if name in ("login", "logout", "None") or set(parts) - {"object_id"}:
            continue
        url = reverse(f"admin:{name}", args=[facts["response"]] * len(parts))
        for role, person in people.items():
            if role != "clerk":
                assert answer(person, "get", url) in (302, 403, 404), f"{role} at {url}"
                assert answer(person, "post", url) in (302, 403, 404), f"{role} at {url}"
                asked += 1
    assert asked > 300


def test_ids_that_do_not_exist_are_not_found_rather_than_forbidden(world, people):
    world("collecting")
    nowhere = [
        "/inquiries/no-such-inquiry/",
        f"/inquiries/{SLUG}/99z/",
        f"/inquiries/{SLUG}/progress/18/",
        f"/inquiries/{SLUG}/progress/18.pdf",
        f"/inquiries/{SLUG}/progress/{MONTHS}/editions/9/",
        "/committees/no-such-committee/",
    ]
    for url in nowhere:
        for person in people.values():
            browser = Client()
            if person.is_authenticated:
                browser.cookies = signed_in_cookies(person)
            assert browser.get(url).status_code == 404, url
