"""Two records of one person become one, and nothing that either wrote is lost."""

from datetime import date, timedelta

import pytest

from inquiries.actions import merge_people, packs, progress, responses
from inquiries.actions.people import related_models
from inquiries.choices import Rating, Stage
from inquiries.documents.data_formats import progress_report_csv
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import CabinetMember, Entry, Indication, Membership, Person, SignOff, TargetDateChange
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, TODAY, person
from tests.pack_building import build_quickly

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def kept(db):
    """The account of the person whom an import named without her address."""
    return person("Janice M Moore", "janice@wealdshire.example")


@pytest.fixture
def report(inquiry, clerk, imported):
    """Being collected: the imported person leads 2 and contributes to 1a and 1b."""
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=imported, by=clerk, now=NOW)
    report = factories.make_report(inquiry, clerk)
    for number, words, named in (("1a", "One number is used.", [imported]), ("2", "We met twice.", [])):
        update = report.updates.about(number).get()
        progress.save_update(update, version=0, text=words, contributors=named, by=clerk, now=NOW)
    return report


def merge(who, into, by):
    return merge_people.merge_person(who, into=into, by=by, now=LATER)


def printed(report):
    return progress_report_content(for_content().get(pk=report.pk))


def still_points_to(who):
    return [p.model.__name__ for p in related_models() if p.everything(who).exists()]


def test_merge_moves_everything(report, clerk, imported, kept, committee):
    Membership.objects.create(committee=committee, person=imported, from_date=date(2020, 1, 1))
    CabinetMember.objects.create(person=imported, portfolio="Transport", from_date=date(2020, 1, 1))
    SignOff.objects.create(report=report, person=imported)
    merge(imported, kept, clerk)
    assert still_points_to(imported) == []
    assert still_points_to(kept) == [
        "Person",
        "CabinetMember",
        "Membership",
        "Response",
        "SignOff",
        "UpdateContributor",
    ]


def test_merged_record_stays(report, clerk, imported, kept):
    merge(imported, kept, clerk)
    imported.refresh_from_db()
    assert (imported.is_active, imported.merged_into, imported.merged_at, imported.merged_by) == (
        False,
        kept,
        LATER,
        clerk,
    )
    assert imported not in Person.objects.present()


def test_merge_keeps_text(report, clerk, imported, kept):
    merge(imported, kept, clerk)
    rows = printed(report).rows
    assert [row.update for row in rows] == ["One number is used.", "We met twice.", ""]
    assert [row.lead_officer for row in rows] == ["Siân Llŷr-Ôwain", "Janice M Moore", ""]
    # The job title was known of the imported record only.
    assert [(c.name, c.job_title) for c in rows[0].contributors] == [("Janice M Moore", "Direct Services Team Manager")]


def test_merge_keeps_published_names(inquiry, clerk, imported, kept):
    response = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(response, lead_officer=imported, by=clerk, now=NOW)
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    merge(imported, kept, clerk)
    assert "Janice Moore" in [name for name, *_ in report.editions.get().content["lead_officers"]]
    report.refresh_from_db()
    assert printed(report).rows[1].lead_officer == "Janice M Moore"


def test_merge_keeps_history(inquiry, clerk, kept):
    old_self = person("Old Clerk", is_clerk=True)
    response = inquiry.responses.get(recommendations__reference="2")
    for day in (date(2027, 1, 1), date(2027, 2, 1)):
        responses.change_target_date(response, target_date=day, reason="Staff left.", by=old_self, now=NOW)
    report = factories.make_report(inquiry, old_self, at=Stage.PUBLISHED)
    moving = merge_people.preview_merge(old_self, kept)
    assert moving.stays == ["1 target date change", "1 report edition"]
    assert moving.others == ["1 inquiry", "1 progress report", "3 progress updates"]
    merge(old_self, kept, clerk)
    assert TargetDateChange.objects.get().changed_by == old_self
    assert report.editions.get().published_by == old_self
    assert Entry.objects.filter(by_id=old_self.pk, by_name="Old Clerk").exists()
    report.refresh_from_db()
    assert (report.commissioned_by, report.published_by) == (kept, kept)
    assert still_points_to(old_self) == ["TargetDateChange", "ReportEdition"]


def test_merge_keeps_published_packs(committee, clerk, kept, settings, tmp_path, monkeypatch):

    settings.MEDIA_ROOT = tmp_path
    build_quickly(monkeypatch)
    old_self = person("Old Clerk", is_clerk=True)
    meeting = factories.make_agenda(factories.make_meeting(committee), clerk)
    packs.publish_packs(meeting, 0, by=old_self, now=NOW)
    merge(old_self, kept, clerk)
    assert set(meeting.packs.values_list("built_by", flat=True)) == {old_self.pk}


def test_merge_moves_own_signature(inquiry, clerk, kept, imported):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    SignOff.objects.create(report=report, person=imported, signed_at=NOW, signed_by=imported)
    merge(imported, kept, clerk)
    given = report.sign_offs.get(person=kept)
    assert (given.signed_at, given.signed_by, given.evidence_note) == (NOW, kept, "")


def test_chained_merges(clerk, imported, kept):
    first = person("J Moore")
    merge(first, imported, clerk)
    merge(imported, kept, clerk)
    first.refresh_from_db()
    assert first.merged_into == kept


def test_merge_history(report, clerk, imported, kept):
    merge(imported, kept, clerk)
    said = "merged the record of Janice Moore into that of Janice M Moore"
    assert [entry.sentence for entry in Entry.objects.about(imported)] == [said]
    entry = Entry.objects.about(kept)[0]
    assert entry.sentence == said
    assert entry.note == (
        "Lead officer for recommendation 2 of “Warm Homes Inquiry”; "
        "Contributor to the interim report (6 months on) of “Warm Homes Inquiry” on 1a and 1b"
    )
    of_inquiry = Entry.objects.filter(inquiry_id=report.inquiry_id, at=LATER).order_by("pk")
    assert [entry.sentence for entry in of_inquiry] == [
        f"{said}: lead officer for recommendation 2 of “Warm Homes Inquiry”",
        f"{said}: contributor to the interim report (6 months on) of “Warm Homes Inquiry” on 1a and 1b",
    ]


def test_exports_after_merge(report, clerk, imported, kept):
    merge(imported, kept, clerk)
    words = progress_report_csv(printed(report)).decode()
    assert "Janice M Moore" in words
    assert "Janice Moore" not in words


# Equal records collapse


def test_merge_two_contributors(report, clerk, imported, kept):
    update = report.updates.for_page().get(response__recommendations__reference="1a")
    progress.save_update(update, version=1, text=update.text, contributors=[imported, kept], by=clerk, now=NOW)
    merge(imported, kept, clerk)
    assert report.updates.for_page().get(pk=update.pk).contributor_names == [kept]


def test_merge_two_signers(report, clerk, imported, kept):
    for who in (imported, kept):
        SignOff.objects.create(report=report, person=who)
    merge(imported, kept, clerk)
    assert report.sign_offs.filter(person=kept).count() == 1


def test_merge_seats(clerk, committee, imported, kept):
    for who in (imported, kept):
        Membership.objects.create(committee=committee, person=who, from_date=date(2025, 5, 20))
    Membership.objects.create(
        committee=committee, person=imported, from_date=date(2021, 5, 6), until_date=date(2025, 5, 19)
    )
    merge(imported, kept, clerk)
    assert [seat.from_date for seat in kept.memberships.order_by("from_date")] == [date(2021, 5, 6), date(2025, 5, 20)]


def test_merge_same_indication(report, clerk, imported, kept):
    update = report.updates.first()
    for who, when in ((imported, NOW), (kept, LATER)):
        Indication.objects.create(update=update, rating=Rating.ON_TRACK, recorded_at=when, recorded_by=who)
    merge(imported, kept, clerk)
    assert [indication.recorded_by for indication in update.indications.all()] == [kept]


# Refused


def conflict_seat(report, imported, kept, clerk):
    committee = report.inquiry.committee
    Membership.objects.create(committee=committee, person=imported, from_date=date(2025, 5, 20), until_date=TODAY)
    Membership.objects.create(committee=committee, person=kept, from_date=date(2026, 1, 1))


def conflict_portfolio(report, imported, kept, clerk):
    for who, day in ((imported, date(2025, 5, 20)), (kept, date(2025, 5, 21))):
        CabinetMember.objects.create(person=who, portfolio="Transport", from_date=day)


def conflict_sign_off(report, imported, kept, clerk):
    SignOff.objects.create(report=report, person=imported)
    SignOff.objects.create(report=report, person=kept, signed_at=NOW, signed_by=kept)


def conflict_indication(report, imported, kept, clerk):
    for who, rating in ((imported, 1), (kept, 4)):
        Indication.objects.create(update=report.updates.first(), rating=rating, recorded_at=NOW, recorded_by=who)


@pytest.mark.parametrize(
    ("conflict", "reason"),
    [
        (
            conflict_seat,
            "Both sit on the Communities Select Committee on the same days: correct or end one of the two seats first.",
        ),
        (
            conflict_portfolio,
            "Both hold the portfolio Transport on the same days: correct or end one of the two first.",
        ),
        (
            conflict_sign_off,
            "Both are to sign the interim report (6 months on) of “Warm Homes Inquiry”: change first who signs it.",
        ),
        (conflict_indication, "Both have noted an indication on 1a and 1b of “Warm Homes Inquiry”."),
    ],
)
def test_rejects_merge_with_conflicts(report, clerk, imported, kept, conflict, reason):
    conflict(report, imported, kept, clerk)
    before = {p.model: list(p.everything(imported).values()) for p in related_models()}
    assert merge_people.preview_merge(imported, kept).reasons == [reason]
    with pytest.raises(Refused) as refusal:
        merge(imported, kept, clerk)
    assert str(refusal.value) == reason
    assert {p.model: list(p.everything(imported).values()) for p in related_models()} == before
    assert not Entry.objects.filter(at=LATER).exists()


def test_rejects_merge(clerk, officer, other_officer, imported, kept):
    Person.objects.filter(pk=other_officer.pk).update(is_active=False)
    other_officer.refresh_from_db()
    for who, into, reason in (
        (officer, kept, "Siân Llŷr-Ôwain has an e-mail address. Only a record without one can be merged into another."),
        (imported, imported, "Choose another person: these are the same record."),
        (imported, other_officer, "Tom Okafor is not one of the current people. Record first that they are back."),
    ):
        with pytest.raises(Refused) as refusal:
            merge(who, into, clerk)
        assert str(refusal.value) == reason


def test_rejects_second_merge(clerk, officer, imported, kept):
    merge(imported, kept, clerk)
    with pytest.raises(Refused, match="has already been merged into that of Janice M Moore"):
        merge(imported, officer, clerk)


def test_merge_requires_a_clerk(officer, imported, kept):
    with pytest.raises(Refused, match="Only a clerk can merge two records of a person"):
        merge(imported, kept, officer)


def test_rejects_merge_of_erased(clerk, imported, kept):
    Person.objects.filter(pk=imported.pk).update(is_active=False, erased_at=NOW, erased_by=clerk)
    with pytest.raises(Refused, match="This record has been erased"):
        merge(imported, kept, clerk)


def test_merge_moves_whose_director_they_are_and_who_is_theirs(clerk, imported, kept, officer, stranger):
    officer.director = kept.director = imported
    imported.director = stranger
    for one in (officer, kept, imported):
        one.save()
    merge(imported, kept, clerk)
    for one in (officer, kept):
        one.refresh_from_db()
    assert (officer.director, kept.director) == (kept, None)
    again = person("J Moore")
    again.director = stranger
    again.save()
    merge(again, kept, clerk)
    kept.refresh_from_db()
    assert kept.director == stranger
