"""The clerk opens the pages of people on the day of the story."""

from datetime import timedelta

import pytest

from tests.cast import NOW, person


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def imported(db):
    """Somebody whom a Word report named: without an e-mail address."""
    return person("Janice Moore", job_title="Direct Services Team Manager")


@pytest.fixture
def at_work(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client
