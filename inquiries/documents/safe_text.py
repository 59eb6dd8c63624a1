"""What people typed, made fit to print: nothing that a font, a PDF or an XML file cannot hold.

Every change that a reader could notice is reported, so that a clerk learns which character was lost.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from fontTools.ttLib import TTFont

from inquiries.text import is_invisible

MAX_LENGTH = 60_000  # about 10,000 words: far more than any field of a report, far less than what chokes an engine
MAX_MARKS = 4  # on one letter; Vietnamese needs two, and thousands of them cost the engine gigabytes
LONGEST_EMOJI = 12  # a family of four takes eleven characters
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
JOINER = "\N{ZERO WIDTH JOINER}"
PIECE = 6  # in the measure of `printed_width`: about a quarter of the narrowest column
NARROW = ".,:;'’/-|!()"
JOINTS = re.compile(r"(?<=[/?&=_.-])(?=\w)")
WORDS = re.compile(r"\S+|\s+")
LINE_BREAKS = dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
SPACES = dict.fromkeys(map(ord, "\t\u2007\u2008\u2009\u200a\u3000"), " ")


def without_controls(text):
    """The text in composed form (NFC) without control, direction and other invisible characters.

    Line breaks stay, in the form of one newline each; tabs and rare spaces become spaces.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(LINE_BREAKS).translate(SPACES)
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    return "".join(c for c in text if c in ("\n", JOINER) or not is_invisible(c))


class Printer:
    def __init__(self):
        self.replaced = Counter()
        self.marks_dropped = 0
        self.shortened = 0

    def clean(self, text):
        text = without_controls(text)
        if len(text) > MAX_LENGTH:
            text = f"{text[:MAX_LENGTH]} [shortened]"
            self.shortened += 1
        if text.isascii():
            return text
        return "".join(self.draw_cluster(cluster) for cluster in clusters(text))

    def draw_cluster(self, cluster):
        most = LONGEST_EMOJI if JOINER in cluster else 1 + MAX_MARKS
        if cluster == "\n" or (len(cluster) <= most and can_draw(cluster)):
            return cluster
        if JOINER in cluster:
            return "".join(self.draw_cluster(sign) for sign in clusters(cluster.replace(JOINER, "")))
        base, *marks = cluster
        drawn = self.draw_base(base)
        room = len(drawn) + MAX_MARKS
        for mark in marks:
            if len(drawn) < room and can_draw(drawn + mark):
                drawn += mark
            elif not is_variation_selector(mark):
                self.marks_dropped += 1
        return drawn

    def draw_base(self, character):
        if can_draw(character):
            return character
        self.replaced[character] += 1
        return REPLACEMENT

    def warnings(self):
        found = []
        for character, count in sorted(self.replaced.items()):
            name = unicodedata.name(character, "a character without a name").lower()
            times = "once" if count == 1 else f"{count} times"
            found.append(
                f"No font of ours can draw U+{ord(character):04X} ({name}): replaced {times} by {REPLACEMENT}."
            )
        if self.marks_dropped:
            found.append(f"{self.marks_dropped} accents were left out that could not be drawn with their letter.")
        if self.shortened:
            found.append(f"Shortened after {MAX_LENGTH:,} characters: {self.shortened} of the texts.")
        return found


def printable(content):
    """A `ReportContent` (or any dataclass of texts) made printable, and the warnings about what was changed."""
    printer = Printer()
    return with_texts(content, printer.clean), printer.warnings()


def with_texts(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(with_texts(item, change) for item in value)
    if isinstance(value, dict):
        return {key: with_texts(item, change) for key, item in value.items()}
    if is_dataclass(value):
        return replace(value, **{f.name: with_texts(getattr(value, f.name), change) for f in fields(value)})
    return value


def clusters(text):
    starts = [
        at
        for at, character in enumerate(text)
        if at == 0 or text[at - 1] == "\n" or not (extends_cluster(character) or text[at - 1] == JOINER)
    ]
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def extends_cluster(character):
    return (
        character == JOINER
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= character <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
    )


def is_variation_selector(character):
    return 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF


def break_points(text, longest):
    """The text in pieces between which a line may break: more than one only where a word is wider than `longest`.

    Joined, the pieces are the text again: nothing is added, so that what is copied is what was written.
    """
    pieces = [""]
    for word in WORDS.findall(text):
        if len(word) * 2 <= longest or word.isspace() or printed_width(word) <= longest:
            pieces[-1] += word
        else:
            pieces.extend(split_long_word(word, longest))
    return [piece for piece in pieces if piece] or [""]


def split_long_word(word, longest):
    pieces = []
    for part in JOINTS.split(word):
        if printed_width(part) <= longest:
            pieces.append(part)
            continue
        piece, width = "", 0
        for sign in clusters(part):
            if width >= PIECE:
                pieces.append(piece)
                piece, width = "", 0
            piece += sign
            width += printed_width(sign)
        pieces.append(piece)
    return pieces


def printed_width(text):
    """A rough measure: a small letter or digit counts one, a capital or a sign two."""
    return sum(1 if c.islower() or c.isdigit() or c in NARROW else 2 for c in text)


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
    return tuple(
        # PDF/A wants to know what a private sign means, and nobody can say.
        frozenset(code for code in family_coverage(files) if unicodedata.category(chr(code)) != "Co")
        for _, files in FAMILIES
    )


def family_coverage(files):
    drawn = []
    for name in files:
        with TTFont(FONTS / f"{name}.ttf", lazy=True) as font:
            drawn.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*drawn)


def can_draw(characters):
    return any(all(ord(character) in family for character in characters) for family in coverage())
