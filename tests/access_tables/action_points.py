"""Actions that a committee asks for, before its meeting has begun: drafts, and nothing of them is public."""

from tests.access_table import NO_SUCH_METHOD

OWN = {
    "officer:action_point": {"pk": "action_point"},
    "committee:change_action_point": {"pk": "action_point"},
}
#    pub str off oth con cab mem cha otm cle
TABLE = {
    "officer:action_point": {
        "collecting get": "302 404 404 404 404 404 404 404 404 200",
        "collecting post": "302 404 404 404 404 404 404 404 404 200",
        "published get": "302 404 404 404 404 404 404 404 404 200",
        "published post": "302 404 404 404 404 404 404 404 404 200",
    },
    "committee:action_points": {
        "collecting get": "302 404 403 403 403 403 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 403 403 403 403 403 403 200 403 200",
        "published post": NO_SUCH_METHOD,
    },
    "committee:set_action_point": {
        "collecting get": "302 404 403 403 403 403 404 404 404 403",
        "collecting post": "302 404 403 403 403 403 404 404 404 200",
        "published get": "302 403 403 403 403 403 403 403 403 403",
        "published post": "302 403 403 403 403 403 403 200 403 200",
    },
    "committee:change_action_point": {
        "collecting get": "302 404 403 403 403 403 404 404 404 200",
        "collecting post": "302 404 403 403 403 403 404 404 404 200",
        "published get": "302 403 403 403 403 403 403 200 403 200",
        "published post": "302 403 403 403 403 403 403 200 403 200",
    },
}
