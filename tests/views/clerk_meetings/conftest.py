"""The scene of the clerk's pages of a meeting: the day, the uploads, an item with a paper."""

from dataclasses import replace

import pytest

from inquiries.actions import meetings
from inquiries.choices import ItemKind
from inquiries.uploads.received import Rejected
from tests.cast import NOW
from tests.factories import make_meeting, make_received
from tests.views.clerk_meetings.asking import LATER


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    """The clerk opens the pages on the day of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture(autouse=True)
def uploads_received(monkeypatch):
    """Uploads come through their checks: what is refused and cleaned there has tests of its own."""

    def receive(upload, name):
        if b"encrypted" in upload.read():
            raise Rejected("The file is locked with a password. Save it without one and send it again.")
        return replace(make_received(2, name=name), cleaned=("A script was taken out.",) if "script" in name else ())

    monkeypatch.setattr("inquiries.uploads.receiving.receive", receive)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def clerks(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client


@pytest.fixture
def put(meeting, clerk):
    """A function that puts an item on the agenda."""
    return lambda title, **values: meetings.add_item(meeting, title=title, by=clerk, now=NOW, **values)


@pytest.fixture
def item(put):
    return put("Budget", kind=ItemKind.PAPERS)


@pytest.fixture
def paper(item, clerk):
    return meetings.add_paper(item, make_received(), title="Figures", by=clerk, now=NOW)
