"""After a meeting: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import EVERYBODY, NO_SUCH_METHOD
from tests.access_tables.people import BUTTON, FORM, READ_ONLY

PUBLIC = {
    f"{world} {method}": gets
    for world in ("collecting", "published")
    for method, gets in (("get", EVERYBODY), ("post", NO_SUCH_METHOD))
}
PAGES = ("attendance", "publish_minutes", "withdraw_edition", "withdraw_signed")
FILES = ("minutes", "draft_minutes", "resolutions_file")
PUBLISHED = ("minutes", "minutes_file", "signed_minutes")

TABLE: dict[str, dict[str, str]] = {
    **{f"public:{name}": PUBLIC for name in PUBLISHED},
    **{f"clerk:{name}": READ_ONLY for name in FILES},
    **{f"clerk:{name}": FORM for name in PAGES},
    "clerk:outcomes": BUTTON,
    # Of a meeting that has none yet.
    "clerk:add_signed_minutes": FORM,
}

OWN: dict[str, dict[str, str]] = {
    **{f"public:{name}": {"pk": "held_meeting", "format": "minutes_format"} for name in PUBLISHED},
    **{f"clerk:{name}": {"pk": "held_meeting"} for name in (*PAGES, *FILES, "outcomes")},
    "clerk:add_signed_minutes": {"pk": "other_held_meeting"},
}
