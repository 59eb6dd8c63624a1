"""What a clerk can do about a promise stands on its page, for clerks only."""

import pytest

from tests import factories

LINKS = ("Change the wording", "Record the outcome", "Change the target date", "hand it to another lead officer")


@pytest.fixture
def address(committee, clerk, officer, cabinet_member):
    inquiry = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    return f"/inquiries/{inquiry.slug}/1a/"


def test_clerk_sees_links(client, clerk, address):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address).content.decode()
    assert [words for words in LINKS if words in page] == list(LINKS)


def test_lead_officer_sees_no_links(client, officer, address):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address).content.decode()
    assert "One number will be used." in page
    assert [words for words in LINKS if words in page] == []
