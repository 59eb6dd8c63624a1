"""A Word progress report read into a draft: what is certain is filled in, what is not is said."""

import re
from dataclasses import replace

from inquiries import rules
from inquiries.choices import Decision
from inquiries.documents.content import ACCOUNT_HEADING, CLOSED_HEADING, NO_UPDATE
from inquiries.documents.content import OFFICER_VIEW as OFFICER_VIEW_LABEL
from inquiries.imports import answers
from inquiries.imports.answers import closing_bracket, is_person, names_of, read_contributors
from inquiries.imports.docx_tables import (
    ASK,
    COMMENT,
    CONTRIBUTOR,
    DECISION,
    EVIDENCE,
    FIELDS,
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
    add_doubt,
    find_tables,
    grid,
    name_of,
    raw_rows,
)
from inquiries.imports.docx_text import SIZE_LIMIT, Numbering, TextReader, joined, open_document, paragraphs_within
from inquiries.imports.draft import (
    Doubt,
    DraftColumn,
    DraftContributor,
    DraftEnd,
    DraftRecommendation,
    DraftReport,
    DraftRow,
    recheck,
)
from inquiries.imports.header import (
    COMMITTEE,
    INQUIRY,
    KIND,
    fill_header,
    month_counts,
    read_header,
    split_label,
)
from inquiries.imports.references import Numbered, covers, expand, leading, short, split
from inquiries.uploads.word import W

NOT_RECORDED = "not recorded"
REASON_LABEL = "\n\nReason: "
EVIDENCE_LABEL = re.compile(r"evidence\s*:\s*(?P<words>.+)", re.IGNORECASE | re.DOTALL)


def read_progress_report(data, *, filename="", size_limit=SIZE_LIMIT):
    """The DraftReport in the bytes of a Word document, its doubts included.

    Raises Unreadable, with a sentence for the person who uploaded it, where the file is no Word document, is
    encrypted, damaged, too large, or holds no table of recommendations.
    """
    document = open_document(data, size_limit=size_limit)
    reader = TextReader(document, Numbering(document.numbering, document.styles))
    tables = find_tables(document, reader)
    draft = DraftReport()
    if document.macros or filename.lower().endswith((".docm", ".dotm")):
        draft.doubts.append(Doubt("The document carries macros; they were ignored.", field="rows"))
    # Above the table: which report this is. Its lines come first, titles and columns only fill what they leave open.
    lines = lines_outside_tables(document, tables, reader)
    fill_header(draft, read_header(lines))
    fill_from_titles(draft, document, lines)
    fill_months_from_columns(draft, tables)
    if closed := split_closed_note(lines_of_body(document, tables, reader))[1]:
        message = (
            f"The note “{CLOSED_HEADING}” is not imported. It says: “{short(' '.join(closed), 500)}” "
            "End these recommendations when the report is recorded."
        )
        draft.doubts.append(Doubt(message, field="rows"))
    if tables.continued:
        draft.doubts.append(
            Doubt("A table without column titles was read as the continuation of the one above it.", field="rows")
        )
    for element in tables.left_out:
        words = short(" ".join(text.text or "" for text in element.iter(f"{W}t")), 60)
        add_doubt(draft.doubts, f"Another table, which begins “{words}”, was left out.", must_settle=True)
    if document.tracked:
        message = (
            f"The document has changes that nobody has accepted or rejected in Word ({document.tracked}). It was read "
            "as if all were accepted. Decide them in Word and upload it again, or confirm."
        )
        add_doubt(draft.doubts, message, must_settle=True)
    doubt_headings_between(tables.report, reader, draft.doubts)
    # In the table: cells by what they hold, then rows; what is below it belongs to other recommendations.
    raws = raw_rows(tables.report, reader, draft.doubts, draft.months_on)
    draft.rows = read_rows(draft, raws)
    for table in tables.ends:
        read_ends(draft, raw_rows([table], reader, draft.doubts))
    # People last: a name given with its job title anywhere in the document makes the same name certain elsewhere.
    fill_lead_officers_of_rows(draft, called=take_contributors(draft))
    recheck(draft)
    return draft


TICKED, UNTICKED = {"✓", "✔", "☑", "x", "yes", "y"}, {"☐", "no", "n"}
CONTRADICTING = {("red", 1), ("red", 2), ("green", 3), ("green", 4)}
MEANINGS = {
    "officer": "The officer's own status",
    "rating": "The committee's rating",
    "comment": "The committee's comment",
    "update": "Part of the progress update",
    "response": "Part of Cabinet's response",
    "lead_officer": "The lead officer",
    "target": "The target date",
    "decision": "Cabinet's decision",
    "leave_out": "Leave it out",
}


def apply_column(draft, column, meaning):
    """Put the cells of a DraftColumn into the rows, as one of MEANINGS says, and take it off the draft's columns."""
    draft.columns.remove(column)
    for number, text in column.cells:
        row, labelled, doubt = draft.rows[number], f"{column.title}: {text}", ""
        if meaning == "officer" and not row.officer_view:
            row.officer_view = answers.read_view(text)[0]
        if meaning == "rating" and row.rating is None:
            row.rating, text, doubt = answers.read_rating(text)
            if doubt:
                draft.doubts.append(Doubt(doubt, row=number, field="rating", must_settle=True, can_confirm=True))
        if meaning == "target":
            day, left, _ = answers.read_target_date(text)
            row.target_date = row.target_date or day
            row.response = answers.join_paragraphs(row.response, labelled if left else "")
        elif meaning == "decision":
            apply_decision(draft, number, text, column.title)
        elif meaning == "lead_officer" and is_person(text) and not row.lead_officer:
            row.lead_officer = " ".join(text.split())
        elif meaning in ("rating", "comment"):
            row.comment = answers.join_paragraphs(row.comment, text)
        elif meaning in ("response", "lead_officer"):
            row.response = answers.join_paragraphs(row.response, labelled)
        elif meaning == "update" or (meaning == "officer" and not answers.read_view(text)[0]):
            row.update = answers.join_paragraphs(row.update, labelled)


def apply_decision(draft, number, text, title):
    """The decision of a cell; a tick means what the title of its column says, and a cell without one nothing."""
    row = draft.rows[number]
    if text.lower() in UNTICKED:
        return
    decision, _, doubt = answers.read_decision(row.response, column=title if text.lower() in TICKED else text)
    row.decision = decision if row.decision in (None, decision) else None
    draft.doubts = [d for d in draft.doubts if (d.row, d.field) != (number, "decision")]
    if row.decision is None:
        message = doubt or f"Two columns give two decisions, one of them “{short(title)}”. Choose the decision."
        draft.doubts.append(Doubt(message, row=number, field="decision", must_settle=True))
    elif rules.needs_reason(decision):
        row.reason = row.reason or row.response


def doubt_headings_between(tables, reader, doubts):
    """Tables under headings of their own may belong to different inquiries."""
    above = [heading_above(table, reader) for table in tables]
    later = [
        text
        for text, table in zip(above[1:], tables[1:], strict=True)
        if text and not table.headless and not re.match(r"\W*continue|.*\bcont(?:inue)?['’]?d\W*$", text, re.IGNORECASE)
    ]
    if later:
        shown = " and ".join(f"“{short(text, 120)}”" for text in [*above[:1], *later] if text)
        message = (
            f"The tables stand under headings of their own: {shown}. If they belong to different inquiries, import "
            "each from a document of its own. If all of it is one report, confirm; the headings are not imported."
        )
        add_doubt(doubts, message, must_settle=True)


def heading_above(table, reader):
    found = []
    for element in table.element.itersiblings(preceding=True):
        if element.tag != f"{W}p":
            break
        found += [para.text for para in reader.paragraphs([element]) if para.text]
        if found:
            return found[0]
    return ""


def tables_and_around(tables):
    taken = {found.element for found in (*tables.report, *tables.ends)}
    return taken, {parent for element in taken for parent in element.iterancestors()}


def lines_of_body(document, tables, reader):
    return lines_in(document.body, *tables_and_around(tables), reader)


def split_closed_note(lines):
    """(the lines without the note on what was closed at the meeting, the texts of that note): our own report has one
    below its table, up to the heading of the next table."""
    kept, note, within = [], [], False
    for line in lines:
        text = line[1].strip()
        if text == CLOSED_HEADING:
            within = True
        elif within and line[0] is not None and text != ACCOUNT_HEADING:
            note.append(text)
        else:
            within = False
            kept.append(line)
    return kept, note


def lines_outside_tables(document, tables, reader):
    lines, _ = split_closed_note(lines_of_body(document, tables, reader))
    taken, around = tables_and_around(tables)
    for found in tables.report[:1]:
        for cells in found.above:
            lines += label_value_pairs([cell.element for cell in cells], reader)
    for header in document.page_headers:
        lines += lines_in(header, taken, around, reader)
    return lines


def lines_in(container, taken, around, reader):
    found = []
    for element in paragraphs_within(container):
        if element.tag == f"{W}p":
            found += [(para, para.tabbed) for para in reader.paragraphs([element]) if para.text]
        elif element in taken:
            found.append((None, ""))
        elif element in around:
            for row in grid(element):
                for cell in row:
                    found += lines_in(cell.element, taken, around, reader)
        else:
            for row in grid(element)[:40]:
                found += label_value_pairs([cell.element for cell in row], reader)
    return found


def label_value_pairs(cells, reader):
    texts = []
    for cell in cells[:4]:
        own = [element for element in paragraphs_within(cell) if element.tag == f"{W}p"]
        texts.append(reader.paragraphs(own[:30]))
    texts = [paras for paras in texts if any(para.text for para in paras)]
    if len(texts) == 1:
        return [(para, para.tabbed) for para in texts[0]]
    if len(texts) in (2, 4) and len(texts[0]) == 1:
        pairs = [(texts[n], texts[n + 1]) for n in range(0, len(texts), 2)]
        return [(None, joined(label), "\n".join(para.text for para in value)) for label, value in pairs]
    return []


def fill_from_titles(draft, document, lines):
    """Committee and inquiry from the file's title or from headings, where the document has no line for them."""
    titles = [document.title, *(line[1] for line in lines[:30] if len(line) == 2 and len(line[1]) < 200)]
    for title in titles:
        title = " ".join(title.split())
        named = re.fullmatch(r"(?P<name>.*\S)\s*[:–—-]\s*(?:\w+ )?progress (?:report|update)\b.*", title, re.IGNORECASE)
        is_named = named and not re.fullmatch(r"(?:select committee |scrutiny )*inquiry report", named["name"], re.I)
        if not draft.inquiry and is_named and not KIND.match(title) and not split_label(title)[0]:
            draft.inquiry = named["name"].strip(" :–—-")
            draft.doubts.append(
                Doubt(f"The inquiry's name was taken from the title “{short(title, 120)}”.", field=INQUIRY)
            )
        committee = re.fullmatch(r"(?:[^\W_]|[ ,&'’-]){3,90}\bcommittee", title, re.IGNORECASE)
        if not draft.committee and committee and title != document.title:
            draft.committee = title
            draft.doubts.append(Doubt(f"The committee was taken from the line “{short(title, 120)}”.", field=COMMITTEE))


def fill_months_from_columns(draft, tables):
    if draft.months_on is not None:
        return
    for found in tables.report[:1]:
        titles = [found.titles[at] for at, role in found.roles.items() if role == UPDATE]
        counts = sorted({count for title in titles for count in month_counts(title)})
        if counts:
            draft.months_on = counts[-1]
            draft.doubts.append(
                Doubt(f"The column titles name {counts[-1]} months; the heading does not.", field="months_on")
            )


def read_rows(draft, raws):
    firsts = [first_keys(raw) for raw in raws]
    rows, before = [], ""
    for number, raw in enumerate(raws):
        elsewhere = frozenset(key for n, keys in enumerate(firsts) if n != number for key in keys)
        recommendations = read_recommendations(raw, elsewhere, before)
        before = recommendations[-1].reference or before
        rows.append(read_row(raw, recommendations))
    give_missing_numbers(draft, rows)
    for number, raw in enumerate(raws):
        draft.doubts += [replace(doubt, row=number) for doubt in raw.doubts]
        for role in raw.cells:
            if role.startswith(ASK) and raw.text(role).lower().strip(" .") not in answers.NOTHING:
                column_of(draft, role.removeprefix(ASK)).cells.append((number, raw.text(role)))
    return rows


def column_of(draft, title):
    found = next((column for column in draft.columns if column.title == title), None)
    if found is None:
        draft.columns.append(found := DraftColumn(title, []))
    return found


def first_keys(raw):
    for paras in (raw.cells.get(REFERENCE), raw.cells.get(RECOMMENDATION)):
        lead = leading(paras[0]) if paras else None
        if lead is not None and lead.strength > 0 and not lead.lone:
            return [rules.natural_key(reference) for reference in lead.numbers]
    return []


def read_recommendations(raw, elsewhere, before):
    paras = raw.cells.get(RECOMMENDATION, [])
    found, doubts = split(paras, elsewhere=elsewhere, before=before)
    numbers = raw.text(REFERENCE)
    own = numbers_in_column(raw)
    if own:
        if [one.reference for one in found] == own:
            pass
        elif len(own) > 1 and len(paras) == len(own):
            found = [Numbered(number, [para]) for number, para in zip(own, paras, strict=True)]
            doubts = [f"The numbers {', '.join(own)} were given to the paragraphs beside them, in order."]
        else:
            same_start = found[0].reference == own[0] and len(found) == 1
            whole = found[0].paras if same_start else paras
            found = [Numbered(number, list(whole)) for number in own]
            doubts = [f"{', '.join(own)} are beside one wording; each was given the same text."] if own[1:] else []
    elif numbers:
        doubts.append(f"“{short(numbers)}” in the column of numbers was not understood.")
    for message in doubts:
        raw.doubt(message, "recommendations")
    return [DraftRecommendation(one.reference, one.text, one.given) for one in found]


def numbers_in_column(raw):
    own = []
    for para in raw.cells.get(REFERENCE, []):
        lead = leading(para)
        for line in para.tabbed.split("\n"):
            text = re.sub(r"^(?:scrutiny )?rec(?:ommendation)?s?\.?\s*(?:no\.?)?\s*", "", line, flags=re.IGNORECASE)
            own += expand(text.strip(" .:)(")) or (lead.numbers if is_number_alone(lead) else whole_reference(line))
    return list(dict.fromkeys(own))


def is_number_alone(lead):
    return lead is not None and not lead.rest.startswith("(")


def whole_reference(text):
    text = " ".join(text.split()).rstrip(" .:")
    is_one = rules.is_reference(text) and not re.search(r"[,;&]|\band\b", text)
    return [text] if is_one and text.lower() not in answers.NOTHING else []


def give_missing_numbers(draft, rows):
    used = {rules.natural_key(rules.bare_number(r)) for row in rows for r in row.references if r}
    nothing_numbered, given, following = not used, [], 1
    for number, row in enumerate(rows):
        for recommendation in row.recommendations:
            if recommendation.reference:
                continue
            while rules.natural_key(str(following)) in used:
                following += 1
            recommendation.reference, recommendation.given = str(following), True
            used.add(rules.natural_key(recommendation.reference))
            given.append((number, recommendation.reference))
    if nothing_numbered and given:
        draft.doubts.append(
            Doubt(f"The recommendations have no numbers; they were given 1 to {len(given)}, in order.", field="rows")
        )
        return
    for number, reference in given:
        message = f"This recommendation has no number; it was given {reference}."
        draft.doubts.append(Doubt(message, row=number, field="recommendations"))


def read_row(raw, recommendations):
    row = DraftRow(recommendations)
    leave_out_other_records(raw)
    fill_response(row, raw)
    fill_update(row, raw)
    about = (raw.text(RATING), raw.text(COMMENT))
    picture = any("picture" in para.notes for para in raw.cells.get(RATING, []))
    row.rating, row.comment, doubt = answers.read_rating(about[0], picture=picture, colour=raw.colour)
    raw.doubt(doubt, "rating", must_settle=True)
    if (raw.colour, row.rating) in CONTRADICTING:
        raw.doubt(f"The rating “{short(about[0])}” stands in a cell that is {raw.colour}.", "rating", must_settle=True)
    row.comment = "\n\n".join(part for part in (row.comment, about[1]) if part)
    fill_lead_officer(row, raw)
    return row


def leave_out_other_records(raw):
    for role in (UPDATE, RATING, COMMENT):
        paragraphs = raw.cells.get(role, [])
        for para in [para for para in paragraphs if answers.RECORD_OF_ITS_OWN.match(para.text)]:
            paragraphs.remove(para)
            message = f"An action or correction of the committee is not imported: “{short(para.text)}”."
            raw.doubt(message, "update" if role == UPDATE else "rating")


def fill_lead_officer(row, raw):
    text = " ".join(raw.text(LEAD_OFFICER).split())
    if not text or is_person(text):
        row.lead_officer = text
        return
    names = [name.partition(",")[0] for name in names_of(raw.text(LEAD_OFFICER))]
    if is_person(names[0] if names else ""):
        row.lead_officer = names[0]
        raw.doubt(f"“{short(text)}” was read as the lead officer {short(names[0])}.", "lead_officer")
    if len(names) != 1 or not row.lead_officer:
        row.response = answers.join_paragraphs(row.response, f"Lead officer: {text}")
        raw.doubt(f"“{short(text)}” does not name one person; it was kept in the response.", "lead_officer")


def fill_response(row, raw):
    day, text, doubt = answers.split_off_target_date(raw.text(RESPONSE))
    raw.doubt(doubt, "response")
    if raw.text(TARGET):
        day, left, doubt = answers.read_target_date(raw.text(TARGET))
        raw.doubt(doubt, "response")
        text = answers.join_paragraphs(text, f"Target date: {left}") if left else text
    row.target_date = day
    row.decision, text, doubt = answers.read_decision(
        text, column=raw.text(DECISION), column_title=raw.decision_title, accepted=raw.accepted
    )
    raw.doubt(doubt, "decision", must_settle=row.decision is None)
    beside = answers.words_beside_decision(raw.text(DECISION))
    if beside and beside not in text:
        text = answers.join_paragraphs(beside, text)
    row.response, row.reason = text, raw.text(REASON)
    if row.decision in (Decision.NOT_ACCEPTED, Decision.DEFERRED, Decision.ANOTHER_BODY) and not row.reason:
        row.response, row.reason = "", text
    elif row.decision in (Decision.IN_PART, Decision.IN_PRINCIPLE) and not row.reason:
        before, _, after = text.partition(REASON_LABEL)
        # Cabinet owes a reason here; where none is marked as such, the document has one text for both.
        row.response, row.reason = (before, after) if before and after else (text, text)


def fill_update(row, raw):
    kept, listed, exempt = [], [], None
    for para in raw.cells.get(UPDATE, []):
        view, note, marked = (form.match(para.text) for form in (answers.VIEW, answers.EXEMPT_NOTE, answers.EXEMPT))
        text = EVIDENCE_LABEL.fullmatch(para.text) if not listed else None
        if view:
            row.officer_view, doubt = answers.read_view(view["view"])
            raw.doubt(doubt, "update")
            kept += [para] if doubt else []
            exempt = None
        elif (forecast := answers.FORECAST.fullmatch(para.text)) and (day := answers.read_forecast(forecast["date"])):
            row.forecast_date, exempt = day, None
        elif answers.is_evidence(para.text):
            listed, exempt = [*listed, para], None
        elif text and (link := answers.evidence_in(replace(para, text=text["words"]))):
            row.evidence.append(link)
        elif listed:
            listed.append(para)
        elif note:
            row.exempt_paragraph = int(note["paragraph"])
            raw.doubt("A part of this update is exempt from publication, and is not in the document.", "update")
        elif marked:
            row.exempt_paragraph, exempt = int(marked["paragraph"]), []
            raw.doubt("A part of this update is marked as not for publication, and was kept apart.", "update")
        elif exempt is not None:
            exempt.append(para)
            row.exempt_text = joined(exempt)
        else:
            kept.append(para)
    kept += fill_evidence(row, raw, listed)
    row.update = "" if joined(kept) == NO_UPDATE else joined(kept)
    if raw.text(OFFICER_VIEW):
        row.officer_view, doubt = answers.read_view(raw.text(OFFICER_VIEW))
        raw.doubt(doubt, "update")
        if doubt:
            row.update = answers.join_paragraphs(row.update, f"{OFFICER_VIEW_LABEL}: {raw.text(OFFICER_VIEW)}")
    for name in names_of(raw.text(CONTRIBUTOR)):
        person, _, title = (part.strip() for part in name.partition(","))
        if is_person(person):
            row.contributors.append(DraftContributor(person, title))
        else:
            row.update = answers.join_paragraphs(row.update, f"Contributor: {name}")
            raw.doubt(f"“{short(name)}” is not plainly a person; it was kept in the update.", "contributors")


def fill_evidence(row, raw, listed):
    """Take the links; returns the paragraphs, with the line "Evidence:" above them, that are none and stay words."""
    opening, following = listed[:1], listed[1:]
    following += [para for para in raw.cells.get(EVIDENCE, []) if para.text.lower().strip(" .") not in answers.NOTHING]
    found = [answers.evidence_in(para) for para in following]
    row.evidence += [link for link in found if link is not None]
    left = [para for para, link in zip(following, found, strict=True) if link is None]
    for para in left:
        message = f"The evidence “{short(para.text)}” has no web address of its own; it was left in the update."
        raw.doubt(message, "update")
    return [*opening, *left] if left else []


def take_contributors(draft):
    """Take contributors off the end of the updates; a job title is remembered for later mentions of the name.

    Returns row number -> name where the bracket itself says "Lead Officer".
    """
    known = {name.lower() for name, _ in draft.lead_officers} | {name.lower() for name in draft.cabinet_members}
    known |= {row.lead_officer.lower() for row in draft.rows if row.lead_officer}
    brackets = [closing_bracket(row.update) for row in draft.rows]
    for bracket in brackets:
        people, plain = read_contributors(bracket[1]) if bracket else ([], False)
        people = people if plain else []
        known |= {name.lower() for name, job_title in people if job_title}
    titles, called = {}, {}
    for number, (row, bracket) in enumerate(zip(draft.rows, brackets, strict=True)):
        if bracket is not None and not row.contributors:
            people, plain = read_contributors(bracket[1], known)
            row.possible_contributors = [DraftContributor(*person) for person in people]
            if plain:
                row.take_contributors()
                if re.match(r"lead officer\b", bracket[1], re.IGNORECASE):
                    called[number] = row.contributors[0].name
        for person in row.contributors:
            person.job_title = person.job_title or titles.get(person.name.lower(), "")
            titles[person.name.lower()] = person.job_title
            known.add(person.name.lower())
    return called


def fill_lead_officers_of_rows(draft, called):
    named = draft.lead_officers
    if len(named) == 1 and not named[0][1] and not any(row.lead_officer for row in draft.rows):
        for row in draft.rows:
            row.lead_officer = named[0][0]
        message = f"{named[0][0]} is named without numbers, and was read as the lead officer of every row."
        draft.doubts.append(Doubt(message, field="lead_officers"))
    for row in draft.rows:
        if row.lead_officer:
            continue
        for reference in row.references:
            exact = [name for name, numbers in named if reference.lower() in (n.lower() for n in numbers)]
            wider = [name for name, numbers in named if any(covers(n, reference) for n in numbers)]
            if exact or wider:
                row.lead_officer = (exact or wider)[0]
                break
    for number, name in called.items():
        if draft.rows[number].lead_officer != name:
            message = f"{name} is called lead officer in the brackets after the update; it was read as who wrote it."
            draft.doubts.append(Doubt(message, row=number, field="contributors"))


def read_ends(draft, raws):
    for raw in raws:
        outcome = raw.text(OUTCOME)
        if outcome.lower().strip(" .") == NOT_RECORDED:
            continue
        recommendations = read_recommendations(raw, frozenset(), "")
        if not all(one.reference for one in recommendations):
            message = f"“{short(raw.text(RECOMMENDATION))}” under “{ACCOUNT_HEADING}” has no number; it was left out."
            draft.doubts.append(Doubt(message, field="ends"))
            continue
        draft.ends.append(DraftEnd(recommendations, outcome, raw.text(REASON)))
        for role in raw.cells.keys() - {REFERENCE, RECOMMENDATION, OUTCOME, REASON}:
            if text := raw.text(role):
                message = f"“{short(text, 200)}” in the {name_of(role)} of the recommendations below was left out."
                add_doubt(draft.doubts, message, "ends", must_settle=True)
        draft.doubts += [replace(doubt, field="ends") for doubt in raw.doubts if doubt.field in FIELDS.values()]
