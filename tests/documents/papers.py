"""Sample papers such as councils upload: a maker for the tests of packs, and what the upload check would say of each.

Every tagged paper has headings, a table, links out and in, and the same named destinations (<start>, <end>), so
that two of them in one pack show whether each keeps to itself.
"""

import json
import zlib
from functools import cache
from io import BytesIO

import pikepdf
import pypdfium2
import typst
from pikepdf import Array, Dictionary, Name

from inquiries.documents.pack_merge import Part
from inquiries.documents.typst_runner import FONTS, STANDARDS
from inquiries.uploads.page_content import describe_content, read_content
from inquiries.uploads.paper import PageFacts

A4 = (595.276, 841.89)
A3 = (841.89, 1190.551)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, author: "Democratic Services")
#set text(font: "Source Sans 3", size: 11pt, lang: data.language.slice(0, 2), region: data.language.slice(3, 5))
#set page(
  width: data.width * 1pt, height: data.height * 1pt, margin: data.margin * 1pt,
  background: if data.bleed { rect(width: 100%, height: 100%, fill: rgb("#b8d4e8")) },
)
= #data.title <start>
#par[#data.words #link("https://www.example.org/" + data.slug)[The evidence] is public. See #link(<end>)[the end].]
#table(
  columns: 2,
  table.header([Year], [Pupils on the late bus]),
  [2025], [118], [2026], [140],
)
#for number in range(2, data.pages + 1) {
  pagebreak()
  [== #data.title, part #number]
  par[#data.words This is page #number of #data.title. Go back to #link(<start>)[the start].]
  list([the first point of page #number], [the second point])
  if data.full { block(height: 1fr, width: 100%)[#align(bottom)[The last line of page #number, at its very foot.]] }
}
#par[The end of #data.title.] <end>
"""
WORDS = "The county council has kept the evening buses in the Upper Vale and counted who gets on and off."


def make_paper(
    pages=1,
    *,
    title="A paper",
    tagged=True,
    language="en-GB",
    size=A4,
    landscape=False,
    rotate=0,
    crop=None,
    user_unit=1,
    full_bleed=False,
    words=WORDS,
):
    """A paper of this many pages, as bytes.

    `rotate` turns the pages (their /Rotate), `crop` cuts (left, bottom, right, top) points off by a crop box,
    `user_unit` makes every point so many times as large, `full_bleed` puts colour and a line up to the edges.
    """
    width, height = reversed(size) if landscape else size
    pdf = _compiled(pages, title, tagged, language, width, height, full_bleed, words)
    if not (rotate or crop or user_unit != 1):
        return pdf
    return changed(pdf, lambda opened: [_turn(page.obj, rotate, crop, user_unit) for page in opened.pages])


def changed(pdf, change):
    """The PDF (bytes) after `change(opened)`."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        saved = BytesIO()
        opened.save(saved, deterministic_id=True)
    return saved.getvalue()


def make_scan(pages=1, *, size=A4, rotate=0):
    """Pages that are nothing but a picture of a sheet with lines of writing, as bytes."""
    pdf = pikepdf.new()
    across, down = 160, 226
    for number in range(pages):
        rows = (b"\x30" * across if y % 9 < 2 and 20 < y < 200 - 3 * number else b"\xff" * across for y in range(down))
        picture = pikepdf.Stream(
            pdf,
            zlib.compress(b"".join(rows)),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=across,
            Height=down,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
            Filter=Name.FlateDecode,
        )
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = Dictionary(XObject=Dictionary(Scan=picture))
        page.obj.Contents = pdf.make_stream(b"q %f 0 0 %f 0 0 cm /Scan Do Q" % size)
        if rotate:
            page.obj.Rotate = rotate
    saved = BytesIO()
    pdf.save(saved, deterministic_id=True)
    return saved.getvalue()


def facts_of(pdf):
    """The PageFacts of each page of a PDF (bytes), measured on a rendering as the check of uploads does."""
    facts = []
    with pikepdf.open(BytesIO(pdf)) as opened, pypdfium2.PdfDocument(pdf) as rendered:
        for page, drawn in zip(opened.pages, rendered, strict=True):
            unit = float(page.obj.get("/UserUnit", 1))
            width, height = (side * unit for side in drawn.get_size())
            bitmap = drawn.render(scale=0.5, grayscale=True)
            image = bytes(bitmap.buffer)
            lines = [image[y * bitmap.stride : y * bitmap.stride + bitmap.width] for y in range(bitmap.height)]
            inked = [y for y, line in enumerate(lines) if min(line) < 250]
            step = height / bitmap.height
            top = inked[0] * step if inked else height
            bottom = (bitmap.height - 1 - inked[-1]) * step if inked else height
            content = describe_content(read_content(page.obj) or b"")
            facts.append(PageFacts(width, height, int(page.obj.get("/Rotate", 0)) % 360, top, bottom, content))
    return tuple(facts)


def as_part(folder, pdf, first_page, title, **changes):
    """The PDF (bytes) as a Part of a pack, kept in a folder."""
    path = folder / f"{changes.get('series', '')}{first_page}.pdf"
    path.write_bytes(pdf)
    plain = {"language": "en-GB", "pages": facts_of(pdf)}
    return Part(path=str(path), title=title, first_page=first_page, **(plain | changes))


@cache
def _compiled(pages, title, tagged, language, width, height, full_bleed, words):
    data = {
        "pages": pages,
        "title": title,
        "slug": "-".join(title.lower().split()),
        "language": language,
        "width": width,
        "height": height,
        "margin": 4 if full_bleed else 72,
        "bleed": full_bleed,
        "full": full_bleed,
        "words": words,
    }
    pdf = typst.compile(
        TEMPLATE.encode(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=946_684_800,
    )
    if tagged:
        return pdf
    return changed(pdf, _without_tags)


def _without_tags(opened):
    for name in ("/StructTreeRoot", "/MarkInfo", "/Metadata"):
        del opened.Root[name]
    for page in opened.pages:
        stream = pikepdf.unparse_content_stream(
            [i for i in pikepdf.parse_content_stream(page) if str(i.operator) not in ("BDC", "BMC", "EMC")]
        )
        page.obj.Contents = opened.make_stream(stream)
        for owner in (page.obj, *page.obj.get("/Annots", [])):
            for name in {"/StructParents", "/StructParent"} & set(owner.keys()):
                del owner[name]


def _turn(page, rotate, crop, user_unit):
    if rotate:
        page.Rotate = rotate
    if crop:
        left, bottom, right, top = (float(edge) for edge in page.MediaBox)
        page.CropBox = Array([left + crop[0], bottom + crop[1], right - crop[2], top - crop[3]])
    if user_unit != 1:
        page.UserUnit = user_unit
