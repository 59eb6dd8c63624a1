"""The scene on which most tests play: the inquiry of `factories.make_inquiry`, and everybody by their part."""

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import make_inquiry


@pytest.fixture
def inquiry(committee, clerk, officer, other_officer, cabinet_member):
    """The officer leads 1a and 1b, the other officer leads 2, nobody leads 10; the Cabinet Member signs."""
    return make_inquiry(committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member)


@pytest.fixture
def people(clerk, officer, other_officer, contributor, cabinet_member, chair, member, other_member, stranger):
    """The whole cast by part, with the public."""
    return {
        "public": AnonymousUser(),
        "stranger": stranger,
        "officer": officer,
        "other_officer": other_officer,
        "contributor": contributor,
        "cabinet_member": cabinet_member,
        "member": member,
        "chair": chair,
        "other_member": other_member,
        "clerk": clerk,
    }
