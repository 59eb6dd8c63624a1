"""Finding the table of a progress report: by its column titles, wherever it stands and however it was split."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from inquiries.uploads.docx import W, whole_number
from inquiries.word_import.draft import Unreadable
from inquiries.word_import.text import WRAPPERS, paragraphs_within

ROW_LIMIT = 2_000
CELL_LIMIT = 40_000
TABLE_LIMIT = 1_000
NESTING_LIMIT = 8
HEADER_WITHIN = 12  # rows from the top of a table in which its column titles are looked for
COLUMN_LIMIT = 60

REFERENCE, RECOMMENDATION, DECISION, RESPONSE, REASON = "reference", "recommendation", "decision", "response", "reason"
UPDATE, CONTRIBUTOR, LEAD_OFFICER, TARGET, RATING = "update", "contributor", "lead_officer", "target", "rating"
COMMENT, OFFICER_VIEW, EVIDENCE, OUTCOME = "comment", "officer_view", "evidence", "outcome"

# The first that fits decides: "Response to recommendations" is a response, "Progress on response" an update.
TITLES = (
    (REFERENCE, r"(the )?(no|nos|number|ref|reference|item|id|rec)( no| number| ref| id)?"),
    (REFERENCE, r"(recommendation|rec)s? (no|number|ref|reference|id)"),
    (OUTCOME, r"what became of (it|them)|what happened|outcome"),
    (OFFICER_VIEW, r".*\bofficers?( s)? (own )?(view|assessment|rating)\b.*"),
    (COMMENT, r"(the )?(committee|member|select committee|panel)?( s)? ?comments?( of the committee)?"),
    (EVIDENCE, r"evidence|(links to )?supporting (evidence|documents)"),
    (
        RATING,
        r".*\b(rag|assessment|rating|brag)\b.*|(overall |current |progress |completion )?status|.*\btraffic light\b.*",
    ),
    (UPDATE, r".*\b(update|progress)\b.*\bofficers?\b.*|.*\bofficers?( s)?\b.*\b(update|progress)\b.*"),
    (CONTRIBUTOR, r"author|contributors?|contact( officer)?|(updated?|completed|provided) by"),
    (LEAD_OFFICER, r".*\b(lead|responsible|accountable) (officers?|directors?|person|service|department)\b.*"),
    (LEAD_OFFICER, r".*\bofficers? responsible\b.*|responsib(le|ility)|(action )?owner|lead|by whom|who|named officer"),
    (
        TARGET,
        r"(target|due|completion|end|implementation|agreed|original|revised)? ?dates?( for .*)?|deadline|by when|when",
    ),
    (TARGET, r"target|time ?(scale|frame|line)s?|target (date|completion).*|due( by)?"),
    (
        DECISION,
        r"decision|(agreed?|accept(ed)?|reject(ed)?)( (or )?(not )?(agreed?|accept(ed)?|reject(ed)?))*( y n| yes no)?",
    ),
    (DECISION, r"(cabinet|executive|council)( s)? decision|accepted (in )?(part|full).*|.*\bdecision\b.*"),
    (REASON, r"reasons?( (for|if|why) .*)?|rationale"),
    (UPDATE, r".*\b(progress|update|updates|position|achieved|done|achievements)\b.*|.*\bactions? (taken|to date)\b.*"),
    (RESPONSE, r".*\b(response|responses|reply|replies|answer|answers)\b.*|(cabinet|executive|council)"),
    (RECOMMENDATION, r".*\b(recommendation|recommendations)\b.*"),
    (
        RESPONSE,
        r"((agreed|proposed|planned|key|original) )*actions?( (plan|points|required|agreed|proposed|to be taken))?",
    ),
)
VOCABULARY: tuple[str, ...] = (
    "recommendation",
    "recommendations",
    "response",
    "progress",
    "update",
    "assessment",
    "officer",
)
VOCABULARY += ("responsible", "decision", "accepted", "status", "reason", "evidence", "outcome", "deadline")
LONGEST_TITLE = 140
GUIDANCE = re.compile(
    r"to the satisfaction of the committee|committee (have|has) concerns|committee considers? the recommendation|"
    r"may not be fully delivered to its satisfaction|\brag (status )?(guidance|key)\b",
    re.IGNORECASE,
)
ANSWERS = (RESPONSE, UPDATE, RATING, DECISION)


@dataclass
class Cell:
    """One cell. `at` is its first grid column, `goes_on` says that it is the lower part of a merged cell."""

    element: object
    at: int
    span: int
    goes_on: bool


@dataclass
class Found:
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

    report: list[Found]
    ends: list[Found]
    left_out: list[object]
    continued: list[Found]


def find_tables(document, reader):
    """The tables of the report. Raises Unreadable where none has the column titles of a progress report."""
    elements = _tables(document.body)
    if len(elements) > TABLE_LIMIT:
        raise Unreadable(f"The document holds more than {TABLE_LIMIT} tables. Keep only the progress report in it.")
    headed, grids, cells = [], {}, 0
    for element in elements:
        grids[element] = grid(element)
        cells += sum(len(row) for row in grids[element])
        if cells > CELL_LIMIT:
            raise Unreadable("The document's tables are too long to be a progress report. Keep only the report in it.")
        found = _headed(element, grids[element], reader)
        if found is not None:
            headed.append(found)
    ends = [found for found in headed if OUTCOME in found.known and not found.known & {RESPONSE, UPDATE, RATING}]
    # A layout table around the real one reads like it, because its cells contain it.
    candidates = [found for found in headed if found not in ends and not _holds_another(found, headed)]
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
    continued = _continuations(elements, grids, report, {f.element for f in headed}, left_out, reader)
    order = {element: n for n, element in enumerate(elements)}
    report = sorted([*report, *continued], key=lambda found: order[found.element])
    if sum(len(found.rows) for found in report) > ROW_LIMIT:
        raise Unreadable(f"The table has more than {ROW_LIMIT} rows. Keep only the progress report in the document.")
    return Tables(report, ends, left_out, continued)


def role_of(title):
    """What a column with this title holds, or empty."""
    words = " ".join(re.findall(r"[a-z]+", title.lower()))
    if not words or len(title) > LONGEST_TITLE:
        return "" if title.strip() != "#" else REFERENCE
    words = " ".join(
        (get_close_matches(word, VOCABULARY, n=1, cutoff=0.86) or [word])[0] if len(word) > 5 else word
        for word in words.split()[:20]
    )
    return next((role for role, pattern in TITLES if re.fullmatch(pattern, words)), "")


def grid(table):
    """The table's rows as lists of Cell, deleted rows and cells left out."""
    rows = []
    for row in _parts(table, f"{W}tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        at = min(max(whole_number(_val(row.find(f"{W}trPr/{W}gridBefore"))), 0), COLUMN_LIMIT)
        cells = []
        for cell in _parts(row, f"{W}tc"):
            if cell.find(f"{W}tcPr/{W}cellDel") is not None or len(cells) >= COLUMN_LIMIT:
                continue
            span = min(max(whole_number(_val(cell.find(f"{W}tcPr/{W}gridSpan")), 1), 1), COLUMN_LIMIT)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            cells.append(Cell(cell, at, span, merge is not None and _val(merge) != "restart"))
            at += span
        if cells:
            rows.append(cells)
    return rows


def cell_words(cell, reader, *, most=400):
    """The beginning of a cell's own text (nested tables left out), for telling what it is."""
    own = [element for element in paragraphs_within(cell.element) if element.tag == f"{W}p"][:12]
    return " ".join(para.text for para in reader.paragraphs(own))[:most]


def is_guidance(cells, reader):
    """Whether this row belongs to the key that explains the ratings: signs, and the template's words for them."""
    words = [words for cell in cells if len(words := cell_words(cell, reader)) > 3]
    return bool(words) and all(GUIDANCE.search(each) for each in words)


def _headed(element, rows, reader):
    for number, cells in enumerate(rows[:HEADER_WITHIN]):
        titles = {cell.at: cell_words(cell, reader) for cell in cells}
        roles = _roles(titles)
        if roles is None:
            continue
        below = rows[number + 1 :]
        if below and _is_second_header(cells, below[0], reader):
            titles |= {cell.at: cell_words(cell, reader) for cell in below[0] if not cell.goes_on}
            titles = dict(sorted(titles.items()))
            roles = _roles(titles) or roles
            below = below[1:]
        wanted = [_plain(title) for title in titles.values()]
        below = [row for row in below if [_plain(cell_words(cell, reader)) for cell in row] != wanted]
        return Found(element, roles, titles, below, rows[:number])
    return None


def _roles(titles):
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


def _is_second_header(header, row, reader):
    merged = {cell.at for cell in row if cell.goes_on}
    named = [cell_words(cell, reader) for cell in row if not cell.goes_on]
    return bool(merged) and merged <= {cell.at for cell in header} and all(role_of(title) for title in named)


def _continuations(elements, grids, report, headed, left_out, reader):
    """Tables without titles that go on where a table of the report stopped."""
    found, last = [], None
    begins = {table.element: table for table in report}
    for element in elements:
        if element in begins:
            last = begins[element]
            continue
        if last is None or element in headed or not grids[element] or _inside(element, headed):
            continue
        rows = grids[element]
        if any(is_guidance(row, reader) for row in rows[:6]):
            break
        if len(rows[0]) != len(last.titles) or len(last.titles) < 2:
            continue
        if any(re.search(r"\w{3}", cell_words(row[0], reader)) for row in rows[:6]):
            roles = dict(
                zip([cell.at for cell in rows[0]], [last.roles.get(at, "") for at in last.titles], strict=True)
            )
            titles = dict(zip([cell.at for cell in rows[0]], last.titles.values(), strict=True))
            found.append(Found(element, {at: r for at, r in roles.items() if r}, titles, rows, headless=True))
        else:
            left_out.append(element)
    return found


def _tables(body):
    found = []
    for element in body.iter(f"{W}tbl"):
        above = [parent.tag for parent in element.iterancestors()]
        if f"{W}txbxContent" in above or f"{W}del" in above or above.count(f"{W}tbl") >= NESTING_LIMIT:
            continue
        found.append(element)
    return found


def _holds_another(found, headed):
    return any(found.element in other.element.iterancestors() for other in headed if other is not found)


def _inside(element, others):
    return any(parent in others for parent in element.iterancestors(f"{W}tbl"))


def _parts(container, tag):
    for child in container:
        if child.tag == tag:
            yield child
        elif child.tag in WRAPPERS:
            yield from _parts(child, tag)


def _plain(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def _val(element):
    return element.get(f"{W}val", "") if element is not None else ""
