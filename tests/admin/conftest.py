"""One record of every registered kind."""

import pytest

from inquiries.choices import Stage
from inquiries.models import (
    Entry,
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
        inquiry,
        inquiry.recommendations.first(),
        update.response,
        Notification.objects.first(),
        Entry.objects.first(),
    ]
    return {record._meta.model_name: record for record in found}
