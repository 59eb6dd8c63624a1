"""A council's own tracker: which row holds its headings, what each column holds, and what its values mean.

All of it is proposed here and decided by the clerk.
"""

import hashlib
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date

from inquiries import rules
from inquiries.choices import Decision, Ending, OfficerView, Rating
from inquiries.imports import VOCABULARY
from inquiries.imports.answers import NOTHING, decision_of_column, read_rating, read_view
from inquiries.imports.docx_tables import role_of
from inquiries.imports.header import month_counts
from inquiries.text import fold_text, single_line

HEADING_WITHIN = 15  # rows
SAMPLES = 3
WORDING = 30  # characters on average
LONGEST_HEADING = 200
LONGEST_TITLE = 300  # of an inquiry
LAST_REPORT = 240  # months
# What a column can hold, in the order in which it is offered.
FIELDS = {
    "inquiry": "Inquiry",
    "committee": "Committee",
    "completed_on": "Date of the inquiry report",
    "reference": "Recommendation number",
    "text": "Wording of the recommendation",
    "decision": "Decision",
    "response": "Response and actions",
    "reason": "Reason for the decision",
    "responded_on": "Date of the response",
    "lead_officer": "Lead officer",
    "cabinet_member": "Cabinet Member or portfolio",
    "target_date": "Target date",
    "original_target_date": "Original target date",
    "update": "Progress update",
    "update_date": "Date of the update",
    "view": "Lead officer’s own view of progress",
    "rating": "Committee’s rating",
    "comment": "Committee’s comment",
    "assessed_on": "Date of the committee’s rating",
    "round": "Which update the row holds",
    "status": "Status",
    "ended_on": "Date on which it ended",
    "notes": "Notes",
}
# Of one update: with the months after the response.
ROUND_FIELDS = ("update", "update_date", "view", "rating", "comment", "assessed_on")
# Several columns of these are put together.
TEXTS = ("text", "response", "reason", "update", "comment", "notes")
ROLES = {"outcome": "status", "officer_view": "view", "target": "target_date", "recommendation": "text"}
ROLES |= {name: name for name in ("reference", "comment", "rating", "lead_officer", "decision", "reason", "update")}
ROLES["response"] = "response"
MONTHS_OF_WORDS = (("interim", 6), ("final", 12))
MOST_VALUES = 150  # of one kind; more are texts, not values
# What is asked about the values of a column; those of people are personal and are not remembered.
KINDS = {
    "committee": "committee",
    "decision": "decision",
    "status": "status",
    "view": "view",
    "rating": "rating",
    "round": "round",
    "officer": "lead_officer",
    "member": "cabinet_member",
}
REMEMBERED = ("decision", "status", "view", "rating", "round")
LEAVE, ADD = "leave", "add"
RATINGS = [(str(rating.value), rating.label) for rating in Rating]
MEANINGS = {
    "decision": Decision.choices,
    "view": OfficerView.choices,
    "rating": RATINGS,
    "status": [
        *((f"ended-{value}", f"It ended: {label.lower()}") for value, label in Ending.choices),
        *((f"view-{value}", f"Lead officer’s own view: {label.lower()}") for value, label in OfficerView.choices),
        *((f"rating-{value}", f"Committee’s rating: {label.lower()}") for value, label in RATINGS),
    ],
}


@dataclass
class Matching:
    """What the clerk decided about the columns of a sheet.

    `columns` is [(field or "", months of the update or None)], one for each column. `inquiry` and `decision` are
    those of all rows where no column says it. With `fill_down` an empty cell of inquiry, committee or number means that
    of the row above.
    """

    columns: list[tuple[str, int | None]] = field(default_factory=list)
    inquiry: str = ""
    decision: str = ""
    fill_down: bool = False
    without_hidden: bool = False

    def to_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, data):
        return cls(**data | {"columns": [(name, months) for name, months in data["columns"]]})

    def places(self, name):
        """The columns of a field, from 0, each with its months."""
        return [(place, months) for place, (one, months) in enumerate(self.columns) if one == name]

    def has(self, name):
        return any(one == name for one, _ in self.columns)


@dataclass
class Additions:
    """What the clerk says where the file does not.

    `months` and `responded_on` say of each inquiry ({its title: months or ISO date}, "" is every other one) to which
    report its updates belong, and when Cabinet responded. `reason` is recorded where a decision wants one. With
    `leave_updates` the updates that belong to no report are left out.
    """

    months: dict[str, int] = field(default_factory=dict)
    responded_on: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    leave_updates: bool = False

    def months_of(self, title):
        return self.months.get(fold_text(title)) or self.months.get("")

    def response_date_of(self, title):
        day = self.responded_on.get(fold_text(title)) or self.responded_on.get("")
        return date.fromisoformat(day) if day else None


def cell_text(cell):
    if isinstance(cell, date):
        return f"{cell.day} {cell:%B %Y}"
    return "" if cell is None else str(cell)


def find_heading_row(sheet):
    """The number of the row (from 1) that names most columns, or 0."""
    scores = []
    for number, row in enumerate(sheet.rows[:HEADING_WITHIN], start=1):
        texts = {single_line(cell) for cell in row if isinstance(cell, str)}
        known = {name for text in texts if (name := field_of(text))}
        scores.append((len(known), -number))
    best, number = max(scores, default=(0, 0))
    return -number if best >= 2 else 0


def headings_of(sheet, heading_row):
    """Of each column its own heading and that of the group above it, which is empty where there is none."""
    row = sheet.rows[heading_row - 1]
    groups = {}
    for first, left, last, right in sheet.merged:
        # A title above the whole table is no group.
        if first <= heading_row - 1 <= last < heading_row and left < right and right - left + 1 < 0.7 * len(row):
            groups |= {place: cell_text(sheet.rows[first - 1][left - 1]) for place in range(left - 1, right)}
    own = [single_line(cell_text(cell))[:LONGEST_HEADING] for cell in row]
    return [(heading, single_line(groups.get(place, ""))[:LONGEST_HEADING]) for place, heading in enumerate(own)]


def heading_text(own, group):
    return f"{group}: {own}" if group and own and group != own else own or group


def key_of_headings(headings):
    """The same for every file with these headings."""
    text = "\n".join(fold_text(heading_text(*one)) for one in headings)
    return hashlib.sha256(text.encode()).hexdigest()


def samples_of(sheet, heading_row, place):
    found = dict.fromkeys(cell_text(row[place]) for row in sheet.rows[heading_row:] if row[place] is not None)
    return list(found)[:SAMPLES]


def field_of(title):
    words = " ".join(re.findall(r"[a-z]+", title.lower()))
    if not words and title.strip() != "#":
        return ""
    found = next((name for name, pattern in VOCABULARY["tracker_titles"] if re.fullmatch(pattern, words)), "")
    return found or ROLES.get(role_of(title), "")


def propose_matching(sheet, heading_row):
    columns, taken = [], set()
    for place, (own, group) in enumerate(headings_of(sheet, heading_row)):
        cells = [row[place] for row in sheet.rows[heading_row:] if row[place] is not None]
        name, months = propose_column(own, group, cells)
        if (name, months) in taken and name not in TEXTS:
            name, months = "", None
        taken.add((name, months))
        columns.append((name, months))
    if ("text", None) not in taken and (place := find_wordings(sheet, heading_row, columns)) is not None:
        columns[place] = ("text", None)
    return Matching(columns)


def find_wordings(sheet, heading_row, columns):
    """The column without a meaning that holds the longest texts, where they are long; else None."""
    lengths = {}
    for place in [place for place, (name, _) in enumerate(columns) if not name]:
        texts = [cell_text(row[place]) for row in sheet.rows[heading_row:] if row[place] is not None]
        lengths[place] = sum(map(len, texts)) / len(texts) if texts else 0
    longest = max(lengths, key=lambda place: lengths[place], default=None)
    return longest if longest is not None and lengths[longest] >= WORDING else None


def propose_column(own, group, cells):
    """What a column holds as (field or "", months or None)."""
    title = f"{group} {own}".strip()
    months = next(iter(month_counts(own) or month_counts(group)), None)
    if months is None:
        months = next((count for word, count in MONTHS_OF_WORDS if re.search(rf"\b{word}\b", title, re.I)), None)
    bare = re.sub(r"\b(?:interim|final|\w+[ -](?:month|year)s?(?: on)?)\b", " ", own, flags=re.I).strip(" -–:()")
    name = field_of(own) or field_of(bare)
    if months is not None or field_of(group) == "update":
        words = " ".join(re.findall(r"[a-z]+", bare.lower()))
        in_round = {"date": "update_date", "comments": "comment", "comment": "comment", "status": "view", "": "update"}
        name = in_round.get(words, {"status": "view", "notes": "comment", "text": "update"}.get(name, name))
    name = name or field_of(title) or field_by_content(cells)
    if name == "response" and field_by_content(cells) == "decision":
        name = "decision"
    return (name, months if name in ROUND_FIELDS else None)


def field_by_content(cells):
    texts = [cell_text(cell) for cell in cells if not isinstance(cell, date)]

    def most(test):
        return len(texts) > 1 and sum(map(bool, map(test, texts))) >= 0.8 * len(cells)

    if most(lambda text: len(text) <= 8 and rules.is_reference(text) and re.search(r"\d", text)):
        return "reference" if len(set(texts)) > 1 else ""
    if most(lambda text: len(text) < 40 and decision_of_column(text, "")[0]):
        return "decision"
    return "status" if most(lambda text: read_view(text)[0] or read_rating(text)[0]) else ""


def count_values(sheet, heading_row, matching):
    """The distinct values of each kind of KINDS: {kind: [(key, as it is mostly written, how often)]}."""
    found = {kind: {} for kind in KINDS}
    rows = [row for number, row in numbered_rows(sheet, heading_row, matching) if not is_empty(row, matching)]
    for kind, name in KINDS.items():
        places = matching.places(name)
        for row in rows:
            for place, _ in places:
                text = single_line(cell_text(row[place]))
                if text:
                    found[kind].setdefault(fold_text(text), Counter())[text] += 1
    if without := count_rows_without(matching, rows):
        found["committee"][""] = Counter({"": without})
    return {
        kind: sorted(
            ((key, spellings.most_common(1)[0][0], spellings.total()) for key, spellings in values.items()),
            key=lambda value: (-value[2], value[0]),
        )
        for kind, values in found.items()
    }


def count_rows_without(matching, rows):
    """How many rows name no committee."""
    places = [place for place, _ in matching.places("committee")]
    count, is_known = 0, False
    for row in rows:
        is_named = any(row[place] is not None for place in places)
        is_known = is_named or (is_known and matching.fill_down)
        count += not is_known
    return count


def numbered_rows(sheet, heading_row, matching):
    """The rows below the headings, each with its number in the sheet."""
    hidden = set(sheet.hidden_rows) if matching.without_hidden else ()
    rows = enumerate(sheet.rows[heading_row:], start=heading_row + 1)
    return [(number, row) for number, row in rows if number not in hidden]


def is_empty(row, matching):
    return all(row[place] is None for place, (name, _) in enumerate(matching.columns) if name)


def propose_meaning(kind, text):
    """What a value plainly means; "" where the clerk has to say it."""
    plain = fold_text(text).strip(" .")
    if plain in NOTHING:
        return LEAVE
    if kind == "decision":
        decision, doubt = decision_of_column(text, "")
        return "" if doubt or not decision else str(decision)
    if kind == "rating":
        rating, comment, doubt = read_rating(text)
        return "" if doubt or comment or rating is None else str(rating)
    if kind == "view":
        return {"completed": "complete"}.get(plain) or read_view(text)[0]
    if kind == "status":
        ending = next((one for one in Ending if plain in (fold_text(one.label), one.value)), None)
        return f"ended-{ending.value}" if ending else ""
    if kind == "round":
        months = month_counts(text) or [count for word, count in MONTHS_OF_WORDS if plain == word]
        if not months and re.fullmatch(r"\d{1,3}", plain) and 1 <= int(plain) <= 240:
            months = [int(plain)]
        return str(months[0]) if len(months) == 1 else ""
    return ""
