"""The papers of an item: kept as they were received, in order, exempt or not, never lost."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from inquiries.actions import meetings
from inquiries.choices import ItemKind, Tagging
from inquiries.models import AgendaDocument, AgendaPack, Entry
from inquiries.permissions import Refused
from inquiries.uploads.received import PageFacts
from tests.cast import NOW
from tests.factories import make_meeting, make_received

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def item(meeting, clerk):
    return meetings.add_item(meeting, title="Budget", kind=ItemKind.PAPERS, by=clerk, now=NOW)


@pytest.fixture
def add(item, clerk):
    """A function that adds a paper to the item."""

    def add(title, received=None, **values):
        return meetings.add_paper(
            item, received or make_received(title=title), title=title, by=clerk, now=NOW, **values
        )

    return add


def order(item):
    return [paper.title for paper in item.documents.standing()]


def sentences(paper):
    return [entry.sentence for entry in Entry.objects.about(paper)]


def test_add_paper_keeps_what_is_known_of_it(item, clerk, add):
    received = replace(make_received(2, name="fin rep.pdf", tagged=False), cleaned=("A script.",))
    paper = add("Figures", received, exempt_paragraph=3)
    paper.refresh_from_db()
    assert (paper.title, paper.original_name, paper.page_count, paper.tagging) == (
        "Figures",
        "fin rep.pdf",
        2,
        Tagging.UNTAGGED,
    )
    assert (paper.words, paper.cleaned, paper.language) == (list(received.words), ["A script."], "en-GB")
    assert [PageFacts(**page) for page in paper.pages] == list(received.pages)
    assert (paper.exempt_paragraph, paper.supplement, paper.position) == (3, 0, 1)
    assert (paper.uploaded_at, paper.uploaded_by) == (NOW, clerk)
    with paper.file.open("rb") as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == paper.checksum == received.checksum
    assert sentences(paper) == ["added the paper “Figures” of item 1"]


def test_the_name_of_the_kept_file_tells_nothing(add):
    paper = add("Dismissal of J Doe", make_received(name="doe.pdf"), exempt_paragraph=1)
    assert "doe" not in paper.file.name.lower()
    assert paper.checksum[:32] in paper.file.name


def test_what_a_file_says_of_itself_is_cut_to_what_can_be_kept(add):
    received = replace(make_received(name=f"{'n' * 400}.pdf"), language="x" * 50)
    paper = add("Figures", received)
    assert paper.original_name == "n" * 296 + ".pdf"
    assert paper.language == "x" * 20


def test_add_paper_only_where_papers_belong(meeting, clerk, add):
    other = meetings.add_item(meeting, title="Apologies", by=clerk, now=NOW)
    with pytest.raises(ValidationError) as refused:
        meetings.add_paper(other, make_received(), title="Figures", by=clerk, now=NOW)
    assert refused.value.messages == ["Only an item that carries papers can have a paper."]


@pytest.mark.parametrize(("field", "values"), [("title", {"title": ""}), ("exempt_paragraph", {"exempt_paragraph": 8})])
def test_add_paper_refuses_what_cannot_be_kept(item, clerk, field, values):
    with pytest.raises(ValidationError) as refused:
        meetings.add_paper(item, make_received(), **{"title": "Figures", **values}, by=clerk, now=NOW)
    assert set(refused.value.error_dict) == {field}
    assert not AgendaDocument.objects.exists()


@pytest.mark.parametrize("who", ["officer", "member", "chair", "cabinet_member", "stranger"])
def test_only_clerks_do_anything_to_a_paper(who, people, item, add):
    paper, by = add("Figures"), {"by": people[who], "now": NOW}
    before = Entry.objects.count()
    for deed in (
        lambda: meetings.add_paper(item, make_received(), title="More", **by),
        lambda: meetings.change_paper(paper, title="Less", exempt_paragraph=None, supplement=0, **by),
        lambda: meetings.replace_paper(paper, make_received(), **by),
        lambda: meetings.move_paper(paper, to=1, **by),
        lambda: meetings.remove_paper(paper, **by),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert str(refused.value) == "Only a clerk can do this."
    assert (order(item), Entry.objects.count()) == (["Figures"], before)


def test_change_paper(clerk, add):
    paper = add("Figures")
    meetings.change_paper(paper, title="The figures", exempt_paragraph=3, supplement=1, by=clerk, now=LATER)
    paper.refresh_from_db()
    assert (paper.title, paper.exempt_paragraph, paper.supplement) == ("The figures", 3, 1)
    entry = Entry.objects.about(paper).first()
    assert entry.changes == {"title": ["Figures", "The figures"], "exempt_paragraph": [None, 3], "supplement": [0, 1]}
    meetings.change_paper(paper, title="The figures", exempt_paragraph=None, supplement=1, by=clerk, now=LATER)
    paper.refresh_from_db()
    assert paper.exempt_paragraph is None


def test_change_paper_to_the_same_writes_no_history(clerk, add):
    paper = add("Figures")
    meetings.change_paper(paper, title="Figures", exempt_paragraph=None, supplement=0, by=clerk, now=LATER)
    assert len(sentences(paper)) == 1


def test_replace_paper_takes_its_place_and_keeps_the_old_one(item, clerk, add):
    add("First")
    old = add("Second", exempt_paragraph=3, supplement=1)
    add("Third")
    other = make_received(2, title="Other words")
    new = meetings.replace_paper(old, other, by=clerk, now=LATER)
    assert order(item) == ["First", "Second", "Third"]
    assert [paper.pk for paper in item.documents.standing()][1] == new.pk != old.pk
    assert (new.exempt_paragraph, new.supplement, new.checksum) == (3, 1, other.checksum)
    old.refresh_from_db()
    assert (old.removed_at, old.removed_by) == (LATER, clerk)
    with old.file.open("rb") as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == old.checksum != other.checksum


def test_replace_paper_puts_nothing_off_where_the_new_one_cannot_be_kept(item, clerk, add):
    paper = add("Figures")
    faulty = replace(make_received(), pages=())
    with pytest.raises(ValidationError):
        meetings.replace_paper(paper, faulty, by=clerk, now=LATER)
    assert [kept.pk for kept in item.documents.standing()] == [paper.pk]


@pytest.mark.parametrize(("to", "expected"), [(1, "CAB"), (2, "ACB"), (3, "ABC"), (0, "CAB"), (99, "ABC")])
def test_move_paper(item, clerk, add, to, expected):
    three = {title: add(title) for title in "ABC"}
    meetings.move_paper(three["C"], to=to, by=clerk, now=LATER)
    assert order(item) == list(expected)
    assert (sentences(three["C"])[0] == "moved the paper “C” of item 1") is (expected != "ABC")


def test_move_paper_counts_those_that_stand(item, clerk, add):
    three = {title: add(title) for title in "ABC"}
    meetings.remove_paper(three["A"], by=clerk, now=NOW)
    meetings.move_paper(three["C"], to=1, by=clerk, now=LATER)
    assert order(item) == ["C", "B"]


def test_remove_paper_keeps_it(item, clerk, add):
    paper = add("Figures")
    meetings.remove_paper(paper, by=clerk, now=LATER)
    assert order(item) == []
    paper.refresh_from_db()
    assert (paper.removed_at, paper.removed_by) == (LATER, clerk)
    assert sentences(paper)[0] == "took off the paper “Figures” of item 1"
    for deed, values in (
        (meetings.change_paper, {"title": "x", "exempt_paragraph": None, "supplement": 0}),
        (meetings.replace_paper, {"received": make_received()}),
        (meetings.move_paper, {"to": 1}),
        (meetings.remove_paper, {}),
    ):
        with pytest.raises(Refused, match="This paper has been taken off the agenda"):
            deed(paper, **values, by=clerk, now=LATER)


def test_once_the_agenda_is_published_a_new_paper_goes_into_the_next_supplement(meeting, clerk, add):
    pack = AgendaPack(meeting=meeting, edition="public", content={}, built_at=NOW, built_by=clerk)
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.published_at, pack.published_by = NOW, clerk
    pack.save()
    assert add("Late").supplement == 1
    assert add("Corrected", supplement=0).supplement == 0
