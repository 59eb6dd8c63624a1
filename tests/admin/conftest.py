"""One record of every registered kind."""

from datetime import date

import pytest

from inquiries.choices import Stage
from inquiries.models import (
    Entry,
    Holiday,
    Notification,
)
from tests.factories import make_meeting, make_report


@pytest.fixture
def records(inquiry, committee, clerk, cabinet_member, chair):
    """{model name: a record}, for every kind of record in the admin."""
    report = make_report(inquiry, clerk, at=Stage.ASSESSED, meeting=make_meeting(committee))
    update = report.updates.for_page().first()
    found = [
        clerk,
        cabinet_member.cabinet_seats.get(),
        committee,
        Holiday.objects.create(day=date(2026, 9, 19), name="National mourning"),
        inquiry,
        inquiry.recommendations.first(),
        update.response,
        Notification.objects.first(),
        Entry.objects.first(),
    ]
    return {record._meta.model_name: record for record in found}
