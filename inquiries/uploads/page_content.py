"""What the content of a page opens and closes: states and marks, between which others may draw and mark.

Looked at once, when a paper is uploaded; `PageFacts.content` keeps what was found for each pack that the paper is
bound into.
"""

from pikepdf import Array

BRACKETS = frozenset((b"q", b"Q", b"BMC", b"BDC", b"EMC"))
# Numbers say nothing here. A name such as /Q1 then looks like a bracket: at worst a page is parsed in vain.
SPACED, NUMBERS = bytes.maketrans(b"<>[]{}/", b"       "), b"0123456789.-"
EMPTY, UNMARKED, MARKED, UNBALANCED = "empty", "unmarked", "marked", "unbalanced"


def read_content(page):
    """The content of a page object, bytes; None where it has none."""
    streams = page.get("/Contents")
    if streams is None:
        return None
    parts = [one.read_bytes() for one in streams] if isinstance(streams, Array) else [streams.read_bytes()]
    return parts[0] if len(parts) == 1 else b"\n".join(parts)


def describe_content(content):
    """EMPTY, UNMARKED or MARKED for what closes all that it opens; UNBALANCED for what may not."""
    found = list(filter(BRACKETS.__contains__, content.translate(SPACED, NUMBERS).split()))
    if not is_balanced(found):
        return UNBALANCED
    if not content.strip():
        return EMPTY
    return MARKED if len(found) > found.count(b"q") + found.count(b"Q") else UNMARKED


def is_balanced(brackets):
    states = marks = 0
    for bracket in brackets:
        if bracket == b"q":
            states += 1
        elif bracket == b"Q":
            states -= 1
        elif bracket == b"EMC":
            marks -= 1
        else:
            marks += 1
        if states < 0 or marks < 0:
            return False
    return states == marks == 0
