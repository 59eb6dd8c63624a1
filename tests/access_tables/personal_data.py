"""Import of people, export and erasure: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import EVERYBODY
from tests.access_tables.people import FORM

SIGNED_IN = EVERYBODY.replace("200", "302", 1)

TABLE: dict[str, dict[str, str]] = {
    "clerk:import_people": FORM,
    "clerk:people_template": FORM,
    "clerk:people_import": FORM,
    "clerk:export_person": FORM,
    # The officer has work to do: the page says so.
    "clerk:erase_person": FORM,
    # Everybody's own, and nobody else's: it has no number in its address.
    "account_your_data": dict.fromkeys(FORM, SIGNED_IN),
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {
    "clerk:people_import": {"pk": "people_import"},
    "clerk:export_person": {"pk": "person"},
    "clerk:erase_person": {"pk": "person"},
}
