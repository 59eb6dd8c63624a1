"""The search for exempt text in what is about to be published: passages of five or more words, figures, names, titles.

First what is looked for and how text is compared, then how every text is got out of data, Word files and PDFs.
"""

import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import pikepdf
import pypdfium2

from inquiries.choices import ExemptParagraph
from inquiries.spelling import is_word
from inquiries.uploads.word import W, parse_xml

# What a text layer puts where a line was broken inside a word, and what nobody sees.
UNSEEN = dict.fromkeys(map(ord, "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"))
UNSEEN |= dict.fromkeys(map(ord, "\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}\N{LEFT-TO-RIGHT MARK}"))
BROKEN = re.compile("[\ufffe\x02]\\s*")
HYPHENS = "\\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}"
HYPHEN = re.compile(rf"(?<=\w)[{HYPHENS}]\s*(?=\w)")
POSSESSIVE = re.compile("(?<=\\w)['\N{RIGHT SINGLE QUOTATION MARK}][sS](?!\\w)")
APOSTROPHE = re.compile("(?<=\\w)['\N{RIGHT SINGLE QUOTATION MARK}](?=\\w)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
TOKEN = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")

PASSAGE = 5  # words in a row
LONG_PASSAGE = 8
# How many words of a passage must say something, so that ordinary English in two papers is not taken for a leak.
TELLING, TELLING_IN_LONG_PASSAGE = 3, 2

DATE = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)? (?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december) (?:19|20)\d\d\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(r"[£$€] ?(\d+(?:\.\d+)?)( ?(?:k|m|bn|million|billion)\b)?", re.IGNORECASE)
PERCENTAGE = re.compile(r"\d+\.\d+(?= ?(?:%|per ?cent))", re.IGNORECASE)
FIGURE = re.compile(r"\b(?=[\w.-]*\d)\w+(?:[.-]\w+)*\b")
# Figures that stand in many papers: years, ordinals, times, section numbers, round numbers.
COMMON_FIGURE = re.compile(
    r"(?:19|20)\d\d(?:(?:19|20)?\d\d)?|\d{1,2}(?:st|nd|rd|th|am|pm)|\d{1,2}\.\d\d(?:am|pm)?|\d+(?:\.\d{1,2}){2,}"
    r"|\d0+"
)
NAME = re.compile(r"[^\W\d_]{2,}")
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "professor", "sir", "lady", "lord"})
SHORTEST = 4  # characters of a figure or a name that stands for its text by itself
ABBREVIATION = 5  # letters in capitals: CAMHS, SEND

# What the law and the front sheet have everybody read about what they may not read.
FORMULAS = (
    *(paragraph.label for paragraph in ExemptParagraph),
    "That under section 100(A)(4) of the Local Government Act 1972 the press and public be excluded from the meeting "
    "for the following item of business on the grounds that it involves the likely disclosure of exempt information "
    "as defined in paragraph 1 of Part 1 of Schedule 12A of the Act, as amended, and that the public interest in "
    "maintaining the exemption outweighs the public interest in disclosing the information",
    "Not for publication by virtue of paragraph 1 of Part 1 of Schedule 12A to the Local Government Act 1972",
)
# Words that say nothing by themselves about what they stand in, in a council's papers.
ORDINARY_WORDS = """
a about above according account across act action actions add added after again against agenda agree agreed all also
although always am amount an and annual any appendix approach appropriate april are area areas around as ask asked at
attached august authority available away back background based be because been before being below best better between
board both brexit brief briefing britain british broadband business but by cabinet can cannot carried case chair
chairman change changes child children christmas clear clerk come committee committees communities community complete
completed consider considered contact continue continued copy corporate could council councillor councillors councils
county countys covid current currently date day days december decision delivery department detail details develop
development did different director district do does done down due during each early east easter either email emails
end england english ensure etc europe european even every exempt existing february finance financial first five
following foodbank foodbanks for forward found four friday from full function further future general get give given go
good government great group groups had has have having he head health healthwatch held help her here high his home how
however i if implementation implemented important improve in include included includes including increase information
inquiry interim internet into ireland irish is issue issues it item items its itself january jobcentre jobcentres july
june just keep key know large last late later lead least level life like likely line list local london long looking
made main make making management many march matter may me meet meeting meetings member members microsoft might monday
month monthly months more most much must my name national need needed needs new next no north not note noted november
now number numbers october of off office officer officers ofsted on one online only open or order original other
others our out outturn over overview own page pages paper papers paragraph part partner partners partnership people
per performance person persons place plan planned planning plans please point policy position possible press previous
private process processes programme progress project proposed provide provided providing public published purpose put
quarter rather reablement recent recommendation recommendations recommended regard related relates relevant report
reported reports required requirement requirements residents resources respect response result review reviewed right
role saturday schedule school schools scotland scottish scrutiny second section see select sept september service
services set several shall she should show since six small so social some south staff standard statement statutory
still strategic strategy such summary sunday support supported system take taken taking team teams ten terms than that
the their them then there therefore these they third this those three through thursday time times title to together
total tuesday two type under understand unitary until up update updated updates upon us use used using various very
view wales was way ways we webpage webpages website websites wednesday week weeks well wellbeing welsh were west what
when where whether which while who whole whom whose why wide will with within without work worked working works
workstream workstreams would year years yes yet you young your
"""
ORDINARY = frozenset(ORDINARY_WORDS.split())


def plain(text):
    """The text with every difference taken away that does not make another word; case stays."""
    text = unicodedata.normalize("NFKC", text).translate(UNSEEN)
    text = APOSTROPHE.sub("", POSSESSIVE.sub("", BROKEN.sub("", text)))
    return THOUSANDS.sub("", text)


def tokens(text, *, split=False):
    """The words of a text, casefolded. Hyphens join what they stand between ("followup"), or part it with `split`."""
    return TOKEN.findall(HYPHEN.sub(" " if split else "", plain(text)).casefold())


def both_ways(text):
    """The words of a text with hyphens joined and, where that is something else, with hyphens parted."""
    joined, parted = tokens(text), tokens(text, split=True)
    return [joined] if joined == parted else [joined, parted]


def is_telling(token, known):
    return token not in ORDINARY and token not in known and not (token.isdigit() and len(token) < 5)


def passages(words):
    return zip(*(words[start:] for start in range(PASSAGE)), strict=False)


@dataclass(frozen=True)
class ExemptFound:
    text: str
    place: str
    source: str  # what it is part of: "the exempt part of the update on 5a (item 7)"
    places: tuple[str, ...] = ()

    @property
    def sentence(self):
        others = len(self.places) - 1
        more = f" and in {others} more place{'s' if others > 1 else ''}" if others > 0 else ""
        return f"“{self.text}”, from {self.source}, was found in {self.place}{more}."


@dataclass
class ExemptText:
    """Everything to search for, each with its source. `known` are words that everybody may read anyway."""

    known: frozenset[str]
    passages: dict[tuple[str, ...], str] = field(default_factory=dict)
    phrases: dict[str, dict[tuple[str, ...], str]] = field(default_factory=lambda: defaultdict(dict))  # by first word

    def add_text(self, text, source):
        for words in both_ways(text):
            if len(words) < LONG_PASSAGE:
                self.add_title(words, source)
            for passage in passages(words):
                self.passages.setdefault(passage, source)
        for words in (*figures(text), *names(text)):
            if not self.known.issuperset(words):
                self.phrases[words[0]].setdefault(words, source)

    def add_title(self, words, source):
        if any(is_telling(word, self.known) and len(word) > 2 for word in words):
            self.phrases[words[0]].setdefault(tuple(words), source)

    def allow(self, text):
        for words in both_ways(text):
            for passage in passages(words):
                self.passages.pop(passage, None)
            if words:
                self.phrases.get(words[0], {}).pop(tuple(words), None)

    def matches(self, words, allowed, allowed_passages):
        hits = [
            start
            for start, passage in enumerate(passages(words))
            if passage in self.passages and passage not in allowed_passages
        ]
        spans = []  # hits that follow each other are one passage
        for hit in hits:
            if spans and hit == spans[-1][1] + 1:
                spans[-1][1] = hit
            else:
                spans.append([hit, hit])
        for first, last in spans:
            passage = tuple(words[first : last + PASSAGE])
            telling = len({word for word in passage if is_telling(word, self.known)})
            if telling >= (TELLING_IN_LONG_PASSAGE if len(passage) >= LONG_PASSAGE else TELLING):
                yield passage, self.passages[passage[:PASSAGE]]
        for start, word in enumerate(words):
            for phrase, source in self.phrases.get(word, {}).items():
                if phrase not in allowed and tuple(words[start : start + len(phrase)]) == phrase:
                    yield phrase, source


def figures(text):
    readable = HYPHEN.sub("-", plain(text))
    for match in AMOUNT.finditer(readable):
        if len(match[1]) >= SHORTEST or match[2]:
            yield tuple(tokens(match.group()))
    for match in DATE.finditer(readable):
        # On the first and the last days of a month everything begins and ends.
        if 1 < int(match[1]) < 28:
            yield tuple(tokens(match.group()))
    for match in PERCENTAGE.finditer(readable):
        yield (match.group(),)
    for match in FIGURE.finditer(readable):
        for word in {*tokens(match.group()), *tokens(match.group(), split=True)}:
            is_decimal = "." in word and len(word) <= 5
            if (
                re.search(r"\d", word)
                and len(word) >= SHORTEST
                and not is_decimal
                and not COMMON_FIGURE.fullmatch(word)
            ):
                yield (word,)


def names(text):
    """The names in a text, each as a tuple of words: with a title, of two words, or of one that is no English word."""
    readable = HYPHEN.sub("-", plain(text))
    before, before_is_name = None, False
    for match in NAME.finditer(readable):
        word, folded = match.group(), match.group().casefold()
        capital = word[0].isupper()
        is_name = capital and not is_word(folded)
        is_abbreviation = word.isupper() and len(word) <= ABBREVIATION
        if is_name and len(word) >= SHORTEST and folded not in ORDINARY and not is_abbreviation:
            yield (folded,)
        if before and readable[before.end() : match.start()] == " " and capital and not word.isupper():
            first = before.group().casefold()
            if first in TITLES or (is_name and before_is_name):
                yield first, folded
        before, before_is_name = match, is_name


def exempt_text_of(restricted, papers, known):
    """All that the public may not read of a restricted PackContent: an ExemptText, for `find_exempt`.

    `papers` are its exempt papers: {pk: (title, original name of the file, [text of each page])}. `known` are words
    and names that everybody may read anyway; those of the meeting are added to them. Titles on the front sheet may
    return in an exempt paper as they stand; a telling word of theirs alone may not, or a clerk would not hear of it.
    """
    public = [*known, *public_record(restricted)]
    exempt = ExemptText(
        frozenset(token for text in public for split in (False, True) for token in tokens(text, split=split))
    )
    for item in restricted.items:
        for row in item.exempt_report.content.rows if item.exempt_report else ():
            if row.exempt and row.exempt.text:
                numbers = " and ".join(row.references)
                exempt.add_text(row.exempt.text, f"the exempt part of the update on {numbers} (item {item.number})")
        for paper in item.exempt_papers:
            title, original_name, pages = papers.get(paper.pk, (paper.title, "", ()))
            source = f"the exempt paper “{title}” (item {item.number})"
            for name in {title, paper.title, original_name, original_name.rpartition(".")[0]}:
                for words in both_ways(name):
                    exempt.add_title(words, source)
            for page in pages:
                exempt.add_text(page, source)
    titles = [
        text
        for item in restricted.items
        for text in (item.title, item.subtitle, *(paper.title for paper in item.papers))
    ]
    for text in (*FORMULAS, *public, *titles):
        exempt.allow(text)
    return exempt


def public_record(content):
    day = content.moment
    date = f"{day.day} {day:%B %Y}"
    texts = [content.council, content.committee, content.venue, content.title, date, f"{day:%A} {date}"]
    texts += [text for member in content.members for text in member]
    for item in content.items:
        if item.report:
            header = item.report.content
            texts += [header.heading, header.title, *(text for line in header.header for text in line)]
    return texts


def find_exempt(exempt, places, cleared=()):
    """Search texts for what is exempt: a list of ExemptFound, equal findings together, those with most words first.

    `places` are pairs (where, text). `cleared` are words that a clerk has said may be read all the same.
    """
    cleared = [words for text in cleared for words in both_ways(text) if words]
    allowed = {tuple(words) for words in cleared}
    allowed_passages = {passage for words in cleared for passage in passages(words)}
    where = defaultdict(dict)
    for place, text in places:
        for words in both_ways(text):
            for found, source in exempt.matches(words, allowed, allowed_passages):
                where[found, source].setdefault(place)
    together = [
        ExemptFound(" ".join(words), next(iter(found)), source, tuple(found))
        for (words, source), found in where.items()
    ]
    return sorted(together, key=lambda found: -len(found.text.split()))


def texts_of_data(data, where="the data"):
    if isinstance(data, dict):
        for key, value in data.items():
            yield where, str(key)
            yield from texts_of_data(value, f"the data, {key}")
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts_of_data(value, where)
    elif data is not None and not isinstance(data, bool):
        yield where, str(data)


def texts_of_docx(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            where, content = f"the Word file, its part {name}", archive.read(name)
            yield where, name
            yield where, xml_text(content) if name.endswith((".xml", ".rels")) else readable_text(content)
        yield "the Word file, its comment", readable_text(archive.comment)


def xml_text(content):
    root = parse_xml(content)
    # A word may be cut into runs: what stands in a paragraph belongs together.
    texts = ["".join(paragraph.itertext()) for paragraph in root.iter(f"{W}p")]
    for element in root.iter():
        texts += [*element.attrib.values(), element.text or "", element.tail or ""]
    return "\n".join(texts)


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
    "/Alt": "an alternative text (for screen readers)",
    "/ActualText": "a replacement text (for screen readers)",
    "/E": "the long form of an abbreviation (for screen readers)",
    "/URI": "the address of a link",
    "/JS": "a script",
    "/Title": "a bookmark",
    "/T": "the name of a form field, a note or a part",
    "/TU": "the description of a form field",
    "/V": "the value of a form field",
    "/DV": "the first value of a form field",
    "/Contents": "a note or the description of a link",
    "/UF": "the name of an attached file",
    "/F": "the name of an attached file",
    "/Desc": "the description of an attached file",
    "/Name": "the name of a layer",
    "/P": "a page label",
    "/Names": "a named destination or attachment",
    "/Dest": "the destination of a link",
    "/D": "the destination of a link",
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
    """The strings of an object and of what stands directly in it; other objects have their own turn.

    `seen_names` gathers names and keys: most are PDF's own, thousands of times.
    """
    if isinstance(thing, pikepdf.Dictionary):
        for key, value in thing.items():
            yield from string_texts(pikepdf.Name(key), where, seen_names)
            if not getattr(value, "is_indirect", False):
                is_named = where != "the document's properties" and key in STRING_PLACES
                yield from string_texts(value, STRING_PLACES[key] if is_named else where, seen_names)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            if not getattr(value, "is_indirect", False):
                yield from string_texts(value, where, seen_names)
    elif isinstance(thing, pikepdf.String):
        yield where, str(thing)
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
                    texts.append("".join(str(piece) for piece in operand if isinstance(piece, pikepdf.String)))
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
