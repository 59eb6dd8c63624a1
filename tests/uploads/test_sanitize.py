"""Files that are taken once something is taken out: what the clerk is told, and that it is gone on reading back."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Encryption, Name

from inquiries.uploads.process_upload import process_paper
from inquiries.uploads.sanitize import is_web_address
from inquiries.uploads.worker import clean
from tests.uploads import files


def page_action():
    def change(pdf):
        pdf.pages[0].obj.AA = Dictionary(O=files.script())

    return files.plain(change=change)


def named_script():
    return files.with_root(Names=Dictionary(JavaScript=Dictionary(Names=Array(["boot", files.script()]))))


def field_script():
    return files.annotated("Link", look=False, AA=Dictionary(E=files.script()))


def chained():
    """A link to the web which is followed by a script, which is followed by a program."""
    last = Dictionary(S=Name.Launch, F="calc.exe")
    return files.link(
        S=Name.URI, URI="https://example.org/", Next=Array([Dictionary(S=Name.JavaScript, JS="alert", Next=last)])
    )


def bookmark_launch():
    def change(pdf):
        item = pdf.make_indirect(Dictionary(Title="Budget", A=Dictionary(S=Name.Launch, F="calc.exe")))
        outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
        item.Parent = outlines
        pdf.Root.Outlines = outlines

    return files.plain(change=change)


def in_an_unknown_place():
    return files.with_root(Somewhere=Dictionary(Deep=Array([Dictionary(Slot=files.script())])))


def with_details():
    def change(pdf):
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["pdf:Keywords"] = "closure"
        pdf.docinfo["/Author"] = "Jane Smith"
        pdf.docinfo["/Producer"] = "Scanner 3000"
        pdf.docinfo["/Client"] = "Secret plc"

    return files.plain(change=change)


def with_private_data():
    def change(pdf):
        page = pdf.pages[0].obj
        page.PieceInfo = Dictionary(Drawing=Dictionary(Private=pdf.make_stream(b"SECRET WAGES")))
        page.Thumb = pdf.make_stream(b"SECRET PREVIEW")
        page.Metadata = pdf.make_stream(b"<x>SECRET AUTHOR</x>")

    return files.plain(change=change)


def external_stream():
    def change(pdf):
        pdf.pages[0].obj.Contents.F = "http://example.org/page"

    return files.plain(change=change)


def nested(pdf):
    inner = Array()
    for _ in range(400):
        inner = Array([inner])
    pdf.Root.Deep = inner


def nonsense():
    return files.with_root(
        AcroForm=Dictionary(Fields=5, XFA=7),
        Names=Name.Nothing,
        OCProperties=Dictionary(D=3),
        StructTreeRoot=4,
        MarkInfo=Name.Marked,
        Lang=7,
        Outlines=Array(),
        ViewerPreferences=3,
    )


def hidden_layer():
    def change(pdf):
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Draft figures"))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))

    return files.plain(change=change)


MARK = "1 mark of a reader (highlighted text, stamps, drawings) became part of the page"
FORM = "The form can no longer be filled in"
LINK_ELSEWHERE = "Removed: a link to an address that is not on the web."
# The file, the sentences (their beginnings), and words that are nowhere in the file that is kept.
CLEANED = {
    "opens with a script": (lambda: files.with_root(OpenAction=files.script()), ["Removed: a script"], b"alert"),
    "script by name": (named_script, ["Removed: a script"], b"alert"),
    "script of a page": (page_action, ["Removed: a script"], b"alert"),
    "script of an annotation": (field_script, ["Removed: a script"], b"alert"),
    "script in an unknown place": (in_an_unknown_place, ["Removed: a script"], b"alert"),
    "link to a program": (lambda: files.link(S=Name.Launch, F="calc.exe"), ["Removed: a link that starts"], b"calc"),
    "bookmark to a program": (bookmark_launch, ["Removed: a link that starts a program"], b"calc"),
    "link that sends": (
        lambda: files.link(S=Name.SubmitForm, F="http://example.org/x"),
        ["Removed: a button that sends"],
        b"example",
    ),
    "link that loads": (lambda: files.link(S=Name.ImportData, F="x.fdf"), ["Removed: a button"], b"fdf"),
    "link to another file": (
        lambda: files.link(S=Name.GoToR, F="C:\\wages.pdf", D=Array([0, Name.Fit])),
        ["Removed: a link to a file on a person’s own computer."],
        b"wages",
    ),
    "javascript: address": (lambda: files.link("javascript:alert(1)"), [LINK_ELSEWHERE], b"alert"),
    "javascript: in disguise": (lambda: files.link(" java\nscript:alert(1)"), [LINK_ELSEWHERE], b"alert"),
    "file: address": (lambda: files.link("file:///c:/wages.pdf"), [LINK_ELSEWHERE], b"wages"),
    "network drive": (lambda: files.link("\\\\server\\wages"), [LINK_ELSEWHERE], b"wages"),
    "chain": (chained, ["Removed: a link that starts a program", "Removed: a script"], b"alert"),
    "attached file": (files.with_attachment, ["Removed: an attached file."], b"WAGES"),
    "attached to the page": (
        files.with_attachment_pin,
        ["Removed: an attached file.", "Removed: the sign of an attached file."],
        b"WAGES",
    ),
    "portfolio": (
        files.portfolio,
        ["Removed: an attached file.", "Removed: the cover of a portfolio"],
        b"WAGES",
    ),
    "film": (
        lambda: files.annotated("RichMedia", RichMediaContent=Dictionary(Name="remark")),
        ["Removed: a film, sound or 3D model."],
        b"remark",
    ),
    "sticky note": (lambda: files.annotated("Text"), ["Removed: a comment that is not printed."], b"frank"),
    "hidden highlight": (
        lambda: files.annotated("Highlight", flags=6),
        ["Removed: a comment that is not printed."],
        b"frank",
    ),
    "printed highlight": (lambda: files.annotated("Highlight"), [MARK], b"frank"),
    "form": (files.form, [FORM], b"AcroForm"),
    "form without looks": (lambda: files.form(XFA="<xdp/>"), ["Removed: the form’s second copy", FORM], b"xdp"),
    "hidden field": (
        lambda: files.form("SECRET", hidden=True),
        ["Removed: a hidden form field."],
        b"SECRET",
    ),
    "details": (with_details, ["Removed: what the file says about itself (author, client, keywords)."], b"Secret"),
    "private data": (
        with_private_data,
        ["Removed: a small preview picture of a page.", "Removed: private data of the program"],
        b"SECRET",
    ),
    "content kept elsewhere": (external_stream, ["Removed: a reference to content outside the file."], b"example"),
    "photograph with its place": (
        lambda: files.scan(details=b"Exif\0\0GPS 51.8N SECRET"),
        ["Removed: what a photograph says about place, time and camera."],
        b"SECRET",
    ),
    "locked against copying": (
        lambda: files.plain(encryption=Encryption(owner="owner", user="")),
        ["The file was locked against copying or printing; the lock was removed."],
        b"/Encrypt",
    ),
    "tail cut off": (
        lambda: files.plain(object_stream_mode=pikepdf.ObjectStreamMode.disable).rpartition(b"startxref")[0],
        ["The file was damaged and has been repaired"],
        b"no such words",
    ),
    "hidden layer": (hidden_layer, ["The file has 1 layer that is not shown (“Draft figures”)."], b"no such words"),
    "junk before the header": (lambda: b"X-Sent-By: scanner\r\n\r\n" + files.plain(), [], b"scanner"),
    "nested 400 deep": (lambda: files.plain(change=nested), [], b"no such words"),
    "catalogue of nonsense": (nonsense, ["Removed: the form’s second copy"], b"XFA"),
    "nothing": (files.plain, [], b"pikepdf"),
}


def spelt_out(pdf):
    """The bytes of the file with everything in it unpacked."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return files.saved(opened, qdf=True, static_id=True)


@pytest.mark.parametrize("name", CLEANED)
def test_removes_active_content(name, tmp_path):
    make, sentences, gone = CLEANED[name]
    found, pdf = cleaned(make(), tmp_path)
    assert len(found["cleaned"]) == len(sentences), found["cleaned"]
    for said, wanted in zip(found["cleaned"], sentences, strict=True):
        assert said.startswith(wanted)
    kept = spelt_out(pdf)
    assert gone not in kept
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/AcroForm", b"/AA", b"/Info", b"/Metadata"):
        assert word not in kept
    if name != "photograph with its place":
        assert files.WORDS in found["page_texts"][0]
    assert cleaned(pdf, tmp_path)[0]["cleaned"] == (found["cleaned"] if name == "hidden layer" else [])


def cleaned(pdf, folder):
    """What the worker finds in the PDF, and the file it writes, asked here instead of in a process of its own."""
    sent, kept = folder / "sent.pdf", folder / "kept.pdf"
    sent.write_bytes(pdf)
    return clean(str(sent), str(kept), 1000), kept.read_bytes()


def actions_of(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [str(each.A.URI) for page in opened.pages for each in page.obj.get("/Annots", []) if "/A" in each]


@pytest.mark.parametrize("address", ["https://example.org/a?b=c", "mailto:clerk@example.org", "www.example.org"])
def test_keeps_web_links(address):
    assert actions_of(process_paper(BytesIO(files.link(address)), "links.pdf").pdf) == [address]


def test_removes_chained_action():
    assert actions_of(process_paper(BytesIO(chained()), "links.pdf").pdf) == ["https://example.org/"]


def test_keeps_internal_links():
    def change(pdf):
        pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array(["end", Array([pdf.pages[1].obj, Name.Fit])])))
        link = files.annotation(pdf, "Link", look=False, Dest="end")
        pdf.pages[0].obj.Annots = Array([link])

    received = process_paper(BytesIO(files.plain(2, change=change)), "links.pdf")
    with pikepdf.open(BytesIO(received.pdf)) as pdf:
        assert str(pdf.pages[0].obj.Annots[0].Dest) == "end"
        assert pdf.Root.Names.Dests.Names[1][0].objgen == pdf.pages[1].obj.objgen


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://example.org", True),
        ("HTTP://example.org", True),
        ("tel:01296", True),
        ("page.html", True),
        ("vbscript:x", False),
        ("data:text/html,x", False),
        ("\u200bjavascript:x", False),
        ("\tFILE:///etc/passwd", False),
        ("\\\\server\\share", False),
    ],
)
def test_is_web_address(address, fine):
    assert is_web_address(address) is fine


def test_flattens_form_values():
    received = process_paper(BytesIO(files.form("Jane Smith agrees")), "form.pdf")
    assert "Jane Smith agrees" in received.page_texts[0]
    assert ink_at(received.pdf, (100, 400, 300, 420))


def test_flattens_printed_annotation():
    box = (100, 400, 150, 450)
    assert not ink_at(files.plain(), box)
    assert ink_at(process_paper(BytesIO(files.annotated("Highlight")), "marked.pdf").pdf, box)
    assert not ink_at(process_paper(BytesIO(files.annotated("Text")), "noted.pdf").pdf, box)


def ink_at(pdf, box):
    """Whether anything is drawn in the box (left, bottom, right, top) of the first page, an A4 one."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render().to_pil().convert("L")
    left, bottom, right, top = box
    return image.crop((left, 842 - top, right, 842 - bottom)).getextrema()[0] < 128
