"""Several responses are changed together: what can be is, the rest says why, one e-mail for each new lead officer."""

from datetime import date

import pytest

from inquiries.actions import endings, inquiries, people, responses
from inquiries.actions.bulk_changes import change_responses, mark_of_lines, preview_changes
from inquiries.models import Entry, Notification, Recommendation, Response, TargetDateChange, TrackerRow
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, person

DAY = date(2027, 3, 31)


def words(lines):
    return {
        line.numbers: line.refusal
        or {label: (before and str(before), str(after)) for label, before, after in line.changes}
        for line in lines
    }


def test_everything_chosen_changes_or_says_why(inquiry, clerk, officer, other_officer, committee):
    other = factories.make_inquiry(committee, clerk, title="Cold Homes")
    waiting = inquiries.add_recommendation(other, reference="12", text="That one waits.", by=clerk, now=NOW)
    chosen = [*inquiry.recommendations.exclude(reference="1b"), waiting]
    asked = {"lead_officer": other_officer, "target_date": DAY, "reason": "A new team.", "by": clerk, "now": NOW}
    lines = preview_changes(chosen, **asked)
    assert words(lines) == {
        "12": "It has no response yet.",
        "1a": {"Lead officer": ("Siân Llŷr-Ôwain", "Tom Okafor"), "Target date": (None, "2027-03-31")},
        "2": {"Target date": (None, "2027-03-31")},
        "3b": "Cabinet has not accepted it.",
        "4": "It has no response yet.",
        "10": {"Lead officer": (None, "Tom Okafor"), "Target date": (None, "2027-03-31")},
    }
    assert [line.also for line in lines if line.numbers == "1a"] == ["1b"]
    # Nothing has been changed.
    assert not Response.objects.filter(target_date__isnull=False).exists()
    entries = Entry.objects.count()
    assert change_responses(chosen, **asked) == lines
    assert Response.objects.filter(lead_officer=other_officer, target_date=DAY).count() == 3
    assert TrackerRow.objects.filter(lead_officer_id=other_officer.pk, target_date=DAY).count() == 4
    # Two new lead officers, three dates: the history has each as if it had been made alone.
    assert Entry.objects.count() == entries + 5
    assert Entry.objects.filter(verb="correct_response", note="A new team.").count() == 2
    assert [line.changes for line in change_responses(chosen, **asked)] == [()] * 6


def test_a_row_that_is_refused_stays_whole(inquiry, clerk, member, committee):
    """A member of the committee cannot lead; the date of that row does not move either."""
    response = Response.objects.get(recommendations__reference="2")
    responses.change_target_date(response, target_date=date(2027, 1, 1), reason="", by=clerk, now=NOW)
    asked = {"target_date": DAY, "by": clerk, "now": NOW}
    (line,) = change_responses([inquiry.recommendations.get(reference="2")], **asked)
    assert line.refusal == "Say why the target date changes."
    (line,) = change_responses(
        [inquiry.recommendations.get(reference="2")], lead_officer=member, reason="Staff left.", **asked
    )
    assert line.refusal.startswith("Councillor Anwen Pritchard sits on the Communities Select Committee")
    response.refresh_from_db()
    assert (response.target_date, TargetDateChange.objects.count()) == (date(2027, 1, 1), 0)


def test_an_ended_recommendation_stays(inquiry, clerk, officer):
    recommendation = inquiry.recommendations.get(reference="10")
    ended = {"ending": "superseded", "reason": "New law.", "on": NOW.date()}
    endings.end_recommendation(recommendation, **ended, by=clerk, now=NOW)
    lines = change_responses([recommendation], lead_officer=officer, by=clerk, now=NOW)
    assert words(lines) == {"10": "It has ended."}


def test_one_email_for_the_new_lead_officer(inquiry, clerk, cabinet_member, committee):
    factories.make_report(inquiry, clerk)
    other = factories.make_inquiry(committee, clerk, cabinet_member=cabinet_member, title="Cold Homes")
    factories.make_report(other, clerk)
    taker = person("Ivy Marsh", "ivy@wealdshire.example")
    chosen = Recommendation.objects.filter(reference__in=["1a", "2", "10"])
    preview_changes(chosen, lead_officer=taker, by=clerk, now=NOW)
    assert not Notification.objects.filter(recipient=taker).exists()
    change_responses(chosen, lead_officer=taker, by=clerk, now=NOW)
    mail = Notification.objects.get(recipient=taker)
    assert mail.subject == "You now lead recommendations 1a and 1b and 5 more: progress updates needed"
    assert mail.body.count("inquiry “Cold Homes”: due on Tuesday 1 June 2027") == 3
    assert mail.body.count("inquiry “Warm Homes Inquiry”: due on Tuesday 1 June 2027") == 3


def test_only_a_clerk_changes_several(inquiry, clerk, officer):
    with pytest.raises(Refused, match="Only a clerk"):
        change_responses(inquiry.recommendations.all(), lead_officer=officer, by=officer, now=NOW)


def test_a_leaver_cannot_take_over(inquiry, clerk):
    leaver = people.invite(name="Phil Dart", by=clerk, now=NOW)
    leaver.is_active = False
    leaver.save()
    (line,) = change_responses([inquiry.recommendations.get(reference="2")], lead_officer=leaver, by=clerk, now=NOW)
    assert line.refusal == "Phil Dart has left."


def test_nothing_changes_where_it_is_not_as_it_was_shown(inquiry, clerk, officer, other_officer):
    chosen = [inquiry.recommendations.get(reference="2")]
    asked = {"lead_officer": officer, "by": clerk, "now": NOW}
    seen = mark_of_lines(preview_changes(chosen, **asked))
    responses.correct_response(chosen[0].response, lead_officer=None, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Someone else has changed"):
        change_responses(chosen, seen=seen, **asked)
    assert Response.objects.get(recommendations=chosen[0]).lead_officer is None
    change_responses(chosen, seen=mark_of_lines(preview_changes(chosen, **asked)), **asked)
    assert Response.objects.get(recommendations=chosen[0]).lead_officer == officer
