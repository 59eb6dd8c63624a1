"""One item's pages taken out of a built pack, to be printed again: with their numbers, stamps and page labels."""

from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, NumberTree

from inquiries.documents.pack.described import SAVING, describe
from inquiries.documents.pack.outline import write_labels


def reprint(pack: Path | bytes, first: int, last: int, output):
    """Writes the pages with the indices `first` to `last` of a built pack to `output` (a path or a binary file).

    They are as in the pack, but without tags and bookmarks: it is for printing, and its title says so. Links that
    lead to pages left out are taken off. Raises ValueError where the pack has no such pages.
    """
    with pikepdf.open(BytesIO(pack) if isinstance(pack, bytes) else pack) as source, pikepdf.new() as pdf:
        if not 0 <= first <= last < len(source.pages):
            raise ValueError(f"The pack has {len(source.pages)} pages, not {first + 1} to {last + 1}.")
        wanted = list(source.pages)[first : last + 1]
        kept = {page.obj.objgen for page in wanted}
        for page in wanted:
            _without_tags(page.obj, kept)
        if "/OCProperties" in source.Root:
            pdf.add_pages_from(source, pages=range(first, last + 1), outlines="ignore")
        else:
            for page in wanted:
                pdf.pages.append(page)
        write_labels(pdf, _runs(source, first, last))
        labels = wanted[0].label, wanted[-1].label
        shown = f"page {labels[0]}" if first == last else f"pages {labels[0]} to {labels[1]}"
        title = f"{source.docinfo.get('/Title', 'Agenda pack')}: {shown}, for printing"
        describe(pdf, title, str(source.Root.get("/Lang", "")), accessible=False)
        pdf.save(output, **SAVING)


def _without_tags(page, kept):
    if "/StructParents" in page:
        del page.StructParents
    if "/Annots" not in page:
        return
    for annotation in page.Annots:
        if "/StructParent" in annotation:
            del annotation.StructParent
    page.Annots = Array([annotation for annotation in page.Annots if _stays(annotation, kept)])


def _stays(annotation, kept):
    if annotation.get("/Subtype") != "/Link":
        return True
    action = annotation.get("/A", Dictionary())
    place = annotation.get("/Dest", action.get("/D"))
    return not isinstance(place, Array) or place[0].objgen in kept


def _runs(source, first, last):
    """The runs of page labels of the pages taken out, their first page having the index 0."""
    runs = []
    for index, label in sorted(NumberTree(source.Root.PageLabels).items()):
        series, number = str(label.get("/P", "")), int(label.get("/St", 1))
        if index <= first:
            runs = [(0, series, number + first - index)]
        elif index <= last:
            runs.append((index - first, series, number))
    return runs
