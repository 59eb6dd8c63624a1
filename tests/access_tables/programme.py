"""The work programme of a committee: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import CLERKS_DID_IT, EVERYBODY, NO_SUCH_METHOD
from tests.access_tables.people import BUTTON, FORM

TABLE: dict[str, dict[str, str]] = {
    "public:work_programme": {
        f"{world} {method}": gets
        for world in ("collecting", "published")
        for method, gets in (("get", EVERYBODY), ("post", NO_SUCH_METHOD))
    },
    # A GET shows; a POST that came empty is shown again.
    "clerk:programme": FORM,
    "clerk:add_entry": FORM,
    "clerk:change_entry": FORM,
    "clerk:finish_entry": BUTTON,
    "clerk:drop_entry": FORM,
    "clerk:resume_entry": dict.fromkeys(FORM, CLERKS_DID_IT),
    "clerk:standing_items": BUTTON,
    "clerk:agenda_proposals": FORM,
    "clerk:add_programme_paper": dict.fromkeys(FORM, CLERKS_DID_IT),
}

OWN: dict[str, dict[str, str]] = {
    "public:work_programme": {"slug": "committee"},
    **{f"clerk:{name}": {"slug": "committee"} for name in ("programme", "add_entry", "standing_items")},
    **{
        f"clerk:{name}": {"pk": "programme_entry"}
        for name in ("change_entry", "finish_entry", "drop_entry", "resume_entry")
    },
    **{f"clerk:{name}": {"pk": "meeting"} for name in ("agenda_proposals", "add_programme_paper")},
}
