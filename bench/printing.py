"""Print one report, once: `python -m bench.printing ours|bare ROWS`. What is timed starts and ends a process."""

import json
import os
import subprocess
import sys
import time
from io import BytesIO

import pikepdf

from bench import samples
from inquiries.documents.pdf import progress_report_pdf


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


def main():
    way, rows = sys.argv[1:]
    content = samples.report(int(rows))
    began = time.perf_counter()
    pdf = progress_report_pdf(content) if way == "ours" else bare(content)
    work = time.perf_counter() - began
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    print(json.dumps({"work": work, "pages": pages}))


if __name__ == "__main__":
    main()
