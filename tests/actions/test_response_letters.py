"""The letters that ask for a response which has not come, and what the public page says in the end."""

from datetime import UTC, date, datetime

import pytest

from inquiries import rules
from inquiries.actions import inquiries, response_letters, responses
from inquiries.choices import Decision, LetterStep
from inquiries.models import Entry, Inquiry
from inquiries.permissions import Refused

RECEIVED, DUE = date(2026, 6, 1), date(2026, 7, 31)
WORDS = {"addressed_to": "Councillor Ida Fox, Leader", "salutation": "Dear Councillor Fox", "body": "Please respond."}


@pytest.fixture
def inquiry(committee, clerk):
    """Received on 1 June 2026, so that the response is due on 31 July; one recommendation."""
    made = Inquiry.objects.create(committee=committee, title="Damp Homes", slug="damp-homes", received_on=RECEIVED)
    inquiries.add_recommendation(made, reference="1", text="That walls are dry.", by=clerk, now=at(RECEIVED))
    return made


def at(day):
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def send(inquiry, step, by, on):
    return response_letters.record_letter(inquiry, step=step, **WORDS, sent_on=on, by=by, now=at(on))


def send_all(inquiry, by):
    for step, day in (("first", 1), ("second", 15), ("final", 29)):
        send(inquiry, step, by, date(2026, 8, day))


def test_ladder(inquiry, clerk):
    assert inquiry.response_due == DUE
    send(inquiry, "reminder", clerk, date(2026, 7, 24))
    send_all(inquiry, clerk)
    assert response_letters.steps_sent(inquiry) == {
        "reminder": date(2026, 7, 24),
        "first": date(2026, 8, 1),
        "second": date(2026, 8, 15),
        "final": date(2026, 8, 29),
    }
    entry = Entry.objects.filter(verb="send_response_letter").order_by("-pk").first()
    assert entry.sentence == "sent the final letter about the response to Councillor Ida Fox, Leader"
    assert (entry.by_name, entry.changes["body"]) == (clerk.name, ["", "Please respond."])


@pytest.mark.parametrize(
    ("sent", "today", "expected"),
    [
        ({}, date(2026, 7, 1), (LetterStep.REMINDER, date(2026, 7, 24))),
        ({"reminder": date(2026, 7, 24)}, DUE, (LetterStep.FIRST, date(2026, 8, 1))),
        # The reminder was left out, and is past.
        ({}, date(2026, 8, 1), (LetterStep.FIRST, date(2026, 8, 1))),
        ({"first": date(2026, 8, 10)}, date(2026, 8, 11), (LetterStep.SECOND, date(2026, 8, 24))),
        (
            {"first": date(2026, 8, 10), "second": date(2026, 8, 24)},
            date(2026, 8, 25),
            (LetterStep.FINAL, date(2026, 9, 7)),
        ),
        (
            {"first": date(2026, 8, 10), "second": date(2026, 8, 24), "final": date(2026, 9, 7)},
            date(2026, 9, 8),
            (None, date(2026, 9, 21)),
        ),
    ],
)
def test_next_letter(sent, today, expected):
    assert rules.next_letter(DUE, sent, today) == expected


@pytest.mark.parametrize(
    ("step", "on", "sentence"),
    [
        ("first", DUE, "The response is due on 31 July 2026, so it is not overdue yet."),
        ("reminder", date(2026, 8, 1), "The response was due on 31 July 2026: send the first letter."),
        ("final", date(2026, 8, 1), "The first letter comes before the final letter."),
    ],
)
def test_letters_out_of_turn(inquiry, clerk, step, on, sentence):
    with pytest.raises(Refused, match=sentence):
        send(inquiry, step, clerk, on)


def test_refuses_a_second_time_a_future_day_and_others(inquiry, clerk, officer):
    send(inquiry, "first", clerk, date(2026, 8, 1))
    with pytest.raises(Refused, match="The first letter has already been sent"):
        send(inquiry, "first", clerk, date(2026, 8, 2))
    with pytest.raises(Refused, match="cannot be in the future"):
        response_letters.record_letter(
            inquiry, step="second", **WORDS, sent_on=date(2026, 8, 9), by=clerk, now=at(date(2026, 8, 8))
        )
    with pytest.raises(Refused, match="Only a clerk"):
        send(inquiry, "second", officer, date(2026, 8, 15))


def test_nothing_to_ask_for(inquiry, clerk):
    Inquiry.objects.update(received_on=None)
    inquiry.refresh_from_db()
    with pytest.raises(Refused, match="Record first when Cabinet received the report"):
        send(inquiry, "reminder", clerk, date(2026, 7, 24))
    Inquiry.objects.update(received_on=RECEIVED)
    inquiry.refresh_from_db()
    respond(inquiry, clerk)
    with pytest.raises(Refused, match="Every recommendation has its response"):
        send(inquiry, "first", clerk, date(2026, 8, 1))


def respond(inquiry, by):
    responses.record_response(
        inquiry, recommendations=inquiry.recommendations.all(), decision=Decision.ACCEPTED, by=by, now=at(DUE)
    )


def test_public_sentence_comes_last(inquiry, clerk):
    now = at(date(2026, 9, 12))
    with pytest.raises(Refused, match="not public"):
        response_letters.publish_no_response(inquiry, by=clerk, now=now)
    inquiries.publish_inquiry(inquiry, by=clerk, now=now)
    with pytest.raises(Refused, match="The final letter comes first"):
        response_letters.publish_no_response(inquiry, by=clerk, now=now)
    send_all(inquiry, clerk)
    response_letters.publish_no_response(inquiry, by=clerk, now=now)
    assert Inquiry.objects.get().no_response_by == clerk
    with pytest.raises(Refused, match="says so already"):
        response_letters.publish_no_response(inquiry, by=clerk, now=now)
    response_letters.withdraw_no_response(inquiry, by=clerk, now=now)
    assert Inquiry.objects.get().no_response_at is None
    sentences = Entry.objects.filter(verb__contains="no_response").order_by("pk").values_list("sentence", flat=True)
    assert list(sentences) == [
        "published that no response has come, which was due on 31 July 2026",
        "took back that no response has come",
    ]
