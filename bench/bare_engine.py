"""The engine alone: words as JSON on standard input, set by the bare template, the PDF on standard output.

With the fonts and the standards of the application, since the engine's own work for them is part of the floor.
"""

import json
import sys
from pathlib import Path

import typst

from inquiries.documents.typst_runner import FONTS, STANDARDS

HERE = Path(__file__).parent


def main():
    pdf = typst.compile(
        str(HERE / "bare_report.typ"),
        root=str(HERE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(json.load(sys.stdin))},
        pdf_standards=STANDARDS,
        timestamp=0,
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
