"""Nobody reads on any page what is withheld from them; who may read it does."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_meeting
from tests.published_agendas import MARKER, PAGES_WITHHELD, add_item, add_paper, keep_pack, line, of

INSIDERS = ("cabinet_member", "member", "chair", "clerk")
OUTSIDERS = ("public", "stranger", "officer", "other_officer", "contributor", "other_member")


@pytest.fixture
def pages(agenda):
    """Every page on which something of the agenda stands."""
    add_paper(agenda["items"]["libraries"], f"{MARKER}unpublished", by=agenda["public"].built_by)
    return [
        "/",
        "/meetings/",
        "/committees/communities/",
        "/committees/communities/meetings.ics",
        of(agenda["meeting"]),
    ]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_read_nothing_of_what_is_withheld(agenda, pages, people, client, who):
    if people[who].is_authenticated:
        client.force_login(people[who])
    for address in pages:
        words = client.get(address).content.decode()
        assert MARKER not in words
        assert MARKER.lower() not in words.lower()
        assert f"{PAGES_WITHHELD} page" not in words
        assert "restricted" not in words.lower()
        assert agenda["restricted"].checksum not in words
        assert agenda["restricted"].get_absolute_url() not in words
        assert reverse("public:paper", args=[agenda["meeting"].pk, agenda["secret"].pk]) not in words
        assert not re.search(r"\bE1 -|page E\d", words)


@pytest.mark.parametrize("who", INSIDERS)
def test_insiders_read_it_in_a_section_of_its_own(agenda, people, see, who):
    words = see(of(agenda["meeting"]), people[who])
    public, restricted = words.split("Restricted: not for publication")
    assert MARKER not in public
    assert "Agenda with what is restricted (PDF" in public
    assert f"{MARKER}title (PDF)" in restricted
    assert f"{PAGES_WITHHELD} pages, from page E5" in restricted
    assert "Pages E1 - E4" in restricted
    assert agenda["restricted"].get_absolute_url() in restricted
    assert f"Agenda pack, restricted (PDF, {12 + 4 + PAGES_WITHHELD} pages)" in restricted


def test_public_edition_never_shows_withheld(committee, clerk, see):
    meeting = make_meeting(committee)
    item = add_item(meeting, 1, "CONTRACT")
    secret = add_paper(item, f"{MARKER}title", by=clerk, exempt_paragraph=3)
    keep_pack(meeting, [line(item, exempt_papers=[secret], exempt_paragraphs=(3,))], by=clerk)
    assert MARKER not in see(of(meeting))
    assert MARKER not in see(of(meeting), clerk)
