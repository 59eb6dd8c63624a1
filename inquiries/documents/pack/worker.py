"""Binds one pack, then gone: reads what to bind as JSON on standard input, writes progress as lines of JSON.

A process of its own, because uploaded papers are opened here and a large pack takes much memory.
"""

import json
import sys
from pathlib import Path

import page as validator

from inquiries.documents.pack.merge import merge
from inquiries.documents.pack.parts import Part
from inquiries.documents.pdf import PdfFailed
from inquiries.documents.pdf_worker import limit
from inquiries.uploads.received import PageFacts

NOT_VALID = "The bound pack does not pass the checks for PDF/UA-1, although each of its papers does: {}"


def bind(job):
    """Bind the parts of `job` into its output. Returns what there is to say of the file, as data."""
    parts = [Part(**{**part, "pages": tuple(PageFacts(**page) for page in part["pages"])}) for part in job["parts"]]
    output = Path(job["output"])
    merged = _merge(parts, output, job, accessible=job["accessible"])
    warnings, is_accessible = list(merged.warnings), job["accessible"]
    if is_accessible and (faults := _faults(output)):
        # What a file claims of itself must be true.
        is_accessible = False
        warnings = [*_merge(parts, output, job, accessible=False).warnings, NOT_VALID.format(faults[0])]
    return {"page_count": merged.page_count, "warnings": warnings, "is_accessible": is_accessible}


def _merge(parts, output, job, *, accessible):
    return merge(parts, output, title=job["title"], language=job["language"], accessible=accessible, say=_say)


def _say(step, done, total):
    _answer({"step": step, "done": done})


def _answer(said):
    print(json.dumps(said), flush=True)


def _faults(path):
    found = validator.validate_pdf(str(path), profile="ua1")
    return [] if found.is_compliant else [failure.message for failure in found.failures]


def main():
    job = json.load(sys.stdin.buffer)
    limit(job["memory"], job["seconds"])
    try:
        _answer({"bound": bind(job)})
    except PdfFailed as failure:
        _answer({"failed": str(failure)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
