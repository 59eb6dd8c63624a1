"""The text in a decoded stream: the strings of page content, or whatever is readable."""

import re

from inquiries.documents.pack.withheld.raw_text import printable

DRAWS_TEXT = re.compile(rb"\bT[jJ]\b|\bBDC\b")
LITERAL = re.compile(rb"\(([^()\\]*(?:\\.[^()\\]*)*)\)", re.DOTALL)
HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{4,})>")
# A string, a string in hexadecimal, the gap before a string of a TJ, or the end of what is shown together.
SHOWN = re.compile(
    rb"\(([^()\\]*(?:\\.[^()\\]*)*)\)|<([0-9A-Fa-f\s]{4,})>|(-?\d*\.?\d+)(?=\s*[(<])|\b(T[jJdDm*]|ET|BDC)\b", re.DOTALL
)
GAP = 180  # thousandths: less is kerning within a word
# Codes of glyphs, two bytes each: only the page's own text tells what they mean.
GLYPHS = re.compile(rb"\x00|\\000|\\0(?![0-7])")
ESCAPE = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3}|\r?\n)")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"(": b"(", b")": b")", b"\\": b"\\"}


def shown_text(content):
    """The readable text of a decoded stream."""
    if not DRAWS_TEXT.search(content):
        # Objects of the file, a table of characters, metadata, an attachment.
        strings = [decoded(literal(found)) for found in LITERAL.findall(content)]
        strings += [decoded(bytes.fromhex(_even(found))) for found in HEXADECIMAL.findall(content)]
        return "\n".join([printable(content), *strings])
    if all(map(_is_coded, LITERAL.findall(content))):
        return "\n".join(decoded(bytes.fromhex(_even(found))) for found in HEXADECIMAL.findall(content))
    pieces, line = [], []
    for shown, coded, gap, ends in SHOWN.findall(content):
        if shown and not _is_coded(shown):
            line.append(literal(shown))
        elif coded:
            pieces.append(decoded(bytes.fromhex(_even(coded))))
        elif gap and abs(float(gap)) > GAP:
            line.append(b" ")
        elif ends and line:
            pieces.append(decoded(b"".join(line)))
            line = []
    return "\n".join([*pieces, decoded(b"".join(line))])


def _is_coded(shown):
    """Whether a string is made of the codes of glyphs, which say nothing by themselves."""
    return GLYPHS.search(shown) is not None and not shown.startswith(b"\xfe\xff")


def literal(found):
    """The bytes that a literal string of a PDF stands for."""
    return ESCAPE.sub(_unescaped, found) if b"\\" in found else found


def decoded(data):
    """Bytes as text: UTF-16 where they say so or look so, UTF-8 where they are, else one letter each."""
    if data.startswith((b"\xfe\xff", b"\xff\xfe")):
        return data.decode("utf-16", errors="replace")
    if len(data) >= 4 and data[::2].count(0) * 2 > len(data) * 0.8:
        return data.decode("utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unescaped(match):
    code = match[1]
    if code in ESCAPES:
        return ESCAPES[code]
    return bytes([int(code, 8) & 255]) if code[:1].isdigit() else b""


def _even(found):
    digits = b"".join(found.split()).decode("ascii")
    return digits if len(digits) % 2 == 0 else digits + "0"
