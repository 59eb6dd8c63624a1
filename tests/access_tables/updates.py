"""The pages of those who write updates and of those who sign them off, beside the ones of a single update."""

from tests.access_table import NO_SUCH_METHOD

OWN: dict[str, dict[str, str]] = {}
#    pub str off oth con cab mem cha otm cle
TABLE = {
    "officer:updates": {
        "collecting get": "302 404 200 200 200 404 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 404 200 200 200 404 404 404 404 200",
        "published post": NO_SUCH_METHOD,
    },
}
