"""Who comes, changes and goes in these tests, beside the cast."""

import pytest

from tests.cast import person


@pytest.fixture
def colleague(db):
    """A second clerk."""
    return person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)


@pytest.fixture
def imported(db):
    """Somebody whom a Word report named: without an e-mail address."""
    return person("Janice Moore", job_title="Direct Services Team Manager")
