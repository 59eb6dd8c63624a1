"""The page "After the restore", as a clerk uses it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inquiries.actions import packs
from inquiries.actions.held_work import hold_waiting_work
from inquiries.models import Notification, PackPlan
from tests import factories
from tests.cast import NOW


@pytest.mark.usefixtures("work_is_held_and_codes_failed")
def test_decides_what_goes_out(
    page, sign_in, axe, screenshots, inquiry, committee, clerk, officer, stranger, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    meeting = factories.make_meeting(committee, timezone.localdate(now) + timedelta(days=60))
    factories.make_report(inquiry, clerk, meeting=meeting)
    factories.make_agenda(meeting, clerk)
    packs.plan_publication(meeting, 0, publish_on=now + timedelta(days=30), by=clerk, now=now)
    hold_waiting_work(backup_made_on=NOW, people_to_erase=[stranger.pk], now=now)
    sign_in(page, clerk)
    page.goto("/")
    page.get_by_role("link", name="Decide what goes out").click()
    axe(page)
    screenshots(page, "after-restore")
    page.get_by_role("button", name="Drop what is ticked").click()
    assert page.get_by_role("link", name="Choose at least one e-mail or publication").is_visible()
    axe(page)
    page.get_by_role("row").filter(has_text=str(meeting)).get_by_role("checkbox").check()
    page.get_by_role("button", name="Let what is ticked go out").click()
    assert not PackPlan.objects.filter(is_held=True).exists()
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    page.get_by_label("All 2 e-mails").check()
    page.get_by_role("button", name="Drop what is ticked").click()
    assert not Notification.objects.held().exists()
    page.get_by_role("button", name="Start reminders again").click()
    page.get_by_text("People are reminded again").wait_for()
    axe(page)
    screenshots(page, "after-restore-done")
