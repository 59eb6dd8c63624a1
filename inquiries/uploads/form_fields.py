"""Fields of a filled form: what was typed or chosen, whether the page shows it, and how it is drawn where it doesn't.

A field's appearance is kept as the program that filled the form saved it. Where there is none, pdfium draws the value,
in a font that is embedded in the paper and has the letters of Welsh, too.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import pikepdf
import pypdfium2
from fontTools.agl import UV2AGL
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Stream, String

from inquiries.uploads.paper import Rejected
from inquiries.uploads.sanitize import has_appearance
from inquiries.uploads.visible_text import squash
from inquiries.uploads.word import NotWord, parse_xml

FONT = Path(__file__).parents[1] / "documents" / "fonts" / "SourceSans3_400Regular.ttf"
FONT_KEY = "/ScrutinyForms"
FONT_NAME = Name("/SourceSans3-Regular")
MOST_LETTERS = 220  # in one font: codes are bytes
DEFAULT_SIZE, SMALLEST_SIZE = 12, 6
SIZE_AND_COLOUR = re.compile(r"([\d.]+)\s+Tf\b(.*)", re.DOTALL)
MULTI_LINE, PASSWORD, PUSH_BUTTON, COMB = 1 << 12, 1 << 13, 1 << 16, 1 << 24
DEEPEST = 50
NOT_SHOWN = (
    "Page {page}: the form field “{name}” does not show all that was typed or chosen in it. Open the form, check that "
    "field, print the form to PDF and upload that."
)
SHOWN_OTHERWISE = (
    "The form field “{name}” on page {page} holds “{value}” but shows “{shown}”, which was kept: check it."
)
XFA_TEXT = "The form’s second copy (XFA) holds text that its pages do not show, and which is lost: “{}”."


@dataclass
class FilledField:
    widget: Dictionary
    page: int  # its index
    name: str
    value: str
    area: tuple  # left, bottom, right, top, in points
    is_literal: bool = True  # whether it is to show its value unchanged
    replaced: str = ""  # what it showed before it was drawn again

    def refuse(self):
        raise Rejected(NOT_SHOWN.format(page=self.page + 1, name=self.name))

    def shows_value(self, shown):
        return squash(self.value) in squash(shown)


def find_filled_fields(pdf):
    """The FilledField of each text or choice that is shown. Raises Rejected where a ticked box shows no tick."""
    fields, buttons = [], {}
    for index, page in enumerate(pdf.pages):
        for widget in page.obj.get("/Annots", []):
            if widget["/Subtype"] != Name.Widget:
                continue
            left, bottom, right, top = (float(side) for side in widget["/Rect"])
            area = min(left, right), min(bottom, top), max(left, right), max(bottom, top)
            field = FilledField(widget, index, field_name(widget), field_value(widget), area)
            if inherited(widget, "/FT") == Name.Btn:
                buttons.setdefault(field.name, []).append(field)
            elif squash(field.value):
                fields.append(field)
    for group in buttons.values():
        if not any([shows_tick(field.widget) for field in group]):
            group[0].refuse()
    return fields


def inherited(widget, key, otherwise=None):
    for _ in range(DEEPEST):
        if key in widget:
            return widget[key]
        widget = widget.get("/Parent")
        if not isinstance(widget, Dictionary):
            break
    return otherwise


def field_name(widget):
    names = []
    for _ in range(DEEPEST):
        if isinstance(widget.get("/T"), String):
            names.insert(0, str(widget["/T"]))
        widget = widget.get("/Parent")
        if not isinstance(widget, Dictionary):
            break
    return ".".join(names)[:100]


def flags(widget):
    value = inherited(widget, "/Ff", 0)
    return value if isinstance(value, int) else 0


def field_value(widget):
    kind, value = inherited(widget, "/FT"), inherited(widget, "/V")
    if kind == Name.Tx:
        if isinstance(value, Stream):
            value = String(value.read_bytes().decode("utf-8", "replace"))
        if flags(widget) & PASSWORD or not isinstance(value, String):
            return ""
        return plain_lines(str(value))
    if kind != Name.Ch:
        return ""
    options = {
        str(option[0]): str(option[1])
        for option in inherited(widget, "/Opt", [])
        if isinstance(option, Array) and len(option) == 2
    }
    values = value if isinstance(value, Array) else [value]
    return plain_lines("\n".join(options.get(str(each), str(each)) for each in values if isinstance(each, String)))


def plain_lines(text):
    lines = [re.sub(r"\s", " ", line) for line in normalize("NFC", text).splitlines()]
    return "\n".join("".join(filter(str.isprintable, line)) for line in lines)


def shows_tick(widget):
    """Whether a box or radio button shows the choice of its field; where the file leaves its state open it will."""
    value = inherited(widget, "/V")
    if flags(widget) & PUSH_BUTTON or not isinstance(value, Name) or value == Name.Off:
        return True
    looks = widget["/AP"]["/N"] if has_appearance(widget) else None
    states = looks.keys() if isinstance(looks, Dictionary) else ()
    if value in states and "/AS" not in widget:
        widget["/AS"] = value
    return value in states and widget["/AS"] == value


def areas_of(fields):
    """{index of a page: [the area of each of its fields]}, in the order of `fields`."""
    areas = {}
    for field in fields:
        areas.setdefault(field.page, []).append(field.area)
    return areas


def with_shown(fields, pages):
    shown = {index: iter(page.areas) for index, page in enumerate(pages)}
    return [(field, next(shown[field.page])) for field in fields]


def choose_appearances(pdf, fields, pages):
    """Keep the appearances that show the value, draw those that are missing. Returns sentences. Raises Rejected.

    `pages` are the PageLetters of the file as it was uploaded.
    """
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        form = pdf.Root["/AcroForm"] = Dictionary(Fields=Array())
    is_outdated = form.get("/NeedAppearances") is True
    messages = xfa_messages(form, fields, pages)
    missing = []
    for field, shown in with_shown(fields, pages):
        has_look = has_appearance(field.widget)
        if has_look and field.shows_value(shown):
            continue
        if not has_look or is_outdated or not squash(shown):
            field.replaced = squash(shown)
            missing.append(field)
        elif any(letter.isalpha() for letter in field.value):
            field.refuse()
        else:
            # A number or a date, which a script of the form has put in another form.
            field.is_literal = False
            values = {"value": field.value, "shown": " ".join(shown.split())[:60]}
            messages.append(SHOWN_OTHERWISE.format(name=field.name, page=field.page + 1, **values))
    if missing:
        draw_values(pdf, missing)
    return messages


def draw_values(pdf, fields):
    letters = sorted({" "}.union(*(field.value for field in fields)) - {"\n"})
    font, known = embed_font(pdf, letters)
    form = pdf.Root.AcroForm
    resources = form.get("/DR", Dictionary())
    resources["/Font"] = Dictionary({**dict(resources.get("/Font", {}).items()), FONT_KEY: pdf.make_indirect(font)})
    form["/DR"] = resources
    form["/NeedAppearances"] = True
    for field in fields:
        if any(letter not in known and letter != "\n" for letter in field.value):
            field.refuse()
        found = SIZE_AND_COLOUR.search(str(inherited(field.widget, "/DA", form.get("/DA", ""))))
        size, colour = (float(found[1]), found[2]) if found else (0, "0 g")
        is_long = "\n" in field.value or (
            inherited(field.widget, "/FT") == Name.Tx and bool(flags(field.widget) & MULTI_LINE)
        )
        comb = flags(field.widget) & COMB
        width, height = field.area[2] - field.area[0] - 6, field.area[3] - field.area[1]
        if not size and not is_long:  # for several lines pdfium finds one
            size = min(DEFAULT_SIZE, height * 0.7)
        if not is_long and not comb:
            wide = sum(known.get(letter, 0) for letter in field.value) / 1000
            size = max(SMALLEST_SIZE, min(size, width / wide))
        for key in ("/AP", "/Opt", "/RV"):
            if key in field.widget:
                del field.widget[key]
        # As a text field, which shows just what it holds.
        field.widget["/FT"] = Name.Tx
        field.widget["/Ff"] = (MULTI_LINE if is_long else 0) | comb
        field.widget["/V"] = String(field.value)
        field.widget["/DA"] = String(f"{FONT_KEY} {size:.2f} Tf {colour}")
    file = BytesIO()
    pdf.save(file)
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        for index in {field.page for field in fields}:
            page = document[index]
            page.render(scale=0.1)  # pdfium makes what is missing when it draws a page
            page.close()
        drawn = BytesIO()
        document.save(drawn)
    with pikepdf.open(drawn) as source:
        for field in fields:
            position = [each.objgen for each in pdf.pages[field.page].obj.Annots].index(field.widget.objgen)
            look = source.pages[field.page].obj.Annots[position].get("/AP")
            if look is None:
                field.refuse()
            field.widget["/AP"] = pdf.copy_foreign(source.make_indirect(look))


def embed_font(pdf, letters):
    """A font dictionary with these letters, and the width of each that it has."""
    content = FONT.read_bytes()
    font = TTFont(BytesIO(content))
    widths, glyphs = font["hmtx"], font.getBestCmap()
    scale = 1000 / font["head"].unitsPerEm
    known = {letter: round(widths[glyphs[ord(letter)]][0] * scale) for letter in letters if ord(letter) in glyphs}
    known = dict(list(known.items())[:MOST_LETTERS])
    head, lines = font["head"], font["hhea"]
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=FONT_NAME,
        Flags=32,
        FontBBox=[round(side * scale) for side in (head.xMin, head.yMin, head.xMax, head.yMax)],
        ItalicAngle=0,
        Ascent=round(lines.ascent * scale),
        Descent=round(lines.descent * scale),
        CapHeight=660,
        StemV=80,
        FontFile2=pdf.make_stream(content, Length1=len(content)),
    )
    names = [Name("/" + UV2AGL.get(ord(letter), f"uni{ord(letter):04X}")) for letter in known]
    meanings = "".join(
        f"1 beginbfchar <{code:02x}> <{letter.encode('utf-16-be').hex()}> endbfchar\n"
        for code, letter in enumerate(known, 32)
    )
    made = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=FONT_NAME,
        FirstChar=32,
        LastChar=31 + len(known),
        Widths=list(known.values()),
        FontDescriptor=pdf.make_indirect(descriptor),
        Encoding=Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=[32, *names]),
        ToUnicode=pdf.make_stream(TO_UNICODE.format(meanings).encode()),
    )
    return made, known


TO_UNICODE = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Scrutiny def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
{}endcmap end end
"""


def xfa_messages(form, fields, pages):
    packets = form.get("/XFA")
    packets = list(packets)[1::2] if isinstance(packets, Array) else [packets]
    shown = "".join([*(page.letters for page in pages), *(squash(field.value) for field in fields)])
    texts = []
    for packet in packets:
        if isinstance(packet, Stream) and b"xfa-data" in (content := packet.read_bytes()):
            with suppress(NotWord):  # what is no XML
                texts += [text for data in parse_xml(content).iter("{*}data") for text in data.itertext()]
    missing = [text for text in texts if any(map(str.isalpha, text)) and squash(text) not in shown]
    return [XFA_TEXT.format(" ".join(missing)[:200])] if missing else []


def check_values_are_shown(fields, pages):
    """Raise Rejected, naming the field, where the cleaned page does not show what is in one."""
    for field, shown in with_shown(fields, pages):
        if field.is_literal and not field.shows_value(shown):
            field.refuse()
