"""What a person typed, read as paragraphs, lists and web addresses.

Text is kept as plain text: a blank line parts paragraphs, a line that begins with "- ", "* " or "• " is a
bullet, as is one with the signs that Word pastes for bullets and sub-bullets; one that begins with "1. " or "1) " is
numbered. No other markup exists, so nothing needs escaping
but what each renderer escapes anyway.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

# The last are what Word's symbol fonts leave; "o" and "§" are such signs where a blank follows.
BULLET = re.compile(r"^\s{0,8}[-*•–·‣◦○●▪■□➢✓❖o§\uf0a7\uf0b7\uf0d8\uf0fc]\s+(?=\S)")
NUMBER = re.compile(r"^\s{0,8}(\d{1,3})[.)]\s+(?=\S)")
# Bounded, so that a hostile text costs time in proportion to its length.
ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'“”‘’(){}\[\]][^\s<>\"'“”‘’{}]{0,2000}", re.IGNORECASE)
LONGEST_ADDRESS = 2_000
TRAILING = ".,;:!?…"
BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True)
class Run:
    """A stretch of text; `href` is set where it is a web address.

    `bold` is set by us alone, but in officer reports (`officer_report.py`), which have what follows it, too.
    """

    text: str
    href: str = ""
    bold: bool = False
    italic: bool = False
    footnote: tuple["Run", ...] = ()  # one line, to which this run without a text of its own refers

    @property
    def printed_address(self):
        address = quote(self.href, safe="%/:?#[]@!$&'()*+,;=~-._")
        return address if len(address) <= LONGEST_ADDRESS else ""


@dataclass(frozen=True)
class Paragraph:
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class ListBlock:
    ordered: bool
    start: int
    items: tuple[tuple[Run, ...], ...]


def blocks(text):
    found, lines, items = [], [], []

    def flush_paragraph():
        if lines:
            found.append(Paragraph(runs("\n".join(lines))))
            lines.clear()

    def flush_list():
        if items:
            ordered, start = items[0][0], items[0][1]
            found.append(ListBlock(ordered, start, tuple(runs(words) for _, _, words in items)))
            items.clear()

    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bullet, number = BULLET.match(line), NUMBER.match(line)
        if bullet or number:
            flush_paragraph()
            ordered = bool(number)
            if items and items[-1][0] != ordered:
                flush_list()
            mark = bullet or number
            items.append((ordered, int(number.group(1)) if number else 1, line[mark.end() :].strip()))
        elif line.strip():
            flush_list()
            lines.append(line.strip())
        else:
            flush_paragraph()
    flush_paragraph()
    flush_list()
    return tuple(found)


def runs(text):
    found, at = [], 0
    for match in ADDRESS.finditer(text):
        address = without_surroundings(match.group())
        if match.start() > at:
            found.append(Run(text[at : match.start()]))
        found.append(Run(address, address if address.lower().startswith("http") else f"https://{address}"))
        at = match.start() + len(address)
    if at < len(text):
        found.append(Run(text[at:]))
    return tuple(found)


def without_surroundings(address):
    """The address without what belongs to the sentence: full stops, and brackets that were not opened in it."""
    while True:
        last = address[-1:]
        if last in TRAILING or (last in BRACKETS and address.count(last) > address.count(BRACKETS[last])):
            address = address[:-1]
        else:
            return address


# Not after "1." of a numbered line, and not within a web address.
BREAK = re.compile(r"\n+\s*|(?<=[^\W\d][.!?])\s+(?=[^\W\d_a-z])|(?<=[)”’\"][.!?])\s+|(?<=[.!?][)”’\"])\s+")


def split_long(text, most):
    """The text as a beginning of about `most` characters and the rest: where a paragraph or sentence ends if it can."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) <= most * 1.4:
        return text, ""
    breaks = [match for match in BREAK.finditer(text, most // 2, int(most * 1.4))]
    if breaks:
        nearest = min(breaks, key=lambda match: abs(match.start() - most))
        return text[: nearest.start()], text[nearest.end() :]
    space = text.rfind(" ", 1, most) if " " in text[1:most] else most
    return f"{text[:space]}…", f"…{text[space:]}"


def plain_runs(parts):
    return "".join(run.text for run in parts)
