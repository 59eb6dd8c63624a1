"""What is said to readers of an earlier edition: every change, in a sentence, and nothing of what is withheld."""

from dataclasses import replace

import pytest

from inquiries.documents.pack_content import Item, ReportPaper, changes_between
from tests.documents.pack_agenda import MARKER, content, paper
from tests.documents.samples import full_report, report, row

APOLOGIES = Item(1, 1, "Apologies for absence")
TRANSPORT = Item(2, 2, "Transport", papers=(paper(1, title="Buses"), paper(2, title="Figures")))
OLD = content(APOLOGIES, TRANSPORT)


def with_report(words):
    return Item(3, 7, "Getting home", report=ReportPaper(5, "getting-home", 6, words))


def test_nothing_changed():
    assert changes_between(OLD, OLD) == []
    everything = content(APOLOGIES, TRANSPORT, with_report(full_report()))
    assert changes_between(everything, everything) == []


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (content(APOLOGIES, TRANSPORT, Item(9, 3, "Budget")), "Item 3 was added: Budget."),
        (content(APOLOGIES), "Item 2 was removed: Transport."),
        (content(APOLOGIES, replace(TRANSPORT, number=4)), "Item 2 became item 4: Transport."),
        (content(APOLOGIES, replace(TRANSPORT, title="Buses")), "The title of item 2 was changed: Buses."),
        (
            content(APOLOGIES, replace(TRANSPORT, papers=(paper(9, title="Buses"), TRANSPORT.papers[1]))),
            "The paper “Buses” of item 2 was replaced.",
        ),
        (
            content(APOLOGIES, replace(TRANSPORT, papers=(*TRANSPORT.papers, paper(9, title="Map")))),
            "The paper “Map” was added to item 2.",
        ),
        (
            content(APOLOGIES, replace(TRANSPORT, papers=TRANSPORT.papers[:1])),
            "The paper “Figures” was removed from item 2.",
        ),
        (content(APOLOGIES, replace(TRANSPORT, to_follow=True)), "Papers of item 2 are now to follow."),
        (content(APOLOGIES, replace(TRANSPORT, exempt_paragraphs=(3,))), "What is withheld of item 2 was changed."),
        (replace(OLD, start="2026-12-16T15:30:00+00:00"), "The meeting is now on 16 December 2026 at 15:30."),
        (replace(OLD, venue="The library"), "The meeting now takes place here: The library."),
        (replace(OLD, members=()), "The list of members was changed."),
        (replace(OLD, urgency_reason="The grant ends."), "The reason why this was published late was changed."),
    ],
)
def test_each_change_has_its_sentence(new, said):
    assert changes_between(OLD, new) == [said]


def test_what_was_to_follow_has_come():
    before = content(replace(TRANSPORT, papers=(), to_follow=True))
    assert changes_between(before, content(replace(TRANSPORT, papers=TRANSPORT.papers[:1]))) == [
        "What was to follow under item 2 has come.",
        "The paper “Buses” was added to item 2.",
    ]


def test_a_changed_progress_update_is_named_by_its_recommendation():
    before = content(with_report(report([row("1a"), row("2"), row("3")])))
    after = content(
        with_report(report([row("1a", update="Signed in May."), row("2", response="For one year."), row("4")]))
    )
    assert changes_between(before, after) == [
        "The progress report of item 7, on 1a: the progress update was changed.",
        "The progress report of item 7, on 2: it was changed.",
        "The progress report of item 7, on 4: it was added.",
        "The progress report of item 7 no longer has 3.",
    ]


def test_a_report_that_came_went_or_changed_in_its_heading():
    words = report()
    without = content(Item(3, 7, "Getting home"))
    assert changes_between(without, content(with_report(words))) == ["The progress report of item 7 was added."]
    assert changes_between(content(with_report(words)), without) == ["The progress report of item 7 was removed."]
    signed = replace(words, cabinet_members=("Cllr Idris Wood",))
    assert changes_between(content(with_report(words)), content(with_report(signed))) == [
        "The progress report of item 7 was changed."
    ]


def test_nothing_is_said_of_exempt_papers():
    exempt = replace(TRANSPORT, exempt_papers=(paper(8, title=MARKER),))
    assert MARKER not in "".join(changes_between(OLD, content(APOLOGIES, exempt)))
