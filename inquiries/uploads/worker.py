"""Reads a file that a person sent, in a process that may take so much memory and time and no more.

    python -m inquiries.uploads.worker {check|clean|look|unpack} SOURCE TARGET MOST_PAGES

`check` opens a PDF; `clean` also writes it cleaned to TARGET and measures it; `look` opens a zip file to see whether
it is a Word document; `unpack` also writes that, ready for conversion, to TARGET. The answer is JSON: what was
found, or {"rejected": why}.
"""

import json
import re
import sys
import zipfile
from dataclasses import asdict

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary

from inquiries.uploads.paper import PageFacts, Rejected
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

# In points. PDF knows no larger side; a smaller page is no page.
SMALLEST, LARGEST = 9, 14_400
# One dot for each point, and for very large pages fewer.
MOST_DOTS = 1500
# Paper is scanned a little grey: lighter than this is no ink.
INK_ONLY = bytes(255 if shade >= 240 else shade for shade in range(256))
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\uffff]")
# What pdfium writes for a hyphen at the end of a line, whose two halves it joins.
JOINED_HYPHEN = re.compile("[\x02\ufffe]")


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


# The pages: boxes normalised, size and margins measured as displayed, text read


def normalise_pages(pdf):
    """Give every page of a pikepdf.Pdf sound boxes, rotation and unit of its own. Returns its displayed sizes.

    Each is (width, height, rotation) in points. Raises Rejected.
    """
    return [straighten_page(page, number) for number, page in enumerate(pdf.pages, start=1)]


def straighten_page(page, number):
    page_object = page.obj
    whole = read_box(page_object.get("/MediaBox"))
    if whole is None:
        raise Rejected(f"Page {number} has no size. Save the paper as PDF again and upload that.")
    shown = overlap(whole, read_box(page_object.get("/CropBox")) or whole) or whole
    rotation = page_object.get("/Rotate", 0)
    rotation = int(rotation) % 360 if is_number(rotation) and int(rotation) % 90 == 0 else 0
    unit = page_object.get("/UserUnit", 1)
    unit = float(unit) if is_number(unit) and 0 < unit <= 1000 else 1.0
    page_object["/MediaBox"], page_object["/CropBox"], page_object["/Rotate"] = Array(whole), Array(shown), rotation
    if unit != 1:
        page_object["/UserUnit"] = unit
    elif "/UserUnit" in page_object:
        del page_object["/UserUnit"]
    if not isinstance(page_object.get("/Resources"), Dictionary):
        page_object["/Resources"] = Dictionary()
    for key in ("/Trans", "/Dur", "/PresSteps", "/LastModified"):
        if key in page_object:
            del page_object[key]
    width, height = (shown[2] - shown[0]) * unit, (shown[3] - shown[1]) * unit
    if min(width, height) < SMALLEST or max(width, height) > LARGEST:
        raise Rejected(
            f"Page {number} is {millimetres(width)} by {millimetres(height)} mm large, which nobody can print. "
            "Save the paper as PDF on A4 or A3 and upload that."
        )
    return (height, width, rotation) if rotation % 180 else (width, height, rotation)


def read_box(value):
    if not isinstance(value, Array) or len(value) != 4 or not all(map(is_number, value)):
        return None
    x, y, to_x, to_y = (round(float(side), 4) for side in value)
    box = [min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)]
    return box if box[0] < box[2] and box[1] < box[3] else None


def overlap(one, other):
    box = [max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])]
    return box if box[0] < box[2] and box[1] < box[3] else None


def is_number(value):
    return not isinstance(value, (bool, str)) and hasattr(value, "__float__")


def millimetres(points):
    return f"{points / 72 * 25.4:,.0f}"


def measure(path, sizes):
    document = pypdfium2.PdfDocument(path)
    try:
        facts, texts = [], []
        for index, (width, height, rotation) in enumerate(sizes):
            page = document[index]
            top, bottom = measure_margins(page, width, height)
            facts.append(PageFacts(round(width, 2), round(height, 2), rotation, top, bottom))
            texts.append(read_text(page))
            page.close()
        return facts, texts
    finally:
        document.close()


def measure_margins(page, width, height):
    """How far from the top and from the bottom edge the first ink is, over the whole width; all of it if none."""
    bitmap = page.render(scale=min(1, MOST_DOTS / max(page.get_size())), grayscale=True)
    rows = bytes(bitmap.buffer).translate(INK_ONLY)
    dots, stride, blank = bitmap.height, bitmap.stride, b"\xff" * bitmap.width

    def has_ink(row):
        return rows[row * stride : row * stride + bitmap.width] != blank

    first = next((row for row in range(dots) if has_ink(row)), None)
    if first is None:
        return round(height, 2), round(height, 2)
    last = next(row for row in reversed(range(dots)) if has_ink(row))
    # A dot less: ink that fills a part of a dot may be too light to be seen.
    above, below = max(first - 1, 0), max(dots - last - 2, 0)
    return round(above / dots * height, 2), round(below / dots * height, 2)


def read_text(page):
    text = page.get_textpage().get_text_range(errors="ignore")
    text = JOINED_HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return UNPRINTABLE.sub("", text).encode("utf-8", "ignore").decode().strip()


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
