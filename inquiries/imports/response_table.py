"""Cabinet's responses, read out of its own document, sheet or a pasted text, and matched with the recommendations."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from inquiries import rules
from inquiries.choices import Decision
from inquiries.imports import Unreadable, answers
from inquiries.imports.docx_tables import (
    ASK,
    DECISION,
    HEADER_WITHIN,
    LEAD_OFFICER,
    REASON,
    RECOMMENDATION,
    REFERENCE,
    RESPONSE,
    TARGET,
    UNSURE,
    RawRow,
    ReportTable,
    append_row,
    choose_columns,
    find_tables,
    name_of,
    raw_rows,
    role_of,
)
from inquiries.imports.docx_text import Numbering, Para, TextReader, open_document
from inquiries.imports.draft import Doubt, DraftReport
from inquiries.imports.header import fill_header, read_header
from inquiries.imports.matching import (
    ALIKE,
    NEARLY,
    UNLIKE,
    best_match,
    is_shortened,
    own_likeness,
    plain_key,
    with_number,
)
from inquiries.imports.pasted_text import pasted_lines
from inquiries.imports.reader import lines_outside_tables, read_rows
from inquiries.imports.recommendation_table import is_number
from inquiries.imports.recommendation_text import LineReading, is_lead
from inquiries.imports.references import covers, leading, short
from inquiries.imports.tables import cell_text, is_spreadsheet, pasted_table, read_contents, read_word

ANSWERS = (RESPONSE, DECISION, REASON, LEAD_OFFICER, TARGET)
WANTED = {REFERENCE, RECOMMENDATION, *ANSWERS}
OWNER = re.compile(r"(?:action )?owner|lead|by whom|who|responsib(?:le|ility)", re.IGNORECASE)
DATE = re.compile(r"(?:(?:end|finish|delivery|action|agreed) )?dates?|by|complete by", re.IGNORECASE)
LABEL = re.compile(r"(?:^|(?<=[.;|)]\s))(?P<label>[A-Z][\w’'/() -]{2,50}?)\s*:(?:\s+|$)")
# Labels that say nothing more than what follows; of others the words are kept.
PLAIN_LABEL = re.compile(
    r"(?:(?:the|cabinet|executive|council|member|proposed|agreed|lead|responsible|accountable|target|due|completion)"
    r"(?:['’]s)? ){0,4}(?:response|reply|decision|action|reason|rationale|officer|date|timescale|deadline|"
    r"recommendation)s?(?: (?:of|from|by|to|for) [\w ,’'-]{3,60})?",
    re.IGNORECASE,
)
LONGEST_LABEL = 50
# "Lead: Jane Smith, Head of Roads, deadline 31 March 2027." at the end of a response, or beside the label of a lead.
DEADLINE = r"[.,;]?\s+(?:deadline|target date|timescale|due(?: date)?)\s*:?\s+(?:by\s+)?(?P<day>[^:;]+?)"
LEAD_SENTENCE = re.compile(
    r"(?:^|(?<=[.;,)]\s))(?:lead(?: officer)?|responsible officer|officer responsible)\s*(?P<colon>:?)\s+"
    rf"(?P<lead>[^:;.]+?)(?:{DEADLINE})?\.?\s*$",
    re.IGNORECASE,
)
LEAD_WITH_DEADLINE = re.compile(rf"(?P<lead>.+?){DEADLINE}\.?\s*", re.IGNORECASE)
FIELDS = {"recommendations": "references", "response": "text", "lead_officer": "lead_officers"}


@dataclass
class FoundResponse:
    """One response, perhaps to several recommendations.

    `references` are recorded recommendations, empty where none could be found; `number` and `wording` are what the
    document itself has. `decision` is a value of choices.Decision, None where the document does not plainly give it.
    A doubt has a `message` and the `field` of this class that it is about; with `must_settle` the clerk decides first.
    """

    references: list[str] = field(default_factory=list)
    number: str = ""
    wording: str = ""
    decision: str | None = None
    text: str = ""
    reason: str = ""
    lead_officers: list[str] = field(default_factory=list)
    job_titles: dict[str, str] = field(default_factory=dict)  # of lead officers, as far as they are given
    target_date: date | None = None
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, about, message, *, must_settle=False):
        self.doubts.append(Doubt(message, field=about, must_settle=must_settle))


@dataclass
class FoundResponses:
    """`without_response` are the recorded numbers that nothing answers; `left_out` lines that are in no response."""

    responses: list[FoundResponse] = field(default_factory=list)
    without_response: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def unmatched(self):
        return [response for response in self.responses if not response.references]


def read_responses(text, recommendations):
    """The FoundResponses in a pasted text; `recommendations` are the recorded ones as (reference, text)."""
    table = pasted_table(text)
    found = FoundResponses()
    raws = rows_of_table(table, found) if table is not None else None
    if raws is None:
        raws = rows_of_lines(pasted_lines(text), recommendations, found)
    return fill(found, raws, recommendations)


def read_response_file(data, filename, recommendations):
    """The FoundResponses in the bytes of a Word document, an Excel workbook or a CSV file. Raises Unreadable."""
    found, raws, lead_officers = FoundResponses(), [], ()
    if not is_spreadsheet(data, filename):
        document = open_document(data)
        contents = read_word(document)
        raws, lead_officers = rows_of_word(document, found)
        if raws:
            found.left_out += [line.text for line in contents.lines(without=contents.tables)]
    else:
        contents = read_contents(data, filename)
    found.doubts += contents.doubts
    if not raws:
        used = []
        for table in contents.tables:
            if (rows := rows_of_table(table, found)) is not None:
                raws += rows
                used.append(table)
        lines = contents.lines(without=used)
        if raws:
            found.left_out += [line.text for line in lines]
        else:
            raws = rows_of_lines(lines, recommendations, found)
    return fill(found, raws, recommendations, lead_officers)


# --- The rows: cells by what they hold ----------------------------------------------------------------


def rows_of_word(document, found):
    """The rows of the tables that have columns of recommendations and answers, and the lead officers named above."""
    reader = TextReader(document, Numbering(document.numbering, document.styles))
    try:
        tables = find_tables(document, reader)
    except Unreadable:
        return [], []
    doubts = []
    raws = raw_rows(tables.report, reader, doubts)
    found.doubts += [doubt.message for doubt in doubts]
    for element in tables.left_out:
        words = " ".join(para.text for para in reader.paragraphs(list(element.iter(f"{element.tag[:-3]}p"))))
        found.left_out.append(words)
    header = DraftReport()
    fill_header(header, read_header(lines_outside_tables(document, tables, reader)))
    return raws, header.lead_officers


def rows_of_table(table, found):
    """The rows of a table of Excel, or of a simple one in Word; None where it has no titles of responses."""
    at, titles, roles = row_of_titles(table)
    if not titles:
        return None
    found.left_out += [cell_text(cell) for above in table.rows[:at] for cell in above if cell]
    roles = choose_columns(ReportTable(None, roles, titles, []), None)
    below = [place for place, role in roles.items() if role == RESPONSE] or [
        place for place, role in roles.items() if role == DECISION
    ]
    joint = {n for top, left, bottom, _ in table.merged if left in below[:1] for n in range(top + 1, bottom + 1)}
    title = next((titles[place] for place, role in roles.items() if role == DECISION), "")
    raws = []
    for number, row in enumerate(table.rows[at + 1 :], at + 1):
        raw = RawRow(decision_title=title)
        for place, role in roles.items():
            if place < len(row) and row[place]:
                raw.cells[role] = raw.cells.get(role, []) + row[place]
        if not raw.cells:
            continue
        numbered = raw.cells.get(REFERENCE)
        lead = leading(numbered[0]) if numbered else None
        if numbered and RECOMMENDATION not in raw.cells and ((lead and lead.rest) or not is_number(numbered)):
            raw.cells[RECOMMENDATION] = raw.cells.pop(REFERENCE)  # perhaps a number with its wording
        if raws and number in joint:
            append_row(
                raws[-1], raw, "Several recommendations are beside one response; they were read as one response."
            )
        elif REFERENCE in raw.cells or (RECOMMENDATION in raw.cells and len(raw.cells) > 1):
            raws.append(raw)
        elif raws and RECOMMENDATION not in raw.cells:
            append_row(raws[-1], raw, "A row without a recommendation was joined to the one above it.")
        else:
            found.left_out.append(" ".join(raw.text(role) for role in raw.cells))
    return raws


def row_of_titles(table):
    """(number of the row, titles by column, what the columns hold) of the first row that has titles of responses."""
    for at, row in enumerate(table.rows[:HEADER_WITHIN]):
        titles = {column: cell_text(cell) for column, cell in enumerate(row) if cell}
        roles = {column: role for column, title in titles.items() if (role := role_of(title))}
        known = set(roles.values())
        if known & {REFERENCE, RECOMMENDATION} and known & {RESPONSE, DECISION, REASON}:
            return at, titles, roles
    return 0, {}, {}


def rows_of_lines(lines, recommendations, found):
    """The rows of a text such as "Recommendation 1: ... Response: Accepted. ... Lead officer: ..."."""
    lines = [replace(line, is_heading=line.is_heading and not label_of(line.text)[0]) for line in lines]
    reading = LineReading(lines, separate_parts=False, keep=lambda line: is_lead(line) or bool(label_of(line.text)[0]))
    reading.read_numbered()
    found.left_out += reading.left_out
    raws = []
    for _, together in groupby(reading.items, key=lambda item: item.at):
        items = list(together)
        numbers = "" if items[0].given else ", ".join(item.reference for item in items)
        raw = RawRow({REFERENCE: [Para(numbers, tabbed=numbers)]} if numbers else {})
        for doubt in items[-1].doubts:
            if "it was read as part of" not in doubt and "each was given the same text" not in doubt:
                raw.doubt(doubt, "recommendations")
        role = RECOMMENDATION
        pieces = [piece for para in items[-1].paras for piece in split_labels(para)]
        if RESPONSE not in (label for label, _ in pieces):
            role = RESPONSE
            # Without a label, the first paragraph is the recommendation where it has its words.
            if pieces and best_match(pieces[0][1].text, recommendations)[1] >= NEARLY:
                raw.cells[RECOMMENDATION] = [pieces.pop(0)[1]]
        for label, para in pieces:
            role = label or role
            if para.text:
                raw.cells.setdefault(role, []).append(para)
        raws.append(raw)
    return raws


def split_labels(para):
    """A paragraph as [(role that its label gives or "", Para without the label)]."""
    alone, rest = label_of(para.text)
    if alone and not rest:
        return [(alone, replace(para, text="", tabbed=""))]
    starts = [
        match for match in LABEL.finditer(para.text) if role_of(match["label"]) in {*ANSWERS, UNSURE, RECOMMENDATION}
    ]
    if not starts:
        return [("", para)]
    before = para.text[: starts[0].start()].strip()
    pieces = [("", replace(para, text=before, tabbed=before))] if before else []
    for match, end in zip(starts, [*(m.start() for m in starts[1:]), len(para.text)], strict=True):
        is_plain = PLAIN_LABEL.fullmatch(match["label"]) is not None or role_of(match["label"]) == UNSURE
        words = para.text[match.end() if is_plain else match.start() : end].strip()
        role = role_of(match["label"])
        role = f"{ASK}{match['label']}" if role == UNSURE else role
        pieces.append((role, replace(para, text=words, tabbed=words, mark=None)))
    return pieces


def label_of(text):
    """(role, text after the label) of "Response: ..." and of "Response" alone; ("", text) of other lines."""
    match = LABEL.match(text)
    if match and (role := role_of(match["label"])) in {*ANSWERS, UNSURE}:
        # Words before a label ("Not accepted Response:") are no part of it.
        is_plain = PLAIN_LABEL.fullmatch(match["label"]) is not None or role == UNSURE
        return role, text[match.end() :] if is_plain else text
    if len(text) <= LONGEST_LABEL and PLAIN_LABEL.fullmatch(text.rstrip(": ")):
        role = role_of(text.rstrip(":"))
        return (role, "") if role in ANSWERS and not answers.decision_in_words(text)[0] else ("", text)
    return "", text


# --- The responses ------------------------------------------------------------------------------------


def fill(found, raws, recommendations, lead_officers=()):
    for raw in raws:
        read_lead_sentence(raw)
    people = [raw.cells.pop(LEAD_OFFICER, []) for raw in raws]
    asked = [{role: raw.cells.pop(role) for role in list(raw.cells) if role.startswith(ASK)} for raw in raws]
    draft = DraftReport()
    draft.rows = read_rows(draft, raws)
    for number, (raw, row) in enumerate(zip(raws, draft.rows, strict=True)):
        found.left_out += [
            f"{name_of(role).capitalize()}: {raw.text(role)}" for role in raw.cells if role not in WANTED
        ]
        named = [one for one in row.recommendations if not one.given]
        response = FoundResponse(
            number=", ".join(one.reference for one in named),
            wording="\n\n".join(dict.fromkeys(one.text for one in row.recommendations if one.text)),
            decision=row.decision,
            text=row.response,
            reason=row.reason,
            target_date=row.target_date,
        )
        for role, paras in asked[number].items():
            if OWNER.fullmatch(role.removeprefix(ASK)):
                people[number] = people[number] + paras
            else:
                add_column(response, role.removeprefix(ASK), " ".join(para.line for para in paras))
        name_lead_officers(response, "\n".join(para.text for para in people[number]), lead_officers)
        if not (response.decision or response.text or response.reason):
            lines = [response.number, response.wording, *response.lead_officers]
            found.left_out.append(" ".join(line for line in lines if line))
            continue
        for doubt in draft.doubts:
            # Numbers that the importer gives, and one wording for several numbers, mean nothing here.
            is_other = "one wording" in doubt.message or "it was given" in doubt.message or doubt.field == "update"
            if doubt.row == number and not is_other:
                response.doubts.append(replace(doubt, row=None, field=field_of(doubt)))
        check_decision(response)
        match_recommendations(response, row.recommendations, recommendations)
        found.responses.append(response)
    check_matches(found, recommendations)
    return found


def read_lead_sentence(raw):
    """Give a lead officer and a date in the same sentence cells of their own, where both are plainly read."""
    owners = [role for role in raw.cells if role == LEAD_OFFICER or OWNER.fullmatch(role.removeprefix(ASK))]
    for role in owners:
        paras = raw.cells[role]
        match = LEAD_WITH_DEADLINE.fullmatch(paras[-1].text) if paras else None
        if match and TARGET not in raw.cells and is_day(match["day"]):
            raw.cells[role] = [*paras[:-1], with_text(paras[-1], match["lead"])]
            raw.cells[TARGET] = [with_text(paras[-1], match["day"])]
    if owners:
        return
    for role in (RESPONSE, DECISION):
        paras = raw.cells.get(role)
        match = LEAD_SENTENCE.search(paras[-1].text) if paras else None
        if not match or not all(map(answers.is_person, map(name_without_title, answers.names_of(match["lead"])))):
            continue
        if match["day"] and (TARGET in raw.cells or not is_day(match["day"])):
            continue
        if not (match["day"] or match["colon"]):
            continue
        before = paras[-1].text[: match.start()].strip()
        raw.cells[role] = [*paras[:-1], *([with_text(paras[-1], before)] if before else [])]
        raw.cells[LEAD_OFFICER] = [with_text(paras[-1], match["lead"])]
        if match["day"]:
            raw.cells[TARGET] = [with_text(paras[-1], match["day"])]
        return


def with_text(para, text):
    return replace(para, text=text, tabbed=text)


def is_day(text):
    day, beside, _ = answers.read_target_date(text)
    return day is not None and not beside


def name_without_title(name):
    return name.partition(",")[0].strip()


def add_column(response, title, text):
    """A column, or a label, that has no meaning of its own here: a date, or else part of the response."""
    day, left, _ = answers.read_target_date(text) if DATE.fullmatch(title) else (None, text, "")
    if day and not left and response.target_date is None:
        response.target_date = day
        response.doubt("target_date", f"“{title}” was read as the target date.")
    else:
        response.text = answers.join_paragraphs(response.text, f"{title}: {text}")
        response.doubt("text", f"“{title}” was read as part of the response.")


def field_of(doubt):
    return "target_date" if doubt.message.startswith("The target date") else FIELDS.get(doubt.field, doubt.field)


def name_lead_officers(response, text, lead_officers):
    others = []
    for name in answers.names_of(text):
        person, _, job_title = (part.strip() for part in name.partition(","))
        bare = re.sub(r"\s*\([^()]*\)$", "", person)
        if answers.is_person(bare):
            response.lead_officers.append(bare)
            if job_title and bare == person:
                response.job_titles[bare] = job_title
            elif name != bare:
                others.append(name)
        elif name.lower() not in answers.NOTHING:
            others.append(name)
            response.doubt("lead_officers", f"“{short(name)}” names no person; it was kept in the response.")
    if others:
        response.text = answers.join_paragraphs(response.text, f"Lead officer: {'; '.join(others)}")
    if not response.lead_officers:
        name_from_header(response, lead_officers)
    if len(response.lead_officers) > 1:
        names = " and ".join(response.lead_officers)
        response.doubt("lead_officers", f"{names} are named. Choose who leads.", must_settle=True)
    elif not response.lead_officers and (response.decision is None or rules.is_accepted(response.decision)):
        response.doubt("lead_officers", "No lead officer is named.")


def name_from_header(response, lead_officers):
    """The lead officer whom a line above the table names for these numbers: "Jane Smith (1, 2); Bob Jones (5a)"."""
    for number in response.number.split(", "):
        exact = [name for name, numbers in lead_officers if number.lower() in (n.lower() for n in numbers)]
        wider = [name for name, numbers in lead_officers if any(covers(n, number) for n in numbers)]
        response.lead_officers += [name for name in (exact or wider)[:1] if name not in response.lead_officers]


def check_decision(response):
    if response.decision is None:
        if not any(doubt.field == "decision" for doubt in response.doubts):
            response.doubt(
                "decision", "The document does not say what was decided. Choose the decision.", must_settle=True
            )
    elif rules.needs_reason(response.decision):
        label = Decision(response.decision).label.lower()
        if not response.reason.strip():
            response.doubt("reason", f"This was {label}, but no reason is given.", must_settle=True)
        elif response.reason == response.text:
            response.doubt("reason", f"This was {label}; the response was taken as the reason too.")


def match_recommendations(response, written, recommendations):
    """Fill the references of the recorded recommendations by the number and the wording that the document has."""
    for one in written:
        numbered = [] if one.given else with_number(one.reference, recommendations)
        best, likeness = best_match(one.text, recommendations)
        own = own_likeness(one.text, numbered, recommendations)
        if not numbered and likeness < NEARLY:
            near = f" Its wording is nearest to that of {best}." if likeness >= UNLIKE else ""
            shown = f"the number {one.reference}" if not one.given else f"the wording “{short(one.text)}”"
            response.doubt(
                "references",
                f"No recorded recommendation has {shown}.{near} Choose which it answers.",
                must_settle=True,
            )
        elif not numbered:
            response.references.append(best)
            if not one.given:
                message = f"The number is {one.reference}, and none is recorded with it; the wording is that of {best}."
                response.doubt("references", message)
            elif likeness < ALIKE:
                response.doubt("references", f"Its wording is nearly that of {best}, and it has no number.")
        elif likeness >= NEARLY and likeness > own:
            message = f"The number is {one.reference}, but the wording that of {best}. Choose which it answers."
            response.doubt("references", message, must_settle=True)
        else:
            response.references += numbered
            doubt_number(response, one, numbered, own, recommendations)
    response.references = list(dict.fromkeys(response.references))


def doubt_number(response, one, numbered, own, recommendations):
    if any(plain_key(number) != plain_key(one.reference) for number in numbered):
        message = f"Number {one.reference} was read as recommendation {' and '.join(numbered)}."
        if message not in [doubt.message for doubt in response.doubts]:
            response.doubt("references", message)
    if one.text and own < ALIKE and not is_shortened(one.text, numbered, recommendations):
        message = f"The wording beside {one.reference} differs from what is recorded."
        response.doubt("references", message, must_settle=own < UNLIKE)


def check_matches(found, recommendations):
    counts = Counter(reference for response in found.responses for reference in response.references)
    for response in found.responses:
        for reference in response.references:
            if counts[reference] > 1:
                message = f"Recommendation {reference} is answered more than once. Choose the right response."
                response.doubt("references", message, must_settle=True)
    found.without_response = [reference for reference, _ in recommendations if reference not in counts]
    if not found.responses:
        found.doubts.append("No response was found.")
