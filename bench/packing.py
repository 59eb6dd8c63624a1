"""Our pack: `python -m bench.packing merge|build FOLDER OUTPUT`, the folder being one of `bench.papers`.

`merge` is our binding alone, `build` the whole job: front sheet, layout, binding in a process of its own, checks.
"""

import json
import sys
import time
from pathlib import Path

from bench.samples import words
from inquiries.choices import PackEdition, Tagging
from inquiries.documents.pack.build import PaperFile, build
from inquiries.documents.pack.content import Item, PackContent, Paper
from inquiries.documents.pack.layout import lay_out
from inquiries.documents.pack.merge import merge
from inquiries.documents.pack.parts import Part
from inquiries.uploads.received import PageFacts


def known(folder):
    """What `bench.papers` noted of each paper, with its PageFacts."""
    papers = json.loads((folder / "papers.json").read_text())
    return [{**paper, "pages": tuple(PageFacts(**page) for page in paper["pages"])} for paper in papers]


def merged(papers, output):
    """Our binding alone: each paper under an item of its own."""
    spans = lay_out(1, [len(paper["pages"]) for paper in papers], duplex=True).public
    parts = [
        Part(
            path=paper["path"],
            title=f"Paper {number}",
            language="en-GB",
            pages=paper["pages"],
            first_page=span.first,
            tagged=paper["tagging"] != Tagging.UNTAGGED,
            stamp=f"Agenda Item {number}",
            item=f"{number}. PAPER {number}",
            blank_after=span.blank_after,
        )
        for number, (paper, span) in enumerate(zip(papers, spans, strict=True), start=1)
    ]
    accessible = all(paper["tagging"] == Tagging.VALID for paper in papers)
    merge(parts, output, title="A pack", language="en-GB", accessible=accessible)


def built(papers, output):
    """The whole job: front sheet, layout, binding, checking."""
    items = tuple(
        Item(
            pk=number,
            number=number,
            title=words(4, number).rstrip("."),
            papers=(Paper(number, f"Paper {number}", paper["checksum"], len(paper["pages"]), paper["tagging"]),),
        )
        for number, paper in enumerate(papers, start=1)
    )
    content = PackContent(
        council="Wealdshire County Council",
        committee="Young People's Select Committee",
        start="2026-11-10T10:00:00+00:00",
        venue="Mezzanine Room 2, County Hall",
        members=(("Cllr Margaret O'Hara", "Chair"),),
        edition=PackEdition.PUBLIC,
        supplement=0,
        items=items,
    )
    files = {
        number: PaperFile(Path(paper["path"]), paper["pages"], paper["tagging"], "en-GB")
        for number, paper in enumerate(papers, start=1)
    }
    [pack] = build({content.edition: content}, files, output.parent, lambda step, done, total: None).values()
    pack.path.rename(output)


WAYS = {"merge": merged, "build": built}


def main():
    way, folder, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    papers = known(folder)
    began = time.perf_counter()
    WAYS[way](papers, output)
    work = time.perf_counter() - began
    print(json.dumps({"work": work, "megabytes": Path(output).stat().st_size / 1_000_000}))


if __name__ == "__main__":
    main()
