"""The agenda on whose packs the clerk works, and the builder that stands in for the real one."""

import pytest

from inquiries.actions import packs
from tests.factories import make_agenda, make_meeting
from tests.pack_building import build_quickly
from tests.views.clerk_packs.asking import THEN


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A function that sets the time. The clerk opens the pages on the morning of the story."""

    def show(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    show(THEN)
    return show


@pytest.fixture(autouse=True)
def builds(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return build_quickly(monkeypatch)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def agenda(meeting, clerk, client):
    """Apologies, a public paper and an exempt one; the clerk is signed in."""
    client.force_login(clerk)
    return make_agenda(meeting, clerk, exempt_words="Quartz Heating Ltd offers 418,250 pounds")


@pytest.fixture
def found(monkeypatch):
    """A function that says what the pre-flight finds."""

    def find(*findings):
        monkeypatch.setattr(packs, "findings_for", lambda *args, **kwargs: list(findings))
        monkeypatch.setattr(packs.publishing, "findings_for", lambda *args, **kwargs: list(findings))

    # The search for withheld words has tests of its own; the sample papers all hold the same words.
    monkeypatch.setattr(packs.publishing, "check_pack", lambda *args: None)
    find()
    return find
