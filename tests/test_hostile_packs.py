"""Meetings, agendas and packs, and what a browser never sends: odd titles, far days, numbers and files of all kinds."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Meeting
from tests import factories
from tests.cast import NOW
from tests.documents.papers import make_paper
from tests.pack_building import build_quickly
from tests.replay import replayed
from tests.test_hostile import HUGE, everything_stored, names_of

ODD_TITLES = {
    "long": "Very long title " * 18,
    "one word": "W" * 300,
    "markup": "<script>alert(1)</script> & <b>bold</b> &amp; \"quoted\" 'too'",
    "typst": '#import "x": * $x^2$ _a_ *b* `c` = d #read("/etc/passwd") \\ <label> @ref [x](y) // gone',
    "template": "{{ 7|add:7 }} {% now 'Y' %} %s %(name)s {0}",
    "emoji": "Trees 🌳👩‍👩‍👧‍👦 and schools 🏫",
    "right to left": "Agenda \u202eTXET\u202c and \u200fעברית",
    "letters of other scripts": "会議 Ελληνικά Кириллица हिन्दी",
    "combining": "Z̸̧̛̖͓͇͎a̵l̷g̶o̴",
    "private and unassigned": "A \ue000 B \U000f1234 C \ufffe D",
    "postscript": "(unbalanced \\) %%EOF endstream endobj >> <<",
    "path": "../../../../etc/passwd",
    "header": "Title\r\nSet-Cookie: x=1",
    "formula": "=HYPERLINK(\"http://example.org\",\"x\")",
}  # fmt: skip

# Every page of an agenda that takes a form, with what stands for its parts.
PAGES = {
    "call_meeting": (),
    "change_meeting": ("meeting",),
    "cancel_meeting": ("meeting",),
    "add_item": ("meeting",),
    "change_item": ("meeting", "item"),
    "move_item": ("meeting", "item"),
    "remove_item": ("meeting", "item"),
    "add_paper": ("meeting", "item"),
    "change_paper": ("meeting", "paper"),
    "replace_paper": ("meeting", "paper"),
    "move_paper": ("meeting", "paper"),
    "remove_paper": ("meeting", "paper"),
    "pack": ("meeting", 0),
    "build_pack": ("meeting", 0),
    "clear_words": ("meeting", 0),
    "publish_pack": ("meeting", 0),
    "unplan_pack": ("meeting", 0),
    "withdraw_pack": ("meeting", "pack"),
}
FIELDS = {"to", "action", "number", "title", "paper1-title", "paper1-exempt_paragraph"}


@pytest.fixture(autouse=True)
def builds(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    return build_quickly(monkeypatch)


@replayed
def publish_agenda(meeting, by):
    factories.make_agenda(meeting, by)
    pack = packs.publish_packs(meeting, 0, by=by, now=NOW)
    item = meeting.items.get(number=2)
    return {"meeting": meeting.pk, "item": item.pk, "paper": item.documents.get().pk, "pack": pack.pk}


@pytest.fixture
def agenda(committee, clerk, chair, client):
    """A published agenda with a paper as item 2; the clerk is signed in. What addresses are made of, by name."""
    published = publish_agenda(factories.make_meeting(committee), clerk)
    client.force_login(clerk)
    return published


def _stored():
    """Every text in the database but those of sessions: a message for the next page is kept there."""
    return sorted(text for text in everything_stored() if not text[0].startswith("Session"))


def page_of(name, agenda):
    return reverse(f"clerk:{name}", args=[agenda.get(part, part) for part in PAGES[name]])


@pytest.mark.parametrize("bad", ["a\0b", HUGE, "-1", "\ud800".encode("utf-8", "surrogatepass")], ids=ascii)
@pytest.mark.parametrize("name", PAGES)
def test_fields_take_odd_text(name, bad, agenda, client):
    url = page_of(name, agenda)
    page = client.get(url)
    fields = FIELDS | (names_of(page) if page.status_code == 200 else set())
    assert client.post(url, dict.fromkeys(fields, bad)).status_code < 500
    for field in sorted(fields):
        assert client.post(url, {field: bad}).status_code < 500, field
    assert not [where for where, text in everything_stored() if "\0" in text or "\\x00" in text or "\\u0000" in text]
    numbers = AgendaItem.objects.on_agenda().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", PAGES)
def test_refuses_forms_from_elsewhere(name, agenda, clerk):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)
    before = sorted(everything_stored())
    assert strict.post(page_of(name, agenda), {"reason": "Because.", "when": "now", "to": "1"}).status_code == 403
    assert sorted(everything_stored()) == before


def test_reading_writes_nothing(agenda, client):
    urls = [page_of(name, agenda) for name in PAGES]
    urls += [reverse(f"clerk:{name}", args=[agenda["meeting"], 0]) for name in ("check_pack", "pack_progress")]
    urls += [reverse("clerk:front_sheet", args=[agenda["meeting"], 0]), f"/meetings/{agenda['meeting']}/", "/meetings/"]
    before = _stored()
    for url in urls:
        assert client.get(url).status_code in (200, 302, 403), url
    assert _stored() == before


@pytest.mark.parametrize("number", [HUGE, "32768", "2147483648"])
def test_huge_ids(number, agenda, client):
    meeting = agenda["meeting"]
    pages = [
        f"/meetings/{number}/",
        f"/meetings/{number}/packs/1.pdf",
        f"/meetings/{meeting}/packs/{number}.json",
        f"/meetings/{meeting}/papers/{number}.pdf",
        f"/clerk/meetings/{number}/",
        f"/clerk/meetings/{meeting}/items/{number}/",
        f"/clerk/meetings/{meeting}/items/{number}/papers/add/",
        f"/clerk/meetings/{meeting}/papers/{number}/replace/",
        f"/clerk/meetings/{meeting}/packs/{number}/",
        f"/clerk/meetings/{meeting}/packs/{number}/check/",
        f"/clerk/meetings/{meeting}/packs/{number}/publish/",
        f"/clerk/meetings/{meeting}/packs/{number}/front-sheet.pdf",
        f"/clerk/meetings/{meeting}/packs/0/items/{number}.pdf",
        f"/clerk/meetings/{meeting}/editions/{number}/withdraw/",
    ]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)
    for what in ("build", "publish", "clear", "unplan"):
        assert client.post(f"/clerk/meetings/{meeting}/packs/{number}/{what}/").status_code in (200, 403, 404), what
    assert client.get(f"/clerk/meetings/{meeting}/packs/{number}/progress/").status_code in (200, 404)


@pytest.mark.parametrize("query", ["a%00b", HUGE, "%ff%fe", "x" * 5000, "%0d%0aSet-Cookie:x=1", "-1"])
def test_pages_take_odd_queries(query, agenda, client):
    meeting = agenda["meeting"]
    pages = [
        f"/clerk/meetings/{meeting}/packs/0/front-sheet.pdf?edition={query}",
        f"/clerk/meetings/{meeting}/packs/0/items/{agenda['item']}.pdf?edition={query}",
        f"/clerk/meetings/{meeting}/packs/0/clear/?text={query}",
        f"/clerk/meetings/{meeting}/items/add/?report={query}",
        f"/clerk/meetings/call/?committee={query}",
        f"/meetings/?committee={query}&when={query}&page={query}",
        f"/meetings/{meeting}/?edition={query}",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code < 500, page
        assert "x" not in answer.cookies


@pytest.mark.parametrize("name", ODD_TITLES)
def test_odd_titles(name, committee, clerk, client, monkeypatch):
    monkeypatch.undo()
    client.force_login(clerk)
    meeting, title = factories.make_meeting(committee), ODD_TITLES[name][:300]
    sent = {"title": title, "subtitle": title, "kind": ItemKind.PAPERS, "number": ""}
    answer = client.post(reverse("clerk:add_item", args=[meeting.pk]), sent)
    assert answer.status_code in (200, 302)
    item = meeting.items.first()
    if item is None:
        assert "error-summary" in answer.content.decode()
        return
    meetings.add_paper(item, factories.make_received(1), title=title, by=clerk, now=NOW)
    pack = packs.publish_packs(meeting, 0, by=clerk, now=NOW, urgency_reason=title)
    assert "Set-Cookie" not in str(pack)
    client.logout()
    paper = AgendaDocument.objects.get()
    for url in (
        meeting.get_absolute_url(),
        *(reverse("public:pack", args=[meeting.pk, pack.pk, format]) for format in ("pdf", "json")),
        reverse("public:paper", args=[meeting.pk, paper.pk]),
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"<script>alert" not in body or not answer.headers["Content-Type"].startswith("text/html"), url
        header = answer.headers.get("Content-Disposition", "")
        assert header.isascii() and header.count('"') in (0, 2) and not set("/\\\r\n") & set(header)


@pytest.mark.parametrize("year", ["1", "0001", "1899", "1900", "2199", "9999", "10000", "-5", "٢٠٢٦", ""])
def test_meeting_takes_odd_years(year, committee, clerk, client):
    client.force_login(clerk)
    sent = {"committee": committee.pk, "day_day": "31", "day_month": "12", "day_year": year, "time": "23:59"}
    answer = client.post(reverse("clerk:call_meeting"), sent)
    assert answer.status_code in (200, 302)
    for meeting in Meeting.objects.all():
        assert client.get(reverse("clerk:agenda", args=[meeting.pk])).status_code == 200
        assert client.get(meeting.get_absolute_url()).status_code == 200
    assert client.get(reverse("public:calendar", args=[committee.slug])).status_code == 200


def test_calendar_takes_odd_text(committee, clerk, client):
    meeting = factories.make_meeting(committee)
    venue = "Room 1;\r\nATTACH:http://example.org\n, “A” \\ 🌳 \u202e" + "x" * 200
    Meeting.objects.filter(pk=meeting.pk).update(venue=venue)
    calendar = Calendar.from_ical(client.get(reverse("public:calendar", args=[committee.slug])).content)
    (event,) = calendar.events
    assert "ATTACH" not in event
    assert event["location"].startswith("Room 1;")


def test_three_hundred_items(committee, clerk, client, django_assert_max_num_queries):
    meeting = factories.make_meeting(committee)
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, number=number, title=f"Item {number}") for number in range(1, 301)
    )
    client.force_login(clerk)
    item = meeting.items.get(number=300)
    assert client.post(reverse("clerk:move_item", args=[meeting.pk, item.pk]), {"to": "1"}).status_code == 302
    item.refresh_from_db()
    assert item.number == 1
    packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    for url in (reverse("clerk:agenda", args=[meeting.pk]), meeting.get_absolute_url()):
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200


def test_pages_without_pack_file(agenda, client):
    pack = AgendaPack.objects.get()
    pack.file.storage.delete(pack.file.name)
    paper = AgendaDocument.objects.get()
    paper.file.storage.delete(paper.file.name)
    meeting = agenda["meeting"]
    for url in (
        reverse("clerk:front_sheet", args=[meeting, 0]),
        reverse("clerk:reprint_item", args=[meeting, 0, agenda["item"]]),
        reverse("public:paper", args=[meeting, paper.pk]),
        pack.get_absolute_url(),
    ):
        answer = client.get(url)
        assert answer.status_code == 503 and "The file" in answer.content.decode(), url
    pages = [page_of(name, agenda) for name in ("pack", "publish_pack", "withdraw_pack")]
    for url in (*pages, f"/meetings/{meeting}/", reverse("clerk:agenda", args=[meeting])):
        assert client.get(url).status_code == 200, url


# Files


def pdf(name="paper.pdf"):
    return SimpleUploadedFile(name, make_paper(1), content_type="application/pdf")


@pytest.fixture
def add(agenda, client):
    """A function that sends the form for papers."""

    def send(**fields):
        return client.post(
            page_of("add_paper", agenda), {name.replace("__", "-"): value for name, value in fields.items()}
        )

    return send


def added():
    return list(AgendaDocument.objects.order_by("pk"))[1:]


def test_odd_files(add):
    assert "Choose the file of the paper" in add(paper1__title="A").content.decode()
    assert add(file=pdf(), title="A").status_code == 200
    assert added() == []
    add(**{f"paper{n}__{name}": value for n in (1, 2, 3) for name, value in (("file", pdf()), ("title", f"Paper {n}"))})
    assert [paper.title for paper in added()] == ["Paper 1", "Paper 2", "Paper 3"]
    add(paper1__file=[pdf(), pdf()], paper1__title="Two in one field")
    assert [paper.title for paper in added()][3:] in ([], ["Two in one field"])


@pytest.mark.parametrize("paragraph", ["99", "0", "-1", "3.0", "1; DROP", HUGE])
def test_refuses_unknown_paragraph(paragraph, add):
    answer = add(paper1__file=pdf(), paper1__title="Secret", paper1__exempt_paragraph=paragraph)
    assert answer.status_code == 200 and "Choose from the list who may read it" in answer.content.decode()
    assert added() == []


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/evil.pdf",
        "C:\\x\\..\\evil.pdf",
        "é会議🌳.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "a\0b.pdf",
        "." * 250,
        "-rf",
    ],
)
def test_odd_file_names(name, add, agenda, client, tmp_path):
    file = pdf()
    # Past the field's own cleaning, as the network sends it.
    file._name = name
    assert add(paper1__file=file, paper1__title="A paper").status_code in (200, 302)
    (paper,) = added()
    assert paper.file.name == f"agenda-documents/{paper.checksum[:32]}.pdf"
    assert not {character for character in paper.original_name if ord(character) < 32}
    answer = client.get(reverse("public:paper", args=[agenda["meeting"], paper.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == 'inline; filename="a-paper.pdf"'
    assert not (tmp_path.parent / "evil.pdf").exists()


def test_leaves_other_meetings_alone(agenda, clerk, client, committee):
    other = factories.make_meeting(committee, day=(NOW + timedelta(days=60)).date())
    before = _stored()
    for name in [name for name, parts in PAGES.items() if {"item", "paper", "pack"} & set(parts)]:
        url = page_of(name, agenda | {"meeting": other.pk})
        assert client.post(url, {"to": "1", "reason": "x", "title": "x"}).status_code == 404, name
    assert _stored() == before
    assert AgendaPack.objects.published().exists()


@pytest.mark.parametrize("to", ["0", "-3", HUGE, "", "two", "2.5", "١"])
def test_odd_moves_keep_numbers(to, agenda, client):
    for name in ("move_item", "move_paper"):
        assert client.post(page_of(name, agenda), {"to": to}).status_code == 302
    numbers = AgendaItem.objects.on_agenda().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_found_text_keeps_form(committee, clerk, chair, client):
    """The page itself, not a page that only says no."""
    meeting = factories.make_agenda(
        factories.make_meeting(committee), clerk, exempt_words="The tender of Quorvane Limited."
    )
    leak = factories.make_received(1, title="Trams", words="The tender of Quorvane Limited was opened.")
    meetings.add_paper(meeting.items.get(number=2), leak, title="Trams", by=clerk, now=NOW)
    client.force_login(clerk)
    answer = client.post(
        reverse("clerk:publish_pack", args=[meeting.pk, 0]), {"when": "now", "urgency_reason": "Typed."}
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Quorvane" in html and "Typed." in html
    assert not AgendaPack.objects.published().exists()


def test_longest_texts(committee, clerk, chair, client):
    client.force_login(clerk)
    meeting, title = factories.make_meeting(committee), "W" * 300
    for _ in range(2):
        sent = {"title": title, "subtitle": title, "kind": ItemKind.PAPERS}
        assert client.post(reverse("clerk:add_item", args=[meeting.pk]), sent).status_code == 302
    item = meeting.items.first()
    for _ in range(2):
        meetings.add_paper(item, factories.make_received(1, name="n" * 400), title=title, by=clerk, now=NOW)
    at = {"meeting": meeting.pk, "item": item.pk, "paper": item.documents.first().pk}
    deeds = [
        ("clear_words", {"text": "w" * 2000, "reason": "r" * 2000}),
        ("move_item", {"to": "2"}),
        ("move_paper", {"to": "2"}),
        ("change_paper", {"title": title[1:], "exempt_paragraph": "3", "supplement": "0"}),
        ("change_item", {"title": title[1:], "subtitle": title, "kind": ItemKind.PAPERS, "supplement": "0"}),
        ("remove_paper", {}),
        ("remove_item", {}),
        (
            "change_meeting",
            {"day_day": "16", "day_month": "12", "day_year": "2026", "time": "14:00", "venue": "v" * 300},
        ),
        ("cancel_meeting", {"reason": "r" * 300}),
    ]
    for name, sent in deeds:
        assert client.post(page_of(name, at), sent).status_code == 302, name
    for url in (meeting.get_absolute_url(), reverse("clerk:agenda", args=[meeting.pk])):
        assert client.get(url).status_code == 200
