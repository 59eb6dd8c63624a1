"""The clerk's pages of people: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import CLERKS_DID_IT, CLERKS_NOT_NOW, CLERKS_ONLY, NO_SUCH_METHOD


def _in_both_worlds(get, post):
    return {
        f"{world} {method}": gets
        for world in ("collecting", "published")
        for method, gets in (("get", get), ("post", post))
    }


READ_ONLY = _in_both_worlds(CLERKS_ONLY, NO_SUCH_METHOD)
# A form that came empty is shown again.
FORM = _in_both_worlds(CLERKS_ONLY, CLERKS_ONLY)
BUTTON = _in_both_worlds(CLERKS_ONLY, CLERKS_DID_IT)

TABLE: dict[str, dict[str, str]] = {
    "clerk:people": READ_ONLY,
    "clerk:invite": FORM,
    "clerk:person": READ_ONLY,
    "clerk:send_invitation": BUTTON,
    "clerk:change_person": FORM,
    "clerk:record_leaver": FORM,
    # The officer is there.
    "clerk:record_return": _in_both_worlds(CLERKS_NOT_NOW, CLERKS_ONLY),
    "clerk:merge_person": FORM,
    "clerk:give_seat": FORM,
    "clerk:change_seat": FORM,
    "clerk:end_seat": FORM,
    "clerk:give_portfolio": FORM,
    "clerk:change_portfolio": FORM,
    "clerk:end_portfolio": FORM,
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {
    **{name: {"pk": "person"} for name in TABLE},
    "clerk:merge_person": {"pk": "imported"},
    "clerk:change_seat": {"pk": "imported"},
    "clerk:end_seat": {"pk": "imported"},
    "clerk:change_portfolio": {"pk": "imported", "seat": "portfolio"},
    "clerk:end_portfolio": {"pk": "imported", "seat": "portfolio"},
}
