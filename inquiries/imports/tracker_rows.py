"""The rows of a council's own tracker as inquiries, recommendations, responses and rounds. Nothing is looked up."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from inquiries import rules
from inquiries.dates import FIRST_YEAR, LAST_YEAR, dates_in, find_date
from inquiries.documents.content import long_date
from inquiries.imports.answers import NOTHING, read_decision, read_target_date
from inquiries.imports.draft import DraftDate, DraftRecommendation
from inquiries.imports.references import expand, short
from inquiries.imports.tracker_columns import (
    LAST_REPORT,
    LEAVE,
    LONGEST_TITLE,
    ROUND_FIELDS,
    TEXTS,
    Additions,
    cell_text,
    heading_text,
    headings_of,
    is_empty,
    numbered_rows,
)
from inquiries.text import fold_text, single_line

MOST_TEXT = 20_000
EXCEL_DAYS = range(30_000, 80_000)  # what a date of our times is as a number
EXCEL_START = date(1899, 12, 30)
PREFIX = re.compile(
    r"^(?:scrutiny\s+)?(?:recommendations?|rec\b\.?)\s*(?:no\b\.?|number)?\s*[:.]?\s*(?=\S)", re.IGNORECASE
)
NUMBERED = re.compile(
    r"(?:(?:recommendation|rec)\.?\s*)?(?P<number>(?:R\s?)?\d{1,3}(?:\.\d{1,3})*[a-z]?)\s*[:.)–-]\s+(?=\S)",
    re.IGNORECASE,
)
BESIDE_DATE = re.compile(
    r"[\W\d]*(?:(?:by|on|at|cabinet|in|end of|the|day|mon|tue|wed|thu|fri|sat|sun)[a-z]*\W*)*", re.I
)
# How much of a row a doubt costs.
ROW, PART, NOTE = "row", "part", "note"


@dataclass(frozen=True)
class RowDoubt:
    """Something about a row of the sheet (0: about the file): the ROW or a PART of it is left out, or it is a NOTE."""

    row: int
    kind: str
    message: str


@dataclass
class ImportedRound:
    """What a row says of one progress report. `months` is None until it is worked out from the dates."""

    row: int
    months: int | None
    update: str = ""
    update_date: DraftDate | None = None
    view: str = ""  # a value of OfficerView, or ""
    rating: int | None = None
    comment: str = ""
    assessed_on: DraftDate | None = None

    @property
    def is_empty(self):
        return not (self.update or self.view or self.comment or self.rating is not None)


@dataclass
class ImportedRow:
    """One response with the recommendations that it answers; without `decision`, recommendations alone.

    `lead_officer` and `cabinet_member` are as the file names them.
    """

    row: int
    recommendations: list[DraftRecommendation]
    decision: str = ""
    response: str = ""
    reason: str = ""
    responded_on: date | None = None
    lead_officer: str = ""
    cabinet_member: str = ""
    target_date: date | None = None
    original_target_date: date | None = None
    ended: str = ""  # a value of Ending, or ""
    ended_words: str = ""
    ended_on: DraftDate | None = None
    notes: str = ""
    rounds: list[ImportedRound] = field(default_factory=list)

    @property
    def references(self):
        return " and ".join(one.reference for one in self.recommendations) or "without a number"


@dataclass
class ImportedInquiry:
    """`committee` is as the file names it; "" where it names none."""

    committee: str
    title: str
    row: int
    completed_on: DraftDate | None = None
    rows: list[ImportedRow] = field(default_factory=list)


@dataclass
class Tracker:
    inquiries: list[ImportedInquiry]
    doubts: list[RowDoubt]
    undated: Counter[str]  # how many updates of an inquiry belong to no report, by its title
    without_reason: int  # how many decisions want a reason

    @property
    def has_rounds(self):
        return any(row.rounds for inquiry in self.inquiries for row in inquiry.rows)


def read_tracker(sheet, heading_row, matching, meanings, *, today, additions=None):
    """`meanings` is {kind: {key of a value: its meaning}}, as tracker_columns has them."""
    return TrackerReader(sheet, heading_row, matching, meanings, today, additions or Additions()).read()


class TrackerReader:
    def __init__(self, sheet, heading_row, matching, meanings, today, additions):
        self.sheet, self.heading_row, self.matching, self.today = sheet, heading_row, matching, today
        self.meanings, self.additions = meanings, additions
        self.undated, self.without_reason = Counter(), 0
        self.headings = [heading_text(*one) for one in headings_of(sheet, heading_row)]
        self.inquiries: dict[tuple[str, str], ImportedInquiry] = {}
        self.doubts = []
        self.above = {"inquiry": "", "committee": "", "reference": "", "text": ""}
        self.unreadable = defaultdict(list)
        for doubt in sheet.doubts:
            self.unreadable[doubt.row].append(doubt)

    def doubt(self, row, kind, message):
        self.doubts.append(RowDoubt(row, kind, message))

    def read(self):
        heading_cells = [fold_text(cell_text(cell)) for cell in self.sheet.rows[self.heading_row - 1]]
        for number, row in numbered_rows(self.sheet, self.heading_row, self.matching):
            is_heading = sum(
                bool(title) and fold_text(cell_text(cell)) == title
                for title, cell in zip(heading_cells, row, strict=True)
            )
            if not is_empty(row, self.matching) and is_heading < 3:
                self.read_row(number, row)
        inquiries = list(self.inquiries.values())
        for inquiry in inquiries:
            self.join_merged_responses(inquiry)
            self.work_out_months(inquiry)
            self.give_numbers(inquiry)
            for row in inquiry.rows:
                self.check_row(row)
        hidden = [number for number in self.sheet.hidden_rows if number > self.heading_row]
        if hidden and not self.matching.without_hidden:
            shown = ", ".join(map(str, hidden[:10])) + (" …" if len(hidden) > 10 else "")
            self.doubt(0, NOTE, f"Rows that are hidden in the file are read like the others: {shown}.")
        found = [one for one in inquiries if one.rows]
        return Tracker(found, self.doubts, self.undated, self.without_reason)

    # A row of the sheet

    def texts(self, row, name):
        """What the columns of a field say, together. What is longer than a text may be is left out, with a doubt."""
        places = [place for place, _ in self.matching.places(name)]
        parts = dict.fromkeys(text for place in places if (text := cell_text(row[place]).strip()))
        text = "\n\n".join(parts)
        return text if name in TEXTS else single_line(text)

    def limited(self, number, row, name):
        text = self.texts(row, name)
        if len(text) > MOST_TEXT:
            label = self.headings[self.matching.places(name)[0][0]]
            self.doubt(
                number, PART, f"“{label}” has {len(text):,} characters, and can have {MOST_TEXT:,}: it is left out."
            )
            return ""
        return "" if text.lower() in NOTHING else text

    def meaning(self, kind, text):
        found = self.meanings.get(kind, {}).get(fold_text(single_line(text)), "")
        return "" if found == LEAVE else found

    def read_row(self, number, row):
        for doubt in self.unreadable[number]:
            name = self.matching.columns[doubt.column - 1][0] if doubt.column <= len(self.matching.columns) else ""
            if name:
                self.doubt(number, PART, f"{doubt.message}: it is read as empty.")
        said = {name: self.texts(row, name) for name in ("inquiry", "committee", "reference")}
        said["text"] = self.limited(number, row, "text")
        if self.matching.fill_down:
            self.fill_down(said)
        title = single_line(said["inquiry"] or self.matching.inquiry)
        if not title:
            return self.doubt(number, ROW, "This row names no inquiry.")
        if len(title) > LONGEST_TITLE:
            return self.doubt(number, ROW, f"The title of an inquiry can have {LONGEST_TITLE} characters at most.")
        if self.meanings.get("committee", {}).get(fold_text(said["committee"])) == LEAVE:
            committee = said["committee"] or "rows without a committee"
            return self.doubt(number, ROW, f"Left out with all of “{short(committee)}”, as you chose.")
        recommendations = self.read_recommendations(number, said)
        if recommendations is None:
            return None
        key = (fold_text(said["committee"]), fold_text(title))
        inquiry = self.inquiries.setdefault(key, ImportedInquiry(said["committee"], title, number))
        if completed := self.read_date(number, row, "completed_on"):
            inquiry.completed_on = inquiry.completed_on or completed
        found = self.read_response(number, row, recommendations)
        self.read_rounds(number, row, found)
        self.read_status(number, row, found)
        self.add_row(inquiry, found)
        return None

    def fill_down(self, said):
        if said["inquiry"] and fold_text(said["inquiry"]) != fold_text(self.above["inquiry"]):
            self.above["reference"] = self.above["text"] = ""
        if not said["reference"] and not said["text"]:
            said["reference"], said["text"] = self.above["reference"], self.above["text"]
        for name in ("inquiry", "committee"):
            said[name] = said[name] or self.above[name]
        self.above = dict(said)

    def read_recommendations(self, number, said):
        """[DraftRecommendation], or None where the row is left out. Without a number, `given` is set."""
        text, written = said["text"], PREFIX.sub("", said["reference"]).strip(" .:")
        references = []
        if written:
            several = expand(written) if re.search(r"[,;&/]|\band\b|\bto\b|\d\s*[-–]\s*\d", written) else []
            references = several if len(several) > 1 else [written]
            if not all(map(rules.is_reference, references)):
                self.doubt(number, ROW, f"“{short(written)}” cannot be the number of a recommendation.")
                return None
        elif not self.matching.has("reference") and (match := NUMBERED.match(text)):
            references, text = ["".join(match["number"].split())], text[match.end() :]
        if not text and not references:
            self.doubt(number, ROW, "This row has neither the number nor the wording of a recommendation.")
            return None
        if len(references) > 1:
            self.doubt(number, NOTE, f"{' and '.join(references)} have one wording and one response here.")
        return [DraftRecommendation(one, text) for one in references] or [DraftRecommendation("", text, given=True)]

    def read_response(self, number, row, recommendations):
        words = self.texts(row, "decision")
        found = ImportedRow(
            row=number,
            recommendations=recommendations,
            decision=self.meaning("decision", words) if words else "",
            response=self.limited(number, row, "response"),
            reason=self.limited(number, row, "reason"),
            lead_officer=self.texts(row, "lead_officer"),
            cabinet_member=self.texts(row, "cabinet_member"),
            notes=self.limited(number, row, "notes"),
        )
        for name in ("target_date", "original_target_date"):
            setattr(found, name, self.read_target_date(number, row, name))
        if responded := self.read_date(number, row, "responded_on"):
            if responded.precision == "month":
                self.doubt(number, NOTE, f"The response is of {responded.day:%B %Y}; its day is not recorded.")
            else:
                found.responded_on = responded.day
        if not words and not found.decision:
            decision, _, problem = read_decision(found.response)
            if self.matching.decision:
                found.decision = self.matching.decision
            elif decision and not problem:
                found.decision = str(decision)
                self.doubt(number, NOTE, f"The decision was read in the response: “{short(found.response)}”.")
        return found

    def read_rounds(self, number, row, found):
        months_of_row, is_left_out = None, False
        if words := self.texts(row, "round"):
            meaning = self.meaning("round", words)
            months_of_row, is_left_out = (int(meaning), False) if meaning else (None, True)
        columns = defaultdict(list)
        for place, (name, months) in enumerate(self.matching.columns):
            if name in ROUND_FIELDS:
                columns[months].append((name, place))
        for months, named in columns.items():
            if months is None and is_left_out:
                continue
            one = ImportedRound(number, months or months_of_row)
            for name, place in named:
                self.read_round_cell(one, number, name, row[place], place)
            if not one.is_empty:
                found.rounds.append(one)

    def read_round_cell(self, one, number, name, cell, place):
        if cell is None:
            return
        text = cell_text(cell).strip()
        if name in ("update_date", "assessed_on"):
            if known := self.date_of(number, cell, self.headings[place]):
                setattr(one, name, known)
        elif name == "view":
            one.view = self.meaning("view", text)
        elif name == "rating":
            one.rating = int(self.meaning("rating", text) or 0) or None
        elif len(text) > MOST_TEXT:
            label = self.headings[place]
            self.doubt(
                number, PART, f"“{label}” has {len(text):,} characters, and can have {MOST_TEXT:,}: it is left out."
            )
        elif text.lower() not in NOTHING:
            setattr(one, name, "\n\n".join(filter(None, [getattr(one, name), text])))

    def read_status(self, number, row, found):
        words = self.texts(row, "status")
        kind, _, value = self.meaning("status", words).partition("-") if words else ("", "", "")
        found.ended_on = self.read_date(number, row, "ended_on")
        if kind == "ended":
            found.ended, found.ended_words = value, words
        elif found.ended_on:
            self.doubt(number, PART, "It has a date on which it ended, but no status says how: the date is left out.")
            found.ended_on = None
        if kind not in ("view", "rating"):
            return
        if not found.rounds:
            found.rounds.append(ImportedRound(number, None))
        latest = max(found.rounds, key=lambda one: one.months or LAST_REPORT + 1)
        if kind == "view":
            latest.view = latest.view or value
        else:
            latest.rating = latest.rating or int(value)

    # Dates

    def read_date(self, number, row, name):
        for place, _ in self.matching.places(name):
            if row[place] is not None:
                return self.date_of(number, row[place], self.headings[place])
        return None

    def date_of(self, number, cell, label):
        """The DraftDate of a cell, or None with a doubt where it holds something else."""
        known = self.number_as_date(number, cell, label)
        if isinstance(known, str):
            if known.strip().lower() in NOTHING:
                return None
            found = find_date(known)
            if found is None or len(dates_in(known)) > 1 or not BESIDE_DATE.fullmatch(found.rest):
                return self.doubt(number, PART, f"“{label}” is “{short(known)}”, which is not read as a date.")
            known = DraftDate(found.day, str(found.precision))
        elif isinstance(known, date):
            known = DraftDate(known)
        if known.day > self.today:
            return self.doubt(number, PART, f"“{label}” is {long_date(known.day)}, which is still to come.")
        return self.within_years(number, known, known.day, label)

    def read_target_date(self, number, row, name):
        for place, _ in self.matching.places(name):
            if row[place] is None:
                continue
            label, known = self.headings[place], self.number_as_date(number, row[place], self.headings[place])
            if isinstance(known, str):
                day, beside, problem = read_target_date(known)
                if day is None or beside:
                    if known.strip().lower() not in NOTHING:
                        self.doubt(number, PART, f"“{label}” is “{short(known)}”, which is not read as a date.")
                    return None
                if problem:
                    self.doubt(number, NOTE, problem)
                known = day
            return self.within_years(number, known, known, label)
        return None

    def number_as_date(self, number, cell, label):
        if isinstance(cell, int) and cell in EXCEL_DAYS:
            day = EXCEL_START + timedelta(days=cell)
            self.doubt(number, NOTE, f"“{label}” is the number {cell}, which is {long_date(day)} in Excel.")
            return day
        return cell if isinstance(cell, date) else cell_text(cell)

    def within_years(self, number, known, day, label):
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return known
        return self.doubt(number, PART, f"“{label}” is {long_date(day)}: the year must lie between 1950 and 2100.")

    # Rows together

    def add_row(self, inquiry, found):
        """Add the row to its inquiry: to the recommendation of the same number, where it goes on with that."""
        keys = {rules.natural_key(one.reference) for one in found.recommendations if one.reference}
        for earlier in inquiry.rows:
            known = {rules.natural_key(one.reference) for one in earlier.recommendations if one.reference}
            if not keys & known and not (not keys and not known and earlier.recommendations == found.recommendations):
                continue
            text, other = found.recommendations[0].text, earlier.recommendations[0].text
            if known != keys or (text and other and fold_text(text) != fold_text(other)):
                sentence = f"The number {found.references} is in row {earlier.row} already, with another wording."
                return self.doubt(found.row, ROW, sentence)
            return self.merge_rows(earlier, found)
        inquiry.rows.append(found)
        return None

    def merge_rows(self, earlier, found):
        for name in ("decision", "response", "reason", "lead_officer", "cabinet_member", "target_date", "responded_on"):
            mine, other = getattr(earlier, name), getattr(found, name)
            if not mine:
                setattr(earlier, name, other)
            elif other and other != mine:
                label = name.replace("_", " ")
                sentence = f"The {label} of {found.references} is another one in row {earlier.row}, which is taken."
                self.doubt(found.row, PART, sentence)
        for name in ("original_target_date", "notes"):
            setattr(earlier, name, getattr(earlier, name) or getattr(found, name))
        if found.ended:
            earlier.ended, earlier.ended_words, earlier.ended_on = found.ended, found.ended_words, found.ended_on
        for one, recommendation in zip(earlier.recommendations, found.recommendations, strict=True):
            one.text = one.text or recommendation.text
        for one in found.rounds:
            self.add_round(earlier, one)

    def add_round(self, row, one, *, joined=False):
        same = [other for other in row.rounds if other.months == one.months and one.months is not None]
        if not same:
            row.rounds.append(one)
        elif joined and one.rating in (None, same[0].rating) and one.view in ("", same[0].view):
            self.join_round(row, one)
            sentence = f"{row.references} has two updates for {one.months} months on, which are put together."
            self.doubt(one.row, NOTE, sentence)
        elif (same[0].update, same[0].rating, same[0].view) != (one.update, one.rating, one.view):
            sentence = (
                f"{row.references} has two updates for {one.months} months on: that of row {same[0].row} is taken."
            )
            self.doubt(one.row, PART, sentence)

    def join_merged_responses(self, inquiry):
        """Rows over which one cell of the response is merged are answered together."""
        places = {place for place, _ in self.matching.places("response")}
        areas = [area for area in self.sheet.merged if area[1] - 1 in places and area[0] < area[2]]
        for first, _, last, _ in areas:
            rows = [row for row in inquiry.rows if first <= row.row <= last]
            if len(rows) < 2 or not all(row.decision == rows[0].decision for row in rows):
                continue
            joint, *others = rows
            for row in others:
                joint.recommendations += row.recommendations
                for name in ("lead_officer", "cabinet_member", "target_date", "original_target_date", "ended", "notes"):
                    setattr(joint, name, getattr(joint, name) or getattr(row, name))
                for one in row.rounds:
                    self.join_round(joint, one)
                inquiry.rows.remove(row)
            self.doubt(joint.row, NOTE, f"{joint.references} have one response, as its cell covers their rows.")

    def join_round(self, joint, one):
        same = next((other for other in joint.rounds if other.months == one.months), None)
        if same is None:
            joint.rounds.append(one)
            return
        if one.update not in same.update:
            same.update = "\n\n".join(filter(None, [same.update, one.update]))
        if (one.rating or same.rating) != (same.rating or one.rating):
            self.doubt(
                one.row, PART, "Recommendations with one response have one rating: that of the first row is taken."
            )
        same.rating, same.view = same.rating or one.rating, same.view or one.view
        same.comment, same.update_date = same.comment or one.comment, same.update_date or one.update_date

    def work_out_months(self, inquiry):
        """Give rounds without months those that fit their dates best (6, 12, 18 ...), else those that were chosen."""
        chosen, responded = self.additions.months_of(inquiry.title), self.additions.response_date_of(inquiry.title)
        for row in inquiry.rows:
            row.responded_on = row.responded_on or responded
        starts = [row.responded_on for row in inquiry.rows if row.responded_on]
        start = min(starts, default=inquiry.completed_on.day if inquiry.completed_on else None)
        said = set()
        for row in inquiry.rows:
            # Of others no update is recorded, wherever it belongs.
            rounds = row.rounds if rules.is_accepted(row.decision) else []
            for one in [each for each in rounds if each.months is None]:
                row.rounds.remove(one)
                if start is None or one.update_date is None or one.update_date.day <= start:
                    if chosen:
                        one.months = chosen
                        self.add_round(row, one, joined=True)
                        continue
                    sentence = (
                        "Nothing says how many months after the response the update was given, and it cannot be worked "
                        "out from the dates: the update is left out. You can say it where you say what the values mean."
                    )
                    self.doubt(one.row, PART, sentence)
                    self.undated[inquiry.title] += 1
                    continue
                months = (one.update_date.day - start).days / 30.44
                one.months = min(range(6, LAST_REPORT + 1, 6), key=lambda step: abs(step - months))
                if (one.months, one.update_date.day) not in said:
                    said.add((one.months, one.update_date.day))
                    shown = f"The update of {long_date(one.update_date.day)} is read as {one.months} months on"
                    self.doubt(one.row, NOTE, f"{shown}, counted from {long_date(start)}.")
                self.add_round(row, one)

    def give_numbers(self, inquiry):
        """Where no recommendation has a number they are counted; where only some have one, the others are left out."""
        without = [row for row in inquiry.rows if not row.recommendations[0].reference]
        if not without:
            return
        if len(without) < len(inquiry.rows):
            for row in without:
                inquiry.rows.remove(row)
                self.doubt(row.row, ROW, "This row has no number, and others of the inquiry have one.")
            return
        given = [one for row in without for one in row.recommendations]
        for count, one in enumerate(given, start=1):
            one.reference = str(count)
        self.doubt(inquiry.row, NOTE, f"“{short(inquiry.title)}” has no numbers: 1 to {len(given)} are given.")

    def check_row(self, row):
        if not row.decision:
            lost = [what for what, value in (("response is", row.response), ("updates are", row.rounds)) if value]
            if lost:
                sentence = f"There is no decision on {row.references}"
                self.doubt(row.row, PART, f"{sentence}: its {' and its '.join(lost)} left out.")
            row.rounds = []
            return
        if rules.needs_reason(row.decision) and not row.reason:
            self.without_reason += not row.response
            if row.response:
                row.reason = row.response
                self.doubt(
                    row.row, NOTE, f"No reason is given on {row.references}: the response is taken as the reason too."
                )
            elif self.additions.reason:
                row.reason = self.additions.reason
                sentence = f"No reason is given for the decision on {row.references}: what you entered is recorded."
                self.doubt(row.row, NOTE, sentence)
            else:
                sentence = f"No reason is given for the decision on {row.references}, so that it is left out"
                self.doubt(row.row, PART, f"{sentence}; the recommendation itself is not.")
                row.decision, row.rounds = "", []
                return
        if row.rounds and not rules.is_accepted(row.decision):
            self.doubt(
                row.row,
                PART,
                f"{row.references} was not accepted, so that it has no progress: its updates are left out.",
            )
            row.rounds = []
        row.rounds.sort(key=lambda one: one.months)


def most_common(values):
    return Counter(values).most_common(1)[0][0] if values else None
