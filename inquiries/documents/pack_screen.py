"""A pack for the screen: the bound file and, behind it, an update that leaves its blank sides out.

A PDF may be updated by what is added at its end (ISO 32000-1, 7.5.6): here a list of pages without the blank ones,
and page labels that say the printed numbers all the same. So the pages of both are the same bytes, and the second
file costs next to nothing.
"""

import hashlib
import re

from pikepdf import Array, Dictionary, Name, String

KIDS, COUNT, REFERENCE = re.compile(rb"/Kids \[([^\]]*)\]"), re.compile(rb"/Count \d+"), re.compile(rb"\d+ \d+ R")
# How a pack is opened: its pages inherit nothing, and to look for what they might takes most of the time.
QUICK = {"inherit_page_attributes": False}
TAIL = 200  # bytes at the end of a file in which it says where its table of objects is


def page_labels(runs):
    """Page labels: `runs` are (index of its first page, series, number)."""
    numbers = []
    for index, series, first in runs:
        label = Dictionary(S=Name.D, St=first)
        if series:
            label.P = String(series)
        numbers += [index, label]
    return Dictionary(Nums=Array(numbers))


def page_references(pdf):
    """The pages as the file names them ("12 0 R"), in order: from the text of their list, which asks for no page."""
    return REFERENCE.findall(KIDS.search(pdf.Root.Pages.unparse(resolved=True))[1])


def screen_update(pdf, path, blank, runs):
    """What is added to the file at `path`, opened as `pdf`, for the screen.

    `blank` are the indices of its blank pages; `runs` those of the labels of the pages that stay. Raises ValueError
    where the file is not as `pack_merge` writes it.
    """
    root, tree = Dictionary(pdf.Root), pdf.Root.Pages
    kids, text = page_references(pdf), tree.unparse(resolved=True)
    if len(kids) != int(tree.Count):
        raise ValueError("The pages are not in one list.")
    left_out = frozenset(blank)
    kept = [kid for index, kid in enumerate(kids) if index not in left_out]
    text = KIDS.sub(b"/Kids [ %s ]" % b" ".join(kept), COUNT.sub(b"/Count %d" % len(kept), text))
    root.PageLabels = page_labels(runs)
    changed = sorted([(pdf.Root.objgen[0], root.unparse()), (tree.objgen[0], text)])
    trailer = {name: pdf.trailer[name].unparse() for name in ("/Root", "/Info") if name in pdf.trailer}
    first_id, number = bytes(pdf.trailer.ID[0]), int(pdf.trailer.Size)
    with path.open("rb") as file:
        start = file.seek(0, 2)
        file.seek(max(start - TAIL, 0))
        previous = int(file.read().rpartition(b"startxref")[2].split()[0])
    body, places = b"", []
    for key, text in changed:
        places.append((key, start + len(body)))
        body += b"%d 0 obj\n%s\nendobj\n" % (key, text)
    places.append((number, start + len(body)))
    table = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\x00" for _, place in places)
    entries = [
        b"/Type /XRef /W [ 1 4 1 ] /Size %d /Prev %d /Length %d" % (number + 1, previous, len(table)),
        b"/Index [ %s ]" % b" ".join(b"%d 1" % key for key, _ in places),
        b"/ID [ <%s> <%s> ]" % (first_id.hex().encode(), hashlib.md5(body, usedforsecurity=False).hexdigest().encode()),
        *(f"{name} ".encode() + value for name, value in trailer.items()),
    ]
    body += b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (number, b" ".join(entries), table)
    return body + b"startxref\n%d\n%%%%EOF\n" % places[-1][1]
