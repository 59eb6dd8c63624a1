"""The bare merge: `python -m bench.bare_merge FOLDER OUTPUT`, the folder being one of `bench.papers`.

What the library gives by itself: the pages one after the other, without tags, bookmarks, stamps or labels, and
without links that still lead somewhere.
"""

import json
import sys
import warnings
from pathlib import Path

import pikepdf

from bench.processor import processor_seconds

# The library says itself what a bare merge loses.
warnings.filterwarnings("ignore", "Copying pages")


def main():
    folder, output = Path(sys.argv[1]), sys.argv[2]
    papers = json.loads((folder / "papers.json").read_text())
    began = processor_seconds()
    with pikepdf.new() as pack:
        for paper in papers:
            with pikepdf.open(paper["path"]) as opened:
                pack.pages.extend(opened.pages)
        pack.save(output)
    work = processor_seconds() - began
    print(json.dumps({"work": work, "megabytes": Path(output).stat().st_size / 1_000_000}))


if __name__ == "__main__":
    main()
