"""E-mails that ask nothing of anybody: at once, once a day in one, or not at all."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions.people import choose_news_emails
from inquiries.models import Entry, Notification
from inquiries.notifications import notify, queue_digests
from tests import factories
from tests.cast import NOW
from tests.sending import send_all

LATER = NOW + timedelta(days=1)
PAGE = reverse("account_emails")


@pytest.fixture
def report(inquiry, clerk):
    return factories.make_report(inquiry, clerk)


def publish_news(report, *people):
    for number in (1, 2):
        notify(people, "assessments_confirmed", f"{report.pk}:{number}", now=NOW, report=report)


def test_all_that_is_new_comes_in_one_e_mail_a_day(report, member, chair, mailoutbox):
    choose_news_emails(member, "daily", now=NOW)
    member.refresh_from_db()
    Notification.objects.all().delete()
    publish_news(report, member, chair)
    send_all(NOW)
    assert [mail.to for mail in mailoutbox] == [[chair.email]] * 2
    mailoutbox.clear()
    assert queue_digests(LATER) == 1
    # A job may run twice.
    assert queue_digests(LATER) == 0
    send_all(LATER)
    [digest] = mailoutbox
    title = "The committee's assessment: Warm Homes Inquiry, interim report (6 months on)"
    assert (digest.to, digest.subject) == ([member.email], f"{title} and 1 more")
    assert digest.body.count(f"- {title}\nhttp") == 2
    assert len(re.findall(r"\?mail=\d+%3A", digest.body)) == 3
    assert digest.alternatives[0][0].count("<li") == 2
    assert set(Notification.objects.filter(recipient=member).values_list("sent_on", flat=True)) == {LATER}
    # Nothing new, no e-mail.
    assert queue_digests(LATER + timedelta(days=1)) == 0


def test_who_wants_none_gets_none_but_what_they_are_asked_to_do(inquiry, clerk, officer, mailoutbox):
    choose_news_emails(officer, "none", now=NOW)
    for response in inquiry.responses.all():
        response.refresh_from_db()
    report = factories.make_report(inquiry, clerk)
    officer.refresh_from_db()
    publish_news(report, officer)
    occasions = Notification.objects.filter(recipient=officer).values_list("occasion", flat=True)
    assert list(occasions) == ["update_wanted"]


def test_what_waits_is_dropped_where_none_is_wanted_any_more(report, member):
    choose_news_emails(member, "daily", now=NOW)
    member.refresh_from_db()
    publish_news(report, member)
    assert Notification.objects.filter(recipient=member).count() == 2
    choose_news_emails(member, "none", now=NOW)
    assert not Notification.objects.filter(recipient=member).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_digests_of_many_are_as_many_queries(report, member, chair, other_member, count, django_assert_num_queries):
    people = [member, chair, other_member][:count]
    for person in people:
        person.news_emails = "daily"
    publish_news(report, *people)
    with django_assert_num_queries(9):
        assert queue_digests(LATER) == count


def test_everybody_chooses_for_themselves(client, officer):
    assert client.get(PAGE).status_code == 302
    client.force_login(officer)
    assert "At once" in client.get(reverse("account_you")).content.decode()
    answer = client.post(PAGE, {"news_emails": "weekly"})
    assert "Choose when they should come" in answer.content.decode()
    assert client.post(PAGE, {"news_emails": "daily"}).status_code == 302
    officer.refresh_from_db()
    assert officer.news_emails == "daily"
    entry = Entry.objects.get(verb="choose_news_emails")
    assert (entry.by_name, entry.changes) == (officer.name, {"news_emails": ["at_once", "daily"]})
    assert "Once a day, all in one" in client.get(reverse("account_you")).content.decode()
