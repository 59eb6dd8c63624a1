"""Which characters our fonts can draw. Read from the fonts themselves, so that it cannot go stale."""

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"

# In the order in which a character looks for its glyph; a family draws what each of its styles can draw.
FAMILIES = (
    (
        "Source Sans 3",
        (
            "SourceSans3_400Regular",
            "SourceSans3_400Regular_Italic",
            "SourceSans3_700Bold",
            "SourceSans3_700Bold_Italic",
        ),
    ),
    ("DejaVu Sans", ("DejaVuSans",)),
    ("Noto Emoji", ("NotoEmoji_400Regular",)),
)


@cache
def coverage():
    """For each family, in order, the set of the code points that it can draw."""
    return tuple(
        # PDF/A wants to know what a private sign means, and nobody can say.
        frozenset(code for code in drawn if unicodedata.category(chr(code)) != "Co")
        for drawn in map(_family, FAMILIES)
    )


def _family(family):
    _, files = family
    return frozenset.intersection(*(code_points((FONTS / f"{name}.ttf").read_bytes()) for name in files))


def can_draw(characters):
    """Whether one family has a glyph for every one of these characters (a letter with its accents, say)."""
    return any(all(ord(character) in family for character in characters) for family in coverage())


def code_points(font):
    """The code points that a TrueType font maps to a glyph, from its character map (formats 4 and 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    for index in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * index)
        if tag == b"cmap":
            break
    else:
        raise ValueError("this font has no character map")
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    found = set()
    for index in range(subtables):
        platform, _, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * index)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if platform in (0, 3) and kind == 4:
            found |= _format_4(font, start + offset)
        elif platform in (0, 3) and kind == 12:
            found |= _format_12(font, start + offset)
    return frozenset(found)


def _format_4(font, at):
    (doubled,) = struct.unpack_from(">H", font, at + 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + doubled)
    deltas = struct.unpack_from(f">{count}h", font, at + 16 + 2 * doubled)
    offsets_at = at + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{count}H", font, offsets_at)
    found = set()
    for index, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            if offset:
                place = offsets_at + 2 * index + offset + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", font, place)
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            else:
                glyph = (code + delta) & 0xFFFF
            if glyph:
                found.add(code)
    return found


def _format_12(font, at):
    (count,) = struct.unpack_from(">L", font, at + 12)
    found = set()
    for index in range(count):
        first, last, glyph = struct.unpack_from(">LLL", font, at + 16 + 12 * index)
        found.update(code for code in range(first, last + 1) if glyph + code - first)
    return found
