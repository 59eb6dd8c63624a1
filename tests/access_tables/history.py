"""History and its comparisons: what every role gets (columns as in tests/access_table.py).

The record is the update on 1a and 1b: read by who writes it, by the Cabinet Member who signs, and by clerks.
"""

WHO_READS = "302 404 200 404 200 200 404 404 404 200"
NO_SUCH_METHOD = " ".join(["405"] * 10)
READING = {
    "collecting get": WHO_READS,
    "collecting post": NO_SUCH_METHOD,
    "published get": WHO_READS,
    "published post": NO_SUCH_METHOD,
}

#    pub str off oth con cab mem cha otm cle
TABLE: dict[str, dict[str, str]] = {
    "history:record": READING,
    "history:entry": READING,
    "history:versions": READING,
    "history:restore": {
        "collecting get": "302 404 200 404 200 403 404 404 404 200",
        "collecting post": "302 404 200 404 200 403 404 404 404 200",
        "published get": "302 404 403 404 403 403 404 404 404 403",
        "published post": "302 404 403 404 403 403 404 404 404 403",
    },
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {
    "history:record": {"kind": "record_kind", "pk": "update"},
    "history:versions": {"kind": "record_kind", "pk": "update", "field": "text_field"},
    "history:entry": {"pk": "entry"},
    "history:restore": {"pk": "entry"},
}
