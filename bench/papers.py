"""Papers to bind, the same in every run: `python -m bench.papers FOLDER PAGES [KIND]` writes them with what is
known of each.

They come in fours of 60 pages: tagged, untagged, tagged on A3 turned on its side, scanned. So a pack of any size is
made of the same mixture, and 600 pages are 40 papers. With `tagged` or `untagged`
as KIND they all are.
"""

import hashlib
import json
import random
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name, ObjectStreamMode

from bench.samples import words
from inquiries.choices import Tagging
from tests.documents.papers import A3, A4, facts_of, make_paper

FOUR = (24, 20, 10, 6)


def make(number, pages, wanted):
    """The paper of this number, as bytes, and its Tagging."""
    title = f"Paper {number}"
    text = " ".join(words(60, number + line) for line in range(5))
    kind = {"tagged": number % 4 if number % 4 == 2 else 0, "untagged": 1}.get(wanted, number % 4)
    if kind == 0:
        return make_paper(pages, title=title, words=text), Tagging.VALID
    if kind == 1:
        return make_paper(pages, title=title, words=text, tagged=False), Tagging.UNTAGGED
    if kind == 2:
        return make_paper(pages, title=title, words=text, size=A3, landscape=True, rotate=90), Tagging.VALID
    return scan(number, pages), Tagging.UNTAGGED


def scan(number, pages):
    """Sheets scanned in black and white at 200 dots an inch: lines of ink, of about 160 KB a page."""
    across, down = 1654, 2339
    row, chance = (across + 7) // 8, random.Random(number)
    with pikepdf.new() as pdf:
        for _ in range(pages):
            lines = (chance.randbytes(row) if y % 42 < 14 and 200 < y < 2100 else b"\xff" * row for y in range(down))
            picture = pikepdf.Stream(
                pdf,
                zlib.compress(b"".join(lines)),
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=across,
                Height=down,
                ColorSpace=Name.DeviceGray,
                BitsPerComponent=1,
                Filter=Name.FlateDecode,
            )
            page = pdf.add_blank_page(page_size=A4)
            page.obj.Resources = Dictionary(XObject=Dictionary(Scan=picture))
            page.obj.Contents = pdf.make_stream(b"q %f 0 0 %f 0 0 cm /Scan Do Q" % A4)
        saved = BytesIO()
        pdf.save(saved, deterministic_id=True)
    return saved.getvalue()


def as_stored(pdf):
    """The paper as `uploads.worker` writes it once it is cleaned."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(stored := BytesIO(), deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return stored.getvalue()


def lengths(pages):
    """How long the papers of a pack of this many pages are."""
    while pages:
        for length in FOUR:
            if pages:
                yield min(length, pages)
                pages -= min(length, pages)


def main():
    folder, pages, wanted = Path(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:])
    folder.mkdir(parents=True)
    known = []
    for number, length in enumerate(lengths(pages)):
        pdf, tagging = make(number, length, wanted)
        pdf = as_stored(pdf)
        path = folder / f"{number:03}.pdf"
        path.write_bytes(pdf)
        facts = [vars(page) for page in facts_of(pdf)]
        checksum = hashlib.sha256(pdf).hexdigest()
        known.append({"path": str(path), "tagging": tagging, "pages": facts, "checksum": checksum})
    (folder / "papers.json").write_text(json.dumps(known))
    print(json.dumps({"work": 0, "papers": len(known)}))


if __name__ == "__main__":
    main()
