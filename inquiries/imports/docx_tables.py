"""Finding the table of a progress report: by its column titles, wherever it is and however it was split."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from inquiries.imports import VOCABULARY, Unreadable
from inquiries.imports.answers import ACCEPTED_TITLE
from inquiries.imports.docx_text import WRAPPERS, Para, attribute, joined, paragraphs_within
from inquiries.imports.draft import Doubt
from inquiries.imports.header import month_counts
from inquiries.imports.references import leading, short
from inquiries.uploads.word import W, whole_number

ROW_LIMIT = 2_000
CELL_LIMIT = 40_000
TABLE_LIMIT = 1_000
NESTING_LIMIT = 8
HEADER_WITHIN = 12  # rows from the top of a table in which its column titles are looked for
COLUMN_LIMIT = 60

REFERENCE, RECOMMENDATION, DECISION, RESPONSE, REASON = "reference", "recommendation", "decision", "response", "reason"
UPDATE, CONTRIBUTOR, LEAD_OFFICER, TARGET, RATING = "update", "contributor", "lead_officer", "target", "rating"
COMMENT, OFFICER_VIEW, EVIDENCE, OUTCOME = "comment", "officer_view", "evidence", "outcome"
UNSURE = "unsure"
ASK = "?"  # begins the role of a column about which the clerk is asked; its title follows

# Words of titles in which a slip of the pen is forgiven.
COMMON_WORDS = (
    *("recommendation", "recommendations", "response", "progress", "update", "assessment", "officer", "responsible"),
    *("decision", "accepted", "status", "reason", "evidence", "outcome", "deadline"),
)
LONGEST_TITLE = 140
GUIDANCE = re.compile(
    r"to the satisfaction of the committee|committee (have|has) concerns|committee considers? the recommendation|"
    r"may not be fully delivered to its satisfaction|\brag (status )?(guidance|key)\b",
    re.IGNORECASE,
)
ANSWERS = (RESPONSE, UPDATE, RATING, DECISION)
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
    "hidden": "holds hidden text, which was left out",
    "struck": "holds text that is struck through; it was kept",
    "footnote": "has a footnote, which was left out",
    "text box": "has a text box, which was left out",
    "picture": "has a picture, which was left out",
    "symbol": "has a sign that could not be read; it is shown as \ufffd",
}
# With these, text of the cell is in no field, or text that somebody took back is.
TO_SETTLE = {"hidden", "footnote", "text box", "struck"}


@dataclass
class Cell:
    """One cell. `at` is its first grid column, `continues` says that it is the lower part of a merged cell."""

    element: object
    at: int
    span: int
    continues: bool


@dataclass
class ReportTable:
    """One table that holds rows of the report, without its header rows. `roles` maps columns to what they hold."""

    element: object
    roles: dict[int, str]
    titles: dict[int, str]
    rows: list[list[Cell]]
    above: list[list[Cell]] = field(default_factory=list)  # title rows over the header row
    headless: bool = False

    @property
    def known(self):
        return set(self.roles.values())


@dataclass
class Tables:
    """`report` are the tables that make up the progress report, in order; `ends` the accounts below it."""

    report: list[ReportTable]
    ends: list[ReportTable]
    left_out: list[object]
    continued: list[ReportTable]


def find_tables(document, reader):
    """The tables of the report. Raises Unreadable where none has the column titles of a progress report."""
    elements = nested_tables(document.body)
    if len(elements) > TABLE_LIMIT:
        raise Unreadable(f"The document holds more than {TABLE_LIMIT} tables. Keep only the progress report in it.")
    headed, grids, cells = [], {}, 0
    for element in elements:
        grids[element] = grid(element)
        cells += sum(len(row) for row in grids[element])
        if cells > CELL_LIMIT:
            raise Unreadable("The document's tables are too long to be a progress report. Keep only the report in it.")
        found = table_with_titles(element, grids[element], reader)
        if found is not None:
            headed.append(found)
    ends = [found for found in headed if OUTCOME in found.known and not found.known & {RESPONSE, UPDATE, RATING}]
    # A layout table around the real one reads like it, because its cells contain it.
    around = {parent for found in headed for parent in found.element.iterancestors()}
    candidates = [found for found in headed if found not in ends and found.element not in around]
    if not candidates:
        raise Unreadable(
            "No table in this document looks like a progress report: none has a column for the recommendations beside "
            "one for the response or the progress update. Check that it is the right document, and that the table's "
            "first row holds the column titles."
        )
    best = max(candidates, key=lambda found: (UPDATE in found.known, len(found.known), len(found.rows)))
    deciding = UPDATE if UPDATE in best.known else RESPONSE
    report = [found for found in candidates if (deciding in found.known) == (deciding in best.known)]
    left_out = [found.element for found in candidates if found not in report]
    continued = continued_tables(grids, report, {f.element for f in headed}, left_out, reader)
    order = {element: n for n, element in enumerate(elements)}
    report = sorted([*report, *continued], key=lambda found: order[found.element])
    if sum(len(found.rows) for found in report) > ROW_LIMIT:
        raise Unreadable(f"The table has more than {ROW_LIMIT} rows. Keep only the progress report in the document.")
    return Tables(report, ends, left_out, continued)


def role_of(title):
    words = " ".join(re.findall(r"[a-z]+", title.lower()))
    if not words or len(title) > LONGEST_TITLE:
        return "" if title.strip() != "#" else REFERENCE
    words = " ".join(
        (get_close_matches(word, COMMON_WORDS, n=1, cutoff=0.86) or [word])[0] if len(word) > 5 else word
        for word in words.split()[:20]
    )
    return next((role for role, pattern in VOCABULARY["titles"] if re.fullmatch(pattern, words)), "")


def grid(table):
    rows = []
    for row in rows_or_cells(table, f"{W}tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        at = min(max(whole_number(attribute(row.find(f"{W}trPr/{W}gridBefore"))), 0), COLUMN_LIMIT)
        cells = []
        for cell in rows_or_cells(row, f"{W}tc"):
            if cell.find(f"{W}tcPr/{W}cellDel") is not None or len(cells) >= COLUMN_LIMIT:
                continue
            span = min(max(whole_number(attribute(cell.find(f"{W}tcPr/{W}gridSpan")), 1), 1), COLUMN_LIMIT)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            cells.append(Cell(cell, at, span, merge is not None and attribute(merge) != "restart"))
            at += span
        if cells:
            rows.append(cells)
    return rows


def cell_words(cell, reader, *, most=400):
    own = [element for element in paragraphs_within(cell.element) if element.tag == f"{W}p"][:12]
    return " ".join(para.text for para in reader.paragraphs(own))[:most]


def is_guidance(cells, reader):
    text = [text for cell in cells if len(text := cell_words(cell, reader)) > 3]
    return bool(text) and all(GUIDANCE.search(each) for each in text)


def table_with_titles(element, rows, reader):
    for number, cells in enumerate(rows[:HEADER_WITHIN]):
        titles = {cell.at: cell_words(cell, reader) for cell in cells}
        roles = roles_of_titles(titles)
        if roles is None:
            continue
        below = rows[number + 1 :]
        if below and is_second_header(cells, below[0], reader):
            titles |= {cell.at: cell_words(cell, reader) for cell in below[0] if not cell.continues}
            titles = dict(sorted(titles.items()))
            roles = roles_of_titles(titles) or roles
            below = below[1:]
        wanted = [plain_title(title) for title in titles.values()]
        below = [row for row in below if [plain_title(cell_words(cell, reader)) for cell in row] != wanted]
        return ReportTable(element, roles, titles, below, rows[:number])
    return None


def roles_of_titles(titles):
    if any(re.search(r"\brec(ommendation)?s?\.? \(?[R\d]*\d", title) for title in titles.values()):
        return None
    roles = {at: role for at, title in titles.items() if (role := role_of(title))}
    known = set(roles.values())
    if RECOMMENDATION not in known and REFERENCE in known and known & {RESPONSE, UPDATE}:
        # "No." beside "Response" alone: the numbers stand for the recommendations.
        return roles
    if RECOMMENDATION in known and known & {*ANSWERS, OUTCOME}:
        return roles
    return None


def is_second_header(header, row, reader):
    merged = {cell.at for cell in row if cell.continues}
    named = [cell_words(cell, reader) for cell in row if not cell.continues]
    return bool(merged) and merged <= {cell.at for cell in header} and all(role_of(title) for title in named)


def continued_tables(grids, report, headed, left_out, reader):
    found, last = [], None
    begins = {table.element: table for table in report}
    for element, rows in grids.items():
        if element in begins:
            last = begins[element]
            continue
        if last is None or not rows or element in headed or not headed.isdisjoint(element.iterancestors(f"{W}tbl")):
            continue
        if any(is_guidance(row, reader) for row in rows[:6]):
            break
        if len(rows[0]) != len(last.titles) or len(last.titles) < 2:
            continue
        if any(re.search(r"\w{3}", cell_words(row[0], reader)) for row in rows[:6]):
            roles = dict(
                zip([cell.at for cell in rows[0]], [last.roles.get(at, "") for at in last.titles], strict=True)
            )
            titles = dict(zip([cell.at for cell in rows[0]], last.titles.values(), strict=True))
            found.append(ReportTable(element, {at: r for at, r in roles.items() if r}, titles, rows, headless=True))
        else:
            left_out.append(element)
    return found


def nested_tables(body):
    found = []
    for element in body.iter(f"{W}tbl"):
        above = [parent.tag for parent in element.iterancestors()]
        if f"{W}txbxContent" in above or f"{W}del" in above or above.count(f"{W}tbl") >= NESTING_LIMIT:
            continue
        found.append(element)
    return found


def rows_or_cells(container, tag):
    for child in container:
        if child.tag == tag:
            yield child
        elif child.tag in WRAPPERS:
            yield from rows_or_cells(child, tag)


def plain_title(text):
    return " ".join(re.findall(r"\w+", text.lower()))


@dataclass
class RawRow:
    """The paragraphs of one row by what they are; `colour` is the shading of the committee's cell."""

    cells: dict[str, list[Para]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    colour: str = ""
    accepted: bool = False  # the column's title says that these recommendations are accepted
    decision_title: str = ""

    def text(self, role):
        return joined(self.cells.get(role, []))

    def doubt(self, message, about="", *, must_settle=False):
        doubt = Doubt(message, field=about, must_settle=must_settle, can_confirm=must_settle and about != "decision")
        if message and doubt not in self.doubts:
            self.doubts.append(doubt)


def raw_rows(tables, reader, doubts, months=None):
    rows = []
    for table in tables:
        roles = choose_columns(table, months)
        accepted = any(
            role in (RECOMMENDATION, REFERENCE) and ACCEPTED_TITLE.fullmatch(plain_title(table.titles[at]))
            for at, role in table.roles.items()
        )
        for cells in table.rows:
            if is_guidance(cells, reader):
                break
            raw, merged = read_cells(cells, table, roles, reader)
            raw.accepted = accepted
            raw.decision_title = next((table.titles[at] for at, role in roles.items() if role == DECISION), "")
            title = section_title(raw, cells, rows)
            if title:
                message = f"“{short(title, 200)}” runs across the table; it was read as a section title and left out."
                add_doubt(doubts, message, must_settle=True)
            elif any(raw.cells.values()) or merged:
                place_row(raw, merged, rows)
    return rows


def choose_columns(table, months):
    """The roles of the columns: each but the response once, that of this round. About all others the clerk is asked."""
    roles = {at: table.roles.get(at, UNSURE) for at in table.titles}
    shown = {at: " ".join(title.split()) or f"column {n}" for n, (at, title) in enumerate(table.titles.items(), 1)}
    asked = {at for at, role in roles.items() if role == UNSURE}
    if {RESPONSE, UPDATE, RATING} & set(roles.values()):
        asked |= {at for at, role in roles.items() if role == OUTCOME}
    for role in set(roles.values()) - {UNSURE, RESPONSE}:
        same = [at for at, each in roles.items() if each == role]
        first = role in (REFERENCE, RECOMMENDATION)
        kept = same[:1] if first else columns_of_this_round({at: table.titles[at] for at in same}, role, months)
        asked |= set(same) - set(kept[:1] if len(kept) == 1 else [])
    return {at: f"{ASK}{shown[at]}" if at in asked else role for at, role in roles.items()}


def columns_of_this_round(titles, role, months):
    if len(titles) == 1 and role not in (RATING, COMMENT, UPDATE):
        return list(titles)
    counts = {at: max(month_counts(title), default=0) for at, title in titles.items()}
    dated = [at for at, count in counts.items() if count and count == months]
    earlier = re.compile(VOCABULARY["rounds"]["earlier"], re.IGNORECASE)
    return dated or [at for at, title in titles.items() if not counts[at] and not earlier.search(title)]


def read_cells(cells, table, roles, reader):
    raw, merged = RawRow(), set()
    starts = list(table.titles)
    in_step = len(cells) == len(starts)
    for number, cell in enumerate(cells):
        at = starts[number] if in_step else max((start for start in starts if start <= cell.at), default=starts[0])
        role = roles.get(at)
        if role is None:
            continue
        if cell.continues:
            merged.add(role)
            continue
        paras = cell_paragraphs(cell.element, reader, raw, role)
        if paras and raw.cells.get(role) and role == RESPONSE:
            raw.doubt("Two columns were read as the response, one after the other.", "response")
        raw.cells[role] = raw.cells.get(role, []) + paras
        if role == RATING:
            raw.colour = shading_colour(cell.element)
    return raw, merged


def cell_paragraphs(cell, reader, raw, role):
    elements = list(paragraphs_within(cell))
    found, group = [], []
    for element in elements:
        if element.tag == f"{W}p":
            group.append(element)
            continue
        found += reader.paragraphs(group)
        group = []
        found += nested_table_lines(element, reader)
        raw.doubt("A table within the cell was read as lines of text.", FIELDS.get(role, "rows"))
    found += reader.paragraphs(group)
    about = FIELDS.get(role, "rows")
    for note in sorted({note for para in found for note in para.notes}):
        if not (note == "picture" and role == RATING):
            raw.doubt(f"The {name_of(role)} {NOTES[note]}.", about, must_settle=note in TO_SETTLE)
    for shown, address in [link for para in found for link in para.links]:
        bare = re.sub(r"^https?://", "", address).rstrip("/")
        if bare.lower() not in shown.lower() and role != EVIDENCE:
            raw.doubt(f"“{short(shown)}” is a link to {short(address, 200)}; only the text was kept.", about)
    if any(para.mark is not None and para.mark.level > 0 and para.text for para in found):
        raw.doubt("A list within a list was read without its indents.", about)
    return found


def nested_table_lines(table, reader):
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


def section_title(raw, cells, rows):
    filled = {role: raw.text(role) for role in raw.cells if raw.text(role)}
    if len(filled) != 1:
        return ""
    ((role, text),) = filled.items()
    first = raw.cells[role][0]
    across = len(cells) == 1 or any(cell.span > 1 and cell.span * 2 >= sum(c.span for c in cells) for cell in cells)
    is_merged = any(cell.continues for cell in cells)
    if across and not is_merged:
        return "" if (lead := leading(first)) and lead.strength > 1 and len(text) > 60 else text
    numbered = any(leading(para) for row in rows[-20:] for para in row.cells.get(RECOMMENDATION, [])[:1])
    if role == RECOMMENDATION and len(text) < 80 and numbered and leading(first) is None and not is_merged:
        return "" if re.search(r"[.;:]$", text) else text
    return ""


def place_row(raw, merged, rows):
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
        append_row(above, raw, "Several rows are beside one recommendation; they were joined into one.")
    elif RESPONSE in merged:
        append_row(above, raw, "Several recommendations are beside one response; they were read as one response.")
    elif continued or not numbered:
        for role in (REFERENCE, RECOMMENDATION):
            raw.cells.pop(role, None)
        message = "" if continued else "A row without a recommendation was joined to the one above it."
        append_row(above, raw, message)
    else:
        for role in sorted(merged):
            if above.cells.get(role):
                raw.cells[role] = list(above.cells[role])
                message = f"The {name_of(role)} is one cell for several rows, and was given to each."
                raw.doubt(message, FIELDS.get(role, "rows"))
        raw.colour = raw.colour or (above.colour if RATING in merged else "")
        rows.append(raw)


def append_row(above, raw, message):
    for role, paras in raw.cells.items():
        kept = above.cells.setdefault(role, [])
        text = joined(paras)
        if text and text != joined(kept):
            above.cells[role] = kept + paras
    above.colour = above.colour or raw.colour
    above.doubts += raw.doubts
    above.doubt(message, "recommendations")


def shading_colour(cell):
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


def name_of(role):
    return f"column “{role.removeprefix(ASK)}”" if role.startswith(ASK) else NAMES.get(role, role)


def add_doubt(doubts, message, about="rows", *, must_settle=False):
    if all(doubt.message != message for doubt in doubts):
        doubts.append(Doubt(message, field=about, must_settle=must_settle, can_confirm=must_settle))
