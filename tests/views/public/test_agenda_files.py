"""Packs and papers as files: the kept bytes, the kept words as data, for whoever may read them and nobody else."""

import json
import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.urls import reverse
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from inquiries.actions.packs import build_packs, publish_packs
from inquiries.choices import PackEdition
from inquiries.models import AgendaDocument
from tests.cast import NOW
from tests.factories import make_agenda, make_meeting
from tests.published_agendas import MARKER, PAGES_WITHHELD, add_item, add_paper, keep_pack, line, withdraw

DOCS = Path(settings.BASE_DIR) / "docs"
SCHEMA = json.loads((DOCS / "agenda-pack.schema.json").read_text())
REPORT_SCHEMA = json.loads((DOCS / "progress-report.schema.json").read_text())
FORMS = Draft202012Validator(
    SCHEMA,
    registry=Registry().with_resource("progress-report.schema.json", Resource.from_contents(REPORT_SCHEMA)),
    format_checker=FormatChecker(),
)
INSIDERS = ("cabinet_member", "member", "chair", "clerk")
OUTSIDERS = ("public", "stranger", "officer", "other_officer", "contributor", "other_member")
FORMATS = ("pdf", "json")


@pytest.fixture
def get(client):
    """A function: the answer to somebody, read to its end as `whole`."""

    def get(address, person=None, **headers):
        client.logout()
        if person is not None and person.is_authenticated:
            client.force_login(person)
        response = client.get(address, headers=headers)
        # Read at once: a file that nobody reads stays open.
        response.whole = b"".join(response.streaming_content) if response.streaming else response.content
        return response

    return get


def pack_at(pack, format):
    return reverse("public:pack", args=[pack.meeting_id, pack.pk, format])


def paper_at(paper):
    return reverse("public:paper", args=[paper.item.meeting_id, paper.pk])


def data_of(response):
    data = json.loads(response.whole)
    FORMS.validate(data)
    return data


# --- Packs -------------------------------------------------------------------------------------------


def test_public_pack_is_served_unchanged(agenda, get):
    pack = agenda["public"]
    response = get(pack_at(pack, "pdf"))
    with pack.file.open("rb") as kept:
        assert response.whole == kept.read()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="communities-2026-12-15-agenda-pack.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-cache"
    assert response["ETag"] == f'"{pack.checksum}"'


@pytest.mark.parametrize("format", FORMATS)
def test_sends_not_modified(agenda, get, format):
    address = pack_at(agenda["public"], format)
    etag = get(address)["ETag"]
    again = get(address, if_none_match=etag)
    assert (again.status_code, again.whole, again["ETag"]) == (304, b"", etag)


def test_pack_file_name(agenda, clerk, get):
    programme = agenda["items"]["programme"]
    pack = keep_pack(
        agenda["meeting"], [line(programme)], by=clerk, edition=PackEdition.RESTRICTED, supplement=2, number=3
    )
    names = [get(pack_at(pack, format), clerk)["Content-Disposition"] for format in FORMATS]
    assert names == [
        'inline; filename="communities-2026-12-15-supplement-2-restricted-edition-3.pdf"',
        'attachment; filename="communities-2026-12-15-supplement-2-restricted-edition-3.json"',
    ]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_get_the_public_pack_without_a_word_of_what_is_withheld(agenda, people, get, who, format):
    public = get(pack_at(agenda["public"], format), people[who])
    assert public.status_code == 200
    assert MARKER.encode() not in public.whole
    # As a word: a checksum may well have these digits.
    assert not re.search(rb"\b%d\b" % PAGES_WITHHELD, public.whole)
    restricted = get(pack_at(agenda["restricted"], format), people[who])
    assert restricted.status_code == 404
    assert MARKER.encode() not in restricted.whole


@pytest.mark.parametrize("who", INSIDERS)
def test_insiders_get_the_restricted_pack_and_no_cache_keeps_it(agenda, people, get, who):
    for format in FORMATS:
        response = get(pack_at(agenda["restricted"], format), people[who])
        assert response.status_code == 200
        assert MARKER.encode() in response.whole
        assert response["Cache-Control"] == "private, no-store"
        assert "ETag" not in response


@pytest.mark.parametrize("format", FORMATS)
def test_unpublished_pack_requires_clerk(agenda, people, get, format):
    pack = keep_pack(agenda["meeting"], agenda["lines"], by=people["clerk"], number=2, published_at=None)
    for who, person in people.items():
        response = get(pack_at(pack, format), person)
        assert response.status_code == (200 if who == "clerk" else 404)
    assert get(pack_at(pack, format), people["clerk"])["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("format", FORMATS)
def test_withdrawn_pack_requires_clerk(agenda, people, get, format):
    withdraw(agenda["public"], by=people["clerk"])
    for who, person in people.items():
        assert get(pack_at(agenda["public"], format), person).status_code == (200 if who == "clerk" else 404)


def test_pack_needs_its_own_meeting(agenda, committee, get):
    other = make_meeting(committee, NOW.date())
    assert get(reverse("public:pack", args=[other.pk, agenda["public"].pk, "pdf"])).status_code == 404
    assert get(reverse("public:paper", args=[other.pk, agenda["paper"].pk])).status_code == 404


def test_missing_pack_file_says_so(agenda, get):
    agenda["public"].file.storage.delete(agenda["public"].file.name)
    response = get(pack_at(agenda["public"], "pdf"))
    assert response.status_code == 503
    assert "The file is not where it was stored." in response.whole.decode()
    assert agenda["meeting"].get_absolute_url() in response.whole.decode()


# --- The words as data -------------------------------------------------------------------------------


def test_schema_is_valid_and_complete():
    Draft202012Validator.check_schema(SCHEMA)

    def undescribed(part, path):
        for name, value in part.get("properties", {}).items():
            if "$ref" not in value and not value.get("description"):
                yield f"{path}/{name}"
            yield from undescribed(value, f"{path}/{name}")
            for form in value.get("anyOf", ()):
                yield from undescribed(form, f"{path}/{name}")
        if "items" in part:
            yield from undescribed(part["items"], f"{path}[]")

    assert [*undescribed(SCHEMA, ""), *(p for name, d in SCHEMA["$defs"].items() for p in undescribed(d, name))] == []


def test_public_pack_data(agenda, get):
    data = data_of(get(pack_at(agenda["public"], "json")))
    assert (data["committee"], data["start"]) == ("Communities Select Committee", "2026-12-15T14:00:00+00:00")
    assert (data["edition"], data["supplement"], data["edition_number"]) == ("public", 0, 1)
    assert data["checksum"] == agenda["public"].checksum
    assert data["members"][0] == {"name": "Councillor Harold Penrose", "role": "Chair"}
    apologies, libraries, update, contract, programme = data["items"]
    assert (apologies["first_page"], apologies["report"], apologies["papers"]) == (None, None, [])
    assert (libraries["first_page"], libraries["last_page"]) == (3, 8)
    assert [paper["first_page"] for paper in libraries["papers"]] == [3, 8]
    assert [paper["tagging"] for paper in libraries["papers"]] == ["valid", "untagged"]
    kept = AgendaDocument.objects.on_agenda().filter(title__in=[paper["title"] for paper in libraries["papers"]])
    assert [paper["words"] for paper in libraries["papers"]] == [
        paper.page_texts for paper in kept.order_by("position")
    ]
    assert update["report"]["inquiry"] == "Warm Homes Inquiry"
    assert update["exempt_paragraphs"] == [{"paragraph": 1, "words": "Information relating to any individual"}]
    assert (contract["papers"], contract["exempt"], contract["first_page"]) == ([], None, None)
    assert programme["to_follow"] is True


def test_restricted_pack_data_has_part_2(agenda, member, get):
    data = data_of(get(pack_at(agenda["restricted"], "json"), member))
    update, contract = data["items"][2:4]
    assert (update["exempt"]["first_page"], update["exempt"]["last_page"]) == (1, 4)
    assert any(MARKER in (row["exempt"] or {}).get("text", "") for row in update["exempt"]["report"]["responses"])
    assert MARKER not in json.dumps(update["report"])
    assert contract["exempt"]["papers"][0]["title"] == f"{MARKER}title"


def test_unpublished_pack_data(agenda, clerk, get):
    pack = keep_pack(agenda["meeting"], agenda["lines"], by=clerk, number=2, published_at=None, urgency_reason="Flood.")
    data = data_of(get(pack_at(pack, "json"), clerk))
    assert (data["published_at"], data["urgency_reason"]) == (None, "Flood.")


def test_public_edition_data_never_has_part_2(committee, clerk, get):
    meeting = make_meeting(committee)
    item = add_item(meeting, 1, "CONTRACT")
    secret = add_paper(item, f"{MARKER}title", by=clerk, exempt_paragraph=3)
    pack = keep_pack(meeting, [line(item, exempt_papers=[secret], exempt_paragraphs=(3,))], by=clerk)
    assert MARKER.encode() not in get(pack_at(pack, "json")).whole


# --- Papers ------------------------------------------------------------------------------------------


def test_paper_is_served_under_its_title(agenda, get):
    paper = agenda["paper"]
    response = get(paper_at(paper))
    with paper.file.open("rb") as kept:
        assert response.whole == kept.read()
    assert response["Content-Disposition"] == 'inline; filename="library-strategy.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["ETag"] == f'"{paper.checksum}"'


@pytest.mark.parametrize(
    ("title", "name"),
    [('Siân\'s "plan"\r\nX: y', "sians-plan-x-y"), ("計画", "paper"), ("a" * 300, "a" * 80)],
)
def test_paper_file_name_is_plain(committee, clerk, get, title, name):
    meeting = make_meeting(committee)
    item = add_item(meeting, 1, "PLAN")
    paper = add_paper(item, title, by=clerk)
    keep_pack(meeting, [line(item, papers=[paper])], by=clerk)
    assert get(paper_at(paper))["Content-Disposition"] == f'inline; filename="{name}.pdf"'


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_get_no_exempt_paper(agenda, people, get, who):
    response = get(paper_at(agenda["secret"]), people[who])
    assert response.status_code == 404
    assert MARKER.encode() not in response.whole
    assert MARKER not in str(response.headers)


@pytest.mark.parametrize("who", INSIDERS)
def test_insiders_get_an_exempt_paper_and_no_cache_keeps_it(agenda, people, get, who):
    response = get(paper_at(agenda["secret"]), people[who])
    assert response.status_code == 200
    assert MARKER.encode() in response.whole
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response


def test_unpublished_paper_requires_clerk(agenda, clerk, people, get):
    draft = add_paper(agenda["items"]["libraries"], "Draft", by=clerk)
    for who, person in people.items():
        assert get(paper_at(draft), person).status_code == (200 if who == "clerk" else 404)
    assert get(paper_at(draft), clerk)["Cache-Control"] == "private, no-store"


def test_paper_marked_exempt_later_is_not_public(agenda, member, get):
    etag = get(paper_at(agenda["paper"]))["ETag"]
    AgendaDocument.objects.filter(pk=agenda["paper"].pk).update(exempt_paragraph=2)
    assert get(paper_at(agenda["paper"]), if_none_match=etag).status_code == 404
    assert get(paper_at(agenda["paper"]), member)["Cache-Control"] == "private, no-store"


def test_missing_paper_file_says_so(agenda, member, get):
    for paper, person in ((agenda["paper"], None), (agenda["secret"], member)):
        paper.file.storage.delete(paper.file.name)
        response = get(paper_at(paper), person)
        assert response.status_code == 503
        assert MARKER.encode() not in response.whole


# --- Queries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_pack_query_count(committee, clerk, client, django_assert_num_queries, count):
    meeting = make_meeting(committee)
    lines = []
    for number in range(1, count + 1):
        item = add_item(meeting, number, "MORE")
        lines.append(line(item, papers=[add_paper(item, "Paper", by=clerk)]))
    pack = keep_pack(meeting, lines, by=clerk)
    with django_assert_num_queries(3):
        client.get(pack_at(pack, "json"))


def test_pack_for_the_screen(get, people, clerk, committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    meeting = make_agenda(make_meeting(committee), clerk, exempt_words="The tender of Quorvane Limited.")
    built = build_packs(meeting, 0, by=clerk, now=NOW)
    where = {edition: reverse("public:pack_for_screen", args=[meeting.pk, pack.pk]) for edition, pack in built.items()}
    assert get(where["public"]).status_code == 404
    assert get(where["public"], clerk).headers["Cache-Control"] == "private, no-store"
    publish_packs(meeting, 0, by=clerk, now=NOW)
    pack = built["public"]
    answer = get(where["public"])
    with pack.file.open("rb") as kept:
        printed = kept.read()
    assert answer.whole == printed + bytes(pack.screen_end)
    assert answer.headers["Content-Disposition"].endswith('agenda-pack-screen.pdf"')
    with pikepdf.open(BytesIO(answer.whole)) as screen, pikepdf.open(BytesIO(printed)) as whole:
        assert [page.label for page in screen.pages] == ["1", "3", "4", "5"]
        assert [page.label for page in whole.pages] == ["1", "2", "3", "4", "5", "6"]
    assert get(where["public"], **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert get(where["restricted"]).status_code == 404
    assert get(where["restricted"], people["member"]).status_code == 200
    page = get(reverse("public:meeting", args=[meeting.pk])).content.decode()
    assert "Agenda, for the screen (PDF, 4 pages)" in page
    assert "Agenda, for printing on both sides (PDF, 6 sides)" in page
