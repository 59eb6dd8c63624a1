"""Where a clerk imports a council's own tracker: as in `access_table.py`."""

from tests.access_table import CLERKS_ONLY

NAMES = ("import_tracker", "tracker_import", "tracker_sheet", "tracker_columns", "tracker_values")
TABLE = {
    f"clerk:{name}": {
        f"{state} {method}": CLERKS_ONLY for state in ("collecting", "published") for method in ("get", "post")
    }
    for name in NAMES
}
OWN = {f"clerk:{name}": {"pk": "tracker_import"} for name in NAMES[1:]}
