"""Who is written to about a task, day by day: settings, lateness, and never twice about one thing in a day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inquiries import rules
from inquiries.actions import progress, responses
from inquiries.models import CouncilSettings, Notification, Person, ProgressReport
from inquiries.notifications import queue_reminders
from tests import factories
from tests.at_once import at_once
from tests.cast import person
from tests.sending import send_all

DUE = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (-9, None),
        (-8, None),
        (-7, -7),
        (-6, -7),
        (-1, -1),
        (0, 0),
        (1, 1),
        (7, 1),
        (8, 8),
        (22, 22),
    ],
)
def test_reminder_day(days, wanted):
    found = rules.reminder_day(DUE, DUE + timedelta(days=days), rules.ReminderTimes())
    assert found == (None if wanted is None else DUE + timedelta(days=wanted))


def test_reminder_day_where_some_are_not_wanted():
    only_before = rules.ReminderTimes(days_before=(3,), on_the_day=False, days_after=None)
    days = [rules.reminder_day(DUE, DUE + timedelta(days=number), only_before) for number in (-4, -3, 0, 1)]
    assert days == [None, DUE - timedelta(days=3), DUE - timedelta(days=3), None]
    every_other_day = rules.ReminderTimes(days_before=(), on_the_day=False, days_after=2)
    days = [rules.reminder_day(DUE, DUE + timedelta(days=number), every_other_day) for number in (0, 1, 2, 3)]
    assert days == [None, DUE + timedelta(days=1), DUE + timedelta(days=1), DUE + timedelta(days=3)]


def test_escalation_day():
    times = rules.ReminderTimes(escalate_after=3)
    days = [rules.escalation_day(DUE, DUE + timedelta(days=number), times) for number in (2, 3, 9)]
    assert days == [None, DUE + timedelta(days=3), DUE + timedelta(days=3)]
    assert rules.escalation_day(DUE, DUE + timedelta(days=99), rules.ReminderTimes(escalate_after=None)) is None


@pytest.fixture
def director(officer):
    director = person("Dafydd Rhys", "dafydd@wealdshire.example", job_title="Director of Communities")
    officer.director = director
    officer.save()
    return director


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_reminders_at_the_same_moment_are_one(inquiry, clerk, director):
    report = factories.make_report(inquiry, clerk)
    day = report.updates_due_on + timedelta(days=8)
    Notification.objects.all().delete()
    found = at_once(*(lambda minute=minute: queue_reminders(day, at(day, 7, minute)) for minute in range(4)))
    assert not [one for one in found if isinstance(one, Exception)], found
    stored = Counter(Notification.objects.values_list("occasion", "recipient__name"))
    assert stored and set(stored.values()) == {1}


class Round:
    """Runs the days of a round: reminders at seven, what people do at ten, and the mails that go out."""

    def __init__(self):
        self.sent = []

    def run(self, first, last, events):
        day = first
        while day <= last:
            queue_reminders(day, at(day, 7))
            # The job may run twice.
            queue_reminders(day, at(day, 7, 1))
            self.send(at(day, 7, 2))
            for event in events.get(day, ()):
                event(at(day, 10))
                self.send(at(day, 10, 1))
            day += timedelta(days=1)

    def send(self, now):
        mail.outbox.clear()
        send_all(now)
        names = dict(Person.objects.values_list("email", "name"))
        self.sent += [(f"{now:%d %b}", names[m.to[0]].split()[-1], m.subject) for m in mail.outbox]


def test_a_round_with_its_exact_emails(inquiry, committee, clerk, officer, other_officer, cabinet_member, director):
    CouncilSettings.objects.create(update_escalate_after=3, sign_off_days_before=[2], sign_off_escalate_after=None)
    # Nobody leads 10, so nobody is asked for it: keep it out of this story.
    inquiry.responses.filter(recommendations__reference="10").update(lead_officer=officer)
    meeting = factories.make_meeting(committee)

    def the_report():
        return ProgressReport.objects.get()

    def update_of(person):
        return the_report().updates.for_page().filter(response__lead_officer=person).first()

    def commission(now):
        progress.commission(inquiry, months_on=6, meeting=meeting, by=clerk, now=now)

    def move_dates(days):
        def move(now):
            report = the_report()
            due = report.updates_due_on + timedelta(days=days)
            progress.reschedule(
                report,
                meeting=report.meeting,
                update_date=report.update_date,
                updates_due_on=due,
                sign_off_due_on=report.sign_off_due_on,
                by=clerk,
                now=now,
            )

        return move

    def submit(person):
        def submit_all(now):
            for update in the_report().updates.open().for_page().filter(response__lead_officer=person):
                progress.submit_update(update, version=update.version, text="Done.", by=person, now=now)

        return submit_all

    def give_back(now):
        progress.return_update(update_of(other_officer), note="Which agencies?", by=cabinet_member, now=now)

    def sign(now):
        progress.sign_off(the_report().sign_offs.get(), by=cabinet_member, now=now)

    story = Round()
    story.run(
        date(2026, 10, 19),
        date(2026, 12, 4),
        {
            # The dates change twice on the day of the commission: one e-mail about that, the day after.
            date(2026, 10, 19): [commission, move_dates(-2), move_dates(1)],
            # On the day of the first reminder: the new dates wait until tomorrow.
            date(2026, 11, 8): [move_dates(1)],
            date(2026, 11, 15): [submit(other_officer)],
            date(2026, 11, 24): [submit(officer)],
            date(2026, 11, 26): [give_back, submit(other_officer)],
            date(2026, 12, 3): [sign],
        },
    )
    wanted = "Progress updates needed on recommendations 1a and 1b and 1 more: Warm Homes Inquiry"
    both = "progress update on recommendations 1a and 1b and 1 more"
    one = "progress update on recommendation 2"
    interim = "Warm Homes Inquiry, interim report (6 months on)"
    assert story.sent == [
        ("19 Oct", "Llŷr-Ôwain", wanted),
        ("19 Oct", "Okafor", "Progress update needed on recommendation 2: Warm Homes Inquiry"),
        ("20 Oct", "Llŷr-Ôwain", "Your deadlines have changed"),
        ("20 Oct", "Okafor", "Your deadlines have changed"),
        # Due on 15 November.
        ("08 Nov", "Llŷr-Ôwain", f"Reminder: {both}"),
        ("08 Nov", "Okafor", f"Reminder: {one}, due 15 November"),
        ("09 Nov", "Llŷr-Ôwain", "Your deadlines have changed"),
        ("09 Nov", "Okafor", "Your deadlines have changed"),
        # Due on 16 November.
        ("15 Nov", "Llŷr-Ôwain", f"Reminder: {both}"),
        ("15 Nov", "Okafor", f"Reminder: {one}, due 16 November"),
        ("16 Nov", "Llŷr-Ôwain", f"Reminder: {both}"),
        ("17 Nov", "Llŷr-Ôwain", f"Late: {both}"),
        ("19 Nov", "Rhys", f"Late: {both}, Warm Homes Inquiry"),
        ("19 Nov", "Adeyemi", f"Late: {both}, Warm Homes Inquiry"),
        ("24 Nov", "Llŷr-Ôwain", f"Late: {both}"),
        ("24 Nov", "Adeyemi", f"Ready for your sign-off: {interim}"),
        ("26 Nov", "Okafor", f"Please revise: {one}"),
        ("26 Nov", "Adeyemi", f"Ready for your sign-off: {interim}"),
        ("28 Nov", "Adeyemi", "Reminder: sign-off of the interim report (6 months on), due 30 November"),
        ("30 Nov", "Adeyemi", "Reminder: sign-off of the interim report (6 months on), due 30 November"),
        ("01 Dec", "Adeyemi", "Late: sign-off of the interim report (6 months on), due 30 November"),
        ("03 Dec", "Whitlock", f"Signed off: {interim}"),
    ]


def test_nobody_is_written_to_twice_about_one_task_in_a_day(inquiry, clerk, officer, committee):
    progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 25), 6))
    response = inquiry.responses.get(recommendations__reference="1a")
    for day in range(25, 31):
        responses.correct_response(response, lead_officer=None, by=clerk, now=at(date(2027, 5, day), 6))
        responses.correct_response(response, lead_officer=officer, by=clerk, now=at(date(2027, 5, day), 8))
        queue_reminders(date(2027, 5, day), at(date(2027, 5, day), 9))
    counted = Counter(
        (day, task)
        for day, concerns in Notification.objects.filter(recipient=officer).values_list("goes_out_on", "concerns")
        for task in concerns
        if task.startswith("update:")
    )
    assert counted and max(counted.values()) == 1


def test_a_mail_that_could_not_be_sent_for_days_waits_where_another_went_out_today(inquiry, clerk, officer):
    progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 20), 9))
    queue_reminders(date(2027, 5, 25), at(date(2027, 5, 25), 7))
    # The mail server has been down since the commission.
    send_all(at(date(2027, 5, 26), 9))
    to_officer = [m.subject for m in mail.outbox if m.to == [officer.email]]
    assert to_officer == ["Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry"]
    waiting = Notification.objects.get(recipient=officer, sent_on=None)
    assert (waiting.goes_out_on, waiting.attempted_on) == (date(2027, 5, 27), None)
    send_all(at(date(2027, 5, 27), 7))
    assert [m.subject for m in mail.outbox if m.to == [officer.email]][1:] == [
        "Reminder: progress update on recommendations 1a and 1b, due 1 June"
    ]


def test_the_settings_say_when(inquiry, clerk, committee, officer):
    CouncilSettings.objects.create(update_days_before=[14, 3], update_on_the_day=False, update_days_after=None)
    progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 1), 9))
    for number in range(5, 40):
        day = date(2027, 5, 1) + timedelta(days=number)
        queue_reminders(day, at(day, 7))
    days = Notification.objects.filter(recipient=officer, occasion="reminder").order_by("pk")
    assert [row.goes_out_on for row in days] == [date(2027, 5, 18), date(2027, 5, 29)]


def test_an_escalation_that_no_longer_holds_is_not_sent(inquiry, clerk, officer, cabinet_member, director):
    progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 1), 9))
    queue_reminders(date(2027, 6, 8), at(date(2027, 6, 8), 7))
    assert {n.recipient for n in Notification.objects.filter(occasion="escalation")} == {director, cabinet_member}
    report = ProgressReport.objects.get()
    for update in report.updates.open().for_page().filter(response__lead_officer=officer):
        progress.submit_update(update, version=0, text="Done.", by=officer, now=at(date(2027, 6, 8), 8))
    send_all(at(date(2027, 6, 8), 9))
    assert not Notification.objects.filter(recipient=director).exists()
    told = Notification.objects.get(recipient=cabinet_member)
    assert "recommendations 1a and 1b" not in told.body
    assert "recommendation 10, inquiry “Warm Homes Inquiry”, without a lead officer: was due" in told.body


@pytest.mark.parametrize("count", [1, 3])
def test_reminders_of_many_people_are_as_many_queries(inquiry, clerk, committee, count):
    report = progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 1), 9))
    updates = list(report.updates.for_page())
    report.updates.exclude(pk__in=[update.pk for update in updates[:count]]).delete()
    for number, update in enumerate(updates[:count]):
        director = person(f"Director {number}", f"d{number}@wealdshire.example")
        lead = person(f"Officer {number}", f"o{number}@wealdshire.example", director=director)
        update.response.lead_officer = lead
        update.response.save()
    Notification.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        assert queue_reminders(date(2027, 6, 8), at(date(2027, 6, 8), 7)) == count
    assert Notification.objects.count() == 2 * count + 1
    assert len(queries) == 23


def test_what_may_have_been_sent_is_sent_again_the_same_day(inquiry, clerk, officer):
    """Its sender was killed before noting it; put off to the next day, the same e-mail would come on two days."""
    progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=at(date(2027, 5, 20), 9))
    queue_reminders(date(2027, 5, 25), at(date(2027, 5, 25), 7))
    Notification.objects.filter(occasion="reminder").update(attempted_on=at(date(2027, 5, 25), 7))
    send_all(at(date(2027, 5, 26), 9))
    assert not Notification.objects.filter(recipient=officer, sent_on=None).exists()
