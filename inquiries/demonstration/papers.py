"""The text of the demonstration, and its papers: set from it, then processed as any other upload is."""

import json
import tomllib
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import typst
from django.conf import settings
from django.utils.text import slugify

from inquiries.documents.typst_runner import FONTS, STANDARDS, without_doubtful_ends
from inquiries.uploads.process_upload import process_paper

CONTENT = tomllib.loads(Path(__file__).with_name("content.toml").read_text(encoding="utf-8"))
TEMPLATE = Path(__file__).with_name("paper.typ")
TIMESTAMP = 946_684_800


@cache
def receive_paper(key):
    content = CONTENT["papers"][key]
    pdf = typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**content, "council": settings.COUNCIL_NAME})},
        pdf_standards=STANDARDS,
        timestamp=TIMESTAMP,
    )
    pdf = without_doubtful_ends(pdf) if content.get("tagged", True) else without_tags(pdf)
    return process_paper(BytesIO(pdf), f"{slugify(content['title'])}.pdf")


def without_tags(pdf):
    """The same pages as an old word processor would have printed them: nobody can have them read aloud in order."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        for name in ("/StructTreeRoot", "/MarkInfo", "/Metadata", "/Lang"):
            del opened.Root[name]
        for page in opened.pages:
            kept = [i for i in pikepdf.parse_content_stream(page) if str(i.operator) not in ("BDC", "BMC", "EMC")]
            page.obj.Contents = opened.make_stream(pikepdf.unparse_content_stream(kept))
            del page.obj["/StructParents"]
        saved = BytesIO()
        opened.save(saved, deterministic_id=True)
    return saved.getvalue()
