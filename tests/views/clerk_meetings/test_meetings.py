"""A meeting called, changed, cancelled; who may; where a clerk finds it."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from inquiries.actions import meetings
from inquiries.models import Meeting
from tests.cast import NOW
from tests.factories import make_meeting, make_report
from tests.views.clerk_meetings.asking import at, order, pack_of, problems, told, words

CALLED = {"day_day": "12", "day_month": "1", "day_year": "2027", "time": "10:00", "venue": "Oculus"}


def test_call_meeting(clerks, committee):
    page = clerks.get(reverse("clerk:call_meeting"), {"committee": "communities"})
    assert page.context["form"].initial["committee"] == committee
    answer = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED}, follow=True)
    meeting = Meeting.objects.get()
    assert answer.redirect_chain == [(at("agenda", meeting), 302)]
    assert (meeting.start, meeting.venue) == (datetime(2027, 1, 12, 10, tzinfo=UTC), "Oculus")
    assert order(meeting) == []
    assert told(answer) == ["The meeting is called."]


def test_call_meeting_with_the_usual_items(clerks, committee):
    page = words(clerks.get(reverse("clerk:call_meeting")))
    assert "Apologies for absence, Declarations of interest, Minutes of the last meeting" in page
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "usual_items": "on"})
    assert order(Meeting.objects.get())[0] == "Apologies for absence"


@pytest.mark.parametrize("slug", ["nowhere", "\x00", "a b"])
def test_call_meeting_for_a_committee_that_is_none(clerks, slug):
    assert clerks.get(reverse("clerk:call_meeting"), {"committee": slug}).context["form"].initial["committee"] is None


@pytest.mark.parametrize(
    ("typed", "local"),
    [("14:00", "14:00"), ("14.30", "14:30"), ("2pm", "14:00"), ("2.30 p.m.", "14:30"), ("10 AM", "10:00")],
)
def test_call_meeting_at_a_time_as_people_write_it(clerks, committee, typed, local):
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "time": typed})
    assert f"{Meeting.objects.get().start:%H:%M}" == local


def test_call_meeting_in_summer_is_meant_as_the_clock_shows_it(clerks, committee):
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "day_month": "July"})
    assert Meeting.objects.get().start == datetime(2027, 7, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"committee": ""}, "Choose the committee"),
        ({"committee": "99999999999999999999"}, "Choose the committee from the list"),
        ({"day_day": ""}, "The date must include a day"),
        ({"time": ""}, "Enter the time"),
        ({"time": "noon"}, "Enter a time like 14:00 or 2pm"),
        ({"time": "25:00"}, "Enter a time like 14:00 or 2pm"),
        (
            {"day_day": "28", "day_month": "3", "time": "1:30"},
            "There is no such time on that day, or it comes twice: the clocks change",
        ),
    ],
)
def test_call_meeting_says_what_is_wrong_and_keeps_the_rest(clerks, committee, change, expected):
    answer = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, **change})
    assert problems(answer) == [expected]
    assert 'value="Oculus"' in words(answer)
    assert not Meeting.objects.exists()


def test_call_meeting_where_the_committee_already_meets(clerks, meeting):
    typed = CALLED | {"day_day": "15", "day_month": "12", "day_year": "2026", "time": "14:00"}
    answer = clerks.post(reverse("clerk:call_meeting"), {"committee": meeting.committee_id, **typed})
    assert problems(answer) == ["This committee already meets at 14:00 on 15 December 2026."]
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "warning"),
    [
        ({"day_day": "10", "day_month": "11", "day_year": "2015"}, "This meeting is in the past."),
        (
            {"day_day": "26", "day_month": "11", "day_year": "2026"},
            "The last day to publish its agenda, 18 November 2026, has passed.",
        ),
    ],
)
def test_call_meeting_that_is_too_soon_is_only_warned_of(clerks, committee, day, warning):
    answer = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, **day}, follow=True)
    assert Meeting.objects.count() == 1
    assert told(answer)[1].startswith(warning)


def test_change_meeting(clerks, clerk, meeting, inquiry):
    make_report(inquiry, clerk, meeting=meeting)
    pack_of(meeting, clerk)
    page = words(clerks.get(at("change_meeting", meeting)))
    assert 'value="14:00"' in page and 'value="Mezzanine Room 2"' in page
    assert "do not move with it" in page and "Warm Homes Inquiry: interim report" in page
    assert "The agenda has been published" in page
    answer = clerks.post(at("change_meeting", meeting), CALLED, follow=True)
    meeting.refresh_from_db()
    assert (meeting.day, meeting.venue) == (date(2027, 1, 12), "Oculus")
    assert told(answer) == ["The meeting is changed."]


def test_change_meeting_into_the_past_is_only_warned_of(clerks, meeting):
    answer = clerks.post(at("change_meeting", meeting), CALLED | {"day_year": "2025"}, follow=True)
    assert [message.split(".")[0] for message in told(answer)] == [
        "The meeting is changed",
        "This meeting is in the past",
    ]


def test_cancel_meeting(clerks, meeting):
    page = words(clerks.get(at("cancel_meeting", meeting)))
    assert "Everybody can read your reason" in page and "are told by e-mail, with your reason" in page
    answer = clerks.post(at("cancel_meeting", meeting), {"reason": ""})
    assert problems(answer) == ["Say why the meeting is cancelled"]
    answer = clerks.post(at("cancel_meeting", meeting), {"reason": "Too few members could come."}, follow=True)
    meeting.refresh_from_db()
    assert meeting.cancelled_reason == "Too few members could come."
    page = words(answer)
    assert "<strong>Cancelled</strong> on 23 November 2026 by Carys Whitlock: Too few members could come." in page
    assert at("change_meeting", meeting) not in page and "overdue" not in page
    assert clerks.get(at("cancel_meeting", meeting)).status_code == 403
    assert clerks.get(at("change_meeting", meeting)).status_code == 403
    assert problems(clerks.post(at("change_meeting", meeting), CALLED)) == [
        "This meeting has been cancelled. Call another one instead."
    ]


# Who, and what is not there


def every_address(meeting, item, paper):
    yield reverse("clerk:call_meeting")
    yield from (at(name, meeting) for name in ("agenda", "change_meeting", "cancel_meeting", "add_item"))
    yield from (at(name, meeting, item.pk) for name in ("change_item", "move_item", "remove_item", "add_paper"))
    papers_ = ("change_paper", "replace_paper", "move_paper", "remove_paper")
    yield from (at(name, meeting, paper.pk) for name in papers_)


@pytest.mark.parametrize("who", ["officer", "contributor", "cabinet_member", "member", "chair", "stranger"])
def test_others_are_not_told_that_there_are_such_pages(client, people, who, meeting, item, paper):
    client.force_login(people[who])
    for address in every_address(meeting, item, paper):
        assert client.get(address).status_code == 404, address
        if address != at("agenda", meeting):
            assert client.post(address, {"to": "1"}).status_code == 404, address


def test_the_public_is_led_to_sign_in(client, meeting, item, paper):
    for address in every_address(meeting, item, paper):
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"


def test_what_belongs_to_another_meeting_is_not_found(clerks, committee, item, paper):
    other = make_meeting(committee, date(2027, 2, 2))
    for address in every_address(other, item, paper):
        expected = 200 if address in [reverse("clerk:call_meeting"), *(at(n, other) for n in MEETING_PAGES)] else 404
        assert clerks.get(address).status_code == expected, address


MEETING_PAGES = ("agenda", "change_meeting", "cancel_meeting", "add_item")


# Where a clerk finds them


def test_your_work_lists_the_meetings_to_come_with_the_last_day_to_publish(clerks, clerk, meeting):
    cancelled = make_meeting(meeting.committee, date(2027, 2, 2))
    meetings.cancel_meeting(cancelled, reason="Snow.", by=clerk, now=NOW)
    make_meeting(meeting.committee, date(2026, 11, 22))
    page = words(clerks.get(reverse("public:home")))
    assert f'href="{at("agenda", meeting)}"' in page and at("agenda", cancelled) not in page
    assert "Due 7 December 2026, in 14 days" in page and "To publish" in page
    assert reverse("clerk:call_meeting") in page
    pack_of(meeting, clerk)
    page = words(clerks.get(reverse("public:home")))
    assert "Agenda published" in page and "Due 7 December 2026" not in page


def test_your_work_says_when_an_agenda_is_late(clerks, committee):
    make_meeting(committee, date(2026, 11, 26))
    (task,) = clerks.get(reverse("public:home")).context["agendas"]
    assert (task["status"], task["due"]) == ("Late", date(2026, 11, 18))


def test_the_committee_leads_clerks_to_calling_a_meeting(client, clerk, committee):
    where = f"{reverse('clerk:call_meeting')}?committee=communities"
    assert where not in words(client.get(committee.get_absolute_url()))
    client.force_login(clerk)
    assert where in words(client.get(committee.get_absolute_url()))
