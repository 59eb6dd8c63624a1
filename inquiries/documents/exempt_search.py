"""The search for exempt text in what is about to be published.

Passages of five or more words stop publication; figures, names and titles are for the clerk to look at. Texts are
compared by their letters and digits alone, so layout, hyphens and lost spaces make no difference. The second half of
this file gets every text out of data, Word files and PDFs.
"""

import io
import re
import unicodedata
import warnings
import zlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from urllib.parse import unquote

import pikepdf
import pypdfium2

from inquiries.choices import ExemptParagraph
from inquiries.documents.rich_text import BULLET, NUMBER
from inquiries.text import BLANK_LETTERS

# A word may hold apostrophes. It ends before a capital that follows a small letter: there a space was lost.
WORD = re.compile(r"[^\W_](?:['\u2019]?[^\W_](?<![a-z][A-Z]))*")
POSSESSIVE = re.compile("['\u2019][sS]$")
APOSTROPHES = str.maketrans("", "", "'\u2019")
# NUL, soft hyphen, characters without a width, and letters of which nothing is seen.
UNSEEN = dict.fromkeys(map(ord, {*"\0\u00ad\u200b\u200c\u200d\u200e\u2060\ufeff", *BLANK_LETTERS}))

PASSAGE = 5  # words in a row
LONG_PASSAGE = 8
# How many words of a passage must say something, so that ordinary English in two papers is not taken for a leak.
TELLING, TELLING_IN_LONG_PASSAGE = 3, 2

# What says nothing by itself in a council's papers: words that no name has, words that people are called by too (a name
# is made of two of them), and others.
FUNCTION_WORDS, NAME_WORDS, OTHER_WORDS = (
    frozenset(words.split()) for words in (Path(__file__).parent / "ordinary_words.txt").read_text().split("\n\n")
)
ORDINARY = FUNCTION_WORDS | NAME_WORDS | OTHER_WORDS
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "professor", "sir", "lady", "lord"})

SIGNS = {
    "£": r"£|&pound;|GBP|pounds?|sterling",
    "€": r"€|&euro;|EUR|euros?",
    "$": r"\$|USD|dollars?",
    "%": r"%|per\s?cent|percentage\spoints?",
    "unit": r"p|pence|FTEs?|full.time\sequivalents?|ha|hectares?|acres?|miles?|km|kilometres?|metres?|m2|sq\.?\s?m"
    r"|square\smetres?|tonnes?|kg|kilograms?|kWh|MWh?",
}
SIZES = {"k": 10**3, "thousand": 10**3} | dict.fromkeys(("m", "mn", "million"), 10**6)
SIZES |= dict.fromkeys(("bn", "billion"), 10**9)
DIGIT = re.compile(r"\d")
# In a number of a text layer: a comma, or a blank that keeps its digits together.
DIGIT_GROUPS = re.compile("(?<=\\d)[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}](?=\\d{3}(?!\\d))")
CURRENCIES = "|".join(SIGNS[sign] for sign in "£€$")
FIGURE = re.compile(
    rf"(?:(?<!\w)(?P<before>{CURRENCIES})\s?|(?<![\w.,])[a-z]{{0,4}})"
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d{1,20})(?:\.\d{1,9})?)"
    rf"(?:\s?(?P<size>{'|'.join(SIZES)})(?!\w))?(?:\s?(?P<after>{'|'.join(SIGNS.values())})(?:(?<=%)|(?!\w)))?"
    r"(?:(?<=%)|(?!\w|[.,]\d))",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?\s(january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\s((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
STREET = re.compile(
    r"\b\d+[a-z]?,?\s(?:[^\W\d_]['\u2019\w-]*\s){1,3}(?:street|road|avenue|lane|close|drive|way"
    r"|court|crescent|gardens|grove|hill|place|square|terrace|walk)\b|\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b",
    re.IGNORECASE,
)
NAME = "[^\\W\\d_](?:['\u2019]?[^\\W\\d_])*"
# Two words that a blank, a hyphen, an initial's stop, "&" or a small word joins: each pair of a longer name.
PAIR = re.compile(rf"(?<![^\W_])(?=({NAME})(?:-|\.?\s{{1,3}}(?:(?:&|and|of|the|de|la|van|von|der)\s){{0,2}})({NAME}))")
# Where no reader sees the numbers, and files have many of their own.
NO_NUMBERS_IN = ("object ", "the file itself", "the document's metadata", "the Word file", "an attached file")

# What the law and the front sheet have everybody read about what they may not read.
FORMULAS = (
    *(paragraph.label for paragraph in ExemptParagraph),
    "That under section 100(A)(4) of the Local Government Act 1972 the press and public be excluded from the meeting "
    "for the following item of business on the grounds that it involves the likely disclosure of exempt information "
    "as defined in paragraph 1 of Part 1 of Schedule 12A of the Act, as amended, and that the public interest in "
    "maintaining the exemption outweighs the public interest in disclosing the information",
    "Not for publication by virtue of paragraph 1 of Part 1 of Schedule 12A to the Local Government Act 1972",
)


class Letters:
    """A text with its words, and their letters and digits alone: "Follow-up  of" is "followupof"."""

    def __init__(self, text):
        is_plain = text.isascii() and "'" not in text and "\0" not in text  # then there is nothing to make equal
        if not is_plain:
            text = text.encode("utf-8", "ignore").decode()  # without half characters
            text = DIGIT_GROUPS.sub(",", text.replace("\u00c2£", "£"))
            text = unicodedata.normalize("NFKC", text).translate(UNSEEN)
        self.text = text
        if is_plain:
            self.folded = list(map(str.lower, WORD.findall(text)))
        else:
            self.folded = [POSSESSIVE.sub("", word).translate(APOSTROPHES).casefold() for word in WORD.findall(text)]
        self.letters = "".join(self.folded)
        self.starts = list(accumulate(map(len, self.folded), initial=0))  # of each word; then the end
        self.between_words, self.anywhere = dict.fromkeys(self.starts), range(len(self.letters) + 1)

    @cached_property
    def words(self):
        """Matches, with their places in the text: needed only where something is found."""
        return list(WORD.finditer(self.text))

    def words_at(self, start, end):
        return self.words[bisect_right(self.starts, start) - 1 : bisect_left(self.starts, end)]

    def shown(self, start, end):
        words = self.words_at(start, end)
        return " ".join(self.text[words[0].start() : words[-1].end()].split())

    def is_written_as_name(self, start, end):
        """Whether two of its words have capitals; or no blank is in it, as in an address of the web."""
        capitals = sum(word.group()[0].isupper() for word in self.words_at(start, end))
        return capitals > 1 or " " not in self.shown(start, end)


class Phrases:
    """Runs of letters to look for in the time that it takes to read a text once, however many there are."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.values = {}
        self.lengths = defaultdict(set)  # by their first letters

    def add(self, letters, value):
        if len(letters) >= self.prefix and letters not in self.values:
            self.values[letters] = value
            self.lengths[letters[: self.prefix]].add(len(letters))

    def find(self, letters, bounds):
        """Those that begin and end at one of these bounds: (start, end, value)."""
        for start in [start for start in bounds if letters[start : start + self.prefix] in self.lengths]:
            for length in self.lengths[letters[start : start + self.prefix]]:
                value = self.values.get(letters[start : start + length])
                if value is not None and start + length in bounds:
                    yield start, start + length, value

    def remove(self, letters, bounds):
        for start, end, _ in list(self.find(letters, bounds)):
            self.values.pop(letters[start:end], None)


@dataclass(frozen=True)
class ExemptFound:
    text: str
    place: str
    source: str  # what it is part of: "the exempt part of the update on 5a (item 7)"
    places: tuple[str, ...] = ()
    stops: bool = True  # no publication before a clerk allows it; otherwise to be looked at

    @property
    def sentence(self):
        others = len(self.places) - 1
        more = f" and in {others} more place{'s' if others > 1 else ''}" if others > 0 else ""
        return f"“{self.text}”, from {self.source}, was found in {self.place}{more}."


class ExemptText:
    """Everything to search for, each with its source. Words of the public `record` say nothing by themselves."""

    def __init__(self, record=frozenset(), known=frozenset()):
        self.record = record
        self.known = record | known
        self.passages = Phrases(12)  # wherever in a text
        self.phrases = Phrases(5)  # between words
        self.figures = {}

    def add_text(self, text, source):
        for version in dict.fromkeys((text, without_list_marks(text))):
            self.add_passages(Letters(version), source)
        text = Letters(text)
        for match in STREET.finditer(text.text):
            self.add_phrase(Letters(match.group()), source, "as it is")
        for match in PAIR.finditer(text.text):
            if self.is_name(match[1], match[2]):
                self.phrases.add(Letters(text.text[match.start() : match.end(2)]).letters, (source, "name"))
        for key, *_ in figures(text.text):
            self.figures.setdefault(key, source)

    def add_part(self, text, source):
        """The whole of an exempt part: one that is too short for a passage is looked for as it is."""
        self.add_text(text, source)
        if len((whole := Letters(text)).folded) < PASSAGE:
            self.add_phrase(whole, source, "all of it")

    def add_passages(self, text, source):
        telling = set(filter(self.is_telling, set(text.folded)))
        for first in range(len(text.folded) - PASSAGE + 1):
            start, end = text.starts[first], text.starts[first + PASSAGE]
            words = tuple(filter(telling.__contains__, text.folded[first : first + PASSAGE]))
            self.passages.add(text.letters[start:end], (source, words))

    def add_phrase(self, text, source, kind):
        if len(text.folded) > 1 and any(map(self.is_telling, text.folded)):
            self.phrases.add(text.letters, (source, kind))

    def is_telling(self, word):
        return word not in ORDINARY and word not in self.record and not (word.isdigit() and len(word) < 5)

    def is_name(self, first, last):
        pair = {first.casefold(), last.casefold()}
        if not (first[0].isupper() and last[0].isupper()) or pair & FUNCTION_WORDS:
            return False
        if first.casefold() in TITLES and last.casefold() in self.known:
            return False
        return not pair <= ORDINARY or pair <= NAME_WORDS

    def allow(self, text):
        self.allow_title(text)
        text = Letters(text)
        self.phrases.remove(text.letters, text.between_words)
        for key, *_ in figures(text.text):
            self.figures.pop(key, None)

    def allow_title(self, text):
        """The same of a title, but a name or figure in it is looked for: the title may be where it got out."""
        text = Letters(text)
        self.passages.remove(text.letters, text.anywhere)
        self.phrases.values.pop(text.letters, None)

    def matches(self, text, place):
        """What is found in a text: (its letters or number, as it is shown, source, whether it stops publication)."""
        text = Letters(text)
        in_passages = set()
        for start, end, hits in merge_overlapping(self.passages.find(text.letters, text.anywhere)):
            telling = {word for _, words in hits for word in words}
            is_long = len(hits) + PASSAGE > LONG_PASSAGE
            if len(telling) >= (TELLING_IN_LONG_PASSAGE if is_long else TELLING):
                in_passages.update(range(start, end))
                yield text.letters[start:end], text.shown(start, end), hits[0][0], True
        phrases = (
            (start, end, (source, kind))
            for start, end, (source, kind) in self.phrases.find(text.letters, text.between_words)
            if kind != "name" or text.is_written_as_name(start, end)
        )
        for start, end, hits in merge_overlapping(phrases):
            if start not in in_passages:
                stops = any(kind == "all of it" for _, kind in hits)
                yield text.letters[start:end], text.shown(start, end), hits[0][0], stops
        for key, shown, is_signed in figures(text.text):
            # A page's own number is no figure, nor are a file's own numbers.
            if key in self.figures and (
                is_signed or not (place.startswith(NO_NUMBERS_IN) or place.endswith(f"page {key}"))
            ):
                yield key, shown, self.figures[key], False


def merge_overlapping(hits):
    merged = []
    for start, end, value in hits:
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
            merged[-1][2].append(value)
        else:
            merged.append([start, end, [value]])
    return merged


def figures(text):
    """The figures in a text: (what two of the same value have in common, as it is shown, whether it has a sign)."""
    if not DIGIT.search(text):
        return
    for match in FIGURE.finditer(text):
        sign, size = match["before"] or match["after"], match["size"]
        value = Decimal(match["number"].replace(",", "")) * SIZES.get(size.lower() if size else "", 1)
        is_year = match["number"].isdigit() and 1900 <= value < 2100
        if value >= 100 and (sign or size or not is_year):
            yield f"{value.normalize():f}", match.group(), bool(sign or size)
        elif value < 100 and sign:
            unit = next(unit for unit, pattern in SIGNS.items() if re.fullmatch(pattern, sign, re.IGNORECASE))
            kind = sign[0].casefold() if unit == "unit" else unit
            yield f"{value.normalize():f} {kind}", match.group(), True
    for match in DATE.finditer(text):
        # On the first and the last days of a month everything begins and ends.
        if 1 < int(match[1]) < 28:
            yield " ".join(match.groups()).casefold(), match.group(), True


def exempt_text_of(restricted, papers, known, passages=()):
    """All that the public may not read of a restricted PackContent: an ExemptText, for `find_exempt`.

    `papers` are its exempt papers: {pk: (title, original name of the file, [text of each page])}. `known` are names
    that everybody may read anyway, as they may what the pack says of its meeting and members. `passages` are other
    exempt parts, as pairs (what it is part of, text).
    """
    record = public_record(restricted)
    exempt, titles = ExemptText(words_of(record), words_of(known)), []
    for item in restricted.items:
        for row in item.exempt_report.content.rows if item.exempt_report else ():
            if row.exempt and row.exempt.text:
                numbers = " and ".join(row.references)
                exempt.add_part(row.exempt.text, f"the exempt part of the update on {numbers} (item {item.number})")
        for paper in item.exempt_papers:
            title, original_name, pages = papers.get(paper.pk, (paper.title, "", ()))
            source = f"the exempt paper “{title}” (item {item.number})"
            for name in (title, paper.title, original_name, original_name.rpartition(".")[0]):
                exempt.add_phrase(Letters(name), source, "title")
                exempt.add_passages(Letters(name), source)
            for number, page in enumerate(pages, 1):
                exempt.add_text(page, f"{source}, page {number}")
        titles += [item.title, item.subtitle, *(paper.title for paper in item.papers)]
    for source, text in passages:
        exempt.add_part(text, source)
    for title in titles:
        exempt.allow_title(title)
    for text in (*FORMULAS, *record, *known):
        exempt.allow(text)
    return exempt


def words_of(texts):
    return frozenset(word for text in texts for word in Letters(text).folded)


def public_record(content):
    day = content.moment
    date = f"{day.day} {day:%B %Y}"
    texts = [content.council, content.committee, content.venue, content.title, date, f"{day:%A} {date}"]
    texts += [text for member in content.members for text in member]
    for item in content.items:
        if item.report:
            header = item.report.content
            # The first line, of the inquiry's completion, is free text.
            texts += [header.heading, header.title, *(text for line in header.header[1:] for text in line)]
    return texts


def find_exempt(exempt, places):
    """Search texts, as pairs (where, text), for what is exempt: a list of ExemptFound, equal findings together.

    What stops publication comes first, the longest before others; then what is in few places, for it tells most.
    """
    found = {}
    for place, text in dict.fromkeys(places):  # data has the same names in every row
        for key, shown, source, stops in exempt.matches(text, place):
            found.setdefault((key, source, stops), (shown, {}))[1].setdefault(place)
    together = []
    for (_, source, stops), (shown, where) in found.items():
        pages_first = tuple(sorted(where, key=lambda place: place.startswith(NO_NUMBERS_IN)))
        together.append(ExemptFound(shown, pages_first[0], source, pages_first, stops))
    return sorted(together, key=lambda one: (not one.stops, -len(one.text) if one.stops else len(one.places)))


def without_list_marks(text):
    """The text without bullets and numbers of lines; some of them are letters."""
    return "".join(NUMBER.sub("", BULLET.sub("", line)) for line in text.splitlines(keepends=True))


def texts_of_data(data, where="the data"):
    if isinstance(data, dict):
        for key, value in data.items():
            yield where, str(key)
            yield from texts_of_data(value, f"{where}, {key}")
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts_of_data(value, where)
    elif isinstance(data, str):  # numbers in data are keys and counts
        # As it is, as a list without its marks, and as the words of a web address.
        for text in dict.fromkeys((data, without_list_marks(data), unquote(data))):
            yield where, text


ASCII = re.compile(rb"[\x20-\x7e\t\r\n]{12,}")
WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n]\x00){6,}")
WIDE_BIG = re.compile(rb"(?:\x00[\x20-\x7e\t\r\n]){6,}")


def readable_text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pieces = [match.decode("ascii") for match in ASCII.findall(data)]
        pieces += [match.decode("utf-16-le") for match in WIDE.findall(data)]
        pieces += [match.decode("utf-16-be") for match in WIDE_BIG.findall(data)]
        return "\n".join(pieces)


# What a string of a PDF is, by the key that leads to it.
STRING_PLACES = {
    key: where
    for where, keys in {
        "an alternative text (for screen readers)": "/Alt",
        "a replacement text (for screen readers)": "/ActualText /E",
        "the address of a link": "/URI",
        "a script": "/JS",
        "a bookmark": "/Title",
        "the name of a form field, a note or a part": "/T /TU",
        "the value of a form field": "/V /DV",
        "a note or the description of a link": "/Contents",
        "the name of an attached file": "/UF /F /Desc",
        "the name of a layer": "/Name",
        "a page label": "/P",
        "a named destination or attachment": "/Names /Dest /D",
    }.items()
    for key in keys.split()
}
STREAM = re.compile(rb"(?<!end)stream\r?\n")
DRAWS_TEXT = re.compile(rb"\b(?:T[jJ]|BDC|DP)\b")
# What shows a string, or marks content with a dictionary that may have a replacement text.
TEXT_OPERATORS = "Tj TJ ' \" BDC DP"
MOST_BYTES = 50_000_000  # of one stream
MOST_DRAWINGS = 2_000  # that no page shows


def texts_of_pdf(data):
    """Pairs (where, text) of all text in a PDF, given as bytes, that anybody could get out of it.

    Raises pikepdf.PdfError or pypdfium2.PdfiumError where it is no PDF: then nothing can be said about it.
    """
    seen_names, read = set(), set()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        properties = pdf.trailer.get("/Info")
        is_properties = {properties.objgen} if isinstance(properties, pikepdf.Dictionary) else ()
        for thing in [pdf.trailer, *pdf.objects]:
            where = "the document's properties" if thing.objgen in is_properties else f"object {thing.objgen[0]}"
            if isinstance(thing, pikepdf.Stream):
                yield from string_texts(thing.stream_dict, where, seen_names)
                yield from stream_texts(thing, where, read)
            else:
                yield from string_texts(thing, where, seen_names)
        places = [f"page {number}" for number in range(1, len(pdf.pages) + 1)]
        orphans = append_orphans(pdf)
        if orphans:
            saved = io.BytesIO()
            pdf.save(saved)
    yield from page_texts(saved.getvalue() if orphans else data, places + orphans)
    # What no table of the file lists: what follows its end, or stood in it before it was saved by adding to it.
    yield "the file itself", readable_text(data)
    for match in STREAM.finditer(data):
        try:
            packed = data[match.end() : data.find(b"endstream", match.end())]
            content = zlib.decompressobj().decompress(packed, MOST_BYTES)
        except zlib.error:
            continue
        if hash(content) not in read:
            yield f"the file itself, from byte {match.end()}", readable_text(content)


def page_texts(data, places):
    document = pypdfium2.PdfDocument(data)
    try:
        for number, where in enumerate(places):
            page = document[number]
            textpage = page.get_textpage()
            yield where, textpage.get_text_range()
            textpage.close()
            page.close()
    finally:
        document.close()


def string_texts(thing, where, seen_names):
    """The strings of an object and of what is directly in it; other objects have their own turn.

    `seen_names` gathers names and keys: most are PDF's own, thousands of times.
    """
    if isinstance(thing, pikepdf.Dictionary):
        for key, value in thing.items():
            if key not in seen_names:
                seen_names.add(key)
                yield where, key[1:]
            if isinstance(value, pikepdf.Object) and not value.is_indirect:  # numbers are none
                is_named = where != "the document's properties" and key in STRING_PLACES
                yield from string_texts(value, STRING_PLACES[key] if is_named else where, seen_names)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                yield from string_texts(value, where, seen_names)
    elif isinstance(thing, pikepdf.String):
        text = str(thing)
        yield where, text
        if "%" in text:
            yield where, unquote(text)  # the words of a web address
    elif isinstance(thing, pikepdf.Name) and str(thing) not in seen_names:
        seen_names.add(str(thing))
        yield where, str(thing)[1:]


def stream_texts(stream, where, read):
    """The text of a stream beside what pages show of it. `read` gathers the hashes of the streams that were read."""
    if stream.get("/Subtype") == "/Image":
        yield where, readable_text(stream.read_raw_bytes())  # a photograph's own description
        return
    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:
        yield where, readable_text(stream.read_raw_bytes())
        return
    if hash(content) in read:
        return
    read.add(hash(content))
    if stream.get("/Type") == "/Metadata":
        where = "the document's metadata (XMP)"
    elif stream.get("/Type") == "/EmbeddedFile" or stream.get("/Params") is not None:
        where = "an attached file"
        if content.startswith(b"%PDF"):
            yield from ((f"{where}, {place}", text) for place, text in texts_of_pdf(content))
    elif DRAWS_TEXT.search(content):
        yield where, shown_text(stream)
        return
    yield where, readable_text(content)


def shown_text(stream):
    """What the instructions of a content stream show and mark. Codes of glyphs are left out: only the page's own text
    tells what they mean."""
    texts = []
    with warnings.catch_warnings(action="ignore"), suppress(pikepdf.PdfError):  # what is no content after all
        for instruction in pikepdf.parse_content_stream(stream, TEXT_OPERATORS):
            for operand in instruction.operands:
                if isinstance(operand, pikepdf.Array):
                    pieces = [piece for piece in operand if isinstance(piece, pikepdf.Object)]  # numbers are none
                    texts.append("".join(str(piece) for piece in pieces if isinstance(piece, pikepdf.String)))
                else:
                    texts += [text for _, text in string_texts(operand, "", set())]
    return "\n".join(text for text in texts if "\0" not in text)


def append_orphans(pdf):
    """Append to an open PDF the pages that are not among its pages, and drawings that none shows. Returns what each
    appended page is."""
    shown, used = {page.obj.objgen for page in pdf.pages}, used_drawings(pdf)
    dictionaries = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream)]
    pages = [thing for thing in dictionaries if thing.get("/Type") == "/Page" and thing.objgen not in shown]
    drawings = [thing for thing in dictionaries if thing.get("/Subtype") == "/Form" and thing.objgen not in used]
    for page in pages:
        if "/MediaBox" not in page:
            page.MediaBox = pikepdf.Array([0, 0, 842, 842])
        pdf.pages.append(pikepdf.Page(page))
    for drawing in drawings[:MOST_DRAWINGS]:
        page = pdf.add_blank_page(page_size=(842, 842)).obj
        page.MediaBox = pikepdf.Array([float(number) for number in drawing.get("/BBox", [0, 0, 842, 842])])
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(D=drawing))
        page.Contents = pdf.make_stream(b"/D Do")
    return ["a page that is no longer shown"] * len(pages) + ["a drawing that no page shows"] * len(
        drawings[:MOST_DRAWINGS]
    )


def used_drawings(pdf):
    used, waiting = set(), [page.obj.get("/Resources") for page in pdf.pages]
    while waiting:
        resources = waiting.pop()
        drawings = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        for drawing in drawings.values() if isinstance(drawings, pikepdf.Dictionary) else ():
            if isinstance(drawing, pikepdf.Stream) and drawing.objgen not in used:
                used.add(drawing.objgen)
                waiting.append(drawing.get("/Resources"))
    return used
