"""The pages on which more time is asked for and granted."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import more_time
from inquiries.models import MoreTimeRequest, ProgressUpdate
from tests import factories
from tests.cast import NOW


@pytest.fixture
def update(inquiry, clerk):
    """Due in a week, to be signed off a week later."""
    report = factories.make_report(inquiry, clerk)
    today = timezone.localdate()
    report.updates_due_on, report.sign_off_due_on = today + timedelta(days=7), today + timedelta(days=14)
    report.save()
    return report.updates.for_page().first()


def address(update):
    return reverse("officer:more_time", args=update.address)


def parts(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_officer_asks(client, update, officer):
    client.force_login(officer)
    assert address(update) in client.get(update.get_absolute_url()).content.decode()
    wanted = timezone.localdate() + timedelta(days=10)
    posted = {**parts("wanted_until", wanted), "reason": "The figures come late."}
    page = client.post(address(update), posted, follow=True)
    assert page.redirect_chain == [(update.get_absolute_url(), 302)]
    assert "You have asked for more time." in page.content.decode()
    request = MoreTimeRequest.objects.get()
    assert (request.wanted_until, request.reason, request.asked_by) == (wanted, "The figures come late.", officer)
    page = client.get(address(update)).content.decode()
    assert "Not yet decided" in page
    assert "A clerk has not decided yet." in page
    assert "What has been done" not in page and 'name="reason"' not in page
    assert "More time asked for, until" in client.get(update.get_absolute_url()).content.decode()
    every = reverse("officer:updates", args=update.address[:2])
    assert "More time asked for, until" in client.get(every).content.decode()


def test_what_was_typed_stays(client, update, officer):
    client.force_login(officer)
    posted = {**parts("wanted_until", timezone.localdate() + timedelta(days=15)), "reason": "The figures come late."}
    page = client.post(address(update), posted).content.decode()
    assert "does not work. Choose a date from" in page
    assert "The figures come late." in page
    assert "Say why you need more time" in client.post(address(update), posted | {"reason": ""}).content.decode()


def test_page_says_when_no_date_works(client, update, officer):
    update.report.sign_off_due_on = update.report.updates_due_on
    update.report.save()
    client.force_login(officer)
    page = client.get(address(update)).content.decode()
    assert "No later date works" in page
    assert "<form method" not in page.partition("Ask for more time</h1>")[2].partition("</main>")[0]


def test_clerk_decides(client, update, officer, clerk, django_assert_max_num_queries):
    wanted = timezone.localdate() + timedelta(days=10)
    request = more_time.ask_for_more_time(update, wanted_until=wanted, reason="Leave.", by=officer, now=NOW)
    client.force_login(clerk)
    work = client.get(reverse("public:home")).content.decode()
    assert "More time asked for" in work
    assert request.get_absolute_url() in work
    manage = reverse("clerk:manage", args=update.address[:2])
    assert request.get_absolute_url() in client.get(manage).content.decode()
    with django_assert_max_num_queries(12):
        page = client.get(request.get_absolute_url()).content.decode()
    assert f'value="{wanted.year}"' in page
    posted = {"decision": "refuse", "note": "", **parts("granted_until", wanted)}
    assert "Say why more time is refused" in client.post(request.get_absolute_url(), posted).content.decode()
    granted = client.post(request.get_absolute_url(), posted | {"decision": "grant"}, follow=True)
    assert granted.redirect_chain == [(manage, 302)]
    assert ProgressUpdate.objects.get(pk=update.pk).extended_until == wanted
    assert "more time until" in granted.content.decode()
    page = client.post(request.get_absolute_url(), posted | {"decision": "grant"}).content.decode()
    assert "Carys Whitlock has already decided this." in page
    assert mail.outbox == []


def test_request_of_another_report_is_not_found(client, update, officer, clerk):
    wanted = timezone.localdate() + timedelta(days=10)
    request = more_time.ask_for_more_time(update, wanted_until=wanted, reason="Leave.", by=officer, now=NOW)
    client.force_login(clerk)
    assert client.get(reverse("clerk:decide_more_time", args=[update.address[0], 12, request.pk])).status_code == 404
