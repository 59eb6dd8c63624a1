"""Settings and what waits after a restore: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import CLERKS_DID_IT
from tests.access_tables.people import FORM

TABLE: dict[str, dict[str, str]] = {
    "clerk:settings": FORM,
    "clerk:wording": FORM,
    "clerk:held_work": FORM,
    "clerk:remind": dict.fromkeys(FORM, CLERKS_DID_IT),
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {}
