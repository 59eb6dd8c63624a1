"""Nothing that is withheld reaches anybody who may not read it: every address, every header, every mail.

A marker stands in an exempt paper (its title, its file's name, words, properties, bookmark, alternative text), in an
exempt part of an update, and in everything of an agenda that nobody has published yet.
"""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from unittest import mock

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind
from inquiries.documents.exempt_search import texts_of_pdf
from inquiries.history_display import KINDS
from inquiries.models import AgendaPack, Entry, Notification
from scrutiny import urls
from tests import factories
from tests.cast import NOW
from tests.marked_agenda import LEAK, MARKER, alter, build_county, make_county, publish_county, sealed
from tests.sending import send_all
from tests.test_access import address, patterns, refuse
from tests.word_text import texts_of_docx

LATER = NOW + timedelta(hours=1)
OUTSIDE = ("public", "stranger", "officer", "contributor", "other_member")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def county(committee, people):
    """The agenda of `marked_agenda`."""
    return make_county(committee, people)


@pytest.fixture
def published_county(committee, people):
    return publish_county(committee, people)


def facts_of(county):
    """What the addresses of the table of access are made of, for every pack and every paper."""
    meeting = county["meeting"]
    recommendation = county["inquiry"].recommendations.get(reference="2")
    some = {
        "slug": county["inquiry"].slug,
        "months": 6,
        "number": 1,
        "import": 1,
        "sign_off": county["report"].sign_offs.get().pk,
        "recommendation": recommendation.pk,
        "response": recommendation.response_id,
        "committee": meeting.committee.slug,
        "meeting": meeting.pk,
        "supplement": 0,
        "item": county["item"].pk,
        "person": recommendation.response.lead_officer_id,
        "imported": recommendation.response.lead_officer_id,
        "update": county["report"].updates.about("2").get().pk,
        "record_kind": "update",
        "text_field": "exempt_text",
        "entry": Entry.objects.first().pk,
        "provider": "council",
        # There are none of these: their addresses are asked all the same.
        **dict.fromkeys(("people_import", "tracker_import", "seat", "portfolio", "passkey", "file", "more_time"), 1),
        "step": "first",
        "occasion": "reminder",
        "former_council": "none",
        "former_page": "files/paper.pdf",
        **dict.fromkeys(("held_meeting", "other_held_meeting"), meeting.pk),
        **dict.fromkeys(("signed", "programme_entry", "action_point"), 1),
        **dict.fromkeys(("officer_report", "picture", "signature", "report_more_time"), 1),
        "minutes_format": "docx",
    }
    papers_ = [paper.pk for item in meeting.items.all() for paper in item.documents.all()]
    for pack in meeting.packs.values_list("pk", flat=True):
        for paper in papers_:
            for reference in ("1a", "2"):
                for format in ("pdf", "docx", "csv", "json"):
                    yield some | {
                        "pack": pack,
                        "restricted_pack": pack,
                        "paper": paper,
                        "reference": reference,
                        "format": format,
                        "pack_format": "pdf" if format in ("pdf", "docx") else "json",
                        "letter_format": "pdf" if format == "pdf" else "docx",
                        "table_format": "csv" if format == "csv" else "xlsx",
                    }


def addresses(county):
    """Every address that the project has, with searches for the marker, and the admin's lists."""
    every = list(patterns())
    found = {address(name, parts, facts) for facts in facts_of(county) for name, parts in every}
    found |= {f"{reverse('public:inquiries')}?q={MARKER}", f"{reverse('public:meetings')}?when=past", "/nowhere/"}
    found.add(reverse("admin:inquiries_entry_changelist"))
    meeting = county["meeting"].pk
    found |= {reverse("public:paper", args=[meeting, 10**9]), reverse("public:pack", args=[meeting, 10**9, "json"])}
    # The history of every record, and every entry of it.
    keys = {kind: model.objects.values_list("pk", flat=True) for kind, model in KINDS.items()}
    found |= {reverse("history:record", args=[kind, pk]) for kind in keys for pk in keys[kind]}
    found |= {reverse("history:entry", args=[pk]) for pk in Entry.objects.values_list("pk", flat=True)}
    return sorted(found)


def answers(person, county):
    """{address: everything that one answer tells}, as one text; what is asked for is no telling."""
    client = Client()
    if person.is_authenticated:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    told, signed_in = {}, client.cookies.output(header="", sep=";")
    for url in addresses(county):
        # Some addresses sign people out first.
        client.cookies.load(signed_in)
        # The page that says 404 knows nothing of what was asked for (views/site.py), so it is read once.
        not_found = urls.handler404 if url == "/nowhere/" else refuse(404)
        with mock.patch.object(urls, "handler404", not_found), transaction.atomic():
            answer = client.get(url)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        told[url] = answer.status_code, "\n".join([f"{answer.status_code}", str(answer.headers), *texts(body)])
    return told


@cache
def texts(body):
    """All that can be read in the body of an answer."""
    if body.startswith(b"%PDF"):
        return [f"{where}: {text}" for where, text in texts_of_pdf(body)]
    if body.startswith(b"PK"):
        return [f"{where}: {text}" for where, text in texts_of_docx(body)]
    # The search's own field says again what was searched for.
    return [body.decode().replace(f'value="{MARKER}"', "").replace(f"q={MARKER}", "")]


def leaks(person, county):
    return [url for url, (_, told) in answers(person, county).items() if MARKER.casefold() in told.casefold()]


@pytest.mark.parametrize("who", OUTSIDE)
def test_outsiders_read_nothing_exempt(who, published_county, people):
    told = answers(people[who], published_county)
    assert [url for url, (_, text) in told.items() if MARKER.casefold() in text.casefold()] == []
    # The walk did read what is public, and was kept out of the rest.
    public, restricted = (AgendaPack.objects.get(edition=edition) for edition in ("public", "restricted"))
    assert told[public.get_absolute_url()][0] == 200 and "Bus services" in told[public.get_absolute_url()][1]
    assert told[restricted.get_absolute_url()][0] == 404


def test_committee_reads_exempt_text(published_county, people):
    """The same walk, for those who may: so it does find the marker where it stands."""
    county = published_county
    found = leaks(people["member"], county)
    restricted = AgendaPack.objects.get(edition="restricted")
    assert restricted.get_absolute_url() in found
    assert reverse("public:paper", args=[county["meeting"].pk, county["paper"].pk]) in found
    assert reverse("public:meeting", args=[county["meeting"].pk]) in found


@pytest.mark.parametrize("who", [*OUTSIDE, "member", "cabinet_member"])
def test_unpublished_agenda_is_for_clerks(who, committee, people, clerk):
    meeting = factories.make_meeting(committee)
    item = meetings.add_item(
        meeting, title=f"{MARKER} item", subtitle=f"About {MARKER}", kind=ItemKind.PAPERS, by=clerk, now=NOW
    )
    paper = meetings.add_paper(item, sealed(2), title=f"{MARKER} paper", by=clerk, now=NOW)
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    pack = meeting.packs.get()
    client = Client()
    if who != "public":
        client.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")
    pages = [
        "/",
        meeting.get_absolute_url(),
        committee.get_absolute_url(),
        reverse("public:meetings"),
        reverse("public:calendar", args=[committee.slug]),
        reverse("public:paper", args=[meeting.pk, paper.pk]),
        *(reverse("public:pack", args=[meeting.pk, pack.pk, format]) for format in ("pdf", "json")),
    ]
    for url in pages:
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert MARKER not in "".join(texts(body)), url
    assert [client.get(url).status_code for url in pages[-3:]] == [404] * 3


def test_public_pages_ignore_exempt_text(committee, people, clerk):
    """Another exempt paper, longer and called otherwise, and other exempt words: not one byte is another one."""
    county = build_county(committee, people)
    meeting, update = county["meeting"], county["report"].updates.for_page().get(exempt_paragraph=1)

    def published():
        with transaction.atomic():
            pack = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
            told = _bytes(people["public"], [meeting.get_absolute_url(), *_public(pack, county)])
            transaction.set_rollback(True)
        return told

    before = published()
    paper = meetings.replace_paper(county["paper"], sealed(9, words="Nothing of this sort."), by=clerk, now=NOW)
    meetings.change_paper(paper, title="Another one", exempt_paragraph=3, supplement=0, by=clerk, now=NOW)
    type(update).objects.filter(pk=update.pk).update(exempt_text="She is well again, and back at her desk since May.")
    restricted = packs.build_packs(meeting, 0, by=clerk, now=NOW)["restricted"]
    assert restricted.last_exempt_page > 9
    assert published() == before
    assert all(status == 200 for status, *_ in before.values())


def _public(pack, county):
    report = ("inquiries", county["inquiry"].slug, "progress", "6")
    yield from (reverse("public:pack", args=[pack.meeting_id, pack.pk, format]) for format in ("pdf", "json"))
    yield from (f"/{'/'.join(report)}.{format}" for format in ("pdf", "docx", "csv", "json"))
    yield from (f"/{'/'.join(report)}/", reverse("public:calendar", args=[pack.meeting.committee.slug]))
    yield from (county["inquiry"].get_absolute_url(), "/", f"{reverse('public:inquiries')}?q=tender")


def _bytes(person, urls):
    client, told = Client(), {}
    for url in urls:
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        told[url] = answer.status_code, headers, body
    return told


def test_emails_have_nothing_exempt(published_county, mailoutbox, tmp_path):
    send_all(NOW)
    assert {mail.subject for mail in mailoutbox} >= {"Agenda published: Communities Select Committee, 15 December 2026"}
    assert [mail.subject for mail in mailoutbox if MARKER in f"{mail.subject}{mail.body}"] == []
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]
    assert names and not [name for name in names if MARKER.casefold() in name.casefold()]


def test_leak_email_omits_text(county, clerk):
    """They stand on the clerk's page; a mail goes through many hands."""
    meeting = county["meeting"]
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    pack = meeting.packs.get(edition="public")
    alter(pack, lambda opened: opened.docinfo.__setitem__("/Subject", LEAK))
    assert packs.publish_planned(LATER) == (0, 1)
    notification = Notification.objects.get(occasion="pack_not_published")
    assert "Exempt text was found in what everybody would read" in notification.body
    assert MARKER.casefold() not in f"{notification.subject}{notification.body}".casefold()
    assert MARKER.casefold() in packs.plan_of(meeting, 0).refusal.casefold()


def test_correction_omits_exempt_changes(published_county, people, clerk):
    county, meeting = published_county, published_county["meeting"]
    first = AgendaPack.objects.public().get()
    meetings.replace_paper(county["paper"], sealed(4), by=clerk, now=LATER)
    # Only the restricted edition is new: the public one stays the first, and is not even asked for again.
    packs.build_packs(meeting, 0, by=clerk, now=LATER)
    packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    assert AgendaPack.objects.public().get() == first
    assert sorted(meeting.packs.filter(edition="restricted").values_list("number", flat=True)) == [1, 2]
    assert leaks(people["public"], county) == []


def test_changes_omit_later_exemptions(county, people, clerk):
    meeting = county["meeting"]
    item = meeting.items.get(number=2)
    received = replace(factories.make_received(2), page_texts=("", ""))
    paper = meetings.add_paper(item, received, title=f"{MARKER} annex", supplement=0, by=clerk, now=NOW)
    meetings.change_paper(county["paper"], title="Sealed", exempt_paragraph=3, supplement=0, by=clerk, now=NOW)
    packs.clear_words(meeting, text=MARKER, reason="To begin with.", by=clerk, now=NOW)
    packs.clear_words(meeting, text=f"{MARKER} annex", reason="To begin with.", by=clerk, now=NOW)
    first = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    meetings.change_paper(paper, title=f"{MARKER} annex", exempt_paragraph=3, supplement=0, by=clerk, now=LATER)
    packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    packs.withdraw_pack(first, reason="A paper stood in it.", by=clerk, now=LATER)
    assert leaks(people["public"], county) == []


def test_supplement_ignores_exempt_pages(published_county, people, clerk):
    county, meeting = published_county, published_county["meeting"]
    item = meetings.add_item(meeting, title="Another contract", kind=ItemKind.PAPERS, by=clerk, now=LATER)
    meetings.add_paper(item, sealed(2), title=f"{MARKER} second tender", exempt_paragraph=3, by=clerk, now=LATER)
    public = packs.publish_packs(meeting, 1, by=clerk, now=LATER)
    assert public.content["first_exempt_page"] == 1
    assert AgendaPack.objects.get(supplement=1, edition="restricted").content["first_exempt_page"] > 1
    assert leaks(people["public"], county) == []
