"""The pages of those who write updates and of those who sign them off, beside the ones of a single update."""

from tests.access_table import NO_SUCH_METHOD

OWN: dict[str, dict[str, str]] = {}
# Without a ticked update: back to the report.
SIGNERS_AND_CLERKS = "302 404 404 404 404 302 404 404 404 302"
#    pub str off oth con cab mem cha otm cle
TABLE = {
    "officer:updates": {
        "collecting get": "302 404 200 200 200 404 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 404 200 200 200 404 404 404 404 200",
        "published post": NO_SUCH_METHOD,
    },
    "officer:files": {
        "collecting get": "302 404 200 404 200 200 404 404 404 200",
        "collecting post": "302 404 200 404 200 403 404 404 404 200",
        "published get": "302 404 200 404 200 200 404 404 404 200",
        "published post": "302 404 403 404 403 403 404 404 404 403",
    },
    # To the page of the files, which says what was done, or why it was not.
    "officer:remove_file": {
        "collecting get": NO_SUCH_METHOD,
        "collecting post": "302 404 302 404 302 302 404 404 404 302",
        "published get": NO_SUCH_METHOD,
        "published post": "302 404 302 404 302 302 404 404 404 302",
    },
    "public:evidence_file": {
        "collecting get": "404 404 200 404 200 200 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "404 404 200 404 200 200 404 404 404 200",
        "published post": NO_SUCH_METHOD,
    },
    "clerk:evidence_files": {
        "collecting get": "302 404 404 404 404 404 404 404 404 200",
        "collecting post": "302 404 404 404 404 404 404 404 404 302",
        "published get": "302 404 404 404 404 404 404 404 404 200",
        "published post": "302 404 404 404 404 404 404 404 404 302",
    },
    "cabinet:overview": {
        "collecting get": "302 404 404 404 404 200 404 404 404 404",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 404 404 404 404 200 404 404 404 404",
        "published post": NO_SUCH_METHOD,
    },
    "cabinet:return_updates": {
        "collecting get": SIGNERS_AND_CLERKS,
        "collecting post": SIGNERS_AND_CLERKS,
        "published get": SIGNERS_AND_CLERKS,
        "published post": SIGNERS_AND_CLERKS,
    },
}
