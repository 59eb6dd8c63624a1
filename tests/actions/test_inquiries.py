"""Inquiries and their recommendations: published, withdrawn, added, reworded, ended, opened again."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import endings, history, inquiries
from inquiries.choices import Stage
from inquiries.models import Entry, Recommendation
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("quick_files")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def recommendation(inquiry):
    return inquiry.recommendations.get(reference="2")


def entry(verb):
    return Entry.objects.filter(verb=verb).latest("pk")


# publish_inquiry, withdraw_inquiry


def test_publish_inquiry_shows_it_to_everybody_once(inquiry, clerk):
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    inquiries.publish_inquiry(inquiry, by=clerk, now=LATER)
    inquiry.refresh_from_db()
    assert (inquiry.is_public, inquiry.published_at, inquiry.published_by) == (True, NOW, clerk)
    assert str(entry("publish_inquiry")) == "Carys Whitlock published the inquiry"
    assert Entry.objects.filter(verb="publish_inquiry").count() == 1


def test_withdraw_inquiry_takes_it_back_with_the_reason(inquiry, clerk):
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    inquiries.withdraw_inquiry(inquiry, reason="Published a week early.", by=clerk, now=LATER)
    inquiry.refresh_from_db()
    assert (inquiry.is_public, inquiry.published_by) == (False, None)
    assert str(entry("withdraw_inquiry")) == "Carys Whitlock withdrew the inquiry from the public"
    assert entry("withdraw_inquiry").note == "Published a week early."


def test_withdraw_inquiry_is_refused_without_reason_and_when_there_is_nothing_to_withdraw(inquiry, clerk):
    with pytest.raises(Refused, match="not in public sight"):
        inquiries.withdraw_inquiry(inquiry, reason="A mistake.", by=clerk, now=NOW)
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Say why"):
        inquiries.withdraw_inquiry(inquiry, reason=" ", by=clerk, now=LATER)
    inquiry.refresh_from_db()
    assert inquiry.is_public


def test_withdraw_inquiry_is_refused_once_a_report_is_public(inquiry, clerk):
    factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    inquiry.refresh_from_db()
    with pytest.raises(Refused, match="so it stays public"):
        inquiries.withdraw_inquiry(inquiry, reason="A mistake.", by=clerk, now=LATER)


# add_recommendation


def test_add_recommendation_keeps_number_words_and_history(inquiry, clerk):
    added = inquiries.add_recommendation(inquiry, reference=" 5  a) ", text=" Go on. ", by=clerk, now=NOW)
    added.refresh_from_db()
    assert (added.reference, added.text, added.wording, added.reference_given) == ("5 a)", "Go on.", 1, False)
    assert entry("add_recommendation").sentence == "added recommendation 5 a)"
    assert entry("add_recommendation").changes == {"reference": ["", "5 a)"], "text": ["", "Go on."]}


@pytest.mark.parametrize(
    ("reference", "text", "sentence"),
    [
        ("1A", "The same number.", "already has a recommendation with this number"),
        ("01a", "The same number.", "already has a recommendation with this number"),
        ("5?6", "Not a number.", "Enter a number such as"),
        ("", "No number.", "This field cannot be blank"),
        ("5", "  ", "This field cannot be blank"),
    ],
)
def test_add_recommendation_refuses_what_is_no_number_or_not_its_own(inquiry, clerk, reference, text, sentence):
    before = Entry.objects.count()
    with pytest.raises(ValidationError, match=sentence):
        inquiries.add_recommendation(inquiry, reference=reference, text=text, by=clerk, now=NOW)
    assert (inquiry.recommendations.count(), Entry.objects.count()) == (6, before)


# reword_recommendation


def test_reword_recommendation_keeps_the_earlier_words_in_the_history(recommendation, clerk):
    reworded = inquiries.reword_recommendation(
        recommendation, text=" That officers meet each month. ", reason="A slip of the pen.", by=clerk, now=NOW
    )
    assert (reworded.text, reworded.wording) == ("That officers meet each month.", 2)
    written = entry("reword_recommendation")
    assert written.changes == {
        "text": [
            "That officers meet the county's advice agencies every quarter.",
            "That officers meet each month.",
        ],
        "wording": [1, 2],
    }
    assert (written.sentence, written.note) == ("changed the wording of recommendation 2", "A slip of the pen.")


@pytest.mark.parametrize(
    ("text", "reason", "sentence"),
    [
        ("New words.", " ", "Say why the wording changes"),
        (" ", "A slip.", "needs its wording"),
        ("That officers meet the county's advice agencies every quarter. ", "A slip.", "same as before"),
    ],
)
def test_reword_recommendation_is_refused_without_reason_words_or_change(recommendation, clerk, text, reason, sentence):
    with pytest.raises(Refused, match=sentence):
        inquiries.reword_recommendation(recommendation, text=text, reason=reason, by=clerk, now=NOW)
    assert Recommendation.objects.get(pk=recommendation.pk).wording == 1


# end_recommendation, resume_recommendation


def test_end_recommendation_keeps_how_when_why_and_where(recommendation, clerk, committee):
    meeting = factories.hold_meeting(committee)
    ended = endings.end_recommendation(
        recommendation,
        ending="superseded",
        reason="A new law does the same.",
        on=date(2026, 11, 23),
        meeting=meeting,
        by=clerk,
        now=NOW,
    )
    ended.refresh_from_db()
    assert (ended.ended_as, ended.ended_on, ended.ended_reason) == (
        "superseded",
        date(2026, 11, 23),
        "A new law does the same.",
    )
    assert (ended.ended_meeting, ended.ended_at, ended.ended_by) == (meeting, NOW, clerk)
    written = entry("end_recommendation")
    assert (written.sentence, written.note) == ("ended recommendation 2: superseded", "A new law does the same.")
    assert written.changes["ended_as"] == ["", "superseded"]


def test_end_recommendation_is_refused_twice_and_without_reason(inquiry, recommendation, clerk):
    ended = inquiry.recommendations.get(reference="4")
    with pytest.raises(Refused, match="Recommendation 4 has already ended"):
        endings.end_recommendation(ended, ending="superseded", reason="Again.", on=NOW.date(), by=clerk, now=NOW)
    with pytest.raises(Refused, match="Say why the recommendation ends"):
        endings.end_recommendation(recommendation, ending="superseded", reason="", on=NOW.date(), by=clerk, now=NOW)
    assert Recommendation.objects.get(pk=recommendation.pk).ended_as == ""


def test_end_recommendation_is_decided_at_a_meeting_that_was_held_and_on_its_day(recommendation, committee, clerk):
    end = {"ending": "superseded", "reason": "A new law.", "by": clerk, "now": NOW}
    meeting, held = factories.make_meeting(committee), factories.hold_meeting(committee)
    with pytest.raises(Refused, match="at its meeting on 15 December 2026, which has not begun"):
        endings.end_recommendation(recommendation, on=date(2026, 11, 23), meeting=meeting, **end)
    with pytest.raises(ValidationError, match="This meeting was on 23 November 2026"):
        endings.end_recommendation(recommendation, on=date(2026, 11, 22), meeting=held, **end)
    with pytest.raises(ValidationError, match="cannot be in the future"):
        endings.end_recommendation(recommendation, on=date(2026, 11, 24), **end)
    assert Recommendation.objects.get(pk=recommendation.pk).ended_as == ""


def test_resume_recommendation_opens_it_as_if_it_had_not_ended(inquiry, clerk):
    ended = inquiry.recommendations.get(reference="4")
    endings.resume_recommendation(ended, reason="The wrong number was ended.", by=clerk, now=LATER)
    resumed = Recommendation.objects.get(pk=ended.pk)
    assert (resumed.ended_as, resumed.ended_on, resumed.ended_reason, resumed.ended_at) == ("", None, "", None)
    written = entry("resume_recommendation")
    assert (written.sentence, written.note) == ("opened recommendation 4 again", "The wrong number was ended.")
    assert written.changes["ended_as"] == ["withdrawn", ""]


def test_resume_recommendation_is_refused_without_reason_and_when_it_has_not_ended(inquiry, recommendation, clerk):
    with pytest.raises(Refused, match="Say why the recommendation is open again"):
        endings.resume_recommendation(inquiry.recommendations.get(reference="4"), reason="", by=clerk, now=NOW)
    with pytest.raises(Refused, match="Recommendation 2 has not ended"):
        endings.resume_recommendation(recommendation, reason="A mistake.", by=clerk, now=NOW)
    assert not Entry.objects.filter(verb="resume_recommendation").exists()


def test_resume_recommendation_keeps_what_was_reworded_meanwhile(inquiry, clerk):
    seen = inquiry.recommendations.get(reference="4")
    inquiries.reword_recommendation(seen, text="New words.", reason="A slip.", by=clerk, now=NOW)
    endings.resume_recommendation(seen, reason="A mistake.", by=clerk, now=LATER)
    assert Recommendation.objects.get(pk=seen.pk).text == "New words."


# for all of them


DEEDS = {
    "publish": lambda inquiry, by: inquiries.publish_inquiry(inquiry, by=by, now=NOW),
    "withdraw": lambda inquiry, by: inquiries.withdraw_inquiry(inquiry, reason="A mistake.", by=by, now=NOW),
    "add": lambda inquiry, by: inquiries.add_recommendation(inquiry, reference="11", text="More.", by=by, now=NOW),
    "reword": lambda inquiry, by: inquiries.reword_recommendation(
        inquiry.recommendations.get(reference="2"), text="Other words.", reason="A slip.", by=by, now=NOW
    ),
    "end": lambda inquiry, by: endings.end_recommendation(
        inquiry.recommendations.get(reference="2"), ending="superseded", reason="A law.", on=NOW.date(), by=by, now=NOW
    ),
    "resume": lambda inquiry, by: endings.resume_recommendation(
        inquiry.recommendations.get(reference="4"), reason="A mistake.", by=by, now=NOW
    ),
}


def everything(inquiry):
    inquiry.refresh_from_db()
    return inquiry.published_at, list(inquiry.recommendations.in_order().values()), Entry.objects.count()


@pytest.mark.parametrize("deed", DEEDS)
def test_only_a_clerk_may(inquiry, officer, chair, cabinet_member, deed):
    before = everything(inquiry)
    for person in (officer, chair, cabinet_member):
        with pytest.raises(Refused, match="Only a clerk"):
            DEEDS[deed](inquiry, person)
    assert everything(inquiry) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_written_when_history_cannot_be(inquiry, clerk, monkeypatch, deed):
    if deed == "withdraw":
        inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    before = everything(inquiry)

    def fails(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(history, "write", fails)
    with pytest.raises(RuntimeError):
        DEEDS[deed](inquiry, clerk)
    assert everything(inquiry) == before


# free_slug


def test_free_slug_numbers_what_is_taken(committee, clerk):
    for expected in ("warm-homes-inquiry", "warm-homes-inquiry-2", "warm-homes-inquiry-3"):
        assert inquiries.free_slug("warm-homes-inquiry") == expected
        factories.make_inquiry(committee, clerk)


def test_free_slug_of_a_long_or_empty_title_fits(db):
    assert inquiries.free_slug("a" * 200) == "a" * 90
    assert inquiries.free_slug("") == "inquiry"
