"""Pages and drawings that a PDF still holds although no page shows them."""

import io

import pikepdf
import pypdfium2

MOST = 2_000  # drawings that are looked at


def orphan_texts(pdf):
    """Pairs (where, text) of pages that are not among the pages of an open PDF, and of drawings that none shows."""
    shown = {page.obj.objgen for page in pdf.pages}
    used = _used_drawings(pdf)
    pages, drawings = [], []
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Page" and thing.objgen not in shown:
            pages.append(thing)
        elif isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Form" and thing.objgen not in used:
            drawings.append(thing)
    if not pages and not drawings:
        return
    with pikepdf.new() as made:
        for page in pages:
            if "/MediaBox" not in page:
                page["/MediaBox"] = pikepdf.Array([0, 0, 842, 842])
            copied = made.copy_foreign(page)
            copied["/Parent"] = made.Root.Pages
            made.pages.append(pikepdf.Page(copied))
        for drawing in drawings[:MOST]:
            _append_drawing(made, drawing)
        saved = io.BytesIO()
        made.save(saved)
    document = pypdfium2.PdfDocument(saved.getvalue())
    for number in range(len(document)):
        what = "a page that is no longer shown" if number < len(pages) else "a drawing that no page shows"
        yield what, document[number].get_textpage().get_text_range()
    document.close()


def _append_drawing(made, drawing):
    page = made.add_blank_page(page_size=(842, 842))
    page.obj["/MediaBox"] = pikepdf.Array([float(number) for number in drawing.get("/BBox", [0, 0, 842, 842])])
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(D=made.copy_foreign(drawing)))
    page.obj["/Contents"] = made.make_stream(b"/D Do")


def _used_drawings(pdf):
    used, waiting = set(), [page.obj.get("/Resources") for page in pdf.pages]
    while waiting:
        resources = waiting.pop()
        drawings = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        for drawing in drawings.values() if isinstance(drawings, pikepdf.Dictionary) else ():
            if isinstance(drawing, pikepdf.Stream) and drawing.objgen not in used:
                used.add(drawing.objgen)
                if drawing.get("/Subtype") == "/Form":
                    waiting.append(drawing.get("/Resources"))
    return used
