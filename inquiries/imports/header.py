"""The labelled lines above the table: which round this is, its dates, who leads and who signed off."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches

from inquiries.dates import find_date
from inquiries.documents.content import HEADING
from inquiries.imports import VOCABULARY
from inquiries.imports.answers import is_person, names_of, read_signatures
from inquiries.imports.draft import Doubt
from inquiries.imports.references import expand, short

COMMITTEE, INQUIRY, COMPLETION, UPDATE_DATE = "committee", "inquiry", "completion", "update_date"
LEAD_OFFICERS, CABINET_MEMBERS, SIGNATURES = "lead_officers", "cabinet_members", "signatures"
PLAIN_DATE, OTHER = "plain_date", "other"
FIELD_OF = {phrase: name for name, phrases in VOCABULARY["labels"].items() for phrase in phrases}
SEVERAL = {LEAD_OFFICERS, CABINET_MEMBERS, SIGNATURES}
LINE_LIMIT = 400
LONGEST_LINE = 2_000

WRITTEN = VOCABULARY["numbers"]
MONTHS = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(sorted(WRITTEN, key=len, reverse=True))})[\s-]*(?:months?|mths?)\b", re.I
)
YEARS = re.compile(r"\b(?P<count>one|two|three|1|2|3)[\s-]*years?[\s-]*(?:on|update|review|progress)\b", re.IGNORECASE)
KIND = re.compile(r"\bprogress (?:report|update)|months?[\s-]*on\b|years? on\b|delete as appropriate", re.IGNORECASE)
# "Cabinet Member who is to sign off this update" names nobody who has.
SIGNED = re.compile(
    r"^(?!.*\b(?:not|to|will|yet|should|must|for|awaiting|pending|due)\b).*\b(?:signed|agreed|approved)\b"
)
# A line that is a sentence is no title: it may speak of another report.
SENTENCE = re.compile(
    r"[.;!?]\s*$|\b(?:is|was|were|are|has|have|had|will|received|members|there|since|after|before|previous|last|second|"
    r"following|period|to the|of the)\b",
    re.IGNORECASE,
)
LONGEST_HEADING = 140
DASHED = re.compile(r"\s*(?P<name>[^\d:–]{3,80}?)\s*[:–-]\s*(?P<numbers>R?\d[^:–]{0,200})")
TURNED = re.compile(r"\s*(?P<numbers>R?\d[^:–]{0,200}?)\s*[:–-]\s*(?P<name>\D{3,80})")


@dataclass
class Header:
    heading: str = ""
    months_on: int | None = None
    values: dict[str, list[str]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def value(self, name):
        return " ".join(self.values.get(name, []))


def read_header(lines):
    """The Header in these lines. A line is (Para or None, text), or (None, "label", "value") from a small table."""
    header = Header()
    open_label = ""
    for line in lines[:LINE_LIMIT]:
        para, text = line[0], line[1][:LONGEST_LINE]
        pair = len(line) == 3
        for piece in text.split("\n") if not pair else [text]:
            label, value = (label_of(piece), line[2][:LONGEST_LINE]) if pair else split_label(piece)
            if label:
                open_label = take_value(header, label, value)
            elif not piece.strip():
                open_label = ""
            elif not pair:
                open_label = continue_value(header, open_label, piece, para)
    read_months_on(header, [(line[0], line[1]) for line in lines[:LINE_LIMIT] if len(line) == 2])
    return header


def take_value(header, label, value):
    """Keep a labelled value, the first of its kind; returns the label that the next line may go on with."""
    if label == OTHER or header.values.get(label):
        return ""
    header.values[label] = [value] if value else []
    return label if not value or label in SEVERAL else ""


def continue_value(header, open_label, text, para):
    if open_label and not is_styled_as_title(para) and not KIND.search(text):
        already = header.values.get(open_label, [])
        if not already or (open_label in SEVERAL and continues_list(open_label, text)):
            header.values[open_label] = [*already, text.strip()]
            return open_label if open_label in SEVERAL else ""
    if not header.heading or (titled_like(text) and not titled_like(header.heading)):
        header.heading = text.strip()
    return ""


def continues_list(label, text):
    if label == LEAD_OFFICERS:
        return bool(re.search(r"\([^)]*\d", text)) or is_person(text.strip())
    return is_person(text.strip())


def is_styled_as_title(para):
    return para is not None and (para.style.startswith("heading") or para.style == "title")


def is_like_a_title(text):
    return len(text) <= LONGEST_HEADING and SENTENCE.search(text) is None


def titled_like(text):
    return SequenceMatcher(None, text.lower()[:200], HEADING.lower()).ratio() > 0.85


def split_label(text):
    """A line as (field, value): ("", text) where it begins with none of the labels."""
    label, colon, value = text.partition(":")
    if colon and (name := label_of(label)):
        return name, value.strip()
    parts = re.split(r"\s*\t\s*|\s+[–—-]\s+", text, maxsplit=1)
    if len(parts) == 2 and (name := label_of(parts[0])):
        return name, parts[1].strip()
    if name := label_of(text):
        return name, ""
    words = text.split()
    for count in range(min(len(words) - 1, 10), 2, -1):
        phrase = plain_label(" ".join(words[:count]))
        if phrase in FIELD_OF:
            return FIELD_OF[phrase], " ".join(words[count:])
    return "", text


def label_of(text):
    words = re.sub(r"\(s\)", "s", text)
    phrase = plain_label(words)
    if not phrase or len(phrase) > 80:
        return ""
    if phrase in FIELD_OF:
        return FIELD_OF[phrase]
    close = get_close_matches(phrase, FIELD_OF, n=1, cutoff=0.88) if len(phrase) > 9 else []
    if close and FIELD_OF[close[0]] == SIGNATURES and not re.search(SIGNED, phrase):
        return CABINET_MEMBERS
    return FIELD_OF[close[0]] if close else ""


def plain_label(text):
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def read_months_on(header, lines):
    for para, text in lines:
        if not KIND.search(text) or not is_like_a_title(text.rstrip(" .") if is_styled_as_title(para) else text):
            continue
        kept = para.unstruck if para is not None and para.unstruck and "struck" in para.notes else text
        counts = month_counts(kept)
        either = re.search(r"\binterim\s*/\s*final\b|\b\d{1,2}\s*/\s*\d{1,2}[\s-]*months?\b", kept, re.IGNORECASE)
        if len(counts) == 1 and not either:
            header.months_on = counts[0]
            if kept is not text:
                header.doubts.append(
                    Doubt(
                        f"The heading was read as {counts[0]} months on, the rest of it being struck through.",
                        field="months_on",
                    )
                )
            return
        if counts or either:
            return
        named = {6: r"\binterim\b", 12: r"\bfinal\b"}
        for months, word in named.items():
            if re.search(word, kept, re.IGNORECASE):
                header.months_on = months
                header.doubts.append(
                    Doubt(f"“{short(kept)}” names no months; it was read as {months} months on.", field="months_on")
                )
                return


def month_counts(text):
    found = [int(WRITTEN.get(m["count"].lower(), m["count"])) for m in MONTHS.finditer(text)]
    years = {"one": 1, "two": 2, "three": 3}
    found += [12 * int(years.get(m["count"].lower(), m["count"])) for m in YEARS.finditer(text)]
    return list(dict.fromkeys(count for count in found if count > 0))


def fill_header(draft, header):
    draft.heading, draft.months_on = header.heading, header.months_on
    draft.doubts += header.doubts
    draft.committee, draft.inquiry = header.value(COMMITTEE), header.value(INQUIRY)
    fill_completion(draft, header.value(COMPLETION))
    text = header.value(UPDATE_DATE) or header.value(PLAIN_DATE)
    if text and not header.value(UPDATE_DATE):
        message = f"The date “{short(text)}” was read as the date of this update."
        draft.doubts.append(Doubt(message, field=UPDATE_DATE))
    found = find_date(text)
    if found is not None:
        draft.update_date, draft.update_precision = found.day, str(found.precision)
        if found.doubt:
            draft.doubts.append(Doubt(found.doubt, field="update_date"))
    elif text:
        draft.doubts.append(Doubt(f"The date of the update, “{short(text)}”, could not be read.", field="update_date"))
    fill_lead_officers(draft, "\n".join(header.values.get(LEAD_OFFICERS, [])))
    signing = bool(header.values.get(SIGNATURES))
    text = "\n".join(header.values.get(SIGNATURES if signing else CABINET_MEMBERS, []))
    draft.cabinet_members, draft.signed_off, doubts = read_signatures(text, signing=signing)
    draft.doubts += [Doubt(message, field="cabinet_members") for message in doubts]


def fill_completion(draft, text):
    found = find_date(text)
    if found is None:
        if text:
            message = f"The completion date, “{short(text)}”, could not be read."
            draft.doubts.append(Doubt(message, field="completion"))
        return
    draft.completed_on, draft.completed_precision = found.day, found.precision
    body = re.sub(r"[()\[\]]", " ", found.rest)
    body = re.sub(
        r"^\W*(?:(?:agreed|considered|reported|approved|presented)\s+)?(?:(?:by|to|at|on)\s+)?", "", body, flags=re.I
    )
    draft.completed_body = " ".join(re.sub(r"[\s,;:.–-]+(?:on|at|in)?[\s,;:.–-]*$", "", body, flags=re.I).split())[:100]
    if found.doubt:
        draft.doubts.append(Doubt(found.doubt, field="completion"))


def fill_lead_officers(draft, text):
    for name, inside in officers_with_numbers(text):
        numbers = expand(inside)
        title = ""
        if "," in name and is_person(name.partition(",")[0].strip()):
            name, _, title = (part.strip() for part in name.partition(","))
        if inside and not numbers:
            draft.doubts.append(
                Doubt(f"“({short(inside)})” after {name} was not understood as numbers.", field="lead_officers")
            )
        if title:
            draft.doubts.append(Doubt(f"“{short(title)}” was read as the job title of {name}.", field="lead_officers"))
        if not is_person(name):
            message = f"“{short(name)}” is not plainly a person, and was not read as a lead officer."
            draft.doubts.append(Doubt(message, field="lead_officers"))
            continue
        draft.lead_officers.append((name, numbers))


def officers_with_numbers(text):
    found, at = [], 0
    for match in re.finditer(r"[(\[]([^()\[\]]{0,300})[)\]]", text):
        names = names_of(text[at : match.start()])
        *others, last = names or [""]
        found += [(name, "") for name in others]
        if last:
            found.append((last, match[1].strip()))
        at = match.end()
    for part in re.split(r"[;\n]+", text[at:]):
        match = DASHED.fullmatch(part) or TURNED.fullmatch(part)
        found += [(match["name"].strip(), match["numbers"])] if match else [(name, "") for name in names_of(part)]
    return found
