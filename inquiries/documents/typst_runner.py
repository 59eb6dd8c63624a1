"""Sets our documents with Typst, each in a sandboxed process of its own: `python -m inquiries.documents.typst_runner`
reads what to set from standard input, a line of JSON and behind it the data of the template, and writes the PDF to
standard output.

A process of its own because the engine keeps its memory for ever, and a failed allocation ends the process.
"""

import json
import logging
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from inquiries.uploads import sandbox
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
TEMPLATES = HERE / "typst"
FONTS = HERE / "fonts"
STANDARDS = ["ua-1", "a-2a"]
MEMORY = 2_000_000_000
SECONDS = 60
# Unless this is set, the C library keeps large pieces of memory that the engine has given back: a twentieth of all.
VARIABLES = {"MALLOC_MMAP_THRESHOLD_": "131072"}


class PdfFailed(Exception):
    """The PDF could not be made; the message says so in words for the person who asked for it."""


def compile_document(template, data, timestamp, *, tagged=True, pictures=None):
    """The PDF that one of our templates makes of `data`. Raises PdfFailed.

    `tagged=False` makes a file without tags or claims, to be placed on pages that have their own. `pictures` are
    bytes by the file names that the template calls them.
    """
    encoded = {name: b64encode(picture).decode() for name, picture in (pictures or {}).items()}
    document = {"template": template, "timestamp": timestamp, "tagged": tagged, "pictures": encoded}
    try:
        worker = sandbox.run(
            [sys.executable, "-m", "inquiries.documents.typst_runner"],
            memory=MEMORY,
            seconds=SECONDS,
            data=f"{json.dumps(document)}\n{json.dumps(data)}".encode(),
            variables=VARIABLES,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfFailed("The PDF took too long to make and was given up. The report may be too long.") from error
    if worker.returncode or not worker.stdout.startswith(b"%PDF"):
        # Not what it printed: that may quote the report.
        kinds = redact_traceback(worker.stderr.decode(errors="replace"))
        logger.error("typst_runner with %s ended with %s: %s", template, worker.returncode, kinds)
        if worker.returncode < 0:
            raise PdfFailed("The PDF could not be made: the report needs more memory or time than is allowed.")
        raise PdfFailed("The PDF could not be made. The reason is in the log.")
    return worker.stdout


def compile_here(document, data):
    if not document["pictures"]:
        return compile_in(TEMPLATES, document, data)
    # The engine reads files below one folder alone.
    with TemporaryDirectory(prefix="typst-") as folder:
        shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True)
        for name, picture in document["pictures"].items():
            (Path(folder) / name).write_bytes(b64decode(picture))
        return compile_in(Path(folder), document, data)


def compile_in(folder, document, data):
    tagged = document["tagged"]
    pdf = typst.compile(
        str(folder / document["template"]),
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
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
    document = json.loads(sys.stdin.buffer.readline())
    try:
        pdf = compile_here(document, sys.stdin.buffer.read().decode())
    except RuntimeError as error:  # what typst raises is one of these
        print(f"{document['template']}: {error}", *getattr(error, "hints", ()), sep="\n", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    import typst  # here alone: the processes that start this one have no use for its memory

    sys.exit(main())
