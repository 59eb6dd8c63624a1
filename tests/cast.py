"""The cast of every test: small, with one who must see nothing. People are made once per test."""

from datetime import UTC, date, datetime

import pytest

from inquiries.choices import SeatRole
from inquiries.models import CabinetMember, Committee, Membership, Person
from tests.replay import replayed

# The day on which every story takes place; "now" is that morning in London.
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def person(name, email="", **fields):
    """A person who can sign in when `email` is given."""
    made = Person(email=email or None, name=name, **fields)
    made.set_unusable_password()
    made.save()
    return made


@pytest.fixture
@replayed(independent=True)
def clerk(db):
    return person("Carys Whitlock", "carys@wealdshire.example", is_clerk=True, job_title="Scrutiny Officer")


@pytest.fixture
@replayed(independent=True)
def officer(db):
    return person("Siân Llŷr-Ôwain", "sian@wealdshire.example", job_title="Head of Customer Access")


@pytest.fixture
@replayed(independent=True)
def other_officer(db):
    return person("Tom Okafor", "tom@wealdshire.example", job_title="Finance Manager")


@pytest.fixture
@replayed(independent=True)
def contributor(db):
    return person("Priya Nair", "priya@wealdshire.example", job_title="Team Manager")


@pytest.fixture
@replayed(independent=True)
def cabinet_member(db):
    member = person("Councillor Ruth Adeyemi", "ruth@wealdshire.example")
    CabinetMember.objects.create(person=member, portfolio="Communities", from_date=date(2025, 5, 20))
    return member


@pytest.fixture
@replayed(independent=True)
def committee(db):
    return Committee.objects.create(name="Communities Select Committee", slug="communities")


@pytest.fixture
@replayed(independent=True)
def chair(committee):
    chair = person("Councillor Harold Penrose", "harold@wealdshire.example")
    Membership.objects.create(committee=committee, person=chair, role=SeatRole.CHAIR, from_date=date(2025, 5, 20))
    return chair


@pytest.fixture
@replayed(independent=True)
def member(committee):
    member = person("Councillor Anwen Pritchard", "anwen@wealdshire.example")
    Membership.objects.create(committee=committee, person=member, from_date=date(2025, 5, 20))
    return member


@pytest.fixture
@replayed(independent=True)
def other_member(db):
    """Sits on another committee: must see nothing of this one's unpublished work."""
    other = Committee.objects.create(name="Environment Select Committee", slug="environment")
    member = person("Councillor Jack Marlow", "jack@wealdshire.example")
    Membership.objects.create(committee=other, person=member, role=SeatRole.CHAIR, from_date=date(2025, 5, 20))
    return member


@pytest.fixture
@replayed(independent=True)
def stranger(db):
    """An account without any role: must see nothing but what is public."""
    return person("Nobody Inparticular", "nobody@wealdshire.example")
