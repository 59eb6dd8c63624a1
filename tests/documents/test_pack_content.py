"""From the records to the words of an agenda pack, in both editions, and what the public one must not know."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from inquiries.actions import progress, publication
from inquiries.actions.meetings import add_item, change_item, change_paper, remove_item, remove_paper, replace_paper
from inquiries.choices import ItemKind, PackEdition, SeatRole, Stage
from inquiries.documents.pack_content import (
    Item,
    ReportPaper,
    changes_between,
    fingerprint,
    has_restricted_edition,
    pack_contents,
    pack_from_json,
    records_of,
)
from inquiries.models import AgendaPack, Membership, PackPlan
from inquiries.serialization import to_plain_data
from tests import factories
from tests.cast import NOW, person
from tests.documents.pack_agenda import MARKER, content, paper, put_paper, put_papers, received
from tests.documents.samples import full_report, report, row

PUBLIC, RESTRICTED = PackEdition.PUBLIC, PackEdition.RESTRICTED
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def meeting(committee):
    return factories.make_meeting(committee)


def contents_of(meeting, supplement=0, before=None, **plan):
    contents = pack_contents(PackPlan(meeting=meeting, supplement=supplement, **plan), before or {})
    assert has_restricted_edition(supplement, records_of(meeting)) == (RESTRICTED in contents)
    return contents


def public_of(meeting, supplement=0, **options):
    return contents_of(meeting, supplement, **options)[PUBLIC]


def add_report(meeting, report, *, by, **options):
    return add_item(meeting, title="Warm homes", kind=ItemKind.REPORT, report=report, by=by, now=NOW, **options)


def withhold(report, words, *, by, paragraph=3):
    update = report.updates.for_page().first()
    progress.save_update(
        update,
        version=update.version,
        text="Work goes on.",
        exempt_text=words,
        exempt_paragraph=paragraph,
        by=by,
        now=NOW,
    )


# The pack and its items


def test_pack_names_the_meeting(meeting, settings):
    settings.COUNCIL_NAME = "Wealdshire County Council"
    content = public_of(meeting, urgency_reason="The grant ends.", duplex=False)
    assert (content.council, content.committee) == ("Wealdshire County Council", "Communities Select Committee")
    assert (content.start, content.venue) == ("2026-12-15T14:00:00+00:00", "Mezzanine Room 2")
    assert (content.urgency_reason, content.duplex, content.first_page) == ("The grant ends.", False, 1)
    assert content.title == "Agenda pack: Communities Select Committee, 15 December 2026"


def test_chair_is_first_member(meeting, member, chair, committee):
    for name, role, until in (
        ("Councillor Zoe Abel", SeatRole.VICE_CHAIR, None),
        ("Mr Adam Able", SeatRole.CO_OPTED, None),
        ("Councillor Gone Before", SeatRole.MEMBER, date(2026, 12, 14)),
    ):
        Membership.objects.create(
            committee=committee, person=person(name), role=role, from_date=date(2025, 5, 20), until_date=until
        )
    assert public_of(meeting).members == (
        ("Councillor Harold Penrose", "Chair"),
        ("Councillor Zoe Abel", "Vice-chair"),
        ("Councillor Anwen Pritchard", ""),
        ("Mr Adam Able", "Co-opted member"),
    )


def test_items_in_order(meeting, clerk):
    add_item(meeting, title="Apologies", by=clerk, now=NOW)
    gone = add_item(meeting, title="Removed", by=clerk, now=NOW)
    item = put_papers(meeting, "Transport", (2, "Buses"), (1, "Figures"), by=clerk)
    add_item(meeting, title="Budget", to_follow=True, by=clerk, now=NOW)
    remove_item(gone, by=clerk, now=NOW)
    first, second, third = public_of(meeting).items
    assert [(one.number, one.title, one.to_follow) for one in (first, second, third)] == [
        (1, "Apologies", False),
        (2, "Transport", False),
        (3, "Budget", True),
    ]
    assert second.pk == item.pk
    assert [(p.title, p.page_count, p.tagging) for p in second.papers] == [
        ("Buses", 2, "valid"),
        ("Figures", 1, "valid"),
    ]
    assert not first.has_public_pages


def test_leaves_out_removed_papers(meeting, clerk):
    item = put_papers(meeting, "Transport", (1, "Old"), (1, "Kept"), by=clerk)
    old, kept = item.documents.all()
    new = replace_paper(old, received(3, title="New"), by=clerk, now=NOW)
    remove_paper(kept, by=clerk, now=NOW)
    assert [(p.pk, p.page_count) for p in public_of(meeting).items[0].papers] == [(new.pk, 3)]


def test_contents_survive_json(meeting, clerk, inquiry):
    add_report(meeting, factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF), by=clerk)
    put_papers(meeting, "Transport", (1, "Open"), (1, "Closed", 3), by=clerk)
    for built_content in contents_of(meeting).values():
        assert pack_from_json(json.loads(json.dumps(to_plain_data(built_content)))) == built_content


# Supplements


def test_supplement_lists_its_items(meeting, clerk):
    add_item(meeting, title="Apologies", by=clerk, now=NOW)
    item = put_papers(meeting, "Budget", (2, "Summary"), to_follow=True, by=clerk)
    put_paper(item, 4, "Figures", by=clerk, supplement=1)
    add_item(meeting, title="Urgent business", by=clerk, now=NOW, supplement=1)
    agenda, supplement = public_of(meeting), public_of(meeting, 1)
    assert [one.title for one in agenda.items] == ["Apologies", "Budget"]
    assert [(p.title, agenda.items[1].to_follow) for p in agenda.items[1].papers] == [("Summary", True)]
    assert [one.title for one in supplement.items] == ["Budget", "Urgent business"]
    assert [(p.title, supplement.items[0].to_follow) for p in supplement.items[0].papers] == [("Figures", False)]


def test_paper_stays_when_item_moves(meeting, clerk):
    item = put_papers(meeting, "Budget", (2, "Summary"), by=clerk)
    change_item(item, supplement=1, by=clerk, now=NOW)
    assert [p.title for p in public_of(meeting).items[0].papers] == ["Summary"]
    assert public_of(meeting, 1).items[0].papers == ()


def test_report_to_follow_is_in_supplement(meeting, clerk, inquiry):
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF)
    item = add_report(meeting, report, by=clerk, to_follow=True)
    agenda = public_of(meeting)
    assert (agenda.items[0].report, agenda.items[0].to_follow) == (None, True)
    change_item(item, supplement=1, by=clerk, now=NOW)
    assert public_of(meeting) == agenda
    (line,) = public_of(meeting, 1).items
    assert (line.report.pk, line.to_follow) == (report.pk, False)


def test_supplement_continues_both_series(meeting, clerk):
    put_papers(meeting, "Late", (1, "Closed", 3), by=clerk, supplement=2)
    made = {"meeting": meeting, "content": {}, "built_at": NOW, "built_by": clerk, "first_page": 1}
    agenda = {
        edition: AgendaPack.objects.create(edition=edition, last_page=28, last_exempt_page=last, **made)
        for edition, last in ((PUBLIC, 0), (RESTRICTED, 6))
    }
    only = AgendaPack.objects.create(**made | {"edition": PUBLIC, "supplement": 1, "last_page": 32, "first_page": 29})
    contents = contents_of(meeting, 2, before={PUBLIC: only})
    assert (contents[PUBLIC].first_page, contents[RESTRICTED].first_page) == (33, 33)
    assert (contents[PUBLIC].first_exempt_page, contents[RESTRICTED].first_exempt_page) == (1, 7)
    assert contents_of(meeting, 1, before=agenda)[PUBLIC].first_page == 29


# Reports


def test_unsigned_report_is_draft(meeting, clerk, inquiry):
    report = factories.make_report(inquiry, clerk)
    add_report(meeting, report, by=clerk)
    printed = public_of(meeting).items[0].report
    assert (printed.pk, printed.slug, printed.months_on) == (report.pk, inquiry.slug, 6)
    assert (printed.content.draft, printed.content.update_date) == (True, date(2026, 12, 15))
    assert len(printed.content.rows) == 3
    assert [e.recommendations[0].reference for e in printed.content.account][:3] == ["3a", "3b", "4"]


def test_publishing_report_keeps_content(meeting, clerk, inquiry, cabinet_member):
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF, cabinet_members=[cabinet_member])
    report.update_date = meeting.day
    report.save()
    add_report(meeting, report, by=clerk)
    before = public_of(meeting)
    assert (before.items[0].report.content.draft, before.items[0].report.content.after_meeting) == (False, False)
    assert before.items[0].report.content.cabinet_members == ("Councillor Ruth Adeyemi",)
    publication.publish(report, by=clerk, now=LATER)
    assert fingerprint(public_of(meeting)) == fingerprint(before)


def test_keeps_text_before_meeting(meeting, clerk, inquiry):
    report = factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    add_report(meeting, report, by=clerk)
    words = public_of(meeting).items[0].report.content
    assert {row.rating for row in words.rows} == {None}
    assert words.after_meeting is False
    kept = report.editions.filter(after_meeting=False).get()
    assert len(words.rows) == len(kept.content["rows"])


# What is exempt


def test_restricted_edition_needs_exempt_text(meeting, clerk):
    item = put_papers(meeting, "Transport", (1, "Open"), by=clerk)
    assert set(contents_of(meeting)) == {PUBLIC}
    document = item.documents.get()
    change_paper(document, title="Open", exempt_paragraph=5, supplement=0, by=clerk, now=NOW)
    contents = contents_of(meeting)
    assert set(contents) == {PUBLIC, RESTRICTED}
    assert contents[PUBLIC].items[0].exempt_paragraphs == contents[RESTRICTED].items[0].exempt_paragraphs == (5,)
    assert [p.title for p in contents[RESTRICTED].items[0].exempt_papers] == ["Open"]
    assert not contents[PUBLIC].items[0].has_public_pages


def test_exempt_update_is_restricted(meeting, clerk, inquiry):
    report = factories.make_report(inquiry, clerk)
    withhold(report, MARKER, by=clerk)
    add_report(meeting, report, by=clerk)
    contents = contents_of(meeting)
    public, restricted = contents[PUBLIC].items[0], contents[RESTRICTED].items[0]
    assert public.exempt_paragraphs == restricted.exempt_paragraphs == (3,)
    assert restricted.exempt_report.content.rows[0].exempt.text == MARKER
    assert restricted.report == public.report
    assert public.exempt_report is None
    assert MARKER not in json.dumps(to_plain_data(contents[PUBLIC]))


def test_published_report_gets_exempt_text(meeting, clerk, inquiry):
    report = factories.make_report(inquiry, clerk)
    withhold(report, MARKER, by=clerk)
    for update in report.updates.for_page():
        text = update.text or "Done."
        kept = {"exempt_text": update.exempt_text, "exempt_paragraph": update.exempt_paragraph}
        saved = progress.save_update(update, version=update.version, text=text, by=clerk, now=NOW, **kept)
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=NOW)
    report.refresh_from_db()
    publication.publish(report, by=clerk, now=LATER)
    add_report(meeting, report, by=clerk)
    item = contents_of(meeting)[RESTRICTED].items[0]
    assert item.exempt_report.content.rows[0].exempt.text == MARKER
    assert item.report.content.rows[0].exempt.text == ""
    assert item.exempt_report.content.rows[1:] == item.report.content.rows[1:]


def test_public_content_names_paragraph_only(meeting, clerk):
    item = put_papers(meeting, "Contract", (7, MARKER, 3), (1, "Open"), by=clerk)
    exempt = item.documents.get(exempt_paragraph=3)
    before = contents_of(meeting)
    said = json.dumps(to_plain_data(before[PUBLIC]))
    assert MARKER not in said
    assert exempt.checksum not in said
    for other in (9, 2):
        exempt = replace_paper(exempt, received(other, title=f"{MARKER} again"), by=clerk, now=NOW)
    put_paper(item, 3, f"{MARKER} more", 3, by=clerk)
    after = contents_of(meeting)
    assert after[PUBLIC] == before[PUBLIC]
    assert len(after[RESTRICTED].items[0].exempt_papers) == 2


# Queries


def test_query_count_is_constant(
    meeting, clerk, committee, officer, cabinet_member, contributor, django_assert_num_queries
):
    stages = [Stage.ASSESSED, Stage.SIGNED_OFF, Stage.COMMISSIONED]
    for number, stage in enumerate(stages):
        inquiry = factories.make_inquiry(
            committee, clerk, officer=officer, cabinet_member=cabinet_member, title=f"Inquiry {number}"
        )
        report = factories.make_report(inquiry, clerk, at=stage)
        add_report(meeting, report, by=clerk)
        put_papers(meeting, f"Papers {number}", (1, "Open"), (1, "Closed", 3), by=clerk)
        # The content of the first was kept when it was published.
        with django_assert_num_queries(8 if number else 6):
            assert RESTRICTED in pack_contents(PackPlan(meeting=meeting), {})


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
def test_describes_each_change(new, said):
    assert changes_between(OLD, new) == [said]


def test_describes_papers_that_followed():
    before = content(replace(TRANSPORT, papers=(), to_follow=True))
    assert changes_between(before, content(replace(TRANSPORT, papers=TRANSPORT.papers[:1]))) == [
        "What was to follow under item 2 has come.",
        "The paper “Buses” was added to item 2.",
    ]


def test_describes_changed_update():
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


def test_describes_changed_report():
    words = report()
    without = content(Item(3, 7, "Getting home"))
    assert changes_between(without, content(with_report(words))) == ["The progress report of item 7 was added."]
    assert changes_between(content(with_report(words)), without) == ["The progress report of item 7 was removed."]
    signed = replace(words, cabinet_members=("Cllr Idris Wood",))
    assert changes_between(content(with_report(words)), content(with_report(signed))) == [
        "The progress report of item 7 was changed."
    ]


def test_keeps_exempt_papers_secret():
    exempt = replace(TRANSPORT, exempt_papers=(paper(8, title=MARKER),))
    assert MARKER not in "".join(changes_between(OLD, content(APOLOGIES, exempt)))
