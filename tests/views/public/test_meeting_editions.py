"""What a meeting's page says of supplements, corrected editions and packs that were withdrawn."""

from datetime import timedelta

from inquiries.models import AgendaDocument, AgendaPack
from tests.cast import NOW
from tests.published_agendas import (
    add_item,
    add_paper,
    keep_pack,
    line,
    of,
    withdraw,
)


def test_supplement_brings_papers_to_follow(agenda, clerk, see):
    programme = agenda["items"]["programme"]
    paper = add_paper(programme, "Work programme 2027", by=clerk, pages=3, supplement=1)
    late = line(programme, papers=[paper], to_follow=False)
    keep_pack(agenda["meeting"], [late], by=clerk, supplement=1, first_page=13, published_at=NOW + timedelta(minutes=9))
    words = see(of(agenda["meeting"]))
    assert "Supplement 1, pages 15 - 17" in words
    assert "Work programme 2027 (PDF)" in words
    assert "To follow" not in words
    assert words.count("WORK PROGRAMME") == 1
    assert "Supplement 1 published" in words


def test_new_edition_lists_changes(agenda, clerk, see):
    added = add_item(agenda["meeting"], 6, "FERRIES")
    later = NOW + timedelta(minutes=20)
    second = keep_pack(agenda["meeting"], [*agenda["lines"], line(added)], by=clerk, number=2, published_at=later)
    words = see(of(agenda["meeting"]))
    assert "Agenda pack, public, edition 2 (PDF" in words
    assert "FERRIES" in words
    assert "In edition 2, of 23 November 2026:" in words
    assert "Item 6" in words.split("What has changed")[1].split("Earlier editions")[0]
    earlier = words.split("Earlier editions")[1]
    assert agenda["public"].get_absolute_url() in earlier
    assert second.get_absolute_url() not in earlier


def test_withdrawn_pack_shows_only_reason(agenda, clerk, people, see):
    withdraw(agenda["public"], by=clerk)
    for person in (people["public"], people["member"], people["clerk"]):
        words = see(of(agenda["meeting"]), person)
        assert "The agenda was published and has been withdrawn." in words
        assert "withdrawn 23 November 2026 at 10:00. Reason: A name stood in it." in words
        assert agenda["public"].get_absolute_url() not in words
        assert "LIBRARIES" not in words.split("Restricted: not for publication")[0]


def test_changes_leave_out_withdrawn(agenda, clerk, see):
    withdraw(agenda["public"], by=clerk)
    libraries = agenda["items"]["libraries"]
    lines = [line(libraries, papers=[agenda["scan"]])]
    keep_pack(agenda["meeting"], lines, by=clerk, number=2, published_at=NOW + timedelta(minutes=40))
    words = see(of(agenda["meeting"]))
    assert "Letters received" in words
    assert "Library strategy" not in words
    assert "What has changed" not in words


def test_paper_marked_exempt_later_is_hidden(agenda, clerk, see):
    libraries = agenda["items"]["libraries"]
    later = NOW + timedelta(minutes=40)
    keep_pack(agenda["meeting"], [line(libraries, papers=[agenda["scan"]])], by=clerk, number=2, published_at=later)
    assert "Library strategy" in see(of(agenda["meeting"]))
    AgendaDocument.objects.filter(pk=agenda["paper"].pk).update(exempt_paragraph=2)
    assert "Library strategy" not in see(of(agenda["meeting"]))
    withdraw(AgendaPack.objects.get(number=2), by=clerk)
    words = see(of(agenda["meeting"]))
    assert "Library strategy" not in words
    assert "1 paper of this item is no longer public." in words


def test_unpublished_pack_is_hidden(agenda, clerk, people, see):
    added = add_item(agenda["meeting"], 6, "FERRIES")
    keep_pack(agenda["meeting"], [*agenda["lines"], line(added)], by=clerk, number=2, published_at=None)
    for person in people.values():
        assert "FERRIES" not in see(of(agenda["meeting"]), person)
