"""Assessments in the meeting: two devices, drafts from before; the row on the screen; corrections afterwards."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from inquiries.actions import assessments, progress
from inquiries.actions.progress import EditClash
from inquiries.choices import Rating, Stage
from inquiries.models import AssessmentCorrection, Entry, Notification, ShownRow
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("quick_files")

BEGUN = NOW - timedelta(minutes=30)  # when the meeting of this morning began
LATER = NOW + timedelta(minutes=5)
LAST = NOW + timedelta(minutes=10)
REASON = "The minute says otherwise."


@pytest.fixture
def report(inquiry, clerk, committee):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.meeting = factories.hold_meeting(committee)
    report.save()
    return report


@pytest.fixture
def update(report):
    return report.updates.for_page().first()


def rate(update, rating, *, by, now, seen=None, comment=""):
    return assessments.assess(update, rating=rating, comment=comment, seen=seen, by=by, now=now)


# In the meeting


def test_a_rating_that_arrives_twice_is_recorded_once(update, chair):
    first = rate(update, Rating.ON_TRACK, by=chair, now=LATER)
    again = rate(update, Rating.ON_TRACK, by=chair, now=LAST)
    assert (again.pk, again.recorded_at) == (first.pk, LATER)
    assert Entry.objects.filter(verb="assess").count() == 1


def test_an_older_tap_does_not_replace_what_the_same_person_recorded_elsewhere(update, chair):
    rate(update, Rating.CONCERNS, by=chair, now=LATER)
    with pytest.raises(EditClash) as clash:
        rate(update, Rating.ON_TRACK, by=chair, now=LAST)
    assert clash.value.current.rating == Rating.CONCERNS
    assert rate(update, Rating.ON_TRACK, seen=LATER, by=chair, now=LAST).rating == Rating.ON_TRACK


def test_the_draft_of_before_is_recorded_anew_in_the_meeting(update, report, chair, clerk):
    draft = rate(update, Rating.ON_TRACK, by=clerk, now=BEGUN - timedelta(hours=1))
    assert not draft.is_of_meeting(report.meeting)
    said = rate(update, Rating.ON_TRACK, by=chair, now=LATER)
    assert (said.is_of_meeting(report.meeting), said.recorded_by) == (True, chair)


def test_the_screen_follows_who_showed_a_row_last(report, update, chair, clerk):
    assessments.show_row(report.meeting, update, by=chair, now=NOW)
    second = report.updates.for_page()[1]
    assessments.show_row(report.meeting, second, by=clerk, now=LATER)
    shown = ShownRow.objects.get()
    assert (shown.meeting, shown.update, shown.shown_by) == (report.meeting, second, clerk)


def test_show_row_is_for_the_chair_and_clerks_and_rows_of_this_meeting(
    report, update, committee, member, other_member, chair
):
    for person in (member, other_member):
        with pytest.raises(Refused, match="for the committee's chair and clerks"):
            assessments.show_row(report.meeting, update, by=person, now=NOW)
    with pytest.raises(Refused, match="not of a report that has been published for this meeting"):
        assessments.show_row(factories.make_meeting(committee), update, by=chair, now=NOW)
    assert not ShownRow.objects.exists()


# Afterwards


@pytest.fixture
def confirmed(report, clerk):
    """1a and 1b are implemented, 2 on track, 10 causes concerns."""
    for update, rating in zip(report.updates.for_page(), Rating, strict=False):
        rate(update, rating, by=clerk, now=NOW)
    assessments.confirm_assessments(report, by=clerk, now=NOW)
    report.refresh_from_db()
    return report


def correct(update, rating, *, by, comment="", reason=REASON, seen=NOW, now=LATER):
    return assessments.correct_assessment(
        update, rating=rating, comment=comment, reason=reason, seen=seen, by=by, now=now
    )


def endings(inquiry):
    return dict(inquiry.recommendations.exclude(ended_as="").values_list("reference", "ended_as"))


def test_confirming_locks(confirmed, update, chair):
    with pytest.raises(Refused, match="have been confirmed"):
        rate(update, Rating.CONCERNS, seen=NOW, by=chair, now=LATER)


def test_correct_assessment_keeps_a_new_edition_that_says_why(confirmed, chair):
    second = confirmed.updates.about("2").get()
    edition = correct(second, Rating.CONCERNS, comment=" Too slow. ", by=chair)
    assert [one["rating"] for one in edition.content["rows"]] == [1, Rating.CONCERNS, 3]
    row = edition.content["rows"][1]
    day = timezone.localdate(LATER).isoformat()
    assert (row["comment"], row["corrections"]) == ("Too slow.", [{"day": day, "reason": REASON}])
    assert [one["corrections"] for one in (edition.content["rows"][0], edition.content["rows"][2])] == [[], []]
    assert list(confirmed.editions.values_list("number", "after_meeting")) == [(1, False), (2, True), (3, True)]
    kept = AssessmentCorrection.objects.get()
    assert (kept.rating_before, kept.comment_before, kept.corrected_by) == (Rating.ON_TRACK, "", chair)
    entry = Entry.objects.get(verb="correct_assessment")
    assert str(entry) == "Councillor Harold Penrose corrected the assessment of 2: Concerns"
    assert (entry.note, entry.changes["rating"]) == (REASON, [Rating.ON_TRACK, Rating.CONCERNS])


def test_correct_assessment_tells_who_wrote_the_row(confirmed, clerk):
    correct(confirmed.updates.about("2").get(), Rating.CONCERNS, by=clerk)
    told = Notification.objects.filter(occasion="assessments_confirmed", subject__contains="has changed")
    assert [str(one.recipient) for one in told.order_by("recipient__name")] == ["Councillor Ruth Adeyemi", "Tom Okafor"]
    assert "Recommendation 2: Concerns." in told[0].body
    assert "Corrected on 23 November 2026: The minute says otherwise." in told[0].body


def test_correct_assessment_opens_and_ends_recommendations(confirmed, inquiry, clerk):
    assert endings(inquiry) == {"1a": "implemented", "1b": "implemented", "4": "withdrawn"}
    first, second = confirmed.updates.for_page()[:2]
    correct(first, Rating.ON_TRACK, by=clerk)
    correct(second, Rating.IMPLEMENTED, by=clerk)
    assert endings(inquiry) == {"2": "implemented", "4": "withdrawn"}
    assert inquiry.recommendations.get(reference="2").ended_on == date(2026, 11, 23)
    progress.reopen(confirmed, to=Stage.PUBLISHED, reason="Again.", by=clerk, now=LAST)
    assert endings(inquiry) == {"4": "withdrawn"}


def test_correct_assessment_needs_a_reason_a_change_and_the_version_that_was_read(confirmed, clerk):
    second = confirmed.updates.about("2").get()
    with pytest.raises(Refused, match="Say why the assessment is corrected"):
        correct(second, Rating.CONCERNS, reason=" ", by=clerk)
    with pytest.raises(Refused, match="nothing to correct"):
        correct(second, Rating.ON_TRACK, by=clerk)
    correct(second, Rating.CONCERNS, by=clerk)
    with pytest.raises(EditClash):
        correct(second, Rating.NOT_DELIVERED, by=clerk, now=LAST)


def test_correct_assessment_is_for_the_chair_and_clerks_once_confirmed(
    report, update, confirmed, member, other_member, officer, clerk
):
    second = confirmed.updates.about("2").get()
    for person in (member, other_member, officer):
        with pytest.raises(Refused, match="Only the chair or a clerk corrects"):
            correct(second, Rating.CONCERNS, by=person)
    progress.reopen(confirmed, to=Stage.PUBLISHED, reason="Again.", by=clerk, now=LATER)
    with pytest.raises(Refused, match="“Correct an assessment” cannot be done now"):
        correct(second, Rating.CONCERNS, by=clerk, now=LAST)
