"""From tables to raw rows: which words stand under which title, merged and split cells put together."""

import re
from collections import Counter
from dataclasses import dataclass, field

from inquiries.uploads.docx import W
from inquiries.word_import.draft import Doubt
from inquiries.word_import.header import month_counts
from inquiries.word_import.references import leading, short
from inquiries.word_import.tables import (
    COMMENT,
    CONTRIBUTOR,
    DECISION,
    EVIDENCE,
    LEAD_OFFICER,
    OFFICER_VIEW,
    OUTCOME,
    RATING,
    REASON,
    RECOMMENDATION,
    REFERENCE,
    RESPONSE,
    TARGET,
    UPDATE,
    is_guidance,
)
from inquiries.word_import.text import Para, joined, paragraphs_within

FIELDS = {
    REFERENCE: "recommendations",
    RECOMMENDATION: "recommendations",
    DECISION: "decision",
    RESPONSE: "response",
    REASON: "reason",
    UPDATE: "update",
    CONTRIBUTOR: "contributors",
    LEAD_OFFICER: "lead_officer",
    TARGET: "response",
    RATING: "rating",
    COMMENT: "comment",
    OFFICER_VIEW: "update",
    EVIDENCE: "update",
    OUTCOME: "ends",
}
NAMES = {
    REFERENCE: "number",
    LEAD_OFFICER: "lead officer",
    TARGET: "target date",
    OFFICER_VIEW: "lead officer's view",
    CONTRIBUTOR: "contributor",
}
CONTINUED = re.compile(r"\(?\b(?:continued|cont(?:['’]?d|inues)?\.?)\)?[.:]?\s*$", re.IGNORECASE)
COLOURS = (("red", 0), ("amber", 40), ("green", 120), ("blue", 220), ("red", 360))
NOTES = {
    "hidden": "holds hidden words, which were left out",
    "struck": "holds words that are struck through; they were kept",
    "footnote": "has a footnote, which was left out",
    "text box": "has a text box, which was left out",
    "picture": "has a picture, which was left out",
    "symbol": "has a sign that could not be read; it stands as \ufffd",
}


@dataclass
class RawRow:
    """The paragraphs of one row by what they are; `colour` is the shading of the committee's cell."""

    cells: dict[str, list[Para]] = field(default_factory=dict)
    doubts: list[tuple[str, str]] = field(default_factory=list)  # (message, field)
    colour: str = ""
    accepted: bool = False  # the column's title says that these recommendations are accepted

    def text(self, role):
        return joined(self.cells.get(role, []))

    def doubt(self, message, about=""):
        if message and (message, about) not in self.doubts:
            self.doubts.append((message, about))


def raw_rows(tables, reader, doubts):
    """The rows of the report's tables as RawRow, in order. `doubts` takes what concerns the whole document."""
    rows = []
    for table in tables:
        roles = _one_column_each(table, doubts)
        accepted = any(
            role in (RECOMMENDATION, REFERENCE) and re.search(r"\baccepted\b", table.titles[at], re.IGNORECASE)
            for at, role in table.roles.items()
        )
        unknown = [title for at, title in table.titles.items() if at not in table.roles and title.strip()]
        for title in unknown:
            _say(doubts, f"The column “{short(title)}” is none that a progress report has; it was left out.")
        for cells in table.rows:
            if is_guidance(cells, reader):
                break
            raw, merged = _read(cells, table, roles, reader)
            raw.accepted = accepted
            title = _section_title(raw, cells, rows)
            if title:
                _say(doubts, f"“{short(title)}” stands across the table; it was read as a section title and left out.")
            elif any(raw.cells.values()) or merged:
                _place(raw, merged, rows)
    return rows


def _one_column_each(table, doubts):
    """The roles of the columns, each but the response once: of two updates the later one counts."""
    roles = dict(table.roles)
    for role, count in Counter(table.roles.values()).items():
        if count == 1 or role == RESPONSE:
            continue
        same = [at for at, each in table.roles.items() if each == role]
        months = {at: max(month_counts(table.titles[at]), default=0) for at in same}
        kept = max(same, key=lambda at: (months[at], at)) if role == UPDATE else same[0]
        for at in same:
            if at != kept:
                del roles[at]
                titles = f"“{short(table.titles[at])}” and “{short(table.titles[kept])}”"
                _say(doubts, f"The columns {titles} hold the same kind of thing; only the second named was read.")
    return roles


def _read(cells, table, roles, reader):
    raw, merged = RawRow(), set()
    starts = list(table.titles)
    in_step = len(cells) == len(starts)
    for number, cell in enumerate(cells):
        at = starts[number] if in_step else max((start for start in starts if start <= cell.at), default=starts[0])
        role = roles.get(at)
        if role is None:
            continue
        if cell.goes_on:
            merged.add(role)
            continue
        paras = _cell_paras(cell.element, reader, raw, role)
        if paras and raw.cells.get(role) and role == RESPONSE:
            raw.doubt("Two columns were read as the response, one after the other.", "response")
        raw.cells[role] = raw.cells.get(role, []) + paras
        if role == RATING:
            raw.colour = _colour(cell.element)
    return raw, merged


def _cell_paras(cell, reader, raw, role):
    elements = list(paragraphs_within(cell))
    found, group = [], []
    for element in elements:
        if element.tag == f"{W}p":
            group.append(element)
            continue
        found += reader.paragraphs(group)
        group = []
        found += _nested(element, reader)
        raw.doubt("A table within the cell was read as lines of text.", FIELDS[role])
    found += reader.paragraphs(group)
    for note in sorted({note for para in found for note in para.notes}):
        if not (note == "picture" and role == RATING):
            raw.doubt(f"The {NAMES.get(role, role)} {NOTES[note]}.", FIELDS[role])
    for shown, address in [link for para in found for link in para.links]:
        bare = re.sub(r"^https?://", "", address).rstrip("/")
        if bare.lower() not in shown.lower() and role != EVIDENCE:
            raw.doubt(f"“{short(shown)}” is a link to {short(address, 200)}; only the words were kept.", FIELDS[role])
    if any(para.mark is not None and para.mark.level > 0 and para.text for para in found):
        raw.doubt("A list within a list was read without its indents.", FIELDS[role])
    return found


def _nested(table, reader):
    lines = []
    for row in table.iter(f"{W}tr"):
        cells = [
            " ".join(para.text for para in reader.paragraphs(list(cell.iterdescendants(f"{W}p"))))
            for cell in row.iterchildren(f"{W}tc")
        ]
        text = " | ".join(" ".join(words.split()) for words in cells if words)
        if text and row.getparent() is table:
            lines.append(text)
    return [Para("\n".join(lines), tabbed="\n".join(lines), unstruck="\n".join(lines))] if lines else []


def _section_title(raw, cells, rows):
    """The words of a row that stands across the table, or of a lone heading in its first column."""
    filled = {role: raw.text(role) for role in raw.cells if raw.text(role)}
    if len(filled) != 1:
        return ""
    ((role, words),) = filled.items()
    first = raw.cells[role][0]
    across = len(cells) == 1 or any(cell.span > 1 and cell.span * 2 >= sum(c.span for c in cells) for cell in cells)
    if across and not any(cell.goes_on for cell in cells):
        return "" if (lead := leading(first)) and lead.strength > 1 and len(words) > 60 else words
    numbered = any(leading(para) for row in rows[-20:] for para in row.cells.get(RECOMMENDATION, [])[:1])
    if role == RECOMMENDATION and len(words) < 80 and numbered and leading(first) is None and not merged_above(cells):
        return "" if re.search(r"[.;:]$", words) else words
    return ""


def merged_above(cells):
    """Whether any cell of this row is the lower part of a merged one."""
    return any(cell.goes_on for cell in cells)


def _place(raw, merged, rows):
    above = rows[-1] if rows else None
    numbered = raw.text(REFERENCE) or raw.text(RECOMMENDATION)
    if above is None:
        rows.append(raw)
        return
    continued = CONTINUED.search(numbered) and len(numbered) < 40
    has_number_column = REFERENCE in raw.cells or REFERENCE in merged
    same_one = (REFERENCE in merged and not raw.text(RECOMMENDATION)) or (
        RECOMMENDATION in merged and not has_number_column
    )
    if same_one or (RECOMMENDATION in merged and not raw.text(REFERENCE)):
        _append(above, raw, "Several rows stand beside one recommendation; they were joined into one.")
    elif RESPONSE in merged:
        _append(above, raw, "Several recommendations stand beside one response; they were read as answered together.")
    elif continued or not numbered:
        for role in (REFERENCE, RECOMMENDATION):
            raw.cells.pop(role, None)
        message = "" if continued else "A row without a recommendation was joined to the one above it."
        _append(above, raw, message)
    else:
        for role in sorted(merged):
            if above.cells.get(role):
                raw.cells[role] = list(above.cells[role])
                raw.doubt(
                    f"The {NAMES.get(role, role)} is one cell for several rows, and was given to each.", FIELDS[role]
                )
        raw.colour = raw.colour or (above.colour if RATING in merged else "")
        rows.append(raw)


def _append(above, raw, message):
    for role, paras in raw.cells.items():
        kept = above.cells.setdefault(role, [])
        words = joined(paras)
        if words and words != joined(kept):
            above.cells[role] = kept + paras
    above.colour = above.colour or raw.colour
    above.doubts += raw.doubts
    above.doubt(message, "recommendations")


def _colour(cell):
    shade = cell.find(f"{W}tcPr/{W}shd")
    fill = shade.get(f"{W}fill", "") if shade is not None else ""
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", fill):
        return ""
    red, green, blue = (int(fill[n : n + 2], 16) for n in (0, 2, 4))
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < 60:
        return ""
    if high == red:
        hue = 60 * (green - blue) / (high - low) % 360
    elif high == green:
        hue = 60 * (blue - red) / (high - low) + 120
    else:
        hue = 60 * (red - green) / (high - low) + 240
    return min(COLOURS, key=lambda colour: abs(colour[1] - hue))[0]


def _say(doubts, message, about="rows"):
    if all(doubt.message != message for doubt in doubts):
        doubts.append(Doubt(message, field=about))
