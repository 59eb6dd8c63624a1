"""Print one report, once: `python -m bench.printing ours|published|bare ROWS`. What is timed starts and ends a process.

"published" is all that publishing makes of the content: PDF, Word, data, and the search for exempt text in its words.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf

from bench import samples
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.exempt_search import ExemptText, find_exempt, texts_of_data
from inquiries.documents.pdf import progress_report_pdf
from inquiries.serialization import to_plain_data

EXEMPT = "The tender of Quorvane Limited was 1,250,000 pounds, and our negotiating margin is fourteen per cent of it. "


def bare(content):
    """The PDF that the engine makes of the same words by the bare template."""
    engine = subprocess.run(
        [sys.executable, "-m", "bench.bare_engine"],
        input=json.dumps(samples.plain(content)).encode(),
        stdout=subprocess.PIPE,
        env=os.environ | {"RAYON_NUM_THREADS": "1"},
        check=True,
    )
    return engine.stdout


def published(content):
    """The PDF, after everything else that publishing makes."""
    with ThreadPoolExecutor(1) as beside:
        pdf = beside.submit(progress_report_pdf, content)
        progress_report_docx(content)
        pdf = pdf.result()
    exempt = ExemptText()
    for number in range(20):
        exempt.add_text(EXEMPT * 5, f"paper {number}")
    assert not find_exempt(exempt, texts_of_data(to_plain_data(content)))
    return pdf


def main():
    way, rows = sys.argv[1:]
    content = samples.report(int(rows))
    began = time.perf_counter()
    pdf = {"ours": progress_report_pdf, "published": published, "bare": bare}[way](content)
    work = time.perf_counter() - began
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    print(json.dumps({"work": work, "pages": pages}))


if __name__ == "__main__":
    main()
