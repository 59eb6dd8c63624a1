"""Replies by Word: those who write updates of the report, and clerks."""

from tests.access_table import NO_SUCH_METHOD

OWN: dict[str, dict[str, str]] = {}
#    pub str off oth con cab mem cha otm cle
TABLE = {
    "officer:reply_form": {
        "collecting get": "302 404 200 200 200 404 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        # There is nothing more to write.
        "published get": "302 404 403 403 403 404 404 404 404 403",
        "published post": NO_SUCH_METHOD,
    },
    "officer:upload_reply": {
        "collecting get": "302 404 200 200 200 404 404 404 404 200",
        "collecting post": "302 404 200 200 200 404 404 404 404 200",
        "published get": "302 404 200 200 200 404 404 404 404 200",
        "published post": "302 404 200 200 200 404 404 404 404 200",
    },
    # Nothing has been uploaded: tests/views/officer/test_reply.py says what each sees otherwise.
    "officer:check_reply": {
        "collecting get": "302 404 302 302 302 404 404 404 404 302",
        "collecting post": "302 404 302 302 302 404 404 404 404 302",
        "published get": "302 404 302 302 302 404 404 404 404 302",
        "published post": "302 404 302 302 302 404 404 404 404 302",
    },
}
