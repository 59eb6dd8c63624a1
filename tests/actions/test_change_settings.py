"""Two clerks who save the first settings, or the first wording, at the same moment."""

import pytest

from inquiries.actions.records import FieldsChanged, mark_of
from inquiries.actions.settings import change_settings, change_wording
from inquiries.models import CouncilSettings, MailWording
from tests.at_once import at_once
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_is_shown_what_the_first_has_saved(clerk):
    seen = {"report_months": mark_of([6, 12])}
    given = at_once(
        lambda: change_settings(report_months=[3, 6], based_on=seen, by=clerk, now=NOW),
        lambda: change_settings(report_months=[9, 18], based_on=seen, by=clerk, now=NOW),
    )
    (clash,) = [one for one in given if isinstance(one, Exception)]
    assert isinstance(clash, FieldsChanged)
    assert clash.saved == {"report_months": CouncilSettings.objects.get().report_months}


def test_one_wording_of_an_e_mail(clerk):
    words = {"opening": "Please write to us.", "by": clerk, "now": NOW}
    given = at_once(
        lambda: change_wording("reminder", subject="Reminder", **words),
        lambda: change_wording("reminder", subject="Once more", **words),
    )
    assert not [one for one in given if isinstance(one, Exception)]
    assert MailWording.objects.count() == 1
