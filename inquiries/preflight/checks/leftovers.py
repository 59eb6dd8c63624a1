"""What somebody meant to fill in or to delete: placeholders, both words of a choice, broken references."""

import re

from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding

BRACKETS = re.compile(r"\[([^\[\]\n]{2,120})\]")
WANTED = re.compile(
    r"\b(required|insert|enter|add|delete|confirm|confirmed|tb[acd]|pending|awaiting|await|missing|sign.?off|name|date|"
    r"title|number|amount|figure|figures|text|here|check|who|xx+|to be|draft|link|page|complete|officer|director)\b|\?",
    re.IGNORECASE,
)
# Square brackets that belong there: a year or a number of a reference, an editor's mark in a quotation.
BELONGS = re.compile(
    r"[\d\s.,;:–-]*|(?:19|20)\d\d\w*|sic|…|\.+|redacted|emphasis (?:added|in original)|https?://\S+|\w", re.IGNORECASE
)
QUOTED = re.compile(r"[“\"][^”\"\n]{0,300}$")
LEFT = (
    ("choice", r"delete\s+(?:where|as)\s+(?:appropriate|applicable|necessary|required)", "a choice was left in"),
    ("choice", r"\binterim\s*/\s*final\b|\b6\s+months\s+on\s*/\s*12\s+months\s+on\b", "a choice was left in"),
    ("placeholder", r"\bT\.?B\.?[ACD]\b\.?(?![\w.])", "something is still to be filled in"),
    (
        "placeholder",
        r"\b[Xx]{3,}\b|\b[Xx]{2,4}[/.][Xx]{2,4}(?:[/.][Xx]{2,4})?\b|£\s?[Xx]{1,}\b|\bXX\b(?!\s*(?:century|th))",
        "something is still to be filled in",
    ),
    (
        "placeholder",
        r"(?:\binsert|<\s*insert|<\s*enter)\s+(?:your\s+|the\s+|a\s+)?(?:name|date|title|text|figures?|number|link|details|table|picture|image|here)\b",
        "something is still to be filled in",
    ),
    (
        "placeholder",
        r"\b(?:click|tap)\s+(?:or\s+tap\s+)?(?:here\s+)?to\s+(?:enter|add)\s+(?:text|a\s+date|title)|\blorem\s+ipsum\b|\?{3,}|_{5,}(?=\s*(?:\n|$)(?!\s*sign))",
        "something is still to be filled in",
    ),
    (
        "broken_reference",
        r"\bError!\s+(?:Reference source|Bookmark|No text|Hyperlink)[^\n.]{0,60}",
        "a reference is broken",
    ),
)
PATTERNS = tuple(
    (code, re.compile(pattern, re.IGNORECASE if "XX" not in pattern and "T\\.?B" not in pattern else 0), what)
    for code, pattern, what in LEFT
)


def check(subject):
    """Findings about what was left in, in the words of the pack and in its papers."""
    for passage in subject.passages():
        seen = set()
        for code, start, end, what in sorted(_left_in(passage.text), key=lambda left: left[1]):
            if any(start < other_end and end > other_start for other_start, other_end in seen):
                continue
            seen.add((start, end))
            yield Finding(
                code,
                f"It looks as if {what}: “{' '.join(passage.text[start:end].split())}”.",
                passage.place.where,
                passage.place.address,
                quoted=excerpt(passage.text, start, end),
            )


def _left_in(text):
    for match in BRACKETS.finditer(text):
        if _is_placeholder(match, text):
            yield "placeholder", *match.span(), "something is still to be filled in"
    for code, pattern, what in PATTERNS:
        for match in pattern.finditer(text):
            yield code, *match.span(), what


def _is_placeholder(match, text):
    inside = match.group(1).strip()
    if BELONGS.fullmatch(inside):
        return False
    # Within a quotation square brackets are the quoter's own words: "[the council] must act".
    return bool(WANTED.search(inside)) or not QUOTED.search(text[: match.start()])
