"""How found words are quoted: with a little of what stands around them, on one line."""

AROUND = 40
LONGEST = 120


def excerpt(text, start, end):
    """What stands at `start` to `end` of the text, with a few words on either side."""
    first, last = max(start - AROUND, 0), min(end + AROUND, len(text))
    if first:
        first = max(text.find(" ", first, start) + 1, first)
    if last < len(text):
        space = text.rfind(" ", end, last)
        last = space if space > 0 else last
    quoted = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{quoted}{'…' if last < len(text) else ''}"


def shortened(text):
    """The beginning of a text."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]}…"
