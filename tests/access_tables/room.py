"""The room page, the screen and corrections: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import NO_SUCH_METHOD

ROOM = "302 403 403 403 403 403 403 200 403 200"
SCREEN = "302 403 403 403 403 403 200 200 403 200"
# Only those who write or sign it know of the report before it is published; nothing is confirmed in either world.
CORRECT = {
    "collecting get": "302 404 403 403 403 403 404 404 404 403",
    "collecting post": "302 404 403 403 403 403 404 404 404 403",
    "published get": "302 403 403 403 403 403 403 403 403 403",
    "published post": "302 403 403 403 403 403 403 403 403 403",
}


def read_only(line, post=NO_SUCH_METHOD):
    return {"collecting get": line, "collecting post": post, "published get": line, "published post": post}


TABLE: dict[str, dict[str, str]] = {
    # A form without a row is about nothing that there is.
    "committee:room": read_only(ROOM)
    | dict.fromkeys(["collecting post", "published post"], ROOM.replace("200", "404")),
    "committee:room_state": read_only(ROOM),
    "committee:screen": read_only(SCREEN),
    "committee:screen_state": read_only(SCREEN),
    "committee:corrections": CORRECT | dict.fromkeys(["collecting post", "published post"], NO_SUCH_METHOD),
    "committee:correct": CORRECT,
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {name: {"pk": "meeting"} for name in TABLE if "correct" not in name}
