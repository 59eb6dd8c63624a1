"""The room page, the screen and corrections, as the chair, the clerk, members and the public get them."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import assessments, progress
from inquiries.actions.endings import end_recommendation
from inquiries.choices import Ending, Rating, Stage
from inquiries.models import Assessment, Indication, Meeting, ProgressUpdate, ShownRow
from tests import factories
from tests.cast import NOW
from tests.published_agendas import MARKER, county_agenda

pytestmark = pytest.mark.usefixtures("quick_files")


@pytest.fixture
def report(inquiry, clerk, committee):
    """The interim report, published; the meeting is to come."""
    return factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))


@pytest.fixture
def meeting(report):
    return report.meeting


@pytest.fixture
def begun(meeting):
    meeting.start = timezone.now() - timedelta(minutes=10)
    meeting.save()
    return meeting


def address(page, meeting):
    return reverse(f"committee:{page}", args=[meeting.pk])


def updates_of(report):
    return list(report.updates.for_page())


def tap(client, meeting, update, rating, *, seen="", comment="", **more):
    data = {"update": update.pk, "rating": rating, "comment": comment, "seen": seen, **more}
    return client.post(address("room", meeting), data, headers={"Accept": "application/json"})


# The room page


def test_room_shows_one_row_and_the_way_to_the_others(client, chair, report, meeting):
    client.force_login(chair)
    page = client.get(address("room", meeting))
    first, second, third = updates_of(report)
    assert [row.update for row in page.context["rows"]] == [first, second, third]
    assert page.context["current"].update == first
    text = page.content.decode()
    assert "<span data-room-progress>0 of 3</span>" in text
    assert text.count("data-room-row=") == 2  # the first one and its neighbour
    assert client.get(address("room", meeting), {"all": "yes"}).content.decode().count("data-room-row=") == 3
    assert "The meeting has not begun." in text
    assert "Go on to confirm" not in text
    assert client.get(address("room", meeting), {"row": third.pk}).context["current"].update == third


def test_room_has_the_rows_of_all_reports_in_the_order_of_the_agenda(
    client, chair, clerk, committee, officer, cabinet_member, report, meeting
):
    other = factories.make_inquiry(
        committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Bus Shelters"
    )
    second = factories.make_report(other, clerk, at=Stage.PUBLISHED, meeting=meeting)
    for one in (second, report):
        factories.meetings.add_item(meeting, title="Progress", kind="report", report=one, by=clerk, now=NOW)
    client.force_login(chair)
    rows = client.get(address("room", meeting)).context["rows"]
    assert [row.update.report for row in rows] == [second] * 3 + [report] * 3


def test_a_form_rates_the_row_and_goes_on_to_the_next(client, chair, report, meeting):
    client.force_login(chair)
    first, second, _ = updates_of(report)
    data = {"update": first.pk, "rating": "3", "comment": "Slow.", "seen": ""}
    answer = client.post(address("room", meeting), data)
    assert (answer.status_code, answer.url) == (302, f"{address('room', meeting)}?row={second.pk}")
    recorded = Assessment.objects.get()
    assert (recorded.update, recorded.rating, recorded.comment, recorded.recorded_by) == (first, 3, "Slow.", chair)
    assert ShownRow.objects.get().update == second
    assert "Saved for 1a and 1b: Concerns." in client.get(answer.url).content.decode()


def test_a_form_that_clashes_shows_what_is_saved_and_keeps_what_was_typed(client, chair, clerk, report, meeting):
    first = updates_of(report)[0]
    theirs = assessments.assess(first, rating=Rating.ON_TRACK, comment="As I heard.", seen=None, by=clerk, now=NOW)
    client.force_login(chair)
    answer = client.post(address("room", meeting), {"update": first.pk, "rating": "4", "comment": "No.", "seen": ""})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Carys Whitlock has recorded another assessment" in text
    assert "As I heard." in text
    assert ">No.</textarea>" in text
    assert f'name="seen" value="{theirs.recorded_at.isoformat()}"' in text
    theirs.refresh_from_db()
    assert theirs.rating == Rating.ON_TRACK


def test_a_script_is_answered_in_json_once_and_again(client, chair, report, meeting):
    client.force_login(chair)
    first = updates_of(report)[0]
    saved = tap(client, meeting, first, 2).json()
    assert (saved["rating"], saved["by"]) == (2, "Councillor Harold Penrose")
    assert tap(client, meeting, first, 2).json() == saved
    assert tap(client, meeting, first, 3, seen=saved["version"]).json()["rating"] == 3
    clash = tap(client, meeting, first, 4, seen=saved["version"])
    assert (clash.status_code, clash.json()["clash"]["rating"]) == (409, 3)


def test_what_a_script_sends_wrongly_is_refused_with_a_reason(client, chair, clerk, report, meeting, committee):
    client.force_login(chair)
    first = updates_of(report)[0]
    assert tap(client, meeting, first, 7).status_code == 400
    assert tap(client, meeting, first, 2, seen="yesterday").json() == {
        "problem": "This page was not complete. Open it again, then save."
    }
    for key in ("", "x", "9" * 30, "0"):
        assert client.post(
            address("room", meeting), {"update": key, "rating": 2}, headers={"Accept": "application/json"}
        ).json() == {"problem": "This row is no longer before this meeting."}
        assert client.post(address("room", meeting), {"update": key}).status_code == 404
    other = factories.make_meeting(committee, NOW.date() + timedelta(days=60))
    assert tap(client, other, first, 2).status_code == 403
    assert not Assessment.objects.exists()


def test_taps_of_one_person_are_not_recorded_for_another_who_signed_in_since(client, chair, clerk, report, meeting):
    first = updates_of(report)[0]
    client.force_login(clerk)
    answer = tap(client, meeting, first, 2, person=chair.pk)
    assert (answer.status_code, answer.json()) == (403, {"signed_in": "Carys Whitlock"})
    client.logout()
    answer = tap(client, meeting, first, 2, person=chair.pk)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert not Assessment.objects.exists()
    client.force_login(chair)
    assert tap(client, meeting, first, 2, person=chair.pk).json()["by"] == "Councillor Harold Penrose"
    assert client.get(address("room_state", meeting)).json()["person"] == chair.pk


def test_the_copy_for_a_device_has_the_spread_but_not_what_members_wrote(client, chair, member, report, begun):
    first = updates_of(report)[0]
    Indication.objects.create(update=first, recorded_by=member, rating=3, note="Too slow for me.", recorded_at=NOW)
    client.force_login(chair)
    page = client.get(address("room", begun), {"offline": "yes"})
    assert "Too slow for me." not in page.content.decode()
    assert "This is the page of Councillor Harold Penrose as it was kept" in page.content.decode()
    assert [count for _, count in page.context["current"].spread] == [0, 0, 1, 0]


def test_a_row_that_ends_meanwhile_says_so_and_what_is_tapped_is_recorded(client, chair, clerk, report, begun):
    client.force_login(chair)
    _, second, _ = updates_of(report)
    before = client.get(address("room_state", begun)).json()["page"]
    ended = {"ending": Ending.SUPERSEDED, "reason": "The new strategy.", "on": timezone.localdate()}
    end_recommendation(second.response.recommendations.get(), **ended, by=clerk, now=timezone.now())
    assert client.get(address("room_state", begun)).json()["page"] != before
    page = client.get(address("room", begun), {"row": second.pk})
    day = timezone.localdate()
    assert f"2 ended on {day.day} {day:%B %Y}: superseded." in page.content.decode()
    assert page.context["page_version"] == client.get(address("room_state", begun)).json()["page"]
    assert page.context["page_version"] == client.get(address("screen_state", begun)).json()["page"]
    assert tap(client, begun, second, 2).json()["rating"] == 2


def test_a_comment_has_at_most_ten_thousand_characters(client, chair, inquiry, report, begun):
    client.force_login(chair)
    first, second, _ = updates_of(report)
    assert tap(client, begun, first, 2, comment="x" * 10_000).status_code == 200
    answer = tap(client, begun, second, 2, comment="x" * 10_001)
    said = "Make the text shorter: it can have at most 10,000 characters."
    assert (answer.status_code, answer.json()) == (400, {"problem": said})
    for page, name in (("room", "comment"), ("assess", f"text-{second.pk}")):
        there = address("room", begun) if page == "room" else reverse("committee:assess", args=[inquiry.slug, 6])
        data = {"update": second.pk, f"seen-{second.pk}": "", "rating": "2", name: "x" * 10_001}
        answer = client.post(there, data)
        assert answer.status_code in {200, 400}
        assert said in answer.content.decode()
        assert "x" * 10_001 in answer.content.decode()
    assert Assessment.objects.get().update == first


def test_forged_versions_and_replayed_taps_replace_nothing(client, chair, report, begun):
    client.force_login(chair)
    first = updates_of(report)[0]
    earlier = tap(client, begun, first, 2).json()
    saved = tap(client, begun, first, 3, seen=earlier["version"]).json()
    for seen in ("", earlier["version"], "9999-12-31T23:59:59.999999+23:59", "2026-11-23", "0001-01-01T00:00:00+23:00"):
        assert tap(client, begun, first, 2, seen=seen).status_code == 409
    assert tap(client, begun, first, 3, seen=earlier["version"]).json() == saved
    for rating in ("\u0662", " 2", "2.0", "-1", "2\0"):
        assert tap(client, begun, first, rating, seen=saved["version"]).status_code == 400
    assert Assessment.objects.get().rating == 3


def test_exempt_text_is_on_no_page_of_the_meeting(client, chair, member, inquiry, clerk):
    """That of the row itself, in the report that is published with it; the chair may read it elsewhere."""
    meeting = county_agenda(inquiry, clerk)["meeting"]
    Meeting.objects.filter(pk=meeting.pk).update(start=timezone.now() - timedelta(minutes=10))
    client.force_login(chair)
    seen = [client.get(address(page, meeting)) for page in ("room", "room_state", "screen", "screen_state")]
    seen.append(client.get(address("room", meeting), {"offline": "yes"}))
    client.force_login(member)
    seen += [client.get(address(page, meeting)) for page in ("screen", "screen_state")]
    assert all(MARKER not in answer.content.decode() for answer in seen)
    assert "Part of this update is not for publication." in seen[2].content.decode()


def test_a_report_that_is_reopened_leaves_the_room_and_the_screen(client, chair, clerk, report, begun):
    first = updates_of(report)[0]
    assessments.assess(first, rating=2, comment="", seen=None, by=chair, now=timezone.now())
    assessments.show_row(begun, first, by=chair, now=timezone.now())
    progress.reopen(report, to=Stage.SIGNED_OFF, reason="A wrong figure.", by=clerk, now=timezone.now())
    client.force_login(chair)
    assert tap(client, begun, first, 3).json() == {"problem": "This row is no longer before this meeting."}
    assert f'data-room-left="{chair.pk}"' in client.get(address("room", begun)).content.decode()
    state = client.get(address("screen_state", begun)).json()
    assert (state["row"], state["latest"], state["rows"]) == (None, None, {})
    correct = reverse("committee:correct", args=[report.inquiry.slug, 6, first.reference])
    assert client.post(correct, {"rating": "3", "reason": "So be it.", "seen": ""}).status_code == 403
    assert Assessment.objects.get().rating == 2


def test_a_tap_after_confirming_is_refused_with_the_reason(client, chair, clerk, report, begun):
    first = updates_of(report)[0]
    assessments.confirm_assessments(report, by=clerk, now=timezone.now())
    client.force_login(chair)
    answer = tap(client, begun, first, 2)
    refused = "“Record an assessment” cannot be done now: the committee's assessments have been confirmed."
    assert (answer.status_code, answer.json()) == (403, {"problem": refused})


def test_what_others_record_comes_with_the_state_and_304_where_nothing_changed(client, chair, clerk, report, begun):
    client.force_login(chair)
    first, second, _ = updates_of(report)
    got = client.get(address("room_state", begun))
    assert got.json()["rows"][str(first.pk)]["version"] == ""
    unchanged = {"If-None-Match": got["ETag"]}
    assert client.get(address("room_state", begun), headers=unchanged).status_code == 304
    assessments.assess(first, rating=Rating.CONCERNS, comment="Slow.", seen=None, by=clerk, now=timezone.now())
    assessments.show_row(begun, second, by=clerk, now=timezone.now())
    state = client.get(address("room_state", begun), headers=unchanged).json()
    told = state["rows"][str(first.pk)]
    assert (told["rating"], told["comment"], told["by"]) == (3, "Slow.", "Carys Whitlock")
    assert (state["shown"], state["by"]) == ({"row": second.pk, "mine": False}, "Carys Whitlock")


def test_a_page_is_loaded_anew_when_the_meeting_begins_and_when_a_report_is_confirmed(client, clerk, report, meeting):
    client.force_login(clerk)
    versions = [client.get(address("room", meeting)).context["page_version"]]
    assert client.get(address("room_state", meeting)).json()["page"] == versions[0]
    Meeting.objects.update(start=timezone.now() - timedelta(minutes=10))
    versions.append(client.get(address("room_state", meeting)).json()["page"])
    report.refresh_from_db()
    assessments.confirm_assessments(report, by=clerk, now=timezone.now())
    versions.append(client.get(address("room_state", meeting)).json()["page"])
    assert len(set(versions)) == 3
    assert "Correct the assessment" in client.get(address("room", meeting)).content.decode()


def test_indications_are_a_spread_once_the_meeting_has_begun(client, chair, member, report, meeting):
    first = updates_of(report)[0]
    assessments.indicate(first, rating=Rating.CONCERNS, note="Too slow for me.", by=member, now=NOW)
    client.force_login(chair)
    assert "Too slow for me." not in client.get(address("room", meeting)).content.decode()
    Meeting.objects.update(start=timezone.now() - timedelta(minutes=10))
    page = client.get(address("room", meeting))
    assert "Councillor Anwen Pritchard: “Too slow for me.”" in page.content.decode()
    assert [count for _, count in page.context["current"].spread] == [0, 0, 1, 0]


def test_since_last_time(client, chair, clerk, inquiry, committee):
    factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    meeting = factories.make_meeting(committee)
    second = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, months_on=12, meeting=meeting)
    update = second.updates.about("2").get()
    text = "Work on 2 is going quickly."
    ProgressUpdate.objects.filter(pk=update.pk).update(text=text)
    client.force_login(chair)
    rows = {row.update.response.references: row for row in client.get(address("room", meeting)).context["rows"]}
    before, after = rows["2"].changes
    assert [piece.text.strip() for piece in before if piece.differs] == ["well."]
    assert [piece.text.strip() for piece in after if piece.differs] == ["quickly."]
    assert rows["10"].is_same
    assert rows["10"].reasons == ("Concerns last time",)
    in_order = client.get(address("room", meeting), {"order": "attention"}).context["rows"]
    assert [row.update.response.references for row in in_order] == ["10", "2"]


def test_room_asks_as_often_for_three_rows_as_for_six(
    client, chair, clerk, committee, officer, cabinet_member, report, begun, django_assert_max_num_queries
):
    client.force_login(chair)
    for page, most in (("room", 12), ("room_state", 5), ("screen", 10), ("screen_state", 5)):
        with django_assert_max_num_queries(most):
            client.get(address(page, begun))
    other = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Shelters")
    factories.make_report(other, clerk, at=Stage.PUBLISHED)
    other.progress_reports.update(meeting=begun)
    for page, most in (("room", 12), ("room_state", 5), ("screen", 10), ("screen_state", 5)):
        with django_assert_max_num_queries(most):
            client.get(address(page, begun))


def test_who_opens_the_room_and_the_screen(
    client, chair, clerk, member, other_member, officer, cabinet_member, stranger, report, meeting
):
    opened = {}
    for person in (chair, clerk, member, other_member, officer, cabinet_member, stranger):
        client.force_login(person)
        pages = ("room", "room_state", "screen", "screen_state")
        opened[person.name] = [client.get(address(page, meeting)).status_code for page in pages]
    assert opened == {
        "Councillor Harold Penrose": [200, 200, 200, 200],
        "Carys Whitlock": [200, 200, 200, 200],
        "Councillor Anwen Pritchard": [403, 403, 200, 200],
        **{one.name: [403, 403, 403, 403] for one in (other_member, officer, cabinet_member, stranger)},
    }
    client.logout()
    assert client.get(address("screen", meeting)).status_code == 302


def test_a_cancelled_meeting_has_no_room(client, clerk, meeting):
    Meeting.objects.update(cancelled_at=NOW, cancelled_by=clerk)
    client.force_login(clerk)
    assert {client.get(address(page, meeting)).status_code for page in ("room", "screen")} == {403}


# The screen


def test_the_screen_shows_what_is_public_and_nothing_else(client, chair, member, clerk, report, meeting):
    first, second, third = updates_of(report)
    ProgressUpdate.objects.filter(pk=first.pk).update(
        exempt_text="The Quorvane tender.", exempt_paragraph=3, text="Changed behind the published words."
    )
    assessments.indicate(first, rating=Rating.CONCERNS, note="My own note.", by=member, now=NOW)
    assessments.assess(first, rating=Rating.NOT_DELIVERED, comment="A draft.", seen=None, by=clerk, now=NOW)
    client.force_login(member)

    def seen():
        text = client.get(address("screen", meeting)).content.decode()
        state = client.get(address("screen_state", meeting)).json()
        assert "Work on 1a and 1b is going well." in text
        for secret in ("Quorvane", "Changed behind", "My own note", "A draft", "Anwen", "Said in public"):
            assert secret not in text + json.dumps(state)
        return state["rows"]

    assert seen() == {str(update.pk): None for update in (first, second, third)}
    Meeting.objects.update(start=timezone.now() - timedelta(minutes=10))
    assert seen() == {str(update.pk): None for update in (first, second, third)}
    said = {"comment": "Said in public?", "seen": None, "by": chair, "now": timezone.now()}
    assessments.assess(second, rating=Rating.ON_TRACK, **said)
    assessments.assess(first, rating=Rating.NOT_DELIVERED, **said | {"comment": "A draft."})
    assert seen() == {str(first.pk): 4, str(second.pk): 2, str(third.pk): None}
    assert "to be confirmed" in client.get(address("screen", meeting)).content.decode()


def test_the_screen_follows_the_row_that_is_shown(client, chair, member, report, begun):
    second = updates_of(report)[1]
    client.force_login(chair)
    assert client.post(address("room", begun), {"update": second.pk, "action": "show"}).status_code == 302
    client.force_login(member)
    page = client.get(address("screen", begun))
    assert page.context["current"].update == second
    assert client.get(address("screen_state", begun)).json()["row"] == second.pk


# Corrections


def test_a_correction_is_marked_wherever_the_assessment_is_read(client, chair, clerk, inquiry):
    report = factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    client.force_login(chair)
    page = reverse("committee:correct", args=[inquiry.slug, 6, "2"])
    form = client.get(page).context["form"]
    data = {"rating": "4", "comment": "", "reason": "", "seen": form["seen"].value()}
    assert "Say why the assessment is corrected" in client.post(page, data).content.decode()
    answer = client.post(page, data | {"reason": "The minute says otherwise."})
    assert (answer.status_code, answer.url) == (302, report.get_absolute_url())
    client.logout()
    day = timezone.localdate()
    for url in (
        report.get_absolute_url(),
        reverse("public:recommendation", args=[inquiry.slug, "2"]),
        reverse("public:report_export", args=[inquiry.slug, 6, "csv"]),
    ):
        text = client.get(url).content.decode()
        assert f"Corrected on {day.day} {day:%B %Y}:" in text, url
        assert "The minute says otherwise." in text, url
    data = client.get(reverse("public:report_export", args=[inquiry.slug, 6, "json"])).json()
    assert [row["assessment"]["corrections"] for row in data["responses"]] == [
        [],
        [{"corrected_on": day.isoformat(), "reason": "The minute says otherwise."}],
        [],
    ]
    assert len(client.get(report.get_absolute_url()).context["others"]) == 2


def test_a_correction_that_came_second_is_shown_what_was_first(client, chair, clerk, inquiry):
    report = factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    client.force_login(chair)
    page = reverse("committee:correct", args=[inquiry.slug, 6, "2"])
    data = {
        "rating": "4",
        "comment": "",
        "reason": "Misheard.",
        "seen": client.get(page).context["form"]["seen"].value(),
    }
    update = report.updates.about("2").get()
    recorded = Assessment.objects.get(update=update)
    assessments.correct_assessment(
        update, rating=3, comment="", reason="The minute.", seen=recorded.recorded_at, by=clerk, now=timezone.now()
    )
    answer = client.post(page, data)
    assert "Carys Whitlock has just recorded “Concerns”." in answer.content.decode()
    assert client.post(page, data | {"seen": answer.context["form"]["seen"].value()}).status_code == 302
    recorded.refresh_from_db()
    assert recorded.rating == 4


def test_who_corrects(client, chair, clerk, member, officer, inquiry):
    factories.make_report(inquiry, clerk, at=Stage.ASSESSED)
    for person, status in ((chair, 200), (clerk, 200), (member, 403), (officer, 403)):
        client.force_login(person)
        for name, args in (("corrections", []), ("correct", ["2"])):
            assert client.get(reverse(f"committee:{name}", args=[inquiry.slug, 6, *args])).status_code == status
