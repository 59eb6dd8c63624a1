"""IDOR: what hangs on another committee, on another person, on an id nearby. The matrix itself: tests/test_access.py.

A second inquiry is another committee's, with other people. To everybody of the first it is what it would be to a
stranger, at every address and with every method: the expected answers are those of the matrix for a stranger.
"""

from datetime import date

import pytest
from django.urls import reverse

from inquiries.actions import progress
from inquiries.actions.packs import build_packs
from inquiries.choices import Rating, SeatRole, Stage
from inquiries.models import AgendaDocument, AgendaPack, CabinetMember, Committee, Entry, Membership, ProgressReport
from tests import factories
from tests.access_table import ROLES
from tests.cast import NOW, person
from tests.replay import replayed
from tests.test_access import TABLE, address, answer, make_officer_report, patterns, set_action_point

INSIDERS = ("officer", "contributor", "cabinet_member", "member", "chair")


@pytest.fixture
def elsewhere(world, clerk):
    """What the addresses of the other committee's work are made of: nothing of it is published."""
    return make_elsewhere(world("published"), clerk)


@replayed
def make_elsewhere(first, clerk):
    committee = Committee.objects.create(name="Roads Select Committee", slug="roads")
    officer = person("Ola Berg", "ola@wealdshire.example")
    cabinet = person("Councillor Amy Lane", "amy@wealdshire.example")
    CabinetMember.objects.create(person=cabinet, portfolio="Roads", from_date=date(2025, 5, 20))
    chair = person("Councillor Leo Hart", "leo@wealdshire.example")
    Membership.objects.create(committee=committee, person=chair, role=SeatRole.CHAIR, from_date=date(2025, 5, 20))
    inquiry = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet, title="Potholes")
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    factories.make_agenda(meeting, clerk, exempt_words="The price of Zephyrine asphalt.")
    packs = build_packs(meeting, 0, by=clerk, now=NOW)
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text="A draft.", by=officer, now=NOW)
    writers = [person(name, f"{name[:3].lower()}@wealdshire.example") for name in ("Una Fell", "Max Dale")]
    return first | {
        "update": update.pk,
        "entry": Entry.objects.about(update).first().pk,
        "slug": inquiry.slug,
        "committee": committee.slug,
        "meeting": meeting.pk,
        "item": meeting.items.get(number=2).pk,
        "paper": meeting.items.get(number=2).documents.get().pk,
        "exempt_paper": meeting.items.get(number=3).documents.get().pk,
        "pack": packs["public"].pk,
        "restricted_pack": packs["restricted"].pk,
        "sign_off": report.sign_offs.get().pk,
        "recommendation": inquiry.recommendations.get(reference="1a").pk,
        "response": update.response.pk,
        "action_point": set_action_point(update, officer, clerk).pk,
        **make_officer_report(committee, clerk, officer, *writers, cabinet, "collecting"),
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_other_committee_is_hidden(method, elsewhere, people):
    stranger = ROLES.index("stranger")
    got, wanted = {}, {}
    for name, parts in patterns():
        # A person's own account and portfolio are theirs, and people work for every committee.
        own = name.startswith(("account_", "mfa_")) or name in ("officer:search_people", "cabinet:overview")
        if name not in TABLE or own:
            continue
        url = address(name, parts, elsewhere)
        expected = int(TABLE[name][f"collecting {method}"].split()[stranger])
        for role in INSIDERS:
            got[f"{role} at {name}"] = answer(people[role], method, url)
            wanted[f"{role} at {name}"] = expected
    assert got == wanted
    assert len(got) > 300


def test_other_files_are_hidden(elsewhere, people):
    meeting = elsewhere["meeting"]
    urls = [
        reverse("public:pack", args=[meeting, elsewhere[pack], form])
        for pack in ("pack", "restricted_pack")
        for form in ("pdf", "json")
    ]
    urls += [reverse("public:paper", args=[meeting, elsewhere[paper]]) for paper in ("paper", "exempt_paper")]
    for url in urls:
        for role in (*INSIDERS, "public", "stranger", "other_member"):
            assert answer(people[role], "get", url) == 404, f"{role} at {url}"
        assert answer(people["clerk"], "get", url) == 200, url


@pytest.mark.parametrize("role", ["public", "stranger", "officer", "other_member"])
def test_guessed_ids_find_published(role, elsewhere, people):
    """Every file below every meeting, whichever number of a file, or near one, it is asked with."""
    meetings = {elsewhere["meeting"], ProgressReport.objects.first().meeting_id}
    public = set(AgendaPack.objects.filter(published_at__isnull=False, edition="public").values_list("meeting", "pk"))
    papers = set(
        AgendaDocument.objects.filter(exempt_paragraph=None)
        .exclude(item__meeting=elsewhere["meeting"])
        .values_list("item__meeting", "pk")
    )
    there = [pk for model in (AgendaPack, AgendaDocument) for pk in model.objects.values_list("pk", flat=True)]
    near = sorted({0, *(abs(pk + step) for pk in there for step in (-1, 0, 1))})
    for meeting in meetings:
        for pk in near:
            pack = answer(people[role], "get", reverse("public:pack", args=[meeting, pk, "json"]))
            assert pack == (200 if (meeting, pk) in public else 404), f"pack {pk} of {meeting}"
            paper = answer(people[role], "get", reverse("public:paper", args=[meeting, pk]))
            assert paper == (200 if (meeting, pk) in papers else 404), f"paper {pk} of {meeting}"


def test_posts_for_others_refused(elsewhere, people, signed_in):
    """Posts as the pages send them, to things of others: nothing is stored."""
    report = ProgressReport.objects.get(inquiry__slug=elsewhere["slug"])
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=people["clerk"])
    update = report.updates.for_page().first()
    root = f"/inquiries/{report.inquiry.slug}/progress/6/"
    before = (update.text, update.version, report.sign_offs.get().signed_at)
    words = {"text": "Mine.", "version": update.version, "links-TOTAL_FORMS": "0"}
    row = {f"rating-{update.pk}": Rating.ON_TRACK, f"text-{update.pk}": "Mine.", f"seen-{update.pk}": ""}
    forms = {
        f"{root}updates/1a/": {**words, "action": "submit"},
        f"{root}updates/1a/autosave/": words,
        f"{root}updates/1a/return/": {"note": "Mine."},
        f"{root}sign-off/": {"action": "sign", "seen": ""},
        **{f"{root}{page}/": row for page in ("assess", "assess/autosave", "assess/notes", "assess/notes/autosave")},
        f"{root}confirm/": {"seen": ""},
    }
    for role in INSIDERS:
        browser = signed_in(people[role])
        for url, form in forms.items():
            assert browser.post(url, form).status_code == 404, f"{role} at {url}"
    update.refresh_from_db()
    assert (update.text, update.version, report.sign_offs.get().signed_at) == before
    assert not update.indications.exists()
    assert not hasattr(update, "assessment")
