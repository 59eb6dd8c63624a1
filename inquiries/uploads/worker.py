"""Reads a file that a person sent, in a process that may take so much memory and time and no more.

    python -m inquiries.uploads.worker {check|clean|look|unpack} SOURCE TARGET MOST_PAGES

`check` opens a PDF; `clean` also writes it cleaned to TARGET and measures it; `look` opens a zip file to see whether
it is a Word document; `unpack` also writes that, ready for conversion, to TARGET. The answer is JSON: what was
found, or {"rejected": why}.
"""

import json
import sys
import zipfile
from dataclasses import asdict

import pikepdf

from inquiries.uploads.measure import measure, normalise_pages
from inquiries.uploads.paper import Rejected
from inquiries.uploads.pdfua_check import has_tags
from inquiries.uploads.sanitize import (
    STRANGE,
    TOO_MUCH,
    flatten_annotations,
    open_pdf,
    remove_active_content,
    remove_metadata,
    strip_photographs,
)
from inquiries.uploads.word import check_word, prepare_word


def check(source, _target, most_pages):
    open_pdf(source, most_pages)
    return {}


def clean(source, target, most_pages):
    pdf, messages = open_pdf(source, most_pages)
    title, language, metadata_messages = remove_metadata(pdf)
    messages += metadata_messages + remove_active_content(pdf) + flatten_annotations(pdf) + strip_photographs(pdf)
    sizes = normalise_pages(pdf)
    is_tagged = has_tags(pdf)
    pdf.save(
        target,
        encryption=False,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    pdf.close()
    pages, texts = measure(target, sizes)
    return {
        "pages": [asdict(page) for page in pages],
        "page_texts": texts,
        "title": title,
        "language": language,
        "is_tagged": is_tagged,
        "cleaned": messages,
    }


def look(source, _target, _most_pages):
    check_word(source)
    return {"cleaned": []}


def unpack(source, target, _most_pages):
    return {"cleaned": prepare_word(source, target)}


ACTIONS = {"check": check, "clean": clean, "look": look, "unpack": unpack}


def main():
    action, source, target, most_pages = sys.argv[1:]
    try:
        answer = ACTIONS[action](source, target, int(most_pages))
    except Rejected as reason:
        answer = {"rejected": str(reason)}
    except MemoryError:
        answer = {"rejected": TOO_MUCH}
    # A file may be built in any way: whatever one of its objects does to our reading, the file is not taken.
    except (
        pikepdf.PdfError,
        zipfile.BadZipFile,
        ArithmeticError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        answer = {"rejected": STRANGE}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
