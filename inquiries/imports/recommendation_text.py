"""The recommendations of an inquiry, read out of pasted text, Word or Excel."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count, islice, takewhile

from inquiries import rules
from inquiries.dates import dates_in
from inquiries.imports.docx_text import Para, joined, tidy
from inquiries.imports.draft import MANY
from inquiries.imports.pasted_text import Line, ends_sentence, join_lines, merge_soft, pasted_lines
from inquiries.imports.recommendation_table import read_table
from inquiries.imports.references import OPENERS, WEAK, leading, short
from inquiries.imports.tables import HEADING_STYLE, pasted_table, read_contents
from inquiries.text import fold_text

NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WORD_NUMBER = re.compile(
    rf"(?P<label>(?:scrutiny\s)?recommendation\s+(?:no\.?\s*|number\s+)?)(?P<word>{'|'.join(NUMBER_WORDS)})\b",
    re.IGNORECASE,
)
PREFIX = re.compile(r"\W*(?:(?:scrutiny\s)?rec(?:ommendation|s|\b|(?=\d))|R\s?\d)", re.IGNORECASE)
LABEL_ALONE = re.compile(r"(?:(?:scrutiny|select committee)\s)?recommendation\s*[:.–—-]\s*(?=\S)", re.IGNORECASE)
CLOSING = re.compile(
    r"(?:(?:kind(?:est)?|best|warm|with)\s)?(?:regards|wishes)\b|yours\s(?:sincerely|faithfully|truly)|"
    r"(?:many\s)?thanks?\b(?:\syou)?(?=\W*$|[,!.])|cheers\b|sent from my|--\s*$|_{5,}|-{5,}|"
    r"(?:from|sent|to|cc|subject):\s|on .{6,80} wrote:$",
    re.IGNORECASE,
)
# An intro of which nothing belongs into the recommendations: "The committee recommends that:".
FORMULA = re.compile(
    r"(?:recommend(?:s|ed|ations?)?|resolved|agreed|are|is|be|as follows|below|following)"
    r"(?:\s+(?:to\s+[\w ]{2,60}|that))*\s*[:.–-]*$",
    re.IGNORECASE,
)
INLINE_PART = re.compile(r"(?:(?<=[:;,.–—-])|(?<=\band)|(?<=\bor)|^)\s*\(?(?P<sign>[a-z]|[ivx]{2,5})\)\s+(?=\S)")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
SECTION = re.compile(
    r"[\d.\s]*(?:summary|list)?(?: of)?\s*(?:the )?(?:committee['’]s |our |key )?recommendations?(?: summary)?\W*",
    re.IGNORECASE,
)
PATH = re.compile(r"(?P<base>.*\d|)(?P<letter>[a-z]?)(?:\((?P<roman>[ivx]+)\))?", re.IGNORECASE)
NEXT_NUMBER = re.compile(r"(?<=[.;])\s+(?=(?P<number>\d{1,3})[.)]\s+[A-Z])")
LONGEST_HEADING = 80
LONGEST_DATE = 60


@dataclass
class FoundRecommendation:
    """`reference_given` says that the text had no number here and was given this one. `doubts` are sentences."""

    reference: str
    text: str
    reference_given: bool = False
    doubts: list[str] = field(default_factory=list)


@dataclass
class FoundRecommendations:
    """`doubts` concern the whole; `left_out` are the lines that were read as part of no recommendation.

    `has_parts` says that there are lettered parts, which can be read either way (see `read_recommendations`).
    """

    recommendations: list[FoundRecommendation] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    has_parts: bool = False


def read_recommendations(text, *, separate_parts=True):
    """The FoundRecommendations in a text. Raises Unreadable where it is too long.

    "1. That Cabinet: a) ... b) ..." is read as 1a and 1b, each with the words before them; with `separate_parts=False`
    as recommendation 1 with a list in it.
    """
    table = pasted_table(text)
    read = read_table(table) if table is not None else None
    if read is None:
        return complete(LineReading(pasted_lines(text), separate_parts).found())
    found = FoundRecommendations()
    add_table(found, *read, "")
    return complete(found)


def read_recommendation_file(data, filename, *, separate_parts=True):
    """The FoundRecommendations in the bytes of a Word document, an Excel workbook or a CSV file. Raises Unreadable."""
    contents = read_contents(data, filename)
    found, used = FoundRecommendations(), []
    for table in contents.tables:
        if (read := read_table(table)) is not None:
            add_table(found, *read, table.name)
            used.append(table)
    lines = contents.lines(without=used)
    if not found.recommendations or len(contents.tables) < len(contents.parts):
        section, others = section_of_recommendations(lines)
        in_text = LineReading(section, separate_parts).found()
        # A report has tables of other things, too: what finds more recommendations is right.
        if len(in_text.recommendations) > len(found.recommendations):
            in_text.left_out += [line.text for line in others]
            found = in_text
            lines = []
    found.left_out += [line.text for line in lines]
    found.doubts = [*contents.doubts, *found.doubts]
    return complete(found)


def add_table(found, draft, left_out, sheet):
    first = len(found.recommendations)
    for number, row in enumerate(draft.rows):
        doubts = [doubt.message for doubt in draft.doubts if doubt.row == number]
        for one in row.recommendations:
            found.recommendations.append(FoundRecommendation(one.reference, one.text, one.given, list(doubts)))
    found.doubts += [doubt.message for doubt in draft.doubts if doubt.row is None]
    if sheet and first and draft.rows:
        found.doubts.append(f"Recommendations were read from more than one sheet, the last is “{sheet}”.")
    found.left_out += left_out


def section_of_recommendations(lines):
    """The lines below the heading "Recommendations" of a report that has headings, and all others."""
    best, best_count = (lines, []), 0
    for at, line in enumerate(lines):
        if not (line.is_heading and SECTION.fullmatch(line.text)):
            continue
        level = heading_level(line)
        ends = (
            n for n, later in enumerate(lines[at + 1 :], at + 1) if later.is_heading and heading_level(later) <= level
        )
        end = next(ends, len(lines))
        count = sum(is_lead(one) for one in lines[at + 1 : end])
        if count > best_count:
            best, best_count = (lines[at + 1 : end], lines[: at + 1] + lines[end:]), count
    return best


def heading_level(line):
    return HEADING_STYLE.match(line.para.style)["level"] or "0"


@dataclass
class Item:
    """A recommendation while it is read."""

    reference: str
    paras: list[Para] = field(default_factory=list)
    given: bool = False
    doubts: list[str] = field(default_factory=list)
    is_part: bool = False  # numbered by a letter alone, below the number of another
    at: int = 0  # counts the lines that begin recommendations, perhaps several

    @property
    def text(self):
        text = joined(self.paras)
        return re.sub(r"[;,](\s+and)?$", "", text) if self.is_part else text

    @property
    def ends_with_colon(self):
        return joined(self.paras[-1:]).endswith(":")

    def add_before(self, text):
        first, *others = self.paras or [Para("")]
        self.paras = [replace(first, text=f"{text} {first.line}" if first.text else text, mark=None), *others]


class LineReading:
    """Lines become recommendations one after the other; which number may follow depends on those before it.

    `keep` says of a line that it is no heading, and does not go on what the line above began.
    """

    def __init__(self, lines, separate_parts, keep=None):
        self.separate_parts, self.keep = separate_parts, keep or is_lead
        lines = merge_soft([with_digits(line) for line in lines], keep=self.keep)
        self.lines = [part for line in lines for part in split_numbers(line)]
        self.leads = [lead_of(line) for line in self.lines]
        self.items, self.left_out, self.doubts = [], [], []
        self.left_out_above = 0  # how many lines were left out above the last recommendation
        self.has_parts = False
        numbers = [lead.numbers[0] for lead in self.leads if lead and not lead.lone]
        self.last_places = {lead.numbers[0]: at for at, lead in enumerate(self.leads) if lead}
        self.given = 0  # the last number that was given to a recommendation without one
        self.counts = Counter(map(rules.natural_key, numbers))
        self.used = set(self.counts)
        self.is_prefixed = any(PREFIX.match(line.text) for line in self.lines if is_lead(line))
        self.has_own = sum(lead is not None and lead.own for lead in self.leads) > 1
        self.indent = 0  # of the first number
        self.inner = 0  # the last number of a list within a recommendation

    def found(self):
        self.read_numbered()
        if not self.items:
            self.read_unnumbered()
        self.leave_out_after_last()
        self.put_intro_before_all()
        self.put_intros_before_parts()
        found = [FoundRecommendation(one.reference, one.text, one.given, one.doubts) for one in self.items]
        return FoundRecommendations(found, self.doubts, self.left_out, self.has_parts)

    def read_numbered(self):
        closed = False  # below a signature, or a heading
        for at, line in enumerate(self.lines):
            references = self.references_at(at)
            if references:
                closed = False
                self.begin(references, line, self.leads[at])
                continue
            # In a report "4.12" is a paragraph between two recommendations.
            narrative = self.is_prefixed and self.leads[at] is not None and "." in self.leads[at].numbers[0]
            closed = closed or line.is_heading or narrative or CLOSING.match(line.text) is not None
            if not self.items or closed or self.is_heading(at):
                self.left_out.append(line.para.line)
            else:
                self.go_on(line)

    def references_at(self, at):
        """The numbers of the recommendations that begin with this line; None where none does."""
        line, lead = self.lines[at], self.leads[at]
        if lead is None:
            return [self.free_number()] if LABEL_ALONE.match(line.text) else None
        if lead.lone:
            return self.part_references(lead.lone)
        first, prefixed = lead.numbers[0], PREFIX.match(line.text) is not None
        if lead.own and not (self.has_own or "\t" in line.para.tabbed):
            return None
        if not self.items:
            plausible = lead.strength > WEAK or lead.own or first == "1" or begins_sentence(lead.rest)
            self.indent = line.indent
            return lead.numbers if plausible and prefixed >= self.is_prefixed else None
        last = self.items[-1].reference
        follows = follows_on(first, last)
        if self.is_prefixed and not prefixed:
            below = is_below(first, last) or is_below(first, rules.bare_number(last))
            once = first.isdigit() and self.counts[rules.natural_key(first)] == 1
            return lead.numbers if below or (follows and once) else None
        if not prefixed and self.is_inner(first, line, at):
            return None
        goes_up = rules.natural_key(first) >= rules.natural_key(last) or begins_sentence(lead.rest)
        if lead.strength == WEAK and not (lead.own or follows or (goes_up and not line.soft)):
            return None
        # Below a line that ends without a full stop ("Lead officer: Jane Smith") the next part is still one.
        follows = follows or (lead.strength > WEAK and is_next_part(first, last))
        return lead.numbers if follows or prefixed or not line.soft else None

    def is_inner(self, first, line, at):
        """Whether a number belongs to a list within the recommendation: "2. Cabinet should: 1. ... 2. ..."."""
        if not first.isdigit():
            return False
        number, last = int(first), rules.bare_number(self.items[-1].reference)
        is_next = last.isdigit() and number == int(last) + 1
        later = self.last_places[first] > at
        starts = number == 1 and self.items[-1].ends_with_colon
        goes_on = bool(self.inner) and number == self.inner + 1 and (not is_next or later)
        indented = line.indent > self.indent + 1 and (not is_next or later)
        if starts or goes_on or indented:
            self.inner = number
            return True
        return False

    def part_references(self, lone):
        """The reference of "b)" or "(ii)" below the last one; None where it continues nothing."""
        if not self.items:
            return [lone] if lone in ("a", "i") else None
        last = self.items[-1]
        path = PATH.fullmatch(last.reference)
        if last.given or path is None:
            return None
        base, letter, roman = path.groups("")
        found = None
        if not base and last.reference in ROMANS and lone == next_roman(last.reference):
            found = lone
        elif roman and lone == next_roman(roman):
            found = f"{base}{letter}({lone})"
        elif letter and len(lone) == 1 and ord(lone) == ord(letter.lower()) + 1:
            found = f"{base}{lone}"
        elif lone == "a" and base and not letter and not roman:
            found = f"{base}a"
        elif lone == "i" and (base or letter) and not roman:
            found = f"{base}{letter}(i)"
        self.has_parts = self.has_parts or bool(base and found)
        return [found] if found and (self.separate_parts or not base) else None

    def free_number(self):
        free = (n for n in count(self.given + 1) if rules.natural_key(str(n)) not in self.used)
        self.given = next(free)
        return str(self.given)

    def begin(self, references, line, lead):
        label = LABEL_ALONE.match(line.text)
        rest = lead.rest if lead else line.text[label.end() :]
        given = lead is None or lead.given
        doubts = list(line.doubts)
        if len(references) > 1:
            doubts.append(f"{', '.join(references)} come before one wording; each was given the same text.")
        if lead is None:
            doubts.append(f"This recommendation has no number; it was given {references[0]}.")
        elif lead.strength == WEAK and not lead.own and not begins_sentence(rest):
            doubts.append(f"“{references[0]} {short(rest, 30)}” was read as recommendation {references[0]}.")
        self.inner, self.left_out_above = 0, len(self.left_out)
        is_part = lead is not None and bool(lead.lone)
        at = self.items[-1].at + 1 if self.items else 1
        self.used.update(map(rules.natural_key, references))
        for reference in references:
            self.items.append(Item(reference, as_paras(line, rest), given, list(doubts), is_part, at))
        if len(references) == 1:
            self.split_inline_parts(line)

    def split_inline_parts(self, line):
        """ "1. That Cabinet: a) ...; and b) ..." in one line, and "1. a) ..."."""
        item = self.items[-1]
        text = item.paras[0].text if item.paras else ""
        matches = list(INLINE_PART.finditer(text))
        signs = [match["sign"] for match in matches]
        wanted = ROMANS if signs[:1] == ["i"] else LETTERS
        if not matches or signs != list(wanted[: len(signs)]) or (len(signs) == 1 and matches[0].start()):
            return
        self.has_parts = True
        if not self.separate_parts or item.given:
            return
        item.paras = as_paras(line, text[: matches[0].start()])
        for match, end in zip(matches, [*(match.start() for match in matches[1:]), len(text)], strict=True):
            references = self.part_references(match["sign"])
            if references:
                self.used.update(map(rules.natural_key, references))
                words = re.sub(r"[;,]?\s+(?:and|or)$", "", text[match.end() : end].strip())
                self.items.append(Item(references[0], as_paras(line, words), is_part=True))
            else:
                self.items[-1].paras += as_paras(line, text[match.start() : end])

    def go_on(self, line):
        item = self.items[-1]
        lead = lead_of(line)
        if line.soft and item.paras and (lead is None or lead.strength == WEAK):
            whole = join_lines(Line(item.paras[-1]), line)
            item.paras[-1] = whole.para
            item.doubts += whole.doubts
            return
        item.doubts += line.doubts
        if item.paras and line.para.mark is None:
            if lead is not None:
                message = f"“{short(line.text)}” begins with a number or letter; it was read as part of the wording."
                item.doubts += [message] if not any("number or letter" in doubt for doubt in item.doubts) else []
            elif not item.ends_with_colon:
                item.doubts.append(f"“{short(line.text)}” has no number; it was read as part of {item.reference}.")
        item.paras.append(line.para)

    def is_heading(self, at):
        """Whether it is a heading between two recommendations."""
        line, following = self.lines[at], [lead for lead in self.leads[at + 1 : at + 2] if lead and not lead.lone]
        if line.para.mark is not None or line.soft or not self.items[-1].paras or not following or self.keep(line):
            return False
        return len(line.text) <= LONGEST_HEADING and not re.search(r"[.;,!?]['’”\")]*$", line.text)

    def read_unnumbered(self):
        """Bullets, or else paragraphs, each as a recommendation."""
        self.left_out = []
        lines = merge_soft(self.lines)
        bullets = [line for line in lines if line.para.mark is not None]
        top = min(((line.indent, line.para.mark.level) for line in bullets), default=None)
        closed = False
        for line in lines:
            closed = closed or CLOSING.match(line.text) is not None
            is_bullet = line.para.mark is not None
            if closed or line.is_heading:
                self.left_out.append(line.para.line)
            elif (is_bullet and (line.indent, line.para.mark.level) == top) or (not bullets and is_sentence(line.text)):
                item = Item(self.free_number(), as_paras(line, line.text), given=True, doubts=list(line.doubts))
                self.items.append(item)
            elif self.items and bullets and (is_bullet or not line.apart):
                self.go_on(line)
            else:
                self.left_out.append(line.para.line)
        if not self.items:
            return
        numbers = f"1 to {len(self.items)}, in order" if len(self.items) > 1 else "1"
        if bullets:
            self.doubts.append(f"The recommendations have no numbers; they were given {numbers}.")
        else:
            self.doubts.append(
                f"No numbers or bullets were found. Each paragraph was read as a recommendation, and given {numbers}."
            )

    def leave_out_after_last(self):
        """Paragraphs below the last recommendation, where no other one has several."""
        *others, last = self.items or [Item("")]
        if not others or any(para.mark is None for item in others for para in item.paras[1:]):
            return
        after = [para for para in last.paras[1:] if para.mark is None and not last.paras[0].text.endswith(":")]
        if after and last.paras[-len(after) :] == after:
            last.paras = last.paras[: -len(after)]
            last.doubts = [doubt for doubt in last.doubts if "has no number" not in doubt]
            self.left_out[self.left_out_above : self.left_out_above] = [para.line for para in after]

    def put_intro_before_all(self):
        """ "That Cabinet:" above a list of which every item goes on in small letters."""
        top = [item for item in self.items if "." not in rules.natural_key(item.reference).removeprefix("r.")]
        above = [line.text for line in self.lines if line.text in self.left_out and line.text.endswith(":")]
        if not top or not above or FORMULA.search(above[-1]) or not all(item.text[:1].islower() for item in top):
            return
        for item in top:
            item.add_before(above[-1])
        self.left_out.remove(above[-1])
        self.doubts.append(f"“{short(above[-1])}” comes before the list, and was put before each recommendation.")

    def put_intros_before_parts(self):
        items, self.items = self.items, []
        for at, item in enumerate(items):
            parts = list(
                takewhile(lambda one, item=item: is_below(one.reference, item.reference), islice(items, at + 1, None))
            )
            if not parts:
                self.items.append(item)
                continue
            text = joined(item.paras)
            first, last = parts[0].reference, parts[-1].reference
            shown = first if len(parts) == 1 else f"{first} {'to' if parts[2:] else 'and'} {last}"
            if text.endswith((":", "–", "—", ",")) or (not ends_sentence(text) and parts[0].text[:1].islower()):
                for part in parts:
                    part.add_before(text)
                parts[0].doubts += item.doubts
                self.doubts.append(f"“{short(text)}” comes before {shown}, and was put before each of them.")
            elif text and not ends_sentence(text) and len(text) <= LONGEST_HEADING:
                self.left_out.append(f"{item.reference} {text}")
            elif text:
                item.doubts.append(f"There are parts below it ({shown}): this was read as a recommendation of its own.")
                self.items.append(item)


def complete(found):
    """Add what is to be said of the whole; a recommendation that is there twice, word for word, is taken once."""
    kept = {}
    for one in found.recommendations:
        key = rules.natural_key(one.reference), fold_text(one.text)
        if key in kept:
            kept[key].doubts.append(f"Recommendation {one.reference} is in the text twice, and was taken once.")
        else:
            kept[key] = one
        if not one.text:
            one.doubts.append(f"Recommendation {one.reference} has no wording.")
    found.recommendations = list(kept.values())
    references = [one.reference for one in found.recommendations]
    counts = Counter(map(rules.natural_key, references))
    for reference in dict.fromkeys(one for one in references if counts[rules.natural_key(one)] > 1):
        found.doubts.append(f"The number {reference} is used twice.")
    missing = [] if any(one.reference_given for one in found.recommendations) else rules.missing_numbers(references)
    if len(missing) > MANY:
        found.doubts.append(f"{len(missing)} numbers are missing between {references[0]} and {references[-1]}.")
    else:
        found.doubts += [f"Nothing is numbered {number}." for number in missing]
    if not found.recommendations:
        found.doubts.append("No recommendation was found.")
    elif found.left_out:
        shown = ", ".join(f"“{short(text, 80)}”" for text in found.left_out[:3])
        more = f" and {len(found.left_out) - 3} more" if len(found.left_out) > 3 else ""
        found.doubts.append(f"Read as no part of a recommendation, and left out: {shown}{more}.")
    return found


def with_digits(line):
    """The line with "Recommendation One" and "[1]" written as "Recommendation 1" and "1."."""
    para = line.para
    text = WORD_NUMBER.sub(lambda m: f"{m['label']}{NUMBER_WORDS.index(m['word'].lower()) + 1}", para.tabbed)
    text = re.sub(r"^\[((?:R\s?)?\d{1,3}[a-z]?)\](?=\s)", r"\1.", text)
    return line if text == para.tabbed else replace(line, para=replace(para, text=tidy(text), tabbed=text))


def split_numbers(line):
    """ "1. That ... 2. That ..." in one line, as two."""
    lead = lead_of(line)
    if lead is None or not lead.numbers[0].isdigit():
        return [line]
    last, cuts = int(lead.numbers[0]), []
    for match in NEXT_NUMBER.finditer(line.text):
        if match["number"] == str(last + 1):
            last += 1
            cuts.append(match)
    if not cuts:
        return [line]
    first = line.text[: cuts[0].start()]
    ends = [*(cut.start() for cut in cuts[1:]), len(line.text)]
    others = [line.text[cut.end() : end] for cut, end in zip(cuts, ends, strict=True)]
    return [
        replace(line, para=replace(line.para, text=first, tabbed=first)),
        *(Line(Para(text, tabbed=text), line.indent, apart=True) for text in others),
    ]


def lead_of(line):
    """The number that a line begins with (a Lead), or None: a day is no number."""
    # A numbered paragraph of a report that begins with "Recommendation 3:" is that.
    lead = leading(replace(line.para, mark=None) if PREFIX.match(line.text) else line.para)
    day = next(iter(dates_in(line.text[:LONGEST_DATE])), None)
    if lead is None or not lead.strength or (day is not None and day.start == 0 and lead.strength == WEAK):
        return None
    return lead


def is_lead(line):
    return lead_of(line) is not None


def begins_sentence(text):
    return (text.split() or [""])[0].lower() in OPENERS


def is_sentence(text):
    return len(text.split()) > 3 and text[-1:] not in ":," and (text[-1:] in ".;!?)”" or len(text.split()) > 7)


def is_below(reference, other):
    return rules.natural_key(reference).startswith(f"{rules.natural_key(other)}.")


def follows_on(reference, last):
    """Whether 3, 3a or 3.1 follows 2, 2b or 2.4; or 2.5 follows 2.4; or 2.1 follows 2."""
    if is_below(reference, last):
        return True
    one, other = rules.natural_key(reference).split("."), rules.natural_key(last).split(".")
    return any(
        part.isdigit() and before.isdigit() and int(part) == int(before) + 1 and one[:at] == other[:at]
        for at, (part, before) in enumerate(zip(one, other, strict=False))
    )


def is_next_part(reference, last):
    """Whether it is the part after the last one: 2b after 2a."""
    one, other = rules.natural_key(reference), rules.natural_key(last)
    return one[:-1] == other[:-1] and one[-1:].isalpha() and ord(one[-1]) == ord(other[-1]) + 1


def next_roman(roman):
    at = ROMANS.index(roman) + 1 if roman in ROMANS else len(ROMANS)
    return ROMANS[at] if at < len(ROMANS) else ""


def as_paras(line, text):
    """The text as the only paragraph of a list, without the mark of the line; none where there is no text."""
    text = tidy(text)
    return [replace(line.para, text=text, tabbed=text, mark=None)] if text else []
