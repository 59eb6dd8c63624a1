"""What a careful clerk would say about an agenda pack before it is published.

Each check yields Findings about the subject, or about one item, report, paper or passage of it: see CHECKS.
"""

import io
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.urls import reverse
from django.utils.text import get_text_list
from spylls.hunspell import Dictionary, readers
from spylls.hunspell.readers.file_reader import FileReader

from inquiries.choices import OfficerView, SeatRole, Stage, report_kind
from inquiries.dates import dates_in
from inquiries.documents.content import long_date
from inquiries.documents.progress_report import NOT_RECORDED
from inquiries.models.fields import checksum_of_data
from inquiries.models.packs import issue_name
from inquiries.preflight.subject import PaperSubject, Passage, Place, ReportSubject, Subject
from inquiries.rules import is_usual_month


@dataclass(frozen=True)
class Finding:
    code: str
    message: str  # a sentence or two for the clerk
    place: Place
    quoted: str = ""  # the text found, with a little of what is around it
    stops: bool = False  # whether the pack may not be published with it
    about: str = ""  # the text, or the checksum of the paper, that it is about

    @property
    def key(self):
        """What stays the same until what is found, or what it is about, changes."""
        return checksum_of_data([self.code, self.place.key, self.message, self.quoted, self.about])


AROUND = 40
LONGEST = 120


def excerpt(text, start, end):
    first, last = max(start - AROUND, 0), min(end + AROUND, len(text))
    if first:
        first = max(text.find(" ", first, start) + 1, first)
    if last < len(text):
        space = text.rfind(" ", end, last)
        last = space if space > 0 else last
    quoted = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{quoted}{'…' if last < len(text) else ''}"


def shortened(text):
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]}…"


# Law and lifecycle: sign-off, five clear days, paragraphs, papers that are there

BEFORE_SIGN_OFF = (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF)


def check_meeting(subject):
    place = Place("The meeting", reverse("clerk:change_meeting", args=[subject.meeting]))
    if subject.is_cancelled:
        yield Finding("cancelled", "This meeting has been cancelled.", place)
    elif subject.is_over:
        yield Finding("over", f"This meeting was on {long_date(subject.day)}: it is already over.", place)
    members = place.at(reverse("admin:inquiries_committee_change", args=[subject.committee]))
    if not subject.members:
        yield Finding("no_members", "No member of the committee is recorded, so the front sheet names none.", members)
    elif not any(role == SeatRole.CHAIR.label for _, role in subject.members):
        yield Finding("no_chair", "Nobody is recorded as the chair of the committee.", members)


def check_publication_date(subject):
    if subject.publish_on > subject.publication_due and not subject.urgency_reason.strip():
        yield Finding(
            "late_without_reason",
            f"Five clear days before the meeting ended on {long_date(subject.publication_due)}. To publish later, "
            "give the reason for urgency (Local Government Act 1972, section 100B(4)).",
            Place("Publication", reverse("clerk:publish_pack", args=[subject.meeting, subject.supplement])),
            stops=True,
        )


def check_report_stage(subject, item, report):
    if report.stage in BEFORE_SIGN_OFF:
        message = "This progress report has not been signed off."
        yield Finding("not_signed_off", message, item.place.at(report.address), stops=True)
    if report.meeting is not None and report.meeting != subject.meeting:
        message = "This progress report is recorded for another meeting."
        yield Finding("another_meeting", message, item.place.at(report.dates_address))


def check_exempt_paragraphs(subject, item):
    exempt = [
        ("This paper is exempt", paper.place) for paper in item.papers if paper.exempt and not paper.has_paragraph
    ]
    exempt += [
        ("This update has an exempt part", row.place)
        for row in (item.report.rows if item.report else ())
        if row.exempt_text and not (row.row.exempt and row.row.exempt.paragraph)
    ]
    for what, place in exempt:
        message = f"{what}, but no paragraph of Schedule 12A is named."
        yield Finding("no_paragraph", message, place, stops=True)


def check_officer_reports(subject, item):
    if item.item.to_follow and subject.supplement == 0:
        return
    for report in item.unsigned_reports:
        message = f"The officer report {report.name} has not been signed off ({report.state.lower()})."
        yield Finding("officer_report_not_signed_off", message, item.place.at(report.address), stops=True)


def check_missing_papers(subject, item):
    withheld = item.item.exempt_paragraphs or item.item.exempt_papers
    has_paper = item.papers or withheld or item.unsigned_reports
    if item.carries_papers and not has_paper and not item.item.to_follow:
        message = "This item carries papers, but there is none. Add one, or say that they are to follow."
        yield Finding("no_paper", message, item.place, stops=True)
    if item.papers and item.item.to_follow and subject.supplement == 0:
        message = "This item has papers, and the front sheet says that papers are to follow. Is one still missing?"
        yield Finding("more_to_follow", message, item.place)
    for paper in item.papers:
        if not paper.paper.checksum:
            message = "This paper was received before papers were checked. Upload it again."
            yield Finding("unchecked_paper", message, replacement_place(subject, paper), stops=True)


def replacement_place(subject, paper):
    return paper.place.at(reverse("clerk:replace_paper", args=[subject.meeting, paper.paper.pk]))


# Lead officers and dates


def check_lead_officers(subject, item, report):
    for row in report.rows:
        if not row.row.lead_officer:
            message = "No lead officer is recorded, so the header names nobody for this."
            yield Finding("no_lead_officer", message, row.place.at(row.response_address))


def is_done(row):
    return row.is_implemented or row.officer_view == OfficerView.COMPLETE.label


def passes_target_date(row, meeting_day):
    return row.target_date is not None and row.target_date < meeting_day and not is_done(row)


def check_target_dates(subject, item, report):
    for row in report.rows:
        if passes_target_date(row.row, subject.day):
            message = f"The target date, {long_date(row.row.target_date)}, will have passed when the committee meets."
            yield Finding("target_date_passed", message, row.place)


def check_forecast_dates(subject, item, report):
    for row in report.rows:
        day, target = row.row.forecast_date, row.row.target_date
        if not day or is_done(row.row):
            continue
        if day < subject.day:
            message = f"It was expected to be done by {long_date(day)}, before the committee meets: ask whether it is."
            yield Finding("forecast_passed", message, row.place)
        elif target and day > target:
            message = f"It is expected to be done by {long_date(day)}, after its target date, {long_date(target)}."
            yield Finding("forecast_after_target", message, row.place)


# Titles that disagree with the dates: "one year on", seven months after the inquiry

NUMBER_WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
NUMBERS = {word: number for number, word in enumerate(NUMBER_WORDS.split(" "), start=1)} | {
    "a": 1,
    "twenty-four": 24,
    "thirty-six": 36,
}
CLAIM = re.compile(
    rf"\b(?P<number>\d{{1,2}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})[\s-]+(?P<unit>month|year)s?"
    r"[\s-]+(?:on|later|after|progress|update|review|report)\b",
    re.IGNORECASE,
)
INTERIM_OR_FINAL = re.compile(r"\b(interim|final)\b(?!\s*/)(?<!/)", re.IGNORECASE)
OLD_UPDATE_DAYS = 31  # days between the date of an update and the meeting that reads it


def check_titles(subject, item, report):
    passed = months_between(report, subject.day)
    texts = (item.item.title, item.item.subtitle)
    for months, claim, quoted in (each for text in texts for each in claimed_months(text)):
        # A round is named by its month count; the meeting is seldom on the very day.
        if months != report.content.months_on:
            since = f", {months_text(passed)} after {report.content.completion}" if passed is not None else ""
            yield Finding(
                "title_disagrees",
                f"The title says “{claim}”, but this is the report {report.content.months_on} months on; the meeting "
                f"is on {long_date(subject.day)}{since}.",
                item.place,
                quoted=quoted,
            )
    kind = report_kind(report.content.months_on).lower()
    for text in texts:
        for match in INTERIM_OR_FINAL.finditer(text):
            if match.group().lower() != kind:
                yield Finding(
                    "title_disagrees",
                    f"The title says “{match.group()}”, but the report {report.content.months_on} months on is the "
                    f"{kind} one.",
                    item.place,
                    quoted=excerpt(text, *match.span()),
                )
    if passed is not None and not is_usual_month(report.content.months_on, passed):
        yield Finding(
            "months_on",
            f"The report is called {report.content.months_on} months on, but the meeting is {months_text(passed)} "
            f"after the inquiry report was completed ({report.content.completion}).",
            item.place.at(report.dates_address),
            quoted=report.content.kind,
        )


def months_between(report, day):
    """Whole months from the completion of the inquiry report to `day`; None where that is not known."""
    start = report.completed_on
    if start is None:
        return None
    months = (day.year - start.year) * 12 + day.month - start.month
    return months - (report.completed_to_the_day and day.day < start.day)


def claimed_months(text):
    for match in CLAIM.finditer(text):
        number = match["number"].lower()
        count = int(number) if number.isdigit() else NUMBERS[number]
        months = count * 12 if match["unit"].lower() == "year" else count
        yield months, match.group(), excerpt(text, *match.span())


def check_update_date(subject, item, report):
    dated = report.content.update_date
    if dated is None:
        message = "The report has no date of update."
    elif dated > subject.day:
        message = f"The update is dated {long_date(dated)}, after the meeting on {long_date(subject.day)}."
    elif (subject.day - dated).days > OLD_UPDATE_DAYS:
        message = f"The update is dated {long_date(dated)}, {(subject.day - dated).days} days before the meeting."
    else:
        return
    yield Finding("date_of_update", message, item.place.at(report.dates_address))


def months_text(count):
    return f"{count} month" if count == 1 else f"{count} months"


# Dates that will have passed when the committee reads them: "Cabinet on 9th November", for a meeting on the 10th

FUTURE_WORDS = re.compile(
    r"\b(?:will|shall|'ll|is due|are due|due to|to be|plans?|planned|intends?|expect(?:s|ed)?|scheduled|likely|next|"
    r"forthcoming|upcoming|proposed|proposes?|aims?|hopes?|going to|would be|should|is to|are to|ready (?:for|by))\b",
    re.IGNORECASE,
)
PAST_WORDS = re.compile(
    r"\b(?:following|since|after|last|held|was|were|had|began|started|agreed|approved|launched|met|took|been|from)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[.!?;,:\n()](?=\s|$)")
OLDEST = timedelta(days=400)
# How far back a date without a year is still taken for the one of this year.
WITHOUT_YEAR = timedelta(days=92)
PAPER_WINDOW = timedelta(days=31)


def check_passed_dates(subject, passage):
    is_minutes = passage.kind == "paper" and "minutes" in passage.place.where.lower()
    if passage.kind not in ("update", "paper") or is_minutes:
        return
    for found, written in passed_dates(passage, subject.day):
        when = f"{found:%B %Y}" if written.day is None else long_date(found)
        message = f"{when} will have passed when the committee meets on {long_date(subject.day)}."
        quoted = excerpt(passage.text, written.start, written.end)
        yield Finding("date_passed", message, passage.place, quoted)


def passed_dates(passage, meeting_day):
    """(the day, how it is written) of each date that was to come and will have passed, once each."""
    reported = set()
    for written in dates_in(passage.text):
        if written.day is None and not written.within:
            continue  # “the March 2026 budget” names no day that could pass
        found = passed_day(written, passage, meeting_day)
        if found and found not in reported:
            reported.add(found)
            yield found, written


def passed_day(written, passage, meeting_day):
    """The day that is meant, where it will have passed; None where it is to come, or was past when it was written."""
    # An imported update was recorded long after it was written.
    written_on = passage.written_on if passage.written_on and passage.written_on < meeting_day else None
    in_future = is_in_future(passage.text, written)
    day = day_meant(written, meeting_day, written_on, in_future)
    if day is None or not meeting_day - OLDEST < day < meeting_day:
        return None
    if passage.kind == "paper":
        return day if in_future and day > meeting_day - PAPER_WINDOW else None
    if written_on is not None:
        return day if day > written_on and (in_future or written.day is not None) else None
    return day if in_future else None


def day_meant(written, meeting_day, written_on, in_future):
    if written.year is not None:
        return written.on(written.year)
    years = [day for year in range(meeting_day.year - 1, meeting_day.year + 2) if (day := written.on(year))]
    if not years:
        return None
    if written_on and in_future:
        return next((day for day in years if day >= written_on), None)
    nearest = min(years, key=lambda day: abs(day - (written_on or meeting_day)))
    return nearest if written_on or meeting_day - nearest <= WITHOUT_YEAR else None


def is_in_future(text, written):
    before = CLAUSE.split(text[max(written.start - 200, 0) : written.start])[-1]
    after = CLAUSE.split(text[written.end : written.end + 120])[0]
    marks = list(FUTURE_WORDS.finditer(before))
    if marks:
        # "planned since the meeting of 3 March": what looks back comes last.
        return not PAST_WORDS.search(before, marks[-1].end())
    return not PAST_WORDS.search(before) and len(before.split()) <= 4 and bool(FUTURE_WORDS.search(after))


# Updates that repeat word for word: the last report's, or another recommendation's

SEVERAL_WORDS = 8  # a shorter paragraph ("Already completed and in place.") may well be true of several


def repeats_last_time(row):
    return bool(row.row.update.strip()) and bare_words(row.row.update) == bare_words(row.last_time)


def check_repeats(subject, item, report):
    for row in report.rows:
        if repeats_last_time(row):
            message = "This update is word for word the one of the last report."
            yield Finding("same_as_last_time", message, row.place, shortened(row.row.update))


def check_repeated_paragraphs(subject, item, report):
    reported = set()
    for rows, paragraph in repeated_paragraphs(report.rows):
        numbers = get_text_list([row.label for row in rows], "and")
        if numbers not in reported:
            reported.add(numbers)
            place = item.place.of_recommendations(numbers, rows[0].place.address)
            message = f"The updates on {numbers} say the same, word for word."
            yield Finding("same_in_several_rows", message, place, shortened(paragraph))


def repeated_paragraphs(rows):
    """(those that have it, the paragraph) for each that several rows have."""
    rows_of, original_text = {}, {}
    for row in rows:
        for paragraph in dict.fromkeys(re.split(r"\n+", row.row.update)):
            bare = bare_words(paragraph)
            if len(bare.split()) >= SEVERAL_WORDS:
                rows_of.setdefault(bare, {}).setdefault(row.label, row)
                original_text.setdefault(bare, paragraph.strip())
    for bare, found in rows_of.items():
        if len(found) > 1:
            yield list(found.values()), original_text[bare]


def bare_words(text):
    return " ".join(re.findall(r"\w+", text.casefold()))


# Numbers missing from a report's table although nothing says what became of them

UNEXPLAINED = (NOT_RECORDED, "No response recorded yet")


def check_numbering(subject, item, report):
    missing = [
        recommendation.reference
        for entry in report.content.account
        if entry.outcome in UNEXPLAINED
        for recommendation in entry.recommendations
    ]
    if missing:
        numbers = get_text_list(missing, "and")
        yield Finding(
            "number_missing",
            f"What became of {numbers} is not recorded: the table leaves the number{'s' if len(missing) > 1 else ''} "
            "out, and the report cannot say why.",
            item.place.of_recommendations(numbers, report.inquiry_address),
        )


# Placeholders, both words of a choice, broken references

BRACKETS = re.compile(r"\[([^\[\]\n]{2,120})\]")
PLACEHOLDER_WORDS = re.compile(
    r"\b(required|insert|enter|add|delete|confirm|confirmed|tb[acd]|pending|awaiting|await|missing|sign.?off|name|date|"
    r"title|number|amount|figure|figures|text|here|check|who|xx+|to be|draft|link|page|complete|officer|director)\b|\?",
    re.IGNORECASE,
)
# Square brackets that belong there: a year or a number of a reference, an editor's mark in a quotation.
NO_PLACEHOLDER = re.compile(
    r"[\d\s.,;:–-]*|(?:19|20)\d\d\w*|sic|…|\.+|redacted|emphasis (?:added|in original)|https?://\S+|\w", re.IGNORECASE
)
QUOTED = re.compile(r"[“\"][^”\"\n]{0,300}$")
# "[Director sign-off required]", as the real pack had it: who has not signed has not agreed to its publication.
SIGNED = r"\b(?:sign(?:ed)?[\s-]*off|signature|approval)\b"
WAITED_FOR = (
    r"\b(?:required|requires|needed|needs|pending|await(?:ed|ing|s)|outstanding|missing|not\s+yet|to\s+follow|to\s+be|"
    r"to\s+come|tb[acd])\b"
)
ANYTHING = r"[^\[\]{}<>【】]"
SIGN_OFF_REQUIRED = re.compile(
    rf"[\[{{<【]{ANYTHING}{{0,80}}?"
    rf"(?:{SIGNED}{ANYTHING}{{0,40}}?{WAITED_FOR}|{WAITED_FOR}{ANYTHING}{{0,40}}?{SIGNED}|\bto\s+sign[\s-]*off\b)"
    rf"{ANYTHING}{{0,40}}[\]}}>】]"
    # Round brackets are used for much else: these words alone, at their end.
    r"|\((?:\w+\s+){0,4}sign[\s-]*off\s+(?:required|needed|pending|awaited|outstanding|to\s+follow|tb[acd])\)",
    re.IGNORECASE,
)
LEFTOVERS = {
    "choice": "a choice was left in",
    "placeholder": "something is still to be filled in",
    "broken_reference": "a reference is broken",
}
# (what it is, words or signs of which every match has one, the pattern): most texts have none, which is soon found.
PATTERNS = (
    ("choice", ["delete"], re.compile(r"(?i)delete\s+(?:where|as)\s+(?:appropriate|applicable|necessary|required)")),
    ("choice", ["/"], re.compile(r"(?i)\binterim\s*/\s*final\b|\b6\s+months\s+on\s*/\s*12\s+months\s+on\b")),
    ("placeholder", ["tb", "t.b"], re.compile(r"\bT\.?B\.?[ACD]\b\.?(?![\w.])")),
    (
        "placeholder",
        ["xx", "£"],
        re.compile(
            r"\b[Xx]{3,}\b|\b[Xx]{2,4}[/.][Xx]{2,4}(?:[/.][Xx]{2,4})?\b|£\s?[Xx]{1,}\b|\bXX\b(?!\s*(?:century|th))"
        ),
    ),
    (
        "placeholder",
        ["insert", "enter"],
        re.compile(
            r"(?i)(?:\binsert|<\s*insert|<\s*enter)\s+(?:your\s+|the\s+|a\s+)?"
            r"(?:name|date|title|text|figures?|number|link|details|table|picture|image|here)\b"
        ),
    ),
    (
        "placeholder",
        ["click", "tap", "lorem", "???", "_____"],
        re.compile(
            r"(?i)\b(?:click|tap)\s+(?:or\s+tap\s+)?(?:here\s+)?to\s+(?:enter|add)\s+(?:text|a\s+date|title)|"
            r"\blorem\s+ipsum\b|\?{3,}|_{5,}(?=\s*(?:\n|$)(?!\s*sign))"
        ),
    ),
    (
        "broken_reference",
        ["error!"],
        re.compile(r"(?i)\bError!\s+(?:Reference source|Bookmark|No text|Hyperlink)[^\n.]{0,60}"),
    ),
)


def check_placeholders(subject, passage):
    seen = set(sign_offs_required(passage.text))
    for start, end in sorted(seen):
        words = " ".join(passage.text[start:end].split())
        message = f"A sign-off is missing: “{words}”. This cannot be published before it has been given."
        yield Finding("sign_off_required", message, passage.place, excerpt(passage.text, start, end), stops=True)
    for code, start, end in sorted(find_placeholders(passage.text), key=lambda found: found[1]):
        if any(start < other_end and end > other_start for other_start, other_end in seen):
            continue
        seen.add((start, end))
        message = f"It looks as if {LEFTOVERS[code]}: “{' '.join(passage.text[start:end].split())}”."
        yield Finding(code, message, passage.place, excerpt(passage.text, start, end))


class Plain(dict):
    """What stands for each character, by its number, as `str.translate` takes it; worked out where it first comes."""

    def __missing__(self, number):
        plain = ""
        for one in unicodedata.normalize("NFKC", chr(number)):
            kind = unicodedata.category(one)
            if kind != "Cf" and one not in "*\\":
                plain += "-" if kind == "Pd" or one == "\N{MINUS SIGN}" else one
        self[number] = plain
        return plain


PLAIN = Plain()


def find_sign_off_required(text):
    """The first words that say that a sign-off is missing; "" where there are none."""
    return next((text[start:end] for start, end in sign_offs_required(text)), "")


def sign_offs_required(text):
    """(start, end) of each place that says so, whichever dashes, ligatures, bold or hidden characters are in it."""
    for found in SIGN_OFF_REQUIRED.finditer(text.translate(PLAIN)):
        places = [place for place, character in enumerate(text) for _ in character.translate(PLAIN)]
        yield places[found.start()], places[found.end() - 1] + 1


def find_placeholders(text):
    for match in BRACKETS.finditer(text):
        if is_placeholder(match, text):
            yield "placeholder", *match.span()
    folded = text.casefold()
    for code, words, pattern in PATTERNS:
        if any(word in folded for word in words):
            for match in pattern.finditer(text):
                yield code, *match.span()


def is_placeholder(match, text):
    inside = match.group(1).strip()
    if NO_PLACEHOLDER.fullmatch(inside):
        return False
    # Within a quotation square brackets are the quoter's own words: "[the council] must act".
    return bool(PLACEHOLDER_WORDS.search(inside)) or not QUOTED.search(text[: match.start()])


# Words that run together because a space was lost: "from themthis will"

DICTIONARY = Path(__file__).parent / "en-GB" / "en-GB"


class WholeFile(FileReader):
    """Reads the file at once: the library's own reader leaves it open."""

    def _open(self, path, encoding):
        return io.StringIO(Path(path).read_text(encoding=encoding, errors="surrogateescape"))


@lru_cache
def load_dictionary():
    aff, context = readers.read_aff(WholeFile(DICTIONARY.with_suffix(".aff")))
    dic = readers.read_dic(
        WholeFile(DICTIONARY.with_suffix(".dic"), encoding=context.encoding), aff=aff, context=context
    )
    return Dictionary(aff, dic)


@lru_cache(maxsize=20_000)
def is_word(text):
    return load_dictionary().lookup(text)


# Addresses of the web and of e-mail, and file names.
ADDRESS = re.compile(
    r"(?<!\S)\S*(?:://|www\.|@|\.(?:gov|org|com|net|co|uk|ac|nhs|pdf|docx?|xlsx?|html?)\b)\S*", re.IGNORECASE
)
# In small letters throughout, not part of a hyphenated or quoted word: no name, no abbreviation.
WORD = re.compile(r"(?<![\w'’‘“\"@./\\#&-])[a-z]{6,}(?![\w'’”\"@/\\&-]|\.\w)")
# Words that no compound of English begins or ends with.
SMALL_WORDS = """
the and that this them they their there these those with from for have has had was were been will would could should
which who what when while than then are our your his her him she its because
"""
SMALL_WORD_SET = frozenset(SMALL_WORDS.split())
JOINED = re.compile(
    r"\b(?:them|it|this|that|these|those|us|which)-(?:this|that|these|those|they|we|it|there|which|will)\b",
    re.IGNORECASE,
)
PLAIN_PIECE = 5
PRONOUN_ENDS = frozenset({"self", "selves"})
# Compounds for who does something, and for doing it, are made as one likes: whistleblower, benchmarking.
DOER = re.compile(r"(?:ing|ings|er|ers|person|people|parent|parents|table|tables)$")
NO_DOER = frozenset({"meeting", "meetings", "member", "members", "number", "numbers", "officer", "officers", "other"})
# What councils form compounds with that no dictionary lists: jobcentre, workstream, foodbank, webpage.
BEGINS_WORDS = """
under inter super counter multi micro cyber house school health transport street child water ground stake sheet  cross
green trans count light night young waste crowd smart heart break right world voice
"""
BEGINS = frozenset(BEGINS_WORDS.split())
ENDS_WORDS = """
centre centres stream streams holder holders house houses place places space spaces board boards worker workers  style
styles sheet sheets point points group groups power proof based related specific level levels maker makers  setting
settings owner owners leader leaders giver givers taker takers screen screens share sharing rating build  building
mapping scape scapes force forces friendly stage paper papers track works craft market scale phone  phones learning
working making raising check checks fighter fighters therapy seeker seekers going
"""
ENDS = frozenset(ENDS_WORDS.split())


def check_spacing(subject, passage):
    if passage.kind == "title" and passage.text.isupper():
        return
    text = ADDRESS.sub(lambda match: "@" * len(match.group()), passage.text)
    text = text.replace("\ufffe", "-").replace("\x02", "-").replace("\N{SOFT HYPHEN}", "-")
    reported = set()
    for match, apart in find_run_together(text):
        if match.group() not in reported:
            reported.add(match.group())
            message = f"“{match.group()}” looks like two words without a space: “{apart}”."
            yield Finding("run_together", message, passage.place, excerpt(passage.text, *match.span()))


def find_run_together(text):
    for match in JOINED.finditer(text) if "-" in text else ():
        yield match, match.group().replace("-", " – ")
    for match in WORD.finditer(text):
        if apart := split_run_together(match.group()):
            yield match, apart


@lru_cache(maxsize=20_000)
def split_run_together(word):
    """The two words that run together in `word`: "them this" for "themthis"; "" where it is one word, or a name."""
    if is_word(word) or is_word(word.capitalize()):
        return ""
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        if may_run_together(first, second) and is_word(first) and is_word(second):
            return f"{first} {second}"
    return ""


def may_run_together(first, second):
    if first in SMALL_WORD_SET or second in SMALL_WORD_SET:
        return second not in PRONOUN_ENDS
    if len(first) < PLAIN_PIECE or len(second) < PLAIN_PIECE or first in BEGINS or second in ENDS:
        return False
    return second in NO_DOER or not DOER.search(second)


# Uploaded papers: what they say they are, tagging, pages that are empty or there twice

ITEM_NUMBER = re.compile(r"\bagenda\s+item(?:\s+(?:no\.?|number))?\s*:?\s*(\d{1,2})\b(?!\s*(?:of|/))", re.IGNORECASE)
RANGE = re.compile(r"\bpages?\s+(\d{1,4})\s*(?:-|–|to)\s*(\d{1,4})\b|\bpage\s+(\d{1,4})\b", re.IGNORECASE)
PAGE_OF = re.compile(r"^\s*page\s+(\d{1,3})\s+of\s+(\d{1,3})\s*$", re.IGNORECASE | re.MULTILINE)
PAGE_ALONE = re.compile(r"^\s*page\s+(\d{1,4})\s*$", re.IGNORECASE | re.MULTILINE)
WITHHELD = re.compile(r"\bnot\s+for\s+publication\b|\bexempt\s+from\s+publication\b", re.IGNORECASE)
ANOTHER_PAPER = re.compile(r"\b(?:appendix|appendices|annex(?:e|es)?|enclosures?)\b[^.!?]*$", re.IGNORECASE)
DATED = re.compile(
    r"^\s*(?:date(?:\s+of\s+(?:the\s+)?meeting)?|meeting\s+date)\s*[:\t]\s*(.{4,60})$", re.IGNORECASE | re.MULTILINE
)
OTHER_DAYS = re.compile(r"\bminutes\b|\bactions?\b|\bprevious\b|\blast meeting\b", re.IGNORECASE)
HEAD = 600  # letters of a first page in which a paper says what it is


def check_typed_pages(subject, item):
    yield from find_typed_pages(item.item.title, item.place)
    yield from find_typed_pages(item.item.subtitle, item.place)


def check_paper_title(subject, item, paper):
    yield from find_typed_pages(paper.paper.title, paper.place)


def find_typed_pages(text, place):
    if match := RANGE.search(text):
        message = "The title names pages. Leave them out: the pack's page numbers are worked out."
        yield Finding("typed_pages", message, place, match.group())


def check_withheld_mark(subject, item, paper):
    if not paper.exempt and paper.pages and (match := find_withheld_mark(paper.pages[0][:HEAD])):
        message = "The paper calls itself not for publication, but is not marked as exempt."
        yield Finding("says_not_for_publication", message, paper.place, excerpt(paper.pages[0], *match.span()))


def find_withheld_mark(head):
    """Where the paper says of itself that it is withheld; None where it only says so of its appendix."""
    marks = WITHHELD.finditer(head)
    return next(
        (mark for mark in marks if mark[0][0].isupper() or not ANOTHER_PAPER.search(head[: mark.start()])), None
    )


def check_same_paper_twice(subject):
    seen = {}
    for _, paper in subject.papers():
        first = seen.setdefault(paper.paper.checksum, paper) if paper.paper.checksum else paper
        if first is not paper:
            yield Finding("same_paper_twice", f"This is the same file as {first.place.where}.", paper.place)


def check_tagging(subject, item, paper):
    place = replacement_place(subject, paper)
    if paper.paper.is_untagged:
        message = (
            "The paper is not tagged, so screen readers cannot recognise its headings and tables. Ask for a tagged PDF."
        )
        yield Finding("untagged", message, place)
    elif paper.paper.tagging == "faulty":
        yield Finding("faulty_tags", "The paper is tagged for screen readers, but the tags have faults.", place)


def check_empty_pages(subject, item, paper):
    empty = [number for number, text in enumerate(paper.pages, start=1) if not text.strip()]
    if not empty:
        return
    if len(empty) == len(paper.pages):
        message = "No page of the paper has any text: it is a scan, or empty."
    elif len(empty) == 1:
        message = f"Page {empty[0]} has no text: empty, or a picture."
    else:
        numbers = get_text_list([str(number) for number in empty], "and")
        message = f"Pages {numbers} have no text: empty, or a picture."
    yield Finding("empty_page", message, paper.page_place(empty[0]))


def check_item_number(subject, item, paper):
    head = paper.pages[0][:HEAD] if paper.pages else ""
    if (match := ITEM_NUMBER.search(head)) and int(match[1]) != item.item.number:
        message = f"The paper calls itself agenda item {match[1]}, but it is under item {item.item.number}."
        yield Finding("another_item", message, paper.page_place(1), excerpt(head, *match.span()))


def check_own_page_numbers(subject, item, paper):
    first = paper.pages[0] if paper.pages else ""
    place = paper.page_place(1)
    counted = PAGE_OF.search(first)
    alone = PAGE_ALONE.search(first)
    ranged = re.search(r"^\s*\(?pages\s+(\d{1,4})\s*(?:-|–|to)\s*(\d{1,4})\)?\s*$", first, re.IGNORECASE | re.MULTILINE)
    if counted and int(counted[1]) == 1 and int(counted[2]) != paper.paper.page_count:
        message = f"The paper says that it has {counted[2]} pages, but the file has {paper.paper.page_count}."
        yield Finding("page_count", message, place, quoted=counted.group().strip())
    elif (counted and int(counted[1]) > 1) or (alone and int(alone[1]) > 1):
        match = counted or alone
        message = f"The paper numbers its first page {match[1]}: is it part of another one, or of another pack?"
        yield Finding("own_pages", message, place, quoted=match.group().strip())
    if ranged:
        message = "The paper names page numbers of its own, which are not those of this pack."
        yield Finding("own_pages", message, place, quoted=ranged.group().strip())


def check_paper_dates(subject, item, paper):
    if OTHER_DAYS.search(paper.paper.title):
        return
    titled, filed = first_day(paper.paper.title), first_day(re.sub(r"[_]+", " ", paper.original_name))
    if titled and filed and titled != filed:
        message = f"The title of the paper says {long_date(titled)}, its file {long_date(filed)}."
        yield Finding("dates_disagree", message, paper.place, paper.original_name)
    head = DATED.search(paper.pages[0][:HEAD]) if paper.pages else None
    headed = first_day(head[1]) if head else None
    if headed and headed != subject.day:
        message = f"The paper is dated {long_date(headed)}, but the meeting is on {long_date(subject.day)}."
        yield Finding("dates_disagree", message, paper.page_place(1), head.group().strip())


def first_day(text):
    days = (written.on(written.year) for written in dates_in(text) if written.year and written.day)
    return next((day for day in days if day), None)


# Page numbers that another pack of the meeting has too: the pages of all issues are one run


def check_page_numbers(subject):
    for later, page in subject.overlaps:
        name = issue_name(later)
        yield Finding(
            "pages_twice",
            f"{name} is published with pages from {page} on, and this pack now has a page {page} too. When this is "
            f"published, build and publish {name.lower()} again.",
            Place("Page numbers", reverse("clerk:pack", args=[subject.meeting, later])),
        )


# (what to look at, the checks of each)
CHECKS = (
    (Subject.whole, (check_meeting, check_publication_date)),
    (Subject.reports, (check_report_stage,)),
    (Subject.each_item, (check_officer_reports,)),
    (Subject.each_item, (check_exempt_paragraphs,)),
    (Subject.each_item, (check_missing_papers,)),
    (Subject.reports, (check_lead_officers, check_target_dates, check_forecast_dates)),
    (Subject.reports, (check_titles, check_update_date)),
    (Subject.passages, (check_passed_dates,)),
    (Subject.reports, (check_repeats, check_repeated_paragraphs)),
    (Subject.reports, (check_numbering,)),
    (Subject.passages, (check_placeholders,)),
    (Subject.passages, (check_spacing,)),
    (Subject.whole, (check_same_paper_twice,)),
    (Subject.each_item, (check_typed_pages,)),
    (
        Subject.papers,
        (
            *(check_paper_title, check_tagging, check_empty_pages, check_item_number, check_own_page_numbers),
            *(check_paper_dates, check_withheld_mark),
        ),
    ),
    (Subject.whole, (check_page_numbers,)),
)


def text_about(finding, *looked_at):
    """What the finding is about: it stays ticked off until this changes."""
    if not looked_at:
        return ""
    thing = looked_at[-1]
    if isinstance(thing, Passage):
        return thing.checksum or thing.text
    if isinstance(thing, PaperSubject):
        return f"{thing.paper.checksum} {thing.paper.title}"
    item = looked_at[0].item
    rows = thing.rows if isinstance(thing, ReportSubject) else ()
    row = next((row for row in rows if row.place.key == finding.place.key), None)
    return repr(row.row) if row else f"{item.title}\n{item.subtitle}"


def find_problems(subject):
    """Everything to say about the pack as Findings: what stops it first, then in the order of CHECKS."""
    found = [
        replace(finding, about=text_about(finding, *thing))
        for things, checks in CHECKS
        for thing in things(subject)
        for check in checks
        for finding in check(subject, *thing)
    ]
    return sorted(found, key=lambda finding: not finding.stops)
