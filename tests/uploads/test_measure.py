"""What is known of a paper that was taken: its pages as they are displayed, its words, its tags."""

from dataclasses import asdict
from io import BytesIO

import pikepdf
import pytest
import typst

from inquiries.choices import Tagging
from inquiries.uploads.paper import PageFacts
from inquiries.uploads.process_upload import process_paper
from inquiries.uploads.worker import clean
from tests.uploads import files

A4, A3 = (595, 842), (842, 1191)
LANDSCAPE = (842, 595)
# The page of `files.plain` has its first ink about 90 points below its upper edge, its last 60 above the lower.
TURNED = {
    "upright": (files.boxed(), (595, 842, 0), (90, 60)),
    "landscape": (files.boxed(size=LANDSCAPE), (842, 595, 0), (90, 60)),
    "A3": (files.boxed(size=A3), (842, 1191, 0), (90, 60)),
    "turned right": (files.boxed(rotate=90), (842, 595, 90), (72, 72)),
    "turned left": (files.boxed(rotate=270), (842, 595, 270), (72, 72)),
    "upside down": (files.boxed(rotate=180), (595, 842, 180), (60, 90)),
    "turned backwards": (files.boxed(rotate=-90), (842, 595, 270), (72, 72)),
    "turned by its parent": (files.boxed(rotate=90, inherited=True), (842, 595, 90), (72, 72)),
    "turned askew": (files.boxed(rotate=45), (595, 842, 0), (90, 60)),
    "cropped": (files.boxed(crop=[50, 40, 500, 800]), (450, 760, 0), (48, 20)),
    "cropped and turned": (files.boxed(crop=[50, 40, 500, 800], rotate=90), (760, 450, 90), (22, 0)),
    "cropped beyond the page": (files.boxed(crop=[-90, -90, 900, 900]), (595, 842, 0), (90, 60)),
    "cropped the wrong way round": (files.boxed(crop=[500, 800, 50, 40]), (450, 760, 0), (48, 20)),
    "in larger units": (files.boxed(unit=2), (1190, 1684, 0), (180, 120)),
    "in no units": (files.boxed(unit=-5), (595, 842, 0), (90, 60)),
}


@pytest.mark.parametrize("name", TURNED)
def test_measures_pages_as_displayed(name, tmp_path):
    pdf, (width, height, rotation), (top, bottom) = TURNED[name]
    sent = tmp_path / "sent.pdf"
    sent.write_bytes(pdf)
    page = PageFacts(**clean(str(sent), str(tmp_path / "kept.pdf"), 1000)["pages"][0])
    assert (round(page.width), round(page.height), page.rotation) == (width, height, rotation)
    scale = height / 842 if name == "in larger units" else 1
    # Never more than there is, so that no stamp touches the ink; and little less.
    assert top - 4 * scale <= page.top <= top + 2 * scale
    assert bottom - 3 * scale <= page.bottom <= bottom


def test_copies_inherited_page_attributes():
    received = process_paper(BytesIO(files.boxed(rotate=90, crop=[50, 40, 500, 800], inherited=True)), "paper.pdf")
    with pikepdf.open(BytesIO(received.pdf), inherit_page_attributes=False) as pdf:
        page = pdf.Root.Pages.Kids[0]
        assert (list(page.MediaBox), list(page.CropBox), page.Rotate) == ([0, 0, 595, 842], [50, 40, 500, 800], 90)
        assert "/Resources" in page


def test_blank_page():
    received = process_paper(BytesIO(files.plain(1, change=lambda pdf: pdf.add_blank_page(page_size=A4))), "blank.pdf")
    facts = {"width": 595, "height": 842, "rotation": 0, "top": 842, "bottom": 842, "content": "empty"}
    assert asdict(received.pages[1]) == facts
    assert received.pages[0].content in ("unmarked", "marked")
    assert received.page_texts[1] == ""


def test_scanned_page():
    received = process_paper(BytesIO(files.scan()), "scan.pdf")
    assert (received.pages[0].top, received.pages[0].bottom) == (0, 0)
    assert received.page_texts == ("",)
    assert received.tagging == Tagging.UNTAGGED
    assert received.cleaned == ()


def test_text_has_no_controls():
    received = process_paper(BytesIO(files.plain(3, words="The\\000 bud\\007get")), "paper.pdf")
    assert len(received.page_texts) == 3
    assert received.page_texts[1].replace(" ", "").endswith("budget,page2")
    assert not any(ord(letter) < 32 and letter != "\n" for words in received.page_texts for letter in words)


TAGGED = b"""
#set document(title: "Budget 2027")
#set text(lang: "en", region: "GB")
= Budget
Words of the paper. #link("https://example.org")[A link]
#table(columns: 2, table.header[Year][Sum], [2027], [5])
"""


def tagged():
    return typst.compile(TAGGED, pdf_standards=["ua-1"], timestamp=946_684_800)


def changed(pdf, change):
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        return files.saved(opened)


def test_tagging_without_metadata():
    received = process_paper(BytesIO(tagged()), "paper.pdf")
    assert received.tagging == Tagging.VALID
    assert (received.title, received.language) == ("Budget 2027", "en-GB")
    assert received.cleaned == ()
    with pikepdf.open(BytesIO(received.pdf)) as pdf:
        assert "/Metadata" not in pdf.Root
        assert "/StructTreeRoot" in pdf.Root


def test_finds_faulty_tagging():
    def nest_wrongly(pdf):
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == pikepdf.Name.H1:
                item.S = pikepdf.Name.H4

    assert process_paper(BytesIO(changed(tagged(), nest_wrongly)), "paper.pdf").tagging == Tagging.FAULTY


@pytest.mark.parametrize("key", ["/StructTreeRoot", "/MarkInfo"])
def test_unusable_tag_tree_is_untagged(key):
    def drop(pdf):
        del pdf.Root[key]

    assert process_paper(BytesIO(changed(tagged(), drop)), "paper.pdf").tagging == Tagging.UNTAGGED


def test_drops_tags_of_comments():
    def comment(pdf):
        note = files.annotation(pdf, "Text")
        pdf.pages[0].obj.Annots.append(note)
        named = pikepdf.Dictionary(Type=pikepdf.Name.OBJR, Obj=note, Pg=pdf.pages[0].obj)
        tree = pdf.Root.StructTreeRoot
        tag = pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Annot, P=tree, K=pikepdf.Array([named]))
        top = tree.K if isinstance(tree.K, pikepdf.Dictionary) else tree.K[0]
        top.K = pikepdf.Array([*(top.K if isinstance(top.K, pikepdf.Array) else [top.K]), pdf.make_indirect(tag)])

    received = process_paper(BytesIO(changed(tagged(), comment)), "paper.pdf")
    assert received.cleaned == ("Removed: a comment that is not printed.",)
    with pikepdf.open(BytesIO(received.pdf)) as pdf:
        assert b"frank" not in files.saved(pdf, qdf=True)
        assert len(pdf.pages[0].obj.Annots) == 1


def test_same_file_gives_same_bytes():
    form = files.form()
    first, second = (process_paper(BytesIO(form), "form.pdf") for _ in range(2))
    assert first.pdf == second.pdf
    assert first.checksum == second.checksum


def test_cleans_file_name():
    received = process_paper(BytesIO(files.plain()), "C:\\papers\\wages\u202efdp.\x00exe")
    assert received.original_name == "wagesfdp.exe"
