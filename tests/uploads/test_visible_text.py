"""Published text is what somebody sees on the page; of words that nobody sees the clerk is told, and where."""

from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from inquiries.uploads.process_upload import process_paper
from inquiries.uploads.visible_text import draw_page, read_visible_text
from tests.uploads import files

PAPERS = Path(__file__).parents[1] / "data" / "papers"
SEEN = b"BT /F1 24 Tf 60 742 Td (Visible words) Tj ET "
SECRET = b"BT /F1 24 Tf 60 500 Td (SECRET) Tj ET "
WHITE, BLACK = b"1 1 1 rg ", b"0 0 0 rg "


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("boxed", "BOXEDSECRET WHITESECRET INVISIBLEMODE"),
        ("cropped", "CROPPEDSECRET"),
        ("hidden_layer", "SECRETHIDDENLAYER"),
    ],
)
def test_unseen_words_are_not_published(name, words):
    received = process_paper(BytesIO((PAPERS / f"{name}.pdf").read_bytes()), f"{name}.pdf")
    assert received.page_texts == ("Visible words",)
    assert "words that nobody sees" in received.cleaned[-1]
    assert f"page 1 (“{words}”)" in received.cleaned[-1]


def drawn(content, change=None, **resources):
    """A PDF whose page has the visible words and `content`; `resources` are made of functions of the pdf."""

    def draw(pdf):
        page = pdf.pages[0].obj
        for key, make in resources.items():
            page.Resources[f"/{key}"] = make(pdf)
        page.Contents = pdf.make_stream(SEEN + content)
        if change:
            change(pdf)

    return files.plain(change=draw)


def drawing(content, **entries):
    """What makes a drawing D, with `content`, a resource of the page."""

    def make(pdf):
        entries.setdefault("BBox", [0, 0, 595, 842])
        made = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, **entries)
        made.Resources = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
        return Dictionary(D=made)

    return make


def layer(pdf, **usual):
    """A layer that is off, if `usual` (functions of the layer) does not set something else."""
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Draft"))
    settings = {key: make(group) for key, make in (usual or {"OFF": lambda layer: [layer]}).items()}
    pdf.Root.OCProperties = Dictionary(OCGs=[group], D=Dictionary(**settings))
    return group


def membership(pdf):
    return pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=layer(pdf), P=Name.AllOn))


def print_only(pdf):
    group = layer(pdf, AS=lambda layer: [Dictionary(Event=Name.View, OCGs=[layer], Category=[Name.View])])
    group.Usage = Dictionary(View=Dictionary(ViewState=Name.OFF), Print=Dictionary(PrintState=Name.ON))
    return group


def drawing_on_layer(pdf):
    return drawing(SECRET, OC=layer(pdf))(pdf)


def turned_and_cropped(pdf):
    pdf.pages[0].obj.Rotate = 90
    pdf.pages[0].obj.CropBox = [0, 600, 595, 842]


def picture(image):
    """What makes a picture P a resource of the page."""

    def make(pdf):
        made = pdf.make_stream(
            image.tobytes(), Type=Name.XObject, Subtype=Name.Image, ColorSpace=Name.DeviceGray, BitsPerComponent=8
        )
        made.Width, made.Height = image.size
        return Dictionary(P=made)

    return make


GREY = picture(Image.new("L", (8, 8), 100))
PHOTOGRAPH = picture(Image.effect_noise((60, 60), 120))
UNSEEN = {
    "in the colour of the paper": drawn(WHITE + SECRET),
    "nearly in the colour of the paper": drawn(b"0.98 g " + SECRET),
    "under a white box": drawn(SECRET + WHITE + b"50 490 300 40 re f"),
    "under a picture": drawn(SECRET + b"q 300 0 0 60 50 480 cm /P Do Q", XObject=GREY),
    "under a photograph": drawn(SECRET + b"q 300 0 0 60 50 480 cm /P Do Q", XObject=PHOTOGRAPH),
    "partly under a box": drawn(SECRET + b"95 490 40 40 re f"),
    "in invisible mode": drawn(b"3 Tr " + SECRET),
    "transparent": drawn(b"/G gs " + SECRET, ExtGState=lambda _pdf: Dictionary(G=Dictionary(ca=0))),
    "too small to see": drawn(SECRET.replace(b" 24 Tf", b" 0.1 Tf")),
    "off the page": drawn(SECRET.replace(b"60 500 Td", b"60 -300 Td")),
    "outside a clip": drawn(b"q 0 0 10 10 re W n " + SECRET + b"Q"),
    "outside the box of a drawing": drawn(b"/D Do", XObject=drawing(SECRET, BBox=[0, 0, 10, 10])),
    "on a layer in alternatives": drawn(
        b"/OC /M BDC " + SECRET + b"EMC", Properties=lambda pdf: Dictionary(M=membership(pdf))
    ),
    "on a layer that is only printed": drawn(
        b"/OC /M BDC " + SECRET + b"EMC", Properties=lambda pdf: Dictionary(M=print_only(pdf))
    ),
    "drawing on a layer": drawn(b"/D Do", XObject=drawing_on_layer),
    "cropped and turned": drawn(SECRET, turned_and_cropped),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_word_that_nobody_sees(name):
    with pypdfium2.PdfDocument(UNSEEN[name]) as document:
        page = document[0]
        found = read_visible_text(page, draw_page(page))
    assert (found.text, found.hidden) == ("Visible words", ("SECRET",))


SHOWN = {
    "white on a box": drawn(b"50 490 300 40 re f " + WHITE + SECRET),
    "pale grey": drawn(b"0.8 g " + SECRET),
    "of the same grey as its box": drawn(b"1 0 0 rg 50 490 300 40 re f 0 0.509 0 rg " + SECRET),
    "over a picture": drawn(b"q 300 0 0 60 50 480 cm /P Do Q " + BLACK + SECRET, XObject=GREY),
    "outlined": drawn(b"1 Tr " + SECRET),
    "as a window in a picture": drawn(
        b"q " + SECRET.replace(b"(SECRET)", b"7 Tr (SECRET)") + b"300 0 0 60 50 480 cm /P Do Q", XObject=GREY
    ),
    "on a layer that is on": drawn(
        b"/OC /M BDC " + SECRET + b"EMC",
        Properties=lambda pdf: Dictionary(M=layer(pdf, ON=lambda group: [group])),
    ),
    "in small print": drawn(SECRET.replace(b" 24 Tf", b" 4 Tf")),
    "turned": drawn(b"q 0 1 -1 0 600 0 cm " + SECRET + b"Q"),
    "slanted": drawn(b"q 0.7 0.7 -0.7 0.7 300 0 cm " + SECRET + b"Q"),
    "in a box beside": drawn(SECRET + b"50 530 300 40 re f 180 490 40 40 re f"),
    "spaced out": drawn(b"8 Tc " + SECRET),
}


@pytest.mark.parametrize("name", SHOWN)
def test_word_that_is_seen(name):
    with pypdfium2.PdfDocument(SHOWN[name]) as document:
        page = document[0]
        found = read_visible_text(page, draw_page(page))
    assert "".join(found.text.split()) == "VisiblewordsSECRET"
    assert found.hidden == ()


def scanned(image, *, mode=b"3 Tr "):
    """A scan of a page with SECRET in its text, read by a program."""
    content = b"q 595 0 0 842 0 0 cm /P Do Q " + mode + SECRET
    return files.plain(change=lambda pdf: lay_out(pdf, content, picture(image)))


def lay_out(pdf, content, make):
    page = pdf.pages[0].obj
    page.Resources["/XObject"] = make(pdf)
    page.Contents = pdf.make_stream(content)


def paper(fill=None):
    """The picture of a page, with lines of ink where SECRET stands, or a box in this shade of grey."""
    image = Image.new("L", (595, 842), 250)
    pen = ImageDraw.Draw(image)
    if fill is None:
        for x in range(60, 160, 6):
            pen.line((x, 325, x, 340), 30, 2)
    else:
        pen.rectangle((40, 300, 400, 360), fill)
    return image


def test_text_behind_a_scan_is_published_and_reported():
    received = process_paper(BytesIO(scanned(paper())), "scan.pdf")
    assert received.page_texts == ("SECRET",)
    assert received.cleaned[-1].startswith("Page 1 is a picture with text behind")


@pytest.mark.parametrize("fill", [0, 250], ids=["blacked out", "whited out"])
def test_text_behind_a_scan_that_does_not_show_it(fill):
    received = process_paper(BytesIO(scanned(paper(fill))), "scan.pdf")
    assert received.page_texts == ("",)
    assert "page 1 (“SECRET”)" in received.cleaned[-1]


@pytest.mark.parametrize(
    ("replacement", "words"), [("The first draft", ["The", "first", "draft"]), ("Vis-ible words", []), ("", [])]
)
def test_replacement_text_is_not_published(replacement, words):
    content = b"/Span << /ActualText (%s) >> BDC %s EMC" % (replacement.encode(), SEEN)
    received = process_paper(BytesIO(files.plain(change=lambda pdf: lay_out(pdf, content, PHOTOGRAPH))), "replaced.pdf")
    assert received.page_texts == ("Visible words",)
    assert [f"page 1 (“{' '.join(words)}”)" in sentence for sentence in received.cleaned] == ([True] if words else [])


def test_annotation_on_a_hidden_layer_stays_hidden():
    def change(pdf):
        stamp = files.annotation(pdf, "Stamp", OC=layer(pdf))
        pdf.pages[0].obj.Annots = Array([stamp])

    received = process_paper(BytesIO(files.plain(change=change)), "stamped.pdf")
    with pypdfium2.PdfDocument(received.pdf) as document:
        shown = document[0].render().to_pil().convert("L").crop((100, 392, 150, 442))
    assert shown.getextrema() == (255, 255)
