"""Our binding alone, without front sheet: `python -m bench.binding FOLDER OUTPUT`, the folder being one of
`bench.papers`."""

import json
import sys
from pathlib import Path

from bench import application
from bench.packing import known
from bench.processor import processor_seconds
from inquiries.choices import Tagging
from inquiries.documents.pack_build import lay_out
from inquiries.documents.pack_merge import PackProperties, Part, merge_parts


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
    merge_parts(parts, output, PackProperties("A pack", "en-GB", accessible))


def main():
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    papers = known(folder)
    began = processor_seconds()
    merged(papers, output)
    work = processor_seconds() - began
    print(json.dumps({"work": work, "megabytes": output.stat().st_size / 1_000_000, "loading": application.SECONDS}))


if __name__ == "__main__":
    main()
