"""What happened at a meeting, recorded, published, corrected, withdrawn; the signed minutes."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import assessments, meetings, minutes
from inquiries.actions.exempt_check import ExemptTextFound
from inquiries.actions.records import FieldsChanged, mark_of
from inquiries.choices import Presence, Rating, Stage
from inquiries.documents.recorded_minutes import proposed_outcomes, recorded_minutes
from inquiries.models import (
    Attendance,
    DeclarationOfInterest,
    Entry,
    ItemOutcome,
    MinutesEdition,
    SignedMinutes,
)
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def held(committee, chair, member):
    """The meeting of that morning."""
    return factories.hold_meeting(committee)


@pytest.fixture
def items(held, clerk):
    """Apologies, and a paper."""
    return [meetings.add_item(held, title=title, by=clerk, now=NOW) for title in ("Apologies for absence", "Libraries")]


def attendance_of(*, chair, member, **changes):
    values = {
        "started": time(9, 5),
        "ended": time(11, 40),
        f"presence_{chair.pk}": Presence.PRESENT,
        f"note_{chair.pk}": "in the chair",
        f"presence_{member.pk}": Presence.APOLOGIES,
        f"note_{member.pk}": "",
        "officers": [],
        "other_officers": "",
        "guests": [],
        "other_guests": "",
    }
    return values | changes


@pytest.fixture
def attendance(chair, member, clerk, cabinet_member, other_member):
    """The chair, a substitute for the member, an officer, a Cabinet Member, a guest; one declaration."""
    return attendance_of(
        chair=chair,
        member=member,
        substitute_1="councillor jack marlow",
        substitute_for_1=member,
        officers=[clerk],
        guests=[cabinet_member],
        other_guests="Ivy Marsh, Wealdshire Advice\n",
        declarer_1=chair,
        declared_item_1=None,
        nature_1="A governor of Nether School.",
    )


@pytest.fixture
def recorded(held, items, attendance, clerk):
    """The meeting, its attendance and outcomes recorded."""
    minutes.record_attendance(held, **attendance, by=clerk, now=NOW)
    words = {f"outcome_{items[0].pk}": "There were none.", f"outcome_{items[1].pk}": "Noted."}
    minutes.record_outcomes(held, **words, by=clerk, now=NOW)
    return held


def publish(meeting, clerk, **values):
    seen = minutes.minutes_version(recorded_minutes(meeting))
    return minutes.publish_minutes(meeting, seen=seen, by=clerk, now=LATER, **values)


def test_attendance(recorded, member):
    content = recorded_minutes(recorded)
    assert [str(one) for one in content.present] == [
        "Councillor Harold Penrose, Chair (in the chair)",
        "Councillor Jack Marlow (substitute for Councillor Anwen Pritchard)",
    ]
    assert [str(one) for one in content.apologies] == [
        "Councillor Anwen Pritchard (substitute: Councillor Jack Marlow)"
    ]
    assert [str(one) for one in content.officers] == ["Carys Whitlock, Scrutiny Officer"]
    assert [str(one) for one in content.guests] == [
        "Councillor Ruth Adeyemi, Cabinet Member for Communities",
        "Ivy Marsh, Wealdshire Advice",
    ]
    assert [str(one) for one in content.declarations] == ["Councillor Harold Penrose: A governor of Nether School."]
    assert content.time == "09:05 to 11:40"
    entry = Entry.objects.get(verb="record_attendance")
    assert entry.changes["ended"] == ["", "11:40"]
    assert entry.changes["officers"] == [[], ["Carys Whitlock, Scrutiny Officer"]]


def test_attendance_comes_back_as_it_was_recorded(recorded, attendance):
    """What the form is filled with again is what was recorded, and saving it changes nothing."""
    values = minutes.attendance_values(recorded)
    assert values == attendance | {
        "substitute_1": "Councillor Jack Marlow",
        "other_guests": "Ivy Marsh, Wealdshire Advice",
    }


def test_attendance_corrected(recorded, attendance, chair, clerk):
    keys = set(Attendance.objects.values_list("pk", flat=True))
    changed = attendance | {"guests": [], "declarer_1": None, "nature_1": ""}
    minutes.record_attendance(recorded, **changed, by=clerk, now=LATER)
    assert len(keys - set(Attendance.objects.values_list("pk", flat=True))) == 1
    assert set(Attendance.objects.values_list("pk", flat=True)) < keys
    assert not DeclarationOfInterest.objects.exists()
    states = Entry.objects.filter(verb="record_attendance").latest("pk").states
    assert [state for name, state in states.items() if name.startswith("declarationofinterest/")] == [None]


def test_attendance_of_two_clerks_is_merged(recorded, attendance, chair, clerk):
    marks = {name: mark_of(value) for name, value in minutes.attendance_values(recorded).items()}
    first = attendance | {f"note_{chair.pk}": "until item 2"}
    minutes.record_attendance(recorded, **first, based_on=marks, by=clerk, now=LATER)
    second = attendance | {"other_guests": "Ben Ali"}
    minutes.record_attendance(recorded, **second, based_on=marks, by=clerk, now=LATER)
    assert minutes.attendance_values(recorded)[f"note_{chair.pk}"] == "until item 2"
    assert minutes.attendance_values(recorded)["other_guests"] == "Ben Ali"
    with pytest.raises(FieldsChanged):
        minutes.record_attendance(recorded, **second | {"other_guests": "Ada"}, based_on=marks, by=clerk, now=LATER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"other_officers": "Councillor Harold Penrose"}, "other_officers"),
        ({"declarer_1": None}, "declarer_1"),
        ({"nature_1": ""}, "nature_1"),
        ({"started": time(16), "ended": time(14)}, "ended"),
    ],
)
def test_attendance_that_cannot_be(held, attendance, clerk, changes, field):
    with pytest.raises(ValidationError) as refused:
        minutes.record_attendance(held, **attendance | changes, by=clerk, now=NOW)
    assert list(refused.value.error_dict) == [field]
    assert not Attendance.objects.exists()


def test_nobody_stands_in_for_who_was_there(held, attendance, chair, clerk):
    with pytest.raises(ValidationError, match="was present"):
        minutes.record_attendance(held, **attendance | {"substitute_for_1": chair}, by=clerk, now=NOW)


def test_only_after_the_meeting_began_and_by_clerks(committee, held, attendance, clerk, chair):
    to_come = factories.make_meeting(committee)
    with pytest.raises(Refused, match="has not begun"):
        minutes.record_attendance(to_come, **attendance, by=clerk, now=NOW)
    with pytest.raises(Refused, match="has not begun"):
        minutes.record_outcomes(to_come, first_number="1", by=clerk, now=NOW)
    for action in (minutes.record_attendance, minutes.record_outcomes):
        with pytest.raises(Refused, match="Only a clerk"):
            action(held, **attendance, by=chair, now=NOW)


def test_outcomes(recorded, items, clerk):
    assert list(ItemOutcome.objects.order_by("item__number").values_list("text", flat=True)) == [
        "There were none.",
        "Noted.",
    ]
    minutes.record_outcomes(recorded, first_number="9/26", **{f"outcome_{items[1].pk}": ""}, by=clerk, now=LATER)
    assert [one.minute_number for one in recorded_minutes(recorded).minutes] == ["9/26", "10/26"]
    assert [one.outcome for one in recorded_minutes(recorded).minutes] == ["There were none.", ""]
    entry = Entry.objects.about(items[1]).first()
    assert (entry.verb, entry.changes["text"]) == ("record_outcome", ["Noted.", ""])


def test_exempt_outcome_names_its_paragraph(recorded, items, clerk):
    words = {f"exempt_{items[1].pk}": "Quorvane was chosen.", f"paragraph_{items[1].pk}": None}
    with pytest.raises(ValidationError) as refused:
        minutes.record_outcomes(recorded, **words, by=clerk, now=LATER)
    assert list(refused.value.error_dict) == [f"paragraph_{items[1].pk}"]
    minutes.record_outcomes(recorded, **words | {f"paragraph_{items[1].pk}": 3}, by=clerk, now=LATER)
    edition = publish(recorded, clerk)
    assert "Quorvane" not in str(edition.content)
    assert edition.content["minutes"][1]["exempt"]["paragraph"] == 3
    assert recorded_minutes(recorded, exempt=True).minutes[1].exempt.text == "Quorvane was chosen."


def test_proposed_outcomes(recorded, items, committee, inquiry, clerk, member):
    """From the attendance, the meetings before and after, and the ratings."""
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.meeting = recorded
    report.save(update_fields=["meeting"])
    for update, rating in zip(report.updates.for_page(), (Rating.ON_TRACK, Rating.CONCERNS, None), strict=True):
        assessments.assess(update, rating=rating, comment="", seen=None, by=clerk, now=NOW)
    factories.make_meeting(committee, date(2026, 9, 8))
    factories.make_meeting(committee, date(2027, 1, 5))
    more = [
        meetings.add_item(recorded, by=clerk, now=NOW, **fields)
        for fields in (
            {"title": "Minutes of the last meeting"},
            {"title": "Warm homes", "kind": "report", "report": report},
            {"title": "Date of next meeting"},
        )
    ]
    proposed = proposed_outcomes(recorded, [*items, *more], recorded_minutes(recorded))
    assert [proposed[item.pk] for item in (*items, more[0], more[2])] == [
        "Apologies for absence were received from Councillor Anwen Pritchard. "
        "Councillor Jack Marlow attended as substitute for Councillor Anwen Pritchard.",
        "",
        "RESOLVED: that the minutes of the meeting held on 8 September 2026 be agreed as a correct record.",
        "The next meeting of the committee is on 5 January 2027 at 14:00 in Mezzanine Room 2.",
    ]
    assert proposed[more[1].pk].splitlines()[1:] == [
        "1. that the report be noted;",
        "2. that recommendations 1a and 1b were considered on track to be completed to the satisfaction of the "
        "committee;",
        "3. that the committee has concerns that recommendation 2 may not be fully delivered to its satisfaction; and",
        "4. that the assessment of recommendation 10 was left to a later meeting.",
    ]
    outcomes = {f"outcome_{pk}": words or "Noted." for pk, words in proposed.items()}
    minutes.record_outcomes(recorded, **outcomes, by=clerk, now=LATER)
    with pytest.raises(Refused, match="recorded and not confirmed"):
        publish(recorded, clerk)
    factories.confirm_assessments(report, by=clerk, now=LATER)
    assert publish(recorded, clerk).number == 1


def test_published_and_corrected(recorded, items, clerk):
    first = publish(recorded, clerk)
    assert minutes.published_content(recorded) == recorded_minutes(recorded)
    with pytest.raises(Refused, match="published already"):
        publish(recorded, clerk)
    minutes.record_outcomes(recorded, **{f"outcome_{items[1].pk}": "Deferred."}, by=clerk, now=LATER)
    assert minutes.published_content(recorded).minutes[1].outcome == "Noted."
    with pytest.raises(ValidationError, match="Say what is corrected"):
        publish(recorded, clerk)
    second = publish(recorded, clerk, reason="Item 2 was deferred.")
    assert (first.number, second.number, second.reason) == (1, 2, "Item 2 was deferred.")
    assert minutes.published_content(recorded).minutes[1].outcome == "Deferred."
    entry = Entry.objects.filter(verb="publish_minutes").latest("pk")
    assert (entry.subject_type, entry.note) == ("meeting", "Item 2 was deferred.")
    minutes.withdraw_minutes(second, reason="A name was in it.", by=clerk, now=LATER)
    assert minutes.published_content(recorded) is None
    assert MinutesEdition.objects.public().get() == first
    with pytest.raises(Refused, match="already"):
        minutes.withdraw_minutes(second, reason="Once more.", by=clerk, now=LATER)


def test_not_published_before_it_is_complete(held, items, attendance, clerk, chair):
    with pytest.raises(Refused, match=r"Record the outcome of items 1 and 2 first\. Record who attended first\."):
        publish(held, clerk)
    minutes.record_attendance(held, **attendance, by=clerk, now=NOW)
    words = {f"outcome_{item.pk}": "Noted." for item in items}
    seen = minutes.minutes_version(recorded_minutes(held))
    minutes.record_outcomes(held, **words, by=clerk, now=NOW)
    with pytest.raises(Refused, match="just been changed"):
        minutes.publish_minutes(held, seen=seen, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Only a clerk"):
        publish(held, chair)


def test_exempt_words_are_not_published(recorded, items, clerk):
    words = "The tender of Quorvane Limited was the lowest of the five that were received in time."
    factories.make_agenda(recorded, clerk, exempt_words=words)
    every = {f"outcome_{item.pk}": "Noted." for item in recorded.items.on_agenda()}
    minutes.record_outcomes(recorded, **every | {f"outcome_{items[1].pk}": words}, by=clerk, now=LATER)
    with pytest.raises(ExemptTextFound):
        publish(recorded, clerk)
    assert not MinutesEdition.objects.exists()


def test_exempt_part_of_another_minute_is_not_published(recorded, items, clerk):
    words = "The tender of Quorvane Limited was the lowest of the five that were received in time."
    first, second = items[:2]
    exempt = {f"outcome_{first.pk}": "", f"exempt_{first.pk}": words, f"paragraph_{first.pk}": 3}
    minutes.record_outcomes(recorded, **exempt, **{f"outcome_{second.pk}": words}, by=clerk, now=LATER)
    with pytest.raises(ExemptTextFound, match=f"the exempt part of the minutes of .* on item {first.number}"):
        publish(recorded, clerk)
    minutes.record_outcomes(recorded, **{f"outcome_{second.pk}": "Noted."}, by=clerk, now=LATER)
    publish(recorded, clerk)


def test_reason_of_correction_has_no_exempt_words(recorded, items, clerk):
    words = "The tender of Quorvane Limited was the lowest of the five that were received in time."
    factories.make_agenda(recorded, clerk, exempt_words=words)
    every = {f"outcome_{item.pk}": "Noted." for item in recorded.items.on_agenda()}
    minutes.record_outcomes(recorded, **every, by=clerk, now=LATER)
    publish(recorded, clerk)
    minutes.record_outcomes(recorded, **every | {f"outcome_{items[1].pk}": "Agreed."}, by=clerk, now=LATER)
    with pytest.raises(ExemptTextFound, match="found in the data, reason of the correction"):
        publish(recorded, clerk, reason=words)
    assert MinutesEdition.objects.count() == 1


def test_signed_minutes(recorded, committee, clerk):
    later = factories.Meeting.objects.create(committee=committee, start=NOW + timedelta(hours=1))
    given = {"signed_meeting": later, "by": clerk, "now": LATER}
    signed = minutes.add_signed_minutes(recorded, factories.make_received(2, name="signed.pdf"), **given)
    assert (signed.page_count, signed.signed_meeting) == (2, later)
    with pytest.raises(ValidationError, match="are here already"):
        minutes.add_signed_minutes(recorded, factories.make_received(), **given)
    minutes.withdraw_minutes(signed, reason="Page 2 is missing.", by=clerk, now=LATER)
    assert not SignedMinutes.objects.public().exists()
    minutes.add_signed_minutes(recorded, factories.make_received(3), **given | {"signed_meeting": None})
    assert SignedMinutes.objects.public().get().page_count == 3
    said = str(Entry.objects.get(verb="add_signed_minutes", states__has_key=f"signedminutes/{signed.pk}").changes)
    assert signed.checksum in said
    assert signed.file.name in said


def test_signed_at_a_later_meeting(recorded, committee, clerk):
    earlier = factories.make_meeting(committee, date(2026, 9, 8))
    with pytest.raises(ValidationError, match="later meeting"):
        minutes.add_signed_minutes(recorded, factories.make_received(), signed_meeting=earlier, by=clerk, now=LATER)
    assert not SignedMinutes.objects.exists()


def test_meeting_with_minutes_does_not_move(recorded, clerk):
    moved = {"start": datetime(2026, 11, 24, 9, tzinfo=factories.LONDON), "venue": ""}
    with pytest.raises(Refused, match="it took place"):
        meetings.change_meeting(recorded, **moved, by=clerk, now=LATER)
    with pytest.raises(Refused, match="it took place"):
        meetings.cancel_meeting(recorded, reason="Snow.", by=clerk, now=LATER)
