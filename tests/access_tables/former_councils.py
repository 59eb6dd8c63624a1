"""What a former council has left: as in `access_table.py`."""

from tests.access_table import EVERYBODY, NO_SUCH_METHOD, NOT_YET

PUBLIC = {
    "collecting get": EVERYBODY,
    "collecting post": NO_SUCH_METHOD,
    "published get": EVERYBODY,
    "published post": NO_SUCH_METHOD,
}
TABLE = {
    "public:former_council": PUBLIC,
    "public:former_page": PUBLIC,
    # Never published: for clerks alone.
    "public:former_restricted": {**PUBLIC, "collecting get": NOT_YET, "published get": NOT_YET},
}
OWN = {name: {"slug": "former_council", "path": "former_page"} for name in TABLE}
