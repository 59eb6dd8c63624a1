"""Members' indications, the committee's assessment row by row, and its confirmation."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from inquiries.actions import assessments, history, meetings, progress, responses
from inquiries.actions.progress import EditClash
from inquiries.choices import Rating, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import Assessment, Entry, Indication, Membership, Notification
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("quick_files")

LATER = NOW + timedelta(hours=1)
LAST = NOW + timedelta(hours=2)
# The meeting has begun.
DECIDED = datetime(2026, 12, 15, 14, tzinfo=UTC)


@pytest.fixture
def report(inquiry, clerk, committee):
    return factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))


@pytest.fixture
def update(report):
    return report.updates.for_page().first()


def entry(verb):
    return Entry.objects.filter(verb=verb).latest("pk")


def fails(*args, **kwargs):
    raise RuntimeError("the disk is full")


# indicate, withdraw_indication


def test_indicate_keeps_each_members_own_view(update, member, chair):
    assessments.indicate(update, rating=Rating.CONCERNS, note=" Too slow. ", by=member, now=LATER)
    assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=chair, now=LATER)
    noted = update.indications.order_by("pk").values_list("recorded_by__name", "rating", "note", "recorded_at")
    assert list(noted) == [
        ("Councillor Anwen Pritchard", Rating.CONCERNS, "Too slow.", LATER),
        ("Councillor Harold Penrose", Rating.ON_TRACK, "", LATER),
    ]
    assert str(entry("indicate")) == "Councillor Harold Penrose noted an indication on 1a and 1b"


def test_indicate_again_takes_the_place_of_the_earlier_one(update, member):
    assessments.indicate(update, rating=Rating.CONCERNS, note="Too slow.", by=member, now=LATER)
    assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=member, now=LAST)
    indication = Indication.objects.get()
    assert (indication.rating, indication.note, indication.recorded_at) == (Rating.ON_TRACK, "", LAST)
    assert Entry.objects.filter(verb="indicate").count() == 2


def test_history_does_not_say_what_a_member_noted(update, member):
    assessments.indicate(update, rating=Rating.CONCERNS, note="Too slow.", by=member, now=LATER)
    assessments.indicate(update, rating=None, note="", by=member, now=LAST)
    for kept in Entry.objects.filter(verb__in=["indicate", "withdraw_indication"]):
        assert kept.changes == {}
        assert "Too slow" not in str(kept.states)
        assert all(not state or "rating" not in state for state in kept.states.values())


def test_indication_can_be_a_note_alone(update, member):
    indication = assessments.indicate(update, rating=None, note="Who pays?", by=member, now=LATER)
    assert (indication.rating, indication.note) == (None, "Who pays?")


def test_indications_are_ones_own_until_the_meeting_has_begun(update, people, member, chair):
    for who in (member, chair):
        assessments.indicate(update, rating=Rating.CONCERNS, note=f"By {who}.", by=who, now=LATER)

    def seen_by(name, now):
        return {one.recorded_by for one in Indication.objects.visible_to(people[name], now)}

    for now in (LATER, DECIDED - timedelta(minutes=1)):
        assert seen_by("clerk", now) == set()
        assert seen_by("chair", now) == {chair}
        assert seen_by("member", now) == {member}
    for name in ("clerk", "chair"):
        assert seen_by(name, DECIDED) == {member, chair}
    assert seen_by("member", DECIDED) == {member}
    for name in ("other_member", "officer", "cabinet_member", "stranger"):
        assert seen_by(name, DECIDED) == set()


def test_indications_stay_ones_own_where_there_was_no_meeting(report, update, member, clerk):
    assessments.indicate(update, rating=Rating.CONCERNS, note="", by=member, now=LATER)
    meetings.cancel_meeting(report.meeting, reason="Snow.", by=clerk, now=LATER)
    assert not Indication.objects.visible_to(clerk, DECIDED).exists()
    type(report).objects.filter(pk=report.pk).update(meeting=None)
    assert not Indication.objects.visible_to(clerk, DECIDED).exists()


def test_indicate_is_for_those_who_sit_on_the_committee_that_day(
    update, committee, other_member, stranger, officer, cabinet_member, clerk
):
    Membership.objects.create(
        committee=committee, person=stranger, from_date=date(2025, 1, 1), until_date=date(2026, 11, 22)
    )
    for person in (other_member, stranger, officer, cabinet_member, clerk):
        with pytest.raises(Refused, match="Only members of the committee"):
            assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=person, now=LATER)
    assert not Indication.objects.exists()


def test_indicate_is_refused_before_publication_and_after_confirmation(inquiry, report, update, clerk, member):
    early = factories.make_report(inquiry, clerk, months_on=12, at=Stage.SIGNED_OFF)
    with pytest.raises(Refused, match="has been signed off"):
        assessments.indicate(early.updates.first(), rating=Rating.ON_TRACK, note="", by=member, now=LATER)
    assessments.confirm_assessments(report, by=clerk, now=DECIDED)
    with pytest.raises(Refused, match="assessments have been confirmed"):
        assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=member, now=LAST)
    assert not Indication.objects.exists()


def test_indicate_with_a_rating_there_is_not_writes_nothing(update, member):
    with pytest.raises(ValueError, match="5 is not a valid Rating"):
        assessments.indicate(update, rating=5, note="", by=member, now=LATER)
    assert not Indication.objects.exists()


def test_an_indication_of_nothing_takes_back_ones_own_only(update, member, chair):
    assessments.indicate(update, rating=Rating.CONCERNS, note="Too slow.", by=member, now=LATER)
    assessments.indicate(update, rating=None, note="", by=chair, now=LAST)
    assert Indication.objects.get().note == "Too slow."
    for _ in range(2):
        assert assessments.indicate(update, rating=None, note=" ", by=member, now=LAST) is None
    assert not Indication.objects.exists()
    assert Entry.objects.filter(verb="withdraw_indication").count() == 1
    assert str(entry("withdraw_indication")) == "Councillor Anwen Pritchard withdrew an indication on 1a and 1b"


def test_an_indication_is_not_taken_back_once_the_assessments_are_confirmed(report, update, member, clerk):
    assessments.indicate(update, rating=Rating.CONCERNS, note="", by=member, now=LATER)
    assessments.confirm_assessments(report, by=clerk, now=DECIDED)
    with pytest.raises(Refused, match="have been confirmed"):
        assessments.indicate(update, rating=None, note="", by=member, now=LAST)
    assert Indication.objects.exists()


def test_of_views_noted_together_each_has_its_own_entry_and_state(report, update, member):
    assessments.indicate(update, rating=Rating.CONCERNS, note="", by=member, now=LATER)
    one, two, three = report.updates.for_page()
    views = [(one, None, "", LATER), (two, Rating.ON_TRACK, "", None), (three, None, "Who pays?", None)]
    found = assessments.indicate_rows(report, views, by=member, now=LAST)
    assert [found[one.pk], found[two.pk].rating, found[three.pk].note] == [None, Rating.ON_TRACK, "Who pays?"]
    entries = Entry.objects.filter(at=LAST).order_by("pk")
    assert [kept.verb for kept in entries] == ["withdraw_indication", "indicate", "indicate"]
    assert list(entries[0].states.values()) == [None]
    assert [list(kept.states) for kept in entries[1:]] == [
        [f"indication/{found[key].pk}"] for key in (two.pk, three.pk)
    ]


# assess


def test_assess_records_rating_comment_and_history(update, chair):
    assessment = assessments.assess(
        update, rating=Rating.ON_TRACK, comment=" Well done. ", seen=None, by=chair, now=LATER
    )
    assessment.refresh_from_db()
    assert (assessment.rating, assessment.comment) == (2, "Well done.")
    assert (assessment.recorded_at, assessment.recorded_by) == (LATER, chair)
    assert str(entry("assess")) == "Councillor Harold Penrose recorded the assessment of 1a and 1b: On track"
    assert entry("assess").changes == {"rating": [None, 2], "comment": ["", "Well done."]}


def test_assess_can_leave_a_row_to_be_assessed_again(update, chair):
    first = assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=None, by=chair, now=LATER)
    assessments.assess(update, rating=None, comment="Wait.", seen=first.recorded_at, by=chair, now=LAST)
    assessment = Assessment.objects.get()
    assert (assessment.rating, assessment.comment) == (None, "Wait.")
    assert entry("assess").sentence == "recorded the assessment of 1a and 1b: to be assessed"


@pytest.mark.parametrize("seen", [None, NOW])
def test_assess_based_on_another_assessment_clashes_and_changes_nothing(update, chair, clerk, seen):
    assessments.assess(update, rating=Rating.ON_TRACK, comment="The chair's.", seen=None, by=chair, now=LATER)
    with pytest.raises(EditClash) as clash:
        assessments.assess(update, rating=Rating.NOT_DELIVERED, comment="Mine.", seen=seen, by=clerk, now=LAST)
    assert clash.value.current.comment == "The chair's."
    assert Assessment.objects.get().rating == Rating.ON_TRACK
    assert Entry.objects.filter(verb="assess").count() == 1


def test_assess_of_one_that_is_gone_clashes(update, chair):
    with pytest.raises(EditClash) as clash:
        assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=NOW, by=chair, now=LATER)
    assert clash.value.current is None


def test_assess_is_for_the_chair_and_clerks(update, member, other_member, officer, cabinet_member):
    for person in (member, other_member, officer, cabinet_member):
        with pytest.raises(Refused, match="Only the chair or a clerk"):
            assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=None, by=person, now=LATER)
    assert not Assessment.objects.exists()


def test_assess_is_refused_before_publication_and_after_confirmation(inquiry, report, update, clerk):
    early = factories.make_report(inquiry, clerk, months_on=12, at=Stage.SIGNED_OFF)
    with pytest.raises(Refused, match="has been signed off"):
        assessments.assess(early.updates.first(), rating=1, comment="", seen=None, by=clerk, now=LATER)
    assessments.confirm_assessments(report, by=clerk, now=DECIDED)
    with pytest.raises(Refused, match="have been confirmed"):
        assessments.assess(update, rating=1, comment="", seen=None, by=clerk, now=LAST)
    assert not Assessment.objects.exists()


def test_nothing_is_recorded_when_history_cannot_be(update, chair, monkeypatch):
    monkeypatch.setattr(history, "write_all", fails)
    with pytest.raises(RuntimeError):
        assessments.assess(update, rating=1, comment="", seen=None, by=chair, now=LATER)
    with pytest.raises(RuntimeError):
        assessments.indicate(update, rating=1, note="", by=chair, now=LATER)
    assert (Assessment.objects.count(), Indication.objects.count()) == (0, 0)


# confirm_assessments


@pytest.fixture
def judged(report, chair):
    """1a and 1b implemented, 2 of concern, 10 left to be assessed."""
    for update, rating in zip(report.updates.for_page(), (Rating.IMPLEMENTED, Rating.CONCERNS, None), strict=True):
        assessments.assess(update, rating=rating, comment="", seen=None, by=chair, now=LATER)
    return report


def test_confirm_assessments_ends_what_is_implemented_and_leaves_the_rest_open(judged, inquiry, chair):
    edition = assessments.confirm_assessments(judged, by=chair, now=DECIDED)
    judged.refresh_from_db()
    assert (judged.stage, judged.assessed_at, judged.assessed_by) == (Stage.ASSESSED, DECIDED, chair)
    assert (edition.number, edition.after_meeting) == (2, True)
    ended = inquiry.recommendations.in_order().exclude(reference="4").values_list("reference", "ended_as", "ended_on")
    assert list(ended) == [
        ("1a", "implemented", date(2026, 12, 15)),
        ("1b", "implemented", date(2026, 12, 15)),
        ("2", "", None),
        ("3b", "", None),
        ("10", "", None),
    ]
    one = inquiry.recommendations.get(reference="1a")
    assert (one.ended_meeting, one.ended_by) == (judged.meeting, chair)
    assert one.ended_reason == "Recommendation implemented to the satisfaction of the committee."
    assert str(entry("confirm_assessments")) == "Councillor Harold Penrose confirmed the committee's assessments"


def test_confirm_assessments_before_the_meeting_has_begun_is_refused(judged, inquiry, chair):
    with pytest.raises(Refused, match="at its meeting on 15 December 2026, which has not begun"):
        assessments.confirm_assessments(judged, by=chair, now=DECIDED - timedelta(seconds=1))
    judged.refresh_from_db()
    assert (judged.stage, judged.assessed_on) == (Stage.PUBLISHED, None)
    assert not inquiry.recommendations.filter(ended_as="implemented").exists()


def test_assessed_on_is_the_day_of_the_meeting_though_confirmed_later(judged, clerk):
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED + timedelta(days=6))
    judged.refresh_from_db()
    assert judged.assessed_on == date(2026, 12, 15)


def test_confirm_assessments_after_a_cancelled_meeting_names_the_one_that_was_held(judged, committee, chair, clerk):
    meetings.cancel_meeting(judged.meeting, reason="Snow.", by=clerk, now=LAST)
    with pytest.raises(Refused, match="The meeting on 15 December 2026 was cancelled"):
        assessments.confirm_assessments(judged, by=chair, now=DECIDED)
    held = factories.make_meeting(committee, date(2027, 1, 5))
    with pytest.raises(Refused, match="at its meeting on 5 January 2027, which has not begun"):
        assessments.confirm_assessments(judged, meeting=held, by=chair, now=DECIDED)
    assessments.confirm_assessments(judged, meeting=held, by=chair, now=held.start)
    judged.refresh_from_db()
    assert (judged.meeting, judged.assessed_on) == (held, date(2027, 1, 5))
    one = judged.inquiry.recommendations.get(reference="1a")
    assert (one.ended_on, one.ended_meeting) == (date(2027, 1, 5), held)


def test_confirm_assessments_of_a_report_without_a_meeting_asks_for_one(inquiry, clerk, other_member):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    with pytest.raises(Refused, match="Choose the meeting at which the committee"):
        assessments.confirm_assessments(report, by=clerk, now=DECIDED)
    elsewhere = factories.hold_meeting(other_member.memberships.get().committee)
    with pytest.raises(Refused, match="of another committee"):
        assessments.confirm_assessments(report, meeting=elsewhere, by=clerk, now=DECIDED)


def test_a_row_left_blank_comes_back_in_the_next_report(judged, inquiry, clerk):
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    following = factories.make_report(inquiry, clerk, months_on=12)
    assert [update.reference for update in following.updates.for_page()] == ["2", "10"]


def test_confirm_assessments_without_any_rating_ends_nothing(report, inquiry, clerk):
    edition = assessments.confirm_assessments(report, by=clerk, now=DECIDED)
    assert [row["rating"] for row in edition.content["rows"]] == [None, None, None]
    assert list(inquiry.recommendations.exclude(ended_as="").values_list("reference", flat=True)) == ["4"]


def test_confirm_assessments_leaves_an_end_that_was_there_before(judged, inquiry, clerk):
    end(inquiry, "1b", clerk)
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    ended = inquiry.recommendations.filter(reference__in=["1a", "1b"]).in_order().values_list("ended_as", flat=True)
    assert list(ended) == ["implemented", "superseded"]


def end(inquiry, reference, clerk):
    factories.endings.end_recommendation(
        inquiry.recommendations.get(reference=reference),
        ending="superseded",
        reason="A law.",
        on=date(2026, 11, 1),
        by=clerk,
        now=NOW,
    )


def told():
    found = Notification.objects.filter(occasion="assessments_confirmed").order_by("pk")
    return {notification.recipient.name: notification for notification in found}


def test_confirm_assessments_tells_lead_officers_contributors_and_signers(
    committee, clerk, officer, other_officer, contributor, cabinet_member
):
    inquiry = factories.make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    report = factories.make_report(inquiry, clerk)
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=officer, now=NOW)
    factories.walk(report, to=Stage.ASSESSED, by=clerk)
    numbers = {name: re.findall(r"^- (.*?):", mail.body, re.MULTILINE) for name, mail in told().items()}
    assert numbers == {
        officer.name: ["Recommendations 1a and 1b"],
        contributor.name: ["Recommendations 1a and 1b"],
        other_officer.name: ["Recommendation 2"],
        cabinet_member.name: ["Recommendations 1a and 1b", "Recommendation 2", "Recommendation 10"],
    }


def test_confirm_assessments_tells_each_signer_of_the_rows_of_their_own_portfolio(
    committee, clerk, officer, cabinet_member, stranger, member
):
    inquiry = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    second = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(second, cabinet_member=stranger, by=clerk, now=NOW)
    factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    numbers = {name: re.findall(r"^- (.*?):", mail.body, re.MULTILINE) for name, mail in told().items()}
    assert numbers == {
        officer.name: ["Recommendations 1a and 1b"],
        cabinet_member.name: ["Recommendations 1a and 1b", "Recommendation 10"],
        stranger.name: ["Recommendation 2"],
    }


def test_the_email_of_ratings_has_the_comment_on_one_line_and_what_comes_next(judged, inquiry, other_officer, clerk):
    inquiry.responses.update(responded_on=date(2026, 6, 8))
    update = judged.updates.for_page()[1]
    comment = "Twice a year\n\nis too little.\nhttp://localhost:8000/"
    assessments.assess(update, rating=Rating.CONCERNS, comment=comment, seen=LATER, by=clerk, now=LAST)
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    body = told()[other_officer.name].body
    assert (
        "- Recommendation 2: Concerns. Committee have concerns the recommendation may not be fully delivered to its "
        "satisfaction\nThe committee's comment: Twice a year is too little. http://localhost:8000/\n\n"
        "Recommendation 2: to be reported on again in the final report (12 months on), due on 8 June 2027.\n"
    ) in body
    assert "Closed" not in body


def test_ratings_confirmed_again_are_sent_to_those_whose_row_changed(judged, other_officer, cabinet_member, clerk):
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    judged.refresh_from_db()
    progress.reopen(judged, to=Stage.PUBLISHED, reason="A wrong rating.", by=clerk, now=DECIDED)
    update = judged.updates.for_page()[1]
    assessments.assess(
        update, rating=Rating.NOT_DELIVERED, comment="", seen=update.assessment.recorded_at, by=clerk, now=DECIDED
    )
    before = told()
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    first = Notification.objects.get(pk=before[other_officer.name].pk)
    again = Notification.objects.filter(occasion="assessments_confirmed", pk__gt=max(m.pk for m in before.values()))
    assert {mail.recipient for mail in again} == {other_officer, cabinet_member}
    mail = again.get(recipient=other_officer)
    assert first.subject.startswith("The committee's assessment: Warm Homes Inquiry")
    assert mail.subject.startswith("The committee's assessment has changed: Warm Homes Inquiry")
    assert (
        "consider the recommendation to have not been delivered/implemented (changed; before: Concerns. " in mail.body
    )
    assert again.get(recipient=cabinet_member).body.count("(changed; before:") == 1


def test_confirm_assessments_that_were_not_seen_clashes(judged, chair, clerk):
    seen = judged.ratings_version()
    update = judged.updates.for_page().first()
    assessments.assess(update, rating=Rating.CONCERNS, comment="", seen=LATER, by=clerk, now=LAST)
    with pytest.raises(EditClash):
        assessments.confirm_assessments(judged, by=chair, now=DECIDED, seen=seen)
    judged.refresh_from_db()
    assert judged.stage == Stage.PUBLISHED
    assessments.confirm_assessments(judged, by=chair, now=DECIDED, seen=judged.ratings_version())


def test_confirm_assessments_is_for_the_chair_and_clerks_and_once(judged, clerk, member, other_member, officer):
    for person in (member, other_member, officer):
        with pytest.raises(Refused, match="Only the chair or a clerk"):
            assessments.confirm_assessments(judged, by=person, now=DECIDED)
    assessments.confirm_assessments(judged, by=clerk, now=DECIDED)
    with pytest.raises(Refused, match="have been confirmed"):
        assessments.confirm_assessments(judged, by=clerk, now=DECIDED)


@pytest.mark.parametrize(
    "name", ["inquiries.actions.publication.progress_report_pdf", "inquiries.actions.history.write"]
)
def test_confirm_assessments_that_fails_leaves_nothing(judged, inquiry, chair, monkeypatch, name):
    def fails_to_print(*args, **kwargs):
        raise PdfFailed("The PDF could not be made.")

    notifications, entries = Notification.objects.count(), Entry.objects.count()
    monkeypatch.setattr(name, fails_to_print)
    with pytest.raises(PdfFailed):
        assessments.confirm_assessments(judged, by=chair, now=DECIDED)
    judged.refresh_from_db()
    assert (judged.stage, judged.editions.count()) == (Stage.PUBLISHED, 1)
    assert inquiry.recommendations.get(reference="1a").ended_as == ""
    assert (Notification.objects.count(), Entry.objects.count()) == (notifications, entries)
