"""Files that somebody might upload, honest and hostile, made of a few lines each."""

import zipfile
import zlib
from io import BytesIO

import pikepdf
from docx import Document
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

A4 = (595, 842)
WORDS = "The budget was agreed"


def plain(pages=1, *, size=A4, change=None, words=WORDS, **save):
    """A PDF without tags whose pages carry a line of words 100 points below the top and a bar 60 above the bottom.

    `change(pdf)` may alter it before it is saved.
    """
    pdf = Pdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    width, height = size
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(
            b"BT /F1 12 Tf 72 %d Td (%s, page %d) Tj ET 72 60 %d 10 re f"
            % (height - 100, words.encode(), number, width - 144)
        )
    if change:
        change(pdf)
    return saved(pdf, **save)


def saved(pdf, **save):
    file = BytesIO()
    pdf.save(file, **save)
    return file.getvalue()


def annotated(kind, *, flags=4, look=True, **entries):
    """A PDF whose page has one annotation."""

    def change(pdf):
        pdf.pages[0].obj.Annots = Array([annotation(pdf, kind, flags=flags, look=look, **entries)])

    return plain(change=change)


def annotation(pdf, kind, *, flags=4, look=True, **entries):
    """An annotation of a kind ("Text"), made part of `pdf`; its look is a black square."""
    made = Dictionary(
        Type=Name.Annot,
        Subtype=Name(f"/{kind}"),
        Rect=[100, 400, 150, 450],
        F=flags,
        Contents="A frank remark",
        **entries,
    )
    if look:
        square = pdf.make_stream(b"0 0 50 50 re f")
        square.Type, square.Subtype, square.BBox = Name.XObject, Name.Form, Array([0, 0, 50, 50])
        made.AP = Dictionary(N=square)
    return pdf.make_indirect(made)


def link(address=None, **action):
    """A PDF whose page has a link: to an address, or with the action whose entries are given."""
    doing = Dictionary(S=Name.URI, URI=address) if address is not None else Dictionary(**action)
    return annotated("Link", look=False, A=doing)


def with_root(**entries):
    """A PDF with more entries in its catalogue; where one is a function, what it makes of the pdf."""

    def change(pdf):
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value(pdf) if callable(value) else value

    return plain(change=change)


def script(words="app.alert(1)"):
    return Dictionary(S=Name.JavaScript, JS=words)


def with_attachment():
    def change(pdf):
        pdf.attachments["wages.xlsx"] = b"SECRET WAGES"

    return plain(change=change)


def with_attachment_pin():
    def change(pdf):
        inside = pdf.make_stream(b"SECRET WAGES")
        inside.Type = Name.EmbeddedFile
        file = Dictionary(Type=Name.Filespec, F="wages.xlsx", EF=Dictionary(F=inside))
        pdf.pages[0].obj.Annots = Array([annotation(pdf, "FileAttachment", FS=pdf.make_indirect(file))])

    return plain(change=change)


def portfolio():
    def change(pdf):
        pdf.attachments["wages.xlsx"] = b"SECRET WAGES"
        pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)

    return plain(change=change)


def form(value="Jane Smith agrees", *, hidden=False, look=False, **entries):
    """A PDF with a text field that has been filled in. `entries` go into its form dictionary."""

    def change(pdf):
        field = annotation(pdf, "Widget", flags=2 if hidden else 4, look=look, FT=Name.Tx, V=value, T="name")
        del field["/Contents"]
        field.DA = "/F1 12 Tf 0 g"
        field.Rect = Array([100, 400, 300, 420])
        pdf.pages[0].obj.Annots = Array([field])
        fonts = Dictionary(F1=pdf.pages[0].obj.Resources.Font.F1)
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]), DA="/F1 12 Tf 0 g", DR=Dictionary(Font=fonts), NeedAppearances=True, **entries
        )

    return plain(change=change)


def boxed(*, rotate=None, crop=None, unit=None, size=A4, inherited=False):
    """A PDF whose page is turned, cropped or enlarged; `inherited`: by what its parent says."""

    def change(pdf):
        held = pdf.Root.Pages if inherited else pdf.pages[0].obj
        for key, value in (("/Rotate", rotate), ("/CropBox", crop), ("/UserUnit", unit)):
            if value is not None:
                held[key] = Array(value) if isinstance(value, list) else value
        if inherited:
            held["/MediaBox"] = pdf.pages[0].obj.MediaBox
            del pdf.pages[0].obj["/MediaBox"]

    return plain(size=size, change=change)


def scan(*, details=b""):
    """A page that is nothing but a photograph: a grey JPEG of 16 by 16 dots, with `details` beside it."""
    photograph = BytesIO()
    Image.new("L", (16, 16), 128).save(photograph, "JPEG")
    jpeg = photograph.getvalue()
    if details:
        jpeg = jpeg[:2] + b"\xff\xe1" + (len(details) + 2).to_bytes(2, "big") + details + jpeg[2:]

    def change(pdf):
        picture = pdf.make_stream(jpeg)
        picture.Type, picture.Subtype, picture.Filter = Name.XObject, Name.Image, Name.DCTDecode
        picture.Width, picture.Height, picture.BitsPerComponent = 16, 16, 8
        picture.ColorSpace = Name.DeviceGray
        page = pdf.pages[0].obj
        page.Resources = Dictionary(XObject=Dictionary(I1=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I1 Do Q")

    return plain(change=change)


def bomb(*, stages=1, picture=False, size=1_000_000_000):
    """A PDF of some kilobytes with a stream that unpacks to `size` zeros."""
    # The same block of packed zeros again and again: quicker than packing them all.
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((size % 65521) << 16 | 1).to_bytes(4, "big")
    packed = b"\x78\xda" + block * (size // 1_000_000) + packer.flush() + checksum
    for _ in range(stages - 1):
        packed = zlib.compress(packed, 9)

    def change(pdf):
        stream = pdf.make_stream(packed)
        stream.Filter = Array([Name.FlateDecode] * stages)
        if picture:
            stream.Type, stream.Subtype = Name.XObject, Name.Image
            stream.Width, stream.Height = 40_000, 25_000
            stream.BitsPerComponent, stream.ColorSpace = 8, Name.DeviceGray
            pdf.pages[0].obj.Resources.XObject = Dictionary(I1=stream)
        else:
            pdf.pages[0].obj.Contents = stream

    return plain(change=change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def by_hand(*objects, root=1):
    """A PDF written out: `objects` are the words of objects 1, 2, ... in order."""
    file, places = BytesIO(), []
    file.write(b"%PDF-1.7\n")
    for number, words in enumerate(objects, start=1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, words.encode()))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, root, table))
    return file.getvalue()


def page_tree_loop():
    return by_hand(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 2 /Kids [3 0 R 2 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )


def deeply_nested(depth):
    return by_hand(
        "<< /Type /Catalog /Pages 2 0 R /Deep " + "[" * depth + "]" * depth + " >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )


def without_pages():
    return by_hand("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 0 /Kids [] >>")


def old_office(*marks):
    """An Office file of the old kind (OLE), with the names of its streams."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"".join(mark.encode("utf-16-le") for mark in marks)


def zipped(**members):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return file.getvalue()


def word(*, extra=None, text=WORDS):
    """A Word document. `extra` is {part: function of its bytes}."""
    file = BytesIO()
    document = Document()
    document.add_heading("Budget", 1)
    document.add_paragraph(text)
    document.save(file)
    if not extra:
        return file.getvalue()
    changed = BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, extra.get(name, bytes)(before.read(name)))
    return changed.getvalue()
