"""Commissioning the report of one inquiry, or of several for one meeting."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from inquiries.actions import endings
from inquiries.models import CabinetMember, Meeting, Notification, Person, ProgressReport, Response
from tests.cast import NOW, TODAY, person
from tests.factories import make_inquiry, make_meeting, make_report


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    """The clerk opens the pages on the day of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def meeting(committee):
    """Its deadlines are all still to come."""
    return make_meeting(committee, date(2027, 1, 19))


@pytest.fixture
def where(inquiry):
    return reverse("clerk:commission", args=[inquiry.slug])


@pytest.fixture
def other(committee, clerk, officer, cabinet_member):
    """The officer leads 1a and 1b here too; nobody leads the rest."""
    return make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Bus Shelters")


def together(*inquiries, **query):
    query |= {"inquiry": [inquiry.slug for inquiry in inquiries]}
    return f"{reverse('clerk:commission_meeting')}?{urlencode(query, doseq=True)}"


def words(response):
    return " ".join(response.content.decode().split())


def errors(response):
    return [message for message, _ in response.context["form"].error_summary()]


def day(name, on):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def months(number, *slugs):
    return {f"months_{slug}": number for slug in slugs or ["warm-homes-inquiry"]}


CHOSEN_DATES = day("updates_due_on", date(2026, 12, 1)) | day("sign_off_due_on", date(2026, 12, 8))
SEND = {"action": "commission"}


# One inquiry


def test_page_shows_rows_meetings_and_when_the_report_is_due(client, inquiry, clerk, meeting, where, committee):
    Response.objects.update(responded_on=date(2026, 6, 30))
    soon = make_meeting(committee, date(2026, 12, 8))
    client.force_login(clerk)
    response = client.get(where)
    page = words(response)
    assert "1a and 1b" in page and "Twice a year." in page and "thermal camera" not in page
    assert "To be signed off by Councillor Ruth Adeyemi, as the responses say." in page
    assert "Lead officer for 10" in page
    form = response.context["form"]
    assert form["months_warm-homes-inquiry"].value() == 6
    assert "Cabinet responded on 30 June 2026: the interim report, 6 months on, is due on 30 December 2026." in page
    # The first meeting on or after that day; one that is too soon says so.
    assert form["meeting"].value() == str(meeting.pk)
    assert "Updates by 16 December 2026, sign-off by 4 January 2027, published by 11 January 2027." in page
    assert f"Too soon: updates would have been due on {soon.deadlines.updates.day} November 2026." in page


def test_check_page_shows_each_e_mail_as_it_is_sent_afterwards(
    client, inquiry, clerk, meeting, where, officer, other_officer
):
    client.force_login(clerk)
    sent = months(6) | {"meeting": meeting.pk}
    check = client.post(where, sent | {"action": "check"})
    page = words(check)
    assert not ProgressReport.objects.exists() and not Notification.objects.exists()
    shown = {email.recipient: (email.subject, email.body, email.reply_to) for email in check.context["emails"]}
    assert set(shown) == {officer, other_officer}
    assert "Commission and send 2 e-mails" in page
    assert "nobody" in page and "<strong>none</strong>" in page
    carried = dict(re.findall(r'<input type="hidden" name="(months[^"]+|meeting)" value="([^"]*)">', page))
    response = client.post(where, carried | SEND, follow=True)
    report = ProgressReport.objects.get()
    assert response.redirect_chain == [(reverse("clerk:manage", args=[inquiry.slug, 6]), 302)]
    worked_out = meeting.deadlines
    assert (report.updates_due_on, report.sign_off_due_on, report.update_date, report.meeting) == (
        worked_out.updates,
        worked_out.sign_off,
        meeting.day,
        meeting,
    )
    stored = {n.recipient: (n.subject, n.body, n.reply_to) for n in Notification.objects.all()}
    assert stored == shown
    assert {reply_to for _, _, reply_to in stored.values()} == {clerk}


def test_something_can_be_changed_after_the_check(client, clerk, inquiry, meeting, where):
    client.force_login(clerk)
    page = client.post(where, months(18) | {"meeting": meeting.pk, "action": "change"})
    assert errors(page) == []
    assert page.context["form"]["months_warm-homes-inquiry"].value() == "18"
    assert not ProgressReport.objects.exists()


def test_lead_officers_are_named_where_they_are_missing(client, inquiry, clerk, meeting, where, contributor):
    response = inquiry.responses.get(recommendations__reference="10")
    client.force_login(clerk)
    sent = months(6) | {"meeting": meeting.pk, f"officer_{response.pk}": "Priya Nair"}
    check = client.post(where, sent)
    assert contributor in [email.recipient for email in check.context["emails"]]
    response.refresh_from_db()
    assert response.lead_officer is None
    client.post(where, sent | SEND)
    response.refresh_from_db()
    assert response.lead_officer == contributor
    assert Notification.objects.filter(recipient=contributor, occasion="update_wanted").exists()


def test_other_months_and_further_cabinet_members(client, inquiry, clerk, where):
    other = person("Councillor Idris Vaughan")
    CabinetMember.objects.create(person=other, portfolio="Finance", from_date=date(2026, 5, 1))
    client.force_login(clerk)
    client.post(where, months(18) | SEND | {"cabinet_members_warm-homes-inquiry": [other.pk], **CHOSEN_DATES})
    report = ProgressReport.objects.get()
    assert report.months_on == 18
    assert [s.person.name for s in report.sign_offs.all()] == ["Councillor Idris Vaughan", "Councillor Ruth Adeyemi"]


def test_what_cannot_be_is_said_with_what_would_work(client, inquiry, clerk, committee, where):
    make_report(inquiry, clerk)
    client.force_login(clerk)
    assert client.get(where).context["form"]["months_warm-homes-inquiry"].value() == 12
    assert errors(client.post(where, {})) == ["Enter the months as a number between 1 and 240"]
    assert errors(client.post(where, months(6))) == ["This inquiry already has a report 6 months on"]
    late = months(12) | day("updates_due_on", date(2026, 12, 3)) | day("sign_off_due_on", date(2026, 12, 1))
    response = client.post(where, late)
    assert errors(response) == ["Sign-off cannot be due before the updates are."]
    assert 'href="#id_sign_off_due_on_day"' in words(response)
    january = make_meeting(committee, date(2027, 1, 26))
    late |= day("sign_off_due_on", date(2027, 1, 27)) | {"meeting": january.pk}
    assert errors(client.post(where, late)) == ["Sign-off cannot be due after the meeting on 26 January 2027."]
    soon = make_meeting(committee, date(2026, 12, 15))
    assert errors(client.post(where, months(12) | {"meeting": soon.pk}))[0].startswith(
        "Not enough time is left before the meeting on 15 December 2026: enter dates from 23 November 2026 to "
        "7 December 2026, the last day to publish, or choose a meeting from"
    )
    assert ProgressReport.objects.count() == 1


def test_what_changed_since_it_was_shown_is_shown_again(client, inquiry, clerk, where, meeting, officer, other_officer):
    client.force_login(clerk)
    sent = months(6) | {"meeting": meeting.pk}
    first = client.post(where, sent).context["mark"]
    response = inquiry.responses.get(recommendations__reference="1a")
    changes = (
        lambda: Response.objects.filter(pk=response.pk).update(lead_officer=other_officer),
        lambda: Person.objects.filter(pk=other_officer.pk).update(email="tom@other.example"),
        lambda: Meeting.objects.filter(pk=meeting.pk).update(start=meeting.start + timedelta(days=7)),
        lambda: inquiry.responses.filter(recommendations__reference="10").update(decision="not_accepted", reason="No."),
    )
    seen = first
    for change in changes:
        change()
        page = client.post(where, sent | SEND | {"seen": seen})
        assert "Something has changed since this was shown" in words(page)
        assert page.context["mark"] != seen
        assert ("seen", seen) not in page.context["carried"]
        seen = page.context["mark"]
    assert not ProgressReport.objects.exists() and not Notification.objects.exists()
    client.post(where, sent | SEND | {"seen": seen})
    assert ProgressReport.objects.get().meeting == meeting


def test_a_cabinet_member_is_needed(client, inquiry, clerk, where):
    Response.objects.update(cabinet_member=None)
    client.force_login(clerk)
    assert errors(client.post(where, months(6) | CHOSEN_DATES)) == [
        "Name the Cabinet Member who is to sign this report off."
    ]


def test_without_open_responses_it_says_why(client, inquiry, clerk, where):
    for recommendation in inquiry.recommendations.filter(ended_as=""):
        endings.end_recommendation(recommendation, ending="superseded", reason="Law.", on=TODAY, by=clerk, now=NOW)
    client.force_login(clerk)
    assert "There is nothing to report on" in words(client.get(where))
    client.post(where, months(6) | SEND)
    assert not ProgressReport.objects.exists()


def test_without_any_response_it_says_so(client, inquiry, clerk, where):
    inquiry.recommendations.update(response=None)
    client.force_login(clerk)
    page = words(client.get(where))
    assert "no response to these recommendations has been recorded" in page
    assert "still open" not in page


# Several inquiries


def test_one_e_mail_to_a_person_about_all_inquiries(client, inquiry, other, clerk, meeting, officer, other_officer):
    address = together(inquiry, other, meeting=meeting.pk)
    client.force_login(clerk)
    assert client.get(address).context["form"]["meeting"].value() == str(meeting.pk)
    sent = months(6, inquiry.slug, other.slug) | {"meeting": meeting.pk}
    shown = client.post(address, sent).context["emails"]
    response = client.post(address, sent | SEND)
    assert response.url == f"{reverse('clerk:board')}?committee=communities"
    assert {(report.inquiry, report.meeting) for report in ProgressReport.objects.all()} == {
        (inquiry, meeting),
        (other, meeting),
    }
    email = Notification.objects.get(recipient=officer)
    assert (email.subject, email.body) == next((one.subject, one.body) for one in shown if one.recipient == officer)
    assert email.subject == "Progress updates needed on 2 inquiries: Bus Shelters and 1 more"
    assert (
        "The Communities Select Committee has asked what has been done about these recommendations:\n\n"
        "- recommendations 1a and 1b of its inquiry “Bus Shelters”\n"
        "- recommendations 1a and 1b of its inquiry “Warm Homes Inquiry”\n\n"
        "Please write and submit your progress updates by Wednesday 16 December 2026:\n"
    ) in email.body
    assert Notification.objects.filter(recipient=other_officer).count() == 1


def test_all_or_none_are_commissioned(client, inquiry, other, clerk, meeting):
    other.responses.update(cabinet_member=None)
    client.force_login(clerk)
    sent = months(6, inquiry.slug, other.slug) | {"meeting": meeting.pk}
    response = client.post(together(inquiry, other), sent | SEND)
    assert errors(response) == ["Bus Shelters: Name the Cabinet Member who is to sign this report off."]
    assert not ProgressReport.objects.exists() and not Notification.objects.exists()


def test_inquiries_of_two_committees_are_taken_apart(client, inquiry, other_member, clerk):
    elsewhere = make_inquiry(other_member.memberships.get().committee, clerk, title="River Crossings")
    client.force_login(clerk)
    page = words(client.get(together(inquiry, elsewhere)))
    assert "These inquiries are of different committees" in page
    assert f'href="{together(elsewhere)}">Environment Select Committee' in page
    assert "No inquiry is chosen." in words(client.get(reverse("clerk:commission_meeting")))


# Of one, it is also asked who signs beside those named by the responses.
@pytest.mark.parametrize(("count", "queries"), [(1, 12), (2, 11), (3, 11)])
def test_query_count_is_constant(
    client, committee, clerk, officer, cabinet_member, django_assert_num_queries, count, queries
):
    made = [
        make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=f"Inquiry {number}")
        for number in range(count)
    ]
    make_meeting(committee, date(2027, 1, 19))
    client.force_login(clerk)
    with django_assert_num_queries(queries):
        assert len(client.get(together(*made)).context["rounds"]) == count
