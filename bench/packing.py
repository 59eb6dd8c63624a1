"""Our whole pack: front sheet, layout, binding in a process of its own, checks.

`python -m bench.packing FOLDER OUTPUT`, the folder being one of `bench.papers`.
"""

import json
import sys
from pathlib import Path

from bench import application
from bench.processor import processor_seconds
from bench.samples import words
from inquiries.choices import PackEdition
from inquiries.documents.pack_build import PaperFile, build
from inquiries.documents.pack_content import Item, PackContent, Paper
from inquiries.uploads.paper import PageFacts


def known(folder):
    """What `bench.papers` noted of each paper, with its PageFacts."""
    papers = json.loads((folder / "papers.json").read_text())
    return [{**paper, "pages": tuple(PageFacts(**page) for page in paper["pages"])} for paper in papers]


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


def main():
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    papers = known(folder)
    began = processor_seconds()
    built(papers, output)
    work = processor_seconds() - began
    print(json.dumps({"work": work, "megabytes": output.stat().st_size / 1_000_000, "loading": application.SECONDS}))


if __name__ == "__main__":
    main()
