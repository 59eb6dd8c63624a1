"""The questions that a member may want to ask about a row."""

from dataclasses import replace
from datetime import date

import pytest

from inquiries.choices import OfficerView, Rating
from inquiries.preflight.questions import RowToRead, questions_about
from tests.preflight.subjects import MEETING_DAY, row


def ask(subject, **facts):
    [questions] = questions_about([RowToRead(subject, **facts)], MEETING_DAY)
    return questions


def changed(subject, **fields):
    return replace(subject, row=replace(subject.row, **fields))


def test_nothing_is_asked_of_a_plain_row():
    assert ask(row("2")) == []


def test_date_that_will_have_passed():
    subject = row("6", "The policy will be decided by Cabinet on 9th November, and then be printed.")
    assert ask(subject) == [
        "“…policy will be decided by Cabinet on 9th November, and then be printed.”: that is past when the committee "
        "meets. What came of it?"
    ]
    assert ask(row("6", "The policy was decided by Cabinet on 9th October.")) == []


def test_same_words_as_last_time():
    subject = row("2", "We meet the agencies twice a year.", last_time="We meet the agencies twice a year")
    assert ask(subject) == ["The update is word for word that of the last report. What has been done since?"]


def test_same_words_as_other_rows():
    text = "The same leaflet has been sent to every household of the whole district."
    rows = [RowToRead(row(reference, text)) for reference in ("1a", "5b", "8")] + [RowToRead(row("2"))]
    assert questions_about(rows, MEETING_DAY) == [
        ["The updates on 5b and 8 say the same, word for word. What has been done about this one?"],
        ["The updates on 1a and 8 say the same, word for word. What has been done about this one?"],
        ["The updates on 1a and 5b say the same, word for word. What has been done about this one?"],
        [],
    ]


def test_no_lead_officer_and_nothing_received():
    assert ask(row("8", "", lead="")) == [
        "No update was received. Why not, and when will there be one?",
        "No lead officer is recorded. Who answers for this?",
    ]


@pytest.mark.parametrize(
    ("view", "last", "asked"),
    [
        (OfficerView.COMPLETE, Rating.CONCERNS, True),
        (OfficerView.ON_TRACK, Rating.NOT_DELIVERED, True),
        (OfficerView.OFF_TRACK, Rating.ON_TRACK, True),
        (OfficerView.ON_TRACK, Rating.ON_TRACK, False),
        (OfficerView.SOME_CONCERNS, Rating.CONCERNS, False),
        (OfficerView.COMPLETE, None, False),
    ],
)
def test_officer_and_committee_disagree(view, last, asked):
    questions = ask(changed(row("2"), officer_view=view.label), last_rating=last)
    assert [("What has changed?" in one) for one in questions] == ([True] if asked else [])


@pytest.mark.parametrize(
    ("dates", "first", "question"),
    [
        (
            {"target_date": date(2015, 10, 31)},
            None,
            "The target date, 31 October 2015, is past when the committee meets. When will it be done?",
        ),
        (
            {"target_date": date(2015, 10, 31)},
            date(2015, 6, 30),
            "The target date, 31 October 2015, moved from 30 June 2015, is past when the committee meets. When will it "
            "be done?",
        ),
        (
            {"target_date": date(2016, 3, 31)},
            date(2015, 6, 30),
            "The target date was moved from 30 June 2015 to 31 March 2016. Why, and will it be met?",
        ),
        (
            {"target_date": date(2016, 3, 31), "forecast_date": date(2016, 6, 30)},
            None,
            "It is expected by 30 June 2016, after its target date, 31 March 2016. What delays it?",
        ),
        (
            {"target_date": date(2016, 3, 31), "forecast_date": date(2015, 11, 1)},
            None,
            "It was expected to be done by 1 November 2015. Is it?",
        ),
    ],
)
def test_dates_passed_and_moved(dates, first, question):
    assert ask(changed(row("2"), **dates), first_target_date=first) == [question]
    done = changed(row("2"), officer_view=OfficerView.COMPLETE.label, **dates)
    assert ask(done, first_target_date=first) == []


def test_few_questions_are_asked_of_one_row():
    text = "It will be decided by Cabinet on 9th November, as was said before about this."
    subject = changed(row("2", text, last_time=text, lead=""), target_date=date(2015, 10, 31))
    assert len(ask(subject)) == 3
