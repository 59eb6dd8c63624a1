"""What the tests of the public pages share: a fixed morning, an inquiry, a reader."""

from datetime import timedelta

import html5lib
import pytest

from tests import replay
from tests.cast import NOW
from tests.published_agendas import county_agenda


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Every page is asked for on the same morning."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture(autouse=True)
def quick_files(monkeypatch):
    """What the files of an edition hold is the business of test_data."""
    with replay.state.patched("files are quick and not searched"):
        monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", lambda content: b"%PDF-")
        monkeypatch.setattr("inquiries.actions.publication.progress_report_docx", lambda content: b"PK")
        # Nor can these be searched for exempt words.
        monkeypatch.setattr("inquiries.actions.publication.search_report", lambda *report: [])


@pytest.fixture
def read(client):
    """A function: the text of a page as somebody (anonymous without a person), checked to be sound HTML."""

    def read(address, person=None, status=200):
        client.logout()
        if person:
            client.force_login(person)
        response = client.get(address)
        assert response.status_code == status
        words = response.content.decode()
        html5lib.HTMLParser(strict=True).parse(words)
        return words

    return read


@pytest.fixture
def see(read):
    """A function: as `read`, for anybody of `people`; line breaks and indents are as good as a space."""

    def see(address, person=None, status=200):
        signed_in = person if person is not None and person.is_authenticated else None
        return " ".join(read(address, signed_in, status).split())

    return see


@pytest.fixture
def agenda(inquiry, clerk):
    """A meeting with a published agenda, something of which is withheld: see `county_agenda`."""
    return county_agenda(inquiry, clerk)
