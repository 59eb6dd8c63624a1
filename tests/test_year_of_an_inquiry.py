"""The year of an inquiry with a moved clock, and every e-mail of it: recorded by paste, answered by a document,
commissioned, reminded, late, extended, escalated, replied to in Word, returned, signed; published, rated in the room,
followed by an action, an end, minutes and the next round. Of what the pages ask after the meeting only that is typed
which nothing recorded says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from lxml import html

from inquiries.actions import inquiries, meetings, more_time, progress, publication, replies, responses
from inquiries.actions.commission import Round, commission_reports, preview_commission
from inquiries.choices import Decision, ItemKind, Stage
from inquiries.documents.progress_report import progress_report_content
from inquiries.imports.recommendation_text import read_recommendations
from inquiries.imports.reply_form import read_document
from inquiries.imports.response_table import read_response_file
from inquiries.models import Person
from inquiries.notifications import queue_digests, queue_reminders
from tests.cast import person
from tests.factories import make_meeting
from tests.imports.samples import document, table
from tests.sending import send_all
from tests.views.officer.test_reply import written

PASTED = """Dear Carys, these are the recommendations as the committee agreed them.

1. That the council
   a) publishes one telephone number for help with heating; and
   b) prints the number on every council tax bill.
2. That officers meet the county’s advice agencies every quarter.
3. That the council buys a thermal camera for each library.
"""
ANSWERS = (
    ("Recommendation", "Response", "Decision", "Lead officer", "Target date"),
    ("1a and 1b", "One number will be used.", "Accepted", "Siân Llŷr-Ôwain", "31 March 2027"),
    ("2", "It will be twice a year, because every quarter costs too much.", "Accepted in part", "Tom Okafor", ""),
    ("3", "A camera would be idle for most of the year.", "Not accepted", "", ""),
)


class Year:
    """The clock and the postbox."""

    def __init__(self):
        self.day, self.log = date(2026, 11, 3), []

    @property
    def now(self):
        return datetime(self.day.year, self.day.month, self.day.day, 10, tzinfo=UTC)

    def deliver(self):
        """Send what waits, and list it."""
        assert send_all(self.now)[1] == 0
        sent = sorted((message.to[0].partition("@")[0], message.subject) for message in mail.outbox)
        self.log += [(f"{self.day:%-d %b}", *one) for one in sent]
        mail.outbox.clear()

    def go_on(self, until):
        """Let the days go by as the worker does; what was done on the last day is sent with it."""
        while self.day < until:
            self.deliver()
            self.day += timedelta(days=1)
            queue_reminders(self.day, self.now)
            queue_digests(self.now)
            self.deliver()


@pytest.fixture
def year():
    return Year()


def emails(year):
    found, year.log = year.log, []
    return found


def record(committee, clerk, year):
    by = {"by": clerk, "now": year.now}
    inquiry = inquiries.add_inquiry(
        committee=committee, title="Warm Homes Inquiry", received_on=date(2026, 11, 3), completed_on=year.day, **by
    )
    found = read_recommendations(PASTED)
    inquiries.add_recommendations(
        inquiry, [{"reference": one.reference, "text": one.text} for one in found.recommendations], **by
    )
    return inquiry


def record_answers(inquiry, clerk, cabinet_member, year):
    recorded = {one.reference: one for one in inquiry.recommendations.in_order()}
    wording = [(one.reference, one.text) for one in recorded.values()]
    found = read_response_file(document(table(*ANSWERS)), "response.docx", wording)
    assert (found.unmatched, found.without_response) == ([], [])
    return responses.record_responses(
        inquiry,
        [
            {
                "recommendations": [recorded[reference] for reference in one.references],
                "decision": one.decision,
                "text": one.text,
                "reason": one.reason,
                "lead_officer": Person.objects.named(*one.lead_officers).first() if one.lead_officers else None,
                "target_date": one.target_date,
                "cabinet_member": cabinet_member,
                "responded_on": year.day,
            }
            for one in found.responses
        ],
        by=clerk,
        now=year.now,
    )


def press(client, page, address="", **typed):
    """Send the form of `page` as it is shown, with what is typed, ticked or pressed beside; the page that follows."""
    shown = next(
        form
        for form in html.fromstring(page.content).forms
        if form.get("method") == "post" and len(form) > 2 and not form.get("action")
    )
    data = {}
    for name, value in shown.form_values():
        data.setdefault(name, []).append(value)
    return client.post(address or page.wsgi_request.get_full_path(), data | typed, follow=True)


def words_of(page):
    return " ".join(html.fromstring(page.content).text_content().split())


def test_year_of_an_inquiry(
    year, committee, chair, clerk, officer, other_officer, cabinet_member, settings, client, monkeypatch
):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    director = person("Dee Marsh", "dee@wealdshire.example", job_title="Director of Communities")
    Person.objects.filter(pk=officer.pk).update(director=director)

    inquiry = record(committee, clerk, year)
    assert [one.reference for one in inquiry.recommendations.in_order()] == ["1a", "1b", "2", "3"]
    # Cabinet has until 2 January: the clerks are reminded of it.
    year.go_on(date(2027, 1, 8))
    about = "the response of Cabinet, due 2 January"
    assert emails(year) == [
        ("26 Dec", "carys", f"Reminder: {about}"),
        ("1 Jan", "carys", f"Reminder: {about}"),
        ("2 Jan", "carys", f"Reminder: {about}"),
        ("3 Jan", "carys", f"Late: {about}"),
    ]
    record_answers(inquiry, clerk, cabinet_member, year)
    assert [(one.references, one.decision, one.lead_officer) for one in inquiry.responses.in_order()] == [
        ("1a and 1b", Decision.ACCEPTED, officer),
        ("2", Decision.IN_PART, other_officer),
        ("3", Decision.NOT_ACCEPTED, None),
    ]
    inquiries.publish_inquiry(inquiry, by=clerk, now=year.now)
    year.go_on(date(2027, 1, 20))
    assert emails(year) == []

    # Six months on, for the meeting of 13 July: updates by 14 June, sign-off by 28 June.
    year.day = date(2027, 5, 4)
    rounds, meeting = [Round(inquiry, 6)], make_meeting(committee, date(2027, 7, 13))
    preview, _ = preview_commission(rounds, meeting=meeting, by=clerk, now=year.now)
    (report,) = commission_reports(rounds, meeting=meeting, by=clerk, now=year.now)
    year.deliver()
    sent = emails(year)
    assert sent == [
        ("4 May", "sian", "Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry"),
        ("4 May", "tom", "Progress update needed on recommendation 2: Warm Homes Inquiry"),
    ]
    assert sorted(one.subject for one in preview) == sorted(subject for _, _, subject in sent)
    second = report.updates.for_page()[1]

    # Tom asks for more time and has it; Siân is late.
    year.day = date(2027, 6, 6)
    year.go_on(date(2027, 6, 9))
    request = more_time.ask_for_more_time(
        second, wanted_until=date(2027, 6, 21), reason="Two colleagues are away.", by=other_officer, now=year.now
    )
    year.go_on(date(2027, 6, 10))
    more_time.grant_more_time(request, granted_until=date(2027, 6, 21), by=clerk, now=year.now)
    year.go_on(date(2027, 6, 21))
    of_sian, of_tom = "progress update on recommendations 1a and 1b", "progress update on recommendation 2"
    assert emails(year) == [
        ("7 Jun", "sian", f"Reminder: {of_sian}, due 14 June"),
        ("7 Jun", "tom", f"Reminder: {of_tom}, due 14 June"),
        ("9 Jun", "carys", f"More time asked for: {of_tom}"),
        ("10 Jun", "tom", f"More time granted: {of_tom}"),
        ("13 Jun", "sian", f"Reminder: {of_sian}, due 14 June"),
        ("14 Jun", "sian", f"Reminder: {of_sian}, due 14 June"),
        ("14 Jun", "tom", f"Reminder: {of_tom}, due 21 June"),
        ("15 Jun", "sian", f"Late: {of_sian}, due 14 June"),
        ("20 Jun", "tom", f"Reminder: {of_tom}, due 21 June"),
        # A week late: the director and the Cabinet Member are told.
        ("21 Jun", "dee", f"Late: {of_sian}, Warm Homes Inquiry"),
        ("21 Jun", "ruth", f"Late: {of_sian}, Warm Homes Inquiry"),
        ("21 Jun", "tom", f"Reminder: {of_tom}, due 21 June"),
    ]
    second = report.updates.for_page().get(pk=second.pk)
    progress.submit_update(second, version=0, text="They met once.", by=other_officer, now=year.now)
    year.go_on(date(2027, 6, 23))

    # Siân replies in Word.
    updates = report.updates.with_last_time().for_page()
    form = replies.make_reply_form(report, [updates[0]], person=officer, now=year.now)
    reply = replies.check_reply(
        read_document(written(form, "The number is on every bill.")), report, list(updates), by=officer, now=year.now
    )
    (replied,) = replies.replied_updates(reply, updates, by=officer, now=year.now)
    values = replied.fields | {"version": 0}
    replies.accept_replies([(replied.update, values)], file_name="reply.docx", by=officer, now=year.now, submit=True)
    year.go_on(date(2027, 6, 24))
    ready = "Ready for your sign-off: Warm Homes Inquiry, interim report (6 months on)"
    assert emails(year) == [("22 Jun", "sian", f"Late: {of_sian}, due 14 June"), ("23 Jun", "ruth", ready)]

    # The Cabinet Member returns what Tom wrote, and signs what comes back.
    second = report.updates.for_page().get(pk=second.pk)
    progress.return_update(second, note="Please say with whom.", by=cabinet_member, now=year.now)
    year.go_on(date(2027, 6, 25))
    second = report.updates.for_page().get(pk=second.pk)
    progress.submit_update(
        second, version=second.version, text="They met Citizens Advice once.", by=other_officer, now=year.now
    )
    year.go_on(date(2027, 6, 28))
    progress.sign_off(report.sign_offs.get(), by=cabinet_member, now=year.now)
    year.go_on(date(2027, 7, 2))
    sign_off = "sign-off of the interim report (6 months on), due 28 June"
    assert emails(year) == [
        ("24 Jun", "tom", f"Please revise: {of_tom}"),
        ("25 Jun", "ruth", ready),
        ("27 Jun", "ruth", f"Reminder: {sign_off}"),
        ("28 Jun", "ruth", f"Reminder: {sign_off}"),
        ("28 Jun", "carys", "Signed off: Warm Homes Inquiry, interim report (6 months on)"),
    ]
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF
    assert [update.text for update in report.updates.for_page()] == [
        "The number is on every bill.",
        "They met Citizens Advice once.",
    ]

    # Published for the meeting, with its agenda.
    for title, more in (("Apologies for absence", {}), ("Warm homes", {"kind": ItemKind.REPORT, "report": report})):
        meetings.add_item(meeting, title=title, **more, by=clerk, now=year.now)
    publication.publish(report, by=clerk, now=year.now)
    year.go_on(date(2027, 7, 14))
    assert emails(year) == [("2 Jul", "harold", "Published: Warm Homes Inquiry, interim report (6 months on)")]

    # The chair rates row by row in the room, asks for an action, and confirms.
    monkeypatch.setattr(timezone, "now", lambda: year.now)
    client.force_login(chair)
    room = client.get(reverse("committee:room", args=[meeting.pk]))
    room = press(client, room, rating="3", comment="It is not on the website yet.")
    room = press(client, room, rating="4", comment="The agencies meet by themselves now.")
    assert "2 of 2" in words_of(room)
    address = [inquiry.slug, 6]
    setting = client.get(reverse("committee:set_action_point", args=[*address, "1a"]))
    wanted = {"text": "Put the number on the website.", "owner": "Siân Llŷr-Ôwain"}
    due = {"due_on_day": "30", "due_on_month": "9", "due_on_year": "2027"}
    press(client, setting, **wanted, **due)
    confirmed = press(client, client.get(reverse("committee:confirm", args=address)))
    assert "The assessments are confirmed" in words_of(confirmed)
    year.deliver()
    assert emails(year) == [
        ("14 Jul", "ruth", "The committee's assessment: Warm Homes Inquiry, interim report (6 months on)"),
        ("14 Jul", "sian", "Action for you by 30 September 2027: Warm Homes Inquiry"),
        ("14 Jul", "sian", "The committee's assessment: Warm Homes Inquiry, interim report (6 months on)"),
        ("14 Jul", "tom", "The committee's assessment: Warm Homes Inquiry, interim report (6 months on)"),
    ]

    # The clerk ends 2: rating and comment say how and why. Then the minutes, from what is recorded.
    client.force_login(clerk)
    second = report.updates.for_page()[1]
    ending = client.get(reverse("clerk:end_recommendations", args=address))
    press(client, ending, **{f"end_{second.pk}": second.response.recommendations.get().pk})
    press(client, client.get(reverse("clerk:attendance", args=[meeting.pk])))
    press(client, client.get(reverse("clerk:outcomes", args=[meeting.pk])), use="all")
    press(client, client.get(reverse("clerk:publish_minutes", args=[meeting.pk])))
    client.logout()
    public = words_of(client.get(meeting.get_absolute_url()))
    for words in (
        "There were no apologies for absence.",
        "that the committee has concerns that recommendations 1a and 1b may not be fully delivered",
        "that recommendation 2 was closed as not delivered: The agencies meet by themselves now.",
        "recommendation 2, closed as not delivered: The agencies meet by themselves now.",
    ):
        assert words in public

    # Siân is reminded of the action, and does it.
    year.day = date(2027, 9, 22)
    year.go_on(date(2027, 9, 28))
    client.force_login(officer)
    done = client.get(report.updates.for_page()[0].action_points.get().get_absolute_url())
    press(client, done, note="It is at the top of the first page.")
    year.deliver()
    assert emails(year) == [
        ("23 Sep", "sian", "Reminder: action on recommendations 1a and 1b, due 30 September"),
        ("28 Sep", "harold", "Action done: recommendations 1a and 1b, Warm Homes Inquiry"),
    ]

    # The board proposes the next round; nothing is typed to commission it.
    year.day = date(2027, 11, 10)
    following = make_meeting(committee, date(2028, 1, 11))
    client.force_login(clerk)
    board = client.get(reverse("clerk:board"))
    commission = reverse("clerk:commission", args=[inquiry.slug])
    assert "To commission" in words_of(board) and commission in board.content.decode()
    check = press(client, client.get(commission))
    assert "Check before you send" in words_of(check)
    press(client, check, commission, action="commission")
    report = inquiry.progress_reports.get(months_on=12)
    assert (report.stage, report.meeting) == (Stage.COMMISSIONED, following)
    year.deliver()
    needed = "Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry"
    assert emails(year) == [("10 Nov", "sian", needed)]

    # The next form and report show what was asked and done, and what became of the others.
    asked = (
        "At its meeting on 13 July 2027 the committee asked: Put the number on the website, by 30 September 2027 "
        "(Siân Llŷr-Ôwain). Done on 28 September 2027: It is at the top of the first page."
    )
    client.force_login(officer)
    (update,) = report.updates.for_page()
    assert asked in words_of(client.get(update.get_absolute_url()))
    updates = list(report.updates.with_last_time().for_page())
    form = replies.make_reply_form(report, updates, person=officer, now=year.now)
    assert asked in read_document(form).others
    content = progress_report_content(report)
    assert [row.references for row in content.rows] == [("1a", "1b")]
    assert [str(action) for action in content.rows[0].earlier_actions] == [asked]
    assert [(entry.recommendations[0].reference, entry.outcome) for entry in content.account] == [
        ("2", "Closed as not delivered, decided at the meeting on 13 July 2027"),
        ("3", "Not accepted"),
    ]
