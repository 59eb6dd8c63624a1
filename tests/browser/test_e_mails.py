"""What a clerk sees of the e-mails about a report, and everybody's choice of theirs, in a browser."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import progress
from inquiries.models import Notification, Person
from tests.browser.looking import at_both_widths, press


def test_a_clerk_reminds_everybody_who_is_late(page, sign_in, axe, screenshots, inquiry, clerk, officer, other_officer):
    now = timezone.now()
    today = timezone.localdate(now)
    dates = {"updates_due_on": today - timedelta(days=3), "sign_off_due_on": today + timedelta(days=7)}
    report = progress.commission(inquiry, months_on=6, **dates, by=clerk, now=now - timedelta(days=20))
    Notification.objects.filter(recipient=officer).update(
        sent_on=now - timedelta(days=20), opened_on=now - timedelta(days=19)
    )
    Notification.objects.filter(recipient=other_officer).update(
        failures=12, refused_on=now - timedelta(days=20), last_failure="SMTPRecipientsRefused 550 5.1.1"
    )
    Person.objects.filter(pk=other_officer.pk).update(refused_address=other_officer.email)
    sign_in(page, clerk)
    page.goto("/")
    expect(page.get_by_role("link", name="Correct the e-mail address of Tom Okafor")).to_be_visible()
    screenshots(page, "e-mails-your-work")
    page.goto(f"/clerk/inquiries/{report.inquiry.slug}/progress/6/")
    press(page, "Remind everybody who is late")
    expect(page.locator(".govuk-notification-banner")).to_contain_text(
        "E-mails on their way: Siân Llŷr-Ôwain, Tom Okafor."
    )
    at_both_widths(page, axe)
    screenshots(page, "e-mails-manage")
    page.get_by_role("button", name=re.compile("Remind now.*1a and 1b")).click()
    expect(page.locator(".govuk-notification-banner")).to_contain_text("Had an e-mail about it today")


def test_an_officer_chooses_one_e_mail_a_day(page, sign_in, axe, screenshots, officer):
    sign_in(page, officer)
    page.goto("/accounts/you/e-mails/")
    page.get_by_label("Once a day, all in one").check()
    at_both_widths(page, axe)
    screenshots(page, "e-mails-choice")
    press(page, "Save")
    expect(page.get_by_text("Once a day, all in one")).to_be_visible()
