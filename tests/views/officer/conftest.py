"""One report whose updates are being written, for every test of the lead officer's pages."""

from datetime import date

import pytest

from inquiries.models import ProgressReport
from tests.factories import make_report
from tests.views.officer.steps import fresh


@pytest.fixture
def report(inquiry, clerk):
    report = make_report(inquiry, clerk)
    ProgressReport.objects.filter(pk=report.pk).update(updates_due_on=date(2020, 1, 6))
    return report


@pytest.fixture
def update(report):
    return fresh(report)
