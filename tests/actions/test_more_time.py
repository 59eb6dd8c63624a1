"""More time for an update: who may ask, which dates work, what follows when it is granted."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries import rules
from inquiries.actions import more_time, progress
from inquiries.models import Entry, MoreTimeRequest, Notification, ProgressUpdate
from inquiries.models.progress import update_due
from inquiries.notifications import open_tasks
from inquiries.permissions import Refused
from tests import factories
from tests.at_once import at_once
from tests.cast import NOW, TODAY

DUE, SIGN_OFF = date(2026, 11, 30), date(2026, 12, 4)
WANTED = date(2026, 12, 2)


@pytest.fixture
def update(inquiry, clerk):
    """Due on 30 November, to be signed off by 4 December 2026."""
    report = factories.make_report(inquiry, clerk)
    report.updates_due_on, report.sign_off_due_on = DUE, SIGN_OFF
    report.save()
    return report.updates.for_page().first()


def ask(update, by, until=WANTED, reason="The figures come on 1 December."):
    return more_time.ask_for_more_time(update, wanted_until=until, reason=reason, by=by, now=NOW)


def fetched(update):
    return ProgressUpdate.objects.for_page().annotate(due=update_due()).get(pk=update.pk)


def test_ask_and_grant(update, officer, clerk):
    request = ask(update, officer)
    assert fetched(update).due_on == DUE
    assert list(MoreTimeRequest.objects.waiting()) == [request]
    more_time.grant_more_time(request, granted_until=date(2026, 12, 1), note="By noon.", by=clerk, now=NOW)
    assert (fetched(update).due_on, fetched(update).due) == (date(2026, 12, 1),) * 2
    others = ProgressUpdate.objects.exclude(pk=update.pk).select_related("report")
    assert {one.due_on for one in others} == {DUE}
    assert not MoreTimeRequest.objects.waiting()
    assert list(Entry.objects.about(update).order_by("pk").values_list("verb", "sentence", "note", "by_name")) == [
        (
            "ask_for_more_time",
            "asked for more time for the progress update on 1a and 1b",
            "The figures come on 1 December.",
            officer.name,
        ),
        (
            "grant_more_time",
            "granted more time for the progress update on 1a and 1b, until 1 December 2026",
            "By noon.",
            clerk.name,
        ),
    ]


def test_letters(update, officer, clerk, settings):
    request = ask(update, officer)
    more_time.grant_more_time(request, granted_until=date(2026, 12, 1), note="By noon.", by=clerk, now=NOW)
    letters = Notification.objects.filter(occasion__startswith="more_time").order_by("pk")
    assert [(one.recipient, one.reply_to) for one in letters] == [(clerk, None), (officer, clerk)]
    assert letters[1].subject == "More time granted: progress update on recommendations 1a and 1b"
    assert (
        "Carys Whitlock has granted more time for the progress update on recommendations 1a and 1b of the inquiry "
        "“Warm Homes Inquiry”. Please submit it by Tuesday 1 December 2026 (Wednesday 2 December 2026 was asked "
        "for).\n\nBy noon.\n\n"
    ) in letters[1].body


def test_refuse(update, officer, clerk):
    request = ask(update, officer)
    with pytest.raises(ValidationError, match="Say why more time is refused"):
        more_time.refuse_more_time(request, note=" ", by=clerk, now=NOW)
    more_time.refuse_more_time(request, note="The meeting is near.", by=clerk, now=NOW)
    assert fetched(update).due_on == DUE
    with pytest.raises(Refused, match="Carys Whitlock has already decided this"):
        more_time.grant_more_time(request, granted_until=WANTED, by=clerk, now=NOW)
    # A second request is another matter.
    assert ask(update, officer).decided_at is None


def test_one_request_at_a_time(update, officer):
    ask(update, officer)
    with pytest.raises(ValidationError, match="a clerk has not decided yet"):
        ask(update, officer)


@pytest.mark.parametrize("until", [DUE, date(2026, 11, 1), date(2026, 12, 5)])
def test_dates_that_do_not_work(update, officer, clerk, until):
    sentence = f"{rules.in_words(until)} does not work. Choose a date from 1 December 2026 to 4 December 2026."
    with pytest.raises(ValidationError) as refused:
        ask(update, officer, until=until)
    assert refused.value.message_dict == {"wanted_until": [sentence]}
    request = ask(update, officer)
    with pytest.raises(ValidationError) as refused:
        more_time.grant_more_time(request, granted_until=until, by=clerk, now=NOW)
    assert refused.value.message_dict == {"granted_until": [sentence]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["grant", "refuse"])
def test_more_time_is_decided_once(update, officer, clerk, second):
    request, earlier = ask(update, officer), WANTED - timedelta(days=1)
    results = at_once(
        lambda: more_time.grant_more_time(request, granted_until=WANTED, by=clerk, now=NOW),
        lambda: (
            more_time.grant_more_time(request, granted_until=earlier, by=clerk, now=NOW)
            if second == "grant"
            else more_time.refuse_more_time(request, note="It is urgent.", by=clerk, now=NOW)
        ),
    )
    assert sorted(type(result).__name__ for result in results) == ["MoreTimeRequest", "Refused"]
    request.refresh_from_db()
    assert ProgressUpdate.objects.get(pk=update.pk).extended_until == request.granted_until
    assert Notification.objects.filter(occasion="more_time_decided", recipient=officer).count() == 1


@pytest.mark.django_db(transaction=True)
def test_more_time_is_asked_for_once(update, officer):
    results = at_once(*(lambda: ask(update, officer) for _ in range(2)))
    assert sorted(type(result).__name__ for result in results) in (
        ["MoreTimeRequest", "Refused"],
        ["MoreTimeRequest", "ValidationError"],
    )
    assert MoreTimeRequest.objects.count() == 1


def test_no_date_works_where_sign_off_is_due_at_once(update, officer):
    update.report.sign_off_due_on = DUE
    update.report.save()
    with pytest.raises(ValidationError, match="No later date works: the report has to be signed off or published by"):
        ask(update, officer)


def test_last_day_without_sign_off_date_is_the_last_to_publish(update, committee, officer):
    report = update.report
    report.sign_off_due_on, report.meeting = None, factories.make_meeting(committee)
    report.save()
    assert fetched(update).last_day == date(2026, 12, 7)
    with pytest.raises(ValidationError, match="Choose a date from 1 December 2026 to 7 December 2026"):
        ask(update, officer, until=date(2026, 12, 8))


def test_who_may_ask_and_decide(update, officer, contributor, other_officer, cabinet_member, clerk):
    for person in (other_officer, contributor, cabinet_member):
        with pytest.raises(Refused, match="Only the lead officer"):
            ask(update, person)
    progress.save_update(update, version=0, contributors=[contributor], by=officer, now=NOW)
    request = ask(update, contributor)
    with pytest.raises(Refused, match="Only a clerk"):
        more_time.grant_more_time(request, granted_until=WANTED, by=officer, now=NOW)
    more_time.grant_more_time(request, granted_until=WANTED, by=clerk, now=NOW)
    # On behalf of the officer, and recorded as such.
    ask(update, clerk, until=date(2026, 12, 3))
    assert Entry.objects.filter(verb="ask_for_more_time").order_by("-pk").first().on_behalf_of == officer.name


def test_submitted_update_needs_no_more_time(update, officer, clerk):
    request = ask(update, officer)
    progress.submit_update(update, version=0, text="Done.", by=officer, now=NOW)
    assert not MoreTimeRequest.objects.waiting()
    with pytest.raises(Refused, match="has been submitted"):
        more_time.grant_more_time(request, granted_until=WANTED, by=clerk, now=NOW)
    with pytest.raises(Refused, match="has been submitted"):
        ask(fetched(update), officer)


def test_tasks_are_due_on_the_new_day(update, officer, clerk):
    more_time.grant_more_time(ask(update, officer), granted_until=WANTED, by=clerk, now=NOW)
    key = f"update:{update.pk}"
    assert key not in [task.key for task in open_tasks(DUE)]
    assert {task.key: task.due for task in open_tasks(WANTED)}[key] == WANTED


@pytest.mark.parametrize(
    ("due", "extended", "sign_off", "returned", "expected"),
    [
        (DUE, None, SIGN_OFF, None, DUE),
        (DUE, WANTED, SIGN_OFF, None, WANTED),
        (DUE, WANTED, None, None, WANTED),
        # The report was moved to a later meeting, or to an earlier one.
        (date(2027, 1, 4), WANTED, date(2027, 1, 8), None, date(2027, 1, 4)),
        (date(2026, 11, 20), WANTED, date(2026, 11, 27), None, date(2026, 11, 27)),
        (None, WANTED, None, None, None),
        # It was returned: in time, after its day, after more time, and once sign-off was due.
        (DUE, None, SIGN_OFF, DUE - timedelta(days=1), DUE),
        (DUE, None, SIGN_OFF, DUE + timedelta(days=2), DUE + timedelta(days=2)),
        (DUE, WANTED, SIGN_OFF, WANTED + timedelta(days=1), WANTED + timedelta(days=1)),
        (DUE, WANTED, SIGN_OFF, SIGN_OFF + timedelta(days=3), SIGN_OFF + timedelta(days=3)),
        (None, None, None, DUE, None),
    ],
)
def test_due_day(update, due, extended, sign_off, returned, expected):
    assert rules.update_due(due, extended, sign_off, returned) == expected
    report = update.report
    report.updates_due_on, report.sign_off_due_on = due, sign_off
    report.save()
    ProgressUpdate.objects.filter(pk=update.pk).update(extended_until=extended, return_due_on=returned)
    assert (fetched(update).due_on, fetched(update).due) == (expected, expected)


def test_new_dates_of_the_report_tell_only_whose_date_changes(update, officer, other_officer, clerk):
    more_time.grant_more_time(ask(update, officer), granted_until=WANTED, by=clerk, now=NOW)
    dates = {"updates_due_on": DUE - timedelta(days=1), "sign_off_due_on": SIGN_OFF, "update_date": TODAY}
    progress.reschedule(update.report, meeting=None, **dates, by=clerk, now=NOW)
    told = Notification.objects.filter(occasion="dates_changed").values_list("recipient__name", flat=True)
    assert list(told) == [other_officer.name]
