"""The content stream of a page, so that nothing drawn around it is touched by what the paper left open.

Streams are looked through for their brackets (q and Q, the begin and end of marked content) without parsing them;
only where those do not pair off is the stream parsed and mended.
"""

from dataclasses import dataclass

import pikepdf

BRACKETS = frozenset((b"q", b"Q", b"BMC", b"BDC", b"EMC"))
# Numbers say nothing here. A name such as /Q1 then looks like a bracket: at worst a page is parsed in vain.
SPACED, NUMBERS = bytes.maketrans(b"<>[]{}/", b"       "), b"0123456789.-"
MARKS = frozenset(("BMC", "BDC"))


@dataclass(frozen=True)
class Checked:
    """A page's content: `mended` is its new stream where it had to be changed, `closing` what it leaves open."""

    mended: bytes | None = None
    closing: bytes = b""
    empty: bool = False
    unbalanced: bool = False
    unreadable: bool = False


def check_content(page, *, unmark):
    """The `Checked` content of a page object. `unmark` takes its own marked content out, layers excepted."""
    streams = page.get("/Contents")
    if streams is None:
        return Checked(empty=True)
    parts = [one.read_bytes() for one in streams] if isinstance(streams, pikepdf.Array) else [streams.read_bytes()]
    content = parts[0] if len(parts) == 1 else b"\n".join(parts)
    found = list(filter(BRACKETS.__contains__, content.translate(SPACED, NUMBERS).split()))
    if (unmark and len(found) > found.count(b"q") + found.count(b"Q")) or not _pairs_off(found):
        return _mend(page, content, unmark)
    return Checked(empty=not content.strip())


def _pairs_off(brackets):
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


def _mend(page, content, unmark):
    """The exact way: an operator that closes what nobody opened is dropped, as readers do."""
    try:
        instructions = pikepdf.parse_content_stream(page)
    except pikepdf.PdfError:
        return Checked(unreadable=True)
    kept, states, marks, unbalanced = [], 0, [], False
    for instruction in instructions:
        operator = str(instruction.operator)
        keep = True
        if operator == "q":
            states += 1
        elif operator == "Q":
            keep = states > 0
            states -= keep
            unbalanced |= not keep
        elif operator in MARKS:
            keep = not unmark or (bool(instruction.operands) and str(instruction.operands[0]) == "/OC")
            marks.append(keep)
        elif operator == "EMC":
            unbalanced |= not marks
            keep = bool(marks) and marks.pop()
        elif unmark and operator in ("MP", "DP"):
            keep = False
        if keep:
            kept.append(instruction)
    closing = b"EMC " * sum(marks) + b"Q " * states
    return Checked(
        mended=pikepdf.unparse_content_stream(kept) if len(kept) < len(instructions) else None,
        closing=closing,
        empty=not content.strip(),
        unbalanced=unbalanced or bool(closing),
    )
