"""Binds packs: `python -m inquiries.documents.pack.worker` reads what to measure or to bind as lines of
JSON on standard input and writes progress and results as lines of JSON.

A process of its own, because uploaded papers are opened here and a large pack takes much memory.
"""

import json
import sys
from pathlib import Path

import pikepdf

from inquiries.documents.pack.merge import merge
from inquiries.documents.pack.parts import Part
from inquiries.documents.typst_runner import PdfFailed
from inquiries.uploads.paper import PageFacts


def measure(path):
    """Width and height in points of each page."""
    with pikepdf.open(path) as pdf:
        return [[float(edge) for edge in page.mediabox[2:]] for page in pdf.pages]


def bind(job):
    """Bind the parts of `job` into its output. Returns what there is to say of the file, as data."""
    parts = [Part(**{**part, "pages": tuple(PageFacts(**page) for page in part["pages"])}) for part in job["parts"]]
    words = {name: job[name] for name in ("title", "language", "accessible")}
    merged = merge(parts, Path(job["output"]), **words, say=_say)
    return {"page_count": merged.page_count, "warnings": merged.warnings}


def _say(step, done, total):
    _answer({"step": step, "done": done})


def _answer(said):
    print(json.dumps(said), flush=True)


def main():
    for line in sys.stdin:
        job = json.loads(line)
        try:
            _answer({"sizes": measure(job["measure"])} if "measure" in job else {"bound": bind(job)})
        except PdfFailed as failure:
            _answer({"failed": str(failure)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
