"""PDFs with a marker in one hiding place each: what the search for exempt text has to find."""

import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.documents.papers import changed, make_paper

MARKER = "Quorvexin Granite closes its Millbrook depot"


def plain_pdf():
    """A public paper of one page."""
    return make_paper(title="Bus services", words="The council kept the evening buses.")


def _saved(opened, **options):
    saved = BytesIO()
    opened.save(saved, **options)
    return saved.getvalue()


def _edit(change):
    return lambda: changed(plain_pdf(), change)


def _xmp(opened):
    with opened.open_metadata() as metadata:
        metadata["dc:description"] = f"About {MARKER}"


def _outline(opened):
    with opened.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(f"Contract with {MARKER}", 0))


def _destination(opened):
    page = opened.pages[0].obj
    opened.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String(MARKER), Array([page, Name.Fit])])))


def _old_destination(opened):
    opened.Root.Dests = Dictionary({f"/{MARKER}": Array([opened.pages[0].obj, Name.Fit])})


def _labels(opened):
    opened.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D, P=String(f"{MARKER} "))]))


def _attach(name, content):
    def change(opened):
        opened.attachments[name] = pikepdf.AttachedFileSpec(opened, content, filename=name)

    return change


def _attached_pdf():
    return changed(plain_pdf(), _attach("more.pdf", make_paper(words=f"The bid of {MARKER} was lowest.")))


def _element(key):
    def change(opened):
        opened.Root.StructTreeRoot.K[0][key] = String(f"A chart of {MARKER}")

    return change


def _annotation(**entries):
    def change(opened):
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), **entries)
        opened.pages[0].obj.Annots = Array([opened.make_indirect(note)])

    return change


def _link(opened):
    action = Dictionary(S=Name.URI, URI=String(f"https://example.org/{MARKER}"))
    _annotation(A=action)(opened)


def _form(opened):
    field = Dictionary(FT=Name.Tx, T=String("supplier"), V=String(MARKER))
    opened.Root.AcroForm = Dictionary(Fields=Array([opened.make_indirect(field)]))


def _layer(opened):
    layer = opened.make_indirect(Dictionary(Type=Name.OCG, Name=String(f"Notes on {MARKER}")))
    opened.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary())


def _unused_stream(opened):
    opened.Root.Unused = opened.make_stream(f"kept {MARKER} here".encode())


def _unused_hexadecimal(opened):
    opened.Root.Unused = opened.make_stream(b"<" + MARKER.encode("utf-16").hex().encode() + b"> Tj")


def _font(opened):
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    return Dictionary(Font=Dictionary(F1=opened.make_indirect(font)))


def _unused_drawing(opened):
    shown = f"({MARKER[:3]})-20({MARKER[3:6]})12({MARKER[6:]})"
    drawing = opened.make_stream(f"BT /F1 12 Tf 10 10 Td [{shown}] TJ ET".encode())
    drawing.Type, drawing.Subtype = Name.XObject, Name.Form
    drawing.BBox, drawing.Resources = Array([0, 0, 200, 200]), _font(opened)
    opened.Root.Unused = drawing


def _removed_page(opened):
    with pikepdf.open(BytesIO(make_paper(words=f"The bid of {MARKER} was lowest."))) as other:
        opened.pages.append(other.pages[0])
    removed = opened.pages[-1].obj
    del opened.pages[-1]
    opened.Root.Unused = removed


def _invisible(opened):
    page = opened.pages[0]
    page.obj.Resources = _font(opened)
    page.obj.Contents = opened.make_stream(f"BT 3 Tr /F1 12 Tf 10 10 Td ({MARKER}) Tj ET".encode())


def _outside_the_page(opened):
    page = opened.pages[0]
    page.obj.Resources = _font(opened)
    page.obj.Contents = opened.make_stream(f"BT /F1 12 Tf 5000 5000 Td ({MARKER}) Tj ET".encode())


def _replacement_text(opened):
    page = opened.pages[0]
    spoken = MARKER.encode("utf-16-be").hex()
    page.contents_add(f"/Span <</ActualText <FEFF{spoken}>>> BDC EMC".encode())


def _picture(opened):
    picture = opened.make_stream(b"\xff\xd8\xff\xe1\x00\x00Exif " + MARKER.encode() + b"\xff\xd9")
    picture.Type, picture.Subtype, picture.Filter = Name.XObject, Name.Image, Name.DCTDecode
    picture.Width = picture.Height = 1
    opened.Root.Unused = picture


def _earlier_version():
    """A title that was changed by adding to the file: the first one is still in it."""
    first = changed(plain_pdf(), lambda opened: opened.docinfo.__setitem__("/Subject", MARKER))
    with pikepdf.open(BytesIO(first)) as opened:
        number = opened.trailer.Info.objgen[0]
        size = int(opened.trailer.Size)
        root = opened.Root.objgen[0]
    start = len(first)
    added = f"\n{number} 0 obj\n<</Subject (Buses)>>\nendobj\n".encode()
    at = first.rindex(b"startxref") + len(b"startxref")
    before = int(first[at:].split()[0])
    table = f"xref\n{number} 1\n{start + 1:010} 00000 n \ntrailer\n".encode()
    table += f"<</Size {size} /Root {root} 0 R /Info {number} 0 R /Prev {before}>>\n".encode()
    return first + added + table + f"startxref\n{start + len(added)}\n%%EOF\n".encode()


def _unlisted_stream():
    packed = zlib.compress(f"BT ({MARKER}) Tj ET".encode())
    pdf = plain_pdf()
    return pdf + b"\n9999 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n" % len(packed) + packed + b"\nendstream"


HIDING_PLACES = {
    "page": lambda: make_paper(words=f"The bid of {MARKER} was lowest."),
    "invisible text": _edit(_invisible),
    "text outside the page": _edit(_outside_the_page),
    "replacement text in the content": _edit(_replacement_text),
    "title": _edit(lambda opened: opened.docinfo.__setitem__("/Title", f"Bid of {MARKER}")),
    "an entry of one's own": _edit(lambda opened: opened.docinfo.__setitem__("/Client", MARKER)),
    "the name of an entry": _edit(lambda opened: opened.docinfo.__setitem__(f"/{MARKER}", "yes")),
    "metadata": _edit(_xmp),
    "bookmark": _edit(_outline),
    "named destination": _edit(_destination),
    "named destination of old": _edit(_old_destination),
    "page label": _edit(_labels),
    "name of an attachment": _edit(_attach(f"{MARKER}.txt", b"nothing")),
    "text of an attachment": _edit(_attach("more.txt", f"about {MARKER}".encode())),
    "attached PDF": _attached_pdf,
    "alternative text": _edit(_element("/Alt")),
    "actual text": _edit(_element("/ActualText")),
    "expansion": _edit(_element("/E")),
    "title of a part": _edit(_element("/T")),
    "note": _edit(_annotation(Contents=String(f"Ask {MARKER}"))),
    "author of a note": _edit(_annotation(T=String(MARKER))),
    "link": _edit(_link),
    "form value": _edit(_form),
    "layer": _edit(_layer),
    "unused stream": _edit(_unused_stream),
    "unused hexadecimal string": _edit(_unused_hexadecimal),
    "unused drawing": _edit(_unused_drawing),
    "removed page": _edit(_removed_page),
    "picture": _edit(_picture),
    "earlier version": _earlier_version,
    "unlisted stream": _unlisted_stream,
    "behind the end": lambda: plain_pdf() + f"\n% left by {MARKER}\n".encode(),
    "custom entry of a page": _edit(lambda opened: opened.pages[0].obj.__setitem__("/PieceInfo", String(MARKER))),
}
