"""One document, then gone: reads a document as JSON on standard input, writes the PDF to standard output.

A process of its own because the engine keeps its memory for ever, and a failed allocation ends the process.
"""

import json
import sys
from pathlib import Path

import typst

from inquiries.documents.limits import limit

HERE = Path(__file__).parent
TEMPLATES = HERE / "typst"
FONTS = HERE / "fonts"
STANDARDS = ["ua-1", "a-2a"]


def build(document):
    """The PDF of `document`, {"template", "timestamp", "data", "tagged"}. Raises RuntimeError where it can't be set."""
    tagged = document.get("tagged", True)
    pdf = typst.compile(
        str(TEMPLATES / document["template"]),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(document["data"])},
        pdf_standards=STANDARDS if tagged else [],
        pdf_tags=tagged,
        timestamp=document["timestamp"],
    )
    return without_doubtful_ends(pdf)


def without_doubtful_ends(pdf):
    """The same PDF where it is certain for each stream which byte is its last.

    The engine ends a stream with a line feed. Where the data's own last byte is a carriage return (one stream in
    256), the two look like one line end, and validators count the stream a byte short. A carriage return is a
    line end as well, of the same length, and leaves no doubt.
    """
    return pdf.replace(b"\r\nendstream", b"\r\rendstream")


def main():
    document = json.load(sys.stdin.buffer)
    limit(document["memory"], document["seconds"])
    try:
        pdf = build(document)
    except RuntimeError as error:  # what typst raises is one of these
        print(f"{document['template']}: {error}", *getattr(error, "hints", ()), sep="\n", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
