"""An officer asks for more time, and a clerk grants it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from inquiries.models import ProgressUpdate
from tests.browser.looking import at_both_widths, press
from tests.factories import make_report


def fill_date(page, name, day):
    for part in ("day", "month", "year"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))


def test_more_time(page, sign_in, axe, inquiry, clerk, officer):
    report, today = make_report(inquiry, clerk), timezone.localdate()
    report.updates_due_on, report.sign_off_due_on = today + timedelta(days=7), today + timedelta(days=14)
    report.save()
    update = report.updates.for_page().first()
    sign_in(page, officer)
    page.goto(update.get_absolute_url())
    page.get_by_role("link", name="Ask for more time").click()
    page.wait_for_url("**/more-time/")
    at_both_widths(page, axe)
    fill_date(page, "wanted_until", today + timedelta(days=20))
    page.get_by_label("Why do you need more time?").fill("The figures come next week.")
    press(page, "Ask for more time")
    at_both_widths(page, axe)
    fill_date(page, "wanted_until", today + timedelta(days=10))
    press(page, "Ask for more time")
    page.get_by_text("You have asked for more time").wait_for()
    sign_in(page, clerk)
    page.goto(reverse("public:home"))
    page.get_by_role("link", name="asks for more time").click()
    page.wait_for_url("**/more-time/**")
    at_both_widths(page, axe)
    page.get_by_label("Yes").check()
    press(page, "Send the decision")
    page.get_by_text("Your decision is on its way.").wait_for()
    at_both_widths(page, axe)
    assert ProgressUpdate.objects.get(pk=update.pk).extended_until == today + timedelta(days=10)
